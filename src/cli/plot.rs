//! `plot`: a chart of a run, or of many.

use std::io::IsTerminal;

use super::args::{Chart, PlotArgs};
use super::batch::batch_chart;
use super::explain::unknown;
use super::failure::Failure;
use super::folder::write_one;
use super::past::past;
use super::term;
use crate::model::{ActorId, Model, StateId};
use crate::report::{ChartOptions, Charts};
use crate::time::{SimTime, parse_instant};

/// In what a chart is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Svg,
    Png,
}

pub(crate) fn run(args: &PlotArgs) -> Result<(), Failure> {
    let format = format(args)?;
    let Some(kind) = args.chart.of_run() else { return of_batch(args, format) };
    if args.milestone.is_some() {
        return Err(Failure::usage("`--milestone` goes with the chart `ecdf` of a batch"));
    }
    let past = past(&args.dir)?;
    let options = options(args, &past.prepared.model)?;
    let charts = Charts::new(past.told(), env!("CARGO_PKG_VERSION"));
    let broken = |error: &dyn std::fmt::Display| Failure::wrong(format!("cannot draw the chart: {error}"));
    let bytes = match format {
        Format::Svg => charts.svg(kind, &options).map_err(|error| broken(&error))?.into_bytes(),
        Format::Png => charts.png(kind, &options).map_err(|error| broken(&error))?,
    };
    deliver(args, &bytes)
}

/// A chart of a batch, a comparison or a sensitivity analysis.
fn of_batch(args: &PlotArgs, format: Format) -> Result<(), Failure> {
    if !args.actors.is_empty() || !args.states.is_empty() || args.from.is_some() || args.to.is_some() {
        return Err(Failure::usage(
            "`--actors`, `--states`, `--from` and `--to` go with charts of a single run",
        ));
    }
    if args.milestone.is_some() && args.chart != Chart::Ecdf {
        return Err(Failure::usage("`--milestone` goes with the chart `ecdf`"));
    }
    let drawn = batch_chart(&args.dir, args.chart, args.milestone.as_deref(), args.title.as_deref())?;
    let Some(chart) = drawn else {
        return Err(Failure::wrong(format!("`{}` holds no complete batch", args.dir.display()))
            .hint("make one with `batch`, `compare` or `sensitivity`; of a shard, `merge` makes one"));
    };
    match format {
        Format::Svg => deliver(args, chart.svg.as_bytes()),
        Format::Png => deliver(args, &chart.png),
    }
}

fn deliver(args: &PlotArgs, bytes: &[u8]) -> Result<(), Failure> {
    match &args.output {
        Some(path) => {
            write_one(path, |out| Ok(out.write_all(bytes)?))?;
            term::note(&format!("wrote {}", path.display()));
            Ok(())
        }
        None => term::result(&String::from_utf8_lossy(bytes)),
    }
}

fn format(args: &PlotArgs) -> Result<Format, Failure> {
    let Some(path) = &args.output else {
        if std::io::stdout().is_terminal() {
            return Err(Failure::usage("say where the chart goes, e.g. `-o chart.svg`"));
        }
        return Ok(Format::Svg);
    };
    match path.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("png") => Ok(Format::Png),
        _ => Err(Failure::usage(format!("`{}` does not end in `.svg` or `.png`", path.display()))
            .hint("the ending says how the chart is written")),
    }
}

fn options(args: &PlotArgs, model: &Model) -> Result<ChartOptions, Failure> {
    let mut actors = Vec::new();
    for name in &args.actors {
        actors.extend(actors_named(model, name)?);
    }
    let mut states = Vec::new();
    for name in &args.states {
        let found = model.states.iter().position(|s| s.name == *name);
        states.push(StateId::from_index(found.ok_or_else(|| {
            let names: Vec<String> = model.states.iter().map(|s| s.name.clone()).collect();
            unknown("state", name, &names)
        })?));
    }
    let from = args.from.as_deref().map(|text| instant(model, "--from", text)).transpose()?;
    let to = args.to.as_deref().map(|text| instant(model, "--to", text)).transpose()?;
    if from.is_some_and(|from| from >= model.meta.horizon) {
        return Err(Failure::usage("`--from` is at or after the end of the run"));
    }
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(Failure::usage("`--from` is not before `--to`"));
    }
    Ok(ChartOptions { actors, states, from, to, title: args.title.clone() })
}

/// An actor, or all actors of a role.
fn actors_named(model: &Model, name: &str) -> Result<Vec<ActorId>, Failure> {
    if let Some(actor) = model.actor_named(name) {
        return Ok(vec![actor]);
    }
    if let Some(template) = model.templates.iter().find(|t| t.name == name) {
        return Ok(template.actors.clone());
    }
    let mut names: Vec<String> = model.templates.iter().map(|t| t.name.clone()).collect();
    names.extend(model.actors.iter().map(|a| a.name.text.clone()).filter(|n| n.contains('@')));
    Err(unknown("actor or role", name, &names))
}

fn instant(model: &Model, option: &str, text: &str) -> Result<SimTime, Failure> {
    let epoch = model.meta.epoch;
    let at = parse_instant(text, Some(epoch.start()), &model.meta.zone)
        .map_err(|error| Failure::usage(format!("`{option}`: {error}")))?;
    epoch
        .sim_time(at)
        .ok_or_else(|| Failure::usage(format!("`{option}`: `{text}` lies before the start of the run")))
}
