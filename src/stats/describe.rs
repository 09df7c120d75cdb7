//! Figures of one sample: mean, spread, quantiles, and the place of a value in it.

/// Arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(sample: &[f64]) -> Option<f64> {
    (!sample.is_empty()).then(|| sample.iter().sum::<f64>() / sample.len() as f64)
}

/// Sample variance with divisor n - 1, in two passes; `None` below two values.
#[must_use]
pub fn variance(sample: &[f64]) -> Option<f64> {
    if sample.len() < 2 {
        return None;
    }
    let centre = mean(sample)?;
    let squares: f64 = sample.iter().map(|x| (x - centre) * (x - centre)).sum();
    Some(squares / (sample.len() - 1) as f64)
}

/// Sample standard deviation with divisor n - 1; `None` below two values.
#[must_use]
pub fn sd(sample: &[f64]) -> Option<f64> {
    variance(sample).map(libm::sqrt)
}

/// A sorted copy.
pub(super) fn sorted(sample: &[f64]) -> Vec<f64> {
    let mut values = sample.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// Sample quantile of type 1: the inverse of the empirical distribution function, the least value that a
/// share `p` of the sample does not exceed. `None` of nothing or for p outside [0, 1].
///
/// R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", American Statistician 50 (1996)
/// 361-365.
#[must_use]
pub fn quantile_type1(sample: &[f64], p: f64) -> Option<f64> {
    if sample.is_empty() || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let position = p * sample.len() as f64;
    // A share like 0.7 of 10 is not a whole number in binary: take what is one within rounding as one.
    let nearest = libm::round(position);
    let rank = if (position - nearest).abs() <= 1e-9 { nearest } else { libm::ceil(position) };
    Some(sorted(sample)[(rank as usize).clamp(1, sample.len()) - 1])
}

/// Sample quantile of type 7: linear between order statistics at rank (n - 1) p + 1. `None` of nothing or
/// for p outside [0, 1]. Between a finite and an infinite value it is infinite.
///
/// Hyndman and Fan (1996), definition 7.
#[must_use]
pub fn quantile_type7(sample: &[f64], p: f64) -> Option<f64> {
    if sample.is_empty() || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let values = sorted(sample);
    let position = p * (values.len() - 1) as f64;
    let below = libm::floor(position);
    let share = position - below;
    let (low, high) = (values[below as usize], values[(below as usize + 1).min(values.len() - 1)]);
    Some(if share == 0.0 || low == high { low } else { low + share * (high - low) })
}

/// The place of `value` in a sample, in [0, 1]: the share below it plus half the share equal to it (mid
/// rank). `None` of nothing or for NaN.
///
/// The randomised probability integral transform at its mean: A. Dawid, JRSS A 147 (1984) 278-292.
#[must_use]
pub fn percentile(sample: &[f64], value: f64) -> Option<f64> {
    if sample.is_empty() || value.is_nan() {
        return None;
    }
    let below = sample.iter().filter(|x| **x < value).count() as f64;
    let equal = sample.iter().filter(|x| **x == value).count() as f64;
    Some((below + 0.5 * equal) / sample.len() as f64)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The twelve replications of case A35.
    pub(in crate::stats) const TWELVE: [f64; 12] =
        [12.1, 9.8, 15.3, 11.0, 8.7, 13.9, 10.4, 22.6, 9.1, 12.8, 11.7, 14.2];

    /// Checks to a relative 1e-9, as the cases ask.
    pub(in crate::stats) fn close(got: Option<f64>, expected: f64) {
        let got = got.unwrap();
        assert!((got - expected).abs() <= 1e-9 * expected.abs(), "got {got}, expected {expected}");
    }

    #[test]
    fn twelve_replications() {
        close(mean(&TWELVE), 12.633_333_333_3);
        close(sd(&TWELVE), 3.757_739_488_12);
        close(quantile_type7(&TWELVE, 0.5), 11.9);
        close(quantile_type1(&TWELVE, 0.9), 15.3);
        close(quantile_type7(&TWELVE, 0.9), 15.19);
    }

    #[test]
    fn quantiles_at_the_edges() {
        let sample = [3.0, 1.0, 2.0, 4.0];
        assert_eq!(quantile_type1(&sample, 0.0), Some(1.0));
        assert_eq!(quantile_type1(&sample, 0.25), Some(1.0));
        assert_eq!(quantile_type1(&sample, 0.250_001), Some(2.0));
        assert_eq!(quantile_type1(&sample, 1.0), Some(4.0));
        assert_eq!(quantile_type7(&sample, 1.0), Some(4.0));
        assert_eq!(quantile_type7(&sample, 0.5), Some(2.5));
        assert_eq!(quantile_type7(&[7.0], 0.3), Some(7.0));
        assert_eq!((quantile_type1(&[], 0.5), quantile_type7(&sample, 1.1)), (None, None));
        // 0.7 x 10 is above 7 in binary.
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(quantile_type1(&ten, 0.7), Some(7.0));
    }

    #[test]
    fn what_was_not_reached_sorts_last() {
        let sample = [f64::INFINITY, 2.0, f64::INFINITY, 1.0];
        assert_eq!(quantile_type1(&sample, 0.5), Some(2.0));
        assert_eq!(quantile_type7(&sample, 0.5), Some(f64::INFINITY));
        assert_eq!(quantile_type7(&sample, 1.0), Some(f64::INFINITY));
        assert_eq!(mean(&sample), Some(f64::INFINITY));
    }

    #[test]
    fn percentile_counts_ties_by_half() {
        let sample = [1.0, 2.0, 2.0, 5.0];
        assert_eq!(percentile(&sample, 0.0), Some(0.0));
        assert_eq!(percentile(&sample, 2.0), Some(0.5));
        assert_eq!(percentile(&sample, 3.0), Some(0.75));
        assert_eq!(percentile(&sample, 5.0), Some(0.875));
        assert_eq!((percentile(&sample, f64::NAN), percentile(&[], 1.0)), (None, None));
    }

    #[test]
    fn too_few_values_give_nothing() {
        assert_eq!((mean(&[]), sd(&[1.0]), variance(&[])), (None, None, None));
    }
}
