//! Incidents and how they spread.

use crate::document::types::{self as t, Name};
use crate::model::{self as m, StreamName};
use crate::time::SimTime;

use super::context::{Cx, all};
use super::convert;
use super::params::Use;

impl<'d> Cx<'d> {
    pub(super) fn incidents(&mut self) -> Option<Vec<m::Incident>> {
        let doc = self.doc;
        all(doc.incidents.iter().map(|(name, incident)| self.incident(name, incident)))
    }

    fn incident(&mut self, name: &Name, incident: &'d t::Incident) -> Option<m::Incident> {
        if name.contains('/') {
            self.error("bad-name", format!("the name of an incident has no `/`: `{name}`"), name.span);
        }
        let start = match &incident.start {
            Some(text) => self.instant(&format!("the incident `{name}`"), text),
            None => Some(SimTime::ZERO),
        };
        if !self.any_operators() {
            let message = format!("the incident `{name}` hits nobody: there are no operators");
            self.warning("empty-set", message, name.span);
        }
        let process = self.process(name, &incident.process);
        let targets = self.filter(&incident.targets);
        let immune_if = self.bits(&incident.immune_if);
        Some(m::Incident {
            name: StreamName::new(name.as_str()),
            title: incident.title.clone(),
            start: start?,
            process: process?,
            targets: targets?,
            immune_if: immune_if?,
            basis: convert::basis(&incident.basis),
        })
    }

    fn process(&mut self, name: &Name, process: &'d t::Process) -> Option<m::Process> {
        let place = format!("incident:{name}");
        Some(match process {
            t::Process::Outage { share } => {
                m::Process::Outage { share: self.site(&format!("{place}/share"), share, Use::Probability)? }
            }
            t::Process::Background { every } => m::Process::Background {
                every: self.gap_site(&format!("{place}/every"), every, "an incident")?,
            },
            t::Process::Worm { .. } => m::Process::Worm(self.worm(name, &place, process)?),
        })
    }

    fn worm(&mut self, name: &Name, place: &str, process: &'d t::Process) -> Option<m::Worm> {
        let t::Process::Worm {
            first_hits,
            doubling,
            rate,
            within_state,
            within_sector,
            outside,
            outside_doubling,
            outside_until,
        } = process
        else {
            return None;
        };
        let first_hits = self.first_hits(place, first_hits);
        let doubling_site = self.opt_positive(&format!("{place}/doubling"), doubling.as_ref(), Use::Duration);
        let rate_site = self.opt_positive(&format!("{place}/rate"), rate.as_ref(), Use::Rate);
        let within_state = self.number_or(within_state.as_ref(), Use::Factor, 1.0);
        let within_sector = self.number_or(within_sector.as_ref(), Use::Factor, 1.0);
        let outside_site = self.opt_site(&format!("{place}/outside"), outside.as_ref(), Use::Rate);
        let growth =
            self.opt_positive(&format!("{place}/outside-doubling"), outside_doubling.as_ref(), Use::Duration);
        let until = self.opt_site(&format!("{place}/outside-until"), outside_until.as_ref(), Use::Duration);
        if outside.is_none()
            && let Some(p) = outside_doubling.as_ref().or(outside_until.as_ref())
        {
            self.error("contradiction", format!("`{name}`: growth of the outside needs `outside`"), p.span);
        }
        if growth.flatten().is_some() && outside_until.is_none() {
            let message = format!("`{name}`: the outside grows without end; give `outside_until`");
            self.error("missing", message, name.span);
        }
        let speed = match (doubling_site?, rate_site?) {
            (Some(_), Some(_)) => {
                self.error(
                    "contradiction",
                    format!("`{name}` has a `doubling` and a `rate`; give one"),
                    name.span,
                );
                return None;
            }
            (Some(site), None) => m::WormSpeed::Doubling(site),
            (None, Some(site)) => m::WormSpeed::Rate(site),
            (None, None) => {
                if outside.is_none() {
                    let message = format!("`{name}` does not spread: give `doubling`, `rate` or `outside`");
                    self.error("missing", message, name.span);
                }
                m::WormSpeed::None
            }
        };
        Some(m::Worm {
            first_hits: first_hits?,
            speed,
            within_state: within_state?,
            within_sector: within_sector?,
            outside: outside_site?,
            outside_doubling: growth?,
            outside_until: until?,
        })
    }

    /// A site whose parameter must not be 0.
    fn opt_positive(&mut self, place: &str, p: Option<&t::Param>, wanted: Use) -> Option<Option<m::SiteId>> {
        let site = self.opt_site(place, p, wanted)?;
        if let (Some(site), Some(p)) = (site, p) {
            let param = &self.params[self.sites[site.index()].param.index()];
            let zero = param.laws.iter().any(|law| super::params::mean(law) <= 0.0);
            let short = wanted == Use::Duration
                && param.laws.iter().any(|law| super::params::mean(law) < super::MIN_GAP_US);
            if zero || short {
                let least = if wanted == Use::Duration { "at least 1 ms" } else { "above 0" };
                self.error("out-of-range", format!("this must be {least}"), p.span);
                return None;
            }
        }
        Some(site)
    }

    /// Operators that are hit at given times; there must be so many.
    pub(super) fn first_hits(&mut self, place: &str, hits: &'d [t::FirstHits]) -> Option<Vec<m::FirstHits>> {
        self.opt_all(hits, |cx, hits| {
            let state = cx.state_id(&hits.state);
            let sector = cx.sector_id(&hits.sector);
            let after = cx.opt_site(&format!("{place}/first-hits"), hits.after.as_ref(), Use::Duration);
            let (state, sector) = (state?, sector?);
            let there = cx.n_operators(state, sector);
            if u64::from(hits.operators) > there {
                let message = format!(
                    "{} operators of `{}` in `{}` are hit first, but there are only {there}",
                    hits.operators, hits.sector, hits.state
                );
                cx.error("out-of-range", message, hits.sector.span);
                return None;
            }
            Some(m::FirstHits { state, sector, operators: hits.operators, after: after? })
        })
    }
}
