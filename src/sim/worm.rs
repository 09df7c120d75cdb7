//! The worm: a stochastic epidemic over operators by Sellke's construction; and what hits from outside only.
//!
//! Each operator has a threshold Q ~ Exp(1), never redrawn. A cohort (state, sector, attributes that matter) is under
//! the pressure `lambda = s [eps + sum_d m_cd b_d I_d]`, with s the factor of countermeasures, eps the outside, m the
//! rate of an ordered pair, b the factor on infectivity, I_d the number now infectious. An operator is hit when the
//! integral of the pressure on its cohort reaches its threshold. Each event first advances all integrals, then changes
//! numbers or factors, then finds the next crossing. After recovery an operator that can be hit again has a new
//! threshold on top of the integral; one that was off line keeps its residual.
//!
//! What comes by a curve (a supply chain) has the hazard of a law of the time since the start as its only pressure,
//! so its integral is the cumulative hazard of that law, stretched by the factor of countermeasures.
//!
//! Source: T. Sellke, J. Appl. Probab. 20 (1983) 390-394 (recalled, not read again).

use std::collections::BTreeMap;

use prefetch_index::prefetch_index;

use super::agenda::{Notice, rank};
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::incident::{Status, Way, key_site};
use super::mixing::{Cohort, Mix, Pace};
use crate::des::{Law, Ticket};
use crate::model::{GroupId, IncidentId, Model, OperatorId, Process, Scaled, SiteId, Worm, WormSpeed};
use crate::time::{SimDuration, SimTime};

/// Place of an operator that is no carrier.
const NO_PLACE: u32 = u32::MAX;

/// More than a product and a quotient of doubles can be rounded by.
const ROUNDING: f64 = 1.0 + 1e-12;

/// The state of an epidemic.
#[derive(Debug, Default)]
pub(super) struct WormState {
    pub(super) cohorts: Vec<Cohort>,
    /// Of each cohort.
    pub(super) paces: Vec<Pace>,
    cohort_of: Vec<u32>,
    /// Place of each infectious operator among the carriers of its cohort.
    carrier_place: Vec<u32>,
    /// Rate of one infectious operator on one susceptible one (1/µs).
    pub(super) beta: f64,
    pub(super) mix: Mix,
    /// Pressure from outside at the start (1/µs), and what it has grown to.
    pub(super) outside: f64,
    pub(super) outside_factor: f64,
    /// Steps of the growth of the outside and their end; steps of its decline.
    pub(super) grows: Option<(SimDuration, SimTime)>,
    pub(super) shrinks: Option<SimDuration>,
    /// Law of the time since the start, and the start.
    pub(super) curve: Option<SiteId>,
    began: SimTime,
    pub(super) total: u32,
    pub(super) by_state: Vec<u32>,
    pub(super) by_sector: Vec<u32>,
    pub(super) by_both: Vec<u32>,
    last: SimTime,
    next: Option<(u32, Ticket)>,
    /// Thresholds that are no longer the first ones.
    moved: BTreeMap<OperatorId, f64>,
    /// What those off line have left of their thresholds.
    residuals: BTreeMap<OperatorId, f64>,
    /// Thresholds drawn so far by those that were hit more than once.
    occurrences: BTreeMap<OperatorId, u64>,
}

impl WormState {
    fn advance(&mut self, model: &Model, now: SimTime) {
        if now <= self.last {
            return;
        }
        let dt = (now - self.last).as_micros() as f64;
        let (from, to) = ((self.last - self.began).as_micros(), (now - self.began).as_micros());
        for (c, pace) in self.cohorts.iter().zip(&mut self.paces) {
            let passed = match self.curve {
                None => dt,
                Some(site) => {
                    let law = law_of(model, site, c);
                    hazard(law, to as f64) - hazard(law, from as f64)
                }
            };
            pace.integral += pace.rate * passed;
        }
        self.last = now;
    }

