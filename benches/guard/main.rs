//! A guard against getting slower that needs no quiet machine: what fixed runs count, and one generous ratio.
//!
//! `cargo bench --bench guard` compares with `benches/guard/counts.txt` and fails where something differs;
//! `cargo bench --bench guard -- --write` writes that file anew. Events, records and draws must be the same;
//! allocations of a replication after the first may be fewer, or a tenth more.

#![allow(clippy::print_stdout, reason = "a program that prints a table")]

#[path = "../common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::process::ExitCode;

use blueprint_sim::model::Model;
use blueprint_sim::trace::Keep;

use common::engine::{SEED, builtin, replicate, simulation};
use common::graph::Graph;
use common::outcome::{Outcome, of_relay};
use common::plain_relay::PlainRelay;
use common::turns::{Contender, in_turns, timed};
use common::{model_of, queue, relay, worm};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/guard/counts.txt");
/// The relay may take so many times as long as the plain loop: the goal is 1.8, and machines differ.
const MOST_TIMES: f64 = 8.0;
/// Allocations that are always allowed more: one for each structure that grows.
const SPARE: u64 = 50;

/// What a run counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    events: u64,
    records: u64,
    draws: u64,
    /// Allocations of a replication whose memory an earlier one has set up.
    allocations: u64,
}

impl Counts {
    fn of(model: &Model) -> Counts {
        let mut simulation = simulation(Keep::Causes, model);
        replicate(&mut simulation, 0);
        let measured = allocation_counter::measure(|| {
            replicate(&mut simulation, 0);
        });
        let trace = simulation.trace();
        let (events, records) = (trace.n_events, u64::from(trace.n_records()));
        simulation.record_draws(true, SEED, 0);
        simulation.run();
        Counts { events, records, draws: simulation.draws().len() as u64, allocations: measured.count_total }
    }

    fn line(&self, name: &str) -> String {
        let Counts { events, records, draws, allocations } = self;
        format!("{name} {events} {records} {draws} {allocations}\n")
    }

    /// A line of the file.
    fn read(line: &str) -> Option<(String, Counts)> {
        let mut words = line.split_whitespace();
        let name = words.next().filter(|name| !name.starts_with('#'))?.to_owned();
        let mut number = || words.next()?.parse().ok();
        let counts =
            Counts { events: number()?, records: number()?, draws: number()?, allocations: number()? };
        Some((name, counts))
    }

    /// Whether it is as it should be.
    fn is_fine(&self, expected: &Counts) -> bool {
        let most = expected.allocations + expected.allocations / 10 + SPARE;
        Counts { allocations: expected.allocations, ..*self } == *expected && self.allocations <= most
    }
}

fn models() -> Vec<(&'static str, Model)> {
    vec![
        ("relay", model_of(&relay::document(&Graph::of(300), 20))),
        ("queue", model_of(&queue::document(300))),
        ("worm", model_of(&worm::document(3_000))),
        ("wannacry-2017", builtin("wannacry-2017")),
    ]
}

fn main() -> ExitCode {
    let found: Vec<(&str, Counts)> =
        models().iter().map(|(name, model)| (*name, Counts::of(model))).collect();
    if std::env::args().any(|word| word == "--write") {
        let mut text = "# run, events, records, draws, allocations of a later replication\n".to_owned();
        found.iter().for_each(|(name, counts)| text += &counts.line(name));
        std::fs::write(FILE, text).unwrap_or_else(|error| panic!("{FILE}: {error}"));
        println!("{FILE} is written");
        return ExitCode::SUCCESS;
    }
    let text = std::fs::read_to_string(FILE).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    let expected: BTreeMap<String, Counts> = text.lines().filter_map(Counts::read).collect();
    let mut fine = true;
    for (name, counts) in &found {
        let held = expected.get(*name).is_some_and(|expected| counts.is_fine(expected));
        fine &= held;
        println!("{name}: {counts:?}{}", if held { "" } else { "  <- differs" });
        if !held {
            println!("  expected {:?}", expected.get(*name));
        }
    }
    let times = times_the_plain_loop();
    fine &= times <= MOST_TIMES;
    println!("the relay takes {times:.2} times as long as the plain loop; at most {MOST_TIMES} are allowed");
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The smallest ratio of several rounds: noise only ever makes a round longer.
fn times_the_plain_loop() -> f64 {
    let graph = Graph::of(300);
    let (model, plain) = (model_of(&relay::document(&graph, 50)), PlainRelay::new(&graph, 50));
    let mut expected = Outcome::default();
    plain.run(SEED, 0, &mut expected);
    assert_eq!(of_relay(&model, SEED, 0), expected, "the product and the plain loop differ");
    let mut own = simulation(Keep::Causes, &model);
    let once = || {
        let mut outcome = Outcome::default();
        plain.run(SEED, 0, &mut outcome);
        outcome.events
    };
    let timings = in_turns(
        7,
        vec![
            Contender { name: "plain loop".to_owned(), once: Box::new(|| timed(once)) },
            Contender {
                name: "product".to_owned(),
                once: Box::new(|| {
                    timed(|| {
                        replicate(&mut own, 0);
                        expected.events
                    })
                }),
            },
        ],
    );
    timings[1].ratio_to(&timings[0]).min
}
