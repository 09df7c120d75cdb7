//! Operators, incidents that hit them, injects.

use indexmap::IndexMap;
use serde::Deserialize;

use super::{Basis, InjectKind, Method, Name, OperatorFilter, Param, Per, Selector};

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
    /// Hosts or users of an operator, drawn once for each.
    #[serde(default)]
    pub size: Option<Param>,
    /// From hit to detection.
    pub detect: Param,
    /// From detection to containment (it infects nobody any more).
    pub contain: Param,
    /// From containment to recovery.
    pub recover: Param,
    /// Added to the recovery for each unit of `size`: what it takes to set up one host again.
    #[serde(default)]
    pub recover_each: Option<Param>,
    /// Cost for each hour from hit to recovery or off line, in the unit of the parameter; drawn once for each
    /// operator. Default: none.
    #[serde(default)]
    pub impact_per_hour: Option<Param>,
    /// The same for each unit of `size`, added to it.
    #[serde(default)]
    pub impact_per_hour_each: Option<Param>,
    /// Other laws for operators with an attribute; the first that fits holds.
    #[serde(default)]
    pub laws: Vec<LawsFor>,
    /// Opening hours. A hit that would be noticed while nobody is there is noticed at the next opening.
    #[serde(default)]
    pub hours: Option<Name>,
    /// Probability that an operator has somebody there round the clock. Default 0.
    #[serde(default)]
    pub watch: Option<Param>,
    /// Whom it tells, and how surely.
    #[serde(default)]
    pub reports: Vec<Report>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
}

/// Laws of the operators of a group that have (or lack) an attribute; what is left out is as in the group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawsFor {
    /// With this attribute.
    #[serde(default)]
    pub having: Option<Name>,
    /// Without this attribute.
    #[serde(default)]
    pub lacking: Option<Name>,
    /// From hit to detection.
    #[serde(default)]
    pub detect: Option<Param>,
    /// From detection to containment.
    #[serde(default)]
    pub contain: Option<Param>,
    /// From containment to recovery.
    #[serde(default)]
    pub recover: Option<Param>,
}

/// A report that an operator makes when it has detected a hit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The product.
    pub product: Name,
    /// To whom: `Own("role")` is the authority of its state; police, press, supplier or sector body likewise.
    pub to: Selector,
    /// What it follows. Default: the detection of a hit.
    #[serde(default)]
    pub on: ReportOn,
    /// Only about these incidents; empty: about all.
    #[serde(default)]
    pub incidents: Vec<Name>,
    /// Only by operators with this attribute.
    #[serde(default)]
    pub having: Option<Name>,
    /// Only by operators without this attribute.
    #[serde(default)]
    pub lacking: Option<Name>,
    /// Probability that it reports at all.
    pub probability: Param,
    /// From then until it reports.
    pub delay: Param,
    /// Only where this element is in force.
    #[serde(default)]
    pub element: Option<Name>,
    /// Only where this element is not in force.
    #[serde(default)]
    pub unless: Option<Name>,
}

/// What a report of an operator follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ReportOn {
    /// The detection of a hit.
    #[default]
    Detected,
    /// Containment.
    Contained,
    /// Recovery.
    Recovered,
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
    /// It starts only when an inject starts it.
    #[serde(default)]
    pub waits: bool,
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
    /// From hit to detection of this incident, whoever is hit. Default: as the operators say.
    #[serde(default)]
    pub detect: Option<Param>,
    /// From detection to containment of this incident. Default: as the operators say.
    #[serde(default)]
    pub contain: Option<Param>,
    /// From containment to recovery from this incident. Default: as the operators say.
    #[serde(default)]
    pub recover: Option<Param>,
    /// From recovery until an operator can be hit again. Default: never again.
    #[serde(default)]
    pub immunity: Option<Param>,
    /// A variant of this incident: who is hit by, or immune to, one of them cannot be hit by the other.
    #[serde(default)]
    pub variant_of: Option<Name>,
    /// A second stage: only operators that this incident has hit can be hit, from then on.
    #[serde(default)]
    pub needs: Option<Name>,
    /// Ties along which a hit passes, beside the process: each is a clock of its own, and the earliest wins.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Who learns of it by being told of a fact when it starts, not by a victim: subscribers of a disclosure.
    #[serde(default)]
    pub discloses: Vec<Disclosure>,
    /// Where its numbers come from.
    pub basis: Basis,
}

