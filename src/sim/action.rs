//! Runs: the actions of a rule or decision, done one after the other by one actor.

use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::condition::Luck;
use super::draw::{Drawer, Instance};
use super::engine::Simulation;
use super::matter::Matter;
use super::task::{Manner, NewTask, Then};
use crate::des::Ticket;
use crate::model::{Action, ActorId, Finding, Loop, PoolId, ProductId, RuleId, Sel, Work};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject, WorkKind};

/// Sequences under way.
#[derive(Debug, Default)]
pub(super) struct Runs<'m> {
    slab: Vec<Run<'m>>,
    free: Vec<u32>,
    serial: u64,
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
    pub(super) frames: SmallVec<[Frame<'m>; 2]>,
    pub(super) parent: Option<u32>,
    /// Branches that are not done, and how many of all must be.
    pub(super) pending: u32,
    pub(super) needed: u32,
    /// Ends of the branches that are done.
    pub(super) ends: SmallVec<[RecordId; 2]>,
    pub(super) waits_since: SimTime,
    /// What it waits for.
    pub(super) hold: Hold,
    /// What it has taken from pools and not given back.
    pub(super) held: SmallVec<[(PoolId, f64); 1]>,
    /// Tells it from those that had its place before.
    pub(super) serial: u64,
    pub(super) alive: bool,
}

/// Actions of a run, the next of them, and the loop that they are a round of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'m> {
    actions: &'m [Action],
    next: usize,
    /// The loop, and its rounds begun.
    of: Option<(&'m Loop, u32)>,
}

impl<'m> Frame<'m> {
    pub(super) fn new(actions: &'m [Action]) -> Self {
        Frame { actions, next: 0, of: None }
    }
}

/// What a run waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hold {
    /// Nothing: it is being advanced.
    Nothing,
    /// A task.
    Task(u32),
    /// The end of a wait; none: for ever.
    Wait(Option<Ticket>),
    /// A meeting, which goes on without it.
    Meeting,
    /// Its branches.
    Branches,
    /// A request to a pool, by its number.
    Pool(PoolId, u64),
}

/// Whether the next action begins at once.
pub(super) enum Goes {
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

    pub(super) fn insert(&mut self, mut run: Run<'m>) -> u32 {
        self.serial += 1;
        run.serial = self.serial;
        run.alive = true;
        if let Some(id) = self.free.pop() {
            self.slab[id as usize] = run;
            return id;
        }
        self.slab.push(run);
        (self.slab.len() - 1) as u32
    }

    /// Ends a run.
    pub(super) fn drop_run(&mut self, id: u32) {
        let run = self.get_mut(id);
        if std::mem::take(&mut run.alive) {
            self.free.push(id);
        }
    }

    /// Runs under way for which something holds, in the order of their places.
    pub(super) fn under_way(&self, holds: impl Fn(&Run<'m>) -> bool) -> Vec<u32> {
        let all = self.slab.iter().enumerate();
        all.filter(|(_, run)| run.alive && holds(run)).map(|(id, _)| id as u32).collect()
    }

    /// Whether the run that had this place is still there.
    pub(super) fn is(&self, id: u32, serial: u64) -> bool {
        let run = self.get(id);
        run.alive && run.serial == serial
    }

    /// Product instances in hand.
    pub(super) fn items(&self) -> impl Iterator<Item = u32> {
        self.slab.iter().filter(|run| run.alive).filter_map(|run| run.matter.item).map(|i| i.item)
    }

    /// The action under way.
    pub(super) fn current(&self, id: u32) -> Option<&'m Action> {
        let frame = self.get(id).frames.last()?;
        frame.actions.get(frame.next.checked_sub(1)?)
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
        if !self.nest() {
            return;
        }
        let run = Run {
            actor,
            rule,
            matter,
            cause,
            frames: SmallVec::from_slice(&[Frame::new(actions)]),
            parent: None,
            pending: 0,
            needed: 0,
            ends: SmallVec::new(),
            waits_since: self.now,
            hold: Hold::Nothing,
            held: SmallVec::new(),
            serial: 0,
            alive: true,
        };
        let id = self.runs.insert(run);
        self.advance(id);
        self.depth -= 1;
    }

    /// Does what can be done now.
    pub(super) fn advance(&mut self, id: u32) {
        let serial = self.runs.get(id).serial;
        self.runs.get_mut(id).hold = Hold::Nothing;
        // What an action sets off may withdraw the run.
        while self.runs.is(id, serial) {
            let run = self.runs.get_mut(id);
            let Some(frame) = run.frames.last_mut() else { return self.run_ends(id) };
            let Some(action) = frame.actions.get(frame.next) else {
                if let Some((of, rounds)) = frame.of
                    && self.goes_round(id, of, rounds)
                {
                    // A loop without time in it would never come back from here.
                    self.at_once += 1;
                    self.watch_limits();
                    if self.stopped.is_some() {
                        return;
                    }
                    if let Some(frame) = self.runs.get_mut(id).frames.last_mut() {
                        *frame = Frame { next: 0, of: Some((of, rounds + 1)), ..*frame };
                    }
                } else {
                    self.runs.get_mut(id).frames.pop();
                }
                continue;
            };
            frame.next += 1;
            if let Goes::Waits = self.act(id, action) {
                return;
            }
        }
    }

