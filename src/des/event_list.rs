//! The future event list: a priority queue of dated events that can be cancelled.
//!
//! Events leave by (time, priority, insertion sequence), so equal keys are first in, first out by construction.
//!
//! What is due soon stands in a small binary heap. What is due later lies in buckets of time, in no order, until its
//! turn comes: then it goes into the heap, or, where a bucket holds much, into finer buckets first (a ladder queue:
//! Tang, Goh, Thng, "Ladder queue: an O(1) priority queue structure for large-scale discrete event simulation", ACM
//! TOMACS 15 (2005) 175-204). So an event is moved a few times whatever the number of events pending, and a look
//! at the list touches little memory. Where times cannot be told apart the heap takes them all: O(log n) then.
//!
//! A cancelled event remains as a stale entry until it comes to the top or until half of all entries are stale, when
//! all are thrown out: memory stays proportional to the events that are pending.
//!
//! **Invariant:** the heap is empty only if nothing is pending, and its first entry is never stale; so that looking at
//! the next time needs no mutation.

mod buckets;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::num::NonZeroU32;

use buckets::{Chain, Pool, Rung};

/// The handle of a scheduled event, for [`EventList::cancel`].
///
/// It stays valid to hold after its event has left: it then refers to nothing. (A slot counts its uses in
/// 31 bits; a ticket kept over 2^31 uses of the same slot would alias.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    slot: u32,
    generation: NonZeroU32,
}

/// An event with what it is ordered by: time, then `priority << 56 | sequence`.
#[derive(Debug, Clone, Copy)]
struct Entry<E> {
    time: u64,
    order: u64,
    /// Its slot and the generation of that; [`NO_SLOT`] for what cannot be cancelled.
    slot: u32,
    generation: u32,
    event: E,
}

const NO_SLOT: u32 = u32::MAX;

impl<E> Entry<E> {
    /// Whether it has not been cancelled.
    #[inline]
    fn is_pending(&self, generations: &[u32]) -> bool {
        self.slot == NO_SLOT || generations[self.slot as usize] == self.generation
    }

    fn rank(&self) -> u128 {
        (u128::from(self.time) << 64) | u128::from(self.order)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    /// Reversed, because the standard heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank().cmp(&self.rank())
    }
}

/// Below this many stale entries nothing is looked through for them.
const STALE_FLOOR: usize = 64;
/// A bucket with more events than this is divided again.
const MOST_IN_BUCKET: usize = 256;
/// So many events may be near before they are put into buckets.
const MOST_NEAR: usize = 512;

/// The future event list; see the module for the order and the costs.
#[derive(Debug, Clone)]
pub struct EventList<E> {
    /// What is due up to `near_last`.
    near: BinaryHeap<Entry<E>>,
    near_last: u64,
    /// Near events beyond which some are put into buckets.
    spill_at: usize,
    /// What is due later, the finest rung last; each lies within one bucket of the rung before it.
    rungs: Vec<Rung>,
    /// What is due after all rungs.
    far: Chain,
    pool: Pool<E>,
    /// Rungs whose memory is used again.
    spare: Vec<Rung>,
    /// By slot: how often it was taken and given back; odd while its event is pending.
    generations: Vec<u32>,
    /// Slots without an event.
    free: Vec<u32>,
    sequence: u64,
    /// Entries, stale ones among them.
    entries: usize,
    stale: usize,
}

