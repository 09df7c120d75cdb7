//! What a relay came to, from the product's trace or from the events of a plain loop, in the same numbers.

use std::sync::{Arc, Mutex};

use blueprint_sim::model::{FactId, Model};
use blueprint_sim::sim::Simulation;
use blueprint_sim::time::SimTime;
use blueprint_sim::trace::{Event, Keep, RecordId, Source, Subject, Trace, WorkKind};
use smallvec::SmallVec;

use super::graph::{Graph, HOUR};

/// The two kinds of event that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A letter arrives at a desk.
    Arrival = 0,
    /// A desk has read a letter.
    Served = 1,
}

/// Who watches a relay.
pub(crate) trait Seen {
    /// An event at a time (µs).
    fn event(&mut self, at: u64, desk: usize, fact: u32, kind: Kind);
    /// A desk knows a fact from now on.
    fn learned(&mut self, at: u64, fact: u32);
    /// A letter begins to be read after a wait (µs).
    fn waited(&mut self, wait: u64);
}

/// What a relay came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Outcome {
    /// Arrivals and ends of service.
    pub(crate) events: u64,
    /// Hash over (time, desk, fact, kind) of each event in order.
    pub(crate) hash: u64,
    /// Letters that began to be read.
    pub(crate) letters: u64,
    /// Desks and facts that became known to them.
    pub(crate) known: u64,
    /// Sum of times from the first telling of a fact until a desk knows it (µs).
    pub(crate) spread_us: u128,
    /// Sum of waits for a server (µs).
    pub(crate) wait_us: u128,
    /// Time of the last event (µs).
    pub(crate) end_us: u64,
}

impl Outcome {
    /// Mean time until a desk knows a fact, in hours.
    pub(crate) fn spread_hours(&self) -> f64 {
        self.spread_us as f64 / self.known as f64 / HOUR
    }

    /// Mean wait for a server, in hours.
    pub(crate) fn wait_hours(&self) -> f64 {
        self.wait_us as f64 / self.letters as f64 / HOUR
    }

    /// Time of the last event, in hours.
    pub(crate) fn end_hours(&self) -> f64 {
        self.end_us as f64 / HOUR
    }
}

impl Seen for Outcome {
    fn event(&mut self, at: u64, desk: usize, fact: u32, kind: Kind) {
        self.events += 1;
        self.end_us = at;
        let what = (desk as u64) << 33 | u64::from(fact) << 1 | kind as u64;
        for word in [at, what] {
            self.hash = (self.hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29);
        }
    }

    fn learned(&mut self, at: u64, fact: u32) {
        self.known += 1;
        self.spread_us += u128::from(at - Graph::told_at_us(fact as usize));
    }

    fn waited(&mut self, wait: u64) {
        self.letters += 1;
        self.wait_us += u128::from(wait);
    }
}

/// What a record of the product's trace of a relay document tells.
pub(crate) fn see(outcome: &mut Outcome, trace: &Trace, id: RecordId) {
    let record = trace.record(id);
    let Subject::Actor(actor) = record.who else { return };
    let at = record.time.since_start().as_micros();
    let fact_of = |item: u32| trace.told_in(item).first().map_or(u32::MAX, |told| number(told.fact));
    match record.event {
        Event::Delivered { item, .. } => outcome.event(at, actor.index(), fact_of(item), Kind::Arrival),
        Event::Read { item, .. } => outcome.event(at, actor.index(), fact_of(item), Kind::Served),
        Event::Learned { fact, from: Source::Actor(_), .. } => outcome.learned(at, number(fact)),
        Event::TaskDone { work: WorkKind::Read(_), started } => {
            let came = trace.first_cause(id).map_or(SimTime::ZERO, |cause| trace.time_of(cause));
            outcome.waited((started - came).as_micros());
        }
        _ => {}
    }
}

/// What the product makes of a relay document, seen record by record.
pub(crate) fn of_relay(model: &Model, seed: u64, replication: u64) -> Outcome {
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let seen = Arc::clone(&outcome);
    let mut simulation = Simulation::keeping(Keep::Causes, model, seed, replication);
    simulation.watch(Box::new(move |trace, id| {
        if let Ok(mut outcome) = seen.lock() {
            see(&mut outcome, trace, id);
        }
        SmallVec::new()
    }));
    simulation.run();
    let outcome = outcome.lock().map(|outcome| *outcome);
    outcome.unwrap_or_default()
}

fn number(fact: FactId) -> u32 {
    fact.index() as u32
}
