//! Several channels at once, levels of numbers, orders of service, willingness by group, dates and sources.

use blueprint_sim::trace::{Event, Refusal};

use super::case;
use crate::laboratory::{Results, results, run, written};

#[test]
fn every_way_by_hand() {
    let model = case("ways");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let expected = [
        // By telephone, ten minutes after one o'clock; the mail is redundant.
        ("alert", Some(1.0 + 1.0 / 6.0)),
        ("alert-2", None),
        ("red", Some(5.0 + 1.0 / 6.0)),
        ("half", Some(21.0)),
        ("failed", Some(13.0)),
        ("failed-2", None),
        ("friends", Some(1.0)),
        ("others", None),
        ("rose", Some(2.0)),
        ("rose-2", Some(6.0)),
        ("rose-3", None),
        ("fell", Some(4.0)),
        ("fell-2", None),
        // Monday at nine.
        ("friday", Some(4.0 * 24.0 + 9.0)),
        // Two hours are lost.
        ("four", Some(7.0)),
        ("empty", Some(2.0)),
        ("empty-2", None),
        ("without", Some(3.0)),
        ("patched", Some(12.0)),
        ("w1", Some(2.0)),
        ("w2", Some(4.0)),
        ("w3", Some(7.0)),
    ];
    for (name, hours) in expected {
        let found = results.hours(name);
        let same = found.zip(hours).map_or(found == hours, |(a, b)| (a - b).abs() < 1e-9);
        assert!(same, "{name}: {found:?} instead of {hours:?}");
    }
    // One message by two channels is one delivery or one failure.
    assert_eq!(results.row("copies", "count").0, Some(1.0));
    // The mail may not carry what is red, so nothing comes twice.
    assert_eq!(results.row("red-copies", "count").0, Some(0.0));
    assert_eq!(
        (results.row("failures", "count").0, results.row("failures", "mean").0),
        (Some(3.0), Some(1.0 / 3.0))
    );
    let level = ["nth(1)", "nth(2)", "count"].map(|s| results.value("level", s));
    assert_eq!(level, [2.0, 6.0, 2.0]);
}

#[test]
fn what_no_named_channel_may_carry_is_refused() {
    let model = case("ways");
    let trace = run(&model, 1, 0);
    let refused: Vec<Refusal> = trace
        .records
        .iter()
        .filter_map(|r| match r.event {
            Event::Refused { why, product, .. } if model.products[product.index()].name.text == "alert" => {
                Some(why)
            }
            _ => None,
        })
        .collect();
    assert_eq!(refused, [Refusal::NoChannel]);
}

#[test]
fn a_countermeasure_has_its_days() {
    let model = case("ways");
    let trace = run(&model, 1, 0);
    let hours = |wanted: fn(&Event) -> bool| -> Vec<f64> {
        let found = trace.records.iter().filter(|r| wanted(&r.event));
        found.map(|r| r.time.as_micros() as f64 / 3.6e9).collect()
    };
    assert_eq!(hours(|e| matches!(e, Event::Enacted(_))), [12.0]);
    assert_eq!(hours(|e| matches!(e, Event::Ceased(_))), [20.0]);
}

/// An author shares a fact with a group of receivers or does not, whatever it writes: asked forty times it is no
/// more willing than asked once.
#[test]
fn willingness_is_drawn_once() {
    let model = written(
        r#"Blueprint(
            format: 1, name: "willing", horizon: "41h",
            levels: [(id: "desk", title: "Desk")],
            facts: {"secret": (title: "Secret", shared: 0.5)},
            actors: {"author": (title: "Author", levels: ["desk"]), "reader": (title: "Reader", levels: ["desk"])},
            products: {"memo": (title: "Memo", carries: ["secret"])},
            channels: [(id: "wire", from: Any, to: Any)],
            rules: [
                (id: "knows", actor: Actor("author"), on: Start, then: [Find(fact: "secret")]),
                (id: "writes", actor: Actor("author"), on: Every(interval: "1h"), then: [Send(product: "memo", to: Actor("reader"))]),
            ],
            milestones: {"told": (title: "Told", when: Knows(who: Actor("reader"), fact: "secret"))},
        )"#,
    );
    let told = results(&model, 1, 400).iter().filter(|run| run.hours("told").is_some()).count();
    assert!((160..=240).contains(&told), "{told} of 400");
}
