//! Where the time of a milestone went: its causal chain, cut at its origin.
//!
//! The walk goes back along first causes; the spans of each record cover exactly the time since its first cause.
//! The fact that a milestone is about exists only since somebody knew it, so the walk carries *floors*: when it passes
//! the learning of that fact, the time at which the sender had learned it is a floor, and when it gets down to the
//! floor it goes on from the sender's learning.
//!
//! Whatever else is told on the way came about by what set its product off: other facts that were in it decided
//! nothing about its time. Only a clock sets nothing off: a product that one sent is followed through the fact in it
//! that was learned, or that was newest to its receiver. So the wait for a report is `schedule` from the instant at
//! which there was something to report, and the clock tick is never what caused it.
//!
//! Told once: a report every 6 h, its author learns f1 at 02:00 and f3 at 06:20; the tick of 06:00 starts 30 min of
//! writing. The chain of f1 is `schedule` 02:00-06:00, then `work`; that of f3 begins with `work` 06:20-06:30.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::milestones::MilestoneResult;
use crate::model::FactId;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Party, RecordId, SpanKind, Subject, Told, Trace};

/// A piece of a latency, spent on one thing by one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// What the time was spent on.
    pub kind: SpanKind,
    /// Who spent it.
    pub who: Subject,
    /// Beginning.
    pub from: SimTime,
    /// End.
    pub to: SimTime,
}

impl Segment {
    /// How long it took.
    pub fn duration(&self) -> SimDuration {
        self.to - self.from
    }
}

/// The causal chain of a milestone.
///
/// **Invariant:** segments are contiguous, in time order, begin at the origin and end when the milestone was
/// reached; neighbours differ in kind or subject; none is empty, unless the latency is 0 (then there is one).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Pieces of the latency, the earliest first.
    pub segments: Vec<Segment>,
    /// Records that the chain passes through, the earliest first; the last is that of the milestone.
    pub steps: Vec<RecordId>,
}

impl Chain {
    /// Time spent on a kind of thing.
    pub fn time_on(&self, kind: SpanKind) -> SimDuration {
        self.segments.iter().filter(|s| s.kind == kind).map(Segment::duration).sum()
    }

    /// Everybody and everything that the chain passes through, with the time spent there, in the order of subjects.
    ///
    /// Who is passed in no time counts too, with nothing.
    pub fn subjects(&self, trace: &Trace) -> Vec<(Subject, SimDuration)> {
        let mut times: BTreeMap<Subject, SimDuration> = BTreeMap::new();
        for &step in &self.steps {
            times.entry(trace.records[step as usize].who).or_default();
        }
        for segment in &self.segments {
            *times.entry(segment.who).or_default() += segment.duration();
        }
        times.into_iter().collect()
    }
}

/// The chain of a milestone; none if it has no latency (not reached, or its origin did not happen before it).
pub fn chain(trace: &Trace, result: &MilestoneResult) -> Option<Chain> {
    result.latency?;
    let reached = result.reached?;
    Some(chain_of(trace, reached.record, reached.fact, result.origin?))
}

/// The chain of a record back to `origin`; of a statement or delivery, along `fact` if one is given.
///
/// The record must not come before the origin.
pub fn chain_of(trace: &Trace, record: RecordId, fact: Option<FactId>, origin: SimTime) -> Chain {
    let mut walk = Walk::new(trace, record, origin);
    walk.about = matches!(trace.records[record as usize].event, Event::Learned { .. });
    if let Some(learned) =
        newest_content(trace, record, fact).filter(|_| fact.is_some() || by_clock(trace, record))
    {
        walk.follow(learned, fact.is_some());
    }
    walk.run();
    walk.finish()
}

/// How long each cause of a record waited for the one that completed it (slack), the first cause first.
///
/// Of a learning or reading, whose second cause is the source of what was told, only the first counts.
pub fn slacks(trace: &Trace, record: RecordId) -> Vec<(RecordId, SimDuration)> {
    let causes = trace.causes_of(record);
    let joined = match trace.records[record as usize].event {
        Event::Learned { .. } | Event::Read { .. } => &causes[..causes.len().min(1)],
        _ => causes,
    };
    let time = |id: RecordId| trace.records[id as usize].time;
    joined.iter().map(|&cause| (cause, time(joined[0]) - time(cause))).collect()
}

