//! The record stream: what the engine tells and everything else reads.
//!
//! A [`Record`] is an instant at which something happened. Its causes are ordered, the first is the one that
//! completed its conditions. Its spans say how the time since its first cause went by: they are contiguous,
//! half-open, in time order, begin at the time of the first cause and end at the time of the record. So any
//! chain of first causes splits a latency exactly, without a gap.
//!
//! **Invariants:** ids count from 0 in order of time; a cause has a smaller id; spans of a record add up to its
//! time minus that of its first cause (a record without a cause has none).

mod kept;
mod log;
mod names;
mod reduce;

pub use kept::{Keep, Trace};
pub use names::Names;
pub use reduce::reduced;

use crate::model::{
    ActorId, CountermeasureId, DecisionId, FactId, IncidentId, InjectId, NetworkId, OperatorId, Outcome,
    PoolId, Position, ProductId, RoleId, RuleId, SiteId, TaskId,
};
use crate::time::SimTime;

/// Number of a record, from 0.
pub type RecordId = u32;

/// What an instant was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The simulation starts. Always record 0.
    Start,
    /// An incident starts.
    IncidentStarted(IncidentId),
    /// An inject is delivered.
    Injected(InjectId),
    /// A tick of a cadence (the time since its cause, the entry of the mode, is `schedule`).
    Tick(RuleId),
    /// A generated arrival.
    Arrival(RuleId),
    /// An operator is hit. The cause is the start of the incident (span `spread`) or its inject.
    Hit(IncidentId, OperatorId),
    /// The operator that drew the hit by rate share is not a cause, but told: infector of the hit before.
    Infected {
        /// Who was hit.
        operator: OperatorId,
        /// By whom.
        by: OperatorId,
    },
    /// An operator has detected its hit.
    Detected(IncidentId, OperatorId),
    /// An operator is contained.
    Contained(IncidentId, OperatorId),
    /// An operator has recovered.
    Recovered(IncidentId, OperatorId),
    /// An operator has become immune by a countermeasure.
    Immune(CountermeasureId, OperatorId),
    /// An operator that no incident has hit went off line because of a countermeasure.
    OffLine(CountermeasureId, OperatorId),
    /// It is back on line.
    OnLine(CountermeasureId, OperatorId),
    /// A rule fired for an actor.
    RuleFired(RuleId),
    /// A rule was set off, but this condition (position in `while` then `when`) did not hold.
    RuleBlocked(RuleId, u16),
    /// A task begins to be served for the first time (told only where somebody listens).
    TaskDone {
        /// What it was.
        work: WorkKind,
        /// When service first began.
        started: SimTime,
    },
    /// A task found the queue full, or gave up.
    TaskLost {
        /// What it was.
        work: WorkKind,
        /// True if it gave up waiting, false if it found the queue full.
        reneged: bool,
    },
    /// A task was still there at the end.
    Unfinished {
        /// What it was.
        work: WorkKind,
        /// When service first began, if it did.
        started: Option<SimTime>,
    },
    /// An actor learned a version of a fact. Causes: how it came; then the sender's own learning.
    Learned {
        /// The fact.
        fact: FactId,
        /// Version, from 1; 0 for what was never published (own finding is published too).
        version: u32,
        /// Value: 1 for a flag, the position of a choice, a number.
        value: f64,
        /// From whom.
        from: Source,
    },
    /// A new version of a fact came into being (found, counted or told by an inject).
    Versioned {
        /// The fact.
        fact: FactId,
        /// Version, from 1.
        version: u32,
        /// Value.
        value: f64,
    },
    /// A fact became true in the world (or its true value changed).
    True {
        /// The fact.
        fact: FactId,
        /// Value.
        value: f64,
    },
    /// A product was sent to one receiver.
    Sent {
        /// The product.
        product: ProductId,
        /// Receiver.
        to: Party,
        /// Number of the product instance.
        item: u32,
    },
    /// A copy reached the receiver; `actor` is the receiver.
    Delivered {
        /// The product.
        product: ProductId,
        /// Sender.
        from: Party,
        /// Number of the product instance.
        item: u32,
        /// Copies sent.
        copies: u32,
    },
    /// No copy got through; `actor` is the sender.
    Undelivered {
        /// The product.
        product: ProductId,
        /// Receiver.
        to: Party,
        /// Copies sent.
        copies: u32,
    },
    /// A product may not go to a receiver; `actor` is the sender.
    Refused {
        /// The product.
        product: ProductId,
        /// Receiver.
        to: Party,
        /// Why.
        why: Refusal,
    },
    /// A product has been read. Causes: the work of reading; then the author's learning of the fact in it that was
    /// newest to the reader, if any.
    Read {
        /// The product.
        product: ProductId,
        /// The product instance.
        item: u32,
    },
    /// A statement was published by the actor.
    Published {
        /// The statement.
        product: ProductId,
        /// The product instance.
        item: u32,
        /// The author did not know the common line.
        uncoordinated: bool,
        /// A value in it differed from the truth.
        contradictory: bool,
    },
    /// A decision was proposed.
    Proposed(DecisionId),
    /// A member spoke.
    Voted(DecisionId, Position),
    /// A round of voting ended without an adoption, and another follows: option and round, both from 0.
    RoundEnded(DecisionId, u8, u8),
    /// The next round begins: option and round. The time since the round before is `delay`.
    RoundBegan(DecisionId, u8, u8),
    /// A decision ended, after so many votes, on this option (0 where there are none).
    Decided(DecisionId, Outcome, u32, u8),
    /// A network entered a mode, coming from another.
    ModeEntered {
        /// The network.
        network: NetworkId,
        /// The mode.
        mode: u8,
        /// The one before.
        before: u8,
    },
    /// A meeting began; the spans are `convening`.
    MeetingBegan(NetworkId),
    /// A meeting ended; the spans are `deliberation`.
    MeetingEnded(NetworkId),
    /// The actor was assigned a role.
    Assigned(RoleId),
    /// A countermeasure began to work.
    Enacted(CountermeasureId),
    /// A countermeasure ceased to work.
    Ceased(CountermeasureId),
    /// A delay of a rule is over.
    Waited(RuleId),
    /// Enough of the branches of a sequence are done; causes: the end of each, the last first.
    Joined(RuleId),
    /// A case is closed.
    Finished(RuleId),
    /// The own queue crossed the level that a rule waits for.
    Crossed(RuleId),
    /// Nothing was read for as long as a rule waits for.
    Silent(RuleId),
    /// An actor got what it wanted of a pool. The time since its request is `queue`.
    Took {
        /// The pool.
        pool: PoolId,
        /// How much.
        amount: f64,
        /// What is left.
        left: f64,
    },
    /// An actor gave to a pool.
    GaveBack {
        /// The pool.
        pool: PoolId,
        /// How much.
        amount: f64,
        /// What is there now.
        left: f64,
    },
    /// An actor did without a pool after waiting for it.
    WentWithout(PoolId),
    /// A copy arrived at the actor that changes nothing: another came before it, or it came too late to count.
    Redundant(ProductId),
    /// Staff came to an actor (above 0) or left it (below 0); travel is `delay`.
    StaffMoved(i32),
    /// A task was withdrawn: it lost a race, its case was closed, or its rule was cancelled.
    Withdrawn {
        /// What it was.
        work: WorkKind,
        /// When service first began, if it did.
        started: Option<SimTime>,
    },
    /// The end of the run.
    End,
}

