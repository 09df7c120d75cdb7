//! What can come about at all: a graph of "makes possible", walked forward from what happens by itself.
//!
//! A node is something that may happen (a rule fires for an actor, an actor gets a product, knows a kind of fact, a
//! network enters a mode ...). It is possible once as many of its predecessors are as it needs: one for most, all
//! for a rule with its trigger and conditions. Nodes and edges are looked at once each, so the cost is linear.
//!
//! The graph allows too much and never too little: chances, dates, elements that are off, numbers and order are left
//! out, and what it does not know is possible. So what it does not reach cannot happen, and a warning about it is
//! no false alarm.

use fixedbitset::FixedBitSet;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::model::{
    self as m, Action, ActorId, Condition, CountermeasureId, DecisionId, Ends, FactKindId, InjectEffect,
    Join, Leaf, ModeRef, Model, NetworkId, ProductId, RuleId, Sel, Truth, Work,
};

use super::fates::{Fate, Nodes};
use super::rules::for_each_action;

/// Edges of the largest graph; a model that needs more is not looked at.
const MAX_EDGES: usize = 2_000_000;

/// The graph and what is possible in it.
#[derive(Debug)]
pub(super) struct Reach {
    at: Nodes,
    possible: Vec<bool>,
}

impl Reach {
    /// Builds the graph of a model and walks it. None where the model is too large, or does something of which this
    /// room does not know what it may bring about.
    pub(super) fn of(model: &Model) -> Option<Reach> {
        let mut builder = Builder::new(model);
        builder.given();
        builder.rules()?;
        builder.decisions()?;
        builder.operators();
        builder.injects();
        builder.modes();
        if builder.open || builder.graph.edge_count() > MAX_EDGES {
            return None;
        }
        Some(builder.walked())
    }

    pub(super) fn may(&self, fate: Fate) -> bool {
        self.at.get(fate).is_some_and(|node| self.possible[node.index()])
    }
}

struct Builder<'m> {
    model: &'m Model,
    /// The weight is how many predecessors a node needs.
    graph: DiGraph<u32, ()>,
    at: Nodes,
    /// By channel: who may stand at its far end.
    to: Vec<FixedBitSet>,
    /// By actor: channels at whose near end it may stand.
    leaving: Vec<Vec<usize>>,
    /// All channels.
    all: Vec<usize>,
    /// Something may happen that is not understood here.
    open: bool,
}

impl<'m> Builder<'m> {
    fn new(model: &'m Model) -> Self {
        let n = model.actors.len();
        let end = |ends: &Ends| {
            let mut inside = FixedBitSet::with_capacity(n);
            match ends {
                Ends::Any => inside.insert_range(..),
                Ends::Of(sel) => members(model, sel).iter().for_each(|actor| inside.insert(actor.index())),
                Ends::Public | Ends::Operators => {}
            }
            inside
        };
        let mut leaving = vec![Vec::new(); n];
        for (c, channel) in model.channels.iter().enumerate() {
            end(&channel.from).ones().for_each(|actor| leaving[actor].push(c));
        }
        Builder {
            model,
            graph: DiGraph::new(),
            at: Nodes::new(model),
            leaving,
            all: (0..model.channels.len()).collect(),
            to: model.channels.iter().map(|channel| end(&channel.to)).collect(),
            open: false,
        }
    }

    fn node(&mut self, fate: Fate) -> NodeIndex {
        self.node_of(fate, 1)
    }

    fn node_of(&mut self, fate: Fate, needs: u32) -> NodeIndex {
        if let Some(node) = self.at.get(fate) {
            return node;
        }
        let node = self.graph.add_node(needs);
        self.at.insert(fate, node);
        node
    }

    /// A node without a name of its own that needs so many of these.
    fn part(&mut self, needs: usize, of: &[NodeIndex]) -> NodeIndex {
        let node = self.graph.add_node(u32::try_from(needs).unwrap_or(u32::MAX));
        of.iter().for_each(|from| self.edge(*from, node));
        node
    }

    fn edge(&mut self, from: NodeIndex, to: NodeIndex) {
        if self.graph.edge_count() <= MAX_EDGES {
            self.graph.add_edge(from, to, ());
        }
    }

    fn full(&self) -> bool {
        self.graph.edge_count() > MAX_EDGES
    }

