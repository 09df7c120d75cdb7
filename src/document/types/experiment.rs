//! Which runs are made: scenarios, factors, a design, replications.

use serde::Deserialize;

use super::super::decode::Spanned;
use super::super::tree::Node;
use super::{Name, Param};

/// An experiment: `Experiment(format: 1, id: "mine", scenarios: ["wannacry-2017"], ..)`.
///
/// All variants share seed and replication numbers, so that they share every draw of what they have in common.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Version of the document format; this version reads 1.
    #[serde(default)]
    pub format: Option<Spanned<u32>>,
    /// Name of the experiment, as in names of folders. Required.
    pub id: Name,
    /// One line for lists and headings.
    #[serde(default)]
    pub title: Option<String>,
    /// A paragraph: question, sources, limits.
    #[serde(default)]
    pub summary: Option<String>,
    /// Scenarios or blueprints, by name or file; each is run with every point of the design. Required.
    pub scenarios: Vec<Name>,
    /// What is varied.
    #[serde(default)]
    pub factors: Vec<Factor>,
    /// How the levels of the factors are combined. Default `List`: only the `variants`, and the scenarios as they are.
    #[serde(default)]
    pub design: Design,
    /// With `design: List`: the variants, the first being what the others are compared with.
    #[serde(default)]
    pub variants: Vec<ExperimentVariant>,
    /// Replications of each variant; with `precision`, the most. Default 200, or 10000 with `precision`.
    #[serde(default)]
    pub replications: Option<Spanned<u64>>,
    /// Master seed. Default 1.
    #[serde(default)]
    pub seed: Option<Spanned<u64>>,
    /// Stop when each of the `figures` is known so well: `"5%"` of its mean, or a half-width (milestones in hours).
    #[serde(default)]
    pub precision: Option<Name>,
    /// Milestones and figures of interest, e.g. `["operators_hit", "impact_hours"]`. Default: the headline milestone.
    #[serde(default)]
    pub figures: Vec<Name>,
}

/// How the levels of factors are combined into variants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Design {
    /// The `variants` as they are listed.
    #[default]
    List,
    /// The scenario as it is, then each level of each factor alone.
    OneAtATime,
    /// Every combination of levels.
    FullFactorial,
    /// So many points, spread evenly over each factor.
    LatinHypercube(u32),
    /// So many points of a scrambled Sobol sequence; a power of two is best.
    Sobol(u32),
}

/// Something that is varied: listed levels, or one thing with values, or one parameter between two ends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Its name.
    pub id: Name,
    /// What it is, for people.
    #[serde(default)]
    pub title: Option<String>,
    /// Levels with a name and changes each, e.g. `[(name: "as it was"), (name: "on", changes: ["with blueprint"])]`.
    #[serde(default)]
    pub levels: Vec<ExperimentVariant>,
    /// What takes the `values`: a parameter (`"csirt.triage"`, in one state `"csirt.triage@MT"`), a field of a thing
    /// (`"csirt.staff"`, `"mail.latency"`, `"worm.process.doubling"`), `"start"` or `"horizon"`.
    #[serde(default)]
    pub set: Option<Name>,
    /// Its values as they would be typed, e.g. `["30min", "2h"]`.
    #[serde(default)]
    pub values: Vec<Name>,
    /// With `LatinHypercube` and `Sobol`: the ends between which a parameter is varied, e.g. `("30min", "3h")`.
    /// Default: its plausible range.
    #[serde(default)]
    pub between: Option<(Param, Param)>,
}

/// A variant, or a level of a factor: a name and what it changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentVariant {
    /// Its name in tables and charts.
    pub name: Name,
    /// Changes as they would be typed: `"with blueprint"`, `"without nis-directive"`, `"csirt.triage=2h"`.
    #[serde(default)]
    pub changes: Vec<Name>,
    /// A record of sections that is laid over the scenario, as a scenario's own `overrides` are.
    #[serde(default)]
    pub overrides: Option<Node>,
}
