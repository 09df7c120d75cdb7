//! When the trigger of a rule, duty or measure was met, read from the records.
//!
//! Joins are read without cases: each is armed again after it fires; only the k-th time happens once.
//! A cadence and generated arrivals belong to a rule, so their leaves are met only where the rule is given.

use std::collections::{BTreeMap, VecDeque};

use crate::model::{ActorId, FactId, Join, Leaf, Model, RuleId, Scope, Trigger};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Subject, Trace, WorkKind};

use super::select::{Asker, selects};

/// A trigger was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Firing {
    pub(super) at: SimTime,
    /// The record that completed it; none for an instant of the clock.
    pub(super) record: Option<RecordId>,
    /// The fact that was learned.
    pub(super) fact: Option<FactId>,
    /// The leaf that completed it.
    pub(super) leaf: usize,
}

/// Whose trigger it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Owner {
    /// The actor; none: things that happen at any actor count.
    pub(super) actor: Option<ActorId>,
    /// The rule.
    pub(super) rule: Option<RuleId>,
}

/// Whether a leaf happens to an actor, rather than to everybody.
pub(super) fn is_local(leaf: &Leaf) -> bool {
    matches!(leaf, Leaf::Receive(_) | Leaf::Learn(..) | Leaf::Done(_) | Leaf::Failed(_))
}

/// All times at which a trigger was met, in order.
pub(super) fn firings(model: &Model, trace: &Trace, trigger: &Trigger, owner: Owner) -> Vec<Firing> {
    let mut joined = Joined::new(&trigger.join);
    leaf_firings(model, trace, trigger, owner).into_iter().filter(|f| joined.feed(f.leaf, f.at)).collect()
}

/// All times at which a leaf of a trigger happened, in order.
pub(super) fn leaf_firings(model: &Model, trace: &Trace, trigger: &Trigger, owner: Owner) -> Vec<Firing> {
    let mut found = Vec::new();
    for (leaf, what) in trigger.leaves.iter().enumerate() {
        if let Leaf::At(instants) = what {
            let times = instants.iter().filter(|&&at| at <= trace.end);
            found.extend(times.map(|&at| Firing { at, record: None, fact: None, leaf }));
        }
    }
    let mut values: BTreeMap<(ActorId, FactId), f64> = BTreeMap::new();
    for (i, record) in trace.records.iter().enumerate() {
        let mut fact = None;
        let mut is_news = false;
        if let (Event::Learned { fact: learned, value, .. }, Subject::Actor(a)) = (record.event, record.who) {
            fact = Some(learned);
            is_news = values.insert((a, learned), value) != Some(value);
        }
        for (leaf, what) in trigger.leaves.iter().enumerate() {
            if happens(model, trace, what, i, owner, is_news) {
                found.push(Firing { at: record.time, record: Some(i as RecordId), fact, leaf });
            }
        }
    }
    found.sort_by_key(|f| (f.at, f.record, f.leaf));
    found
}

