//! Milestones over traces built by hand.

use super::super::fixture::{Builder, actor, fact, hours};
use super::*;
use crate::model::{
    ActorId, FactKindId, HeldRole, InjectId, LevelId, OperatorFilter, RoleId, Truth, ValueKind,
};
use crate::trace::{Party, Source, Subject};

fn at(results: &[MilestoneResult], milestone: MilestoneId) -> Option<SimTime> {
    results[milestone.index()].reached.map(|r| r.at)
}

#[test]
fn the_kth_and_a_share_of_a_set_to_know() {
    let mut b = Builder::new();
    let actors: Vec<ActorId> = (0..4).map(|i| b.actor(&format!("a{i}"))).collect();
    let f = b.fact("f", ValueKind::Choice(vec!["p".into(), "q".into()]), Truth::Start);
    let g = b.fact("g", ValueKind::Flag, Truth::Start);
    b.model.facts[0].true_choice = Some(1);
    let all = Sel::Fixed(b.set(&actors));
    let three = Sel::Fixed(b.set(&actors[..3]));
    b.model.roles.push(HeldRole {
        name: "chair".into(),
        title: "Chair".into(),
        holders: vec![(hours(0.0), actors[0]), (hours(6.0), actors[3])],
        held: crate::model::Held::Dated,
        assignable: None,
    });
    let knows = |who: &Sel, fact, how_many| Predicate::Knows { who: who.clone(), fact, how_many };
    let kind = FactOrKind::Kind(FactKindId::from_index(0));
    let first = b.milestone("first", knows(&all, kind, HowMany::Nth(1)));
    let third = b.milestone("third", knows(&all, kind, HowMany::Nth(3)));
    let most = b.milestone("most", knows(&three, FactOrKind::Fact(f), HowMany::Share(0.6)));
    let every = b.milestone("every", knows(&three, FactOrKind::Fact(f), HowMany::Share(1.0)));
    let holder = b.milestone("holder", knows(&Sel::Holder(RoleId::from_index(0)), kind, HowMany::Nth(1)));
    let never = b.milestone("never", knows(&Sel::Linked, kind, HowMany::Nth(1)));
    let other = b.milestone("other", knows(&all, FactOrKind::Fact(g), HowMany::Nth(1)));
    b.start();
    let event = |fact, value| Event::Learned { fact, version: 1, value, from: Source::World };
    // A wrong choice is not knowledge.
    b.at(hours(1.0), actor(0), event(f, 0.0), &[], &[]);
    b.at(hours(2.0), actor(3), event(f, 1.0), &[], &[]);
    b.at(hours(3.0), actor(1), event(f, 1.0), &[], &[]);
    b.at(hours(4.0), actor(1), event(f, 1.0), &[], &[]);
    b.at(hours(5.0), actor(2), event(f, 1.0), &[], &[]);
    b.at(hours(7.0), actor(3), event(f, 1.0), &[], &[]);
    let results = milestones(&b.model, &b.trace);
    assert_eq!(at(&results, first), Some(hours(2.0)));
    assert_eq!(results[first.index()].reached.unwrap().fact, Some(f));
    // Actors 3, 1 and 2; that actor 1 learns it again does not count.
    assert_eq!(at(&results, third), Some(hours(5.0)));
    // Of actors 0 to 2, 0.6 x 3 means two.
    assert_eq!((at(&results, most), at(&results, every)), (Some(hours(5.0)), None));
    // Actor 3 knows it early and holds the role from 6:00 on.
    assert_eq!(at(&results, holder), Some(hours(7.0)));
    assert_eq!((at(&results, never), at(&results, other)), (None, None));
}

