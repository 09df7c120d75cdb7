//! Drives the engine: one replication to be told, or many for ranges.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::analysis::milestones::{MilestoneResult, MilestoneWatch, milestones};
use crate::model::Model;
use crate::sim::{DrawRow, Simulation};
use crate::trace::Trace;

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

/// The milestones of replications 0 to `n - 1`, whatever the number of threads.
pub(crate) fn many(model: &Model, seed: u64, n: u64) -> Vec<Vec<MilestoneResult>> {
    (0..n)
        .into_par_iter()
        .map_init(
            || watched(model, seed, 0),
            |simulation, replication| {
                simulation.reset(seed, replication);
                simulation.run();
                milestones(model, simulation.trace())
            },
        )
        .collect()
}
