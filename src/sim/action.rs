//! Runs: the actions of a rule or decision, done one after the other by one actor.

use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::Matter;
use super::queue::{NewTask, Then};
use crate::model::{Action, ActorId, Finding, ProductId, RuleId, Sel, Work};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject, WorkKind};

/// Sequences under way.
#[derive(Debug, Default)]
pub(super) struct Runs<'m> {
    slab: Vec<Run<'m>>,
    free: Vec<u32>,
}

/// A sequence of actions under way.
#[derive(Debug, Clone)]
pub(super) struct Run<'m> {
    pub(super) actor: ActorId,
    pub(super) rule: RuleId,
    pub(super) matter: Matter,
    /// What the next action is caused by; its time is now whenever an action begins.
    pub(super) cause: RecordId,
    /// Further causes, told with the next record: branches that ended earlier.
    frames: SmallVec<[(&'m [Action], usize); 2]>,
    parent: Option<u32>,
    pending: u32,
    waits_since: SimTime,
}

/// Whether the next action begins at once.
enum Goes {
    On,
    Waits,
}

impl<'m> Runs<'m> {
    pub(super) fn clear(&mut self) {
        self.slab.clear();
        self.free.clear();
    }

    pub(super) fn get(&self, id: u32) -> &Run<'m> {
        &self.slab[id as usize]
    }

    pub(super) fn get_mut(&mut self, id: u32) -> &mut Run<'m> {
        &mut self.slab[id as usize]
    }

    fn insert(&mut self, run: Run<'m>) -> u32 {
        if let Some(id) = self.free.pop() {
            self.slab[id as usize] = run;
            return id;
        }
        self.slab.push(run);
        (self.slab.len() - 1) as u32
    }

    /// Ends a run whose work was lost; what waited for it waits for ever.
    pub(super) fn drop_run(&mut self, id: u32) {
        self.free.push(id);
    }

    /// Product instances in hand.
    pub(super) fn items(&self) -> impl Iterator<Item = u32> {
        self.slab.iter().filter_map(|run| run.matter.item).map(|i| i.item)
    }

    /// The action under way.
    fn current(&self, id: u32) -> Option<&'m Action> {
        let (actions, next) = *self.get(id).frames.last()?;
        actions.get(next.checked_sub(1)?)
    }
}

impl<'m> Simulation<'m> {
    /// Starts the actions of a rule or decision.
    pub(super) fn start_run(
        &mut self,
        actions: &'m [Action],
        actor: ActorId,
        rule: RuleId,
        matter: Matter,
        cause: RecordId,
    ) {
        let frames = SmallVec::from_slice(&[(actions, 0)]);
        let run = Run { actor, rule, matter, cause, frames, parent: None, pending: 0, waits_since: self.now };
        let id = self.runs.insert(run);
        self.advance(id);
    }

    /// Does what can be done now.
    fn advance(&mut self, id: u32) {
        loop {
            let run = self.runs.get_mut(id);
            let Some((actions, next)) = run.frames.last_mut() else { return self.run_ends(id) };
            let actions: &'m [Action] = actions;
            let Some(action) = actions.get(*next) else {
                run.frames.pop();
                continue;
            };
            *next += 1;
            if let Goes::Waits = self.act(id, action) {
                return;
            }
        }
    }

    fn run_ends(&mut self, id: u32) {
        let (parent, cause) = (self.runs.get(id).parent, self.runs.get(id).cause);
        self.runs.drop_run(id);
        if let Some(parent) = parent {
            let run = self.runs.get_mut(parent);
            run.pending -= 1;
            run.cause = cause;
            if run.pending == 0 {
                self.advance(parent);
            }
        }
    }

