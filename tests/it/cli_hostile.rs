//! Files that nobody should write: each gets a message with a place, none a panic, none takes long.

use std::time::{Duration, Instant};

use crate::workshop::Workshop;

/// Runs `check` on a document of this text and gives back what it said.
fn refused(name: &str, text: impl AsRef<[u8]>) -> String {
    let w = Workshop::with_cases();
    w.file(name, text);
    let began = Instant::now();
    let error = w.failure(&format!("check {name}"), 1);
    assert!(began.elapsed() < Duration::from_secs(20), "{name} took too long");
    assert!(error.contains(name), "the file is named: {error}");
    assert!(!w.failure(&format!("run {name}"), 1).is_empty());
    assert!(!w.path("blueprint-out").exists());
    error
}

/// The small document with something replaced.
fn changed(from: &str, to: &str) -> String {
    let text = Workshop::with_cases().text("mini.ron");
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn files_that_are_no_documents() {
    refused("empty.ron", "");
    refused("blank.ron", "  \n\n");
    refused("comment.ron", "// nothing but a comment");
    refused("binary.ron", [0_u8, 159, 146, 150, 255, 0, 7].repeat(100));
    refused("words.ron", "to be or not to be");
    refused("number.ron", "42");
    refused("list.ron", "[1, 2, 3]");
    refused("open.ron", "Blueprint(name: \"x\", levels: [");
    refused("other.ron", "Recipe(name: \"soup\")");
}

#[test]
fn files_that_are_too_large_or_too_deep() {
    let error = refused("large.ron", vec![b' '; 21_000_000]);
    assert!(error.contains("too large"), "{error}");
    refused("brackets.ron", "[".repeat(200_000));
    refused("records.ron", format!("Blueprint(name: {}", "(a: ".repeat(50_000)));
    refused("text.ron", format!("Blueprint(name: \"{}", "x".repeat(1_000_000)));
}

#[test]
fn documents_with_one_thing_wrong() {
    let error = refused("name.ron", changed("actors: {", "actor: {"));
    assert!(error.contains("did you mean `actors`"), "{error}");
    let error = refused("type.ron", changed("staff: 2", "staff: [2]"));
    assert!(error.contains("type.ron:"), "{error}");
    let error = refused("negative.ron", changed("value: \"6h\"", "value: \"-6h\""));
    assert!(error.contains("-6h"), "{error}");
    let error = refused("zone.ron", changed("Europe/Lisbon", "Europe/Lisbn"));
    assert!(error.contains("Europe/Lisbon"), "{error}");
    let error = refused("format.ron", changed("format: 1", "format: 2"));
    assert!(error.contains("format 2"), "{error}");
    let error = refused("twice.ron", changed("sectors: {", "sectors: {\"health\": (title: \"Again\"), "));
    assert!(error.contains("health"), "{error}");
    refused("horizon.ron", changed("horizon: \"4d\"", "horizon: \"4000y\""));
    refused("nan.ron", changed("value: 1,", "value: NaN,"));
}

#[test]
fn documents_that_extend_themselves_or_nothing() {
    let w = Workshop::new();
    w.file("a.ron", "Blueprint(extends: \"b.ron\", name: \"a\")");
    w.file("b.ron", "Blueprint(extends: \"a.ron\", name: \"b\")");
    w.file("self.ron", "Blueprint(extends: \"./x/../self.ron\", name: \"s\")");
    std::fs::create_dir(w.path("x")).unwrap();
    for name in ["a.ron", "self.ron"] {
        let error = w.failure(&format!("check {name}"), 1);
        assert!(error.contains("extends itself"), "{error}");
    }
    w.file("lost.ron", "Blueprint(extends: \"no-such\", name: \"l\")");
    let error = w.failure("check lost.ron", 1);
    assert!(error.contains("no-such") && error.contains("lost.ron:1"), "{error}");
}

#[test]
fn folders_where_files_are_meant() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    let error = w.failure("run r", 1);
    assert!(error.contains("is a folder") && error.contains("r/model.ron"), "{error}");
    w.failure("run mini.ron --inject r", 1);
    w.failure("explain mini.ron --milestone over", 1);
    w.failure("explain nowhere --milestone over", 1);
    w.failure("plot timeline .", 1);
}

#[test]
fn damaged_runs_are_told() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    let whole = w.text("r/trace.jsonl");
    let lines: Vec<&str> = whole.lines().collect();
    let without_last = lines[..lines.len() - 1].join("\n");
    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    for (what, text) in [
        ("cut", without_last.as_str()),
        ("swapped", &swapped.join("\n")),
        ("no json", "hello"),
        ("empty", ""),
        ("other", "{\"id\":0}"),
        ("future", &whole.replacen("\"format\":1", "\"format\":9", 1)),
        ("unknown", &whole.replacen("\"kind\":\"hit\"", "\"kind\":\"hot\"", 1)),
    ] {
        w.file("r/trace.jsonl", text);
        let error = w.failure("explain r --milestone over", 1);
        assert!(error.contains("trace.jsonl"), "{what}: {error}");
    }
    w.file("r/trace.jsonl", &whole);
    w.file("r/model.ron", "Model(");
    w.failure("explain r --milestone over", 1);
}

#[test]
fn names_that_do_not_exist_get_suggestions() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    for (arguments, meant) in [
        ("run mini.ron --set trige=2h", "triage"),
        ("run mini.ron --with dsek", "desk"),
        ("explain r --milestone desk-know", "desk-knows"),
        ("explain r --why-not tel", "tell"),
        ("explain r --why-not tem@N,affected/storm/N", "team@N"),
        ("explain r --why-not team@N,afected/storm/N", "affected/storm/N"),
        ("plot timeline r --actors taem", "team"),
    ] {
        let error = w.failure(arguments, 1);
        assert!(error.contains(&format!("did you mean `{meant}`")), "{arguments}: {error}");
    }
}
