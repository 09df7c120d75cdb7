//! Cases without chance, compared exactly: A21, A30, A31, A32.

use blueprint_sim::analysis::awareness::awareness;
use blueprint_sim::analysis::chain::{chain, slacks};
use blueprint_sim::analysis::duties::{count, duties};
use blueprint_sim::analysis::reading::Reading;
use blueprint_sim::time::{SimDuration, SimTime};
use blueprint_sim::trace::SpanKind;

use crate::laboratory::{Results, oracle, oracle_with, run, set};
use crate::verification::{close, equal, hold};

fn hours(hours: f64) -> SimDuration {
    SimDuration::from_hours_f64(hours)
}

/// How a case without chance is run.
const ONCE: &str = "Nothing random: one run, compared exactly.";

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
    let rows = expected.map(|(name, end)| {
        let reached = results.milestone(name).reached.unwrap().at;
        equal(name, end, model.meta.epoch.instant(reached))
    });
    hold("A21 work over a weekend with a clock change", ONCE, &rows);
}

#[test]
fn a30_index_of_awareness() {
    let model = oracle("a30");
    let trace = run(&model, 1, 0);
    let levels = awareness(&model, &trace).levels;
    let end = SimTime::ZERO + hours(12.0);
    let mut rows = Vec::new();
    for (level, name, integral, average) in [(0, "", 8.0, 2.0 / 3.0), (1, "M1w.", 6.5, 6.5 / 12.0)] {
        let curve = &levels[level].1;
        let found = curve.share.integral_hours(SimTime::ZERO, end);
        rows.push(close(&format!("{name}integral"), integral, found, 1e-9));
        let found = curve.share.average(SimTime::ZERO, end).unwrap();
        rows.push(close(&format!("{name}avg"), average, found, 1e-9));
        rows.push(close(&format!("{name}deficit"), 12.0 - integral, curve.lag_hours.unwrap(), 1e-9));
    }
    let results = Results::of(&model, &trace);
    for (name, at) in [("t75", 5.0), ("M1w.t50", 5.0), ("M1w.t90", 9.0)] {
        rows.push(equal(name, at, results.hours(name).unwrap()));
    }
    hold("A30 awareness index", ONCE, &rows);
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
    const PARTS: [&str; 7] = ["detect", "queue", "handle", "retry", "transit", "closed", "decide"];
    let mut rows = Vec::new();
    for (document, prefix, closed) in [("a31", "", 3.0), ("a31-open", "M3b.", 0.0)] {
        let expected = [2.0, 0.0, 3.5, 1.0, 0.75, closed, 2.5];
        for ((part, expected), found) in PARTS.iter().zip(expected).zip(parts(document)) {
            rows.push(close(&format!("{prefix}{part}"), expected, found, 1e-9));
        }
        let model = oracle(document);
        let end = Results::of(&model, &run(&model, 1, 0)).hours("milestone").unwrap();
        rows.push(close(&format!("{prefix}milestone"), 9.75 + closed, end, 1e-9));
    }
    rows.push(close("share_closed", 0.235294117647, parts("a31")[5] / 12.75, 1e-9));
    let model = oracle("a31");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    assert_eq!(results.milestone("milestone").latency, Some(hours(12.75)));
    let joined = results.milestone("joined").reached.unwrap();
    assert_eq!(joined.at, SimTime::ZERO + hours(5.0));
    let slack: Vec<SimDuration> = slacks(&trace, joined.record).into_iter().map(|s| s.1).collect();
    assert_eq!(slack, [SimDuration::ZERO, hours(1.0)], "the note of X waits an hour for that of Y");
    rows.push(close("join_slack_X", 1.0, slack[1].as_hours_f64(), 1e-9));
    hold("A31 latency decomposition", ONCE, &rows);
}

/// A note alone may be later by so much before the milestone moves.
#[test]
fn a31_float() {
    let end = |parameter: &str, transit: &str| {
        let model = oracle_with("a31", &set(&[(parameter, transit)]));
        Results::of(&model, &run(&model, 1, 0)).milestone("milestone").latency.unwrap()
    };
    let float = |parameter: &str| {
        let later = (0..=24).map(|quarters| 15 * quarters);
        let unmoved =
            later.take_while(|minutes| end(parameter, &format!("{}min", 30 + minutes)) == hours(12.75));
        unmoved.last().map_or(0.0, |minutes| f64::from(minutes) / 60.0)
    };
    let rows =
        [close("float_X", 4.0, float("x.transit"), 1e-9), close("float_Y", 3.0, float("y.transit"), 1e-9)];
    hold(
        "A31 latency decomposition, floats",
        "One run for each quarter of an hour that a note is later.",
        &rows,
    );
    assert_eq!(end("x.transit", "4h 30min"), hours(12.75), "4 h");
    assert_eq!(end("x.transit", "4h 31min"), hours(12.75) + SimDuration::from_mins(1));
    assert_eq!(end("y.transit", "3h 30min"), hours(12.75), "3 h");
    assert_eq!(end("y.transit", "3h 31min"), hours(12.75) + SimDuration::from_mins(1));
}

#[test]
fn a32_compliance() {
    let model = oracle("a32");
    let counts = count(&duties(&Reading::new(&model, &run(&model, 1, 0))), None);
    assert_eq!((counts.owed, counts.kept, counts.late, counts.missing, counts.open), (8, 4, 3, 1, 0));
    let rows = [
        equal("on_time", 4, counts.kept),
        equal("late", 3, counts.late),
        equal("missing", 1, counts.missing),
        close("rate", 0.5, counts.kept as f64 / counts.owed as f64, 1e-9),
        close("mean_lateness", 17.67, counts.mean_lateness_hours.unwrap(), 1e-9),
        close("mean_tardiness", 7.57285714286, counts.mean_tardiness_hours.unwrap(), 1e-9),
    ];
    hold("A32 compliance counts", ONCE, &rows);
}
