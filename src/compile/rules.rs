//! Rules: whose they are, conditions, actions.

use crate::document::types::{self as t, Name};
use crate::document::{Diagnostic, Span};
use crate::model::{self as m, Action, Condition, ElementId, Sel, SetId, StreamName};

use super::context::{Cx, all};
use super::convert;
use super::params::Use;
use super::triggers::Place;

impl<'d> Cx<'d> {
    pub(super) fn rules(&mut self) -> Option<Vec<m::Rule>> {
        let doc = self.doc;
        all(doc.rules.iter().map(|rule| self.rule(rule)))
    }

    fn rule(&mut self, rule: &'d t::Rule) -> Option<m::Rule> {
        let id = &rule.id;
        let purpose = format!("rule:{id}");
        let owner = self.owner(&rule.actor);
        let actors = owner.as_ref().map(|owner| owner.actors);
        let place = Place { purpose: &purpose, actors, span: id.span };
        // A clock needs actors; where they are wrong, the rest is still looked at.
        let place = Place { actors: Some(actors.unwrap_or_else(|| self.set_id(Vec::new()))), ..place };
        let trigger = self.trigger(place, &rule.on);
        let cancelled_by = self.cancelled_by(rule, &purpose);
        let when = self.conditions(&format!("{purpose}/when"), &rule.when, id.span);
        let while_ = self.conditions(&format!("{purpose}/while"), &rule.while_, id.span);
        let then = self.actions(&purpose, &rule.then, id.span);
        if rule.then.is_empty() {
            self.warning("does-nothing", format!("the rule `{id}` does nothing: `then` is empty"), id.span);
        }
        let validity = self.validity(
            rule.from.as_ref(),
            rule.until.as_ref(),
            rule.element.as_ref(),
            rule.unless.as_ref(),
            &rule.from_in,
        );
        let owner = owner?;
        let mut when = when?;
        when.extend(owner.conditions);
        let mut validity = validity?;
        for (element, some) in owner.elements {
            match (validity.element, some) {
                (None, None) => validity.element = Some(element),
                (Some(same), None) if same == element => {}
                (_, None) => when.push(Condition::InForce(element)),
                (_, Some(set)) => when.push(Condition::Either(vec![
                    Condition::Not(Box::new(Condition::Is(Sel::Fixed(set)))),
                    Condition::InForce(element),
                ])),
            }
        }
        let then = then?;
        let trigger = trigger?;
        self.needs_product_in_hand(rule, &trigger, &then);
        Some(m::Rule {
            name: StreamName::new(id.as_str()),
            title: rule.title.clone().unwrap_or_else(|| id.to_string()),
            actors: owner.actors,
            holder: owner.holder,
            trigger,
            when,
            while_: while_?,
            then,
            repeat: convert::repeat(rule.repeat),
            cancelled_by: cancelled_by?,
            class: self.class_of_rule(rule),
            validity,
            basis: convert::opt_basis(rule.basis.as_ref()),
        })
    }

    /// `Forward` and `Sender` speak of a product that has been read.
    fn needs_product_in_hand(&mut self, rule: &t::Rule, trigger: &m::Trigger, then: &[Action]) {
        // What happens to a case may still have in hand what opened it.
        let in_hand = trigger.leaves.iter().any(m::Leaf::is_of_case);
        let mut wants = false;
        for_each_action(then, &mut |action| {
            wants |= match action {
                Action::Forward { .. } => true,
                Action::Send { to, .. } => matches!(to, Sel::Sender),
                _ => false,
            };
        });
        if wants && !in_hand {
            let message = format!(
                "the rule `{}` answers or forwards a product, but is not set off by receiving one",
                rule.id
            );
            self.warning("nothing-in-hand", message, rule.id.span);
        }
    }

