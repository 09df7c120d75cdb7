//! The figures of an experiment that people compare: milestones in hours, and counts of the strategic objectives.

use super::Failure;
use super::results::Results;
use crate::analysis::comparison::{FigureColumn, FigureKind};
use crate::analysis::measures::unit_of;
use crate::analysis::spread::cost_unit;
use crate::model::Model;

const HOUR_US: f64 = 3.6e9;

/// Figures of `runs.parquet` that are compared, by the part of their name before the first dot, what they are, and
/// their unit.
const FIGURES: [(&str, &str, &str); 12] = [
    ("operators_hit", "Operators hit", "operators"),
    ("operators_peak", "Operators down at once, at most", "operators"),
    ("impact_hours", "Hours of disruption", "h"),
    ("impact_cost", "Cost of disruption", ""),
    ("awareness_lag_hours", "Awareness lag", "h"),
    ("statements", "Public statements", "statements"),
    ("statements_uncoordinated", "Uncoordinated statements", "statements"),
    ("statements_contradictory", "Statements that contradict the truth", "statements"),
    ("duties_kept", "Duties kept", "duties"),
    ("duties_late", "Duties kept late", "duties"),
    ("duties_missing", "Duties missed", "duties"),
    ("measure", "", ""),
];

/// The milestones and the figures of a variant, over its replications.
///
/// A milestone's value is min(latency, horizon - origin) in hours, NaN where its clock never started.
///
/// # Errors
/// The variant does not compile, or the store cannot be read.
pub fn columns(results: &Results<'_>, model: &Model, variant: usize) -> Result<Vec<FigureColumn>, Failure> {
    let schema = results.schema(variant)?;
    let mut columns = Vec::new();
    for position in 0..schema.milestones.len() {
        columns.push(milestone(results, model, variant, position)?);
    }
    for (position, figure) in schema.figures.iter().enumerate() {
        let Some((title, unit)) = titled(model, &figure.name) else { continue };
        columns.push(FigureColumn {
            name: figure.name.clone(),
            title,
            kind: FigureKind::Other(unit),
            values: results.figure(variant, position)?,
            reached: Vec::new(),
        });
    }
    Ok(columns)
}

fn milestone(
    results: &Results<'_>,
    model: &Model,
    variant: usize,
    position: usize,
) -> Result<FigureColumn, Failure> {
    let outcomes = results.milestone(variant, position)?;
    let horizon = model.meta.horizon.as_micros();
    let value = |r: usize| {
        let left = outcomes.origin_us[r].map(|origin| horizon.saturating_sub(origin));
        outcomes.latency_us(r).or(left).map_or(f64::NAN, |us| us as f64 / HOUR_US)
    };
    let milestone = &model.milestones[position];
    let title = if milestone.title.is_empty() { &milestone.name } else { &milestone.title };
    Ok(FigureColumn {
        name: milestone.name.clone(),
        title: title.clone(),
        kind: FigureKind::Milestone,
        values: (0..outcomes.len()).map(value).collect(),
        reached: (0..outcomes.len()).map(|r| outcomes.latency_us(r).is_some()).collect(),
    })
}

/// The title and the unit of a figure that is compared; none: it is not.
fn titled(model: &Model, name: &str) -> Option<(String, String)> {
    let (head, part) = name.split_once('.').map_or((name, None), |(head, part)| (head, Some(part)));
    let (_, title, unit) = FIGURES.into_iter().find(|(known, ..)| *known == head)?;
    let title = match (head, part) {
        ("measure", Some(part)) => return measure(model, part),
        ("awareness_lag_hours", Some(part)) => {
            let level = model.levels.iter().find(|level| level.name == part && !level.title.is_empty());
            format!("{title}, {}", level.map_or(part, |level| &level.title))
        }
        // All duties together say enough; each by itself would be a test more for every other.
        ("duties_kept" | "duties_late" | "duties_missing", Some(_)) => return None,
        (_, Some(part)) => format!("{title}: {part}"),
        (_, None) => title.to_owned(),
    };
    let unit = if head == "impact_cost" { cost_unit(model) } else { unit.to_owned() };
    Some((title, unit))
}

/// A statistic of a declared measure, `NAME.STATISTIC`; both may have dots in them.
fn measure(model: &Model, part: &str) -> Option<(String, String)> {
    let mut named = model.measures.iter().filter_map(|measure| {
        let statistic = part.strip_prefix(measure.name.as_str())?.strip_prefix('.')?;
        measure.show.iter().any(|(name, _)| name == statistic).then_some((measure, statistic))
    });
    let (measure, statistic) = named.next()?;
    let title = if measure.title.is_empty() { &measure.name } else { &measure.title };
    // Of a share or a mean, "count" would be taken for the number of what the title says.
    let title = match statistic {
        "count" => format!("Number looked at: {title}"),
        other => format!("{title}, {}", other.replace('_', " ")),
    };
    Some((title, unit_of(measure, statistic)))
}

/// Whether a column is among the figures that are compared.
pub fn is_compared(model: &Model, name: &str) -> bool {
    model.milestones.iter().any(|milestone| milestone.name == name) || titled(model, name).is_some()
}
