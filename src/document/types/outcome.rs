//! What is looked at: milestones, observations, measures.

use serde::Deserialize;

use super::{Basis, Name, OperatorFilter, Outcome, Quantity, Selector, Trigger};
use crate::document::decode::Spanned;

/// A named predicate over what happened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Title, as an adviser would say it.
    pub title: String,
    /// What its latency is counted from. Default: the start.
    #[serde(default)]
    pub from: Origin,
    /// The predicate.
    pub when: Predicate,
    /// Layer that it tests in a replay.
    #[serde(default)]
    pub layer: Option<Layer>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// What a latency is counted from.
#[derive(Debug, Clone, Default, Deserialize)]
pub enum Origin {
    /// Time 0.
    #[default]
    Start,
    /// The first hit of an incident.
    Incident(Name),
    /// Another milestone.
    Milestone(Name),
}

/// The layer of the model that an observed milestone tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Layer {
    /// The victims and the spread.
    Victim,
    /// One state's authorities.
    National,
    /// Between EU bodies and networks, never published.
    Internal,
    /// What the public saw of the EU level.
    Public,
}

/// The predicate of a milestone.
#[derive(Debug, Clone, Deserialize)]
pub enum Predicate {
    /// Actors know a fact.
    Knows {
        /// Which actors.
        who: Selector,
        /// The kind of fact, or an instance such as `affected/worm/ES`.
        fact: Name,
        /// How many of them. Default: the first.
        #[serde(default)]
        how_many: HowMany,
    },
    /// A network is in a mode or above.
    Mode {
        /// The network.
        network: Name,
        /// The mode.
        at_least: Name,
    },
    /// A product has reached a receiver.
    Delivered {
        /// The product.
        product: Name,
        /// Receivers; default: anybody.
        #[serde(default)]
        to: Option<Selector>,
        /// The n-th time. Default 1.
        #[serde(default)]
        nth: Option<u32>,
    },
    /// A product has been sent.
    Sent {
        /// The product.
        product: Name,
        /// Senders; default: anybody.
        #[serde(default)]
        by: Option<Selector>,
        /// The n-th time. Default 1.
        #[serde(default)]
        nth: Option<u32>,
    },
    /// A statement has been published.
    Published {
        /// The statement; default: any.
        #[serde(default)]
        statement: Option<Name>,
        /// By whom; default: anybody.
        #[serde(default)]
        by: Option<Selector>,
        /// About this kind of fact; default: anything.
        #[serde(default)]
        about: Option<Name>,
        /// With this value of it (of a choice); default: any.
        #[serde(default)]
        value: Option<Name>,
        /// The n-th time. Default 1.
        #[serde(default)]
        nth: Option<u32>,
    },
    /// A decision has ended.
    Decided {
        /// The decision.
        decision: Name,
        /// How. Default: adopted.
        #[serde(default)]
        outcome: Outcome,
        /// Only with this option. Default: any.
        #[serde(default)]
        option: Option<Name>,
    },
    /// Operators have come to a status.
    Operators {
        /// Which operators. Default: all.
        #[serde(default)]
        of: OperatorFilter,
        /// The status.
        status: Status,
        /// How many. For `Share`: of those hit by the end. Default: the first.
        #[serde(default)]
        how_many: HowMany,
    },
    /// Situational awareness of a level reaches a share.
    Awareness {
        /// The level.
        level: Name,
        /// The share, 0 to 1.
        reaches: f64,
    },
    /// A task has been done.
    Done {
        /// The task.
        task: Name,
        /// By whom; default: anybody.
        #[serde(default)]
        by: Option<Selector>,
        /// The n-th time. Default 1.
        #[serde(default)]
        nth: Option<u32>,
    },
    /// A rule has fired.
    Fired {
        /// The rule.
        rule: Name,
        /// The n-th time. Default 1.
        #[serde(default)]
        nth: Option<u32>,
    },
    /// An inject has been delivered, or a countermeasure has begun to work.
    Enacted(Name),
}

/// How many of a set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub enum HowMany {
    /// The first.
    #[default]
    First,
    /// The k-th.
    Nth(u32),
    /// A share of them, 0 to 1.
    Share(f64),
    /// All.
    All,
}

/// Status of an operator in an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Status {
    /// Hit.
    Hit,
    /// The operator knows.
    Detected,
    /// It infects nobody any more.
    Contained,
    /// It works again.
    Recovered,
    /// It cannot be hit any more.
    Immune,
    /// It has gone off line unhurt.
    OffLine,
}

