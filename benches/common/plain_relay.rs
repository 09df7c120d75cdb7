//! The information relay without the product: structs in vectors and a binary heap, the limit.
//!
//! It makes the draws of the product (same keys, instances and occurrences), so it has the same events at the same
//! microseconds in the same order. It knows no rules, causes, records, calendars or cancellation.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use blueprint_sim::des::{DrawKey, Law, LogNormalFact, NameHash, Streams};

use super::graph::{Graph, HOUR, LATENCY_SIGMA, SERVICE_MEDIAN_HOURS, SERVICE_SIGMA};
use super::outcome::{Kind, Seen};
use super::{length, mix};

/// Everything that is the same in each replication.
pub(crate) struct PlainRelay {
    graph: Graph,
    facts: usize,
    /// Hash of each desk's name.
    desks: Vec<NameHash>,
    /// First word of the hash of each fact's name.
    news: Vec<u64>,
    /// Purposes of the latencies, by desk and link.
    purposes: Vec<Vec<NameHash>>,
    letter: u64,
    service: NameHash,
    service_law: Law,
    latency_laws: Vec<Vec<Law>>,
}

#[derive(Default)]
struct Desk {
    busy: u32,
    queue: VecDeque<Waiting>,
    /// Of each fact: letters read or being read, and whether it is known.
    letters: Vec<u32>,
    knows: Vec<bool>,
}

/// A letter that waits for a server.
struct Waiting {
    fact: u32,
    came: u64,
    takes: u64,
}

struct LinkDraws {
    to: u32,
    key: DrawKey,
    /// Hash of product and receiver, to be mixed with the fact.
    of: u64,
    law: Law,
}

/// An entry of the event list: time, `rank << 56 | sequence`, and `desk << 33 | fact << 1 | kind`.
type Entry = Reverse<(u64, u64, u64)>;

/// Work and transmissions end before anything begins at the same instant.
const BEGINS: u64 = 2 << 56;

impl PlainRelay {
    /// The relay of a graph and a number of facts.
    pub(crate) fn new(graph: &Graph, facts: usize) -> Self {
        let log_normal = |median, sigma| {
            Law::log_normal_from(LogNormalFact::Median(median), LogNormalFact::Sigma(sigma))
                .expect("a positive median and sigma")
        };
        let names = |from: usize| {
            graph.links[from].iter().map(move |link| {
                let to = link.to;
                NameHash::of(&format!("channel:c{from}-{to}/latency/l{from}-{to}"))
            })
        };
        let n = graph.servers.len();
        PlainRelay {
            facts,
            desks: (0..n).map(|d| NameHash::of(&format!("d{d}"))).collect(),
            news: (0..facts).map(|f| NameHash::of(&format!("news/s{f}")).words()[0]).collect(),
            purposes: (0..n).map(|from| names(from).collect()).collect(),
            letter: NameHash::of("letter").words()[0],
            service: NameHash::of("product:letter/read/service"),
            service_law: log_normal(SERVICE_MEDIAN_HOURS * HOUR, SERVICE_SIGMA),
            latency_laws: graph
                .links
                .iter()
                .map(|all| all.iter().map(|l| log_normal(l.median_us as f64, LATENCY_SIGMA)).collect())
                .collect(),
            graph: graph.clone(),
        }
    }

    /// Runs one replication and tells `seen` of each event.
    pub(crate) fn run(&self, seed: u64, replication: u64, seen: &mut impl Seen) {
        Run::new(self, seed, replication, seen).run();
    }
}

/// One replication.
struct Run<'a, S> {
    relay: &'a PlainRelay,
    seen: &'a mut S,
    desks: Vec<Desk>,
    links: Vec<Vec<LinkDraws>>,
    service_keys: Vec<DrawKey>,
    /// Hash of product and reader, by desk.
    letters_to: Vec<u64>,
    events: BinaryHeap<Entry>,
    sequence: u64,
}

