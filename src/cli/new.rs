//! `new`: a commented template that passes `check` and runs.

use std::path::{Path, PathBuf};

use super::args::{NewArgs, NewKind};
use super::failure::Failure;
use super::files::Files;
use super::folder::write_one;
use super::term;
use crate::document::builtin::{self, Kind};
use crate::document::print::compact;
use crate::document::{Node, SourceMap, flatten, load};

const BLUEPRINT: &str = include_str!("templates/blueprint.ron");
const SCENARIO: &str = include_str!("templates/scenario.ron");
const EXPERIMENT: &str = include_str!("templates/experiment.ron");

/// Parameters of the operators that the template brings where the blueprint has none.
const OWN_PARAMETERS: &str = r#"        "{name}.notice": (
            title: "From being hit to noticing it",
            dist: LogNormal(median: "1h", p90: "6h"),
            range: ("10min", "1d"),
            basis: Assumed("a guess: replace it by a source"),
        ),
        "{name}.contain": (
            title: "From noticing to having it contained",
            dist: LogNormal(median: "4h", p90: "1d"),
            range: ("1h", "3d"),
            basis: Assumed("a guess: replace it by a source"),
        ),
        "{name}.recover": (
            title: "From containment to working again",
            dist: LogNormal(median: "12h", p90: "3d"),
            range: ("1h", "10d"),
            basis: Assumed("a guess: replace it by a source"),
        ),
"#;

/// The operators themselves.
const OWN_OPERATORS: &str = r#"
    // The blueprint has no operators that could be hit: organisations, not computers, some in each state.
    sectors: {"{name}-sector": (title: "Operators")},
    operators: [
        (
            id: "{name}-operators",
            title: "Operators",
            sector: "{name}-sector",
            per: State,
            count: 10,
            detect: "{name}.notice",
            contain: "{name}.contain",
            recover: "{name}.recover",
        ),
    ],
"#;

pub(crate) fn run(args: &NewArgs) -> Result<(), Failure> {
    let name = args.name.strip_suffix(".ron").unwrap_or(&args.name);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(plain) || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(Failure::usage(format!("`{}` cannot be the name of a document", args.name)).hint(
            "use letters, digits, `-` and `_`, a letter first; the file is NAME.ron in the current folder",
        ));
    }
    if args.blueprint.is_some() && args.kind != NewKind::Scenario {
        return Err(Failure::usage("`--blueprint` goes with `new scenario`"));
    }
    let text = match args.kind {
        NewKind::Blueprint => BLUEPRINT.replace("{name}", name),
        NewKind::Scenario => scenario(name, args.blueprint.as_deref())?,
        NewKind::Experiment => experiment(name)?,
    };
    let path = PathBuf::from(format!("{name}.ron"));
    if has_content(&path) {
        return Err(Failure::wrong(format!("`{}` exists already", path.display()))
            .hint("choose another name, or remove the file first"));
    }
    write_one(&path, |out| Ok(out.write_all(text.as_bytes())?))?;
    term::result(&format!("{}\n", path.display()))?;
    let then = if args.kind == NewKind::Experiment { "batch" } else { "run" };
    term::note(&format!("now try: blueprint-sim check {0}, then blueprint-sim {then} {0}", path.display()));
    Ok(())
}

fn has_content(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_dir() || found.len() > 0)
}

