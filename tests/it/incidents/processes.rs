//! Processes other than the worm: supply chains, campaigns, vulnerabilities; starts and ends by events.

use blueprint_sim::trace::Event;

use super::{assert_mean, each, group, hits, hours, world};
use crate::laboratory::run;

fn incident(process: &str, more: &str) -> String {
    format!(r#"incidents: {{"it": (title: "It", basis: Assumed("toy"), process: {process}, {more})}},"#)
}

/// Half of 100 customers get the update, uniformly over 100 h; after 50 h the server is taken down.
#[test]
fn a_supply_chain_follows_its_curve_until_it_is_ended() {
    let ends = r#"countermeasures: {"takedown": (
        title: "Server taken down", basis: Assumed("toy"), release: "T+50h", effects: [End(incident: "it")],
    )},"#;
    let law = r#"parameters: {"installs": (dist: Uniform("0h", "100h"), basis: Assumed("toy"))},"#;
    let text = format!(
        r#"{law} operators: [{}], {}"#,
        group("customers", "AA", 100, ""),
        incident(r#"SupplyChain(after: "installs", share: 0.5)"#, "")
    );
    let all = each(&world(&text), 400, |trace| hits(trace).len() as f64);
    assert_mean("hits", &all, 50.0);
    let stopped = world(&format!("{text} {ends}"));
    let until = each(&stopped, 400, |trace| {
        assert!(hits(trace).iter().all(|&t| t <= 50.0));
        hits(trace).len() as f64
    });
    assert_mean("hits before the end", &until, 25.0);
    // The same draws: what is hit before the end is hit at the same times.
    let (free, cut) = (hits(&run(&world(&text), 1, 0)), hits(&run(&stopped, 1, 0)));
    assert_eq!(free[..cut.len()], cut);
}

/// Scaling the pressure by s turns the survival function S(t) of the law into S(t)^s.
#[test]
fn a_supply_chain_under_a_countermeasure_has_its_hazard_scaled() {
    let model = world(&format!(
        r#"parameters: {{"installs": (dist: Exponential(mean: "10h"), basis: Assumed("toy"))}},
        operators: [{}], {}
        countermeasures: {{"filter": (
            title: "Filter", basis: Assumed("toy"), release: "T+5h",
            effects: [ScalePressure(incident: "it", by: 0.25)],
        )}},"#,
        group("customers", "AA", 100, ""),
        incident(r#"SupplyChain(after: "installs")"#, "")
    ));
    let by_25 = each(&model, 400, |trace| hits(trace).iter().filter(|&&t| t <= 25.0).count() as f64);
    // Hazard 0.5 up to 5 h, then 20 h at a quarter of 0.1 per h.
    assert_mean("hits by 25 h", &by_25, 100.0 * (1.0 - (-1.0_f64).exp()));
}

#[test]
fn a_campaign_attacks_one_after_the_other_until_somebody_is_arrested() {
    let text = format!(
        "operators: [{}], {}",
        group("targets", "AA", 10, ""),
        incident(r#"Campaign(every: "1h", most: 5)"#, "")
    );
    assert_eq!(hits(&run(&world(&text), 1, 0)), [1.0, 2.0, 3.0, 4.0, 5.0]);
    let arrest = r#"countermeasures: {"arrest": (
        title: "Arrest", basis: Assumed("toy"), effects: [End(incident: "it")],
    )},
    milestones: {"second": (title: "Second hit", when: Operators(status: Hit, how_many: Nth(2)))},
    injects: [(id: "police", title: "Police", when: "second", after: "90min", effects: [Enact("arrest")])],"#;
    let model = world(&format!("{text} {arrest}"));
    let mut simulation = blueprint_sim::sim::Simulation::new(&model, 1, 0);
    let mut watch = blueprint_sim::analysis::milestones::MilestoneWatch::new(&model);
    let of = &model;
    simulation.watch(Box::new(move |trace, id| watch.see(of, trace, id)));
    simulation.run();
    assert_eq!(hits(simulation.trace()), [1.0, 2.0, 3.0]);
    let half = text.replace("most: 5", "most: 5, succeeds: 0.5");
    assert_mean("hits", &each(&world(&half), 1000, |trace| hits(trace).len() as f64), 2.5);
}

