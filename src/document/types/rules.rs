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
    /// Conditions without which the rule is asleep; when they begin to hold, the rule is tested once
    /// more for each fact already known.
    #[serde(default, rename = "while")]
    pub while_: Vec<Condition>,
    /// What is done, one after the other.
    pub then: Vec<Action>,
    /// How often it may fire. Default: each time.
    #[serde(default)]
    pub repeat: Repeat,
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
    /// Arrivals with random gaps.
    Arrivals(Param),
    /// Arrivals at given instants.
    ArrivalsAt(Vec<Name>),
    /// A task of the actor is done.
    Done(Name),
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
    },
    /// Pass on the product in hand, unchanged.
    Forward {
        /// To whom.
        to: Selector,
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
    /// Do several things at once; the next action waits for all of them.
    Together(Vec<Vec<Action>>),
    /// Do one of several things, drawn by weight.
    Choose(Vec<(Param, Vec<Action>)>),
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
