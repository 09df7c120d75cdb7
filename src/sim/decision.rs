//! Decisions: proposed, convened, deliberated, sealed as soon as the outcome is certain.
//!
//! Phases: proposed → (notice → members attend → quorum) → positions → adopted | rejected | lapsed. One instance is
//! open for each incident; a proposal while it is open joins it. In writing each member works on its position at
//! its own desk; in a meeting those present form theirs in the room.

use std::collections::HashMap;

use bevy_ecs::prelude::*;
use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::condition::Luck;
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::matter::Matter;
use super::queue::{Manner, NewTask, Then};
use super::world::component;
use crate::des::Ticket;
use crate::model::{
    ActorId, DecisionId, IncidentId, NetworkId, Outcome, Priority, Procedure, RuleId, SiteId, Vote,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject, WorkKind};

/// Open sessions and how decisions ended.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: HashMap<(DecisionId, Option<IncidentId>), Entity>,
    ended: HashMap<(DecisionId, Option<IncidentId>), (Outcome, SimTime)>,
    all: Vec<Entity>,
}

impl Sessions {
    /// Sessions that may be open.
    pub(super) fn all(&self) -> &[Entity] {
        &self.all
    }

    /// How a decision ended last.
    pub(super) fn outcome(&self, decision: DecisionId, incident: Option<IncidentId>) -> Option<Outcome> {
        self.ended.get(&(decision, incident)).map(|e| e.0)
    }
}

/// A decision or a meeting under way.
#[derive(Component, Debug)]
pub(super) struct Session {
    pub(super) what: What,
    pub(super) members: Vec<Member>,
    pub(super) matter: Matter,
    /// The proposal or the call.
    pub(super) called: RecordId,
    /// Members needed to begin.
    pub(super) quorum: usize,
    pub(super) priority: Priority,
    /// When it began, and who completed the quorum.
    pub(super) began: Option<(SimTime, ActorId)>,
}

/// What a session is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// A decision; the rule whose run proposed it; the chair; whether the chair itself is at work.
    Decision { id: DecisionId, rule: RuleId, chair: ActorId, chair_works: bool },
    /// A meeting of a network for a run.
    Meeting { network: NetworkId, length: SiteId, run: u32, began: RecordId },
}

/// A member of a session.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) actor: ActorId,
    pub(super) task: Option<u32>,
    pub(super) present: bool,
    vote: Option<bool>,
    timer: Option<Ticket>,
}

impl Member {
    pub(super) fn new(actor: ActorId) -> Self {
        Member { actor, task: None, present: false, vote: None, timer: None }
    }
}

