//! Pools, and staff that moves: drawn from, waited for, returned to; lent with travel.
//!
//! Requests wait by priority, then in order; the first that does not fit keeps those behind it waiting, so that a
//! large request is not passed over for ever. Borrowed staff keeps the hours of the actor that borrows.

use std::collections::VecDeque;

use super::action::{Frame, Goes, Hold, Run};
use super::agenda::{Notice, rank};
use super::case::whole;
use super::draw::Drawer;
use super::engine::Simulation;
use crate::des::Ticket;
use crate::model::{Action, ActorId, Lend, Lender, Model, PoolId, Priority, SiteId, Take};
use crate::time::SimDuration;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// The stocks, and who waits for them.
#[derive(Debug, Default)]
pub(super) struct Pools {
    stock: Vec<f64>,
    waiting: Vec<VecDeque<Request>>,
    requests: u64,
    moves: Vec<Move>,
}

/// A run that waits for a pool.
#[derive(Debug, Clone, Copy)]
struct Request {
    number: u64,
    run: u32,
    amount: f64,
    priority: Priority,
    patience: Option<Ticket>,
}

/// Staff on its way.
#[derive(Debug, Clone, Copy)]
struct Move {
    /// Who gains (or loses, below 0) so many borrowed servers.
    to: ActorId,
    by: i32,
    /// An actor whose own staff is back then; a pool that has them again.
    home: Option<Home>,
    cause: RecordId,
}

/// Where lent staff belongs.
#[derive(Debug, Clone, Copy)]
enum Home {
    Actor(ActorId),
    Pool(PoolId),
}

impl Pools {
    pub(super) fn reset(&mut self, model: &Model) {
        self.stock.clear();
        self.stock.extend(model.pools.iter().map(|p| p.stock));
        self.waiting.resize_with(model.pools.len(), VecDeque::new);
        self.waiting.iter_mut().for_each(VecDeque::clear);
        self.requests = 0;
        self.moves.clear();
    }

    /// What is there.
    pub(super) fn stock(&self, pool: PoolId) -> f64 {
        self.stock[pool.index()]
    }
}

impl<'m> Simulation<'m> {
    /// A plain number drawn by an actor; 1 without a parameter.
    fn amount(&mut self, run: u32, site: Option<SiteId>) -> f64 {
        let Some(site) = site else { return 1.0 };
        let &Run { actor, matter, .. } = self.runs.get(run);
        let state = self.model.actors[actor.index()].state;
        let instance = self.instance_of(&matter);
        self.draw(Drawer::Actor(actor), state, site, instance)
    }

    /// A run takes from a pool, or waits for it.
    pub(super) fn take(&mut self, id: u32, take: &'m Take) -> Goes {
        let amount = self.amount(id, take.amount);
        let p = take.pool.index();
        let first = self.pools.waiting[p].iter().all(|r| r.priority < take.priority);
        if first && self.pools.stock[p] >= amount {
            self.taken(id, take.pool, amount);
            return Goes::On;
        }
        let &Run { actor, matter, .. } = self.runs.get(id);
        let number = self.pools.requests;
        self.pools.requests += 1;
        let patience = take.patience.and_then(|site| {
            let state = self.model.actors[actor.index()].state;
            let instance = self.instance_of(&matter);
            let lasts = self.draw_duration(Drawer::Actor(actor), state, site, instance);
            self.schedule(lasts, rank::ENDS, Notice::RequestEnds { pool: take.pool, number })
        });
        let request = Request { number, run: id, amount, priority: take.priority, patience };
        let place = self.pools.waiting[p].partition_point(|r| r.priority >= take.priority);
        self.pools.waiting[p].insert(place, request);
        self.runs.get_mut(id).hold = Hold::Pool(take.pool, number);
        Goes::Waits
    }

