//! Declared measures over traces built by hand.

use super::super::duties::duties;
use super::super::fixture::{Builder, actor, hours};
use super::super::milestones::milestones;
use super::*;
use crate::model::{
    CaseFilter, FactOrKind, Join, Leaf, Predicate, RuleId, Scope, SiteId, Statistic, TaskFilter, TaskId,
    Trigger, Truth, ValueKind,
};
use crate::trace::{Party, Source, SpanKind, WorkKind};

const ALL: [Statistic; 16] = [
    Statistic::Count,
    Statistic::Sum,
    Statistic::Mean,
    Statistic::Variance,
    Statistic::Sd,
    Statistic::Max,
    Statistic::Min,
    Statistic::Quantile(0.5),
    Statistic::ShareAbove(1.0),
    Statistic::Nth(2),
    Statistic::Rate,
    Statistic::Integral,
    Statistic::TimeAverage,
    Statistic::At(SimTime::ZERO),
    Statistic::FirstAt(2.0),
    Statistic::Quantile(1.0),
];

/// One server: arrivals at 0, 1, 1.5 and 4 h; services 0-2, 2-3, 3-3.5, and 4 until the end at 5.
fn queue() -> Builder {
    let mut b = Builder::new();
    let desk = b.actor("desk");
    b.set(&[desk]);
    b.site();
    b.trace.end = hours(5.0);
    let work = WorkKind::For(SiteId::from_index(0));
    let mut arrivals = Vec::new();
    for t in [0.0, 1.0, 1.5] {
        arrivals.push(b.at(hours(t), actor(0), Event::Arrival(RuleId::from_index(0)), &[], &[]));
    }
    let done = |started: f64| Event::TaskDone { work, started: hours(started) };
    let spans = |from: f64, to: f64| [(SpanKind::Queue, hours(from)), (SpanKind::Work, hours(to))];
    b.at(hours(2.0), actor(0), done(0.0), &arrivals[..1], &spans(0.0, 2.0));
    b.at(hours(3.0), actor(0), done(2.0), &arrivals[1..2], &spans(2.0, 3.0));
    b.at(hours(3.5), actor(0), done(3.0), &arrivals[2..3], &spans(3.0, 3.5));
    let last = b.at(hours(4.0), actor(0), Event::Arrival(RuleId::from_index(0)), &[], &[]);
    let unfinished = Event::Unfinished { work, started: Some(hours(4.0)) };
    b.at(hours(5.0), actor(0), unfinished, &[last], &[(SpanKind::Work, hours(5.0))]);
    b
}

/// Values of statistics of one quantity, in hours.
fn values(b: &mut Builder, of: Quantified, since: f64, show: &[Statistic]) -> Vec<Option<f64>> {
    rows(b, of, since, show).into_iter().map(|r| r.value).collect()
}

fn rows(b: &mut Builder, of: Quantified, since: f64, show: &[Statistic]) -> Vec<MeasureRow> {
    b.model.measures = vec![Measure {
        name: "m".into(),
        title: String::new(),
        of,
        show: show.iter().map(|s| (format!("{s:?}"), s.clone())).collect(),
        since: hours(since),
        unit: ("hours", SimDuration::from_hours(1).as_micros()),
        only: crate::model::Filter::default(),
    }];
    let run = Reading::new(&b.model, &b.trace);
    measures(&run, &milestones(&b.model, &b.trace), &duties(&run))
}

#[test]
fn every_statistic_of_a_series() {
    let mut b = queue();
    let set = Some(SetId::from_index(0));
    let found = rows(&mut b, Quantified::Wait(set, None, CaseFilter::default()), 0.0, &ALL);
    // Waits 0, 1, 1.5, 0: mean 0.625, squared deviations summing to 1.6875.
    let expected: [Option<f64>; 16] = [
        Some(4.0),
        Some(2.5),
        Some(0.625),
        Some(1.6875 / 3.0),
        Some(0.75),
        Some(1.5),
        Some(0.0),
        Some(0.0),
        Some(0.25),
        Some(1.0),
        Some(0.8),
        None,
        None,
        None,
        None,
        Some(1.5),
    ];
    assert_eq!(found.iter().map(|r| r.value).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|r| r.n == 4 && r.unfinished == 0));
    let units: Vec<&str> = found[..4].iter().map(|r| r.unit.as_str()).collect();
    assert_eq!(units, ["", "hours", "hours", "hours^2"]);
    assert_eq!((found[8].unit.as_str(), found[10].unit.as_str()), ("", "per hour"));
}

