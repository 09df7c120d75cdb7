//! One change to a document, as a person types it: `with E`, `without E`, `parameter=value`, `actor.staff=12`.
//!
//! Variants of experiments and comparisons are lists of such changes. A name is first looked for among the
//! parameters; then it is the path of a field: the name of a thing of any section, and the fields inside it.

use std::fmt;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::merge::merge;
use super::overrides::{Overrides, no_longer_as_it_was};
use super::print::compact;
use super::read;
use super::source::{SourceMap, Span};
use super::tree::{Ident, Node, NodeValue};

/// Sections that are searched for the thing that a path begins with, in this order.
const THINGS: [&str; 14] = [
    "actors",
    "channels",
    "incidents",
    "tasks",
    "networks",
    "decisions",
    "operators",
    "countermeasures",
    "calendars",
    "rules",
    "duties",
    "products",
    "statements",
    "injects",
];
/// Scalar fields of a document that a change may set.
const SCALARS: [&str; 2] = ["start", "horizon"];

/// A change to a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Switch an element on.
    With(String),
    /// Switch an element off.
    Without(String),
    /// Give a parameter, a field of a thing, the start or the horizon another value.
    Set {
        /// Name of a parameter (also in one state: `name@STATE`), `thing.field`, `start` or `horizon`.
        name: String,
        /// The value as it would be typed.
        value: String,
    },
    /// Lay a record of sections over the document, as a scenario's `overrides` are.
    Over(Node),
}

impl Change {
    /// Reads a change as it is typed.
    ///
    /// # Errors
    /// What it should have looked like.
    pub fn parse(text: &str) -> Result<Change, String> {
        let text = text.trim();
        if text.starts_with('(') {
            let record = read::read_text(&mut SourceMap::new(), "a change", text);
            return record.map(Change::Over).map_err(|_| format!("`{text}` is not a record of sections"));
        }
        let after = |word: &str| text.strip_prefix(word).filter(|rest| rest.starts_with(char::is_whitespace));
        if let Some(element) = after("without") {
            return named(element).map(Change::Without);
        }
        if let Some(element) = after("with") {
            return named(element).map(Change::With);
        }
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Change::Set { name: name.trim().to_owned(), value: value.trim().to_owned() })
            }
            _ => Err(format!("`{text}` is no change: write `with E`, `without E` or `name=value`")),
        }
    }

    /// Reads several changes, separated by commas that stand outside brackets and quotes.
    ///
    /// # Errors
    /// What one of them should have looked like.
    pub fn parse_list(text: &str) -> Result<Vec<Change>, String> {
        split(text).into_iter().map(Change::parse).collect()
    }

    /// Applies the change to a flat record.
    ///
    /// # Errors
    /// `unknown-name`, what is wrong with the text of a value, what cannot be merged.
    pub fn apply(&self, tree: &mut Node, sources: &mut SourceMap) -> Result<(), Vec<Diagnostic>> {
        let mut overrides = Overrides::default();
        match self {
            Change::With(element) => overrides.with.push(element.clone()),
            Change::Without(element) => overrides.without.push(element.clone()),
            Change::Set { name, value } => return set(tree, name, value, sources),
            Change::Over(record) => {
                // Read again, so that its places lie in a text that `sources` holds.
                let record = read::read_text(sources, "a change", compact(record))?;
                let mut diagnostics = Diagnostics::new();
                let span = tree.span;
                let base = std::mem::replace(tree, Node::new(span, NodeValue::Bool(false)));
                *tree = merge(base, record, &mut diagnostics);
                no_longer_as_it_was(tree, span);
                super::assemble::in_order(tree);
                return if diagnostics.has_errors() { Err(diagnostics.into_sorted()) } else { Ok(()) };
            }
        }
        overrides.apply(tree, sources)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Change::With(element) => write!(f, "with {element}"),
            Change::Without(element) => write!(f, "without {element}"),
            Change::Set { name, value } => write!(f, "{name}={value}"),
            Change::Over(record) => f.write_str(&compact(record)),
        }
    }
}

fn named(element: &str) -> Result<String, String> {
    let element = element.trim();
    match element.split_whitespace().count() {
        1 => Ok(element.to_owned()),
        _ => Err(format!("`{element}` is not the name of one element")),
    }
}

/// The parts of a list separated by commas outside brackets and quotes; empty parts are left out.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut from) = (0_i32, false, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth <= 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Sets a parameter, a scalar of the document, or a field of a thing.
fn set(tree: &mut Node, name: &str, value: &str, sources: &mut SourceMap) -> Result<(), Vec<Diagnostic>> {
    let base = name.split_once('@').map_or(name, |(base, _)| base);
    let is_parameter = tree
        .field("parameters")
        .and_then(Node::entries)
        .is_some_and(|entries| entries.iter().any(|(key, _)| key.as_str() == Some(base)));
    if is_parameter {
        let overrides = Overrides { set: vec![(name.to_owned(), value.to_owned())], ..Overrides::default() };
        return overrides.apply(tree, sources);
    }
    let text = format!("{name}={value}");
    let id = sources.add("a change", text.as_str()).map_err(|error| vec![error])?;
    let name_span = Span::new(id, 0, name.len());
    let value_span = Span::new(id, name.len() + 1, text.len());
    let value = typed(value, value_span, sources)?;
    if SCALARS.contains(&name) {
        put(tree, name, value, name_span);
    } else if !at_path(tree, name, &value, name_span, false)
        // A parameter that is meant and mistyped is likelier than a field that is not there yet.
        && (near_parameter(tree, name) || !at_path(tree, name, &value, name_span, true))
    {
        return Err(vec![unknown(tree, name, name_span)]);
    }
    no_longer_as_it_was(tree, name_span);
    super::assemble::in_order(tree);
    Ok(())
}

