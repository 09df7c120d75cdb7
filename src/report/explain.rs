//! A milestone's causal chain, told step by step in words and times.

use std::collections::BTreeMap;

use super::story::{Told, largest, observed, range, since, subject_of};
use super::words::{at, capital, happened, percent, place, spent, spent_at, who, wrap};
use crate::analysis::chain::{Chain, Segment};
use crate::model::{MilestoneId, Model};
use crate::time::{Epoch, SimDuration, SimTime, Zone};
use crate::trace::{Event, Names, SpanKind, Subject};

/// How a milestone came about, `width` columns wide, ending with a line break.
pub fn explain(told: &Told, milestone: MilestoneId, width: usize) -> String {
    let mut out = String::new();
    let mut line = |text: &str, indent: &str| {
        out.push_str(&wrap(text, width, indent));
        out.push('\n');
    };
    let model = told.model;
    let m = &model.milestones[milestone.index()];
    let names = Names::new(model, told.trace);
    let result = told.results.milestone(milestone);
    let zone = names.zone(subject_of(told, milestone));
    line(&m.title, "");
    let Some(reached) = result.reached else {
        line("It was not reached by the end of the run.", "");
        line("Ask what stood in the way with `--why-not RULE` or `--why-not ACTOR,FACT`.", "");
        return out;
    };
    let when = at(model.meta.epoch, reached.at, zone);
    let origin = since(model, milestone);
    match (result.latency, result.origin) {
        (Some(latency), _) => line(&format!("Reached {when}, {latency} after {origin}."), ""),
        (None, Some(_)) => line(&format!("Reached {when}, before {origin}: there is no chain to tell."), ""),
        (None, None) => {
            line(&format!("Reached {when}, but {origin} did not happen: there is no chain to tell."), "");
        }
    }
    if let Some(seen) = &m.observed {
        line(&format!("{}.", capital(&observed(model, seen))), "");
    }
    if let Some(s) =
        told.ensemble.and_then(|e| e.summary.milestones.iter().find(|s| s.milestone == milestone))
    {
        line(&format!("{}.", capital(&range(told, s, zone))), "");
    }
    let Some(chain) = told.results.chain(milestone) else { return out };
    line("", "");
    let mut day = None;
    for text in steps(told, &names, chain) {
        if day.as_ref() != Some(&text.day) {
            line(&text.day, "");
            day = Some(text.day.clone());
        }
        line(&format!("  {}: {}", text.clock, text.sentence), "      ");
    }
    line("", "");
    line("Where the time went", "");
    for text in sums(&names, chain) {
        line(&text, "      ");
    }
    out
}

/// A step of a chain as it is told.
pub(super) struct Step {
    /// The day, in UTC.
    pub(super) day: String,
    /// The time in UTC and on the clock of who it is about.
    pub(super) clock: String,
    /// What happened, and what the time before it went into.
    pub(super) sentence: String,
}

/// The steps of a chain, the earliest first.
///
/// What is done at the very instant at which its result is known (a reading, and then knowing) is told once, by the
/// result.
pub(super) fn steps(told: &Told, names: &Names, chain: &Chain) -> Vec<Step> {
    let epoch = told.model.meta.epoch;
    let records = &told.trace.records;
    let mut steps = Vec::new();
    let mut before = chain.segments.first().map_or(SimTime::ZERO, |s| s.from);
    let mut hit_at = None;
    for (i, &id) in chain.steps.iter().enumerate() {
        let record = &records[id as usize];
        let next = chain.steps.get(i + 1).map(|&next| &records[next as usize]);
        let is_means = matches!(record.event, Event::TaskDone { .. } | Event::Read { .. });
        if is_means && next.is_some_and(|next| next.time == record.time && next.who == record.who) {
            continue;
        }
        let zone = names.zone(record.who);
        let pieces = pieces(chain, before, record.time);
        let mut sentence = capital(&happened(names, record.who, &record.event));
        match record.event {
            Event::Hit(..) => hit_at = Some(record.time),
            Event::Detected(..) => {
                if let Some(hit) = hit_at {
                    sentence.push_str(&format!(", {} after it was hit", record.time - hit));
                }
            }
            _ => {}
        }
        sentence.push('.');
        if !pieces.is_empty() && !matches!(record.event, Event::Detected(..)) {
            sentence.push_str(&format!(" Before that: {}.", spent_on(names, record.who, &pieces)));
        }
        let utc = epoch.local(record.time, &Zone::utc());
        steps.push(Step {
            day: utc.strftime("%a %-d %b %Y").to_string(),
            clock: clock(epoch, record.time, zone),
            sentence,
        });
        before = before.max(record.time);
    }
    steps
}

