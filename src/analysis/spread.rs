//! How an incident spread over operators, and what it cost them.

use crate::model::{IncidentId, StateId};
use crate::time::{SimDuration, SimTime};

/// Numbers of operators from an instant on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpreadPoint {
    /// From when.
    pub at: SimTime,
    /// Hits so far.
    pub hit: u32,
    /// Hit and not yet recovered.
    pub active: u32,
    /// Hit and not yet contained.
    pub infectious: u32,
    /// Recoveries so far.
    pub recovered: u32,
}

/// What an incident did in one state (or everywhere).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Toll {
    /// Hits.
    pub hit: u32,
    /// Hits that their operators detected.
    pub detected: u32,
    /// Hits contained.
    pub contained: u32,
    /// Hits recovered from.
    pub recovered: u32,
    /// Operators immune by a countermeasure (counted for the total of all incidents only).
    pub immune: u32,
    /// Sum over hits of the time from the hit to recovery or the end of the run.
    pub impact: SimDuration,
    /// First hit.
    pub first_hit: Option<SimTime>,
}

/// The spread of one incident, or of all together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spread {
    /// The incident; none: all of them.
    pub incident: Option<IncidentId>,
    /// Numbers over time.
    pub curve: Vec<SpreadPoint>,
    /// Totals.
    pub total: Toll,
    /// The same by state, only states that were hit, in the order of the model.
    pub by_state: Vec<(StateId, Toll)>,
    /// Most operators active at once, and since when.
    pub peak: Option<(SimTime, u32)>,
    /// When the last hit was contained; none: not all were by the end.
    pub contained_at: Option<SimTime>,
    /// When the last hit was recovered from; none: not all were by the end.
    pub recovered_at: Option<SimTime>,
    /// From the first hit to `contained_at`.
    pub time_to_contain: Option<SimDuration>,
    /// From the first hit to `recovered_at`.
    pub time_to_recover: Option<SimDuration>,
}
