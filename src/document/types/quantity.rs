//! Numbers: parameters with their basis, distributions, references to them.

use serde::Deserialize;

use super::Name;
use crate::document::decode::Spanned;

/// A number, a duration ("90min", "2d 4h") or a rate ("0.9 per h").
///
/// Written as a bare number or as text.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// A plain number.
    Number(f64),
    /// A duration or a rate as text; or the name of a parameter where a reference is allowed.
    Text(String),
}

/// A reference to a parameter by name, or a literal quantity (meant for toys and tests).
pub type Param = Spanned<Quantity>;

/// Where a number, rule or observation comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub enum Basis {
    /// A source states it.
    Sourced {
        /// The document and the place in it.
        source: String,
        /// How the source was seen.
        seen: Seen,
    },
    /// Computed from sourced facts.
    Derived {
        /// What it is computed from.
        from: String,
        /// How.
        how: String,
    },
    /// An assumption, with the reason for it.
    Assumed(String),
}

/// How a source was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Seen {
    /// The text was read.
    Read,
    /// Recalled, not read again: not to be shown as a quotation.
    Recalled,
    /// General knowledge.
    General,
    /// From a third party that quotes it.
    ThirdParty,
}

/// A named modelling judgement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// One line that an official can correct.
    #[serde(default)]
    pub title: Option<String>,
    /// A constant; exactly one of `value` and `dist` is given.
    #[serde(default)]
    pub value: Option<Spanned<Quantity>>,
    /// A distribution.
    #[serde(default)]
    pub dist: Option<Spanned<Dist>>,
    /// Unit of a plain number, e.g. `people`; durations and rates carry their own.
    #[serde(default)]
    pub unit: Option<String>,
    /// Plausible range: of the value, or of the median of the distribution.
    #[serde(default)]
    pub range: Option<(Spanned<Quantity>, Spanned<Quantity>)>,
    /// A public attribute of the state that multiplies the value there.
    #[serde(default)]
    pub scaled_by: Option<Name>,
    /// Correlation of draws inside one state, 0 to 1: `z = sqrt(rho) z_state + sqrt(1 - rho) z_own`. What operators
    /// draw is correlated within an incident, except that the first incident shares with what is about none.
    #[serde(default)]
    pub shared_in_state: Option<f64>,
    /// Real incidents from which it was taken or to which it was fitted, by the names of their scenarios, e.g.
    /// `["wannacry-2017"]`: a replay of one of them cannot test it, and is judged in sample.
    #[serde(default)]
    pub fitted_to: Vec<Name>,
    /// Parameters that name the same group share the draw of a state among them; those that name none share another.
    #[serde(default)]
    pub shared_as: Option<Name>,
    /// Where it comes from.
    pub basis: Basis,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// A distribution. Times are durations as text or plain numbers, all of one kind in one distribution.
