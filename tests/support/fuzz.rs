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
use blueprint_sim::document::types::Experiment;
use blueprint_sim::document::{
    Diagnostic, Ident, Node, NodeValue, Overrides, SourceMap, assemble, builtin, decode, load, print, read,
    render,
};
use blueprint_sim::experiment::points;
use blueprint_sim::model::Model;
use blueprint_sim::sim::Simulation;

/// Events of a simulation that are handled before it is let go.
const EVENTS: u64 = 3_000;
/// Events where a document is heavy: what they cost is mostly its start, and that is paid anyway.
const EVENTS_HEAVY: u64 = 600;
/// Larger texts have no bytes changed: most of them would be the same again.
const MAX_TEXT: usize = 60_000;
/// A document is heavy if it and what it stands on have more bytes: the shipped blueprint of the Union, what extends
/// it and what happens in it.
const LIGHT: usize = 40_000;
/// One input in so many is made of a heavy document; a hundred of the others cost as much as one of these.
const HEAVY_ONE_IN: usize = 40;
/// Parts of trees with more nodes are not put into other documents.
const MAX_PART: usize = 1_500;
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
    light: Sources,
    heavy: Sources,
    /// Values by the name of the field, or of the map or list, in which they stand.
    values: BTreeMap<String, Vec<Node>>,
    /// Those names, and those among them that are of fields.
    places: Vec<String>,
    fields: Vec<String>,
    loader: MemoryLoader,
}

/// Documents that are changed.
#[derive(Default)]
struct Sources {
    texts: Vec<String>,
    trees: Vec<Node>,
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
        let weights = weights(&texts);
        let mut corpus = Corpus {
            light: Sources::default(),
            heavy: Sources::default(),
            values: BTreeMap::new(),
            places: Vec::new(),
            fields: Vec::new(),
            loader: MemoryLoader::new(),
        };
        let mut loader = MemoryLoader::new();
        for ((name, text), weight) in texts.into_iter().zip(weights) {
            loader = loader.with_file(&format!("{name}.ron"), text.clone()).with_built_in(&name, &text);
            let mut sources = SourceMap::new();
            let id = sources.add(name.as_str(), text.as_str()).expect("a test case is not too large");
            let tree = read::read(&sources, id).ok();
            if let Some(tree) = &tree {
                corpus.gather("", tree, 0);
            }
            let there = if weight <= LIGHT { &mut corpus.light } else { &mut corpus.heavy };
            there.trees.extend(tree);
            if text.len() <= MAX_TEXT {
                there.texts.push(text);
            }
        }
        corpus.places = corpus.values.keys().cloned().collect();
        corpus.fields = corpus.places.iter().filter(|k| !k.contains(['[', '{', '('])).cloned().collect();
        corpus.loader = loader;
        corpus
    }

    fn gather(&mut self, place: &str, node: &Node, depth: usize) {
        if depth > 0 && size(node) <= MAX_PART {
            let there = self.values.entry(place.to_owned()).or_default();
            if there.len() < 400 {
                there.push(node.clone());
            }
        }
        parts(place, node, &mut |place, part| self.gather(place, part, depth + 1));
    }

    /// The text of an input.
    pub(crate) fn input(&self, seed: u64, input: u64) -> String {
        let mut dice = Dice::new(seed, input);
        let sources = if dice.one_in(HEAVY_ONE_IN) { &self.heavy } else { &self.light };
        match dice.below(10) {
            0..=1 => sources.bytes(&mut dice),
            2..=4 => self.tree(sources, &mut dice),
            5..=6 => self.composed(sources, &mut dice),
            _ => sources.shuffled(&mut dice),
        }
    }

    /// A tree with parts changed, exchanged, doubled and taken away.
    fn tree(&self, sources: &Sources, dice: &mut Dice) -> String {
        let Some(mut tree) = dice.pick(&sources.trees).cloned() else { return String::new() };
        for _ in 0..1 + dice.below(5) {
            let n = size(&tree);
            let mut at = dice.below(n);
            change("", &mut tree, &mut at, &mut |place, node| self.replace(place, node, dice));
        }
        print::compact(&tree)
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
                if let Some(other) =
                    dice.pick(&self.places).and_then(|place| dice.pick(&self.values[place.as_str()]))
                {
                    *node = other.clone();
                }
            }
        }
    }

    /// A document of sections and entries from several others.
    fn composed(&self, sources: &Sources, dice: &mut Dice) -> String {
        let Some(mut tree) = dice.pick(&sources.trees).cloned() else { return String::new() };
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
            if dice.one_in(4)
                && let Some(name) = dice.pick(&self.fields)
                && !fields.iter().any(|(ident, _)| ident.text == *name)
                && let Some(value) = dice.pick(&self.values[name.as_str()]).cloned()
            {
                fields.push((Ident { text: name.clone(), span: tree.span }, value));
            }
        }
        for _ in 0..dice.below(3) {
            let n = size(&tree);
            let mut at = dice.below(n);
            change("", &mut tree, &mut at, &mut |place, node| self.replace(place, node, dice));
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
        if text.contains("Experiment(") {
            // What a batch does with it, up to the first run.
            let design = load("fuzzed.ron", None, &loader, &mut sources).and_then(|loaded| {
                let experiment: Experiment = decode(&loaded.node)?;
                let mut words = (0_u64..).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                points(&experiment, &|_| None, &mut words)
            });
            if let Err(errors) = design {
                return refused(&errors, &sources);
            }
        }
        let opened = assemble::open("fuzzed.ron", &loader, &mut sources, &Overrides::default());
        let compiled = opened.and_then(|opened| compile(&opened.document));
        match compiled {
            Err(errors) => refused(&errors, &sources),
            Ok(compiled) => {
                for warning in compiled.warnings.iter().take(20) {
                    let _ = render::render(warning, &sources, false);
                }
                simulate(compiled.model, seed)
            }
        }
    }
}

