//! The engine: a discrete-event loop over a bevy_ecs world.
//!
//! Actors, networks, channels, operators and incidents are entities with small components; open decisions and
//! meetings are entities that come and go. The event list, the clock, the random streams and the trace stand
//! beside the world. One file holds one mechanism: its components and its handlers.
//!
//! **Memory:** linear in what the model has and in what is under way. Only the trace grows with events: by all
//! records, or by about 12 bytes an event ([`Keep`](crate::trace::Keep)).
//!
//! **Order at one instant:** what ends (work, transmissions) before what the clock changes (duty, outages) before
//! what begins (arrivals, ticks, injects); otherwise in the order in which it was scheduled.
//!
//! **Invariants:** rules see only the knowledge of their actor, never the ground truth; nothing here reads a
//! clock, a file or a thread number; nothing iterates over a hash map.

mod action;
mod agenda;
mod attack;
mod ballot;
mod case;
mod channel;
mod condition;
mod content;
mod countermeasure;
mod decision;
mod derived;
mod draw;
mod duty;
mod effect;
mod engine;
mod incident;
mod inject;
mod item;
mod knowledge;
mod limit;
mod matter;
mod meeting;
mod mixing;
mod mode;
mod numbering;
mod off_line;
mod operator;
mod outside;
mod plain;
mod pool;
mod position;
mod queue;
mod role;
mod round;
mod route;
mod rule;
mod sending;
mod statement;
mod task;
mod tie;
mod transfer;
mod waking;
mod watchdog;
mod world;
mod worm;

pub use draw::DrawRow;
pub use engine::{Simulation, Watch};
pub use limit::{Limit, Stop};
