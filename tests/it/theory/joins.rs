//! Races, joins and counters: A12, A15, A16, A19.

use blueprint_sim::analysis::chain::slacks;
use blueprint_sim::time::SimDuration;
use blueprint_sim::trace::{Event, WorkKind};

use super::{Misses, latencies, theory};
use crate::laboratory::{Results, oracle, oracle_with, replicate, results, run, set};
use crate::verification::{equal, hold};

/// Minima of exponentials.
#[test]
fn a12_first_detection() {
    let model = oracle("a12");
    theory("A12 first detection", 20_000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        let first = latencies(&runs, "first");
        misses.mean_of("Emin", &first, 1.0, 1.0);
        misses.mean_of("E2nd", &latencies(&runs, "second"), 2.67857142857, 2.01);
        let b_first = runs.iter().map(|run| run.hours("b") == run.hours("first"));
        misses.share("Pfirst_B", b_first, 0.3, 0.458);
        misses
    });
}

/// Critical path; the slack of an activity is what it may be longer without moving the end.
#[test]
fn a15_critical_path() {
    let end = |overrides: &[(&str, &str)]| {
        let model = oracle_with("a15", &set(overrides));
        Results::of(&model, &run(&model, 1, 0)).micros("T") / 60_000_000
    };
    let mut rows = vec![equal("T", 14, end(&[]) / 60)];
    let activities =
        [("a", 4, 1), ("b", 6, 0), ("c", 1, 1), ("d", 7, 1), ("e", 3, 3), ("f", 8, 0), ("g", 2, 1)];
    for (name, hours, slack) in activities {
        assert_eq!(
            end(&[(name, &format!("{}h", hours + slack + 1))]),
            15 * 60,
            "{name} an hour beyond its slack"
        );
        if slack > 0 {
            assert_eq!(end(&[(name, &format!("{}h", hours + slack))]), 14 * 60, "{name} by its slack");
        }
        let fits = |later: &u64| end(&[(name, &format!("{}h", hours + later))]) == 14 * 60;
        rows.push(equal(&format!("slack {name}"), slack, (0..9).take_while(fits).last().unwrap()));
    }
    hold("A15 critical path", "Nothing random: one run for each hour that an activity is longer.", &rows);
    // At the last join G, done after 13 h, waited an hour for F.
    let model = oracle("a15");
    let trace = run(&model, 1, 0);
    let joined = Results::of(&model, &trace).milestone("T").reached.unwrap().record;
    let waited: Vec<(String, SimDuration)> = slacks(&trace, joined)
        .into_iter()
        .map(|(cause, waited)| match trace.records[cause as usize].event {
            Event::TaskDone { work: WorkKind::Task(task), .. } => {
                (model.tasks[task.index()].name.text.clone(), waited)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(waited, [("F".into(), SimDuration::ZERO), ("G".into(), SimDuration::from_hours(1))]);
}

#[test]
fn a16_both_branches_and_the_first() {
    let model = oracle("a16");
    theory("A16 both branches and the first", 20_000, |seed, n| {
        let runs = replicate(&model, seed, n, |trace| {
            let results = Results::of(&model, trace);
            let joined = results.milestone("both").reached.unwrap().record;
            let completed_by = trace.causes_of(joined)[0];
            let y_completes = Some(completed_by) == results.milestone("y").reached.map(|y| y.record);
            (results.hours("both").unwrap(), results.hours("first").unwrap(), y_completes)
        });
        let mut misses = Misses::default();
        let column = |of: fn(&(f64, f64, bool)) -> f64| runs.iter().map(of).collect::<Vec<f64>>();
        misses.mean_of("ET", &column(|r| r.0), 8.0, 5.58);
        misses.mean_of("OR_ET", &column(|r| r.1), 3.0, 2.46);
        misses.share("crit_Y", runs.iter().map(|r| r.2), 0.5, 0.5);
        misses
    });
}

/// Erlang, and a sliding window.
#[test]
fn a19_counters() {
    let model = oracle("a19");
    theory("A19 counters", 20_000, |seed, n| {
        let runs = results(&model, seed, n);
        let mut misses = Misses::default();
        for name in ["k5", "own-k5"] {
            let times = latencies(&runs, name);
            misses.mean_of(&format!("{name}.E"), &times, 10.0, 4.47);
            misses.share(&format!("{name}.p90"), times.iter().map(|&t| t <= 15.9871791721), 0.9, 0.3);
        }
        misses.mean_of("2in2h.E", &latencies(&runs, "2in2h"), 5.16395341374, 4.62);
        misses
    });
}
