//! Proper scores of forecasts; smaller is better, and stating what one believes is best.
//!
//! T. Gneiting, A. Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102 (2007)
//! 359-378.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use super::describe::sorted;
use super::interval::Interval;

/// Continuous ranked probability score of an ensemble as it stands (each member weighs 1/n):
/// `mean |x - y| - mean |x - x'| / 2`, the integral of (F - 1{x >= y})^2. In the unit of the values.
///
/// `None` of an empty ensemble or where a value is not finite. Sorting replaces the double sum:
/// sum over pairs |x_i - x_j| = 2 sum (2 i - n - 1) x_(i). Gneiting and Raftery (2007), eq. 20-21.
#[must_use]
pub fn crps_ensemble(ensemble: &[f64], observed: f64) -> Option<f64> {
    if ensemble.is_empty() || !observed.is_finite() || ensemble.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let n = ensemble.len() as f64;
    let (mut distance, mut spread) = (0.0, 0.0);
    for (i, x) in sorted(ensemble).iter().enumerate() {
        distance += (x - observed).abs();
        // Taken from the observation on: the weights sum to 0, and a common offset costs no digits.
        spread += (2.0 * i as f64 + 1.0 - n) * (x - observed);
    }
    Some(distance / n - spread / (n * n))
}

/// Continuous ranked probability score of a normal forecast. For a log-normal forecast give mu, sigma and
/// the logarithm of the observation: the score of the logarithm. `None` unless all are finite, sigma > 0.
///
/// `sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))`, z = (y - mu) / sigma: T. Gneiting et al., Monthly
/// Weather Review 133 (2005) 1098-1118, eq. 5.
#[must_use]
pub fn crps_normal(mu: f64, sigma: f64, observed: f64) -> Option<f64> {
    if !(mu.is_finite() && observed.is_finite() && sigma.is_finite() && sigma > 0.0) {
        return None;
    }
    let z = (observed - mu) / sigma;
    let law = Normal::standard();
    let inverse_root_pi = 0.5 * std::f64::consts::FRAC_2_SQRT_PI;
    Some(sigma * (z * (2.0 * law.cdf(z) - 1.0) + 2.0 * law.pdf(z) - inverse_root_pi))
}

/// Interval score of a central interval of the given confidence: its width, plus 2 / alpha times the
/// distance by which the observation misses it. `None` for a bad level or an interval that is not one.
///
/// Gneiting and Raftery (2007), eq. 43.
#[must_use]
pub fn interval_score(interval: Interval, confidence: f64, observed: f64) -> Option<f64> {
    let Interval { lo, hi } = interval;
    if !(confidence > 0.0 && confidence < 1.0 && lo <= hi && observed.is_finite()) {
        return None;
    }
    let missed_by = (lo - observed).max(observed - hi).max(0.0);
    Some(hi - lo + 2.0 / (1.0 - confidence) * missed_by)
}

/// Brier score of a stated probability: (p - outcome)^2. `None` for p outside [0, 1].
///
/// G. Brier, Monthly Weather Review 78 (1950) 1-3, in the form for one event.
#[must_use]
pub fn brier(probability: f64, happened: bool) -> Option<f64> {
    let outcome = if happened { 1.0 } else { 0.0 };
    (0.0..=1.0).contains(&probability).then_some((probability - outcome) * (probability - outcome))
}

#[cfg(test)]
mod tests {
    use super::super::describe::tests::{TWELVE, close};
    use super::*;

    #[test]
    fn crps_of_small_ensembles_by_hand() {
        // One member: the absolute error.
        assert_eq!(crps_ensemble(&[3.0], 5.5), Some(2.5));
        // F steps at 0 and 2; y = 1: integral of (1/2)^2 over 0..2 = 0.5.
        assert_eq!(crps_ensemble(&[2.0, 0.0], 1.0), Some(0.5));
        // y = 5: (1/2)^2 x 2 over 0..2, then 1 over 2..5.
        close(crps_ensemble(&[0.0, 2.0], 5.0), 3.5);
        // The double sum itself, on twelve values.
        let pairs: f64 = TWELVE.iter().flat_map(|x| TWELVE.iter().map(move |y| (x - y).abs())).sum();
        let errors: f64 = TWELVE.iter().map(|x| (x - 10.0).abs()).sum();
        close(crps_ensemble(&TWELVE, 10.0), errors / 12.0 - pairs / 288.0);
        assert_eq!((crps_ensemble(&[], 1.0), crps_ensemble(&[f64::INFINITY], 1.0)), (None, None));
    }

    #[test]
    fn crps_of_a_normal_forecast() {
        // At its centre: sigma (sqrt 2 - 1) / sqrt pi.
        let root_pi = libm::sqrt(std::f64::consts::PI);
        close(crps_normal(7.0, 2.0, 7.0), 2.0 * (std::f64::consts::SQRT_2 - 1.0) / root_pi);
        // Far away: |y - mu| - sigma / sqrt pi.
        close(crps_normal(0.0, 1.0, 40.0), 40.0 - 1.0 / root_pi);
        // Against an ensemble of its quantiles at (i + 1/2) / n, which converges to it.
        let law = Normal::standard();
        let ensemble: Vec<f64> = (0..4000).map(|i| law.inverse_cdf((f64::from(i) + 0.5) / 4000.0)).collect();
        let (exact, sampled) = (crps_normal(0.0, 1.0, 0.8).unwrap(), crps_ensemble(&ensemble, 0.8).unwrap());
        assert!((exact - sampled).abs() < 2e-4, "{exact} {sampled}");
        assert_eq!(crps_normal(0.0, 0.0, 1.0), None);
    }

    #[test]
    fn interval_and_brier_scores_by_hand() {
        let interval = Interval { lo: 2.0, hi: 6.0 };
        assert_eq!(interval_score(interval, 0.5, 3.0), Some(4.0));
        assert_eq!(interval_score(interval, 0.5, 7.0), Some(8.0));
        assert_eq!(interval_score(interval, 0.5, 1.5), Some(6.0));
        assert_eq!(interval_score(interval, 1.0, 3.0), None);
        assert_eq!(
            (brier(0.75, true), brier(0.75, false), brier(1.5, true)),
            (Some(0.0625), Some(0.5625), None)
        );
    }
}
