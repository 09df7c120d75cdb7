//! Rules: a trigger, conditions, actions.

use serde::Deserialize;

use super::{Basis, Name, Param, Selector};
use crate::document::decode::Spanned;

/// A rule of conduct of an actor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name.
    pub id: Name,
    /// Title in explanations; default: the name.
    #[serde(default)]
    pub title: Option<String>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Whose rule it is: each actor of the set has it.
    pub actor: Selector,
    /// What sets it off.
    pub on: Trigger,
    /// Conditions over the actor's own knowledge, tested when it is set off; all must hold.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Conditions without which the rule is asleep. When they begin to hold because a network changes its mode, the
    /// actor learns something, a decision ends or a date comes (one of an element, too), the rule is tested once more
    /// for each fact already known. Whatever else they are about is asked only when something sets the rule off.
    #[serde(default, rename = "while")]
    pub while_: Vec<Condition>,
    /// What is done, one after the other.
    pub then: Vec<Action>,
    /// How often it may fire. Default: each time.
    #[serde(default)]
    pub repeat: Repeat,
    /// What withdraws the rule's sequences that are still under way, with the work and waits in them: those of
    /// the same case where there are any, else those about the same incident and state.
    #[serde(default)]
    pub cancelled_by: Option<Trigger>,
    /// Class of the cases that the rule opens by its clock, its arrivals or `Opened`. Default: the name of the rule.
    #[serde(default)]
    pub class: Option<Name>,
    /// Part of the document only while this element is on.
    #[serde(default)]
    pub element: Option<Name>,
    /// Part of the document only while this element is off.
    #[serde(default)]
    pub unless: Option<Name>,
    /// In force from this date.
    #[serde(default)]
    pub from: Option<Name>,
    /// Dates per state of the actor, which win over `from`; a state without a date has `from`.
    #[serde(default)]
    pub from_in: indexmap::IndexMap<Name, Name>,
    /// In force until this date.
    #[serde(default)]
    pub until: Option<Name>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// How often a rule may fire for one actor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Repeat {
    /// Each time it is set off.
    #[default]
    Each,
    /// Once for each incident (once in all where there is none).
    Once,
    /// Once for each instance of the fact or state that sets it off.
    OncePerFact,
    /// Once for each case.
    OncePerCase,
}

/// A fact as a rule speaks of it.
///
/// Written as text, `"affected"`, or with a scope, `(fact: "affected", of: Own)`.
#[derive(Debug, Clone, PartialEq)]
pub struct FactRef {
    /// The kind of fact.
    pub fact: Name,
    /// Which instances are meant.
    pub of: Scope,
}

/// Which instances of a fact per state are meant, seen from the actor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Scope {
    /// Of any state.
    #[default]
    Any,
    /// Of the actor's own state.
    Own,
    /// Of another state.
    Other,
    /// Of the state (and sector) that the matter in hand is about.
    Same,
}