    /// The actors of a rule.
    fn owner(&mut self, selector: &'d t::Selector) -> Option<Owner> {
        let sel = self.sel_of_nobody(selector, "the `actor` of a rule")?;
        let members = self.possible(&sel)?;
        let mut owner = Owner {
            actors: self.set_id(members.clone()),
            holder: None,
            conditions: Vec::new(),
            elements: Vec::new(),
        };
        match &sel {
            Sel::Fixed(_) => {}
            Sel::Holder(role) => owner.holder = Some(*role),
            other => owner.conditions.push(Condition::Is(other.clone())),
        }
        let mut elements: Vec<ElementId> =
            members.iter().filter_map(|actor| self.actor_element[actor.index()]).collect();
        elements.sort_unstable();
        elements.dedup();
        for element in elements {
            let of: Vec<m::ActorId> = members
                .iter()
                .copied()
                .filter(|actor| self.actor_element[actor.index()] == Some(element))
                .collect();
            let some = if of.len() == members.len() { None } else { Some(self.set_id(of)) };
            owner.elements.push((element, some));
        }
        if let Some(element) = self.element_of_network(selector)
            && !owner.elements.iter().any(|(known, _)| *known == element)
        {
            owner.elements.push((element, None));
        }
        if members.is_empty() && !self.empty_because_absent(selector) {
            let (word, span) = super::selectors::selector_place(selector);
            let message = format!("`{word}` means nobody here, so the rule does nothing");
            let diagnostic = Diagnostic::warning("empty-set", message);
            self.diags.push(match span {
                Some(span) => diagnostic.at(span),
                None => diagnostic,
            });
        }
        Some(owner)
    }

    /// Whether there would be somebody if all elements were on.
    fn empty_because_absent(&self, selector: &t::Selector) -> bool {
        match selector {
            t::Selector::Actor(_) => true,
            t::Selector::Role(name) => {
                self.doc.actors.get(name.as_str()).is_some_and(|a| a.element.is_some())
            }
            t::Selector::Network(name) | t::Selector::Chair(name) => {
                self.doc.networks.get(name.as_str()).is_some_and(|n| {
                    n.element.is_some()
                        || n.members.iter().any(|part| self.empty_because_absent(part))
                        || n.chair.as_ref().is_some_and(|part| self.empty_because_absent(part))
                })
            }
            t::Selector::AnyOf(parts) => parts.iter().any(|part| self.empty_because_absent(part)),
            t::Selector::Except(all, _) => self.empty_because_absent(all),
            _ => false,
        }
    }

    /// The element of a network that a selector names.
    pub(super) fn element_of_network(&self, selector: &t::Selector) -> Option<ElementId> {
        let (t::Selector::Network(name) | t::Selector::Chair(name)) = selector else { return None };
        let element = self.doc.networks.get(name.as_str())?.element.as_ref()?;
        self.doc.elements.get_index_of(element.as_str()).map(ElementId::from_index)
    }

    /// The element of a network or template at an end of a channel.
    pub(super) fn element_of_ends(&self, ends: &t::Ends) -> Option<ElementId> {
        let t::Ends::Of(selector) = ends else { return None };
        let name = match selector {
            t::Selector::Role(name) | t::Selector::Own(name) | t::Selector::Concerned(name) => name,
            t::Selector::Actor(name) => name,
            other => return self.element_of_network(other),
        };
        let template = name.split(['@', '#']).next()?;
        let element = self.doc.actors.get(template)?.element.as_ref()?;
        self.doc.elements.get_index_of(element.as_str()).map(ElementId::from_index)
    }

    pub(super) fn conditions(
        &mut self,
        place: &str,
        conditions: &'d [t::Condition],
        span: Span,
    ) -> Option<Vec<Condition>> {
        self.opt_all(conditions, |cx, condition| cx.condition(place, condition, span))
    }

