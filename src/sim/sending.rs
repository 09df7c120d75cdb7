//! Sending: who may be sent a product, and by which channels.
//!
//! A product goes by the first channel that fits, or by several that its rule names: then there is a copy on each, what
//! arrives first counts, what arrives later is redundant, and it has failed when it has failed on all of them.

use smallvec::SmallVec;

use super::channel::Deliveries;
use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::{InHand, Matter};
use crate::model::{ActorId, ChannelId, ProductId, Sel};
use crate::trace::{Event, Party, RecordId, Refusal, Subject, Told};

/// A product on its way by several channels at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parallel {
    /// Channels on which it has neither arrived nor failed.
    open: usize,
    is_delivered: bool,
}

/// Channels, with the number of the content that goes on each.
type Ways = SmallVec<[(ChannelId, u32); 2]>;

impl Deliveries {
    /// A copy of what goes by several channels has arrived or failed on one of them. Returns whether it counts: an
    /// arrival if it is the first, a failure if it is the last and nothing has arrived. What goes by one channel counts.
    pub(super) fn settles(&mut self, sent: RecordId, arrived: bool) -> bool {
        let Some(parallel) = self.parallel.get_mut(&sent) else { return true };
        parallel.open -= 1;
        let counts = !parallel.is_delivered && (arrived || parallel.open == 0);
        parallel.is_delivered |= arrived;
        if parallel.open == 0 {
            self.parallel.remove(&sent);
        }
        counts
    }
}

impl Simulation<'_> {
    /// Passes on the product in hand.
    pub(super) fn forward(&mut self, actor: ActorId, to: &Sel, matter: Matter, cause: RecordId) {
        let Some(InHand { item, product, .. }) = matter.item else { return };
        // What is passed on is told by whoever passes it on: its own learning is what the receiver's rests on.
        let knowledge = self.knowledge(actor);
        let told: SmallVec<[Told; 4]> = self
            .trace
            .told_in(item)
            .iter()
            .map(|t| match knowledge.of(t.fact) {
                Some(known) => Told { learned: known.record, ..*t },
                None => *t,
            })
            .collect();
        let number = self.trace.add_item(&told);
        if let Sel::Linked = to
            && let Some(ways) = self.ways_for(actor, product)
        {
            for &(receiver, channel) in &ways {
                self.send_by(actor, product, number, (Party::Actor(receiver), channel), matter, cause);
            }
            self.spare_ways.push(ways);
            return;
        }
        let receivers = self.turned_to(to, actor, &matter);
        for &receiver in &receivers {
            if receiver != actor {
                self.send_one(actor, product, number, Party::Actor(receiver), &[], matter, cause);
            }
        }
        self.spare_actors.push(receivers);
    }

    /// Sends a product to a receiver by the first channel that fits or, where some are named, by each of them that
    /// leads there and may carry it.
    #[expect(clippy::too_many_arguments, reason = "what is sent, whence, where to, how and why")]
    pub(super) fn send_one(
        &mut self,
        author: ActorId,
        product: ProductId,
        item: u32,
        to: Party,
        by: &[ChannelId],
        matter: Matter,
        cause: RecordId,
    ) {
        let from = Party::Actor(author);
        let ways = if self.never_complies(author, product) {
            Err(Refusal::Unwilling)
        } else {
            self.ways_by(product, item, (from, to), by)
        };
        self.send_ways(author, product, to, ways, matter, cause);
    }

    /// Sends a product by a channel that leads to the receiver.
    fn send_by(
        &mut self,
        author: ActorId,
        product: ProductId,
        item: u32,
        (to, channel): (Party, ChannelId),
        matter: Matter,
        cause: RecordId,
    ) {
        let ways = if self.never_complies(author, product) {
            Err(Refusal::Unwilling)
        } else {
            let item = self.below_the_line(product, item, channel, to);
            item.map(|item| Ways::from_slice(&[(channel, item)]))
        };
        self.send_ways(author, product, to, ways, matter, cause);
    }

    fn send_ways(
        &mut self,
        author: ActorId,
        product: ProductId,
        to: Party,
        ways: Result<Ways, Refusal>,
        matter: Matter,
        cause: RecordId,
    ) {
        let from = Party::Actor(author);
        let ways = match ways {
            Ok(ways) => ways,
            Err(why) => {
                self.record(Subject::Actor(author), Event::Refused { product, to, why }, &[cause], &[]);
                return;
            }
        };
        let event = Event::Sent { product, to, item: ways[0].1 };
        let sent = self.record(Subject::Actor(author), event, &[cause], &[]);
        if ways.len() > 1 {
            self.deliveries.parallel.insert(sent, Parallel { open: ways.len(), is_delivered: false });
        }
        for (channel, item) in ways {
            self.dispatch(channel, product, item, from, to, Drawer::Actor(author), sent, matter);
        }
    }

    /// The channels by which a product goes, at least one, and what it tells there.
    fn ways_by(
        &mut self,
        product: ProductId,
        item: u32,
        (from, to): (Party, Party),
        by: &[ChannelId],
    ) -> Result<Ways, Refusal> {
        if by.is_empty() {
            let channel = self.channel_between(from, to, product).ok_or(Refusal::NoChannel)?;
            let item = self.below_the_line(product, item, channel, to)?;
            return Ok(SmallVec::from_slice(&[(channel, item)]));
        }
        let (mut ways, mut why) = (SmallVec::new(), Refusal::NoChannel);
        for &channel in by {
            if !self.leads(channel, from, to, product) {
                continue;
            }
            match self.below_the_line(product, item, channel, to) {
                Ok(item) => ways.push((channel, item)),
                Err(refused) => why = refused,
            }
        }
        if ways.is_empty() { Err(why) } else { Ok(ways) }
    }
}
