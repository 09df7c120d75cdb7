//! `pack`: a facilitator's pack of a scenario.

use std::io::IsTerminal;

use super::args::{PackArgs, Replication};
use super::engine;
use super::failure::Failure;
use super::folder::{Folder, Place};
use super::model::{Prepared, prepare};
use super::run::{Done, Plan, write_charts, write_identity};
use super::term;
use crate::analysis::ensemble::ensemble;
use crate::analysis::run::analyse;
use crate::analysis::schedule::{Planned, injected, milestone_times, schedule};
use crate::export::{Sheet, evaluation_sheet, expected_sheet, msel_sheet, write_sheet};
use crate::model::{Exercise, Model};
use crate::report::{expected_chart, pack_pages};

/// Replications where the document does not say.
const DEFAULT_ENSEMBLE: u32 = 100;

pub(crate) fn run(args: &PackArgs) -> Result<(), Failure> {
    let prepared = prepare(&args.scenario, &args.changes)?;
    let model = &prepared.model;
    let before = prepared.before.as_ref();
    let seed = args.seed.or(before.map(|run| run.seed)).unwrap_or(1);
    let asked = args.ensemble.or(before.map(|run| run.ensemble)).unwrap_or(prepared.ensemble);
    let n = if args.ensemble.is_none() && asked == 0 { DEFAULT_ENSEMBLE } else { asked };
    let place = args.out.clone().map_or(Place::DefaultOf("pack"), Place::Given);
    let mut folder = Folder::open(&place, &model.meta.name, seed, args.force)?;
    let exercise = match &model.exercise {
        Some(exercise) => exercise.clone(),
        None => {
            term::note(
                "note: the document has no `exercise`, so the pack has no roles and no objectives; \
                 `blueprint-sim show rehearsal-hour` has one",
            );
            bare(model)
        }
    };
    if std::io::stderr().is_terminal() {
        term::note(&format!("simulating {n} replications for the expected times ..."));
    }
    let left = engine::many(model, seed, u64::from(n))?;
    let (runs, releases): (Vec<_>, Vec<_>) = left.into_iter().map(|l| (l.milestones, l.injected)).unzip();
    let replication = ensemble(model, &runs).typical.unwrap_or(0) as u64;
    let (trace, _) = engine::one(model, seed, replication, false)?;
    let results = analyse(model, &trace);
    let rows = schedule(model, &injected(model, &trace), &releases);
    let milestones = milestone_times(model, &runs);
    let planned = Planned {
        model,
        exercise: &exercise,
        schedule: &rows,
        milestones: &milestones,
        n_replications: runs.len(),
        seed,
        replication,
        version: env!("CARGO_PKG_VERSION"),
    };
    let done = Done {
        prepared: &prepared,
        seed,
        replication,
        trace: &trace,
        results: &results,
        ensemble: None,
        draws: &[],
    };
    let plan = Plan { seed, replication: Replication::Number(replication), ensemble: n };
    write_pages(&planned, &mut folder)?;
    write_identity(&plan, &done, &mut folder)?;
    write_charts(&done, &mut folder)?;
    let n_files = folder.written().len();
    let path = folder.finish()?;
    term::result(&told(&prepared, &planned, &path.display().to_string(), n_files))
}

/// What can be said of a scenario that says nothing of how it is played.
fn bare(model: &Model) -> Exercise {
    Exercise {
        purpose: model.meta.summary.clone(),
        situation: String::new(),
        language: "en".to_owned(),
        marking: None,
        rules: Vec::new(),
        phases: Vec::new(),
        objectives: Vec::new(),
        roles: Vec::new(),
        debrief: Vec::new(),
    }
}

fn write_pages(planned: &Planned, folder: &mut Folder) -> Result<(), Failure> {
    let chart = expected_chart(planned)
        .map_err(|error| Failure::wrong(format!("cannot draw the expected timeline: {error}")))?;
    let pages = pack_pages(planned, &chart)
        .map_err(|error| Failure::wrong(format!("cannot make the pages of the pack: {error}")))?;
    for page in pages {
        folder.write(&page.name, |out| Ok(out.write_all(page.html.as_bytes())?))?;
    }
    let mut sheet = |name: &str, sheet: Sheet| folder.write(name, |out| write_sheet(&sheet, out));
    sheet("msel.csv", msel_sheet(planned))?;
    sheet("expected.csv", expected_sheet(planned))?;
    sheet("evaluation.csv", evaluation_sheet(planned))?;
    folder.write("expected.svg", |out| Ok(out.write_all(chart.svg.as_bytes())?))?;
    folder.write("expected.png", |out| Ok(out.write_all(&chart.png)?))
}

fn told(prepared: &Prepared, planned: &Planned, path: &str, n_files: usize) -> String {
    let meta = &prepared.model.meta;
    let title = if meta.title.is_empty() { &meta.name } else { &meta.title };
    let exercise = planned.exercise;
    let count = |n: usize, noun: &str| if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") };
    format!(
        "{title}: a pack for {} of play, {}, {}, {}; expected times from {}.\n\
         Written to {path}: {n_files} files. Begin with index.html.\n",
        exercise.length(meta.horizon),
        count(exercise.roles.len(), "role"),
        count(planned.schedule.len(), "inject"),
        count(exercise.objectives.len(), "objective"),
        count(planned.n_replications, "run"),
    )
}
