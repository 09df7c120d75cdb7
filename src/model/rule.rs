//! Rules, decisions, countermeasures' counterparts in the model.

use super::{
    Basis, ChannelId, ClassId, CountermeasureId, DecisionId, ElementId, FactKindId, InjectId, ModeRef,
    NetworkId, PoolId, Priority, ProductId, RoleId, RotaId, RuleId, Sel, SetId, SiteId, StateId, StreamName,
    TaskId, Validity,
};
use crate::time::{Deadline, DeadlineContext, Holidays, SimDuration, SimTime, Zone};

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Actors that have it.
    pub actors: SetId,
    /// An actor has it only while it belongs to this (a role held in turn); none: always.
    pub holder: Option<RoleId>,
    /// Its triggers: leaves and how they join.
    pub trigger: Trigger,
    /// Conditions at the trigger.
    pub when: Vec<Condition>,
    /// Conditions without which it sleeps.
    pub while_: Vec<Condition>,
    /// What is done, in order.
    pub then: Vec<Action>,
    /// How often.
    pub repeat: Repeat,
    /// What withdraws its sequences that are under way.
    pub cancelled_by: Option<Trigger>,
    /// Class of the cases that it opens.
    pub class: ClassId,
    /// When it is in force.
    pub validity: Validity,
    /// Where it comes from.
    pub basis: Basis,
}

/// How often a rule may fire for one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Each time.
    Each,
    /// Once per incident.
    Once,
    /// Once per fact instance.
    OncePerFact,
    /// Once per case.
    OncePerCase,
}

/// Leaves of a trigger and the way they join.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// Atomic triggers.
    pub leaves: Vec<Leaf>,
    /// The join.
    pub join: Join,
}

/// How leaves join; positions refer to [`Trigger::leaves`].
#[derive(Debug, Clone)]
pub enum Join {
    /// One leaf.
    Leaf(u16),
    /// All of them have happened.
    All(Vec<Join>),
    /// Any.
    Any(Vec<Join>),
    /// k of them.
    KOf(u32, Vec<Join>),
    /// The k-th time.
    Nth(u32, Box<Join>),
    /// So often within a window.
    Within {
        /// How often.
        times: u32,
        /// Window.
        window: SimDuration,
        /// Of what.
        of: Box<Join>,
    },
}

/// Which instances of a fact per state are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Any.
    Any,
    /// Of the actor's own state.
    Own,
    /// Of another state.
    Other,
    /// Of the state in hand.
    Same,
}

/// An atomic trigger.
#[derive(Debug, Clone)]
pub enum Leaf {
    /// The start.
    Start,
    /// Instants.
    At(Vec<SimTime>),
    /// An inject.
    Inject(InjectId),
    /// A product was read.
    Receive(ProductId),
    /// A fact was learned.
    Learn(FactKindId, Scope),
    /// A network entered a mode.
    Enter(ModeRef),
    /// A network left a mode.
    Leave(ModeRef),
    /// A decision ended, with this option if one is named.
    Decided(DecisionId, Outcome, Option<u8>),
    /// A cadence.
    Every {
        /// Interval, drawn at each tick.
        interval: SiteId,
        /// When the ticks fall.
        phase: Phase,
    },
    /// Arrivals with random gaps.
    Arrivals(SiteId),
    /// Arrivals in batches or limited in number.
    Stream(Stream),
    /// The action `Open`.
    Opened,
    /// A case is finished.
    Finished(Option<ClassId>),
    /// A task was done.
    Done(TaskId),
    /// A task found the queue full.
    TurnedAway(TaskId),
    /// A task gave up.
    GaveUp(TaskId),
    /// The own queue rises to a length.
    QueueReaches(u32),
    /// The own queue falls to a length.
    QueueFallsTo(u32),
    /// The known number of a fact crosses a level.
    Crosses(Crossing),
    /// The stock of a pool falls to a level.
    StockFallsTo(PoolId, f64),
    /// Nothing of a product was read for so long.
    Silence(ProductId, SiteId),
    /// A statement was published.
    Published(ProductId),
    /// A product could not be delivered.
    Failed(ProductId),
    /// A countermeasure was enacted.
    Released(CountermeasureId),
}

