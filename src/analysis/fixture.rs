//! Small models and traces, built by hand for tests.

use crate::model::*;
use crate::time::{Epoch, SimDuration, SimTime, Timestamp, Zone};
use crate::trace::{Event, OperatorInfo, Party, RecordId, Source, Span, SpanKind, Subject, Trace};

/// A model and a trace under construction. Times are minutes.
pub(super) struct Builder {
    pub(super) model: Model,
    pub(super) trace: Trace,
}

pub(super) fn min(minutes: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_mins(minutes)
}

pub(super) fn hours(hours: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_hours_f64(hours)
}

pub(super) fn actor(i: usize) -> Subject {
    Subject::Actor(ActorId::from_index(i))
}

pub(super) fn fact(i: usize) -> FactId {
    FactId::from_index(i)
}

impl Builder {
    /// One level, one state, no actors, a run of 1000 h.
    pub(super) fn new() -> Builder {
        let horizon = hours(1000.0);
        let meta = Meta {
            name: "test".into(),
            title: String::new(),
            summary: String::new(),
            is_scenario: false,
            setting: None,
            epoch: Epoch::new(Timestamp::UNIX_EPOCH),
            zone: Zone::utc(),
            horizon,
            limits: crate::model::Limits::default(),
            until: None,
            ensemble: 0,
            history: String::new(),
            headline_fact: None,
            headline_milestone: None,
            story: vec![],
        };
        let state = State {
            name: "AA".into(),
            title: "A".into(),
            zone: Zone::utc(),
            population: 1.0,
            attributes: vec![],
            tile: None,
        };
        let model = Model {
            meta,
            levels: vec![Level { name: "only".into(), title: "Only".into() }],
            states: vec![state],
            sectors: vec![Sector { name: "s".into(), title: "S".into() }],
            schemes: vec![],
            params: vec![],
            sites: vec![],
            elements: vec![],
            rotas: vec![],
            templates: vec![],
            actors: vec![],
            roles: vec![],
            sets: vec![],
            networks: vec![],
            fact_kinds: vec![],
            facts: vec![],
            products: vec![],
            channels: vec![],
            tasks: vec![],
            rules: vec![],
            classes: vec![],
            pools: vec![],
            calendars: vec![],
            decisions: vec![],
            countermeasures: vec![],
            duties: vec![],
            groups: vec![],
            ties: vec![],
            attributes: vec![],
            incidents: vec![],
            injects: vec![],
            milestones: vec![],
            measures: vec![],
            exercise: None,
            points: vec![],
        };
        Builder { model, trace: Trace { end: horizon, ..Trace::default() } }
    }

    /// An actor of level 0 without a state, one server, always on duty.
    pub(super) fn actor(&mut self, name: &str) -> ActorId {
        self.model.actors.push(Actor {
            name: StreamName::new(name),
            title: name.into(),
            short: name.into(),
            template: TemplateId::from_index(0),
            state: None,
            sector: None,
            levels: vec![LevelId::from_index(0)],
            zone: Zone::utc(),
            holidays: crate::time::Holidays::none(),
            variants: vec![ActorVariant { share: 1.0, staff: Some(1), staff_param: None, rota: None }],
            variant_site: None,
            preemptive: false,
            restarts: false,
            order: Order::Arrival,
            queue_limit: None,
            clearance: vec![],
            counted: true,
            weight: 1.0,
            pace: None,
            basis: Basis::Unstated,
        });
        ActorId::from_index(self.model.actors.len() - 1)
    }

    /// A set; to be made when all actors are there.
    pub(super) fn set(&mut self, members: &[ActorId]) -> SetId {
        let mut contains = vec![false; self.model.actors.len()];
        for m in members {
            contains[m.index()] = true;
        }
        self.model.sets.push(ActorSet { members: members.to_vec(), contains });
        SetId::from_index(self.model.sets.len() - 1)
    }

    /// A kind of fact with one instance.
    pub(super) fn fact(&mut self, name: &str, value: ValueKind, truth: Truth) -> FactId {
        let first = FactId::from_index(self.model.facts.len());
        let kind = FactKindId::from_index(self.model.fact_kinds.len());
        self.model.fact_kinds.push(FactKind {
            name: name.into(),
            per_incident: false,
            per_state: false,
            per_sector: false,
            first,
            n_instances: 1,
            value,
            truth,
            weight: 1.0,
            concerns: None,
            shared: None,
            shared_with: Vec::new(),
            derived: None,
            feeds: Vec::new(),
        });
        self.model.facts.push(Fact {
            name: StreamName::new(name),
            title: name.into(),
            kind,
            incident: None,
            state: None,
            sector: None,
            true_choice: None,
        });
        first
    }

