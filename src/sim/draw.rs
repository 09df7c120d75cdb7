//! Keyed draws: every random number is a function of (seed, replication, entity, purpose, instance, occurrence).
//!
//! An actor's keys are cached for the replication; operators draw once for each purpose and have none.

use std::collections::HashMap;

use crate::des::{DrawKey, NameHash, Streams, correlate, uniform};
use crate::model::{ActorId, IncidentId, Model, OperatorId, SiteId, StateId, StreamName};

/// Whose draw it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Drawer {
    /// An actor.
    Actor(ActorId),
    /// An operator.
    Operator(OperatorId),
    /// An incident.
    Incident(IncidentId),
}

/// A draw, for `draws.csv`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DrawRow {
    /// Who drew.
    pub entity: String,
    /// For what.
    pub purpose: String,
    /// Instance hash and occurrence, e.g. `9f3a:0`; `0` where there is no instance.
    pub occurrence: String,
    /// The word.
    pub word: u64,
}

/// The random streams of a replication.
pub(super) struct Draws {
    streams: Streams,
    n_sites: usize,
    actor_keys: Vec<Option<DrawKey>>,
    counts: HashMap<(Drawer, u32, u64), u32>,
    operators: Vec<StreamName>,
    shared: HashMap<(StateId, Option<IncidentId>, Option<u64>), u64>,
    log: Option<Vec<DrawRow>>,
}

impl Draws {
    pub(super) fn new(model: &Model, operators: Vec<StreamName>) -> Self {
        Draws {
            streams: Streams::new(0, 0),
            n_sites: model.sites.len(),
            actor_keys: vec![None; model.actors.len() * model.sites.len()],
            counts: HashMap::new(),
            operators,
            shared: HashMap::new(),
            log: None,
        }
    }

    pub(super) fn reset(&mut self, seed: u64, replication: u64) {
        self.streams = Streams::new(seed, replication);
        self.actor_keys.fill(None);
        self.counts.clear();
        self.shared.clear();
        if let Some(log) = &mut self.log {
            log.clear();
        }
    }

    pub(super) fn keep_log(&mut self, keep: bool) {
        self.log = keep.then(Vec::new);
    }

    /// All draws so far in order of entity, purpose and occurrence.
    pub(super) fn rows(&self) -> Vec<DrawRow> {
        let mut rows = self.log.clone().unwrap_or_default();
        rows.sort();
        rows.dedup();
        rows
    }

    fn name<'a>(&'a self, model: &'a Model, who: Drawer) -> &'a StreamName {
        match who {
            Drawer::Actor(a) => &model.actors[a.index()].name,
            Drawer::Operator(o) => &self.operators[o.index()],
            Drawer::Incident(i) => &model.incidents[i.index()].name,
        }
    }

    fn key(&mut self, model: &Model, who: Drawer, site: SiteId) -> DrawKey {
        let purpose = model.sites[site.index()].purpose.hash;
        if let Drawer::Actor(a) = who {
            let slot = a.index() * self.n_sites + site.index();
            if let Some(key) = self.actor_keys[slot] {
                return key;
            }
            let key = self.streams.key(model.actors[a.index()].name.hash, purpose);
            self.actor_keys[slot] = Some(key);
            return key;
        }
        self.streams.key(self.name(model, who).hash, purpose)
    }

    /// Whether nothing has been drawn for (who, site, instance) so far.
    pub(super) fn is_first(&self, who: Drawer, site: SiteId, instance: u64) -> bool {
        !self.counts.contains_key(&(who, site.index() as u32, instance))
    }

    /// The next word for (who, site, instance).
    pub(super) fn word(&mut self, model: &Model, who: Drawer, site: SiteId, instance: u64) -> u64 {
        let count = self.counts.entry((who, site.index() as u32, instance)).or_insert(0);
        let occurrence = u64::from(*count);
        *count += 1;
        self.word_at(model, who, site, instance, occurrence)
    }

    /// The word of a given occurrence; drawing it twice gives the same.
    pub(super) fn word_at(
        &mut self,
        model: &Model,
        who: Drawer,
        site: SiteId,
        instance: u64,
        occurrence: u64,
    ) -> u64 {
        let word = self.key(model, who, site).word(instance, occurrence);
        if self.log.is_some() {
            let row = DrawRow {
                entity: self.name(model, who).text.clone(),
                purpose: model.sites[site.index()].purpose.text.clone(),
                occurrence: if instance == 0 {
                    occurrence.to_string()
                } else {
                    format!("{instance:016x}:{occurrence}")
                },
                word,
            };
            if let Some(log) = &mut self.log {
                log.push(row);
            }
        }
        word
    }

    /// The uniform that a word stands for, correlated inside a state where the parameter asks for it.
    pub(super) fn uniform(
        &mut self,
        model: &Model,
        word: u64,
        site: SiteId,
        state: Option<StateId>,
        incident: Option<IncidentId>,
    ) -> f64 {
        let param = model.sites[site.index()].param;
        let rho = model.params[param.index()].shared_in_state;
        let group = model.params[param.index()].shared_as.as_ref().map(|name| name.hash.words()[0]);
        match state {
            Some(state) if rho > 0.0 => {
                let streams = &self.streams;
                let shared = *self.shared.entry((state, incident, group)).or_insert_with(|| {
                    let entity = NameHash::of(&model.states[state.index()].name);
                    let purpose = NameHash::of("shared in state");
                    let of = incident.map_or(0, |i| model.incidents[i.index()].name.hash.words()[0]);
                    let of = group.map_or(of, |group| instance(&[of, group]));
                    streams.key(entity, purpose).word(of, 0)
                });
                correlate(shared, word, rho)
            }
            _ => uniform(word),
        }
    }
}

/// Mixes parts of an instance into one word (order matters).
pub(super) fn instance(parts: &[u64]) -> u64 {
    parts
        .iter()
        .fold(0, |acc: u64, &p| (acc.rotate_left(25) ^ p).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31))
}
