//! `sensitivity`: which parameter matters, over the plausible ranges of the ledger.

use serde_json::{Value, json};

use super::args::{ListFormat, MethodName, SensitivityArgs};
use super::compare::{CONFIDENCE, LOOKED, design_words};
use super::failure::Failure;
use super::folder::{Folder, Place, SUMMARY};
use super::model::{Prepared, prepare};
use super::several::{Work, base, on_threads, words, write_chart};
use super::term;
use crate::analysis::comparison::FigureColumn;
use crate::analysis::influence::{Estimate, FigureInfluences, Influence, MovedParameter};
use crate::document::{Change, nearest, print};
use crate::experiment::{Range, Results, Variant, Variants, acted, columns, ranges};
use crate::export;
use crate::report::{
    Influences, Made, Method, batch_page, influence_chart, influence_findings, influence_on_terminal,
    influence_page,
};
use crate::stats::Paired;
use crate::stats::sensitivity::{Index, Morris, SobolPlan, swings};

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
    let place = many.out.clone().map_or(Place::DefaultOf("sensitivity"), Place::Given);
    let mut folder = Folder::open(&place, &model.meta.name, many.seed, many.force)?;
    let looked = LOOKED.min(args.replications);
    let found = on_threads(many.threads, || acted(model, many.seed, looked))?;
    let all = ranges(model, &prepared.tree, &found);
    if all.is_empty() {
        return Err(Failure::wrong("no parameter that acted has a range")
            .hint("give the parameters of the document a `range`; `check --ledger` shows which have one"));
    }
    let study = Study { args, prepared: &prepared, names: figures(args, &prepared)? };
    let (kept, figures, points) = match args.method {
        MethodName::Tornado => study.tornado(&all)?,
        MethodName::Morris => study.morris(&all, args.trajectories as usize)?,
        MethodName::Sobol => {
            let kept = study.screen(&all)?;
            study.sobol(&kept)?
        }
    };
    let parameters: Vec<MovedParameter> = kept.iter().map(in_words).collect();
    let told = Influences {
        made: Made {
            model,
            seed: many.seed,
            replications: args.replications,
            version: env!("CARGO_PKG_VERSION"),
        },
        method: match args.method {
            MethodName::Tornado => Method::Tornado,
            MethodName::Morris => Method::Morris,
            MethodName::Sobol => Method::Sobol,
        },
        points,
        parameters: &parameters,
        screened_out: all.len() - kept.len(),
        figures: &figures,
    };
    write(&told, &prepared, &mut folder)?;
    let path = folder.finish()?;
    let text = match many.format {
        ListFormat::Json => {
            serde_json::to_string_pretty(&summary(&told, &prepared)).unwrap_or_default() + "\n"
        }
        ListFormat::Text => format!(
            "{}\nWritten to {}: report.html, sensitivity.csv, summary.json and charts.\n",
            influence_on_terminal(&told, term::width()),
            path.display()
        ),
    };
    term::result(&text)
}

/// Parameters that were moved, what was found, and at how many points.
type Done = (Vec<Range>, Vec<FigureInfluences>, usize);

struct Study<'a> {
    args: &'a SensitivityArgs,
    prepared: &'a Prepared,
    /// Figures of interest.
    names: Vec<String>,
}

