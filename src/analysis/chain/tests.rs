//! Chains of traces built by hand, with the segments written beside them.

use super::super::fixture::{Builder, actor, fact, hours, min};
use super::super::knowledge::{Passing, critical_passings};
use super::*;
use crate::model::{
    ActorId, DecisionId, IncidentId, InjectId, OperatorId, Outcome, ProductId, RuleId, SiteId, TaskId,
};
use crate::trace::{Source, WorkKind};

const REPORT: ProductId = ProductId::from_index(0);
const RULE: RuleId = RuleId::from_index(0);

/// Kind, subject and end of each segment, and that they begin at `origin` without a gap.
fn parts(chain: &Chain, origin: SimTime) -> Vec<(SpanKind, Subject, SimTime)> {
    let mut at = origin;
    for s in &chain.segments {
        assert_eq!(s.from, at);
        at = s.to;
    }
    chain.segments.iter().map(|s| (s.kind, s.who, s.to)).collect()
}

/// The worked example of the language, with a second reporter behind the first.
struct Example {
    b: Builder,
    /// Learnings: f1 and f3 by the author, by the reader, f1 by the reader's reader.
    f1: [RecordId; 3],
    f3: [RecordId; 2],
    read: RecordId,
}

fn example() -> Example {
    let mut b = Builder::new();
    let (author, reader, last) = (actor(0), actor(1), actor(2));
    let start = b.start();
    let f1_author = b.learns(min(120), author, fact(1), &[]);
    let tick = b.at(min(360), author, Event::Tick(RULE), &[start], &[(SpanKind::Schedule, min(360))]);
    let fired = b.at(min(360), author, Event::RuleFired(RULE), &[tick], &[]);
    let f3_author = b.learns(min(380), author, fact(3), &[]);
    let write = Event::TaskDone { work: WorkKind::Write(REPORT), started: min(360) };
    let written = b.at(min(390), author, write, &[fired], &[(SpanKind::Work, min(390))]);
    let sent = b.sent(min(390), author, 1, 0, written);
    let from = Party::Actor(ActorId::from_index(0));
    let arrives = Event::Delivered { product: REPORT, from, item: 0, copies: 1 };
    let delivered = b.at(min(395), reader, arrives, &[sent], &[(SpanKind::Transmission, min(395))]);
    let reading = Event::TaskDone { work: WorkKind::Read(REPORT), started: min(410) };
    let spans = [(SpanKind::Queue, min(410)), (SpanKind::Work, min(430))];
    let done = b.at(min(430), reader, reading, &[delivered], &spans);
    let read = b.at(min(430), reader, Event::Read { product: REPORT, item: 0 }, &[done, f3_author], &[]);
    let f1_reader = b.learns(min(430), reader, fact(1), &[read, f1_author]);
    let f3_reader = b.learns(min(430), reader, fact(3), &[read, f3_author]);
    // The reader reports at 12:00 without effort; it arrives and is read at once.
    let tick = b.at(min(720), reader, Event::Tick(RULE), &[start], &[(SpanKind::Schedule, min(720))]);
    let sent = b.at(
        min(720),
        reader,
        Event::Sent { product: REPORT, to: Party::Actor(ActorId::from_index(2)), item: 1 },
        &[tick],
        &[],
    );
    let from = Party::Actor(ActorId::from_index(1));
    let arrives = Event::Delivered { product: REPORT, from, item: 1, copies: 1 };
    let delivered = b.at(min(725), last, arrives, &[sent], &[(SpanKind::Transmission, min(725))]);
    let again = b.at(min(725), last, Event::Read { product: REPORT, item: 1 }, &[delivered, f3_reader], &[]);
    let f1_last = b.learns(min(725), last, fact(1), &[again, f1_reader]);
    Example { b, f1: [f1_author, f1_reader, f1_last], f3: [f3_author, f3_reader], read }
}

