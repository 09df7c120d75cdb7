//! What a batch is about: a scenario as it is, or the variants of an experiment.

use super::super::args::Changes;
use super::super::compare::design_words;
use super::super::failure::Failure;
use super::super::files::Files;
use super::super::model::prepare;
use super::super::term;
use crate::document::decode::decode;
use crate::document::merge::Origin;
use crate::document::types::{Experiment, Name};
use crate::document::{Diagnostic, SourceMap, load};
use crate::experiment::{self, AS_IT_IS, Base, Variant, Variants, movable, over_bases, points};
use crate::model::ParamId;

/// What is to be run.
pub(crate) struct Study {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) variants: Variants,
    pub(crate) replications: Option<u64>,
    pub(crate) seed: Option<u64>,
    pub(crate) precision: Option<String>,
    pub(crate) measures: Vec<String>,
}

/// Opens a scenario, a blueprint or an experiment; the changes of the command line go into every scenario.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn study(name: &str, changes: &Changes, seed: Option<u64>) -> Result<Study, Failure> {
    match experiment(name)? {
        Some((experiment, origin, sources)) => of_experiment(&experiment, &origin, sources, changes, seed),
        None => of_scenario(name, changes),
    }
}

/// The experiment of this name; none if the document is something else.
///
/// # Errors
/// There is no such document, or it is an experiment with errors.
pub(crate) fn experiment(name: &str) -> Result<Option<(Experiment, Origin, SourceMap)>, Failure> {
    let mut sources = SourceMap::new();
    match read(name, &mut sources) {
        Ok(found) => Ok(found.map(|(experiment, origin)| (experiment, origin, sources))),
        Err(errors) => Err(Failure::documents(&errors, &sources)),
    }
}

fn read(name: &str, sources: &mut SourceMap) -> Result<Option<(Experiment, Origin)>, Vec<Diagnostic>> {
    let loaded = load(name, None, &Files, sources)?;
    if loaded.node.name() != Some("Experiment") {
        return Ok(None);
    }
    let experiment: Experiment = decode(&loaded.node)?;
    if let Some(format) = experiment.format.as_ref().filter(|format| ***format != 1) {
        let message = format!(
            "this document is in format {}, and this version of the program reads format 1",
            **format
        );
        return Err(vec![Diagnostic::error("unsupported-format", message).at(format.span)]);
    }
    let mut errors = Vec::new();
    if experiment.scenarios.is_empty() {
        let message = "an experiment needs at least one scenario";
        errors.push(Diagnostic::error("missing-field", message).at(experiment.id.span));
    }
    if let Some(n) = experiment.replications.as_ref().filter(|n| ***n == 0) {
        errors.push(Diagnostic::error("out-of-range", "at least one replication is needed").at(n.span));
    }
    if let Some(text) = &experiment.precision
        && let Err(message) = super::precision::parse(text)
    {
        errors.push(Diagnostic::error("bad-quantity", message).at(text.span));
    }
    if errors.is_empty() { Ok(Some((experiment, loaded.origin))) } else { Err(errors) }
}

fn of_scenario(name: &str, changes: &Changes) -> Result<Study, Failure> {
    let prepared = prepare(name, changes)?;
    let meta = &prepared.model.meta;
    let (name, title) = (meta.name.clone(), meta.title.clone());
    let base = Base {
        name: name.clone(),
        tree: prepared.tree,
        origin: Origin::File(name.clone()),
        changes: prepared.changes,
    };
    let only = Variant { name: AS_IT_IS.to_owned(), base: 0, changes: Vec::new() };
    Ok(Study {
        name,
        title,
        variants: Variants::new(vec![base], vec![only]),
        replications: None,
        seed: prepared.before.map(|run| run.seed),
        precision: None,
        measures: Vec::new(),
    })
}

