//! Quantile and distribution functions of the laws, and their range.

use super::{Kind, Law, Mixture};
use crate::des::special::{beta_cdf, beta_quantile, gamma_cdf, gamma_quantile, normal_cdf, normal_quantile};

/// The last double below 1: a uniform that arithmetic rounds up to 1 would give the end of the support,
/// infinity for many laws.
const LAST: f64 = 1.0 - f64::EPSILON / 2.0;

/// Where nothing is left of the Poisson and negative binomial laws that the constructors admit; far beyond
/// it the logarithm of the gamma function overflows.
const FAR: f64 = 1e15;

impl Law {
    /// The least x with P(X <= x) >= u; the ends of the [`support`](Self::support) at 0 and 1. Never falls
    /// when u rises (Newton's last bit apart). A u outside [0, 1] counts as the nearer end, NaN gives NaN.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        if u <= 0.0 {
            self.support().0
        } else if u >= 1.0 {
            self.support().1
        } else if u.is_nan() {
            u
        } else {
            self.inner_quantile(u)
        }
    }

    fn inner_quantile(&self, u: f64) -> f64 {
        match &self.0 {
            Kind::Fixed(value) => *value,
            Kind::Uniform { lo, hi } => (lo + u * (hi - lo)).min(*hi),
            Kind::Exponential { mean } => -mean * libm::log1p(-u),
            Kind::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(u)),
            Kind::Triangular { min, mode, max } => triangular_quantile(*min, *mode, *max, u),
            Kind::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-u), 1.0 / shape),
            Kind::Gamma { shape, scale } => scale * gamma_quantile(*shape, u),
            Kind::Beta { alpha, beta, min, max } => {
                let (x, rest) = beta_quantile(*alpha, *beta, u);
                if x < 0.5 { min + (max - min) * x } else { max - (max - min) * rest }
            }
            Kind::Empirical(values) => {
                let rank = libm::ceil(u * values.len() as f64) as usize;
                values[rank.clamp(1, values.len()) - 1]
            }
            Kind::QuantileTable(points) => table_quantile(points, u),
            Kind::Mixture(mixture) => mixture.quantile(u),
            Kind::Affine { shift, scale, law } => shift + scale * law.inner_quantile(u),
            Kind::Truncated { from, to, lo, hi, law } => {
                law.quantile((from + u * (to - from)).min(LAST)).max(*lo).min(*hi)
            }
            Kind::Clamped { lo, hi, law } => clamp_unless_never(law.inner_quantile(u), *lo, *hi),
            Kind::Never => f64::INFINITY,
            Kind::OrNever { p, law } => {
                if u < 1.0 - p {
                    law.quantile(u / (1.0 - p))
                } else {
                    f64::INFINITY
                }
            }
            Kind::Poisson { .. } | Kind::NegativeBinomial { .. } => {
                let start = self.mean().unwrap_or(0.0) + self.sd().unwrap_or(0.0) * normal_quantile(u);
                least_whole_number(start, |k| self.cdf(k) >= u)
            }
            Kind::Geometric { p } => {
                let start = libm::ceil(libm::log1p(-u) / libm::log1p(-p)) - 1.0;
                least_whole_number(start, |k| self.cdf(k) >= u)
            }
        }
    }

    /// P(X <= x), 1 at infinity.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x == f64::INFINITY {
            return 1.0;
        }
        match &self.0 {
            Kind::Fixed(value) => step(x >= *value),
            Kind::Uniform { lo, hi } => ((x - lo) / (hi - lo)).clamp(0.0, 1.0),
            Kind::Exponential { mean } => -libm::expm1(-x.max(0.0) / mean),
            Kind::LogNormal { mu, sigma } => {
                if x > 0.0 {
                    normal_cdf((libm::log(x) - mu) / sigma)
                } else {
                    0.0
                }
            }
            Kind::Triangular { min, mode, max } => triangular_cdf(*min, *mode, *max, x),
            Kind::Weibull { shape, scale } => -libm::expm1(-libm::pow(x.max(0.0) / scale, *shape)),
            Kind::Gamma { shape, scale } => gamma_cdf(*shape, x / scale).0,
            Kind::Beta { alpha, beta, min, max } => {
                let width = max - min;
                beta_cdf(*alpha, *beta, (x - min) / width, (max - x) / width).0
            }
            Kind::Empirical(values) => {
                values.partition_point(|value| *value <= x) as f64 / values.len() as f64
            }
            Kind::QuantileTable(points) => table_cdf(points, x),
            Kind::Mixture(mixture) => mixture.cdf(x),
            Kind::Affine { shift, scale, law } => law.cdf((x - shift) / scale),
            Kind::Truncated { from, to, lo, hi, law } => {
                if x < *lo {
                    0.0
                } else if x >= *hi {
                    1.0
                } else {
                    ((law.cdf(x) - from) / (to - from)).clamp(0.0, 1.0)
                }
            }
            Kind::Clamped { lo, hi, law } => {
                if x < *lo {
                    0.0
                } else if x >= *hi {
                    law.cdf(f64::MAX)
                } else {
                    law.cdf(x)
                }
            }
            Kind::Never => 0.0,
            Kind::OrNever { p, law } => (1.0 - p) * law.cdf(x),
            Kind::Poisson { mean } => {
                if x < 0.0 {
                    0.0
                } else {
                    gamma_cdf(libm::floor(x.min(FAR)) + 1.0, *mean).1
                }
            }
            Kind::Geometric { p } => {
                if x < 0.0 {
                    0.0
                } else {
                    -libm::expm1((libm::floor(x) + 1.0) * libm::log1p(-p))
                }
            }
            Kind::NegativeBinomial { r, p } => {
                if x < 0.0 {
                    0.0
                } else {
                    beta_cdf(*r, libm::floor(x.min(FAR)) + 1.0, *p, 1.0 - p).0
                }
            }
        }
    }

    /// Least and greatest possible value; the greatest is infinity for an unbounded law and for one that
    /// may never happen.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match &self.0 {
            Kind::Fixed(value) => (*value, *value),
            Kind::Uniform { lo, hi } => (*lo, *hi),
            Kind::Triangular { min, max, .. } | Kind::Beta { min, max, .. } => (*min, *max),
            Kind::Exponential { .. }
            | Kind::LogNormal { .. }
            | Kind::Weibull { .. }
            | Kind::Gamma { .. }
            | Kind::Poisson { .. }
            | Kind::Geometric { .. }
            | Kind::NegativeBinomial { .. } => (0.0, f64::INFINITY),
            Kind::Empirical(values) => (values[0], values[values.len() - 1]),
            Kind::QuantileTable(points) => (points[0].1, points[points.len() - 1].1),
            Kind::Mixture(mixture) => mixture
                .parts
                .iter()
                .map(|part| part.1.support())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (low, high)| {
                    (lo.min(low), hi.max(high))
                }),
            Kind::Affine { shift, scale, law } => {
                let (lo, hi) = law.support();
                (shift + scale * lo, shift + scale * hi)
            }
            Kind::Truncated { lo, hi, law, .. } => {
                let (low, high) = law.support();
                (lo.max(low), hi.min(high))
            }
            Kind::Clamped { lo, hi, law } => {
                let (low, high) = law.support();
                let high = if law.probability_never() > 0.0 { high } else { high.clamp(*lo, *hi) };
                (clamp_unless_never(low, *lo, *hi), high)
            }
            Kind::Never => (f64::INFINITY, f64::INFINITY),
            Kind::OrNever { law, .. } => (law.support().0, f64::INFINITY),
        }
    }

    /// P(X = infinity): the share that never happens.
    #[must_use]
    pub fn probability_never(&self) -> f64 {
        match &self.0 {
            Kind::Never => 1.0,
            Kind::OrNever { p, law } => p + (1.0 - p) * law.probability_never(),
            Kind::Mixture(mixture) => {
                mixture.parts.iter().map(|(weight, law)| weight * law.probability_never()).sum()
            }
            Kind::Affine { law, .. } | Kind::Clamped { law, .. } => law.probability_never(),
            Kind::Truncated { from, to, hi, law, .. } => {
                let never = law.probability_never();
                if *hi < f64::INFINITY || never == 0.0 {
                    0.0
                } else {
                    (to - from.max(1.0 - never)).max(0.0) / (to - from)
                }
            }
            _ => 0.0,
        }
    }
}

