//! Votes: A17, A18.

use super::{Misses, each, latencies, theory};
use crate::laboratory::{oracle, results, textbook};

/// Order statistics of exponentials: 6 (H_27 - H_(27 - k)).
#[test]
fn a17_k_of_27() {
    let model = oracle("a17");
    let expected = [
        ("k1", 0.222222222222, 0.221, 0.222222222222, 0.313),
        ("k14", 4.26793798871, 1.17, 1.16469006545, 0.929),
        ("k15", 4.72947645025, 1.25, 1.25280513251, 0.995),
        ("k21", 8.64874051951, 2.05, 2.0539424732, 1.64),
        ("k27", 23.3487405195, 7.62, 7.60977527153, 8.2),
        ("unanimity", 23.3487405195, 7.62, 7.60977527153, 8.2),
    ];
    theory("A17 k of 27", 4000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        for (name, mean, of_mean, sd, of_sd) in expected {
            let times = latencies(&runs, name);
            misses.mean_of(&format!("{name}.E"), &times, mean, of_mean);
            misses.sd_of(&format!("{name}.sd"), &times, sd, of_sd);
        }
        for (name, p90) in [("k15", 6.38862733376), ("k27", 33.288928077), ("unanimity", 33.288928077)] {
            let times = latencies(&runs, name);
            misses.share(&format!("{name}.p90"), times.iter().map(|&t| t <= p90), 0.9, 0.3);
        }
        misses
    });
}

/// The sixth yes adopts, the fourth no rejects, whichever comes first.
#[test]
fn a18_sealed_vote() {
    let model = oracle("a18");
    theory("A18 sealed vote", 20_000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.share("Padopt", runs.iter().map(|r| r.hours("adopted").is_some()), 0.729659098, 0.444);
        let sealed: Vec<f64> = runs
            .iter()
            .map(|run| match (run.hours("adopted"), run.hours("rejected")) {
                (Some(t), None) | (None, Some(t)) => t,
                both => panic!("adopted and rejected: {both:?}"),
            })
            .collect();
        misses.mean_of("ET", &sealed, 1.78334216063, 1.06);
        misses.mean_of("EM", &each(&runs, "votes", "mean"), 7.57166964, 1.14);
        misses.mean_of("ET_allvotes", &latencies(&runs, "all-votes"), 2.82896825397, 1.24);
        misses
    });
}

/// Three or more of five have spoken within the mean of an exponential time: binomial.
#[test]
fn enough_members_have_spoken() {
    let model = textbook("turnout");
    let p = 1.0 - (-1.0_f64).exp();
    let enough: f64 = [(3, 10.0), (4, 5.0), (5, 1.0)]
        .iter()
        .map(|&(k, ways)| ways * p.powi(k) * (1.0 - p).powi(5 - k))
        .sum();
    theory("T enough members have spoken", 4_000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let sd = (enough * (1.0 - enough)).sqrt();
        misses.share("adopted", runs.iter().map(|run| run.hours("adopted").is_some()), enough, sd);
        misses.share("lapsed", runs.iter().map(|run| run.hours("lapsed").is_some()), 1.0 - enough, sd);
        misses
    });
}
