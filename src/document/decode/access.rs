//! serde's view of a tree: which node may stand for which kind of type.

use serde::de::{DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Visitor};

use super::super::tree::{Ident, Node, NodeValue};
use super::pieces::{spanned, tree};
use super::spanned::{SPANNED, TREE};
use super::variant::{Name, Named, Variant};
use super::{DecodeError, Part, Problem, Pruned, listed};

pub(super) type Outcome<T> = Result<T, DecodeError>;

/// Deserialises one node.
#[derive(Clone, Copy)]
pub(super) struct NodeDeserializer<'de, 'p> {
    pub(super) node: &'de Node,
    pub(super) pruned: &'p Pruned,
    /// The name of the record or tuple was the variant of an enum; only what is in the brackets counts now.
    pub(super) inside: bool,
}

impl<'de, 'p> NodeDeserializer<'de, 'p> {
    pub(super) fn new(node: &'de Node, pruned: &'p Pruned) -> Self {
        NodeDeserializer { node, pruned, inside: false }
    }

    pub(super) fn name(self) -> Option<&'de Ident> {
        match &self.node.value {
            NodeValue::Record { name, .. } | NodeValue::Tuple { name, .. } if !self.inside => name.as_ref(),
            _ => None,
        }
    }

    fn wrong<T>(self, expected: impl Into<String>) -> Outcome<T> {
        Err(DecodeError::wrong_type(expected, self.node))
    }

    /// A whole number within the range of its type.
    fn int(self, low: i128, high: i128) -> Outcome<i64> {
        let expected = format!("a whole number from {low} to {high}");
        match self.node.value {
            NodeValue::Int(value) if (low..=high).contains(&i128::from(value)) => Ok(value),
            NodeValue::Int(value) => {
                Err(DecodeError::new(Problem::Range(expected, value.to_string())).at(self.node.span))
            }
            _ => self.wrong(expected),
        }
    }

    fn number(self) -> Outcome<f64> {
        match self.node.value {
            NodeValue::Int(value) => Ok(value as f64),
            NodeValue::Float(value) => Ok(value),
            _ => self.wrong("a number"),
        }
    }

    fn text(self) -> Outcome<&'de str> {
        match &self.node.value {
            NodeValue::Str(text) => Ok(text),
            _ => self.wrong("text in quotes"),
        }
    }

    fn list<V: Visitor<'de>>(self, items: &'de [Node], visitor: V) -> Outcome<V::Value> {
        visitor
            .visit_seq(Items {
                container: self.node,
                items: items.iter(),
                pruned: self.pruned,
                optional: true,
            })
            .map_err(|error: DecodeError| error.in_node(self.node))
    }

    /// A fixed number of values: of these none can be left out.
    pub(super) fn fixed<V: Visitor<'de>>(
        self,
        items: &'de [Node],
        len: usize,
        visitor: V,
    ) -> Outcome<V::Value> {
        if items.len() != len {
            let text = format!("expected {}, found {}", count(len), items.len());
            return Err(DecodeError::new(Problem::Length(text)).in_node(self.node));
        }
        visitor
            .visit_seq(Items {
                container: self.node,
                items: items.iter(),
                pruned: self.pruned,
                optional: false,
            })
            .map_err(|error: DecodeError| error.in_node(self.node))
    }

    pub(super) fn record<V: Visitor<'de>>(
        self,
        fields: &'de [(Ident, Node)],
        visitor: V,
    ) -> Outcome<V::Value> {
        visitor
            .visit_map(Fields {
                container: self.node,
                fields: fields.iter(),
                value: None,
                pruned: self.pruned,
            })
            .map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn map<V: Visitor<'de>>(self, entries: &'de [(Node, Node)], visitor: V) -> Outcome<V::Value> {
        visitor
            .visit_map(Entries {
                container: self.node,
                entries: entries.iter(),
                value: None,
                pruned: self.pruned,
            })
            .map_err(|error: DecodeError| error.in_node(self.node))
    }

    /// Checks that a record or tuple bears the name of the type, or none.
    fn check_name(self, name: &'static str) -> Outcome<()> {
        match self.name() {
            Some(ident) if ident.text != name => {
                let found = self.node.describe();
                let expected = format!("`{name}(..)`, or `(..)` without a name");
                Err(DecodeError::new(Problem::WrongType(expected, found)).at(ident.span))
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn count(len: usize) -> String {
    if len == 1 { "1 value".to_owned() } else { format!("{len} values") }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
            let value = self.int(<$type>::MIN as i128, <$type>::MAX as i128)?;
            visitor.$visit(value as $type).map_err(|error: DecodeError| error.in_node(self.node))
        })*
    };
}

