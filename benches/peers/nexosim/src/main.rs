//! The relay and the queue of the benches in NeXosim, on one thread.
//!
//! `relay-nexosim relay GRAPH FACTS SEED` or `relay-nexosim queue HOURS SEED`; prints one line of figures.
//! A desk is a model; a letter under way is an event that its sender schedules on itself, and that sends the letter
//! through a port when its time has come, since a model can schedule on itself alone.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSource, Output};
use nexosim::simulation::{ExecutionError, Mailbox, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

static EVENTS: AtomicU64 = AtomicU64::new(0);
static KNOWN: AtomicU64 = AtomicU64::new(0);
static SPREAD_US: AtomicU64 = AtomicU64::new(0);
static LETTERS: AtomicU64 = AtomicU64::new(0);
static WAIT_US: AtomicU64 = AtomicU64::new(0);

/// One thread alone writes: a plain addition is enough, and cheaper than an atomic one.
fn add(to: &AtomicU64, n: u64) {
    to.store(to.load(Relaxed) + n, Relaxed);
}

fn log_normal(random: &mut Xoshiro256PlusPlus, median_us: f64, sigma: f64) -> Duration {
    let z: f64 = StandardNormal.sample(random);
    micros(median_us * (sigma * z).exp())
}

/// Rounded up, and never zero: nothing can be scheduled for the present.
fn micros(us: f64) -> Duration {
    Duration::from_micros((us.ceil() as u64).max(1))
}

fn us_since_start(now: MonotonicTime) -> u64 {
    now.duration_since(MonotonicTime::EPOCH).as_micros() as u64
}

#[derive(Serialize, Deserialize)]
struct Desk {
    links: Vec<Output<u32>>,
    medians_us: Vec<f64>,
    servers: u32,
    busy: u32,
    queue: VecDeque<(u32, u64)>,
    knows: Vec<bool>,
    service: Xoshiro256PlusPlus,
    latency: Xoshiro256PlusPlus,
}

#[Model]
impl Desk {
    async fn arrives(&mut self, fact: u32, cx: &Context<Self>) {
        add(&EVENTS, 1);
        if self.busy < self.servers {
            self.busy += 1;
            self.serve(fact, cx);
        } else {
            self.queue.push_back((fact, us_since_start(cx.time())));
        }
    }

    fn serve(&mut self, fact: u32, cx: &Context<Self>) {
        add(&LETTERS, 1);
        let takes = log_normal(&mut self.service, 3_600e6, 0.8);
        cx.schedule_event(takes, schedulable!(Self::served), fact).unwrap();
    }

    #[nexosim(schedulable)]
    async fn served(&mut self, fact: u32, cx: &Context<Self>) {
        add(&EVENTS, 1);
        let now = us_since_start(cx.time());
        if !std::mem::replace(&mut self.knows[fact as usize], true) {
            add(&KNOWN, 1);
            add(&SPREAD_US, now - 1_800_000_000 * u64::from(fact));
            for link in 0..self.links.len() {
                let takes = log_normal(&mut self.latency, self.medians_us[link], 1.0);
                cx.schedule_event(takes, schedulable!(Self::sends), (link as u32, fact)).unwrap();
            }
        }
        match self.queue.pop_front() {
            Some((next, came)) => {
                add(&WAIT_US, now - came);
                self.serve(next, cx);
            }
            None => self.busy -= 1,
        }
    }

    #[nexosim(schedulable)]
    async fn sends(&mut self, letter: (u32, u32)) {
        self.links[letter.0 as usize].send(letter.1).await;
    }
}

/// Runs to the end and returns how long that took.
fn timed(simulation: &mut Simulation, until: Option<Duration>) -> Duration {
    let begin = Instant::now();
    let end = match until {
        Some(until) => simulation.step_until(until),
        None => simulation.run(),
    };
    match end {
        Ok(()) | Err(ExecutionError::Halted) => begin.elapsed(),
        Err(error) => panic!("{error}"),
    }
}

fn relay(graph: &str, facts: u32, seed: u64) {
    let lines: Vec<Vec<u64>> = graph
        .lines()
        .map(|line| line.split_whitespace().map(|word| word.parse().expect("a number")).collect())
        .collect();
    let boxes: Vec<Mailbox<Desk>> = lines.iter().map(|_| Mailbox::new()).collect();
    let mut bench = SimInit::with_num_threads(1);
    let sources: Vec<_> = boxes
        .iter()
        .map(|of| EventSource::new().connect(Desk::arrives, of).register(&mut bench))
        .collect();
    let mut desks = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let mut desk = Desk {
            links: Vec::new(),
            medians_us: line[1..].chunks(2).map(|link| link[1] as f64).collect(),
            servers: line[0] as u32,
            busy: 0,
            queue: VecDeque::new(),
            knows: vec![false; facts as usize],
            service: Xoshiro256PlusPlus::seed_from_u64(seed << 32 | (2 * at) as u64),
            latency: Xoshiro256PlusPlus::seed_from_u64(seed << 32 | (2 * at + 1) as u64),
        };
        for link in line[1..].chunks(2) {
            let mut port = Output::default();
            port.connect(Desk::arrives, &boxes[link[0] as usize]);
            desk.links.push(port);
        }
        desks.push(desk);
    }
    for (at, (desk, of)) in desks.into_iter().zip(boxes).enumerate() {
        bench = bench.add_model(desk, of, &format!("d{at}"));
    }
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("a sound bench");
    let scheduler = simulation.scheduler();
    for fact in 0..facts {
        // An event for the present is not possible: the first fact is a microsecond late.
        let at = Duration::from_micros((1_800_000_000 * u64::from(fact)).max(1));
        let desk = (29 * fact as usize + 7) % lines.len();
        scheduler.schedule_event(at, &sources[desk], fact).expect("a time to come");
    }
    let took = timed(&mut simulation, None);
    let hours = |sum: &AtomicU64, n: &AtomicU64| sum.load(Relaxed) as f64 / n.load(Relaxed) as f64 / 3.6e9;
    println!(
        "events={} ns={} spread={} wait={}",
        EVENTS.load(Relaxed),
        took.as_nanos(),
        hours(&SPREAD_US, &KNOWN),
        hours(&WAIT_US, &LETTERS)
    );
}

