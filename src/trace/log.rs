//! What outlives a record where records are not kept: its instant, its first cause, and content still under way.

use prefetch_index::prefetch_index;

use super::{RecordId, Told};
use crate::time::SimTime;

/// The instant and the first cause of every record: 4 bytes an instant, and 4 bytes and a bit a record.
///
/// With two records an event, as the engine makes them, that is 12 bytes an event.
#[derive(Debug, Clone, Default)]
pub(crate) struct CausalLog {
    /// First cause of each record; of one without a cause, itself.
    causes: Vec<RecordId>,
    /// Whether a record is the first at its instant, a bit each, and how many instants begin before each word of bits.
    begins: Vec<(u64, u32)>,
    /// Low half of the time of each instant at which there are records, in order.
    low: Vec<u32>,
    /// High half, and the first instant that has it.
    high: Vec<(u32, u32)>,
    last: Option<SimTime>,
}

impl CausalLog {
    #[inline]
    pub(super) fn push(&mut self, time: SimTime, cause: Option<RecordId>) {
        let id = self.causes.len();
        if id.is_multiple_of(64) {
            self.begins.push((0, self.low.len() as u32));
        }
        if self.last != Some(time) {
            self.begin(time, id);
        }
        self.causes.push(cause.unwrap_or(id as RecordId));
    }

    fn begin(&mut self, time: SimTime, id: usize) {
        self.last = Some(time);
        self.begins[id / 64].0 |= 1 << (id % 64);
        let us = time.as_micros();
        let high = (us >> 32) as u32;
        if self.high.last().is_none_or(|last| last.0 != high) {
            self.high.push((high, self.low.len() as u32));
        }
        self.low.push(us as u32);
    }

    /// Asks memory for the time of a record.
    #[inline]
    pub(super) fn fetch(&self, id: RecordId) {
        prefetch_index(&self.low, self.instant_of(id) as usize);
    }

    /// Number of the instant of a record.
    #[inline]
    fn instant_of(&self, id: RecordId) -> u32 {
        let (begins, before) = self.begins[id as usize / 64];
        before + (begins & (u64::MAX >> (63 - id % 64))).count_ones() - 1
    }

    pub(super) fn time_of(&self, id: RecordId) -> SimTime {
        let instant = self.instant_of(id);
        let place = self.high.partition_point(|&(_, first)| first <= instant) - 1;
        let high = u64::from(self.high[place].0);
        SimTime::from_micros(high << 32 | u64::from(self.low[instant as usize]))
    }

    pub(super) fn cause_of(&self, id: RecordId) -> Option<RecordId> {
        let cause = self.causes[id as usize];
        (cause != id).then_some(cause)
    }

    pub(super) fn clear(&mut self) {
        self.causes.clear();
        self.begins.clear();
        self.low.clear();
        self.high.clear();
        self.last = None;
    }
}

/// Content of product instances that somebody still holds, by number; the numbers rise.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveItems {
    /// Of each number from `first` on, where its content lies.
    places: Vec<Place>,
    first: u32,
    told: Vec<Told>,
    /// Numbers that were given since somebody looked who is still held, and at how many it is worth looking again.
    young: usize,
    sweep_at: usize,
}

/// How much is told, and where it lies; what is told alone lies here, so that a look touches one line of memory.
#[derive(Debug, Clone, Copy)]
struct Place {
    from: u32,
    n: u32,
    alone: Option<Told>,
}

/// Where the content of what nobody holds lies.
const FORGOTTEN: u32 = u32::MAX;

/// Below so many new instances nobody looks which are still held.
const SWEEP_FLOOR: usize = if cfg!(debug_assertions) { 1 } else { 512 };

impl LiveItems {
    pub(super) fn add(&mut self, told: &[Told]) -> u32 {
        let mut place = Place { from: self.told.len() as u32, n: told.len() as u32, alone: None };
        match told {
            [alone] => place.alone = Some(*alone),
            _ => self.told.extend_from_slice(told),
        }
        self.places.push(place);
        self.young += 1;
        self.numbers().end - 1
    }

