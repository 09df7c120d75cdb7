//! What `compare` and `sensitivity` share beside the batch that each of them is.

use std::num::NonZeroUsize;

use serde_json::Value;

use super::args::SeveralArgs;
use super::batch::{CAP, Goal, Header};
use super::failure::Failure;
use super::folder::Folder;
use super::model::Prepared;
use crate::document::merge::Origin;
use crate::experiment::Base;
use crate::model::Model;
use crate::report::BatchChart;

impl SeveralArgs {
    /// Replications as asked for, else so many; with `--precision` the most that are made.
    pub(crate) fn replications(&self, asked: Option<u64>, default: u64) -> u64 {
        asked.unwrap_or(if self.precision.is_some() { CAP } else { default })
    }

    /// The stopping rule, if one is asked for; it goes into the header.
    ///
    /// # Errors
    /// It cannot be read, or names a measure that the model does not have.
    pub(crate) fn goal(
        &self,
        header: &mut Header,
        default: &[String],
        model: &Model,
        paired: bool,
    ) -> Result<Option<Goal>, Failure> {
        let Some(text) = &self.precision else {
            if self.measure.is_empty() {
                return Ok(None);
            }
            return Err(Failure::usage("`--measure` goes with `--precision`"));
        };
        let measures = if self.measure.is_empty() { default } else { &self.measure };
        let mut goal = Goal::new(text, measures, model)?;
        if paired {
            goal = goal.of_differences();
        }
        header.precision = Some(goal.text().to_owned());
        header.measures = goal.measures().to_vec();
        Ok(Some(goal))
    }
}

/// The document that variants change.
pub(crate) fn base(prepared: &Prepared) -> Base {
    let name = prepared.model.meta.name.clone();
    Base {
        origin: Origin::BuiltIn(name.clone()),
        name,
        tree: prepared.tree.clone(),
        changes: prepared.changes.clone(),
    }
}

/// Does something on so many threads; none given: on all cores.
///
/// # Errors
/// The system gives no threads.
pub(crate) fn on_threads<T: Send>(
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, Failure> {
    let threads = threads.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| {
        Failure::wrong(format!("cannot start the threads: {error}")).hint("try `--threads 1`")
    })?;
    Ok(pool.install(work))
}

/// The summary of a batch with further fields, which replace those of the same name.
pub(crate) fn with_fields(summary: &[u8], fields: Value) -> Vec<u8> {
    let mut whole: Value = serde_json::from_slice(summary).unwrap_or_default();
    if let (Some(whole), Value::Object(fields)) = (whole.as_object_mut(), fields) {
        whole.extend(fields);
    }
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}

/// Writes both forms of a chart.
///
/// # Errors
/// The files cannot be written.
pub(crate) fn write_chart(folder: &mut Folder, chart: &BatchChart) -> Result<(), Failure> {
    folder.write(&format!("{}.svg", chart.name), |out| Ok(out.write_all(chart.svg.as_bytes())?))?;
    folder.write(&format!("{}.png", chart.name), |out| Ok(out.write_all(&chart.png)?))
}
