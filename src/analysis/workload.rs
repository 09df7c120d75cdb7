//! How much each actor had to do, and what went over each channel.

use super::reading::Reading;
use super::tasks::{Ending, TaskStory, tasks, time_on_duty};
use crate::model::{ActorId, ChannelId, Model, ProductId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, SpanKind, Subject, Trace};

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
    /// Mean time from arrival to the beginning of service, over tasks that began (h).
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
    /// Mean time from sending to delivery (h).
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

/// Work and messages of a run.
pub fn workload(run: &Reading<'_>) -> Workload {
    let (model, trace) = (run.model, run.trace);
    let mut by_actor: Vec<Vec<TaskStory>> = vec![Vec::new(); model.actors.len()];
    for task in tasks(run) {
        by_actor[task.actor.index()].push(task);
    }
    let actors =
        by_actor.iter().enumerate().map(|(i, t)| load_of(model, trace, ActorId::from_index(i), t)).collect();
    Workload { actors, products: products(model, trace), channels: channels(model, trace) }
}

/// The work of one actor from its tasks.
fn load_of(model: &Model, trace: &Trace, actor: ActorId, tasks: &[TaskStory]) -> ActorLoad {
    let n = |ending: Ending| tasks.iter().filter(|t| t.ending == ending).count() as u32;
    let busy: SimDuration = tasks.iter().flat_map(|t| t.working(trace)).map(|(from, to)| to - from).sum();
    let on_duty = time_on_duty(model, trace, actor);
    let began: Vec<&TaskStory> = tasks.iter().filter(|t| t.started.is_some()).collect();
    let waited: SimDuration = began.iter().map(|t| t.wait()).sum();
    let waiting = tasks.iter().filter(|t| t.ending != Ending::FoundFull);
    ActorLoad {
        actor,
        done: n(Ending::Done),
        unfinished: n(Ending::Unfinished),
        refused: n(Ending::FoundFull),
        gave_up: n(Ending::GaveUp),
        busy,
        on_duty,
        utilisation: on_duty.filter(|d| !d.is_zero()).map(|d| busy.as_micros() as f64 / d.as_micros() as f64),
        mean_wait_hours: (!began.is_empty()).then(|| waited.as_hours_f64() / began.len() as f64),
        max_wait: waiting.map(TaskStory::wait).max().unwrap_or_default(),
        max_queue: most_at_once(tasks.iter().flat_map(|t| t.waiting(trace))),
    }
}

/// The most intervals that overlap; one that ends when another begins does not overlap it.
fn most_at_once(intervals: impl Iterator<Item = (SimTime, SimTime)>) -> u32 {
    let mut changes: Vec<(SimTime, i32)> = intervals.flat_map(|(from, to)| [(from, 1), (to, -1)]).collect();
    changes.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    most as u32
}

/// Messages by product.
fn products(model: &Model, trace: &Trace) -> Vec<ProductLoad> {
    let empty = |i| ProductLoad {
        product: ProductId::from_index(i),
        sent: 0,
        delivered: 0,
        undelivered: 0,
        refused: 0,
        read: 0,
        copies: 0,
    };
    let mut loads: Vec<ProductLoad> = (0..model.products.len()).map(empty).collect();
    for record in &trace.records {
        match record.event {
            Event::Sent { product, .. } => loads[product.index()].sent += 1,
            Event::Delivered { product, copies, .. } => {
                loads[product.index()].delivered += 1;
                loads[product.index()].copies += copies;
            }
            Event::Undelivered { product, copies, .. } => {
                loads[product.index()].undelivered += 1;
                loads[product.index()].copies += copies;
            }
            Event::Refused { product, .. } => loads[product.index()].refused += 1,
            Event::Read { product, .. } => loads[product.index()].read += 1,
            _ => {}
        }
    }
    loads.retain(|l| l.sent > 0 || l.delivered > 0 || l.refused > 0);
    loads
}

