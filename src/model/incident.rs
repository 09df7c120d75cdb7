//! Operators, incidents, countermeasures, injects.

use super::{
    Basis, ChannelId, CountermeasureId, Effect, FactId, FactKindId, GroupId, IncidentId, InjectKind,
    MarkingRung, Method, MilestoneId, ModeRef, ObjectiveId, PlayerRoleId, ProductId, RotaId, SectorId, Sel,
    SiteId, StateId, StreamName, TieId, Validity,
};
use crate::time::{SimDuration, SimTime};

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
    /// Other laws by attribute; the first that fits holds.
    pub laws: Vec<LawsFor>,
    /// Hosts or users.
    pub size: Option<SiteId>,
    /// Added to the recovery for each unit of size.
    pub recover_each: Option<SiteId>,
    /// Cost per hour, in the unit of its parameter.
    pub impact_per_hour: Option<SiteId>,
    /// The same for each unit of size.
    pub impact_per_hour_each: Option<SiteId>,
    /// Opening hours; none: always open.
    pub hours: Option<RotaId>,
    /// Probability that somebody is there round the clock.
    pub watch: Option<SiteId>,
    /// Reports.
    pub reports: Vec<Report>,
}

/// Laws of operators with certain attributes.
#[derive(Debug, Clone)]
pub struct LawsFor {
    /// Attribute bits that an operator must have.
    pub having: u32,
    /// Attribute bits that it must not have.
    pub lacking: u32,
    /// The laws, by [`Step`].
    pub laws: [Option<SiteId>; 3],
}

/// A step of an operator after a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From hit to detection.
    Detect,
    /// From detection to containment.
    Contain,
    /// From containment to recovery.
    Recover,
}

impl OperatorGroup {
    /// The law of a step for an operator with these attributes.
    pub fn law_of(&self, step: Step, attributes: u32) -> SiteId {
        let fits = |l: &&LawsFor| attributes & l.having == l.having && attributes & l.lacking == 0;
        let own = self.laws.iter().find(fits).and_then(|l| l.laws[step as usize]);
        own.unwrap_or(match step {
            Step::Detect => self.detect,
            Step::Contain => self.contain,
            Step::Recover => self.recover,
        })
    }
}

/// A report of an operator.
#[derive(Debug, Clone)]
pub struct Report {
    /// The product.
    pub product: ProductId,
    /// To whom.
    pub to: Sel,
    /// What it follows.
    pub on: ReportOn,
    /// By incident position; empty: about all.
    pub incidents: Vec<bool>,
    /// Attribute bits that the operator must have.
    pub having: u32,
    /// Attribute bits that it must not have.
    pub lacking: u32,
    /// Probability.
    pub probability: SiteId,
    /// Delay from what it follows.
    pub delay: SiteId,
    /// When it is made at all.
    pub validity: Validity,
}

/// What a report follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportOn {
    /// Detection.
    Detected,
    /// Containment.
    Contained,
    /// Recovery.
    Recovered,
}

/// A set of operators.
#[derive(Debug, Clone, Default)]
pub struct OperatorFilter {
    /// By state position; empty: all.
    pub states: Vec<bool>,
    /// By sector position; empty: all.
    pub sectors: Vec<bool>,
    /// By position of the group of operators; empty: all.
    pub groups: Vec<bool>,
    /// Attribute bits that it must have.
    pub having: u32,
    /// Attribute bits that it must not have.
    pub lacking: u32,
}

impl OperatorFilter {
    /// Whether an operator of a group, with these attributes, belongs to the set.
    pub fn accepts(&self, id: GroupId, group: &OperatorGroup, attributes: u32) -> bool {
        self.accepts_group(id, group)
            && attributes & self.having == self.having
            && attributes & self.lacking == 0
    }

    /// Whether operators of a group may belong to the set, whatever their attributes.
    pub fn accepts_group(&self, id: GroupId, group: &OperatorGroup) -> bool {
        (self.states.is_empty() || self.states[group.state.index()])
            && (self.sectors.is_empty() || self.sectors[group.sector.index()])
            && (self.groups.is_empty() || self.groups[id.index()])
    }
}

/// An incident.
#[derive(Debug, Clone)]
pub struct Incident {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Start; none: only an inject starts it.
    pub start: Option<SimTime>,
    /// How it spreads.
    pub process: Process,
    /// Laws of its own, by [`Step`], in place of those of the operators.
    pub laws: [Option<SiteId>; 3],
    /// From recovery until an operator can be hit again; none: never.
    pub immunity: Option<SiteId>,
    /// Incidents that share susceptibility with it.
    pub variants: Vec<IncidentId>,
    /// Only operators that this incident has hit can be hit.
    pub needs: Option<IncidentId>,
    /// Ties along which a hit passes.
    pub routes: Vec<Route>,
    /// Who is told of a fact at the start.
    pub discloses: Vec<Disclosure>,
    /// Who can be hit.
    pub targets: OperatorFilter,
    /// Attribute bits each of which makes immune.
    pub immune_if: u32,
    /// Where its numbers come from.
    pub basis: Basis,
}

