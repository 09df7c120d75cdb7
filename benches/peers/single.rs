//! What is measured of one thing alone: memory, start-up, charts, the trace file, threads, the event list.

use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use blueprint_sim::analysis::run::analyse;
use blueprint_sim::export::write_trace;
use blueprint_sim::model::Model;
use blueprint_sim::report::{ChartKind, Charts, Told, page};
use blueprint_sim::trace::Keep;

use crate::common::engine::{SEED, builtin, peak_kb, replicate, simulation};
use crate::common::graph::Graph;
use crate::common::hold::Hold;
use crate::common::turns::{Contender, Spread, Timing, in_turns, timed};
use crate::common::{model_of, queue, relay, worm};
use crate::foreign::{Figures, figures};
use crate::options::Options;

/// Does one thing in a process of its own, so that its memory is its own, and returns what it told.
pub(crate) fn in_process(what: &str, options: &Options) -> Figures {
    let begin = Instant::now();
    let me = std::env::current_exe().expect("the path of this program");
    let (facts, operators) = (options.facts.to_string(), options.operators.to_string());
    let hours = options.hours.to_string();
    let done = Command::new(me)
        .args(["--alone", what, "--facts", &facts, "--operators", &operators, "--hours", &hours])
        .output()
        .expect("this program can be started again");
    assert!(done.status.success(), "{what}: {}", String::from_utf8_lossy(&done.stderr));
    let mut told = figures(&String::from_utf8_lossy(&done.stdout));
    told.insert("wall_ms".to_owned(), begin.elapsed().as_secs_f64() * 1e3);
    told
}

/// The other side of [`in_process`]: one line of figures.
pub(crate) fn alone(what: &str, options: &Options) -> String {
    let (events, took) = match what {
        "worm" => run(&model_of(&worm::document(options.operators))),
        "relay-full" => run(&model_of(&relay::document(&Graph::of(300), options.facts))),
        "relay-tenth" => run(&model_of(&relay::document(&Graph::of(300), options.facts / 10))),
        "queue-full" => run(&model_of(&queue::document(options.hours))),
        "queue-tenth" => run(&model_of(&queue::document(options.hours / 10))),
        "start" => {
            let model = builtin("wannacry-2017");
            let mut simulation = simulation(Keep::All, &model);
            (simulation.step().map_or(0, |_| 1), 0.0)
        }
        _ => panic!("nothing is called `{what}`"),
    };
    format!("events={events} ms={took} peak_kb={}", peak_kb().unwrap_or(0))
}

/// From the model to the end of a replication: events and milliseconds.
fn run(model: &Model) -> (u64, f64) {
    let begin = Instant::now();
    let mut simulation = simulation(Keep::Causes, model);
    simulation.run();
    (simulation.trace().n_events, begin.elapsed().as_secs_f64() * 1e3)
}

/// A run that keeps everything, alone and with its full trace written to a file.
pub(crate) fn trace_files(options: &Options, model: &Model) -> Vec<Timing> {
    let path = std::env::temp_dir().join(format!("trace-{}.jsonl", std::process::id()));
    let mut without = simulation(Keep::All, model);
    let mut with = simulation(Keep::All, model);
    let timings = in_turns(
        options.rounds,
        vec![
            Contender { name: "run".to_owned(), once: Box::new(|| timed(|| replicate(&mut without, 0))) },
            Contender {
                name: "run and full trace to file".to_owned(),
                once: Box::new(|| {
                    timed(|| {
                        let events = replicate(&mut with, 0);
                        let file = std::fs::File::create(&path).expect("a file in the temporary folder");
                        let mut out = std::io::BufWriter::new(file);
                        write_trace(model, with.trace(), true, &mut out).expect("room for a trace");
                        out.flush().expect("room for a trace");
                        events
                    })
                }),
            },
        ],
    );
    let _ = std::fs::remove_file(path);
    timings
}

/// All charts of a replay, drawn twice (SVG and PNG), and the page: milliseconds of each round.
pub(crate) fn charts(options: &Options) -> Spread {
    let model = builtin("wannacry-2017");
    let mut simulation = simulation(Keep::All, &model);
    simulation.run();
    let trace = simulation.trace();
    Spread::of((0..options.rounds).map(|_| {
        let begin = Instant::now();
        let results = analyse(&model, trace);
        let told =
            Told { model: &model, trace, results: &results, ensemble: None, seed: SEED, replication: 0 };
        let charts = Charts::new(told, "bench");
        let drawn: Vec<_> = ChartKind::ALL.iter().map(|&kind| charts.draw(kind).expect("a chart")).collect();
        let html = page(&told, &drawn, "bench", &[]).expect("a page");
        assert!(html.len() > 10_000, "a page with charts");
        begin.elapsed().as_secs_f64() * 1e3
    }))
}

/// Nanoseconds for one event out and one in, at a constant number of events pending.
pub(crate) fn hold(pending: usize) -> f64 {
    const TURNS: u64 = 1_000_000;
    let mut hold = Hold::new(pending);
    let round = timed(|| (0..TURNS).fold(0, |last, _| last.max(hold.turn())));
    round.took.as_nanos() as f64 / TURNS as f64
}

/// Gain of two threads over one, each with replications of its own: how many times as many in the same time.
pub(crate) fn gain<S>(set_up: impl Fn() -> S + Sync, work: impl Fn(&mut S, u64) + Sync) -> f64 {
    const EACH: u64 = 8;
    let share = |from: u64, to: u64| {
        let mut own = set_up();
        (from..to).for_each(|replication| work(&mut own, replication));
    };
    let begin = Instant::now();
    share(0, EACH);
    let one = begin.elapsed();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| share(0, EACH));
        share(EACH, 2 * EACH);
    });
    2.0 * one.as_secs_f64() / begin.elapsed().as_secs_f64()
}

/// Gain of a batch on two threads over one on the command line; none where it cannot be run.
pub(crate) fn batch_gain() -> Option<f64> {
    let folder = std::env::temp_dir().join(format!("batch-gain-{}", std::process::id()));
    let took = |threads: &str| {
        let begin = Instant::now();
        let done = Command::new(env!("CARGO_BIN_EXE_blueprint-sim"))
            .args([
                "batch",
                "wannacry-2017",
                "--replications",
                "1000",
                "--force",
                "--threads",
                threads,
                "--out",
            ])
            .arg(&folder)
            .output()
            .ok()?;
        done.status.success().then(|| begin.elapsed().as_secs_f64())
    };
    let gain = took("1").and_then(|one| Some(one / took("2")?));
    let _ = std::fs::remove_dir_all(folder);
    gain
}
