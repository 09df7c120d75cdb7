//! Tests of reading: places, what is refused, hostile texts.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::print::pretty;
use super::super::tree::NodeValue::*;
use super::*;

/// Reads a text; errors as `code at line:column`.
fn read_one(text: &str) -> Result<(SourceMap, Node), Vec<String>> {
    let mut sources = SourceMap::new();
    match read_text(&mut sources, "a.ron", text) {
        Ok(node) => Ok((sources, node)),
        Err(errors) => Err(errors.iter().map(|error| told(&sources, error)).collect()),
    }
}

fn told(sources: &SourceMap, error: &Diagnostic) -> String {
    let place = |span| {
        let at = sources.start(span);
        format!("{}:{}", at.line, at.column)
    };
    let mut text = format!("{} at {}", error.code, error.span.map(place).unwrap_or_default());
    for (span, _) in &error.labels {
        text += &format!(", {}", place(*span));
    }
    text
}

#[track_caller]
fn check_error(text: &str, expected: &[&str]) {
    match read_one(text) {
        Ok((_, node)) => panic!("read as {}", pretty(&node)),
        Err(errors) => assert_eq!(errors, expected),
    }
}

const DOCUMENT: &str = r##"// A comment first.
#![enable(implicit_some)]
Blueprint(
    title: "café", /* between */ staff: 5,
    share: -0.25, // after
    actors: [
        // before an item
        Actor(id: "a", calendar: Always), // behind an item
        (id: "b", calendar: Office(days: [1, 2]), note: Some("x")),
        Shift("early", 3),
        None,
    ],
    table: {"MT": true, 7: r#"raw "text""#, Key: ()},
)
"##;

#[test]
fn every_value_knows_its_place() {
    let (sources, root) = read_one(DOCUMENT).unwrap();
    let at = |node: &Node| {
        let (start, end) = (sources.start(node.span), sources.end(node.span));
        let place = format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column);
        format!("{place} {}", sources.snippet(node.span).lines().next().unwrap_or(""))
    };
    assert_eq!(at(&root), "3:1-14:2 Blueprint(");
    assert_eq!(at(root.field("title").unwrap()), "4:12-4:18 \"café\"");
    assert_eq!(at(root.field("staff").unwrap()), "4:41-4:42 5");
    assert_eq!(at(root.field("share").unwrap()), "5:12-5:17 -0.25");
    let actors = root.field("actors").unwrap().items().unwrap();
    assert_eq!(at(&actors[0]), "8:9-8:41 Actor(id: \"a\", calendar: Always)");
    assert_eq!(at(actors[0].field("calendar").unwrap()), "8:34-8:40 Always");
    let office = actors[1].field("calendar").unwrap();
    assert_eq!(at(&office.field("days").unwrap().items().unwrap()[1]), "9:46-9:47 2");
    assert_eq!(at(actors[1].field("note").unwrap()), "9:62-9:65 \"x\"");
    assert_eq!(at(&actors[3]), "11:9-11:13 None");
    let table = root.field("table").unwrap().entries().unwrap();
    assert_eq!(at(&table[1].0), "13:25-13:26 7");
    assert_eq!(at(&table[1].1), "13:28-13:43 r#\"raw \"text\"\"#");

    let names: Vec<_> = root
        .fields()
        .unwrap()
        .iter()
        .map(|(ident, _)| format!("{} {}", sources.start(ident.span).column, sources.snippet(ident.span)))
        .collect();
    assert_eq!(names, ["5 title", "34 staff", "5 share", "5 actors", "5 table"]);
    assert_eq!(sources.snippet(root.head()), "Blueprint");
    assert_eq!(sources.snippet(actors[1].head()), "(");
}

#[test]
fn every_kind_of_value_is_kept() {
    let kind = |text: &str| read_one(text).unwrap().1.value;
    assert!(matches!(kind("true"), Bool(true)));
    assert!(matches!(kind("5"), Int(5)));
    assert!(matches!(kind("-9223372036854775808"), Int(i64::MIN)));
    assert!(matches!(kind("0x10"), Int(16)));
    assert!(matches!(kind("1_000"), Int(1000)));
    assert!(matches!(kind("5.0"), Float(x) if x == 5.0), "a float stays a float");
    assert!(matches!(kind("0.1"), Float(x) if x == 0.1));
    assert!(matches!(kind("1e3"), Float(x) if x == 1000.0));
    assert!(matches!(kind("-0.0"), Float(x) if x.to_bits() == (-0.0f64).to_bits()));
    assert!(matches!(kind("\"a\\n\\u{e9}\""), Str(text) if text == "a\né"));
    assert!(matches!(kind("Always"), Unit(name) if name == "Always"));
    assert!(matches!(kind("None"), Unit(name) if name == "None"));
    assert!(matches!(kind("Some(Some(3))"), Int(3)));
    assert!(
        matches!(kind("Leak(1)"), Tuple { name: Some(name), items } if name.text == "Leak" && items.len() == 1)
    );
    assert!(matches!(kind("(1, 2)"), Tuple { name: None, items } if items.len() == 2));
    assert!(matches!(kind("()"), Record { name: None, fields } if fields.is_empty()));
    assert!(
        matches!(kind("A( )"), Record { name: Some(name), fields } if name.text == "A" && fields.is_empty())
    );
    assert!(matches!(kind("A(b: 1,)"), Record { name: Some(_), fields } if fields.len() == 1));
    assert!(matches!(kind("{}"), Map(entries) if entries.is_empty()));
    assert!(matches!(kind("[A, A(1), ]"), List(items) if items.len() == 2));
}

