//! Results as CSV: one function a file, the header first, rows in a fixed order.

use std::io::Write;

use super::ExportError;
use super::number::{csv_number, instant, safe_text};
use crate::analysis::measures::MeasureRow;
use crate::analysis::run::RunResults;
use crate::model::{Model, Observed};
use crate::trace::{Names, Source, Subject, Trace};

/// A draw as `draws.csv` shows it.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a> {
    /// Whose draw.
    pub entity: &'a str,
    /// For what.
    pub purpose: &'a str,
    /// Which one.
    pub occurrence: &'a str,
    /// The 64 random bits.
    pub word: u64,
}

fn csv_writer(out: &mut dyn Write) -> csv::Writer<&mut dyn Write> {
    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out)
}

/// `variants.csv`: a row for each variant of a batch, with its document and what it changes.
///
/// # Errors
/// What the writer says.
pub fn write_variants<'a>(
    rows: impl Iterator<Item = (&'a str, &'a str, String)>,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut csv = csv_writer(out);
    csv.write_record(["variant", "document", "changes"])?;
    for (variant, document, changes) in rows {
        csv.write_record([&safe_text(variant), &safe_text(document), &safe_text(&changes)])?;
    }
    csv.flush()?;
    Ok(())
}

/// `milestones.csv`: a row for each milestone in the order of the document.
///
/// # Errors
/// What the writer says.
pub fn write_milestones(model: &Model, results: &RunResults, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut csv = csv_writer(out);
    csv.write_record([
        "milestone",
        "title",
        "reached",
        "reached_at",
        "latency_us",
        "observed_from",
        "observed_to",
    ])?;
    let epoch = model.meta.epoch;
    for (milestone, result) in model.milestones.iter().zip(&results.milestones) {
        let (from, to) = match &milestone.observed {
            Some(Observed::At { from_us, to_us, .. }) => (instant(epoch, *from_us), instant(epoch, *to_us)),
            _ => (String::new(), String::new()),
        };
        csv.write_record([
            milestone.name.clone(),
            safe_text(&milestone.title),
            result.reached.is_some().to_string(),
            result.reached.map(|r| epoch.rfc3339(r.at)).unwrap_or_default(),
            result.latency.map(|l| l.as_micros().to_string()).unwrap_or_default(),
            from,
            to,
        ])?;
    }
    csv.flush()?;
    Ok(())
}

/// `latency.csv`: a row for each segment of each milestone that was reached.
///
/// # Errors
/// What the writer says.
pub fn write_latency(
    model: &Model,
    trace: &Trace,
    results: &RunResults,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let names = Names::new(model, trace);
    let mut csv = csv_writer(out);
    csv.write_record(["milestone", "segment", "kind", "actor", "from_us", "to_us", "duration_us"])?;
    for (milestone, chain) in model.milestones.iter().zip(&results.chains) {
        let segments = chain.as_ref().map_or(&[][..], |chain| &chain.segments);
        for (i, segment) in segments.iter().enumerate() {
            let actor = match segment.who {
                Subject::World => String::new(),
                who => names.subject(who),
            };
            csv.write_record([
                milestone.name.clone(),
                (i + 1).to_string(),
                segment.kind.name().to_owned(),
                actor,
                segment.from.as_micros().to_string(),
                segment.to.as_micros().to_string(),
                (segment.to - segment.from).as_micros().to_string(),
            ])?;
        }
    }
    csv.flush()?;
    Ok(())
}

/// `knowledge.csv`: a row for each version of a fact that reached an actor, in order of time.
///
/// # Errors
/// What the writer says.
pub fn write_knowledge(
    model: &Model,
    trace: &Trace,
    results: &RunResults,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let names = Names::new(model, trace);
    let mut csv = csv_writer(out);
    csv.write_record(["actor", "fact", "version", "learned_us", "from"])?;
    for row in &results.knowledge {
        let from = match row.from {
            Source::Own => "self".to_owned(),
            Source::World => "world".to_owned(),
            Source::Actor(actor) => names.subject(Subject::Actor(actor)),
            Source::Operator(operator) => names.operator(operator),
        };
        csv.write_record([
            &names.subject(Subject::Actor(row.actor)),
            &model.facts[row.fact.index()].name.text,
            &row.version.to_string(),
            &row.learned_at.as_micros().to_string(),
            &from,
        ])?;
    }
    csv.flush()?;
    Ok(())
}

/// `measures.csv`: a row for each statistic that the document declares.
///
/// # Errors
/// What the writer says.
pub fn write_measures(model: &Model, rows: &[MeasureRow], out: &mut dyn Write) -> Result<(), ExportError> {
    let mut csv = csv_writer(out);
    csv.write_record(["measure", "statistic", "value", "unit", "n"])?;
    for row in rows {
        csv.write_record([
            &model.measures[row.measure.index()].name,
            &row.statistic,
            &row.value.map(csv_number).unwrap_or_default(),
            &row.unit,
            &row.n.to_string(),
        ])?;
    }
    csv.flush()?;
    Ok(())
}

/// `draws.csv`: a row for each random draw, in the order given.
///
/// # Errors
/// What the writer says.
pub fn write_draws<'a>(
    draws: impl Iterator<Item = Draw<'a>>,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut csv = csv_writer(out);
    csv.write_record(["entity", "purpose", "occurrence", "word"])?;
    for draw in draws {
        csv.write_record([draw.entity, draw.purpose, draw.occurrence, &draw.word.to_string()])?;
    }
    csv.flush()?;
    Ok(())
}
