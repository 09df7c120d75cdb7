//! Epidemics against their exact theory: final size, extinction, mixing, susceptibility that comes back.

use blueprint_sim::trace::Event;

use super::{assert_mean, each, group, hits, hours, world};

/// A worm from one hit operator in AA, 0.5 per h and ordered pair, with more to be said.
fn worm(more: &str) -> String {
    format!(
        r#"incidents: {{"worm": (
            title: "Worm", basis: Assumed("theory"),
            process: Worm(first_hits: [(state: "AA", sector: "it", operators: 1)], rate: "0.5 per h", {more}),
        )}},"#
    )
}

/// Parameters that are not literals.
const EXPONENTIAL: &str = r#"parameters: {
    "notice": (dist: Exponential(mean: "1h"), basis: Assumed("theory")),
},"#;

/// Distribution of the number hit in all, with S susceptible and I infectious, by the jump chain.
fn final_size(s: usize, i: usize, beta: f64, gamma: f64) -> Vec<f64> {
    let mut size = vec![0.0; s + 1];
    if i == 0 || s == 0 {
        size[0] = 1.0;
        return size;
    }
    let hit = beta * s as f64 / (beta * s as f64 + gamma);
    for (n, p) in final_size(s - 1, i + 1, beta, gamma).into_iter().enumerate() {
        size[n + 1] += hit * p;
    }
    for (n, p) in final_size(s, i - 1, beta, gamma).into_iter().enumerate() {
        size[n] += (1.0 - hit) * p;
    }
    size
}

fn shares(sizes: &[f64], n: usize) -> Vec<f64> {
    (0..n).map(|k| sizes.iter().filter(|&&s| s == k as f64).count() as f64 / sizes.len() as f64).collect()
}

fn assert_shares(found: &[f64], expected: &[f64], n: u64) {
    for (k, (f, e)) in found.iter().zip(expected).enumerate() {
        let error = (e * (1.0 - e) / n as f64).sqrt();
        assert!((f - e).abs() <= 4.0 * error, "{k} hit: {f} instead of {e}");
    }
}

#[test]
fn the_final_size_of_the_markov_epidemic() {
    let group = group("services", "AA", 6, r#"detect: "notice""#);
    let model = world(&format!("{EXPONENTIAL} operators: [{group}], {}", worm("")));
    let sizes = each(&model, 4000, |trace| hits(trace).len() as f64 - 1.0);
    let expected = final_size(5, 1, 0.5, 1.0);
    assert!((expected.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert_shares(&shares(&sizes, 6), &expected, 4000);
}

/// With an infectious period of one length it is the chain-binomial model of Reed and Frost: each infectious
/// operator misses each susceptible one with probability exp(-0.5).
#[test]
fn the_final_size_of_reed_and_frost() {
    fn chain(s: usize, i: usize, q: f64) -> Vec<f64> {
        let mut size = vec![0.0; s + 1];
        if i == 0 || s == 0 {
            size[0] = 1.0;
            return size;
        }
        let p = 1.0 - q.powi(i as i32);
        let mut choose = 1.0;
        for k in 0..=s {
            let pk = choose * p.powi(k as i32) * (1.0 - p).powi((s - k) as i32);
            for (n, rest) in chain(s - k, k, q).into_iter().enumerate() {
                size[k + n] += pk * rest;
            }
            choose = choose * (s - k) as f64 / (k + 1) as f64;
        }
        size
    }
    let group = group("services", "AA", 5, r#"detect: "1h""#);
    let model = world(&format!("operators: [{group}], {}", worm("")));
    let sizes = each(&model, 4000, |trace| hits(trace).len() as f64 - 1.0);
    assert_shares(&shares(&sizes, 5), &chain(4, 1, (-0.5_f64).exp()), 4000);
}

/// Mean time to extinction of the SIS birth-death chain from one infectious operator of four:
/// `sum over j of (product of births below j) / (product of deaths up to j)`.
#[test]
fn susceptible_again_at_once_is_the_birth_death_chain() {
    let group = group("services", "AA", 4, r#"detect: "notice", recover: "0s""#);
    let incident =
        worm("").replace("process:", r#"immunity: "0s", process:"#).replace("0.5 per h", "0.4 per h");
    let model = world(&format!("{EXPONENTIAL} operators: [{group}], {incident}"));
    let birth = |k: f64| 0.4 * k * (4.0 - k);
    let expected: f64 = (1..=4)
        .map(|j| {
            let up: f64 = (1..j).map(|i| birth(f64::from(i))).product();
            let down: f64 = (1..=j).map(f64::from).product();
            up / down
        })
        .sum();
    let last = |trace: &blueprint_sim::trace::Trace| {
        *hours(trace, |e| matches!(e, Event::Recovered(..))).last().unwrap()
    };
    let ends = each(&model, 4000, last);
    assert_mean("time to extinction", &ends, expected);
    let most = each(&model, 200, |trace| hits(trace).len() as f64);
    assert!(most.iter().any(|&n| n > 4.0), "somebody is hit again");
}

/// Two operators in AA, two in BB; three times the rate inside a state and a third of it from BB to AA.
#[test]
fn a_parameter_for_pairs_of_states_sets_the_mixing() {
    let operators = group("here", "AA", 2, "") + &group("there", "BB", 2, "");
    let model = world(&format!(
        r#"parameters: {{
            "mix": (value: 1, basis: Assumed("theory")),
            "mix@AA/AA": (value: 3, basis: Assumed("theory")),
            "mix@BB/BB": (value: 3, basis: Assumed("theory")),
            "mix@BB/AA": (value: 0.3333333333333333, basis: Assumed("theory")),
        }},
        operators: [{operators}], {}"#,
        worm(r#"mixing: [(by: "mix")]"#)
    ));
    // Mean time until all are hit, from i hit in AA and j in BB.
    fn left(i: usize, j: usize) -> f64 {
        let (fi, fj) = (i as f64, j as f64);
        let here = 0.5 * (3.0 * fi + fj / 3.0) * (2.0 - fi);
        let there = 0.5 * (fi + 3.0 * fj) * (2.0 - fj);
        if here + there == 0.0 {
            return 0.0;
        }
        let next = if i < 2 { here * left(i + 1, j) } else { 0.0 };
        let other = if j < 2 { there * left(i, j + 1) } else { 0.0 };
        (1.0 + next + other) / (here + there)
    }
    let last = each(&model, 4000, |trace| *hits(trace).last().unwrap());
    assert_mean("time until all are hit", &last, left(1, 0));
}

/// A doubling time sets the rate so that the largest eigenvalue of `N_c m_cd` is ln 2 / D, mixing included:
/// with two groups of 50 that only hit each other, the eigenvalue is 50 beta.
#[test]
fn the_doubling_time_counts_the_mixing() {
    let operators = group("here", "AA", 51, "") + &group("there", "BB", 50, "");
    let model = world(&format!(
        r#"operators: [{operators}], incidents: {{"worm": (
            title: "Worm", basis: Assumed("theory"),
            process: Worm(
                first_hits: [(state: "AA", sector: "it", operators: 1)], doubling: "1h",
                mixing: [
                    (from: (states: ["AA"]), to: (states: ["AA"]), by: 0),
                    (from: (states: ["BB"]), to: (states: ["BB"]), by: 0),
                ],
            ),
        )}},"#
    ));
    // The first hit is the first of 50 in BB at rate beta each; beta is scaled with all 51 susceptible in AA.
    let beta = 2.0_f64.ln() / (51.0_f64 * 50.0).sqrt();
    let second = each(&model, 4000, |trace| hits(trace)[1]);
    assert_mean("time to the second hit", &second, 1.0 / (50.0 * beta));
}

/// Outside pressure that halves every 4 h in steps of an hour: its integral is eps x 1 h / (1 - 2^(-1/4)).
#[test]
fn the_outside_declines_by_itself() {
    let operators = group("services", "AA", 100, "");
    let model = world(&format!(
        r#"operators: [{operators}], incidents: {{"noise": (
            title: "Noise", basis: Assumed("theory"),
            process: Worm(outside: "0.05 per h", outside_halving: "4h"),
        )}},"#
    ));
    let integral = 0.05 / (1.0 - 2.0_f64.powf(-0.25));
    let counts = each(&model, 400, |trace| hits(trace).len() as f64);
    assert_mean("hits", &counts, 100.0 * (1.0 - (-integral).exp()));
}

