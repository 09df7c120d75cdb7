//! Operators, incidents, countermeasures, injects.

use super::{
    Basis, ChannelId, CountermeasureId, Effect, FactId, IncidentId, MilestoneId, ModeRef, ProductId,
    SectorId, Sel, SiteId, StateId, StreamName, Validity,
};
use crate::time::SimTime;

/// A group of operators of one sector in one state.
#[derive(Debug, Clone)]
pub struct OperatorGroup {
    /// Name, e.g. `health` (operators are `ES/health#17`).
    pub name: String,
    /// Title.
    pub title: String,
    /// State; operators of a group without one belong to the first state.
    pub state: StateId,
    /// Sector.
    pub sector: SectorId,
    /// Number of operators, fixed for the model.
    pub count: u32,
    /// Attributes (bit position, probability).
    pub attributes: Vec<(u8, SiteId)>,
    /// From hit to detection.
    pub detect: SiteId,
    /// From detection to containment.
    pub contain: SiteId,
    /// From containment to recovery.
    pub recover: SiteId,
    /// Cost per hour, in the unit of its parameter.
    pub impact_per_hour: Option<SiteId>,
    /// Reports.
    pub reports: Vec<Report>,
}

/// A report of an operator.
#[derive(Debug, Clone)]
pub struct Report {
    /// The product.
    pub product: ProductId,
    /// To whom.
    pub to: Sel,
    /// Probability.
    pub probability: SiteId,
    /// Delay from detection.
    pub delay: SiteId,
    /// When it is made at all.
    pub validity: Validity,
}

/// A set of operators.
#[derive(Debug, Clone, Default)]
pub struct OperatorFilter {
    /// By state position; empty: all.
    pub states: Vec<bool>,
    /// By sector position; empty: all.
    pub sectors: Vec<bool>,
    /// Attribute bits that it must have.
    pub having: u32,
    /// Attribute bits that it must not have.
    pub lacking: u32,
}

impl OperatorFilter {
    /// Whether an operator belongs to the set.
    pub fn accepts(&self, state: StateId, sector: SectorId, attributes: u32) -> bool {
        (self.states.is_empty() || self.states[state.index()])
            && (self.sectors.is_empty() || self.sectors[sector.index()])
            && attributes & self.having == self.having
            && attributes & self.lacking == 0
    }
}

/// An incident.
#[derive(Debug, Clone)]
pub struct Incident {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Start.
    pub start: SimTime,
    /// How it spreads.
    pub process: Process,
    /// Who can be hit.
    pub targets: OperatorFilter,
    /// Attribute bits each of which makes immune.
    pub immune_if: u32,
    /// Where its numbers come from.
    pub basis: Basis,
}

/// How an incident spreads.
#[derive(Debug, Clone)]
pub enum Process {
    /// A worm.
    Worm(Worm),
    /// Everything at once.
    Outage {
        /// Share hit.
        share: SiteId,
    },
    /// Everyday incidents.
    Background {
        /// Time between incidents.
        every: SiteId,
    },
}

/// A stochastic epidemic over operators.
#[derive(Debug, Clone)]
pub struct Worm {
    /// First hits.
    pub first_hits: Vec<FirstHits>,
    /// Speed.
    pub speed: WormSpeed,
    /// Relative rate inside a state.
    pub within_state: f64,
    /// Relative rate inside a sector.
    pub within_sector: f64,
    /// Rate from outside per susceptible operator (1/µs).
    pub outside: Option<SiteId>,
    /// Doubling time of the outside.
    pub outside_doubling: Option<SiteId>,
    /// End of the growth of the outside, from the start.
    pub outside_until: Option<SiteId>,
}

/// How fast a worm is.
#[derive(Debug, Clone, Copy)]
pub enum WormSpeed {
    /// Doubling time at the start.
    Doubling(SiteId),
    /// Rate for each ordered pair (1/µs).
    Rate(SiteId),
    /// Only from outside.
    None,
}

/// Operators hit at a given time.
#[derive(Debug, Clone)]
pub struct FirstHits {
    /// State.
    pub state: StateId,
    /// Sector.
    pub sector: SectorId,
    /// Number.
    pub operators: u32,
    /// From the start of the incident.
    pub after: Option<SiteId>,
}

/// A countermeasure.
#[derive(Debug, Clone)]
pub struct Countermeasure {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Release on its own (µs relative to the start; may be negative).
    pub release_us: Option<i64>,
    /// When it can be enacted.
    pub validity: Validity,
    /// Delay after being enacted.
    pub delay: Option<SiteId>,
    /// Duration.
    pub duration: Option<SiteId>,
    /// Operators concerned.
    pub scope: OperatorFilter,
    /// Pressure factors: incident, factor.
    pub pressure: Vec<(IncidentId, f64)>,
    /// Incidents against which uptake makes immune.
    pub immunises: Vec<IncidentId>,
    /// Effects on parameters.
    pub effects: Vec<Effect>,
    /// Uptake one by one.
    pub uptake: Option<Uptake>,
    /// Where it comes from.
    pub basis: Basis,
}

/// Uptake as a hazard; each operator has one Exp(1) threshold.
#[derive(Debug, Clone)]
pub struct Uptake {
    /// Law of the time from release in ordinary times.
    pub routine: SiteId,
    /// The same once publicised, counted from then.
    pub publicised: Option<SiteId>,
    /// The same once the operators of a state are warned, counted from then.
    pub warned: Option<SiteId>,
    /// `warnings[p]`: product `p` warns.
    pub warnings: Vec<bool>,
    /// Share that never does.
    pub never: Option<SiteId>,
}

/// An inject.
#[derive(Debug, Clone)]
pub struct Inject {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// When.
    pub at: InjectTime,
    /// To whom.
    pub to: Option<Sel>,
    /// Expected action.
    pub expected: String,
    /// Objective.
    pub objective: String,
    /// Effects.
    pub effects: Vec<InjectEffect>,
    /// Where it comes from.
    pub basis: Basis,
}

/// When an inject happens.
#[derive(Debug, Clone, Copy)]
pub enum InjectTime {
    /// At an instant.
    At(SimTime),
    /// When a milestone is reached, after a delay.
    When(MilestoneId, Option<SiteId>),
}

/// What an inject does.
#[derive(Debug, Clone)]
pub enum InjectEffect {
    /// Those addressed learn a fact, which is true from now on.
    Fact(FactId),
    /// A number is true from now on, and those addressed learn it.
    Number(FactId, f64),
    /// Those addressed are told something wrong, with this value.
    FalseReport(FactId, f64),
    /// Those addressed get a product to read.
    Message(ProductId),
    /// The press reports a fact.
    Leak(FactId),
    /// A channel is down.
    ChannelOutage(ChannelId, SiteId),
    /// Those addressed are down.
    ActorOutage(SiteId),
    /// Those addressed lack staff.
    Absent(u32, SiteId),
    /// A countermeasure is enacted.
    Enact(CountermeasureId),
    /// A mode is set.
    SetMode(ModeRef),
    /// More operators are hit.
    Hit(IncidentId, Vec<FirstHits>),
}

/// The name of an operator.
pub fn operator_name(state: &str, group: &str, number: u32) -> String {
    format!("{state}/{group}#{number}")
}