impl Sources {
    /// A text with bytes and pieces changed.
    fn bytes(&self, dice: &mut Dice) -> String {
        let mut text = dice.pick(&self.texts).cloned().unwrap_or_default();
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

    /// A document with parts exchanged for others of its own that stand at such a place, and with numbers larger or
    /// smaller: most of them still mean something.
    fn shuffled(&self, dice: &mut Dice) -> String {
        let Some(original) = dice.pick(&self.trees) else { return String::new() };
        let mut tree = original.clone();
        for _ in 0..1 + dice.below(4) {
            let mut at = dice.below(size(&tree));
            change("", &mut tree, &mut at, &mut |place, node| match &mut node.value {
                NodeValue::Int(value) if dice.one_in(2) => {
                    *value =
                        value.wrapping_mul([0, 2, 10, 1_000][dice.below(4)]).wrapping_add(dice.below(2) as _);
                }
                NodeValue::Float(value) if dice.one_in(2) => {
                    *value *= [0.0, 0.01, 0.5, 2.0, 100.0][dice.below(5)]
                }
                _ => {
                    let mut others = Vec::new();
                    standing_at(place, "", original, &mut others);
                    if let Some(other) = dice.pick(&others) {
                        *node = other.clone();
                    }
                }
            });
        }
        print::compact(&tree)
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

/// Messages as they are told.
fn refused(errors: &[Diagnostic], sources: &SourceMap) -> What {
    assert!(!errors.is_empty(), "refused without a message");
    for error in errors.iter().take(20) {
        assert!(!error.message.is_empty() && !error.code.is_empty());
        let _ = render::render(error, sources, false);
    }
    let _ = render::json(errors, sources);
    What::Refused
}

fn simulate(mut model: Model, seed: u64) -> What {
    let events = if model.facts.len() + model.actors.len() < 2_000 { EVENTS } else { EVENTS_HEAVY };
    model.meta.limits.events = model.meta.limits.events.min(events);
    model.meta.limits.records = model.meta.limits.records.min(40 * events);
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

/// Bytes of each document with all that it stands on.
fn weights(texts: &[(String, String)]) -> Vec<usize> {
    let below = |text: &str| -> Vec<usize> {
        let names = ["extends: \"", "blueprint: \"", "scenario: \""];
        let named =
            names.iter().flat_map(|field| text.split(field).skip(1)).filter_map(|t| t.split('"').next());
        named.filter_map(|name| texts.iter().position(|t| t.0 == name.trim_end_matches(".ron"))).collect()
    };
    let named: Vec<Vec<usize>> = texts.iter().map(|t| below(&t.1)).collect();
    let mut weights: Vec<usize> = texts.iter().map(|t| t.1.len()).collect();
    // What a document stands on stands on others in turn.
    for _ in 0..4 {
        weights = (0..texts.len())
            .map(|i| {
                texts[i].1.len() + named[i].iter().filter(|j| **j != i).map(|j| weights[*j]).sum::<usize>()
            })
            .collect();
    }
    weights
}

/// Changes the node at a position, counted from the root, knowing the place in which it stands.
fn change(place: &str, node: &mut Node, at: &mut usize, change_it: &mut dyn FnMut(&str, &mut Node)) -> bool {
    if *at == 0 {
        change_it(place, node);
        return true;
    }
    *at -= 1;
    parts_mut(place, node, &mut |place, part| change(place, part, at, change_it))
}

/// Goes through the parts of a node, each with its place, until one of them says that it is enough.
fn parts_mut(place: &str, node: &mut Node, see: &mut dyn FnMut(&str, &mut Node) -> bool) -> bool {
    match &mut node.value {
        NodeValue::Record { fields, .. } => fields.iter_mut().any(|(ident, value)| see(&ident.text, value)),
        NodeValue::List(items) => {
            let place = format!("{place}[]");
            items.iter_mut().any(|item| see(&place, item))
        }
        NodeValue::Map(entries) => {
            let place = format!("{place}{{}}");
            entries.iter_mut().any(|(_, value)| see(&place, value))
        }
        NodeValue::Tuple { name, items } => {
            let place = format!("{place}({})", name.as_ref().map_or("", |name| name.text.as_str()));
            items.iter_mut().any(|item| see(&place, item))
        }
        _ => false,
    }
}

/// Goes through the parts of a node, each with its place.
fn parts(place: &str, node: &Node, see: &mut dyn FnMut(&str, &Node)) {
    match &node.value {
        NodeValue::Record { fields, .. } => fields.iter().for_each(|(ident, value)| see(&ident.text, value)),
        NodeValue::List(items) => {
            let place = format!("{place}[]");
            items.iter().for_each(|item| see(&place, item));
        }
        NodeValue::Map(entries) => {
            let place = format!("{place}{{}}");
            entries.iter().for_each(|(_, value)| see(&place, value));
        }
        NodeValue::Tuple { name, items } => {
            let place = format!("{place}({})", name.as_ref().map_or("", |name| name.text.as_str()));
            items.iter().for_each(|item| see(&place, item));
        }
        _ => {}
    }
}

/// All nodes that stand at such a place in a tree.
fn standing_at(wanted: &str, place: &str, node: &Node, found: &mut Vec<Node>) {
    if place == wanted && size(node) <= MAX_PART {
        found.push(node.clone());
    }
    parts(place, node, &mut |place, part| standing_at(wanted, place, part, found));
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
