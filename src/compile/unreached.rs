//! Warnings about what is legal and surely not meant: what nothing leads to, and what nothing uses.

use std::collections::BTreeSet;

use crate::document::Diagnostic;
use crate::model::{
    self as m, Action, ActorId, Condition, FactKindId, FactOrKind, HowMany, InjectEffect, Join, Leaf, Model,
    Predicate, ProductId, RuleId, Sel,
};

use super::checks::Done;
use super::context::Cx;
use super::fates::Fate;
use super::reach::{Reach, holders, members};
use super::rules::for_each_action;

/// Looks for what cannot come about in a model that has no errors. `told` are milestones that have a warning already.
pub(super) fn model(cx: &mut Cx, model: &Model, done: &Done, told: &BTreeSet<usize>) {
    unused(cx, model, done);
    secrets(cx, model);
    let Some(reach) = Reach::of(model) else { return };
    rules(cx, model, &reach);
    facts(cx, model, &reach);
    actors(cx, model, &reach);
    milestones(cx, model, &reach, told);
}

/// Rules that can never fire, each with the first thing that stands in the way.
fn rules(cx: &mut Cx, model: &Model, reach: &Reach) {
    let doc = cx.doc;
    for (r, (rule, written)) in model.rules.iter().zip(&doc.rules).enumerate() {
        let id = RuleId::from_index(r);
        let owners = &model.sets[rule.actors.index()].members;
        let Some(&first) = owners.first() else { continue };
        if owners.iter().any(|&actor| reach.may(Fate::Fires(id, actor))) {
            continue;
        }
        // Where the trigger happens for one of them, it is a condition that keeps it from firing.
        let triggered = owners.iter().find(|&&actor| reach.may(Fate::Triggered(id, actor)));
        let why = match triggered {
            None => trigger(model, reach, &rule.trigger, first),
            Some(&actor) => {
                let conditions = rule.while_.iter().chain(&rule.when);
                conditions.filter_map(|condition| failing(model, reach, condition, actor)).next()
            }
        };
        let why = why.unwrap_or_else(|| "its conditions cannot hold together".to_owned());
        let message = format!("the rule `{}` never fires: {why}", rule.name.text);
        cx.warning("never-fires", message, written.id.span);
    }
}

/// Why a trigger cannot happen for an actor.
fn trigger(model: &Model, reach: &Reach, trigger: &m::Trigger, actor: ActorId) -> Option<String> {
    join(model, reach, &trigger.join, &trigger.leaves, actor)
}

fn join(model: &Model, reach: &Reach, join_: &Join, leaves: &[Leaf], actor: ActorId) -> Option<String> {
    match join_ {
        Join::Leaf(leaf) => absent(model, reach, leaves.get(usize::from(*leaf))?, actor),
        Join::All(of) | Join::Any(of) | Join::KOf(_, of) => {
            of.iter().find_map(|part| join(model, reach, part, leaves, actor))
        }
        Join::Nth(_, of) | Join::Within { of, .. } => join(model, reach, of, leaves, actor),
        #[allow(unreachable_patterns, reason = "what is not known here is possible")]
        _ => None,
    }
}

fn mode(model: &Model, mode: m::ModeRef) -> String {
    let network = &model.networks[mode.network.index()];
    let name = &network.modes[usize::from(mode.mode)].name;
    format!("nothing brings the network `{}` into the mode `{name}`", network.name.text)
}

