//! What all pages and charts of batches have in common: who made them, and the charts that any batch can draw.

use super::batch_page::{BatchPage, PageFigure, PageSection, PageTable};
use super::words::{percent, plural, setting, span};
use crate::analysis::ensemble::Criticality;
use crate::chart::batch_input::{Bar, BarsInput, EcdfCurve, EcdfInput, Unit};
use crate::chart::input::Frame;
use crate::chart::{ChartError, bars, ecdf};
use crate::model::{Model, Observed, Setting};
use crate::trace::Subject;

/// How a batch was made.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// The document as it is.
    pub model: &'a Model,
    /// Master seed.
    pub seed: u64,
    /// Replications of each variant.
    pub replications: u64,
    /// Version of the program.
    pub version: &'a str,
    /// Title of charts instead of their finding.
    pub title: Option<&'a str>,
}

/// A chart of a batch in both forms.
#[derive(Debug, Clone)]
pub struct BatchChart {
    /// Name of its files, without ending.
    pub name: &'static str,
    /// Its title: what it shows.
    pub finding: String,
    /// As SVG.
    pub svg: String,
    /// As PNG.
    pub png: Vec<u8>,
}

impl BatchChart {
    /// The chart as part of a page.
    pub fn figure(&self) -> PageFigure {
        PageFigure { finding: self.finding.clone(), svg: self.svg.clone() }
    }
}

impl Made<'_> {
    /// The title of the document.
    pub fn title(&self) -> String {
        let meta = &self.model.meta;
        if meta.title.is_empty() { meta.name.clone() } else { meta.title.clone() }
    }

    /// The words around a chart; there is no time axis.
    pub(super) fn frame(&self, title: String, subtitle: String, description: String) -> Frame {
        let foot = format!(
            "Simulation · {} · {} · seed {} · {} · blueprint-sim {}",
            setting(self.model).to_lowercase(),
            self.model.meta.name,
            self.seed,
            plural(self.replications as usize, "replication"),
            self.version
        );
        let title = self.title.map_or(title, str::to_owned);
        Frame { title, subtitle, foot, description, ..Frame::default() }
    }

    /// A page that says how it was made, without a finding and parts.
    pub fn page(&self, kind: &str) -> BatchPage {
        let of = match self.model.meta.setting {
            Some(Setting::Replay) => "many times over; none of them is a record of what happened.",
            Some(Setting::Counterfactual) => "many times over, under arrangements that were not there.",
            _ => "many times over, each time with other draws.",
        };
        let mut limits = vec![
            "An interval tells how well the mean of this model is known, not how right the model is: more replications make \
             it narrower, and guessed inputs stay guesses."
                .to_owned(),
            "The model knows only what its documents say; what they leave out did not happen here.".to_owned(),
            "No value differs between states for a reason other than a public attribute or the luck of a draw: do not rank \
             states by this page."
                .to_owned(),
        ];
        if self.model.meta.setting == Some(Setting::Counterfactual) {
            limits.push("A counterfactual cannot be held against history.".to_owned());
        }
        let row = |name: &str, value: String| (name.to_owned(), value);
        BatchPage {
            title: self.title(),
            kind: kind.to_owned(),
            setting: setting(self.model).to_owned(),
            banner: format!("This is a simulation, not a forecast. It runs a model {of}"),
            limits,
            identity: vec![
                row("Scenario", self.model.meta.name.clone()),
                row("Seed", self.seed.to_string()),
                row("Replications of each variant", self.replications.to_string()),
                row("Program", format!("blueprint-sim {}", self.version)),
            ],
            ..BatchPage::default()
        }
    }
}

/// One milestone over the replications of a variant, for its distribution.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    /// Name of the variant.
    pub variant: String,
    /// Latencies of the replications that reached it (h).
    pub latencies: Vec<f64>,
    /// Replications whose clock started.
    pub n: usize,
    /// Share of the replications at most at each value, in order of value, and half the height of the band around it.
    pub steps: Vec<(f64, f64)>,
    /// Half the height of the 95 % band.
    pub half_height: f64,
    /// The median (h), where half of the replications got there.
    pub median: Option<f64>,
}

