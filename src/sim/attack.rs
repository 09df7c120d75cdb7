//! Campaigns, which attack one target after the other, and disclosures, by which actors learn without a victim.

use super::agenda::{Notice, rank};
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::incident::{Status, Way};
use super::knowledge::News;
use super::matter::Matter;
use crate::model::{ActorId, IncidentId, OperatorId, Process};
use crate::time::SimDuration;
use crate::trace::{Event, RecordId, Source, Span, SpanKind, Subject};

impl Simulation<'_> {
    /// Schedules the next attack of a campaign, if there is to be one.
    pub(super) fn next_attack(&mut self, id: IncidentId) {
        let Process::Campaign(campaign) = &self.model.incidents[id.index()].process else { return };
        let spread = self.spread(id);
        if spread.ended || campaign.most.is_some_and(|most| spread.attacks >= most) {
            return;
        }
        if let Some(every) = campaign.every {
            let gap = self.draw_duration(Drawer::Incident(id), None, every, 0);
            self.post(gap, rank::BEGINS, Notice::Attack(id));
        }
    }

    /// A campaign attacks one of its targets, whether it can be hit or not; one that it has hit only if it repeats.
    pub(super) fn attack(&mut self, id: IncidentId) {
        let Process::Campaign(campaign) = &self.model.incidents[id.index()].process else { return };
        if self.spread(id).ended {
            return;
        }
        self.spread_mut(id).attacks += 1;
        let repeats = campaign.repeats;
        let open = |status: &Status| {
            repeats || matches!(status, Status::Susceptible | Status::Immune | Status::OffLine)
        };
        let status = self.spread(id).status.iter().enumerate();
        let targets: Vec<usize> = status.filter(|(_, s)| open(s)).map(|(i, _)| i).collect();
        if !targets.is_empty() {
            let word = self.draws.word(self.model, Drawer::Incident(id), campaign.pick, 0);
            let pick = (crate::des::uniform(word) * targets.len() as f64) as usize;
            let target = targets[pick.min(targets.len() - 1)];
            let operator = OperatorId::from_index(target);
            let state = Some(self.group_of(operator).state);
            let of = instance(&[self.instance_of_incident(id), 6]);
            let who = Drawer::Operator(operator);
            let succeeds = campaign.succeeds.is_none_or(|site| self.chance(who, state, site, of));
            if succeeds && self.spread(id).status[target] == Status::Susceptible {
                self.hit(id, operator, Way::Process);
            }
        }
        self.next_attack(id);
    }

    /// Schedules who is told of an incident when it starts.
    pub(super) fn disclose(&mut self, id: IncidentId, started: RecordId) {
        let model = self.model;
        let matter = Matter { incident: Some(id), case: started, ..Matter::default() };
        let of = self.instance_of_incident(id);
        for (d, disclosure) in model.incidents[id.index()].discloses.iter().enumerate() {
            for actor in self.select(&disclosure.to, ActorId::from_index(0), &matter) {
                let state = model.actors[actor.index()].state;
                let after = disclosure.after.map_or(SimDuration::ZERO, |site| {
                    self.draw_duration(Drawer::Actor(actor), state, site, of)
                });
                let notice = Notice::Disclosed { incident: id, disclosure: d as u16, actor };
                self.post(after, rank::BEGINS, notice);
            }
        }
    }

    /// An actor is told of an incident.
    pub(super) fn disclosed(&mut self, id: IncidentId, disclosure: u16, actor: ActorId) {
        let model = self.model;
        let kind = model.incidents[id.index()].discloses[usize::from(disclosure)].kind;
        let state = model.actors[actor.index()].state;
        let Some(fact) = model.fact(kind, Some(id), state, None) else { return };
        let started = self.spread(id).started;
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Transmission, who, from: self.time_of(started), to: self.now };
        let (version, value) = self.seen_in_world(fact);
        let news = News { fact, version, value, from: Source::World };
        if self.is_news(actor, &news) {
            self.facts[fact.index()].truth.get_or_insert(value);
            let arrival = self.record(who, Event::True { fact, value }, &[started], &[span]);
            if let Some(learned) = self.learn(actor, news, &[arrival]) {
                let matter = Matter { incident: Some(id), case: started, ..Matter::default() };
                self.tell_learned(actor, fact, learned, matter);
            }
        }
    }
}