#[test]
fn the_worked_example_of_the_language() {
    use SpanKind::{External, Queue, Schedule, Transmission, Work};
    let Example { b, f1, f3, read } = example();
    let (author, reader) = (actor(0), actor(1));
    // Both begin when the author learns: before that nothing in the model explains the time.
    let chain = chain_of(&b.trace, f1[1], None, min(0));
    let rest = [(Transmission, reader, min(395)), (Queue, reader, min(410)), (Work, reader, min(430))];
    let mut expected =
        vec![(External, Subject::World, min(120)), (Schedule, author, min(360)), (Work, author, min(390))];
    expected.extend(rest);
    assert_eq!(parts(&chain, min(0)), expected);
    assert_eq!((chain.steps[0], chain.steps[chain.steps.len() - 1]), (f1[0], f1[1]));

    let chain = chain_of(&b.trace, f3[1], None, min(0));
    let mut expected = vec![(External, Subject::World, min(380)), (Work, author, min(390))];
    expected.extend(rest);
    assert_eq!(parts(&chain, min(0)), expected);
    assert_eq!(chain.steps[0], f3[0]);

    // A thing set off by the reading follows what was newest in it: f3.
    assert_eq!(parts(&chain_of(&b.trace, read, None, min(0)), min(0)), expected);
}

#[test]
fn each_sender_is_followed_to_its_own_sender() {
    use SpanKind::{External, Queue, Schedule, Transmission, Work};
    let Example { b, f1, .. } = example();
    let (author, reader, last) = (actor(0), actor(1), actor(2));
    let chain = chain_of(&b.trace, f1[2], None, min(100));
    let expected = [
        (External, Subject::World, min(120)),
        (Schedule, author, min(360)),
        (Work, author, min(390)),
        (Transmission, reader, min(395)),
        (Queue, reader, min(410)),
        (Work, reader, min(430)),
        (Schedule, reader, min(720)),
        (Transmission, last, min(725)),
    ];
    assert_eq!(parts(&chain, min(100)), expected);
    let a = ActorId::from_index;
    let passed: Vec<Passing> = critical_passings(&b.trace, &chain);
    let expected =
        [Passing { from: a(0), to: a(1), record: f1[1] }, Passing { from: a(1), to: a(2), record: f1[2] }];
    assert_eq!(passed, expected);
    assert_eq!(chain.time_on(Schedule), SimDuration::from_mins(240 + 290));
    let expected = [
        (Subject::World, SimDuration::from_mins(20)),
        (author, SimDuration::from_mins(240 + 30)),
        (reader, SimDuration::from_mins(5 + 15 + 20 + 290)),
        (last, SimDuration::from_mins(5)),
    ];
    assert_eq!(chain.subjects(&b.trace), expected);
}

#[test]
fn a_delivery_is_followed_through_what_was_newest_to_its_receiver() {
    let Example { mut b, f1, f3, .. } = example();
    let told = |fact, learned| Told { fact, version: 1, value: 1.0, learned };
    b.trace.items.push(crate::trace::Item { told: vec![told(fact(1), f1[0]), told(fact(3), f3[0])] });
    let delivered = b.trace.records.iter().position(|r| matches!(r.event, Event::Delivered { .. })).unwrap();
    // Both are new to the reader: f3 is the later learned by the author.
    let chain = chain_of(&b.trace, delivered as RecordId, None, min(0));
    assert_eq!(chain.steps[0], f3[0]);
    // The fact that a milestone is about goes first.
    let chain = chain_of(&b.trace, delivered as RecordId, Some(fact(1)), min(0));
    assert_eq!(chain.steps[0], f1[0]);
    // Nothing in it: the wait since the cadence began.
    b.trace.items[0].told.clear();
    let chain = chain_of(&b.trace, delivered as RecordId, None, min(0));
    assert_eq!(
        (chain.steps[0], chain.segments[0].kind, chain.segments[0].to),
        (0, SpanKind::Schedule, min(360))
    );
}

