//! Countermeasures against incidents.

use crate::document::types::{self as t, Name};
use crate::model::{self as m, StreamName};

use super::context::{Cx, all};
use super::convert;
use super::params::Use;

impl<'d> Cx<'d> {
    pub(super) fn countermeasures(&mut self) -> Option<Vec<m::Countermeasure>> {
        let doc = self.doc;
        all(doc.countermeasures.iter().map(|(name, c)| self.countermeasure(name, c)))
    }

    fn countermeasure(&mut self, name: &Name, c: &'d t::Countermeasure) -> Option<m::Countermeasure> {
        let place = format!("countermeasure:{name}");
        let release_us = match &c.release {
            Some(text) => self.offset_us(text).map(Some),
            None => Some(None),
        };
        let none = indexmap::IndexMap::new();
        let validity = self.validity(c.from.as_ref(), c.until.as_ref(), c.element.as_ref(), None, &none);
        let delay = self.opt_site(&format!("{place}/delay"), c.delay.as_ref(), Use::Duration);
        let duration = self.opt_site(&format!("{place}/duration"), c.duration.as_ref(), Use::Duration);
        let scope = self.filter(&c.scope);
        let (mut pressure, mut immunises, mut effects) = (Vec::new(), Vec::new(), Vec::new());
        for effect in &c.effects {
            match effect {
                t::CounterEffect::ScalePressure { incident, by } => {
                    let incident = self.incident_id(incident);
                    let by = self.number(by, Use::Factor, None);
                    pressure.extend(incident.zip(by));
                }
                t::CounterEffect::Immunise { incident } => immunises.extend(self.incident_id(incident)),
                t::CounterEffect::Scale { parameter, by } => {
                    let param = self.named(parameter);
                    let by = self.number(by, Use::Factor, None);
                    let made = param.zip(by);
                    effects.extend(made.map(|(param, by)| m::Effect {
                        param,
                        of: None,
                        change: m::Change::Scale(by),
                    }));
                }
            }
        }
        let uptake = match &c.uptake {
            Some(uptake) => self.uptake(&place, uptake).map(Some),
            None => Some(None),
        };
        // A blueprint leaves it to its scenarios to say what works against their incidents.
        if c.effects.is_empty() && self.doc.kind == t::Kind::Scenario {
            self.warning("does-nothing", format!("the countermeasure `{name}` has no effects"), name.span);
        }
        Some(m::Countermeasure {
            name: StreamName::new(name.as_str()),
            title: c.title.clone(),
            release_us: release_us?,
            validity: validity?,
            delay: delay?,
            duration: duration?,
            scope: scope?,
            pressure,
            immunises,
            effects,
            uptake: uptake?,
            basis: convert::basis(&c.basis),
        })
    }

    fn uptake(&mut self, place: &str, uptake: &t::Uptake) -> Option<m::Uptake> {
        let routine = self.site(&format!("{place}/routine"), &uptake.routine, Use::Duration);
        let publicised =
            self.opt_site(&format!("{place}/publicised"), uptake.publicised.as_ref(), Use::Duration);
        let warned = self.opt_site(&format!("{place}/warned"), uptake.warned.as_ref(), Use::Duration);
        let never = self.opt_site(&format!("{place}/never"), uptake.never.as_ref(), Use::Probability);
        let mut warnings = vec![false; self.n_products()];
        for name in &uptake.warnings {
            if let Some(product) = self.product_or_statement(name) {
                warnings[product.index()] = true;
            }
        }
        Some(m::Uptake {
            routine: routine?,
            publicised: publicised?,
            warned: warned?,
            warnings,
            never: never?,
        })
    }
}
