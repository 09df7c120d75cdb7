//! Tests of the laws: known values, inversion, moments against samples, refused arguments.

use super::*;
use crate::des::special::{normal_cdf, normal_quantile};
use crate::des::{NameHash, Streams, Tally};

/// One of each kind of law, with awkward ones among them; the names key the pinned draws.
pub(super) fn catalogue() -> Vec<(&'static str, Law)> {
    let exponential = || Law::exponential(2.0).unwrap();
    let log_normal = || Law::log_normal(1.0, 0.8).unwrap();
    let normal_facts =
        Law::log_normal_from(LogNormalFact::Median(2.0), LogNormalFact::Quantile { p: 0.9, value: 8.0 });
    let table = [(0.0, 1.0), (0.5, 4.0), (0.9, 10.0), (1.0, 30.0)];
    let atoms = [(0.0, -1.0), (0.2, 0.0), (0.6, 0.0), (1.0, 5.0)];
    let overlapping = [(3.0, exponential()), (1.0, Law::uniform(1.0, 2.0).unwrap()), (0.0, Law::never())];
    let stacked = [(0.3, Law::never()), (0.5, log_normal()), (0.2, Law::fixed(-1.0).unwrap())];
    vec![
        ("fixed", Law::fixed(3.5).unwrap()),
        ("uniform", Law::uniform(-1.0, 4.0).unwrap()),
        ("exponential", exponential()),
        ("log-normal", log_normal()),
        ("log-normal by facts", normal_facts.unwrap()),
        ("triangular", Law::triangular(2.0, 5.0, 14.0).unwrap()),
        ("pert", Law::pert(2.0, 5.0, 14.0, 4.0).unwrap()),
        ("beta u-shaped", Law::beta(0.4, 0.7, 0.0, 1.0).unwrap()),
        ("weibull", Law::weibull(1.5, 10.0).unwrap()),
        ("weibull by median", Law::weibull_median(0.7, 3.0).unwrap()),
        ("gamma", Law::gamma(2.5, 4.0).unwrap()),
        ("gamma below one", Law::gamma(0.3, 1.0).unwrap()),
        ("erlang", Law::erlang(4, 6.0).unwrap()),
        ("empirical", Law::empirical(&[5.0, 1.0, 3.0, 3.0, 9.0]).unwrap()),
        ("quantile table", Law::quantile_table(&table).unwrap()),
        ("quantile table with atom", Law::quantile_table(&atoms).unwrap()),
        ("mixture", Law::mixture(&overlapping).unwrap()),
        ("mixture stacked", Law::mixture(&stacked).unwrap()),
        ("shifted", exponential().shifted(-5.0).unwrap()),
        ("scaled", log_normal().scaled(3.6e9).unwrap()),
        ("truncated", log_normal().truncated(1.0, 6.0).unwrap()),
        ("truncated poisson", Law::poisson(3.0).unwrap().truncated(1.0, f64::INFINITY).unwrap()),
        ("truncated by probability", exponential().truncated_by_probability(0.05, 0.95).unwrap()),
        ("clamped", log_normal().clamped(1.0, 6.0).unwrap()),
        ("or never", exponential().or_never(0.25).unwrap()),
        ("poisson", Law::poisson(7.5).unwrap()),
        ("poisson large", Law::poisson(4321.0).unwrap()),
        ("geometric", Law::geometric(0.15).unwrap()),
        ("negative binomial", Law::negative_binomial_mean(2.5, 0.16).unwrap()),
    ]
}

fn named(name: &str) -> Law {
    catalogue().into_iter().find(|law| law.0 == name).unwrap().1
}

fn close(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs(), "got {got:e}, expected {expected:e}");
}

fn parameter(law: &Law, name: &str) -> f64 {
    law.parameters().into_iter().find(|parameter| parameter.0 == name).unwrap().1
}

/// Case A24: log-normal of median 2 h and p90 8 h.
#[test]
fn log_normal_by_median_and_p90() {
    let law = named("log-normal by facts");
    close(normal_quantile(0.9), 1.281_551_565_54, 1e-11);
    close(parameter(&law, "sigma"), 1.081_731_237_66, 1e-11);
    close(law.mean().unwrap(), 3.590_237_713_7, 1e-11);
    close(law.sd().unwrap(), 5.352_286_731_66, 1e-11);
    close(law.quantile(0.95), 11.851_290_092_4, 1e-11);
    close(law.quantile(0.99), 24.769_928_218_4, 1e-11);
    close(1.0 - law.cdf(24.0), 0.010_804_903_205_6, 1e-10);
}

