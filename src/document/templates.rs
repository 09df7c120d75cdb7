//! Templates: an item that says `each: ...` stands for one item for each state, sector, incident, group or number.
//!
//! Every text of such an item is written once for each, with `{each}` replaced by the name of the state (sector, ...)
//! and `{each.title}` by its title. An item whose own name has no `{each}` in it is called `name@STATE`. So networks,
//! decisions, rules, duties, milestones and all else that has a name can be had per state:
//!
//! ```ron
//! networks: {"crisis-team": (each: Group("eu"), title: "Crisis team of {each.title}", members: [Actor("csirt@{each}")])}
//! ```
//!
//! is `crisis-team@ES`, `crisis-team@FR`, ... The resolved document that a run writes keeps the template.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::tree::{Node, NodeValue};

/// Items that templates may make in a document.
const MAX_ITEMS: usize = 100_000;

/// A name and a title for which an item is made.
type Each = (String, String);

/// Writes out the templates of a flat record; a document without any is left as it is (none).
///
/// # Errors
/// `unknown-variant` and `wrong-type` for an `each` that means nothing, `unknown-name` for a group that no state is
/// in, `too-many`.
pub fn expand(tree: &Node) -> Result<Option<Node>, Vec<Diagnostic>> {
    let is_template = |item: &Node| item.field("each").is_some();
    let uses = tree.fields().into_iter().flatten().any(|(_, section)| {
        section.items().into_iter().flatten().any(is_template)
            || section.entries().into_iter().flatten().any(|(_, item)| is_template(item))
    });
    if !uses {
        return Ok(None);
    }
    let mut out = tree.clone();
    let mut expansion = Expansion { tree, diagnostics: Diagnostics::new(), n: 0 };
    if let NodeValue::Record { fields, .. } = &mut out.value {
        for (_, section) in fields {
            expansion.section(section);
        }
    }
    if expansion.diagnostics.has_errors() {
        return Err(expansion.diagnostics.into_sorted());
    }
    Ok(Some(out))
}

struct Expansion<'a> {
    tree: &'a Node,
    diagnostics: Diagnostics,
    n: usize,
}