#[test]
fn comments_and_marks_may_stand_anywhere() {
    for text in [
        "(a: 1) // end",
        "(a: 1)/* end */",
        "\u{feff}(a: 1)",
        "\u{feff}// x\n(a: /**/ 1 /**/ , // y\n) // z\n//",
    ] {
        let (sources, node) = read_one(text).unwrap();
        assert_eq!(sources.snippet(node.span).chars().next(), Some('('), "{text}");
        assert_eq!(sources.snippet(node.span).chars().last(), Some(')'), "{text}");
        assert_eq!(sources.snippet(node.field("a").unwrap().span), "1", "{text}");
    }
}

#[test]
fn what_stands_twice_is_an_error() {
    check_error("(a: 1, b: 2, a: 3)", &["duplicate-field at 1:14, 1:2"]);
    check_error(
        "(x: {\"a\": 1,\n \"b\": 2,\n \"a\": 3, \"a\": 4})",
        &["duplicate-key at 3:2, 1:6", "duplicate-key at 3:10, 3:2"],
    );
    check_error("{1: 1, 0x1: 2}", &["duplicate-key at 1:8, 1:2"]);
    assert!(read_one("{\"1\": 1, 1: 2, One: 3, \"One\": 4}").is_ok(), "different kinds of key");
}

#[test]
fn what_documents_do_not_have_is_an_error() {
    check_error(
        "(a: 'x', b: b\"x\", c: 1..2, d: b'x')",
        &["unsupported at 1:5", "unsupported at 1:13", "unsupported at 1:22", "unsupported at 1:31"],
    );
    check_error(
        "(a: 9223372036854775808, b: 1e999, c: 99999999999999999999, d: NaN, e: inf)",
        &[
            "number-range at 1:5",
            "number-range at 1:29",
            "number-range at 1:39",
            "number-range at 1:64",
            "number-range at 1:72",
        ],
    );
}

#[test]
fn syntax_errors_come_from_ron_with_their_place() {
    check_error("(a: 1 b: 2)", &["syntax at 1:7"]);
    check_error("(\n  a: [1, 2,\n", &["syntax at 2:11"]);
    check_error("(a: \"x)", &["syntax at 1:5"]);
    check_error("(a: 1) x", &["syntax at 1:8"]);
    check_error("", &["syntax at 1:1"]);
    check_error("  // only a comment\n", &["syntax at 1:19"]);
    check_error("(a: )", &["syntax at 1:5"]);
    check_error("\0\u{1}\u{7f}", &["syntax at 1:1"]);
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read_one(&nested(MAX_DEPTH)).is_ok());
    for depth in [MAX_DEPTH + 1, 10_000, 1_000_000] {
        check_error(&nested(depth), &[&format!("too-deep at 1:{}", MAX_DEPTH + 1)]);
        check_error(&"[".repeat(depth), &[&format!("too-deep at 1:{}", MAX_DEPTH + 1)]);
    }
    let records = |depth: usize| format!("{}1{}", "A(a: ".repeat(depth), ")".repeat(depth));
    assert!(read_one(&records(MAX_DEPTH)).is_ok());
    assert!(read_one(&records(MAX_DEPTH + 1)).is_err());
    let maps = |depth: usize| format!("{}1{}", "{1: ".repeat(depth), "}".repeat(depth));
    assert!(read_one(&maps(MAX_DEPTH)).is_ok());
    assert!(read_one(&maps(MAX_DEPTH + 1)).is_err());
    assert!(read_one(&"Some(".repeat(10_000)).is_err());
}

