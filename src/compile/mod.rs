//! From a merged document to a checked model, or to all diagnostics together.
//!
//! Names become indices, texts become laws, instants and sets of actors. Every entry of every table is compiled
//! even where another one is wrong, so that a user sees all errors at once; a model is handed out only if there
//! is none. What is odd but runs is a warning.
//!
//! # Elements that are off
//! What belongs to an element is kept in the model and not deleted, so that indices and draws of everything
//! else stay the same. Rules, channels and reports are governed by their [`Validity`](crate::model::Validity);
//! the rules of an actor or network of an element take that element over. An actor or network whose element
//! cannot come into force before the horizon is *absent*: it stays in its table, but belongs to no set of
//! actors, is nobody's `Own`, and does not count in awareness. So switching an element off is as if everything
//! of it were deleted.
//!
//! # Places that draw
//! Each place that draws from a parameter is a [`Site`](crate::model::Site). Its purpose is made of the ids of
//! the document and nothing else (`rule:alert-peers/wait/csirt.delay`), so that adding an unrelated thing
//! changes no draw; the second identical place inside one thing gets `#2`.
//!
//! **Invariant:** no document makes this room panic, hang or take more memory than its caps allow.

mod actors;
mod calendars;
mod cases;
mod checks;
mod context;
mod convert;
mod counter;
mod decisions;
mod derived;
mod exercise;
mod facts;
mod fates;
mod flow;
mod groups;
mod incidents;
mod injects;
mod measures;
mod outcome;
mod params;
mod places;
mod points;
mod pools;
mod quantities;
mod reach;
mod rules;
mod selectors;
mod ties;
mod triggers;
mod unreached;

#[cfg(test)]
mod tests;

use crate::des::Law;
use crate::document::Diagnostic;
use crate::document::types::{Dist, Document, Quantity};
use crate::model::{Model, Unit};

use context::Cx;

/// Longest simulation: twenty years of 366 days.
pub const MAX_HORIZON_DAYS: u64 = 20 * 366;
/// Most operators of a model.
pub const MAX_OPERATORS: u64 = 1_000_000;
/// Most actors of a model.
pub const MAX_ACTORS: u64 = 100_000;
/// Most instances of facts of a model.
pub const MAX_FACTS: u64 = 200_000;
/// Shortest mean time between arrivals, ticks or copies, in microseconds: a millisecond.
pub const MIN_GAP_US: f64 = 1_000.0;

/// A model and what is odd about its document.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The checked model.
    pub model: Model,
    /// Warnings, in the order of the texts.
    pub warnings: Vec<Diagnostic>,
}

/// The law of a distribution and the kind of its values: durations are in microseconds, rates in events per
/// microsecond.
///
/// # Errors
/// `bad-distribution`, `bad-quantity`, `mixed-units`.
pub fn law(dist: &Dist) -> Result<(Law, Unit), Diagnostic> {
    quantities::law(dist).map_err(|(code, message)| Diagnostic::error(code, message))
}

/// What a basis is in a model.
pub fn basis(basis: &crate::document::types::Basis) -> crate::model::Basis {
    convert::basis(basis)
}

/// The value of a quantity and its kind, in the same units.
///
/// # Errors
/// `bad-quantity`.
pub fn quantity(quantity: &Quantity) -> Result<(f64, Unit), Diagnostic> {
    quantities::value(quantity).map_err(|message| Diagnostic::error("bad-quantity", message))
}

/// Compiles a resolved document.
///
/// # Errors
/// All diagnostics, errors and warnings, in the order of the texts. The codes are stable: `unknown-name`,
/// `duplicate-name`, `wrong-unit`, `out-of-range`, `bad-quantity`, `bad-distribution`, `bad-instant`, `cycle`,
/// `empty-set`, `too-many`, `too-frequent`, `missing`, `contradiction`, `not-possible`, `unsupported-format`.
pub fn compile(document: &Document) -> Result<Compiled, Vec<Diagnostic>> {
    let mut cx = Cx::new(document);
    let model = cx.model();
    match model {
        Some(model) if !cx.diags.has_errors() => {
            checks::model(&mut cx, &model);
            let diagnostics = std::mem::take(&mut cx.diags);
            if diagnostics.has_errors() {
                return Err(diagnostics.into_sorted());
            }
            Ok(Compiled { model, warnings: diagnostics.into_sorted() })
        }
        _ => Err(std::mem::take(&mut cx.diags).into_sorted()),
    }
}
