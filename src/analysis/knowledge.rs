//! Who knew what when, from whom, and how far knowledge had travelled.

use crate::model::{ActorId, FactId};
use crate::time::SimTime;
use crate::trace::{RecordId, Source};

/// A version of a fact reaching an actor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnowledgeRow {
    /// Who learned.
    pub actor: ActorId,
    /// What.
    pub fact: FactId,
    /// Version.
    pub version: u32,
    /// Value.
    pub value: f64,
    /// When.
    pub learned_at: SimTime,
    /// From whom.
    pub from: Source,
    /// Its record.
    pub record: RecordId,
}

/// The first arrival of a fact at an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Who learned.
    pub actor: ActorId,
    /// When.
    pub at: SimTime,
    /// From whom.
    pub from: Source,
    /// Actors passed since the one that did not have it from an actor, which has 0.
    pub hops: u32,
    /// The record.
    pub record: RecordId,
}

/// The first-arrival tree of a fact: each actor with the one it first heard it from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrivalTree {
    /// Arrivals in time order.
    pub arrivals: Vec<Arrival>,
}

/// A passing of knowledge from actor to actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passing {
    /// From whom.
    pub from: ActorId,
    /// To whom.
    pub to: ActorId,
    /// The learning of the receiver.
    pub record: RecordId,
}
