//! Rules that sleep, and what they are told when they wake.

use blueprint_sim::analysis::chain::chain;
use blueprint_sim::document::Overrides;
use blueprint_sim::trace::{Event, SpanKind};

use super::{case, case_with};
use crate::laboratory::{Results, run};

#[test]
fn what_was_known_before_is_tested_when_a_rule_wakes() {
    let model = case("sleepers");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    for (name, hours) in [
        ("law", Some(31.0)),
        ("law-2", None),
        ("law-late", Some(41.0)),
        ("law-late-2", None),
        ("repealed", Some(11.0)),
        ("dated", Some(21.0)),
        ("ended", None),
        ("keyed", Some(6.0)),
        ("keyed-2", None),
        ("keyed-itself", Some(6.0)),
        ("keyed-itself-2", None),
        ("alert", Some(4.0)),
        ("alert-2", Some(10.0)),
        ("alert-3", None),
        ("once", Some(4.0)),
        ("once-2", None),
        ("both", Some(6.0)),
        ("both-2", Some(10.0)),
        ("decided", Some(9.0)),
        ("decided-2", None),
        ("hit", Some(5.0)),
        ("hit-2", Some(8.0)),
        ("hit-3", None),
    ] {
        assert_eq!(results.hours(name), hours, "{name}");
    }
}

/// The wait for a date is time that the clock took; no clock is told of where there was nothing to test.
#[test]
fn the_chain_of_a_rule_that_a_date_woke_waits_for_the_date() {
    let model = case("sleepers");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let chain = chain(&trace, &results.milestone("law")).unwrap();
    let segments: Vec<(SpanKind, u64)> =
        chain.segments.iter().map(|s| (s.kind, s.duration().as_micros() / 3_600_000_000)).collect();
    assert_eq!(segments, [(SpanKind::Schedule, 30), (SpanKind::Work, 1)]);
    let dates = trace.records.iter().filter(|r| matches!(r.event, Event::Tick(_))).count();
    assert_eq!(dates, 3);
}

/// A law that is switched on or off has no date.
#[test]
fn a_forced_element_wakes_nobody() {
    let law = || vec!["law".to_owned()];
    let on = Overrides { with: law(), ..Overrides::default() };
    let off = Overrides { without: law(), ..Overrides::default() };
    for (overrides, hours) in [(on, Some(2.0)), (off, None)] {
        let model = case_with("sleepers", &overrides);
        let results = Results::of(&model, &run(&model, 1, 0));
        assert_eq!((results.hours("law"), results.hours("law-2")), (hours, None));
    }
}
