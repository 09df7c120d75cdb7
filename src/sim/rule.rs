//! Rules: what sets them off, how triggers join, the clocks that they own.
//!
//! Names were resolved before the run; here a rule is found by position: by (actor, kind of fact), by (actor,
//! product), by mode. What is written is [`Event::RuleFired`] or, where a condition did not hold,
//! [`Event::RuleBlocked`].

use std::collections::{HashMap, VecDeque};

use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::case::CANCELS;
use super::condition::Luck;
use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::Matter;
use super::numbering::Numbering;
use super::waking::Waking;
use super::watchdog::Watchdogs;
use crate::des::Ticket;
use crate::model::{
    ActorId, CountermeasureId, Crossing, DecisionId, FactKindId, IncidentId, InjectId, Join, Leaf, ModeRef,
    Model, NetworkId, Outcome, Phase, ProductId, Repeat, RuleId, TaskId, Trigger, Validity,
};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

type Hits = SmallVec<[(RuleId, u16); 4]>;
type ActorHits = SmallVec<[(RuleId, u16, ActorId); 4]>;

/// An end of a decision that a leaf of a rule of an actor listens to: how, and with which option.
type Ending = (Outcome, Option<u8>, RuleId, u16, ActorId);

/// Where rules listen, and what they remember.
#[derive(Debug, Default)]
pub(super) struct Rules {
    n_kinds: usize,
    n_products: usize,
    n_tasks: usize,
    learn: Vec<Hits>,
    receive: Vec<Hits>,
    failed: Vec<Hits>,
    done: Vec<Hits>,
    entered: Vec<Vec<ActorHits>>,
    left: Vec<Vec<ActorHits>>,
    decided: Vec<Vec<Ending>>,
    published: Vec<ActorHits>,
    released: Vec<ActorHits>,
    injected: Vec<ActorHits>,
    pub(super) waking: Waking,
    /// What has fired, by rule, actor and key.
    fired: Numbering,
    joins: HashMap<(RuleId, ActorId, u64), Vec<JoinState>>,
    ticks: HashMap<(RuleId, u16, ActorId), Cadence>,
    /// Batches that have come of a stream.
    batches: HashMap<(RuleId, u16, ActorId), u32>,
    pub(super) watchdogs: Watchdogs,
}

/// A leaf of a rule's trigger or, with the bit [`CANCELS`], of what cancels it.
pub(super) fn leaf_of(model: &Model, rule: RuleId, leaf: u16) -> &Leaf {
    let rule = &model.rules[rule.index()];
    match &rule.cancelled_by {
        Some(cancelled_by) if leaf & CANCELS != 0 => &cancelled_by.leaves[usize::from(leaf & !CANCELS)],
        _ => &rule.trigger.leaves[usize::from(leaf)],
    }
}

/// A cadence: its epoch, its next tick, the record that set it.
type Cadence = (u32, Option<Ticket>, RecordId);

/// State of one node of a join.
#[derive(Debug, Clone, Default)]
struct JoinState {
    record: Option<RecordId>,
    count: u32,
    times: VecDeque<SimTime>,
}

impl Rules {
    pub(super) fn new(model: &Model) -> Self {
        let n = model.actors.len();
        let mut rules = Rules {
            n_kinds: model.fact_kinds.len(),
            n_products: model.products.len(),
            n_tasks: model.tasks.len(),
            learn: vec![Hits::new(); n * model.fact_kinds.len()],
            receive: vec![Hits::new(); n * model.products.len()],
            failed: vec![Hits::new(); n * model.products.len()],
            done: vec![Hits::new(); n * model.tasks.len()],
            entered: model.networks.iter().map(|w| vec![ActorHits::new(); w.modes.len()]).collect(),
            left: model.networks.iter().map(|w| vec![ActorHits::new(); w.modes.len()]).collect(),
            decided: vec![Vec::new(); model.decisions.len()],
            published: vec![ActorHits::new(); model.products.len()],
            released: vec![ActorHits::new(); model.countermeasures.len()],
            injected: vec![ActorHits::new(); model.injects.len()],
            waking: Waking::new(model),
            ..Rules::default()
        };
        for (r, rule) in model.rules.iter().enumerate() {
            let id = RuleId::from_index(r);
            for (l, leaf) in rule.trigger.leaves.iter().enumerate() {
                for &actor in &model.sets[rule.actors.index()].members {
                    rules.listen(id, l as u16, leaf, actor);
                }
            }
            for (l, leaf) in rule.cancelled_by.iter().flat_map(|c| c.leaves.iter().enumerate()) {
                for &actor in &model.sets[rule.actors.index()].members {
                    rules.listen(id, l as u16 | CANCELS, leaf, actor);
                }
            }
        }
        rules
    }

