//! The goals, each with what was measured in the same run.

use blueprint_sim::trace::Keep;

use crate::common::engine::{builtin, replicate, simulation};
use crate::common::graph::Graph;
use crate::common::outcome::Outcome;
use crate::common::plain_relay::PlainRelay;
use crate::common::turns::{Spread, Timing};
use crate::common::{model_of, relay};
use crate::contests::{CALLBACKS, Contest, NEXOSIM, PLAIN, PROCESSES, PRODUCT};
use crate::options::Options;
use crate::page::{Goal, range, thousands};
use crate::single;

/// All goals.
pub(crate) fn all(
    options: &Options,
    relay: &Contest,
    tenth: &Contest,
    worm: &Contest,
    replay: &Contest,
) -> Vec<Goal> {
    let mut goals = vec![at_most(
        "relay beside the plain loop",
        1.8,
        "times, aiming at 1.5",
        ratio(relay, PRODUCT, PLAIN),
    )];
    for (contest, peer, bound) in [(relay, NEXOSIM, 5.0), (tenth, CALLBACKS, 15.0), (tenth, PROCESSES, 60.0)]
    {
        let what = match peer {
            NEXOSIM => "relay beside NeXosim",
            CALLBACKS => "relay beside SimPy with callbacks",
            _ => "relay beside SimPy with processes",
        };
        let gain = ratio(contest, peer, PRODUCT);
        goals.push(Goal {
            what,
            bound: format!("at least {bound} times as many events a second"),
            measured: gain.map(|gain| range(gain, 1)),
            met: gain.is_some_and(|gain| gain.median >= bound),
        });
    }
    goals.push(replay_goal(relay, replay));
    goals.extend(trace_goals(options));
    goals.extend(worm_goals(options, worm));
    goals.extend(growth_goals(options));
    goals.extend(thread_goals(options));
    goals.extend(ready_goals(options));
    goals
}

fn ratio(contest: &Contest, of: &str, to: &str) -> Option<Spread> {
    Some(contest.of(of)?.ratio_to(contest.of(to)?))
}

fn at_most(what: &'static str, bound: f64, unit: &str, measured: Option<Spread>) -> Goal {
    Goal {
        what,
        bound: format!("at most {bound} {unit}"),
        measured: measured.map(|measured| range(measured, 2)),
        met: measured.is_some_and(|measured| measured.median <= bound),
    }
}

fn replay_goal(relay: &Contest, replay: &Contest) -> Goal {
    let times = replay.of(PRODUCT).zip(relay.of(PRODUCT)).map(|(replay, relay)| {
        let per_second = 20.0 * 1e9 / (replay.spread().median * replay.units as f64);
        (replay.spread().median / relay.spread().median, per_second)
    });
    Goal {
        what: "`wannacry-2017` beside the relay, per event",
        bound: "at most 2 times".to_owned(),
        measured: times.map(|(times, n)| format!("{times:.2}; {} replications a second", thousands(n))),
        met: times.is_some_and(|(times, _)| times <= 2.0),
    }
}

fn trace_goals(options: &Options) -> Vec<Goal> {
    let few = (options.facts / 10).max(1);
    let models = [
        ("full trace of `wannacry-2017` to file", builtin("wannacry-2017")),
        ("full trace of the relay to file", model_of(&relay::document(&Graph::of(300), few))),
    ];
    let of = |(what, model)| {
        let timings: Vec<Timing> = single::trace_files(options, &model);
        at_most(what, 2.0, "times the run", Some(timings[1].ratio_to(&timings[0])))
    };
    models.into_iter().map(of).collect()
}

fn worm_goals(options: &Options, worm: &Contest) -> Vec<Goal> {
    let alone = single::in_process("worm", options);
    let (ms, mb) = (alone["ms"], alone["peak_kb"] / 1024.0);
    vec![
        at_most("worm beside the plain loop", 3.0, "times", ratio(worm, PRODUCT, PLAIN)),
        Goal {
            what: "worm over all operators, alone",
            bound: "under 2 s and 500 MB".to_owned(),
            measured: Some(format!("{:.2} s, {mb:.0} MB, {} events", ms / 1e3, thousands(alone["events"]))),
            met: ms < 2000.0 && mb < 500.0 && alone["events"] > 1e6,
        },
    ]
}

