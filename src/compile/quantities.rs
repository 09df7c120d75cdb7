//! Quantities and distributions as written: values with a unit, laws, and their text.

use crate::des::{Law, LogNormalFact};
use crate::document::types::{Dist, Quantity};
use crate::model::Unit;
use crate::time::parse_duration;

/// Distributions inside distributions are not read deeper than this.
const MAX_DEPTH: usize = 8;

/// The value of a quantity: microseconds, events per microsecond, or a plain number.
///
/// # Errors
/// A message for what is neither a finite number, a duration nor a rate.
pub fn value(quantity: &Quantity) -> Result<(f64, Unit), String> {
    match quantity {
        Quantity::Number(n) if n.is_finite() => Ok((*n, Unit::Number)),
        Quantity::Number(n) => Err(format!("{n} is not a finite number")),
        Quantity::Text(text) => match text.split_once(" per ").or_else(|| text.split_once('/')) {
            Some((number, per)) => {
                rate(number.trim(), per.trim()).map(|r| (r, Unit::Rate)).ok_or_else(|| {
                    format!("`{text}` is not a rate; write a number and a time, as in `0.9 per h`")
                })
            }
            None => match parse_duration(text) {
                Ok(duration) => Ok((duration.as_micros() as f64, Unit::Duration)),
                Err(error) => Err(error.to_string()),
            },
        },
    }
}

/// `number` events in each `per`, which is a unit or a duration.
fn rate(number: &str, per: &str) -> Option<f64> {
    let number: f64 = number.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    let per = if per.starts_with(|c: char| c.is_ascii_digit()) {
        parse_duration(per).ok()?
    } else {
        parse_duration(&format!("1{per}")).ok()?
    };
    (!per.is_zero()).then(|| number / per.as_micros() as f64)
}

/// Whether a text could be meant as a quantity rather than as a name.
pub(super) fn looks_like_quantity(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.' || c == '+')
}

/// A quantity as it was written.
pub(super) fn quantity_text(quantity: &Quantity) -> String {
    match quantity {
        Quantity::Number(n) => format!("{n}"),
        Quantity::Text(text) => text.clone(),
    }
}

/// The law of a distribution and the unit of its values.
///
/// # Errors
/// A code and a message: `mixed-units` where kinds of quantity are mixed, `bad-quantity`, `bad-distribution`.
pub(super) fn law(dist: &Dist) -> Result<(Law, Unit), (&'static str, String)> {
    let mut builder = Builder { unit: None };
    let law = builder.law(dist, 0)?;
    Ok((law, builder.unit.unwrap_or(Unit::Number)))
}

type Failure = (&'static str, String);

/// Builds a law and sees to it that all values in it are of one kind.
struct Builder {
    unit: Option<Unit>,
}

fn bad(error: impl std::fmt::Display) -> Failure {
    ("bad-distribution", error.to_string())
}

/// The kind of a quantity in words.
pub(super) fn unit_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Duration => "a duration",
        Unit::Number => "a plain number",
        Unit::Rate => "a rate",
    }
}

impl Builder {
    fn q(&mut self, quantity: &Quantity) -> Result<f64, Failure> {
        let (value, unit) = value(quantity).map_err(|message| ("bad-quantity", message))?;
        // Zero is zero in every unit.
        if matches!(quantity, Quantity::Number(n) if *n == 0.0) && self.unit.is_some() {
            return Ok(0.0);
        }
        self.set(unit)?;
        Ok(value)
    }

    fn set(&mut self, unit: Unit) -> Result<(), Failure> {
        match self.unit {
            Some(before) if before != unit => Err((
                "mixed-units",
                format!("{} and {} are mixed in one distribution", unit_words(before), unit_words(unit)),
            )),
            _ => {
                self.unit = Some(unit);
                Ok(())
            }
        }
    }

    fn opt(&mut self, quantity: Option<&Quantity>, default: f64) -> Result<f64, Failure> {
        quantity.map_or(Ok(default), |q| self.q(q))
    }

