//! A comparison in plain words, as a chart, and as a page.

use super::batch::{BatchChart, Made, section};
use super::batch_page::{BatchPage, PageSection, PageTable};
use super::words::{capital, percent, plural, span};
use crate::analysis::comparison::{Comparison, Difference, FigureKind, OverRanges};
use crate::chart::batch_input::{DifferencePanel, DifferenceRow, DifferencesInput, Unit};
use crate::chart::{ChartError, differences};
use crate::model::Model;

/// A variant as it was asked for.
#[derive(Debug, Clone, Default)]
pub struct VariantWords {
    /// As typed; its name in files.
    pub name: String,
    /// Elements switched on.
    pub with: Vec<String>,
    /// Elements switched off.
    pub without: Vec<String>,
    /// Parameters and fields with their values.
    pub set: Vec<(String, String)>,
}

/// What is told of a comparison.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// How it was made.
    pub made: Made<'a>,
    /// The variants.
    pub variants: &'a [VariantWords],
    /// For each variant, what it changes in the document, a line each.
    pub diffs: &'a [Vec<String>],
    /// The differences.
    pub comparison: &'a Comparison,
    /// Name of the figure that the first sentence tells of.
    pub headline: &'a str,
    /// For each variant, how the difference that its first sentence tells of ([`lead`]) fares over the ranges of the parameters.
    pub over_ranges: &'a [OverRanges],
    /// How many parameters were moved, and how many replications were made at each point.
    pub moved: Option<(usize, u64)>,
}

/// The finding, a sentence or more for each variant.
pub fn findings(told: &Compared<'_>) -> Vec<String> {
    (0..told.variants.len()).flat_map(|variant| of_variant(told, variant)).collect()
}

fn of_variant(told: &Compared<'_>, variant: usize) -> Vec<String> {
    let phrase = phrase(told.made.model, &told.variants[variant]);
    let n = told.comparison.pairs;
    if told.diffs[variant].is_empty() {
        return vec![format!("{phrase}, nothing changes: the document already says so.")];
    }
    if told.comparison.is_same(variant) {
        return vec![format!(
            "{phrase}, nothing that is measured changes: every figure is the same in each of {}.",
            plural(n, "paired replication")
        )];
    }
    let tests = told.comparison.differences.iter().filter(|d| !d.same).count();
    let confidence = told.comparison.confidence;
    let mut sentences = Vec::new();
    let headline_figure = told.comparison.figure(variant, told.headline);
    let lead = lead(told.made.model, told.comparison, told.headline, variant);
    if let Some(lead) = lead {
        sentences.push(headline(&format!("{phrase}, "), lead, tests, confidence));
        sentences.extend(reach(lead));
        sentences.extend(ranges(told, variant));
    }
    if let Some(asked) = headline_figure.filter(|asked| lead.is_none_or(|lead| lead.name != asked.name)) {
        sentences.push(headline("What the document asks about first, ", asked, tests, confidence));
        sentences.extend(reach(asked));
    }
    sentences.extend(shared_draws(told.comparison, variant));
    sentences.push(others(told, variant, lead.map_or(told.headline, |lead| &lead.name)));
    sentences
}

/// The figure that the first sentence tells of: the headline of the document if it is clear of noise, or nothing is;
/// else a milestone of its story, any other milestone or another figure that is, the clearest first.
pub fn lead<'a>(
    model: &Model,
    comparison: &'a Comparison,
    headline: &str,
    variant: usize,
) -> Option<&'a Difference> {
    let headline = comparison.figure(variant, headline);
    if headline.is_some_and(|d| d.clear) {
        return headline;
    }
    let in_story = |d: &Difference| {
        model.meta.story.iter().any(|milestone| model.milestones[milestone.index()].name == d.name)
    };
    let rank = |d: &Difference| (in_story(d), d.kind == FigureKind::Milestone);
    let clear = comparison.of(variant).filter(|d| d.clear);
    let best = clear.max_by(|a, b| rank(a).cmp(&rank(b)).then(a.paired.t.abs().total_cmp(&b.paired.t.abs())));
    best.or(headline)
}

