//! `compare`: what a change of the document changes in the results, with common random numbers.

use serde_json::{Value, json};

use super::args::{CompareArgs, ListFormat, SeveralArgs};
use super::failure::Failure;
use super::folder::{Folder, Place, SUMMARY};
use super::model::{Prepared, prepare};
use super::several::{Work, base, on_threads, words, write_chart};
use super::term;
use crate::analysis::comparison::{Comparison, Difference, FigureColumn, OverRanges, compare, over_ranges};
use crate::des::{NameHash, Streams};
use crate::document::{Change, SourceMap, print};
use crate::experiment::{MemoryStore, Range, Results, Variant, Variants, acted, columns, ranges};
use crate::export;
use crate::model::{Model, ParamId};
use crate::report::{
    Compared, Distribution, Made, VariantWords, batch_page, comparison_page, differences_chart,
    distribution_chart, findings, lead, told_on_terminal,
};
use crate::stats::{design, dkw_half_height, ecdf, quantile_type1};

/// Level of all intervals.
pub(super) const CONFIDENCE: f64 = 0.95;
/// Replications in which is looked which parameters act.
pub(super) const LOOKED: u64 = 20;
/// The variant that is the document as it is.
const BASE: &str = "as it is";

pub(crate) fn run(args: &CompareArgs) -> Result<(), Failure> {
    let prepared = prepare(&args.scenario, &args.changes)?;
    let model = &prepared.model;
    let asked = asked(args)?;
    let SeveralArgs { seed, threads, ref out, force, format } = args.several;
    let place = out.clone().map_or(Place::DefaultOf("compare"), Place::Given);
    let mut folder = Folder::open(&place, &model.meta.name, seed, force)?;

    let moved = match args.over_ranges {
        Some(points) => Moved::plan(args, &prepared, seed, points)?,
        None => Moved::default(),
    };
    let variants = variants(&prepared, &asked, &moved);
    let n = asked.len();
    let diffs = diffs(&variants, n)?;
    let work = Work {
        variants: &variants,
        seed,
        parts: vec![(0, n + 1, args.replications), (n + 1, variants.list().len(), moved.replications)],
        threads,
    };
    term::note(&format!("{} runs: {} variants, {} replications each", work.runs(), n + 1, args.replications));
    let store = work.make()?;
    let told = Measured::new(model, &variants, &store, args.replications, n)?;
    let over = moved.judge(model, &variants, &store, &told, n)?;

    let made = Made { model, seed, replications: args.replications, version: env!("CARGO_PKG_VERSION") };
    let compared = Compared {
        made,
        variants: &asked,
        diffs: &diffs,
        comparison: &told.comparison,
        headline: &told.headline,
        over_ranges: &over,
        moved: (!moved.ranges.is_empty()).then_some((moved.ranges.len(), moved.replications)),
    };
    write(&compared, &told, &prepared, &moved, &mut folder)?;
    let path = folder.finish()?;
    let text = if format == ListFormat::Json {
        let value = summary(&compared, &prepared, &moved);
        serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
    } else {
        format!(
            "{}\nWritten to {}: report.html, differences.csv, summary.json and charts.\n",
            told_on_terminal(&compared, term::width()),
            path.display()
        )
    };
    term::result(&text)
}

/// The variants as typed.
fn asked(args: &CompareArgs) -> Result<Vec<VariantWords>, Failure> {
    let mut all: Vec<VariantWords> = Vec::new();
    for text in &args.variant {
        let changes =
            Change::parse_list(text).map_err(|error| Failure::usage(format!("`--variant`: {error}")))?;
        if changes.is_empty() {
            return Err(Failure::usage("`--variant` is empty").hint("e.g. `--variant \"with blueprint\"`"));
        }
        let mut variant = VariantWords { name: text.trim().to_owned(), ..VariantWords::default() };
        for change in changes {
            match change {
                Change::With(element) => variant.with.push(element),
                Change::Without(element) => variant.without.push(element),
                Change::Set { name, value } => variant.set.push((name, value)),
                Change::Over(_) => {}
            }
        }
        if all.iter().any(|known| known.name == variant.name) || variant.name == BASE {
            return Err(Failure::usage(format!("`--variant {}` is given twice", variant.name)));
        }
        all.push(variant);
    }
    Ok(all)
}

