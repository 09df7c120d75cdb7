//! A reader of traces that holds the engine to what must always be so; [`super::laboratory`] has it read what it runs.

use std::collections::BTreeMap;

use blueprint_sim::analysis::chain::chain;
use blueprint_sim::analysis::milestones::milestones;
use blueprint_sim::model::{ActorId, FactId, Model};
use blueprint_sim::time::SimTime;
use blueprint_sim::trace::{Event, Record, RecordId, Source, SpanKind, Subject, Trace, WorkKind};

/// Asserts what every trace keeps to, whatever its model.
pub(crate) fn keep(model: &Model, trace: &Trace) {
    causes_and_spans(trace);
    servers(model, trace);
    knowledge(model, trace);
    modes(model, trace);
    deliveries(model, trace);
    operators(trace);
    latencies(model, trace);
}

fn ids(trace: &Trace) -> impl Iterator<Item = (RecordId, &Record)> {
    trace.records.iter().enumerate().map(|(id, record)| (id as RecordId, record))
}

/// Time never falls; a cause comes before its effect; spans cover the time since the first cause, without a gap.
fn causes_and_spans(trace: &Trace) {
    let records = &trace.records;
    assert_eq!(records[0].event, Event::Start);
    assert_eq!(records.last().map(|r| (r.event, r.time)), Some((Event::End, trace.end)));
    assert!(records.is_sorted_by_key(|r: &Record| r.time), "time falls");
    for (id, record) in ids(trace) {
        let (causes, spans) = (trace.causes_of(id), trace.spans_of(id));
        assert!(causes.iter().all(|&cause| cause < id), "{record:?} before its cause");
        let Some(&first) = causes.first() else {
            assert!(spans.is_empty(), "a root with spans: {record:?}");
            continue;
        };
        let mut at = records[first as usize].time;
        for span in spans {
            assert!(span.from == at && span.to > at, "{spans:?} of {record:?}");
            at = span.to;
        }
        assert_eq!(at, record.time, "{spans:?} of {record:?}");
    }
}

/// Work of an actor by time: +1 where it begins, -1 where it ends.
fn work(trace: &Trace) -> BTreeMap<ActorId, Vec<(SimTime, i32)>> {
    let mut all: BTreeMap<ActorId, Vec<(SimTime, i32)>> = BTreeMap::new();
    for (id, record) in ids(trace) {
        let ended = match record.event {
            Event::TaskDone { work, .. }
            | Event::TaskLost { work, .. }
            | Event::Unfinished { work, .. }
            | Event::Withdrawn { work, .. } => Some(work),
            _ => None,
        };
        // Who sits in a meeting stays until it ends, on duty or not.
        let ends = ended.is_some_and(|work| !matches!(work, WorkKind::Attend(_) | WorkKind::Session(_)));
        if let (true, Subject::Actor(actor)) = (ends, record.who) {
            for span in trace.spans_of(id).iter().filter(|s| s.kind == SpanKind::Work) {
                all.entry(actor).or_default().extend([(span.from, 1), (span.to, -1)]);
            }
        }
    }
    all
}

/// Never more tasks are worked on than there are servers on duty, and none off duty unless the calendar lets it.
fn servers(model: &Model, trace: &Trace) {
    let has_guests =
        |who: Subject| trace.records.iter().any(|r| r.who == who && matches!(r.event, Event::StaffMoved(_)));
    let has_effects = model.networks.iter().any(|n| n.modes.iter().any(|m| !m.effects.is_empty()))
        || model.elements.iter().any(|e| !e.effects.is_empty())
        || !model.countermeasures.is_empty();
    for (actor, mut changes) in work(trace) {
        let variant = &model.actors[actor.index()].variants[usize::from(trace.variants[actor.index()])];
        let Some(staff) = variant.staff.filter(|_| !has_effects && !has_guests(Subject::Actor(actor))) else {
            continue;
        };
        let rota = variant.rota.map(|r| &model.rotas[r.index()]);
        if rota.is_some_and(|r| r.overrun || r.on_call.is_some()) {
            continue;
        }
        let steps = rota.map_or(&[][..], |r| r.profile.steps());
        changes.extend(steps.iter().filter(|s| s.0 < trace.end).map(|s| (s.0, 0)));
        changes.sort_unstable();
        let mut busy = 0;
        for (i, &(at, change)) in changes.iter().enumerate() {
            busy += change;
            if changes.get(i + 1).is_some_and(|next| next.0 == at) {
                continue;
            }
            let on_duty = rota.map_or(staff, |r| r.profile.capacity_at(at).servers(staff));
            let name = &model.actors[actor.index()].name.text;
            assert!(busy <= on_duty as i32, "{busy} of {on_duty} at work at {name} at {at:?}");
        }
    }
}

