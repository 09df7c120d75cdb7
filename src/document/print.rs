//! From tree to text: stable, readable RON that reads back as the same tree.
//!
//! What fits into the width stands on one line, everything else is broken into one part a line. The fields of
//! the outermost record always stand on lines of their own.

use std::fmt::Write;

use super::tree::{Ident, Node, NodeValue};

/// The longest line that is filled with a list, map or record, in characters.
const WIDTH: usize = 110;
const INDENT: usize = 4;

/// The node as RON, ending with a line break.
pub fn pretty(node: &Node) -> String {
    let mut out = String::new();
    write_broken(&mut out, node, 0, true);
    out.push('\n');
    out
}

/// The node as RON on one line.
pub fn compact(node: &Node) -> String {
    let mut out = String::new();
    write_flat(&mut out, node, usize::MAX);
    out
}

/// Writes the node at the present position if the line has room for it, else broken into lines.
fn write_broken(out: &mut String, node: &Node, level: usize, force: bool) {
    if !force {
        let column = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
        let start = out.len();
        // One more for the comma.
        let room = WIDTH.saturating_sub(column + 1);
        if write_flat(out, node, start + room) {
            return;
        }
        out.truncate(start);
    }
    let inner = level + 1;
    let new_line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', level * INDENT));
    };
    match &node.value {
        NodeValue::List(items) if !items.is_empty() => {
            out.push('[');
            for item in items {
                new_line(out, inner);
                write_broken(out, item, inner, false);
                out.push(',');
            }
            new_line(out, level);
            out.push(']');
        }
        NodeValue::Map(entries) if !entries.is_empty() => {
            out.push('{');
            for (key, value) in entries {
                new_line(out, inner);
                write_flat(out, key, usize::MAX);
                out.push_str(": ");
                write_broken(out, value, inner, false);
                out.push(',');
            }
            new_line(out, level);
            out.push('}');
        }
        NodeValue::Record { name, fields } if !fields.is_empty() => {
            write_name(out, name.as_ref());
            out.push('(');
            for (field, value) in fields {
                new_line(out, inner);
                write_ident(out, &field.text);
                out.push_str(": ");
                write_broken(out, value, inner, false);
                out.push(',');
            }
            new_line(out, level);
            out.push(')');
        }
        NodeValue::Tuple { name, items } => {
            write_name(out, name.as_ref());
            out.push('(');
            if let [item] = items.as_slice() {
                // A single item hugs the brackets of its wrapper.
                write_broken(out, item, level, false);
            } else {
                for item in items {
                    new_line(out, inner);
                    write_broken(out, item, inner, false);
                    out.push(',');
                }
                new_line(out, level);
            }
            out.push(')');
        }
        _ => {
            write_flat(out, node, usize::MAX);
        }
    }
}

/// Writes the node on one line; gives up (false) once `out` is longer than `limit` bytes.
fn write_flat(out: &mut String, node: &Node, limit: usize) -> bool {
    match &node.value {
        NodeValue::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        NodeValue::Int(value) => {
            let _ = write!(out, "{value}");
        }
        // The shortest digits that read back as the same bits.
        NodeValue::Float(value) => {
            let _ = write!(out, "{value:?}");
        }
        NodeValue::Str(text) => write_text(out, text),
        NodeValue::Unit(name) => write_bare(out, name),
        NodeValue::List(items) => return write_items(out, ('[', ']'), items, limit),
        NodeValue::Map(entries) => {
            out.push('{');
            for (i, (key, value)) in entries.iter().enumerate() {
                separate(out, i);
                if !write_flat(out, key, limit) {
                    return false;
                }
                out.push_str(": ");
                if !write_flat(out, value, limit) {
                    return false;
                }
            }
            out.push('}');
        }
        NodeValue::Record { name, fields } => {
            write_name(out, name.as_ref());
            out.push('(');
            for (i, (field, value)) in fields.iter().enumerate() {
                separate(out, i);
                write_ident(out, &field.text);
                out.push_str(": ");
                if !write_flat(out, value, limit) {
                    return false;
                }
            }
            out.push(')');
        }
        NodeValue::Tuple { name, items } => {
            write_name(out, name.as_ref());
            return write_items(out, ('(', ')'), items, limit);
        }
    }
    out.len() <= limit
}

fn write_items(out: &mut String, (open, close): (char, char), items: &[Node], limit: usize) -> bool {
    out.push(open);
    for (i, item) in items.iter().enumerate() {
        separate(out, i);
        if !write_flat(out, item, limit) {
            return false;
        }
    }
    out.push(close);
    out.len() <= limit
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

fn write_name(out: &mut String, name: Option<&Ident>) {
    if let Some(ident) = name {
        write_bare(out, &ident.text);
    }
}

/// Names that ron takes for something else where a value stands.
const WORDS: [&str; 9] = ["true", "false", "Some", "inf", "inff32", "inff64", "NaN", "NaNf32", "NaNf64"];

/// A name where a value may stand.
fn write_bare(out: &mut String, name: &str) {
    if WORDS.contains(&name) {
        out.push_str("r#");
        out.push_str(name);
    } else {
        write_ident(out, name);
    }
}

/// A name; one that is more than letters, digits and `_` gets ron's mark for raw names.
fn write_ident(out: &mut String, name: &str) {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain {
        out.push_str("r#");
    }
    out.push_str(name);
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters, and those that turn the direction of text: an editor would not show them.
            c if c.is_control()
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
#[path = "print/tests.rs"]
mod tests;
