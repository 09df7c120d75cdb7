//! When each milestone was reached.
//!
//! One watch serves two callers: the engine, which stops at a milestone or fires an inject when one is reached
//! ([`MilestoneWatch::see`] after each record), and the analysis of a whole run ([`milestones`]).
//!
//! Readings of the predicates that the names leave open:
//! - an actor *knows* a fact once it has learned a version that is not a wrong choice; the k-th is the k-th to learn
//!   it, and a member of a set that changes with time counts if it belongs at the instant at which it learns;
//! - a product is *sent* once per instance and sender, however many receivers it has; it is *delivered* once per
//!   receiver;
//! - a share of operators is of those hit by the end of the run; of those immune, it is of all that the filter
//!   accepts, since the immune are never hit.

use smallvec::SmallVec;

use super::awareness::{AwarenessTracker, is_right};
use super::curve::EPSILON;
use super::select::{Asker, n_selected, needed, selects};
use crate::model::{
    FactId, FactOrKind, HowMany, InjectTime, MilestoneId, Model, OperatorFilter, OperatorId, Origin,
    Predicate, Sel, Status,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Record, RecordId, Subject, Told, Trace, WorkKind};

/// The instant at which a milestone was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// When.
    pub at: SimTime,
    /// The record that completed the predicate.
    pub record: RecordId,
    /// The fact that the milestone is about, if it is about one: its chain follows it.
    pub fact: Option<FactId>,
}

/// What became of a milestone in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MilestoneResult {
    /// When it was reached; none: not by the end of the run.
    pub reached: Option<Reached>,
    /// Instant from which its latency counts; none: the origin itself did not happen.
    pub origin: Option<SimTime>,
    /// `reached - origin`; none if either is missing, or if the milestone came before its origin.
    pub latency: Option<SimDuration>,
}

/// All milestones of a run, in the order of the model, in one pass over the records.
pub fn milestones(model: &Model, trace: &Trace) -> Vec<MilestoneResult> {
    let mut watch = MilestoneWatch::new(model);
    evaluate(&mut watch, model, trace)
}

/// As [`milestones`], with a watch that is used again for each of many runs.
pub fn evaluate(watch: &mut MilestoneWatch, model: &Model, trace: &Trace) -> Vec<MilestoneResult> {
    watch.restart(model);
    watch.look_ahead(model, trace);
    for id in 0..trace.records.len() as RecordId {
        watch.see(model, trace, id);
        if watch.is_done() {
            break;
        }
    }
    watch.results(model, trace)
}

/// What kinds of record a predicate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
enum Topic {
    Start,
    Learned,
    Mode,
    Delivered,
    Sent,
    Published,
    Decided,
    Operator,
    Awareness,
    Done,
    Fired,
    Injected,
    Enacted,
}

const N_TOPICS: usize = Topic::Enacted as usize + 1;

/// What has been counted towards a milestone.
#[derive(Debug, Clone, Default)]
struct Count {
    n: usize,
    /// How many are needed, where that is known only with the whole run.
    needed: Option<usize>,
    /// Those counted already, where each counts once: a bit each.
    seen: Vec<u64>,
    /// Sendings counted already: product instance and sender.
    sendings: Vec<(u32, Subject)>,
}

impl Count {
    /// Marks a position; true if it was not marked before.
    fn mark(&mut self, index: usize) -> bool {
        let (word, bit) = (index / 64, 1_u64 << (index % 64));
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let fresh = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        fresh
    }
}

/// Milestones watched record by record.
#[derive(Debug, Clone)]
pub struct MilestoneWatch {
    /// By topic: milestones that are not reached yet.
    open: [Vec<MilestoneId>; N_TOPICS],
    counts: Vec<Count>,
    reached: Vec<Option<Reached>>,
    awareness: Option<AwarenessTracker>,
    n_open: usize,
    /// Those that are watched.
    watched: Vec<MilestoneId>,
}

impl MilestoneWatch {
    /// A watch over all milestones of a model, before the first record.
    pub fn new(model: &Model) -> MilestoneWatch {
        let all = (0..model.milestones.len()).map(MilestoneId::from_index);
        MilestoneWatch::over(model, all.collect())
    }

    /// A watch over those on which the course of a run depends, that is `until` and what injects wait for; none if
    /// there are none.
    pub fn awaited(model: &Model) -> Option<MilestoneWatch> {
        let by_injects = model.injects.iter().filter_map(|inject| match inject.at {
            InjectTime::When(milestone, _) => Some(milestone),
            _ => None,
        });
        let mut awaited: Vec<MilestoneId> = model.meta.until.into_iter().chain(by_injects).collect();
        awaited.sort_unstable();
        awaited.dedup();
        (!awaited.is_empty()).then(|| MilestoneWatch::over(model, awaited))
    }

