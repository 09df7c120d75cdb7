//! Cases without chance, compared exactly: A21, A30, A31, A32.

use blueprint_sim::analysis::awareness::awareness;
use blueprint_sim::analysis::chain::{chain, slacks};
use blueprint_sim::analysis::duties::{count, duties};
use blueprint_sim::time::{SimDuration, SimTime};
use blueprint_sim::trace::SpanKind;

use crate::laboratory::{Results, oracle, oracle_with, run, set};

fn hours(hours: f64) -> SimDuration {
    SimDuration::from_hours_f64(hours)
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn a21_work_over_a_weekend() {
    let model = oracle("a21");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let expected = [
        ("a", "2026-03-30T08:30:00Z"),
        ("b", "2026-10-26T09:30:00Z"),
        ("c", "2026-03-30T07:00:00Z"),
        ("f", "2026-03-30T15:00:00Z"),
        ("g", "2026-03-31T07:01:00Z"),
    ];
    for (name, end) in expected {
        let reached = results.milestone(name).reached.unwrap().at;
        let end: blueprint_sim::time::Timestamp = end.parse().unwrap();
        assert_eq!(Some(reached), model.meta.epoch.sim_time(end), "{name}");
    }
}

#[test]
fn a30_index_of_awareness() {
    let model = oracle("a30");
    let trace = run(&model, 1, 0);
    let levels = awareness(&model, &trace).levels;
    let end = SimTime::ZERO + hours(12.0);
    for (level, integral, average) in [(0, 8.0, 2.0 / 3.0), (1, 6.5, 6.5 / 12.0)] {
        let curve = &levels[level].1;
        close(curve.share.integral_hours(SimTime::ZERO, end), integral);
        close(curve.share.average(SimTime::ZERO, end).unwrap(), average);
        close(curve.lag_hours.unwrap(), 12.0 - integral);
    }
    let results = Results::of(&model, &trace);
    for (name, at) in [("t75", 5.0), ("M1w.t50", 5.0), ("M1w.t90", 9.0)] {
        assert_eq!(results.milestone(name).latency, Some(hours(at)), "{name}");
    }
}

/// Time on each kind of segment, in hours, in the order detect, queue, handle, retry, transit, closed, decide.
fn parts(name: &str) -> [f64; 7] {
    let model = oracle(name);
    let trace = run(&model, 1, 0);
    let result = Results::of(&model, &trace).milestone("milestone");
    let chain = chain(&trace, &result).unwrap();
    let total: SimDuration = chain.segments.iter().map(|s| s.duration()).sum();
    assert_eq!(Some(total), result.latency, "segments sum to the latency");
    let on = |kinds: &[SpanKind]| kinds.iter().map(|&kind| chain.time_on(kind).as_hours_f64()).sum();
    [
        on(&[SpanKind::External]),
        on(&[SpanKind::Queue]),
        on(&[SpanKind::Work]),
        on(&[SpanKind::Retry]),
        on(&[SpanKind::Transmission]),
        on(&[SpanKind::OffDuty]),
        on(&[SpanKind::Convening, SpanKind::Deliberation]),
    ]
}

#[test]
fn a31_where_the_time_goes() {
    assert_eq!(parts("a31"), [2.0, 0.0, 3.5, 1.0, 0.75, 3.0, 2.5]);
    assert_eq!(parts("a31-open"), [2.0, 0.0, 3.5, 1.0, 0.75, 0.0, 2.5]);
    let model = oracle("a31");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    assert_eq!(results.milestone("milestone").latency, Some(hours(12.75)));
    let joined = results.milestone("joined").reached.unwrap();
    assert_eq!(joined.at, SimTime::ZERO + hours(5.0));
    let slack: Vec<SimDuration> = slacks(&trace, joined.record).into_iter().map(|s| s.1).collect();
    assert_eq!(slack, [SimDuration::ZERO, hours(1.0)], "the note of X waits an hour for that of Y");
}

/// A note alone may be later by so much before the milestone moves.
#[test]
fn a31_float() {
    let end = |parameter: &str, transit: &str| {
        let model = oracle_with("a31", &set(&[(parameter, transit)]));
        Results::of(&model, &run(&model, 1, 0)).milestone("milestone").latency.unwrap()
    };
    assert_eq!(end("x.transit", "4h 30min"), hours(12.75), "4 h");
    assert_eq!(end("x.transit", "4h 31min"), hours(12.75) + SimDuration::from_mins(1));
    assert_eq!(end("y.transit", "3h 30min"), hours(12.75), "3 h");
    assert_eq!(end("y.transit", "3h 31min"), hours(12.75) + SimDuration::from_mins(1));
}

#[test]
fn a32_compliance() {
    let model = oracle("a32");
    let counts = count(&duties(&model, &run(&model, 1, 0)), None);
    assert_eq!((counts.owed, counts.kept, counts.late, counts.missing, counts.open), (8, 4, 3, 1, 0));
    close(counts.mean_lateness_hours.unwrap(), 17.67);
    close(counts.mean_tardiness_hours.unwrap(), 7.57285714286);
}
