//! Who knew what when, from whom, and how far knowledge had travelled.

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Walker};

use super::chain::Chain;
use super::reading::Reading;
use crate::model::{ActorId, FactId, FactOrKind};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Source, Subject, Trace};

/// A version of a fact reaching an actor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnowledgeRow {
    /// Who learned.
    pub actor: ActorId,
    /// What.
    pub fact: FactId,
    /// Version.
    pub version: u32,
    /// Value.
    pub value: f64,
    /// When.
    pub learned_at: SimTime,
    /// From whom.
    pub from: Source,
    /// Its record.
    pub record: RecordId,
}

/// The first arrival of a fact at an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Who learned.
    pub actor: ActorId,
    /// When.
    pub at: SimTime,
    /// From whom.
    pub from: Source,
    /// Actors passed since the one that did not have it from an actor, which has 0.
    pub hops: u32,
    /// The record.
    pub record: RecordId,
}

/// The first-arrival tree of a fact: each actor with the one it first heard it from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrivalTree {
    /// Arrivals in time order.
    pub arrivals: Vec<Arrival>,
}

impl ArrivalTree {
    /// The arrival at an actor.
    pub fn at(&self, actor: ActorId) -> Option<&Arrival> {
        self.arrivals.iter().find(|a| a.actor == actor)
    }

    /// The passings from actor to actor, in time order.
    pub fn passings(&self) -> impl Iterator<Item = Passing> {
        self.arrivals.iter().filter_map(|a| match a.from {
            Source::Actor(from) => Some(Passing { from, to: a.actor, record: a.record }),
            _ => None,
        })
    }
}

/// A passing of knowledge from actor to actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passing {
    /// From whom.
    pub from: ActorId,
    /// To whom.
    pub to: ActorId,
    /// The learning of the receiver.
    pub record: RecordId,
}

/// Every learning of the run, in time order.
pub fn knowledge(trace: &Trace) -> Vec<KnowledgeRow> {
    (0..trace.n_records()).filter_map(|id| learning(trace, id)).collect()
}

/// The learning that a record is; none if it is none.
fn learning(trace: &Trace, id: RecordId) -> Option<KnowledgeRow> {
    let record = trace.record(id);
    let (Event::Learned { fact, version, value, from }, Subject::Actor(actor)) = (record.event, record.who)
    else {
        return None;
    };
    Some(KnowledgeRow { actor, fact, version, value, learned_at: record.time, from, record: id })
}

/// The first-arrival tree of a fact, or of the first instance of a kind that reaches each actor.
///
/// Hops are counted by breadth-first search over the graph of first passings. It is a forest: an actor passes on
/// only what it has learned before, so every passing leads from an earlier arrival to a later one.
pub fn first_arrivals(run: &Reading<'_>, about: FactOrKind) -> ArrivalTree {
    let mut tree = ArrivalTree::default();
    let mut node_of: Vec<Option<NodeIndex>> = vec![None; run.model.actors.len()];
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let mut roots = Vec::new();
    let (kind, only) = match about {
        FactOrKind::Fact(fact) => (run.model.facts[fact.index()].kind, Some(fact)),
        FactOrKind::Kind(kind) => (kind, None),
    };
    for row in run.learned(kind).iter().filter_map(|&id| learning(run.trace, id)) {
        if only.is_some_and(|fact| fact != row.fact) || node_of[row.actor.index()].is_some() {
            continue;
        }
        let node = graph.add_node(tree.arrivals.len());
        node_of[row.actor.index()] = Some(node);
        let sender = match row.from {
            Source::Actor(from) => node_of[from.index()],
            _ => None,
        };
        match sender {
            Some(sender) => {
                graph.add_edge(sender, node, ());
            }
            None => roots.push(node),
        }
        let (actor, at, from, record) = (row.actor, row.learned_at, row.from, row.record);
        tree.arrivals.push(Arrival { actor, at, from, hops: 0, record });
    }
    for root in roots {
        // In breadth-first order a sender comes before its receivers.
        for node in Bfs::new(&graph, root).iter(&graph) {
            let sender = graph.neighbors_directed(node, petgraph::Incoming).next();
            let hops = sender.map_or(0, |s| tree.arrivals[graph[s]].hops + 1);
            tree.arrivals[graph[node]].hops = hops;
        }
    }
    tree
}

/// The passings of knowledge on the chain of a milestone, in time order: its critical path over the actors.
pub fn critical_passings(trace: &Trace, chain: &Chain) -> Vec<Passing> {
    let passings = chain.steps.iter().filter_map(|&id| {
        let record = &trace.records[id as usize];
        match (record.event, record.who) {
            (Event::Learned { from: Source::Actor(from), .. }, Subject::Actor(to)) => {
                Some(Passing { from, to, record: id })
            }
            _ => None,
        }
    });
    passings.collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{Truth, ValueKind};

    #[test]
    fn the_first_arrival_counts_and_hops_add_up() {
        let mut b = Builder::new();
        let ids: Vec<ActorId> = (0..5).map(|i| b.actor(&format!("a{i}"))).collect();
        let f = b.fact("f", ValueKind::Flag, Truth::Found);
        let g = b.fact("g", ValueKind::Flag, Truth::Found);
        let learns = |fact, from| Event::Learned { fact, version: 1, value: 1.0, from };
        let from = |i: usize| Source::Actor(ids[i]);
        b.at(hours(1.0), actor(2), learns(f, Source::Own), &[], &[]);
        b.at(hours(2.0), actor(0), learns(f, from(2)), &[], &[]);
        b.at(hours(2.0), actor(3), learns(g, Source::World), &[], &[]);
        let r = b.at(hours(3.0), actor(1), learns(f, from(0)), &[], &[]);
        // A second way to the same actor comes too late.
        b.at(hours(4.0), actor(1), learns(f, from(2)), &[], &[]);
        b.at(hours(5.0), actor(4), learns(f, from(1)), &[], &[]);
        let tree = first_arrivals(&Reading::new(&b.model, &b.trace), FactOrKind::Fact(f));
        let shown: Vec<(ActorId, u32)> = tree.arrivals.iter().map(|a| (a.actor, a.hops)).collect();
        assert_eq!(shown, [(ids[2], 0), (ids[0], 1), (ids[1], 2), (ids[4], 3)]);
        assert_eq!(tree.at(ids[3]), None);
        let passings: Vec<Passing> = tree.passings().collect();
        assert_eq!((passings.len(), passings[1]), (3, Passing { from: ids[0], to: ids[1], record: r }));
        let other = first_arrivals(
            &Reading::new(&b.model, &b.trace),
            FactOrKind::Kind(b.model.facts[g.index()].kind),
        );
        assert_eq!(other.arrivals.iter().map(|a| a.actor).collect::<Vec<_>>(), [ids[3]]);
        let rows = knowledge(&b.trace);
        assert_eq!((rows.len(), rows[4].from, rows[4].record), (6, from(2), 4));
    }
}
