//! Edges to what is looked at: milestones and measures.

use super::parts::Part;
use super::world::Edges;
use crate::model::{
    ActorId, CountermeasureId, FactKindId, FactOrKind, InjectId, LevelId, MilestoneId, Origin, Predicate,
    ProductId, Quantified, RuleId, Sel, SetId,
};

impl<'m> Edges<'_, 'm> {
    pub(super) fn outcomes(&mut self) {
        self.levels();
        self.milestones();
        self.measures();
        // Where it ends the run, everything ends with it.
        if let Some(until) = self.model.meta.until {
            self.edge(Part::Milestone(until), Part::Everything);
        }
    }

    fn levels(&mut self) {
        let model = self.model;
        for (l, _) in model.levels.iter().enumerate() {
            let level = LevelId::from_index(l);
            let counted: Vec<ActorId> = self
                .actors()
                .filter(|a| {
                    let actor = &model.actors[a.index()];
                    actor.counted && actor.levels.contains(&level)
                })
                .collect();
            for (k, kind) in model.fact_kinds.iter().enumerate() {
                if kind.weight == 0.0 {
                    continue;
                }
                let id = FactKindId::from_index(k);
                self.edge(Part::Fact(id), Part::Level(level));
                counted.iter().for_each(|&a| self.graph.edge(Part::Knows(a, id), Part::Level(level)));
                if let Some(concerned) = kind.concerns {
                    let concerned = model.sets[concerned.index()].members.clone();
                    self.addressed.push((Part::Level(level), concerned));
                }
            }
            self.addressed.push((Part::Level(level), counted));
        }
    }

    fn milestones(&mut self) {
        let model = self.model;
        for (i, milestone) in model.milestones.iter().enumerate() {
            let part = Part::Milestone(MilestoneId::from_index(i));
            match milestone.from {
                Origin::Start => {}
                Origin::Incident(_) => self.edge(Part::Spread, part),
                Origin::Milestone(other) => self.edge(Part::Milestone(other), part),
            }
            match &milestone.when {
                Predicate::Knows { who, fact, .. } => {
                    let kind = self.kind_of(*fact);
                    for actor in self.means(part, None, who) {
                        self.edge(Part::Knows(actor, kind), part);
                    }
                }
                Predicate::Mode(mode) => self.edge(Part::Network(mode.network), part),
                Predicate::Delivered(product, who, _) => {
                    for actor in self.who(part, who.as_ref()) {
                        self.edge(Part::Gets(actor, *product), part);
                    }
                    // Operators get it without a desk.
                    self.sent(part, *product);
                }
                Predicate::Sent(product, who, _) => {
                    self.who(part, who.as_ref());
                    self.sent(part, *product);
                }
                Predicate::Published { product, by, about, .. } => {
                    self.who(part, by.as_ref());
                    if let Some(kind) = about {
                        self.edge(Part::Fact(*kind), part);
                    }
                    self.edge(product.map_or(Part::Public, Part::Published), part);
                }
                Predicate::Decided(decision, ..) => self.edge(Part::Decision(*decision), part),
                Predicate::Operators(..) => self.edge(Part::Spread, part),
                Predicate::Awareness(level, _) => self.edge(Part::Level(*level), part),
                Predicate::Done(task, who, _) => {
                    for actor in self.who(part, who.as_ref()) {
                        self.edge(Part::Task(actor, *task), part);
                        self.edge(Part::Load(actor), part);
                    }
                }
                Predicate::Fired(rule, _) => self.fires(part, *rule),
                Predicate::Injected(inject) => self.edge(Part::Inject(*inject), part),
                Predicate::Enacted(countermeasure) => {
                    self.edge(Part::Countermeasure(*countermeasure), part);
                }
            }
        }
        // What waits for an inject of exercise control waits for whom it is for, too.
        for (i, inject) in model.injects.iter().enumerate() {
            if let Some(to) = &inject.to {
                self.chosen_by(Part::Inject(InjectId::from_index(i)), None, to);
            }
        }
    }

    fn measures(&mut self) {
        let model = self.model;
        for (i, measure) in model.measures.iter().enumerate() {
            let part = Part::Measure(i);
            match &measure.of {
                Quantified::Wait(who, ..) | Quantified::Sojourn(who, ..) => self.loads(part, *who),
                Quantified::QueueLength(who) | Quantified::Busy(who) | Quantified::Lost(who) => {
                    self.loads(part, Some(*who));
                }
                Quantified::CaseTime(_) | Quantified::OpenCases(_) | Quantified::Opened(_) => {
                    self.edge(Part::Cases, part);
                    self.actors().for_each(|a| self.graph.edge(Part::Load(a), part));
                }
                Quantified::Stock(pool) | Quantified::WaitForPool(pool) => self.edge(Part::Pool(*pool), part),
                Quantified::Age(trigger, who) | Quantified::Instant(trigger, who) => {
                    for actor in self.set(part, *who) {
                        self.happens(part, actor, &trigger.leaves);
                    }
                }
                Quantified::Copies(product)
                | Quantified::Undelivered(product)
                | Quantified::Redundant(product) => {
                    self.actors().for_each(|a| self.graph.edge(Part::Gets(a, *product), part));
                    self.sent(part, *product);
                }
                Quantified::Votes(decision) => self.edge(Part::Decision(*decision), part),
                Quantified::Latency(milestone) => self.edge(Part::Milestone(*milestone), part),
                Quantified::Hops(kind, who) => self.knowledge(part, *kind, *who),
                Quantified::Staleness(fact, who) | Quantified::AgeAtReceipt(fact, who) => {
                    self.knowledge(part, self.kind_of(*fact), *who);
                }
                Quantified::Lateness(duty) | Quantified::Tardiness(duty) | Quantified::Kept(duty) => {
                    self.edge(Part::Duty(duty.index()), part);
                }
                Quantified::Slack(rule) => self.fires(part, *rule),
                Quantified::Generation(_)
                | Quantified::Active(_)
                | Quantified::Hits(_)
                | Quantified::InStatus(..) => self.edge(Part::Spread, part),
                Quantified::Awareness(level) | Quantified::CommonPicture(level) => {
                    self.edge(Part::Level(*level), part);
                }
                Quantified::Uncoordinated | Quantified::Contradictory => self.edge(Part::Public, part),
            }
            self.set(part, measure.only.actor);
        }
        for c in 0..model.countermeasures.len() {
            self.graph.node(Part::Countermeasure(CountermeasureId::from_index(c)));
        }
    }

    fn kind_of(&self, fact: FactOrKind) -> FactKindId {
        match fact {
            FactOrKind::Kind(kind) => kind,
            FactOrKind::Fact(fact) => self.model.facts[fact.index()].kind,
        }
    }

    /// Those whom a selector means; without one everybody.
    fn who(&mut self, part: Part, who: Option<&'m Sel>) -> Vec<ActorId> {
        match who {
            Some(who) => self.means(part, None, who),
            None => self.actors().collect(),
        }
    }

    fn set(&mut self, part: Part, set: Option<SetId>) -> Vec<ActorId> {
        let Some(set) = set else { return self.actors().collect() };
        let members = self.model.sets[set.index()].members.clone();
        self.addressed.push((part, members.clone()));
        members
    }

    fn loads(&mut self, part: Part, who: Option<SetId>) {
        for actor in self.set(part, who) {
            self.edge(Part::Load(actor), part);
            self.edge(Part::Desk(actor), part);
        }
    }

    fn knowledge(&mut self, part: Part, kind: FactKindId, who: Option<SetId>) {
        self.edge(Part::Fact(kind), part);
        self.set(part, who);
        // What is held may have come from anybody.
        self.actors().for_each(|a| self.graph.edge(Part::Knows(a, kind), part));
    }

    fn sent(&mut self, part: Part, product: ProductId) {
        self.actors().for_each(|a| self.graph.edge(Part::Sends(a, product), part));
        self.edge(Part::Reports(product), part);
        for (i, inject) in self.model.injects.iter().enumerate() {
            let gives = |e: &crate::model::InjectEffect| matches!(e, crate::model::InjectEffect::Message(p) if *p == product);
            if inject.effects.iter().any(gives) {
                self.edge(Part::Inject(InjectId::from_index(i)), part);
            }
        }
    }

    fn fires(&mut self, part: Part, rule: RuleId) {
        let owners = self.model.sets[self.model.rules[rule.index()].actors.index()].members.clone();
        self.addressed.push((part, owners.clone()));
        owners.iter().for_each(|&actor| self.graph.edge(Part::Fires(rule, actor), part));
    }
}
