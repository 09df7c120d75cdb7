//! Cases: branches of a sequence and their join, what is handed over, opened, withdrawn and closed.
//!
//! A sequence with branches goes on when as many are done as it needs; in a race what the others still do is
//! withdrawn. A run that waits for a meeting cannot be taken out of it: it ends when the meeting does.

use std::collections::HashSet;

use smallvec::SmallVec;

use super::action::{Frame, Goes, Hold, Run};
use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{Action, ActorId, Leaf, RotaId, RuleId, Sel, SiteId, Until};
use crate::time::{DeadlineContext, SimTime};
use crate::trace::{Event, RecordId, Subject};

/// Bit of the number of a leaf that stands in what cancels a rule.
pub(super) const CANCELS: u16 = 1 << 15;

/// Which cases are closed.
#[derive(Debug, Default)]
pub(super) struct Cases {
    closed: HashSet<RecordId>,
}

impl Cases {
    pub(super) fn reset(&mut self) {
        self.closed.clear();
    }

    /// Whether a case is closed. What the start set off is never closed.
    pub(super) fn is_closed(&self, case: RecordId) -> bool {
        !self.closed.is_empty() && self.closed.contains(&case)
    }
}

impl<'m> Simulation<'m> {
    /// Begins the branches of a run, of which so many must be done before it goes on.
    pub(super) fn branch(&mut self, id: u32, branches: &'m [Vec<Action>], needed: u32) -> Goes {
        let actor = self.runs.get(id).actor;
        let branches: SmallVec<[(ActorId, &'m [Action]); 4]> =
            branches.iter().map(|b| (actor, b.as_slice())).collect();
        self.begin_branches(id, &branches, needed)
    }

    /// Other actors take the matter over.
    pub(super) fn hand(&mut self, id: u32, to: &'m Sel, then: &'m [Action]) -> Goes {
        let &Run { actor, matter, .. } = self.runs.get(id);
        let actors = self.turned_to(to, actor, &matter);
        let branches: Vec<(ActorId, &'m [Action])> = actors.into_iter().map(|a| (a, then)).collect();
        self.begin_branches(id, &branches, branches.len() as u32)
    }

    fn begin_branches(&mut self, id: u32, branches: &[(ActorId, &'m [Action])], needed: u32) -> Goes {
        if branches.is_empty() {
            return Goes::On;
        }
        let run = self.runs.get_mut(id);
        run.pending = branches.len() as u32;
        run.needed = needed;
        run.ends.clear();
        run.hold = Hold::Branches;
        let template = self.runs.get(id).clone();
        let mut begun: SmallVec<[(u32, u64); 4]> = SmallVec::new();
        for &(actor, actions) in branches {
            let frames = SmallVec::from_slice(&[Frame::new(actions)]);
            let child = Run {
                actor,
                frames,
                parent: Some(id),
                pending: 0,
                held: SmallVec::new(),
                ..template.clone()
            };
            let child = self.runs.insert(child);
            begun.push((child, self.runs.get(child).serial));
        }
        for (child, serial) in begun {
            // An earlier branch may have won the race at once.
            if self.runs.is(child, serial) {
                self.advance(child);
            }
        }
        Goes::Waits
    }

    /// A branch of a run is done.
    pub(super) fn branch_ends(&mut self, id: u32, cause: RecordId) {
        let run = self.runs.get_mut(id);
        run.pending -= 1;
        run.ends.push(cause);
        if run.ends.len() < run.needed as usize {
            if run.pending == 0 {
                self.run_lost(id);
            }
            return;
        }
        let &Run { actor, rule, .. } = self.runs.get(id);
        let mut causes: SmallVec<[RecordId; 4]> = SmallVec::new();
        for &end in self.runs.get(id).ends.iter().rev() {
            if !causes.contains(&end) {
                causes.push(end);
            }
        }
        if self.runs.get(id).pending > 0 {
            let losers = self.runs.under_way(|r| r.parent == Some(id));
            self.withdraw_runs(&losers);
        }
        let joined = self.record(Subject::Actor(actor), Event::Joined(rule), &causes, &[]);
        self.runs.get_mut(id).cause = joined;
        self.advance(id);
    }

    /// The work of a run is lost: it ends, and what needs it waits for other branches or ends too.
    pub(super) fn run_lost(&mut self, id: u32) {
        let parent = self.runs.get(id).parent;
        self.runs.drop_run(id);
        if let Some(parent) = parent {
            let run = self.runs.get_mut(parent);
            run.pending -= 1;
            if run.pending == 0 {
                self.run_lost(parent);
            }
        }
    }

    /// Withdraws runs with all that they wait for.
    fn withdraw_runs(&mut self, runs: &[u32]) {
        let mut tasks = Vec::new();
        for &id in runs {
            self.collect_tasks(id, &mut tasks);
        }
        self.withdraw_all(&tasks);
    }

    /// Ends a run and its branches; their tasks are left to the caller.
    fn collect_tasks(&mut self, id: u32, tasks: &mut Vec<u32>) {
        if !self.runs.get(id).alive {
            return;
        }
        match self.runs.get(id).hold {
            Hold::Task(task) => tasks.push(task),
            Hold::Wait(ticket) => {
                if let Some(ticket) = ticket {
                    self.events.cancel(ticket);
                }
            }
            Hold::Branches => {
                for child in self.runs.under_way(|r| r.parent == Some(id)) {
                    self.collect_tasks(child, tasks);
                }
            }
            Hold::Meeting => {
                let run = self.runs.get_mut(id);
                run.frames.clear();
                run.parent = None;
                return;
            }
            Hold::Pool(pool, number) => self.forget_request(pool, number),
            Hold::Nothing => {}
        }
        self.runs.drop_run(id);
        self.give_back_held(id);
    }

    /// Closes the case of a run: all that is still done for it is withdrawn.
    pub(super) fn finish_case(&mut self, id: u32) {
        let &Run { actor, rule, matter, cause, .. } = self.runs.get(id);
        let case = matter.case;
        let finished = self.record(Subject::Actor(actor), Event::Finished(rule), &[cause], &[]);
        if case == 0 {
            // What the start set off has no case to close: the sequence ends.
            let mut first = id;
            while let Some(parent) = self.runs.get(first).parent {
                first = parent;
            }
            self.withdraw_runs(&[first]);
        } else {
            self.cases.closed.insert(case);
            let runs = self.runs.under_way(|r| r.matter.case == case);
            let mut tasks = self.readings_of(case);
            for &run in &runs {
                self.collect_tasks(run, &mut tasks);
            }
            self.withdraw_all(&tasks);
        }
        // What the end of a case sets off is a case of its own.
        self.tell_finished(actor, Matter { case: finished, ..matter }, finished);
    }

    /// Withdraws what a rule still does for an actor: of this case, or else of this incident and state.
    pub(super) fn cancel_runs(&mut self, rule: RuleId, actor: ActorId, matter: &Matter, of_case: bool) {
        let mine = self.runs.under_way(|r| r.rule == rule && r.parent.is_none() && r.actor == actor);
        let same_case: Vec<u32> = mine
            .iter()
            .copied()
            .filter(|&r| of_case && self.runs.get(r).matter.case == matter.case)
            .collect();
        let runs = if same_case.is_empty() {
            let meets = |a: Option<usize>, b: Option<usize>| a.is_none() || b.is_none() || a == b;
            mine.into_iter()
                .filter(|&r| {
                    let of = &self.runs.get(r).matter;
                    meets(of.incident.map(|i| i.index()), matter.incident.map(|i| i.index()))
                        && meets(of.state.map(|s| s.index()), matter.state.map(|s| s.index()))
                })
                .collect()
        } else {
            same_case
        };
        self.withdraw_runs(&runs);
    }

    /// Opens cases of a rule.
    pub(super) fn open_cases(
        &mut self,
        rule: RuleId,
        count: Option<SiteId>,
        actor: ActorId,
        matter: Matter,
        cause: RecordId,
    ) {
        let model = self.model;
        let n = count.map_or(1, |site| {
            let (who, state) = (Drawer::Actor(actor), model.actors[actor.index()].state);
            let instance = self.instance_of(&matter);
            whole(self.draw(who, state, site, instance))
        });
        let members = &model.sets[model.rules[rule.index()].actors.index()];
        let own = [actor];
        let at: &[ActorId] = if members.has(actor) { &own } else { &members.members };
        let leaves = model.rules[rule.index()].trigger.leaves.iter();
        let Some(leaf) = leaves.clone().position(|l| matches!(l, Leaf::Opened)) else { return };
        for _ in 0..n {
            if self.is_stopped() {
                return;
            }
            for &actor in at {
                let root = self.record(Subject::Actor(actor), Event::Arrival(rule), &[cause], &[]);
                let class = Some(model.rules[rule.index()].class);
                self.set_off(rule, leaf as u16, actor, Matter { case: root, class, ..matter }, &[root]);
            }
        }
    }

    /// Waits for an instant, if it lies ahead.
    pub(super) fn wait_until(&mut self, id: u32, until: &Until) -> Goes {
        let at = self.instant_of(id, until);
        if at.is_some_and(|at| at <= self.now) {
            return Goes::On;
        }
        let ticket = at.map(|at| self.schedule_at(at, rank::BEGINS, Notice::WaitEnds(id)));
        let run = self.runs.get_mut(id);
        run.waits_since = self.now;
        run.hold = Hold::Wait(ticket);
        Goes::Waits
    }

    /// When a wait is over; none: not as far as calendars are laid out.
    fn instant_of(&mut self, id: u32, until: &Until) -> Option<SimTime> {
        let model = self.model;
        let &Run { actor, matter, .. } = self.runs.get(id);
        let who = &model.actors[actor.index()];
        let now = self.now;
        let own = self.desk(actor).rota;
        let profile = |rota: Option<RotaId>| rota.map(|r| &model.rotas[r.index()].profile);
        let opens = |rota| profile(rota).map_or(Some(now), |p| p.next_open(now));
        match until {
            Until::Instant(at) => Some(*at),
            Until::Clock(times) => model.meta.epoch.next_clock(now, &who.zone, times),
            Until::Duty => opens(own),
            Until::Open(rotas) => opens(rotas[actor.index()]),
            Until::Working(site) | Until::WorkingBy(_, site) => {
                let instance = self.instance_of(&matter);
                let time = self.draw_duration(Drawer::Actor(actor), who.state, *site, instance);
                let rota = match until {
                    Until::WorkingBy(rotas, _) => rotas[actor.index()],
                    _ => own,
                };
                match profile(rota) {
                    Some(profile) => profile.work_end(now, time),
                    None => now.checked_add(time),
                }
            }
            Until::Deadline(deadline) => {
                let context = DeadlineContext {
                    epoch: model.meta.epoch,
                    zone: &who.zone,
                    holidays: &who.holidays,
                    profile: profile(own),
                };
                deadline.due(now, context).ok()
            }
        }
    }
}

/// A drawn number as a count.
pub(super) fn whole(x: f64) -> u32 {
    // Saturates; what is not a number is 0.
    libm::round(x) as u32
}
