//! Tasks that are not done.
//!
//! Many thousands may wait at once, and when the turn of one comes its memory has left the cache. So a task is a line
//! of memory and a half: what is to be done, asked for when it is done, and its progress, asked for when it begins. What
//! belongs to it only if it was interrupted, called for, may expire or gives up lies elsewhere.

use bevy_ecs::entity::Entity;
use prefetch_index::prefetch_index;
use smallvec::SmallVec;

use super::matter::Matter;
use crate::des::Ticket;
use crate::model::{ActorId, Finding, Order, Priority, ProductId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{RecordId, Span, SpanKind, Subject, WorkKind};

pub(super) type Spans = SmallVec<[Span; 4]>;

/// What a task is ordered by in its line, the first first.
pub(super) type Key = (std::cmp::Reverse<Priority>, u64, u32);

/// All tasks that are not done.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    slab: Vec<Task>,
    progress: Vec<Progress>,
    /// Of each task in service, its end.
    ends: Vec<Option<Ticket>>,
    free: Vec<u32>,
    rare: Vec<Rare>,
    free_rare: Vec<u32>,
    arrivals: u32,
}

/// What is to be done, and why: a line of memory.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Task {
    pub(super) then: Then,
    pub(super) actor: ActorId,
    pub(super) work: WorkKind,
    /// The record that set it off, at the time of its arrival.
    pub(super) cause: RecordId,
    /// Number of its arrival, which breaks ties of priority; 0 for a place that is free.
    arrival: u32,
}

/// How far a task has come: half a line.
#[derive(Debug, Clone)]
#[repr(align(32))]
pub(super) struct Progress {
    /// Work still to be done.
    pub(super) remaining: SimDuration,
    /// When it arrived.
    arrived: SimTime,
    /// Begin of the present phase.
    since: SimTime,
    /// Its place among what is rare, or [`NONE`]. Without one it has waited for a server alone until its present phase.
    rare: u32,
    pub(super) priority: Priority,
    /// What waiting is now; none while in service.
    pub(super) waits: Option<SpanKind>,
    /// It is attendance: its service ends when the session releases it.
    attends: bool,
}

const NONE: u32 = u32::MAX;

const _: () = assert!(size_of::<Task>() == 64 && size_of::<Progress>() == 32);