impl<'de> Deserializer<'de> for NodeDeserializer<'de, '_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let result = match &self.node.value {
            NodeValue::Bool(value) => visitor.visit_bool(*value),
            NodeValue::Int(value) => match u64::try_from(*value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(*value),
            },
            NodeValue::Float(value) => visitor.visit_f64(*value),
            NodeValue::Str(text) => visitor.visit_borrowed_str(text),
            NodeValue::Unit(name) if name == "None" => visitor.visit_none(),
            NodeValue::Unit(name) => visitor.visit_borrowed_str(name),
            NodeValue::List(items) => self.list(items, visitor),
            NodeValue::Map(entries) => self.map(entries, visitor),
            // serde's buffer for untagged types holds an enum as a map with one entry.
            _ if self.name().is_some() => visitor.visit_map(Named { of: Some(self), content: Some(self) }),
            NodeValue::Record { fields, .. } => self.record(fields, visitor),
            NodeValue::Tuple { items, .. } => self.fixed(items, items.len(), visitor),
        };
        result.map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.node.value {
            NodeValue::Bool(value) => {
                visitor.visit_bool(value).map_err(|error: DecodeError| error.in_node(self.node))
            }
            _ => self.wrong("`true` or `false`"),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_f32(self.number()? as f32).map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_f64(self.number()?).map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_borrowed_str(self.text()?).map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_borrowed_str(self.text()?).map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match &self.node.value {
            NodeValue::Unit(name) if name == "None" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
        .map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match &self.node.value {
            NodeValue::Record { fields, .. } if fields.is_empty() && self.name().is_none() => {
                visitor.visit_unit().map_err(|error: DecodeError| error.in_node(self.node))
            }
            _ => self.wrong("`()`"),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Outcome<V::Value> {
        match &self.node.value {
            NodeValue::Unit(found) if found == name => {
                visitor.visit_unit().map_err(|error: DecodeError| error.in_node(self.node))
            }
            _ => self.wrong(format!("the name `{name}`")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        match (name, &self.node.value) {
            (SPANNED, _) => visitor.visit_seq(spanned(self, self.node.span)),
            (TREE, _) => visitor.visit_seq(tree(self)),
            (_, NodeValue::Tuple { items, .. })
                if items.len() == 1 && self.name().is_some_and(|ident| ident.text == name) =>
            {
                visitor.visit_newtype_struct(NodeDeserializer::new(&items[0], self.pruned))
            }
            _ => visitor.visit_newtype_struct(self),
        }
        .map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match &self.node.value {
            NodeValue::List(items) => self.list(items, visitor),
            _ => self.wrong("a list `[..]`"),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Outcome<V::Value> {
        match &self.node.value {
            NodeValue::List(items) => self.fixed(items, len, visitor),
            NodeValue::Tuple { items, .. } if self.name().is_none() => self.fixed(items, len, visitor),
            NodeValue::Record { fields, .. } if fields.is_empty() && self.name().is_none() => {
                self.fixed(&[], len, visitor)
            }
            _ => self.wrong(format!("{} in brackets `(..)`", count(len))),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Outcome<V::Value> {
        self.check_name(name)?;
        NodeDeserializer { inside: true, ..self }.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match &self.node.value {
            NodeValue::Map(entries) => self.map(entries, visitor),
            // serde asks so for a struct with flattened fields, and says so only here.
            NodeValue::Record { fields, .. }
                if (&visitor as &dyn Expected).to_string().starts_with("struct ") =>
            {
                self.record(fields, visitor)
            }
            _ => self.wrong("a map `{\"name\": ..}`"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        self.check_name(name)?;
        match &self.node.value {
            NodeValue::Record { fields, .. } => self.record(fields, visitor),
            _ => self.wrong(format!("the fields of `{name}`: `(name: value, ..)`")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        let (name, span) = match &self.node.value {
            NodeValue::Unit(name) => (name.as_str(), self.node.span),
            _ => match self.name() {
                Some(ident) => (ident.text.as_str(), ident.span),
                None => {
                    return self.wrong(format!("one of {}", listed(variants)));
                }
            },
        };
        visitor
            .visit_enum(Variant { of: self, name, span })
            .map_err(|error: DecodeError| error.in_node(self.node))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.node.as_text() {
            Some(text) => {
                visitor.visit_borrowed_str(text).map_err(|error: DecodeError| error.in_node(self.node))
            }
            None => self.wrong("a name"),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_unit()
    }
}

/// The items of a list or tuple.
struct Items<'de, 'p> {
    container: &'de Node,
    items: std::slice::Iter<'de, Node>,
    pruned: &'p Pruned,
    /// Whether the rest can do without one of them.
    optional: bool,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let Some(item) = self.items.find(|item| !self.pruned.holds(item)) else { return Ok(None) };
        seed.deserialize(NodeDeserializer::new(item, self.pruned)).map(Some).map_err(|error: DecodeError| {
            let error = error.in_node(item);
            if self.optional { error.inside(Part::new(self.container, item)) } else { error }
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The fields of a record.
struct Fields<'de, 'p> {
    container: &'de Node,
    fields: std::slice::Iter<'de, (Ident, Node)>,
    value: Option<&'de Node>,
    pruned: &'p Pruned,
}

impl<'de> MapAccess<'de> for Fields<'de, '_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Outcome<Option<K::Value>> {
        let Some((ident, value)) = self.fields.find(|(_, value)| !self.pruned.holds(value)) else {
            return Ok(None);
        };
        self.value = Some(value);
        let name = Name { text: &ident.text, span: ident.span };
        seed.deserialize(name)
            .map(Some)
            .map_err(|error: DecodeError| error.at(ident.span).inside(Part::new(self.container, value)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Outcome<V::Value> {
        let value = self.value.take().unwrap_or(self.container);
        seed.deserialize(NodeDeserializer::new(value, self.pruned))
            .map_err(|error: DecodeError| error.in_node(value).inside(Part::new(self.container, value)))
    }
}

/// The entries of a map.
struct Entries<'de, 'p> {
    container: &'de Node,
    entries: std::slice::Iter<'de, (Node, Node)>,
    value: Option<&'de Node>,
    pruned: &'p Pruned,
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Outcome<Option<K::Value>> {
        let Some((key, value)) = self.entries.find(|(_, value)| !self.pruned.holds(value)) else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(NodeDeserializer::new(key, self.pruned))
            .map(Some)
            .map_err(|error: DecodeError| error.in_node(key).inside(Part::new(self.container, value)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Outcome<V::Value> {
        let value = self.value.take().unwrap_or(self.container);
        seed.deserialize(NodeDeserializer::new(value, self.pruned))
            .map_err(|error: DecodeError| error.in_node(value).inside(Part::new(self.container, value)))
    }
}
