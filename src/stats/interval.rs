//! Confidence intervals: of a mean, a standard deviation, a quantile, a probability.
//!
//! `confidence` is the two-sided level, 0.95 for "95 %", unless a function says otherwise.

use statrs::distribution::{Beta, Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, Normal, StudentsT};

use super::describe::{mean, sd, sorted};

/// A closed interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub lo: f64,
    pub hi: f64,
}

impl Interval {
    /// Whether `value` lies in it, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.lo..=self.hi).contains(&value)
    }

    /// Half its width.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        0.5 * (self.hi - self.lo)
    }
}

fn is_level(confidence: f64) -> bool {
    confidence > 0.0 && confidence < 1.0
}

/// Above this many degrees of freedom the library's incomplete beta function loses digits (five are left
/// at a million), while the expansions about the normal law are exact to the last ones.
const MANY: f64 = 1000.0;

/// The two-sided quantile t(df, 1 - alpha / 2) of Student's law.
///
/// For large df the expansion of M. Abramowitz, I. Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
pub(super) fn t_quantile(df: f64, confidence: f64) -> Option<f64> {
    if !is_level(confidence) {
        return None;
    }
    let p = 0.5 + 0.5 * confidence;
    if df <= MANY {
        return StudentsT::new(0.0, 1.0, df).ok().map(|law| law.inverse_cdf(p));
    }
    let z = Normal::standard().inverse_cdf(p);
    let y = z * z;
    let g1 = z * (y + 1.0) / 4.0;
    let g2 = z * ((5.0 * y + 16.0) * y + 3.0) / 96.0;
    let g3 = z * (((3.0 * y + 19.0) * y + 17.0) * y - 15.0) / 384.0;
    let g4 = z * ((((79.0 * y + 776.0) * y + 1482.0) * y - 1920.0) * y - 945.0) / 92160.0;
    Some(z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df)
}

/// Two-sided p-value of a t statistic.
///
/// For large df the normal deviate of G. Hill, Algorithm 395, Communications of the ACM 13 (1970) 617-619.
pub(super) fn t_p_value(t: f64, df: f64) -> Option<f64> {
    if df <= MANY {
        return StudentsT::new(0.0, 1.0, df).ok().map(|law| 2.0 * law.cdf(-t.abs()));
    }
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let y = a * libm::log1p(t * t / df);
    let correction = ((-0.4 * y - 3.3) * y - 24.0) * y - 85.5;
    let z = ((correction / (0.8 * y * y + 100.0 + b) + y + 3.0) / b + 1.0) * libm::sqrt(y);
    Some(2.0 * Normal::standard().cdf(-z))
}

/// Student's t interval of the mean: mean +- t(n-1) s / sqrt(n). `None` below two values.
///
/// A. Law, Simulation Modeling and Analysis, 5th ed. (2015), section 9.4.1.
#[must_use]
pub fn t_interval(sample: &[f64], confidence: f64) -> Option<Interval> {
    let (centre, spread) = (mean(sample)?, sd(sample)?);
    let n = sample.len() as f64;
    let half = t_quantile(n - 1.0, confidence)? * spread / libm::sqrt(n);
    Some(Interval { lo: centre - half, hi: centre + half })
}

/// Chi-square interval of the standard deviation of a normal sample. `None` below two values.
///
/// G. Hahn, W. Meeker, Statistical Intervals (1991), section 4.4.
#[must_use]
pub fn sd_interval(sample: &[f64], confidence: f64) -> Option<Interval> {
    if !is_level(confidence) {
        return None;
    }
    let spread = sd(sample)?;
    let df = (sample.len() - 1) as f64;
    let law = ChiSquared::new(df).ok()?;
    let at = |p: f64| spread * libm::sqrt(df / law.inverse_cdf(p));
    Some(Interval { lo: at(0.5 + 0.5 * confidence), hi: at(0.5 - 0.5 * confidence) })
}

/// Ranks (l, u), counted from 1, of the order statistics that enclose the p-quantile of a sample of n with
/// at least the given confidence, equal tails: l is the largest rank with P(Bin(n, p) <= l - 1) <= alpha / 2
/// and u the smallest with P(Bin(n, p) <= u - 1) >= 1 - alpha / 2.
///
/// `None` where n is too small for such an interval (95 %: below 6 for the median, 36 for p90, 72 for p95,
/// 368 for p99). W. Conover, Practical Nonparametric Statistics, 3rd ed. (1999), section 3.2.
#[must_use]
pub fn quantile_ranks(n: usize, p: f64, confidence: f64) -> Option<(usize, usize)> {
    if !is_level(confidence) || !is_level(p) || n == 0 {
        return None;
    }
    let law = Binomial::new(p, n as u64).ok()?;
    let tail = 0.5 * (1.0 - confidence);
    // Number of k in 0..n with P(Bin <= k) at most the tail, and with P(Bin <= k) below 1 - tail.
    let low = count_while(n, |k| law.cdf(k) <= tail);
    let high = count_while(n, |k| law.cdf(k) < 1.0 - tail);
    (low >= 1 && high < n).then_some((low, high + 1))
}