    fn condition(&mut self, place: &str, condition: &'d t::Condition, span: Span) -> Option<Condition> {
        Some(match condition {
            t::Condition::Known { fact, of, at_least, value, number, older, newer, confirmed } => {
                let scoped = self.scoped(fact, *of);
                let at_least = self.opt_site(&format!("{place}/at-least"), at_least.as_ref(), Use::Factor);
                let number = self.opt_site(&format!("{place}/number"), number.as_ref(), Use::Number);
                let older = self.opt_site(&format!("{place}/older"), older.as_ref(), Use::Duration);
                let newer = self.opt_site(&format!("{place}/newer"), newer.as_ref(), Use::Duration);
                let (kind, of) = scoped?;
                let (older, newer) = (older?, newer?);
                let value = match value {
                    Some(value) => Some(self.choice(kind, fact, value)?),
                    None => None,
                };
                let number = number?;
                if number.is_some() {
                    self.is_number(kind, fact)?;
                }
                let confirmed = *confirmed;
                Condition::Known { kind, of, at_least: at_least?, value, number, older, newer, confirmed }
            }
            t::Condition::Sum { fact, at_least } => {
                let kind = self.kind_id(fact);
                let at_least = self.site(&format!("{place}/sum"), at_least, Use::Number);
                let kind = kind?;
                self.is_number(kind, fact)?;
                Condition::Sum { kind, at_least: at_least? }
            }
            t::Condition::AboutOwn => Condition::AboutOwn,
            t::Condition::AboutOther => Condition::AboutOther,
            t::Condition::Mode { network, at_least } => Condition::Mode(self.mode(network, at_least)?),
            t::Condition::Chance(p) => {
                Condition::Chance(self.site(&format!("{place}/chance"), p, Use::Probability)?)
            }
            t::Condition::InForce(element) => Condition::InForce(self.element_id(element)?),
            t::Condition::Attribute { name, at_least } => self.attribute(name, *at_least, span)?,
            t::Condition::Is(selector) => Condition::Is(self.sel(selector)?),
            t::Condition::Decided { decision, outcome, option } => {
                let id = self.decision_id(decision)?;
                let option = self.option_of(id, option.as_ref())?;
                Condition::Decided(id, convert::outcome(*outcome), option)
            }
            t::Condition::Waiting(n) => Condition::Waiting(*n),
            t::Condition::AtWork(n) => Condition::AtWork(*n),
            t::Condition::AtDesk(n) => Condition::AtDesk(*n),
            t::Condition::Before(at) => Condition::Before(self.clipped(at)?),
            t::Condition::After(at) => Condition::After(self.clipped(at)?),
            t::Condition::During(calendar) => Condition::During(self.rota_of_all(calendar)?),
            t::Condition::OnDuty => Condition::OnDuty,
            t::Condition::Parameter { name, at_least } => {
                let of = self.site(&format!("{place}/parameter"), name, Use::Number);
                let at_least = self.site(&format!("{place}/threshold"), at_least, Use::Number);
                Condition::Parameter(of?, at_least?)
            }
            t::Condition::Stock { pool, at_least } => {
                let pool = self.pool_id(pool);
                let at_least = self.site(&format!("{place}/stock"), at_least, Use::Factor);
                Condition::Stock(pool?, at_least?)
            }
            t::Condition::Class(class) => Condition::Class(self.class_id(class)?),
            t::Condition::Not(inner) => Condition::Not(Box::new(self.condition(place, inner, span)?)),
            t::Condition::Either(parts) => Condition::Either(self.conditions(place, parts, span)?),
            t::Condition::Both(parts) => Condition::Both(self.conditions(place, parts, span)?),
        })
    }

    pub(super) fn is_number(&mut self, kind: m::FactKindId, fact: &Name) -> Option<()> {
        if matches!(self.doc.facts[kind.index()].value, t::ValueKind::Number { .. }) {
            return Some(());
        }
        self.error("not-possible", format!("`{fact}` is not a number"), fact.span);
        None
    }

