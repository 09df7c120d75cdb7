//! From merged trees to a [`Document`]: a scenario over its blueprint, changes from the command line, sections.
//!
//! The way of a run: [`flatten`] lays a scenario over its blueprint and gives one flat record `Model(..)`,
//! [`Overrides::apply`](super::overrides::Overrides::apply) changes it, [`assemble`] decodes it. The flat record
//! names no other document: printed, it is `model.ron`, and read again it gives the same document.

use super::decode::{decode, decode_list, decode_map, unknown_fields};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::merge::{Loaded, Loader, Origin, load, merge};
use super::overrides::Overrides;
use super::source::{SourceMap, Span};
use super::tree::{Ident, Node, NodeValue};
use super::types::{Document, Header, Kind, RunBlock};

/// The scalar fields of a document, in the order in which they are printed.
const HEADER: [&str; 17] = [
    "format", "name", "title", "summary", "setting", "zone", "start", "horizon", "until", "ensemble",
    "history", "inside", "with", "without", "headline", "limits", "run",
];
/// What a blueprint says of itself and not of the scenario that uses it.
const OF_THE_BLUEPRINT: [&str; 5] = ["format", "name", "title", "summary", "setting"];
/// The sections, in the order in which they are printed.
const SECTIONS: [&str; 31] = [
    "levels",
    "states",
    "sectors",
    "markings",
    "parameters",
    "calendars",
    "holidays",
    "elements",
    "points",
    "facts",
    "actors",
    "roles",
    "networks",
    "products",
    "statements",
    "channels",
    "tasks",
    "pools",
    "rules",
    "decisions",
    "countermeasures",
    "duties",
    "operators",
    "ties",
    "milestones",
    "measures",
    "incidents",
    "injects",
    "observed",
    "exercise",
    "kind",
];
/// The document format that this version reads.
const FORMAT: i64 = 1;

/// A document ready to be compiled, and the flat tree that it was decoded from.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The typed document.
    pub document: Document,
    /// The record `Model(..)`, without references to other documents; prints to `model.ron`.
    pub tree: Node,
    /// Where the document came from.
    pub origin: Origin,
}

/// Loads a document by name, lays it over its blueprint, applies changes, and decodes it.
///
/// # Errors
/// Everything that is wrong with its texts, its references to other documents, the changes, and its fields.
pub fn open(
    name: &str,
    loader: &dyn Loader,
    sources: &mut SourceMap,
    overrides: &Overrides,
) -> Result<Assembled, Vec<Diagnostic>> {
    let loaded = load(name, None, loader, sources)?;
    let origin = loaded.origin.clone();
    let mut tree = flatten(loaded, loader, sources)?;
    overrides.apply(&mut tree, sources)?;
    let document = assemble(&tree)?;
    Ok(Assembled { document, tree, origin })
}

/// Lays a scenario over its blueprint and puts the fields into one flat record `Model(..)`.
///
/// The blueprint is the base, the scenario's `overrides` come over it, then the scenario's own fields, which may be
/// those of any section. A blueprint and a `Model(..)` are taken as they are.
///
/// # Errors
/// `unsupported-format`, `kind-mismatch`, `missing-field` for a scenario without `blueprint`, what [`load`] finds
/// in the blueprint, and what cannot be merged.
pub fn flatten(
    loaded: Loaded,
    loader: &dyn Loader,
    sources: &mut SourceMap,
) -> Result<Node, Vec<Diagnostic>> {
    let mut node = loaded.node;
    check_format(&node)?;
    let mut kind = kind_of(&node)?;
    let head = node.head();
    let mut diagnostics = Diagnostics::new();
    if kind == DocumentKind::Scenario {
        let Some((_, named)) = node.remove_field("blueprint") else {
            let message = "a scenario names the `blueprint` that it happens in";
            return Err(vec![Diagnostic::error("missing-field", message).at(head)]);
        };
        let overrides = node.remove_field("overrides");
        let mut base = blueprint(&named, &loaded.origin, loader, sources)?;
        for field in OF_THE_BLUEPRINT {
            base.remove_field(field);
        }
        if let Some((_, overrides)) = overrides {
            if overrides.fields().is_none() {
                return Err(vec![super::decode::wrong_type("a record `(section: {..}, ..)`", &overrides)]);
            }
            base = merge(base, unnamed(overrides), &mut diagnostics);
        }
        node = merge(base, unnamed(node), &mut diagnostics);
    } else if kind == DocumentKind::Model {
        kind = match node.remove_field("kind").and_then(|(_, kind)| kind.as_text().map(str::to_owned)) {
            Some(text) if text == "Scenario" => DocumentKind::Scenario,
            _ => DocumentKind::Blueprint,
        };
    }
    if diagnostics.has_errors() {
        return Err(diagnostics.into_sorted());
    }
    let unknown = unknown_fields(&node, &known_fields(kind));
    if unknown.is_empty() { Ok(ordered(node, kind, head)) } else { Err(unknown) }
}

