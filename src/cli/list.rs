//! `list`: what ships with the program.

use serde::Serialize;

use super::args::{ListArgs, ListFormat, ListKind};
use super::failure::Failure;
use super::files::Files;
use super::term;
use crate::document::builtin::{self, Kind};
use crate::document::source::SourceMap;
use crate::document::types as t;
use crate::document::{decode, flatten, load};
use crate::model::Basis;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Entry {
    kind: String,
    name: String,
    title: String,
    /// Of an element: the first blueprint that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    blueprint: Option<String>,
    /// Of an element: what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    /// Of an element: from when it is in force, if it has a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Of an element: its source, with how far it can be relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<&'static str>,
}

pub(crate) fn run(args: &ListArgs) -> Result<(), Failure> {
    let entries = match args.kind {
        Some(ListKind::Elements) => elements()?,
        kind => documents(kind),
    };
    match args.format {
        ListFormat::Json => {
            let json = serde_json::to_string_pretty(&entries)
                .map_err(|error| Failure::wrong(format!("cannot write the list: {error}")))?;
            term::result(&format!("{json}\n"))
        }
        ListFormat::Text if entries.is_empty() => {
            term::note("none");
            Ok(())
        }
        ListFormat::Text => term::result(&lines(&entries)),
    }
}

fn lines(entries: &[Entry]) -> String {
    let width = |f: fn(&Entry) -> &str| entries.iter().map(|e| f(e).chars().count()).max().unwrap_or(0);
    let (kinds, names) = (width(|e| &e.kind), width(|e| &e.name));
    let mut out = String::new();
    for e in entries {
        let line = format!("{:kinds$}  {:names$}  {}", e.kind, e.name, e.title);
        out.push_str(line.trim_end());
        out.push('\n');
        out.push_str(&more_lines(e, kinds + 2));
    }
    out
}

/// The second line of an element: what it does, from when it is in force, and its source.
fn more_lines(e: &Entry, indent: usize) -> String {
    let (Some(source), Some(confidence)) = (&e.source, e.confidence) else { return String::new() };
    let from = match &e.from {
        Some(from) => format!("from {from}"),
        None => "off unless switched on".to_owned(),
    };
    let about = e.summary.as_ref().map(|summary| format!("{summary} ")).unwrap_or_default();
    format!("{:indent$}{about}[{from}; {} ({confidence})]\n", "", source.trim_end_matches('.'))
}

fn documents(kind: Option<ListKind>) -> Vec<Entry> {
    let wanted = |k: Kind| match kind {
        None | Some(ListKind::Elements) => true,
        Some(ListKind::Blueprint) => k == Kind::Blueprint,
        Some(ListKind::Scenario) => k == Kind::Scenario,
        Some(ListKind::Experiment) => k == Kind::Experiment,
    };
    let all = builtin::all().into_iter().filter(|document| wanted(document.kind));
    let mut entries: Vec<Entry> = all
        .map(|document| Entry {
            kind: document.kind.name().to_owned(),
            name: document.name.to_owned(),
            title: document.title(),
            blueprint: None,
            summary: None,
            from: None,
            source: None,
            confidence: None,
        })
        .collect();
    entries.sort();
    entries
}

/// The elements of all built-in blueprints, each once.
fn elements() -> Result<Vec<Entry>, Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    for document in builtin::all().into_iter().filter(|d| d.kind == Kind::Blueprint) {
        let mut sources = SourceMap::new();
        let tree = load(document.name, None, &BuiltIns, &mut sources)
            .and_then(|loaded| flatten(loaded, &BuiltIns, &mut sources))
            .map_err(|errors| Failure::documents(&errors, &sources))?;
        let elements =
            tree.field("elements").and_then(|e| e.entries().map(<[_]>::to_vec)).unwrap_or_default();
        for (name, element) in elements {
            let Some(name) = name.as_str() else { continue };
            if entries.iter().any(|e| e.name == name) {
                continue;
            }
            let text = |field: &str| element.field(field).and_then(|t| t.as_str()).map(str::to_owned);
            let basis = element.field("basis").and_then(|basis| decode::<t::Basis>(basis).ok());
            let basis = basis.as_ref().map(crate::compile::basis);
            entries.push(Entry {
                kind: "element".to_owned(),
                name: name.to_owned(),
                title: text("title").unwrap_or_default(),
                blueprint: Some(document.name.to_owned()),
                summary: text("summary"),
                from: element.field("from").and_then(|from| from.as_str()).map(str::to_owned),
                source: basis.as_ref().map(Basis::text),
                confidence: basis.as_ref().map(Basis::confidence),
            });
        }
    }
    entries.sort();
    Ok(entries)
}

/// Only what ships: a file of the same name in the current folder is not meant.
struct BuiltIns;

impl crate::document::Loader for BuiltIns {
    fn file(
        &self,
        _name: &str,
        _from: Option<&str>,
    ) -> Result<Option<crate::document::merge::Found>, crate::document::Diagnostic> {
        Ok(None)
    }

    fn built_in(&self, name: &str) -> Option<String> {
        Files.built_in(name)
    }
}
