//! Judging an ensemble of replays against history.

use crate::model::MilestoneId;
use crate::time::{SimDuration, SimTime};

/// One observed milestone held against the ensemble.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The milestone.
    pub milestone: MilestoneId,
    /// Layer that it tests: `victim`, `national`, `internal`, `public`.
    pub layer: Option<&'static str>,
    /// Set by the scenario: shown, not counted.
    pub set_by_scenario: bool,
    /// A parameter on its chain was derived from the same incident.
    pub in_sample: bool,
    /// Replications.
    pub n: usize,
    /// Replications that reached it.
    pub n_reached: usize,
    /// The judgement.
    pub verdict: Verdict,
}

/// What the ensemble says about one observation.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It happened.
    Happened {
        /// Middle of the observed interval [µs relative to the start].
        middle_us: i64,
        /// Share of replications before the middle, ties by half, 0 to 1; what was not reached comes after.
        percentile: f64,
        /// 5 % quantile of the instant; none: not reached in more than 95 % of replications.
        q05: Option<SimTime>,
        /// Median.
        median: Option<SimTime>,
        /// 95 % quantile; none: later than the end in more than 5 % of replications.
        q95: Option<SimTime>,
        /// The middle lies between the two quantiles, both included.
        covered: bool,
        /// Width of the central 90 % as a multiple of the observed latency; none: not finite.
        relative_width: Option<f64>,
        /// CRPS of the natural logarithm of the latency; none: the observed latency is unknown.
        crps: Option<f64>,
        /// The same for the naive forecast.
        naive_crps: Option<f64>,
    },
    /// It did not happen by an instant.
    Never {
        /// By when [µs relative to the start].
        by_us: i64,
        /// Share of replications that reached it by then, with a Wilson interval of 95 %.
        share: f64,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// Brier score of the share as a forecast: its square.
        brier: f64,
    },
}

/// Sums over judged milestones that count.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JudgedSum {
    /// Milestones that happened.
    pub happened: usize,
    /// Those covered by the central 90 %.
    pub covered: usize,
    /// Milestones that did not happen.
    pub never: usize,
    /// Mean CRPS over those that have one and a naive one.
    pub mean_crps: Option<f64>,
    /// Mean CRPS of the naive forecast over the same.
    pub mean_naive_crps: Option<f64>,
    /// Mean Brier score over those that did not happen.
    pub mean_brier: Option<f64>,
}

/// The judgement of a replay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// One for each observed milestone, in the order of the model.
    pub rows: Vec<Judged>,
    /// Rows with a parameter derived from the same incident.
    pub in_sample: JudgedSum,
    /// The others.
    pub out_of_sample: JudgedSum,
    /// Counted rows by layer, in alphabetical order.
    pub by_layer: Vec<(&'static str, usize)>,
}

/// What one replication says about a milestone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// When it was reached.
    pub at: Option<SimTime>,
    /// Its latency.
    pub latency: Option<SimDuration>,
}