impl<E: Copy> Default for EventList<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Copy> EventList<E> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self {
            near: BinaryHeap::new(),
            near_last: 0,
            spill_at: MOST_NEAR,
            rungs: Vec::new(),
            far: Chain::default(),
            pool: Pool::new(),
            spare: Vec::new(),
            generations: Vec::new(),
            free: Vec::new(),
            sequence: 0,
            entries: 0,
            stale: 0,
        }
    }

    /// Puts `event` on the list at `time` (µs). Of equal times the lower `priority` comes first, of equal
    /// priorities the event scheduled first.
    ///
    /// The list keeps no clock: a time before that of the last event is the caller's mistake and comes
    /// out at once.
    #[inline]
    pub fn schedule(&mut self, time: u64, priority: u8, event: E) -> Ticket {
        let slot = self.free.pop().unwrap_or_else(|| {
            debug_assert!(self.generations.len() < NO_SLOT as usize, "more than 2^32 events pending");
            self.generations.push(0);
            (self.generations.len() - 1) as u32
        });
        let generation = self.generations[slot as usize] | 1;
        self.generations[slot as usize] = generation;
        self.put(time, priority, slot, generation, event);
        Ticket { slot, generation: NonZeroU32::MIN.saturating_add(generation - 1) }
    }

    /// The same for an event that nobody will cancel.
    #[inline]
    pub fn post(&mut self, time: u64, priority: u8, event: E) {
        self.put(time, priority, NO_SLOT, 0, event);
    }

    #[inline]
    fn put(&mut self, time: u64, priority: u8, slot: u32, generation: u32, event: E) {
        debug_assert!(self.sequence < 1 << 56, "more than 2^56 events in one replication");
        let order = (u64::from(priority) << 56) | self.sequence;
        self.sequence += 1;
        self.entries += 1;
        let entry = Entry { time, order, slot, generation, event };
        if self.near.is_empty() {
            self.near_last = time;
        }
        if time <= self.near_last {
            self.near.push(entry);
            if self.near.len() > self.spill_at {
                self.spill();
            }
            return;
        }
        let chain = match self.rungs.iter_mut().rev().find(|rung| time <= rung.last) {
            Some(rung) => rung.bucket_of(time),
            None => &mut self.far,
        };
        self.pool.push(chain, entry);
    }

    /// Takes a pending event off the list; false if it has left already.
    ///
    /// O(1) apart from the removal of stale entries, which is as dear as taking an event once a cancellation at
    /// most, amortised.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        if !self.is_pending(ticket) {
            return false;
        }
        self.vacate(ticket.slot, ticket.generation.get());
        self.stale += 1;
        if self.stale >= STALE_FLOOR && self.stale * 2 > self.entries {
            self.drop_all_stale();
        }
        self.settle();
        true
    }

    /// Gives a slot back. It is written and not read, so that a miss of the cache is not waited for.
    #[inline]
    fn vacate(&mut self, slot: u32, generation: u32) {
        if slot != NO_SLOT {
            self.generations[slot as usize] = generation.wrapping_add(1);
            self.free.push(slot);
        }
    }

    /// Whether the event of this ticket is still on the list.
    #[must_use]
    pub fn is_pending(&self, ticket: Ticket) -> bool {
        self.generations.get(ticket.slot as usize) == Some(&ticket.generation.get())
    }

    fn drop_all_stale(&mut self) {
        let generations = &self.generations;
        self.near.retain(|entry| entry.is_pending(generations));
        let pool = &mut self.pool;
        let later = self.rungs.iter_mut().flat_map(|rung| rung.later());
        for chain in later.chain([&mut self.far]) {
            let mut all = std::mem::take(chain);
            while let Some(block) = pool.take_block(&mut all) {
                // A block that was just given back is the one that is taken next, and is filled from its beginning.
                for place in block {
                    let entry = pool.at(place);
                    if entry.is_pending(generations) {
                        pool.push(chain, entry);
                    }
                }
            }
        }
        self.entries -= self.stale;
        self.stale = 0;
    }

    /// Restores the invariant: what is near is not empty, and its first entry not stale.
    #[inline]
    fn settle(&mut self) {
        loop {
            if self.stale > 0 {
                self.drop_stale_top();
            }
            if !self.near.is_empty() || self.entries == 0 {
                return;
            }
            self.come_nearer();
        }
    }

    fn drop_stale_top(&mut self) {
        while self.near.peek().is_some_and(|first| !first.is_pending(&self.generations)) {
            self.near.pop();
            self.entries -= 1;
            self.stale -= 1;
        }
    }

    /// Takes the earliest of what is later.
    #[inline(never)]
    fn come_nearer(&mut self) {
        while self.near.is_empty() {
            let Some(rung) = self.rungs.last_mut() else {
                let far = std::mem::take(&mut self.far);
                if far.n == 0 {
                    return;
                }
                let (first, last) = self.pool.reach(far);
                self.take_in(far, first, last);
                continue;
            };
            match rung.take_bucket() {
                Some((bucket, end)) if bucket.n as usize > MOST_IN_BUCKET => {
                    let (first, _) = self.pool.reach(bucket);
                    self.take_in(bucket, first, end);
                }
                Some((bucket, end)) => {
                    rung.upcoming().into_iter().for_each(|chain| self.pool.fetch(chain));
                    self.take_in(bucket, end, end);
                }
                None => {
                    self.near_last = rung.last;
                    self.spare.extend(self.rungs.pop());
                }
            }
        }
    }

    /// Takes entries in as near, or into finer buckets where there are many; they are all that is due up to `last`.
    fn take_in(&mut self, mut chain: Chain, first: u64, last: u64) {
        if chain.n as usize > MOST_IN_BUCKET && first < last {
            let mut rung = self.spare.pop().unwrap_or_default().over(chain.n as usize, first, last);
            self.pool.lay_out(chain, &mut rung);
            self.rungs.push(rung);
            return;
        }
        self.near_last = last;
        while let Some(block) = self.pool.take_block(&mut chain) {
            self.pool.fetch(&chain);
            self.near.extend(self.pool.block(block));
        }
        self.spill_at = (2 * self.near.len()).max(MOST_NEAR);
    }

    /// Much is near: puts it into buckets and takes the first of these back.
    #[inline(never)]
    fn spill(&mut self) {
        self.spill_at *= 2;
        let times = || self.near.iter().map(|entry| entry.time);
        let (first, last) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        if first == last {
            return;
        }
        let spare = self.spare.pop().unwrap_or_default();
        let mut rung = spare.over(self.near.len(), first, self.near_last);
        for entry in self.near.drain() {
            self.pool.push(rung.bucket_of(entry.time), entry);
        }
        self.rungs.push(rung);
        self.come_nearer();
    }

    /// Takes the next event and its time (µs); `None` when the list is empty.
    #[inline]
    pub fn pop(&mut self) -> Option<(u64, E)> {
        let Entry { time, slot, generation, event, .. } = self.near.pop()?;
        self.entries -= 1;
        self.vacate(slot, generation);
        if self.stale > 0 || self.near.is_empty() {
            self.settle();
        }
        Some((time, event))
    }

    /// Like [`pop`](Self::pop), but only if the next event is due at or before `limit` (µs).
    pub fn pop_until(&mut self, limit: u64) -> Option<(u64, E)> {
        if self.peek_time()? <= limit { self.pop() } else { None }
    }

    /// The time of the next event (µs). O(1).
    #[must_use]
    #[inline]
    pub fn peek_time(&self) -> Option<u64> {
        self.near.peek().map(|entry| entry.time)
    }

    /// The next event, to look at. O(1).
    #[must_use]
    #[inline]
    pub fn peek(&self) -> Option<&E> {
        self.near.peek().map(|entry| &entry.event)
    }

    /// How many events are pending.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.entries - self.stale
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.near.is_empty()
    }

    /// Empties the list for the next replication: memory is kept, all tickets become void.
    pub fn clear(&mut self) {
        self.near.clear();
        self.far = Chain::default();
        self.pool.clear();
        self.spare.append(&mut self.rungs);
        (self.near_last, self.spill_at) = (0, MOST_NEAR);
        self.free.clear();
        for (index, generation) in self.generations.iter_mut().enumerate().rev() {
            *generation = generation.wrapping_add(*generation & 1);
            self.free.push(index as u32);
        }
        self.sequence = 0;
        self.entries = 0;
        self.stale = 0;
    }
}
