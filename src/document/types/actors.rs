//! Who cooperates: actors, their duty, roles held in turn, networks and modes.

use indexmap::IndexMap;
use serde::Deserialize;

use super::{Basis, Effect, Name, Param};

/// An actor, or a template that makes one actor per state.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Title in charts and stories.
    pub title: String,
    /// Short label for narrow places; default: the name.
    #[serde(default)]
    pub short: Option<String>,
    /// One actor for each state of a group: `per: State`; the actor is called `role@STATE`.
    #[serde(default)]
    pub per: Option<Per>,
    /// With `per: State`: only states of this group. Default: all states.
    #[serde(default)]
    pub group: Option<Name>,
    /// Several equal actors, called `role#1`, `role#2`, ...
    #[serde(default)]
    pub count: Option<u32>,
    /// Levels at which the actor works.
    pub levels: Vec<Name>,
    /// The state of a single actor that belongs to one.
    #[serde(default)]
    pub state: Option<Name>,
    /// Zone of its calendar; default: that of its state, else that of the document.
    #[serde(default)]
    pub zone: Option<Name>,
    /// Number of servers; default: unlimited.
    #[serde(default)]
    pub staff: Option<Param>,
    /// Duty calendar; default: always on duty.
    #[serde(default)]
    pub calendar: Option<Name>,
    /// Set of holidays; default: that of its state.
    #[serde(default)]
    pub holidays: Option<Name>,
    /// Alternatives of staff and calendar, one drawn per replication and actor by share.
    #[serde(default)]
    pub variants: Vec<ActorVariant>,
    /// What happens to work in progress when something more urgent comes.
    #[serde(default)]
    pub discipline: Discipline,
    /// Order of service among tasks of one priority.
    #[serde(default)]
    pub order: Order,
    /// How many tasks may wait; what finds the queue full is lost and counted. Default: no limit.
    #[serde(default)]
    pub queue_limit: Option<u32>,
    /// Highest rung per marking scheme that the actor may see; default: everything.
    #[serde(default)]
    pub clearance: IndexMap<Name, Name>,
    /// Whether the actor counts in situational awareness. Default: yes, unless it belongs to a state outside the
    /// group that the document is `inside`.
    #[serde(default)]
    pub counted: Option<bool>,
    /// Weight in situational awareness. Default 1.
    #[serde(default = "one")]
    pub weight: f64,
    /// Factor on the duration of all its work. Default 1.
    #[serde(default)]
    pub pace: Option<Param>,
    /// Part of the document only while this element is on.
    #[serde(default)]
    pub element: Option<Name>,
    /// Where the actor's role comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// An alternative that an actor may turn out to be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorVariant {
    /// Share of actors that are of this kind; shares are normalised.
    pub share: Param,
    /// Number of servers.
    #[serde(default)]
    pub staff: Option<Param>,
    /// Duty calendar.
    #[serde(default)]
    pub calendar: Option<Name>,
}

/// What a template is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Per {
    /// Each incident.
    Incident,
    /// Each state.
    State,
    /// Each sector.
    Sector,
}

/// Order of service among tasks of one priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Order {
    /// First come, first served.
    #[default]
    Arrival,
    /// Last come, first served.
    LastFirst,
    /// The shortest work first.
    ShortestFirst,
}

/// Order of service is always by priority first; this is about interruption.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Discipline {
    /// Work once begun is finished.
    #[default]
    NonPreemptive,
    /// More urgent work interrupts; the interrupted task resumes where it stopped.
    PreemptiveResume,
    /// More urgent work interrupts; the interrupted task begins anew, with the same working time.
    PreemptiveRestart,
}

/// Urgency of a task, the least urgent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Priority {
    /// Can wait.
    Routine,
    /// Ordinary work.
    #[default]
    Normal,
    /// Crisis work.
    Urgent,
    /// Before everything else.
    Flash,
}

/// When an actor's staff is on duty.
#[derive(Debug, Clone, Deserialize)]
pub enum Calendar {
    /// Round the clock.
    Always,
    /// Windows of the week.
    Windows {
        /// The windows; staff counts of overlapping windows add up.
        windows: Vec<Window>,
        /// Staff that can be called in outside the windows.
        #[serde(default)]
        on_call: Option<OnCall>,
        /// What happens to work at the end of duty. Default: it waits and resumes.
        #[serde(default)]
        at_close: AtClose,
    },
    /// On duty where any of these is.
    Union(Vec<Name>),
    /// On duty where all of these are.
    Intersection(Vec<Name>),
}

/// One window of duty.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Days of the week on which the window opens.
    pub days: Days,
    /// Local time of opening, `HH:MM`.
    pub from: Name,
    /// Local time of closing; at or before `from` it is on the next day; `24:00` is midnight.
    pub to: Name,
    /// Servers on duty; default: all of the actor's staff.
    #[serde(default)]
    pub staff: Option<Param>,
    /// Open on public holidays too. Default false.
    #[serde(default)]
    pub holidays: bool,
    /// Open on public holidays only (of these days). Default false.
    #[serde(default)]
    pub only_holidays: bool,
}

/// Days of the week.
#[derive(Debug, Clone, Deserialize)]
pub enum Days {
    /// Monday to Sunday.
    EveryDay,
    /// Monday to Friday.
    Weekdays,
    /// Saturday and Sunday.
    Weekend,
    /// A list, e.g. `On([Mon, Wed])`.
    On(Vec<Weekday>),
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// Calling staff in outside their hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnCall {
    /// Tasks at or above this priority call staff in.
    pub at_or_above: Priority,
    /// Time from the call until the officer works.
    pub delay: Param,
    /// How many servers come. Default 1.
    #[serde(default)]
    pub staff: Option<u32>,
    /// Probability that a call is not answered; the task then waits for the opening.
    #[serde(default)]
    pub fails: Option<Param>,
}

