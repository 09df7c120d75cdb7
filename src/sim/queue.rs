//! Service at an actor: the waiting line, its servers, and interruption.
//!
//! Phases of a task: waiting → in service ⇄ waiting again (duty ended, preempted, outage) → done | lost.
//! Told once: a 60 min task seizes a server at 17:00, is suspended at 17:30 when duty ends, resumes at 09:00 before
//! newcomers of its priority, and is done at 09:30.
//!
//! **Invariants:** a server serves at most one task; each seize has exactly one release; arrived = done + in
//! service + waiting + lost; the spans of a task cover the time from its arrival without a gap.

use std::collections::VecDeque;

use bevy_ecs::prelude::Component;
use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::draw::{Drawer, Instance};
use super::engine::Simulation;
use super::matter::Matter;
use super::task::{Manner, NewTask, Then};
use crate::model::{ActorId, Model, Order, Priority, RotaId, SiteId, StateId, TaskId, Work};
use crate::time::{Capacity, SimDuration, SimTime};
use crate::trace::{Event, RecordId, SpanKind, Subject, WorkKind};

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
        let id = self.tasks.insert(&new, self.now);
        if let Some(lives) = new.manner.lives {
            self.tasks.rare_mut(id).expires = self.schedule(lives, rank::ENDS, Notice::TaskExpires(id));
        }
        if let Some(patience) = new.manner.patience {
            self.tasks.rare_mut(id).patience = self.schedule(patience, rank::ENDS, Notice::PatienceEnds(id));
        }
        let mut desk = self.access.desk(&mut self.world, new.actor);
        if !desk.is_plain() {
            self.enqueue(id, new.actor, true);
            self.start_service(new.actor);
            self.call_out_if_needed(new.actor, id);
            self.reclassify(new.actor);
        } else if desk.waiting.is_empty() && !desk.is_full() {
            desk.serving.push(id);
            self.serve(id, new.actor);
        } else {
            let is_full = desk.is_full();
            // What waited before did not find a server, and finds none now.
            if self.enqueue(id, new.actor, true) || !is_full {
                self.start_service(new.actor);
            }
            self.queue_changed(new.actor);
        }
        Some(id)
    }

    /// Puts a task into the line; returns whether it is the first there.
    fn enqueue(&mut self, id: u32, actor: ActorId, is_new: bool) -> bool {
        let priority = self.tasks.progress(id).priority;
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
        let key = tasks.key(id, order);
        if desk.waiting.back().is_some_and(|&last| tasks.key(last, order) < key) {
            desk.waiting.push_back(id);
            return false;
        }
        let place = desk.waiting.partition_point(|&w| tasks.key(w, order) < key);
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
            let priority = self.tasks.progress(first).priority;
            let servers = desk.servers(model, priority);
            if servers.is_some_and(|n| desk.serving.len() as u32 >= n) {
                let of_its_own = self.tasks.rare(first).is_some_and(|rare| rare.interrupts);
                let interrupts = model.actors[actor.index()].preemptive || of_its_own;
                if !(interrupts && servers != Some(0) && self.preempt_for(actor, priority)) {
                    return;
                }
                desk = self.access.desk(&mut self.world, actor);
            }
            desk.waiting.pop_front();
            desk.serving.push(first);
            let no_more = desk.is_full() && !may_interrupt && !self.tasks.progress(first).attends();
            self.serve(first, actor);
            if no_more {
                return;
            }
        }
    }

    /// Interrupts the least urgent task begun last, if it is less urgent than `priority`.
    fn preempt_for(&mut self, actor: ActorId, priority: Priority) -> bool {
        let serving = self.desk(actor).serving.clone();
        let victim = serving.iter().copied().min_by_key(|&t| {
            (self.tasks.progress(t).priority, std::cmp::Reverse(self.tasks.get(t).arrival()))
        });
        match victim {
            Some(victim) if self.tasks.progress(victim).priority < priority => {
                self.suspend(victim);
                if self.model.actors[actor.index()].restarts {
                    self.tasks.progress_mut(victim).remaining = self.tasks.total(victim);
                }
                true
            }
            _ => false,
        }
    }

    fn serve(&mut self, id: u32, actor: ActorId) {
        self.tasks.close_phase(id, self.now);
        let task = self.tasks.progress_mut(id);
        task.waits = None;
        let (remaining, attends) = (task.remaining, task.attends());
        if let Some(rare) = self.tasks.rare_if_any(id) {
            rare.calls = false;
            if let Some(ticket) = rare.patience.take() {
                self.events.cancel(ticket);
            }
        }
        if attends {
            if let Then::Attend { session, member } = self.tasks.get(id).then {
                self.attends(session, member, id);
            }
            return;
        }
        let ends = self.schedule(remaining, rank::ENDS, Notice::ServiceEnds { task: id, actor });
        self.tasks.set_end(id, ends);
    }

    /// Takes a task out of service and puts it back into the line.
    pub(super) fn suspend(&mut self, id: u32) {
        self.tasks.interrupt(id, self.now);
        let actor = self.tasks.get(id).actor;
        if let Some(ticket) = self.tasks.take_end(id) {
            self.events.cancel(ticket);
        }
        self.desk(actor).serving.retain(|t| *t != id);
        self.enqueue(id, actor, false);
    }

    /// Service of a task ends: the server is released and what follows is done.
    pub(super) fn service_ends(&mut self, id: u32) {
        let (actor, then) = (self.tasks.get(id).actor, self.tasks.get(id).then);
        if let Then::Read(Matter { item: Some(hand), .. }) = then {
            self.trace.fetch_told(hand.item);
        }
        let done = self.finish(id);
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
        let spans = self.tasks.spans(id, now);
        let started = self.tasks.started(id).unwrap_or(now);
        let task = self.tasks.get(id);
        let (actor, work, cause) = (task.actor, task.work, task.cause);
        if let Some(ticket) = self.tasks.rare_if_any(id).and_then(|rare| rare.expires.take()) {
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
        let task = self.tasks.get(id);
        let (actor, work, cause, then) = (task.actor, task.work, task.cause, task.then);
        let spans = self.tasks.spans(id, self.now);
        let served = self.desk(actor).serving.contains(&id);
        self.leaves(id);
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
        self.tasks.rare_mut(id).expires = None;
        self.patience_ends(id);
    }

    /// Takes tasks away, whatever their phase, and tells so; their servers turn to what waits.
    pub(super) fn withdraw_all(&mut self, tasks: &[u32]) {
        let mut actors: SmallVec<[ActorId; 4]> = SmallVec::new();
        for &id in tasks {
            let task = self.tasks.get(id);
            if !task.is_alive() {
                continue;
            }
            let (actor, work, cause) = (task.actor, task.work, task.cause);
            let (started, spans) = (self.tasks.started(id), self.tasks.spans(id, self.now));
            self.leaves(id);
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
        let of_case = |then: Then| matches!(then, Then::Read(matter) if matter.case == case);
        self.tasks.all().filter(|(_, task)| of_case(task.then)).map(|(id, _)| id).collect()
    }

    /// Takes a task away, whatever its phase; nothing follows from it.
    pub(super) fn withdraw(&mut self, id: u32) {
        if !self.tasks.get(id).is_alive() {
            return;
        }
        let actor = self.tasks.get(id).actor;
        self.leaves(id);
        self.start_service(actor);
        self.dismiss_called(actor);
        self.reclassify(actor);
    }

    /// Takes a task off its desk and off the event list.
    fn leaves(&mut self, id: u32) {
        for ticket in self.tasks.take_tickets(id) {
            self.events.cancel(ticket);
        }
        let mut desk = self.desk(self.tasks.get(id).actor);
        desk.serving.retain(|t| *t != id);
        desk.waiting.retain(|t| *t != id);
        self.tasks.remove(id);
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
            let (priority, current) = (self.tasks.progress(id).priority, self.tasks.progress(id).waits);
            let kind = if down {
                SpanKind::Outage
            } else if desk.servers(model, priority).is_none_or(|n| n > 0) {
                SpanKind::Queue
            } else if self.tasks.rare(id).is_some_and(|rare| rare.calls) {
                SpanKind::CallOut
            } else {
                SpanKind::OffDuty
            };
            desk.odd |= kind != SpanKind::Queue;
            if current != Some(kind) {
                self.tasks.close_phase(id, now);
                self.tasks.progress_mut(id).waits = Some(kind);
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
                let (work, cause) = (task.work, task.cause);
                let (started, spans) = (self.tasks.started(id), self.tasks.spans(id, self.now));
                let event = Event::Unfinished { work, started };
                self.record(Subject::Actor(actor), event, &[cause], &spans);
            }
        }
    }
}
