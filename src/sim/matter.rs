//! The matter in hand: what a rule, task or product is about.

use crate::model::{ClassId, FactId, IncidentId, SectorId, StateId};
use crate::trace::{Party, RecordId};

/// What an action is about; travels with work and products.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Matter {
    /// The incident.
    pub(super) incident: Option<IncidentId>,
    /// The state that it is about.
    pub(super) state: Option<StateId>,
    /// The sector.
    pub(super) sector: Option<SectorId>,
    /// The fact that set it off.
    pub(super) fact: Option<FactId>,
    /// The product instance in hand, with its product and sender.
    pub(super) item: Option<InHand>,
    /// The root that opened the case; the start (record 0) for what no arrival, inject or detection set off.
    pub(super) case: RecordId,
    /// Class of the case.
    pub(super) class: Option<ClassId>,
}

/// A product instance in hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct InHand {
    /// Its number.
    pub(super) item: u32,
    /// The product.
    pub(super) product: crate::model::ProductId,
    /// Who sent it.
    pub(super) from: Party,
}