/// What sets a rule off.
#[derive(Debug, Clone, Deserialize)]
pub enum Trigger {
    /// The start of the simulation.
    Start,
    /// An instant: `At("2017-05-13T06:00:00Z")`, `At("T+2h")`.
    At(Name),
    /// An inject is delivered to the actor or has no addressee.
    Inject(Name),
    /// A product has been read.
    Receive(Name),
    /// A fact is learned, or its value changes.
    Learn(FactRef),
    /// A network that the actor belongs to (or watches) enters a mode.
    Enter {
        /// The network.
        network: Name,
        /// The mode.
        mode: Name,
    },
    /// A network leaves a mode.
    Leave {
        /// The network.
        network: Name,
        /// The mode.
        mode: Name,
    },
    /// A decision is taken.
    Decided {
        /// The decision.
        decision: Name,
        /// How it ended. Default: adopted.
        #[serde(default)]
        outcome: Outcome,
        /// Only with this option. Default: any.
        #[serde(default)]
        option: Option<Name>,
    },
    /// At every interval.
    Every {
        /// The interval.
        interval: Param,
        /// When the first tick is. Default: one interval after the start.
        #[serde(default)]
        phase: Phase,
    },
    /// Arrivals with random gaps; each opens a case. A rate ("2.4 per h") stands for exponential gaps.
    Arrivals(Param),
    /// Arrivals with random gaps, in batches or limited in number.
    Stream {
        /// Time between batches, or their rate.
        gap: Param,
        /// Cases that come at one instant: a whole number, drawn for each batch. Default 1.
        #[serde(default)]
        size: Option<Param>,
        /// Time of the first batch, from the start. Default: a gap.
        #[serde(default)]
        first: Option<Param>,
        /// Batches in all. Default: no limit.
        #[serde(default)]
        at_most: Option<u32>,
    },
    /// A case is opened here by the action `Open`.
    Opened,
    /// A case is finished by the action `Finish`, at this actor.
    Finished {
        /// Only cases of this class. Default: any.
        #[serde(default)]
        class: Option<Name>,
    },
    /// Arrivals at given instants.
    ArrivalsAt(Vec<Name>),
    /// A task of the actor is done.
    Done(Name),
    /// A task of the actor found the queue full and is lost.
    TurnedAway(Name),
    /// A task of the actor gave up: its patience or its time to live is over.
    GaveUp(Name),
    /// The number of tasks that wait in the own queue rises to this.
    QueueReaches(u32),
    /// The number of tasks that wait in the own queue falls to this.
    QueueFallsTo(u32),
    /// The known number of a fact rises to a level: it was lower or not known before.
    RisesTo {
        /// The fact, a number.
        fact: Name,
        /// Which instances are meant. Default: any.
        #[serde(default)]
        of: Scope,
        /// The level, a plain number.
        level: Param,
    },
    /// The known number of a fact falls below a level: it was known to be as high before.
    FallsBelow {
        /// The fact, a number.
        fact: Name,
        /// Which instances are meant. Default: any.
        #[serde(default)]
        of: Scope,
        /// The level, a plain number.
        level: Param,
    },
    /// The stock of a pool falls to this or below.
    StockFallsTo {
        /// The pool.
        pool: Name,
        /// The level.
        level: f64,
    },
    /// Nothing of this product was read for so long, counted from the start or from the last one read; told once
    /// until the next one is read.
    Silence {
        /// The product.
        product: Name,
        /// For how long.
        lasts: Param,
    },
    /// A statement with this name is published (by anybody).
    Published(Name),
    /// A product of this name could not be delivered.
    Failed(Name),
    /// A countermeasure is released.
    Released(Name),
    /// All of several things have happened.
    All(Vec<Trigger>),
    /// Any of several things.
    Any(Vec<Trigger>),
    /// Some of several things.
    KOf(u32, Vec<Trigger>),
    /// The k-th time that a thing happens.
    Nth(u32, Box<Trigger>),
    /// A thing happens `times` within a sliding window.
    Within {
        /// How often.
        times: u32,
        /// Length of the window.
        window: Param,
        /// The thing.
        of: Box<Trigger>,
    },
}

/// How a decision ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Outcome {
    /// It was adopted.
    #[default]
    Adopted,
    /// It was rejected.
    Rejected,
    /// It was not taken in time.
    Lapsed,
}

/// When the ticks of a cadence fall.
#[derive(Debug, Clone, Default, Deserialize)]
pub enum Phase {
    /// One interval after the start of the simulation, and so on.
    #[default]
    FromStart,
    /// Counted from the entry of a network into a mode (of the `while`); the first tick is at the entry
    /// plus one interval.
    FromEntry {
        /// The network.
        network: Name,
        /// The mode, or a higher one.
        mode: Name,
    },
    /// At given local times of each day; the interval is ignored.
    At(Vec<Name>),
    /// At given local times of some days of the week; the interval is ignored.
    On {
        /// The days.
        days: super::Days,
        /// The local times, `HH:MM`.
        at: Vec<Name>,
    },
}

