//! What is shared while a document is compiled: the document, what is built so far, names, messages.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::types::{Document, Name, Table};
use crate::document::{Diagnostic, Diagnostics, Span};
use crate::model as m;
use crate::time::{Epoch, SimDuration, SimTime, Timestamp, Zone, parse_duration, parse_instant};

use super::MAX_HORIZON_DAYS;
use super::selectors::NetworkSlot;

const DEFAULT_START: &str = "2017-01-02T00:00:00Z";
/// Near names are looked for this often.
const MAX_SUGGESTIONS: usize = 200;
const DEFAULT_HORIZON: SimDuration = SimDuration::from_days(7);

/// Positions by id of the tables that documents write as lists.
#[derive(Default)]
pub(super) struct Index<'d> {
    pub(super) levels: BTreeMap<&'d str, usize>,
    pub(super) channels: BTreeMap<&'d str, usize>,
    pub(super) rules: BTreeMap<&'d str, usize>,
    pub(super) injects: BTreeMap<&'d str, usize>,
    pub(super) ties: BTreeMap<&'d str, usize>,
}

/// The work in progress.
pub(super) struct Cx<'d> {
    pub(super) doc: &'d Document,
    pub(super) diags: Diagnostics,
    pub(super) index: Index<'d>,
    pub(super) epoch: Epoch,
    pub(super) zone: Zone,
    pub(super) horizon: SimTime,
    pub(super) states: Vec<m::State>,
    pub(super) elements: Vec<m::Element>,
    pub(super) params: Vec<m::Param>,
    pub(super) param_ids: BTreeMap<&'d str, m::ParamId>,
    /// Parameters that something refers to.
    pub(super) used_params: BTreeSet<m::ParamId>,
    pub(super) literals: BTreeMap<String, m::ParamId>,
    pub(super) sites: Vec<m::Site>,
    pub(super) purposes: BTreeMap<String, u32>,
    pub(super) rotas: Vec<m::Rota>,
    pub(super) rota_ids: BTreeMap<(String, String, String), Option<m::RotaId>>,
    pub(super) on_calls: BTreeMap<String, Option<m::OnCall>>,
    pub(super) templates: Vec<m::Template>,
    pub(super) actors: Vec<m::Actor>,
    pub(super) actor_ids: BTreeMap<String, m::ActorId>,
    /// Actors whose element cannot come into force during the run.
    pub(super) absent: Vec<bool>,
    /// The element of each actor.
    pub(super) actor_element: Vec<Option<m::ElementId>>,
    /// The set of holidays of each actor.
    pub(super) actor_holidays: Vec<Option<Name>>,
    /// Classes of cases by name.
    pub(super) class_ids: BTreeMap<&'d str, m::ClassId>,
    pub(super) classes: Vec<String>,
    /// Calendars that effects bring.
    pub(super) calendars: Vec<Vec<Option<m::RotaId>>>,
    pub(super) roles: Vec<m::HeldRole>,
    pub(super) sets: Vec<m::ActorSet>,
    pub(super) set_ids: BTreeMap<Vec<m::ActorId>, m::SetId>,
    /// Whom the roles of the exercise play.
    pub(super) player_roles: Vec<Option<m::Sel>>,
    pub(super) networks: Vec<NetworkSlot>,
    pub(super) fact_kinds: Vec<m::FactKind>,
    pub(super) facts: Vec<m::Fact>,
    pub(super) fact_ids: BTreeMap<String, m::FactId>,
    pub(super) attributes: Vec<String>,
    pub(super) groups: Vec<m::OperatorGroup>,
    /// Products of which somebody counts what was read.
    pub(super) counted_products: std::collections::BTreeSet<m::ProductId>,
    /// Names that were not known so far.
    n_unknown: usize,
    /// Steps of rotas laid out so far, for the cap.
    pub(super) n_steps: usize,
    /// How many operators there are in a state and sector.
    pub(super) operators_in: BTreeMap<(m::StateId, m::SectorId), u64>,
    /// Instants of local clock times laid out so far, for the cap.
    pub(super) n_ticks: u64,
}

