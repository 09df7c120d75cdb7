//! Ways from an actor: which channels it may send on, and whom each reaches.
//!
//! Who stands at the ends of a channel is settled by the model, unless an end is a role that is held in turn. So the
//! ways of an actor are laid out when it first sends, and kept over replications; whether a channel is in force and
//! carries the product is asked each time.

use std::cell::OnceCell;

use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{ActorId, ChannelId, Ends, Model, ProductId, Sel};
use crate::trace::Party;

/// The ways from each actor.
#[derive(Debug, Default)]
pub(super) struct Routes {
    from: Vec<OnceCell<Ways>>,
    /// By actor: channels whose near end is a fixed set with the actor in it.
    near: Vec<Vec<ChannelId>>,
    /// All others.
    others: Vec<ChannelId>,
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
    pub(super) fn new(model: &Model) -> Routes {
        let n_actors = model.actors.len();
        let mut near = vec![Vec::new(); n_actors];
        let mut others = Vec::new();
        for (c, channel) in model.channels.iter().enumerate() {
            let id = ChannelId::from_index(c);
            match &channel.from {
                Ends::Of(Sel::Fixed(set)) => {
                    model.sets[set.index()].members.iter().for_each(|actor| near[actor.index()].push(id));
                }
                _ => others.push(id),
            }
        }
        Routes { from: (0..n_actors).map(|_| OnceCell::new()).collect(), near, others }
    }
}

impl Simulation<'_> {
    fn ways(&self, from: ActorId) -> &Ways {
        self.routes.from[from.index()].get_or_init(|| self.lay_out_ways(from))
    }

    fn lay_out_ways(&self, from: ActorId) -> Ways {
        let model = self.model;
        let sender = Party::Actor(from);
        let others = self.routes.others.iter().copied().filter(|c| {
            let near = &model.channels[c.index()].from;
            varies(near) || self.is_end(near, sender, None)
        });
        let mut channels: Vec<ChannelId> =
            self.routes.near[from.index()].iter().copied().chain(others).collect();
        channels.sort_unstable();
        let of = |c: ChannelId| &model.channels[c.index()];
        if channels.iter().any(|&c| varies(&of(c).from) || varies(&of(c).to)) {
            return Ways { channels, to: None };
        }
        let mut to = Vec::new();
        let mut reached = Vec::new();
        for &c in &channels {
            match &of(c).to {
                Ends::Any => reached.extend((0..model.actors.len()).map(ActorId::from_index)),
                Ends::Of(sel) => self.collect_far(sel, from, &mut reached),
                Ends::Public | Ends::Operators => {}
            }
            to.extend(reached.drain(..).map(|actor| (actor, c)));
        }
        to.sort_unstable();
        to.dedup();
        Ways { channels, to: Some(to) }
    }

    /// Adds those who stand at the far end of a channel from an actor, where that does not vary; some more than once.
    fn collect_far(&self, sel: &Sel, from: ActorId, into: &mut Vec<ActorId>) {
        let model = self.model;
        match sel {
            Sel::Fixed(set) => into.extend_from_slice(&model.sets[set.index()].members),
            Sel::Own(t) => {
                let own = &model.actors[from.index()];
                into.extend(model.templates[t.index()].actor_of(own.state, own.sector));
            }
            Sel::Concerned(t) | Sel::Affected(t, _) => {
                let of_template = model.actors.iter().enumerate().filter(|(_, a)| a.template == *t);
                into.extend(of_template.map(|(i, _)| ActorId::from_index(i)));
            }
            Sel::AnyOf(all) => all.iter().for_each(|one| self.collect_far(one, from, into)),
            Sel::Drawn(all, _) => self.collect_far(all, from, into),
            Sel::Except(all, without) => {
                let mut some = Vec::new();
                self.collect_far(all, from, &mut some);
                let sender = Some(Party::Actor(from));
                into.extend(some.into_iter().filter(|&a| !self.stands_in(without, a, sender)));
            }
            Sel::Holder(_) | Sel::Sender | Sel::Linked | Sel::Operators | Sel::OperatorsIn(_) => {}
        }
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
