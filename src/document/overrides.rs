//! Changes from outside a document: `--set`, `--with`, `--without`, `--horizon`, `--inject`.

use super::assemble::in_order;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::merge::merge;
use super::read;
use super::source::{SourceMap, Span};
use super::tree::{Ident, Node, NodeValue};

/// What is added to the basis of a parameter that was changed.
const NOTE: &str = "overridden on the command line";

/// Changes to a flat document, in the order in which they win: what is applied later wins.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Parameters and their new values: `("csirt.triage", "30min")`, `("csirt.triage@MT", "2h")`, or a
    /// distribution as a document writes it.
    pub set: Vec<(String, String)>,
    /// Elements to switch on.
    pub with: Vec<String>,
    /// Elements to switch off.
    pub without: Vec<String>,
    /// Another horizon.
    pub horizon: Option<String>,
    /// Injects to add: lists of injects, or records with a field `injects`.
    pub injects: Vec<Node>,
}

impl Overrides {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
            && self.with.is_empty()
            && self.without.is_empty()
            && self.horizon.is_none()
            && self.injects.is_empty()
    }

    /// The changes as they would be typed, for the record of the run.
    pub fn changes(&self) -> Vec<String> {
        let set = self.set.iter().map(|(name, value)| format!("--set {name}={value}"));
        let with = self.with.iter().map(|name| format!("--with {name}"));
        let without = self.without.iter().map(|name| format!("--without {name}"));
        let horizon = self.horizon.iter().map(|horizon| format!("--horizon {horizon}"));
        let injects = self.injects.iter().map(|_| "--inject".to_owned());
        with.chain(without).chain(set).chain(horizon).chain(injects).collect()
    }

    /// Applies the changes to a flat record. Their texts are taken up into `sources`, so that messages can show
    /// them.
    ///
    /// An element that is switched on is no longer switched off by the document, and the other way round; a replay
    /// with other elements is a counterfactual.
    ///
    /// # Errors
    /// `contradiction` where an element is switched on and off, or a parameter is set twice;
    /// `unknown-name` for a parameter that the document does not have, with the nearest one that it has; what is
    /// wrong with the text of a value.
    pub fn apply(&self, tree: &mut Node, sources: &mut SourceMap) -> Result<(), Vec<Diagnostic>> {
        let mut diagnostics = Diagnostics::new();
        for name in self.with.iter().filter(|name| self.without.contains(name)) {
            if let Some(text) = diagnostics.take(source_text(sources, "--with", name)) {
                let message = format!("`{name}` is given to `--with` and to `--without`");
                diagnostics.push(Diagnostic::error("contradiction", message).at(text.span));
            }
        }
        for (names, on) in [(&self.with, true), (&self.without, false)] {
            for name in names {
                let option = if on { "--with" } else { "--without" };
                if let Some(text) = diagnostics.take(source_text(sources, option, name)) {
                    switch(tree, text, on);
                }
            }
        }
        for (i, (name, value)) in self.set.iter().enumerate() {
            if self.set[..i].iter().any(|(before, _)| before == name) {
                let text = source_text(sources, "--set", &format!("{name}={value}"));
                if let Some(text) = diagnostics.take(text) {
                    let message = format!("`--set` gives `{name}` twice");
                    let hint = "give it once, or `name@STATE` for another value in one state";
                    diagnostics.push(Diagnostic::error("contradiction", message).at(text.span).hint(hint));
                }
            }
            match set(tree, name, value, sources) {
                Ok(()) => no_longer_as_it_was(tree, tree.span),
                Err(errors) => diagnostics.extend(errors),
            }
        }
        if let Some(horizon) = &self.horizon
            && let Some(text) = diagnostics.take(source_text(sources, "--horizon", horizon))
        {
            put(tree, "horizon", text);
        }
        for injects in &self.injects {
            add_injects(tree, injects, &mut diagnostics);
            no_longer_as_it_was(tree, tree.span);
        }
        in_order(tree);
        if diagnostics.has_errors() { Err(diagnostics.into_sorted()) } else { Ok(()) }
    }
}

/// A text from the command line as a node with a place of its own.
fn source_text(sources: &mut SourceMap, option: &str, text: &str) -> Result<Node, Diagnostic> {
    let id = sources.add(option, text)?;
    Ok(Node::new(Span::new(id, 0, text.len()), NodeValue::Str(text.to_owned())))
}

/// Sets a field of a record.
fn put(tree: &mut Node, field: &str, value: Node) {
    if let Some(there) = tree.field_mut(field) {
        *there = value;
        return;
    }
    let ident = Ident { text: field.to_owned(), span: value.span };
    if let NodeValue::Record { fields, .. } = &mut tree.value {
        fields.push((ident, value));
    }
}

