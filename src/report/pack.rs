//! The facilitator's pack: the pages and tables from which a trainer plays a scenario with people.

mod view;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};

use super::charts::{local_clock, shades, us};
use super::words::{plural, setting};
use crate::analysis::schedule::Planned;
use crate::chart::expected::{self, ExpectedInput, ExpectedRow};
use crate::chart::{ChartError, input::Frame};
use crate::model::MilestoneId;
use crate::time::SimTime;

use view::View;

const LAYOUT: &str = include_str!("pack/layout.html.j2");
const PAGES: [(&str, &str); 5] = [
    ("index.html", include_str!("pack/index.html.j2")),
    ("briefing.html", include_str!("pack/briefing.html.j2")),
    ("msel.html", include_str!("pack/msel.html.j2")),
    ("timeline-expected.html", include_str!("pack/expected.html.j2")),
    ("evaluation.html", include_str!("pack/evaluation.html.j2")),
];
const ROLE: &str = include_str!("pack/role.html.j2");

/// A page of the pack.
#[derive(Debug, Clone)]
pub struct PackPage {
    /// Name of its file.
    pub name: String,
    /// Its content.
    pub html: String,
}

/// The chart of expected milestones.
#[derive(Debug, Clone)]
pub struct ExpectedChart {
    /// As SVG.
    pub svg: String,
    /// As PNG.
    pub png: Vec<u8>,
    finding: String,
}

/// All pages, the one to begin with first.
///
/// # Errors
/// The program was built with a damaged template.
pub fn pack_pages(input: &Planned, chart: &ExpectedChart) -> Result<Vec<PackPage>, minijinja::Error> {
    let view = View::new(input, chart);
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.add_template("layout", LAYOUT)?;
    env.add_template("role", ROLE)?;
    let mut pages = Vec::new();
    for (name, template) in PAGES {
        env.add_template(name, template)?;
        let html = env.get_template(name)?.render(context! { pack => Serde(&view) })?;
        pages.push(PackPage { name: name.to_owned(), html: ended(html) });
    }
    for role in &view.roles {
        let page = env.get_template("role")?;
        let html = page.render(context! { pack => Serde(&view), role => Serde(role) })?;
        pages.push(PackPage { name: role.file.clone(), html: ended(html) });
    }
    Ok(pages)
}

fn ended(mut html: String) -> String {
    if !html.ends_with('\n') {
        html.push('\n');
    }
    html
}

/// The milestones that objectives name, in their order; failing that, those of the story, else all.
fn shown_milestones(input: &Planned) -> Vec<MilestoneId> {
    let mut order: Vec<MilestoneId> = Vec::new();
    let named = input.exercise.objectives.iter().flat_map(|objective| objective.milestones.iter().copied());
    for id in named.chain(input.model.meta.story.iter().copied()) {
        if !order.contains(&id) {
            order.push(id);
        }
    }
    if order.is_empty() {
        order = input.milestones.iter().map(|(id, _)| *id).collect();
    }
    let median = |id: &MilestoneId| {
        let (_, times) = &input.milestones[id.index()];
        (times.q50.unwrap_or(SimTime::MAX), std::cmp::Reverse(times.n_reached), *id)
    };
    order.sort_by_key(median);
    order
}

/// Draws when milestones are expected.
///
/// # Errors
/// [`ChartError`] if the program was built with damaged fonts, or the encoder fails.
pub fn expected_chart(input: &Planned) -> Result<ExpectedChart, ChartError> {
    let model = input.model;
    let meta = &model.meta;
    let shown = shown_milestones(input);
    let row = |id: &MilestoneId| {
        let (_, t) = &input.milestones[id.index()];
        ExpectedRow {
            title: model.milestones[id.index()].title.clone(),
            quantiles: [t.q05, t.q10, t.q50, t.q90, t.q95].map(|at| at.map(us)),
            text: format!("{} of {} runs", t.n_reached, t.n),
        }
    };
    let times = |id: &MilestoneId| input.milestones[id.index()].1;
    let last = shown.iter().filter_map(|id| times(id).q95.or(times(id).q90)).max();
    let end = last.map_or(meta.horizon, |last| {
        // A little room behind the last one; the rest of a long simulation would be empty.
        last.saturating_add(last.since_start().scaled(0.08)).min(meta.horizon)
    });
    let certain = shown.iter().filter(|id| times(id).n_reached == times(id).n).count();
    let finding = format!(
        "{certain} of {} are reached in every run; the others must not be counted on",
        plural(shown.len(), "milestone")
    );
    let frame = Frame {
        title: finding.clone(),
        subtitle: format!("When milestones are expected without players, over {}", plural(input.n_replications, "run")),
        foot: foot(input),
        description: "For each milestone the median and the central 80 and 90 % of the times at which it is reached; the \
                      table on the page has the same numbers."
            .to_owned(),
        epoch_us: meta.epoch.start().as_microsecond(),
        local: (meta.zone.name() != "UTC").then(|| local_clock(model, SimTime::ZERO, end)),
        shades: shades(model, SimTime::ZERO, end),
        from_us: 0,
        to_us: us(end),
    };
    let drawn = ExpectedInput { frame, rows: shown.iter().map(row).collect() };
    Ok(ExpectedChart { svg: expected::svg(&drawn)?, png: expected::png(&drawn)?, finding })
}

fn foot(input: &Planned) -> String {
    format!(
        "EXERCISE · simulation · {} · {} · seed {} · {} · blueprint-sim {}",
        setting(input.model).to_lowercase(),
        input.model.meta.name,
        input.seed,
        plural(input.n_replications, "replication"),
        input.version
    )
}
