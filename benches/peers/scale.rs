//! What a user needs to plan with: cost and memory of a replication, bytes of results, and ten times the size.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use blueprint_sim::model::Model;
use blueprint_sim::trace::Keep;

use crate::common::engine::{builtin, peak_kb, replicate, simulation};
use crate::common::graph::Graph;
use crate::common::{model_of, relay, worm};
use crate::foreign::Figures;
use crate::options::Options;
use crate::page::{Page, thousands};
use crate::single::in_process;

/// A case: its name on the command line, how a table calls it, and the case that it is ten times of.
struct Case {
    name: &'static str,
    title: &'static str,
    tenth: Option<&'static str>,
}

const CASES: [Case; 8] = [
    Case { name: "nothing", title: "an empty document", tenth: None },
    Case { name: "replay", title: "`wannacry-2017`", tenth: None },
    Case { name: "relay", title: "relay, 300 desks, 20 facts", tenth: None },
    Case { name: "relay-facts", title: "relay, 300 desks, 200 facts", tenth: Some("relay") },
    Case { name: "relay-desks", title: "relay, 3,000 desks, 20 facts", tenth: Some("relay") },
    Case { name: "worm-small", title: "worm, 16,000 operators", tenth: None },
    Case { name: "worm-large", title: "worm, 160,000 operators", tenth: Some("worm-small") },
    Case { name: "worm-largest", title: "worm, 999,000 operators", tenth: None },
];

/// The model of a case.
fn model(name: &str) -> Option<Model> {
    Some(match name {
        "nothing" => model_of("Blueprint(format: 1, name: \"nothing\", levels: [])"),
        "replay" => builtin("wannacry-2017"),
        "relay" => model_of(&relay::document(&Graph::of(300), 20)),
        "relay-facts" => model_of(&relay::document(&Graph::of(300), 200)),
        "relay-desks" => model_of(&relay::document(&Graph::of(3_000), 20)),
        "worm-small" => model_of(&worm::document(16_000)),
        "worm-large" => model_of(&worm::document(160_000)),
        "worm-largest" => model_of(&worm::document(999_000)),
        _ => return None,
    })
}

/// The other side of [`in_process`]: one line of figures of a case, if there is one of this name.
pub(crate) fn alone(name: &str) -> Option<String> {
    let begin = Instant::now();
    let model = model(name)?;
    let compiled = begin.elapsed();
    let built_kb = peak_kb().unwrap_or(0);
    let begin = Instant::now();
    let mut simulation = simulation(Keep::Causes, &model);
    let events = replicate(&mut simulation, 0);
    let first = begin.elapsed();
    // As many further ones as take a few seconds: the mean is over different replications.
    let n = (3.0 / first.as_secs_f64().max(1e-3)).clamp(1.0, 200.0) as u64;
    let begin = Instant::now();
    let all: u64 = (1..=n).map(|replication| replicate(&mut simulation, replication)).sum();
    let took = begin.elapsed().as_secs_f64();
    Some(format!(
        "events={events} compile_ms={} first_ms={} each_ms={} ns={} model_kb={built_kb} peak_kb={}",
        compiled.as_secs_f64() * 1e3,
        first.as_secs_f64() * 1e3,
        took * 1e3 / n as f64,
        took * 1e9 / all.max(1) as f64,
        peak_kb().unwrap_or(0)
    ))
}

/// Adds the tables to a page.
pub(crate) fn tables(options: &Options, page: &mut Page) {
    let measured: Vec<(&Case, Figures)> =
        CASES.iter().map(|case| (case, in_process(case.name, options))).collect();
    let of = |name: &str| measured.iter().find(|(case, _)| case.name == name).map(|(_, figures)| figures);
    let rows = measured.iter().map(|(case, f)| {
        let tenth = case.tenth.and_then(of);
        let growth = tenth.map_or(String::new(), |tenth| {
            format!(
                "{:.1} events, {:.1} time, {:.1} memory",
                f["events"] / tenth["events"],
                f["each_ms"] / tenth["each_ms"],
                f["peak_kb"] / tenth["peak_kb"]
            )
        });
        vec![
            case.title.to_owned(),
            thousands(f["events"]),
            format!("{:.0}", f["compile_ms"]),
            format!("{:.1}", f["each_ms"]),
            format!("{:.0}", f["ns"]),
            format!("{:.0}", f["peak_kb"] / 1024.0),
            growth,
        ]
    });
    page.table(
        "A replication",
        &["model", "events", "compile, ms", "replication, ms", "ns per event", "peak MB", "times the tenth"],
        rows,
    );
    if let Some((small, large)) = of("worm-small").zip(of("worm-large")) {
        let operators = (worm::n_operators(160_000) - worm::n_operators(16_000)) as f64;
        let bytes = (large["peak_kb"] - small["peak_kb"]) * 1024.0 / operators;
        page.say(&format!("An operator takes {bytes:.0} bytes of memory, with its events under way."));
    }
    results(page);
}

/// Bytes of the results of a batch, by the difference of two sizes.
fn results(page: &mut Page) {
    let folder = std::env::temp_dir().join(format!("batch-{}", std::process::id()));
    let few = batch(&folder.join("few"), 100);
    let many = few.as_ref().and_then(|_| batch(&folder.join("many"), 1100));
    let _ = std::fs::remove_dir_all(&folder);
    let Some((few, many)) = few.zip(many) else {
        page.say("Bytes of results: `batch` could not be run.");
        return;
    };
    let rows = many.iter().zip(&few).map(|((name, large), (_, small))| {
        let each = (*large as f64 - *small as f64) / 1000.0;
        vec![format!("`{name}`"), thousands(*large as f64), format!("{each:.1}")]
    });
    page.table(
        "Results of `batch wannacry-2017`",
        &["file", "bytes for 1,100 replications", "bytes for each further one"],
        rows,
    );
}

/// Sizes of the files that a batch writes; none if it fails.
fn batch(out: &Path, replications: u32) -> Option<Vec<(String, u64)>> {
    let done = Command::new(env!("CARGO_BIN_EXE_blueprint-sim"))
        .args(["batch", "wannacry-2017", "--replications", &replications.to_string(), "--out"])
        .arg(out)
        .output()
        .ok()?;
    if !done.status.success() {
        return None;
    }
    let size = |name: &str| Some((name.to_owned(), std::fs::metadata(out.join(name)).ok()?.len()));
    Some(
        ["results.parquet", "runs.parquet", "summary.json", "report.html"]
            .iter()
            .filter_map(|n| size(n))
            .collect(),
    )
}