/// What work a task was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// A named task.
    Task(TaskId),
    /// Work of a duration.
    For(SiteId),
    /// Producing a product or statement.
    Write(ProductId),
    /// Reading one.
    Read(ProductId),
    /// Forming a position.
    Position(DecisionId),
    /// Attending a meeting or a decision's session.
    Attend(NetworkId),
    /// Attending a decision's session.
    Session(DecisionId),
}

/// Where knowledge came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Own work.
    Own,
    /// Seen directly in the world, or told by exercise control.
    World,
    /// Another actor.
    Actor(ActorId),
    /// An operator.
    Operator(OperatorId),
}

/// A sender or receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// An actor.
    Actor(ActorId),
    /// An operator.
    Operator(OperatorId),
    /// The operators of a state, as a cohort (position of the state).
    Operators(u32),
    /// The public.
    Public,
}

/// Why a product may not go to a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No channel leads there.
    NoChannel,
    /// The channel does not carry its marking.
    Marking,
    /// The receiver is not cleared.
    Clearance,
    /// There was nothing to tell. Where that holds for whomever it would have gone to, the party is the author.
    NoContent,
    /// The sender never complies with the duty to send it.
    Unwilling,
}

/// What time was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanKind {
    /// The world, an inject, a clock.
    External,
    /// From the origin to the hit.
    Spread,
    /// From hit to detection.
    Detection,
    /// Waiting for a server on duty.
    Queue,
    /// Waiting while nobody is on duty.
    OffDuty,
    /// Waiting for staff that was called.
    CallOut,
    /// Being worked on.
    Work,
    /// On the way.
    Transmission,
    /// Lost copies.
    Retry,
    /// Waiting for a meeting or report.
    Schedule,
    /// A rule's own delay, a dwell time, an operator's time to report.
    Delay,
    /// Until a body is quorate.
    Convening,
    /// Until the outcome is certain.
    Deliberation,
    /// While something was down.
    Outage,
    /// From detection to contained or recovered.
    Recovery,
}

