//! Laws: distributions of durations and numbers, sampled by inversion of one 64-bit word.
//!
//! A law is unit free: what goes in as microseconds comes out as microseconds. All laws are sampled by
//! their quantile function, none by rejection, so a variate uses exactly one word and never falls when the
//! word rises: common random numbers stay synchronised, and correlation can be put on the uniforms
//! ([`correlate`](super::correlate)).
//!
//! | law | inverse |
//! |---|---|
//! | fixed, uniform, exponential, Weibull, triangular, geometric | closed form |
//! | empirical, table of quantiles | look-up, linear between points |
//! | log-normal | Wichura's AS 241 |
//! | gamma, Erlang, beta, PERT | Newton on the logarithm of the incomplete function |
//! | Poisson, negative binomial | search for the least k with F(k) >= u |
//! | mixture | composition where the parts do not overlap, else bisection of F to the last bit |
//! | shifted, scaled, truncated, clamped, or never | that of the law inside |

mod build;
mod error;
mod log_normal;
mod moments;
mod quantile;
#[cfg(test)]
mod stability;
#[cfg(test)]
mod tests;

pub use error::LawError;
pub use log_normal::LogNormalFact;

use super::streams::{DrawKey, uniform};

/// A distribution with checked parameters; see the module for how each one is inverted.
#[derive(Debug, Clone, PartialEq)]
pub struct Law(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Fixed(f64),
    Uniform {
        lo: f64,
        hi: f64,
    },
    Exponential {
        mean: f64,
    },
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Triangular {
        min: f64,
        mode: f64,
        max: f64,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    Beta {
        alpha: f64,
        beta: f64,
        min: f64,
        max: f64,
    },
    /// Sorted values of equal weight.
    Empirical(Vec<f64>),
    /// (probability, value), both non-decreasing, from probability 0 to 1.
    QuantileTable(Vec<(f64, f64)>),
    Mixture(Mixture),
    /// `shift + scale * X`, scale above 0.
    Affine {
        shift: f64,
        scale: f64,
        law: Box<Law>,
    },
    /// X given that its uniform lies in (from, to); values kept inside [lo, hi].
    Truncated {
        from: f64,
        to: f64,
        lo: f64,
        hi: f64,
        law: Box<Law>,
    },
    Clamped {
        lo: f64,
        hi: f64,
        law: Box<Law>,
    },
    Never,
    /// X with probability 1 - p, else infinity.
    OrNever {
        p: f64,
        law: Box<Law>,
    },
    Poisson {
        mean: f64,
    },
    Geometric {
        p: f64,
    },
    NegativeBinomial {
        r: f64,
        p: f64,
    },
}

/// Parts with weights that sum to 1.
#[derive(Debug, Clone, PartialEq)]
struct Mixture {
    parts: Vec<(f64, Law)>,
    /// The parts are in order of value and do not overlap: the first `w` of the uniform is the first part.
    stacked: bool,
}

impl Law {
    /// The variate of a draw: the quantile at the uniform of its word.
    #[must_use]
    pub fn sample(&self, key: &DrawKey, instance: u64, occurrence: u64) -> f64 {
        self.quantile(uniform(key.word(instance, occurrence)))
    }

    /// The parameters by name, in the order of the constructor; for a law made of laws those of its own.
    /// PERT shows its beta parameters and Erlang its gamma parameters.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match &self.0 {
            Kind::Fixed(value) => vec![("value", *value)],
            Kind::Uniform { lo, hi } => vec![("lo", *lo), ("hi", *hi)],
            Kind::Exponential { mean } | Kind::Poisson { mean } => vec![("mean", *mean)],
            Kind::LogNormal { mu, sigma } => vec![("mu", *mu), ("sigma", *sigma)],
            Kind::Triangular { min, mode, max } => vec![("min", *min), ("mode", *mode), ("max", *max)],
            Kind::Weibull { shape, scale } | Kind::Gamma { shape, scale } => {
                vec![("shape", *shape), ("scale", *scale)]
            }
            Kind::Beta { alpha, beta, min, max } => {
                vec![("alpha", *alpha), ("beta", *beta), ("min", *min), ("max", *max)]
            }
            Kind::Empirical(_) | Kind::QuantileTable(_) | Kind::Mixture(_) | Kind::Never => Vec::new(),
            Kind::Affine { shift, scale, .. } => vec![("shift", *shift), ("scale", *scale)],
            Kind::Truncated { lo, hi, .. } | Kind::Clamped { lo, hi, .. } => vec![("lo", *lo), ("hi", *hi)],
            Kind::OrNever { p, .. } | Kind::Geometric { p } => vec![("p", *p)],
            Kind::NegativeBinomial { r, p } => vec![("r", *r), ("p", *p)],
        }
    }
}
