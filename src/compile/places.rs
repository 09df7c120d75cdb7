//! Levels, states, sectors, marking schemes, elements, and what is told of the whole.

use crate::document::types::{self as t, Name};
use crate::document::{Diagnostic, Span};
use crate::model::{self as m, Change, StateId, Unit};
use crate::time::{SimTime, Zone};

use super::context::Cx;
use super::convert;
use super::params::Use;

/// Ids of records are four bytes, and those at the end of a run need some room.
const MAX_RECORDS: u64 = 4_000_000_000;
/// Rules that set each other off at once are so many calls on the stack.
const MAX_NESTED: u64 = 200;
/// Laws of a parameter are counted in two bytes, and each state may have two of them.
const MAX_STATES: usize = 10_000;
/// Rungs of a marking scheme and modes of a ladder are counted in a byte.
pub(super) const MAX_RUNGS: usize = 200;

impl<'d> Cx<'d> {
    pub(super) fn levels(&mut self) -> Vec<m::Level> {
        let levels = self.doc.levels.iter();
        levels.map(|level| m::Level { name: level.id.to_string(), title: level.title.clone() }).collect()
    }

    pub(super) fn sectors(&mut self) -> Vec<m::Sector> {
        let sectors = self.doc.sectors.iter();
        sectors
            .map(|(name, sector)| m::Sector { name: name.to_string(), title: sector.title.clone() })
            .collect()
    }

    pub(super) fn compile_states(&mut self) {
        let doc = self.doc;
        if doc.states.len() > MAX_STATES {
            let message = format!("there are {} states; the most is {MAX_STATES}", doc.states.len());
            self.diags.push(Diagnostic::error("too-many", message));
        }
        for (name, state) in &doc.states {
            let zone = self.zone(&state.zone).unwrap_or_else(Zone::utc);
            if !(state.population.is_finite() && state.population >= 0.0) {
                self.error(
                    "out-of-range",
                    format!("the population of `{name}` must be at least 0"),
                    name.span,
                );
            }
            if let Some(set) = &state.holidays {
                self.find("set of holidays", &doc.holidays, set);
            }
            let mut attributes: Vec<(String, f64)> = Vec::new();
            for (attribute, &value) in &state.attributes {
                if !value.is_finite() {
                    let message = format!("attribute `{attribute}` of `{name}` must be a finite number");
                    self.error("out-of-range", message, name.span);
                }
                attributes.push((attribute.clone(), value));
            }
            attributes.sort_by(|a, b| a.0.cmp(&b.0));
            self.states.push(m::State {
                name: name.to_string(),
                title: state.title.clone(),
                zone,
                population: state.population,
                attributes,
                tile: state.tile,
            });
        }
    }

    pub(super) fn schemes(&mut self) -> Vec<m::Scheme> {
        let doc = self.doc;
        let mut schemes = Vec::new();
        for (name, marking) in &doc.markings {
            self.ladder(name, "rung", marking.ladder.iter());
            let rungs = marking.ladder.iter().map(|rung| rung.to_string()).collect();
            schemes.push(m::Scheme { name: name.to_string(), rungs });
        }
        schemes
    }

