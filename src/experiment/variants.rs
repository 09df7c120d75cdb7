//! Variants: documents with changes, compiled when they are needed.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Failure;
use super::chunk::Schema;
use crate::compile::compile;
use crate::document::{
    Change, Diagnostic, Difference, Loaded, Loader, Node, SourceMap, assemble, diff, flatten,
};
use crate::model::Model;

/// So many compiled variants are kept; of more, only those in use.
const KEPT: usize = 32;

/// A document that variants change: a flat record without how it was run.
#[derive(Debug, Clone)]
pub struct Base {
    /// Its name in files.
    pub name: String,
    /// The flat record `Model(..)`.
    pub tree: Node,
    /// Where it came from.
    pub origin: crate::document::merge::Origin,
    /// What was changed in it on the command line, as typed.
    pub changes: Vec<String>,
}

/// A base with changes.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name in files; no other variant has the same.
    pub name: String,
    /// Position of its base.
    pub base: usize,
    /// What is changed, in this order.
    pub changes: Vec<Change>,
}

/// A variant ready to run.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The flat record with all changes.
    pub tree: Node,
    /// The checked model.
    pub model: Model,
    /// Warnings of the compiler.
    pub warnings: Vec<Diagnostic>,
}

impl Ready {
    /// What the variant changes, line by line; empty: nothing.
    pub fn diff(&self, base: &Base) -> Vec<Difference> {
        diff(&base.tree, &self.tree)
    }
}

/// The variants of an experiment. Models are compiled on demand: a design of ten thousand points does not hold ten
/// thousand models.
pub struct Variants {
    bases: Vec<Base>,
    list: Vec<Variant>,
    compiled: Mutex<Compiled>,
}

#[derive(Default)]
struct Compiled {
    kept: Vec<(usize, Arc<Model>)>,
    in_use: Vec<(usize, Weak<Model>)>,
    schemas: Vec<Option<Arc<Schema>>>,
}

impl Variants {
    /// Variants over their bases.
    pub fn new(bases: Vec<Base>, list: Vec<Variant>) -> Variants {
        let compiled = Compiled { schemas: vec![None; list.len()], ..Compiled::default() };
        Variants { bases, list, compiled: Mutex::new(compiled) }
    }

    /// The bases.
    pub fn bases(&self) -> &[Base] {
        &self.bases
    }

    /// All variants.
    pub fn list(&self) -> &[Variant] {
        &self.list
    }

    /// The base of a variant.
    pub fn base(&self, variant: usize) -> &Base {
        &self.bases[self.list[variant].base]
    }

    /// Applies the changes of a variant and compiles it. Texts of changes are taken up into `sources`.
    ///
    /// # Errors
    /// Everything that is wrong with the changed document.
    pub fn prepare(&self, variant: usize, sources: &mut SourceMap) -> Result<Ready, Vec<Diagnostic>> {
        let base = self.base(variant);
        let mut tree = base.tree.clone();
        for change in &self.list[variant].changes {
            change.apply(&mut tree, sources)?;
        }
        // Puts fields that were added into their places.
        let loaded = Loaded { node: tree, origin: base.origin.clone(), chain: Vec::new() };
        let tree = flatten(loaded, &NoLoader, sources)?;
        let compiled = compile(&assemble(&tree)?)?;
        Ok(Ready { tree, model: compiled.model, warnings: compiled.warnings })
    }

    /// The model of a variant.
    ///
    /// # Errors
    /// [`Failure::Variant`] if it does not compile. Its diagnostics point into texts that are not kept: to show them,
    /// [`prepare`](Variants::prepare) the variant again.
    pub fn model(&self, variant: usize) -> Result<Arc<Model>, Failure> {
        if let Some(model) = self.find(variant) {
            return Ok(model);
        }
        let ready = self
            .prepare(variant, &mut SourceMap::new())
            .map_err(|errors| Failure::Variant { variant, errors })?;
        let model = Arc::new(ready.model);
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.schemas[variant].get_or_insert_with(|| Arc::new(Schema::of(&model)));
        compiled.in_use.retain(|(_, used)| used.strong_count() > 0);
        compiled.in_use.push((variant, Arc::downgrade(&model)));
        if compiled.kept.len() < KEPT {
            compiled.kept.push((variant, Arc::clone(&model)));
        }
        Ok(model)
    }

    fn find(&self, variant: usize) -> Option<Arc<Model>> {
        let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = compiled.kept.iter().find(|(v, _)| *v == variant).map(|(_, model)| Arc::clone(model));
        kept.or_else(|| compiled.in_use.iter().find(|(v, _)| *v == variant)?.1.upgrade())
    }

    /// The columns of a variant's results.
    ///
    /// # Errors
    /// As [`model`](Variants::model).
    pub fn schema(&self, variant: usize) -> Result<Arc<Schema>, Failure> {
        let known = {
            let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
            compiled.schemas[variant].clone()
        };
        match known {
            Some(schema) => Ok(schema),
            None => Ok(Arc::new(Schema::of(&*self.model(variant)?))),
        }
    }
}

/// A flat record names no other document.
struct NoLoader;

impl Loader for NoLoader {
    fn file(
        &self,
        _name: &str,
        _from: Option<&str>,
    ) -> Result<Option<crate::document::merge::Found>, Diagnostic> {
        Ok(None)
    }
}
