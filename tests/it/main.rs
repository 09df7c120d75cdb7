//! Integration tests: the program as its users meet it, one module a subject.

#[path = "../../benches/common/mod.rs"]
mod bench_models;
mod cli_batch;
mod cli_compare;
mod cli_documents;
mod cli_folders;
mod cli_hostile;
mod cli_runs;
mod cli_scripts;
mod cli_sensitivity;
mod diagnostics;
mod digests;
mod engine;
mod experiment;
mod explain;
mod fuzz;
mod incidents;
mod judgement;
mod keeper;
mod laboratory;
mod language;
mod laws;
mod layout;
mod levels;
mod limits;
mod plain_loops;
mod props;
mod readme;
mod reference;
mod theory;
mod trace_files;
mod traceability;
mod union;
mod verification;
mod workshop;
