//! The variants of an experiment against the first of their scenario, on the figures that it asks for.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::super::failure::Failure;
use super::super::folder::{Folder, file_name};
use super::super::term;
use super::making::{Made, told};
use crate::analysis::comparison::{Comparison, FigureColumn, FigureKind, compare};
use crate::experiment::columns;
use crate::export;

/// Level of all intervals.
const CONFIDENCE: f64 = 0.95;

/// The variants of one scenario against the first of them.
pub(crate) struct Against {
    scenario: String,
    /// Name of the first.
    first: String,
    /// Names of the others.
    others: Vec<String>,
    comparison: Comparison,
}

/// Compares, for each scenario with several variants, replication by replication.
///
/// Only what the experiment names in `figures`: so the correction for many tests counts what was asked, and no more.
///
/// # Errors
/// A variant does not compile, or the journal cannot be read.
pub(crate) fn against(made: &Made) -> Result<Vec<Against>, Failure> {
    let wanted = &made.header.measures;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let results = made.results();
    let wrong = |failure| told(&made.variants, failure);
    let of = |variant: usize| -> Result<Vec<FigureColumn>, Failure> {
        let model = made.variants.model(variant).map_err(wrong)?;
        let mut found = columns(&results, &model, variant).map_err(wrong)?;
        found.retain(|column| wanted.contains(&column.name));
        found.sort_by_key(|column| wanted.iter().position(|name| *name == column.name));
        Ok(found)
    };
    let mut all = Vec::new();
    for (base, document) in made.variants.bases().iter().enumerate() {
        let mut list = made.variants.list().iter().enumerate().filter(|(_, variant)| variant.base == base);
        let Some((first, name)) = list.next() else { continue };
        let others: Vec<(usize, String)> = list.map(|(n, variant)| (n, variant.name.clone())).collect();
        if others.is_empty() {
            continue;
        }
        let columns = others.iter().map(|(n, _)| of(*n)).collect::<Result<Vec<_>, Failure>>()?;
        all.push(Against {
            scenario: document.name.clone(),
            first: name.name.clone(),
            others: others.into_iter().map(|(_, name)| name).collect(),
            comparison: compare(&of(first)?, &columns, CONFIDENCE),
        });
    }
    Ok(all)
}

/// `differences.csv`, or one such file for each scenario of several.
pub(crate) fn write(all: &[Against], folder: &mut Folder) -> Result<(), Failure> {
    for one in all {
        let file = match all.len() {
            1 => "differences.csv".to_owned(),
            _ => format!("differences-{}.csv", file_name(&one.scenario)),
        };
        folder.write(&file, |out| export::write_differences(&one.others, &one.comparison, out))?;
    }
    Ok(())
}

/// What is said on the terminal: a table for each figure.
pub(crate) fn said(all: &[Against]) -> String {
    let mut text = String::new();
    for one in all {
        text += &format!("\n{}, against `{}` on the same draws, 95 % intervals\n", one.scenario, one.first);
        let mut names: Vec<&str> = Vec::new();
        for difference in &one.comparison.differences {
            if !names.contains(&difference.name.as_str()) {
                names.push(&difference.name);
            }
        }
        for name in names {
            text += &figure(one, name);
        }
    }
    text
}

fn figure(one: &Against, name: &str) -> String {
    let rows: Vec<_> = one.comparison.differences.iter().filter(|d| d.name == name).collect();
    let Some(first) = rows.first() else { return String::new() };
    let unit = match &first.kind {
        FigureKind::Milestone => ", hours (cut at the horizon)".to_owned(),
        FigureKind::Other(unit) if unit.is_empty() => String::new(),
        FigureKind::Other(unit) => format!(", {unit}"),
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(term::width()).unwrap_or(100));
    table.set_header(["variant", "without", "with", "difference", "interval", ""]);
    for d in &rows {
        let (lo, hi) = (d.paired.interval.lo, d.paired.interval.hi);
        let (difference, interval, clear) = if d.same {
            ("none".to_owned(), String::new(), "the same in every replication")
        } else {
            let clear = if d.clear { "clear" } else { "not clear" };
            (signed(d.paired.mean), format!("{} to {}", signed(lo), signed(hi)), clear)
        };
        table.add_row([
            one.others[d.variant].clone(),
            number(d.base_mean),
            number(d.variant_mean),
            difference,
            interval,
            clear.to_owned(),
        ]);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("\n{}{unit} (`{name}`)\n{}\n", first.title, table.trim_fmt())
}

/// A number with three significant digits, or all digits before the point.
fn number(x: f64) -> String {
    let size = x.abs();
    match size {
        _ if !x.is_finite() => "?".to_owned(),
        0.0 => "0".to_owned(),
        _ if size >= 100.0 => format!("{x:.0}"),
        _ if size >= 10.0 => format!("{x:.1}"),
        _ if size >= 1.0 => format!("{x:.2}"),
        _ => format!("{x:.3}"),
    }
}

fn signed(x: f64) -> String {
    if x > 0.0 { format!("+{}", number(x)) } else { number(x) }
}
