//! `explain`: how a milestone came about, or why something did not happen.

use super::args::ExplainArgs;
use super::failure::Failure;
use super::past::past;
use super::term;
use crate::model::RuleId;
use crate::report::{explain, milestone_named, why_not_fact, why_not_rule};

pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let past = past(&args.dir)?;
    let told = past.told();
    let width = term::width();
    if let Some(name) = &args.milestone {
        let milestone =
            milestone_named(told.model, name).map_err(|known| unknown("milestone", name, &known))?;
        return term::result(&explain(&told, milestone, width));
    }
    let Some(why_not) = &args.why_not else {
        return Err(Failure::usage("name a milestone or ask `--why-not`"));
    };
    let model = told.model;
    let Some((actor, fact)) = why_not.split_once(',') else {
        let rules: Vec<String> = model.rules.iter().map(|r| r.name.text.clone()).collect();
        let Some(rule) = rules.iter().position(|name| name == why_not) else {
            return Err(unknown("rule", why_not, &rules).hint("for a fact, write ACTOR,FACT"));
        };
        return term::result(&why_not_rule(&told, RuleId::from_index(rule), width));
    };
    let (actor, fact) = (actor.trim(), fact.trim());
    let actor_id = model.actor_named(actor).ok_or_else(|| {
        let names: Vec<String> = model.actors.iter().map(|a| a.name.text.clone()).collect();
        unknown("actor", actor, &names)
    })?;
    let fact_id = model.fact_named(fact).ok_or_else(|| {
        let names: Vec<String> = model.facts.iter().map(|f| f.name.text.clone()).collect();
        unknown("fact", fact, &names)
    })?;
    term::result(&why_not_fact(&told, actor_id, fact_id, width))
}

/// As many names are listed; no more, so that the message stays a message.
const MOST: usize = 48;

pub(crate) fn unknown(what: &str, name: &str, known: &[String]) -> Failure {
    let failure = Failure::wrong(format!("this run has no {what} `{name}`"))
        .did_you_mean(name, known.iter().map(String::as_str));
    match known.len() {
        0 => failure.hint(format!("it has no {what} at all")),
        n if n <= MOST => failure.hint(format!("it has: {}", known.join(", "))),
        n => failure.hint(format!("it has: {}, and {} more", known[..MOST].join(", "), n - MOST)),
    }
}
