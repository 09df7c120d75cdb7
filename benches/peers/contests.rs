//! One model after the other: first that all do the same, then how long each takes.

use std::path::PathBuf;

use blueprint_sim::model::Model;
use blueprint_sim::stats;
use blueprint_sim::trace::Keep;

use crate::common::engine::{SEED, builtin, replicate, simulation};
use crate::common::graph::Graph;
use crate::common::outcome::{Kind, Outcome, Seen, of_relay};
use crate::common::plain_relay::PlainRelay;
use crate::common::turns::{Contender, Timing, in_turns, timed};
use crate::common::worm::{Epidemic, PlainWorm};
use crate::common::{model_of, queue, relay, worm};
use crate::foreign::Foreign;
use crate::options::Options;

/// Names as they stand in tables.
pub(crate) const PLAIN: &str = "plain loop";
pub(crate) const PRODUCT: &str = "blueprint-sim";
pub(crate) const NEXOSIM: &str = "NeXosim, one thread";
pub(crate) const CALLBACKS: &str = "SimPy, callbacks";
pub(crate) const PROCESSES: &str = "SimPy, processes";

/// Desks of the relay.
const DESKS: usize = 300;
/// How far means may be apart, in standard errors of their difference.
const FAR: f64 = 4.0;

/// Only counts: what a run costs that nobody watches.
#[derive(Default)]
struct Count(u64);

impl Seen for Count {
    fn event(&mut self, _: u64, _: usize, _: u32, _: Kind) {
        self.0 += 1;
    }
    fn learned(&mut self, _: u64, _: u32) {}
    fn waited(&mut self, _: u64) {}
}

/// A model that was compared.
pub(crate) struct Contest {
    /// Heading of its table.
    pub(crate) title: String,
    /// Times, the plain loop first.
    pub(crate) timings: Vec<Timing>,
    /// Peers that are not installed.
    pub(crate) missing: Vec<&'static str>,
}

impl Contest {
    /// The timing of a contender that took part.
    pub(crate) fn of(&self, name: &str) -> Option<&Timing> {
        self.timings.iter().find(|timing| timing.name == name)
    }
}

/// Peers for a model; `None` for those that are not installed.
struct Peers(Vec<(&'static str, Option<Foreign>)>);

impl Peers {
    fn missing(&self) -> Vec<&'static str> {
        self.0.iter().filter(|(_, peer)| peer.is_none()).map(|(name, _)| *name).collect()
    }

    fn here(&self) -> impl Iterator<Item = &Foreign> {
        self.0.iter().filter_map(|(_, peer)| peer.as_ref())
    }
}

fn nexosim(options: &Options, words: &[&str]) -> (&'static str, Option<Foreign>) {
    (NEXOSIM, options.nexosim.as_ref().map(|program| Foreign::new(NEXOSIM, program, words)))
}

fn simpy(options: &Options, words: &[&str]) -> [(&'static str, Option<Foreign>); 2] {
    [(CALLBACKS, "callback"), (PROCESSES, "process")].map(|(name, style)| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/relay_simpy.py");
        let words: Vec<&str> = [script, words[0], style].iter().chain(&words[1..]).copied().collect();
        (name, options.python.as_ref().map(|python| Foreign::new(name, python, &words)))
    })
}

/// The graph as a file for peers.
fn graph_file(graph: &Graph) -> PathBuf {
    let mut text = String::new();
    for (servers, links) in graph.servers.iter().zip(&graph.links) {
        text += &servers.to_string();
        links.iter().for_each(|link| text += &format!(" {} {}", link.to, link.median_us));
        text.push('\n');
    }
    let path = std::env::temp_dir().join(format!("relay-graph-{}.txt", std::process::id()));
    std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}

/// The relay at full size without SimPy, and at a tenth with it.
pub(crate) fn relays(options: &Options) -> [Contest; 2] {
    let graph = Graph::of(DESKS);
    let file = graph_file(&graph);
    let path = file.to_string_lossy().into_owned();
    let few = (options.facts / 10).max(1);
    let large = options.facts.to_string();
    let small = few.to_string();
    let peers = Peers(vec![nexosim(options, &["relay", &path, &large])]);
    let full = relay_of(options, &graph, options.facts, &peers);
    let mut peers = Peers(vec![nexosim(options, &["relay", &path, &small])]);
    peers.0.extend(simpy(options, &["relay", &path, &small]));
    same_means(&peers, options.checks, |seed| {
        let mut outcome = Outcome::default();
        PlainRelay::new(&graph, few).run(seed, 0, &mut outcome);
        vec![("spread", outcome.spread_hours()), ("wait", outcome.wait_hours())]
    });
    let tenth = relay_of(options, &graph, few, &peers);
    let _ = std::fs::remove_file(file);
    [full, tenth]
}

fn relay_of(options: &Options, graph: &Graph, facts: usize, peers: &Peers) -> Contest {
    let model = model_of(&relay::document(graph, facts));
    let plain = PlainRelay::new(graph, facts);
    let mut expected = Outcome::default();
    plain.run(SEED, 0, &mut expected);
    assert_eq!(of_relay(&model, SEED, 0), expected, "the product and the plain loop differ");
    let counted = expected.events;
    let mut own = simulation(Keep::Causes, &model);
    let mut all = vec![
        contender(PLAIN, || {
            let mut count = Count::default();
            plain.run(SEED, 0, &mut count);
            count.0
        }),
        contender(PRODUCT, || {
            replicate(&mut own, 0);
            counted
        }),
    ];
    all.extend(peers.here().cloned().map(Foreign::contender));
    let title = format!("Information relay, {DESKS} desks, {facts} facts, {counted} events");
    Contest { title, timings: in_turns(options.rounds, all), missing: peers.missing() }
}

fn contender<'a>(name: &str, mut once: impl FnMut() -> u64 + 'a) -> Contender<'a> {
    Contender { name: name.to_owned(), once: Box::new(move || timed(&mut once)) }
}

