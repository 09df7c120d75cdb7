//! Writes the tables of docs/calibration.md: `cargo run --release --example calibration`.
//!
//! Four replays are held against history, and sixteen disclosures of weaknesses against the public record of the
//! CSIRTs Network. `--replications N` makes N replications of each replay (and of each disclosure) instead of those of
//! the page.

#[path = "../tests/support/calibration.rs"]
mod calibration;

use std::io::Write;

use calibration::{Size, page};

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--replications");
    let n: Option<u64> = arguments.nth(1).and_then(|n| n.parse().ok());
    let size = n.map_or(Size::PAGE, |n| Size { replays: n, disclosures: n });
    // A closed pipe is no failure.
    let _ = std::io::stdout().write_all(page(size).as_bytes());
}