/// Case A25: PERT 2, 5, 14 h of weight 4.
#[test]
fn pert_by_minimum_mode_and_maximum() {
    let law = named("pert");
    assert_eq!((parameter(&law, "alpha"), parameter(&law, "beta")), (2.0, 4.0));
    assert_eq!(law.mean(), Some(6.0));
    close(law.sd().unwrap(), 2.138_089_935_3, 1e-11);
    close(law.quantile(0.9), 9.006_684_495_43, 1e-12);
}

/// Case A26: points (0, 1), (0.5, 4), (0.9, 10), (1, 30).
#[test]
fn table_of_quantiles() {
    let law = named("quantile table");
    close(law.mean().unwrap(), 6.05, 1e-15);
    close(law.quantile(0.75), 7.75, 1e-15);
    assert_eq!((law.quantile(0.0), law.quantile(0.5), law.quantile(1.0)), (1.0, 4.0, 30.0));
}

/// `quantile(u)` is the least x with F(x) >= u, and does not fall.
#[test]
fn quantiles_invert_the_distribution_function_and_never_fall() {
    let mut grid: Vec<f64> = (1..2000).map(|i| f64::from(i) / 2000.0).collect();
    grid.extend([1e-15, 1e-12, 1e-6, 1.0 - 1e-6, 1.0 - 1e-12, uniform(u64::MAX)]);
    grid.sort_by(f64::total_cmp);
    for (name, law) in catalogue() {
        let (lo, hi) = law.support();
        let mut before = f64::NEG_INFINITY;
        for &u in &grid {
            let x = law.quantile(u);
            assert!(x >= before * (1.0 - before.signum() * 1e-13), "{name} falls at {u}: {before} to {x}");
            assert!((lo..=hi).contains(&x), "{name} leaves its support at {u}: {x}");
            if x == f64::INFINITY {
                assert!(u >= 1.0 - law.probability_never() - 1e-15, "{name} at {u}");
            } else {
                assert!(law.cdf(x) >= u - 1e-12, "{name} at {u}: F({x}) = {}", law.cdf(x));
                // One step below; an affine map may round that step back, so take a few.
                let below = law.cdf(x - (x.abs() * 1e-14).max(1e-300));
                assert!(below <= u + 1e-12, "{name} at {u}: F just below {x} is {below}");
            }
            before = x;
        }
        assert_eq!((law.quantile(0.0), law.quantile(1.0)), (lo, hi), "{name}");
        assert_eq!((law.quantile(-0.5), law.quantile(7.0)), (lo, hi), "{name}");
        assert!(law.quantile(f64::NAN).is_nan(), "{name}");
        close(law.cdf(f64::MAX), 1.0 - law.probability_never(), 1e-15);
        assert_eq!(law.cdf(f64::INFINITY), 1.0, "{name}");
    }
}

/// 10^5 draws of each law with known moments: mean and variance within four standard errors (the
/// variance's from the fourth moment of the sample). By chance one check in 16000 fails; the seed is fixed.
#[test]
fn sample_moments_agree_with_the_closed_forms() {
    let n = 100_000;
    let mut checked = 0;
    for (name, law) in catalogue() {
        let (Some(mean), Some(sd)) = (law.mean(), law.sd()) else { continue };
        let key = Streams::new(3, 0).key(NameHash::of(name), NameHash::of("moments"));
        let (mut values, mut squares) = (Tally::new(), Tally::new());
        for i in 0..n {
            let x = law.sample(&key, 0, i);
            values.add(x);
            squares.add((x - mean) * (x - mean));
        }
        let root_n = libm::sqrt(n as f64);
        let off = values.mean().unwrap() - mean;
        assert!(off.abs() <= 4.0 * sd / root_n, "{name}: mean off by {off}");
        let off = squares.mean().unwrap() - sd * sd;
        assert!(off.abs() <= 4.0 * squares.sd().unwrap() / root_n, "{name}: variance off by {off}");
        checked += 1;
    }
    assert_eq!(checked, 23);
}

