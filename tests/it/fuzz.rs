//! A few thousand inputs of the fuzzer; `cargo run --release --example fuzz` makes as many as one likes.

#[path = "../support/fuzz.rs"]
#[allow(clippy::duplicate_mod, reason = "the example has its own copy")]
mod support;

use std::time::Duration;

use rayon::prelude::*;
use support::{Corpus, What};

#[test]
fn documents_that_nobody_would_write() {
    let corpus = Corpus::of_the_project();
    let all: Vec<(u64, String, What, Duration)> = (0..2_000_u64)
        .into_par_iter()
        .map(|input| {
            let text = corpus.input(2_017, input);
            let outcome = corpus.survive(&text, 1);
            (input, text, outcome.what, outcome.took)
        })
        .collect();
    for (input, _, what, took) in &all {
        assert!(!matches!(what, What::Panicked(_)), "input {input}: {what:?}");
        assert!(*took < Duration::from_secs(60), "input {input} took {took:?}");
    }
    // The inputs are worth something: many are refused, and many go all the way.
    let count = |wanted: What| all.iter().filter(|(_, _, what, _)| *what == wanted).count();
    assert!(count(What::Refused) > 500, "{} refused", count(What::Refused));
    assert!(count(What::Ran) + count(What::Stopped) > 100, "{} ran", count(What::Ran) + count(What::Stopped));
    // The same again.
    assert_eq!(all[7].1, corpus.input(2_017, 7));
}