    /// Numbers of which something may be known, and the next.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        self.first..self.first + self.places.len() as u32
    }

    #[inline]
    pub(super) fn told_in(&self, number: u32) -> &[Told] {
        let place = number.checked_sub(self.first).and_then(|at| self.places.get(at as usize));
        debug_assert!(
            place.is_some_and(|place| place.from != FORGOTTEN),
            "the content of item {number} has been forgotten"
        );
        match place {
            Some(Place { alone: Some(alone), .. }) => std::slice::from_ref(alone),
            Some(&Place { from, n, .. }) if n > 0 => &self.told[from as usize..(from + n) as usize],
            _ => &[],
        }
    }

    /// Asks memory for the place of an instance.
    #[inline]
    pub(super) fn fetch(&self, number: u32) {
        prefetch_index(&self.places, number.saturating_sub(self.first) as usize);
    }

    pub(super) fn is_full(&self) -> bool {
        self.young >= self.sweep_at.max(SWEEP_FLOOR)
    }

    /// Forgets all but those that are held, told for each of [`numbers`](Self::numbers).
    pub(super) fn keep(&mut self, is_held: &[bool]) {
        let mut end = 0_u32;
        for (place, &is_held) in self.places.iter_mut().zip(is_held) {
            if !is_held {
                *place = Place { from: FORGOTTEN, n: 0, alone: None };
            } else if place.n > 1 {
                let from = place.from as usize;
                self.told.copy_within(from..from + place.n as usize, end as usize);
                place.from = end;
                end += place.n;
            }
        }
        self.told.truncate(end as usize);
        let gone = is_held.iter().take_while(|&&is_held| !is_held).count();
        self.places.drain(..gone);
        self.first += gone as u32;
        self.young = 0;
        // As many more as there are now: so a look costs no more than what came since the last one.
        self.sweep_at = self.places.len();
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.told.clear();
        self.first = 0;
        self.young = 0;
        self.sweep_at = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FactId;

    fn at(us: u64) -> SimTime {
        SimTime::from_micros(us)
    }

    #[test]
    fn the_log_knows_instants_and_first_causes() {
        let mut log = CausalLog::default();
        for (time, cause) in [(0, None), (0, Some(0)), (7, Some(1)), (7, Some(2)), (9, Some(2))] {
            log.push(at(time), cause);
        }
        let times: Vec<u64> = (0..5).map(|id| log.time_of(id).as_micros()).collect();
        assert_eq!(times, [0, 0, 7, 7, 9]);
        let causes: Vec<_> = (0..5).map(|id| log.cause_of(id)).collect();
        assert_eq!(causes, [None, Some(0), Some(1), Some(2), Some(2)]);
    }

    #[test]
    fn the_log_keeps_long_runs_and_times_beyond_32_bits() {
        let mut log = CausalLog::default();
        let time_of = |id: u64| id / 3 * 1_000_003 * (1 + id / 50);
        for id in 0..1000 {
            log.push(at(time_of(id)), None);
        }
        assert!(time_of(999) > 1 << 32 && log.high.len() > 1);
        assert!((0..1000).all(|id| log.time_of(id as RecordId) == at(time_of(id))));
    }

    #[test]
    fn content_that_is_held_survives_the_others() {
        let told = |version| Told { fact: FactId::from_index(0), version, value: 1.0, learned: 0 };
        let mut items = LiveItems::default();
        assert_eq!(items.add(&[told(1), told(2)]), 0);
        assert_eq!(items.add(&[]), 1);
        assert_eq!(items.add(&[told(3)]), 2);
        assert_eq!(items.add(&[told(4), told(5)]), 3);
        assert_eq!(items.numbers(), 0..4);
        items.keep(&[false, true, true, false]);
        assert_eq!(items.numbers(), 1..4);
        assert_eq!(items.told_in(1), []);
        assert_eq!(items.told_in(2), [told(3)]);
        assert_eq!(items.add(&[told(6)]), 4);
        assert_eq!(items.told_in(4), [told(6)]);
        assert_eq!((items.told_in(2), items.told.len()), (&[told(3)][..], 0));
        assert_eq!(items.add(&[told(7), told(8)]), 5);
        items.keep(&[false, true, false, true, true]);
        assert_eq!((items.told_in(2), items.told_in(5)), (&[told(3)][..], &[told(7), told(8)][..]));
        items.keep(&[false, false, true, true]);
        assert_eq!((items.numbers(), items.told_in(4)), (4..6, &[told(6)][..]));
        assert_eq!(items.told_in(5), [told(7), told(8)]);
    }
}