impl<'d> Cx<'d> {
    pub(super) fn new(doc: &'d Document) -> Self {
        Cx {
            doc,
            diags: Diagnostics::new(),
            index: Index::default(),
            epoch: Epoch::new(Timestamp::UNIX_EPOCH),
            zone: Zone::utc(),
            horizon: SimTime::ZERO + DEFAULT_HORIZON,
            states: Vec::new(),
            elements: Vec::new(),
            params: Vec::new(),
            param_ids: BTreeMap::new(),
            used_params: BTreeSet::new(),
            literals: BTreeMap::new(),
            sites: Vec::new(),
            purposes: BTreeMap::new(),
            rotas: Vec::new(),
            rota_ids: BTreeMap::new(),
            on_calls: BTreeMap::new(),
            templates: Vec::new(),
            actors: Vec::new(),
            actor_ids: BTreeMap::new(),
            absent: Vec::new(),
            actor_element: Vec::new(),
            actor_holidays: Vec::new(),
            class_ids: BTreeMap::new(),
            classes: Vec::new(),
            calendars: Vec::new(),
            roles: Vec::new(),
            sets: Vec::new(),
            set_ids: BTreeMap::new(),
            networks: Vec::new(),
            player_roles: Vec::new(),
            fact_kinds: Vec::new(),
            facts: Vec::new(),
            fact_ids: BTreeMap::new(),
            attributes: Vec::new(),
            groups: Vec::new(),
            counted_products: std::collections::BTreeSet::new(),
            n_unknown: 0,
            n_steps: 0,
            operators_in: BTreeMap::new(),
            n_ticks: 0,
        }
    }

    /// Compiles everything in the order in which things refer to each other. `None` where an entry is wrong.
    pub(super) fn model(&mut self) -> Option<m::Model> {
        self.header();
        self.names();
        let levels = self.levels();
        self.compile_states();
        let sectors = self.sectors();
        let schemes = self.schemes();
        self.compile_classes();
        self.compile_params();
        self.compile_elements();
        self.compile_actors();
        self.compile_roles();
        let networks = self.compile_networks();
        self.compile_calendars_of_elements();
        self.compile_facts();
        self.compile_derived();
        let mut products = self.products();
        let tasks = self.tasks();
        let pools = self.pools();
        let channels = self.channels();
        self.compile_groups();
        let ties = self.ties();
        let incidents = self.incidents();
        let countermeasures = self.countermeasures();
        let rules = self.rules();
        let decisions = self.decisions();
        let duties = self.duties();
        for (i, product) in products.iter_mut().flatten().enumerate() {
            product.counted = self.counted_products.contains(&m::ProductId::from_index(i));
        }
        let exercise = self.exercise();
        let injects = self.injects();
        let milestones = self.milestones();
        let measures = self.measures();
        let points = self.points();
        let meta = self.meta();
        Some(m::Model {
            meta: meta?,
            levels,
            states: std::mem::take(&mut self.states),
            sectors,
            schemes,
            params: std::mem::take(&mut self.params),
            sites: std::mem::take(&mut self.sites),
            elements: std::mem::take(&mut self.elements),
            rotas: std::mem::take(&mut self.rotas),
            templates: std::mem::take(&mut self.templates),
            actors: std::mem::take(&mut self.actors),
            roles: std::mem::take(&mut self.roles),
            sets: std::mem::take(&mut self.sets),
            networks: networks?,
            fact_kinds: std::mem::take(&mut self.fact_kinds),
            facts: std::mem::take(&mut self.facts),
            products: products?,
            channels: channels?,
            tasks: tasks?,
            rules: rules?,
            pools: pools?,
            calendars: std::mem::take(&mut self.calendars),
            classes: std::mem::take(&mut self.classes),
            decisions: decisions?,
            countermeasures: countermeasures?,
            duties: duties?,
            groups: std::mem::take(&mut self.groups),
            ties: ties?,
            attributes: std::mem::take(&mut self.attributes),
            incidents: incidents?,
            injects: injects?,
            milestones: milestones?,
            measures: measures?,
            exercise: exercise?,
            points,
        })
    }

    /// Format, zone, start, horizon.
    fn header(&mut self) {
        let header = &self.doc.header;
        if let Some(format) = &header.format
            && **format != 1
        {
            self.error(
                "unsupported-format",
                format!(
                    "this document is in format {}, and this version of the program reads format 1",
                    **format
                ),
                format.span,
            );
        }
        if header.name.is_none() {
            self.diags.push(
                Diagnostic::error("missing", "the document has no `name`")
                    .hint("add `name: \"my-document\"`"),
            );
        }
        if let Some(name) = &header.zone
            && let Some(zone) = self.zone(name)
        {
            self.zone = zone;
        }
        let start = match &header.start {
            Some(text) => match parse_instant(text, None, &self.zone) {
                Ok(at) => Some(at),
                Err(error) => {
                    self.error("bad-instant", error.to_string(), text.span);
                    None
                }
            },
            None => parse_instant(DEFAULT_START, None, &self.zone).ok(),
        };
        if let Some(start) = start {
            self.epoch = Epoch::new(start);
        }
        if let Some(text) = &header.horizon {
            match parse_duration(text) {
                Ok(d) if d.is_zero() => {
                    self.error("out-of-range", "the horizon must be longer than zero", text.span);
                }
                Ok(d) if d > SimDuration::from_days(MAX_HORIZON_DAYS) => {
                    let message = format!("the horizon {d} is longer than the longest one, 20 years");
                    self.error("out-of-range", message, text.span);
                }
                Ok(d) => self.horizon = SimTime::ZERO + d,
                Err(error) => self.error("bad-quantity", format!("horizon: {error}"), text.span),
            }
        }
    }

