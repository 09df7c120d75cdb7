//! Countermeasures: when they work, what they scale, how operators take them up.
//!
//! Uptake is a hazard by time since release. Each operator has one Exp(1) threshold and takes the countermeasure up
//! when its cumulative hazard passes it; publicity and warnings switch the hazard, never the threshold.

use super::agenda::{Notice, rank};
use super::draw::{Drawer, instance};
use super::effect::Holder;
use super::engine::Simulation;
use super::incident::Status;
use super::matter::Matter;
use crate::des::Law;
use crate::model::{
    CountermeasureId, ElementId, IncidentId, OperatorId, ProductId, SectorId, SiteId, StateId, Uptake,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// How all countermeasures stand.
#[derive(Debug, Default)]
pub(super) struct Countermeasures {
    states: Vec<Standing>,
}

/// How a countermeasure stands.
#[derive(Debug, Clone, Default)]
struct Standing {
    enacted: Option<RecordId>,
    active: bool,
    uptake: Vec<Phase>,
}

/// Uptake in a state.
#[derive(Debug, Clone, Copy)]
struct Phase {
    kind: Spur,
    /// Begin (µs relative to the start).
    since: i64,
    /// Hazard accumulated before.
    before: f64,
    epoch: u32,
}

/// What spurs uptake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spur {
    Routine,
    Publicised,
    Warned,
}

impl Uptake {
    fn site(&self, spur: Spur) -> SiteId {
        match spur {
            Spur::Routine => self.routine,
            Spur::Publicised => self.publicised.unwrap_or(self.routine),
            Spur::Warned => self.warned.unwrap_or(self.routine),
        }
    }
}

