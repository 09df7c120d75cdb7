//! Service at an actor: the waiting line, its servers, and interruption.
//!
//! Phases of a task: waiting → in service ⇄ waiting again (duty ended, preempted, outage) → done | lost.
//! Told once: a 60 min task seizes a server at 17:00, is suspended at 17:30 when duty ends, resumes at 09:00 before
//! newcomers of its priority, and is done at 09:30.
//!
//! **Invariants:** a server serves at most one task; each seize has exactly one release; arrived = done + in
//! service + waiting + lost; the spans of a task cover the time from its arrival without a gap.

use std::collections::VecDeque;

use bevy_ecs::entity::Entity;
use bevy_ecs::prelude::Component;
use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::draw::{Drawer, Instance};
use super::engine::Simulation;
use super::matter::Matter;
use crate::des::Ticket;
use crate::model::{
    ActorId, Finding, Model, Order, Priority, ProductId, RotaId, SiteId, StateId, TaskId, Work,
};
use crate::time::{Capacity, SimDuration, SimTime};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject, WorkKind};

/// The desk of an actor: its servers and its waiting line.
#[derive(Component, Debug, Default)]
pub(super) struct Desk {
    /// Number of servers; none: unlimited.
    pub(super) staff: Option<u32>,
    /// Duty rota; none: always on duty.
    pub(super) rota: Option<RotaId>,
    /// What the rota says now.
    pub(super) duty: Option<Capacity>,
    /// The next change of duty is on the event list.
    pub(super) change_pending: bool,
    /// Servers absent by an inject or a countermeasure.
    pub(super) absent: u32,
    /// Servers lent by others, who keep the hours of this desk.
    pub(super) guests: u32,
    /// Outages that last.
    pub(super) down: u32,
    /// Servers that were called in and are there.
    pub(super) called: u32,
    /// A call is under way.
    pub(super) calling: bool,
    /// Tasks in service, in the order in which they began.
    pub(super) serving: SmallVec<[u32; 4]>,
    /// Tasks that wait, in order of service.
    pub(super) waiting: VecDeque<u32>,
    /// The priority of all that wait, as long as they have one.
    all_of: Option<Priority>,
    /// Some of them may wait for something else than a server.
    odd: bool,
    /// How many waited when rules were told last.
    pub(super) told: u32,
}

impl Desk {
    /// Always on duty and with somebody there: nothing but a server is ever waited for, and nobody is called in.
    fn is_plain(&self) -> bool {
        self.rota.is_none() && !self.odd && self.called == 0 && self.on_duty() != Some(0)
    }

    /// Whether all servers are busy, whatever the priority.
    fn is_full(&self) -> bool {
        self.called == 0 && self.on_duty().is_some_and(|n| self.serving.len() as u32 >= n)
    }

    /// Servers on duty for tasks of whatever priority; `None` is without limit.
    fn on_duty(&self) -> Option<u32> {
        if self.down > 0 {
            return Some(0);
        }
        let on_duty = match self.duty {
            None | Some(Capacity::All) => self.staff?.saturating_add(self.guests),
            Some(Capacity::Off) => 0,
            Some(Capacity::Staff(n)) => self.staff.map_or(n, |all| all.min(n)).saturating_add(self.guests),
        };
        Some(on_duty.saturating_sub(self.absent))
    }

    /// Servers for tasks of a priority; `None` is without limit.
    fn servers(&self, model: &Model, priority: Priority) -> Option<u32> {
        let on_duty = self.on_duty()?;
        if self.called == 0 || self.down > 0 {
            return Some(on_duty);
        }
        let on_call = self.rota.and_then(|r| model.rotas[r.index()].on_call.as_ref());
        let called = if on_call.is_some_and(|o| priority >= o.at_or_above) { self.called } else { 0 };
        Some(on_duty.max(called))
    }
}

type Spans = SmallVec<[Span; 4]>;

