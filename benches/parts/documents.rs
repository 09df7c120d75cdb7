//! From text to model, step by step.

use std::hint::black_box;

use blueprint_sim::compile::compile;
use blueprint_sim::document::builtin::{self, Kind};
use blueprint_sim::document::merge::MemoryLoader;
use blueprint_sim::document::{Loader, SourceMap, assemble, flatten, load, read};
use criterion::{BatchSize, Criterion, Throughput};

use crate::common::engine::BuiltIns;
use crate::common::graph::Graph;
use crate::common::relay;

/// Reads a text, loads it with all that it extends, lays it over its blueprint, decodes it, compiles it.
fn steps(c: &mut Criterion, name: &str, text: &str, loader: &dyn Loader) {
    let mut group = c.benchmark_group(format!("documents/{name}"));
    group.sample_size(20);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("read", |b| {
        b.iter(|| {
            let mut sources = SourceMap::new();
            let id = sources.add(name, text).expect("a text of its size");
            black_box(read(&sources, id).expect("a document"))
        });
    });
    group.bench_function("read and merge", |b| {
        b.iter(|| {
            let mut sources = SourceMap::new();
            let loaded = load(name, None, loader, &mut sources).expect("a document");
            black_box(flatten(loaded, loader, &mut sources).expect("a document"))
        });
    });
    let mut sources = SourceMap::new();
    let loaded = load(name, None, loader, &mut sources).expect("a document");
    let tree = flatten(loaded, loader, &mut sources).expect("a document");
    group.bench_function("decode", |b| b.iter(|| black_box(assemble(&tree).expect("a document"))));
    let document = assemble(&tree).expect("a document");
    group.bench_function("compile", |b| {
        b.iter_batched(|| (), |()| black_box(compile(&document).expect("a model")), BatchSize::PerIteration);
    });
    group.finish();
}

/// All documents that ship and can be run.
pub(crate) fn built_in(c: &mut Criterion) {
    for document in builtin::all().iter().filter(|document| document.kind != Kind::Experiment) {
        steps(c, document.name, document.text, &BuiltIns);
    }
}

/// A large document: the relay with its thousands of channels.
pub(crate) fn written(c: &mut Criterion) {
    let text = relay::document(&Graph::of(300), 200);
    let loader = MemoryLoader::new().with_file("relay.ron", text.as_str());
    steps(c, "relay", &text, &loader);
}
