//! Feeds the program documents that nobody would write, and counts what became of them.
//!
//! `cargo run --release --example fuzz -- --inputs 1000000 --seed 1` makes a million; `--first N` begins with input N,
//! and `--only N` makes input N alone and prints it. A panic, an input that takes longer than ten seconds twice, one that
//! does not end within two minutes, or more than four gigabytes of memory end it with status 1.

#[path = "../tests/support/fuzz.rs"]
mod fuzz;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fuzz::{Corpus, What};
use rayon::prelude::*;

/// Nothing may take longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What takes longer is taken to hang.
const HANGS: Duration = Duration::from_secs(120);
/// Memory of the process, in kilobytes, that it may never have.
const MEMORY: u64 = 4 << 20;
/// How often it is said how far it is.
const TELL: u64 = 20_000;

/// What is under way, and what was found.
#[derive(Default)]
struct Found {
    counts: [AtomicU64; 4],
    n: AtomicU64,
    open: Mutex<BTreeMap<u64, Instant>>,
    slowest: Mutex<(Duration, u64)>,
}

fn option(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

/// A line of what the kernel knows of this process, in kilobytes; 0 where there is no such thing.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let words = status.lines().find_map(|l| l.strip_prefix(line)).and_then(|l| l.split_whitespace().nth(1));
    words.and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Ends the process when an input hangs, or eats the memory.
fn watch(found: &Found) {
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let open = found.open.lock().expect("no thread panics while it holds the list").clone();
        let hangs = open.iter().find(|(_, began)| began.elapsed() > HANGS).map(|(input, _)| *input);
        let why = if let Some(input) = hangs {
            format!("input {input} does not end")
        } else if memory("VmRSS") > MEMORY {
            format!("too much memory while these were under way: {:?}", open.keys())
        } else {
            continue;
        };
        let _ = writeln!(std::io::stderr(), "{why}");
        std::process::exit(1);
    }
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
    let found: &'static Found = Box::leak(Box::default());
    std::thread::spawn(|| watch(found));
    let began = Instant::now();
    let bad: Vec<String> = (first..first + inputs)
        .into_par_iter()
        .filter_map(|input| {
            found
                .open
                .lock()
                .expect("no thread panics while it holds the list")
                .insert(input, Instant::now());
            let text = corpus.input(seed, input);
            let mut outcome = corpus.survive(&text, seed);
            if outcome.took > PATIENCE {
                // Or was it the machine that stood still?
                outcome = corpus.survive(&text, seed);
            }
            found.open.lock().expect("no thread panics while it holds the list").remove(&input);
            let kind = match &outcome.what {
                What::Refused => 0,
                What::Ran => 1,
                What::Stopped => 2,
                What::Panicked(_) => 3,
            };
            found.counts[kind].fetch_add(1, Ordering::Relaxed);
            let slowest = {
                let mut slowest = found.slowest.lock().expect("a pair is written at once");
                *slowest = (*slowest).max((outcome.took, input));
                *slowest
            };
            let n = found.n.fetch_add(1, Ordering::Relaxed) + 1;
            if n.is_multiple_of(TELL) {
                let (took, slow) = slowest;
                let seconds = began.elapsed().as_secs();
                let _ = writeln!(
                    std::io::stderr(),
                    "{n} inputs in {seconds} s; the slowest, {slow}, took {took:.2?}"
                );
            }
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
    let [refused, ran, stopped, panicked] =
        [0, 1, 2, 3].map(|kind: usize| found.counts[kind].load(Ordering::Relaxed));
    let (took, slow) = *found.slowest.lock().expect("a pair is written at once");
    let _ = writeln!(
        out,
        "{inputs} inputs of seed {seed}: {refused} refused with messages, {ran} run to their end, {stopped} stopped at \
         a limit, {panicked} panicked; {} bad; the slowest, {slow}, took {:.2} s; {} s in all, at most {} MB",
        bad.len(),
        took.as_secs_f64(),
        began.elapsed().as_secs(),
        memory("VmHWM") / 1024
    );
    if bad.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
