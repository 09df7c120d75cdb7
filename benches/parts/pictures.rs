//! What is made of a run: the trace as a file, charts, the page.

use std::hint::black_box;

use blueprint_sim::analysis::run::{RunResults, analyse};
use blueprint_sim::export::write_trace;
use blueprint_sim::model::Model;
use blueprint_sim::report::{ChartKind, ChartOptions, Charts, Told, page};
use blueprint_sim::trace::{Keep, Trace};
use criterion::{Criterion, Throughput};

use crate::common::engine::{SEED, builtin, simulation};
use crate::common::graph::Graph;
use crate::common::{model_of, relay};

fn traced(model: &Model) -> Trace {
    let mut simulation = simulation(Keep::All, model);
    simulation.run();
    simulation.into_trace()
}

/// A full trace as lines of text, to nowhere and to a file.
pub(crate) fn traces(c: &mut Criterion) {
    let models = [
        ("wannacry-2017", builtin("wannacry-2017")),
        ("relay", model_of(&relay::document(&Graph::of(300), 20))),
    ];
    for (name, model) in models {
        let trace = traced(&model);
        let mut text = Vec::new();
        write_trace(&model, &trace, true, &mut text).expect("a trace");
        let mut group = c.benchmark_group(format!("trace/{name}"));
        group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("in memory", |b| {
            b.iter(|| {
                text.clear();
                write_trace(&model, &trace, true, &mut text).expect("a trace");
                black_box(text.len())
            });
        });
        let mut file = tempfile::tempfile().expect("a file in the temporary folder");
        group.bench_function("to a file", |b| {
            b.iter(|| {
                use std::io::{Seek, Write};
                file.rewind().expect("a file");
                let mut out = std::io::BufWriter::new(&mut file);
                write_trace(&model, &trace, true, &mut out).expect("room for a trace");
                out.flush().expect("room for a trace");
            });
        });
        group.finish();
    }
}

fn told<'a>(model: &'a Model, trace: &'a Trace, results: &'a RunResults) -> Told<'a> {
    Told { model, trace, results, ensemble: None, seed: SEED, replication: 0 }
}

/// Each chart of a replay as SVG and as PNG.
pub(crate) fn charts(c: &mut Criterion) {
    let model = builtin("wannacry-2017");
    let trace = traced(&model);
    let results = analyse(&model, &trace);
    let charts = Charts::new(told(&model, &trace, &results), "bench");
    let options = ChartOptions::default();
    let mut group = c.benchmark_group("charts");
    group.sample_size(20);
    for kind in ChartKind::ALL {
        group.bench_function(format!("{}.svg", kind.name()), |b| {
            b.iter(|| black_box(charts.svg(kind, &options).expect("a chart")));
        });
        group.bench_function(format!("{}.png", kind.name()), |b| {
            b.iter(|| black_box(charts.png(kind, &options).expect("a chart")));
        });
    }
    group.finish();
}

/// The figures of a run, and the page with all charts.
pub(crate) fn page_of_all(c: &mut Criterion) {
    let model = builtin("wannacry-2017");
    let trace = traced(&model);
    let mut group = c.benchmark_group("report");
    group.sample_size(20);
    group.bench_function("figures", |b| b.iter(|| black_box(analyse(&model, &trace))));
    let results = analyse(&model, &trace);
    let told = told(&model, &trace, &results);
    let charts = Charts::new(told, "bench");
    let drawn: Vec<_> = ChartKind::ALL.iter().map(|&kind| charts.draw(kind).expect("a chart")).collect();
    group
        .bench_function("page", |b| b.iter(|| black_box(page(&told, &drawn, "bench", &[]).expect("a page"))));
    group.finish();
}
