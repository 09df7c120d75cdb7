//! Four replays and sixteen disclosures held against history, as the tables of docs/calibration.md.

use std::fmt::Write as _;

use blueprint_sim::analysis::milestones::{MilestoneResult, MilestoneWatch, milestones};
use blueprint_sim::analysis::replay::{
    Evidence, Judged, Judgement, NaiveForecast, Outcome, Verdict, judge, summed,
};
use blueprint_sim::compile::compile;
use blueprint_sim::document::merge::MemoryLoader;
use blueprint_sim::document::{Change, Overrides, SourceMap, assemble, builtin, flatten, load};
use blueprint_sim::experiment::in_sample;
use blueprint_sim::model::{Model, Observed, Origin, Predicate, Status};
use blueprint_sim::sim::Simulation;
use blueprint_sim::stats::quantile_type1;
use blueprint_sim::time::SimTime;
use rayon::prelude::*;

/// The replays of history, in order of time.
pub(crate) const REPLAYS: [&str; 4] = ["wannacry-2017", "notpetya-2017", "solarwinds-2020", "kaseya-2021"];

const SEED: u64 = 1;

/// How many replications the page rests on: of each replay, and of each disclosure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Of each replay.
    pub(crate) replays: u64,
    /// Of each disclosure.
    pub(crate) disclosures: u64,
}

impl Size {
    /// That of the page.
    pub(crate) const PAGE: Size = Size { replays: 100, disclosures: 40 };
}

/// All that ships with the program.
pub(crate) fn built_ins() -> MemoryLoader {
    builtin::all().into_iter().fold(MemoryLoader::new(), |loader, d| loader.with_built_in(d.name, d.text))
}

/// A built-in scenario with changes.
///
/// # Panics
/// It has errors.
pub(crate) fn built_in(name: &str, changes: &[String]) -> Model {
    let (loader, mut sources) = (built_ins(), SourceMap::new());
    let mut make = || {
        let loaded = load(name, None, &loader, &mut sources)?;
        let mut tree = flatten(loaded, &loader, &mut sources)?;
        Overrides::default().apply(&mut tree, &mut sources)?;
        for change in changes {
            Change::parse(change).expect("a change").apply(&mut tree, &mut sources)?;
        }
        compile(&assemble(&tree)?)
    };
    make().unwrap_or_else(|errors| panic!("{name}: {errors:?}")).model
}

/// The milestones of each replication.
fn replicate(model: &Model, n: u64) -> Vec<Vec<MilestoneResult>> {
    let one = |simulation: &mut Simulation<'_>, replication: u64| {
        simulation.reset(SEED, replication);
        simulation.run();
        milestones(model, simulation.trace())
    };
    (0..n).into_par_iter().map_init(|| watched(model), one).collect()
}

fn watched(model: &Model) -> Simulation<'_> {
    let mut simulation = Simulation::new(model, SEED, 0);
    let mut watch = MilestoneWatch::new(model);
    simulation.watch(Box::new(move |trace, id| {
        if id == 0 {
            watch.restart(model);
        }
        watch.see(model, trace, id)
    }));
    simulation
}

/// A replay with its judgement.
pub(crate) struct Replayed {
    /// The model.
    pub(crate) model: Model,
    evidence: Vec<Evidence>,
    /// The judgement.
    pub(crate) judgement: Judgement,
}

