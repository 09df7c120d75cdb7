//! Writes a trace as lines of JSON, one record a line.
//!
//! A trace has millions of lines, so names are rendered once, and a line is put together from pieces of bytes in one
//! buffer. The order of the fields is that of [`Line`](super::trace_line::Line); a test holds each line to it.

use std::io::Write;

use super::ExportError;
use super::number::round12;
use super::trace_line::{OperatorsLine, RunLine, Tables, ToldLine};
use crate::model::{Model, Outcome};
use crate::trace::{Event, Item, RecordId, Refusal, Trace};

mod lines;

use lines::Lines;

/// Version of the lines.
pub const TRACE_FORMAT: u32 = 1;
/// Bytes that are collected before they are written.
const BLOCK: usize = 1 << 16;

/// Writes all records of a run.
///
/// Each line has `id`, `causes`, `time_us`, `kind` and `actor`, and what belongs to its kind. The first line also
/// holds what belongs to the run as a whole; the content of a product stands at the first line that names it.
///
/// `complete` says whether these are all records of the run.
///
/// # Errors
/// What the writer says.
pub fn write_trace(
    model: &Model,
    trace: &Trace,
    complete: bool,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let tables = Tables::new(model);
    let mut told = vec![false; trace.items.len()];
    for item in trace.records.iter().filter_map(|record| item_of(&record.event)) {
        if let Some(told) = told.get_mut(item as usize) {
            *told = true;
        }
    }
    let mut lines = Lines::new(model, &tables, trace, BLOCK)?;
    let mut shown = vec![false; trace.items.len()];
    for (id, record) in trace.records.iter().enumerate() {
        lines.record(id as RecordId, record)?;
        if let Some(item) = item_of(&record.event)
            && let Some(shown) = shown.get_mut(item as usize)
            && !std::mem::replace(shown, true)
        {
            lines.told(&trace.items[item as usize])?;
        }
        if id == 0 {
            lines.raw(",\"run\":");
            serde_json::to_writer(&mut lines.bytes, &run(model, &tables, trace, complete, &told))?;
        }
        lines.raw("}\n");
        if lines.bytes.len() >= BLOCK {
            out.write_all(&lines.bytes)?;
            lines.bytes.clear();
        }
    }
    out.write_all(&lines.bytes)?;
    Ok(())
}

/// The product instance that an event names.
fn item_of(event: &Event) -> Option<u32> {
    match *event {
        Event::Sent { item, .. }
        | Event::Delivered { item, .. }
        | Event::Read { item, .. }
        | Event::Published { item, .. } => Some(item),
        _ => None,
    }
}

/// What belongs to the run as a whole.
fn run<'a>(
    model: &'a Model,
    tables: &'a Tables,
    trace: &'a Trace,
    complete: bool,
    told: &[bool],
) -> RunLine<'a> {
    let unnamed = |&(i, item): &(usize, &Item)| !told[i] && !item.told.is_empty();
    let line = |item: &Item| -> Vec<ToldLine<'a>> {
        item.told
            .iter()
            .map(|t| ToldLine {
                fact: tables.facts.name(t.fact.index()).into(),
                version: t.version,
                value: round12(t.value),
                learned: t.learned,
            })
            .collect()
    };
    RunLine {
        format: TRACE_FORMAT,
        simulation: true,
        scenario: model.meta.name.as_str().into(),
        complete,
        end_us: trace.end.as_micros(),
        n_events: trace.n_events,
        n_records: trace.records.len() as u64,
        n_items: trace.items.len() as u64,
        operators: operators(tables, trace),
        acted: trace.acted.iter().enumerate().filter(|(_, acted)| **acted).map(|(i, _)| i as u32).collect(),
        n_parameters: trace.acted.len() as u64,
        variants: trace.variants.clone(),
        other_items: trace
            .items
            .iter()
            .enumerate()
            .filter(unnamed)
            .map(|(i, item)| (i as u32, line(item)))
            .collect(),
    }
}

fn operators<'a>(tables: &'a Tables, trace: &Trace) -> Vec<OperatorsLine<'a>> {
    let mut runs: Vec<(usize, OperatorsLine)> = Vec::new();
    for info in &trace.operators {
        match runs.last_mut() {
            Some((group, run))
                if *group == info.group.index()
                    && u64::from(run.first) + run.attributes.len() as u64 == u64::from(info.number) =>
            {
                run.attributes.push(info.attributes);
            }
            _ => runs.push((
                info.group.index(),
                OperatorsLine {
                    group: tables.groups.name(info.group.index()).into(),
                    first: info.number,
                    attributes: vec![info.attributes],
                    sizes: Vec::new(),
                    costs: Vec::new(),
                },
            )),
        }
        if let Some((_, run)) = runs.last_mut() {
            run.sizes.push(info.size);
            run.costs.push(round12(info.cost));
        }
    }
    // Most groups state neither.
    for (_, run) in &mut runs {
        if run.sizes.iter().all(|&size| size == 0.0) {
            run.sizes.clear();
        }
        if run.costs.iter().all(|&cost| cost == 0.0) {
            run.costs.clear();
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

/// The name of an outcome in files.
pub(super) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Adopted => "adopted",
        Outcome::Rejected => "rejected",
        Outcome::Lapsed => "lapsed",
    }
}

/// The name of a refusal in files.
pub(super) const fn refusal_name(why: Refusal) -> &'static str {
    match why {
        Refusal::NoChannel => "no_channel",
        Refusal::Marking => "marking",
        Refusal::Clearance => "clearance",
        Refusal::NoContent => "no_content",
        Refusal::Unwilling => "unwilling",
    }
}
