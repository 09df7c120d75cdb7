//! Decisions: proposed, convened, deliberated, sealed as soon as the outcome is certain.
//!
//! Phases: proposed → (notice → members attend → quorum) → positions → adopted | next round | rejected | lapsed. One
//! instance is open for each incident (or state, or sector, if the decision says so); a proposal while it is open
//! joins it. In writing each member works on its position at its own desk; in a meeting those present form theirs in
//! the room; by silence it is adopted at the end unless somebody objects. How votes count stands in
//! [`super::ballot`], what members say in [`super::position`], how rounds follow each other in [`super::round`].

use std::collections::HashMap;

use bevy_ecs::prelude::*;
use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::ballot::{Standing, Voter, counts_the_room, standing};
use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::Matter;
use super::round::Round;
use super::task::{Manner, NewTask, Then};
use super::world::component;
use crate::des::Ticket;
use crate::model::{
    ActorId, DecisionId, IncidentId, NetworkId, Outcome, Position, Priority, Procedure, RuleId, SectorId,
    SiteId, StateId, Vote,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject, WorkKind};

/// Of which state and sector an instance of a decision is, where there is one for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    pub(super) state: Option<StateId>,
    pub(super) sector: Option<SectorId>,
}

/// An instance of a decision.
type Key = (DecisionId, Option<IncidentId>, Scope);

/// How an instance ended: how, when, with which option.
type Ended = (Outcome, SimTime, u8);

/// Open sessions and how decisions ended.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: HashMap<Key, Entity>,
    ended: HashMap<Key, Ended>,
    all: Vec<Entity>,
    /// Decisions that wait for the next meeting of a network.
    pub(super) waiting: Vec<(NetworkId, Entity)>,
    /// Meetings that have begun.
    pub(super) meetings: Vec<(NetworkId, Entity)>,
    /// Meetings with the decisions that were taken up in them.
    pub(super) in_meetings: Vec<(Entity, Entity)>,
    /// Members who have no position yet.
    pub(super) undecided: Vec<(ActorId, Entity, u16)>,
}

impl Sessions {
    /// Sessions that may be open.
    pub(super) fn all(&self) -> &[Entity] {
        &self.all
    }

    /// How an instance of a decision ended last, and with which option.
    pub(super) fn outcome(
        &self,
        decision: DecisionId,
        incident: Option<IncidentId>,
        scope: Scope,
    ) -> Option<(Outcome, u8)> {
        self.ended.get(&(decision, incident, scope)).map(|e| (e.0, e.2))
    }
}

/// A decision or a meeting under way.
#[derive(Component, Debug)]
pub(super) struct Session {
    pub(super) what: What,
    pub(super) members: Vec<Member>,
    pub(super) matter: Matter,
    /// The proposal, the call, or the beginning of the present round.
    pub(super) called: RecordId,
    /// Members needed to begin.
    pub(super) quorum: usize,
    pub(super) priority: Priority,
    /// When it began, and who completed the quorum.
    pub(super) began: Option<(SimTime, ActorId)>,
    /// The round of a decision.
    pub(super) round: Round,
    /// Of which state and sector a decision is.
    pub(super) scope: Scope,
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
    pub(super) vote: Option<Position>,
    pub(super) timer: Option<Ticket>,
    /// When it began to form its position at its desk.
    pub(super) began: Option<SimTime>,
    /// How often it has thought.
    pub(super) thoughts: u32,
}

impl Member {
    pub(super) fn new(actor: ActorId) -> Self {
        Member { actor, task: None, present: false, vote: None, timer: None, began: None, thoughts: 0 }
    }
}