/// Messages by channel: the channel of a delivery is that of its transmission.
fn channels(model: &Model, trace: &Trace) -> Vec<ChannelLoad> {
    let mut sums = vec![(0_u32, 0_u32, SimDuration::ZERO); model.channels.len()];
    for (i, record) in trace.records.iter().enumerate() {
        let Event::Delivered { copies, .. } = record.event else { continue };
        let spans = trace.spans_of(i as RecordId);
        let on_the_way = spans.iter().rev().find(|s| s.kind == SpanKind::Transmission).or(spans.last());
        if let Some(Subject::Channel(channel)) = on_the_way.map(|s| s.who)
            && let Some(sum) = sums.get_mut(channel as usize)
        {
            sum.0 += 1;
            sum.1 += copies;
            sum.2 += spans.iter().map(|s| s.to - s.from).sum();
        }
    }
    let loads = sums.into_iter().enumerate().filter(|(_, (n, ..))| *n > 0);
    let loads = loads.map(|(i, (delivered, copies, time))| ChannelLoad {
        channel: ChannelId::from_index(i),
        delivered,
        copies,
        mean_hours: time.as_hours_f64() / f64::from(delivered),
    });
    loads.collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{RuleId, SiteId};
    use crate::trace::{Party, Span, WorkKind};

    #[test]
    fn tasks_waits_and_queues_of_one_server() {
        let mut b = Builder::new();
        b.actor("desk");
        let idle = b.actor("unlimited");
        b.model.actors[idle.index()].variants[0].staff = None;
        b.trace.end = hours(10.0);
        let work = WorkKind::For(SiteId::from_index(0));
        let done = |t: f64| Event::TaskDone { work, started: hours(t) };
        // Served 0-2, 2-3, lost at once, gives up at 2.5, in service from 9 on.
        let arrival = |b: &mut Builder, t: f64| {
            b.at(hours(t), actor(0), Event::Arrival(RuleId::from_index(0)), &[], &[])
        };
        let first = arrival(&mut b, 0.0);
        let second = arrival(&mut b, 1.0);
        let third = arrival(&mut b, 1.0);
        b.at(hours(1.0), actor(0), Event::TaskLost { work, reneged: false }, &[third], &[]);
        let fourth = arrival(&mut b, 1.5);
        b.at(hours(2.0), actor(0), done(0.0), &[first], &[(SpanKind::Work, hours(2.0))]);
        let spans = [(SpanKind::Queue, hours(2.5))];
        b.at(hours(2.5), actor(0), Event::TaskLost { work, reneged: true }, &[fourth], &spans);
        let spans = [(SpanKind::Queue, hours(2.0)), (SpanKind::Work, hours(3.0))];
        b.at(hours(3.0), actor(0), done(2.0), &[second], &spans);
        let last = arrival(&mut b, 9.0);
        let unfinished = Event::Unfinished { work, started: Some(hours(9.0)) };
        b.at(hours(10.0), actor(0), unfinished, &[last], &[(SpanKind::Work, hours(10.0))]);
        let loads = workload(&Reading::new(&b.model, &b.trace)).actors;
        let expected = ActorLoad {
            actor: ActorId::from_index(0),
            done: 2,
            unfinished: 1,
            refused: 1,
            gave_up: 1,
            busy: SimDuration::from_hours(4),
            on_duty: Some(SimDuration::from_hours(10)),
            utilisation: Some(0.4),
            // 0, 1 and 0 h.
            mean_wait_hours: Some(1.0 / 3.0),
            max_wait: SimDuration::from_hours(1),
            // The second and the fourth, from 1.5 to 2.
            max_queue: 2,
        };
        assert_eq!(loads[0], expected);
        assert_eq!((loads[1].on_duty, loads[1].utilisation, loads[1].mean_wait_hours), (None, None, None));
    }

    #[test]
    fn messages_by_product_and_channel() {
        let mut b = Builder::new();
        b.actor("a");
        b.actor("b");
        let product = b.product("report", &[]);
        b.product("unused", &[]);
        b.model.channels.push(crate::model::Channel {
            name: crate::model::StreamName::new("mail"),
            title: "Mail".into(),
            from: crate::model::Ends::Any,
            to: crate::model::Ends::Any,
            carries: vec![true, true],
            latency: None,
            loss: None,
            retry: None,
            worse: vec![],
            hours: None,
            hours_at: vec![],
            hours_of: (true, false),
            carries_up_to: vec![],
            capacity: None,
            validity: Default::default(),
            basis: crate::model::Basis::Unstated,
        });
        let start = b.start();
        let sent = b.sent(hours(1.0), actor(0), 1, 0, start);
        let from = Party::Actor(ActorId::from_index(0));
        let mail = Subject::Channel(0);
        let spans = [
            Span { kind: SpanKind::Retry, who: mail, from: hours(1.0), to: hours(2.0) },
            Span { kind: SpanKind::Transmission, who: mail, from: hours(2.0), to: hours(2.5) },
        ];
        let arrives = Event::Delivered { product, from, item: 0, copies: 2 };
        b.trace.push(hours(2.5), actor(1), arrives, &[sent], &spans);
        let lost = b.sent(hours(3.0), actor(0), 1, 1, start);
        let to = Party::Actor(ActorId::from_index(1));
        let fails = Event::Undelivered { product, to, copies: 3 };
        b.at(hours(4.0), actor(0), fails, &[lost], &[(SpanKind::Retry, hours(4.0))]);
        let load = workload(&Reading::new(&b.model, &b.trace));
        let expected =
            ProductLoad { product, sent: 2, delivered: 1, undelivered: 1, refused: 0, read: 0, copies: 5 };
        assert_eq!(load.products, [expected]);
        let channel = ChannelId::from_index(0);
        assert_eq!(load.channels, [ChannelLoad { channel, delivered: 1, copies: 2, mean_hours: 1.5 }]);
    }
}