#[derive(Serialize, Deserialize)]
struct Cases {
    out: Output<()>,
    random: Xoshiro256PlusPlus,
}

#[Model]
impl Cases {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.next(cx);
    }

    fn next(&mut self, cx: &Context<Self>) {
        let gap: f64 = Exp1.sample(&mut self.random);
        cx.schedule_event(micros(gap * 50e6), schedulable!(Self::comes), ()).unwrap();
    }

    #[nexosim(schedulable)]
    async fn comes(&mut self, _: (), cx: &Context<Self>) {
        self.out.send(()).await;
        self.next(cx);
    }
}

#[derive(Serialize, Deserialize)]
struct Queue {
    busy: u32,
    queue: VecDeque<u64>,
    random: Xoshiro256PlusPlus,
}

#[Model]
impl Queue {
    async fn arrives(&mut self, _: (), cx: &Context<Self>) {
        add(&EVENTS, 1);
        if self.busy < 3 {
            self.busy += 1;
            self.serve(cx);
        } else {
            self.queue.push_back(us_since_start(cx.time()));
        }
    }

    fn serve(&mut self, cx: &Context<Self>) {
        add(&LETTERS, 1);
        let takes: f64 = Exp1.sample(&mut self.random);
        cx.schedule_event(micros(takes * 120e6), schedulable!(Self::served), ()).unwrap();
    }

    #[nexosim(schedulable)]
    async fn served(&mut self, _: (), cx: &Context<Self>) {
        add(&EVENTS, 1);
        match self.queue.pop_front() {
            Some(came) => {
                add(&WAIT_US, us_since_start(cx.time()) - came);
                self.serve(cx);
            }
            None => self.busy -= 1,
        }
    }
}

fn queue(hours: u64, seed: u64) {
    let (cases_box, queue_box) = (Mailbox::new(), Mailbox::new());
    let random = |stream: u64| Xoshiro256PlusPlus::seed_from_u64(seed << 32 | stream);
    let mut cases = Cases { out: Output::default(), random: random(0) };
    cases.out.connect(Queue::arrives, &queue_box);
    let queue = Queue { busy: 0, queue: VecDeque::new(), random: random(1) };
    let bench = SimInit::with_num_threads(1);
    let bench = bench.add_model(cases, cases_box, "cases").add_model(queue, queue_box, "queue");
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("a sound bench");
    let took = timed(&mut simulation, Some(Duration::from_secs(3600 * hours)));
    println!(
        "events={} ns={} wait={}",
        EVENTS.load(Relaxed),
        took.as_nanos(),
        WAIT_US.load(Relaxed) as f64 / LETTERS.load(Relaxed) as f64 / 1e6
    );
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok()).expect("a number");
    match words.first().map(String::as_str) {
        Some("relay") => {
            let graph = std::fs::read_to_string(&words[1]).expect("the file of the graph");
            relay(&graph, number(2) as u32, number(3));
        }
        Some("queue") => queue(number(1), number(2)),
        _ => panic!("usage: relay-nexosim relay GRAPH FACTS SEED | queue HOURS SEED"),
    }
}
