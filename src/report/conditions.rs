//! Triggers and conditions of rules in words.

use crate::model::{
    Condition, FactKindId, Leaf, ModeRef, Model, Outcome, ParamId, Phase, Scope, Sel, SiteId,
};

use super::words::join;

fn kind(model: &Model, kind: FactKindId) -> String {
    model.fact_kinds[kind.index()].name.clone()
}

fn param(model: &Model, site: SiteId) -> String {
    written(model, model.sites[site.index()].param)
}

fn written(model: &Model, param: ParamId) -> String {
    let param = &model.params[param.index()];
    let value = param.written.first().map_or("", |w| w.1.as_str());
    match (param.literal, value) {
        (true, _) | (_, "") => param.name.clone(),
        (false, value) => format!("{} ({value})", param.name),
    }
}

fn mode(model: &Model, mode: ModeRef) -> (String, String) {
    let network = &model.networks[mode.network.index()];
    let rung = network.modes.get(usize::from(mode.mode)).map_or("", |mode| &mode.title);
    (network.title.clone(), rung.to_owned())
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Any => "",
        Scope::Own => " of the own state",
        Scope::Other => " of another state",
        Scope::Same => " of the state in hand",
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Adopted => "adopted",
        Outcome::Rejected => "rejected",
        Outcome::Lapsed => "lapsed",
    }
}

/// A set of actors in words.
fn selection(model: &Model, sel: &Sel) -> String {
    match sel {
        Sel::Fixed(set) => {
            let members = &model.sets[set.index()].members;
            match members.as_slice() {
                [one] => model.actors[one.index()].title.clone(),
                many => format!("a set of {} actors", many.len()),
            }
        }
        Sel::Own(t) => format!("{} of the own state", model.templates[t.index()].title),
        Sel::Concerned(t) => format!("{} of the state concerned", model.templates[t.index()].title),
        Sel::Affected(t, _) => format!("{} of the states affected", model.templates[t.index()].title),
        Sel::Holder(role) => format!("the holder of {}", model.roles[role.index()].title),
        Sel::Sender => "the sender".to_owned(),
        Sel::Linked => "everybody a channel leads to".to_owned(),
        Sel::Operators => "the operators".to_owned(),
        Sel::OperatorsIn(states) => format!("the operators of {} states", states.len()),
        Sel::AnyOf(parts) => join(&parts.iter().map(|p| selection(model, p)).collect::<Vec<_>>()),
        Sel::Drawn(all, sample) => format!("{} of {}", sample.n, selection(model, all)),
        Sel::Except(all, without) => {
            format!("{} except {}", selection(model, all), selection(model, without))
        }
    }
}

/// A condition, as the end of the sentence "it must hold that ...".
pub(super) fn condition(model: &Model, c: &Condition) -> String {
    let all = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|p| condition(model, p)).collect();
        format!("({})", parts.join(word))
    };
    match c {
        Condition::Known { kind: k, of, at_least, value, number, older, newer, .. } => {
            let mut text = format!("the actor knows `{}`{}", kind(model, *k), scope(*of));
            if let Some(site) = at_least {
                text.push_str(&format!(" at least {} times", param(model, *site)));
            }
            if let Some(value) = value
                && let crate::model::ValueKind::Choice(names) = &model.fact_kinds[k.index()].value
            {
                let name = names.get(*value as usize).map_or("", String::as_str);
                text.push_str(&format!(" with the value `{name}`"));
            }
            if let Some(site) = number {
                text.push_str(&format!(" with a number of at least {}", param(model, *site)));
            }
            if let Some(site) = older {
                text.push_str(&format!(" for at least {}", param(model, *site)));
            }
            if let Some(site) = newer {
                text.push_str(&format!(" for less than {}", param(model, *site)));
            }
            text
        }
        Condition::Sum { kind: k, at_least } => {
            format!(
                "the sum of what the actor knows of `{}` is at least {}",
                kind(model, *k),
                param(model, *at_least)
            )
        }
        Condition::AboutOwn => "the matter is about the own state".to_owned(),
        Condition::AboutOther => "the matter is about another state".to_owned(),
        Condition::Mode(m) => {
            let (network, rung) = mode(model, *m);
            format!("{network} is at \"{rung}\" or above")
        }
        Condition::Chance(site) => format!("a draw succeeds ({})", param(model, *site)),
        Condition::InForce(e) => format!("`{}` is in force", model.elements[e.index()].name),
        Condition::Attribute(_) => "an attribute of the state is high enough".to_owned(),
        Condition::Is(sel) => format!("the actor is {}", selection(model, sel)),
        Condition::Decided(d, o, with) => {
            format!(
                "\"{}\" has been {}{}",
                model.decisions[d.index()].title,
                outcome(*o),
                option(model, *d, *with)
            )
        }
        Condition::Waiting(n) => format!("at least {n} tasks wait in the own queue"),
        Condition::AtWork(n) => format!("at least {n} of the own servers are at work"),
        Condition::AtDesk(n) => format!("at least {n} tasks wait or are worked on"),
        Condition::Before(_) => "the date has not come yet".to_owned(),
        Condition::After(_) => "the date has come".to_owned(),
        Condition::During(rotas) => {
            let rota = rotas.iter().flatten().next();
            format!("it is within `{}`", rota.map_or("always", |r| &model.rotas[r.index()].name))
        }
        Condition::OnDuty => "somebody is on duty".to_owned(),
        Condition::Parameter(of, at_least) => {
            format!("{} is at least {}", param(model, *of), param(model, *at_least))
        }
        Condition::Stock(pool, at_least) => {
            format!("there is at least {} in {}", param(model, *at_least), model.pools[pool.index()].title)
        }
        Condition::Class(class) => format!("the case is of the class `{}`", model.classes[class.index()]),
        Condition::Not(c) => format!("not: {}", condition(model, c)),
        Condition::Either(parts) => all(parts, " or "),
        Condition::Both(parts) => all(parts, " and "),
    }
}

