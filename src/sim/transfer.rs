//! Sending by the clock: the sender does not see what is lost, it waits for an acknowledgement of each copy.
//!
//! A copy that arrives first (and, where late copies are void, before its interval is over) is the delivery; any other
//! is redundant. Each arrival is acknowledged. Without an acknowledgement in its interval the next copy is sent; after
//! the last interval the sender gives up, and what arrives then does not count.

use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::channel::Delivery;
use super::draw::Instance;
use super::engine::Simulation;
use super::matter::InHand;
use crate::des::Ticket;
use crate::model::{ChannelId, SiteId};
use crate::time::SimTime;
use crate::trace::{Event, Party, Span, SpanKind, Subject};

/// A delivery whose sender goes by acknowledgements.
#[derive(Debug, Default)]
pub(super) struct Transfer {
    under_way: SmallVec<[Copy; 2]>,
    acknowledgements: u32,
    timer: Option<Ticket>,
    is_delivered: bool,
    is_over: bool,
    /// The next copy waits for the channel.
    waits: bool,
}

/// A copy under way.
#[derive(Debug, Clone)]
struct Copy {
    number: u32,
    sent: SimTime,
    /// What the time until its sending was.
    spans: SmallVec<[Span; 1]>,
    arrives: Option<Ticket>,
}

