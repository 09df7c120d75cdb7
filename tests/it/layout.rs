//! The layout of the sources: which room may use which, what only some rooms may touch, and that no name of the
//! shipped documents stands in the code.
//!
//! The sources are read by a small lexer that knows comments, strings and items under `#[cfg(test)]`, and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use blueprint_sim::compile::compile;
use blueprint_sim::document::assemble::open;
use blueprint_sim::document::builtin;
use blueprint_sim::document::merge::{Found, Loader};
use blueprint_sim::document::{Diagnostic, Overrides, SourceMap};
use blueprint_sim::model::Model;

/// Each room and the rooms that it may use. ARCHITECTURE.md draws the same arrows.
const ARROWS: [(&str, &[&str]); 14] = [
    ("time", &[]),
    ("stats", &[]),
    ("document", &[]),
    ("des", &["time"]),
    ("model", &["des", "time"]),
    ("trace", &["model", "time"]),
    ("compile", &["document", "model", "des", "time"]),
    ("sim", &["des", "model", "trace", "time"]),
    ("analysis", &["trace", "model", "stats", "time"]),
    ("chart", &[]),
    ("report", &["chart", "analysis", "trace", "model", "time"]),
    ("export", &["analysis", "trace", "model", "time"]),
    ("experiment", &["sim", "analysis", "compile", "document", "trace", "model", "stats", "time"]),
    (
        "cli",
        &[
            "experiment",
            "sim",
            "compile",
            "document",
            "analysis",
            "chart",
            "report",
            "export",
            "trace",
            "model",
            "stats",
            "des",
            "time",
        ],
    ),
];

/// What only some rooms may name, and why.
const RESERVED: [(&str, &[&str], &str); 11] = [
    ("bevy_ecs", &["sim"], "the world of entities is the engine's own affair"),
    ("std::fs", &["cli"], "only the command line touches files"),
    ("std::env", &["cli"], "only the command line sees the environment"),
    ("std::thread", &["cli"], "a run does not know on how many threads it is one of many"),
    ("rayon", &["cli", "experiment"], "a run does not know on how many threads it is one of many"),
    ("SystemTime", &[], "the wall clock has no part in a result"),
    ("Instant::now", &["cli"], "the clock has no part in a result; it may say when to write to the disk"),
    ("Timestamp::now", &[], "the wall clock has no part in a result"),
    ("Zoned::now", &[], "the wall clock has no part in a result"),
    ("serde", &["document", "cli", "report", "export"], "a file format has types of its own"),
    ("ron", &["document"], "one reader of documents"),
];

/// Functions that some platforms round differently; the engine calls `libm` by name.
const PLATFORM_MATHS: [&str; 18] = [
    "ln", "ln_1p", "log", "log2", "log10", "exp", "exp2", "exp_m1", "powf", "powi", "sin", "cos", "tan",
    "atan", "atan2", "tanh", "cbrt", "hypot",
];
const WITHOUT_PLATFORM_MATHS: [&str; 4] = ["des", "sim", "time", "compile"];

/// Names of the documents that are words of the language or of the field as well, and why they may stand in code.
const WORDS: [(&str, &str); 2] = [
    ("sample", "in or out of the sample, of statistics; in a document it is a piece of malicious code"),
    ("media", "a kind of inject; in a document it is the press as an actor"),
];

/// Shorter names say too little to be looked for.
const SHORTEST_NAME: usize = 4;

// ---------------------------------------------------------------------------------------------------------------
// The tests
// ---------------------------------------------------------------------------------------------------------------

#[test]
fn every_file_opens_with_what_it_is() {
    let folders = ["src", "tests", "benches/common", "benches/guard", "benches/parts", "benches/peers"];
    for file in folders.iter().flat_map(|folder| rust_files(&root().join(folder))) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} does not open with a `//!` line", file.display());
    }
}

#[test]
fn the_rooms_are_those_of_the_table() {
    let library = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rooms: BTreeSet<&str> = library
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(rooms, ARROWS.iter().map(|(room, _)| *room).collect());
}