/// A condition over what the actor knows and over public circumstances.
#[derive(Debug, Clone, Deserialize)]
pub enum Condition {
    /// The actor knows a fact (of at least so many states or sectors, with this value).
    Known {
        /// The fact.
        fact: Name,
        /// Which instances count. Default: any.
        #[serde(default)]
        of: Scope,
        /// How many instances. Default 1.
        #[serde(default)]
        at_least: Option<Param>,
        /// Only with this value (of a choice).
        #[serde(default)]
        value: Option<Name>,
        /// Only with a number of at least this.
        #[serde(default)]
        number: Option<Param>,
        /// Only what is confirmed. Default false.
        #[serde(default)]
        confirmed: bool,
        /// Only if the actor has known it (in this version) for at least so long.
        #[serde(default)]
        older: Option<Param>,
        /// Only if the actor learned it (in this version) less than so long ago.
        #[serde(default)]
        newer: Option<Param>,
    },
    /// The sum of the numbers that the actor knows is at least this.
    Sum {
        /// The fact, a number.
        fact: Name,
        /// The threshold.
        at_least: Param,
    },
    /// The matter in hand is about the actor's own state.
    AboutOwn,
    /// The matter in hand is about another state.
    AboutOther,
    /// A network is in this mode or above.
    Mode {
        /// The network.
        network: Name,
        /// The mode.
        at_least: Name,
    },
    /// A random draw succeeds.
    Chance(Param),
    /// An element is on (in the actor's state, at this date).
    InForce(Name),
    /// An attribute of the actor's state is at least this.
    Attribute {
        /// The attribute.
        name: String,
        /// The threshold.
        at_least: f64,
    },
    /// The actor belongs to a set now.
    Is(Selector),
    /// A decision has been taken.
    Decided {
        /// The decision.
        decision: Name,
        /// How it ended. Default: adopted.
        #[serde(default)]
        outcome: Outcome,
        /// Only with this option. Default: any.
        #[serde(default)]
        option: Option<Name>,
    },
    /// At least so many tasks wait in the actor's own queue.
    Waiting(u32),
    /// At least so many of the actor's servers are at work.
    AtWork(u32),
    /// At least so many tasks wait or are worked on at the actor's desk.
    AtDesk(u32),
    /// Before this instant.
    Before(Name),
    /// At or after this instant.
    After(Name),
    /// A calendar is open now, in the actor's zone and with its holidays.
    During(Name),
    /// Somebody of the actor is on duty.
    OnDuty,
    /// A parameter, as it holds for the actor now, is at least this.
    Parameter {
        /// The parameter, a plain number.
        name: Param,
        /// The threshold.
        at_least: Param,
    },
    /// The case in hand is of this class.
    Class(Name),
    /// The stock of a pool is at least this.
    Stock {
        /// The pool.
        pool: Name,
        /// The threshold.
        at_least: Param,
    },
    /// It does not hold.
    Not(Box<Condition>),
    /// At least one holds.
    Either(Vec<Condition>),
    /// All hold.
    Both(Vec<Condition>),
}

