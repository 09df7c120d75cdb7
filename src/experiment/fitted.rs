//! Which milestones of a replay rest on numbers that were taken from the incident itself.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::replicate::watched;
use crate::analysis::chain::chain;
use crate::analysis::milestones::milestones;
use crate::analysis::on_chain::{from_same_incident, parameters_on_chain};
use crate::model::{Model, Setting};

/// Replications whose chains are searched: one alone may go another way, or not get there.
pub const SEARCHED: u64 = 20;

/// For each milestone, whether in any of the first [`SEARCHED`] replications a parameter on its chain was taken from,
/// or fitted to, the incident that the model replays. Only what was observed is searched; outside replays nothing is.
pub fn in_sample(model: &Model, seed: u64) -> Vec<bool> {
    let n = model.milestones.len();
    if model.meta.setting != Some(Setting::Replay) {
        return vec![false; n];
    }
    (0..SEARCHED)
        .into_par_iter()
        .map_init(
            || watched(model, seed),
            |simulation, replication| {
                simulation.reset(seed, replication);
                simulation.run();
                let trace = simulation.trace();
                let rests = |(m, result): (usize, &_)| {
                    let observed = model.milestones[m].observed.is_some();
                    let chain = observed.then(|| chain(trace, result)).flatten();
                    let on_chain = chain.map(|c| parameters_on_chain(model, trace, &c)).unwrap_or_default();
                    on_chain.iter().any(|&p| from_same_incident(model, p))
                };
                milestones(model, trace).iter().enumerate().map(rests).collect::<Vec<bool>>()
            },
        )
        .reduce(|| vec![false; n], |a, b| a.iter().zip(&b).map(|(a, b)| *a || *b).collect())
}