/// The template of a scenario, with the names of its blueprint filled in.
fn scenario(name: &str, blueprint: Option<&str>) -> Result<String, Failure> {
    let blueprint = match blueprint {
        Some(blueprint) => blueprint.to_owned(),
        None => default_blueprint()?,
    };
    let mut sources = SourceMap::new();
    let tree = load(&blueprint, None, &Files, &mut sources)
        .and_then(|loaded| flatten(loaded, &Files, &mut sources))
        .map_err(|errors| Failure::documents(&errors, &sources))?;
    if tree.field("kind").and_then(Node::as_text) == Some("Scenario") {
        return Err(Failure::wrong(format!(
            "`{blueprint}` is a scenario, and a scenario builds on a blueprint"
        ))
        .hint("name its blueprint, or copy the scenario with `blueprint-sim show NAME > mine.ron`"));
    }
    let state = first_key(&tree, "states").ok_or_else(|| lacks(&blueprint, "state"))?;
    let levels = tree.field("levels").and_then(Node::items).unwrap_or_default();
    let level = levels.iter().rev().find_map(Node::id).ok_or_else(|| lacks(&blueprint, "level"))?;
    let groups = tree.field("operators").and_then(Node::items).unwrap_or_default();
    let sector = groups.iter().find_map(|group| group.field("sector")?.as_str());
    let (sector, parameters, operators) = match sector {
        Some(sector) => (sector.to_owned(), "", ""),
        None => (format!("{name}-sector"), OWN_PARAMETERS, OWN_OPERATORS),
    };
    Ok(SCENARIO
        .replace("{parameters}", parameters)
        .replace("{operators}", operators)
        .replace("{blueprint}", &blueprint)
        .replace("{state}", &state)
        .replace("{level}", level)
        .replace("{sector}", &sector)
        .replace("{name}", name))
}

/// The template of an experiment on the built-in scenario that comes first by name, with the first element that its
/// blueprint has and its first parameter with a range.
fn experiment(name: &str) -> Result<String, Failure> {
    let all = builtin::all();
    let Some(scenario) = all.iter().find(|d| d.kind == Kind::Scenario) else {
        return Err(Failure::usage("there is no built-in scenario to make an experiment of"));
    };
    let mut sources = SourceMap::new();
    let tree = load(scenario.name, None, &Files, &mut sources)
        .and_then(|loaded| flatten(loaded, &Files, &mut sources))
        .map_err(|errors| Failure::documents(&errors, &sources))?;
    let element = first_key(&tree, "elements").ok_or_else(|| lacks(scenario.name, "element"))?;
    let parameters = tree.field("parameters").and_then(Node::entries).unwrap_or_default();
    let ends = |node: &Node| -> Option<(String, String)> {
        let crate::document::NodeValue::Tuple { items, .. } = &node.field("range")?.value else {
            return None;
        };
        // Only a value that is set is changed as it stands; a distribution would become a constant.
        node.field("value")?;
        let text = |node: &Node| node.as_str().map_or_else(|| compact(node), str::to_owned);
        Some((text(items.first()?), text(items.get(1)?)))
    };
    let found = parameters.iter().find_map(|(key, node)| Some((key.as_str()?, ends(node)?)));
    let (parameter, (low, high)) = found.ok_or_else(|| lacks(scenario.name, "parameter with a range"))?;
    Ok(EXPERIMENT
        .replace("{scenario}", scenario.name)
        .replace("{element}", &element)
        .replace("{parameter}", parameter)
        .replace("{low}", &low)
        .replace("{high}", &high)
        .replace("{name}", name))
}

fn lacks(blueprint: &str, what: &str) -> Failure {
    Failure::wrong(format!("the blueprint `{blueprint}` has no {what} in which anything could happen"))
        .hint("choose another with `--blueprint`")
}

fn first_key(tree: &Node, section: &str) -> Option<String> {
    tree.field(section)?.entries()?.first()?.0.as_str().map(str::to_owned)
}

/// The built-in blueprint with operators that comes first by name; failing that, the first.
fn default_blueprint() -> Result<String, Failure> {
    let all = builtin::all();
    let blueprints = || all.iter().filter(|d| d.kind == Kind::Blueprint);
    let with_operators = blueprints().find(|d| d.text.contains("operators:"));
    match with_operators.or_else(|| blueprints().next()) {
        Some(found) => Ok(found.name.to_owned()),
        None => Err(Failure::usage("name the blueprint that the scenario happens in with `--blueprint`")
            .hint("`blueprint-sim new blueprint NAME` writes one")),
    }
}
