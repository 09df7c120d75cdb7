//! Decisions by every rule of voting.

use blueprint_sim::analysis::chain::chain;
use blueprint_sim::trace::SpanKind;

use super::case;
use crate::laboratory::{Results, run};

const HOUR: f64 = 3.6e9;

#[test]
fn every_rule_of_voting_by_hand() {
    let model = case("votes");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    // In hours; none: never so.
    let expected = [
        ("simple", Some(1.0)),
        ("qualified", Some(1.0)),
        ("four-block", Some(1.0)),
        ("reinforced", Some(1.0)),
        ("unanimous", Some(1.0)),
        ("abstainers", Some(1.0)),
        ("too-many-abstain", Some(1.0)),
        ("of-those-voting", Some(1.0)),
        ("one-against", Some(1.0)),
        ("all-states", Some(1.0)),
        // The silence ends before the tenth hour, or is broken then.
        ("silent-yes", Some(8.0)),
        ("silent-no", Some(10.0)),
        // Three for and one abstention, of four who spoke: adopted when the vote closes; 4 of 7 are not 60 %.
        ("quorate", Some(6.0)),
        ("not-quorate", Some(6.0)),
        // An hour for each option.
        ("fallback", Some(3.0)),
        ("active", Some(3.0)),
        ("weak-answer", Some(3.0)),
        ("not-letter", None),
        ("strong-answer", None),
        // Rejected at 1 h, again from 5 h.
        ("second-round", Some(6.0)),
        ("waits-for-proof", Some(5.0)),
        // The meeting begins at 8 h.
        ("at-the-meeting", Some(9.0)),
        // One state wants 0.95, and 1 is more than that.
        ("thresholds", Some(1.0)),
        // All states but one adopt for themselves, the one outside too; each hears only of its own.
        ("national", Some(1.0)),
        ("no-eighth", None),
        ("reopened", Some(21.0)),
    ];
    for (name, hours) in expected {
        assert_eq!(results.hours(name), hours, "{name}");
    }
}

#[test]
fn where_the_time_of_a_decision_goes() {
    use SpanKind::{Convening, Delay, Deliberation, Schedule, Work};
    let model = case("votes");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let cases: [(&str, &[(SpanKind, f64)]); 5] = [
        // At desks: the work on the sealing position is the deliberation.
        ("simple", &[(Deliberation, 1.0)]),
        ("silent-yes", &[(Deliberation, 8.0)]),
        ("second-round", &[(Deliberation, 1.0), (Delay, 4.0), (Deliberation, 1.0)]),
        ("at-the-meeting", &[(Schedule, 8.0), (Deliberation, 1.0)]),
        ("waits-for-proof", &[(Deliberation, 5.0)]),
    ];
    for (name, expected) in cases {
        let chain = chain(&trace, &results.milestone(name)).unwrap();
        let found: Vec<(SpanKind, f64)> =
            chain.segments.iter().map(|s| (s.kind, s.duration().as_micros() as f64 / HOUR)).collect();
        assert_eq!(found, expected, "{name}");
        assert!(!found.iter().any(|f| matches!(f.0, Work | Convening)), "{name}");
    }
}
