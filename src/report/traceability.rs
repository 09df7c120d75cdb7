//! The page that holds a document to its text: each point with what carries it, or why nothing does.

use std::fmt::Write as _;

use crate::model::{Basis, Carrier, CarrierKind, Model, Point, unquoted};

/// The page as Markdown.
///
/// Without a point it says so, and how one is written.
pub fn traceability(model: &Model) -> String {
    let mut out = format!("# Traceability of `{}`\n\n", model.meta.name);
    if model.points.is_empty() {
        out.push_str("The document names no points: its section `points` is empty.\n");
        return out;
    }
    out.push_str(&format!(
        "Which parts of the document carry each point of its text, and why nothing carries the others.\n\
         Written by `blueprint-sim check {} --traceability`.\n\
         Titles are paraphrases, not quotations; what was recalled and not read again says so.\n\n",
        model.meta.name
    ));
    counts(&mut out, &model.points);
    for point in &model.points {
        section(&mut out, point);
    }
    out
}

fn counts(out: &mut String, points: &[Point]) {
    let carried = points.iter().filter(|p| !p.carriers.is_empty()).count();
    let reasoned = points.iter().filter(|p| p.carriers.is_empty() && p.nothing.is_some()).count();
    let open = points.len() - carried - reasoned;
    out.push_str("| points | |\n|---|---:|\n");
    let mut row = |what: &str, n: usize| {
        if n > 0 {
            // Writing to a text cannot fail.
            let _ = writeln!(out, "| {what} | {n} |");
        }
    };
    row("all", points.len());
    row("carried by something", carried);
    row("carried by nothing, with the reason", reasoned);
    row("carried by nothing, without a reason", open);
    let mut confidence: Vec<(&str, usize)> = Vec::new();
    for point in points {
        let word = point.basis.confidence();
        match confidence.iter_mut().find(|(known, _)| *known == word) {
            Some((_, n)) => *n += 1,
            None => confidence.push((word, 1)),
        }
    }
    confidence.sort_by_key(|(word, n)| (std::cmp::Reverse(*n), *word));
    for (word, n) in confidence {
        row(&format!("source: {word}"), n);
    }
}

fn section(out: &mut String, point: &Point) {
    let title = if point.basis.from_memory() { unquoted(&point.title) } else { point.title.clone() };
    let _ = write!(out, "\n## `{}` {title}\n\n{}\n", point.name, source(&point.basis));
    if point.carriers.is_empty() {
        let why = point.nothing.as_deref().unwrap_or("no reason is given.");
        let _ = writeln!(out, "\nNothing carries it: {why}");
        return;
    }
    out.push('\n');
    let mut rest = point.carriers.as_slice();
    while let Some(first) = rest.first() {
        let n = rest.iter().take_while(|c| c.kind == first.kind).count();
        let (of_kind, others) = rest.split_at(n);
        let _ = writeln!(out, "- {}: {}", heading(first.kind, n), list(of_kind));
        rest = others;
    }
    if let Some(why) = &point.nothing {
        let _ = writeln!(out, "\nBeside that it is said that nothing carries it: {why}");
    }
}

/// The source of a point as a sentence, with how far it can be relied on.
fn source(basis: &Basis) -> String {
    let text = basis.text();
    if text.is_empty() {
        return format!("Source: {}.", basis.confidence());
    }
    format!("Source: {} ({}).", text.trim_end_matches('.'), basis.confidence())
}

fn heading(kind: CarrierKind, n: usize) -> String {
    let (one, many) = kind.words();
    let word = if n == 1 { one } else { many };
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn list(carriers: &[Carrier]) -> String {
    let shown = |c: &Carrier| {
        let title = if c.basis.from_memory() { unquoted(&c.title) } else { c.title.clone() };
        let mut text =
            if title == c.name { format!("`{}`", c.name) } else { format!("{title} (`{}`)", c.name) };
        if c.alike > 0 {
            text.push_str(&format!(" and {} alike", c.alike));
        }
        if c.basis.from_memory() {
            text.push_str(&format!(" [{}]", c.basis.confidence()));
        }
        text
    };
    carriers.iter().map(shown).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Seen;

    fn point(basis: Basis, nothing: Option<&str>) -> Point {
        Point {
            name: "7".to_owned(),
            title: "States \u{201c}should\u{201d} tell each other".to_owned(),
            nothing: nothing.map(str::to_owned),
            basis,
            carriers: Vec::new(),
        }
    }

    #[test]
    fn what_is_recalled_is_never_a_quotation() {
        let source = "Act, point 7: \"tell each other\"".to_owned();
        let recalled = Basis::Sourced { source: source.clone(), seen: Seen::Recalled };
        let mut out = String::new();
        section(&mut out, &point(recalled, Some("it is a wish.")));
        assert_eq!(
            out,
            "\n## `7` States should tell each other\n\n\
             Source: Act, point 7: tell each other (recalled, not re-read).\n\n\
             Nothing carries it: it is a wish.\n"
        );
        let mut out = String::new();
        section(&mut out, &point(Basis::Sourced { source, seen: Seen::Read }, None));
        assert!(out.contains("\"tell each other\" (read)."), "{out}");
        assert!(out.contains("no reason is given"), "{out}");
    }
}
