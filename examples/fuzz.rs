//! Feeds the program documents that nobody would write, and counts what became of them.
//!
//! `cargo run --release --example fuzz -- --inputs 1000000 --seed 1` makes a million; `--only N` makes input N alone
//! and prints it. A panic or an input that takes longer than ten seconds ends it with status 1.

#[path = "../tests/support/fuzz.rs"]
mod fuzz;

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fuzz::{Corpus, What};
use rayon::prelude::*;

/// Nothing may take longer.
const PATIENCE: Duration = Duration::from_secs(10);

fn option(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

fn main() -> ExitCode {
    let (inputs, seed) = (option("--inputs").unwrap_or(10_000), option("--seed").unwrap_or(1));
    let first = option("--first").unwrap_or(0);
    let corpus = Corpus::of_the_project();
    let mut out = std::io::stdout();
    if let Some(only) = option("--only") {
        let text = corpus.input(seed, only);
        let _ = writeln!(out, "{text}");
        let _ = writeln!(out, "{:?}", corpus.survive(&text, seed));
        return ExitCode::SUCCESS;
    }
    // The message of a panic is told below, once.
    std::panic::set_hook(Box::new(|_| {}));
    let counts: [AtomicU64; 4] = std::array::from_fn(|_| AtomicU64::new(0));
    let slowest = AtomicU64::new(0);
    let bad: Vec<String> = (first..first + inputs)
        .into_par_iter()
        .filter_map(|input| {
            let text = corpus.input(seed, input);
            let outcome = corpus.survive(&text, seed);
            let kind = match &outcome.what {
                What::Refused => 0,
                What::Ran => 1,
                What::Stopped => 2,
                What::Panicked(_) => 3,
            };
            counts[kind].fetch_add(1, Ordering::Relaxed);
            slowest.fetch_max(outcome.took.as_micros() as u64, Ordering::Relaxed);
            let told = match outcome.what {
                What::Panicked(words) => Some(format!("input {input} panicked: {words}")),
                _ if outcome.took > PATIENCE => Some(format!("input {input} took {:?}", outcome.took)),
                _ => None,
            };
            if let Some(told) = &told {
                let _ = writeln!(std::io::stderr(), "{told}");
            }
            told
        })
        .collect();
    let [refused, ran, stopped, panicked] = counts.map(AtomicU64::into_inner);
    let _ = writeln!(
        out,
        "{inputs} inputs of seed {seed}: {refused} refused with messages, {ran} run to their end, {stopped} stopped at \
         the limit of events, {panicked} panicked; {} bad; the slowest took {:.2} s",
        bad.len(),
        slowest.into_inner() as f64 / 1e6
    );
    if bad.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
