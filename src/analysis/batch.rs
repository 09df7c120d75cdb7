//! A milestone, or a figure, over the replications of a batch: estimates with intervals.
//!
//! Replications are the unit. What was not reached by the end of a run is censored, not dropped: quantiles count it
//! as later than everything, the restricted mean counts the time for which it was watched.

use super::ensemble::Criticality;
use super::figures::FigureColumn;
use super::replay::{Judgement, Outcome};
use crate::stats::{Interval, kaplan_meier, mean, quantile_interval, quantile_type1, sd, t_interval, wilson};
use crate::time::SimTime;

/// Confidence of every interval.
pub const CONFIDENCE: f64 = 0.95;
/// Quantiles that are told.
pub const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Standard normal quantile of 97.5 %.
const Z: f64 = 1.959_963_984_540_054;
const HOUR_US: f64 = 3.6e9;

/// One milestone over replications, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// When it was reached (µs since the start).
    pub reached_us: Vec<Option<u64>>,
    /// The instant from which its latency counts (µs since the start); none: that did not happen.
    pub origin_us: Vec<Option<u64>>,
    /// When the run ended (µs since the start).
    pub end_us: Vec<u64>,
}

impl Outcomes {
    /// Number of replications.
    pub fn len(&self) -> usize {
        self.reached_us.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.reached_us.is_empty()
    }

    /// The latency in replication r (µs); none: not reached, or its origin did not happen before it.
    pub fn latency_us(&self, r: usize) -> Option<u64> {
        self.reached_us[r]?.checked_sub(self.origin_us[r]?)
    }

    /// The time for which replication r was watched without reaching the milestone (µs); none: it was reached, or
    /// its clock never started.
    pub fn censored_us(&self, r: usize) -> Option<u64> {
        match (self.reached_us[r], self.origin_us[r]) {
            (None, Some(origin)) => Some(self.end_us[r].saturating_sub(origin)),
            _ => None,
        }
    }

    /// Latency, or the time for which it was watched in vain (µs): min(latency, end - origin). None: its clock never
    /// started.
    pub fn restricted_us(&self, r: usize) -> Option<u64> {
        self.latency_us(r).or_else(|| self.censored_us(r))
    }

    /// Latencies (h) in order of replication, infinite where it was not reached; those whose clock never started are
    /// left out.
    pub fn hours(&self) -> Vec<f64> {
        let started = (0..self.len()).filter(|&r| self.restricted_us(r).is_some());
        started.map(|r| self.latency_us(r).map_or(f64::INFINITY, |us| us as f64 / HOUR_US)).collect()
    }

    /// As the judgement of a replay takes it.
    pub fn outcome(&self, r: usize) -> Outcome {
        let at = |us: Option<u64>| us.map(SimTime::from_micros);
        Outcome { at: at(self.reached_us[r]), origin: at(self.origin_us[r]) }
    }
}

/// A quantile with its interval from order statistics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileEstimate {
    /// Which, 0 to 1.
    pub p: f64,
    /// The smallest value with at least this share at or below it; infinite: not reached in so many replications.
    pub value: f64,
    /// Interval; none: too few replications for one.
    pub interval: Option<Interval>,
}

/// A milestone over replications.
#[derive(Debug, Clone, PartialEq)]
pub struct MilestoneStatistics {
    /// Replications.
    pub n: usize,
    /// Replications that reached it.
    pub n_reached: usize,
    /// Replications in which its clock never started.
    pub n_without_origin: usize,
    /// Wilson interval of the share that reaches it; none: no replications.
    pub share: Option<Interval>,
    /// Quantiles of the latency (h), over the replications in which its clock started.
    pub quantiles: Vec<QuantileEstimate>,
    /// Mean of min(latency, limit) (h), with a normal interval, and the limit: the longest time watched.
    pub restricted_mean: Option<(f64, Interval, f64)>,
}

/// A figure over replications.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureStatistics {
    /// Replications in which it exists.
    pub n: usize,
    /// Mean over those.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub sd: Option<f64>,
    /// t interval of the mean.
    pub interval: Option<Interval>,
    /// Quantiles.
    pub quantiles: Vec<QuantileEstimate>,
}

