//! What each actor knows, since when, from whom; and what is true.
//!
//! A version is a time of observation: a newer version wins, whatever the order of receipt. A flag has one version;
//! of a choice the true value is version 2 and any other version 1, so evidence beats a first guess; each count of
//! a number is a version of its own, and a smaller count told later is no news.

use std::ops::Range;

use bevy_ecs::prelude::Component;

use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{ActorId, CONFIRMED, FactId, FactKindId, Finding, IncidentId, Scope, Truth, ValueKind};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Source, Subject};

/// What an actor knows of each fact instance.
#[derive(Component, Debug, Default)]
pub(super) struct Knowledge {
    known: Vec<Known>,
    /// Whether anything is known of each fact, a bit each: most of what is told is known already.
    some: Vec<u64>,
}

/// What is known of a fact; version 0 is nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    pub(super) version: u32,
    pub(super) value: f64,
    /// The record by which it was learned.
    pub(super) record: RecordId,
}

impl Knowledge {
    pub(super) fn new(n_facts: usize) -> Self {
        Knowledge { known: vec![Known::default(); n_facts], some: vec![0; n_facts.div_ceil(64)] }
    }

    /// Forgets everything; touches only what is known, which is little of all that there is to know.
    pub(super) fn clear(&mut self) {
        for (n, word) in self.some.iter_mut().enumerate() {
            while *word != 0 {
                self.known[64 * n + word.trailing_zeros() as usize] = Known::default();
                *word &= *word - 1;
            }
        }
    }

    /// Adds the facts of which anything is known, a bit each.
    pub(super) fn add_to(&self, facts: &mut [u64]) {
        facts.iter_mut().zip(&self.some).for_each(|(all, &some)| *all |= some);
    }

    /// Whether anything is known of a fact.
    #[inline]
    fn is_some(&self, fact: FactId) -> bool {
        self.some[fact.index() / 64] >> (fact.index() % 64) & 1 == 1
    }

    fn set(&mut self, fact: FactId, known: Known) {
        self.known[fact.index()] = known;
        let bit = 1 << (fact.index() % 64);
        let word = &mut self.some[fact.index() / 64];
        *word = if known.version > 0 { *word | bit } else { *word & !bit };
    }

    /// What is known of the facts at these positions, in order. Only what is known is looked at.
    fn within(&self, places: Range<usize>) -> impl Iterator<Item = (FactId, Known)> + use<'_> {
        let (first, end) = (places.start, places.end);
        (first / 64..end.div_ceil(64)).flat_map(move |n| {
            let mut word = self.some[n];
            if n == first / 64 {
                word &= u64::MAX << (first % 64);
            }
            if n == end / 64 {
                word &= (1 << (end % 64)) - 1;
            }
            std::iter::from_fn(move || {
                let place = (word != 0).then(|| 64 * n + word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some((FactId::from_index(place), self.known[place]))
            })
        })
    }

    /// What is known of a fact, if anything.
    pub(super) fn of(&self, fact: FactId) -> Option<Known> {
        let known = self.known[fact.index()];
        (known.version > 0).then_some(known)
    }
}

/// A fact in the world and among everybody.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FactState {
    /// Highest version so far of what was reported.
    pub(super) versions: u32,
    /// How often it was confirmed.
    confirmed: u32,
    /// Since when it is true.
    since: SimTime,
    /// True value, once it is true.
    pub(super) truth: Option<f64>,
}

/// A version of a fact on its way to an actor.
#[derive(Debug, Clone, Copy)]
pub(super) struct News {
    pub(super) fact: FactId,
    pub(super) version: u32,
    pub(super) value: f64,
    pub(super) from: Source,
}

