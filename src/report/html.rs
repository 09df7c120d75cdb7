//! The page `report.html`: one file, no network, no script, a table beside each chart.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::charts::{ChartKind, ChartOptions, Charts};
use super::story::{
    Told, closing, headline, headline_milestone, largest, observed, range, since, subject_of,
};
use super::words::{at, fact, hours, percent, plural, setting, spent_at, who};
use crate::analysis::replay::{Judgement, Verdict};
use crate::analysis::run::by_class;
use crate::chart::ChartError;
use crate::model::{Basis, MilestoneId, Setting};
use crate::time::SimDuration;
use crate::trace::{Names, Source, Subject};

const TEMPLATE: &str = include_str!("report.html.j2");
/// Rows of the long tables; the rest is counted.
const MOST_ROWS: usize = 40;
/// Rows of the workload list.
const BUSIEST: usize = 15;

/// Why the page could not be made: the program was built with a damaged template or font.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A chart.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The template.
    #[error("the page cannot be made: {0}")]
    Template(#[from] minijinja::Error),
}

/// A cell of a table; numbers stand to the right.
type Row = Vec<String>;

/// A table with its caption.
#[derive(Debug, Default, Serialize)]
struct Table {
    caption: String,
    head: Vec<&'static str>,
    rows: Vec<Row>,
    note: String,
}

impl Table {
    fn new(caption: impl Into<String>, head: &[&'static str]) -> Table {
        Table { caption: caption.into(), head: head.to_vec(), ..Table::default() }
    }

    /// Keeps the first rows and counts the rest.
    fn cut(mut self, most: usize, where_else: &str) -> Table {
        if self.rows.len() > most {
            self.note = format!("{} more rows in {where_else}.", self.rows.len() - most);
            self.rows.truncate(most);
        }
        self
    }
}

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
    awareness: Table,
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
/// [`PageError`] if the program was built with a damaged template or font.
pub fn page(told: &Told, version: &str, changes: &[String]) -> Result<String, PageError> {
    let page = Page::new(told, version, changes)?;
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
    fn new(told: &Told, version: &str, changes: &[String]) -> Result<Page, PageError> {
        let meta = &told.model.meta;
        let title = if meta.title.is_empty() { meta.name.clone() } else { meta.title.clone() };
        let charts = Charts::new(*told, version);
        let parts = ChartKind::ALL.into_iter().map(|kind| chart_part(told, &charts, kind));
        Ok(Page {
            title,
            summary: meta.summary.clone(),
            setting: setting(told.model),
            banner: banner(told),
            headline: headline(told),
            closing: closing(told),
            identity: identity(told, version),
            milestones: milestones(told),
            judgement: told.ensemble.and_then(|e| e.judgement.as_ref()).and_then(|j| judgement(told, j)),
            charts: parts.collect::<Result<_, _>>()?,
            bottlenecks: bottlenecks(told),
            awareness: awareness(told),
            public: public(told),
            duties: duties(told),
            workload: workload(told),
            assumptions: assumptions(told),
            classes: classes(told),
            changes: changes.to_vec(),
            limits: limits(told),
        })
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
            milestone.observed.as_ref().map_or_else(String::new, |o| observed(told.model, o)),
            over.map_or_else(String::new, |s| range(told, s, zone)),
        ]);
    }
    table
}

