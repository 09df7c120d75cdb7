//! Milestones over replications, and the replication that stands for the rest.

use crate::model::MilestoneId;
use crate::time::{SimDuration, SimTime};

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
