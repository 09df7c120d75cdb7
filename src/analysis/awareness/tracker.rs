//! Who knows what is true, kept up to date record by record.

use smallvec::SmallVec;

use crate::model::{ActorId, Fact, FactId, FactKind, Model, Truth, ValueKind};
use crate::trace::{Event, RecordId, Source, Subject, Trace};

/// Whether a value of a fact is right, held against the truth.
pub(in crate::analysis) fn is_right(kind: &FactKind, fact: &Fact, value: f64, truth: Option<f64>) -> bool {
    match (&kind.value, truth) {
        (ValueKind::Flag, truth) => (value != 0.0) == (truth.unwrap_or(1.0) != 0.0),
        (ValueKind::Choice(_), truth) => {
            fact.true_choice.map(f64::from).or(truth).is_none_or(|truth| value == truth)
        }
        (ValueKind::Number(factor), Some(truth)) => {
            value == truth || (value > 0.0 && truth > 0.0 && (value / truth).max(truth / value) <= *factor)
        }
        (ValueKind::Number(_), None) => true,
    }
}

/// A version of a fact as somebody holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Held {
    version: u32,
    value: f64,
}

/// Those who hold the same of a fact: all of them know it, or none.
#[derive(Debug, Clone, Copy)]
struct Holders {
    held: Held,
    /// How many of those whom the fact concerns.
    n: u32,
    /// Whether what they hold counts as knowing the fact now; said only while something is true.
    know: bool,
}

/// What is going on about one fact.
#[derive(Debug, Clone, Default)]
struct FactState {
    truth: Option<f64>,
    /// Newest right version that anybody has published.
    newest: Option<Held>,
    /// By what they hold; a place without holders is used again.
    holders: Vec<Holders>,
    /// By place in `holders`, then by group: weights and number of them.
    weights: Vec<(f64, u32)>,
    /// By place among those whom the fact concerns: the place in `holders`. Empty until somebody learns it.
    holds: Vec<Option<u32>>,
    /// Places of those who hold something.
    learners: Vec<u32>,
    /// Whether anything of it has been seen.
    touched: bool,
    /// Whether anybody, concerned or not, has learned it.
    learned: bool,
    /// By group: what the fact adds to the share and to the common picture.
    adds: Vec<(i128, i128)>,
    /// By group: weights and number of those who know it.
    known: Vec<(f64, u32)>,
}

impl FactState {
    fn reset(&mut self) {
        for place in self.learners.drain(..) {
            self.holds[place as usize] = None;
        }
        self.holders.clear();
        self.weights.clear();
        self.known.fill((0.0, 0));
        self.adds.clear();
        (self.truth, self.newest, self.touched, self.learned) = (None, None, false, false);
    }

    /// The place of those who hold this, made if there are none.
    fn place_of(&mut self, held: Held, info: Info<'_>, n_groups: usize) -> usize {
        let mut free = None;
        // What is new is asked for most.
        for (at, holders) in self.holders.iter().enumerate().rev() {
            if holders.n == 0 {
                free = Some(at);
            } else if holders.held == held {
                return at;
            }
        }
        let know = self.truth.is_some() && info.is_knowledge(held, self.newest, self.truth);
        let holders = Holders { held, n: 0, know };
        if let Some(at) = free {
            self.holders[at] = holders;
            return at;
        }
        self.holders.push(holders);
        self.weights.resize(self.holders.len() * n_groups, (0.0, 0));
        self.holders.len() - 1
    }

    /// One of those whom the fact concerns holds this from now on; whether it counts as knowing it before and now.
    fn takes(&mut self, place: u32, held: Held, info: Info<'_>) -> (bool, bool) {
        let concerned = info.concerned;
        if self.holds.len() < concerned.actors.len() {
            self.holds.resize(concerned.actors.len(), None);
        }
        let n_groups = concerned.total.len();
        let (weight, groups) = &concerned.actors[place as usize];
        let mut knew = false;
        match self.holds[place as usize] {
            Some(from) => {
                let from = from as usize;
                knew = self.holders[from].know;
                self.holders[from].n -= 1;
                let weights = &mut self.weights[from * n_groups..];
                groups.iter().for_each(|&g| add(&mut weights[usize::from(g)], (*weight, 1), false));
            }
            None => self.learners.push(place),
        }
        let to = self.place_of(held, info, n_groups);
        self.holds[place as usize] = Some(to as u32);
        self.holders[to].n += 1;
        let weights = &mut self.weights[to * n_groups..];
        groups.iter().for_each(|&g| add(&mut weights[usize::from(g)], (*weight, 1), true));
        (knew, self.holders[to].know)
    }

