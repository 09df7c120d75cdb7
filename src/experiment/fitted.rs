//! Which milestones of a replay rest on numbers that were taken from the incident itself.

use super::replicate::each;
use crate::analysis::milestones::milestones;
use crate::analysis::on_chain::rest_on_the_incident;
use crate::model::{Model, Setting};

/// Replications whose chains are searched: one alone may go another way, or not get there.
pub const SEARCHED: u64 = 20;

/// For each milestone, whether in any of the first [`SEARCHED`] replications a parameter on its chain was taken from,
/// or fitted to, the incident that the model replays. Only what was observed is searched; outside replays nothing is.
///
/// `known` has the same of each of the first replications, as far as they were run already
/// ([`rest_on_the_incident`]).
pub fn in_sample(model: &Model, seed: u64, known: &[Vec<bool>]) -> Vec<bool> {
    let replay = model.meta.setting == Some(Setting::Replay);
    let first = if replay { known.len() as u64 } else { SEARCHED };
    let others = each(model, seed, first.min(SEARCHED)..SEARCHED, |trace| {
        rest_on_the_incident(model, trace, &milestones(model, trace))
    });
    let any = |m| known.iter().chain(&others).any(|of_one| of_one.get(m).is_some_and(|rests| *rests));
    (0..model.milestones.len()).map(|m| replay && any(m)).collect()
}
