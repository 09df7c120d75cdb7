//! Keyed draws: every random number is a function of (seed, replication, entity, purpose, instance, occurrence).
//!
//! What a draw needs is looked up once: the key of (entity, purpose) is derived when it is first used in a
//! replication, and a count of occurrences lies beside it. Where the instance is a fact, the counts of all facts of
//! its kind lie in one row, so that a draw touches two lines of memory. An operator draws nearly everything once:
//! of it there is only a bit for "drawn before", and no key.

use std::collections::HashMap;

use prefetch_index::prefetch_index;

use super::numbering::Numbering;
use crate::des::{DrawKey, NameHash, Streams, correlate, uniform};
use crate::model::{ActorId, FactId, IncidentId, Model, OperatorId, SiteId, StateId, StreamName};

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

impl Drawer {
    /// A number of its own.
    fn code(self) -> u64 {
        match self {
            Drawer::Actor(a) => a.index() as u64,
            Drawer::Operator(o) => 1 << 32 | o.index() as u64,
            Drawer::Incident(i) => 2 << 32 | i.index() as u64,
        }
    }
}

/// What a draw is for: a word of its own, and the fact that is a part of it, if one is.
///
/// The word is what keys the draw. That the fact is known apart from the rest only says where the count of
/// occurrences lies; draws for one purpose name their instances all in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instance {
    word: u64,
    /// The word without the fact.
    rest: u64,
    /// Position of the fact among those of its kind, and how many these are; 0 where there is no fact.
    place: u32,
    n: u32,
}

impl Instance {
    /// A fact.
    pub(super) fn of_fact(model: &Model, fact: FactId) -> Instance {
        let f = &model.facts[fact.index()];
        let kind = &model.fact_kinds[f.kind.index()];
        Instance {
            word: f.name.hash.words()[0],
            rest: instance(&[f.kind.index() as u64 + 1]),
            place: (fact.index() - kind.first.index()) as u32,
            n: kind.n_instances as u32,
        }
    }

    /// The same with further parts before it.
    pub(super) fn after(self, parts: &[u64]) -> Instance {
        let (mut word, mut rest) = (instance(parts), instance(parts));
        word = mixed(word, self.word);
        rest = mixed(rest, self.rest);
        Instance { word, rest, ..self }
    }

    /// The word that keys the draw.
    pub(super) fn word(self) -> u64 {
        self.word
    }
}

impl From<u64> for Instance {
    fn from(word: u64) -> Instance {
        Instance { word, rest: word, place: 0, n: 0 }
    }
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
    /// Keys by (entity, site).
    pairs: Numbering,
    keys: Vec<DrawKey>,
    /// What was drawn, by (entity, site, instance without its fact).
    uses: Numbering,
    used: Vec<Used>,
    /// Occurrences by fact, a row for each of `used` that has facts; [`MANY`] means that `many` has the count.
    rows: Vec<u8>,
    many: HashMap<(u32, u32), u64>,
    /// By (site, instance, [`BLOCK`] operators): who of them has drawn, a bit each; what they drew again.
    blocks: Numbering,
    drawn: Vec<u64>,
    again: HashMap<(OperatorId, SiteId, u64), u64>,
    operators: Vec<StreamName>,
    /// Shared words by (state, incident, group of parameters).
    shared: Numbering,
    shared_words: Vec<u64>,
    log: Option<Vec<DrawRow>>,
}

/// What an actor or incident has drawn for a purpose and an instance, its fact apart.
#[derive(Debug, Clone, Copy)]
struct Used {
    key: DrawKey,
    /// Occurrences so far, where the instance has no fact.
    count: u64,
    /// Begin of its row, where it has.
    row: u32,
}

/// Operators of one model are many and of one group lie together: so many share a look.
const BLOCK: usize = 1024;

/// A count of occurrences that does not fit into its place in a row.
const MANY: u8 = u8::MAX;

impl Draws {
    pub(super) fn new(operators: Vec<StreamName>) -> Self {
        Draws {
            streams: Streams::new(0, 0),
            pairs: Numbering::default(),
            keys: Vec::new(),
            uses: Numbering::default(),
            used: Vec::new(),
            rows: Vec::new(),
            many: HashMap::new(),
            blocks: Numbering::default(),
            drawn: Vec::new(),
            again: HashMap::new(),
            operators,
            shared: Numbering::default(),
            shared_words: Vec::new(),
            log: None,
        }
    }

