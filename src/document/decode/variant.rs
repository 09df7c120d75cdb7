//! Names of fields and variants, and values of enums.

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, VariantAccess, Visitor};

use super::super::source::Span;
use super::super::tree::NodeValue;
use super::access::{NodeDeserializer, Outcome, count};
use super::pieces::spanned_text;
use super::spanned::SPANNED;
use super::{DecodeError, Problem};

/// The name of a field or variant.
pub(super) struct Name<'de> {
    pub(super) text: &'de str,
    pub(super) span: Span,
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_borrowed_str(self.text).map_err(|error: DecodeError| error.at(self.span))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        if name == SPANNED {
            visitor.visit_seq(spanned_text(self.text, self.span))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A named record or tuple as a map with one entry, name to content.
pub(super) struct Named<'de, 'p> {
    pub(super) of: Option<NodeDeserializer<'de, 'p>>,
    pub(super) content: Option<NodeDeserializer<'de, 'p>>,
}

impl<'de> MapAccess<'de> for Named<'de, '_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Outcome<Option<K::Value>> {
        match self.of.take().and_then(NodeDeserializer::name) {
            Some(ident) => seed.deserialize(Name { text: &ident.text, span: ident.span }).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Outcome<V::Value> {
        let Some(de) = self.content.take() else { return Err(de::Error::custom("a value without a name")) };
        match &de.node.value {
            NodeValue::Tuple { items, .. } if items.len() == 1 => {
                seed.deserialize(NodeDeserializer::new(&items[0], de.pruned))
            }
            _ => seed.deserialize(NodeDeserializer { inside: true, ..de }),
        }
    }
}

/// A value as the variant of an enum.
pub(super) struct Variant<'de, 'p> {
    pub(super) of: NodeDeserializer<'de, 'p>,
    pub(super) name: &'de str,
    pub(super) span: Span,
}

impl Variant<'_, '_> {
    fn wrong<T>(&self, expected: String) -> Outcome<T> {
        let found = self.of.node.describe();
        Err(DecodeError::new(Problem::WrongType(expected, found)).at(self.span))
    }
}

impl<'de> EnumAccess<'de> for Variant<'de, '_> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Outcome<(V::Value, Self)> {
        let name = Name { text: self.name, span: self.span };
        let value = seed.deserialize(name).map_err(|error: DecodeError| error.at(self.span))?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de, '_> {
    type Error = DecodeError;

    fn unit_variant(self) -> Outcome<()> {
        match &self.of.node.value {
            NodeValue::Unit(_) => Ok(()),
            _ => self.wrong(format!("`{}` alone, without brackets", self.name)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Outcome<T::Value> {
        match &self.of.node.value {
            NodeValue::Tuple { items, .. } if items.len() == 1 => {
                let item = &items[0];
                seed.deserialize(NodeDeserializer::new(item, self.of.pruned))
                    .map_err(|error: DecodeError| error.in_node(item))
            }
            NodeValue::Tuple { .. } | NodeValue::Record { .. } => {
                seed.deserialize(NodeDeserializer { inside: true, ..self.of })
            }
            _ => self.wrong(format!("a value for it: `{}(..)`", self.name)),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Outcome<V::Value> {
        match &self.of.node.value {
            NodeValue::Tuple { items, .. } => self.of.fixed(items, len, visitor),
            _ => self.wrong(format!("{} for it: `{}(..)`", count(len), self.name)),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        match &self.of.node.value {
            NodeValue::Record { fields, .. } => self.of.record(fields, visitor),
            _ => {
                let first = fields.first().copied().unwrap_or("name");
                self.wrong(format!("named fields for it: `{}({first}: .., ..)`", self.name))
            }
        }
    }
}
