//! What may happen in a model, and at which node of the graph of the possible each of it stands.

use std::collections::HashMap;

use petgraph::graph::NodeIndex;

use crate::model::{
    ActorId, CountermeasureId, DecisionId, FactKindId, Model, NetworkId, ProductId, RuleId, TaskId,
};

/// Places up to which there is a plain table: 16 MB.
const MAX_PLACES: usize = 4_000_000;
/// No node stands at a place.
const NONE: u32 = u32::MAX;

/// Something that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// What needs nothing.
    Given,
    /// A rule fires for an actor.
    Fires(RuleId, ActorId),
    /// The trigger of a rule happens for an actor.
    Triggered(RuleId, ActorId),
    /// An actor gets a product to read.
    Receives(ActorId, ProductId),
    /// An actor knows a fact of the kind.
    Knows(ActorId, FactKindId),
    /// An actor sends a product to somebody.
    Sends(ActorId, ProductId),
    /// A statement goes out.
    Published(ProductId),
    /// A network enters a mode.
    Entered(NetworkId, u8),
    /// A network is in a mode or above.
    Above(NetworkId, u8),
    /// A network changes its mode at all.
    Moves(NetworkId),
    /// A decision is proposed.
    Proposed(DecisionId),
    /// An actor works on a task.
    Done(ActorId, TaskId),
    /// A countermeasure is enacted.
    Enacted(CountermeasureId),
}

/// The nodes of fates: a table with a place for each thing that may happen, or in very large models a map.
#[derive(Debug)]
pub(super) struct Nodes {
    /// Where the places of each kind of fate begin.
    begins: [usize; 12],
    n_actors: usize,
    table: Vec<u32>,
    map: HashMap<usize, u32>,
}

impl Nodes {
    pub(super) fn new(model: &Model) -> Nodes {
        let n = model.actors.len();
        let modes = model.networks.len() * (usize::from(u8::MAX) + 1);
        let sizes = [
            model.rules.len() * n,
            model.rules.len() * n,
            model.products.len() * n,
            model.fact_kinds.len() * n,
            model.products.len() * n,
            model.products.len(),
            modes,
            modes,
            model.networks.len(),
            model.decisions.len(),
            model.tasks.len() * n,
            model.countermeasures.len(),
        ];
        let mut begins = [0; 12];
        // The first place is that of what is given.
        let mut places = 1;
        for (begin, size) in begins.iter_mut().zip(sizes) {
            *begin = places;
            places += size;
        }
        let table = if places <= MAX_PLACES { vec![NONE; places] } else { Vec::new() };
        Nodes { begins, n_actors: n, table, map: HashMap::new() }
    }

    fn place(&self, fate: Fate) -> usize {
        let of = |kind: usize, thing: usize, actor: ActorId| {
            self.begins[kind] + thing * self.n_actors + actor.index()
        };
        let mode = |network: NetworkId, mode: u8| network.index() * 256 + usize::from(mode);
        match fate {
            Fate::Given => 0,
            Fate::Fires(rule, actor) => of(0, rule.index(), actor),
            Fate::Triggered(rule, actor) => of(1, rule.index(), actor),
            Fate::Receives(actor, product) => of(2, product.index(), actor),
            Fate::Knows(actor, kind) => of(3, kind.index(), actor),
            Fate::Sends(actor, product) => of(4, product.index(), actor),
            Fate::Published(product) => self.begins[5] + product.index(),
            Fate::Entered(network, to) => self.begins[6] + mode(network, to),
            Fate::Above(network, to) => self.begins[7] + mode(network, to),
            Fate::Moves(network) => self.begins[8] + network.index(),
            Fate::Proposed(decision) => self.begins[9] + decision.index(),
            Fate::Done(actor, task) => of(10, task.index(), actor),
            Fate::Enacted(countermeasure) => self.begins[11] + countermeasure.index(),
        }
    }

    /// The node of a fate, if it has one.
    pub(super) fn get(&self, fate: Fate) -> Option<NodeIndex> {
        let place = self.place(fate);
        let node = match self.table.get(place) {
            Some(&node) => (node != NONE).then_some(node),
            None => self.map.get(&place).copied(),
        };
        node.map(|node| NodeIndex::new(node as usize))
    }

    /// Gives a fate its node.
    pub(super) fn insert(&mut self, fate: Fate, node: NodeIndex) {
        let place = self.place(fate);
        match self.table.get_mut(place) {
            Some(slot) => *slot = node.index() as u32,
            None => {
                self.map.insert(place, node.index() as u32);
            }
        }
    }
}
