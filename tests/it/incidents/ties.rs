//! Hits along ties, and head offices that speak for branches abroad.

use blueprint_sim::trace::{Event, SpanKind};

use super::{each, group, hits, hours, times, world};
use crate::laboratory::{Results, run};

const SUPPLY: &str = r#"ties: [(
    id: "software", kind: Supply(suppliers: (of: ["vendor"]), customers: (of: ["customers"])), marks: "customer",
)],"#;

fn supplied(vendor: &str, more: &str) -> String {
    let operators = group("vendor", "CC", 1, vendor) + &group("customers", "AA", 5, "");
    format!(
        r#"{SUPPLY} operators: [{operators}],
        incidents: {{"it": (
            title: "It", basis: Assumed("toy"), process: Campaign(attacks: [(state: "CC", sector: "it", operators: 1)]),
            routes: [(tie: "software", after: "2h")],
        )}}, {more}"#
    )
}

#[test]
fn the_update_of_a_supplier_hits_its_customers() {
    let model = world(&supplied("", ""));
    let trace = run(&model, 1, 0);
    assert_eq!(hits(&trace), [0.0, 2.0, 2.0, 2.0, 2.0, 2.0]);
    // The hit of a customer follows from that of its supplier, which is told as its infector.
    let customer = trace.records.iter().rposition(|r| matches!(r.event, Event::Hit(..))).unwrap();
    let cause = trace.causes_of(customer as u32)[0] as usize;
    assert!(matches!(trace.records[cause].event, Event::Hit(_, o) if o.index() == 0));
    assert_eq!(trace.spans_of(customer as u32)[0].kind, SpanKind::Spread);
    let by = |e: Event| matches!(e, Event::Infected { by, .. } if by.index() == 0);
    assert_eq!(hours(&trace, by).len(), 5);
    assert!(trace.operators.iter().all(|o| o.attributes == 1), "all are marked");
}

#[test]
fn a_route_is_cut_or_ends_with_the_containment_of_its_beginning() {
    let cut = r#"countermeasures: {"shutdown": (
        title: "Update servers off", basis: Assumed("toy"), release: "T+1h",
        effects: [ScaleRoute(incident: "it", tie: "software", by: 0)],
    )},"#;
    assert_eq!(hits(&run(&world(&supplied("", cut)), 1, 0)), [0.0]);
    let contained = supplied(r#"detect: "30min", contain: "30min""#, "");
    assert_eq!(hits(&run(&world(&contained), 1, 0)), [0.0]);
    let half = supplied("", &cut.replace("by: 0", "by: 0.5"));
    let passed = each(&world(&half), 800, |trace| hits(trace).len() as f64 - 1.0);
    super::assert_mean("customers hit", &passed, 2.5);
}

/// Providers with 2 customers each: of 3 providers one is hit, and its customers with it.
#[test]
fn each_supplier_has_customers_of_its_own() {
    let operators = group("vendor", "CC", 3, "") + &group("customers", "AA", 50, "");
    let model = world(&format!(
        r#"ties: [(id: "software", kind: Supply(suppliers: (of: ["vendor"]), customers: (of: ["customers"]), each: 2))],
        operators: [{operators}],
        incidents: {{"it": (
            title: "It", basis: Assumed("toy"), process: Campaign(attacks: [(state: "CC", sector: "it", operators: 1)]),
            routes: [(tie: "software", after: "0s")],
        )}},"#
    ));
    assert_eq!(hits(&run(&model, 1, 0)), [0.0, 0.0, 0.0]);
}

/// A head office in AA, branches in BB and CC. The branch in CC is hit and notices after an hour; the head office knows
/// half an hour later, reports 10 min after that, in its own state; a quarter of an hour after it knew, the branch
/// in BB knows that it is hit, too, which alone it would have noticed after 10 h.
#[test]
fn a_head_office_reports_for_its_branches_abroad() {
    let reports = r#"reports: [(product: "notice", to: Own("csirt"), probability: 1, delay: "10min")]"#;
    let operators = group("firms", "AA", 1, reports)
        + &group("slow", "BB", 1, &format!(r#"detect: "10h", {reports}"#))
        + &group("branches", "CC", 1, &format!(r#"detect: "1h", {reports}"#));
    let model = world(&format!(
        r#"ties: [(id: "firm", kind: Enterprise(
            count: 1, head: (of: ["firms"]), branches: [(among: (of: ["slow"]), operators: 1), (among: (outside: ["union"]), operators: 1)],
            head_told: "30min", alarm: "15min",
        ))],
        operators: [{operators}],
        incidents: {{"it": (
            title: "It", basis: Assumed("toy"), process: Campaign(attacks: [(state: "CC", sector: "it", operators: 1)]),
            routes: [(tie: "firm", after: "20min")],
        )}},
        milestones: {{"told": (title: "Told", when: Knows(who: Role("csirt"), fact: "affected"))}},"#
    ));
    let trace = run(&model, 1, 0);
    let third = 1.0 / 3.0;
    assert_eq!(hits(&trace), [0.0, third, third].map(|t| (t * 3.6e9_f64).round() / 3.6e9));
    let detected = hours(&trace, |e| matches!(e, Event::Detected(..)));
    assert_eq!(detected, [1.0, 1.75, 1.75], "by the alarm also the head office itself, which was hit too");
    let learned = times(&trace, |e| matches!(e, Event::Learned { .. }));
    let aa = model.actor_named("csirt@AA").unwrap();
    assert_eq!(learned.len(), 3, "about CC, then about the two others");
    for ((t, who), expected) in learned.iter().zip([1.75, 2.5, 2.5]) {
        assert_eq!((*t, *who), (expected, blueprint_sim::trace::Subject::Actor(aa)));
    }
    let first = trace.records.iter().position(|r| matches!(r.event, Event::Learned { .. })).unwrap();
    let result = crate::laboratory::Results::of(&model, &trace);
    assert_eq!(result.hours("told"), Some(1.75));
    assert!(
        matches!(trace.records[first].event, Event::Learned { fact, .. } if model.facts[fact.index()].name.text == "affected/it/CC")
    );
}

/// It goes up from a customer to its supplier, and is told with the generation of each hit.
#[test]
fn a_customer_hits_its_supplier() {
    let operators = group("vendor", "CC", 1, "") + &group("customers", "AA", 2, "");
    let model = world(&format!(
        r#"{SUPPLY} operators: [{operators}],
        incidents: {{"it": (
            title: "It", basis: Assumed("toy"), process: Campaign(attacks: [(state: "AA", sector: "it", operators: 1)]),
            routes: [(tie: "software", after: "2h", upwards: true), (tie: "software", after: "3h")],
        )}},
        measures: {{"generation": (of: Generation(incident: "it"), show: [Count, Sum, Max])}},"#
    ));
    let trace = run(&model, 1, 0);
    assert_eq!(hits(&trace), [0.0, 2.0, 5.0]);
    let results = Results::of(&model, &trace);
    let generation = ["count", "sum", "max"].map(|s| results.value("generation", s));
    assert_eq!(generation, [3.0, 3.0, 2.0]);
}
