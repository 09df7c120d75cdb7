//! A quantity over time that is constant between changes, with gaps where it is undefined.

use crate::time::SimTime;

/// A step curve: each value holds from its instant to that of the next point.
///
/// Instants rise strictly; before the first point, and where the value is `None`, the quantity is undefined.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// Instant and value from then on.
    pub points: Vec<(SimTime, Option<f64>)>,
}
