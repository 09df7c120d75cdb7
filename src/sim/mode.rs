//! Modes of networks: entering them, their dwell times, what they switch.

use bevy_ecs::prelude::Component;

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::effect::Holder;
use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{IncidentId, ModeRef, NetworkId};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// The mode that a network is in.
#[derive(Component, Debug, Default)]
pub(super) struct NetworkMode {
    /// Position in the ladder.
    pub(super) mode: u8,
    /// May not be lowered before.
    stays_until: SimTime,
    /// Changes so far: voids what was scheduled before.
    epoch: u32,
    /// The matter that a lowering that waits is about.
    waiting: Option<RecordId>,
}

impl Simulation<'_> {
    pub(super) fn reset_networks(&mut self) {
        for i in 0..self.model.networks.len() {
            *self.network_mut(NetworkId::from_index(i)) = NetworkMode::default();
        }
    }

    /// Brings a network into a mode, now or when the dwell time of the present one is over.
    pub(super) fn set_mode(&mut self, to: ModeRef, cause: RecordId, matter: Matter) {
        let now = self.now;
        let state = self.network(to.network);
        if state.mode == to.mode {
            return;
        }
        if to.mode < state.mode && now < state.stays_until {
            let (at, epoch) = (state.stays_until, state.epoch);
            self.network_mut(to.network).waiting = Some(cause);
            let notice = Notice::DwellEnds { network: to.network, mode: to.mode, epoch };
            self.schedule_at(at, rank::CLOCK, notice);
            return;
        }
        self.enter_mode(to, &[cause], &[], matter);
    }

    /// A lowering that waited for the dwell time.
    pub(super) fn dwell_ends(&mut self, network: NetworkId, mode: u8, epoch: u32) {
        let state = self.network(network);
        let (same, waiting) = (state.epoch == epoch, state.waiting);
        let Some(cause) = waiting.filter(|_| same) else { return };
        let who = Subject::Network(network);
        let span = Span { kind: SpanKind::Delay, who, from: self.time_of(cause), to: self.now };
        self.enter_mode(ModeRef { network, mode }, &[cause], &[span], Matter::default());
    }

    fn enter_mode(&mut self, to: ModeRef, causes: &[RecordId], spans: &[Span], matter: Matter) {
        let model = self.model;
        let network = &model.networks[to.network.index()];
        let before = self.network(to.network).mode;
        let event = Event::ModeEntered { network: to.network, mode: to.mode, before };
        let entry = self.record(Subject::Network(to.network), event, causes, spans);
        let stays_until = match network.modes[usize::from(to.mode)].dwell {
            Some(site) => {
                let us = self.number(Drawer::Incident(IncidentId::from_index(0)), None, site);
                self.now.saturating_add(crate::time::SimDuration::from_micros_f64(us))
            }
            None => self.now,
        };
        let epoch = self.network(to.network).epoch + 1;
        *self.network_mut(to.network) = NetworkMode { mode: to.mode, stays_until, epoch, waiting: None };
        let holder = |m: u8| Holder::Mode(to.network.index() as u32, m);
        for m in (to.mode + 1)..=before.max(to.mode) {
            self.effects_end(holder(m), &network.modes[usize::from(m)].effects);
        }
        for m in (before + 1)..=to.mode.max(before) {
            if m <= to.mode {
                self.effects_begin(holder(m), &network.modes[usize::from(m)].effects);
            }
        }
        let left = ModeRef { network: to.network, mode: before };
        for (rule, leaf, actor) in self.rules.left(left) {
            self.set_off(rule, leaf, actor, matter, &[entry]);
        }
        for (rule, leaf, actor) in self.rules.entered(to) {
            self.set_off(rule, leaf, actor, matter, &[entry]);
        }
        self.cadences_of(to.network, before, to.mode, entry);
        self.wake_by_mode(to.network, entry, matter);
    }
}
