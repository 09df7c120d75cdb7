//! Situational awareness per level, the common picture, and how far awareness lags behind events.

use super::curve::Curve;
use crate::model::LevelId;

/// Awareness of one level, or of all counted actors together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AwarenessCurve {
    /// Weighted share of the actors concerned that know what is true, 0 to 1.
    pub share: Curve,
    /// Weighted share of the true facts that every actor concerned knows, 0 to 1.
    pub common_picture: Curve,
    /// Integral of 1 - share from the first true fact to the earlier of the end and the last recovery [h];
    /// none if no fact that concerns the level became true.
    pub lag_hours: Option<f64>,
}

/// Situational awareness over a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Awareness {
    /// By level, in the order of the model.
    pub levels: Vec<(LevelId, AwarenessCurve)>,
    /// Over all counted actors, whatever their level.
    pub all: AwarenessCurve,
}
