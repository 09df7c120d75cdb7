//! From text to tree: `ron` reads, this file keeps places, refuses what is given twice, and sets limits.
//!
//! Plain documents are read by `quick`, which gives the same trees in one pass.

use std::cell::Cell;
use std::collections::BTreeMap;

use ron::error::{Error as RonError, SpannedError};
use ron::value::RawValue;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::diagnostic::Diagnostic;
use super::print;
use super::source::{Position, SourceId, SourceMap, Span};
use super::tree::{Ident, Node, NodeValue};

mod quick;

/// How deep lists, maps, records and tuples may be nested. Documents need about ten levels.
pub const MAX_DEPTH: usize = 64;
/// How many values and field names a document may hold: a bound on memory (about 100 bytes each) and time.
pub const MAX_VALUES: usize = 1_000_000;
/// How many bytes are read in all, each level of nesting counting its bytes again: a bound on time.
const MAX_WORK: usize = 128 * 1024 * 1024;
/// `ron` counts two calls a level.
const RECURSION_LIMIT: usize = 2 * MAX_DEPTH;
/// After this many errors in one text the rest is not told.
const MAX_ERRORS: usize = 100;

/// Reads one text as RON.
///
/// # Errors
/// One `syntax`, `too-deep` or `too-large` diagnostic, or one for each thing that a document cannot hold:
/// `duplicate-field`, `duplicate-key`, `unsupported` (characters, byte strings, ranges), `number-range`.
pub fn read(sources: &SourceMap, id: SourceId) -> Result<Node, Vec<Diagnostic>> {
    match quick::read(sources.text(id), id) {
        Some(node) => Ok(node),
        None => read_by_ron(sources, id),
    }
}

/// Reads one text with `ron` alone, level by level.
fn read_by_ron(sources: &SourceMap, id: SourceId) -> Result<Node, Vec<Diagnostic>> {
    let mut text = sources.text(id);
    let closed;
    if !text.ends_with('\n') {
        // ron takes no raw value that ends in a line comment. Places are offsets, so a copy will do.
        closed = format!("{text}\n");
        text = &closed;
    }
    let options = ron::Options::default().with_recursion_limit(RECURSION_LIMIT);
    let mut reader = Reader { text, id, values: 0, work: 0, errors: Vec::new() };
    // The first pass finds the syntax error, if there is one, and stops at too many values.
    let root = options
        .from_str_seed(text, Count(&Cell::new(0)))
        .and_then(|()| options.from_str::<&RawValue>(text))
        .map_err(|error| vec![syntax(sources, id, &error)])?;
    let node = reader.node(root.trim().get_ron(), 1);
    match node {
        Ok(node) if reader.errors.is_empty() => Ok(node),
        Ok(_) => Err(reader.errors),
        Err(fatal) => {
            reader.errors.push(fatal);
            Err(reader.errors)
        }
    }
}

/// Reads a text that stands alone: takes it up into `sources`, then reads it.
///
/// # Errors
/// As [`SourceMap::add`] and [`read`].
pub fn read_text(
    sources: &mut SourceMap,
    name: impl Into<String>,
    text: impl Into<String>,
) -> Result<Node, Vec<Diagnostic>> {
    let id = sources.add(name, text).map_err(|error| vec![error])?;
    read(sources, id)
}