    pub(super) fn product(&mut self, name: &str, carries: &[FactKindId]) -> ProductId {
        self.model.products.push(Product {
            name: StreamName::new(name),
            title: name.into(),
            public: false,
            carries: carries.to_vec(),
            write: None,
            read: None,
            write_as: None,
            read_as: None,
            priority: Priority::Normal,
            marking: None,
            tear_line: None,
            cut_off: None,
            counted: false,
            needs_content: false,
            common_line: None,
            publicises: vec![],
            basis: Basis::Unstated,
        });
        ProductId::from_index(self.model.products.len() - 1)
    }

    pub(super) fn milestone(&mut self, name: &str, when: Predicate) -> MilestoneId {
        self.model.milestones.push(Milestone {
            name: name.into(),
            title: name.into(),
            from: Origin::Start,
            when,
            layer: None,
            observed: None,
        });
        MilestoneId::from_index(self.model.milestones.len() - 1)
    }

    /// Operators of one group in state 0.
    pub(super) fn operators(&mut self, n: usize) -> Vec<OperatorId> {
        let site = self.site();
        self.model.groups.push(OperatorGroup {
            name: "s".into(),
            title: "S".into(),
            state: StateId::from_index(0),
            sector: SectorId::from_index(0),
            count: n as u32,
            attributes: vec![],
            detect: site,
            contain: site,
            recover: site,
            impact_per_hour_each: None,
            size: None,
            recover_each: None,
            laws: vec![],
            hours: None,
            watch: None,
            impact_per_hour: None,
            reports: vec![],
        });
        let group = GroupId::from_index(self.model.groups.len() - 1);
        for number in 1..=n as u32 {
            self.trace.operators.push(OperatorInfo { group, number, attributes: 0, size: 0.0, cost: 0.0 });
        }
        (0..n).map(OperatorId::from_index).collect()
    }

    /// A place that draws from a parameter of its own; nothing here ever draws.
    pub(super) fn site(&mut self) -> SiteId {
        self.model.params.push(Param {
            name: "p".into(),
            literal: true,
            unit: Unit::Duration,
            unit_text: String::new(),
            laws: vec![],
            law_of_state: vec![],
            table: Vec::new(),
            shared_in_state: 0.0,
            fitted_to: Vec::new(),
            shared_as: None,
            basis: Basis::Unstated,
            range: None,
            bounds: None,
            fixed: false,
            written: vec![],
            title: String::new(),
        });
        let param = ParamId::from_index(self.model.params.len() - 1);
        self.model.sites.push(Site { purpose: StreamName::new("p"), param });
        SiteId::from_index(self.model.sites.len() - 1)
    }

    pub(super) fn incident(&mut self) -> IncidentId {
        let every = self.site();
        self.model.incidents.push(Incident {
            name: StreamName::new("worm"),
            title: "Worm".into(),
            start: Some(SimTime::ZERO),
            laws: [None; 3],
            immunity: None,
            variants: vec![],
            needs: None,
            routes: vec![],
            discloses: vec![],
            process: Process::Background { every },
            targets: OperatorFilter::default(),
            immune_if: 0,
            basis: Basis::Unstated,
        });
        IncidentId::from_index(self.model.incidents.len() - 1)
    }

    /// A record; its spans are given as kinds and ends, the first from its first cause on.
    pub(super) fn at(
        &mut self,
        time: SimTime,
        who: Subject,
        event: Event,
        causes: &[RecordId],
        spans: &[(SpanKind, SimTime)],
    ) -> RecordId {
        let mut from = causes.first().map_or(time, |&c| self.trace.records[c as usize].time);
        let mut pieces = Vec::new();
        for &(kind, to) in spans {
            pieces.push(Span { kind, who, from, to });
            from = to;
        }
        self.trace.push(time, who, event, causes, &pieces)
    }

    pub(super) fn start(&mut self) -> RecordId {
        self.at(SimTime::ZERO, Subject::World, Event::Start, &[], &[])
    }

    /// An actor learns version 1 of a fact, with value 1, at the time of the first cause.
    pub(super) fn learns(
        &mut self,
        time: SimTime,
        who: Subject,
        what: FactId,
        causes: &[RecordId],
    ) -> RecordId {
        let from = match causes.get(1).map(|&c| self.trace.records[c as usize].who) {
            Some(Subject::Actor(a)) => Source::Actor(a),
            _ => Source::World,
        };
        let event = Event::Learned { fact: what, version: 1, value: 1.0, from };
        let spans = [(SpanKind::External, time)];
        self.at(time, who, event, causes, if causes.is_empty() { &[] } else { &spans })
    }

    pub(super) fn sent(
        &mut self,
        time: SimTime,
        from: Subject,
        to: usize,
        item: u32,
        cause: RecordId,
    ) -> RecordId {
        let to = Party::Actor(ActorId::from_index(to));
        let event = Event::Sent { product: ProductId::from_index(0), to, item };
        self.at(time, from, event, &[cause], &[(SpanKind::Delay, time)])
    }
}