/// Arrivals in batches or limited in number.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// Time between batches.
    pub gap: SiteId,
    /// Cases of a batch; none: 1.
    pub size: Option<SiteId>,
    /// When the first comes; none: after a gap.
    pub first: Option<SiteId>,
    /// Batches in all.
    pub at_most: Option<u32>,
}

/// A level that a known number crosses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The kind of fact, a number.
    pub kind: FactKindId,
    /// Which instances count.
    pub of: Scope,
    /// The level.
    pub level: f64,
    /// It rises to the level, else it falls below.
    pub rising: bool,
}

impl Crossing {
    /// Whether a number crosses the level when it comes after another (none: nothing was known).
    pub fn is_crossed(&self, before: Option<f64>, now: f64) -> bool {
        match self.rising {
            true => now >= self.level && before.is_none_or(|before| before < self.level),
            false => now < self.level && before.is_some_and(|before| before >= self.level),
        }
    }
}

impl Leaf {
    /// The kind of fact and the instances of it whose learning may be this happening.
    pub fn learning(&self) -> Option<(FactKindId, Scope)> {
        match self {
            Leaf::Learn(kind, of) => Some((*kind, *of)),
            Leaf::Crosses(crossing) => Some((crossing.kind, crossing.of)),
            _ => None,
        }
    }

    /// Whether the happening belongs to a case, so that joins match it within one.
    pub fn is_of_case(&self) -> bool {
        matches!(
            self,
            Leaf::Receive(_)
                | Leaf::Done(_)
                | Leaf::Failed(_)
                | Leaf::TurnedAway(_)
                | Leaf::GaveUp(_)
                | Leaf::Finished(_)
        )
    }
}

/// How a decision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Adopted.
    Adopted,
    /// Rejected.
    Rejected,
    /// Lapsed.
    Lapsed,
}

/// When the ticks of a cadence fall.
#[derive(Debug, Clone)]
pub enum Phase {
    /// From the start.
    FromStart,
    /// From the entry into a mode or a higher one; none while below it.
    FromEntry(ModeRef),
    /// At instants (given local times of each day, laid out over the run in the actor's zone):
    /// `at[rank]` for the actor of that rank in the rule's set.
    At(Vec<Vec<SimTime>>),
}

/// A condition.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The actor knows instances of a fact.
    Known {
        /// The kind.
        kind: FactKindId,
        /// Which instances count.
        of: Scope,
        /// How many; none: 1.
        at_least: Option<SiteId>,
        /// Only with this choice.
        value: Option<u32>,
        /// Only with at least this number.
        number: Option<SiteId>,
        /// Only if it is confirmed.
        confirmed: bool,
        /// Only if known for at least so long.
        older: Option<SiteId>,
        /// Only if learned less than so long ago.
        newer: Option<SiteId>,
    },
    /// The sum of known numbers is at least this.
    Sum {
        /// The kind.
        kind: FactKindId,
        /// Threshold.
        at_least: SiteId,
    },
    /// The matter is about the own state.
    AboutOwn,
    /// The matter is about another state.
    AboutOther,
    /// A network is in a mode or above.
    Mode(ModeRef),
    /// A draw succeeds.
    Chance(SiteId),
    /// An element is in force for the actor.
    InForce(ElementId),
    /// `true` for the states (by position) whose attribute is high enough; an actor without a state: false.
    Attribute(Vec<bool>),
    /// The actor belongs to a set now.
    Is(Sel),
    /// A decision has ended so (for this incident, where there is one), with this option if one is named.
    Decided(DecisionId, Outcome, Option<u8>),
    /// So many tasks wait in the own queue.
    Waiting(u32),
    /// So many of the own servers are at work.
    AtWork(u32),
    /// So many tasks wait or are worked on.
    AtDesk(u32),
    /// Before an instant.
    Before(SimTime),
    /// At or after an instant.
    After(SimTime),
    /// A calendar is open, laid out for each actor; none: always.
    During(Vec<Option<RotaId>>),
    /// Somebody is on duty.
    OnDuty,
    /// A parameter is at least another.
    Parameter(SiteId, SiteId),
    /// The case is of a class.
    Class(ClassId),
    /// The stock of a pool is at least this.
    Stock(PoolId, SiteId),
    /// Not.
    Not(Box<Condition>),
    /// Any of them.
    Either(Vec<Condition>),
    /// All of them.
    Both(Vec<Condition>),
}

