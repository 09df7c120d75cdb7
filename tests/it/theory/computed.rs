//! What is computed and not simulated: laws, deadlines, clocks, statistics, indices of functions: A22 to A26, A33 to A36.

use std::f64::consts::PI;

use blueprint_sim::stats::sensitivity::{elementary_effects, sobol_indices};
use blueprint_sim::stats::{
    clopper_pearson, mean, quantile_type1, quantile_type7, sd, sd_interval, t_interval, wilson,
    zero_events_bound,
};

use crate::verification::{Row, close, equal, hold};
use crate::workshop::Workshop;

const HOW: &str = "`check --evaluate`; no simulation.";

/// What the program answers to an expression.
fn answer(w: &Workshop, expression: &str) -> Vec<String> {
    let output = w.command("check --evaluate").arg(expression).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn value(w: &Workshop, expression: &str) -> f64 {
    answer(w, expression)[0].split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a22_deadlines_in_hours() {
    let w = Workshop::new();
    let due = |event: &str, after: &str| {
        let zone = "Europe/Brussels";
        answer(&w, &format!(r#"Deadline(event: "{event} {zone}", after: {after}, zone: "{zone}")"#)).join(" ")
    };
    let event = "2026-01-30 14:37";
    let rows = [
        equal(
            "event",
            "2026-01-30T13:37:00Z",
            answer(&w, r#"Instant("2026-01-30 14:37 Europe/Brussels")"#).join(" "),
        ),
        equal("24h_exact", "2026-01-31T13:37:00Z", due(event, r#"Elapsed("24h")"#)),
        equal("72h_exact", "2026-02-02T13:37:00Z", due(event, r#"Elapsed("72h")"#)),
        equal("24h_1182", "2026-01-31T14:00:00Z", due(event, "Hours(24)")),
        equal("72h_dst", "2026-03-31T19:00:00Z", due("2026-03-28 20:00", r#"Elapsed("72h")"#)),
    ];
    hold("A22", HOW, &rows);
}

#[test]
fn a23_clock_changes() {
    const DAYS: [&str; 14] = [
        "2024-03-31",
        "2024-10-27",
        "2025-03-30",
        "2025-10-26",
        "2026-03-29",
        "2026-10-25",
        "2027-03-28",
        "2027-10-31",
        "2028-03-26",
        "2028-10-29",
        "2029-03-25",
        "2029-10-28",
        "2030-03-31",
        "2030-10-27",
    ];
    let w = Workshop::new();
    for zone in ["Europe/Madrid", "Europe/Athens"] {
        assert_eq!(answer(&w, &format!(r#"ClockChanges("{zone}", 2024, 2030)"#)).len(), 14);
    }
    let found = answer(&w, r#"ClockChanges("Europe/Brussels", 2024, 2030)"#);
    let rows: Vec<Row> = DAYS
        .iter()
        .zip(&found)
        .map(|(day, found)| equal(&day[..7], format!("{day}T01:00:00Z"), found))
        .collect();
    assert_eq!(rows.len(), found.len());
    hold("A23", HOW, &rows);
}

#[test]
fn a24_log_normal_by_median_and_p90() {
    let w = Workshop::new();
    let law = r#"LogNormal(median: "2h", p90: "8h")"#;
    let parameters = answer(&w, &format!("Parameters({law})")).join(" ");
    let sigma: f64 = parameters.split("sigma ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let of = |what: &str| value(&w, &what.replace('L', law));
    let rows = [
        close("D.z90", 1.28155156554, value(&w, "NormalQuantile(0.9)"), 1e-9),
        close("1.sigma", 1.08173123766, sigma, 1e-9),
        close("1.mean", 3.5902377137, of("Mean(L)"), 1e-9),
        close("1.sd", 5.35228673166, of("Sd(L)"), 1e-9),
        close("1.p95", 11.8512900924, of("Quantile(0.95, L)"), 1e-9),
        close("1.p99", 24.7699282184, of("Quantile(0.99, L)"), 1e-9),
        close("1.P(T>24)", 0.0108049032056, of(r#"Above("24h", L)"#), 1e-9),
    ];
    hold("A24", HOW, &rows);
}

#[test]
fn a25_pert() {
    let w = Workshop::new();
    let law = r#"Pert(min: "2h", mode: "5h", max: "14h")"#;
    let rows = [
        equal(
            "alpha, beta",
            "alpha 2 beta 4 min 2 max 14",
            answer(&w, &format!("Parameters({law})")).join(" "),
        ),
        close("mean", 6.0, value(&w, &format!("Mean({law})")), 1e-9),
        close("sd", 2.1380899353, value(&w, &format!("Sd({law})")), 1e-9),
        close("p90", 9.00668449543, value(&w, &format!("Quantile(0.9, {law})")), 1e-9),
    ];
    hold("A25", HOW, &rows);
}

#[test]
fn a26_quantile_table() {
    let w = Workshop::new();
    let law = r#"Quantiles([(0, "1h"), (0.5, "4h"), (0.9, "10h"), (1, "30h")])"#;
    let rows = [
        close("mean", 6.05, value(&w, &format!("Mean({law})")), 1e-9),
        close("q75", 7.75, value(&w, &format!("Quantile(0.75, {law})")), 1e-9),
    ];
    hold("A26", HOW, &rows);
}

#[test]
fn laws_in_closed_form() {
    let w = Workshop::new();
    let e = (-1.0_f64).exp();
    let rows = [
        ("Sd(Gamma(mean: \"6h\", shape: 2))", 6.0 / 2.0_f64.sqrt()),
        ("Mean(Beta(alpha: 2, beta: 3))", 0.4),
        ("Sd(Beta(alpha: 2, beta: 3))", 0.2),
        ("Mean(Empirical([\"1h\", \"2h\", \"6h\"]))", 3.0),
        ("Quantile(0.5, Shifted(by: \"1h\", law: Exponential(mean: \"2h\")))", 1.0 + 2.0 * 2.0_f64.ln()),
        (
            "Quantile(0.5, Truncated(law: Exponential(mean: \"1h\"), max: \"2h\"))",
            -((0.5 + 0.5 * e * e).ln()),
        ),
        ("Quantile(0.5, Truncated(law: Exponential(mean: \"1h\"), below_p: 0.5))", -(0.75_f64.ln())),
        ("Quantile(0.9, Clamped(law: Exponential(mean: \"1h\"), max: \"2h\"))", 2.0),
        ("Quantile(0.95, LogNormal(quantiles: [(0.5, \"2h\"), (0.9, \"8h\")]))", 11.8512900924),
        ("AtMost(\"1h\", Never(p: 0.25, law: Exponential(mean: \"1h\")))", 0.75 * (1.0 - e)),
        ("Mean(Weibull(shape: 2, scale: \"1h\"))", std::f64::consts::PI.sqrt() / 2.0),
        ("Quantile(0.5, Triangular(min: \"0h\", mode: \"1h\", max: \"2h\"))", 1.0),
    ]
    .map(|(what, expected)| close(&what.replace('|', "/"), expected, value(&w, what), 1e-7));
    hold("T laws in closed form", HOW, &rows);
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn words(mut state: u64) -> impl Iterator<Item = u64> {
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// A row of an estimate by sampling.
fn sampled(name: &str, expected: f64, found: f64, within: f64) -> Row {
    assert!((found - expected).abs() <= within, "{name}: {found} instead of {expected}");
    let number = crate::verification::number;
    Row {
        name: name.to_owned(),
        expected: number(expected),
        found: number(found),
        tolerance: format!("{within}"),
    }
}

#[test]
fn a33_ishigami() {
    let ishigami = |point: &[f64]| {
        let x: Vec<f64> = point.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
        x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
    };
    let found = sobol_indices(ishigami, 3, 1 << 12, &mut words(33)).unwrap();
    let second = found.second.iter().find(|(pair, _)| *pair == (0, 2)).unwrap().1.value;
    let mut rows = vec![
        sampled("mean", 3.5, found.mean, 0.035),
        sampled("var", 13.8445879407, found.variance, 0.138),
        sampled("S13", 0.243683664062, second, 0.02),
    ];
    for (i, expected) in [0.313905191148, 0.44241114479, 0.0].into_iter().enumerate() {
        rows.push(sampled(&format!("S{}", i + 1), expected, found.first[i].value, 0.02));
    }
    for (i, expected) in [0.55758885521, 0.44241114479, 0.243683664062].into_iter().enumerate() {
        rows.push(sampled(&format!("ST{}", i + 1), expected, found.total[i].value, 0.02));
    }
    hold("A33", "`stats::sensitivity::sobol_indices`, 2^15 base points.", &rows);
}

#[test]
fn a34_morris_linear() {
    let linear = |x: &[f64]| 3.0 * x[0] - 2.0 * x[1] + 0.5 * x[2] + 0.0 * x[3];
    let found = elementary_effects(linear, 4, 20, &mut words(34)).unwrap();
    let mut rows = Vec::new();
    for (i, slope) in [3.0, -2.0, 0.5, 0.0].into_iter().enumerate() {
        rows.push(close(&format!("lin.mu {}", i + 1), slope, found[i].mu, 1e-9));
        rows.push(close(&format!("lin.mustar {}", i + 1), f64::abs(slope), found[i].mu_star, 1e-9));
        rows.push(sampled(&format!("lin.sigma {}", i + 1), 0.0, (found[i].sigma * 1e9).round() / 1e9, 1e-9));
    }
    hold("A34", "`stats::sensitivity::elementary_effects`, 20 trajectories.", &rows);
}

#[test]
fn a35_t_interval() {
    let data = [12.1, 9.8, 15.3, 11.0, 8.7, 13.9, 10.4, 22.6, 9.1, 12.8, 11.7, 14.2];
    let spread = sd_interval(&data, 0.95).unwrap();
    let rows = [
        close("mean", 12.6333333333, mean(&data).unwrap(), 1e-9),
        close("sd", 3.75773948812, sd(&data).unwrap(), 1e-9),
        close("median", 11.9, quantile_type7(&data, 0.5).unwrap(), 1e-9),
        close("hw95", 2.38755376364, t_interval(&data, 0.95).unwrap().half_width(), 1e-9),
        close("hw99", 3.36907316313, t_interval(&data, 0.99).unwrap().half_width(), 1e-9),
        close("p90_type1", 15.3, quantile_type1(&data, 0.9).unwrap(), 1e-9),
        close("p90_type7", 15.19, quantile_type7(&data, 0.9).unwrap(), 1e-9),
        close("sd_ci95, lower", 2.66196443159, spread.lo, 1e-9),
        close("sd_ci95, upper", 6.38018327322, spread.hi, 1e-9),
    ];
    hold("A35", "Public functions of `stats`.", &rows);
}

#[test]
fn a36_proportion() {
    let (wilson, clopper) = (wilson(57, 60, 0.95).unwrap(), clopper_pearson(57, 60, 0.95).unwrap());
    let rows = [
        close("wilson, lower", 0.862994835237, wilson.lo, 1e-9),
        close("wilson, upper", 0.982850497836, wilson.hi, 1e-9),
        close("clopper, lower", 0.860756753279, clopper.lo, 1e-9),
        close("clopper, upper", 0.989567670356, clopper.hi, 1e-9),
        close("rule3_0of60", 0.0487029133101, zero_events_bound(60, 0.95).unwrap(), 1e-9),
    ];
    hold("A36", "Public functions of `stats`.", &rows);
}
