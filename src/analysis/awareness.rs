//! Situational awareness per level, the common picture, and how far awareness lags behind events.
//!
//! With weights w_f of facts and v_a of actors, over the facts true at t that concern somebody of the level:
//! `SA_L = sum_f w_f (sum of v_a that know f / sum of v_a) / sum_f w_f`. Without a true fact it is undefined.
//!
//! Who knows what. A value that is wrong is not knowledge: another choice than the true one, a number further
//! than its factor from the true value at that time. Nor is a version known that a newer one has replaced by
//! another value. A newer version with the same value replaces nothing (two authorities that find the same flag do
//! not make each other ignorant), and a wrong one does not either (a false report robs nobody of the truth).

use smallvec::SmallVec;

use super::curve::Curve;
use crate::model::{ActorId, Fact, FactId, FactKind, LevelId, Model, Truth, ValueKind};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Source, Subject, Trace};

/// Awareness of one level, or of all counted actors together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AwarenessCurve {
    /// Weighted share of the actors concerned that know what is true, 0 to 1.
    pub share: Curve,
    /// Weighted share of the true facts that every actor concerned knows, 0 to 1.
    pub common_picture: Curve,
    /// Integral of 1 - share from the first true fact to the earlier of the end and the last recovery (h);
    /// none if no fact that concerns the level became true.
    pub lag_hours: Option<f64>,
}

/// Situational awareness over a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Awareness {
    /// By level, in the order of the model.
    pub levels: Vec<(LevelId, AwarenessCurve)>,
    /// Over all counted actors, whatever their level.
    pub all: AwarenessCurve,
}

/// Awareness over a whole run.
pub fn awareness(model: &Model, trace: &Trace) -> Awareness {
    let mut tracker = AwarenessTracker::new(model);
    let mut curves = vec![AwarenessCurve::default(); tracker.n_groups()];
    for id in 0..trace.records.len() as RecordId {
        if !tracker.see(model, trace, id) {
            continue;
        }
        let at = trace.records[id as usize].time;
        for (group, curve) in curves.iter_mut().enumerate() {
            curve.share.set(at, tracker.share(group));
            curve.common_picture.set(at, tracker.common(group));
        }
    }
    let until = last_recovery(trace).unwrap_or(trace.end).min(trace.end);
    for curve in &mut curves {
        curve.lag_hours = lag(&curve.share, until);
    }
    let all = curves.pop().unwrap_or_default();
    let levels = curves.into_iter().enumerate().map(|(i, c)| (LevelId::from_index(i), c)).collect();
    Awareness { levels, all }
}

/// What a batch keeps of the awareness of a level.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AwarenessEnd {
    /// As [`AwarenessCurve::lag_hours`].
    pub lag_hours: Option<f64>,
    /// The share at the end.
    pub share: Option<f64>,
    /// The common picture at the end.
    pub common_picture: Option<f64>,
}

/// Reads one run after the other and keeps the memory.
#[derive(Debug, Clone)]
pub struct AwarenessReader {
    tracker: AwarenessTracker,
    shares: Vec<Curve>,
    /// By group: the sums of the share at the record before.
    before: Vec<(i128, i128)>,
}

impl AwarenessReader {
    /// A reader of runs of a model.
    pub fn new(model: &Model) -> AwarenessReader {
        let tracker = AwarenessTracker::new(model);
        let n = tracker.n_groups();
        AwarenessReader { tracker, shares: vec![Curve::default(); n], before: vec![(0, 0); n] }
    }

    /// How it ended: by level, in the order of the model, then all counted actors.
    pub fn read(&mut self, model: &Model, trace: &Trace) -> impl Iterator<Item = AwarenessEnd> {
        self.tracker.reset();
        self.shares.iter_mut().for_each(|share| share.points.clear());
        self.before.fill((0, 0));
        for (id, record) in trace.records.iter().enumerate() {
            if self.tracker.see(model, trace, id as RecordId) {
                for (group, share) in self.shares.iter_mut().enumerate() {
                    let sums = (self.tracker.sums[group].0, self.tracker.sums[group].2);
                    if std::mem::replace(&mut self.before[group], sums) != sums {
                        share.set(record.time, self.tracker.share(group));
                    }
                }
            }
        }
        let until = last_recovery(trace).unwrap_or(trace.end).min(trace.end);
        let tracker = &self.tracker;
        self.shares.iter().enumerate().map(move |(group, share)| AwarenessEnd {
            lag_hours: lag(share, until),
            share: tracker.share(group),
            common_picture: tracker.common(group),
        })
    }
}