/// The diagnostic for an error that ron found.
fn syntax(sources: &SourceMap, id: SourceId, error: &SpannedError) -> Diagnostic {
    let text = sources.text(id);
    let offset = |at: ron::error::Position| sources.offset(id, Position { line: at.line, column: at.col });
    let mut at = offset(error.span.end);
    if matches!(error.code, RonError::ExceededRecursionLimit | RonError::ExpectedStringEnd) {
        // ron has just passed the bracket or quote that it complains about.
        at = text[..at].char_indices().next_back().map_or(0, |(i, _)| i);
    }
    let mut end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    if matches!(text[at..end].chars().next(), None | Some('\n' | '\r')) {
        // Nothing to underline here: point at the last thing before it.
        let before = text[..at].trim_end();
        at = before.char_indices().next_back().map_or(0, |(i, _)| i);
        end = before.len();
    }
    let span = Span::new(id, at, end);
    if text.trim().is_empty() {
        return Diagnostic::error("syntax", "the document is empty").at(span);
    }
    match &error.code {
        RonError::ExceededRecursionLimit => too_deep(span),
        RonError::Message(text) if text == FULL => too_many(span),
        RonError::Eof => Diagnostic::error("syntax", "the document ends too early")
            .at(span)
            .label("something is still open here")
            .hint("look for a missing `)`, `]`, `}` or `\"`"),
        RonError::ExpectedStringEnd => {
            Diagnostic::error("syntax", "a text is not closed").at(span).hint("look for a missing `\"`")
        }
        RonError::ExpectedComma => {
            Diagnostic::error("syntax", "expected a comma or a closing bracket").at(span)
        }
        code => {
            let message = code.to_string();
            let mut chars = message.chars();
            let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
            Diagnostic::error("syntax", first + chars.as_str()).at(span)
        }
    }
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("too-deep", format!("brackets are nested more than {MAX_DEPTH} deep")).at(span)
}

struct Reader<'t> {
    text: &'t str,
    id: SourceId,
    values: usize,
    work: usize,
    errors: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    /// The place of a part of the text, by its address.
    fn span(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        Span::new(self.id, start, start + part.len())
    }

    fn error(&mut self, diagnostic: Diagnostic) -> Result<(), Diagnostic> {
        if self.errors.len() + 1 >= MAX_ERRORS {
            return Err(diagnostic);
        }
        self.errors.push(diagnostic);
        Ok(())
    }

    /// Builds the node of a part that ron has found to be a value. An error ends the reading.
    fn node(&mut self, part: &'t str, depth: usize) -> Result<Node, Diagnostic> {
        let span = self.span(part);
        self.values += 1;
        self.work += part.len();
        if self.values > MAX_VALUES || self.work > MAX_WORK {
            return Err(too_many(span.first(1)));
        }
        let first = part.chars().next().unwrap_or(' ');
        let name = self.name(part, first);
        let visitor = ShapeVisitor { first, room: MAX_VALUES - self.values };
        let shape = ron::Deserializer::from_str(part)
            .and_then(|mut ron| ron.deserialize_any(visitor).map_err(|error| ron.span_error(error)))
            .map_err(|error| match error.code {
                RonError::Message(text) if text == FULL => too_many(span.first(1)),
                code => Diagnostic::error("syntax", code.to_string()).at(span.first(1)),
            })?;
        if depth > MAX_DEPTH && shape.has_parts() {
            return Err(too_deep(span.first(1)));
        }
        let value = match shape {
            Shape::Optional(inner) => return self.node(trim(inner), depth),
            Shape::Bool(value) => NodeValue::Bool(value),
            Shape::Text(text) => NodeValue::Str(text),
            Shape::Name => NodeValue::Unit(name.map(|ident| ident.text).unwrap_or_default()),
            Shape::Int(Some(value)) => NodeValue::Int(value),
            Shape::Int(None) => return self.out_of_range(part),
            Shape::Float(value) => {
                if !value.is_finite() || part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'_' | b'+' | b'-')) {
                    return self.out_of_range(part);
                }
                NodeValue::Float(value)
            }
            Shape::Seq(items) if first == '[' => NodeValue::List(self.items(&items, depth)?),
            Shape::Seq(items) if items.is_empty() => NodeValue::Record { name, fields: Vec::new() },
            Shape::Seq(items) => NodeValue::Tuple { name, items: self.items(&items, depth)? },
            Shape::Map(entries) => NodeValue::Map(self.entries(&entries, depth)?),
            Shape::Fields(fields) => NodeValue::Record { name, fields: self.fields(&fields, depth)? },
            Shape::Other(what) => {
                self.error(
                    Diagnostic::error("unsupported", format!("documents have no {what}"))
                        .at(span)
                        .hint("text stands in double quotes, durations and instants too"),
                )?;
                NodeValue::Bool(false)
            }
        };
        Ok(Node::new(span, value))
    }

    /// The name with which a part begins, if it begins with one.
    fn name(&self, part: &'t str, first: char) -> Option<Ident> {
        if matches!(first, '0'..='9' | '"' | '[' | '{' | '(' | '-' | '+' | '.' | '\'') {
            return None;
        }
        let mut ron = ron::Deserializer::from_str(part).ok()?;
        let text = (&mut ron).deserialize_identifier(NameVisitor).ok()?;
        Some(Ident { text: text.to_owned(), span: self.span(text) })
    }

    fn out_of_range(&mut self, part: &str) -> Result<Node, Diagnostic> {
        let span = self.span(part);
        self.error(Diagnostic::error("number-range", "this number is too large").at(span).hint(format!(
            "whole numbers reach from {} to {}, others are finite",
            i64::MIN,
            i64::MAX
        )))?;
        Ok(Node::new(span, NodeValue::Int(0)))
    }

    fn items(&mut self, items: &[&'t str], depth: usize) -> Result<Vec<Node>, Diagnostic> {
        items.iter().map(|item| self.node(trim(item), depth + 1)).collect()
    }

    fn entries(
        &mut self,
        entries: &[(&'t str, &'t str)],
        depth: usize,
    ) -> Result<Vec<(Node, Node)>, Diagnostic> {
        let mut seen = BTreeMap::new();
        let mut nodes = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.node(trim(key), depth + 1)?;
            let value = self.node(trim(value), depth + 1)?;
            if let Some(before) = seen.insert(print::compact(&key), key.span) {
                self.error(
                    Diagnostic::error(
                        "duplicate-key",
                        format!("the key {} stands twice in this map", print::compact(&key)),
                    )
                    .at(key.span)
                    .label("again here")
                    .also(before, "first here"),
                )?;
            }
            nodes.push((key, value));
        }
        Ok(nodes)
    }

    fn fields(
        &mut self,
        fields: &[(&'t str, &'t str)],
        depth: usize,
    ) -> Result<Vec<(Ident, Node)>, Diagnostic> {
        let mut seen = BTreeMap::new();
        let mut nodes = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let span = self.span(name);
            if let Some(before) = seen.insert(*name, span) {
                self.error(
                    Diagnostic::error("duplicate-field", format!("the field `{name}` stands twice"))
                        .at(span)
                        .label("again here")
                        .also(before, "first here"),
                )?;
            }
            let value = self.node(trim(value), depth + 1)?;
            nodes.push((Ident { text: (*name).to_owned(), span }, value));
        }
        Ok(nodes)
    }
}

