//! The shipped documents are embedded: a new or changed one rebuilds the program.

fn main() {
    println!("cargo::rerun-if-changed=scenarios");
    println!("cargo::rerun-if-changed=build.rs");
}