/// How many of 0, 1, .. n - 1 satisfy a condition that holds up to some point and not beyond.
fn count_while(n: usize, holds: impl Fn(u64) -> bool) -> usize {
    let (mut yes, mut no) = (0, n);
    while yes < no {
        let middle = yes + (no - yes) / 2;
        if holds(middle as u64) {
            yes = middle + 1;
        } else {
            no = middle;
        }
    }
    yes
}

/// The interval of the p-quantile from order statistics ([`quantile_ranks`]), free of any assumption on the
/// law. An infinite end means that the quantile may not have been reached. `None` where n is too small.
#[must_use]
pub fn quantile_interval(sample: &[f64], p: f64, confidence: f64) -> Option<Interval> {
    let (low, high) = quantile_ranks(sample.len(), p, confidence)?;
    let values = sorted(sample);
    Some(Interval { lo: values[low - 1], hi: values[high - 1] })
}

/// Wilson's score interval of a probability, without continuity correction. `None` for n = 0 or more
/// successes than trials.
///
/// E. Wilson, JASA 22 (1927) 209-212; L. Brown, T. Cai, A. DasGupta, Statistical Science 16 (2001) 101-133.
#[must_use]
pub fn wilson(successes: u64, n: u64, confidence: f64) -> Option<Interval> {
    if n == 0 || successes > n || !is_level(confidence) {
        return None;
    }
    let z = Normal::standard().inverse_cdf(0.5 + 0.5 * confidence);
    let (count, p) = (n as f64, successes as f64 / n as f64);
    let shrink = 1.0 + z * z / count;
    let centre = (p + z * z / (2.0 * count)) / shrink;
    let half = z * libm::sqrt(p * (1.0 - p) / count + z * z / (4.0 * count * count)) / shrink;
    // At no or only successes the end is 0 or 1 exactly.
    let lo = if successes == 0 { 0.0 } else { centre - half };
    let hi = if successes == n { 1.0 } else { centre + half };
    Some(Interval { lo, hi })
}

/// The Clopper-Pearson ("exact") interval of a probability: never below its stated confidence, often wider
/// than needed. `None` for n = 0 or more successes than trials.
///
/// C. Clopper, E. Pearson, Biometrika 26 (1934) 404-413.
#[must_use]
pub fn clopper_pearson(successes: u64, n: u64, confidence: f64) -> Option<Interval> {
    if n == 0 || successes > n || !is_level(confidence) {
        return None;
    }
    let (x, failures) = (successes as f64, (n - successes) as f64);
    let tail = 0.5 * (1.0 - confidence);
    let lo = match successes {
        0 => 0.0,
        _ => Beta::new(x, failures + 1.0).ok()?.inverse_cdf(tail),
    };
    let hi = match n - successes {
        0 => 1.0,
        _ => Beta::new(x + 1.0, failures).ok()?.inverse_cdf(1.0 - tail),
    };
    Some(Interval { lo, hi })
}

/// One-sided upper bound of a probability when none of n trials had the event: 1 - alpha^(1/n), about 3 / n
/// at 95 % (the "rule of three": J. Hanley, A. Lippman-Hand, JAMA 249 (1983) 1743-1745).
#[must_use]
pub fn zero_events_bound(n: u64, confidence: f64) -> Option<f64> {
    (n > 0 && is_level(confidence)).then(|| -libm::expm1(libm::log1p(-confidence) / n as f64))
}

#[cfg(test)]
mod tests {
    use super::super::describe::tests::{TWELVE, close};
    use super::*;

    /// Case A35.
    #[test]
    fn intervals_of_twelve_replications() {
        let half = |confidence| t_interval(&TWELVE, confidence).map(|interval| interval.half_width());
        close(half(0.95), 2.387_553_763_64);
        close(half(0.99), 3.369_073_163_13);
        close(t_interval(&TWELVE, 0.95).map(|i| i.lo + i.hi), 2.0 * 12.633_333_333_333_333);
        let spread = sd_interval(&TWELVE, 0.95);
        close(spread.map(|i| i.lo), 2.661_964_431_59);
        close(spread.map(|i| i.hi), 6.380_183_273_22);
    }

    /// Case A36.
    #[test]
    fn intervals_of_a_proportion() {
        let (score, exact) = (wilson(57, 60, 0.95), clopper_pearson(57, 60, 0.95));
        close(score.map(|i| i.lo), 0.862_994_835_237);
        close(score.map(|i| i.hi), 0.982_850_497_836);
        close(exact.map(|i| i.lo), 0.860_756_753_279);
        close(exact.map(|i| i.hi), 0.989_567_670_356);
        close(zero_events_bound(60, 0.95), 0.048_702_913_310_1);
    }

