//! What is found and how well; facts that are worked out from others.

use std::collections::BTreeSet;

use crate::document::types::{self as t, Name, Per};
use crate::model::{self as m, FactKindId, SiteId, ValueKind};

use super::context::Cx;
use super::params::Use;

impl<'d> Cx<'d> {
    /// What an action finds.
    pub(super) fn finding(&mut self, place: &str, action: &'d t::Action) -> Option<m::Finding> {
        let t::Action::Find { fact, wrong, error, tau, counted, confirmed, .. } = action else { return None };
        let kind = self.kind_id(fact);
        let wrong = self.opt_site(&format!("{place}/wrong"), wrong.as_ref(), Use::Probability);
        let error = self.opt_site(&format!("{place}/error"), error.as_ref(), Use::Factor);
        let tau = self.opt_site(&format!("{place}/tau"), tau.as_ref(), Use::Duration);
        let counted = match counted {
            Some(product) => self.product_id(product).map(Some),
            None => Some(None),
        };
        let (kind, wrong, error, tau, counted) = (kind?, wrong?, error?, tau?, counted?);
        if error.is_some() || tau.is_some() || counted.is_some() {
            self.is_number(kind, fact)?;
        }
        if wrong.is_some()
            && error.is_none()
            && matches!(self.fact_kinds[kind.index()].value, ValueKind::Number(_))
        {
            let message = format!(
                "a wrong finding of the number `{fact}` needs an `error`: the factor by which it is off"
            );
            self.error("missing", message, fact.span);
        }
        if tau.is_some() && counted.is_some() {
            let message = format!("`{fact}` is either counted or seen bit by bit, not both");
            self.error("contradiction", message, fact.span);
        }
        if self.fact_kinds[kind.index()].derived.is_some() {
            let message = format!("`{fact}` is worked out from other facts, and cannot be found");
            self.error("contradiction", message, fact.span);
        }
        self.counted_products.extend(counted);
        Some(m::Finding { kind, wrong, error, tau, counted, confirmed: *confirmed })
    }

    /// Facts that are worked out from others, once all kinds are known.
    pub(super) fn compile_derived(&mut self) {
        let doc = self.doc;
        for (position, (name, kind)) in doc.facts.iter().enumerate() {
            let id = FactKindId::from_index(position);
            if position >= self.fact_kinds.len() {
                return;
            }
            let shared_with = self.opt_all(&kind.shared_with, |cx, (who, p)| {
                let set = cx.fixed_set(who, "`shared_with`");
                let site = cx.site(&format!("fact:{name}/shared-with"), p, Use::Probability);
                Some((set?, site?))
            });
            self.fact_kinds[position].shared_with = shared_with.unwrap_or_default();
            let Some(derived) = &kind.derived else { continue };
            if kind.truth != t::Truth::Found {
                let message = format!(
                    "`{name}` is worked out from other facts, and so is its truth: leave `truth` out"
                );
                self.error("contradiction", message, name.span);
            }
            if let Some(made) = self.derived(name, kind, derived) {
                let inputs: BTreeSet<FactKindId> = match &made.from {
                    m::Formula::Count(k, _)
                    | m::Formula::Share(k, _)
                    | m::Formula::Sum(k)
                    | m::Formula::Max(k) => [*k].into(),
                    m::Formula::Weighted(parts) | m::Formula::Confidence(parts) => {
                        parts.iter().map(|part| part.0).collect()
                    }
                };
                for input in inputs {
                    self.agrees(name, kind, input);
                    self.fact_kinds[input.index()].feeds.push(id);
                }
                self.fact_kinds[position].derived = Some(made);
                self.fact_kinds[position].truth = m::Truth::Derived;
            }
        }
        self.no_circles();
    }

