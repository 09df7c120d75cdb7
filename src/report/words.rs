//! Times, shares and lists in the words of a meeting.

use crate::model::{DecisionId, FactId, Model, Position, Setting, TemplateId};
use crate::time::{Epoch, SimDuration, SimTime, Timestamp, Zone};
use crate::trace::{Event, Names, Party, Source, SpanKind, Subject, WorkKind};

/// The option of a decision, after its title; nothing for a plain question.
fn option(model: &Model, decision: DecisionId, option: u8) -> String {
    let options = &model.decisions[decision.index()].options;
    options.get(usize::from(option)).map_or_else(String::new, |o| format!(" ({})", o.title))
}

/// The clock of a zone as people call it: `Madrid`, `UTC`.
pub(super) fn place(zone: &Zone) -> String {
    let name = zone.name();
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

/// An instant in UTC and on a local clock: `Fri 12 May 07:24 UTC (09:24 Madrid)`.
pub(super) fn at(epoch: Epoch, t: SimTime, zone: &Zone) -> String {
    let utc = Zone::utc();
    let (here, there) = (epoch.local(t, &utc), epoch.local(t, zone));
    let text = format!("{} UTC", here.strftime("%a %-d %b %H:%M"));
    if here == there {
        return text;
    }
    let local =
        if here.date() == there.date() { there.strftime("%H:%M") } else { there.strftime("%a %H:%M") };
    format!("{text} ({local} {})", place(zone))
}

/// An instant in UTC alone, from microseconds relative to the start.
pub(super) fn utc(epoch: Epoch, us: i64) -> String {
    let at = Timestamp::from_microsecond(epoch.start().as_microsecond().saturating_add(us));
    at.unwrap_or(Timestamp::MAX).strftime("%a %-d %b %H:%M").to_string()
}

/// A stretch of time in UTC and on a local clock: `between 08:58 and 10:11 UTC on Fri 12 May (10:58 and 12:11 in
/// Madrid)`.
pub(super) fn between(epoch: Epoch, from: SimTime, to: SimTime, zone: &Zone) -> String {
    let utc = Zone::utc();
    let ((a, b), (c, d)) =
        ((epoch.local(from, &utc), epoch.local(to, &utc)), (epoch.local(from, zone), epoch.local(to, zone)));
    let text = if a.date() == b.date() {
        format!(
            "between {} and {} UTC on {}",
            a.strftime("%H:%M"),
            b.strftime("%H:%M"),
            a.strftime("%a %-d %b")
        )
    } else {
        format!("between {} and {} UTC", a.strftime("%a %-d %b %H:%M"), b.strftime("%a %-d %b %H:%M"))
    };
    if a == c {
        return text;
    }
    let format = if c.date() == d.date() && c.date() == a.date() { "%H:%M" } else { "%a %H:%M" };
    format!("{text} ({} and {} in {})", c.strftime(format), d.strftime(format), place(zone))
}

/// A number with its noun: `1 replication`, `3 replications`.
pub(super) fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// A share for people: `92 %`; never 100 % for less than all, nor 0 % for more than nothing.
pub(super) fn percent(share: f64) -> String {
    let whole = (share * 100.0).round();
    if whole >= 100.0 && share < 1.0 - 1e-9 {
        "over 99 %".to_owned()
    } else if whole <= 0.0 && share > 1e-9 {
        "under 1 %".to_owned()
    } else {
        format!("{whole:.0} %")
    }
}

/// Hours as a duration.
pub(super) fn hours(hours: f64) -> String {
    SimDuration::from_hours_f64(hours.max(0.0)).to_string()
}

/// A length of time as it is said in a sentence, without its sign: `40 s`, `12 min`, `2 h 05 min`, `14 h`, `2 d 5 h`.
pub fn span(hours: f64) -> String {
    let minutes = (hours.abs() * 60.0).round() as u64;
    let whole = hours.abs().round() as u64;
    match minutes {
        0 => format!("{} s", (hours.abs() * 3600.0).round()),
        1..60 => format!("{minutes} min"),
        60..600 if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        60..600 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ if whole < 72 => format!("{whole} h"),
        _ if whole.is_multiple_of(24) => format!("{} d", whole / 24),
        _ => format!("{} d {} h", whole / 24, whole % 24),
    }
}

/// `a, b and c`.
pub(super) fn join(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// The first letter as a capital.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// What a run is to its history.
pub(super) fn setting(model: &Model) -> &'static str {
    match (model.meta.is_scenario, model.meta.setting) {
        (_, Some(Setting::Replay)) => "Replay",
        (_, Some(Setting::Counterfactual)) => "Counterfactual",
        (_, Some(Setting::Exercise)) => "Exercise",
        (_, Some(Setting::Rehearsal)) => "Rehearsal (exercise)",
        (true, None) => "Scenario",
        (false, None) => "Blueprint run alone",
    }
}

/// What the time of a segment went into.
pub(super) fn spent(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::External => "before it concerned anybody here",
        SpanKind::Spread => "the incident spreading",
        SpanKind::Detection => "hit, but not noticed yet",
        SpanKind::Queue => "waiting in the queue",
        SpanKind::OffDuty => "waiting, nobody on duty",
        SpanKind::CallOut => "waiting for staff called in",
        SpanKind::Work => "work",
        SpanKind::Transmission => "on the way",
        SpanKind::Retry => "lost on the way and sent again",
        SpanKind::Schedule => "waiting for the next report or meeting",
        SpanKind::Delay => "a set delay",
        SpanKind::Convening => "gathering those who decide",
        SpanKind::Deliberation => "deliberation",
        SpanKind::Outage => "something was down",
        SpanKind::Recovery => "recovery",
    }
}

