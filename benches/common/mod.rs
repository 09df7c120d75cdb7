//! What the benches share: models as documents, the same models as plain loops, and how both are compared.
//!
//! Everything here is a function of its arguments: the same text, the same draws, the same events each time.

#![allow(dead_code, reason = "each bench and test uses a part of it")]

pub(crate) mod engine;
pub(crate) mod graph;
pub(crate) mod hold;
pub(crate) mod outcome;
pub(crate) mod plain_relay;
pub(crate) mod queue;
pub(crate) mod relay;
pub(crate) mod turns;
pub(crate) mod worm;

use blueprint_sim::compile::compile;
use blueprint_sim::des::{Law, uniform};
use blueprint_sim::document::merge::MemoryLoader;
use blueprint_sim::document::{Loader, Overrides, SourceMap, assemble, render};
use blueprint_sim::model::Model;
use blueprint_sim::time::SimDuration;

/// The model of a document given as text.
///
/// # Panics
/// If the document has an error: the benches write their own.
pub(crate) fn model_of(text: &str) -> Model {
    opened("document", &MemoryLoader::new().with_file("document.ron", text))
}

/// The model of a document that the loader finds.
///
/// # Panics
/// If the document has an error.
pub(crate) fn opened(name: &str, loader: &dyn Loader) -> Model {
    let mut sources = SourceMap::new();
    let opened = assemble::open(name, loader, &mut sources, &Overrides::default());
    match opened.and_then(|opened| compile(&opened.document)) {
        Ok(compiled) => compiled.model,
        Err(errors) => {
            let shown: Vec<String> = errors.iter().map(|d| render::render(d, &sources, false)).collect();
            panic!("{name}: {}", shown.join("\n"));
        }
    }
}

/// The duration that a word stands for, in whole microseconds.
pub(crate) fn length(law: &Law, word: u64) -> u64 {
    SimDuration::from_micros_f64(law.quantile(uniform(word))).as_micros()
}

/// One step of the hash by which the engine names what a draw is for.
pub(crate) fn mix(so_far: u64, part: u64) -> u64 {
    (so_far.rotate_left(25) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31)
}
