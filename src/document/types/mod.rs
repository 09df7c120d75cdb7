//! The types a user writes: every field of every document, with unit, default and example.
//!
//! A document is one RON record. `Blueprint(...)` says who cooperates and how, `Scenario(...)` what
//! happens. Both are merged into one [`Document`] before anything else is done with them.

mod actors;
mod exercise;
mod experiment;
mod flow;
mod incidents;
mod outcome;
mod quantity;
mod response;
mod rules;
mod ties;

pub use actors::*;
pub use exercise::*;
pub use experiment::*;
pub use flow::*;
pub use incidents::*;
pub use outcome::*;
pub use quantity::*;
pub use response::*;
pub use rules::*;
pub use ties::*;

use indexmap::IndexMap;
use serde::Deserialize;

use super::decode::Spanned;

/// A name with its place in the text.
pub type Name = Spanned<String>;
/// Named things in the order in which the document lists them.
pub type Table<T> = IndexMap<Name, T>;

/// A resolved document: a blueprint alone, or a scenario merged over its blueprint.
///
/// Sections that a document leaves out are empty.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Whether there is a scenario.
    pub kind: Kind,
    /// What the document is and what it runs.
    pub header: Header,
    /// Levels of cooperation, lowest first.
    pub levels: Vec<Level>,
    /// Member States and other states.
    pub states: Table<State>,
    /// Sectors of operators.
    pub sectors: Table<Sector>,
    /// Marking schemes, each a ladder from public to most restricted.
    pub markings: Table<Marking>,
    /// All modelling judgements.
    pub parameters: Table<Parameter>,
    /// Duty calendars.
    pub calendars: Table<Calendar>,
    /// Sets of public holidays.
    pub holidays: Table<HolidaySet>,
    /// Named switches on parts of the blueprint.
    pub elements: Table<Element>,
    /// Points of the texts that the document is made from, and why nothing carries some of them.
    pub points: Table<Point>,
    /// Kinds of fact.
    pub facts: Table<FactKind>,
    /// Actors and templates of actors.
    pub actors: Table<Actor>,
    /// Roles that are held in turn.
    pub roles: Table<HeldRole>,
    /// Bodies of cooperation with their mode ladders.
    pub networks: Table<Network>,
    /// Notifications, reports and other products.
    pub products: Table<Product>,
    /// Public statements.
    pub statements: Table<Statement>,
    /// Channels, in order of preference.
    pub channels: Vec<Channel>,
    /// Kinds of work.
    pub tasks: Table<Task>,
    /// Stocks that sequences draw from.
    pub pools: Table<Pool>,
    /// Rules of conduct.
    pub rules: Vec<Rule>,
    /// Decisions by bodies or chairs.
    pub decisions: Table<Decision>,
    /// Countermeasures that rules, decisions and injects enact.
    pub countermeasures: Table<Countermeasure>,
    /// Reporting duties, which only measure.
    pub duties: Vec<Duty>,
    /// Organisations that incidents hit.
    pub operators: Vec<OperatorGroup>,
    /// Enterprises over several states, suppliers and customers.
    pub ties: Vec<Tie>,
    /// Named predicates over what happened.
    pub milestones: Table<Milestone>,
    /// Declared statistics.
    pub measures: Table<Measure>,
    /// Incidents of the scenario.
    pub incidents: Table<Incident>,
    /// Actions of exercise control.
    pub injects: Vec<Inject>,
    /// Observed instants of milestones.
    pub observed: Table<Observed>,
    /// What the scenario is when people play it.
    pub exercise: Option<Exercise>,
}

/// What a resolved document was made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// A blueprint that is run alone.
    #[default]
    Blueprint,
    /// A scenario over its blueprint.
    Scenario,
}

/// The scalar fields of a document.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the document format; this version reads 1.
    #[serde(default)]
    pub format: Option<Spanned<u32>>,
    /// Name of the document, as in file names. Required.
    #[serde(default)]
    pub name: Option<Name>,
    /// One line for lists and headings.
    #[serde(default)]
    pub title: Option<String>,
    /// A paragraph: purpose, sources, limits.
    #[serde(default)]
    pub summary: Option<String>,
    /// Zone of what has no zone of its own. Default `UTC`.
    #[serde(default)]
    pub zone: Option<Name>,
    /// Start of the simulation: RFC 3339 or local time with a zone. Default `2017-01-02T00:00:00Z`.
    #[serde(default)]
    pub start: Option<Name>,
    /// How long to simulate. Default `7d`.
    #[serde(default)]
    pub horizon: Option<Name>,
    /// The run ends early when this milestone is reached.
    #[serde(default)]
    pub until: Option<Name>,
    /// Replications that `run` makes beside the one it tells, to give ranges. Default 0.
    #[serde(default)]
    pub ensemble: Option<Spanned<u32>>,
    /// Whether the scenario replays history or changes it. Default: as the elements say.
    #[serde(default)]
    pub setting: Option<Setting>,
    /// The real incident that the scenario is about, as parameters name it in `fitted_to`. Default: its own name.
    #[serde(default)]
    pub history: Option<Name>,
    /// The group of states that the document is about. Actors of states outside it vote in no decision and count in
    /// no level, unless a decision names another `group` or an actor says `counted: true`. Default: all states.
    #[serde(default)]
    pub inside: Option<Name>,
    /// Elements switched on, whatever their dates say.
    #[serde(default)]
    pub with: Vec<Name>,
    /// Elements switched off, whatever their dates say.
    #[serde(default)]
    pub without: Vec<Name>,
    /// The fact that the propagation chart shows, and of which state it is if it has one.
    #[serde(default)]
    pub headline: Option<Headline>,
    /// How much one run may do before it is stopped as a runaway. Default: enough for any that is not.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// The run that wrote this document; present in a resolved `model.ron` only.
    #[serde(default)]
    pub run: Option<RunBlock>,
}