#[test]
fn operators_by_number_and_by_share_of_those_hit_by_the_end() {
    let mut b = Builder::new();
    let ops = b.operators(10);
    let worm = b.incident();
    let of = |status, how_many| Predicate::Operators(OperatorFilter::default(), status, how_many);
    let second = b.milestone("second", of(Status::Hit, HowMany::Nth(2)));
    let half = b.milestone("half", of(Status::Recovered, HowMany::Share(0.5)));
    let immune = b.milestone("immune", of(Status::Immune, HowMany::Share(0.2)));
    let detected = b.milestone("detected", of(Status::Detected, HowMany::Share(0.5)));
    for m in [half, second] {
        b.model.milestones[m.index()].from = Origin::Incident(worm);
    }
    b.model.milestones[immune.index()].from = Origin::Milestone(half);
    b.start();
    for (i, &o) in ops[..4].iter().enumerate() {
        b.at(hours(1.0 + i as f64), Subject::Operator(o), Event::Hit(worm, o), &[], &[]);
    }
    for (t, &o) in [(5.0, &ops[0]), (6.0, &ops[0]), (7.0, &ops[1]), (8.0, &ops[2])] {
        b.at(hours(t), Subject::Operator(o), Event::Recovered(worm, o), &[], &[]);
    }
    let patch = crate::model::CountermeasureId::from_index(0);
    for (t, &o) in [(8.0, &ops[8]), (9.0, &ops[9])] {
        b.at(hours(t), Subject::Operator(o), Event::Immune(patch, o), &[], &[]);
    }
    let results = milestones(&b.model, &b.trace);
    assert_eq!(results[second.index()].latency, Some(SimDuration::from_hours(1)));
    // Two of the four that are hit; the repeat does not count.
    assert_eq!(at(&results, half), Some(hours(7.0)));
    assert_eq!(results[half.index()].latency, Some(SimDuration::from_hours(6)));
    // Two of all ten.
    assert_eq!(at(&results, immune), Some(hours(9.0)));
    assert_eq!(results[immune.index()].origin, Some(hours(7.0)));
    assert_eq!(
        results[detected.index()],
        MilestoneResult { reached: None, origin: Some(SimTime::ZERO), latency: None }
    );

    // While running nobody knows how many will be hit.
    let foreseeable = |milestone: MilestoneId| b.model.milestones[milestone.index()].when.is_foreseeable();
    assert!(!foreseeable(half) && foreseeable(immune));
    let mut watch = MilestoneWatch::new(&b.model);
    let seen: Vec<(RecordId, MilestoneId)> = (0..b.trace.records.len() as RecordId)
        .flat_map(|id| {
            watch.see(&b.model, &b.trace, id).into_iter().map(move |m| (id, m)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(seen, [(2, second), (10, immune)]);
    assert_eq!(watch.reached(second).unwrap().at, hours(2.0));

    // A watch used again forgets, and the batch through it is the same.
    assert_eq!(evaluate(&mut watch, &Reading::new(&b.model, &b.trace)), results);
    assert_eq!(evaluate(&mut watch, &Reading::new(&b.model, &b.trace)), results);
    let empty = Trace::default();
    assert!(evaluate(&mut watch, &Reading::new(&b.model, &empty)).iter().all(|r| r.reached.is_none()));
}

#[test]
fn sendings_deliveries_statements_and_modes() {
    let mut b = Builder::new();
    let actors: Vec<ActorId> = (0..3).map(|i| b.actor(&format!("a{i}"))).collect();
    let f = b.fact("f", ValueKind::Flag, Truth::Start);
    let kind = FactKindId::from_index(0);
    let report = b.product("report", &[kind]);
    let to_last = Sel::Except(
        Box::new(Sel::Fixed(b.set(&actors))),
        Box::new(Sel::AnyOf(vec![Sel::Fixed(b.set(&actors[..2]))])),
    );
    let sent = b.milestone("sent twice", Predicate::Sent(report, None, 2));
    let delivered = b.milestone("delivered twice", Predicate::Delivered(report, None, 2));
    let to = b.milestone("delivered to the last", Predicate::Delivered(report, Some(to_last), 1));
    let statement = |about| Predicate::Published { product: None, by: None, about, value: None, nth: 1 };
    let any = b.milestone("any statement", statement(None));
    let about = b.milestone("about f", statement(Some(kind)));
    let network = crate::model::NetworkId::from_index(0);
    let mode = |mode| Predicate::Mode(crate::model::ModeRef { network, mode });
    let lowest = b.milestone("lowest", mode(0));
    let higher = b.milestone("higher", mode(1));
    let inject = b.milestone("inject", Predicate::Injected(InjectId::from_index(0)));
    let start = b.start();
    let learned = b.learns(hours(0.5), actor(0), f, &[]);
    b.at(hours(1.0), Subject::Network(network), Event::ModeEntered { network, mode: 2, before: 0 }, &[], &[]);
    let from = Party::Actor(actors[0]);
    for (t, item, receiver) in [(1.0, 0, 1), (1.0, 0, 2), (3.0, 1, 1)] {
        let s = b.at(
            hours(t),
            actor(0),
            Event::Sent { product: report, to: Party::Actor(actors[receiver]), item },
            &[start],
            &[(crate::trace::SpanKind::Delay, hours(t))],
        );
        let event = Event::Delivered { product: report, from, item, copies: 1 };
        b.at(hours(t), actor(receiver), event, &[s], &[]);
    }
    let told = crate::trace::Told { fact: f, version: 1, value: 1.0, learned };
    let item = |told| crate::trace::Item { told };
    b.trace.items = vec![item(vec![]), item(vec![]), item(vec![]), item(vec![told])];
    let published =
        |item| Event::Published { product: report, item, uncoordinated: false, contradictory: false };
    b.at(hours(4.0), actor(0), published(2), &[], &[]);
    b.at(hours(5.0), actor(0), published(3), &[], &[]);
    let results = milestones(&b.model, &b.trace);
    // One report to two receivers is sent once and delivered twice.
    assert_eq!((at(&results, sent), at(&results, delivered)), (Some(hours(3.0)), Some(hours(1.0))));
    assert_eq!(at(&results, to), Some(hours(1.0)));
    assert_eq!((at(&results, any), at(&results, about)), (Some(hours(4.0)), Some(hours(5.0))));
    assert_eq!(results[about.index()].reached.unwrap().fact, Some(f));
    assert_eq!((at(&results, lowest), at(&results, higher)), (Some(hours(0.0)), Some(hours(1.0))));
    assert_eq!(at(&results, inject), None);
}

#[test]
fn awareness_is_reached_with_equality() {
    let mut b = Builder::new();
    for i in 0..10 {
        b.actor(&format!("a{i}"));
    }
    let f = b.fact("f", ValueKind::Flag, Truth::Start);
    let most = b.milestone("70 %", Predicate::Awareness(LevelId::from_index(0), 0.7));
    let all = b.milestone("all", Predicate::Awareness(LevelId::from_index(0), 1.0));
    b.start();
    b.at(hours(0.0), Subject::World, Event::True { fact: f, value: 1.0 }, &[], &[]);
    for i in 0..9 {
        b.learns(hours(1.0 + i as f64), actor(i), f, &[]);
    }
    let results = milestones(&b.model, &b.trace);
    assert_eq!((at(&results, most), at(&results, all)), (Some(hours(7.0)), None));
    assert_eq!(results[most.index()].reached.unwrap().fact, Some(fact(0)));
}
