//! Duties to report: each as an object with its own clock.

use crate::model::DutyId;
use crate::time::{SimDuration, SimTime};
use crate::trace::{RecordId, Subject};

/// How a duty stands at the end of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The report arrived by the deadline (the deadline itself is in time).
    Kept,
    /// It arrived later, by so much.
    Late(SimDuration),
    /// It did not arrive, and the deadline is past.
    Missing,
    /// It has not arrived, and the deadline is not past yet.
    Open,
}

/// One duty, owed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DutyObject {
    /// Which duty.
    pub duty: DutyId,
    /// Who owes it.
    pub holder: Subject,
    /// What started its clock, where that is a record.
    pub started_by: Option<RecordId>,
    /// When its clock started.
    pub clock: SimTime,
    /// Until when.
    pub deadline: SimTime,
    /// The delivery that discharged it.
    pub delivery: Option<RecordId>,
    /// When that arrived.
    pub arrived: Option<SimTime>,
    /// How it stands.
    pub standing: Standing,
}

/// Counts over the objects of a duty.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DutyCount {
    /// Clocks that started.
    pub owed: u32,
    /// In time.
    pub kept: u32,
    /// Late.
    pub late: u32,
    /// Never, and the deadline is past.
    pub missing: u32,
    /// Never, and the deadline is not past.
    pub open: u32,
    /// Mean lateness of the late ones [h].
    pub mean_lateness_hours: Option<f64>,
    /// Mean of max(0, lateness) of those that arrived [h].
    pub mean_tardiness_hours: Option<f64>,
}