    fn listen(&mut self, rule: RuleId, leaf: u16, to: &Leaf, actor: ActorId) {
        let a = actor.index();
        match to {
            Leaf::Learn(kind, _) | Leaf::Crosses(Crossing { kind, .. }) => {
                self.learn[a * self.n_kinds + kind.index()].push((rule, leaf))
            }
            Leaf::Receive(p) => self.receive[a * self.n_products + p.index()].push((rule, leaf)),
            Leaf::Failed(p) => self.failed[a * self.n_products + p.index()].push((rule, leaf)),
            Leaf::Done(t) => self.done[a * self.n_tasks + t.index()].push((rule, leaf)),
            Leaf::Enter(m) => self.entered[m.network.index()][usize::from(m.mode)].push((rule, leaf, actor)),
            Leaf::Leave(m) => self.left[m.network.index()][usize::from(m.mode)].push((rule, leaf, actor)),
            Leaf::Decided(d, outcome, option) => {
                self.decided[d.index()].push((*outcome, *option, rule, leaf, actor));
            }
            Leaf::Published(p) => self.published[p.index()].push((rule, leaf, actor)),
            Leaf::Released(c) => self.released[c.index()].push((rule, leaf, actor)),
            Leaf::Inject(i) => self.injected[i.index()].push((rule, leaf, actor)),
            Leaf::Start | Leaf::At(_) | Leaf::Every { .. } | Leaf::Arrivals(_) => {}
            other => self.watchdogs.listen(rule, leaf, other, actor),
        }
    }

    pub(super) fn reset(&mut self) {
        self.waking.reset();
        self.fired.clear();
        self.joins.clear();
        self.ticks.clear();
        self.batches.clear();
        self.watchdogs.reset();
    }

    pub(super) fn learn(&self, actor: ActorId, kind: FactKindId) -> &[(RuleId, u16)] {
        &self.learn[actor.index() * self.n_kinds + kind.index()]
    }

    pub(super) fn entered(&self, m: ModeRef) -> ActorHits {
        self.entered[m.network.index()][usize::from(m.mode)].clone()
    }

    pub(super) fn left(&self, m: ModeRef) -> ActorHits {
        self.left[m.network.index()][usize::from(m.mode)].clone()
    }

    pub(super) fn published(&self, p: ProductId) -> ActorHits {
        self.published[p.index()].clone()
    }

    pub(super) fn released(&self, c: CountermeasureId) -> ActorHits {
        self.released[c.index()].clone()
    }

    pub(super) fn injected(&self, i: InjectId) -> ActorHits {
        self.injected.get(i.index()).cloned().unwrap_or_default()
    }
}

/// Tells a node of a join that a leaf has happened; returns whether the node is complete now.
fn notify(join: &Join, states: &mut [JoinState], at: &mut usize, leaf: u16, now: SimTime) -> bool {
    let me = *at;
    *at += 1;
    let fires = match join {
        Join::Leaf(l) => *l == leaf,
        Join::All(of) => {
            let (news, done, n) = children(of, states, at, leaf, now);
            news && done == n
        }
        Join::KOf(k, of) => {
            let (news, done, _) = children(of, states, at, leaf, now);
            news && done >= *k as usize
        }
        Join::Any(of) => children(of, states, at, leaf, now).0,
        Join::Nth(k, of) => {
            let news = notify(of, states, at, leaf, now);
            states[me].count += u32::from(news);
            news && states[me].count == *k
        }
        Join::Within { times, window, of } => {
            let news = notify(of, states, at, leaf, now);
            if news {
                states[me].times.push_back(now);
                let earliest = now.saturating_sub(*window);
                while states[me].times.front().is_some_and(|t| *t < earliest) {
                    states[me].times.pop_front();
                }
            }
            news && states[me].times.len() >= *times as usize
        }
    };
    if fires {
        states[me].count += u32::from(!matches!(join, Join::Nth(..)));
    }
    fires
}

