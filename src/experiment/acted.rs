//! Which parameters acted: were drawn at least once in some replication, or taken once before it.

use super::replicate::each;
use crate::model::{Model, ParamId};

/// The parameters that acted in the first `replications`, in the order of the model.
///
/// A parameter that acts only in rare replications may be missed; so may one that acts only at other values of the
/// others.
pub fn acted(model: &Model, seed: u64, replications: u64) -> Vec<ParamId> {
    let params = || (0..model.params.len()).map(ParamId::from_index);
    let found = each(model, seed, 0..replications, |trace| {
        params().map(|p| trace.has_acted(p)).collect::<Vec<bool>>()
    });
    let acts = |p: &ParamId| model.params[p.index()].fixed || found.iter().any(|of_one| of_one[p.index()]);
    params().filter(acts).collect()
}
