//! What the comparison is asked for.

use std::path::PathBuf;

/// Options of the command line.
pub(crate) struct Options {
    /// Rounds in which all take turns.
    pub(crate) rounds: usize,
    /// Facts of the relay; SimPy gets a tenth of them.
    pub(crate) facts: usize,
    /// Simulated hours of the queue.
    pub(crate) hours: u64,
    /// Operators of the worm.
    pub(crate) operators: usize,
    /// Replications from which means of peers with streams of their own are compared.
    pub(crate) checks: u64,
    /// The Python that has SimPy, if there is one.
    pub(crate) python: Option<PathBuf>,
    /// The program of the NeXosim crate, if it is built.
    pub(crate) nexosim: Option<PathBuf>,
    /// The page whose table is to be replaced.
    pub(crate) write: Option<PathBuf>,
    /// What stands above the table: date and class of machine.
    pub(crate) about: String,
    /// Measures what a user needs to plan with, instead of comparing.
    pub(crate) scaling: bool,
    /// Does one thing alone and tells its time and memory.
    pub(crate) alone: Option<String>,
}

impl Options {
    /// The options that this process was given; what `cargo bench` adds is passed over.
    pub(crate) fn given() -> Options {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let text = |name: &str| {
            let at = words.iter().position(|word| word == name)?;
            words.get(at + 1).filter(|value| !value.is_empty()).cloned()
        };
        let number = |name: &str, default: u64| match text(name) {
            Some(value) => value.parse().unwrap_or_else(|_| panic!("{name} needs a number, not `{value}`")),
            None => default,
        };
        Options {
            rounds: number("--rounds", 7) as usize,
            facts: number("--facts", 200) as usize,
            hours: number("--hours", 7000),
            operators: number("--operators", 160_000) as usize,
            checks: number("--checks", 10),
            python: text("--python").map(PathBuf::from),
            nexosim: text("--nexosim").map(PathBuf::from),
            write: text("--write").map(PathBuf::from),
            about: text("--about").unwrap_or_default(),
            scaling: words.iter().any(|word| word == "--scaling"),
            alone: text("--alone"),
        }
    }
}
