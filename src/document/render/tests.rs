//! Tests of rendering: how messages look.

use super::super::read::read_text;
use super::*;

fn sources() -> (SourceMap, super::super::source::SourceId) {
    let mut sources = SourceMap::new();
    let mut text = "\n".repeat(41);
    text += "    then: [Send(product: \"alrt\", to: Network(\"peers\"))],\n";
    text += "    \"é\": 1,\n";
    let id = sources.add("my-variant.ron", text).unwrap();
    (sources, id)
}

fn unknown_name(id: super::super::source::SourceId) -> Diagnostic {
    Diagnostic::error("unknown-name", "no product is called `alrt`")
        .at(Span::new(id, 66, 72))
        .label("declared neither here nor in `base.ron`, which this extends")
        .did_you_mean("alrt", ["alert", "report"])
}

#[test]
fn one_place_and_a_hint() {
    let (sources, id) = sources();
    insta::assert_snapshot!(render(&unknown_name(id), &sources, false), @r#"
    error[unknown-name]: no product is called `alrt`
      --> my-variant.ron:42:26
       |
    42 |     then: [Send(product: "alrt", to: Network("peers"))],
       |                          ^^^^^^ declared neither here nor in `base.ron`, which this extends
       |
       = help: did you mean `alert`?
    "#);
}

#[test]
fn two_places() {
    let mut sources = SourceMap::new();
    let text =
        "(\n    staff: 5,\n    calendar: Always,\n    // and so on\n\n    zone: \"x\",\n    staff: 6,\n)\n";
    let errors = read_text(&mut sources, "a.ron", text).unwrap_err();
    insta::assert_snapshot!(render_all(&errors, &sources, false), @r#"
    error[duplicate-field]: the field `staff` stands twice
     --> a.ron:7:5
      |
    2 |     staff: 5,
      |     ----- first here
    ...
    7 |     staff: 6,
      |     ^^^^^ again here
    "#);
}

#[test]
fn places_in_two_texts_and_without_place() {
    let (mut sources, id) = sources();
    let other = sources.add("base.ron", "(a: 1)\n").unwrap();
    let errors = [
        Diagnostic::warning("unused", "nothing uses `a`")
            .at(Span::new(other, 1, 2))
            .also(Span::new(id, 66, 72), "not here"),
        Diagnostic::error("unknown-document", "there is no document `x`"),
    ];
    insta::assert_snapshot!(render_all(&errors, &sources, false), @r#"
    warning[unused]: nothing uses `a`
      --> base.ron:1:2
       |
     1 | (a: 1)
       |  ^
       |
      ::: my-variant.ron:42:26
       |
    42 |     then: [Send(product: "alrt", to: Network("peers"))],
       |                          ------ not here
    
    error[unknown-document]: there is no document `x`
    "#);
}

#[test]
fn colour_is_added_only_when_asked_for() {
    let (sources, id) = sources();
    let error = unknown_name(id);
    let (plain, coloured) = (render(&error, &sources, false), render(&error, &sources, true));
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}

#[test]
fn json_has_the_place_in_lines_and_columns() {
    let (sources, id) = sources();
    let far = Diagnostic::error("x", "y").at(Span::new(id, 99 + 6, 99 + 8)).also(Span::new(id, 0, 0), "top");
    let errors = [unknown_name(id), far, Diagnostic::error("unknown-document", "there is none")];
    let nothing = serde_json::Value::Null;
    assert_eq!(
        json(&errors, &sources),
        serde_json::json!([
            {
                "code": "unknown-name", "severity": "error", "message": "no product is called `alrt`",
                "file": "my-variant.ron", "line": 42, "column": 26, "end": {"line": 42, "column": 32},
                "expected": "a name that the document or one that it extends declares",
                "hint": "did you mean `alert`?",
                "label": "declared neither here nor in `base.ron`, which this extends", "labels": [],
                "hints": ["did you mean `alert`?"],
            },
            {
                "code": "x", "severity": "error", "message": "y",
                "file": "my-variant.ron", "line": 43, "column": 7, "end": {"line": 43, "column": 9},
                "expected": nothing, "hint": nothing,
                "label": "", "hints": [],
                "labels": [{
                    "message": "top", "file": "my-variant.ron",
                    "line": 1, "column": 1, "end": {"line": 1, "column": 1},
                }],
            },
            {
                "code": "unknown-document", "severity": "error", "message": "there is none",
                "file": nothing, "line": nothing, "column": nothing, "end": nothing,
                "expected": "a file, or the name of a built-in document", "hint": nothing,
                "label": "", "labels": [], "hints": [],
            },
        ])
    );
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let mut sources = SourceMap::new();
    let id = sources.add("a\u{1b}[2J.ron", "(\u{1b}[31m: 1)").unwrap();
    let evil = "\u{1b}[2J\u{202e}";
    let error = Diagnostic::error("x", evil).at(Span::new(id, 1, 2)).label(evil).hint(evil);
    let text = render(&error, &sources, false);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
}

#[test]
fn long_lines_and_texts_are_rendered_soon() {
    let mut sources = SourceMap::new();
    let long = sources.add("long.ron", format!("({})", "a: 1, ".repeat(2_000_000))).unwrap();
    let many = sources.add("many.ron", "x: 1,\n".repeat(2_000_000)).unwrap();
    let start = std::time::Instant::now();
    let errors: Vec<Diagnostic> = (0..200)
        .map(|i| {
            let at = |source, offset: usize| Span::new(source, offset, offset + 1);
            Diagnostic::error("x", "y")
                .at(at(long, 60_000 * i))
                .also(at(many, 60_000 * i), "z")
                .also(at(many, 6), "first")
        })
        .collect();
    let text = render_all(&errors, &sources, false);
    assert!(text.contains("--> long.ron:1:60001\n"), "{}", &text[..2_000]);
    assert!(text.ends_with("\nand 100 more\n"));
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert!(start.elapsed() < std::time::Duration::from_secs(60));
}