    /// Asks anew of everything that is held whether it is knowledge, and moves those who hold it into `known` or out
    /// of it; true if there are any. Weights are whole.
    fn judge(&mut self, info: Info<'_>) -> bool {
        let mut moved = false;
        let by_holders = self.weights.chunks_exact(info.concerned.total.len());
        for (holders, weights) in self.holders.iter_mut().zip(by_holders) {
            let know = holders.n > 0 && info.is_knowledge(holders.held, self.newest, self.truth);
            if std::mem::replace(&mut holders.know, know) != know {
                self.known.iter_mut().zip(weights).for_each(|(known, &of)| add(known, of, know));
                moved = true;
            }
        }
        moved
    }

    /// Counts afresh who knows the fact, in the order of the model.
    fn count(&mut self, info: Info<'_>) {
        for holders in &mut self.holders {
            holders.know = info.is_knowledge(holders.held, self.newest, self.truth);
        }
        self.known.fill((0.0, 0));
        for ((weight, groups), holds) in info.concerned.actors.iter().zip(&self.holds) {
            if holds.is_some_and(|at| self.holders[at as usize].know) {
                groups.iter().for_each(|&g| add(&mut self.known[usize::from(g)], (*weight, 1), true));
            }
        }
    }
}

/// Adds weights and a number, or takes them away.
fn add(to: &mut (f64, u32), (weight, n): (f64, u32), more: bool) {
    *to = if more { (to.0 + weight, to.1 + n) } else { (to.0 - weight, to.1 - n) };
}

/// What the model says of a fact.
#[derive(Debug, Clone, Copy)]
struct Info<'a> {
    fact: &'a Fact,
    kind: &'a FactKind,
    concerned: &'a Concerned,
}

impl Info<'_> {
    /// Whether what is held of the fact is knowledge: right, and not replaced by another value.
    fn is_knowledge(&self, held: Held, newest: Option<Held>, truth: Option<f64>) -> bool {
        let stale = newest.is_some_and(|new| held.version < new.version && held.value != new.value);
        !stale && is_right(self.kind, self.fact, held.value, truth)
    }
}

/// Whom a kind of fact concerns.
#[derive(Debug, Clone, Default)]
struct Concerned {
    /// The counted actors among them with their weights and groups (levels, then all), in the order of the model.
    actors: Vec<(f64, SmallVec<[u16; 4]>)>,
    /// By actor: its place in `actors`.
    place: Vec<Option<u32>>,
    /// By group: sum of weights and number of actors.
    total: Vec<(f64, u32)>,
    /// All weights are small whole numbers, so that a sum of them is exact in any order. Other weights are added in
    /// the order of the model.
    whole: bool,
}

/// Awareness kept up to date record by record.
///
/// Sums are whole numbers in units of 2^-60, so that they do not drift however often a share rises and falls,
/// and all facts known by all give exactly 1.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct AwarenessTracker {
    n_groups: usize,
    /// By kind of fact.
    concerned: Vec<Concerned>,
    facts: Vec<FactState>,
    /// Facts of which something has been seen in this run.
    touched: Vec<FactId>,
    /// By group: weighted shares, weights of commonly known facts, weights of true facts.
    sums: Vec<(i128, i128, i128)>,
}

/// A weight as a whole number.
fn fixed(x: f64) -> i128 {
    const UNIT: f64 = (1_u64 << 60) as f64;
    (x * UNIT) as i128
}

impl Concerned {
    fn new(model: &Model, kind: &FactKind) -> Concerned {
        let all = model.levels.len();
        let mut who = Concerned {
            place: vec![None; model.actors.len()],
            total: vec![(0.0, 0); all + 1],
            whole: true,
            ..Concerned::default()
        };
        for (i, actor) in model.actors.iter().enumerate() {
            let id = ActorId::from_index(i);
            if !actor.counted || kind.concerns.is_some_and(|set| !model.sets[set.index()].has(id)) {
                continue;
            }
            let mut groups: SmallVec<[u16; 4]> = actor.levels.iter().map(|l| l.index() as u16).collect();
            groups.push(all as u16);
            for &g in &groups {
                who.total[usize::from(g)].0 += actor.weight;
                who.total[usize::from(g)].1 += 1;
            }
            who.whole &= actor.weight == libm::trunc(actor.weight) && actor.weight.abs() <= 1e6;
            who.place[i] = Some(who.actors.len() as u32);
            who.actors.push((actor.weight, groups));
        }
        who
    }
}

impl AwarenessTracker {
    pub(in crate::analysis) fn new(model: &Model) -> AwarenessTracker {
        let n_groups = model.levels.len() + 1;
        AwarenessTracker {
            n_groups,
            concerned: model.fact_kinds.iter().map(|kind| Concerned::new(model, kind)).collect(),
            facts: vec![FactState::default(); model.facts.len()],
            touched: Vec::new(),
            sums: vec![(0, 0, 0); n_groups],
        }
    }

