//! The story of a run, as it is printed: what fits one screen, in words that can be repeated in a meeting.

use std::collections::BTreeMap;

use super::words::{
    at, between, hours, is_wait, join, percent, plural, setting, spent, spent_at, utc, who, wrap,
};
use crate::analysis::chain::Chain;
use crate::analysis::ensemble::MilestoneSummary;
use crate::analysis::run::{EnsembleResults, RunResults};
use crate::model::{MilestoneId, Model, Observed, Origin};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Names, SpanKind, Subject, Trace};

/// Milestones told; the rest is counted.
const MOST_MILESTONES: usize = 9;
/// Segments told.
const MOST_SEGMENTS: usize = 4;

/// What a story is made from.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The model that was run.
    pub model: &'a Model,
    /// What happened.
    pub trace: &'a Trace,
    /// What it means.
    pub results: &'a RunResults,
    /// The other replications.
    pub ensemble: Option<&'a EnsembleResults>,
    /// Master seed.
    pub seed: u64,
    /// Replication told.
    pub replication: u64,
}

/// The story, `width` columns wide, ending with a line break.
pub fn story(told: &Told, width: usize) -> String {
    let mut out = String::new();
    let mut line = |text: &str, indent: &str| {
        out.push_str(&wrap(text, width, indent));
        out.push('\n');
    };
    let m = &told.model.meta;
    line(if m.title.is_empty() { &m.name } else { &m.title }, "");
    let start = m.epoch.start().strftime("%a %-d %b %Y %H:%M").to_string();
    let ensemble = match told.ensemble {
        Some(e) if e.n > 0 => format!(", ranges from {}", plural(e.n as usize, "replication")),
        _ => String::new(),
    };
    line(
        &format!(
            "{} from {start} UTC for {}; seed {}, replication {}{ensemble}.",
            setting(told.model),
            told.trace.end.since_start(),
            told.seed,
            told.replication
        ),
        "",
    );
    line("", "");
    for sentence in headline(told) {
        line(&sentence, "");
    }
    for block in [milestones(told), awareness(told), spread(told), where_the_time_went(told)] {
        if block.is_empty() {
            continue;
        }
        line("", "");
        for text in block {
            let indent = " ".repeat(text.chars().take_while(|c| *c == ' ').count() + 2);
            line(&text, &indent);
        }
    }
    out
}

/// The milestone that stands for the whole: the one the document names, else the last that was reached.
pub(super) fn headline_milestone(told: &Told) -> Option<MilestoneId> {
    told.model.meta.headline_milestone.or_else(|| {
        let reached = told.results.milestones.iter().enumerate();
        reached.filter_map(|(i, r)| Some((r.reached?.at, i))).max().map(|(_, i)| MilestoneId::from_index(i))
    })
}

/// From what the latency of a milestone counts.
pub(super) fn since(model: &Model, milestone: MilestoneId) -> String {
    match model.milestones[milestone.index()].from {
        Origin::Start => "the start".to_owned(),
        Origin::Incident(_) => "the first hit".to_owned(),
        Origin::Milestone(m) => format!("\"{}\"", model.milestones[m.index()].title),
    }
}

/// Whose clock a milestone is told by.
pub(super) fn subject_of(told: &Told, milestone: MilestoneId) -> Subject {
    match told.results.milestone(milestone).reached {
        Some(reached) => told.trace.records[reached.record as usize].who,
        None => Subject::World,
    }
}