/// All tasks that are not done.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    slab: Vec<Task>,
    free: Vec<u32>,
    arrivals: u64,
}

/// A task.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) actor: ActorId,
    pub(super) work: WorkKind,
    pub(super) priority: Priority,
    /// Number of its arrival: breaks ties of priority.
    arrival: u64,
    /// All its work.
    total: SimDuration,
    /// Interrupts less urgent work, whatever its actor does otherwise.
    interrupts: bool,
    expires: Option<Ticket>,
    /// The record that set it off, at the time of its arrival.
    pub(super) cause: RecordId,
    /// Work still to be done.
    pub(super) remaining: SimDuration,
    /// When it arrived.
    arrived: SimTime,
    /// Begin of the present phase.
    since: SimTime,
    /// What waiting is now; none while in service.
    waits: Option<SpanKind>,
    /// Phases that are over, each with its end.
    phases: SmallVec<[(SpanKind, SimTime); 1]>,
    /// When service first began, if it did.
    started: Option<SimTime>,
    ends: Option<Ticket>,
    patience: Option<Ticket>,
    /// Staff was called for it and is not there.
    pub(super) calls: bool,
    /// The call for it was not answered.
    pub(super) call_failed: bool,
    pub(super) then: Then,
    alive: bool,
}

/// What happens when a task is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Then {
    /// A run goes on.
    Run(u32),
    /// A fact is found, then a run goes on.
    Find { run: u32, finding: Finding },
    /// A product is written: it is sent, then the run goes on.
    Write { run: u32, product: ProductId },
    /// The product in hand has been read.
    Read(Matter),
    /// A member has formed a position on a decision.
    Position { session: Entity, member: u16 },
    /// A member is there and stays until the session releases it.
    Attend { session: Entity, member: u16 },
}

/// A task to be done.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewTask {
    pub(super) actor: ActorId,
    pub(super) work: WorkKind,
    pub(super) priority: Priority,
    pub(super) duration: SimDuration,
    pub(super) manner: Manner,
    pub(super) cause: RecordId,
    pub(super) then: Then,
}

/// How a task waits and begins.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Gives up after waiting so long.
    pub(super) patience: Option<SimDuration>,
    /// Is dropped if it is not done so long after its arrival.
    pub(super) lives: Option<SimDuration>,
    /// Interrupts less urgent work.
    pub(super) interrupts: bool,
}

impl Tasks {
    pub(super) fn clear(&mut self) {
        self.slab.clear();
        self.free.clear();
        self.arrivals = 0;
    }

    pub(super) fn get(&self, id: u32) -> &Task {
        &self.slab[id as usize]
    }

    pub(super) fn get_mut(&mut self, id: u32) -> &mut Task {
        &mut self.slab[id as usize]
    }

    /// Touches the memory of a task that will be asked for soon.
    #[inline]
    pub(super) fn fetch(&self, id: u32) {
        let task = &self.slab[id as usize];
        std::hint::black_box((task.arrival, task.since, task.alive));
    }

    /// Product instances that are being read.
    pub(super) fn items(&self) -> impl Iterator<Item = u32> {
        let alive = self.slab.iter().filter(|task| task.alive);
        alive.filter_map(|task| match task.then {
            Then::Read(matter) => matter.item.map(|i| i.item),
            _ => None,
        })
    }

    /// Tasks that are neither done nor lost.
    pub(super) fn alive(&self) -> u64 {
        self.slab.len().saturating_sub(self.free.len()) as u64
    }

    fn insert(&mut self, task: Task) -> u32 {
        if let Some(id) = self.free.pop() {
            self.slab[id as usize] = task;
            return id;
        }
        self.slab.push(task);
        (self.slab.len() - 1) as u32
    }

    fn remove(&mut self, id: u32) {
        self.slab[id as usize].alive = false;
        self.free.push(id);
    }
}

