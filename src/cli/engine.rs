//! Drives the engine: one replication to be told, or many for ranges.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::analysis::chain::chain;
use crate::analysis::milestones::{MilestoneResult, MilestoneWatch, milestones};
use crate::model::Model;
use crate::sim::{DrawRow, Simulation};
use crate::time::SimDuration;
use crate::trace::{Subject, Trace};

/// A simulation that is watched for the milestones on which `until` and injects wait.
fn watched(model: &Model, seed: u64, replication: u64) -> Simulation<'_> {
    let mut simulation = Simulation::new(model, seed, replication);
    watch(&mut simulation, model);
    simulation
}

fn watch<'m>(simulation: &mut Simulation<'m>, model: &'m Model) {
    let mut watch = MilestoneWatch::new(model);
    simulation.watch(Box::new(move |trace, id| {
        // Another replication begins.
        if id == 0 {
            watch.restart(model);
        }
        watch.see(model, trace, id)
    }));
}

/// One replication.
pub(crate) fn one(model: &Model, seed: u64, replication: u64, keep_draws: bool) -> (Trace, Vec<DrawRow>) {
    let mut simulation = watched(model, seed, replication);
    if keep_draws {
        simulation.record_draws(true, seed, replication);
        watch(&mut simulation, model);
    }
    simulation.run();
    let draws = if keep_draws { simulation.draws() } else { Vec::new() };
    (simulation.into_trace(), draws)
}

/// What a replication of an ensemble leaves behind.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) milestones: Vec<MilestoneResult>,
    /// Who was on the chain of the headline, and for how long; none: not reached.
    pub(crate) on_chain: Option<Vec<(Subject, SimDuration)>>,
}

/// Replications 0 to `n - 1` in order, whatever the number of threads.
pub(crate) fn many(model: &Model, seed: u64, n: u64) -> Vec<Left> {
    let headline = model.meta.headline_milestone;
    (0..n)
        .into_par_iter()
        .map_init(
            || watched(model, seed, 0),
            |simulation, replication| {
                simulation.reset(seed, replication);
                simulation.run();
                let trace = simulation.trace();
                let milestones = milestones(model, trace);
                let chain = headline.and_then(|m| chain(trace, &milestones[m.index()]));
                Left { on_chain: chain.map(|chain| chain.subjects(trace)), milestones }
            },
        )
        .collect()
}