/// The changes of a variant.
fn changes(words: &VariantWords) -> Vec<Change> {
    let with = words.with.iter().cloned().map(Change::With);
    let without = words.without.iter().cloned().map(Change::Without);
    let set = words.set.iter().map(|(name, value)| Change::Set { name: name.clone(), value: value.clone() });
    with.chain(without).chain(set).collect()
}

/// The document as it is, the variants, then both again at each point of the ranges.
fn variants(prepared: &Prepared, asked: &[VariantWords], moved: &Moved) -> Variants {
    let all = |at: &[Change], suffix: &str| {
        let of = |name: &str, own: Vec<Change>| Variant {
            name: format!("{name}{suffix}"),
            base: 0,
            // What the variant says wins over the point.
            changes: at.iter().cloned().chain(own).collect(),
        };
        std::iter::once(of(BASE, Vec::new()))
            .chain(asked.iter().map(|words| of(&words.name, changes(words))))
            .collect::<Vec<Variant>>()
    };
    let mut list = all(&[], "");
    for (point, changes) in moved.points.iter().enumerate() {
        list.extend(all(changes, &format!(" at point {}", point + 1)));
    }
    Variants::new(vec![base(prepared)], list)
}

/// What each variant changes in the document, line by line; tells all that is wrong with one.
fn diffs(variants: &Variants, n: usize) -> Result<Vec<Vec<String>>, Failure> {
    (1..=n)
        .map(|variant| {
            let mut sources = SourceMap::new();
            let ready = variants.prepare(variant, &mut sources).map_err(|errors| {
                term::note(&format!("the variant `{}` cannot be run:", variants.list()[variant].name));
                Failure::documents(&errors, &sources)
            })?;
            let in_use = |line: &String| !line.starts_with("with: ") && !line.starts_with("without: ");
            let lines: Vec<String> =
                ready.diff(variants.base(variant)).iter().map(ToString::to_string).collect();
            // An element that was on already, or off, is a line in the document and no change.
            let base = variants.model(0).map_err(|failure| words(failure, variants))?;
            let same_elements = elements(&base) == elements(&ready.model);
            Ok(lines.into_iter().filter(|line| !same_elements || in_use(line)).collect())
        })
        .collect()
}

/// Which elements are in force, when and where.
fn elements(model: &Model) -> Vec<String> {
    model.elements.iter().map(|element| format!("{element:?}")).collect()
}

/// What was measured.
struct Measured {
    comparison: Comparison,
    /// Name of the figure of the first sentence.
    headline: String,
    /// Position of the headline among the milestones, with its distributions.
    distributions: Option<(usize, Vec<Distribution>, Option<u64>)>,
}

impl Measured {
    fn new(
        model: &Model,
        variants: &Variants,
        store: &MemoryStore,
        replications: u64,
        n: usize,
    ) -> Result<Measured, Failure> {
        let results = Results::new(variants, store, replications);
        let comparison = comparison(model, variants, &results, 0, n)?;
        let headline = headline(model, &comparison);
        let position = model.milestones.iter().position(|m| m.name == headline);
        let distributions = match position {
            Some(position) => {
                let names =
                    std::iter::once(BASE).chain(variants.list()[1..=n].iter().map(|v| v.name.as_str()));
                let mut curves = Vec::new();
                let mut origin = None;
                for (variant, name) in names.enumerate() {
                    let outcomes = results.milestone(variant, position).map_err(|f| words(f, variants))?;
                    origin = origin.or_else(|| common(&outcomes.origin_us));
                    let latencies = (0..outcomes.len()).map(|r| outcomes.latency_us(r));
                    let started = outcomes.origin_us.iter().flatten().count();
                    curves.push(distribution(
                        name,
                        latencies.map(|us| us.map(|us| us as f64 / 3.6e9)),
                        started,
                    ));
                }
                Some((position, curves, origin))
            }
            None => None,
        };
        Ok(Measured { comparison, headline, distributions })
    }
}