/// Nobody knows what never reached it: who tells knows, and who is told has read, met or heard; versions only rise.
fn knowledge(model: &Model, trace: &Trace) {
    let mut known: BTreeMap<(ActorId, FactId), u32> = BTreeMap::new();
    for (id, record) in ids(trace) {
        let (Event::Learned { fact, version, from, .. }, Subject::Actor(me)) = (record.event, record.who)
        else {
            continue;
        };
        if let Source::Actor(teller) = from {
            assert!(known.contains_key(&(teller, fact)), "{record:?} from who does not know it");
            let causes = trace.causes_of(id);
            let told = causes.iter().any(|&cause| {
                let cause = &trace.records[cause as usize];
                match cause.event {
                    Event::Read { .. } => cause.who == Subject::Actor(me),
                    Event::MeetingEnded(_) | Event::Published { .. } | Event::Delivered { .. } => true,
                    Event::Decided(..) | Event::ModeEntered { .. } => true,
                    _ => false,
                }
            });
            assert!(told, "{record:?} out of nothing: {causes:?}");
        }
        let derived = model.fact_kinds[model.facts[fact.index()].kind.index()].derived.is_some();
        let before = known.insert((me, fact), version);
        assert!(derived || before.is_none_or(|before| version > before), "{record:?} after {before:?}");
    }
}

/// A network moves from the rung on which it is to another of its ladder, and down only after its dwell time.
fn modes(model: &Model, trace: &Trace) {
    let mut now: Vec<(u8, SimTime)> = vec![(0, SimTime::ZERO); model.networks.len()];
    for record in &trace.records {
        let Event::ModeEntered { network, mode, before } = record.event else { continue };
        let n = &model.networks[network.index()];
        let (is, since) = now[network.index()];
        assert!(usize::from(mode) < n.modes.len() && mode != before && before == is, "{record:?} from {is}");
        let dwell = n.modes[usize::from(is)].dwell.map(|site| {
            let param = model.sites[site.index()].param;
            model.params[param.index()].law(None)
        });
        if let Some(law) = dwell
            && mode < before
            && law.support().0 == law.support().1
        {
            let stayed = (record.time - since).as_micros() as f64;
            assert!(stayed + 1.0 >= law.support().0, "{record:?} after only {stayed} us");
        }
        now[network.index()] = (mode, record.time);
    }
}

/// Of what is sent, each arrives once or fails once; what arrives is read, lost, withdrawn or still there.
fn deliveries(model: &Model, trace: &Trace) {
    let mut ended: BTreeMap<RecordId, u32> = BTreeMap::new();
    let mut arrived = vec![0_i64; model.products.len()];
    let closes_cases = trace.records.iter().any(|r| matches!(r.event, Event::Finished(_)));
    for (id, record) in ids(trace) {
        match record.event {
            Event::Delivered { product, .. } => {
                if let Some(&sent) = trace.causes_of(id).first() {
                    *ended.entry(sent).or_default() += 1;
                }
                if matches!(record.who, Subject::Actor(_)) {
                    arrived[product.index()] += 1;
                }
            }
            Event::Undelivered { .. } => {
                if let Some(&sent) = trace.causes_of(id).first() {
                    *ended.entry(sent).or_default() += 1;
                }
            }
            Event::TaskDone { work: WorkKind::Read(p), .. }
            | Event::TaskLost { work: WorkKind::Read(p), .. }
            | Event::Unfinished { work: WorkKind::Read(p), .. }
            | Event::Withdrawn { work: WorkKind::Read(p), .. } => arrived[p.index()] -= 1,
            _ => {}
        }
    }
    assert!(ended.values().all(|&n| n == 1), "a sending that ended twice");
    for (product, left) in model.products.iter().zip(&arrived) {
        let counted = product.read.is_some() && !closes_cases && model.injects.is_empty();
        assert!(!counted || *left == 0, "{left} of `{}` neither read nor there", product.name.text);
    }
}

/// An operator is hit before it detects, detects before it is contained, and is contained before it recovers.
fn operators(trace: &Trace) {
    let mut phase: BTreeMap<(usize, usize), u8> = BTreeMap::new();
    for record in &trace.records {
        let (incident, operator, to) = match record.event {
            Event::Hit(i, o) => (i, o, 1),
            Event::Detected(i, o) => (i, o, 2),
            Event::Contained(i, o) => (i, o, 3),
            Event::Recovered(i, o) => (i, o, 4),
            _ => continue,
        };
        let before = phase.insert((incident.index(), operator.index()), to).unwrap_or(0);
        let goes_on = if to == 1 { before == 0 || before == 4 } else { before < to && before > 0 };
        assert!(goes_on, "{record:?} after phase {before}");
    }
}

/// The segments of a milestone sum to its latency, in order and without a gap.
fn latencies(model: &Model, trace: &Trace) {
    for (result, milestone) in milestones(model, trace).iter().zip(&model.milestones) {
        let (Some(latency), Some(origin), Some(reached)) = (result.latency, result.origin, result.reached)
        else {
            continue;
        };
        let Some(chain) = chain(trace, result) else { continue };
        let mut at = origin;
        for segment in &chain.segments {
            let whole = latency.is_zero() || segment.to > segment.from;
            assert!(segment.from == at && whole, "{}: {:?}", milestone.name, chain.segments);
            at = segment.to;
        }
        assert_eq!((at, at - origin), (reached.at, latency), "{}: {:?}", milestone.name, chain.segments);
    }
}