    fn attribute(&mut self, name: &str, at_least: f64, span: Span) -> Option<Condition> {
        let doc = self.doc;
        if !doc.states.values().any(|state| state.attributes.contains_key(name)) {
            let known: Vec<&str> =
                doc.states.values().flat_map(|s| s.attributes.keys().map(String::as_str)).collect();
            self.unknown("attribute of a state", &Name::new(name.to_owned(), span), known);
            return None;
        }
        let high = |state: &t::State| state.attributes.get(name).is_some_and(|value| *value >= at_least);
        Some(Condition::Attribute(doc.states.values().map(high).collect()))
    }

    pub(super) fn actions(
        &mut self,
        place: &str,
        actions: &'d [t::Action],
        span: Span,
    ) -> Option<Vec<Action>> {
        self.opt_all(actions, |cx, action| cx.action(place, action, span))
    }

    fn action(&mut self, place: &str, action: &'d t::Action, span: Span) -> Option<Action> {
        Some(match action {
            t::Action::Work(p) => Action::Work(self.work(&format!("{place}/work"), p)?),
            t::Action::Find { work, .. } => {
                let finding = self.finding(place, action);
                let work = match work {
                    Some(p) => self.work(&format!("{place}/find"), p).map(Some),
                    None => Some(None),
                };
                Action::Find { finding: finding?, work: work? }
            }
            t::Action::Send { product, to, by, only } => {
                let id = self.product_id(product);
                let to = self.whom(place, to, only.as_ref());
                let by = self.opt_all(by, |cx, name| cx.way_of(product, name));
                Action::Send { product: id?, to: to?, by: by? }
            }
            t::Action::Forward { to, only } => Action::Forward { to: self.whom(place, to, only.as_ref())? },
            t::Action::Publish(name) => Action::Publish(self.statement_id(name)?),
            t::Action::Propose(name) => Action::Propose(self.decision_id(name)?),
            t::Action::SetMode { network, mode } => Action::SetMode(self.mode(network, mode)?),
            t::Action::Meet { network, length, notice, quorum, priority } => {
                let position = self.find("network", &self.doc.networks, network);
                let length = self.site(&format!("{place}/meeting"), length, Use::Duration);
                let notice = self.opt_site(&format!("{place}/notice"), notice.as_ref(), Use::Duration);
                let quorum = self.number_or(quorum.as_ref(), Use::Probability, 0.5);
                Action::Meet(m::Meeting {
                    network: m::NetworkId::from_index(position?),
                    length: length?,
                    notice: notice?,
                    quorum: quorum?,
                    priority: convert::priority(*priority),
                })
            }
            t::Action::Assign { role, to } => {
                let position = self.find("role held in turn", &self.doc.roles, role)?;
                if self.doc.roles[position].assignable.is_none() {
                    let message = format!("the role `{role}` is not `assignable`");
                    self.diags.push(
                        Diagnostic::error("not-possible", message)
                            .at(role.span)
                            .hint("say in the role who may be assigned it: `assignable: Role(\"..\")`"),
                    );
                    return None;
                }
                Action::Assign(m::RoleId::from_index(position), self.sel(to)?)
            }
            t::Action::Enact(name) => Action::Enact(self.countermeasure_id(name)?),
            t::Action::Wait(p) => Action::Wait(self.site(&format!("{place}/wait"), p, Use::Duration)?),
            t::Action::Together(branches) => {
                Action::Together(self.opt_all(branches, |cx, branch| cx.actions(place, branch, span))?)
            }
            t::Action::Choose(branches) => self.choose(place, branches, span)?,
            t::Action::WaitUntil(until) => Action::WaitUntil(self.until(place, until, span)?),
            t::Action::Race { first, of } => self.race(place, *first, of, span)?,
            t::Action::If { when, then, otherwise } => {
                let when = self.conditions(&format!("{place}/if"), when, span);
                let then = self.actions(place, then, span);
                let otherwise = self.actions(place, otherwise, span);
                Action::If(when?, then?, otherwise?)
            }
            t::Action::Loop { body, again, while_, at_most } => {
                let while_ = self.conditions(&format!("{place}/loop"), while_, span);
                let again = self.opt_site(&format!("{place}/again"), again.as_ref(), Use::Probability);
                let body = self.actions(place, body, span);
                self.make_loop(body?, again?, while_?, *at_most, span)?
            }
            t::Action::Hand { to, only, then } => {
                let to = self.whom(place, to, only.as_ref());
                Action::Hand(to?, self.actions(place, then, span)?)
            }
            t::Action::Reply(product) => {
                Action::Send { product: self.product_id(product)?, to: Sel::Sender, by: Vec::new() }
            }
            t::Action::Open { rule, count } => self.open(place, rule, count.as_ref())?,
            t::Action::Finish => Action::Finish,
            t::Action::Take { .. } | t::Action::Return { .. } | t::Action::Lend { .. } => {
                self.pool_action(place, action, span)?
            }
        })
    }

