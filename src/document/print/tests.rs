//! Tests of printing: the layout, and that what is printed reads back as the same tree.

use proptest::prelude::*;

use super::super::read::read_text;
use super::super::source::SourceMap;
use super::super::testing::trees;
use super::*;

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
