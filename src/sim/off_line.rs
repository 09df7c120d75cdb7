//! Operators that go off line unhurt, and those that can be hit again.

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::incident::Status;
use crate::model::{CountermeasureId, IncidentId, OperatorId};
use crate::trace::{Event, Span, SpanKind, Subject};

impl Simulation<'_> {
    /// An operator goes off line because of a countermeasure, unless an incident has hit it.
    pub(super) fn goes_off_line(&mut self, id: CountermeasureId, operator: OperatorId) {
        let model = self.model;
        let c = &model.countermeasures[id.index()];
        let Some(off_line) = c.off_line else { return };
        let incidents = || (0..model.incidents.len()).map(IncidentId::from_index);
        if self.is_hit(operator) || self.countermeasures.off_line.contains_key(&operator) {
            return;
        }
        self.countermeasures.off_line.insert(operator, id);
        let cause = self.countermeasures.began(id);
        let who = Subject::Operator(operator);
        let span = Span { kind: SpanKind::Delay, who, from: self.time_of(cause), to: self.now };
        self.record(who, Event::OffLine(id, operator), &[cause], &[span]);
        for i in incidents() {
            if self.spread(i).status[operator.index()] == Status::Susceptible {
                self.spread_mut(i).status[operator.index()] = Status::OffLine;
                self.worm_isolated(i, operator, true);
            }
        }
        if let Some(site) = off_line.lasts {
            let state = Some(self.group_of(operator).state);
            let of = c.name.hash.words()[0];
            let lasts = self.draw_duration(Drawer::Operator(operator), state, site, of);
            self.post(lasts, rank::CLOCK, Notice::OnLine { countermeasure: id, operator });
        }
    }

    /// An operator is back on line.
    pub(super) fn on_line(&mut self, id: CountermeasureId, operator: OperatorId) {
        if self.countermeasures.off_line.get(&operator) != Some(&id) {
            return;
        }
        self.countermeasures.off_line.remove(&operator);
        self.record(Subject::Operator(operator), Event::OnLine(id, operator), &[], &[]);
        for i in (0..self.model.incidents.len()).map(IncidentId::from_index) {
            if self.spread(i).status[operator.index()] == Status::OffLine {
                self.spread_mut(i).status[operator.index()] = Status::Susceptible;
                self.worm_isolated(i, operator, false);
            }
        }
    }

    /// Whether an operator is hit and has not recovered.
    pub(super) fn is_hit(&self, operator: OperatorId) -> bool {
        let is_down = |s: Status| matches!(s, Status::Hit | Status::Contained);
        let mut incidents = (0..self.model.incidents.len()).map(IncidentId::from_index);
        incidents.any(|i| is_down(self.spread(i).status[operator.index()]))
    }

    /// The stage before has hit an operator: the next one can hit it from now on.
    pub(super) fn unlock(&mut self, incident: IncidentId, operator: OperatorId) {
        if self.spread(incident).status[operator.index()] == Status::Locked {
            self.spread_mut(incident).status[operator.index()] = Status::Susceptible;
            self.worm_unlocked(incident, operator);
        }
    }

    /// An operator that has recovered can be hit again, by the incident and its variants.
    pub(super) fn susceptible_again(&mut self, incident: IncidentId, operator: OperatorId) {
        let off_line = self.countermeasures.off_line.contains_key(&operator);
        let now = if off_line { Status::OffLine } else { Status::Susceptible };
        let variants = &self.model.incidents[incident.index()].variants;
        for id in std::iter::once(incident).chain(variants.iter().copied()) {
            let mut spread = self.spread_mut(id);
            let protected = spread.protected.contains(&operator);
            let status = &mut spread.status[operator.index()];
            let closed = if id == incident { Status::Recovered } else { Status::Immune };
            if *status != closed {
                continue;
            }
            *status = if protected { Status::Immune } else { now };
            if !protected {
                self.worm_again(id, operator);
                if off_line {
                    self.worm_isolated(id, operator, true);
                }
            }
        }
    }
}
