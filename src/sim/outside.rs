//! What changes the pressure of an epidemic by the clock: the world outside, and opening hours.

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::worm::WormState;
use crate::model::{IncidentId, Process, Worm};
use crate::time::{Capacity, SimTime};

/// The outside is gone when it has declined to this share of its start.
const GONE: f64 = 1e-9;

impl Simulation<'_> {
    /// Sets the pressure from outside at the start of an epidemic, and its clocks.
    pub(super) fn begin_outside(&mut self, incident: IncidentId, worm: &Worm, state: &mut WormState) {
        let who = Drawer::Incident(incident);
        state.outside = worm.outside.map_or(0.0, |site| self.draw(who, None, site, 0));
        let mut starts = self.now;
        if let Some(after) = worm.outside_after {
            let after = self.draw_duration(who, None, after, 0);
            starts = starts.saturating_add(after);
            if !after.is_zero() {
                state.outside_factor = 0.0;
                self.post(after, rank::BEGINS, Notice::OutsideBegins(incident));
            }
        }
        let mut until = starts;
        if let Some(site) = worm.outside_until {
            let doubling = worm.outside_doubling.map(|site| self.draw_duration(who, None, site, 0));
            until = self.now.saturating_add(self.draw_duration(who, None, site, 0));
            if let Some(step) = doubling.map(|d| d.scaled(0.25)).filter(|step| !step.is_zero()) {
                state.grows = Some((step, until));
                self.post(step, rank::BEGINS, Notice::OutsideStep(incident));
            }
        }
        if let Some(site) = worm.outside_halving {
            let step = self.draw_duration(who, None, site, 0).scaled(0.25);
            if !step.is_zero() {
                state.shrinks = Some(step);
                let first = until.saturating_add(step);
                self.schedule_at(first, rank::BEGINS, Notice::OutsideDeclines(incident));
            }
        }
    }

    /// Attackers from outside begin.
    pub(super) fn outside_begins(&mut self, incident: IncidentId) {
        self.change_outside(incident, |_| 1.0);
    }

    /// The outside grows by a quarter of a doubling.
    pub(super) fn outside_step(&mut self, incident: IncidentId) {
        let Some((step, until)) = self.spread(incident).worm.as_ref().and_then(|w| w.grows) else { return };
        if self.now > until {
            return;
        }
        self.post(step, rank::BEGINS, Notice::OutsideStep(incident));
        self.change_outside(incident, |factor| factor * libm::exp2(0.25));
    }

    /// The outside declines by a quarter of a halving.
    pub(super) fn outside_declines(&mut self, incident: IncidentId) {
        let Some(step) = self.spread(incident).worm.as_ref().and_then(|w| w.shrinks) else { return };
        let mut gone = false;
        self.change_outside(incident, |factor| {
            let less = factor * libm::exp2(-0.25);
            gone = less < GONE;
            if gone { 0.0 } else { less }
        });
        if !gone {
            self.post(step, rank::BEGINS, Notice::OutsideDeclines(incident));
        }
    }

    fn change_outside(&mut self, incident: IncidentId, change: impl FnOnce(f64) -> f64) {
        self.worm_advance(incident);
        if let Some(worm) = &mut self.spread_mut(incident).worm {
            worm.outside_factor = change(worm.outside_factor);
        }
        self.next_crossing(incident);
    }

    /// Opening hours begin or end somewhere: the factors of all cohorts, and the next change.
    pub(super) fn hours_step(&mut self, incident: IncidentId) {
        let (model, now) = (self.model, self.now);
        let Process::Worm(Worm { closed, .. }) = &model.incidents[incident.index()].process else { return };
        self.worm_advance(incident);
        let mut next: Option<SimTime> = None;
        if let Some(worm) = &mut self.spread_mut(incident).worm {
            for (c, pace) in worm.cohorts.iter().zip(&mut worm.paces) {
                let Some(hours) = c.hours else { continue };
                let profile = &model.rotas[hours.index()].profile;
                pace.open = if profile.capacity_at(now) == Capacity::Off { *closed } else { 1.0 };
                if let Some((at, _)) = profile.next_change_after(now) {
                    next = Some(next.map_or(at, |n| n.min(at)));
                }
            }
        }
        if let Some(at) = next {
            self.schedule_at(at, rank::CLOCK, Notice::HoursStep(incident));
        }
        self.next_crossing(incident);
    }
}
