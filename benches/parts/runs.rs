//! Whole replications, and the event list alone.

use std::hint::black_box;

use blueprint_sim::model::Model;
use blueprint_sim::trace::Keep;
use criterion::{BenchmarkId, Criterion, Throughput};

use crate::common::engine::{builtin, replicate, simulation};
use crate::common::graph::Graph;
use crate::common::hold::Hold;
use crate::common::{model_of, queue, relay, worm};

/// The hold model: one event out and one in, at a constant number of events pending.
pub(crate) fn kernel(c: &mut Criterion) {
    let mut group = c.benchmark_group("kernel/hold");
    for pending in [1_000, 10_000, 100_000, 1_000_000] {
        let mut hold = Hold::new(pending);
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::from_parameter(pending), |b| b.iter(|| black_box(hold.turn())));
    }
    group.finish();
}

fn replications(c: &mut Criterion, name: &str, keep: Keep, model: &Model) {
    let mut simulation = simulation(keep, model);
    let events = replicate(&mut simulation, 0);
    let mut group = c.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Elements(events));
    group.bench_function(format!("{events} events"), |b| {
        b.iter(|| black_box(replicate(&mut simulation, 0)));
    });
    group.finish();
}

/// The information relay, with causes alone and with all records.
pub(crate) fn relays(c: &mut Criterion) {
    let graph = Graph::of(300);
    for facts in [10, 50, 200] {
        let model = model_of(&relay::document(&graph, facts));
        replications(c, &format!("relay/{facts} facts"), Keep::Causes, &model);
    }
    let model = model_of(&relay::document(&graph, 50));
    replications(c, "relay/50 facts, all records kept", Keep::All, &model);
}

/// A queue with three servers.
pub(crate) fn queue(c: &mut Criterion) {
    replications(c, "queue", Keep::Causes, &model_of(&queue::document(700)));
}

/// A built-in replay.
pub(crate) fn replay(c: &mut Criterion) {
    let model = builtin("wannacry-2017");
    replications(c, "wannacry-2017", Keep::Causes, &model);
    replications(c, "wannacry-2017, all records kept", Keep::All, &model);
}

/// A worm over as many operators as the Union has, and over a tenth.
pub(crate) fn worms(c: &mut Criterion) {
    for operators in [16_000, 160_000] {
        let model = model_of(&worm::document(operators));
        replications(c, &format!("worm/{operators} operators"), Keep::Causes, &model);
    }
}
