//! Content of product instances: who still holds it.
//!
//! Where all records are kept, nothing is forgotten. Otherwise an instance lives as long as a delivery, a run or a
//! session has it in hand. **Whoever keeps a [`Matter`](super::matter::Matter) from one event to the next is asked
//! here**, or finds the content gone.

use super::decision::Session;
use super::engine::Simulation;

impl Simulation<'_> {
    /// Forgets the content that nobody holds any more.
    pub(super) fn sweep_items(&mut self) {
        let mut held = std::mem::take(&mut self.held_items);
        held.clear();
        held.extend(self.deliveries.items());
        held.extend(self.runs.items());
        for &entity in self.sessions.all() {
            let session = self.world.get::<Session>(entity);
            held.extend(session.and_then(|s| s.matter.item).map(|i| i.item));
        }
        held.sort_unstable();
        held.dedup();
        self.trace.keep_items(&held);
        self.held_items = held;
    }
}
