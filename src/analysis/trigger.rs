//! When the trigger of a rule, duty or measure was met, read from the records.
//!
//! Joins are read without cases: each is armed again after it fires; only the k-th time happens once.
//! A cadence and generated arrivals belong to a rule, so their leaves are met only where the rule is given.

use std::collections::VecDeque;

use crate::model::{ActorId, FactId, Join, Leaf, Model, RuleId, Scope, Trigger};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Record, RecordId, Subject, Trace, WorkKind};

use super::case::class_of;
use super::reading::Reading;
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
pub(super) fn firings(run: &Reading<'_>, trigger: &Trigger, owner: Owner) -> Vec<Firing> {
    joined(trigger, leaf_firings(run, trigger, owner))
}

/// All times at which a leaf of a trigger happened, in order.
pub(super) fn leaf_firings(run: &Reading<'_>, trigger: &Trigger, owner: Owner) -> Vec<Firing> {
    let mut found = instants(run.trace, trigger);
    happenings(run, trigger, owner.rule, |leaf, firing, record| {
        if owner.actor.is_none_or(|actor| is_of(run.model, leaf, record, actor)) {
            found.push(firing);
        }
    });
    found.sort_by_key(|f| (f.at, f.record, f.leaf));
    found
}

/// All times at which a trigger was met at each of some actors, in their order; what happens is looked for once for all.
pub(super) fn firings_of_each(run: &Reading<'_>, trigger: &Trigger, actors: &[ActorId]) -> Vec<Vec<Firing>> {
    let mut found = vec![instants(run.trace, trigger); actors.len()];
    let mut place: Vec<Option<usize>> = vec![None; run.model.actors.len()];
    for (i, actor) in actors.iter().enumerate() {
        place[actor.index()] = Some(i);
    }
    happenings(run, trigger, None, |leaf, firing, record| {
        if is_local(leaf) {
            let Subject::Actor(who) = record.who else { return };
            if let Some(at) = place[who.index()] {
                found[at].push(firing);
            }
            return;
        }
        for (&actor, of_actor) in actors.iter().zip(&mut found) {
            if is_of(run.model, leaf, record, actor) {
                of_actor.push(firing);
            }
        }
    });
    let in_order = found.into_iter().map(|mut of_actor| {
        of_actor.sort_by_key(|f| (f.at, f.record, f.leaf));
        joined(trigger, of_actor)
    });
    in_order.collect()
}

