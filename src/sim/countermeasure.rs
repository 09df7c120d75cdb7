//! Countermeasures: when they work, what they scale, how operators take them up.
//!
//! Uptake is a hazard by time since release. Each operator has one Exp(1) threshold and takes the countermeasure up
//! when its cumulative hazard passes it; publicity and warnings switch the hazard, never the threshold.

use std::collections::{BTreeMap, BTreeSet};

use super::agenda::{Notice, rank};
use super::draw::{Drawer, instance};
use super::effect::Holder;
use super::engine::Simulation;
use super::incident::Status;
use super::matter::Matter;
use super::worm::hazard;
use crate::des::Law;
use crate::model::{
    ActorId, CountermeasureId, ElementId, GroupId, IncidentId, OperatorId, ProductId, Scaled, Sel, SiteId,
    StateId, Step, TieId, Uptake,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// How all countermeasures stand.
#[derive(Debug, Default)]
pub(super) struct Countermeasures {
    states: Vec<Standing>,
    /// Operators off line, and by which countermeasure.
    pub(super) off_line: BTreeMap<OperatorId, CountermeasureId>,
    /// Who has taken up a countermeasure that switches laws.
    taken: BTreeSet<(CountermeasureId, OperatorId)>,
}

impl Countermeasures {
    /// The record by which a countermeasure began to work.
    pub(super) fn began(&self, id: CountermeasureId) -> RecordId {
        self.states[id.index()].began
    }
}

/// How a countermeasure stands.
#[derive(Debug, Clone, Default)]
struct Standing {
    enacted: Option<RecordId>,
    began: RecordId,
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

impl Spur {
    /// Where the time to an uptake is drawn that this spurs.
    fn site(self, uptake: &Uptake) -> SiteId {
        match self {
            Spur::Routine => uptake.routine,
            Spur::Publicised => uptake.publicised.unwrap_or(uptake.routine),
            Spur::Warned => uptake.warned.unwrap_or(uptake.routine),
        }
    }
}

impl Simulation<'_> {
    pub(super) fn reset_countermeasures(&mut self) {
        self.countermeasures.states = vec![Standing::default(); self.model.countermeasures.len()];
        self.countermeasures.off_line.clear();
        self.countermeasures.taken.clear();
    }

    /// Elements that are on scale parameters from the start, or from their date.
    pub(super) fn start_elements(&mut self) {
        let model = self.model;
        for (i, e) in model.elements.iter().enumerate() {
            let id = ElementId::from_index(i);
            if e.in_force(self.now, None) {
                self.effects_begin(Holder::Element(id.index() as u32), &e.effects);
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
        self.effects_end(Holder::Element(position), &e.effects);
        if e.in_force(self.now, None) {
            self.effects_begin(Holder::Element(position), &e.effects);
        }
    }

    /// Countermeasures that are released by themselves, where their element and their dates allow it.
    pub(super) fn start_countermeasures(&mut self) {
        let model = self.model;
        for (i, c) in model.countermeasures.iter().enumerate() {
            let id = CountermeasureId::from_index(i);
            match c.release_us {
                Some(us) if us > 0 => {
                    self.countermeasures.states[i].enacted = Some(0);
                    self.schedule_begin(SimTime::from_micros(us as u64), Notice::Begins(id));
                }
                Some(_) if self.is_valid(&c.validity, None) => {
                    self.countermeasures.states[i].enacted = Some(0);
                    self.begins(id);
                }
                _ => {}
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
        if c.release_us.is_some() && !self.is_valid(&c.validity, None) {
            return;
        }
        let cause = self.countermeasures.states[id.index()].enacted.unwrap_or(0);
        let kind = if c.release_us.is_some() { SpanKind::External } else { SpanKind::Delay };
        let span = Span { kind, who: Subject::World, from: self.time_of(cause), to: self.now };
        let record = self.record(Subject::World, Event::Enacted(id), &[cause], &[span]);
        self.countermeasures.states[id.index()].active = true;
        self.countermeasures.states[id.index()].began = record;
        self.effects_begin(Holder::Countermeasure(id.index() as u32), &c.effects);
        for &(_, incident, _) in &c.pressure {
            self.worm_factors_changed(incident);
        }
        if let Some(until) = c.validity.until.filter(|u| *u > self.now) {
            self.schedule_at(until, rank::CLOCK, Notice::Ceases(id));
        }
        for &incident in &c.ends {
            self.worm_advance(incident);
            self.spread_mut(incident).ended = true;
            self.next_crossing(incident);
        }
        for (from, to, staff) in &c.staff {
            self.move_staff(from, to, *staff, true);
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
        } else if c.reaches_operators() {
            for i in 0..self.trace.operators.len() {
                self.reaches(id, OperatorId::from_index(i));
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
        self.effects_end(Holder::Countermeasure(id.index() as u32), &c.effects);
        for &(_, incident, _) in &c.pressure {
            self.worm_factors_changed(incident);
        }
        for (from, to, staff) in &c.staff {
            self.move_staff(from, to, *staff, false);
        }
        if c.off_line.is_some_and(|off| off.lasts.is_none()) {
            let off = self.countermeasures.off_line.iter().filter(|(_, by)| **by == id);
            let back: Vec<OperatorId> = off.map(|(&operator, _)| operator).collect();
            back.into_iter().for_each(|operator| self.on_line(id, operator));
        }
    }

    /// Moves staff from each of some actors to each of others, or back.
    fn move_staff(&mut self, from: &Sel, to: &Sel, staff: u32, there: bool) {
        let nobody = (ActorId::from_index(0), Matter::default());
        let (from, to) = (self.select(from, nobody.0, &nobody.1), self.select(to, nobody.0, &nobody.1));
        for actor in from {
            self.staff_changes(actor, staff, !there, false);
        }
        for actor in to {
            self.staff_changes(actor, staff, there, true);
        }
    }

    /// Probability that a hit which is to pass along a tie does so.
    pub(super) fn route_factor(&self, incident: IncidentId, tie: TieId) -> f64 {
        let standing = self.model.countermeasures.iter().zip(&self.countermeasures.states);
        let active = standing.filter(|(_, standing)| standing.active).flat_map(|(c, _)| &c.routes);
        active.filter(|(i, t, _)| (*i, *t) == (incident, tie)).map(|(_, _, by)| by).product()
    }

    /// The law that a countermeasure in force puts in place of an operator's own.
    pub(super) fn switched_law(&self, step: Step, operator: OperatorId) -> Option<SiteId> {
        let info = self.trace.operators[operator.index()];
        let group = &self.model.groups[info.group.index()];
        let standing = self.model.countermeasures.iter().zip(&self.countermeasures.states).enumerate();
        standing
            .filter(|(_, (c, standing))| standing.active && !c.switches.is_empty())
            .filter(|(n, (c, _))| {
                let id = CountermeasureId::from_index(*n);
                c.scope.accepts(info.group, group, info.attributes)
                    && (c.uptake.is_none() || self.countermeasures.taken.contains(&(id, operator)))
            })
            .flat_map(|(_, (c, _))| &c.switches)
            .filter(|(s, _)| *s == step)
            .map(|(_, site)| *site)
            .last()
    }

    /// Factor of active countermeasures on the pressure of an incident on a cohort.
    pub(super) fn pressure_factor(&self, what: Scaled, incident: IncidentId, of: GroupId, bits: u32) -> f64 {
        let group = &self.model.groups[of.index()];
        let standing = self.model.countermeasures.iter().zip(&self.countermeasures.states);
        standing
            .filter(|(c, standing)| standing.active && c.scope.accepts(of, group, bits))
            .flat_map(|(c, _)| &c.pressure)
            .filter(|(w, i, _)| (*w, *i) == (what, incident))
            .map(|(_, _, by)| by)
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
        let law = self.uptake_law(phase.kind.site(uptake), state);
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
        for operator in self.operators_of(|group| group.state == state) {
            let info = self.trace.operators[operator.index()];
            let group = &model.groups[info.group.index()];
            if !c.scope.accepts(info.group, group, info.attributes) || !self.may_take_up(id, operator) {
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
            let law = self.uptake_law(phase.kind.site(uptake), state);
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

    /// Whether a countermeasure would change anything for an operator.
    fn may_take_up(&self, id: CountermeasureId, operator: OperatorId) -> bool {
        let c = &self.model.countermeasures[id.index()];
        let can_be_hit = |&x: &IncidentId| match self.spread(x).status[operator.index()] {
            Status::Susceptible | Status::OffLine | Status::Locked => true,
            Status::Hit | Status::Contained | Status::Recovered => {
                self.model.incidents[x.index()].immunity.is_some()
            }
            Status::Outside | Status::Immune => false,
        };
        c.off_line.is_some() || !c.switches.is_empty() || c.immunises.iter().any(can_be_hit)
    }

    fn immune_before_start(&mut self, id: CountermeasureId, operator: OperatorId) {
        if !self.is_effective(id, operator) {
            return;
        }
        for &incident in &self.model.countermeasures[id.index()].immunises {
            self.protect(incident, operator);
        }
        self.takes_measures(id, operator);
    }

    /// Whether a countermeasure works for an operator that takes it up.
    fn is_effective(&mut self, id: CountermeasureId, operator: OperatorId) -> bool {
        let c = &self.model.countermeasures[id.index()];
        let Some(site) = c.efficacy else { return true };
        let of = instance(&[c.name.hash.words()[0], 8]);
        let (who, state) = (Drawer::Operator(operator), self.group_of(operator).state);
        let word = self.draws.word_at(self.model, who, site, of, 0);
        self.chance_of(who, Some(state), site, word)
    }

    /// An operator is protected from an incident, if it can be hit; returns whether it could.
    fn protect(&mut self, incident: IncidentId, operator: OperatorId) -> bool {
        let returns = self.model.incidents[incident.index()].immunity.is_some();
        let mut spread = self.spread_mut(incident);
        if returns {
            spread.protected.insert(operator);
        }
        let status = &mut spread.status[operator.index()];
        let could = matches!(status, Status::Susceptible | Status::OffLine | Status::Locked);
        if could {
            *status = Status::Immune;
        }
        could
    }

    /// An operator takes a countermeasure up.
    pub(super) fn takes_up(&mut self, id: CountermeasureId, operator: OperatorId, epoch: u32) {
        let state = self.group_of(operator).state;
        if self.countermeasures.states[id.index()].uptake[state.index()].epoch == epoch {
            self.reaches(id, operator);
        }
    }

    /// A countermeasure reaches an operator.
    fn reaches(&mut self, id: CountermeasureId, operator: OperatorId) {
        let c = &self.model.countermeasures[id.index()];
        let info = self.trace.operators[operator.index()];
        if !c.scope.accepts(info.group, &self.model.groups[info.group.index()], info.attributes) {
            return;
        }
        if !c.immunises.is_empty() && self.is_effective(id, operator) {
            for &incident in &c.immunises {
                if self.protect(incident, operator) {
                    self.record(Subject::Operator(operator), Event::Immune(id, operator), &[], &[]);
                }
            }
        }
        self.takes_measures(id, operator);
    }

    /// An operator goes off line, and its laws are switched, while the countermeasure works.
    fn takes_measures(&mut self, id: CountermeasureId, operator: OperatorId) {
        let c = &self.model.countermeasures[id.index()];
        if !self.countermeasures.states[id.index()].active {
            return;
        }
        self.goes_off_line(id, operator);
        if !c.switches.is_empty() {
            self.countermeasures.taken.insert((id, operator));
            for &(step, site) in &c.switches {
                self.hasten(step, site, operator);
            }
        }
    }
}
