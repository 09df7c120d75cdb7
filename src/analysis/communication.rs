//! What the public was told, when, and how far it was one voice.

use crate::model::{FactId, FactKindId, Model, ProductId};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Subject, Trace};

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

/// The public communication of a run.
pub fn communication(model: &Model, trace: &Trace) -> Communication {
    let mut result = Communication::default();
    let mut lines: Vec<FactKindId> = model.products.iter().filter_map(|p| p.common_line).collect();
    lines.sort_unstable();
    lines.dedup();
    for (i, record) in trace.records.iter().enumerate() {
        match record.event {
            Event::Learned { fact, .. } if result.line_agreed.is_none() => {
                if lines.binary_search(&model.facts[fact.index()].kind).is_ok() {
                    result.line_agreed = Some(record.time);
                }
            }
            Event::Published { product, item, uncoordinated, contradictory } => {
                result.first.get_or_insert(record.time);
                result.uncoordinated += u32::from(uncoordinated);
                result.contradictory += u32::from(contradictory);
                if !uncoordinated && model.products[product.index()].common_line.is_some() {
                    result.first_on_line.get_or_insert(record.time);
                }
                let told = trace.items.get(item as usize).map_or(&[][..], |item| &item.told);
                result.statements.push(Statement {
                    at: record.time,
                    record: i as RecordId,
                    author: record.who,
                    product,
                    facts: told.iter().map(|t| t.fact).collect(),
                    uncoordinated,
                    contradictory,
                });
            }
            _ => {}
        }
    }
    result
}
