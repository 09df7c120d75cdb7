//! `compare`: what a change of the document changes in the results, with common random numbers.
//!
//! A batch of the document as it is and of each variant, whose results are then held against each other.

use serde_json::{Value, json};

use super::args::{CompareArgs, ListFormat};
use super::batch::{
    self, Header, HeaderRange, Purpose, Request, Told, complete, finish_shard, is_complete, make, told,
    write_parts,
};
use super::failure::Failure;
use super::folder::SUMMARY;
use super::model::{Prepared, prepare};
use super::several::{base, on_threads, with_fields, write_chart};
use super::term;
use crate::analysis::comparison::{Comparison, Difference, FigureColumn, OverRanges, compare, over_ranges};
use crate::des::{NameHash, Streams};
use crate::document::Change;
use crate::experiment::{
    AS_IT_IS, Plan, Range, Results, Shard, Store, Variant, Variants, acted, columns, ranges,
};
use crate::export;
use crate::model::{Model, ParamId};
use crate::report::{
    BatchChart, Compared, Distribution, Made, VariantWords, batch_page, comparison_page, differences_chart,
    distribution_chart, findings, lead, told_on_terminal,
};
use crate::stats::{design, dkw_half_height, ecdf, quantile_type1};

/// Level of all intervals.
pub(super) const CONFIDENCE: f64 = 0.95;
/// Replications in which is looked which parameters act.
pub(super) const LOOKED: u64 = 20;
/// Replications where nothing says how many.
const REPLICATIONS: u64 = 200;

pub(crate) fn run(args: &CompareArgs) -> Result<(), Failure> {
    let several = &args.several;
    let shard = args.shard.unwrap_or(Shard::ALL);
    if several.precision.is_some() && (shard != Shard::ALL || args.over_ranges.is_some()) {
        return Err(Failure::usage(
            "`--precision` looks at all replications of the comparison itself, so it goes with neither `--shard` nor \
             `--over-ranges`",
        )
        .hint("give `--replications` instead"));
    }
    let prepared = prepare(&args.scenario, &args.changes)?;
    let model = &prepared.model;
    let asked = asked(args)?;
    let replications = several.replications(args.replications, REPLICATIONS);
    let moved = match args.over_ranges {
        Some(points) => Moved::plan(args, &prepared, replications, points)?,
        None => Moved::default(),
    };
    let variants = variants(&prepared, asked, &moved);
    let compared = variants.list().len() / (moved.points.len() + 1) - 1;
    let plan = Plan {
        seed: several.seed,
        replications,
        variants: variants.list().len(),
        points: Some((compared + 1, moved.replications)),
        shard,
    };
    let mut header = Header::new(&model.meta.name, &model.meta.title, &plan, &variants);
    let range = |r: &Range| HeaderRange {
        parameter: r.name.clone(),
        low: r.text(r.low),
        high: r.text(r.high),
        basis: r.basis.to_owned(),
    };
    header.purpose = Some(Purpose::Comparison {
        variants: compared,
        at_points: moved.replications,
        ranges: moved.ranges.iter().map(range).collect(),
    });
    let goal = several.goal(&mut header, &[], model, true)?;
    let request = Request {
        header,
        variants,
        what: Some("compare"),
        out: several.out.clone(),
        force: several.force,
        resume: several.resume,
        threads: several.threads,
        goal,
    };
    if several.resume && is_complete(&request)? {
        term::note("nothing to resume: the comparison is complete");
        return Ok(());
    }
    let made = make(request)?;
    if shard != Shard::ALL {
        return finish_shard(&made);
    }
    finish(made, several.format)
}

/// Works out the differences of a batch that was made for a comparison, and writes all files.
///
/// # Errors
/// A file cannot be written; the replications are then kept.
pub(super) fn finish(made: batch::Made, format: ListFormat) -> Result<(), Failure> {
    let ((text, summary), path) = complete(made, write)?;
    if format == ListFormat::Json {
        return term::result(&summary);
    }
    term::result(&format!(
        "{text}\nWritten to {}: report.html, differences.csv, results.parquet, runs.parquet, summary.json and charts.\n",
        path.display()
    ))
}

/// The variants as typed.
fn asked(args: &CompareArgs) -> Result<Vec<(String, Vec<Change>)>, Failure> {
    let mut all: Vec<(String, Vec<Change>)> = Vec::new();
    for text in &args.variant {
        let changes =
            Change::parse_list(text).map_err(|error| Failure::usage(format!("`--variant`: {error}")))?;
        if changes.is_empty() {
            return Err(Failure::usage("`--variant` is empty").hint("e.g. `--variant \"with blueprint\"`"));
        }
        let name = text.trim().to_owned();
        if all.iter().any(|known| known.0 == name) || name == AS_IT_IS {
            return Err(Failure::usage(format!("`--variant {name}` is given twice")));
        }
        all.push((name, changes));
    }
    Ok(all)
}

