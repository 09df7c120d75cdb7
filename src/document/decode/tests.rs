//! Tests of decoding: what is accepted, and what is told about the rest.

use proptest::prelude::*;
use serde::Deserialize;

use super::super::print::compact;
use super::super::read::read_text;
use super::super::source::SourceMap;
use super::super::testing::trees;
use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Actor {
    id: Spanned<String>,
    #[serde(default)]
    staff: Option<u32>,
    #[serde(default)]
    calendar: Calendar,
    #[serde(default)]
    factor: Option<f64>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
enum Calendar {
    #[default]
    Always,
    Office {
        days: (u8, u8),
        from: Spanned<String>,
    },
    LogNormal(Law),
    Leak(f64),
    Pair(u8, String),
    Words(Vec<String>),
    Tree(Node),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Law {
    median: String,
    p95: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Blueprint")]
struct Document {
    title: String,
    actors: Vec<Actor>,
    #[serde(default)]
    table: IndexMap<Spanned<String>, i64>,
}

fn told(sources: &SourceMap, errors: &[Diagnostic]) -> Vec<String> {
    let one = |error: &Diagnostic| {
        let span = error.span.unwrap();
        let at = sources.start(span);
        let place = format!("{}:{} `{}`", at.line, at.column, sources.snippet(span));
        let hints: String = error.hints.iter().map(|hint| format!(" ({hint})")).collect();
        format!("{place} {}: {}{hints}", error.code, error.message)
    };
    errors.iter().map(one).collect()
}

fn decoded<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Vec<String>> {
    let mut sources = SourceMap::new();
    let node = read_text(&mut sources, "a.ron", text).unwrap();
    decode(&node).map_err(|errors| told(&sources, &errors))
}

#[track_caller]
fn check_error<T: for<'a> Deserialize<'a> + fmt::Debug>(text: &str, expected: &[&str]) {
    assert_eq!(decoded::<T>(text).unwrap_err(), expected);
}

#[test]
fn every_form_of_a_value() {
    let calendar = |text: &str| decoded::<Calendar>(text).unwrap();
    assert_eq!(calendar("Always"), Calendar::Always);
    assert_eq!(calendar("Leak(2)"), Calendar::Leak(2.0), "a whole number may stand for a float");
    assert_eq!(calendar("Pair(1, \"x\")"), Calendar::Pair(1, "x".to_owned()));
    assert_eq!(calendar("Words([\"x\"])"), Calendar::Words(vec!["x".to_owned()]));
    let law = Law { median: "25min".to_owned(), p95: "2h".to_owned() };
    assert_eq!(calendar("LogNormal(median: \"25min\", p95: \"2h\")"), Calendar::LogNormal(law));
    let law = Law { median: "25min".to_owned(), p95: "2h".to_owned() };
    assert_eq!(calendar("LogNormal(Law(median: \"25min\", p95: \"2h\"))"), Calendar::LogNormal(law));
    let Calendar::Office { days, from } = calendar("Office(days: (1, 5), from: \"09:00\")") else { panic!() };
    assert_eq!((days, from.value.as_str(), from.span.start), ((1, 5), "09:00", 27));

    let actor = |text: &str| decoded::<Actor>(text).unwrap();
    assert_eq!(actor("(id: \"a\", staff: 5)").staff, Some(5));
    assert_eq!(actor("Actor(id: \"a\", staff: None)").staff, None);
    assert_eq!(actor("(id: \"a\")").calendar, Calendar::Always);
    assert_eq!(decoded::<(u8, f64)>("(1, 2)"), Ok((1, 2.0)));
    assert_eq!(decoded::<[u8; 3]>("[1, 2, 3]"), Ok([1, 2, 3]));
    assert_eq!(decoded::<()>("()"), Ok(()));
    assert_eq!(decoded::<Option<Spanned<i8>>>("-3").unwrap().unwrap().value, -3);
    assert_eq!(decoded::<Spanned<Option<i8>>>("None").unwrap().value, None);
}

#[test]
fn maps_are_asked_by_name_and_know_their_places() {
    let map = decoded::<IndexMap<Spanned<String>, i64>>("{\"b\": 1,\n \"a\": 2}").unwrap();
    assert_eq!(map.get("a"), Some(&2));
    let (key, _) = map.get_index(1).unwrap();
    assert_eq!((key.value.as_str(), key.span.start, key.span.end), ("a", 10, 13));
}

#[test]
fn trees_can_be_fields() {
    let text = r#"[1, (a: -2.5, b: X), {"k": ()}, Y(true, "t"), Z(c: []), (1, 2)]"#;
    let mut sources = SourceMap::new();
    let node = read_text(&mut sources, "a.ron", text).unwrap();
    let copy: Node = decode(&node).unwrap();
    assert_eq!(format!("{copy:?}"), format!("{node:?}"), "places too");
    let Calendar::Tree(tree) = decoded::<Calendar>("Tree(a: 1, b: Z(2))").unwrap() else { panic!() };
    assert_eq!(compact(&tree), "(a: 1, b: Z(2))");
}

#[test]
fn untagged_and_flattened_types() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Number(f64),
        Choice(Calendar),
        Record { a: u8 },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        x: u8,
        #[serde(flatten)]
        law: Law,
    }
    assert_eq!(decoded::<Loose>("3"), Ok(Loose::Number(3.0)));
    assert_eq!(decoded::<Loose>("Always"), Ok(Loose::Choice(Calendar::Always)));
    assert_eq!(decoded::<Loose>("Leak(0.5)"), Ok(Loose::Choice(Calendar::Leak(0.5))));
    assert_eq!(decoded::<Loose>("(a: 1)"), Ok(Loose::Record { a: 1 }));
    let law = Law { median: "1h".to_owned(), p95: "2h".to_owned() };
    assert_eq!(decoded::<Outer>("(median: \"1h\", x: 1, p95: \"2h\")"), Ok(Outer { x: 1, law }));
}

#[test]
fn wrong_values() {
    check_error::<u32>(
        "-3",
        &["1:1 `-3` number-range: expected a whole number from 0 to 4294967295, found -3"],
    );
    check_error::<u8>("2.5", &["1:1 `2.5` wrong-type: expected a whole number from 0 to 255, found 2.5"]);
    check_error::<u64>(
        "\"5\"",
        &[
            "1:1 `\"5\"` wrong-type: expected a whole number from 0 to 18446744073709551615, found the text \"5\"",
        ],
    );
    check_error::<f64>("[1]", &["1:1 `[` wrong-type: expected a number, found a list"]);
    check_error::<bool>("Yes", &["1:1 `Yes` wrong-type: expected `true` or `false`, found the name `Yes`"]);
    check_error::<String>(
        "ES",
        &[
            "1:1 `ES` wrong-type: expected text in quotes, found the name `ES` (text stands in quotes: \"ES\")",
        ],
    );
    check_error::<Vec<u8>>("(1, 2)", &["1:1 `(` wrong-type: expected a list `[..]`, found a tuple `(..)`"]);
    check_error::<IndexMap<String, u8>>(
        "(a: 1)",
        &["1:1 `(` wrong-type: expected a map `{\"name\": ..}`, found a record `(..)`"],
    );
    check_error::<(u8, u8)>("(1, 2, 3)", &["1:1 `(` wrong-length: expected 2 values, found 3"]);
    check_error::<Actor>(
        "Actr(id: \"a\")",
        &["1:1 `Actr` wrong-type: expected `Actor(..)`, or `(..)` without a name, found `Actr(..)`"],
    );
    check_error::<Actor>(
        "[]",
        &["1:1 `[` wrong-type: expected the fields of `Actor`: `(name: value, ..)`, found a list"],
    );
}

#[test]
fn wrong_variants() {
    check_error::<Calendar>(
        "Ofice(days: (1, 5))",
        &["1:1 `Ofice` unknown-variant: there is no choice `Ofice` here (did you mean `Office`?) \
         (known here: `Always`, `Office`, `LogNormal`, `Leak`, `Pair`, `Words`, `Tree`)"],
    );
    check_error::<Calendar>(
        "3",
        &[
            "1:1 `3` wrong-type: expected one of `Always`, `Office`, `LogNormal`, `Leak`, `Pair`, `Words`, `Tree`, found 3",
        ],
    );
    check_error::<Calendar>(
        "Always(1)",
        &["1:1 `Always` wrong-type: expected `Always` alone, without brackets, found `Always(..)`"],
    );
    check_error::<Calendar>(
        "Leak",
        &["1:1 `Leak` wrong-type: expected a value for it: `Leak(..)`, found the name `Leak`"],
    );
    check_error::<Calendar>(
        "Leak(\"x\")",
        &["1:6 `\"x\"` wrong-type: expected a number, found the text \"x\""],
    );
    check_error::<Calendar>("Pair(1)", &["1:1 `Pair` wrong-length: expected 2 values, found 1"]);
    check_error::<Calendar>(
        "Office(1, 2)",
        &[
            "1:1 `Office` wrong-type: expected named fields for it: `Office(days: .., ..)`, found `Office(..)`",
        ],
    );
    check_error::<Calendar>(
        "LogNormal(median: \"1h\")",
        &["1:1 `LogNormal` missing-field: the field `p95` of `LogNormal` is missing"],
    );
}

#[test]
fn all_errors_come_together() {
    check_error::<Document>(
        r#"Blueprint(
    title: 5,
    actors: [
        (id: "a", stff: 3, colour: Red),
        (id: "b", staff: -1, calendar: Alway),
        (staff: 2),
        (id: "d", tags: ["x", 7, "y", X]),
        (id: "e", calendar: Office(from: 5, days: (1, 2))),
    ],
    table: {"x": 1.5, "y": "z", 3: 3},
)"#,
        &[
            "2:12 `5` wrong-type: expected text in quotes, found 5",
            "4:19 `stff` unknown-field: there is no field `stff` here (did you mean `staff`?) \
             (known here: `id`, `staff`, `calendar`, `factor`, `tags`)",
            "4:28 `colour` unknown-field: there is no field `colour` here \
             (known here: `id`, `staff`, `calendar`, `factor`, `tags`)",
            "5:26 `-1` number-range: expected a whole number from 0 to 4294967295, found -1",
            "5:40 `Alway` unknown-variant: there is no choice `Alway` here (did you mean `Always`?) \
             (known here: `Always`, `Office`, `LogNormal`, `Leak`, `Pair`, `Words`, `Tree`)",
            "6:9 `(` missing-field: the field `id` is missing",
            "7:31 `7` wrong-type: expected text in quotes, found 7",
            "7:39 `X` wrong-type: expected text in quotes, found the name `X` (text stands in quotes: \"X\")",
            "8:42 `5` wrong-type: expected text in quotes, found 5",
            "10:18 `1.5` wrong-type: expected a whole number from -9223372036854775808 to 9223372036854775807, \
             found 1.5",
            "10:28 `\"z\"` wrong-type: expected a whole number from -9223372036854775808 to 9223372036854775807, \
             found the text \"z\"",
            "10:33 `3` wrong-type: expected text in quotes, found 3",
        ],
    );
}