/// What time went into, and at whom: `work, Team of Northland`. Of the spread the incident says nothing new.
pub(super) fn spent_at(names: &Names, kind: SpanKind, subject: Subject) -> String {
    match (kind, subject) {
        (SpanKind::Spread | SpanKind::External, _) | (_, Subject::World) => spent(kind).to_owned(),
        (kind, subject) => format!("{}, {}", spent(kind), who(names, subject)),
    }
}

/// What the actors of a template are, without a place for a state: `Team` for `Team of {state}`.
pub(super) fn role(model: &Model, template: TemplateId) -> String {
    let template = &model.templates[template.index()];
    let mut title = or_name(&template.title, &template.name).replace("{state}", "");
    loop {
        let cut = title.trim().trim_end_matches([',', ':', '(', '-']).trim_end();
        let cut = cut.strip_suffix(" of").or_else(|| cut.strip_suffix(" in")).unwrap_or(cut);
        if cut == title {
            break;
        }
        title = cut.to_owned();
    }
    if title.is_empty() { template.name.clone() } else { title }
}

/// Whether a kind of segment is a wait that somebody could shorten by being there.
pub(super) fn is_wait(kind: SpanKind) -> bool {
    matches!(
        kind,
        SpanKind::Queue
            | SpanKind::OffDuty
            | SpanKind::CallOut
            | SpanKind::Schedule
            | SpanKind::Convening
            | SpanKind::Outage
            | SpanKind::Retry
    )
}

fn or_name<'a>(title: &'a str, name: &'a str) -> &'a str {
    if title.is_empty() { name } else { title }
}

/// The fact in words.
pub(super) fn fact(model: &Model, fact: FactId) -> String {
    let fact = &model.facts[fact.index()];
    or_name(&fact.title, &fact.name.text).to_owned()
}

