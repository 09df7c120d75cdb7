//! Facts, products, channels, tasks.

use super::{
    Basis, FactId, FactKindId, IncidentId, MarkingRung, Priority, RotaId, SectorId, Sel, SetId, SiteId,
    StateId, StreamName, TaskId, Validity,
};

/// A kind of fact.
#[derive(Debug, Clone)]
pub struct FactKind {
    /// Name.
    pub name: String,
    /// One instance for each incident.
    pub per_incident: bool,
    /// One for each state.
    pub per_state: bool,
    /// One for each sector.
    pub per_sector: bool,
    /// Position of its first instance.
    pub first: FactId,
    /// Number of instances.
    pub n_instances: usize,
    /// What a value is.
    pub value: ValueKind,
    /// When it becomes true.
    pub truth: Truth,
    /// Weight in situational awareness.
    pub weight: f64,
    /// Actors concerned; none: all.
    pub concerns: Option<SetId>,
    /// Probability that an author shares it, drawn once per author, fact and product.
    pub shared: Option<SiteId>,
    /// Groups of receivers with a probability of their own, drawn once per author, fact and group.
    pub shared_with: Vec<(SetId, SiteId)>,
    /// What it is worked out from, if it is not found.
    pub derived: Option<Derived>,
    /// Kinds that are worked out from it.
    pub feeds: Vec<FactKindId>,
}

/// Versions from here on are of a confirmed finding; below, of a reported one.
pub const CONFIRMED: u32 = 1_000_000;

/// What a fact is worked out from.
#[derive(Debug, Clone)]
pub struct Derived {
    /// The formula.
    pub from: Formula,
    /// By state: whether facts about it count; empty: all do.
    pub states: Vec<bool>,
    /// For a flag: the result from which it holds.
    pub at_least: Option<SiteId>,
    /// For a choice: where its second, third, ... value begin.
    pub steps: Vec<SiteId>,
}

/// A formula over facts.
#[derive(Debug, Clone)]
pub enum Formula {
    /// How many instances (with a value).
    Count(FactKindId, Option<u32>),
    /// The share of instances (with a value).
    Share(FactKindId, Option<u32>),
    /// Sum of values.
    Sum(FactKindId),
    /// Largest value.
    Max(FactKindId),
    /// Weights added.
    Weighted(Vec<(FactKindId, Option<u32>, SiteId)>),
    /// One minus the product of one minus the weights.
    Confidence(Vec<(FactKindId, Option<u32>, SiteId)>),
}

impl FactKind {
    /// The positions of its instances.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.first.index()..self.first.index() + self.n_instances
    }
}

/// An instance of a fact.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Name, e.g. `affected/worm/ES`.
    pub name: StreamName,
    /// Title for people.
    pub title: String,
    /// Its kind.
    pub kind: FactKindId,
    /// The incident it is about.
    pub incident: Option<IncidentId>,
    /// The state it is about.
    pub state: Option<StateId>,
    /// The sector it is about.
    pub sector: Option<SectorId>,
    /// True value of a choice (position), stated by the incident.
    pub true_choice: Option<u32>,
}

/// What a value of a fact is.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// 1.
    Flag,
    /// The position of one of these names.
    Choice(Vec<String>),
    /// A number that counts as known within this factor of the truth.
    Number(f64),
}

/// When a fact becomes true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// When somebody first finds it.
    Found,
    /// At the first hit (in its state and sector).
    Hit,
    /// At the first hit; its value is the number hit so far.
    HitCount,
    /// At the start of the incident.
    Start,
    /// When an inject says so.
    Inject,
    /// When it follows from what is true of other facts.
    Derived,
}