    /// Facts that a scenario may tell anybody: of a blueprint alone all that none of its rules finds.
    fn given(&mut self) {
        let given = self.node_of(Fate::Given, 0);
        let model = self.model;
        for (k, kind) in model.fact_kinds.iter().enumerate() {
            // What follows from other facts may follow for anybody.
            if kind.derived.is_some() || kind.truth == Truth::Derived {
                for a in 0..model.actors.len() {
                    let knows = self.node(Fate::Knows(ActorId::from_index(a), FactKindId::from_index(k)));
                    self.edge(given, knows);
                }
            }
        }
        if model.meta.is_scenario || !model.incidents.is_empty() {
            return;
        }
        let mut found = vec![false; model.fact_kinds.len()];
        for rule in &model.rules {
            for_each_action(&rule.then, &mut |action| {
                if let Action::Find { finding, .. } = action {
                    found[finding.kind.index()] = true;
                }
            });
        }
        for (k, found) in found.into_iter().enumerate() {
            if !found {
                for a in 0..model.actors.len() {
                    let knows = self.node(Fate::Knows(ActorId::from_index(a), FactKindId::from_index(k)));
                    self.edge(given, knows);
                }
            }
        }
    }

    fn rules(&mut self) -> Option<()> {
        let model = self.model;
        for (r, rule) in model.rules.iter().enumerate() {
            let id = RuleId::from_index(r);
            let members = &model.sets[rule.actors.index()].members;
            for &actor in members {
                let trigger = self.join(&rule.trigger.join, &rule.trigger.leaves, actor);
                let triggered = self.node(Fate::Triggered(id, actor));
                self.edge(trigger, triggered);
                let mut needed = vec![triggered];
                for condition in rule.while_.iter().chain(&rule.when) {
                    needed.push(self.condition(condition, actor));
                }
                let fires = self.node_of(Fate::Fires(id, actor), needed.len() as u32);
                needed.iter().for_each(|from| self.edge(*from, fires));
                let in_hand = products_in_hand(&rule.trigger.leaves);
                self.actions(fires, Some(actor), &rule.then, &in_hand);
            }
            if members.is_empty() {
                // Whose actors are absent because of an element that is off: as if somebody did it.
                let given = self.node(Fate::Given);
                self.actions(given, None, &rule.then, &[]);
            }
            if self.full() {
                return None;
            }
        }
        Some(())
    }

    fn decisions(&mut self) -> Option<()> {
        let model = self.model;
        for (d, decision) in model.decisions.iter().enumerate() {
            let proposed = self.node(Fate::Proposed(DecisionId::from_index(d)));
            let chairs = members(model, &decision.chair);
            // Those who decide together may tell each other.
            let mut heard = chairs.clone();
            heard.extend(decision.members.iter().flat_map(|sel| members(model, sel)));
            self.meets(proposed, &heard);
            let options = decision.options.iter().map(|option| &option.adopted);
            for actions in [&decision.adopted, &decision.rejected].into_iter().chain(options) {
                for &chair in &chairs {
                    self.actions(proposed, Some(chair), actions, &[]);
                }
                if chairs.is_empty() {
                    self.actions(proposed, None, actions, &[]);
                }
            }
            if self.full() {
                return None;
            }
        }
        Some(())
    }

    /// What operators report: that they are hit, and what can be seen of it.
    fn operators(&mut self) {
        let model = self.model;
        let given = self.node(Fate::Given);
        for report in model.groups.iter().flat_map(|group| &group.reports) {
            for to in members(model, &report.to) {
                let carried = self.channels(report.product, None, to, false).next().is_some();
                if !carried {
                    continue;
                }
                let receives = self.node(Fate::Receives(to, report.product));
                self.edge(given, receives);
                for &kind in &model.products[report.product.index()].carries {
                    if model.fact_kinds[kind.index()].truth != Truth::Found {
                        let knows = self.node(Fate::Knows(to, kind));
                        self.edge(receives, knows);
                    }
                }
            }
        }
    }

