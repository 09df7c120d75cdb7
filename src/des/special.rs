//! Special functions behind the laws, on `libm` alone: normal, incomplete gamma and beta, and inverses.
//!
//! Accuracy as measured in the tests of this file and of the laws: relative 1e-14 or better for shapes up
//! to about a thousand, falling to about 1e-9 at a shape of a million (the logarithm of the gamma function
//! then has few digits left behind the point).

use std::f64::consts::SQRT_2;

/// The standard normal distribution function.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// `c[0] + c[1] x + ...`, highest power last.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The inverse of [`normal_cdf`] on (0, 1); -infinity at 0 and infinity at 1.
///
/// M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics
/// 37 (1988) 477-484, routine PPND16, relative error about 1e-16.
pub(super) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&wichura::CENTRE_UP, r) / polynomial(&wichura::CENTRE_DOWN, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = libm::sqrt(-libm::log(tail));
    let z = if r <= 5.0 {
        polynomial(&wichura::NEAR_UP, r - 1.6) / polynomial(&wichura::NEAR_DOWN, r - 1.6)
    } else {
        polynomial(&wichura::FAR_UP, r - 5.0) / polynomial(&wichura::FAR_DOWN, r - 5.0)
    };
    if q < 0.0 { -z } else { z }
}

/// The coefficients of AS 241, numerators and denominators, lowest power first.
mod wichura {
    #![expect(clippy::excessive_precision, reason = "the digits are those that the source prints")]

    pub(super) const CENTRE_UP: [f64; 8] = [
        3.387_132_872_796_366_608,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ];
    pub(super) const CENTRE_DOWN: [f64; 8] = [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561e3,
    ];
    pub(super) const NEAR_UP: [f64; 8] = [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_7e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_4e-4,
    ];
    pub(super) const NEAR_DOWN: [f64; 8] = [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        6.897_673_349_851_000_045_5e-1,
        1.481_039_764_274_800_745_9e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ];
    pub(super) const FAR_UP: [f64; 8] = [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        2.965_605_718_285_048_912_3e-1,
        2.653_218_952_657_612_309_3e-2,
        1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ];
    pub(super) const FAR_DOWN: [f64; 8] = [
        1.0,
        5.998_322_065_558_879_376_9e-1,
        1.369_298_809_227_358_053_1e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ];
}

/// More than the series and fractions need for a shape of a million (about six times its square root).
const MAX_TERMS: usize = 20_000;
/// Stands in for a zero denominator in Lentz's algorithm.
const TINY: f64 = 1e-300;

/// Lower and upper regularised incomplete gamma functions (P(a, x), Q(a, x)) of shape a > 0.
///
/// Series below x = a + 1, continued fraction (modified Lentz) above: NIST Handbook of Mathematical
/// Functions (2010), 8.11.4 and 8.9.2; W. Press et al., Numerical Recipes, 3rd ed. (2007), section 6.2.
pub(super) fn gamma_cdf(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let p = (front * gamma_series(a, x)).min(1.0);
        (p, 1.0 - p)
    } else {
        let q = (front * gamma_fraction(a, x)).min(1.0);
        (1.0 - q, q)
    }
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    for _ in 0..MAX_TERMS {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * f64::EPSILON * 0.25 {
            break;
        }
    }
    sum
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..MAX_TERMS {
        let i = i as f64;
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        h *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// Regularised incomplete beta functions (I_x(a, b), 1 - I_x(a, b)); `rest` is 1 - x, given apart so that
/// it keeps its digits when x is near 1.
///
/// Continued fraction (modified Lentz): NIST Handbook (2010), 8.17.22; Numerical Recipes, section 6.4.
pub(super) fn beta_cdf(a: f64, b: f64, x: f64, rest: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if rest <= 0.0 {
        return (1.0, 0.0);
    }
    let front = libm::exp(a * libm::log(x) + b * libm::log(rest) - ln_beta(a, b));
    if x < (a + 1.0) / (a + b + 2.0) {
        let p = (front * beta_fraction(a, b, x) / a).min(1.0);
        (p, 1.0 - p)
    } else {
        let q = (front * beta_fraction(b, a, rest) / b).min(1.0);
        (1.0 - q, q)
    }
}

fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..MAX_TERMS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h
}

/// Solves P(y) = u for a distribution on the whole line that is log-concave in y, by Newton's method on
/// ln P (u below one half) or ln Q (above).
///
/// Both logarithms are concave then, so that after at most one step to the far side the iteration
/// approaches the root from one side only. That step may go so far that P or Q underflows: a bracket is
/// kept and halved whenever a step is no number or leaves it. `at(y)` gives (P, Q, density).
fn invert_log_concave(u: f64, start: f64, at: impl Fn(f64) -> (f64, f64, f64)) -> f64 {
    const LONGEST_STEP: f64 = 50.0;
    let (mut lo, mut hi) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut y = start;
    for _ in 0..200 {
        let (p, q, density) = at(y);
        let (step, low) = if u < 0.5 {
            ((libm::log(u) - libm::log(p)) * p / density, p < u)
        } else {
            ((libm::log(q) - libm::log(1.0 - u)) * q / density, q > 1.0 - u)
        };
        if low {
            lo = y;
        } else {
            hi = y;
        }
        let mut next = y + step.clamp(-LONGEST_STEP, LONGEST_STEP);
        let newton = next >= lo && next <= hi;
        // Also taken for a NaN.
        if !newton {
            next = if hi - lo < f64::INFINITY {
                0.5 * (lo + hi)
            } else if low {
                y + LONGEST_STEP
            } else {
                y - LONGEST_STEP
            };
        }
        let moved = (next - y).abs();
        y = next;
        // The error that is left is of the order of the square of the last step.
        if moved <= if newton { 1e-9 } else { 0.0 } {
            break;
        }
    }
    y
}

