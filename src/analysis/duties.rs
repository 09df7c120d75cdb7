//! Duties to report: each as an object with its own clock.
//!
//! The clock of an operator starts when it detects a hit, that of an actor when the trigger of the duty is met; of
//! several versions of a fact the first counts. A duty is discharged when the product first arrives at one of those
//! to whom it is owed (a statement: when it is published). The report of an operator belongs to the detection
//! that it came from; that of an actor must be sent at or after the clock and, where the duty is about a fact that
//! the product carries, tell that fact; where several cases are open side by side, each is answered by its own report.

use std::collections::BTreeSet;

use super::case::arrival_of;
use super::reading::Reading;
use super::select::{Asker, selects};
use super::trigger::firings_of_each;
use crate::model::{Duty, DutyHolder, DutyId, FactId, Model, ProductId, StateId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Party, RecordId, Subject, Trace};

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
    /// Mean lateness of the late ones (h).
    pub mean_lateness_hours: Option<f64>,
    /// Mean of max(0, lateness) of those that arrived (h).
    pub mean_tardiness_hours: Option<f64>,
}

/// All duties of a run, in the order of the model, then of their clocks.
pub fn duties(run: &Reading<'_>) -> Vec<DutyObject> {
    let (model, trace) = (run.model, run.trace);
    let mut objects = Vec::new();
    for (i, duty) in model.duties.iter().enumerate() {
        let arrivals = arrivals(run, duty);
        let clocks = match &duty.who {
            DutyHolder::Operators => detections(run, duty.product),
            DutyHolder::Actors(..) => actor_clocks(run, &duty.who),
        };
        let cases: BTreeSet<RecordId> = clocks.iter().filter_map(|clock| clock.case).collect();
        for clock in clocks {
            let v = &duty.validity;
            let on = |e: crate::model::ElementId| model.elements[e.index()].in_force(clock.at, clock.state);
            let in_force = v.by_date(clock.at, clock.state) && v.element.is_none_or(on);
            if in_force {
                objects.push(judge(model, trace, DutyId::from_index(i), &clock, &arrivals, &cases));
            }
        }
    }
    objects
}

/// Counts over the objects of one duty (none: of all).
pub fn count(objects: &[DutyObject], duty: Option<DutyId>) -> DutyCount {
    let mut result = DutyCount::default();
    let (mut lateness, mut arrived) = (0.0, 0);
    for object in objects.iter().filter(|o| duty.is_none_or(|d| d == o.duty)) {
        result.owed += 1;
        arrived += u32::from(object.arrived.is_some());
        match object.standing {
            Standing::Kept => result.kept += 1,
            Standing::Late(by) => {
                result.late += 1;
                lateness += by.as_micros() as f64;
            }
            Standing::Missing => result.missing += 1,
            Standing::Open => result.open += 1,
        }
    }
    let hours =
        |n: u32| (n > 0).then(|| lateness / f64::from(n) / SimDuration::from_hours(1).as_micros() as f64);
    result.mean_lateness_hours = hours(result.late);
    result.mean_tardiness_hours = hours(arrived);
    result
}

/// A clock that started.
struct Clock {
    holder: Subject,
    state: Option<StateId>,
    at: SimTime,
    record: Option<RecordId>,
    fact: Option<FactId>,
    /// The arrival that opened the case in which it started.
    case: Option<RecordId>,
}

/// A product that arrived.
struct Arrived {
    record: RecordId,
    at: SimTime,
    sent: SimTime,
    by: Subject,
    item: u32,
    /// The detection that the report came from.
    detection: Option<RecordId>,
}

