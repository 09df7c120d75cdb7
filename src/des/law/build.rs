//! The constructors of laws: arguments are checked here and nowhere later.

use super::error::Check;
use super::{Kind, Law, LawError, Mixture};

/// Less probability than this inside the bounds of a truncation cannot be resolved by a 52-bit uniform.
const LEAST_MASS: f64 = 1e-9;

/// # Errors
/// Every constructor returns a [`LawError`] that names the argument, for NaN, infinity and values out of
/// the stated range.
impl Law {
    /// Always `value`.
    pub fn fixed(value: f64) -> Result<Self, LawError> {
        Ok(Self(Kind::Fixed(Check("fixed").finite("value", value)?)))
    }

    /// Uniform between `lo` and `hi`, `lo` < `hi`.
    pub fn uniform(lo: f64, hi: f64) -> Result<Self, LawError> {
        let check = Check("uniform");
        check.finite("lo", lo)?;
        check.that("hi", hi, "above `lo`", hi > lo)?;
        Ok(Self(Kind::Uniform { lo, hi }))
    }

    /// Exponential with the given mean, above 0.
    pub fn exponential(mean: f64) -> Result<Self, LawError> {
        Ok(Self(Kind::Exponential { mean: Check("exponential").positive("mean", mean)? }))
    }

    /// Log-normal: `exp(mu + sigma Z)`, `sigma` above 0. See also
    /// [`log_normal_from`](Self::log_normal_from).
    pub fn log_normal(mu: f64, sigma: f64) -> Result<Self, LawError> {
        let check = Check("log-normal");
        check.that("mu", mu, "between -700 and 700", mu.abs() <= 700.0)?;
        check.that("sigma", sigma, "above 0 and at most 20", sigma > 0.0 && sigma <= 20.0)?;
        Ok(Self(Kind::LogNormal { mu, sigma }))
    }

    /// Triangular on [`min`, `max`] with its peak at `mode`.
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Self, LawError> {
        three_points(Check("triangular"), min, mode, max)?;
        Ok(Self(Kind::Triangular { min, mode, max }))
    }

    /// PERT: beta on [`min`, `max`] with `alpha = 1 + weight (mode - min) / (max - min)` and `beta = 1 +
    /// weight (max - mode) / (max - min)`; the usual weight is 4, mean (min + 4 mode + max) / 6.
    ///
    /// D. Malcolm et al., Operations Research 7 (1959) 646-669; D. Vose, Risk Analysis (2008), for the
    /// weight.
    pub fn pert(min: f64, mode: f64, max: f64, weight: f64) -> Result<Self, LawError> {
        let check = Check("PERT");
        three_points(check, min, mode, max)?;
        check.that("weight", weight, "above 0 and at most 1e5", weight > 0.0 && weight <= 1e5)?;
        let width = max - min;
        let alpha = 1.0 + weight * (mode - min) / width;
        let beta = 1.0 + weight * (max - mode) / width;
        Ok(Self(Kind::Beta { alpha, beta, min, max }))
    }

    /// Beta with shapes `alpha` and `beta` (0.01 to 1e6), stretched over [`min`, `max`].
    pub fn beta(alpha: f64, beta: f64, min: f64, max: f64) -> Result<Self, LawError> {
        let check = Check("beta");
        check.shape("alpha", alpha)?;
        check.shape("beta", beta)?;
        check.finite("min", min)?;
        check.that("max", max, "above `min`", max > min)?;
        Ok(Self(Kind::Beta { alpha, beta, min, max }))
    }