    /// Whom an action means: all of a selector, or some of them.
    fn whom(&mut self, place: &str, to: &'d t::Selector, only: Option<&t::Param>) -> Option<Sel> {
        let sel = self.sel(to);
        let Some(only) = only else { return sel };
        let n = self.number(only, Use::Factor, None);
        let param = self.param(only, Use::Factor);
        let site = self.add_site(format!("{place}/only"), param?);
        Some(Sel::Drawn(Box::new(sel?), m::Sample { site, n: libm::round(n?) as usize }))
    }

    /// A channel by which a product is sent.
    fn way_of(&mut self, product: &Name, name: &Name) -> Option<m::ChannelId> {
        let id = self.channel_id(name)?;
        let carries = &self.doc.channels[id.index()].carries;
        if !carries.is_empty() && !carries.iter().any(|carried| **carried == **product) {
            let message = format!("the channel `{name}` does not carry `{product}`");
            self.error("not-possible", message, name.span);
            return None;
        }
        Some(id)
    }

    fn choose(
        &mut self,
        place: &str,
        branches: &'d [(t::Param, Vec<t::Action>)],
        span: Span,
    ) -> Option<Action> {
        let made = self.opt_all(branches, |cx, (weight, actions)| {
            let weight = cx.number(weight, Use::Factor, None);
            let actions = cx.actions(place, actions, span);
            Some((weight?, actions?))
        })?;
        let Some((first, _)) = branches.first() else {
            self.error("missing", "`Choose` has nothing to choose from", span);
            return None;
        };
        if made.iter().map(|(weight, _)| weight).sum::<f64>() <= 0.0 {
            self.error("out-of-range", "the weights of `Choose` sum to 0", first.span);
            return None;
        }
        let param = self.param(first, Use::Factor)?;
        let site = self.add_site(format!("{place}/choose"), param);
        Some(Action::Choose(site, made))
    }
}

/// Whose rule it is.
struct Owner {
    actors: SetId,
    holder: Option<m::RoleId>,
    conditions: Vec<Condition>,
    /// Elements of the actors; with a set, of these actors only.
    elements: Vec<(ElementId, Option<SetId>)>,
}

/// Calls `f` for every action, also those inside others.
pub(super) fn for_each_action<'a>(actions: &'a [Action], f: &mut impl FnMut(&'a Action)) {
    for action in actions {
        f(action);
        match action {
            Action::Together(branches) => branches.iter().for_each(|branch| for_each_action(branch, f)),
            Action::Race(_, branches) => branches.iter().for_each(|branch| for_each_action(branch, f)),
            Action::Choose(_, branches) => branches.iter().for_each(|(_, branch)| for_each_action(branch, f)),
            Action::If(_, then, otherwise) => {
                for_each_action(then, f);
                for_each_action(otherwise, f);
            }
            Action::Loop(l) => for_each_action(&l.body, f),
            Action::Hand(_, then) => for_each_action(then, f),
            Action::Take(take) => take.otherwise.iter().for_each(|then| for_each_action(then, f)),
            _ => {}
        }
    }
}
