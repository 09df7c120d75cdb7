//! Duty: the rota of an actor, calling staff in, absence and outages.
//!
//! An actor's changes of duty are on the event list only while it has tasks. When duty ends, work in progress
//! waits and resumes, or overruns, as the calendar says; shifts that shrink suspend the task begun last.

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use crate::model::ActorId;
use crate::time::{Capacity, SimDuration};

impl Simulation<'_> {
    /// Whether anybody of an actor is on duty now, by its rota.
    pub(super) fn is_on_duty(&self, actor: ActorId) -> bool {
        let desk = self.desk_as_it_is(actor);
        if desk.down > 0 || desk.staff == Some(0) {
            return false;
        }
        desk.rota.is_none_or(|r| self.model.rotas[r.index()].profile.capacity_at(self.now).is_open())
    }

    /// Brings an actor's duty up to now and makes sure that its next change will be seen.
    pub(super) fn refresh_duty(&mut self, actor: ActorId) {
        let now = self.now;
        let model = self.model;
        let desk = self.desk(actor);
        let Some(rota) = desk.rota else { return };
        if desk.change_pending {
            return;
        }
        let profile = &model.rotas[rota.index()].profile;
        let duty = profile.capacity_at(now);
        let next = profile.next_change_after(now);
        let mut desk = self.desk(actor);
        desk.duty = Some(duty);
        if duty.is_open() {
            desk.called = 0;
        }
        if let Some((at, _)) = next {
            desk.change_pending = true;
            self.schedule_at(at, rank::CLOCK, Notice::DutyChanges(actor));
        }
    }

    /// The rota of an actor changes.
    pub(super) fn duty_changes(&mut self, actor: ActorId) {
        let now = self.now;
        let model = self.model;
        let mut desk = self.desk(actor);
        desk.change_pending = false;
        let Some(rota) = desk.rota else { return };
        let rota = &model.rotas[rota.index()];
        let duty = rota.profile.capacity_at(now);
        desk.duty = Some(duty);
        if duty.is_open() {
            desk.called = 0;
        }
        let idle = desk.serving.is_empty() && desk.waiting.is_empty();
        if !rota.overrun {
            self.suspend_surplus(actor);
        }
        self.start_service(actor);
        if duty == Capacity::Off {
            self.call_out_for_waiting(actor);
        }
        self.reclassify(actor);
        if !idle {
            self.refresh_duty(actor);
        }
    }

    /// Suspends tasks begun last until no more are in service than servers are on duty; whoever sits in a meeting
    /// stays until it ends.
    pub(super) fn suspend_surplus(&mut self, actor: ActorId) {
        loop {
            let serving = self.desk(actor).serving.clone();
            let attends = |task: &u32| self.tasks.progress(*task).attends();
            let Some(&last) = serving.iter().rev().find(|task| !attends(task)) else { return };
            let priority = self.tasks.progress(last).priority;
            match self.servers(actor, priority) {
                Some(n) if serving.len() as u32 > n => self.suspend(last),
                _ => return,
            }
        }
    }

    pub(super) fn call_out_for_waiting(&mut self, actor: ActorId) {
        let waiting: Vec<u32> = self.desk(actor).waiting.iter().copied().collect();
        for id in waiting {
            self.call_out_if_needed(actor, id);
        }
    }

    /// Calls staff in for a task that waits while nobody is on duty, if the calendar has staff on call.
    pub(super) fn call_out_if_needed(&mut self, actor: ActorId, id: u32) {
        let model = self.model;
        let desk = self.desk(actor);
        let Some(rota) = desk.rota else { return };
        let off = desk.duty == Some(Capacity::Off) && desk.down == 0;
        let (calling, called, waits) = (desk.calling, desk.called, desk.waiting.contains(&id));
        let Some(on_call) = &model.rotas[rota.index()].on_call else { return };
        let call_failed = self.tasks.rare(id).is_some_and(|rare| rare.call_failed);
        let priority = self.tasks.progress(id).priority;
        if !off || !waits || called > 0 || call_failed || priority < on_call.at_or_above {
            return;
        }
        if calling {
            self.tasks.rare_mut(id).calls = true;
            return;
        }
        let state = model.actors[actor.index()].state;
        let who = Drawer::Actor(actor);
        let fails = on_call.fails.is_some_and(|site| self.chance(who, state, site, 0));
        if fails {
            self.tasks.rare_mut(id).call_failed = true;
            return;
        }
        let delay = self.draw_duration(who, state, on_call.delay, 0);
        self.tasks.rare_mut(id).calls = true;
        self.desk(actor).calling = true;
        self.schedule(delay, rank::CLOCK, Notice::CallAnswered(actor));
    }

    /// Called staff arrives.
    pub(super) fn call_answered(&mut self, actor: ActorId) {
        let model = self.model;
        let mut desk = self.desk(actor);
        desk.calling = false;
        let waiting: Vec<u32> = desk.waiting.iter().copied().collect();
        if desk.duty == Some(Capacity::Off)
            && let Some(on_call) = desk.rota.and_then(|r| model.rotas[r.index()].on_call.as_ref())
        {
            desk.called = on_call.staff;
        }
        for id in waiting {
            if let Some(rare) = self.tasks.rare_if_any(id) {
                rare.calls = false;
            }
        }
        self.start_service(actor);
        self.dismiss_called(actor);
        self.reclassify(actor);
    }

    /// Called staff goes when no task that it serves is left.
    pub(super) fn dismiss_called(&mut self, actor: ActorId) {
        let model = self.model;
        let desk = self.desk(actor);
        if desk.called == 0 {
            return;
        }
        let Some(rota) = desk.rota else { return };
        let Some(on_call) = &model.rotas[rota.index()].on_call else { return };
        let open: Vec<u32> = desk.serving.iter().chain(desk.waiting.iter()).copied().collect();
        if !open.iter().any(|&t| self.tasks.progress(t).priority >= on_call.at_or_above) {
            self.desk(actor).called = 0;
        }
    }

    /// An actor goes down or lacks staff for a time.
    pub(super) fn actor_away(&mut self, actor: ActorId, absent: Option<u32>, lasts: SimDuration) {
        let mut desk = self.desk(actor);
        match absent {
            Some(n) => desk.absent = desk.absent.saturating_add(n),
            None => desk.down += 1,
        }
        self.suspend_surplus(actor);
        self.reclassify(actor);
        let absent = absent.unwrap_or(0);
        self.schedule(lasts, rank::CLOCK, Notice::ActorBack { actor, absent });
    }

    /// Staff of an actor changes: own staff leaves or is back, or guests come and go.
    pub(super) fn staff_changes(&mut self, actor: ActorId, staff: u32, more: bool, guests: bool) {
        let mut desk = self.desk(actor);
        // Own staff that is away counts as absent.
        let count = if guests { &mut desk.guests } else { &mut desk.absent };
        *count = if more == guests { count.saturating_add(staff) } else { count.saturating_sub(staff) };
        if more {
            self.start_service(actor);
            self.call_out_for_waiting(actor);
        } else {
            self.suspend_surplus(actor);
        }
        self.reclassify(actor);
    }

    /// An outage (no staff told) or an absence ends.
    pub(super) fn actor_back(&mut self, actor: ActorId, absent: u32) {
        let mut desk = self.desk(actor);
        if absent == 0 {
            desk.down = desk.down.saturating_sub(1);
        } else {
            desk.absent = desk.absent.saturating_sub(absent);
        }
        self.start_service(actor);
        self.call_out_for_waiting(actor);
        self.reclassify(actor);
    }
}
