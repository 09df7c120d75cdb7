//! Meetings: called, convened when a quorum is there, ended; then everybody knows what the others may say.

use bevy_ecs::entity::Entity;

use super::agenda::{Notice, rank};
use super::decision::{Member, Session, What, share_of};
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::knowledge::News;
use crate::model::{ActorId, FactId, Meeting, NetworkId};
use crate::time::SimDuration;
use crate::trace::{Event, RecordId, Source, Span, SpanKind, Subject};

impl Simulation<'_> {
    /// A run calls a meeting and waits for its end.
    pub(super) fn call_meeting(&mut self, meeting: &Meeting, run: u32) {
        let (actor, matter, cause) = {
            let r = self.runs.get(run);
            (r.actor, r.matter, r.cause)
        };
        let network = &self.model.networks[meeting.network.index()];
        let members: Vec<Member> =
            self.select(&network.members, actor, &matter).into_iter().map(Member::new).collect();
        let state = self.model.actors[actor.index()].state;
        let notice = meeting.notice.map_or(SimDuration::ZERO, |site| {
            self.draw_duration(Drawer::Actor(actor), state, site, self.instance_of(&matter))
        });
        let session = Session {
            what: What::Meeting { network: meeting.network, length: meeting.length, run, began: cause },
            quorum: share_of(members.len(), meeting.quorum),
            members,
            matter,
            called: cause,
            priority: meeting.priority,
            began: None,
            round: super::round::Round::default(),
            scope: super::decision::Scope::default(),
        };
        let entity = self.open_session(session);
        self.schedule(notice, rank::BEGINS, Notice::SessionCalled(entity));
    }

    /// A quorum is there.
    pub(super) fn meeting_begins(&mut self, entity: Entity) {
        let session = self.session(entity);
        let What::Meeting { network, length, run, .. } = session.what else { return };
        let (called, by) = (session.called, session.began.map(|b| b.1));
        let who = by.map_or(Subject::Network(network), Subject::Actor);
        let span = Span { kind: SpanKind::Convening, who, from: self.time_of(called), to: self.now };
        let event = Event::MeetingBegan(network);
        let began = self.record(Subject::Network(network), event, &[called], &[span]);
        self.session(entity).what = What::Meeting { network, length, run, began };
        let caller = self.runs.get(run).actor;
        let state = self.model.actors[caller.index()].state;
        let lasts = self.draw_duration(Drawer::Actor(caller), state, length, 0);
        self.schedule(lasts, rank::ENDS, Notice::MeetingEnds(entity));
        self.takes_up_decisions(network, entity);
    }

    /// A meeting ends; its run goes on.
    pub(super) fn meeting_ends(&mut self, entity: Entity) {
        let session = self.session(entity);
        let What::Meeting { network, run, began, .. } = session.what else { return };
        let attendees: Vec<ActorId> = session.members.iter().filter(|m| m.present).map(|m| m.actor).collect();
        let who = Subject::Network(network);
        let span = Span { kind: SpanKind::Deliberation, who, from: self.time_of(began), to: self.now };
        let ended = self.record(who, Event::MeetingEnded(network), &[began], &[span]);
        self.votes_close_with(entity);
        self.close_session(entity);
        self.exchange(network, &attendees, run, ended);
        self.go_on(run, ended);
    }

    /// Attendees tell each other what they know and share; of each fact the newest version told counts.
    fn exchange(&mut self, network: NetworkId, attendees: &[ActorId], run: u32, ended: RecordId) {
        let matter = self.runs.get(run).matter;
        let mut learned: Vec<(ActorId, FactId, RecordId)> = Vec::new();
        let mut somebody_knows = vec![0_u64; self.model.facts.len().div_ceil(64)];
        for &a in attendees {
            self.knowledge(a).add_to(&mut somebody_knows);
        }
        for f in 0..self.model.facts.len() {
            if somebody_knows[f / 64] >> (f % 64) & 1 == 0 {
                continue;
            }
            let fact = FactId::from_index(f);
            let of = self.model.facts[f].incident;
            if matter.incident.is_some() && of.is_some() && of != matter.incident {
                continue;
            }
            let told = attendees
                .iter()
                .filter_map(|&a| self.knowledge(a).of(fact).map(|k| (a, k)))
                .collect::<Vec<_>>();
            let mut best: Option<(ActorId, super::knowledge::Known)> = None;
            for (author, known) in told {
                if best.is_none_or(|b| known.version > b.1.version) && self.says(author, fact, network) {
                    best = Some((author, known));
                }
            }
            let Some((author, known)) = best else { continue };
            let news = News { fact, version: known.version, value: known.value, from: Source::Actor(author) };
            for &a in attendees {
                if let Some(record) = self.learn(a, news, &[ended, known.record]) {
                    learned.push((a, fact, record));
                }
            }
        }
        for (actor, fact, record) in learned {
            self.tell_learned(actor, fact, record, matter);
        }
    }

    /// Whether an author says a fact in a network's meetings; drawn once.
    fn says(&mut self, author: ActorId, fact: FactId, network: NetworkId) -> bool {
        let model = self.model;
        let f = &model.facts[fact.index()];
        let Some(site) = model.fact_kinds[f.kind.index()].shared else { return true };
        let of = instance(&[f.name.hash.words()[0], model.networks[network.index()].name.hash.words()[0]]);
        let who = Drawer::Actor(author);
        let word = self.draws.word_at(model, who, site, of, 0);
        self.chance_of(who, model.actors[author.index()].state, site, word)
    }
}
