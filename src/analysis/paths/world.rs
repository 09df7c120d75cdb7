//! Edges of what lies around rules: effects, desks, channels, facts, networks, incidents, injects.

use super::Graph;
use super::parts::{Owners, Part};
use crate::model::{
    ActorId, Change, ChannelId, CountermeasureId, DutyHolder, Effect, ElementId, Ends, FactKindId, Held,
    InjectEffect, InjectId, InjectTime, Model, NetworkId, ProductId, RoleId, RuleId, Sel, SiteId, TaskId,
    Trouble, Truth, Validity, possible_holders,
};

/// Sets of actors that parts mean, in the order in which the model is walked.
pub(super) type Addressed = Vec<(Part, Vec<ActorId>)>;

/// The edges of one model.
pub(super) struct Edges<'g, 'm> {
    pub(super) graph: &'g mut Graph,
    pub(super) model: &'m Model,
    pub(super) addressed: Addressed,
    /// By channel: who may stand at its ends.
    from: Vec<Vec<bool>>,
    to: Vec<Vec<bool>>,
    /// By actor: whether one piece of work may make another one wait.
    pub(super) coupled: Vec<bool>,
}

impl Graph {
    /// Adds the edges of a model; gives back whom its parts mean.
    pub(super) fn add(&mut self, model: &Model) -> Addressed {
        let n = model.actors.len();
        let end = |ends: &Ends| match ends {
            Ends::Any => vec![true; n],
            Ends::Of(sel) => {
                let mut inside = vec![false; n];
                members(model, sel).into_iter().for_each(|actor| inside[actor.index()] = true);
                inside
            }
            Ends::Public | Ends::Operators => vec![false; n],
        };
        let away =
            |effect: &InjectEffect| matches!(effect, InjectEffect::ActorOutage(_) | InjectEffect::Absent(..));
        let away = model.injects.iter().any(|inject| inject.effects.iter().any(away));
        let effects = || {
            let modes = model.networks.iter().flat_map(|n| n.modes.iter().flat_map(|m| &m.effects));
            let elements = model.elements.iter().flat_map(|e| &e.effects);
            modes.chain(elements).chain(model.countermeasures.iter().flat_map(|c| &c.effects))
        };
        let calendars = effects().any(|e| matches!(e.change, Change::Calendar(_)));
        let coupled = model.actors.iter().map(|actor| {
            let free = |v: &crate::model::ActorVariant| v.staff.is_none() && v.rota.is_none();
            away || calendars || actor.pace.is_some() || !actor.variants.iter().all(free)
        });
        let mut edges = Edges {
            graph: self,
            model,
            addressed: Vec::new(),
            from: model.channels.iter().map(|channel| end(&channel.from)).collect(),
            to: model.channels.iter().map(|channel| end(&channel.to)).collect(),
            coupled: coupled.collect(),
        };
        edges.numbers();
        edges.desks();
        edges.facts();
        edges.channels();
        edges.roles();
        edges.networks();
        edges.spread();
        edges.countermeasures();
        edges.injects();
        edges.duties();
        edges.rules();
        edges.decisions();
        edges.outcomes();
        edges.addressed
    }
}

