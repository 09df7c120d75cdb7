//! Waiting lines: A01 to A08.

use super::{Misses, average, each, four, latencies, pooled, theory};
use crate::laboratory::{oracle, results};

/// Erlang C.
#[test]
fn a01_three_analysts() {
    let model = oracle("a01");
    theory("A01 three analysts", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let (share, cases) = pooled(&runs, "wait", "share_above(0)");
        misses.near("C", share, 0.647191011236, four(1.88, cases));
        misses.near("Wq", pooled(&runs, "wait", "mean").0, 1.07865168539, four(14.8, cases));
        misses.mean("Wq_p90", &each(&runs, "wait", "quantile(0.9)"), 3.11245215161);
        misses.mean("W", &each(&runs, "sojourn", "mean"), 2.07865168539);
        misses.mean("Lq", &each(&runs, "waiting", "time_average"), 2.58876404494);
        misses
    });
}

/// Cobham.
#[test]
fn a02_two_priorities() {
    let model = oracle("a02");
    theory("A02 two priorities", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        for (class, expected, sd) in [("urgent", 0.791666666667, 2.37), ("routine", 2.11111111111, 11.0)] {
            let (mean, cases) = pooled(&runs, class, "mean");
            misses.near(class, mean, expected, four(sd, cases));
        }
        misses
    });
}

/// Pollaczek-Khinchine.
#[test]
fn a03_handling_of_fixed_length() {
    let model = oracle("a03");
    theory("A03 handling of fixed length", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let (mean, cases) = pooled(&runs, "wait", "mean");
        misses.near("MD1", mean, 2.0, four(15.1, cases));
        misses
    });
}

/// Erlang B.
#[test]
fn a04_hot_lines_that_lose_calls() {
    let model = oracle("a04");
    theory("A04 hot lines that lose calls", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("B5_4", &each(&runs, "B5_4", "mean"), 0.199066874028);
        misses.mean("B10_8", &each(&runs, "B10_8", "mean"), 0.121661064253);
        misses
    });
}

#[test]
fn a05_batch_of_27() {
    let model = oracle("a05");
    theory("A05 batch of 27", 10_000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        for run in &runs {
            assert_eq!(run.micros("det_makespan"), 12_600_000_000, "3.5 h");
            assert!((run.value("det_wait", "mean") / 1.44444444444 - 1.0).abs() < 1e-9);
            assert_eq!(
                (run.row("wait", "count").0, run.row("det_wait", "count").0),
                (Some(27.0), Some(27.0))
            );
        }
        let makespan = latencies(&runs, "makespan");
        misses.mean_of("makespan", &makespan, 3.91666666667, 0.846);
        misses.sd_of("sd_makespan", &makespan, 0.845740963758, 0.718);
        misses.mean_of("meanwait", &each(&runs, "wait", "mean"), 1.27777777778, 0.304);
        let last = each(&runs, "wait", "nth(27)");
        misses.mean_of("wait27", &last, 2.875, 0.599);
        misses.sd_of("sd_wait27", &last, 0.599478940414, 0.452);
        misses
    });
}

/// Waits of the n-th arrival from the embedded chain.
#[test]
fn a06_started_empty() {
    let model = oracle("a06");
    // (n, mean, sd, probability of a wait), then spreads of mean, sd and share.
    let expected = [
        (2, [0.444444444444, 0.831479419283, 0.444444444444], [0.83, 1.53, 0.497]),
        (5, [1.18895940994, 1.58753745021, 0.641828119731], [1.59, 1.98, 0.479]),
        (10, [1.85983208594, 2.2532537171, 0.714829512633], [2.25, 2.57, 0.451]),
        (20, [2.57328341214, 3.00410119494, 0.758092065898], [3.01, 3.4, 0.428]),
    ];
    theory("A06 started empty", 10_000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        for (nth, value, spread) in expected {
            let waits = each(&runs, "wait", &format!("nth({nth})"));
            misses.mean_of(&format!("n{nth}.EW"), &waits, value[0], spread[0]);
            misses.sd_of(&format!("n{nth}.sdW"), &waits, value[1], spread[1]);
            misses.share(&format!("n{nth}.Pwait"), waits.iter().map(|&w| w > 0.0), value[2], spread[2]);
        }
        misses
    });
}

/// Sojourns at the two desks are independent (Burke, Reich).
#[test]
fn a07_desks_in_series() {
    let model = oracle("a07");
    theory("A07 desks in series", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let (mean, cases) = pooled(&runs, "time", "mean");
        misses.near("ET", mean, 5.33333333333, four(16.7, cases));
        // The variance about the true mean, from the means and variances of the replications.
        let squares: Vec<f64> = runs
            .iter()
            .map(|run| {
                let off = run.value("time", "mean") - 5.33333333333;
                run.value("time", "variance") + off * off
            })
            .collect();
        misses.near("VarT", average(&squares), 15.1111111111, four(347.0, cases));
        let above = |level: &str| pooled(&runs, "time", &format!("share_above({level})")).0;
        misses.near("p90", 1.0 - above("10.473821"), 0.9, four(1.1, cases));
        misses.near("p95", 1.0 - above("12.884482"), 0.95, four(0.86, cases));
        misses
    });
}

/// Flatto and Hahn: (12 - rho) / (8 (mu - lambda)).
#[test]
fn a08_fork_and_join() {
    let model = oracle("a08");
    theory("A08 fork and join", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let (mean, cases) = pooled(&runs, "time", "mean");
        assert!(cases > 40_000, "most reports are closed: {cases}");
        misses.near("ET", mean, 2.875, four(6.55, cases));
        misses
    });
}