/// Tells the children of a node; returns whether one is complete now, how many are, and how many there are.
fn children(
    of: &[Join],
    states: &mut [JoinState],
    at: &mut usize,
    leaf: u16,
    now: SimTime,
) -> (bool, usize, usize) {
    let (mut news, mut done) = (false, 0);
    for child in of {
        let place = *at;
        news |= notify(child, states, at, leaf, now);
        done += usize::from(
            states[place].count > 0 && !matches!(child, Join::Nth(k, _) if states[place].count < *k),
        );
    }
    (news, done, of.len())
}

fn size(join: &Join) -> usize {
    match join {
        Join::Leaf(_) => 1,
        Join::All(of) | Join::Any(of) | Join::KOf(_, of) => 1 + of.iter().map(size).sum::<usize>(),
        Join::Nth(_, of) | Join::Within { of, .. } => 1 + size(of),
    }
}

/// Position of the node of a leaf, in the order of [`notify`].
fn leaf_node(join: &Join, leaf: u16, at: &mut usize) -> Option<usize> {
    let me = *at;
    *at += 1;
    match join {
        Join::Leaf(l) => (*l == leaf).then_some(me),
        Join::All(of) | Join::Any(of) | Join::KOf(_, of) => of.iter().find_map(|j| leaf_node(j, leaf, at)),
        Join::Nth(_, of) | Join::Within { of, .. } => leaf_node(of, leaf, at),
    }
}

impl<'m> Simulation<'m> {
    /// A trigger of a rule has happened for an actor. The first of `causes` has the present time.
    pub(super) fn set_off(
        &mut self,
        id: RuleId,
        leaf: u16,
        actor: ActorId,
        matter: Matter,
        causes: &[RecordId],
    ) {
        let rule = &self.model.rules[id.index()];
        if !self.is_in_force(&rule.validity, actor)
            || rule.holder.is_some_and(|r| self.holder(r) != Some(actor))
        {
            return;
        }
        if let (Some((_, scope)), Some(fact)) = (leaf_of(self.model, id, leaf).learning(), matter.fact)
            && (!self.in_scope(actor, fact, scope, &matter) || !self.crosses(id, leaf, actor, fact))
        {
            return;
        }
        if self.cases.is_closed(matter.case) {
            return;
        }
        if leaf & CANCELS != 0 {
            return self.cancelled(id, leaf, actor, matter, causes);
        }
        let joined = match &rule.trigger.join {
            Join::Leaf(_) => SmallVec::<[RecordId; 4]>::from_slice(causes),
            _ => match self.join(id, &rule.trigger, leaf, actor, &matter, causes) {
                Some(all) => all,
                None => return,
            },
        };
        self.fire(id, actor, matter, &joined);
    }

    /// What cancels a rule has happened.
    fn cancelled(&mut self, id: RuleId, leaf: u16, actor: ActorId, matter: Matter, causes: &[RecordId]) {
        let model = self.model;
        let Some(trigger) = &model.rules[id.index()].cancelled_by else { return };
        let complete = match trigger.join {
            Join::Leaf(_) => true,
            _ => self.join(id, trigger, leaf, actor, &matter, causes).is_some(),
        };
        if complete {
            let of_case = trigger.leaves[usize::from(leaf & !CANCELS)].is_of_case();
            self.cancel_runs(id, actor, &matter, of_case);
        }
    }

    /// Joins a trigger with what has happened before; returns all causes once the join is complete.
    fn join(
        &mut self,
        id: RuleId,
        trigger: &'m Trigger,
        leaf: u16,
        actor: ActorId,
        matter: &Matter,
        causes: &[RecordId],
    ) -> Option<SmallVec<[RecordId; 4]>> {
        let Trigger { leaves, join } = trigger;
        let of_a_case = leaves.iter().all(Leaf::is_of_case);
        let cancels = u64::from(leaf & CANCELS) << 40;
        let leaf = leaf & !CANCELS;
        let key = cancels
            | if of_a_case && leaves.len() > 1 {
                u64::from(matter.case) | 1 << 40
            } else {
                matter.incident.map_or(0, |i| i.index() as u64 + 1)
            };
        let now = self.now;
        let states = self
            .rules
            .joins
            .entry((id, actor, key))
            .or_insert_with(|| vec![JoinState::default(); size(join)]);
        if let Some(node) = leaf_node(join, leaf, &mut 0) {
            states[node].record = causes.first().copied();
        }
        if !notify(join, states, &mut 0, leaf, now) {
            return None;
        }
        let mut all = SmallVec::from_slice(causes);
        let mut earlier: Vec<RecordId> = states.iter().filter_map(|s| s.record).collect();
        earlier.sort_unstable_by(|a, b| b.cmp(a));
        all.extend(earlier.into_iter().filter(|r| !causes.contains(r)));
        if matches!(join, Join::All(_) | Join::KOf(..) | Join::Any(_)) {
            // Armed again, as if nothing had happened.
            self.rules.joins.remove(&(id, actor, key));
        }
        Some(all)
    }

