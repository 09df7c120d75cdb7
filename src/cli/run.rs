//! `run`: one replication, its story and its files.

use std::io::IsTerminal;

use sha2::{Digest, Sha256};

use super::args::{Replication, RunArgs, TraceLevel};
use super::engine;
use super::failure::Failure;
use super::folder::{Folder, Place, SUMMARY};
use super::model::{Prepared, prepare};
use super::several::on_threads;
use super::term;
use crate::analysis::ensemble::{criticality, ensemble};
use crate::analysis::milestones::MilestoneResult;
use crate::analysis::replay::{Evidence, Outcome, judge};
use crate::analysis::run::{EnsembleResults, RunResults, analyse};
use crate::document::assemble::set_run;
use crate::document::print::pretty;
use crate::document::types::RunBlock;
use crate::experiment::in_sample;
use crate::export::{self, Draw, RunIdentity};
use crate::model::{Model, Setting};
use crate::report::{Charts, Told, last_words, page, story};
use crate::sim::DrawRow;
use crate::time::SimDuration;
use crate::trace::{Subject, Trace, reduced};

/// What is run, with every default filled in.
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) replication: Replication,
    pub(super) ensemble: u32,
}

/// What a run has made.
pub(super) struct Done<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) seed: u64,
    pub(super) replication: u64,
    pub(super) trace: &'a Trace,
    pub(super) results: &'a RunResults,
    pub(super) ensemble: Option<&'a EnsembleResults>,
    pub(super) draws: &'a [DrawRow],
}

pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    on_threads(args.threads, || run_here(args))?
}

fn run_here(args: &RunArgs) -> Result<(), Failure> {
    let prepared = prepare(&args.scenario, &args.changes)?;
    let plan = plan(args, &prepared)?;
    let model = &prepared.model;
    let place = args.out.clone().map_or(Place::Default, Place::Given);
    // Before any work is done: it would be for nothing if it could not be written.
    let mut folder = Folder::open(&place, &model.meta.name, plan.seed, args.force)?;

    if plan.ensemble > 0 && std::io::stderr().is_terminal() {
        term::note(&format!("simulating {} replications for the ranges ...", plan.ensemble));
    }
    let left = engine::many(model, plan.seed, u64::from(plan.ensemble))?;
    let mut rests = Vec::new();
    let (runs, chains): (Vec<_>, Vec<_>) = left
        .into_iter()
        .map(|l| {
            rests.extend(l.rests);
            (l.milestones, l.on_chain)
        })
        .unzip();
    let replication = match plan.replication {
        Replication::Number(number) => number,
        Replication::Typical => {
            let typical = ensemble(model, &runs).typical.unwrap_or(0) as u64;
            term::note(&format!("replication {typical} is the one nearest the medians"));
            typical
        }
    };
    let (trace, draws) = engine::one(model, plan.seed, replication, args.draws)?;
    let results = analyse(model, &trace);
    let over = (!runs.is_empty()).then(|| over_replications(model, plan.seed, &runs, &chains, &rests));
    let done = Done {
        prepared: &prepared,
        seed: plan.seed,
        replication,
        trace: &trace,
        results: &results,
        ensemble: over.as_ref(),
        draws: &draws,
    };
    write(args, &plan, &done, &mut folder)?;
    let names: Vec<String> = folder.written().to_vec();
    let path = folder.finish()?;

    let width = term::width();
    let told = done.told();
    let more = names.len().saturating_sub(2);
    let text = format!(
        "{}\nWritten to {}: report.html, summary.json and {more} more files.\n{}\n",
        story(&told, width),
        path.display(),
        last_words(&told, width)
    );
    term::result(&text)
}

fn plan(args: &RunArgs, prepared: &Prepared) -> Result<Plan, Failure> {
    let before = prepared.before.as_ref();
    let plan = Plan {
        seed: args.seed.or(before.map(|run| run.seed)).unwrap_or(1),
        replication: args
            .replication
            .or(before.map(|run| Replication::Number(run.replication)))
            .unwrap_or(Replication::Number(0)),
        ensemble: args.ensemble.or(before.map(|run| run.ensemble)).unwrap_or(prepared.ensemble),
    };
    if plan.replication == Replication::Typical && plan.ensemble == 0 {
        return Err(Failure::usage("`--replication typical` needs replications to choose from")
            .hint("add `--ensemble 100`"));
    }
    Ok(plan)
}

