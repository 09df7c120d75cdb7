//! Tests of printing: the layout, and that what is printed reads back as the same tree.

use proptest::prelude::*;

use super::super::read::read_text;
use super::super::source::{SourceId, SourceMap, Span};
use super::*;

const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

fn reread(text: &str) -> Node {
    match read_text(&mut SourceMap::new(), "printed.ron", text) {
        Ok(node) => node,
        Err(errors) => panic!("{errors:?} in\n{text}"),
    }
}

#[test]
fn layout() {
    let node = reread(
        r#"Blueprint(format:1,title:"a \"b\"\\\n",actors:[(id:"x",staff:2),Actor(id:"y",note:"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
        days:[1,2,3],more:"mmmmmmmmmmmmmmmmmmmmmmmm")],table:{"k":Law(1.5),2:None},wrap:Wrapped([
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","ccccccccccccccccccccccccc"]),e:(),f:[],g:{})"#,
    );
    insta::assert_snapshot!(pretty(&node), @r#"
    Blueprint(
        format: 1,
        title: "a \"b\"\\\n",
        actors: [
            (id: "x", staff: 2),
            Actor(
                id: "y",
                note: "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
                days: [1, 2, 3],
                more: "mmmmmmmmmmmmmmmmmmmmmmmm",
            ),
        ],
        table: {"k": Law(1.5), 2: None},
        wrap: Wrapped([
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            "ccccccccccccccccccccccccc",
        ]),
        e: (),
        f: [],
        g: {},
    )
    "#);
    assert_eq!(reread(&pretty(&node)), node);
}

#[test]
fn numbers_and_names_survive() {
    for text in [
        "1e300",
        "5e-324",
        "0.1",
        "-0.0",
        "1.0",
        "16777217.0",
        "123456789.125",
        "1e16",
        "-9223372036854775808",
    ] {
        let node = reread(text);
        assert_eq!(reread(&compact(&node)), node, "{text}");
    }
    for text in [
        "r#true",
        "r#a-b",
        "r#inf(1)",
        "r#Some(a: 1)",
        "(r#b.c: 1, r#type: 2)",
        "été(1)",
        "\"\\u{202e}\\u{0}\\u{7f}\"",
    ] {
        let node = reread(text);
        assert_eq!(reread(&compact(&node)), node, "{text}");
    }
    assert_eq!(compact(&reread("\"\\u{202e}\\t'\"")), "\"\\u{202e}\\t'\"");
}

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

fn trees() -> impl Strategy<Value = Node> {
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn what_is_printed_reads_back(node in trees()) {
        let text = pretty(&node);
        let again = reread(&text);
        prop_assert_eq!(&again, &node, "{}", text);
        prop_assert_eq!(pretty(&again), text, "printing is stable");
        prop_assert_eq!(reread(&compact(&node)), node);
    }
}