    fn act(&mut self, id: u32, action: &'m Action) -> Goes {
        let Run { actor, rule, matter, cause, .. } = *self.runs.get(id);
        match action {
            Action::Work(work) => self.work(id, *work, Then::Run(id)),
            Action::Find { finding, work: Some(work) } => {
                self.work(id, *work, Then::Find { run: id, finding: *finding })
            }
            Action::Find { finding, work: None } => {
                if let Some((fact, record)) = self.find(actor, *finding, matter, cause) {
                    self.runs.get_mut(id).cause = record;
                    self.tell_learned(actor, fact, record, matter);
                }
                Goes::On
            }
            Action::Send { product, .. } | Action::Publish(product) => self.write(id, *product),
            Action::Forward { to } => {
                self.forward(actor, to, matter, cause);
                Goes::On
            }
            Action::Propose(decision) => {
                self.propose(*decision, actor, rule, matter, cause);
                Goes::On
            }
            Action::SetMode(mode) => {
                self.set_mode(*mode, cause, matter);
                Goes::On
            }
            Action::Meet(meeting) => {
                self.call_meeting(meeting, id);
                Goes::Waits
            }
            Action::Enact(countermeasure) => {
                self.enact(*countermeasure, cause);
                Goes::On
            }
            Action::Assign(role, to) => {
                if let Some(&holder) = self.select(to, actor, &matter).first() {
                    self.assign(*role, holder, cause);
                }
                Goes::On
            }
            Action::Wait(site) => {
                let state = self.model.actors[actor.index()].state;
                let instance = self.instance_of(&matter);
                let delay = self.draw_duration(Drawer::Actor(actor), state, *site, instance);
                self.runs.get_mut(id).waits_since = self.now;
                self.schedule(delay, rank::BEGINS, Notice::WaitEnds(id));
                Goes::Waits
            }
            Action::Together(branches) => self.branch(id, branches),
            Action::Choose(site, options) => {
                let instance = self.instance_of(&matter);
                let word = self.draws.word(self.model, Drawer::Actor(actor), *site, instance);
                let total: f64 = options.iter().map(|(weight, _)| weight).sum();
                let mut left = crate::des::uniform(word) * total;
                let chosen = options.iter().find(|(weight, _)| {
                    left -= weight;
                    left < 0.0
                });
                if let Some((_, actions)) = chosen.or(options.last()) {
                    self.runs.get_mut(id).frames.push((actions, 0));
                }
                Goes::On
            }
        }
    }

    fn branch(&mut self, id: u32, branches: &'m [Vec<Action>]) -> Goes {
        if branches.is_empty() {
            return Goes::On;
        }
        self.runs.get_mut(id).pending = branches.len() as u32;
        let template = self.runs.get(id).clone();
        for actions in branches {
            let frames = SmallVec::from_slice(&[(actions.as_slice(), 0)]);
            let child = Run { frames, parent: Some(id), pending: 0, ..template.clone() };
            let child = self.runs.insert(child);
            self.advance(child);
        }
        // The last branch to end goes on with the sequence itself.
        Goes::Waits
    }

    fn work(&mut self, id: u32, work: Work, then: Then) -> Goes {
        let Run { actor, matter, cause, .. } = *self.runs.get(id);
        let instance = self.instance_of(&matter);
        let (work, priority, duration, patience) = self.size_of(actor, work, instance);
        self.task_arrives(NewTask { actor, work, priority, duration, patience, cause, then });
        Goes::Waits
    }

    /// Begins to produce a product or statement.
    fn write(&mut self, id: u32, product: ProductId) -> Goes {
        let Run { actor, matter, cause, .. } = *self.runs.get(id);
        let p = &self.model.products[product.index()];
        let Some(site) = p.write else {
            self.send_out(id, product, cause);
            return Goes::On;
        };
        let instance = self.instance_of(&matter);
        if let Some(cut_off) = p.cut_off {
            let state = self.model.actors[actor.index()].state;
            let after = self.draw_duration(Drawer::Actor(actor), state, cut_off, instance);
            self.freezes_later(id, product, after);
        }
        let duration = self.effort(actor, site, instance);
        let task = NewTask {
            actor,
            work: WorkKind::Write(product),
            priority: p.priority,
            duration,
            patience: None,
            cause,
            then: Then::Write { run: id, product },
        };
        self.task_arrives(task);
        Goes::Waits
    }

    /// A product is written.
    pub(super) fn written(&mut self, id: u32, product: ProductId, done: RecordId) {
        self.runs.get_mut(id).cause = done;
        self.send_out(id, product, done);
        self.advance(id);
    }