    fn over(model: &Model, watched: Vec<MilestoneId>) -> MilestoneWatch {
        let mut watch = MilestoneWatch {
            open: Default::default(),
            counts: vec![Count::default(); model.milestones.len()],
            reached: vec![None; model.milestones.len()],
            awareness: None,
            n_open: 0,
            watched,
        };
        let of_awareness =
            |m: &MilestoneId| matches!(model.milestones[m.index()].when, Predicate::Awareness(..));
        if watch.watched.iter().any(of_awareness) {
            watch.awareness = Some(AwarenessTracker::new(model));
        }
        watch.open_all(model);
        watch
    }

    fn open_all(&mut self, model: &Model) {
        for list in &mut self.open {
            list.clear();
        }
        for &id in &self.watched {
            self.open[topic(&model.milestones[id.index()].when) as usize].push(id);
        }
        self.n_open = self.watched.len();
    }

    /// Prepares for another run of the same model and keeps the memory.
    pub fn restart(&mut self, model: &Model) {
        for count in &mut self.counts {
            count.n = 0;
            count.needed = None;
            count.seen.fill(0);
            count.sendings.clear();
        }
        self.reached.fill(None);
        if let Some(awareness) = &mut self.awareness {
            awareness.reset();
        }
        self.open_all(model);
    }

    /// Counts those hit by the end, for shares of them; with it the watch knows what the engine cannot know yet.
    fn look_ahead(&mut self, model: &Model, trace: &Trace) {
        for (i, milestone) in model.milestones.iter().enumerate() {
            let Predicate::Operators(filter, status, HowMany::Share(share)) = &milestone.when else {
                continue;
            };
            if !matches!(status, Status::Immune | Status::OffLine) {
                let n = n_hit(model, trace, filter);
                self.counts[i].needed = Some(if n == 0 { usize::MAX } else { needed(*share, n) });
            }
        }
    }

    /// Whether every milestone has been reached.
    pub fn is_done(&self) -> bool {
        self.n_open == 0
    }

    /// When and how a milestone was reached, so far.
    pub fn reached(&self, milestone: MilestoneId) -> Option<Reached> {
        self.reached[milestone.index()]
    }

    /// Takes the next record in and returns the milestones that it reaches, in the order of the model.
    ///
    /// Every record of the run must be shown once, in order.
    pub fn see(&mut self, model: &Model, trace: &Trace, id: RecordId) -> SmallVec<[MilestoneId; 2]> {
        let mut newly = SmallVec::new();
        if self.n_open == 0 {
            return newly;
        }
        let record = trace.record(id);
        if let Some(awareness) = &mut self.awareness
            && awareness.see(model, trace, id)
        {
            self.ask(Topic::Awareness, model, trace, id, &mut newly);
        }
        let topic = match record.event {
            Event::Start => Topic::Start,
            Event::Learned { .. } => Topic::Learned,
            Event::ModeEntered { .. } => Topic::Mode,
            Event::Delivered { .. } => Topic::Delivered,
            Event::Sent { .. } => Topic::Sent,
            Event::Published { .. } => Topic::Published,
            Event::Decided(..) => Topic::Decided,
            Event::Hit(..)
            | Event::Detected(..)
            | Event::Contained(..)
            | Event::Recovered(..)
            | Event::Immune(..)
            | Event::OffLine(..) => Topic::Operator,
            Event::TaskDone { .. } => Topic::Done,
            Event::RuleFired(_) => Topic::Fired,
            Event::Injected(_) => Topic::Injected,
            Event::Enacted(_) => Topic::Enacted,
            _ => return newly,
        };
        self.ask(topic, model, trace, id, &mut newly);
        newly.sort_unstable();
        newly
    }

    /// Asks the open milestones of a topic about a record.
    fn ask(
        &mut self,
        topic: Topic,
        model: &Model,
        trace: &Trace,
        id: RecordId,
        newly: &mut SmallVec<[MilestoneId; 2]>,
    ) {
        if self.open[topic as usize].is_empty() {
            return;
        }
        let mut open = std::mem::take(&mut self.open[topic as usize]);
        open.retain(|&milestone| {
            let Some(reached) = self.meets(model, trace, id, milestone) else { return true };
            self.reached[milestone.index()] = Some(reached);
            self.n_open -= 1;
            newly.push(milestone);
            false
        });
        self.open[topic as usize] = open;
    }

