//! What other documents have no need of, and the nights in which the clocks are changed.

use blueprint_sim::analysis::chain::chain;
use blueprint_sim::trace::SpanKind;

use super::case;
use crate::laboratory::{Results, run};

#[test]
fn every_corner_by_hand() {
    let model = case("corners");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let expected = [
        // An hour on Monday and one on Tuesday; after hours; until noon and from eight.
        ("suspended", Some(33.0)),
        ("overrun", Some(17.0)),
        ("narrowed", Some(33.0)),
        // Nobody answers the call: the opening at eight.
        ("unanswered", Some(34.0)),
        // Called at eight in the evening, there an hour later.
        ("answered", Some(23.0)),
        // Wednesday is a holiday.
        ("feast", Some(60.0)),
        ("on-duty", Some(9.0)),
        ("on-duty-2", None),
        ("opened", Some(33.0)),
        // Two of three at work until three o'clock, the third alone until five.
        ("at-work", Some(2.0)),
        ("at-work-2", None),
        ("at-desk", Some(2.0)),
        ("at-desk-2", Some(4.0)),
        ("old", Some(10.0)),
        ("new", Some(2.0)),
        ("new-2", None),
        ("released", Some(6.0)),
        ("leaves", Some(7.0)),
        ("ticks-2", Some(6.0)),
        ("ticks-3", None),
        ("counts-2", Some(200.0)),
        ("paced", Some(4.5)),
        ("paced-2", Some(10.0)),
        ("only-b", Some(2.0)),
        ("only-b-2", None),
        ("in-force", Some(30.0)),
        ("concerned", Some(1.0)),
        ("not-concerned", Some(6.0)),
        ("own", Some(1.0)),
        ("own-2", None),
        ("abroad", Some(6.0)),
        ("abroad-2", None),
        ("digest", Some(5.0)),
        ("digest-2", None),
        // Thought about for an hour; looked at again every 90 minutes after that.
        ("again", Some(5.0)),
        ("silent-yes", Some(3.0)),
        ("silent-no", Some(3.0)),
        // Two of four are there at one o'clock, the third comes at eight.
        ("met", Some(9.0)),
        // Two hours of notice, and one of meeting.
        ("paired", Some(5.0)),
        ("letter", Some(4.0)),
        ("letter-2", Some(6.0)),
    ];
    let wrong: Vec<String> = expected
        .iter()
        .filter_map(|&(name, hours)| {
            let found = results.hours(name);
            let same = found.zip(hours).map_or(found == hours, |(a, b)| (a - b).abs() < 1e-9);
            (!same).then(|| format!("{name}: {found:?} instead of {hours:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // One of the two whom it concerns knows.
    assert_eq!(results.value("aware", "at(T+2h)"), 0.5);
    assert_eq!((results.value("uncoordinated", "count"), results.value("uncoordinated", "mean")), (2.0, 0.5));
    assert_eq!((results.value("busy", "first_at(2)"), results.value("busy", "integral")), (1.0, 6.0));
}

#[test]
fn a_night_has_seven_or_nine_hours_when_the_clocks_are_changed() {
    let model = case("clocks");
    let results = Results::of(&model, &run(&model, 1, 0));
    // Seven hours, and three in the next night; nine hours, and one.
    assert_eq!(results.hours("spring"), Some(35.0));
    assert_eq!(results.hours("autumn"), Some(218.0 * 24.0 + 10.0));
}

/// Each fact of one report has a chain of its own, which begins when its author learned it.
#[test]
fn the_chain_of_a_fact_begins_with_the_fact() {
    use SpanKind::{External, Queue, Schedule, Transmission, Work};
    let model = case("chains");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let segments = |name: &str| -> Vec<(SpanKind, u64)> {
        let chain = chain(&trace, &results.milestone(name)).unwrap();
        chain.segments.iter().map(|s| (s.kind, s.duration().as_micros() / 60_000_000)).collect()
    };
    assert_eq!(segments("early"), [(Schedule, 240), (Work, 30), (Transmission, 5), (Queue, 15), (Work, 20)]);
    let all = segments("early-all");
    assert_eq!(
        all,
        [(External, 120), (Schedule, 240), (Work, 30), (Transmission, 5), (Queue, 15), (Work, 20)]
    );
    assert_eq!(segments("late"), [(Work, 10), (Transmission, 5), (Queue, 15), (Work, 20)]);
}