    pub(super) fn reset(&mut self, seed: u64, replication: u64) {
        self.streams = Streams::new(seed, replication);
        for numbering in [&mut self.pairs, &mut self.uses, &mut self.blocks, &mut self.shared] {
            numbering.clear();
        }
        self.keys.clear();
        self.used.clear();
        self.rows.clear();
        self.many.clear();
        self.drawn.clear();
        self.again.clear();
        self.shared_words.clear();
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

    fn new_key(&self, model: &Model, who: Drawer, site: SiteId) -> DrawKey {
        self.streams.key(self.name(model, who).hash, model.sites[site.index()].purpose.hash)
    }

    /// The key of an entity at a site, derived once.
    fn key(&mut self, model: &Model, who: Drawer, site: SiteId) -> DrawKey {
        if let Drawer::Operator(_) = who {
            return self.new_key(model, who, site);
        }
        let (number, is_new) = self.pairs.number([who.code(), site.index() as u64]);
        if is_new {
            let key = self.new_key(model, who, site);
            self.keys.push(key);
        }
        self.keys[number]
    }

    fn use_of(who: Drawer, site: SiteId) -> u64 {
        who.code() << 28 ^ site.index() as u64
    }

    /// Asks memory for the name of an operator that will draw soon.
    #[inline]
    pub(super) fn fetch(&self, operator: OperatorId) {
        prefetch_index(&self.operators, operator.index());
    }

    /// Whether an actor or incident has drawn nothing for (site, instance) so far.
    pub(super) fn is_first(&self, who: Drawer, site: SiteId, instance: u64) -> bool {
        self.uses.find([Self::use_of(who, site), instance]).is_none()
    }

    /// The next word for (who, site, instance).
    #[inline]
    pub(super) fn word(&mut self, model: &Model, who: Drawer, site: SiteId, of: impl Into<Instance>) -> u64 {
        let of = of.into();
        if let Drawer::Operator(operator) = who {
            let occurrence = self.next_of_operator(operator, site, of.word);
            return self.word_at(model, who, site, of.word, occurrence);
        }
        let (number, is_new) = self.uses.number([Self::use_of(who, site), of.rest]);
        if is_new {
            let key = self.key(model, who, site);
            let row = self.rows.len() as u32;
            self.rows.resize(self.rows.len() + of.n as usize, 0);
            self.used.push(Used { key, count: 0, row });
        }
        let used = &mut self.used[number];
        let key = used.key;
        let occurrence = if of.n == 0 {
            used.count += 1;
            used.count - 1
        } else {
            let place = used.row + of.place;
            let count = &mut self.rows[place as usize];
            if *count < MANY {
                *count += 1;
                u64::from(*count) - 1
            } else {
                let many = self.many.entry((number as u32, of.place)).or_insert(u64::from(MANY));
                *many += 1;
                *many - 1
            }
        };
        let word = key.word(of.word, occurrence);
        self.note(model, who, site, of.word, occurrence, word);
        word
    }

    /// How often an operator has drawn this before.
    fn next_of_operator(&mut self, operator: OperatorId, site: SiteId, instance: u64) -> u64 {
        let (block, place) = (operator.index() / BLOCK, operator.index() % BLOCK);
        let (number, is_new) = self.blocks.number([(site.index() as u64) << 32 | block as u64, instance]);
        if is_new {
            self.drawn.resize(self.drawn.len() + BLOCK / 64, 0);
        }
        let (word, bit) = (&mut self.drawn[number * (BLOCK / 64) + place / 64], 1_u64 << (place % 64));
        if *word & bit == 0 {
            *word |= bit;
            return 0;
        }
        let again = self.again.entry((operator, site, instance)).or_insert(0);
        *again += 1;
        *again
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
        self.note(model, who, site, instance, occurrence, word);
        word
    }

    #[inline]
    fn note(&mut self, model: &Model, who: Drawer, site: SiteId, instance: u64, occurrence: u64, word: u64) {
        if self.log.is_none() {
            return;
        }
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

    /// The uniform that a word stands for, correlated inside a state where the parameter asks for it.
    #[inline]
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
                let of = incident.map_or(0, |i| i.index() as u64 + 1);
                let key = [(state.index() as u64) << 32 | of, group.unwrap_or(0)];
                let (number, is_new) = self.shared.number(key);
                if is_new {
                    let entity = NameHash::of(&model.states[state.index()].name);
                    let purpose = NameHash::of("shared in state");
                    let of = incident.map_or(0, |i| model.incidents[i.index()].name.hash.words()[0]);
                    let of = group.map_or(of, |group| instance(&[of, group]));
                    self.shared_words.push(self.streams.key(entity, purpose).word(of, 0));
                }
                correlate(self.shared_words[number], word, rho)
            }
            _ => uniform(word),
        }
    }
}

/// Mixes parts of an instance into one word (order matters).
pub(super) fn instance(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |acc: u64, &p| mixed(acc, p))
}

fn mixed(acc: u64, part: u64) -> u64 {
    (acc.rotate_left(25) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31)
}
