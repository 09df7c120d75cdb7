//! The propagation chart: when each actor learned the chosen fact, and from whom.

use std::collections::BTreeMap;

use super::{ChartOptions, Charts, from_top, length_us, level_of, level_titles, short, us};
use crate::analysis::knowledge::{Arrival, ArrivalTree};
use crate::chart::input::{ArrivalEdge, KnowledgeNode, MatrixRow, Place, PropagationInput};
use crate::model::{ActorId, FactId, Model, StateId, TemplateId};
use crate::report::story::headline_milestone;
use crate::report::words::{fact, plural, role};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Names, RecordId, Source, Subject};

impl Charts<'_> {
    /// What the propagation chart is told. Without a fact to show, the chart says so.
    pub(super) fn propagation(&self, options: &ChartOptions) -> PropagationInput {
        let model = self.told.model;
        let Some((id, tree)) = &self.told.results.headline else {
            let title = "No fact was chosen to be followed".to_owned();
            let hint = "a document names it as `headline: (fact: ..)`".to_owned();
            return PropagationInput {
                frame: self.frame(options, title, hint, String::new()),
                layers: level_titles(model),
                ..PropagationInput::default()
            };
        };
        let layout = Layout::new(model, options);
        let arrivals: BTreeMap<ActorId, &Arrival> = tree.arrivals.iter().map(|a| (a.actor, a)).collect();
        let mut nodes = Vec::new();
        let mut node_of = BTreeMap::new();
        for &(actor, place) in &layout.places {
            node_of.insert(actor, nodes.len());
            let a = &model.actors[actor.index()];
            nodes.push(KnowledgeNode {
                title: a.title.clone(),
                short: short(model, actor),
                place,
                learned_us: arrivals.get(&actor).map(|a| us(a.at)),
            });
        }
        let path = self.path(&arrivals, &node_of);
        let mut edges = Vec::new();
        if let Some(&first) = path.first() {
            self.first_report(first, &layout, &node_of, &mut nodes, &mut edges);
        }
        self.edges(&path, tree, &arrivals, &node_of, &mut edges);
        // A fact may become true only when it is found, after the operator that reported had noticed.
        let earliest = nodes.iter().filter_map(|n| n.learned_us).min().and_then(|us| u64::try_from(us).ok());
        let origin = self.origin(*id, tree);
        let origin = earliest.map_or(origin, |us| origin.min(SimTime::from_micros(us)));
        let title = self.finding(&layout, &arrivals, origin, &path);
        let goal = match path.last() {
            Some(last) => format!("{} knew", model.actors[last.actor.index()].title),
            None => String::new(),
        };
        let description = format!(
            "{title}. {} of {} knew by the end of the run.",
            arrivals.keys().filter(|a| node_of.contains_key(a)).count(),
            plural(node_of.len(), "actor"),
        );
        PropagationInput {
            frame: self.frame(options, title, format!("Who learned when: {}", fact(model, *id)), description),
            origin_us: us(origin),
            bins_us: Vec::new(),
            layers: layout.layers,
            columns: layout.columns,
            rows: layout.rows,
            nodes,
            edges,
            goal,
        }
    }

    /// When the fact became true; failing that, when the first actor knew it.
    fn origin(&self, id: FactId, tree: &ArrivalTree) -> SimTime {
        self.became_true(id).or_else(|| tree.arrivals.first().map(|a| a.at)).unwrap_or(SimTime::ZERO)
    }

    /// First arrivals from the finder to whom the chain of the headline leads: the last actor on it who is shown and was
    /// told the fact; where nobody on it was told, the last to be told at all.
    fn path<'t>(
        &self,
        arrivals: &BTreeMap<ActorId, &'t Arrival>,
        shown: &BTreeMap<ActorId, usize>,
    ) -> Vec<&'t Arrival> {
        let trace = self.told.trace;
        let chain = headline_milestone(&self.told).and_then(|id| self.told.results.chain(id));
        let steps = chain.iter().flat_map(|chain| chain.steps.iter().rev());
        let on_chain = steps.filter_map(|&id| match trace.records[id as usize].who {
            Subject::Actor(actor) => arrivals.get(&actor).copied(),
            _ => None,
        });
        let mut others: Vec<&'t Arrival> = arrivals.values().copied().collect();
        others.sort_by_key(|a| std::cmp::Reverse((a.at, a.record)));
        let ends = || on_chain.clone().chain(others.iter().copied()).filter(|a| shown.contains_key(&a.actor));
        // Who found it out by its own work has no way to show.
        let was_told = |a: &&Arrival| matches!(a.from, Source::Actor(_));
        match ends().find(was_told).or_else(|| ends().next()) {
            Some(last) => way_to(last, arrivals),
            None => Vec::new(),
        }
    }

    /// The operator that told the first actor of the path, as a node with an edge.
    fn first_report(
        &self,
        first: &Arrival,
        layout: &Layout,
        node_of: &BTreeMap<ActorId, usize>,
        nodes: &mut Vec<KnowledgeNode>,
        edges: &mut Vec<ArrivalEdge>,
    ) {
        let (Source::Operator(operator), Some(&to)) = (first.from, node_of.get(&first.actor)) else { return };
        let names = Names::new(self.told.model, self.told.trace);
        let detected = self.told.trace.records.iter().find_map(|record| match record.event {
            Event::Detected(_, o) if o == operator => Some(record.time),
            _ => None,
        });
        let Some(detected) = detected.filter(|&t| t <= first.at) else { return };
        edges.push(ArrivalEdge {
            from: nodes.len(),
            to,
            latency_us: length_us(first.at - detected),
            critical: true,
            label: true,
        });
        nodes.push(KnowledgeNode {
            title: names.operator(operator),
            short: String::new(),
            place: Place::Layer(layout.layers.len().saturating_sub(1)),
            learned_us: Some(us(detected)),
        });
    }

    /// The edges of the path in its order, then all others in order of time.
    fn edges(
        &self,
        path: &[&Arrival],
        tree: &ArrivalTree,
        arrivals: &BTreeMap<ActorId, &Arrival>,
        node_of: &BTreeMap<ActorId, usize>,
        edges: &mut Vec<ArrivalEdge>,
    ) {
        let model = self.told.model;
        let on_path: Vec<RecordId> = path.iter().map(|a| a.record).collect();
        let others = tree.arrivals.iter().filter(|a| !on_path.contains(&a.record));
        for (arrival, critical) in path.iter().map(|&a| (a, true)).chain(others.map(|a| (a, false))) {
            let Source::Actor(from) = arrival.from else { continue };
            let (Some(&a), Some(&b), Some(sender)) =
                (node_of.get(&from), node_of.get(&arrival.actor), arrivals.get(&from))
            else {
                continue;
            };
            edges.push(ArrivalEdge {
                from: a,
                to: b,
                latency_us: length_us(arrival.at - sender.at),
                critical,
                label: critical || model.actors[arrival.actor.index()].state.is_none(),
            });
        }
    }

    /// The finding: how far the news got in the states, and when it reached the end of the path.
    fn finding(
        &self,
        layout: &Layout,
        arrivals: &BTreeMap<ActorId, &Arrival>,
        origin: SimTime,
        path: &[&Arrival],
    ) -> String {
        let model = self.told.model;
        let after = |t: SimTime| (t - origin).to_string();
        let mut parts = Vec::new();
        if let Some((template, actors)) = layout.widest(model) {
            let mut times: Vec<SimTime> =
                actors.iter().filter_map(|a| arrivals.get(a)).map(|a| a.at).collect();
            times.sort_unstable();
            let (title, n) = (role(model, template), actors.len());
            parts.push(match times.last() {
                Some(&last) if times.len() == n => {
                    format!("{title} in all {n} states knew after {}", after(last))
                }
                Some(&last) => format!("{title} in {} of {n} states knew after {}", times.len(), after(last)),
                None => format!("{title} in none of {n} states knew by the end"),
            });
        }
        if let Some(last) = path.last() {
            let actor = &model.actors[last.actor.index()];
            if parts.is_empty() || actor.state.is_none() {
                parts.push(format!("{} after {}", actor.title, after(last.at)));
            }
        }
        match parts.is_empty() {
            true => format!(
                "Nobody had learned it after {}",
                SimDuration::to_string(&self.told.trace.end.since_start())
            ),
            false => parts.join("; "),
        }
    }
}

