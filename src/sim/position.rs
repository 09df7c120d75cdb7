//! What members of a decision say, and when: at their desks, in the room, by an objection, after second thoughts.

use bevy_ecs::entity::Entity;

use super::agenda::{Notice, rank};
use super::condition::Luck;
use super::decision::What;
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::task::{Manner, NewTask, Then};
use crate::model::{ActorId, DecisionId, Position, SiteId};
use crate::time::SimDuration;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject, WorkKind};

impl Simulation<'_> {
    /// All members begin to form a position at their own desks.
    pub(super) fn members_work(&mut self, entity: Entity) {
        let epoch = self.session(entity).round.epoch;
        for member in 0..self.session(entity).members.len() {
            if !self.is_open(entity) || self.session(entity).round.epoch != epoch {
                return;
            }
            self.member_works(entity, member as u16);
        }
    }

    pub(super) fn member_works(&mut self, entity: Entity, member: u16) {
        let session = self.session(entity);
        let What::Decision { id, .. } = session.what else { return };
        let (actor, cause, priority, epoch) = (
            session.members[usize::from(member)].actor,
            session.called,
            session.priority,
            session.round.epoch,
        );
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
        if self.is_open(entity) && self.session(entity).round.epoch == epoch {
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

    /// The instance under which a decision draws.
    pub(super) fn position_key(&self, id: DecisionId) -> u64 {
        self.model.decisions[id.index()].name.hash.words()[0]
    }

    /// A member present begins to form a position in the room.
    pub(super) fn forms_position(&mut self, entity: Entity, member: u16) {
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
            let started = match self.trace.recent(done).map(|r| r.event) {
                Some(Event::TaskDone { started, .. }) => Some(started),
                _ => None,
            };
            let mut session = self.session(entity);
            let m = &mut session.members[usize::from(member)];
            m.task = None;
            m.began = started;
            self.votes(entity, member, done, &[]);
        }
    }

    /// Each member may object until the silence ends, as its law says.
    pub(super) fn members_may_object(&mut self, entity: Entity, site: SiteId, lasts: SimDuration) {
        let session = self.session(entity);
        let What::Decision { id, .. } = session.what else { return };
        let (epoch, round) = (session.round.epoch, session.round);
        let actors: Vec<ActorId> = session.members.iter().map(|m| m.actor).collect();
        let of = instance(&[self.position_key(id), u64::from(round.option), u64::from(round.number)]);
        for (member, actor) in actors.into_iter().enumerate() {
            let state = self.model.actors[actor.index()].state;
            let after = self.draw_duration(Drawer::Actor(actor), state, site, of);
            if after < lasts {
                let notice = Notice::Objects { session: entity, member: member as u16, epoch };
                let timer = self.schedule(after, rank::ENDS, notice);
                self.session(entity).members[member].timer = timer;
            }
        }
    }

    /// A member objects while there is time.
    pub(super) fn objects(&mut self, entity: Entity, member: u16, epoch: u32) {
        if !self.is_open(entity) || self.session(entity).round.epoch != epoch {
            return;
        }
        let session = self.session(entity);
        let (called, actor) = (session.called, session.members[usize::from(member)].actor);
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Deliberation, who, from: self.time_of(called), to: self.now };
        self.speaks(entity, member, Position::No, called, &[span]);
    }

    /// A member has thought, and speaks.
    fn votes(&mut self, entity: Entity, member: u16, cause: RecordId, spans: &[Span]) {
        let place = usize::from(member);
        let says = self.position_of(entity, place);
        let session = self.session(entity);
        let What::Decision { id, .. } = session.what else { return };
        if says != Position::NotYet {
            return self.speaks(entity, member, says, cause, spans);
        }
        let (actor, epoch) = (session.members[place].actor, session.round.epoch);
        self.session(entity).members[place].thoughts += 1;
        if self.session(entity).members[place].thoughts == 1 {
            self.record(Subject::Actor(actor), Event::Voted(id, Position::NotYet), &[cause], spans);
            self.sessions.undecided.push((actor, entity, member));
        }
        if let Some(site) = self.model.decisions[id.index()].reconsider {
            let state = self.model.actors[actor.index()].state;
            let after = self.draw_duration(Drawer::Actor(actor), state, site, self.position_key(id));
            // A pause of no length would be thought about for ever.
            let after = after.max(SimDuration::from_micros(1));
            let notice = Notice::Reconsiders { session: entity, member, epoch };
            let timer = self.schedule(after, rank::ENDS, notice);
            if let Some(old) = std::mem::replace(&mut self.session(entity).members[place].timer, timer) {
                self.events.cancel(old);
            }
        }
    }

    fn speaks(&mut self, entity: Entity, member: u16, says: Position, cause: RecordId, spans: &[Span]) {
        let mut session = self.session(entity);
        let What::Decision { id, .. } = session.what else { return };
        let m = &mut session.members[usize::from(member)];
        m.vote = Some(says);
        let actor = m.actor;
        self.sessions.undecided.retain(|u| !(u.1 == entity && u.2 == member));
        let voted = self.record(Subject::Actor(actor), Event::Voted(id, says), &[cause], spans);
        self.tally(entity, Some((actor, voted)));
    }

    /// What a member says now.
    fn position_of(&mut self, entity: Entity, member: usize) -> Position {
        let session = self.session(entity);
        let (matter, actor, round) = (session.matter, session.members[member].actor, session.round);
        let What::Decision { id, .. } = session.what else { return Position::Absent };
        let d = &self.model.decisions[id.index()];
        let mut key = instance(&[self.position_key(id), self.instance_of(&matter).word()]);
        if (round.option, round.number) != (0, 0) {
            key = instance(&[key, u64::from(round.option), u64::from(round.number)]);
        }
        let who = Drawer::Actor(actor);
        let state = self.model.actors[actor.index()].state;
        for stance in &d.stances {
            let about = stance.about.is_empty() || stance.about[usize::from(round.option)];
            let meant = about
                && stance.from_round <= round.number
                && stance.who.as_ref().is_none_or(|sel| self.select(sel, actor, &matter).contains(&actor));
            if !meant || self.first_failing(&stance.when, actor, &matter, Luck::OnceFor(key)).is_some() {
                continue;
            }
            // Drawn once, so that second thoughts change with what is known and not with luck.
            let succeeds = stance.chance.is_none_or(|site| {
                let word = self.draws.word_at(self.model, who, site, key, 0);
                self.chance_of(who, state, site, word)
            });
            if succeeds {
                return stance.say;
            }
        }
        let holds = self.first_failing(&d.in_favour_when, actor, &matter, Luck::OnceFor(key)).is_none();
        let yes = holds && d.in_favour.is_none_or(|site| self.chance(who, state, site, key));
        if yes { Position::Yes } else { Position::No }
    }

    /// The time of a member without a position to think again has come.
    pub(super) fn reconsiders(&mut self, entity: Entity, member: u16, epoch: u32) {
        if self.is_open(entity) && self.session(entity).round.epoch == epoch {
            let spans = self.session_spans(entity, None);
            let called = self.session(entity).called;
            self.votes(entity, member, called, &spans);
        }
    }

    /// An actor has learned something: if it has no position yet somewhere, it thinks again.
    pub(super) fn thinks_again(&mut self, actor: ActorId, learned: RecordId) {
        if self.sessions.undecided.is_empty() {
            return;
        }
        let mine: Vec<(Entity, u16)> =
            self.sessions.undecided.iter().filter(|u| u.0 == actor).map(|u| (u.1, u.2)).collect();
        for (entity, member) in mine {
            let waits = self.is_open(entity)
                && self.session(entity).members.get(usize::from(member)).is_some_and(|m| m.vote.is_none());
            if waits {
                self.votes(entity, member, learned, &[]);
            }
        }
    }
}