impl<'a, S: Seen> Run<'a, S> {
    fn new(relay: &'a PlainRelay, seed: u64, replication: u64, seen: &'a mut S) -> Self {
        let streams = Streams::new(seed, replication);
        let letters_to: Vec<u64> =
            relay.desks.iter().map(|desk| mix(mix(0, relay.letter), desk.words()[0])).collect();
        let links_of = |from: usize| -> Vec<LinkDraws> {
            let links = relay.graph.links[from].iter().zip(&relay.purposes[from]);
            let laws = &relay.latency_laws[from];
            links
                .zip(laws)
                .map(|((link, &purpose), law)| LinkDraws {
                    to: link.to as u32,
                    key: streams.key(relay.desks[from], purpose),
                    of: letters_to[link.to],
                    law: law.clone(),
                })
                .collect()
        };
        let n = relay.desks.len();
        Run {
            desks: (0..n)
                .map(|_| Desk {
                    letters: vec![0; relay.facts],
                    knows: vec![false; relay.facts],
                    ..Desk::default()
                })
                .collect(),
            links: (0..n).map(links_of).collect(),
            service_keys: relay.desks.iter().map(|&d| streams.key(d, relay.service)).collect(),
            letters_to,
            events: BinaryHeap::new(),
            sequence: 0,
            relay,
            seen,
        }
    }

    fn run(mut self) {
        for fact in 0..self.relay.facts {
            let entry = pack(self.relay.graph.origin(fact), fact as u32, Kind::Arrival);
            self.events.push(Reverse((Graph::told_at_us(fact), BEGINS | self.sequence, entry)));
            self.sequence += 1;
        }
        while let Some(Reverse((now, _, entry))) = self.events.pop() {
            let (desk, fact, kind) = unpack(entry);
            self.seen.event(now, desk, fact, kind);
            match kind {
                Kind::Arrival => self.arrives(now, desk, fact),
                Kind::Served => self.served(now, desk, fact),
            }
        }
    }

    fn schedule(&mut self, at: u64, desk: usize, fact: u32, kind: Kind) {
        self.events.push(Reverse((at, self.sequence, pack(desk, fact, kind))));
        self.sequence += 1;
    }

    fn arrives(&mut self, now: u64, at: usize, fact: u32) {
        // The time that a letter takes is drawn when it arrives, by how many of its fact came before.
        let desk = &mut self.desks[at];
        let occurrence = &mut desk.letters[fact as usize];
        let instance = mix(self.letters_to[at], self.relay.news[fact as usize]);
        let word = self.service_keys[at].word(instance, u64::from(*occurrence));
        *occurrence += 1;
        let takes = length(&self.relay.service_law, word);
        if desk.busy < self.relay.graph.servers[at] {
            desk.busy += 1;
            self.seen.waited(0);
            self.schedule(now + takes, at, fact, Kind::Served);
        } else {
            desk.queue.push_back(Waiting { fact, came: now, takes });
        }
    }

    fn served(&mut self, now: u64, at: usize, fact: u32) {
        let desk = &mut self.desks[at];
        if !std::mem::replace(&mut desk.knows[fact as usize], true) {
            self.seen.learned(now, fact);
            for i in 0..self.links[at].len() {
                let link = &self.links[at][i];
                let word = link.key.word(mix(link.of, self.relay.news[fact as usize]), 0);
                let (to, takes) = (link.to as usize, length(&link.law, word));
                self.schedule(now + takes, to, fact, Kind::Arrival);
            }
        }
        match self.desks[at].queue.pop_front() {
            Some(next) => {
                self.seen.waited(now - next.came);
                self.schedule(now + next.takes, at, next.fact, Kind::Served);
            }
            None => self.desks[at].busy -= 1,
        }
    }
}

fn pack(desk: usize, fact: u32, kind: Kind) -> u64 {
    (desk as u64) << 33 | u64::from(fact) << 1 | kind as u64
}

fn unpack(entry: u64) -> (usize, u32, Kind) {
    let kind = if entry & 1 == 0 { Kind::Arrival } else { Kind::Served };
    ((entry >> 33) as usize, (entry >> 1) as u32, kind)
}
