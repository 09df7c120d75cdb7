//! Why a thing did not happen: what stopped a rule, where a fact got stuck.

use std::collections::BTreeMap;

use super::dormant::{Dormant, Teller, dormant_throughout, may_be_addressed, tellers};
use super::knowledge::{KnowledgeRow, knowledge};
use super::reading::Reading;
use super::trigger::{Owner, is_local, leaf_firings};
use crate::model::{ActorId, FactId, Model, ProductId, RuleId};
use crate::time::SimTime;
use crate::trace::{Event, Party, Record, RecordId, Refusal, SpanKind, Subject, Trace, WorkKind};

/// A condition of a rule that did not hold, at one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    /// At which actor.
    pub actor: Subject,
    /// True: a condition of `while`, false: one of `when`.
    pub in_while: bool,
    /// Position in that list, from 0.
    pub position: usize,
    /// How often.
    pub times: u32,
    /// First time.
    pub first: SimTime,
    /// Last time.
    pub last: SimTime,
}

/// What a rule did at one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleAtActor {
    /// The actor.
    pub actor: ActorId,
    /// How often it fired.
    pub fired: u32,
    /// First time.
    pub first_fired: Option<SimTime>,
    /// How often it was set off and did not fire.
    pub blocked: u32,
}

/// Why a rule did not fire (or how often it did).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleReport {
    /// The rule.
    pub rule: RuleId,
    /// Every actor that has the rule.
    pub actors: Vec<RuleAtActor>,
    /// Conditions that did not hold, by actor, then position.
    pub blocked: Vec<Blocked>,
    /// How often each leaf of its trigger happened: at actors that have the rule, or once for all of them.
    pub leaves: Vec<u32>,
    /// Why it was in force at no time for any of its actors, if so.
    pub dormant: Option<Dormant>,
}

/// What became of a product that could have told the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was not sent.
    Refused(Refusal),
    /// No copy got through.
    Undelivered,
    /// It was on the way at the end.
    UnderWay,
    /// It arrived, and the receiver's queue was full.
    QueueFull,
    /// It arrived, and the receiver gave it up.
    GivenUp,
    /// It arrived, and the matter was closed before it was read.
    Withdrawn,
    /// It arrived and was not read by the end: when, and how the receiver stood with it at the end.
    Unread(SimTime, Unread),
    /// It was read at this time.
    Read(SimTime),
}

/// How the receiver stood with a product that it had not read by the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It was still in the queue.
    InQueue,
    /// Nobody was on duty.
    OffDuty,
    /// Staff had been called and was not there yet.
    CallOut,
    /// It was being read.
    BeingRead,
    /// The receiver was down.
    Down,
}

/// What may have cut a fact that the author knew out of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// It went in a version below its tear line, which leaves the fact out.
    pub tear_line: bool,
    /// The author is free not to share the fact.
    pub unwilling: bool,
    /// What was learned after the cut-off is not in it.
    pub cut_off: bool,
}

/// Whether a product told the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It did.
    Yes,
    /// Its author did not know the fact when it was sent.
    AuthorDidNotKnow,
    /// Its author knew the fact, and it was cut.
    Cut(Cut),
    /// It was refused before it had content.
    NoContent,
}

/// A product addressed to the actor that carries the kind of the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressed {
    /// Its record (sending or refusal).
    pub record: RecordId,
    /// When.
    pub at: SimTime,
    /// From whom.
    pub from: Subject,
    /// The product.
    pub product: ProductId,
    /// Whether it told the fact.
    pub told: Told,
    /// What became of it.
    pub fate: Fate,
}

/// Why an actor did not know a fact (or how it did).
#[derive(Debug, Clone, PartialEq)]
pub struct FactReport {
    /// The actor.
    pub actor: ActorId,
    /// The fact.
    pub fact: FactId,
    /// When the fact became true in the world.
    pub true_at: Option<SimTime>,
    /// The actor's own first learning.
    pub learned: Option<KnowledgeRow>,
    /// First learning by every other actor, in time order.
    pub others: Vec<KnowledgeRow>,
    /// Products that could have told it, in time order.
    pub addressed: Vec<Addressed>,
    /// Rules that send this actor what may tell it.
    pub tellers: Vec<Teller>,
}