    fn fire(&mut self, id: RuleId, actor: ActorId, matter: Matter, causes: &[RecordId]) {
        let rule = &self.model.rules[id.index()];
        let incident = matter.incident.map_or(0, |i| i.index() as u64 + 1);
        let (key, luck) = match rule.repeat {
            Repeat::Each => (0, Luck::EachTime),
            Repeat::Once => {
                let name =
                    matter.incident.map_or(0, |i| self.model.incidents[i.index()].name.hash.words()[0]);
                (incident, Luck::OnceFor(name))
            }
            Repeat::OncePerFact => {
                let fact = matter.fact.map_or(incident, |f| f.index() as u64 + 1);
                (fact, Luck::OnceFor(self.instance_of(&matter).word()))
            }
            Repeat::OncePerCase => (u64::from(matter.case) | 1 << 40, Luck::EachTime),
        };
        let key = [(id.index() as u64) << 32 | actor.index() as u64, key];
        if rule.repeat != Repeat::Each && self.rules.fired.find(key).is_some() {
            return;
        }
        let n_while = rule.while_.len();
        let failing = self
            .first_failing(&rule.while_, actor, &matter, luck)
            .or_else(|| self.first_failing(&rule.when, actor, &matter, luck).map(|i| n_while + i));
        if let Some(i) = failing {
            self.record(Subject::Actor(actor), Event::RuleBlocked(id, i as u16), causes, &[]);
            return;
        }
        if rule.repeat != Repeat::Each {
            self.rules.fired.number(key);
        }
        let fired = self.record(Subject::Actor(actor), Event::RuleFired(id), causes, &[]);
        self.start_run(&rule.then, actor, id, matter, fired);
    }

    /// Whether something with dates and elements is in force for an actor now.
    pub(super) fn is_in_force(&self, v: &Validity, actor: ActorId) -> bool {
        self.is_valid(v, self.model.actors[actor.index()].state)
    }

    /// Whether something is in force in a state now.
    pub(super) fn is_valid(&self, v: &Validity, state: Option<crate::model::StateId>) -> bool {
        let on = |e: crate::model::ElementId| self.model.elements[e.index()].in_force(self.now, state);
        v.by_date(self.now, state) && v.element.is_none_or(on) && !v.unless.is_some_and(on)
    }

    /// Starts the clocks of all rules, and what fires at the start.
    pub(super) fn start_rules(&mut self) {
        let model = self.model;
        for (r, rule) in model.rules.iter().enumerate() {
            let id = RuleId::from_index(r);
            for (l, leaf) in rule.trigger.leaves.iter().enumerate() {
                let leaf_no = l as u16;
                match leaf {
                    Leaf::Start => {
                        let notice = Notice::RuleInstant { rule: id, leaf: leaf_no };
                        self.schedule_begin(SimTime::ZERO, notice);
                    }
                    Leaf::At(instants) => {
                        for &at in instants {
                            self.schedule_begin(at, Notice::RuleInstant { rule: id, leaf: leaf_no });
                        }
                    }
                    Leaf::Every { .. } | Leaf::Arrivals(_) | Leaf::Stream(_) | Leaf::Silence(..) => {
                        for &actor in &model.sets[rule.actors.index()].members {
                            self.start_clock(id, leaf_no, leaf, actor);
                        }
                    }
                    _ => {}
                }
            }
        }
        self.start_waking();
    }

    fn start_clock(&mut self, rule: RuleId, leaf_no: u16, leaf: &Leaf, actor: ActorId) {
        match leaf {
            Leaf::Arrivals(_) => self.next_arrival(rule, leaf_no, actor),
            Leaf::Silence(..) => self.silence_begins(rule, leaf_no, actor, 0),
            Leaf::Stream(stream) => {
                let state = self.model.actors[actor.index()].state;
                match stream.first {
                    Some(site) => {
                        let first = self.draw_duration(Drawer::Actor(actor), state, site, 0);
                        self.schedule(first, rank::BEGINS, Notice::Arrival { rule, leaf: leaf_no, actor });
                    }
                    None => self.next_arrival(rule, leaf_no, actor),
                }
            }
            Leaf::Every { phase: Phase::FromStart, .. } => self.next_tick(rule, leaf_no, actor, 0, 0),
            Leaf::Every { phase: Phase::At(_), .. } => self.next_tick(rule, leaf_no, actor, 0, 0),
            _ => {}
        }
    }