/// Attackers come after 10 h at 0.01 per h; operators patch at 0.1 per h from the start: a share of
/// exp(-1) x 0.01 / 0.11 is hit. Authorities are told after an hour.
#[test]
fn a_vulnerability_is_a_race_between_patches_and_attackers() {
    let model = world(&format!(
        r#"parameters: {{"patching": (dist: Exponential(mean: "10h"), basis: Assumed("toy"))}},
        operators: [{}], {}
        countermeasures: {{"patch": (
            title: "Patch", basis: Assumed("toy"), release: "T+0s", effects: [Immunise(incident: "it")],
            uptake: (routine: "patching"),
        )}},
        milestones: {{"told": (
            title: "All are told", when: Knows(who: Role("csirt"), fact: "affected", how_many: All),
        )}},"#,
        group("exposed", "AA", 1000, ""),
        incident(
            r#"Vulnerability(attacks: "0.01 per h", attacks_after: "10h")"#,
            r#"discloses: [(fact: "affected", to: Role("csirt"), after: "1h")],"#
        )
    ));
    let counts = each(&model, 200, |trace| {
        let told = hours(trace, |e| matches!(e, Event::Learned { .. }));
        assert_eq!(told, [1.0, 1.0, 1.0]);
        assert!(hits(trace).iter().all(|&t| t >= 10.0));
        hits(trace).len() as f64
    });
    assert_mean("hits", &counts, 1000.0 * (-1.0_f64).exp() / 11.0);
}