#[test]
fn the_warm_up_goes_by_arrival_and_what_is_unfinished_counts_up_to_the_end() {
    let mut b = queue();
    let set = Some(SetId::from_index(0));
    let show = [Statistic::Count, Statistic::Sum];
    assert_eq!(
        values(&mut b, Quantified::Wait(set, None, CaseFilter::default()), 1.0, &show),
        [Some(3.0), Some(2.5)]
    );
    // Sojourns 2, 2, 2 and one hour so far.
    let found = rows(&mut b, Quantified::Sojourn(set, None, CaseFilter::default()), 0.0, &show);
    assert_eq!((found[1].value, found[1].unfinished), (Some(7.0), 1));
    let param = |i| Some(TaskFilter::Param(crate::model::ParamId::from_index(i)));
    assert_eq!(
        values(&mut b, Quantified::Wait(set, param(0), CaseFilter::default()), 0.0, &show[..1]),
        [Some(4.0)]
    );
    assert_eq!(
        values(&mut b, Quantified::Wait(set, param(1), CaseFilter::default()), 0.0, &show[..1]),
        [Some(0.0)]
    );
    let task = Some(TaskFilter::Task(TaskId::from_index(0)));
    assert_eq!(
        values(&mut b, Quantified::Wait(set, task, CaseFilter::default()), 0.0, &[Statistic::Mean]),
        [None]
    );
    assert_eq!(values(&mut b, Quantified::Lost(SetId::from_index(0)), 0.0, &show), [Some(4.0), Some(0.0)]);
}

#[test]
fn numbers_over_time() {
    let mut b = queue();
    let set = SetId::from_index(0);
    // Waiting: 0 until 1, 1 until 1.5, 2 until 2, 1 until 3, then 0.
    let found = rows(&mut b, Quantified::QueueLength(set), 0.0, &ALL);
    let value = |i: usize| found[i].value;
    assert_eq!((value(2), value(11), value(12)), (Some(0.5), Some(2.5), Some(0.5)));
    assert_eq!((value(5), value(6), value(7), value(15)), (Some(2.0), Some(0.0), Some(0.0), Some(2.0)));
    // Squared deviations: 3 h at 0.25, 1.5 h at 0.25, 0.5 h at 2.25.
    assert_eq!(value(3), Some((3.0 * 0.25 + 1.5 * 0.25 + 0.5 * 2.25) / 5.0));
    assert_eq!((value(8), value(13), value(14)), (Some(0.1), Some(0.0), Some(1.5)));
    assert_eq!((value(0), value(1), value(9), value(10)), (None, None, None, None));
    assert_eq!(
        (found[11].unit.as_str(), found[14].unit.as_str(), found[5].unit.as_str()),
        ("hours", "hours", "")
    );
    // Since 1.75 h: 2 for a quarter of an hour, 1 for an hour, of 3.25 h.
    let show = [Statistic::Integral, Statistic::TimeAverage, Statistic::FirstAt(2.0), Statistic::Min];
    let late = values(&mut b, Quantified::QueueLength(set), 1.75, &show);
    assert_eq!(late, [Some(1.5), Some(1.5 / 3.25), Some(1.75), Some(0.0)]);
    let show = [Statistic::Integral, Statistic::Max, Statistic::Min];
    assert_eq!(values(&mut b, Quantified::Busy(set), 0.0, &show), [Some(4.5), Some(1.0), Some(0.0)]);
}

#[test]
fn ages_instants_hops_and_latencies() {
    let mut b = Builder::new();
    let (one, two) = (b.actor("one"), b.actor("two"));
    let f = b.fact("f", ValueKind::Flag, Truth::Start);
    let kind = b.model.facts[0].kind;
    let first = b.set(&[one]);
    let all = crate::model::Sel::Fixed(b.set(&[one, two]));
    let how_many = crate::model::HowMany::Share(1.0);
    let about = FactOrKind::Fact(f);
    let latency = b.milestone("all", Predicate::Knows { who: all, fact: about, how_many });
    let start = b.start();
    let spans = [(SpanKind::External, hours(1.0))];
    let arrival = b.at(hours(1.0), actor(0), Event::Arrival(RuleId::from_index(0)), &[start], &spans);
    let own = Event::Learned { fact: f, version: 1, value: 1.0, from: Source::Own };
    let found = b.at(hours(3.0), actor(0), own, &[arrival], &[(SpanKind::Work, hours(3.0))]);
    let told = Event::Learned { fact: f, version: 1, value: 1.0, from: Source::Actor(one) };
    b.at(hours(7.5), actor(1), told, &[found, found], &[(SpanKind::Transmission, hours(7.5))]);
    let learn = || Trigger { leaves: vec![Leaf::Learn(kind, Scope::Any)], join: Join::Leaf(0) };
    let show = [Statistic::Nth(1), Statistic::Nth(2), Statistic::Nth(3), Statistic::Nth(0)];
    // The age counts from the arrival, not from the start before it.
    let ages = values(&mut b, Quantified::Age(learn(), None), 0.0, &show);
    assert_eq!(ages, [Some(2.0), Some(6.5), None, None]);
    let instants = values(&mut b, Quantified::Instant(learn(), Some(first)), 0.0, &show[..2]);
    assert_eq!(instants, [Some(3.0), None]);
    let hops = values(&mut b, Quantified::Hops(kind, None), 0.0, &[Statistic::Sum, Statistic::Max]);
    assert_eq!(hops, [Some(1.0), Some(1.0)]);
    assert_eq!(values(&mut b, Quantified::Latency(latency), 0.0, &show[..1]), [Some(7.5)]);
    // A join of things that happen at one actor is met actor by actor.
    let leaves = vec![Leaf::Start, Leaf::Learn(kind, Scope::Any)];
    let both = Trigger { leaves, join: Join::All(vec![Join::Leaf(0), Join::Leaf(1)]) };
    let instants = values(&mut b, Quantified::Instant(both, None), 0.0, &show[..3]);
    assert_eq!(instants, [Some(3.0), Some(7.5), None]);
}

