//! The schedule of an exercise: when each inject and milestone is due, with its uncertainty over replications.
//!
//! Quantiles are of type 1 (Hyndman and Fan 1996), as in [`ensemble`](super::ensemble): what did not happen sorts
//! after everything that did.

use crate::model::{Exercise, InjectId, InjectTime, MilestoneId, Model};
use crate::stats::quantile_type1;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Trace};

use super::milestones::MilestoneResult;

/// When something happened over replications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Replications.
    pub n: usize,
    /// Those in which it happened.
    pub n_reached: usize,
    /// 5 %; none where so many did not get there.
    pub q05: Option<SimTime>,
    /// 10 %.
    pub q10: Option<SimTime>,
    /// 50 %.
    pub q50: Option<SimTime>,
    /// 90 %.
    pub q90: Option<SimTime>,
    /// 95 %.
    pub q95: Option<SimTime>,
}

/// An inject in the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The inject.
    pub inject: InjectId,
    /// When it is expected: its instant, or the median where it waits for something; none: mostly never.
    pub at: Option<SimTime>,
    /// Over replications, where it waits for something.
    pub times: Option<Times>,
    /// Its record in the run that is told.
    pub record: Option<RecordId>,
}

/// An exercise with its schedule over replications: what pages and tables of a pack are made from.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The model.
    pub model: &'a Model,
    /// What it is when people play it.
    pub exercise: &'a Exercise,
    /// The injects in the order in which they are expected.
    pub schedule: &'a [Due],
    /// Milestones over replications, in the order of the model.
    pub milestones: &'a [(MilestoneId, Times)],
    /// Replications.
    pub n_replications: usize,
    /// Master seed.
    pub seed: u64,
    /// The replication that is told.
    pub replication: u64,
    /// Version of the program.
    pub version: &'a str,
}

impl Planned<'_> {
    /// When an instant of the crisis is played.
    pub fn played(&self, t: SimTime) -> SimDuration {
        self.exercise.played_at(t, self.model.meta.horizon)
    }
}

/// When each inject happened in a run, with its record.
pub fn injected(model: &Model, trace: &Trace) -> Vec<Option<(SimTime, RecordId)>> {
    let mut found = vec![None; model.injects.len()];
    if found.is_empty() {
        return found;
    }
    for (id, record) in trace.records.iter().enumerate() {
        if let Event::Injected(inject) = record.event
            && let Some(first @ None) = found.get_mut(inject.index())
        {
            *first = Some((record.time, id as RecordId));
        }
    }
    found
}

/// Quantiles of a time.
pub fn times(sample: &[Option<SimTime>]) -> Times {
    let us: Vec<f64> = sample.iter().map(|t| t.map_or(f64::INFINITY, |t| t.as_micros() as f64)).collect();
    let at = |p| quantile_type1(&us, p).filter(|us| us.is_finite()).map(|us| SimTime::from_micros(us as u64));
    Times {
        n: sample.len(),
        n_reached: sample.iter().flatten().count(),
        q05: at(0.05),
        q10: at(0.1),
        q50: at(0.5),
        q90: at(0.9),
        q95: at(0.95),
    }
}

/// Each milestone over replications; `runs[r]` holds those of replication r in the order of the model.
pub fn milestone_times(model: &Model, runs: &[Vec<MilestoneResult>]) -> Vec<(MilestoneId, Times)> {
    let of = |m: usize| {
        let sample: Vec<_> =
            runs.iter().map(|run| run.get(m).and_then(|result| Some(result.reached?.at))).collect();
        (MilestoneId::from_index(m), times(&sample))
    };
    (0..model.milestones.len()).map(of).collect()
}

/// The injects in the order in which they are expected; what is mostly never released comes last.
///
/// `told` is the run that is told, `runs[r]` the instants in replication r, both in the order of the model.
pub fn schedule(
    model: &Model,
    told: &[Option<(SimTime, RecordId)>],
    runs: &[Vec<Option<SimTime>>],
) -> Vec<Due> {
    let mut rows: Vec<Due> = model
        .injects
        .iter()
        .enumerate()
        .map(|(i, inject)| {
            let here = told.get(i).copied().flatten();
            let sample: Vec<_> = runs.iter().map(|run| run.get(i).copied().flatten()).collect();
            let (at, times) = match inject.at {
                InjectTime::At(at) => (Some(at), None),
                InjectTime::When(..) if sample.is_empty() => (here.map(|h| h.0), None),
                InjectTime::When(..) => {
                    let times = times(&sample);
                    (times.q50, Some(times))
                }
            };
            Due { inject: InjectId::from_index(i), at, times, record: here.map(|h| h.1) }
        })
        .collect();
    rows.sort_by_key(|row| (row.at.unwrap_or(SimTime::MAX), row.inject));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_happen_comes_after_what_did() {
        let at = |us| Some(SimTime::from_micros(us));
        let sample: Vec<_> = (1..=9).map(at).chain([None]).collect();
        let times = times(&sample);
        assert_eq!((times.n, times.n_reached), (10, 9));
        assert_eq!((times.q05, times.q10, times.q50), (at(1), at(1), at(5)));
        assert_eq!((times.q90, times.q95), (at(9), None));
        assert_eq!(super::times(&[]).q50, None);
    }
}