    /// An instant of a rule: the start, or one that the document gives.
    pub(super) fn rule_instant(&mut self, id: RuleId, leaf: u16) {
        let model = self.model;
        for &actor in &model.sets[model.rules[id.index()].actors.index()].members {
            let root = match model.rules[id.index()].trigger.leaves[usize::from(leaf)] {
                Leaf::Start => 0,
                _ => self.record(Subject::Actor(actor), Event::Arrival(id), &[], &[]),
            };
            let class = Some(model.rules[id.index()].class);
            let matter = Matter { case: root, class, ..Matter::default() };
            self.set_off(id, leaf, actor, matter, &[root]);
        }
    }

    fn next_arrival(&mut self, rule: RuleId, leaf: u16, actor: ActorId) {
        let gap = match self.model.rules[rule.index()].trigger.leaves[usize::from(leaf)] {
            Leaf::Arrivals(gap) => gap,
            Leaf::Stream(stream) => {
                let come = *self.rules.batches.get(&(rule, leaf, actor)).unwrap_or(&0);
                if stream.at_most.is_some_and(|n| come >= n) {
                    return;
                }
                stream.gap
            }
            _ => return,
        };
        let gap = self.draw_gap(actor, gap);
        self.schedule(gap, rank::BEGINS, Notice::Arrival { rule, leaf, actor });
    }

    /// A generated arrival.
    pub(super) fn arrival(&mut self, rule: RuleId, leaf: u16, actor: ActorId) {
        let mut n = 1;
        if let Leaf::Stream(stream) = self.model.rules[rule.index()].trigger.leaves[usize::from(leaf)] {
            *self.rules.batches.entry((rule, leaf, actor)).or_default() += 1;
            if let Some(site) = stream.size {
                let state = self.model.actors[actor.index()].state;
                n = super::case::whole(self.draw(Drawer::Actor(actor), state, site, 0));
            }
        }
        for _ in 0..n {
            if n > 1 && self.is_stopped() {
                return;
            }
            let root = self.record(Subject::Actor(actor), Event::Arrival(rule), &[], &[]);
            let class = Some(self.model.rules[rule.index()].class);
            self.set_off(rule, leaf, actor, Matter { case: root, class, ..Matter::default() }, &[root]);
        }
        self.next_arrival(rule, leaf, actor);
    }

    /// Schedules the next tick of a cadence; `set_by` is the record that set it.
    fn next_tick(&mut self, rule: RuleId, leaf: u16, actor: ActorId, epoch: u32, set_by: RecordId) {
        let model = self.model;
        let r = &model.rules[rule.index()];
        let Leaf::Every { interval, phase } = &r.trigger.leaves[usize::from(leaf)] else { return };
        let notice = Notice::Tick { rule, leaf, actor, epoch };
        let ticket = match phase {
            Phase::At(instants) => {
                let members = &model.sets[r.actors.index()].members;
                let place = members.binary_search(&actor).unwrap_or(0);
                let next = instants[place].partition_point(|t| *t <= self.now);
                instants[place].get(next).map(|&at| self.schedule_begin(at, notice))
            }
            _ => {
                let state = model.actors[actor.index()].state;
                let gap = self.draw_duration(Drawer::Actor(actor), state, *interval, 0);
                self.schedule(gap, rank::BEGINS, notice)
            }
        };
        self.rules.ticks.insert((rule, leaf, actor), (epoch, ticket, set_by));
    }

