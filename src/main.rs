//! The `blueprint-sim` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    blueprint_sim::cli::main()
}
