//! Effects on parameters while a mode, an element or a countermeasure holds.
//!
//! Scaling follows the draw, so variants share draws; it applies to what begins then.

use super::engine::Simulation;
use crate::model::{ActorId, Change, Effect, Model, ParamId, SetId};

/// Active effects by parameter.
#[derive(Debug, Default)]
pub(super) struct Effects {
    active: Vec<Vec<Active>>,
    /// How many are active.
    n: usize,
    calendars: Vec<Active>,
}

#[derive(Debug, Clone, Copy)]
struct Active {
    source: Holder,
    of: Option<SetId>,
    change: Change,
}

/// What an effect belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A network's mode.
    Mode(u32, u8),
    /// An element.
    Element(u32),
    /// A countermeasure.
    Countermeasure(u32),
}

impl Effects {
    pub(super) fn reset(&mut self, model: &Model) {
        self.active.resize_with(model.params.len(), Vec::new);
        self.active.iter_mut().for_each(Vec::clear);
        self.n = 0;
        self.calendars.clear();
    }

    pub(super) fn begin(&mut self, source: Holder, effects: &[Effect]) {
        for e in effects {
            let active = Active { source, of: e.of, change: e.change };
            match e.param {
                Some(param) => {
                    self.active[param.index()].push(active);
                    self.n += 1;
                }
                None => self.calendars.push(active),
            }
        }
    }

    pub(super) fn end(&mut self, source: Holder, effects: &[Effect]) {
        for e in effects {
            match e.param {
                Some(param) => {
                    let active = &mut self.active[param.index()];
                    let before = active.len();
                    active.retain(|a| a.source != source);
                    self.n -= before - active.len();
                }
                None => self.calendars.retain(|a| a.source != source),
            }
        }
    }

    /// The calendar that an actor keeps by the effect that began last, as a position in the model.
    fn calendar(&self, model: &Model, actor: ActorId) -> Option<usize> {
        let concerns = |a: &&Active| a.of.is_none_or(|set| model.sets[set.index()].has(actor));
        self.calendars.iter().rev().find(concerns).and_then(|a| match a.change {
            Change::Calendar(position) => Some(position as usize),
            _ => None,
        })
    }

    /// Whether nothing acts on a parameter.
    #[inline]
    pub(super) fn spare(&self, param: ParamId) -> bool {
        self.n == 0 || self.active[param.index()].is_empty()
    }

    /// The parameter to draw from, and the factor on the draw.
    pub(super) fn on(&self, model: &Model, param: ParamId, actor: Option<ActorId>) -> (ParamId, f64) {
        let (mut from, mut factor) = (param, 1.0);
        for a in &self.active[param.index()] {
            let concerned = a.of.is_none_or(|set| actor.is_some_and(|x| model.sets[set.index()].has(x)));
            if concerned {
                match a.change {
                    Change::Scale(by) => factor *= by,
                    Change::Replace(other) => from = other,
                    Change::Calendar(_) => {}
                }
            }
        }
        (from, factor)
    }
}

impl Simulation<'_> {
    /// Effects begin to hold.
    pub(super) fn effects_begin(&mut self, source: Holder, effects: &[Effect]) {
        self.effects.begin(source, effects);
        self.restaff(effects);
    }

    /// Effects hold no more.
    pub(super) fn effects_end(&mut self, source: Holder, effects: &[Effect]) {
        self.effects.end(source, effects);
        self.restaff(effects);
    }

    /// Desks follow what effects do to staff and calendars.
    fn restaff(&mut self, effects: &[Effect]) {
        let model = self.model;
        let calendars = effects.iter().any(|e| e.param.is_none());
        for (i, a) in model.actors.iter().enumerate() {
            let actor = ActorId::from_index(i);
            let variant = &a.variants[usize::from(self.trace.variants[i])];
            let staffs = variant.staff_param.filter(|p| effects.iter().any(|e| e.param == Some(*p)));
            if !calendars && staffs.is_none() {
                continue;
            }
            let mut staff = self.desk(actor).staff;
            if let Some(param) = staffs {
                let (from, factor) = self.effects.on(model, param, Some(actor));
                let law = model.params[from.index()].law(a.state);
                let mean = law.mean().unwrap_or_else(|| law.quantile(0.5));
                staff = Some(libm::round(mean * factor) as u32);
            }
            let rota = match self.effects.calendar(model, actor) {
                Some(position) => model.calendars[position][i],
                None => variant.rota,
            };
            let mut desk = self.desk(actor);
            if desk.staff == staff && desk.rota == rota {
                continue;
            }
            desk.staff = staff;
            if desk.rota != rota {
                desk.rota = rota;
                desk.duty = None;
                desk.change_pending = false;
            }
            self.refresh_duty(actor);
            self.suspend_surplus(actor);
            self.start_service(actor);
            self.call_out_for_waiting(actor);
            self.reclassify(actor);
        }
    }
}