/// Of the times at which a leaf happened, in order, those that complete the join.
fn joined(trigger: &Trigger, mut leaves: Vec<Firing>) -> Vec<Firing> {
    let mut joined = Joined::new(&trigger.join);
    leaves.retain(|f| joined.feed(f.leaf, f.at));
    leaves
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

/// Calls `found` for each record at which a leaf of a trigger happened, to whomever, leaf by leaf.
fn happenings(
    run: &Reading<'_>,
    trigger: &Trigger,
    rule: Option<RuleId>,
    mut found: impl FnMut(&Leaf, Firing, &Record),
) {
    for (leaf, what) in trigger.leaves.iter().enumerate() {
        let mut news = News::default();
        for &id in candidates(run, what) {
            let record = run.trace.record(id);
            let (fact, happened) = match (what.learning(), record.event, record.who) {
                (Some((_, scope)), Event::Learned { fact, value, .. }, Subject::Actor(actor)) => {
                    let before = news.learns(run.model, fact, actor, value);
                    let happened = in_scope(run.model, scope, fact, actor) && is_news(what, before, value);
                    (Some(fact), happened)
                }
                _ => (None, happens(run, what, id, rule)),
            };
            if happened {
                found(what, Firing { at: record.time, record: Some(id), fact, leaf }, record);
            }
        }
    }
}

/// The records among which those are at which a leaf happened.
fn candidates<'a>(run: &'a Reading<'_>, leaf: &Leaf) -> &'a [RecordId] {
    match leaf {
        Leaf::Learn(kind, _) => run.learned(*kind),
        Leaf::Crosses(crossing) => run.learned(crossing.kind),
        Leaf::Receive(product) => run.read(*product),
        Leaf::Published(product) | Leaf::Failed(product) => run.arrived(*product),
        Leaf::Done(_) | Leaf::TurnedAway(_) | Leaf::GaveUp(_) => run.tasks(),
        Leaf::At(_) => &[],
        _ => run.others(),
    }
}

/// What each actor knows of the facts of a kind, from one learning to the next.
#[derive(Default)]
struct News {
    /// By fact, then by actor; empty until somebody learns the fact.
    held: Vec<Vec<Option<f64>>>,
}

impl News {
    /// An actor learns a value of a fact; the one that it knew before.
    fn learns(&mut self, model: &Model, fact: FactId, actor: ActorId, value: f64) -> Option<f64> {
        if self.held.is_empty() {
            self.held.resize(model.facts.len(), Vec::new());
        }
        let held = &mut self.held[fact.index()];
        if held.is_empty() {
            held.resize(model.actors.len(), None);
        }
        held[actor.index()].replace(value)
    }
}

/// Whether a value that is learned is what a leaf waits for, beside the one that was known before.
fn is_news(leaf: &Leaf, before: Option<f64>, value: f64) -> bool {
    match leaf {
        Leaf::Crosses(crossing) => crossing.is_crossed(before, value),
        _ => before != Some(value),
    }
}

/// Whether a fact is among those of its kind that a leaf means at an actor.
fn in_scope(model: &Model, scope: Scope, fact: FactId, actor: ActorId) -> bool {
    let (of, own) = (model.facts[fact.index()].state, model.actors[actor.index()].state);
    match scope {
        Scope::Any | Scope::Same => true,
        Scope::Own => of == own,
        Scope::Other => of.is_some() && of != own,
    }
}

/// Whether what happened belongs to an actor.
fn is_of(model: &Model, leaf: &Leaf, record: &Record, actor: ActorId) -> bool {
    match leaf {
        Leaf::Inject(inject) => {
            let asker = Asker { state: model.actors[actor.index()].state, at: record.time };
            let to = &model.injects[inject.index()].to;
            to.as_ref().is_none_or(|to| selects(model, to, Subject::Actor(actor), asker))
        }
        _ if is_local(leaf) || is_of_rule(leaf) => record.who == Subject::Actor(actor),
        _ => true,
    }
}

/// Whether a leaf happens to a rule at an actor, so that its records name the rule.
fn is_of_rule(leaf: &Leaf) -> bool {
    matches!(
        leaf,
        Leaf::Every { .. }
            | Leaf::Arrivals(_)
            | Leaf::Stream(_)
            | Leaf::Opened
            | Leaf::QueueReaches(_)
            | Leaf::QueueFallsTo(_)
            | Leaf::StockFallsTo(..)
            | Leaf::Silence(..)
    )
}

/// Whether a record is an instance of a leaf, other than a learning, at anybody; `of` is the rule whose trigger it is.
fn happens(run: &Reading<'_>, leaf: &Leaf, id: RecordId, of: Option<RuleId>) -> bool {
    match (leaf, run.trace.record(id).event) {
        (Leaf::Start, Event::Start) => true,
        (Leaf::Inject(inject), Event::Injected(i)) => *inject == i,
        (Leaf::Receive(product), Event::Read { product: p, .. }) => *product == p,
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
        | (Leaf::Silence(..), Event::Silent(rule)) => of == Some(rule),
        (Leaf::Done(task), Event::TaskDone { work, .. }) => work == WorkKind::Task(*task),
        (Leaf::TurnedAway(task), Event::TaskLost { work, reneged: false })
        | (Leaf::GaveUp(task), Event::TaskLost { work, reneged: true }) => work == WorkKind::Task(*task),
        (Leaf::Finished(class), Event::Finished(_)) => {
            class.is_none_or(|class| class_of(run.model, run.trace, id) == Some(class))
        }
        (Leaf::Published(product), Event::Published { product: p, .. })
        | (Leaf::Failed(product), Event::Undelivered { product: p, .. }) => *product == p,
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
        let run = Reading::new(&b.model, &b.trace);
        let times = |owner| {
            let found = firings(&run, &trigger, owner);
            found.iter().map(|f| (f.at, f.record)).collect::<Vec<_>>()
        };
        let expected =
            [(hours(1.0), Some(0)), (hours(2.5), None), (hours(3.0), Some(2)), (hours(4.0), Some(3))];
        assert_eq!(times(Owner::default()), expected);
        let first = Owner { actor: Some(ActorId::from_index(0)), rule: None };
        assert_eq!(times(first), [expected[0], expected[1], expected[3]]);

        // One pass over the records for several actors tells of each the same.
        let actors = [1, 0].map(ActorId::from_index);
        let each = firings_of_each(&run, &trigger, &actors);
        let alone = actors.map(|actor| firings(&run, &trigger, Owner { actor: Some(actor), rule: None }));
        assert_eq!(each, alone);
        assert_eq!(each[0].len(), 2);
    }
}
