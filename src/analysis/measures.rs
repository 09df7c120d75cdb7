//! The measures that a document declares.

use crate::model::MeasureId;

/// One statistic of one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureRow {
    /// The measure.
    pub measure: MeasureId,
    /// Name of the statistic in files.
    pub statistic: String,
    /// Its value; none where it does not exist (no values, or a statistic that the quantity does not have).
    pub value: Option<f64>,
    /// Unit; empty for plain numbers.
    pub unit: String,
    /// Number of values, or of changes of a number over time, that it rests on.
    pub n: usize,
    /// How many of them were unfinished at the end and count up to it.
    pub unfinished: usize,
}
