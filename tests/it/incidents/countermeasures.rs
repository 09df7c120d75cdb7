//! Countermeasures that do more than scale: off line, faster laws, infectivity, staff.

use blueprint_sim::analysis::reading::Reading;
use blueprint_sim::analysis::spread::impact_cost;
use blueprint_sim::trace::Event;

use super::{assert_mean, each, group, hits, hours, world};
use crate::laboratory::{Results, run};

fn measure(at: &str, more: &str, effects: &str) -> String {
    format!(
        r#"countermeasures: {{"it": (
            title: "It", basis: Assumed("toy"), release: "{at}", effects: [{effects}], {more}
        )}},"#
    )
}

const NOISE: &str = r#"incidents: {"noise": (
    title: "Noise", basis: Assumed("toy"), process: Worm(outside: "0.1 per h"),
)},"#;

/// Off line from hour 1 to 4: nobody is hit then, and everybody else exactly 3 h later than without it.
#[test]
fn those_off_line_keep_what_is_left_of_their_threshold() {
    let costs = r#"impact_per_hour: "cost""#;
    let base = format!(
        r#"parameters: {{"cost": (value: 10, unit: "EUR", basis: Assumed("toy"))}}, operators: [{}], {NOISE}
        milestones: {{"off": (title: "Off", when: Operators(status: OffLine, how_many: First))}},"#,
        group("firms", "AA", 30, costs)
    );
    let plain = world(&base);
    let shut = world(&(base + &measure("T+1h", r#"duration: "3h""#, "TakeOffLine(cost: 0.5)")));
    for replication in 0..5 {
        let (free, off) = (run(&plain, 1, replication), run(&shut, 1, replication));
        let late: Vec<f64> = hits(&free).iter().map(|&t| if t < 1.0 { t } else { t + 3.0 }).collect();
        let found = hits(&off);
        assert!(late.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-8), "{late:?} {found:?}");
        let gone = hours(&off, |e| matches!(e, Event::OffLine(..))).len();
        assert_eq!(gone, found.iter().filter(|&&t| t > 1.0).count() + (30 - found.len()));
        let hit_hours: f64 = found.iter().map(|t| 720.0 - t).sum();
        let (cost, _) = impact_cost(&Reading::new(&shut, &off)).unwrap();
        assert!((cost - 10.0 * hit_hours - 5.0 * 3.0 * gone as f64).abs() < 1e-3, "{cost}");
        assert_eq!(Results::of(&shut, &off).hours("off"), Some(1.0));
    }
}

/// Each goes off line when it takes the advice up, for 2 h.
#[test]
fn operators_take_up_advice_to_go_off_line() {
    let model = world(&format!(
        r#"parameters: {{"hears": (dist: Uniform("1h", "3h"), basis: Assumed("toy"))}}, operators: [{}], {}"#,
        group("firms", "AA", 50, ""),
        NOISE.replace("0.1 per h", "1e-9 per h")
            + &measure(
                "T+0s",
                r#"uptake: (routine: "hears"), scope: (groups: ["union"])"#,
                r#"TakeOffLine(lasts: "2h")"#
            )
    ));
    let off = each(&model, 100, |trace| {
        let went = hours(trace, |e| matches!(e, Event::OffLine(..)));
        let back = hours(trace, |e| matches!(e, Event::OnLine(..)));
        assert!(went.len() == 50 && went.iter().zip(&back).all(|(a, b)| (b - a - 2.0).abs() < 1e-9));
        blueprint_sim::stats::mean(&went).unwrap()
    });
    assert_mean("time off line", &off, 2.0);
}

/// Hit at 0, noticed at once, contained after 10 h; at hour 2 a tool comes that contains within an hour.
#[test]
fn a_tool_hastens_what_is_under_way() {
    let text = |scope: &str| {
        format!(
            r#"operators: [{}], incidents: {{"out": (title: "Out", basis: Assumed("toy"), process: Outage(share: 1))}}, {}"#,
            group("firms", "AA", 1, r#"detect: "0s", contain: "10h", recover: "4h""#)
                + &group("others", "CC", 1, r#"detect: "0s", contain: "10h", recover: "4h""#),
            measure(
                "T+2h",
                scope,
                r#"Switch(step: Contain, law: "1h"), Switch(step: Recover, law: "30min")"#
            )
        )
    };
    let contained = |e: Event| matches!(e, Event::Contained(..));
    let recovered = |e: Event| matches!(e, Event::Recovered(..));
    let trace = run(&world(&text("")), 1, 0);
    assert_eq!((hours(&trace, contained), hours(&trace, recovered)), (vec![3.0, 3.0], vec![3.5, 3.5]));
    let trace = run(&world(&text(r#"scope: (outside: ["union"])"#)), 1, 0);
    assert_eq!((hours(&trace, contained), hours(&trace, recovered)), (vec![3.0, 10.0], vec![3.5, 14.0]));
}

/// Infectivity a quarter in AA: the only susceptible operator, in BB, waits four times as long.
#[test]
fn infectivity_is_scaled_where_the_infectious_are() {
    let model = world(&format!(
        r#"operators: [{}], incidents: {{"worm": (
            title: "Worm", basis: Assumed("toy"),
            process: Worm(first_hits: [(state: "AA", sector: "it", operators: 1)], rate: "1 per h"),
        )}}, {}"#,
        group("here", "AA", 1, "") + &group("there", "BB", 1, ""),
        measure("T+0s", r#"scope: (states: ["AA"])"#, r#"ScaleInfectivity(incident: "worm", by: 0.25)"#)
    ));
    assert_mean("second hit", &each(&model, 2000, |trace| hits(trace)[1]), 4.0);
}

/// Tasks of an hour every half hour: one desk falls behind, with two from the other it keeps up.
#[test]
fn staff_moves_while_a_countermeasure_works() {
    let text = super::document(&format!(
        r#"operators: [{}], {NOISE}
        tasks: {{"case": (title: "A case", work: "1h")}},
        rules: [(id: "cases", actor: Actor("csirt@AA"), on: Every(interval: "30min"), then: [Work("case")], until: "T+4h")],
        measures: {{"wait": (of: Wait(actor: Actor("csirt@AA")), show: [Max])}}, {}"#,
        group("firms", "AA", 1, ""),
        measure(
            "T+2h",
            r#"duration: "2h""#,
            r#"MoveStaff(from: Actor("csirt@BB"), to: Actor("csirt@AA"), staff: 1)"#
        )
    ));
    let busy = |model: &blueprint_sim::model::Model| {
        let trace = run(model, 1, 0);
        hours(&trace, |e| matches!(e, Event::TaskDone { .. }))
    };
    // Arrivals at 0.5, 1.0, ... alone: one done each hour from 1.5.
    let with = busy(&crate::laboratory::written(&text));
    let alone = busy(&crate::laboratory::written(&text.replace("T+2h\", effects", "T+300h\", effects")));
    assert_eq!(alone[..4], [1.5, 2.5, 3.5, 4.5]);
    // From hour 2 a second server begins what waits: at 2.0 one more task, done at 3.0.
    assert_eq!(with[..5], [1.5, 2.5, 3.0, 3.5, 4.0]);
}

/// A vendor in a third state warns its customers in the union; they go off line 2 h after the warning.
#[test]
fn a_vendor_warns_its_customers_in_other_states() {
    let text = super::document(&format!(
        r#"parameters: {{
            "heeds": (dist: Uniform("2h", "2h 1s"), basis: Assumed("toy")),
            "never": (dist: Exponential(mean: "100000d"), basis: Assumed("toy")),
        }},
        operators: [{}], {}
        rules: [(id: "warns", actor: Actor("csirt@CC"), on: At("T+3h"), then: [
            Send(product: "warning", to: OperatorsIn(["union"])),
        ])],
        measures: {{"off": (of: InStatus(status: OffLine), show: [Max, At("T+5h 6min")])}}, {}"#,
        group("here", "AA", 2, "") + &group("there", "BB", 3, "") + &group("third", "CC", 4, ""),
        NOISE.replace("0.1 per h", "1e-9 per h"),
        measure(
            "T+0s",
            r#"uptake: (routine: "never", warned: "heeds", warnings: ["warning"])"#,
            "TakeOffLine()"
        )
    ));
    let text = text
        .replace("products: {", r#"products: {"warning": (title: "Switch it off", needs_content: false),"#)
        .replace("channels: [", r#"channels: [(id: "wire", from: Any, to: Operators, latency: "5min"),"#);
    let model = crate::laboratory::written(&text);
    let trace = run(&model, 1, 0);
    let off = hours(&trace, |e| matches!(e, Event::OffLine(..)));
    assert_eq!(off.len(), 5);
    assert!(off.iter().all(|&t| (t - 5.0 - 1.0 / 12.0) < 0.001 && t > 5.08), "{off:?}");
    let results = Results::of(&model, &trace);
    assert_eq!((results.value("off", "max"), results.value("off", "at(T+5h 6min)")), (5.0, 5.0));
}
