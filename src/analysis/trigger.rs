//! When the trigger of a rule, duty or measure was met, read from the records.
//!
//! Joins are read without cases: each is armed again after it fires; only the k-th time happens once.
//! A cadence and generated arrivals belong to a rule, so their leaves are met only where the rule is given.

use std::collections::VecDeque;

use crate::model::{ActorId, FactId, Join, Leaf, Model, RuleId, Scope, Trigger};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Record, RecordId, Subject, Trace, WorkKind};

use super::case::class_of;
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
    matches!(
        leaf,
        Leaf::Receive(_)
            | Leaf::Learn(..)
            | Leaf::Crosses(_)
            | Leaf::Done(_)
            | Leaf::Failed(_)
            | Leaf::TurnedAway(_)
            | Leaf::GaveUp(_)
            | Leaf::Finished(_)
    )
}

/// All times at which a trigger was met, in order.
pub(super) fn firings(model: &Model, trace: &Trace, trigger: &Trigger, owner: Owner) -> Vec<Firing> {
    let mut joined = Joined::new(&trigger.join);
    leaf_firings(model, trace, trigger, owner).into_iter().filter(|f| joined.feed(f.leaf, f.at)).collect()
}

/// All times at which a trigger was met at each of some actors, in their order; one pass over the records for all.
pub(super) fn firings_of_each(
    model: &Model,
    trace: &Trace,
    trigger: &Trigger,
    actors: &[ActorId],
) -> Vec<Vec<Firing>> {
    let clock = instants(trace, trigger);
    let mut found = vec![clock.clone(); actors.len()];
    let mut place: Vec<Option<usize>> = vec![None; model.actors.len()];
    for (i, actor) in actors.iter().enumerate() {
        place[actor.index()] = Some(i);
    }
    let mut news = News::new(model, trigger);
    let looked_at = topics(trigger);
    for (i, record) in trace.records.iter().enumerate() {
        if looked_at & topic(&record.event) == 0 {
            continue;
        }
        let (fact, before) = news.see(record);
        for (leaf, what) in trigger.leaves.iter().enumerate() {
            if !happens(model, trace, what, i, Owner::default(), before) {
                continue;
            }
            let firing = Firing { at: record.time, record: Some(i as RecordId), fact, leaf };
            if is_local(what) {
                let Subject::Actor(who) = record.who else { continue };
                if let Some(at) = place[who.index()] {
                    found[at].push(firing);
                }
            } else {
                for (&actor, of_actor) in actors.iter().zip(&mut found) {
                    if happens(model, trace, what, i, Owner { actor: Some(actor), rule: None }, before) {
                        of_actor.push(firing);
                    }
                }
            }
        }
    }
    for of_actor in &mut found {
        if !clock.is_empty() {
            of_actor.sort_by_key(|f| (f.at, f.record, f.leaf));
        }
        let mut joined = Joined::new(&trigger.join);
        of_actor.retain(|f| joined.feed(f.leaf, f.at));
    }
    found
}

/// The instants of the clock at which a leaf of a trigger happened.
fn instants(trace: &Trace, trigger: &Trigger) -> Vec<Firing> {
    let mut found = Vec::new();
    for (leaf, what) in trigger.leaves.iter().enumerate() {
        if let Leaf::At(instants) = what {
            let times = instants.iter().filter(|&&at| at <= trace.end);
            found.extend(times.map(|&at| Firing { at, record: None, fact: None, leaf }));
        }
    }
    found
}

/// All times at which a leaf of a trigger happened, in order.
pub(super) fn leaf_firings(model: &Model, trace: &Trace, trigger: &Trigger, owner: Owner) -> Vec<Firing> {
    let mut found = instants(trace, trigger);
    let mut news = News::new(model, trigger);
    let looked_at = topics(trigger);
    for (i, record) in trace.records.iter().enumerate() {
        if looked_at & topic(&record.event) == 0 {
            continue;
        }
        let (fact, before) = news.see(record);
        for (leaf, what) in trigger.leaves.iter().enumerate() {
            if happens(model, trace, what, i, owner, before) {
                found.push(Firing { at: record.time, record: Some(i as RecordId), fact, leaf });
            }
        }
    }
    found.sort_by_key(|f| (f.at, f.record, f.leaf));
    found
}

