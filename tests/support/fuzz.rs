//! A fuzzer of documents: mutated texts, mutated trees and documents put together at random, all from one seed.
//!
//! Each input is opened, compiled and, where that succeeds, simulated for a number of events and analysed. None may
//! panic, and none may take long. Input `i` of seed `s` depends on nothing but `i` and `s`, so each can be made again.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use blueprint_sim::analysis::run::analyse;
use blueprint_sim::compile::compile;
use blueprint_sim::document::merge::{Found, Loader, MemoryLoader};
use blueprint_sim::document::{
    Diagnostic, Ident, Node, NodeValue, Overrides, SourceMap, assemble, builtin, print, read, render,
};
use blueprint_sim::model::Model;
use blueprint_sim::sim::Simulation;

/// Events of a simulation that are handled before it is let go.
const EVENTS: u64 = 3_000;
/// Larger documents are not made: most of them would be the same again.
const MAX_TEXT: usize = 60_000;
/// Values that are at the edge of something.
const EDGES: [&str; 34] = [
    "0",
    "-1",
    "1",
    "255",
    "256",
    "65536",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "0.0",
    "-0.0",
    "1e308",
    "1e-308",
    "0.9999999999",
    "1.0000001",
    "\"\"",
    "\"0s\"",
    "\"1us\"",
    "\"9999999w\"",
    "\"-3d\"",
    "\"T+0s\"",
    "\"T-1d\"",
    "\"T+20000d\"",
    "\"1 per us\"",
    "\"0 per h\"",
    "\"@\"",
    "\"a/b/c\"",
    "\"\u{0}\u{202e}é𝄞\"",
    "[]",
    "{}",
    "()",
    "None",
    "true",
    "((((((((()))))))))",
];

/// A generator of numbers for choices: SplitMix64 (Steele, Lea, Flood 2014), the same everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice of one input.
    pub(crate) fn new(seed: u64, input: u64) -> Dice {
        let mut dice =
            Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ input.wrapping_mul(0xd1b5_4a32_d192_ed03));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 where `n` is 0.
    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// What inputs are made from.
pub(crate) struct Corpus {
    /// Names and texts of documents.
    texts: Vec<(String, String)>,
    /// Their trees.
    trees: Vec<Node>,
    /// Values by the name of the field, or of the map or list, in which they stand.
    values: BTreeMap<String, Vec<Node>>,
    loader: MemoryLoader,
}