/// The root of a record: the end of its chain of first causes. A generated arrival is a root.
pub fn root(trace: &Trace, record: RecordId) -> RecordId {
    let mut at = record;
    while !matches!(trace.records[at as usize].event, Event::Arrival(_)) {
        let Some(&first) = trace.causes_of(at).first() else { break };
        at = first;
    }
    at
}

/// Whether it was a clock that set off the rule to which a record belongs.
fn by_clock(trace: &Trace, record: RecordId) -> bool {
    let event = |id: RecordId| trace.records[id as usize].event;
    let mut at = record;
    loop {
        let first = trace.causes_of(at).first().copied();
        match (event(at), first) {
            (Event::Tick(_), _) => return true,
            (Event::RuleFired(_), Some(by)) => return matches!(event(by), Event::Tick(_)),
            (_, Some(by)) => at = by,
            (_, None) => return false,
        }
    }
}

/// The author's learning of what makes a product news: of `fact`, or without one of the fact in it that was newest
/// to the receiver, the later learned by the author first; none if the record has no content or nothing new.
///
/// Only for records that carry content themselves; a reading names its source as its second cause.
fn newest_content(trace: &Trace, record: RecordId, fact: Option<FactId>) -> Option<RecordId> {
    let (item, receiver) = match (trace.records[record as usize].event, trace.records[record as usize].who) {
        (Event::Delivered { item, .. }, Subject::Actor(a)) => (item, Some(a)),
        (Event::Sent { item, to: Party::Actor(a), .. }, _) => (item, Some(a)),
        (Event::Delivered { item, .. } | Event::Sent { item, .. } | Event::Published { item, .. }, _) => {
            (item, None)
        }
        _ => return None,
    };
    let told = trace.items.get(item as usize)?.told.iter().filter(|t| t.learned < record);
    let is_new = |t: &Told| {
        let Some(receiver) = receiver else { return true };
        !trace.records[..record as usize].iter().any(|r| {
            r.who == Subject::Actor(receiver)
                && matches!(r.event, Event::Learned { fact, version, .. } if fact == t.fact && version >= t.version)
        })
    };
    let newest = match fact {
        Some(fact) => told.filter(|t| t.fact == fact).max_by_key(|t| t.learned),
        None => told.filter(|t| is_new(t)).max_by_key(|t| t.learned),
    };
    newest.map(|t| t.learned)
}

/// A time below which the walk goes on from another record; without one it ends there.
#[derive(Debug, Clone, Copy)]
struct Floor {
    at: SimTime,
    target: Option<RecordId>,
    /// The target is the learning of what the milestone is about.
    about: bool,
}

/// The walk back from a milestone.
struct Walk<'a> {
    trace: &'a Trace,
    record: RecordId,
    /// Everything from here to the milestone is explained.
    covered_from: SimTime,
    /// The highest floor last; the first is the origin.
    floors: SmallVec<[Floor; 8]>,
    /// Latest first.
    segments: Vec<Segment>,
    steps: Vec<RecordId>,
    /// The walk came from a learning, which has chosen what to follow.
    from_learning: bool,
    /// The present record is the learning of what the milestone is about.
    about: bool,
}