    /// Indexes the lists by id, and tells names that are given twice.
    fn names(&mut self) {
        let doc = self.doc;
        self.index.levels = self.index_of("level", doc.levels.iter().map(|x| &x.id));
        self.index.channels = self.index_of("channel", doc.channels.iter().map(|x| &x.id));
        self.index.rules = self.index_of("rule", doc.rules.iter().map(|x| &x.id));
        self.index.injects = self.index_of("inject", doc.injects.iter().map(|x| &x.id));
        self.index_of("duty", doc.duties.iter().map(|x| &x.id));
        self.index_of("group of operators", doc.operators.iter().map(|x| &x.id));
        self.index.ties = self.index_of("tie", doc.ties.iter().map(|x| &x.id));
        for name in doc.statements.keys() {
            if let Some((product, _)) = doc.products.get_key_value(name.as_str()) {
                self.diags.push(
                    Diagnostic::error(
                        "duplicate-name",
                        format!("`{name}` is the name of a product and of a statement"),
                    )
                    .at(name.span)
                    .also(product.span, "the product"),
                );
            }
        }
    }

    fn index_of(&mut self, what: &str, ids: impl Iterator<Item = &'d Name>) -> BTreeMap<&'d str, usize> {
        let mut seen: BTreeMap<&'d str, (usize, Span)> = BTreeMap::new();
        for (i, id) in ids.enumerate() {
            if let Some((_, first)) = seen.get(id.as_str()) {
                self.diags.push(
                    Diagnostic::error("duplicate-name", format!("the {what} `{id}` stands twice"))
                        .at(id.span)
                        .label("again here")
                        .also(*first, "first here"),
                );
            } else {
                seen.insert(id.as_str(), (i, id.span));
            }
        }
        seen.into_iter().map(|(name, (i, _))| (name, i)).collect()
    }

    pub(super) fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.diags.push(Diagnostic::error(code, message).at(span));
    }

    pub(super) fn warning(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.diags.push(Diagnostic::warning(code, message).at(span));
    }

