//! `extends`: a document laid over its base.
//!
//! | base | document | result |
//! | --- | --- | --- |
//! | map | map | merged by key, values merged in turn |
//! | record | record of the same name, or one has none | merged by field, values merged in turn |
//! | list of records with `id` | list of records with `id` | merged by id: the base's order, new ones after |
//! | anything | anything else | the document's value replaces the base's |
//!
//! An empty list `[]` replaces, so it empties. To take something away:
//!
//! | written | takes away |
//! | --- | --- |
//! | `"key": Remove` in a map | the entry |
//! | `field: Remove` in a record | the field, which then has its default |
//! | `Remove("x")` in a list | the record with id `x`, or the text or bare name `x` |
//!
//! A list of texts or bare names with a `Remove(..)` in it changes the base's list instead of replacing it: its
//! other items are added at the end unless they are there. `[Remove("x"), (id: "x", ..)]` replaces `x` as a
//! whole. Taking away what is not there is an error. Places are those of the winner.

mod chain;

use std::collections::BTreeMap;

use super::diagnostic::{Diagnostic, Diagnostics, nearest};
use super::print;
use super::source::Span;
use super::tree::{Ident, Node, NodeValue};
pub use chain::{Found, Loaded, Loader, MAX_CHAIN, MemoryLoader, Origin, load};

const REMOVE: &str = "Remove";
/// After this many errors no more names are suggested.
const MOST_SUGGESTIONS: usize = 20;

/// Lays a document over its base; see the tables above. What cannot be done is told and left undone.
pub fn merge(base: Node, over: Node, diagnostics: &mut Diagnostics) -> Node {
    let value = match (base.value, over.value) {
        (NodeValue::Map(base), NodeValue::Map(over)) => NodeValue::Map(maps(base, over, diagnostics)),
        (NodeValue::Record { name: a, fields: base }, NodeValue::Record { name: b, fields: over })
            if a.is_none() || b.is_none() || a == b =>
        {
            NodeValue::Record { name: b.or(a), fields: records(base, over, diagnostics) }
        }
        (NodeValue::List(base), NodeValue::List(items)) => NodeValue::List(lists(base, items, diagnostics)),
        (_, value) => {
            let node = Node::new(over.span, value);
            refuse_removals(&node, diagnostics);
            return node;
        }
    };
    Node::new(over.span, value)
}

/// Tells every `Remove` in a value that is not laid over anything.
pub fn refuse_removals(node: &Node, diagnostics: &mut Diagnostics) {
    match &node.value {
        NodeValue::List(items) => {
            for item in items {
                if item.name() == Some(REMOVE) {
                    diagnostics.push(refusal(item.span));
                } else {
                    refuse_removals(item, diagnostics);
                }
            }
        }
        NodeValue::Tuple { items, .. } => items.iter().for_each(|item| refuse_removals(item, diagnostics)),
        NodeValue::Map(entries) => {
            for (_, value) in entries {
                if is_remove(value) {
                    diagnostics.push(refusal(value.span));
                } else {
                    refuse_removals(value, diagnostics);
                }
            }
        }
        NodeValue::Record { fields, .. } => {
            for (_, value) in fields {
                if is_remove(value) {
                    diagnostics.push(refusal(value.span));
                } else {
                    refuse_removals(value, diagnostics);
                }
            }
        }
        _ => {}
    }
}

fn refusal(span: Span) -> Diagnostic {
    Diagnostic::error("nothing-to-remove", "`Remove` has nothing to remove here")
        .at(span)
        .hint("it takes something away from a document that this one extends")
}

fn is_remove(value: &Node) -> bool {
    matches!(&value.value, NodeValue::Unit(name) if name == REMOVE)
}

/// A change to something that has a name.
enum Change<T> {
    Set(T),
    Remove,
}

/// Something named, with the place of the name.
struct Named<T> {
    /// False for keys of maps that are numbers or other values: `1` is not `"1"`.
    is_text: bool,
    name: String,
    span: Span,
    value: T,
}

/// Applies changes by name: what is there is joined, what is new is added at the end.
fn keyed<T>(
    what: &str,
    base: Vec<Named<T>>,
    changes: Vec<Named<Change<T>>>,
    diagnostics: &mut Diagnostics,
    join: impl Fn(Option<T>, T, &mut Diagnostics) -> T,
) -> Vec<T> {
    let mut at: BTreeMap<(bool, String), usize> = BTreeMap::new();
    let mut slots: Vec<Option<T>> = Vec::with_capacity(base.len());
    for Named { is_text, name, value, .. } in base {
        at.insert((is_text, name), slots.len());
        slots.push(Some(value));
    }
    let mut set: BTreeMap<(bool, String), Span> = BTreeMap::new();
    for Named { is_text, name, span, value } in changes {
        let key = (is_text, name);
        match value {
            Change::Remove => match at.remove(&key) {
                Some(slot) => slots[slot] = None,
                None => {
                    // A search among all names for each of very many errors would take too long.
                    let few = diagnostics.len() < MOST_SUGGESTIONS;
                    let candidates = at.keys().map(|key| key.1.as_str()).take(if few { at.len() } else { 0 });
                    let known = nearest(&key.1, candidates).map(str::to_owned);
                    diagnostics.push(not_there(what, &key.1, known).at(span));
                }
            },
            Change::Set(value) => {
                if let Some(before) = set.insert(key.clone(), span) {
                    diagnostics.push(
                        Diagnostic::error("duplicate-id", format!("the {what} `{}` stands twice", key.1))
                            .at(span)
                            .label("again here")
                            .also(before, "first here"),
                    );
                    continue;
                }
                let slot = *at.entry(key).or_insert(slots.len());
                if slot == slots.len() {
                    slots.push(None);
                }
                let before = slots[slot].take();
                slots[slot] = Some(join(before, value, diagnostics));
            }
        }
    }
    slots.into_iter().flatten().collect()
}