/// The finding in a sentence or two.
pub(super) fn headline(told: &Told) -> Vec<String> {
    let Some(id) = headline_milestone(told) else {
        return match told.model.milestones.is_empty() {
            true => vec!["The document names no milestones; see the measures and the trace.".to_owned()],
            false => vec!["No milestone was reached by the end of the run.".to_owned()],
        };
    };
    let milestone = &told.model.milestones[id.index()];
    let result = told.results.milestone(id);
    let Some(reached) = result.reached else {
        return vec![format!("Not reached by the end of the run: {}.", milestone.title)];
    };
    let names = Names::new(told.model, told.trace);
    let when = at(told.model.meta.epoch, reached.at, names.zone(subject_of(told, id)));
    let mut text = match result.latency {
        Some(latency) if !latency.is_zero() => {
            format!("{}: {latency} after {}, {when}.", milestone.title, since(told.model, id))
        }
        _ => format!("{}: {when}.", milestone.title),
    };
    if let (Some(latency), Some(chain)) = (result.latency, told.results.chain(id)) {
        let waits: SimDuration =
            chain.segments.iter().filter(|s| is_wait(s.kind)).map(|s| s.to - s.from).sum();
        if !waits.is_zero() && !latency.is_zero() {
            let share = waits.as_micros() as f64 / latency.as_micros() as f64;
            text.push_str(&format!(" Of this time {} ({waits}) was waiting.", percent(share)));
        }
    }
    vec![text]
}

/// The milestones of the story.
pub(super) fn story_milestones(model: &Model) -> Vec<MilestoneId> {
    if model.meta.story.is_empty() {
        (0..model.milestones.len()).map(MilestoneId::from_index).collect()
    } else {
        model.meta.story.clone()
    }
}

fn milestones(told: &Told) -> Vec<String> {
    let names = Names::new(told.model, told.trace);
    let epoch = told.model.meta.epoch;
    let mut all = story_milestones(told.model);
    if all.is_empty() {
        return Vec::new();
    }
    all.truncate(MOST_MILESTONES);
    let n_more = story_milestones(told.model).len() - all.len();
    all.sort_by_key(|id| told.results.milestone(*id).reached.map_or(SimTime::MAX, |reached| reached.at));
    let mut lines = vec!["What happened when".to_owned()];
    for &id in &all {
        let milestone = &told.model.milestones[id.index()];
        let zone = names.zone(subject_of(told, id));
        let when = match told.results.milestone(id).reached {
            Some(reached) => at(epoch, reached.at, zone),
            None => "not by the end".to_owned(),
        };
        lines.push(format!("  {when}: {}", milestone.title));
        let mut beside = Vec::new();
        if let Some(text) = milestone.observed.as_ref().map(|o| observed(told.model, o)) {
            beside.push(text);
        }
        let over = told.ensemble.and_then(|e| e.summary.milestones.iter().find(|s| s.milestone == id));
        if let Some(text) = over.map(|s| range(told, s, zone)) {
            beside.push(text);
        }
        if !beside.is_empty() {
            lines.push(format!("    {}", beside.join("; ")));
        }
    }
    if n_more > 0 {
        lines.push(format!("  and {n_more} more in milestones.csv"));
    }
    lines
}

/// What history says, in words.
pub(super) fn observed(model: &Model, observed: &Observed) -> String {
    let epoch = model.meta.epoch;
    match observed {
        Observed::At { from_us, to_us, set_by_scenario, .. } => {
            let (from, to) = (utc(epoch, *from_us), utc(epoch, *to_us));
            let set = if *set_by_scenario { " (given to the simulation)" } else { "" };
            if from == to {
                return format!("in history {from} UTC{set}");
            }
            // The day once, where both are on it.
            let (day, _) = from.rsplit_once(' ').unwrap_or((&from, ""));
            match to.strip_prefix(day) {
                Some(clock) => format!("in history {from} to{clock} UTC{set}"),
                None => format!("in history {from} to {to} UTC{set}"),
            }
        }
        Observed::Never { by_us, .. } => format!("in history not by {} UTC", utc(epoch, *by_us)),
    }
}

/// The range over replications, in words.
pub(super) fn range(told: &Told, s: &MilestoneSummary, zone: &crate::time::Zone) -> String {
    let epoch = told.model.meta.epoch;
    let missed = s.n - s.n_reached;
    match (s.at.q05, s.at.q95) {
        (Some(from), Some(to)) => {
            let note =
                if missed == 0 { String::new() } else { format!(", not at all in {missed} of {}", s.n) };
            if from == to {
                return format!("in 9 of 10 replications at {}{note}", at(epoch, from, zone));
            }
            format!("in 9 of 10 replications {}{note}", between(epoch, from, to, zone))
        }
        _ if s.n_reached == 0 => format!("in none of {}", plural(s.n, "replication")),
        (Some(from), None) => format!(
            "in {} of {} replications, the earliest of them (1 in 20) before {}",
            s.n_reached,
            s.n,
            at(epoch, from, zone)
        ),
        _ => format!("in only {} of {} replications", s.n_reached, s.n),
    }
}