    fn injects(&mut self) {
        let model = self.model;
        let given = self.node(Fate::Given);
        // What only an inject can tell, one that is added to the run may tell.
        let told = |k: &usize| model.fact_kinds[*k].truth == Truth::Inject;
        for kind in (0..model.fact_kinds.len()).filter(told).map(FactKindId::from_index) {
            for actor in (0..model.actors.len()).map(ActorId::from_index) {
                let knows = self.node(Fate::Knows(actor, kind));
                self.edge(given, knows);
            }
        }
        for disclosure in model.incidents.iter().flat_map(|incident| &incident.discloses) {
            for actor in members(model, &disclosure.to) {
                let knows = self.node(Fate::Knows(actor, disclosure.kind));
                self.edge(given, knows);
            }
        }
        for inject in &model.injects {
            let to = inject.to.as_ref().map_or_else(Vec::new, |sel| members(model, sel));
            for effect in &inject.effects {
                match effect {
                    InjectEffect::Fact(fact) | InjectEffect::FalseReport(fact, _) => {
                        let kind = model.facts[fact.index()].kind;
                        for &actor in &to {
                            let knows = self.node(Fate::Knows(actor, kind));
                            self.edge(given, knows);
                        }
                    }
                    InjectEffect::Leak(fact) => {
                        let kind = model.facts[fact.index()].kind;
                        for actor in self.readers(None) {
                            let knows = self.node(Fate::Knows(actor, kind));
                            self.edge(given, knows);
                        }
                    }
                    InjectEffect::Message(product) => {
                        for &actor in &to {
                            let receives = self.node(Fate::Receives(actor, *product));
                            self.edge(given, receives);
                        }
                    }
                    InjectEffect::Enact(countermeasure) => {
                        let enacted = self.node(Fate::Enacted(*countermeasure));
                        self.edge(given, enacted);
                    }
                    InjectEffect::SetMode(mode) => self.enters(given, *mode),
                    InjectEffect::ChannelOutage(..)
                    | InjectEffect::ActorOutage(_)
                    | InjectEffect::Absent(..)
                    | InjectEffect::Begin(_)
                    | InjectEffect::Hit(..) => {}
                    #[allow(unreachable_patterns, reason = "what is not known here may bring about anything")]
                    _ => self.open = true,
                }
            }
        }
        for (c, countermeasure) in model.countermeasures.iter().enumerate() {
            if countermeasure.release_us.is_some() {
                let enacted = self.node(Fate::Enacted(CountermeasureId::from_index(c)));
                self.edge(given, enacted);
            }
        }
    }

    /// A higher mode implies the lower ones; every ladder begins at its lowest.
    fn modes(&mut self) {
        let given = self.node(Fate::Given);
        for (w, network) in self.model.networks.iter().enumerate() {
            let id = NetworkId::from_index(w);
            for mode in 0..network.modes.len().min(usize::from(u8::MAX)) as u8 {
                let above = self.node(Fate::Above(id, mode));
                if mode == 0 {
                    self.edge(given, above);
                } else {
                    let below = self.node(Fate::Above(id, mode - 1));
                    self.edge(above, below);
                }
            }
        }
    }

    fn enters(&mut self, cause: NodeIndex, mode: ModeRef) {
        let entered = self.node(Fate::Entered(mode.network, mode.mode));
        let above = self.node(Fate::Above(mode.network, mode.mode));
        self.edge(cause, entered);
        self.edge(entered, above);
        if mode.mode > 0 {
            let moves = self.node(Fate::Moves(mode.network));
            self.edge(entered, moves);
        }
    }

    fn join(&mut self, join: &Join, leaves: &[Leaf], actor: ActorId) -> NodeIndex {
        match join {
            Join::Leaf(leaf) => match leaves.get(usize::from(*leaf)) {
                Some(leaf) => self.leaf(leaf, actor),
                None => self.node(Fate::Given),
            },
            Join::All(of) => self.joined(of.len(), of, leaves, actor),
            Join::Any(of) => self.joined(1, of, leaves, actor),
            Join::KOf(k, of) => self.joined(*k as usize, of, leaves, actor),
            Join::Nth(_, of) | Join::Within { of, .. } => self.join(of, leaves, actor),
            #[allow(unreachable_patterns, reason = "what is not known here is possible")]
            _ => self.node(Fate::Given),
        }
    }

    fn joined(&mut self, needs: usize, of: &[Join], leaves: &[Leaf], actor: ActorId) -> NodeIndex {
        let parts: Vec<NodeIndex> = of.iter().map(|join| self.join(join, leaves, actor)).collect();
        self.part(needs, &parts)
    }

