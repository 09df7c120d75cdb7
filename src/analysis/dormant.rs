//! Parts of a model that were not in force, and the rules that could have told somebody something.

use super::select::{Asker, selects};
use crate::model::{Action, ActorId, Ends, FactId, Model, ProductId, RuleId, Sel, StateId, Validity};
use crate::model::{ChannelId, ElementId};
use crate::time::SimTime;
use crate::trace::{Event, Subject, Trace};

/// Why a part of a model was not in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dormant {
    /// It belongs to an element that was off.
    ElementOff(ElementId),
    /// It is there only while an element is off, which was on.
    ElementOn(ElementId),
    /// Its dates did not allow it.
    Dates,
}

/// Why something is not in force in a state (none: for the whole) at an instant; none: it is.
pub fn dormant(model: &Model, validity: &Validity, state: Option<StateId>, at: SimTime) -> Option<Dormant> {
    let on = |element: ElementId| model.elements[element.index()].in_force(at, state);
    if let Some(element) = validity.element.filter(|&element| !on(element)) {
        return Some(Dormant::ElementOff(element));
    }
    if let Some(element) = validity.unless.filter(|&element| on(element)) {
        return Some(Dormant::ElementOn(element));
    }
    (!validity.by_date(at, state)).then_some(Dormant::Dates)
}

/// Why something was in force at no time up to `end`; none: it was, at some time.
pub fn dormant_throughout(
    model: &Model,
    validity: &Validity,
    state: Option<StateId>,
    end: SimTime,
) -> Option<Dormant> {
    let mut instants = vec![SimTime::ZERO];
    let elements = [validity.element, validity.unless].into_iter().flatten();
    for element in elements.map(|element| &model.elements[element.index()]) {
        instants.extend(element.from);
        instants.extend(element.from_in.iter().flatten());
        instants.extend(element.until);
    }
    instants.extend(validity.from);
    instants.extend(validity.from_in.iter().flatten());
    instants.push(end);
    let mut why = None;
    for at in instants.into_iter().filter(|&at| at <= end) {
        why = Some(dormant(model, validity, state, at)?);
    }
    why
}

/// Channels that would lead from a sender to a receiver and carry a product, if they were in force at an instant.
pub fn dormant_ways(
    model: &Model,
    (from, to): (ActorId, ActorId),
    product: ProductId,
    at: SimTime,
) -> Vec<(ChannelId, Dormant)> {
    let state = model.actors[from.index()].state;
    let stands = |end: &Ends, actor: ActorId| match end {
        Ends::Any => true,
        Ends::Of(sel) => selects(model, sel, Subject::Actor(actor), Asker { state, at }),
        Ends::Public | Ends::Operators => false,
    };
    let mut ways = Vec::new();
    for (i, channel) in model.channels.iter().enumerate() {
        if channel.carries[product.index()]
            && stands(&channel.from, from)
            && stands(&channel.to, to)
            && let Some(why) = dormant(model, &channel.validity, state, at)
        {
            ways.push((ChannelId::from_index(i), why));
        }
    }
    ways
}

/// A rule that sends an actor a product that may tell a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Teller {
    /// The rule.
    pub rule: RuleId,
    /// How often it fired.
    pub fired: u32,
    /// How often a condition stopped it.
    pub blocked: u32,
    /// Why it was in force at no time, if so.
    pub dormant: Option<Dormant>,
}

/// The rules that send an actor products of the kind of a fact, in the order of the document.
pub fn tellers(model: &Model, trace: &Trace, actor: ActorId, fact: FactId) -> Vec<Teller> {
    let kind = model.facts[fact.index()].kind;
    let mut found = Vec::new();
    for (i, rule) in model.rules.iter().enumerate() {
        let id = RuleId::from_index(i);
        let owners = &model.sets[rule.actors.index()].members;
        let mut tells = false;
        for_each_sending(&rule.then, &mut |product, to| {
            let carries = product.is_none_or(|p| model.products[p.index()].carries.contains(&kind));
            tells |=
                carries && owners.iter().any(|&owner| owner != actor && may_mean(model, to, owner, actor));
        });
        if !tells {
            continue;
        }
        let count = |wanted: fn(Event, RuleId) -> bool| {
            trace.records.iter().filter(|record| wanted(record.event, id)).count() as u32
        };
        let states = owners.iter().map(|owner| model.actors[owner.index()].state);
        let mut why = states.map(|state| dormant_throughout(model, &rule.validity, state, trace.end));
        let first = why.next().flatten();
        found.push(Teller {
            rule: id,
            fired: count(|event, id| matches!(event, Event::RuleFired(rule) if rule == id)),
            blocked: count(|event, id| matches!(event, Event::RuleBlocked(rule, _) if rule == id)),
            dormant: first.filter(|_| why.all(|other| other.is_some())),
        });
    }
    found
}

/// Whether a rule of an author sends a product to whom an actor may belong.
pub fn may_be_addressed(model: &Model, author: ActorId, product: ProductId, actor: ActorId) -> bool {
    let mut meant = false;
    for rule in model.rules.iter().filter(|rule| model.sets[rule.actors.index()].has(author)) {
        for_each_sending(&rule.then, &mut |sent, to| {
            meant |= sent == Some(product) && author != actor && may_mean(model, to, author, actor);
        });
    }
    meant
}

/// Whether a selector may mean an actor when another asks.
fn may_mean(model: &Model, sel: &Sel, asker: ActorId, actor: ActorId) -> bool {
    let state = model.actors[asker.index()].state;
    match sel {
        Sel::Concerned(t) | Sel::Affected(t, _) => model.actors[actor.index()].template == *t,
        Sel::AnyOf(parts) => parts.iter().any(|part| may_mean(model, part, asker, actor)),
        Sel::Except(all, _) | Sel::Drawn(all, _) => may_mean(model, all, asker, actor),
        _ => selects(model, sel, Subject::Actor(actor), Asker { state, at: SimTime::ZERO }),
    }
}

/// Calls `f` for every sending of a sequence; a product that is passed on is not known here.
fn for_each_sending<'a>(actions: &'a [Action], f: &mut impl FnMut(Option<ProductId>, &'a Sel)) {
    for action in actions {
        match action {
            Action::Send { product, to, .. } => f(Some(*product), to),
            Action::Forward { to } => f(None, to),
            Action::Together(branches) | Action::Race(_, branches) => {
                branches.iter().for_each(|branch| for_each_sending(branch, f));
            }
            Action::Choose(_, branches) => branches.iter().for_each(|(_, b)| for_each_sending(b, f)),
            Action::If(_, then, otherwise) => {
                for_each_sending(then, f);
                for_each_sending(otherwise, f);
            }
            Action::Loop(l) => for_each_sending(&l.body, f),
            Action::Hand(_, then) => for_each_sending(then, f),
            Action::Take(take) => take.otherwise.iter().for_each(|then| for_each_sending(then, f)),
            _ => {}
        }
    }
}