/// What happens to work in progress when duty ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum AtClose {
    /// It waits and resumes.
    #[default]
    Suspend,
    /// It is finished after hours.
    Overrun,
}

/// A set of public holidays.
///
/// Written as a list, or, with where it comes from, as `(days: [Fixed("05-09")], basis: ..)`.
#[derive(Debug, Clone)]
pub struct HolidaySet {
    /// The days.
    pub days: Vec<Holiday>,
    /// Where it comes from. Default: not stated.
    pub basis: Option<Basis>,
}

impl<'de> Deserialize<'de> for HolidaySet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HolidaySetVisitor;
        impl<'de> serde::de::Visitor<'de> for HolidaySetVisitor {
            type Value = HolidaySet;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of holidays, or `(days: [..], basis: ..)`")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<HolidaySet, A::Error> {
                let days = Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))?;
                Ok(HolidaySet { days, basis: None })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<HolidaySet, A::Error> {
                let set = Sourced::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(HolidaySet { days: set.days, basis: Some(set.basis) })
            }
        }
        deserializer.deserialize_any(HolidaySetVisitor)
    }
}

/// A set of holidays with where it comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sourced {
    days: Vec<Holiday>,
    basis: Basis,
}

/// A rule for public holidays.
#[derive(Debug, Clone, Deserialize)]
pub enum Holiday {
    /// The same date each year: `Fixed("05-09")`.
    Fixed(Name),
    /// Days from (western) Easter Sunday: `Easter(1)` is Easter Monday.
    Easter(i32),
    /// Days from Orthodox Easter Sunday.
    OrthodoxEaster(i32),
    /// The n-th weekday of a month, negative from its end.
    Nth {
        /// Month, 1 to 12.
        month: u8,
        /// Day of the week.
        weekday: Weekday,
        /// 1 is the first, -1 the last.
        nth: i8,
    },
    /// The first such weekday on or after a date: midsummer's Saturday is
    /// `OnOrAfter(month: 6, day: 20, weekday: Sat)`.
    OnOrAfter {
        /// Month, 1 to 12.
        month: u8,
        /// Day of the month from which on.
        day: u8,
        /// Day of the week.
        weekday: Weekday,
    },
    /// One date: `Date("2017-05-05")`.
    Date(Name),
}

/// A role whose holder changes by date.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldRole {
    /// Title in charts.
    pub title: String,
    /// From which date which actor holds it, in order.
    #[serde(default)]
    pub holders: Vec<(Name, Name)>,
    /// The first of these actors that is on duty holds it; while nobody is, the first of them. Default: by date.
    #[serde(default)]
    pub first_on_duty: Vec<Name>,
    /// The actor of a template in the state of whoever holds another role, e.g. the CSIRT of a presidency. Default:
    /// by date.
    #[serde(default)]
    pub in_state_of: Option<InStateOf>,
    /// Who may be assigned it by a rule (`Assign`), which then wins over all else. Default: nobody.
    #[serde(default)]
    pub assignable: Option<Selector>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// A role that is named by another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InStateOf {
    /// The other role.
    pub role: Name,
    /// The template of which the actor in that state holds this role.
    pub template: Name,
}

/// A body of cooperation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Title in charts.
    pub title: String,
    /// Short label.
    #[serde(default)]
    pub short: Option<String>,
    /// Who belongs to it.
    pub members: Vec<Selector>,
    /// Who chairs it.
    #[serde(default)]
    pub chair: Option<Selector>,
    /// Mode ladder, the calmest first; the network starts in the first. May be empty.
    #[serde(default)]
    pub modes: Vec<Mode>,
    /// Exists only while this element is on.
    #[serde(default)]
    pub element: Option<Name>,
    /// Where it comes from.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// A rung of a network's ladder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// Name, as in `Mode(network: "n", at_least: "alert")`.
    pub id: Name,
    /// Title in charts.
    pub title: String,
    /// Shortest stay in the mode before it may be lowered.
    #[serde(default)]
    pub dwell: Option<Param>,
    /// What holds for the members while the network is in this mode or above.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// Points of `points` that it carries, by their ids.
    #[serde(default)]
    pub points: Vec<Name>,
}

/// A set of actors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub enum Selector {
    /// One actor: `Actor("enisa")`, `Actor("csirt@ES")`.
    Actor(Name),
    /// All actors of a template.
    Role(Name),
    /// The actor of a template in the own state.
    Own(Name),
    /// The actor of a template in the state that the matter is about.
    Concerned(Name),
    /// The actors of a template in the states that the sender knows to be affected (by the fact given).
    Affected {
        /// The template.
        role: Name,
        /// The fact, per state, that marks a state as affected.
        fact: Name,
    },
    /// The actors of a template in the states of a group.
    Group {
        /// The template.
        role: Name,
        /// The group of states.
        group: Name,
    },
    /// Members of a network.
    Network(Name),
    /// Chair of a network.
    Chair(Name),
    /// All actors of a level.
    Level(Name),
    /// Who holds a role held in turn.
    Holder(Name),
    /// Who sent the product that is being handled.
    Sender,
    /// All actors that a channel leads to from here.
    Linked,
    /// The operators of the own state (or of the state concerned, for an actor without a state).
    Operators,
    /// The operators of these states and groups of states; empty: of all states. A vendor warns its customers
    /// everywhere; which of them it concerns is the scope of the countermeasure that they take up.
    OperatorsIn(Vec<Name>),
    /// All of several sets.
    AnyOf(Vec<Selector>),
    /// The first set without the second.
    Except(Box<Selector>, Box<Selector>),
}

fn one() -> f64 {
    1.0
}