    /// Tables of Student's law, one degree of freedom in closed form, and the normal limit.
    #[test]
    fn t_quantiles_over_all_sample_sizes() {
        close(t_quantile(11.0, 0.95), 2.200_985_160_08);
        close(t_quantile(1.0, 0.95), 12.706_204_736_174_7);
        close(t_quantile(2.0, 0.95), 4.302_652_729_911_27);
        close(t_quantile(199.0, 0.95), 1.971_956_544_249_39);
        close(t_quantile(999.0, 0.95), 1.962_341_461_133_45);
        // Cornish-Fisher: z + (z^3 + z) / (4 df) + O(df^-2).
        let z: f64 = 1.959_963_984_540_054;
        close(t_quantile(1e6, 0.95), z + (z * z * z + z) / 4e6);
        close(t_p_value(2.200_985_160_082_949, 11.0), 0.05);
    }

    /// The library and the expansions meet at the switch, and quantile and p-value are inverse.
    #[test]
    fn t_for_many_degrees_of_freedom() {
        for confidence in [0.5, 0.9, 0.95, 0.999] {
            let law = StudentsT::new(0.0, 1.0, MANY + 1.0).unwrap();
            let above = t_quantile(MANY + 1.0, confidence).unwrap();
            close(Some(law.inverse_cdf(0.5 + 0.5 * confidence)), above);
            close(Some(2.0 * law.cdf(-above)), t_p_value(above, MANY + 1.0).unwrap());
            for df in [30.0, 500.0, 1001.0, 1e4, 1e7] {
                close(t_p_value(t_quantile(df, confidence).unwrap(), df), 1.0 - confidence);
            }
        }
    }

    /// The table of equal-tail ranks, and the smallest n for which there are any.
    #[test]
    fn ranks_of_quantile_intervals() {
        let table = [
            (100, [(40, 61), (84, 96), (90, 100)]),
            (200, [(86, 115), (171, 189), (184, 197)]),
            (400, [(180, 221), (348, 372), (371, 389)]),
            (1000, [(469, 532), (881, 919), (936, 964)]),
        ];
        for (n, expected) in table {
            let got = [0.5, 0.9, 0.95].map(|p| quantile_ranks(n, p, 0.95).unwrap());
            assert_eq!(got, expected, "n = {n}");
        }
        for (p, smallest) in [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368)] {
            assert_eq!(quantile_ranks(smallest - 1, p, 0.95), None);
            assert!(quantile_ranks(smallest, p, 0.95).is_some());
            assert_eq!(quantile_ranks(smallest - 1, 1.0 - p, 0.95), None);
        }
        assert_eq!(quantile_ranks(6, 0.5, 0.95), Some((1, 6)));
        assert_eq!(quantile_ranks(0, 0.5, 0.95), None);
    }

    #[test]
    fn quantile_interval_takes_the_values_at_the_ranks() {
        let sample: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile_interval(&sample, 0.5, 0.95), Some(Interval { lo: 40.0, hi: 61.0 }));
        let mut censored = sample;
        censored[..5].fill(f64::INFINITY);
        assert_eq!(quantile_interval(&censored, 0.9, 0.95), Some(Interval { lo: 84.0, hi: f64::INFINITY }));
        assert_eq!(quantile_interval(&TWELVE, 0.9, 0.95), None);
    }

    #[test]
    fn proportions_at_the_ends_and_bad_input() {
        assert_eq!(wilson(0, 20, 0.95).unwrap().lo, 0.0);
        assert_eq!(wilson(20, 20, 0.95).unwrap().hi, 1.0);
        // Wilson at 0 of n: z^2 / (n + z^2).
        let z2 = 1.959_963_984_540_054_f64 * 1.959_963_984_540_054;
        close(wilson(0, 20, 0.95).map(|i| i.hi), z2 / (20.0 + z2));
        // Clopper-Pearson at 0 of n: 1 - (alpha / 2)^(1/n).
        close(clopper_pearson(0, 20, 0.95).map(|i| i.hi), 1.0 - libm::pow(0.025, 1.0 / 20.0));
        close(clopper_pearson(20, 20, 0.95).map(|i| i.lo), libm::pow(0.025, 1.0 / 20.0));
        assert_eq!(
            (clopper_pearson(0, 20, 0.95).unwrap().lo, clopper_pearson(3, 3, 0.9).unwrap().hi),
            (0.0, 1.0)
        );
        assert_eq!((wilson(1, 0, 0.95), wilson(3, 2, 0.95), clopper_pearson(3, 2, 0.95)), (None, None, None));
        assert_eq!((t_interval(&TWELVE, 1.0), t_interval(&[1.0], 0.95)), (None, None));
        assert_eq!((sd_interval(&TWELVE, f64::NAN), zero_events_bound(0, 0.95)), (None, None));
    }
}