/// Truncation is conditioning: E(X | a <= X <= b) of a log-normal is
/// `exp(mu + s^2/2) (Phi(s - A) - Phi(s - B)) / (Phi(B) - Phi(A))` with A, B the standardised logarithms.
#[test]
fn truncated_is_conditional_and_clamped_is_not() {
    let (mu, s, n) = (1.0, 0.8, 100_000u32);
    let law = named("truncated");
    let z = |x: f64| (libm::log(x) - mu) / s;
    let phi = normal_cdf;
    let expected =
        libm::exp(mu + s * s / 2.0) * (phi(s - z(1.0)) - phi(s - z(6.0))) / (phi(z(6.0)) - phi(z(1.0)));
    // Midpoint rule over the quantile function; smooth on [0, 1], so the error is of order n^-2.
    let integral = |law: &Law| {
        (0..n).map(|i| law.quantile((f64::from(i) + 0.5) / f64::from(n))).sum::<f64>() / f64::from(n)
    };
    close(integral(&law), expected, 1e-8);
    let clamped = named("clamped");
    assert_eq!(clamped.cdf(1.0), named("log-normal").cdf(1.0));
    assert_eq!((clamped.quantile(0.01), clamped.quantile(0.99)), (1.0, 6.0));
    assert_eq!((law.cdf(1.0), law.cdf(6.0)), (0.0, 1.0));
    // A lower bound is included: Poisson given that it is at least 1.
    let poisson = named("truncated poisson");
    assert_eq!(poisson.quantile(1e-9), 1.0);
    close(poisson.cdf(1.0), 3.0 * libm::exp(-3.0) / -libm::expm1(-3.0), 1e-13);
}

/// Rounding must not turn the last uniform into 1, whose quantile is the end of the support.
#[test]
fn the_last_word_gives_a_finite_variate_in_every_law_that_always_happens() {
    let mut laws = catalogue();
    let half = named("exponential").truncated(2.0 * std::f64::consts::LN_2, f64::INFINITY).unwrap();
    let third = [(0.1, Law::fixed(-2.0).unwrap()), (0.7, Law::fixed(-1.0).unwrap()), (0.2, named("gamma"))];
    laws.extend([("upper half", half), ("stacked to the end", Law::mixture(&third).unwrap())]);
    for (name, law) in laws.iter().filter(|law| law.1.probability_never() == 0.0) {
        for word in [u64::MAX, u64::MAX - (1 << 12), 0] {
            assert!(law.quantile(uniform(word)).is_finite(), "{name}");
        }
    }
}

#[test]
fn never_is_infinity_with_its_probability() {
    assert_eq!(Law::never().quantile(0.3), f64::INFINITY);
    let law = named("or never");
    assert_eq!(law.quantile(0.75), f64::INFINITY);
    close(law.quantile(0.375), 2.0 * std::f64::consts::LN_2, 1e-15);
    assert_eq!((law.mean(), law.probability_never()), (None, 0.25));
    close(named("mixture stacked").probability_never(), 0.3, 1e-15);
    assert_eq!(named("mixture").probability_never(), 0.0);
    // Clamping gives no value to what never happens; bounding by truncation excludes it.
    let clamped = law.clone().clamped(0.0, 1.0).unwrap();
    assert_eq!((clamped.quantile(0.5), clamped.quantile(0.9)), (1.0, f64::INFINITY));
    let cut = law.truncated(0.0, 1e9).unwrap();
    assert!(cut.quantile(1.0 - 1e-12) < 1e9 && cut.probability_never() == 0.0);
    assert_eq!(Law::fixed(2.0).unwrap().or_never(0.0).unwrap(), Law::fixed(2.0).unwrap());
}