impl<'a> Walk<'a> {
    fn new(trace: &'a Trace, record: RecordId, origin: SimTime) -> Walk<'a> {
        Walk {
            trace,
            record,
            covered_from: trace.records[record as usize].time,
            floors: SmallVec::from_slice(&[Floor { at: origin, target: None, about: false }]),
            segments: Vec::new(),
            steps: vec![record],
            from_learning: false,
            about: false,
        }
    }

    fn floor(&self) -> Floor {
        // The origin stays at the bottom.
        self.floors[self.floors.len() - 1]
    }

    /// Below the time of `source` the chain is that of `source`, unless it leaves this path higher up.
    fn follow(&mut self, source: RecordId, about: bool) {
        let at = self.trace.records[source as usize].time;
        let floor = self.floor();
        if at > floor.at || (at == floor.at && floor.target.is_none()) {
            self.floors.push(Floor { at, target: Some(source), about });
        }
    }

    fn run(&mut self) {
        loop {
            let done = if self.floor().target == Some(self.record) {
                // The path met the floor's record by itself.
                self.about |= self.floors.pop().is_some_and(|floor| floor.about);
                false
            } else {
                self.step()
            };
            if done {
                break;
            }
        }
    }

    /// Goes from the present record to the one before; true at the end of the chain.
    fn step(&mut self) -> bool {
        let causes = self.trace.causes_of(self.record);
        let event = self.trace.records[self.record as usize].event;
        let source = match event {
            Event::Learned { .. } => causes.get(1).copied(),
            Event::Read { .. } if !self.from_learning => causes.get(1).copied(),
            Event::Published { .. } if !self.from_learning && self.steps.len() > 1 => {
                newest_content(self.trace, self.record, None)
            }
            _ => None,
        };
        if let Some(source) = source.filter(|_| self.about || by_clock(self.trace, self.record)) {
            self.follow(source, self.about);
        }
        self.about = false;
        self.from_learning = matches!(event, Event::Learned { .. });
        let floor = self.floor();
        match causes.first() {
            // At the floor the walk goes on as long as no time passes: who is passed there belongs to the chain.
            Some(&first) if self.trace.records[first as usize].time >= floor.at => {
                self.explain(floor.at);
                self.record = first;
                self.steps.push(first);
                false
            }
            Some(_) => {
                self.explain(floor.at);
                self.leave(floor)
            }
            None => {
                // A root above the floor: nothing in the model explains the rest, but a clock is a schedule.
                let kind =
                    if matches!(event, Event::Tick(_)) { SpanKind::Schedule } else { SpanKind::External };
                let who = match kind {
                    SpanKind::Schedule => self.trace.records[self.record as usize].who,
                    _ => Subject::World,
                };
                self.add(Segment { kind, who, from: floor.at, to: self.covered_from });
                self.leave(floor)
            }
        }
    }

    /// Emits the spans of the present record down to the floor.
    fn explain(&mut self, floor: SimTime) {
        for span in self.trace.spans_of(self.record).iter().rev() {
            let (from, to) = (span.from.max(floor), span.to.min(self.covered_from));
            if from < to {
                self.add(Segment { kind: span.kind, who: span.who, from, to });
            }
        }
    }

    /// Goes on from the floor's record; true if the floor is the origin.
    fn leave(&mut self, floor: Floor) -> bool {
        let Some(target) = floor.target else { return true };
        self.floors.pop();
        self.record = target;
        self.steps.push(target);
        self.from_learning = false;
        self.about = floor.about;
        false
    }

    /// Adds an earlier piece, joined to the one after it if that is of the same kind and subject.
    fn add(&mut self, piece: Segment) {
        debug_assert_eq!(piece.to, self.covered_from, "a gap in the chain of {:?}", self.steps[0]);
        self.covered_from = piece.from;
        if piece.from >= piece.to {
            return;
        }
        match self.segments.last_mut() {
            Some(after) if after.kind == piece.kind && after.who == piece.who => after.from = piece.from,
            _ => self.segments.push(piece),
        }
    }

    fn finish(mut self) -> Chain {
        let (origin, reached) = (self.floors[0].at, self.trace.records[self.steps[0] as usize].time);
        self.segments.reverse();
        self.steps.reverse();
        if self.segments.is_empty() {
            let who = Subject::World;
            self.segments.push(Segment { kind: SpanKind::External, who, from: origin, to: reached });
        }
        let sum: SimDuration = self.segments.iter().map(Segment::duration).sum();
        debug_assert_eq!(sum, reached - origin, "the segments do not sum to the latency");
        debug_assert!(self.segments.windows(2).all(|w| w[0].to == w[1].from), "segments leave a gap");
        Chain { segments: self.segments, steps: self.steps }
    }
}

#[cfg(test)]
mod tests;