impl Corpus {
    /// The built-in documents and all test cases.
    pub(crate) fn of_the_project() -> Corpus {
        let mut texts: Vec<(String, String)> =
            builtin::all().into_iter().map(|d| (d.name.to_owned(), d.text.to_owned())).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("tests/cases"), root.join("src/compile/tests")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the folder of test cases") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "ron") {
                    files.push(path);
                }
            }
        }
        files.sort();
        for path in files {
            let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            texts.push((name, std::fs::read_to_string(&path).expect("a test case")));
        }
        let mut loader = MemoryLoader::new();
        let mut corpus = Corpus {
            texts: Vec::new(),
            trees: Vec::new(),
            values: BTreeMap::new(),
            loader: MemoryLoader::new(),
        };
        for (name, text) in texts {
            loader = loader.with_file(&format!("{name}.ron"), text.clone()).with_built_in(&name, &text);
            let mut sources = SourceMap::new();
            let id = sources.add(name.as_str(), text.as_str()).expect("a test case is not too large");
            if let Ok(tree) = read::read(&sources, id) {
                corpus.gather("", &tree, 0);
                corpus.trees.push(tree);
            }
            if text.len() <= MAX_TEXT {
                corpus.texts.push((name, text));
            }
        }
        corpus.loader = loader;
        corpus
    }

    fn gather(&mut self, place: &str, node: &Node, depth: usize) {
        if depth > 0 {
            let there = self.values.entry(place.to_owned()).or_default();
            if there.len() < 400 {
                there.push(node.clone());
            }
        }
        match &node.value {
            NodeValue::Record { fields, .. } => {
                fields.iter().for_each(|(ident, value)| self.gather(&ident.text, value, depth + 1));
            }
            NodeValue::List(items) => {
                items.iter().for_each(|item| self.gather(&format!("{place}[]"), item, depth + 1));
            }
            NodeValue::Map(entries) => {
                entries.iter().for_each(|(_, value)| self.gather(&format!("{place}{{}}"), value, depth + 1));
            }
            NodeValue::Tuple { name, items } => {
                let name = name.as_ref().map_or("", |name| name.text.as_str());
                items.iter().for_each(|item| self.gather(&format!("{place}({name})"), item, depth + 1));
            }
            _ => {}
        }
    }

    /// The text of an input.
    pub(crate) fn input(&self, seed: u64, input: u64) -> String {
        let mut dice = Dice::new(seed, input);
        match dice.below(10) {
            0..=2 => self.bytes(&mut dice),
            3..=6 => self.tree(&mut dice),
            _ => self.composed(&mut dice),
        }
    }

    /// A text with bytes and pieces changed.
    fn bytes(&self, dice: &mut Dice) -> String {
        let mut text = dice.pick(&self.texts).map(|t| t.1.clone()).unwrap_or_default();
        for _ in 0..1 + dice.below(6) {
            let (a, b) = (border(&text, dice.next()), border(&text, dice.next()));
            let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 200));
            let to = (from..=to).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(from);
            match dice.below(6) {
                0 => text.replace_range(from..to, ""),
                1 => {
                    let piece = text[from..to].to_owned();
                    text.insert_str(border(&text, dice.next()), &piece);
                }
                2 => text.insert_str(from, dice.pick(&EDGES).copied().unwrap_or_default()),
                3 => text.insert(from, char::from_u32((dice.next() % 0x2000) as u32).unwrap_or('\u{fffd}')),
                4 => text.truncate(from),
                _ => {
                    let signs =
                        ["(", ")", "[", "]", "{", "}", ",", ":", "\"", "//", "/*", "r#\"", "'", "\\", "#!["];
                    text.insert_str(from, dice.pick(&signs).copied().unwrap_or_default());
                }
            }
        }
        text
    }

    /// A tree with parts changed, exchanged, doubled and taken away.
    fn tree(&self, dice: &mut Dice) -> String {
        let Some(mut tree) = dice.pick(&self.trees).cloned() else { return String::new() };
        for _ in 0..1 + dice.below(5) {
            let n = size(&tree);
            let mut at = dice.below(n);
            self.change("", &mut tree, &mut at, dice);
        }
        print::compact(&tree)
    }

    /// Changes the node at a position, counted from the root.
    fn change(&self, place: &str, node: &mut Node, at: &mut usize, dice: &mut Dice) -> bool {
        if *at == 0 {
            self.replace(place, node, dice);
            return true;
        }
        *at -= 1;
        match &mut node.value {
            NodeValue::Record { fields, .. } => fields.iter_mut().any(|(ident, value)| {
                let place = ident.text.clone();
                self.change(&place, value, at, dice)
            }),
            NodeValue::List(items) => {
                items.iter_mut().any(|item| self.change(&format!("{place}[]"), item, at, dice))
            }
            NodeValue::Map(entries) => {
                entries.iter_mut().any(|(_, value)| self.change(&format!("{place}{{}}"), value, at, dice))
            }
            NodeValue::Tuple { name, items } => {
                let name = name.as_ref().map_or(String::new(), |name| name.text.clone());
                items.iter_mut().any(|item| self.change(&format!("{place}({name})"), item, at, dice))
            }
            _ => false,
        }
    }

    fn replace(&self, place: &str, node: &mut Node, dice: &mut Dice) {
        match dice.below(8) {
            // Something else that stands at such a place.
            0..=3 => {
                if let Some(other) = self.values.get(place).and_then(|values| dice.pick(values)) {
                    *node = other.clone();
                }
            }
            // Something at the edge of what is possible.
            4 => {
                if let Some(edge) = dice.pick(&EDGES).and_then(|edge| parsed(edge)) {
                    *node = edge;
                }
            }
            // One part less, or one twice.
            5 | 6 => {
                let twice = dice.one_in(2);
                match &mut node.value {
                    NodeValue::Record { fields, .. } => again(fields, twice, dice),
                    NodeValue::Map(entries) => again(entries, twice, dice),
                    NodeValue::List(items) | NodeValue::Tuple { items, .. } => again(items, twice, dice),
                    NodeValue::Int(value) => *value = value.wrapping_mul(if twice { -1 } else { 1_000 }),
                    NodeValue::Float(value) => *value *= if twice { -1.0 } else { 1e6 },
                    NodeValue::Str(text) => {
                        text.pop();
                    }
                    _ => {}
                }
            }
            // Anything from anywhere.
            _ => {
                let places: Vec<&Vec<Node>> = self.values.values().collect();
                if let Some(other) = dice.pick(&places).and_then(|values| dice.pick(values)) {
                    *node = other.clone();
                }
            }
        }
    }

    /// A document of sections and entries from several others.
    fn composed(&self, dice: &mut Dice) -> String {
        let Some(mut tree) = dice.pick(&self.trees).cloned() else { return String::new() };
        if let NodeValue::Record { fields, .. } = &mut tree.value {
            for (ident, value) in fields.iter_mut() {
                if dice.one_in(3) {
                    let inside = match &value.value {
                        NodeValue::Map(_) => format!("{}{{}}", ident.text),
                        NodeValue::List(_) => format!("{}[]", ident.text),
                        _ => continue,
                    };
                    let Some(pool) = self.values.get(&inside) else { continue };
                    for i in 0..1 + dice.below(4) {
                        let Some(entry) = dice.pick(pool).cloned() else { continue };
                        match &mut value.value {
                            NodeValue::List(items) => items.push(entry),
                            NodeValue::Map(entries) => {
                                let known: Vec<Node> = entries.iter().map(|(key, _)| key.clone()).collect();
                                if dice.one_in(3) {
                                    if let Some(at) = (!known.is_empty()).then(|| dice.below(known.len())) {
                                        entries[at].1 = entry;
                                    }
                                } else {
                                    let key = NodeValue::Str(format!("new{i}"));
                                    entries.push((Node::new(value.span, key), entry));
                                }
                            }
                            _ => {}
                        }
                    }
                }
            }
            if dice.one_in(4) {
                let names: Vec<String> = fields.iter().map(|(ident, _)| ident.text.clone()).collect();
                if let Some(name) = dice.pick(&names) {
                    fields.retain(|(ident, _)| ident.text != *name);
                }
            }
            if dice.one_in(4) {
                let sections: Vec<&String> =
                    self.values.keys().filter(|k| !k.contains(['[', '{', '('])).collect();
                if let Some(name) = dice.pick(&sections)
                    && !fields.iter().any(|(ident, _)| ident.text == **name)
                    && let Some(value) = dice.pick(&self.values[*name]).cloned()
                {
                    fields.push((Ident { text: (*name).clone(), span: tree.span }, value));
                }
            }
        }
        for _ in 0..dice.below(3) {
            let n = size(&tree);
            let mut at = dice.below(n);
            self.change("", &mut tree, &mut at, dice);
        }
        print::compact(&tree)
    }

    /// Opens, compiles and simulates a text; what became of it.
    pub(crate) fn survive(&self, text: &str, seed: u64) -> Outcome {
        let began = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| self.tried(text, seed)));
        let took = began.elapsed();
        match result {
            Ok(what) => Outcome { what, took },
            Err(payload) => {
                let text = payload
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                    .unwrap_or_default();
                Outcome { what: What::Panicked(text), took }
            }
        }
    }

    fn tried(&self, text: &str, seed: u64) -> What {
        let loader = Shelf { corpus: &self.loader, text };
        let mut sources = SourceMap::new();
        let opened = assemble::open("fuzzed.ron", &loader, &mut sources, &Overrides::default());
        let compiled = opened.and_then(|opened| compile(&opened.document));
        match compiled {
            Err(errors) => {
                assert!(!errors.is_empty(), "refused without a message");
                for error in errors.iter().take(20) {
                    assert!(!error.message.is_empty() && !error.code.is_empty());
                    let _ = render::render(error, &sources, false);
                }
                let _ = render::json(&errors, &sources);
                What::Refused
            }
            Ok(compiled) => {
                for warning in compiled.warnings.iter().take(20) {
                    let _ = render::render(warning, &sources, false);
                }
                simulate(&compiled.model, seed)
            }
        }
    }
}

