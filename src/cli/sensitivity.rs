//! `sensitivity`: which parameter matters, over the plausible ranges of the ledger.
//!
//! A batch whose variants are the points of a design. Shares of variance take two: what a screen keeps is known only
//! when it is over, and stands in the header of the batch that takes its place.

mod again;

use std::path::Path;

use serde_json::{Value, json};

pub(super) use again::chart_again;
use again::estimates;

use super::args::{ListFormat, MethodName, SensitivityArgs};
use super::batch::{self, Header, Journal, Purpose, Request, complete, is_complete, make, told, write_parts};
use super::compare::{CONFIDENCE, LOOKED, design_words};
use super::failure::Failure;
use super::folder::SUMMARY;
use super::model::{Prepared, prepare};
use super::several::{base, on_threads, with_fields, write_chart};
use super::term;
use crate::analysis::comparison::{FigureColumn, FigureKind};
use crate::analysis::influence::{Estimate, FigureInfluences, Influence, MovedParameter};
use crate::document::{Change, nearest};
use crate::experiment::{self, AS_IT_IS, Range, Shard, Variant, Variants, acted, columns, ranges};
use crate::export;
use crate::report::{
    Influences, Method, batch_page, influence_chart, influence_findings, influence_on_terminal,
    influence_page,
};
use crate::stats::Paired;
use crate::stats::sensitivity::{Index, Morris, SobolPlan, swings};

/// Replications at each point where nothing says how many.
const REPLICATIONS: u64 = 20;
/// Figures beside the headline milestone, one for each objective: response, awareness, public communication.
const OBJECTIVES: [&str; 3] = ["impact_hours", "awareness_lag_hours", "statements_uncoordinated"];
/// Levels of the grid of elementary effects.
const LEVELS: usize = 4;
/// Independent randomisations of the design for shares of variance.
const BLOCKS: usize = 8;

pub(crate) fn run(args: &SensitivityArgs) -> Result<(), Failure> {
    let prepared = prepare(&args.scenario, &args.changes)?;
    let model = &prepared.model;
    let many = &args.several;
    let replications = many.replications(args.replications, REPLICATIONS);
    let looked = LOOKED.min(replications);
    let found = on_threads(many.threads, || acted(model, many.seed, looked))?;
    let all = ranges(model, &prepared.tree, &found);
    if all.is_empty() {
        return Err(Failure::wrong("no parameter that acted has a range")
            .hint("give the parameters of the document a `range`; `check --ledger` shows which have one"));
    }
    let study = Study { args, prepared: &prepared, names: figures(args, &prepared)?, replications };
    let Some(Done { made, kept, plan }) = study.carry_out(&all)? else {
        term::note("nothing to resume: the analysis is complete");
        return Ok(());
    };
    let screened_out = all.len() - kept.len();
    let ((text, summary), path) = complete(made, |made| study.write(made, &kept, screened_out, &plan))?;
    if many.format == ListFormat::Json {
        return term::result(&summary);
    }
    term::result(&format!(
        "{text}\nWritten to {}: report.html, sensitivity.csv, results.parquet, runs.parquet, summary.json and charts.\n",
        path.display()
    ))
}

/// What a design is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Tornado,
    Morris,
    /// A few trajectories that say which parameters are worth shares of variance.
    Screen,
    Shares,
}

/// A design: where the model is run, and how the results are read.
struct Plan {
    stage: Stage,
    /// The points after the document as it is.
    points: Vec<Vec<Change>>,
    effects: Option<Morris>,
    shares: Option<SobolPlan>,
    /// Of shares of variance: the identity of the screen before, and the parameters that it kept.
    screen: Option<(String, Vec<String>)>,
}

/// A design with its results.
struct Done {
    made: batch::Made,
    /// The parameters that were moved.
    kept: Vec<Range>,
    plan: Plan,
}

struct Study<'a> {
    args: &'a SensitivityArgs,
    prepared: &'a Prepared,
    /// Figures of interest.
    names: Vec<String>,
    replications: u64,
}

