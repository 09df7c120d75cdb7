//! From trees to typed values, with the place of everything that does not fit.
//!
//! [`decode()`] drives serde over a [`Node`]. serde stops at the first error; to tell them all, the part that was
//! wrong (a field, an item of a list, an entry of a map) is left out and the rest is decoded again, until
//! nothing new is found. What is wrong only because something was left out is not told.
//!
//! How documents are read: a struct is a record with or without its name; an `Option` is the value itself or
//! `None`; a unit variant is a bare name, others are `Name(..)`; a newtype variant around a struct takes the
//! fields directly, `LogNormal(median: "25min", p95: "2h")`; a whole number may stand for a float.

mod access;
mod pieces;
mod spanned;
mod variant;

use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{self, Expected, Unexpected};

use super::diagnostic::{Diagnostic, Diagnostics, nearest};
use super::source::Span;
use super::tree::{Node, NodeValue};
use access::NodeDeserializer;
pub use spanned::Spanned;

/// After this many errors in one value the rest is not told.
const MAX_ERRORS: usize = 100;
/// So many known names are listed in a message.
const MAX_LISTED: usize = 24;

/// Decodes a node; all errors come together.
///
/// # Errors
/// `wrong-type`, `number-range`, `unknown-field`, `unknown-variant`, `missing-field`, `wrong-length`, or
/// `invalid-value` for what the type itself refuses, each at the innermost place.
pub fn decode<'de, T: Deserialize<'de>>(node: &'de Node) -> Result<T, Vec<Diagnostic>> {
    let mut pruned = Pruned::default();
    let mut errors = Vec::new();
    loop {
        match T::deserialize(NodeDeserializer::new(node, &pruned)) {
            Ok(value) if errors.is_empty() => return Ok(value),
            Ok(_) => return Err(errors),
            Err(error) => {
                let error = error.in_node(node);
                if !error.follows_from(&pruned) {
                    errors.push(error.diagnostic());
                }
                if errors.len() >= MAX_ERRORS || !pruned.leave_out(&error) {
                    // Only consequences were found, and nothing more can be left out.
                    if errors.is_empty() {
                        errors.push(error.diagnostic());
                    }
                    return Err(errors);
                }
            }
        }
    }
}

/// Decodes each entry of a map by itself: what is right is kept, each error is collected.
///
/// A node that is no map is a `wrong-type` error and gives an empty result.
pub fn decode_map<'de, T: Deserialize<'de>>(
    node: &'de Node,
    diagnostics: &mut Diagnostics,
) -> IndexMap<Spanned<String>, T> {
    let mut map = IndexMap::new();
    let NodeValue::Map(entries) = &node.value else {
        diagnostics.push(wrong_type("a map `{\"name\": ..}`", node));
        return map;
    };
    for (key, value) in entries {
        let key = diagnostics.take_all(decode::<Spanned<String>>(key));
        let value = diagnostics.take_all(decode::<T>(value));
        if let (Some(key), Some(value)) = (key, value) {
            map.insert(key, value);
        }
    }
    map
}

/// Decodes each item of a list by itself: what is right is kept, each error is collected.
///
/// A node that is no list is a `wrong-type` error and gives an empty result.
pub fn decode_list<'de, T: Deserialize<'de>>(node: &'de Node, diagnostics: &mut Diagnostics) -> Vec<T> {
    let NodeValue::List(items) = &node.value else {
        diagnostics.push(wrong_type("a list `[..]`", node));
        return Vec::new();
    };
    items.iter().filter_map(|item| diagnostics.take_all(decode::<T>(item))).collect()
}

/// Decodes one field of a record; `None` where it is missing or wrong (which is collected).
pub fn decode_field<'de, T: Deserialize<'de>>(
    node: &'de Node,
    field: &str,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    diagnostics.take_all(decode::<T>(node.field(field)?))
}

/// One `unknown-field` diagnostic for each field of a record that is not among the known ones.
pub fn unknown_fields(node: &Node, known: &[&str]) -> Vec<Diagnostic> {
    let fields = node.fields().unwrap_or_default().iter();
    fields
        .filter(|(ident, _)| !known.contains(&ident.text.as_str()))
        .map(|(ident, _)| unknown("field", &ident.text, known).at(ident.span))
        .collect()
}