/// The corpus and one text more.
struct Shelf<'a> {
    corpus: &'a MemoryLoader,
    text: &'a str,
}

impl Loader for Shelf<'_> {
    fn file(&self, name: &str, from: Option<&str>) -> Result<Option<Found>, Diagnostic> {
        if name == "fuzzed.ron" {
            return Ok(Some(Found { bytes: self.text.as_bytes().to_vec(), path: name.to_owned() }));
        }
        self.corpus.file(name, from)
    }

    fn built_in(&self, name: &str) -> Option<String> {
        self.corpus.built_in(name)
    }

    fn built_in_names(&self) -> Vec<String> {
        self.corpus.built_in_names()
    }
}

fn simulate(model: &Model, seed: u64) -> What {
    let mut model = model.clone();
    model.meta.limits.events = model.meta.limits.events.min(EVENTS);
    model.meta.limits.records = model.meta.limits.records.min(40 * EVENTS);
    let mut simulation = Simulation::new(&model, seed, 0);
    simulation.run();
    let stopped = simulation.stopped().is_some();
    let trace = simulation.into_trace();
    if trace.records.len() < 20_000 && model.facts.len() < 5_000 && model.actors.len() < 500 {
        let _ = analyse(&model, &trace);
    }
    if stopped { What::Stopped } else { What::Ran }
}

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// There were messages.
    Refused,
    /// It ran to its end.
    Ran,
    /// It ran into the limit of events.
    Stopped,
    /// It panicked, with these words.
    Panicked(String),
}

/// What became of an input, and how long that took.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// What became of it.
    pub(crate) what: What,
    /// How long it took.
    pub(crate) took: Duration,
}

fn border(text: &str, at: u64) -> usize {
    let at = (at % (text.len() as u64 + 1)) as usize;
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        NodeValue::Record { fields, .. } => fields.iter().map(|(_, value)| size(value)).sum(),
        NodeValue::List(items) | NodeValue::Tuple { items, .. } => items.iter().map(size).sum::<usize>(),
        NodeValue::Map(entries) => entries.iter().map(|(_, value)| size(value)).sum(),
        _ => 0,
    }
}

fn again<T: Clone>(parts: &mut Vec<T>, twice: bool, dice: &mut Dice) {
    if parts.is_empty() {
        return;
    }
    let at = dice.below(parts.len());
    if twice {
        parts.push(parts[at].clone());
    } else {
        parts.remove(at);
    }
}

fn parsed(text: &str) -> Option<Node> {
    let mut sources = SourceMap::new();
    let id = sources.add("edge", text).ok()?;
    read::read(&sources, id).ok()
}