fn awareness(told: &Told) -> Vec<String> {
    let mut lines = Vec::new();
    for (level, curve) in &told.results.awareness.levels {
        let Some(share) = curve.share.at(told.trace.end) else { continue };
        let title = &told.model.levels[level.index()].title;
        let lag = match curve.lag_hours {
            Some(lag) => format!("; behind events by {} in all", hours(lag)),
            None => String::new(),
        };
        let common = match curve.common_picture.at(told.trace.end) {
            Some(common) => format!("; {} known to everybody concerned", percent(common)),
            None => String::new(),
        };
        lines.push(format!("  {title}: {} of what was true known at the end{common}{lag}", percent(share)));
    }
    if !lines.is_empty() {
        lines.insert(0, "Who knew".to_owned());
    }
    lines
}

fn spread(told: &Told) -> Vec<String> {
    let Some(all) = told.results.spread.first().filter(|s| s.total.hit > 0) else { return Vec::new() };
    let operators = told.trace.operators.len();
    let epoch = told.model.meta.epoch;
    let peak = all.peak.map_or_else(String::new, |(t, n)| {
        format!("; most at once {n}, {}", at(epoch, t, &told.model.meta.zone))
    });
    let c = &told.results.communication;
    let public = match c.first {
        None => "nobody went public".to_owned(),
        Some(first) => {
            let mut text = format!(
                "{}, the first {} after the start",
                plural(c.statements.len(), "public statement"),
                first.since_start()
            );
            if c.uncoordinated > 0 && common_line_known(told) {
                text.push_str(&format!(", {} before the common line was known", c.uncoordinated));
            } else if c.uncoordinated > 0 {
                text.push_str(", and no common line was ever agreed");
            }
            text
        }
    };
    let mut lines =
        vec![format!("Hit: {} of {}{peak}; {public}.", all.total.hit, plural(operators, "operator"),)];
    let hours = all.total.impact.as_hours_f64();
    if let Some((cost, money)) = told.results.impact_cost.as_ref().filter(|_| hours > 0.0) {
        let cost = if money.is_empty() { format!("{cost:.0} in cost") } else { format!("{cost:.0} {money}") };
        lines.push(format!("Down for {hours:.0} h in all, about {cost}."));
    }
    if let Some(text) = duties(told) {
        lines.push(text);
    }
    lines
}

/// Whether anybody ever knew a fact that is the agreed line of some statement.
fn common_line_known(told: &Told) -> bool {
    let lines: Vec<_> = told.model.products.iter().filter_map(|p| p.common_line).collect();
    told.trace.records.iter().any(|r| {
        matches!(r.event, Event::Learned { fact, .. } if lines.contains(&told.model.facts[fact.index()].kind))
    })
}

fn duties(told: &Told) -> Option<String> {
    let sum = |f: fn(&crate::analysis::duties::DutyCount) -> u32| -> u32 {
        told.results.duty_counts.iter().map(f).sum()
    };
    let owed = sum(|d| d.owed);
    (owed > 0).then(|| {
        format!(
            "Reports owed: {owed}; {} in time, {} late, {} missing{}.",
            sum(|d| d.kept),
            sum(|d| d.late),
            sum(|d| d.missing),
            match sum(|d| d.open) {
                0 => String::new(),
                open => format!(", {open} not due yet"),
            }
        )
    })
}