/// Every pair of facts of one law leads back to it, or, where two laws share them, to the narrower one.
#[test]
fn log_normal_from_any_two_facts() {
    use LogNormalFact::{Mean, Median, Quantile, Sd, Sigma};
    let (mu, sigma) = (0.7, 0.9);
    let law = Law::log_normal(mu, sigma).unwrap();
    let at = |p: f64| Quantile { p, value: law.quantile(p) };
    let facts = [
        Mean(law.mean().unwrap()),
        Median(libm::exp(mu)),
        Sd(law.sd().unwrap()),
        Sigma(sigma),
        at(0.1),
        at(0.75),
        at(0.99),
    ];
    let mut pairs = 0;
    for (i, &first) in facts.iter().enumerate() {
        for &second in &facts[i + 1..] {
            for (a, b) in [(first, second), (second, first)] {
                let made = Law::log_normal_from(a, b).unwrap();
                // sigma^2 / 2 - z sigma = ln(mean / quantile) has the roots sigma and 2 z - sigma.
                let narrower = match (first, second) {
                    (Mean(_), Quantile { p, .. }) if p == 0.75 => 2.0 * normal_quantile(p) - sigma,
                    _ => sigma,
                };
                close(parameter(&made, "sigma"), narrower, 1e-12);
                for fact in [a, b] {
                    match fact {
                        Mean(mean) => close(made.mean().unwrap(), mean, 1e-12),
                        Median(median) => close(made.quantile(0.5), median, 1e-12),
                        Sd(sd) => close(made.sd().unwrap(), sd, 1e-11),
                        Sigma(sigma) => close(parameter(&made, "sigma"), sigma, 1e-12),
                        Quantile { p, value } => close(made.quantile(p), value, 1e-12),
                    }
                }
            }
            pairs += 1;
        }
    }
    assert_eq!(pairs, 21);
}

#[test]
fn laws_in_special_cases_are_the_plain_ones() {
    let u = 0.637;
    assert_eq!(Law::erlang(1, 2.0), Law::exponential(2.0));
    close(Law::weibull(1.0, 2.0).unwrap().quantile(u), named("exponential").quantile(u), 1e-15);
    close(Law::gamma(1.0, 2.0).unwrap().quantile(u), named("exponential").quantile(u), 1e-14);
    close(Law::beta(1.0, 1.0, -1.0, 4.0).unwrap().quantile(u), named("uniform").quantile(u), 1e-14);
    close(named("weibull by median").quantile(0.5), 3.0, 1e-15);
    // Chi-square with 2 k degrees of freedom is Erlang of k parts and mean 2 k: table values for k = 5.
    close(Law::erlang(5, 10.0).unwrap().quantile(0.95), 18.307_038_053_275_143, 1e-12);
    // Negative binomial with r = 1 is geometric.
    let one = Law::negative_binomial(1.0, 0.15).unwrap();
    for i in 1..200 {
        let u = f64::from(i) / 200.0 + 1e-4;
        assert_eq!(one.quantile(u), named("geometric").quantile(u));
    }
    // Poisson 2: P(0) = e^-2, P(X <= 1) = 3 e^-2.
    let poisson = Law::poisson(2.0).unwrap();
    let e = libm::exp(-2.0);
    assert_eq!([e - 1e-12, e + 1e-12, 3.0 * e + 1e-12].map(|u| poisson.quantile(u)), [0.0, 1.0, 2.0]);
}

/// Overlapping parts: half exponential of mean 2, weight 3/4, and uniform on (1, 2), weight 1/4.
#[test]
fn a_mixture_is_inverted_as_a_whole() {
    let law = named("mixture");
    let at = |x: f64| 0.75 * -libm::expm1(-x / 2.0) + 0.25 * (x - 1.0).clamp(0.0, 1.0);
    for x in [0.1, 1.0, 1.5, 2.0, 9.0] {
        close(law.cdf(x), at(x), 1e-15);
        close(law.quantile(at(x)), x, 1e-14);
    }
    // Stacked parts in order of value: -1 with 0.2, then the log-normal, then never with 0.3.
    let stacked = named("mixture stacked");
    assert_eq!((stacked.quantile(0.19), stacked.quantile(0.71)), (-1.0, f64::INFINITY));
    close(stacked.quantile(0.45), libm::exp(1.0), 1e-14);
}

