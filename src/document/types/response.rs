//! Decisions, countermeasures, effects on numbers, duties.

use serde::Deserialize;

use super::{Action, Basis, Condition, Name, Param, Quantity, Selector, Trigger};
use crate::document::decode::Spanned;

/// A decision of a body or of its chair.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Title in charts.
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Who chairs (and speaks for the outcome).
    pub chair: Selector,
    /// Who votes; fixed when the decision is proposed. Default: the chair alone.
    #[serde(default)]
    pub members: Option<Selector>,
    /// How votes make an outcome.
    pub vote: Vote,
    /// How members come to vote. Default: in writing.
    #[serde(default)]
    pub procedure: Procedure,
    /// Time of a member to form a position.
    pub position: Param,
    /// Probability that a member is in favour once its conditions hold. Default 1.
    #[serde(default)]
    pub in_favour: Option<Param>,
    /// A member is in favour only if these hold for it; default: always.
    #[serde(default)]
    pub in_favour_when: Vec<Condition>,
    /// Priority of convening and of forming a position. Default normal.
    #[serde(default)]
    pub priority: super::Priority,
    /// Without an outcome after this time the decision lapses. Default: never.
    #[serde(default)]
    pub lapses_after: Option<Param>,
    /// After a rejection it may be proposed again after this time. Default: at once.
    #[serde(default)]
    pub pause: Option<Param>,
    /// What happens when it is adopted; the chair does it.
    #[serde(default)]
    pub adopted: Vec<Action>,
    /// What happens when it is rejected or lapses.
    #[serde(default)]
    pub rejected: Vec<Action>,
    /// May be taken only while this element is on.
    #[serde(default)]
    pub element: Option<Name>,
}

/// How votes make an outcome.
#[derive(Debug, Clone, Deserialize)]
pub enum Vote {
    /// The chair alone decides.
    Chair,
    /// The chair decides after hearing the members, or after waiting so long for them.
    ChairAfterConsulting {
        /// How long the chair waits for the members at most.
        wait: Param,
    },
    /// So many members in favour; rejected as soon as that is out of reach.
    AtLeast(u32),
    /// Nobody against; everybody of the quorum must have spoken.
    Consensus,
    /// A share of members and a share of population.
    DoubleMajority {
        /// Share of states in favour, e.g. 0.55.
        states: f64,
        /// Share of population in favour, e.g. 0.65.
        population: f64,
        /// Smallest number of members that can block; with fewer opponents the population test is deemed met.
        blocking: u32,
    },
}

/// How members come to vote.
#[derive(Debug, Clone, Default, Deserialize)]
pub enum Procedure {
    /// Each on its own, when it is ready.
    #[default]
    Written,
    /// In a meeting, which begins when a quorum is there.
    Meeting {
        /// Earliest beginning after the proposal.
        notice: Param,
        /// Share of members. Default 0.5.
        #[serde(default)]
        quorum: Option<Param>,
    },
}

/// A countermeasure against incidents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countermeasure {
    /// Title in charts.
    pub title: String,
    /// Where it comes from.
    pub basis: Basis,
    /// When it exists; default: when it is enacted. May lie before the start.
    #[serde(default)]
    pub release: Option<Name>,
    /// From being enacted until it works. Default: at once.
    #[serde(default)]
    pub delay: Option<Param>,
    /// How long it works. Default: for ever.
    #[serde(default)]
    pub duration: Option<Param>,
    /// Which operators it concerns. Default: all.
    #[serde(default)]
    pub scope: OperatorFilter,
    /// Probability that it works for an operator that takes it up. Default 1.
    #[serde(default)]
    pub efficacy: Option<Param>,
    /// What it does.
    #[serde(default)]
    pub effects: Vec<CounterEffect>,
    /// How operators take it up one by one. Default: it works for all at once.
    #[serde(default)]
    pub uptake: Option<Uptake>,
}

