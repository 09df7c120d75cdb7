//! What a user wrote: texts, trees with places, merging, typed decoding, built-in documents, messages.
//!
//! The way of a document: bytes, [`source`]; text, [`read()`]; tree, [`merge`] (`extends`); typed value,
//! [`decode()`]. Everything that can be wrong on the way becomes a [`Diagnostic`], never a panic.

pub mod assemble;
pub mod builtin;
pub mod change;
pub mod codes;
pub mod decode;
pub mod diagnostic;
pub mod diff;
pub mod merge;
pub mod overrides;
pub mod print;
pub mod read;
pub mod render;
pub mod source;
pub mod templates;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod types;

pub use assemble::{Assembled, assemble, flatten};
pub use change::Change;
pub use decode::{Spanned, decode};
pub use diagnostic::{Diagnostic, Diagnostics, Severity, nearest};
pub use diff::{Difference, diff};
pub use merge::{Loaded, Loader, load};
pub use overrides::Overrides;
pub use read::read;
pub use source::{SourceId, SourceMap, Span};
pub use tree::{Ident, Node, NodeValue};
