//! What flows: facts, products, statements, channels, tasks.

use serde::Deserialize;

use super::{Basis, Name, Param, Per, Priority, Selector};

/// A kind of fact; its instances are `fact/incident/STATE/sector`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactKind {
    /// Title; `{state}`, `{sector}` and `{incident}` are replaced.
    pub title: String,
    /// What there is one instance for. Default: one alone.
    #[serde(default)]
    pub per: Vec<Per>,
    /// What a value looks like. Default: a flag.
    #[serde(default)]
    pub value: ValueKind,
    /// When it becomes true.
    #[serde(default)]
    pub truth: Truth,
    /// Weight in situational awareness. Default 1; 0 leaves it out.
    #[serde(default)]
    pub weight: Option<f64>,
    /// Actors that it concerns; default: all.
    #[serde(default)]
    pub concerns: Option<Selector>,
    /// Probability that an author shares it with a group of receivers, drawn once for each. Default: always.
    #[serde(default)]
    pub shared: Option<Param>,
    /// Groups of receivers with a probability of their own, drawn once for author, fact and group. The first to
    /// which a receiver belongs counts; without any, `shared`.
    #[serde(default)]
    pub shared_with: Vec<(Selector, Param)>,
    /// Not found, but worked out by each actor from the facts that it knows, again whenever one of them changes.
    #[serde(default)]
    pub derived: Option<Derived>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// What a fact is worked out from.
///
/// A flag holds from `at_least` on; a number is the result; a choice is its first value below the first of `steps`,
/// its second from there on, and so on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// The formula, over the facts of the same incident, state and sector as far as this fact is about one.
    pub from: Formula,
    /// Only facts about states of this group count. Default: all.
    #[serde(default)]
    pub group: Option<Name>,
    /// For a flag: the result from which it holds. Default 1.
    #[serde(default)]
    pub at_least: Option<Param>,
    /// For a choice: the results at which its second, third, ... value begin, rising.
    #[serde(default)]
    pub steps: Vec<Param>,
}

/// A formula over known facts.
#[derive(Debug, Clone, Deserialize)]
pub enum Formula {
    /// How many instances are known (with this value of a choice).
    Count {
        /// The kind of fact.
        fact: Name,
        /// Only with this value.
        #[serde(default)]
        value: Option<Name>,
    },
    /// The known share of all instances, 0 to 1.
    Share {
        /// The kind of fact.
        fact: Name,
        /// Only with this value.
        #[serde(default)]
        value: Option<Name>,
    },
    /// The sum of known numbers.
    Sum(Name),
    /// The largest known number; of a choice, the position of the largest value, from 0.
    Max(Name),
    /// The weights of the evidence that is known, added: `Weighted([(fact: "malware", weight: "w.malware")])`.
    Weighted(Vec<Evidence>),
    /// The same for independent pieces of evidence: `1 - (1 - w1) (1 - w2) ...`, a confidence.
    Confidence(Vec<Evidence>),
}

/// A piece of evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The kind of fact.
    pub fact: Name,
    /// Only with this value of a choice.
    #[serde(default)]
    pub value: Option<Name>,
    /// What it weighs; a number is multiplied by it in `Weighted`.
    pub weight: Param,
}

/// What a value of a fact looks like.
#[derive(Debug, Clone, Default, Deserialize)]
pub enum ValueKind {
    /// Yes.
    #[default]
    Flag,
    /// One of several; the truth is stated by the incident.
    Choice(Vec<Name>),
    /// A number; a version is known while it is within `factor` of the truth.
    Number {
        /// Factor up and down. Default 2.
        #[serde(default)]
        factor: Option<f64>,
    },
}

/// When a fact is true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Truth {
    /// From the moment at which somebody finds or decides it.
    #[default]
    Found,
    /// From the first hit of the incident (in its state and sector).
    Hit,
    /// From the first hit on; its number is the operators hit so far.
    HitCount,
    /// From the start of the incident.
    Start,
    /// Only if an inject or an incident makes it true.
    Inject,
}

/// A notification, alert, report or request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Title in charts.
    pub title: String,
    /// Kinds of fact that it carries, as far as its author knows them.
    #[serde(default)]
    pub carries: Vec<Name>,
    /// Effort to produce it: a task or a duration. A task lends its patience, its time to live and whether it
    /// interrupts. Default: none.
    #[serde(default)]
    pub write: Option<Param>,
    /// Effort to read it: a task or a duration. A task lends its patience, its time to live and whether it interrupts.
    /// Default: none.
    #[serde(default)]
    pub read: Option<Param>,
    /// Priority of reading (and writing). Default normal.
    #[serde(default)]
    pub priority: Priority,
    /// Marking: `("tlp", "amber")`.
    #[serde(default)]
    pub marking: Option<(Name, Name)>,
    /// A version with less in it that goes where the full one may not.
    #[serde(default)]
    pub tear_line: Option<TearLine>,
    /// From the order to write until its content is frozen: what the author learns later is not in it. Default: its
    /// content is what the author knows when it is finished.
    #[serde(default)]
    pub cut_off: Option<Param>,
    /// Not sent at all if it would carry nothing that the author knows. Default true.
    #[serde(default = "yes")]
    pub needs_content: bool,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// The version of a product below the tear line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TearLine {
    /// Its marking.
    pub marking: (Name, Name),
    /// The kinds of fact that it still carries.
    pub carries: Vec<Name>,
}