/// What is said of one variant of a batch.
#[derive(Debug, Clone)]
pub struct VariantResults {
    /// Its name.
    pub name: String,
    /// What it changes, as typed.
    pub changes: Vec<String>,
    /// What it changes in the document, line by line.
    pub differences: Vec<String>,
    /// Replications.
    pub n: u64,
    /// By milestone, in the order of the model.
    pub milestones: Vec<MilestoneStatistics>,
    /// The other figures.
    pub figures: Vec<(FigureColumn, FigureStatistics)>,
    /// The replay held against history, where there is one.
    pub judgement: Option<Judgement>,
    /// Replications that reached the headline milestone.
    pub n_chains: usize,
    /// Who was on its causal chain, by name, the most critical first.
    pub criticality: Vec<(String, Criticality)>,
}

/// Estimates of a milestone.
pub fn milestone_statistics(outcomes: &Outcomes) -> MilestoneStatistics {
    let n = outcomes.len();
    let n_reached = outcomes.reached_us.iter().flatten().count();
    MilestoneStatistics {
        n,
        n_reached,
        n_without_origin: outcomes.origin_us.iter().filter(|o| o.is_none()).count(),
        share: wilson(n_reached as u64, n as u64, CONFIDENCE),
        quantiles: quantiles(&outcomes.hours()),
        restricted_mean: restricted_mean(outcomes),
    }
}

/// Mean of min(latency, limit) (h), with a normal interval, and the limit: the longest time watched.
fn restricted_mean(outcomes: &Outcomes) -> Option<(f64, Interval, f64)> {
    let mut timed: Vec<(f64, bool)> = Vec::with_capacity(outcomes.len());
    timed.extend((0..outcomes.len()).filter_map(|r| {
        Some((outcomes.restricted_us(r)? as f64 / HOUR_US, outcomes.latency_us(r).is_some()))
    }));
    let curve = kaplan_meier(&timed)?;
    let limit = curve.last_time;
    let found = curve.restricted_mean(limit)?;
    let half = Z * found.standard_error;
    Some((found.mean, Interval { lo: found.mean - half, hi: found.mean + half }, limit))
}

/// Estimates of a figure; NaN where a replication has none.
pub fn figure_statistics(values: &[f64]) -> FigureStatistics {
    let there: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    FigureStatistics {
        n: there.len(),
        mean: mean(&there),
        sd: sd(&there),
        interval: t_interval(&there, CONFIDENCE),
        quantiles: quantiles(&there),
    }
}

fn quantiles(sample: &[f64]) -> Vec<QuantileEstimate> {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let estimate = |p| {
        let value = quantile_type1(&sorted, p)?;
        Some(QuantileEstimate { p, value, interval: quantile_interval(&sorted, p, CONFIDENCE) })
    };
    QUANTILES.into_iter().filter_map(estimate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: u64 = 3_600_000_000;

    #[test]
    fn what_was_not_reached_is_censored_and_not_dropped() {
        // Origins at 1 h; reached after 1, 2, 3 h; one watched for 9 h; one whose clock never started.
        let outcomes = Outcomes {
            reached_us: vec![Some(2 * H), Some(3 * H), Some(4 * H), None, None],
            origin_us: vec![Some(H), Some(H), Some(H), Some(H), None],
            end_us: vec![10 * H; 5],
        };
        assert_eq!(outcomes.hours(), [1.0, 2.0, 3.0, f64::INFINITY]);
        assert_eq!((outcomes.latency_us(3), outcomes.censored_us(3)), (None, Some(9 * H)));
        assert_eq!((outcomes.restricted_us(3), outcomes.restricted_us(4)), (Some(9 * H), None));
        let s = milestone_statistics(&outcomes);
        assert_eq!((s.n, s.n_reached, s.n_without_origin), (5, 3, 1));
        // (1 + 2 + 3 + 9) / 4.
        let (mean, _, limit) = s.restricted_mean.unwrap();
        assert!((mean - 3.75).abs() < 1e-12 && limit == 9.0);
        assert_eq!(
            s.quantiles.iter().map(|q| q.value).collect::<Vec<_>>(),
            [1.0, 1.0, 2.0, 3.0, f64::INFINITY]
        );
        assert_eq!(s.quantiles[2].interval, None, "four are too few for an interval of the median");
        assert_eq!(milestone_statistics(&Outcomes::default()).share, None);
    }

    #[test]
    fn figures_that_do_not_exist_are_not_counted() {
        let s = figure_statistics(&[1.0, f64::NAN, 3.0]);
        assert_eq!((s.n, s.mean), (2, Some(2.0)));
        assert_eq!(figure_statistics(&[]).mean, None);
    }
}
