//! Operators: groups expanded over states, attributes as bits, filters.

use crate::document::Diagnostic;
use crate::document::types::{self as t, Name};
use crate::model::{self as m, StateId};

use super::MAX_OPERATORS;
use super::context::Cx;
use super::params::Use;

/// Groups of operators, each state's counted.
const MAX_GROUPS: usize = 100_000;
/// Attributes are bits of a 32-bit word.
const MAX_ATTRIBUTES: usize = 32;

impl<'d> Cx<'d> {
    pub(super) fn compile_groups(&mut self) {
        let doc = self.doc;
        let mut total: u64 = 0;
        for group in &doc.operators {
            for name in group.attributes.keys() {
                if !self.attributes.contains(&name.value) {
                    self.attributes.push(name.value.clone());
                }
            }
        }
        for name in doc.ties.iter().filter_map(|tie| tie.marks.as_ref()) {
            if !self.attributes.contains(&name.value) {
                self.attributes.push(name.value.clone());
            }
        }
        if self.attributes.len() > MAX_ATTRIBUTES {
            let message =
                format!("operators have {} attributes; the most is {MAX_ATTRIBUTES}", self.attributes.len());
            self.diags.push(Diagnostic::error("too-many", message));
            self.attributes.truncate(MAX_ATTRIBUTES);
        }
        for group in &doc.operators {
            let states = self.states_of_group(group);
            let Some(template) = self.group_template(group) else { continue };
            for state in states {
                let count = self.count(group, state);
                let Some(hours) = self.hours(group, state) else { continue };
                total = total.saturating_add(u64::from(count));
                if self.groups.len() < MAX_GROUPS {
                    *self.operators_in.entry((state, template.sector)).or_insert(0) += u64::from(count);
                    self.groups.push(m::OperatorGroup { state, count, hours, ..template.clone() });
                }
            }
        }
        if self.groups.len() >= MAX_GROUPS {
            let message = format!("there are {MAX_GROUPS} groups of operators or more, counted by state");
            self.diags.push(Diagnostic::error("too-many", message));
        }
        if total > MAX_OPERATORS {
            let message = format!("the document makes {total} operators; the most is {MAX_OPERATORS}");
            self.diags.push(Diagnostic::error("too-many", message));
        }
    }

    fn states_of_group(&mut self, group: &t::OperatorGroup) -> Vec<StateId> {
        let id = &group.id;
        match (group.per, &group.state) {
            (Some(t::Per::State), None) => {
                let inside = match &group.group {
                    Some(name) => self.group_of_states(name).unwrap_or_default(),
                    None => vec![true; self.states.len()],
                };
                (0..inside.len()).filter(|i| inside[*i]).map(StateId::from_index).collect()
            }
            (None, Some(state)) => self.state_id(state).into_iter().collect(),
            (None, None) => {
                if self.states.is_empty() {
                    self.error(
                        "missing",
                        format!("operators `{id}` need a state, and there is none"),
                        id.span,
                    );
                    return Vec::new();
                }
                vec![StateId::from_index(0)]
            }
            _ => {
                let message = format!("operators `{id}`: give `per: State`, or `state`, or neither");
                self.error("contradiction", message, id.span);
                Vec::new()
            }
        }
    }

