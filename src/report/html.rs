//! The page `report.html`: one file, no network, no script, a table beside each chart.

mod tables;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::charts::{ChartKind, Drawn};
use super::story::{Told, closing, headline, observed, range, since, subject_of};
use super::words::{at, percent, plural, setting};
use crate::analysis::replay::{Judgement, Verdict, beyond};
use crate::model::{MilestoneId, Setting};
use crate::trace::Names;
use tables::Table;

const TEMPLATE: &str = include_str!("html/report.html.j2");

#[derive(Debug, Serialize)]
struct ChartPart {
    id: &'static str,
    heading: &'static str,
    finding: String,
    svg: String,
    table: Table,
}

/// What the page shows.
#[derive(Debug, Serialize)]
struct Page {
    title: String,
    summary: String,
    setting: &'static str,
    banner: String,
    headline: Vec<String>,
    closing: String,
    identity: Vec<(&'static str, String)>,
    milestones: Table,
    judgement: Option<JudgementPart>,
    charts: Vec<ChartPart>,
    bottlenecks: Table,
    public: Table,
    duties: Table,
    workload: Table,
    assumptions: Table,
    classes: Table,
    changes: Vec<String>,
    limits: Vec<String>,
}

#[derive(Debug, Serialize)]
struct JudgementPart {
    sentence: String,
    table: Table,
}

/// The page of a run.
///
/// # Errors
/// The program was built with a damaged template.
pub fn page(
    told: &Told,
    charts: &[Drawn],
    version: &str,
    changes: &[String],
) -> Result<String, minijinja::Error> {
    let page = Page::new(told, charts, version, changes);
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.add_template("report.html", TEMPLATE)?;
    let mut html = env.get_template("report.html")?.render(Serde(&page))?;
    if !html.ends_with('\n') {
        html.push('\n');
    }
    Ok(html)
}

impl Page {
    fn new(told: &Told, charts: &[Drawn], version: &str, changes: &[String]) -> Page {
        let meta = &told.model.meta;
        let title = if meta.title.is_empty() { meta.name.clone() } else { meta.title.clone() };
        Page {
            title,
            summary: meta.summary.clone(),
            setting: setting(told.model),
            banner: banner(told),
            headline: headline(told),
            closing: closing(told),
            identity: identity(told, version),
            milestones: milestones(told),
            judgement: told.ensemble.and_then(|e| e.judgement.as_ref()).and_then(|j| judgement(told, j)),
            charts: charts.iter().map(|drawn| chart_part(told, drawn)).collect(),
            bottlenecks: tables::bottlenecks(told),
            public: tables::public(told),
            duties: tables::duties(told),
            workload: tables::workload(told),
            assumptions: tables::assumptions(told),
            classes: tables::classes(told),
            changes: changes.to_vec(),
            limits: limits(told),
        }
    }
}

fn banner(told: &Told) -> String {
    let what = match (told.model.meta.is_scenario, told.model.meta.setting) {
        (_, Some(Setting::Replay)) => {
            "It replays a past incident with the arrangements of that day; it is not a record of what happened."
        }
        (_, Some(Setting::Counterfactual)) => {
            "It is a counterfactual: it shows how things could have gone under other arrangements, and never went."
        }
        (_, Some(Setting::Exercise)) => "It is an exercise with an invented incident.",
        (_, Some(Setting::Rehearsal)) => {
            "It is a rehearsal, an exercise with an invented incident; nothing of it has happened."
        }
        (true, None) => "It shows an invented course of events.",
        (false, None) => "It runs the arrangements alone, without an incident.",
    };
    format!("This is a simulation, not a forecast. {what}")
}

fn identity(told: &Told, version: &str) -> Vec<(&'static str, String)> {
    let meta = &told.model.meta;
    let in_force: Vec<&str> = told
        .model
        .elements
        .iter()
        .filter(|e| e.in_force(crate::time::SimTime::ZERO, None))
        .map(|e| if e.title.is_empty() { e.name.as_str() } else { e.title.as_str() })
        .collect();
    let mut rows = vec![
        ("Scenario", meta.name.clone()),
        ("Start", at(meta.epoch, crate::time::SimTime::ZERO, &meta.zone)),
        ("Year", meta.epoch.start().strftime("%Y").to_string()),
        ("Simulated", told.trace.end.since_start().to_string()),
        ("Seed", told.seed.to_string()),
        ("Replication", told.replication.to_string()),
        ("Program", format!("blueprint-sim {version}")),
    ];
    if !told.model.elements.is_empty() {
        rows.push((
            "In force at the start",
            if in_force.is_empty() { "nothing".into() } else { in_force.join(", ") },
        ));
    }
    if let Some(e) = told.ensemble.filter(|e| e.n > 0) {
        rows.push(("Ranges from", plural(e.n as usize, "replication")));
    }
    rows
}

fn milestones(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let mut table = Table::new(
        "Milestones: simulated, in history, and over the replications",
        &["Milestone", "Simulated", "After", "In history", "Over replications"],
    );
    for (i, milestone) in told.model.milestones.iter().enumerate() {
        let id = MilestoneId::from_index(i);
        let result = told.results.milestone(id);
        let zone = names.zone(subject_of(told, id));
        let over = told.ensemble.and_then(|e| e.summary.milestones.iter().find(|s| s.milestone == id));
        table.rows.push(vec![
            milestone.title.clone(),
            result
                .reached
                .map_or_else(|| "not by the end".to_owned(), |r| at(told.model.meta.epoch, r.at, zone)),
            result.latency.map_or_else(String::new, |l| format!("{l} from {}", since(told.model, id))),
            milestone.observed.as_ref().map_or_else(String::new, |o| {
                let text = observed(told.model, o);
                text.strip_prefix("in history ").unwrap_or(&text).to_owned()
            }),
            over.map_or_else(String::new, |s| range(told, s, zone)),
        ]);
    }
    table
}

fn judgement(told: &Told, judgement: &Judgement) -> Option<JudgementPart> {
    if judgement.rows.is_empty() {
        return None;
    }
    let counted = judgement.rows.iter().filter(|row| !row.set_by_scenario).count();
    let of_layer = |wanted: &str| -> usize {
        judgement.by_layer.iter().filter(|(layer, _)| *layer == wanted).map(|(_, n)| n).sum()
    };
    let mut sentence = format!(
        "{} of {} test the cooperation graph itself, {} what the public saw of it; the others test victims and single \
         states.",
        of_layer("internal"),
        plural(counted, "counted row"),
        of_layer("public")
    );
    for (sum, what) in [
        (&judgement.out_of_sample, "without a number from the same incident"),
        (&judgement.in_sample, "with a number from the same incident"),
    ] {
        if sum.happened > 0 {
            sentence.push_str(&format!(
                " Of {} {what}, {} in the central 90 % of the replications.",
                plural(sum.happened, "row"),
                if sum.covered == 1 { "1 lies".to_owned() } else { format!("{} lie", sum.covered) }
            ));
        }
    }
    let beyond = beyond(told.model).count();
    if beyond > 0 {
        sentence
            .push_str(&format!(" Not judged: {} after the end of the run.", plural(beyond, "observation")));
    }
    let mut table = Table::new(
        "Simulation held against history",
        &[
            "Milestone",
            "Layer",
            "Counted",
            "Sample",
            "Replications before it",
            "In the central 90 %",
            "Width of the 90 %",
        ],
    );
    for row in &judgement.rows {
        let (before, covered, width) = match &row.verdict {
            Verdict::Happened { percentile, covered, relative_width, .. } => (
                percent(*percentile),
                match (row.set_by_scenario, *covered) {
                    (true, _) => "",
                    (false, true) => "yes",
                    (false, false) => "no",
                }
                .to_owned(),
                relative_width
                    .map_or_else(|| "not finite".to_owned(), |w| format!("{w:.1} times the latency")),
            ),
            Verdict::Never { share, .. } => {
                (format!("{} reached what did not happen", percent(*share)), String::new(), String::new())
            }
        };
        table.rows.push(vec![
            told.model.milestones[row.milestone.index()].title.clone(),
            row.layer.unwrap_or("").to_owned(),
            if row.set_by_scenario { "no, set by the scenario" } else { "yes" }.to_owned(),
            if row.in_sample { "same incident" } else { "independent" }.to_owned(),
            before,
            covered,
            width,
        ]);
    }
    Some(JudgementPart { sentence, table })
}

fn chart_part(told: &Told, drawn: &Drawn) -> ChartPart {
    let table = match drawn.kind {
        ChartKind::Timeline => tables::events(told),
        ChartKind::Propagation => tables::arrivals(told),
        ChartKind::Awareness => tables::awareness(told),
        ChartKind::Waterfall => tables::segments(told),
        ChartKind::Map => tables::states(told),
    };
    ChartPart {
        id: drawn.kind.name(),
        heading: drawn.kind.heading(),
        finding: drawn.finding.clone(),
        svg: with_own_ids(&drawn.svg, drawn.kind.name()),
        table,
    }
}

/// The drawing with ids that no other drawing of the page has.
pub(super) fn with_own_ids(svg: &str, name: &str) -> String {
    svg.replace(" id=\"", &format!(" id=\"{name}-")).replace("url(#", &format!("url(#{name}-")).replace(
        "aria-labelledby=\"chart-title chart-desc\"",
        &format!("aria-labelledby=\"{name}-chart-title {name}-chart-desc\""),
    )
}

fn limits(told: &Told) -> Vec<String> {
    let mut limits = vec![
        closing(told),
        "The model knows only what its documents say; what they leave out did not happen here.".to_owned(),
        "Numbers marked assumed, recalled or general were not read in a source; change them with --set and see what \
         holds."
            .to_owned(),
        "No value differs between states for a reason other than a public attribute or the luck of a draw: do not rank \
         states by this page."
            .to_owned(),
    ];
    if told.model.meta.setting == Some(Setting::Counterfactual) {
        limits.push("A counterfactual cannot be held against history.".to_owned());
    }
    limits
}
