//! Rounds of a decision: how one begins, how a vote closes, what follows when it fails.
//!
//! Options fall back in order: the last round on one that fails is followed at once by the first on the next. A
//! decision that waits for a meeting is voted on by those present, and its vote closes with the meeting.

use bevy_ecs::entity::Entity;
use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::ballot::{Standing, standing};
use super::decision::{Member, What};
use super::engine::Simulation;
use crate::model::{ActorId, NetworkId, Outcome, Position, Procedure, Vote};
use crate::time::SimDuration;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// Where a decision stands in its options and rounds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Round {
    /// The option, from 0.
    pub(super) option: u8,
    /// The round on it, from 0.
    pub(super) number: u8,
    /// Rounds so far: voids what was scheduled before.
    pub(super) epoch: u32,
    /// Between two rounds: the end of the one before.
    pub(super) ended: Option<RecordId>,
    /// The vote is being closed by the clock.
    pub(super) closing: bool,
    /// The meeting in which it is voted on.
    pub(super) meeting: Option<Entity>,
}

impl Simulation<'_> {
    /// A round begins: members are asked, convened, or wait for a meeting.
    pub(super) fn begin_round(&mut self, entity: Entity) {
        let session = self.session(entity);
        let What::Decision { id, chair, .. } = session.what else { return };
        let round = session.round;
        let epoch = round.epoch;
        let d = &self.model.decisions[id.index()];
        let closes = Notice::VoteCloses { session: entity, epoch };
        if let Some(site) = d.closes_after {
            let after = self.of_chair(chair, site, id);
            self.schedule(after, rank::BEGINS, closes);
        }
        match (self.vote_on(id, round.option), d.procedure) {
            (Vote::ChairAfterConsulting(wait), _) => {
                let wait = self.of_chair(chair, wait, id);
                self.schedule(wait, rank::BEGINS, Notice::ConsultingEnds(entity, epoch));
                self.members_work(entity);
                if self.is_open(entity) && self.session(entity).round.epoch == epoch {
                    self.tally(entity, None);
                }
            }
            (_, Procedure::Meeting { notice, .. }) => {
                let notice = if epoch == 0 { self.of_chair(chair, notice, id) } else { SimDuration::ZERO };
                self.schedule(notice, rank::BEGINS, Notice::SessionCalled(entity));
            }
            (_, Procedure::NextMeeting(network)) => self.waits_for_meeting(entity, network),
            (_, Procedure::Silence { lasts, objection }) => {
                let lasts = self.of_chair(chair, lasts, id);
                self.schedule(lasts, rank::BEGINS, closes);
                match objection {
                    Some(site) => self.members_may_object(entity, site, lasts),
                    None => self.members_work(entity),
                }
            }
            (_, Procedure::Written) => {
                self.members_work(entity);
                if self.is_open(entity) && self.session(entity).members.is_empty() {
                    self.conclude(entity, Outcome::Lapsed, chair, None);
                }
            }
        }
    }

    /// The vote closes, though not everybody has spoken.
    pub(super) fn vote_closes(&mut self, entity: Entity, epoch: u32) {
        if !self.is_open(entity) {
            return;
        }
        let session = self.session(entity);
        let What::Decision { id, chair, .. } = session.what else { return };
        let round = session.round;
        if round.epoch != epoch || round.ended.is_some() {
            return;
        }
        self.session(entity).round.closing = true;
        let d = &self.model.decisions[id.index()];
        let silent = match d.procedure {
            Procedure::Silence { .. } => Position::Yes,
            _ => d.silent,
        };
        if !self.has_turnout(entity, id) {
            return self.fails(entity, Outcome::Lapsed, chair, None);
        }
        let ballot = self.ballot(entity, Some(silent), Some(silent));
        match standing(self.vote_on(id, round.option), &ballot) {
            Standing::Adopted => self.conclude(entity, Outcome::Adopted, chair, None),
            _ => self.fails(entity, Outcome::Rejected, chair, None),
        }
    }

    /// A round ends without an adoption: another follows, or the decision ends so.
    pub(super) fn fails(&mut self, entity: Entity, how: Outcome, sealer: ActorId, voted: Option<RecordId>) {
        let session = self.session(entity);
        let What::Decision { id, rule, chair, .. } = session.what else { return };
        let (round, called) = (session.round, session.called);
        let d = &self.model.decisions[id.index()];
        let again = round.number + 1 < d.rounds;
        let next_option = usize::from(round.option) + 1 < d.options.len();
        if !again && !next_option {
            return self.conclude(entity, how, sealer, voted);
        }
        let spans = self.sealing_spans(entity, sealer, voted);
        let causes: SmallVec<[RecordId; 2]> = std::iter::once(called).chain(voted).collect();
        let event = Event::RoundEnded(id, round.option, round.number);
        let ended = self.record(Subject::Actor(chair), event, &causes, &spans);
        let pause = match d.round_pause {
            Some(site) if again => self.of_chair(chair, site, id),
            _ => SimDuration::ZERO,
        };
        let in_room = self.session(entity).began.is_some();
        let waits = again && matches!(d.procedure, Procedure::NextMeeting(_));
        let stays = in_room && pause.is_zero() && !waits;
        let mut session = self.session(entity);
        session.round = Round {
            option: if again { round.option } else { round.option + 1 },
            number: if again { round.number + 1 } else { 0 },
            epoch: round.epoch + 1,
            ended: Some(ended),
            closing: false,
            meeting: if stays { round.meeting } else { None },
        };
        session.what = What::Decision { id, rule, chair, chair_works: false };
        let consulted = matches!(self.vote_on(id, round.option), Vote::ChairAfterConsulting(_));
        let mut session = self.session(entity);
        if consulted {
            session.members.retain(|m| m.actor != chair);
        }
        let fresh: Vec<Member> = session.members.iter().map(|m| Member::new(m.actor)).collect();
        let before = std::mem::replace(&mut session.members, fresh);
        self.sessions.undecided.retain(|u| u.1 != entity);
        if !stays {
            self.sessions.in_meetings.retain(|m| m.1 != entity);
        }
        if stays {
            for (place, m) in before.into_iter().enumerate() {
                if let Some(timer) = m.timer {
                    self.events.cancel(timer);
                }
                let mut session = self.session(entity);
                let now = &mut session.members[place];
                (now.task, now.present) = (m.task, m.present);
            }
        } else {
            self.session(entity).began = None;
            self.release(before);
        }
        let epoch = round.epoch + 1;
        if pause.is_zero() {
            self.round_begins(entity, epoch);
        } else {
            self.schedule(pause, rank::BEGINS, Notice::RoundBegins { session: entity, epoch });
        }
    }

    /// The pause before a round is over.
    pub(super) fn round_begins(&mut self, entity: Entity, epoch: u32) {
        if !self.is_open(entity) || self.session(entity).round.epoch != epoch {
            return;
        }
        let session = self.session(entity);
        let What::Decision { id, chair, .. } = session.what else { return };
        let (round, began) = (session.round, session.began);
        let Some(ended) = round.ended else { return };
        let who = Subject::Actor(chair);
        let span = Span { kind: SpanKind::Delay, who, from: self.time_of(ended), to: self.now };
        let event = Event::RoundBegan(id, round.option, round.number);
        let called = self.record(who, event, &[ended], &[span]);
        let now = self.now;
        let mut session = self.session(entity);
        session.called = called;
        session.round.ended = None;
        let Some((_, by)) = began else { return self.begin_round(entity) };
        // Those in the room go on.
        session.began = Some((now, by));
        for member in 0..self.session(entity).members.len() {
            if self.session(entity).members[member].present {
                self.forms_position(entity, member as u16);
            }
        }
    }

    /// A decision waits for a meeting of a network, or is taken up in one that is going on.
    fn waits_for_meeting(&mut self, entity: Entity, network: NetworkId) {
        let meeting = self.sessions.meetings.iter().find(|m| m.0 == network).map(|m| m.1);
        self.sessions.waiting.push((network, entity));
        if let Some(meeting) = meeting {
            self.taken_up(entity, meeting);
        }
    }

    /// A meeting has begun: decisions that wait for it are taken up in it.
    pub(super) fn takes_up_decisions(&mut self, network: NetworkId, meeting: Entity) {
        self.sessions.meetings.push((network, meeting));
        let waiting: Vec<Entity> =
            self.sessions.waiting.iter().filter(|w| w.0 == network).map(|w| w.1).collect();
        for decision in waiting {
            self.taken_up(decision, meeting);
        }
    }

    /// A decision is taken up in a meeting, if any of its members is there.
    fn taken_up(&mut self, entity: Entity, meeting: Entity) {
        let there: Vec<ActorId> =
            self.session(meeting).members.iter().filter(|m| m.present).map(|m| m.actor).collect();
        let completed = self.session(meeting).began;
        let now = self.now;
        let mut session = self.session(entity);
        let mut any = None;
        for m in session.members.iter_mut().filter(|m| there.contains(&m.actor)) {
            m.present = true;
            any = Some(m.actor);
        }
        let Some(any) = any else { return };
        session.began = Some((now, completed.map_or(any, |c| c.1)));
        session.round.meeting = Some(meeting);
        self.sessions.waiting.retain(|w| w.1 != entity);
        self.sessions.in_meetings.push((meeting, entity));
        for member in 0..self.session(entity).members.len() {
            if self.session(entity).members[member].present {
                self.forms_position(entity, member as u16);
            }
        }
    }

    /// Decisions taken up in a meeting.
    fn decisions_in(&self, meeting: Entity) -> Vec<Entity> {
        self.sessions.in_meetings.iter().filter(|m| m.0 == meeting).map(|m| m.1).collect()
    }

    /// Somebody joins a meeting that has begun, and the decisions in it; those that waited for it are taken up.
    pub(super) fn late_at_meeting(&mut self, meeting: Entity, actor: ActorId) {
        for entity in self.decisions_in(meeting) {
            let mut session = self.session(entity);
            let place = session.members.iter().position(|m| m.actor == actor && !m.present);
            if let Some(place) = place {
                session.members[place].present = true;
                self.forms_position(entity, place as u16);
            }
        }
        let network = self.sessions.meetings.iter().find(|m| m.1 == meeting).map(|m| m.0);
        let waiting: Vec<Entity> =
            self.sessions.waiting.iter().filter(|w| Some(w.0) == network).map(|w| w.1).collect();
        for decision in waiting {
            self.taken_up(decision, meeting);
        }
    }

    /// A meeting is over: votes on what was taken up in it close.
    pub(super) fn votes_close_with(&mut self, meeting: Entity) {
        self.sessions.meetings.retain(|m| m.1 != meeting);
        for entity in self.decisions_in(meeting) {
            if self.is_open(entity) {
                let epoch = self.session(entity).round.epoch;
                self.vote_closes(entity, epoch);
                // Another option would have been voted on in the same meeting, which is over.
                if self.is_open(entity) && self.session(entity).round.meeting == Some(meeting) {
                    self.leaves_meeting(entity);
                }
            }
        }
    }

    /// A decision that is still open when its meeting ends waits for the next.
    fn leaves_meeting(&mut self, entity: Entity) {
        let mut session = self.session(entity);
        let What::Decision { id, .. } = session.what else { return };
        session.round.meeting = None;
        session.began = None;
        let timers: Vec<_> = session
            .members
            .iter_mut()
            .filter_map(|m| {
                m.present = false;
                m.timer.take()
            })
            .collect();
        for timer in timers {
            self.events.cancel(timer);
        }
        self.sessions.in_meetings.retain(|m| m.1 != entity);
        if let Procedure::NextMeeting(network) = self.model.decisions[id.index()].procedure {
            self.waits_for_meeting(entity, network);
        }
    }
}
