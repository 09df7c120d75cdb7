//! What outlives a record where records are not kept: its instant, its first cause, and content still under way.

use super::{RecordId, Told};
use crate::time::SimTime;

/// The instant and the first cause of every record: 12 bytes an instant and 4 bytes a record.
///
/// With two records an event, as the engine makes them, that is 20 bytes an event.
#[derive(Debug, Clone, Default)]
pub(crate) struct CausalLog {
    /// Instants at which there are records, each once, in order.
    times: Vec<SimTime>,
    /// The first record of each instant.
    firsts: Vec<RecordId>,
    /// First cause of each record; of one without a cause, itself.
    causes: Vec<RecordId>,
}

impl CausalLog {
    pub(super) fn push(&mut self, time: SimTime, cause: Option<RecordId>) {
        let id = self.causes.len() as RecordId;
        if self.times.last() != Some(&time) {
            self.times.push(time);
            self.firsts.push(id);
        }
        self.causes.push(cause.unwrap_or(id));
    }

    pub(super) fn time_of(&self, id: RecordId) -> SimTime {
        self.times[self.firsts.partition_point(|&first| first <= id) - 1]
    }

    pub(super) fn cause_of(&self, id: RecordId) -> Option<RecordId> {
        let cause = self.causes[id as usize];
        (cause != id).then_some(cause)
    }

    pub(super) fn clear(&mut self) {
        self.times.clear();
        self.firsts.clear();
        self.causes.clear();
    }
}

/// Content of product instances that somebody still holds, by number; the numbers rise.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveItems {
    places: Vec<Place>,
    told: Vec<Told>,
    next: u32,
    /// At so many instances it is worth looking who is still held.
    sweep_at: usize,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    number: u32,
    from: u32,
    n: u32,
}

/// Below so many instances nobody looks which are still held.
const SWEEP_FLOOR: usize = if cfg!(debug_assertions) { 1 } else { 512 };

impl LiveItems {
    pub(super) fn add(&mut self, told: &[Told]) -> u32 {
        let number = self.next;
        self.next += 1;
        let place = Place { number, from: self.told.len() as u32, n: told.len() as u32 };
        self.told.extend_from_slice(told);
        self.places.push(place);
        number
    }

    pub(super) fn told_in(&self, number: u32) -> &[Told] {
        let place = self.places.binary_search_by_key(&number, |p| p.number);
        debug_assert!(place.is_ok(), "the content of item {number} has been forgotten");
        let Ok(place) = place else { return &[] };
        let Place { from, n, .. } = self.places[place];
        &self.told[from as usize..(from + n) as usize]
    }

    pub(super) fn is_full(&self) -> bool {
        self.places.len() >= self.sweep_at.max(SWEEP_FLOOR)
    }

    /// Forgets all but these instances, which are sorted.
    pub(super) fn keep(&mut self, held: &[u32]) {
        let (told, mut end) = (&mut self.told, 0_u32);
        self.places.retain_mut(|place| {
            let is_held = held.binary_search(&place.number).is_ok();
            if is_held {
                let from = place.from as usize;
                told.copy_within(from..from + place.n as usize, end as usize);
                place.from = end;
                end += place.n;
            }
            is_held
        });
        self.told.truncate(end as usize);
        self.sweep_at = self.places.len() * 2;
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.told.clear();
        self.next = 0;
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
    fn content_that_is_held_survives_the_others() {
        let told = |version| Told { fact: FactId::from_index(0), version, value: 1.0, learned: 0 };
        let mut items = LiveItems::default();
        assert_eq!(items.add(&[told(1), told(2)]), 0);
        assert_eq!(items.add(&[]), 1);
        assert_eq!(items.add(&[told(3)]), 2);
        assert_eq!(items.add(&[told(4), told(5)]), 3);
        items.keep(&[1, 2]);
        assert_eq!(items.told_in(1), []);
        assert_eq!(items.told_in(2), [told(3)]);
        assert_eq!(items.add(&[told(6)]), 4);
        assert_eq!(items.told_in(4), [told(6)]);
        assert_eq!(items.told.len(), 2);
    }
}
