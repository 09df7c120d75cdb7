//! The checked model: dense, immutable plain data that the engine runs and the analysis names.
//!
//! Names have become indices, texts have become laws, instants and sets; every reference is valid.
//! `compile` is the only room that makes a [`Model`].
//!
//! **Invariant:** every id stored in a model is a valid index of the table it names.

mod actor;
mod exercise;
mod flow;
mod ids;
mod incident;
mod outcome;
mod param;
mod point;
mod rule;
mod tie;

pub use actor::*;
pub use exercise::*;
pub use flow::*;
pub use ids::*;
pub use incident::*;
pub use outcome::*;
pub use param::*;
pub use point::*;
pub use rule::*;
pub use tie::*;

use crate::des::NameHash;
use crate::time::{Epoch, SimTime, Zone};

/// A checked model, ready to run.
#[derive(Debug, Clone)]
pub struct Model {
    /// What was compiled.
    pub meta: Meta,
    /// Levels, lowest first.
    pub levels: Vec<Level>,
    /// States in the fixed order of the document.
    pub states: Vec<State>,
    /// Sectors.
    pub sectors: Vec<Sector>,
    /// Marking schemes.
    pub schemes: Vec<Scheme>,
    /// Parameters (and literals, which are parameters without a name of their own).
    pub params: Vec<Param>,
    /// Places that draw from a parameter.
    pub sites: Vec<Site>,
    /// Elements.
    pub elements: Vec<Element>,
    /// Duty rotas, one for each different calendar, zone and set of holidays in use.
    pub rotas: Vec<Rota>,
    /// Templates of actors.
    pub templates: Vec<Template>,
    /// Actors, in document order, templates expanded by state.
    pub actors: Vec<Actor>,
    /// Roles held in turn.
    pub roles: Vec<HeldRole>,
    /// Fixed sets of actors, each sorted.
    pub sets: Vec<ActorSet>,
    /// Networks.
    pub networks: Vec<Network>,
    /// Kinds of fact.
    pub fact_kinds: Vec<FactKind>,
    /// Instances of facts; see [`FactKind::first`] and [`Model::fact`].
    pub facts: Vec<Fact>,
    /// Products, and statements after them (see [`Product::public`]).
    pub products: Vec<Product>,
    /// Channels in order of preference.
    pub channels: Vec<Channel>,
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Pools.
    pub pools: Vec<Pool>,
    /// Calendars that effects bring, as each actor keeps them; none: always on duty.
    pub calendars: Vec<Vec<Option<RotaId>>>,
    /// Names of classes of cases.
    pub classes: Vec<String>,
    /// Decisions.
    pub decisions: Vec<Decision>,
    /// Countermeasures.
    pub countermeasures: Vec<Countermeasure>,
    /// Reporting duties.
    pub duties: Vec<Duty>,
    /// Groups of operators, expanded by state.
    pub groups: Vec<OperatorGroup>,
    /// Ties between operators.
    pub ties: Vec<Tie>,
    /// Attributes of operators, as bit positions.
    pub attributes: Vec<String>,
    /// Incidents.
    pub incidents: Vec<Incident>,
    /// Injects.
    pub injects: Vec<Inject>,
    /// Milestones.
    pub milestones: Vec<Milestone>,
    /// Declared measures.
    pub measures: Vec<Measure>,
    /// What it is when people play it.
    pub exercise: Option<Exercise>,
    /// Points of the texts that it is made from.
    pub points: Vec<Point>,
}

/// What was compiled, and how it is shown.
#[derive(Debug, Clone)]
pub struct Meta {
    /// Name of the scenario or blueprint.
    pub name: String,
    /// Title.
    pub title: String,
    /// Summary; may be empty.
    pub summary: String,
    /// True if there is a scenario, false for a blueprint run alone.
    pub is_scenario: bool,
    /// Replay, counterfactual, exercise; none for a blueprint.
    pub setting: Option<Setting>,
    /// Instant of time 0.
    pub epoch: Epoch,
    /// Zone of what has none of its own.
    pub zone: Zone,
    /// End of the simulation.
    pub horizon: SimTime,
    /// What stops a runaway.
    pub limits: Limits,
    /// The run ends when this milestone is reached.
    pub until: Option<MilestoneId>,
    /// Replications for ranges.
    pub ensemble: u32,
    /// The real incident that it is about.
    pub history: String,
    /// Fact of the propagation chart.
    pub headline_fact: Option<FactId>,
    /// Milestone whose critical path is drawn.
    pub headline_milestone: Option<MilestoneId>,
    /// Milestones of the printed story, in order; all if empty.
    pub story: Vec<MilestoneId>,
}

