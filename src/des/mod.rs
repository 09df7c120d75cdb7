//! The simulation kernel: event list, keyed random draws, laws, accumulators.
//!
//! Nothing here knows what is simulated; a queue of theory takes thirty lines on top of it.
//!
//! # What is promised
//! 1. **Order of events.** [`EventList::pop`] gives the smallest (time, priority, order of insertion).
//!    Two events of equal time and priority come out in the order in which they were scheduled.
//! 2. **Draws.** A draw is a pure function of (seed, replication, entity, purpose, instance, occurrence);
//!    neither the order of execution nor other draws have any part in it ([`Streams`], [`DrawKey`]).
//! 3. **Variates.** Every [`Law`] turns one 64-bit word into one variate by inversion, non-decreasing in
//!    the word, with `libm` alone: the same bits on every platform.
//!
//! What may *not* be relied on: the value of a [`Ticket`], and the order in which memory is reused.

mod chacha;
mod event_list;
mod law;
mod philox;
mod special;
mod streams;
mod tally;
#[cfg(test)]
mod theory;

pub use event_list::{EventList, Ticket};
pub use law::{Law, LawError, LogNormalFact};
pub use streams::{DrawKey, NameHash, Streams, SubStream, correlate, uniform};
pub use tally::{Tally, TimeWeighted};