/// `With the Blueprint on`, `With “Incident analysts by day” at 12 and ENISA's new mandate off`.
fn phrase(model: &Model, variant: &VariantWords) -> String {
    let element = |name: &String| {
        let found = model.elements.iter().find(|element| element.name == *name);
        let title = found.map_or(name.as_str(), |element| element.title.split(':').next().unwrap_or(name));
        let title = if title.is_empty() { name } else { title };
        match title.split_once(' ') {
            Some((article @ ("The" | "A" | "An" | "National"), rest)) => {
                format!("{} {rest}", article.to_lowercase())
            }
            _ => title.to_owned(),
        }
    };
    let parameter = |(name, value): &(String, String)| {
        let (base, state) = name.split_once('@').map_or((name.as_str(), None), |(b, s)| (b, Some(s)));
        let found =
            model.params.iter().find(|param| !param.literal && param.name == base && !param.title.is_empty());
        let title = found.map_or_else(|| base.to_owned(), |param| format!("“{}”", param.title));
        let place = state.map_or_else(String::new, |state| format!(" in {state}"));
        format!("{title}{place} at {}", value.trim_matches('"'))
    };
    let with = variant.with.iter().map(|name| format!("{} on", element(name)));
    let without = variant.without.iter().map(|name| format!("{} off", element(name)));
    let parts: Vec<String> = with.chain(without).chain(variant.set.iter().map(parameter)).collect();
    format!("With {}", super::words::join(&parts))
}

/// What becomes of a figure, in a sentence.
fn headline(phrase: &str, difference: &Difference, tests: usize, confidence: f64) -> String {
    let n = plural(difference.paired.n, "paired replication");
    let title = &difference.title;
    let is = if difference.kind == FigureKind::Milestone { " is reached" } else { ":" };
    if difference.same {
        return match difference.kind {
            FigureKind::Milestone => {
                format!("{phrase}“{title}” is reached at the same time in each of {n}.")
            }
            FigureKind::Other(_) => format!("{phrase}“{title}” is the same in each of {n}."),
        };
    }
    let by = match reached_shares(difference) {
        Some((base, variant)) => format!(
            "in {} of the replications instead of {}, which is {}",
            percent(variant),
            percent(base),
            amount(difference)
        ),
        None => amount(difference),
    };
    let interval = format!("{} interval {}, {n}", percent(confidence), interval(difference));
    let alone = !difference.paired.interval.contains(0.0);
    match (difference.clear, alone) {
        (true, _) => format!("{phrase}“{title}”{is} {by} on average ({interval}); clear of noise."),
        (false, true) => format!(
            "{phrase}“{title}”{is} {by} on average ({interval}); among {tests} figures that may still be chance."
        ),
        (false, false) => {
            format!("{phrase}“{title}”{is} {by} on average, which is not clear of noise ({interval}).")
        }
    }
}

/// How much and which way: `9 h earlier`. Of a milestone that one side mostly does not reach how often instead: its
/// times would be those of the end of the run.
fn brief(difference: &Difference) -> String {
    match reached_shares(difference) {
        Some((base, variant)) => format!("reached in {} instead of {}", percent(variant), percent(base)),
        None => amount(difference),
    }
}

/// The same with its interval: `9 h earlier (6 h to 12 h)`.
fn told_amount(difference: &Difference) -> String {
    match reached_shares(difference) {
        Some(_) => brief(difference),
        None => format!("{} ({})", amount(difference), interval(difference)),
    }
}

/// The shares of the pairs in which a milestone is reached without and with the changes, where one is below a half and
/// they are a tenth apart.
fn reached_shares(difference: &Difference) -> Option<(f64, f64)> {
    let r = difference.reached.as_ref()?;
    let n = (r.both + r.only_base + r.only_variant + r.neither) as f64;
    let (base, variant) = ((r.both + r.only_base) as f64 / n, (r.both + r.only_variant) as f64 / n);
    (base.min(variant) < 0.5 && (base - variant).abs() >= 0.1).then_some((base, variant))
}

/// How much, and which way: `9 h earlier`, `12 fewer operators`.
pub(super) fn amount(difference: &Difference) -> String {
    let mean = difference.paired.mean;
    format!("{} {}", size(&difference.kind, mean), direction(&difference.kind, mean))
}

pub(super) fn size(kind: &FigureKind, value: f64) -> String {
    match kind {
        FigureKind::Milestone => span(value),
        FigureKind::Other(unit) => match unit.as_str() {
            // Sums over many operators are hours, not days.
            "h" | "hours" if value.abs() >= 72.0 => format!("{} h", number(value.abs())),
            "h" | "hours" => span(value),
            "min" => span(value / 60.0),
            // What is counted stands in the title.
            _ if is_count(unit) => number(value.abs()),
            _ => format!("{} {unit}", number(value.abs())).trim_end().to_owned(),
        },
    }
}

