//! Peers that are programs of their own: each turn is a process that tells its figures in one line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::common::turns::{Contender, Round};

/// A program and its arguments up to the seed.
#[derive(Clone)]
pub(crate) struct Foreign {
    /// Name in tables.
    pub(crate) name: &'static str,
    program: PathBuf,
    words: Vec<String>,
}

/// Figures that a peer told, by name.
pub(crate) type Figures = BTreeMap<String, f64>;

impl Foreign {
    /// A peer.
    pub(crate) fn new(name: &'static str, program: &Path, words: &[&str]) -> Foreign {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Foreign { name, program: program.to_owned(), words }
    }

    /// Runs it once with a seed.
    ///
    /// # Panics
    /// If it cannot be run or fails: it was said to be installed.
    pub(crate) fn once(&self, seed: u64) -> Figures {
        let done = Command::new(&self.program).args(&self.words).arg(seed.to_string()).output();
        let done = done.unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        assert!(done.status.success(), "{} failed: {}", self.name, String::from_utf8_lossy(&done.stderr));
        figures(&String::from_utf8_lossy(&done.stdout))
    }

    /// As a contender; its time is what it measured itself, without its start.
    pub(crate) fn contender<'a>(self) -> Contender<'a> {
        Contender {
            name: self.name.to_owned(),
            once: Box::new(move || {
                let told = self.once(1);
                Round { took: Duration::from_nanos(told["ns"] as u64), units: told["events"] as u64 }
            }),
        }
    }
}

/// Figures of a line of the form `name=number name=number`.
pub(crate) fn figures(text: &str) -> Figures {
    let pairs = text.split_whitespace().filter_map(|word| word.split_once('='));
    pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect()
}
