//! When each milestone was reached.

use crate::model::FactId;
use crate::time::{SimDuration, SimTime};
use crate::trace::RecordId;

/// The instant at which a milestone was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// When.
    pub at: SimTime,
    /// The record that completed the predicate.
    pub record: RecordId,
    /// The fact that the milestone is about, if it is about one: its chain follows it.
    pub fact: Option<FactId>,
}

/// What became of a milestone in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MilestoneResult {
    /// When it was reached; none: not by the end of the run.
    pub reached: Option<Reached>,
    /// Instant from which its latency counts; none: the origin itself did not happen.
    pub origin: Option<SimTime>,
    /// `reached - origin`; none if either is missing, or if the milestone came before its origin.
    pub latency: Option<SimDuration>,
}
