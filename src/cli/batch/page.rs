//! The page and the charts of a batch.

use super::super::compare::distribution;
use super::super::failure::Failure;
use super::super::folder::Folder;
use super::super::several::write_chart;
use super::making::{Made, told};
use super::telling::Told;
use crate::analysis::batch::{MilestoneStatistics, Outcomes, QuantileEstimate};
use crate::analysis::ensemble::Criticality;
use crate::experiment::{Store, awareness_fans};
use crate::report::{
    self, BatchChart, Distribution, PageTable, batch_page, criticality_chart, distribution_chart, fan_chart,
    section,
};
use crate::stats::wilson;

/// Replications of the fan chart: they are made again, since a batch keeps no curves.
const MOST_CURVES: u64 = 200;
/// Curves of the distribution chart.
const MOST_VARIANTS: usize = 6;

/// Writes `report.html`, and the charts of the headline milestone and of awareness.
///
/// # Errors
/// A file cannot be written, or the results cannot be read.
pub(super) fn write_page(made: &Made, tellings: &[Told], folder: &mut Folder) -> Result<(), Failure> {
    let Some(first) = tellings.first() else { return Ok(()) };
    let model = &first.model;
    let how = made.how(model);
    let broken = |error: &dyn std::fmt::Display| Failure::wrong(format!("cannot make the report: {error}"));
    let mut page = how.page("Batch");
    page.title.clone_from(&made.header.title);
    for telling in tellings {
        page.sentences.push(sentence(telling, tellings.len() > 1));
    }
    if let Some(looked) = &made.looked {
        page.sentences.push(format!("Precision: {}.", looked.line(made.n)));
    }
    let tables: Vec<PageTable> =
        tellings.iter().map(|telling| milestones(telling, tellings.len() > 1)).collect();
    match headline(made, None, &how)? {
        Some(chart) => {
            write_chart(folder, &chart)?;
            page.sections.push(section(&chart, "Milestones", Vec::new(), tables));
        }
        None => page.sections.push(report::PageSection {
            id: "milestones".to_owned(),
            heading: "Milestones".to_owned(),
            tables,
            ..report::PageSection::default()
        }),
    }
    let (fan, table) = fan(&how)?;
    write_chart(folder, &fan)?;
    page.sections.push(section(&fan, "Who knew, over the replications", Vec::new(), vec![table]));
    if first.results.n_chains > 0 {
        let (chart, table) = on_the_way(&how, first.results.n_chains, &first.results.criticality)?;
        write_chart(folder, &chart)?;
        page.sections.push(section(&chart, "Who is on the way", Vec::new(), vec![table]));
    }
    page.sections.push(report::PageSection {
        id: "figures".to_owned(),
        heading: "Figures".to_owned(),
        tables: tellings.iter().map(|telling| figures(telling, tellings.len() > 1)).collect(),
        ..report::PageSection::default()
    });
    let html = batch_page(&page).map_err(|error| broken(&error))?;
    folder.write("report.html", |out| Ok(out.write_all(html.as_bytes())?))
}

/// The fan of awareness over the first replications.
///
/// # Errors
/// The chart cannot be drawn.
pub(super) fn fan(how: &report::Made<'_>) -> Result<(BatchChart, PageTable), Failure> {
    let n = how.replications.min(MOST_CURVES);
    let fans = awareness_fans(how.model, how.seed, n);
    fan_chart(&report::Made { replications: n, ..*how }, &fans)
        .map_err(|error| Failure::wrong(format!("cannot draw the chart: {error}")))
}

/// Who is on the way to the headline milestone, in the replications that reach it.
///
/// # Errors
/// The chart cannot be drawn.
pub(super) fn on_the_way(
    how: &report::Made<'_>,
    n_chains: usize,
    rows: &[(String, Criticality)],
) -> Result<(BatchChart, PageTable), Failure> {
    let interval = |share: f64| {
        let count = libm::round(share * n_chains as f64) as u64;
        wilson(count, n_chains as u64, 0.95).map(|interval| (interval.lo, interval.hi))
    };
    criticality_chart(how, n_chains, rows, &interval)
        .map_err(|error| Failure::wrong(format!("cannot draw the chart: {error}")))
}

