//! Textbook models of the flow of work, and A14.

use super::{Misses, each, four, theory};
use crate::laboratory::{Results, replicate, results, textbook};

/// (1 - rho) rho^K / (1 - rho^(K + 1)), K = 5.
#[test]
fn a_desk_with_few_places() {
    let model = textbook("mm1k");
    theory(10, |seed, n| {
        let mut misses = Misses::default();
        misses.mean("lost", &each(&results(&model, seed, n), "lost", "mean"), 0.12602254998837);
        misses
    });
}

/// Birth and death: (5 - i) / 10 up, min(i, 2) / 2 down.
#[test]
fn machines_and_repairers() {
    let model = textbook("repair");
    theory(10, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("down", &each(&runs, "down", "mean"), 2.16743119266055);
        misses.mean("rate", &each(&runs, "down", "rate_per_hour"), 0.410933081998115);
        misses.mean("queue", &each(&runs, "queue", "time_average"), 0.0688030160226202);
        misses.mean("busy", &each(&runs, "busy", "time_average"), 2.0 * 0.410933081998115);
        misses
    });
}

/// Erlang-A by birth and death: 3 up, min(i, 2) + max(0, i - 2) / 2 down.
#[test]
fn impatient_callers() {
    let model = textbook("erlang-a");
    theory(10, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("lost", &each(&runs, "lost", "mean"), 0.384559063436593);
        misses.mean("queue", &each(&runs, "queue", "time_average"), 2.30735438061956);
        misses
    });
}

/// 1 / (mu - lambda_1) and (1 / mu) / ((1 - rho_1)(1 - rho_1 - rho_2)).
#[test]
fn urgent_work_interrupts() {
    let model = textbook("preemptive");
    theory(10, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        for (urgent, routine) in [("urgent", "routine"), ("asks", "routine-d")] {
            misses.mean(urgent, &each(&runs, urgent, "mean"), 1.0 / 0.7);
            misses.mean(routine, &each(&runs, routine, "mean"), 1.0 / 0.28);
        }
        misses
    });
}

/// Jackson: the flow through both desks is 0.5 / 0.6 per hour, L = sum of rho / (1 - rho).
#[test]
fn desks_with_rework() {
    let model = textbook("jackson");
    theory(10, |seed, n| {
        let runs = results(&model, seed, n);
        let (one, two) = (0.5 / 0.6 * 0.5, 0.5 / 0.6 * 2.0 / 3.0);
        let open: f64 = one / (1.0 - one) + two / (1.0 - two);
        let mut misses = Misses::default();
        misses.mean("open", &each(&runs, "open", "time_average"), open);
        misses.mean("time", &each(&runs, "time", "mean"), open / 0.5);
        let (first, second): (f64, f64) = (
            each(&runs, "first-visits", "count").iter().sum(),
            each(&runs, "second-visits", "count").iter().sum(),
        );
        misses.near("share that comes again", second / first, 0.4, four(0.49, first as usize));
        misses
    });
}

/// Pollaczek and Khinchine; last come first served has the mean of the other order and (1 - rho) times less of the
/// second moment; batches of two; servers without limit.
#[test]
fn one_server_in_several_ways() {
    let model = textbook("mg1");
    theory(10, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("general", &each(&runs, "general", "mean"), 0.75);
        misses.mean("last", &each(&runs, "last", "mean"), 1.0);
        misses.mean("last, variance", &each(&runs, "last", "variance"), 7.0);
        misses.mean("batch", &each(&runs, "batch", "mean"), 3.75);
        misses.mean("all", &each(&runs, "all", "time_average"), 0.7);
        misses
    });
}

/// Falin: rho / (1 - rho) (lambda / theta + rho) callers wait to call again.
#[test]
fn callers_that_call_again() {
    let model = textbook("retrial");
    theory(10, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("open", &each(&runs, "open", "time_average"), 1.5);
        misses.mean("time", &each(&runs, "time", "mean"), 3.0);
        misses
    });
}

/// Minimum of exponentials, and the second of three; the losers stop working.
#[test]
fn losers_of_a_race_are_withdrawn() {
    let model = textbook("race");
    theory(20_000, |seed, n| {
        let runs = results(&model, seed, n);
        let hours = |name: &str| -> Vec<f64> { runs.iter().map(|r| r.hours(name).unwrap()).collect() };
        let mut misses = Misses::default();
        let won = hours("won");
        misses.mean_of("first of two", &won, 1.0 / 3.0, 1.0 / 3.0);
        misses.mean_of("two of three", &hours("enough"), 5.0, 6.0 * (1.0_f64 / 9.0 + 0.25).sqrt());
        misses.share("slow wins", runs.iter().map(|r| r.hours("slow").is_some()), 1.0 / 3.0, 0.4715);
        for (run, won) in runs.iter().zip(won) {
            for desk in ["a", "b"] {
                assert!((run.value(desk, "integral") - won).abs() < 1e-9, "a desk works on after the race");
            }
        }
        misses
    });
}

/// The smallest root of q = G(q), G the generating function of the offspring.
#[test]
fn a14_cascades_die_out() {
    for (name, expected) in
        [("cascade", 0.20318787), ("cascade-geometric", 0.5), ("cascade-nb", 0.64038820320221)]
    {
        let model = textbook(name);
        theory(20_000, |seed, n| {
            let alive =
                replicate(&model, seed, n, |trace| Results::of(&model, trace).hours("alive").is_some());
            let mut misses = Misses::default();
            let sd = (expected * (1.0_f64 - expected)).sqrt();
            misses.share(name, alive.into_iter().map(|alive| !alive), expected, sd);
            misses
        });
    }
}

/// Copies after 0, 10, 30 and 70 minutes.
#[test]
fn retries_further_and_further_apart() {
    let model = textbook("backoff");
    theory(20_000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let there: Vec<f64> = runs.iter().filter_map(|r| r.hours("there").map(|h| 60.0 * h)).collect();
        misses.mean("minutes", &there, 12.3333333333333);
        misses.mean_of("copies", &each(&runs, "copies", "mean"), 1.875, 1.06);
        misses.share("failed", runs.iter().map(|r| r.value("failed", "mean") > 0.5), 0.0625, 0.243);
        let longest = there.iter().copied().fold(0.0, f64::max);
        misses.near("longest", longest, 71.0, 1e-9);
        misses
    });
}
