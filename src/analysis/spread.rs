//! How an incident spread over operators, and what it cost them.

use std::collections::BTreeMap;

use super::reading::Reading;
use crate::model::{IncidentId, Model, OperatorId, StateId};
use crate::time::{SimDuration, SimTime};
use crate::trace::Event;

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

/// A hit that has not been recovered from.
struct OpenHit {
    since: SimTime,
    detected: bool,
    contained: bool,
}

/// The spread of one incident (none: of all together) over a run.
///
/// An operator that is hit again, or by two incidents, counts once for each hit.
pub fn spread(run: &Reading<'_>, incident: Option<IncidentId>) -> Spread {
    let (model, trace) = (run.model, run.trace);
    let mut result = Spread { incident, ..Spread::default() };
    let mut states = vec![Toll::default(); model.states.len()];
    let mut open: BTreeMap<(IncidentId, OperatorId), OpenHit> = BTreeMap::new();
    let mut now = SpreadPoint::default();
    let state_of = |operator: OperatorId| {
        trace.operators.get(operator.index()).map(|o| model.groups[o.group.index()].state.index())
    };
    for record in run.operators().iter().map(|&id| trace.record(id)) {
        let (of, operator) = match record.event {
            Event::Hit(i, o) | Event::Detected(i, o) | Event::Contained(i, o) | Event::Recovered(i, o) => {
                (i, o)
            }
            Event::Immune(_, o) if incident.is_none() => {
                result.total.immune += 1;
                if let Some(state) = state_of(o) {
                    states[state].immune += 1;
                }
                continue;
            }
            _ => continue,
        };
        if incident.is_some_and(|wanted| wanted != of) {
            continue;
        }
        now.at = record.time;
        let mut elsewhere = Toll::default();
        let state = state_of(operator).map_or(&mut elsewhere, |s| &mut states[s]);
        let key = (of, operator);
        match record.event {
            Event::Hit(..) => {
                open.insert(key, OpenHit { since: record.time, detected: false, contained: false });
                state.hit += 1;
                state.first_hit.get_or_insert(record.time);
                result.total.first_hit.get_or_insert(record.time);
                now.hit += 1;
                now.active += 1;
                now.infectious += 1;
            }
            Event::Detected(..) => {
                if let Some(hit) = open.get_mut(&key).filter(|h| !h.detected) {
                    hit.detected = true;
                    state.detected += 1;
                }
            }
            Event::Contained(..) => {
                if let Some(hit) = open.get_mut(&key).filter(|h| !h.contained) {
                    hit.contained = true;
                    state.contained += 1;
                    now.infectious -= 1;
                    result.contained_at = Some(record.time);
                }
            }
            _ => {
                if let Some(hit) = open.remove(&key) {
                    if !hit.contained {
                        state.contained += 1;
                        now.infectious -= 1;
                        result.contained_at = Some(record.time);
                    }
                    state.recovered += 1;
                    state.impact += record.time - hit.since;
                    now.active -= 1;
                    now.recovered += 1;
                    result.recovered_at = Some(record.time);
                }
            }
        }
        push(&mut result.curve, now);
    }
    for ((_, operator), hit) in &open {
        if let Some(state) = state_of(*operator) {
            states[state].impact += trace.end - hit.since;
        }
    }
    close(&mut result, now, states);
    result
}

/// Cost of all hits and of being off line: hours from hit to recovery (or the end) at the cost per hour that the
/// operator has in this run, hours off line at the share of it that the countermeasure says, and its unit (that of the
/// cost per hour, without "per hour").
///
/// None if no group that was hit or off line states a cost, or if groups state it in different units.
pub fn impact_cost(run: &Reading<'_>) -> Option<(f64, String)> {
    let (model, trace) = (run.model, run.trace);
    let mut since: BTreeMap<(IncidentId, OperatorId), SimTime> = BTreeMap::new();
    let mut off_line: BTreeMap<OperatorId, (SimTime, f64)> = BTreeMap::new();
    let mut cost: Option<(f64, &str)> = None;
    let mut add = |operator: OperatorId, hours: f64| {
        let info = trace.operators.get(operator.index())?;
        let group = &model.groups[info.group.index()];
        let site = group.impact_per_hour.or(group.impact_per_hour_each)?;
        let param = &model.params[model.sites[site.index()].param.index()];
        let (sum, unit) = cost.unwrap_or((0.0, param.unit_text.as_str()));
        (unit == param.unit_text).then(|| cost = Some((sum + hours * info.cost, unit)))
    };
    let mut same_unit = true;
    for record in run.operators().iter().map(|&id| trace.record(id)) {
        match record.event {
            Event::Hit(incident, operator) => {
                since.insert((incident, operator), record.time);
            }
            Event::Recovered(incident, operator) => {
                if let Some(from) = since.remove(&(incident, operator)) {
                    same_unit &= add(operator, (record.time - from).as_hours_f64()).is_some();
                }
            }
            Event::OffLine(c, operator) => {
                let share = model.countermeasures[c.index()].off_line.map_or(0.0, |off| off.cost);
                off_line.insert(operator, (record.time, share));
            }
            Event::OnLine(_, operator) => {
                if let Some((from, share)) = off_line.remove(&operator) {
                    same_unit &= add(operator, share * (record.time - from).as_hours_f64()).is_some();
                }
            }
            _ => {}
        }
    }
    for ((_, operator), from) in since {
        same_unit &= add(operator, (trace.end - from).as_hours_f64()).is_some();
    }
    for (operator, (from, share)) in off_line {
        same_unit &= add(operator, share * (trace.end - from).as_hours_f64()).is_some();
    }
    cost.filter(|_| same_unit).map(|(sum, unit)| (sum, of_money(unit)))
}