/// What a rule did, and what stopped it.
///
/// An actor with neither a firing nor a blocking was never set off: the counts of the leaves say which part of the
/// trigger did not happen.
pub fn why_not_rule(model: &Model, trace: &Trace, rule: RuleId) -> RuleReport {
    let info = &model.rules[rule.index()];
    let members = &model.sets[info.actors.index()].members;
    let idle = |&actor: &ActorId| RuleAtActor { actor, fired: 0, first_fired: None, blocked: 0 };
    let mut actors: Vec<RuleAtActor> = members.iter().map(idle).collect();
    let mut blocked: BTreeMap<(Subject, u16), Blocked> = BTreeMap::new();
    for record in &trace.records {
        let at_actor = actors.iter_mut().find(|a| record.who == Subject::Actor(a.actor));
        match record.event {
            Event::RuleFired(r) if r == rule => {
                if let Some(actor) = at_actor {
                    actor.fired += 1;
                    actor.first_fired.get_or_insert(record.time);
                }
            }
            Event::RuleBlocked(r, position) if r == rule => {
                if let Some(actor) = at_actor {
                    actor.blocked += 1;
                }
                let n_while = info.while_.len();
                let in_while = usize::from(position) < n_while;
                let entry = blocked.entry((record.who, position)).or_insert(Blocked {
                    actor: record.who,
                    in_while,
                    position: if in_while { usize::from(position) } else { usize::from(position) - n_while },
                    times: 0,
                    first: record.time,
                    last: record.time,
                });
                entry.times += 1;
                entry.last = record.time;
            }
            _ => {}
        }
    }
    let mut states: Vec<_> = members.iter().map(|actor| model.actors[actor.index()].state).collect();
    states.push(None);
    let why = states.iter().map(|state| dormant_throughout(model, &info.validity, *state, trace.end));
    let dormant = why.collect::<Option<Vec<Dormant>>>().and_then(|all| all.first().copied());
    let blocked = blocked.into_values().collect();
    RuleReport { rule, actors, blocked, leaves: leaves(model, trace, rule), dormant }
}

/// How often each leaf of a rule's trigger happened.
fn leaves(model: &Model, trace: &Trace, rule: RuleId) -> Vec<u32> {
    let info = &model.rules[rule.index()];
    let owner = Owner { actor: None, rule: Some(rule) };
    let mut counts = vec![0; info.trigger.leaves.len()];
    for firing in leaf_firings(&Reading::new(model, trace), &info.trigger, owner) {
        let has_rule = match firing.record.map(|r| trace.records[r as usize].who) {
            Some(Subject::Actor(a)) => model.sets[info.actors.index()].has(a),
            _ => true,
        };
        if has_rule || !is_local(&info.trigger.leaves[firing.leaf]) {
            counts[firing.leaf] += 1;
        }
    }
    counts
}

/// How a fact reached an actor, or where it got stuck.
pub fn why_not_fact(model: &Model, trace: &Trace, actor: ActorId, fact: FactId) -> FactReport {
    let tellers = tellers(model, trace, actor, fact);
    let mut report =
        FactReport { actor, fact, true_at: None, learned: None, others: vec![], addressed: vec![], tellers };
    for row in knowledge(trace).into_iter().filter(|r| r.fact == fact) {
        if row.actor == actor {
            report.learned.get_or_insert(row);
        } else if report.others.iter().all(|r| r.actor != row.actor) {
            report.others.push(row);
        }
    }
    let carries = |product: ProductId| {
        model.products[product.index()].carries.contains(&model.facts[fact.index()].kind)
    };
    // What its author had nothing to say in is refused once for all whom it would have gone to.
    let is_meant = |author: Subject, product: ProductId, to: Party| match (author, to) {
        (Subject::Actor(author), Party::Actor(to)) if author == to => {
            may_be_addressed(model, author, product, actor)
        }
        _ => to == Party::Actor(actor),
    };
    for (i, record) in trace.records.iter().enumerate() {
        let id = i as RecordId;
        match record.event {
            Event::True { fact: f, .. } if f == fact => {
                report.true_at.get_or_insert(record.time);
            }
            Event::Sent { product, to, item } if to == Party::Actor(actor) && carries(product) => {
                let told = told(model, &report, trace, record, (product, item));
                let fate = fate(trace, id, actor, item);
                report.addressed.push(Addressed {
                    record: id,
                    at: record.time,
                    from: record.who,
                    product,
                    told,
                    fate,
                });
            }
            Event::Refused { product, to, why } if carries(product) && is_meant(record.who, product, to) => {
                let cut = Cut { tear_line: false, unwilling: true, cut_off: false };
                let told = if knew(&report, record) { Told::Cut(cut) } else { Told::AuthorDidNotKnow };
                let told = if why == Refusal::NoContent { told } else { Told::NoContent };
                let fate = Fate::Refused(why);
                report.addressed.push(Addressed {
                    record: id,
                    at: record.time,
                    from: record.who,
                    product,
                    told,
                    fate,
                });
            }
            _ => {}
        }
    }
    report
}

/// Whether the sender of a record knew the fact at that time.
fn knew(report: &FactReport, record: &Record) -> bool {
    let rows = report.others.iter().chain(&report.learned);
    rows.into_iter().any(|r| record.who == Subject::Actor(r.actor) && r.learned_at <= record.time)
}

