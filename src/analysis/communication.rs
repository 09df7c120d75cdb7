//! What the public was told, when, and how far it was one voice.

use crate::model::{FactId, ProductId};
use crate::time::SimTime;
use crate::trace::{RecordId, Subject};

/// A statement as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// When.
    pub at: SimTime,
    /// Its record.
    pub record: RecordId,
    /// Who published it.
    pub author: Subject,
    /// Which statement.
    pub product: ProductId,
    /// What it told.
    pub facts: Vec<FactId>,
    /// It went out before the common line reached its author.
    pub uncoordinated: bool,
    /// A value in it differed from the truth at that time.
    pub contradictory: bool,
}

/// Public communication over a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Communication {
    /// All statements in time order.
    pub statements: Vec<Statement>,
    /// The first statement.
    pub first: Option<SimTime>,
    /// When a common line was first held by anybody.
    pub line_agreed: Option<SimTime>,
    /// First statement by an author who held the common line that the statement names.
    pub first_on_line: Option<SimTime>,
    /// Statements that went out before the common line reached their author.
    pub uncoordinated: u32,
    /// Statements with a value that differed from the truth.
    pub contradictory: u32,
}