    /// The next crossing: in how many µs, and of which cohort.
    fn first_crossing(&mut self, model: &Model, status: &[Status]) -> Option<(f64, u32)> {
        let mut best: Option<(f64, u32)> = None;
        for i in 0..self.paces.len() {
            let pace = &self.paces[i];
            // By far too late: that needs no division.
            let is_late = |(wait, _): (f64, u32)| pace.next - pace.integral > wait * pace.rate * ROUNDING;
            if pace.rate <= 0.0 || self.curve.is_none() && best.is_some_and(is_late) {
                continue;
            }
            // Whoever cannot be hit any more is passed over when its threshold would be the next.
            while self.paces[i].left > 0 {
                let wait = self.wait(model, i);
                if !wait.is_finite() || best.is_some_and(|(b, _)| wait >= b) {
                    break;
                }
                if let Some(&(q, operator)) = self.cohorts[i].thresholds.last()
                    && status[operator.index()] == Status::Susceptible
                    && self.moved.get(&operator).is_none_or(|&moved| moved == q)
                {
                    best = Some((wait, i as u32));
                    break;
                }
                self.pop(i);
            }
        }
        best
    }

    /// Time until the integral of a cohort reaches its next threshold, under the present rate (µs); not finite if never.
    #[inline]
    fn wait(&self, model: &Model, cohort: usize) -> f64 {
        let pace = &self.paces[cohort];
        let left = ((pace.next - pace.integral) / pace.rate).max(0.0);
        match self.curve {
            None => left,
            Some(site) => {
                let law = law_of(model, site, &self.cohorts[cohort]);
                let age = (self.last - self.began).as_micros() as f64;
                let need = hazard(law, age) + left;
                (law.quantile((-libm::expm1(-need)).min(1.0 - f64::EPSILON)) - age).max(0.0)
            }
        }
    }

    /// Asks memory for what stands of an operator.
    #[inline]
    pub(super) fn fetch(&self, operator: OperatorId) {
        prefetch_index(&self.cohort_of, operator.index());
        prefetch_index(&self.carrier_place, operator.index());
    }

    /// Takes the next threshold of a cohort away.
    fn pop(&mut self, cohort: usize) -> Option<(f64, OperatorId)> {
        let thresholds = &mut self.cohorts[cohort].thresholds;
        let next = thresholds.pop();
        self.paces[cohort].note(thresholds);
        next
    }

    /// The integral of the pressure on an operator.
    fn integral_on(&self, operator: OperatorId) -> f64 {
        self.paces[self.cohort_of[operator.index()] as usize].integral
    }

    /// Notes that an operator begins or ceases to be a carrier.
    fn carries(&mut self, operator: OperatorId, begins: bool) {
        let carriers = &mut self.cohorts[self.cohort_of[operator.index()] as usize].carriers;
        let place = self.carrier_place[operator.index()];
        if begins && place == NO_PLACE {
            self.carrier_place[operator.index()] = carriers.len() as u32;
            carriers.push(operator);
        } else if !begins && place != NO_PLACE {
            carriers.swap_remove(place as usize);
            if let Some(moved) = carriers.get(place as usize) {
                self.carrier_place[moved.index()] = place;
            }
            self.carrier_place[operator.index()] = NO_PLACE;
        }
    }

    /// Puts the threshold of an operator among those of its cohort.
    fn insert(&mut self, operator: OperatorId, threshold: f64) {
        self.moved.insert(operator, threshold);
        let cohort = self.cohort_of[operator.index()] as usize;
        let thresholds = &mut self.cohorts[cohort].thresholds;
        let before = |&(q, o): &(f64, OperatorId)| {
            q.total_cmp(&threshold).then(o.cmp(&operator)) == std::cmp::Ordering::Greater
        };
        let at = thresholds.partition_point(before);
        thresholds.insert(at, (threshold, operator));
        self.paces[cohort].note(thresholds);
    }
}

fn law_of<'m>(model: &'m Model, site: SiteId, c: &Cohort) -> &'m Law {
    model.params[model.sites[site.index()].param.index()].law_in(Some(c.state), c.sector)
}

/// Cumulative hazard of a law at an age (µs).
pub(super) fn hazard(law: &Law, age: f64) -> f64 {
    -libm::log1p(-law.cdf(age.max(0.0)).min(1.0 - f64::EPSILON))
}

