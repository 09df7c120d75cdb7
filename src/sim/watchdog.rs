//! What rules are told of the own desk and of silence: queues and known numbers that cross a level, tasks that are
//! lost, products that do not come.

use std::collections::HashMap;

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::Matter;
use crate::des::Ticket;
use crate::model::{ActorId, FactId, Leaf, Model, PoolId, ProductId, RuleId, TaskId};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// A level of a queue that a rule waits for.
#[derive(Debug, Clone, Copy)]
struct Level {
    rule: RuleId,
    leaf: u16,
    level: u32,
    rising: bool,
}

/// Who listens to what.
#[derive(Debug, Default)]
pub(super) struct Watchdogs {
    levels: HashMap<ActorId, Vec<Level>>,
    lost: HashMap<(ActorId, TaskId, bool), Vec<(RuleId, u16)>>,
    stocks: HashMap<PoolId, Vec<(RuleId, u16, ActorId, f64)>>,
    finished: HashMap<ActorId, Vec<(RuleId, u16)>>,
    silent: HashMap<(ActorId, ProductId), Vec<(RuleId, u16)>>,
    /// The number that a level was last held against.
    numbers: HashMap<(RuleId, u16, ActorId, FactId), f64>,
    /// What each silence counts from, and its end.
    since: HashMap<(RuleId, u16, ActorId), (RecordId, Option<Ticket>)>,
}

impl Watchdogs {
    pub(super) fn listen(&mut self, rule: RuleId, leaf: u16, to: &Leaf, actor: ActorId) {
        match to {
            Leaf::QueueReaches(level) | Leaf::QueueFallsTo(level) => {
                let rising = matches!(to, Leaf::QueueReaches(_));
                self.levels.entry(actor).or_default().push(Level { rule, leaf, level: *level, rising });
            }
            Leaf::TurnedAway(task) => {
                self.lost.entry((actor, *task, false)).or_default().push((rule, leaf));
            }
            Leaf::GaveUp(task) => self.lost.entry((actor, *task, true)).or_default().push((rule, leaf)),
            Leaf::Finished(_) => self.finished.entry(actor).or_default().push((rule, leaf)),
            Leaf::StockFallsTo(pool, level) => {
                self.stocks.entry(*pool).or_default().push((rule, leaf, actor, *level));
            }
            Leaf::Silence(product, _) => {
                self.silent.entry((actor, *product)).or_default().push((rule, leaf));
            }
            _ => {}
        }
    }

    pub(super) fn reset(&mut self) {
        self.numbers.clear();
        self.since.clear();
    }
}