    /// Weibull: `scale (-ln(1 - u))^(1 / shape)`; shape 0.01 to 1e6, scale above 0.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, LawError> {
        let check = Check("Weibull");
        check.shape("shape", shape)?;
        check.positive("scale", scale)?;
        Ok(Self(Kind::Weibull { shape, scale }))
    }

    /// Weibull of the given shape and median: `scale = median / (ln 2)^(1 / shape)`.
    pub fn weibull_median(shape: f64, median: f64) -> Result<Self, LawError> {
        let check = Check("Weibull");
        check.shape("shape", shape)?;
        check.positive("median", median)?;
        let scale = median / libm::pow(std::f64::consts::LN_2, 1.0 / shape);
        check.that("median", median, "such that the scale is finite and not 0", scale.is_normal())?;
        Ok(Self(Kind::Weibull { shape, scale }))
    }

    /// Gamma with mean `shape * scale`; shape 0.01 to 1e6, scale above 0.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, LawError> {
        let check = Check("gamma");
        check.shape("shape", shape)?;
        check.positive("scale", scale)?;
        Ok(Self(Kind::Gamma { shape, scale }))
    }

    /// Erlang: the sum of `k` exponentials, with the given mean of the sum.
    pub fn erlang(k: u32, mean: f64) -> Result<Self, LawError> {
        let check = Check("Erlang");
        let shape = f64::from(k);
        check.that("k", shape, "between 1 and 1e6", (1.0..=1e6).contains(&shape))?;
        check.positive("mean", mean)?;
        if k == 1 {
            return Self::exponential(mean);
        }
        Ok(Self(Kind::Gamma { shape, scale: mean / shape }))
    }

    /// One of the given values, each as likely as the others (a value may stand more than once).
    pub fn empirical(values: &[f64]) -> Result<Self, LawError> {
        let check = Check("empirical");
        if values.is_empty() {
            return Err(LawError::TooFew { law: check.0, what: "values", least: 1, got: 0 });
        }
        let mut sorted = values.to_vec();
        for &value in values {
            check.finite("values", value)?;
        }
        sorted.sort_by(f64::total_cmp);
        Ok(Self(Kind::Empirical(sorted)))
    }

    /// The quantile function through the points (probability, value), linear between them. The
    /// probabilities rise from 0 to 1; equal values at two of them are an atom.
    pub fn quantile_table(points: &[(f64, f64)]) -> Result<Self, LawError> {
        let check = Check("table of quantiles");
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Err(LawError::TooFew { law: check.0, what: "points", least: 2, got: 0 });
        };
        if points.len() < 2 {
            return Err(LawError::TooFew { law: check.0, what: "points", least: 2, got: points.len() });
        }
        check.finite("value", first.1)?;
        check.that("first probability", first.0, "0", first.0 == 0.0)?;
        check.that("last probability", last.0, "1", last.0 == 1.0)?;
        for pair in points.windows(2) {
            check.that("probability", pair[1].0, "above the one before", pair[1].0 > pair[0].0)?;
            check.that("value", pair[1].1, "at least the one before", pair[1].1 >= pair[0].1)?;
        }
        Ok(Self(Kind::QuantileTable(points.to_vec())))
    }

    /// One of several laws with probability proportional to its weight (at least 0, not all 0). It is
    /// sampled by the inverse of the mixed distribution function, not by choosing a part, so it rises with
    /// the word like any law.
    pub fn mixture(parts: &[(f64, Law)]) -> Result<Self, LawError> {
        let check = Check("mixture");
        for (weight, _) in parts {
            check.not_negative("weight", *weight)?;
        }
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        if parts.is_empty() {
            return Err(LawError::TooFew { law: check.0, what: "parts", least: 1, got: 0 });
        }
        check.that("sum of weights", total, "above 0", total > 0.0)?;
        let mut parts: Vec<(f64, Law)> =
            parts.iter().filter(|part| part.0 > 0.0).map(|(w, law)| (w / total, law.clone())).collect();
        parts.sort_by(|a, b| {
            let (a, b) = (a.1.support(), b.1.support());
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let stacked = parts.windows(2).all(|pair| pair[0].1.support().1 <= pair[1].1.support().0);
        Ok(Self(Kind::Mixture(Mixture { parts, stacked })))
    }

    /// `offset + X`.
    pub fn shifted(self, offset: f64) -> Result<Self, LawError> {
        let shift = Check("shifted").finite("offset", offset)?;
        Ok(Self(Kind::Affine { shift, scale: 1.0, law: Box::new(self) }))
    }

    /// `factor * X`, factor above 0.
    pub fn scaled(self, factor: f64) -> Result<Self, LawError> {
        let scale = Check("scaled").positive("factor", factor)?;
        Ok(Self(Kind::Affine { shift: 0.0, scale, law: Box::new(self) }))
    }

    /// X given `lo <= X <= hi` (conditional, not clamped): the uniform is restricted to
    /// `(P(X < lo), P(X <= hi))`. A bound may be infinite, for none. Refused when the bounds hold less than
    /// a billionth of the probability.
    pub fn truncated(self, lo: f64, hi: f64) -> Result<Self, LawError> {
        let check = Check("truncated");
        bounds(check, lo, hi)?;
        // P(X < lo) is P(X <= the number before lo).
        let from = self.cdf(lo.next_down());
        let to = self.cdf(hi);
        // Also false for NaN.
        if to - from >= LEAST_MASS {
            Ok(Self(Kind::Truncated { from, to, lo, hi, law: Box::new(self) }))
        } else {
            Err(check.contradiction(format!(
                "the law has next to no probability between {lo} and {hi} ({:e})",
                to - from
            )))
        }
    }

    /// X given that its uniform lies between the probabilities `from` and `to`: its lowest `from` and
    /// highest `1 - to` cut off.
    pub fn truncated_by_probability(self, from: f64, to: f64) -> Result<Self, LawError> {
        let check = Check("truncated");
        check.that("from", from, "between 0 and 1", (0.0..=1.0).contains(&from))?;
        check.that("to", to, "above `from` and at most 1", to - from >= LEAST_MASS && to <= 1.0)?;
        let (lo, hi) = (self.quantile(from), self.quantile(to));
        Ok(Self(Kind::Truncated { from, to, lo, hi, law: Box::new(self) }))
    }

    /// X moved to the nearest of [`lo`, `hi`] if it is outside: the bounds become atoms. A bound may be
    /// infinite, for none. What never happens stays so.
    pub fn clamped(self, lo: f64, hi: f64) -> Result<Self, LawError> {
        bounds(Check("clamped"), lo, hi)?;
        Ok(Self(Kind::Clamped { lo, hi, law: Box::new(self) }))
    }

    /// Never: infinity for certain.
    #[must_use]
    pub fn never() -> Self {
        Self(Kind::Never)
    }

    /// X with probability `1 - p`, never (infinity) with probability `p`. The words above `1 - p` are the
    /// never, so a smaller `p` turns some never into a value and no value into a never.
    pub fn or_never(self, p: f64) -> Result<Self, LawError> {
        Check("never").that("p", p, "between 0 and 1", (0.0..=1.0).contains(&p))?;
        Ok(match p {
            0.0 => self,
            1.0 => Self::never(),
            p => Self(Kind::OrNever { p, law: Box::new(self) }),
        })
    }

    /// Poisson on 0, 1, 2, ... with the given mean, above 0 and at most 1e6.
    pub fn poisson(mean: f64) -> Result<Self, LawError> {
        let check = Check("Poisson");
        check.that("mean", mean, "above 0 and at most 1e6", mean > 0.0 && mean <= 1e6)?;
        Ok(Self(Kind::Poisson { mean }))
    }

    /// Geometric on 0, 1, 2, ...: failures before the first success of probability `p`, at least 1e-9; mean (1 - p) / p.
    pub fn geometric(p: f64) -> Result<Self, LawError> {
        let good = (1e-9..1.0).contains(&p);
        Ok(Self(Kind::Geometric { p: Check("geometric").that("p", p, "at least 1e-9 and below 1", good)? }))
    }

    /// Negative binomial on 0, 1, 2, ...: failures before success number `r` (0.01 to 1e6, need not be
    /// whole) of probability `p` each; mean r (1 - p) / p, at most 1e6.
    pub fn negative_binomial(r: f64, p: f64) -> Result<Self, LawError> {
        let check = Check("negative binomial");
        check.shape("r", r)?;
        check.inner_probability("p", p)?;
        if r * (1.0 - p) > 1e6 * p {
            return Err(check.contradiction("the mean r (1 - p) / p must be at most 1e6"));
        }
        Ok(Self(Kind::NegativeBinomial { r, p }))
    }

    /// Negative binomial by its mean (above 0) and dispersion k (0.01 to 1e6): variance mean + mean^2 / k,
    /// so `r = k`, `p = k / (k + mean)` (J. Lloyd-Smith et al., Nature 438 (2005) 355-359).
    pub fn negative_binomial_mean(mean: f64, dispersion: f64) -> Result<Self, LawError> {
        let check = Check("negative binomial");
        check.that("mean", mean, "above 0 and at most 1e6", mean > 0.0 && mean <= 1e6)?;
        check.shape("dispersion", dispersion)?;
        Self::negative_binomial(dispersion, dispersion / (dispersion + mean))
    }
}

/// Checks `min <= mode <= max`, `min < max`.
fn three_points(check: Check, min: f64, mode: f64, max: f64) -> Result<(), LawError> {
    check.finite("min", min)?;
    check.that("max", max, "above `min`", max > min)?;
    check.that("mode", mode, "between `min` and `max`", (min..=max).contains(&mode))?;
    Ok(())
}

/// Checks `lo < hi`, infinite ones allowed on their own side.
fn bounds(check: Check, lo: f64, hi: f64) -> Result<(), LawError> {
    if lo.is_nan() || lo == f64::INFINITY {
        return Err(LawError::NotFinite { law: check.0, argument: "lo", value: lo });
    }
    if hi.is_nan() || hi == f64::NEG_INFINITY {
        return Err(LawError::NotFinite { law: check.0, argument: "hi", value: hi });
    }
    if lo < hi { Ok(()) } else { Err(check.contradiction(format!("`lo` {lo} must be below `hi` {hi}"))) }
}