impl Simulation<'_> {
    pub(super) fn session(&mut self, entity: Entity) -> Mut<'_, Session> {
        component(&mut self.world, entity)
    }

    fn is_open(&self, entity: Entity) -> bool {
        self.world.get_entity(entity).is_ok()
    }

    pub(super) fn open_session(&mut self, session: Session) -> Entity {
        let entity = self.world.spawn(session).id();
        self.sessions.all.push(entity);
        entity
    }

    pub(super) fn clear_sessions(&mut self) {
        for entity in std::mem::take(&mut self.sessions.all) {
            if self.world.get_entity(entity).is_ok() {
                self.world.despawn(entity);
            }
        }
        self.sessions = Sessions::default();
    }

    /// Somebody proposes a decision.
    pub(super) fn propose(
        &mut self,
        id: DecisionId,
        by: ActorId,
        rule: RuleId,
        matter: Matter,
        cause: RecordId,
    ) {
        let model = self.model;
        let d = &model.decisions[id.index()];
        let key = (id, matter.incident);
        let state = model.actors[by.index()].state;
        let off = d.element.is_some_and(|e| !model.elements[e.index()].in_force(self.now, state));
        if off || self.sessions.open.contains_key(&key) || self.pauses(id, matter.incident) {
            return;
        }
        let Some(chair) = self.select(&d.chair, by, &matter).first().copied() else { return };
        let called = self.record(Subject::Actor(chair), Event::Proposed(id), &[cause], &[]);
        let alone = matches!(d.vote, Vote::Chair);
        let voters = match &d.members {
            Some(sel) if !alone => self.select(sel, by, &matter),
            _ => vec![chair],
        };
        let consulting = matches!(d.vote, Vote::ChairAfterConsulting(_));
        let members: Vec<Member> =
            voters.into_iter().filter(|a| !(consulting && *a == chair)).map(Member::new).collect();
        let quorum = match d.procedure {
            Procedure::Meeting { quorum, .. } => share_of(members.len(), quorum),
            Procedure::Written => 0,
        };
        let what = What::Decision { id, rule, chair, chair_works: false };
        let session = Session { what, members, matter, called, quorum, priority: d.priority, began: None };
        let entity = self.open_session(session);
        self.sessions.open.insert(key, entity);
        if let Some(site) = d.lapses_after {
            let after = self.of_chair(chair, site, id);
            self.schedule(after, rank::BEGINS, Notice::Lapses(entity));
        }
        match (d.vote, d.procedure) {
            (Vote::ChairAfterConsulting(wait), _) => {
                let wait = self.of_chair(chair, wait, id);
                self.schedule(wait, rank::BEGINS, Notice::ConsultingEnds(entity));
                self.members_work(entity);
                self.tally(entity, None);
            }
            (_, Procedure::Meeting { notice, .. }) => {
                let notice = self.of_chair(chair, notice, id);
                self.schedule(notice, rank::BEGINS, Notice::SessionCalled(entity));
            }
            (_, Procedure::Written) => {
                self.members_work(entity);
                if self.is_open(entity) && self.session(entity).members.is_empty() {
                    self.conclude(entity, Outcome::Lapsed, chair, None);
                }
            }
        }
    }

    fn pauses(&mut self, id: DecisionId, incident: Option<IncidentId>) -> bool {
        let ended = self.sessions.ended.get(&(id, incident)).copied();
        let (Some((outcome, at)), Some(pause)) = (ended, self.model.decisions[id.index()].pause) else {
            return false;
        };
        let nobody = Drawer::Incident(IncidentId::from_index(0));
        let pause = SimDuration::from_micros_f64(self.number(nobody, None, pause));
        outcome != Outcome::Adopted && self.now < at.saturating_add(pause)
    }

    fn of_chair(&mut self, chair: ActorId, site: SiteId, id: DecisionId) -> SimDuration {
        let state = self.model.actors[chair.index()].state;
        let of = self.model.decisions[id.index()].name.hash.words()[0];
        self.draw_duration(Drawer::Actor(chair), state, site, of)
    }

    /// All members begin to form a position at their own desks.
    fn members_work(&mut self, entity: Entity) {
        for member in 0..self.session(entity).members.len() {
            if !self.is_open(entity) {
                return;
            }
            self.member_works(entity, member as u16);
        }
    }

    fn member_works(&mut self, entity: Entity, member: u16) {
        let session = self.session(entity);
        let What::Decision { id, .. } = session.what else { return };
        let (actor, cause, priority) =
            (session.members[usize::from(member)].actor, session.called, session.priority);
        // The chair may begin later than the proposal: the task then arrives with what let it begin.
        let cause = if self.time_of(cause) == self.now { cause } else { self.waited_by_chair(entity, actor) };
        let duration = self.effort(actor, self.model.decisions[id.index()].position, self.position_key(id));
        let task = NewTask {
            actor,
            work: WorkKind::Position(id),
            priority,
            duration,
            manner: Manner::default(),
            cause,
            then: Then::Position { session: entity, member },
        };
        let task = self.task_arrives(task);
        if self.is_open(entity) {
            self.session(entity).members[usize::from(member)].task = task;
        }
    }

    /// A record of the instant at which consulting ended, so that the chair's work has a cause then.
    fn waited_by_chair(&mut self, entity: Entity, chair: ActorId) -> RecordId {
        let session = self.session(entity);
        let What::Decision { rule, .. } = session.what else { return session.called };
        let called = session.called;
        let who = Subject::Actor(chair);
        let span = Span { kind: SpanKind::Convening, who, from: self.time_of(called), to: self.now };
        self.record(who, Event::Waited(rule), &[called], &[span])
    }

    fn position_key(&self, id: DecisionId) -> u64 {
        self.model.decisions[id.index()].name.hash.words()[0]
    }

    /// The notice of a session is over: its members are asked to attend.
    pub(super) fn session_called(&mut self, entity: Entity) {
        if !self.is_open(entity) {
            return;
        }
        let session = self.session(entity);
        let (called, priority) = (session.called, session.priority);
        let actors: Vec<ActorId> = session.members.iter().map(|m| m.actor).collect();
        let (work, rule) = match session.what {
            What::Decision { id, rule, .. } => (WorkKind::Session(id), rule),
            What::Meeting { network, run, .. } => (WorkKind::Attend(network), self.runs.get(run).rule),
        };
        let cause = if self.time_of(called) == self.now {
            called
        } else {
            let span = Span {
                kind: SpanKind::Schedule,
                who: Subject::World,
                from: self.time_of(called),
                to: self.now,
            };
            self.record(Subject::World, Event::Waited(rule), &[called], &[span])
        };
        for (member, actor) in actors.into_iter().enumerate() {
            if !self.is_open(entity) {
                return;
            }
            let task = NewTask {
                actor,
                work,
                priority,
                duration: SimDuration::MAX,
                manner: Manner::default(),
                cause,
                then: Then::Attend { session: entity, member: member as u16 },
            };
            let task = self.task_arrives(task);
            if self.is_open(entity) {
                let m = &mut self.session(entity).members[member];
                m.task = m.task.or(task);
            }
        }
    }

    /// A member is there.
    pub(super) fn attends(&mut self, entity: Entity, member: u16, task: u32) {
        let now = self.now;
        let mut session = self.session(entity);
        let place = usize::from(member);
        session.members[place].task = Some(task);
        session.members[place].present = true;
        let actor = session.members[place].actor;
        let present = session.members.iter().filter(|m| m.present).count();
        let begins = session.began.is_none() && present >= session.quorum;
        if begins {
            session.began = Some((now, actor));
        }
        let (what, began) = (session.what, session.began.is_some());
        match what {
            What::Meeting { .. } if begins => self.meeting_begins(entity),
            What::Decision { .. } if begins => {
                for m in 0..self.session(entity).members.len() {
                    if self.session(entity).members[m].present {
                        self.forms_position(entity, m as u16);
                    }
                }
            }
            What::Decision { .. } if began => self.forms_position(entity, member),
            _ => {}
        }
    }

    /// A member present begins to form a position in the room.
    fn forms_position(&mut self, entity: Entity, member: u16) {
        let session = self.session(entity);
        let actor = session.members[usize::from(member)].actor;
        let What::Decision { id, .. } = session.what else { return };
        let length = self.effort(actor, self.model.decisions[id.index()].position, self.position_key(id));
        let timer = self.schedule(length, rank::ENDS, Notice::PositionFormed { session: entity, member });
        self.session(entity).members[usize::from(member)].timer = timer;
    }

    /// A member in the room has formed a position.
    pub(super) fn position_formed(&mut self, entity: Entity, member: u16) {
        if self.is_open(entity) {
            let spans = self.session_spans(entity, None);
            let called = self.session(entity).called;
            self.votes(entity, member, called, &spans);
        }
    }

    /// A member has formed a position at its desk.
    pub(super) fn position_done(&mut self, entity: Entity, member: u16, done: RecordId) {
        if self.is_open(entity) {
            self.session(entity).members[usize::from(member)].task = None;
            self.votes(entity, member, done, &[]);
        }
    }

    fn votes(&mut self, entity: Entity, member: u16, cause: RecordId, spans: &[Span]) {
        let session = self.session(entity);
        let (matter, actor) = (session.matter, session.members[usize::from(member)].actor);
        let What::Decision { id, .. } = session.what else { return };
        let d = &self.model.decisions[id.index()];
        let key = instance(&[self.position_key(id), self.instance_of(&matter).word()]);
        let state = self.model.actors[actor.index()].state;
        let holds = self.first_failing(&d.in_favour_when, actor, &matter, Luck::OnceFor(key)).is_none();
        let yes = holds && d.in_favour.is_none_or(|s| self.chance(Drawer::Actor(actor), state, s, key));
        self.session(entity).members[usize::from(member)].vote = Some(yes);
        let voted = self.record(Subject::Actor(actor), Event::Voted(id, yes), &[cause], spans);
        self.tally(entity, Some((actor, voted)));
    }

    /// Ends the decision if its outcome is certain.
    fn tally(&mut self, entity: Entity, last: Option<(ActorId, RecordId)>) {
        let model = self.model;
        let session = self.session(entity);
        let What::Decision { id, chair, chair_works, rule } = session.what else { return };
        let votes: Vec<(ActorId, Option<bool>)> = session.members.iter().map(|m| (m.actor, m.vote)).collect();
        let (present, quorum) = (session.members.iter().filter(|m| m.present).count(), session.quorum);
        if let Vote::ChairAfterConsulting(_) = model.decisions[id.index()].vote {
            if chair_works {
                if let Some(yes) = votes.last().and_then(|v| v.1) {
                    let how = if yes { Outcome::Adopted } else { Outcome::Rejected };
                    self.conclude(entity, how, chair, last.map(|l| l.1));
                }
            } else if votes.iter().all(|v| v.1.is_some()) {
                let what = What::Decision { id, rule, chair, chair_works: true };
                let mut session = self.session(entity);
                session.what = what;
                session.members.push(Member::new(chair));
                let place = session.members.len() as u16 - 1;
                self.member_works(entity, place);
            }
            return;
        }
        let in_room = (quorum > 0).then_some(present);
        let population =
            |a: ActorId| model.actors[a.index()].state.map_or(0.0, |s| model.states[s.index()].population);
        if let Some(how) = sealed(model.decisions[id.index()].vote, &votes, in_room, population) {
            let sealer = last.map_or(chair, |l| l.0);
            self.conclude(entity, how, sealer, last.map(|l| l.1));
        }
    }

    /// The chair waits no longer for those consulted.
    pub(super) fn consulting_ends(&mut self, entity: Entity) {
        if !self.is_open(entity) {
            return;
        }
        let session = self.session(entity);
        let What::Decision { id, rule, chair, chair_works: false } = session.what else { return };
        let open: Vec<u32> = session.members.iter().filter_map(|m| m.task).collect();
        let mut session = self.session(entity);
        session.what = What::Decision { id, rule, chair, chair_works: true };
        session.members.push(Member::new(chair));
        let place = session.members.len() as u16 - 1;
        session.members.iter_mut().for_each(|m| m.task = None);
        open.into_iter().for_each(|task| self.withdraw(task));
        self.member_works(entity, place);
    }

    /// A decision was not taken in time.
    pub(super) fn lapses(&mut self, entity: Entity) {
        if self.is_open(entity)
            && let What::Decision { chair, .. } = self.session(entity).what
        {
            self.conclude(entity, Outcome::Lapsed, chair, None);
        }
    }

    /// A member's task was lost at its desk: it will not speak.
    pub(super) fn member_lost(&mut self, entity: Entity, member: u16) {
        if self.is_open(entity) {
            self.session(entity).members[usize::from(member)].task = None;
        }
    }

    /// How the time from the call until now went by.
    fn session_spans(&mut self, entity: Entity, sealer: Option<(ActorId, SimTime)>) -> SmallVec<[Span; 2]> {
        let session = self.session(entity);
        let (called, began) = (session.called, session.began);
        let from = self.time_of(called);
        let (quorate, by) = match (began, sealer) {
            (Some((at, by)), _) => (at, Subject::Actor(by)),
            (None, Some((by, at))) => (at.max(from), Subject::Actor(by)),
            (None, None) => (from, Subject::World),
        };
        let who = sealer.map_or(by, |s| Subject::Actor(s.0));
        SmallVec::from_slice(&[
            Span { kind: SpanKind::Convening, who: by, from, to: quorate },
            Span { kind: SpanKind::Deliberation, who, from: quorate, to: self.now },
        ])
    }

    fn conclude(&mut self, entity: Entity, how: Outcome, sealer: ActorId, voted: Option<RecordId>) {
        let session = self.session(entity);
        let (matter, called) = (session.matter, session.called);
        let What::Decision { id, rule, chair, .. } = session.what else { return };
        let n_votes = session.members.iter().filter(|m| m.vote.is_some()).count() as u32;
        let began_work = self.began_work(voted);
        let spans = self.session_spans(entity, Some((sealer, began_work)));
        let causes: SmallVec<[RecordId; 2]> = std::iter::once(called).chain(voted).collect();
        let event = Event::Decided(id, how, n_votes);
        let decided = self.record(Subject::Actor(chair), event, &causes, &spans);
        let incident = matter.incident;
        self.sessions.open.remove(&(id, incident));
        self.sessions.ended.insert((id, incident), (how, self.now));
        self.close_session(entity);
        let d = &self.model.decisions[id.index()];
        let actions = if how == Outcome::Adopted { &d.adopted } else { &d.rejected };
        if !actions.is_empty() {
            self.start_run(actions, chair, rule, matter, decided);
        }
        self.tell_decided(id, how, matter, decided);
    }

    /// When the sealing vote's work at the desk began.
    fn began_work(&self, voted: Option<RecordId>) -> SimTime {
        let done = voted.and_then(|v| self.trace.causes_of(v).first().copied());
        match done.and_then(|d| self.trace.recent(d)).map(|r| r.event) {
            Some(Event::TaskDone { started, .. }) => started,
            _ => self.now,
        }
    }

    /// Releases whoever is at a session or still on the way to it.
    pub(super) fn close_session(&mut self, entity: Entity) {
        let mut session = self.session(entity);
        let members = std::mem::take(&mut session.members);
        self.world.despawn(entity);
        self.sessions.all.retain(|&e| e != entity);
        for m in members {
            if let Some(timer) = m.timer {
                self.events.cancel(timer);
            }
            match m.task {
                Some(task) if m.present => self.service_ends(task),
                Some(task) => self.withdraw(task),
                None => {}
            }
        }
    }
}

