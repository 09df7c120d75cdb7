//! The future event list: a priority queue of dated events that can be cancelled.
//!
//! Events leave by (time, priority, insertion sequence), so equal keys are first in, first out by
//! construction. A binary heap holds 24-byte keys; the events stay in slots beside it, so that sifting
//! moves no event and [`EventList::cancel`] finds its event at once. A cancelled key remains in the heap
//! until it reaches the top or until half of the heap is stale, when the heap is rebuilt: memory stays
//! proportional to the events that are pending.
//!
//! **Invariant:** the key on top of the heap is never stale, so that looking at the next time needs no
//! mutation.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The handle of a scheduled event, for [`EventList::cancel`].
///
/// It stays valid to hold after its event has left: it then refers to nothing. (A slot counts its uses in
/// 32 bits; a ticket kept over 2^32 uses of the same slot would alias.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    slot: u32,
    generation: u32,
}

/// A place for one event; `generation` counts how often the place was vacated.
#[derive(Debug, Clone)]
struct Slot<E> {
    generation: u32,
    event: Option<E>,
}

/// What the heap orders: time, then `priority << 56 | sequence`.
#[derive(Debug, Clone, Copy)]
struct Key {
    time: u64,
    order: u64,
    slot: u32,
    generation: u32,
}

impl Key {
    fn rank(&self) -> u128 {
        (u128::from(self.time) << 64) | u128::from(self.order)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    /// Reversed, because the standard heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank().cmp(&self.rank())
    }
}

/// Below this many stale keys the heap is never rebuilt.
const STALE_FLOOR: usize = 64;

/// The future event list; see the module for the order and the costs.
#[derive(Debug, Clone)]
pub struct EventList<E> {
    heap: BinaryHeap<Key>,
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
    sequence: u64,
    stale: usize,
}

