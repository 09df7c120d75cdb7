//! Milestones over replications, and the replication that stands for the rest.
//!
//! Quantiles are of type 1 (Hyndman and Fan 1996): each is the value of one replication, in whole microseconds.
//! What was not reached by the end sorts after everything that was.

use std::collections::BTreeMap;

use super::milestones::MilestoneResult;
use crate::model::{MilestoneId, Model};
use crate::stats::{percentile, quantile_type1};
use crate::time::{SimDuration, SimTime};
use crate::trace::Subject;

/// Quantiles of a time; none where that share of the replications did not get there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantiles<T> {
    /// 5 %.
    pub q05: Option<T>,
    /// 50 %.
    pub q50: Option<T>,
    /// 95 %.
    pub q95: Option<T>,
}

/// A milestone over replications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MilestoneSummary {
    /// The milestone.
    pub milestone: MilestoneId,
    /// Replications.
    pub n: usize,
    /// Replications that reached it.
    pub n_reached: usize,
    /// Quantiles of the latency.
    pub latency: Quantiles<SimDuration>,
    /// Quantiles of the instant.
    pub at: Quantiles<SimTime>,
}

/// All milestones over replications.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnsembleSummary {
    /// In the order of the model.
    pub milestones: Vec<MilestoneSummary>,
    /// The replication nearest the medians (its position in the input); none: no replications.
    pub typical: Option<usize>,
}

/// How often a subject is on the chain of a milestone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criticality {
    /// Who or what.
    pub subject: Subject,
    /// Share of the replications whose chain passes through it.
    pub share: f64,
    /// Mean time on it over those (h).
    pub mean_hours: f64,
}

/// Criticality over the chains of one milestone: for each replication that reached it, what
/// [`Chain::subjects`](super::chain::Chain::subjects) gave. The most critical first.
pub fn criticality(chains: &[Vec<(Subject, SimDuration)>]) -> Vec<Criticality> {
    let mut sums = CriticalitySums::default();
    for chain in chains {
        sums.add(chain);
    }
    sums.finish()
}

/// Counts and times of subjects over chains, as whole numbers: their order does not matter.
#[derive(Debug, Clone, Default)]
pub struct CriticalitySums {
    /// Chains so far.
    pub n_chains: usize,
    sums: BTreeMap<Subject, (usize, SimDuration)>,
}

impl CriticalitySums {
    /// Adds the chain of one replication.
    pub fn add(&mut self, chain: &[(Subject, SimDuration)]) {
        self.n_chains += 1;
        for &(subject, time) in chain {
            let sum = self.sums.entry(subject).or_default();
            sum.0 += 1;
            sum.1 += time;
        }
    }

    /// The most critical first.
    pub fn finish(self) -> Vec<Criticality> {
        let n_chains = self.n_chains;
        let mut found: Vec<Criticality> = self
            .sums
            .into_iter()
            .map(|(subject, (n, time))| Criticality {
                subject,
                share: n as f64 / n_chains as f64,
                mean_hours: time.as_hours_f64() / n as f64,
            })
            .collect();
        let order = |c: &Criticality| (c.share, c.share * c.mean_hours);
        // The sort is stable: equals stay in the order of subjects.
        found.sort_by(|a, b| {
            let ((a_share, a_time), (b_share, b_time)) = (order(a), order(b));
            b_share.total_cmp(&a_share).then(b_time.total_cmp(&a_time))
        });
        found
    }
}

/// Summary of replications; `runs[r]` holds the milestones of replication r in the order of the model.
pub fn ensemble(model: &Model, runs: &[Vec<MilestoneResult>]) -> EnsembleSummary {
    let summary = |m: usize| {
        let of = |value: fn(&MilestoneResult) -> Option<u64>| times(runs, m, value);
        let latency = of(|r| r.latency.map(SimDuration::as_micros));
        let at = of(|r| r.reached.map(|reached| reached.at.as_micros()));
        MilestoneSummary {
            milestone: MilestoneId::from_index(m),
            n: runs.len(),
            n_reached: at.iter().filter(|t| t.is_finite()).count(),
            latency: quantiles(&latency, SimDuration::from_micros),
            at: quantiles(&at, SimTime::from_micros),
        }
    };
    EnsembleSummary {
        milestones: (0..model.milestones.len()).map(summary).collect(),
        typical: typical(runs, model.milestones.len()),
    }
}

