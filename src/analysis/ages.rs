//! How old knowledge is: the age of what is held, over time, and of what is told, at its receipt.
//!
//! A version is as old as its observation: the instant at which it was found, counted or became true. While an actor
//! holds a version its age rises with the clock, and falls when a newer one is learned: a saw, whose statistics are
//! integrals of straight lines. S. Kaul, R. Yates, M. Gruteser, Real-time status: how often should one update?,
//! INFOCOM 2012 (recalled, not re-read).

use std::collections::BTreeMap;

use super::reading::Reading;
use crate::model::{ActorId, FactId, FactOrKind, Statistic};
use crate::time::{DutyProfile, SimDuration, SimTime};
use crate::trace::{Event, Source, Subject};

/// An age that rises from the beginning of each piece to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ages {
    /// Pieces of one actor each: from, to, age at the beginning (microseconds).
    pub(super) pieces: Vec<(SimTime, SimTime, f64)>,
}

/// Something new that an actor was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Receipt {
    pub(super) actor: ActorId,
    pub(super) at: SimTime,
    pub(super) age: SimDuration,
}

/// Calls `f` for each learning of a fact, with the instant at which its version was observed.
fn learnings(
    run: &Reading<'_>,
    about: FactOrKind,
    mut f: impl FnMut(ActorId, FactId, Source, SimTime, SimTime),
) {
    let mut observed: BTreeMap<(FactId, u32), SimTime> = BTreeMap::new();
    let meant = |fact: FactId| match about {
        FactOrKind::Fact(wanted) => fact == wanted,
        FactOrKind::Kind(kind) => run.model.facts[fact.index()].kind == kind,
    };
    for record in run.knowledge().iter().map(|&id| run.trace.record(id)) {
        match (record.event, record.who) {
            (Event::Versioned { fact, version, .. }, _) if meant(fact) => {
                observed.entry((fact, version)).or_insert(record.time);
            }
            (Event::Learned { fact, version, from, .. }, Subject::Actor(actor)) if meant(fact) => {
                // What is seen in the world or told by control is observed when it is first learned.
                let since = *observed.entry((fact, version)).or_insert(record.time);
                f(actor, fact, from, record.time, since);
            }
            _ => {}
        }
    }
}

/// The ages of what was told to somebody by somebody else, at its receipt.
pub(super) fn age_at_receipt(run: &Reading<'_>, about: FactOrKind) -> Vec<Receipt> {
    let mut told = Vec::new();
    learnings(run, about, |actor, _, from, at, since| {
        if matches!(from, Source::Actor(_) | Source::Operator(_)) {
            told.push(Receipt { actor, at, age: at - since });
        }
    });
    told
}

/// The age of what actors hold, over time.
pub(super) fn staleness(
    run: &Reading<'_>,
    about: FactOrKind,
    among: impl Fn(ActorId) -> bool,
    (from, until): (SimTime, SimTime),
    hours: Option<&DutyProfile>,
) -> Ages {
    let mut held: BTreeMap<(ActorId, FactId), (SimTime, SimTime)> = BTreeMap::new();
    let mut ages = Ages::default();
    learnings(run, about, |actor, fact, _, at, since| {
        if among(actor)
            && let Some((begins, observed)) = held.insert((actor, fact), (at, since))
        {
            ages.add(begins.max(from), at.min(until), observed);
        }
    });
    for (begins, observed) in held.into_values() {
        ages.add(begins.max(from), until, observed);
    }
    if let Some(hours) = hours {
        ages.cut(hours);
    }
    ages
}

impl Ages {
    fn add(&mut self, from: SimTime, to: SimTime, observed: SimTime) {
        if from < to {
            self.pieces.push((from, to, (from - observed).as_micros() as f64));
        }
    }

    /// Leaves only what lies within the hours of a calendar.
    fn cut(&mut self, hours: &DutyProfile) {
        let mut inside = Vec::new();
        for &(from, to, age) in &self.pieces {
            let mut at = from;
            while at < to {
                let next = hours.next_change_after(at).map_or(to, |n| n.0.min(to));
                if hours.capacity_at(at).is_open() {
                    inside.push((at, next, age + (at - from).as_micros() as f64));
                }
                at = next;
            }
        }
        self.pieces = inside;
    }

    /// Total length and integral, in microseconds and their square.
    fn sums(&self) -> (f64, f64) {
        self.pieces.iter().fold((0.0, 0.0), |(total, area), &(from, to, age)| {
            let length = (to - from).as_micros() as f64;
            (total + length, area + length * (age + length / 2.0))
        })
    }

    /// Share of the time at which the age is above a level.
    fn share_above(&self, level: f64) -> Option<f64> {
        let (total, _) = self.sums();
        let above = self.pieces.iter().map(|&(from, to, age)| {
            let length = (to - from).as_micros() as f64;
            (age + length - level).clamp(0.0, length)
        });
        (total > 0.0).then(|| above.sum::<f64>() / total)
    }