/// When a milestone really happened.
#[derive(Debug, Clone, Deserialize)]
pub enum Observed {
    /// At an instant, or between two.
    At {
        /// Best single instant; default: the middle of the interval.
        #[serde(default)]
        at: Option<Name>,
        /// Earliest plausible instant.
        from: Name,
        /// Latest plausible instant.
        to: Name,
        /// Where it comes from.
        basis: Basis,
        /// Milestone was set by an inject or a value of the scenario: shown, not counted.
        #[serde(default)]
        set_by_scenario: bool,
    },
    /// It did not happen by an instant.
    Never {
        /// The instant.
        by: Name,
        /// Where it comes from.
        basis: Basis,
    },
}

/// A declared statistic.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Title.
    #[serde(default)]
    pub title: Option<String>,
    /// What is measured.
    pub of: Quantified,
    /// Which statistics.
    pub show: Vec<Statistic>,
    /// Only what begins at or after this time counts (a warm-up). Default: everything.
    #[serde(default)]
    pub since: Option<Spanned<Quantity>>,
    /// Unit of times in the output. Default: hours.
    #[serde(default)]
    pub unit: TimeUnit,
    /// Only what passes this. Default: everything.
    #[serde(default)]
    pub only: Filter,
}

/// What counts in a measure.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only values of these actors (who worked, learned, received, spoke, owed).
    #[serde(default)]
    pub actor: Option<Selector>,
    /// Only values of actors or operators of these states.
    #[serde(default)]
    pub states: Vec<Name>,
    /// Only what begins within the hours of this calendar, in the zone of the document.
    #[serde(default)]
    pub during: Option<Name>,
    /// Only what begins before this time.
    #[serde(default)]
    pub before: Option<Spanned<Quantity>>,
    /// Only values of at least this (times in the measure's unit).
    #[serde(default)]
    pub at_least: Option<f64>,
    /// Only values of at most this.
    #[serde(default)]
    pub at_most: Option<f64>,
}

/// Unit of a time in a measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum TimeUnit {
    /// Minutes.
    Minutes,
    /// Hours.
    #[default]
    Hours,
    /// Days.
    Days,
}

