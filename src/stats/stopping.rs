//! When to stop: the half-width that was asked for, looked at only now and then.

use super::describe::mean;
use super::interval::t_interval;

/// How precise a mean is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Precision {
    /// Half-width of the interval at most this, in the unit of the sample.
    Absolute(f64),
    /// Relative error at most this share of the mean, 0.05 for "5 %".
    Relative(f64),
}

/// The numbers of replications at which to look: 50, 100, 200, 400, .. below `cap`, then `cap` itself.
///
/// Looking after every replication would stop at lucky dips, and the interval would cover less than it says.
#[must_use]
pub fn looks(cap: u64) -> Vec<u64> {
    let mut sizes: Vec<u64> =
        std::iter::successors(Some(50u64), |n| n.checked_mul(2)).take_while(|n| *n < cap).collect();
    sizes.push(cap);
    sizes
}

/// Whether the t interval of the mean is as narrow as asked for. Relative: half-width / |mean| at most g / (1 + g),
/// which makes the relative error to the true mean at most g. `None` below two values or for values that are not
/// finite; a relative precision of a mean of 0 is never reached.
///
/// A. Law, Simulation Modeling and Analysis, 5th ed. (2015), section 9.4.1; Y. Chow, H. Robbins, Annals of Mathematical
/// Statistics 36 (1965) 457-462.
#[must_use]
pub fn precise_enough(sample: &[f64], precision: Precision, confidence: f64) -> Option<bool> {
    if sample.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let half = t_interval(sample, confidence)?.half_width();
    let limit = match precision {
        Precision::Absolute(half) => half,
        Precision::Relative(share) => mean(sample)?.abs() * share / (1.0 + share),
    };
    // What was 0 each time may be rare, and no share of nothing says how rare.
    Some(half <= limit && limit > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::describe::tests::TWELVE;
    use super::*;

    #[test]
    fn looks_double_up_to_the_cap() {
        assert_eq!(looks(1000), [50, 100, 200, 400, 800, 1000]);
        assert_eq!((looks(400), looks(50), looks(7)), (vec![50, 100, 200, 400], vec![50], vec![7]));
    }

    /// Twelve values: half-width 2.38755, mean 12.6333, so g / (1 + g) = 0.188988 at g = 0.23303.
    #[test]
    fn half_widths_against_what_was_asked() {
        let met = |precision| precise_enough(&TWELVE, precision, 0.95);
        assert_eq!(met(Precision::Absolute(2.3876)), Some(true));
        assert_eq!(met(Precision::Absolute(2.3875)), Some(false));
        assert_eq!(met(Precision::Relative(0.2331)), Some(true));
        assert_eq!(met(Precision::Relative(0.2330)), Some(false));
        assert_eq!(precise_enough(&[1.0, -1.0], Precision::Relative(9.0), 0.95), Some(false));
        assert_eq!(precise_enough(&[0.0; 50], Precision::Relative(0.05), 0.95), Some(false));
        assert_eq!(precise_enough(&[0.0; 50], Precision::Absolute(0.05), 0.95), Some(true));
        assert_eq!(precise_enough(&[1.0], Precision::Absolute(1.0), 0.95), None);
        assert_eq!(precise_enough(&[1.0, f64::INFINITY], Precision::Absolute(1.0), 0.95), None);
    }
}
