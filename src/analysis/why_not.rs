//! Why a thing did not happen: what stopped a rule, where a fact got stuck.

use crate::model::{ActorId, FactId, ProductId, RuleId};
use crate::time::SimTime;
use crate::trace::{RecordId, Refusal, Subject};

use super::knowledge::KnowledgeRow;

/// A condition of a rule that did not hold, at one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    /// At which actor.
    pub actor: Subject,
    /// True: a condition of `while`, false: one of `when`.
    pub in_while: bool,
    /// Position in that list, from 0.
    pub position: usize,
    /// How often.
    pub times: u32,
    /// First time.
    pub first: SimTime,
    /// Last time.
    pub last: SimTime,
}

/// What a rule did at one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleAtActor {
    /// The actor.
    pub actor: ActorId,
    /// How often it fired.
    pub fired: u32,
    /// First time.
    pub first_fired: Option<SimTime>,
    /// How often it was set off and did not fire.
    pub blocked: u32,
}

/// Why a rule did not fire (or how often it did).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleReport {
    /// The rule.
    pub rule: RuleId,
    /// Every actor that has the rule.
    pub actors: Vec<RuleAtActor>,
    /// Conditions that did not hold, by actor, then position.
    pub blocked: Vec<Blocked>,
    /// How often each leaf of its trigger happened at an actor that has it.
    pub leaves: Vec<u32>,
}

/// What became of a product that could have told the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was not sent.
    Refused(Refusal),
    /// No copy got through.
    Undelivered,
    /// It was on the way at the end.
    UnderWay,
    /// It arrived, and the receiver's queue was full or the task was given up.
    LostInQueue,
    /// It arrived and was still waiting to be read, or being read, at the end.
    Unread(SimTime),
    /// It was read at this time.
    Read(SimTime),
}

/// Whether a product told the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It did.
    Yes,
    /// Its author did not know the fact when it was sent.
    AuthorDidNotKnow,
    /// Its author knew the fact; it was cut by marking, clearance or willingness to share.
    Cut,
    /// The product was never written.
    NotWritten,
}

/// A product addressed to the actor that carries the kind of the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressed {
    /// Its record (sending or refusal).
    pub record: RecordId,
    /// When.
    pub at: SimTime,
    /// From whom.
    pub from: Subject,
    /// The product.
    pub product: ProductId,
    /// Whether it told the fact.
    pub told: Told,
    /// What became of it.
    pub fate: Fate,
}

/// Why an actor did not know a fact (or how it did).
#[derive(Debug, Clone, PartialEq)]
pub struct FactReport {
    /// The actor.
    pub actor: ActorId,
    /// The fact.
    pub fact: FactId,
    /// When the fact became true in the world.
    pub true_at: Option<SimTime>,
    /// The actor's own first learning.
    pub learned: Option<KnowledgeRow>,
    /// First learning by every other actor, in time order.
    pub others: Vec<KnowledgeRow>,
    /// Products that could have told it, in time order.
    pub addressed: Vec<Addressed>,
}