    /// A run gets what it wanted of a pool.
    fn taken(&mut self, id: u32, pool: PoolId, amount: f64) {
        let before = self.pools.stock[pool.index()];
        let left = before - amount;
        self.pools.stock[pool.index()] = left;
        let &Run { actor, cause, .. } = self.runs.get(id);
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Queue, who, from: self.time_of(cause), to: self.now };
        let took = self.record(who, Event::Took { pool, amount, left }, &[cause], &[span]);
        let run = self.runs.get_mut(id);
        run.cause = took;
        match run.held.iter_mut().find(|held| held.0 == pool) {
            Some(held) => held.1 += amount,
            None => run.held.push((pool, amount)),
        }
        self.stock_fell(pool, before, left, took);
    }

    /// A run gives to a pool.
    pub(super) fn give_back(&mut self, id: u32, pool: PoolId, amount: Option<SiteId>) {
        let amount = self.amount(id, amount);
        let &Run { actor, cause, .. } = self.runs.get(id);
        if let Some(held) = self.runs.get_mut(id).held.iter_mut().find(|held| held.0 == pool) {
            held.1 -= amount;
        }
        self.put_back(pool, amount, actor, cause);
    }

    /// A run that is withdrawn gives back what it holds.
    pub(super) fn give_back_held(&mut self, id: u32) {
        let run = self.runs.get_mut(id);
        let (actor, held) = (run.actor, std::mem::take(&mut run.held));
        for (pool, amount) in held.into_iter().filter(|held| held.1 > 0.0) {
            let last = self.trace.n_records() - 1;
            self.put_back(pool, amount, actor, last);
        }
    }

    /// A pool has more again; those who wait for it get their share. The cause may lie back.
    fn put_back(&mut self, pool: PoolId, amount: f64, actor: ActorId, cause: RecordId) {
        let left = self.pools.stock[pool.index()] + amount;
        self.pools.stock[pool.index()] = left;
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Delay, who, from: self.time_of(cause), to: self.now };
        self.record(who, Event::GaveBack { pool, amount, left }, &[cause], &[span]);
        loop {
            let stock = self.pools.stock[pool.index()];
            let next = self.pools.waiting[pool.index()].front().copied();
            let Some(request) = next.filter(|r| r.amount <= stock) else { return };
            self.pools.waiting[pool.index()].pop_front();
            if let Some(ticket) = request.patience {
                self.events.cancel(ticket);
            }
            self.taken(request.run, pool, request.amount);
            self.advance(request.run);
        }
    }

    /// A request is given up.
    pub(super) fn request_ends(&mut self, pool: PoolId, number: u64) {
        let found = self.pools.waiting[pool.index()].iter().position(|r| r.number == number);
        let Some(request) = found.and_then(|i| self.pools.waiting[pool.index()].remove(i)) else { return };
        let id = request.run;
        let &Run { actor, cause, .. } = self.runs.get(id);
        let who = Subject::Actor(actor);
        let span = Span { kind: SpanKind::Queue, who, from: self.time_of(cause), to: self.now };
        let record = self.record(who, Event::WentWithout(pool), &[cause], &[span]);
        self.runs.get_mut(id).cause = record;
        let otherwise = match self.runs.current(id) {
            Some(Action::Take(Take { otherwise: Some(actions), .. })) => Some(actions),
            _ => None,
        };
        match otherwise {
            Some(actions) => {
                self.runs.get_mut(id).frames.push(Frame::new(actions));
                self.advance(id);
            }
            None => self.run_lost(id),
        }
    }

    /// Takes the request of a withdrawn run off the list.
    pub(super) fn forget_request(&mut self, pool: PoolId, number: u64) {
        let waiting = &mut self.pools.waiting[pool.index()];
        if let Some(request) = waiting.iter().position(|r| r.number == number).and_then(|i| waiting.remove(i))
            && let Some(ticket) = request.patience
        {
            self.events.cancel(ticket);
        }
    }

    /// Lends staff: it leaves at once, arrives after the travel, works, and travels back.
    pub(super) fn lend(&mut self, id: u32, lend: &Lend) {
        let &Run { actor, matter, cause, .. } = self.runs.get(id);
        let state = self.model.actors[actor.index()].state;
        let who = Drawer::Actor(actor);
        let instance = self.instance_of(&matter);
        let staff = whole(self.draw(who, state, lend.staff, instance)).min(i32::MAX as u32);
        let travel =
            lend.travel.map_or(SimDuration::ZERO, |site| self.draw_duration(who, state, site, instance));
        let lasts = self.draw_duration(who, state, lend.lasts, instance);
        let to = match &lend.to {
            Some(to) => self.select(to, actor, &matter),
            None => vec![actor],
        };
        for borrower in to {
            match &lend.from {
                Lender::Outside => self.travels(borrower, staff, None, cause, travel, lasts),
                Lender::Actors(from) => {
                    for lender in self.select(from, actor, &matter) {
                        if lender == borrower {
                            continue;
                        }
                        let desk = self.desk(lender);
                        let has = desk.staff.map_or(staff, |all| all.saturating_sub(desk.absent));
                        let n = staff.min(has);
                        self.staff_changed(lender, -(n as i32), false, cause, SimDuration::ZERO);
                        self.travels(borrower, n, Some(Home::Actor(lender)), cause, travel, lasts);
                    }
                }
                Lender::Pool(pool) => {
                    let before = self.pools.stock(*pool);
                    let n = staff.min(libm::floor(before) as u32);
                    if n > 0 {
                        let left = before - f64::from(n);
                        self.pools.stock[pool.index()] = left;
                        let event = Event::Took { pool: *pool, amount: f64::from(n), left };
                        let took = self.record(Subject::Actor(actor), event, &[cause], &[]);
                        self.stock_fell(*pool, before, left, took);
                        self.travels(borrower, n, Some(Home::Pool(*pool)), took, travel, lasts);
                    }
                }
            }
        }
    }

    fn travels(
        &mut self,
        to: ActorId,
        staff: u32,
        home: Option<Home>,
        cause: RecordId,
        travel: SimDuration,
        lasts: SimDuration,
    ) {
        if staff == 0 {
            return;
        }
        let by = staff as i32;
        let first = self.pools.moves.len() as u32;
        self.pools.moves.push(Move { to, by, home: None, cause });
        self.pools.moves.push(Move { to, by: -by, home: None, cause });
        let leaves = travel.saturating_add(lasts);
        self.schedule(travel, rank::CLOCK, Notice::StaffMoves(first));
        self.schedule(leaves, rank::CLOCK, Notice::StaffMoves(first + 1));
        if home.is_some() {
            self.pools.moves.push(Move { to, by, home, cause });
            self.schedule(leaves.saturating_add(travel), rank::CLOCK, Notice::StaffMoves(first + 2));
        }
    }

    /// Lent staff arrives, leaves or is back.
    pub(super) fn staff_moves(&mut self, position: u32) {
        let Move { to, by, home, cause } = self.pools.moves[position as usize];
        let since = self.now - self.time_of(cause);
        match home {
            None => self.staff_changed(to, by, true, cause, since),
            Some(Home::Actor(lender)) => self.staff_changed(lender, by, false, cause, since),
            Some(Home::Pool(pool)) => self.put_back(pool, f64::from(by), to, cause),
        }
    }

    /// Tells that an actor has more or less staff, and lets its desk act on it.
    fn staff_changed(&mut self, actor: ActorId, by: i32, guests: bool, cause: RecordId, since: SimDuration) {
        if by == 0 {
            return;
        }
        let who = Subject::Actor(actor);
        let from = self.now.saturating_sub(since);
        let span = Span { kind: SpanKind::Delay, who, from, to: self.now };
        self.record(who, Event::StaffMoved(by), &[cause], &[span]);
        self.staff_changes(actor, by.unsigned_abs(), by > 0, guests);
    }
}