/// The work in words.
pub(super) fn work(model: &Model, work: WorkKind) -> String {
    let product = |p: crate::model::ProductId| {
        let p = &model.products[p.index()];
        or_name(&p.title, &p.name.text).to_owned()
    };
    let decision = |d: crate::model::DecisionId| {
        let d = &model.decisions[d.index()];
        or_name(&d.title, &d.name.text).to_owned()
    };
    match work {
        WorkKind::Task(t) => {
            let t = &model.tasks[t.index()];
            or_name(&t.title, &t.name.text).to_owned()
        }
        WorkKind::For(site) => {
            let param = &model.params[model.sites[site.index()].param.index()];
            match (param.title.as_str(), param.literal) {
                ("", true) => "work".to_owned(),
                ("", false) => param.name.clone(),
                (title, _) => title.to_owned(),
            }
        }
        WorkKind::Write(p) => format!("writing: {}", product(p)),
        WorkKind::Read(p) => format!("reading: {}", product(p)),
        WorkKind::Position(d) => format!("forming a position on: {}", decision(d)),
        WorkKind::Attend(n) => {
            let n = &model.networks[n.index()];
            format!("a meeting of {}", or_name(&n.title, &n.name.text))
        }
        WorkKind::Session(d) => format!("a session on: {}", decision(d)),
    }
}

/// Who a subject is, in a sentence: `the operator N/health#17`, `Team of Northland`.
pub(super) fn who(names: &Names, subject: Subject) -> String {
    match subject {
        Subject::World => "the world".to_owned(),
        Subject::Operator(_) => format!("the operator {}", names.subject(subject)),
        Subject::Incident(_) => format!("the incident {}", names.title(subject)),
        Subject::Channel(_) => format!("the channel {}", names.title(subject)),
        Subject::Actor(_) | Subject::Network(_) => names.title(subject),
    }
}

fn party(names: &Names, party: Party) -> String {
    match party {
        Party::Actor(a) => who(names, Subject::Actor(a)),
        Party::Operator(o) => who(names, Subject::Operator(o)),
        Party::Operators(state) => match names.model().states.get(state as usize) {
            Some(state) => format!("the operators of {}", or_name(&state.title, &state.name)),
            None => "the operators".to_owned(),
        },
        Party::Public => "the public".to_owned(),
    }
}