/// Work: a named task or a duration.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// A task.
    Task(TaskId),
    /// A duration at normal priority.
    For(SiteId),
}

/// What is done.
#[derive(Debug, Clone)]
pub enum Action {
    /// Work.
    Work(Work),
    /// Work that finds a fact about the matter in hand.
    Find {
        /// What is found, and how well.
        finding: Finding,
        /// The work.
        work: Option<Work>,
    },
    /// Produce and send.
    Send {
        /// The product.
        product: ProductId,
        /// To whom.
        to: Sel,
        /// Channels that it goes by at once; empty: the first that fits.
        by: Vec<ChannelId>,
    },
    /// Pass on the product in hand.
    Forward {
        /// To whom.
        to: Sel,
    },
    /// Produce and publish a statement.
    Publish(ProductId),
    /// Propose a decision.
    Propose(DecisionId),
    /// Set a mode.
    SetMode(ModeRef),
    /// Call a meeting.
    Meet(Meeting),
    /// Assign a role to the first of a set.
    Assign(RoleId, Sel),
    /// Enact a countermeasure.
    Enact(CountermeasureId),
    /// Wait.
    Wait(SiteId),
    /// Wait for an instant.
    WaitUntil(Until),
    /// Several sequences at once; goes on when all are done.
    Together(Vec<Vec<Action>>),
    /// Several sequences at once; goes on when so many are done, and withdraws the others.
    Race(u32, Vec<Vec<Action>>),
    /// One of several sequences by weight.
    Choose(SiteId, Vec<(f64, Vec<Action>)>),
    /// A sequence if conditions hold, else another.
    If(Vec<Condition>, Vec<Action>, Vec<Action>),
    /// A sequence again and again.
    Loop(Loop),
    /// Other actors do something.
    Hand(Sel, Vec<Action>),
    /// Open cases of a rule.
    Open(RuleId, Option<SiteId>),
    /// The case is closed.
    Finish,
    /// Take from a pool.
    Take(Take),
    /// Give to a pool.
    Return(PoolId, Option<SiteId>),
    /// Move staff.
    Lend(Lend),
}

/// Taking from a pool.
#[derive(Debug, Clone)]
pub struct Take {
    /// The pool.
    pub pool: PoolId,
    /// How much; none: 1.
    pub amount: Option<SiteId>,
    /// Priority of the request.
    pub priority: Priority,
    /// Does without after so long.
    pub patience: Option<SiteId>,
    /// What is done then; none: the sequence ends.
    pub otherwise: Option<Vec<Action>>,
}

/// Moving staff for a time.
#[derive(Debug, Clone)]
pub struct Lend {
    /// Who lends.
    pub from: Lender,
    /// To whom; none: the actor itself.
    pub to: Option<Sel>,
    /// How many.
    pub staff: SiteId,
    /// Travel, there and back.
    pub travel: Option<SiteId>,
    /// How long they work there.
    pub lasts: SiteId,
}

/// Who lends staff.
#[derive(Debug, Clone)]
pub enum Lender {
    /// Nobody here: surge.
    Outside,
    /// Actors.
    Actors(Sel),
    /// A pool.
    Pool(PoolId),
}

/// A sequence that is done again and again.
#[derive(Debug, Clone)]
pub struct Loop {
    /// The sequence.
    pub body: Vec<Action>,
    /// Probability of another round; none: 1.
    pub again: Option<SiteId>,
    /// Conditions of another round.
    pub while_: Vec<Condition>,
    /// Rounds in all.
    pub at_most: Option<u32>,
}

