//! docs/calibration.md, held to what the program finds; and what a scenario may set for itself.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it calibration` writes the tables of the page anew.

#[path = "../support/calibration.rs"]
#[allow(clippy::duplicate_mod, reason = "the example has its own copy")]
mod support;

use std::path::PathBuf;

use blueprint_sim::document::{Node, SourceMap, load};
use support::{REPLAYS, Size, built_ins, page};

const PAGE: &str = "docs/calibration.md";
const OPEN: &str = "<!-- calibration -->";
const CLOSE: &str = "<!-- /calibration -->";

fn text_of(file: &str) -> String {
    std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn the_page_says_what_the_program_finds() {
    let text = text_of(PAGE);
    let (before, rest) = text.split_once(OPEN).unwrap();
    let (held, after) = rest.split_once(CLOSE).unwrap();
    let found = format!("\n{}", page(Size::PAGE));
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(PAGE);
        std::fs::write(path, format!("{before}{OPEN}{found}{CLOSE}{after}")).unwrap();
        return;
    }
    assert_eq!(held, found, "{PAGE} is out of date: run with UPDATE_GOLDEN=1");
}

/// What a scenario sets for itself is an exogenous fact of its incident: a parameter that no other document has, in
/// the name of the incident, with a source or a reason, and never one that the blueprint already has.
#[test]
fn what_one_scenario_sets_is_its_own_fact_with_a_source() {
    let blueprint = parameters("eu-2017");
    let lists: Vec<(&str, Vec<(String, String)>)> =
        REPLAYS.iter().map(|scenario| (*scenario, overridden(scenario))).collect();
    for (scenario, own) in &lists {
        assert!(!own.is_empty(), "{scenario} sets nothing");
        let prefix = format!("{}.", scenario.split('-').next().unwrap());
        for (name, basis) in own {
            assert!(name.starts_with(&prefix), "{scenario} sets `{name}`, which is not about its incident");
            assert!(
                !blueprint.contains(name),
                "{scenario} overrides `{name}` of the blueprint for itself alone"
            );
            let elsewhere = lists.iter().filter(|(o, l)| o != scenario && l.iter().any(|(n, _)| n == name));
            assert_eq!(elsewhere.count(), 0, "`{name}` is set by several scenarios");
            let sourced = basis.starts_with("Sourced(") || basis.starts_with("Derived(");
            assert!(sourced || basis.starts_with("Assumed(") && basis.len() > 40, "`{name}`: {basis}");
        }
        let sourced = own.iter().filter(|(_, basis)| !basis.starts_with("Assumed(")).count();
        assert!(sourced * 2 > own.len(), "{scenario}: {sourced} of {} have a source", own.len());
    }
}

/// The parameters that a scenario's own text sets, one a line, with their basis as text.
fn overridden(scenario: &str) -> Vec<(String, String)> {
    let text = text_of(&format!("scenarios/incidents/{scenario}.ron"));
    let part = text.split_once("        parameters: {").unwrap().1.split_once("\n        },").unwrap().0;
    let lines = part.lines().filter(|line| line.trim_start().starts_with('"'));
    lines
        .map(|line| {
            let name = line.split('"').nth(1).unwrap().to_owned();
            let basis = line.split_once("basis: ").unwrap_or_else(|| panic!("{name} has no basis")).1;
            (name, basis.to_owned())
        })
        .collect()
}

/// Names of the parameters of a blueprint.
fn parameters(name: &str) -> Vec<String> {
    let loaded = load(name, None, &built_ins(), &mut SourceMap::new()).unwrap();
    let parameters = loaded.node.field("parameters").and_then(Node::entries).unwrap();
    parameters.iter().filter_map(|(key, _)| key.as_str()).map(str::to_owned).collect()
}
