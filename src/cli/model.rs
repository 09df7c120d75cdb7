//! From what was typed to a checked model, and back from the folder of a run.

use std::path::Path;

use super::args::Changes;
use super::failure::Failure;
use super::files::Files;
use super::script::read_injects;
use super::term;
use crate::compile::{Compiled, compile};
use crate::document::render::render_all;
use crate::document::types::{Document, RunBlock};
use crate::document::{Loaded, Node, Overrides, SourceMap, assemble, flatten, load};
use crate::model::Model;

/// A document that can be run, with the tree that becomes `model.ron`.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) model: Model,
    /// The flat document without how it was run.
    pub(crate) tree: Node,
    /// How it was run before, if it is the `model.ron` of a run.
    pub(crate) before: Option<RunBlock>,
    /// What was changed on the command line, now and before.
    pub(crate) changes: Vec<String>,
    /// Replications that the document asks for.
    pub(crate) ensemble: u32,
}

/// Loads, changes and compiles a document; warnings go to stderr.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn prepare(name: &str, changes: &Changes) -> Result<Prepared, Failure> {
    let mut sources = SourceMap::new();
    let fail = |errors: Vec<_>, sources: &SourceMap| Failure::documents(&errors, sources);
    let loaded = load(name, None, &Files, &mut sources).map_err(|e| fail(e, &sources))?;
    let origin = loaded.origin.clone();
    let mut tree = flatten(loaded, &Files, &mut sources).map_err(|e| fail(e, &sources))?;
    let mut injects = Vec::new();
    let mut errors = Vec::new();
    for path in &changes.inject {
        match read_injects(path, &tree, &mut sources) {
            Ok(node) => injects.push(node),
            Err(problems) => errors.extend(problems),
        }
    }
    if !errors.is_empty() {
        return Err(fail(errors, &sources));
    }
    let overrides = Overrides {
        set: changes.set.clone(),
        with: changes.with.clone(),
        without: changes.without.clone(),
        horizon: changes.horizon.clone(),
        injects,
    };
    overrides.apply(&mut tree, &mut sources).map_err(|e| fail(e, &sources))?;
    // Puts the fields that were added into their places, so that the document reads back as it is printed.
    let changed = Loaded { node: tree, origin, chain: Vec::new() };
    let mut tree = flatten(changed, &Files, &mut sources).map_err(|e| fail(e, &sources))?;
    let document = assemble(&tree).map_err(|e| fail(e, &sources))?;
    let compiled = compile(&document).map_err(|e| fail(e, &sources))?;
    if !compiled.warnings.is_empty() {
        term::note(&render_all(&compiled.warnings, &sources, true));
    }
    tree.remove_field("run");
    Ok(prepared(compiled, tree, document, overrides.changes()))
}

fn prepared(compiled: Compiled, tree: Node, document: Document, now: Vec<String>) -> Prepared {
    let before = document.header.run;
    let mut changes = before.as_ref().map(|run| run.changes.clone()).unwrap_or_default();
    changes.extend(now);
    Prepared { ensemble: compiled.model.meta.ensemble, model: compiled.model, tree, before, changes }
}

/// Compiles the `model.ron` of a run's folder. Its warnings have been told when it was run.
///
/// # Errors
/// The folder is not that of a run, or its document is damaged.
pub(crate) fn of_folder(dir: &Path) -> Result<Prepared, Failure> {
    if !dir.is_dir() {
        let what = if dir.exists() { "is not a folder" } else { "does not exist" };
        return Err(Failure::wrong(format!("`{}` {what}", dir.display()))
            .hint("name the folder that `blueprint-sim run` has written"));
    }
    let file = dir.join("model.ron");
    if !file.is_file() {
        return Err(Failure::wrong(format!(
            "the folder `{}` holds no run: it has no `model.ron`",
            dir.display()
        ))
        .hint("name the folder that `blueprint-sim run` has written"));
    }
    let mut sources = SourceMap::new();
    let name = file.display().to_string();
    let fail = |errors: Vec<_>, sources: &SourceMap| Failure::documents(&errors, sources);
    let loaded = load(&name, None, &Files, &mut sources).map_err(|e| fail(e, &sources))?;
    let mut tree = flatten(loaded, &Files, &mut sources).map_err(|e| fail(e, &sources))?;
    let document = assemble(&tree).map_err(|e| fail(e, &sources))?;
    let compiled = compile(&document).map_err(|e| fail(e, &sources))?;
    tree.remove_field("run");
    Ok(prepared(compiled, tree, document, Vec::new()))
}
