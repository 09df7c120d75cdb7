//! Why a thing did not happen, in words.

use std::collections::BTreeMap;

use super::conditions::{condition, leaf};
use super::story::Told;
use super::words::{at, capital, fact, plural, who, wrap};
use crate::analysis::dormant::{Dormant, Teller, dormant_ways};
use crate::analysis::why_not::{
    Addressed, Cut, Fate, RuleReport, Told as WasTold, Unread, why_not_fact as fact_report,
    why_not_rule as rule_report,
};
use crate::model::{ActorId, FactId, Model, RuleId};
use crate::time::SimTime;
use crate::trace::{Names, Refusal, Source, Subject};

/// Actors or messages that are listed; the rest is counted.
const MOST: usize = 12;

/// What a rule did and what stopped it, `width` columns wide.
pub fn why_not_rule(told: &Told, rule: RuleId, width: usize) -> String {
    let (model, trace) = (told.model, told.trace);
    let report = rule_report(model, trace, rule);
    let r = &model.rules[rule.index()];
    let names = Names::new(model, trace);
    let mut lines = vec![if r.title.is_empty() { r.name.text.clone() } else { r.title.clone() }];
    let fired: Vec<_> = report.actors.iter().filter(|a| a.fired > 0).collect();
    let never: Vec<_> = report.actors.iter().filter(|a| a.fired == 0 && a.blocked == 0).collect();
    lines.push(format!("{} have this rule.", capital(&plural(report.actors.len(), "actor"))));
    let n: u32 = fired.iter().map(|a| a.fired).sum();
    let first = fired.iter().filter_map(|a| Some((a.first_fired?, a.actor))).min();
    lines.push(match first {
        None => "It never fired.".to_owned(),
        Some((t, actor)) => {
            let subject = Subject::Actor(actor);
            let when = at(model.meta.epoch, t, names.zone(subject));
            format!(
                "It fired {} at {}, first at {}, {when}.",
                times(n),
                plural(fired.len(), "actor"),
                who(&names, subject)
            )
        }
    });
    if report.actors.is_empty() {
        lines.push("No actor has it: whoever it is for is not part of this model.".to_owned());
    }
    if let Some(why) = report.dormant {
        lines.push(format!("It was never in force: {}.", dormant(model, why)));
    }
    lines.push(String::new());
    lines.push("What sets it off".to_owned());
    for (part, n) in r.trigger.leaves.iter().zip(&report.leaves) {
        let n = if *n == 0 { "did not happen".to_owned() } else { format!("happened {}", times(*n)) };
        lines.push(format!("  {}: {n}", leaf(model, part)));
    }
    lines.extend(blocked(told, &report));
    if !never.is_empty() && !report.leaves.iter().all(|n| *n == 0) {
        let some: Vec<String> =
            never.iter().take(MOST).map(|a| who(&names, Subject::Actor(a.actor))).collect();
        let more =
            if never.len() > MOST { format!(" and {} more", never.len() - MOST) } else { String::new() };
        lines.push(format!("Never set off at: {}{more}.", some.join(", ")));
    }
    finish(&lines, width)
}

/// Why a part of a model was not in force.
fn dormant(model: &Model, why: Dormant) -> String {
    let element = |e: crate::model::ElementId| {
        let element = &model.elements[e.index()];
        format!("the element `{}` ({})", element.name, element.title)
    };
    match why {
        Dormant::ElementOff(e) => format!("{} is off", element(e)),
        Dormant::ElementOn(e) => format!("{} is on", element(e)),
        Dormant::Dates => "its dates do not allow it".to_owned(),
    }
}

fn times(n: u32) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

