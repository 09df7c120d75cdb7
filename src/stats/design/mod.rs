//! Experimental designs: which points to run, in the unit cube or as levels of factors.
//!
//! A design knows no parameter. It gives points in (0, 1)^d, which whoever runs the experiment takes through the
//! range or the quantile function of each factor, or lists of levels counted from 0.
//! What is random takes its words from the caller, so the same words give the same design.
//!
//! ```
//! use blueprint_sim::stats::design;
//!
//! assert_eq!(design::full_factorial(&[2, 2], 100), Some(vec![vec![0, 0], vec![0, 1], vec![1, 0], vec![1, 1]]));
//! assert_eq!(design::one_at_a_time(&[2, 3]), Some(vec![vec![0, 0], vec![1, 0], vec![0, 1], vec![0, 2]]));
//! ```

mod latin;
mod levels;
mod sobol;
mod word;

pub use latin::latin_hypercube;
pub use levels::{combinations, full_factorial, one_at_a_time};
pub use sobol::{MAX_DIMENSIONS, Sobol};
#[cfg(test)]
pub(super) use word::tests;
pub(super) use word::{below, scattered};
