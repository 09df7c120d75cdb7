//! A sensitivity analysis in plain words, as a chart, and as a page.

use super::batch::{BatchChart, Made, section};
use super::batch_page::{BatchPage, PageTable};
use super::comparison::{direction, size};
use super::words::{percent, plural, wrap};
use crate::analysis::comparison::FigureKind;
use crate::analysis::influence::{Estimate, FigureInfluences, Influence, MovedParameter};
use crate::chart::batch_input::{Bar, BarsInput, TornadoEnd, TornadoInput, TornadoRow, Unit};
use crate::chart::{ChartError, bars, tornado};

/// Rows of a table on the page.
const MOST_ROWS: usize = 40;

/// By which method influences were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// One parameter at a time to the ends of its range.
    Tornado,
    /// Elementary effects.
    Morris,
    /// Shares of variance.
    Sobol,
}

impl Method {
    /// The method of a name.
    pub fn named(name: &str) -> Option<Method> {
        [Method::Tornado, Method::Morris, Method::Sobol].into_iter().find(|method| method.name() == name)
    }

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Method::Tornado => "tornado",
            Method::Morris => "morris",
            Method::Sobol => "sobol",
        }
    }
}

/// What is told of a sensitivity analysis.
#[derive(Clone, Copy)]
pub struct Influences<'a> {
    /// How it was made; `replications` are those at each point.
    pub made: Made<'a>,
    /// By which method.
    pub method: Method,
    /// Points at which the model was run.
    pub points: usize,
    /// The parameters that were moved.
    pub parameters: &'a [MovedParameter],
    /// Parameters that the screen left out, before the shares of variance.
    pub screened_out: usize,
    /// The figures, the most important first.
    pub figures: &'a [FigureInfluences],
}

/// The finding, a sentence or two for each figure.
pub fn influence_findings(told: &Influences<'_>) -> Vec<String> {
    let mut sentences: Vec<String> = told.figures.iter().map(|figure| of_figure(told, figure)).collect();
    let guessed = told.parameters.iter().filter(|p| p.basis != "read").count();
    let screen = match told.screened_out {
        0 => String::new(),
        n => format!(" {} left out after a screen by elementary effects.", plural(n, "more parameter")),
    };
    sentences.push(format!(
        "{} moved over their plausible ranges, of which {guessed} are not read in a source; {} of {} each, with the same \
         draws at every point.{screen}",
        plural(told.parameters.len(), "parameter"),
        plural(told.points, "point"),
        plural(told.made.replications as usize, "replication"),
    ));
    sentences
}

fn of_figure(told: &Influences<'_>, figure: &FigureInfluences) -> String {
    let title = &figure.title;
    let mut strong = figure.rows.iter().filter(|(_, influence)| influence.size() > 0.0);
    let Some((first, influence)) = strong.next() else {
        return format!("“{title}” does not move with any parameter, or does not exist at some point.");
    };
    let name = &told.parameters[*first].title;
    let p = &told.parameters[*first];
    let next: Vec<String> = strong.take(2).map(|(i, _)| format!("“{}”", told.parameters[*i].title)).collect();
    let next = if next.is_empty() {
        match told.screened_out {
            0 => "no other parameter moves it".to_owned(),
            _ if told.parameters.len() == 1 => "no other was kept".to_owned(),
            _ => format!("no other of the {} that were kept moves it", told.parameters.len()),
        }
    } else {
        format!("next come {}", super::words::join(&next))
    };
    // A screen looks at mean effects: what it left out may well move this figure.
    let kept = match told.screened_out {
        0 => String::new(),
        _ => format!(" of {}, all others at their values", plural(told.parameters.len(), "parameter")),
    };
    let what = match influence {
        Influence::Swing { low, high } => format!(
            "“{name}” moves “{title}” most: {} at {}, {} at {}",
            change(&figure.kind, low.value),
            p.low,
            change(&figure.kind, high.value),
            p.high
        ),
        Influence::Effect { size: s, spread, .. } => {
            let bent = if *spread > s.value { ", in ways that depend on the others" } else { "" };
            format!(
                "“{name}” moves “{title}” most, by {} over its range on average{bent}",
                size(&figure.kind, s.value)
            )
        }
        Influence::Share { first, total } => format!(
            "“{name}” explains most of what “{title}” varies over the ranges{kept}: {} alone, {} with its interactions{}",
            share(first.value),
            share(total.value),
            total.interval.map_or_else(String::new, |(lo, hi)| {
                format!(" (95 % interval {} to {})", share(lo), share(hi))
            })
        ),
    };
    let doubt = if influence.may_be_chance() { "; even that may be chance" } else { "" };
    format!("{what}; {next}{doubt}.")
}

