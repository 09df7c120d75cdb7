//! Milestones and what history says of them.

use crate::document::Diagnostic;
use crate::document::types::{self as t, Name};
use crate::model::{self as m, FactOrKind, HowMany, Predicate, Sel};

use super::context::{Cx, all};
use super::convert;

impl<'d> Cx<'d> {
    pub(super) fn milestones(&mut self) -> Option<Vec<m::Milestone>> {
        let doc = self.doc;
        for name in doc.observed.keys() {
            if !doc.milestones.contains_key(name.as_str()) {
                self.unknown("milestone", name, doc.milestones.keys().map(|key| key.as_str()));
            }
        }
        self.origins_end();
        all(doc.milestones.iter().map(|(name, milestone)| self.milestone(name, milestone)))
    }

    fn milestone(&mut self, name: &Name, milestone: &'d t::Milestone) -> Option<m::Milestone> {
        let from = match &milestone.from {
            t::Origin::Start => Some(m::Origin::Start),
            t::Origin::Incident(incident) => self.incident_id(incident).map(m::Origin::Incident),
            t::Origin::Milestone(other) => self.milestone_id(other).map(m::Origin::Milestone),
        };
        let when = self.predicate(name, &milestone.when);
        let observed = match self.doc.observed.get(name.as_str()) {
            Some(observed) => self.observed(name, observed).map(Some),
            None => Some(None),
        };
        let layer = milestone.layer.map(|layer| match layer {
            t::Layer::Victim => "victim",
            t::Layer::National => "national",
            t::Layer::Internal => "internal",
            t::Layer::Public => "public",
        });
        Some(m::Milestone {
            name: name.to_string(),
            title: milestone.title.clone(),
            from: from?,
            when: when?,
            layer,
            observed: observed?,
        })
    }

    /// Latencies counted from each other must begin somewhere.
    fn origins_end(&mut self) {
        let doc = self.doc;
        // In which walk a milestone was met first; 0 is in none.
        let mut met = vec![0_usize; doc.milestones.len()];
        for start in 0..doc.milestones.len() {
            let mut at = start;
            while met[at] == 0 {
                met[at] = start + 1;
                let t::Origin::Milestone(next) = &doc.milestones[at].from else { break };
                let Some(position) = doc.milestones.get_index_of(next.as_str()) else { break };
                if met[position] == start + 1 {
                    let message = format!("the milestone `{next}` is counted from itself");
                    self.error("cycle", message, next.span);
                }
                at = position;
            }
        }
    }

    fn observed(&mut self, name: &Name, observed: &t::Observed) -> Option<m::Observed> {
        match observed {
            t::Observed::At { at, from, to, basis, set_by_scenario } => {
                let from_us = self.offset_us(from);
                let to_us = self.offset_us(to);
                let at_us = match at {
                    Some(at) => Some(self.offset_us(at)?),
                    None => None,
                };
                let (from_us, to_us) = (from_us?, to_us?);
                let at_us = at_us.unwrap_or(from_us + (to_us - from_us) / 2);
                if !(from_us <= at_us && at_us <= to_us) {
                    let message = format!("`{name}` was observed outside its own interval `from` .. `to`");
                    self.error("contradiction", message, from.span);
                }
                Some(m::Observed::At {
                    at_us,
                    from_us,
                    to_us,
                    basis: convert::basis(basis),
                    set_by_scenario: *set_by_scenario,
                })
            }
            t::Observed::Never { by, basis } => {
                Some(m::Observed::Never { by_us: self.offset_us(by)?, basis: convert::basis(basis) })
            }
        }
    }

    fn predicate(&mut self, name: &Name, predicate: &'d t::Predicate) -> Option<Predicate> {
        Some(match predicate {
            t::Predicate::Knows { who, fact, how_many } => {
                let who_sel = self.sel_of_milestone(who);
                let fact = self.fact_or_kind(fact);
                let how_many = self.how_many(name, how_many);
                let (who, how_many) = (who_sel?, how_many?);
                self.enough(name, &who, how_many);
                Predicate::Knows { who, fact: fact?, how_many }
            }
            t::Predicate::Mode { network, at_least } => Predicate::Mode(self.mode(network, at_least)?),
            t::Predicate::Delivered { product, to, nth } => {
                let product = self.product_id(product);
                let to = self.opt_sel(to.as_ref());
                Predicate::Delivered(product?, to?, self.nth(name, *nth)?)
            }
            t::Predicate::Sent { product, by, nth } => {
                let product = self.product_id(product);
                let by = self.opt_sel(by.as_ref());
                Predicate::Sent(product?, by?, self.nth(name, *nth)?)
            }
            t::Predicate::Published { statement, by, about, value, nth } => {
                let product = match statement {
                    Some(statement) => self.statement_id(statement).map(Some),
                    None => Some(None),
                };
                let by = self.opt_sel(by.as_ref());
                let about = match about {
                    Some(kind) => self.kind_id(kind).map(Some),
                    None => Some(None),
                };
                let nth = self.nth(name, *nth);
                let about = about?;
                let value = match (value, about) {
                    (Some(value), Some(kind)) => {
                        let fact = self.doc.facts.get_index(kind.index())?.0;
                        Some(self.choice(kind, fact, value)?)
                    }
                    (Some(value), None) => {
                        let message = "a `value` of a statement is that of a fact: say `about` which";
                        self.error("missing", message, value.span);
                        return None;
                    }
                    (None, _) => None,
                };
                Predicate::Published { product: product?, by: by?, about, value, nth: nth? }
            }
            t::Predicate::Decided { decision, outcome, option } => {
                let id = self.decision_id(decision)?;
                let option = self.option_of(id, option.as_ref())?;
                Predicate::Decided(id, convert::outcome(*outcome), option)
            }
            t::Predicate::Operators { of, status, how_many } => {
                let filter = self.filter(of);
                let how_many = self.how_many(name, how_many);
                Predicate::Operators(filter?, convert::status(*status), how_many?)
            }
            t::Predicate::Awareness { level, reaches } => {
                let found = self.find_id("level", |index| &index.levels, level)?;
                let share = self.share("the awareness to be reached", *reaches, level.span)?;
                Predicate::Awareness(m::LevelId::from_index(found), share)
            }
            t::Predicate::Done { task, by, nth } => {
                let task = self.task_id(task);
                let by = self.opt_sel(by.as_ref());
                Predicate::Done(task?, by?, self.nth(name, *nth)?)
            }
            t::Predicate::Fired { rule, nth } => {
                let rule = self.find_id("rule", |index| &index.rules, rule)?;
                Predicate::Fired(m::RuleId::from_index(rule), self.nth(name, *nth)?)
            }
            t::Predicate::Enacted(what) => self.enacted(what)?,
        })
    }