fn not_there(what: &str, name: &str, known: Option<String>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("nothing-to-remove", format!("the base has no {what} `{name}` to remove"));
    match known {
        Some(known) => diagnostic.hint(format!("did you mean `{known}`?")),
        None => diagnostic,
    }
}

fn maps(
    base: Vec<(Node, Node)>,
    over: Vec<(Node, Node)>,
    diagnostics: &mut Diagnostics,
) -> Vec<(Node, Node)> {
    let named = |(key, value): (Node, Node)| {
        let text = key.as_str().map(str::to_owned);
        let is_text = text.is_some();
        let name = text.unwrap_or_else(|| print::compact(&key));
        Named { is_text, name, span: key.span, value: (key, value) }
    };
    let changes = over.into_iter().map(|entry| change(named(entry), |(_, value)| is_remove(value))).collect();
    keyed("entry", base.into_iter().map(named).collect(), changes, diagnostics, |before, (key, value), d| {
        (key, join(before.map(|(_, value)| value), value, d))
    })
}

fn records(
    base: Vec<(Ident, Node)>,
    over: Vec<(Ident, Node)>,
    diagnostics: &mut Diagnostics,
) -> Vec<(Ident, Node)> {
    let named = |field: (Ident, Node)| Named {
        is_text: true,
        name: field.0.text.clone(),
        span: field.0.span,
        value: field,
    };
    let changes = over.into_iter().map(|field| change(named(field), |(_, value)| is_remove(value))).collect();
    keyed(
        "field",
        base.into_iter().map(named).collect(),
        changes,
        diagnostics,
        |before, (ident, value), d| (ident, join(before.map(|(_, value)| value), value, d)),
    )
}

fn change<T>(named: Named<T>, is_removal: impl Fn(&T) -> bool) -> Named<Change<T>> {
    let Named { is_text, name, span, value } = named;
    let value = if is_removal(&value) { Change::Remove } else { Change::Set(value) };
    Named { is_text, name, span, value }
}

fn join(before: Option<Node>, value: Node, diagnostics: &mut Diagnostics) -> Node {
    match before {
        Some(before) => merge(before, value, diagnostics),
        None => {
            refuse_removals(&value, diagnostics);
            value
        }
    }
}

/// How the items of a list are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListKind {
    /// Records with an `id`.
    ById,
    /// Texts or bare names.
    Words,
    Other,
}

fn kind_of<'a>(items: impl Iterator<Item = &'a Node> + Clone) -> ListKind {
    if items.clone().all(|item| item.id().is_some()) {
        ListKind::ById
    } else if items.clone().all(|item| item.as_text().is_some()) {
        ListKind::Words
    } else {
        ListKind::Other
    }
}

fn lists(base: Vec<Node>, over: Vec<Node>, diagnostics: &mut Diagnostics) -> Vec<Node> {
    let removes = over.iter().any(|item| removed(item).is_some());
    let kept = || over.iter().filter(|item| removed(item).is_none());
    let base_kind = kind_of(base.iter());
    // A list of nothing but removals is of the base's kind.
    let over_kind = if kept().next().is_none() { base_kind } else { kind_of(kept()) };
    let same_kind = base.is_empty() || base_kind == over_kind;
    if over.is_empty() || !same_kind || (over_kind != ListKind::ById && !removes) {
        return replaced(over, diagnostics);
    }
    match over_kind {
        ListKind::Other => replaced(over, diagnostics),
        ListKind::ById => by_name(base, over, "item with id", diagnostics, Node::id, join),
        ListKind::Words => {
            // A word that is there already is not added again.
            by_name(base, over, "item", diagnostics, Node::as_text, |before, value, _| {
                before.unwrap_or(value)
            })
        }
    }
}

fn replaced(over: Vec<Node>, diagnostics: &mut Diagnostics) -> Vec<Node> {
    let (removals, kept): (Vec<Node>, Vec<Node>) = over.into_iter().partition(|item| removed(item).is_some());
    for removal in removals {
        diagnostics.push(
            Diagnostic::error("nothing-to-remove", "`Remove` does not work in this list")
                .at(removal.span)
                .hint("it works in lists of records that have an `id`, and in lists of texts or names"),
        );
    }
    kept.iter().for_each(|item| refuse_removals(item, diagnostics));
    kept
}

fn by_name(
    base: Vec<Node>,
    over: Vec<Node>,
    what: &str,
    diagnostics: &mut Diagnostics,
    name_of: impl Fn(&Node) -> Option<&str>,
    join: impl Fn(Option<Node>, Node, &mut Diagnostics) -> Node,
) -> Vec<Node> {
    let named = |node: Node| {
        let name = name_of(&node).unwrap_or_default().to_owned();
        let span = node.field("id").map_or(node.head(), |id| id.span);
        Named { is_text: true, name, span, value: node }
    };
    let changes = over
        .into_iter()
        .map(|item| match removed(&item).map(str::to_owned) {
            Some(name) => Named { is_text: true, name, span: item.span, value: Change::Remove },
            None => change(named(item), |_| false),
        })
        .collect();
    keyed(what, base.into_iter().map(named).collect(), changes, diagnostics, join)
}

/// The name in `Remove("x")` or `Remove(x)`.
fn removed(item: &Node) -> Option<&str> {
    match &item.value {
        NodeValue::Tuple { name: Some(ident), items } if ident.text == REMOVE && items.len() == 1 => {
            items[0].as_text()
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "merge/tests.rs"]
mod tests;
