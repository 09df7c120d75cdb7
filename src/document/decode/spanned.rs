//! `Spanned<T>`: a field that knows its place; and trees as fields of typed values.
//!
//! Both use names of newtypes that only the deserializer of this room knows, as toml does for its spans.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use super::super::source::{SourceId, Span};
use super::super::tree::{Ident, Node, NodeValue};

/// The newtype name that asks for source, start, end and value.
pub(super) const SPANNED: &str = "$blueprint-sim::Spanned";
/// The newtype name that asks for a tree, piece by piece.
pub(super) const TREE: &str = "$blueprint-sim::Node";

/// A value with the place where it was written.
///
/// Compares, sorts and hashes as its value alone, so that a map keyed by `Spanned<String>` is asked with a `&str`.
#[derive(Clone, Copy, Debug)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

impl<T> Spanned<T> {
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }

    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }

    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash> Hash for Spanned<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl Borrow<str> for Spanned<String> {
    fn borrow(&self) -> &str {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SpannedVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
            type Value = Spanned<T>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value with its place (places are lost in untagged and flattened types)")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Spanned<T>, A::Error> {
                let span = next_span(&mut seq)?;
                Ok(Spanned { value: next(&mut seq)?, span })
            }
        }

        deserializer.deserialize_newtype_struct(SPANNED, SpannedVisitor(PhantomData))
    }
}

fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(seq: &mut A) -> Result<T, A::Error> {
    seq.next_element()?.ok_or_else(|| de::Error::custom("a value lost its place"))
}

fn next_span<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<Span, A::Error> {
    Ok(Span { source: SourceId(next(seq)?), start: next(seq)?, end: next(seq)? })
}

/// A span as the three numbers that serde carries.
pub(super) fn span_numbers(span: Span) -> [u32; 3] {
    [span.source.0, span.start, span.end]
}

impl<'de> Deserialize<'de> for Node {
    /// A tree as it stands, for values that are read later, when more is known.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;

        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("any value (places are lost in untagged and flattened types)")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let span = next_span(&mut seq)?;
                let kind: u32 = next(&mut seq)?;
                let value = match kind {
                    0 => NodeValue::Bool(next(&mut seq)?),
                    1 => NodeValue::Int(next(&mut seq)?),
                    2 => NodeValue::Float(next(&mut seq)?),
                    3 => NodeValue::Str(next(&mut seq)?),
                    4 => NodeValue::Unit(next(&mut seq)?),
                    5 => NodeValue::List(rest(&mut seq)?),
                    6 => {
                        let mut entries = Vec::new();
                        while let Some(key) = seq.next_element()? {
                            entries.push((key, next(&mut seq)?));
                        }
                        NodeValue::Map(entries)
                    }
                    7 => {
                        let name = next_name(&mut seq)?;
                        let mut fields = Vec::new();
                        while let Some(text) = seq.next_element()? {
                            let ident = Ident { text, span: next_span(&mut seq)? };
                            fields.push((ident, next(&mut seq)?));
                        }
                        NodeValue::Record { name, fields }
                    }
                    _ => NodeValue::Tuple { name: next_name(&mut seq)?, items: rest(&mut seq)? },
                };
                Ok(Node { span, value })
            }
        }

        deserializer.deserialize_newtype_struct(TREE, NodeVisitor)
    }
}

fn rest<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<Vec<Node>, A::Error> {
    let mut items = Vec::new();
    while let Some(item) = seq.next_element()? {
        items.push(item);
    }
    Ok(items)
}

fn next_name<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<Option<Ident>, A::Error> {
    if next::<bool, A>(seq)? { Ok(Some(Ident { text: next(seq)?, span: next_span(seq)? })) } else { Ok(None) }
}
