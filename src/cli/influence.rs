//! `check --influence`: what an element or a parameter may change in the runs of a document.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::args::CheckFormat;
use super::failure::Failure;
use super::files::Files;
use super::term;
use crate::analysis::paths::{Changed, MayChange, may_change};
use crate::compile::compile;
use crate::document::Overrides;
use crate::document::assemble::open;
use crate::document::source::SourceMap;
use crate::model::{ElementId, Model, ParamId};

/// Names and titles of a table, and which of them may change.
struct Rows<'m> {
    what: &'static str,
    all: Vec<(&'m str, &'m str)>,
    touched: Vec<usize>,
}

/// Prints what the element, or the parameter, may change.
pub(crate) fn run(name: &str, document: &str, format: CheckFormat) -> Result<(), Failure> {
    let plain = model(document, &Overrides::default())?;
    let element = plain.elements.iter().position(|e| e.name == name).map(ElementId::from_index);
    let (kind, found) = match element {
        Some(element) => {
            let on = model(document, &Overrides { with: vec![name.to_owned()], ..Overrides::default() })?;
            let off = model(document, &Overrides { without: vec![name.to_owned()], ..Overrides::default() })?;
            ("element", may_change(&[&on, &off], Changed::Element(element)))
        }
        None => ("parameter", may_change(&[&plain], Changed::Parameter(parameter(&plain, name)?))),
    };
    let rows = rows(&plain, &found);
    match format {
        CheckFormat::Json => {
            let mut object = json!({"document": document, kind: name, "incidents": found.spread});
            for row in &rows {
                let names = |wanted: bool| -> Vec<&str> {
                    let of = row.all.iter().enumerate().filter(|(i, _)| row.touched.contains(i) == wanted);
                    of.map(|(_, (name, _))| *name).collect()
                };
                object[row.what] = json!({"may_change": names(true), "same": names(false)});
            }
            let text = serde_json::to_string_pretty(&Value::Array(vec![object]))
                .map_err(|error| Failure::wrong(format!("cannot write what may change: {error}")))?;
            term::result(&format!("{text}\n"))
        }
        _ => term::result(&told(kind, name, &rows, found.spread)),
    }
}

fn model(document: &str, overrides: &Overrides) -> Result<Model, Failure> {
    let mut sources = SourceMap::new();
    let compiled =
        open(document, &Files, &mut sources, overrides).and_then(|opened| compile(&opened.document));
    compiled.map(|compiled| compiled.model).map_err(|errors| Failure::documents(&errors, &sources))
}

/// A parameter by its name; that of a single state is the parameter.
fn parameter(model: &Model, name: &str) -> Result<ParamId, Failure> {
    let base = name.split_once('@').map_or(name, |(base, _)| base);
    let found = model.params.iter().position(|p| !p.literal && p.name == base);
    found.map(ParamId::from_index).ok_or_else(|| {
        let elements = model.elements.iter().map(|e| e.name.as_str());
        let params = model.params.iter().filter(|p| !p.literal).map(|p| p.name.as_str());
        Failure::wrong(format!("no element or parameter is called `{name}`"))
            .did_you_mean(name, elements.chain(params))
    })
}

fn rows<'m>(model: &'m Model, found: &MayChange) -> Vec<Rows<'m>> {
    macro_rules! rows {
        ($what:literal, $table:ident, $name:expr, $touched:expr) => {
            Rows { what: $what, all: model.$table.iter().map($name).collect(), touched: $touched }
        };
    }
    vec![
        rows!(
            "milestones",
            milestones,
            |x| (x.name.as_str(), x.title.as_str()),
            at(&found.milestones, |x| x.index())
        ),
        rows!("measures", measures, |x| (x.name.as_str(), x.title.as_str()), found.measures.clone()),
        rows!("facts", fact_kinds, |x| (x.name.as_str(), ""), at(&found.facts, |x| x.index())),
        rows!(
            "decisions",
            decisions,
            |x| (x.name.text.as_str(), x.title.as_str()),
            at(&found.decisions, |x| x.index())
        ),
        rows!("duties", duties, |x| (x.name.as_str(), x.title.as_str()), found.duties.clone()),
        rows!(
            "networks",
            networks,
            |x| (x.name.text.as_str(), x.title.as_str()),
            at(&found.networks, |x| x.index())
        ),
        rows!(
            "countermeasures",
            countermeasures,
            |x| (x.name.text.as_str(), x.title.as_str()),
            at(&found.countermeasures, |x| x.index())
        ),
        rows!(
            "products",
            products,
            |x| (x.name.text.as_str(), x.title.as_str()),
            at(&found.products, |x| x.index())
        ),
        rows!("rules", rules, |x| (x.name.text.as_str(), x.title.as_str()), at(&found.rules, |x| x.index())),
        rows!("desks", actors, |x| (x.name.text.as_str(), x.title.as_str()), at(&found.desks, |x| x.index())),
    ]
}

fn at<T: Copy>(ids: &[T], index: impl Fn(T) -> usize) -> Vec<usize> {
    ids.iter().map(|&id| index(id)).collect()
}

fn told(kind: &str, name: &str, rows: &[Rows<'_>], spread: bool) -> String {
    let verb = if kind == "element" { "Switching the element" } else { "Another value of the parameter" };
    let mut out = format!("{verb} `{name}` may change:\n");
    for row in rows.iter().filter(|row| !row.all.is_empty()) {
        // Writing to a text cannot fail.
        let _ = writeln!(out, "\n{}: {} of {}", row.what, row.touched.len(), row.all.len());
        let touched = row.touched.iter().filter_map(|&i| row.all.get(i));
        let width = touched.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, title) in touched {
            let title = if title == name { "" } else { title };
            let _ = writeln!(out, "{}", format!("  {name:width$}  {title}").trim_end());
        }
    }
    let _ = writeln!(
        out,
        "\nIncidents {}.\nEvery milestone, measure and fact that is not named is the same, byte for byte, either way.",
        if spread { "may spread in another way" } else { "spread as they do" }
    );
    out
}
