//! What comes out of documents that are right.

use super::*;

#[test]
fn the_toy_compiles() {
    let compiled = compile_named("", "toy-worm", &Overrides::default());
    assert_eq!(compiled.warnings, []);
}