/// A milestone of the first variant, by default the headline, in all variants; none: there is none.
///
/// # Errors
/// The results cannot be read, or the chart cannot be drawn.
pub(super) fn headline(
    made: &Made<impl Store>,
    milestone: Option<usize>,
    how: &report::Made<'_>,
) -> Result<Option<BatchChart>, Failure> {
    let headline = how.model.meta.headline_milestone.map(|m| m.index());
    let Some(position) = milestone.or(headline) else { return Ok(None) };
    let name = &how.model.milestones[position].name;
    let n = made.n_main();
    let mut found: Vec<(&str, Outcomes)> = Vec::new();
    let left_out = n.saturating_sub(MOST_VARIANTS);
    for (v, variant) in made.variants.list()[..n].iter().enumerate().take(MOST_VARIANTS) {
        let wrong = |failure| told(&made.variants, failure);
        let schema = made.variants.schema(v).map_err(wrong)?;
        let Some(at) = schema.milestones.iter().position(|m| m == name) else { continue };
        let title = if n > 1 { variant.name.as_str() } else { "all replications" };
        found.push((title, made.results().milestone(v, at).map_err(wrong)?));
    }
    // What was observed has one place on the axis only if all clocks start together.
    let mut origins = found.iter().flat_map(|(_, outcomes)| &outcomes.origin_us);
    let origin = origins.next().copied().flatten();
    let origin = origin.filter(|first| origins.all(|other| *other == Some(*first)));
    // Otherwise, where something was observed, time counts from the start, as history does.
    let from_start = origin.is_none() && how.model.milestones[position].observed.is_some();
    let curves: Vec<Distribution> = found
        .iter()
        .map(|(title, outcomes)| {
            let us = |r: usize| if from_start { outcomes.reached_us[r] } else { outcomes.latency_us(r) };
            let hours = (0..outcomes.len()).map(|r| us(r).map(|us| us as f64 / 3.6e9));
            let started = outcomes.origin_us.iter().flatten().count();
            distribution(title, hours, if from_start { outcomes.len() } else { started })
        })
        .collect();
    let origin = if from_start { Some(0) } else { origin };
    let chart = distribution_chart(how, position, &curves, origin, from_start, left_out)
        .map_err(|error| Failure::wrong(format!("cannot draw the chart: {error}")))?;
    Ok(Some(chart))
}

fn named(title: &str, telling: &Told, named: bool) -> String {
    if named { format!("{title}: {}", telling.results.name) } else { title.to_owned() }
}

/// The headline milestone in a sentence.
fn sentence(telling: &Told, of_many: bool) -> String {
    let model = &telling.model;
    let whose = if of_many { format!("{}: ", telling.results.name) } else { String::new() };
    let Some(m) = model.meta.headline_milestone else {
        return format!("{whose}{} replications.", telling.results.n);
    };
    let title = &model.milestones[m.index()].title;
    let s = &telling.results.milestones[m.index()];
    let of = |p: f64| quantile(s, p).map(|q| q.value).filter(|value| value.is_finite());
    let reached = format!("{} of {}", s.n_reached, s.n);
    match (of(0.05), of(0.5), of(0.95)) {
        (Some(low), Some(middle), Some(high)) => format!(
            "{whose}“{title}” takes {} in the middle replication, in 9 of 10 between {} and {}; {reached} get there.",
            report::span(middle),
            report::span(low),
            report::span(high)
        ),
        (_, Some(middle), _) => {
            format!(
                "{whose}“{title}” takes {} in the middle replication; {reached} get there.",
                report::span(middle)
            )
        }
        _ => format!("{whose}“{title}” is reached in {reached} replications."),
    }
}

fn quantile(s: &MilestoneStatistics, p: f64) -> Option<&QuantileEstimate> {
    s.quantiles.iter().find(|q| q.p == p)
}

fn hours(hours: f64) -> String {
    if hours.is_finite() { report::span(hours) } else { "not by the end".to_owned() }
}

/// Two times, or one where people say both alike.
fn between(low: f64, high: f64) -> String {
    let (low, high) = (hours(low), hours(high));
    if low == high { low } else { format!("{low} to {high}") }
}

fn milestones(telling: &Told, of_many: bool) -> PageTable {
    let head = [
        "Milestone",
        "Reached",
        "95 % interval of the share",
        "Middle replication",
        "95 % interval",
        "9 of 10 within",
    ];
    let mut table = PageTable::new(named("Milestones", telling, of_many), &head);
    for (milestone, s) in telling.model.milestones.iter().zip(&telling.results.milestones) {
        let share =
            s.share.map_or_else(String::new, |i| format!("{:.0} to {:.0} %", 100.0 * i.lo, 100.0 * i.hi));
        let middle = quantile(s, 0.5);
        let interval = middle.and_then(|q| q.interval);
        let nine = match (quantile(s, 0.05), quantile(s, 0.95)) {
            (Some(low), Some(high)) => between(low.value, high.value),
            _ => String::new(),
        };
        table.rows.push(vec![
            milestone.title.clone(),
            format!("{} of {}", s.n_reached, s.n),
            share,
            middle.map_or_else(String::new, |q| hours(q.value)),
            interval.map_or_else(String::new, |i| between(i.lo, i.hi)),
            nine,
        ]);
    }
    table.note = "Replications that did not get there count as later than all others; summary.json has the restricted means.".to_owned();
    table
}

fn figures(telling: &Told, of_many: bool) -> PageTable {
    let head = ["Figure", "Unit", "Mean", "95 % interval of the mean", "9 of 10 within", "Replications"];
    let mut table = PageTable::new(named("Figures", telling, of_many), &head);
    let number = |value: f64| format!("{}", format!("{value:.3e}").parse::<f64>().unwrap_or(value));
    for (column, s) in &telling.results.figures {
        let (Some(mean), false) = (s.mean, column.name.ends_with("_us")) else { continue };
        let at = |p: f64| s.quantiles.iter().find(|q| q.p == p).map(|q| q.value);
        table.rows.push(vec![
            column.name.clone(),
            column.unit.clone(),
            number(mean),
            s.interval.map_or_else(String::new, |i| format!("{} to {}", number(i.lo), number(i.hi))),
            at(0.05)
                .zip(at(0.95))
                .map_or_else(String::new, |(a, b)| format!("{} to {}", number(a), number(b))),
            s.n.to_string(),
        ]);
    }
    table
}