/// Ranges, and the judgement of a replay.
fn over_replications(
    model: &Model,
    seed: u64,
    runs: &[Vec<MilestoneResult>],
    chains: &[Option<Vec<(Subject, SimDuration)>>],
    rests: &[Vec<bool>],
) -> EnsembleResults {
    let is_replay = model.meta.setting == Some(Setting::Replay);
    let judgement = is_replay.then(|| {
        let in_sample = in_sample(model, seed, rests);
        let evidence: Vec<Evidence> = (0..model.milestones.len())
            .map(|m| Evidence {
                outcomes: runs.iter().map(|run| Outcome::from(&run[m])).collect(),
                in_sample: in_sample[m],
                naive: None,
            })
            .collect();
        judge(model, &evidence)
    });
    let chains: Vec<_> = chains.iter().flatten().cloned().collect();
    EnsembleResults {
        n: runs.len() as u64,
        summary: ensemble(model, runs),
        judgement,
        n_chains: chains.len(),
        criticality: criticality(&chains),
    }
}

impl<'a> Done<'a> {
    fn told(&self) -> Told<'a> {
        Told {
            model: &self.prepared.model,
            trace: self.trace,
            results: self.results,
            ensemble: self.ensemble,
            seed: self.seed,
            replication: self.replication,
        }
    }
}

/// The SHA-256 of a text, in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the document that was run and the summary of the run.
pub(super) fn write_identity(plan: &Plan, done: &Done, folder: &mut Folder) -> Result<(), Failure> {
    let model = &done.prepared.model;
    let (trace, results) = (done.trace, done.results);
    let version = env!("CARGO_PKG_VERSION");
    let mut tree = done.prepared.tree.clone();
    let document_sha256 = sha256(&pretty(&tree));
    set_run(
        &mut tree,
        &RunBlock {
            seed: done.seed,
            replication: done.replication,
            version: version.to_owned(),
            changes: done.prepared.changes.clone(),
            ensemble: plan.ensemble,
            scenario: model.meta.name.clone(),
        },
    );
    let document = pretty(&tree);
    let identity = RunIdentity {
        scenario: model.meta.name.clone(),
        seed: done.seed,
        replication: done.replication,
        version: version.to_owned(),
        model_sha256: sha256(&document),
        document_sha256,
        changes: done.prepared.changes.clone(),
    };
    folder.write("model.ron", |out| Ok(out.write_all(document.as_bytes())?))?;
    folder.write(SUMMARY, |out| export::write_summary(model, trace, results, done.ensemble, &identity, out))
}

/// Writes all files of a run under their temporary names.
fn write(args: &RunArgs, plan: &Plan, done: &Done, folder: &mut Folder) -> Result<(), Failure> {
    let model = &done.prepared.model;
    let (trace, results) = (done.trace, done.results);
    write_identity(plan, done, folder)?;
    folder.write("milestones.csv", |out| export::write_milestones(model, results, out))?;
    folder.write("latency.csv", |out| export::write_latency(model, trace, results, out))?;
    folder.write("knowledge.csv", |out| export::write_knowledge(model, trace, results, out))?;
    if !results.measures.is_empty() {
        folder.write("measures.csv", |out| export::write_measures(model, &results.measures, out))?;
    }
    match args.trace {
        TraceLevel::Full => {
            folder.write("trace.jsonl", |out| export::write_trace(model, trace, true, out))?
        }
        TraceLevel::Milestones => {
            let steps = results.chains.iter().flatten().flat_map(|chain| chain.steps.iter().copied());
            let reached = results.milestones.iter().filter_map(|m| Some(m.reached?.record));
            let part = reduced(trace, steps.chain(reached));
            folder.write("trace.jsonl", |out| export::write_trace(model, &part, false, out))?;
        }
        TraceLevel::None => {}
    }
    if args.draws {
        let rows = done.draws.iter().map(|row| Draw {
            entity: &row.entity,
            purpose: &row.purpose,
            occurrence: &row.occurrence,
            word: row.word,
        });
        folder.write("draws.csv", |out| export::write_draws(rows, out))?;
    }
    write_charts(done, folder)
}

/// Writes the charts and the page that shows them.
pub(super) fn write_charts(done: &Done, folder: &mut Folder) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let told = done.told();
    let charts = Charts::new(told, version);
    let mut drawn = Vec::new();
    for kind in charts.kinds() {
        let chart = charts
            .draw(kind)
            .map_err(|error| Failure::wrong(format!("cannot draw the {}: {error}", kind.name())))?;
        folder.write(&format!("{}.svg", kind.name()), |out| Ok(out.write_all(chart.svg.as_bytes())?))?;
        folder.write(&format!("{}.png", kind.name()), |out| Ok(out.write_all(&chart.png)?))?;
        drawn.push(chart);
    }
    let html = page(&told, &drawn, version, &done.prepared.changes)
        .map_err(|error| Failure::wrong(format!("cannot make the report: {error}")))?;
    folder.write("report.html", |out| Ok(out.write_all(html.as_bytes())?))
}
