//! Properties of the engine on small documents: what repeats, what may be added, what must balance.

use blueprint_sim::document::Overrides;
use blueprint_sim::model::{Inject, Model};
use blueprint_sim::sim::{DrawRow, Simulation};
use blueprint_sim::time::{SimDuration, SimTime};
use blueprint_sim::trace::{Event, Record, SpanKind, Subject, Trace};

use super::laboratory::{oracle, run, set, written, written_with};

/// Two desks in office hours that work, tell each other, vote, and lose tasks.
const TOY: &str = include_str!("../cases/engine/toy.ron");

/// Everything that a trace says, as text: two traces are the same if these are.
fn told(trace: &Trace) -> String {
    format!("{:?}{:?}{:?}{:?}{:?}", trace.records, trace.causes, trace.spans, trace.items, trace.end)
}

fn at(hours: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_hours(hours)
}

/// Cases whose documents between them use every mechanism of the engine.
const ALL: [&str; 12] = ["a01", "a04", "a05", "a07", "a08", "a10", "a13", "a15", "a18", "a21", "a28", "a31"];

#[test]
fn a_run_repeats_to_the_byte() {
    for name in ALL {
        let model = oracle(name);
        let first = told(&run(&model, 7, 3));
        assert_eq!(first, told(&run(&model, 7, 3)), "{name}");
        // Another replication, and back again in the same world.
        let mut simulation = Simulation::new(&model, 7, 4);
        super::laboratory::watch_until(&mut simulation, &model);
        simulation.run();
        let other = told(simulation.trace());
        simulation.reset(7, 3);
        super::laboratory::watch_until(&mut simulation, &model);
        simulation.run();
        assert_eq!(first, told(simulation.trace()), "{name} after a reset");
        assert_eq!(other == first, ["a15", "a21", "a31"].contains(&name), "{name}: another replication");
    }
}

#[test]
fn steps_and_pieces_make_the_same_run() {
    let model = written(TOY);
    let whole = told(&run(&model, 1, 0));
    let mut steps = Simulation::new(&model, 1, 0);
    while steps.step().is_some() {}
    assert_eq!(whole, told(steps.trace()), "step");
    let mut pieces = Simulation::new(&model, 1, 0);
    for hour in 0..200 {
        pieces.run_until(at(hour));
        assert_eq!(pieces.now(), at(hour), "the clock stands where it was asked to");
    }
    pieces.run();
    assert_eq!(whole, told(pieces.trace()), "run_until");
}

#[test]
fn an_intervention_changes_nothing_before_it() {
    let model = written(TOY);
    let inject: &Inject = &model.injects[0];
    let plain = run(&model, 1, 0);
    let mut simulation = Simulation::new(&model, 1, 0);
    simulation.run_until(at(100));
    let before = simulation.trace().records.len();
    simulation.apply(inject);
    simulation.run();
    let changed = simulation.trace();
    assert_eq!(plain.records[..before], changed.records[..before]);
    let n_before = plain.records.iter().take_while(|r| r.time <= at(100)).count();
    assert_eq!(before, n_before);
    assert!(plain.records != changed.records, "it changes something after it");
    // The same intervention at the same time makes the same run.
    let mut again = Simulation::new(&model, 1, 0);
    again.run_until(at(100));
    again.apply(inject);
    again.run();
    assert_eq!(told(changed), told(again.trace()));
}

/// Words by key (entity, purpose, occurrence).
fn draws(model: &Model) -> Vec<DrawRow> {
    let mut simulation = Simulation::new(model, 1, 0);
    simulation.record_draws(true, 1, 0);
    simulation.run();
    simulation.draws()
}

/// Asserts that two runs agree on every key that both have, and returns how many those are.
fn shared(first: &[DrawRow], second: &[DrawRow]) -> usize {
    let key = |row: &DrawRow| (row.entity.clone(), row.purpose.clone(), row.occurrence.clone());
    let mut n = 0;
    for row in first {
        if let Ok(found) = second.binary_search_by_key(&key(row), key) {
            assert_eq!(second[found].word, row.word, "{row:?}");
            n += 1;
        }
    }
    n
}

