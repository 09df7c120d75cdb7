//! Operators: laws by attribute and sector, opening hours, size and cost, whom they tell.

use blueprint_sim::analysis::reading::Reading;
use blueprint_sim::analysis::spread::impact_cost;
use blueprint_sim::trace::{Event, SpanKind};

use super::{assert_mean, each, group, hours, world};
use crate::laboratory::run;

const OUTAGE: &str = r#"incidents: {"it": (title: "It", basis: Assumed("toy"), process: Outage(share: 1))},"#;

fn detected(e: Event) -> bool {
    matches!(e, Event::Detected(..))
}

#[test]
fn laws_depend_on_attributes_and_sectors() {
    let laws = r#"attributes: {"expert": 1}, detect: "notice", laws: [(having: "expert", contain: "2h")], contain: "9h", recover: "1h""#;
    let plain = r#"sector: "health", detect: "notice", contain: "9h", recover: "1h""#;
    let model = world(&format!(
        r#"parameters: {{
            "notice": (value: "1h", basis: Assumed("toy")),
            "notice@health": (value: "3h", basis: Assumed("toy")),
            "notice@BB": (value: "5h", basis: Assumed("toy")),
        }},
        operators: [{}], {OUTAGE}"#,
        group("able", "AA", 1, laws) + &group("other", "AA", 1, plain) + &group("abroad", "BB", 1, plain)
    ));
    let trace = run(&model, 1, 0);
    assert_eq!(hours(&trace, detected), [1.0, 3.0, 5.0]);
    assert_eq!(hours(&trace, |e| matches!(e, Event::Contained(..))), [3.0, 12.0, 14.0]);
}