    /// Whether a record completes a milestone.
    fn meets(
        &mut self,
        model: &Model,
        trace: &Trace,
        id: RecordId,
        milestone: MilestoneId,
    ) -> Option<Reached> {
        let record = trace.record(id);
        let count = &mut self.counts[milestone.index()];
        let by = |sel: &Option<Sel>| {
            sel.as_ref().is_none_or(|sel| selects(model, sel, record.who, Asker::anybody(record.time)))
        };
        let mut fact = None;
        let met = match (&model.milestones[milestone.index()].when, record.event) {
            (
                Predicate::Knows { who, fact: about, how_many },
                Event::Learned { fact: learned, value, .. },
            ) => {
                fact = Some(learned);
                knows(count, model, record, who, *about, learned, value, *how_many)
            }
            (Predicate::Mode(mode), Event::ModeEntered { network, mode: entered, .. }) => {
                mode.network == network && entered >= mode.mode
            }
            (Predicate::Mode(_), _) => true,
            (Predicate::Delivered(product, to, n), Event::Delivered { product: p, .. }) => {
                *product == p && by(to) && nth(count, *n)
            }
            (Predicate::Sent(product, from, n), Event::Sent { product: p, item, .. }) => {
                *product == p && by(from) && first_sending(count, item, record.who) && nth(count, *n)
            }
            (
                Predicate::Published { product, by: author, about, value, nth: n },
                Event::Published { product: p, item, .. },
            ) => {
                let told = trace.told_in(item);
                // The one of the kind that the author learned last: what made the statement newsworthy.
                fact = about.and_then(|kind| {
                    let meant = |t: &&Told| {
                        model.facts[t.fact.index()].kind == kind
                            && value.is_none_or(|v| t.value == f64::from(v))
                    };
                    let of_kind = told.iter().filter(meant);
                    of_kind.max_by_key(|t| t.learned).map(|t| t.fact)
                });
                let fits = product.is_none_or(|product| product == p) && by(author);
                fits && (about.is_none() || fact.is_some()) && nth(count, *n)
            }
            (Predicate::Decided(decision, outcome, option), Event::Decided(d, o, _, with)) => {
                *decision == d && *outcome == o && option.is_none_or(|option| option == with)
            }
            (Predicate::Operators(filter, status, how_many), event) => {
                operators(count, model, trace, filter, *status, *how_many, event)
            }
            (Predicate::Awareness(level, share), _) => {
                let awareness = self.awareness.as_ref().and_then(|a| a.share(level.index()));
                if let Event::Learned { fact: learned, .. } = record.event {
                    fact = Some(learned);
                }
                awareness.is_some_and(|now| now >= share - EPSILON)
            }
            (Predicate::Done(task, by_whom, n), Event::TaskDone { work, .. }) => {
                work == WorkKind::Task(*task) && by(by_whom) && nth(count, *n)
            }
            (Predicate::Fired(rule, n), Event::RuleFired(r)) => *rule == r && nth(count, *n),
            (Predicate::Injected(inject), Event::Injected(i)) => *inject == i,
            (Predicate::Enacted(countermeasure), Event::Enacted(c)) => *countermeasure == c,
            _ => false,
        };
        met.then_some(Reached { at: record.time, record: id, fact })
    }

    /// The results so far, with origins and latencies.
    pub fn results(&self, model: &Model, trace: &Trace) -> Vec<MilestoneResult> {
        let first_hits = first_hits(model, trace);
        let origin_of = |origin: Origin| match origin {
            Origin::Start => Some(SimTime::ZERO),
            Origin::Incident(incident) => first_hits[incident.index()],
            Origin::Milestone(other) => self.reached[other.index()].map(|r| r.at),
        };
        let results = model.milestones.iter().zip(&self.reached).map(|(milestone, &reached)| {
            let origin = origin_of(milestone.from);
            let latency = reached.zip(origin).and_then(|(r, from)| r.at.checked_since(from));
            MilestoneResult { reached, origin, latency }
        });
        results.collect()
    }
}