#[test]
fn deliveries_votes_and_operators() {
    let mut b = Builder::new();
    b.actor("a");
    b.actor("b");
    let product = b.product("report", &[]);
    let ops = b.operators(2);
    let worm = b.incident();
    b.trace.end = hours(10.0);
    let start = b.start();
    let decision = crate::model::DecisionId::from_index(0);
    for (i, &o) in ops.iter().enumerate() {
        b.at(hours(1.0 + i as f64), Subject::Operator(o), Event::Hit(worm, o), &[], &[]);
    }
    let s = b.sent(hours(3.0), actor(0), 1, 0, start);
    let arrives =
        Event::Delivered { product, from: Party::Actor(ActorId::from_index(0)), item: 0, copies: 2 };
    b.at(hours(4.0), actor(1), arrives, &[s], &[(SpanKind::Transmission, hours(4.0))]);
    let s = b.sent(hours(5.0), actor(0), 1, 1, start);
    let fails = Event::Undelivered { product, to: Party::Actor(ActorId::from_index(1)), copies: 5 };
    b.at(hours(6.0), actor(0), fails, &[s], &[(SpanKind::Retry, hours(6.0))]);
    b.at(hours(6.0), Subject::Operator(ops[0]), Event::Recovered(worm, ops[0]), &[], &[]);
    b.at(hours(7.0), actor(0), Event::Decided(decision, crate::model::Outcome::Adopted, 3, 0), &[], &[]);
    let sum_and_n = [Statistic::Sum, Statistic::Count];
    assert_eq!(values(&mut b, Quantified::Copies(product), 0.0, &sum_and_n), [Some(7.0), Some(2.0)]);
    // The warm-up goes by the sending.
    assert_eq!(values(&mut b, Quantified::Copies(product), 3.5, &sum_and_n), [Some(5.0), Some(1.0)]);
    assert_eq!(values(&mut b, Quantified::Undelivered(product), 0.0, &[Statistic::Mean]), [Some(0.5)]);
    assert_eq!(values(&mut b, Quantified::Votes(decision), 0.0, &sum_and_n), [Some(3.0), Some(1.0)]);
    let over_time = [Statistic::Max, Statistic::Integral, Statistic::At(hours(1.5)), Statistic::FirstAt(2.0)];
    // One from 1 to 2 h, two until 6, one until 10.
    let active = values(&mut b, Quantified::Active(worm), 0.0, &over_time);
    assert_eq!(active, [Some(2.0), Some(1.0 + 8.0 + 4.0), Some(1.0), Some(2.0)]);
    let hits = values(&mut b, Quantified::Hits(worm), 0.0, &over_time);
    assert_eq!(hits, [Some(2.0), Some(1.0 + 16.0), Some(1.0), Some(2.0)]);
}

#[test]
fn generations_follow_the_infectors() {
    let mut b = Builder::new();
    let ops = b.operators(4);
    let incident = b.incident();
    let hit = |i: usize| Event::Hit(incident, ops[i]);
    let by = |i: usize, j: usize| Event::Infected { operator: ops[i], by: ops[j] };
    let who = |i: usize| Subject::Operator(ops[i]);
    b.at(hours(0.0), who(0), hit(0), &[], &[]);
    for (t, i, j) in [(1.0, 1, 0), (2.0, 2, 1), (3.0, 3, 0)] {
        b.at(hours(t), who(i), hit(i), &[], &[]);
        b.at(hours(t), who(i), by(i, j), &[], &[]);
    }
    b.trace.end = hours(5.0);
    let show = [Statistic::Count, Statistic::Sum, Statistic::Max];
    let found = values(&mut b, Quantified::Generation(incident), 0.0, &show);
    assert_eq!(found, [Some(4.0), Some(4.0), Some(2.0)]);
    // Since 2 h there are the third hit, of generation 2, and the fourth, of generation 1.
    let found = values(&mut b, Quantified::Generation(incident), 2.0, &show);
    assert_eq!(found, [Some(2.0), Some(3.0), Some(2.0)]);
}
