//! `trace.jsonl`: what is written is read back as it was, whatever the records speak of.

use blueprint_sim::compile::compile;
use blueprint_sim::document::merge::MemoryLoader;
use blueprint_sim::document::{Overrides, SourceMap, assemble};
use blueprint_sim::export::{TraceReadError, read_trace, write_trace};
use blueprint_sim::model::{
    ActorId, CountermeasureId, DecisionId, FactId, GroupId, IncidentId, InjectId, Model, NetworkId,
    OperatorId, Outcome, Position, ProductId, RuleId, SiteId, TaskId,
};
use blueprint_sim::time::SimTime;
use blueprint_sim::trace::{
    Event, Item, OperatorInfo, Party, Refusal, Source, Span, SpanKind, Subject, Told, Trace, WorkKind,
};

fn model() -> Model {
    let text = include_str!("../cases/cli/everything.ron");
    let loader = MemoryLoader::new().with_file("everything.ron", text);
    let mut sources = SourceMap::new();
    let opened = assemble::open("everything.ron", &loader, &mut sources, &Overrides::default()).unwrap();
    compile(&opened.document).unwrap().model
}

/// One record of each kind, with every subject and every span.
fn trace(model: &Model) -> Trace {
    let (actor, operator) = (ActorId::from_index(1), OperatorId::from_index(2));
    let (incident, inject) = (IncidentId::from_index(0), InjectId::from_index(0));
    let (rule, fact) = (RuleId::from_index(1), FactId::from_index(0));
    let product = ProductId::from_index(0);
    let public = ProductId::from_index(1);
    let decision = DecisionId::from_index(0);
    let network = NetworkId::from_index(0);
    let counter = CountermeasureId::from_index(0);
    let t = SimTime::from_micros;
    let events = [
        Event::IncidentStarted(incident),
        Event::Injected(inject),
        Event::Tick(rule),
        Event::Arrival(rule),
        Event::Hit(incident, operator),
        Event::Infected { operator, by: OperatorId::from_index(0) },
        Event::Detected(incident, operator),
        Event::Contained(incident, operator),
        Event::Recovered(incident, operator),
        Event::Immune(counter, operator),
        Event::RuleFired(rule),
        Event::RuleBlocked(rule, 3),
        Event::TaskDone { work: WorkKind::Task(TaskId::from_index(0)), started: t(3) },
        Event::TaskDone { work: WorkKind::For(SiteId::from_index(0)), started: t(3) },
        Event::TaskDone { work: WorkKind::Write(product), started: t(3) },
        Event::TaskDone { work: WorkKind::Read(product), started: t(3) },
        Event::TaskDone { work: WorkKind::Position(decision), started: t(3) },
        Event::TaskDone { work: WorkKind::Attend(network), started: t(3) },
        Event::TaskDone { work: WorkKind::Session(decision), started: t(3) },
        Event::TaskLost { work: WorkKind::Read(product), reneged: true },
        Event::TaskLost { work: WorkKind::Read(product), reneged: false },
        Event::Unfinished { work: WorkKind::Read(product), started: Some(t(4)) },
        Event::Unfinished { work: WorkKind::Read(product), started: None },
        Event::Learned { fact, version: 1, value: 1.0, from: Source::Own },
        Event::Learned { fact, version: 2, value: 2.5, from: Source::World },
        Event::Learned { fact, version: 3, value: 3.0, from: Source::Actor(actor) },
        Event::Learned { fact, version: 4, value: 4.0, from: Source::Operator(operator) },
        Event::Versioned { fact, version: 5, value: 0.1 },
        Event::True { fact, value: 17.0 },
        Event::Sent { product, to: Party::Actor(actor), item: 0 },
        Event::Sent { product, to: Party::Operator(operator), item: 1 },
        Event::Sent { product, to: Party::Operators(0), item: 1 },
        Event::Sent { product, to: Party::Public, item: 1 },
        Event::Delivered { product, from: Party::Operator(operator), item: 0, copies: 2 },
        Event::Undelivered { product, to: Party::Actor(actor), copies: 9 },
        Event::Refused { product, to: Party::Actor(actor), why: Refusal::NoChannel },
        Event::Refused { product, to: Party::Actor(actor), why: Refusal::Marking },
        Event::Refused { product, to: Party::Actor(actor), why: Refusal::Clearance },
        Event::Refused { product, to: Party::Actor(actor), why: Refusal::NoContent },
        Event::Read { product, item: 0 },
        Event::Published { product: public, item: 2, uncoordinated: true, contradictory: false },
        Event::Proposed(decision),
        Event::Voted(decision, Position::Yes),
        Event::Voted(decision, Position::No),
        Event::Voted(decision, Position::Abstain),
        Event::Voted(decision, Position::NotYet),
        Event::Voted(decision, Position::Absent),
        Event::RoundEnded(decision, 1, 2),
        Event::RoundBegan(decision, 2, 0),
        Event::Decided(decision, Outcome::Adopted, 1, 2),
        Event::Decided(decision, Outcome::Rejected, 2, 0),
        Event::Decided(decision, Outcome::Lapsed, 0, 0),
        Event::ModeEntered { network, mode: 1, before: 0 },
        Event::MeetingBegan(network),
        Event::MeetingEnded(network),
        Event::Enacted(counter),
        Event::Ceased(counter),
        Event::Waited(rule),
        Event::End,
    ];
    let subjects = [
        Subject::World,
        Subject::Actor(actor),
        Subject::Operator(operator),
        Subject::Incident(incident),
        Subject::Channel(0),
        Subject::Network(network),
    ];
    let mut trace = Trace::default();
    let mut before = trace.push(t(0), Subject::World, Event::Start, &[], &[]);
    for (i, event) in events.into_iter().enumerate() {
        let (from, to) = (trace.records[before as usize].time, t(10 * (i as u64 + 1)));
        let middle = t(u64::midpoint(from.as_micros(), to.as_micros()));
        let kinds = [SpanKind::ALL[i % 15], SpanKind::ALL[(i + 1) % 15]];
        let who = [subjects[i % 6], subjects[(i + 1) % 6]];
        let spans = [
            Span { kind: kinds[0], who: who[0], from, to: middle },
            Span { kind: kinds[1], who: who[1], from: middle, to },
        ];
        // Some records have several causes, some are roots.
        before = match i % 5 {
            4 => trace.push(to, subjects[i % 6], event, &[], &[]),
            3 => trace.push(to, subjects[i % 6], event, &[before, 0], &spans),
            _ => trace.push(to, subjects[i % 6], event, &[before], &spans),
        };
    }
    let told = |learned| Told { fact, version: 1, value: 1.0, learned };
    trace.items = vec![
        Item { told: vec![told(24), told(25)] },
        Item::default(),
        Item { told: vec![told(26)] },
        Item { told: vec![told(27)] },
    ];
    let info = |number, attributes| OperatorInfo {
        group: GroupId::from_index(0),
        number,
        attributes,
        size: 12.5 * number as f32,
        cost: 0.25,
    };
    trace.operators = vec![info(1, 0), info(2, 5), info(4, 1)];
    trace.acted = (0..model.params.len()).map(|i| i % 2 == 0).collect();
    trace.variants = vec![0; model.actors.len()];
    trace.n_events = 99;
    trace.end = t(1_000);
    trace
}