impl Simulation<'_> {
    /// The next copy of a delivery waits for the channel: until then its place is kept.
    pub(super) fn copy_waits(&mut self, id: u32) {
        if let Some(transfer) = self.deliveries.timed.get_mut(&id) {
            transfer.waits = true;
        }
    }

    /// A copy that waited may go. Returns whether it is still wanted: no acknowledgement has come meanwhile.
    pub(super) fn copy_wanted(&mut self, id: u32) -> bool {
        let Some(transfer) = self.deliveries.timed.get_mut(&id) else { return true };
        transfer.waits = false;
        if !transfer.is_over {
            return true;
        }
        self.forget_transfer(id);
        false
    }

    /// Sends a copy and starts its interval.
    pub(super) fn timed_copy(&mut self, id: u32, lost: bool, latency: Option<SiteId>) {
        let model = self.model;
        let &Delivery { channel, drawer, matter, to, .. } = self.deliveries.get(id);
        let copies = self.deliveries.flight(id).copies;
        let Some(retry) = &model.channels[channel.index()].retry else { return };
        let instance = self.instance_of_delivery(&matter, to);
        let mut copy = None;
        if !lost {
            if model.channels[channel.index()].capacity.is_some() {
                self.line(channel).in_flight += 1;
            }
            let latency = self.duration_or_zero(drawer, latency, instance);
            let notice = Notice::TimedCopy { delivery: id, copy: copies };
            let arrives = self.schedule(latency, rank::ENDS, notice);
            let spans = SmallVec::from_slice(self.deliveries.waits(id));
            copy = Some(Copy { number: copies, sent: self.now, spans, arrives });
        }
        let interval = self.interval(drawer, retry, copies, instance);
        let timer = self.schedule(interval, rank::BEGINS, Notice::TimedOut(id));
        let transfer = self.deliveries.timed.entry(id).or_default();
        transfer.under_way.extend(copy);
        transfer.timer = timer;
    }

    /// A copy arrives.
    pub(super) fn timed_copy_arrives(&mut self, id: u32, number: u32) {
        let &Delivery { channel, drawer, matter, to, sent, .. } = self.deliveries.get(id);
        let copies = self.deliveries.flight(id).copies;
        self.copy_leaves(channel);
        let Some(InHand { product, .. }) = matter.item else { return };
        let instance = self.instance_of_delivery(&matter, to);
        let Some(transfer) = self.deliveries.timed.get_mut(&id) else { return };
        let Some(place) = transfer.under_way.iter().position(|c| c.number == number) else { return };
        let copy = transfer.under_way.remove(place);
        let (is_delivered, is_over) = (transfer.is_delivered, transfer.is_over);
        let retry = self.model.channels[channel.index()].retry.as_ref();
        let Some(timed) = retry.and_then(|r| r.timed) else { return };
        let is_late = number < copies;
        let counts = !is_delivered && !is_over && (timed.late_counts || !is_late);
        let who = match to {
            Party::Actor(a) => Subject::Actor(a),
            _ => Subject::World,
        };
        let way = Span {
            kind: SpanKind::Transmission,
            who: Subject::Channel(channel.index() as u32),
            from: copy.sent,
            to: self.now,
        };
        let mut spans = copy.spans;
        spans.push(way);
        if counts {
            if let Some(transfer) = self.deliveries.timed.get_mut(&id) {
                transfer.is_delivered = true;
            }
            let first = self.deliveries.insert_again(id);
            self.acknowledge(id, timed.latency, timed.loss, drawer, instance);
            self.arrived(first, &spans);
        } else {
            self.record(who, Event::Redundant(product), &[sent], &spans);
            if is_delivered && !is_over {
                self.acknowledge(id, timed.latency, timed.loss, drawer, instance);
            }
        }
        self.forget_transfer(id);
    }

    /// The receiver acknowledges a copy.
    fn acknowledge(
        &mut self,
        id: u32,
        latency: Option<SiteId>,
        loss: Option<SiteId>,
        drawer: super::draw::Drawer,
        instance: Instance,
    ) {
        let state = self.drawer_state(drawer);
        if loss.is_some_and(|site| self.chance(drawer, state, site, instance)) {
            return;
        }
        let latency = self.duration_or_zero(drawer, latency, instance);
        if let Some(transfer) = self.deliveries.timed.get_mut(&id) {
            transfer.acknowledgements += 1;
        }
        self.post(latency, rank::ENDS, Notice::Acknowledged(id));
    }

    /// An acknowledgement arrives: no more copies are sent.
    pub(super) fn acknowledged(&mut self, id: u32) {
        let Some(transfer) = self.deliveries.timed.get_mut(&id) else { return };
        transfer.acknowledgements -= 1;
        transfer.is_over = true;
        if let Some(ticket) = transfer.timer.take() {
            self.events.cancel(ticket);
        }
        self.forget_transfer(id);
    }

    /// No acknowledgement has come in the interval of the last copy.
    pub(super) fn timed_out(&mut self, id: u32) {
        let &Delivery { channel, to, sent, matter, .. } = self.deliveries.get(id);
        let copies = self.deliveries.flight(id).copies;
        let Some(InHand { product, from, .. }) = matter.item else { return };
        let Some(transfer) = self.deliveries.timed.get_mut(&id) else { return };
        transfer.timer = None;
        if transfer.is_over {
            return;
        }
        let is_delivered = transfer.is_delivered;
        let retry = self.model.channels[channel.index()].retry.as_ref();
        let is_last = retry.and_then(|r| r.at_most).is_some_and(|n| copies >= n);
        self.note_wait(id, SpanKind::Retry);
        if !is_last {
            return self.attempt(id);
        }
        transfer_ends(&mut self.deliveries.timed, id);
        if !is_delivered && self.deliveries.settles(sent, false) {
            let spans = SmallVec::<[Span; 4]>::from_slice(self.deliveries.waits(id));
            let who = match from {
                Party::Actor(a) => Subject::Actor(a),
                Party::Operator(o) => Subject::Operator(o),
                _ => Subject::World,
            };
            let record = self.record(who, Event::Undelivered { product, to, copies }, &[sent], &spans);
            if let Party::Actor(a) = from {
                self.tell_failed(a, product, matter, record);
            }
        }
        self.forget_transfer(id);
    }

    /// A channel goes down: what is under way on it is lost; the senders find out by the clock.
    pub(super) fn timed_copies_lost(&mut self, channel: ChannelId) {
        let of_channel: Vec<u32> = self.deliveries.timed.keys().copied().collect();
        for id in of_channel {
            if self.deliveries.get(id).channel != channel {
                continue;
            }
            let Some(transfer) = self.deliveries.timed.get_mut(&id) else { continue };
            for copy in std::mem::take(&mut transfer.under_way) {
                if let Some(ticket) = copy.arrives {
                    self.events.cancel(ticket);
                }
                self.copy_leaves(channel);
            }
            self.forget_transfer(id);
        }
    }

    /// Forgets a delivery of which nothing more will happen.
    fn forget_transfer(&mut self, id: u32) {
        let done = self
            .deliveries
            .timed
            .get(&id)
            .is_some_and(|t| t.is_over && !t.waits && t.under_way.is_empty() && t.acknowledgements == 0);
        if done {
            self.deliveries.timed.remove(&id);
            self.deliveries.finish(id);
        }
    }
}

fn transfer_ends(timed: &mut std::collections::BTreeMap<u32, Transfer>, id: u32) {
    if let Some(transfer) = timed.get_mut(&id) {
        transfer.is_over = true;
    }
}
