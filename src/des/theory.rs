//! The kernel alone against queueing theory: M/M/3 on nothing but event list, draw keys and laws.

use std::collections::VecDeque;

use super::{EventList, Law, NameHash, Streams, Tally, TimeWeighted};

const HOUR: f64 = 3.6e9;
const SERVERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Event {
    Arrival,
    Departure,
}

/// What one replication measures after the warm-up.
struct Output {
    mean_wait: f64,
    share_waiting: f64,
    mean_queue: f64,
}

/// 2.4 arrivals per hour, three servers of mean service 1 h, first come, first served.
fn m_m_3(seed: u64, replication: u64, warm_up: u64, end: u64) -> Output {
    let streams = Streams::new(seed, replication);
    let key = |purpose| streams.key(NameHash::of("desk"), NameHash::of(purpose));
    let (gap_key, service_key) = (key("gap"), key("service"));
    let gap = Law::exponential(HOUR / 2.4).unwrap();
    let service = Law::exponential(HOUR).unwrap();

    let mut list = EventList::new();
    let (mut waiting, mut busy) = (VecDeque::new(), 0);
    let (mut arrivals, mut served) = (0, 0);
    let (mut waits, mut delayed, mut queue) = (Tally::new(), Tally::new(), TimeWeighted::new(0, 0.0));
    list.schedule(gap.sample(&gap_key, 0, 0) as u64, 1, Event::Arrival);
    let mut warm = false;
    while let Some((now, event)) = list.pop_until(end) {
        if !warm && now >= warm_up {
            queue.restart(warm_up);
            warm = true;
        }
        match event {
            Event::Arrival => {
                arrivals += 1;
                list.schedule(now + gap.sample(&gap_key, 0, arrivals) as u64, 1, Event::Arrival);
                waiting.push_back(now);
                queue.add(now, 1.0);
            }
            Event::Departure => busy -= 1,
        }
        while busy < SERVERS
            && let Some(arrived) = waiting.pop_front()
        {
            busy += 1;
            queue.add(now, -1.0);
            if arrived >= warm_up {
                waits.add((now - arrived) as f64 / HOUR);
                delayed.add(if now > arrived { 1.0 } else { 0.0 });
            }
            list.schedule(now + service.sample(&service_key, 0, served) as u64, 0, Event::Departure);
            served += 1;
        }
    }
    Output {
        mean_wait: waits.mean().unwrap(),
        share_waiting: delayed.mean().unwrap(),
        mean_queue: queue.average(end).unwrap(),
    }
}

/// Case A01, a tenth of its size: Erlang C gives P(wait) = 0.647..., Wq = 1.078... h, Lq = 2.588...;
/// each within four standard errors of 20 replications.
#[test]
fn m_m_3_agrees_with_erlang_c() {
    let hour = HOUR as u64;
    let runs: Vec<Output> = (0..20).map(|r| m_m_3(5, r, 500 * hour, 3_000 * hour)).collect();
    type Figure = fn(&Output) -> f64;
    let figures: [(&str, f64, Figure); 3] = [
        ("C", 0.647_191_011_236, |run| run.share_waiting),
        ("Wq", 1.078_651_685_39, |run| run.mean_wait),
        ("Lq", 2.588_764_044_94, |run| run.mean_queue),
    ];
    for (name, expected, figure) in figures {
        let mut tally = Tally::new();
        runs.iter().for_each(|run| tally.add(figure(run)));
        let (mean, error) = (tally.mean().unwrap(), tally.sd().unwrap() / libm::sqrt(20.0));
        assert!((mean - expected).abs() <= 4.0 * error, "{name}: {mean} +- {error}, theory {expected}");
        assert!(error < 0.1 * expected, "{name}: the run is too small to say anything ({error})");
    }
}

/// The same replication twice is the same to the bit, and another replication is not.
#[test]
fn a_replication_repeats_to_the_bit() {
    let run = |replication| m_m_3(5, replication, 0, 100 * HOUR as u64).mean_wait.to_bits();
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}