    /// Mean age at an instant of those who hold something.
    fn at(&self, t: SimTime) -> Option<f64> {
        let now = self.pieces.iter().filter(|p| p.0 <= t && t < p.1);
        let ages: Vec<f64> = now.map(|p| p.2 + (t - p.0).as_micros() as f64).collect();
        crate::stats::mean(&ages)
    }

    /// A statistic, in a unit of so many microseconds.
    pub(super) fn statistic(&self, statistic: &Statistic, unit: f64) -> Option<f64> {
        let (total, area) = self.sums();
        let mean = (total > 0.0).then(|| area / total);
        let highest = self.pieces.iter().map(|p| p.2 + (p.1 - p.0).as_micros() as f64).reduce(f64::max);
        let variance = || {
            let mean = mean?;
            let squares = self.pieces.iter().map(|&(from, to, age)| {
                let length = (to - from).as_micros() as f64;
                let (a, b) = (age - mean, age + length - mean);
                (b * b * b - a * a * a) / 3.0
            });
            Some(squares.sum::<f64>() / total)
        };
        let in_unit = |us: Option<f64>| us.map(|us| us / unit);
        match statistic {
            Statistic::Mean | Statistic::TimeAverage => in_unit(mean),
            Statistic::Variance => variance().map(|v| v / unit / unit),
            Statistic::Sd => in_unit(variance().map(libm::sqrt)),
            Statistic::Max => in_unit(highest),
            Statistic::Min => in_unit(self.pieces.iter().map(|p| p.2).reduce(f64::min)),
            Statistic::Integral => {
                (total > 0.0).then(|| area / unit / SimDuration::from_hours(1).as_micros() as f64)
            }
            Statistic::ShareAbove(level) => self.share_above(level * unit),
            Statistic::Quantile(p) => {
                // The share above falls continuously with the level: halve until the level is found.
                let (mut low, mut high) = (0.0, highest?);
                for _ in 0..80 {
                    let middle = (low + high) / 2.0;
                    if self.share_above(middle)? > 1.0 - p { low = middle } else { high = middle }
                }
                Some(high / unit)
            }
            Statistic::At(t) => in_unit(self.at(*t)),
            Statistic::AtEach(instants) => {
                let ages: Vec<f64> = instants.iter().filter_map(|&t| self.at(t)).collect();
                in_unit(crate::stats::mean(&ages))
            }
            Statistic::FirstAt(level) => {
                let level = level * unit;
                let reached = self.pieces.iter().filter(|p| p.2 + (p.1 - p.0).as_micros() as f64 >= level);
                let at = reached.map(|p| p.0.as_micros() as f64 + (level - p.2).max(0.0));
                in_unit(at.reduce(f64::min))
            }
            Statistic::Count | Statistic::Sum | Statistic::Nth(_) | Statistic::Rate => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::hours;
    use super::*;

    #[test]
    fn a_saw_by_hand() {
        // Held from 1 h (1 h old) to 3 h, then from 3 h (0 h old) to 6 h.
        let mut ages = Ages::default();
        ages.add(hours(1.0), hours(3.0), hours(0.0));
        ages.add(hours(3.0), hours(6.0), hours(3.0));
        let of = |s: Statistic| ages.statistic(&s, 3.6e9).unwrap();
        // Areas 1 x 2 + 2 and 9 / 2 over 5 h.
        assert!((of(Statistic::TimeAverage) - 8.5 / 5.0).abs() < 1e-12);
        assert_eq!((of(Statistic::Max), of(Statistic::Min)), (3.0, 0.0));
        assert!((of(Statistic::Integral) - 8.5).abs() < 1e-12);
        // Above 2 h: one hour of the first piece, one of the second.
        assert!((of(Statistic::ShareAbove(2.0)) - 0.4).abs() < 1e-12);
        assert!((of(Statistic::Quantile(0.6)) - 2.0).abs() < 1e-6);
        assert_eq!(of(Statistic::At(hours(2.0))), 2.0);
        assert_eq!(of(Statistic::FirstAt(2.5)), 2.5);
        assert_eq!(of(Statistic::AtEach(vec![hours(2.0), hours(4.0), hours(9.0)])), 1.5);
        // Squares of 1..3 and 0..3 integrated: 26 / 3 + 9, over 5, less the square of the mean.
        assert!((of(Statistic::Variance) - ((26.0 / 3.0 + 9.0) / 5.0 - 1.7 * 1.7)).abs() < 1e-12);
        assert_eq!(ages.statistic(&Statistic::Count, 1.0), None);
        assert_eq!(Ages::default().statistic(&Statistic::Mean, 1.0), None);
    }
}
