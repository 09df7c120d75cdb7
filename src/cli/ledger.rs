//! The ledger: every parameter of a document with its value, range, unit and basis, and what else rests on what.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::args::CheckFormat;
use super::failure::Failure;
use super::term;
use crate::analysis::run::by_class;
use crate::export::safe_text;
use crate::model::{Basis, Model, Observed, Param, Unit, confidence_of_class};

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Entry {
    parameter: String,
    title: String,
    value: String,
    range_from: String,
    range_to: String,
    unit: String,
    basis: &'static str,
    source: String,
    /// `Read`, `ThirdParty`, `Recalled` or `General` of what has a source; else empty.
    confidence: &'static str,
    /// Whether a source that was seen stands behind it: what was recalled counts with the assumed.
    sourced: bool,
    /// Names of the incidents that it was taken from.
    fitted_to: Vec<String>,
}

/// Prints the ledger to stdout, sorted by name.
pub(crate) fn print(model: &Model, format: CheckFormat) -> Result<(), Failure> {
    let mut entries: Vec<Entry> = model.params.iter().filter(|p| !p.literal).flat_map(entries).collect();
    entries.sort();
    let text = match format {
        CheckFormat::Table => table(&entries) + &counts(model),
        CheckFormat::Csv => {
            csv(&entries).map_err(|error| Failure::wrong(format!("cannot write the ledger: {error}")))?
        }
        CheckFormat::Json => {
            let json = serde_json::to_string_pretty(&entries)
                .map_err(|error| Failure::wrong(format!("cannot write the ledger: {error}")))?;
            format!("{json}\n")
        }
    };
    term::result(&text)
}

/// One entry for a parameter, and one for each state in which it is different.
fn entries(param: &Param) -> Vec<Entry> {
    let (range_from, range_to) = param.range.clone().unwrap_or_default();
    let unit = match param.unit {
        Unit::Duration => "duration".to_owned(),
        Unit::Rate => "rate".to_owned(),
        Unit::Number => param.unit_text.clone(),
    };
    let entry = |state: &str, value: &str| Entry {
        parameter: match state {
            "" => param.name.clone(),
            state => format!("{}@{state}", param.name),
        },
        title: param.title.clone(),
        value: value.to_owned(),
        range_from: range_from.clone(),
        range_to: range_to.clone(),
        unit: unit.clone(),
        basis: param.basis.class(),
        source: param.basis.text(),
        confidence: param.basis.tag(),
        sourced: param.basis.is_sourced(),
        fitted_to: param.fitted_to.clone(),
    };
    if param.written.is_empty() {
        return vec![entry("", "")];
    }
    param.written.iter().map(|(state, value)| entry(state, value)).collect()
}

fn table(entries: &[Entry]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(term::width()).unwrap_or(100));
    table.set_header(["parameter", "value", "range", "unit", "basis", "source"]);
    for e in entries {
        let range = match (e.range_from.as_str(), e.range_to.as_str()) {
            ("", "") => String::new(),
            (from, to) => format!("{from} to {to}"),
        };
        let source = match e.fitted_to.as_slice() {
            [] => e.source.clone(),
            fitted => format!("{} (fitted to {})", e.source, fitted.join(", ")),
        };
        let basis = confidence_of_class(e.basis);
        table.add_row([e.parameter.as_str(), &e.value, &range, &e.unit, basis, &source]);
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// What the parts of the document rest on, as counts; recalled and general stand beside the assumed.
fn counts(model: &Model) -> String {
    fn column<'a>(bases: impl Iterator<Item = &'a Basis>) -> Vec<usize> {
        by_class(bases).into_iter().map(|(_, n)| n).collect()
    }
    let observed =
        model.milestones.iter().filter_map(|m| m.observed.as_ref()).map(|observed| match observed {
            Observed::At { basis, .. } | Observed::Never { basis, .. } => basis,
        });
    let params = model.params.iter().filter(|p| !p.literal).map(|p| &p.basis);
    let flows = model.channels.iter().map(|c| &c.basis).chain(model.products.iter().map(|p| &p.basis));
    let columns = [
        ("parameters", column(params)),
        ("rules", column(model.rules.iter().map(|r| &r.basis))),
        ("channels, products", column(flows)),
        ("decisions", column(model.decisions.iter().map(|d| &d.basis))),
        ("duties", column(model.duties.iter().map(|d| &d.basis))),
        ("observed", column(observed)),
    ];
    let mut text = format!("\n{:<24}", "what rests on what");
    // Writing to a text cannot fail.
    for (title, _) in &columns {
        let _ = write!(text, "  {title:>10}");
    }
    text.push('\n');
    for (i, (class, _)) in by_class(std::iter::empty()).into_iter().enumerate() {
        if columns.iter().all(|(_, n)| n[i] == 0) {
            continue;
        }
        let _ = write!(text, "{:<24}", confidence_of_class(class));
        for (title, n) in &columns {
            let _ = write!(text, "  {:>width$}", n[i], width = title.chars().count().max(10));
        }
        text.push('\n');
    }
    let sourced: usize = columns[0].1.iter().take(3).sum();
    let all: usize = columns[0].1.iter().sum();
    let _ = writeln!(
        text,
        "{sourced} of {all} parameters have a source that was seen; the others are assumed, recalled or general knowledge."
    );
    text
}

fn csv(entries: &[Entry]) -> Result<String, csv::Error> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    csv.write_record([
        "parameter",
        "title",
        "value",
        "range_from",
        "range_to",
        "unit",
        "basis",
        "source",
        "confidence",
        "sourced",
        "fitted_to",
    ])?;
    for e in entries {
        csv.write_record([
            e.parameter.clone(),
            safe_text(&e.title),
            e.value.clone(),
            e.range_from.clone(),
            e.range_to.clone(),
            safe_text(&e.unit),
            e.basis.to_owned(),
            safe_text(&e.source),
            e.confidence.to_owned(),
            e.sourced.to_string(),
            e.fitted_to.join(" "),
        ])?;
    }
    let bytes = csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
