//! The worm: a stochastic epidemic over operators by Sellke's construction.
//!
//! Each operator has a threshold Q ~ Exp(1), never redrawn. A cohort (state, sector, attributes that matter) is under
//! the pressure `lambda = s [eps + beta (I + (a-1) I_state + (b-1) I_sector + (a-1)(b-1) I_both)]`, with s the
//! factor of countermeasures, eps the outside, I numbers now infectious, a and b the relative rates inside a state
//! and a sector. An operator is hit when the integral of the pressure on its cohort reaches its threshold. Each
//! event first advances all integrals, then changes numbers or factors, then finds the next crossing.
//!
//! Source: T. Sellke, J. Appl. Probab. 20 (1983) 390-394 (recalled, not read again).

use super::agenda::{Notice, rank};
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::incident::{Status, key_site};
use crate::des::Ticket;
use crate::model::{IncidentId, OperatorId, SectorId, StateId, Worm, WormSpeed};
use crate::time::{SimDuration, SimTime};

/// Iterations for the largest eigenvalue; its convergence is far faster for mixing matrices.
const POWER_ITERATIONS: usize = 200;

/// The state of an epidemic.
#[derive(Debug, Default)]
pub(super) struct WormState {
    cohorts: Vec<Cohort>,
    cohort_of: Vec<u32>,
    /// Rate of one infectious operator on one susceptible one (1/µs).
    beta: f64,
    within_state: f64,
    within_sector: f64,
    /// Pressure from outside at the start (1/µs), and what it has grown to.
    outside: f64,
    outside_factor: f64,
    step: Option<(SimDuration, SimTime)>,
    n_sectors: usize,
    total: u32,
    by_state: Vec<u32>,
    by_sector: Vec<u32>,
    by_both: Vec<u32>,
    last: SimTime,
    next: Option<(u32, Ticket)>,
}

/// Operators of one state, sector and set of attributes that matter.
#[derive(Debug)]
struct Cohort {
    state: StateId,
    sector: SectorId,
    bits: u32,
    /// Factor of countermeasures.
    factor: f64,
    /// Pressure now (1/µs).
    rate: f64,
    /// Integral of the pressure.
    integral: f64,
    /// Thresholds, the smallest last.
    thresholds: Vec<(f64, OperatorId)>,
}

impl WormState {
    fn pressure(&self, c: &Cohort) -> f64 {
        let both = c.state.index() * self.n_sectors + c.sector.index();
        self.beta
            * self.mix(
                f64::from(self.total),
                f64::from(self.by_state[c.state.index()]),
                f64::from(self.by_sector[c.sector.index()]),
                f64::from(self.by_both[both]),
            )
            + self.outside * self.outside_factor
    }

    fn mix(&self, all: f64, state: f64, sector: f64, both: f64) -> f64 {
        let (a, b) = (self.within_state - 1.0, self.within_sector - 1.0);
        all + a * state + b * sector + a * b * both
    }

    fn advance(&mut self, now: SimTime) {
        let dt = (now - self.last).as_micros() as f64;
        if dt > 0.0 {
            for c in &mut self.cohorts {
                c.integral += c.rate * dt;
            }
            self.last = now;
        }
    }

    /// Largest eigenvalue of the next-generation operator at beta = 1, by power iteration.
    fn growth(&self, n_states: usize) -> f64 {
        let mut x: Vec<f64> = self.cohorts.iter().map(|c| c.thresholds.len() as f64 * c.factor).collect();
        let mut value = 0.0;
        for _ in 0..POWER_ITERATIONS {
            let norm: f64 = x.iter().sum();
            if norm <= 0.0 {
                return 0.0;
            }
            x.iter_mut().for_each(|v| *v /= norm);
            let mut state = vec![0.0; n_states];
            let mut sector = vec![0.0; self.n_sectors];
            let mut both = vec![0.0; n_states * self.n_sectors];
            for (c, v) in self.cohorts.iter().zip(&x) {
                state[c.state.index()] += v;
                sector[c.sector.index()] += v;
                both[c.state.index() * self.n_sectors + c.sector.index()] += v;
            }
            for (c, v) in self.cohorts.iter().zip(&mut x) {
                let at = c.state.index() * self.n_sectors + c.sector.index();
                let sum = self.mix(1.0, state[c.state.index()], sector[c.sector.index()], both[at]);
                *v = c.thresholds.len() as f64 * c.factor * sum;
            }
            value = x.iter().sum();
        }
        value
    }
}