/// What a sequence waits for.
#[derive(Debug, Clone)]
pub enum Until {
    /// An instant.
    Instant(SimTime),
    /// The next of these local times.
    Clock(Vec<crate::time::ClockTime>),
    /// Somebody of the actor is on duty.
    Duty,
    /// A calendar is open, laid out for each actor.
    Open(Vec<Option<RotaId>>),
    /// So much time on duty.
    Working(SiteId),
    /// So much time in which a calendar is open.
    WorkingBy(Vec<Option<RotaId>>, SiteId),
    /// A time limit by civil time.
    Deadline(crate::time::Deadline),
}

/// What is found, and how well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// The fact.
    pub kind: FactKindId,
    /// Probability that the first finding is wrong.
    pub wrong: Option<SiteId>,
    /// Factor on a number.
    pub error: Option<SiteId>,
    /// Time constant of a number that is seen bit by bit.
    pub tau: Option<SiteId>,
    /// Product whose readings are the number.
    pub counted: Option<ProductId>,
    /// Beats what is only reported.
    pub confirmed: bool,
}

/// A meeting to be called.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// Of which network.
    pub network: NetworkId,
    /// How long.
    pub length: SiteId,
    /// Earliest beginning after the call.
    pub notice: Option<SiteId>,
    /// Share of members needed.
    pub quorum: f64,
    /// Priority of attending.
    pub priority: Priority,
}

/// A decision.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Name.
    pub name: StreamName,
    /// Title.
    pub title: String,
    /// Chair.
    pub chair: Sel,
    /// Voters; none: the chair.
    pub members: Option<Sel>,
    /// By state: whether its actors vote; empty: all do. Actors without a state always do.
    pub voting_states: Vec<bool>,
    /// One instance for each state.
    pub per_state: bool,
    /// One instance for each sector.
    pub per_sector: bool,
    /// How votes make an outcome.
    pub vote: Vote,
    /// How members come to vote.
    pub procedure: Procedure,
    /// Time to form a position.
    pub position: SiteId,
    /// Probability of being in favour.
    pub in_favour: Option<SiteId>,
    /// Conditions of being in favour.
    pub in_favour_when: Vec<Condition>,
    /// Positions tried in order before those.
    pub stances: Vec<Stance>,
    /// After which time who said "not yet" thinks again.
    pub reconsider: Option<SiteId>,
    /// Options, the preferred first; empty: a plain question.
    pub options: Vec<Choice>,
    /// Rounds for each option.
    pub rounds: u8,
    /// Pause between rounds.
    pub round_pause: Option<SiteId>,
    /// A vote closes after.
    pub closes_after: Option<SiteId>,
    /// What counts for who has not spoken then.
    pub silent: Position,
    /// Share that must have spoken then.
    pub turnout: f64,
    /// Priority of the work.
    pub priority: Priority,
    /// Lapses after.
    pub lapses_after: Option<SiteId>,
    /// May be proposed again after a rejection.
    pub pause: Option<SiteId>,
    /// Facts that end the pause.
    pub reopened_by: Vec<FactKindId>,
    /// On adoption.
    pub adopted: Vec<Action>,
    /// On rejection or lapse.
    pub rejected: Vec<Action>,
    /// Element without which it cannot be proposed.
    pub element: Option<ElementId>,
    /// Where it comes from.
    pub basis: Basis,
}

/// What a member says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// In favour.
    Yes,
    /// Against.
    No,
    /// Neither.
    Abstain,
    /// No position yet.
    NotYet,
    /// Takes no part.
    Absent,
}

/// A possible position of a member.
#[derive(Debug, Clone)]
pub struct Stance {
    /// What it says.
    pub say: Position,
    /// Members that may say so; none: all.
    pub who: Option<Sel>,
    /// Conditions.
    pub when: Vec<Condition>,
    /// Probability.
    pub chance: Option<SiteId>,
    /// `about[o]` for option `o`; empty: about each.
    pub about: Vec<bool>,
    /// From this round on, from 0.
    pub from_round: u8,
}