/// Whether a product that was sent told the fact.
fn told(
    model: &Model,
    report: &FactReport,
    trace: &Trace,
    sending: &Record,
    (product, item): (ProductId, u32),
) -> Told {
    let content = trace.items.get(item as usize).map_or(&[][..], |i| &i.told);
    if content.iter().any(|t| t.fact == report.fact) {
        Told::Yes
    } else if knew(report, sending) {
        let (p, kind) = (&model.products[product.index()], model.facts[report.fact.index()].kind);
        let shares = &model.fact_kinds[kind.index()];
        Told::Cut(Cut {
            tear_line: p.tear_line.as_ref().is_some_and(|(_, kinds)| !kinds.contains(&kind)),
            unwilling: shares.shared.is_some() || !shares.shared_with.is_empty(),
            cut_off: p.cut_off.is_some(),
        })
    } else {
        Told::AuthorDidNotKnow
    }
}

/// What became of a sending: its delivery or failure, then the reading.
fn fate(trace: &Trace, sending: RecordId, receiver: ActorId, item: u32) -> Fate {
    let follows = |id: RecordId, from: RecordId| trace.causes_of(id).first() == Some(&from);
    let later = |from: RecordId| from + 1..trace.records.len() as RecordId;
    let mut delivery = None;
    for id in later(sending).filter(|&id| follows(id, sending)) {
        match trace.records[id as usize].event {
            Event::Undelivered { .. } => return Fate::Undelivered,
            Event::Delivered { item: i, .. } if i == item => {
                delivery = Some(id);
                break;
            }
            _ => {}
        }
    }
    let Some(delivery) = delivery else { return Fate::UnderWay };
    let arrived = trace.records[delivery as usize].time;
    for id in later(delivery) {
        let record = &trace.records[id as usize];
        match record.event {
            Event::Read { item: i, .. } if i == item && record.who == Subject::Actor(receiver) => {
                return Fate::Read(record.time);
            }
            Event::TaskLost { work: WorkKind::Read(_), reneged } if follows(id, delivery) => {
                return if reneged { Fate::GivenUp } else { Fate::QueueFull };
            }
            Event::Withdrawn { work: WorkKind::Read(_), .. } if follows(id, delivery) => {
                return Fate::Withdrawn;
            }
            Event::Unfinished { work: WorkKind::Read(_), .. } if follows(id, delivery) => {
                return Fate::Unread(arrived, at_the_end(trace, id));
            }
            _ => {}
        }
    }
    // It arrived with the last event of the run.
    Fate::Unread(arrived, Unread::InQueue)
}

