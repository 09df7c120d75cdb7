//! Parts of a model whose course may be another one, and which of them a parameter's places belong to.

use std::collections::HashMap;

use crate::model::{
    ActorId, ChannelId, CountermeasureId, DecisionId, ElementId, FactKindId, InjectId, LevelId, MilestoneId,
    Model, NetworkId, ParamId, PoolId, ProductId, RoleId, RuleId, SiteId, TaskId,
};

/// A part of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// What the graph does not know leads here.
    Everything,
    /// An element.
    Element(ElementId),
    /// A parameter: its value, or what is drawn of it.
    Parameter(ParamId),
    /// When work at a desk is begun and done.
    Desk(ActorId),
    /// What lies at a desk.
    Load(ActorId),
    /// What an actor knows of a kind of fact, and since when.
    Knows(ActorId, FactKindId),
    /// What is true of a kind of fact, and its versions.
    Fact(FactKindId),
    /// The numbers of a kind of fact.
    FactKind(FactKindId),
    /// A rule for all who have it.
    Rule(RuleId),
    /// When a rule fires for an actor, and when what it does then is done.
    Fires(RuleId, ActorId),
    /// A kind of work.
    TaskKind(TaskId),
    /// A kind of work of an actor.
    Task(ActorId, TaskId),
    /// The numbers of a product.
    ProductKind(ProductId),
    /// When an actor sends a product, and what is in it.
    Sends(ActorId, ProductId),
    /// When an actor gets and reads a product.
    Gets(ActorId, ProductId),
    /// When operators send a product.
    Reports(ProductId),
    /// When a statement is published.
    Published(ProductId),
    /// Whatever is published.
    Public,
    /// A channel.
    Channel(ChannelId),
    /// The mode of a network.
    Network(NetworkId),
    /// Meetings of a network.
    Meets(NetworkId),
    /// What is told of a kind of fact in the meetings of a network.
    Told(NetworkId, FactKindId),
    /// A decision.
    Decision(DecisionId),
    /// A countermeasure.
    Countermeasure(CountermeasureId),
    /// Who holds a role.
    Role(RoleId),
    /// A pool.
    Pool(PoolId),
    /// An inject.
    Inject(InjectId),
    /// The numbers and dates of a reporting duty.
    DutyKind(usize),
    /// How a reporting duty is kept.
    Duty(usize),
    /// Incidents among operators.
    Spread,
    /// Cases that are closed.
    Closings,
    /// Cases that are open.
    Cases,
    /// The awareness of a level.
    Level(LevelId),
    /// A milestone.
    Milestone(MilestoneId),
    /// A measure.
    Measure(usize),
}

/// Which part each place that draws belongs to, by the beginning of its purpose.
pub(super) struct Owners {
    parts: HashMap<String, Vec<Part>>,
}

impl Owners {
    pub(super) fn new(model: &Model) -> Owners {
        let mut parts: HashMap<String, Vec<Part>> = HashMap::new();
        let mut add = |kind: &str, name: &str, part: Part| {
            parts.entry(format!("{kind}:{name}")).or_default().push(part);
        };
        for (i, x) in model.rules.iter().enumerate() {
            add("rule", &x.name.text, Part::Rule(RuleId::from_index(i)));
        }
        for (i, x) in model.tasks.iter().enumerate() {
            add("task", &x.name.text, Part::TaskKind(TaskId::from_index(i)));
        }
        for (i, x) in model.products.iter().enumerate() {
            let kind = if x.public { "statement" } else { "product" };
            add(kind, &x.name.text, Part::ProductKind(ProductId::from_index(i)));
        }
        for (i, x) in model.channels.iter().enumerate() {
            add("channel", &x.name.text, Part::Channel(ChannelId::from_index(i)));
        }
        for (i, x) in model.decisions.iter().enumerate() {
            add("decision", &x.name.text, Part::Decision(DecisionId::from_index(i)));
        }
        for (i, x) in model.countermeasures.iter().enumerate() {
            add("countermeasure", &x.name.text, Part::Countermeasure(CountermeasureId::from_index(i)));
        }
        for (i, x) in model.networks.iter().enumerate() {
            add("network", &x.name.text, Part::Network(NetworkId::from_index(i)));
        }
        for (i, x) in model.fact_kinds.iter().enumerate() {
            add("fact", &x.name, Part::FactKind(FactKindId::from_index(i)));
        }
        for x in &model.groups {
            add("group", &x.name, Part::Spread);
        }
        for x in &model.incidents {
            add("incident", &x.name.text, Part::Spread);
        }
        for x in &model.ties {
            add("tie", &x.name.text, Part::Spread);
        }
        for x in &model.templates {
            for &actor in &x.actors {
                add("actor", &x.name, Part::Desk(actor));
            }
        }
        for (i, x) in model.injects.iter().enumerate() {
            add("inject", &x.name.text, Part::Inject(InjectId::from_index(i)));
        }
        for (i, x) in model.duties.iter().enumerate() {
            add("duty", &x.name, Part::DutyKind(i));
        }
        for (i, x) in model.measures.iter().enumerate() {
            add("measure", &x.name, Part::Measure(i));
        }
        Owners { parts }
    }

    /// The parts that a place belongs to.
    pub(super) fn of(&self, model: &Model, site: SiteId) -> Vec<Part> {
        let purpose = model.sites[site.index()].purpose.text.as_str();
        // Names may have a separator in them: the longest that fits is meant.
        let mut ends: Vec<usize> = purpose.match_indices(['/', '#']).map(|(at, _)| at).collect();
        ends.push(purpose.len());
        let owner = ends.into_iter().rev().find_map(|end| self.parts.get(&purpose[..end]));
        match owner {
            Some(parts) => parts.clone(),
            None if purpose.starts_with("calendar:") => called_in(model, site),
            None => vec![Part::Everything],
        }
    }
}

/// The desks to which a call-out brings staff.
fn called_in(model: &Model, site: SiteId) -> Vec<Part> {
    let of_site = |rota: crate::model::RotaId| {
        let on_call = model.rotas[rota.index()].on_call.as_ref();
        on_call.is_some_and(|on_call| on_call.delay == site || on_call.fails == Some(site))
    };
    let mut desks = Vec::new();
    for (i, actor) in model.actors.iter().enumerate() {
        let own = actor.variants.iter().filter_map(|variant| variant.rota);
        let brought = model.calendars.iter().filter_map(|rotas| rotas.get(i).copied().flatten());
        if own.chain(brought).any(of_site) {
            desks.push(Part::Desk(ActorId::from_index(i)));
        }
    }
    desks
}
