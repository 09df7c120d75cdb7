//! Facts: found, corrected, counted, confirmed, worked out.

use blueprint_sim::analysis::chain::chain;
use blueprint_sim::model::{CONFIRMED, Model};
use blueprint_sim::trace::{Event, SpanKind, Subject, Trace};

use super::case;
use crate::laboratory::{Results, run};

/// What an actor learned of a fact, in order: hour, version, value.
fn learned(model: &Model, trace: &Trace, actor: &str, fact: &str) -> Vec<(f64, u32, f64)> {
    let who = Subject::Actor(model.actor_named(actor).unwrap());
    let wanted = model.fact_named(fact).unwrap();
    let rows = trace.records.iter().filter_map(|r| match r.event {
        Event::Learned { fact, version, value, .. } if fact == wanted && r.who == who => {
            Some((r.time.as_micros() as f64 / 3.6e9, version, value))
        }
        _ => None,
    });
    rows.collect()
}

/// Values alone.
fn values(model: &Model, trace: &Trace, actor: &str, fact: &str) -> Vec<(f64, f64)> {
    learned(model, trace, actor, fact).into_iter().map(|(at, _, value)| (at, value)).collect()
}

#[test]
fn wrong_findings_are_corrected_and_confirmed_ones_last() {
    let model = case("facts");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    for (name, hours) in [
        ("right-cause", Some(6.0)),
        ("first-wrong", Some(1.0)),
        ("first-right", Some(6.0)),
        ("sure", Some(3.0)),
        ("confirmed", Some(5.0)),
        ("not-again", None),
    ] {
        assert_eq!(results.hours(name), hours, "{name}");
    }
    // The first of two statements says what is not so.
    let contradictory = ["count", "mean"].map(|s| results.value("contradictory", s));
    assert_eq!(contradictory, [2.0, 0.5]);
    // The choice after the true one, then the true one.
    assert_eq!(values(&model, &trace, "anna", "cause/case"), [(1.0, 2.0), (6.0, 1.0)]);
    // Twice the truth is reported; then the smaller truth is confirmed; then three times it is no news.
    let victims = learned(&model, &trace, "anna", "victims/case");
    assert_eq!(victims, [(4.0, 2, 200.0), (5.0, CONFIRMED + 1, 100.0)]);
    // 100 (1 - e^-1) and 100 (1 - e^-2).
    let seen = values(&model, &trace, "anna", "seen/case");
    assert_eq!((seen[0].0, seen[1].0), (10.0, 20.0));
    assert!(
        (seen[0].1 - 63.212_055_882_855_77).abs() < 1e-9 && (seen[1].1 - 86.466_471_676_338_73).abs() < 1e-9
    );
    // Four authorities have reported twice.
    assert_eq!(values(&model, &trace, "boss", "reports/case"), [(10.0, 8.0)]);
}

#[test]
fn what_follows_from_what_is_known() {
    let model = case("facts");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let known = |actor, fact: &str| values(&model, &trace, actor, &format!("{fact}/case"));
    // The third state of the union makes a crisis, the second one for whom two are enough.
    assert_eq!(known("anna", "crisis"), [(16.0, 1.0)]);
    assert_eq!(known("cert@AA", "crisis"), [(15.0, 1.0)]);
    assert_eq!((results.hours("crisis"), results.hours("own-crisis")), (Some(16.0), Some(15.0)));
    assert_eq!(known("anna", "share"), [(13.0, 0.25), (14.0, 0.5), (15.0, 0.75), (16.0, 1.0)]);
    assert_eq!(known("anna", "severity"), [(13.0, 0.0), (15.0, 1.0), (16.0, 2.0)]);
    assert_eq!(known("anna", "worst"), [(13.0, 0.0), (15.0, 1.0), (16.0, 2.0)]);
    assert_eq!(known("anna", "alarm"), [(16.0, 1.0)]);
    // 1 - 0.5; then with malware and intercept 1 - 0.5 x 0.5 x 0.4. A wrong cause is no evidence.
    let confidence = known("anna", "confidence");
    assert_eq!(confidence, [(1.0, 0.0), (6.0, 0.5), (11.0, 0.75), (12.0, 0.9)]);
    assert_eq!(known("anna", "score"), [(4.0, 20.0), (5.0, 10.0), (11.0, 12.0)]);
    assert_eq!(known("anna", "total"), [(4.0, 200.0), (5.0, 100.0)]);
    // Told in a letter as soon as it was red.
    assert_eq!(known("boss", "severity"), [(16.0, 2.0)]);
    assert_eq!(results.hours("boss-knows"), Some(16.0));
    // In truth there is no red before the third state.
    let alarm = model.fact_named("alarm/case").unwrap();
    let truths: Vec<(f64, f64)> = trace
        .records
        .iter()
        .filter_map(|r| match r.event {
            Event::True { fact, value } if fact == alarm => Some((r.time.as_micros() as f64 / 3.6e9, value)),
            _ => None,
        })
        .collect();
    assert_eq!(truths, [(16.0, 1.0)]);
}

#[test]
fn an_inject_that_waits_for_a_milestone_is_caused_by_it() {
    let model = case("facts");
    let mut simulation = blueprint_sim::sim::Simulation::new(&model, 1, 0);
    let mut watch = blueprint_sim::analysis::milestones::MilestoneWatch::new(&model);
    let watched = &model;
    simulation.watch(Box::new(move |trace, id| watch.see(watched, trace, id)));
    simulation.run();
    let trace = simulation.into_trace();
    let results = Results::of(&model, &trace);
    assert_eq!(results.hours("echo"), Some(17.5));
    let chain = chain(&trace, &results.milestone("echo")).unwrap();
    let last = chain.segments.last().unwrap();
    assert_eq!((last.kind, last.duration().as_micros()), (SpanKind::Delay, 5_400_000_000));
    let before = chain.steps[chain.steps.len() - 2];
    assert_eq!(Some(before), results.milestone("crisis").reached.map(|r| r.record));
}

#[test]
fn a_cut_off_freezes_what_is_told() {
    let model = case("facts");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    // Written from 21 h to 25 h; what the writer learns at 23 h is only in the report without a cut-off.
    assert_eq!(results.hours("early-a"), Some(25.0));
    assert_eq!(results.hours("early-b"), None);
    assert_eq!(results.hours("late-b"), Some(25.0));
}
