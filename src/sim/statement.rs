//! Public statements: publishing, whether they were coordinated and right, who reads them.

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::knowledge::News;
use super::matter::Matter;
use crate::model::{ActorId, Ends, FactId, ProductId, ValueKind};
use crate::time::SimDuration;
use crate::trace::{Event, Party, RecordId, Source, Span, SpanKind, Subject};

/// A leaked fact on its way to a reader of the press.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leak {
    to: ActorId,
    fact: FactId,
    cause: RecordId,
}

impl Simulation<'_> {
    /// An author publishes a finished statement.
    pub(super) fn publish(&mut self, run: u32, product: ProductId, matter: Matter, cause: RecordId) {
        let model = self.model;
        let author = self.runs.get(run).actor;
        let p = &model.products[product.index()];
        let (_, item) = self.content(run, product, &matter);
        if p.needs_content && !p.carries.is_empty() && item.told.is_empty() {
            let why = crate::trace::Refusal::NoContent;
            let event = Event::Refused { product, to: Party::Public, why };
            self.record(Subject::Actor(author), event, &[cause], &[]);
            return;
        }
        let contradictory = item.told.iter().any(|t| !self.agrees_with_truth(t.fact, t.value));
        let uncoordinated =
            p.common_line.is_some_and(|line| self.known_of(author, line, matter.incident).next().is_none());
        let number = self.trace.add_item(&item.told);
        let event = Event::Published { product, item: number, uncoordinated, contradictory };
        let record = self.record(Subject::Actor(author), event, &[cause], &[]);
        self.publicise(product);
        for (c, channel) in model.channels.iter().enumerate() {
            if !matches!(channel.from, Ends::Public) || !channel.carries[product.index()] {
                continue;
            }
            if !self.is_valid(&channel.validity, None) {
                continue;
            }
            let id = crate::model::ChannelId::from_index(c);
            for reader in self.readers(&channel.to) {
                if reader != author {
                    let (from, to) = (Party::Actor(author), Party::Actor(reader));
                    let drawer = Drawer::Actor(reader);
                    self.dispatch(id, product, number, from, to, drawer, record, matter);
                }
            }
        }
        let hits = self.rules.published(product);
        self.tell_all(hits, matter, record);
    }

    /// Actors at the far end of a channel from the public.
    fn readers(&self, to: &Ends) -> Vec<ActorId> {
        match to {
            Ends::Any => (0..self.model.actors.len()).map(ActorId::from_index).collect(),
            Ends::Of(sel) => self.select(sel, ActorId::from_index(0), &Matter::default()),
            Ends::Public | Ends::Operators => Vec::new(),
        }
    }

    /// Whether a value that is told agrees with what is true now.
    fn agrees_with_truth(&self, fact: FactId, value: f64) -> bool {
        let f = &self.model.facts[fact.index()];
        match (&self.model.fact_kinds[f.kind.index()].value, self.facts[fact.index()].truth) {
            (ValueKind::Number(factor), Some(truth)) => value <= truth * factor && truth <= value * factor,
            (ValueKind::Choice(_), truth) => {
                truth.or(f.true_choice.map(f64::from)).is_none_or(|t| t == value)
            }
            (_, truth) => truth.is_some(),
        }
    }

    /// The press reports a fact: whoever a channel from the public leads to learns it after its latency.
    pub(super) fn leak(&mut self, fact: FactId, cause: RecordId) {
        let model = self.model;
        for channel in model.channels.iter().filter(|c| matches!(c.from, Ends::Public)) {
            for to in self.readers(&channel.to) {
                let state = model.actors[to.index()].state;
                let of = model.facts[fact.index()].name.hash.words()[0];
                let latency = channel
                    .latency
                    .map_or(SimDuration::ZERO, |site| self.draw_duration(Drawer::Actor(to), state, site, of));
                self.leaks.push(Leak { to, fact, cause });
                let position = self.leaks.len() as u32 - 1;
                self.schedule(latency, rank::ENDS, Notice::LeakArrives(position));
            }
        }
    }

    /// A reader of the press learns a leaked fact.
    pub(super) fn leak_arrives(&mut self, position: u32) {
        let Leak { to, fact, cause } = self.leaks[position as usize];
        let who = Subject::Actor(to);
        let span = Span { kind: SpanKind::Transmission, who, from: self.time_of(cause), to: self.now };
        let (version, value) = self.seen_in_world(fact);
        let news = News { fact, version, value, from: Source::World };
        if self.is_news(to, &news) {
            // What the press says is read at once: the way to the reader is the only delay.
            let arrival = self.record(who, Event::True { fact, value }, &[cause], &[span]);
            if let Some(record) = self.learn(to, news, &[arrival]) {
                self.tell_learned(to, fact, record, Matter { case: cause, ..Matter::default() });
            }
        }
    }
}
