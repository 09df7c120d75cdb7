//! Mean and standard deviation of the laws, where there is a closed form.

use super::{Kind, Law};

/// (mean, variance), finite.
type Moments = (f64, f64);

impl Law {
    /// The mean; `None` where it is infinite (a law that may never happen) or has no closed form here
    /// (truncated and clamped laws).
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.moments().map(|moments| moments.0)
    }

    /// The standard deviation; `None` under the same conditions as [`mean`](Self::mean).
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.moments().map(|moments| libm::sqrt(moments.1))
    }

    fn moments(&self) -> Option<Moments> {
        let (mean, variance) = match &self.0 {
            Kind::Fixed(value) => (*value, 0.0),
            Kind::Uniform { lo, hi } => (lo + (hi - lo) / 2.0, (hi - lo) * (hi - lo) / 12.0),
            Kind::Exponential { mean } => (*mean, mean * mean),
            Kind::LogNormal { mu, sigma } => {
                let variance = sigma * sigma;
                let mean = libm::exp(mu + variance / 2.0);
                (mean, mean * mean * libm::expm1(variance))
            }
            Kind::Triangular { min, mode, max } => {
                let (a, b) = (mode - min, max - min);
                (min + (a + b) / 3.0, (a * a + b * b - a * b) / 18.0)
            }
            Kind::Weibull { shape, scale } => {
                let first = libm::tgamma(1.0 + 1.0 / shape);
                let second = libm::tgamma(1.0 + 2.0 / shape);
                (scale * first, scale * scale * (second - first * first).max(0.0))
            }
            Kind::Gamma { shape, scale } => (shape * scale, shape * scale * scale),
            Kind::Beta { alpha, beta, min, max } => {
                let (sum, width) = (alpha + beta, max - min);
                let variance = (alpha / sum) * (beta / sum) / (sum + 1.0);
                (min + width * alpha / sum, width * width * variance)
            }
            Kind::Empirical(values) => {
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                (mean, values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n)
            }
            Kind::QuantileTable(points) => table_moments(points),
            Kind::Mixture(mixture) => {
                let parts: Vec<(f64, Moments)> = mixture
                    .parts
                    .iter()
                    .map(|(weight, law)| law.moments().map(|moments| (*weight, moments)))
                    .collect::<Option<_>>()?;
                mix(&parts)
            }
            Kind::Affine { shift, scale, law } => {
                let (mean, variance) = law.moments()?;
                (shift + scale * mean, scale * scale * variance)
            }
            Kind::Truncated { .. } | Kind::Clamped { .. } | Kind::Never | Kind::OrNever { .. } => {
                return None;
            }
            Kind::Poisson { mean } => (*mean, *mean),
            Kind::Geometric { p } => ((1.0 - p) / p, (1.0 - p) / (p * p)),
            Kind::NegativeBinomial { r, p } => (r * (1.0 - p) / p, r * (1.0 - p) / (p * p)),
        };
        (mean.is_finite() && variance.is_finite()).then_some((mean, variance))
    }
}

/// A mixture of uniforms: one between each two points.
fn table_moments(points: &[(f64, f64)]) -> Moments {
    let parts: Vec<(f64, Moments)> = points
        .windows(2)
        .map(|pair| {
            let ((p0, v0), (p1, v1)) = (pair[0], pair[1]);
            (p1 - p0, ((v0 + v1) / 2.0, (v1 - v0) * (v1 - v0) / 12.0))
        })
        .collect();
    mix(&parts)
}

/// Law of total variance over parts (weight, moments).
fn mix(parts: &[(f64, Moments)]) -> Moments {
    let mean: f64 = parts.iter().map(|(weight, moments)| weight * moments.0).sum();
    let variance = parts.iter().map(|(weight, (m, v))| weight * (v + (m - mean) * (m - mean))).sum();
    (mean, variance)
}
