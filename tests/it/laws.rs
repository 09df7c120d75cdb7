//! What must change in a known direction, or not at all, when a document is changed.

use blueprint_sim::analysis::awareness::awareness;
use blueprint_sim::document::Overrides;
use blueprint_sim::model::Model;
use blueprint_sim::trace::{Event, SpanKind, Trace, WorkKind};

use super::laboratory::{Results, run, set, written, written_with};

/// Three desks in a row; a case goes from one to the next. Only the first works for a length by chance, so that the
/// lengths stay with their cases whatever overtakes what.
const CHAIN: &str = r#"Blueprint(
    format: 1, name: "chain", horizon: "40d",
    levels: [(id: "desk", title: "Desk")],
    parameters: {
        "one.staff": (value: 1, basis: Assumed("law")),
        "two.staff": (value: 1, basis: Assumed("law")),
        "work": (dist: Exponential(mean: "50min"), basis: Assumed("law")),
        "way": (dist: Exponential(mean: "3h"), basis: Assumed("law")),
        "loss": (value: 0.3, basis: Assumed("law")),
    },
    facts: {"news": (title: "News", weight: 3), "word": (title: "Word", weight: 1)},
    actors: {
        "one": (title: "One", levels: ["desk"], staff: "one.staff"),
        "two": (title: "Two", levels: ["desk"], staff: "two.staff"),
        "three": (title: "Three", levels: ["desk"], staff: 1),
    },
    products: {"file": (title: "File", carries: ["news", "word"], needs_content: false)},
    tasks: {
        "a": (title: "A", work: "work"), "b": (title: "B", work: "45min"), "c": (title: "C", work: "40min"),
    },
    channels: [(id: "post", from: Any, to: Any, latency: "way", loss: "loss", retry: (after: "6h"))],
    rules: [
        (id: "cases", actor: Actor("one"), on: Arrivals("1 per h"), then: [Work("a"), Hand(to: Actor("two"), then: [Work("b")]), Hand(to: Actor("three"), then: [Work("c")])]),
        (id: "news", actor: Actor("one"), on: At("T+3d"), then: [Find(fact: "news"), Send(product: "file", to: Actor("two"))]),
        (id: "word", actor: Actor("three"), on: At("T+5d"), then: [Find(fact: "word"), Send(product: "file", to: Actor("two"))]),
        (id: "posts", actor: Actor("one"), on: Every(interval: "9h"), then: [Send(product: "file", to: Actor("three"))]),
    ],
    milestones: {"known": (title: "Known", when: Knows(who: Actor("two"), fact: "news"))},
    measures: {"copies": (of: Copies(product: "file"), show: [Max])},
)"#;

/// Instants at which a task was done, in order.
fn done(model: &Model, trace: &Trace, task: &str) -> Vec<u64> {
    let id = model.tasks.iter().position(|t| t.name.text == task).unwrap();
    let ends = trace.records.iter().filter(|r| match r.event {
        Event::TaskDone { work: WorkKind::Task(t), .. } => t.index() == id,
        _ => false,
    });
    ends.map(|r| r.time.as_micros()).collect()
}

#[test]
fn more_staff_in_a_chain_makes_nobody_later() {
    let plain = written(CHAIN);
    for replication in 0..5 {
        let before = done(&plain, &run(&plain, 11, replication), "c");
        assert!(before.len() > 500);
        for more in ["one.staff", "two.staff"] {
            let faster = written_with(CHAIN, &set(&[(more, "2")]));
            let after = done(&faster, &run(&faster, 11, replication), "c");
            assert!(after.len() >= before.len());
            assert!(before.iter().zip(&after).all(|(before, after)| after <= before), "{more}");
            assert!(before.iter().zip(&after).any(|(before, after)| after < before), "{more}");
        }
    }
}

#[test]
fn without_loss_nothing_is_sent_twice() {
    let lossy = written(CHAIN);
    let sure = written_with(CHAIN, &set(&[("loss", "0")]));
    let copies = |model: &Model| Results::of(model, &run(model, 11, 0)).value("copies", "max");
    assert!(copies(&lossy) > 1.0);
    assert_eq!(copies(&sure), 1.0);
    let trace = run(&sure, 11, 0);
    assert!(trace.spans.iter().all(|span| span.kind != SpanKind::Retry));
    assert!(
        !trace.records.iter().any(|r| matches!(r.event, Event::Undelivered { .. } | Event::Redundant(_)))
    );
}

#[test]
fn a_quicker_post_brings_nothing_later() {
    let slow = written(CHAIN);
    let quick = written_with(CHAIN, &set(&[("way", r#"Exponential(mean: "1h")"#)]));
    let mut sooner = 0;
    for replication in 0..20 {
        let known = |model: &Model| Results::of(model, &run(model, 11, replication)).hours("known").unwrap();
        let (before, after) = (known(&slow), known(&quick));
        assert!(after <= before, "{before} h became {after} h");
        sooner += u32::from(after < before);
    }
    assert_eq!(sooner, 20);
}

#[test]
fn doubled_weights_change_no_awareness() {
    let doubled = CHAIN.replace("weight: 3", "weight: 6").replace("weight: 1", "weight: 2");
    assert_ne!(doubled, CHAIN);
    let curve = |text: &str| {
        let model = written(text);
        let trace = run(&model, 11, 0);
        format!("{:?}", awareness(&model, &trace).levels)
    };
    assert_eq!(curve(CHAIN), curve(&doubled));
    assert_ne!(curve(CHAIN), curve(&CHAIN.replace("weight: 3", "weight: 6")));
}

#[test]
fn an_element_that_is_off_is_as_if_deleted() {
    let with = CHAIN
        .replace("    facts:", "    elements: {\"extra\": (title: \"Extra\", basis: Assumed(\"law\"))},\n    facts:")
        .replace(
            "        \"three\":",
            "        \"extra\": (title: \"Extra\", levels: [\"desk\"], element: \"extra\"),\n        \"three\":",
        )
        .replace(
            "        (id: \"posts\"",
            "        (id: \"extra\", actor: AnyOf([Actor(\"one\"), Actor(\"extra\")]), on: Every(interval: \"2h\"), then: [Work(\"a\")], element: \"extra\"),\n        (id: \"posts\"",
        );
    let told = |model: &Model| -> Vec<String> {
        let trace = run(model, 11, 0);
        let who = |r: &blueprint_sim::trace::Record| match r.who {
            blueprint_sim::trace::Subject::Actor(a) => model.actors[a.index()].name.text.clone(),
            other => format!("{other:?}"),
        };
        let rows =
            trace.records.iter().filter(|r| !matches!(r.event, Event::Sent { .. } | Event::Delivered { .. }));
        rows.map(|r| format!("{} {} {}", r.time.as_micros(), who(r), kind(&r.event))).collect()
    };
    let off = written(&with);
    assert_eq!(told(&written(CHAIN)), told(&off));
    let on = written_with(&with, &Overrides { with: vec!["extra".to_owned()], ..Overrides::default() });
    assert_ne!(told(&off), told(&on));
}

/// The word of an event, without what is numbered by position.
fn kind(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split(['(', ' ']).next().unwrap_or_default().to_owned()
}