/// How a receiver stood at the end with what it had not read.
fn at_the_end(trace: &Trace, unfinished: RecordId) -> Unread {
    match trace.spans_of(unfinished).last().map(|span| span.kind) {
        Some(SpanKind::OffDuty) => Unread::OffDuty,
        Some(SpanKind::CallOut) => Unread::CallOut,
        Some(SpanKind::Work) => Unread::BeingRead,
        Some(SpanKind::Outage) => Unread::Down,
        _ => Unread::InQueue,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{
        Basis, ClassId, Condition, Join, Leaf, Repeat, Rule, Scope, StreamName, Trigger, Truth, ValueKind,
    };
    use crate::trace::{Item, Told as Content};

    #[test]
    fn a_rule_that_was_blocked_and_one_that_was_never_set_off() {
        let mut b = Builder::new();
        let (one, two) = (b.actor("one"), b.actor("two"));
        b.actor("other");
        let f = b.fact("f", ValueKind::Flag, Truth::Start);
        let kind = b.model.facts[0].kind;
        let actors = b.set(&[one, two]);
        b.model.rules.push(Rule {
            name: StreamName::new("r"),
            title: "R".into(),
            actors,
            holder: None,
            trigger: Trigger { leaves: vec![Leaf::Learn(kind, Scope::Any)], join: Join::Leaf(0) },
            when: vec![Condition::AboutOwn, Condition::Waiting(3)],
            while_: vec![Condition::Waiting(1)],
            then: vec![],
            repeat: Repeat::Each,
            cancelled_by: None,
            class: ClassId::from_index(0),
            validity: Default::default(),
            basis: Basis::Unstated,
        });
        let rule = RuleId::from_index(0);
        for (t, i) in [(1.0, 0), (2.0, 2)] {
            b.learns(hours(t), actor(i), f, &[]);
        }
        for (t, position) in [(3.0, 2), (4.0, 0), (5.0, 2)] {
            b.at(hours(t), actor(0), Event::RuleBlocked(rule, position), &[], &[]);
        }
        b.at(hours(6.0), actor(0), Event::RuleFired(rule), &[], &[]);
        let report = why_not_rule(&b.model, &b.trace, rule);
        let who = actor(0);
        let at = |in_while, position, times, first, last| Blocked {
            actor: who,
            in_while,
            position,
            times,
            first: hours(first),
            last: hours(last),
        };
        assert_eq!(report.blocked, [at(true, 0, 1, 4.0, 4.0), at(false, 1, 2, 3.0, 5.0)]);
        let fired = RuleAtActor { actor: one, fired: 1, first_fired: Some(hours(6.0)), blocked: 3 };
        let idle = RuleAtActor { actor: two, fired: 0, first_fired: None, blocked: 0 };
        assert_eq!(report.actors, [fired, idle]);
        // The learning of the actor that does not have the rule is not counted.
        assert_eq!(report.leaves, [1]);
    }

    #[test]
    fn where_a_fact_got_stuck() {
        let mut b = Builder::new();
        let (author, reader) = (b.actor("author"), b.actor("reader"));
        let f = b.fact("f", ValueKind::Flag, Truth::Start);
        let kind = b.model.facts[0].kind;
        let product = b.product("report", &[kind]);
        let (to, from) = (Party::Actor(reader), Party::Actor(author));
        let start = b.start();
        b.sent(hours(0.5), actor(0), 1, 0, start);
        b.at(hours(0.5), Subject::World, Event::True { fact: f, value: 1.0 }, &[], &[]);
        let learned = b.learns(hours(1.0), actor(0), f, &[]);
        let refused = Event::Refused { product, to, why: Refusal::Marking };
        b.at(hours(1.5), actor(0), refused, &[], &[]);
        let arrives = |item| Event::Delivered { product, from, item, copies: 1 };
        let spans = |t: f64| [(SpanKind::Transmission, hours(t))];
        // Cut by sharing, read.
        let s = b.sent(hours(2.0), actor(0), 1, 1, start);
        let d = b.at(hours(2.1), actor(1), arrives(1), &[s], &spans(2.1));
        b.at(hours(2.2), actor(1), Event::Read { product, item: 1 }, &[d], &[(SpanKind::Work, hours(2.2))]);
        // Told, lost on the way.
        let s = b.sent(hours(3.0), actor(0), 1, 2, start);
        b.at(hours(3.5), actor(0), Event::Undelivered { product, to, copies: 2 }, &[s], &spans(3.5));
        // Told, lost in the queue.
        let s = b.sent(hours(4.0), actor(0), 1, 2, start);
        let d = b.at(hours(4.1), actor(1), arrives(2), &[s], &spans(4.1));
        let lost = Event::TaskLost { work: WorkKind::Read(product), reneged: false };
        b.at(hours(4.1), actor(1), lost, &[d], &[]);
        // Told, waiting for an office to open at the end.
        let s = b.sent(hours(5.0), actor(0), 1, 3, start);
        let d = b.at(hours(5.1), actor(1), arrives(3), &[s], &spans(5.1));
        let still = Event::Unfinished { work: WorkKind::Read(product), started: None };
        let waits = [(SpanKind::Queue, hours(5.5)), (SpanKind::OffDuty, hours(9.0))];
        b.at(hours(9.0), actor(1), still, &[d], &waits);
        let told = vec![Content { fact: f, version: 1, value: 1.0, learned }];
        let item = |told| Item { told };
        b.trace.items = vec![item(vec![]), item(vec![]), item(told.clone()), item(told)];
        let report = why_not_fact(&b.model, &b.trace, reader, f);
        assert_eq!((report.true_at, report.learned), (Some(hours(0.5)), None));
        assert_eq!(
            report.others.iter().map(|r| (r.actor, r.learned_at)).collect::<Vec<_>>(),
            [(author, hours(1.0))]
        );
        let stories: Vec<(Told, Fate)> = report.addressed.iter().map(|a| (a.told, a.fate)).collect();
        let expected = [
            (Told::AuthorDidNotKnow, Fate::UnderWay),
            (Told::NoContent, Fate::Refused(Refusal::Marking)),
            (Told::Cut(Cut { tear_line: false, unwilling: false, cut_off: false }), Fate::Read(hours(2.2))),
            (Told::Yes, Fate::Undelivered),
            (Told::Yes, Fate::QueueFull),
            (Told::Yes, Fate::Unread(hours(5.1), Unread::OffDuty)),
        ];
        assert_eq!(stories, expected);
        // The other way round: the author learned it and nothing was addressed to it.
        let report = why_not_fact(&b.model, &b.trace, author, f);
        assert_eq!((report.learned.unwrap().record, report.addressed.len()), (learned, 0));
    }
}
