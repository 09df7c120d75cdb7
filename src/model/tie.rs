//! Ties between operators: enterprises, suppliers and customers.

use super::{Basis, OperatorFilter, SiteId, StreamName};

/// A kind of tie.
#[derive(Debug, Clone)]
pub struct Tie {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// What it is.
    pub kind: TieKind,
    /// Draws who is tied to whom.
    pub order: SiteId,
    /// Attribute bit that tied operators have.
    pub marks: u32,
    /// Where it comes from.
    pub basis: Basis,
}

/// What a tie is.
#[derive(Debug, Clone)]
pub enum TieKind {
    /// Operators that belong together.
    Enterprise {
        /// How many.
        count: u32,
        /// Head offices.
        head: OperatorFilter,
        /// Branches: among whom, how many.
        branches: Vec<(OperatorFilter, SiteId)>,
        /// From the first detection until the head office knows; none: there is no common reporting.
        head_told: Option<SiteId>,
        /// From then until a branch knows that it is hit.
        alarm: Option<SiteId>,
    },
    /// Suppliers and customers.
    Supply {
        /// Suppliers.
        suppliers: OperatorFilter,
        /// Customers.
        customers: OperatorFilter,
        /// Customers of one supplier.
        each: Option<SiteId>,
    },
}