impl Simulation<'_> {
    /// Threshold of an operator: -ln of its uniform.
    fn threshold(&mut self, incident: IncidentId, operator: OperatorId, occurrence: u64) -> f64 {
        let Some(site) = key_site(self.model, incident) else { return f64::INFINITY };
        let of = instance(&[self.instance_of_incident(incident), 2]);
        let word = self.draws.word_at(self.model, Drawer::Operator(operator), site, of, occurrence);
        -libm::log(crate::des::uniform(word))
    }

    /// Lays out the cohorts of an epidemic and sets its speed.
    pub(super) fn begin_worm(&mut self, incident: IncidentId, worm: &Worm) {
        let mut state = self.laid_out(incident, worm);
        let who = Drawer::Incident(incident);
        state.beta = match worm.speed {
            WormSpeed::Rate(site) => self.draw(who, None, site, 0),
            WormSpeed::Doubling(site) => {
                let doubling = self.draw(who, None, site, 0);
                let growth = state.growth();
                if growth > 0.0 { libm::log(2.0) / doubling / growth } else { 0.0 }
            }
            WormSpeed::None => 0.0,
        };
        if let Some(site) = worm.curve {
            self.trace.acted[self.model.sites[site.index()].param.index()] = true;
        }
        self.begin_outside(incident, worm, &mut state);
        self.spread_mut(incident).worm = Some(Box::new(state));
        if worm.closed != 1.0 {
            self.hours_step(incident);
        }
        self.next_crossing(incident);
    }

    /// Cohorts with the thresholds of their operators.
    fn laid_out(&mut self, incident: IncidentId, worm: &Worm) -> WormState {
        let model = self.model;
        let (relevant, by_group) = self.what_matters(incident, worm);
        let (n_states, n_sectors) = (model.states.len(), model.sectors.len());
        let scales_infectivity = model.countermeasures.iter().flat_map(|c| &c.pressure);
        let scales_infectivity =
            scales_infectivity.into_iter().any(|&(what, i, _)| what == Scaled::Infectivity && i == incident);
        let mut state = WormState {
            mix: Mix {
                within_state: worm.within_state,
                within_sector: worm.within_sector,
                rules: worm.mixing.clone(),
                by_cohort: !worm.mixing.is_empty() || scales_infectivity || worm.closed != 1.0,
                n_states,
                n_sectors,
            },
            outside_factor: 1.0,
            curve: worm.curve,
            began: self.now,
            by_state: vec![0; n_states],
            by_sector: vec![0; n_sectors],
            by_both: vec![0; n_states * n_sectors],
            last: self.now,
            cohort_of: vec![u32::MAX; self.trace.operators.len()],
            carrier_place: vec![NO_PLACE; self.trace.operators.len()],
            ..WormState::default()
        };
        for i in 0..self.trace.operators.len() {
            let operator = OperatorId::from_index(i);
            let info = self.trace.operators[i];
            let (s, k) = (self.group_of(operator).state, self.group_of(operator).sector);
            let bits = info.attributes & relevant;
            let same = |c: &Cohort| {
                (c.state, c.sector, c.bits) == (s, k, bits) && (!by_group || c.group == info.group)
            };
            let found = state.cohorts.iter().rposition(same);
            let cohort = found.unwrap_or_else(|| {
                let (c, pace) = self.cohort(incident, info.group, bits, worm, &state.mix);
                state.cohorts.push(c);
                state.paces.push(pace);
                state.cohorts.len() - 1
            });
            state.cohort_of[i] = cohort as u32;
            if self.spread(incident).status[i] == Status::Susceptible {
                if !self.is_reached(incident, operator) {
                    continue;
                }
                let q = self.threshold(incident, operator, 0);
                state.cohorts[cohort].thresholds.push((q, operator));
            }
        }
        for (c, pace) in state.cohorts.iter_mut().zip(&mut state.paces) {
            c.thresholds.sort_by(|x, y| y.0.total_cmp(&x.0).then(y.1.cmp(&x.1)));
            pace.note(&c.thresholds);
        }
        state
    }

    fn cohort(
        &self,
        incident: IncidentId,
        group: GroupId,
        bits: u32,
        worm: &Worm,
        mix: &Mix,
    ) -> (Cohort, Pace) {
        let of = &self.model.groups[group.index()];
        let (from_rules, to_rules) = mix.rules_of(self.model, group, bits);
        let cohort = Cohort {
            state: of.state,
            sector: of.sector,
            bits,
            group,
            hours: of.hours.filter(|_| worm.closed != 1.0),
            infectivity: self.pressure_factor(Scaled::Infectivity, incident, group, bits),
            from_rules,
            to_rules,
            infectious: 0,
            carriers: Vec::new(),
            thresholds: Vec::new(),
        };
        let factor = self.pressure_factor(Scaled::Susceptibility, incident, group, bits);
        let outside = self.pressure_factor(Scaled::Outside, incident, group, bits);
        let pace = Pace::new(&cohort, mix.n_sectors, factor, outside);
        (cohort, pace)
    }

    /// Attributes on which the pressure of an incident depends, and whether it depends on groups of operators.
    fn what_matters(&self, incident: IncidentId, worm: &Worm) -> (u32, bool) {
        let of = |c: &&crate::model::Countermeasure| c.pressure.iter().any(|(_, i, _)| *i == incident);
        let scopes = self.model.countermeasures.iter().filter(of).map(|c| &c.scope);
        let ends = worm.mixing.iter().flat_map(|m| [&m.from, &m.to]);
        let (mut bits, mut groups) = (0, worm.closed != 1.0);
        for filter in scopes.chain(ends) {
            bits |= filter.having | filter.lacking;
            groups |= !filter.groups.is_empty();
        }
        (bits, groups)
    }

    /// Brings the integrals of an epidemic up to now; called before anything about it changes.
    pub(super) fn worm_advance(&mut self, incident: IncidentId) {
        let (model, now) = (self.model, self.now);
        if let Some(worm) = &mut self.spread_mut(incident).worm {
            worm.advance(model, now);
        }
    }

    /// An operator begins or ceases to infect others.
    pub(super) fn worm_infectious(&mut self, incident: IncidentId, operator: OperatorId, begins: bool) {
        let (s, k) = (self.group_of(operator).state.index(), self.group_of(operator).sector.index());
        let mut spread = self.spread_mut(incident);
        let Some(worm) = &mut spread.worm else { return };
        let both = s * worm.mix.n_sectors + k;
        let cohort = worm.cohort_of[operator.index()] as usize;
        let counts = [
            &mut worm.total,
            &mut worm.by_state[s],
            &mut worm.by_sector[k],
            &mut worm.by_both[both],
            &mut worm.cohorts[cohort].infectious,
        ];
        for count in counts {
            *count = if begins { *count + 1 } else { count.saturating_sub(1) };
        }
        worm.carries(operator, begins);
        self.next_crossing(incident);
    }

    /// An operator can be hit again: a new threshold on top of the integral.
    pub(super) fn worm_again(&mut self, incident: IncidentId, operator: OperatorId) {
        self.worm_advance(incident);
        let Some(mut worm) = self.spread_mut(incident).worm.take() else { return };
        let n = worm.occurrences.entry(operator).or_insert(0);
        *n += 1;
        let fresh = self.threshold(incident, operator, *n);
        let integral = worm.integral_on(operator);
        worm.insert(operator, integral + fresh);
        self.spread_mut(incident).worm = Some(worm);
        self.next_crossing(incident);
    }

    /// An operator can be hit from now on: its first threshold counts from the present integral.
    pub(super) fn worm_unlocked(&mut self, incident: IncidentId, operator: OperatorId) {
        self.worm_advance(incident);
        let Some(mut worm) = self.spread_mut(incident).worm.take() else { return };
        if self.is_reached(incident, operator) {
            let first = self.threshold(incident, operator, 0);
            let integral = worm.integral_on(operator);
            worm.insert(operator, integral + first);
        }
        self.spread_mut(incident).worm = Some(worm);
        self.next_crossing(incident);
    }

    /// Whether an operator belongs to the share of the targets that a process reaches; the others are none.
    fn is_reached(&mut self, incident: IncidentId, operator: OperatorId) -> bool {
        let Process::Worm(Worm { share: Some(share), .. }) = self.model.incidents[incident.index()].process
        else {
            return true;
        };
        let of = instance(&[self.instance_of_incident(incident), 5]);
        let state = Some(self.group_of(operator).state);
        let is = self.chance(Drawer::Operator(operator), state, share, of);
        if !is {
            self.spread_mut(incident).status[operator.index()] = Status::Outside;
        }
        is
    }

    /// An operator goes off line and keeps what is left of its threshold, or is back with it.
    pub(super) fn worm_isolated(&mut self, incident: IncidentId, operator: OperatorId, gone: bool) {
        self.worm_advance(incident);
        let Some(mut worm) = self.spread_mut(incident).worm.take() else { return };
        let integral = worm.integral_on(operator);
        let threshold = match worm.moved.get(&operator) {
            Some(&q) => q,
            None => self.threshold(incident, operator, 0),
        };
        if gone {
            worm.residuals.insert(operator, threshold - integral);
        } else {
            let left = worm.residuals.remove(&operator).unwrap_or(threshold);
            worm.insert(operator, integral + left);
        }
        self.spread_mut(incident).worm = Some(worm);
        self.next_crossing(incident);
    }

    /// The factors of countermeasures have changed.
    pub(super) fn worm_factors_changed(&mut self, incident: IncidentId) {
        self.worm_advance(incident);
        let Some(mut worm) = self.spread_mut(incident).worm.take() else { return };
        let WormState { cohorts, paces, .. } = &mut *worm;
        for (c, pace) in cohorts.iter_mut().zip(paces) {
            pace.factor = self.pressure_factor(Scaled::Susceptibility, incident, c.group, c.bits);
            pace.outside = self.pressure_factor(Scaled::Outside, incident, c.group, c.bits);
            c.infectivity = self.pressure_factor(Scaled::Infectivity, incident, c.group, c.bits);
        }
        self.spread_mut(incident).worm = Some(worm);
        self.next_crossing(incident);
    }

    /// Finds the next crossing of a threshold and puts it on the event list.
    pub(super) fn next_crossing(&mut self, incident: IncidentId) {
        let model = self.model;
        let Some(mut worm) = self.spread_mut(incident).worm.take() else { return };
        if let Some((_, ticket)) = worm.next.take() {
            self.events.cancel(ticket);
        }
        let spread = self.spread(incident);
        worm.set_rates(spread.ended);
        let best = worm.first_crossing(model, &spread.status);
        if let Some((wait, cohort)) = best {
            let wait = SimDuration::from_micros_f64(wait);
            if let Some(ticket) = self.schedule(wait, rank::BEGINS, Notice::Crossing(incident)) {
                worm.next = Some((cohort, ticket));
            }
        }
        let next = best.and_then(|(_, cohort)| worm.cohorts[cohort as usize].thresholds.last().copied());
        self.spread_mut(incident).worm = Some(worm);
        if let Some((_, operator)) = next {
            self.fetch_operator(incident, operator);
        }
    }

    /// The pressure on a cohort reaches the threshold of its next operator.
    pub(super) fn crossing(&mut self, incident: IncidentId) {
        self.worm_advance(incident);
        let mut spread = self.spread_mut(incident);
        let Some(worm) = &mut spread.worm else { return };
        let Some((cohort, _)) = worm.next.take() else { return };
        let next = worm.pop(cohort as usize);
        match next {
            Some((_, operator)) if spread.status[operator.index()] == Status::Susceptible => {
                self.hit(incident, operator, Way::Process);
            }
            _ => self.next_crossing(incident),
        }
    }

    /// Who hit an operator, drawn by share of the pressure on it; told in the trace only.
    pub(super) fn infector(&mut self, incident: IncidentId, operator: OperatorId) -> Option<OperatorId> {
        let site = key_site(self.model, incident)?;
        let worm = self.spread(incident).worm.as_ref()?;
        let cohort = worm.cohort_of[operator.index()] as usize;
        if worm.total == 0 || worm.beta <= 0.0 {
            return None;
        }
        let total = worm.pressure(cohort);
        let of = instance(&[self.instance_of_incident(incident), 3]);
        let again = worm.occurrences.get(&operator).copied().unwrap_or(0);
        let word = self.draws.word_at(self.model, Drawer::Operator(operator), site, of, again);
        let mut left = crate::des::uniform(word) * total;
        let worm = self.spread(incident).worm.as_ref()?;
        let cohort = &worm.cohorts[cohort];
        // By cohort, then among its carriers: all of a cohort press alike.
        let pressing = worm.cohorts.iter().zip(&worm.paces).filter(|(d, _)| !d.carriers.is_empty());
        for (d, pace) in pressing {
            let each = worm.beta * (d.infectivity * pace.open * worm.mix.relative(d, cohort));
            let all = each * d.carriers.len() as f64;
            if left < all {
                let place = (left / each) as usize;
                return d.carriers.get(place.min(d.carriers.len() - 1)).copied();
            }
            left -= all;
        }
        None
    }
}