/// A product, or a public statement.
#[derive(Debug, Clone)]
pub struct Product {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// A statement to the public.
    pub public: bool,
    /// Kinds of fact carried.
    pub carries: Vec<FactKindId>,
    /// Effort to produce it.
    pub write: Option<SiteId>,
    /// Effort to read it.
    pub read: Option<SiteId>,
    /// The task as which it waits to be written: its patience, its time to live, whether it interrupts.
    pub write_as: Option<TaskId>,
    /// The task as which it waits to be read.
    pub read_as: Option<TaskId>,
    /// Priority of the work.
    pub priority: Priority,
    /// Marking.
    pub marking: Option<MarkingRung>,
    /// The version below the tear line.
    pub tear_line: Option<(MarkingRung, Vec<FactKindId>)>,
    /// From the order to write until its content is frozen; none: its content is that of its end.
    pub cut_off: Option<SiteId>,
    /// Somebody counts how many of it were read.
    pub counted: bool,
    /// Not sent when it would carry nothing.
    pub needs_content: bool,
    /// Of a statement: the fact that is the agreed line.
    pub common_line: Option<FactKindId>,
    /// Of a statement: countermeasures that it publicises.
    pub publicises: Vec<super::CountermeasureId>,
    /// Where it comes from.
    pub basis: Basis,
}

/// One end of a channel.
#[derive(Debug, Clone)]
pub enum Ends {
    /// Everybody (actors).
    Any,
    /// Actors of a set; `Own` at the far end is the sender's state.
    Of(Sel),
    /// The public.
    Public,
    /// Operators.
    Operators,
}

/// Loss and latency while an end of a channel is in trouble.
#[derive(Debug, Clone, Copy)]
pub struct Worse {
    /// The trouble.
    pub when: Trouble,
    /// Latency; none: the ordinary one.
    pub latency: Option<SiteId>,
    /// Loss; none: the ordinary one.
    pub loss: Option<SiteId>,
}

/// What is wrong with an end of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The operator that sends is hit and has not recovered.
    SenderHit,
    /// The receiver is off duty.
    ReceiverOffDuty,
    /// The receiver is down.
    ReceiverDown,
}

/// A way for products.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Senders.
    pub from: Ends,
    /// Receivers.
    pub to: Ends,
    /// `carries[p]` for product `p`.
    pub carries: Vec<bool>,
    /// Transmission time.
    pub latency: Option<SiteId>,
    /// Probability that a copy is lost.
    pub loss: Option<SiteId>,
    /// Sending again.
    pub retry: Option<Retry>,
    /// Hours of availability, for ends that are no actors.
    pub hours: Option<RotaId>,
    /// Hours as each actor keeps them (none: always); empty if there are no hours.
    pub hours_at: Vec<Option<RotaId>>,
    /// Whether the hours of the sender and of the receiver count.
    pub hours_of: (bool, bool),
    /// Highest rung carried in each scheme that is limited.
    pub carries_up_to: Vec<MarkingRung>,
    /// Copies under way at once.
    pub capacity: Option<u32>,
    /// When it exists.
    pub validity: Validity,
    /// Other loss and latency in trouble; the first that fits holds.
    pub worse: Vec<Worse>,
    /// Where it comes from.
    pub basis: Basis,
}

/// Sending again what was lost.
#[derive(Debug, Clone)]
pub struct Retry {
    /// Interval.
    pub after: SiteId,
    /// Factor on the interval after each copy.
    pub growth: f64,
    /// Longest interval.
    pub cap: Option<SiteId>,
    /// Copies in all.
    pub at_most: Option<u32>,
    /// The sender goes by acknowledgements; none: it sees what is lost.
    pub timed: Option<Timed>,
}

/// Sending again by the clock.
#[derive(Debug, Clone, Copy)]
pub struct Timed {
    /// A copy after its interval counts.
    pub late_counts: bool,
    /// Time of an acknowledgement on its way.
    pub latency: Option<SiteId>,
    /// Probability that it is lost.
    pub loss: Option<SiteId>,
}

/// A stock that sequences draw from.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// What is there at the start.
    pub stock: f64,
    /// Unit; may be empty.
    pub unit: String,
    /// Where it comes from.
    pub basis: Basis,
}

/// A kind of work.
#[derive(Debug, Clone)]
pub struct Task {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Working time.
    pub work: SiteId,
    /// Priority.
    pub priority: Priority,
    /// Gives up after waiting so long.
    pub patience: Option<SiteId>,
    /// Is dropped if not done so long after its arrival.
    pub time_to_live: Option<SiteId>,
    /// Interrupts less urgent work.
    pub interrupts: bool,
    /// Where it comes from.
    pub basis: Basis,
}