    /// Names of a ladder: not too many, none twice.
    pub(super) fn ladder<'a>(&mut self, of: &Name, what: &str, names: impl Iterator<Item = &'a Name>) {
        let mut seen: Vec<&Name> = Vec::new();
        for name in names {
            match seen.iter().find(|other| ***other == *name) {
                Some(first) => self.diags.push(
                    Diagnostic::error(
                        "duplicate-name",
                        format!("the {what} `{name}` of `{of}` stands twice"),
                    )
                    .at(name.span)
                    .also(first.span, "first here"),
                ),
                None => seen.push(name),
            }
        }
        if seen.len() > MAX_RUNGS {
            self.error("too-many", format!("`{of}` has more than {MAX_RUNGS} {what}s"), of.span);
        }
    }

    /// A rung of a scheme, as in `("tlp", "amber")`.
    pub(super) fn rung(&mut self, scheme: &Name, rung: &Name) -> Option<m::MarkingRung> {
        let doc = self.doc;
        let position = self.find("marking scheme", &doc.markings, scheme)?;
        let ladder = &doc.markings[position].ladder;
        match ladder.iter().position(|known| known == rung) {
            Some(at) => Some(m::MarkingRung {
                scheme: m::SchemeId::from_index(position),
                rung: u8::try_from(at).ok()?,
            }),
            None => {
                self.unknown(&format!("rung of `{scheme}`"), rung, ladder.iter().map(|known| known.as_str()));
                None
            }
        }
    }

    pub(super) fn compile_elements(&mut self) {
        let doc = self.doc;
        for (name, element) in &doc.elements {
            let from = element.from.as_ref().and_then(|date| self.clipped(date));
            let mut from_in = vec![from; doc.states.len()];
            for (state, date) in &element.from_in {
                let at = self.clipped(date);
                if let Some(state) = self.state_id(state) {
                    from_in[state.index()] = at;
                }
            }
            let until = element.until.as_ref().and_then(|date| self.clipped(date));
            let effects = self.effects(&element.effects, None);
            self.elements.push(m::Element {
                name: name.to_string(),
                title: element.title.clone(),
                forced: None,
                from,
                from_in,
                until,
                effects,
            });
        }
        let header = &doc.header;
        for (names, on) in [(&header.with, true), (&header.without, false)] {
            for name in names {
                let Some(id) = self.element_id(name) else { continue };
                let element = &mut self.elements[id.index()];
                if element.forced.is_some_and(|before| before != on) {
                    let message = format!("element `{name}` is switched on and off");
                    self.error("contradiction", message, name.span);
                } else {
                    element.forced = Some(on);
                }
            }
        }
    }

    /// Whether an element is in force at no instant up to the horizon.
    pub(super) fn never_in_force(&self, element: m::ElementId, state: Option<StateId>) -> bool {
        let element = &self.elements[element.index()];
        if let Some(forced) = element.forced {
            return !forced;
        }
        let from = match state {
            Some(state) => element.from_in.get(state.index()).copied().flatten(),
            None => element.from,
        };
        from.is_none_or(|from| from > self.horizon || element.until.is_some_and(|until| until <= from))
    }

    /// Effects on parameters; those that are wrong are told and left out.
    pub(super) fn effects(&mut self, effects: &[t::Effect], of: Option<m::SetId>) -> Vec<m::Effect> {
        let mut made = Vec::new();
        for effect in effects {
            let (parameter, change) = match effect {
                t::Effect::Scale { parameter, by } => {
                    (parameter, self.number(by, Use::Factor, None).map(Change::Scale))
                }
                t::Effect::Replace { parameter, with } => (parameter, self.replacement(parameter, with)),
                // See `calendar_effects`, which needs the actors.
                t::Effect::Calendar { .. } => continue,
            };
            if let (Some(param), Some(change)) = (self.named(parameter), change) {
                made.push(m::Effect { param: Some(param), of, change });
            }
        }
        made
    }

    /// Effects on calendars.
    pub(super) fn calendar_effects(
        &mut self,
        effects: &'d [t::Effect],
        of: Option<m::SetId>,
    ) -> Vec<m::Effect> {
        let mut made = Vec::new();
        for effect in effects {
            let t::Effect::Calendar { of: named, with } = effect else { continue };
            let set = match named {
                Some(named) => self.fixed_set(named, "a calendar").map(Some),
                None => Some(of),
            };
            if let (Some(of), Some(rotas)) = (set, self.rota_of_all(with)) {
                let position = self.calendars.len() as u32;
                self.calendars.push(rotas);
                made.push(m::Effect { param: None, of, change: Change::Calendar(position) });
            }
        }
        made
    }

    /// Calendars that elements bring, now that there are actors.
    pub(super) fn compile_calendars_of_elements(&mut self) {
        for (i, element) in self.doc.elements.values().enumerate() {
            let made = self.calendar_effects(&element.effects, None);
            if let Some(element) = self.elements.get_mut(i) {
                element.effects.extend(made);
            }
        }
    }

    fn replacement(&mut self, parameter: &Name, with: &t::Param) -> Option<Change> {
        let id = *self.param_ids.get(parameter.as_str())?;
        let wanted = match self.params[id.index()].unit {
            Unit::Duration => Use::Duration,
            Unit::Rate => Use::Rate,
            Unit::Number => Use::Number,
        };
        self.param(with, wanted).map(Change::Replace)
    }

    /// A parameter that must have a name of its own.
    pub(super) fn named(&mut self, name: &Name) -> Option<m::ParamId> {
        let found = self.param_ids.get(name.as_str()).copied();
        self.used_params.extend(found);
        if found.is_none() {
            let known = self.known_params();
            self.unknown("parameter", name, known);
        }
        found
    }

    /// What is told of the whole document.
    pub(super) fn meta(&mut self) -> Option<m::Meta> {
        let doc = self.doc;
        let header = &doc.header;
        let until = match &header.until {
            Some(name) => Some(self.milestone_id(name)?),
            None => None,
        };
        let mut headline_fact = None;
        let mut headline_milestone = None;
        let mut story = Vec::new();
        if let Some(headline) = &header.headline {
            headline_fact = self.fact_id(&headline.fact);
            headline_milestone = headline.milestone.as_ref().and_then(|name| self.milestone_id(name));
            story = headline.story.iter().filter_map(|name| self.milestone_id(name)).collect();
        }
        let is_scenario = doc.kind == t::Kind::Scenario;
        let by_elements = || match header.with.is_empty() && header.without.is_empty() {
            true => m::Setting::Replay,
            false => m::Setting::Counterfactual,
        };
        let name = header.name.as_ref()?.to_string();
        Some(m::Meta {
            title: header.title.clone().unwrap_or_else(|| name.clone()),
            name,
            summary: header.summary.clone().unwrap_or_default(),
            is_scenario,
            setting: header.setting.map(convert::setting).or_else(|| is_scenario.then(by_elements)),
            epoch: self.epoch,
            zone: self.zone.clone(),
            horizon: self.horizon,
            limits: self.limits(),
            until,
            ensemble: header.ensemble.as_ref().map_or(0, |n| **n),
            history: header
                .history
                .as_ref()
                .or(header.name.as_ref())
                .map(|n| n.to_string())
                .unwrap_or_default(),
            headline_fact,
            headline_milestone,
            story,
        })
    }

    /// What stops a runaway: as the document says, or by default in keeping with its size.
    fn limits(&mut self) -> m::Limits {
        let doc = self.doc;
        let default = m::Limits::default();
        let operators: u64 = self.groups.iter().map(|group| u64::from(group.count)).sum();
        // Each operator is hit, detects, is contained and recovers, perhaps all of them at once.
        let mut limits = m::Limits {
            records: default.records + 40 * operators,
            at_once: default.at_once + 20 * operators,
            pending: default.pending + 20 * operators,
            ..default
        };
        let Some(given) = &doc.header.limits else { return limits };
        for (name, given, limit, most) in [
            ("events", &given.events, &mut limits.events, u64::MAX),
            ("records", &given.records, &mut limits.records, MAX_RECORDS),
            ("at_once", &given.at_once, &mut limits.at_once, u64::MAX),
            ("waiting", &given.waiting, &mut limits.waiting, u64::from(u32::MAX)),
            ("pending", &given.pending, &mut limits.pending, u64::from(u32::MAX)),
            ("nested", &given.nested, &mut limits.nested, MAX_NESTED),
        ] {
            let Some(given) = given else { continue };
            if **given == 0 || **given > most {
                let message = format!("the limit `{name}` must be between 1 and {most}, not {}", **given);
                self.error("out-of-range", message, given.span);
            } else {
                *limit = **given;
            }
        }
        limits
    }

    /// What restricts a thing to dates and elements.
    pub(super) fn validity(
        &mut self,
        from: Option<&Name>,
        until: Option<&Name>,
        element: Option<&Name>,
        unless: Option<&Name>,
        from_in: &indexmap::IndexMap<Name, Name>,
    ) -> Option<m::Validity> {
        let from_at = from.map(|date| self.clipped(date));
        let until_at = until.map(|date| self.clipped(date));
        let element = self.opt_element(element);
        let unless = self.opt_element(unless);
        if let (Some(Some(a)), Some(Some(b)), Some(date)) = (from_at, until_at, until)
            && b <= a
            && b > SimTime::ZERO
        {
            self.error("contradiction", "`until` is not later than `from`", date.span);
        }
        let flat = |given: Option<Option<SimTime>>| match given {
            None => Some(None),
            Some(at) => at.map(Some),
        };
        let from = flat(from_at)?;
        let mut of_states = if from_in.is_empty() {
            Vec::new()
        } else {
            vec![from.or(Some(SimTime::ZERO)); self.states.len()]
        };
        for (state, date) in from_in {
            let at = self.clipped(date);
            if let Some(state) = self.state_id(state) {
                of_states[state.index()] = at;
            }
        }
        let until = flat(until_at)?;
        Some(m::Validity { from, from_in: of_states, until, element: element?, unless: unless? })
    }

    /// A share that a document gives as a bare number.
    pub(super) fn share(&mut self, what: &str, share: f64, span: Span) -> Option<f64> {
        if (0.0..=1.0).contains(&share) {
            return Some(share);
        }
        self.error("out-of-range", format!("{what} must be between 0 and 1, not {share}"), span);
        None
    }
}