/// What a rule, decision or inject does.
#[derive(Debug, Clone, Deserialize)]
pub enum Action {
    /// Work of the actor: the name of a task, or a duration.
    Work(Param),
    /// Work that finds a fact (about the matter in hand).
    Find {
        /// The fact.
        fact: Name,
        /// Task or duration; default: found at once.
        #[serde(default)]
        work: Option<Param>,
        /// Probability that the first finding is wrong: of a choice another value, of a number one that is off by
        /// `error`; of a flag nothing is found. Later findings, own or of others, are right.
        #[serde(default)]
        wrong: Option<Param>,
        /// For a number: a factor on what is found, at each finding, or with `wrong` only on a wrong one.
        #[serde(default)]
        error: Option<Param>,
        /// For a number that is seen only bit by bit: it is the truth x (1 - exp(-t / tau)), with t since it became true.
        #[serde(default)]
        tau: Option<Param>,
        /// For a number: how many of this product the finder has read (about the same incident and state).
        #[serde(default)]
        counted: Option<Name>,
        /// The finding is confirmed, and beats whatever was only reported. Default false.
        #[serde(default)]
        confirmed: bool,
    },
    /// Produce a product and send it.
    Send {
        /// The product.
        product: Name,
        /// To whom.
        to: Selector,
        /// Channels that it goes by at once, a copy on each that leads to the receiver: what comes first counts, what
        /// comes later is redundant, and it has failed when it has failed on all. Default: the first channel that fits.
        #[serde(default)]
        by: Vec<Name>,
        /// To only so many of them, drawn at random each time. Default: to all.
        #[serde(default)]
        only: Option<Param>,
    },
    /// Pass on the product in hand, unchanged.
    Forward {
        /// To whom.
        to: Selector,
        /// To only so many of them, drawn at random each time. Default: to all.
        #[serde(default)]
        only: Option<Param>,
    },
    /// Produce and publish a statement.
    Publish(Name),
    /// Propose a decision.
    Propose(Name),
    /// Set a network's mode.
    SetMode {
        /// The network.
        network: Name,
        /// The mode.
        mode: Name,
    },
    /// Call a meeting of a network, at whose end the attendees know what the others may tell them.
    Meet {
        /// The network.
        network: Name,
        /// Length of the meeting.
        length: Param,
        /// Earliest beginning after the call. Default: at once.
        #[serde(default)]
        notice: Option<Param>,
        /// Share of members without which it does not begin. Default: 0.5.
        #[serde(default)]
        quorum: Option<Param>,
        /// Priority of attending. Default normal.
        #[serde(default)]
        priority: super::Priority,
    },
    /// Assign a role to an actor (the first of the set), from now on. Work in progress stays where it is.
    Assign {
        /// The role, which must be `assignable`.
        role: Name,
        /// To whom.
        to: Selector,
    },
    /// Enact a countermeasure.
    Enact(Name),
    /// Wait before the next action.
    Wait(Param),
    /// Wait for an instant, an opening or the end of a legal time limit.
    WaitUntil(Until),
    /// Do several things at once; the next action waits for all of them.
    Together(Vec<Vec<Action>>),
    /// Do several things at once; as soon as the first (or so many) of them are done, what is still under way in the
    /// others is withdrawn and the next action begins.
    Race {
        /// How many must be done. Default 1.
        #[serde(default)]
        first: Option<u32>,
        /// The things.
        of: Vec<Vec<Action>>,
    },
    /// Do one of several things, drawn by weight.
    Choose(Vec<(Param, Vec<Action>)>),
    /// Do something if conditions hold now (after a wait, for instance), else something else.
    If {
        /// The conditions; all must hold.
        when: Vec<Condition>,
        /// Done if they hold.
        #[serde(default)]
        then: Vec<Action>,
        /// Done if not.
        #[serde(default)]
        otherwise: Vec<Action>,
    },
    /// Do something again and again: rework with a probability, a closed loop.
    Loop {
        /// What is done; it must take work or a wait, unless the number of rounds is limited.
        body: Vec<Action>,
        /// Probability of another round after each. Default 1.
        #[serde(default)]
        again: Option<Param>,
        /// Another round only while these hold.
        #[serde(default, rename = "while")]
        while_: Vec<Condition>,
        /// Rounds in all. Default: no limit.
        #[serde(default)]
        at_most: Option<u32>,
    },
    /// Hand the matter over: other actors do something at once, without a channel; the next action waits for all of them.
    Hand {
        /// To whom.
        to: Selector,
        /// To only so many of them, drawn at random each time. Default: to all.
        #[serde(default)]
        only: Option<Param>,
        /// What they do.
        then: Vec<Action>,
    },
    /// Produce a product and send it to whoever sent the product in hand.
    Reply(Name),
    /// Open new cases, which the rule named handles (its trigger is `Opened`): at this actor if the rule is its own,
    /// else at each actor that has it.
    Open {
        /// The rule.
        rule: Name,
        /// How many: a whole number, drawn. Default 1.
        #[serde(default)]
        count: Option<Param>,
    },
    /// Take from a pool; if there is not enough, wait for it, the most urgent first. What a sequence holds goes back if
    /// it is withdrawn.
    Take {
        /// The pool.
        pool: Name,
        /// How much. Default 1.
        #[serde(default)]
        amount: Option<Param>,
        /// Priority of the request. Default normal.
        #[serde(default)]
        priority: super::Priority,
        /// After waiting so long it does without.
        #[serde(default)]
        patience: Option<Param>,
        /// What is done then, before the next action. Default: the sequence ends.
        #[serde(default)]
        otherwise: Option<Vec<Action>>,
    },
    /// Give back to a pool, or add to it.
    Return {
        /// The pool.
        pool: Name,
        /// How much. Default 1.
        #[serde(default)]
        amount: Option<Param>,
    },
    /// Move staff for a time. The sequence goes on at once; the lender lacks the staff from now until it is back.
    Lend {
        /// The actors that lend; or
        #[serde(default)]
        from: Option<Selector>,
        /// the pool that lends, as far as its stock goes. Default: staff from outside (surge).
        #[serde(default)]
        pool: Option<Name>,
        /// To whom, the same number to each. Default: the actor itself.
        #[serde(default)]
        to: Option<Selector>,
        /// How many.
        staff: Param,
        /// Travel there and, once more, back. Default: none.
        #[serde(default)]
        travel: Option<Param>,
        /// How long they work there.
        lasts: Param,
    },
    /// The case in hand is closed: all that is still done for it, anywhere, is withdrawn, and no later happening of
    /// it sets anything off.
    Finish,
}

