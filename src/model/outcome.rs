//! Milestones and measures.

use super::{
    Basis, CountermeasureId, DecisionId, DutyId, FactId, FactKindId, IncidentId, InjectId, LevelId,
    MilestoneId, ModeRef, OperatorFilter, Outcome, ProductId, RotaId, RuleId, Sel, SetId, TaskId, Trigger,
};
use crate::time::SimTime;

/// A milestone.
#[derive(Debug, Clone)]
pub struct Milestone {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Origin of its latency.
    pub from: Origin,
    /// Predicate.
    pub when: Predicate,
    /// Layer that it tests: `victim`, `national`, `internal`, `public`.
    pub layer: Option<&'static str>,
    /// What history says.
    pub observed: Option<Observed>,
}

/// Origin of a latency.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// Time 0.
    Start,
    /// First hit.
    Incident(IncidentId),
    /// Another milestone.
    Milestone(MilestoneId),
}

/// What history says of a milestone.
#[derive(Debug, Clone)]
pub enum Observed {
    /// It happened (µs relative to the start).
    At {
        /// Best instant.
        at_us: i64,
        /// Earliest.
        from_us: i64,
        /// Latest.
        to_us: i64,
        /// Source.
        basis: Basis,
        /// Set by the scenario: shown, not counted.
        set_by_scenario: bool,
    },
    /// It did not happen by then.
    Never {
        /// By when (µs).
        by_us: i64,
        /// Source.
        basis: Basis,
    },
}

/// Predicate of a milestone.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// Actors know a fact.
    Knows {
        /// Which actors: fixed, or a role's holder at the time.
        who: Sel,
        /// Any instance of a kind, or one instance.
        fact: FactOrKind,
        /// How many.
        how_many: HowMany,
    },
    /// A mode or above.
    Mode(ModeRef),
    /// A product was delivered.
    Delivered(ProductId, Option<Sel>, u32),
    /// A product was sent.
    Sent(ProductId, Option<Sel>, u32),
    /// A statement was published.
    Published {
        /// The statement; none: any.
        product: Option<ProductId>,
        /// By whom.
        by: Option<Sel>,
        /// About what.
        about: Option<FactKindId>,
        /// With which value.
        value: Option<u32>,
        /// n-th.
        nth: u32,
    },
    /// A decision ended, with this option if one is named.
    Decided(DecisionId, Outcome, Option<u8>),
    /// Operators came to a status.
    Operators(OperatorFilter, Status, HowMany),
    /// Awareness of a level reached a share.
    Awareness(LevelId, f64),
    /// A task was done.
    Done(TaskId, Option<Sel>, u32),
    /// A rule fired.
    Fired(RuleId, u32),
    /// An inject was delivered.
    Injected(InjectId),
    /// A countermeasure began to work.
    Enacted(CountermeasureId),
}

impl Predicate {
    /// Whether it can be recognised at the instant at which it comes about.
    ///
    /// A share of operators is of those hit by the end, which is not known before: `until` and injects cannot wait
    /// for it.
    pub fn is_foreseeable(&self) -> bool {
        !matches!(
            self,
            Predicate::Operators(_, status, HowMany::Share(_))
                if !matches!(status, Status::Immune | Status::OffLine)
        )
    }
}

/// A kind of fact or one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOrKind {
    /// Any instance.
    Kind(FactKindId),
    /// One.
    Fact(FactId),
}

/// How many of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HowMany {
    /// The k-th.
    Nth(u32),
    /// A share (of the set; for operators, of those hit by the end).
    Share(f64),
}

/// Status of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Hit.
    Hit,
    /// Detected.
    Detected,
    /// Contained.
    Contained,
    /// Recovered.
    Recovered,
    /// Immune.
    Immune,
    /// Off line, unhurt.
    OffLine,
}

/// A declared measure.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// What is measured.
    pub of: Quantified,
    /// Statistics, as (name in output, statistic).
    pub show: Vec<(String, Statistic)>,
    /// Warm-up.
    pub since: SimTime,
    /// Unit of times: name and microseconds.
    pub unit: (&'static str, u64),
    /// What counts.
    pub only: Filter,
}