    /// Forgets the run and keeps the memory.
    pub(in crate::analysis) fn reset(&mut self) {
        for fact in self.touched.drain(..) {
            self.facts[fact.index()].reset();
        }
        self.sums.fill((0, 0, 0));
    }

    /// The state of a fact of which something is seen.
    fn touch(&mut self, fact: FactId) -> &mut FactState {
        let state = &mut self.facts[fact.index()];
        if !std::mem::replace(&mut state.touched, true) {
            self.touched.push(fact);
        }
        state
    }

    /// Number of groups: levels, then all actors.
    pub(in crate::analysis) fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// Awareness of a group now; none while no fact is true that concerns it.
    pub(in crate::analysis) fn share(&self, group: usize) -> Option<f64> {
        let (share, _, weight) = self.sums[group];
        (weight > 0).then(|| share as f64 / weight as f64)
    }

    /// Weighted shares and weights of true facts of a group, whose ratio is [`Self::share`].
    pub(in crate::analysis) fn share_sums(&self, group: usize) -> (i128, i128) {
        (self.sums[group].0, self.sums[group].2)
    }

    /// Share of the true facts that every actor concerned knows.
    pub(in crate::analysis) fn common(&self, group: usize) -> Option<f64> {
        let (_, common, weight) = self.sums[group];
        (weight > 0).then(|| common as f64 / weight as f64)
    }

    /// Takes a record in; true if it may have changed awareness.
    pub(in crate::analysis) fn see(&mut self, model: &Model, trace: &Trace, id: RecordId) -> bool {
        let record = trace.record(id);
        match record.event {
            Event::True { fact, value } => {
                self.becomes_true(model, fact, value);
                self.recount(model, fact);
                true
            }
            Event::Versioned { fact, version, value } => {
                let replaced = self.publish(model, fact, Held { version, value });
                if replaced {
                    self.recount(model, fact);
                }
                replaced
            }
            Event::Learned { fact, version, value, from } => {
                let Subject::Actor(actor) = record.who else { return false };
                let kind = &model.fact_kinds[model.facts[fact.index()].kind.index()];
                let found = kind.truth == Truth::Found
                    && from == Source::Own
                    && self.facts[fact.index()].truth.is_none();
                if found {
                    let choice = model.facts[fact.index()].true_choice;
                    self.becomes_true(model, fact, choice.map_or(value, f64::from));
                }
                let replaced = self.publish(model, fact, Held { version, value });
                self.learns(model, fact, actor, Held { version, value }, replaced || found)
            }
            _ => false,
        }
    }

    /// An actor learns a version; true if it may have changed awareness. `anew`: what is true or newest has changed
    /// too, so others may know it no more.
    fn learns(&mut self, model: &Model, fact: FactId, actor: ActorId, held: Held, anew: bool) -> bool {
        self.touch(fact).learned = true;
        let info = info(model, &self.concerned, fact);
        let state = &mut self.facts[fact.index()];
        let Some(place) = info.concerned.place[actor.index()] else {
            if anew {
                self.recount(model, fact);
            }
            return anew;
        };
        let (knew, knows) = state.takes(place, held, info);
        if info.concerned.whole && knew != knows {
            let (weight, groups) = &info.concerned.actors[place as usize];
            for group in groups.iter().map(|&g| usize::from(g)) {
                add(&mut state.known[group], (*weight, 1), knows);
                settle(info, group, state, &mut self.sums[group]);
            }
        }
        if anew || !info.concerned.whole {
            self.recount(model, fact);
            return true;
        }
        knew != knows
    }

    /// Sets the truth; the first time, the weight of the fact counts from now on.
    fn becomes_true(&mut self, model: &Model, fact: FactId, value: f64) {
        let kind = model.facts[fact.index()].kind;
        let n_groups = self.n_groups;
        let state = self.touch(fact);
        state.truth = Some(value);
        if state.adds.is_empty() {
            state.adds.resize(n_groups, (0, 0));
            state.known.resize(n_groups, (0.0, 0));
            for (group, sums) in self.sums.iter_mut().enumerate() {
                if self.concerned[kind.index()].total[group].0 > 0.0 {
                    sums.2 += fixed(model.fact_kinds[kind.index()].weight);
                }
            }
        }
    }

    /// Keeps a version if it is newer and right; true if it replaces the one before.
    fn publish(&mut self, model: &Model, fact: FactId, new: Held) -> bool {
        let info = &model.facts[fact.index()];
        let state = self.touch(fact);
        let newer = state.newest.is_none_or(|old| new.version > old.version);
        let right = is_right(&model.fact_kinds[info.kind.index()], info, new.value, state.truth);
        if newer && right {
            state.newest = Some(new);
        }
        newer && right
    }

