//! What a model as a whole makes impossible or pointless: warnings about names that nothing leads to.

use std::collections::BTreeSet;

use crate::document::{Diagnostic, Span};
use crate::model::{self as m, Action, ActorId, ChannelId, Ends, Model, Predicate, ProductId, Sel};

use super::context::Cx;
use super::rules::for_each_action;
use super::unreached;

/// Rules times channels times actors that are compared; in larger models the check of channels is left out.
const MAX_WORK: u64 = 50_000_000;

/// Checks a model that has no errors.
pub(super) fn model(cx: &mut Cx, model: &Model) {
    let done = Done::of(model);
    foreseeable(cx, model);
    let told = milestones(cx, model, &done);
    channels(cx, model);
    unreached::model(cx, model, &done, &told);
}

/// Everything that some rule, decision, report or inject does.
#[derive(Default)]
pub(super) struct Done {
    pub(super) sent: BTreeSet<ProductId>,
    pub(super) proposed: BTreeSet<m::DecisionId>,
    pub(super) modes: BTreeSet<(m::NetworkId, u8)>,
    pub(super) tasks: BTreeSet<m::TaskId>,
    pub(super) enacted: BTreeSet<m::CountermeasureId>,
}

impl Done {
    fn of(model: &Model) -> Done {
        let mut done = Done::default();
        let rules = model.rules.iter().map(|rule| &rule.then);
        let options = model.decisions.iter().flat_map(|d| d.options.iter().map(|o| &o.adopted));
        let decisions = model.decisions.iter().flat_map(|d| [&d.adopted, &d.rejected]).chain(options);
        for actions in rules.chain(decisions) {
            for_each_action(actions, &mut |action| done.action(action));
        }
        for report in model.groups.iter().flat_map(|group| &group.reports) {
            done.sent.insert(report.product);
        }
        for effect in model.injects.iter().flat_map(|inject| &inject.effects) {
            match effect {
                m::InjectEffect::Message(product) => {
                    done.sent.insert(*product);
                }
                m::InjectEffect::SetMode(mode) => {
                    done.modes.insert((mode.network, mode.mode));
                }
                m::InjectEffect::Enact(countermeasure) => {
                    done.enacted.insert(*countermeasure);
                }
                _ => {}
            }
        }
        done
    }

    fn action(&mut self, action: &Action) {
        match action {
            Action::Send { product, .. } | Action::Publish(product) => {
                self.sent.insert(*product);
            }
            Action::Propose(decision) => {
                self.proposed.insert(*decision);
            }
            Action::SetMode(mode) => {
                self.modes.insert((mode.network, mode.mode));
            }
            Action::Work(m::Work::Task(task)) | Action::Find { work: Some(m::Work::Task(task)), .. } => {
                self.tasks.insert(*task);
            }
            Action::Enact(countermeasure) => {
                self.enacted.insert(*countermeasure);
            }
            _ => {}
        }
    }
}

/// `until` and injects that wait for a milestone wait for something that is known when it happens.
fn foreseeable(cx: &mut Cx, model: &Model) {
    let doc = cx.doc;
    let injects = doc.injects.iter().zip(&model.injects).filter_map(|(written, inject)| match inject.at {
        m::InjectTime::When(milestone, _) => Some((milestone, written.when.as_ref()?)),
        m::InjectTime::At(_) => None,
    });
    let until = model.meta.until.zip(doc.header.until.as_ref());
    for (milestone, name) in injects.chain(until) {
        if !model.milestones[milestone.index()].when.is_foreseeable() {
            let message = format!("nothing can wait for the milestone `{name}`: it is known only at the end");
            cx.diags.push(
                Diagnostic::error("not-foreseeable", message)
                    .at(name.span)
                    .hint("it is about a share of those hit by the end; name one about a number, `Nth(..)`"),
            );
        }
    }
}

/// Milestones that nothing can reach; gives back those that were told.
fn milestones(cx: &mut Cx, model: &Model, done: &Done) -> BTreeSet<usize> {
    let doc = cx.doc;
    let mut told = BTreeSet::new();
    for (i, (milestone, name)) in model.milestones.iter().zip(doc.milestones.keys()).enumerate() {
        let product = |id: &ProductId| &model.products[id.index()].name.text;
        let why = match &milestone.when {
            Predicate::Delivered(p, ..) | Predicate::Sent(p, ..) if !done.sent.contains(p) => {
                Some(format!("nobody sends the product `{}`", product(p)))
            }
            Predicate::Published { product: Some(p), .. } if !done.sent.contains(p) => {
                Some(format!("nobody publishes the statement `{}`", product(p)))
            }
            Predicate::Published { product: None, .. }
                if !done.sent.iter().any(|p| model.products[p.index()].public) =>
            {
                Some("nobody publishes a statement".to_owned())
            }
            Predicate::Decided(d, ..) if !done.proposed.contains(d) => {
                Some(format!("nobody proposes the decision `{}`", model.decisions[d.index()].name.text))
            }
            Predicate::Mode(mode)
                if mode.mode > 0
                    && !done
                        .modes
                        .iter()
                        .any(|(network, to)| *network == mode.network && *to >= mode.mode) =>
            {
                let network = &model.networks[mode.network.index()];
                let mode = &network.modes[usize::from(mode.mode)].name;
                Some(format!("nothing brings the network `{}` into the mode `{mode}`", network.name.text))
            }
            Predicate::Done(task, ..) if !done.tasks.contains(task) => Some(format!(
                "no rule has anybody work on the task `{}`",
                model.tasks[task.index()].name.text
            )),
            Predicate::Enacted(c)
                if !done.enacted.contains(c) && model.countermeasures[c.index()].release_us.is_none() =>
            {
                let name = &model.countermeasures[c.index()].name.text;
                Some(format!("nothing enacts the countermeasure `{name}`"))
            }
            _ => None,
        };
        if let Some(why) = why {
            let message = format!("the milestone `{name}` is never reached: {why}");
            cx.warning("never-reached", message, name.span);
            told.insert(i);
        }
    }
    told
}

