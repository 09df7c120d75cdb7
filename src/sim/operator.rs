//! Operators after a hit: detection, reports, containment, recovery.

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::incident::Status;
use super::matter::Matter;
use crate::model::{ActorId, IncidentId, OperatorId, ProductId, SectorId, Sel, StateId, ValueKind};
use crate::time::SimDuration;
use crate::trace::{Event, Item, Party, RecordId, Refusal, Span, SpanKind, Subject, Told};

impl Simulation<'_> {
    fn operator_draws(&mut self, operator: OperatorId, site: crate::model::SiteId, of: u64) -> SimDuration {
        let state = self.group_of(operator).state;
        self.draw_duration(Drawer::Operator(operator), Some(state), site, of)
    }

    fn operator_span(&self, kind: SpanKind, operator: OperatorId, cause: RecordId) -> Span {
        Span { kind, who: Subject::Operator(operator), from: self.time_of(cause), to: self.now }
    }

    /// An operator has noticed.
    pub(super) fn detects(&mut self, incident: IncidentId, operator: OperatorId) {
        let hit = self.spread(incident).hit[operator.index()];
        let span = self.operator_span(SpanKind::Detection, operator, hit);
        let who = Subject::Operator(operator);
        let record = self.record(who, Event::Detected(incident, operator), &[hit], &[span]);
        self.spread_mut(incident).detected[operator.index()] = record;
        let of = self.instance_of_incident(incident);
        let contain = self.group_of(operator).contain;
        let delay = self.operator_draws(operator, contain, of);
        self.schedule(delay, rank::ENDS, Notice::Contains(incident, operator));
        let group = self.trace.operators[operator.index()].group;
        for (n, report) in self.model.groups[group.index()].reports.iter().enumerate() {
            let state = self.group_of(operator).state;
            let reports = self.is_valid(&report.validity, Some(state))
                && self.chance(Drawer::Operator(operator), Some(state), report.probability, of);
            if reports {
                let delay = self.operator_draws(operator, report.delay, of);
                let notice = Notice::Reports { incident, operator, report: n as u16 };
                self.schedule(delay, rank::BEGINS, notice);
            }
        }
    }

    /// An operator reports.
    pub(super) fn reports(&mut self, incident: IncidentId, operator: OperatorId, report: u16) {
        let group = self.trace.operators[operator.index()].group;
        let group = &self.model.groups[group.index()];
        let report = &group.reports[usize::from(report)];
        if self.operator_never_complies(operator, report.product, group.state) {
            return;
        }
        let detected = self.spread(incident).detected[operator.index()];
        let item = self.operators_report(incident, operator, report.product, detected);
        let number = self.trace.add_item(&item.told);
        let from = Party::Operator(operator);
        let who = Subject::Operator(operator);
        let span = self.operator_span(SpanKind::Delay, operator, detected);
        let matter = Matter {
            incident: Some(incident),
            state: Some(group.state),
            sector: Some(group.sector),
            case: detected,
            ..Matter::default()
        };
        for receiver in self.addressed_by_operator(&report.to, group.state, group.sector) {
            let (product, to) = (report.product, Party::Actor(receiver));
            match self.channel_between(from, to, product) {
                Some(channel) => {
                    let event = Event::Sent { product, to, item: number };
                    let sent = self.record(who, event, &[detected], &[span]);
                    let drawer = Drawer::Operator(operator);
                    self.dispatch(channel, product, number, from, to, drawer, sent, matter);
                }
                None => {
                    let event = Event::Refused { product, to, why: Refusal::NoChannel };
                    self.record(who, event, &[detected], &[span]);
                }
            }
        }
    }

    /// What an operator can tell: that it is hit. It does not know the cause.
    fn operators_report(
        &mut self,
        incident: IncidentId,
        operator: OperatorId,
        product: ProductId,
        detected: RecordId,
    ) -> Item {
        let model = self.model;
        let (state, sector) = (self.group_of(operator).state, self.group_of(operator).sector);
        let mut told = Vec::new();
        for &kind in &model.products[product.index()].carries {
            let is_choice = matches!(model.fact_kinds[kind.index()].value, ValueKind::Choice(_));
            let Some(fact) = model.fact(kind, Some(incident), Some(state), Some(sector)) else { continue };
            if is_choice || self.facts[fact.index()].truth.is_none() {
                continue;
            }
            let is_flag = matches!(model.fact_kinds[kind.index()].value, ValueKind::Flag);
            let version = if is_flag { self.version_of(fact, 1.0).0 } else { 1 };
            told.push(Told { fact, version, value: 1.0, learned: detected });
        }
        Item { told }
    }

    fn addressed_by_operator(&self, to: &Sel, state: StateId, sector: SectorId) -> Vec<ActorId> {
        let model = self.model;
        match to {
            Sel::Own(t) | Sel::Concerned(t) => {
                model.templates[t.index()].actor_of(Some(state), Some(sector)).into_iter().collect()
            }
            Sel::AnyOf(all) => {
                let mut actors: Vec<ActorId> =
                    all.iter().flat_map(|s| self.addressed_by_operator(s, state, sector)).collect();
                actors.sort_unstable();
                actors.dedup();
                actors
            }
            Sel::Fixed(set) => model.sets[set.index()].members.clone(),
            Sel::Holder(role) => self.holder(*role).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// An operator infects nobody any more.
    pub(super) fn contains(&mut self, incident: IncidentId, operator: OperatorId) {
        let detected = self.spread(incident).detected[operator.index()];
        let span = self.operator_span(SpanKind::Recovery, operator, detected);
        let who = Subject::Operator(operator);
        let event = Event::Contained(incident, operator);
        self.record(who, event, &[detected], &[span]);
        self.worm_advance(incident);
        self.spread_mut(incident).status[operator.index()] = Status::Contained;
        self.worm_infectious(incident, operator, false);
        let (recover, of) = (self.group_of(operator).recover, self.instance_of_incident(incident));
        let delay = self.operator_draws(operator, recover, of);
        self.schedule(delay, rank::ENDS, Notice::Recovers(incident, operator));
    }

    /// An operator works again.
    pub(super) fn recovers(&mut self, incident: IncidentId, operator: OperatorId) {
        let detected = self.spread(incident).detected[operator.index()];
        let span = self.operator_span(SpanKind::Recovery, operator, detected);
        let event = Event::Recovered(incident, operator);
        self.record(Subject::Operator(operator), event, &[detected], &[span]);
        self.spread_mut(incident).status[operator.index()] = Status::Recovered;
    }
}