/// The one value that all have, if there is one.
fn common(values: &[Option<u64>]) -> Option<u64> {
    let first = (*values.first()?)?;
    values.iter().all(|value| *value == Some(first)).then_some(first)
}

/// The distribution of latencies (h); none: not reached.
pub(crate) fn distribution(
    name: &str,
    latencies: impl Iterator<Item = Option<f64>>,
    started: usize,
) -> Distribution {
    let all: Vec<f64> = latencies.map(|latency| latency.unwrap_or(f64::INFINITY)).collect();
    let mut sample: Vec<f64> = all.clone();
    // Those whose clock never started are no replications of this milestone.
    sample.sort_by(f64::total_cmp);
    sample.truncate(started);
    Distribution {
        variant: name.to_owned(),
        latencies: all.into_iter().filter(|latency| latency.is_finite()).collect(),
        n: started,
        half_height: dkw_half_height(started, CONFIDENCE).unwrap_or(0.0),
        median: quantile_type1(&sample, 0.5).filter(|median| median.is_finite()),
        steps: ecdf(&sample),
    }
}

/// The comparison of `n` variants after the one at `from`.
fn comparison(
    model: &Model,
    variants: &Variants,
    results: &Results<'_>,
    from: usize,
    n: usize,
) -> Result<Comparison, Failure> {
    let of = |variant: usize| -> Result<Vec<FigureColumn>, Failure> {
        columns(results, model, variant).map_err(|failure| words(failure, variants))
    };
    let others = (from + 1..=from + n).map(of).collect::<Result<Vec<_>, Failure>>()?;
    Ok(compare(&of(from)?, &others, CONFIDENCE))
}

/// The milestone that the document has in its headline, if anything is to be said of it; else what differs most.
fn headline(model: &Model, comparison: &Comparison) -> String {
    let own = model.meta.headline_milestone.map(|m| model.milestones[m.index()].name.clone());
    let can = |name: &String| comparison.differences.iter().any(|d| d.name == *name);
    let most = || {
        let differing = comparison.differences.iter().filter(|d| !d.same);
        let strongest = differing.max_by(|a, b| a.paired.t.abs().total_cmp(&b.paired.t.abs()));
        strongest.or(comparison.differences.first()).map(|d| d.name.clone())
    };
    own.filter(can).or_else(most).unwrap_or_default()
}

/// The points over the ranges of the parameters.
#[derive(Default)]
struct Moved {
    ranges: Vec<Range>,
    points: Vec<Vec<Change>>,
    replications: u64,
}

impl Moved {
    /// A Latin hypercube over the ranges of all parameters that acted and are not read in a source.
    fn plan(args: &CompareArgs, prepared: &Prepared, seed: u64, points: u32) -> Result<Moved, Failure> {
        let model = &prepared.model;
        let looked = LOOKED.min(args.replications);
        let found: Vec<ParamId> = on_threads(args.several.threads, || acted(model, seed, looked))?;
        let guessed: Vec<ParamId> =
            found.into_iter().filter(|id| model.params[id.index()].basis.class() != "read").collect();
        let ranges = ranges(model, &prepared.tree, &guessed);
        if ranges.is_empty() {
            return Err(Failure::wrong("no parameter that acted has a range and is not read in a source")
                .hint("give parameters a `range`, or leave `--over-ranges` out"));
        }
        let mut words = design_words(seed, "over-ranges");
        let design = design::latin_hypercube(points as usize, ranges.len(), &mut words).unwrap_or_default();
        let at = |point: &Vec<f64>| {
            ranges.iter().zip(point).map(|(range, share)| range.change(range.value(*share))).collect()
        };
        // A quarter of the replications, so that the points cost a few times the comparison itself.
        let replications = (args.replications / 4).clamp(10.min(args.replications), args.replications);
        Ok(Moved { points: design.iter().map(at).collect(), ranges, replications })
    }