/// Exposed operators that nobody attacks: the patch works for 70 % of those that take it up.
#[test]
fn a_patch_may_fail() {
    let model = world(&format!(
        r#"operators: [{}], {}
        countermeasures: {{"patch": (
            title: "Patch", basis: Assumed("toy"), release: "T+1h", efficacy: 0.7,
            effects: [Immunise(incident: "it")],
        )}},"#,
        group("exposed", "AA", 100, ""),
        incident(r#"Vulnerability(exposed: 0.5)"#, "")
    ));
    let immune = |e: Event| matches!(e, Event::Immune(..));
    let counts = each(&model, 200, |trace| {
        assert!(hits(trace).is_empty());
        hours(trace, immune).len() as f64
    });
    assert_mean("immune", &counts, 35.0);
}

/// A back door in three of ten, then attackers on those only: an hour later on average, by two thirds of them.
#[test]
fn a_second_stage_needs_the_first() {
    let model = world(&format!(
        r#"operators: [{}],
        incidents: {{
            "door": (title: "Door", basis: Assumed("toy"),
                process: Campaign(attacks: [(state: "AA", sector: "it", operators: 3, after: "2h")])),
            "entry": (title: "Entry", basis: Assumed("toy"), needs: "door",
                process: Vulnerability(exposed: 0.6666666666666666, attacks: "1 per h")),
        }},
        measures: {{"hosts": (of: InStatus(status: Hit, incident: "door", sizes: true), show: [Max])}},"#,
        group("firms", "AA", 10, "size: 40")
    ));
    let waits = crate::laboratory::replicate(&model, 1, 2000, |trace| {
        assert_eq!(crate::laboratory::Results::of(&model, trace).value("hosts", "max"), 120.0);
        hours(trace, |e| matches!(e, Event::Hit(i, _) if i.index() == 1))
    });
    let counts: Vec<f64> = waits.iter().map(|w| w.len() as f64).collect();
    assert_mean("entered", &counts, 2.0);
    let all: Vec<f64> = waits.concat().iter().map(|t| t - 2.0).collect();
    assert!(all.iter().all(|&t| t >= 0.0));
    assert_mean("time to entry", &all, 1.0);
}

/// An incident that waits starts with its inject; several run at once, each with facts of its own.
#[test]
fn an_inject_begins_an_incident() {
    let model = world(&format!(
        r#"operators: [{}],
        incidents: {{
            "first": (title: "First", basis: Assumed("toy"), process: Outage(share: 1), targets: (states: ["AA"])),
            "second": (title: "Second", basis: Assumed("toy"), process: Outage(share: 1), waits: true),
        }},
        injects: [(id: "more", title: "More", at: "T+6h", effects: [Begin("second")])],"#,
        group("here", "AA", 1, "") + &group("there", "BB", 1, "")
    ));
    let trace = run(&model, 1, 0);
    assert_eq!(hits(&trace), [0.0, 6.0, 6.0]);
    let begun = trace
        .records
        .iter()
        .position(|r| r.time.as_micros() > 0 && matches!(r.event, Event::IncidentStarted(_)));
    let cause = trace.causes_of(begun.unwrap() as u32)[0];
    assert!(matches!(trace.records[cause as usize].event, Event::Injected(_)));
}

/// Incidents of single operators come as a Poisson process; who is hit is not hit again.
#[test]
fn everyday_incidents_come_at_a_rate() {
    let model = world(&format!(
        "operators: [{}], {}",
        group("firms", "AA", 100, ""),
        incident(r#"Background(every: "10h")"#, "")
    ));
    let by_100 = each(&model, 400, |trace| hits(trace).iter().filter(|&&t| t <= 100.0).count() as f64);
    let mean = blueprint_sim::stats::mean(&by_100).unwrap();
    // At most ten, and at least what hundred firms of rate 1/1000 an hour give.
    assert!((9.0..10.6).contains(&mean), "{mean}");
}

/// Of two targets the one in the state of the first victim has four times the rate.
#[test]
fn neighbours_are_hit_first() {
    let operators = group("first", "AA", 2, "") + &group("abroad", "BB", 1, "");
    let worm = |more: &str| {
        incident(
            &format!(
                r#"Worm(first_hits: [(state: "AA", sector: "it", operators: 1)], rate: "0.1 per h", {more})"#
            ),
            "",
        )
    };
    let second_is_at_home = |more: &str| {
        let model = world(&format!("operators: [{operators}], {}", worm(more)));
        each(&model, 2_000, |trace| {
            let second = trace.records.iter().filter_map(|r| match r.event {
                Event::Hit(_, operator) => Some(operator.index()),
                _ => None,
            });
            f64::from(u8::from(second.take(2).all(|o| o < 2)))
        })
    };
    assert_mean("at home", &second_is_at_home("within_state: 4"), 0.8);
    // All three are of one sector.
    assert_mean("in the sector", &second_is_at_home("within_sector: 4"), 0.5);
}

/// The outside grows in four steps to twice its rate, then stays; a filter takes three quarters of it away.
#[test]
fn the_outside_grows_and_is_filtered() {
    let outside =
        r#"Worm(rate: "1e-12 per h", outside: "0.01 per h", outside_doubling: "8h", outside_until: "8h")"#;
    let text = format!("operators: [{}], {}", group("firms", "AA", 100, ""), incident(outside, ""));
    let root = 2.0_f64.powf(0.25);
    let hazard = 0.01 * 2.0 * (1.0 + root + root * root + root * root * root);
    let by = |hours: f64| {
        move |trace: &blueprint_sim::trace::Trace| hits(trace).iter().filter(|&&t| t <= hours).count() as f64
    };
    assert_mean("by 8 h", &each(&world(&text), 400, by(8.0)), 100.0 * (1.0 - (-hazard).exp()));
    let filter = r#"countermeasures: {"filter": (
        title: "Filter", basis: Assumed("toy"), release: "T+0h", effects: [ScaleOutside(incident: "it", by: 0.25)],
    )},"#;
    let filtered = each(&world(&format!("{text} {filter}")), 400, by(8.0));
    assert_mean("filtered", &filtered, 100.0 * (1.0 - (-hazard / 4.0).exp()));
}

/// Twenty attacks on ten targets: all of them, or 10 (1 - 0.9^20) where an attack may be wasted on one that is hit.
#[test]
fn a_campaign_repeats_itself_if_it_may() {
    let hit = |more: &str| {
        let process = format!(r#"Campaign(every: "1h", most: 20, {more})"#);
        let operators = group("targets", "AA", 10, "");
        let model = world(&format!("operators: [{operators}], {}", incident(&process, "")));
        each(&model, 800, |trace| hits(trace).len() as f64)
    };
    assert!(hit("").iter().all(|&n| n == 10.0));
    assert_mean("hit", &hit("repeats: true"), 10.0 * (1.0 - 0.9_f64.powi(20)));
}
