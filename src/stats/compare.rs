//! Comparisons: paired differences under common random numbers, and several tests at once.

use super::describe::{mean, quantile_type7, sd, variance};
use super::interval::{Interval, t_interval, t_p_value};

/// Two arms compared replication by replication; differences are `a - b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// Number of pairs.
    pub n: usize,
    /// Mean difference.
    pub mean: f64,
    /// Standard deviation of the differences, divisor n - 1.
    pub sd: f64,
    /// t interval of the mean difference.
    pub interval: Interval,
    /// t statistic; infinite if all differences are the same and not 0, 0 if all are 0.
    pub t: f64,
    /// Two-sided p-value of no difference in the mean.
    pub p_value: f64,
    /// Median of the differences (which is not the difference of the medians), type 7.
    pub median: f64,
    /// Share of pairs with `a < b`.
    pub share_below: f64,
    /// Share of pairs with `a > b`.
    pub share_above: f64,
    /// (Var a + Var b) / Var(a - b): what pairing gains; below 1 it has backfired. `None` if the
    /// differences do not vary.
    pub variance_gain: Option<f64>,
}

/// Compares `a` with `b`, pair by pair. `None` for different lengths, below two pairs, for values that are
/// not finite (what was not reached needs a censored comparison) or a bad level.
///
/// Law (2015), section 10.2.1.
#[must_use]
pub fn paired(a: &[f64], b: &[f64], confidence: f64) -> Option<Paired> {
    if a.len() != b.len() || a.iter().chain(b).any(|x| !x.is_finite()) {
        return None;
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let interval = t_interval(&differences, confidence)?;
    let (centre, spread) = (mean(&differences)?, sd(&differences)?);
    let n = differences.len() as f64;
    let (t, p_value) = if spread > 0.0 {
        let t = centre / (spread / libm::sqrt(n));
        (t, t_p_value(t, n - 1.0)?)
    } else if centre == 0.0 {
        (0.0, 1.0)
    } else {
        (f64::INFINITY.copysign(centre), 0.0)
    };
    let share = |matches: fn(&f64) -> bool| differences.iter().filter(|d| matches(d)).count() as f64 / n;
    Some(Paired {
        n: differences.len(),
        mean: centre,
        sd: spread,
        interval,
        t,
        p_value,
        median: quantile_type7(&differences, 0.5)?,
        share_below: share(|d| *d < 0.0),
        share_above: share(|d| *d > 0.0),
        variance_gain: (spread > 0.0)
            .then(|| Some((variance(a)? + variance(b)?) / (spread * spread)))
            .flatten(),
    })
}

/// Holm's step-down adjustment of p-values, in the order given: comparing each with alpha holds the
/// probability of any false claim at alpha, whatever the dependence. `None` if one is not in [0, 1].
///
/// S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
#[must_use]
pub fn holm(p_values: &[f64]) -> Option<Vec<f64>> {
    if p_values.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return None;
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (done, &i) in order.iter().enumerate() {
        let remaining = (p_values.len() - done) as f64;
        largest = largest.max(remaining * p_values[i]).min(1.0);
        adjusted[i] = largest;
    }
    Some(adjusted)
}

#[cfg(test)]
mod tests {
    use super::super::describe::tests::close;
    use super::*;

    /// W. Gosset ("Student"), Biometrika 6 (1908) 1-25: extra hours of sleep by two drugs; the textbook
    /// answer is t = -4.0621, p = 0.002833, interval -2.4599 to -0.7001.
    #[test]
    fn students_sleep_data() {
        let a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let result = paired(&a, &b, 0.95).unwrap();
        close(Some(result.mean), -1.58);
        // s^2 = (38.58 - 10 x 1.58^2) / 9, from the differences by hand.
        close(Some(result.sd), libm::sqrt((38.58 - 24.964) / 9.0));
        assert!((result.t - -4.062_127_683_382_037).abs() < 1e-9);
        assert!((result.p_value - 0.002_832_890_197).abs() < 1e-11, "{}", result.p_value);
        assert!((result.interval.lo - -2.459_885_763_9).abs() < 1e-9, "{}", result.interval.lo);
        assert!((result.interval.hi - -0.700_114_236_1).abs() < 1e-9);
        assert!((result.median - -1.3).abs() < 1e-12);
        assert_eq!((result.n, result.share_below, result.share_above), (10, 0.9, 0.0));
        assert!(result.variance_gain.unwrap() > 1.0);
    }

    #[test]
    fn differences_that_do_not_vary() {
        let same = paired(&[1.0, 2.0, 4.0], &[1.0, 2.0, 4.0], 0.95).unwrap();
        assert_eq!((same.mean, same.p_value, same.t, same.variance_gain), (0.0, 1.0, 0.0, None));
        let shifted = paired(&[1.0, 2.0, 4.0], &[3.0, 4.0, 6.0], 0.95).unwrap();
        assert_eq!((shifted.mean, shifted.p_value, shifted.t), (-2.0, 0.0, f64::NEG_INFINITY));
        assert_eq!(shifted.interval, Interval { lo: -2.0, hi: -2.0 });
    }

    #[test]
    fn pairs_that_cannot_be_compared() {
        assert_eq!(paired(&[1.0], &[2.0], 0.95), None);
        assert_eq!(paired(&[1.0, 2.0], &[2.0], 0.95), None);
        assert_eq!(paired(&[1.0, f64::INFINITY], &[2.0, 3.0], 0.95), None);
    }

    #[test]
    fn holm_steps_down_and_stays_monotone() {
        // 4 x 0.01, 3 x 0.013, then 2 x 0.03 and 0.04 raised to the one before.
        let adjusted = holm(&[0.03, 0.01, 0.04, 0.013]).unwrap();
        let expected = [0.06, 0.04, 0.06, 0.04];
        assert!(
            adjusted.iter().zip(expected).all(|(a, e): (&f64, f64)| (a - e).abs() < 1e-15),
            "{adjusted:?}"
        );
        assert_eq!(holm(&[0.9, 0.8]), Some(vec![1.0, 1.0]));
        assert_eq!((holm(&[]), holm(&[1.2])), (Some(vec![]), None));
    }
}