/// A report that something urgent set off tells of a second thing besides, which its author learned while it wrote.
#[test]
fn what_else_was_in_an_urgent_report_decided_nothing() {
    use SpanKind::{External, Transmission, Work};
    let mut b = Builder::new();
    let (author, reader) = (actor(0), actor(1));
    b.start();
    let urgent = b.learns(min(60), author, fact(2), &[]);
    let fired = b.at(min(60), author, Event::RuleFired(RULE), &[urgent], &[]);
    let besides = b.learns(min(80), author, fact(1), &[]);
    let write = Event::TaskDone { work: WorkKind::Write(REPORT), started: min(60) };
    let written = b.at(min(90), author, write, &[fired], &[(SpanKind::Work, min(90))]);
    let sent = b.sent(min(90), author, 1, 0, written);
    let told = |fact, learned| Told { fact, version: 1, value: 1.0, learned };
    b.trace.items.push(crate::trace::Item { told: vec![told(fact(2), urgent), told(fact(1), besides)] });
    let from = Party::Actor(ActorId::from_index(0));
    let arrives = Event::Delivered { product: REPORT, from, item: 0, copies: 1 };
    let delivered = b.at(min(95), reader, arrives, &[sent], &[(SpanKind::Transmission, min(95))]);
    let read = b.at(min(95), reader, Event::Read { product: REPORT, item: 0 }, &[delivered, besides], &[]);
    let learned = b.learns(min(95), reader, fact(1), &[read, besides]);
    let acts = b.at(min(95), reader, Event::RuleFired(RULE), &[learned], &[]);

    let by_the_urgent =
        [(External, Subject::World, min(60)), (Work, author, min(90)), (Transmission, reader, min(95))];
    for record in [delivered, read, acts] {
        let chain = chain_of(&b.trace, record, None, min(0));
        assert_eq!(parts(&chain, min(0)), by_the_urgent, "{record}");
        assert_eq!(chain.steps[0], urgent);
    }
    // What is asked of the second thing itself begins with it.
    let by_itself =
        [(External, Subject::World, min(80)), (Work, author, min(90)), (Transmission, reader, min(95))];
    for (record, fact) in [(delivered, Some(fact(1))), (learned, None)] {
        let chain = chain_of(&b.trace, record, fact, min(0));
        assert_eq!(parts(&chain, min(0)), by_itself);
        assert_eq!(chain.steps[0], besides);
    }
}

/// Oracle A31: two branches, a join, an office that opens at 8 (or is always open), a vote.
fn two_branches(opens: f64) -> (Builder, [RecordId; 2], RecordId) {
    let mut b = Builder::new();
    let (x, y, e, council) = (actor(0), actor(1), actor(2), actor(3));
    let start = b.start();
    let worm = IncidentId::from_index(0);
    let task = |started: f64| Event::TaskDone {
        work: WorkKind::For(SiteId::from_index(0)),
        started: hours(started),
    };
    let to_e = Party::Actor(ActorId::from_index(2));
    let sends = |item| Event::Sent { product: REPORT, to: to_e, item };
    let arrives = |from, item, copies| {
        let from = Party::Actor(ActorId::from_index(from));
        Event::Delivered { product: REPORT, from, item, copies }
    };
    let notices = |o| Event::Detected(worm, OperatorId::from_index(o));
    let x_notices = b.at(hours(1.0), x, notices(0), &[start], &[(SpanKind::Detection, hours(1.0))]);
    let y_notices = b.at(hours(2.0), y, notices(1), &[start], &[(SpanKind::Detection, hours(2.0))]);
    let spans = [(SpanKind::Queue, hours(2.5)), (SpanKind::Work, hours(3.5))];
    let x_done = b.at(hours(3.5), x, task(2.5), &[x_notices], &spans);
    let x_sent = b.at(hours(3.5), x, sends(0), &[x_done], &[]);
    let y_done = b.at(hours(3.5), y, task(2.0), &[y_notices], &[(SpanKind::Work, hours(3.5))]);
    let y_sent = b.at(hours(3.5), y, sends(1), &[y_done], &[]);
    let x_there = b.at(hours(4.0), e, arrives(0, 0, 1), &[x_sent], &[(SpanKind::Transmission, hours(4.0))]);
    let spans = [(SpanKind::Retry, hours(4.5)), (SpanKind::Transmission, hours(5.0))];
    let y_there = b.at(hours(5.0), e, arrives(1, 1, 2), &[y_sent], &spans);
    // The last arrival completes the join.
    let joined = b.at(hours(5.0), e, Event::RuleFired(RULE), &[y_there, x_there], &[]);
    let done = opens + 2.0;
    let spans = [(SpanKind::OffDuty, hours(opens)), (SpanKind::Work, hours(done))];
    let handled = b.at(hours(done), e, task(opens), &[joined], &spans);
    let sent = b.at(hours(done), e, sends(2), &[handled], &[]);
    let there = b.at(
        hours(done + 0.25),
        council,
        arrives(2, 2, 1),
        &[sent],
        &[(SpanKind::Transmission, hours(done + 0.25))],
    );
    let body = DecisionId::from_index(0);
    let proposed = b.at(hours(done + 0.25), council, Event::Proposed(body), &[there], &[]);
    let end = hours(done + 2.75);
    let decided = b.at(
        end,
        council,
        Event::Decided(body, Outcome::Adopted, 2, 0),
        &[proposed],
        &[(SpanKind::Deliberation, end)],
    );
    (b, [joined, x_there], decided)
}