fn share(value: f64) -> String {
    percent(value.clamp(0.0, 1.0))
}

fn change(kind: &FigureKind, value: f64) -> String {
    if value == 0.0 {
        "no change".to_owned()
    } else {
        format!("{} {}", size(kind, value), direction(kind, value))
    }
}

/// The chart of the most important figure.
///
/// # Errors
/// The program was built with damaged fonts.
pub fn influence_chart(told: &Influences<'_>, figure: &FigureInfluences) -> Result<BatchChart, ChartError> {
    let finding = of_figure(told, figure);
    // The title is the finding without its numbers, which the chart shows.
    let first = finding.split("; ").next().unwrap_or(&finding);
    let at_numbers = match told.method {
        Method::Tornado => " most: ",
        Method::Morris => " most, by ",
        Method::Sobol => "\n",
    };
    let mut title = match first.split_once(at_numbers) {
        Some((start, _)) => format!("{start} most"),
        None => first.trim_end_matches('.').to_owned(),
    };
    if figure.rows.first().is_some_and(|(_, influence)| influence.may_be_chance()) {
        title.push_str(", which may be chance");
    }
    let replications = plural(told.made.replications as usize, "replication");
    match told.method {
        Method::Tornado => {
            let subtitle = format!(
                "Each parameter alone at both ends of its range, {replications} at each; lines: 95 % intervals"
            );
            let ends = match figure.kind {
                FigureKind::Milestone => "← earlier · later →",
                FigureKind::Other(_) => "← less · more →",
            };
            let input = TornadoInput {
                frame: told.made.frame(title.clone(), subtitle, finding),
                axis: format!("{}, against base values   {ends}", figure.title),
                unit: unit(&figure.kind),
                base: format!("base: {}", size(&figure.kind, figure.base_mean)),
                rows: figure
                    .rows
                    .iter()
                    .map(|(i, influence)| tornado_row(&told.parameters[*i], influence))
                    .collect(),
            };
            Ok(BatchChart {
                name: "tornado",
                finding: title,
                svg: tornado::svg(&input)?,
                png: tornado::png(&input)?,
            })
        }
        Method::Morris | Method::Sobol => {
            let is_share = told.method == Method::Sobol;
            let subtitle =
                format!("{} of {replications} each; lines: 95 % intervals", plural(told.points, "point"));
            let axis = if is_share {
                format!(
                    "share of the variance over the ranges{}",
                    if told.screened_out == 0 { "" } else { " of these" }
                )
            } else {
                format!("mean size of the change of “{}” over the whole range", figure.title)
            };
            let row =
                |(i, influence): &(usize, Influence)| bar(&told.parameters[*i], &figure.kind, influence);
            let input = BarsInput {
                frame: told.made.frame(title.clone(), subtitle, finding),
                axis,
                unit: if is_share { Unit::Share } else { unit(&figure.kind) },
                bars: figure.rows.iter().map(row).collect(),
                kinds: is_share.then(|| {
                    ("alone (first order)".to_owned(), "with all its interactions (total)".to_owned())
                }),
                levels: Vec::new(),
                noun: "parameter".to_owned(),
            };
            Ok(BatchChart {
                name: "sensitivity",
                finding: title,
                svg: bars::svg(&input)?,
                png: bars::png(&input)?,
            })
        }
    }
}

fn unit(kind: &FigureKind) -> Unit {
    match kind {
        FigureKind::Milestone => Unit::Hours,
        FigureKind::Other(unit) if unit == "h" => Unit::Hours,
        FigureKind::Other(unit) => Unit::Other(unit.clone()),
    }
}

fn tornado_row(p: &MovedParameter, influence: &Influence) -> TornadoRow {
    let end = |value: &String, e: &Estimate| TornadoEnd {
        value: value.clone(),
        mean: e.value,
        interval: e.interval.unwrap_or((e.value, e.value)),
    };
    let note = p.basis.to_owned();
    match influence {
        Influence::Swing { low, high } => {
            TornadoRow { title: p.title.clone(), note, low: end(&p.low, low), high: end(&p.high, high) }
        }
        _ => TornadoRow { title: p.title.clone(), note, ..TornadoRow::default() },
    }
}

