//! Why a thing did not happen: what stopped a rule, where a fact got stuck.

use std::collections::BTreeMap;

use super::knowledge::{KnowledgeRow, knowledge};
use super::trigger::{Owner, is_local, leaf_firings};
use crate::model::{ActorId, FactId, Model, ProductId, RuleId};
use crate::time::SimTime;
use crate::trace::{Event, Party, Record, RecordId, Refusal, Subject, Trace, WorkKind};

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
    /// It arrived, and the receiver's queue was full or the task was given up.
    LostInQueue,
    /// It arrived and was still waiting to be read, or being read, at the end.
    Unread(SimTime),
    /// It was read at this time.
    Read(SimTime),
}

/// Whether a product told the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It did.
    Yes,
    /// Its author did not know the fact when it was sent.
    AuthorDidNotKnow,
    /// Its author knew the fact; it was cut by marking, clearance or willingness to share.
    Cut,
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
    RuleReport { rule, actors, blocked: blocked.into_values().collect(), leaves: leaves(model, trace, rule) }
}

/// How often each leaf of a rule's trigger happened.
fn leaves(model: &Model, trace: &Trace, rule: RuleId) -> Vec<u32> {
    let info = &model.rules[rule.index()];
    let owner = Owner { actor: None, rule: Some(rule) };
    let mut counts = vec![0; info.trigger.leaves.len()];
    for firing in leaf_firings(model, trace, &info.trigger, owner) {
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
    let mut report =
        FactReport { actor, fact, true_at: None, learned: None, others: vec![], addressed: vec![] };
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
    for (i, record) in trace.records.iter().enumerate() {
        let id = i as RecordId;
        match record.event {
            Event::True { fact: f, .. } if f == fact => {
                report.true_at.get_or_insert(record.time);
            }
            Event::Sent { product, to, item } if to == Party::Actor(actor) && carries(product) => {
                let told = told(&report, trace, record, item);
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
            Event::Refused { product, to, why } if to == Party::Actor(actor) && carries(product) => {
                let told = if knew(&report, record) { Told::Cut } else { Told::AuthorDidNotKnow };
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
fn told(report: &FactReport, trace: &Trace, sending: &Record, item: u32) -> Told {
    let content = trace.items.get(item as usize).map_or(&[][..], |i| &i.told);
    if content.iter().any(|t| t.fact == report.fact) {
        Told::Yes
    } else if knew(report, sending) {
        Told::Cut
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
            Event::TaskLost { work: WorkKind::Read(_), .. } if follows(id, delivery) => {
                return Fate::LostInQueue;
            }
            _ => {}
        }
    }
    Fate::Unread(arrived)
}