impl Study<'_> {
    /// The first design.
    fn plan(&self, all: &[Range]) -> Result<Plan, Failure> {
        let trajectories = self.args.trajectories as usize;
        match self.args.method {
            MethodName::Tornado => {
                let ends = all
                    .iter()
                    .flat_map(|range| [range.low, range.high].map(|value| vec![range.change(value)]));
                let points = ends.collect();
                Ok(Plan { stage: Stage::Tornado, points, effects: None, shares: None, screen: None })
            }
            MethodName::Morris => self.effects(all, trajectories, Stage::Morris),
            MethodName::Sobol if all.len() > self.args.keep as usize => {
                self.effects(all, trajectories.min(4), Stage::Screen)
            }
            MethodName::Sobol => self.shares(all, None),
        }
    }

    fn effects(&self, all: &[Range], trajectories: usize, stage: Stage) -> Result<Plan, Failure> {
        let mut words = design_words(self.args.several.seed, "morris");
        let plan = Morris::new(all.len(), trajectories, LEVELS, &mut words).ok_or_else(too_large)?;
        let points = changes(all, plan.points());
        Ok(Plan { stage, points, effects: Some(plan), shares: None, screen: None })
    }

    fn shares(&self, kept: &[Range], screen: Option<(String, Vec<String>)>) -> Result<Plan, Failure> {
        let mut words = design_words(self.args.several.seed, "sobol");
        let plan =
            SobolPlan::new(kept.len(), self.args.rows, BLOCKS, false, &mut words).ok_or_else(too_large)?;
        let points = changes(kept, plan.points());
        Ok(Plan { stage: Stage::Shares, points, effects: None, shares: Some(plan), screen })
    }

    /// Makes the design, or what is missing of it; none: all of it is written already.
    fn carry_out(&self, all: &[Range]) -> Result<Option<Done>, Failure> {
        let many = &self.args.several;
        let plan = self.plan(all)?;
        let request = self.request(&plan, many.force, many.resume)?;
        let identity = request.header.identity();
        let folder = request.place().path(&request.header.name, request.header.seed);
        let screened = screened(&folder, &identity).filter(|_| many.resume);
        if many.resume && screened.is_none() && is_complete(&request)? {
            return Ok(None);
        }
        if plan.stage != Stage::Screen {
            return Ok(Some(Done { made: self.make(request, plan.stage)?, kept: all.to_vec(), plan }));
        }
        // Where shares of variance are under way, what the screen kept stands in their header.
        let resume = screened.is_some();
        let kept = match screened {
            Some(names) => all.iter().filter(|range| names.contains(&range.name)).cloned().collect(),
            None => {
                let made = self.make(request, plan.stage)?;
                made.folder.keep();
                self.worth_keeping(&self.found(&made, &plan, all)?, all)
            }
        };
        let names = kept.iter().map(|range| range.name.clone()).collect();
        let plan = self.shares(&kept, Some((identity, names)))?;
        // It takes the place of the screen.
        let made = self.make(self.request(&plan, !resume, resume)?, plan.stage)?;
        Ok(Some(Done { made, kept, plan }))
    }

    /// A batch of the document as it is and of every point; nothing of it is made yet.
    fn request(&self, plan: &Plan, force: bool, resume: bool) -> Result<Request, Failure> {
        let points = plan.points.iter().enumerate();
        let as_it_is = Variant { name: AS_IT_IS.to_owned(), base: 0, changes: Vec::new() };
        let point = |(i, changes): (usize, &Vec<Change>)| Variant {
            name: format!("point {}", i + 1),
            base: 0,
            changes: changes.clone(),
        };
        let list = std::iter::once(as_it_is).chain(points.map(point)).collect();
        let variants = Variants::new(vec![base(self.prepared)], list);
        let many = &self.args.several;
        let of = experiment::Plan {
            seed: many.seed,
            replications: self.replications,
            variants: variants.list().len(),
            points: None,
            shard: Shard::ALL,
        };
        let meta = &self.prepared.model.meta;
        let mut header = Header::new(&meta.name, &meta.title, &of, &variants);
        let method = match plan.stage {
            Stage::Tornado => "tornado".to_owned(),
            Stage::Morris => format!("morris, {} trajectories", self.args.trajectories),
            Stage::Screen => format!("screen for sobol, {} rows, {} kept", self.args.rows, self.args.keep),
            Stage::Shares => format!("sobol, {} rows, {} kept", self.args.rows, self.args.keep),
        };
        let figures = self.names.clone();
        header.purpose = Some(Purpose::Sensitivity { method, figures, screen: plan.screen.clone() });
        let goal = many.goal(&mut header, &self.names, &self.prepared.model, false)?;
        Ok(Request {
            header,
            variants,
            what: Some("sensitivity"),
            out: many.out.clone(),
            force,
            resume,
            threads: many.threads,
            goal,
        })
    }

    fn make(&self, request: Request, stage: Stage) -> Result<batch::Made, Failure> {
        let n = request.variants.list().len() as u64;
        term::note(&format!(
            "{}: {} runs, {n} points with {} replications each",
            match stage {
                Stage::Tornado => "one parameter at a time",
                Stage::Morris | Stage::Screen => "elementary effects",
                Stage::Shares => "shares of variance",
            },
            n * self.replications,
            self.replications
        ));
        make(request)
    }

    /// The figures at each point: `[point][figure]`, each over the replications. The first point is the document as
    /// it is.
    fn at(&self, made: &batch::Made) -> Result<Vec<Vec<FigureColumn>>, Failure> {
        let results = made.results();
        (0..made.variants.list().len())
            .map(|variant| {
                let all = columns(&results, &self.prepared.model, variant)
                    .map_err(|failure| told(&made.variants, failure))?;
                let named = |name: &String| all.iter().find(|column| column.name == *name).cloned();
                Ok(self.names.iter().filter_map(named).collect())
            })
            .collect()
    }

    /// What the design found of each figure.
    fn found(
        &self,
        made: &batch::Made,
        plan: &Plan,
        moved: &[Range],
    ) -> Result<Vec<FigureInfluences>, Failure> {
        let at = self.at(made)?;
        let rows = |figure: usize| match (&plan.effects, &plan.shares) {
            (Some(effects), _) => elementary_effects(effects, &means(&at, figure)),
            (_, Some(shares)) => shares_of_variance(shares, &means(&at, figure)),
            _ => one_at_a_time(&at, figure, moved.len()),
        };
        Ok((0..self.names.len()).map(|figure| influences(&at, figure, rows(figure))).collect())
    }

    /// The parameters that matter most for some figure.
    fn worth_keeping(&self, figures: &[FigureInfluences], all: &[Range]) -> Vec<Range> {
        let mut weight = vec![0.0_f64; all.len()];
        for figure in figures {
            let largest = figure.rows.first().map_or(0.0, |row| row.1.size());
            for (i, influence) in figure.rows.iter().filter(|_| largest > 0.0) {
                weight[*i] = weight[*i].max(influence.size() / largest);
            }
        }
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by(|a, b| weight[*b].total_cmp(&weight[*a]));
        order.truncate(self.args.keep as usize);
        order.sort_unstable();
        order.into_iter().map(|i| all[i].clone()).collect()
    }

    /// Writes all files; returns what goes to the terminal, as text and as JSON.
    fn write(
        &self,
        made: &batch::Made,
        kept: &[Range],
        screened_out: usize,
        plan: &Plan,
    ) -> Result<(String, String), Failure> {
        let broken = |what: &str, error: &dyn std::fmt::Display| {
            Failure::wrong(format!("cannot make the {what}: {error}"))
        };
        let figures = self.found(made, plan, kept)?;
        let parameters: Vec<MovedParameter> = kept.iter().map(in_words).collect();
        let told = Influences {
            made: made.how(&self.prepared.model),
            method: match self.args.method {
                MethodName::Tornado => Method::Tornado,
                MethodName::Morris => Method::Morris,
                MethodName::Sobol => Method::Sobol,
            },
            points: made.variants.list().len(),
            parameters: &parameters,
            screened_out,
            figures: &figures,
        };
        let mut folder = made.folder.again();
        let (_, of_batch) = write_parts(made, &mut folder)?;
        let asked = plan.screen.as_ref().map_or_else(|| made.header.identity(), |(screen, _)| screen.clone());
        let summary = summary(&told, &of_batch, &asked);
        folder.write(SUMMARY, |out| Ok(out.write_all(&summary)?))?;
        folder.write("sensitivity.csv", |out| export::write_sensitivity(&parameters, &figures, out))?;
        let mut charts = Vec::new();
        for (place, figure) in figures.iter().enumerate() {
            charts.push((place, influence_chart(&told, figure).map_err(|error| broken("chart", &error))?));
        }
        if let Some((_, chart)) = charts.first() {
            write_chart(&mut folder, chart)?;
        }
        let html = batch_page(&influence_page(&told, &charts)).map_err(|error| broken("report", &error))?;
        folder.write("report.html", |out| Ok(out.write_all(html.as_bytes())?))?;
        folder.finish()?;
        let text = influence_on_terminal(&told, term::width());
        Ok((text, String::from_utf8_lossy(&summary).into_owned()))
    }
}