impl Expansion<'_> {
    fn section(&mut self, section: &mut Node) {
        match &mut section.value {
            NodeValue::List(items) => {
                let mut made = Vec::with_capacity(items.len());
                for item in std::mem::take(items) {
                    let (item, eaches) = self.taken(item);
                    let Some(eaches) = eaches else {
                        made.push(item);
                        continue;
                    };
                    for each in &eaches {
                        let mut copy = item.clone();
                        if let Some(id) = copy.field_mut("id") {
                            add_place(id, each);
                        }
                        replace(&mut copy, each);
                        made.push(copy);
                    }
                }
                *items = made;
            }
            NodeValue::Map(entries) => {
                let mut made = Vec::with_capacity(entries.len());
                for (key, item) in std::mem::take(entries) {
                    let (item, eaches) = self.taken(item);
                    let Some(eaches) = eaches else {
                        made.push((key, item));
                        continue;
                    };
                    for each in &eaches {
                        let (mut name, mut copy) = (key.clone(), item.clone());
                        add_place(&mut name, each);
                        replace(&mut name, each);
                        replace(&mut copy, each);
                        made.push((name, copy));
                    }
                }
                *entries = made;
            }
            _ => {}
        }
    }

    /// An item without its `each`, and for what it stands; none if it is no template.
    fn taken(&mut self, mut item: Node) -> (Node, Option<Vec<Each>>) {
        let Some((_, each)) = item.remove_field("each") else { return (item, None) };
        let eaches = self.eaches(&each).unwrap_or_default();
        self.n = self.n.saturating_add(eaches.len());
        if self.n > MAX_ITEMS {
            let message = format!("templates make more than {MAX_ITEMS} items");
            self.diagnostics.push(Diagnostic::error("too-many", message).at(each.span));
            return (item, Some(Vec::new()));
        }
        (item, Some(eaches))
    }

    fn eaches(&mut self, each: &Node) -> Option<Vec<Each>> {
        const KNOWN: [&str; 7] = ["State", "Sector", "Incident", "Group", "Groups", "Number", "OneOf"];
        let argument = match &each.value {
            NodeValue::Tuple { items, .. } if items.len() == 1 => items.first(),
            _ => None,
        };
        let word = match &each.value {
            NodeValue::Unit(word) => word.as_str(),
            _ => each.name().unwrap_or_default(),
        };
        let texts = |node: &Node| -> Option<Vec<Each>> {
            let all = node.items()?.iter().map(|n| n.as_str().map(|t| (t.to_owned(), t.to_owned())));
            all.collect()
        };
        let found = match (word, argument) {
            ("State", None) => Some(self.named("states")),
            ("Sector", None) => Some(self.named("sectors")),
            ("Incident", None) => Some(self.named("incidents")),
            ("Group", Some(group)) => match group.as_str() {
                Some(name) => return self.states_of(group, name),
                None => None,
            },
            ("Number", Some(n)) => match n.value {
                NodeValue::Int(n) if (1..=MAX_ITEMS as i64).contains(&n) => {
                    Some((1..=n).map(|i| (i.to_string(), i.to_string())).collect())
                }
                _ => None,
            },
            ("Groups" | "OneOf", Some(list)) => texts(list),
            _ => None,
        };
        if found.is_none() {
            let message = "`each` is `State`, `Sector`, `Incident`, `Group(\"eu\")`, `Groups([..])`, `Number(3)` or `OneOf([..])`";
            let diagnostic = Diagnostic::error("unknown-variant", message).at(each.span);
            self.diagnostics.push(diagnostic.did_you_mean(word, KNOWN));
        }
        found
    }

    /// Names and titles of a section.
    fn named(&self, section: &str) -> Vec<Each> {
        let entries = self.tree.field(section).and_then(Node::entries).unwrap_or_default();
        let each = |(key, item): &(Node, Node)| {
            let name = key.as_str()?.to_owned();
            let title = item.field("title").and_then(Node::as_str).unwrap_or(&name).to_owned();
            Some((name, title))
        };
        entries.iter().filter_map(each).collect()
    }

    /// The states of a group.
    fn states_of(&mut self, place: &Node, group: &str) -> Option<Vec<Each>> {
        let entries = self.tree.field("states").and_then(Node::entries).unwrap_or_default();
        let groups = |item: &Node| -> Vec<String> {
            let list = item.field("groups").and_then(Node::items).unwrap_or_default();
            list.iter().filter_map(|g| g.as_str().map(str::to_owned)).collect()
        };
        let inside: Vec<String> = entries
            .iter()
            .filter(|(_, item)| groups(item).iter().any(|g| g == group))
            .filter_map(|(key, _)| key.as_str().map(str::to_owned))
            .collect();
        if inside.is_empty() {
            let mut known: Vec<String> = entries.iter().flat_map(|(_, item)| groups(item)).collect();
            known.sort_unstable();
            known.dedup();
            let message = format!("no group of states is called `{group}`");
            let diagnostic = Diagnostic::error("unknown-name", message).at(place.span);
            self.diagnostics.push(diagnostic.did_you_mean(group, known.iter().map(String::as_str)));
            return None;
        }
        Some(self.named("states").into_iter().filter(|(name, _)| inside.contains(name)).collect())
    }
}

/// A name that does not say for what it stands gets `@` and that.
fn add_place(name: &mut Node, each: &Each) {
    if let NodeValue::Str(text) = &mut name.value
        && !text.contains("{each}")
    {
        text.push('@');
        text.push_str(&each.0);
    }
}

/// Writes the name and title into all texts.
fn replace(node: &mut Node, each: &Each) {
    match &mut node.value {
        NodeValue::Str(text) => {
            if text.contains("{each") {
                *text = text.replace("{each}", &each.0).replace("{each.title}", &each.1);
            }
        }
        NodeValue::List(items) | NodeValue::Tuple { items, .. } => {
            items.iter_mut().for_each(|item| replace(item, each));
        }
        NodeValue::Map(entries) => {
            for (key, item) in entries {
                replace(key, each);
                replace(item, each);
            }
        }
        NodeValue::Record { fields, .. } => fields.iter_mut().for_each(|(_, item)| replace(item, each)),
        NodeValue::Bool(_) | NodeValue::Int(_) | NodeValue::Float(_) | NodeValue::Unit(_) => {}
    }
}