#[test]
fn oracle_a31_splits_the_latency_along_the_last_arrivals() {
    let (b, [joined, x_there], decided) = two_branches(8.0);
    let chain = chain_of(&b.trace, decided, None, hours(0.0));
    let h = |kind| chain.time_on(kind).as_hours_f64();
    let kinds = SpanKind::ALL.map(|k| (k, h(k)));
    for (kind, time) in kinds {
        let expected = match kind {
            SpanKind::Detection => 2.0,
            SpanKind::Work => 3.5,
            SpanKind::Retry => 1.0,
            SpanKind::Transmission => 0.75,
            SpanKind::OffDuty => 3.0,
            SpanKind::Deliberation => 2.5,
            _ => 0.0,
        };
        assert_eq!(time, expected, "{kind:?}");
    }
    let total: SimDuration = chain.segments.iter().map(Segment::duration).sum();
    assert_eq!(total, SimDuration::from_mins(765));
    assert_eq!(h(SpanKind::OffDuty) / total.as_hours_f64(), 3.0 / 12.75);
    assert!(!chain.steps.contains(&x_there));
    // X's message waits an hour for Y's.
    assert_eq!(slacks(&b.trace, joined)[1], (x_there, SimDuration::from_hours(1)));

    let (b, _, decided) = two_branches(5.0);
    let chain = chain_of(&b.trace, decided, None, hours(0.0));
    let total: SimDuration = chain.segments.iter().map(Segment::duration).sum();
    assert_eq!((total, chain.time_on(SpanKind::OffDuty)), (SimDuration::from_mins(585), SimDuration::ZERO));
}

#[test]
fn an_origin_inside_a_span_cuts_it() {
    let (b, _, decided) = two_branches(8.0);
    let chain = chain_of(&b.trace, decided, None, hours(7.0));
    let e = actor(2);
    assert_eq!(
        parts(&chain, hours(7.0))[..2],
        [(SpanKind::OffDuty, e, hours(8.0)), (SpanKind::Work, e, hours(10.0))]
    );
    let first = b.trace.records[chain.steps[0] as usize].event;
    assert_eq!(first, Event::TaskDone { work: WorkKind::For(SiteId::from_index(0)), started: hours(8.0) });
    // At a change of spans nothing of the earlier one is left.
    assert_eq!(chain_of(&b.trace, decided, None, hours(8.0)).segments[0].kind, SpanKind::Work);
}

#[test]
fn a_latency_of_nothing_has_one_empty_segment() {
    let (b, _, decided) = two_branches(8.0);
    let chain = chain_of(&b.trace, decided, None, hours(12.75));
    let empty =
        Segment { kind: SpanKind::External, who: Subject::World, from: hours(12.75), to: hours(12.75) };
    assert_eq!((chain.segments, chain.steps), (vec![empty], vec![decided]));
}

