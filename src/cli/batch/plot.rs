//! Charts of a batch, a comparison or a sensitivity analysis, drawn again from its folder.

use std::path::Path;

use serde_json::Value;

use super::header::Purpose;
use super::making::{Made, told};
use super::page::{fan, headline, on_the_way};
use super::past::past_batch;
use crate::analysis::ensemble::Criticality;
use crate::cli::args::Chart;
use crate::cli::explain::unknown;
use crate::cli::failure::Failure;
use crate::cli::{compare, sensitivity};
use crate::experiment::Store;
use crate::model::{IncidentId, Model, NetworkId, OperatorId};
use crate::report::{self, BatchChart};
use crate::trace::Subject;

/// Draws a chart of the batch in a folder; none: the folder holds no batch.
///
/// # Errors
/// The batch has no such chart, or cannot be read.
pub(crate) fn batch_chart(
    dir: &Path,
    chart: Chart,
    milestone: Option<&str>,
    title: Option<&str>,
) -> Result<Option<BatchChart>, Failure> {
    let Some((made, summary)) = past_batch(dir)? else { return Ok(None) };
    let model = made.variants.model(0).map_err(|failure| told(&made.variants, failure))?;
    let how = report::Made { title, ..made.how(&model) };
    let names: Vec<String> = model.milestones.iter().map(|m| m.name.clone()).collect();
    let milestone = match milestone {
        Some(name) => Some(
            names.iter().position(|known| known == name).ok_or_else(|| unknown("milestone", name, &names))?,
        ),
        None => None,
    };
    let drawn = match chart {
        Chart::Ecdf
            if milestone.is_none() && matches!(made.header.purpose, Some(Purpose::Comparison { .. })) =>
        {
            compare::chart_again(&made, title, true)?
        }
        Chart::Ecdf => headline(&made, milestone, &how)?,
        Chart::Fan => Some(fan(&how)?.0),
        Chart::Criticality => criticality(&model, &how, &summary)?,
        Chart::Differences => compare::chart_again(&made, title, false)?,
        Chart::Tornado => sensitivity::chart_again(&how, &summary)?,
        _ => None,
    };
    drawn.map(Some).ok_or_else(|| has_no(dir, &made))
}

fn has_no(dir: &Path, made: &Made<impl Store>) -> Failure {
    let (what, charts) = match made.header.purpose {
        None => ("a batch", "ecdf, fan and criticality"),
        Some(Purpose::Comparison { .. }) => ("a comparison", "differences, ecdf, fan and criticality"),
        Some(Purpose::Sensitivity { .. }) => ("a sensitivity analysis", "tornado, ecdf, fan and criticality"),
    };
    Failure::usage(format!("`{}` holds {what}, which has no such chart", dir.display()))
        .hint(format!("it has {charts}, as far as its document has a headline milestone"))
}

/// The criticality that the summary tells of the first variant.
fn criticality(
    model: &Model,
    how: &report::Made<'_>,
    summary: &Value,
) -> Result<Option<BatchChart>, Failure> {
    let first = &summary["variants"][0];
    let n = first["headline_reached"].as_u64().unwrap_or(0) as usize;
    let rows = first["criticality"].as_array().map_or(&[][..], Vec::as_slice);
    let row = |row: &Value| {
        let name = row["actor"].as_str()?;
        let (share, mean_hours) = (row["share"].as_f64()?, row["mean_hours"].as_f64()?);
        Some((name.to_owned(), Criticality { subject: subject(model, name), share, mean_hours }))
    };
    let rows: Vec<(String, Criticality)> = rows.iter().filter_map(row).collect();
    if n == 0 {
        return Ok(None);
    }
    Ok(Some(on_the_way(how, n, &rows)?.0))
}

/// The subject of a name.
fn subject(model: &Model, name: &str) -> Subject {
    if let Some(actor) = model.actor_named(name) {
        return Subject::Actor(actor);
    }
    if let Some(i) = model.channels.iter().position(|c| c.name.text == name) {
        return Subject::Channel(i as u32);
    }
    if let Some(i) = model.networks.iter().position(|n| n.name.text == name) {
        return Subject::Network(NetworkId::from_index(i));
    }
    if let Some(i) = model.incidents.iter().position(|n| n.name.text == name) {
        return Subject::Incident(IncidentId::from_index(i));
    }
    // Operators are named by their place in a run; the chart does not tell them apart by anything but the name.
    if name == "world" { Subject::World } else { Subject::Operator(OperatorId::from_index(0)) }
}