    fn send_out(&mut self, id: u32, product: ProductId, cause: RecordId) {
        let matter = self.runs.get(id).matter;
        match self.runs.current(id) {
            Some(Action::Send { to, .. }) => self.send(id, product, to, matter, cause),
            _ => self.publish(id, product, matter, cause),
        }
    }

    /// Work of a run is done.
    pub(super) fn task_of_run_done(&mut self, id: u32, done: RecordId) {
        let Run { actor, matter, .. } = *self.runs.get(id);
        self.runs.get_mut(id).cause = done;
        if let Event::TaskDone { work: WorkKind::Task(task), .. } = self.trace.record(done).event {
            self.tell_done(actor, task, matter, done);
        }
        self.advance(id);
    }

    /// The work of finding a fact is done.
    pub(super) fn found(&mut self, id: u32, finding: Finding, done: RecordId) {
        let Run { actor, matter, .. } = *self.runs.get(id);
        self.runs.get_mut(id).cause = done;
        if let Event::TaskDone { work: WorkKind::Task(task), .. } = self.trace.record(done).event {
            self.tell_done(actor, task, matter, done);
        }
        if let Some((fact, record)) = self.find(actor, finding, matter, done) {
            self.runs.get_mut(id).cause = record;
            self.tell_learned(actor, fact, record, matter);
        }
        self.advance(id);
    }

    /// A wait is over.
    pub(super) fn wait_ends(&mut self, id: u32) {
        let Run { actor, rule, cause, waits_since, .. } = *self.runs.get(id);
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Delay, who, from: waits_since, to: self.now };
        let record = self.record(who, Event::Waited(rule), &[cause], &[span]);
        self.go_on(id, record);
    }

    /// Goes on with a run that waited for something outside it.
    pub(super) fn go_on(&mut self, id: u32, cause: RecordId) {
        self.runs.get_mut(id).cause = cause;
        self.advance(id);
    }

    /// The instance that a matter stands for in draws: its fact.
    pub(super) fn instance_of(&self, matter: &Matter) -> u64 {
        matter.fact.map_or(0, |f| self.model.facts[f.index()].name.hash.words()[0])
    }

    /// Actors of a selector, seen by an actor now; sorted, without itself where it sends.
    pub(super) fn select(&self, sel: &Sel, from: ActorId, matter: &Matter) -> Vec<ActorId> {
        let mut actors = Vec::new();
        self.collect(sel, from, matter, &mut actors);
        actors.sort_unstable();
        actors.dedup();
        actors
    }

    fn collect(&self, sel: &Sel, from: ActorId, matter: &Matter, into: &mut Vec<ActorId>) {
        let model = self.model;
        match sel {
            Sel::Fixed(set) => into.extend_from_slice(&model.sets[set.index()].members),
            Sel::Own(t) => {
                let own = &model.actors[from.index()];
                into.extend(model.templates[t.index()].actor_of(own.state, own.sector));
            }
            Sel::Concerned(t) => {
                into.extend(model.templates[t.index()].actor_of(matter.state, matter.sector));
            }
            Sel::Affected(t, kind) => {
                let knowledge = self.knowledge(from);
                let known = self.instances(*kind, matter.incident).filter(|f| knowledge.of(*f).is_some());
                let states = known.filter_map(|f| model.facts[f.index()].state);
                into.extend(states.filter_map(|s| model.templates[t.index()].by_state[s.index()]));
            }
            Sel::Holder(role) => into.extend(self.holder(*role)),
            Sel::Sender => {
                if let Some(crate::trace::Party::Actor(a)) = matter.item.map(|i| i.from) {
                    into.push(a);
                }
            }
            Sel::Linked => into.extend(self.linked(from, matter)),
            Sel::Operators => {}
            Sel::AnyOf(sels) => sels.iter().for_each(|s| self.collect(s, from, matter, into)),
            Sel::Except(all, without) => {
                let out = self.select(without, from, matter);
                into.extend(self.select(all, from, matter).into_iter().filter(|a| !out.contains(a)));
            }
        }
    }
}