/// A way along a tie.
#[derive(Debug, Clone)]
pub struct Route {
    /// The tie.
    pub tie: TieId,
    /// From a hit to the hit of the other.
    pub after: SiteId,
    /// Probability that it passes at all.
    pub probability: Option<SiteId>,
    /// From customers to suppliers.
    pub upwards: bool,
}

/// Actors that are told of a fact when an incident starts.
#[derive(Debug, Clone)]
pub struct Disclosure {
    /// The kind of fact.
    pub kind: FactKindId,
    /// Who.
    pub to: Sel,
    /// Delay after the start.
    pub after: Option<SiteId>,
}

/// How an incident spreads.
#[derive(Debug, Clone)]
pub enum Process {
    /// A worm, or what comes from outside only.
    Worm(Worm),
    /// Attacks on one target after the other.
    Campaign(Campaign),
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
    /// Hits nobody by itself.
    Nothing,
}

/// Attacks on one target after the other.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Draws whom an attack is on.
    pub pick: SiteId,
    /// Time between attacks.
    pub every: Option<SiteId>,
    /// Attacks at given times.
    pub attacks: Vec<FirstHits>,
    /// Probability of success.
    pub succeeds: Option<SiteId>,
    /// Most attacks.
    pub most: Option<u32>,
    /// It attacks also those that it has hit.
    pub repeats: bool,
}

/// A stochastic epidemic over operators, or hits that come from outside only.
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
    /// Factors on the rate from some to others.
    pub mixing: Vec<Mixing>,
    /// Factor outside opening hours.
    pub closed: f64,
    /// Share of the targets that can be hit at all.
    pub share: Option<SiteId>,
    /// Rate from outside per susceptible operator (1/µs).
    pub outside: Option<SiteId>,
    /// The outside begins so long after the start.
    pub outside_after: Option<SiteId>,
    /// Doubling time of the outside.
    pub outside_doubling: Option<SiteId>,
    /// End of the growth of the outside, from the start.
    pub outside_until: Option<SiteId>,
    /// Half-life of the outside after its growth.
    pub outside_halving: Option<SiteId>,
    /// Law of the time from the start to the hit of an operator (instead of all rates).
    pub curve: Option<SiteId>,
}

/// A factor on the rate from some operators to others.
#[derive(Debug, Clone)]
pub struct Mixing {
    /// From these.
    pub from: OperatorFilter,
    /// To these.
    pub to: OperatorFilter,
    /// The factor.
    pub by: f64,
    /// The factor from one state (row) to another (column), where it depends on them; else empty.
    pub by_pair: Vec<f64>,
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
    /// Probability that uptake protects.
    pub efficacy: Option<SiteId>,
    /// Pressure factors: what is scaled, incident, factor.
    pub pressure: Vec<(Scaled, IncidentId, f64)>,
    /// Routes that are cut or narrowed: incident, tie, factor.
    pub routes: Vec<(IncidentId, TieId, f64)>,
    /// Incidents that it ends.
    pub ends: Vec<IncidentId>,
    /// Incidents against which uptake makes immune.
    pub immunises: Vec<IncidentId>,
    /// Operators go off line.
    pub off_line: Option<OffLine>,
    /// Other laws of operators.
    pub switches: Vec<(Step, SiteId)>,
    /// Staff that moves: from each of these, to each of those, how many.
    pub staff: Vec<(Sel, Sel, u32)>,
    /// Effects on parameters.
    pub effects: Vec<Effect>,
    /// Uptake one by one.
    pub uptake: Option<Uptake>,
    /// Where it comes from.
    pub basis: Basis,
}

impl Countermeasure {
    /// Whether it does something to single operators.
    pub fn reaches_operators(&self) -> bool {
        !self.immunises.is_empty() || self.off_line.is_some() || !self.switches.is_empty()
    }
}

/// Which pressure a countermeasure scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaled {
    /// All pressure on the operators concerned.
    Susceptibility,
    /// The pressure that those concerned put on others.
    Infectivity,
    /// The pressure from outside on those concerned.
    Outside,
}

/// Operators go off line.
#[derive(Debug, Clone, Copy)]
pub struct OffLine {
    /// How long; none: until the countermeasure ceases.
    pub lasts: Option<SiteId>,
    /// Share of the cost of an impact.
    pub cost: f64,
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
    /// How long after its delivery that is expected.
    pub within: Option<SimDuration>,
    /// Objective, in words or as its name.
    pub objective: String,
    /// The objective of the exercise.
    pub tests: Option<ObjectiveId>,
    /// Roles of the exercise that get it.
    pub players: Vec<PlayerRoleId>,
    /// Who seems to send it.
    pub sender: String,
    /// What sort of thing it is.
    pub kind: InjectKind,
    /// How it comes.
    pub method: Option<Method>,
    /// Who releases it.
    pub controller: String,
    /// Its marking.
    pub marking: Option<MarkingRung>,
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
    /// An incident starts.
    Begin(IncidentId),
    /// More operators are hit.
    Hit(IncidentId, Vec<FirstHits>),
}

/// The name of an operator.
pub fn operator_name(state: &str, group: &str, number: u32) -> String {
    format!("{state}/{group}#{number}")
}