/// The parameters that a screen kept, if what came after it is under way in a folder.
fn screened(folder: &Path, screen: &str) -> Option<Vec<String>> {
    let (header, _) = Journal::open_to_read(folder).ok()?;
    match header.purpose {
        Some(Purpose::Sensitivity { screen: Some((of, kept)), .. }) if of == screen => Some(kept),
        _ => None,
    }
}

fn influences(at: &[Vec<FigureColumn>], figure: usize, rows: Vec<(usize, Influence)>) -> FigureInfluences {
    let column = &at[0][figure];
    let found = FigureInfluences {
        name: column.name.clone(),
        title: column.title.clone(),
        kind: column.kind.clone(),
        base_mean: mean(&column.values),
        rows,
    };
    found.ranked()
}

/// Means of a figure at the points after the first.
fn means(at: &[Vec<FigureColumn>], figure: usize) -> Vec<f64> {
    at[1..].iter().map(|point| mean(&point[figure].values)).collect()
}

fn one_at_a_time(at: &[Vec<FigureColumn>], figure: usize, moved: usize) -> Vec<(usize, Influence)> {
    let values = |point: usize| &at[point][figure].values;
    let swing = |i: usize| {
        let [base, low, high] = together([values(0), values(1 + 2 * i), values(2 + 2 * i)]);
        let swing = swings(&base, &[(low, high)], CONFIDENCE)?.pop()?;
        Some((i, Influence::Swing { low: estimate(&swing.low), high: estimate(&swing.high) }))
    };
    (0..moved).filter_map(swing).collect()
}