/// One time per replication (µs), infinite where there is none.
fn times(runs: &[Vec<MilestoneResult>], m: usize, value: fn(&MilestoneResult) -> Option<u64>) -> Vec<f64> {
    let time = |run: &Vec<MilestoneResult>| run.get(m).and_then(value).map_or(f64::INFINITY, |us| us as f64);
    runs.iter().map(time).collect()
}

fn quantiles<T>(sample: &[f64], make: fn(u64) -> T) -> Quantiles<T> {
    let at = |p| quantile_type1(sample, p).filter(|us| us.is_finite()).map(|us| make(us as u64));
    Quantiles { q05: at(0.05), q50: at(0.5), q95: at(0.95) }
}

/// The replication nearest the medians.
///
/// The distance of a replication is the sum over milestones of |rank - 1/2|, its rank being the share of
/// replications that reached the milestone earlier, ties by half (what was not reached ties at the end). So no
/// milestone counts more for being late or widely spread, and one that nobody reached counts nothing. On a tie
/// the lowest number is taken.
fn typical(runs: &[Vec<MilestoneResult>], n_milestones: usize) -> Option<usize> {
    let mut distance = vec![0.0; runs.len()];
    for m in 0..n_milestones {
        let sample = times(runs, m, |r| r.reached.map(|reached| reached.at.as_micros()));
        for (sum, value) in distance.iter_mut().zip(&sample) {
            *sum += percentile(&sample, *value).map_or(0.0, |rank| (rank - 0.5).abs());
        }
    }
    let nearest = distance.iter().copied().reduce(f64::min)?;
    distance.iter().position(|&d| d <= nearest + 1e-9)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Builder;
    use super::super::milestones::Reached;
    use super::*;
    use crate::model::{InjectId, Predicate};

    fn run(us: [Option<u64>; 2]) -> Vec<MilestoneResult> {
        let result = |us: Option<u64>| MilestoneResult {
            reached: us.map(|us| Reached { at: SimTime::from_micros(us), record: 0, fact: None }),
            origin: Some(SimTime::ZERO),
            latency: us.map(SimDuration::from_micros),
        };
        us.into_iter().map(result).collect()
    }

    #[test]
    fn what_was_not_reached_sorts_last_and_the_typical_is_nearest_the_medians() {
        let mut b = Builder::new();
        b.milestone("a", Predicate::Injected(InjectId::from_index(0)));
        b.milestone("b", Predicate::Injected(InjectId::from_index(0)));
        let runs = [
            run([Some(10), None]),
            run([Some(50), Some(5)]),
            run([Some(30), Some(7)]),
            run([Some(20), Some(9)]),
            run([None, Some(6)]),
        ];
        let summary = ensemble(&b.model, &runs);
        let us = |us| Some(SimDuration::from_micros(us));
        // Sorted: 10 20 30 50 inf and 5 6 7 9 inf.
        assert_eq!(summary.milestones[0].latency, Quantiles { q05: us(10), q50: us(30), q95: None });
        assert_eq!(summary.milestones[1].latency, Quantiles { q05: us(5), q50: us(7), q95: None });
        assert_eq!((summary.milestones[0].n, summary.milestones[0].n_reached), (5, 4));
        // Replication 2 is the median of both.
        assert_eq!(summary.typical, Some(2));
        assert_eq!(ensemble(&b.model, &[]).typical, None);
        assert_eq!(ensemble(&b.model, &[run([None, None]), run([None, None])]).typical, Some(0));
    }

    #[test]
    fn the_most_often_passed_comes_first() {
        let [a, b, c] = [0, 1, 2].map(|i| Subject::Actor(crate::model::ActorId::from_index(i)));
        let h = SimDuration::from_hours;
        let chains = [vec![(a, h(1)), (b, h(0))], vec![(b, h(6)), (c, h(9))]];
        let of = |subject, share, mean_hours| Criticality { subject, share, mean_hours };
        assert_eq!(criticality(&chains), [of(b, 1.0, 3.0), of(c, 0.5, 9.0), of(a, 0.5, 1.0)]);
        assert_eq!(criticality(&[]), []);
    }
}