impl SpanKind {
    /// All kinds, in the order in which charts show them.
    pub const ALL: [SpanKind; 15] = [
        SpanKind::External,
        SpanKind::Spread,
        SpanKind::Detection,
        SpanKind::Queue,
        SpanKind::OffDuty,
        SpanKind::CallOut,
        SpanKind::Work,
        SpanKind::Transmission,
        SpanKind::Retry,
        SpanKind::Schedule,
        SpanKind::Delay,
        SpanKind::Convening,
        SpanKind::Deliberation,
        SpanKind::Outage,
        SpanKind::Recovery,
    ];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            SpanKind::External => "external",
            SpanKind::Spread => "spread",
            SpanKind::Detection => "detection",
            SpanKind::Queue => "queue",
            SpanKind::OffDuty => "off_duty",
            SpanKind::CallOut => "call_out",
            SpanKind::Work => "work",
            SpanKind::Transmission => "transmission",
            SpanKind::Retry => "retry",
            SpanKind::Schedule => "schedule",
            SpanKind::Delay => "delay",
            SpanKind::Convening => "convening",
            SpanKind::Deliberation => "deliberation",
            SpanKind::Outage => "outage",
            SpanKind::Recovery => "recovery",
        }
    }
}

/// A piece of time with what it was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// What it was spent on.
    pub kind: SpanKind,
    /// Who spent it.
    pub who: Subject,
    /// Beginning.
    pub from: SimTime,
    /// End.
    pub to: SimTime,
}

/// Who a record or span is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Nobody in particular.
    World,
    /// An actor.
    Actor(ActorId),
    /// An operator.
    Operator(OperatorId),
    /// An incident.
    Incident(IncidentId),
    /// A channel, told by its position.
    Channel(u32),
    /// A network.
    Network(NetworkId),
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// When.
    pub time: SimTime,
    /// Who.
    pub who: Subject,
    /// What.
    pub event: Event,
    /// Causes: range in [`Trace::causes`].
    pub causes: (u32, u16),
    /// Spans: range in [`Trace::spans`].
    pub spans: (u32, u16),
}

/// An operator of the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatorInfo {
    /// Its group.
    pub group: crate::model::GroupId,
    /// Number in its group, from 1.
    pub number: u32,
    /// Attribute bits.
    pub attributes: u32,
    /// Hosts or users; 0 where its group states none.
    pub size: f32,
    /// Cost of an hour of outage; 0 where its group states none.
    pub cost: f64,
}

/// A product instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// Facts told: fact, version, value, learning record of the author.
    pub told: Vec<Told>,
}

/// A fact as told in a product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The fact.
    pub fact: FactId,
    /// Version.
    pub version: u32,
    /// Value.
    pub value: f64,
    /// The record by which the author learned it.
    pub learned: RecordId,
}