/// Hostile texts end in seconds, also in a test build. Quadratic reading would take hours, so the bound is
/// generous to busy machines.
#[test]
fn large_hostile_texts_end_soon() {
    let fill = |unit: &str, size: usize| unit.repeat(size / unit.len());
    let largest = super::super::source::MAX_BYTES as usize - 1_000;
    let size = largest / 4;
    let deep = format!("{}{}{}", "[".repeat(63), fill("\"abcdefg\",", size), "]".repeat(63));
    let texts = [
        ("a flat list", format!("[{}]", fill("1,", largest))),
        ("a deep list of texts", deep),
        ("unclosed lists", fill("[1,", size)),
        ("comments", format!("{}[{}]", fill("/* */", size / 2), fill("/* */1,", size / 2))),
        ("one long text", format!("(a: \"{}\")", fill("x", size))),
        ("one long unclosed text", format!("(a: \"{}", fill("x", size))),
        ("one long name", fill("x", size)),
        ("digits", fill("9", size)),
    ];
    for (what, text) in texts {
        let start = Instant::now();
        let outcome = read_one(&text).map(|_| ()).map_err(|errors| errors.len());
        let took = start.elapsed();
        assert!(took < Duration::from_secs(60), "{what} took {took:?}: {outcome:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whatever is done to a valid document, reading gives a tree or errors with places inside the text.
    #[test]
    fn mutations_never_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, ".{0,3}|[()\\[\\]{}:,\"#'r/*\n]{1,4}"), 1..6)) {
        let mut text: Vec<char> = DOCUMENT.chars().collect();
        for (at, remove, insert) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + remove).min(text.len());
            text.splice(start..end, insert.chars());
        }
        let text: String = text.into_iter().collect();
        let mut sources = SourceMap::new();
        match read_text(&mut sources, "a.ron", text.as_str()) {
            Ok(node) => prop_assert!(text.is_char_boundary(node.span.end as usize)),
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    let span = error.span.unwrap();
                    prop_assert!(span.start <= span.end && span.end as usize <= text.len());
                    prop_assert!(!super::super::render::render(&error, &sources, false).is_empty());
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut sources = SourceMap::new();
        if let Ok(id) = sources.add_bytes("a.ron", bytes) {
            let _ = read(&sources, id);
        }
    }
}

/// A plain document, with whatever the quick reader takes.
const PLAIN: &str = r#"// A comment first.
Blueprint(
    title: "café \\ \"quoted\"", staff: 5, // behind
    share: -0.25, rate: 1.5e-6, zero: -0,
    empty: (), list: [], map: {}, named: Majority(),
    actors: [Actor(id: "a", calendar: Always), (id: "b", days: [1, 2,],), Shift("early", 3), None, (1, "x")],
    table: {"MT": true, "é": [false], },
)
"#;

/// The tree of the quick reader with its places, if it gives one; then `ron` must give the same.
fn quick_and_slow(text: &str) -> bool {
    let mut sources = SourceMap::new();
    let Ok(id) = sources.add("a.ron", text) else { return false };
    let Some(quick) = quick::read(sources.text(id), id) else { return false };
    match read_by_ron(&sources, id) {
        Ok(slow) => assert_eq!(format!("{quick:?}"), format!("{slow:?}"), "{text}"),
        Err(errors) => panic!("ron refuses what the quick reader takes: {errors:?}\n{text}"),
    }
    true
}

#[test]
fn the_quick_reader_takes_plain_documents_and_every_built_in() {
    assert!(quick_and_slow(PLAIN));
    for document in super::super::builtin::all() {
        assert!(quick_and_slow(document.text), "{} is left to ron", document.name);
    }
}

#[test]
fn the_quick_reader_leaves_to_ron_what_it_does_not_know() {
    for text in [
        "",
        "(",
        "(a: 1) b",
        "(a: 1, a: 2)",
        "{\"a\": 1, \"a\": 2}",
        "{1: 2}",
        "(a: 1..2)",
        "(a: 'x')",
        "(a: 0x1f)",
        "(a: 1_000)",
        "(a: +1)",
        "(a: .5)",
        "(a: 1.)",
        "(a: inf)",
        "(a: NaN)",
        "(a: Some(1))",
        "(a: r\"x\")",
        "(a: \"\\t\")",
        "(a: b\"x\")",
        "(a /* b */: 1)",
        "#![enable(implicit_some)] (a: 1)",
        "(a: 99999999999999999999)",
        "(a: 1e999)",
        "A (a: 1)",
        "(a: 1 b: 2)",
        "(a: [1 2])",
        "(a: \"x)",
        "(a: r#b)",
        "(a: 1i32)",
        "(,)",
        "[,]",
    ] {
        let mut sources = SourceMap::new();
        let id = sources.add("a.ron", text).unwrap();
        assert!(quick::read(text, id).is_none(), "{text}");
    }
    assert!(
        quick_and_slow("()") && quick_and_slow("A") && quick_and_slow("A(1, 2)") && quick_and_slow("007")
    );
    let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    assert!(quick_and_slow(&deep(MAX_DEPTH)));
    assert!(!quick_and_slow(&deep(MAX_DEPTH + 1)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Whatever is done to a plain document: where the quick reader gives a tree, ron gives the same.
    #[test]
    fn the_quick_reader_and_ron_agree(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, "[a-zA-Z0-9_.é \\-+]{0,3}|[()\\[\\]{}:,\"#'r/*\\\\\n\\-]{0,3}"), 1..4)) {
        let mut text: Vec<char> = PLAIN.chars().collect();
        for (at, remove, insert) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + remove).min(text.len());
            text.splice(start..end, insert.chars());
        }
        let text: String = text.into_iter().collect();
        quick_and_slow(&text);
    }
}
