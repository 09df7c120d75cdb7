//! States, sectors and groups: templates, tables of parameters, dates per state, deadlines, roles.

use blueprint_sim::analysis::duties::{DutyObject, Standing, duties};
use blueprint_sim::analysis::reading::Reading;
use blueprint_sim::model::{Model, Priority};
use blueprint_sim::trace::{Event, Subject, Trace, WorkKind};

use super::case;
use crate::laboratory::{Results, run};

fn name(model: &Model, who: Subject) -> String {
    match who {
        Subject::Actor(a) => model.actors[a.index()].name.text.clone(),
        _ => String::new(),
    }
}

/// Who fired a rule, in order.
fn fired(model: &Model, trace: &Trace, rule: &str) -> Vec<String> {
    let id = model.rules.iter().position(|r| r.name.text == rule).unwrap();
    let by = trace.records.iter().filter(|r| matches!(r.event, Event::RuleFired(f) if f.index() == id));
    by.map(|r| name(model, r.who)).collect()
}

#[test]
fn templates_are_written_out() {
    let model = case("places");
    let networks: Vec<&str> = model.networks.iter().map(|n| n.name.text.as_str()).collect();
    assert_eq!(networks, ["team@AA", "team@BB", "team@CC"]);
    assert_eq!(model.networks[2].title, "Crisis team of Cc");
    let actors: Vec<&str> = model.actors.iter().map(|a| a.name.text.as_str()).collect();
    let expected = [
        "cert@AA",
        "cert@BB",
        "cert@CC",
        "cert@ZZ",
        "isac@health",
        "isac@energy",
        "hub",
        "alice",
        "bob",
        "desk-north",
        "desk-south",
        "clerk#1",
        "clerk#2",
    ];
    assert_eq!(actors, expected);
    let decisions: Vec<&str> = model.decisions.iter().map(|d| d.name.text.as_str()).collect();
    assert_eq!(decisions, ["unused@health", "unused@energy"]);
    assert_eq!(model.decisions[1].title, "Unused Energy");
    assert_eq!(model.decisions[0].priority, Priority::Normal);
    let rules: Vec<&str> = model.rules.iter().map(|r| r.name.text.as_str()).collect();
    assert!(rules.contains(&"own-mode@CC") && rules.contains(&"rounds@two") && rules.contains(&"close-BB"));
    // Nothing is done for the one outside the group.
    assert!(!rules.contains(&"own-mode@ZZ"));
}

#[test]
fn tables_of_parameters() {
    let model = case("places");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    assert_eq!(results.hours("crisis-AA"), Some(1.0));
    assert_eq!(results.hours("crisis-BB"), Some(2.0));
    assert_eq!(results.hours("crisis-CC"), Some(1.0));
    assert_eq!((results.hours("health"), results.hours("energy")), (Some(3.0), Some(5.0)));
    // A pair of states before a state before the rest; a fourth state has only its sender's.
    let note = model.products.iter().position(|p| p.name.text == "note").unwrap();
    let arrived: Vec<(String, u64)> = trace
        .records
        .iter()
        .filter(|r| matches!(r.event, Event::Delivered { product, .. } if product.index() == note))
        .map(|r| (name(&model, r.who), r.time.as_micros() / 60_000_000))
        .collect();
    let expected = [("cert@ZZ", 15), ("cert@BB", 20), ("cert@CC", 30)];
    assert_eq!(arrived, expected.map(|(who, minutes)| (who.to_owned(), minutes)));
    // Closeness 0.7 is enough towards the third state (0.5), and not towards the fourth (0.9) for one of the two.
    assert_eq!((results.hours("close"), results.hours("not-close")), (Some(60.0), Some(66.0)));
}

#[test]
fn dates_per_state() {
    let model = case("places");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    // On the 4th only one state has the channel; on the 6th both; on the 8th it is gone.
    assert_eq!(results.hours("first-files"), Some(84.0));
    assert_eq!(results.hours("third-file"), Some(132.0));
    assert_eq!(results.hours("fourth-file"), None);
    assert_eq!((results.hours("dated"), results.hours("dated-2")), (Some(216.0), None));
    assert_eq!(fired(&model, &trace, "dated"), ["cert@BB"]);
}

#[test]
fn roles_by_duty_by_another_role_and_by_assignment() {
    let model = case("places");
    let trace = run(&model, 1, 0);
    assert_eq!(fired(&model, &trace, "answers"), ["alice", "bob"]);
    assert_eq!(fired(&model, &trace, "chairs"), ["cert@AA", "cert@BB"]);
    assert_eq!(fired(&model, &trace, "no-lead-yet"), [""; 0]);
    assert_eq!(fired(&model, &trace, "leads"), ["isac@energy"]);
    let done = |r: &&blueprint_sim::trace::Record| {
        matches!(r.event, Event::TaskDone { work: WorkKind::Task(_), .. })
    };
    assert!(trace.records.iter().filter(done).count() > 0);
}

#[test]
fn deadlines_in_working_hours_by_regulation_and_in_months() {
    let model = case("places");
    let trace = run(&model, 1, 0);
    let objects = duties(&Reading::new(&model, &trace));
    let of = |duty: &str| -> Vec<&DutyObject> {
        let id = model.duties.iter().position(|d| d.name == duty).unwrap();
        objects.iter().filter(|o| o.duty.index() == id).collect()
    };
    // In hours since Thursday 0:00, by state in the order of the document. One lives two hours east of the others,
    // so its office closes at 14:00 UTC and its eight hours are over on Monday at 14:00.
    let due = |duty: &str| -> Vec<f64> {
        let hours = |o: &&DutyObject| o.deadline.as_micros() as f64 / 3.6e9;
        of(duty).iter().map(hours).collect()
    };
    assert_eq!(due("working"), [111.0, 135.0, 110.0, 111.0]);
    // From 15:00 on the full hour the next 66 h; the hour of the event itself is not counted.
    assert_eq!(due("hours"), [106.0; 4]);
    assert_eq!(due("plain"), [105.0; 4]);
    let standing = |duty: &str| -> Vec<Standing> { of(duty).iter().map(|o| o.standing).collect() };
    // The reports came on Monday at 9:00: 105 h.
    assert!(standing("working").iter().all(|s| *s == Standing::Kept));
    assert!(standing("hours").iter().chain(&standing("plain")).all(|s| *s == Standing::Kept));
    // To the end of Monday 3 July: 33 days after the start, two hours less where the day ends earlier.
    assert_eq!(due("months"), [792.0, 792.0, 790.0, 792.0]);
    assert!(standing("months").iter().all(|s| *s == Standing::Kept));
    // Owed only where the law was there.
    assert_eq!(due("dated").len(), 1);
    assert!(standing("defied").iter().all(|s| *s == Standing::Missing));
}
