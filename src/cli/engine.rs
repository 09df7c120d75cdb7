//! Drives the engine: one replication to be told, or many for ranges.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::failure::Failure;
use crate::analysis::chain::chain;
use crate::analysis::milestones::{MilestoneResult, MilestoneWatch, milestones};
use crate::analysis::on_chain::rest_on_the_incident;
use crate::analysis::schedule::injected;
use crate::experiment::SEARCHED;
use crate::model::{Model, Setting};
use crate::sim::{DrawRow, Simulation, Stop};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Subject, Trace};

/// A simulation that is watched for the milestones on which `until` and injects wait.
fn watched(model: &Model, seed: u64, replication: u64) -> Simulation<'_> {
    let mut simulation = Simulation::new(model, seed, replication);
    watch(&mut simulation, model);
    simulation
}

fn watch<'m>(simulation: &mut Simulation<'m>, model: &'m Model) {
    let Some(mut watch) = MilestoneWatch::awaited(model) else { return };
    simulation.watch(Box::new(move |trace, id| {
        // Another replication begins.
        if id == 0 {
            watch.restart(model);
        }
        watch.see(model, trace, id)
    }));
}

/// One replication.
pub(crate) fn one(
    model: &Model,
    seed: u64,
    replication: u64,
    keep_draws: bool,
) -> Result<(Trace, Vec<DrawRow>), Failure> {
    let mut simulation = watched(model, seed, replication);
    if keep_draws {
        simulation.record_draws(true, seed, replication);
        watch(&mut simulation, model);
    }
    simulation.run();
    if let Some(stop) = simulation.stopped() {
        return Err(stopped(model, replication, stop));
    }
    let draws = if keep_draws { simulation.draws() } else { Vec::new() };
    Ok((simulation.into_trace(), draws))
}

/// What a replication of an ensemble leaves behind.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) milestones: Vec<MilestoneResult>,
    /// Who was on the chain of the headline, and for how long; none: not reached.
    pub(crate) on_chain: Option<Vec<(Subject, SimDuration)>>,
    /// When each inject was released.
    pub(crate) injected: Vec<Option<SimTime>>,
    /// Of the first replications of a replay: by milestone, whether its chain rests on numbers of the incident.
    pub(crate) rests: Option<Vec<bool>>,
}

/// Replications 0 to `n - 1` in order, whatever the number of threads.
///
/// # Errors
/// The first replication that was stopped; none after it is begun.
pub(crate) fn many(model: &Model, seed: u64, n: u64) -> Result<Vec<Left>, Failure> {
    let headline = model.meta.headline_milestone;
    let first_stopped = AtomicU64::new(u64::MAX);
    let all: Vec<Result<Left, Option<Failure>>> = (0..n)
        .into_par_iter()
        .map_init(
            || watched(model, seed, 0),
            |simulation, replication| {
                if replication > first_stopped.load(Ordering::Relaxed) {
                    return Err(None);
                }
                simulation.reset(seed, replication);
                simulation.run();
                if let Some(stop) = simulation.stopped() {
                    first_stopped.fetch_min(replication, Ordering::Relaxed);
                    return Err(Some(stopped(model, replication, stop)));
                }
                let trace = simulation.trace();
                let milestones = milestones(model, trace);
                let chain = headline.and_then(|m| chain(trace, &milestones[m.index()]));
                let searched = model.meta.setting == Some(Setting::Replay) && replication < SEARCHED;
                let released = injected(model, trace).into_iter().map(|found| Some(found?.0)).collect();
                Ok(Left {
                    on_chain: chain.map(|chain| chain.subjects(trace)),
                    rests: searched.then(|| rest_on_the_incident(model, trace, &milestones)),
                    milestones,
                    injected: released,
                })
            },
        )
        .collect();
    let mut left = Vec::with_capacity(all.len());
    for one in all {
        match one {
            Ok(one) => left.push(one),
            // The first one stopped comes before those that were not begun.
            Err(failure) => {
                return Err(failure.unwrap_or_else(|| Failure::wrong("a replication was not begun")));
            }
        }
    }
    Ok(left)
}

/// What to say of a run that reached one of its limits.
pub(crate) fn stopped(model: &Model, replication: u64, stop: &Stop) -> Failure {
    let (limit, at) = (stop.limit, model.meta.epoch.rfc3339(stop.at));
    let failure = Failure::wrong(format!(
        "replication {replication} was stopped at {at}: it reached the limit `{}` of {} {}",
        limit.name(),
        stop.most,
        limit.what()
    ));
    let steps: Vec<String> = stop
        .round
        .iter()
        .map(|(rule, actor)| {
            let rule = &model.rules[rule.index()].name.text;
            match actor {
                Some(actor) => format!("`{rule}` of `{}`", model.actors[actor.index()].name.text),
                None => format!("`{rule}`"),
            }
        })
        .collect();
    let failure = match &steps[..] {
        [] => failure,
        [one] => failure.hint(format!("the rule {one} sets itself off again and again")),
        [first, ..] => failure.hint(format!(
            "these rules set each other off again and again: {}, then {first}",
            steps.join(", then ")
        )),
    };
    failure.hint(format!(
        "if so much is meant, raise the limit in the document: `limits: ({}: {})`",
        limit.name(),
        stop.most.saturating_mul(2)
    ))
}
