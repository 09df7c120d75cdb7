//! The chart of an analysis from its summary alone.

use serde_json::Value;

use crate::analysis::comparison::FigureKind;
use crate::analysis::influence::{Estimate, FigureInfluences, Influence, MovedParameter};
use crate::cli::failure::Failure;
use crate::report::{BatchChart, Influences, Made, Method, influence_chart};

/// Classes of basis, as the ledger names them.
const CLASSES: [&str; 7] = ["read", "recalled", "general", "third party", "derived", "assumed", "unstated"];

/// The chart of an analysis that was made before, of its first figure; none: the summary tells of none.
///
/// # Errors
/// The chart cannot be drawn.
pub(in crate::cli) fn chart_again(how: &Made<'_>, summary: &Value) -> Result<Option<BatchChart>, Failure> {
    let Some(method) = summary["method"].as_str().and_then(Method::named) else { return Ok(None) };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let parameters: Vec<MovedParameter> = list(&summary["parameters"])
        .iter()
        .map(|p| MovedParameter {
            name: text(&p["parameter"]),
            title: text(&p["title"]),
            basis: CLASSES.into_iter().find(|class| p["basis"] == **class).unwrap_or_default(),
            low: text(&p["low"]),
            high: text(&p["high"]),
            base: text(&p["base"]),
        })
        .collect();
    let figure = &summary["figures"][0];
    let name = text(&figure["figure"]);
    let row = |row: &Value| {
        let place = parameters.iter().position(|p| row["parameter"] == p.name.as_str())?;
        Some((place, influence_of(row)?))
    };
    let kind = if how.model.milestones.iter().any(|m| m.name == name) {
        FigureKind::Milestone
    } else {
        FigureKind::Other(text(&figure["unit"]))
    };
    let figures = [FigureInfluences {
        title: text(&figure["title"]),
        kind,
        base_mean: figure["base_mean"].as_f64().unwrap_or(f64::NAN),
        rows: list(&figure["parameters"]).iter().filter_map(row).collect(),
        name,
    }];
    let told = Influences {
        made: *how,
        method,
        points: summary["points"].as_u64().unwrap_or(0) as usize,
        parameters: &parameters,
        screened_out: summary["screened_out"].as_u64().unwrap_or(0) as usize,
        figures: &figures,
    };
    let chart = influence_chart(&told, &figures[0]);
    chart.map(Some).map_err(|error| Failure::wrong(format!("cannot draw the chart: {error}")))
}

/// The estimates of an influence by the names that they have in `sensitivity.csv`.
pub(super) fn estimates(influence: &Influence) -> Vec<(&'static str, Estimate)> {
    let plain = |value: f64| Estimate { value, interval: None };
    match *influence {
        Influence::Swing { low, high } => vec![("swing_low", low), ("swing_high", high)],
        Influence::Effect { size, mean, spread } => {
            vec![("mu_star", size), ("mu", plain(mean)), ("sigma", plain(spread))]
        }
        Influence::Share { first, total } => vec![("first_order", first), ("total_order", total)],
    }
}

fn influence_of(row: &Value) -> Option<Influence> {
    let of = |name: &str| {
        let estimate = row.get(name)?;
        let ends = estimate["low"].as_f64().zip(estimate["high"].as_f64());
        Some(Estimate { value: estimate["value"].as_f64()?, interval: ends })
    };
    if let (Some(low), Some(high)) = (of("swing_low"), of("swing_high")) {
        return Some(Influence::Swing { low, high });
    }
    if let (Some(size), Some(mean), Some(spread)) = (of("mu_star"), of("mu"), of("sigma")) {
        return Some(Influence::Effect { size, mean: mean.value, spread: spread.value });
    }
    Some(Influence::Share { first: of("first_order")?, total: of("total_order")? })
}