impl Simulation<'_> {
    pub(super) fn reset_countermeasures(&mut self) {
        self.countermeasures.states = vec![Standing::default(); self.model.countermeasures.len()];
    }

    /// Elements that are on scale parameters from the start, or from their date.
    pub(super) fn start_elements(&mut self) {
        let model = self.model;
        for (i, e) in model.elements.iter().enumerate() {
            let id = ElementId::from_index(i);
            if e.in_force(self.now, None) {
                self.effects.begin(Holder::Element(id.index() as u32), &e.effects);
            }
            if e.forced.is_none() && !e.effects.is_empty() {
                for at in [e.from, e.until].into_iter().flatten().filter(|t| *t > SimTime::ZERO) {
                    self.schedule_at(at, rank::CLOCK, Notice::ElementChanges(i as u32));
                }
            }
        }
    }

    /// An element comes into force or ceases on its date.
    pub(super) fn element_changes(&mut self, position: u32) {
        let e = &self.model.elements[position as usize];
        self.effects.end(Holder::Element(position), &e.effects);
        if e.in_force(self.now, None) {
            self.effects.begin(Holder::Element(position), &e.effects);
        }
    }

    /// Countermeasures that are released by themselves.
    pub(super) fn start_countermeasures(&mut self) {
        let model = self.model;
        for (i, c) in model.countermeasures.iter().enumerate() {
            let id = CountermeasureId::from_index(i);
            match c.release_us {
                Some(us) if us <= 0 => {
                    self.countermeasures.states[i].enacted = Some(0);
                    self.begins(id);
                }
                Some(us) => {
                    self.countermeasures.states[i].enacted = Some(0);
                    self.schedule_begin(SimTime::from_micros(us as u64), Notice::Begins(id));
                }
                None => {}
            }
        }
    }

    /// A countermeasure is enacted; it works after its delay. Twice is once.
    pub(super) fn enact(&mut self, id: CountermeasureId, cause: RecordId) {
        let allowed = self.is_valid(&self.model.countermeasures[id.index()].validity, None);
        if !allowed || self.countermeasures.states[id.index()].enacted.is_some() {
            return;
        }
        self.countermeasures.states[id.index()].enacted = Some(cause);
        let who = Drawer::Incident(IncidentId::from_index(0));
        let delay = match self.model.countermeasures[id.index()].delay {
            Some(site) if !self.model.incidents.is_empty() => self.draw_duration(who, None, site, 0),
            Some(site) => SimDuration::from_micros_f64(self.number(who, None, site)),
            None => SimDuration::ZERO,
        };
        if delay.is_zero() {
            self.begins(id);
        } else {
            self.schedule(delay, rank::BEGINS, Notice::Begins(id));
        }
    }

    /// A countermeasure begins to work.
    pub(super) fn begins(&mut self, id: CountermeasureId) {
        let c = &self.model.countermeasures[id.index()];
        let cause = self.countermeasures.states[id.index()].enacted.unwrap_or(0);
        let kind = if c.release_us.is_some() { SpanKind::External } else { SpanKind::Delay };
        let span = Span { kind, who: Subject::World, from: self.time_of(cause), to: self.now };
        let record = self.record(Subject::World, Event::Enacted(id), &[cause], &[span]);
        self.countermeasures.states[id.index()].active = true;
        self.effects.begin(Holder::Countermeasure(id.index() as u32), &c.effects);
        for &(incident, _) in &c.pressure {
            self.worm_factors_changed(incident);
        }
        if let Some(until) = c.validity.until.filter(|u| *u > self.now) {
            self.schedule_at(until, rank::CLOCK, Notice::Ceases(id));
        }
        if let Some(site) = c.duration {
            let who = Drawer::Incident(IncidentId::from_index(0));
            let lasts = SimDuration::from_micros_f64(self.number(who, None, site));
            self.schedule(lasts, rank::CLOCK, Notice::Ceases(id));
        }
        if c.uptake.is_some() {
            let since = c.release_us.unwrap_or(self.now.as_micros() as i64);
            let phase = Phase { kind: Spur::Routine, since, before: 0.0, epoch: 0 };
            self.countermeasures.states[id.index()].uptake = vec![phase; self.model.states.len()];
            for s in 0..self.model.states.len() {
                self.lay_out_uptake(id, StateId::from_index(s));
            }
        } else if !c.immunises.is_empty() {
            for i in 0..self.trace.operators.len() {
                self.immunise(id, OperatorId::from_index(i));
            }
        }
        let hits = self.rules.released(id);
        let incident = self.only_incident();
        self.tell_all(hits, Matter { case: record, incident, ..Matter::default() }, record);
    }

    /// A countermeasure ceases to work.
    pub(super) fn ceases(&mut self, id: CountermeasureId) {
        let c = &self.model.countermeasures[id.index()];
        self.countermeasures.states[id.index()].active = false;
        self.record(Subject::World, Event::Ceased(id), &[], &[]);
        self.effects.end(Holder::Countermeasure(id.index() as u32), &c.effects);
        for &(incident, _) in &c.pressure {
            self.worm_factors_changed(incident);
        }
    }

    /// Factor of active countermeasures on the pressure of an incident on a cohort.
    pub(super) fn pressure_factor(&self, incident: IncidentId, s: StateId, k: SectorId, bits: u32) -> f64 {
        let standing = self.model.countermeasures.iter().zip(&self.countermeasures.states);
        standing
            .filter(|(c, standing)| standing.active && c.scope.accepts(s, k, bits))
            .flat_map(|(c, _)| &c.pressure)
            .filter(|(i, _)| *i == incident)
            .map(|(_, by)| by)
            .product()
    }

    /// A statement makes countermeasures public.
    pub(super) fn publicise(&mut self, product: ProductId) {
        let model = self.model;
        for &id in &model.products[product.index()].publicises {
            for s in 0..model.states.len() {
                self.spur(id, StateId::from_index(s), Spur::Publicised);
            }
        }
    }

    /// A warning has reached the operators of a state.
    pub(super) fn operators_warned(&mut self, product: ProductId, state: StateId) {
        let model = self.model;
        for (i, c) in model.countermeasures.iter().enumerate() {
            if c.uptake.as_ref().is_some_and(|u| u.warnings[product.index()]) {
                self.spur(CountermeasureId::from_index(i), state, Spur::Warned);
            }
        }
    }

    /// Switches the hazard of uptake in a state, if the new one is stronger than what spurs it now.
    fn spur(&mut self, id: CountermeasureId, state: StateId, to: Spur) {
        let model = self.model;
        let Some(uptake) = &model.countermeasures[id.index()].uptake else { return };
        let given = match to {
            Spur::Routine => false,
            Spur::Publicised => uptake.publicised.is_some(),
            Spur::Warned => uptake.warned.is_some(),
        };
        let now = self.now.as_micros() as i64;
        let Some(phase) = self.countermeasures.states[id.index()].uptake.get(state.index()).copied() else {
            return;
        };
        if !given || to <= phase.kind {
            return;
        }
        let law = self.uptake_law(uptake.site(phase.kind), state);
        let before = phase.before + hazard(law, (now - phase.since) as f64);
        self.countermeasures.states[id.index()].uptake[state.index()] =
            Phase { kind: to, since: now, before, epoch: phase.epoch + 1 };
        self.lay_out_uptake(id, state);
    }

    fn uptake_law(&mut self, site: SiteId, state: StateId) -> &Law {
        let param = self.model.sites[site.index()].param;
        self.trace.acted[param.index()] = true;
        self.model.params[param.index()].law(Some(state))
    }

    /// Schedules uptake in a state under the present hazard; what lies before the start is done at once.
    fn lay_out_uptake(&mut self, id: CountermeasureId, state: StateId) {
        let model = self.model;
        let c = &model.countermeasures[id.index()];
        let Some(uptake) = &c.uptake else { return };
        let phase = self.countermeasures.states[id.index()].uptake[state.index()];
        let of = instance(&[c.name.hash.words()[0], 4]);
        let horizon = model.meta.horizon.as_micros() as f64;
        for i in 0..self.trace.operators.len() {
            let operator = OperatorId::from_index(i);
            let info = self.trace.operators[i];
            let group = &model.groups[info.group.index()];
            let open = |s: &Self| c.immunises.iter().any(|&x| s.spread(x).status[i] == Status::Susceptible);
            if group.state != state || !c.scope.accepts(state, group.sector, info.attributes) || !open(self) {
                continue;
            }
            let who = Drawer::Operator(operator);
            if let Some(never) = uptake.never {
                let word = self.draws.word_at(model, who, never, of, 0);
                if self.chance_of(who, Some(state), never, word) {
                    continue;
                }
            }
            let word = self.draws.word_at(model, who, uptake.routine, of, 0);
            let need = -libm::log(crate::des::uniform(word)) - phase.before;
            let law = self.uptake_law(uptake.site(phase.kind), state);
            let age = law.quantile((-libm::expm1(-need.max(0.0))).min(1.0 - f64::EPSILON));
            let at = phase.since as f64 + age;
            if at <= self.now.as_micros() as f64 && phase.kind == Spur::Routine && self.now == SimTime::ZERO {
                self.immune_before_start(id, operator);
            } else if at <= horizon {
                let at = SimTime::from_micros(at.max(0.0) as u64);
                let notice = Notice::TakesUp { countermeasure: id, operator, epoch: phase.epoch };
                self.schedule_at(at, rank::CLOCK, notice);
            }
        }
    }

    fn immune_before_start(&mut self, id: CountermeasureId, operator: OperatorId) {
        for &incident in &self.model.countermeasures[id.index()].immunises {
            let status = &mut self.spread_mut(incident).status[operator.index()];
            if *status == Status::Susceptible {
                *status = Status::Immune;
            }
        }
    }

    /// An operator takes a countermeasure up.
    pub(super) fn takes_up(&mut self, id: CountermeasureId, operator: OperatorId, epoch: u32) {
        let state = self.group_of(operator).state;
        if self.countermeasures.states[id.index()].uptake[state.index()].epoch == epoch {
            self.immunise(id, operator);
        }
    }

    fn immunise(&mut self, id: CountermeasureId, operator: OperatorId) {
        let c = &self.model.countermeasures[id.index()];
        let (info, state) = (self.trace.operators[operator.index()], self.group_of(operator).state);
        let sector = self.group_of(operator).sector;
        if !c.scope.accepts(state, sector, info.attributes) {
            return;
        }
        for &incident in &c.immunises {
            if self.spread(incident).status[operator.index()] == Status::Susceptible {
                self.spread_mut(incident).status[operator.index()] = Status::Immune;
                self.record(Subject::Operator(operator), Event::Immune(id, operator), &[], &[]);
            }
        }
    }
}

/// Cumulative hazard of a law at an age (µs).
fn hazard(law: &Law, age: f64) -> f64 {
    -libm::log1p(-law.cdf(age.max(0.0)).min(1.0 - f64::EPSILON))
}