/// Why a trigger of one part cannot happen for an actor.
fn absent(model: &Model, reach: &Reach, leaf: &Leaf, actor: ActorId) -> Option<String> {
    let product = |p: &ProductId| model.products[p.index()].name.text.clone();
    let kind = |k: &FactKindId| model.fact_kinds[k.index()].name.clone();
    let (fate, why) = match leaf {
        Leaf::At(instants) if instants.iter().all(|at| *at > model.meta.horizon) => {
            return Some("its instants lie after the end of the simulation".to_owned());
        }
        Leaf::Receive(p) => {
            (Fate::Receives(actor, *p), format!("the product `{}` cannot reach it", product(p)))
        }
        Leaf::Learn(k, _) | Leaf::Crosses(m::Crossing { kind: k, .. }) => {
            (Fate::Knows(actor, *k), format!("nobody can tell it `{}`", kind(k)))
        }
        Leaf::Enter(to) | Leaf::Leave(to) if to.mode > 0 => {
            (Fate::Entered(to.network, to.mode), mode(model, *to))
        }
        Leaf::Enter(to) | Leaf::Leave(to) => (Fate::Moves(to.network), mode(model, *to)),
        Leaf::Every { phase: m::Phase::FromEntry(to), .. } => {
            (Fate::Above(to.network, to.mode), mode(model, *to))
        }
        Leaf::Decided(d, ..) => {
            let name = &model.decisions[d.index()].name.text;
            (Fate::Proposed(*d), format!("nobody proposes the decision `{name}`"))
        }
        Leaf::Done(t) => {
            let name = &model.tasks[t.index()].name.text;
            (Fate::Done(actor, *t), format!("it never works on the task `{name}`"))
        }
        Leaf::Published(p) => (Fate::Published(*p), format!("nobody publishes `{}`", product(p))),
        Leaf::Failed(p) => (Fate::Sends(actor, *p), format!("it never sends the product `{}`", product(p))),
        Leaf::Released(c) => {
            let name = &model.countermeasures[c.index()].name.text;
            (Fate::Enacted(*c), format!("nothing enacts the countermeasure `{name}`"))
        }
        _ => return None,
    };
    (!reach.may(fate)).then_some(why)
}

/// Why a condition can never hold for an actor.
fn failing(model: &Model, reach: &Reach, condition: &Condition, actor: ActorId) -> Option<String> {
    let (fate, why) = match condition {
        Condition::Known { kind, .. } | Condition::Sum { kind, .. } => {
            let name = &model.fact_kinds[kind.index()].name;
            (Fate::Knows(actor, *kind), format!("it cannot know `{name}`"))
        }
        Condition::Mode(to) => (Fate::Above(to.network, to.mode), mode(model, *to)),
        Condition::Decided(d, ..) => {
            let name = &model.decisions[d.index()].name.text;
            (Fate::Proposed(*d), format!("nobody proposes the decision `{name}`"))
        }
        Condition::Attribute(states) => {
            let state = model.actors[actor.index()].state;
            let holds = state.is_some_and(|state| states[state.index()]);
            return (!holds).then(|| "no state of its actors has the attribute that it wants".to_owned());
        }
        Condition::Is(Sel::Fixed(set)) => {
            let holds = model.sets[set.index()].has(actor);
            return (!holds).then(|| "its actors do not belong to those that it wants".to_owned());
        }
        Condition::Both(parts) => {
            return parts.iter().find_map(|part| failing(model, reach, part, actor));
        }
        Condition::Either(parts) => {
            let all: Option<Vec<String>> =
                parts.iter().map(|part| failing(model, reach, part, actor)).collect();
            return all.and_then(|all| all.into_iter().next());
        }
        _ => return None,
    };
    (!reach.may(fate)).then_some(why)
}

/// Facts of a scenario that nobody can ever know. Into a blueprint alone a scenario may still bring them.
fn facts(cx: &mut Cx, model: &Model, reach: &Reach) {
    let doc = cx.doc;
    let n_actors = model.actors.len();
    if !model.meta.is_scenario {
        return;
    }
    for (k, (kind, name)) in model.fact_kinds.iter().zip(doc.facts.keys()).enumerate() {
        let id = FactKindId::from_index(k);
        if kind.n_instances == 0 || n_actors == 0 {
            continue;
        }
        if (0..n_actors).any(|a| reach.may(Fate::Knows(ActorId::from_index(a), id))) {
            continue;
        }
        let message = format!("nobody can ever know the fact `{name}`");
        let hint = match kind.truth {
            m::Truth::Found => "let a rule find it, with `Find`",
            _ => "let operators report a product that carries it, or a rule find it",
        };
        cx.diags.push(Diagnostic::warning("never-found", message).at(name.span).hint(hint));
    }
}

