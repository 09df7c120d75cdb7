//! Rules that sleep: when their `while` begins to hold, they are tested once more for each fact already known.
//!
//! What is watched are the modes of networks, the knowledge of the actor, decisions that end, and dates. Whatever
//! else a condition may be about (queues, duty, stocks, ages, chances) is asked when the rule is set off, and begins
//! nothing. A rule with conditions that depend on the matter (knowledge, decisions) sleeps and wakes fact by fact.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::agenda::Notice;
use super::condition::Luck;
use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{ActorId, Condition, DecisionId, FactId, FactKindId, Model, NetworkId, Rule, RuleId};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// Which rules sleep, what may wake them, and which are awake.
#[derive(Debug, Default)]
pub(super) struct Waking {
    by_mode: Vec<Vec<RuleId>>,
    by_decision: Vec<Vec<RuleId>>,
    by_knowledge: HashMap<(ActorId, FactKindId), Vec<RuleId>>,
    /// Rules that sleep fact by fact, by what they listen to.
    fact_by_fact: HashMap<(ActorId, FactKindId), Vec<RuleId>>,
    by_date: Vec<(SimTime, RuleId)>,
    /// All rules that sleep as a whole.
    whole: Vec<RuleId>,
    /// All rules that sleep fact by fact.
    parted: HashSet<RuleId>,
    awake: HashSet<(RuleId, ActorId, Option<FactId>)>,
}

/// What the conditions of a rule depend on.
#[derive(Debug, Default)]
struct Needs {
    networks: BTreeSet<NetworkId>,
    decisions: BTreeSet<DecisionId>,
    kinds: BTreeSet<FactKindId>,
    dates: BTreeSet<SimTime>,
    /// The answer may differ from fact to fact.
    by_fact: bool,
}

impl Needs {
    fn of(model: &Model, rule: &Rule) -> Needs {
        let mut needs = Needs::default();
        rule.while_.iter().for_each(|c| needs.add(model, c));
        needs.dates.retain(|at| *at > SimTime::ZERO);
        needs
    }

    fn add(&mut self, model: &Model, condition: &Condition) {
        match condition {
            Condition::Mode(m) => {
                self.networks.insert(m.network);
            }
            Condition::Known { kind, .. } | Condition::Sum { kind, .. } => {
                self.kinds.insert(*kind);
                self.by_fact = true;
            }
            Condition::Decided(decision, ..) => {
                self.decisions.insert(*decision);
                self.by_fact = true;
            }
            Condition::AboutOwn | Condition::AboutOther => self.by_fact = true,
            Condition::Before(at) | Condition::After(at) => {
                self.dates.insert(*at);
            }
            Condition::InForce(element) => {
                let element = &model.elements[element.index()];
                if element.forced.is_none() {
                    self.dates.extend(element.from.iter().chain(element.from_in.iter().flatten()));
                    self.dates.extend(element.until);
                }
            }
            Condition::Not(of) => self.add(model, of),
            Condition::Either(all) | Condition::Both(all) => all.iter().for_each(|c| self.add(model, c)),
            _ => {}
        }
    }

    fn nothing_begins(&self) -> bool {
        self.networks.is_empty()
            && self.decisions.is_empty()
            && self.kinds.is_empty()
            && self.dates.is_empty()
    }
}

impl Waking {
    pub(super) fn new(model: &Model) -> Waking {
        let mut waking = Waking {
            by_mode: vec![Vec::new(); model.networks.len()],
            by_decision: vec![Vec::new(); model.decisions.len()],
            ..Waking::default()
        };
        for (r, rule) in model.rules.iter().enumerate() {
            let listens: Vec<FactKindId> =
                rule.trigger.leaves.iter().filter_map(|l| Some(l.learning()?.0)).collect();
            let needs = Needs::of(model, rule);
            if listens.is_empty() || needs.nothing_begins() {
                continue;
            }
            let id = RuleId::from_index(r);
            needs.networks.iter().for_each(|n| waking.by_mode[n.index()].push(id));
            needs.decisions.iter().for_each(|d| waking.by_decision[d.index()].push(id));
            waking.by_date.extend(needs.dates.iter().map(|&at| (at, id)));
            for &actor in &model.sets[rule.actors.index()].members {
                for &kind in &needs.kinds {
                    waking.by_knowledge.entry((actor, kind)).or_default().push(id);
                }
                for &kind in listens.iter().filter(|_| needs.by_fact) {
                    waking.fact_by_fact.entry((actor, kind)).or_default().push(id);
                }
            }
            if needs.by_fact {
                waking.parted.insert(id);
            } else {
                waking.whole.push(id);
            }
        }
        waking
    }

    pub(super) fn reset(&mut self) {
        self.awake.clear();
    }
}