impl Simulation<'_> {
    /// A fact becomes true, or its true value changes.
    pub(super) fn set_true(&mut self, fact: FactId, value: f64, cause: &[RecordId]) {
        if self.facts[fact.index()].truth != Some(value) {
            if self.facts[fact.index()].truth.is_none() {
                self.facts[fact.index()].since = self.now;
            }
            self.facts[fact.index()].truth = Some(value);
            let record = self.record(Subject::World, Event::True { fact, value }, cause, &[]);
            self.derive_truth(fact, record);
        }
    }

    /// Whether news would be news to an actor.
    pub(super) fn is_news(&self, actor: ActorId, news: &News) -> bool {
        let knowledge = self.knowledge(actor);
        if news.version <= 1 && knowledge.is_some(news.fact) {
            return false;
        }
        match knowledge.of(news.fact) {
            None => true,
            // What is confirmed beats what was reported, even by a smaller number; then the later.
            Some(known) if news.version > CONFIRMED => news.version > known.version,
            Some(known) => {
                news.version > known.version && !(news.value <= known.value && self.is_number(news.fact))
            }
        }
    }

    pub(super) fn is_number(&self, fact: FactId) -> bool {
        let kind = self.model.facts[fact.index()].kind;
        matches!(self.model.fact_kinds[kind.index()].value, ValueKind::Number(_))
    }

    /// An actor learns something, if it is news. Rules are not told yet: see [`Self::tell_learned`].
    pub(super) fn learn(&mut self, actor: ActorId, news: News, causes: &[RecordId]) -> Option<RecordId> {
        self.is_news(actor, &news).then(|| self.takes_over(actor, news, causes))
    }

    /// An actor replaces what it knows of a fact.
    pub(super) fn takes_over(&mut self, actor: ActorId, news: News, causes: &[RecordId]) -> RecordId {
        let News { fact, version, value, from } = news;
        let record =
            self.record(Subject::Actor(actor), Event::Learned { fact, version, value, from }, causes, &[]);
        self.knowledge_mut(actor).set(fact, Known { version, value, record });
        record
    }

    /// Tells the rules of an actor that it has learned a fact.
    pub(super) fn tell_learned(&mut self, actor: ActorId, fact: FactId, record: RecordId, matter: Matter) {
        let f = &self.model.facts[fact.index()];
        let matter = Matter {
            incident: f.incident.or(matter.incident),
            state: f.state.or(matter.state),
            sector: f.sector.or(matter.sector),
            fact: Some(fact),
            ..matter
        };
        self.note_awake_for(actor, f.kind, &matter);
        for i in 0..self.rules.learn(actor, f.kind).len() {
            let (rule, leaf) = self.rules.learn(actor, f.kind)[i];
            self.set_off(rule, leaf, actor, matter, &[record]);
        }
        self.thinks_again(actor, record);
        self.derive(actor, fact, record, matter);
        self.wake_by_knowledge(actor, f.kind, matter, record);
    }

    /// Whether a fact instance is in the scope of a rule of an actor.
    pub(super) fn in_scope(&self, actor: ActorId, fact: FactId, of: Scope, matter: &Matter) -> bool {
        let state = self.model.facts[fact.index()].state;
        let own = self.model.actors[actor.index()].state;
        match of {
            Scope::Any => true,
            Scope::Own => state.is_none() || state == own,
            Scope::Other => state.is_some() && state != own,
            Scope::Same => state.is_none() || state == matter.state,
        }
    }

    /// What an actor knows of the instances of a kind that concern an incident (of all, where there is none), in order.
    pub(super) fn known_of(
        &self,
        actor: ActorId,
        kind: FactKindId,
        incident: Option<IncidentId>,
    ) -> impl Iterator<Item = (FactId, Known)> + use<'_> {
        let model = self.model;
        self.knowledge(actor).within(model.places_of(kind)).filter(move |(fact, _)| {
            let of = model.facts[fact.index()].incident;
            incident.is_none() || of.is_none() || of == incident
        })
    }

    /// An actor finds a fact about the matter in hand; returns what it learned.
    pub(super) fn find(
        &mut self,
        actor: ActorId,
        finding: Finding,
        matter: Matter,
        cause: RecordId,
    ) -> Option<(FactId, RecordId)> {
        let kind = finding.kind;
        let own = self.model.actors[actor.index()].state;
        let sector = matter.sector.or(self.model.actors[actor.index()].sector);
        // What is found on nobody's word is about the one incident there is.
        let incident = matter.incident.or(self.only_incident());
        let fact = self.model.fact(kind, incident, matter.state.or(own), sector)?;
        let value = self.value_found(actor, fact, finding)?;
        let (mut version, mut is_new) = self.version_of(fact, value);
        if finding.confirmed {
            let state = &mut self.facts[fact.index()];
            state.confirmed += 1;
            (version, is_new) = (CONFIRMED + state.confirmed, true);
        }
        let truth = self.model.fact_kinds[kind.index()].truth;
        if truth == Truth::Found {
            let true_value = self.model.facts[fact.index()].true_choice.map_or(value, f64::from);
            self.set_true(fact, true_value, &[cause]);
        }
        if is_new {
            self.record(Subject::Actor(actor), Event::Versioned { fact, version, value }, &[cause], &[]);
        }
        let news = News { fact, version, value, from: Source::Own };
        self.learn(actor, news, &[cause]).map(|record| (fact, record))
    }

    /// What a finder finds: the truth, or with a probability something else the first time; none: nothing.
    fn value_found(&mut self, actor: ActorId, fact: FactId, finding: Finding) -> Option<f64> {
        let model = self.model;
        let f = &model.facts[fact.index()];
        let instance = f.name.hash.words()[0];
        let first = self.knowledge(actor).of(fact).is_none();
        let (who, state) = (Drawer::Actor(actor), model.actors[actor.index()].state);
        Some(match &model.fact_kinds[f.kind.index()].value {
            ValueKind::Flag => {
                // What was not found the first time is found the second time.
                let errs = finding.wrong.is_some_and(|site| {
                    self.draws.is_first(who, site, instance) && self.chance(who, state, site, instance)
                });
                if errs {
                    return None;
                }
                1.0
            }
            ValueKind::Number(_) => {
                let errs = match finding.wrong {
                    Some(site) => first && self.chance(who, state, site, instance),
                    None => true,
                };
                let exact = self.number_found(actor, fact, finding);
                match finding.error {
                    Some(site) if errs => exact * self.draw(who, state, site, instance),
                    _ => exact,
                }
            }
            ValueKind::Choice(names) => {
                let truth = f.true_choice.unwrap_or(0);
                let errs = finding.wrong.is_some_and(|site| self.chance(who, state, site, instance));
                if first && errs {
                    f64::from((truth + 1) % names.len().max(1) as u32)
                } else {
                    f64::from(truth)
                }
            }
        })
    }

    /// The number that a finder comes to without an error: what it has counted, what can be seen, what it knows.
    fn number_found(&mut self, actor: ActorId, fact: FactId, finding: Finding) -> f64 {
        if let Some(product) = finding.counted {
            return f64::from(self.readings(actor, product, fact));
        }
        let FactState { truth, since, .. } = self.facts[fact.index()];
        if let Some(site) = finding.tau {
            let state = self.model.actors[actor.index()].state;
            let tau = self.number(Drawer::Actor(actor), state, site);
            let t = (self.now - since).as_micros() as f64;
            return truth.unwrap_or(0.0) * -libm::expm1(-t / tau.max(1.0));
        }
        let known = self.knowledge(actor).of(fact).map(|k| k.value);
        let exact = finding.error.is_some() || finding.confirmed;
        (if exact { truth.or(known) } else { known.or(truth) }).unwrap_or(0.0)
    }

    /// The version that a value is, and whether it is the first of it.
    pub(super) fn version_of(&mut self, fact: FactId, value: f64) -> (u32, bool) {
        let f = &self.model.facts[fact.index()];
        let version = match &self.model.fact_kinds[f.kind.index()].value {
            ValueKind::Flag => 1,
            ValueKind::Number(_) => self.facts[fact.index()].versions + 1,
            ValueKind::Choice(_) => 1 + u32::from(f.true_choice.is_none_or(|t| f64::from(t) == value)),
        };
        let is_new = version > self.facts[fact.index()].versions;
        self.facts[fact.index()].versions = self.facts[fact.index()].versions.max(version);
        (version, is_new)
    }

    /// The present version and value of what is true of a fact, as seen in the world.
    pub(super) fn seen_in_world(&mut self, fact: FactId) -> (u32, f64) {
        let f = &self.model.facts[fact.index()];
        let value = self.facts[fact.index()].truth.or(f.true_choice.map(f64::from)).unwrap_or(1.0);
        (self.version_of(fact, value).0, value)
    }
}
