//! The end of a batch: its files, and what is said on the terminal.

use std::fs;
use std::path::PathBuf;

use comfy_table::{ContentArrangement, Table, presets};

use super::super::args::ListFormat;
use super::super::failure::Failure;
use super::super::folder::{BATCH, Folder, SUMMARY};
use super::super::term;
use super::against::{self, Against};
use super::making::{Made, Request, told};
use super::page::write_page;
use super::tables::write_tables;
use crate::analysis::batch::VariantResults;
use crate::analysis::replay::{Judged, Verdict, beyond};
use crate::document::assemble::set_run;
use crate::document::print::pretty;
use crate::document::types::RunBlock;
use crate::document::{SourceMap, diff};
use crate::experiment::{in_sample, one};
use crate::export::{self, BatchIdentity};
use crate::model::Model;

/// Of so many variants everything is written; of more, only tables and a list.
const MOST_TOLD: usize = 100;
/// Of so many variants of an experiment every milestone is told on the terminal; of more, only the differences.
const FEW: usize = 6;

/// A variant with what was found.
pub(crate) struct Told {
    pub(crate) model: Model,
    pub(crate) results: VariantResults,
    /// The document as it was run.
    pub(crate) document: String,
    /// Position of the scenario that it is a variant of.
    base: usize,
    /// By milestone, whether it rests on numbers of the incident itself.
    in_sample: Vec<bool>,
}

/// Whether the folder of a batch holds its complete results already.
///
/// # Errors
/// The folder holds another batch.
pub(crate) fn is_complete(request: &Request) -> Result<bool, Failure> {
    let path = request.place().path(&request.header.name, request.header.seed);
    if path.join(super::JOURNAL).is_file() || !path.join(SUMMARY).is_file() {
        return Ok(false);
    }
    let file = path.join(SUMMARY);
    let bytes = fs::read(&file).map_err(|error| Failure::file("read", &file, &error))?;
    let summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let of = |field: &str| summary.get(field).and_then(|value| value.as_str());
    // Where several batches follow each other, the first question decides.
    if of("asked_sha256").or(of("batch_sha256")) == Some(&request.header.identity()) {
        return Ok(true);
    }
    Err(Failure::wrong(format!("`{}` holds other results than those of this batch", path.display()))
        .hint("begin anew with `--force`, or choose another folder with `--out`"))
}

/// Works everything out, writes all files, takes the journal away, and says what was found.
///
/// # Errors
/// A file cannot be written; the journal is then kept.
pub(crate) fn finish(made: Made, format: ListFormat) -> Result<(), Failure> {
    let (header, n, looked) = (made.header.clone(), made.n, made.looked.clone());
    let ((tellings, summary, differences), path) = complete(made, write)?;
    if format == ListFormat::Json {
        return term::result(&summary);
    }
    let mut text = String::new();
    text += &format!("{}\n", header.title);
    text += &format!(
        "{n} replications{}, seed {}\n",
        if tellings.len() > 1 { format!(" of each of {} variants", tellings.len()) } else { String::new() },
        header.seed
    );
    if let Some(looked) = looked {
        text += &format!("{}\n", looked.line(n));
    }
    text += &against::said(&differences);
    if differences.is_empty() || tellings.len() <= FEW {
        for telling in &tellings {
            text += &variant(telling, tellings.len() > 1);
        }
    }
    text += &format!(
        "\nWritten to {}: report.html, results.parquet, runs.parquet, summary.json, charts.\n",
        path.display()
    );
    text += &format!("{}\n", export::NOTICE);
    term::result(&text)
}

/// Writes all files of a batch and takes its journal away.
///
/// # Errors
/// A file cannot be written; the journal is then kept.
pub(crate) fn complete<T>(
    made: Made,
    write: impl FnOnce(&Made) -> Result<T, Failure>,
) -> Result<(T, PathBuf), Failure> {
    let done = match write(&made) {
        Ok(done) => done,
        Err(failure) => {
            made.folder.keep();
            return Err(failure.hint("the replications are kept: `--resume` with the same options goes on"));
        }
    };
    let Made { journal, folder, .. } = made;
    journal.remove()?;
    folder.keep();
    Ok((done, folder.path().to_path_buf()))
}