/// The unit of [`impact_cost`]; empty if no group states a cost, or if groups state it in different units.
pub fn cost_unit(model: &Model) -> String {
    let sites = model.groups.iter().filter_map(|group| group.impact_per_hour.or(group.impact_per_hour_each));
    let mut units = sites.map(|site| &model.params[model.sites[site.index()].param.index()].unit_text);
    match units.next() {
        Some(first) if units.all(|unit| unit == first) => of_money(first),
        _ => String::new(),
    }
}

fn of_money(per_hour: &str) -> String {
    per_hour.strip_suffix("per hour").unwrap_or(per_hour).trim().to_owned()
}

/// Adds a point; a later one at the same instant replaces the earlier, one that changes nothing is left out.
fn push(curve: &mut Vec<SpreadPoint>, now: SpreadPoint) {
    if curve.last().is_some_and(|p| p.at == now.at) {
        curve.pop();
    }
    if curve.last().is_none_or(|p| SpreadPoint { at: now.at, ..*p } != now) {
        curve.push(now);
    }
}

/// Sums and times that are known at the end.
fn close(result: &mut Spread, now: SpreadPoint, states: Vec<Toll>) {
    for toll in &states {
        result.total.hit += toll.hit;
        result.total.detected += toll.detected;
        result.total.contained += toll.contained;
        result.total.recovered += toll.recovered;
        result.total.impact += toll.impact;
    }
    let hit_or_immune = |toll: &Toll| toll.hit > 0 || toll.immune > 0;
    result.by_state = states
        .into_iter()
        .enumerate()
        .filter(|(_, toll)| hit_or_immune(toll))
        .map(|(i, toll)| (StateId::from_index(i), toll))
        .collect();
    for point in &result.curve {
        if result.peak.is_none_or(|(_, most)| point.active > most) {
            result.peak = Some((point.at, point.active));
        }
    }
    result.contained_at = result.contained_at.filter(|_| now.infectious == 0);
    result.recovered_at = result.recovered_at.filter(|_| now.active == 0);
    let since_first_hit = |at: Option<SimTime>| Some(at? - result.total.first_hit?);
    result.time_to_contain = since_first_hit(result.contained_at);
    result.time_to_recover = since_first_hit(result.recovered_at);
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, hours};
    use super::*;
    use crate::model::CountermeasureId;
    use crate::trace::{Subject, Trace};

    #[test]
    fn hits_peaks_and_impact() {
        let mut b = Builder::new();
        let ops = b.operators(4);
        let (worm, other) = (b.incident(), b.incident());
        b.trace.end = hours(10.0);
        let mut at = |t: f64, e: Event, o: usize| b.at(hours(t), Subject::Operator(ops[o]), e, &[], &[]);
        at(1.0, Event::Hit(worm, ops[0]), 0);
        at(1.0, Event::Hit(worm, ops[1]), 1);
        at(2.0, Event::Detected(worm, ops[0]), 0);
        at(3.0, Event::Contained(worm, ops[0]), 0);
        at(4.0, Event::Recovered(worm, ops[0]), 0);
        at(5.0, Event::Hit(other, ops[2]), 2);
        at(6.0, Event::Immune(CountermeasureId::from_index(0), ops[3]), 3);
        // Recovers without having been contained before.
        at(7.0, Event::Recovered(worm, ops[1]), 1);
        let result = spread(&Reading::new(&b.model, &b.trace), Some(worm));
        let point = |t: f64, hit, active, infectious, recovered| SpreadPoint {
            at: hours(t),
            hit,
            active,
            infectious,
            recovered,
        };
        let expected =
            [point(1.0, 2, 2, 2, 0), point(3.0, 2, 2, 1, 0), point(4.0, 2, 1, 1, 1), point(7.0, 2, 0, 0, 2)];
        assert_eq!(result.curve, expected);
        let toll = Toll {
            hit: 2,
            detected: 1,
            contained: 2,
            recovered: 2,
            immune: 0,
            impact: SimDuration::from_hours(3 + 6),
            first_hit: Some(hours(1.0)),
        };
        assert_eq!((result.total, result.by_state), (toll, vec![(StateId::from_index(0), toll)]));
        assert_eq!(result.peak, Some((hours(1.0), 2)));
        let six = Some(SimDuration::from_hours(6));
        assert_eq!((result.time_to_contain, result.time_to_recover), (six, six));

        // All together: the other incident goes on to the end.
        let all = spread(&Reading::new(&b.model, &b.trace), None);
        assert_eq!((all.total.hit, all.total.immune), (3, 1));
        assert_eq!(all.total.impact, SimDuration::from_hours(3 + 6 + 5));
        assert_eq!((all.contained_at, all.recovered_at), (None, None));
        assert_eq!(spread(&Reading::new(&b.model, &Trace::default()), None), Spread::default());
    }
}