fn is_count(unit: &str) -> bool {
    matches!(unit, "operators" | "statements" | "duties")
}

pub(super) fn direction(kind: &FigureKind, value: f64) -> &'static str {
    match (kind, value < 0.0) {
        (FigureKind::Milestone, true) => "earlier",
        (FigureKind::Milestone, false) => "later",
        (FigureKind::Other(unit), true) if is_count(unit) => "fewer",
        (FigureKind::Other(_), true) => "less",
        (FigureKind::Other(_), false) => "more",
    }
}

/// Three significant digits, in full from a thousand on.
fn number(value: f64) -> String {
    if value.abs() >= 1000.0 {
        return grouped(value.round() as i64);
    }
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// With thin spaces between thousands.
fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(c);
    }
    text
}

/// `6 h to 12 h`, `2 h earlier to 1 h later`.
fn interval(difference: &Difference) -> String {
    let (lo, hi) = (difference.paired.interval.lo, difference.paired.interval.hi);
    let kind = &difference.kind;
    if (lo < 0.0) == (hi < 0.0) {
        let (near, far) = if lo < 0.0 { (hi, lo) } else { (lo, hi) };
        return format!("{} to {}", size(kind, near), size(kind, far));
    }
    format!("{} {} to {} {}", size(kind, lo), direction(kind, lo), size(kind, hi), direction(kind, hi))
}

fn reach(difference: &Difference) -> Option<String> {
    let reached = difference.reached?;
    let n = (reached.both + reached.only_base + reached.only_variant + reached.neither).max(1) as f64;
    let (before, after) = (reached.both + reached.only_base, reached.both + reached.only_variant);
    (reached.only_base + reached.only_variant > 0 || reached.both == 0).then(|| {
        format!(
            "It is reached by the end in {} of the replications, against {} without the change; what is not reached \
             counts with all the time there was.",
            percent(after as f64 / n),
            percent(before as f64 / n)
        )
    })
}

fn ranges(told: &Compared<'_>, variant: usize) -> Option<String> {
    let over = told.over_ranges.get(variant)?;
    let (parameters, replications) = told.moved?;
    let mut sentence = format!(
        "The difference keeps its sign at {} of {} over the plausible ranges of {} that are not read in a source ({} at \
         each point; by itself clear at {})",
        over.kept,
        plural(over.points, "point"),
        plural(parameters, "parameter"),
        plural(replications as usize, "pair"),
        over.kept_clear
    );
    for (count, words) in [
        (over.reversed, format!("is reversed at {}, clear at {}", over.reversed, over.reversed_clear)),
        (over.none, format!("vanishes at {}", over.none)),
        (over.failed, format!("cannot be taken at {}", over.failed)),
    ] {
        if count > 0 {
            sentence.push_str(&format!(", {words}"));
        }
    }
    sentence.push('.');
    Some(sentence)
}

/// What common random numbers gained, in the middle of the figures that differ.
fn shared_draws(comparison: &Comparison, variant: usize) -> Option<String> {
    let gains = comparison.of(variant).filter(|d| !d.same).filter_map(|d| d.paired.variance_gain);
    let mut gains: Vec<f64> = gains.collect();
    gains.sort_by(f64::total_cmp);
    let gain = *gains.get(gains.len().checked_sub(1)? / 2)?;
    Some(if gain >= 1000.0 {
        "Both sides share every draw that they have in common; without that, the middle one of the figures that differ would \
         take over a thousand times as many replications."
            .to_owned()
    } else if gain >= 1.05 {
        format!(
            "Both sides share every draw that they have in common; without that, the middle one of the figures that differ \
             would take {} times as many replications.",
            number(gain)
        )
    } else if gain >= 0.95 {
        "Sharing draws gained nothing here: the two sides have little in common, or differ in nearly all they do.".to_owned()
    } else {
        format!(
            "Sharing draws backfired here: independent replications would need only {} as many.",
            percent(gain)
        )
    })
}

