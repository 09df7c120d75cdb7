//! Lossy links and office hours by chance: A20, A27, A28, A29.

use super::{Misses, average, each, four, pooled, theory};
use crate::laboratory::{oracle, results};

#[test]
fn a20_office_hours() {
    let model = oracle("a20");
    theory("A20 office hours", 40_000, |seed, n| {
        let waits = each(&results(&model, seed, n), "wait", "mean");
        let mut misses = Misses::default();
        misses.mean_of("Ewait", &waits, 15.2380952381, 17.9);
        let squares: Vec<f64> = waits.iter().map(|w| w * w).collect();
        misses.mean_of("EW2", &squares, 552.634920635, 989.0);
        misses.share("Pclosed", waits.iter().map(|&w| w > 0.0), 0.761904761905, 0.426);
        let closed: Vec<f64> = waits.iter().copied().filter(|&w| w > 0.0).collect();
        misses.mean("Ewait|closed", &closed, 20.0);
        misses.share("p90", waits.iter().map(|&w| w <= 47.2), 0.9, 0.3);
        misses.share("p95", waits.iter().map(|&w| w <= 55.6), 0.95, 0.218);
        misses
    });
}

/// Messages of one replication, a hundred senders each with one, are independent.
#[test]
fn a27_retry_until_through() {
    let model = oracle("a27");
    theory("A27 retry until through", 500, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let (mean, messages) = pooled(&runs, "arrival", "mean");
        assert_eq!(messages, 100 * n as usize, "every message arrives");
        misses.near("ET", mean, 12.5, four(16.8, messages));
        let squares: Vec<f64> = runs
            .iter()
            .map(|run| {
                run.value("arrival", "variance") * 0.99 + (run.value("arrival", "mean") - 12.5).powi(2)
            })
            .collect();
        misses.near("sdT", average(&squares).sqrt(), 16.7705098312, four(27.9, messages));
        let above = |level: &str| pooled(&runs, "arrival", &format!("share_above({level})")).0;
        misses.near("P<=35", 1.0 - above("35"), 0.96, four(0.196, messages));
        // The 99 % quantile of all messages is 65: fewer than 1 % are later, at least 1 % are not earlier.
        assert!(above("65") < 0.01 && above("64.999") >= 0.01, "p99: {} {}", above("65"), above("64.999"));
        let (copies, deliveries) = pooled(&runs, "copies", "mean");
        assert_eq!(deliveries, messages);
        misses.near("Eattempts", copies, 1.25, four(0.56, messages));
        misses
    });
}

#[test]
fn a28_three_tries() {
    let model = oracle("a28");
    theory("A28 three tries", 2000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let (failed, messages) = pooled(&runs, "failed", "mean");
        assert_eq!(messages, 100 * n as usize, "every message arrives or fails");
        misses.near("Pfail", failed, 0.008, four(0.0896, messages));
        let (mean, arrived) = pooled(&runs, "arrival", "mean");
        misses.near("ET|ok", mean, 11.7741935484, four(14.7, arrived));
        let (copies, all) = pooled(&runs, "copies", "mean");
        assert_eq!(all, messages);
        misses.near("Eattempts", copies, 1.24, four(0.513, messages));
        misses
    });
}

#[test]
fn a29_two_channels() {
    let model = oracle("a29");
    theory("A29 two channels", 20_000, |seed, n| {
        let times: Vec<Option<f64>> = results(&model, seed, n).iter().map(|run| run.hours("known")).collect();
        let mut misses = Misses::default();
        misses.share("Pfail", times.iter().map(Option::is_none), 0.04, 0.196);
        misses.share("P<=2h", times.iter().map(|t| t.is_some_and(|t| t <= 2.0)), 0.729528656494, 0.444);
        let arrived: Vec<f64> = times.iter().flatten().copied().collect();
        misses.mean_of("ET|ok", &arrived, 1.609375, 2.21);
        misses
    });
}
