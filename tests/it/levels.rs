//! A run that keeps only causes makes the same records as one that keeps all, and a watch sees each of them.

use std::sync::{Arc, Mutex};

use blueprint_sim::analysis::milestones::MilestoneWatch;
use blueprint_sim::model::Model;
use blueprint_sim::sim::Simulation;
use blueprint_sim::trace::{Event, Keep, RecordId, Trace};

use super::laboratory::{oracle, written};

/// Everything that a record says, with the content of the product instance that it names.
fn told(trace: &Trace, id: RecordId) -> String {
    let r = trace.record(id);
    let content = match r.event {
        Event::Sent { item, .. }
        | Event::Delivered { item, .. }
        | Event::Read { item, .. }
        | Event::Published { item, .. } => trace.told_in(item),
        _ => &[],
    };
    let (causes, spans) = (trace.causes_of(id), trace.spans_of(id));
    format!("{id} {:?} {:?} {:?} {causes:?} {spans:?} {content:?}", r.time, r.who, r.event)
}

/// What a watch sees of a replication.
fn seen(model: &Model, keep: Keep, seed: u64, replication: u64) -> (Vec<String>, Trace) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&lines);
    let mut simulation = Simulation::keeping(keep, model, seed, replication);
    let mut watch = MilestoneWatch::new(model);
    simulation.watch(Box::new(move |trace, id| {
        into.lock().unwrap().push(told(trace, id));
        watch.see(model, trace, id)
    }));
    simulation.run();
    let lines = std::mem::take(&mut *lines.lock().unwrap());
    (lines, simulation.into_trace())
}

fn agree(model: &Model, name: &str) {
    let (all, whole) = seen(model, Keep::All, 7, 3);
    let (few, causes) = seen(model, Keep::Causes, 7, 3);
    for (a, b) in all.iter().zip(&few) {
        assert_eq!(a, b, "{name}");
    }
    assert_eq!(all.len(), few.len(), "{name}");
    assert_eq!((whole.n_records(), whole.end), (causes.n_records(), causes.end), "{name}");
    assert_eq!(whole.acted, causes.acted, "{name}");
    assert_eq!(all.len(), whole.records.len(), "{name}: the watch sees every record");
    assert!(causes.records.len() < whole.records.len().max(2), "{name}: records of an event are let go");
    for id in 0..whole.n_records() {
        assert_eq!(whole.time_of(id), causes.time_of(id), "{name}: time of {id}");
        assert_eq!(whole.first_cause(id), causes.first_cause(id), "{name}: cause of {id}");
    }
}

#[test]
fn a_run_that_keeps_only_causes_makes_the_same_records() {
    for name in ["a01", "a04", "a05", "a07", "a08", "a10", "a13", "a15", "a18", "a21", "a28", "a31"] {
        agree(&oracle(name), name);
    }
    agree(&written(include_str!("../cases/engine/toy.ron")), "toy");
    agree(&written(include_str!("../cases/engine/bodies.ron")), "bodies");
}