    fn leaf(&mut self, leaf: &Leaf, actor: ActorId) -> NodeIndex {
        let horizon = self.model.meta.horizon;
        match leaf {
            Leaf::At(instants) if instants.iter().all(|at| *at > horizon) => self.part(1, &[]),
            Leaf::Receive(product) => self.node(Fate::Receives(actor, *product)),
            Leaf::Learn(kind, _) | Leaf::Crosses(m::Crossing { kind, .. }) => {
                self.node(Fate::Knows(actor, *kind))
            }
            Leaf::Enter(mode) => self.node(Fate::Entered(mode.network, mode.mode)),
            Leaf::Leave(mode) if mode.mode == 0 => self.node(Fate::Moves(mode.network)),
            Leaf::Leave(mode) => self.node(Fate::Entered(mode.network, mode.mode)),
            Leaf::Decided(decision, ..) => self.node(Fate::Proposed(*decision)),
            Leaf::Every { phase: m::Phase::FromEntry(mode), .. } => {
                self.node(Fate::Above(mode.network, mode.mode))
            }
            Leaf::Done(task) => self.node(Fate::Done(actor, *task)),
            Leaf::Published(product) => self.node(Fate::Published(*product)),
            Leaf::Failed(product) => self.node(Fate::Sends(actor, *product)),
            Leaf::Released(countermeasure) => self.node(Fate::Enacted(*countermeasure)),
            // The start, instants, injects, cadences and arrivals come by themselves; what is not known here may.
            _ => self.node(Fate::Given),
        }
    }

    fn condition(&mut self, condition: &Condition, actor: ActorId) -> NodeIndex {
        match condition {
            Condition::Known { kind, .. } | Condition::Sum { kind, .. } => {
                self.node(Fate::Knows(actor, *kind))
            }
            Condition::Mode(mode) => self.node(Fate::Above(mode.network, mode.mode)),
            Condition::Decided(decision, ..) => self.node(Fate::Proposed(*decision)),
            Condition::Attribute(states) => {
                let state = self.model.actors[actor.index()].state;
                match state.is_some_and(|state| states[state.index()]) {
                    true => self.node(Fate::Given),
                    false => self.part(1, &[]),
                }
            }
            Condition::Is(Sel::Fixed(set)) if !self.model.sets[set.index()].has(actor) => self.part(1, &[]),
            Condition::Either(parts) => {
                let parts: Vec<NodeIndex> = parts.iter().map(|part| self.condition(part, actor)).collect();
                self.part(1, &parts)
            }
            Condition::Both(parts) => {
                let parts: Vec<NodeIndex> = parts.iter().map(|part| self.condition(part, actor)).collect();
                self.part(parts.len(), &parts)
            }
            // A negation holds before anything has happened; chances, dates and numbers may turn out well.
            _ => self.node(Fate::Given),
        }
    }

    /// What follows where these actions are done; by nobody in particular: by somebody who knows everything.
    fn actions(
        &mut self,
        cause: NodeIndex,
        actor: Option<ActorId>,
        actions: &'m [Action],
        in_hand: &[ProductId],
    ) {
        for action in actions {
            if self.full() {
                return;
            }
            match action {
                Action::Work(work) => self.works(cause, actor, Some(work)),
                Action::Find { finding, work, .. } => {
                    self.works(cause, actor, work.as_ref());
                    self.knows(cause, actor, finding.kind);
                }
                Action::Send { product, to, .. } => self.sends(cause, actor, *product, to),
                Action::Forward { to } => {
                    let all: Vec<ProductId> =
                        (0..self.model.products.len()).map(ProductId::from_index).collect();
                    let products = if in_hand.is_empty() { &all } else { in_hand };
                    for &product in products {
                        let has = match actor {
                            Some(actor) => {
                                let receives = self.node(Fate::Receives(actor, product));
                                self.part(2, &[cause, receives])
                            }
                            None => cause,
                        };
                        self.sends(has, actor, product, to);
                    }
                }
                Action::Publish(product) => {
                    let published = self.node(Fate::Published(*product));
                    self.edge(cause, published);
                    let readers = self.readers(Some(*product));
                    let kinds = &self.model.products[product.index()].carries;
                    self.tell(cause, actor, *product, &readers, kinds);
                }
                Action::Propose(decision) => {
                    let proposed = self.node(Fate::Proposed(*decision));
                    self.edge(cause, proposed);
                }
                Action::SetMode(mode) => self.enters(cause, *mode),
                Action::Meet(meeting) => {
                    let members = members(self.model, &self.model.networks[meeting.network.index()].members);
                    self.meets(cause, &members);
                }
                Action::Enact(countermeasure) => {
                    let enacted = self.node(Fate::Enacted(*countermeasure));
                    self.edge(cause, enacted);
                }
                // Cases that are opened come by themselves, as far as this graph goes.
                Action::Wait(_)
                | Action::WaitUntil(_)
                | Action::Assign(..)
                | Action::Open(..)
                | Action::Finish => {}
                Action::Race(_, branches) => {
                    branches.iter().for_each(|branch| self.actions(cause, actor, branch, in_hand));
                }
                Action::If(_, then, otherwise) => {
                    self.actions(cause, actor, then, in_hand);
                    self.actions(cause, actor, otherwise, in_hand);
                }
                Action::Loop(rounds) => self.actions(cause, actor, &rounds.body, in_hand),
                Action::Hand(to, then) => {
                    for other in members(self.model, to) {
                        self.actions(cause, Some(other), then, in_hand);
                    }
                }
                Action::Together(branches) => {
                    branches.iter().for_each(|branch| self.actions(cause, actor, branch, in_hand));
                }
                Action::Choose(_, branches) => {
                    branches.iter().for_each(|(_, branch)| self.actions(cause, actor, branch, in_hand));
                }
                #[allow(unreachable_patterns, reason = "what is not known here may bring about anything")]
                _ => self.open = true,
            }
        }
    }

