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
            Some(text) => self.instant(&format!("the incident `{name}`"), text).map(Some),
            None => Some((!incident.waits).then_some(SimTime::ZERO)),
        };
        if let (Some(start), true) = (&incident.start, incident.waits) {
            let message = format!("`{name}` has a `start` and `waits` for an inject; give one");
            self.error("contradiction", message, start.span);
        }
        let harmless = matches!(&incident.process, t::Process::Vulnerability { attacks: None, .. });
        if !self.any_operators() && !harmless {
            let message = format!("the incident `{name}` hits nobody: there are no operators");
            self.warning("empty-set", message, name.span);
        }
        let place = format!("incident:{name}");
        let process = self.process(name, &incident.process);
        let immunity = self.opt_site(&format!("{place}/immunity"), incident.immunity.as_ref(), Use::Duration);
        let law = |cx: &mut Self, step, law: &Option<t::Param>| {
            cx.opt_site(&format!("{place}/{step}"), law.as_ref(), Use::Duration)
        };
        let detect = law(self, "detect", &incident.detect);
        let contain = law(self, "contain", &incident.contain);
        let recover = law(self, "recover", &incident.recover);
        let routes = self.routes(&place, &incident.routes);
        let discloses = self.opt_all(&incident.discloses, |cx, d| cx.disclosure(&place, name, d));
        if let Some(other) = &incident.variant_of
            && *other == *name
        {
            self.error("cycle", format!("`{name}` is a variant of itself"), other.span);
        }
        let targets = self.filter(&incident.targets);
        let immune_if = self.bits(&incident.immune_if);
        Some(m::Incident {
            name: StreamName::new(name.as_str()),
            title: incident.title.clone(),
            start: start?,
            process: process?,
            laws: [detect?, contain?, recover?],
            immunity: immunity?,
            variants: self.shares_with(name, incident)?,
            needs: self.stage_before(name, incident)?,
            routes: routes?,
            discloses: discloses?,
            targets: targets?,
            immune_if: immune_if?,
            basis: convert::basis(&incident.basis),
        })
    }

    /// All incidents with which one shares susceptibility, by way of whatever variant.
    pub(super) fn shares_with(
        &mut self,
        name: &Name,
        incident: &'d t::Incident,
    ) -> Option<Vec<m::IncidentId>> {
        if let Some(other) = &incident.variant_of {
            self.incident_id(other)?;
        }
        let doc = self.doc;
        let mut inside = vec![false; doc.incidents.len()];
        let own = doc.incidents.get_index_of(name.as_str())?;
        inside[own] = true;
        loop {
            let before = inside.iter().filter(|&&is| is).count();
            for (i, other) in doc.incidents.values().enumerate() {
                let of = other.variant_of.as_ref().and_then(|of| doc.incidents.get_index_of(of.as_str()));
                if let Some(of) = of
                    && (inside[i] || inside[of])
                {
                    (inside[i], inside[of]) = (true, true);
                }
            }
            if inside.iter().filter(|&&is| is).count() == before {
                break;
            }
        }
        inside[own] = false;
        Some((0..inside.len()).filter(|&i| inside[i]).map(m::IncidentId::from_index).collect())
    }

    /// The stage before an incident; stages must begin somewhere.
    fn stage_before(&mut self, name: &Name, incident: &'d t::Incident) -> Option<Option<m::IncidentId>> {
        let Some(needs) = &incident.needs else { return Some(None) };
        let before = self.incident_id(needs)?;
        let doc = self.doc;
        let mut at = Some(before.index());
        for _ in 0..=doc.incidents.len() {
            let Some(here) = at else { return Some(Some(before)) };
            let next = doc.incidents[here].needs.as_ref();
            at = next.and_then(|next| doc.incidents.get_index_of(next.as_str()));
        }
        self.error("cycle", format!("`{name}` needs an incident that needs `{name}`"), needs.span);
        None
    }

    fn disclosure(&mut self, place: &str, name: &Name, d: &'d t::Disclosure) -> Option<m::Disclosure> {
        let kind = self.kind_id(&d.fact);
        let to = self.sel_of_nobody(&d.to, "an incident");
        let after = self.opt_site(&format!("{place}/discloses"), d.after.as_ref(), Use::Duration);
        let kind = kind?;
        let per = &self.doc.facts[kind.index()].per;
        if per.contains(&t::Per::Sector) {
            let message = format!("`{name}` discloses `{}`, which is a fact per sector: of which?", d.fact);
            self.error("not-possible", message, d.fact.span);
        }
        Some(m::Disclosure { kind, to: to?, after: after? })
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
            t::Process::SupplyChain { after, share } => {
                let curve = self.site(&format!("{place}/after"), after, Use::Duration);
                let share = self.opt_site(&format!("{place}/share"), share.as_ref(), Use::Probability);
                m::Process::Worm(m::Worm { curve: Some(curve?), share: share?, ..from_outside() })
            }
            t::Process::Vulnerability { exposed, attacks, attacks_after } => {
                let share = self.opt_site(&format!("{place}/exposed"), exposed.as_ref(), Use::Probability);
                let outside = self.opt_site(&format!("{place}/attacks"), attacks.as_ref(), Use::Rate);
                let after = attacks_after.as_ref();
                let outside_after = self.opt_site(&format!("{place}/attacks-after"), after, Use::Duration);
                if let (Some(after), None) = (after, attacks) {
                    let message = format!("`{name}`: `attacks_after` goes with `attacks`");
                    self.error("contradiction", message, after.span);
                }
                let (share, outside, outside_after) = (share?, outside?, outside_after?);
                if outside.is_none() && share.is_none() {
                    return Some(m::Process::Nothing);
                }
                m::Process::Worm(m::Worm { share, outside, outside_after, ..from_outside() })
            }
            t::Process::Campaign { every, attacks, succeeds, most, repeats } => {
                let gap = match every {
                    Some(p) => self.gap_site(&format!("{place}/every"), p, "an attack").map(Some),
                    None => Some(None),
                };
                let given = self.first_hits(&place, attacks);
                let succeeds =
                    self.opt_site(&format!("{place}/succeeds"), succeeds.as_ref(), Use::Probability);
                if every.is_none() && attacks.is_empty() {
                    let message = format!("the campaign `{name}` attacks nobody: give `every` or `attacks`");
                    self.error("missing", message, name.span);
                }
                let nothing = t::Param::new(t::Quantity::Number(0.0), name.span);
                let pick = self.site(&format!("{place}/pick"), &nothing, Use::Number);
                m::Process::Campaign(m::Campaign {
                    pick: pick?,
                    every: gap?,
                    attacks: given?,
                    succeeds: succeeds?,
                    most: *most,
                    repeats: *repeats,
                })
            }
        })
    }

    fn mixing(&mut self, mixing: &'d t::Mixing) -> Option<m::Mixing> {
        let from = self.filter(&mixing.from);
        let to = self.filter(&mixing.to);
        let by = self.number(&mixing.by, Use::Factor, None)?;
        let param = self.param(&mixing.by, Use::Factor)?;
        let param = &self.params[param.index()];
        let mut by_pair = Vec::new();
        if param.has_pairs() || !param.law_of_state.is_empty() {
            let states = || (0..self.states.len()).map(m::StateId::from_index);
            for a in states() {
                by_pair.extend(states().map(|b| super::params::mean(param.law_between(a, b))));
            }
        }
        Some(m::Mixing { from: from?, to: to?, by, by_pair })
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
            outside_halving,
            mixing,
            closed,
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
        let halving =
            self.opt_positive(&format!("{place}/outside-halving"), outside_halving.as_ref(), Use::Duration);
        let mixing = self.opt_all(mixing, |cx, mixing| cx.mixing(mixing));
        let closed = self.number_or(closed.as_ref(), Use::Factor, 1.0);
        if outside.is_none()
            && let Some(p) = outside_doubling.as_ref().or(outside_until.as_ref()).or(outside_halving.as_ref())
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
            outside_halving: halving?,
            mixing: mixing?,
            closed: closed?,
            ..from_outside()
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

/// A process without spread between operators, to be filled in.
fn from_outside() -> m::Worm {
    m::Worm {
        first_hits: Vec::new(),
        speed: m::WormSpeed::None,
        within_state: 1.0,
        within_sector: 1.0,
        mixing: Vec::new(),
        closed: 1.0,
        share: None,
        outside: None,
        outside_after: None,
        outside_doubling: None,
        outside_until: None,
        outside_halving: None,
        curve: None,
    }
}