impl Simulation<'_> {
    /// The queue of an actor may have another length than before.
    pub(super) fn queue_changed(&mut self, actor: ActorId) {
        if self.rules.watchdogs.levels.is_empty() {
            return;
        }
        let mut desk = self.desk(actor);
        let (before, now) = (desk.told, desk.waiting.len() as u32);
        if before == now {
            return;
        }
        desk.told = now;
        let crosses = |l: &Level| match l.rising {
            true => before < l.level && l.level <= now,
            false => now <= l.level && l.level < before,
        };
        let levels = self.rules.watchdogs.levels.get(&actor);
        let crossed: Vec<Level> = levels.into_iter().flatten().copied().filter(crosses).collect();
        for level in crossed {
            // What happened last brought or took the task.
            let last = self.trace.n_records() - 1;
            let causes: &[RecordId] = if self.time_of(last) == self.now { &[last] } else { &[] };
            let root = self.record(Subject::Actor(actor), Event::Crossed(level.rule), causes, &[]);
            let class = Some(self.model.rules[level.rule.index()].class);
            let matter = Matter { case: root, class, incident: self.only_incident(), ..Matter::default() };
            self.set_off(level.rule, level.leaf, actor, matter, &[root]);
        }
    }

    /// Whether the learning of a fact is what a leaf waits for: any, or one that takes a number across a level.
    pub(super) fn crosses(&mut self, rule: RuleId, leaf: u16, actor: ActorId, fact: FactId) -> bool {
        let Leaf::Crosses(crossing) = super::rule::leaf_of(self.model, rule, leaf) else { return true };
        let Some(now) = self.knowledge(actor).of(fact).map(|known| known.value) else { return false };
        let before = self.rules.watchdogs.numbers.insert((rule, leaf, actor, fact), now);
        crossing.is_crossed(before, now)
    }

    /// Tells rules that the stock of a pool has fallen; `by` is the record that says so.
    pub(super) fn stock_fell(&mut self, pool: PoolId, before: f64, now: f64, by: RecordId) {
        let hits = self.rules.watchdogs.stocks.get(&pool).cloned();
        for (rule, leaf, actor, level) in hits.into_iter().flatten() {
            if before > level && now <= level {
                let root = self.record(Subject::Actor(actor), Event::Crossed(rule), &[by], &[]);
                let class = Some(self.model.rules[rule.index()].class);
                let incident = self.only_incident();
                self.set_off(
                    rule,
                    leaf,
                    actor,
                    Matter { case: root, class, incident, ..Matter::default() },
                    &[root],
                );
            }
        }
    }

    /// Tells rules that a task is lost.
    pub(super) fn tell_lost(
        &mut self,
        actor: ActorId,
        task: TaskId,
        gave_up: bool,
        matter: Matter,
        lost: RecordId,
    ) {
        let hits = self.rules.watchdogs.lost.get(&(actor, task, gave_up)).cloned();
        for (rule, leaf) in hits.into_iter().flatten() {
            self.set_off(rule, leaf, actor, matter, &[lost]);
        }
    }

    /// Tells rules that a case is closed.
    pub(super) fn tell_finished(&mut self, actor: ActorId, matter: Matter, finished: RecordId) {
        let Some(hits) = self.rules.watchdogs.finished.get(&actor).cloned() else { return };
        for (rule, leaf) in hits {
            let leaves = super::rule::leaf_of(self.model, rule, leaf);
            if let Leaf::Finished(wanted) = leaves
                && wanted.is_none_or(|wanted| matter.class == Some(wanted))
            {
                self.set_off(rule, leaf, actor, matter, &[finished]);
            }
        }
    }

    /// A silence begins, or begins anew.
    pub(super) fn silence_begins(&mut self, rule: RuleId, leaf: u16, actor: ActorId, since: RecordId) {
        let model: &Model = self.model;
        let Leaf::Silence(_, site) = model.rules[rule.index()].trigger.leaves[usize::from(leaf)] else {
            return;
        };
        let key = (rule, leaf, actor);
        if let Some((_, Some(ticket))) = self.rules.watchdogs.since.remove(&key) {
            self.events.cancel(ticket);
        }
        let state = model.actors[actor.index()].state;
        let lasts = self.draw_duration(Drawer::Actor(actor), state, site, 0);
        let ticket = self.schedule(lasts, rank::BEGINS, Notice::SilenceEnds { rule, leaf, actor });
        self.rules.watchdogs.since.insert(key, (since, ticket));
    }

    /// Nothing was read for as long as a rule waits for.
    pub(super) fn silence_ends(&mut self, rule: RuleId, leaf: u16, actor: ActorId) {
        let Some(since) = self.rules.watchdogs.since.get(&(rule, leaf, actor)).map(|s| s.0) else { return };
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Delay, who, from: self.time_of(since), to: self.now };
        let root = self.record(who, Event::Silent(rule), &[since], &[span]);
        let class = Some(self.model.rules[rule.index()].class);
        let matter = Matter { case: root, class, incident: self.only_incident(), ..Matter::default() };
        self.set_off(rule, leaf, actor, matter, &[root]);
    }

    /// A product was read: silences about it begin anew.
    pub(super) fn silence_broken(&mut self, actor: ActorId, product: ProductId, read: RecordId) {
        if let Some(hits) = self.rules.watchdogs.silent.get(&(actor, product)).cloned() {
            for (rule, leaf) in hits {
                self.silence_begins(rule, leaf, actor, read);
            }
        }
    }
}
