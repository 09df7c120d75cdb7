//! Edges of rules and decisions: what sets them off, what holds them up, what follows from them.

use super::parts::Part;
use super::world::{Edges, members};
use crate::model::{
    Action, ActorId, Condition, DecisionId, FactKindId, Leaf, Lender, Phase, Position, Procedure, ProductId,
    RuleId, TaskId, Until, ValueKind, Work,
};

impl<'m> Edges<'_, 'm> {
    pub(super) fn rules(&mut self) {
        let model = self.model;
        // Of a case that is closed everything is withdrawn, wherever it lies.
        for actor in self.actors() {
            self.edge(Part::Closings, Part::Load(actor));
            for product in self.products() {
                self.edge(Part::Closings, Part::Sends(actor, product));
                self.edge(Part::Closings, Part::Gets(actor, product));
            }
        }
        for (r, rule) in model.rules.iter().enumerate() {
            let id = RuleId::from_index(r);
            let owners = model.sets[rule.actors.index()].members.clone();
            self.valid(&rule.validity, Part::Rule(id));
            if let Some(role) = rule.holder {
                self.edge(Part::Role(role), Part::Rule(id));
            }
            for &actor in &owners {
                let part = Part::Fires(id, actor);
                // An actor that is there with an element only has its rules with it only.
                self.addressed.push((part, vec![actor]));
                self.edge(part, Part::Cases);
                self.edge(Part::Closings, part);
                self.happens(part, actor, &rule.trigger.leaves);
                if let Some(cancelled_by) = &rule.cancelled_by {
                    self.happens(part, actor, &cancelled_by.leaves);
                }
                for condition in rule.while_.iter().chain(&rule.when) {
                    self.holds(part, actor, condition);
                }
                let in_hand: Vec<ProductId> = rule.trigger.leaves.iter().filter_map(received).collect();
                self.acts(part, actor, &rule.then, &in_hand);
            }
        }
    }

    pub(super) fn decisions(&mut self) {
        let model = self.model;
        for (d, decision) in model.decisions.iter().enumerate() {
            let part = Part::Decision(DecisionId::from_index(d));
            if let Some(element) = decision.element {
                self.edge(Part::Element(element), part);
            }
            let chairs = self.means(part, None, &decision.chair);
            let mut voters = chairs.clone();
            if let Some(members) = &decision.members {
                voters.extend(self.means(part, None, members));
            }
            if let Procedure::NextMeeting(network) = decision.procedure {
                self.edge(Part::Meets(network), part);
            }
            let waits = decision.stances.iter().any(|stance| stance.say == Position::NotYet);
            for &actor in &voters {
                self.edge(part, Part::Load(actor));
                self.edge(Part::Desk(actor), part);
                for condition in
                    decision.in_favour_when.iter().chain(decision.stances.iter().flat_map(|s| &s.when))
                {
                    self.holds(part, actor, condition);
                }
                // A member without a position thinks again whenever it learns something.
                for kind in 0..if waits { model.fact_kinds.len() } else { 0 } {
                    self.edge(Part::Knows(actor, FactKindId::from_index(kind)), part);
                }
            }
            for stance in &decision.stances {
                if let Some(who) = &stance.who {
                    self.means(part, None, who);
                }
            }
            for &kind in &decision.reopened_by {
                self.actors().for_each(|actor| self.graph.edge(Part::Knows(actor, kind), part));
            }
            let options = decision.options.iter().map(|option| &option.adopted);
            for actions in [&decision.adopted, &decision.rejected].into_iter().chain(options) {
                chairs.iter().for_each(|&chair| self.acts(part, chair, actions, &[]));
            }
        }
    }

    /// What a trigger of an actor waits for.
    pub(super) fn happens(&mut self, part: Part, actor: ActorId, leaves: &'m [Leaf]) {
        for leaf in leaves {
            let from = match leaf {
                // They come by themselves; what they draw is a number of the rule.
                Leaf::Start | Leaf::At(_) | Leaf::Arrivals(_) | Leaf::Stream(_) => continue,
                // Who opens cases says so itself.
                Leaf::Opened => continue,
                Leaf::Every { phase: Phase::FromEntry(mode), .. } => Part::Network(mode.network),
                Leaf::Every { .. } => continue,
                Leaf::Inject(inject) => Part::Inject(*inject),
                Leaf::Receive(product) | Leaf::Silence(product, _) => Part::Gets(actor, *product),
                Leaf::Learn(kind, _) => Part::Knows(actor, *kind),
                Leaf::Crosses(crossing) => Part::Knows(actor, crossing.kind),
                Leaf::Enter(mode) | Leaf::Leave(mode) => Part::Network(mode.network),
                Leaf::Decided(decision, ..) => Part::Decision(*decision),
                Leaf::Finished(_) => Part::Cases,
                Leaf::Done(task) | Leaf::TurnedAway(task) | Leaf::GaveUp(task) => {
                    self.edge(Part::Load(actor), part);
                    Part::Task(actor, *task)
                }
                Leaf::QueueReaches(_) | Leaf::QueueFallsTo(_) => Part::Load(actor),
                Leaf::StockFallsTo(pool, _) => Part::Pool(*pool),
                Leaf::Published(product) => Part::Published(*product),
                Leaf::Failed(product) => Part::Sends(actor, *product),
                Leaf::Released(countermeasure) => Part::Countermeasure(*countermeasure),
            };
            self.edge(from, part);
        }
    }

    /// What a condition of an actor looks at.
    fn holds(&mut self, part: Part, actor: ActorId, condition: &'m Condition) {
        match condition {
            Condition::Known { kind, .. } | Condition::Sum { kind, .. } => {
                self.edge(Part::Knows(actor, *kind), part);
            }
            Condition::Mode(mode) => self.edge(Part::Network(mode.network), part),
            Condition::InForce(element) => self.edge(Part::Element(*element), part),
            Condition::Is(sel) => {
                self.means(part, Some(actor), sel);
            }
            Condition::Decided(decision, ..) => self.edge(Part::Decision(*decision), part),
            Condition::Waiting(_) | Condition::AtWork(_) | Condition::AtDesk(_) => {
                self.edge(Part::Load(actor), part);
            }
            Condition::OnDuty => self.edge(Part::Desk(actor), part),
            Condition::Stock(pool, _) => self.edge(Part::Pool(*pool), part),
            Condition::Not(of) => self.holds(part, actor, of),
            Condition::Either(of) | Condition::Both(of) => {
                of.iter().for_each(|condition| self.holds(part, actor, condition));
            }
            // The matter, the calendar and the class are those of the trigger; numbers are the rule's.
            Condition::AboutOwn
            | Condition::AboutOther
            | Condition::Chance(_)
            | Condition::Attribute(_)
            | Condition::Before(_)
            | Condition::After(_)
            | Condition::During(_)
            | Condition::Parameter(..)
            | Condition::Class(_) => {}
        }
    }

    /// What follows where an actor does these things, and what they wait for.
    fn acts(&mut self, part: Part, actor: ActorId, actions: &'m [Action], in_hand: &[ProductId]) {
        let model = self.model;
        for action in actions {
            match action {
                Action::Work(work) => self.works(part, actor, Some(work)),
                Action::Find { finding, work } => {
                    self.works(part, actor, work.as_ref());
                    self.edge(part, Part::Knows(actor, finding.kind));
                    self.edge(part, Part::Fact(finding.kind));
                    let kind = &model.fact_kinds[finding.kind.index()];
                    if finding.confirmed || matches!(kind.value, ValueKind::Number(_)) {
                        self.edge(Part::Fact(finding.kind), part);
                    }
                    // A first finding may err, a later one does not.
                    self.edge(Part::Knows(actor, finding.kind), part);
                    if let Some(product) = finding.counted {
                        self.edge(Part::Gets(actor, product), part);
                    }
                }
                Action::Send { product, to, .. } => self.sending(part, actor, *product, to),
                Action::Forward { to } => {
                    let all: Vec<ProductId> = self.products().collect();
                    for &product in if in_hand.is_empty() { &all } else { in_hand } {
                        self.edge(Part::Gets(actor, product), part);
                        self.sending(part, actor, product, to);
                    }
                }
                Action::Publish(product) => {
                    let published = Part::Published(*product);
                    self.edge(part, published);
                    self.edge(published, part);
                    self.written(part, actor, *product);
                    let p = &model.products[product.index()];
                    for &kind in p.carries.iter().chain(&p.common_line) {
                        self.edge(Part::Knows(actor, kind), published);
                    }
                }
                Action::Propose(decision) => self.edge(part, Part::Decision(*decision)),
                Action::SetMode(mode) => self.edge(part, Part::Network(mode.network)),
                Action::Meet(meeting) => {
                    self.edge(part, Part::Meets(meeting.network));
                    self.edge(Part::Meets(meeting.network), part);
                    self.meets(meeting.network);
                }
                Action::Assign(role, to) => {
                    self.means(part, Some(actor), to);
                    self.edge(part, Part::Role(*role));
                }
                Action::Enact(countermeasure) => self.edge(part, Part::Countermeasure(*countermeasure)),
                Action::Wait(_) => {}
                Action::WaitUntil(until) => match until {
                    Until::Duty | Until::Working(_) => self.edge(Part::Desk(actor), part),
                    Until::Instant(_)
                    | Until::Clock(_)
                    | Until::Open(_)
                    | Until::WorkingBy(..)
                    | Until::Deadline(_) => {}
                },
                Action::Together(branches) | Action::Race(_, branches) => {
                    branches.iter().for_each(|branch| self.acts(part, actor, branch, in_hand));
                }
                Action::Choose(_, branches) => {
                    branches.iter().for_each(|(_, branch)| self.acts(part, actor, branch, in_hand));
                }
                Action::If(conditions, then, otherwise) => {
                    conditions.iter().for_each(|condition| self.holds(part, actor, condition));
                    self.acts(part, actor, then, in_hand);
                    self.acts(part, actor, otherwise, in_hand);
                }
                Action::Loop(rounds) => {
                    rounds.while_.iter().for_each(|condition| self.holds(part, actor, condition));
                    self.acts(part, actor, &rounds.body, in_hand);
                }
                Action::Hand(to, then) => {
                    for other in self.means(part, Some(actor), to) {
                        self.acts(part, other, then, in_hand);
                    }
                }
                Action::Open(rule, _) => {
                    let owners = &model.sets[model.rules[rule.index()].actors.index()].members;
                    owners.iter().for_each(|&other| self.graph.edge(part, Part::Fires(*rule, other)));
                }
                Action::Finish => self.edge(part, Part::Closings),
                Action::Take(take) => {
                    self.pools(part, take.pool);
                    if let Some(otherwise) = &take.otherwise {
                        self.acts(part, actor, otherwise, in_hand);
                    }
                }
                Action::Return(pool, _) => self.pools(part, *pool),
                Action::Lend(lend) => {
                    match &lend.from {
                        Lender::Outside => {}
                        Lender::Actors(from) => {
                            for other in self.means(part, Some(actor), from) {
                                self.edge(part, Part::Desk(other));
                                self.edge(Part::Desk(other), part);
                            }
                        }
                        Lender::Pool(pool) => self.pools(part, *pool),
                    }
                    let to = lend.to.as_ref().map(|to| self.means(part, Some(actor), to));
                    for other in to.unwrap_or_else(|| vec![actor]) {
                        self.edge(part, Part::Desk(other));
                    }
                }
            }
        }
    }

    fn pools(&mut self, part: Part, pool: crate::model::PoolId) {
        self.edge(part, Part::Pool(pool));
        self.edge(Part::Pool(pool), part);
    }

    /// Work of an actor: it lies at the desk, and what comes after it waits for the desk.
    fn works(&mut self, part: Part, actor: ActorId, work: Option<&Work>) {
        let Some(work) = work else { return };
        self.at_desk(part, actor);
        if let Work::Task(task) = work {
            self.does(part, actor, *task);
        }
    }

    fn at_desk(&mut self, part: Part, actor: ActorId) {
        self.edge(part, Part::Load(actor));
        self.edge(Part::Desk(actor), part);
    }

    /// A kind of work draws for an actor in the order in which it is done, whatever rule asks for it.
    fn does(&mut self, part: Part, actor: ActorId, task: TaskId) {
        self.edge(Part::TaskKind(task), Part::Task(actor, task));
        self.edge(part, Part::Task(actor, task));
        self.edge(Part::Task(actor, task), part);
    }

    fn written(&mut self, part: Part, actor: ActorId, product: ProductId) {
        let Some(write) = self.model.products[product.index()].write else { return };
        self.at_desk(part, actor);
        for (t, task) in self.model.tasks.iter().enumerate() {
            if task.work == write {
                self.does(part, actor, TaskId::from_index(t));
            }
        }
    }

    fn sending(&mut self, part: Part, actor: ActorId, product: ProductId, to: &'m crate::model::Sel) {
        let sends = Part::Sends(actor, product);
        self.edge(part, sends);
        if self.model.products[product.index()].write.is_some() {
            self.edge(sends, part);
        }
        self.written(part, actor, product);
        self.means(sends, Some(actor), to);
        let to = members(self.model, to);
        self.sends(actor, product, &to);
    }
}

fn received(leaf: &Leaf) -> Option<ProductId> {
    match leaf {
        Leaf::Receive(product) => Some(*product),
        _ => None,
    }
}
