//! Derived facts: what each actor works out from what it knows, and what follows in truth.
//!
//! When an actor has learned a fact, the kinds that are worked out from it are worked out again. A new result is a new
//! version, learned at once from own work and caused by what completed it; rules hear of it like of any other fact.
//! What somebody else worked out may be told, and stands until the own result changes.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::draw::Drawer;
use super::engine::Simulation;
use super::knowledge::News;
use super::matter::Matter;
use crate::model::{ActorId, Derived, FactId, FactKindId, Formula, IncidentId, SiteId, ValueKind};
use crate::trace::{Event, RecordId, Source, Subject};

/// Results so far.
#[derive(Debug, Default)]
pub(super) struct Derivations {
    own: HashMap<(ActorId, FactId), f64>,
}

impl Derivations {
    pub(super) fn clear(&mut self) {
        self.own.clear();
    }
}

/// Whose knowledge a formula is over.
#[derive(Clone, Copy)]
enum Of {
    Actor(ActorId),
    World,
}

impl Simulation<'_> {
    /// An actor has learned a fact: works out what follows from it.
    pub(super) fn derive(&mut self, actor: ActorId, from: FactId, record: RecordId, matter: Matter) {
        let model = self.model;
        for &kind in &model.fact_kinds[model.facts[from.index()].kind.index()].feeds {
            let Some(fact) = self.derived_instance(kind, from) else { continue };
            let Some(value) = self.result(Of::Actor(actor), kind, fact) else { continue };
            let before = self.derivations.own.insert((actor, fact), value);
            let is_flag = model.fact_kinds[kind.index()].value == ValueKind::Flag;
            // A flag that has never held is no news.
            if before == Some(value) || (is_flag && value == 0.0 && before.is_none()) {
                continue;
            }
            let version = self.facts[fact.index()].versions + 1;
            self.facts[fact.index()].versions = version;
            let who = Subject::Actor(actor);
            self.record(who, Event::Versioned { fact, version, value }, &[record], &[]);
            let news = News { fact, version, value, from: Source::Own };
            let learned = self.takes_over(actor, news, &[record]);
            self.tell_learned(actor, fact, learned, matter);
        }
    }

    /// What is true of a fact has changed: works out what follows in truth.
    pub(super) fn derive_truth(&mut self, from: FactId, record: RecordId) {
        let model = self.model;
        for &kind in &model.fact_kinds[model.facts[from.index()].kind.index()].feeds {
            let Some(fact) = self.derived_instance(kind, from) else { continue };
            let Some(value) = self.result(Of::World, kind, fact) else { continue };
            let never_held = self.facts[fact.index()].truth.is_none() && value == 0.0;
            if !(never_held && model.fact_kinds[kind.index()].value == ValueKind::Flag) {
                self.set_true(fact, value, &[record]);
            }
        }
    }

    /// The instance that is worked out anew when a fact changes.
    fn derived_instance(&self, kind: FactKindId, from: FactId) -> Option<FactId> {
        let f = &self.model.facts[from.index()];
        self.model.fact(kind, f.incident, f.state, f.sector)
    }

    /// The value of a derived fact; none while nothing that counts is known.
    fn result(&mut self, of: Of, kind: FactKindId, fact: FactId) -> Option<f64> {
        let model = self.model;
        let k = &model.fact_kinds[kind.index()];
        let derived = k.derived.as_ref()?;
        let exact = match &derived.from {
            Formula::Count(input, value) => self.inputs(of, derived, *input, *value, fact).len() as f64,
            Formula::Share(input, value) => {
                let known = self.inputs(of, derived, *input, *value, fact).len();
                let all = model.facts_of(*input).filter(|&f| self.belongs(derived, f, fact)).count();
                known as f64 / all.max(1) as f64
            }
            Formula::Sum(input) => self.inputs(of, derived, *input, None, fact).iter().sum(),
            Formula::Max(input) => {
                self.inputs(of, derived, *input, None, fact).into_iter().reduce(f64::max)?
            }
            Formula::Weighted(parts) => {
                let mut sum = 0.0;
                for (input, value, weight) in parts {
                    let is_number = matches!(model.fact_kinds[input.index()].value, ValueKind::Number(_));
                    let weight = self.weight(of, *weight);
                    let known = self.inputs(of, derived, *input, *value, fact);
                    sum += weight * if is_number { known.iter().sum() } else { known.len() as f64 };
                }
                sum
            }
            Formula::Confidence(parts) => {
                let mut doubt = 1.0;
                for (input, value, weight) in parts {
                    let weight = self.weight(of, *weight);
                    for _ in self.inputs(of, derived, *input, *value, fact) {
                        doubt *= 1.0 - weight;
                    }
                }
                1.0 - doubt
            }
        };
        Some(match &k.value {
            ValueKind::Number(_) => exact,
            ValueKind::Flag => {
                let level = derived.at_least.map_or(1.0, |site| self.weight(of, site));
                f64::from(u8::from(exact >= level - 1e-9))
            }
            ValueKind::Choice(_) => {
                let mut place = 0_u32;
                for &step in &derived.steps {
                    if exact < self.weight(of, step) - 1e-9 {
                        break;
                    }
                    place += 1;
                }
                f64::from(place)
            }
        })
    }

    /// A number of the formula, as it holds for the actor.
    fn weight(&mut self, of: Of, site: SiteId) -> f64 {
        match of {
            Of::Actor(actor) => {
                let state = self.model.actors[actor.index()].state;
                self.number(Drawer::Actor(actor), state, site)
            }
            Of::World => self.number(Drawer::Incident(IncidentId::from_index(0)), None, site),
        }
    }

    /// Values of the instances of a kind that count for a derived fact and are known.
    fn inputs(
        &self,
        of: Of,
        derived: &Derived,
        kind: FactKindId,
        value: Option<u32>,
        fact: FactId,
    ) -> SmallVec<[f64; 32]> {
        let is_flag = self.model.fact_kinds[kind.index()].value == ValueKind::Flag;
        let counts = |&(f, v): &(FactId, f64)| {
            value.is_none_or(|w| v == f64::from(w))
                && !(is_flag && v == 0.0)
                && self.belongs(derived, f, fact)
        };
        match of {
            Of::Actor(actor) => {
                let known = self.known_of(actor, kind, None).map(|(f, known)| (f, known.value));
                known.filter(counts).map(|(_, v)| v).collect()
            }
            Of::World => {
                let facts = self.model.facts_of(kind);
                let known = facts.filter_map(|f| self.facts[f.index()].truth.map(|v| (f, v)));
                known.filter(counts).map(|(_, v)| v).collect()
            }
        }
    }

    /// Whether an instance counts for a derived fact: about the same things, and about a state that counts.
    fn belongs(&self, derived: &Derived, input: FactId, fact: FactId) -> bool {
        let (i, f) = (&self.model.facts[input.index()], &self.model.facts[fact.index()]);
        let counts = i.state.is_none_or(|s| derived.states.is_empty() || derived.states[s.index()]);
        counts
            && (f.incident.is_none() || i.incident.is_none() || i.incident == f.incident)
            && (f.state.is_none() || i.state.is_none() || i.state == f.state)
            && (f.sector.is_none() || i.sector.is_none() || i.sector == f.sector)
    }
}