fn of_experiment(
    e: &Experiment,
    origin: &Origin,
    sources: SourceMap,
    changes: &Changes,
    seed: Option<u64>,
) -> Result<Study, Failure> {
    let seed = seed.or(e.seed.as_ref().map(|seed| **seed)).unwrap_or(1);
    let mut bases = Vec::new();
    let mut models = Vec::new();
    for scenario in &e.scenarios {
        let prepared = prepare(&beside(scenario, origin), changes)?;
        let name = prepared.model.meta.name.clone();
        if bases.iter().any(|base: &Base| base.name == name) {
            let message = format!("the scenario `{name}` stands twice");
            let twice = Diagnostic::error("duplicate-name", message).at(scenario.span);
            return Err(Failure::documents(&[twice], &sources));
        }
        bases.push(Base {
            origin: Origin::File(name.clone()),
            name,
            tree: prepared.tree,
            changes: prepared.changes,
        });
        models.push(prepared.model);
    }
    // Ranges are those of the first scenario.
    let range = |name: &str| {
        let (model, base) = (models.first()?, bases.first()?);
        let id = model.params.iter().position(|p| !p.literal && p.name == name)?;
        movable(model, &base.tree, ParamId::from_index(id))
    };
    let mut words = design_words(seed, &e.id);
    let points = points(e, &range, &mut words).map_err(|errors| Failure::documents(&errors, &sources))?;
    let names: Vec<String> = bases.iter().map(|base| base.name.clone()).collect();
    let variants = Variants::new(bases, over_bases(&points, &names));
    figures_are_known(e, &variants, &sources)?;
    Ok(Study {
        name: e.id.value.clone(),
        title: e.title.clone().unwrap_or_else(|| e.id.value.clone()),
        variants,
        replications: e.replications.as_ref().map(|n| **n),
        seed: Some(seed),
        precision: e.precision.as_ref().map(|text| text.value.clone()),
        measures: e.figures.iter().map(|name| name.value.clone()).collect(),
    })
}

/// A scenario is looked for beside the experiment, then among the built-ins.
fn beside(scenario: &Name, origin: &Origin) -> String {
    let Origin::File(file) = origin else { return scenario.value.clone() };
    let folder = std::path::Path::new(file).parent().unwrap_or(std::path::Path::new(""));
    let path = folder.join(scenario.as_str());
    let there = path.is_file() || std::path::Path::new(&format!("{}.ron", path.display())).is_file();
    if there { path.display().to_string() } else { scenario.value.clone() }
}

fn figures_are_known(e: &Experiment, variants: &Variants, sources: &SourceMap) -> Result<(), Failure> {
    let schema = variants.schema(0).map_err(|failure| super::told(variants, failure))?;
    let known: Vec<&str> = schema
        .milestones
        .iter()
        .map(String::as_str)
        .chain(schema.figures.iter().map(|figure| figure.name.as_str()))
        .collect();
    let unknown = |name: &&Name| !known.contains(&name.as_str());
    let errors: Vec<Diagnostic> = e
        .figures
        .iter()
        .filter(unknown)
        .map(|name| {
            let message = format!("no milestone or figure is called `{}`", name.value);
            Diagnostic::error("unknown-name", message).at(name.span).did_you_mean(name, known.iter().copied())
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Failure::documents(&errors, sources)) }
}

/// `check` of an experiment: everything that would be refused later; a line on what it is.
///
/// # Errors
/// All that is wrong with it, or with one of its variants.
pub(crate) fn check(name: &str) -> Result<Option<String>, Failure> {
    let Some((e, origin, sources)) = experiment(name)? else { return Ok(None) };
    let study = of_experiment(&e, &origin, sources, &Changes::default(), None)?;
    let n = study.variants.list().len();
    for variant in 0..n.min(CHECKED) {
        let mut sources = SourceMap::new();
        match study.variants.prepare(variant, &mut sources) {
            Ok(ready) => {
                let of = &study.variants.list()[variant];
                if !of.changes.is_empty() && ready.diff(study.variants.base(variant)).is_empty() {
                    term::note(&format!("warning: variant `{}` changes nothing", of.name));
                }
            }
            Err(errors) => {
                let failure = experiment::Failure::Variant { variant, errors };
                return Err(super::told(&study.variants, failure));
            }
        }
    }
    let scenarios = study.variants.bases().len();
    let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    Ok(Some(format!("ok (experiment: {}, {})", plural(scenarios, "scenario"), plural(n, "variant"))))
}

/// Of a large design, the first variants are checked.
const CHECKED: usize = 200;