/// The map for readers shows the same arrows.
#[test]
fn architecture_md_draws_the_table() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [room, _, uses] = cells[..] else { return None };
            Some((room.strip_prefix('`')?.strip_suffix('`')?, uses))
        })
        .collect();
    assert_eq!(rows.len(), ARROWS.len());
    for (room, uses) in ARROWS {
        let drawn = match uses.len() {
            0 => "nothing".to_owned(),
            n if n == ARROWS.len() - 1 => "all".to_owned(),
            _ => uses.iter().map(|used| format!("`{used}`")).collect::<Vec<_>>().join(", "),
        };
        assert_eq!(rows[room], drawn, "{room}");
    }
}

/// No arrow leads back: every room can be built when the rooms that it uses have been.
#[test]
fn the_table_has_no_cycle() {
    let mut built = BTreeSet::new();
    while built.len() < ARROWS.len() {
        let ready = ARROWS
            .iter()
            .find(|(room, uses)| !built.contains(room) && uses.iter().all(|u| built.contains(u)));
        let (room, _) = ready.unwrap_or_else(|| panic!("a cycle among the rooms beside {built:?}"));
        built.insert(*room);
    }
}

#[test]
fn rooms_use_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for source in sources() {
        for used in source.rooms_used() {
            seen.insert((source.room.clone(), used.clone()));
            let allowed =
                ARROWS.iter().find(|(room, _)| *room == source.room).map_or(&[][..], |(_, uses)| uses);
            if used != source.room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: `{}` may not use `{used}`", source.path, source.room));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        seen.contains(&("analysis".to_owned(), "trace".to_owned())),
        "the arrows were not found: {seen:?}"
    );
}