#[derive(Debug, Clone, Deserialize)]
pub enum Dist {
    /// Always this value.
    Fixed(Quantity),
    /// Between two values, all equally likely.
    Uniform(Quantity, Quantity),
    /// Exponential.
    Exponential {
        /// Mean.
        mean: Quantity,
    },
    /// Log-normal, by any two of mean, median, sd, sigma and quantiles.
    LogNormal {
        /// Mean.
        #[serde(default)]
        mean: Option<Quantity>,
        /// Median.
        #[serde(default)]
        median: Option<Quantity>,
        /// Standard deviation.
        #[serde(default)]
        sd: Option<Quantity>,
        /// Standard deviation of the logarithm, without unit.
        #[serde(default)]
        sigma: Option<f64>,
        /// 90 % quantile.
        #[serde(default)]
        p90: Option<Quantity>,
        /// 95 % quantile.
        #[serde(default)]
        p95: Option<Quantity>,
        /// Other quantiles, as (probability, value).
        #[serde(default)]
        quantiles: Vec<(f64, Quantity)>,
    },
    /// PERT: a beta between minimum and maximum.
    Pert {
        /// Minimum.
        min: Quantity,
        /// Most likely value.
        mode: Quantity,
        /// Maximum.
        max: Quantity,
        /// Weight of the mode, default 4.
        #[serde(default)]
        weight: Option<f64>,
    },
    /// Triangular.
    Triangular {
        /// Minimum.
        min: Quantity,
        /// Most likely value.
        mode: Quantity,
        /// Maximum.
        max: Quantity,
    },
    /// Weibull, by shape and one of scale, median and mean.
    Weibull {
        /// Shape, without unit.
        shape: f64,
        /// Scale.
        #[serde(default)]
        scale: Option<Quantity>,
        /// Median.
        #[serde(default)]
        median: Option<Quantity>,
        /// Mean.
        #[serde(default)]
        mean: Option<Quantity>,
    },
    /// Gamma by mean and one of shape and standard deviation.
    Gamma {
        /// Shape, without unit.
        #[serde(default)]
        shape: Option<f64>,
        /// Mean.
        mean: Quantity,
        /// Standard deviation.
        #[serde(default)]
        sd: Option<Quantity>,
    },
    /// Erlang: the sum of `k` exponentials.
    Erlang {
        /// Number of stages.
        k: u32,
        /// Mean of the sum.
        mean: Quantity,
    },
    /// Beta between `min` and `max`.
    Beta {
        /// First shape.
        alpha: f64,
        /// Second shape.
        beta: f64,
        /// Lower end, default 0.
        #[serde(default)]
        min: Option<Quantity>,
        /// Upper end, default 1.
        #[serde(default)]
        max: Option<Quantity>,
    },
    /// One of the given values, all equally likely.
    Empirical(Vec<Quantity>),
    /// A quantile function through points (probability, value), linear in between.
    Quantiles(Vec<(f64, Quantity)>),
    /// One of several distributions, by weight.
    Mixture(Vec<(f64, Dist)>),
    /// Another distribution plus a constant.
    Shifted {
        /// The constant.
        by: Quantity,
        /// The distribution.
        law: Box<Dist>,
    },
    /// Another distribution times a factor above 0.
    Scaled {
        /// The factor, without unit.
        by: f64,
        /// The distribution.
        law: Box<Dist>,
    },
    /// Another distribution, given that it falls between the bounds.
    Truncated {
        /// The distribution.
        law: Box<Dist>,
        /// Lower bound.
        #[serde(default)]
        min: Option<Quantity>,
        /// Upper bound.
        #[serde(default)]
        max: Option<Quantity>,
        /// Upper bound as a probability, e.g. 0.995.
        #[serde(default)]
        below_p: Option<f64>,
    },
    /// Another distribution with values outside the bounds moved to them.
    Clamped {
        /// The distribution.
        law: Box<Dist>,
        /// Lower bound.
        #[serde(default)]
        min: Option<Quantity>,
        /// Upper bound.
        #[serde(default)]
        max: Option<Quantity>,
    },
    /// With this probability never; otherwise the distribution.
    Never {
        /// Probability that it never happens.
        p: f64,
        /// The distribution otherwise.
        law: Box<Dist>,
    },
    /// Poisson on 0, 1, 2, ...
    Poisson(f64),
    /// Geometric on 0, 1, 2, ... by its mean.
    Geometric {
        /// Mean.
        mean: f64,
    },
    /// Negative binomial on 0, 1, 2, ...: variance `mean + mean^2 / dispersion`.
    NegativeBinomial {
        /// Mean.
        mean: f64,
        /// Dispersion; the smaller, the more a few cases cause most others.
        dispersion: f64,
    },
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct QuantityVisitor;
        impl serde::de::Visitor<'_> for QuantityVisitor {
            type Value = Quantity;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, or text such as \"90min\" or the name of a parameter")
            }
            fn visit_f64<E>(self, v: f64) -> Result<Quantity, E> {
                Ok(Quantity::Number(v))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Quantity, E> {
                Ok(Quantity::Number(v as f64))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Quantity, E> {
                Ok(Quantity::Number(v as f64))
            }
            fn visit_str<E>(self, v: &str) -> Result<Quantity, E> {
                Ok(Quantity::Text(v.to_owned()))
            }
        }
        deserializer.deserialize_any(QuantityVisitor)
    }
}
