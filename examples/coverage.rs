//! Measures how often each interval of `stats` holds what it should: `cargo run --release --example coverage`.
//!
//! Every interval is made 10,000 times from fresh samples of a law whose true value is known, and the share of the
//! intervals that hold it is printed beside the stated level. docs/statistics.md shows the result and what it means.
//! The draws are keyed, so the table is the same every time.

use std::io::Write;

use blueprint_sim::des::{NameHash, Streams, uniform};
use blueprint_sim::stats::sensitivity::{Morris, SobolPlan};
use blueprint_sim::stats::{
    self, Interval, clopper_pearson, dkw_half_height, ecdf, kaplan_meier, paired, quantile_interval,
    sd_interval, t_interval, wilson,
};

const LEVEL: f64 = 0.95;
const REPEATS: u64 = 10_000;

/// Uniform numbers of one repeat.
fn uniforms(what: &str, repeat: u64) -> impl Iterator<Item = f64> {
    words(what, repeat).map(uniform)
}

fn words(what: &str, repeat: u64) -> impl Iterator<Item = u64> {
    Streams::new(1, repeat).key(NameHash::of("coverage"), NameHash::of(what)).sub_stream(0, 0)
}

fn exponential(u: f64) -> f64 {
    -libm::log1p(-u)
}

/// A standard normal number by Box and Muller.
fn normals(what: &str, repeat: u64) -> impl Iterator<Item = f64> {
    let mut source = uniforms(what, repeat);
    std::iter::repeat_with(move || {
        let (a, b) = (source.next().unwrap_or(0.5), source.next().unwrap_or(0.5));
        libm::sqrt(-2.0 * libm::log(a)) * libm::cos(2.0 * std::f64::consts::PI * b)
    })
}

/// A row of the table.
struct Row {
    interval: &'static str,
    of: String,
    held: u64,
    made: u64,
}

/// Counts how many of the intervals hold the value.
fn count(
    interval: &'static str,
    of: impl Into<String>,
    truth: f64,
    make: impl Fn(u64) -> Option<Interval>,
) -> Row {
    let (mut held, mut made) = (0, 0);
    for repeat in 0..REPEATS {
        if let Some(found) = make(repeat) {
            made += 1;
            held += u64::from(found.contains(truth));
        }
    }
    Row { interval, of: of.into(), held, made }
}

fn means() -> Vec<Row> {
    let mut rows = Vec::new();
    for n in [20, 50, 200] {
        rows.push(count("mean, t", format!("normal, n = {n}"), 0.0, |r| {
            t_interval(&normals("t-normal", r).take(n).collect::<Vec<_>>(), LEVEL)
        }));
        rows.push(count("mean, t", format!("exponential, n = {n}"), 1.0, |r| {
            t_interval(&uniforms("t-exponential", r).take(n).map(exponential).collect::<Vec<_>>(), LEVEL)
        }));
        // Median 1, sigma 1: mean exp(1/2).
        rows.push(count("mean, t", format!("log-normal, sigma 1, n = {n}"), libm::exp(0.5), |r| {
            t_interval(&normals("t-lognormal", r).take(n).map(libm::exp).collect::<Vec<_>>(), LEVEL)
        }));
    }
    rows.push(count("standard deviation, chi-square", "normal, n = 50", 1.0, |r| {
        sd_interval(&normals("sd-normal", r).take(50).collect::<Vec<_>>(), LEVEL)
    }));
    rows.push(count("standard deviation, chi-square", "exponential, n = 50", 1.0, |r| {
        sd_interval(&uniforms("sd-exponential", r).take(50).map(exponential).collect::<Vec<_>>(), LEVEL)
    }));
    // B = A + 0.2 + noise: what common random numbers give.
    rows.push(count("paired difference, t", "shared and own exponential parts, n = 200", 0.2, |r| {
        let mut source = uniforms("paired", r).map(exponential);
        let mut next = || source.next().unwrap_or(0.0);
        let (a, b): (Vec<f64>, Vec<f64>) = (0..200)
            .map(|_| {
                let shared = next();
                (shared + 0.1 * next() + 0.2, shared + 0.1 * next())
            })
            .unzip();
        paired(&a, &b, LEVEL).map(|p| p.interval)
    }));
    // min(latency, horizon) on both sides: B reaches it later by 0.5, horizon 2. E min(X, c) = 1 - exp(-c).
    let truth = (1.0 - libm::exp(-1.5)) + 0.5 - (1.0 - libm::exp(-2.0));
    rows.push(count(
        "paired difference of a milestone, t",
        "exponential, cut at the horizon, n = 200",
        truth,
        |r| {
            let (a, b): (Vec<f64>, Vec<f64>) = uniforms("milestone", r)
                .take(200)
                .map(exponential)
                .map(|x| ((x + 0.5).min(2.0), x.min(2.0)))
                .unzip();
            paired(&a, &b, LEVEL).map(|p| p.interval)
        },
    ));
    rows
}

