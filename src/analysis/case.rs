//! Cases as the records tell them: what opened a case, its class, and what was done for it.
//!
//! A case is opened by an arrival, a tick, an inject or a detection; everything whose chain of first causes leads
//! back to it, and to no later opening, belongs to it.

use std::collections::BTreeMap;

use super::tasks::TaskStory;
use crate::model::{ActorId, CaseFilter, ClassId, Model};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Trace, WorkKind};

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
fn openings(trace: &Trace) -> Vec<RecordId> {
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
fn class_of_opening(model: &Model, trace: &Trace, opening: RecordId) -> Option<ClassId> {
    match trace.records[opening as usize].event {
        Event::Arrival(rule) | Event::Tick(rule) | Event::Crossed(rule) | Event::Silent(rule) => {
            Some(model.rules[rule.index()].class)
        }
        _ => None,
    }
}

/// The record that opened the case of a record; none if nothing on the way back opens one.
fn opening_of(trace: &Trace, record: RecordId) -> Option<RecordId> {
    let mut at = record;
    while !opens(&trace.records[at as usize].event) {
        at = *trace.causes_of(at).first()?;
    }
    Some(at)
}

/// The arrival that opened the case of a record; none if something else did.
pub(super) fn arrival_of(trace: &Trace, record: RecordId) -> Option<RecordId> {
    let at = opening_of(trace, record)?;
    matches!(trace.records[at as usize].event, Event::Arrival(_)).then_some(at)
}

/// The class of the case to which a record belongs.
pub(super) fn class_of(model: &Model, trace: &Trace, record: RecordId) -> Option<ClassId> {
    class_of_opening(model, trace, opening_of(trace, record)?)
}

/// When each case was opened and finished, in the order of their openings; without a class, those that are opened by an
/// arrival.
pub(super) fn case_times(
    model: &Model,
    trace: &Trace,
    class: Option<ClassId>,
) -> Vec<(SimTime, Option<SimTime>)> {
    let opening = openings(trace);
    let mut times: BTreeMap<RecordId, (SimTime, Option<SimTime>)> = BTreeMap::new();
    for (i, record) in trace.records.iter().enumerate() {
        let id = i as RecordId;
        let counts = match class {
            Some(class) => class_of_opening(model, trace, id) == Some(class),
            None => matches!(record.event, Event::Arrival(_)),
        };
        if counts {
            times.insert(id, (record.time, None));
        } else if matches!(record.event, Event::Finished(_))
            && let Some((_, ended)) = times.get_mut(&opening[i])
        {
            ended.get_or_insert(record.time);
        }
    }
    times.into_values().collect()
}

/// Which tasks a filter by case lets count; asked about each in turn.
pub(super) struct Visits<'a> {
    model: &'a Model,
    trace: &'a Trace,
    filter: CaseFilter,
    opening: Vec<RecordId>,
    seen: BTreeMap<(RecordId, ActorId, u8, usize), u32>,
}

impl<'a> Visits<'a> {
    pub(super) fn new(model: &'a Model, trace: &'a Trace, filter: CaseFilter) -> Visits<'a> {
        let opening = if filter == CaseFilter::default() { Vec::new() } else { openings(trace) };
        Visits { model, trace, filter, opening, seen: BTreeMap::new() }
    }

    pub(super) fn counts(&mut self, task: &TaskStory) -> bool {
        if self.opening.is_empty() {
            return true;
        }
        let case = self.opening[task.record as usize];
        let (kind, of) = match task.work {
            WorkKind::Task(t) => (0, t.index()),
            WorkKind::For(site) => (1, self.model.sites[site.index()].param.index()),
            WorkKind::Write(p) => (2, p.index()),
            WorkKind::Read(p) => (3, p.index()),
            WorkKind::Position(d) => (4, d.index()),
            WorkKind::Attend(n) => (5, n.index()),
            WorkKind::Session(d) => (6, d.index()),
        };
        let visit = self.seen.entry((case, task.actor, kind, of)).or_insert(0);
        *visit += 1;
        self.filter.visit.is_none_or(|n| *visit == n)
            && self.filter.class.is_none_or(|c| class_of_opening(self.model, self.trace, case) == Some(c))
    }
}
