//! A quantity over time that is constant between changes, with gaps where it is undefined.

use crate::time::{SimDuration, SimTime};

/// Slack in comparisons of shares, for shares such as 0.1 that have no exact binary form.
pub(super) const EPSILON: f64 = 1e-9;

/// A step curve: each value holds from its instant to that of the next point.
///
/// Instants rise strictly; before the first point, and where the value is `None`, the quantity is undefined.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// Instant and value from then on.
    pub points: Vec<(SimTime, Option<f64>)>,
}

impl Curve {
    /// Sets the value from `at` on; `at` must not fall. A later value at the same instant replaces the earlier,
    /// a value that does not change leaves no point.
    pub fn set(&mut self, at: SimTime, value: Option<f64>) {
        debug_assert!(self.points.last().is_none_or(|p| p.0 <= at), "time falls in a curve");
        if self.points.last().is_some_and(|p| p.0 == at) {
            self.points.pop();
        }
        let before = self.points.last().and_then(|p| p.1);
        if before != value {
            self.points.push((at, value));
        }
    }

    /// The value at an instant (at a point, the new one).
    pub fn at(&self, t: SimTime) -> Option<f64> {
        let after = self.points.partition_point(|p| p.0 <= t);
        after.checked_sub(1).and_then(|i| self.points[i].1)
    }

    /// The pieces of `[from, to)` on which the curve is defined: duration and value.
    pub fn pieces(&self, from: SimTime, to: SimTime) -> impl Iterator<Item = (SimDuration, f64)> {
        self.points.iter().enumerate().filter_map(move |(i, &(begins, value))| {
            let ends = self.points.get(i + 1).map_or(SimTime::MAX, |p| p.0);
            let length = ends.min(to).saturating_since(begins.max(from));
            value.filter(|_| !length.is_zero()).map(|v| (length, v))
        })
    }

    /// Integral over the defined parts of `[from, to)` [value x h].
    ///
    /// Summed in microseconds before the division, so that whole numbers stay exact up to 2^53.
    pub fn integral_hours(&self, from: SimTime, to: SimTime) -> f64 {
        let sum: f64 = self.pieces(from, to).map(|(length, v)| v * length.as_micros() as f64).sum();
        sum / SimDuration::from_hours(1).as_micros() as f64
    }

    /// Time average over the defined parts of `[from, to)`; none if there are none.
    pub fn average(&self, from: SimTime, to: SimTime) -> Option<f64> {
        let defined: SimDuration = self.pieces(from, to).map(|p| p.0).sum();
        (!defined.is_zero()).then(|| self.integral_hours(from, to) / defined.as_hours_f64())
    }

    /// First instant at or after `from` at which the value is at least `level` (equality counts).
    pub fn first_at(&self, level: f64, from: SimTime) -> Option<SimTime> {
        let reaches = |v: f64| v >= level - EPSILON;
        if self.at(from).is_some_and(reaches) {
            return Some(from);
        }
        self.points.iter().find(|p| p.0 > from && p.1.is_some_and(reaches)).map(|p| p.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(us: u64) -> SimTime {
        SimTime::from_micros(us)
    }

    #[test]
    fn gaps_count_for_nothing() {
        let mut curve = Curve::default();
        curve.set(t(0), None);
        curve.set(t(10), Some(1.0));
        curve.set(t(10), Some(0.5));
        curve.set(t(20), Some(0.5));
        curve.set(t(30), None);
        curve.set(t(40), Some(1.0));
        assert_eq!(curve.points, [(t(10), Some(0.5)), (t(30), None), (t(40), Some(1.0))]);
        assert_eq!((curve.at(t(9)), curve.at(t(10)), curve.at(t(30))), (None, Some(0.5), None));
        let hour = SimDuration::from_hours(1).as_micros() as f64;
        assert_eq!(curve.integral_hours(t(0), t(50)), 20.0 / hour);
        assert_eq!(curve.average(t(0), t(50)), Some(20.0 / hour / (30.0 / hour)));
        assert_eq!(curve.average(t(0), t(10)), None);
    }

    #[test]
    fn the_first_time_at_a_level_counts_equality() {
        let mut curve = Curve::default();
        curve.set(t(5), Some(0.1 + 0.2));
        curve.set(t(7), Some(0.9));
        assert_eq!(curve.first_at(0.3, t(0)), Some(t(5)));
        assert_eq!(curve.first_at(0.3, t(6)), Some(t(6)));
        assert_eq!(curve.first_at(0.9, t(6)), Some(t(7)));
        assert_eq!(curve.first_at(0.95, t(0)), None);
    }
}
