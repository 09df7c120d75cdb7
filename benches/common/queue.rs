//! One queue with several servers (M/M/c): as a document, and as a plain loop with the same draws.
//!
//! Cases come every 50 s on average and take 120 s of one of three servers, so servers are busy for 0.8 of the time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use blueprint_sim::des::{Law, NameHash, Streams};
use blueprint_sim::trace::{Event, Trace};

use super::length;
use super::outcome::{Kind, Seen};

/// Servers.
pub(crate) const SERVERS: u32 = 3;
/// Mean time between cases, in seconds.
pub(crate) const GAP_SECONDS: u64 = 50;
/// Mean time of one server for a case, in seconds.
pub(crate) const HANDLING_SECONDS: u64 = 120;
/// Mean wait by theory, in seconds: Erlang's C = 0.6471910112 over (c mu - lambda).
pub(crate) const WAIT_SECONDS: f64 = 0.647_191_011_236 * 200.0;

/// The document for a number of simulated hours; an hour has 144 events on average.
pub(crate) fn document(hours: u64) -> String {
    format!(
        r#"// One queue, several servers; written by the benches.
Blueprint(
  format: 1, name: "queue", title: "A queue", horizon: "{hours}h",
  levels: [(id: "desk", title: "Desk")],
  parameters: {{
    "gap": (dist: Exponential(mean: "{GAP_SECONDS}s"), basis: Assumed("bench")),
    "handling": (dist: Exponential(mean: "{HANDLING_SECONDS}s"), basis: Assumed("bench")),
  }},
  actors: {{"desk": (title: "Desk", levels: ["desk"], staff: {SERVERS})}},
  tasks: {{"case": (title: "A case", work: "handling")}},
  rules: [(id: "cases", actor: Actor("desk"), on: Arrivals("gap"), then: [Work("case")])],
)
"#
    )
}

/// A case that waits or is served.
#[derive(Clone, Copy)]
struct Case {
    came: u64,
    takes: u64,
}

/// Runs one replication without the product and tells `seen` of each event; waits are told of cases that are done.
pub(crate) fn plain(hours: u64, seed: u64, replication: u64, seen: &mut impl Seen) {
    let exponential = |seconds: u64| Law::exponential((seconds * 1_000_000) as f64).expect("a positive mean");
    let (gap_law, handling_law) = (exponential(GAP_SECONDS), exponential(HANDLING_SECONDS));
    let streams = Streams::new(seed, replication);
    let desk = NameHash::of("desk");
    let gaps = streams.key(desk, NameHash::of("rule:cases/arrivals/gap"));
    let handlings = streams.key(desk, NameHash::of("task:case/work/handling"));
    let horizon = hours * 3_600_000_000;

    // Ends of service: time, order of scheduling, wait of the case. The next arrival stands beside them.
    let mut ends: BinaryHeap<Reverse<(u64, u64, u64)>> = BinaryHeap::new();
    let mut queue: VecDeque<Case> = VecDeque::new();
    let (mut busy, mut cases, mut sequence) = (0, 0, 0);
    let mut arrival = length(&gap_law, gaps.word(0, 0));
    loop {
        // What ends at an instant goes before what begins.
        let end = ends.peek().map_or(u64::MAX, |&Reverse((at, ..))| at);
        if end.min(arrival) > horizon {
            return;
        }
        let serve = |now: u64, case: Case| Reverse((now + case.takes, sequence, now - case.came));
        if end <= arrival {
            let Some(Reverse((now, _, wait))) = ends.pop() else { return };
            seen.event(now, 0, 0, Kind::Served);
            seen.waited(wait);
            match queue.pop_front() {
                Some(case) => ends.push(serve(now, case)),
                None => busy -= 1,
            }
        } else {
            seen.event(arrival, 0, 0, Kind::Arrival);
            let case = Case { came: arrival, takes: length(&handling_law, handlings.word(0, cases)) };
            if busy < SERVERS {
                busy += 1;
                ends.push(serve(arrival, case));
            } else {
                queue.push_back(case);
            }
            cases += 1;
            arrival += length(&gap_law, gaps.word(0, cases));
        }
        sequence += 1;
    }
}

/// Tells `seen` what the product's trace of the document tells.
pub(crate) fn of_trace(trace: &Trace, seen: &mut impl Seen) {
    for (id, record) in trace.records.iter().enumerate() {
        let at = record.time.since_start().as_micros();
        match record.event {
            Event::Arrival(_) => seen.event(at, 0, 0, Kind::Arrival),
            Event::TaskDone { started, .. } => {
                seen.event(at, 0, 0, Kind::Served);
                // A task is set off by the firing of its rule, at the time of its arrival.
                let came = trace.causes_of(id as u32).first();
                let came = came.map_or(0, |&c| trace.records[c as usize].time.since_start().as_micros());
                seen.waited(started.since_start().as_micros() - came);
            }
            _ => {}
        }
    }
}
