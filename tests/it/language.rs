//! What the language says about cooperation, in small documents with values worked out by hand.

mod corners;
mod facts;
mod measures;
mod places;
mod sleepers;
mod votes;
mod ways;

use std::path::Path;

use blueprint_sim::document::Overrides;
use blueprint_sim::model::Model;

use super::laboratory::written_with;

/// The model of a document of `tests/cases/language`.
fn case(name: &str) -> Model {
    case_with(name, &Overrides::default())
}

/// The same with changes from the command line.
fn case_with(name: &str, overrides: &Overrides) -> Model {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/language/{name}.ron"));
    written_with(&std::fs::read_to_string(file).unwrap(), overrides)
}