impl Task {
    /// Ends the present phase at `now`.
    fn close_phase(&mut self, now: SimTime) {
        let kind = self.waits.unwrap_or(SpanKind::Work);
        if self.since < now {
            match self.phases.last_mut() {
                Some(last) if last.0 == kind => last.1 = now,
                _ => self.phases.push((kind, now)),
            }
        }
        self.since = now;
    }

    /// What its time was spent on up to `now`.
    fn spans(&self, now: SimTime) -> Spans {
        let who = Subject::Actor(self.actor);
        let mut from = self.arrived;
        let mut spans = Spans::new();
        let present = (self.waits.unwrap_or(SpanKind::Work), now);
        for &(kind, to) in self.phases.iter().chain((self.since < now).then_some(&present)) {
            match spans.last_mut() {
                Some(last) if last.kind == kind => last.to = to,
                _ => spans.push(Span { kind, who, from, to }),
            }
            from = to;
        }
        spans
    }

    fn key(&self, order: Order) -> (std::cmp::Reverse<Priority>, u64, u64) {
        let rank = match order {
            Order::Arrival => 0,
            Order::LastFirst => u64::MAX - self.arrival,
            Order::ShortestFirst => self.total.as_micros(),
        };
        (std::cmp::Reverse(self.priority), rank, self.arrival)
    }
}

