//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::experiment::Shard;
use crate::report::ChartKind;
use crate::time::parse_duration;

/// A discrete-event simulator of cross-border cyber-crisis coordination: who knew what when, and where the time
/// went.
#[derive(Debug, Parser)]
#[command(
    name = "blueprint-sim",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = include_str!("help/program.txt")
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Folder that documents may name files in [default: the working directory, and the folder of a document that
    /// is named outside it]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the built-in documents, or the elements that can be switched
    List(ListArgs),
    /// Print a built-in document
    Show(ShowArgs),
    /// Check documents and tell all that is wrong, with places
    Check(CheckArgs),
    /// Write a commented template to begin with
    New(NewArgs),
    /// Run a scenario or blueprint once, tell its story and write its results
    Run(RunArgs),
    /// Run a scenario or an experiment many times and write its tables
    Batch(BatchArgs),
    /// Join the shards of a batch
    Merge(MergeArgs),
    /// Tell what a change of the document changes in the results, with intervals
    Compare(CompareArgs),
    /// Find which parameter matters, over the plausible ranges of all that act
    Sensitivity(SensitivityArgs),
    /// Tell why something happened in a run, or why not
    Explain(ExplainArgs),
    /// Draw a chart of a run, or of many
    Plot(PlotArgs),
    /// Write a facilitator's pack: schedule, injects by role, expected timeline, evaluation sheet
    Pack(PackArgs),
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/list.txt"))]
pub(crate) struct ListArgs {
    /// Only documents of this kind, or the elements of the built-in blueprints
    #[arg(value_enum)]
    pub(crate) kind: Option<ListKind>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListKind {
    #[value(alias = "blueprints")]
    Blueprint,
    #[value(alias = "scenarios")]
    Scenario,
    #[value(alias = "experiments")]
    Experiment,
    #[value(alias = "element")]
    Elements,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/show.txt"))]
pub(crate) struct ShowArgs {
    /// Name of a built-in document
    pub(crate) name: String,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/check.txt"))]
pub(crate) struct CheckArgs {
    /// Files or names of built-in documents
    #[arg(required_unless_present = "evaluate", value_name = "NAME|FILE")]
    pub(crate) documents: Vec<String>,
    /// Print what an expression comes to, e.g. `Mean(LogNormal(median: "2h", p90: "8h"))`
    #[arg(long, value_name = "EXPR", conflicts_with_all = ["documents", "ledger", "traceability", "influence"])]
    pub(crate) evaluate: Option<String>,
    /// Print every parameter with its value, range, unit and basis
    #[arg(long)]
    pub(crate) ledger: bool,
    /// Print, as Markdown, each point of the text that the document is made from with what carries it
    #[arg(long, conflicts_with = "ledger")]
    pub(crate) traceability: bool,
    /// Print what switching an element, or another value of a parameter, may change; all else stays the same
    #[arg(long, value_name = "ELEMENT", conflicts_with_all = ["ledger", "traceability"])]
    pub(crate) influence: Option<String>,
    /// How to write it; `csv` goes with `--ledger`
    #[arg(long, value_enum, default_value_t = CheckFormat::Table)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    #[value(alias = "text")]
    Table,
    Csv,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/new.txt"))]
pub(crate) struct NewArgs {
    /// What to write
    #[arg(value_enum)]
    pub(crate) kind: NewKind,
    /// Its name; the file is NAME.ron in the current folder
    pub(crate) name: String,
    /// Blueprint that a scenario happens in
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) blueprint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NewKind {
    Scenario,
    Blueprint,
    Experiment,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/run.txt"))]
pub(crate) struct RunArgs {
    /// A built-in name or a file: a scenario, a blueprint, or the `model.ron` of a run
    pub(crate) scenario: String,
    /// Master seed [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub(crate) seed: Option<u64>,
    /// Which replication to tell, from 0, or `typical`: the one nearest the medians [default: 0]
    #[arg(long, value_name = "R", value_parser = replication)]
    pub(crate) replication: Option<Replication>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the files of an earlier run in a folder that is not empty; deletes no other file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// Which records to keep
    #[arg(long, value_enum, default_value_t = TraceLevel::Full)]
    pub(crate) trace: TraceLevel,
    /// Write every random draw to draws.csv
    #[arg(long)]
    pub(crate) draws: bool,
    /// Replications for the ranges beside the milestones, 0 for none [default: as the scenario says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) ensemble: Option<u32>,
    /// Threads for those replications [default: one for each core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/batch.txt"))]
pub(crate) struct BatchArgs {
    /// A built-in name or a file: a scenario, a blueprint, an experiment, or the `model.ron` of a run
    pub(crate) scenario: String,
    /// Replications of each variant; with --precision, the most [default: as the experiment says, else 200, or
    /// 10000 with --precision]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) replications: Option<u64>,
    /// Master seed [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub(crate) seed: Option<u64>,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the files of an earlier run or batch in a folder that is not empty; deletes no other file
    #[arg(long, conflicts_with = "resume")]
    pub(crate) force: bool,
    /// Go on with a batch that was interrupted
    #[arg(long)]
    pub(crate) resume: bool,
    /// Make only a part of the replications, e.g. 1/3; join the parts with `merge`
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Stop when the mean of each measure is known so well: `5%` of it, or a half-width such as `0.5` (milestones in
    /// hours); looked at after 50, 100, 200, 400, ... replications
    #[arg(long, value_name = "X")]
    pub(crate) precision: Option<String>,
    /// A milestone or figure whose precision counts (repeat as needed) [default: the headline milestone]
    #[arg(long, value_name = "NAME")]
    pub(crate) measure: Vec<String>,
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// What goes to the standard output: a text, or the content of summary.json
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/pack.txt"))]
pub(crate) struct PackArgs {
    /// A built-in name or a file: a scenario with an `exercise`
    pub(crate) scenario: String,
    /// Folder for the pack
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the files of an earlier pack or run in a folder that is not empty; deletes no other file
    #[arg(long)]
    pub(crate) force: bool,
    /// Master seed [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub(crate) seed: Option<u64>,
    /// Replications for the expected times [default: as the scenario says, else 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) ensemble: Option<u32>,
    #[command(flatten)]
    pub(crate) changes: Changes,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/merge.txt"))]
pub(crate) struct MergeArgs {
    /// Folders of all shards
    #[arg(required = true, value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Replace the files of an earlier run or batch in a folder that is not empty; deletes no other file
    #[arg(long)]
    pub(crate) force: bool,
    /// What goes to the standard output: a text, or the content of summary.json
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// Changes to the document.
#[derive(Debug, Default, Args)]
pub(crate) struct Changes {
    /// Give a parameter another value, e.g. NAME=2h or, in one state, NAME@STATE=4h (repeat as needed)
    #[arg(long, value_name = "PARAM=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
    /// Switch an element on (repeat as needed)
    #[arg(long, value_name = "ELEMENT")]
    pub(crate) with: Vec<String>,
    /// Switch an element off (repeat as needed)
    #[arg(long, value_name = "ELEMENT")]
    pub(crate) without: Vec<String>,
    /// Simulate for so long, e.g. 3d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) horizon: Option<String>,
    /// Add or change injects: a list in RON, or an exercise script in CSV with the columns
    /// id,at,title,text,to,expected,objective, or the msel.csv of a pack
    #[arg(long, value_name = "FILE")]
    pub(crate) inject: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/compare.txt"))]
pub(crate) struct CompareArgs {
    /// A built-in name or a file: a scenario or a blueprint
    pub(crate) scenario: String,
    /// What to change, separated by commas: `with E`, `without E`, `NAME=VALUE` (repeat for more variants)
    #[arg(long, value_name = "V", required = true)]
    pub(crate) variant: Vec<String>,
    /// Replications of the document and of each variant; with --precision, the most [default: 200, or 10000 with
    /// --precision]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(2..=10_000_000))]
    pub(crate) replications: Option<u64>,
    /// Repeat the comparison at N points over the ranges of all parameters that acted and are not read in a source
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) over_ranges: Option<u32>,
    /// Make only a part of the replications, e.g. 1/3; join the parts with `merge`
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    #[command(flatten)]
    pub(crate) several: SeveralArgs,
    #[command(flatten)]
    pub(crate) changes: Changes,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/sensitivity.txt"))]
pub(crate) struct SensitivityArgs {
    /// A built-in name or a file: a scenario or a blueprint
    pub(crate) scenario: String,
    /// By which method
    #[arg(long, value_enum, default_value_t = MethodName::Morris)]
    pub(crate) method: MethodName,
    /// A milestone or figure of interest (repeat as needed) [default: the headline milestone, impact_hours,
    /// awareness_lag_hours and statements_uncoordinated]
    #[arg(long, value_name = "NAME")]
    pub(crate) figure: Vec<String>,
    /// Replications at each point; with --precision, the most [default: 20, or 10000 with --precision]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(2..=1_000_000))]
    pub(crate) replications: Option<u64>,
    /// Trajectories of elementary effects
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) trajectories: u32,
    /// Rows of each of the 8 blocks of the design for shares of variance; take a power of two
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=65_536))]
    pub(crate) rows: u32,
    /// Parameters that the screen keeps for shares of variance
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) keep: u32,
    #[command(flatten)]
    pub(crate) several: SeveralArgs,
    #[command(flatten)]
    pub(crate) changes: Changes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    /// Elementary effects: a screen
    Morris,
    /// Shares of variance, of those that a screen leaves
    Sobol,
    /// One parameter at a time
    Tornado,
}

/// How many runs are made and where their results go.
#[derive(Debug, Args)]
pub(crate) struct SeveralArgs {
    /// Master seed
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub(crate) seed: u64,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the files of an earlier run or batch in a folder that is not empty; deletes no other file
    #[arg(long, conflicts_with = "resume")]
    pub(crate) force: bool,
    /// Go on with a command that was interrupted
    #[arg(long)]
    pub(crate) resume: bool,
    /// Stop when each measure is known so well: `5%` of its mean, or a half-width such as `0.5` (milestones in hours);
    /// looked at after 50, 100, 200, 400, ... replications. In a comparison it is the paired difference that counts
    #[arg(long, value_name = "X")]
    pub(crate) precision: Option<String>,
    /// A milestone or figure whose precision counts (repeat as needed) [default: the headline milestone; of
    /// `sensitivity` its figures]
    #[arg(long, value_name = "NAME")]
    pub(crate) measure: Vec<String>,
    /// How the finding is written to the standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// Which replication is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replication {
    Number(u64),
    Typical,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceLevel {
    /// All records
    Full,
    /// Only those that led to a milestone
    Milestones,
    /// No trace.jsonl
    None,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/explain.txt"))]
pub(crate) struct ExplainArgs {
    /// Folder of a run
    pub(crate) dir: PathBuf,
    /// How a milestone came about, step by step
    #[arg(long, value_name = "M", required_unless_present = "why_not", conflicts_with = "why_not")]
    pub(crate) milestone: Option<String>,
    /// Why a rule did not fire, or why an actor did not know a fact
    #[arg(long, value_name = "RULE|ACTOR,FACT")]
    pub(crate) why_not: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = include_str!("help/plot.txt"))]
pub(crate) struct PlotArgs {
    /// Which chart
    #[arg(value_enum)]
    pub(crate) chart: Chart,
    /// Folder of a run, or of a batch, a comparison or a sensitivity analysis
    pub(crate) dir: PathBuf,
    /// The milestone of `ecdf` [default: the headline]
    #[arg(long, value_name = "M")]
    pub(crate) milestone: Option<String>,
    /// File to write, .svg or .png; without it the SVG goes to the standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Only these actors or roles, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "ACTOR")]
    pub(crate) actors: Vec<String>,
    /// Only actors of these states and those of none, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "STATE")]
    pub(crate) states: Vec<String>,
    /// First instant shown: RFC 3339, local with a zone, or T+2h
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<String>,
    /// Last instant shown
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<String>,
    /// Title instead of the finding
    #[arg(long)]
    pub(crate) title: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Chart {
    Timeline,
    Propagation,
    Awareness,
    Waterfall,
    /// States on a grid: operators hit, and who knew
    Map,
    /// Of a batch: a milestone over the replications
    #[value(alias = "distribution")]
    Ecdf,
    /// Of a batch: awareness over the replications
    Fan,
    /// Of a batch: who is on the way to the headline milestone
    Criticality,
    /// Of a comparison: paired differences
    Differences,
    /// Of a sensitivity analysis: which parameter matters
    #[value(alias = "sensitivity")]
    Tornado,
}

impl Chart {
    /// The chart of a single run; none: it is one of many runs.
    pub(crate) fn of_run(self) -> Option<ChartKind> {
        match self {
            Chart::Timeline => Some(ChartKind::Timeline),
            Chart::Propagation => Some(ChartKind::Propagation),
            Chart::Awareness => Some(ChartKind::Awareness),
            Chart::Waterfall => Some(ChartKind::Waterfall),
            Chart::Map => Some(ChartKind::Map),
            Chart::Ecdf | Chart::Fan | Chart::Criticality | Chart::Differences | Chart::Tornado => None,
        }
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it as PARAM=VALUE".to_owned()),
    }
}

fn replication(text: &str) -> Result<Replication, String> {
    if text == "typical" {
        return Ok(Replication::Typical);
    }
    match text.parse::<u64>() {
        Ok(number) if i64::try_from(number).is_ok() => Ok(Replication::Number(number)),
        _ => Err("a number from 0, or `typical`".to_owned()),
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts =
        text.split_once('/').and_then(|(i, n)| Some((i.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
    match parts {
        Some((index, of)) if index >= 1 && index <= of => Ok(Shard { index, of }),
        _ => Err("write it as I/N, the I-th of N parts, e.g. 1/3".to_owned()),
    }
}

fn duration(text: &str) -> Result<String, String> {
    parse_duration(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn values() {
        assert_eq!(setting(" a = 2h "), Ok(("a".to_owned(), "2h".to_owned())));
        assert!(setting("a").is_err());
        assert!(setting("=1").is_err());
        assert_eq!(replication("typical"), Ok(Replication::Typical));
        assert_eq!(replication("3"), Ok(Replication::Number(3)));
        assert!(replication("-1").is_err());
        assert!(duration("-3d").is_err());
        assert_eq!(duration("3d"), Ok("3d".to_owned()));
    }
}