/// What a countermeasure does.
///
/// With an `uptake`, what concerns single operators (`Immunise`, `TakeOffLine`, `Switch`) reaches each of them when it
/// takes the countermeasure up; without one it reaches all in the scope when the countermeasure begins to work.
#[derive(Debug, Clone, Deserialize)]
pub enum CounterEffect {
    /// Multiplies the pressure of an incident on the operators concerned.
    ScalePressure {
        /// The incident.
        incident: Name,
        /// The factor.
        by: Param,
    },
    /// Multiplies the pressure that hit operators concerned put on others.
    ScaleInfectivity {
        /// The incident.
        incident: Name,
        /// The factor.
        by: Param,
    },
    /// Multiplies the pressure of the world outside on the operators concerned.
    ScaleOutside {
        /// The incident.
        incident: Name,
        /// The factor.
        by: Param,
    },
    /// A hit passes along a tie with this probability only, while the countermeasure works.
    ScaleRoute {
        /// The incident.
        incident: Name,
        /// The tie.
        tie: Name,
        /// The factor; 0 cuts the route.
        by: Param,
    },
    /// Ends an incident for good: it hits nobody any more (a takedown, an arrest).
    End {
        /// The incident.
        incident: Name,
    },
    /// Operators that take it up cannot be hit any more.
    Immunise {
        /// The incident.
        incident: Name,
    },
    /// Operators that no incident has hit go off line: they cannot be hit, and bear a cost.
    TakeOffLine {
        /// How long each stays off line. Default: until the countermeasure ceases.
        #[serde(default)]
        lasts: Option<Param>,
        /// Share of the cost of an impact that being off line costs. Default 1.
        #[serde(default)]
        cost: Option<Param>,
    },
    /// Another law of detection, containment or recovery. What begins then has the new law; what is under way ends
    /// at the earlier of its own end and a draw of the new law from now.
    Switch {
        /// What becomes faster.
        step: Step,
        /// The new law.
        law: Param,
    },
    /// Multiplies a parameter for what begins while it works.
    Scale {
        /// The parameter.
        parameter: Name,
        /// The factor.
        by: Param,
    },
    /// Uses another parameter instead, for what begins while it works.
    Replace {
        /// The parameter.
        parameter: Name,
        /// The one that is used.
        with: Param,
    },
    /// Moves staff from one actor to another while it works.
    MoveStaff {
        /// Who lends; each of them.
        from: Selector,
        /// Who gets; each of them.
        to: Selector,
        /// How many, from and to each.
        staff: u32,
    },
}

/// A step of an operator after a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Step {
    /// From hit to detection.
    Detect,
    /// From detection to containment.
    Contain,
    /// From containment to recovery.
    Recover,
}

/// How operators take a countermeasure up: a hazard by time since its release.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uptake {
    /// Time from release to uptake in ordinary times; a Weibull or exponential parameter.
    pub routine: Param,
    /// The same once a statement has made it public; counted from then on.
    #[serde(default)]
    pub publicised: Option<Param>,
    /// The same once a warning has reached the operators of a state.
    #[serde(default)]
    pub warned: Option<Param>,
    /// Products that warn operators.
    #[serde(default)]
    pub warnings: Vec<Name>,
    /// Share of operators that never take it up. Default 0.
    #[serde(default)]
    pub never: Option<Param>,
}

/// A set of operators.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorFilter {
    /// Only in these states; empty (and no `groups`): all.
    #[serde(default)]
    pub states: Vec<Name>,
    /// Only in states of these groups of states, beside those in `states`, e.g. `["eu"]`.
    #[serde(default)]
    pub groups: Vec<Name>,
    /// Not in states of these groups of states: `["eu"]` leaves the third states.
    #[serde(default)]
    pub outside: Vec<Name>,
    /// Only in these sectors; empty: all.
    #[serde(default)]
    pub sectors: Vec<Name>,
    /// Only of these groups of operators, by their id; empty: all.
    #[serde(default)]
    pub of: Vec<Name>,
    /// Only with this attribute.
    #[serde(default)]
    pub having: Option<Name>,
    /// Only without this attribute.
    #[serde(default)]
    pub lacking: Option<Name>,
}

/// An effect on numbers while something holds.
#[derive(Debug, Clone, Deserialize)]
pub enum Effect {
    /// Multiplies what is drawn of a parameter; applies to what begins then. Of the staff of actors: at once.
    Scale {
        /// The parameter.
        parameter: Name,
        /// The factor.
        by: Param,
    },
    /// Uses another parameter instead.
    Replace {
        /// The parameter.
        parameter: Name,
        /// The one that is used.
        with: Param,
    },
    /// Actors keep another calendar meanwhile.
    Calendar {
        /// Which actors. Default: the members of the network, where a mode has the effect; else all.
        #[serde(default)]
        of: Option<Selector>,
        /// The calendar.
        with: Name,
    },
}

/// A reporting duty. It measures and moves nobody.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Name.
    pub id: Name,
    /// Title.
    pub title: String,
    /// Who owes; `Operators` for the operators' duty to report.
    pub who: Selector,
    /// What starts the clock (for operators: detection, and this is left out).
    #[serde(default)]
    pub clock: Option<Trigger>,
    /// The product owed.
    pub product: Name,
    /// To whom.
    pub to: Selector,
    /// Deadline in elapsed time; on time if not later.
    pub within: Spanned<Quantity>,
    /// A legal duty, or only recommended.
    pub binding: bool,
    /// Owed only where this element is in force.
    #[serde(default)]
    pub element: Option<Name>,
    /// Where it comes from.
    pub basis: Basis,
}
