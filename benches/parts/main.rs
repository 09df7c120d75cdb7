//! What each part costs: event list, runs, documents, trace writing, charts.
//!
//! `cargo bench --bench parts` measures all; `cargo bench --bench parts -- charts` those with that in their name.

#[path = "../common/mod.rs"]
mod common;
mod documents;
mod pictures;
mod runs;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    parts,
    runs::kernel,
    runs::relays,
    runs::queue,
    runs::replay,
    runs::worms,
    documents::built_in,
    documents::written,
    pictures::traces,
    pictures::charts,
    pictures::page_of_all,
);
criterion_main!(parts);
