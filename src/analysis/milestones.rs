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

mod count;

use smallvec::SmallVec;

use self::count::{Count, first_sending, knows, n_hit, nth, operators};
use super::awareness::AwarenessTracker;
use super::curve::EPSILON;
use super::reading::Reading;
use super::select::{Asker, needed, selects};
use crate::model::{
    FactId, FactOrKind, HowMany, InjectTime, MilestoneId, Model, Origin, Predicate, Sel, Status,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Record, RecordId, Told, Trace, WorkKind};

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

/// All milestones of a run, in the order of the model.
pub fn milestones(model: &Model, trace: &Trace) -> Vec<MilestoneResult> {
    evaluate(&mut MilestoneWatch::new(model), &Reading::new(model, trace))
}

/// As [`milestones`], with a watch that is used again for each of many runs.
pub fn evaluate(watch: &mut MilestoneWatch, run: &Reading<'_>) -> Vec<MilestoneResult> {
    watch.restart(run.model);
    watch.look_ahead(run);
    watch.read(run);
    let hits = run.operators().iter().map(|&id| run.trace.record(id));
    watch.results_after(run.model, hits)
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
        self.counts.iter_mut().for_each(Count::reset);
        self.reached.fill(None);
        if let Some(awareness) = &mut self.awareness {
            awareness.reset();
        }
        self.open_all(model);
    }

    /// Counts those hit by the end, for shares of them; with it the watch knows what the engine cannot know yet.
    fn look_ahead(&mut self, run: &Reading<'_>) {
        for (i, milestone) in run.model.milestones.iter().enumerate() {
            let Predicate::Operators(filter, status, HowMany::Share(share)) = &milestone.when else {
                continue;
            };
            if !matches!(status, Status::Immune | Status::OffLine) {
                let n = n_hit(run, filter);
                self.counts[i].needed = Some(if n == 0 { usize::MAX } else { needed(*share, n) });
            }
        }
    }

    /// Looks for each milestone among the records that it may be reached at; all are reached as by [`Self::see`] of
    /// every record.
    fn read(&mut self, run: &Reading<'_>) {
        let by_awareness = Topic::Awareness as usize;
        for topic in (0..N_TOPICS).filter(|&topic| topic != by_awareness) {
            self.settle(topic, |watch, milestone| {
                let candidates = candidates(run, &run.model.milestones[milestone.index()].when);
                candidates.iter().find_map(|&id| watch.meets(run.model, run.trace, id, milestone))
            });
        }
        // Awareness is kept up to date once for all that wait for it.
        for &id in run.knowledge() {
            if self.open[by_awareness].is_empty() {
                break;
            }
            if self.awareness.as_mut().is_some_and(|a| a.see(run.model, run.trace, id)) {
                self.settle(by_awareness, |watch, milestone| {
                    watch.meets(run.model, run.trace, id, milestone)
                });
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
        self.settle(topic as usize, |watch, milestone| {
            let reached = watch.meets(model, trace, id, milestone)?;
            newly.push(milestone);
            Some(reached)
        });
    }

    /// Of the open milestones of a topic those that are `reached` are open no more.
    fn settle(&mut self, topic: usize, mut reached: impl FnMut(&mut Self, MilestoneId) -> Option<Reached>) {
        if self.open[topic].is_empty() {
            return;
        }
        let mut open = std::mem::take(&mut self.open[topic]);
        open.retain(|&milestone| {
            let Some(reached) = reached(self, milestone) else { return true };
            self.reached[milestone.index()] = Some(reached);
            self.n_open -= 1;
            false
        });
        self.open[topic] = open;
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
            (Predicate::Mode(mode), Event::Start) => mode.mode == 0,
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
        self.results_after(model, trace.records.iter())
    }

    /// The results, if all hits are among these records.
    fn results_after<'a>(
        &self,
        model: &Model,
        records: impl Iterator<Item = &'a Record>,
    ) -> Vec<MilestoneResult> {
        let first_hits = first_hits(model, records);
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

/// The records among which a milestone is reached, if it is.
fn candidates<'a>(run: &'a Reading<'_>, predicate: &Predicate) -> &'a [RecordId] {
    match predicate {
        Predicate::Knows { fact: FactOrKind::Fact(fact), .. } => {
            run.learned(run.model.facts[fact.index()].kind)
        }
        Predicate::Knows { fact: FactOrKind::Kind(kind), .. } => run.learned(*kind),
        Predicate::Delivered(product, ..) => run.arrived(*product),
        Predicate::Sent(product, ..) => run.sent(*product),
        Predicate::Published { .. } => run.published(),
        Predicate::Operators(..) => run.operators(),
        Predicate::Awareness(..) => run.knowledge(),
        Predicate::Done(..) => run.tasks(),
        Predicate::Fired(..) => run.fired(),
        Predicate::Mode(_) | Predicate::Decided(..) | Predicate::Injected(_) | Predicate::Enacted(_) => {
            run.others()
        }
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

/// First hit of each incident, where a milestone counts from one.
fn first_hits<'a>(model: &Model, records: impl Iterator<Item = &'a Record>) -> Vec<Option<SimTime>> {
    let mut first = vec![None; model.incidents.len()];
    if model.milestones.iter().any(|m| matches!(m.from, Origin::Incident(_))) {
        for record in records {
            if let Event::Hit(incident, _) = record.event {
                first[incident.index()].get_or_insert(record.time);
            }
        }
    }
    first
}

#[cfg(test)]
mod tests;