fn quantiles_and_shares() -> Vec<Row> {
    let mut rows = Vec::new();
    for (n, p) in [(50, 0.5), (200, 0.5), (200, 0.9), (200, 0.95), (1000, 0.95)] {
        rows.push(count("quantile, order statistics", format!("p = {p}, n = {n}"), exponential(p), |r| {
            quantile_interval(&uniforms("quantile", r).take(n).map(exponential).collect::<Vec<_>>(), p, LEVEL)
        }));
    }
    for (n, p) in [(50, 0.5), (50, 0.1), (200, 0.02), (200, 0.5), (200, 0.95)] {
        let successes = move |r| uniforms("share", r).take(n).filter(|u| *u < p).count() as u64;
        rows.push(count("share, Wilson", format!("p = {p}, n = {n}"), p, |r| {
            wilson(successes(r), n as u64, LEVEL)
        }));
        rows.push(count("share, Clopper-Pearson", format!("p = {p}, n = {n}"), p, |r| {
            clopper_pearson(successes(r), n as u64, LEVEL)
        }));
    }
    rows
}

fn whole_curves() -> Vec<Row> {
    let band = |n: usize| {
        count("distribution, band for the whole curve", format!("n = {n}"), 0.0, move |r| {
            let sample: Vec<f64> = uniforms("band", r).take(n).collect();
            let half = dkw_half_height(n, LEVEL)?;
            let mut below = 0.0;
            let farthest = ecdf(&sample).iter().fold(0.0_f64, |farthest, (value, share)| {
                let gap = (share - value).abs().max((below - value).abs());
                below = *share;
                farthest.max(gap)
            });
            // It holds the whole law or not: written as an interval that holds 0 or not.
            Some(Interval { lo: if farthest <= half { 0.0 } else { 1.0 }, hi: 1.0 })
        })
    };
    // Time to an event of mean 1, watched up to 1.5: E min(T, 1.5) = 1 - exp(-1.5).
    let restricted = |n: usize, early: bool| {
        let of = if early { "censored at random and at the end" } else { "censored at the end only" };
        count("restricted mean, normal", format!("{of}, n = {n}"), 1.0 - libm::exp(-1.5), move |r| {
            let mut source = uniforms("survival", r);
            let sample: Vec<(f64, bool)> = (0..n)
                .map(|_| {
                    let time = exponential(source.next().unwrap_or(0.5));
                    let own = 3.0 * exponential(source.next().unwrap_or(0.5));
                    let until = if early { own.min(1.5) } else { 1.5 };
                    (time.min(until), time <= until)
                })
                .collect();
            let found = kaplan_meier(&sample)?.restricted_mean(1.5)?;
            let half = 1.959_963_984_540_054 * found.standard_error;
            Some(Interval { lo: found.mean - half, hi: found.mean + half })
        })
    };
    vec![band(50), band(200), restricted(50, false), restricted(200, false), restricted(200, true)]
}

/// First, total and second order of the Ishigami function, and mean absolute effects of a product.
fn sensitivities() -> Vec<Row> {
    const FEWER: u64 = 1000;
    let ishigami = |point: &Vec<f64>| {
        let x: Vec<f64> = point.iter().map(|u| std::f64::consts::PI * (2.0 * u - 1.0)).collect();
        let (s1, s2) = (libm::sin(x[0]), libm::sin(x[1]));
        s1 + 7.0 * s2 * s2 + 0.1 * libm::pow(x[2], 4.0) * s1
    };
    let mut rows = Vec::new();
    for n in [64_u32, 512] {
        let found: Vec<stats::sensitivity::SobolIndices> = (0..FEWER)
            .filter_map(|r| {
                let plan = SobolPlan::new(3, n, 8, false, &mut words("sobol", r))?;
                plan.indices(&plan.points().iter().map(ishigami).collect::<Vec<f64>>(), LEVEL)
            })
            .collect();
        let truths = [
            ("first order of x1", 0.313_905_191_148, 0, true),
            ("first order of x3", 0.0, 2, true),
            ("total of x1", 0.557_588_855_21, 0, false),
            ("total of x3", 0.243_683_664_062, 2, false),
        ];
        for (name, truth, i, first) in truths {
            let intervals =
                found.iter().filter_map(|f| if first { f.first[i].interval } else { f.total[i].interval });
            let held: Vec<bool> = intervals.map(|interval| interval.contains(truth)).collect();
            rows.push(Row {
                interval: "Sobol index, t over 8 randomisations",
                of: format!("Ishigami, {name}, 8 x {n} rows"),
                held: held.iter().filter(|held| **held).count() as u64,
                made: held.len() as u64,
            });
        }
    }
    for trajectories in [10, 30] {
        // y = x1 x2 on four levels: the effect of x1 is x2, of mean 1/2.
        rows.push(count(
            "mean absolute effect, t",
            format!("product, {trajectories} trajectories"),
            0.5,
            |r| {
                let plan = Morris::new(2, trajectories, 4, &mut words("morris", r))?;
                let values: Vec<f64> = plan.points().iter().map(|x| x[0] * x[1]).collect();
                plan.effects(&values, LEVEL)?.first()?.interval
            },
        ));
    }
    rows
}

fn main() -> std::io::Result<()> {
    let rows = [means(), quantiles_and_shares(), whole_curves(), sensitivities()].into_iter().flatten();
    let mut out = std::io::stdout().lock();
    writeln!(out, "| interval (stated: 95 %) | sample | measured | repeats |")?;
    writeln!(out, "| --- | --- | --- | --- |")?;
    for row in rows {
        let share = 100.0 * row.held as f64 / row.made.max(1) as f64;
        writeln!(out, "| {} | {} | {share:.1} % | {} |", row.interval, row.of, row.made)?;
    }
    Ok(())
}