/// A variant as it is told.
fn in_words(variant: &Variant) -> VariantWords {
    let mut words = VariantWords { name: variant.name.clone(), ..VariantWords::default() };
    for change in &variant.changes {
        match change {
            Change::With(element) => words.with.push(element.clone()),
            Change::Without(element) => words.without.push(element.clone()),
            Change::Set { name, value } => words.set.push((name.clone(), value.clone())),
            Change::Over(_) => {}
        }
    }
    words
}

/// The document as it is, the variants, then both again at each point of the ranges.
fn variants(prepared: &Prepared, asked: Vec<(String, Vec<Change>)>, moved: &Moved) -> Variants {
    let all = |at: &[Change], suffix: &str| {
        let of = |name: &str, own: &[Change]| Variant {
            name: format!("{name}{suffix}"),
            base: 0,
            // What the variant says wins over the point.
            changes: at.iter().chain(own).cloned().collect(),
        };
        std::iter::once(of(AS_IT_IS, &[]))
            .chain(asked.iter().map(|(name, changes)| of(name, changes)))
            .collect::<Vec<Variant>>()
    };
    let mut list = all(&[], "");
    for (point, changes) in moved.points.iter().enumerate() {
        list.extend(all(changes, &format!(" at point {}", point + 1)));
    }
    Variants::new(vec![base(prepared)], list)
}

