//! Content of product instances: who still holds it.
//!
//! Where all records are kept, nothing is forgotten. Otherwise an instance lives as long as a delivery, a task, a
//! run or a session has it in hand. **Whoever keeps a [`Matter`](super::matter::Matter) from one event to the next is asked
//! here**, or finds the content gone.

use super::decision::Session;
use super::engine::Simulation;

impl Simulation<'_> {
    /// Forgets the content that nobody holds any more.
    pub(super) fn sweep_items(&mut self) {
        let numbers = self.trace.items_alive();
        let mut is_held = std::mem::take(&mut self.held_items);
        is_held.clear();
        is_held.resize(numbers.len(), false);
        let sessions = self.sessions.all().iter().filter_map(|&entity| self.world.get::<Session>(entity));
        let of_sessions = sessions.filter_map(|s| s.matter.item).map(|i| i.item);
        let of_work = self.deliveries.items().chain(self.tasks.items()).chain(self.runs.items());
        for item in of_work.chain(of_sessions).filter(|item| numbers.contains(item)) {
            is_held[(item - numbers.start) as usize] = true;
        }
        self.trace.keep_items(&is_held);
        self.held_items = is_held;
    }
}
