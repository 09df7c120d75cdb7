//! What stands on the event list.

use bevy_ecs::entity::Entity;

use crate::model::{ActorId, CountermeasureId, IncidentId, InjectId, NetworkId, OperatorId, PoolId, RuleId};
use crate::trace::RecordId;

/// An event notice.
#[derive(Debug, Clone, Copy)]
pub(super) enum Notice {
    /// Service of a task ends at its actor.
    ServiceEnds { task: u32, actor: ActorId },
    /// A waiting task gives up.
    PatienceEnds(u32),
    /// A task's time to live is over.
    TaskExpires(u32),
    /// A request to a pool is given up.
    RequestEnds { pool: PoolId, number: u64 },
    /// Staff that is lent arrives or is back: position in the list of moves.
    StaffMoves(u32),
    /// Nothing was read for as long as a rule waits for.
    SilenceEnds { rule: RuleId, leaf: u16, actor: ActorId },
    /// The rota of an actor changes.
    DutyChanges(ActorId),
    /// Called staff arrives.
    CallAnswered(ActorId),
    /// An outage or absence of an actor ends.
    ActorBack { actor: ActorId, absent: u32 },
    /// A copy is sent (or an attempt is made).
    CopySent(u32),
    /// A copy arrives where the sender goes by acknowledgements.
    TimedCopy { delivery: u32, copy: u32 },
    /// The interval of a copy is over.
    TimedOut(u32),
    /// An acknowledgement arrives.
    Acknowledged(u32),
    /// A copy arrives.
    CopyArrives(u32),
    /// The sender of a delivery finds out that the last copy is lost.
    GivenUp(u32),
    /// The content of what a run writes is frozen: the run and a number of its own.
    CutOff { run: u32, number: u32 },
    /// A run's wait is over.
    WaitEnds(u32),
    /// A rule's instant.
    RuleInstant { rule: RuleId, leaf: u16 },
    /// A date that what a rule is asleep without depends on.
    Wakes(RuleId),
    /// A tick of a cadence for one actor.
    Tick { rule: RuleId, leaf: u16, actor: ActorId, epoch: u32 },
    /// A generated arrival.
    Arrival { rule: RuleId, leaf: u16, actor: ActorId },
    /// An incident starts.
    IncidentStarts(IncidentId),
    /// Given hits of an incident: position in the list of given hits.
    GivenHits(u32),
    /// The pressure of a worm reaches the next threshold.
    Crossing(IncidentId),
    /// The pressure from outside begins.
    OutsideBegins(IncidentId),
    /// The pressure from outside grows.
    OutsideStep(IncidentId),
    /// The pressure from outside declines.
    OutsideDeclines(IncidentId),
    /// Opening hours change the pressure of a worm.
    HoursStep(IncidentId),
    /// The next attack of a campaign.
    Attack(IncidentId),
    /// Somebody is told of an incident: position among those that disclose it.
    Disclosed { incident: IncidentId, disclosure: u16, actor: ActorId },
    /// A hit passes along a tie.
    Passes { incident: IncidentId, operator: OperatorId, by: OperatorId, route: u16 },
    /// The head office of an enterprise knows of a branch that has detected a hit.
    HeadTold { incident: IncidentId, operator: OperatorId, tie: u16 },
    /// The next everyday incident.
    Background(IncidentId),
    /// An operator detects the hit of a record.
    Detects { incident: IncidentId, operator: OperatorId, hit: RecordId },
    /// An operator is contained.
    Contains { incident: IncidentId, operator: OperatorId, hit: RecordId },
    /// An operator recovers.
    Recovers { incident: IncidentId, operator: OperatorId, hit: RecordId },
    /// An operator can be hit again.
    SusceptibleAgain(IncidentId, OperatorId),
    /// An operator reports: position in its group's list; about a record.
    Reports { incident: IncidentId, operator: OperatorId, report: u16, about: RecordId },
    /// A head office reports about a branch.
    ReportsFor { incident: IncidentId, operator: OperatorId, head: OperatorId, report: u16 },
    /// An operator is back on line.
    OnLine { countermeasure: CountermeasureId, operator: OperatorId },
    /// An operator takes a countermeasure up.
    TakesUp { countermeasure: CountermeasureId, operator: OperatorId, epoch: u32 },
    /// A countermeasure begins to work.
    Begins(CountermeasureId),
    /// A countermeasure ceases.
    Ceases(CountermeasureId),
    /// A session (decision or meeting) is called.
    SessionCalled(Entity),
    /// A member present at a session has formed a position.
    PositionFormed { session: Entity, member: u16 },
    /// The chair waits no longer for those consulted (in a round).
    ConsultingEnds(Entity, u32),
    /// A member objects.
    Objects { session: Entity, member: u16, epoch: u32 },
    /// A member without a position thinks again.
    Reconsiders { session: Entity, member: u16, epoch: u32 },
    /// A vote closes.
    VoteCloses { session: Entity, epoch: u32 },
    /// The next round of a decision begins.
    RoundBegins { session: Entity, epoch: u32 },
    /// A decision lapses.
    Lapses(Entity),
    /// A meeting ends.
    MeetingEnds(Entity),
    /// A mode may be lowered now.
    DwellEnds { network: NetworkId, mode: u8, epoch: u32 },
    /// An inject is due; the record that it waited for, if any.
    InjectDue(InjectId, Option<crate::trace::RecordId>),
    /// An element comes into force or ceases: position in the model.
    ElementChanges(u32),
    /// A leaked fact reaches a follower.
    LeakArrives(u32),
}

/// Order at one instant: what ends, what the clock changes, what begins.
pub(super) mod rank {
    /// Work and transmissions end.
    pub(in crate::sim) const ENDS: u8 = 0;
    /// Duty and outages change.
    pub(in crate::sim) const CLOCK: u8 = 1;
    /// Everything else begins.
    pub(in crate::sim) const BEGINS: u8 = 2;
}