/// Actors that have nothing to do with anything.
fn actors(cx: &mut Cx, model: &Model, reach: &Reach) {
    let doc = cx.doc;
    let mut involved = vec![false; model.actors.len()];
    let mut involve = |actors: Vec<ActorId>| actors.iter().for_each(|actor| involved[actor.index()] = true);
    // Rules that never fire are told by themselves.
    model.rules.iter().for_each(|rule| involve(model.sets[rule.actors.index()].members.clone()));
    model.networks.iter().for_each(|network| involve(members(model, &network.members)));
    (0..model.roles.len()).for_each(|role| involve(holders(model, m::RoleId::from_index(role))));
    // Work may be handed to somebody, and staff lent by or to somebody, who has no rule.
    for rule in &model.rules {
        for_each_action(&rule.then, &mut |action| match action {
            Action::Hand(to, _) => involve(members(model, to)),
            Action::Lend(lend) => {
                if let m::Lender::Actors(from) = &lend.from {
                    involve(members(model, from));
                }
                lend.to.iter().for_each(|to| involve(members(model, to)));
            }
            _ => {}
        });
    }
    for decision in &model.decisions {
        involve(members(model, &decision.chair));
        decision.members.iter().for_each(|sel| involve(members(model, sel)));
    }
    model.injects.iter().filter_map(|inject| inject.to.as_ref()).for_each(|sel| involve(members(model, sel)));
    for (actor, involved) in involved.iter_mut().enumerate() {
        let id = ActorId::from_index(actor);
        let products = (0..model.products.len()).map(|p| Fate::Receives(id, ProductId::from_index(p)));
        let kinds = (0..model.fact_kinds.len()).map(|k| Fate::Knows(id, FactKindId::from_index(k)));
        *involved |= products.chain(kinds).any(|fate| reach.may(fate));
    }
    for (template, name) in model.templates.iter().zip(doc.actors.keys()) {
        let nobody = template.actors.iter().all(|actor| !involved[actor.index()]);
        let present = !model.sets[template.set.index()].members.is_empty();
        if nobody && present && !template.actors.is_empty() {
            let message = format!("nobody can reach `{name}`, and it does nothing by itself");
            cx.diags.push(
                Diagnostic::warning("unreachable-actor", message)
                    .at(name.span)
                    .hint("give it a rule, or let somebody send it a product"),
            );
        }
    }
}

/// Milestones about knowledge, deliveries and rules that can never come about.
fn milestones(cx: &mut Cx, model: &Model, reach: &Reach, told: &BTreeSet<usize>) {
    let doc = cx.doc;
    let everybody = || (0..model.actors.len()).map(ActorId::from_index).collect::<Vec<_>>();
    for (i, (milestone, name)) in model.milestones.iter().zip(doc.milestones.keys()).enumerate() {
        if told.contains(&i) {
            continue;
        }
        let why = match &milestone.when {
            Predicate::Knows { who, fact, how_many } => {
                let who = members(model, who);
                let kind = match fact {
                    FactOrKind::Kind(kind) => *kind,
                    FactOrKind::Fact(fact) => model.facts[fact.index()].kind,
                };
                let can = who.iter().filter(|&&actor| reach.may(Fate::Knows(actor, kind))).count();
                let name = &model.fact_kinds[kind.index()].name;
                match how_many {
                    _ if who.is_empty() => None,
                    // Told where the milestone is read.
                    HowMany::Nth(n) if *n as usize > who.len() => None,
                    _ if can == 0 => Some(format!("none of those actors can know `{name}`")),
                    HowMany::Nth(n) if can < *n as usize => {
                        Some(format!("only {can} of those actors can know `{name}`"))
                    }
                    HowMany::Share(share) if (can as f64) < share * who.len() as f64 => {
                        Some(format!("only {can} of {} actors can know `{name}`", who.len()))
                    }
                    _ => None,
                }
            }
            Predicate::Delivered(product, to, _) => {
                let to = to.as_ref().map_or_else(everybody, |sel| members(model, sel));
                let none = !to.iter().any(|&actor| reach.may(Fate::Receives(actor, *product)));
                let name = &model.products[product.index()].name.text;
                (none && !to.is_empty()).then(|| format!("the product `{name}` cannot reach them"))
            }
            Predicate::Fired(rule, _) => {
                let owners = &model.sets[model.rules[rule.index()].actors.index()].members;
                let none = !owners.iter().any(|&actor| reach.may(Fate::Fires(*rule, actor)));
                (none && !owners.is_empty()).then(|| "that rule never fires".to_owned())
            }
            _ => None,
        };
        if let Some(why) = why {
            let message = format!("the milestone `{name}` is never reached: {why}");
            cx.warning("never-reached", message, name.span);
        }
    }
}