impl<'m> Edges<'_, 'm> {
    pub(super) fn edge(&mut self, from: Part, to: Part) {
        self.graph.edge(from, to);
    }

    pub(super) fn actors(&self) -> impl Iterator<Item = ActorId> + use<> {
        (0..self.model.actors.len()).map(ActorId::from_index)
    }

    pub(super) fn products(&self) -> impl Iterator<Item = ProductId> + use<> {
        (0..self.model.products.len()).map(ProductId::from_index)
    }

    fn kinds(&self) -> impl Iterator<Item = FactKindId> + use<> {
        (0..self.model.fact_kinds.len()).map(FactKindId::from_index)
    }

    /// Whom a part means; it depends on what chooses them, as far as the run does.
    pub(super) fn means(&mut self, part: Part, by: Option<ActorId>, sel: &'m Sel) -> Vec<ActorId> {
        self.chosen_by(part, by, sel);
        let all = members(self.model, sel);
        self.addressed.push((part, all.clone()));
        all
    }

    /// What decides in the run whom a selector means.
    pub(super) fn chosen_by(&mut self, part: Part, by: Option<ActorId>, sel: &'m Sel) {
        match sel {
            Sel::Holder(role) => self.edge(Part::Role(*role), part),
            Sel::Affected(_, kind) => match by {
                Some(by) => self.edge(Part::Knows(by, *kind), part),
                None => self.actors().for_each(|a| self.graph.edge(Part::Knows(a, *kind), part)),
            },
            Sel::Linked => {
                for c in 0..self.model.channels.len() {
                    self.edge(Part::Channel(ChannelId::from_index(c)), part);
                }
            }
            Sel::AnyOf(parts) => parts.iter().for_each(|sel| self.chosen_by(part, by, sel)),
            Sel::Drawn(all, _) => self.chosen_by(part, by, all),
            Sel::Except(all, without) => {
                self.chosen_by(part, by, all);
                self.chosen_by(part, by, without);
                let without = members(self.model, without);
                self.addressed.push((part, without));
            }
            Sel::Fixed(_)
            | Sel::Own(_)
            | Sel::Concerned(_)
            | Sel::Sender
            | Sel::Operators
            | Sel::OperatorsIn(_) => {}
        }
    }

    pub(super) fn valid(&mut self, validity: &Validity, part: Part) {
        for element in [validity.element, validity.unless].into_iter().flatten() {
            self.edge(Part::Element(element), part);
        }
    }

    pub(super) fn effects(&mut self, from: Part, effects: &[Effect]) {
        for effect in effects {
            match (effect.param, effect.change) {
                (Some(param), _) => self.edge(from, Part::Parameter(param)),
                (None, _) => {
                    for actor in self.actors() {
                        if effect.of.is_none_or(|set| self.model.sets[set.index()].has(actor)) {
                            self.edge(from, Part::Desk(actor));
                        }
                    }
                }
            }
            if let (Some(param), Change::Replace(with)) = (effect.param, effect.change) {
                self.edge(Part::Parameter(with), Part::Parameter(param));
            }
        }
    }

    /// From parameters to the places that draw from them.
    fn numbers(&mut self) {
        let model = self.model;
        let owners = Owners::new(model);
        for (s, site) in model.sites.iter().enumerate() {
            for part in owners.of(model, SiteId::from_index(s)) {
                self.edge(Part::Parameter(site.param), part);
            }
        }
        for (i, actor) in model.actors.iter().enumerate() {
            for param in actor.variants.iter().filter_map(|variant| variant.staff_param) {
                self.edge(Part::Parameter(param), Part::Desk(ActorId::from_index(i)));
            }
        }
        for (e, element) in model.elements.iter().enumerate() {
            self.effects(Part::Element(ElementId::from_index(e)), &element.effects);
        }
        for (r, rule) in model.rules.iter().enumerate() {
            let id = RuleId::from_index(r);
            for &actor in &model.sets[rule.actors.index()].members {
                self.edge(Part::Rule(id), Part::Fires(id, actor));
            }
        }
        for p in self.products() {
            self.edge(Part::ProductKind(p), Part::Published(p));
            for actor in self.actors() {
                self.edge(Part::ProductKind(p), Part::Sends(actor, p));
                self.edge(Part::ProductKind(p), Part::Gets(actor, p));
            }
            // Writing and reading may be a task.
            let product = &model.products[p.index()];
            for site in [product.write, product.read].into_iter().flatten() {
                for (t, task) in model.tasks.iter().enumerate() {
                    if task.work == site {
                        self.edge(Part::TaskKind(TaskId::from_index(t)), Part::ProductKind(p));
                    }
                }
            }
        }
    }

    fn desks(&mut self) {
        for actor in self.actors() {
            self.edge(Part::Desk(actor), Part::Load(actor));
            if self.coupled[actor.index()] {
                self.edge(Part::Load(actor), Part::Desk(actor));
            }
            for p in self.products() {
                let read = self.model.products[p.index()].read.is_some();
                if read {
                    self.edge(Part::Gets(actor, p), Part::Load(actor));
                }
                if read || self.coupled[actor.index()] {
                    self.edge(Part::Desk(actor), Part::Gets(actor, p));
                }
            }
        }
    }

    fn facts(&mut self) {
        let model = self.model;
        for (k, id) in self.kinds().enumerate() {
            let kind = &model.fact_kinds[k];
            self.edge(Part::FactKind(id), Part::Fact(id));
            for actor in self.actors() {
                self.edge(Part::FactKind(id), Part::Knows(actor, id));
            }
            for &derived in &kind.feeds {
                self.edge(Part::Fact(id), Part::Fact(derived));
                for actor in self.actors() {
                    self.edge(Part::Knows(actor, id), Part::Knows(actor, derived));
                }
            }
            if matches!(kind.truth, Truth::Hit | Truth::HitCount | Truth::Start) {
                self.edge(Part::Spread, Part::Fact(id));
            }
        }
        for p in self.products() {
            let product = &model.products[p.index()];
            for &kind in &product.carries {
                self.edge(Part::FactKind(kind), Part::ProductKind(p));
                for actor in self.actors() {
                    self.edge(Part::Knows(actor, kind), Part::Sends(actor, p));
                    self.edge(Part::Gets(actor, p), Part::Knows(actor, kind));
                }
            }
            if product.public {
                self.edge(Part::Published(p), Part::Public);
                // Whether it contradicts the truth.
                for &kind in &product.carries {
                    self.edge(Part::Fact(kind), Part::Public);
                }
            }
        }
    }

    fn channels(&mut self) {
        let model = self.model;
        for (c, channel) in model.channels.iter().enumerate() {
            let id = Part::Channel(ChannelId::from_index(c));
            self.valid(&channel.validity, id);
            for ends in [&channel.from, &channel.to] {
                if let Ends::Of(sel) = ends {
                    self.means(id, None, sel);
                }
            }
            for worse in &channel.worse {
                match worse.when {
                    Trouble::SenderHit => self.edge(Part::Spread, id),
                    // Who is down or off duty is at the desk, and the desk leads to what is got there.
                    Trouble::ReceiverOffDuty | Trouble::ReceiverDown => {
                        for actor in self.actors().filter(|a| self.to[c][a.index()]) {
                            self.graph.edge(Part::Desk(actor), id);
                        }
                    }
                }
            }
            let public = matches!(channel.from, Ends::Public);
            for p in self.products().filter(|p| channel.carries[p.index()]) {
                for to in self.actors() {
                    let reads = self.to[c][to.index()] && (public || matches!(channel.from, Ends::Operators));
                    if reads {
                        self.edge(id, Part::Gets(to, p));
                        let from = if public { Part::Published(p) } else { Part::Reports(p) };
                        self.edge(from, Part::Gets(to, p));
                        if channel.capacity.is_some() {
                            self.edge(from, id);
                        }
                    }
                }
            }
        }
    }

    /// An actor sends a product: whom it may reach, over which channels.
    pub(super) fn sends(&mut self, actor: ActorId, product: ProductId, to: &[ActorId]) {
        let model = self.model;
        for (c, channel) in model.channels.iter().enumerate() {
            if !channel.carries[product.index()] || !self.from[c][actor.index()] {
                continue;
            }
            let id = Part::Channel(ChannelId::from_index(c));
            for &to in to {
                if self.to[c][to.index()] && to != actor {
                    self.edge(id, Part::Gets(to, product));
                    self.edge(Part::Sends(actor, product), Part::Gets(to, product));
                    // What does not get through is told to the sender.
                    self.edge(id, Part::Sends(actor, product));
                    if channel.capacity.is_some() {
                        self.edge(Part::Sends(actor, product), id);
                    }
                }
            }
            if matches!(channel.to, Ends::Operators) {
                self.edge(id, Part::Sends(actor, product));
            }
        }
        for (c, countermeasure) in model.countermeasures.iter().enumerate() {
            let warns = countermeasure.uptake.as_ref().is_some_and(|uptake| uptake.warnings[product.index()]);
            if warns {
                let id = Part::Countermeasure(CountermeasureId::from_index(c));
                self.edge(Part::Sends(actor, product), id);
            }
        }
    }

    fn roles(&mut self) {
        let model = self.model;
        for (r, role) in model.roles.iter().enumerate() {
            let id = RoleId::from_index(r);
            match &role.held {
                Held::Dated => {}
                Held::FirstOnDuty(list) => {
                    list.iter().for_each(|&actor| self.graph.edge(Part::Desk(actor), Part::Role(id)));
                }
                Held::InStateOf(of, _) => self.edge(Part::Role(*of), Part::Role(id)),
            }
            self.addressed.push((Part::Role(id), holders(model, id)));
        }
    }

    fn networks(&mut self) {
        let model = self.model;
        for (n, network) in model.networks.iter().enumerate() {
            let id = NetworkId::from_index(n);
            let members = self.means(Part::Meets(id), None, &network.members);
            self.addressed.push((Part::Network(id), members.clone()));
            for mode in &network.modes {
                self.effects(Part::Network(id), &mode.effects);
            }
            for &actor in &members {
                self.edge(Part::Desk(actor), Part::Meets(id));
            }
            for kind in self.kinds() {
                self.edge(Part::Meets(id), Part::Told(id, kind));
                for &actor in &members {
                    self.edge(Part::Knows(actor, kind), Part::Told(id, kind));
                }
            }
        }
    }

    /// A meeting of a network may be called: it takes its members' time, and they tell each other what they know.
    pub(super) fn meets(&mut self, network: NetworkId) {
        let members = members(self.model, &self.model.networks[network.index()].members);
        for actor in members {
            self.edge(Part::Meets(network), Part::Load(actor));
            for kind in self.kinds() {
                self.edge(Part::Told(network, kind), Part::Knows(actor, kind));
            }
        }
    }

    fn spread(&mut self) {
        let model = self.model;
        for group in &model.groups {
            for report in &group.reports {
                let part = Part::Reports(report.product);
                self.edge(Part::Spread, part);
                self.edge(Part::ProductKind(report.product), part);
                self.valid(&report.validity, part);
                self.means(part, None, &report.to);
            }
        }
        for incident in &model.incidents {
            for disclosure in &incident.discloses {
                for actor in self.means(Part::Spread, None, &disclosure.to) {
                    self.edge(Part::Spread, Part::Knows(actor, disclosure.kind));
                }
                self.edge(Part::Spread, Part::Fact(disclosure.kind));
            }
        }
    }

    fn countermeasures(&mut self) {
        let model = self.model;
        for (c, counter) in model.countermeasures.iter().enumerate() {
            let id = Part::Countermeasure(CountermeasureId::from_index(c));
            self.valid(&counter.validity, id);
            self.effects(id, &counter.effects);
            let touches = counter.reaches_operators()
                || counter.uptake.is_some()
                || !counter.pressure.is_empty()
                || !counter.routes.is_empty()
                || !counter.ends.is_empty();
            if touches {
                self.edge(id, Part::Spread);
            }
            for (from, to, _) in &counter.staff {
                for sel in [from, to] {
                    for actor in self.means(id, None, sel) {
                        self.edge(id, Part::Desk(actor));
                    }
                }
            }
        }
        for p in self.products() {
            for &countermeasure in &model.products[p.index()].publicises {
                self.edge(Part::Published(p), Part::Countermeasure(countermeasure));
            }
        }
    }

    fn injects(&mut self) {
        let model = self.model;
        for (i, inject) in model.injects.iter().enumerate() {
            let id = Part::Inject(InjectId::from_index(i));
            if let InjectTime::When(milestone, _) = inject.at {
                self.edge(Part::Milestone(milestone), id);
            }
            let to = inject.to.as_ref().map_or_else(Vec::new, |sel| self.means(id, None, sel));
            for effect in &inject.effects {
                match effect {
                    InjectEffect::Fact(fact)
                    | InjectEffect::Number(fact, _)
                    | InjectEffect::FalseReport(fact, _) => {
                        let kind = model.facts[fact.index()].kind;
                        self.edge(id, Part::Fact(kind));
                        to.iter().for_each(|&actor| self.graph.edge(id, Part::Knows(actor, kind)));
                    }
                    InjectEffect::Leak(fact) => {
                        let kind = model.facts[fact.index()].kind;
                        self.edge(id, Part::Fact(kind));
                        self.edge(id, Part::Public);
                        for (c, channel) in model.channels.iter().enumerate() {
                            if !matches!(channel.from, Ends::Public) {
                                continue;
                            }
                            for actor in self.actors().filter(|a| self.to[c][a.index()]) {
                                self.graph.edge(id, Part::Knows(actor, kind));
                                let channel = Part::Channel(ChannelId::from_index(c));
                                self.graph.edge(channel, Part::Knows(actor, kind));
                            }
                        }
                    }
                    InjectEffect::Message(product) => {
                        for &actor in &to {
                            self.edge(id, Part::Gets(actor, *product));
                            for (c, channel) in model.channels.iter().enumerate() {
                                if channel.carries[product.index()] && self.to[c][actor.index()] {
                                    let channel = Part::Channel(ChannelId::from_index(c));
                                    self.edge(channel, Part::Gets(actor, *product));
                                }
                            }
                        }
                    }
                    InjectEffect::ChannelOutage(channel, _) => self.edge(id, Part::Channel(*channel)),
                    InjectEffect::ActorOutage(_) | InjectEffect::Absent(..) => {
                        to.iter().for_each(|&actor| self.graph.edge(id, Part::Desk(actor)));
                    }
                    InjectEffect::Enact(c) => self.edge(id, Part::Countermeasure(*c)),
                    InjectEffect::SetMode(mode) => self.edge(id, Part::Network(mode.network)),
                    InjectEffect::Begin(_) | InjectEffect::Hit(..) => self.edge(id, Part::Spread),
                }
            }
        }
    }

    fn duties(&mut self) {
        let model = self.model;
        for (d, duty) in model.duties.iter().enumerate() {
            let (kind, id) = (Part::DutyKind(d), Part::Duty(d));
            self.valid(&duty.validity, kind);
            self.edge(kind, id);
            for actor in self.means(id, None, &duty.to) {
                self.edge(Part::Gets(actor, duty.product), id);
            }
            // What those who never comply owe is not sent.
            let binds = duty.never.is_some();
            match &duty.who {
                DutyHolder::Operators => {
                    self.edge(Part::Spread, id);
                    self.edge(Part::Reports(duty.product), id);
                    if binds {
                        self.edge(kind, Part::Reports(duty.product));
                    }
                }
                DutyHolder::Actors(set, trigger) => {
                    let owe = model.sets[set.index()].members.clone();
                    self.addressed.push((kind, owe.clone()));
                    for actor in owe {
                        self.edge(Part::Sends(actor, duty.product), id);
                        self.happens(id, actor, &trigger.leaves);
                        if binds {
                            self.edge(kind, Part::Sends(actor, duty.product));
                        }
                    }
                }
            }
        }
    }
}

/// Everybody who may hold a role.
fn holders(model: &Model, role: RoleId) -> Vec<ActorId> {
    let mut all = possible_holders(model, role);
    all.sort_unstable();
    all.dedup();
    all
}

/// Everybody whom a selector may mean.
pub(super) fn members(model: &Model, sel: &Sel) -> Vec<ActorId> {
    let everybody = || (0..model.actors.len()).map(ActorId::from_index).collect();
    let of = |template: &crate::model::TemplateId| {
        model.sets[model.templates[template.index()].set.index()].members.clone()
    };
    let mut actors: Vec<ActorId> = match sel {
        Sel::Fixed(set) => model.sets[set.index()].members.clone(),
        Sel::Own(t) | Sel::Concerned(t) | Sel::Affected(t, _) => of(t),
        Sel::Holder(role) => holders(model, *role),
        Sel::Operators | Sel::OperatorsIn(_) => Vec::new(),
        Sel::AnyOf(parts) => parts.iter().flat_map(|part| members(model, part)).collect(),
        Sel::Except(all, _) | Sel::Drawn(all, _) => members(model, all),
        Sel::Sender | Sel::Linked => everybody(),
    };
    actors.sort_unstable();
    actors.dedup();
    actors
}
