//! `list`: what ships with the program.

use serde::Serialize;

use super::args::{ListArgs, ListFormat, ListKind};
use super::failure::Failure;
use super::files::Files;
use super::term;
use crate::document::builtin::{self, Kind};
use crate::document::source::SourceMap;
use crate::document::tree::Node;
use crate::document::{flatten, load};

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
    /// Of an element: from when it is in force by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Of an element: what it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
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
        if let Some(source) = &e.source {
            let from = e.from.as_ref().map_or("no date".to_owned(), |from| format!("from {from}"));
            let about = e.summary.as_ref().map(|summary| format!("{summary} ")).unwrap_or_default();
            let indent = kinds + 2;
            out.push_str(&format!("{:indent$}{about}[{from}; {source}]\n", ""));
        }
    }
    out
}

/// What a basis says, in one line.
fn said(basis: &Node) -> Option<String> {
    let text = |field: &str| basis.field(field).and_then(Node::as_str);
    if let Some(source) = text("source") {
        return Some(source.to_owned());
    }
    if let Some(from) = text("from") {
        return Some(format!("derived from {from}"));
    }
    basis.items().and_then(|items| items.first()).and_then(Node::as_str).map(|why| format!("assumed: {why}"))
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
            let text = |field: &str| element.field(field).and_then(Node::as_str).map(str::to_owned);
            entries.push(Entry {
                kind: "element".to_owned(),
                name: name.to_owned(),
                title: text("title").unwrap_or_default(),
                blueprint: Some(document.name.to_owned()),
                summary: text("summary"),
                from: text("from"),
                source: element.field("basis").and_then(said),
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