/// The diagnostic for a value of another kind than expected.
pub fn wrong_type(expected: &str, found: &Node) -> Diagnostic {
    DecodeError::wrong_type(expected, found).diagnostic()
}

fn unknown(what: &str, name: &str, known: &[&str]) -> Diagnostic {
    let code = if what == "field" { "unknown-field" } else { "unknown-variant" };
    let diagnostic = Diagnostic::error(code, format!("there is no {what} `{name}` here"))
        .did_you_mean(name, known.iter().copied());
    match known {
        [] => diagnostic.hint(format!("no {what} is known here")),
        _ => diagnostic
            .expected(format!("one of {}", listed(known)))
            .hint(format!("known here: {}", listed(known))),
    }
}

/// Names for a message, not too many.
fn listed(names: &[&str]) -> String {
    let listed: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    listed.join(", ") + if names.len() > MAX_LISTED { ", ..." } else { "" }
}

/// What went wrong, before it is put into words.
#[derive(Clone, Debug)]
pub(super) enum Problem {
    /// The type refused the value, in its own words.
    Custom(String),
    /// What was expected and what was found.
    WrongType(String, String),
    /// What was expected and what was found, of the right kind.
    Range(String, String),
    /// The same for what a type of its own refuses.
    Value(String, String),
    Length(String),
    UnknownField(String, &'static [&'static str]),
    UnknownVariant(String, &'static [&'static str]),
    /// The field, and the name of what lacks it.
    MissingField(&'static str, Option<String>),
}

/// An error of decoding: serde makes it without a place, the node that was being read adds its own.
#[derive(Clone, Debug)]
pub(super) struct DecodeError(Box<Failure>);

#[derive(Clone, Debug)]
struct Failure {
    problem: Problem,
    span: Option<Span>,
    hint: Option<String>,
    /// The node in which the error arose, by address.
    raised_at: Option<usize>,
    /// The innermost part that holds the place: what may be left out to go on.
    part: Option<Part>,
}

/// A part of a container that the rest can do without.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Addresses of the container and of the value in it.
    container: usize,
    value: usize,
}

impl Part {
    pub(super) fn new(container: &Node, value: &Node) -> Self {
        Part { container: address(container), value: address(value) }
    }
}

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

impl DecodeError {
    pub(super) fn new(problem: Problem) -> Self {
        DecodeError(Box::new(Failure { problem, span: None, hint: None, raised_at: None, part: None }))
    }

    pub(super) fn wrong_type(expected: impl Into<String>, found: &Node) -> Self {
        let expected = expected.into();
        let hint = match &found.value {
            NodeValue::Unit(name) if expected.starts_with("text") => {
                Some(format!("text stands in quotes: \"{name}\""))
            }
            _ => None,
        };
        let mut error = Self::new(Problem::WrongType(expected, found.describe())).at(found.head());
        error.0.hint = hint;
        error
    }

    /// Places the error, unless something further inside has already done so.
    pub(super) fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// As [`DecodeError::at`] for the node that was being read; fills in what serde could not know.
    pub(super) fn in_node(mut self, node: &Node) -> Self {
        if self.0.span.is_none() {
            if let Problem::WrongType(_, found) = &mut self.0.problem {
                *found = node.describe();
            }
            if let Problem::MissingField(_, owner) = &mut self.0.problem {
                *owner = node.id().or(node.name()).map(str::to_owned);
            }
            self.0.span = Some(node.head());
        }
        self.0.raised_at.get_or_insert(address(node));
        self
    }

    /// Notes on the way out which part of a container held the error.
    pub(super) fn inside(mut self, part: Part) -> Self {
        self.0.part.get_or_insert(part);
        self
    }

