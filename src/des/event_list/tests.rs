//! Order, cancellation and memory of the event list.

use std::collections::BTreeMap;

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
    assert!(list.cancel(first));
    assert!(!list.cancel(first));
    assert!(!list.is_pending(first));
    assert_eq!((list.len(), list.peek_time()), (1, Some(2)));
    // The slot of `first` is used again: its old ticket must not reach the new event.
    let third = list.schedule(0, 0, "third");
    assert!(!list.cancel(first));
    assert_eq!(list.pop(), Some((0, "third")));
    assert!(!list.cancel(third));
    assert_eq!(list.pop(), Some((2, "second")));
    assert!(!list.cancel(second));
    assert!(list.is_empty());
}

#[test]
fn cancelled_events_do_not_pile_up() {
    let mut list = EventList::new();
    list.schedule(0, 0, 0);
    for i in 0..100_000u64 {
        let ticket = list.schedule(1_000_000 + i, 0, i);
        assert!(list.cancel(ticket));
    }
    assert_eq!(list.len(), 1);
    assert!(list.entries <= 2 * STALE_FLOOR, "{} entries", list.entries);
    assert_eq!(list.generations.len(), 2);
}

#[test]
fn clear_keeps_memory_voids_tickets_and_restarts_the_sequence() {
    let mut list = EventList::new();
    let old: Vec<_> = (0..50).map(|i| list.schedule(i, 0, i)).collect();
    list.cancel(old[3]);
    list.clear();
    assert!(list.is_empty() && list.pop().is_none());
    let slots = list.generations.len();
    for i in 0..50 {
        list.schedule(5, 0, i);
    }
    assert_eq!(list.generations.len(), slots);
    assert!(old.iter().all(|&ticket| !list.cancel(ticket)));
    assert_eq!(std::iter::from_fn(|| list.pop()).map(|(_, e)| e).collect::<Vec<_>>(), Vec::from_iter(0..50));
}

/// Against the plainest model: a vector that is sorted by (time, priority, sequence) at each look. Few times and
/// many, near and far, few pending and thousands, so that all rungs and both ways into them are used.
#[test]
fn agrees_with_a_sorted_vector_over_random_operations() {
    for (round, spread) in (0..).zip([3, 40, 1 << 20, 1 << 45]) {
        agrees(round, spread, 60, 20_000);
        agrees(round, spread, 4_000, 20_000);
    }
}

fn agrees(round: u64, spread: u64, most: usize, steps: usize) {
    let key = Streams::new(11, round).key(NameHash::of("event list"), NameHash::of("model test"));
    let mut list = EventList::new();
    let mut model: BTreeMap<(u64, u8, u64), ()> = BTreeMap::new();
    let mut tickets: Vec<(Ticket, (u64, u8, u64))> = Vec::new();
    let (mut clock, mut grows) = (0, true);
    for (step, word) in (0u64..).zip(key.sub_stream(0, 0)).take(steps) {
        grows = (grows && model.len() < most) || model.len() < most / 2;
        match word % 8 {
            0..=5 if grows || word % 8 < 3 => {
                // Now and then something far away: a horizon, the end of time.
                let gap = (word >> 8) % spread;
                let time: u64 = match (word >> 54) % 64 {
                    0 => u64::MAX,
                    1 => clock + gap.saturating_mul(1000),
                    _ => clock + gap,
                };
                let priority = ((word >> 16) % 3) as u8;
                if word >> 63 == 0 {
                    tickets.push((list.schedule(time, priority, step), (time, priority, step)));
                } else {
                    list.post(time, priority, step);
                }
                model.insert((time, priority, step), ());
            }
            6 if !tickets.is_empty() => {
                let (ticket, id) = tickets[(word >> 8) as usize % tickets.len()];
                let there = model.remove(&id).is_some();
                assert_eq!(list.is_pending(ticket), there);
                assert_eq!(list.cancel(ticket), there);
            }
            _ => {
                let expected = model.pop_first().map(|(id, ())| id);
                assert_eq!(list.pop(), expected.map(|(time, _, id)| (time, id)));
                clock = expected.map_or(clock, |(time, ..)| if time < u64::MAX / 2 { time } else { clock });
            }
        }
        assert_eq!(list.len(), model.len());
        assert_eq!(list.peek_time(), model.first_key_value().map(|(&(time, ..), ())| time));
    }
}

#[test]
fn many_events_at_one_instant_among_others_leave_in_order() {
    let mut list = EventList::new();
    for i in 0..5_000_u64 {
        list.post(1 << 50, 1, i);
        list.post(i * 7_919 % 100_000, 0, i);
    }
    let out: Vec<_> = std::iter::from_fn(|| list.pop()).collect();
    assert!(out.is_sorted_by_key(|&(time, _)| time));
    let last: Vec<u64> = out[5_000..].iter().map(|&(_, i)| i).collect();
    assert_eq!(last, Vec::from_iter(0..5_000));
}