impl Simulation<'_> {
    pub(super) fn session(&mut self, entity: Entity) -> Mut<'_, Session> {
        component(&mut self.world, entity)
    }

    pub(super) fn is_open(&self, entity: Entity) -> bool {
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

    /// The instance of a decision that an actor means.
    pub(super) fn scope_of(&self, id: DecisionId, actor: ActorId, matter: &Matter) -> Scope {
        let d = &self.model.decisions[id.index()];
        let state = || self.model.actors[actor.index()].state.or(matter.state);
        Scope {
            state: if d.per_state { state() } else { None },
            sector: if d.per_sector { matter.sector } else { None },
        }
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
        let scope = self.scope_of(id, by, &matter);
        let key = (id, matter.incident, scope);
        let state = model.actors[by.index()].state;
        let off = d.element.is_some_and(|e| !model.elements[e.index()].in_force(self.now, state));
        if off || self.sessions.open.contains_key(&key) || self.pauses(key, by) {
            return;
        }
        let Some(chair) = self.select(&d.chair, by, &matter).first().copied() else { return };
        let called = self.record(Subject::Actor(chair), Event::Proposed(id), &[cause], &[]);
        let alone = matches!(d.vote, Vote::Chair);
        let mut voters = match &d.members {
            Some(sel) if !alone => self.select(sel, by, &matter),
            _ => vec![chair],
        };
        if !alone && !d.voting_states.is_empty() {
            let votes =
                |a: &ActorId| model.actors[a.index()].state.is_none_or(|s| d.voting_states[s.index()]);
            voters.retain(votes);
        }
        let consulting = matches!(d.vote, Vote::ChairAfterConsulting(_));
        let members: Vec<Member> =
            voters.into_iter().filter(|a| !(consulting && *a == chair)).map(Member::new).collect();
        let quorum = match d.procedure {
            Procedure::Meeting { quorum, .. } => share_of(members.len(), quorum),
            _ => 0,
        };
        let what = What::Decision { id, rule, chair, chair_works: false };
        let matter = Matter { state: matter.state.or(scope.state), ..matter };
        let session = Session {
            what,
            members,
            matter,
            called,
            quorum,
            priority: d.priority,
            began: None,
            round: Round::default(),
            scope,
        };
        let entity = self.open_session(session);
        self.sessions.open.insert(key, entity);
        if let Some(site) = d.lapses_after {
            let after = self.of_chair(chair, site, id);
            self.schedule(after, rank::BEGINS, Notice::Lapses(entity));
        }
        self.begin_round(entity);
    }

    /// Whether a rejected decision may not be proposed again yet.
    fn pauses(&mut self, key: Key, by: ActorId) -> bool {
        let d = &self.model.decisions[key.0.index()];
        let ended = self.sessions.ended.get(&key).copied();
        let (Some((outcome, at, _)), Some(pause)) = (ended, d.pause) else {
            return false;
        };
        let nobody = Drawer::Incident(IncidentId::from_index(0));
        let pause = SimDuration::from_micros_f64(self.number(nobody, None, pause));
        if outcome == Outcome::Adopted || self.now >= at.saturating_add(pause) {
            return false;
        }
        let knows_more = d
            .reopened_by
            .iter()
            .any(|&kind| self.known_of(by, kind, key.1).any(|(_, known)| self.time_of(known.record) > at));
        !knows_more
    }

    pub(super) fn of_chair(&mut self, chair: ActorId, site: SiteId, id: DecisionId) -> SimDuration {
        let state = self.model.actors[chair.index()].state;
        let of = self.position_key(id);
        self.draw_duration(Drawer::Actor(chair), state, site, of)
    }

    /// How votes on the present option of a decision count.
    pub(super) fn vote_on(&self, id: DecisionId, option: u8) -> Vote {
        let d = &self.model.decisions[id.index()];
        d.options.get(usize::from(option)).map_or(d.vote, |o| o.vote)
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
        // Who was interrupted and comes back has said and heard what there was.
        if session.members[place].present {
            return;
        }
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
            What::Meeting { .. } if began => self.late_at_meeting(entity, actor),
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

    /// Ends the round of a decision if its outcome is certain.
    pub(super) fn tally(&mut self, entity: Entity, last: Option<(ActorId, RecordId)>) {
        let model = self.model;
        let session = self.session(entity);
        let What::Decision { id, chair, chair_works, rule } = session.what else { return };
        let option = session.round.option;
        let vote = self.vote_on(id, option);
        if let Vote::ChairAfterConsulting(_) = vote {
            let votes: Vec<Option<Position>> = self.session(entity).members.iter().map(|m| m.vote).collect();
            if chair_works {
                if let Some(&Some(says)) = votes.last() {
                    match says {
                        Position::Yes => self.conclude(entity, Outcome::Adopted, chair, last.map(|l| l.1)),
                        _ => self.fails(entity, Outcome::Rejected, chair, last.map(|l| l.1)),
                    }
                }
            } else if votes.iter().all(Option::is_some) {
                let what = What::Decision { id, rule, chair, chair_works: true };
                let mut session = self.session(entity);
                session.what = what;
                session.members.push(Member::new(chair));
                let place = session.members.len() as u16 - 1;
                self.member_works(entity, place);
            }
            return;
        }
        let in_room = self.session(entity).began.is_some() && counts_the_room(vote);
        let ballot = self.ballot(entity, in_room.then_some(Position::Absent), None);
        let silence = matches!(model.decisions[id.index()].procedure, Procedure::Silence { .. });
        let sealer = last.map_or(chair, |l| l.0);
        // Without enough voices nothing is certain: the decision may still lapse for want of them.
        if !self.has_turnout(entity, id) {
            return;
        }
        match standing(vote, &ballot) {
            // By silence nothing is adopted before the time to object is over.
            Standing::Adopted if silence => {}
            Standing::Adopted => self.conclude(entity, Outcome::Adopted, sealer, last.map(|l| l.1)),
            Standing::Failed => self.fails(entity, Outcome::Rejected, sealer, last.map(|l| l.1)),
            Standing::Open => {}
        }
    }

    /// Whether enough members have spoken for a vote to count.
    pub(super) fn has_turnout(&mut self, entity: Entity, id: DecisionId) -> bool {
        let turnout = self.model.decisions[id.index()].turnout;
        let members = &self.session(entity).members;
        let spoke = |m: &&Member| m.vote.is_some_and(|v| v != Position::Absent);
        members.iter().filter(spoke).count() as f64 >= turnout * members.len() as f64 - 1e-9
    }

    /// The ballot as it stands; who is not in the room and who has not spoken may count as something.
    pub(super) fn ballot(
        &mut self,
        entity: Entity,
        outside: Option<Position>,
        silent: Option<Position>,
    ) -> Vec<Voter> {
        let model = self.model;
        let people =
            |a: ActorId| model.actors[a.index()].state.map_or(0.0, |s| model.states[s.index()].population);
        let members = &self.session(entity).members;
        let says = |m: &Member| m.vote.or(if m.present { None } else { outside }).or(silent);
        members.iter().map(|m| Voter { says: says(m), people: people(m.actor) }).collect()
    }

    /// The chair waits no longer for those consulted.
    pub(super) fn consulting_ends(&mut self, entity: Entity, epoch: u32) {
        if !self.is_open(entity) || self.session(entity).round.epoch != epoch {
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
    pub(super) fn session_spans(
        &mut self,
        entity: Entity,
        sealer: Option<(ActorId, SimTime)>,
    ) -> SmallVec<[Span; 2]> {
        let session = self.session(entity);
        let (called, began, what) = (session.called, session.began, session.what);
        let from = self.time_of(called);
        let (quorate, by) = match (began, sealer) {
            (Some((at, by)), _) => (at, Subject::Actor(by)),
            (None, Some((by, at))) => (at.max(from), Subject::Actor(by)),
            (None, None) => (from, Subject::World),
        };
        let who = sealer.map_or(by, |s| Subject::Actor(s.0));
        let first = match what {
            What::Decision { id, .. } => match self.model.decisions[id.index()].procedure {
                // It was not convened: it waited for a meeting.
                Procedure::NextMeeting(network) => (SpanKind::Schedule, Subject::Network(network)),
                _ => (SpanKind::Convening, by),
            },
            What::Meeting { .. } => (SpanKind::Convening, by),
        };
        SmallVec::from_slice(&[
            Span { kind: first.0, who: first.1, from, to: quorate },
            Span { kind: SpanKind::Deliberation, who, from: quorate, to: self.now },
        ])
    }

    /// The spans of the end of a round, sealed by a vote or (none) by the clock.
    pub(super) fn sealing_spans(
        &mut self,
        entity: Entity,
        sealer: ActorId,
        voted: Option<RecordId>,
    ) -> SmallVec<[Span; 2]> {
        let session = self.session(entity);
        let (called, closing) = (session.called, session.round.closing);
        let silence = match session.what {
            What::Decision { id, .. } => {
                matches!(
                    self.model.decisions[id.index()].procedure,
                    Procedure::Silence { objection: Some(_), .. }
                )
            }
            What::Meeting { .. } => false,
        };
        let began = if closing || silence { self.time_of(called) } else { self.began_work(entity, voted) };
        self.session_spans(entity, Some((sealer, began)))
    }

    /// Ends a decision for good.
    pub(super) fn conclude(
        &mut self,
        entity: Entity,
        how: Outcome,
        sealer: ActorId,
        voted: Option<RecordId>,
    ) {
        let session = self.session(entity);
        let (matter, called, option, scope) =
            (session.matter, session.called, session.round.option, session.scope);
        let What::Decision { id, rule, chair, .. } = session.what else { return };
        let spoke = |m: &&Member| m.vote.is_some_and(|v| v != Position::Absent);
        let n_votes = session.members.iter().filter(spoke).count() as u32;
        let spans = self.sealing_spans(entity, sealer, voted);
        let causes: SmallVec<[RecordId; 2]> = std::iter::once(called).chain(voted).collect();
        let event = Event::Decided(id, how, n_votes, option);
        let decided = self.record(Subject::Actor(chair), event, &causes, &spans);
        let key = (id, matter.incident, scope);
        self.sessions.open.remove(&key);
        self.sessions.ended.insert(key, (how, self.now, option));
        self.close_session(entity);
        let d = &self.model.decisions[id.index()];
        let actions = match (how, d.options.get(usize::from(option))) {
            (Outcome::Adopted, Some(option)) => &option.adopted,
            (Outcome::Adopted, None) => &d.adopted,
            _ => &d.rejected,
        };
        if !actions.is_empty() {
            self.start_run(actions, chair, rule, matter, decided);
        }
        self.tell_decided(id, (how, option), scope, matter, decided);
    }

    /// When the sealing vote's work at the desk began.
    fn began_work(&mut self, entity: Entity, voted: Option<RecordId>) -> SimTime {
        let who = voted.and_then(|v| self.trace.recent(v)).map(|r| r.who);
        let began = self
            .session(entity)
            .members
            .iter()
            .find(|m| Some(Subject::Actor(m.actor)) == who)
            .and_then(|m| m.began);
        began.unwrap_or(self.now)
    }

    /// Releases whoever is at a session or still on the way to it.
    pub(super) fn close_session(&mut self, entity: Entity) {
        let mut session = self.session(entity);
        let members = std::mem::take(&mut session.members);
        self.world.despawn(entity);
        self.sessions.all.retain(|&e| e != entity);
        self.sessions.waiting.retain(|w| w.1 != entity);
        self.sessions.meetings.retain(|m| m.1 != entity);
        self.sessions.undecided.retain(|u| u.1 != entity);
        self.sessions.in_meetings.retain(|m| m.1 != entity);
        self.release(members);
    }

    /// Lets members go back to their other work.
    pub(super) fn release(&mut self, members: Vec<Member>) {
        for m in members {
            if let Some(timer) = m.timer {
                self.events.cancel(timer);
            }
            match m.task {
                Some(task) if m.present => {
                    // Who was called away from the session waits in line to come back to it.
                    self.desk(m.actor).waiting.retain(|t| *t != task);
                    self.service_ends(task);
                }
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