fn write(made: &Made) -> Result<(Vec<Told>, String, Vec<Against>), Failure> {
    let mut folder = made.folder.again();
    let (tellings, summary) = write_parts(made, &mut folder)?;
    folder.write(SUMMARY, |out| Ok(out.write_all(&summary)?))?;
    let differences = against::against(made)?;
    against::write(&differences, &mut folder)?;
    write_page(made, &tellings, &mut folder)?;
    folder.finish()?;
    Ok((tellings, String::from_utf8_lossy(&summary).into_owned(), differences))
}

/// Writes what all batches have: tables, documents, the list of variants. Returns what is to be said of the variants
/// that are no points of a design, and the content of `summary.json`.
///
/// # Errors
/// A file cannot be written, or the results cannot be read.
pub(crate) fn write_parts(made: &Made, folder: &mut Folder) -> Result<(Vec<Told>, Vec<u8>), Failure> {
    let mut tellings = Vec::new();
    for v in 0..made.n_main().min(MOST_TOLD) {
        let told = tell(made, v, &tellings)?;
        tellings.push(told);
    }
    write_tables(made, folder)?;
    folder.write(BATCH, |out| {
        serde_json::to_writer(&mut *out, &made.header)?;
        Ok(out.write_all(b"\n")?)
    })?;
    if made.n_main() == 1 || made.header.purpose.is_some() {
        let document = tellings[0].document.as_bytes();
        folder.write("model.ron", |out| Ok(out.write_all(document)?))?;
    }
    if made.variants.list().len() > 1 {
        write_variants(made, folder)?;
    }
    if made.n_main() > 1 {
        for (number, telling) in tellings.iter().enumerate() {
            let name = format!(
                "model-{:02}-{}.ron",
                number + 1,
                super::super::folder::file_name(&telling.results.name)
            );
            folder.write(&name, |out| Ok(out.write_all(telling.document.as_bytes())?))?;
        }
    }
    let identity = BatchIdentity {
        scenario: made.header.name.clone(),
        title: made.header.title.clone(),
        seed: made.header.seed,
        replications: made.n,
        version: made.header.version.clone(),
        n_variants: made.n_main(),
        changes: made.variants.bases().iter().flat_map(|base| base.changes.iter().cloned()).collect(),
        batch_sha256: made.header.identity(),
        precision: made.looked.as_ref().map(|looked| looked.told().clone()),
    };
    let pairs: Vec<_> = tellings.iter().map(|t| (&t.model, &t.results)).collect();
    let mut summary = Vec::new();
    export::write_batch_summary(&identity, &pairs, &mut summary)
        .map_err(|error| Failure::wrong(format!("cannot write the summary: {error}")))?;
    Ok((tellings, summary))
}

/// Everything about one variant, after those before it.
fn tell(made: &Made, v: usize, before: &[Told]) -> Result<Told, Failure> {
    let wrong = |failure| told(&made.variants, failure);
    let ready = made
        .variants
        .prepare(v, &mut SourceMap::new())
        .map_err(|errors| wrong(crate::experiment::Failure::Variant { variant: v, errors }))?;
    let trace = one(&ready.model, made.header.seed, 0);
    let base = made.variants.list()[v].base;
    // What is changed has no say in what was fitted: the first variant of a scenario answers for the others.
    let same =
        |a: &Model, b: &Model| a.milestones.iter().map(|m| &m.name).eq(b.milestones.iter().map(|m| &m.name));
    let first = before.iter().find(|told| told.base == base && same(&told.model, &ready.model));
    let in_sample = match first {
        Some(first) => first.in_sample.clone(),
        None => in_sample(&ready.model, made.header.seed, &[]),
    };
    let mut results = made.results().variant(v, &ready.model, &trace, &in_sample).map_err(wrong)?;
    results.differences =
        diff(&made.variants.base(v).tree, &ready.tree).iter().map(ToString::to_string).collect();
    let mut tree = ready.tree;
    let mut changes = made.variants.base(v).changes.clone();
    changes.extend(results.changes.iter().cloned());
    set_run(
        &mut tree,
        &RunBlock {
            seed: made.header.seed,
            replication: 0,
            version: made.header.version.clone(),
            changes,
            ensemble: 0,
            scenario: ready.model.meta.name.clone(),
        },
    );
    Ok(Told { model: ready.model, results, document: pretty(&tree), base, in_sample })
}