/// What happened, as a sentence without its time and final stop.
pub(super) fn happened(names: &Names, subject: Subject, event: &Event) -> String {
    let m = names.model();
    let who = who(names, subject);
    let rule = |r: crate::model::RuleId| {
        let r = &m.rules[r.index()];
        or_name(&r.title, &r.name.text)
    };
    let incident = |i: crate::model::IncidentId| {
        let i = &m.incidents[i.index()];
        or_name(&i.title, &i.name.text)
    };
    let operator = |o| names.operator(o);
    let counter = |c: crate::model::CountermeasureId| {
        let c = &m.countermeasures[c.index()];
        or_name(&c.title, &c.name.text)
    };
    let decision = |d: crate::model::DecisionId| {
        let d = &m.decisions[d.index()];
        or_name(&d.title, &d.name.text)
    };
    let network = |n: crate::model::NetworkId| {
        let n = &m.networks[n.index()];
        or_name(&n.title, &n.name.text)
    };
    let product = |p: crate::model::ProductId| {
        let p = &m.products[p.index()];
        or_name(&p.title, &p.name.text)
    };
    match *event {
        Event::Start => "the simulation starts".to_owned(),
        Event::End => "the simulation ends".to_owned(),
        Event::IncidentStarted(i) => format!("{} begins", incident(i)),
        Event::Injected(i) => {
            let i = &m.injects[i.index()];
            format!("exercise control: {}", or_name(&i.title, &i.name.text))
        }
        Event::Tick(r) => format!("it is time at {who} for \"{}\"", rule(r)),
        Event::Arrival(r) => format!("something arrives at {who} (\"{}\")", rule(r)),
        Event::Hit(i, o) => format!("the operator {} is hit by {}", operator(o), incident(i)),
        Event::Infected { operator: o, by } => format!("{} had infected {}", operator(by), operator(o)),
        Event::Detected(_, o) => format!("the operator {} notices that it is hit", operator(o)),
        Event::Contained(_, o) => format!("the operator {} has contained the incident", operator(o)),
        Event::Recovered(_, o) => format!("the operator {} works again", operator(o)),
        Event::OffLine(c, o) => format!("the operator {} goes off line: {}", operator(o), counter(c)),
        Event::OnLine(_, o) => format!("the operator {} is back on line", operator(o)),
        Event::Immune(c, o) => format!("the operator {} has taken up {}", operator(o), counter(c)),
        Event::RuleFired(r) => format!("{who} acts: {}", rule(r)),
        Event::RuleBlocked(r, _) => format!("{who} does not act: {}", rule(r)),
        Event::Waited(r) => format!("{who} has waited long enough for \"{}\"", rule(r)),
        Event::Joined(r) => format!("enough is done at {who} for \"{}\"", rule(r)),
        Event::Finished(r) => format!("{who} closes the case (\"{}\")", rule(r)),
        Event::Crossed(r) => format!("the queue at {who} comes to the length of \"{}\"", rule(r)),
        Event::Silent(r) => format!("{who} has heard nothing for long enough for \"{}\"", rule(r)),
        Event::Took { pool, amount, .. } => {
            format!("{who} takes {amount} of {}", m.pools[pool.index()].title)
        }
        Event::GaveBack { pool, amount, .. } => {
            format!("{who} gives {amount} to {}", m.pools[pool.index()].title)
        }
        Event::WentWithout(pool) => format!("{who} does without {}", m.pools[pool.index()].title),
        Event::Redundant(p) => format!("{who} receives once more: {}", product(p)),
        Event::StaffMoved(by) if by < 0 => format!("staff leaves {who}: {}", -by),
        Event::StaffMoved(by) => format!("staff comes to {who}: {by}"),
        Event::Withdrawn { work: w, .. } => format!("{who} drops {}", work(m, w)),
        Event::TaskDone { work: w, .. } => format!("{who} is done with {}", work(m, w)),
        Event::TaskLost { work: w, reneged: true } => format!("{who} gives up on {}", work(m, w)),
        Event::TaskLost { work: w, reneged: false } => {
            format!("{who} has no room in its queue for {}", work(m, w))
        }
        Event::Unfinished { work: w, .. } => format!("{who} has not finished {}", work(m, w)),
        Event::Learned { fact: f, from, .. } => {
            let from = match from {
                Source::Own => " by its own work".to_owned(),
                Source::World => String::new(),
                Source::Actor(a) => format!(" from {}", self::who(names, Subject::Actor(a))),
                Source::Operator(o) => format!(" from {}", self::who(names, Subject::Operator(o))),
            };
            format!("{who} knows{from}: {}", fact(m, f))
        }
        Event::Versioned { fact: f, .. } => format!("there is new knowledge: {}", fact(m, f)),
        Event::True { fact: f, .. } => format!("it becomes true: {}", fact(m, f)),
        Event::Sent { product: p, to, .. } => format!("{who} sends to {}: {}", party(names, to), product(p)),
        Event::Delivered { product: p, from, .. } => {
            format!("{who} receives from {}: {}", party(names, from), product(p))
        }
        Event::Undelivered { product: p, to, .. } => {
            format!("{who} cannot reach {} with: {}", party(names, to), product(p))
        }
        Event::Refused { product: p, to, .. } => {
            format!("{who} may not send to {}: {}", party(names, to), product(p))
        }
        Event::Read { product: p, .. } => format!("{who} has read: {}", product(p)),
        Event::Published { product: p, .. } => format!("{who} goes public: {}", product(p)),
        Event::Proposed(d) => format!("{who} proposes: {}", decision(d)),
        Event::Voted(d, says) => {
            let says = match says {
                Position::Yes => "votes for",
                Position::No => "votes against",
                Position::Abstain => "abstains",
                Position::NotYet => "has no position yet",
                Position::Absent => "takes no part",
            };
            format!("{who} {says}: {}", decision(d))
        }
        Event::RoundEnded(d, o, n) => {
            format!("{}{}: round {} ends without a result", decision(d), option(m, d, o), n + 1)
        }
        Event::RoundBegan(d, o, n) => format!("{}{}: round {} begins", decision(d), option(m, d, o), n + 1),
        Event::Decided(d, outcome, _, o) => {
            format!("{}{}: {}", decision(d), option(m, d, o), outcome_word(outcome))
        }
        Event::ModeEntered { network: n, mode, .. } => {
            let title = m.networks[n.index()].modes.get(usize::from(mode)).map_or("", |mode| &mode.title);
            format!("{} goes to \"{title}\"", network(n))
        }
        Event::MeetingBegan(n) => format!("a meeting of {} begins", network(n)),
        Event::MeetingEnded(n) => format!("the meeting of {} ends", network(n)),
        Event::Assigned(r) => format!("{who} takes over: {}", m.roles[r.index()].title),
        Event::Enacted(c) => format!("it takes effect: {}", counter(c)),
        Event::Ceased(c) => format!("it no longer works: {}", counter(c)),
    }
}

