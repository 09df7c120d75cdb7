//! What a product tells: what its author knows at its end or at its cut-off, and is willing to tell to whom.
//!
//! Willingness is drawn once for author, fact and group of receivers, so that the same author says the same to the
//! same group however often it writes. Also counts what has been read of products that somebody counts.

use std::collections::HashMap;

use super::agenda::{Notice, rank};
use super::channel::operators_meant;
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{ActorId, ChannelId, DutyHolder, FactId, IncidentId, OperatorId, ProductId, Sel, StateId};
use crate::time::SimDuration;
use crate::trace::{Event, Item, Party, RecordId, Refusal, Subject, Told};

/// A product read by an actor, about an incident and a state.
type Reading = (ActorId, ProductId, Option<IncidentId>, Option<StateId>);

/// Frozen contents and counted readings.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// By run, whose numbers are used again, and its serial: the number of its cut-off, and the content once it is frozen.
    frozen: HashMap<(u32, u64), (u32, ProductId, Option<Item>)>,
    cut_offs: u32,
    read: HashMap<Reading, u32>,
}

impl Contents {
    pub(super) fn clear(&mut self) {
        self.frozen.clear();
        self.cut_offs = 0;
        self.read.clear();
    }
}

impl Simulation<'_> {
    /// The content of what a run begins to write will be frozen after a time.
    pub(super) fn freezes_later(&mut self, run: u32, product: ProductId, after: SimDuration) {
        self.contents.cut_offs += 1;
        let number = self.contents.cut_offs;
        let serial = self.runs.get(run).serial;
        self.contents.frozen.insert((run, serial), (number, product, None));
        if after.is_zero() {
            return self.freezes(run, number);
        }
        self.schedule(after, rank::CLOCK, Notice::CutOff { run, number });
    }

    /// The cut-off of what a run writes.
    pub(super) fn freezes(&mut self, run: u32, number: u32) {
        let key = (run, self.runs.get(run).serial);
        let Some(&(current, product, None)) = self.contents.frozen.get(&key) else { return };
        if current == number {
            let (author, matter) = (self.runs.get(run).actor, self.runs.get(run).matter);
            let item = self.known_content(author, product, &matter);
            self.contents.frozen.insert(key, (number, product, Some(item)));
        }
    }

    /// What an author knows of the facts that a product carries.
    fn known_content(&self, author: ActorId, product: ProductId, matter: &Matter) -> Item {
        let mut told = Vec::new();
        for &kind in &self.model.products[product.index()].carries {
            for (fact, known) in self.known_of(author, kind, matter.incident) {
                let (version, value, learned) = (known.version, known.value, known.record);
                told.push(Told { fact, version, value, learned });
            }
        }
        Item { told }
    }

    /// What a run that has finished writing tells to those who are in no group of their own.
    pub(super) fn content(&mut self, run: u32, product: ProductId, matter: &Matter) -> (Item, Item) {
        let author = self.runs.get(run).actor;
        let key = (run, self.runs.get(run).serial);
        let frozen = self.contents.frozen.remove(&key).and_then(|f| f.2);
        let known = frozen.unwrap_or_else(|| self.known_content(author, product, matter));
        let mut told = known.clone();
        told.told.retain(|t| self.is_willing(author, t.fact, product, None));
        (known, told)
    }

    /// Whether an author tells a fact to a receiver, or to those in no group of their own.
    fn is_willing(&mut self, author: ActorId, fact: FactId, product: ProductId, to: Option<ActorId>) -> bool {
        let model = self.model;
        let f = &model.facts[fact.index()];
        let kind = &model.fact_kinds[f.kind.index()];
        let fact_name = f.name.hash.words()[0];
        let group = to.and_then(|to| kind.shared_with.iter().find(|g| model.sets[g.0.index()].has(to)));
        let (site, of) = match (group, kind.shared) {
            (Some(&(_, site)), _) => (site, fact_name),
            (None, Some(site)) => {
                (site, instance(&[fact_name, model.products[product.index()].name.hash.words()[0]]))
            }
            (None, None) => return true,
        };
        let who = Drawer::Actor(author);
        let word = self.draws.word_at(model, who, site, of, 0);
        self.chance_of(who, model.actors[author.index()].state, site, word)
    }

    /// Whether an author never sends a product that a duty asks of it; drawn once for duty and author.
    pub(super) fn never_complies(&mut self, author: ActorId, product: ProductId) -> bool {
        let model = self.model;
        let state = model.actors[author.index()].state;
        model.duties.iter().any(|duty| {
            let Some(site) = duty.never.filter(|_| duty.product == product) else { return false };
            let DutyHolder::Actors(set, _) = &duty.who else { return false };
            if !model.sets[set.index()].has(author) || !self.is_valid(&duty.validity, state) {
                return false;
            }
            let who = Drawer::Actor(author);
            let word = self.draws.word_at(model, who, site, 0, 0);
            self.chance_of(who, state, site, word)
        })
    }

    /// The same for an operator and its report.
    pub(super) fn operator_never_complies(
        &mut self,
        operator: OperatorId,
        product: ProductId,
        state: StateId,
    ) -> bool {
        let model = self.model;
        model.duties.iter().any(|duty| {
            let Some(site) = duty.never.filter(|_| duty.product == product) else { return false };
            if !matches!(duty.who, DutyHolder::Operators) || !self.is_valid(&duty.validity, Some(state)) {
                return false;
            }
            let who = Drawer::Operator(operator);
            let word = self.draws.word_at(model, who, site, 0, 0);
            self.chance_of(who, Some(state), site, word)
        })
    }

    /// Sends a finished product to everybody that a selector means.
    pub(super) fn send(
        &mut self,
        run: u32,
        product: ProductId,
        (to, by): (&Sel, &[ChannelId]),
        matter: Matter,
        cause: RecordId,
    ) {
        let model = self.model;
        let author = self.runs.get(run).actor;
        let (known, item) = self.content(run, product, &matter);
        let p = &model.products[product.index()];
        let by_receiver = p.carries.iter().any(|k| !model.fact_kinds[k.index()].shared_with.is_empty());
        let lacks = |item: &Item| p.needs_content && !p.carries.is_empty() && item.told.is_empty();
        if lacks(if by_receiver { &known } else { &item }) {
            let event = Event::Refused { product, to: Party::Actor(author), why: Refusal::NoContent };
            self.record(Subject::Actor(author), event, &[cause], &[]);
            return;
        }
        let number = self.trace.add_item(&item.told);
        // Contents for receivers with a probability of their own, so that equal ones are one instance.
        let mut others: Vec<(u32, Item)> = vec![(number, item)];
        for receiver in self.turned_to(to, author, &matter) {
            if receiver == author {
                continue;
            }
            let party = Party::Actor(receiver);
            let mut item = number;
            if by_receiver {
                let mut own = known.clone();
                own.told.retain(|t| self.is_willing(author, t.fact, product, Some(receiver)));
                if lacks(&own) {
                    let event = Event::Refused { product, to: party, why: Refusal::NoContent };
                    self.record(Subject::Actor(author), event, &[cause], &[]);
                    continue;
                }
                item = match others.iter().find(|other| other.1 == own) {
                    Some(equal) => equal.0,
                    None => {
                        let item = self.trace.add_item(&own.told);
                        others.push((item, own));
                        item
                    }
                };
            }
            self.send_one(author, product, item, party, by, matter, cause);
        }
        let own = model.actors[author.index()].state.or(matter.state);
        let mut states = Vec::new();
        operators_meant(to, own, &mut states);
        states.sort_unstable();
        states.dedup();
        for state in states {
            let to = Party::Operators(state.index() as u32);
            self.send_one(author, product, number, to, by, matter, cause);
        }
    }

    /// Counts a product that was read, where somebody counts it.
    pub(super) fn count_reading(&mut self, reader: ActorId, product: ProductId, matter: &Matter) {
        if self.model.products[product.index()].counted {
            *self.contents.read.entry((reader, product, matter.incident, matter.state)).or_insert(0) += 1;
        }
    }

    /// How many of a product an actor has read about an incident and a state (of a fact that is about one).
    pub(super) fn readings(&self, reader: ActorId, product: ProductId, fact: FactId) -> u32 {
        let f = &self.model.facts[fact.index()];
        // The order of a sum of whole numbers does not matter.
        #[expect(clippy::iter_over_hash_type, reason = "a sum of whole numbers")]
        let total = {
            let mut total = 0_u32;
            for (key, n) in &self.contents.read {
                let same = key.0 == reader
                    && key.1 == product
                    && (f.incident.is_none() || key.2.is_none() || key.2 == f.incident)
                    && (f.state.is_none() || key.3.is_none() || key.3 == f.state);
                total += if same { *n } else { 0 };
            }
            total
        };
        total
    }
}