/// What a sequence waits for.
#[derive(Debug, Clone, Deserialize)]
pub enum Until {
    /// An instant; if it is past, nothing is waited for.
    Instant(Name),
    /// The next of these local times of the day, `HH:MM`.
    Clock(Vec<Name>),
    /// Somebody of the actor is on duty.
    Duty,
    /// A calendar is open, in the actor's zone.
    Open(Name),
    /// So much time on duty, by the actor's calendar, has gone by.
    Working(Param),
    /// So much time in which a calendar is open, in the actor's zone, has gone by.
    WorkingBy(Name, Param),
    /// So many hours under Regulation 1182/71: the running hour is not counted.
    Hours(u32),
    /// So many days under Regulation 1182/71: the end of the last day, moved to a working day, by the actor's zone and
    /// holidays.
    Days(u32),
    /// So many working days under Regulation 1182/71.
    WorkingDays(u32),
    /// So many calendar months under Regulation 1182/71.
    Months(u32),
}

impl<'de> Deserialize<'de> for FactRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The place is asked for around the choice: a text alone does not know its own.
        let written = Spanned::<Written>::deserialize(deserializer)?;
        let span = written.span;
        Ok(match written.value {
            Written::Text(fact) => FactRef { fact: Name::new(fact, span), of: Scope::default() },
            Written::Scoped(scoped) => FactRef { fact: scoped.fact, of: scoped.of },
        })
    }
}

/// A fact with a scope.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scoped {
    fact: Name,
    #[serde(default)]
    of: Scope,
}

/// The two ways in which a fact is written.
enum Written {
    Text(String),
    Scoped(Scoped),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WrittenVisitor;
        impl<'de> serde::de::Visitor<'de> for WrittenVisitor {
            type Value = Written;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a fact, or `(fact: \"name\", of: Own)`")
            }
            fn visit_str<E>(self, text: &str) -> Result<Written, E> {
                Ok(Written::Text(text.to_owned()))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Written, A::Error> {
                Scoped::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Written::Scoped)
            }
        }
        deserializer.deserialize_any(WrittenVisitor)
    }
}