fn too_many(span: Span) -> Diagnostic {
    Diagnostic::error("too-large", "the document holds too much").at(span).hint(format!(
        "the limits are {MAX_VALUES} values, and {} MiB of text when each level of brackets is counted again",
        MAX_WORK >> 20
    ))
}

/// A raw value without the comments around it. ron trims white space itself; to trim comments it reads the
/// value once more, so that is asked only where there can be one.
fn trim(part: &str) -> &str {
    if part.starts_with('/') || part.ends_with(['/', '\n']) {
        // A part was a value of the text, so ron takes it again.
        RawValue::from_ron(part).map_or(part, |raw| raw.trim().get_ron())
    } else {
        part
    }
}

/// What ron finds in a part, with the parts of it not yet read.
enum Shape<'t> {
    Bool(bool),
    /// A whole number; none if it is out of range.
    Int(Option<i64>),
    Float(f64),
    Text(String),
    /// A bare name.
    Name,
    /// `Some(..)`
    Optional(&'t str),
    Seq(Vec<&'t str>),
    Map(Vec<(&'t str, &'t str)>),
    Fields(Vec<(&'t str, &'t str)>),
    Other(&'static str),
}

impl Shape<'_> {
    fn has_parts(&self) -> bool {
        matches!(self, Shape::Optional(_) | Shape::Seq(_) | Shape::Map(_) | Shape::Fields(_))
    }
}

/// The message with which a visitor stops ron when there are more values than a document may hold.
const FULL: &str = "too many values";

struct ShapeVisitor {
    first: char,
    room: usize,
}

impl ShapeVisitor {
    fn is_number(&self) -> bool {
        matches!(self.first, '0'..='9' | '.' | '+' | '-')
    }
}

impl<'t> Visitor<'t> for ShapeVisitor {
    type Value = Shape<'t>;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Shape<'t>, E> {
        Ok(Shape::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Shape<'t>, E> {
        Ok(Shape::Int(Some(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Shape<'t>, E> {
        Ok(if self.first == 'b' {
            Shape::Other("byte literals")
        } else {
            Shape::Int(i64::try_from(value).ok())
        })
    }

    fn visit_f64<E>(self, value: f64) -> Result<Shape<'t>, E> {
        Ok(Shape::Float(value))
    }

    fn visit_char<E>(self, _: char) -> Result<Shape<'t>, E> {
        Ok(Shape::Other("single characters"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape<'t>, E> {
        Ok(Shape::Text(text.to_owned()))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Shape<'t>, E> {
        Ok(Shape::Other("byte strings"))
    }

    fn visit_none<E>(self) -> Result<Shape<'t>, E> {
        Ok(Shape::Name)
    }

    fn visit_some<D: Deserializer<'t>>(self, ron: D) -> Result<Shape<'t>, D::Error> {
        <&RawValue>::deserialize(ron).map(|raw| Shape::Optional(raw.get_ron()))
    }

    fn visit_unit<E>(self) -> Result<Shape<'t>, E> {
        Ok(match self.first {
            '(' => Shape::Seq(Vec::new()),
            '.' => Shape::Other("ranges"),
            _ => Shape::Name,
        })
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<Shape<'t>, A::Error> {
        let mut items = Vec::new();
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            if items.len() >= self.room {
                return Err(de::Error::custom(FULL));
            }
            items.push(raw.get_ron());
        }
        Ok(Shape::Seq(items))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Shape<'t>, A::Error> {
        if self.is_number() {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Shape::Other("ranges"));
        }
        let mut entries = Vec::new();
        loop {
            // Keys of maps are values, keys of records are names: ron reads them differently.
            let key = if self.first == '{' {
                map.next_key::<&RawValue>()?.map(RawValue::get_ron)
            } else {
                map.next_key::<&str>()?
            };
            let Some(key) = key else { break };
            if entries.len() >= self.room {
                return Err(de::Error::custom(FULL));
            }
            entries.push((key, map.next_value::<&RawValue>()?.get_ron()));
        }
        Ok(if self.first == '{' { Shape::Map(entries) } else { Shape::Fields(entries) })
    }
}

/// Counts values without keeping any, and stops ron when there are too many.
#[derive(Clone, Copy)]
struct Count<'c>(&'c Cell<usize>);

impl Count<'_> {
    fn one<E: de::Error>(self) -> Result<(), E> {
        self.0.set(self.0.get() + 1);
        if self.0.get() > MAX_VALUES { Err(E::custom(FULL)) } else { Ok(()) }
    }
}

impl<'t> DeserializeSeed<'t> for Count<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, ron: D) -> Result<(), D::Error> {
        ron.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Count<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.one()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.one()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.one()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.one()
    }

    fn visit_char<E: de::Error>(self, _: char) -> Result<(), E> {
        self.one()
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.one()
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<(), E> {
        self.one()
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.one()
    }

    fn visit_some<D: Deserializer<'t>>(self, ron: D) -> Result<(), D::Error> {
        self.deserialize(ron)
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.one()
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        self.one()
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry_seed(self, self)?.is_some() {}
        self.one()
    }
}

struct NameVisitor;

impl<'t> Visitor<'t> for NameVisitor {
    type Value = &'t str;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'t str) -> Result<&'t str, E> {
        Ok(name)
    }
}

#[cfg(test)]
#[path = "read/tests.rs"]
mod tests;
