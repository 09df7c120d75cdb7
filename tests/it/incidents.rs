//! Incidents and operators: small documents with answers known by hand or from theory.

mod countermeasures;
mod epidemics;
mod injects;
mod operators;
mod processes;
mod ties;

use blueprint_sim::model::Model;
use blueprint_sim::trace::{Event, Subject, Trace};

use super::laboratory::{replicate, written};

/// A document with three states, two sectors, an authority in each state; the rest is given.
fn world(rest: &str) -> Model {
    written(&document(rest))
}

fn document(rest: &str) -> String {
    format!(
        r#"Blueprint(
            format: 1, name: "incidents", start: "2017-01-07T00:00:00Z", horizon: "30d",
            levels: [(id: "national", title: "National")],
            states: {{
                "AA": (title: "A", zone: "UTC", population: 1e6, groups: ["union"]),
                "BB": (title: "B", zone: "UTC", population: 1e6, groups: ["union"]),
                "CC": (title: "C", zone: "UTC", population: 1e6),
            }},
            sectors: {{"it": (title: "IT"), "health": (title: "Health")}},
            facts: {{"affected": (title: "hit", per: [Incident, State], truth: Hit)}},
            actors: {{"csirt": (title: "CSIRT", levels: ["national"], per: State, staff: 1)}},
            products: {{"notice": (title: "A notice", carries: ["affected"])}},
            channels: [(id: "mail", from: Operators, to: Any, latency: "5min")],
            {rest}
        )"#
    )
}

/// A group of operators that never detects, unless more is said.
fn group(id: &str, state: &str, count: u32, more: &str) -> String {
    let laws = if more.contains("detect:") { "" } else { r#"detect: "1000d","# };
    let contain = if more.contains("contain:") { "" } else { r#"contain: "0s","# };
    let recover = if more.contains("recover:") { "" } else { r#"recover: "1000d","# };
    let sector = if more.contains("sector:") { "" } else { r#"sector: "it","# };
    format!(r#"(id: "{id}", state: "{state}", count: {count}, {sector} {laws} {contain} {recover} {more}),"#)
}

/// Times in hours of all events that a test asks for, in order, with the operator.
fn times(trace: &Trace, wanted: impl Fn(Event) -> bool) -> Vec<(f64, Subject)> {
    let found = trace.records.iter().filter(|r| wanted(r.event));
    found.map(|r| (r.time.since_start().as_hours_f64(), r.who)).collect()
}

fn hours(trace: &Trace, wanted: impl Fn(Event) -> bool) -> Vec<f64> {
    times(trace, wanted).into_iter().map(|(t, _)| t).collect()
}

fn hits(trace: &Trace) -> Vec<f64> {
    hours(trace, |e| matches!(e, Event::Hit(..)))
}

/// Asserts that a mean over replications is within four standard errors of what theory says.
fn assert_mean(what: &str, values: &[f64], expected: f64) {
    let mean = blueprint_sim::stats::mean(values).unwrap();
    let error = blueprint_sim::stats::sd(values).unwrap() / (values.len() as f64).sqrt();
    assert!((mean - expected).abs() <= 4.0 * error, "{what}: {mean} +- {error} instead of {expected}");
}

/// A number read from each of `n` replications.
fn each(model: &Model, n: u64, read: impl Fn(&Trace) -> f64 + Sync) -> Vec<f64> {
    replicate(model, 20_170_627, n, read)
}
