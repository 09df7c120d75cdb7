//! Textbook models of the flow of work, and A14.

use super::{Misses, each, four, theory};
use crate::laboratory::{Results, replicate, results, textbook};

/// (1 - rho) rho^K / (1 - rho^(K + 1)), K = 5.
#[test]
fn a_desk_with_few_places() {
    let model = textbook("mm1k");
    theory("T a desk with few places", 10, |seed, n| {
        let mut misses = Misses::default();
        misses.mean("lost", &each(&results(&model, seed, n), "lost", "mean"), 0.12602254998837);
        misses
    });
}

/// Birth and death: (5 - i) / 10 up, min(i, 2) / 2 down.
#[test]
fn machines_and_repairers() {
    let model = textbook("repair");
    theory("T machines and repairers", 10, |seed, n| {
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
    theory("T impatient callers", 10, |seed, n| {
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
    theory("T urgent work interrupts", 10, |seed, n| {
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
    theory("T desks with rework", 10, |seed, n| {
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
    theory("T one server in several ways", 10, |seed, n| {
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
    theory("T callers that call again", 10, |seed, n| {
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
    theory("T losers of a race are withdrawn", 20_000, |seed, n| {
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
        theory(&format!("A14 {name} dies out"), 20_000, |seed, n| {
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
    theory("T retries further and further apart", 20_000, |seed, n| {
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

/// Erlang C; two stations without room between them, E = 1 + 2000 x 1.5 + 1; an order of kit, by hand.
#[test]
fn stocks_are_drawn_from_waited_for_and_returned_to() {
    let model = textbook("pool");
    theory("T stocks are drawn from waited for and returned to", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("wait", &each(&runs, "wait", "mean"), 0.5625);
        misses.mean("free", &each(&runs, "free", "time_average"), 0.8);
        misses.mean_of("through", &each(&runs, "through", "max"), 3002.0, 2502.0_f64.sqrt());
        misses
    });
    // Taken at 1, 2 and 3 h: 2 are left, and 4 more come at 6:15. Two more are taken at 4 and 5 h; who asks at 6 h
    // waits for a quarter of an hour, and one more is taken at 7 h.
    let runs = results(&model, 1, 1);
    let kit: Vec<f64> = model
        .measures
        .iter()
        .find(|m| m.name == "kit")
        .map(|m| m.show.iter().map(|(name, _)| runs[0].value("kit", name)).collect())
        .unwrap_or_default();
    assert_eq!(kit, [5.0, 2.0, 0.0, 3.0, 2.0]);
    assert_eq!(runs[0].row("kit-waits", "count").0, Some(7.0));
    assert!((runs[0].value("kit-waits", "sum") - 0.25).abs() < 1e-9);
}

/// By hand.
#[test]
fn staff_is_lent_for_a_time() {
    let model = textbook("lend");
    let run = &results(&model, 1, 1)[0];
    let nth = |desk: &str, n: u32| run.value(desk, &format!("nth({n})"));
    // The guest works on the second task from 1 h to 4 h; then the desk's own server goes on with it.
    assert_eq!([nth("a", 1), nth("a", 2), nth("a", 3), nth("a", 4)], [4.0, 5.0, 9.0, 13.0]);
    // The lender has one server until 5 h.
    assert_eq!([nth("b", 1), nth("b", 2)], [3.0, 6.0]);
    for desk in ["c", "d"] {
        assert_eq!([nth(desk, 1), nth(desk, 2), nth(desk, 3)], [4.0, 4.0, 8.0], "{desk}");
    }
}

/// By hand; the clocks go forward in the night to Sunday.
#[test]
fn waits_for_instants_and_time_limits() {
    let model = textbook("waits");
    let run = &results(&model, 1, 1)[0];
    let minutes = |name: &str| run.hours(name).map(|h| (h * 60.0).round() as u64);
    let at = |d: u64, h: u64, m: u64| Some((d * 24 + h) * 60 + m);
    for (name, expected) in [
        ("hours", at(0, 4, 40)),
        ("days", at(3, 7, 40)),
        ("working-days", at(4, 7, 40)),
        ("months", at(31, 7, 40)),
        ("working", at(2, 18, 0)),
        ("clock", at(0, 17, 40)),
        ("night", at(0, 6, 40)),
        ("monday", at(2, 16, 10)),
        ("silent", at(0, 9, 0)),
        ("late", None),
        ("patient", at(0, 2, 0)),
        ("after", at(0, 2, 0)),
        ("before", None),
        // One is served, three wait from 3 h on.
        ("alarm", at(0, 3, 0)),
        // Served 0-10 and 10-20; the third would be done at 30 h, and is dropped 25 h after it came at 2 h.
        ("jobs", at(0, 20, 0)),
        ("dropped", at(1, 3, 0)),
        ("last-dropped", at(1, 4, 0)),
    ] {
        assert_eq!(minutes(name), expected, "{name}");
    }
}

/// Memoryless: a copy that is thrown away after 20 min costs nothing; where all count, the rate rises by 1/30 with each.
#[test]
fn copies_that_cross_their_acknowledgements() {
    let model = textbook("acknowledged");
    theory("T copies that cross their acknowledgements", 20_000, |seed, n| {
        let runs = results(&model, seed, n);
        let minutes =
            |name: &str| -> Vec<f64> { runs.iter().map(|r| 60.0 * r.hours(name).unwrap()).collect() };
        let mut misses = Misses::default();
        misses.mean_of("a", &minutes("a"), 12.5, 16.78);
        // Arrivals until the first acknowledgement gets through, less one.
        misses.mean("again", &each(&runs, "again", "count"), 1.0 / 3.0);
        misses.mean("void", &minutes("b"), 30.0);
        misses.mean("valid", &minutes("c"), 21.5743227523207);
        misses
    });
    let run = &results(&model, 1, 1)[0];
    let hours = |name: &str| run.hours(name).map(|h| (h * 60.0).round() / 60.0);
    assert_eq!(run.micros("d"), 60_000_000);
    assert_eq!((run.row("deaf", "count").0, hours("failed")), (Some(2.0), None));
    // The office opens at eight; a copy that sets out at midnight takes two hours, one at nine a minute.
    assert_eq!((hours("e"), run.micros("e2")), (Some(2.0), (9 * 60 + 1) * 60_000_000));
    // Eight o'clock in Athens is six o'clock here; both are within noon from ten here on.
    assert_eq!((hours("f"), hours("g")), (Some(6.0), Some(10.0)));
}

/// By hand: staff doubles from 1 h to 6 h, and the office works round the clock meanwhile.
#[test]
fn a_mode_changes_staff_and_hours() {
    let model = textbook("effects");
    let run = &results(&model, 1, 1)[0];
    let nth = |desk: &str, n: u32| run.value(desk, &format!("nth({n})"));
    assert_eq!([nth("desk", 1), nth("desk", 2), nth("desk", 3)], [4.0, 5.0, 8.0]);
    // The first waits for an hour; the second is suspended at six and goes on at eight. Of two that come on the next
    // midnight one fills the morning, and one the morning after: it is not done.
    assert_eq!([nth("office", 1), nth("office", 2), nth("office", 3)], [3.0, 4.0, 12.0]);
    assert_eq!((run.hours("seen"), run.hours("seen-again")), (Some(9.0), None));
    assert_eq!((run.hours("many"), run.hours("few")), (Some(2.0), Some(9.0)));
}

/// A birth and death process: 2, 2, 1, 1 up, 1 down, so weights 1, 2, 4, 4, 4 of 15.
#[test]
fn visitors_who_look_at_the_line() {
    let model = textbook("balking");
    theory("T visitors who look at the line", 10, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("queue", &each(&runs, "queue", "time_average"), 24.0 / 15.0);
        misses.mean("busy", &each(&runs, "busy", "time_average"), 14.0 / 15.0);
        misses.mean("wait", &each(&runs, "wait", "mean"), 24.0 / 14.0);
        misses
    });
}

/// Time at the desk is exponential with rate mu - lambda = 0.5 per hour; each answer belongs to its own request.
#[test]
fn answers_in_time() {
    let model = textbook("deadline");
    theory("T answers in time", 20, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean("kept", &each(&runs, "kept", "mean"), 1.0 - (-1.5_f64).exp());
        misses.mean("tardy", &each(&runs, "tardy", "mean"), 2.0 * (-1.5_f64).exp());
        misses
    });
}
