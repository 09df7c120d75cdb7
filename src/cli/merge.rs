//! `merge`: joins the shards of a batch into the results of the whole.

use std::path::Path;

use super::args::MergeArgs;
use super::batch::{Header, Journal, Made, Purpose, finish};
use super::failure::Failure;
use super::folder::{Folder, Place};
use crate::experiment::{Store, items};

pub(crate) fn run(args: &MergeArgs) -> Result<(), Failure> {
    let mut shards: Vec<(&Path, Header, Journal)> = Vec::new();
    for dir in &args.dirs {
        if !dir.join(super::batch::JOURNAL).is_file() {
            return Err(Failure::wrong(format!("the folder `{}` holds no shard of a batch", dir.display()))
                .hint("make one with `blueprint-sim batch SCENARIO --shard i/n --out DIR`"));
        }
        let (header, journal) = Journal::open_to_read(dir)?;
        shards.push((dir, header, journal));
    }
    let Some((first_dir, first, _)) = shards.first() else {
        return Err(Failure::usage("name the folders of the shards"));
    };
    for (dir, header, _) in &shards[1..] {
        let differences = first.differences(header);
        if !differences.is_empty() {
            let what =
                format!("`{}` and `{}` are not shards of the same batch", first_dir.display(), dir.display());
            let failure = Failure::wrong(what);
            return Err(differences.into_iter().fold(failure, |f, d| f.hint(format!("they differ in {d}"))));
        }
    }
    let header = Header { shard: 1, shards: 1, ..first.clone() };
    let plan = header.plan();
    let whole: Vec<_> = items(&plan, 0, plan.replications).collect();
    let missing = whole
        .iter()
        .filter(|item| !shards.iter().any(|(_, _, journal)| journal.has(item.variant, item.first)));
    let n_missing: u64 = missing.map(|item| u64::from(item.n)).sum();
    if n_missing > 0 {
        return Err(incomplete(&shards, n_missing));
    }
    let variants = header.variants()?;
    let place = Place::Given(args.out.clone());
    if args.dirs.iter().any(|dir| same(dir, &args.out)) {
        return Err(Failure::usage("`--out` is the folder of a shard").hint("choose another folder"));
    }
    let folder = Folder::open_for_batch(&place, &header.name, header.seed, args.force, true)?;
    let journal = Journal::create(folder.path(), &header)?;
    for item in &whole {
        if let Some((_, _, shard)) = shards.iter().find(|(_, _, j)| j.has(item.variant, item.first)) {
            let copied = shard.chunk(item.variant, item.first).and_then(|chunk| journal.put(chunk));
            copied.map_err(|error| {
                folder.keep();
                Failure::wrong(format!("cannot join the shards: {error}"))
            })?;
        }
    }
    journal.sync()?;
    let n = header.replications;
    let is_comparison = matches!(header.purpose, Some(Purpose::Comparison { .. }));
    let made = Made { header, variants, journal, folder, n, looked: None };
    if is_comparison { super::compare::finish(made, args.format) } else { finish(made, args.format) }
}

fn same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// Which shards are not there or not complete.
fn incomplete(shards: &[(&Path, Header, Journal)], n_missing: u64) -> Failure {
    let mut failure = Failure::wrong(format!("{n_missing} replications are in none of the shards"));
    let Some((_, first, _)) = shards.first() else { return failure };
    let absent: Vec<String> = (1..=first.shards)
        .filter(|i| !shards.iter().any(|(_, header, _)| header.shard == *i && header.shards == first.shards))
        .map(|i| format!("{i}/{}", first.shards))
        .collect();
    if !absent.is_empty() {
        failure = failure.hint(format!("not given: shard {}", absent.join(", ")));
    }
    for (dir, header, journal) in shards {
        let plan = header.plan();
        let of = items(&plan, 0, plan.replications).map(|item| u64::from(item.n)).sum::<u64>();
        if journal.n_replications() < of {
            failure = failure.hint(format!(
                "`{}` is not complete: {} of {of}; go on there with `--resume`",
                dir.display(),
                journal.n_replications()
            ));
        }
    }
    failure
}
