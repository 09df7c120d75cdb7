//! What differs between two documents, in lines that a person can read.

use super::print::compact;
use super::tree::{Ident, Node, NodeValue};

/// So many characters of a value are shown.
const LONGEST: usize = 120;
/// Fields that say how a document is run or called, not what it says.
const NOT_CONTENT: [&str; 3] = ["run", "setting", "format"];

/// A place at which two documents differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, e.g. `actors.csirt.staff`.
    pub path: String,
    /// What the first has there; none: nothing.
    pub before: Option<String>,
    /// What the second has there; none: nothing.
    pub after: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: {} -> {}", self.path, value(&self.before), value(&self.after))
    }
}

/// All differences of two flat records, in the order of the first; places, how it was run and the notes that a
/// change leaves in a basis do not count.
pub fn diff(before: &Node, after: &Node) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found.retain(|d| !d.path.ends_with(".basis"));
    found
}

fn compare(path: &str, before: &Node, after: &Node, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    match (&before.value, &after.value) {
        (NodeValue::Record { name: a, fields: b }, NodeValue::Record { name: c, fields: d })
            if a.as_ref().map(|i| &i.text) == c.as_ref().map(|i| &i.text) =>
        {
            let name = |field: &(Ident, Node)| field.0.text.clone();
            let content = |fields: &[(Ident, Node)]| -> Vec<(String, Node)> {
                let kept =
                    fields.iter().filter(|f| !path.is_empty() || !NOT_CONTENT.contains(&f.0.text.as_str()));
                // A basis says where a value comes from, and a change marks it; the value itself is what differs.
                let kept = kept.filter(|f| f.0.text != "basis");
                kept.map(|f| (name(f), f.1.clone())).collect()
            };
            parts(path, &content(b), &content(d), found);
        }
        (NodeValue::Map(a), NodeValue::Map(b)) => {
            let named = |entries: &[(Node, Node)]| -> Vec<(String, Node)> {
                entries.iter().map(|(k, v)| (key(k), v.clone())).collect()
            };
            parts(path, &named(a), &named(b), found);
        }
        (NodeValue::List(a), NodeValue::List(b)) if has_ids(a) && has_ids(b) => {
            let named = |items: &[Node]| -> Vec<(String, Node)> {
                items.iter().filter_map(|item| Some((item.id()?.to_owned(), item.clone()))).collect()
            };
            parts(path, &named(a), &named(b), found);
        }
        (NodeValue::List(a), NodeValue::List(b))
            if a.len() == b.len() && a.iter().all(|n| n.fields().is_some()) =>
        {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{}]", i + 1), a, b, found);
            }
        }
        _ => found.push(Difference {
            path: path.to_owned(),
            before: Some(shown(before)),
            after: Some(shown(after)),
        }),
    }
}

fn parts(path: &str, before: &[(String, Node)], after: &[(String, Node)], found: &mut Vec<Difference>) {
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, value) in before {
        match after.iter().find(|(other, _)| other == name) {
            Some((_, other)) => compare(&under(name), value, other, found),
            None => {
                found.push(Difference { path: under(name), before: Some(shown(value)), after: None });
            }
        }
    }
    for (name, value) in after {
        if !before.iter().any(|(other, _)| other == name) {
            found.push(Difference { path: under(name), before: None, after: Some(shown(value)) });
        }
    }
}

fn has_ids(items: &[Node]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.id().is_some())
}

fn key(node: &Node) -> String {
    node.as_text().map_or_else(|| compact(node), str::to_owned)
}

fn shown(node: &Node) -> String {
    let text = compact(node);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::read_text;
    use super::super::source::SourceMap;
    use super::*;

    fn lines(before: &str, after: &str) -> Vec<String> {
        let mut sources = SourceMap::new();
        let before = read_text(&mut sources, "before", before).unwrap();
        let after = read_text(&mut sources, "after", after).unwrap();
        diff(&before, &after).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn each_changed_value_is_a_line_with_its_path() {
        let before = r#"Model(with: ["a"], parameters: {"x.y": (value: 1, basis: A("b"))}, rules: [(id: "r", n: 1), (id: "s")])"#;
        let after = r#"Model(with: ["a", "b"], parameters: {"x.y": (value: 2, basis: A("c"))}, rules: [(id: "s", m: 3)])"#;
        assert_eq!(
            lines(before, after),
            [
                r#"with: ["a"] -> ["a", "b"]"#,
                "parameters.x.y.value: 1 -> 2",
                r#"rules.r: (id: "r", n: 1) -> nothing"#,
                "rules.s.m: nothing -> 3",
            ]
        );
    }

    #[test]
    fn how_it_was_run_is_no_difference() {
        assert!(
            lines("Model(setting: Replay, a: 1)", "Model(setting: Counterfactual, a: 1, run: (seed: 1))")
                .is_empty()
        );
    }
}