fn step(reached: bool) -> f64 {
    if reached { 1.0 } else { 0.0 }
}

/// Clamps a value; infinity is no value here and stays.
fn clamp_unless_never(x: f64, lo: f64, hi: f64) -> f64 {
    if x == f64::INFINITY { x } else { x.clamp(lo, hi) }
}

fn triangular_quantile(min: f64, mode: f64, max: f64, u: f64) -> f64 {
    let width = max - min;
    if u * width < mode - min {
        min + libm::sqrt(u * width * (mode - min))
    } else {
        max - libm::sqrt((1.0 - u) * width * (max - mode))
    }
}

fn triangular_cdf(min: f64, mode: f64, max: f64, x: f64) -> f64 {
    let width = max - min;
    if x <= min {
        0.0
    } else if x >= max {
        1.0
    } else if x < mode {
        (x - min) * (x - min) / (width * (mode - min))
    } else {
        1.0 - (max - x) * (max - x) / (width * (max - mode))
    }
}

/// Linear between the points; `u` in (0, 1).
fn table_quantile(points: &[(f64, f64)], u: f64) -> f64 {
    let above = points.partition_point(|point| point.0 < u).clamp(1, points.len() - 1);
    let ((p0, v0), (p1, v1)) = (points[above - 1], points[above]);
    (v0 + (v1 - v0) * ((u - p0) / (p1 - p0))).min(v1)
}

