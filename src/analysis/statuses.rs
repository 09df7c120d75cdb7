//! How many operators are in a status, over time.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Reading;
use crate::model::{IncidentId, OperatorFilter, OperatorId, Status};
use crate::time::SimTime;
use crate::trace::Event;

/// Numbers of operators (or the sums of their sizes) of a filter that are in a status, in one incident or (none) in any, at each change.
///
/// Hit, detected and contained last until recovery, recovered until the next hit, immune for good, off line until
/// the operator is back.
pub fn in_status(
    run: &Reading<'_>,
    of: &OperatorFilter,
    status: Status,
    incident: Option<IncidentId>,
    sizes: bool,
) -> Vec<(SimTime, f64)> {
    let (model, trace) = (run.model, run.trace);
    let mut counts: BTreeMap<OperatorId, BTreeSet<Option<IncidentId>>> = BTreeMap::new();
    let mut curve: Vec<(SimTime, f64)> = Vec::new();
    let mut now = 0.0;
    for record in run.operators().iter().map(|&id| trace.record(id)) {
        let Some((operator, about, is)) = change(record.event, status) else { continue };
        let meant = about.is_none() || incident.is_none() || about == incident;
        let accepted = trace
            .operators
            .get(operator.index())
            .is_some_and(|info| of.accepts(info.group, &model.groups[info.group.index()], info.attributes));
        if !meant || !accepted {
            continue;
        }
        let within = counts.entry(operator).or_default();
        let before = !within.is_empty();
        if is {
            within.insert(about);
        } else {
            within.remove(&about);
        }
        let after = !within.is_empty();
        if before != after {
            let one = if sizes { f64::from(trace.operators[operator.index()].size) } else { 1.0 };
            now += if after { one } else { -one };
            curve.push((record.time, now));
        }
    }
    curve
}

/// Whether an event puts an operator into a status or takes it out, and in which incident.
fn change(event: Event, status: Status) -> Option<(OperatorId, Option<IncidentId>, bool)> {
    let (operator, incident, is) = match (status, event) {
        (Status::Immune, Event::Immune(_, o)) => (o, None, true),
        (Status::OffLine, Event::OffLine(_, o)) => (o, None, true),
        (Status::OffLine, Event::OnLine(_, o)) => (o, None, false),
        (Status::Hit, Event::Hit(i, o))
        | (Status::Detected, Event::Detected(i, o))
        | (Status::Contained, Event::Contained(i, o))
        | (Status::Recovered, Event::Recovered(i, o)) => (o, Some(i), true),
        (Status::Recovered, Event::Hit(i, o))
        | (Status::Hit | Status::Detected | Status::Contained, Event::Recovered(i, o)) => (o, Some(i), false),
        _ => return None,
    };
    Some((operator, incident, is))
}