/// Products that are marked above the clearance of everybody whom a rule sends them to.
fn secrets(cx: &mut Cx, model: &Model) {
    let doc = cx.doc;
    let above = |marking: &m::MarkingRung, limits: &[m::MarkingRung]| {
        limits.iter().any(|top| top.scheme == marking.scheme && top.rung < marking.rung)
    };
    for (rule, written) in model.rules.iter().zip(&doc.rules) {
        let owners = &model.sets[rule.actors.index()].members;
        let mut sends: Vec<(ProductId, &Sel)> = Vec::new();
        for_each_action(&rule.then, &mut |action| {
            if let Action::Send { product, to, .. } = action {
                sends.push((*product, to));
            }
        });
        for (product, to) in sends {
            let p = &model.products[product.index()];
            let Some(marking) = &p.marking else { continue };
            let to = members(model, to);
            let shut = |actor: &ActorId| {
                let limits = &model.actors[actor.index()].clearance;
                above(marking, limits) && p.tear_line.as_ref().is_none_or(|(lower, _)| above(lower, limits))
            };
            if to.is_empty() || owners.is_empty() || !to.iter().all(shut) {
                continue;
            }
            let scheme = &model.schemes[marking.scheme.index()];
            let message = format!(
                "`{}` is marked `{}`, above the clearance of everybody whom the rule `{}` sends it to",
                p.name.text,
                scheme.rungs[usize::from(marking.rung)],
                rule.name.text
            );
            cx.diags.push(
                Diagnostic::warning("too-secret", message)
                    .at(written.id.span)
                    .hint("raise their clearance, lower the marking, or give the product a `tear_line`"),
            );
        }
    }
}

/// What a scenario declares itself and nothing uses. A blueprint declares for others; the document of a run has been
/// told before it was run.
fn unused(cx: &mut Cx, model: &Model, done: &Done) {
    let doc = cx.doc;
    let Some(own) = doc.header.name.as_ref().map(|name| name.span.source) else { return };
    if !model.meta.is_scenario || doc.header.run.is_some() {
        return;
    }
    let mut injected = BTreeSet::new();
    for effect in model.injects.iter().flat_map(|inject| &inject.effects) {
        if let InjectEffect::Message(product) = effect {
            injected.insert(*product);
        }
    }
    let mut found = Vec::new();
    for (name, &id) in &cx.param_ids {
        if !cx.used_params.contains(&id)
            && let Some((key, _)) = doc.parameters.get_key_value(*name)
        {
            found.push(("parameter", key));
        }
    }
    for (p, name) in doc.products.keys().chain(doc.statements.keys()).enumerate() {
        let id = ProductId::from_index(p);
        if !done.sent.contains(&id) && !injected.contains(&id) {
            found.push((if model.products[p].public { "statement" } else { "product" }, name));
        }
    }
    for (d, name) in doc.decisions.keys().enumerate() {
        if !done.proposed.contains(&m::DecisionId::from_index(d)) {
            found.push(("decision", name));
        }
    }
    for (t, name) in doc.tasks.keys().enumerate() {
        if !done.tasks.contains(&m::TaskId::from_index(t)) {
            found.push(("task", name));
        }
    }
    for (what, name) in found.into_iter().filter(|(_, name)| name.span.source == own) {
        cx.warning("unused", format!("nothing uses the {what} `{name}`"), name.span);
    }
}