/// Time of a chain by what it went into and at whom, the longest first.
pub(super) fn largest(chain: &Chain) -> Vec<((SpanKind, Subject), SimDuration)> {
    let mut sums: BTreeMap<(SpanKind, Subject), SimDuration> = BTreeMap::new();
    for s in &chain.segments {
        let sum = sums.entry((s.kind, s.who)).or_default();
        *sum += s.to - s.from;
    }
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, d)| !d.is_zero()).collect();
    sums.sort_by_key(|&(key, d)| (std::cmp::Reverse(d), key));
    sums
}

fn where_the_time_went(told: &Told) -> Vec<String> {
    let Some(id) = headline_milestone(told) else { return Vec::new() };
    let Some(chain) = told.results.chain(id) else { return Vec::new() };
    let names = Names::new(told.model, told.trace);
    let sums = largest(chain);
    let total: SimDuration = sums.iter().map(|(_, d)| *d).sum();
    if total.is_zero() {
        return Vec::new();
    }
    let share = |d: SimDuration| percent(d.as_micros() as f64 / total.as_micros() as f64);
    let milestone = &told.model.milestones[id.index()];
    let mut lines = vec![format!("Where the time went, up to \"{}\"", milestone.title)];
    for &((kind, subject), d) in sums.iter().take(MOST_SEGMENTS) {
        lines.push(format!("  {d} ({}): {}", share(d), spent_at(&names, kind, subject)));
    }
    let rest: SimDuration = sums.iter().skip(MOST_SEGMENTS).map(|(_, d)| *d).sum();
    if !rest.is_zero() {
        lines.push(format!("  {rest} ({}): everything else", share(rest)));
    }
    lines.push(match bottleneck(chain) {
        Some((subject, d, kinds)) => {
            let kinds: Vec<String> = kinds.iter().map(|k| spent(*k).to_owned()).collect();
            let usual = over_replications(told, subject).unwrap_or_default();
            format!(
                "The bottleneck: {}, where it lay for {d} ({}).{usual}",
                who(&names, subject),
                join(&kinds)
            )
        }
        None => "No actor held it up: the time went into work and the way of messages.".to_owned(),
    });
    lines
}

/// How often a subject is on the chain of the headline, over the replications.
fn over_replications(told: &Told, subject: Subject) -> Option<String> {
    let ensemble = told.ensemble?;
    let found = ensemble.criticality.iter().find(|c| c.subject == subject)?;
    let n = (found.share * ensemble.n_chains as f64).round() as usize;
    Some(format!(
        " It is on the way in {n} of {}, for {} on average.",
        plural(ensemble.n_chains, "replication"),
        hours(found.mean_hours)
    ))
}

/// The subject at which a chain waited longest, how long, and for what.
pub(super) fn bottleneck(chain: &Chain) -> Option<(Subject, SimDuration, Vec<SpanKind>)> {
    let mut waits: BTreeMap<Subject, (SimDuration, Vec<SpanKind>)> = BTreeMap::new();
    for s in chain.segments.iter().filter(|s| is_wait(s.kind) && s.who != Subject::World) {
        let (sum, kinds) = waits.entry(s.who).or_default();
        *sum += s.to - s.from;
        if !kinds.contains(&s.kind) {
            kinds.push(s.kind);
        }
    }
    let (subject, (sum, kinds)) =
        waits.into_iter().max_by_key(|(who, (d, _))| (*d, std::cmp::Reverse(*who)))?;
    (!sum.is_zero()).then_some((subject, sum, kinds))
}

/// The story's last lines: the sentences that close it, broken to the width.
pub fn last_words(told: &Told, width: usize) -> String {
    format!("{}\n{NOT_A_FORECAST}", wrap(anecdote(told), width, ""))
}

const NOT_A_FORECAST: &str = "This is a simulation, not a forecast.";

fn anecdote(told: &Told) -> &'static str {
    match told.ensemble {
        Some(e) if e.n > 0 => "One replication is an anecdote: quote the ranges, not the times.",
        _ => "A single replay is an anecdote: run an ensemble or a batch before you quote it.",
    }
}

/// The sentences that close every story.
pub(super) fn closing(told: &Told) -> String {
    format!("{} {NOT_A_FORECAST}", anecdote(told))
}
