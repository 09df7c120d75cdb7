//! Generated trees for the tests of this room.

use proptest::prelude::*;

use super::print::compact;
use super::source::{SourceId, Span};
use super::tree::{Ident, Node, NodeValue};

const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

/// Names as they may stand, some of which ron takes for something else unless they are marked.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[A-Za-z_][A-Za-z0-9_]{0,6}",
        1 => "[a-z0-9][a-z0-9.+-]{0,6}",
        1 => prop::sample::select(vec!["true", "false", "Some", "inf", "NaN", "NaNf64", "r", "b", "br", "é"]).prop_map(str::to_owned),
    ]
    // Without a mark these are words of ron, and with it they are no names of variants.
    .prop_filter("a value of its own", |name| name != "None")
}

fn idents() -> impl Strategy<Value = Ident> {
    names().prop_map(|text| Ident { text, span: NOWHERE })
}

/// Any tree that a document can hold.
pub(super) fn trees() -> impl Strategy<Value = Node> {
    let finite = any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite());
    let leaf = prop_oneof![
        any::<bool>().prop_map(NodeValue::Bool),
        any::<i64>().prop_map(NodeValue::Int),
        finite.prop_map(NodeValue::Float),
        any::<f32>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| NodeValue::Float(f64::from(x))),
        any::<String>().prop_map(NodeValue::Str),
        "[ -~\n\t\"\\\\]{0,60}".prop_map(NodeValue::Str),
        names().prop_map(NodeValue::Unit),
    ]
    .prop_map(|value| Node::new(NOWHERE, value));
    leaf.prop_recursive(6, 60, 6, |node| {
        let name = || prop::option::of(idents());
        prop_oneof![
            prop::collection::vec(node.clone(), 0..6).prop_map(NodeValue::List),
            prop::collection::vec((node.clone(), node.clone()), 0..5).prop_map(|mut entries| {
                let mut seen = std::collections::BTreeSet::new();
                entries.retain(|(key, _)| seen.insert(compact(key)));
                NodeValue::Map(entries)
            }),
            (name(), prop::collection::vec((idents(), node.clone()), 0..6)).prop_map(|(name, mut fields)| {
                let mut seen = std::collections::BTreeSet::new();
                fields.retain(|(ident, _)| seen.insert(ident.text.clone()));
                NodeValue::Record { name, fields }
            }),
            (name(), prop::collection::vec(node, 1..4))
                .prop_map(|(name, items)| NodeValue::Tuple { name, items }),
        ]
        .prop_map(|value| Node::new(NOWHERE, value))
    })
}
