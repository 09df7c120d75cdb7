//! The ledger: every parameter of a document with its value, range, unit and basis.

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::args::CheckFormat;
use super::failure::Failure;
use super::term;
use crate::export::safe_text;
use crate::model::{Model, Param, Unit};

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
}

/// Prints the ledger to stdout, sorted by name.
pub(crate) fn print(model: &Model, format: CheckFormat) -> Result<(), Failure> {
    let mut entries: Vec<Entry> = model.params.iter().filter(|p| !p.literal).flat_map(entries).collect();
    entries.sort();
    let text = match format {
        CheckFormat::Table => table(&entries),
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
        table.add_row([e.parameter.as_str(), &e.value, &range, &e.unit, e.basis, &e.source]);
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

fn csv(entries: &[Entry]) -> Result<String, csv::Error> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    csv.write_record(["parameter", "title", "value", "range_from", "range_to", "unit", "basis", "source"])?;
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
        ])?;
    }
    let bytes = csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
