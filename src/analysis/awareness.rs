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

/// Awareness over a whole run. O(records + learnings x actors).
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
    /// By actor; empty until somebody learns it.
    held: Vec<Option<Held>>,
    /// By group: what the fact adds to the share and to the common picture.
    adds: Vec<(i128, i128)>,
}

/// Awareness kept up to date record by record.
///
/// Sums are whole numbers in units of 2^-60, so that they do not drift however often a share rises and falls,
/// and all facts known by all give exactly 1.
#[derive(Debug, Clone)]
pub(super) struct AwarenessTracker {
    n_groups: usize,
    /// By kind of fact: the counted actors that it concerns, with their groups (levels, then all).
    concerned: Vec<Vec<(ActorId, SmallVec<[u16; 4]>)>>,
    /// By kind of fact and group: sum of weights and number of actors.
    total: Vec<Vec<(f64, u32)>>,
    facts: Vec<FactState>,
    /// By group: weighted shares, weights of commonly known facts, weights of true facts.
    sums: Vec<(i128, i128, i128)>,
}

/// A weight as a whole number.
fn fixed(x: f64) -> i128 {
    const UNIT: f64 = (1_u64 << 60) as f64;
    (x * UNIT) as i128
}

impl AwarenessTracker {
    pub(super) fn new(model: &Model) -> AwarenessTracker {
        let n_groups = model.levels.len() + 1;
        let mut concerned = Vec::with_capacity(model.fact_kinds.len());
        let mut total = Vec::with_capacity(model.fact_kinds.len());
        for kind in &model.fact_kinds {
            let mut who = Vec::new();
            let mut sums = vec![(0.0, 0); n_groups];
            for (i, actor) in model.actors.iter().enumerate() {
                let id = ActorId::from_index(i);
                if !actor.counted || kind.concerns.is_some_and(|set| !model.sets[set.index()].has(id)) {
                    continue;
                }
                let mut groups: SmallVec<[u16; 4]> = actor.levels.iter().map(|l| l.index() as u16).collect();
                groups.push(model.levels.len() as u16);
                for &g in &groups {
                    sums[usize::from(g)].0 += actor.weight;
                    sums[usize::from(g)].1 += 1;
                }
                who.push((id, groups));
            }
            concerned.push(who);
            total.push(sums);
        }
        AwarenessTracker {
            n_groups,
            concerned,
            total,
            facts: vec![FactState::default(); model.facts.len()],
            sums: vec![(0, 0, 0); n_groups],
        }
    }

    /// Forgets the run and keeps the memory.
    pub(super) fn reset(&mut self) {
        for fact in &mut self.facts {
            fact.truth = None;
            fact.newest = None;
            fact.held.fill(None);
            fact.adds.clear();
        }
        self.sums.fill((0, 0, 0));
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
                if kind.truth == Truth::Found
                    && from == Source::Own
                    && self.facts[fact.index()].truth.is_none()
                {
                    let choice = model.facts[fact.index()].true_choice;
                    self.becomes_true(model, fact, choice.map_or(value, f64::from));
                }
                self.publish(model, fact, Held { version, value });
                let state = &mut self.facts[fact.index()];
                state.held.resize(model.actors.len(), None);
                state.held[actor.index()] = Some(Held { version, value });
                self.recount(model, fact);
                true
            }
            _ => false,
        }
    }

    /// Sets the truth; the first time, the weight of the fact counts from now on.
    fn becomes_true(&mut self, model: &Model, fact: FactId, value: f64) {
        let kind = model.facts[fact.index()].kind;
        let state = &mut self.facts[fact.index()];
        state.truth = Some(value);
        if state.adds.is_empty() {
            state.adds = vec![(0, 0); self.n_groups];
            for (group, sums) in self.sums.iter_mut().enumerate() {
                if self.total[kind.index()][group].0 > 0.0 {
                    sums.2 += fixed(model.fact_kinds[kind.index()].weight);
                }
            }
        }
    }

    /// Keeps a version if it is newer and right; true if it replaces the one before.
    fn publish(&mut self, model: &Model, fact: FactId, new: Held) -> bool {
        let info = &model.facts[fact.index()];
        let state = &mut self.facts[fact.index()];
        let newer = state.newest.is_none_or(|old| new.version > old.version);
        let right = is_right(&model.fact_kinds[info.kind.index()], info, new.value, state.truth);
        if newer && right {
            state.newest = Some(new);
        }
        newer && right
    }

    /// Counts afresh who knows a fact.
    fn recount(&mut self, model: &Model, fact: FactId) {
        let info = &model.facts[fact.index()];
        let kind = &model.fact_kinds[info.kind.index()];
        let state = &mut self.facts[fact.index()];
        if state.truth.is_none() || state.held.is_empty() {
            return;
        }
        let mut known: SmallVec<[(f64, u32); 8]> = SmallVec::from_elem((0.0, 0), self.n_groups);
        for (actor, groups) in &self.concerned[info.kind.index()] {
            let Some(held) = state.held[actor.index()] else { continue };
            let stale = state.newest.is_some_and(|new| held.version < new.version && held.value != new.value);
            if stale || !is_right(kind, info, held.value, state.truth) {
                continue;
            }
            for &g in groups {
                known[usize::from(g)].0 += model.actors[actor.index()].weight;
                known[usize::from(g)].1 += 1;
            }
        }
        for (group, sums) in self.sums.iter_mut().enumerate() {
            let (weight, n) = self.total[info.kind.index()][group];
            if weight <= 0.0 {
                continue;
            }
            let all = known[group].1 == n;
            let share = if all { fixed(kind.weight) } else { fixed(kind.weight * (known[group].0 / weight)) };
            let common = if all { fixed(kind.weight) } else { 0 };
            let before = &mut state.adds[group];
            sums.0 += share - before.0;
            sums.1 += common - before.1;
            *before = (share, common);
        }
    }
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
