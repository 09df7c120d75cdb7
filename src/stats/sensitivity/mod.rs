//! Which input matters: elementary effects, Sobol indices, swings.
//!
//! Each method is a design (points of the unit cube, in the order in which to run them) and an estimate from the
//! values at those points in that order. So it serves a function, as in the tests, and a batch of simulations alike:
//! whoever runs it takes the points through the ranges of the factors.
//!
//! A simulation is a function only for given seeds. Where each point is run with the same replications, its noise is
//! shared by all points and the methods see the response of those replications; more of them bring it to that of
//! their mean.

mod morris;
mod swing;
mod variance;

pub use morris::{Effects, Morris, elementary_effects};
pub use swing::{Swing, swings};
pub use variance::{Index, SobolIndices, SobolPlan, sobol_indices};