    /// Tells that a name is not known, with the nearest one that is.
    pub(super) fn unknown<'a>(
        &mut self,
        what: &str,
        name: &Name,
        candidates: impl IntoIterator<Item = &'a str>,
    ) {
        let message = format!("no {what} is called `{}`", clip(name));
        let mut diagnostic = Diagnostic::error("unknown-name", message).at(name.span);
        if self.may_suggest() {
            diagnostic = diagnostic.did_you_mean(name, candidates);
        }
        self.n_unknown += 1;
        self.diags.push(diagnostic);
    }

    /// Whether near names are still looked for: the cost grows with wrong names times right ones.
    pub(super) fn may_suggest(&self) -> bool {
        self.n_unknown < MAX_SUGGESTIONS
    }

    /// Names of parameters, for suggestions.
    pub(super) fn known_params(&self) -> Vec<&'d str> {
        if self.may_suggest() { self.param_ids.keys().copied().collect() } else { Vec::new() }
    }

    /// The position of a name in a table of the document.
    pub(super) fn find<T>(&mut self, what: &str, table: &'d Table<T>, name: &Name) -> Option<usize> {
        let found = table.get_index_of(name.as_str());
        if found.is_none() {
            self.unknown(what, name, table.keys().map(|key| key.as_str()));
        }
        found
    }

    /// The position of an id in an index.
    pub(super) fn find_id(
        &mut self,
        what: &str,
        index: for<'a> fn(&'a Index<'d>) -> &'a BTreeMap<&'d str, usize>,
        name: &Name,
    ) -> Option<usize> {
        let found = index(&self.index).get(name.as_str()).copied();
        if found.is_none() {
            let known: Vec<&'d str> =
                if self.may_suggest() { index(&self.index).keys().copied().collect() } else { Vec::new() };
            self.unknown(what, name, known);
        }
        found
    }

    pub(super) fn state_id(&mut self, name: &Name) -> Option<m::StateId> {
        self.find("state", &self.doc.states, name).map(m::StateId::from_index)
    }

    pub(super) fn sector_id(&mut self, name: &Name) -> Option<m::SectorId> {
        self.find("sector", &self.doc.sectors, name).map(m::SectorId::from_index)
    }

    pub(super) fn element_id(&mut self, name: &Name) -> Option<m::ElementId> {
        self.find("element", &self.doc.elements, name).map(m::ElementId::from_index)
    }

    /// An optional element: the outer `None` is an error.
    pub(super) fn opt_element(&mut self, name: Option<&Name>) -> Option<Option<m::ElementId>> {
        match name {
            None => Some(None),
            Some(name) => self.element_id(name).map(Some),
        }
    }

    pub(super) fn decision_id(&mut self, name: &Name) -> Option<m::DecisionId> {
        self.find("decision", &self.doc.decisions, name).map(m::DecisionId::from_index)
    }

    pub(super) fn countermeasure_id(&mut self, name: &Name) -> Option<m::CountermeasureId> {
        self.find("countermeasure", &self.doc.countermeasures, name).map(m::CountermeasureId::from_index)
    }

    pub(super) fn incident_id(&mut self, name: &Name) -> Option<m::IncidentId> {
        self.find("incident", &self.doc.incidents, name).map(m::IncidentId::from_index)
    }

    pub(super) fn milestone_id(&mut self, name: &Name) -> Option<m::MilestoneId> {
        self.find("milestone", &self.doc.milestones, name).map(m::MilestoneId::from_index)
    }

    pub(super) fn task_id(&mut self, name: &Name) -> Option<m::TaskId> {
        self.find("task", &self.doc.tasks, name).map(m::TaskId::from_index)
    }

    pub(super) fn kind_id(&mut self, name: &Name) -> Option<m::FactKindId> {
        self.find("fact", &self.doc.facts, name).map(m::FactKindId::from_index)
    }

    pub(super) fn channel_id(&mut self, name: &Name) -> Option<m::ChannelId> {
        self.find_id("channel", |index| &index.channels, name).map(m::ChannelId::from_index)
    }

    /// A group of states: a name that some state lists.
    pub(super) fn group_of_states(&mut self, name: &Name) -> Option<Vec<bool>> {
        let doc = self.doc;
        let inside: Vec<bool> = doc.states.values().map(|s| s.groups.iter().any(|g| **g == **name)).collect();
        if inside.contains(&true) {
            return Some(inside);
        }
        let mut known: Vec<&str> =
            doc.states.values().flat_map(|s| s.groups.iter().map(|g| g.as_str())).collect();
        known.sort_unstable();
        known.dedup();
        self.unknown("group of states", name, known);
        None
    }

    pub(super) fn zone(&mut self, name: &Name) -> Option<Zone> {
        match Zone::get(name) {
            Ok(zone) => Some(zone),
            Err(unknown) => {
                let mut diagnostic =
                    Diagnostic::error("unknown-name", format!("no time zone is called `{}`", unknown.name))
                        .at(name.span);
                if let Some(nearest) = unknown.nearest {
                    diagnostic = diagnostic.hint(format!("did you mean `{nearest}`?"));
                }
                self.diags.push(diagnostic);
                None
            }
        }
    }

    /// Microseconds from the start to an instant, negative before it.
    pub(super) fn offset_us(&mut self, text: &Name) -> Option<i64> {
        match parse_instant(text, Some(self.epoch.start()), &self.zone) {
            Ok(at) => Some(self.epoch.offset_micros(at)),
            Err(error) => {
                self.error("bad-instant", error.to_string(), text.span);
                None
            }
        }
    }

    /// The simulation time of a date from which or until which something holds: before the start it is the start.
    pub(super) fn clipped(&mut self, text: &Name) -> Option<SimTime> {
        self.offset_us(text).map(|us| SimTime::from_micros(u64::try_from(us).unwrap_or(0)))
    }

    /// The simulation time of something that is to happen; an error before the start.
    pub(super) fn instant(&mut self, what: &str, text: &Name) -> Option<SimTime> {
        let us = self.offset_us(text)?;
        match u64::try_from(us) {
            Ok(us) => Some(SimTime::from_micros(us)),
            Err(_) => {
                let start = self.epoch.rfc3339(SimTime::ZERO);
                let message = format!("{what} lies before the start of the simulation, {start}");
                self.error("out-of-range", message, text.span);
                None
            }
        }
    }
}

/// At most 60 characters of what a user wrote.
pub(super) fn clip(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// All or nothing: `None` if one of them is missing.
pub(super) fn all<T>(items: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    // Every item is made, so that the errors of all are told.
    let items: Vec<Option<T>> = items.collect();
    items.into_iter().collect()
}
