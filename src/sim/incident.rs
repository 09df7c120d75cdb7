//! Incidents: their start, whom they hit, what becomes true.

use std::collections::BTreeSet;

use bevy_ecs::prelude::Component;

use super::agenda::{Notice, rank};
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::worm::WormState;
use crate::model::{FactKindId, FirstHits, IncidentId, Model, OperatorId, Process, SiteId, Truth};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject};

/// How an incident stands.
#[derive(Component, Debug, Default)]
pub(super) struct Spread {
    /// Status of each operator.
    pub(super) status: Vec<Status>,
    /// Record by which each operator detected.
    pub(super) detected: Vec<RecordId>,
    /// Record of the hit of each operator.
    pub(super) hit: Vec<RecordId>,
    /// Record of the start.
    pub(super) started: RecordId,
    /// The epidemic, if it is one and has begun.
    pub(super) worm: Option<Box<WormState>>,
    /// A countermeasure has ended it.
    pub(super) ended: bool,
    /// Attacks of a campaign so far.
    pub(super) attacks: u32,
    /// Who has taken up protection, where operators can be hit again.
    pub(super) protected: BTreeSet<OperatorId>,
}

/// Status of an operator in an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Not a target.
    Outside,
    /// Can be hit.
    Susceptible,
    /// Hit and not contained.
    Hit,
    /// Contained, not recovered.
    Contained,
    /// Works again; cannot be hit again.
    Recovered,
    /// Cannot be hit.
    Immune,
    /// Can be hit, but is off line.
    OffLine,
    /// Can be hit once the stage before has hit it.
    Locked,
}

/// Hits that a document gives.
#[derive(Debug, Clone)]
pub(super) struct GivenHits {
    incident: IncidentId,
    hits: FirstHits,
    /// The inject that gives them; none: the incident itself.
    cause: Option<RecordId>,
}

/// How a hit came about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// By the process of the incident.
    Process,
    /// By an inject.
    Given(RecordId),
    /// Along a tie, from an operator.
    From(OperatorId),
}

