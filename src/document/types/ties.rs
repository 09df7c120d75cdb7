//! Ties between operators: enterprises over several states, suppliers and their customers.

use serde::Deserialize;

use super::{Basis, Name, OperatorFilter, Param};

/// A kind of tie between operators. Who is tied to whom is drawn once for each replication.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// Name.
    pub id: Name,
    /// Title.
    #[serde(default)]
    pub title: Option<String>,
    /// What it is.
    pub kind: TieKind,
    /// Attribute that all tied operators have from then on (declared by a group of operators or here).
    #[serde(default)]
    pub marks: Option<Name>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
}

/// What a tie is.
#[derive(Debug, Clone, Deserialize)]
pub enum TieKind {
    /// Operators that belong together over several states, with a head office. An operator belongs to one at most.
    Enterprise {
        /// How many enterprises there are.
        count: Param,
        /// Where head offices are; each enterprise has one, drawn among them.
        head: OperatorFilter,
        /// Its branches, drawn among others.
        branches: Vec<Branches>,
        /// From the first detection in the enterprise until the head office knows. Given, the head office reports for
        /// all of them, in its own state, and the branches report nothing. Default: each reports for itself.
        #[serde(default)]
        head_told: Option<Param>,
        /// From when the head office knows until a branch that is hit knows too, if it does not know earlier.
        #[serde(default)]
        alarm: Option<Param>,
    },
    /// Suppliers and their customers. A customer has one supplier.
    Supply {
        /// The suppliers.
        suppliers: OperatorFilter,
        /// Their customers.
        customers: OperatorFilter,
        /// Customers of a supplier, drawn for each. Default: each customer has one of the suppliers, all equally likely.
        #[serde(default)]
        each: Option<Param>,
    },
}

/// Branches of an enterprise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branches {
    /// Drawn among these.
    #[serde(default)]
    pub among: OperatorFilter,
    /// How many, drawn for each enterprise.
    pub operators: Param,
}
