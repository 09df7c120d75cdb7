//! A quick reader for plain documents: one pass over the text, places as it goes.
//!
//! `ron` has to be asked again at each level of brackets, since a value knows its place only as a raw value; so a text
//! is read as often as it is deep. Documents that ship are three quarters of the time to start. This reader knows
//! what they are made of (names, plain texts and numbers, lists, maps, records, tuples, line comments) and gives up
//! at anything else: escapes that are rare, raw texts, ranges, what stands twice, what is too large, every mistake.
//! What it gives up is read by `ron`, which alone says what is wrong.
//!
//! **Invariant:** where it gives a tree, `ron` gives the same tree with the same places.

use std::collections::BTreeSet;

use super::super::source::{SourceId, Span};
use super::super::tree::{Ident, Node, NodeValue};
use super::{MAX_DEPTH, MAX_VALUES, MAX_WORK};

/// Fields of a record among which a name is looked for one by one.
const FEW: usize = 16;

/// The tree of a text; none where `ron` must be asked.
pub(super) fn read(text: &str, id: SourceId) -> Option<Node> {
    let mut reader = Quick { text, bytes: text.as_bytes(), at: 0, id, values: 0, work: 0 };
    reader.space()?;
    let root = reader.value(1)?;
    reader.space()?;
    (reader.at == reader.bytes.len()).then_some(root)
}

/// Whether ron may take a name for a number.
fn is_float(name: &str) -> bool {
    name.starts_with("inf") || name.starts_with("NaN")
}

struct Quick<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    id: SourceId,
    values: usize,
    work: usize,
}