    /// An inject or a countermeasure.
    fn enacted(&mut self, name: &Name) -> Option<Predicate> {
        let doc = self.doc;
        let inject = self.index.injects.get(name.as_str()).copied();
        let countermeasure = doc.countermeasures.get_index_of(name.as_str());
        match (inject, countermeasure) {
            (Some(_), Some(_)) => {
                self.error("contradiction", format!("`{name}` is an inject and a countermeasure"), name.span);
                None
            }
            (Some(i), None) => Some(Predicate::Injected(m::InjectId::from_index(i))),
            (None, Some(i)) => Some(Predicate::Enacted(m::CountermeasureId::from_index(i))),
            (None, None) => {
                let mut known: Vec<&str> = self.index.injects.keys().copied().collect();
                known.extend(doc.countermeasures.keys().map(|key| key.as_str()));
                self.unknown("inject or countermeasure", name, known);
                None
            }
        }
    }

    /// A set as a milestone names it: who belongs to it is known without the run.
    fn sel_of_milestone(&mut self, selector: &'d t::Selector) -> Option<Sel> {
        let sel = self.sel_of_nobody(selector, "a milestone")?;
        let decided = super::selectors::role_of_the_run(&self.roles, &sel).map(|r| r.name.clone());
        if let Some(role) = decided {
            let message = format!("who holds `{role}` is decided in the run, and a milestone cannot ask");
            let diagnostic = Diagnostic::error("not-possible", message)
                .hint("name those who may hold it, or use what they do: `Fired(rule: ..)`");
            let place = super::selectors::selector_place(selector).1;
            self.diags.push(place.into_iter().fold(diagnostic, |d, span| d.at(span)));
            return None;
        }
        Some(sel)
    }

    fn opt_sel(&mut self, selector: Option<&'d t::Selector>) -> Option<Option<Sel>> {
        match selector {
            None => Some(None),
            Some(t::Selector::Operators) => Some(Some(Sel::Operators)),
            Some(selector) => self.sel_of_milestone(selector).map(Some),
        }
    }

    pub(super) fn fact_or_kind(&mut self, name: &Name) -> Option<FactOrKind> {
        if self.doc.facts.contains_key(name.as_str()) {
            return self.kind_id(name).map(FactOrKind::Kind);
        }
        self.fact_id(name).map(FactOrKind::Fact)
    }

    fn nth(&mut self, name: &Name, nth: Option<u32>) -> Option<u32> {
        let nth = nth.unwrap_or(1);
        if nth == 0 {
            self.error("out-of-range", format!("`nth` of `{name}` counts from 1"), name.span);
            return None;
        }
        Some(nth)
    }

    fn how_many(&mut self, name: &Name, how_many: &t::HowMany) -> Option<HowMany> {
        Some(match how_many {
            t::HowMany::First => HowMany::Nth(1),
            t::HowMany::Nth(k) => HowMany::Nth(self.nth(name, Some(*k))?),
            t::HowMany::Share(share) => HowMany::Share(self.share("the share", *share, name.span)?),
            t::HowMany::All => HowMany::Share(1.0),
        })
    }

    /// Whether there are as many as a milestone wants.
    fn enough(&mut self, name: &Name, who: &Sel, how_many: HowMany) {
        let Sel::Fixed(set) = who else { return };
        let n = self.sets[set.index()].members.len();
        if let HowMany::Nth(k) = how_many
            && k as usize > n
            && n > 0
        {
            let message = format!("the milestone `{name}` is never reached: it wants {k} of {n} actors");
            self.diags.push(Diagnostic::warning("never-reached", message).at(name.span));
        }
    }
}
