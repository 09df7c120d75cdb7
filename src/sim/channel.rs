//! Channels: from the author's finished product to the reader's knowledge.
//!
//! Phases of a delivery: sent → attempts (closed, full or down: wait; lost: retry) → under way → delivered → read.
//! A product marked above what the channel carries or the receiver may see goes below its tear line, or is refused.

use std::collections::BTreeMap;

use prefetch_index::prefetch_index;
use smallvec::SmallVec;

use super::agenda::{Notice, rank};
use super::draw::{Drawer, Instance};
use super::engine::Simulation;
use super::knowledge::News;
use super::matter::{InHand, Matter};
use super::sending::Parallel;
use super::task::{Manner, NewTask, Then};
use super::transfer::Transfer;
use crate::des::Ticket;
use crate::model::{
    ActorId, Channel, ChannelId, Ends, FactId, FactKindId, MarkingRung, Model, ProductId, Retry, Sel, SiteId,
    StateId, Trouble,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Party, RecordId, Refusal, Source, Span, SpanKind, Subject, Told, WorkKind};

/// Products on the way or being read.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    slab: Vec<Delivery>,
    flights: Vec<Flight>,
    free: Vec<u32>,
    /// What time was spent on before the present wait or copy, of the deliveries for which there is something.
    waits: BTreeMap<u32, Vec<Span>>,
    /// What is known of deliveries whose sender goes by acknowledgements.
    pub(super) timed: BTreeMap<u32, Transfer>,
    /// Products that go by several channels at once, by the record of their sending.
    pub(super) parallel: BTreeMap<RecordId, Parallel>,
}

/// One product for one receiver: a line of memory, for many may be under way.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Delivery {
    /// What it is about, with the product in hand until it is over.
    pub(super) matter: Matter,
    pub(super) to: Party,
    /// Whose draws the channel's are.
    pub(super) drawer: Drawer,
    pub(super) channel: ChannelId,
    pub(super) sent: RecordId,
}

/// How far a delivery has come: half a line.
#[derive(Debug, Clone)]
#[repr(align(32))]
pub(super) struct Flight {
    /// Since when the present wait lasts.
    pub(super) at: SimTime,
    /// The arrival of the copy under way.
    pub(super) arrives: Option<Ticket>,
    pub(super) copies: u32,
    /// It has waited before.
    has_waited: bool,
}

const _: () = assert!(size_of::<Delivery>() == 64 && size_of::<Flight>() == 32);

impl Deliveries {
    pub(super) fn clear(&mut self) {
        self.slab.clear();
        self.flights.clear();
        self.free.clear();
        self.waits.clear();
        self.timed.clear();
        self.parallel.clear();
    }

    /// A delivery begins to wait or to move at `at`, after so many copies.
    fn insert(&mut self, delivery: Delivery, at: SimTime, copies: u32) -> u32 {
        let flight = Flight { at, arrives: None, copies, has_waited: false };
        if let Some(id) = self.free.pop() {
            self.slab[id as usize] = delivery;
            self.flights[id as usize] = flight;
            return id;
        }
        self.slab.push(delivery);
        self.flights.push(flight);
        (self.slab.len() - 1) as u32
    }

    pub(super) fn get(&self, id: u32) -> &Delivery {
        &self.slab[id as usize]
    }

    pub(super) fn flight(&mut self, id: u32) -> &mut Flight {
        &mut self.flights[id as usize]
    }

