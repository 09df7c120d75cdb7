//! How far a batch is: a bar with the time left on a terminal, a line for each tenth elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::super::term;

/// Replications that are done, shown.
pub(crate) struct Progress {
    total: u64,
    done: AtomicU64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Of so many replications, so many were done before.
    pub(crate) fn new(total: u64, before: u64) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total);
            let style = "{bar:30} {human_pos} of {human_len} replications, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.set_position(before);
            bar.reset_eta();
            bar
        });
        Progress { total, done: AtomicU64::new(before), bar }
    }

    /// So many more are done.
    pub(crate) fn add(&self, n: u32) {
        let before = self.done.fetch_add(u64::from(n), Ordering::Relaxed);
        let after = before + u64::from(n);
        match &self.bar {
            Some(bar) => bar.set_position(after),
            None => {
                let tenth = |done: u64| done * 10 / self.total.max(1);
                if tenth(after) > tenth(before) {
                    let percent = after * 100 / self.total.max(1);
                    term::note(&format!("{after} of {} replications ({percent} %)", self.total));
                }
            }
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
