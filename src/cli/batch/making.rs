//! From a plan to a complete journal: the folder, what is there already, the parallel loop, the stopping rule.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::super::engine;
use super::super::failure::Failure;
use super::super::folder::{Folder, Place, file_name};
use super::super::interrupt::Gentle;
use super::super::term;
use super::header::{Header, Purpose};
use super::journal::{JOURNAL, Journal};
use super::precision::{Goal, Looked};
use super::progress::Progress;
use crate::document::SourceMap;
use crate::experiment::{self, Control, Results, Shard, Store, Variants, items, replicate};
use crate::model::Model;
use crate::report;

/// What is to be made.
pub(crate) struct Request {
    pub(crate) header: Header,
    pub(crate) variants: Variants,
    /// What the folder is called after, where it is not given; none: a plain batch.
    pub(crate) what: Option<&'static str>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) force: bool,
    pub(crate) resume: bool,
    pub(crate) threads: Option<NonZeroUsize>,
    /// The stopping rule, if there is one.
    pub(crate) goal: Option<Goal>,
}

impl Request {
    /// Where the results go.
    pub(crate) fn place(&self) -> Place {
        let Shard { index, of } = self.header.plan().shard;
        match (&self.out, self.what) {
            (Some(out), _) => Place::Given(out.clone()),
            (None, what) if of > 1 => {
                let what = what.map_or_else(String::new, |what| format!("-{what}"));
                let (name, seed) = (file_name(&self.header.name), self.header.seed);
                let folder = format!("{name}{what}-seed{seed}-shard-{index}-of-{of}");
                Place::Given(PathBuf::from("blueprint-out").join(folder))
            }
            (None, Some(what)) => Place::DefaultOf(what),
            (None, None) => Place::Default,
        }
    }
}

/// A batch whose replications are all there.
pub(crate) struct Made<S = Journal> {
    pub(crate) header: Header,
    pub(crate) variants: Variants,
    pub(crate) journal: S,
    pub(crate) folder: Folder,
    /// Replications of each variant.
    pub(crate) n: u64,
    /// What became of the stopping rule.
    pub(crate) looked: Option<Looked>,
}

impl<S: Store> Made<S> {
    /// The results in order.
    pub(crate) fn results(&self) -> Results<'_> {
        Results::new(&self.variants, &self.journal, self.n)
    }

    /// What charts and pages say of it.
    pub(crate) fn how<'a>(&'a self, model: &'a Model) -> report::Made<'a> {
        report::Made {
            model,
            seed: self.header.seed,
            replications: self.n,
            version: &self.header.version,
            title: None,
        }
    }

    /// Replications of a variant.
    pub(crate) fn n_of(&self, variant: usize) -> u64 {
        self.header.plan().replications_of(variant).min(self.n)
    }

    /// Variants that are no points of a design.
    pub(crate) fn n_main(&self) -> usize {
        match self.header.purpose {
            Some(Purpose::Comparison { variants, .. }) => variants + 1,
            Some(Purpose::Sensitivity { .. }) => 1,
            None => self.variants.list().len(),
        }
    }
}

/// Makes all replications, or what is missing of them.
///
/// # Errors
/// The folder cannot be used, a variant is wrong, the disk is full; [`Failure::Interrupted`] after Ctrl-C.
pub(crate) fn make(request: Request) -> Result<Made, Failure> {
    let place = request.place();
    let Request { header, variants, force, resume, threads, goal, .. } = request;
    check_variants(&variants)?;
    let folder = Folder::open_for_batch(&place, &header.name, header.seed, force, resume)?;
    let there = folder.path().join(JOURNAL).is_file();
    let journal = if resume && there {
        let (found, journal) = Journal::open(folder.path())?;
        let mut differences = found.differences(&header);
        if (found.shard, found.shards) != (header.shard, header.shards) {
            let shown = |h: &Header| format!("{}/{}", h.shard, h.shards);
            differences.push(format!("shard: {} and {}", shown(&found), shown(&header)));
        }
        if !differences.is_empty() {
            let mut failure = Failure::wrong(format!(
                "the batch in `{}` is another one than that which is to be resumed",
                folder.path().display()
            ));
            for difference in differences {
                failure = failure.hint(format!("they differ in {difference}"));
            }
            return Err(failure.hint("give the same options as before, or begin anew with `--force`"));
        }
        term::note(&format!("resumed: {} replications are there already", journal.n_replications()));
        journal
    } else {
        Journal::create(folder.path(), &header)?
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.map_or(0, NonZeroUsize::get))
        .build()
        .map_err(|error| Failure::wrong(format!("cannot start threads: {error}")))?;
    let mut made = Made { n: header.replications, header, variants, journal, folder, looked: None };
    let Some(goal) = goal else {
        simulate(&made, &pool, 0, made.n)?;
        return Ok(made);
    };
    let mut from = 0;
    for look in goal.looks(made.header.replications) {
        simulate(&made, &pool, from, look)?;
        from = look;
        made.n = look;
        let looked = goal.look(&made.results()).map_err(|failure| told(&made.variants, failure))?;
        let reached = looked.reached;
        term::note(&looked.line(look));
        made.looked = Some(looked);
        if reached {
            break;
        }
    }
    Ok(made)
}