#[test]
fn what_is_reserved_is_named_nowhere_else() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, rooms, why) in RESERVED {
            if !rooms.contains(&source.room.as_str()) && contains_word(&source.code, name) {
                wrong.push(format!("{}: `{name}`: {why}", source.path));
            }
        }
        if WITHOUT_PLATFORM_MATHS.contains(&source.room.as_str()) {
            for name in PLATFORM_MATHS {
                if source.code.contains(&format!(".{name}(")) || source.code.contains(&format!("f64::{name}"))
                {
                    wrong.push(format!("{}: `{name}` is the platform's, call it from `libm`", source.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_name_of_the_documents_stands_in_the_code() {
    let names = document_names();
    for expected in ["csirts-network", "spain", "enisa", "situation report"] {
        assert!(names.keys().any(|name| name.contains(expected)), "`{expected}` was not collected");
    }
    for (word, _) in WORDS {
        assert!(names.contains_key(word), "`{word}` is no name of any document: take it from the list");
    }
    let allowed: BTreeSet<&str> = WORDS.iter().map(|(word, _)| *word).collect();
    let mut wrong = Vec::new();
    for source in sources() {
        for literal in &source.literals {
            let text = literal.to_lowercase();
            for (name, of) in &names {
                if !allowed.contains(name.as_str()) && contains_word(&text, name) {
                    wrong.push(format!("{}: {literal:?} names `{name}` ({of})", source.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_lexer_sees_what_it_should() {
    let source = r####"
        //! crate::wrong "wrong"
        use crate::model::A; /* crate::wrong /* "nested" */ "wrong" */
        const A: &str = "one \" // two"; const B: &str = r#"three "crate::no" "#; const C: char = '"';
        fn f<'a>(x: &'a str) -> char { '\'' }
        #[cfg(test)]
        mod tests { use crate::wrong::X; const W: &str = "wrong {"; fn g() { {} } }
        #[cfg(test)]
        mod apart;
        #[cfg(test)]
        use crate::{wrong::Y, wrong::Z};
        fn h() { crate::time::now("last", b"bytes") }
    "####;
    let parsed = Source::parse("", source);
    assert_eq!(parsed.literals, ["one \\\" // two", "three \"crate::no\" ", "last", "bytes"]);
    assert_eq!(parsed.rooms_used().into_iter().collect::<Vec<_>>(), ["model", "time"]);
    assert_eq!(parsed.test_modules, ["apart"]);
}

// ---------------------------------------------------------------------------------------------------------------
// The names of the shipped documents
// ---------------------------------------------------------------------------------------------------------------

/// Shipped documents name each other only.
struct OnlyBuiltIns;

impl Loader for OnlyBuiltIns {
    fn file(&self, _: &str, _: Option<&str>) -> Result<Option<Found>, Diagnostic> {
        Ok(None)
    }
}

/// Ids and titles of states, actors, bodies, products and decisions in lower case, and what each is.
fn document_names() -> BTreeMap<String, &'static str> {
    let mut names = BTreeMap::new();
    for document in builtin::all() {
        if document.kind == builtin::Kind::Experiment {
            continue;
        }
        let opened = open(document.name, &OnlyBuiltIns, &mut SourceMap::new(), &Overrides::default());
        let assembled = opened.unwrap_or_else(|errors| panic!("{}: {errors:?}", document.name));
        let compiled =
            compile(&assembled.document).unwrap_or_else(|errors| panic!("{}: {errors:?}", document.name));
        collect(&compiled.model, &mut names);
    }
    names
}

fn collect(model: &Model, names: &mut BTreeMap<String, &'static str>) {
    let mut add = |what: &'static str, name: &str| {
        if name.chars().count() >= SHORTEST_NAME {
            names.entry(name.to_lowercase()).or_insert(what);
        }
    };
    for state in &model.states {
        add("a state", &state.title);
    }
    for template in &model.templates {
        add("a role", &template.name);
        add("a role", &template.title);
    }
    for actor in &model.actors {
        add("an actor", &actor.name.text);
        add("an actor", &actor.title);
        add("an actor", &actor.short);
    }
    for role in &model.roles {
        add("a role held in turn", &role.name);
        add("a role held in turn", &role.title);
    }
    for network in &model.networks {
        add("a network", &network.name.text);
        add("a network", &network.title);
        add("a network", &network.short);
    }
    for product in &model.products {
        add("a product", &product.name.text);
        add("a product", &product.title);
    }
    for decision in &model.decisions {
        add("a decision", &decision.name.text);
        add("a decision", &decision.title);
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Reading sources
// ---------------------------------------------------------------------------------------------------------------

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The files of the library and the program without those that exist in tests only.
fn sources() -> Vec<Source> {
    let src = root().join("src");
    let parsed: Vec<Source> = rust_files(&src)
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            Source::parse(&path, &std::fs::read_to_string(file).unwrap())
        })
        .collect();
    let test_only: Vec<String> = parsed.iter().flat_map(Source::test_files).collect();
    let is_test = |path: &str| {
        let stem = path.trim_end_matches(".rs");
        test_only.iter().any(|test| stem == test || stem.starts_with(&format!("{test}/")))
    };
    parsed.into_iter().filter(|source| !is_test(&source.path)).collect()
}

/// A source file without its comments and tests.
struct Source {
    /// Path below `src`.
    path: String,
    /// The folder directly below `src`; empty for `lib.rs` and `main.rs`.
    room: String,
    /// The code, with comments, literals and tests blanked.
    code: String,
    /// String literals outside tests, as written between their quotes.
    literals: Vec<String>,
    /// Modules in files of their own that exist in tests only.
    test_modules: Vec<String>,
}

impl Source {
    fn parse(path: &str, text: &str) -> Source {
        let (mut code, literals) = lex(text);
        let (tests, test_modules) = test_items(&code);
        let inside = |at: usize| tests.iter().any(|(from, to)| (*from..*to).contains(&at));
        let literals = literals.into_iter().filter(|(at, _)| !inside(*at)).map(|(_, text)| text).collect();
        for (from, to) in &tests {
            code[*from..*to].fill(' ');
        }
        let room = path.split_once('/').map_or("", |(room, _)| room).to_owned();
        Source { path: path.to_owned(), room, code: code.into_iter().collect(), literals, test_modules }
    }

    /// Paths, without ending, of the files that are modules of tests.
    fn test_files(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let folder = stem.strip_suffix("/mod").unwrap_or(stem);
        self.test_modules.iter().map(|module| format!("{folder}/{module}")).collect()
    }

    /// The rooms that paths beginning with `crate::` lead to.
    fn rooms_used(&self) -> BTreeSet<String> {
        let mut rooms = BTreeSet::new();
        for (at, _) in self.code.match_indices("crate::") {
            let rest = &self.code[at + "crate::".len()..];
            let room: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(
                !room.is_empty(),
                "{}: one `use` for each room, so that the arrows can be read",
                self.path
            );
            rooms.insert(room);
        }
        rooms
    }
}

/// Whether `word` stands in a text, not as part of a longer word.
fn contains_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(joins)
            && !text[at + word.len()..].chars().next().is_some_and(joins)
    })
}

/// The characters of a source with comments and literals blanked, and its string literals with their positions.
fn lex(text: &str) -> (Vec<char>, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let mut code = chars.clone();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let end = if starts(&chars, at, "//") {
            chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n)
        } else if starts(&chars, at, "/*") {
            end_of_comment(&chars, at)
        } else if let Some((from, to, end)) = string_at(&chars, at) {
            literals.push((at, chars[from..to].iter().collect()));
            end
        } else if chars[at] == '\'' {
            end_of_char(&chars, at)
        } else {
            at += 1;
            continue;
        };
        code[at..end].fill(' ');
        at = end;
    }
    (code, literals)
}

fn starts(chars: &[char], at: usize, with: &str) -> bool {
    with.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c))
}

fn end_of_comment(chars: &[char], at: usize) -> usize {
    let (mut depth, mut end) = (1, at + 2);
    while depth > 0 && end < chars.len() {
        let step = match (starts(chars, end, "/*"), starts(chars, end, "*/")) {
            (true, _) => 1,
            (_, true) => -1,
            _ => 0,
        };
        depth += step;
        end += if step == 0 { 1 } else { 2 };
    }
    end
}

/// A string that begins here: where its text begins and ends, and where it ends itself.
fn string_at(chars: &[char], at: usize) -> Option<(usize, usize, usize)> {
    if chars[at] == '"' {
        let mut end = at + 1;
        while chars[end] != '"' {
            end += if chars[end] == '\\' { 2 } else { 1 };
        }
        return Some((at + 1, end, end + 1));
    }
    let part_of_word =
        at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_') && chars[at - 1] != 'b';
    if chars[at] != 'r' || part_of_word {
        return None;
    }
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let from = at + 1 + hashes + 1;
    if chars.get(from - 1) != Some(&'"') {
        return None;
    }
    let close: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let to = (from..chars.len()).find(|end| starts(chars, *end, &close))?;
    Some((from, to, to + 1 + hashes))
}

/// The end of a character; of a lifetime, only its mark.
fn end_of_char(chars: &[char], at: usize) -> usize {
    if chars.get(at + 1) == Some(&'\\') {
        let rest = &chars[at + 3..];
        return rest.iter().position(|c| *c == '\'').map_or(at + 1, |n| at + 3 + n + 1);
    }
    if chars.get(at + 2) == Some(&'\'') { at + 3 } else { at + 1 }
}

/// The items under `#[cfg(test)]`, and the names of those that are modules in files of their own.
fn test_items(code: &[char]) -> (Vec<(usize, usize)>, Vec<String>) {
    let mark = "#[cfg(test)]";
    let (mut items, mut modules) = (Vec::new(), Vec::new());
    for from in (0..code.len()).filter(|at| starts(code, *at, mark)) {
        let head_end = (from..code.len()).find(|at| matches!(code[*at], '{' | ';')).unwrap_or(code.len() - 1);
        let head: String = code[from + mark.len()..head_end].iter().collect();
        let is_use = head.split_whitespace().any(|word| word == "use");
        if code[head_end] == ';' || is_use {
            let end = (head_end..code.len()).find(|at| code[*at] == ';').unwrap_or(code.len() - 1);
            if let Some((_, name)) = head.rsplit_once("mod ") {
                modules.push(name.trim().to_owned());
            }
            items.push((from, end + 1));
            continue;
        }
        let mut depth = 0;
        let close = (head_end..code.len()).find(|at| {
            depth += match code[*at] {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            depth == 0
        });
        items.push((from, close.map_or(code.len(), |at| at + 1)));
    }
    (items, modules)
}
