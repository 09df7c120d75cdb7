//! Small documents compiled: what comes out, and what is refused in which words.

mod hostile;
mod messages;
mod models;

use crate::document::merge::MemoryLoader;
use crate::document::overrides::Overrides;
use crate::document::{Assembled, Diagnostic, SourceMap, assemble};

use super::{Compiled, compile};

/// A document with one actor and little else, to be added to.
pub(super) const TOY: &str = include_str!("tests/toy.ron");
/// A scenario over [`TOY`].
pub(super) const TOY_SCENARIO: &str = include_str!("tests/toy-scenario.ron");

/// Opens a document among the toys and the text given as `doc`.
pub(super) fn open(
    text: &str,
    name: &str,
    overrides: &Overrides,
) -> (SourceMap, Result<Assembled, Vec<Diagnostic>>) {
    let loader = MemoryLoader::new()
        .with_file("doc.ron", text)
        .with_built_in("toy", TOY)
        .with_built_in("toy-worm", TOY_SCENARIO);
    let mut sources = SourceMap::new();
    let opened = assemble::open(name, &loader, &mut sources, overrides);
    (sources, opened)
}

/// Compiles a text that must be right.
pub(super) fn right(text: &str) -> Compiled {
    compile_named(text, "doc", &Overrides::default())
}

pub(super) fn compile_named(text: &str, name: &str, overrides: &Overrides) -> Compiled {
    let (sources, opened) = open(text, name, overrides);
    let compiled = opened.and_then(|opened| compile(&opened.document));
    match compiled {
        Ok(compiled) => compiled,
        Err(errors) => {
            let shown: Vec<String> =
                errors.iter().map(|d| crate::document::render::render(d, &sources, false)).collect();
            panic!("{}", shown.join("\n"));
        }
    }
}
