//! Curves over replications: at each instant the quantiles of the values that the curves have there.

use super::curve::Curve;
use crate::stats::quantile_type1;
use crate::time::SimTime;

/// The shares of the quantiles of a fan.
pub const FAN: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// A fan: instants with the quantiles of [`FAN`], none where fewer than half of the curves are defined.
pub type Fan = Vec<(SimTime, Option<[f64; 5]>)>;

/// The fan of curves at these instants.
///
/// Pointwise: no single replication need follow the middle line.
pub fn fan(curves: &[Curve], instants: &[SimTime]) -> Fan {
    let at = |t: SimTime| {
        let values: Vec<f64> = curves.iter().filter_map(|curve| curve.at(t)).collect();
        if values.is_empty() || 2 * values.len() < curves.len() {
            return None;
        }
        let mut quantiles = [0.0; 5];
        for (quantile, p) in quantiles.iter_mut().zip(FAN) {
            *quantile = quantile_type1(&values, p)?;
        }
        Some(quantiles)
    };
    instants.iter().map(|t| (*t, at(*t))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_at_each_instant_and_gaps_where_most_are_undefined() {
        let h = |hours: u64| SimTime::from_micros(hours * 3_600_000_000);
        let curve = |from: u64, value: f64| Curve { points: vec![(h(from), Some(value))] };
        let curves: Vec<Curve> = (0..10).map(|i| curve(i, 0.1 * i as f64)).collect();
        let found = fan(&curves, &[h(0), h(4), h(20)]);
        assert_eq!(found[0].1, None, "one of ten");
        // Values 0, 0.1, 0.2, 0.3, 0.4.
        assert_eq!(found[1].1, Some([0.0, 0.1, 0.2, 0.1 * 3.0, 0.4]));
        let last = found[2].1.unwrap();
        assert_eq!((last[0], last[2], last[4]), (0.0, 0.4, 0.9));
        assert_eq!(fan(&[], &[h(1)]), [(h(1), None)]);
    }
}