    fn judge(
        &self,
        model: &Model,
        variants: &Variants,
        store: &MemoryStore,
        told: &Measured,
        n: usize,
    ) -> Result<Vec<OverRanges>, Failure> {
        if self.points.is_empty() {
            return Ok(Vec::new());
        }
        let results = Results::new(variants, store, self.replications);
        let mut found: Vec<Vec<Option<Difference>>> = vec![Vec::new(); n];
        for point in 0..self.points.len() {
            let at = comparison(model, variants, &results, (n + 1) * (point + 1), n)?;
            for (variant, found) in found.iter_mut().enumerate() {
                let name =
                    lead(model, &told.comparison, &told.headline, variant).map(|lead| lead.name.as_str());
                found.push(name.and_then(|name| at.figure(variant, name).cloned()));
            }
        }
        let judged = found.iter().enumerate().map(|(variant, points)| {
            let base = lead(model, &told.comparison, &told.headline, variant);
            base.map_or_else(OverRanges::default, |base| over_ranges(base, points))
        });
        Ok(judged.collect())
    }
}

/// Random words for a design: keyed, so that the same seed gives the same design.
pub(super) fn design_words(seed: u64, what: &str) -> impl Iterator<Item = u64> {
    Streams::new(seed, 0).key(NameHash::of("experiment"), NameHash::of(what)).sub_stream(0, 0)
}

fn summary(told: &Compared<'_>, prepared: &Prepared, moved: &Moved) -> Value {
    let names: Vec<String> = told.variants.iter().map(|variant| variant.name.clone()).collect();
    let findings = findings(told);
    let body = export::comparison_json(
        &names,
        told.diffs,
        &findings,
        told.headline,
        told.comparison,
        told.over_ranges,
    );
    let ranged: Vec<Value> = moved
        .ranges
        .iter()
        .map(|r| json!({"parameter": r.name, "low": r.text(r.low), "high": r.text(r.high), "basis": r.basis}))
        .collect();
    json!({
        "format": 1,
        "program": env!("CARGO_PKG_NAME"),
        "version": told.made.version,
        "simulation": true,
        "kind": "comparison",
        "scenario": prepared.model.meta.name,
        "seed": told.made.seed,
        "replications": told.made.replications,
        "changes": prepared.changes,
        "comparison": body,
        "ranges": ranged,
        "replications_at_each_point": moved.replications,
    })
}

fn write(
    told: &Compared<'_>,
    measured: &Measured,
    prepared: &Prepared,
    moved: &Moved,
    folder: &mut Folder,
) -> Result<(), Failure> {
    let broken = |error: &dyn std::fmt::Display| Failure::wrong(format!("cannot draw the chart: {error}"));
    let names: Vec<String> = told.variants.iter().map(|variant| variant.name.clone()).collect();
    let document = print::pretty(&prepared.tree);
    folder.write("model.ron", |out| Ok(out.write_all(document.as_bytes())?))?;
    let summary = summary(told, prepared, moved);
    folder.write(SUMMARY, |out| {
        serde_json::to_writer_pretty(&mut *out, &summary)?;
        Ok(out.write_all(b"\n")?)
    })?;
    folder.write("differences.csv", |out| export::write_differences(&names, told.comparison, out))?;
    let chart = differences_chart(told).map_err(|error| broken(&error))?;
    write_chart(folder, &chart)?;
    let headline = match &measured.distributions {
        Some((position, curves, origin)) => {
            let chart =
                distribution_chart(&told.made, *position, curves, *origin).map_err(|error| broken(&error))?;
            write_chart(folder, &chart)?;
            Some(chart)
        }
        None => None,
    };
    let page = comparison_page(told, &chart, headline.as_ref());
    let html =
        batch_page(&page).map_err(|error| Failure::wrong(format!("cannot make the report: {error}")))?;
    folder.write("report.html", |out| Ok(out.write_all(html.as_bytes())?))
}