fn growth_goals(options: &Options) -> Vec<Goal> {
    let hold = |pending| Spread::of((0..options.rounds.min(5)).map(|_| single::hold(pending))).median;
    let times: Vec<(usize, f64)> = [1_000, 10_000, 100_000, 1_000_000].map(|n| (n, hold(n))).into();
    let (first, last) = (times[0].1, times[3].1);
    let told: Vec<String> = times.iter().map(|(n, ns)| format!("{ns:.0} ns at {n}")).collect();
    let grown = |what: &'static str, whole: &str, tenth: &str| {
        let (whole, tenth) = (single::in_process(whole, options), single::in_process(tenth, options));
        let bytes = (whole["peak_kb"] - tenth["peak_kb"]) * 1024.0 / (whole["events"] - tenth["events"]);
        Goal {
            what,
            bound: "at most 24 bytes an event".to_owned(),
            measured: Some(format!("{bytes:.1} bytes; {:.0} MB in all", whole["peak_kb"] / 1024.0)),
            met: bytes <= 24.0,
        }
    };
    vec![
        Goal {
            what: "event list, one out and one in, by events pending",
            bound: "no faster than the logarithm: at most 2 times from 1,000 to 1,000,000".to_owned(),
            measured: Some(format!("{:.1} times: {}", last / first, told.join(", "))),
            met: last <= 2.0 * first,
        },
        grown(
            "memory that grows with events (the queue against a tenth of its hours)",
            "queue-full",
            "queue-tenth",
        ),
        grown(
            "the same with all that waits, which is more with more facts (the relay against a tenth of its facts)",
            "relay-full",
            "relay-tenth",
        ),
    ]
}

/// A second thread: the engine alone, and a batch with all that belongs to one.
fn thread_goals(options: &Options) -> [Goal; 2] {
    let graph = Graph::of(300);
    let few = (options.facts / 10).max(1);
    let (model, plain) = (model_of(&relay::document(&graph, few)), PlainRelay::new(&graph, few));
    let loops = || single::gain(|| (), |(), replication| plain.run(1, replication, &mut Outcome::default()));
    let engine = || {
        single::gain(
            || simulation(Keep::Causes, &model),
            |simulation, replication| {
                replicate(simulation, replication);
            },
        )
    };
    let rounds: Vec<[Option<f64>; 3]> =
        (0..options.rounds.min(5)).map(|_| [Some(loops()), Some(engine()), single::batch_gain()]).collect();
    let goal = |what, column: usize| {
        let gains: Option<Vec<(f64, f64)>> =
            rounds.iter().map(|round| Some((round[column]?, round[0]?))).collect();
        let spread = gains.map(|gains| {
            let own = Spread::of(gains.iter().map(|(own, _)| *own));
            let plain = Spread::of(gains.iter().map(|(_, plain)| *plain));
            (Spread::of(gains.iter().map(|(own, plain)| own / plain)), own, plain)
        });
        Goal {
            what,
            bound: "at least 0.95 of the gain of the plain loop".to_owned(),
            measured: spread.map(|(share, own, plain)| {
                format!("{}: {:.2} and {:.2} times one thread", range(share, 2), own.median, plain.median)
            }),
            met: spread.is_some_and(|(share, ..)| share.median >= 0.95),
        }
    };
    [goal("second thread, relay", 1), goal("second thread, `batch wannacry-2017`", 2)]
}

fn ready_goals(options: &Options) -> Vec<Goal> {
    let start = Spread::of((0..options.rounds).map(|_| single::in_process("start", options)["wall_ms"]));
    let charts = single::charts(options);
    vec![
        Goal {
            what: "from the start of the process to the first event of `wannacry-2017`",
            bound: "under 20 ms".to_owned(),
            measured: Some(format!("{} ms", range(start, 1))),
            met: start.median < 20.0,
        },
        Goal {
            what: "figures, all charts (SVG and PNG) and the page of `wannacry-2017`",
            bound: "under 1 s in all".to_owned(),
            measured: Some(format!("{} ms", range(charts, 0))),
            met: charts.median < 1000.0,
        },
    ]
}
