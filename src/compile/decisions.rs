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
        let n_members = match &members {
            Some(Some(Sel::Fixed(set))) => Some(self.sets[set.index()].members.len()),
            Some(None) => Some(1),
            _ => None,
        };
        let vote = self.vote(name, &decision.vote, n_members);
        let procedure = self.procedure(&place, &decision.procedure);
        let position = self.site(&format!("{place}/position"), &decision.position, Use::Duration);
        let in_favour =
            self.opt_site(&format!("{place}/in-favour"), decision.in_favour.as_ref(), Use::Probability);
        let in_favour_when =
            self.conditions(&format!("{place}/in-favour-when"), &decision.in_favour_when, name.span);
        let stances = self.opt_all(&decision.positions, |cx, stance| cx.stance(name, decision, stance));
        let sites = [
            ("reconsider", &decision.reconsider),
            ("round-pause", &decision.round_pause),
            ("closes-after", &decision.closes_after),
        ];
        let [reconsider, round_pause, closes_after] =
            sites.map(|(what, p)| self.opt_site(&format!("{place}/{what}"), p.as_ref(), Use::Duration));
        let turnout = self.number_or(decision.turnout.as_ref(), Use::Probability, 0.0);
        let rounds = self.rounds(decision);
        let voting_states = self.voting_states(decision.group.as_ref());
        let reopened_by = self.opt_all(&decision.reopened_by, |cx, kind| cx.kind_id(kind));
        let lapses_after =
            self.opt_site(&format!("{place}/lapses-after"), decision.lapses_after.as_ref(), Use::Duration);
        let pause = self.opt_site(&format!("{place}/pause"), decision.pause.as_ref(), Use::Duration);
        let adopted = self.actions(&format!("{place}/adopted"), &decision.adopted, name.span);
        let rejected = self.actions(&format!("{place}/rejected"), &decision.rejected, name.span);
        let options = self.options(name, decision, n_members);
        if decision.per.contains(&t::Per::Incident) && decision.per.len() > 1 {
            let message = format!("`{name}` is `per: [Incident]` anyway, or per state or sector instead");
            self.warning("does-nothing", message, name.span);
        }
        let element = self.opt_element(decision.element.as_ref())?;
        let of_network = [Some(&decision.chair), decision.members.as_ref()];
        let of_network = of_network.into_iter().flatten().find_map(|sel| self.element_of_network(sel));
        Some(m::Decision {
            name: StreamName::new(name.as_str()),
            title: decision.title.clone(),
            chair: chair?,
            members: members?,
            voting_states: voting_states?,
            per_state: decision.per.contains(&t::Per::State),
            per_sector: decision.per.contains(&t::Per::Sector),
            vote: vote?,
            procedure: procedure?,
            position: position?,
            in_favour: in_favour?,
            in_favour_when: in_favour_when?,
            stances: stances?,
            reconsider: reconsider?,
            options: options?,
            rounds: rounds?,
            round_pause: round_pause?,
            closes_after: closes_after?,
            silent: convert::position(decision.silent),
            turnout: turnout?,
            priority: convert::priority(decision.priority),
            lapses_after: lapses_after?,
            pause: pause?,
            reopened_by: reopened_by?,
            adopted: adopted?,
            rejected: rejected?,
            element: element.or(of_network),
            basis: convert::opt_basis(decision.basis.as_ref()),
        })
    }

    fn procedure(&mut self, place: &str, procedure: &t::Procedure) -> Option<m::Procedure> {
        Some(match procedure {
            t::Procedure::Written => m::Procedure::Written,
            t::Procedure::Silence { lasts, objection } => {
                let lasts = self.site(&format!("{place}/silence"), lasts, Use::Duration);
                let objection =
                    self.opt_site(&format!("{place}/objection"), objection.as_ref(), Use::Duration);
                m::Procedure::Silence { lasts: lasts?, objection: objection? }
            }
            t::Procedure::NextMeeting { network } => {
                let position = self.find("network", &self.doc.networks, network)?;
                m::Procedure::NextMeeting(m::NetworkId::from_index(position))
            }
            t::Procedure::Meeting { notice, quorum } => {
                let notice = self.site(&format!("{place}/notice"), notice, Use::Duration);
                let quorum = self.number_or(quorum.as_ref(), Use::Probability, 0.5);
                m::Procedure::Meeting { notice: notice?, quorum: quorum? }
            }
        })
    }

    fn vote(&mut self, name: &Name, vote: &t::Vote, n_members: Option<usize>) -> Option<m::Vote> {
        Some(match vote {
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
            t::Vote::Unanimity { abstaining } => m::Vote::Unanimity(match abstaining {
                Some((members, people)) => {
                    let members = self.share("the share of members that abstain", *members, name.span);
                    let people = self.share("the share of population that abstains", *people, name.span);
                    Some((members?, people?))
                }
                None => None,
            }),
            t::Vote::Majority { over, of } => {
                let over = self.share("the share to be exceeded", over.unwrap_or(0.5), name.span)?;
                if over >= 1.0 {
                    let message = format!("`{name}` needs more than everybody: it is always rejected");
                    self.warning("never-adopted", message, name.span);
                }
                m::Vote::Majority(over, convert::base(*of))
            }
            t::Vote::DoubleMajority { states, population, blocking, of } => {
                let states = self.share("the share of states", *states, name.span);
                let population = self.share("the share of population", *population, name.span);
                m::Vote::DoubleMajority {
                    states: states?,
                    population: population?,
                    blocking: *blocking,
                    of: convert::base(*of),
                }
            }
        })
    }

    /// The options of a decision: each with its rule of voting, and with all that its adoption does.
    fn options(
        &mut self,
        name: &Name,
        decision: &'d t::Decision,
        n_members: Option<usize>,
    ) -> Option<Vec<m::Choice>> {
        self.ladder(name, "option", decision.options.iter().map(|option| &option.id));
        self.opt_all(&decision.options, |cx, option| {
            let place = format!("decision:{name}/option:{}", option.id);
            let vote = cx.vote(name, option.vote.as_ref().unwrap_or(&decision.vote), n_members);
            let chairs = |v: &t::Vote| {
                u8::from(matches!(v, t::Vote::Chair))
                    + 2 * u8::from(matches!(v, t::Vote::ChairAfterConsulting { .. }))
            };
            if option.vote.as_ref().is_some_and(|v| chairs(v) != chairs(&decision.vote)) {
                let message =
                    format!("all options of `{name}` are decided by its members, or all by its chair");
                cx.error("contradiction", message, option.id.span);
            }
            let own = cx.actions(&place, &option.adopted, option.id.span);
            let common = cx.actions(&place, &decision.adopted, option.id.span);
            let mut adopted = own?;
            adopted.extend(common?);
            Some(m::Choice { name: option.id.to_string(), title: option.title.clone(), vote: vote?, adopted })
        })
    }

    /// An option of a decision by its name.
    pub(super) fn option_of(&mut self, id: m::DecisionId, option: Option<&Name>) -> Option<Option<u8>> {
        let Some(option) = option else { return Some(None) };
        let (name, decision) = self.doc.decisions.get_index(id.index())?;
        match decision.options.iter().position(|known| known.id == *option) {
            Some(position) => Some(Some(u8::try_from(position).ok()?)),
            None => {
                let known = decision.options.iter().map(|known| known.id.as_str());
                self.unknown(&format!("option of `{name}`"), option, known);
                None
            }
        }
    }

    fn stance(&mut self, name: &Name, decision: &'d t::Decision, stance: &'d t::Stance) -> Option<m::Stance> {
        let place = format!("decision:{name}/says");
        let who = match &stance.who {
            Some(who) => self.sel(who).map(Some),
            None => Some(None),
        };
        let when = self.conditions(&format!("{place}/when"), &stance.when, name.span);
        let chance = self.opt_site(&format!("{place}/chance"), stance.chance.as_ref(), Use::Probability);
        let mut about = vec![false; if stance.about.is_empty() { 0 } else { decision.options.len() }];
        for option in &stance.about {
            match decision.options.iter().position(|known| known.id == *option) {
                Some(position) => about[position] = true,
                None => {
                    let known = decision.options.iter().map(|known| known.id.as_str());
                    self.unknown(&format!("option of `{name}`"), option, known);
                }
            }
        }
        let from_round = match &stance.from_round {
            Some(round) if **round == 0 || **round > u32::from(u8::MAX) => {
                self.error("out-of-range", "`from_round` counts from 1, up to 255", round.span);
                0
            }
            Some(round) => (**round - 1) as u8,
            None => 0,
        };
        Some(m::Stance {
            say: convert::position(stance.say),
            who: who?,
            when: when?,
            chance: chance?,
            about,
            from_round,
        })
    }

    fn rounds(&mut self, decision: &t::Decision) -> Option<u8> {
        let Some(rounds) = &decision.rounds else { return Some(1) };
        if !(1..=100).contains(&**rounds) {
            self.error("out-of-range", "`rounds` must be 1 to 100", rounds.span);
            return None;
        }
        u8::try_from(**rounds).ok()
    }

    /// The states whose actors vote: those of a group, by default of the group that the document is inside.
    pub(super) fn voting_states(&mut self, group: Option<&Name>) -> Option<Vec<bool>> {
        match group.or(self.doc.header.inside.as_ref()) {
            Some(group) => self.group_of_states(group),
            None => Some(Vec::new()),
        }
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
        let limit = self.limit(duty);
        let never = self.opt_site(&format!("duty:{id}/never"), duty.never.as_ref(), Use::Probability);
        let validity = self.validity(
            duty.from.as_ref(),
            duty.until.as_ref(),
            duty.element.as_ref(),
            None,
            &duty.from_in,
        );
        Some(m::Duty {
            name: id.to_string(),
            title: duty.title.clone(),
            who: who?,
            product: product?,
            to: to?,
            limit: limit?,
            never: never?,
            binding: duty.binding,
            validity: validity?,
            basis: convert::basis(&duty.basis),
        })
    }

    fn limit(&mut self, duty: &t::Duty) -> Option<m::Limit> {
        use crate::time::Deadline;
        let deadline = match (&duty.within, &duty.deadline) {
            (Some(within), None) => return self.fixed_duration(within).map(m::Limit::Elapsed),
            (None, Some(deadline)) => deadline,
            _ => {
                let message = format!("the duty `{}` has either `within` or a `deadline`", duty.id);
                self.error("contradiction", message, duty.id.span);
                return None;
            }
        };
        let deadline = match deadline {
            t::Deadline::Hours(n) => Deadline::RegulationHours(*n),
            t::Deadline::Days(n) => Deadline::RegulationDays(*n),
            t::Deadline::WorkingDays(n) => Deadline::RegulationWorkingDays(*n),
            t::Deadline::Months(n) => Deadline::RegulationMonths(*n),
            t::Deadline::WorkingTime { work, calendar } => {
                let work = self.fixed_duration(work)?;
                let mut rotas = Vec::new();
                for (zone, holidays) in self.civil_places() {
                    rotas.push(self.rota(calendar, &zone, holidays.as_ref())?);
                }
                return Some(m::Limit::Working(work, rotas));
            }
        };
        let mut days = Vec::new();
        for (zone, holidays) in self.civil_places() {
            let holidays = match &holidays {
                Some(set) => self.holidays(set)?,
                None => crate::time::Holidays::none(),
            };
            days.push((zone, holidays));
        }
        Some(m::Limit::Civil(deadline, days))
    }

    /// Zone and set of holidays of each state, then of nobody's.
    fn civil_places(&self) -> Vec<(crate::time::Zone, Option<Name>)> {
        let states = self.states.iter().zip(self.doc.states.values());
        let mut places: Vec<_> = states.map(|(state, s)| (state.zone.clone(), s.holidays.clone())).collect();
        places.push((self.zone.clone(), None));
        places
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