fn judgement(told: &Told, judgement: &Judgement) -> Option<JudgementPart> {
    if judgement.rows.is_empty() {
        return None;
    }
    let counted: usize = judgement.by_layer.iter().map(|(_, n)| n).sum();
    let between: usize = judgement
        .by_layer
        .iter()
        .filter(|(layer, _)| matches!(*layer, "internal" | "public"))
        .map(|(_, n)| n)
        .sum();
    let (out, inside) = (&judgement.out_of_sample, &judgement.in_sample);
    let sentence = format!(
        "{between} of {} test the cooperation between the bodies itself. Independent of this incident: {} of {} lie in \
         the central 90 % of the replications; with a number taken from the same incident: {} of {}.",
        plural(counted, "counted row"),
        out.covered,
        out.happened,
        inside.covered,
        inside.happened
    );
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
                if *covered { "yes" } else { "no" }.to_owned(),
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

fn chart_part(told: &Told, charts: &Charts, kind: ChartKind) -> Result<ChartPart, PageError> {
    let (svg, finding) = charts.svg(kind, &ChartOptions::default())?;
    let table = match kind {
        ChartKind::Timeline => events(told),
        ChartKind::Propagation => arrivals(told),
        ChartKind::Awareness => awareness(told),
        ChartKind::Waterfall => segments(told),
    };
    Ok(ChartPart {
        id: kind.name(),
        heading: kind.heading(),
        finding,
        svg: with_own_ids(&svg, kind.name()),
        table,
    })
}

/// The drawing with ids that no other drawing of the page has.
fn with_own_ids(svg: &str, name: &str) -> String {
    svg.replace(" id=\"", &format!(" id=\"{name}-")).replace("url(#", &format!("url(#{name}-")).replace(
        "aria-labelledby=\"chart-title chart-desc\"",
        &format!("aria-labelledby=\"{name}-chart-title {name}-chart-desc\""),
    )
}

/// The steps up to the headline: what the timeline shows, as rows.
fn events(told: &Told) -> Table {
    let mut table = Table::new("The chain of events behind the headline", &["Day", "Time", "What happened"]);
    let chain = headline_milestone(told).and_then(|id| told.results.chain(id));
    if let Some(chain) = chain {
        let names = Names::new(told.model, told.trace);
        let steps = super::explain::steps(told, &names, chain).into_iter();
        table.rows = steps.map(|s| vec![s.day, s.clock, s.sentence]).collect();
    }
    table.cut(MOST_ROWS, "`explain`")
}

fn arrivals(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let Some((id, tree)) = &told.results.headline else {
        return Table::new("No fact was chosen to be followed", &["Actor", "Knew", "From"]);
    };
    let mut table =
        Table::new(format!("Who first knew when: {}", fact(told.model, *id)), &["Actor", "Knew", "From"]);
    for arrival in &tree.arrivals {
        let subject = Subject::Actor(arrival.actor);
        let from = match arrival.from {
            Source::Own => "its own work".to_owned(),
            Source::World => "seen directly".to_owned(),
            Source::Actor(a) => who(&names, Subject::Actor(a)),
            Source::Operator(o) => who(&names, Subject::Operator(o)),
        };
        let when = at(told.model.meta.epoch, arrival.at, names.zone(subject));
        table.rows.push(vec![who(&names, subject), when, from]);
    }
    table.cut(MOST_ROWS, "knowledge.csv")
}

fn segments(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let mut table =
        Table::new("The longest parts of each milestone", &["Milestone", "In all", "Longest parts"]);
    for (i, milestone) in told.model.milestones.iter().enumerate() {
        let id = MilestoneId::from_index(i);
        let (Some(latency), Some(chain)) = (told.results.milestone(id).latency, told.results.chain(id))
        else {
            continue;
        };
        let parts: Vec<String> = largest(chain)
            .iter()
            .take(3)
            .map(|((kind, subject), d)| format!("{d} {}", spent_at(&names, *kind, *subject)))
            .collect();
        table.rows.push(vec![milestone.title.clone(), latency.to_string(), parts.join("; ")]);
    }
    table.cut(MOST_ROWS, "latency.csv")
}

/// Who stood on how many chains, and for how long.
fn bottlenecks(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let mut sums: std::collections::BTreeMap<Subject, (usize, SimDuration, SimDuration)> = Default::default();
    for chain in told.results.chains.iter().flatten() {
        let mut seen = std::collections::BTreeSet::new();
        for s in &chain.segments {
            let sum = sums.entry(s.who).or_default();
            sum.0 += usize::from(seen.insert(s.who));
            sum.1 += s.duration();
            if super::words::is_wait(s.kind) {
                sum.2 += s.duration();
            }
        }
    }
    let mut rows: Vec<_> = sums
        .into_iter()
        .filter(|(who, (_, all, _))| !matches!(who, Subject::World | Subject::Operator(_)) && !all.is_zero())
        .collect();
    rows.sort_by_key(|(who, (n, all, waits))| {
        (std::cmp::Reverse(*waits), std::cmp::Reverse(*all), std::cmp::Reverse(*n), *who)
    });
    let mut table = Table::new(
        "Who the milestones waited for",
        &["Who", "On the chain of", "Time on them", "Of it waiting"],
    );
    table.rows = rows
        .into_iter()
        .map(|(subject, (n, all, waits))| {
            vec![who(&names, subject), plural(n, "milestone"), all.to_string(), waits.to_string()]
        })
        .collect();
    table.cut(BUSIEST, "latency.csv")
}

fn awareness(told: &Told) -> Table {
    let mut table = Table::new(
        "Situational awareness by level",
        &[
            "Level",
            "Of what was true, known at the end",
            "Known to everybody concerned",
            "Behind events, in all",
        ],
    );
    let all = (None, &told.results.awareness.all);
    let levels = told.results.awareness.levels.iter().map(|(level, curve)| (Some(*level), curve));
    for (level, curve) in levels.chain(std::iter::once(all)) {
        let title = level.map_or("All actors", |l| told.model.levels[l.index()].title.as_str());
        let share = |v: Option<f64>| v.map_or_else(|| "nothing was true".to_owned(), percent);
        table.rows.push(vec![
            title.to_owned(),
            share(curve.share.at(told.trace.end)),
            share(curve.common_picture.at(told.trace.end)),
            curve.lag_hours.map(hours).unwrap_or_default(),
        ]);
    }
    table
}

fn public(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let mut table = Table::new(
        "Public statements",
        &["When", "Who", "What", "With the common line", "Right at that time"],
    );
    for s in &told.results.communication.statements {
        let product = &told.model.products[s.product.index()];
        table.rows.push(vec![
            at(told.model.meta.epoch, s.at, names.zone(s.author)),
            who(&names, s.author),
            product.title.clone(),
            if s.uncoordinated { "no" } else { "yes" }.to_owned(),
            if s.contradictory { "no" } else { "yes" }.to_owned(),
        ]);
    }
    table.cut(MOST_ROWS, "trace.jsonl")
}

fn duties(told: &Told) -> Table {
    let mut table = Table::new(
        "Reports owed",
        &["Duty", "Binding", "Owed", "In time", "Late", "Missing", "Still open", "Late by, on average"],
    );
    for (duty, count) in told.model.duties.iter().zip(&told.results.duty_counts) {
        table.rows.push(vec![
            duty.title.clone(),
            if duty.binding { "yes" } else { "recommended" }.to_owned(),
            count.owed.to_string(),
            count.kept.to_string(),
            count.late.to_string(),
            count.missing.to_string(),
            count.open.to_string(),
            count.mean_lateness_hours.map(hours).unwrap_or_default(),
        ]);
    }
    table
}

/// The busiest actors. States are not ranked against each other: bodies come first, then all of a role together
/// in the order of the document.
fn workload(told: &Told) -> Table {
    let mut table = Table::new(
        "Workload: those with most work of each role",
        &[
            "Actor",
            "Tasks done",
            "Unfinished",
            "Lost",
            "At work",
            "Of the time on duty",
            "Mean wait",
            "Most waiting",
        ],
    );
    let mut seen = std::collections::BTreeMap::new();
    let mut loads: Vec<_> =
        told.results.workload.actors.iter().filter(|l| l.done + l.unfinished > 0).collect();
    loads.sort_by_key(|l| (std::cmp::Reverse(l.busy), l.actor));
    for load in loads {
        let actor = &told.model.actors[load.actor.index()];
        let n = seen.entry(actor.template).or_insert(0_usize);
        *n += 1;
        if *n > 3 {
            continue;
        }
        table.rows.push(vec![
            actor.title.clone(),
            load.done.to_string(),
            load.unfinished.to_string(),
            (load.refused + load.gave_up).to_string(),
            load.busy.to_string(),
            load.utilisation.map(percent).unwrap_or_default(),
            load.mean_wait_hours.map(hours).unwrap_or_default(),
            load.max_queue.to_string(),
        ]);
    }
    table.cut(BUSIEST, "summary.json")
}

/// Parameters that acted and are not firmly sourced; those on a chain first.
fn assumptions(told: &Told) -> Table {
    let model = told.model;
    let headline = headline_milestone(told);
    let mut table = Table::new(
        "Assumptions that acted: recalled and general numbers stand here too",
        &["Parameter", "Value", "Plausible range", "Basis", "Why", "On a chain"],
    );
    let mut rows = Vec::new();
    for &id in &told.results.acted {
        let p = &model.params[id.index()];
        let class = p.basis.class();
        if p.literal || matches!(class, "read" | "third party" | "derived") {
            continue;
        }
        let n = told.results.on_chain.iter().filter(|on| on.contains(&id)).count();
        let on_headline = headline.is_some_and(|m| told.results.on_chain[m.index()].contains(&id));
        let value = p.written.first().map(|w| w.1.clone()).unwrap_or_default();
        let range = p.range.as_ref().map(|(a, b)| format!("{a} to {b}")).unwrap_or_default();
        let name = if p.title.is_empty() { p.name.clone() } else { format!("{} ({})", p.title, p.name) };
        let chain = match (on_headline, n) {
            (true, 1) => "the headline".to_owned(),
            (true, n) => format!("the headline and {} more", n - 1),
            (false, 0) => String::new(),
            (false, n) => plural(n, "milestone"),
        };
        rows.push((
            (!on_headline, std::cmp::Reverse(n), id),
            vec![name, value, range, class.into(), reason(&p.basis), chain],
        ));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    table.rows = rows.into_iter().map(|(_, row)| row).collect();
    table.cut(MOST_ROWS, "`check --ledger`")
}

fn reason(basis: &Basis) -> String {
    match basis {
        Basis::Sourced { source, .. } => source.clone(),
        Basis::Derived { from, how } => format!("{how}, from {from}"),
        Basis::Assumed(why) => why.clone(),
        Basis::Unstated => String::new(),
    }
}

fn classes(told: &Told) -> Table {
    let model = told.model;
    let named = |ids: &[crate::model::ParamId]| -> Vec<(&'static str, usize)> {
        by_class(ids.iter().map(|id| &model.params[id.index()]).filter(|p| !p.literal).map(|p| &p.basis))
    };
    let acted = named(&told.results.acted);
    let on_chain =
        headline_milestone(told).map(|m| named(&told.results.on_chain[m.index()])).unwrap_or_default();
    let mut table = Table::new(
        "Parameters that acted, by what they rest on",
        &["Basis", "Parameters", "On the headline's chain"],
    );
    for (class, n) in acted {
        let chain = on_chain.iter().find(|(c, _)| *c == class).map_or(0, |(_, n)| *n);
        if n > 0 {
            table.rows.push(vec![class.to_owned(), n.to_string(), chain.to_string()]);
        }
    }
    table
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