#[test]
fn bad_arguments_are_refused_with_a_clear_text() {
    use LogNormalFact::{Mean, Median, Quantile, Sd, Sigma};
    let x = || Law::exponential(1.0).unwrap();
    let text = |law: Result<Law, LawError>| law.unwrap_err().to_string();
    let cases = [
        (text(Law::exponential(-1.0)), "`mean` of exponential must be above 0, got -1"),
        (text(Law::fixed(f64::NAN)), "`value` of fixed must be a finite number, got NaN"),
        (text(Law::uniform(2.0, 2.0)), "`hi` of uniform must be above `lo`, got 2"),
        (text(Law::log_normal(0.0, 0.0)), "`sigma` of log-normal must be above 0 and at most 20, got 0"),
        (text(Law::pert(2.0, 1.0, 3.0, 4.0)), "`mode` of PERT must be between `min` and `max`, got 1"),
        (text(Law::pert(2.0, 2.0, 3.0, 0.0)), "`weight` of PERT must be above 0 and at most 1e5, got 0"),
        (text(Law::gamma(f64::INFINITY, 1.0)), "`shape` of gamma must be a finite number, got inf"),
        (text(Law::erlang(0, 1.0)), "`k` of Erlang must be between 1 and 1e6, got 0"),
        (text(Law::weibull(1.0, 0.0)), "`scale` of Weibull must be above 0, got 0"),
        (text(Law::beta(1.0, 0.001, 0.0, 1.0)), "`beta` of beta must be between 0.01 and 1e6, got 0.001"),
        (text(Law::empirical(&[])), "empirical needs at least 1 values, got 0"),
        (text(Law::empirical(&[1.0, f64::NAN])), "`values` of empirical must be a finite number, got NaN"),
        (text(Law::quantile_table(&[(0.0, 1.0)])), "table of quantiles needs at least 2 points, got 1"),
        (
            text(Law::quantile_table(&[(0.1, 1.0), (1.0, 2.0)])),
            "`first probability` of table of quantiles must be 0, got 0.1",
        ),
        (
            text(Law::quantile_table(&[(0.0, 3.0), (1.0, 2.0)])),
            "`value` of table of quantiles must be at least the one before, got 2",
        ),
        (text(Law::mixture(&[])), "mixture needs at least 1 parts, got 0"),
        (text(Law::mixture(&[(0.0, x())])), "`sum of weights` of mixture must be above 0, got 0"),
        (text(Law::mixture(&[(-1.0, x())])), "`weight` of mixture must be at least 0, got -1"),
        (text(x().scaled(0.0)), "`factor` of scaled must be above 0, got 0"),
        (text(x().shifted(f64::NAN)), "`offset` of shifted must be a finite number, got NaN"),
        (text(x().clamped(3.0, 2.0)), "clamped: `lo` 3 must be below `hi` 2"),
        (
            text(x().truncated(-3.0, -2.0)),
            "truncated: the law has next to no probability between -3 and -2 (0e0)",
        ),
        (text(x().truncated(f64::NAN, 2.0)), "`lo` of truncated must be a finite number, got NaN"),
        (text(x().or_never(1.5)), "`p` of never must be between 0 and 1, got 1.5"),
        (text(Law::geometric(1.0)), "`p` of geometric must be at least 1e-9 and below 1, got 1"),
        (
            text(Law::negative_binomial(2.0, 1e-7)),
            "negative binomial: the mean r (1 - p) / p must be at most 1e6",
        ),
        (text(Law::poisson(0.0)), "`mean` of Poisson must be above 0 and at most 1e6, got 0"),
        (
            text(Law::log_normal_from(Mean(1.0), Median(2.0))),
            "log-normal: the mean must be above the median and above every lower quantile",
        ),
        (
            text(Law::log_normal_from(Mean(1.0), Quantile { p: 0.9, value: 9.0 })),
            "log-normal: no log-normal law has this mean and a quantile so far above it",
        ),
        (
            text(Law::log_normal_from(Median(4.0), Quantile { p: 0.9, value: 3.0 })),
            "log-normal: of two quantiles the one of the higher probability must be the larger",
        ),
        (
            text(Law::log_normal_from(Sd(1.0), Sd(1.0))),
            "log-normal: two different facts are needed, got the same kind twice",
        ),
        (text(Law::log_normal_from(Sigma(1.0), Mean(0.0))), "`mean` of log-normal must be above 0, got 0"),
    ];
    for (got, expected) in cases {
        assert_eq!(got, expected);
    }
}