/// From the finder to an arrival, by whom each had it first.
fn way_to<'t>(last: &'t Arrival, arrivals: &BTreeMap<ActorId, &'t Arrival>) -> Vec<&'t Arrival> {
    let mut path: Vec<&Arrival> = Vec::new();
    let mut next = Some(last);
    while let Some(arrival) = next
        && !path.iter().any(|a| a.actor == arrival.actor)
    {
        path.push(arrival);
        next = match arrival.from {
            Source::Actor(from) => arrivals.get(&from).copied(),
            _ => None,
        };
    }
    path.reverse();
    path
}

/// Where each actor stands.
struct Layout {
    layers: Vec<String>,
    columns: Vec<String>,
    rows: Vec<MatrixRow>,
    places: Vec<(ActorId, Place)>,
}

impl Layout {
    /// Templates with actors in two states or more are rows of a matrix, everybody else is a box.
    fn new(model: &Model, options: &ChartOptions) -> Layout {
        let mut layers = level_titles(model);
        layers.push("Operators".to_owned());
        let shown = |s: StateId| options.states.is_empty() || options.states.contains(&s);
        let states: Vec<StateId> =
            (0..model.states.len()).map(StateId::from_index).filter(|&s| shown(s)).collect();
        let column: BTreeMap<StateId, usize> = states.iter().enumerate().map(|(i, &s)| (s, i)).collect();
        let mut rows = Vec::new();
        let mut row_of: BTreeMap<TemplateId, usize> = BTreeMap::new();
        for (i, template) in model.templates.iter().enumerate() {
            // Actors that are not counted have no place below, so their row would be empty.
            let counted = template.actors.iter().any(|a| model.actors[a.index()].counted);
            if !counted || template.by_state.iter().flatten().count() < 2 {
                continue;
            }
            let level = template.actors.first().and_then(|a| model.actors[a.index()].levels.first().copied());
            let layer = level.map_or(layers.len().saturating_sub(2), |level| from_top(model, level));
            row_of.insert(TemplateId::from_index(i), rows.len());
            rows.push(MatrixRow { title: role(model, TemplateId::from_index(i)), layer });
        }
        let mut places = Vec::new();
        for (i, actor) in model.actors.iter().enumerate() {
            let id = ActorId::from_index(i);
            if !options.shows(model, id) || !actor.counted {
                continue;
            }
            let cell =
                actor.state.and_then(|state| Some((*row_of.get(&actor.template)?, *column.get(&state)?)));
            places.push((
                id,
                match cell {
                    Some((row, column)) => Place::Cell { row, column },
                    None => Place::Layer(level_of(model, id)),
                },
            ));
        }
        let columns = states.iter().map(|s| model.states[s.index()].name.clone()).collect();
        Layout { layers, columns, rows, places }
    }

    /// The template with actors in most states, with its actors that are shown.
    fn widest(&self, model: &Model) -> Option<(TemplateId, Vec<ActorId>)> {
        let mut actors: BTreeMap<TemplateId, Vec<ActorId>> = BTreeMap::new();
        for (actor, place) in &self.places {
            if matches!(place, Place::Cell { .. }) {
                actors.entry(model.actors[actor.index()].template).or_default().push(*actor);
            }
        }
        actors.into_iter().max_by_key(|(template, actors)| (actors.len(), std::cmp::Reverse(*template)))
    }
}
