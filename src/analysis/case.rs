//! Cases as the records tell them: what opened a case, its class, and what was done for it.
//!
//! A case is opened by an arrival, a tick, an inject or a detection; everything whose chain of first causes leads
//! back to it, and to no later opening, belongs to it.

use crate::model::{ClassId, Model};
use crate::trace::{Event, RecordId, Trace};

/// Whether a record opens a case.
fn opens(event: &Event) -> bool {
    matches!(
        event,
        Event::Start
            | Event::Arrival(_)
            | Event::Tick(_)
            | Event::Injected(_)
            | Event::Detected(..)
            | Event::Crossed(_)
            | Event::Silent(_)
    )
}

/// The record that opened the case of each record; the record itself where its chain has no opening.
pub(super) fn openings(trace: &Trace) -> Vec<RecordId> {
    let mut opening: Vec<RecordId> = Vec::with_capacity(trace.records.len());
    for (i, record) in trace.records.iter().enumerate() {
        let id = i as RecordId;
        let of = match trace.causes_of(id).first() {
            Some(&cause) if !opens(&record.event) => opening[cause as usize],
            _ => id,
        };
        opening.push(of);
    }
    opening
}

/// The class of the case that a record opened.
pub(super) fn class_of_opening(model: &Model, trace: &Trace, opening: RecordId) -> Option<ClassId> {
    match trace.records[opening as usize].event {
        Event::Arrival(rule) | Event::Tick(rule) | Event::Crossed(rule) | Event::Silent(rule) => {
            Some(model.rules[rule.index()].class)
        }
        _ => None,
    }
}

/// The class of the case to which a record belongs.
pub(super) fn class_of(model: &Model, trace: &Trace, record: RecordId) -> Option<ClassId> {
    let mut at = record;
    while !opens(&trace.records[at as usize].event) {
        at = *trace.causes_of(at).first()?;
    }
    class_of_opening(model, trace, at)
}