/// The distribution of a milestone over the replications of one or several variants, with what was observed.
///
/// `origin_us` is the instant from which all count, if there is one: without it what was observed has no place.
/// `from_start`: the latencies are times since the start, and not since the milestone's origin. `left_out`: so many
/// variants more are not shown.
///
/// # Errors
/// The program was built with damaged fonts.
pub fn distribution_chart(
    made: &Made<'_>,
    milestone: usize,
    curves: &[Distribution],
    origin_us: Option<u64>,
    from_start: bool,
    left_out: usize,
) -> Result<BatchChart, ChartError> {
    let of = &made.model.milestones[milestone];
    let title = if of.title.is_empty() { &of.name } else { &of.title };
    let observed = match (&of.observed, origin_us) {
        (Some(Observed::At { from_us, to_us, .. }), Some(origin)) => {
            let hours = |us: i64| us.saturating_sub(i64::try_from(origin).unwrap_or(i64::MAX)) as f64 / 3.6e9;
            Some((hours(*from_us), hours(*to_us)))
        }
        _ => None,
    };
    // Bands of many curves hide each other.
    let banded = curves.len() <= 2;
    let curve = |c: &Distribution| {
        let reached = percent(c.latencies.len() as f64 / c.n.max(1) as f64);
        let note = match c.median {
            Some(median) if from_start => {
                format!("half within {} of the start, {reached} in all", span(median))
            }
            Some(median) => format!("half within {}, {reached} by the end", span(median)),
            None => format!("{reached} by the end"),
        };
        EcdfCurve {
            title: c.variant.clone(),
            note,
            steps: c.steps.clone(),
            half_height: if banded { c.half_height } else { 0.0 },
        }
    };
    let finding = finding(title, curves, observed);
    let from = if from_start {
        "the start".to_owned()
    } else {
        super::story::since(made.model, crate::model::MilestoneId::from_index(milestone))
    };
    let mut notes = String::new();
    if !banded {
        notes.push_str("; without bands, which would hide each other");
    }
    if left_out > 0 {
        notes.push_str(&format!("; {} not shown", plural(left_out, "more variant")));
    }
    let input = EcdfInput {
        frame: made.frame(
            finding.clone(),
            format!("“{title}”, counted from {from}, over the replications{notes}"),
            format!("{finding}. The curve gives the share of the replications that were there by each time."),
        ),
        axis: format!("time from {from}"),
        unit: Unit::Hours,
        curves: curves.iter().map(curve).collect(),
        observed_label: observed.map_or_else(String::new, |(from, to)| {
            if from == to {
                format!("observed: {}", span(from))
            } else {
                format!("observed: {} to {}", span(from), span(to))
            }
        }),
        observed,
        band_label: "shaded or dotted: 95 % band for the whole curve".to_owned(),
    };
    Ok(BatchChart { name: "ecdf", finding, svg: ecdf::svg(&input)?, png: ecdf::png(&input)? })
}

fn finding(title: &str, curves: &[Distribution], observed: Option<(f64, f64)>) -> String {
    match (curves, observed) {
        ([one], Some((from, to))) if one.n > 0 => {
            let middle = (from + to) / 2.0;
            let before =
                one.latencies.iter().filter(|latency| **latency < middle).count() as f64 / one.n as f64;
            let place = if (0.05..=0.95).contains(&before) { "inside" } else { "outside" };
            format!("“{title}”: history lies {place} the middle nine tenths; {} were faster", percent(before))
        }
        ([first, rest @ ..], _)
            if !rest.is_empty() && rest.iter().all(|c| c.median.map(span) == first.median.map(span)) =>
        {
            match first.median {
                Some(median) => {
                    format!("“{title}” takes {} in the middle replication of every variant", span(median))
                }
                None if std::iter::once(first).chain(rest).all(|c| c.latencies.is_empty()) => {
                    format!("“{title}” is not reached in any replication")
                }
                None => format!("No variant reaches “{title}” in half of its replications"),
            }
        }
        ([first, rest @ ..], _) if rest.len() > 2 => {
            let medians = || std::iter::once(first).chain(rest).map(|c| c.median.unwrap_or(f64::INFINITY));
            let (low, high) =
                medians().fold((f64::INFINITY, 0.0_f64), |(low, high), m| (low.min(m), high.max(m)));
            let high = if high.is_finite() { span(high) } else { "not by half of them".to_owned() };
            format!("“{title}”: {} to {high} in the middle replication, by variant", span(low))
        }
        ([first, rest @ ..], _) if !rest.is_empty() => {
            let median = |c: &Distribution| c.median.map_or_else(|| "not by half".to_owned(), span);
            let others: Vec<String> = rest.iter().map(|c| format!("{} {}", median(c), c.variant)).collect();
            format!(
                "“{title}”, middle replication: {} {}, {}",
                median(first),
                first.variant,
                others.join(", ")
            )
        }
        ([one], None) => match one.median {
            Some(median) => format!("“{title}” takes {} in the middle replication", span(median)),
            None if one.latencies.is_empty() => format!("“{title}” is not reached in any replication"),
            None => format!(
                "“{title}” is reached in {} of the replications",
                percent(one.latencies.len() as f64 / one.n.max(1) as f64)
            ),
        },
        _ => format!("“{title}”"),
    }
}