fn table_cdf(points: &[(f64, f64)], x: f64) -> f64 {
    let above = points.partition_point(|point| point.1 <= x);
    if above == 0 {
        return 0.0;
    }
    if above == points.len() {
        return 1.0;
    }
    let ((p0, v0), (p1, v1)) = (points[above - 1], points[above]);
    p0 + (p1 - p0) * ((x - v0) / (v1 - v0))
}

impl Mixture {
    fn cdf(&self, x: f64) -> f64 {
        self.parts.iter().map(|(weight, law)| weight * law.cdf(x)).sum()
    }

    fn quantile(&self, u: f64) -> f64 {
        if self.stacked {
            return self.stacked_quantile(u);
        }
        let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
        for (_, law) in &self.parts {
            let x = law.quantile(u);
            lo = lo.min(x);
            hi = hi.max(x);
        }
        least_float(lo, hi, |x| self.cdf(x) >= u)
    }

    /// Walks up the parts; within one, the uniform is what is left of `u` over the weight.
    fn stacked_quantile(&self, u: f64) -> f64 {
        let mut left = u;
        let last = self.parts.len() - 1;
        for (weight, law) in &self.parts[..last] {
            if left < *weight {
                return law.quantile(left / weight);
            }
            left -= weight;
        }
        let (weight, law) = &self.parts[last];
        law.quantile((left / weight).min(LAST))
    }
}

/// The least double in [lo, hi] for which `reached` holds, given that it holds at `hi`: bisection over the
/// representable numbers, at most 64 looks.
fn least_float(lo: f64, hi: f64, reached: impl Fn(f64) -> bool) -> f64 {
    let (mut below, mut above) = (rank(lo), rank(hi));
    if below >= above || reached(lo) {
        return lo;
    }
    // Not reached at `below`, reached at `above`.
    while above.abs_diff(below) > 1 {
        let middle = below + (above.abs_diff(below) / 2) as i64;
        if reached(from_rank(middle)) {
            above = middle;
        } else {
            below = middle;
        }
    }
    from_rank(above)
}

/// Whole numbers in the order of the doubles.
fn rank(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
}

fn from_rank(rank: i64) -> f64 {
    f64::from_bits(if rank < 0 { i64::MIN.wrapping_sub(rank) } else { rank } as u64)
}

/// The least whole number k >= 0 for which `reached` holds, by doubling steps from `start` and bisection.
fn least_whole_number(start: f64, reached: impl Fn(f64) -> bool) -> f64 {
    const LARGEST: f64 = 9e15;
    let start = libm::floor(start.clamp(0.0, LARGEST));
    let (mut below, mut above) = if reached(start) {
        let (mut below, mut above, mut stride) = (start - 1.0, start, 1.0);
        while below >= 0.0 && reached(below) {
            above = below;
            stride *= 2.0;
            below -= stride;
        }
        (below.max(-1.0), above)
    } else {
        let (mut below, mut stride) = (start, 1.0);
        while below + stride < LARGEST && !reached(below + stride) {
            below += stride;
            stride *= 2.0;
        }
        (below, below + stride)
    };
    while above - below > 1.0 {
        let middle = libm::floor((below + above) / 2.0);
        if reached(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    above
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_in_the_order_of_the_doubles() {
        let numbers = [f64::NEG_INFINITY, -1e300, -1.0, -5e-324, 0.0, 5e-324, 1.0, 1e300, f64::INFINITY];
        for pair in numbers.windows(2) {
            assert!(rank(pair[0]) < rank(pair[1]));
        }
        for x in numbers {
            assert_eq!(from_rank(rank(x)), x);
        }
        assert_eq!(rank(0.0) - rank(-5e-324), 1);
    }

    #[test]
    fn least_float_finds_the_threshold_to_the_last_bit() {
        for threshold in [-7.25, -1e-310, 0.0, 1e-12, 3.0, 1e200] {
            assert_eq!(least_float(f64::NEG_INFINITY, f64::INFINITY, |x| x >= threshold), threshold);
        }
        assert_eq!(least_float(2.0, 9.0, |_| true), 2.0);
        assert_eq!(least_float(2.0, 9.0, |_| false), 9.0);
    }

    #[test]
    fn least_whole_number_from_either_side() {
        for threshold in [0.0, 1.0, 2.0, 77.0, 1e9] {
            for start in [-5.0, 0.0, 3.0, 78.0, 1e12] {
                assert_eq!(least_whole_number(start, |k| k >= threshold), threshold);
            }
        }
    }
}