/// Hit on Saturday at midnight; what would be noticed at 01:00 is noticed on Monday at nine, by those without a watch.
#[test]
fn half_of_the_offices_notice_on_monday() {
    let text = format!(
        r#"calendars: {{"office": Windows(windows: [(days: Weekdays, from: "09:00", to: "17:00")])}},
        operators: [{}], {OUTAGE}"#,
        group("offices", "AA", 100, r#"detect: "1h", hours: "office", watch: 0.5"#)
    );
    let model = world(&text);
    let early = each(&model, 200, |trace| {
        let all = hours(trace, detected);
        assert!(all.len() == 100 && all.iter().all(|&t| t == 1.0 || t == 57.0));
        all.iter().filter(|&&t| t == 1.0).count() as f64
    });
    assert_mean("noticed at once", &early, 50.0);
    let trace = run(&model, 1, 0);
    let late = trace.records.iter().rposition(|r| detected(r.event)).unwrap();
    let spans = trace.spans_of(late as u32);
    let told: Vec<(SpanKind, f64)> = spans.iter().map(|s| (s.kind, (s.to - s.from).as_hours_f64())).collect();
    assert_eq!(told, [(SpanKind::Detection, 1.0), (SpanKind::OffDuty, 56.0)]);
}

/// 100 hosts at 6 min each take 10 h longer; an hour costs 7 + 100 x 0.5.
#[test]
fn size_makes_recovery_longer_and_dearer() {
    let more = r#"detect: "1h", contain: "1h", recover: "2h", size: 100, recover_each: "6min",
        impact_per_hour: "cost", impact_per_hour_each: 0.5"#;
    let cost = r#""cost": (value: 7, unit: "EUR", basis: Assumed("toy"))"#;
    let text = |cost: &str| {
        format!("parameters: {{{cost}}}, operators: [{}], {OUTAGE}", group("firms", "AA", 2, more))
    };
    let model = world(&text(cost));
    let trace = run(&model, 1, 0);
    assert_eq!(hours(&trace, |e| matches!(e, Event::Recovered(..))), [14.0, 14.0]);
    assert_eq!(impact_cost(&Reading::new(&model, &trace)), Some((2.0 * 14.0 * 57.0, "EUR".to_owned())));
    // A cost that is a law is drawn for each operator.
    let drawn = cost.replace("value: 7", "dist: Exponential(mean: 7)");
    let model = world(&text(&drawn));
    let costs = each(&model, 2000, |trace| impact_cost(&Reading::new(&model, trace)).unwrap().0);
    assert_mean("cost", &costs, 2.0 * 14.0 * 57.0);
    let sd = blueprint_sim::stats::sd(&costs).unwrap();
    assert!((sd / (2.0_f64.sqrt() * 7.0 * 14.0) - 1.0).abs() < 0.1, "{sd}");
}

/// Who tells whom: all of them the authority, those certified the police, after recovery the press.
#[test]
fn reports_by_attribute_to_whomever_and_when() {
    let more = r#"attributes: {"certified": 0}, detect: "1h", contain: "0s", recover: "5h", reports: [
        (product: "notice", to: Own("csirt"), probability: 1, delay: "10min", incidents: ["it"]),
        (product: "crime", to: Except(Role("police"), Role("csirt")), probability: 1, delay: "0s", lacking: "certified"),
        (product: "news", to: Actor("press"), probability: 1, delay: "0s", on: Recovered),
        (product: "mistake", to: Actor("press"), probability: 1, delay: "0s", having: "certified"),
    ]"#;
    let text = super::document(&format!("operators: [{}], {OUTAGE}", group("firms", "BB", 1, more)));
    let text = text
        .replace("actors: {", r#"actors: {"police": (title: "Police", levels: ["national"]), "press": (title: "Press", levels: ["national"], counted: false),"#)
        .replace("products: {", r#"products: {"crime": (title: "Crime", carries: ["affected"]), "news": (title: "News", carries: ["affected"]), "mistake": (title: "Mistake", carries: ["affected"]),"#);
    let model = crate::laboratory::written(&text);
    let trace = run(&model, 1, 0);
    let sent = |e: Event| match e {
        Event::Sent { product, .. } => Some(model.products[product.index()].name.text.clone()),
        _ => None,
    };
    let told: Vec<(f64, String)> = trace
        .records
        .iter()
        .filter_map(|r| sent(r.event).map(|name| (r.time.since_start().as_hours_f64(), name)))
        .collect();
    let expected = [(1.0, "crime"), (7.0 / 6.0, "notice"), (6.0, "news")];
    assert_eq!(told.len(), 3, "{told:?}");
    for ((t, name), (at, what)) in told.iter().zip(expected) {
        assert!((t - at).abs() < 1e-9 && name == what, "{told:?}");
    }
}

/// Victims have lost their e-mail: it takes them 6 h where others need 5 min.
#[test]
fn victims_are_slow_to_write() {
    let reports = r#"detect: "1h", contain: "0s", recover: "RECOVER", reports: [
        (product: "notice", to: Own("csirt"), probability: 1, delay: "2h"),
    ]"#;
    let text = super::document(&format!(
        "operators: [{}], {OUTAGE}",
        group("down", "AA", 1, &reports.replace("RECOVER", "5h"))
            + &group("up", "BB", 1, &reports.replace("RECOVER", "1h"))
    ));
    let text =
        text.replace(r#"latency: "5min""#, r#"latency: "5min", worse: [(when: SenderHit, latency: "6h")]"#);
    let trace = run(&crate::laboratory::written(&text), 1, 0);
    let delivered = hours(&trace, |e| matches!(e, Event::Delivered { .. }));
    assert!((delivered[0] - 3.0 - 1.0 / 12.0).abs() < 1e-9 && delivered[1] == 9.0, "{delivered:?}");
}

/// Correlation inside a state, and how many are in a status.
#[test]
fn delays_inside_a_state_are_correlated_in_each_incident() {
    let more = r#"detect: "notice", contain: "0s", recover: "0s""#;
    let model = world(&format!(
        r#"parameters: {{"notice": (dist: Exponential(mean: "1h"), shared_in_state: 1, basis: Assumed("toy"))}},
        operators: [{}],
        incidents: {{
            "one": (title: "One", basis: Assumed("toy"), process: Outage(share: 1)),
            "two": (title: "Two", basis: Assumed("toy"), process: Outage(share: 1)),
        }},
        measures: {{"back": (of: InStatus(of: (states: ["AA"]), status: Recovered, incident: "one"), show: [Max])}},"#,
        group("firms", "AA", 3, more) + &group("firms-there", "BB", 2, more)
    ));
    let trace = run(&model, 1, 0);
    let mut all = hours(&trace, detected);
    all.dedup();
    assert_eq!(all.len(), 4, "one instant for each state and incident: {all:?}");
    assert_eq!(crate::laboratory::Results::of(&model, &trace).value("back", "max"), 3.0);
}

/// Detection of two groups of one state: one draw where the group of parameters is the same, two where it is not.
#[test]
fn parameters_of_one_group_share_the_draw_of_a_state() {
    let instants = |other: &str| {
        let group_of = |name: &str, with: &str| {
            group(name, "AA", 2, &format!(r#"detect: "{with}", contain: "0s", recover: "0s""#))
        };
        let model = world(&format!(
            r#"parameters: {{
                "notice": (dist: Exponential(mean: "1h"), shared_in_state: 1, shared_as: "alert", basis: Assumed("toy")),
                "notice.other": (dist: Exponential(mean: "1h"), shared_in_state: 1, shared_as: "{other}", basis: Assumed("toy")),
            }},
            operators: [{}],
            incidents: {{"one": (title: "One", basis: Assumed("toy"), process: Outage(share: 1))}},"#,
            group_of("firms", "notice") + &group_of("others", "notice.other")
        ));
        let mut all = hours(&run(&model, 1, 0), detected);
        all.dedup();
        all.len()
    };
    assert_eq!((instants("alert"), instants("calm")), (1, 2));
}