/// A public communication.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Title in charts.
    pub title: String,
    /// Kinds of fact that it makes public, as far as its author knows them.
    #[serde(default)]
    pub carries: Vec<Name>,
    /// Effort to produce it: a task or a duration, as for a product. Default: none.
    #[serde(default)]
    pub write: Option<Param>,
    /// Priority of the work. Default normal.
    #[serde(default)]
    pub priority: Priority,
    /// The fact that is the agreed line: published by an author that does not know it, the statement is uncoordinated.
    #[serde(default)]
    pub common_line: Option<Name>,
    /// Countermeasures whose uptake it makes public.
    #[serde(default)]
    pub publicises: Vec<Name>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// A way for products from senders to receivers. The first channel of the document that fits is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Name.
    pub id: Name,
    /// Title in charts; default: the name.
    #[serde(default)]
    pub title: Option<String>,
    /// Senders. `Operators` means the operators of any state.
    pub from: Ends,
    /// Receivers.
    pub to: Ends,
    /// Products (or statements, from the public) that it carries; empty: all.
    #[serde(default)]
    pub carries: Vec<Name>,
    /// Transmission time of a copy. Default: none.
    #[serde(default)]
    pub latency: Option<Param>,
    /// Probability that a copy is lost. Default 0.
    #[serde(default)]
    pub loss: Option<Param>,
    /// What the sender does about a lost copy. Default: nothing.
    #[serde(default)]
    pub retry: Option<Retry>,
    /// Hours of availability. Default: always.
    #[serde(default)]
    pub hours: Option<Name>,
    /// In whose zone, and by whose holidays, the hours are. Default: the sender's.
    #[serde(default)]
    pub hours_of: HoursOf,
    /// Highest rung carried, e.g. `("tlp", "amber")`; default: everything. A scheme that is not named is carried.
    #[serde(default)]
    pub carries_up_to: Vec<(Name, Name)>,
    /// Copies that can be under way at once. Default: no limit.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// Exists only while this element is on.
    #[serde(default)]
    pub element: Option<Name>,
    /// Exists from this date.
    #[serde(default)]
    pub from_date: Option<Name>,
    /// Dates per state of the sender, which win over `from_date`; a state without a date has `from_date`.
    #[serde(default)]
    pub from_in: indexmap::IndexMap<Name, Name>,
    /// Exists until this date.
    #[serde(default)]
    pub until: Option<Name>,
    /// Other latency and loss while an end is in trouble; the first that fits holds.
    #[serde(default)]
    pub worse: Vec<Worse>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// Latency and loss of copies that are sent while an end of a channel is in trouble.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worse {
    /// The trouble.
    pub when: Trouble,
    /// Latency. Default: the ordinary one.
    #[serde(default)]
    pub latency: Option<Param>,
    /// Probability that a copy is lost. Default: the ordinary one.
    #[serde(default)]
    pub loss: Option<Param>,
}

/// What is wrong with an end of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Trouble {
    /// The operator that sends is hit and has not recovered: it has lost its e-mail.
    SenderHit,
    /// The receiver is off duty.
    ReceiverOffDuty,
    /// The receiver is down.
    ReceiverDown,
}

/// By whose clock a channel is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum HoursOf {
    /// The sender's.
    #[default]
    Sender,
    /// The receiver's.
    Receiver,
    /// Both must be open.
    Both,
}

/// One end of a channel.
#[derive(Debug, Clone, Deserialize)]
pub enum Ends {
    /// Everybody.
    Any,
    /// The actors of a set. `Own("x")` at the far end: the same state as the sender.
    Of(Selector),
    /// The public: readers of statements.
    Public,
    /// The operators.
    Operators,
}

/// Sending again what was lost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// From the sending of a lost copy to the next.
    pub after: Param,
    /// Factor on the interval after each copy. Default 1.
    #[serde(default)]
    pub growth: Option<f64>,
    /// Longest interval.
    #[serde(default)]
    pub cap: Option<Param>,
    /// Copies in all; default: no limit.
    #[serde(default)]
    pub at_most: Option<u32>,
    /// The sender does not see that a copy is lost: it sends again whenever no acknowledgement has come in the
    /// interval, so copies may be late or come twice. This says what a copy is worth that comes after its interval.
    /// Default, without `acknowledgement`: only lost copies are sent again.
    #[serde(default)]
    pub late: Option<Late>,
    /// How the receiver acknowledges each copy. Default, with `late`: at once and surely.
    #[serde(default)]
    pub acknowledgement: Option<Acknowledgement>,
}

/// What a copy is worth that arrives after its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Late {
    /// It counts, if it is the first.
    Valid,
    /// It is thrown away.
    Void,
}

/// How the receiver of a copy tells the sender so.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// Time on the way back. Default: none.
    #[serde(default)]
    pub latency: Option<Param>,
    /// Probability that it is lost. Default 0.
    #[serde(default)]
    pub loss: Option<Param>,
}

/// A stock (money, experts, kit) that sequences draw from, wait for and return to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Title in charts.
    pub title: String,
    /// What is there at the start: a plain number.
    pub stock: Param,
    /// Unit of the stock, e.g. `experts`.
    #[serde(default)]
    pub unit: Option<String>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// A kind of work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Title in charts.
    pub title: String,
    /// Working time of one server.
    pub work: Param,
    /// Priority. Default normal.
    #[serde(default)]
    pub priority: Priority,
    /// After waiting so long the task gives up; once begun, it is finished.
    #[serde(default)]
    pub patience: Option<Param>,
    /// If it is not done so long after its arrival, the task is dropped, begun or not.
    #[serde(default)]
    pub time_to_live: Option<Param>,
    /// Interrupts less urgent work, even where its actor finishes what it has begun; what is interrupted resumes.
    #[serde(default)]
    pub interrupts: bool,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

fn yes() -> bool {
    true
}
