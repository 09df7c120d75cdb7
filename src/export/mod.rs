//! Results as files: CSV, JSON and the trace as lines of JSON.
//!
//! Every writer takes `impl Write` and plain results, so that the same bytes come from the same results: no
//! clock, path, host or thread count reaches a file. Times are integer microseconds since the start, instants
//! RFC 3339 in UTC, floats are rounded to 12 significant digits.

mod batch;
mod differences;
mod number;
mod pack;
mod parquet;
mod parquet_reader;
mod sensitivity;
mod summary;
mod tables;
mod trace_line;
mod trace_reader;
mod trace_writer;

pub use batch::{BatchIdentity, PrecisionOf, PrecisionTold, write_batch_summary};
pub use differences::{comparison_json, write_differences};
pub use number::{csv_number, instant, round12, safe_text};
pub use pack::{Cell, EXERCISE_MARK, Sheet, evaluation_sheet, expected_sheet, msel_sheet, write_sheet};
pub use parquet::{Column, Kind, TableWriter, Values};
pub use parquet_reader::TableReader;
pub use sensitivity::write_sensitivity;
pub use summary::*;
pub use tables::*;
pub use trace_reader::{ReadTrace, TraceReadError, read_trace};
pub use trace_writer::{TRACE_FORMAT, write_trace};

/// What can go wrong when a result is written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file could not be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The table could not be written.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// The object could not be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The columns could not be written.
    #[error(transparent)]
    Parquet(#[from] ::parquet::errors::ParquetError),
}

impl ExportError {
    /// The error of the file system behind it, if there is one.
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            ExportError::Io(error) => Some(error),
            ExportError::Csv(error) => match error.kind() {
                csv::ErrorKind::Io(error) => Some(error),
                _ => None,
            },
            ExportError::Json(_) => None,
            ExportError::Parquet(error) => std::error::Error::source(error)?.downcast_ref(),
        }
    }
}