fn bar(p: &MovedParameter, kind: &FigureKind, influence: &Influence) -> Bar {
    let bar = Bar { title: p.title.clone(), note: p.basis.to_owned(), ..Bar::default() };
    let positive = |(lo, hi): (f64, f64)| (lo.max(0.0), hi.max(0.0));
    match influence {
        Influence::Effect { size: s, mean, spread } => Bar {
            value: s.value,
            interval: s.interval.map(positive),
            text: format!(
                "{}{}",
                change(kind, if mean.abs() > 0.9 * s.value { *mean } else { 0.0 })
                    .replace("no change", "either way"),
                if *spread > s.value { ", not alone" } else { "" }
            ),
            ..bar
        },
        Influence::Share { first, total } => Bar {
            value: first.value.max(0.0),
            interval: first.interval.map(positive),
            second: Some((total.value.max(0.0), total.interval.map(positive))),
            text: format!("{} alone, {} in all", share(first.value), share(total.value)),
            ..bar
        },
        Influence::Swing { .. } => bar,
    }
}

/// The table of a figure.
fn table(told: &Influences<'_>, figure: &FigureInfluences) -> PageTable {
    let head: &[&str] = match told.method {
        Method::Tornado => &["Parameter", "Range", "Basis", "At the low end", "At the high end"],
        Method::Morris => {
            &["Parameter", "Range", "Basis", "Size (mu*)", "95 % interval", "Mean (mu)", "Spread (sigma)"]
        }
        Method::Sobol => {
            &["Parameter", "Range", "Basis", "Alone", "95 % interval", "In all", "95 % interval of it"]
        }
    };
    let mut table = PageTable::new(figure.title.clone(), head);
    let kind = &figure.kind;
    let signed = |value: f64| change(kind, value);
    let both = |interval: Option<(f64, f64)>, text: &dyn Fn(f64) -> String| {
        interval.map_or_else(String::new, |(lo, hi)| format!("{} to {}", text(lo), text(hi)))
    };
    for (i, influence) in figure.rows.iter().take(MOST_ROWS) {
        let p = &told.parameters[*i];
        let mut row = vec![p.title.clone(), format!("{} to {}", p.low, p.high), p.basis.to_owned()];
        match influence {
            Influence::Swing { low, high } => {
                let end = |e: &Estimate| format!("{} ({})", signed(e.value), both(e.interval, &signed));
                row.extend([end(low), end(high)]);
            }
            Influence::Effect { size: s, mean, spread } => row.extend([
                size(kind, s.value),
                both(s.interval, &|v| size(kind, v.max(0.0))),
                signed(*mean),
                size(kind, *spread),
            ]),
            Influence::Share { first, total } => row.extend([
                share(first.value),
                both(first.interval, &share),
                share(total.value),
                both(total.interval, &share),
            ]),
        }
        table.rows.push(row);
    }
    if figure.rows.len() > MOST_ROWS {
        table.note = format!("{} more rows in sensitivity.csv.", figure.rows.len() - MOST_ROWS);
    }
    table
}

/// The page of a sensitivity analysis.
pub fn influence_page(told: &Influences<'_>, charts: &[(usize, BatchChart)]) -> BatchPage {
    let mut page = told.made.page("Sensitivity");
    page.sentences = influence_findings(told);
    for (place, chart) in charts {
        let figure = &told.figures[*place];
        let mut part = section(chart, &figure.title, Vec::new(), vec![table(told, figure)]);
        part.id = format!("figure-{place}");
        page.sections.push(part);
    }
    page.limits.push(
        "A parameter that acts only at other values of the others, or only in rare replications, may be missing here."
            .to_owned(),
    );
    page
}

/// The finding and the first parameters of each figure, for the terminal.
pub fn influence_on_terminal(told: &Influences<'_>, width: usize) -> String {
    let mut text = format!("{}\nA simulation, not a forecast.\n\n", told.made.title());
    text.push_str(&wrap(&influence_findings(told).join(" "), width, ""));
    text.push('\n');
    for figure in told.figures {
        text.push_str(&format!("\n{}\n", figure.title));
        for (i, influence) in figure.rows.iter().filter(|row| row.1.size() > 0.0).take(8) {
            let p = &told.parameters[*i];
            let said = match influence {
                Influence::Swing { low, high } => format!(
                    "{} at {}, {} at {}",
                    change(&figure.kind, low.value),
                    p.low,
                    change(&figure.kind, high.value),
                    p.high
                ),
                Influence::Effect { size: s, .. } => size(&figure.kind, s.value),
                Influence::Share { first, total } => {
                    format!("{} alone, {} in all", share(first.value), share(total.value))
                }
            };
            text.push_str(&format!("  {}: {said}\n", p.title));
        }
    }
    text
}
