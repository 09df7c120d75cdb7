//! Room `analysis`: what the record stream of a run means, as plain results.
//!
//! Every function here is pure: from a [`Model`](crate::model::Model) and a [`Trace`](crate::trace::Trace) (or
//! the results of many runs) to numbers that charts, reports and files show. Instants and durations stay
//! integers; shares and averages are `f64`.
//!
//! **Invariant:** nothing here knows the engine; a trace read back from a file gives the same results.

mod ages;
pub mod awareness;
pub mod batch;
mod case;
pub mod chain;
pub mod communication;
pub mod comparison;
pub mod curve;
pub mod dormant;
pub mod duties;
pub mod ensemble;
pub mod fan;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod influence;
pub mod knowledge;
pub mod measures;
pub mod milestones;
pub mod on_chain;
pub mod paths;
pub mod reading;
pub mod replay;
pub mod run;
pub mod schedule;
mod select;
pub mod spread;
pub mod statuses;
mod tasks;
mod trigger;
pub mod why_not;
pub mod workload;
