//! Situational awareness per level, the common picture, and how far awareness lags behind events.
//!
//! With weights w_f of facts and v_a of actors, over the facts true at t that concern somebody of the level:
//! `SA_L = sum_f w_f (sum of v_a that know f / sum of v_a) / sum_f w_f`. Without a true fact it is undefined.
//!
//! Who knows what. A value that is wrong is not knowledge: another choice than the true one, a number further
//! than its factor from the true value at that time. Nor is a version known that a newer one has replaced by
//! another value. A newer version with the same value replaces nothing (two authorities that find the same flag do
//! not make each other ignorant), and a wrong one does not either (a false report robs nobody of the truth).

mod tracker;

pub(super) use self::tracker::{AwarenessTracker, is_right};
use super::curve::Curve;
use super::reading::Reading;
use crate::model::{LevelId, Model};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Record, RecordId, Trace};

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
    let until = last_recovery(trace.records.iter()).unwrap_or(trace.end).min(trace.end);
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
    pub fn read(&mut self, run: &Reading<'_>) -> impl Iterator<Item = AwarenessEnd> {
        self.tracker.reset();
        self.shares.iter_mut().for_each(|share| share.points.clear());
        self.before.fill((0, 0));
        for &id in run.knowledge() {
            if !self.tracker.see(run.model, run.trace, id) {
                continue;
            }
            let at = run.trace.record(id).time;
            for (group, share) in self.shares.iter_mut().enumerate() {
                let sums = self.tracker.share_sums(group);
                if std::mem::replace(&mut self.before[group], sums) != sums {
                    share.set(at, self.tracker.share(group));
                }
            }
        }
        let of_operators = run.operators().iter().map(|&id| run.trace.record(id));
        let until = last_recovery(of_operators).unwrap_or(run.trace.end).min(run.trace.end);
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
fn last_recovery<'a>(records: impl Iterator<Item = &'a Record>) -> Option<SimTime> {
    let (mut open, mut last) = (0_usize, None);
    for record in records {
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{IncidentId, OperatorId, Truth, ValueKind};
    use crate::trace::{Source, Subject};

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