    /// Deliveries with a copy under way on a channel, in the order in which they were sent.
    fn under_way(&self, channel: ChannelId) -> Vec<u32> {
        let all = self.slab.iter().zip(&self.flights).enumerate();
        let mut found: Vec<(RecordId, u32)> = all
            .filter(|(_, (d, flight))| d.channel == channel && flight.arrives.is_some())
            .map(|(i, (d, _))| (d.sent, i as u32))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Asks memory for a delivery that arrives soon.
    #[inline]
    pub(super) fn fetch(&self, id: u32) {
        prefetch_index(&self.slab, id as usize);
        prefetch_index(&self.flights, id as usize);
    }

    /// Product instances in hand.
    pub(super) fn items(&self) -> impl Iterator<Item = u32> {
        self.slab.iter().filter_map(|d| d.matter.item).map(|i| i.item)
    }

    /// A delivery is over, and holds nothing any more.
    pub(super) fn finish(&mut self, id: u32) {
        self.slab[id as usize].matter.item = None;
        if self.flights[id as usize].has_waited {
            self.waits.remove(&id);
        }
        self.free.push(id);
    }

    /// The present wait of a delivery is over, or will be, at `to`.
    pub(super) fn wait_ends(&mut self, id: u32, kind: SpanKind, to: SimTime) {
        let who = Subject::Channel(self.slab[id as usize].channel.index() as u32);
        let flight = &mut self.flights[id as usize];
        let span = Span { kind, who, from: flight.at, to };
        flight.at = to;
        flight.has_waited = true;
        self.waits.entry(id).or_default().push(span);
    }

    /// What time was spent on before the present wait or copy of a delivery.
    pub(super) fn waits(&self, id: u32) -> &[Span] {
        if !self.flights[id as usize].has_waited {
            return &[];
        }
        self.waits.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Another delivery of the same, for a copy that arrives by itself.
    pub(super) fn insert_again(&mut self, id: u32) -> u32 {
        let Flight { at, copies, .. } = self.flights[id as usize];
        self.insert(self.slab[id as usize].clone(), at, copies)
    }
}

impl Simulation<'_> {
    /// Whether a channel leads from a sender to a receiver now and carries a product.
    pub(super) fn leads(&self, channel: ChannelId, from: Party, to: Party, product: ProductId) -> bool {
        let carries = self.plain.carries(channel.index(), &self.model.channels, product);
        let channel = &self.model.channels[channel.index()];
        carries
            && self.is_end(&channel.from, from, None)
            && self.is_end(&channel.to, to, Some(from))
            && self.is_valid(&channel.validity, self.state_of(from))
    }

    /// The first channel that leads from a sender to a receiver and carries a product.
    pub(super) fn channel_between(&self, from: Party, to: Party, product: ProductId) -> Option<ChannelId> {
        if let Party::Actor(from) = from {
            return self.way(from, to, product);
        }
        let mut all = (0..self.model.channels.len()).map(ChannelId::from_index);
        all.find(|&channel| self.leads(channel, from, to, product))
    }

    fn state_of(&self, party: Party) -> Option<crate::model::StateId> {
        match party {
            Party::Actor(a) => self.model.actors[a.index()].state,
            Party::Operator(o) => Some(self.group_of(o).state),
            Party::Operators(s) => Some(crate::model::StateId::from_index(s as usize)),
            Party::Public => None,
        }
    }

    fn sector_of(&self, party: Party) -> Option<crate::model::SectorId> {
        match party {
            Party::Actor(a) => self.model.actors[a.index()].sector,
            Party::Operator(o) => Some(self.group_of(o).sector),
            Party::Operators(_) | Party::Public => None,
        }
    }

    /// Whether a party stands at an end of a channel; `sender` is given at the far end.
    pub(super) fn is_end(&self, end: &Ends, party: Party, sender: Option<Party>) -> bool {
        match (end, party) {
            (Ends::Any, Party::Actor(_)) | (Ends::Public, Party::Public) => true,
            (Ends::Operators, Party::Operator(_) | Party::Operators(_)) => true,
            (Ends::Of(sel), Party::Actor(a)) => self.stands_in(sel, a, sender),
            _ => false,
        }
    }

    /// Whether an actor belongs to a selector as an end of a channel.
    pub(super) fn stands_in(&self, sel: &Sel, actor: ActorId, sender: Option<Party>) -> bool {
        let model = self.model;
        match sel {
            Sel::Fixed(set) => model.sets[set.index()].has(actor),
            Sel::Own(t) => {
                let own = match sender {
                    Some(sender) => self.state_of(sender),
                    None => model.actors[actor.index()].state,
                };
                let sector = self.sector_of(sender.unwrap_or(Party::Actor(actor)));
                model.templates[t.index()].actor_of(own, sector) == Some(actor)
            }
            Sel::Concerned(t) | Sel::Affected(t, _) => model.actors[actor.index()].template == *t,
            Sel::Holder(role) => self.holder(*role) == Some(actor),
            Sel::AnyOf(all) => all.iter().any(|s| self.stands_in(s, actor, sender)),
            Sel::Drawn(all, _) => self.stands_in(all, actor, sender),
            Sel::Except(all, without) => {
                self.stands_in(all, actor, sender) && !self.stands_in(without, actor, sender)
            }
            Sel::Sender | Sel::Linked | Sel::Operators | Sel::OperatorsIn(_) => false,
        }
    }

    /// The item that may go to a receiver: the whole, or what is below the tear line.
    pub(super) fn below_the_line(
        &mut self,
        product: ProductId,
        item: u32,
        channel: ChannelId,
        to: Party,
    ) -> Result<u32, Refusal> {
        let model = self.model;
        let p = &model.products[product.index()];
        let Some(marking) = p.marking else { return Ok(item) };
        let Some(why) = self.refusal(marking, channel, to) else { return Ok(item) };
        let Some((lower, kinds)) = &p.tear_line else { return Err(why) };
        if let Some(why) = self.refusal(*lower, channel, to) {
            return Err(why);
        }
        let keeps = |f: FactId, kinds: &[FactKindId]| kinds.contains(&model.facts[f.index()].kind);
        let told: Vec<Told> =
            self.trace.told_in(item).iter().filter(|t| keeps(t.fact, kinds)).copied().collect();
        Ok(self.trace.add_item(&told))
    }

    fn refusal(&self, marking: MarkingRung, channel: ChannelId, to: Party) -> Option<Refusal> {
        let above = |limits: &[MarkingRung]| {
            limits.iter().any(|l| l.scheme == marking.scheme && l.rung < marking.rung)
        };
        if above(&self.model.channels[channel.index()].carries_up_to) {
            return Some(Refusal::Marking);
        }
        match to {
            Party::Actor(a) if above(&self.model.actors[a.index()].clearance) => Some(Refusal::Clearance),
            _ => None,
        }
    }

    /// Puts a product on a channel.
    #[expect(clippy::too_many_arguments, reason = "one call each for actors, operators and the public")]
    pub(super) fn dispatch(
        &mut self,
        channel: ChannelId,
        product: ProductId,
        item: u32,
        from: Party,
        to: Party,
        drawer: Drawer,
        sent: RecordId,
        matter: Matter,
    ) {
        let delivery = Delivery {
            matter: Matter { item: Some(InHand { item, product, from }), ..matter },
            to,
            drawer,
            channel,
            sent,
        };
        let id = self.deliveries.insert(delivery, self.now, 0);
        self.attempt(id);
    }

    /// The instance that a delivery stands for in draws: what it is about, the product and the receiver.
    pub(super) fn instance_of_delivery(&self, matter: &Matter, to: Party) -> Instance {
        let model = self.model;
        let receiver = match to {
            Party::Actor(a) => model.actors[a.index()].name.hash.words()[0],
            Party::Operators(s) => u64::from(s) + 1,
            _ => 0,
        };
        let product = matter.item.map_or(0, |hand| model.products[hand.product.index()].name.hash.words()[0]);
        self.instance_of(matter).after(&[product, receiver])
    }

    /// Tries to send a copy; waits while the channel is closed, down or full.
    pub(super) fn attempt(&mut self, id: u32) {
        let model = self.model;
        let (channel_id, drawer) = (self.deliveries.get(id).channel, self.deliveries.get(id).drawer);
        if !self.copy_wanted(id) {
            return self.next_in_line(channel_id);
        }
        if self.lines_failed {
            let down_until = self.line(channel_id).down_until;
            if self.now < down_until {
                return self.hold(id, SpanKind::Outage, down_until);
            }
        }
        let plain = &self.plain.channels[channel_id.index()];
        if plain.is_open {
            return self.copy_goes(id, plain.latency);
        }
        let channel = &model.channels[channel_id.index()];
        if channel.hours.is_some() || !channel.hours_at.is_empty() {
            let (matter, to) = (self.deliveries.get(id).matter, self.deliveries.get(id).to);
            let from = matter.item.map_or(to, |hand| hand.from);
            match channel_opens(model, channel, from, to, self.now) {
                Some(open) if open > self.now => return self.hold(id, SpanKind::OffDuty, open),
                Some(_) => {}
                None => return self.deliveries.finish(id),
            }
        }
        if channel.capacity.is_some_and(|n| self.line(channel_id).in_flight >= n) {
            self.copy_waits(id);
            self.line(channel_id).waiting.push_back(id);
            return;
        }
        self.note_wait(id, SpanKind::Queue);
        let state = self.drawer_state(drawer);
        let (loss, channel_latency) = self.link(id);
        self.deliveries.flight(id).copies += 1;
        let (matter, to) = (self.deliveries.get(id).matter, self.deliveries.get(id).to);
        let of = self.instance_of_delivery(&matter, to);
        self.toward = self.state_of(to);
        let lost = loss.is_some_and(|site| self.chance(drawer, state, site, of));
        if channel.retry.as_ref().is_some_and(|r| r.timed.is_some()) {
            self.timed_copy(id, lost, channel_latency);
            self.toward = None;
            return;
        }
        if lost {
            self.toward = None;
            return self.copy_lost(id);
        }
        if channel.capacity.is_some() {
            self.line(channel_id).in_flight += 1;
        }
        let latency = self.duration_or_zero(drawer, channel_latency, of);
        self.toward = None;
        let arrives = self.schedule(latency, rank::ENDS, Notice::CopyArrives(id));
        self.deliveries.flight(id).arrives = arrives;
    }

    /// Sends a copy on a channel that is always open, loses nothing and takes as many as come.
    fn copy_goes(&mut self, id: u32, latency: Option<SiteId>) {
        self.note_wait(id, SpanKind::Queue);
        self.deliveries.flight(id).copies += 1;
        let &Delivery { matter, to, drawer, .. } = self.deliveries.get(id);
        let latency = latency.map_or(SimDuration::ZERO, |site| {
            let of = self.instance_of_delivery(&matter, to);
            let plain = &self.plain.sites[site.index()];
            if plain.law.is_some() && self.effects.spare(plain.param) {
                return self.draw_duration(drawer, None, site, of);
            }
            self.toward = self.state_of(to);
            let latency = self.draw_duration(drawer, self.drawer_state(drawer), site, of);
            self.toward = None;
            latency
        });
        let arrives = self.schedule(latency, rank::ENDS, Notice::CopyArrives(id));
        self.deliveries.flight(id).arrives = arrives;
    }

    /// Loss and latency of a copy that is sent now: those of the first trouble that fits, else the ordinary ones.
    fn link(&mut self, id: u32) -> (Option<SiteId>, Option<SiteId>) {
        let d = self.deliveries.get(id);
        let (from, to) = (d.matter.item.map_or(d.to, |hand| hand.from), d.to);
        let channel = &self.model.channels[d.channel.index()];
        for worse in &channel.worse {
            let fits = match (worse.when, from, to) {
                (Trouble::SenderHit, Party::Operator(o), _) => self.is_hit(o),
                (Trouble::ReceiverOffDuty, _, Party::Actor(a)) => {
                    // What the desk notes of its duty is up to date only while it has work.
                    let rota = self.desk(a).rota;
                    rota.is_some_and(|r| !self.model.rotas[r.index()].profile.capacity_at(self.now).is_open())
                }
                (Trouble::ReceiverDown, _, Party::Actor(a)) => self.desk(a).down > 0,
                _ => false,
            };
            if fits {
                return (worse.loss.or(channel.loss), worse.latency.or(channel.latency));
            }
        }
        (channel.loss, channel.latency)
    }

    pub(super) fn drawer_state(&self, drawer: Drawer) -> Option<crate::model::StateId> {
        match drawer {
            Drawer::Actor(a) => self.state_of(Party::Actor(a)),
            Drawer::Operator(o) => self.state_of(Party::Operator(o)),
            Drawer::Incident(_) => None,
        }
    }

    pub(super) fn duration_or_zero(
        &mut self,
        drawer: Drawer,
        site: Option<SiteId>,
        of: Instance,
    ) -> SimDuration {
        let state = self.drawer_state(drawer);
        site.map_or(SimDuration::ZERO, |site| self.draw_duration(drawer, state, site, of))
    }

    /// Waits for the channel until an instant.
    fn hold(&mut self, id: u32, kind: SpanKind, until: SimTime) {
        self.deliveries.wait_ends(id, kind, until);
        self.copy_waits(id);
        self.schedule_at(until, rank::BEGINS, Notice::CopySent(id));
    }

    /// Closes a wait that ends now.
    pub(super) fn note_wait(&mut self, id: u32, kind: SpanKind) {
        let now = self.now;
        if self.deliveries.flight(id).at < now {
            self.deliveries.wait_ends(id, kind, now);
        }
    }

    fn copy_lost(&mut self, id: u32) {
        let model = self.model;
        let d = self.deliveries.get(id);
        let (channel, drawer, matter, to) = (d.channel, d.drawer, d.matter, d.to);
        let copies = self.deliveries.flight(id).copies;
        let Some(retry) = &model.channels[channel.index()].retry else {
            return self.given_up(id);
        };
        let of = self.instance_of_delivery(&matter, to);
        self.toward = self.state_of(to);
        let wait = self.interval(drawer, retry, copies, of);
        self.toward = None;
        // From the sending of the copy, or from when the channel failed under it if that is later.
        let at = self.deliveries.flight(id).at.saturating_add(wait).max(self.now);
        let last = retry.at_most.is_some_and(|n| copies >= n);
        self.deliveries.wait_ends(id, SpanKind::Retry, at);
        let notice = if last { Notice::GivenUp(id) } else { Notice::CopySent(id) };
        self.schedule_at(at, rank::BEGINS, notice);
    }

    /// From the sending of a copy to that of the next.
    pub(super) fn interval(
        &mut self,
        drawer: Drawer,
        retry: &Retry,
        copies: u32,
        of: Instance,
    ) -> SimDuration {
        let mut wait = self.duration_or_zero(drawer, Some(retry.after), of);
        let growth = libm::pow(retry.growth, f64::from(copies - 1));
        wait = wait.scaled(growth);
        if retry.cap.is_some() {
            wait = wait.min(self.duration_or_zero(drawer, retry.cap, of));
        }
        wait
    }

    /// The sender finds out that no copy got through.
    pub(super) fn given_up(&mut self, id: u32) {
        self.note_wait(id, SpanKind::Retry);
        let d = self.deliveries.get(id).clone();
        let copies = self.deliveries.flight(id).copies;
        let spans = SmallVec::<[Span; 4]>::from_slice(self.deliveries.waits(id));
        self.deliveries.finish(id);
        let Some(InHand { product, from, .. }) = d.matter.item else { return };
        if !self.deliveries.settles(d.sent, false) {
            return;
        }
        let event = Event::Undelivered { product, to: d.to, copies };
        let record = self.record(subject(from), event, &[d.sent], &spans);
        if let Party::Actor(a) = from {
            self.tell_failed(a, product, d.matter, record);
        }
    }

    /// A channel goes down; what is under way on it is lost.
    pub(super) fn channel_down(&mut self, channel: ChannelId, lasts: SimDuration) {
        let until = self.now.saturating_add(lasts);
        self.lines_failed = true;
        let mut line = self.line(channel);
        line.down_until = line.down_until.max(until);
        self.timed_copies_lost(channel);
        for id in self.deliveries.under_way(channel) {
            if let Some(ticket) = self.deliveries.flight(id).arrives.take() {
                self.events.cancel(ticket);
                self.copy_leaves(channel);
                self.copy_lost(id);
            }
        }
    }

    /// A copy is no longer under way: the next that waits for the channel may go.
    pub(super) fn copy_leaves(&mut self, channel: ChannelId) {
        if !self.plain.channels[channel.index()].is_limited {
            return;
        }
        let mut line = self.line(channel);
        line.in_flight = line.in_flight.saturating_sub(1);
        self.next_in_line(channel);
    }

    /// The next that waits for a channel may go, if there is room.
    fn next_in_line(&mut self, channel: ChannelId) {
        let capacity = self.model.channels[channel.index()].capacity;
        let mut line = self.line(channel);
        let next = if capacity.is_none_or(|n| line.in_flight < n) { line.waiting.pop_front() } else { None };
        if let Some(next) = next {
            self.attempt(next);
        }
    }

    /// A copy arrives.
    pub(super) fn copy_arrives(&mut self, id: u32) {
        self.deliveries.flight(id).arrives = None;
        let channel = self.deliveries.get(id).channel;
        self.copy_leaves(channel);
        let mut spans = SmallVec::<[Span; 4]>::from_slice(self.deliveries.waits(id));
        let (who, from) = (Subject::Channel(channel.index() as u32), self.deliveries.flight(id).at);
        spans.push(Span { kind: SpanKind::Transmission, who, from, to: self.now });
        self.arrived(id, &spans);
    }

    /// A copy has arrived, the first that counts, after `spans`. The delivery is over.
    pub(super) fn arrived(&mut self, id: u32, spans: &[Span]) {
        let &Delivery { matter, to, sent, .. } = self.deliveries.get(id);
        let copies = self.deliveries.flight(id).copies;
        self.deliveries.finish(id);
        let Some(InHand { product, item, from }) = matter.item else { return };
        let counts = self.deliveries.settles(sent, true);
        let who = match to {
            Party::Actor(a) => Subject::Actor(a),
            _ => Subject::World,
        };
        if !counts {
            self.record(who, Event::Redundant(product), &[sent], spans);
            return;
        }
        let event = Event::Delivered { product, from, item, copies };
        let delivered = self.record(who, event, &[sent], spans);
        match to {
            Party::Actor(reader) => self.begin_reading(reader, product, matter, delivered),
            Party::Operators(state) => {
                self.operators_warned(product, crate::model::StateId::from_index(state as usize));
            }
            _ => {}
        }
    }

    fn begin_reading(&mut self, reader: ActorId, product: ProductId, matter: Matter, delivered: RecordId) {
        if self.cases.is_closed(matter.case) {
            return;
        }
        let p = &self.model.products[product.index()];
        let Some(site) = p.read else { return self.read(reader, matter, delivered) };
        let instance = self.instance_of_delivery(&matter, Party::Actor(reader));
        let duration = self.effort(reader, site, instance);
        let manner = p.read_as.map_or_else(Manner::default, |task| self.manner_of(reader, task, instance));
        let task = NewTask {
            actor: reader,
            work: WorkKind::Read(product),
            priority: p.priority,
            duration,
            manner,
            cause: delivered,
            then: Then::Read(matter),
        };
        self.task_arrives(task);
    }

    /// A product has been read: the reader knows what it tells.
    pub(super) fn read(&mut self, reader: ActorId, matter: Matter, done: RecordId) {
        let Some(InHand { product, item, from }) = matter.item else { return };
        self.count_reading(reader, product, &matter);
        let from = match from {
            Party::Actor(a) => Source::Actor(a),
            Party::Operator(o) => Source::Operator(o),
            _ => Source::World,
        };
        let mut news = SmallVec::<[(News, RecordId); 4]>::new();
        for i in 0..self.trace.told_in(item).len() {
            let told = self.trace.told_in(item)[i];
            let one = (self.as_news(reader, &told, from), told.learned);
            if self.is_news(reader, &one.0) {
                news.push(one);
            }
        }
        let newest = news.iter().map(|(_, learned)| *learned).max();
        let (who, event) = (Subject::Actor(reader), Event::Read { product, item });
        let read = match newest {
            Some(newest) => self.record(who, event, &[done, newest], &[]),
            None => self.record(who, event, &[done], &[]),
        };
        let mut learned = SmallVec::<[(FactId, RecordId); 4]>::new();
        for (n, source) in &news {
            if let Some(record) = self.learn(reader, *n, &[read, *source]) {
                learned.push((n.fact, record));
            }
        }
        self.tell_received(reader, product, matter, read);
        for (fact, record) in learned {
            self.tell_learned(reader, fact, record, matter);
        }
    }

    /// What a reader makes of what it is told: an operator's report is one more in its own count.
    fn as_news(&mut self, reader: ActorId, told: &Told, from: Source) -> News {
        if matches!(from, Source::Operator(_)) && self.is_number(told.fact) {
            let value = self.knowledge(reader).of(told.fact).map_or(0.0, |k| k.value) + told.value;
            let (version, _) = self.version_of(told.fact, value);
            return News { fact: told.fact, version, value, from };
        }
        News { fact: told.fact, version: told.version, value: told.value, from }
    }

    pub(super) fn reset_lines(&mut self) {
        self.lines_failed = false;
        for i in 0..self.model.channels.len() {
            *self.line(ChannelId::from_index(i)) = super::world::Line::default();
        }
    }
}

/// When a channel is open next for a sender and a receiver.
fn channel_opens(model: &Model, channel: &Channel, from: Party, to: Party, now: SimTime) -> Option<SimTime> {
    let hours = |party: Party| match party {
        Party::Actor(a) if !channel.hours_at.is_empty() => channel.hours_at[a.index()],
        _ => channel.hours,
    };
    let near = hours(from).filter(|_| channel.hours_of.0);
    let far = hours(to).filter(|_| channel.hours_of.1);
    let mut at = now;
    // Both ends must be open at once.
    loop {
        let before = at;
        for rota in [near, far].into_iter().flatten() {
            at = model.rotas[rota.index()].profile.next_open(at)?;
        }
        if at == before {
            return Some(at);
        }
    }
}

/// The states whose operators a selector means, for somebody of a state.
pub(super) fn operators_meant(sel: &Sel, own: Option<StateId>, into: &mut Vec<StateId>) {
    match sel {
        Sel::Operators => into.extend(own),
        Sel::OperatorsIn(states) => into.extend_from_slice(states),
        Sel::AnyOf(all) => all.iter().for_each(|s| operators_meant(s, own, into)),
        Sel::Drawn(all, _) => operators_meant(all, own, into),
        _ => {}
    }
}

/// Who a sender is in the trace.
fn subject(party: Party) -> Subject {
    match party {
        Party::Actor(a) => Subject::Actor(a),
        Party::Operator(o) => Subject::Operator(o),
        Party::Operators(_) | Party::Public => Subject::World,
    }
}
