//! `sensitivity.csv`: how much each parameter matters for each figure.

use std::io::Write;

use super::{ExportError, csv_number, safe_text};
use crate::analysis::comparison::FigureKind;
use crate::analysis::influence::{Estimate, FigureInfluences, Influence, MovedParameter};

/// Writes a row for each figure, parameter and statistic: `swing_low`, `swing_high` for one parameter at a time;
/// `mu_star`, `mu`, `sigma` for elementary effects; `first_order`, `total_order` for shares of variance. Times in hours.
///
/// # Errors
/// The file cannot be written.
pub fn write_sensitivity(
    parameters: &[MovedParameter],
    figures: &[FigureInfluences],
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "figure",
        "unit",
        "parameter",
        "title",
        "basis",
        "range_low",
        "range_high",
        "statistic",
        "value",
        "low",
        "high",
    ])?;
    for figure in figures {
        for (i, influence) in &figure.rows {
            let plain = |value: f64| Estimate { value, interval: None };
            let rows = match influence {
                Influence::Swing { low, high } => vec![("swing_low", *low), ("swing_high", *high)],
                Influence::Effect { size, mean, spread } => {
                    vec![("mu_star", *size), ("mu", plain(*mean)), ("sigma", plain(*spread))]
                }
                Influence::Share { first, total } => vec![("first_order", *first), ("total_order", *total)],
            };
            let p = &parameters[*i];
            for (statistic, estimate) in rows {
                let unit = match (&figure.kind, influence) {
                    (_, Influence::Share { .. }) => "share",
                    (FigureKind::Milestone, _) => "h",
                    (FigureKind::Other(unit), _) => unit,
                };
                let end = |pick: fn((f64, f64)) -> f64| {
                    estimate.interval.map_or_else(String::new, |interval| csv_number(pick(interval)))
                };
                csv.write_record([
                    safe_text(&figure.name),
                    unit.to_owned(),
                    safe_text(&p.name),
                    safe_text(&p.title),
                    p.basis.to_owned(),
                    safe_text(&p.low),
                    safe_text(&p.high),
                    statistic.to_owned(),
                    csv_number(estimate.value),
                    end(|i| i.0),
                    end(|i| i.1),
                ])?;
            }
        }
    }
    csv.flush()?;
    Ok(())
}
