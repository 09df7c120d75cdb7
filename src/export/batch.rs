//! `summary.json` of a batch, and its two tables.

use std::io::Write;

use serde::Serialize;

use super::ExportError;
use super::number::{instant, round12};
use super::summary::{NOTICE, setting_name};
use crate::analysis::batch::{FigureStatistics, MilestoneStatistics, QuantileEstimate, VariantResults};
use crate::analysis::replay::{Judged, JudgedSum, Judgement, Verdict};
use crate::model::Model;

/// What a batch is called and how it was made.
#[derive(Debug, Clone, Default)]
pub struct BatchIdentity {
    /// Name of the scenario, blueprint or experiment.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Master seed.
    pub seed: u64,
    /// Replications of each variant.
    pub replications: u64,
    /// Version of the program.
    pub version: String,
    /// Number of variants.
    pub n_variants: usize,
    /// What was changed on the command line, as typed.
    pub changes: Vec<String>,
    /// SHA-256 of documents, variants, seed, version and replications.
    pub batch_sha256: String,
    /// What became of the precision that was asked for.
    pub precision: Option<PrecisionTold>,
}

/// A precision that was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct PrecisionTold {
    /// As typed.
    pub asked: String,
    /// Whether every measure got there before the cap.
    pub reached: bool,
    /// Each measure of each variant.
    pub measures: Vec<PrecisionOf>,
}

/// The precision of one measure.
#[derive(Debug, Clone, Serialize)]
pub struct PrecisionOf {
    /// Variant.
    pub variant: String,
    /// Measure.
    pub measure: String,
    /// Mean.
    pub mean: Option<f64>,
    /// Half-width of its 95 % interval.
    pub half_width: Option<f64>,
    /// Whether that is what was asked for.
    pub reached: bool,
}

#[derive(Serialize)]
struct Summary<'a> {
    format: u32,
    program: &'static str,
    version: &'a str,
    simulation: bool,
    notice: &'static str,
    kind: &'static str,
    scenario: &'a str,
    title: &'a str,
    seed: u64,
    replications: u64,
    n_variants: usize,
    changes: &'a [String],
    batch_sha256: &'a str,
    precision: Option<&'a PrecisionTold>,
    confidence: f64,
    variants: Vec<VariantJson<'a>>,
}

#[derive(Serialize)]
struct VariantJson<'a> {
    variant: &'a str,
    setting: Option<&'static str>,
    changes: &'a [String],
    differences: &'a [String],
    milestones: Vec<MilestoneJson<'a>>,
    figures: Vec<FigureJson<'a>>,
    replay: Option<ReplayJson<'a>>,
    headline_reached: usize,
    criticality: Vec<CriticalityJson<'a>>,
}

#[derive(Serialize)]
struct MilestoneJson<'a> {
    milestone: &'a str,
    title: &'a str,
    n: usize,
    n_reached: usize,
    n_without_origin: usize,
    share: Option<f64>,
    share_lo: Option<f64>,
    share_hi: Option<f64>,
    latency_hours: Vec<QuantileJson>,
    restricted_mean_hours: Option<f64>,
    restricted_mean_lo: Option<f64>,
    restricted_mean_hi: Option<f64>,
    restricted_to_hours: Option<f64>,
}

#[derive(Serialize)]
struct QuantileJson {
    p: f64,
    /// None: not reached in so many replications.
    value: Option<f64>,
    lo: Option<f64>,
    /// None: open, or too few replications for an interval.
    hi: Option<f64>,
}

#[derive(Serialize)]
struct FigureJson<'a> {
    figure: &'a str,
    unit: &'a str,
    n: usize,
    mean: Option<f64>,
    lo: Option<f64>,
    hi: Option<f64>,
    sd: Option<f64>,
    quantiles: Vec<QuantileJson>,
}

#[derive(Serialize)]
struct ReplayJson<'a> {
    in_sample: SumJson,
    out_of_sample: SumJson,
    milestones: Vec<JudgedJson<'a>>,
}

#[derive(Serialize)]
struct SumJson {
    happened: usize,
    covered_90: usize,
    covered_50: usize,
    mean_crps: Option<f64>,
    mean_interval_score_90: Option<f64>,
    never: usize,
    mean_brier: Option<f64>,
}

#[derive(Serialize)]
struct JudgedJson<'a> {
    milestone: &'a str,
    layer: Option<&'static str>,
    set_by_scenario: bool,
    in_sample: bool,
    n: usize,
    n_reached: usize,
    observed: Option<String>,
    percentile: Option<f64>,
    covered_50: Option<bool>,
    covered_90: Option<bool>,
    relative_width: Option<f64>,
    crps: Option<f64>,
    interval_score_50: Option<f64>,
    interval_score_90: Option<f64>,
    never_by: Option<String>,
    share_reached: Option<f64>,
    share_lo: Option<f64>,
    share_hi: Option<f64>,
    brier: Option<f64>,
}

#[derive(Serialize)]
struct CriticalityJson<'a> {
    actor: &'a str,
    share: f64,
    mean_hours: f64,
}