    /// Whether the error is there only because something in the same node was left out.
    fn follows_from(&self, pruned: &Pruned) -> bool {
        let Some(left_out) = self.0.raised_at.and_then(|at| pruned.by_container.get(&at)) else {
            return false;
        };
        match &self.0.problem {
            Problem::MissingField(field, _) => left_out.iter().any(|reason| match reason {
                // Which field serde misses is not certain where fields have other names, so any will do.
                Reason::Wrong => true,
                Reason::Unknown(name) => nearest(name, [*field]).is_some(),
            }),
            Problem::UnknownField(..) => false,
            _ => true,
        }
    }

    fn diagnostic(&self) -> Diagnostic {
        let mut diagnostic = match &self.0.problem {
            Problem::Custom(text) => Diagnostic::error("invalid-value", text.clone()),
            Problem::WrongType(expected, found) => mismatch("wrong-type", expected, found),
            Problem::Range(expected, found) => mismatch("number-range", expected, found),
            Problem::Value(expected, found) => mismatch("invalid-value", expected, found),
            Problem::Length(text) => Diagnostic::error("wrong-length", text.clone()),
            Problem::UnknownField(name, known) => unknown("field", name, known),
            Problem::UnknownVariant(name, known) => unknown("choice", name, known),
            Problem::MissingField(field, owner) => {
                let owner = owner.as_ref().map(|name| format!(" of `{name}`")).unwrap_or_default();
                Diagnostic::error("missing-field", format!("the field `{field}`{owner} is missing"))
            }
        };
        diagnostic.span = self.0.span;
        diagnostic.hints.extend(self.0.hint.clone());
        diagnostic
    }
}

fn mismatch(code: &'static str, expected: &str, found: &str) -> Diagnostic {
    Diagnostic::error(code, format!("expected {expected}, found {found}")).expected(expected)
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.diagnostic().message)
    }
}

impl std::error::Error for DecodeError {}

/// What was found, in the words of documents.
fn found(unexpected: Unexpected) -> String {
    match unexpected {
        Unexpected::Bool(value) => format!("{value}"),
        Unexpected::Unsigned(value) => format!("{value}"),
        Unexpected::Signed(value) => format!("{value}"),
        Unexpected::Float(value) => format!("{value:?}"),
        Unexpected::Str(text) => format!("the text {text:?}"),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a map or record".to_owned(),
        other => other.to_string(),
    }
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        DecodeError::new(Problem::Custom(text.to_string()))
    }

    fn invalid_type(unexpected: Unexpected, expected: &dyn Expected) -> Self {
        DecodeError::new(Problem::WrongType(expected.to_string(), found(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected, expected: &dyn Expected) -> Self {
        DecodeError::new(Problem::Value(expected.to_string(), found(unexpected)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        DecodeError::new(Problem::Length(format!("expected {expected}, found {length} values")))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        DecodeError::new(Problem::UnknownVariant(variant.to_owned(), expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        DecodeError::new(Problem::UnknownField(field.to_owned(), expected))
    }

    fn missing_field(field: &'static str) -> Self {
        DecodeError::new(Problem::MissingField(field, None))
    }
}

/// Why a part was left out.
#[derive(Clone, Debug)]
enum Reason {
    Wrong,
    Unknown(String),
}

/// The parts left out so far.
#[derive(Default)]
pub(super) struct Pruned {
    /// Values by address.
    values: BTreeMap<usize, ()>,
    by_container: BTreeMap<usize, Vec<Reason>>,
}

impl Pruned {
    /// Whether this value is left out.
    pub(super) fn holds(&self, node: &Node) -> bool {
        !self.values.is_empty() && self.values.contains_key(&address(node))
    }

    /// Leaves out the innermost part around an error; false if there is none.
    fn leave_out(&mut self, error: &DecodeError) -> bool {
        let Some(part) = error.0.part else { return false };
        let reason = match &error.0.problem {
            Problem::UnknownField(name, _) => Reason::Unknown(name.clone()),
            _ => Reason::Wrong,
        };
        self.by_container.entry(part.container).or_default().push(reason);
        self.values.insert(part.value, ()).is_none()
    }
}

#[cfg(test)]
#[path = "decode/tests.rs"]
mod tests;
