//! The product beside others that do the same: one run after the other, in turns, with ratios and their spread.
//!
//! `cargo bench --bench peers -- --facts 200 --rounds 5`

#![allow(clippy::print_stdout, reason = "a program that prints a table")]

#[path = "../common/mod.rs"]
mod common;

use blueprint_sim::sim::Simulation;

use common::graph::Graph;
use common::outcome::{Kind, Outcome, Seen, of_trace};
use common::plain_relay::PlainRelay;
use common::turns::{Contender, in_turns, timed};
use common::{model_of, relay};

/// Only counts: what a run without any watching costs.
#[derive(Default)]
struct Count(u64);

impl Seen for Count {
    fn event(&mut self, _: u64, _: usize, _: u32, _: Kind) {
        self.0 += 1;
    }
    fn learned(&mut self, _: u64, _: u32) {}
    fn waited(&mut self, _: u64) {}
}

fn option(name: &str, default: usize) -> usize {
    let mut all = std::env::args().skip_while(|a| a != name).skip(1);
    all.next().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn main() {
    let (facts, rounds, desks) = (option("--facts", 50), option("--rounds", 5), option("--desks", 300));
    let graph = Graph::of(desks);
    let model = model_of(&relay::document(&graph, facts));
    let plain = PlainRelay::new(&graph, facts);
    let mut simulation = Simulation::new(&model, 1, 0);
    simulation.run();
    let mut expected = Outcome::default();
    plain.run(1, 0, &mut expected);
    assert_eq!(
        of_trace(&model, simulation.trace()),
        expected,
        "the engine does not what the plain loop does"
    );
    let replicate = |replication: u64| {
        let mut count = Count::default();
        plain.run(1, replication, &mut count);
        count.0
    };
    let events = expected.events;
    let contenders = vec![
        Contender { name: "plain loop".into(), once: Box::new(|| timed(|| replicate(0))) },
        Contender {
            name: "blueprint-sim".into(),
            once: Box::new(|| {
                timed(|| {
                    simulation.reset(1, 0);
                    simulation.run();
                    events
                })
            }),
        },
    ];
    let timings = in_turns(rounds, contenders);
    for timing in &timings {
        let (ns, ratio) = (timing.spread(), timing.ratio_to(&timings[0]));
        println!(
            "{:<20} {:8.1} ns/event [{:.1}..{:.1}]  x{:.2} [{:.2}..{:.2}]  {} events",
            timing.name, ns.median, ns.min, ns.max, ratio.median, ratio.min, ratio.max, timing.units
        );
    }
}
