//! Actors, their duty, sets of them, networks.

use super::{
    ActorId, Basis, Effect, ElementId, LevelId, MarkingRung, NetworkId, ParamId, RoleId, RotaId, SetId,
    SiteId, StateId, StreamName, TemplateId,
};
use crate::time::{DutyProfile, Holidays, SimTime, Zone};

/// A template that makes one actor per state, or a single actor.
#[derive(Debug, Clone)]
pub struct Template {
    /// Name, e.g. `csirt`.
    pub name: String,
    /// Title.
    pub title: String,
    /// Its actors in order.
    pub actors: Vec<ActorId>,
    /// The actor of each state (the first, where there are several).
    pub by_state: Vec<Option<ActorId>>,
    /// The actor of each sector, of a template per sector.
    pub by_sector: Vec<Option<ActorId>>,
    /// All of them as a set.
    pub set: SetId,
}

impl Template {
    /// The actor of a state or, of a template per sector, of a sector.
    pub fn actor_of(&self, state: Option<StateId>, sector: Option<super::SectorId>) -> Option<ActorId> {
        let of_state = state.and_then(|s| self.by_state[s.index()]);
        of_state.or_else(|| sector.and_then(|s| self.by_sector.get(s.index()).copied().flatten()))
    }
}

/// An actor.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Name, e.g. `csirt@ES`.
    pub name: StreamName,
    /// Title for people, e.g. `CSIRT of Spain`.
    pub title: String,
    /// Short label.
    pub short: String,
    /// Its template.
    pub template: TemplateId,
    /// Its state.
    pub state: Option<StateId>,
    /// Its sector, of a template per sector.
    pub sector: Option<super::SectorId>,
    /// Levels at which it works.
    pub levels: Vec<LevelId>,
    /// Zone.
    pub zone: Zone,
    /// Public holidays that it keeps.
    pub holidays: Holidays,
    /// What it may turn out to be; one alternative has share 1.
    pub variants: Vec<ActorVariant>,
    /// Draws the alternative, if there are several.
    pub variant_site: Option<SiteId>,
    /// Whether more urgent work interrupts.
    pub preemptive: bool,
    /// Whether interrupted work begins anew.
    pub restarts: bool,
    /// Order among tasks of one priority.
    pub order: Order,
    /// Tasks that may wait.
    pub queue_limit: Option<u32>,
    /// Highest rung it may see, for each scheme in which it is limited.
    pub clearance: Vec<MarkingRung>,
    /// Counts in situational awareness.
    pub counted: bool,
    /// Weight in situational awareness.
    pub weight: f64,
    /// Factor on the duration of its work.
    pub pace: Option<SiteId>,
    /// Where its role comes from.
    pub basis: Basis,
}

/// An alternative of staff and calendar.
#[derive(Debug, Clone)]
pub struct ActorVariant {
    /// Share, normalised.
    pub share: f64,
    /// Number of servers; none: unlimited.
    pub staff: Option<u32>,
    /// The parameter that says so, on which effects may work.
    pub staff_param: Option<ParamId>,
    /// Duty rota; none: always on duty.
    pub rota: Option<RotaId>,
}

/// A calendar in a zone, laid out over the run.
#[derive(Debug, Clone)]
pub struct Rota {
    /// Name of the calendar.
    pub name: String,
    /// When how many are on duty.
    pub profile: DutyProfile,
    /// Calling staff in.
    pub on_call: Option<OnCall>,
    /// Work in progress at the end of duty is finished (true) or suspended.
    pub overrun: bool,
}

/// Calling staff in outside their hours.
#[derive(Debug, Clone)]
pub struct OnCall {
    /// Lowest priority that calls staff in.
    pub at_or_above: Priority,
    /// Delay of the call-out.
    pub delay: SiteId,
    /// Servers that come.
    pub staff: u32,
    /// Probability that nobody answers.
    pub fails: Option<SiteId>,
}

/// Urgency, the least urgent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Can wait.
    Routine,
    /// Ordinary.
    #[default]
    Normal,
    /// Crisis work.
    Urgent,
    /// Before everything else.
    Flash,
}

/// Order of service among tasks of one priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// First come, first served.
    #[default]
    Arrival,
    /// Last come, first served.
    LastFirst,
    /// The shortest work first.
    ShortestFirst,
}

/// A role held in turn.
#[derive(Debug, Clone)]
pub struct HeldRole {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// From when who holds it, sorted by time; instants before the start are `ZERO`.
    pub holders: Vec<(SimTime, ActorId)>,
    /// How it is held without an assignment.
    pub held: Held,
    /// Who may be assigned it; none: nobody.
    pub assignable: Option<SetId>,
}

/// How a role is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// By date.
    Dated,
    /// By the first of these that is on duty.
    FirstOnDuty(Vec<ActorId>),
    /// By the actor of a template in the state of who holds another role.
    InStateOf(RoleId, TemplateId),
}

