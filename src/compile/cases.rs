//! Cases and what sequences are made of: classes, races, loops, waits for an instant, cases that open cases.

use crate::des::Law;
use crate::document::Span;
use crate::document::types::{self as t, Name, Quantity};
use crate::model::{self as m, Action, ClassId, Condition, RotaId, Sel, SiteId, Until};
use crate::time::Deadline;

use super::context::Cx;
use super::params::Use;
use super::triggers::Place;

impl<'d> Cx<'d> {
    /// Classes of cases: those that rules name, and the names of all other rules.
    pub(super) fn compile_classes(&mut self) {
        let doc = self.doc;
        for rule in &doc.rules {
            let name = rule.class.as_ref().unwrap_or(&rule.id);
            if !self.class_ids.contains_key(name.as_str()) {
                self.class_ids.insert(name.as_str(), ClassId::from_index(self.classes.len()));
                self.classes.push(name.to_string());
            }
        }
    }

    pub(super) fn class_of_rule(&self, rule: &t::Rule) -> ClassId {
        let name = rule.class.as_ref().unwrap_or(&rule.id);
        self.class_ids.get(name.as_str()).copied().unwrap_or(ClassId::from_index(0))
    }

    pub(super) fn class_id(&mut self, name: &Name) -> Option<ClassId> {
        let found = self.class_ids.get(name.as_str()).copied();
        if found.is_none() {
            let known: Vec<&'d str> = self.class_ids.keys().copied().collect();
            self.unknown("class of cases", name, known);
        }
        found
    }

    /// An optional class: the outer `None` is an error.
    pub(super) fn opt_class(&mut self, name: Option<&Name>) -> Option<Option<ClassId>> {
        match name {
            None => Some(None),
            Some(name) => self.class_id(name).map(Some),
        }
    }

    /// Gaps of arrivals: a duration, or a rate for exponential gaps.
    pub(super) fn arrivals_site(&mut self, place: &str, gap: &t::Param) -> Option<SiteId> {
        let is_rate = match &**gap {
            Quantity::Number(_) => false,
            Quantity::Text(text) => match self.param_ids.get(text.as_str()) {
                Some(id) => self.params[id.index()].unit == m::Unit::Rate,
                None => matches!(super::quantities::value(gap), Ok((_, m::Unit::Rate))),
            },
        };
        if !is_rate {
            return self.gap_site(place, gap, "an arrival");
        }
        let param = self.param(gap, Use::Rate)?;
        let highest = 1.0 / super::MIN_GAP_US;
        if self.params[param.index()].laws.iter().any(|law| law.quantile(0.5) > highest) {
            self.error("too-frequent", "more than 1000 arrivals a second", gap.span);
            return None;
        }
        Some(self.site_of(place, param))
    }

    /// What withdraws the sequences of a rule.
    pub(super) fn cancelled_by(&mut self, rule: &'d t::Rule, purpose: &str) -> Option<Option<m::Trigger>> {
        let Some(trigger) = &rule.cancelled_by else { return Some(None) };
        // Clocks belong to what sets a rule off.
        let purpose = format!("{purpose}/cancelled");
        let place = Place { purpose: &purpose, actors: None, span: rule.id.span };
        let made = self.trigger(place, trigger)?;
        if made.leaves.iter().any(|leaf| matches!(leaf, m::Leaf::Start | m::Leaf::At(_))) {
            let message = format!("`{}`: an instant cannot cancel; give the rule a date `until`", rule.id);
            self.error("not-possible", message, rule.id.span);
            return None;
        }
        Some(Some(made))
    }

    /// A calendar as each actor keeps it, in its zone and with its holidays; none: round the clock.
    pub(super) fn rota_of_all(&mut self, calendar: &Name) -> Option<Vec<Option<RotaId>>> {
        let mut rotas = Vec::with_capacity(self.actors.len());
        if self.actors.is_empty() {
            self.find("calendar", &self.doc.calendars, calendar)?;
        }
        for i in 0..self.actors.len() {
            let zone = self.actors[i].zone.clone();
            let holidays = self.actor_holidays[i].clone();
            rotas.push(self.rota(calendar, &zone, holidays.as_ref())?);
        }
        Some(rotas)
    }

