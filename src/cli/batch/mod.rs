//! `batch`: many replications of a scenario or of the variants of an experiment, and their tables.

mod against;
mod header;
mod journal;
mod making;
mod page;
mod past;
mod plot;
mod precision;
mod progress;
mod study;
mod tables;
mod telling;

pub(crate) use header::{Header, HeaderRange, Purpose};
pub(crate) use journal::{JOURNAL, Journal};
pub(crate) use making::{Made, Request, make, told};
pub(crate) use plot::batch_chart;
pub(crate) use precision::Goal;
pub(crate) use study::check;
pub(crate) use telling::{Told, complete, finish, is_complete, write_parts};

use super::args::BatchArgs;
use super::failure::Failure;
use super::term;
use crate::experiment::{Plan, Shard};

/// Replications where neither the command line nor a document says how many.
const REPLICATIONS: u64 = 200;
/// The most that `--precision` makes where nothing says how many.
pub(crate) const CAP: u64 = 10_000;

pub(crate) fn run(args: &BatchArgs) -> Result<(), Failure> {
    let shard = args.shard.unwrap_or(Shard::ALL);
    if args.precision.is_some() && shard != Shard::ALL {
        return Err(Failure::usage(
            "`--precision` looks at all replications, and a shard has only some of them",
        )
        .hint("give each shard the same `--replications` instead"));
    }
    if args.precision.is_none() && !args.measure.is_empty() {
        return Err(Failure::usage("`--measure` goes with `--precision`"));
    }
    let study = study::study(&args.scenario, &args.changes, args.seed)?;
    let replications = args.replications.or(study.replications);
    let precision = args.precision.clone().or(study.precision);
    let default = if precision.is_some() { CAP } else { REPLICATIONS };
    let plan = Plan {
        seed: args.seed.or(study.seed).unwrap_or(1),
        replications: replications.unwrap_or(default),
        variants: study.variants.list().len(),
        points: None,
        shard,
    };
    let mut header = Header::new(&study.name, &study.title, &plan, &study.variants);
    header.measures.clone_from(&study.measures);
    let mut goal = None;
    if let Some(text) = precision.filter(|_| shard == Shard::ALL) {
        let model = study.variants.model(0).map_err(|failure| told(&study.variants, failure))?;
        let measures = if args.measure.is_empty() { &study.measures } else { &args.measure };
        let rule = Goal::new(&text, measures, &model)?;
        header.precision = Some(rule.text().to_owned());
        header.measures = rule.measures().to_vec();
        goal = Some(rule);
    }
    let request = Request {
        header,
        variants: study.variants,
        what: None,
        out: args.out.clone(),
        force: args.force,
        resume: args.resume,
        threads: args.threads,
        goal,
    };
    if args.resume && is_complete(&request)? {
        term::note("nothing to resume: the batch is complete");
        return Ok(());
    }
    let made = make(request)?;
    if shard != Shard::ALL {
        return finish_shard(&made);
    }
    finish(made, args.format)
}

/// A shard is done when its journal is complete.
///
/// # Errors
/// Nobody listens.
pub(crate) fn finish_shard(made: &Made) -> Result<(), Failure> {
    made.folder.keep();
    let Shard { index, of } = made.header.plan().shard;
    term::result(&format!(
        "Shard {index} of {of} is done: {} replications in {}.\nJoin all shards with `blueprint-sim merge DIR... --out DIR`.\n",
        made.journal.n_replications(),
        made.folder.path().display()
    ))
}
