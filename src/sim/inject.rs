//! Injects: actions of exercise control, from the document or from outside while the run stands still.

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::knowledge::News;
use super::matter::Matter;
use crate::model::{ActorId, FactId, Inject, InjectEffect, InjectId, InjectTime, MilestoneId, Sel, SiteId};
use crate::time::SimDuration;
use crate::trace::{Event, Party, RecordId, Source, Span, SpanKind, Subject};

impl Simulation<'_> {
    pub(super) fn start_injects(&mut self) {
        for (i, inject) in self.model.injects.iter().enumerate() {
            if let InjectTime::At(at) = inject.at {
                self.schedule_begin(at, Notice::InjectDue(InjectId::from_index(i), None));
            }
        }
    }

    /// A milestone that injects wait for is reached, by a record that becomes their cause.
    pub(super) fn injects_waiting_for(&mut self, milestone: MilestoneId, reached: RecordId) {
        for (i, inject) in self.model.injects.iter().enumerate() {
            if let InjectTime::When(of, after) = inject.at
                && of == milestone
            {
                let after = after.map_or(SimDuration::ZERO, |site| self.length(site));
                let notice = Notice::InjectDue(InjectId::from_index(i), Some(reached));
                self.schedule(after, rank::BEGINS, notice);
            }
        }
    }

    /// A length that an inject gives.
    fn length(&mut self, site: SiteId) -> SimDuration {
        let nobody = Drawer::Incident(crate::model::IncidentId::from_index(0));
        SimDuration::from_micros_f64(self.number(nobody, None, site))
    }

    /// An inject of the model or, beyond those, one that was applied from outside.
    fn inject(&self, id: InjectId) -> Inject {
        let n = self.model.injects.len();
        match self.model.injects.get(id.index()) {
            Some(inject) => inject.clone(),
            None => self.extra_injects[id.index() - n].clone(),
        }
    }

    /// Delivers an inject.
    pub(super) fn deliver_inject(&mut self, id: InjectId, causes: &[RecordId]) {
        let inject = self.inject(id);
        let spans: Vec<Span> = causes
            .first()
            .map(|&c| Span {
                kind: SpanKind::Delay,
                who: Subject::World,
                from: self.time_of(c),
                to: self.now,
            })
            .into_iter()
            .collect();
        let record = self.record(Subject::World, Event::Injected(id), causes, &spans);
        let addressed = self.addressed(inject.to.as_ref());
        let matter = Matter { case: record, incident: self.only_incident(), ..Matter::default() };
        for effect in &inject.effects {
            self.inject_acts(effect, &addressed, record, matter);
        }
        let hits = self.rules.injected(id);
        for (rule, leaf, actor) in hits {
            if inject.to.is_none() || addressed.contains(&actor) {
                self.set_off(rule, leaf, actor, matter, &[record]);
            }
        }
    }

    fn addressed(&self, to: Option<&Sel>) -> Vec<ActorId> {
        to.map_or_else(Vec::new, |sel| self.select(sel, ActorId::from_index(0), &Matter::default()))
    }

    fn inject_acts(&mut self, effect: &InjectEffect, to: &[ActorId], record: RecordId, matter: Matter) {
        let model = self.model;
        match effect {
            InjectEffect::Fact(fact) => {
                let value = model.facts[fact.index()].true_choice.map_or(1.0, f64::from);
                if self.facts[fact.index()].truth.is_none() {
                    self.set_true(*fact, value, &[record]);
                }
                let (version, value) = self.seen_in_world(*fact);
                self.told_by_control(to, *fact, version, value, record, matter);
            }
            InjectEffect::Number(fact, value) => {
                self.set_true(*fact, *value, &[record]);
                let (version, value) = self.seen_in_world(*fact);
                self.told_by_control(to, *fact, version, value, record, matter);
            }
            InjectEffect::FalseReport(fact, value) => {
                let (version, _) = self.version_of(*fact, *value);
                self.told_by_control(to, *fact, version, *value, record, matter);
            }
            InjectEffect::Message(product) => {
                let item = self.trace.add_item(&[]);
                for &actor in to {
                    let event = Event::Sent { product: *product, to: Party::Actor(actor), item };
                    let sent = self.record(Subject::World, event, &[record], &[]);
                    if let Some(channel) = self.any_channel_to(actor, *product) {
                        let (from, to) = (Party::Public, Party::Actor(actor));
                        let drawer = Drawer::Actor(actor);
                        self.dispatch(channel, *product, item, from, to, drawer, sent, matter);
                    }
                }
            }
            InjectEffect::Leak(fact) => {
                let value = model.facts[fact.index()].true_choice.map_or(1.0, f64::from);
                if self.facts[fact.index()].truth.is_none() {
                    self.set_true(*fact, value, &[record]);
                }
                self.leak(*fact, record);
            }
            InjectEffect::ChannelOutage(channel, lasts) => {
                let lasts = self.length(*lasts);
                self.channel_down(*channel, lasts);
            }
            InjectEffect::ActorOutage(lasts) => {
                let lasts = self.length(*lasts);
                to.iter().for_each(|&a| self.actor_away(a, None, lasts));
            }
            InjectEffect::Absent(staff, lasts) => {
                let lasts = self.length(*lasts);
                to.iter().for_each(|&a| self.actor_away(a, Some(*staff), lasts));
            }
            InjectEffect::Enact(countermeasure) => self.enact(*countermeasure, record),
            InjectEffect::SetMode(mode) => self.set_mode(*mode, record, matter),
            InjectEffect::Begin(incident) => self.incident_starts(*incident, record),
            InjectEffect::Hit(incident, hits) => self.give_hits(*incident, hits, Some(record)),
        }
    }

    /// The first channel that carries a product to an actor, from whomever.
    fn any_channel_to(
        &self,
        actor: ActorId,
        product: crate::model::ProductId,
    ) -> Option<crate::model::ChannelId> {
        let channels = self.model.channels.iter();
        let place =
            channels.enumerate().find(|(_, c)| c.carries[product.index()] && self.readable_by(&c.to, actor));
        place.map(|(i, _)| crate::model::ChannelId::from_index(i))
    }

    fn readable_by(&self, to: &crate::model::Ends, actor: ActorId) -> bool {
        match to {
            crate::model::Ends::Any => true,
            crate::model::Ends::Of(sel) => self.select(sel, actor, &Matter::default()).contains(&actor),
            _ => false,
        }
    }

    fn told_by_control(
        &mut self,
        to: &[ActorId],
        fact: FactId,
        version: u32,
        value: f64,
        record: RecordId,
        matter: Matter,
    ) {
        for &actor in to {
            let news = News { fact, version, value, from: Source::World };
            if let Some(learned) = self.learn(actor, news, &[record]) {
                self.tell_learned(actor, fact, learned, matter);
            }
        }
    }
}