    fn derived(&mut self, name: &Name, kind: &t::FactKind, derived: &'d t::Derived) -> Option<m::Derived> {
        let place = format!("fact:{name}/derived");
        let from = match &derived.from {
            t::Formula::Count { fact, value } => {
                let (input, value) = self.input(fact, value.as_ref())?;
                m::Formula::Count(input, value)
            }
            t::Formula::Share { fact, value } => {
                let (input, value) = self.input(fact, value.as_ref())?;
                m::Formula::Share(input, value)
            }
            t::Formula::Sum(fact) => {
                let input = self.kind_id(fact)?;
                self.is_number(input, fact)?;
                m::Formula::Sum(input)
            }
            t::Formula::Max(fact) => m::Formula::Max(self.kind_id(fact)?),
            t::Formula::Weighted(parts) => m::Formula::Weighted(self.evidence(&place, parts, Use::Number)?),
            t::Formula::Confidence(parts) => {
                m::Formula::Confidence(self.evidence(&place, parts, Use::Probability)?)
            }
        };
        let states = match &derived.group {
            Some(group) => self.group_of_states(group)?,
            None => Vec::new(),
        };
        let at_least = self.opt_site(&format!("{place}/at-least"), derived.at_least.as_ref(), Use::Number)?;
        let steps: Vec<SiteId> =
            self.opt_all(&derived.steps, |cx, p| cx.site(&format!("{place}/step"), p, Use::Number))?;
        match &kind.value {
            t::ValueKind::Choice(names) if steps.len() + 1 != names.len() => {
                let message = format!(
                    "`{name}` has {} values, so it needs {} `steps`, not {}",
                    names.len(),
                    names.len().saturating_sub(1),
                    steps.len()
                );
                self.error("missing", message, name.span);
            }
            t::ValueKind::Flag | t::ValueKind::Number { .. } if !steps.is_empty() => {
                let message = format!("`{name}` is no choice, so it has no `steps`");
                self.error("not-possible", message, name.span);
            }
            t::ValueKind::Choice(_) | t::ValueKind::Number { .. } if at_least.is_some() => {
                let message = format!("`{name}` is no flag, so it has no `at_least`");
                self.error("not-possible", message, name.span);
            }
            _ => {}
        }
        Some(m::Derived { from, states, at_least, steps })
    }

    fn input(&mut self, fact: &Name, value: Option<&Name>) -> Option<(FactKindId, Option<u32>)> {
        let kind = self.kind_id(fact)?;
        let value = match value {
            Some(value) => Some(self.choice(kind, fact, value)?),
            None => None,
        };
        Some((kind, value))
    }

    fn evidence(
        &mut self,
        place: &str,
        parts: &'d [t::Evidence],
        wanted: Use,
    ) -> Option<Vec<(FactKindId, Option<u32>, SiteId)>> {
        self.opt_all(parts, |cx, part| {
            let input = cx.input(&part.fact, part.value.as_ref());
            let weight = cx.site(&format!("{place}/{}", part.fact), &part.weight, wanted);
            let (kind, value) = input?;
            Some((kind, value, weight?))
        })
    }

    /// What a fact is about, the facts that it is worked out from must be about too.
    fn agrees(&mut self, name: &Name, kind: &t::FactKind, input: FactKindId) {
        let Some((input_name, of)) = self.doc.facts.get_index(input.index()) else { return };
        for (per, word) in [(Per::Incident, "Incident"), (Per::State, "State"), (Per::Sector, "Sector")] {
            if kind.per.contains(&per) && !of.per.contains(&per) {
                let message =
                    format!("`{name}` is `per: {word}`, but `{input_name}`, of which it is made, is not");
                self.error("contradiction", message, name.span);
            }
        }
    }

    /// Facts that are worked out from each other must begin somewhere.
    fn no_circles(&mut self) {
        let n = self.fact_kinds.len();
        let mut inputs_left: Vec<usize> = vec![0; n];
        for kind in &self.fact_kinds {
            kind.feeds.iter().for_each(|f| inputs_left[f.index()] += 1);
        }
        let mut ready: Vec<usize> = (0..n).filter(|&i| inputs_left[i] == 0).collect();
        let mut done = 0;
        while let Some(i) = ready.pop() {
            done += 1;
            for f in self.fact_kinds[i].feeds.clone() {
                inputs_left[f.index()] -= 1;
                if inputs_left[f.index()] == 0 {
                    ready.push(f.index());
                }
            }
        }
        if done < n
            && let Some(position) = inputs_left.iter().position(|&left| left > 0)
            && let Some((name, _)) = self.doc.facts.get_index(position)
        {
            self.error("cycle", format!("the fact `{name}` is worked out from itself"), name.span);
        }
    }
}
