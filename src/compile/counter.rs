//! Countermeasures against incidents.

use crate::document::types::{self as t, Name};
use crate::model::{self as m, StreamName};

use super::context::{Cx, all};
use super::convert;
use super::params::Use;

/// What the effects of a countermeasure come to.
#[derive(Default)]
struct Made {
    pressure: Vec<(m::Scaled, m::IncidentId, f64)>,
    routes: Vec<(m::IncidentId, m::TieId, f64)>,
    ends: Vec<m::IncidentId>,
    immunises: Vec<m::IncidentId>,
    off_line: Option<m::OffLine>,
    switches: Vec<(m::Step, m::SiteId)>,
    staff: Vec<(m::Sel, m::Sel, u32)>,
    effects: Vec<m::Effect>,
}

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
        let mut made = Made::default();
        for effect in &c.effects {
            self.counter_effect(name, &place, effect, &mut made);
        }
        // Who is protected from a worm is protected from its variants.
        let shared: Vec<m::IncidentId> = made.immunises.clone();
        for incident in shared {
            let (key, written) = self.doc.incidents.get_index(incident.index())?;
            for variant in self.shares_with(key, written).unwrap_or_default() {
                if !made.immunises.contains(&variant) {
                    made.immunises.push(variant);
                }
            }
        }
        let efficacy = self.opt_site(&format!("{place}/efficacy"), c.efficacy.as_ref(), Use::Probability);
        if let Some(p) = &c.efficacy
            && made.immunises.is_empty()
        {
            let message = format!("`efficacy` of `{name}` goes with `Immunise`");
            self.error("contradiction", message, p.span);
        }
        let uptake = match &c.uptake {
            Some(uptake) => self.uptake(&place, uptake).map(Some),
            None => Some(None),
        };
        // A blueprint leaves it to its scenarios to say what works against their incidents.
        let own = self.doc.header.name.as_ref().is_none_or(|header| header.span.source == name.span.source);
        if c.effects.is_empty() && own && self.doc.kind == t::Kind::Scenario {
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
            efficacy: efficacy?,
            pressure: made.pressure,
            routes: made.routes,
            ends: made.ends,
            immunises: made.immunises,
            off_line: made.off_line,
            switches: made.switches,
            staff: made.staff,
            effects: made.effects,
            uptake: uptake?,
            basis: convert::basis(&c.basis),
        })
    }

    fn counter_effect(&mut self, name: &Name, place: &str, effect: &'d t::CounterEffect, made: &mut Made) {
        use m::Scaled::{Infectivity, Outside, Susceptibility};
        use t::CounterEffect as E;
        match effect {
            E::ScalePressure { incident, by } => self.scaled(Susceptibility, incident, by, made),
            E::ScaleInfectivity { incident, by } => self.scaled(Infectivity, incident, by, made),
            E::ScaleOutside { incident, by } => self.scaled(Outside, incident, by, made),
            E::ScaleRoute { incident, tie, by } => {
                let incident = self.incident_id(incident);
                let tie = self.tie_id(tie);
                let by = self.number(by, Use::Probability, None);
                made.routes.extend(incident.zip(tie).zip(by).map(|((i, t), by)| (i, t, by)));
            }
            E::End { incident } => made.ends.extend(self.incident_id(incident)),
            E::Immunise { incident } => made.immunises.extend(self.incident_id(incident)),
            E::TakeOffLine { lasts, cost } => {
                let lasts = self.opt_site(&format!("{place}/off-line"), lasts.as_ref(), Use::Duration);
                let cost = self.number_or(cost.as_ref(), Use::Factor, 1.0);
                if made.off_line.is_some() {
                    let message = format!("`{name}` takes operators off line twice");
                    self.error("contradiction", message, name.span);
                }
                made.off_line = lasts.zip(cost).map(|(lasts, cost)| m::OffLine { lasts, cost });
            }
            E::Switch { step, law } => {
                let step = match step {
                    t::Step::Detect => m::Step::Detect,
                    t::Step::Contain => m::Step::Contain,
                    t::Step::Recover => m::Step::Recover,
                };
                let site = self.site(&format!("{place}/switch {step:?}"), law, Use::Duration);
                made.switches.extend(site.map(|site| (step, site)));
            }
            E::Scale { parameter, by } => {
                let effect = t::Effect::Scale { parameter: parameter.clone(), by: by.clone() };
                made.effects.extend(self.effects(&[effect], None));
            }
            E::Replace { parameter, with } => {
                let effect = t::Effect::Replace { parameter: parameter.clone(), with: with.clone() };
                made.effects.extend(self.effects(&[effect], None));
            }
            E::MoveStaff { from, to, staff } => {
                let from = self.sel_of_nobody(from, "a countermeasure");
                let to = self.sel_of_nobody(to, "a countermeasure");
                made.staff.extend(from.zip(to).map(|(from, to)| (from, to, *staff)));
            }
        }
    }

    fn scaled(&mut self, what: m::Scaled, incident: &Name, by: &t::Param, made: &mut Made) {
        let incident = self.incident_id(incident);
        let by = self.number(by, Use::Factor, None);
        made.pressure.extend(incident.zip(by).map(|(incident, by)| (what, incident, by)));
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
