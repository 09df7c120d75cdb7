//! Ways from an actor: which channels it may send on, and whom each reaches.
//!
//! Who stands at the ends of a channel is settled by the model, unless an end is a role that is held in turn. So the
//! ways of an actor are laid out when it first sends, and kept over replications; whether a channel is in force and
//! carries the product is asked each time.

use std::cell::OnceCell;

use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{ActorId, ChannelId, Ends, ProductId, Sel};
use crate::trace::Party;

/// The ways from each actor.
#[derive(Debug, Default)]
pub(super) struct Routes {
    from: Vec<OnceCell<Ways>>,
}

/// The ways from one actor.
#[derive(Debug)]
struct Ways {
    /// Channels at whose near end it stands, or may stand at some time.
    channels: Vec<ChannelId>,
    /// Whom they reach, sorted; none where that depends on who holds a role.
    to: Option<Vec<(ActorId, ChannelId)>>,
}

impl Routes {
    pub(super) fn new(n_actors: usize) -> Routes {
        Routes { from: (0..n_actors).map(|_| OnceCell::new()).collect() }
    }
}

impl Simulation<'_> {
    fn ways(&self, from: ActorId) -> &Ways {
        self.routes.from[from.index()].get_or_init(|| self.lay_out_ways(from))
    }

    fn lay_out_ways(&self, from: ActorId) -> Ways {
        let model = self.model;
        let sender = Party::Actor(from);
        let all = (0..model.channels.len()).map(ChannelId::from_index);
        let channels: Vec<ChannelId> = all
            .filter(|c| {
                let near = &model.channels[c.index()].from;
                varies(near) || self.is_end(near, sender, None)
            })
            .collect();
        let of = |c: ChannelId| &model.channels[c.index()];
        if channels.iter().any(|&c| varies(&of(c).from) || varies(&of(c).to)) {
            return Ways { channels, to: None };
        }
        let mut to = Vec::new();
        for &c in &channels {
            match &of(c).to {
                Ends::Of(Sel::Fixed(set)) => {
                    to.extend(model.sets[set.index()].members.iter().map(|&a| (a, c)));
                }
                far => {
                    let actors = (0..model.actors.len()).map(ActorId::from_index);
                    let reached = actors.filter(|&a| self.is_end(far, Party::Actor(a), Some(sender)));
                    to.extend(reached.map(|a| (a, c)));
                }
            }
        }
        to.sort_unstable();
        Ways { channels, to: Some(to) }
    }

    /// The first channel that leads from an actor to a receiver and carries a product.
    pub(super) fn way(&self, from: ActorId, to: Party, product: ProductId) -> Option<ChannelId> {
        let model = self.model;
        let serves = |c: ChannelId| self.serves(c, from, product);
        let ways = self.ways(from);
        if let (Some(all), Party::Actor(receiver)) = (&ways.to, to) {
            let first = all.partition_point(|&(a, _)| a < receiver);
            let there = all[first..].iter().take_while(|&&(a, _)| a == receiver);
            return there.map(|&(_, c)| c).find(|&c| serves(c));
        }
        ways.channels.iter().copied().find(|&c| {
            let channel = &model.channels[c.index()];
            serves(c)
                && self.is_end(&channel.from, Party::Actor(from), None)
                && self.is_end(&channel.to, to, Some(Party::Actor(from)))
        })
    }

    /// Whether a channel carries a product now, from an actor that stands at its near end.
    fn serves(&self, channel: ChannelId, from: ActorId, product: ProductId) -> bool {
        let model = self.model;
        self.plain.carries(channel.index(), &model.channels, product)
            && (self.plain.channels[channel.index()].is_valid
                || self.is_valid(&model.channels[channel.index()].validity, model.actors[from.index()].state))
    }

    /// Everybody else whom some channel leads to with a product, in order, each with the first channel that does; none
    /// where that depends on who holds a role. The list is to be given back to `spare_ways`.
    pub(super) fn ways_for(
        &mut self,
        from: ActorId,
        product: ProductId,
    ) -> Option<Vec<(ActorId, ChannelId)>> {
        let mut found = self.spare_ways.pop().unwrap_or_default();
        found.clear();
        let all = self.ways(from).to.as_ref()?;
        for &(to, channel) in all {
            let is_new = to != from && found.last().is_none_or(|&(last, _)| last != to);
            if is_new && self.serves(channel, from, product) {
                found.push((to, channel));
            }
        }
        Some(found)
    }

    /// Adds everybody that some channel leads to from an actor, for the product in hand if there is one.
    pub(super) fn linked(&self, from: ActorId, matter: &Matter, into: &mut Vec<ActorId>) {
        let model = self.model;
        let state = model.actors[from.index()].state;
        let product = matter.item.map(|i| i.product);
        let serves = |c: ChannelId| {
            let channel = &model.channels[c.index()];
            product.is_none_or(|p| channel.carries[p.index()]) && self.is_valid(&channel.validity, state)
        };
        let ways = self.ways(from);
        if let Some(all) = &ways.to {
            into.extend(all.iter().filter(|&&(a, c)| a != from && serves(c)).map(|&(a, _)| a));
            return;
        }
        let sender = Party::Actor(from);
        for &c in ways.channels.iter().filter(|&&c| serves(c)) {
            let channel = &model.channels[c.index()];
            if self.is_end(&channel.from, sender, None) {
                let actors = (0..model.actors.len()).map(ActorId::from_index);
                let far =
                    |a: &ActorId| *a != from && self.is_end(&channel.to, Party::Actor(*a), Some(sender));
                into.extend(actors.filter(far));
            }
        }
    }
}

/// Whether it changes with time who stands at an end.
fn varies(end: &Ends) -> bool {
    match end {
        Ends::Any | Ends::Public | Ends::Operators => false,
        Ends::Of(sel) => sel_varies(sel),
    }
}

fn sel_varies(sel: &Sel) -> bool {
    match sel {
        Sel::Fixed(_) | Sel::Own(_) | Sel::Concerned(_) | Sel::Affected(..) => false,
        Sel::Sender | Sel::Linked | Sel::Operators | Sel::OperatorsIn(_) => false,
        Sel::AnyOf(all) => all.iter().any(sel_varies),
        Sel::Drawn(all, _) => sel_varies(all),
        Sel::Except(all, without) => sel_varies(all) || sel_varies(without),
        Sel::Holder(_) => true,
    }
}