/// What is measured: a series of values, or a number over time.
#[derive(Debug, Clone, Deserialize)]
pub enum Quantified {
    /// Time from arrival to the beginning of service, one value a task.
    Wait {
        /// Which actors; default: all.
        #[serde(default)]
        actor: Option<Selector>,
        /// Which task (a task, product or parameter name); default: all.
        #[serde(default)]
        task: Option<Name>,
        /// Only for cases of this class; default: any.
        #[serde(default)]
        class: Option<Name>,
        /// Only the n-th task of its kind that the actor does for the case; default: any.
        #[serde(default)]
        visit: Option<u32>,
    },
    /// Time from arrival to completion, one value a task.
    Sojourn {
        /// Which actors; default: all.
        #[serde(default)]
        actor: Option<Selector>,
        /// Which task; default: all.
        #[serde(default)]
        task: Option<Name>,
        /// Only for cases of this class; default: any.
        #[serde(default)]
        class: Option<Name>,
        /// Only the n-th task of its kind that the actor does for the case; default: any.
        #[serde(default)]
        visit: Option<u32>,
    },
    /// Time from the opening of a case until it is finished, one value a case that some rule finishes.
    CaseTime {
        /// Only cases of this class; default: any that is opened by an arrival.
        #[serde(default)]
        class: Option<Name>,
    },
    /// Number of cases that are open, over time.
    OpenCases {
        /// Only cases of this class; default: any that is opened by an arrival.
        #[serde(default)]
        class: Option<Name>,
    },
    /// Number of cases opened so far, over time.
    Opened {
        /// The class.
        class: Name,
    },
    /// Stock of a pool, over time.
    Stock {
        /// The pool.
        pool: Name,
    },
    /// Time that a sequence waited for a pool, one value for each time that it got what it wanted.
    WaitForPool {
        /// The pool.
        pool: Name,
    },
    /// Number of tasks that wait, over time.
    QueueLength {
        /// Which actors.
        actor: Selector,
    },
    /// Number of servers at work, over time.
    Busy {
        /// Which actors.
        actor: Selector,
    },
    /// One value a task: 1 if it was lost (queue full or patience over), else 0.
    Lost {
        /// Which actors.
        actor: Selector,
    },
    /// One value each time that something happens: the time since the root of its chain.
    Age {
        /// The happening.
        of: Trigger,
        /// At which actors; default: any.
        #[serde(default)]
        actor: Option<Selector>,
    },
    /// One value each time that something happens: its instant.
    Instant {
        /// The happening.
        of: Trigger,
        /// At which actors; default: any.
        #[serde(default)]
        actor: Option<Selector>,
    },
    /// Number of copies sent, one value a delivery (or a failure).
    Copies {
        /// Which product.
        product: Name,
    },
    /// One value a delivery: 1 if it failed for good, else 0.
    Undelivered {
        /// Which product.
        product: Name,
    },
    /// One value, 1, for each copy that changed nothing: another came before it, or it came too late to count.
    Redundant {
        /// Which product.
        product: Name,
    },
    /// Votes cast when a decision was sealed.
    Votes {
        /// Which decision.
        decision: Name,
    },
    /// Latency of a milestone, if it is reached.
    Latency(Name),
    /// One value an actor that learned the fact: hops back to the one that found it.
    Hops {
        /// The kind of fact.
        fact: Name,
        /// Which actors; default: all.
        #[serde(default)]
        actor: Option<Selector>,
    },
    /// Age of what is held of a fact, over time: since when the version that an actor holds was observed. Undefined
    /// until it holds one; averaged over the actors that do.
    Staleness {
        /// The fact: a kind, or an instance such as `affected/worm/ES`.
        fact: Name,
        /// Which actors; default: all.
        #[serde(default)]
        actor: Option<Selector>,
    },
    /// One value each time that an actor is told something new of a fact: the time since it was observed.
    AgeAtReceipt {
        /// The fact: a kind or an instance.
        fact: Name,
        /// Which actors; default: all.
        #[serde(default)]
        actor: Option<Selector>,
    },
    /// One value a report that is owed and came: by how much it was late; negative if it was early.
    Lateness {
        /// The duty.
        duty: Name,
    },
    /// One value a report that is owed and came: by how much it was late, or 0.
    Tardiness {
        /// The duty.
        duty: Name,
    },
    /// One value a report that is owed: 1 if it was kept, 0 if it was late or is missing.
    Kept {
        /// The duty.
        duty: Name,
    },
    /// One value each cause of a joined trigger that was not the last: how long it waited for the last.
    Slack {
        /// The rule whose trigger is joined.
        rule: Name,
    },
    /// One value an operator hit: hits back to the first of its chain, which has 0.
    Generation {
        /// The incident.
        incident: Name,
    },
    /// Situational awareness of a level, over time.
    Awareness {
        /// The level.
        level: Name,
    },
    /// The common picture of a level, over time: the share of true facts that everybody concerned knows.
    CommonPicture {
        /// The level.
        level: Name,
    },
    /// One value a statement: 1 if it was uncoordinated, else 0.
    Uncoordinated,
    /// One value a statement: 1 if a value in it differed from the truth, else 0.
    Contradictory,
    /// Operators with an active infection, over time.
    Active {
        /// The incident.
        incident: Name,
    },
    /// Operators in a status, over time. Hit, detected or contained until they recover; recovered until they are
    /// hit again; immune for good; off line until they are back.
    InStatus {
        /// Which operators. Default: all.
        #[serde(default)]
        of: OperatorFilter,
        /// The status.
        status: Status,
        /// In this incident. Default: in any.
        #[serde(default)]
        incident: Option<Name>,
        /// The sum of their sizes (hosts, users) instead of their number.
        #[serde(default)]
        sizes: bool,
    },
    /// Operators hit so far, over time.
    Hits {
        /// The incident.
        incident: Name,
    },
}

/// A statistic of a series or of a number over time.
#[derive(Debug, Clone, Deserialize)]
pub enum Statistic {
    /// Number of values.
    Count,
    /// Sum of the values.
    Sum,
    /// Mean of a series.
    Mean,
    /// Variance, divisor n - 1.
    Variance,
    /// Standard deviation, divisor n - 1.
    Sd,
    /// Largest value.
    Max,
    /// Smallest value.
    Min,
    /// Quantile of a series (inverse of the empirical distribution function).
    Quantile(f64),
    /// Share of values above a number (times in the measure's unit).
    ShareAbove(f64),
    /// The n-th value, from 1.
    Nth(u32),
    /// Values per hour.
    Rate,
    /// Integral over time, in unit x hours.
    Integral,
    /// Average over time.
    TimeAverage,
    /// Value at an instant of a number over time.
    At(Name),
    /// Average of a number over time at the same local instants of each day, `AtEach(times: ["09:00"])`.
    AtEach {
        /// Local times.
        times: Vec<Name>,
        /// On which days. Default: every day.
        #[serde(default)]
        days: Option<super::Days>,
        /// In which zone. Default: that of the document.
        #[serde(default)]
        zone: Option<Name>,
    },
    /// First time at which a number over time is at least this.
    FirstAt(f64),
}
