//! Diagnostics as text in the manner of rustc, and as JSON.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};
use serde::Serialize;

use super::diagnostic::{Diagnostic, Severity};
use super::source::{SourceMap, Span};

/// Lines longer than this are not shown (a document on one line), only their place.
const LONGEST_SHOWN: usize = 2_000;
/// Lines between two places of one text that are looked at to draw them together.
const LINES_TOGETHER: usize = 1_000;
/// So many messages are shown in full; more are counted.
const MOST_SHOWN: usize = 100;

/// One diagnostic as text, coloured by escape codes if `colour`; ends with a line break.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&*diagnostic.message).id(diagnostic.code);
    let mut group = Group::with_title(title);
    let mut places: Vec<Place> = Vec::new();
    if let Some(span) = diagnostic.span {
        places.push(Place::new(sources, span, true, &diagnostic.label));
    }
    places.extend(diagnostic.labels.iter().map(|(span, text)| Place::new(sources, *span, false, text)));
    for together in grouped(places) {
        group = match snippet(sources, &together) {
            Some(snippet) => group.element(snippet),
            None => group.elements(together.iter().map(|place| {
                let at = sources.start(place.span);
                Origin::path(normalize_untrusted_str(sources.name(place.span.source)))
                    .line(at.line)
                    .char_column(at.column)
            })),
        };
    }
    // Where a message or its advice says it already, it is not said twice.
    let said = diagnostic.expected.is_empty() || diagnostic.message.contains(&*diagnostic.expected);
    if !said && diagnostic.hints.is_empty() {
        let text = format!("expected {}", diagnostic.expected);
        group = group.element(Level::NOTE.message(normalize_untrusted_str(&text)));
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(normalize_untrusted_str(hint)));
    }
    let mut text = renderer.render(&[group]);
    text.push('\n');
    text
}

/// All diagnostics as text, an empty line between two, with a count of those beyond the first hundred.
pub fn render_all<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &SourceMap,
    colour: bool,
) -> String {
    let mut diagnostics = diagnostics.into_iter();
    let shown: Vec<String> =
        diagnostics.by_ref().take(MOST_SHOWN).map(|d| render(d, sources, colour)).collect();
    let mut text = shown.join("\n");
    let more = diagnostics.count();
    if more > 0 {
        text.push_str(&format!("\nand {more} more\n"));
    }
    text
}

/// A span on one line, ready to be drawn.
struct Place<'a> {
    span: Span,
    line: usize,
    primary: bool,
    label: &'a str,
}

impl<'a> Place<'a> {
    fn new(sources: &SourceMap, span: Span, primary: bool, label: &'a str) -> Self {
        let line = sources.start(span).line;
        let range = sources.line_range(span.source, line);
        // What reaches over several lines is shown by its first line.
        let end = span.end.min(range.end as u32).max(span.start);
        Place { span: Span { end, ..span }, line, primary, label }
    }
}

/// Places of one text that are near enough to be drawn as one snippet; the first keeps its turn.
fn grouped<'a>(places: Vec<Place<'a>>) -> Vec<Vec<Place<'a>>> {
    let mut groups: Vec<Vec<Place>> = Vec::new();
    for place in places {
        let near = |group: &&mut Vec<Place>| {
            group[0].span.source == place.span.source && group[0].line.abs_diff(place.line) <= LINES_TOGETHER
        };
        match groups.iter_mut().find(near) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// The lines from the first place to the last, with marks; none if a line is too long to be shown.
fn snippet<'a>(
    sources: &'a SourceMap,
    places: &[Place<'a>],
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let source = places.first()?.span.source;
    let first = places.iter().map(|place| place.line).min()?;
    let last = places.iter().map(|place| place.line).max()?;
    let start = sources.line_range(source, first).start;
    let end = sources.line_range(source, last).end;
    if places.iter().any(|place| sources.line_range(source, place.line).len() > LONGEST_SHOWN) {
        return None;
    }
    let text = sources.text(source).get(start..end)?;
    let annotations = places.iter().map(|place| {
        let kind = if place.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let range = place.span.range();
        let label = (!place.label.is_empty()).then(|| normalize_untrusted_str(place.label));
        kind.span(range.start - start..range.end - start).label(label)
    });
    Some(
        Snippet::source(text)
            .path(normalize_untrusted_str(sources.name(source)))
            .line_start(first)
            .annotations(annotations),
    )
}

/// A diagnostic as programs read it. Lines and columns count from 1, the end is after the last character;
/// where there is no place they are null.
#[derive(Debug, Serialize)]
struct Json<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    #[serde(flatten)]
    place: JsonPlace<'a>,
    /// What would be right.
    expected: Option<&'a str>,
    /// The first of `hints`.
    hint: Option<&'a str>,
    label: &'a str,
    labels: Vec<JsonLabel<'a>>,
    hints: &'a [String],
}

#[derive(Debug, Default, Serialize)]
struct JsonPlace<'a> {
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end: Option<JsonEnd>,
}

#[derive(Debug, Serialize)]
struct JsonEnd {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
struct JsonLabel<'a> {
    #[serde(flatten)]
    place: JsonPlace<'a>,
    message: &'a str,
}

impl<'a> JsonPlace<'a> {
    fn new(sources: &'a SourceMap, span: Span) -> Self {
        let (start, end) = (sources.start(span), sources.end(span));
        JsonPlace {
            file: Some(sources.name(span.source)),
            line: Some(start.line),
            column: Some(start.column),
            end: Some(JsonEnd { line: end.line, column: end.column }),
        }
    }
}

/// Diagnostics as JSON: an array with an object each.
pub fn json<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &SourceMap,
) -> serde_json::Value {
    let all: Vec<Json> = diagnostics
        .into_iter()
        .map(|d| Json {
            code: d.code,
            severity: d.severity.name(),
            message: &d.message,
            place: d.span.map(|span| JsonPlace::new(sources, span)).unwrap_or_default(),
            expected: d.expectation(),
            hint: d.hints.first().map(String::as_str),
            label: &d.label,
            labels: d
                .labels
                .iter()
                .map(|(span, message)| JsonLabel { place: JsonPlace::new(sources, *span), message })
                .collect(),
            hints: &d.hints,
        })
        .collect();
    // Plain strings and numbers always become JSON.
    serde_json::to_value(all).unwrap_or_default()
}

#[cfg(test)]
#[path = "render/tests.rs"]
mod tests;
