//! Tests of merging: each rule with input and output, and chains of documents.

use proptest::prelude::*;

use super::super::print::compact;
use super::super::read::read_text;
use super::super::source::SourceMap;
use super::super::testing::trees;
use super::*;

/// Lays one text over another: the result and the errors.
fn merged(base: &str, over: &str) -> (String, Vec<String>) {
    let mut sources = SourceMap::new();
    let base = read_text(&mut sources, "base.ron", base).unwrap();
    let over = read_text(&mut sources, "over.ron", over).unwrap();
    let mut diagnostics = Diagnostics::new();
    let node = merge(base, over, &mut diagnostics);
    let told = diagnostics.sorted().into_iter().map(|d| {
        let span = d.span.unwrap();
        let hint = d.hints.first().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{}: {} at `{}`{hint}", d.code, d.message, sources.snippet(span))
    });
    (compact(&node), told.collect())
}

#[track_caller]
fn check(base: &str, over: &str, expected: &str) {
    assert_eq!(merged(base, over), (expected.to_owned(), Vec::new()));
}

#[track_caller]
fn check_error(base: &str, over: &str, expected: &[&str]) {
    assert_eq!(merged(base, over).1, expected);
}

#[test]
fn maps_merge_by_key() {
    check(r#"{"a": 1, "b": 2}"#, r#"{"b": 3, "c": 4}"#, r#"{"a": 1, "b": 3, "c": 4}"#);
    check(r#"{"a": {"x": 1, "y": 1}}"#, r#"{"a": {"y": 2}}"#, r#"{"a": {"x": 1, "y": 2}}"#);
    check(r#"{1: A, "1": B}"#, r#"{1: C}"#, r#"{1: C, "1": B}"#);
}

#[test]
fn records_merge_by_field() {
    check("(a: 1, b: (c: 1, d: 1))", "(b: (d: 2), e: 3)", "(a: 1, b: (c: 1, d: 2), e: 3)");
    check("A(a: 1)", "A(b: 2)", "A(a: 1, b: 2)");
    check("A(a: 1)", "(b: 2)", "A(a: 1, b: 2)");
    check("(a: 1)", "A(b: 2)", "A(a: 1, b: 2)");
    check("A(a: 1)", "A()", "A(a: 1)");
}

#[test]
fn anything_else_replaces() {
    check("(a: Shift(x: 1))", "(a: Office(y: 1))", "(a: Office(y: 1))");
    check("(a: Leak(1))", "(a: Leak(2))", "(a: Leak(2))");
    check("(a: Always)", "(a: Office(y: 1))", "(a: Office(y: 1))");
    check("(a: 1)", "(a: \"x\")", "(a: \"x\")");
    check("(a: [1, 2])", "(a: [3])", "(a: [3])");
    check("(a: [\"x\", \"y\"])", "(a: [\"z\"])", "(a: [\"z\"])");
    check("(a: [(id: \"x\"), (id: \"y\")])", "(a: [])", "(a: [])");
    check("(a: [(id: \"x\"), 5])", "(a: [(id: \"x\", b: 1)])", "(a: [(id: \"x\", b: 1)])");
    check("(a: {\"x\": 1})", "(a: (x: 2))", "(a: (x: 2))");
}

#[test]
fn lists_of_things_with_an_id_merge_by_id() {
    check(
        "[(id: \"x\", s: 1, t: 1), (id: \"y\", s: 2)]",
        "[(id: \"z\"), (id: \"x\", s: 5)]",
        "[(id: \"x\", s: 5, t: 1), (id: \"y\", s: 2), (id: \"z\")]",
    );
    check("[Worm(id: \"x\", a: 1)]", "[Outage(id: \"x\", b: 1)]", "[Outage(id: \"x\", b: 1)]");
    check("[(id: x, s: 1)]", "[(id: x, s: 2)]", "[(id: x, s: 2)]");
    check("[]", "[(id: \"x\")]", "[(id: \"x\")]");
    check_error(
        "[(id: \"x\")]",
        "[(id: \"y\"), (id: \"y\")]",
        &["duplicate-id: the item with id `y` stands twice at `\"y\"`"],
    );
}

#[test]
fn remove_takes_away() {
    check("[(id: \"x\"), (id: \"y\")]", "[Remove(\"x\")]", "[(id: \"y\")]");
    check("[(id: \"x\"), (id: \"y\")]", "[Remove(\"x\"), (id: \"z\")]", "[(id: \"y\"), (id: \"z\")]");
    check("[(id: \"x\", s: 1), (id: \"y\")]", "[Remove(\"x\"), (id: \"x\")]", "[(id: \"y\"), (id: \"x\")]");
    check("{\"a\": 1, \"b\": 2}", "{\"a\": Remove}", "{\"b\": 2}");
    check("(a: 1, b: 2)", "(a: Remove)", "(b: 2)");
    check("[\"x\", \"y\"]", "[Remove(\"x\"), \"z\", \"y\"]", "[\"y\", \"z\"]");
    check("[A, B]", "[Remove(A), C]", "[B, C]");
}

#[test]
fn removing_what_is_not_there_is_an_error() {
    check_error(
        "[(id: \"alert\")]",
        "[Remove(\"alrt\")]",
        &[
            "nothing-to-remove: the base has no item with id `alrt` to remove at `Remove(\"alrt\")` (did you mean `alert`?)",
        ],
    );
    check_error(
        "{\"alert\": 1}",
        "{\"alrt\": Remove}",
        &["nothing-to-remove: the base has no entry `alrt` to remove at `\"alrt\"` (did you mean `alert`?)"],
    );
    check_error(
        "(staff: 1)",
        "(stuff: Remove)",
        &["nothing-to-remove: the base has no field `stuff` to remove at `stuff` (did you mean `staff`?)"],
    );
    check_error(
        "[\"x\"]",
        "[Remove(\"qqq\")]",
        &["nothing-to-remove: the base has no item `qqq` to remove at `Remove(\"qqq\")`"],
    );
    check_error(
        "[1, 2]",
        "[Remove(\"x\"), 3]",
        &["nothing-to-remove: `Remove` does not work in this list at `Remove(\"x\")` \
         (it works in lists of records that have an `id`, and in lists of texts or names)"],
    );
    let nothing = "(it takes something away from a document that this one extends)";
    check_error(
        "(a: 1)",
        "(b: (c: Remove, d: [Remove(\"x\")], e: F({\"g\": Remove})))",
        &[
            &format!("nothing-to-remove: `Remove` has nothing to remove here at `Remove` {nothing}"),
            &format!("nothing-to-remove: `Remove` has nothing to remove here at `Remove(\"x\")` {nothing}"),
            &format!("nothing-to-remove: `Remove` has nothing to remove here at `Remove` {nothing}"),
        ],
    );
}

#[test]
fn places_are_those_of_the_winner() {
    let mut sources = SourceMap::new();
    let base = read_text(&mut sources, "base.ron", "(a: 1, b: 2)").unwrap();
    let over = read_text(&mut sources, "over.ron", "(  b: 3)").unwrap();
    let node = merge(base, over, &mut Diagnostics::new());
    let place = |name: &str| {
        let span = node.field(name).unwrap().span;
        (sources.name(span.source), span.start)
    };
    assert_eq!(place("a"), ("base.ron", 4));
    assert_eq!(place("b"), ("over.ron", 6));
    assert_eq!(sources.name(node.span.source), "over.ron");
}

/// Loads a document: its text, or the errors.
fn loaded(loader: &MemoryLoader, name: &str) -> Result<String, Vec<String>> {
    let mut sources = SourceMap::new();
    match load(name, None, loader, &mut sources) {
        Ok(loaded) => {
            let names: Vec<_> = loaded.chain.iter().map(|id| sources.name(*id)).collect();
            Ok(format!("{} from {}", compact(&loaded.node), names.join(", ")))
        }
        Err(errors) => Err(errors
            .iter()
            .map(|error| {
                let at = error.span.map(|span| format!(" at {}:{}", sources.name(span.source), span.start));
                format!("{}: {}{}", error.code, error.message, at.unwrap_or_default())
            })
            .collect()),
    }
}

#[test]
fn a_chain_of_documents() {
    let loader = MemoryLoader::new()
        .with_file("mine/a.ron", "S(extends: \"b.ron\", x: 1)")
        .with_file("mine/b.ron", "(extends: \"base\", y: 2, x: 0)")
        .with_file("base.ron", "(wrong: folder)")
        .with_built_in("base", "S(extends: \"deep\", z: 3)")
        .with_built_in("deep", "S(w: 4, z: 0)");
    assert_eq!(
        loaded(&loader, "mine/a"),
        Ok("S(w: 4, z: 3, y: 2, x: 1) from mine/a.ron, mine/b.ron, base, deep".to_owned())
    );
}

#[test]
fn a_file_may_bear_the_name_of_the_built_in_document_that_it_extends() {
    let loader = MemoryLoader::new()
        .with_file("eu.ron", "(extends: \"eu\", x: 1)")
        .with_built_in("eu", "(extends: \"old\", x: 0, y: 0)")
        .with_built_in("old", "(z: 0)")
        .with_file("old.ron", "(a: \"file that changes nothing\")");
    assert_eq!(loaded(&loader, "eu"), Ok("(z: 0, x: 1, y: 0) from eu.ron, eu, old".to_owned()));
}

#[test]
fn chains_that_do_not_end() {
    let loader = MemoryLoader::new()
        .with_file("a.ron", "(extends: \"b\")")
        .with_file("b.ron", "(extends: \"c\")")
        .with_file("c.ron", "(extends: \"b\")")
        .with_file("self.ron", "(extends: \"self\")");
    assert_eq!(
        loaded(&loader, "a"),
        Err(vec![
            "extends-cycle: the document extends itself: \
             `a.ron` extends `b.ron` extends `c.ron` extends `b.ron` at c.ron:10"
                .to_owned()
        ])
    );
    assert_eq!(
        loaded(&loader, "self"),
        Err(vec![
            "extends-cycle: the document extends itself: `self.ron` extends `self.ron` at self.ron:10"
                .to_owned()
        ])
    );
    let chain = |length: usize| {
        let last = MemoryLoader::new().with_file(&format!("d{length}.ron"), "(x: 1)");
        (1..length).fold(last, |loader, i| {
            loader.with_file(&format!("d{i}.ron"), format!("(extends: \"d{}\")", i + 1))
        })
    };
    assert!(loaded(&chain(MAX_CHAIN), "d1").is_ok());
    let errors = loaded(&chain(MAX_CHAIN + 1), "d1").unwrap_err();
    assert!(
        errors[0].starts_with(
            "extends-too-long: more than 16 documents extend each other: `d1.ron` extends `d2.ron`"
        ),
        "{errors:?}"
    );
    assert!(errors[0].ends_with("extends `d17.ron` at d16.ron:10"), "{errors:?}");
}

#[test]
fn documents_that_cannot_be_loaded() {
    let loader = MemoryLoader::new()
        .with_built_in("wannacry-2017", "(x: 1)")
        .with_file("a.ron", "(extends: \"wanacry-2017\")")
        .with_file("number.ron", "(extends: 5)")
        .with_file("list.ron", "[1]")
        .with_file("kinds.ron", "Scenario(extends: \"base\")")
        .with_file("base.ron", "Blueprint(x: 1)")
        .with_file("remove.ron", "(x: Remove)")
        .with_file("binary.ron", vec![0x28, 0xff, 0xfe, 0x00])
        .with_file("empty.ron", "");
    let error = |name| loaded(&loader, name).unwrap_err().join("; ");
    assert_eq!(error("a"), "unknown-document: there is no document `wanacry-2017` at a.ron:10");
    assert_eq!(error("nothing"), "unknown-document: there is no document `nothing`");
    assert_eq!(
        error("number"),
        "wrong-type: expected text in quotes: the name of a document, found 5 at number.ron:10"
    );
    assert_eq!(
        error("list"),
        "wrong-type: expected a document: a record `(name: value, ..)`, found a list at list.ron:0"
    );
    assert_eq!(
        error("kinds"),
        "kind-mismatch: a document `Scenario(..)` cannot extend a document `Blueprint(..)` at kinds.ron:0"
    );
    assert_eq!(error("remove"), "nothing-to-remove: `Remove` has nothing to remove here at remove.ron:4");
    assert_eq!(error("binary"), "not-utf8: `binary.ron` is not text in UTF-8");
    assert_eq!(error("empty"), "syntax: the document is empty at empty.ron:0");
    let mut sources = SourceMap::new();
    let errors = load("wanacry-2017", None, &loader, &mut sources).unwrap_err();
    assert_eq!(errors[0].hints[1], "did you mean `wannacry-2017`?");
}

#[test]
fn many_errors_end() {
    let ids =
        |from: usize| (from..from + 100_000).map(|i| format!("(id: \"number-{i}\"),")).collect::<String>();
    let removals = (0..100_000).map(|i| format!("Remove(\"nothing-{i}\"),")).collect::<String>();
    let (_, errors) = merged(&format!("[{}]", ids(0)), &format!("[{}{removals}]", ids(50_000)));
    assert_eq!(errors.len(), 100_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// A tree laid over itself is itself, over anything is at least there, and nothing panics.
    #[test]
    fn laws_of_merging(a in trees(), b in trees()) {
        let mut diagnostics = Diagnostics::new();
        prop_assert_eq!(merge(a.clone(), a.clone(), &mut diagnostics), a.clone());
        let once = merge(a, b.clone(), &mut diagnostics);
        let twice = merge(once.clone(), b, &mut diagnostics);
        prop_assert_eq!(twice, once, "laying over twice changes nothing more");
        prop_assert!(diagnostics.is_empty(), "nothing is removed: {:?}", diagnostics);
    }
}
