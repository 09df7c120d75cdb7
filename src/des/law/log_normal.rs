//! The log-normal law from any two things known of it.

use super::error::Check;
use super::{Law, LawError};
use crate::des::special::normal_quantile;

/// One thing known of a log-normal duration; two make the law ([`Law::log_normal_from`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LogNormalFact {
    /// Arithmetic mean, `exp(mu + sigma^2 / 2)`.
    Mean(f64),
    /// Median, `exp(mu)`.
    Median(f64),
    /// Standard deviation, in the unit of the values.
    Sd(f64),
    /// Standard deviation of the logarithm.
    Sigma(f64),
    /// The value that a share `p` does not exceed.
    Quantile { p: f64, value: f64 },
}

/// A fact with the median turned into a quantile, and values into logarithms.
#[derive(Clone, Copy)]
enum Known {
    Sigma(f64),
    /// Standard normal quantile z and logarithm of the value there.
    Point {
        z: f64,
        log: f64,
    },
    Mean(f64),
    Sd(f64),
}

impl Law {
    /// The log-normal law with the two stated facts.
    ///
    /// The mean or standard deviation together with an upper quantile can belong to two laws; the one with
    /// the smaller sigma is taken.
    ///
    /// # Errors
    /// A value that is not finite and above 0, a probability outside (0, 1), two facts of one kind, or facts
    /// that no log-normal law has together (a mean below the median, quantiles in the wrong order).
    pub fn log_normal_from(first: LogNormalFact, second: LogNormalFact) -> Result<Self, LawError> {
        let (mu, sigma) = solve(known(first)?, known(second)?)?;
        Self::log_normal(mu, sigma)
    }
}

const CHECK: Check = Check("log-normal");

fn known(fact: LogNormalFact) -> Result<Known, LawError> {
    let log = |argument, value| CHECK.positive(argument, value).map(libm::log);
    Ok(match fact {
        LogNormalFact::Sigma(sigma) => Known::Sigma(CHECK.positive("sigma", sigma)?),
        LogNormalFact::Mean(mean) => Known::Mean(log("mean", mean)?),
        LogNormalFact::Sd(sd) => Known::Sd(log("sd", sd)?),
        LogNormalFact::Median(median) => Known::Point { z: 0.0, log: log("median", median)? },
        LogNormalFact::Quantile { p, value } => {
            let z = normal_quantile(CHECK.inner_probability("p", p)?);
            Known::Point { z, log: log("value", value)? }
        }
    })
}

/// (mu, sigma) of two facts; all values are logarithms here.
fn solve(first: Known, second: Known) -> Result<(f64, f64), LawError> {
    use Known::{Mean, Point, Sd, Sigma};
    Ok(match (first, second) {
        (Sigma(s), Point { z, log }) | (Point { z, log }, Sigma(s)) => (log - s * z, s),
        (Sigma(s), Mean(mean)) | (Mean(mean), Sigma(s)) => (mean - s * s / 2.0, s),
        (Sigma(s), Sd(sd)) | (Sd(sd), Sigma(s)) => (sd - log_sd_at_zero(s), s),
        (Mean(mean), Sd(sd)) | (Sd(sd), Mean(mean)) => {
            // sd^2 = mean^2 (exp(sigma^2) - 1).
            let variance = libm::log1p(libm::exp(2.0 * (sd - mean)));
            (mean - variance / 2.0, libm::sqrt(variance))
        }
        (Point { z: z1, log: log1 }, Point { z: z2, log: log2 }) => {
            let sigma = (log2 - log1) / (z2 - z1);
            if !(sigma > 0.0 && sigma.is_finite()) {
                return Err(CHECK
                    .contradiction("of two quantiles the one of the higher probability must be the larger"));
            }
            (log1 - sigma * z1, sigma)
        }
        (Point { z, log }, Mean(mean)) | (Mean(mean), Point { z, log }) => {
            let sigma = sigma_of_point_and_mean(z, log - mean)?;
            (log - sigma * z, sigma)
        }
        (Point { z, log }, Sd(sd)) | (Sd(sd), Point { z, log }) => {
            let sigma = sigma_of_point_and_sd(z, sd - log)?;
            (log - sigma * z, sigma)
        }
        (Sigma(_), Sigma(_)) | (Mean(_), Mean(_)) | (Sd(_), Sd(_)) => {
            return Err(CHECK.contradiction("two different facts are needed, got the same kind twice"));
        }
    })
}

/// Logarithm of the standard deviation for mu = 0: `sigma^2 / 2 + ln(exp(sigma^2) - 1) / 2`.
fn log_sd_at_zero(sigma: f64) -> f64 {
    let variance = sigma * sigma;
    variance / 2.0 + 0.5 * libm::log(libm::expm1(variance))
}

/// Solves `sigma^2 / 2 - z sigma + excess = 0`, excess = ln(quantile / mean), for the smaller sigma > 0.
fn sigma_of_point_and_mean(z: f64, excess: f64) -> Result<f64, LawError> {
    if z <= 0.0 && excess >= 0.0 {
        return Err(CHECK.contradiction("the mean must be above the median and above every lower quantile"));
    }
    let discriminant = z * z - 2.0 * excess;
    if discriminant < 0.0 {
        return Err(CHECK.contradiction("no log-normal law has this mean and a quantile so far above it"));
    }
    let root = libm::sqrt(discriminant);
    Ok(if excess > 0.0 { z - root } else { z + root })
}

/// Solves `log_sd_at_zero(sigma) - z sigma = ratio`, ratio = ln(sd / quantile), for the smallest sigma.
///
/// The left side rises from minus to plus infinity; for z above 2.49 it has a dip, so the first crossing is
/// looked for in steps before it is bisected.
fn sigma_of_point_and_sd(z: f64, ratio: f64) -> Result<f64, LawError> {
    const STEP: f64 = 1.0 / 64.0;
    let below = |sigma: f64| log_sd_at_zero(sigma) - z * sigma < ratio;
    let Some(steps) = (1..=20 * 64).find(|&i| !below(f64::from(i) * STEP)) else {
        return Err(CHECK.contradiction("no log-normal law of sigma up to 20 has this sd and this quantile"));
    };
    let (mut lo, mut hi) = (f64::from(steps - 1) * STEP, f64::from(steps) * STEP);
    for _ in 0..200 {
        let middle = 0.5 * (lo + hi);
        if below(middle) {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    if hi > 1e-12 { Ok(hi) } else { Err(CHECK.contradiction("the sd is too small beside the quantile")) }
}
