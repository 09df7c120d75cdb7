//! What is plain about a model, settled before the run: where nothing has to be asked.
//!
//! Most channels are always open and lose nothing, and most parameters have one law for all places. What is hot asks
//! here first: a line of memory for each draw and a quarter of one for each channel, instead of several that lie apart.

use crate::des::Law;
use crate::model::{Channel, Model, Param, ParamId, ProductId, SiteId, Validity};

/// What is plain about a model.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) sites: Vec<PlainSite>,
    pub(super) channels: Vec<PlainChannel>,
    /// Some task interrupts others, whatever its actor does otherwise.
    pub(super) interrupts: bool,
}

/// A place that draws.
#[derive(Debug)]
pub(super) struct PlainSite {
    pub(super) param: ParamId,
    /// The law, where it is the same everywhere and shares nothing within a state.
    pub(super) law: Option<Law>,
}

/// A channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlainChannel {
    /// Whether it carries each of the first 64 products.
    carries: u64,
    pub(super) latency: Option<SiteId>,
    /// Always open (unless it fails), without loss, trouble and limit.
    pub(super) is_open: bool,
    /// Takes only so many copies at once.
    pub(super) is_limited: bool,
    /// Neither dates nor elements restrict it.
    pub(super) is_valid: bool,
}

impl Plain {
    pub(super) fn of(model: &Model) -> Plain {
        let site = |param: ParamId| {
            let p = &model.params[param.index()];
            PlainSite { param, law: has_one_law(p).then(|| p.laws[0].clone()) }
        };
        Plain {
            sites: model.sites.iter().map(|s| site(s.param)).collect(),
            channels: model.channels.iter().map(PlainChannel::of).collect(),
            interrupts: model.tasks.iter().any(|task| task.interrupts),
        }
    }

    /// Whether a channel carries a product, its validity apart.
    #[inline]
    pub(super) fn carries(&self, channel: usize, all: &[Channel], product: ProductId) -> bool {
        match product.index() {
            p @ 0..64 => self.channels[channel].carries >> p & 1 == 1,
            p => all[channel].carries[p],
        }
    }
}

fn has_one_law(p: &Param) -> bool {
    p.table.is_empty() && p.law_of_state.iter().all(|&law| law == 0) && p.shared_in_state == 0.0
}

impl PlainChannel {
    fn of(channel: &Channel) -> PlainChannel {
        let carried = channel.carries.iter().take(64).enumerate();
        let timed = channel.retry.as_ref().is_some_and(|retry| retry.timed.is_some());
        let is_open = channel.hours.is_none()
            && channel.hours_at.is_empty()
            && channel.capacity.is_none()
            && channel.loss.is_none()
            && channel.worse.is_empty()
            && !timed;
        PlainChannel {
            carries: carried.fold(0, |all, (p, &carries)| all | u64::from(carries) << p),
            latency: channel.latency,
            is_open,
            is_limited: channel.capacity.is_some(),
            is_valid: channel.validity == Validity::default(),
        }
    }
}