#[test]
fn what_begins_after_the_origin_is_external_before() {
    let mut b = Builder::new();
    b.start();
    let (worm, operator) = (IncidentId::from_index(0), OperatorId::from_index(0));
    let who = Subject::Operator(operator);
    let begins = b.at(hours(2.0), Subject::Incident(worm), Event::IncidentStarted(worm), &[], &[]);
    let hit = b.at(hours(3.0), who, Event::Hit(worm, operator), &[begins], &[(SpanKind::Spread, hours(3.0))]);
    let spans = [(SpanKind::Detection, hours(3.5))];
    let detected = b.at(hours(3.5), who, Event::Detected(worm, operator), &[hit], &spans);
    let chain = chain_of(&b.trace, detected, None, hours(0.0));
    let expected = [
        (SpanKind::External, Subject::World, hours(2.0)),
        (SpanKind::Spread, who, hours(3.0)),
        (SpanKind::Detection, who, hours(3.5)),
    ];
    assert_eq!(parts(&chain, hours(0.0)), expected);
    // From the first hit on there is nothing before the detection, and the hit is still on the chain.
    let chain = chain_of(&b.trace, detected, None, hours(3.0));
    assert_eq!(parts(&chain, hours(3.0)), [(SpanKind::Detection, who, hours(3.5))]);
    assert_eq!(chain.steps, [hit, detected]);

    let inject = Event::Injected(InjectId::from_index(0));
    let injected = b.at(hours(5.0), Subject::World, inject, &[], &[]);
    let told = b.learns(hours(5.0), actor(0), fact(0), &[injected]);
    let chain = chain_of(&b.trace, told, None, hours(1.0));
    assert_eq!(parts(&chain, hours(1.0)), [(SpanKind::External, Subject::World, hours(5.0))]);
    assert_eq!(chain.steps, [injected, told]);
}

#[test]
fn a_root_tick_is_a_schedule_and_instant_mail_stays_on_the_chain() {
    let mut b = Builder::new();
    b.start();
    let known = b.learns(hours(1.0), actor(0), fact(0), &[]);
    let tick = b.at(hours(4.0), actor(0), Event::Tick(RULE), &[], &[]);
    let sent = b.sent(hours(4.0), actor(0), 1, 0, tick);
    let told = b.learns(hours(4.0), actor(1), fact(0), &[sent, known]);
    let chain = chain_of(&b.trace, told, None, hours(1.0));
    assert_eq!(parts(&chain, hours(1.0)), [(SpanKind::Schedule, actor(0), hours(4.0))]);
    assert_eq!(chain.steps, [known, tick, sent, told]);
    // Told on at once, by way of records at one instant: they are passed through, not jumped over.
    let sent = b.sent(hours(4.0), actor(1), 2, 1, told);
    let event =
        Event::Learned { fact: fact(0), version: 1, value: 1.0, from: Source::Actor(ActorId::from_index(1)) };
    let last = b.at(hours(4.0), actor(2), event, &[sent, told], &[]);
    let chain = chain_of(&b.trace, last, None, hours(1.0));
    assert_eq!(parts(&chain, hours(1.0)), [(SpanKind::Schedule, actor(0), hours(4.0))]);
    assert_eq!(chain.steps[4..], [sent, last]);
}

#[test]
fn the_root_of_a_chain_is_its_arrival() {
    let mut b = Builder::new();
    let start = b.start();
    let arrival =
        b.at(hours(1.0), actor(0), Event::Arrival(RULE), &[start], &[(SpanKind::External, hours(1.0))]);
    let done = Event::TaskDone { work: WorkKind::Task(TaskId::from_index(0)), started: hours(1.0) };
    let done = b.at(hours(2.0), actor(0), done, &[arrival], &[(SpanKind::Work, hours(2.0))]);
    assert_eq!((root(&b.trace, done), root(&b.trace, start)), (arrival, start));
}