fn others(told: &Compared<'_>, variant: usize, lead: &str) -> String {
    let told_already = |d: &Difference| d.name == told.headline || d.name == lead;
    let all: Vec<&Difference> = told.comparison.of(variant).filter(|d| !told_already(d)).collect();
    let mut clear: Vec<&&Difference> = all.iter().filter(|d| d.clear).collect();
    clear.sort_by(|a, b| b.paired.t.abs().total_cmp(&a.paired.t.abs()));
    let same = all.iter().filter(|d| d.same).count();
    let open = all.len() - clear.len() - same;
    let named: Vec<String> = clear.iter().take(3).map(|d| format!("“{}” {}", d.title, brief(d))).collect();
    let mut sentence = match clear.len() {
        0 => format!("Of the other {}, none changes clear of noise", plural(all.len(), "figure")),
        n => format!(
            "Of the other {}, {n} {} clear of noise{} {}",
            plural(all.len(), "figure"),
            if n == 1 { "changes" } else { "change" },
            if n > 3 { ", first of all" } else { ":" },
            super::words::join(&named)
        ),
    };
    sentence.push_str(&format!("; {open} may differ by chance, {same} are the same in every replication."));
    sentence
}

/// The differences as a chart, the headline and what is clear of noise first.
///
/// # Errors
/// The program was built with damaged fonts.
pub fn differences_chart(told: &Compared<'_>) -> Result<BatchChart, ChartError> {
    let finding = title(told);
    let n = told.comparison.pairs;
    let milestones = panel(told, "Milestones", Unit::Hours, ("earlier", "later"), &|d| {
        (d.kind == FigureKind::Milestone).then_some(1.0)
    });
    let figures = panel(told, "Figures, against the base", Unit::Share, ("less", "more"), &|d| {
        (d.kind != FigureKind::Milestone && d.base_mean != 0.0).then(|| d.base_mean.abs())
    });
    let input = DifferencesInput {
        frame: told.made.frame(
            finding.clone(),
            format!(
                "Mean difference to the document as it is over {}, corrected for many looks",
                plural(n, "pair")
            ),
            findings(told).join(" "),
        ),
        panels: vec![milestones, figures],
        variants: told.variants.iter().map(|variant| variant.name.clone()).collect(),
    };
    Ok(BatchChart {
        name: "differences",
        finding,
        svg: differences::svg(&input)?,
        png: differences::png(&input)?,
    })
}

/// The title of the chart: what the first variant that changes anything is told for.
fn title(told: &Compared<'_>) -> String {
    let changed = (0..told.variants.len()).find_map(|variant| {
        let difference =
            lead(told.made.model, told.comparison, told.headline, variant).filter(|d| !d.same)?;
        Some((variant, difference))
    });
    match changed {
        Some((variant, d)) => {
            let phrase = phrase(told.made.model, &told.variants[variant]);
            let doubt = if d.clear { "" } else { ", not clear of noise" };
            format!("{phrase}: “{}” {}{doubt}", d.title, brief(d))
        }
        None => "The headline is the same in every replication".to_owned(),
    }
}

fn panel(
    told: &Compared<'_>,
    title: &str,
    unit: Unit,
    ends: (&str, &str),
    scale: &dyn Fn(&Difference) -> Option<f64>,
) -> DifferencePanel {
    let mut names: Vec<(&str, bool, bool, f64)> = Vec::new();
    for d in told.comparison.differences.iter().filter(|d| !d.same && scale(d).is_some()) {
        let weight = d.paired.t.abs();
        match names.iter_mut().find(|(name, ..)| *name == d.name) {
            Some(known) => {
                known.2 |= d.clear;
                known.3 = known.3.max(weight);
            }
            None => names.push((&d.name, d.name == told.headline, d.clear, weight)),
        }
    }
    names.sort_by(|a, b| b.1.cmp(&a.1).then(b.2.cmp(&a.2)).then(b.3.total_cmp(&a.3)));
    let mut rows = Vec::new();
    for (name, ..) in names {
        for variant in 0..told.variants.len() {
            let Some(d) = told.comparison.figure(variant, name).filter(|d| !d.same) else { continue };
            let by = scale(d).unwrap_or(1.0);
            rows.push(DifferenceRow {
                title: d.title.clone(),
                variant,
                mean: d.paired.mean / by,
                interval: (d.paired.interval.lo / by, d.paired.interval.hi / by),
                clear: d.clear,
                text: told_amount(d),
            });
        }
    }
    DifferencePanel { title: title.to_owned(), unit, ends: (ends.0.to_owned(), ends.1.to_owned()), rows }
}