/// What a typed value is: a number, a truth value, a bare name (`Always`), something with brackets or quotes in the
/// words of the language, else text.
fn typed(text: &str, span: Span, sources: &mut SourceMap) -> Result<Node, Vec<Diagnostic>> {
    let node = |value| Ok(Node::new(span, value));
    if let Ok(int) = text.parse::<i64>() {
        return node(NodeValue::Int(int));
    }
    if let Ok(float) = text.parse::<f64>()
        && float.is_finite()
    {
        return node(NodeValue::Float(float));
    }
    if let Ok(truth) = text.parse::<bool>() {
        return node(NodeValue::Bool(truth));
    }
    if text.contains(['(', '[', '{', '"']) {
        return read::read_text(sources, "a change", text);
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(bare) {
        return node(NodeValue::Unit(text.to_owned()));
    }
    node(NodeValue::Str(text.to_owned()))
}

fn put(record: &mut Node, field: &str, value: Node, span: Span) -> bool {
    put_or(record, field, value, span, true)
}

/// Sets a field of a record; one that is not there only where it may be made.
fn put_or(record: &mut Node, field: &str, value: Node, span: Span, make: bool) -> bool {
    if let Some(there) = record.field_mut(field) {
        *there = value;
        return true;
    }
    if !make {
        return false;
    }
    match &mut record.value {
        NodeValue::Record { fields, .. } => {
            fields.push((Ident { text: field.to_owned(), span }, value));
            true
        }
        _ => false,
    }
}

/// Sets the field that a path names; false if there is no such thing.
fn at_path(tree: &mut Node, path: &str, value: &Node, span: Span, make: bool) -> bool {
    // A name may have dots in it: the longest that is the name of a thing is meant.
    let dots: Vec<usize> = path.match_indices('.').map(|(at, _)| at).collect();
    for section in THINGS {
        for &dot in dots.iter().rev() {
            let (thing, rest) = (&path[..dot], &path[dot + 1..]);
            let Some(found) = tree.field_mut(section).and_then(|s| inside(s, thing)) else { continue };
            return set_in(found, rest, value, span, make);
        }
    }
    false
}

/// The entry of a map, or the item of a list, that has this name.
fn inside<'a>(node: &'a mut Node, name: &str) -> Option<&'a mut Node> {
    match &mut node.value {
        NodeValue::Map(entries) => {
            entries.iter_mut().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
        }
        NodeValue::List(items) => items.iter_mut().find(|item| item.id() == Some(name)),
        NodeValue::Record { fields, .. } => {
            fields.iter_mut().find(|(ident, _)| ident.text == name).map(|(_, value)| value)
        }
        _ => None,
    }
}

fn set_in(node: &mut Node, path: &str, value: &Node, span: Span, make: bool) -> bool {
    if let Some((step, rest)) = path.split_once('.') {
        return inside(node, step).is_some_and(|next| set_in(next, rest, value, span, make));
    }
    // An actor that may turn out to be of several kinds has the field in each of them.
    if matches!(path, "staff" | "calendar")
        && let Some(Node { value: NodeValue::List(kinds), .. }) = node.field_mut("variants")
        && !kinds.is_empty()
    {
        for kind in kinds {
            put(kind, path, value.clone(), span);
        }
        return true;
    }
    match &mut node.value {
        // A named tuple of one record: `Worm((doubling: ..))`.
        NodeValue::Tuple { items, .. } if items.len() == 1 => set_in(&mut items[0], path, value, span, make),
        NodeValue::Map(entries) => match entries.iter_mut().find(|(key, _)| key.as_str() == Some(path)) {
            Some((_, there)) => {
                *there = value.clone();
                true
            }
            None => false,
        },
        _ => put_or(node, path, value.clone(), span, make),
    }
}

fn near_parameter(tree: &Node, name: &str) -> bool {
    let entries = tree.field("parameters").and_then(Node::entries).unwrap_or_default();
    super::diagnostic::nearest(name, entries.iter().filter_map(|(key, _)| key.as_str())).is_some()
}

