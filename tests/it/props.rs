//! Properties of random toy blueprints.

use std::collections::BTreeMap;

#[path = "../support/toys.rs"]
mod toys;

use blueprint_sim::compile::compile;
use blueprint_sim::document::merge::MemoryLoader;
use blueprint_sim::document::{Overrides, SourceMap, assemble, print, render};
use blueprint_sim::model::Model;
use blueprint_sim::sim::{DrawRow, Simulation};
use blueprint_sim::trace::Trace;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;

use super::keeper::keep;
use toys::toy;

/// Toys of a property; the same in every run of the tests.
const TOYS: u32 = 30;

/// Holds a property to random toys.
fn for_all(property: impl Fn(&str)) {
    let config = ProptestConfig {
        cases: TOYS,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[17; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&vec(any::<u8>(), 0..90), |bytes| {
        let text = toy(&bytes);
        // A failure shows the toy and not its bytes alone.
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| property(&text)));
        held.map_err(|_| proptest::test_runner::TestCaseError::fail(text))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// The model of a toy, which may be warned about.
fn model_of(text: &str) -> Model {
    let loader = MemoryLoader::new().with_file("toy.ron", text);
    let mut sources = SourceMap::new();
    let opened = assemble::open("toy", &loader, &mut sources, &Overrides::default());
    match opened.and_then(|opened| compile(&opened.document)) {
        Ok(compiled) => compiled.model,
        Err(errors) => {
            let shown: Vec<String> = errors.iter().map(|d| render::render(d, &sources, false)).collect();
            panic!("{}\n{text}", shown.join("\n"));
        }
    }
}

fn told(trace: &Trace) -> String {
    format!("{:?}{:?}{:?}{:?}{:?}", trace.records, trace.causes, trace.spans, trace.items, trace.end)
}

fn run(model: &Model, replication: u64) -> Trace {
    let mut simulation = Simulation::new(model, 3, replication);
    simulation.run();
    simulation.into_trace()
}

#[test]
fn toys_keep_what_every_trace_keeps() {
    let mut records = 0;
    let counted = std::cell::Cell::new(0);
    for_all(|text| {
        let model = model_of(text);
        for replication in 0..2 {
            let trace = run(&model, replication);
            keep(&model, &trace);
            counted.set(counted.get() + trace.records.len());
        }
    });
    records += counted.get();
    assert!(records > 10_000, "the toys do little: {records} records");
}

#[test]
fn toys_are_the_same_on_one_thread_and_on_two() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, two) = (pool(1), pool(2));
    for_all(|text| {
        let model = model_of(text);
        // On one thread a simulation is used again for each replication; on two each has its own.
        let again = || -> Vec<String> {
            let mut simulation = Simulation::new(&model, 3, 0);
            let one_by_one = (0..3).map(|replication| {
                simulation.reset(3, replication);
                simulation.run();
                told(simulation.trace())
            });
            one_by_one.collect()
        };
        let anew = || -> Vec<String> {
            (0..3_u64).into_par_iter().map(|replication| told(&run(&model, replication))).collect()
        };
        assert_eq!(one.install(again), two.install(anew));
    });
}

#[test]
fn toys_that_are_printed_and_read_are_the_same_model() {
    for_all(|text| {
        let loader = MemoryLoader::new().with_file("toy.ron", text);
        let mut sources = SourceMap::new();
        let opened = assemble::open("toy", &loader, &mut sources, &Overrides::default()).unwrap();
        let (first, again) = (model_of(text), model_of(&print::pretty(&opened.tree)));
        assert_eq!(format!("{first:?}"), format!("{again:?}"));
    });
}

fn draws(model: &Model) -> Vec<DrawRow> {
    let mut simulation = Simulation::new(model, 3, 0);
    simulation.record_draws(true, 3, 0);
    simulation.run();
    simulation.draws()
}

#[test]
fn an_actor_more_changes_no_draw_of_the_others() {
    for_all(|text| {
        let before = draws(&model_of(text));
        let more = text
            .replace("    actors: {\n", "    actors: {\n        \"aaa\": (title: \"Another\", levels: [\"desk\"], staff: 1),\n")
            .replace("    rules: [\n", "    rules: [\n        (id: \"another\", actor: Actor(\"aaa\"), on: Arrivals(\"gap\"), then: [Work(\"reading\")]),\n");
        let after = draws(&model_of(&more));
        let others: Vec<&DrawRow> = after.iter().filter(|row| row.entity != "aaa").collect();
        assert!(others.len() < after.len());
        assert_eq!(others, before.iter().collect::<Vec<_>>());
    });
}

#[test]
fn a_new_name_changes_only_the_draws_that_are_keyed_by_it() {
    for_all(|text| {
        let before = draws(&model_of(text));
        let after = draws(&model_of(&text.replace("\"member\"", "\"voter\"")));
        // Who votes has other draws; a desk that picks some of them draws by their names.
        let plain = |rows: &[DrawRow]| -> Vec<DrawRow> {
            let others = rows.iter().filter(|row| {
                let named = ["member", "voter"].iter().any(|name| row.entity.starts_with(name));
                !named && !row.purpose.contains("/only")
            });
            others.cloned().collect()
        };
        let (before, after) = (plain(&before), plain(&after));
        // What they decide may let others do other things, but not draw other words.
        let words: BTreeMap<_, u64> =
            after.iter().map(|row| ((&row.entity, &row.purpose, &row.occurrence), row.word)).collect();
        for row in &before {
            let same = words.get(&(&row.entity, &row.purpose, &row.occurrence));
            assert!(same.is_none_or(|word| *word == row.word), "{row:?}");
        }
    });
}