    fn works(&mut self, cause: NodeIndex, actor: Option<ActorId>, work: Option<&Work>) {
        if let Some(Work::Task(task)) = work {
            for actor in self.doers(actor) {
                let done = self.node(Fate::Done(actor, *task));
                self.edge(cause, done);
            }
        }
    }

    fn knows(&mut self, cause: NodeIndex, actor: Option<ActorId>, kind: FactKindId) {
        for actor in self.doers(actor) {
            let knows = self.node(Fate::Knows(actor, kind));
            self.edge(cause, knows);
        }
    }

    /// One actor, or any.
    fn doers(&self, actor: Option<ActorId>) -> Vec<ActorId> {
        match actor {
            Some(actor) => vec![actor],
            None => (0..self.model.actors.len()).map(ActorId::from_index).collect(),
        }
    }

    fn sends(&mut self, cause: NodeIndex, actor: Option<ActorId>, product: ProductId, to: &Sel) {
        if let Some(actor) = actor {
            let sends = self.node(Fate::Sends(actor, product));
            self.edge(cause, sends);
        }
        let model = self.model;
        let p = &model.products[product.index()];
        let (mut whole, mut part) = (Vec::new(), Vec::new());
        for to in members(model, to) {
            if Some(to) == actor {
                continue;
            }
            if self.channels(product, actor, to, false).next().is_some() {
                whole.push(to);
            } else if self.channels(product, actor, to, true).next().is_some() {
                part.push(to);
            }
        }
        self.tell(cause, actor, product, &whole, &p.carries);
        if let Some((_, kinds)) = &p.tear_line {
            self.tell(cause, actor, product, &part, kinds);
        }
    }

    /// Receivers get a product and what its author knows of these kinds.
    fn tell(
        &mut self,
        cause: NodeIndex,
        author: Option<ActorId>,
        product: ProductId,
        to: &[ActorId],
        kinds: &[FactKindId],
    ) {
        let told: Vec<(FactKindId, NodeIndex)> = kinds
            .iter()
            .map(|&kind| match author {
                Some(author) => {
                    let knows = self.node(Fate::Knows(author, kind));
                    (kind, self.part(2, &[cause, knows]))
                }
                None => (kind, cause),
            })
            .collect();
        for &to in to {
            let receives = self.node(Fate::Receives(to, product));
            self.edge(cause, receives);
            for &(kind, told) in &told {
                let knows = self.node(Fate::Knows(to, kind));
                self.edge(told, knows);
            }
        }
    }

    /// After a meeting everybody may know what one of them knew.
    fn meets(&mut self, cause: NodeIndex, members: &[ActorId]) {
        for k in 0..self.model.fact_kinds.len() {
            let kind = FactKindId::from_index(k);
            let all: Vec<NodeIndex> =
                members.iter().map(|&actor| self.node(Fate::Knows(actor, kind))).collect();
            let somebody = self.part(1, &all);
            let told = self.part(2, &[cause, somebody]);
            all.into_iter().for_each(|knows| self.edge(told, knows));
        }
    }