    fn law(&mut self, dist: &Dist, depth: usize) -> Result<Law, Failure> {
        if depth > MAX_DEPTH {
            return Err(bad(format!("distributions are nested more than {MAX_DEPTH} deep")));
        }
        match dist {
            Dist::Fixed(v) => Law::fixed(self.q(v)?).map_err(bad),
            Dist::Uniform(lo, hi) => {
                let hi = self.q(hi)?;
                Law::uniform(self.q(lo)?, hi).map_err(bad)
            }
            Dist::Exponential { mean } => Law::exponential(self.q(mean)?).map_err(bad),
            Dist::LogNormal { .. } => self.log_normal(dist),
            Dist::Pert { min, mode, max, weight } => {
                let (max, mode, min) = (self.q(max)?, self.q(mode)?, self.q(min)?);
                Law::pert(min, mode, max, weight.unwrap_or(4.0)).map_err(bad)
            }
            Dist::Triangular { min, mode, max } => {
                let (max, mode, min) = (self.q(max)?, self.q(mode)?, self.q(min)?);
                Law::triangular(min, mode, max).map_err(bad)
            }
            Dist::Weibull { shape, scale, median, mean } => match (scale, median, mean) {
                (Some(scale), None, None) => Law::weibull(*shape, self.q(scale)?).map_err(bad),
                (None, Some(median), None) => Law::weibull_median(*shape, self.q(median)?).map_err(bad),
                (None, None, Some(mean)) => {
                    // The mean is scale x Gamma(1 + 1 / shape).
                    let scale = self.q(mean)? / libm::tgamma(1.0 + 1.0 / shape);
                    Law::weibull(*shape, scale).map_err(bad)
                }
                _ => Err(bad("Weibull needs one of `scale`, `median` and `mean`")),
            },
            Dist::Gamma { shape, mean, sd } => {
                let mean = self.q(mean)?;
                let shape = match (shape, sd) {
                    (Some(shape), None) => *shape,
                    (None, Some(sd)) => {
                        let cv = self.q(sd)? / mean;
                        1.0 / (cv * cv)
                    }
                    _ => return Err(bad("Gamma needs either `shape` or `sd`")),
                };
                Law::gamma(shape, mean / shape).map_err(bad)
            }
            Dist::Erlang { k, mean } => Law::erlang(*k, self.q(mean)?).map_err(bad),
            Dist::Beta { alpha, beta, min, max } => {
                let hi = self.opt(max.as_ref(), 1.0)?;
                let lo = self.opt(min.as_ref(), 0.0)?;
                if max.is_none() && self.unit.is_some_and(|unit| unit != Unit::Number) {
                    return Err(bad("a beta distribution of durations needs `max`"));
                }
                Law::beta(*alpha, *beta, lo, hi).map_err(bad)
            }
            Dist::Poisson(mean) => {
                self.set(Unit::Number)?;
                Law::poisson(*mean).map_err(bad)
            }
            Dist::Geometric { mean } => {
                self.set(Unit::Number)?;
                Law::geometric(1.0 / (1.0 + mean)).map_err(bad)
            }
            Dist::NegativeBinomial { mean, dispersion } => {
                self.set(Unit::Number)?;
                Law::negative_binomial_mean(*mean, *dispersion).map_err(bad)
            }
            Dist::Empirical(values) => {
                let values = values.iter().map(|v| self.q(v)).collect::<Result<Vec<_>, _>>()?;
                Law::empirical(&values).map_err(bad)
            }
            Dist::Quantiles(points) => {
                let points =
                    points.iter().map(|(p, v)| Ok((*p, self.q(v)?))).collect::<Result<Vec<_>, Failure>>()?;
                Law::quantile_table(&points).map_err(bad)
            }
            _ => self.compound(dist, depth),
        }
    }

    /// Laws made of laws.
    fn compound(&mut self, dist: &Dist, depth: usize) -> Result<Law, Failure> {
        match dist {
            Dist::Mixture(parts) => {
                let parts = parts
                    .iter()
                    .map(|(weight, part)| Ok((*weight, self.law(part, depth + 1)?)))
                    .collect::<Result<Vec<_>, Failure>>()?;
                Law::mixture(&parts).map_err(bad)
            }
            Dist::Scaled { by, law } => self.law(law, depth + 1)?.scaled(*by).map_err(bad),
            Dist::Shifted { by, law } => {
                let inner = self.law(law, depth + 1)?;
                inner.shifted(self.q(by)?).map_err(bad)
            }
            Dist::Truncated { law, min, max, below_p } => {
                let mut inner = self.law(law, depth + 1)?;
                if let Some(p) = below_p {
                    inner = inner.truncated_by_probability(0.0, *p).map_err(bad)?;
                }
                if min.is_none() && max.is_none() {
                    return match below_p {
                        Some(_) => Ok(inner),
                        None => Err(bad("`Truncated` needs `min`, `max` or `below_p`")),
                    };
                }
                let lo = self.opt(min.as_ref(), f64::NEG_INFINITY)?;
                let hi = self.opt(max.as_ref(), f64::INFINITY)?;
                inner.truncated(lo, hi).map_err(bad)
            }
            Dist::Clamped { law, min, max } => {
                let inner = self.law(law, depth + 1)?;
                let lo = self.opt(min.as_ref(), f64::NEG_INFINITY)?;
                let hi = self.opt(max.as_ref(), f64::INFINITY)?;
                inner.clamped(lo, hi).map_err(bad)
            }
            Dist::Never { p, law } => self.law(law, depth + 1)?.or_never(*p).map_err(bad),
            _ => Err(bad("this distribution is not known here")),
        }
    }