#[test]
fn a_misspelt_required_field_is_told_once() {
    check_error::<Law>(
        "(medain: \"1h\", p95: \"2h\")",
        &["1:2 `medain` unknown-field: there is no field `medain` here (did you mean `median`?) \
         (known here: `median`, `p95`)"],
    );
    check_error::<Law>(
        "(x: 1, p95: \"2h\")",
        &[
            "1:2 `x` unknown-field: there is no field `x` here (known here: `median`, `p95`)",
            "1:1 `(` missing-field: the field `median` is missing",
        ],
    );
}

#[test]
fn what_a_type_refuses_has_its_place() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(try_from = "String")]
    struct Even(usize);
    impl TryFrom<String> for Even {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            if text.len().is_multiple_of(2) { Ok(Even(text.len())) } else { Err(format!("`{text}` is odd")) }
        }
    }
    check_error::<Vec<Even>>(
        "[\"ab\", \"abc\", \"a\"]",
        &["1:8 `\"abc\"` invalid-value: `abc` is odd", "1:15 `\"a\"` invalid-value: `a` is odd"],
    );
}

#[test]
fn entry_by_entry_keeps_what_is_right() {
    let mut sources = SourceMap::new();
    let text = "(m: {\"a\": 1, \"b\": X, \"c\": 3}, l: [1, X, 3], n: 5, z: 0)";
    let node = read_text(&mut sources, "a.ron", text).unwrap();
    let mut diagnostics = Diagnostics::new();
    let map = decode_map::<u8>(node.field("m").unwrap(), &mut diagnostics);
    assert_eq!(
        map.iter().map(|(key, value)| (key.as_str(), *value)).collect::<Vec<_>>(),
        [("a", 1), ("c", 3)]
    );
    assert_eq!(decode_list::<u8>(node.field("l").unwrap(), &mut diagnostics), [1, 3]);
    assert_eq!(decode_field::<u8>(&node, "n", &mut diagnostics), Some(5));
    assert_eq!(decode_field::<u8>(&node, "absent", &mut diagnostics), None);
    assert!(decode_map::<u8>(node.field("n").unwrap(), &mut diagnostics).is_empty());
    diagnostics.extend(unknown_fields(&node, &["m", "l", "n", "zz"]));
    let errors = diagnostics.into_sorted();
    assert_eq!(
        told(&sources, &errors),
        [
            "1:19 `X` wrong-type: expected a whole number from 0 to 255, found the name `X`",
            "1:38 `X` wrong-type: expected a whole number from 0 to 255, found the name `X`",
            "1:48 `5` wrong-type: expected a map `{\"name\": ..}`, found 5",
            "1:51 `z` unknown-field: there is no field `z` here (did you mean `zz`?) \
         (known here: `m`, `l`, `n`, `zz`)",
        ]
    );
}

#[test]
fn many_errors_end() {
    let text = format!("[{}]", "X,".repeat(50_000));
    let errors = decoded::<Vec<u8>>(&text).unwrap_err();
    assert_eq!(errors.len(), MAX_ERRORS);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_tree_is_decoded_or_refused(tree in trees()) {
        prop_assert_eq!(&decode::<Node>(&tree).unwrap(), &tree);
        for errors in [
            decode::<Document>(&tree).err(),
            decode::<Calendar>(&tree).err(),
            decode::<Vec<Option<Spanned<Actor>>>>(&tree).err(),
            decode::<IndexMap<Spanned<String>, (u8, Law)>>(&tree).err(),
        ].into_iter().flatten() {
            prop_assert!(!errors.is_empty());
            prop_assert!(errors.iter().all(|error| error.span.is_some()));
        }
    }
}