/// How much one run may do before it is stopped as a runaway, e.g. `limits: (events: 500000000)`.
///
/// A run that reaches a limit ends with an error that names the limit and, where there is one, the loop of rules.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Events handled. Default 200 million.
    #[serde(default)]
    pub events: Option<Spanned<u64>>,
    /// Records written; a record takes about 100 bytes of memory. Default 20 million and 40 for each operator.
    #[serde(default)]
    pub records: Option<Spanned<u64>>,
    /// Events at one instant. Default 1 million and 20 for each operator.
    #[serde(default)]
    pub at_once: Option<Spanned<u64>>,
    /// Tasks that wait or are worked on, at all desks together. Default 2 million.
    #[serde(default)]
    pub waiting: Option<Spanned<u64>>,
    /// Events that are still to come. Default 20 million and 20 for each operator.
    #[serde(default)]
    pub pending: Option<Spanned<u64>>,
    /// Rules that set each other off without any time between, each while the one before is still under way.
    /// Default 100, at most 200.
    #[serde(default)]
    pub nested: Option<Spanned<u64>>,
}

/// Which fact and which milestone stand for the whole in charts and in the story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// The fact instance that the propagation chart colours by, e.g. `affected/worm/ES`.
    pub fact: Name,
    /// The milestone whose critical path is drawn.
    #[serde(default)]
    pub milestone: Option<Name>,
    /// The milestones that the printed story shows; default: all.
    #[serde(default)]
    pub story: Vec<Name>,
}

/// What a scenario is to its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Setting {
    /// As it was, with the elements of that day.
    Replay,
    /// As it could have been.
    Counterfactual,
    /// An invented case.
    Exercise,
    /// An invented case with a script for people to play.
    Rehearsal,
}

/// How a resolved document was run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunBlock {
    /// Master seed.
    pub seed: u64,
    /// Replication number, from 0.
    pub replication: u64,
    /// Version of the program.
    pub version: String,
    /// What the run changed against the document, as typed (`--set`, `--with`, ...).
    #[serde(default)]
    pub changes: Vec<String>,
    /// Size of the ensemble that went with it.
    #[serde(default)]
    pub ensemble: u32,
    /// Name of the scenario or blueprint that was run.
    pub scenario: String,
}

/// A level of cooperation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Name, as in `level: "technical"`.
    pub id: Name,
    /// Title in charts.
    pub title: String,
}

/// A Member State or another state.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Title in charts.
    pub title: String,
    /// Civil time zone, e.g. `Europe/Madrid`.
    pub zone: Name,
    /// Persons. Weighs votes and sizes operator groups. Default 0.
    #[serde(default)]
    pub population: f64,
    /// Groups that the state belongs to, e.g. `["eu", "nato"]`.
    #[serde(default)]
    pub groups: Vec<Name>,
    /// Set of public holidays that is kept here.
    #[serde(default)]
    pub holidays: Option<Name>,
    /// Public attributes, which parameters may be scaled by.
    #[serde(default)]
    pub attributes: IndexMap<String, f64>,
    /// Where the facts about the state come from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Column and row in a tile map, from the top left.
    #[serde(default)]
    pub tile: Option<(u32, u32)>,
}

/// A sector of operators.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    /// Title in charts.
    pub title: String,
}

/// A marking scheme: a ladder of rungs, the least restricted first.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marking {
    /// Title of the scheme.
    pub title: String,
    /// Rungs from public to most restricted, e.g. `["white", "green", "amber", "red"]`.
    pub ladder: Vec<Name>,
}

/// A named switch on parts of the blueprint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Title in lists.
    pub title: String,
    /// What it does, in a sentence or two, for lists.
    #[serde(default)]
    pub summary: Option<String>,
    /// In force from this date; without a date it is off unless switched on.
    #[serde(default)]
    pub from: Option<Name>,
    /// Dates per state, which win over `from`; a state without a date has `from`.
    #[serde(default)]
    pub from_in: IndexMap<Name, Name>,
    /// No longer in force from this date.
    #[serde(default)]
    pub until: Option<Name>,
    /// What holds while the element is on.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// Where it comes from.
    pub basis: Basis,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// A point of a text that the document is made from: an article, a recommendation, a step of a procedure.
///
/// Whatever carries it names it in its own `points`; `check DOC --traceability` prints both sides.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// What it asks for, in words of the document's author; not a quotation.
    pub title: String,
    /// Why no part of the document carries it.
    #[serde(default)]
    pub nothing: Option<String>,
    /// Where it stands.
    pub basis: Basis,
}