/// Coarse kinds of records, one bit each, so that most are passed over at a glance.
fn topic(event: &Event) -> u8 {
    match event {
        Event::Learned { .. } => 1,
        Event::Read { .. } => 2,
        Event::TaskDone { .. } | Event::TaskLost { .. } | Event::Finished(_) => 4,
        Event::Sent { .. } | Event::Delivered { .. } | Event::RuleBlocked(..) | Event::RuleFired(_) => 0,
        _ => 8,
    }
}

/// The kinds of records at which a leaf of a trigger may happen.
fn topics(trigger: &Trigger) -> u8 {
    let of = |leaf: &Leaf| match leaf {
        _ if leaf.learning().is_some() => 1,
        Leaf::Receive(_) => 2,
        Leaf::Done(_) | Leaf::TurnedAway(_) | Leaf::GaveUp(_) | Leaf::Finished(_) => 4,
        _ => 8,
    };
    trigger.leaves.iter().map(of).fold(0, |all, one| all | one)
}

/// What each actor knows of the facts that a trigger looks at.
struct News {
    /// By fact: its row in `held`, if the trigger looks at it.
    rows: Vec<Option<usize>>,
    n_actors: usize,
    held: Vec<Option<f64>>,
}

impl News {
    fn new(model: &Model, trigger: &Trigger) -> News {
        let looked_at = |kind| trigger.leaves.iter().any(|l| l.learning().is_some_and(|(k, _)| k == kind));
        let mut n = 0;
        let rows = model.facts.iter().map(|fact| {
            looked_at(fact.kind).then(|| {
                n += 1;
                n - 1
            })
        });
        let rows: Vec<Option<usize>> = rows.collect();
        News { rows, n_actors: model.actors.len(), held: vec![None; n * model.actors.len()] }
    }

    /// The fact that a record tells somebody, and the value that they knew of it before.
    fn see(&mut self, record: &Record) -> (Option<FactId>, Option<f64>) {
        let (Event::Learned { fact, value, .. }, Subject::Actor(a)) = (record.event, record.who) else {
            return (None, None);
        };
        let Some(row) = self.rows[fact.index()] else { return (Some(fact), None) };
        (Some(fact), self.held[row * self.n_actors + a.index()].replace(value))
    }
}