/// `variants.csv`: every variant with what it changes.
fn write_variants(made: &Made, folder: &mut Folder) -> Result<(), Failure> {
    let rows = made.variants.list().iter().map(|variant| {
        let changes: Vec<String> = variant.changes.iter().map(ToString::to_string).collect();
        (variant.name.as_str(), made.variants.bases()[variant.base].name.as_str(), changes.join("; "))
    });
    folder.write("variants.csv", |out| export::write_variants(rows, out))
}

/// What is said of a variant on the terminal.
fn variant(telling: &Told, named: bool) -> String {
    let (model, results) = (&telling.model, &telling.results);
    let mut text = String::new();
    if named {
        text += &format!("\n{}\n", results.name);
        for difference in &results.differences {
            text += &format!("  {difference}\n");
        }
        if results.differences.is_empty() && !results.changes.is_empty() {
            text += "  changes nothing: the document says so already\n";
        }
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(term::width()).unwrap_or(100));
    table.set_header(["milestone", "reached", "median (95 % interval)", "in 9 of 10 within"]);
    for (milestone, s) in model.milestones.iter().zip(&results.milestones) {
        let at = |p: f64| s.quantiles.iter().find(|q| q.p == p);
        let hours = |h: f64| if h.is_finite() { span(h) } else { "later".to_owned() };
        let interval = at(0.5).and_then(|q| q.interval);
        let (lo, hi) = interval.map_or_else(Default::default, |i| (hours(i.lo), hours(i.hi)));
        // An interval that is the value itself, as people say it, says nothing.
        let interval = if lo == hi { String::new() } else { format!(" ({lo} to {hi})") };
        table.add_row([
            milestone.title.clone(),
            share(s.n_reached, s.n),
            at(0.5).map_or_else(String::new, |q| format!("{}{interval}", hours(q.value))),
            match (at(0.05), at(0.95)) {
                (Some(low), Some(high)) if hours(low.value) == hours(high.value) => hours(low.value),
                (Some(low), Some(high)) => format!("{} to {}", hours(low.value), hours(high.value)),
                _ => String::new(),
            },
        ]);
    }
    text += &format!("\n{}\n", table.trim_fmt());
    if let Some(judgement) = &results.judgement {
        text += "\nAgainst what was observed\n";
        for row in &judgement.rows {
            text += &format!("  {}\n", observed(model, row));
        }
        for m in beyond(model) {
            let title = &model.milestones[m.index()].title;
            text += &format!("  {title}: observed after the end of the run, not judged\n");
        }
        for (which, sum) in [("out of sample", &judgement.out_of_sample), ("in sample", &judgement.in_sample)]
        {
            if sum.happened > 0 {
                text += &format!(
                    "  {which}: of {} that happened {} within the central 90 %, {} within the central 50 %{}\n",
                    sum.happened,
                    sum.covered,
                    sum.covered_half,
                    sum.mean_own_crps
                        .map_or_else(String::new, |c| format!(", mean CRPS {c:.3} of log hours")),
                );
            }
        }
    }
    text
}

fn share(n: usize, of: usize) -> String {
    format!("{n} of {of}")
}

/// Hours as people say them.
fn span(hours: f64) -> String {
    crate::time::SimDuration::from_micros_f64((hours * 60.0).round() * 6.0e7).to_string()
}

fn observed(model: &Model, row: &Judged) -> String {
    let title = &model.milestones[row.milestone.index()].title;
    let note = match (row.set_by_scenario, row.in_sample) {
        (true, _) => " (set by the scenario, not counted)",
        (false, true) => " (in sample)",
        (false, false) => "",
    };
    match &row.verdict {
        Verdict::Happened { percentile, covered, covered_half, crps, .. } => {
            let inside = match (covered_half, covered) {
                (true, _) => "within the central 50 %",
                (false, true) => "within the central 90 %",
                (false, false) => "outside the central 90 %",
            };
            let crps = crps.map_or_else(String::new, |c| format!(", CRPS {c:.3}"));
            format!(
                "{title}: later than {:.0} % of the replications, {inside}{crps}{note}",
                percentile * 100.0
            )
        }
        Verdict::Never { share, low, high, brier, .. } => format!(
            "{title}: did not happen; here in {:.1} % (95 % interval {:.1} to {:.1} %), Brier {brier:.4}{note}",
            share * 100.0,
            low * 100.0,
            high * 100.0
        ),
    }
}