/// What kind of document a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DocumentKind {
    Blueprint,
    Scenario,
    Model,
}

fn known_fields(kind: DocumentKind) -> Vec<&'static str> {
    let of_kind: &[&str] = if kind == DocumentKind::Scenario { &["blueprint", "overrides"] } else { &[] };
    let sections = SECTIONS.into_iter().filter(|section| *section != "kind");
    HEADER.into_iter().chain(sections).chain(of_kind.iter().copied()).chain(["extends"]).collect()
}

fn kind_of(node: &Node) -> Result<DocumentKind, Vec<Diagnostic>> {
    const KNOWN: [&str; 3] = ["Blueprint", "Scenario", "Model"];
    match node.name() {
        Some("Blueprint") => Ok(DocumentKind::Blueprint),
        Some("Scenario") => Ok(DocumentKind::Scenario),
        Some("Model") => Ok(DocumentKind::Model),
        None if node.field("blueprint").is_some() => Ok(DocumentKind::Scenario),
        None => Ok(DocumentKind::Blueprint),
        Some("Experiment") => Err(vec![
            Diagnostic::error("kind-mismatch", "an experiment is many runs, not one")
                .at(node.head())
                .hint("make them with `blueprint-sim batch`"),
        ]),
        Some(other) => Err(vec![
            Diagnostic::error("kind-mismatch", format!("a document `{other}(..)` cannot be run"))
                .at(node.head())
                .did_you_mean(other, KNOWN)
                .hint("what can be run is a `Blueprint(..)`, a `Scenario(..)` or a resolved `Model(..)`"),
        ]),
    }
}

/// A newer format is refused before anything else of it is looked at.
fn check_format(node: &Node) -> Result<(), Vec<Diagnostic>> {
    match node.field("format") {
        Some(Node { value: NodeValue::Int(format), span }) if *format != FORMAT => {
            let message = format!(
                "this document is in format {format}, and this version of the program reads format {FORMAT}"
            );
            Err(vec![Diagnostic::error("unsupported-format", message).at(*span)])
        }
        _ => Ok(()),
    }
}

fn blueprint(
    named: &Node,
    from: &Origin,
    loader: &dyn Loader,
    sources: &mut SourceMap,
) -> Result<Node, Vec<Diagnostic>> {
    let Some(name) = named.as_str() else {
        return Err(vec![super::decode::wrong_type("text in quotes: the name of a blueprint", named)]);
    };
    let loaded = load(name, Some(from), loader, sources).map_err(|errors| {
        let place = |error: Diagnostic| if error.span.is_none() { error.at(named.span) } else { error };
        errors.into_iter().map(place).collect::<Vec<_>>()
    })?;
    check_format(&loaded.node)?;
    if kind_of(&loaded.node)? != DocumentKind::Blueprint {
        let message = format!("`{name}` is not a blueprint");
        return Err(vec![
            Diagnostic::error("kind-mismatch", message)
                .at(named.span)
                .also(loaded.node.head(), "this document"),
        ]);
    }
    Ok(unnamed(loaded.node))
}

/// The record without its name, so that it merges with a record of another name.
fn unnamed(mut node: Node) -> Node {
    if let NodeValue::Record { name, .. } = &mut node.value {
        *name = None;
    }
    node
}

/// The flat record with its fields in their fixed order.
fn ordered(mut node: Node, kind: DocumentKind, head: Span) -> Node {
    let ident = |text: &str| Ident { text: text.to_owned(), span: head };
    let kind = if kind == DocumentKind::Scenario { "Scenario" } else { "Blueprint" };
    let mut fields = Vec::new();
    let format = node.remove_field("format").map(|(_, format)| format);
    let format = format.unwrap_or_else(|| Node::new(head, NodeValue::Int(FORMAT)));
    fields.push((ident("format"), format));
    fields.push((ident("kind"), Node::new(head, NodeValue::Unit(kind.to_owned()))));
    if let NodeValue::Record { fields: rest, .. } = node.value {
        fields.extend(rest);
    }
    let mut flat = Node::new(node.span, NodeValue::Record { name: Some(ident("Model")), fields });
    in_order(&mut flat);
    flat
}