fn elementary_effects(plan: &Morris, means: &[f64]) -> Vec<(usize, Influence)> {
    let found = plan.effects(means, CONFIDENCE).unwrap_or_default();
    let rows = found.iter().enumerate().map(|(i, e)| {
        let size = Estimate { value: e.mu_star, interval: e.interval.map(|i| (i.lo, i.hi)) };
        (i, Influence::Effect { size, mean: e.mu, spread: e.sigma })
    });
    rows.collect()
}

fn shares_of_variance(plan: &SobolPlan, means: &[f64]) -> Vec<(usize, Influence)> {
    let Some(found) = plan.indices(means, CONFIDENCE) else { return Vec::new() };
    let estimate =
        |index: &Index| Estimate { value: index.value, interval: index.interval.map(|i| (i.lo, i.hi)) };
    let pairs = found.first.iter().zip(&found.total).enumerate();
    let rows = pairs
        .map(|(i, (first, total))| (i, Influence::Share { first: estimate(first), total: estimate(total) }));
    rows.collect()
}

fn too_large() -> Failure {
    Failure::wrong("there are more parameters than the design serves")
}

/// Points of the unit cube as changes of the parameters.
fn changes(ranges: &[Range], points: &[Vec<f64>]) -> Vec<Vec<Change>> {
    let at = |point: &Vec<f64>| {
        ranges.iter().zip(point).map(|(range, share)| range.change(range.value(*share))).collect()
    };
    points.iter().map(at).collect()
}