impl Study<'_> {
    /// The figures at each point: `[point][figure]`, each over the replications. The first point is the document as
    /// it is.
    fn at(&self, points: Vec<Vec<Change>>, what: &str) -> Result<Vec<Vec<FigureColumn>>, Failure> {
        let variant =
            |(i, changes): (usize, Vec<Change>)| Variant { name: format!("point {i}"), base: 0, changes };
        let points = std::iter::once(Vec::new()).chain(points);
        let variants = Variants::new(vec![base(self.prepared)], points.enumerate().map(variant).collect());
        let n = variants.list().len();
        let many = &self.args.several;
        let replications = self.args.replications;
        let work = Work {
            variants: &variants,
            seed: many.seed,
            parts: vec![(0, n, replications)],
            threads: many.threads,
        };
        term::note(&format!(
            "{what}: {} runs, {n} points with {replications} replications each",
            work.runs()
        ));
        let store = work.make()?;
        let results = Results::new(&variants, &store, replications);
        (0..n)
            .map(|variant| {
                let all =
                    columns(&results, &self.prepared.model, variant).map_err(|f| words(f, &variants))?;
                Ok(self
                    .names
                    .iter()
                    .filter_map(|name| all.iter().find(|c| c.name == *name).cloned())
                    .collect())
            })
            .collect()
    }

    fn figure(
        &self,
        at: &[Vec<FigureColumn>],
        figure: usize,
        rows: Vec<(usize, Influence)>,
    ) -> FigureInfluences {
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

    fn tornado(&self, all: &[Range]) -> Result<Done, Failure> {
        let ends =
            all.iter().flat_map(|range| [range.low, range.high].map(|value| vec![range.change(value)]));
        let at = self.at(ends.collect(), "one parameter at a time")?;
        let figures = (0..self.names.len())
            .map(|figure| {
                let values = |point: usize| &at[point][figure].values;
                let rows = (0..all.len()).filter_map(|i| {
                    let [base, low, high] = together([values(0), values(1 + 2 * i), values(2 + 2 * i)]);
                    let swing = swings(&base, &[(low, high)], CONFIDENCE)?.pop()?;
                    Some((i, Influence::Swing { low: estimate(&swing.low), high: estimate(&swing.high) }))
                });
                self.figure(&at, figure, rows.collect())
            })
            .collect();
        Ok((all.to_vec(), figures, at.len()))
    }

    fn morris(&self, all: &[Range], trajectories: usize) -> Result<Done, Failure> {
        let mut words = design_words(self.args.several.seed, "morris");
        let plan = Morris::new(all.len(), trajectories, LEVELS, &mut words).ok_or_else(too_large)?;
        let at = self.at(changes(all, plan.points()), "elementary effects")?;
        let figures = (0..self.names.len())
            .map(|figure| {
                let values: Vec<f64> = at[1..].iter().map(|point| mean(&point[figure].values)).collect();
                let found = plan.effects(&values, CONFIDENCE).unwrap_or_default();
                let rows = found.iter().enumerate().map(|(i, e)| {
                    let size = Estimate { value: e.mu_star, interval: e.interval.map(|i| (i.lo, i.hi)) };
                    (i, Influence::Effect { size, mean: e.mu, spread: e.sigma })
                });
                self.figure(&at, figure, rows.collect())
            })
            .collect();
        Ok((all.to_vec(), figures, at.len()))
    }

    /// The parameters that matter most for some figure, by a few trajectories.
    fn screen(&self, all: &[Range]) -> Result<Vec<Range>, Failure> {
        let keep = self.args.keep as usize;
        if all.len() <= keep {
            return Ok(all.to_vec());
        }
        let (_, figures, _) = self.morris(all, (self.args.trajectories as usize).min(4))?;
        let mut weight = vec![0.0_f64; all.len()];
        for figure in &figures {
            let largest = figure.rows.first().map_or(0.0, |row| row.1.size());
            for (i, influence) in figure.rows.iter().filter(|_| largest > 0.0) {
                weight[*i] = weight[*i].max(influence.size() / largest);
            }
        }
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by(|a, b| weight[*b].total_cmp(&weight[*a]));
        order.truncate(keep);
        order.sort_unstable();
        Ok(order.into_iter().map(|i| all[i].clone()).collect())
    }

    fn sobol(&self, kept: &[Range]) -> Result<Done, Failure> {
        let mut words = design_words(self.args.several.seed, "sobol");
        let plan =
            SobolPlan::new(kept.len(), self.args.rows, BLOCKS, false, &mut words).ok_or_else(too_large)?;
        let at = self.at(changes(kept, plan.points()), "shares of variance")?;
        let figures = (0..self.names.len())
            .map(|figure| {
                let values: Vec<f64> = at[1..].iter().map(|point| mean(&point[figure].values)).collect();
                let found = plan.indices(&values, CONFIDENCE);
                let estimate = |index: &Index| Estimate {
                    value: index.value,
                    interval: index.interval.map(|i| (i.lo, i.hi)),
                };
                let rows = found.iter().flat_map(|found| {
                    found.first.iter().zip(&found.total).enumerate().map(|(i, (first, total))| {
                        (i, Influence::Share { first: estimate(first), total: estimate(total) })
                    })
                });
                self.figure(&at, figure, rows.collect())
            })
            .collect();
        Ok((kept.to_vec(), figures, at.len()))
    }
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

fn summary(told: &Influences<'_>, prepared: &Prepared) -> Value {
    let figures: Vec<Value> = told
        .figures
        .iter()
        .map(|figure| {
            let rows: Vec<Value> = figure
                .rows
                .iter()
                .map(|(i, influence)| {
                    json!({
                        "parameter": told.parameters[*i].name,
                        "size": export::round12(influence.size()),
                        "may_be_chance": influence.may_be_chance(),
                    })
                })
                .collect();
            json!({
                "figure": figure.name, "title": figure.title,
                "base_mean": export::round12(figure.base_mean), "parameters": rows,
            })
        })
        .collect();
    json!({
        "format": 1,
        "program": env!("CARGO_PKG_NAME"),
        "version": told.made.version,
        "simulation": true,
        "kind": "sensitivity",
        "scenario": prepared.model.meta.name,
        "seed": told.made.seed,
        "method": told.method.name(),
        "points": told.points,
        "replications": told.made.replications,
        "changes": prepared.changes,
        "findings": influence_findings(told),
        "screened_out": told.screened_out,
        "figures": figures,
    })
}

fn write(told: &Influences<'_>, prepared: &Prepared, folder: &mut Folder) -> Result<(), Failure> {
    let document = print::pretty(&prepared.tree);
    folder.write("model.ron", |out| Ok(out.write_all(document.as_bytes())?))?;
    let summary = summary(told, prepared);
    folder.write(SUMMARY, |out| {
        serde_json::to_writer_pretty(&mut *out, &summary)?;
        Ok(out.write_all(b"\n")?)
    })?;
    folder.write("sensitivity.csv", |out| export::write_sensitivity(told.parameters, told.figures, out))?;
    let mut charts = Vec::new();
    for (place, figure) in told.figures.iter().enumerate() {
        let chart = influence_chart(told, figure)
            .map_err(|error| Failure::wrong(format!("cannot draw the chart: {error}")))?;
        charts.push((place, chart));
    }
    if let Some((_, chart)) = charts.first() {
        write_chart(folder, chart)?;
    }
    let html = batch_page(&influence_page(told, &charts))
        .map_err(|error| Failure::wrong(format!("cannot make the report: {error}")))?;
    folder.write("report.html", |out| Ok(out.write_all(html.as_bytes())?))
}
