//! Many replications of many variants on all cores, in memory, and what goes wrong in words.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::engine;
use super::failure::Failure;
use super::folder::Folder;
use super::model::Prepared;
use super::term;
use crate::document::SourceMap;
use crate::document::merge::Origin;
use crate::experiment::{self, Base, Control, Item, MemoryStore, Plan, Shard, Variants, items, replicate};
use crate::report::BatchChart;

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

/// So many replications of these variants, each variant with its own number.
pub(crate) struct Work<'a> {
    pub(crate) variants: &'a Variants,
    pub(crate) seed: u64,
    /// `(from variant, to variant, replications)`, the end not included.
    pub(crate) parts: Vec<(usize, usize, u64)>,
    pub(crate) threads: Option<usize>,
}

impl Work<'_> {
    /// How many runs it takes.
    pub(crate) fn runs(&self) -> u64 {
        self.parts.iter().map(|(from, to, replications)| (to - from) as u64 * replications).sum()
    }

    /// Makes them.
    ///
    /// # Errors
    /// A variant that does not compile.
    pub(crate) fn make(&self) -> Result<MemoryStore, Failure> {
        let plan = |replications| Plan {
            seed: self.seed,
            replications,
            variants: self.variants.list().len(),
            shard: Shard::ALL,
        };
        let all: Vec<Item> = self
            .parts
            .iter()
            .flat_map(|(from, to, replications)| {
                let of = |item: &Item| (*from..*to).contains(&(item.variant as usize));
                items(&plan(*replications), 0, *replications).filter(of).collect::<Vec<Item>>()
            })
            .collect();
        let bar = progress(self.runs());
        let store = MemoryStore::new();
        let control = Control { done: &|n| bar.inc(u64::from(n)), ..Control::none() };
        let made = on_threads(self.threads, || replicate(self.variants, self.seed, &all, &store, &control))?;
        bar.finish_and_clear();
        made.map_err(|failure| words(failure, self.variants))?;
        Ok(store)
    }
}

/// Does something on so many threads; none given: on all cores.
///
/// # Errors
/// The system gives no threads.
pub(crate) fn on_threads<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, Failure> {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().map_err(|error| {
            Failure::wrong(format!("cannot start the threads: {error}")).hint("try `--threads 1`")
        })?;
    Ok(pool.install(work))
}

/// A bar on a terminal, nothing elsewhere.
fn progress(runs: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} runs, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// A failure of an experiment as the user sees it.
pub(crate) fn words(failure: experiment::Failure, variants: &Variants) -> Failure {
    match failure {
        experiment::Failure::Store(error) => Failure::wrong(format!("cannot keep the results: {error}")),
        experiment::Failure::Stopped { variant, replication, stop } => match variants.model(variant) {
            Ok(model) => engine::stopped(&model, replication, &stop),
            Err(_) => {
                Failure::wrong(format!("replication {replication} reached the limit `{}`", stop.limit.name()))
            }
        },
        // The places that its diagnostics name are gone: make it again to show them.
        experiment::Failure::Variant { variant, errors } => {
            let mut sources = SourceMap::new();
            let errors = variants.prepare(variant, &mut sources).err().unwrap_or(errors);
            term::note(&format!("the variant `{}` cannot be run:", variants.list()[variant].name));
            Failure::documents(&errors, &sources)
        }
    }
}

/// Writes both forms of a chart.
///
/// # Errors
/// The files cannot be written.
pub(crate) fn write_chart(folder: &mut Folder, chart: &BatchChart) -> Result<(), Failure> {
    folder.write(&format!("{}.svg", chart.name), |out| Ok(out.write_all(chart.svg.as_bytes())?))?;
    folder.write(&format!("{}.png", chart.name), |out| Ok(out.write_all(&chart.png)?))
}