/// Brings the fields of a flat record into their fixed order.
pub(super) fn in_order(tree: &mut Node) {
    let rank = |ident: &Ident| match ident.text.as_str() {
        "format" => 0,
        "kind" => 1,
        "run" => usize::MAX,
        name => 2 + HEADER.iter().chain(&SECTIONS).position(|known| *known == name).unwrap_or(usize::MAX - 3),
    };
    if let NodeValue::Record { fields, .. } = &mut tree.value {
        fields.sort_by_key(|(ident, _)| rank(ident));
    }
}

/// Decodes a flat record: each entry of each section by itself, so that the errors of all come together.
///
/// # Errors
/// `unsupported-format`, and what [`decode`] finds.
pub fn assemble(tree: &Node) -> Result<Document, Vec<Diagnostic>> {
    check_format(tree)?;
    let expanded = super::templates::expand(tree)?;
    let tree = expanded.as_ref().unwrap_or(tree);
    let mut diagnostics = Diagnostics::new();
    let d = &mut diagnostics;
    let fields = tree.fields().unwrap_or_default();
    let known: Vec<&str> = HEADER.into_iter().chain(SECTIONS).collect();
    d.extend(unknown_fields(tree, &known));
    let header: Vec<(Ident, Node)> =
        fields.iter().filter(|(ident, _)| HEADER.contains(&ident.text.as_str())).cloned().collect();
    let header = Node::new(tree.span, NodeValue::Record { name: None, fields: header });
    let header: Header = d.take_all(decode(&header)).unwrap_or_default();
    let kind: Kind = tree.field("kind").and_then(|kind| d.take_all(decode(kind))).unwrap_or_default();
    macro_rules! table {
        ($name:literal) => {
            tree.field($name).map(|node| decode_map(node, d)).unwrap_or_default()
        };
    }
    macro_rules! list {
        ($name:literal) => {
            tree.field($name).map(|node| decode_list(node, d)).unwrap_or_default()
        };
    }
    let document = Document {
        kind,
        header,
        levels: list!("levels"),
        states: table!("states"),
        sectors: table!("sectors"),
        markings: table!("markings"),
        parameters: table!("parameters"),
        calendars: table!("calendars"),
        holidays: table!("holidays"),
        elements: table!("elements"),
        points: table!("points"),
        facts: table!("facts"),
        actors: table!("actors"),
        roles: table!("roles"),
        networks: table!("networks"),
        products: table!("products"),
        statements: table!("statements"),
        channels: list!("channels"),
        tasks: table!("tasks"),
        pools: table!("pools"),
        rules: list!("rules"),
        decisions: table!("decisions"),
        countermeasures: table!("countermeasures"),
        duties: list!("duties"),
        operators: list!("operators"),
        ties: list!("ties"),
        milestones: table!("milestones"),
        measures: table!("measures"),
        incidents: table!("incidents"),
        injects: list!("injects"),
        observed: table!("observed"),
        exercise: tree.field("exercise").and_then(|node| d.take_all(decode(node))),
    };
    if diagnostics.has_errors() { Err(diagnostics.into_sorted()) } else { Ok(document) }
}

/// Writes into a flat record how it was run, replacing what stood there.
pub fn set_run(tree: &mut Node, run: &RunBlock) {
    let span = tree.head();
    let node = |value| Node::new(span, value);
    let int = |n: u64| {
        i64::try_from(n).map_or_else(|_| node(NodeValue::Float(n as f64)), |n| node(NodeValue::Int(n)))
    };
    let text = |text: &str| node(NodeValue::Str(text.to_owned()));
    let ident = |text: &str| Ident { text: text.to_owned(), span };
    let changes = run.changes.iter().map(|change| text(change)).collect();
    let fields = vec![
        (ident("scenario"), text(&run.scenario)),
        (ident("seed"), int(run.seed)),
        (ident("replication"), int(run.replication)),
        (ident("version"), text(&run.version)),
        (ident("changes"), node(NodeValue::List(changes))),
        (ident("ensemble"), int(u64::from(run.ensemble))),
    ];
    let block = node(NodeValue::Record { name: None, fields });
    tree.remove_field("run");
    if let NodeValue::Record { fields, .. } = &mut tree.value {
        fields.push((ident("run"), block));
    }
}