impl Simulation<'_> {
    /// Draws the attributes of all operators, and who can be hit by what.
    pub(super) fn reset_operators(&mut self) {
        let model = self.model;
        for (i, info) in super::world::operators(model).enumerate() {
            let id = OperatorId::from_index(i);
            let group = &model.groups[info.group.index()];
            self.trace.operators.push(info);
            let mut attributes = 0;
            for &(bit, site) in &group.attributes {
                if self.chance(Drawer::Operator(id), Some(group.state), site, 0) {
                    attributes |= 1 << bit;
                }
            }
            self.trace.operators[i].attributes = attributes;
        }
        self.lay_out_ties();
        for i in 0..self.trace.operators.len() {
            self.draw_size_and_cost(OperatorId::from_index(i));
            let entity = self.entities.operators[i];
            let info = self.trace.operators[i];
            super::world::component::<super::world::Operator>(&mut self.world, entity).info = info;
        }
        for n in 0..model.incidents.len() {
            let incident = &model.incidents[n];
            let status = self
                .trace
                .operators
                .iter()
                .map(|o| {
                    let group = &model.groups[o.group.index()];
                    if !incident.targets.accepts(o.group, group, o.attributes) {
                        Status::Outside
                    } else if o.attributes & incident.immune_if != 0 {
                        Status::Immune
                    } else if incident.needs.is_some() {
                        Status::Locked
                    } else {
                        Status::Susceptible
                    }
                })
                .collect();
            let count = self.trace.operators.len();
            *self.spread_mut(IncidentId::from_index(n)) =
                Spread { status, detected: vec![0; count], hit: vec![0; count], ..Spread::default() };
        }
    }

    pub(super) fn start_incidents(&mut self) {
        for (i, incident) in self.model.incidents.iter().enumerate() {
            let notice = Notice::IncidentStarts(IncidentId::from_index(i));
            if let Some(start) = incident.start {
                self.schedule_begin(start, notice);
            }
        }
    }

    /// An incident starts, at its time or because of an inject. Twice is once.
    pub(super) fn incident_starts(&mut self, id: IncidentId, cause: RecordId) {
        if self.spread(id).started != 0 {
            return;
        }
        let model = self.model;
        let who = Subject::Incident(id);
        let span = Span { kind: SpanKind::External, who, from: self.time_of(cause), to: self.now };
        let started = self.record(who, Event::IncidentStarted(id), &[cause], &[span]);
        self.spread_mut(id).started = started;
        self.facts_become_true(id, started);
        self.disclose(id, started);
        match &model.incidents[id.index()].process {
            Process::Worm(worm) => {
                self.begin_worm(id, worm);
                self.give_hits(id, &worm.first_hits, None);
            }
            Process::Outage { share } => {
                for i in 0..self.trace.operators.len() {
                    let operator = OperatorId::from_index(i);
                    let state = self.group_of(operator).state;
                    if self.spread(id).status[i] == Status::Susceptible
                        && self.chance(Drawer::Operator(operator), Some(state), *share, 0)
                    {
                        self.hit(id, operator, Way::Process);
                    }
                }
            }
            Process::Background { every } => self.next_background(id, *every),
            Process::Campaign(campaign) => {
                self.give_hits(id, &campaign.attacks, None);
                self.next_attack(id);
            }
            Process::Nothing => {}
        }
    }

    /// Facts that are true from the start of an incident.
    fn facts_become_true(&mut self, id: IncidentId, started: RecordId) {
        let model = self.model;
        for (f, fact) in model.facts.iter().enumerate() {
            let kind = &model.fact_kinds[fact.kind.index()];
            if kind.truth == Truth::Start && (fact.incident == Some(id) || fact.incident.is_none()) {
                let value = fact.true_choice.map_or(1.0, f64::from);
                self.set_true(crate::model::FactId::from_index(f), value, &[started]);
            }
        }
    }

    /// The group that an operator belongs to.
    pub(super) fn group_of(&self, operator: OperatorId) -> &crate::model::OperatorGroup {
        &self.model.groups[self.trace.operators[operator.index()].group.index()]
    }

    /// Schedules hits that are given.
    pub(super) fn give_hits(&mut self, incident: IncidentId, hits: &[FirstHits], cause: Option<RecordId>) {
        for h in hits {
            let after = h.after.map_or(crate::time::SimDuration::ZERO, |site| {
                self.draw_duration(Drawer::Incident(incident), None, site, 0)
            });
            let position = self.given_hits.len() as u32;
            self.given_hits.push(GivenHits { incident, hits: h.clone(), cause });
            self.post(after, rank::BEGINS, Notice::GivenHits(position));
        }
    }

    /// Given hits fall: on operators in an order of their own, and where too few are susceptible on others.
    ///
    /// The order is independent of the thresholds: taking the smallest would leave larger ones behind than the
    /// epidemic has and so slow it down. It is the same in each variant, so less pressure still gives a subset.
    pub(super) fn given_hits_fall(&mut self, position: u32) {
        let GivenHits { incident, hits, cause } = self.given_hits[position as usize].clone();
        if cause.is_none() && self.spread(incident).ended {
            return;
        }
        let mut candidates: Vec<(bool, u64, OperatorId)> = Vec::new();
        for operator in self.operators_of(|group| group.state == hits.state && group.sector == hits.sector) {
            let status = self.spread(incident).status[operator.index()];
            if matches!(status, Status::Susceptible | Status::Immune) {
                let order = self.given_order(incident, operator);
                candidates.push((status == Status::Immune, order, operator));
            }
        }
        candidates.sort_unstable();
        for &(_, _, operator) in candidates.iter().take(hits.operators as usize) {
            self.hit(incident, operator, cause.map_or(Way::Process, Way::Given));
        }
    }

    /// Place of an operator in the order in which given hits fall.
    fn given_order(&mut self, incident: IncidentId, operator: OperatorId) -> u64 {
        let of = instance(&[self.instance_of_incident(incident), 4]);
        let site = key_site(self.model, incident);
        site.map_or(0, |site| self.draws.word_at(self.model, Drawer::Operator(operator), site, of, 0))
    }

    /// An operator is hit.
    pub(super) fn hit(&mut self, incident: IncidentId, operator: OperatorId, way: Way) {
        let by = match way {
            Way::From(by) => Some(by),
            Way::Process | Way::Given(_) => self.infector(incident, operator),
        };
        self.worm_advance(incident);
        let cause = match way {
            Way::Process => self.spread(incident).started,
            Way::Given(inject) => inject,
            Way::From(by) => self.spread(incident).hit[by.index()],
        };
        let span = Span {
            kind: SpanKind::Spread,
            who: Subject::Incident(incident),
            from: self.time_of(cause),
            to: self.now,
        };
        let record =
            self.record(Subject::Operator(operator), Event::Hit(incident, operator), &[cause], &[span]);
        if let Some(by) = by {
            self.record(Subject::Operator(operator), Event::Infected { operator, by }, &[record], &[]);
        }
        let mut spread = self.spread_mut(incident);
        spread.status[operator.index()] = Status::Hit;
        spread.hit[operator.index()] = record;
        let (state, sector) = (self.group_of(operator).state, self.group_of(operator).sector);
        for k in 0..self.model.fact_kinds.len() {
            let truth = self.model.fact_kinds[k].truth;
            let kind = FactKindId::from_index(k);
            let Some(fact) = self.model.fact(kind, Some(incident), Some(state), Some(sector)) else {
                continue;
            };
            match truth {
                Truth::Hit => self.set_true(fact, 1.0, &[record]),
                Truth::HitCount => {
                    let n = self.facts[fact.index()].truth.unwrap_or(0.0) + 1.0;
                    self.set_true(fact, n, &[record]);
                }
                _ => {}
            }
        }
        self.worm_infectious(incident, operator, true);
        for &variant in &self.model.incidents[incident.index()].variants {
            let status = &mut self.spread_mut(variant).status[operator.index()];
            if matches!(status, Status::Susceptible | Status::OffLine | Status::Locked) {
                *status = Status::Immune;
            }
        }
        self.set_out_along_ties(incident, operator);
        for (i, later) in self.model.incidents.iter().enumerate() {
            if later.needs == Some(incident) {
                self.unlock(IncidentId::from_index(i), operator);
            }
        }
        self.will_detect(incident, operator, record);
    }

    /// The instance that an incident stands for in draws.
    pub(super) fn instance_of_incident(&self, incident: IncidentId) -> u64 {
        self.model.incidents[incident.index()].name.hash.words()[0]
    }

    fn next_background(&mut self, id: IncidentId, every: SiteId) {
        let gap = self.draw_duration(Drawer::Incident(id), None, every, 0);
        self.post(gap, rank::BEGINS, Notice::Background(id));
    }

    /// An everyday incident hits one operator; one that is still down is passed over.
    pub(super) fn background(&mut self, id: IncidentId) {
        let Process::Background { every } = self.model.incidents[id.index()].process else { return };
        if self.spread(id).ended {
            return;
        }
        let targets: Vec<usize> = (0..self.trace.operators.len())
            .filter(|&i| matches!(self.spread(id).status[i], Status::Susceptible | Status::Recovered))
            .collect();
        if !targets.is_empty() {
            let word = self.draws.word(self.model, Drawer::Incident(id), every, instance(&[1]));
            let pick = (crate::des::uniform(word) * targets.len() as f64) as usize;
            self.hit(id, OperatorId::from_index(targets[pick.min(targets.len() - 1)]), Way::Process);
        }
        self.next_background(id, every);
    }
}

/// Keyed sites of a worm: where its thresholds and infectors are drawn.
pub(super) fn key_site(model: &Model, incident: IncidentId) -> Option<SiteId> {
    use crate::model::WormSpeed;
    match &model.incidents[incident.index()].process {
        Process::Worm(w) => match w.speed {
            WormSpeed::Doubling(site) | WormSpeed::Rate(site) => Some(site),
            WormSpeed::None => w.outside.or(w.curve).or(w.share),
        },
        Process::Campaign(campaign) => Some(campaign.pick),
        Process::Nothing => None,
        Process::Outage { share } => Some(*share),
        Process::Background { every } => Some(*every),
    }
}