/// The queue with several servers; a tenth of the hours for SimPy.
pub(crate) fn queues(options: &Options) -> Contest {
    let hours = options.hours;
    let model = model_of(&queue::document(hours));
    let mut expected = Outcome::default();
    queue::plain(hours, SEED, 0, &mut expected);
    let mut found = Outcome::default();
    let mut whole = simulation(Keep::All, &model);
    whole.run();
    queue::of_trace(whole.trace(), &mut found);
    assert_eq!(found, expected, "the product and the plain loop differ");
    drop(whole);
    let (long, short) = (hours.to_string(), (hours / 10).to_string());
    let mut peers = Peers(vec![nexosim(options, &["queue", &long])]);
    peers.0.extend(simpy(options, &["queue", &short]));
    // The mean wait that theory gives is what all are held against.
    for peer in peers.here() {
        let waits: Vec<f64> = (1..=options.checks).map(|seed| peer.once(seed)["wait"]).collect();
        let sd = stats::sd(&waits).unwrap_or(0.0) / (waits.len() as f64).sqrt();
        let off = stats::mean(&waits).unwrap_or(f64::NAN) - queue::WAIT_SECONDS;
        assert!(off.abs() <= FAR * sd, "{}: mean wait is off by {off} s, standard error {sd}", peer.name);
    }
    let counted = expected.events;
    let mut own = simulation(Keep::Causes, &model);
    let mut all = vec![
        contender(PLAIN, || {
            let mut count = Count::default();
            queue::plain(hours, SEED, 0, &mut count);
            count.0
        }),
        contender(PRODUCT, || {
            replicate(&mut own, 0);
            counted
        }),
    ];
    all.extend(peers.here().cloned().map(Foreign::contender));
    let title = format!("Queue with three servers (M/M/3), {counted} events; SimPy a tenth of them");
    Contest { title, timings: in_turns(options.rounds, all), missing: peers.missing() }
}

/// The worm over all operators.
pub(crate) fn worms(options: &Options) -> Contest {
    let model = model_of(&worm::document(options.operators));
    let plain = PlainWorm::new(options.operators);
    let expected = plain.run(SEED, 0);
    let mut whole = simulation(Keep::All, &model);
    whole.run();
    let found = Epidemic::of_trace(whole.trace());
    assert!(found.is_like(&expected), "the product has {found:?}, the plain loop {expected:?}");
    drop(whole);
    let counted = expected.events();
    let mut own = simulation(Keep::Causes, &model);
    let all = vec![
        contender(PLAIN, || plain.run(SEED, 0).events()),
        contender(PRODUCT, || {
            replicate(&mut own, 0);
            counted
        }),
    ];
    let operators = worm::n_operators(options.operators);
    let title = format!("Worm over {operators} operators, {counted} events");
    Contest { title, timings: in_turns(options.rounds, all), missing: Vec::new() }
}

/// A built-in replay: its events and the time of a replication.
pub(crate) fn replays(options: &Options) -> Contest {
    let model: Model = builtin("wannacry-2017");
    let mut own = simulation(Keep::Causes, &model);
    let mut all = Contender {
        name: PRODUCT.to_owned(),
        once: Box::new(|| timed(|| (0..20).map(|replication| replicate(&mut own, replication)).sum())),
    };
    // Once unmeasured: the first replication sets its memory up.
    (all.once)();
    let title = "Replay wannacry-2017, 20 replications".to_owned();
    Contest { title, timings: in_turns(options.rounds, vec![all]), missing: Vec::new() }
}

/// Peers with streams of their own agree with the plain loop in the mean, within their errors.
fn same_means(peers: &Peers, n: u64, plain: impl Fn(u64) -> Vec<(&'static str, f64)>) {
    let expected: Vec<_> = (1..=n).map(plain).collect();
    for peer in peers.here() {
        let told: Vec<_> = (1..=n).map(|seed| peer.once(seed)).collect();
        for (figure, (name, _)) in expected[0].iter().enumerate() {
            let ours: Vec<f64> = expected.iter().map(|figures| figures[figure].1).collect();
            let theirs: Vec<f64> = told.iter().map(|figures| figures[*name]).collect();
            let error = |all: &[f64]| stats::sd(all).unwrap_or(0.0).powi(2) / all.len() as f64;
            let mean = |all: &[f64]| stats::mean(all).unwrap_or(f64::NAN);
            let (off, allowed) = (mean(&ours) - mean(&theirs), FAR * (error(&ours) + error(&theirs)).sqrt());
            assert!(off.abs() <= allowed, "{}: mean {name} is off by {off} h, allowed {allowed}", peer.name);
        }
    }
}