    /// Channels that carry a product from an actor (none: from operators, or whomever) to another, whole or below
    /// its tear line.
    fn channels(
        &self,
        product: ProductId,
        from: Option<ActorId>,
        to: ActorId,
        torn: bool,
    ) -> impl Iterator<Item = usize> + use<'_, 'm> {
        let model = self.model;
        let p = &model.products[product.index()];
        let marking = if torn { p.tear_line.as_ref().map(|(marking, _)| *marking) } else { p.marking };
        let fits = move |limits: &[m::MarkingRung]| {
            marking.is_none_or(|marking| {
                !limits.iter().any(|top| top.scheme == marking.scheme && top.rung < marking.rung)
            })
        };
        let cleared = fits(&model.actors[to.index()].clearance) && (!torn || p.tear_line.is_some());
        let near = from.map_or(&self.all, |from| &self.leaving[from.index()]);
        near.iter().copied().filter(move |&c| {
            let channel = &model.channels[c];
            cleared
                && self.to[c].contains(to.index())
                && channel.carries[product.index()]
                && fits(&channel.carries_up_to)
        })
    }

    /// Who reads what is public.
    fn readers(&self, product: Option<ProductId>) -> Vec<ActorId> {
        let model = self.model;
        let mut readers = Vec::new();
        for (channel, to) in model.channels.iter().zip(&self.to) {
            if matches!(channel.from, Ends::Public) && product.is_none_or(|p| channel.carries[p.index()]) {
                readers.extend(to.ones().map(ActorId::from_index));
            }
        }
        readers.sort_unstable();
        readers.dedup();
        readers
    }

    /// Goes forward from what is given.
    fn walked(self) -> Reach {
        let mut left: Vec<u32> = self.graph.node_weights().copied().collect();
        let mut possible: Vec<bool> = left.iter().map(|needs| *needs == 0).collect();
        let mut next: Vec<NodeIndex> = self.graph.node_indices().filter(|n| possible[n.index()]).collect();
        while let Some(node) = next.pop() {
            for follower in self.graph.neighbors(node) {
                let f = follower.index();
                left[f] = left[f].saturating_sub(1);
                if left[f] == 0 && !possible[f] {
                    possible[f] = true;
                    next.push(follower);
                }
            }
        }
        Reach { at: self.at, possible }
    }
}

/// Products that a trigger puts into the hands of an actor.
fn products_in_hand(leaves: &[Leaf]) -> Vec<ProductId> {
    let product = |leaf: &Leaf| match leaf {
        Leaf::Receive(product) => Some(*product),
        _ => None,
    };
    leaves.iter().filter_map(product).collect()
}

/// Everybody who may hold a role.
pub(super) fn holders(model: &Model, role: m::RoleId) -> Vec<ActorId> {
    let role = &model.roles[role.index()];
    let mut all: Vec<ActorId> = role.holders.iter().map(|(_, actor)| *actor).collect();
    all.extend(role.assignable.iter().flat_map(|set| &model.sets[set.index()].members));
    match &role.held {
        m::Held::Dated => {}
        m::Held::FirstOnDuty(list) => all.extend(list),
        m::Held::InStateOf(_, template) => {
            all.extend(&model.sets[model.templates[template.index()].set.index()].members);
        }
    }
    all
}

/// Everybody whom a selector may mean.
pub(super) fn members(model: &Model, sel: &Sel) -> Vec<ActorId> {
    let everybody = || (0..model.actors.len()).map(ActorId::from_index).collect();
    let mut actors: Vec<ActorId> = match sel {
        Sel::Fixed(set) => model.sets[set.index()].members.clone(),
        Sel::Own(t) | Sel::Concerned(t) | Sel::Affected(t, _) => {
            model.sets[model.templates[t.index()].set.index()].members.clone()
        }
        Sel::Holder(role) => holders(model, *role),
        Sel::Operators | Sel::OperatorsIn(_) => Vec::new(),
        Sel::AnyOf(parts) => parts.iter().flat_map(|part| members(model, part)).collect(),
        Sel::Except(all, _) | Sel::Drawn(all, _) => members(model, all),
        _ => everybody(),
    };
    actors.sort_unstable();
    actors.dedup();
    actors
}