#[test]
fn an_unrelated_actor_disturbs_no_draw() {
    let before = draws(&written(TOY));
    assert!(before.len() > 500, "{}", before.len());
    let more = TOY
        .replace("actors: {", r#"actors: {"aaa-first": (title: "Another", levels: ["desk"], staff: 1),"#)
        .replace("rules: [", r#"rules: [(id: "another", actor: Actor("aaa-first"), on: Arrivals("gap"), then: [Work("case")]),"#);
    let after = draws(&written(&more));
    assert_eq!(shared(&before, &after), before.len(), "every draw is still there");
    let fresh: Vec<&DrawRow> = after.iter().filter(|row| !before.contains(row)).collect();
    assert!(!fresh.is_empty() && fresh.iter().all(|row| row.entity == "aaa-first"), "{fresh:?}");
}

#[test]
fn renaming_an_actor_changes_only_its_own_draws() {
    let before = draws(&written(TOY));
    let after = draws(&written(&TOY.replace("\"helper\"", "\"assistant\"")));
    let of = |rows: &[DrawRow], name: &str| rows.iter().filter(|row| row.entity == name).count();
    assert!(of(&before, "helper") > 0 && of(&after, "assistant") > 0);
    // What is sent to an actor is keyed by its name too.
    let others = |rows: &[DrawRow]| {
        let unnamed = |r: &&DrawRow| r.entity != "helper" && !r.purpose.starts_with("channel:");
        rows.iter().filter(unnamed).count()
    };
    assert!(others(&before) > 300, "{}", others(&before));
    assert_eq!(shared(&before, &after), others(&before));
}

#[test]
fn variants_share_the_draws_that_both_have() {
    let plain = draws(&written(TOY));
    let with = Overrides { with: vec!["voting".to_owned()], ..Overrides::default() };
    for overrides in [with, set(&[("handling", "20min")]), set(&[("gap", r#"Exponential(mean: "30min")"#)])] {
        let variant = draws(&written_with(TOY, &overrides));
        let n = shared(&plain, &variant);
        assert!(n > 200, "{n} of {} in common with {overrides:?}", plain.len());
    }
}

/// Ends of tasks of an actor: done, lost, unfinished.
fn endings(trace: &Trace, actor: Subject) -> [usize; 3] {
    let mut counts = [0; 3];
    for record in trace.records.iter().filter(|r| r.who == actor) {
        match record.event {
            Event::TaskDone { .. } => counts[0] += 1,
            Event::TaskLost { .. } => counts[1] += 1,
            Event::Unfinished { .. } => counts[2] += 1,
            _ => {}
        }
    }
    counts
}

#[test]
fn what_arrives_is_done_lost_or_unfinished() {
    let model = oracle("a04");
    for replication in 0..5 {
        let trace = run(&model, 1, replication);
        for actor in ["small", "large"] {
            let who = Subject::Actor(model.actor_named(actor).unwrap());
            let arrived =
                trace.records.iter().filter(|r| r.who == who && matches!(r.event, Event::Arrival(_))).count();
            let [done, lost, unfinished] = endings(&trace, who);
            assert!(done > 0 && lost > 0);
            assert_eq!(arrived, done + lost + unfinished, "{actor}");
        }
    }
    // A desk that can give up too: each firing of the rule of cases brings one task.
    let model = written(TOY);
    let trace = run(&model, 1, 0);
    let desk = Subject::Actor(model.actor_named("desk").unwrap());
    let [done, lost, unfinished] = endings(&trace, desk);
    let brought =
        trace.records.iter().filter(|r| r.who == desk && matches!(r.event, Event::Arrival(_))).count();
    assert!(done > 50 && lost > 5, "{done} {lost}");
    assert_eq!(brought, done + lost + unfinished);
}

/// Office hours of the toy: Monday to Friday, 09:00 to 17:00 UTC, from a Monday at midnight.
fn is_open(t: SimTime) -> bool {
    let hours = t.as_micros() / 3_600_000_000;
    hours / 24 % 7 < 5 && (9..17).contains(&(hours % 24))
}

#[test]
fn nobody_works_off_duty() {
    let model = written(TOY);
    let desk = Subject::Actor(model.actor_named("desk").unwrap());
    let minute = SimDuration::from_mins(1);
    let mut worked = 0;
    for replication in 0..5 {
        let trace = run(&model, 1, replication);
        for span in trace.spans.iter().filter(|s| s.kind == SpanKind::Work && s.who == desk) {
            worked += 1;
            assert!(is_open(span.from), "work begins off duty: {span:?}");
            assert!(is_open(SimTime::from_micros(span.to.as_micros() - 1)), "work ends off duty: {span:?}");
            assert!(span.to - span.from <= minute * 480, "work through a night: {span:?}");
        }
        for span in trace.spans.iter().filter(|s| s.kind == SpanKind::Queue && s.who == desk) {
            assert!(is_open(span.from), "a wait off duty is not a queue: {span:?}");
        }
        for span in trace.spans.iter().filter(|s| s.kind == SpanKind::OffDuty && s.who == desk) {
            assert!(!is_open(span.from), "a wait on duty is not off duty: {span:?}");
        }
    }
    assert!(worked > 100, "{worked}");
}

/// What every trace keeps to, whatever the model.
fn check_invariants(name: &str, trace: &Trace) {
    let records = &trace.records;
    assert_eq!(records[0].event, Event::Start, "{name}");
    assert_eq!(records.last().map(|r| (r.event, r.time)), Some((Event::End, trace.end)), "{name}");
    assert!(records.is_sorted_by_key(|r: &Record| r.time), "{name}: time falls");
    for id in 0..records.len() as u32 {
        let causes = trace.causes_of(id);
        assert!(causes.iter().all(|&c| c < id), "{name}: {:?} before its cause", records[id as usize]);
        let spans = trace.spans_of(id);
        let Some(&first) = causes.first() else {
            assert!(spans.is_empty(), "{name}: a root with spans: {:?}", records[id as usize]);
            continue;
        };
        let mut at = records[first as usize].time;
        for span in spans {
            assert!(span.from == at && span.to > at, "{name}: {spans:?} of {:?}", records[id as usize]);
            at = span.to;
        }
        assert_eq!(at, records[id as usize].time, "{name}: {spans:?} of {:?}", records[id as usize]);
    }
}

#[test]
fn every_trace_keeps_its_invariants() {
    for name in ALL {
        let model = oracle(name);
        for replication in 0..3 {
            check_invariants(name, &run(&model, 5, replication));
        }
    }
    check_invariants("toy", &run(&written(TOY), 5, 0));
}

/// Bodies that meet; every instant is worked out by hand.
///
/// The call at 6:00 has 30 min of notice, but two of three come on duty at 8:00; the hour of the meeting ends at 9:00.
/// The session is convened for 11:00 and takes half an hour. Two members answer the chair after an hour each, the
/// chair takes one more. The law of the second day doubles work that begins then.
#[test]
fn bodies_meet_vote_and_consult() {
    let model = written(include_str!("../cases/engine/bodies.ron"));
    let trace = run(&model, 1, 0);
    let results = super::laboratory::Results::of(&model, &trace);
    let reached = |name: &str| results.milestone(name).reached.map(|r| r.at);
    let minutes = |m: u64| Some(SimTime::ZERO + SimDuration::from_mins(m));
    assert_eq!(reached("all-know"), minutes(9 * 60));
    assert_eq!(reached("alert"), minutes(11 * 60 + 30));
    assert_eq!(reached("full"), minutes(13 * 60 + 30));
    assert_eq!(reached("early"), minutes(21 * 60));
    assert_eq!(reached("late"), minutes(32 * 60));
}
