//! Room `experiment`: many replications of many variants, and their results in a fixed order.
//!
//! A [`Variant`] is a document with changes; all variants of an experiment share seed and replication numbers, so
//! that they share every draw of what they have in common. [`replicate`] fills a [`Store`] with chunks of
//! replications, in any order and on any number of threads; [`Results`] reads them back in the order of variant and
//! replication. A figure is always computed from the rows in that order, never by adding partial sums.
//!
//! **Invariant:** a chunk is a pure function of (model of the variant, seed, replication numbers).
//!
//! **Invariant:** memory does not grow with the number of replications, except by what a store keeps.
//!
//! **Invariant:** nothing here touches files, clocks or the terminal; a store is given.

mod acted;
mod chunk;
mod columns;
mod design;
mod fans;
mod fitted;
mod plan;
mod ranges;
mod replicate;
mod results;
mod store;
mod variants;

pub use crate::analysis::batch::Outcomes;
pub use acted::acted;
pub use chunk::{CHUNK, Chunk, Passage, Schema};
pub use columns::{columns, is_compared};
pub use design::{AS_IT_IS, Point, over_bases, points};
pub use fans::awareness_fans;
pub use fitted::{SEARCHED, in_sample};
pub use plan::{Item, Plan, Shard, items};
pub use ranges::{Range, movable, ranges};
pub use replicate::{Control, one, replicate};
pub use results::Results;
pub use store::{MemoryStore, Store, StoreError};
pub use variants::{Base, Ready, Variant, Variants};

/// Why an experiment ended early.
#[derive(Debug)]
pub enum Failure {
    /// A variant does not compile; everything that is wrong with it.
    Variant {
        /// Its position.
        variant: usize,
        /// What is wrong.
        errors: Vec<crate::document::Diagnostic>,
    },
    /// The store could not keep or give back results.
    Store(StoreError),
    /// A replication reached one of its limits.
    Stopped {
        /// Position of the variant.
        variant: usize,
        /// The replication.
        replication: u64,
        /// Which limit, and the loop of rules.
        stop: crate::sim::Stop,
    },
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}