/// Conditions that stopped it, over all actors, those of `while` first.
fn blocked(told: &Told, report: &RuleReport) -> Vec<String> {
    let model = told.model;
    let rule = &model.rules[report.rule.index()];
    /// How often, where, from when and to when.
    type Stops = (u32, Vec<Subject>, SimTime, SimTime);
    let mut by_condition: BTreeMap<(bool, usize), Stops> = BTreeMap::new();
    for b in &report.blocked {
        let none = (0, Vec::new(), b.first, b.last);
        let (n, actors, first, last) = by_condition.entry((!b.in_while, b.position)).or_insert(none);
        *n += b.times;
        actors.push(b.actor);
        (*first, *last) = (b.first.min(*first), b.last.max(*last));
    }
    if by_condition.is_empty() {
        return Vec::new();
    }
    let names = Names::new(model, told.trace);
    let mut lines = vec![String::new(), "What stopped it".to_owned()];
    for ((in_when, position), (n, actors, first, last)) in by_condition {
        let list = if in_when { &rule.when } else { &rule.while_ };
        let text = list.get(position).map_or_else(|| "a condition".to_owned(), |c| condition(model, c));
        let whom = match actors.as_slice() {
            [one] => who(&names, *one),
            many => plural(many.len(), "actor"),
        };
        let (epoch, zone) = (model.meta.epoch, &model.meta.zone);
        let when = match first == last {
            true => at(epoch, first, zone),
            false => format!("first {}, last {}", at(epoch, first, zone), at(epoch, last, zone)),
        };
        lines.push(format!("  it did not hold that {text}: {}, at {whom}; {when}", times(n)));
    }
    lines
}

/// Why an actor did not know a fact, or how it came to know it, `width` columns wide.
pub fn why_not_fact(told: &Told, actor: ActorId, about: FactId, width: usize) -> String {
    let (model, trace) = (told.model, told.trace);
    let report = fact_report(model, trace, actor, about);
    let names = Names::new(model, trace);
    let epoch = model.meta.epoch;
    let me = Subject::Actor(actor);
    let mut lines = vec![format!("{} and \"{}\"", who(&names, me), fact(model, about))];
    lines.push(match report.learned {
        Some(row) => {
            let from = match row.from {
                Source::Own => "by its own work".to_owned(),
                Source::World => "directly".to_owned(),
                Source::Actor(a) => format!("from {}", who(&names, Subject::Actor(a))),
                Source::Operator(o) => format!("from {}", who(&names, Subject::Operator(o))),
            };
            format!("It did learn it: {}, {from}.", at(epoch, row.learned_at, names.zone(me)))
        }
        None => "It never learned it.".to_owned(),
    });
    lines.push(match report.true_at {
        Some(t) => format!("It became true {}.", at(epoch, t, &model.meta.zone)),
        None => "It never became true in the world.".to_owned(),
    });
    lines.push(match report.others.first() {
        Some(first) => format!(
            "{} knew it; first {}, {}.",
            capital(&plural(report.others.len(), "other actor")),
            who(&names, Subject::Actor(first.actor)),
            at(epoch, first.learned_at, names.zone(Subject::Actor(first.actor)))
        ),
        None => "No other actor knew it: there was nobody to tell it.".to_owned(),
    });
    lines.push(String::new());
    if report.addressed.is_empty() {
        lines.push("Nothing that could have told it was ever addressed to this actor.".to_owned());
    } else {
        lines.push("What was addressed to it and could have told it".to_owned());
        for a in report.addressed.iter().take(MOST) {
            lines.push(format!("  {}", addressed(told, &names, actor, a)));
        }
        if report.addressed.len() > MOST {
            lines.push(format!("  and {} more", report.addressed.len() - MOST));
        }
    }
    if report.learned.is_none() && !report.tellers.is_empty() {
        lines.push(String::new());
        lines.push("Rules that could have told it".to_owned());
        lines.extend(
            report.tellers.iter().take(MOST).map(|teller| format!("  {}", teller_text(model, teller))),
        );
        if report.tellers.len() > MOST {
            lines.push(format!("  and {} more", report.tellers.len() - MOST));
        }
    }
    finish(&lines, width)
}

