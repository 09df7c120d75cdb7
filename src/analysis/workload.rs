//! How much each actor had to do, and what went over each channel.

use crate::model::{ActorId, ChannelId, ProductId};
use crate::time::SimDuration;

/// The work of one actor.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorLoad {
    /// The actor.
    pub actor: ActorId,
    /// Tasks done.
    pub done: u32,
    /// Tasks still there at the end.
    pub unfinished: u32,
    /// Tasks that found the queue full.
    pub refused: u32,
    /// Tasks that gave up waiting.
    pub gave_up: u32,
    /// Sum of the time of servers at work.
    pub busy: SimDuration,
    /// Sum of the time of servers on duty; none: unlimited staff.
    pub on_duty: Option<SimDuration>,
    /// `busy / on_duty`; above 1 where work overruns or staff is called in; none: unlimited or never on duty.
    pub utilisation: Option<f64>,
    /// Mean time from arrival to the beginning of service, over tasks that began [h].
    pub mean_wait_hours: Option<f64>,
    /// Longest time from arrival to the beginning of service, or to the end for what never began.
    pub max_wait: SimDuration,
    /// Most tasks waiting at once.
    pub max_queue: u32,
}

/// Messages of one product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProductLoad {
    /// The product.
    pub product: ProductId,
    /// Sendings, one a receiver.
    pub sent: u32,
    /// Deliveries.
    pub delivered: u32,
    /// Sendings of which no copy got through.
    pub undelivered: u32,
    /// Sendings that were refused.
    pub refused: u32,
    /// Readings.
    pub read: u32,
    /// Copies sent.
    pub copies: u32,
}

/// Messages over one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelLoad {
    /// The channel.
    pub channel: ChannelId,
    /// Deliveries.
    pub delivered: u32,
    /// Copies sent for what was delivered.
    pub copies: u32,
    /// Mean time from sending to delivery [h].
    pub mean_hours: f64,
}

/// Work and messages of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workload {
    /// By actor, in the order of the model.
    pub actors: Vec<ActorLoad>,
    /// By product, only those that were sent or refused.
    pub products: Vec<ProductLoad>,
    /// By channel, only those that delivered.
    pub channels: Vec<ChannelLoad>,
}