impl Simulation<'_> {
    /// Notes which rules are awake at the start, and on which dates to look again.
    pub(super) fn start_waking(&mut self) {
        let model = self.model;
        for i in 0..self.rules.waking.whole.len() {
            let id = self.rules.waking.whole[i];
            let matter = Matter { incident: self.only_incident(), ..Matter::default() };
            for &actor in &model.sets[model.rules[id.index()].actors.index()].members {
                self.note_awake(id, actor, None, &matter);
            }
        }
        for i in 0..self.rules.waking.by_date.len() {
            let (at, id) = self.rules.waking.by_date[i];
            self.schedule_begin(at, Notice::Wakes(id));
        }
    }

    /// Notes whether a rule is awake, as a whole or for a fact. Returns whether it has just begun to be.
    fn note_awake(&mut self, id: RuleId, actor: ActorId, fact: Option<FactId>, matter: &Matter) -> bool {
        let rule = &self.model.rules[id.index()];
        let holds = self.first_failing(&rule.while_, actor, matter, Luck::OnceFor(0)).is_none();
        if holds {
            self.rules.waking.awake.insert((id, actor, fact))
        } else {
            self.rules.waking.awake.remove(&(id, actor, fact));
            false
        }
    }

    /// Notes whether rules that sleep fact by fact are awake for a fact that their actor has just learned: they are
    /// set off by that.
    pub(super) fn note_awake_for(&mut self, actor: ActorId, kind: FactKindId, matter: &Matter) {
        let n = self.rules.waking.fact_by_fact.get(&(actor, kind)).map_or(0, Vec::len);
        for i in 0..n {
            let id = self.rules.waking.fact_by_fact[&(actor, kind)][i];
            self.note_awake(id, actor, matter.fact, matter);
        }
    }

    /// A network is in another mode.
    pub(super) fn wake_by_mode(&mut self, network: NetworkId, entry: RecordId, matter: Matter) {
        for i in 0..self.rules.waking.by_mode[network.index()].len() {
            self.wake(self.rules.waking.by_mode[network.index()][i], matter, entry);
        }
    }

    /// A decision has ended.
    pub(super) fn wake_by_decision(&mut self, decision: DecisionId, matter: Matter, end: RecordId) {
        for i in 0..self.rules.waking.by_decision[decision.index()].len() {
            self.wake(self.rules.waking.by_decision[decision.index()][i], matter, end);
        }
    }

    /// An actor has learned a fact.
    pub(super) fn wake_by_knowledge(
        &mut self,
        actor: ActorId,
        kind: FactKindId,
        matter: Matter,
        learned: RecordId,
    ) {
        let n = self.rules.waking.by_knowledge.get(&(actor, kind)).map_or(0, Vec::len);
        for i in 0..n {
            let id = self.rules.waking.by_knowledge[&(actor, kind)][i];
            self.wake_at(id, actor, matter, Some(learned));
        }
    }

    /// A date has come on which the conditions of a rule may begin to hold.
    pub(super) fn wake_by_date(&mut self, id: RuleId) {
        let model = self.model;
        let rule = &model.rules[id.index()];
        let matter = Matter { class: Some(rule.class), incident: self.only_incident(), ..Matter::default() };
        for &actor in &model.sets[rule.actors.index()].members {
            self.wake_at(id, actor, matter, None);
        }
    }

    fn wake(&mut self, id: RuleId, matter: Matter, cause: RecordId) {
        let model = self.model;
        for &actor in &model.sets[model.rules[id.index()].actors.index()].members {
            self.wake_at(id, actor, matter, Some(cause));
        }
    }

    /// Tests a rule of an actor for each fact that it knows and for which it has just begun to be awake. The cause is
    /// what made it so; none: a date, which is recorded if there is a fact to test.
    fn wake_at(&mut self, id: RuleId, actor: ActorId, matter: Matter, cause: Option<RecordId>) {
        let leaves = &self.model.rules[id.index()].trigger.leaves;
        let parted = self.rules.waking.parted.contains(&id);
        let of_all = Matter { incident: self.only_incident(), ..Matter::default() };
        if !parted && !self.note_awake(id, actor, None, &of_all) {
            return;
        }
        let mut begun = self.known_to_rule(id, actor);
        begun.retain(|&(fact, _)| {
            !parted || self.note_awake(id, actor, Some(fact), &self.matter_of_known(fact, matter))
        });
        if begun.is_empty() {
            return;
        }
        let (cause, matter) = match cause {
            Some(cause) => (cause, matter),
            None => {
                let date = self.record_date(id, actor);
                (date, Matter { case: date, ..matter })
            }
        };
        for (l, leaf) in leaves.iter().enumerate() {
            let Some((kind, _)) = leaf.learning() else { continue };
            for &(fact, learned) in begun.iter().filter(|(f, _)| self.model.facts[f.index()].kind == kind) {
                self.set_off(id, l as u16, actor, self.matter_of_known(fact, matter), &[cause, learned]);
            }
        }
    }

    /// What an actor knows of the facts that a rule listens to, each with the record of its learning.
    fn known_to_rule(&self, id: RuleId, actor: ActorId) -> Vec<(FactId, RecordId)> {
        let leaves = &self.model.rules[id.index()].trigger.leaves;
        let mut kinds: Vec<FactKindId> = leaves.iter().filter_map(|l| Some(l.learning()?.0)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let known = kinds.into_iter().flat_map(|kind| self.known_of(actor, kind, None));
        known.map(|(fact, known)| (fact, known.record)).collect()
    }

    /// A matter, about a fact that is known.
    fn matter_of_known(&self, fact: FactId, matter: Matter) -> Matter {
        let f = &self.model.facts[fact.index()];
        let incident = f.incident.or(matter.incident);
        Matter { incident, state: f.state, sector: f.sector, fact: Some(fact), ..matter }
    }

    /// Records that a date has come for a rule of an actor.
    fn record_date(&mut self, id: RuleId, actor: ActorId) -> RecordId {
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Schedule, who, from: SimTime::ZERO, to: self.now };
        self.record(who, Event::Tick(id), &[0], &[span])
    }
}