    fn log_normal(&mut self, dist: &Dist) -> Result<Law, Failure> {
        let Dist::LogNormal { mean, median, sd, sigma, p90, p95, quantiles } = dist else {
            return Err(bad("not a log-normal distribution"));
        };
        let mut facts = Vec::new();
        if let Some(q) = median {
            facts.push(LogNormalFact::Median(self.q(q)?));
        }
        if let Some(q) = mean {
            facts.push(LogNormalFact::Mean(self.q(q)?));
        }
        if let Some(q) = sd {
            facts.push(LogNormalFact::Sd(self.q(q)?));
        }
        if let Some(sigma) = sigma {
            facts.push(LogNormalFact::Sigma(*sigma));
        }
        if let Some(q) = p90 {
            facts.push(LogNormalFact::Quantile { p: 0.9, value: self.q(q)? });
        }
        if let Some(q) = p95 {
            facts.push(LogNormalFact::Quantile { p: 0.95, value: self.q(q)? });
        }
        for (p, q) in quantiles {
            facts.push(LogNormalFact::Quantile { p: *p, value: self.q(q)? });
        }
        match facts[..] {
            [first, second] => Law::log_normal_from(first, second).map_err(bad),
            _ => Err(bad(format!(
                "a log-normal distribution is given by two of `mean`, `median`, `sd`, `sigma`, `p90`, `p95` \
                 and `quantiles`, not by {}",
                facts.len()
            ))),
        }
    }
}

/// A distribution in the words of the language, on one line.
pub(super) fn dist_text(dist: &Dist) -> String {
    let q = quantity_text;
    let named = |name: &str, fields: &[(&str, Option<String>)]| {
        let given: Vec<String> =
            fields.iter().filter_map(|(key, v)| v.as_ref().map(|v| format!("{key}: {v}"))).collect();
        format!("{name}({})", given.join(", "))
    };
    let number = |n: f64| Some(format!("{n}"));
    match dist {
        Dist::Fixed(v) => q(v),
        Dist::Uniform(lo, hi) => format!("Uniform({}, {})", q(lo), q(hi)),
        Dist::Exponential { mean } => named("Exponential", &[("mean", Some(q(mean)))]),
        Dist::LogNormal { mean, median, sd, sigma, p90, p95, quantiles } => named(
            "LogNormal",
            &[
                ("mean", mean.as_ref().map(q)),
                ("median", median.as_ref().map(q)),
                ("sd", sd.as_ref().map(q)),
                ("sigma", sigma.and_then(number)),
                ("p90", p90.as_ref().map(q)),
                ("p95", p95.as_ref().map(q)),
                ("quantiles", (!quantiles.is_empty()).then(|| format!("{} of them", quantiles.len()))),
            ],
        ),
        Dist::Pert { min, mode, max, weight } => named(
            "Pert",
            &[
                ("min", Some(q(min))),
                ("mode", Some(q(mode))),
                ("max", Some(q(max))),
                ("weight", weight.and_then(number)),
            ],
        ),
        Dist::Triangular { min, mode, max } => {
            named("Triangular", &[("min", Some(q(min))), ("mode", Some(q(mode))), ("max", Some(q(max)))])
        }
        Dist::Weibull { shape, scale, median, mean } => named(
            "Weibull",
            &[
                ("shape", number(*shape)),
                ("scale", scale.as_ref().map(q)),
                ("median", median.as_ref().map(q)),
                ("mean", mean.as_ref().map(q)),
            ],
        ),
        Dist::Gamma { shape, mean, sd } => named(
            "Gamma",
            &[("shape", shape.and_then(number)), ("mean", Some(q(mean))), ("sd", sd.as_ref().map(q))],
        ),
        Dist::Erlang { k, mean } => named("Erlang", &[("k", Some(k.to_string())), ("mean", Some(q(mean)))]),
        Dist::Beta { alpha, beta, min, max } => named(
            "Beta",
            &[
                ("alpha", number(*alpha)),
                ("beta", number(*beta)),
                ("min", min.as_ref().map(q)),
                ("max", max.as_ref().map(q)),
            ],
        ),
        Dist::Empirical(values) => format!("Empirical of {} values", values.len()),
        Dist::Quantiles(points) => format!("Quantiles through {} points", points.len()),
        Dist::Mixture(parts) => {
            let parts: Vec<String> =
                parts.iter().map(|(weight, part)| format!("{weight} {}", dist_text(part))).collect();
            format!("Mixture({})", parts.join(", "))
        }
        Dist::Scaled { by, law } => format!("{by} x {}", dist_text(law)),
        Dist::Shifted { by, law } => format!("{} + {}", q(by), dist_text(law)),
        Dist::Truncated { law, min, max, below_p } => named(
            "Truncated",
            &[
                ("law", Some(dist_text(law))),
                ("min", min.as_ref().map(q)),
                ("max", max.as_ref().map(q)),
                ("below_p", below_p.and_then(number)),
            ],
        ),
        Dist::Clamped { law, min, max } => named(
            "Clamped",
            &[("law", Some(dist_text(law))), ("min", min.as_ref().map(q)), ("max", max.as_ref().map(q))],
        ),
        Dist::Never { p, law } => format!("Never({p}, else {})", dist_text(law)),
        Dist::Poisson(mean) => format!("Poisson({mean})"),
        Dist::Geometric { mean } => format!("Geometric(mean: {mean})"),
        Dist::NegativeBinomial { mean, dispersion } => {
            named("NegativeBinomial", &[("mean", number(*mean)), ("dispersion", number(*dispersion))])
        }
    }
}
