//! The hold model: an event list with a constant number of events pending.

use blueprint_sim::des::EventList;

use super::graph::SplitMix;

/// An event list from which the first event is taken and to which one is added, turn by turn.
pub(crate) struct Hold {
    list: EventList<u64>,
    /// Gaps with an exponential law, drawn before: what is measured is the list.
    gaps: Vec<u64>,
    turn: u64,
}

impl Hold {
    /// A list with so many events pending.
    pub(crate) fn new(pending: usize) -> Hold {
        let mut list = EventList::new();
        let mut random = SplitMix::new(pending as u64);
        let gaps: Vec<u64> = (0..4096).map(|_| (-1e9 * (1.0 - random.unit()).ln()) as u64 + 1).collect();
        for i in 0..pending {
            list.schedule(gaps[random.below(gaps.len())], 0, i as u64);
        }
        Hold { list, gaps, turn: 0 }
    }

    /// One event out and one in; its time.
    pub(crate) fn turn(&mut self) -> u64 {
        let Some((now, event)) = self.list.pop() else { return 0 };
        self.turn += 1;
        let gap = self.gaps[(self.turn ^ event) as usize % self.gaps.len()];
        self.list.schedule(now + gap, 0, event + 1);
        now
    }
}
