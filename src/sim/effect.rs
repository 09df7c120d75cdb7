//! Effects on parameters while a mode, an element or a countermeasure holds.
//!
//! Scaling follows the draw, so variants share draws; it applies to what begins then.

use crate::model::{ActorId, Change, Effect, Model, ParamId, SetId};

/// Active effects by parameter.
#[derive(Debug, Default)]
pub(super) struct Effects {
    active: Vec<Vec<Active>>,
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
    }

    pub(super) fn begin(&mut self, source: Holder, effects: &[Effect]) {
        for e in effects {
            self.active[e.param.index()].push(Active { source, of: e.of, change: e.change });
        }
    }

    pub(super) fn end(&mut self, source: Holder, effects: &[Effect]) {
        for e in effects {
            self.active[e.param.index()].retain(|a| a.source != source);
        }
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
                }
            }
        }
        (from, factor)
    }
}
