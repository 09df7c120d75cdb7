//! Decisions of bodies and reporting duties.

use crate::document::types::{self as t, Name};
use crate::model::{self as m, Sel, StreamName};
use crate::time::SimDuration;

use super::context::{Cx, all};
use super::convert;
use super::params::Use;
use super::quantities;
use super::triggers::Place;

impl<'d> Cx<'d> {
    pub(super) fn decisions(&mut self) -> Option<Vec<m::Decision>> {
        let doc = self.doc;
        all(doc.decisions.iter().map(|(name, decision)| self.decision(name, decision)))
    }

    fn decision(&mut self, name: &Name, decision: &'d t::Decision) -> Option<m::Decision> {
        let place = format!("decision:{name}");
        let chair = self.sel(&decision.chair);
        let members = match &decision.members {
            Some(members) => self.sel(members).map(Some),
            None => Some(None),
        };
        let vote = self.vote(name, decision, &members);
        let procedure = match &decision.procedure {
            t::Procedure::Written => Some(m::Procedure::Written),
            t::Procedure::Meeting { notice, quorum } => {
                let notice = self.site(&format!("{place}/notice"), notice, Use::Duration);
                let quorum = self.number_or(quorum.as_ref(), Use::Probability, 0.5);
                notice.zip(quorum).map(|(notice, quorum)| m::Procedure::Meeting { notice, quorum })
            }
        };
        let position = self.site(&format!("{place}/position"), &decision.position, Use::Duration);
        let in_favour =
            self.opt_site(&format!("{place}/in-favour"), decision.in_favour.as_ref(), Use::Probability);
        let in_favour_when =
            self.conditions(&format!("{place}/in-favour-when"), &decision.in_favour_when, name.span);
        let lapses_after =
            self.opt_site(&format!("{place}/lapses-after"), decision.lapses_after.as_ref(), Use::Duration);
        let pause = self.opt_site(&format!("{place}/pause"), decision.pause.as_ref(), Use::Duration);
        let adopted = self.actions(&format!("{place}/adopted"), &decision.adopted, name.span);
        let rejected = self.actions(&format!("{place}/rejected"), &decision.rejected, name.span);
        let element = self.opt_element(decision.element.as_ref())?;
        let of_network = [Some(&decision.chair), decision.members.as_ref()];
        let of_network = of_network.into_iter().flatten().find_map(|sel| self.element_of_network(sel));
        Some(m::Decision {
            name: StreamName::new(name.as_str()),
            title: decision.title.clone(),
            chair: chair?,
            members: members?,
            vote: vote?,
            procedure: procedure?,
            position: position?,
            in_favour: in_favour?,
            in_favour_when: in_favour_when?,
            priority: convert::priority(decision.priority),
            lapses_after: lapses_after?,
            pause: pause?,
            adopted: adopted?,
            rejected: rejected?,
            element: element.or(of_network),
            basis: convert::opt_basis(decision.basis.as_ref()),
        })
    }

    fn vote(
        &mut self,
        name: &Name,
        decision: &t::Decision,
        members: &Option<Option<Sel>>,
    ) -> Option<m::Vote> {
        let n_members = match members {
            Some(Some(Sel::Fixed(set))) => Some(self.sets[set.index()].members.len()),
            Some(None) => Some(1),
            _ => None,
        };
        Some(match &decision.vote {
            t::Vote::Chair => m::Vote::Chair,
            t::Vote::ChairAfterConsulting { wait } => m::Vote::ChairAfterConsulting(self.site(
                &format!("decision:{name}/wait"),
                wait,
                Use::Duration,
            )?),
            t::Vote::AtLeast(k) => {
                if n_members.is_some_and(|n| *k as usize > n && n > 0) {
                    let message = format!(
                        "`{name}` needs {k} members in favour and has {}: it is always rejected",
                        n_members.unwrap_or(0)
                    );
                    self.warning("never-adopted", message, name.span);
                }
                m::Vote::AtLeast(*k)
            }
            t::Vote::Consensus => m::Vote::Consensus,
            t::Vote::DoubleMajority { states, population, blocking } => {
                let states = self.share("the share of states", *states, name.span);
                let population = self.share("the share of population", *population, name.span);
                m::Vote::DoubleMajority { states: states?, population: population?, blocking: *blocking }
            }
        })
    }

    pub(super) fn duties(&mut self) -> Option<Vec<m::Duty>> {
        let doc = self.doc;
        all(doc.duties.iter().map(|duty| self.duty(duty)))
    }

    fn duty(&mut self, duty: &'d t::Duty) -> Option<m::Duty> {
        let id = &duty.id;
        let who = self.duty_holder(duty);
        let product = self.product_id(&duty.product);
        let to = self.sel(&duty.to);
        let within = self.fixed_duration(&duty.within);
        let element = self.opt_element(duty.element.as_ref());
        Some(m::Duty {
            name: id.to_string(),
            title: duty.title.clone(),
            who: who?,
            product: product?,
            to: to?,
            within: within?,
            binding: duty.binding,
            element: element?,
            basis: convert::basis(&duty.basis),
        })
    }

    fn duty_holder(&mut self, duty: &'d t::Duty) -> Option<m::DutyHolder> {
        let id = &duty.id;
        if matches!(duty.who, t::Selector::Operators) {
            if duty.clock.is_some() {
                let message = format!("the clock of operators starts at detection: `{id}` has no `clock`");
                self.error("contradiction", message, id.span);
            }
            return Some(m::DutyHolder::Operators);
        }
        let actors = self.fixed_set(&duty.who, "the `who` of a duty");
        let Some(clock) = &duty.clock else {
            self.error("missing", format!("the duty `{id}` needs a `clock`: what starts its time"), id.span);
            return None;
        };
        let place = Place { purpose: &format!("duty:{id}"), actors: None, span: id.span };
        let trigger = self.trigger(place, clock);
        Some(m::DutyHolder::Actors(actors?, trigger?))
    }

    /// A length of time that is written out, or that of a parameter.
    pub(super) fn fixed_duration(&mut self, p: &t::Param) -> Option<SimDuration> {
        if let Ok((us, m::Unit::Duration)) = quantities::value(p) {
            return Some(SimDuration::from_micros_f64(us));
        }
        self.duration(p)
    }
}