/// The topic under which a predicate is asked. The lowest mode of a ladder holds from the start.
fn topic(predicate: &Predicate) -> Topic {
    match predicate {
        Predicate::Knows { .. } => Topic::Learned,
        Predicate::Mode(mode) if mode.mode == 0 => Topic::Start,
        Predicate::Mode(_) => Topic::Mode,
        Predicate::Delivered(..) => Topic::Delivered,
        Predicate::Sent(..) => Topic::Sent,
        Predicate::Published { .. } => Topic::Published,
        Predicate::Decided(..) => Topic::Decided,
        Predicate::Operators(..) => Topic::Operator,
        Predicate::Awareness(..) => Topic::Awareness,
        Predicate::Done(..) => Topic::Done,
        Predicate::Fired(..) => Topic::Fired,
        Predicate::Injected(_) => Topic::Injected,
        Predicate::Enacted(_) => Topic::Enacted,
    }
}

/// Counts one more; true at the n-th (and later).
fn nth(count: &mut Count, n: u32) -> bool {
    count.n += 1;
    count.n >= n as usize
}

/// Whether this instance has not been counted for this sender before.
fn first_sending(count: &mut Count, item: u32, sender: Subject) -> bool {
    let fresh = !count.sendings.contains(&(item, sender));
    if fresh {
        count.sendings.push((item, sender));
    }
    fresh
}

/// Whether a learning is the last that `Knows` needs.
#[expect(clippy::too_many_arguments, reason = "the parts of one predicate and of one record")]
fn knows(
    count: &mut Count,
    model: &Model,
    record: &Record,
    who: &Sel,
    about: FactOrKind,
    learned: FactId,
    value: f64,
    how_many: HowMany,
) -> bool {
    let info = &model.facts[learned.index()];
    let kind = &model.fact_kinds[info.kind.index()];
    let meant = match about {
        FactOrKind::Fact(fact) => fact == learned,
        FactOrKind::Kind(kind) => kind == info.kind,
    };
    let asker = Asker::anybody(record.time);
    let Subject::Actor(actor) = record.who else { return false };
    if !meant || !is_right(kind, info, value, None) || !selects(model, who, record.who, asker) {
        return false;
    }
    if count.mark(actor.index()) {
        count.n += 1;
    }
    count.n
        >= match how_many {
            HowMany::Nth(n) => n as usize,
            HowMany::Share(share) => needed(share, n_selected(model, who, asker)),
        }
}

/// Whether an event is the last that `Operators` needs.
fn operators(
    count: &mut Count,
    model: &Model,
    trace: &Trace,
    filter: &OperatorFilter,
    status: Status,
    how_many: HowMany,
    event: Event,
) -> bool {
    let operator = match (status, event) {
        (Status::Hit, Event::Hit(_, o))
        | (Status::Detected, Event::Detected(_, o))
        | (Status::Contained, Event::Contained(_, o))
        | (Status::Recovered, Event::Recovered(_, o))
        | (Status::Immune, Event::Immune(_, o))
        | (Status::OffLine, Event::OffLine(_, o)) => o,
        _ => return false,
    };
    if !accepts(model, trace, filter, operator) || !count.mark(operator.index()) {
        return false;
    }
    count.n += 1;
    let needed = match how_many {
        HowMany::Nth(n) => Some(n as usize),
        HowMany::Share(share) if matches!(status, Status::Immune | Status::OffLine) => {
            Some(*count.needed.get_or_insert_with(|| {
                let all = (0..trace.operators.len()).map(OperatorId::from_index);
                needed(share, all.filter(|&o| accepts(model, trace, filter, o)).count())
            }))
        }
        HowMany::Share(_) => count.needed,
    };
    needed.is_some_and(|needed| count.n >= needed)
}

/// Whether a filter accepts an operator of the run.
fn accepts(model: &Model, trace: &Trace, filter: &OperatorFilter, operator: OperatorId) -> bool {
    trace.operators.get(operator.index()).is_some_and(|info| {
        let group = &model.groups[info.group.index()];
        filter.accepts(info.group, group, info.attributes)
    })
}

/// Number of operators that a filter accepts and that were hit at least once.
fn n_hit(model: &Model, trace: &Trace, filter: &OperatorFilter) -> usize {
    let mut hit = Count::default();
    let mut n = 0;
    for record in &trace.records {
        if let Event::Hit(_, operator) = record.event
            && accepts(model, trace, filter, operator)
            && hit.mark(operator.index())
        {
            n += 1;
        }
    }
    n
}

/// First hit of each incident.
fn first_hits(model: &Model, trace: &Trace) -> Vec<Option<SimTime>> {
    let mut first = vec![None; model.incidents.len()];
    if model.milestones.iter().any(|m| matches!(m.from, Origin::Incident(_))) {
        for record in &trace.records {
            if let Event::Hit(incident, _) = record.event {
                first[incident.index()].get_or_insert(record.time);
            }
        }
    }
    first
}

#[cfg(test)]
mod tests;
