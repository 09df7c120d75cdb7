//! Numbers over time.

use super::Quantity;
use crate::analysis::curve::Curve;
use crate::time::{DutyProfile, SimTime};

/// The sum of changes so far, in order of time.
pub(super) fn running(mut changes: Vec<(SimTime, i32)>) -> impl Iterator<Item = (SimTime, f64)> {
    changes.sort_unstable();
    let mut now = 0;
    changes.into_iter().map(move |(at, change)| {
        now += change;
        (at, f64::from(now))
    })
}

/// A number over time that is 0 at first, from the end of the warm-up on.
pub(super) fn over_time(since: SimTime, changes: impl Iterator<Item = (SimTime, f64)>) -> Quantity {
    let mut curve = Curve::default();
    curve.set(since, Some(0.0));
    for (at, value) in changes {
        curve.set(at.max(since), Some(value));
    }
    Quantity::OverTime(curve)
}

/// The part of a curve from the end of the warm-up on.
pub(super) fn over_curve(since: SimTime, curve: Curve) -> Quantity {
    let mut late = Curve::default();
    late.set(since, curve.at(since));
    for &(at, value) in curve.points.iter().filter(|p| p.0 > since) {
        late.set(at, value);
    }
    Quantity::OverTime(late)
}

/// A curve that is undefined outside the hours of a calendar.
pub(super) fn masked(curve: &Curve, hours: &DutyProfile, end: SimTime) -> Curve {
    let mut changes: Vec<SimTime> = curve.points.iter().map(|p| p.0).collect();
    let mut at = SimTime::ZERO;
    while let Some((next, _)) = hours.next_change_after(at).filter(|n| n.0 <= end) {
        changes.push(next);
        at = next;
    }
    changes.sort_unstable();
    changes.dedup();
    let mut out = Curve::default();
    for at in changes {
        out.set(at, if hours.capacity_at(at).is_open() { curve.at(at) } else { None });
    }
    out
}
