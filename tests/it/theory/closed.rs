//! Textbook models of closed networks, renewals and single experiments.

use super::{Misses, compared, each, theory};
use crate::laboratory::{results, textbook, written};

/// Engset; Gordon and Newell: G(2) / G(3); Pollaczek-Khinchine and half a vacation; Avi-Itzhak and Naor; exhaustive
/// polling (Takagi); two lengths as two priorities (Phipps).
#[test]
fn closed_networks_vacations_breakdowns_polling() {
    let model = textbook("sources");
    theory("T closed networks vacations breakdowns polling", 10, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let mut mean = |measure: &str, statistic: &str, expected: f64| {
            misses.mean(measure, &each(&runs, measure, statistic), expected);
        };
        mean("lost", "mean", 1.0 / 3.0);
        mean("calls", "time_average", 1.25);
        mean("through", "rate_per_hour", 1.75 / 1.875);
        mean("at-work", "time_average", 0.5 * 1.75 / 1.875);
        mean("vacation", "mean", 2.0);
        mean("broken", "mean", 1.31 / 0.495);
        mean("q1", "time_average", 0.2 * 4.0 / 3.0);
        mean("q2", "time_average", 0.2 * 4.0 / 3.0);
        mean("short", "mean", 1.875);
        misses
    });
}

/// E X^2 / 2 E X for who comes at no particular time; one renewal per integral of the survival up to the age.
#[test]
fn renewals_and_who_looks_at_them() {
    let model = textbook("renewals");
    theory("T renewals and who looks at them", 40, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let mut mean = |measure: &str, statistic: &str, expected: f64| {
            misses.mean(measure, &each(&runs, measure, statistic), expected);
        };
        mean("since", "time_average", 2.0 / 3.0);
        // The integral of exp(-(t / 10)^2) from 0 to 8.
        let cycle = 6.576698563;
        mean("failures", "rate_per_hour", 0.472707576 / cycle);
        mean("preventions", "rate_per_hour", 0.527292424 / cycle);
        misses
    });
    // Within half of the longest gap: e - 1 renewals.
    let early = written(
        r#"Blueprint(
            format: 1, name: "early", horizon: "1h",
            levels: [(id: "desk", title: "Desk")],
            parameters: {"gap": (dist: Uniform("0h", "1h"), basis: Assumed("textbook"))},
            actors: {"driver": (title: "Driver", levels: ["desk"])},
            rules: [(id: "buses", actor: Actor("driver"), on: Arrivals("gap"), then: [Work("0h")])],
            measures: {"buses": (of: Opened(class: "buses"), show: [Max])},
        )"#,
    );
    compared(10_000, |seed, n| {
        let mut misses = Misses::default();
        let counts = each(&results(&early, seed, n), "buses", "max");
        misses.mean("renewals", &counts, std::f64::consts::E - 1.0);
        misses.sd_of("their sd", &counts, 0.875_094, 0.8);
        misses
    });
}

/// Two-terminal reliability; a fair game; a Markov chain of who knows; silence against exponential objections; repeat and resume under interruptions.
#[test]
fn one_experiment_a_replication() {
    let model = textbook("chance");
    compared(4000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let hours = |name: &str| -> Vec<f64> { runs.iter().filter_map(|r| r.hours(name)).collect() };
        let mut share = |name: &str, expected: f64| {
            let held = runs.iter().map(|r| r.hours(name).is_some());
            misses.share(name, held, expected, (expected * (1.0 - expected)).sqrt());
        };
        share("reached", 0.91136);
        share("ruined", 0.7);
        share("adopted", (-1.0_f64).exp());
        misses.mean("gossip", &hours("gossip"), 1.0 / 60.0 + 3.190789473684);
        misses.mean("rejected", &hours("rejected"), 10.0 - 10.0 / (1.0_f64.exp() - 1.0));
        // (e^(lambda S) - 1) (1 / lambda + B), and S (1 + lambda B), with the busy time B = b / (1 - lambda b).
        let busy = 0.5 / 0.75;
        misses.mean("anew", &hours("anew"), 0.5_f64.exp_m1() * (2.0 + busy));
        misses.mean("goes on", &hours("goes-on"), 1.0 + 0.5 * busy);
        misses
    });
}