/// How often actors and channels are on the chain of the headline milestone; `interval` gives the interval of a share of
/// the `n` replications that reached it.
///
/// # Errors
/// The program was built with damaged fonts.
pub fn criticality_chart(
    made: &Made<'_>,
    n: usize,
    rows: &[(String, Criticality)],
    interval: &dyn Fn(f64) -> Option<(f64, f64)>,
) -> Result<(BatchChart, PageTable), ChartError> {
    let milestone =
        made.model.meta.headline_milestone.map(|m| made.model.milestones[m.index()].title.as_str());
    let title = milestone.unwrap_or("the headline milestone");
    let rows: Vec<(String, Criticality)> = rows
        .iter()
        .filter(|row| row.1.subject != Subject::World)
        .map(|(name, row)| (title_of(made.model, row.subject, name), *row))
        .collect();
    let finding = match rows.first() {
        Some((name, first)) => format!(
            "{name} is on the way to “{title}” in {} of the replications that get there",
            percent(first.share)
        ),
        None => format!("Nobody is on the way to “{title}”"),
    };
    let level = |subject: Subject| match subject {
        Subject::Actor(actor) => {
            let levels = &made.model.actors[actor.index()].levels;
            levels.first().map(|level| made.model.levels.len().saturating_sub(1 + level.index()))
        }
        _ => None,
    };
    let text = |row: &Criticality| format!("{} · {} on average", percent(row.share), span(row.mean_hours));
    let bar = |(name, row): &(String, Criticality)| Bar {
        title: name.clone(),
        value: row.share,
        interval: interval(row.share),
        text: text(row),
        level: level(row.subject),
        ..Bar::default()
    };
    let mut colours: Vec<Option<usize>> = rows.iter().map(|(_, row)| level(row.subject)).collect();
    colours.sort_unstable_by_key(|of| of.map_or(usize::MAX, |of| of));
    colours.dedup();
    let named = |of: Option<usize>| {
        let found = of.and_then(|of| made.model.levels.iter().rev().nth(of));
        let title = found.map(|level| if level.title.is_empty() { &level.name } else { &level.title });
        (of, title.map_or_else(|| "channels, incidents and others".to_owned(), Clone::clone))
    };
    let input = BarsInput {
        frame: made.frame(
            finding.clone(),
            format!("Who is passed on the causal chain, over {} that reach it", plural(n, "replication")),
            format!("{finding}."),
        ),
        axis: "share of the replications whose chain passes through it; lines: 95 % intervals".to_owned(),
        unit: Unit::Share,
        bars: rows.iter().map(bar).collect(),
        kinds: None,
        levels: if colours.len() > 1 { colours.into_iter().map(named).collect() } else { Vec::new() },
        noun: "subject".to_owned(),
    };
    let mut table = PageTable::new(
        "Who is on the way",
        &["Who", "Share of the replications", "95 % interval", "Time there"],
    );
    for (name, row) in &rows {
        let ends = interval(row.share)
            .map_or_else(String::new, |(a, b)| format!("{} to {}", percent(a), percent(b)));
        table.rows.push(vec![name.clone(), percent(row.share), ends, span(row.mean_hours)]);
    }
    Ok((BatchChart { name: "criticality", finding, svg: bars::svg(&input)?, png: bars::png(&input)? }, table))
}

/// A subject as people call it: by its title, where it has one.
fn title_of(model: &Model, subject: Subject, name: &str) -> String {
    let title = match subject {
        Subject::Actor(a) => model.actors[a.index()].title.as_str(),
        Subject::Channel(c) => model.channels.get(c as usize).map_or("", |c| c.title.as_str()),
        Subject::Incident(i) => model.incidents[i.index()].title.as_str(),
        Subject::Network(n) => model.networks[n.index()].title.as_str(),
        Subject::World | Subject::Operator(_) => "",
    };
    if title.is_empty() { name.to_owned() } else { title.to_owned() }
}

/// A part of a page with a chart and a table beside it.
pub fn section(chart: &BatchChart, heading: &str, text: Vec<String>, tables: Vec<PageTable>) -> PageSection {
    PageSection {
        id: chart.name.to_owned(),
        heading: heading.to_owned(),
        text,
        figure: Some(chart.figure()),
        tables,
    }
}
