//! Contenders that run in turns, several rounds, so that a machine that slows down slows all of them.

use std::time::{Duration, Instant};

/// One of several ways to do the same thing.
pub(crate) struct Contender<'a> {
    /// Its name in tables.
    pub(crate) name: String,
    /// Does it once and returns what it counted (events, rows, bytes).
    pub(crate) once: Box<dyn FnMut() -> Round + 'a>,
}

/// What one turn took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// Time.
    pub(crate) took: Duration,
    /// How much was done.
    pub(crate) units: u64,
}

/// Times of a contender.
#[derive(Debug, Clone)]
pub(crate) struct Timing {
    /// Its name.
    pub(crate) name: String,
    /// Nanoseconds a unit of each round, in the order of the rounds.
    pub(crate) ns: Vec<f64>,
    /// How much was done in a round.
    pub(crate) units: u64,
}

/// Smallest, middle and largest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// The spread of at least one number.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Spread {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (last, middle) = (sorted.len() - 1, sorted.len() / 2);
        Spread { min: sorted[0], median: sorted[middle], max: sorted[last] }
    }
}

impl Timing {
    /// Nanoseconds a unit.
    pub(crate) fn spread(&self) -> Spread {
        Spread::of(self.ns.iter().copied())
    }

    /// How many times as long as `base` it takes, round by round.
    pub(crate) fn ratio_to(&self, base: &Timing) -> Spread {
        Spread::of(self.ns.iter().zip(&base.ns).map(|(own, other)| own / other))
    }
}

/// Measures what `work` takes; what it returns is how much it did.
pub(crate) fn timed(work: impl FnOnce() -> u64) -> Round {
    let begin = Instant::now();
    let units = std::hint::black_box(work());
    Round { took: begin.elapsed(), units }
}

/// Lets all contenders run in turns.
pub(crate) fn in_turns(rounds: usize, mut all: Vec<Contender<'_>>) -> Vec<Timing> {
    let named = |c: &Contender<'_>| Timing { name: c.name.clone(), ns: Vec::new(), units: 0 };
    let mut timings: Vec<Timing> = all.iter().map(named).collect();
    for _ in 0..rounds {
        for (contender, timing) in all.iter_mut().zip(&mut timings) {
            let round = (contender.once)();
            timing.units = round.units;
            timing.ns.push(round.took.as_nanos() as f64 / round.units as f64);
        }
    }
    timings
}
