//! The empirical distribution function with a band that holds for the whole curve.

use super::describe::sorted;
use super::interval::Interval;

/// The share of the sample that is at most each of its values, in order of value; equal values come once, what is
/// infinite (not reached) not at all.
#[must_use]
pub fn ecdf(sample: &[f64]) -> Vec<(f64, f64)> {
    let values = sorted(sample);
    let n = values.len() as f64;
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for (below, value) in values.iter().enumerate() {
        if !value.is_finite() {
            continue;
        }
        let share = (below + 1) as f64 / n;
        match steps.last_mut() {
            Some(last) if last.0 == *value => last.1 = share,
            _ => steps.push((*value, share)),
        }
    }
    steps
}

/// Half the height of the band around the empirical distribution function of n values that holds the true one
/// everywhere at once, with at least the given confidence, whatever the law: `sqrt(ln(2 / alpha) / (2 n))`.
///
/// A. Dvoretzky, J. Kiefer, J. Wolfowitz, Annals of Mathematical Statistics 27 (1956) 642-669, with the constant of
/// P. Massart, Annals of Probability 18 (1990) 1269-1283. `None` for n = 0 or a bad level.
#[must_use]
pub fn dkw_half_height(n: usize, confidence: f64) -> Option<f64> {
    let sensible = n > 0 && confidence > 0.0 && confidence < 1.0;
    sensible.then(|| libm::sqrt(libm::log(2.0 / (1.0 - confidence)) / (2.0 * n as f64)))
}

/// The band at a share: cut to [0, 1].
#[must_use]
pub fn dkw_band(share: f64, n: usize, confidence: f64) -> Option<Interval> {
    let half = dkw_half_height(n, confidence)?;
    Some(Interval { lo: (share - half).max(0.0), hi: (share + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::super::describe::tests::close;
    use super::*;

    #[test]
    fn steps_at_each_value_once() {
        let sample = [3.0, 1.0, 3.0, f64::INFINITY, 2.0];
        assert_eq!(ecdf(&sample), [(1.0, 0.2), (2.0, 0.4), (3.0, 0.8)]);
        assert_eq!(ecdf(&[f64::INFINITY]), []);
    }

    /// ln(40) = 3.688879454113936.
    #[test]
    fn half_height_by_hand() {
        close(dkw_half_height(200, 0.95), libm::sqrt(3.688_879_454_113_936 / 400.0));
        assert_eq!((dkw_half_height(0, 0.95), dkw_half_height(9, 1.0)), (None, None));
        assert_eq!(dkw_band(0.99, 200, 0.95).unwrap().hi, 1.0);
        assert_eq!(dkw_band(0.01, 200, 0.95).unwrap().lo, 0.0);
    }
}
