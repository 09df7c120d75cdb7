//! Operators, incidents that hit them, injects.

use indexmap::IndexMap;
use serde::Deserialize;

use super::{Basis, Name, OperatorFilter, Param, Per, Selector};

/// A group of operators: organisations, not hosts. One operator is called `STATE/group#n`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorGroup {
    /// Name.
    pub id: Name,
    /// Title.
    #[serde(default)]
    pub title: Option<String>,
    /// Sector.
    pub sector: Name,
    /// One group for each state of a group of states, or a single one.
    #[serde(default)]
    pub per: Option<Per>,
    /// The group of states, with `per: State`. Default: all.
    #[serde(default)]
    pub group: Option<Name>,
    /// The state of a single group.
    #[serde(default)]
    pub state: Option<Name>,
    /// Operators per million persons of the state.
    #[serde(default)]
    pub per_million: Option<Param>,
    /// At least so many (with `per_million`), or exactly so many (alone).
    #[serde(default)]
    pub count: Option<Param>,
    /// Attributes, each with the probability that an operator has it.
    #[serde(default)]
    pub attributes: IndexMap<Name, Param>,
    /// From hit to detection.
    pub detect: Param,
    /// From detection to containment (it infects nobody any more).
    pub contain: Param,
    /// From containment to recovery.
    pub recover: Param,
    /// Cost for each hour from hit to recovery, in the unit of the parameter. Default: none.
    #[serde(default)]
    pub impact_per_hour: Option<Param>,
    /// Whom it tells, and how surely.
    #[serde(default)]
    pub reports: Vec<Report>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
}

/// A report that an operator makes when it has detected a hit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The product.
    pub product: Name,
    /// To whom: `Own("role")` is the authority of its state.
    pub to: Selector,
    /// Probability that it reports at all.
    pub probability: Param,
    /// From detection until it reports.
    pub delay: Param,
    /// Only where this element is in force.
    #[serde(default)]
    pub element: Option<Name>,
    /// Only where this element is not in force.
    #[serde(default)]
    pub unless: Option<Name>,
}

/// An incident.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Title.
    pub title: String,
    /// When it starts; default: the start of the simulation.
    #[serde(default)]
    pub start: Option<Name>,
    /// How it spreads.
    pub process: Process,
    /// True values of facts that are choices.
    #[serde(default)]
    pub truths: IndexMap<Name, Name>,
    /// Operators that can be hit. Default: all.
    #[serde(default)]
    pub targets: OperatorFilter,
    /// An operator with one of these attributes cannot be hit.
    #[serde(default)]
    pub immune_if: Vec<Name>,
    /// Where its numbers come from.
    pub basis: Basis,
}

/// How an incident spreads.
#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "a document has a handful of incidents")]
pub enum Process {
    /// A stochastic epidemic over operators (Sellke's construction).
    Worm {
        /// Who is hit first; their hits are given, not drawn.
        #[serde(default)]
        first_hits: Vec<FirstHits>,
        /// Time in which the number of hit operators doubles at the start, without any response.
        #[serde(default)]
        doubling: Option<Param>,
        /// Rate at which one infectious operator hits one susceptible one (instead of `doubling`).
        #[serde(default)]
        rate: Option<Param>,
        /// Relative rate between operators of the same state; others have 1.
        #[serde(default)]
        within_state: Option<Param>,
        /// Relative rate between operators of the same sector; others have 1.
        #[serde(default)]
        within_sector: Option<Param>,
        /// Rate at which the world outside hits each susceptible operator.
        #[serde(default)]
        outside: Option<Param>,
        /// The outside grows with this doubling time, in steps of a quarter of it, up to `outside_until`.
        #[serde(default)]
        outside_doubling: Option<Param>,
        /// When the growth of the outside ends, from the start of the incident.
        #[serde(default)]
        outside_until: Option<Param>,
    },
    /// Everything at one instant.
    Outage {
        /// Share of the targets that is hit.
        share: Param,
    },
    /// Everyday incidents of single operators, a Poisson process.
    Background {
        /// Mean time between incidents over all targets.
        every: Param,
    },
}

/// Operators that are hit at a given time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstHits {
    /// In this state.
    pub state: Name,
    /// In this sector.
    pub sector: Name,
    /// So many.
    pub operators: u32,
    /// From the start of the incident. Default: at once.
    #[serde(default)]
    pub after: Option<Param>,
}

/// An action of exercise control.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inject {
    /// Name.
    pub id: Name,
    /// Title.
    pub title: String,
    /// Text as delivered.
    #[serde(default)]
    pub text: Option<String>,
    /// When: an instant; either this or `when`.
    #[serde(default)]
    pub at: Option<Name>,
    /// On a milestone being reached.
    #[serde(default)]
    pub when: Option<Name>,
    /// Delay after the milestone.
    #[serde(default)]
    pub after: Option<Param>,
    /// To whom. Default: nobody in particular.
    #[serde(default)]
    pub to: Option<Selector>,
    /// What the players are expected to do.
    #[serde(default)]
    pub expected: Option<String>,
    /// The objective that it tests.
    #[serde(default)]
    pub objective: Option<String>,
    /// What it does. Default: it is read.
    #[serde(default)]
    pub effects: Vec<InjectEffect>,
    /// Where it comes from, in a replay.
    #[serde(default)]
    pub basis: Option<Basis>,
}

/// What an inject does.
#[derive(Debug, Clone, Deserialize)]
pub enum InjectEffect {
    /// Those addressed learn a fact instance, e.g. `"affected/worm/ES"`; it becomes true.
    Fact(Name),
    /// Those addressed are told something that is wrong: a fact instance that is not true, or a wrong value.
    FalseReport {
        /// The fact instance.
        fact: Name,
        /// The value told, for a choice.
        #[serde(default)]
        value: Option<Name>,
        /// The number told, for a number. Default 1.
        #[serde(default)]
        number: Option<Param>,
    },
    /// A number is true from now on, and those addressed learn it.
    Number {
        /// The fact instance.
        fact: Name,
        /// The number.
        is: Param,
    },
    /// Those addressed get a product to read.
    Message(Name),
    /// The fact instance becomes public: the press reports it.
    Leak(Name),
    /// A channel is down for a time.
    ChannelOutage {
        /// The channel.
        channel: Name,
        /// For how long.
        lasts: Param,
    },
    /// Those addressed are down for a time: nothing starts or ends there.
    ActorOutage {
        /// For how long.
        lasts: Param,
    },
    /// Those addressed lack staff for a time.
    Absent {
        /// How many.
        staff: u32,
        /// For how long.
        lasts: Param,
    },
    /// A countermeasure is enacted.
    Enact(Name),
    /// A network changes its mode.
    SetMode {
        /// The network.
        network: Name,
        /// The mode.
        mode: Name,
    },
    /// More operators are hit by an incident.
    Hit {
        /// The incident.
        incident: Name,
        /// Who.
        hits: Vec<FirstHits>,
    },
}
