//! What a change of an element or a parameter may change in a run: everything that a path leads to.
//!
//! A node is a part of the model whose course may be another one: what a rule does for an actor, when a desk is done
//! with its work, what an actor knows of a kind of fact, a mode, a decision, the spread of incidents. An edge says
//! that the second may depend on the first: rules on what sets them off, on their conditions and on the desk at
//! which they work; desks on all that lies on them; receivers on senders, channels and what is known there; and so
//! on to milestones and measures.
//!
//! The graph allows too much and never too little: chances, dates and numbers are left out, and a draw that counts
//! its occurrences together with another depends on it. So what it does not reach is the same, byte for byte,
//! with the change and without it. What it does not know leads to everything.

mod actions;
mod outcomes;
mod parts;
mod world;

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Walker};

use crate::model::{
    ActorId, CountermeasureId, DecisionId, ElementId, FactKindId, MilestoneId, Model, NetworkId, ParamId,
    ProductId, RuleId,
};

use parts::Part;

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// An element is switched.
    Element(ElementId),
    /// A parameter has another value.
    Parameter(ParamId),
}

/// What may be another one after a change; all else is the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MayChange {
    /// Milestones: whether and when they are reached.
    pub milestones: Vec<MilestoneId>,
    /// Measures, by position.
    pub measures: Vec<usize>,
    /// Kinds of fact: what is true, or what some actor knows when.
    pub facts: Vec<FactKindId>,
    /// Rules: when they fire, or when what they do is done.
    pub rules: Vec<RuleId>,
    /// Decisions.
    pub decisions: Vec<DecisionId>,
    /// Products and statements: when somebody sends, gets or publishes them.
    pub products: Vec<ProductId>,
    /// Modes of networks.
    pub networks: Vec<NetworkId>,
    /// Countermeasures.
    pub countermeasures: Vec<CountermeasureId>,
    /// Reporting duties, by position.
    pub duties: Vec<usize>,
    /// Actors at whose desks something lies at another time, or is done at another time.
    pub desks: Vec<ActorId>,
    /// Whether incidents may spread in another way.
    pub spread: bool,
}

/// What a change may change, in the model or in the models before and after it.
///
/// The models are of one document with the element on and off: their tables are the same, while sets of actors may
/// differ.
pub fn may_change(models: &[&Model], changed: Changed) -> MayChange {
    let Some(model) = models.first() else { return MayChange::default() };
    let mut graph = Graph::default();
    let addressed: Vec<IndexMap<Part, Vec<Vec<ActorId>>>> = models
        .iter()
        .map(|model| {
            let mut by_part: IndexMap<Part, Vec<Vec<ActorId>>> = IndexMap::new();
            graph.add(model).into_iter().for_each(|(part, who)| by_part.entry(part).or_default().push(who));
            by_part
        })
        .collect();
    let start = match changed {
        Changed::Element(element) => {
            // What means other actors with the element than without it depends on the element.
            for other in addressed.iter().skip(1) {
                for part in addressed[0].keys().chain(other.keys()) {
                    if addressed[0].get(part) != other.get(part) {
                        graph.edge(Part::Element(element), *part);
                    }
                }
            }
            Part::Element(element)
        }
        Changed::Parameter(param) => {
            // What is taken before the run has no place of its own.
            if model.params[param.index()].fixed {
                graph.edge(Part::Parameter(param), Part::Everything);
            }
            Part::Parameter(param)
        }
    };
    graph.reached(model, start)
}

/// Parts and what depends on what.
#[derive(Debug, Default)]
struct Graph {
    graph: DiGraph<Part, ()>,
    at: HashMap<Part, NodeIndex>,
    known: HashSet<(NodeIndex, NodeIndex)>,
}

impl Graph {
    fn node(&mut self, part: Part) -> NodeIndex {
        let graph = &mut self.graph;
        *self.at.entry(part).or_insert_with(|| graph.add_node(part))
    }

    /// The second may depend on the first.
    fn edge(&mut self, from: Part, to: Part) {
        let (a, b) = (self.node(from), self.node(to));
        if a != b && self.known.insert((a, b)) {
            self.graph.add_edge(a, b, ());
        }
    }

    /// Everything that a path leads to.
    fn reached(&mut self, model: &Model, start: Part) -> MayChange {
        let start = self.node(start);
        let mut found = MayChange::default();
        let parts: Vec<Part> =
            Bfs::new(&self.graph, start).iter(&self.graph).map(|node| self.graph[node]).collect();
        let all = parts.contains(&Part::Everything);
        let mut milestones = vec![all; model.milestones.len()];
        let mut measures = vec![all; model.measures.len()];
        let mut facts = vec![all; model.fact_kinds.len()];
        let mut rules = vec![all; model.rules.len()];
        let mut decisions = vec![all; model.decisions.len()];
        let mut products = vec![all; model.products.len()];
        let mut networks = vec![all; model.networks.len()];
        let mut countermeasures = vec![all; model.countermeasures.len()];
        let mut duties = vec![all; model.duties.len()];
        let mut desks = vec![all; model.actors.len()];
        found.spread = all && !model.incidents.is_empty();
        for part in parts {
            match part {
                Part::Milestone(m) => milestones[m.index()] = true,
                Part::Measure(m) => measures[m] = true,
                Part::Knows(_, k) | Part::Fact(k) => facts[k.index()] = true,
                Part::Fires(r, _) => rules[r.index()] = true,
                Part::Decision(d) => decisions[d.index()] = true,
                Part::Sends(_, p) | Part::Gets(_, p) | Part::Reports(p) | Part::Published(p) => {
                    products[p.index()] = true;
                }
                Part::Network(n) => networks[n.index()] = true,
                Part::Countermeasure(c) => countermeasures[c.index()] = true,
                Part::Duty(d) => duties[d] = true,
                Part::Desk(a) | Part::Load(a) => desks[a.index()] = true,
                Part::Spread => found.spread = !model.incidents.is_empty(),
                _ => {}
            }
        }
        fn chosen<T>(which: &[bool], id: impl Fn(usize) -> T) -> Vec<T> {
            which.iter().enumerate().filter(|(_, yes)| **yes).map(|(i, _)| id(i)).collect()
        }
        found.milestones = chosen(&milestones, MilestoneId::from_index);
        found.measures = chosen(&measures, |i| i);
        found.facts = chosen(&facts, FactKindId::from_index);
        found.rules = chosen(&rules, RuleId::from_index);
        found.decisions = chosen(&decisions, DecisionId::from_index);
        found.products = chosen(&products, ProductId::from_index);
        found.networks = chosen(&networks, NetworkId::from_index);
        found.countermeasures = chosen(&countermeasures, CountermeasureId::from_index);
        found.duties = chosen(&duties, |i| i);
        found.desks = chosen(&desks, ActorId::from_index);
        found
    }
}