/// Runs all replays and judges them, each with a naive forecast from the others.
pub(crate) fn replays(n: u64) -> Vec<Replayed> {
    let mut all: Vec<Replayed> = REPLAYS
        .map(|name| {
            let model = built_in(name, &[]);
            let (left, in_sample) = (replicate(&model, n), in_sample(&model, SEED, &[]));
            let evidence: Vec<Evidence> = (0..model.milestones.len())
                .map(|m| Evidence {
                    outcomes: left.iter().map(|l| Outcome::from(&l[m])).collect(),
                    in_sample: in_sample[m],
                    naive: None,
                })
                .collect();
            let judgement = judge(&model, &evidence);
            Replayed { model, evidence, judgement }
        })
        .into();
    let known: Vec<Vec<(&'static str, f64)>> = all.iter().map(observed_hours).collect();
    for (r, replayed) in all.iter_mut().enumerate() {
        let others = || known.iter().enumerate().filter(|(o, _)| *o != r).flat_map(|(_, k)| k);
        for (m, milestone) in replayed.model.milestones.iter().enumerate() {
            let kind = kind_of(&milestone.when, milestone.layer);
            let hours: Vec<f64> = others().filter(|(k, _)| *k == kind).map(|(_, h)| *h).collect();
            replayed.evidence[m].naive = NaiveForecast::fit(&hours);
        }
        replayed.judgement = judge(&replayed.model, &replayed.evidence);
    }
    all
}

/// Kind of a milestone, for the naive forecast.
fn kind_of(when: &Predicate, layer: Option<&'static str>) -> &'static str {
    match (when, layer) {
        (Predicate::Operators(_, Status::Recovered, _), _) => "recovery",
        (Predicate::Operators(..), _) => "victim acts",
        (Predicate::Published { about: Some(_), .. }, Some("victim")) => "cause published",
        (Predicate::Published { .. }, Some("public")) => "statement at EU level",
        (Predicate::Published { .. }, _) => "national alert or statement",
        (Predicate::Knows { .. }, _) => "police case",
        _ => "other",
    }
}

/// Latencies that history shows (h), of the milestones that count, with their kinds.
fn observed_hours(replayed: &Replayed) -> Vec<(&'static str, f64)> {
    let model = &replayed.model;
    let each = model.milestones.iter().zip(&replayed.evidence).filter_map(|(m, evidence)| {
        let Some(Observed::At { from_us, to_us, set_by_scenario: false, .. }) = m.observed else {
            return None;
        };
        let middle = (from_us + (to_us - from_us) / 2) as f64;
        let origin = match m.from {
            Origin::Start => 0.0,
            Origin::Milestone(other) => match model.milestones[other.index()].observed {
                Some(Observed::At { from_us, to_us, .. }) => (from_us + (to_us - from_us) / 2) as f64,
                _ => median_origin(evidence)?,
            },
            Origin::Incident(_) => median_origin(evidence)?,
        };
        let hours = (middle - origin) / 3.6e9;
        (hours > 0.0).then(|| (kind_of(&m.when, m.layer), hours))
    });
    each.collect()
}

fn median_origin(evidence: &Evidence) -> Option<f64> {
    let origins = evidence.outcomes.iter().filter_map(|o| Some(o.origin?.as_micros() as f64));
    quantile_type1(&origins.collect::<Vec<f64>>(), 0.5)
}

/// The generated part of the page.
pub(crate) fn page(size: Size) -> String {
    let all = replays(size.replays);
    let mut out = String::new();
    let rows: Vec<&Judged> = all.iter().flat_map(|r| &r.judgement.rows).collect();
    let counted: Vec<&Judged> = rows.iter().copied().filter(|r| !r.set_by_scenario).collect();
    let graph = counted.iter().filter(|r| r.layer == Some("internal")).count();
    let absent = counted
        .iter()
        .filter(|r| r.layer == Some("internal") && matches!(r.verdict, Verdict::Never { .. }))
        .count();
    writeln!(
        out,
        "{graph} of the {} rows that count test the cooperation graph itself, and {absent} of these {graph} say that \
         something did not happen; the others test victims, single states and what the public saw.\n",
        counted.len()
    )
    .unwrap();
    summary(&mut out, &all);
    for replayed in &all {
        replay(&mut out, replayed);
    }
    nevers(&mut out, &all);
    disclosures(&mut out, size.disclosures);
    out
}

fn share(of: &[&Judged]) -> String {
    let covered = |r: &&&Judged| matches!(r.verdict, Verdict::Happened { covered: true, .. });
    format!("{} of {}", of.iter().filter(covered).count(), of.len())
}

fn number(x: Option<f64>) -> String {
    x.map_or("–".to_owned(), |x| format!("{x:.2}"))
}

fn summary(out: &mut String, all: &[Replayed]) {
    out.push_str("## All replays\n\n");
    out.push_str("| replay | covered, out of sample | covered, in sample | CRPS, out of sample | naive | CRPS, in sample | naive | did not happen | mean Brier score |\n|---|---|---|---|---|---|---|---|---|\n");
    let line = |out: &mut String, name: &str, rows: &[&Judged]| {
        let of = |in_sample: bool| {
            let fits = |r: &&&Judged| {
                r.in_sample == in_sample
                    && !r.set_by_scenario
                    && matches!(r.verdict, Verdict::Happened { .. })
            };
            rows.iter().filter(fits).copied().collect::<Vec<&Judged>>()
        };
        let sums = summed(rows.iter().map(|r| (*r).clone()).collect());
        let briers: Vec<f64> = rows
            .iter()
            .filter_map(|r| match r.verdict {
                Verdict::Never { brier, .. } => Some(brier),
                Verdict::Happened { .. } => None,
            })
            .collect();
        writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} |",
            share(&of(false)),
            share(&of(true)),
            number(sums.out_of_sample.mean_crps),
            number(sums.out_of_sample.mean_naive_crps),
            number(sums.in_sample.mean_crps),
            number(sums.in_sample.mean_naive_crps),
            briers.len(),
            number(blueprint_sim::stats::mean(&briers)),
        )
        .unwrap();
    };
    for r in all {
        line(out, &format!("`{}`", r.model.meta.name), &r.judgement.rows.iter().collect::<Vec<_>>());
    }
    line(out, "all", &all.iter().flat_map(|r| &r.judgement.rows).collect::<Vec<_>>());
    out.push('\n');
}