    /// What the groups of all states share: one place for each draw.
    fn group_template(&mut self, group: &'d t::OperatorGroup) -> Option<m::OperatorGroup> {
        let id = &group.id;
        if id.contains(['/', '#']) {
            self.error("bad-name", format!("the name of a group has no `/` or `#`: `{id}`"), id.span);
        }
        let sector = self.sector_id(&group.sector);
        let mut attributes = Vec::new();
        for (name, probability) in &group.attributes {
            let site = self.site(&format!("group:{id}/attribute/{name}"), probability, Use::Probability);
            let bit = self.attributes.iter().position(|known| *known == name.value);
            if let (Some(site), Some(bit)) = (site, bit.and_then(|bit| u8::try_from(bit).ok())) {
                attributes.push((bit, site));
            }
        }
        let detect = self.site(&format!("group:{id}/detect"), &group.detect, Use::Duration);
        let contain = self.site(&format!("group:{id}/contain"), &group.contain, Use::Duration);
        let recover = self.site(&format!("group:{id}/recover"), &group.recover, Use::Duration);
        let impact =
            self.opt_site(&format!("group:{id}/impact"), group.impact_per_hour.as_ref(), Use::Factor);
        let each = group.impact_per_hour_each.as_ref();
        let impact_each = self.opt_site(&format!("group:{id}/impact-each"), each, Use::Factor);
        let size = self.opt_site(&format!("group:{id}/size"), group.size.as_ref(), Use::Factor);
        let recover_each =
            self.opt_site(&format!("group:{id}/recover-each"), group.recover_each.as_ref(), Use::Duration);
        let watch = self.opt_site(&format!("group:{id}/watch"), group.watch.as_ref(), Use::Probability);
        let laws = self.opt_all(&group.laws, |cx, laws| cx.laws_for(id, laws));
        for (what, given) in
            [("recover_each", &group.recover_each), ("impact_per_hour_each", &group.impact_per_hour_each)]
        {
            if let (Some(p), None) = (given, &group.size) {
                self.error("missing", format!("`{what}` of the operators `{id}` needs `size`"), p.span);
            }
        }
        if let (Some(watch), None) = (&group.watch, &group.hours) {
            let message = format!("`watch` of the operators `{id}` needs `hours`");
            self.error("missing", message, watch.span);
        }
        let reports = self.opt_all(&group.reports, |cx, report| cx.report(id, report));
        if group.count.is_none() && group.per_million.is_none() {
            self.error("missing", format!("operators `{id}`: give `count` or `per_million`"), id.span);
        }
        Some(m::OperatorGroup {
            name: id.to_string(),
            title: group.title.clone().unwrap_or_else(|| id.to_string()),
            state: StateId::from_index(0),
            sector: sector?,
            count: 0,
            attributes,
            detect: detect?,
            contain: contain?,
            recover: recover?,
            impact_per_hour: impact?,
            impact_per_hour_each: impact_each?,
            size: size?,
            recover_each: recover_each?,
            laws: laws?,
            hours: None,
            watch: watch?,
            reports: reports?,
        })
    }

    /// Opening hours in the zone and with the holidays of a state.
    fn hours(&mut self, group: &t::OperatorGroup, state: StateId) -> Option<Option<m::RotaId>> {
        let doc = self.doc;
        let Some(calendar) = &group.hours else { return Some(None) };
        let zone = self.states[state.index()].zone.clone();
        let holidays = doc.states.get_index(state.index()).and_then(|(_, s)| s.holidays.as_ref());
        self.rota(calendar, &zone, holidays)
    }

    fn laws_for(&mut self, id: &Name, laws: &'d t::LawsFor) -> Option<m::LawsFor> {
        let which = laws.having.as_ref().or(laws.lacking.as_ref());
        if which.is_none() {
            let message =
                format!("`laws` of the operators `{id}` need `having` or `lacking`: for whom they are");
            self.error("missing", message, id.span);
        }
        let place = format!("group:{id}/for {}", which.map_or("", |name| name.as_str()));
        let having = self.bits(laws.having.as_ref());
        let lacking = self.bits(laws.lacking.as_ref());
        let detect = self.opt_site(&format!("{place}/detect"), laws.detect.as_ref(), Use::Duration);
        let contain = self.opt_site(&format!("{place}/contain"), laws.contain.as_ref(), Use::Duration);
        let recover = self.opt_site(&format!("{place}/recover"), laws.recover.as_ref(), Use::Duration);
        Some(m::LawsFor { having: having?, lacking: lacking?, laws: [detect?, contain?, recover?] })
    }

    fn report(&mut self, id: &Name, report: &'d t::Report) -> Option<m::Report> {
        let place = format!("group:{id}/report/{}", report.product);
        let product = self.product_id(&report.product);
        let to = self.sel(&report.to);
        let probability = self.site(&format!("{place}/probability"), &report.probability, Use::Probability);
        let delay = self.site(&format!("{place}/delay"), &report.delay, Use::Duration);
        let validity = self.validity(
            None,
            None,
            report.element.as_ref(),
            report.unless.as_ref(),
            &indexmap::IndexMap::new(),
        );
        let having = self.bits(report.having.as_ref());
        let lacking = self.bits(report.lacking.as_ref());
        let mut incidents =
            vec![false; if report.incidents.is_empty() { 0 } else { self.doc.incidents.len() }];
        for name in &report.incidents {
            if let Some(incident) = self.incident_id(name) {
                incidents[incident.index()] = true;
            }
        }
        Some(m::Report {
            product: product?,
            to: to?,
            on: match report.on {
                t::ReportOn::Detected => m::ReportOn::Detected,
                t::ReportOn::Contained => m::ReportOn::Contained,
                t::ReportOn::Recovered => m::ReportOn::Recovered,
            },
            incidents,
            having: having?,
            lacking: lacking?,
            probability: probability?,
            delay: delay?,
            validity: validity?,
        })
    }

