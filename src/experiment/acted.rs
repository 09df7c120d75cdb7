//! Which parameters acted: were drawn at least once in some replication, or taken once before it.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::replicate::watched;
use crate::model::{Model, ParamId};

/// The parameters that acted in the first `replications`, in the order of the model.
///
/// A parameter that acts only in rare replications may be missed; so may one that acts only at other values of the
/// others.
pub fn acted(model: &Model, seed: u64, replications: u64) -> Vec<ParamId> {
    let found = (0..replications)
        .into_par_iter()
        .map_init(
            || watched(model, seed),
            |simulation, replication| {
                simulation.reset(seed, replication);
                simulation.run();
                let trace = simulation.trace();
                (0..model.params.len())
                    .map(|p| trace.has_acted(ParamId::from_index(p)))
                    .collect::<Vec<bool>>()
            },
        )
        .reduce(|| vec![false; model.params.len()], |a, b| a.iter().zip(&b).map(|(a, b)| *a || *b).collect());
    let acts = |p: &usize| found[*p] || model.params[*p].fixed;
    (0..model.params.len()).filter(acts).map(ParamId::from_index).collect()
}
