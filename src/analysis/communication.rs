//! What the public was told, when, and how far it was one voice.

use super::reading::Reading;
use crate::model::{FactId, ProductId};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Subject};

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
pub fn communication(run: &Reading<'_>) -> Communication {
    let (model, trace) = (run.model, run.trace);
    let lines = model.products.iter().filter_map(|p| p.common_line);
    let first_learned = lines.filter_map(|line| Some(trace.record(*run.learned(line).first()?).time));
    let mut result = Communication { line_agreed: first_learned.min(), ..Communication::default() };
    for &id in run.published() {
        let record = trace.record(id);
        let Event::Published { product, item, uncoordinated, contradictory } = record.event else { continue };
        result.first.get_or_insert(record.time);
        result.uncoordinated += u32::from(uncoordinated);
        result.contradictory += u32::from(contradictory);
        if !uncoordinated && model.products[product.index()].common_line.is_some() {
            result.first_on_line.get_or_insert(record.time);
        }
        let told = trace.items.get(item as usize).map_or(&[][..], |item| &item.told);
        result.statements.push(Statement {
            at: record.time,
            record: id,
            author: record.who,
            product,
            facts: told.iter().map(|t| t.fact).collect(),
            uncoordinated,
            contradictory,
        });
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{Truth, ValueKind};
    use crate::trace::{Item, Told};

    #[test]
    fn statements_before_and_after_the_common_line() {
        let mut b = Builder::new();
        b.actor("a");
        let line = b.fact("line", ValueKind::Flag, Truth::Found);
        let kind = b.model.facts[0].kind;
        let press = b.product("press", &[kind]);
        let own = b.product("own", &[]);
        b.model.products[press.index()].common_line = Some(kind);
        let published = |product, item, uncoordinated, contradictory| Event::Published {
            product,
            item,
            uncoordinated,
            contradictory,
        };
        b.at(hours(1.0), actor(0), published(press, 0, true, true), &[], &[]);
        // One that knows no line cannot be on it.
        b.at(hours(2.0), actor(0), published(own, 1, false, false), &[], &[]);
        let learned = b.learns(hours(3.0), actor(0), line, &[]);
        b.at(hours(4.0), actor(0), published(press, 2, false, false), &[], &[]);
        let told = vec![Told { fact: line, version: 1, value: 1.0, learned }];
        b.trace.items = vec![Item::default(), Item::default(), Item { told }];
        let result = communication(&Reading::new(&b.model, &b.trace));
        assert_eq!((result.first, result.line_agreed), (Some(hours(1.0)), Some(hours(3.0))));
        assert_eq!(result.first_on_line, Some(hours(4.0)));
        assert_eq!((result.uncoordinated, result.contradictory, result.statements.len()), (1, 1, 3));
        assert_eq!((result.statements[2].record, &result.statements[2].facts), (3, &vec![line]));
    }
}