/// What each variant changes in the document, line by line.
fn diffs(made: &batch::Made, tellings: &[Told]) -> Vec<Vec<String>> {
    let in_use = |line: &&String| !line.starts_with("with: ") && !line.starts_with("without: ");
    let base = tellings.first().map(|telling| elements(&telling.model));
    (1..made.n_main())
        .map(|variant| match tellings.get(variant) {
            Some(telling) => {
                // An element that was on already, or off, is a line in the document and no change.
                let same_elements = base.as_ref() == Some(&elements(&telling.model));
                let lines = telling.results.differences.iter();
                lines.filter(|line| !same_elements || in_use(line)).cloned().collect()
            }
            // Of so many variants not all documents are told.
            None => made.variants.list()[variant].changes.iter().map(ToString::to_string).collect(),
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
    fn new(model: &Model, made: &batch::Made<impl Store>) -> Result<Measured, Failure> {
        let results = made.results();
        let n = made.n_main() - 1;
        let comparison = comparison(model, made, &results, 0, n)?;
        let headline = headline(model, &comparison);
        let position = model.milestones.iter().position(|m| m.name == headline);
        let distributions = match position {
            Some(position) => {
                let mut curves = Vec::new();
                let mut origin = None;
                for (variant, of) in made.variants.list()[..=n].iter().enumerate() {
                    let outcomes =
                        results.milestone(variant, position).map_err(|f| told(&made.variants, f))?;
                    origin = origin.or_else(|| common(&outcomes.origin_us));
                    let latencies = (0..outcomes.len()).map(|r| outcomes.latency_us(r));
                    let started = outcomes.origin_us.iter().flatten().count();
                    curves.push(distribution(
                        &of.name,
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
    made: &batch::Made<impl Store>,
    results: &Results<'_>,
    from: usize,
    n: usize,
) -> Result<Comparison, Failure> {
    let of = |variant: usize| -> Result<Vec<FigureColumn>, Failure> {
        columns(results, model, variant).map_err(|failure| told(&made.variants, failure))
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
    fn plan(
        args: &CompareArgs,
        prepared: &Prepared,
        replications: u64,
        points: u32,
    ) -> Result<Moved, Failure> {
        let (model, seed) = (&prepared.model, args.several.seed);
        let looked = LOOKED.min(replications);
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
        let at_points = (replications / 4).clamp(10.min(replications), replications);
        Ok(Moved { points: design.iter().map(at).collect(), ranges, replications: at_points })
    }
}

/// How the difference of each variant fares at the points over the ranges.
fn over_the_ranges(
    model: &Model,
    made: &batch::Made<impl Store>,
    at_points: u64,
    measured: &Measured,
) -> Result<Vec<OverRanges>, Failure> {
    let n = made.n_main() - 1;
    let points = made.variants.list().len() / (n + 1) - 1;
    if points == 0 {
        return Ok(Vec::new());
    }
    let results = Results::new(&made.variants, &made.journal, at_points);
    let mut found: Vec<Vec<Option<Difference>>> = vec![Vec::new(); n];
    for point in 0..points {
        let at = comparison(model, made, &results, (n + 1) * (point + 1), n)?;
        for (variant, found) in found.iter_mut().enumerate() {
            let name = lead(model, &measured.comparison, &measured.headline, variant);
            found.push(name.and_then(|lead| at.figure(variant, &lead.name).cloned()));
        }
    }
    let judged = found.iter().enumerate().map(|(variant, points)| {
        let base = lead(model, &measured.comparison, &measured.headline, variant);
        base.map_or_else(OverRanges::default, |base| over_ranges(base, points))
    });
    Ok(judged.collect())
}

/// Random words for a design: keyed, so that the same seed gives the same design.
pub(super) fn design_words(seed: u64, what: &str) -> impl Iterator<Item = u64> {
    Streams::new(seed, 0).key(NameHash::of("experiment"), NameHash::of(what)).sub_stream(0, 0)
}

/// Puts what the comparison found into the summary of the batch.
fn summary(told: &Compared<'_>, of_batch: &[u8], ranges: &[HeaderRange], at_points: u64) -> Vec<u8> {
    let names: Vec<String> = told.variants.iter().map(|variant| variant.name.clone()).collect();
    let body = export::comparison_json(
        &names,
        told.diffs,
        &findings(told),
        told.headline,
        told.comparison,
        told.over_ranges,
    );
    let ranged: Vec<Value> = ranges
        .iter()
        .map(|r| json!({"parameter": r.parameter, "low": r.low, "high": r.high, "basis": r.basis}))
        .collect();
    with_fields(
        of_batch,
        json!({
            "kind": "comparison",
            "comparison": body,
            "ranges": ranged,
            "replications_at_each_point": at_points,
        }),
    )
}

/// The charts of a comparison that was made before: the differences, and the headline as a distribution.
///
/// # Errors
/// The results cannot be read, or a chart cannot be drawn.
pub(super) fn chart_again(
    made: &batch::Made<impl Store>,
    title: Option<&str>,
    of_headline: bool,
) -> Result<Option<BatchChart>, Failure> {
    let Some(Purpose::Comparison { at_points, ranges, .. }) = &made.header.purpose else { return Ok(None) };
    let broken = |error: &dyn std::fmt::Display| Failure::wrong(format!("cannot draw the chart: {error}"));
    let model = made.variants.model(0).map_err(|failure| told(&made.variants, failure))?;
    let measured = Measured::new(&model, made)?;
    let how = Made { title, ..made.how(&model) };
    if of_headline {
        let Some((position, curves, origin)) = &measured.distributions else { return Ok(None) };
        let chart = distribution_chart(&how, *position, curves, *origin, false, 0);
        return chart.map(Some).map_err(|error| broken(&error));
    }
    let over = over_the_ranges(&model, made, *at_points, &measured)?;
    let words: Vec<VariantWords> = made.variants.list()[1..made.n_main()].iter().map(in_words).collect();
    let of = |variant: &Variant| variant.changes.iter().map(ToString::to_string).collect();
    let diffs: Vec<Vec<String>> = made.variants.list()[1..made.n_main()].iter().map(of).collect();
    let told = Compared {
        made: how,
        variants: &words,
        diffs: &diffs,
        comparison: &measured.comparison,
        headline: &measured.headline,
        over_ranges: &over,
        moved: (!over.is_empty()).then_some((ranges.len(), *at_points)),
    };
    differences_chart(&told).map(Some).map_err(|error| broken(&error))
}

/// Writes all files; returns what goes to the terminal, as text and as JSON.
fn write(made: &batch::Made) -> Result<(String, String), Failure> {
    let broken = |error: &dyn std::fmt::Display| Failure::wrong(format!("cannot draw the chart: {error}"));
    let (at_points, ranges) = match &made.header.purpose {
        Some(Purpose::Comparison { at_points, ranges, .. }) => (*at_points, ranges.as_slice()),
        _ => (0, &[][..]),
    };
    let mut folder = made.folder.again();
    let (tellings, of_batch) = write_parts(made, &mut folder)?;
    let model = &tellings[0].model;
    let measured = Measured::new(model, made)?;
    let over = over_the_ranges(model, made, at_points, &measured)?;
    let words: Vec<VariantWords> = made.variants.list()[1..made.n_main()].iter().map(in_words).collect();
    let diffs = diffs(made, &tellings);
    let told = Compared {
        made: made.how(model),
        variants: &words,
        diffs: &diffs,
        comparison: &measured.comparison,
        headline: &measured.headline,
        over_ranges: &over,
        moved: (!over.is_empty()).then_some((ranges.len(), at_points)),
    };
    let summary = summary(&told, &of_batch, ranges, at_points);
    folder.write(SUMMARY, |out| Ok(out.write_all(&summary)?))?;
    let names: Vec<String> = words.iter().map(|variant| variant.name.clone()).collect();
    folder.write("differences.csv", |out| export::write_differences(&names, told.comparison, out))?;
    let chart = differences_chart(&told).map_err(|error| broken(&error))?;
    write_chart(&mut folder, &chart)?;
    let headline = match &measured.distributions {
        Some((position, curves, origin)) => {
            let chart = distribution_chart(&told.made, *position, curves, *origin, false, 0)
                .map_err(|error| broken(&error))?;
            write_chart(&mut folder, &chart)?;
            Some(chart)
        }
        None => None,
    };
    let mut page = comparison_page(&told, &chart, headline.as_ref());
    let mut text = told_on_terminal(&told, term::width());
    if let Some(looked) = &made.looked {
        let precision = format!("Precision of the differences: {}.", looked.line(made.n));
        text.push_str(&format!("{precision}\n"));
        page.sentences.push(precision);
    }
    let html =
        batch_page(&page).map_err(|error| Failure::wrong(format!("cannot make the report: {error}")))?;
    folder.write("report.html", |out| Ok(out.write_all(html.as_bytes())?))?;
    folder.finish()?;
    Ok((text, String::from_utf8_lossy(&summary).into_owned()))
}
