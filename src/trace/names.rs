//! The names of what records speak of, and where it stands on the clock.
//!
//! Names of instances are those of every file, option and message: actor `role@STATE`, operator `STATE/group#17`.

use super::{OperatorInfo, Subject, Trace};
use crate::model::{Model, OperatorId, StateId, operator_name};
use crate::time::Zone;

/// Names by model and run: the operators belong to the run.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    model: &'a Model,
    operators: &'a [OperatorInfo],
}

impl<'a> Names<'a> {
    /// The names of a run.
    pub fn new(model: &'a Model, trace: &'a Trace) -> Names<'a> {
        Names { model, operators: &trace.operators }
    }

    /// The model that the names belong to.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// The name of an operator, e.g. `ES/health#17`.
    pub fn operator(&self, operator: OperatorId) -> String {
        match self.operators.get(operator.index()) {
            Some(info) => {
                let group = &self.model.groups[info.group.index()];
                operator_name(&self.model.states[group.state.index()].name, &group.name, info.number)
            }
            None => format!("operator#{}", operator.index()),
        }
    }

    /// The state of an operator.
    pub fn state_of_operator(&self, operator: OperatorId) -> Option<StateId> {
        let info = self.operators.get(operator.index())?;
        Some(self.model.groups[info.group.index()].state)
    }

    /// The name of a subject; `world` for nobody in particular.
    pub fn subject(&self, who: Subject) -> String {
        let m = self.model;
        match who {
            Subject::World => "world".to_owned(),
            Subject::Actor(a) => m.actors[a.index()].name.text.clone(),
            Subject::Operator(o) => self.operator(o),
            Subject::Incident(i) => m.incidents[i.index()].name.text.clone(),
            Subject::Channel(c) => {
                m.channels.get(c as usize).map_or_else(|| format!("channel#{c}"), |c| c.name.text.clone())
            }
            Subject::Network(n) => m.networks[n.index()].name.text.clone(),
        }
    }

    /// The subject as people call it; empty for nobody in particular.
    pub fn title(&self, who: Subject) -> String {
        let m = self.model;
        let or_name = |title: &str| if title.is_empty() { self.subject(who) } else { title.to_owned() };
        match who {
            Subject::World => String::new(),
            Subject::Actor(a) => or_name(&m.actors[a.index()].title),
            Subject::Operator(o) => self.operator(o),
            Subject::Incident(i) => or_name(&m.incidents[i.index()].title),
            Subject::Channel(c) => m.channels.get(c as usize).map_or_else(String::new, |c| or_name(&c.title)),
            Subject::Network(n) => or_name(&m.networks[n.index()].title),
        }
    }

    /// The zone whose clock a subject lives by; that of the document where it has none of its own.
    pub fn zone(&self, who: Subject) -> &'a Zone {
        match who {
            Subject::Actor(a) => &self.model.actors[a.index()].zone,
            Subject::Operator(o) => match self.state_of_operator(o) {
                Some(state) => &self.model.states[state.index()].zone,
                None => &self.model.meta.zone,
            },
            _ => &self.model.meta.zone,
        }
    }
}
