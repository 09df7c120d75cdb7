//! What `Spanned` and trees are made of when serde carries them.

use serde::de::{DeserializeSeed, IntoDeserializer, SeqAccess, value};

use super::super::source::Span;
use super::super::tree::{Ident, NodeValue};
use super::DecodeError;
use super::access::{NodeDeserializer, Outcome};
use super::spanned::span_numbers;

/// What `Spanned` and `Node` are sent in.
enum Piece<'de, 'p> {
    Number(u32),
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'de str),
    Node(NodeDeserializer<'de, 'p>),
}

/// Pieces, the next one last.
pub(super) struct Pieces<'de, 'p> {
    reversed: Vec<Piece<'de, 'p>>,
}

impl<'de> SeqAccess<'de> for Pieces<'de, '_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let Some(piece) = self.reversed.pop() else { return Ok(None) };
        match piece {
            Piece::Number(value) => seed.deserialize(value.into_deserializer()),
            Piece::Bool(value) => seed.deserialize(value.into_deserializer()),
            Piece::Int(value) => seed.deserialize(value.into_deserializer()),
            Piece::Float(value) => seed.deserialize(value.into_deserializer()),
            Piece::Text(text) => seed.deserialize(value::BorrowedStrDeserializer::new(text)),
            Piece::Node(node) => seed.deserialize(node),
        }
        .map(Some)
    }
}

/// A span and a value, as `Spanned` takes them up.
pub(super) fn spanned<'de, 'p>(value: NodeDeserializer<'de, 'p>, span: Span) -> Pieces<'de, 'p> {
    in_order(with_span(span, Piece::Node(value)))
}

/// A span and a text, as `Spanned` takes them up.
pub(super) fn spanned_text<'de>(text: &'de str, span: Span) -> Pieces<'de, 'static> {
    in_order(with_span(span, Piece::Text(text)))
}

fn with_span<'de, 'p>(span: Span, value: Piece<'de, 'p>) -> Vec<Piece<'de, 'p>> {
    span_numbers(span).map(Piece::Number).into_iter().chain([value]).collect()
}

fn in_order<'de, 'p>(mut pieces: Vec<Piece<'de, 'p>>) -> Pieces<'de, 'p> {
    pieces.reverse();
    Pieces { reversed: pieces }
}

/// A tree as `impl Deserialize for Node` takes it up: span, kind, content.
pub(super) fn tree<'de, 'p>(de: NodeDeserializer<'de, 'p>) -> Pieces<'de, 'p> {
    let node = |node| Piece::Node(NodeDeserializer::new(node, de.pruned));
    let mut pieces: Vec<Piece> = span_numbers(de.node.span).map(Piece::Number).into();
    let kind = |pieces: &mut Vec<Piece>, kind| pieces.push(Piece::Number(kind));
    match &de.node.value {
        NodeValue::Bool(value) => {
            kind(&mut pieces, 0);
            pieces.push(Piece::Bool(*value));
        }
        NodeValue::Int(value) => {
            kind(&mut pieces, 1);
            pieces.push(Piece::Int(*value));
        }
        NodeValue::Float(value) => {
            kind(&mut pieces, 2);
            pieces.push(Piece::Float(*value));
        }
        NodeValue::Str(text) => {
            kind(&mut pieces, 3);
            pieces.push(Piece::Text(text));
        }
        NodeValue::Unit(name) => {
            kind(&mut pieces, 4);
            pieces.push(Piece::Text(name));
        }
        NodeValue::List(items) => {
            kind(&mut pieces, 5);
            pieces.extend(items.iter().map(node));
        }
        NodeValue::Map(entries) => {
            kind(&mut pieces, 6);
            pieces.extend(entries.iter().flat_map(|(key, value)| [node(key), node(value)]));
        }
        NodeValue::Record { fields, .. } => {
            kind(&mut pieces, 7);
            push_name(&mut pieces, de.name());
            for (ident, value) in fields {
                push_ident(&mut pieces, ident);
                pieces.push(node(value));
            }
        }
        NodeValue::Tuple { items, .. } => {
            kind(&mut pieces, 8);
            push_name(&mut pieces, de.name());
            pieces.extend(items.iter().map(node));
        }
    }
    in_order(pieces)
}

fn push_name<'de>(pieces: &mut Vec<Piece<'de, '_>>, name: Option<&'de Ident>) {
    pieces.push(Piece::Bool(name.is_some()));
    if let Some(ident) = name {
        push_ident(pieces, ident);
    }
}

fn push_ident<'de>(pieces: &mut Vec<Piece<'de, '_>>, ident: &'de Ident) {
    pieces.push(Piece::Text(&ident.text));
    pieces.extend(span_numbers(ident.span).map(Piece::Number));
}
