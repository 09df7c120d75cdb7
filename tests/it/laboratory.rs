//! Documents run through the library: opened, compiled, replicated, and looked at by name.

use std::path::Path;

use blueprint_sim::analysis::duties::duties;
use blueprint_sim::analysis::measures::{MeasureRow, measures};
use blueprint_sim::analysis::milestones::{MilestoneResult, MilestoneWatch, milestones};
use blueprint_sim::analysis::reading::Reading;
use blueprint_sim::compile::compile;
use blueprint_sim::document::merge::MemoryLoader;
use blueprint_sim::document::{Overrides, SourceMap, assemble, render};
use blueprint_sim::model::Model;
use blueprint_sim::sim::Simulation;
use blueprint_sim::trace::Trace;
use rayon::prelude::*;

/// Replications that one simulation does one after the other, reset in between.
const CHUNK: u64 = 50;

/// The model of a document of `tests/cases/oracles`.
pub(crate) fn oracle(name: &str) -> Model {
    oracle_with(name, &Overrides::default())
}

/// The same with changes from the command line.
pub(crate) fn oracle_with(name: &str, overrides: &Overrides) -> Model {
    of_folder("tests/cases/oracles", name, overrides)
}

/// The model of a document of `tests/cases/textbook`.
pub(crate) fn textbook(name: &str) -> Model {
    of_folder("tests/cases/textbook", name, &Overrides::default())
}

fn of_folder(folder: &str, name: &str, overrides: &Overrides) -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut loader = MemoryLoader::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        loader = loader.with_file(&file, std::fs::read(&path).unwrap());
    }
    open(name, &loader, overrides)
}

/// The model of a document given as text.
pub(crate) fn written(text: &str) -> Model {
    written_with(text, &Overrides::default())
}

/// The same with changes from the command line.
pub(crate) fn written_with(text: &str, overrides: &Overrides) -> Model {
    open("doc", &MemoryLoader::new().with_file("doc.ron", text), overrides)
}

/// Parameters set as `--set` sets them.
pub(crate) fn set(parameters: &[(&str, &str)]) -> Overrides {
    let set = parameters.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Overrides { set, ..Overrides::default() }
}

fn open(name: &str, loader: &MemoryLoader, overrides: &Overrides) -> Model {
    let mut sources = SourceMap::new();
    let opened = assemble::open(name, loader, &mut sources, overrides);
    match opened.and_then(|opened| compile(&opened.document)) {
        Ok(compiled) => {
            // A laboratory may have somebody in it who only stands there.
            let warned: Vec<_> = compiled.warnings.iter().filter(|d| d.code != "unreachable-actor").collect();
            assert!(warned.is_empty(), "warnings about {name}: {warned:?}");
            compiled.model
        }
        Err(errors) => {
            let shown: Vec<String> = errors.iter().map(|d| render::render(d, &sources, false)).collect();
            panic!("{name}: {}", shown.join("\n"));
        }
    }
}

/// Lets a simulation stop where its document says `until`.
pub(crate) fn watch_until<'m>(simulation: &mut Simulation<'m>, model: &'m Model) {
    if model.meta.until.is_some() {
        let mut watch = MilestoneWatch::new(model);
        simulation.watch(Box::new(move |trace, id| watch.see(model, trace, id)));
    }
}

/// The trace of one replication.
pub(crate) fn run(model: &Model, seed: u64, replication: u64) -> Trace {
    let mut simulation = Simulation::new(model, seed, replication);
    watch_until(&mut simulation, model);
    simulation.run();
    let trace = simulation.into_trace();
    super::keeper::keep(model, &trace);
    trace
}

/// What is read from each of `n` replications, in their order.
pub(crate) fn replicate<T: Send>(
    model: &Model,
    seed: u64,
    n: u64,
    read: impl Fn(&Trace) -> T + Sync,
) -> Vec<T> {
    let chunk = |c: u64| {
        let mut simulation = Simulation::new(model, seed, c * CHUNK);
        let mut found = Vec::new();
        for r in c * CHUNK..n.min((c + 1) * CHUNK) {
            simulation.reset(seed, r);
            watch_until(&mut simulation, model);
            simulation.run();
            if r == 0 {
                super::keeper::keep(model, simulation.trace());
            }
            found.push(read(simulation.trace()));
        }
        found
    };
    let chunks: Vec<Vec<T>> = (0..n.div_ceil(CHUNK)).into_par_iter().map(chunk).collect();
    chunks.into_iter().flatten().collect()
}

/// Milestones and measures of one replication, by name.
pub(crate) struct Results<'m> {
    model: &'m Model,
    milestones: Vec<MilestoneResult>,
    measures: Vec<MeasureRow>,
}

impl<'m> Results<'m> {
    pub(crate) fn of(model: &'m Model, trace: &Trace) -> Results<'m> {
        let milestones = milestones(model, trace);
        let run = Reading::new(model, trace);
        let measures = measures(&run, &milestones, &duties(&run));
        Results { model, milestones, measures }
    }

    pub(crate) fn milestone(&self, name: &str) -> MilestoneResult {
        let position = self.model.milestones.iter().position(|m| m.name == name);
        self.milestones[position.unwrap_or_else(|| panic!("no milestone {name}"))]
    }

    /// Latency in hours; none if the milestone was not reached.
    pub(crate) fn hours(&self, name: &str) -> Option<f64> {
        self.milestone(name).latency.map(|d| d.as_hours_f64())
    }

    /// Latency in microseconds of a milestone that must be reached.
    pub(crate) fn micros(&self, name: &str) -> u64 {
        let latency = self.milestone(name).latency;
        latency.unwrap_or_else(|| panic!("{name} is not reached")).as_micros()
    }

    /// A statistic of a measure with the number of values that it rests on.
    pub(crate) fn row(&self, measure: &str, statistic: &str) -> (Option<f64>, usize) {
        let row = self.measures.iter().find(|row| {
            self.model.measures[row.measure.index()].name == measure && row.statistic == statistic
        });
        let row = row.unwrap_or_else(|| panic!("no {statistic} of {measure}"));
        (row.value, row.n)
    }

    /// A statistic of a measure that must exist.
    pub(crate) fn value(&self, measure: &str, statistic: &str) -> f64 {
        self.row(measure, statistic).0.unwrap_or_else(|| panic!("{statistic} of {measure} does not exist"))
    }
}

/// Results of `n` replications.
pub(crate) fn results(model: &Model, seed: u64, n: u64) -> Vec<Results<'_>> {
    replicate(model, seed, n, |trace| Results::of(model, trace))
}