    /// Counts afresh who knows a fact.
    fn recount(&mut self, model: &Model, fact: FactId) {
        let info = info(model, &self.concerned, fact);
        let state = &mut self.facts[fact.index()];
        if state.truth.is_none() || !state.learned {
            return;
        }
        if info.concerned.whole {
            if !state.judge(info) {
                return;
            }
        } else {
            state.count(info);
        }
        for (group, sums) in self.sums.iter_mut().enumerate() {
            settle(info, group, state, sums);
        }
    }
}

/// What the model says of a fact.
fn info<'a>(model: &'a Model, concerned: &'a [Concerned], fact: FactId) -> Info<'a> {
    let info = &model.facts[fact.index()];
    let kind = info.kind.index();
    Info { fact: info, kind: &model.fact_kinds[kind], concerned: &concerned[kind] }
}

/// Puts what is known of a fact in a group into the sums of the group, instead of what stands in them already.
fn settle(info: Info<'_>, group: usize, state: &mut FactState, sums: &mut (i128, i128, i128)) {
    let (weight, n) = info.concerned.total[group];
    if weight <= 0.0 {
        return;
    }
    let known = state.known[group];
    let whole = info.kind.weight;
    let all = known.1 == n;
    let share = if all { fixed(whole) } else { fixed(whole * (known.0 / weight)) };
    let common = if all { fixed(whole) } else { 0 };
    let adds = &mut state.adds[group];
    sums.0 += share - adds.0;
    sums.1 += common - adds.1;
    *adds = (share, common);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::fixture::{Builder, actor, hours};

    /// The share of one number, worked out from nothing but what everybody holds.
    fn by_hand(weights: &[f64], held: &[Option<Held>], newest: Option<Held>, truth: f64) -> f64 {
        let knows = |held: &Option<Held>| {
            held.is_some_and(|held| {
                let replaced =
                    newest.is_some_and(|new| held.version < new.version && held.value != new.value);
                !replaced && (held.value / truth).max(truth / held.value) <= 2.0
            })
        };
        let known: f64 = weights.iter().zip(held).filter(|(_, held)| knows(held)).map(|(w, _)| w).sum();
        fixed(known / weights.iter().sum::<f64>()) as f64 / fixed(1.0) as f64
    }

    /// Versions come and go in any order, with whole weights and with others.
    #[test]
    fn counting_by_what_is_held_is_counting_everybody() {
        for weights in [[1.0, 2.0, 3.0, 1.0, 1.0, 5.0, 1.0], [0.1, 0.7, 0.3, 1.1, 0.2, 0.9, 0.4]] {
            let mut b = Builder::new();
            for (i, weight) in weights.into_iter().enumerate() {
                let id = b.actor(&format!("a{i}"));
                b.model.actors[id.index()].weight = weight;
            }
            let fact = b.fact("n", ValueKind::Number(2.0), Truth::HitCount);
            let mut tracker = AwarenessTracker::new(&b.model);
            let mut held: [Option<Held>; 7] = [None; 7];
            let (mut newest, mut truth): (Option<Held>, Option<f64>) = (None, None);
            let mut state = 1_u64;
            let mut below = |n: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % n
            };
            for _ in 0..3000 {
                let new = Held { version: below(6) as u32, value: 1.0 + below(4) as f64 };
                let (version, value) = (new.version, new.value);
                let (who, event) = match below(8) {
                    0 => (Subject::World, Event::True { fact, value }),
                    1 => (Subject::World, Event::Versioned { fact, version, value }),
                    _ => (
                        actor(below(7) as usize),
                        Event::Learned { fact, version, value, from: Source::World },
                    ),
                };
                if let Event::True { value, .. } = event {
                    truth = Some(value);
                } else if newest.is_none_or(|old| version > old.version)
                    && truth.is_none_or(|truth| (value / truth).max(truth / value) <= 2.0)
                {
                    newest = Some(new);
                }
                if let Subject::Actor(who) = who {
                    held[who.index()] = Some(new);
                }
                let id = b.at(hours(1.0), who, event, &[], &[]);
                tracker.see(&b.model, &b.trace, id);
                assert_eq!(tracker.share(1), truth.map(|truth| by_hand(&weights, &held, newest, truth)));
                // Newer versions run out; begin again now and then.
                if below(40) == 0 {
                    tracker.reset();
                    (held, newest, truth) = ([None; 7], None, None);
                }
            }
            assert!(tracker.facts[0].holders.len() <= weights.len() + 1);
        }
    }
}