    /// A tick of a cadence. While the rule sleeps, it passes unseen.
    pub(super) fn tick(&mut self, rule: RuleId, leaf: u16, actor: ActorId, epoch: u32) {
        let Some(&(current, _, set_by)) = self.rules.ticks.get(&(rule, leaf, actor)) else { return };
        if current != epoch {
            return;
        }
        let r = &self.model.rules[rule.index()];
        let awake = self.is_in_force(&r.validity, actor)
            && self.first_failing(&r.while_, actor, &Matter::default(), Luck::EachTime).is_none();
        if awake {
            let who = Subject::Actor(actor);
            let span = Span { kind: SpanKind::Schedule, who, from: self.time_of(set_by), to: self.now };
            let root = self.record(who, Event::Tick(rule), &[set_by], &[span]);
            let incident = self.only_incident();
            let class = Some(r.class);
            let matter = Matter { case: root, class, incident, ..Matter::default() };
            self.set_off(rule, leaf, actor, matter, &[root]);
        }
        self.next_tick(rule, leaf, actor, epoch, set_by);
    }

    /// The incident that a clock is about, where there is just one.
    pub(super) fn only_incident(&self) -> Option<IncidentId> {
        (self.model.incidents.len() == 1).then(|| IncidentId::from_index(0))
    }

    /// Starts and stops the cadences that count from the entry into a mode.
    pub(super) fn cadences_of(&mut self, network: NetworkId, before: u8, mode: u8, entry: RecordId) {
        let model = self.model;
        for (r, rule) in model.rules.iter().enumerate() {
            for (l, leaf) in rule.trigger.leaves.iter().enumerate() {
                let Leaf::Every { phase: Phase::FromEntry(m), .. } = leaf else { continue };
                if m.network != network || (before >= m.mode) == (mode >= m.mode) {
                    continue;
                }
                for &actor in &model.sets[rule.actors.index()].members {
                    let key = (RuleId::from_index(r), l as u16, actor);
                    let epoch = self.rules.ticks.get(&key).map_or(0, |t| t.0) + 1;
                    if let Some((_, Some(ticket), _)) = self.rules.ticks.remove(&key) {
                        self.events.cancel(ticket);
                    }
                    self.rules.ticks.insert(key, (epoch, None, entry));
                    if mode >= m.mode {
                        self.next_tick(key.0, key.1, actor, epoch, entry);
                    }
                }
            }
        }
    }

    /// Tells rules that a product was read.
    pub(super) fn tell_received(
        &mut self,
        actor: ActorId,
        product: ProductId,
        matter: Matter,
        read: RecordId,
    ) {
        self.silence_broken(actor, product, read);
        let listeners = actor.index() * self.rules.n_products + product.index();
        for i in 0..self.rules.receive[listeners].len() {
            let (rule, leaf) = self.rules.receive[listeners][i];
            self.set_off(rule, leaf, actor, matter, &[read]);
        }
    }

    /// Tells rules that a product could not be delivered.
    pub(super) fn tell_failed(
        &mut self,
        actor: ActorId,
        product: ProductId,
        matter: Matter,
        record: RecordId,
    ) {
        let listeners = actor.index() * self.rules.n_products + product.index();
        for i in 0..self.rules.failed[listeners].len() {
            let (rule, leaf) = self.rules.failed[listeners][i];
            self.set_off(rule, leaf, actor, matter, &[record]);
        }
    }

    /// Tells rules that a task is done.
    pub(super) fn tell_done(&mut self, actor: ActorId, task: TaskId, matter: Matter, done: RecordId) {
        let listeners = actor.index() * self.rules.n_tasks + task.index();
        for i in 0..self.rules.done[listeners].len() {
            let (rule, leaf) = self.rules.done[listeners][i];
            self.set_off(rule, leaf, actor, matter, &[done]);
        }
    }

    /// Tells rules how a decision ended.
    pub(super) fn tell_decided(
        &mut self,
        decision: DecisionId,
        how: (Outcome, u8),
        scope: super::decision::Scope,
        matter: Matter,
        record: RecordId,
    ) {
        for (outcome, option, rule, leaf, actor) in self.rules.decided[decision.index()].clone() {
            // What one state decides for itself is known at once to its own actors and to those of none.
            let state = self.model.actors[actor.index()].state;
            let concerned = scope.state.is_none() || state.is_none() || state == scope.state;
            if outcome == how.0 && option.is_none_or(|o| o == how.1) && concerned {
                self.set_off(rule, leaf, actor, matter, &[record]);
            }
        }
        self.wake_by_decision(decision, matter, record);
    }

    /// Tells rules of something public.
    pub(super) fn tell_all(&mut self, hits: ActorHits, matter: Matter, record: RecordId) {
        for (rule, leaf, actor) in hits {
            self.set_off(rule, leaf, actor, matter, &[record]);
        }
    }
}
