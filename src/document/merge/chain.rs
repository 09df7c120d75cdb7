//! Finding a document and everything it extends.
//!
//! A name is looked up as a file relative to the document that gives it, then among the built-in documents. A
//! built-in document extends built-in documents only, so that no file of the user changes what it means.

use std::collections::BTreeMap;
use std::fmt;

use super::super::builtin;
use super::super::decode::wrong_type;
use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::read;
use super::super::source::{SourceId, SourceMap};
use super::super::tree::Node;
use super::{merge, refuse_removals};

/// How many documents may extend each other.
pub const MAX_CHAIN: usize = 16;

/// Where a document comes from. Equal origins are the same document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A path, in the form that the [`Loader`] gives it.
    File(String),
    BuiltIn(String),
}

impl Origin {
    /// The path or name.
    pub fn name(&self) -> &str {
        match self {
            Origin::File(name) | Origin::BuiltIn(name) => name,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The bytes of a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// The path as messages show it. The same file must always get the same path: cycles are found by it.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Opens files for this room, which touches none itself.
pub trait Loader {
    /// The file `name`, with or without `.ron`, relative to the folder of the file `from`, or to the current
    /// folder; `None` if there is none.
    ///
    /// # Errors
    /// A diagnostic if there is one that cannot be read; ask `source::check_size` before reading.
    fn file(&self, name: &str, from: Option<&str>) -> Result<Option<Found>, Diagnostic>;

    /// The text of a built-in document.
    fn built_in(&self, name: &str) -> Option<String> {
        builtin::get(name).map(|document| document.text.to_owned())
    }

    /// The names of the built-in documents, for suggestions.
    fn built_in_names(&self) -> Vec<String> {
        builtin::all().into_iter().map(|document| document.name.to_owned()).collect()
    }
}

/// A document with everything it extends merged into it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The merged tree, a record without the field `extends`.
    pub node: Node,
    pub origin: Origin,
    /// The texts that it was made from: the document itself first, its last base last.
    pub chain: Vec<SourceId>,
}

/// Loads a document and all that it extends, and merges them.
///
/// `from` is the document that names it; none where a user did. Texts are added to `sources`.
///
/// # Errors
/// `unknown-document`, `extends-cycle`, `extends-too-long`, `kind-mismatch`, `wrong-type` for a document that is
/// no record, what [`read::read`] finds in any of them, and what cannot be merged.
pub fn load(
    name: &str,
    from: Option<&Origin>,
    loader: &dyn Loader,
    sources: &mut SourceMap,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut document = open(name, from, loader, sources)?;
    let mut chain: Vec<(Origin, SourceId)> = Vec::new();
    let mut overlays = Vec::new();
    let base = loop {
        chain.push((document.origin, document.id));
        let Some((_, extends)) = document.node.remove_field("extends") else { break document.node };
        overlays.push(document.node);
        let Some(base) = extends.as_str() else {
            return Err(vec![wrong_type("text in quotes: the name of a document", &extends)]);
        };
        let from = chain.last().map(|(origin, _)| origin);
        document = open(base, from, loader, sources).map_err(|errors| {
            // A document that is not found is wrong where it is named.
            let place = |error: Diagnostic| if error.span.is_none() { error.at(extends.span) } else { error };
            errors.into_iter().map(place).collect::<Vec<_>>()
        })?;
        let problem = if chain.iter().any(|(origin, _)| *origin == document.origin) {
            ("extends-cycle", "the document extends itself".to_owned())
        } else if chain.len() >= MAX_CHAIN {
            ("extends-too-long", format!("more than {MAX_CHAIN} documents extend each other"))
        } else {
            continue;
        };
        chain.push((document.origin, document.id));
        let message = format!("{}: {}", problem.1, path(&chain));
        return Err(vec![Diagnostic::error(problem.0, message).at(extends.span)]);
    };
    let mut diagnostics = Diagnostics::new();
    refuse_removals(&base, &mut diagnostics);
    let node = overlays.into_iter().rev().fold(base, |base, over| {
        if let (Some(kind), Some(other)) = (base.name(), over.name())
            && kind != other
        {
            let message = format!("a document `{other}(..)` cannot extend a document `{kind}(..)`");
            diagnostics.push(
                Diagnostic::error("kind-mismatch", message).at(over.head()).also(base.head(), "the base"),
            );
        }
        merge(base, over, &mut diagnostics)
    });
    if diagnostics.has_errors() {
        return Err(diagnostics.into_sorted());
    }
    let origin = chain[0].0.clone();
    Ok(Loaded { node, origin, chain: chain.into_iter().map(|(_, id)| id).collect() })
}

/// A document as it was found, not yet merged with anything.
struct Opened {
    origin: Origin,
    id: SourceId,
    node: Node,
}

/// Finds and reads one document.
fn open(
    name: &str,
    from: Option<&Origin>,
    loader: &dyn Loader,
    sources: &mut SourceMap,
) -> Result<Opened, Vec<Diagnostic>> {
    let (origin, bytes) = find(name, from, loader).map_err(|error| vec![error])?;
    let id = sources.add_bytes(origin.name(), bytes).map_err(|error| vec![error])?;
    let node = read::read(sources, id)?;
    if node.fields().is_none() {
        return Err(vec![wrong_type("a document: a record `(name: value, ..)`", &node)]);
    }
    Ok(Opened { origin, id, node })
}

fn find(name: &str, from: Option<&Origin>, loader: &dyn Loader) -> Result<(Origin, Vec<u8>), Diagnostic> {
    let file = match from {
        Some(Origin::BuiltIn(_)) => None,
        Some(Origin::File(path)) => loader.file(name, Some(path))?,
        None => loader.file(name, None)?,
    };
    // A file named like the built-in document that it extends does not mean itself.
    let itself = |found: &Found| from.is_some_and(|origin| origin.name() == found.path);
    let built_in = || loader.built_in(name).map(|text| (Origin::BuiltIn(name.to_owned()), text.into_bytes()));
    match file {
        Some(found)
            if itself(&found)
                && let Some(built_in) = built_in() =>
        {
            Ok(built_in)
        }
        Some(found) => Ok((Origin::File(found.path), found.bytes)),
        None => built_in().ok_or_else(|| {
            let names = loader.built_in_names();
            Diagnostic::error("unknown-document", format!("there is no document `{name}`"))
                .hint("a document is a file, or the name of a built-in document")
                .did_you_mean(name, names.iter().map(String::as_str))
        }),
    }
}

fn path(chain: &[(Origin, SourceId)]) -> String {
    let names: Vec<_> = chain.iter().map(|(origin, _)| format!("`{origin}`")).collect();
    names.join(" extends ")
}

/// Documents held in memory: files by path (folders end in `/`) and built-in documents by name.
///
/// For tests, and for programs that make documents themselves.
#[derive(Clone, Debug, Default)]
pub struct MemoryLoader {
    files: BTreeMap<String, Vec<u8>>,
    built_in: BTreeMap<String, String>,
}

impl MemoryLoader {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    #[must_use]
    pub fn with_file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self
    }

    /// Adds a built-in document. There are no others.
    #[must_use]
    pub fn with_built_in(mut self, name: &str, text: &str) -> Self {
        self.built_in.insert(name.to_owned(), text.to_owned());
        self
    }
}

impl Loader for MemoryLoader {
    fn file(&self, name: &str, from: Option<&str>) -> Result<Option<Found>, Diagnostic> {
        let folder = from.and_then(|path| path.rfind('/').map(|at| &path[..=at])).unwrap_or("");
        let candidates = [format!("{folder}{name}"), format!("{folder}{name}.ron")];
        let found = candidates.into_iter().find_map(|path| {
            let bytes = self.files.get(&path)?.clone();
            Some(Found { path, bytes })
        });
        Ok(found)
    }

    fn built_in(&self, name: &str) -> Option<String> {
        self.built_in.get(name).cloned()
    }

    fn built_in_names(&self) -> Vec<String> {
        self.built_in.keys().cloned().collect()
    }
}