/// What counts in a measure.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Actors.
    pub actor: Option<SetId>,
    /// By state; empty: all.
    pub states: Vec<bool>,
    /// Hours in which it begins; none: always.
    pub during: Option<RotaId>,
    /// What begins before this.
    pub before: SimTime,
    /// Smallest value.
    pub at_least: f64,
    /// Largest value.
    pub at_most: f64,
}

impl Default for Filter {
    fn default() -> Filter {
        Filter {
            actor: None,
            states: Vec::new(),
            during: None,
            before: SimTime::MAX,
            at_least: f64::NEG_INFINITY,
            at_most: f64::INFINITY,
        }
    }
}

/// A task as a measure names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskFilter {
    /// A named task.
    Task(TaskId),
    /// Reading (or writing) a product.
    Product(ProductId),
    /// Work for the duration of a parameter.
    Param(super::ParamId),
}

/// Which tasks count by the case that they are done for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only of this class.
    pub class: Option<super::ClassId>,
    /// Only the n-th of its kind that the actor does for the case.
    pub visit: Option<u32>,
}

/// What is measured.
#[derive(Debug, Clone)]
pub enum Quantified {
    /// Waiting times.
    Wait(Option<SetId>, Option<TaskFilter>, CaseFilter),
    /// Sojourn times.
    Sojourn(Option<SetId>, Option<TaskFilter>, CaseFilter),
    /// Time from the opening of a case to its end.
    CaseTime(Option<super::ClassId>),
    /// Cases open.
    OpenCases(Option<super::ClassId>),
    /// Stock of a pool.
    Stock(super::PoolId),
    /// Waits for a pool.
    WaitForPool(super::PoolId),
    /// Cases opened so far.
    Opened(super::ClassId),
    /// Tasks waiting.
    QueueLength(SetId),
    /// Servers at work.
    Busy(SetId),
    /// 1 for a task that was lost, 0 otherwise.
    Lost(SetId),
    /// Time since the root of the chain.
    Age(Trigger, Option<SetId>),
    /// Instants.
    Instant(Trigger, Option<SetId>),
    /// Copies sent for a delivery.
    Copies(ProductId),
    /// 1 for a delivery that failed.
    Undelivered(ProductId),
    /// Copies that changed nothing.
    Redundant(ProductId),
    /// Votes cast when sealed.
    Votes(DecisionId),
    /// Latency of a milestone.
    Latency(MilestoneId),
    /// Hops from the finder.
    Hops(FactKindId, Option<SetId>),
    /// Age of what is held.
    Staleness(FactOrKind, Option<SetId>),
    /// Age at receipt.
    AgeAtReceipt(FactOrKind, Option<SetId>),
    /// Lateness of what is owed.
    Lateness(DutyId),
    /// Lateness, at least 0.
    Tardiness(DutyId),
    /// 1 for a duty kept.
    Kept(DutyId),
    /// Waits of causes that were not the last.
    Slack(RuleId),
    /// Generations of hits.
    Generation(IncidentId),
    /// Awareness of a level.
    Awareness(LevelId),
    /// Common picture of a level.
    CommonPicture(LevelId),
    /// 1 for an uncoordinated statement.
    Uncoordinated,
    /// 1 for a contradictory statement.
    Contradictory,
    /// Operators now hit.
    Active(IncidentId),
    /// Operators hit so far.
    Hits(IncidentId),
    /// Operators in a status, or (true) the sum of their sizes.
    InStatus(OperatorFilter, Status, Option<IncidentId>, bool),
}

/// A statistic.
#[derive(Debug, Clone, PartialEq)]
pub enum Statistic {
    /// Number of values.
    Count,
    /// Sum.
    Sum,
    /// Mean.
    Mean,
    /// Variance.
    Variance,
    /// Standard deviation.
    Sd,
    /// Maximum.
    Max,
    /// Minimum.
    Min,
    /// Quantile.
    Quantile(f64),
    /// Share above.
    ShareAbove(f64),
    /// n-th value.
    Nth(u32),
    /// Per hour.
    Rate,
    /// Integral (unit x hours).
    Integral,
    /// Time average.
    TimeAverage,
    /// Value at an instant.
    At(SimTime),
    /// Average of the values at these instants.
    AtEach(Vec<SimTime>),
    /// First time at a level.
    FirstAt(f64),
}