/// What few tasks have.
#[derive(Debug, Clone, Default)]
pub(super) struct Rare {
    /// All its work.
    total: SimDuration,
    /// Phases that are over, each with its end.
    phases: SmallVec<[(SpanKind, SimTime); 2]>,
    /// When service first began, if it was interrupted.
    started: Option<SimTime>,
    pub(super) expires: Option<Ticket>,
    pub(super) patience: Option<Ticket>,
    /// Interrupts less urgent work, whatever its actor does otherwise.
    pub(super) interrupts: bool,
    /// Staff was called for it and is not there.
    pub(super) calls: bool,
    /// The call for it was not answered.
    pub(super) call_failed: bool,
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
        self.progress.clear();
        self.ends.clear();
        self.free.clear();
        self.rare.clear();
        self.free_rare.clear();
        self.arrivals = 0;
    }

    pub(super) fn get(&self, id: u32) -> &Task {
        &self.slab[id as usize]
    }

    pub(super) fn progress(&self, id: u32) -> &Progress {
        &self.progress[id as usize]
    }

    pub(super) fn progress_mut(&mut self, id: u32) -> &mut Progress {
        &mut self.progress[id as usize]
    }

    /// Asks memory for a task that will be done soon.
    #[inline]
    pub(super) fn fetch(&self, id: u32) {
        prefetch_index(&self.slab, id as usize);
        self.fetch_progress(id);
    }

    /// Asks memory for a task that will begin soon.
    #[inline]
    pub(super) fn fetch_progress(&self, id: u32) {
        prefetch_index(&self.progress, id as usize);
    }

    /// Product instances that are being read.
    pub(super) fn items(&self) -> impl Iterator<Item = u32> {
        self.all().filter_map(|(_, task)| match task.then {
            Then::Read(matter) => matter.item.map(|i| i.item),
            _ => None,
        })
    }

    /// All tasks with their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Task)> {
        let all = self.slab.iter().enumerate().map(|(id, task)| (id as u32, task));
        all.filter(|(_, task)| task.is_alive())
    }

    /// Tasks that are neither done nor lost.
    pub(super) fn alive(&self) -> u64 {
        self.slab.len().saturating_sub(self.free.len()) as u64
    }

    /// A task has arrived: it waits for a server.
    pub(super) fn insert(&mut self, new: &NewTask, now: SimTime) -> u32 {
        self.arrivals = self.arrivals.saturating_add(1);
        let task = Task {
            then: new.then,
            actor: new.actor,
            work: new.work,
            cause: new.cause,
            arrival: self.arrivals,
        };
        let progress = Progress {
            remaining: new.duration,
            arrived: now,
            since: now,
            rare: NONE,
            priority: new.priority,
            waits: Some(SpanKind::Queue),
            attends: matches!(new.then, Then::Attend { .. }),
        };
        let id = match self.free.pop() {
            Some(id) => {
                self.slab[id as usize] = task;
                self.progress[id as usize] = progress;
                id
            }
            None => {
                self.slab.push(task);
                self.progress.push(progress);
                self.ends.push(None);
                (self.slab.len() - 1) as u32
            }
        };
        if new.manner.interrupts {
            self.rare_mut(id).interrupts = true;
        }
        id
    }

    /// A task is over.
    pub(super) fn remove(&mut self, id: u32) {
        self.slab[id as usize].arrival = 0;
        let rare = std::mem::replace(&mut self.progress[id as usize].rare, NONE);
        if rare != NONE {
            self.free_rare.push(rare);
        }
        self.free.push(id);
    }

    /// What is rare about a task, if anything is.
    pub(super) fn rare(&self, id: u32) -> Option<&Rare> {
        self.rare.get(self.progress[id as usize].rare as usize)
    }

    /// The same, to be changed.
    pub(super) fn rare_if_any(&mut self, id: u32) -> Option<&mut Rare> {
        self.rare.get_mut(self.progress[id as usize].rare as usize)
    }

    /// What is rare about a task, from now on if not before.
    pub(super) fn rare_mut(&mut self, id: u32) -> &mut Rare {
        let task = &mut self.progress[id as usize];
        if task.rare == NONE {
            let new = Rare { total: task.remaining, phases: task.phases_alone(), ..Rare::default() };
            task.rare = match self.free_rare.pop() {
                Some(place) => {
                    self.rare[place as usize] = new;
                    place
                }
                None => {
                    self.rare.push(new);
                    (self.rare.len() - 1) as u32
                }
            };
        }
        &mut self.rare[task.rare as usize]
    }

    /// Notes when the service of a task ends.
    pub(super) fn set_end(&mut self, id: u32, ticket: Option<Ticket>) {
        self.ends[id as usize] = ticket;
    }

    /// Takes what is on the event list about the service of a task that is interrupted.
    pub(super) fn take_end(&mut self, id: u32) -> Option<Ticket> {
        self.ends[id as usize].take()
    }

    /// Takes everything that is on the event list about a task.
    pub(super) fn take_tickets(&mut self, id: u32) -> impl Iterator<Item = Ticket> + use<> {
        let in_service = self.progress(id).waits.is_none();
        let ends = self.ends[id as usize].take().filter(|_| in_service);
        let rare = self.rare_if_any(id);
        let (patience, expires) = rare.map_or((None, None), |r| (r.patience.take(), r.expires.take()));
        [ends, patience, expires].into_iter().flatten()
    }

    /// Ends the present phase of a task at `now`.
    pub(super) fn close_phase(&mut self, id: u32, now: SimTime) {
        let task = &self.progress[id as usize];
        if task.since < now {
            let kind = task.waits.unwrap_or(SpanKind::Work);
            let is_plain = task.rare == NONE && kind == SpanKind::Queue && task.since == task.arrived;
            if !is_plain {
                let phases = &mut self.rare_mut(id).phases;
                match phases.last_mut() {
                    Some(last) if last.0 == kind => last.1 = now,
                    _ => phases.push((kind, now)),
                }
            }
        }
        self.progress[id as usize].since = now;
    }

    /// Takes a task out of service at `now`.
    pub(super) fn interrupt(&mut self, id: u32, now: SimTime) {
        let started = self.started(id);
        let worked = now - self.progress(id).since;
        self.rare_mut(id).started = started;
        self.close_phase(id, now);
        let task = self.progress_mut(id);
        task.remaining = task.remaining.saturating_sub(worked);
        task.waits = Some(SpanKind::Queue);
    }

    /// When service of a task first began, if it did.
    pub(super) fn started(&self, id: u32) -> Option<SimTime> {
        let task = self.progress(id);
        let first = self.rare(id).and_then(|rare| rare.started);
        first.or_else(|| task.waits.is_none().then_some(task.since))
    }

    /// All the work of a task, done or not.
    pub(super) fn total(&self, id: u32) -> SimDuration {
        self.rare(id).map_or(self.progress(id).remaining, |rare| rare.total)
    }

    /// What the time of a task was spent on up to `now`.
    pub(super) fn spans(&self, id: u32, now: SimTime) -> Spans {
        let task = self.progress(id);
        let who = Subject::Actor(self.get(id).actor);
        let alone = task.phases_alone();
        let phases = self.rare(id).map_or(&alone, |rare| &rare.phases);
        let mut from = task.arrived;
        let mut spans = Spans::new();
        let present = (task.waits.unwrap_or(SpanKind::Work), now);
        for &(kind, to) in phases.iter().chain((task.since < now).then_some(&present)) {
            match spans.last_mut() {
                Some(last) if last.kind == kind => last.to = to,
                _ => spans.push(Span { kind, who, from, to }),
            }
            from = to;
        }
        spans
    }

    /// What a task is ordered by.
    pub(super) fn key(&self, id: u32, order: Order) -> Key {
        let arrival = self.get(id).arrival;
        let rank = match order {
            Order::Arrival => 0,
            Order::LastFirst => u64::MAX - u64::from(arrival),
            Order::ShortestFirst => self.total(id).as_micros(),
        };
        (std::cmp::Reverse(self.progress(id).priority), rank, arrival)
    }
}

impl Task {
    /// Whether it is neither done nor lost.
    pub(super) fn is_alive(&self) -> bool {
        self.arrival != 0
    }

    /// Number of its arrival.
    pub(super) fn arrival(&self) -> u32 {
        self.arrival
    }
}

impl Progress {
    /// Whether it is attendance, which ends when the session releases it.
    pub(super) fn attends(&self) -> bool {
        self.attends
    }

    /// The phases that are over, of a task without anything rare: it has waited for a server.
    fn phases_alone(&self) -> SmallVec<[(SpanKind, SimTime); 2]> {
        (self.arrived < self.since).then_some((SpanKind::Queue, self.since)).into_iter().collect()
    }
}