/// So many variants are all checked before anything is simulated; of more, only the first ones.
const CHECKED_FIRST: usize = 32;

fn check_variants(variants: &Variants) -> Result<(), Failure> {
    for variant in 0..variants.list().len().min(CHECKED_FIRST) {
        variants.model(variant).map_err(|failure| told(variants, failure))?;
    }
    Ok(())
}

/// Makes what is missing of replications `from` to `to - 1`.
fn simulate(made: &Made, pool: &rayon::ThreadPool, from: u64, to: u64) -> Result<(), Failure> {
    let plan = made.header.plan();
    let all: Vec<_> = items(&plan, from, to).collect();
    let sum = |items: &[experiment::Item]| items.iter().map(|item| u64::from(item.n)).sum::<u64>();
    let missing: Vec<_> =
        all.iter().copied().filter(|item| !made.journal.has(item.variant, item.first)).collect();
    let (total, todo) = (sum(&all), sum(&missing));
    if todo == 0 {
        return Ok(());
    }
    let gentle = Gentle::begin();
    let progress = Progress::new(total, total - todo);
    let see = |n: u32| progress.add(n);
    let control = Control { stop: gentle.flag(), done: &see };
    let result = pool
        .install(|| replicate(&made.variants, plan.seed, &missing, &made.journal, &control))
        .map_err(|failure| told(&made.variants, failure));
    progress.finish();
    let whole = match result {
        Ok(whole) => whole,
        Err(failure) => {
            // What was made before the failure is kept as far as the disk allows.
            let _ = made.journal.sync();
            made.folder.keep();
            return Err(failure.hint("what is done is kept: `--resume` with the same options goes on"));
        }
    };
    made.journal.sync()?;
    if whole && !gentle.stopped() {
        return Ok(());
    }
    made.folder.keep();
    term::note(&format!(
        "stopped: {} replications are kept in `{}`; the same command with `--resume` goes on",
        made.journal.n_replications(),
        made.folder.path().display()
    ));
    Err(Failure::Interrupted)
}

/// A failure of an experiment in words: the errors of a variant with their places.
pub(crate) fn told(variants: &Variants, failure: experiment::Failure) -> Failure {
    match failure {
        experiment::Failure::Variant { variant, errors } => {
            term::note(&format!("variant `{}` is wrong:", variants.list()[variant].name));
            let mut sources = SourceMap::new();
            let (base, changes) = (variants.base(variant), &variants.list()[variant].changes);
            // The base is printed, so that places can be shown in it.
            let text = crate::document::print::pretty(&base.tree);
            let shown = crate::document::read::read_text(&mut sources, &base.name, &text);
            let result = shown.and_then(|mut tree| {
                for change in changes {
                    change.apply(&mut tree, &mut sources)?;
                }
                let document = crate::document::assemble(&tree)?;
                crate::compile::compile(&document).map(|_| ())
            });
            Failure::documents(&result.err().unwrap_or(errors), &sources)
        }
        experiment::Failure::Stopped { variant, replication, stop } => match variants.model(variant) {
            Ok(model) => engine::stopped(&model, replication, &stop),
            Err(_) => {
                Failure::wrong(format!("replication {replication} reached the limit `{}`", stop.limit.name()))
            }
        },
        experiment::Failure::Store(error) => match error {
            experiment::StoreError::Io(error) => {
                Failure::file("write", std::path::Path::new(JOURNAL), &error)
            }
            error => Failure::wrong(error.to_string()),
        },
    }
}