/// The u-quantile of the gamma distribution of shape a and scale 1, u in (0, 1).
pub(super) fn gamma_quantile(a: f64, u: f64) -> f64 {
    // Wilson-Hilferty for a start where it is good, else the first term of the series.
    let z = normal_quantile(u);
    let root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * libm::sqrt(a));
    let start = if a > 0.5 && root > 0.1 {
        libm::log(a) + 3.0 * libm::log(root)
    } else {
        ((libm::log(u) + libm::lgamma(a + 1.0)) / a).min(1.0)
    };
    let norm = libm::lgamma(a);
    libm::exp(invert_log_concave(u, start, |y| {
        let x = libm::exp(y);
        let (p, q) = gamma_cdf(a, x);
        (p, q, libm::exp(a * y - x - norm))
    }))
}

/// The u-quantile of the beta distribution on (0, 1), as (x, 1 - x), u in (0, 1).
pub(super) fn beta_quantile(a: f64, b: f64, u: f64) -> (f64, f64) {
    let norm = ln_beta(a, b);
    let logit = invert_log_concave(u, libm::log(a / b), |y| {
        let (x, rest) = logistic(y);
        let (p, q) = beta_cdf(a, b, x, rest);
        (p, q, libm::exp(a * libm::log(x) + b * libm::log(rest) - norm))
    });
    logistic(logit)
}

/// (1 / (1 + e^-y), 1 / (1 + e^y)).
fn logistic(y: f64) -> (f64, f64) {
    (1.0 / (1.0 + libm::exp(-y)), 1.0 / (1.0 + libm::exp(y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64, relative: f64) {
        assert!((got - expected).abs() <= relative * expected.abs(), "got {got:e}, expected {expected:e}");
    }

    /// The three check values that AS 241 prints, and two of tables.
    #[test]
    fn normal_quantile_at_known_points() {
        close(normal_quantile(0.25), -0.674_489_750_196_081_7, 1e-15);
        close(normal_quantile(0.001), -3.090_232_306_167_813, 1e-15);
        close(normal_quantile(1e-20), -9.262_340_089_798_408, 1e-15);
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-15);
        close(normal_quantile(0.9), 1.281_551_565_544_600_4, 1e-15);
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }

    #[test]
    fn normal_quantile_inverts_the_distribution_function() {
        for i in -300..=0 {
            let z = f64::from(i) / 10.0;
            close(normal_quantile(normal_cdf(z)), z, 1e-13);
        }
    }

    /// P(1, x) = 1 - e^-x; P(1/2, x) = erf(sqrt x); Q(3, x) = e^-x (1 + x + x^2/2); I_x(2, 4) by hand.
    #[test]
    fn incomplete_functions_where_they_are_elementary() {
        for x in [1e-8, 0.01, 0.7, 1.9, 2.1, 5.0, 40.0] {
            close(gamma_cdf(1.0, x).0, -libm::expm1(-x), 1e-14);
            close(gamma_cdf(1.0, x).1, libm::exp(-x), 1e-14);
            close(gamma_cdf(0.5, x).0, libm::erf(libm::sqrt(x)), 1e-14);
            close(gamma_cdf(3.0, x).1, libm::exp(-x) * (1.0 + x + x * x / 2.0), 1e-14);
        }
        for x in [1e-6, 0.1, 0.33, 0.5, 0.9, 0.999] {
            let y = 1.0 - x;
            let upper = y * y * y * y * (1.0 + 4.0 * x);
            close(beta_cdf(2.0, 4.0, x, y).1, upper, 1e-13);
            close(beta_cdf(4.0, 2.0, y, x).0, upper, 1e-13);
            close(beta_cdf(1.0, 1.0, x, y).0, x, 1e-14);
            close(beta_cdf(0.5, 0.5, x, y).0, 2.0 / std::f64::consts::PI * libm::asin(libm::sqrt(x)), 1e-13);
        }
    }

    /// chi-square 0.95 point of 10 degrees of freedom, and its 0.025 point (tables).
    #[test]
    fn gamma_quantile_at_known_points() {
        close(2.0 * gamma_quantile(5.0, 0.95), 18.307_038_053_275_143, 1e-12);
        close(2.0 * gamma_quantile(5.0, 0.025), 3.246_972_780_236_840_4, 1e-12);
    }

    #[test]
    fn quantiles_invert_over_a_wide_grid() {
        let probabilities = [1e-12, 1e-9, 1e-3, 0.1, 0.4999, 0.5, 0.7, 0.99, 0.999_999, 1.0 - 1e-13];
        for u in probabilities {
            for a in [0.05, 0.3, 1.0, 1.7, 12.0, 300.0, 40_000.0] {
                let tolerance = if a < 1000.0 { 2e-12 } else { 2e-10 };
                let (p, q) = gamma_cdf(a, gamma_quantile(a, u));
                let (got, expected) = if u < 0.5 { (p, u) } else { (q, 1.0 - u) };
                close(got, expected, tolerance);
                for b in [0.2, 1.0, 4.0, 90.0] {
                    let (x, rest) = beta_quantile(a, b, u);
                    let (p, q) = beta_cdf(a, b, x, rest);
                    let (got, expected) = if u < 0.5 { (p, u) } else { (q, 1.0 - u) };
                    close(got, expected, tolerance);
                }
            }
        }
    }
}