/// Integral of 1 - share up to `until` (h); none if the share is never defined.
fn lag(share: &Curve, until: SimTime) -> Option<f64> {
    share.points.first()?;
    let lost: f64 = share.pieces(SimTime::ZERO, until).map(|(d, v)| (1.0 - v) * d.as_micros() as f64).sum();
    Some(lost / SimDuration::from_hours(1).as_micros() as f64)
}

/// When the last operator recovered; none if one that was hit had not by the end, or none was hit.
fn last_recovery(trace: &Trace) -> Option<SimTime> {
    let (mut open, mut last) = (0_usize, None);
    for record in &trace.records {
        match record.event {
            Event::Hit(..) => open += 1,
            Event::Recovered(..) => {
                open = open.saturating_sub(1);
                last = Some(record.time);
            }
            _ => {}
        }
    }
    last.filter(|_| open == 0)
}

/// Whether a value of a fact is right, held against the truth.
pub(super) fn is_right(kind: &FactKind, fact: &Fact, value: f64, truth: Option<f64>) -> bool {
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

/// What an actor holds of a fact.
#[derive(Debug, Clone, Copy)]
struct Held {
    version: u32,
    value: f64,
}

/// What is going on about one fact.
#[derive(Debug, Clone, Default)]
struct FactState {
    truth: Option<f64>,
    /// Newest right version that anybody has published.
    newest: Option<Held>,
    /// By place among those whom the fact concerns; empty until somebody learns it.
    held: Vec<Option<Held>>,
    /// Places of those who have learned any version.
    holders: Vec<u32>,
    /// By place: whether it counts as knowing the fact now.
    knows: Vec<bool>,
    /// Whether anybody, concerned or not, has learned it.
    learned: bool,
    /// By group: what the fact adds to the share and to the common picture.
    adds: Vec<(i128, i128)>,
    /// By group: weights and number of those who know it.
    known: Vec<(f64, u32)>,
}

impl FactState {
    fn reset(&mut self) {
        for &place in &self.holders {
            self.held[place as usize] = None;
            self.knows[place as usize] = false;
        }
        self.holders.clear();
        self.known.fill((0.0, 0));
        self.adds.clear();
        (self.truth, self.newest, self.learned) = (None, None, false);
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
    /// All weights are small whole numbers, so that a sum of them is exact in any order.
    whole: bool,
}

/// Awareness kept up to date record by record.
///
/// Sums are whole numbers in units of 2^-60, so that they do not drift however often a share rises and falls,
/// and all facts known by all give exactly 1.
#[derive(Debug, Clone)]
pub(super) struct AwarenessTracker {
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
    pub(super) fn new(model: &Model) -> AwarenessTracker {
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
    pub(super) fn reset(&mut self) {
        for fact in self.touched.drain(..) {
            self.facts[fact.index()].reset();
        }
        self.sums.fill((0, 0, 0));
    }

    /// The state of a fact of which something is seen.
    fn touch(&mut self, fact: FactId) -> &mut FactState {
        let state = &mut self.facts[fact.index()];
        if state.truth.is_none() && state.newest.is_none() && !state.learned {
            self.touched.push(fact);
        }
        state
    }

    /// Number of groups: levels, then all actors.
    pub(super) fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// Awareness of a group now; none while no fact is true that concerns it.
    pub(super) fn share(&self, group: usize) -> Option<f64> {
        let (share, _, weight) = self.sums[group];
        (weight > 0).then(|| share as f64 / weight as f64)
    }

    /// Share of the true facts that every actor concerned knows.
    pub(super) fn common(&self, group: usize) -> Option<f64> {
        let (_, common, weight) = self.sums[group];
        (weight > 0).then(|| common as f64 / weight as f64)
    }

    /// Takes a record in; true if it may have changed awareness.
    pub(super) fn see(&mut self, model: &Model, trace: &Trace, id: RecordId) -> bool {
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
        let concerned = &self.concerned[model.facts[fact.index()].kind.index()];
        let place = concerned.place[actor.index()];
        let whole = concerned.whole;
        let n = concerned.actors.len();
        let state = self.touch(fact);
        state.learned = true;
        if state.held.len() < n {
            state.held.resize(n, None);
            state.knows.resize(n, false);
        }
        if let Some(place) = place
            && state.held[place as usize].replace(held).is_none()
        {
            state.holders.push(place);
        }
        match place {
            Some(place) if whole && !anew => self.recount_one(model, fact, place),
            None if !anew => false,
            _ => {
                self.recount(model, fact);
                true
            }
        }
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

    /// Counts afresh who knows a fact, in the order of the model.
    fn recount(&mut self, model: &Model, fact: FactId) {
        let info = &model.facts[fact.index()];
        let kind = &model.fact_kinds[info.kind.index()];
        let concerned = &self.concerned[info.kind.index()];
        let state = &mut self.facts[fact.index()];
        if state.truth.is_none() || !state.learned {
            return;
        }
        state.known.fill((0.0, 0));
        let mut count = |place: usize| {
            let Some(held) = state.held[place] else { return };
            let knows = is_knowledge(kind, info, held, state.newest, state.truth);
            state.knows[place] = knows;
            if knows {
                let (weight, groups) = &concerned.actors[place];
                for &g in groups {
                    state.known[usize::from(g)].0 += weight;
                    state.known[usize::from(g)].1 += 1;
                }
            }
        };
        if concerned.whole {
            state.holders.iter().for_each(|&place| count(place as usize));
        } else {
            (0..concerned.actors.len()).for_each(count);
        }
        for (group, sums) in self.sums.iter_mut().enumerate() {
            settle(kind, concerned.total[group], state.known[group], &mut state.adds[group], sums);
        }
    }

    /// As [`Self::recount`] where only what one actor holds has changed, and weights are whole; true if that changes
    /// anything.
    fn recount_one(&mut self, model: &Model, fact: FactId, place: u32) -> bool {
        let info = &model.facts[fact.index()];
        let kind = &model.fact_kinds[info.kind.index()];
        let state = &mut self.facts[fact.index()];
        let (Some(_), Some(held)) = (state.truth, state.held[place as usize]) else { return false };
        let knows = is_knowledge(kind, info, held, state.newest, state.truth);
        if std::mem::replace(&mut state.knows[place as usize], knows) == knows {
            return false;
        }
        let (weight, groups) = &self.concerned[info.kind.index()].actors[place as usize];
        for &g in groups {
            let known = &mut state.known[usize::from(g)];
            *known = if knows { (known.0 + weight, known.1 + 1) } else { (known.0 - weight, known.1 - 1) };
        }
        let total = &self.concerned[info.kind.index()].total;
        for group in groups.iter().map(|&g| usize::from(g)) {
            settle(kind, total[group], state.known[group], &mut state.adds[group], &mut self.sums[group]);
        }
        true
    }
}

/// Puts what is known of a fact in a group into the sums of the group; `adds` is what stands in them already.
fn settle(
    kind: &FactKind,
    (weight, n): (f64, u32),
    known: (f64, u32),
    adds: &mut (i128, i128),
    sums: &mut (i128, i128, i128),
) {
    if weight <= 0.0 {
        return;
    }
    let all = known.1 == n;
    let share = if all { fixed(kind.weight) } else { fixed(kind.weight * (known.0 / weight)) };
    let common = if all { fixed(kind.weight) } else { 0 };
    sums.0 += share - adds.0;
    sums.1 += common - adds.1;
    *adds = (share, common);
}

/// Whether what is held of a fact is knowledge: right, and not replaced by another value.
fn is_knowledge(kind: &FactKind, fact: &Fact, held: Held, newest: Option<Held>, truth: Option<f64>) -> bool {
    let stale = newest.is_some_and(|new| held.version < new.version && held.value != new.value);
    !stale && is_right(kind, fact, held.value, truth)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{IncidentId, OperatorId};

    /// Oracle A30: four actors learn a fact at 0, 2, 5 and 9 h of 12.
    fn a30(weights: [f64; 4]) -> AwarenessCurve {
        let mut b = Builder::new();
        for (i, weight) in weights.into_iter().enumerate() {
            let id = b.actor(&format!("a{i}"));
            b.model.actors[id.index()].weight = weight;
        }
        let f = b.fact("f", ValueKind::Flag, Truth::Start);
        // Neither counts: one is not counted, one works at no level of the curve.
        let media = b.actor("media");
        b.model.actors[media.index()].counted = false;
        b.trace.end = hours(12.0);
        b.at(hours(0.0), Subject::World, Event::True { fact: f, value: 1.0 }, &[], &[]);
        for (i, t) in [0.0, 2.0, 5.0, 9.0].into_iter().enumerate() {
            b.learns(hours(t), actor(i), f, &[]);
        }
        let result = awareness(&b.model, &b.trace);
        assert_eq!(result.all, result.levels[0].1);
        result.levels.into_iter().next().unwrap().1
    }

    #[test]
    fn oracle_a30() {
        let curve = a30([1.0; 4]);
        let (from, to) = (hours(0.0), hours(12.0));
        assert_eq!(curve.share.integral_hours(from, to), 8.0);
        assert_eq!(curve.share.average(from, to), Some(8.0 / 12.0));
        assert_eq!(curve.lag_hours, Some(4.0));
        assert_eq!(curve.share.first_at(0.75, from), Some(hours(5.0)));
        assert_eq!(curve.share.at(hours(9.0)), Some(1.0));
        assert_eq!(curve.common_picture.points, [(from, Some(0.0)), (hours(9.0), Some(1.0))]);

        let curve = a30([1.0, 2.0, 3.0, 4.0]);
        assert!((curve.share.integral_hours(from, to) - 6.5).abs() < 1e-12);
        assert!((curve.lag_hours.unwrap() - 5.5).abs() < 1e-12);
        assert_eq!(curve.share.first_at(0.5, from), Some(hours(5.0)));
        assert_eq!(curve.share.first_at(0.9, from), Some(hours(9.0)));
    }

    #[test]
    fn wrong_and_outdated_values_are_not_knowledge() {
        let mut b = Builder::new();
        b.actor("a");
        b.actor("b");
        let n = b.fact("n", ValueKind::Number(2.0), Truth::HitCount);
        let learned = |version, value| Event::Learned { fact: n, version, value, from: Source::World };
        let versioned = |version, value| Event::Versioned { fact: n, version, value };
        b.at(hours(1.0), actor(0), learned(1, 10.0), &[], &[]);
        b.at(hours(2.0), Subject::World, Event::True { fact: n, value: 10.0 }, &[], &[]);
        b.at(hours(3.0), actor(1), learned(1, 10.0), &[], &[]);
        // The truth moves; 10 is within a factor of 2 of 20, not of 21.
        b.at(hours(4.0), Subject::World, Event::True { fact: n, value: 20.0 }, &[], &[]);
        b.at(hours(5.0), Subject::World, Event::True { fact: n, value: 21.0 }, &[], &[]);
        b.at(hours(6.0), actor(0), learned(2, 18.0), &[], &[]);
        // A newer version leaves the older behind, unless it says the same or is wrong.
        b.at(hours(7.0), Subject::World, versioned(3, 18.0), &[], &[]);
        b.at(hours(8.0), Subject::World, versioned(4, 500.0), &[], &[]);
        b.at(hours(9.0), Subject::World, versioned(5, 21.0), &[], &[]);
        b.at(hours(10.0), actor(1), learned(5, 21.0), &[], &[]);
        let share = awareness(&b.model, &b.trace).all.share;
        let expected = [(2, 0.5), (3, 1.0), (5, 0.0), (6, 0.5), (9, 0.0), (10, 0.5)];
        assert_eq!(share.points, expected.map(|(t, v)| (hours(f64::from(t)), Some(v))));
    }

    #[test]
    fn weights_concerned_actors_and_found_facts() {
        let mut b = Builder::new();
        let (a, _) = (b.actor("a"), b.actor("b"));
        let heavy = b.fact("heavy", ValueKind::Flag, Truth::Start);
        let found = b.fact("found", ValueKind::Choice(vec!["p".into(), "q".into()]), Truth::Found);
        b.model.fact_kinds[0].weight = 3.0;
        b.model.fact_kinds[1].concerns = Some(b.set(&[a]));
        b.model.facts[found.index()].true_choice = Some(1);
        b.at(hours(1.0), Subject::World, Event::True { fact: heavy, value: 1.0 }, &[], &[]);
        b.learns(hours(2.0), actor(1), heavy, &[]);
        // Found wrongly at first: it is true from then on, and not known.
        let find = |value, version| Event::Learned { fact: found, version, value, from: Source::Own };
        b.at(hours(3.0), actor(0), find(0.0, 1), &[], &[]);
        b.at(hours(4.0), actor(0), find(1.0, 2), &[], &[]);
        let result = awareness(&b.model, &b.trace).all;
        let expected = [(1, 0.0), (2, 0.5), (3, 1.5 / 4.0), (4, 2.5 / 4.0)];
        assert_eq!(result.share.points, expected.map(|(t, v)| (hours(f64::from(t)), Some(v))));
        assert_eq!(result.common_picture.at(hours(4.0)), Some(0.25));
    }

    #[test]
    fn the_lag_ends_with_the_last_recovery() {
        let mut b = Builder::new();
        b.actor("a");
        let f = b.fact("f", ValueKind::Flag, Truth::Hit);
        let (worm, o) = (IncidentId::from_index(0), OperatorId::from_index(0));
        let who = Subject::Operator(o);
        b.trace.end = hours(12.0);
        assert_eq!(awareness(&b.model, &b.trace).all.lag_hours, None);
        b.at(hours(1.0), who, Event::Hit(worm, o), &[], &[]);
        b.at(hours(1.0), Subject::World, Event::True { fact: f, value: 1.0 }, &[], &[]);
        assert_eq!(awareness(&b.model, &b.trace).all.lag_hours, Some(11.0));
        b.at(hours(5.0), who, Event::Recovered(worm, o), &[], &[]);
        assert_eq!(awareness(&b.model, &b.trace).all.lag_hours, Some(4.0));
    }
}