/// The replications in which a figure exists at all three points.
fn together(of: [&Vec<f64>; 3]) -> [Vec<f64>; 3] {
    let there = |r: &usize| of.iter().all(|values| values.get(*r).is_some_and(|value| value.is_finite()));
    let kept: Vec<usize> = (0..of[0].len()).filter(there).collect();
    of.map(|values| kept.iter().map(|r| values[*r]).collect())
}

fn estimate(p: &Paired) -> Estimate {
    Estimate { value: p.mean, interval: Some((p.interval.lo, p.interval.hi)) }
}

fn mean(values: &[f64]) -> f64 {
    let there: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    there.iter().sum::<f64>() / there.len() as f64
}

fn in_words(range: &Range) -> MovedParameter {
    MovedParameter {
        name: range.name.clone(),
        title: range.title.clone(),
        basis: range.basis,
        low: range.text(range.low),
        high: range.text(range.high),
        base: range.text(range.base),
    }
}

/// The figures of interest: as asked, else the headline milestone and one figure for each objective.
fn figures(args: &SensitivityArgs, prepared: &Prepared) -> Result<Vec<String>, Failure> {
    let model = &prepared.model;
    let schema = crate::experiment::Schema::of(model);
    let known: Vec<&str> = schema
        .milestones
        .iter()
        .map(String::as_str)
        .chain(schema.figures.iter().map(|f| f.name.as_str()))
        .filter(|name| crate::experiment::is_compared(model, name))
        .collect();
    if args.figure.is_empty() {
        let headline = model.meta.headline_milestone.map(|m| model.milestones[m.index()].name.clone());
        let headline = headline.or_else(|| model.milestones.first().map(|m| m.name.clone()));
        let others = OBJECTIVES.into_iter().filter(|name| known.contains(name)).map(str::to_owned);
        return Ok(headline.into_iter().chain(others).collect());
    }
    for name in &args.figure {
        if !known.contains(&name.as_str()) {
            let mut failure = Failure::usage(format!("no milestone or figure is called `{name}`"));
            failure = match nearest(name, known.iter().copied()) {
                Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
                None => failure.hint(format!("known are: {}", known.join(", "))),
            };
            return Err(failure);
        }
    }
    Ok(args.figure.clone())
}

/// Puts what the analysis found into the summary of the batch.
fn summary(told: &Influences<'_>, of_batch: &[u8], asked: &str) -> Vec<u8> {
    let figures: Vec<Value> = told
        .figures
        .iter()
        .map(|figure| {
            let rows: Vec<Value> = figure
                .rows
                .iter()
                .map(|(i, influence)| {
                    let mut row = json!({
                        "parameter": told.parameters[*i].name,
                        "size": export::round12(influence.size()),
                        "may_be_chance": influence.may_be_chance(),
                    });
                    for (name, e) in estimates(influence) {
                        row[name] = json!({
                            "value": export::round12(e.value),
                            "low": e.interval.map(|ends| export::round12(ends.0)),
                            "high": e.interval.map(|ends| export::round12(ends.1)),
                        });
                    }
                    row
                })
                .collect();
            let unit = match &figure.kind {
                FigureKind::Milestone => "h",
                FigureKind::Other(unit) => unit,
            };
            json!({
                "figure": figure.name, "title": figure.title, "unit": unit,
                "base_mean": export::round12(figure.base_mean), "parameters": rows,
            })
        })
        .collect();
    let parameters: Vec<Value> = told
        .parameters
        .iter()
        .map(|p| {
            json!({
                "parameter": p.name, "title": p.title, "basis": p.basis,
                "low": p.low, "high": p.high, "base": p.base,
            })
        })
        .collect();
    with_fields(
        of_batch,
        json!({
            "kind": "sensitivity",
            "parameters": parameters,
            "asked_sha256": asked,
            "method": told.method.name(),
            "points": told.points,
            "findings": influence_findings(told),
            "screened_out": told.screened_out,
            "figures": figures,
        }),
    )
}