/// Day and minute of an instant, as `05-12 09:25`.
fn instant(model: &Model, us: i64) -> String {
    let text = model.meta.epoch.rfc3339(SimTime::from_micros(us.max(0) as u64));
    format!("{} {}", &text[5..10], &text[11..16])
}

fn replay(out: &mut String, replayed: &Replayed) {
    let model = &replayed.model;
    let start = model.meta.epoch.rfc3339(SimTime::ZERO);
    writeln!(out, "## {}\n\nInstants are UTC, in {}.\n", model.meta.title, &start[..4]).unwrap();
    out.push_str("| milestone | layer | in history | simulated: 5 %, median, 95 % | percentile | covered | width / latency | CRPS | naive | sample | source |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for row in &replayed.judgement.rows {
        let milestone = &model.milestones[row.milestone.index()];
        let (Some(Observed::At { from_us, to_us, basis, .. }), Verdict::Happened { .. }) =
            (&milestone.observed, &row.verdict)
        else {
            continue;
        };
        let Verdict::Happened {
            percentile, q05, median, q95, covered, relative_width, crps, naive_crps, ..
        } = row.verdict
        else {
            continue;
        };
        let at = |t: Option<SimTime>| t.map_or("later".to_owned(), |t| instant(model, t.as_micros() as i64));
        let (sample, covered) = match (row.set_by_scenario, row.in_sample) {
            (true, _) => ("given, does not count", ""),
            (false, true) => ("in", if covered { "yes" } else { "no" }),
            (false, false) => ("out", if covered { "yes" } else { "no" }),
        };
        let history = if from_us == to_us {
            instant(model, *from_us)
        } else {
            format!("{} to {}", instant(model, *from_us), instant(model, *to_us))
        };
        let counts = !row.set_by_scenario;
        writeln!(
            out,
            "| {} | {} | {history} | {}, {}, {} | {:.0} % | {covered} | {} | {} | {} | {sample} | {} |",
            milestone.title,
            row.layer.unwrap_or(""),
            at(q05),
            at(median),
            at(q95),
            percentile * 100.0,
            number(relative_width.filter(|_| counts)),
            number(crps.filter(|_| counts)),
            number(naive_crps.filter(|_| counts)),
            basis.class(),
        )
        .unwrap();
    }
    out.push('\n');
}