impl Simulation<'_> {
    /// Puts every desk into its initial condition; draws what alternative each actor is.
    pub(super) fn reset_desks(&mut self) {
        let model = self.model;
        for (i, a) in model.actors.iter().enumerate() {
            let actor = ActorId::from_index(i);
            let mut chosen = 0;
            if let Some(site) = a.variant_site {
                let word = self.draws.word(model, Drawer::Actor(actor), site, 0);
                let u = crate::des::uniform(word);
                let mut sum = 0.0;
                chosen = a.variants.len() - 1;
                for (v, variant) in a.variants.iter().enumerate() {
                    sum += variant.share;
                    if u < sum {
                        chosen = v;
                        break;
                    }
                }
            }
            self.trace.variants.push(chosen as u8);
            let variant = &a.variants[chosen];
            let duty = variant.rota.map(|r| model.rotas[r.index()].profile.capacity_at(SimTime::ZERO));
            let mut desk = self.desk(actor);
            let (mut serving, mut waiting) =
                (std::mem::take(&mut desk.serving), std::mem::take(&mut desk.waiting));
            serving.clear();
            waiting.clear();
            let (staff, rota) = (variant.staff, variant.rota);
            *desk = Desk { staff, rota, duty, serving, waiting, ..Desk::default() };
            let mut knowledge = self.knowledge_mut(actor);
            knowledge.clear();
        }
    }

    /// Length, priority and manner of some work of an actor.
    pub(super) fn size_of(
        &mut self,
        actor: ActorId,
        work: Work,
        instance_of: impl Into<Instance>,
    ) -> (WorkKind, Priority, SimDuration, Manner) {
        let instance_of = instance_of.into();
        match work {
            Work::Task(id) => {
                let task = &self.model.tasks[id.index()];
                let length = self.effort(actor, task.work, instance_of);
                (WorkKind::Task(id), task.priority, length, self.manner_of(actor, id, instance_of))
            }
            Work::For(site) => (
                WorkKind::For(site),
                Priority::Normal,
                self.effort(actor, site, instance_of),
                Manner::default(),
            ),
        }
    }

    /// How a task waits.
    pub(super) fn manner_of(
        &mut self,
        actor: ActorId,
        task: TaskId,
        instance_of: impl Into<Instance>,
    ) -> Manner {
        let instance_of = instance_of.into();
        let task = &self.model.tasks[task.index()];
        let (who, state) = (Drawer::Actor(actor), self.model.actors[actor.index()].state);
        let mut drawn = |site| self.draw_duration(who, state, site, instance_of);
        let (patience, lives) = (task.patience.map(&mut drawn), task.time_to_live.map(&mut drawn));
        Manner { patience, lives, interrupts: task.interrupts }
    }

    /// Working time of an actor: the draw times the actor's pace.
    pub(super) fn effort(
        &mut self,
        actor: ActorId,
        site: SiteId,
        instance_of: impl Into<Instance>,
    ) -> SimDuration {
        let (who, instance_of) = (Drawer::Actor(actor), instance_of.into());
        let state: Option<StateId> = self.model.actors[actor.index()].state;
        let mut us = self.draw(who, state, site, instance_of);
        if let Some(pace) = self.model.actors[actor.index()].pace {
            us *= self.draw(who, state, pace, instance_of.after(&[]));
        }
        SimDuration::from_micros_f64(us)
    }

    /// A task arrives at its actor's desk.
    pub(super) fn task_arrives(&mut self, new: NewTask) -> Option<u32> {
        let limit = self.model.actors[new.actor.index()].queue_limit;
        self.refresh_duty(new.actor);
        if let Some(limit) = limit {
            let has_room = self.desk(new.actor).waiting.len() < limit as usize;
            if !has_room && !self.has_free_server(new.actor, new.priority) {
                let event = Event::TaskLost { work: new.work, reneged: false };
                let lost = self.record(Subject::Actor(new.actor), event, &[new.cause], &[]);
                self.task_lost(new.actor, new.work, new.then, lost, false);
                return None;
            }
        }
        self.tasks.arrivals += 1;
        let task = Task {
            actor: new.actor,
            work: new.work,
            priority: new.priority,
            arrival: self.tasks.arrivals,
            total: new.duration,
            interrupts: new.manner.interrupts,
            expires: None,
            cause: new.cause,
            remaining: new.duration,
            arrived: self.now,
            since: self.now,
            waits: Some(SpanKind::Queue),
            phases: SmallVec::new(),
            started: None,
            ends: None,
            patience: None,
            calls: false,
            call_failed: false,
            then: new.then,
            alive: true,
        };
        let id = self.tasks.insert(task);
        if let Some(lives) = new.manner.lives {
            self.tasks.get_mut(id).expires = self.schedule(lives, rank::ENDS, Notice::TaskExpires(id));
        }
        if let Some(patience) = new.manner.patience {
            self.tasks.get_mut(id).patience = self.schedule(patience, rank::ENDS, Notice::PatienceEnds(id));
        }
        let mut desk = self.access.desk(&mut self.world, new.actor);
        if !desk.is_plain() {
            self.enqueue(id, true);
            self.start_service(new.actor);
            self.call_out_if_needed(new.actor, id);
            self.reclassify(new.actor);
        } else if desk.waiting.is_empty() && !desk.is_full() {
            desk.serving.push(id);
            self.serve(id);
        } else {
            let is_full = desk.is_full();
            // What waited before did not find a server, and finds none now.
            if self.enqueue(id, true) || !is_full {
                self.start_service(new.actor);
            }
            self.queue_changed(new.actor);
        }
        Some(id)
    }

    /// Puts a task into the line; returns whether it is the first there.
    fn enqueue(&mut self, id: u32, is_new: bool) -> bool {
        let (actor, priority) = (self.tasks.get(id).actor, self.tasks.get(id).priority);
        let order = self.model.actors[actor.index()].order;
        let tasks = &self.tasks;
        let mut desk = self.access.desk(&mut self.world, actor);
        if desk.waiting.is_empty() {
            desk.all_of = Some(priority);
            desk.waiting.push_back(id);
            return true;
        }
        if desk.all_of != Some(priority) {
            desk.all_of = None;
        } else if is_new && order == Order::Arrival {
            desk.waiting.push_back(id);
            return false;
        }
        let key = tasks.get(id).key(order);
        if desk.waiting.back().is_some_and(|&last| tasks.get(last).key(order) < key) {
            desk.waiting.push_back(id);
            return false;
        }
        let place = desk.waiting.partition_point(|&w| tasks.get(w).key(order) < key);
        desk.waiting.insert(place, id);
        place == 0
    }

    /// Servers on duty for tasks of a priority; `None` is without limit.
    pub(super) fn servers(&mut self, actor: ActorId, priority: Priority) -> Option<u32> {
        let model = self.model;
        self.desk(actor).servers(model, priority)
    }

    fn has_free_server(&mut self, actor: ActorId, priority: Priority) -> bool {
        let model = self.model;
        let desk = self.desk(actor);
        desk.servers(model, priority).is_none_or(|n| (desk.serving.len() as u32) < n)
    }

    /// Starts as many waiting tasks as there are servers; harmless when nothing can start.
    pub(super) fn start_service(&mut self, actor: ActorId) {
        let model = self.model;
        let may_interrupt = self.plain.interrupts || model.actors[actor.index()].preemptive;
        loop {
            let mut desk = self.access.desk(&mut self.world, actor);
            if desk.is_full() && !may_interrupt {
                return;
            }
            let Some(&first) = desk.waiting.front() else { return };
            let Task { priority, interrupts, .. } = *self.tasks.get(first);
            let servers = desk.servers(model, priority);
            if servers.is_some_and(|n| desk.serving.len() as u32 >= n) {
                let interrupts = model.actors[actor.index()].preemptive || interrupts;
                if !(interrupts && servers != Some(0) && self.preempt_for(actor, priority)) {
                    return;
                }
                desk = self.access.desk(&mut self.world, actor);
            }
            desk.waiting.pop_front();
            desk.serving.push(first);
            self.serve(first);
        }
    }

    /// Interrupts the least urgent task begun last, if it is less urgent than `priority`.
    fn preempt_for(&mut self, actor: ActorId, priority: Priority) -> bool {
        let serving = self.desk(actor).serving.clone();
        let victim = serving.iter().copied().min_by_key(|&t| {
            let task = self.tasks.get(t);
            (task.priority, std::cmp::Reverse(task.arrival))
        });
        match victim {
            Some(victim) if self.tasks.get(victim).priority < priority => {
                self.suspend(victim);
                if self.model.actors[actor.index()].restarts {
                    let task = self.tasks.get_mut(victim);
                    task.remaining = task.total;
                }
                true
            }
            _ => false,
        }
    }

    fn serve(&mut self, id: u32) {
        let now = self.now;
        let task = self.tasks.get_mut(id);
        task.close_phase(now);
        task.waits = None;
        task.calls = false;
        task.started.get_or_insert(now);
        let (actor, remaining, then) = (task.actor, task.remaining, task.then);
        let patience = task.patience.take();
        if let Some(ticket) = patience {
            self.events.cancel(ticket);
        }
        if let Then::Attend { session, member } = then {
            self.attends(session, member, id);
        } else {
            let notice = Notice::ServiceEnds { task: id, actor };
            self.tasks.get_mut(id).ends = self.schedule(remaining, rank::ENDS, notice);
        }
    }

    /// Takes a task out of service and puts it back into the line.
    pub(super) fn suspend(&mut self, id: u32) {
        let now = self.now;
        let task = self.tasks.get_mut(id);
        let worked = now - task.since;
        task.close_phase(now);
        task.remaining = task.remaining.saturating_sub(worked);
        task.waits = Some(SpanKind::Queue);
        let (actor, ticket) = (task.actor, task.ends.take());
        if let Some(ticket) = ticket {
            self.events.cancel(ticket);
        }
        self.desk(actor).serving.retain(|t| *t != id);
        self.enqueue(id, false);
    }

    /// Service of a task ends: the server is released and what follows is done.
    pub(super) fn service_ends(&mut self, id: u32) {
        let done = self.finish(id);
        let &Task { actor, then, .. } = self.tasks.get(id);
        self.tasks.remove(id);
        self.follow(actor, then, done);
        self.start_service(actor);
        if self.desk(actor).is_plain() {
            return self.queue_changed(actor);
        }
        self.dismiss_called(actor);
        self.reclassify(actor);
    }

    /// Closes a task in service and records it.
    fn finish(&mut self, id: u32) -> RecordId {
        let now = self.now;
        let task = &mut self.tasks.slab[id as usize];
        let spans = task.spans(now);
        let (actor, work, cause) = (task.actor, task.work, task.cause);
        let started = task.started.unwrap_or(now);
        if let Some(ticket) = task.expires.take() {
            self.events.cancel(ticket);
        }
        self.access.desk(&mut self.world, actor).serving.retain(|t| *t != id);
        let event = Event::TaskDone { work, started };
        self.trace.push(now, Subject::Actor(actor), event, &[cause], &spans)
    }

    fn follow(&mut self, actor: ActorId, then: Then, done: RecordId) {
        match then {
            Then::Run(run) => self.task_of_run_done(run, done),
            Then::Find { run, finding } => self.found(run, finding, done),
            Then::Write { run, product } => self.written(run, product, done),
            Then::Read(matter) => self.read(actor, matter, done),
            Then::Position { session, member } => self.position_done(session, member, done),
            Then::Attend { .. } => {}
        }
    }

    /// A task is lost: rules are told, and its run ends there.
    fn task_lost(&mut self, actor: ActorId, work: WorkKind, then: Then, lost: RecordId, gave_up: bool) {
        if let WorkKind::Task(task) = work {
            let matter = self.matter_of(then);
            self.tell_lost(actor, task, gave_up, matter, lost);
        }
        self.given_up_on(then);
    }

    /// What a task is about.
    pub(super) fn matter_of(&self, then: Then) -> Matter {
        match then {
            Then::Run(run) | Then::Find { run, .. } | Then::Write { run, .. } => self.runs.get(run).matter,
            Then::Read(matter) => matter,
            Then::Position { .. } | Then::Attend { .. } => Matter::default(),
        }
    }

    /// What follows when a task is lost: its run ends there.
    fn given_up_on(&mut self, then: Then) {
        match then {
            Then::Run(run) | Then::Find { run, .. } | Then::Write { run, .. } => self.run_lost(run),
            Then::Read(_) => {}
            Then::Position { session, member } | Then::Attend { session, member } => {
                self.member_lost(session, member);
            }
        }
    }

    /// A waiting task gives up.
    pub(super) fn patience_ends(&mut self, id: u32) {
        let now = self.now;
        let task = self.tasks.get_mut(id);
        let (actor, work, cause, then) = (task.actor, task.work, task.cause, task.then);
        let spans = task.spans(now);
        let (ends, patience, expires) = (task.ends.take(), task.patience.take(), task.expires.take());
        for ticket in [ends, patience, expires].into_iter().flatten() {
            self.events.cancel(ticket);
        }
        let mut desk = self.desk(actor);
        let served = desk.serving.contains(&id);
        desk.serving.retain(|t| *t != id);
        desk.waiting.retain(|t| *t != id);
        self.tasks.remove(id);
        let event = Event::TaskLost { work, reneged: true };
        let lost = self.record(Subject::Actor(actor), event, &[cause], &spans);
        self.task_lost(actor, work, then, lost, true);
        if served {
            self.start_service(actor);
            self.dismiss_called(actor);
        }
        self.reclassify(actor);
    }

    /// A task that is not done in its time is dropped, waiting or not.
    pub(super) fn task_expires(&mut self, id: u32) {
        self.tasks.get_mut(id).expires = None;
        self.patience_ends(id);
    }

    /// Takes tasks away, whatever their phase, and tells so; their servers turn to what waits.
    pub(super) fn withdraw_all(&mut self, tasks: &[u32]) {
        let mut actors: SmallVec<[ActorId; 4]> = SmallVec::new();
        for &id in tasks {
            let now = self.now;
            let task = self.tasks.get_mut(id);
            if !task.alive {
                continue;
            }
            let (actor, work, started, cause) = (task.actor, task.work, task.started, task.cause);
            let spans = task.spans(now);
            let tickets = [task.ends.take(), task.patience.take(), task.expires.take()];
            for ticket in tickets.into_iter().flatten() {
                self.events.cancel(ticket);
            }
            let mut desk = self.desk(actor);
            desk.serving.retain(|t| *t != id);
            desk.waiting.retain(|t| *t != id);
            self.tasks.remove(id);
            self.record(Subject::Actor(actor), Event::Withdrawn { work, started }, &[cause], &spans);
            if !actors.contains(&actor) {
                actors.push(actor);
            }
        }
        for actor in actors {
            self.start_service(actor);
            self.dismiss_called(actor);
            self.reclassify(actor);
        }
    }

    /// Tasks that read a product for a case.
    pub(super) fn readings_of(&mut self, case: RecordId) -> Vec<u32> {
        let of_case = |task: &Task| matches!(task.then, Then::Read(matter) if matter.case == case);
        let all = self.tasks.slab.iter().enumerate();
        all.filter(|(_, task)| task.alive && of_case(task)).map(|(id, _)| id as u32).collect()
    }

    /// Takes a task away, whatever its phase; nothing follows from it.
    pub(super) fn withdraw(&mut self, id: u32) {
        let task = self.tasks.get_mut(id);
        if !task.alive {
            return;
        }
        let (actor, ends, patience) = (task.actor, task.ends.take(), task.patience.take());
        let expires = task.expires.take();
        for ticket in [ends, patience, expires].into_iter().flatten() {
            self.events.cancel(ticket);
        }
        let mut desk = self.desk(actor);
        desk.serving.retain(|t| *t != id);
        desk.waiting.retain(|t| *t != id);
        self.tasks.remove(id);
        self.start_service(actor);
        self.dismiss_called(actor);
        self.reclassify(actor);
    }

    /// Splits the waiting of tasks where its kind changes.
    pub(super) fn reclassify(&mut self, actor: ActorId) {
        self.split_waiting(actor);
        self.queue_changed(actor);
    }

    fn split_waiting(&mut self, actor: ActorId) {
        let (model, now) = (self.model, self.now);
        let mut desk = self.access.desk(&mut self.world, actor);
        if !desk.odd && desk.on_duty() != Some(0) {
            return;
        }
        let down = desk.down > 0;
        desk.odd = false;
        for i in 0..desk.waiting.len() {
            let id = desk.waiting[i];
            let task = self.tasks.get(id);
            let (priority, calls, current) = (task.priority, task.calls, task.waits);
            let kind = if down {
                SpanKind::Outage
            } else if desk.servers(model, priority).is_none_or(|n| n > 0) {
                SpanKind::Queue
            } else if calls {
                SpanKind::CallOut
            } else {
                SpanKind::OffDuty
            };
            desk.odd |= kind != SpanKind::Queue;
            if current != Some(kind) {
                let task = self.tasks.get_mut(id);
                task.close_phase(now);
                task.waits = Some(kind);
            }
        }
    }

    /// Tells of the tasks that are still there when the run ends.
    pub(super) fn tell_unfinished(&mut self) {
        for i in 0..self.model.actors.len() {
            let actor = ActorId::from_index(i);
            let desk = self.desk(actor);
            let open: Vec<u32> = desk.serving.iter().chain(desk.waiting.iter()).copied().collect();
            for id in open {
                let task = self.tasks.get(id);
                let (work, started, cause) = (task.work, task.started, task.cause);
                let spans = task.spans(self.now);
                let event = Event::Unfinished { work, started };
                self.record(Subject::Actor(actor), event, &[cause], &spans);
            }
        }
    }
}
