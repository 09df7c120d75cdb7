//! Roles held in turn: by date, by who is on duty, by another role's state, by assignment.
//!
//! Whoever is asked for is asked now; work in progress and what was sent stay with the old holder.

use super::engine::Simulation;
use crate::model::{ActorId, Held, RoleId};
use crate::trace::{Event, RecordId, Subject};

impl Simulation<'_> {
    /// Who holds a role now.
    pub(super) fn holder(&self, role: RoleId) -> Option<ActorId> {
        if let Some(assigned) = self.assigned.get(role.index()).copied().flatten() {
            return Some(assigned);
        }
        match &self.model.roles[role.index()].held {
            Held::Dated => self.model.holder(role, self.now),
            Held::FirstOnDuty(list) => {
                list.iter().copied().find(|&a| self.is_on_duty(a)).or(list.first().copied())
            }
            Held::InStateOf(of, template) => {
                let state = self.model.actors[self.holder(*of)?.index()].state?;
                self.model.templates[template.index()].by_state[state.index()]
            }
        }
    }

    /// A rule gives a role to an actor that may have it.
    pub(super) fn assign(&mut self, role: RoleId, to: ActorId, cause: RecordId) {
        let may = self.model.roles[role.index()].assignable;
        if may.is_some_and(|set| self.model.sets[set.index()].has(to)) && self.holder(role) != Some(to) {
            self.assigned.resize(self.model.roles.len(), None);
            self.assigned[role.index()] = Some(to);
            self.record(Subject::Actor(to), Event::Assigned(role), &[cause], &[]);
        }
    }
}
