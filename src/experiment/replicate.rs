//! The parallel loop: one simulation per thread, set back between replications, not rebuilt.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::Failure;
use super::chunk::{Chunk, Passage, figure_word, instant_word};
use super::plan::Item;
use super::store::Store;
use super::variants::Variants;
use crate::analysis::chain::chain;
use crate::analysis::figures::FigureReader;
use crate::analysis::milestones::MilestoneWatch;
use crate::model::Model;
use crate::sim::Simulation;
use crate::trace::{Subject, Trace};

/// How an experiment under way is stopped and watched from outside.
pub struct Control<'a> {
    /// Set to end after the chunks that are under way.
    pub stop: &'a AtomicBool,
    /// Called with the number of replications of a chunk that has been put into the store.
    pub done: &'a (dyn Fn(u32) + Sync),
}

impl Control<'_> {
    /// Nobody watches.
    pub fn none() -> Control<'static> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Control { stop: &NEVER, done: &|_| {} }
    }
}

/// Makes chunks on all threads of the current rayon pool and puts them into the store.
///
/// Chunks are begun in the order of `items`, and end in any order. Returns whether all were made (false: stopped).
///
/// # Errors
/// The first failure; chunks that are under way are still put into the store.
pub fn replicate(
    variants: &Variants,
    seed: u64,
    items: &[Item],
    store: &dyn Store,
    control: &Control<'_>,
) -> Result<bool, Failure> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let stopped = AtomicBool::new(false);
    let work = Work { variants, seed, items, store, control, next: &next, stopped: &stopped };
    rayon::broadcast(|_| {
        if let Err(failure) = work.run() {
            stopped.store(true, Ordering::Relaxed);
            failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(failure) => Err(failure),
        None => Ok(!control.stop.load(Ordering::Relaxed) || next.load(Ordering::Relaxed) >= items.len()),
    }
}

/// What all threads share.
struct Work<'a> {
    variants: &'a Variants,
    seed: u64,
    items: &'a [Item],
    store: &'a dyn Store,
    control: &'a Control<'a>,
    next: &'a AtomicUsize,
    stopped: &'a AtomicBool,
}

impl Work<'_> {
    fn take(&self) -> Option<Item> {
        if self.stopped.load(Ordering::Relaxed) || self.control.stop.load(Ordering::Relaxed) {
            return None;
        }
        self.items.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
    }

    /// The work of one thread. A simulation serves as long as the variant is the same.
    fn run(&self) -> Result<(), Failure> {
        let mut item = self.take();
        while let Some(first) = item {
            let model = self.variants.model(first.variant as usize)?;
            let mut simulation = watched(&model, self.seed);
            let mut reader = FigureReader::new(&model);
            while let Some(now) = item.filter(|now| now.variant == first.variant) {
                self.store.put(chunk(&model, &mut simulation, &mut reader, self.seed, now)?)?;
                (self.control.done)(now.n);
                item = self.take();
            }
        }
        Ok(())
    }
}

/// A simulation that is watched for the milestones on which `until` and injects wait.
fn watched(model: &Model, seed: u64) -> Simulation<'_> {
    let mut simulation = Simulation::new(model, seed, 0);
    let Some(mut watch) = MilestoneWatch::awaited(model) else { return simulation };
    simulation.watch(Box::new(move |trace, id| {
        // Another replication begins.
        if id == 0 {
            watch.restart(model);
        }
        watch.see(model, trace, id)
    }));
    simulation
}

/// What is read from the trace of each of these replications, in their order, on all threads.
pub(super) fn each<T: Send>(
    model: &Model,
    seed: u64,
    replications: Range<u64>,
    read: impl Fn(&Trace) -> T + Sync + Send,
) -> Vec<T> {
    let run = |simulation: &mut Simulation<'_>, replication| {
        simulation.reset(seed, replication);
        simulation.run();
        read(simulation.trace())
    };
    replications.into_par_iter().map_init(|| watched(model, seed), run).collect()
}

/// One replication with all its records.
pub fn one(model: &Model, seed: u64, replication: u64) -> Trace {
    let mut simulation = watched(model, seed);
    simulation.reset(seed, replication);
    simulation.run();
    simulation.into_trace()
}

/// The replications of a chunk, one after the other.
fn chunk<'m>(
    model: &'m Model,
    simulation: &mut Simulation<'m>,
    reader: &mut FigureReader,
    seed: u64,
    item: Item,
) -> Result<Chunk, Failure> {
    let mut rows: Vec<Vec<u64>> = Vec::with_capacity(item.n as usize);
    let mut passages = Vec::new();
    let mut values = Vec::new();
    for offset in 0..item.n {
        simulation.reset(seed, item.first + u64::from(offset));
        simulation.run();
        if let Some(stop) = simulation.stopped() {
            return Err(Failure::Stopped {
                variant: item.variant as usize,
                replication: item.first + u64::from(offset),
                stop: stop.clone(),
            });
        }
        let trace = simulation.trace();
        values.clear();
        let reached = reader.read(model, trace, &mut values);
        let mut row = Vec::with_capacity(2 * reached.len() + values.len());
        for result in &reached {
            row.push(instant_word(result.reached.map(|r| r.at.as_micros())));
            row.push(instant_word(result.origin.map(|t| t.as_micros())));
        }
        row.extend(values.iter().map(|&value| figure_word(value)));
        rows.push(row);
        let headline = model.meta.headline_milestone.and_then(|m| chain(trace, &reached[m.index()]));
        let subjects = headline.map(|chain| chain.subjects(trace)).unwrap_or_default();
        passages.extend(subjects.into_iter().map(|(subject, time)| Passage {
            offset,
            subject: code(subject),
            time_us: time.as_micros(),
        }));
    }
    let n_columns = rows.first().map_or(0, Vec::len);
    let mut words = Vec::with_capacity(n_columns * rows.len());
    for column in 0..n_columns {
        words.extend(rows.iter().map(|row| row[column]));
    }
    Ok(Chunk { variant: item.variant, first: item.first, n: item.n, words, passages })
}

/// A subject as a number: its kind in the upper half, its position in the lower.
pub(super) fn code(subject: Subject) -> u64 {
    let (kind, position) = match subject {
        Subject::World => (0, 0),
        Subject::Actor(id) => (1, id.index() as u64),
        Subject::Operator(id) => (2, id.index() as u64),
        Subject::Incident(id) => (3, id.index() as u64),
        Subject::Channel(position) => (4, u64::from(position)),
        Subject::Network(id) => (5, id.index() as u64),
    };
    kind << 32 | position
}

/// The subject of a number; none if it is none.
pub(super) fn subject(code: u64) -> Option<Subject> {
    use crate::model::{ActorId, IncidentId, NetworkId, OperatorId};
    let position = (code & 0xffff_ffff) as usize;
    Some(match code >> 32 {
        0 => Subject::World,
        1 => Subject::Actor(ActorId::from_index(position)),
        2 => Subject::Operator(OperatorId::from_index(position)),
        3 => Subject::Incident(IncidentId::from_index(position)),
        4 => Subject::Channel(position as u32),
        5 => Subject::Network(NetworkId::from_index(position)),
        _ => return None,
    })
}
