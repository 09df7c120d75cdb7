//! The `blueprint-sim` program.
fn main() {}