    /// Whether a loop goes round once more.
    fn goes_round(&mut self, id: u32, of: &'m Loop, rounds: u32) -> bool {
        let &Run { actor, matter, .. } = self.runs.get(id);
        let state = self.model.actors[actor.index()].state;
        of.at_most.is_none_or(|n| rounds < n)
            && self.first_failing(&of.while_, actor, &matter, Luck::EachTime).is_none()
            && of.again.is_none_or(|site| {
                let instance = self.instance_of(&matter);
                self.chance(Drawer::Actor(actor), state, site, instance)
            })
    }

    fn run_ends(&mut self, id: u32) {
        let (parent, cause) = (self.runs.get(id).parent, self.runs.get(id).cause);
        self.runs.drop_run(id);
        if let Some(parent) = parent {
            self.branch_ends(parent, cause);
        }
    }

    fn act(&mut self, id: u32, action: &'m Action) -> Goes {
        let &Run { actor, rule, matter, cause, .. } = self.runs.get(id);
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
                self.runs.get_mut(id).hold = Hold::Meeting;
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
                let ticket = self.schedule(delay, rank::BEGINS, Notice::WaitEnds(id));
                let run = self.runs.get_mut(id);
                run.waits_since = self.now;
                run.hold = Hold::Wait(ticket);
                Goes::Waits
            }
            Action::WaitUntil(until) => self.wait_until(id, until),
            Action::Together(branches) => self.branch(id, branches, branches.len() as u32),
            Action::Race(k, branches) => self.branch(id, branches, *k),
            Action::If(when, then, otherwise) => {
                let holds = self.first_failing(when, actor, &matter, Luck::EachTime).is_none();
                self.runs.get_mut(id).frames.push(Frame::new(if holds { then } else { otherwise }));
                Goes::On
            }
            Action::Loop(of) => {
                let frame = Frame { of: Some((of, 1)), ..Frame::new(&of.body) };
                self.runs.get_mut(id).frames.push(frame);
                Goes::On
            }
            Action::Hand(to, then) => self.hand(id, to, then),
            Action::Open(of, count) => {
                self.open_cases(*of, *count, actor, matter, cause);
                Goes::On
            }
            Action::Take(take) => self.take(id, take),
            Action::Return(pool, amount) => {
                self.give_back(id, *pool, *amount);
                Goes::On
            }
            Action::Lend(lend) => {
                self.lend(id, lend);
                Goes::On
            }
            Action::Finish => {
                self.finish_case(id);
                Goes::On
            }
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
                    self.runs.get_mut(id).frames.push(Frame::new(actions));
                }
                Goes::On
            }
        }
    }

    fn work(&mut self, id: u32, work: Work, then: Then) -> Goes {
        let &Run { actor, matter, cause, .. } = self.runs.get(id);
        let instance = self.instance_of(&matter);
        let (work, priority, duration, manner) = self.size_of(actor, work, instance);
        self.take_up(id, NewTask { actor, work, priority, duration, manner, cause, then })
    }

    /// Puts a task of a run on the desk of its actor.
    fn take_up(&mut self, id: u32, new: NewTask) -> Goes {
        let serial = self.runs.get(id).serial;
        if let Some(task) = self.task_arrives(new)
            && self.runs.is(id, serial)
        {
            self.runs.get_mut(id).hold = Hold::Task(task);
        }
        Goes::Waits
    }

    /// Begins to produce a product or statement.
    fn write(&mut self, id: u32, product: ProductId) -> Goes {
        let &Run { actor, matter, cause, .. } = self.runs.get(id);
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
        let manner = p.write_as.map_or_else(Manner::default, |task| self.manner_of(actor, task, instance));
        let task = NewTask {
            actor,
            work: WorkKind::Write(product),
            priority: p.priority,
            duration,
            manner,
            cause,
            then: Then::Write { run: id, product },
        };
        self.take_up(id, task)
    }

    /// A product is written.
    pub(super) fn written(&mut self, id: u32, product: ProductId, done: RecordId) {
        let serial = self.runs.get(id).serial;
        self.runs.get_mut(id).cause = done;
        self.send_out(id, product, done);
        self.advance_if(id, serial);
    }

    fn send_out(&mut self, id: u32, product: ProductId, cause: RecordId) {
        let matter = self.runs.get(id).matter;
        match self.runs.current(id) {
            Some(Action::Send { to, by, .. }) => self.send(id, product, (to, by), matter, cause),
            _ => self.publish(id, product, matter, cause),
        }
    }

    /// Work of a run is done.
    pub(super) fn task_of_run_done(&mut self, id: u32, done: RecordId) {
        let &Run { actor, matter, serial, .. } = self.runs.get(id);
        self.runs.get_mut(id).cause = done;
        if let Event::TaskDone { work: WorkKind::Task(task), .. } = self.trace.record(done).event {
            self.tell_done(actor, task, matter, done);
        }
        self.advance_if(id, serial);
    }

    /// The work of finding a fact is done.
    pub(super) fn found(&mut self, id: u32, finding: Finding, done: RecordId) {
        let &Run { actor, matter, serial, .. } = self.runs.get(id);
        self.runs.get_mut(id).cause = done;
        if let Event::TaskDone { work: WorkKind::Task(task), .. } = self.trace.record(done).event {
            self.tell_done(actor, task, matter, done);
        }
        if let Some((fact, record)) = self.find(actor, finding, matter, done) {
            if self.runs.is(id, serial) {
                self.runs.get_mut(id).cause = record;
            }
            self.tell_learned(actor, fact, record, matter);
        }
        self.advance_if(id, serial);
    }

    /// Goes on with a run if nothing has withdrawn it meanwhile.
    fn advance_if(&mut self, id: u32, serial: u64) {
        if self.runs.is(id, serial) {
            self.advance(id);
        }
    }

    /// A wait is over.
    pub(super) fn wait_ends(&mut self, id: u32) {
        let &Run { actor, rule, cause, waits_since, .. } = self.runs.get(id);
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Delay, who, from: waits_since, to: self.now };
        let record = self.record(who, Event::Waited(rule), &[cause], &[span]);
        self.go_on(id, record);
    }

    /// Goes on with a run that waited for something outside it.
    pub(super) fn go_on(&mut self, id: u32, cause: RecordId) {
        if self.runs.get(id).frames.is_empty() {
            // It was withdrawn while the meeting went on.
            return self.runs.drop_run(id);
        }
        self.runs.get_mut(id).cause = cause;
        self.advance(id);
    }

    /// The instance that a matter stands for in draws: its fact.
    pub(super) fn instance_of(&self, matter: &Matter) -> Instance {
        matter.fact.map_or(Instance::from(0), |f| Instance::of_fact(self.model, f))
    }

    /// Actors of a selector, seen by an actor now; sorted, without itself where it sends.
    pub(super) fn select(&self, sel: &Sel, from: ActorId, matter: &Matter) -> Vec<ActorId> {
        let mut actors = Vec::new();
        self.collect(sel, from, matter, &mut actors);
        in_order(&mut actors);
        actors
    }

    /// The same in a list that was used before; it is to be given back to `spare_actors`.
    pub(super) fn selected(&mut self, sel: &Sel, from: ActorId, matter: &Matter) -> Vec<ActorId> {
        let mut actors = self.spare_actors.pop().unwrap_or_default();
        actors.clear();
        self.collect(sel, from, matter, &mut actors);
        in_order(&mut actors);
        actors
    }

    /// Those whom an actor turns to: without itself, and where only some of them are meant, these, drawn anew. Who is
    /// drawn has the smallest words, so that another candidate changes nothing for the rest.
    pub(super) fn turned_to(&mut self, sel: &Sel, from: ActorId, matter: &Matter) -> Vec<ActorId> {
        let mut actors = self.selected(sel, from, matter);
        let Sel::Drawn(_, sample) = sel else { return actors };
        actors.retain(|actor| *actor != from);
        let mut by_word: Vec<(u64, ActorId)> = Vec::with_capacity(actors.len());
        for actor in actors.drain(..) {
            let of = self.model.actors[actor.index()].name.hash.words()[0];
            by_word.push((self.draws.word(self.model, Drawer::Actor(from), sample.site, of), actor));
        }
        by_word.sort_unstable();
        by_word.truncate(sample.n);
        actors.extend(by_word.into_iter().map(|(_, actor)| actor));
        actors.sort_unstable();
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
                let known = self.known_of(from, *kind, matter.incident);
                let states = known.filter_map(|(fact, _)| model.facts[fact.index()].state);
                into.extend(states.filter_map(|s| model.templates[t.index()].by_state[s.index()]));
            }
            Sel::Holder(role) => into.extend(self.holder(*role)),
            Sel::Sender => {
                if let Some(crate::trace::Party::Actor(a)) = matter.item.map(|i| i.from) {
                    into.push(a);
                }
            }
            Sel::Linked => self.linked(from, matter, into),
            Sel::Operators | Sel::OperatorsIn(_) => {}
            Sel::Drawn(all, _) => self.collect(all, from, matter, into),
            Sel::AnyOf(sels) => sels.iter().for_each(|s| self.collect(s, from, matter, into)),
            Sel::Except(all, without) => {
                let out = self.select(without, from, matter);
                into.extend(self.select(all, from, matter).into_iter().filter(|a| !out.contains(a)));
            }
        }
    }
}

/// Sorts actors and leaves each once.
fn in_order(actors: &mut Vec<ActorId>) {
    actors.sort_unstable();
    actors.dedup();
}