/// The table of differences of a variant.
fn table(told: &Compared<'_>, variant: usize) -> PageTable {
    let head = [
        "Figure",
        "As it is",
        "With the change",
        "Difference",
        "95 % interval",
        "Clear of noise",
        "Reached in both, only as it is, only changed, in neither",
        "Gain by shared draws",
    ];
    let mut table = PageTable::new(format!("Paired differences: {}", told.variants[variant].name), &head);
    for d in told.comparison.of(variant) {
        let difference = if d.same { "none".to_owned() } else { amount(d) };
        let clear = if d.same {
            ""
        } else if d.clear {
            "yes"
        } else {
            "no"
        };
        table.rows.push(vec![
            d.title.clone(),
            size(&d.kind, d.base_mean),
            size(&d.kind, d.variant_mean),
            difference,
            if d.same { String::new() } else { interval(d) },
            clear.to_owned(),
            d.reached.map_or_else(String::new, |r| {
                format!("{}, {}, {}, {}", r.both, r.only_base, r.only_variant, r.neither)
            }),
            d.paired.variance_gain.map_or_else(String::new, |gain| format!("{} times", number(gain))),
        ]);
    }
    table.note = "Milestones count with the time to the horizon where they were not reached; means over pairs in which the \
                  figure exists on both sides. Clear of noise: after Holm's correction over all rows of all variants that \
                  are not the same in every pair."
        .to_owned();
    table
}

/// The page of a comparison.
pub fn comparison_page(told: &Compared<'_>, chart: &BatchChart, headline: Option<&BatchChart>) -> BatchPage {
    let mut page = told.made.page("Comparison");
    page.sentences = findings(told);
    let tables = (0..told.variants.len()).map(|variant| table(told, variant)).collect();
    page.sections.push(section(chart, "What changes", Vec::new(), tables));
    if let Some(chart) = headline {
        let mut table =
            PageTable::new("The headline over the replications", &["Variant", "Mean, cut at the horizon"]);
        for (variant, words) in told.variants.iter().enumerate() {
            if let Some(d) = told.comparison.figure(variant, told.headline) {
                if table.rows.is_empty() {
                    table.rows.push(vec!["as it is".to_owned(), size(&d.kind, d.base_mean)]);
                }
                table.rows.push(vec![words.name.clone(), size(&d.kind, d.variant_mean)]);
            }
        }
        page.sections.push(section(chart, "The headline as a distribution", Vec::new(), vec![table]));
    }
    let mut changes = PageTable::new("What each variant changes in the document", &["Variant", "Change"]);
    for (words, lines) in told.variants.iter().zip(told.diffs) {
        let lines = if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") };
        changes.rows.push(vec![capital(&words.name), lines]);
    }
    page.sections.push(PageSection {
        id: "variants".to_owned(),
        heading: "The variants".to_owned(),
        tables: vec![changes],
        ..PageSection::default()
    });
    page
}

/// The finding as sentences, then the differences that are clear of noise, line by line.
pub fn told_on_terminal(told: &Compared<'_>, width: usize) -> String {
    let mut text = format!("{}\n", told.made.title());
    text.push_str("A simulation, not a forecast.\n\n");
    for variant in 0..told.variants.len() {
        let sentences = of_variant(told, variant).join(" ");
        text.push_str(&super::words::wrap(&sentences, width, ""));
        text.push_str("\n\n");
        text.push_str(&lines(told, variant, width));
    }
    text
}

/// So many lines of a variant's differences go to the terminal.
const MOST_LINES: usize = 14;

/// The differences of a variant that are clear of noise, a line each.
fn lines(told: &Compared<'_>, variant: usize, width: usize) -> String {
    let mut rows: Vec<&Difference> = told.comparison.of(variant).filter(|d| d.clear).collect();
    rows.sort_by(|a, b| b.paired.t.abs().total_cmp(&a.paired.t.abs()));
    let more = rows.len().saturating_sub(MOST_LINES);
    rows.truncate(MOST_LINES);
    let right: Vec<String> = rows.iter().map(|d| told_amount(d)).collect();
    let room = right.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let longest = rows.iter().map(|d| d.title.chars().count()).max().unwrap_or(0);
    let left = width.saturating_sub(room + 4).clamp(20, longest.max(20));
    let mut text = String::new();
    for (d, right) in rows.iter().zip(&right) {
        let title: String = if d.title.chars().count() > left {
            d.title.chars().take(left - 1).chain(['…']).collect()
        } else {
            d.title.clone()
        };
        text.push_str(&format!("  {title:<left$}  {right}\n"));
    }
    if more > 0 {
        text.push_str(&format!("  and {more} more, in differences.csv\n"));
    }
    if !rows.is_empty() {
        text.insert_str(0, "Clear of noise:\n");
        text.push('\n');
    }
    text
}
