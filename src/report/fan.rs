//! The fan chart of awareness, and the table beside it.

use super::batch::{BatchChart, Made};
use super::batch_page::PageTable;
use super::charts::{local_clock, shades, us};
use super::words::{percent, place, plural, utc};
use crate::analysis::fan::Fan;
use crate::chart::batch_input::{FanInput, FanPanel, FanQuantiles};
use crate::chart::input::Frame;
use crate::chart::{ChartError, fan};
use crate::model::LevelId;
use crate::time::SimTime;

/// Rows of the table.
const ROWS: usize = 14;

/// Awareness over the replications: a panel for the common picture and one for each level, the highest first.
///
/// # Errors
/// The program was built with damaged fonts.
pub fn fan_chart(
    made: &Made<'_>,
    fans: &[(Option<LevelId>, Fan)],
) -> Result<(BatchChart, PageTable), ChartError> {
    let model = made.model;
    let title = |level: &Option<LevelId>| {
        level.map_or_else(|| "Common picture".to_owned(), |level| model.levels[level.index()].title.clone())
    };
    let order: Vec<&(Option<LevelId>, Fan)> = fans.iter().rev().collect();
    let finding = finding(fans, &title);
    let to = model.meta.horizon;
    let frame = Frame {
        epoch_us: model.meta.epoch.start().as_microsecond(),
        local: (place(&model.meta.zone) != "UTC").then(|| local_clock(model, SimTime::ZERO, to)),
        shades: shades(model, SimTime::ZERO, to),
        from_us: 0,
        to_us: us(to),
        ..made.frame(
            finding.clone(),
            format!(
                "Share of the true facts known by those concerned, at each instant over {}",
                plural(made.replications as usize, "replication")
            ),
            format!("{finding}. Common picture: facts that all concerned know."),
        )
    };
    let panel = |(level, fan): &&(Option<LevelId>, Fan)| FanPanel {
        title: title(level),
        note: end(fan).map_or_else(String::new, |q| {
            format!("end: {} ({} to {})", percent(q[2]), percent(q[0]), percent(q[4]))
        }),
        level: level.map(|level| model.levels.len().saturating_sub(1 + level.index())),
        points: fan.iter().map(|(at, q)| (us(*at), q.map(quantiles))).collect(),
    };
    let input = FanInput { frame, panels: order.iter().map(panel).collect() };
    let chart = BatchChart { name: "fan", finding, svg: fan::svg(&input)?, png: fan::png(&input)? };
    let mut table = PageTable::new("Awareness: middle replication, and nine of ten", &["UTC"]);
    table.head.extend(order.iter().map(|(level, _)| title(level)));
    let n = fans.first().map_or(0, |fan| fan.1.len());
    for i in (0..n).step_by(n.div_ceil(ROWS).max(1)) {
        let mut row = vec![utc(model.meta.epoch, us(fans[0].1[i].0))];
        row.extend(order.iter().map(|(_, fan)| {
            fan[i].1.map_or_else(
                || "no true fact".to_owned(),
                |q| format!("{} ({} to {})", percent(q[2]), percent(q[0]), percent(q[4])),
            )
        }));
        table.rows.push(row);
    }
    Ok((chart, table))
}

fn quantiles(q: [f64; 5]) -> FanQuantiles {
    FanQuantiles { q05: q[0], q25: q[1], q50: q[2], q75: q[3], q95: q[4] }
}

fn end(fan: &Fan) -> Option<[f64; 5]> {
    fan.iter().rev().find_map(|point| point.1)
}

/// Which level knows most at the end, and which least.
fn finding(fans: &[(Option<LevelId>, Fan)], title: &dyn Fn(&Option<LevelId>) -> String) -> String {
    let mut ends: Vec<(String, f64)> = fans
        .iter()
        .filter(|(level, _)| level.is_some())
        .filter_map(|(level, fan)| Some((title(level), end(fan)?[2])))
        .collect();
    ends.sort_by(|a, b| b.1.total_cmp(&a.1));
    match (ends.first(), ends.last()) {
        (Some(most), Some(least)) if most.0 != least.0 => format!(
            "At the end the level “{}” knows {} of what is true in the middle replication, “{}” {}",
            most.0,
            percent(most.1),
            least.0,
            percent(least.1)
        ),
        (Some(one), _) => {
            format!("At the end the level “{}” knows {} of what is true", one.0, percent(one.1))
        }
        _ => "Nothing became true that anybody could know".to_owned(),
    }
}
