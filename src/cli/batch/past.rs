//! A batch that was made before, from its folder alone: its results are read back from the tables.

use std::fs::{self, File};
use std::path::Path;

use serde_json::Value;

use super::header::Header;
use super::making::{Made, told};
use super::tables::ROW_GROUP;
use crate::cli::failure::Failure;
use crate::cli::folder::{BATCH, Folder, SUMMARY};
use crate::experiment::{CHUNK, Chunk, MemoryStore, Schema, Store};
use crate::export::{ExportError, TableReader};
use crate::model::{Model, Origin};

/// Reads a batch; none: the folder holds none.
///
/// # Errors
/// It is one of another version, or a file is damaged.
pub(crate) fn past_batch(dir: &Path) -> Result<Option<(Made<MemoryStore>, Value)>, Failure> {
    if !dir.join(BATCH).is_file() {
        return Ok(None);
    }
    let read = |name: &str| {
        let path = dir.join(name);
        fs::read(&path).map_err(|error| Failure::file("read", &path, &error))
    };
    let damaged = |name: &str| Failure::wrong(format!("`{}` is damaged", dir.join(name).display()));
    let header: Header = serde_json::from_slice(&read(BATCH)?).map_err(|_| damaged(BATCH))?;
    let summary: Value = serde_json::from_slice(&read(SUMMARY)?).map_err(|_| damaged(SUMMARY))?;
    if header.version != env!("CARGO_PKG_VERSION") {
        return Err(Failure::wrong(format!(
            "the batch in `{}` was made by version {} of the program, and this is {}",
            dir.display(),
            header.version,
            env!("CARGO_PKG_VERSION")
        ))
        .hint("make it again, or use that version"));
    }
    let n = summary.get("replications").and_then(Value::as_u64).ok_or_else(|| damaged(SUMMARY))?;
    let variants = header.variants()?;
    let journal = MemoryStore::new();
    let made = Made { header, variants, journal, folder: Folder::of_past(dir), n, looked: None };
    let table = |name: &str| {
        let path = dir.join(name);
        let file = File::open(&path).map_err(|error| Failure::file("read", &path, &error))?;
        TableReader::open(file).map_err(|error| unreadable(dir, name, &error))
    };
    let (results, runs) = (table("results.parquet")?, table("runs.parquet")?);
    let mut group = 0;
    for variant in 0..made.variants.list().len() {
        let model = made.variants.model(variant).map_err(|failure| told(&made.variants, failure))?;
        let schema = Schema::of(&model);
        for _ in 0..made.n_of(variant).div_ceil(ROW_GROUP) {
            let rows = Rows::read(&results, &runs, group, &schema)
                .map_err(|error| unreadable(dir, "results.parquet", &error))?;
            rows.keep(variant as u32, &model, &schema, &made.journal)
                .ok_or_else(|| damaged("results.parquet"))?;
            group += 1;
        }
    }
    Ok(Some((made, summary)))
}

fn unreadable(dir: &Path, name: &str, error: &ExportError) -> Failure {
    Failure::wrong(format!("cannot read `{}`: {error}", dir.join(name).display()))
}

/// A row group of both tables.
struct Rows {
    replications: Vec<Option<i64>>,
    /// A row for each replication and milestone.
    latency: Vec<Option<i64>>,
    censored: Vec<Option<i64>>,
    /// By figure.
    figures: Vec<Vec<f64>>,
}

impl Rows {
    fn read(
        results: &TableReader,
        runs: &TableReader,
        group: usize,
        schema: &Schema,
    ) -> Result<Rows, ExportError> {
        let figure = |name: &str| -> Result<Vec<f64>, ExportError> {
            let values = runs.numbers(group, name)?;
            Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
        };
        // A document without milestones has a table without rows.
        let of_results = |name: &str| {
            if schema.milestones.is_empty() { Ok(Vec::new()) } else { results.integers(group, name) }
        };
        Ok(Rows {
            replications: runs.integers(group, "replication")?,
            latency: of_results("latency_us")?,
            censored: of_results("censored_us")?,
            figures: schema.figures.iter().map(|f| figure(&f.name)).collect::<Result<_, _>>()?,
        })
    }

    /// Puts the rows into a store, chunk by chunk; none: there are too few.
    fn keep(self, variant: u32, model: &Model, schema: &Schema, store: &MemoryStore) -> Option<()> {
        let (n, n_milestones) = (self.replications.len(), schema.milestones.len());
        if self.latency.len() != n * n_milestones {
            return None;
        }
        let mut instants: Vec<Vec<Option<u64>>> = vec![Vec::with_capacity(n); 2 * n_milestones];
        for r in 0..n {
            let mut known = vec![None; n_milestones];
            for m in 0..n_milestones {
                self.origin(model, schema, r, m, &mut known);
                let row = r * n_milestones + m;
                let started = self.latency[row].or(self.censored[row]).is_some();
                let origin = known[m].flatten().filter(|_| started);
                instants[2 * m].push(origin.zip(self.latency[row]).map(|(o, l)| o + l as u64));
                instants[2 * m + 1].push(origin);
            }
        }
        for first in (0..n).step_by(CHUNK as usize) {
            let to = (first + CHUNK as usize).min(n);
            let part = |column: &Vec<Option<u64>>| column[first..to].to_vec();
            let instants: Vec<_> = instants.iter().map(part).collect();
            let figures: Vec<_> = self.figures.iter().map(|column| column[first..to].to_vec()).collect();
            let number = self.replications[first]? as u64;
            store.put(Chunk::of_columns(variant, number, (to - first) as u32, &instants, &figures)).ok()?;
        }
        Some(())
    }

    /// From when a milestone counts in a replication, which the tables do not say in so many words.
    fn origin(
        &self,
        model: &Model,
        schema: &Schema,
        r: usize,
        milestone: usize,
        known: &mut [Option<Option<u64>>],
    ) -> Option<u64> {
        if let Some(origin) = known[milestone] {
            return origin;
        }
        // What is asked about while it is being worked out has none.
        known[milestone] = Some(None);
        let origin = match model.milestones[milestone].from {
            Origin::Start => Some(0),
            Origin::Incident(incident) => {
                let own = format!("first_hit_us.{}", model.incidents[incident.index()].name.text);
                let of = |name: &str| schema.figures.iter().position(|figure| figure.name == name);
                let value = self.figures[of(&own).or_else(|| of("first_hit_us"))?][r];
                value.is_finite().then_some(value as u64)
            }
            Origin::Milestone(other) => {
                let latency = self.latency[r * schema.milestones.len() + other.index()]?;
                Some(self.origin(model, schema, r, other.index(), known)? + latency as u64)
            }
        };
        known[milestone] = Some(origin);
        origin
    }
}