/// The option of a decision, if one is named.
fn option(model: &Model, decision: crate::model::DecisionId, option: Option<u8>) -> String {
    let options = &model.decisions[decision.index()].options;
    let named = option.and_then(|o| options.get(usize::from(o)));
    named.map_or_else(String::new, |o| format!(" with \"{}\"", o.title))
}

/// A part of a trigger.
pub(super) fn leaf(model: &Model, leaf: &Leaf) -> String {
    let product = |p: &crate::model::ProductId| format!("\"{}\"", model.products[p.index()].title);
    match leaf {
        Leaf::Start => "the start".to_owned(),
        Leaf::At(_) => "a given instant".to_owned(),
        Leaf::Inject(i) => format!("the inject \"{}\"", model.injects[i.index()].title),
        Leaf::Receive(p) => format!("having read {}", product(p)),
        Leaf::Learn(k, of) => format!("learning `{}`{}", kind(model, *k), scope(*of)),
        Leaf::Enter(m) => {
            let (network, rung) = mode(model, *m);
            format!("{network} entering \"{rung}\"")
        }
        Leaf::Leave(m) => {
            let (network, rung) = mode(model, *m);
            format!("{network} leaving \"{rung}\"")
        }
        Leaf::Decided(d, o, with) => {
            format!(
                "\"{}\" being {}{}",
                model.decisions[d.index()].title,
                outcome(*o),
                option(model, *d, *with)
            )
        }
        Leaf::Every { interval, phase } => match phase {
            Phase::FromEntry(m) => {
                let (network, rung) = mode(model, *m);
                format!("every {} from {network} entering \"{rung}\"", param(model, *interval))
            }
            Phase::FromStart => format!("every {}", param(model, *interval)),
            Phase::At(_) => "a given time of the day".to_owned(),
        },
        Leaf::Arrivals(site) => format!("arrivals, {} apart", param(model, *site)),
        Leaf::Stream(stream) => format!("arrivals, {} apart", param(model, stream.gap)),
        Leaf::Opened => "a case being opened".to_owned(),
        Leaf::Finished(None) => "a case being closed".to_owned(),
        Leaf::Finished(Some(class)) => {
            format!("a case of the class `{}` being closed", model.classes[class.index()])
        }
        Leaf::TurnedAway(t) => format!("having no room for \"{}\"", model.tasks[t.index()].title),
        Leaf::GaveUp(t) => format!("\"{}\" having waited too long", model.tasks[t.index()].title),
        Leaf::QueueReaches(n) => format!("{n} tasks waiting in the own queue"),
        Leaf::QueueFallsTo(n) => format!("only {n} tasks waiting in the own queue"),
        Leaf::Crosses(c) => {
            let way = if c.rising { "rising to" } else { "falling below" };
            format!("`{}`{} {way} {}", kind(model, c.kind), scope(c.of), c.level)
        }
        Leaf::StockFallsTo(p, level) => format!("{} falling to {level}", model.pools[p.index()].title),
        Leaf::Silence(p, lasts) => format!("having read no {} for {}", product(p), param(model, *lasts)),
        Leaf::Done(t) => format!("having done \"{}\"", model.tasks[t.index()].title),
        Leaf::Published(p) => format!("{} being published", product(p)),
        Leaf::Failed(p) => format!("{} not getting through", product(p)),
        Leaf::Released(c) => format!("\"{}\" taking effect", model.countermeasures[c.index()].title),
    }
}
