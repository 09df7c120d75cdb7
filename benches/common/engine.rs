//! The product as the benches use it: whole replications, with full semantics and no trace.

use blueprint_sim::analysis::milestones::MilestoneWatch;
use blueprint_sim::document::merge::Found;
use blueprint_sim::document::{Diagnostic, Loader};
use blueprint_sim::model::Model;
use blueprint_sim::sim::Simulation;
use blueprint_sim::trace::Keep;

/// The master seed of every bench.
pub(crate) const SEED: u64 = 1;

/// Finds built-in documents and nothing else.
pub(crate) struct BuiltIns;

impl Loader for BuiltIns {
    fn file(&self, _: &str, _: Option<&str>) -> Result<Option<Found>, Diagnostic> {
        Ok(None)
    }
}

/// The model of a built-in document.
pub(crate) fn builtin(name: &str) -> Model {
    super::opened(name, &BuiltIns)
}

/// A simulation that keeps causes, and is watched where the document ends at a milestone.
pub(crate) fn simulation(keep: Keep, model: &Model) -> Simulation<'_> {
    let mut simulation = Simulation::keeping(keep, model, SEED, 0);
    if model.meta.until.is_some() {
        let mut watch = MilestoneWatch::new(model);
        simulation.watch(Box::new(move |trace, id| {
            if id == 0 {
                watch.restart(model);
            }
            watch.see(model, trace, id)
        }));
    }
    simulation
}

/// Runs a replication from its beginning and returns the number of its events.
pub(crate) fn replicate(simulation: &mut Simulation<'_>, replication: u64) -> u64 {
    simulation.reset(SEED, replication);
    simulation.run();
    simulation.trace().n_events
}

/// Most memory that this process has had so far, in kilobytes, where the system tells.
pub(crate) fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