impl<E> Default for EventList<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> EventList<E> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), slots: Vec::new(), free: Vec::new(), sequence: 0, stale: 0 }
    }

    /// Puts `event` on the list at `time` (µs). Of equal times the lower `priority` comes first, of equal
    /// priorities the event scheduled first. O(log n).
    ///
    /// The list keeps no clock: a time before that of the last event is the caller's mistake and comes
    /// out at once.
    pub fn schedule(&mut self, time: u64, priority: u8, event: E) -> Ticket {
        debug_assert!(self.sequence < 1 << 56, "more than 2^56 events in one replication");
        let order = (u64::from(priority) << 56) | self.sequence;
        self.sequence += 1;
        let slot = self.occupy(event);
        let generation = self.slots[slot as usize].generation;
        self.heap.push(Key { time, order, slot, generation });
        Ticket { slot, generation }
    }

    fn occupy(&mut self, event: E) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize].event = Some(event);
            return slot;
        }
        debug_assert!(self.slots.len() < u32::MAX as usize, "more than 2^32 events pending");
        self.slots.push(Slot { generation: 0, event: Some(event) });
        (self.slots.len() - 1) as u32
    }

    /// Empties the slot if it still holds what (slot, generation) means.
    fn vacate(&mut self, slot: u32, generation: u32) -> Option<E> {
        let place = self.slots.get_mut(slot as usize)?;
        if place.generation != generation {
            return None;
        }
        let event = place.event.take()?;
        place.generation = generation.wrapping_add(1);
        self.free.push(slot);
        Some(event)
    }

    /// Takes a pending event off the list and returns it; `None` if it has left already.
    ///
    /// O(1) apart from the removal of stale keys, which is O(log n) a cancellation at most, amortised.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<E> {
        let event = self.vacate(ticket.slot, ticket.generation)?;
        self.stale += 1;
        if self.stale >= STALE_FLOOR && self.stale * 2 > self.heap.len() {
            let slots = &self.slots;
            self.heap.retain(|key| slots[key.slot as usize].generation == key.generation);
            self.stale = 0;
        }
        self.drop_stale_top();
        Some(event)
    }

    /// Whether the event of this ticket is still on the list.
    #[must_use]
    pub fn is_pending(&self, ticket: Ticket) -> bool {
        self.slots
            .get(ticket.slot as usize)
            .is_some_and(|place| place.generation == ticket.generation && place.event.is_some())
    }

    /// Restores the invariant: no stale key on top.
    fn drop_stale_top(&mut self) {
        while self.stale > 0 {
            match self.heap.peek() {
                Some(key) if self.slots[key.slot as usize].generation != key.generation => {
                    self.heap.pop();
                    self.stale -= 1;
                }
                _ => break,
            }
        }
    }

    /// Takes the next event and its time (µs); `None` when the list is empty. O(log n).
    pub fn pop(&mut self) -> Option<(u64, E)> {
        let key = self.heap.pop()?;
        let event = self.vacate(key.slot, key.generation)?;
        self.drop_stale_top();
        Some((key.time, event))
    }

    /// Like [`pop`](Self::pop), but only if the next event is due at or before `limit` (µs).
    pub fn pop_until(&mut self, limit: u64) -> Option<(u64, E)> {
        if self.peek_time()? <= limit { self.pop() } else { None }
    }

    /// The time of the next event (µs). O(1).
    #[must_use]
    pub fn peek_time(&self) -> Option<u64> {
        self.heap.peek().map(|key| key.time)
    }

    /// How many events are pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Empties the list for the next replication: memory is kept, all tickets become void.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.free.clear();
        for (index, place) in self.slots.iter_mut().enumerate().rev() {
            if place.event.take().is_some() {
                place.generation = place.generation.wrapping_add(1);
            }
            self.free.push(index as u32);
        }
        self.sequence = 0;
        self.stale = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::des::{NameHash, Streams};

    #[test]
    fn a_thousand_equal_keys_leave_in_order_of_arrival() {
        let mut list = EventList::new();
        for i in 0..1000 {
            list.schedule(7, 3, i);
        }
        let out: Vec<_> = std::iter::from_fn(|| list.pop()).collect();
        assert_eq!(out, (0..1000).map(|i| (7, i)).collect::<Vec<_>>());
    }

    #[test]
    fn time_goes_before_priority_and_priority_before_order() {
        let mut list = EventList::new();
        list.schedule(20, 0, "d");
        list.schedule(10, 2, "c");
        list.schedule(10, 1, "a");
        list.schedule(10, 1, "b");
        assert_eq!(list.peek_time(), Some(10));
        let out: Vec<_> = std::iter::from_fn(|| list.pop()).map(|(_, e)| e).collect();
        assert_eq!(out, ["a", "b", "c", "d"]);
        assert_eq!(list.peek_time(), None);
    }

    #[test]
    fn extreme_times_and_priorities_keep_their_order() {
        let mut list = EventList::new();
        list.schedule(u64::MAX, 255, 3);
        list.schedule(u64::MAX, 0, 2);
        list.schedule(0, 255, 1);
        assert_eq!(list.pop(), Some((0, 1)));
        assert_eq!(list.pop_until(u64::MAX - 1), None);
        assert_eq!(list.pop_until(u64::MAX), Some((u64::MAX, 2)));
        assert_eq!(list.pop(), Some((u64::MAX, 3)));
    }

    #[test]
    fn cancelling_is_once_only_and_void_after_leaving() {
        let mut list = EventList::new();
        let first = list.schedule(1, 0, "first");
        let second = list.schedule(2, 0, "second");
        assert!(list.is_pending(first));
        assert_eq!(list.cancel(first), Some("first"));
        assert_eq!(list.cancel(first), None);
        assert!(!list.is_pending(first));
        assert_eq!((list.len(), list.peek_time()), (1, Some(2)));
        // The slot of `first` is used again: its old ticket must not reach the new event.
        let third = list.schedule(0, 0, "third");
        assert_eq!(list.cancel(first), None);
        assert_eq!(list.pop(), Some((0, "third")));
        assert_eq!(list.cancel(third), None);
        assert_eq!(list.pop(), Some((2, "second")));
        assert_eq!(list.cancel(second), None);
        assert!(list.is_empty());
    }

    #[test]
    fn cancelled_events_do_not_pile_up() {
        let mut list = EventList::new();
        list.schedule(0, 0, 0);
        for i in 0..100_000u64 {
            let ticket = list.schedule(1_000_000 + i, 0, i);
            assert_eq!(list.cancel(ticket), Some(i));
        }
        assert_eq!(list.len(), 1);
        assert!(list.heap.len() <= 2 * STALE_FLOOR, "{} keys in the heap", list.heap.len());
        assert_eq!(list.slots.len(), 2);
    }

    #[test]
    fn clear_keeps_memory_voids_tickets_and_restarts_the_sequence() {
        let mut list = EventList::new();
        let old: Vec<_> = (0..50).map(|i| list.schedule(i, 0, i)).collect();
        list.cancel(old[3]);
        list.clear();
        assert!(list.is_empty() && list.pop().is_none());
        let slots = list.slots.len();
        for i in 0..50 {
            list.schedule(5, 0, i);
        }
        assert_eq!(list.slots.len(), slots);
        assert!(old.iter().all(|&ticket| list.cancel(ticket).is_none()));
        assert_eq!(
            std::iter::from_fn(|| list.pop()).map(|(_, e)| e).collect::<Vec<_>>(),
            Vec::from_iter(0..50)
        );
    }

    /// Against the plainest model: a vector that is sorted by (time, priority, sequence) at each look.
    #[test]
    fn agrees_with_a_sorted_vector_over_random_operations() {
        let key = Streams::new(11, 0).key(NameHash::of("event list"), NameHash::of("model test"));
        let mut list = EventList::new();
        let mut model: Vec<(u64, u8, u64)> = Vec::new();
        let mut tickets = Vec::new();
        let mut clock = 0;
        for (step, word) in (0u64..).zip(key.sub_stream(0, 0)).take(50_000) {
            match word % 8 {
                0..=3 => {
                    let (time, priority) = (clock + (word >> 8) % 40, ((word >> 16) % 3) as u8);
                    tickets.push((list.schedule(time, priority, step), step));
                    model.push((time, priority, step));
                }
                4 if !tickets.is_empty() => {
                    let (ticket, id) = tickets[(word >> 8) as usize % tickets.len()];
                    let place = model.iter().position(|&(_, _, other)| other == id);
                    assert_eq!(list.cancel(ticket), place.map(|p| model.remove(p).2));
                }
                _ => {
                    model.sort_unstable();
                    let expected = (!model.is_empty()).then(|| model.remove(0));
                    assert_eq!(list.pop(), expected.map(|(time, _, id)| (time, id)));
                    clock = expected.map_or(clock, |(time, _, _)| time);
                }
            }
            assert_eq!(list.len(), model.len());
            assert_eq!(list.peek_time(), model.iter().map(|&(time, _, _)| time).min());
        }
    }
}
