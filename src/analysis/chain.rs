//! Where the time of a milestone went: its causal chain, cut at its origin.

use crate::time::SimTime;
use crate::trace::{RecordId, SpanKind, Subject};

/// A piece of a latency, spent on one thing by one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// What the time was spent on.
    pub kind: SpanKind,
    /// Who spent it.
    pub who: Subject,
    /// Beginning.
    pub from: SimTime,
    /// End.
    pub to: SimTime,
}

/// The causal chain of a milestone.
///
/// **Invariant:** segments are contiguous, in time order, begin at the origin and end when the milestone was
/// reached; neighbours differ in kind or subject; none is empty, unless the latency is 0 (then there is one).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Pieces of the latency, the earliest first.
    pub segments: Vec<Segment>,
    /// Records that the chain passes through, the earliest first; the last is that of the milestone.
    pub steps: Vec<RecordId>,
}
