//! Integration tests: the program as its users meet it, one module a subject.

mod cli_documents;
mod cli_folders;
mod cli_hostile;
mod cli_runs;
mod cli_scripts;
mod digests;
mod engine;
mod judgement;
mod laboratory;
mod language;
mod layout;
mod readme;
mod theory;
mod trace_files;
mod workshop;