/// A way along a tie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The tie.
    pub tie: Name,
    /// From a hit until the hit of the other; it passes only while the first is not contained.
    pub after: Param,
    /// Probability that it passes to the other at all. Default 1.
    #[serde(default)]
    pub probability: Option<Param>,
    /// Of a supply: it passes from a customer to its supplier, and not from the supplier to its customers.
    #[serde(default)]
    pub upwards: bool,
}

/// Actors that are told of a fact when an incident starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The kind of fact; of a fact per state each learns the instance of its own state.
    pub fact: Name,
    /// Who.
    pub to: Selector,
    /// After the start of the incident, drawn for each. Default: at once.
    #[serde(default)]
    pub after: Option<Param>,
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
        /// Factors on the rate from some operators to others; where several fit, all of them count.
        #[serde(default)]
        mixing: Vec<Mixing>,
        /// Factor on the rate on and from operators outside their opening hours. Default 1.
        #[serde(default)]
        closed: Option<Param>,
        /// Rate at which the world outside hits each susceptible operator.
        #[serde(default)]
        outside: Option<Param>,
        /// The outside grows with this doubling time, in steps of a quarter of it, up to `outside_until`.
        #[serde(default)]
        outside_doubling: Option<Param>,
        /// When the growth of the outside ends, from the start of the incident.
        #[serde(default)]
        outside_until: Option<Param>,
        /// After `outside_until` (or the start) the outside declines with this half-life, in steps of a quarter of it.
        #[serde(default)]
        outside_halving: Option<Param>,
    },
    /// Comes with a product or update of a supplier: each target has its own time of hit, by one law.
    SupplyChain {
        /// From the release (the start of the incident) to the hit of an operator.
        after: Param,
        /// Share of the targets that it reaches at all. Default 1.
        #[serde(default)]
        share: Option<Param>,
    },
    /// Attacks on one target after the other, each chosen with equal probability among those that it has not hit.
    Campaign {
        /// Time between attacks. Default: only those in `attacks`.
        #[serde(default)]
        every: Option<Param>,
        /// Operators that are hit at given times, for certain.
        #[serde(default)]
        attacks: Vec<FirstHits>,
        /// Probability that an attack on an operator that can be hit succeeds. Default 1.
        #[serde(default)]
        succeeds: Option<Param>,
        /// It ends after so many attacks. Default: when a countermeasure ends it.
        #[serde(default)]
        most: Option<u32>,
        /// It chooses among all targets, also those that it has hit, on which an attack is wasted. Default false.
        #[serde(default)]
        repeats: bool,
    },
    /// A weakness that hits nobody by itself; attackers may use it on those exposed.
    Vulnerability {
        /// Share of the targets that is exposed. Default 1.
        #[serde(default)]
        exposed: Option<Param>,
        /// Rate at which attackers hit each exposed operator. Default: nobody attacks.
        #[serde(default)]
        attacks: Option<Param>,
        /// When attackers begin, from the start of the incident. Default: at once.
        #[serde(default)]
        attacks_after: Option<Param>,
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

/// A factor on the rate of a worm from some operators to others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixing {
    /// From these. Default: all.
    #[serde(default)]
    pub from: OperatorFilter,
    /// To these. Default: all.
    #[serde(default)]
    pub to: OperatorFilter,
    /// The factor. A parameter with values for pairs of states (`name@MT/UA`) has its value from the state of the
    /// first to that of the second.
    pub by: Param,
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
    /// How long after it is delivered that is expected, on the clock of the crisis, e.g. `"2h"`.
    #[serde(default)]
    pub expected_within: Option<Name>,
    /// The objective that it tests: one of the `exercise`, or any text where there is none.
    #[serde(default)]
    pub objective: Option<Name>,
    /// Roles of the `exercise` that get it; without `to` it is addressed to those whom they play. Default: the roles
    /// that play somebody of `to`.
    #[serde(default)]
    pub players: Vec<Name>,
    /// Who seems to send it, as its players read it.
    #[serde(default)]
    pub from: Option<String>,
    /// What sort of thing it is to its players. Default `Information`.
    #[serde(default)]
    pub kind: InjectKind,
    /// How it comes to its players. Default: as the facilitator likes.
    #[serde(default)]
    pub method: Option<Method>,
    /// Who of exercise control releases it. Default: anybody.
    #[serde(default)]
    pub controller: Option<String>,
    /// Its marking. Default: that of the `exercise`.
    #[serde(default)]
    pub marking: Option<(Name, Name)>,
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
    /// An incident that `waits` starts now.
    Begin(Name),
    /// More operators are hit by an incident.
    Hit {
        /// The incident.
        incident: Name,
        /// Who.
        hits: Vec<FirstHits>,
    },
}
