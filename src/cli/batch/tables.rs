//! `results.parquet` and `runs.parquet`, from the store, in the order of variant, replication and milestone.

use std::io::Write;

use super::super::failure::Failure;
use super::super::folder::Folder;
use super::making::{Made, told};
use crate::experiment::{CHUNK, Chunk, Schema, Store};
use crate::export::{Column, ExportError, Kind, NOTICE, TableWriter, Values};

/// Replications of a row group.
pub(super) const ROW_GROUP: u64 = 1000;

/// Writes both tables.
///
/// # Errors
/// A failure that names the file.
pub(crate) fn write_tables(made: &Made, folder: &mut Folder) -> Result<(), Failure> {
    let schemas = (0..made.variants.list().len())
        .map(|v| made.variants.schema(v).map_err(|failure| told(&made.variants, failure)))
        .collect::<Result<Vec<_>, _>>()?;
    let seed = made.header.seed.to_string();
    let notes = [
        ("notice", NOTICE),
        ("scenario", made.header.name.as_str()),
        ("seed", seed.as_str()),
        ("version", made.header.version.as_str()),
        ("format", "1"),
    ];
    folder.write("results.parquet", |out| {
        let columns = vec![
            Column::new("variant", Kind::Text),
            Column::new("replication", Kind::Count),
            Column::new("milestone", Kind::Text),
            Column::new("reached", Kind::Truth),
            Column::new("latency_us", Kind::Integer),
            Column::new("censored_us", Kind::Integer),
        ];
        let mut table = TableWriter::new(Sendable(out), columns, &notes)?;
        groups(made, |variant, chunks| {
            table.row_group(&results(&made.variants.list()[variant].name, &schemas[variant], chunks))
        })?;
        table.finish()
    })?;
    // All figures of all variants: a variant that lacks one has nulls there.
    let mut figures: Vec<(String, bool)> = Vec::new();
    for figure in schemas.iter().flat_map(|schema| &schema.figures) {
        if !figures.iter().any(|(name, _)| *name == figure.name) {
            figures.push((figure.name.clone(), figure.integer));
        }
    }
    folder.write("runs.parquet", |out| {
        let mut columns = vec![Column::new("variant", Kind::Text), Column::new("replication", Kind::Count)];
        columns.extend(figures.iter().map(|(name, integer)| {
            Column::new(name.as_str(), if *integer { Kind::Integer } else { Kind::Number })
        }));
        let mut table = TableWriter::new(Sendable(out), columns, &notes)?;
        groups(made, |variant, chunks| {
            table.row_group(&runs(&made.variants.list()[variant].name, &schemas[variant], &figures, chunks))
        })?;
        table.finish()
    })
}

/// The Parquet writer wants to be sent to other threads, which nobody does.
struct Sendable<'a>(&'a mut (dyn Write + Send));

impl Write for Sendable<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// The chunks of each row group, in order.
fn groups(
    made: &Made,
    mut write: impl FnMut(usize, &[Chunk]) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    for variant in 0..made.variants.list().len() {
        let n = made.n_of(variant);
        for group in 0..n.div_ceil(ROW_GROUP) {
            let last = ((group + 1) * ROW_GROUP).min(n);
            let firsts = (group * ROW_GROUP / CHUNK..last.div_ceil(CHUNK)).map(|chunk| chunk * CHUNK);
            let chunks = firsts.map(|first| made.journal.chunk(variant as u32, first));
            let chunks = chunks.collect::<Result<Vec<Chunk>, _>>().map_err(std::io::Error::other)?;
            write(variant, &chunks)?;
        }
    }
    Ok(())
}

fn results<'a>(variant: &'a str, schema: &'a Schema, chunks: &[Chunk]) -> Vec<Values<'a>> {
    let n_rows: usize = chunks.iter().map(|chunk| chunk.n as usize * schema.milestones.len()).sum();
    let mut replications = Vec::with_capacity(n_rows);
    let mut milestones = Vec::with_capacity(n_rows);
    let mut reached = Vec::with_capacity(n_rows);
    let mut latencies = Vec::with_capacity(n_rows);
    let mut censored = Vec::with_capacity(n_rows);
    for chunk in chunks {
        let outcomes: Vec<_> = (0..schema.milestones.len()).map(|m| schema.outcomes(chunk, m)).collect();
        for r in 0..chunk.n as usize {
            for (name, of) in schema.milestones.iter().zip(&outcomes) {
                replications.push((chunk.first + r as u64) as i64);
                milestones.push((name.as_str(), 1));
                reached.push(of.reached_us[r].is_some());
                latencies.push(of.latency_us(r).map(|us| us as i64));
                censored.push(of.censored_us(r).map(|us| us as i64));
            }
        }
    }
    vec![
        Values::Text(vec![(variant, n_rows)]),
        Values::Count(replications),
        Values::Text(milestones),
        Values::Truth(reached),
        Values::Integer(latencies),
        Values::Integer(censored),
    ]
}

fn runs<'a>(
    variant: &'a str,
    schema: &Schema,
    figures: &[(String, bool)],
    chunks: &[Chunk],
) -> Vec<Values<'a>> {
    let n_rows: usize = chunks.iter().map(|chunk| chunk.n as usize).sum();
    let numbers = chunks.iter().flat_map(|chunk| (0..i64::from(chunk.n)).map(|r| chunk.first as i64 + r));
    let mut values = vec![Values::Text(vec![(variant, n_rows)]), Values::Count(numbers.collect())];
    for (name, integer) in figures {
        let column: Vec<f64> = match schema.figures.iter().position(|f| f.name == *name) {
            Some(f) => {
                let words = chunks.iter().flat_map(|chunk| chunk.column(schema.figure(f)));
                words.map(|&word| f64::from_bits(word)).collect()
            }
            None => vec![f64::NAN; n_rows],
        };
        values.push(if *integer {
            Values::Integer(column.iter().map(|v| v.is_finite().then_some(*v as i64)).collect())
        } else {
            Values::Number(column)
        });
    }
    values
}
