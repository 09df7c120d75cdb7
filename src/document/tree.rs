//! A document as a tree in which every value knows its place.
//!
//! The `ron` crate says what is a document and what is wrong with one: each value is taken as a borrowed `RawValue`, whose address inside the
//! text is its place, and is then read again one level deeper. Documents in which nothing is wrong are read in one
//! pass instead, to the same tree. What is written here is only what a tree may
//! hold and how large it may be. `Some(x)` is read as `x`, since documents write optional values plainly.
//!
//! **Invariant:** no text, however hostile, makes reading panic, overflow the stack or run for minutes.

use super::source::Span;

/// A value with its place.
///
/// Two nodes are equal if their values are: places do not count, and numbers are compared bit by bit.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub value: NodeValue,
}

/// A name (of a field, variant or record) with its place.
#[derive(Clone, Debug)]
pub struct Ident {
    pub text: String,
    pub span: Span,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub enum NodeValue {
    Bool(bool),
    Int(i64),
    /// Always finite.
    Float(f64),
    Str(String),
    /// A bare name: `Always`, `None`.
    Unit(String),
    /// `[a, b]`
    List(Vec<Node>),
    /// `{"a": 1}`; no key stands twice.
    Map(Vec<(Node, Node)>),
    /// `(a: 1)` or `Name(a: 1)`; no field stands twice. `()` and `Name()` are records without fields.
    Record {
        name: Option<Ident>,
        fields: Vec<(Ident, Node)>,
    },
    /// `(1, 2)` or `Name(1, 2)`; never empty.
    Tuple {
        name: Option<Ident>,
        items: Vec<Node>,
    },
}

impl Node {
    pub fn new(span: Span, value: NodeValue) -> Self {
        Node { span, value }
    }

    /// The value of a record's field.
    pub fn field(&self, name: &str) -> Option<&Node> {
        self.fields()?.iter().find(|(ident, _)| ident.text == name).map(|(_, value)| value)
    }

    /// The value of a record's field, to be changed.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Node> {
        match &mut self.value {
            NodeValue::Record { fields, .. } => {
                fields.iter_mut().find(|(ident, _)| ident.text == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Takes a field out of a record.
    pub fn remove_field(&mut self, name: &str) -> Option<(Ident, Node)> {
        match &mut self.value {
            NodeValue::Record { fields, .. } => {
                let at = fields.iter().position(|(ident, _)| ident.text == name)?;
                Some(fields.remove(at))
            }
            _ => None,
        }
    }

    /// The fields of a record.
    pub fn fields(&self) -> Option<&[(Ident, Node)]> {
        match &self.value {
            NodeValue::Record { fields, .. } => Some(fields),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            NodeValue::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map.
    pub fn entries(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            NodeValue::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text of a quoted text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A quoted text or a bare name.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Str(text) | NodeValue::Unit(text) => Some(text),
            _ => None,
        }
    }

    /// The name of a named record, tuple or bare name.
    pub fn name(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Unit(name) => Some(name),
            NodeValue::Record { name, .. } | NodeValue::Tuple { name, .. } => {
                name.as_ref().map(|ident| ident.text.as_str())
            }
            _ => None,
        }
    }

    /// The `id` of a record that has one (a text or a bare name).
    pub fn id(&self) -> Option<&str> {
        self.field("id").and_then(Node::as_text)
    }

    /// A short place to point at: the name or the opening bracket of what has parts, all of anything else.
    pub fn head(&self) -> Span {
        match &self.value {
            NodeValue::Record { name: Some(ident), .. } | NodeValue::Tuple { name: Some(ident), .. } => {
                ident.span
            }
            NodeValue::List(_) | NodeValue::Map(_) | NodeValue::Record { .. } | NodeValue::Tuple { .. } => {
                self.span.first(1)
            }
            _ => self.span,
        }
    }

    /// What this is, for messages: "a list", "the text \"abc\"", "-3".
    pub fn describe(&self) -> String {
        match &self.value {
            NodeValue::Bool(value) => format!("{value}"),
            NodeValue::Int(value) => format!("{value}"),
            NodeValue::Float(value) => format!("{value:?}"),
            NodeValue::Str(text) => {
                let short: String = text.chars().take(40).collect();
                let more = if short.len() < text.len() { "..." } else { "" };
                format!("the text {short:?}{more}")
            }
            NodeValue::Unit(name) => format!("the name `{name}`"),
            NodeValue::List(_) => "a list".to_owned(),
            NodeValue::Map(_) => "a map".to_owned(),
            NodeValue::Record { name: Some(ident), .. } | NodeValue::Tuple { name: Some(ident), .. } => {
                format!("`{}(..)`", ident.text)
            }
            NodeValue::Record { .. } => "a record `(..)`".to_owned(),
            NodeValue::Tuple { .. } => "a tuple `(..)`".to_owned(),
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Ident {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl PartialEq for NodeValue {
    fn eq(&self, other: &Self) -> bool {
        use NodeValue::*;
        match (self, other) {
            (Bool(a), Bool(b)) => a == b,
            (Int(a), Int(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Str(a), Str(b)) | (Unit(a), Unit(b)) => a == b,
            (List(a), List(b)) => a == b,
            (Map(a), Map(b)) => a == b,
            (Record { name: n, fields: f }, Record { name: m, fields: g }) => n == m && f == g,
            (Tuple { name: n, items: f }, Tuple { name: m, items: g }) => n == m && f == g,
            _ => false,
        }
    }
}
