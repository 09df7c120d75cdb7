//! A chunk: the results of a few consecutive replications of one variant, column by column.

use crate::analysis::batch::Outcomes;
use crate::analysis::figures::{FigureColumn, columns};
use crate::model::Model;

/// Replications of a chunk, the last one of a variant excepted.
///
/// It divides every number of replications at which a stopping rule looks.
pub const CHUNK: u64 = 10;

/// No instant.
const NEVER: u64 = u64::MAX;

/// What the columns of a variant's chunks are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Names of the milestones in document order.
    pub milestones: Vec<String>,
    /// The other figures.
    pub figures: Vec<FigureColumn>,
}

impl Schema {
    /// The columns that a model gives.
    pub fn of(model: &Model) -> Schema {
        Schema {
            milestones: model.milestones.iter().map(|m| m.name.clone()).collect(),
            figures: columns(model),
        }
    }

    /// Number of columns: two instants per milestone, then the figures.
    pub fn n_columns(&self) -> usize {
        2 * self.milestones.len() + self.figures.len()
    }

    /// The column with the instants at which a milestone was reached.
    pub fn reached(&self, milestone: usize) -> usize {
        2 * milestone
    }

    /// The column with the instants from which a milestone's latency counts.
    pub fn origin(&self, milestone: usize) -> usize {
        2 * milestone + 1
    }

    /// A milestone in a chunk.
    pub fn outcomes(&self, chunk: &Chunk, milestone: usize) -> Outcomes {
        let instants = |column: usize| chunk.column(column).iter().map(|&word| word_instant(word)).collect();
        let end = self.figures.iter().position(|f| f.name == "end_us");
        let end = end.map_or(&[][..], |end| chunk.column(self.figure(end)));
        let mut end_us: Vec<u64> = end.iter().map(|&word| f64::from_bits(word) as u64).collect();
        end_us.resize(chunk.n as usize, 0);
        Outcomes {
            reached_us: instants(self.reached(milestone)),
            origin_us: instants(self.origin(milestone)),
            end_us,
        }
    }

    /// The column of a figure.
    pub fn figure(&self, figure: usize) -> usize {
        2 * self.milestones.len() + figure
    }
}

/// A subject on the causal chain of the headline milestone in one replication, and its time there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Replication, counted from the first of the chunk.
    pub offset: u32,
    /// Position of the subject in [`subjects`](crate::trace::Names).
    pub subject: u64,
    /// Time on it (µs).
    pub time_us: u64,
}

/// Results of consecutive replications of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Position of the variant.
    pub variant: u32,
    /// The first replication.
    pub first: u64,
    /// How many replications.
    pub n: u32,
    /// Column by column: instants in microseconds (`u64::MAX`: none), figures as the bits of a double (NaN: none).
    pub words: Vec<u64>,
    /// Who was on the chain of the headline milestone, in order of replication.
    pub passages: Vec<Passage>,
}

impl Chunk {
    /// A chunk from its columns: of each milestone the instants at which it was reached and from which it counts
    /// (µs), then the figures (NaN: none); who was on the way is not known.
    pub fn of_columns(
        variant: u32,
        first: u64,
        n: u32,
        instants: &[Vec<Option<u64>>],
        figures: &[Vec<f64>],
    ) -> Chunk {
        let mut words = Vec::with_capacity((instants.len() + figures.len()) * n as usize);
        words.extend(instants.iter().flatten().map(|&us| instant_word(us)));
        words.extend(figures.iter().flatten().map(|&value| figure_word(value)));
        Chunk { variant, first, n, words, passages: Vec::new() }
    }

    /// One column.
    pub fn column(&self, column: usize) -> &[u64] {
        let n = self.n as usize;
        self.words.get(column * n..(column + 1) * n).unwrap_or_default()
    }
}

/// An instant as a word.
pub(super) fn instant_word(us: Option<u64>) -> u64 {
    us.unwrap_or(NEVER)
}

/// A word as an instant (µs).
pub(super) fn word_instant(word: u64) -> Option<u64> {
    (word != NEVER).then_some(word)
}

/// A figure as a word; all values that are no number are the same word.
pub(super) fn figure_word(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() }
}