/// Writes the figures of a batch; each variant with its model.
///
/// # Errors
/// What the writer says.
pub fn write_batch_summary(
    identity: &BatchIdentity,
    variants: &[(&Model, &VariantResults)],
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let summary = Summary {
        format: 1,
        program: env!("CARGO_PKG_NAME"),
        version: &identity.version,
        simulation: true,
        notice: NOTICE,
        kind: "batch",
        scenario: &identity.scenario,
        title: &identity.title,
        seed: identity.seed,
        replications: identity.replications,
        n_variants: identity.n_variants,
        changes: &identity.changes,
        batch_sha256: &identity.batch_sha256,
        precision: identity.precision.as_ref(),
        confidence: crate::analysis::batch::CONFIDENCE,
        variants: variants.iter().map(|(model, results)| variant(model, results)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &summary)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn round(value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite()).map(round12)
}

fn variant<'a>(model: &'a Model, results: &'a VariantResults) -> VariantJson<'a> {
    let milestones = model.milestones.iter().zip(&results.milestones);
    VariantJson {
        variant: &results.name,
        setting: setting_name(model),
        changes: &results.changes,
        differences: &results.differences,
        milestones: milestones.map(|(m, s)| milestone(&m.name, &m.title, s)).collect(),
        figures: results.figures.iter().map(|(c, s)| figure(&c.name, &c.unit, s)).collect(),
        replay: results.judgement.as_ref().map(|judgement| replay(model, judgement)),
        headline_reached: results.n_chains,
        criticality: results
            .criticality
            .iter()
            .map(|(name, c)| CriticalityJson {
                actor: name,
                share: round12(c.share),
                mean_hours: round12(c.mean_hours),
            })
            .collect(),
    }
}

fn milestone<'a>(name: &'a str, title: &'a str, s: &MilestoneStatistics) -> MilestoneJson<'a> {
    MilestoneJson {
        milestone: name,
        title,
        n: s.n,
        n_reached: s.n_reached,
        n_without_origin: s.n_without_origin,
        share: (s.n > 0).then(|| round12(s.n_reached as f64 / s.n as f64)),
        share_lo: round(s.share.map(|i| i.lo)),
        share_hi: round(s.share.map(|i| i.hi)),
        latency_hours: quantiles(&s.quantiles),
        restricted_mean_hours: round(s.restricted_mean.map(|m| m.0)),
        restricted_mean_lo: round(s.restricted_mean.map(|m| m.1.lo)),
        restricted_mean_hi: round(s.restricted_mean.map(|m| m.1.hi)),
        restricted_to_hours: round(s.restricted_mean.map(|m| m.2)),
    }
}

fn quantiles(all: &[QuantileEstimate]) -> Vec<QuantileJson> {
    all.iter()
        .map(|q| QuantileJson {
            p: q.p,
            value: round(Some(q.value)),
            lo: round(q.interval.map(|i| i.lo)),
            hi: round(q.interval.map(|i| i.hi)),
        })
        .collect()
}

fn figure<'a>(name: &'a str, unit: &'a str, s: &FigureStatistics) -> FigureJson<'a> {
    FigureJson {
        figure: name,
        unit,
        n: s.n,
        mean: round(s.mean),
        lo: round(s.interval.map(|i| i.lo)),
        hi: round(s.interval.map(|i| i.hi)),
        sd: round(s.sd),
        quantiles: quantiles(&s.quantiles),
    }
}

fn replay<'a>(model: &'a Model, judgement: &Judgement) -> ReplayJson<'a> {
    let sum = |s: &JudgedSum| SumJson {
        happened: s.happened,
        covered_90: s.covered,
        covered_50: s.covered_half,
        mean_crps: round(s.mean_own_crps),
        mean_interval_score_90: round(s.mean_interval_score),
        never: s.never,
        mean_brier: round(s.mean_brier),
    };
    ReplayJson {
        in_sample: sum(&judgement.in_sample),
        out_of_sample: sum(&judgement.out_of_sample),
        milestones: judgement.rows.iter().map(|row| judged(model, row)).collect(),
    }
}

fn judged<'a>(model: &'a Model, row: &Judged) -> JudgedJson<'a> {
    let mut json = JudgedJson {
        milestone: &model.milestones[row.milestone.index()].name,
        layer: row.layer,
        set_by_scenario: row.set_by_scenario,
        in_sample: row.in_sample,
        n: row.n,
        n_reached: row.n_reached,
        observed: None,
        percentile: None,
        covered_50: None,
        covered_90: None,
        relative_width: None,
        crps: None,
        interval_score_50: None,
        interval_score_90: None,
        never_by: None,
        share_reached: None,
        share_lo: None,
        share_hi: None,
        brier: None,
    };
    match &row.verdict {
        Verdict::Happened {
            middle_us,
            percentile,
            covered,
            covered_half,
            interval_score,
            interval_score_half,
            relative_width,
            crps,
            ..
        } => {
            json.observed = Some(instant(model.meta.epoch, *middle_us));
            json.percentile = round(Some(*percentile));
            json.covered_50 = Some(*covered_half);
            json.covered_90 = Some(*covered);
            json.relative_width = round(*relative_width);
            json.crps = round(*crps);
            json.interval_score_50 = round(*interval_score_half);
            json.interval_score_90 = round(*interval_score);
        }
        Verdict::Never { by_us, share, low, high, brier } => {
            json.never_by = Some(instant(model.meta.epoch, *by_us));
            json.share_reached = round(Some(*share));
            json.share_lo = round(Some(*low));
            json.share_hi = round(Some(*high));
            json.brier = round(Some(*brier));
        }
    }
    json
}