fn switch(tree: &mut Node, element: Node, on: bool) {
    let (to, from) = if on { ("with", "without") } else { ("without", "with") };
    let same = |node: &Node| node.as_text() == element.as_text();
    if let Some(Node { value: NodeValue::List(items), .. }) = tree.field_mut(from) {
        items.retain(|item| !same(item));
    }
    let span = element.span;
    match tree.field_mut(to) {
        Some(Node { value: NodeValue::List(items), .. }) => {
            if !items.iter().any(same) {
                items.push(element);
            }
        }
        _ => put(tree, to, Node::new(span, NodeValue::List(vec![element]))),
    }
    no_longer_as_it_was(tree, span);
}

/// A replay with something changed from outside is a counterfactual.
pub(super) fn no_longer_as_it_was(tree: &mut Node, span: Span) {
    if tree.field("setting").and_then(Node::as_text) == Some("Replay") {
        put(tree, "setting", Node::new(span, NodeValue::Unit("Counterfactual".to_owned())));
    }
}

/// Gives a parameter another value, for everybody or (`name@STATE`) in one state.
fn set(tree: &mut Node, name: &str, value: &str, sources: &mut SourceMap) -> Result<(), Vec<Diagnostic>> {
    let text = format!("{name}={value}");
    let id = sources.add("--set", text.as_str()).map_err(|error| vec![error])?;
    let name_span = Span::new(id, 0, name.len());
    let value_span = Span::new(id, name.len() + 1, text.len());
    let (field, value) = parse(value, value_span, sources)?;
    let entries = match tree.field_mut("parameters") {
        Some(Node { value: NodeValue::Map(entries), .. }) => entries,
        _ => return Err(vec![unknown(name, &[], name_span)]),
    };
    let position =
        |entries: &[(Node, Node)], name: &str| entries.iter().position(|(key, _)| key.as_str() == Some(name));
    let base = name.split_once('@').map_or(name, |(base, _)| base);
    let Some(of_base) = position(entries, base) else {
        let known: Vec<String> =
            entries.iter().filter_map(|(key, _)| key.as_str().map(str::to_owned)).collect();
        return Err(vec![unknown(base, &known, Span::new(id, 0, base.len()))]);
    };
    let at = match position(entries, name) {
        Some(at) => at,
        None => {
            let mut copy = entries[of_base].1.clone();
            // A value of one state is the value there, not one that is scaled once more.
            copy.remove_field("scaled_by");
            copy.remove_field("shared_in_state");
            copy.remove_field("shared_as");
            entries.push((Node::new(name_span, NodeValue::Str(name.to_owned())), copy));
            entries.len() - 1
        }
    };
    let parameter = &mut entries[at].1;
    parameter.remove_field("value");
    parameter.remove_field("dist");
    note(parameter);
    if let NodeValue::Record { fields, .. } = &mut parameter.value {
        fields.insert(0, (Ident { text: field.to_owned(), span: value_span }, value));
    }
    Ok(())
}

fn unknown(name: &str, known: &[String], span: Span) -> Diagnostic {
    Diagnostic::error("unknown-name", format!("no parameter is called `{name}`"))
        .at(span)
        .did_you_mean(name, known.iter().map(String::as_str))
}

/// A number, a distribution in the words of the language, or a quantity as text.
fn parse(text: &str, span: Span, sources: &mut SourceMap) -> Result<(&'static str, Node), Vec<Diagnostic>> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>()
        && number.is_finite()
    {
        return Ok(("value", Node::new(span, NodeValue::Float(number))));
    }
    if text.contains('(') {
        return Ok(("dist", read::read_text(sources, "--set", text)?));
    }
    let bare = text.trim_matches('"');
    Ok(("value", Node::new(span, NodeValue::Str(bare.to_owned()))))
}

/// Says in the basis of a parameter that its value no longer is the document's.
fn note(parameter: &mut Node) {
    let Some(basis) = parameter.field_mut("basis") else { return };
    let last = match &mut basis.value {
        NodeValue::Tuple { items, .. } => items.last_mut(),
        NodeValue::Record { fields, .. } => {
            let words = fields.iter_mut().filter(|(ident, _)| ident.text == "how" || ident.text == "source");
            words.map(|(_, value)| value).last()
        }
        _ => None,
    };
    if let Some(Node { value: NodeValue::Str(text), .. }) = last
        && !text.ends_with(NOTE)
    {
        *text = format!("{text}; {NOTE}");
    }
}

fn add_injects(tree: &mut Node, injects: &Node, diagnostics: &mut Diagnostics) {
    let list = match (&injects.value, injects.field("injects")) {
        (_, Some(list)) => list.clone(),
        (NodeValue::List(_), None) => injects.clone(),
        _ => Node::new(injects.span, NodeValue::List(vec![injects.clone()])),
    };
    match tree.remove_field("injects") {
        Some((_, base)) => put(tree, "injects", merge(base, list, diagnostics)),
        None => put(tree, "injects", list),
    }
}