/// What became of a rule that could have told a fact.
fn teller_text(model: &Model, teller: &Teller) -> String {
    let name = &model.rules[teller.rule.index()].name.text;
    match (teller.dormant, teller.fired, teller.blocked) {
        (Some(why), ..) => format!("`{name}` was never in force: {}", dormant(model, why)),
        (None, 0, 0) => format!("`{name}` was never set off"),
        (None, fired, blocked) => {
            let fired = if fired == 0 { "never fired".to_owned() } else { format!("fired {}", times(fired)) };
            let stopped = match blocked {
                0 => String::new(),
                n => format!(" and was stopped by a condition {}", times(n)),
            };
            format!("`{name}` {fired}{stopped}")
        }
    }
}

/// What cut a fact that the author knew out of what it wrote.
fn cut_text(cut: Cut) -> String {
    let mut why = Vec::new();
    if cut.tear_line {
        why.push("it is marked too high to go there and stood above the tear line");
    }
    if cut.unwilling {
        why.push("the author was not willing to share it");
    }
    if cut.cut_off {
        why.push("it was learned after the cut-off");
    }
    match why.is_empty() {
        true => "did not tell it: the author learned it too late".to_owned(),
        false => format!("did not tell it: {}", why.join(", or ")),
    }
}

fn addressed(told: &Told, names: &Names, me: ActorId, a: &Addressed) -> String {
    let model = told.model;
    let epoch = model.meta.epoch;
    let content = match a.told {
        WasTold::Yes => "told it".to_owned(),
        WasTold::AuthorDidNotKnow => "did not tell it: the author did not know it".to_owned(),
        WasTold::Cut(cut) => cut_text(cut),
        WasTold::NoContent => "could have told it".to_owned(),
    };
    let fate = match a.fate {
        Fate::Refused(Refusal::NoChannel) => no_channel(told, me, a),
        Fate::Refused(Refusal::Marking) => "was not sent: no channel carries its marking".to_owned(),
        Fate::Refused(Refusal::Clearance) => "was not sent: the receiver is not cleared".to_owned(),
        Fate::Refused(Refusal::Unwilling) => {
            "was not sent: the sender never complies with this duty".to_owned()
        }
        Fate::Refused(Refusal::NoContent) => "was not sent: there was nothing to tell".to_owned(),
        Fate::Undelivered => "got lost on the way".to_owned(),
        Fate::UnderWay => "was still on the way at the end".to_owned(),
        Fate::QueueFull => "arrived and was never read: the queue was full".to_owned(),
        Fate::GivenUp => "arrived and was never read: it waited too long and was given up".to_owned(),
        Fate::Withdrawn => "arrived, and the matter was closed before it was read".to_owned(),
        Fate::Unread(t, state) => {
            let state = match state {
                Unread::InQueue => "was still in the queue at the end",
                Unread::OffDuty => "nobody was on duty to read it until the end",
                Unread::CallOut => "staff had been called for it and was not there by the end",
                Unread::BeingRead => "was being read at the end",
                Unread::Down => "the receiver was down until the end",
            };
            format!("arrived {}; {state}", at(epoch, t, &model.meta.zone))
        }
        Fate::Read(t) => format!("was read {}", at(epoch, t, &model.meta.zone)),
    };
    format!(
        "{}: \"{}\" from {} {content}; it {fate}",
        at(epoch, a.at, &model.meta.zone),
        model.products[a.product.index()].title,
        who(names, a.from)
    )
}

/// No channel led there; one that would have, had it been in force, is named.
fn no_channel(told: &Told, me: ActorId, a: &Addressed) -> String {
    let model = told.model;
    let ways = match a.from {
        Subject::Actor(from) => dormant_ways(model, (from, me), a.product, a.at),
        _ => Vec::new(),
    };
    match ways.first() {
        None => "was not sent: no channel leads there".to_owned(),
        Some((channel, why)) => format!(
            "was not sent: no channel led there; `{}` would have, but {}",
            model.channels[channel.index()].name.text,
            dormant(model, *why)
        ),
    }
}

fn finish(lines: &[String], width: usize) -> String {
    let mut out = String::new();
    for line in lines {
        let indent = " ".repeat(line.chars().take_while(|c| *c == ' ').count() + 2);
        out.push_str(&wrap(line, width, if line.starts_with(' ') { &indent } else { "" }));
        out.push('\n');
    }
    out
}
