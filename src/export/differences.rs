//! `differences.csv`, and the part of `summary.json` that tells of a comparison.

use std::io::Write;

use serde_json::{Value, json};

use super::{ExportError, csv_number, round12, safe_text};
use crate::analysis::comparison::{Comparison, Difference, FigureKind, OverRanges};

/// Writes `differences.csv`: a row for each variant and figure. Milestones are in hours, cut at the horizon.
///
/// # Errors
/// The file cannot be written.
pub fn write_differences(
    variants: &[String],
    comparison: &Comparison,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "variant",
        "figure",
        "title",
        "unit",
        "base_mean",
        "variant_mean",
        "difference",
        "low",
        "high",
        "median",
        "share_less",
        "share_more",
        "p",
        "p_holm",
        "clear",
        "pairs",
        "left_out",
        "reached_both",
        "reached_only_base",
        "reached_only_variant",
        "reached_neither",
        "variance_gain",
    ])?;
    for d in &comparison.differences {
        let count = |pick: fn(&crate::analysis::comparison::Reached) -> usize| {
            d.reached.as_ref().map_or_else(String::new, |reached| pick(reached).to_string())
        };
        csv.write_record([
            safe_text(&variants[d.variant]),
            safe_text(&d.name),
            safe_text(&d.title),
            unit(&d.kind).to_owned(),
            csv_number(d.base_mean),
            csv_number(d.variant_mean),
            csv_number(d.paired.mean),
            csv_number(d.paired.interval.lo),
            csv_number(d.paired.interval.hi),
            csv_number(d.paired.median),
            csv_number(d.paired.share_below),
            csv_number(d.paired.share_above),
            csv_number(d.paired.p_value),
            csv_number(d.p_adjusted),
            d.clear.to_string(),
            d.paired.n.to_string(),
            d.left_out.to_string(),
            count(|r| r.both),
            count(|r| r.only_base),
            count(|r| r.only_variant),
            count(|r| r.neither),
            d.paired.variance_gain.map_or_else(String::new, csv_number),
        ])?;
    }
    csv.flush()?;
    Ok(())
}

fn unit(kind: &FigureKind) -> &str {
    match kind {
        FigureKind::Milestone => "h",
        FigureKind::Other(unit) => unit,
    }
}

/// A comparison as JSON: what each variant changes, the headline first.
pub fn comparison_json(
    variants: &[String],
    diffs: &[Vec<String>],
    findings: &[String],
    headline: &str,
    comparison: &Comparison,
    over_ranges: &[OverRanges],
) -> Value {
    let of = |variant: usize| {
        let headline = comparison.figure(variant, headline).map(difference);
        let clear: Vec<Value> = comparison.of(variant).filter(|d| d.clear).map(difference).collect();
        let over = over_ranges.get(variant).map(|o| {
            json!({
                "points": o.points, "kept": o.kept, "kept_clear": o.kept_clear, "reversed": o.reversed,
                "reversed_clear": o.reversed_clear, "none": o.none, "failed": o.failed,
            })
        });
        json!({
            "name": variants[variant],
            "changes": diffs[variant],
            "changes_nothing": diffs[variant].is_empty(),
            "same_results": comparison.is_same(variant),
            "headline": headline,
            "clear_of_noise": clear,
            "over_ranges": over,
        })
    };
    json!({
        "findings": findings,
        "confidence": comparison.confidence,
        "pairs": comparison.pairs,
        "headline": headline,
        "variants": (0..variants.len()).map(of).collect::<Vec<Value>>(),
    })
}

fn difference(d: &Difference) -> Value {
    json!({
        "figure": d.name,
        "title": d.title,
        "unit": unit(&d.kind),
        "base_mean": round12(d.base_mean),
        "variant_mean": round12(d.variant_mean),
        "difference": round12(d.paired.mean),
        "low": round12(d.paired.interval.lo),
        "high": round12(d.paired.interval.hi),
        "p_holm": round12(d.p_adjusted),
        "clear": d.clear,
        "variance_gain": d.paired.variance_gain.map(round12),
        "reached": d.reached.map(|r| json!({
            "both": r.both, "only_base": r.only_base, "only_variant": r.only_variant, "neither": r.neither,
        })),
    })
}
