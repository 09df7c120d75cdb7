//! Points of the texts that a document is made from, and what carries each.

use super::Basis;

/// A point of a text: an article, a recommendation, a step of a procedure.
#[derive(Debug, Clone)]
pub struct Point {
    /// Name.
    pub name: String,
    /// What it asks for.
    pub title: String,
    /// Why nothing carries it.
    pub nothing: Option<String>,
    /// Where it stands.
    pub basis: Basis,
    /// What carries it, in the order of the document.
    pub carriers: Vec<Carrier>,
}

/// A part of a document that carries a point.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// What kind of part it is.
    pub kind: CarrierKind,
    /// Name; of a mode, `network/mode`.
    pub name: String,
    /// Title; of what has none, the name.
    pub title: String,
    /// Where it comes from.
    pub basis: Basis,
    /// How many more of it the document's template makes, for other states, sectors or incidents.
    pub alike: u32,
}

/// What may carry a point, in the order in which pages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CarrierKind {
    /// A named switch.
    Element,
    /// An actor.
    Actor,
    /// A role held in turn.
    Role,
    /// A network.
    Network,
    /// A rung of a network.
    Mode,
    /// A kind of fact.
    Fact,
    /// A product.
    Product,
    /// A public statement.
    Statement,
    /// A channel.
    Channel,
    /// A kind of work.
    Task,
    /// A stock.
    Pool,
    /// A rule.
    Rule,
    /// A decision.
    Decision,
    /// A countermeasure.
    Countermeasure,
    /// A reporting duty.
    Duty,
    /// A milestone.
    Milestone,
    /// A parameter.
    Parameter,
}

impl CarrierKind {
    /// The kind in words, in the singular and in the plural.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            CarrierKind::Element => ("element", "elements"),
            CarrierKind::Actor => ("actor", "actors"),
            CarrierKind::Role => ("role", "roles"),
            CarrierKind::Network => ("network", "networks"),
            CarrierKind::Mode => ("mode", "modes"),
            CarrierKind::Fact => ("fact", "facts"),
            CarrierKind::Product => ("product", "products"),
            CarrierKind::Statement => ("statement", "statements"),
            CarrierKind::Channel => ("channel", "channels"),
            CarrierKind::Task => ("task", "tasks"),
            CarrierKind::Pool => ("pool", "pools"),
            CarrierKind::Rule => ("rule", "rules"),
            CarrierKind::Decision => ("decision", "decisions"),
            CarrierKind::Countermeasure => ("countermeasure", "countermeasures"),
            CarrierKind::Duty => ("duty", "duties"),
            CarrierKind::Milestone => ("milestone", "milestones"),
            CarrierKind::Parameter => ("parameter", "parameters"),
        }
    }
}