impl HeldRole {
    /// Whether its holder depends on what happens in a run.
    pub fn is_decided_in_the_run(&self) -> bool {
        self.assignable.is_some() || matches!(self.held, Held::FirstOnDuty(_))
    }

    /// Who holds the role at `t` by date.
    fn dated(&self, t: SimTime) -> Option<ActorId> {
        self.holders.iter().rev().find(|(from, _)| *from <= t).map(|&(_, actor)| actor)
    }
}

impl super::Model {
    /// Who holds a role at `t`, as far as dates alone say.
    pub fn holder(&self, role: RoleId, t: SimTime) -> Option<ActorId> {
        let r = &self.roles[role.index()];
        match &r.held {
            Held::Dated => r.dated(t),
            Held::FirstOnDuty(list) => list.first().copied(),
            Held::InStateOf(of, template) => {
                let state = self.actors[self.holder(*of, t)?.index()].state?;
                self.templates[template.index()].by_state[state.index()]
            }
        }
    }
}

/// Everybody who may ever hold a role.
pub fn possible_holders(model: &super::Model, role: RoleId) -> Vec<ActorId> {
    let r = &model.roles[role.index()];
    let mut all = match &r.held {
        Held::Dated => r.holders.iter().map(|h| h.1).collect(),
        Held::FirstOnDuty(list) => list.clone(),
        Held::InStateOf(_, template) => model.templates[template.index()].actors.clone(),
    };
    if let Some(set) = r.assignable {
        all.extend_from_slice(&model.sets[set.index()].members);
    }
    all
}

/// A fixed set of actors.
#[derive(Debug, Clone, Default)]
pub struct ActorSet {
    /// Members, sorted, without repeats.
    pub members: Vec<ActorId>,
    /// `contains[i]` for actor `i`.
    pub contains: Vec<bool>,
}

impl ActorSet {
    /// Whether an actor belongs to the set.
    pub fn has(&self, actor: ActorId) -> bool {
        self.contains[actor.index()]
    }
}

/// A set of actors, fixed or depending on who asks and when.
#[derive(Debug, Clone)]
pub enum Sel {
    /// A fixed set.
    Fixed(SetId),
    /// The actor of a template in the state of who asks.
    Own(TemplateId),
    /// The actor of a template in the state that the matter is about.
    Concerned(TemplateId),
    /// The actors of a template in states that who asks knows to be affected.
    Affected(TemplateId, super::FactKindId),
    /// Who holds a role now.
    Holder(RoleId),
    /// Who sent the product in hand.
    Sender,
    /// Everybody that a channel leads to.
    Linked,
    /// Operators of the own state (or of the state concerned).
    Operators,
    /// Operators of these states.
    OperatorsIn(Vec<StateId>),
    /// All of several.
    AnyOf(Vec<Sel>),
    /// The first without the second.
    Except(Box<Sel>, Box<Sel>),
    /// Some of them, drawn each time that it is asked for.
    Drawn(Box<Sel>, Sample),
}

/// How many are drawn, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The purpose of the draws.
    pub site: SiteId,
    /// How many.
    pub n: usize,
}

/// A body of cooperation.
#[derive(Debug, Clone)]
pub struct Network {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Short label.
    pub short: String,
    /// Members; those that depend on time are resolved when asked.
    pub members: Sel,
    /// Chair.
    pub chair: Option<Sel>,
    /// Mode ladder; may be empty.
    pub modes: Vec<Mode>,
    /// Where it comes from.
    pub basis: Basis,
}

/// A rung of a mode ladder.
#[derive(Debug, Clone)]
pub struct Mode {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Shortest stay before it is lowered.
    pub dwell: Option<SiteId>,
    /// Effects while the network is in this mode or above.
    pub effects: Vec<Effect>,
}

/// A mode of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeRef {
    /// The network.
    pub network: NetworkId,
    /// Position in its ladder.
    pub mode: u8,
}

/// A date-like restriction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validity {
    /// Not before.
    pub from: Option<SimTime>,
    /// By state: not before, instead of `from`; none: never. Empty: as everywhere.
    pub from_in: Vec<Option<SimTime>>,
    /// Not at or after.
    pub until: Option<SimTime>,
    /// Only while this element is in force for the actor.
    pub element: Option<ElementId>,
    /// Only while this element is not in force for the actor.
    pub unless: Option<ElementId>,
}

impl Validity {
    /// Whether its dates allow it at `t`, in a state or (none) for the whole.
    pub fn by_date(&self, t: SimTime, state: Option<StateId>) -> bool {
        let begun = match state.and_then(|s| self.from_in.get(s.index())) {
            Some(from) => from.is_some_and(|from| from <= t),
            None => self.from.is_none_or(|from| from <= t),
        };
        begun && self.until.is_none_or(|until| t < until)
    }
}