/// `07:24 UTC, 09:24 Madrid`; the day too where it is another one there.
fn clock(epoch: Epoch, t: SimTime, zone: &Zone) -> String {
    let (utc, local) = (epoch.local(t, &Zone::utc()), epoch.local(t, zone));
    let text = format!("{} UTC", utc.strftime("%H:%M"));
    if utc == local {
        return text;
    }
    let format = if utc.date() == local.date() { "%H:%M" } else { "%a %H:%M" };
    format!("{text}, {} {}", local.strftime(format), place(zone))
}

/// The parts of a chain's segments inside a stretch.
fn pieces(chain: &Chain, from: SimTime, to: SimTime) -> Vec<Segment> {
    let cut = |s: &Segment| Segment { from: s.from.max(from), to: s.to.min(to), ..*s };
    chain.segments.iter().map(cut).filter(|s| s.from < s.to).collect()
}

/// What a stretch went into: `2 h waiting in the queue, 30 min work at Team of Northland`.
fn spent_on(names: &Names, about: Subject, pieces: &[Segment]) -> String {
    let mut parts = Vec::new();
    for piece in pieces {
        let text = if piece.who == about {
            spent(piece.kind).to_owned()
        } else {
            spent_at(names, piece.kind, piece.who)
        };
        parts.push(format!("{} {text}", piece.to - piece.from));
    }
    parts.join("; then ")
}

/// The sums at the end: by what the time went into, and by who.
fn sums(names: &Names, chain: &Chain) -> Vec<String> {
    let total: SimDuration = chain.segments.iter().map(Segment::duration).sum();
    let share = |d: SimDuration| match total.is_zero() {
        true => "-".to_owned(),
        false => percent(d.as_micros() as f64 / total.as_micros() as f64),
    };
    let mut kinds: Vec<(SpanKind, SimDuration)> = SpanKind::ALL
        .into_iter()
        .map(|kind| (kind, chain.time_on(kind)))
        .filter(|(_, d)| !d.is_zero())
        .collect();
    kinds.sort_by_key(|&(kind, d)| (std::cmp::Reverse(d), kind));
    let mut lines: Vec<String> =
        kinds.iter().map(|(kind, d)| format!("  {d} ({}): {}", share(*d), spent(*kind))).collect();
    lines.push(format!("  {total} in all"));
    let mut sums: BTreeMap<Subject, SimDuration> = BTreeMap::new();
    for segment in &chain.segments {
        *sums.entry(segment.who).or_default() += segment.duration();
    }
    let mut by_subject: Vec<(Subject, SimDuration)> = sums.into_iter().collect();
    by_subject.retain(|(subject, d)| *subject != Subject::World && !d.is_zero());
    by_subject.sort_by_key(|&(subject, d)| (std::cmp::Reverse(d), subject));
    if let Some(((kind, subject), d)) = largest(chain).first() {
        lines.push(format!("  The longest part: {d} {}.", spent_at(names, *kind, *subject)));
    }
    if !by_subject.is_empty() {
        let told: Vec<String> =
            by_subject.iter().take(5).map(|(subject, d)| format!("{} {d}", who(names, *subject))).collect();
        lines.push(format!("  By who: {}.", told.join(", ")));
    }
    lines
}

/// The milestone with this name, or the names that there are.
///
/// # Errors
/// All names, for a suggestion.
pub fn milestone_named(model: &Model, name: &str) -> Result<MilestoneId, Vec<String>> {
    match model.milestones.iter().position(|m| m.name == name) {
        Some(i) => Ok(MilestoneId::from_index(i)),
        None => Err(model.milestones.iter().map(|m| m.name.clone()).collect()),
    }
}