/// How much one run may do before it is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Events handled.
    pub events: u64,
    /// Records written.
    pub records: u64,
    /// Events at one instant.
    pub at_once: u64,
    /// Tasks at all desks together.
    pub waiting: u64,
    /// Events that are still to come.
    pub pending: u64,
    /// Rules that set each other off at one instant, each while the one before is still under way.
    pub nested: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            events: 200_000_000,
            records: 20_000_000,
            at_once: 1_000_000,
            waiting: 2_000_000,
            pending: 20_000_000,
            nested: 100,
        }
    }
}

/// What a scenario is to its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// As it was.
    Replay,
    /// As it could have been.
    Counterfactual,
    /// An invented case.
    Exercise,
    /// An invented case with a script for people to play.
    Rehearsal,
}

/// A level of cooperation.
#[derive(Debug, Clone)]
pub struct Level {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
}

/// A state.
#[derive(Debug, Clone)]
pub struct State {
    /// Code, e.g. `ES`.
    pub name: String,
    /// Title.
    pub title: String,
    /// Zone.
    pub zone: Zone,
    /// Persons.
    pub population: f64,
    /// Public attributes by name, sorted.
    pub attributes: Vec<(String, f64)>,
    /// Column and row of a tile map.
    pub tile: Option<(u32, u32)>,
}

/// A sector.
#[derive(Debug, Clone)]
pub struct Sector {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
}

/// A marking scheme.
#[derive(Debug, Clone)]
pub struct Scheme {
    /// Name.
    pub name: String,
    /// Rungs, the least restricted first.
    pub rungs: Vec<String>,
}

/// A rung of a marking scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkingRung {
    /// The scheme.
    pub scheme: SchemeId,
    /// The rung; higher is more restricted.
    pub rung: u8,
}

/// A named switch.
#[derive(Debug, Clone)]
pub struct Element {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Switched on or off for the whole run, whatever the dates; none: by date.
    pub forced: Option<bool>,
    /// In force from (simulation time; `Some(ZERO)` if before the start), for actors without a state; none: never.
    pub from: Option<SimTime>,
    /// The same for each state.
    pub from_in: Vec<Option<SimTime>>,
    /// Until.
    pub until: Option<SimTime>,
    /// Effects while it is on.
    pub effects: Vec<Effect>,
}

impl Element {
    /// Whether the element is in force at `t`, in a state or (none) at the level of the whole.
    pub fn in_force(&self, t: SimTime, state: Option<StateId>) -> bool {
        if let Some(forced) = self.forced {
            return forced;
        }
        let from = match state {
            Some(s) => self.from_in[s.index()],
            None => self.from,
        };
        from.is_some_and(|from| from <= t) && self.until.is_none_or(|until| t < until)
    }
}

/// A stable name as the random streams use it.
#[derive(Debug, Clone)]
pub struct StreamName {
    /// The name as it appears in `draws.csv`.
    pub text: String,
    /// Its hash.
    pub hash: NameHash,
}

impl StreamName {
    /// Hashes a name.
    pub fn new(text: impl Into<String>) -> StreamName {
        let text = text.into();
        let hash = NameHash::of(&text);
        StreamName { text, hash }
    }
}

impl Model {
    /// The instance of a fact kind for an incident, state and sector; parts that the kind does not have
    /// are ignored, a part that it has but is not given makes it none.
    pub fn fact(
        &self,
        kind: FactKindId,
        incident: Option<IncidentId>,
        state: Option<StateId>,
        sector: Option<SectorId>,
    ) -> Option<FactId> {
        let k = &self.fact_kinds[kind.index()];
        let mut offset = 0;
        if k.per_incident {
            offset = incident?.index();
        }
        if k.per_state {
            offset = offset * self.states.len() + state?.index();
        }
        if k.per_sector {
            offset = offset * self.sectors.len() + sector?.index();
        }
        Some(FactId::from_index(k.first.index() + offset))
    }

    /// All instances of a kind, in order.
    pub fn facts_of(&self, kind: FactKindId) -> impl Iterator<Item = FactId> {
        self.places_of(kind).map(FactId::from_index)
    }

    /// Positions of all instances of a kind: they lie together.
    pub fn places_of(&self, kind: FactKindId) -> std::ops::Range<usize> {
        let k = &self.fact_kinds[kind.index()];
        k.first.index()..k.first.index() + k.n_instances
    }

    /// The actor with this name, e.g. `csirt@ES`.
    pub fn actor_named(&self, name: &str) -> Option<ActorId> {
        self.actors.iter().position(|a| a.name.text == name).map(ActorId::from_index)
    }

    /// The fact instance with this name, e.g. `affected/worm/ES`.
    pub fn fact_named(&self, name: &str) -> Option<FactId> {
        self.facts.iter().position(|f| f.name.text == name).map(FactId::from_index)
    }
}