/// Whether a record is an instance of a leaf; `before` is the value that was known of the fact that is learned.
fn happens(model: &Model, trace: &Trace, leaf: &Leaf, i: usize, owner: Owner, before: Option<f64>) -> bool {
    let record = &trace.records[i];
    let mine = owner.actor.is_none_or(|a| record.who == Subject::Actor(a));
    if let (Some((kind, scope)), Event::Learned { fact, value, .. }) = (leaf.learning(), record.event) {
        let Subject::Actor(a) = record.who else { return false };
        let (of, own) = (model.facts[fact.index()].state, model.actors[a.index()].state);
        let in_scope = match scope {
            Scope::Any | Scope::Same => true,
            Scope::Own => of == own,
            Scope::Other => of.is_some() && of != own,
        };
        let happened = match leaf {
            Leaf::Crosses(crossing) => crossing.is_crossed(before, value),
            _ => before != Some(value),
        };
        return mine && happened && in_scope && model.facts[fact.index()].kind == kind;
    }
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
        (Leaf::Enter(mode), Event::ModeEntered { network, mode: entered, .. }) => {
            mode.network == network && mode.mode == entered
        }
        (Leaf::Leave(mode), Event::ModeEntered { network, before, mode: entered }) => {
            mode.network == network && mode.mode == before && entered != before
        }
        (Leaf::Decided(decision, outcome, option), Event::Decided(d, o, _, with)) => {
            *decision == d && *outcome == o && option.is_none_or(|option| option == with)
        }
        (Leaf::Every { .. }, Event::Tick(rule))
        | (Leaf::Arrivals(_) | Leaf::Stream(_) | Leaf::Opened, Event::Arrival(rule))
        | (Leaf::QueueReaches(_) | Leaf::QueueFallsTo(_) | Leaf::StockFallsTo(..), Event::Crossed(rule))
        | (Leaf::Silence(..), Event::Silent(rule)) => mine && owner.rule == Some(rule),
        (Leaf::Done(task), Event::TaskDone { work, .. }) => mine && work == WorkKind::Task(*task),
        (Leaf::TurnedAway(task), Event::TaskLost { work, reneged: false })
        | (Leaf::GaveUp(task), Event::TaskLost { work, reneged: true }) => {
            mine && work == WorkKind::Task(*task)
        }
        (Leaf::Finished(class), Event::Finished(_)) => {
            mine && class.is_none_or(|class| class_of(model, trace, i as RecordId) == Some(class))
        }
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
            Joined::Any(parts) => {
                // Every part must see the leaf, so no short cut.
                let mut met = false;
                for part in parts {
                    met |= part.feed(leaf, now);
                }
                met
            }
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{Truth, ValueKind};

    #[test]
    fn joins_fire_with_the_arrival_that_completes_them() {
        // Leaves 0, 1 and 2 happen in this order, one an hour.
        let order = [0, 0, 1, 2, 1, 0, 2];
        let fires = |join: Join| -> Vec<usize> {
            let mut joined = Joined::new(&join);
            let happens = order.iter().enumerate();
            happens.filter(|(i, leaf)| joined.feed(**leaf, hours(*i as f64))).map(|(i, _)| i).collect()
        };
        let leaf = Join::Leaf;
        assert_eq!(fires(leaf(1)), [2, 4]);
        // Armed again after firing: 0 1 2, then 1 0 2.
        assert_eq!(fires(Join::All(vec![leaf(0), leaf(1), leaf(2)])), [3, 6]);
        assert_eq!(fires(Join::KOf(2, vec![leaf(0), leaf(1), leaf(2)])), [2, 4, 6]);
        assert_eq!(fires(Join::Any(vec![leaf(1), leaf(2)])), [2, 3, 4, 6]);
        assert_eq!(fires(Join::Nth(3, Box::new(leaf(0)))), [5]);
        let window = |h| SimDuration::from_hours(h);
        let within = |times, h| Join::Within { times, window: window(h), of: Box::new(leaf(0)) };
        assert_eq!((fires(within(2, 1)), fires(within(2, 4))), (vec![1], vec![1]));
        assert_eq!(fires(within(3, 5)), [5]);
        assert_eq!(fires(within(3, 4)), [0; 0]);
    }

    #[test]
    fn learning_counts_when_it_changes_what_is_held() {
        let mut b = Builder::new();
        b.actor("a");
        b.actor("b");
        let f = b.fact("f", ValueKind::Number(2.0), Truth::Start);
        let kind = b.model.facts[0].kind;
        let learned =
            |version, value| Event::Learned { fact: f, version, value, from: crate::trace::Source::World };
        for (t, who, version, value) in
            [(1.0, 0, 1, 5.0), (2.0, 0, 2, 5.0), (3.0, 1, 2, 5.0), (4.0, 0, 3, 6.0)]
        {
            b.at(hours(t), actor(who), learned(version, value), &[], &[]);
        }
        let leaves = vec![Leaf::Learn(kind, Scope::Any), Leaf::At(vec![hours(2.5), hours(2000.0)])];
        let trigger = Trigger { leaves, join: Join::Any(vec![Join::Leaf(0), Join::Leaf(1)]) };
        let times = |owner| {
            let found = firings(&b.model, &b.trace, &trigger, owner);
            found.iter().map(|f| (f.at, f.record)).collect::<Vec<_>>()
        };
        let expected =
            [(hours(1.0), Some(0)), (hours(2.5), None), (hours(3.0), Some(2)), (hours(4.0), Some(3))];
        assert_eq!(times(Owner::default()), expected);
        let first = Owner { actor: Some(ActorId::from_index(0)), rule: None };
        assert_eq!(times(first), [expected[0], expected[1], expected[3]]);

        // One pass over the records for several actors tells of each the same.
        let actors = [1, 0].map(ActorId::from_index);
        let each = firings_of_each(&b.model, &b.trace, &trigger, &actors);
        let alone = actors
            .map(|actor| firings(&b.model, &b.trace, &trigger, Owner { actor: Some(actor), rule: None }));
        assert_eq!(each, alone);
        assert_eq!(each[0].len(), 2);
    }
}