impl<'t> Quick<'t> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes over white space and line comments.
    fn space(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'/') => {
                    let rest = &self.bytes[self.at..];
                    self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                }
                Some(b'/') => return None,
                _ => return Some(()),
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        self.values += 1;
        let value = match self.peek()? {
            b'"' => NodeValue::Str(self.quoted()?),
            b'0'..=b'9' | b'-' => self.number()?,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.named(depth)?,
            b'[' => self.list(depth)?,
            b'{' => self.map(depth)?,
            b'(' => self.parts(None, depth)?,
            _ => return None,
        };
        self.work += self.at - start;
        let fits = self.values <= MAX_VALUES && self.work <= MAX_WORK;
        fits.then(|| Node::new(Span::new(self.id, start, self.at), value))
    }

    /// A text in quotes with the escapes `\"`, `\\` and `\n` at most.
    fn quoted(&mut self) -> Option<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.bytes[self.at..];
            let n = rest.iter().position(|b| matches!(b, b'"' | b'\\' | b'\r'))?;
            text.push_str(self.text.get(self.at..self.at + n)?);
            self.at += n;
            match (self.peek()?, self.bytes.get(self.at + 1)) {
                (b'"', _) => {
                    self.at += 1;
                    return Some(text);
                }
                (b'\\', Some(&escaped @ (b'"' | b'\\'))) => {
                    text.push(char::from(escaped));
                    self.at += 2;
                }
                (b'\\', Some(b'n')) => {
                    text.push('\n');
                    self.at += 2;
                }
                _ => return None,
            }
        }
    }

    fn digits(&mut self) -> usize {
        let rest = &self.bytes[self.at..];
        let n = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
        self.at += n;
        n
    }

    /// A decimal number: `-12`, `0.5`, `1.5e6`.
    fn number(&mut self) -> Option<NodeValue> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        // `0x1f` and the like are left to ron, and so is what only looks like a number.
        if self.digits() == 0 {
            return None;
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            self.at += 1;
            whole = false;
            if self.digits() == 0 {
                return None;
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            whole = false;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return None;
            }
        }
        self.ends()?;
        let text = &self.text[start..self.at];
        if whole {
            return text.parse().ok().map(NodeValue::Int);
        }
        text.parse().ok().filter(|value: &f64| value.is_finite()).map(NodeValue::Float)
    }

    /// Whether a number ends here.
    fn ends(&self) -> Option<()> {
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b')' | b']' | b'}' | b':' | b'/') => Some(()),
            _ => None,
        }
    }

    fn word(&mut self) -> Option<Ident> {
        let start = self.at;
        if !matches!(self.peek()?, b'A'..=b'Z' | b'a'..=b'z' | b'_') {
            return None;
        }
        let rest = &self.bytes[start..];
        let n = rest.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(rest.len());
        self.at += n;
        let text = self.text[start..self.at].to_owned();
        Some(Ident { text, span: Span::new(self.id, start, self.at) })
    }

    /// A bare name, or what it is the name of.
    fn named(&mut self, depth: usize) -> Option<NodeValue> {
        let name = self.word()?;
        if self.peek() == Some(b'(') {
            let has_meaning = matches!(name.text.as_str(), "Some" | "None" | "true" | "false");
            return if has_meaning || is_float(&name.text) { None } else { self.parts(Some(name), depth) };
        }
        // After a space there may be a bracket that belongs to the name, and ron counts the space to it.
        if !matches!(self.peek(), None | Some(b',' | b')' | b']' | b'}' | b':')) {
            return None;
        }
        match name.text.as_str() {
            "true" => Some(NodeValue::Bool(true)),
            "false" => Some(NodeValue::Bool(false)),
            "Some" => None,
            other if is_float(other) => None,
            _ => Some(NodeValue::Unit(name.text)),
        }
    }

    /// After an item: a comma, or the end. Whether there may be another item.
    fn next(&mut self, close: u8) -> Option<bool> {
        self.space()?;
        match self.peek()? {
            b',' => {
                self.at += 1;
                self.space()?;
                Some(self.peek()? != close)
            }
            byte => (byte == close).then_some(false),
        }
    }

    /// Opens a bracket. Whether there is anything in it.
    fn open(&mut self, close: u8, depth: usize) -> Option<bool> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.at += 1;
        self.space()?;
        Some(self.peek()? != close)
    }

    fn list(&mut self, depth: usize) -> Option<NodeValue> {
        let mut items = Vec::new();
        let mut more = self.open(b']', depth)?;
        while more {
            items.push(self.value(depth + 1)?);
            more = self.next(b']')?;
        }
        self.at += 1;
        Some(NodeValue::List(items))
    }

    /// A map whose keys are texts.
    fn map(&mut self, depth: usize) -> Option<NodeValue> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut seen: BTreeSet<&'t str> = BTreeSet::new();
        let mut more = self.open(b'}', depth)?;
        while more {
            let start = self.at;
            let key = self.value(depth + 1)?;
            key.as_str()?;
            // Written in the same way is enough: an escape in a key is left to ron.
            let written = &self.text[start..self.at];
            if written.contains('\\') || !seen.insert(written) {
                return None;
            }
            self.space()?;
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            self.space()?;
            entries.push((key, self.value(depth + 1)?));
            more = self.next(b'}')?;
        }
        self.at += 1;
        Some(NodeValue::Map(entries))
    }

    /// A record if its first part has a name, else a tuple.
    fn parts(&mut self, name: Option<Ident>, depth: usize) -> Option<NodeValue> {
        if !self.open(b')', depth)? {
            self.at += 1;
            return Some(NodeValue::Record { name, fields: Vec::new() });
        }
        let start = self.at;
        if self.field().is_some() {
            self.at = start;
            return self.record(name, depth);
        }
        self.at = start;
        let mut items = Vec::new();
        let mut more = true;
        while more {
            items.push(self.value(depth + 1)?);
            more = self.next(b')')?;
        }
        self.at += 1;
        Some(NodeValue::Tuple { name, items })
    }

    /// The name of a field with the colon after it.
    fn field(&mut self) -> Option<Ident> {
        let name = self.word()?;
        self.space()?;
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.space()?;
        Some(name)
    }

    fn record(&mut self, name: Option<Ident>, depth: usize) -> Option<NodeValue> {
        let mut fields: Vec<(Ident, Node)> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut more = true;
        while more {
            let field = self.field()?;
            let twice = match fields.len() {
                0..FEW => fields.iter().any(|(known, _)| known.text == field.text),
                FEW => {
                    seen = fields.iter().map(|(known, _)| known.text.clone()).collect();
                    !seen.insert(field.text.clone())
                }
                _ => !seen.insert(field.text.clone()),
            };
            if twice {
                return None;
            }
            fields.push((field, self.value(depth + 1)?));
            more = self.next(b')')?;
        }
        self.at += 1;
        Some(NodeValue::Record { name, fields })
    }
}