/// Products that are sent where no channel leads.
fn channels(cx: &mut Cx, model: &Model) {
    let doc = cx.doc;
    let pairs = (model.rules.len() + model.groups.len()) as u64 * model.channels.len() as u64;
    if pairs.saturating_mul(1 + model.actors.len() as u64 / 64) > MAX_WORK {
        return;
    }
    let mut found: Vec<(Span, String)> = Vec::new();
    for (rule, written) in model.rules.iter().zip(&doc.rules) {
        let from = &model.sets[rule.actors.index()].members;
        let mut sends: Vec<(ProductId, &Sel, &[ChannelId])> = Vec::new();
        for_each_action(&rule.then, &mut |action| {
            if let Action::Send { product, to, by } = action {
                sends.push((*product, to, by));
            }
        });
        for (product, to, by) in sends {
            if from.is_empty() || leads(model, product, Some(from), to, by) {
                continue;
            }
            found.push((
                written.id.span,
                format!(
                    "no channel carries `{}` from the actors of the rule `{}` to those it is sent to",
                    model.products[product.index()].name.text,
                    rule.name.text
                ),
            ));
        }
    }
    for group in &model.groups {
        let Some(written) = doc.operators.iter().find(|written| *written.id == *group.name) else { continue };
        for report in &group.reports {
            if !leads(model, report.product, None, &report.to, &[]) {
                found.push((
                    written.id.span,
                    format!(
                        "no channel carries `{}` from the operators `{}` to those they report to",
                        model.products[report.product.index()].name.text,
                        group.name
                    ),
                ));
            }
        }
    }
    found.sort();
    found.dedup();
    for (span, message) in found {
        cx.diags.push(
            Diagnostic::warning("no-channel", message)
                .at(span)
                .hint("a channel must lead there, carry the product and be cleared for its marking"),
        );
    }
}

/// Whether some channel may carry a product from one of the actors (none: from operators) to one whom the selector
/// may mean; where channels are named, one of these.
fn leads(model: &Model, product: ProductId, from: Option<&[ActorId]>, to: &Sel, by: &[ChannelId]) -> bool {
    let Some(receivers) = receivers(model, to) else { return true };
    if receivers.is_nobody() {
        // Told where the selector is read, or everybody there is absent.
        return true;
    }
    let p = &model.products[product.index()];
    model.channels.iter().enumerate().any(|(i, channel)| {
        let named = by.is_empty() || by.contains(&ChannelId::from_index(i));
        let cleared = |marking: &m::MarkingRung| {
            !channel.carries_up_to.iter().any(|top| top.scheme == marking.scheme && top.rung < marking.rung)
        };
        let marked = p.marking.as_ref().is_none_or(cleared)
            || p.tear_line.as_ref().is_some_and(|(marking, _)| cleared(marking));
        named
            && channel.carries[product.index()]
            && marked
            && starts_at(model, &channel.from, from)
            && ends_at(model, &channel.to, &receivers, from)
    })
}

/// Whom a selector may mean.
struct Receivers {
    actors: Vec<ActorId>,
    operators: bool,
}

impl Receivers {
    fn is_nobody(&self) -> bool {
        self.actors.is_empty() && !self.operators
    }
}

fn receivers(model: &Model, sel: &Sel) -> Option<Receivers> {
    let actors = |actors: Vec<ActorId>| Some(Receivers { actors, operators: false });
    match sel {
        Sel::Fixed(set) => actors(model.sets[set.index()].members.clone()),
        Sel::Own(t) | Sel::Concerned(t) | Sel::Affected(t, _) => {
            actors(model.sets[model.templates[t.index()].set.index()].members.clone())
        }
        Sel::Holder(role) => actors(m::possible_holders(model, *role)),
        Sel::Sender | Sel::Linked => None,
        Sel::Operators | Sel::OperatorsIn(_) => Some(Receivers { actors: Vec::new(), operators: true }),
        Sel::AnyOf(parts) => {
            let mut whole = Receivers { actors: Vec::new(), operators: false };
            for part in parts {
                let part = receivers(model, part)?;
                whole.actors.extend(part.actors);
                whole.operators |= part.operators;
            }
            Some(whole)
        }
        Sel::Except(all, _) | Sel::Drawn(all, _) => receivers(model, all),
    }
}

fn starts_at(model: &Model, end: &Ends, from: Option<&[ActorId]>) -> bool {
    match (end, from) {
        (Ends::Any, Some(_)) | (Ends::Operators, None) => true,
        (Ends::Of(sel), Some(from)) => match receivers(model, sel) {
            Some(senders) => senders.actors.iter().any(|actor| from.contains(actor)),
            None => true,
        },
        _ => false,
    }
}

fn ends_at(model: &Model, end: &Ends, to: &Receivers, from: Option<&[ActorId]>) -> bool {
    // An actor does not send to itself.
    let other = |actor: &ActorId| from.is_none_or(|from| from.len() > 1 || !from.contains(actor));
    match end {
        Ends::Any => to.actors.iter().any(other),
        Ends::Operators => to.operators,
        Ends::Public => false,
        Ends::Of(sel) => match receivers(model, sel) {
            Some(ends) => {
                let ends: BTreeSet<ActorId> = ends.actors.into_iter().collect();
                to.actors.iter().any(|actor| ends.contains(actor) && other(actor))
            }
            None => true,
        },
    }
}