fn outcome_word(outcome: crate::model::Outcome) -> &'static str {
    match outcome {
        crate::model::Outcome::Adopted => "adopted",
        crate::model::Outcome::Rejected => "rejected",
        crate::model::Outcome::Lapsed => "not decided in time",
    }
}

/// Whether a word belongs to the number before it: `12 %`, `3 h`.
fn is_unit(word: &str) -> bool {
    matches!(word.trim_end_matches(['.', ',', ';', ':', ')', '(']), "%" | "d" | "h" | "min" | "s" | "ms")
}

/// Text broken into lines of at most `width` characters; lines after the first begin with `indent`. A unit stays
/// with its number.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let lead = text.len() - text.trim_start_matches(' ').len();
    let mut out = text[..lead].to_owned();
    let mut column = lead;
    let mut first = true;
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let mut word = word.to_owned();
        while word.ends_with(|c: char| c.is_ascii_digit())
            && let Some(unit) = words.next_if(|next| is_unit(next))
        {
            word.push(' ');
            word.push_str(unit);
        }
        let length = word.chars().count();
        if !first && column + 1 + length > width {
            out.push('\n');
            out.push_str(indent);
            column = indent.chars().count();
        } else if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word);
        column += length;
        first = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch() -> Epoch {
        Epoch::new("2017-05-12T07:24:00Z".parse().unwrap())
    }

    #[test]
    fn instants_name_both_clocks() {
        let madrid = Zone::get("Europe/Madrid").unwrap();
        assert_eq!(at(epoch(), SimTime::ZERO, &madrid), "Fri 12 May 07:24 UTC (09:24 Madrid)");
        assert_eq!(at(epoch(), SimTime::ZERO, &Zone::utc()), "Fri 12 May 07:24 UTC");
        let late = SimTime::ZERO + SimDuration::from_hours(15);
        assert_eq!(at(epoch(), late, &madrid), "Fri 12 May 22:24 UTC (Sat 00:24 Madrid)");
    }

    #[test]
    fn stretches_name_the_day_once() {
        let madrid = Zone::get("Europe/Madrid").unwrap();
        let h = |h| SimTime::ZERO + SimDuration::from_hours(h);
        assert_eq!(
            between(epoch(), h(1), h(2), &madrid),
            "between 08:24 and 09:24 UTC on Fri 12 May (10:24 and 11:24 in Madrid)"
        );
        assert_eq!(
            between(epoch(), h(1), h(24), &madrid),
            "between Fri 12 May 08:24 and Sat 13 May 07:24 UTC (Fri 10:24 and Sat 09:24 in Madrid)"
        );
    }

    #[test]
    fn shares_do_not_round_to_all_or_nothing() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.999), "over 99 %");
        assert_eq!(percent(0.001), "under 1 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.424), "42 %");
    }

    #[test]
    fn lines_are_broken_at_words() {
        assert_eq!(wrap("  one two three", 9, "    "), "  one two\n    three");
        assert_eq!(wrap("took 12 % (3 h 06 min).", 8, ""), "took\n12 %\n(3 h\n06 min).");
        assert_eq!(join(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(capital("été"), "Été");
    }
}