fn nevers(out: &mut String, all: &[Replayed]) {
    out.push_str("## What did not happen\n\n");
    out.push_str("| replay | milestone | not by (UTC) | reached in | share, 95 % interval (Wilson) | Brier score |\n|---|---|---|---|---|---|\n");
    for replayed in all {
        for row in &replayed.judgement.rows {
            let Verdict::Never { by_us, share, low, high, brier } = row.verdict else { continue };
            writeln!(
                out,
                "| `{}` | {} | {} | {:.0} of {} | {:.0} % ({:.0} to {:.0} %) | {brier:.3} |",
                replayed.model.meta.name,
                replayed.model.milestones[row.milestone.index()].title,
                instant(&replayed.model, by_us),
                share * row.n as f64,
                row.n,
                share * 100.0,
                low * 100.0,
                high * 100.0,
            )
            .unwrap();
        }
    }
    out.push('\n');
}

/// A disclosure of the public record: name, instant (UTC), hours to the first joint list, states on it, and
/// (hours, states) later.
type Disclosure = (&'static str, &'static str, f64, u32, &'static [(u32, u32)]);

/// Public tables of member alerts of the CSIRTs Network and their version history; instants of disclosure are general
/// knowledge, plus or minus three hours.
pub(crate) const DISCLOSURES: [Disclosure; 16] = [
    ("Follina", "2022-05-30T18:00:00Z", 37.5, 15, &[(40, 17), (84, 18)]),
    ("Confluence", "2022-06-02T20:00:00Z", 15.8, 5, &[(19, 6)]),
    ("ESXiArgs", "2023-02-03T15:00:00Z", 89.6, 10, &[(95, 11), (125, 12)]),
    ("Outlook", "2023-03-14T17:00:00Z", 14.6, 2, &[(18, 6), (25, 10), (39, 13), (42, 18), (65, 19)]),
    ("3CX", "2023-03-29T21:00:00Z", 20.1, 3, &[(22, 6), (37, 8), (47, 10)]),
    ("Citrix", "2023-07-18T14:00:00Z", 17.6, 1, &[(22, 9), (27, 12), (41, 13)]),
    ("Ivanti EPMM", "2023-07-24T19:00:00Z", 18.7, 3, &[(22, 9), (209, 12)]),
    ("Cisco IOS XE", "2023-10-16T15:00:00Z", 24.9, 6, &[(28, 10), (64, 15)]),
    (
        "Ivanti Connect Secure",
        "2024-01-10T17:00:00Z",
        4.6,
        2,
        &[(17, 9), (18, 12), (23, 16), (39, 17), (117, 19)],
    ),
    ("FortiOS", "2024-02-08T19:00:00Z", 16.7, 8, &[(21, 11), (115, 12)]),
    ("XZ", "2024-03-29T16:00:00Z", 160.0, 2, &[(164, 13)]),
    ("PAN-OS", "2024-04-12T07:20:00Z", 5.5, 9, &[(7, 11)]),
    ("Check Point", "2024-05-28T12:00:00Z", 66.9, 7, &[(106, 13)]),
    ("regreSSHion", "2024-07-01T08:00:00Z", 33.2, 9, &[(79, 12)]),
    ("CUPS", "2024-09-26T20:00:00Z", 16.5, 4, &[(19, 7), (35, 10), (91, 11)]),
    ("FortiManager", "2024-10-23T15:00:00Z", 15.9, 3, &[(20, 10), (25, 11)]),
];

/// Hours of the joint list and of each further team's alert, over replications.
struct Reaction {
    listing: Vec<f64>,
    alerts: Vec<Vec<f64>>,
}

impl Reaction {
    /// Median number of teams with an alert so many hours after the disclosure.
    fn teams_at(&self, hours: f64) -> f64 {
        let n = self.alerts.iter().map(|a| a.iter().filter(|h| **h <= hours).count() as f64);
        quantile_type1(&n.collect::<Vec<f64>>(), 0.5).unwrap_or(0.0)
    }
}

fn reaction(start: &str, n: u64) -> Reaction {
    let model = built_in("disclosure", &[format!("start={start}")]);
    let listing = model.milestones.iter().position(|m| m.name == "joint-listing").expect("a milestone");
    let left = replicate(&model, n);
    let hours = |r: &MilestoneResult| r.latency.map_or(f64::INFINITY, |l| l.as_hours_f64());
    Reaction {
        listing: left.iter().map(|l| hours(&l[listing])).collect(),
        alerts: left
            .iter()
            .map(|l| {
                let each = l.iter().enumerate().filter(|(m, _)| *m != listing);
                each.map(|(_, r)| hours(r)).collect()
            })
            .collect(),
    }
}

fn disclosures(out: &mut String, n: u64) {
    out.push_str("## Sixteen disclosures\n\n");
    out.push_str("| event | disclosed (UTC) | first joint list in history | simulated: 5 %, median, 95 % | covered | teams in history | simulated (median) |\n|---|---|---|---|---|---|---|\n");
    let (mut covered, mut misses) = (0, Vec::new());
    let (mut seen, mut simulated) = (Vec::new(), Vec::new());
    for (name, at, first, teams, later) in DISCLOSURES {
        let reaction = reaction(at, n);
        let q = |p| quantile_type1(&reaction.listing, p).unwrap_or(f64::INFINITY);
        let hours = |h: f64| if h.is_finite() { format!("{h:.1} h") } else { "later".to_owned() };
        let is = q(0.05) <= first && first <= q(0.95);
        covered += u32::from(is);
        if !is {
            misses.push(name);
        }
        let mut counts = vec![(first, teams)];
        counts.extend(later.iter().map(|&(h, n)| (f64::from(h), n)));
        let told = |value: &dyn Fn(f64, u32) -> String| {
            counts.iter().map(|&(h, n)| value(h, n)).collect::<Vec<_>>().join(", ")
        };
        seen.extend(counts.iter().map(|&(_, n)| f64::from(n)));
        simulated.extend(counts.iter().map(|&(h, _)| reaction.teams_at(h)));
        writeln!(
            out,
            "| {name} | {} {} {} | {} | {}, {}, {} | {} | {} | {} |",
            weekday(at),
            &at[..10],
            &at[11..16],
            hours(first),
            hours(q(0.05)),
            hours(q(0.5)),
            hours(q(0.95)),
            if is { "yes" } else { "no" },
            told(&|h, n| format!("{n} at {h:.0} h")),
            told(&|h, _| format!("{:.0}", reaction.teams_at(h))),
        )
        .unwrap();
    }
    let error = seen.iter().zip(&simulated).map(|(a, b)| b - a).collect::<Vec<f64>>();
    writeln!(
        out,
        "\nThe first joint list is covered by the central 90 % for {covered} of 16 events; not for {}. Over all {} \
         counts the simulated number of teams is {:.1} above history on average.",
        if misses.is_empty() { "none".to_owned() } else { misses.join(", ") },
        error.len(),
        blueprint_sim::stats::mean(&error).unwrap_or(0.0),
    )
    .unwrap();
}

/// Day of the week of an instant, as `Mon`.
fn weekday(at: &str) -> String {
    let date: jiff::civil::Date = at[..10].parse().expect("a date");
    format!("{:?}", date.weekday())[..3].to_owned()
}