    pub(super) fn until(&mut self, place: &str, until: &'d t::Until, span: Span) -> Option<Until> {
        let place = format!("{place}/until");
        let days = |cx: &mut Self, n: u32| {
            if n > 10_000 {
                cx.error("out-of-range", "a time limit of more than 10000 days or months", span);
            }
            n
        };
        Some(match until {
            t::Until::Instant(at) => Until::Instant(self.clipped(at)?),
            t::Until::Clock(times) => {
                if times.is_empty() {
                    self.error("missing", "`Clock` names no time of the day", span);
                }
                let mut clocks = Vec::new();
                for time in times {
                    clocks.push(self.clock(time)?);
                }
                Until::Clock(clocks)
            }
            t::Until::Duty => Until::Duty,
            t::Until::Open(calendar) => Until::Open(self.rota_of_all(calendar)?),
            t::Until::Working(p) => Until::Working(self.site(&place, p, Use::Duration)?),
            t::Until::WorkingBy(calendar, p) => {
                let rotas = self.rota_of_all(calendar);
                let site = self.site(&place, p, Use::Duration);
                Until::WorkingBy(rotas?, site?)
            }
            t::Until::Hours(n) => Until::Deadline(Deadline::RegulationHours(*n)),
            t::Until::Days(n) => Until::Deadline(Deadline::RegulationDays(days(self, *n))),
            t::Until::WorkingDays(n) => Until::Deadline(Deadline::RegulationWorkingDays(days(self, *n))),
            t::Until::Months(n) => Until::Deadline(Deadline::RegulationMonths(days(self, *n))),
        })
    }

    pub(super) fn race(
        &mut self,
        place: &str,
        first: Option<u32>,
        of: &'d [Vec<t::Action>],
        span: Span,
    ) -> Option<Action> {
        let k = first.unwrap_or(1);
        if k == 0 || k as usize > of.len() {
            let message = format!("`Race` of {} things: `first` must be 1 to {0}", of.len());
            self.error("out-of-range", message, span);
        }
        Some(Action::Race(k, self.opt_all(of, |cx, branch| cx.actions(place, branch, span))?))
    }

    pub(super) fn make_loop(
        &mut self,
        body: Vec<Action>,
        again: Option<SiteId>,
        while_: Vec<Condition>,
        at_most: Option<u32>,
        span: Span,
    ) -> Option<Action> {
        // A round whose end lies at its beginning must not be followed by another for ever.
        let certain = match again {
            None => true,
            Some(site) => self.params[self.sites[site.index()].param.index()]
                .laws
                .iter()
                .any(|law: &Law| law.support().1 >= 1.0),
        };
        if certain && at_most.is_none() && !takes_time(&body, &self.sets) {
            let message = "`Loop` could go round for ever at one instant: its body needs `Work` or `Wait` on each \
                           way through it, or the loop `at_most`";
            self.error("endless", message, span);
            return None;
        }
        Some(Action::Loop(m::Loop { body, again, while_, at_most }))
    }

    pub(super) fn open(&mut self, place: &str, rule: &Name, count: Option<&t::Param>) -> Option<Action> {
        let position = self.find_id("rule", |index| &index.rules, rule);
        let count = self.opt_site(&format!("{place}/open:{rule}"), count, Use::Factor);
        let position = position?;
        let opens = |trigger: &t::Trigger| matches!(trigger, t::Trigger::Opened);
        let on = &self.doc.rules[position].on;
        let listens = opens(on) || matches!(on, t::Trigger::Any(parts) if parts.iter().any(opens));
        if !listens {
            let message = format!("no case can be opened at `{rule}`: its trigger is not `Opened`");
            self.error("contradiction", message, rule.span);
            return None;
        }
        Some(Action::Open(m::RuleId::from_index(position), count?))
    }
}

/// Whether every way through a sequence goes over the event list.
fn takes_time(actions: &[Action], sets: &[m::ActorSet]) -> bool {
    actions.iter().any(|action| match action {
        Action::Work(_) | Action::Wait(_) | Action::Find { work: Some(_), .. } | Action::Meet(_) => true,
        Action::WaitUntil(until) => matches!(until, Until::Deadline(_) | Until::Clock(_)),
        Action::Together(branches) => branches.iter().any(|b| takes_time(b, sets)),
        Action::Race(_, branches) => branches.iter().all(|b| takes_time(b, sets)),
        Action::Choose(_, branches) => branches.iter().all(|(_, b)| takes_time(b, sets)),
        Action::If(_, then, otherwise) => takes_time(then, sets) && takes_time(otherwise, sets),
        Action::Loop(l) => takes_time(&l.body, sets),
        Action::Hand(Sel::Fixed(to), then) => !sets[to.index()].members.is_empty() && takes_time(then, sets),
        _ => false,
    })
}
