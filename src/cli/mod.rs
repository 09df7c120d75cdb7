//! The command line: one file a subcommand, and what they share.
//!
//! The only room that touches files, the terminal and the number of threads. Results go to stdout, everything else
//! to stderr; a `Failure` says with which status the program ends.

mod args;
mod batch;
mod check;
mod compare;
mod engine;
mod evaluate;
mod explain;
mod failure;
mod files;
mod folder;
mod influence;
mod interrupt;
mod ledger;
mod list;
mod merge;
mod model;
mod new;
mod pack;
mod past;
mod plot;
mod run;
mod script;
mod sensitivity;
mod several;
mod show;
mod term;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::Failure;

/// Parses the command line, does what it says, and tells what went wrong.
pub fn main() -> ExitCode {
    interrupt::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too. That nobody may read them is no failure.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match files::set_root(cli.root.as_deref()).and_then(|()| dispatch(&cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                term::note(&text);
            }
            failure.exit_code()
        }
    }
}

fn dispatch(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(args),
        Command::Check(args) => check::run(args),
        Command::New(args) => new::run(args),
        Command::Run(args) => run::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Sensitivity(args) => sensitivity::run(args),
        Command::Plot(args) => plot::run(args),
        Command::Pack(args) => pack::run(args),
        Command::Batch(args) => batch::run(args),
        Command::Merge(args) => merge::run(args),
    }
}