fn written(model: &Model, trace: &Trace) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_trace(model, trace, true, &mut bytes).unwrap();
    bytes
}

#[test]
fn everything_comes_back() {
    let model = model();
    let trace = trace(&model);
    let bytes = written(&model, &trace);
    assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), trace.records.len());
    let read = read_trace(&model, &mut bytes.as_slice()).unwrap();
    assert!(read.complete);
    // Debug shows every field of every record; floats are shown exactly.
    assert_eq!(format!("{:#?}", read.trace), format!("{trace:#?}"));
    assert_eq!(written(&model, &read.trace), bytes);
}

#[test]
fn no_line_can_be_lost_or_changed_unseen() {
    let model = model();
    let bytes = written(&model, &trace(&model));
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for missing in 0..lines.len() {
        let rest: Vec<&str> =
            lines.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, l)| *l).collect();
        assert!(read_trace(&model, &mut rest.join("\n").as_bytes()).is_err(), "line {missing}");
    }
    for (from, to) in [
        ("\"from_us\":10,", "\"from_us\":11,"),
        ("\"actor\":\"desk\"", "\"actor\":\"dask\""),
        ("\"outcome\":\"lapsed\"", "\"outcome\":\"late\""),
        ("\"item\":2", "\"item\":4000000000"),
        ("\"learned\":27", "\"learned\":2700"),
        ("\"n_items\":4", "\"n_items\":99999999999"),
        ("\"copies\":9", "\"copy\":9"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(read_trace(&model, &mut text.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
    }
    let newer = text.replacen("\"format\":1", "\"format\":2", 1);
    assert!(matches!(
        read_trace(&model, &mut newer.as_bytes()).unwrap_err(),
        TraceReadError::Format { found: 2 }
    ));
}
