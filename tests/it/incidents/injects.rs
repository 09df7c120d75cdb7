//! What exercise control can do: each effect of an inject, and what is down.

use blueprint_sim::model::Model;
use blueprint_sim::trace::{Event, SpanKind, Trace};

use super::{document, hits, hours};
use crate::laboratory::{run, written};

/// A task of 4 h at the authority of AA, a letter to that of BB which takes 3 h and is tried again half an hour after a
/// loss, a press that is read after an hour; and injects.
fn control(injects: &str) -> Model {
    let text = document(&format!(
        r#"tasks: {{"case": (title: "A case", work: "4h")}},
        rules: [
            (id: "works", actor: Actor("csirt@AA"), on: Start, then: [Work("case")]),
            (id: "writes", actor: Actor("csirt@AA"), on: Start, then: [Send(product: "letter", to: Actor("csirt@BB"))]),
        ],
        operators: [(id: "firms", state: "AA", sector: "it", count: 4, detect: "1000d", contain: "0s", recover: "0s")],
        incidents: {{"it": (title: "It", basis: Assumed("toy"), process: Outage(share: 0))}},
        networks: {{"club": (title: "Club", members: [Role("csirt")], modes: [(id: "calm", title: "Calm"), (id: "alert", title: "Alert")])}},
        injects: [{injects}],"#
    ));
    written(
        &text
            .replace(
                "products: {",
                r#"products: {"letter": (title: "A letter", needs_content: false, read: "30min"),"#,
            )
            .replace(
                "channels: [",
                r#"channels: [
                (id: "post", from: Any, to: Any, latency: "3h", retry: (after: "30min")),
                (id: "press", from: Public, to: Of(Actor("csirt@CC")), latency: "1h"),"#,
            ),
    )
}

fn inject(at: &str, to: &str, effect: &str) -> String {
    format!(r#"(id: "x", title: "X", at: "{at}", to: Actor("{to}"), effects: [{effect}])"#)
}

fn done(trace: &Trace) -> f64 {
    hours(trace, |e| matches!(e, Event::TaskDone { work: blueprint_sim::trace::WorkKind::Task(_), .. }))[0]
}

/// Kinds and hours of the spans of the first record that a test asks for.
fn spans(trace: &Trace, wanted: impl Fn(Event) -> bool) -> Vec<(SpanKind, f64)> {
    let found = trace.records.iter().position(|r| wanted(r.event)).unwrap();
    trace.spans_of(found as u32).iter().map(|s| (s.kind, (s.to - s.from).as_hours_f64())).collect()
}

fn is_task(e: Event) -> bool {
    matches!(e, Event::TaskDone { work: blueprint_sim::trace::WorkKind::Task(_), .. })
}

#[test]
fn work_is_suspended_while_its_actor_is_down() {
    let trace = run(&control(&inject("T+1h", "csirt@AA", r#"ActorOutage(lasts: "2h")"#)), 1, 0);
    assert_eq!(done(&trace), 6.0);
    use SpanKind::{Outage, Work};
    assert_eq!(spans(&trace, is_task), [(Work, 1.0), (Outage, 2.0), (Work, 3.0)]);
    // A letter that comes while its reader is down is read afterwards.
    let trace = run(&control(&inject("T+2h", "csirt@BB", r#"ActorOutage(lasts: "3h")"#)), 1, 0);
    assert_eq!(hours(&trace, |e| matches!(e, Event::Read { .. })), [5.5]);
}

#[test]
fn work_waits_for_staff_that_is_absent() {
    let trace = run(&control(&inject("T+1h", "csirt@AA", r#"Absent(staff: 1, lasts: "2h")"#)), 1, 0);
    assert_eq!(done(&trace), 6.0);
    let kinds: Vec<SpanKind> = spans(&trace, is_task).iter().map(|s| s.0).collect();
    assert_eq!((kinds[0], kinds[2]), (SpanKind::Work, SpanKind::Work));
    assert_ne!(kinds[1], SpanKind::Outage);
}

/// What is on the way is lost; it is sent again when that is found out, and waits until the channel is up.
#[test]
fn what_is_under_way_is_lost_with_its_channel() {
    let trace =
        run(&control(&inject("T+1h", "csirt@AA", r#"ChannelOutage(channel: "post", lasts: "4h")"#)), 1, 0);
    let delivered = |e: Event| matches!(e, Event::Delivered { .. });
    assert_eq!(hours(&trace, delivered), [8.0]);
    use SpanKind::{Outage, Retry, Transmission};
    assert_eq!(spans(&trace, delivered), [(Retry, 1.0), (Outage, 4.0), (Transmission, 3.0)]);
    let copies = trace.records.iter().find_map(|r| match r.event {
        Event::Delivered { copies, .. } => Some(copies),
        _ => None,
    });
    assert_eq!(copies, Some(2), "only made attempts count");
}

#[test]
fn facts_leaks_and_false_reports_are_learned() {
    let learned = |trace: &Trace| hours(trace, |e| matches!(e, Event::Learned { .. }));
    let becomes_true = |trace: &Trace| hours(trace, |e| matches!(e, Event::True { .. })).len();
    let fact = run(&control(&inject("T+2h", "csirt@BB", r#"Fact("affected/it/BB")"#)), 1, 0);
    assert_eq!((learned(&fact), becomes_true(&fact)), (vec![2.0], 1));
    let wrong = run(&control(&inject("T+2h", "csirt@BB", r#"FalseReport(fact: "affected/it/BB")"#)), 1, 0);
    assert_eq!((learned(&wrong), becomes_true(&wrong)), (vec![2.0], 0));
    let leak = run(&control(&inject("T+2h", "csirt@BB", r#"Leak("affected/it/BB")"#)), 1, 0);
    assert_eq!(learned(&leak), [3.0], "by who reads the press");
}

#[test]
fn messages_modes_and_hits() {
    let all = r#"Message("letter"), SetMode(network: "club", mode: "alert"),
        Hit(incident: "it", hits: [(state: "AA", sector: "it", operators: 3, after: "1h")])"#;
    let trace = run(&control(&inject("T+10h", "csirt@CC", all)), 1, 0);
    let read = hours(&trace, |e| matches!(e, Event::Read { .. }));
    assert_eq!(read, [3.5, 13.5]);
    assert_eq!(hours(&trace, |e| matches!(e, Event::ModeEntered { .. })), [10.0]);
    assert_eq!(hits(&trace), [11.0, 11.0, 11.0]);
}