/// An option of a decision.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// How votes on it count.
    pub vote: Vote,
    /// What happens when it is adopted: what it says, then what the decision says.
    pub adopted: Vec<Action>,
}

/// How votes make an outcome.
#[derive(Debug, Clone, Copy)]
pub enum Vote {
    /// The chair alone.
    Chair,
    /// The chair after hearing members, for so long at most.
    ChairAfterConsulting(SiteId),
    /// So many in favour.
    AtLeast(u32),
    /// Nobody against among those in the room (or in writing, among all).
    Consensus,
    /// Nobody against and nobody absent; fails when those abstaining reach both shares (members, population).
    Unanimity(Option<(f64, f64)>),
    /// More than a share in favour.
    Majority(f64, Base),
    /// Shares of members and of population.
    DoubleMajority {
        /// Share of members.
        states: f64,
        /// Share of population.
        population: f64,
        /// Opponents needed to block.
        blocking: u32,
        /// Of whom.
        of: Base,
    },
}

/// Whose votes a share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// All members.
    Members,
    /// Those who have spoken.
    Present,
    /// Votes for and against.
    Voting,
}

/// How members come to vote.
#[derive(Debug, Clone, Copy)]
pub enum Procedure {
    /// Each on its own.
    Written,
    /// Adopted at the end unless somebody objects.
    Silence {
        /// How long there is time to object.
        lasts: SiteId,
        /// When a member objects; none: by positions formed at desks.
        objection: Option<SiteId>,
    },
    /// In the next meeting of a network.
    NextMeeting(NetworkId),
    /// In a meeting of its own.
    Meeting {
        /// Earliest beginning.
        notice: SiteId,
        /// Share of members.
        quorum: f64,
    },
}

/// A reporting duty.
#[derive(Debug, Clone)]
pub struct Duty {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Who owes: actors, or operators.
    pub who: DutyHolder,
    /// The product.
    pub product: ProductId,
    /// To whom (fixed part; `Own` is resolved by the holder's state).
    pub to: Sel,
    /// Deadline.
    pub limit: Limit,
    /// Share that never complies.
    pub never: Option<SiteId>,
    /// Legal or recommended.
    pub binding: bool,
    /// Owed for clocks that start while it is in force.
    pub validity: Validity,
    /// Where it comes from.
    pub basis: Basis,
}

/// A deadline.
#[derive(Debug, Clone)]
pub enum Limit {
    /// So much time after the event.
    Elapsed(SimDuration),
    /// By the days of a state: those of each, then those of nobody's.
    Civil(Deadline, Vec<(Zone, Holidays)>),
    /// So much time on a rota: that of each state, then that of nobody's; none is round the clock.
    Working(SimDuration, Vec<Option<RotaId>>),
}

impl Limit {
    /// When the time that starts at `event` is over for who belongs to a state; none: never, as far as can be told.
    pub fn due(&self, model: &super::Model, state: Option<StateId>, event: SimTime) -> Option<SimTime> {
        let place = |n: usize| state.map_or(n.saturating_sub(1), StateId::index);
        match self {
            Limit::Elapsed(within) => event.checked_add(*within),
            Limit::Civil(deadline, days) => {
                let (zone, holidays) = days.get(place(days.len()))?;
                let context = DeadlineContext { epoch: model.meta.epoch, zone, holidays, profile: None };
                deadline.due(event, context).ok()
            }
            Limit::Working(work, rotas) => match rotas.get(place(rotas.len()))? {
                Some(rota) => model.rotas[rota.index()].profile.work_end(event, *work),
                None => event.checked_add(*work),
            },
        }
    }
}

/// Who owes a duty, and what starts the clock.
#[derive(Debug, Clone)]
pub enum DutyHolder {
    /// Operators, from detection.
    Operators,
    /// Actors, from a trigger.
    Actors(SetId, Trigger),
}