/// Closed at night and at weekends, nobody hits or is hit: the run starts on a Saturday.
#[test]
fn closed_hours_stop_the_clock_of_the_epidemic() {
    let operators = group("offices", "AA", 20, r#"hours: "office""#);
    let model = world(&format!(
        r#"calendars: {{"office": Windows(windows: [(days: Weekdays, from: "09:00", to: "17:00")])}},
        operators: [{operators}], {}"#,
        worm("closed: 0").replace("0.5 per h", "0.01 per h")
    ));
    // The second hit comes after an exponential time of mean 1 / (19 x 0.01) open hours.
    let open = |t: f64| {
        let (day, hour) = ((t / 24.0).floor(), t.rem_euclid(24.0));
        assert!((9.0..=17.0).contains(&hour) && (day as u64 % 7) >= 2, "a hit at {t} h");
        let weeks = (day / 7.0).floor();
        (weeks * 5.0 + day.rem_euclid(7.0) - 2.0) * 8.0 + hour - 9.0
    };
    let second = each(&model, 2000, |trace| open(hits(trace)[1]));
    assert_mean("open hours to the second hit", &second, 1.0 / 0.19);
}

/// Two variants of a worm share susceptibility: 3 to 1 in rate, they share the operators 3 to 1 and hit none twice.
#[test]
fn variants_share_susceptibility() {
    let operators = group("services", "AA", 40, "");
    let incident = |name: &str, rate: &str, of: &str| {
        format!(
            r#""{name}": (title: "{name}", basis: Assumed("theory"), process: Worm(outside: "{rate} per h"), {of}),"#
        )
    };
    let both = incident("first", "0.3", "") + &incident("second", "0.1", r#"variant_of: "first""#);
    let model = world(&format!("operators: [{operators}], incidents: {{{both}}},"));
    let of_first = |e: Event| matches!(e, Event::Hit(i, _) if i.index() == 0);
    let first = each(&model, 400, |trace| {
        assert_eq!(hits(trace).len(), 40);
        hours(trace, of_first).len() as f64
    });
    assert_mean("hits by the first", &first, 30.0);
}