/// Whole numbers below a bound, by Knuth's linear congruential generator: enough to mix traces.
struct Mix(u64);

impl Mix {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A trace with many ties, joins, learnings from others and roots, that means nothing.
fn mixed(seed: u64) -> Trace {
    let mut mix = Mix(seed);
    let mut b = Builder::new();
    let mut now = 0;
    let mut learnings: Vec<RecordId> = Vec::new();
    b.start();
    for id in 1..200_u32 {
        now += mix.below(3) * mix.below(4);
        let time = min(now);
        let cause = id - 1 - mix.below(u64::from(id).min(8)) as RecordId;
        let from = b.trace.records[cause as usize].time;
        let middle = from + SimDuration::from_mins(mix.below(now + 1)).min(time - from);
        let spans = [(SpanKind::Queue, middle), (SpanKind::Work, time)];
        let who = actor(mix.below(5) as usize);
        let known = (!learnings.is_empty()).then(|| learnings[mix.below(learnings.len() as u64) as usize]);
        let causes: Vec<RecordId> = [cause].into_iter().chain(known).collect();
        let learned = Event::Learned { fact: fact(0), version: 1, value: 1.0, from: Source::World };
        match mix.below(8) {
            0 => b.at(time, who, Event::Tick(RULE), &[], &[]),
            1 => b.at(time, who, Event::Injected(InjectId::from_index(0)), &[], &[]),
            2 | 3 => {
                learnings.push(id);
                b.at(time, who, learned, &causes, &spans)
            }
            4 | 5 => b.at(time, who, Event::Read { product: REPORT, item: 0 }, &causes, &spans),
            _ => b.at(time, who, Event::RuleFired(RULE), &causes[..1], &spans),
        };
    }
    b.trace
}

/// What set a record off, what set that off and so on, the record last; cut at the origin.
fn first_causes(trace: &Trace, record: RecordId, origin: SimTime) -> Vec<RecordId> {
    let mut path = vec![record];
    while let Some(&first) = trace.causes_of(path[path.len() - 1]).first()
        && trace.records[first as usize].time >= origin
    {
        path.push(first);
    }
    path.reverse();
    path
}

/// Where no clock set anything off, a chain that is not about a fact is nothing else.
#[test]
fn chains_of_any_trace_follow_first_causes() {
    let mut n = 0;
    for seed in 0..40 {
        let trace = mixed(seed);
        for id in 0..trace.records.len() as RecordId {
            let whole = first_causes(&trace, id, SimTime::ZERO);
            let event = |id: RecordId| trace.records[id as usize].event;
            if matches!(event(id), Event::Learned { .. })
                || whole.iter().any(|&at| matches!(event(at), Event::Tick(_)))
            {
                continue;
            }
            let origin = SimTime::from_micros(trace.records[id as usize].time.as_micros() / 2);
            assert_eq!(chain_of(&trace, id, None, origin).steps, first_causes(&trace, id, origin));
            n += 1;
        }
    }
    assert!(n > 500, "{n}");
}

#[test]
fn chains_of_any_trace_are_contiguous_and_sum_to_the_latency() {
    for seed in 0..40 {
        let trace = mixed(seed);
        for id in 0..trace.records.len() as RecordId {
            let reached = trace.records[id as usize].time;
            for share in [0, 1, 2, 3] {
                let origin = SimTime::from_micros(reached.as_micros() / 3 * share);
                let chain = chain_of(&trace, id, None, origin);
                let parts = parts(&chain, origin);
                assert_eq!(parts[parts.len() - 1].2, reached);
                let is_nothing = origin == reached;
                assert!(chain.segments.iter().all(|s| s.from < s.to || is_nothing));
                assert!(parts.windows(2).all(|w| (w[0].0, w[0].1) != (w[1].0, w[1].1)));
                let times: Vec<SimTime> =
                    chain.steps.iter().map(|&s| trace.records[s as usize].time).collect();
                assert!(times.is_sorted() && times[0] >= origin);
                assert_eq!(chain.steps[chain.steps.len() - 1], id);
            }
        }
    }
}