    /// Operators of a group in a state: population times density, rounded, and at least `count`; or `count`.
    fn count(&mut self, group: &t::OperatorGroup, state: StateId) -> u32 {
        let population = self.states[state.index()].population;
        let at_least = group.count.as_ref().and_then(|p| self.number(p, Use::Factor, Some(state)));
        let density = group.per_million.as_ref().and_then(|p| self.number(p, Use::Factor, Some(state)));
        let by_population = density.map_or(0.0, |density| libm::round(density * population / 1e6));
        let count = by_population.max(libm::round(at_least.unwrap_or(0.0)));
        // The cast saturates, and the total is checked.
        count as u32
    }

    /// A filter of operators.
    pub(super) fn filter(&mut self, filter: &t::OperatorFilter) -> Option<m::OperatorFilter> {
        let mut states = Vec::new();
        let mut sectors = Vec::new();
        let mut groups = Vec::new();
        let mut wrong = false;
        if !filter.states.is_empty() || !filter.groups.is_empty() {
            states = vec![false; self.doc.states.len()];
            for name in &filter.states {
                match self.state_id(name) {
                    Some(state) => states[state.index()] = true,
                    None => wrong = true,
                }
            }
            for name in &filter.groups {
                match self.group_of_states(name) {
                    Some(inside) => states.iter_mut().zip(inside).for_each(|(s, inside)| *s |= inside),
                    None => wrong = true,
                }
            }
        }
        for name in &filter.outside {
            states.resize(self.doc.states.len(), true);
            match self.group_of_states(name) {
                Some(inside) => states.iter_mut().zip(inside).for_each(|(s, inside)| *s &= !inside),
                None => wrong = true,
            }
        }
        if !filter.of.is_empty() {
            for name in &filter.of {
                if !self.doc.operators.iter().any(|group| group.id == *name) {
                    let known = self.doc.operators.iter().map(|group| group.id.as_str());
                    self.unknown("group of operators", name, known);
                    wrong = true;
                }
            }
            groups = self.groups.iter().map(|g| filter.of.iter().any(|name| **name == g.name)).collect();
        }
        if !filter.sectors.is_empty() {
            sectors = vec![false; self.doc.sectors.len()];
            for name in &filter.sectors {
                match self.sector_id(name) {
                    Some(sector) => sectors[sector.index()] = true,
                    None => wrong = true,
                }
            }
        }
        let having = self.bits(filter.having.as_ref());
        let lacking = self.bits(filter.lacking.as_ref());
        let filter = m::OperatorFilter { states, sectors, groups, having: having?, lacking: lacking? };
        (!wrong).then_some(filter)
    }

    /// The bit of an attribute; none for no name.
    pub(super) fn bits<'a>(&mut self, names: impl IntoIterator<Item = &'a Name>) -> Option<u32> {
        let mut bits = Some(0);
        for name in names {
            match self.attributes.iter().position(|known| *known == name.value) {
                Some(bit) => bits = bits.map(|bits| bits | 1 << bit),
                None => {
                    let known = self.attributes.clone();
                    self.unknown("attribute of operators", name, known.iter().map(String::as_str));
                    bits = None;
                }
            }
        }
        bits
    }

    /// How many operators of a state and sector there are.
    pub(super) fn n_operators(&self, state: StateId, sector: m::SectorId) -> u64 {
        self.operators_in.get(&(state, sector)).copied().unwrap_or(0)
    }

    /// Whether there are operators at all.
    pub(super) fn any_operators(&self) -> bool {
        self.groups.iter().any(|group| group.count > 0)
    }
}
