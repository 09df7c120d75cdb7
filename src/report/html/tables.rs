//! The tables of the page.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::charts::ChartOptions;
use super::super::charts::map::tiles;
use super::super::story::{Told, headline_milestone, largest};
use super::super::words::{at, fact, hours, is_wait, percent, plural, role, spent_at, utc, who};
use crate::analysis::run::by_class;
use crate::analysis::workload::ActorLoad;
use crate::model::{MilestoneId, TemplateId, confidence_of_class};
use crate::time::SimDuration;
use crate::trace::{Names, Source, Subject};

/// Rows of the long tables; the rest is counted.
const MOST_ROWS: usize = 40;
/// Rows of the list of the busiest.
const BUSIEST: usize = 15;

/// A cell of a table; numbers stand to the right.
pub(super) type Row = Vec<String>;

/// A table with its caption.
#[derive(Debug, Default, Serialize)]
pub(super) struct Table {
    caption: String,
    head: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
    note: String,
}

impl Table {
    pub(super) fn new(caption: impl Into<String>, head: &[&'static str]) -> Table {
        Table { caption: caption.into(), head: head.to_vec(), ..Table::default() }
    }

    /// Keeps the first rows and counts the rest.
    fn cut(mut self, most: usize, where_else: &str) -> Table {
        if self.rows.len() > most {
            self.note = format!("{} more rows in {where_else}.", self.rows.len() - most);
            self.rows.truncate(most);
        }
        self
    }
}

/// The steps up to the headline: what the timeline shows, as rows.
pub(super) fn events(told: &Told) -> Table {
    let mut table = Table::new("The chain of events behind the headline", &["Day", "Time", "What happened"]);
    let chain = headline_milestone(told).and_then(|id| told.results.chain(id));
    if let Some(chain) = chain {
        let names = Names::new(told.model, told.trace);
        let steps = crate::report::explain::steps(told, &names, chain).into_iter();
        table.rows = steps.map(|s| vec![s.day, s.clock, s.sentence]).collect();
    }
    table.cut(MOST_ROWS, "`explain`")
}

pub(super) fn arrivals(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let Some((id, tree)) = &told.results.headline else {
        return Table::new("No fact was chosen to be followed", &["Actor", "Knew", "From"]);
    };
    let mut table =
        Table::new(format!("Who first knew when: {}", fact(told.model, *id)), &["Actor", "Knew", "From"]);
    for arrival in &tree.arrivals {
        let subject = Subject::Actor(arrival.actor);
        let from = match arrival.from {
            Source::Own => "its own work".to_owned(),
            Source::World => "seen directly".to_owned(),
            Source::Actor(a) => who(&names, Subject::Actor(a)),
            Source::Operator(o) => who(&names, Subject::Operator(o)),
        };
        let when = at(told.model.meta.epoch, arrival.at, names.zone(subject));
        table.rows.push(vec![who(&names, subject), when, from]);
    }
    table.cut(MOST_ROWS, "knowledge.csv")
}

/// States on the map: what happened to their operators, and who there knew.
pub(super) fn states(told: &Told) -> Table {
    let head = ["State", "Operators hit", "First hit", "First knew", "Bodies that knew"];
    let mut table = Table::new("States: when operators were hit, and when somebody there knew", &head);
    let clock = |us: i64| utc(told.model.meta.epoch, us);
    for tile in tiles(told, &ChartOptions::default()) {
        let knew = tile.learned_us.iter().flatten();
        table.rows.push(vec![
            tile.title,
            tile.hits_us.len().to_string(),
            tile.hits_us.first().map_or(String::new(), |&t| clock(t)),
            knew.clone().min().map_or(String::new(), |&t| clock(t)),
            format!("{} of {}", knew.count(), tile.learned_us.len()),
        ]);
    }
    table.cut(MOST_ROWS, "trace.jsonl")
}

pub(super) fn segments(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let mut table =
        Table::new("The longest parts of each milestone", &["Milestone", "In all", "Longest parts"]);
    for (i, milestone) in told.model.milestones.iter().enumerate() {
        let id = MilestoneId::from_index(i);
        let (Some(latency), Some(chain)) = (told.results.milestone(id).latency, told.results.chain(id))
        else {
            continue;
        };
        let parts: Vec<String> = largest(chain)
            .iter()
            .take(3)
            .map(|((kind, subject), d)| format!("{d} {}", spent_at(&names, *kind, *subject)))
            .collect();
        table.rows.push(vec![milestone.title.clone(), latency.to_string(), parts.join("; ")]);
    }
    table.cut(MOST_ROWS, "latency.csv")
}

/// Who stood on how many chains, and for how long.
pub(super) fn bottlenecks(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let mut sums: BTreeMap<Subject, (usize, SimDuration, SimDuration)> = Default::default();
    for chain in told.results.chains.iter().flatten() {
        let mut seen = std::collections::BTreeSet::new();
        for s in &chain.segments {
            let sum = sums.entry(s.who).or_default();
            sum.0 += usize::from(seen.insert(s.who));
            sum.1 += s.duration();
            if is_wait(s.kind) {
                sum.2 += s.duration();
            }
        }
    }
    let mut rows: Vec<_> = sums
        .into_iter()
        .filter(|(who, (_, all, _))| {
            matches!(who, Subject::Actor(_) | Subject::Channel(_) | Subject::Network(_)) && !all.is_zero()
        })
        .collect();
    rows.sort_by_key(|(who, (n, all, waits))| {
        (std::cmp::Reverse(*waits), std::cmp::Reverse(*all), std::cmp::Reverse(*n), *who)
    });
    let mut table = Table::new(
        "Who the milestones waited for",
        &["Who", "On the chain of", "Time on them", "Of it waiting"],
    );
    table.rows = rows
        .into_iter()
        .map(|(subject, (n, all, waits))| {
            vec![who(&names, subject), plural(n, "milestone"), all.to_string(), waits.to_string()]
        })
        .collect();
    table.cut(BUSIEST, "latency.csv")
}

pub(super) fn awareness(told: &Told) -> Table {
    let mut table = Table::new(
        "Situational awareness by level",
        &[
            "Level",
            "Of what was true, known at the end",
            "Known to everybody concerned",
            "Behind events, in all",
        ],
    );
    let all = (None, &told.results.awareness.all);
    let levels = told.results.awareness.levels.iter().map(|(level, curve)| (Some(*level), curve));
    for (level, curve) in levels.chain(std::iter::once(all)) {
        let title = level.map_or("All actors", |l| told.model.levels[l.index()].title.as_str());
        let share = |v: Option<f64>| v.map_or_else(|| "nothing was true".to_owned(), percent);
        table.rows.push(vec![
            title.to_owned(),
            share(curve.share.at(told.trace.end)),
            share(curve.common_picture.at(told.trace.end)),
            curve.lag_hours.map(hours).unwrap_or_default(),
        ]);
    }
    table
}

pub(super) fn public(told: &Told) -> Table {
    let names = Names::new(told.model, told.trace);
    let mut table = Table::new(
        "Public statements",
        &["When", "Who", "What", "With the common line", "Right at that time"],
    );
    for s in &told.results.communication.statements {
        let product = &told.model.products[s.product.index()];
        table.rows.push(vec![
            at(told.model.meta.epoch, s.at, names.zone(s.author)),
            who(&names, s.author),
            product.title.clone(),
            match (product.common_line, s.uncoordinated) {
                (None, _) => "–",
                (_, true) => "no",
                (_, false) => "yes",
            }
            .to_owned(),
            if s.contradictory { "no" } else { "yes" }.to_owned(),
        ]);
    }
    table.cut(MOST_ROWS, "trace.jsonl")
}

pub(super) fn duties(told: &Told) -> Table {
    let mut table = Table::new(
        "Reports owed",
        &["Duty", "Binding", "Owed", "In time", "Late", "Missing", "Still open", "Late by, on average"],
    );
    for (duty, count) in told.model.duties.iter().zip(&told.results.duty_counts) {
        table.rows.push(vec![
            duty.title.clone(),
            if duty.binding { "yes" } else { "recommended" }.to_owned(),
            count.owed.to_string(),
            count.kept.to_string(),
            count.late.to_string(),
            count.missing.to_string(),
            count.open.to_string(),
            count.mean_lateness_hours.map(hours).unwrap_or_default(),
        ]);
    }
    table
}

/// The busiest first. The actors of a role are one row: states are not ranked against each other.
pub(super) fn workload(told: &Told) -> Table {
    let model = told.model;
    let mut table = Table::new(
        "Workload, those with most work first",
        &[
            "Who",
            "Tasks done",
            "Unfinished",
            "Lost",
            "At work",
            "Of the time on duty",
            "Mean wait",
            "Most waiting",
        ],
    );
    let mut by_template: BTreeMap<TemplateId, Vec<&ActorLoad>> = BTreeMap::new();
    for load in told.results.workload.actors.iter().filter(|l| l.done + l.unfinished + l.refused > 0) {
        by_template.entry(model.actors[load.actor.index()].template).or_default().push(load);
    }
    let mut groups: Vec<(TemplateId, Vec<&ActorLoad>)> = by_template.into_iter().collect();
    let busy = |loads: &[&ActorLoad]| loads.iter().map(|l| l.busy).sum::<SimDuration>();
    groups.sort_by_key(|(template, loads)| (std::cmp::Reverse(busy(loads)), *template));
    for (template, loads) in groups {
        let who = match loads.as_slice() {
            [one] => model.actors[one.actor.index()].title.clone(),
            many => format!("{} ({})", role(model, template), plural(many.len(), "actor")),
        };
        let sum = |f: fn(&ActorLoad) -> u32| loads.iter().map(|l| f(l)).sum::<u32>();
        let (done, on_duty) = (sum(|l| l.done), loads.iter().map(|l| l.on_duty).sum::<Option<SimDuration>>());
        let busy = busy(&loads);
        let share = on_duty.filter(|d| !d.is_zero()).map(|d| busy.as_hours_f64() / d.as_hours_f64());
        let waits: f64 = loads.iter().filter_map(|l| Some(l.mean_wait_hours? * f64::from(l.done))).sum();
        table.rows.push(vec![
            who,
            done.to_string(),
            sum(|l| l.unfinished).to_string(),
            sum(|l| l.refused + l.gave_up).to_string(),
            busy.to_string(),
            share.map(percent).unwrap_or_default(),
            if done > 0 { hours(waits / f64::from(done)) } else { String::new() },
            loads.iter().map(|l| l.max_queue).max().unwrap_or_default().to_string(),
        ]);
    }
    table.cut(BUSIEST, "summary.json")
}

/// Parameters that acted and are not firmly sourced; those on a chain first.
pub(super) fn assumptions(told: &Told) -> Table {
    let model = told.model;
    let headline = headline_milestone(told);
    let mut table = Table::new(
        "Assumptions that acted: recalled and general numbers stand here too",
        &["Parameter", "Value", "Plausible range", "Basis", "Why", "On a chain"],
    );
    let mut rows = Vec::new();
    for &id in &told.results.acted {
        let p = &model.params[id.index()];
        if p.literal || p.basis.is_sourced() {
            continue;
        }
        let n = told.results.on_chain.iter().filter(|on| on.contains(&id)).count();
        let on_headline = headline.is_some_and(|m| told.results.on_chain[m.index()].contains(&id));
        let value = p.written.first().map(|w| w.1.clone()).unwrap_or_default();
        let range = p.range.as_ref().map(|(a, b)| format!("{a} to {b}")).unwrap_or_default();
        let name = if p.title.is_empty() { p.name.clone() } else { format!("{} ({})", p.title, p.name) };
        let chain = match (on_headline, n) {
            (true, 1) => "the headline".to_owned(),
            (true, n) => format!("the headline and {} more", n - 1),
            (false, 0) => String::new(),
            (false, n) => plural(n, "milestone"),
        };
        rows.push((
            (!on_headline, std::cmp::Reverse(n), id),
            vec![name, value, range, p.basis.confidence().into(), p.basis.text(), chain],
        ));
    }
    rows.sort_by_key(|row| row.0);
    table.rows = rows.into_iter().map(|(_, row)| row).collect();
    table.cut(MOST_ROWS, "`check --ledger`")
}

pub(super) fn classes(told: &Told) -> Table {
    let model = told.model;
    let named = |ids: &[crate::model::ParamId]| -> Vec<(&'static str, usize)> {
        by_class(ids.iter().map(|id| &model.params[id.index()]).filter(|p| !p.literal).map(|p| &p.basis))
    };
    let acted = named(&told.results.acted);
    let on_chain =
        headline_milestone(told).map(|m| named(&told.results.on_chain[m.index()])).unwrap_or_default();
    // On the chain of some milestone, each parameter once.
    let mut some: Vec<crate::model::ParamId> = told.results.on_chain.iter().flatten().copied().collect();
    some.sort_unstable();
    some.dedup();
    let some = named(&some);
    let mut table = Table::new(
        "Parameters that acted, by what they rest on",
        &["Basis", "Parameters", "On a milestone's chain", "On the headline's chain"],
    );
    let count = |of: &[(&'static str, usize)], class: &str| {
        of.iter().find(|(c, _)| *c == class).map_or(0, |(_, n)| *n).to_string()
    };
    for (class, n) in acted {
        if n > 0 {
            let basis = confidence_of_class(class).to_owned();
            table.rows.push(vec![basis, n.to_string(), count(&some, class), count(&on_chain, class)]);
        }
    }
    table
}
