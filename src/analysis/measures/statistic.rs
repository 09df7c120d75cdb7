//! Statistics of series of values and of numbers over time.

use super::Quantity;
use crate::analysis::curve::Curve;
use crate::model::{Measure, Statistic};
use crate::stats;
use crate::time::{SimDuration, SimTime};

/// A statistic of a quantity; none where it does not exist.
pub(super) fn value_of(
    quantity: &Quantity,
    statistic: &Statistic,
    measure: &Measure,
    end: SimTime,
) -> Option<f64> {
    match quantity {
        Quantity::Series { values, .. } => of_series(values, statistic, measure.since, end),
        Quantity::OverTime(curve) => of_curve(curve, statistic, measure, end.min(measure.only.before)),
        Quantity::Ages(ages) => ages.statistic(statistic, measure.unit.1 as f64),
    }
}

fn of_series(values: &[f64], statistic: &Statistic, since: SimTime, end: SimTime) -> Option<f64> {
    let n = values.len();
    match statistic.clone() {
        Statistic::Count => Some(n as f64),
        Statistic::Sum => Some(values.iter().sum()),
        Statistic::Mean => stats::mean(values),
        Statistic::Variance => stats::variance(values),
        Statistic::Sd => stats::sd(values),
        Statistic::Max => values.iter().copied().reduce(f64::max),
        Statistic::Min => values.iter().copied().reduce(f64::min),
        Statistic::Quantile(p) => stats::quantile_type1(values, p),
        Statistic::ShareAbove(level) => {
            (n > 0).then(|| values.iter().filter(|&&v| v > level).count() as f64 / n as f64)
        }
        Statistic::Nth(k) => (k as usize).checked_sub(1).and_then(|i| values.get(i).copied()),
        Statistic::Rate => {
            let hours = (end - since).as_hours_f64();
            (hours > 0.0).then(|| n as f64 / hours)
        }
        Statistic::Integral
        | Statistic::TimeAverage
        | Statistic::At(_)
        | Statistic::AtEach(_)
        | Statistic::FirstAt(_) => None,
    }
}

fn of_curve(curve: &Curve, statistic: &Statistic, measure: &Measure, end: SimTime) -> Option<f64> {
    let since = measure.since;
    let pieces = || curve.pieces(since, end);
    let weighted = |share: &dyn Fn(f64) -> f64| -> Option<f64> {
        let total: f64 = pieces().map(|(d, _)| d.as_micros() as f64).sum();
        (total > 0.0).then(|| pieces().map(|(d, v)| share(v) * d.as_micros() as f64).sum::<f64>() / total)
    };
    let variance = || {
        let mean = curve.average(since, end)?;
        weighted(&|v| (v - mean) * (v - mean))
    };
    let values = || curve.points.iter().filter(|p| p.0 < end || p.0 == since).filter_map(|p| p.1);
    match statistic.clone() {
        Statistic::Mean | Statistic::TimeAverage => curve.average(since, end),
        Statistic::Integral => Some(curve.integral_hours(since, end)),
        Statistic::Variance => variance(),
        Statistic::Sd => variance().map(libm::sqrt),
        Statistic::Max => values().reduce(f64::max),
        Statistic::Min => values().reduce(f64::min),
        Statistic::ShareAbove(level) => weighted(&|v| f64::from(u8::from(v > level))),
        Statistic::Quantile(p) => {
            let mut sorted: Vec<(f64, SimDuration)> = pieces().map(|(d, v)| (v, d)).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let total: SimDuration = sorted.iter().map(|s| s.1).sum();
            let mut passed = SimDuration::ZERO;
            sorted.into_iter().find_map(|(v, d)| {
                passed += d;
                (passed.as_micros() as f64 >= p * total.as_micros() as f64).then_some(v)
            })
        }
        Statistic::At(t) => curve.at(t).filter(|_| t <= end),
        Statistic::AtEach(instants) => {
            let counted = instants.iter().filter(|&&t| since <= t && t <= end);
            stats::mean(&counted.filter_map(|&t| curve.at(t)).collect::<Vec<f64>>())
        }
        Statistic::FirstAt(level) => {
            let at = curve.first_at(level, since).filter(|&t| t <= end)?;
            Some(at.as_micros() as f64 / measure.unit.1 as f64)
        }
        Statistic::Count | Statistic::Sum | Statistic::Nth(_) | Statistic::Rate => None,
    }
}
