//! Awareness over replications, for the fan chart.

use super::replicate::each;
use crate::analysis::awareness::awareness;
use crate::analysis::curve::Curve;
use crate::analysis::fan::{Fan, fan};
use crate::model::{LevelId, Model};
use crate::time::SimTime;

/// Instants at which a fan is taken.
const STEPS: u64 = 240;

/// The fans of awareness over the first `replications`: each level, from the lowest, then the common picture (`None`).
pub fn awareness_fans(model: &Model, seed: u64, replications: u64) -> Vec<(Option<LevelId>, Fan)> {
    let all: Vec<Vec<Curve>> = each(model, seed, 0..replications, |trace| {
        let found = awareness(model, trace);
        let levels = found.levels.into_iter().map(|(_, curve)| curve.share);
        levels.chain([found.all.common_picture]).collect()
    });
    let horizon = model.meta.horizon.as_micros();
    let instants: Vec<SimTime> = (0..=STEPS)
        .map(|i| SimTime::from_micros((u128::from(horizon) * u128::from(i) / u128::from(STEPS)) as u64))
        .collect();
    let n_levels = model.levels.len();
    (0..=n_levels)
        .map(|place| {
            let curves: Vec<Curve> = all.iter().filter_map(|of_one| of_one.get(place).cloned()).collect();
            ((place < n_levels).then(|| LevelId::from_index(place)), fan(&curves, &instants))
        })
        .collect()
}
