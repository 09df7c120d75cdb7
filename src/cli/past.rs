//! A run that was made before, from its folder alone.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use super::engine;
use super::failure::Failure;
use super::folder::SUMMARY;
use super::model::{Prepared, of_folder};
use super::run::sha256;
use super::term;
use crate::analysis::run::{RunResults, analyse};
use crate::export::{TraceReadError, read_trace};
use crate::report::Told;
use crate::trace::Trace;

/// Summaries are not larger.
const LARGEST_SUMMARY: u64 = 64 << 20;

/// What a folder tells.
pub(crate) struct Past {
    pub(crate) prepared: Prepared,
    pub(crate) trace: Trace,
    pub(crate) results: RunResults,
    pub(crate) seed: u64,
    pub(crate) replication: u64,
}

impl Past {
    pub(crate) fn told(&self) -> Told<'_> {
        Told {
            model: &self.prepared.model,
            trace: &self.trace,
            results: &self.results,
            ensemble: None,
            seed: self.seed,
            replication: self.replication,
        }
    }
}

/// Reads a run. Where its trace was not kept in full, the run is made again, which gives the same one.
///
/// # Errors
/// The folder holds no run, or one of another version or a damaged one.
pub(crate) fn past(dir: &Path) -> Result<Past, Failure> {
    let prepared = of_folder(dir)?;
    let Some(run) = prepared.before.clone() else {
        return Err(Failure::wrong(format!(
            "`{}` does not say how it was run",
            dir.join("model.ron").display()
        ))
        .hint("name the folder that `blueprint-sim run` has written"));
    };
    is_unchanged(dir)?;
    let trace = match kept(dir, &prepared)? {
        Some(trace) => trace,
        None => {
            let version = env!("CARGO_PKG_VERSION");
            if run.version != version {
                return Err(Failure::wrong(format!(
                    "the folder `{}` holds no full trace and was made by version {}, which is not this one ({version})",
                    dir.display(),
                    run.version
                ))
                .hint("run its `model.ron` again with this version"));
            }
            term::note("the folder holds no full trace: running its model again");
            engine::one(&prepared.model, run.seed, run.replication, false)?.0
        }
    };
    let results = analyse(&prepared.model, &trace);
    Ok(Past { prepared, trace, results, seed: run.seed, replication: run.replication })
}

/// Makes sure that the document of a run is still the one that was run: a trace fits no other.
///
/// Where the summary is gone or says nothing of it, nothing is known against it.
fn is_unchanged(dir: &Path) -> Result<(), Failure> {
    let file = dir.join("model.ron");
    let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
    let Some(summary) = summary(dir) else { return Ok(()) };
    match summary.get("model_sha256").and_then(serde_json::Value::as_str) {
        Some(hash) if hash != sha256(&text) => Err(Failure::wrong(format!(
            "`{}` was changed after it was run, so the other files of the folder do not fit it",
            file.display()
        ))
        .hint(format!(
            "run it anew into a folder of its own: `blueprint-sim run {} --out DIR`",
            file.display()
        ))),
        _ => Ok(()),
    }
}

/// The summary of the folder, if it can be read.
fn summary(dir: &Path) -> Option<serde_json::Value> {
    let file = dir.join(SUMMARY);
    if fs::metadata(&file).ok()?.len() > LARGEST_SUMMARY {
        return None;
    }
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// The trace of the folder; none if there is none or only a part.
fn kept(dir: &Path, prepared: &Prepared) -> Result<Option<Trace>, Failure> {
    let path = dir.join("trace.jsonl");
    if !path.exists() {
        return Ok(None);
    }
    let file = File::open(&path).map_err(|error| Failure::file("read", &path, &error))?;
    match read_trace(&prepared.model, &mut BufReader::new(file)) {
        Ok(read) => Ok(read.complete.then_some(read.trace)),
        Err(TraceReadError::Io(error)) => Err(Failure::file("read", &path, &error)),
        Err(error) => Err(Failure::wrong(format!("`{}` is damaged: {error}", path.display()))
            .hint("delete it, and the run is made again from `model.ron`")),
    }
}