/// Members that make a share, at least one.
pub(super) fn share_of(n: usize, share: f64) -> usize {
    ((n as f64 * share - 1e-9).ceil() as usize).clamp(1, n.max(1))
}

/// The outcome, if it is certain. `in_room` is the number present, where only they speak.
fn sealed(
    vote: Vote,
    votes: &[(ActorId, Option<bool>)],
    in_room: Option<usize>,
    population: impl Fn(ActorId) -> f64,
) -> Option<Outcome> {
    let n = votes.len();
    let count = |v: bool| votes.iter().filter(|x| x.1 == Some(v)).count();
    let (yes, no) = (count(true), count(false));
    let spoken = yes + no;
    match vote {
        Vote::Chair => votes.first()?.1.map(|y| if y { Outcome::Adopted } else { Outcome::Rejected }),
        Vote::ChairAfterConsulting(_) => None,
        Vote::AtLeast(k) if yes >= k as usize => Some(Outcome::Adopted),
        Vote::AtLeast(k) => (n - no < k as usize).then_some(Outcome::Rejected),
        Vote::Consensus if no > 0 => Some(Outcome::Rejected),
        Vote::Consensus => (spoken >= in_room.unwrap_or(n) && spoken > 0).then_some(Outcome::Adopted),
        Vote::DoubleMajority { states, population: share, blocking } => {
            let sum =
                |v: Option<bool>| votes.iter().filter(|x| x.1 == v).map(|x| population(x.0)).sum::<f64>();
            let (for_it, against, silent) = (sum(Some(true)), sum(Some(false)), sum(None));
            let total = for_it + against + silent;
            let need = share_of(n, states);
            let blocking = blocking as usize;
            if yes >= need && (for_it >= share * total || n - yes < blocking) {
                Some(Outcome::Adopted)
            } else if n - no < need || (total - against < share * total && no >= blocking) {
                Some(Outcome::Rejected)
            } else {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(ballot: &[Option<bool>]) -> Vec<(ActorId, Option<bool>)> {
        ballot.iter().enumerate().map(|(i, v)| (ActorId::from_index(i), *v)).collect()
    }

    #[test]
    fn a_majority_is_sealed_as_soon_as_it_is_certain() {
        let v = votes(&[Some(true), Some(true), None]);
        assert_eq!(sealed(Vote::AtLeast(2), &v, None, |_| 1.0), Some(Outcome::Adopted));
        let v = votes(&[Some(false), Some(false), None]);
        assert_eq!(sealed(Vote::AtLeast(2), &v, None, |_| 1.0), Some(Outcome::Rejected));
        let v = votes(&[Some(true), Some(false), None]);
        assert_eq!(sealed(Vote::AtLeast(2), &v, None, |_| 1.0), None);
    }

    #[test]
    fn three_large_members_cannot_block_but_four_can() {
        // Populations as shares: three of 14 each, 25 others share the rest.
        let people = |a: ActorId| if a.index() < 3 { 14.0 } else { 58.0 / 25.0 };
        let vote = Vote::DoubleMajority { states: 0.55, population: 0.65, blocking: 4 };
        let ballot: Vec<Option<bool>> = (0..28).map(|i| Some(i >= 3)).collect();
        assert_eq!(sealed(vote, &votes(&ballot), None, people), Some(Outcome::Adopted));
        let ballot: Vec<Option<bool>> = (0..28).map(|i| Some(i >= 4)).collect();
        assert_eq!(sealed(vote, &votes(&ballot), None, people), Some(Outcome::Rejected));
    }

    #[test]
    fn one_objection_ends_a_consensus() {
        let v = votes(&[Some(true), Some(false), None]);
        assert_eq!(sealed(Vote::Consensus, &v, None, |_| 1.0), Some(Outcome::Rejected));
        let v = votes(&[Some(true), Some(true), None]);
        assert_eq!(sealed(Vote::Consensus, &v, None, |_| 1.0), None);
        assert_eq!(sealed(Vote::Consensus, &v, Some(2), |_| 1.0), Some(Outcome::Adopted));
    }
}