impl Simulation<'_> {
    /// Threshold of an operator: -ln of its uniform.
    pub(super) fn threshold(&mut self, incident: IncidentId, operator: OperatorId) -> f64 {
        let Some(site) = key_site(self.model, incident) else { return f64::INFINITY };
        let of = instance(&[self.instance_of_incident(incident), 2]);
        let word = self.draws.word_at(self.model, Drawer::Operator(operator), site, of, 0);
        -libm::log(crate::des::uniform(word))
    }

    /// Lays out the cohorts of an epidemic and sets its speed.
    pub(super) fn begin_worm(&mut self, incident: IncidentId, worm: &Worm) {
        let model = self.model;
        let relevant = self.bits_that_matter(incident);
        let (n_states, n_sectors) = (model.states.len(), model.sectors.len());
        let mut state = WormState {
            within_state: worm.within_state,
            within_sector: worm.within_sector,
            outside_factor: 1.0,
            n_sectors,
            by_state: vec![0; n_states],
            by_sector: vec![0; n_sectors],
            by_both: vec![0; n_states * n_sectors],
            last: self.now,
            cohort_of: vec![u32::MAX; self.trace.operators.len()],
            ..WormState::default()
        };
        for i in 0..self.trace.operators.len() {
            let operator = OperatorId::from_index(i);
            let (s, k) = (self.group_of(operator).state, self.group_of(operator).sector);
            let bits = self.trace.operators[i].attributes & relevant;
            let found = state.cohorts.iter().rposition(|c| (c.state, c.sector, c.bits) == (s, k, bits));
            let cohort = found.unwrap_or_else(|| {
                let factor = self.pressure_factor(incident, s, k, bits);
                let c = Cohort {
                    state: s,
                    sector: k,
                    bits,
                    factor,
                    rate: 0.0,
                    integral: 0.0,
                    thresholds: Vec::new(),
                };
                state.cohorts.push(c);
                state.cohorts.len() - 1
            });
            state.cohort_of[i] = cohort as u32;
            if self.spread(incident).status[i] == Status::Susceptible {
                let q = self.threshold(incident, operator);
                state.cohorts[cohort].thresholds.push((q, operator));
            }
        }
        for c in &mut state.cohorts {
            c.thresholds.sort_by(|x, y| y.0.total_cmp(&x.0).then(y.1.cmp(&x.1)));
        }
        let who = Drawer::Incident(incident);
        state.beta = match worm.speed {
            WormSpeed::Rate(site) => self.draw(who, None, site, 0),
            WormSpeed::Doubling(site) => {
                let doubling = self.draw(who, None, site, 0);
                let growth = state.growth(n_states);
                if growth > 0.0 { libm::log(2.0) / doubling / growth } else { 0.0 }
            }
            WormSpeed::None => 0.0,
        };
        state.outside = worm.outside.map_or(0.0, |site| self.draw(who, None, site, 0));
        if let (Some(doubling), Some(until)) = (worm.outside_doubling, worm.outside_until) {
            let step = self.draw_duration(who, None, doubling, 0).scaled(0.25);
            let until = self.now.saturating_add(self.draw_duration(who, None, until, 0));
            if !step.is_zero() {
                state.step = Some((step, until));
                self.schedule(step, rank::BEGINS, Notice::OutsideStep(incident));
            }
        }
        self.spread_mut(incident).worm = Some(Box::new(state));
        self.next_crossing(incident);
    }

    /// Attributes on which the pressure of an incident depends.
    fn bits_that_matter(&self, incident: IncidentId) -> u32 {
        let of = |c: &&crate::model::Countermeasure| c.pressure.iter().any(|(i, _)| *i == incident);
        let filters = self.model.countermeasures.iter().filter(of).map(|c| &c.scope);
        filters.fold(0, |bits, f| bits | f.having | f.lacking)
    }

    /// Brings the integrals of an epidemic up to now; called before anything about it changes.
    pub(super) fn worm_advance(&mut self, incident: IncidentId) {
        let now = self.now;
        if let Some(worm) = &mut self.spread_mut(incident).worm {
            worm.advance(now);
        }
    }

    /// An operator begins or ceases to infect others.
    pub(super) fn worm_infectious(&mut self, incident: IncidentId, operator: OperatorId, begins: bool) {
        let (s, k) = (self.group_of(operator).state.index(), self.group_of(operator).sector.index());
        let mut spread = self.spread_mut(incident);
        let Some(worm) = &mut spread.worm else { return };
        let both = s * worm.n_sectors + k;
        let counts =
            [&mut worm.total, &mut worm.by_state[s], &mut worm.by_sector[k], &mut worm.by_both[both]];
        for count in counts {
            *count = if begins { *count + 1 } else { count.saturating_sub(1) };
        }
        self.next_crossing(incident);
    }

    /// The factors of countermeasures have changed.
    pub(super) fn worm_factors_changed(&mut self, incident: IncidentId) {
        self.worm_advance(incident);
        let Some(mut worm) = self.spread_mut(incident).worm.take() else { return };
        for c in &mut worm.cohorts {
            c.factor = self.pressure_factor(incident, c.state, c.sector, c.bits);
        }
        self.spread_mut(incident).worm = Some(worm);
        self.next_crossing(incident);
    }

    /// The outside grows by a quarter of a doubling.
    pub(super) fn outside_step(&mut self, incident: IncidentId) {
        self.worm_advance(incident);
        let now = self.now;
        let mut spread = self.spread_mut(incident);
        let Some(worm) = &mut spread.worm else { return };
        let Some((step, until)) = worm.step else { return };
        if now > until {
            return;
        }
        worm.outside_factor *= libm::exp2(0.25);
        self.schedule(step, rank::BEGINS, Notice::OutsideStep(incident));
        self.next_crossing(incident);
    }

    /// Finds the next crossing of a threshold and puts it on the event list.
    fn next_crossing(&mut self, incident: IncidentId) {
        let Some(mut worm) = self.spread_mut(incident).worm.take() else { return };
        if let Some((_, ticket)) = worm.next.take() {
            self.events.cancel(ticket);
        }
        let spread = self.spread(incident);
        let mut best: Option<(f64, u32)> = None;
        for i in 0..worm.cohorts.len() {
            let rate = worm.cohorts[i].factor * worm.pressure(&worm.cohorts[i]);
            let c = &mut worm.cohorts[i];
            c.rate = rate;
            while let Some(&(_, operator)) = c.thresholds.last()
                && spread.status[operator.index()] != Status::Susceptible
            {
                c.thresholds.pop();
            }
            if let Some(&(q, _)) = c.thresholds.last()
                && rate > 0.0
            {
                let wait = ((q - c.integral) / rate).max(0.0);
                if best.is_none_or(|(b, _)| wait < b) {
                    best = Some((wait, i as u32));
                }
            }
        }
        if let Some((wait, cohort)) = best {
            let wait = SimDuration::from_micros_f64(wait);
            if let Some(ticket) = self.schedule(wait, rank::BEGINS, Notice::Crossing(incident)) {
                worm.next = Some((cohort, ticket));
            }
        }
        self.spread_mut(incident).worm = Some(worm);
    }

    /// The pressure on a cohort reaches the threshold of its next operator.
    pub(super) fn crossing(&mut self, incident: IncidentId) {
        self.worm_advance(incident);
        let mut spread = self.spread_mut(incident);
        let Some(worm) = &mut spread.worm else { return };
        let Some((cohort, _)) = worm.next.take() else { return };
        let next = worm.cohorts[cohort as usize].thresholds.pop();
        match next {
            Some((_, operator)) if spread.status[operator.index()] == Status::Susceptible => {
                self.hit(incident, operator, None);
            }
            _ => self.next_crossing(incident),
        }
    }

    /// Who hit an operator, drawn by share of the pressure on it; told in the trace only.
    pub(super) fn infector(&mut self, incident: IncidentId, operator: OperatorId) -> Option<OperatorId> {
        let site = key_site(self.model, incident)?;
        let worm = self.spread(incident).worm.as_ref()?;
        let cohort = &worm.cohorts[worm.cohort_of[operator.index()] as usize];
        if worm.total == 0 || worm.beta <= 0.0 {
            return None;
        }
        let (own_state, own_sector) = (cohort.state, cohort.sector);
        let total = worm.pressure(cohort);
        let (beta, a, b) = (worm.beta, worm.within_state, worm.within_sector);
        let of = instance(&[self.instance_of_incident(incident), 3]);
        let word = self.draws.word_at(self.model, Drawer::Operator(operator), site, of, 0);
        let mut left = crate::des::uniform(word) * total;
        for i in 0..self.trace.operators.len() {
            if self.spread(incident).status[i] == Status::Hit {
                let other = OperatorId::from_index(i);
                let (s, k) = (self.group_of(other).state, self.group_of(other).sector);
                let inside = if s == own_state { a } else { 1.0 } * if k == own_sector { b } else { 1.0 };
                left -= beta * inside;
                if left < 0.0 {
                    return Some(other);
                }
            }
        }
        None
    }
}