/// A clock for each detected hit, of the groups of operators that have the product among their reports; of all, where
/// none has it.
fn detections(run: &Reading<'_>, product: ProductId) -> Vec<Clock> {
    let (model, trace) = (run.model, run.trace);
    let named: Vec<bool> =
        model.groups.iter().map(|g| g.reports.iter().any(|r| r.product == product)).collect();
    let anybody = named.contains(&true);
    let detected = run.operators().iter().filter_map(|&id| {
        let record = trace.record(id);
        let Event::Detected(_, operator) = record.event else { return None };
        let group = trace.operators.get(operator.index())?.group;
        if anybody && !named[group.index()] {
            return None;
        }
        let state = Some(model.groups[group.index()].state);
        let holder = Subject::Operator(operator);
        Some(Clock { holder, state, at: record.time, record: Some(id), fact: None, case: None })
    });
    detected.collect()
}

/// A clock for each time that the trigger was met at a holder; for a fact only the first time.
fn actor_clocks(run: &Reading<'_>, who: &DutyHolder) -> Vec<Clock> {
    let DutyHolder::Actors(set, trigger) = who else { return Vec::new() };
    let mut clocks = Vec::new();
    let holders = &run.model.sets[set.index()].members;
    let fired = firings_of_each(run, trigger, holders);
    for (&actor, firings) in holders.iter().zip(fired) {
        let mut facts: Vec<FactId> = Vec::new();
        for firing in firings {
            if let Some(fact) = firing.fact {
                if facts.contains(&fact) {
                    continue;
                }
                facts.push(fact);
            }
            clocks.push(Clock {
                holder: Subject::Actor(actor),
                state: run.model.actors[actor.index()].state,
                at: firing.at,
                record: firing.record,
                fact: firing.fact,
                case: firing.record.and_then(|record| arrival_of(run.trace, record)),
            });
        }
    }
    clocks.sort_by_key(|c| (c.at, c.record, c.holder));
    clocks
}

/// Everything that may discharge a duty, in time order.
fn arrivals(run: &Reading<'_>, duty: &Duty) -> Vec<Arrived> {
    let (model, trace) = (run.model, run.trace);
    let mut found = Vec::new();
    for &id in run.arrived(duty.product) {
        let record = trace.record(id);
        let (by, item) = match record.event {
            Event::Delivered { from, item, .. } => {
                let by = match from {
                    Party::Actor(a) => Subject::Actor(a),
                    Party::Operator(o) => Subject::Operator(o),
                    Party::Operators(_) | Party::Public => continue,
                };
                let state = match by {
                    Subject::Actor(a) => model.actors[a.index()].state,
                    Subject::Operator(o) => {
                        trace.operators.get(o.index()).map(|o| model.groups[o.group.index()].state)
                    }
                    _ => None,
                };
                if !selects(model, &duty.to, record.who, Asker { state, at: record.time }) {
                    continue;
                }
                (by, item)
            }
            Event::Published { item, .. } => (record.who, item),
            _ => continue,
        };
        let sent = trace.causes_of(id).first().map_or(record.time, |&c| trace.records[c as usize].time);
        let detection = if matches!(by, Subject::Operator(_)) { detection_of(trace, id) } else { None };
        found.push(Arrived { record: id, at: record.time, sent, by, item, detection });
    }
    found
}

/// The detection on the chain of a report.
fn detection_of(trace: &Trace, report: RecordId) -> Option<RecordId> {
    let mut at = report;
    while !matches!(trace.records[at as usize].event, Event::Detected(..)) {
        at = *trace.causes_of(at).first()?;
    }
    Some(at)
}

