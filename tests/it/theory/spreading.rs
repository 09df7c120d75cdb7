//! Facts and worms that spread: A09, A10, A11, A13.

use std::fmt::Write as _;

use blueprint_sim::analysis::knowledge::first_arrivals;
use blueprint_sim::analysis::reading::Reading;
use blueprint_sim::model::FactOrKind;
use blueprint_sim::time::SimDuration;

use super::{Misses, each, latencies, theory};
use crate::laboratory::{oracle, oracle_with, results, run, set, written};
use crate::verification::{equal, hold};

/// Links of the graph of A09: from, to, minutes.
fn links() -> Vec<(usize, usize, u64)> {
    let mut x: u64 = 20_250_606;
    let mut next = || {
        x = 48_271 * x % (2_147_483_647);
        x
    };
    let mut links: Vec<(usize, usize, u64)> = Vec::new();
    for u in 0..41 {
        links.push((u, (u + 1) % 41, 240));
        let mut further = 0;
        while further < 3 {
            let v = (next() % 41) as usize;
            if v == u || links.iter().any(|&(from, to, _)| (from, to) == (u, v)) {
                continue;
            }
            links.push((u, v, 5 + next() % 236));
            further += 1;
        }
    }
    links
}

/// First arrivals are shortest paths (Dijkstra).
#[test]
fn a09_deterministic_spread() {
    const DIST: [u64; 41] = [
        0, 179, 191, 234, 122, 292, 281, 219, 287, 431, 155, 395, 320, 465, 280, 71, 143, 383, 310, 331, 234,
        116, 356, 442, 257, 497, 666, 597, 269, 310, 550, 340, 457, 355, 232, 314, 380, 401, 295, 304, 327,
    ];
    let links = links();
    assert_eq!((links.len(), links.iter().map(|l| l.2).sum::<u64>()), (164, 24_999));
    let mut text = String::from(
        r#"Blueprint(
            format: 1, name: "a09", horizon: "2d",
            levels: [(id: "node", title: "Nodes")],
            facts: {"news": (title: "the news")},
            actors: {"node": (title: "Node", levels: ["node"], count: 41)},
            products: {"letter": (title: "A letter", carries: ["news"])},
            rules: [
                (id: "source", actor: Actor("node#1"), on: Start, then: [Find(fact: "news")]),
                (
                    id: "forward", actor: Role("node"), on: Learn("news"), repeat: Once,
                    then: [Send(product: "letter", to: Linked)],
                ),
            ],
            milestones: {"all": (title: "All know", when: Knows(who: Role("node"), fact: "news", how_many: All))},
            channels: ["#,
    );
    for (from, to, minutes) in links {
        let (from, to) = (from + 1, to + 1);
        write!(
            text,
            r#"(id: "{from}-{to}", from: Of(Actor("node#{from}")), to: Of(Actor("node#{to}")), latency: "{minutes}min"),"#
        )
        .unwrap();
    }
    text.push_str("])");
    let model = written(&text);
    let trace = run(&model, 1, 0);
    let kind = model.facts[0].kind;
    let tree = first_arrivals(&Reading::new(&model, &trace), FactOrKind::Kind(kind));
    let minutes: Vec<u64> = (0..41)
        .map(|i| {
            let actor = model.actor_named(&format!("node#{}", i + 1)).unwrap();
            tree.at(actor).unwrap().at.since_start().as_micros() / 60_000_000
        })
        .collect();
    assert_eq!(minutes, DIST);
    assert_eq!(minutes.iter().sum::<u64>(), 12_788);
    let last = tree.arrivals.last().unwrap();
    assert_eq!(model.actors[last.actor.index()].name.text, "node#27", "number 26, counted from 0");
    let all = crate::laboratory::Results::of(&model, &trace).milestone("all");
    assert_eq!(all.latency, Some(SimDuration::from_mins(666)));
    let listed = |minutes: &[u64]| minutes.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
    let rows = [
        equal("dist", listed(&DIST), listed(&minutes)),
        equal("ecc", 666, minutes.iter().max().unwrap()),
        equal("far", 26, minutes.iter().position(|m| *m == 666).unwrap()),
        equal("sum", 12_788, minutes.iter().sum::<u64>()),
    ];
    hold("A09 deterministic spread", "Nothing random: one run; minutes.", &rows);
}

/// First-passage percolation of the complete graph: ETall = 2 H_9 / (10 lambda).
#[test]
fn a10_complete_graph() {
    let model = oracle("a10");
    theory("A10 complete graph", 5000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let all = latencies(&runs, "all");
        misses.mean_of("ETall", &all, 2.26317460317, 0.818);
        misses.sd_of("sdTall", &all, 0.820840814182, 0.716);
        misses.near(
            "Tall_p95",
            all.iter().filter(|&&t| t <= 3.7721169).count() as f64 / all.len() as f64,
            0.95,
            0.872 / (all.len() as f64).sqrt(),
        );
        misses.mean_of("EThalf", &latencies(&runs, "half"), 1.05158730159, 0.567);
        let node = latencies(&runs, "node");
        misses.mean_of("ETnode", &node, 1.25731922399, 0.808);
        misses.sd_of("sdTnode", &node, 0.814324439963, 0.74);
        let hops = each(&runs, "hops", "mean");
        misses.mean_of("Ehops", &hops, 2.14329805996, 1.03);
        misses.share("Pdirect", hops.iter().map(|&h| h == 1.0), 0.314329805996, 0.464);
        misses
    });
}

/// The sum of six exponentials, hypo-exponential or Erlang.
#[test]
fn a11_path_of_six() {
    let model = oracle("a11");
    let names: Vec<String> = (1..=6).map(|i| format!("latency.{i}")).collect();
    let equal: Vec<(&str, &str)> =
        names.iter().map(|name| (name.as_str(), r#"Exponential(mean: "3h")"#)).collect();
    let equal = oracle_with("a11", &set(&equal));
    theory("A11 path of six", 20_000, |seed, n| {
        let mut misses = Misses::default();
        let share = |misses: &mut Misses, name, values: &[f64], level: f64, p, spread: f64| {
            // The published half-widths hold the factor four already.
            misses.share(name, values.iter().map(|&t| t <= level), p, spread / 4.0);
        };
        let runs = results(&model, seed, n);
        let last = latencies(&runs, "last");
        misses.mean_of("ET", &last, 18.0, 8.37);
        misses.sd_of("sd", &last, 8.36660026534, 8.34);
        share(&mut misses, "p50", &last, 16.573445, 0.5, 2.0);
        share(&mut misses, "p90", &last, 29.081408, 0.9, 1.2);
        share(&mut misses, "p95", &last, 33.711919, 0.95, 0.872);
        let last = latencies(&results(&equal, seed, n), "last");
        share(&mut misses, "erl_p90", &last, 27.8240216801, 0.9, 1.2);
        misses
    });
}

/// Pure birth: ETall = sum over k of 27 / (0.5 k (27 - k)).
#[test]
fn a13_stochastic_si() {
    let model = oracle("a13");
    theory("A13 stochastic si", 5000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        misses.mean_of("ETall", &latencies(&runs, "all"), 15.4176788649, 3.9);
        // A run that ends within 6 h ends with all infected.
        let at_six: Vec<f64> =
            runs.iter().map(|run| run.row("infected", "at(T+6h)").0.unwrap_or(27.0)).collect();
        misses.mean_of("EI6", &at_six, 9.9216067, 5.91);
        misses.share("P(I6=1)", at_six.iter().map(|&i| i == 1.0), 0.055637998, 0.228);
        misses
    });
}