fn unknown(tree: &Node, name: &str, span: Span) -> Diagnostic {
    let mut known: Vec<String> = Vec::new();
    let names = |node: &Node| -> Vec<String> {
        match &node.value {
            NodeValue::Map(entries) => {
                entries.iter().filter_map(|(key, _)| key.as_str().map(str::to_owned)).collect()
            }
            NodeValue::List(items) => items.iter().filter_map(|item| item.id().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    };
    known.extend(tree.field("parameters").map(names).unwrap_or_default());
    if let Some((thing, field)) = name.split_once('.') {
        let mut things: Vec<String> = THINGS.iter().filter_map(|s| tree.field(s)).flat_map(names).collect();
        things.sort_unstable();
        if let Some(near) = super::diagnostic::nearest(thing, things.iter().map(String::as_str)) {
            known.push(format!("{near}.{field}"));
        }
    }
    Diagnostic::error("unknown-name", format!("`{name}` is neither a parameter nor a field of anything"))
        .at(span)
        .did_you_mean(name, known.iter().map(String::as_str))
        .hint("write a parameter (`name` or `name@STATE`), a field of a thing (`actor.staff`), `start` or `horizon`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> (Node, SourceMap) {
        let mut sources = SourceMap::new();
        let tree = read::read_text(&mut sources, "test", text).unwrap();
        (tree, sources)
    }

    const DOCUMENT: &str = r#"Model(
        setting: Replay,
        start: "2017-05-12T00:00:00Z",
        with: ["e"],
        parameters: {"team.triage": (value: "2h", unit: "h", basis: Assumed("a"))},
        actors: {
            "team": (title: "T", staff: 2, calendar: "office"),
            "mixed": (title: "M", variants: [(share: 1.0, staff: 1), (share: 2.0, staff: 3)]),
        },
        channels: [(id: "post.fast", latency: "5min")],
    )"#;

    #[test]
    fn changes_are_read_as_they_are_typed() {
        assert_eq!(Change::parse(" with blueprint "), Ok(Change::With("blueprint".to_owned())));
        assert_eq!(Change::parse("without x"), Ok(Change::Without("x".to_owned())));
        let set = |name: &str, value: &str| Change::Set { name: name.to_owned(), value: value.to_owned() };
        assert_eq!(Change::parse("within=3"), Ok(set("within", "3")));
        let list = Change::parse_list("with a, p=LogNormal(median: \"1h\", p90: \"2h\"), q=3,").unwrap();
        let texts: Vec<String> = list.iter().map(Change::to_string).collect();
        assert_eq!(texts, ["with a", "p=LogNormal(median: \"1h\", p90: \"2h\")", "q=3"]);
        let over = Change::parse("(tasks: {\"t\": (work: \"2h\")})").unwrap();
        assert_eq!(Change::parse(&over.to_string()), Ok(over));
        assert!(Change::parse("blueprint").is_err());
        assert!(Change::parse("with two words").is_err());
        assert_eq!(Change::parse_list(""), Ok(Vec::new()));
    }

    #[test]
    fn a_parameter_comes_before_a_field_and_a_replay_becomes_a_counterfactual() {
        let (mut node, mut sources) = tree(DOCUMENT);
        Change::parse("team.triage=3h").unwrap().apply(&mut node, &mut sources).unwrap();
        let triage = &node.field("parameters").unwrap().entries().unwrap()[0].1;
        assert_eq!(triage.field("value").unwrap().as_str(), Some("3h"));
        assert_eq!(node.field("setting").unwrap().as_text(), Some("Counterfactual"));
    }

    #[test]
    fn fields_of_things_are_set_by_path_also_in_each_kind_of_an_actor() {
        let (mut node, mut sources) = tree(DOCUMENT);
        for change in ["team.staff=12", "mixed.staff=5", "post.fast.latency=1h", "start=2017-05-13T00:00:00Z"]
        {
            Change::parse(change).unwrap().apply(&mut node, &mut sources).unwrap();
        }
        let actors = node.field("actors").unwrap().entries().unwrap();
        assert!(matches!(actors[0].1.field("staff").unwrap().value, NodeValue::Int(12)));
        for kind in actors[1].1.field("variants").unwrap().items().unwrap() {
            assert!(matches!(kind.field("staff").unwrap().value, NodeValue::Int(5)));
        }
        assert!(actors[1].1.field("staff").is_none());
        let channel = &node.field("channels").unwrap().items().unwrap()[0];
        assert_eq!(channel.field("latency").unwrap().as_str(), Some("1h"));
        assert_eq!(node.field("start").unwrap().as_str(), Some("2017-05-13T00:00:00Z"));
    }

    #[test]
    fn what_nothing_has_is_told_with_the_nearest_name() {
        let (mut node, mut sources) = tree(DOCUMENT);
        let wrong = |change: &str, node: &mut Node, sources: &mut SourceMap| {
            let errors = Change::parse(change).unwrap().apply(node, sources).unwrap_err();
            (errors[0].code, errors[0].hints.join(" "))
        };
        let (code, hints) = wrong("team.triag=3h", &mut node, &mut sources);
        assert_eq!(code, "unknown-name");
        assert!(hints.contains("`team.triage`"), "{hints}");
        let (code, hints) = wrong("taem.staff=3", &mut node, &mut sources);
        assert_eq!(code, "unknown-name");
        assert!(hints.contains("team.staff"), "{hints}");
    }
}