/// Holds one clock against what arrived.
fn judge(
    model: &Model,
    trace: &Trace,
    id: DutyId,
    clock: &Clock,
    arrivals: &[Arrived],
    cases: &BTreeSet<RecordId>,
) -> DutyObject {
    let duty = &model.duties[id.index()];
    let carries =
        |fact: FactId| model.products[duty.product.index()].carries.contains(&model.facts[fact.index()].kind);
    let tells = |item: u32, fact: FactId| {
        trace.items.get(item as usize).is_some_and(|i| i.told.iter().any(|t| t.fact == fact))
    };
    // Of cases that are open side by side each has its own report; what belongs to none of them may be for any.
    let of_another = |a: &Arrived| {
        let is_another = |case| Some(case) != clock.case && cases.contains(&case);
        !cases.is_empty() && arrival_of(trace, a.record).is_some_and(is_another)
    };
    let found = arrivals.iter().find(|a| {
        let about_it = clock.fact.is_none_or(|fact| !carries(fact) || tells(a.item, fact));
        let belongs = match a.detection {
            Some(detection) => clock.record == Some(detection),
            None => a.sent >= clock.at,
        };
        a.by == clock.holder && about_it && belongs && !of_another(a)
    });
    // A deadline past the end of civil time is not past at the end of the run.
    let deadline = duty.limit.due(model, clock.state, clock.at).unwrap_or(SimTime::MAX);
    let standing = match found {
        Some(a) if a.at <= deadline => Standing::Kept,
        Some(a) => Standing::Late(a.at - deadline),
        None if deadline < trace.end => Standing::Missing,
        None => Standing::Open,
    };
    DutyObject {
        duty: id,
        holder: clock.holder,
        started_by: clock.record,
        clock: clock.at,
        deadline,
        delivery: found.map(|a| a.record),
        arrived: found.map(|a| a.at),
        standing,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{
        ActorId, Basis, Element, IncidentId, Join, Leaf, Scope, Sel, Trigger, Truth, ValueKind,
    };
    use crate::trace::{Item, SpanKind, Told};

    fn duty(who: DutyHolder, product: ProductId, to: Sel) -> Duty {
        Duty {
            name: "report".into(),
            title: "Report".into(),
            who,
            product,
            to,
            limit: crate::model::Limit::Elapsed(SimDuration::from_hours(24)),
            never: None,
            binding: true,
            validity: crate::model::Validity::default(),
            basis: Basis::Unstated,
        }
    }

    fn only(element: crate::model::ElementId) -> crate::model::Validity {
        crate::model::Validity { element: Some(element), ..Default::default() }
    }

    /// Oracle A32: eight reports due within 24 h of detection.
    #[test]
    fn oracle_a32() {
        let mut b = Builder::new();
        let authority = b.actor("authority");
        let stranger = b.actor("stranger");
        let ops = b.operators(8);
        let product = b.product("notification", &[]);
        let to = Sel::Fixed(b.set(&[authority]));
        b.model.duties.push(duty(DutyHolder::Operators, product, to));
        b.trace.end = hours(200.0);
        let worm = IncidentId::from_index(0);
        let mut detected = Vec::new();
        for &o in &ops {
            detected.push(b.at(hours(0.0), Subject::Operator(o), Event::Detected(worm, o), &[], &[]));
        }
        let mut times = [(3.2_f64, 0), (23.99, 1), (24.0, 2), (24.01, 3), (30.0, 4), (12.0, 5), (71.0, 6)];
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let arrives =
            |i: usize| Event::Delivered { product, from: Party::Operator(ops[i]), item: 0, copies: 1 };
        // To somebody else it does not count.
        b.at(
            hours(1.0),
            Subject::Actor(stranger),
            arrives(7),
            &[detected[7]],
            &[(SpanKind::Delay, hours(1.0))],
        );
        for (t, i) in times {
            b.at(
                hours(t),
                Subject::Actor(authority),
                arrives(i),
                &[detected[i]],
                &[(SpanKind::Delay, hours(t))],
            );
        }
        let objects = duties(&Reading::new(&b.model, &b.trace));
        assert_eq!(objects.len(), 8);
        assert_eq!(objects[2].standing, Standing::Kept);
        assert_eq!(objects[6].standing, Standing::Late(SimDuration::from_hours(47)));
        assert_eq!((objects[7].standing, objects[7].arrived), (Standing::Missing, None));
        let counts = count(&objects, Some(DutyId::from_index(0)));
        assert_eq!((counts.owed, counts.kept, counts.late, counts.missing, counts.open), (8, 4, 3, 1, 0));
        assert!((counts.mean_lateness_hours.unwrap() - 17.67).abs() < 1e-9);
        assert!((counts.mean_tardiness_hours.unwrap() - 7.572_857_142_857_143).abs() < 1e-9);
        // At the deadline itself the missing one is still open.
        b.trace.end = hours(24.0);
        assert_eq!(duties(&Reading::new(&b.model, &b.trace))[7].standing, Standing::Open);
    }

    #[test]
    fn a_report_belongs_to_its_own_detection() {
        let mut b = Builder::new();
        let authority = b.actor("authority");
        let ops = b.operators(1);
        let product = b.product("notification", &[]);
        let to = Sel::Fixed(b.set(&[authority]));
        b.model.duties.push(duty(DutyHolder::Operators, product, to));
        let worm = IncidentId::from_index(0);
        let who = Subject::Operator(ops[0]);
        let first = b.at(hours(0.0), who, Event::Detected(worm, ops[0]), &[], &[]);
        let second = b.at(hours(10.0), who, Event::Detected(worm, ops[0]), &[], &[]);
        let arrives = Event::Delivered { product, from: Party::Operator(ops[0]), item: 0, copies: 1 };
        b.at(hours(12.0), Subject::Actor(authority), arrives, &[second], &[(SpanKind::Delay, hours(12.0))]);
        b.at(hours(30.0), Subject::Actor(authority), arrives, &[first], &[(SpanKind::Delay, hours(30.0))]);
        let standings: Vec<Standing> =
            duties(&Reading::new(&b.model, &b.trace)).iter().map(|d| d.standing).collect();
        assert_eq!(standings, [Standing::Late(SimDuration::from_hours(6)), Standing::Kept]);
    }

    #[test]
    fn an_actor_owes_a_report_of_each_fact_once() {
        let mut b = Builder::new();
        let (csirt, spoc) = (b.actor("csirt"), b.actor("spoc"));
        let f = b.fact("f", ValueKind::Number(2.0), Truth::Start);
        let kind = b.model.facts[0].kind;
        let product = b.product("report", &[kind]);
        let trigger = Trigger { leaves: vec![Leaf::Learn(kind, Scope::Any)], join: Join::Leaf(0) };
        let who = DutyHolder::Actors(b.set(&[csirt]), trigger);
        let to = Sel::Fixed(b.set(&[spoc]));
        b.model.duties.push(duty(who.clone(), product, to.clone()));
        b.model
            .duties
            .push(Duty { validity: only(crate::model::ElementId::from_index(0)), ..duty(who, product, to) });
        b.model.elements.push(Element {
            name: "e".into(),
            title: "E".into(),
            forced: None,
            from: Some(hours(2.0)),
            from_in: vec![None],
            until: None,
            effects: vec![],
        });
        let start = b.start();
        let learned =
            |version, value| Event::Learned { fact: f, version, value, from: crate::trace::Source::World };
        let known = b.at(hours(1.0), actor(0), learned(1, 5.0), &[], &[]);
        b.at(hours(3.0), actor(0), learned(2, 9.0), &[], &[]);
        let mut report = |t: f64, item| {
            let s = b.sent(hours(t), actor(0), 1, item, start);
            let from = Party::Actor(ActorId::from_index(0));
            let arrives = Event::Delivered { product, from, item, copies: 1 };
            b.at(hours(t + 1.0), actor(1), arrives, &[s], &[(SpanKind::Transmission, hours(t + 1.0))])
        };
        // The first tells nothing of it.
        report(4.0, 0);
        let delivery = report(5.0, 1);
        let told = Told { fact: f, version: 1, value: 5.0, learned: known };
        b.trace.items = vec![Item::default(), Item { told: vec![told] }];
        let objects = duties(&Reading::new(&b.model, &b.trace));
        // The second duty was not yet in force when its clock would have started.
        assert_eq!(objects.len(), 1);
        assert_eq!((objects[0].clock, objects[0].delivery), (hours(1.0), Some(delivery)));
        assert_eq!((objects[0].arrived, objects[0].standing), (Some(hours(6.0)), Standing::Kept));
    }
}
