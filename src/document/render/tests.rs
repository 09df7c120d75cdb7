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
    insta::assert_snapshot!(render(&unknown_name(id), &sources, false), @"");
}

#[test]
fn two_places() {
    let mut sources = SourceMap::new();
    let text =
        "(\n    staff: 5,\n    calendar: Always,\n    // and so on\n\n    zone: \"x\",\n    staff: 6,\n)\n";
    let errors = read_text(&mut sources, "a.ron", text).unwrap_err();
    insta::assert_snapshot!(render_all(&errors, &sources, false), @"");
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
    insta::assert_snapshot!(render_all(&errors, &sources, false), @"");
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
    insta::assert_snapshot!(serde_json::to_string(&json(&errors, &sources)).unwrap(), @"");
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
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}