/// Whether a record is an instance of a leaf.
fn happens(model: &Model, trace: &Trace, leaf: &Leaf, i: usize, owner: Owner, is_news: bool) -> bool {
    let record = &trace.records[i];
    let mine = owner.actor.is_none_or(|a| record.who == Subject::Actor(a));
    match (leaf, record.event) {
        (Leaf::Start, Event::Start) => true,
        (Leaf::Inject(inject), Event::Injected(j)) => {
            let asker = |a: ActorId| Asker { state: model.actors[a.index()].state, at: record.time };
            let told = |a: ActorId| {
                let to = &model.injects[inject.index()].to;
                to.as_ref().is_none_or(|to| selects(model, to, Subject::Actor(a), asker(a)))
            };
            *inject == j && owner.actor.is_none_or(told)
        }
        (Leaf::Receive(product), Event::Read { product: p, .. }) => mine && *product == p,
        (Leaf::Learn(kind, scope), Event::Learned { fact, .. }) => {
            let Subject::Actor(a) = record.who else { return false };
            let (of, own) = (model.facts[fact.index()].state, model.actors[a.index()].state);
            let in_scope = match scope {
                Scope::Any | Scope::Same => true,
                Scope::Own => of == own,
                Scope::Other => of.is_some() && of != own,
            };
            mine && is_news && in_scope && model.facts[fact.index()].kind == *kind
        }
        (Leaf::Enter(mode), Event::ModeEntered { network, mode: entered, .. }) => {
            mode.network == network && mode.mode == entered
        }
        (Leaf::Leave(mode), Event::ModeEntered { network, before, mode: entered }) => {
            mode.network == network && mode.mode == before && entered != before
        }
        (Leaf::Decided(decision, outcome), Event::Decided(d, o, _)) => *decision == d && *outcome == o,
        (Leaf::Every { .. }, Event::Tick(rule)) | (Leaf::Arrivals(_), Event::Arrival(rule)) => {
            mine && owner.rule == Some(rule)
        }
        (Leaf::Done(task), Event::TaskDone { work, .. }) => mine && work == WorkKind::Task(*task),
        (Leaf::Published(product), Event::Published { product: p, .. }) => *product == p,
        (Leaf::Failed(product), Event::Undelivered { product: p, .. }) => mine && *product == p,
        (Leaf::Released(countermeasure), Event::Enacted(c)) => *countermeasure == c,
        _ => false,
    }
}

/// The state of a join.
enum Joined {
    Leaf(usize),
    KOf { k: usize, parts: Vec<Joined>, seen: Vec<bool> },
    Any(Vec<Joined>),
    Nth { k: u32, n: u32, of: Box<Joined> },
    Within { times: usize, window: SimDuration, at: VecDeque<SimTime>, of: Box<Joined> },
}

impl Joined {
    fn new(join: &Join) -> Joined {
        let all = |parts: &[Join]| -> Vec<Joined> { parts.iter().map(Joined::new).collect() };
        match join {
            Join::Leaf(i) => Joined::Leaf(usize::from(*i)),
            Join::All(parts) => {
                Joined::KOf { k: parts.len(), parts: all(parts), seen: vec![false; parts.len()] }
            }
            Join::KOf(k, parts) => {
                Joined::KOf { k: *k as usize, parts: all(parts), seen: vec![false; parts.len()] }
            }
            Join::Any(parts) => Joined::Any(all(parts)),
            Join::Nth(k, of) => Joined::Nth { k: *k, n: 0, of: Box::new(Joined::new(of)) },
            Join::Within { times, window, of } => Joined::Within {
                times: *times as usize,
                window: *window,
                at: VecDeque::new(),
                of: Box::new(Joined::new(of)),
            },
        }
    }

    /// A leaf happens; true if that completes the join.
    fn feed(&mut self, leaf: usize, now: SimTime) -> bool {
        match self {
            Joined::Leaf(i) => *i == leaf,
            // Every part must see the leaf, so no short cut.
            Joined::Any(parts) => parts.iter_mut().fold(false, |met, part| part.feed(leaf, now) || met),
            Joined::KOf { k, parts, seen } => {
                let mut changed = false;
                for (part, seen) in parts.iter_mut().zip(seen.iter_mut()) {
                    if part.feed(leaf, now) && !*seen {
                        *seen = true;
                        changed = true;
                    }
                }
                let met = changed && seen.iter().filter(|&&s| s).count() >= *k;
                if met {
                    seen.fill(false);
                }
                met
            }
            Joined::Nth { k, n, of } => {
                if of.feed(leaf, now) {
                    *n += 1;
                    return n == k;
                }
                false
            }
            Joined::Within { times, window, at, of } => {
                if !of.feed(leaf, now) {
                    return false;
                }
                at.push_back(now);
                while at.front().is_some_and(|&first| now - first > *window) {
                    at.pop_front();
                }
                let met = at.len() >= *times;
                if met {
                    at.clear();
                }
                met
            }
        }
    }
}
