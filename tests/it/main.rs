//! Integration tests: the program as its users meet it, one module a subject.

#[path = "../../benches/common/mod.rs"]
mod bench_models;
mod calibration;
mod cli_batch;
mod cli_compare;
mod cli_documents;
mod cli_folders;
mod cli_hostile;
mod cli_pack;
mod cli_runs;
mod cli_scripts;
mod cli_sensitivity;
mod diagnostics;
mod digests;
mod engine;
mod experiment;
mod fuzz;
mod guide;
mod incidents;
mod influence;
mod judgement;
mod laboratory;
mod language;
mod layout;
mod levels;
mod limits;
mod package;
mod plain_loops;
mod readme;
mod reference;
mod theory;
mod trace_files;
mod traceability;
mod union;
mod workshop;
