//! Operators after a hit: detection, reports, containment, recovery.

use prefetch_index::prefetch_index;

use super::agenda::{Notice, rank};
use super::draw::Drawer;
use super::engine::Simulation;
use super::incident::Status;
use super::matter::Matter;
use crate::model::{
    ActorId, IncidentId, OperatorId, ProductId, ReportOn, SectorId, Sel, SiteId, StateId, Step, ValueKind,
};
use crate::time::{Capacity, SimDuration};
use crate::trace::{Event, Item, Party, RecordId, Refusal, Span, SpanKind, Subject, Told};

impl Simulation<'_> {
    /// Asks memory for what stands of an operator, to whom something will happen soon.
    #[inline]
    pub(super) fn fetch_operator(&self, incident: IncidentId, operator: OperatorId) {
        let place = operator.index();
        prefetch_index(&self.trace.operators, place);
        self.draws.fetch(operator);
        let spread = self.spread(incident);
        prefetch_index(&spread.hit, place);
        prefetch_index(&spread.detected, place);
        if let Some(worm) = &spread.worm {
            worm.fetch(operator);
        }
    }

    pub(super) fn operator_draws(&mut self, operator: OperatorId, site: SiteId, of: u64) -> SimDuration {
        let state = self.group_of(operator).state;
        self.draw_duration(Drawer::Operator(operator), Some(state), site, of)
    }

    fn operator_span(&self, kind: SpanKind, operator: OperatorId, cause: RecordId) -> Span {
        Span { kind, who: Subject::Operator(operator), from: self.time_of(cause), to: self.now }
    }

    /// Draws how large an operator is and what an hour of its outage costs.
    pub(super) fn draw_size_and_cost(&mut self, operator: OperatorId) {
        let group = self.group_of(operator);
        let (state, size, cost, each) =
            (group.state, group.size, group.impact_per_hour, group.impact_per_hour_each);
        let mut of = |site: Option<SiteId>| {
            site.map_or(0.0, |site| {
                let word = self.draws.word_at(self.model, Drawer::Operator(operator), site, 0, 0);
                self.value_of(Drawer::Operator(operator), Some(state), site, word)
            })
        };
        let size = of(size);
        let cost = of(cost) + size * of(each);
        let info = &mut self.trace.operators[operator.index()];
        (info.size, info.cost) = (size as f32, cost);
    }

    /// The law of a step that holds for an operator now: that of a countermeasure, of the incident, or its own.
    fn law_now(&self, step: Step, incident: IncidentId, operator: OperatorId) -> SiteId {
        let own = self.group_of(operator).law_of(step, self.trace.operators[operator.index()].attributes);
        let of_incident = self.model.incidents[incident.index()].laws[step as usize];
        self.switched_law(step, operator).or(of_incident).unwrap_or(own)
    }

    /// Schedules the detection of a hit.
    pub(super) fn will_detect(&mut self, incident: IncidentId, operator: OperatorId, hit: RecordId) {
        let site = self.law_now(Step::Detect, incident, operator);
        let of = self.instance_of_incident(incident);
        let delay = self.operator_draws(operator, site, of);
        self.post(delay, rank::ENDS, Notice::Detects { incident, operator, hit });
    }

    /// Whether what would be noticed now waits for the next opening, which is then on the event list.
    fn waits_for_opening(&mut self, incident: IncidentId, operator: OperatorId, hit: RecordId) -> bool {
        let group = self.group_of(operator);
        let Some(hours) = group.hours else { return false };
        let (state, watch) = (group.state, group.watch);
        let profile = &self.model.rotas[hours.index()].profile;
        if profile.capacity_at(self.now) != Capacity::Off {
            return false;
        }
        if let Some(watch) = watch {
            let who = Drawer::Operator(operator);
            let word = self.draws.word_at(self.model, who, watch, 0, 0);
            if self.chance_of(who, Some(state), watch, word) {
                return false;
            }
        }
        let now = self.now;
        self.noticed_late.entry((incident, operator)).or_insert(now);
        if let Some(open) = profile.next_open(now) {
            self.schedule_at(open, rank::ENDS, Notice::Detects { incident, operator, hit });
        }
        true
    }

    /// An operator has noticed.
    pub(super) fn detects(&mut self, incident: IncidentId, operator: OperatorId, hit: RecordId) {
        let spread = self.spread(incident);
        // Another notice of the same hit may have come first, or the hit be over.
        let stale = spread.hit[operator.index()] != hit || spread.detected[operator.index()] > hit;
        if stale || self.waits_for_opening(incident, operator, hit) {
            return;
        }
        let mut spans = vec![self.operator_span(SpanKind::Detection, operator, hit)];
        if let Some(due) = self.noticed_late.remove(&(incident, operator)) {
            spans[0].to = due;
            let who = Subject::Operator(operator);
            spans.push(Span { kind: SpanKind::OffDuty, who, from: due, to: self.now });
        }
        let who = Subject::Operator(operator);
        let record = self.record(who, Event::Detected(incident, operator), &[hit], &spans);
        self.spread_mut(incident).detected[operator.index()] = record;
        let of = self.instance_of_incident(incident);
        let contain = self.law_now(Step::Contain, incident, operator);
        let delay = self.operator_draws(operator, contain, of);
        self.post(delay, rank::ENDS, Notice::Contains { incident, operator, hit });
        if !self.head_is_told(incident, operator) {
            self.will_report(incident, operator, operator, ReportOn::Detected, record);
        }
    }

    /// Schedules the reports of an operator (a head office, or the victim itself) about a victim.
    pub(super) fn will_report(
        &mut self,
        incident: IncidentId,
        reporter: OperatorId,
        victim: OperatorId,
        on: ReportOn,
        about: RecordId,
    ) {
        let info = self.trace.operators[reporter.index()];
        let of = self.instance_of_incident(incident);
        for (n, report) in self.model.groups[info.group.index()].reports.iter().enumerate() {
            let meant = report.on == on
                && report.incidents.get(incident.index()).copied().unwrap_or(true)
                && info.attributes & report.having == report.having
                && info.attributes & report.lacking == 0;
            let state = self.group_of(reporter).state;
            let who = Drawer::Operator(reporter);
            let reports = meant
                && self.is_valid(&report.validity, Some(state))
                && self.chance(who, Some(state), report.probability, of);
            if reports {
                let delay = self.operator_draws(reporter, report.delay, of);
                let report = n as u16;
                let notice = if reporter == victim {
                    Notice::Reports { incident, operator: victim, report, about }
                } else {
                    Notice::ReportsFor { incident, operator: victim, head: reporter, report }
                };
                self.post(delay, rank::BEGINS, notice);
            }
        }
    }

    /// An operator reports about a victim, itself or a branch.
    pub(super) fn reports(
        &mut self,
        incident: IncidentId,
        reporter: OperatorId,
        victim: OperatorId,
        report: u16,
        about: RecordId,
    ) {
        let group = &self.model.groups[self.operator(reporter).info.group.index()];
        let report = &group.reports[usize::from(report)];
        if self.operator_never_complies(reporter, report.product, group.state) {
            return;
        }
        let item = self.operators_report(incident, victim, report.product, about);
        let number = self.trace.add_item(&item.told);
        let from = Party::Operator(reporter);
        let who = Subject::Operator(reporter);
        let span = self.operator_span(SpanKind::Delay, reporter, about);
        let of = self.group_of(victim);
        let matter = Matter {
            incident: Some(incident),
            state: Some(of.state),
            sector: Some(of.sector),
            case: about,
            ..Matter::default()
        };
        for receiver in self.addressed_by_operator(&report.to, group.state, group.sector) {
            let (product, to) = (report.product, Party::Actor(receiver));
            match self.channel_between(from, to, product) {
                Some(channel) => {
                    let event = Event::Sent { product, to, item: number };
                    let sent = self.record(who, event, &[about], &[span]);
                    let drawer = Drawer::Operator(reporter);
                    self.dispatch(channel, product, number, from, to, drawer, sent, matter);
                }
                None => {
                    let event = Event::Refused { product, to, why: Refusal::NoChannel };
                    self.record(who, event, &[about], &[span]);
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
        learned: RecordId,
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
            told.push(Told { fact, version, value: 1.0, learned });
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
            Sel::Except(all, without) => {
                let out = self.addressed_by_operator(without, state, sector);
                let all = self.addressed_by_operator(all, state, sector);
                all.into_iter().filter(|actor| !out.contains(actor)).collect()
            }
            Sel::Fixed(set) => model.sets[set.index()].members.clone(),
            Sel::Holder(role) => self.holder(*role).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// An operator infects nobody any more.
    pub(super) fn contains(&mut self, incident: IncidentId, operator: OperatorId, hit: RecordId) {
        let spread = self.spread(incident);
        let detected = spread.detected[operator.index()];
        if spread.hit[operator.index()] != hit || spread.status[operator.index()] != Status::Hit {
            return;
        }
        let span = self.operator_span(SpanKind::Recovery, operator, detected);
        let who = Subject::Operator(operator);
        let event = Event::Contained(incident, operator);
        let record = self.record(who, event, &[detected], &[span]);
        self.worm_advance(incident);
        self.spread_mut(incident).status[operator.index()] = Status::Contained;
        self.worm_infectious(incident, operator, false);
        let (recover, of) =
            (self.law_now(Step::Recover, incident, operator), self.instance_of_incident(incident));
        let mut delay = self.operator_draws(operator, recover, of);
        if let Some(each) = self.group_of(operator).recover_each {
            let size = f64::from(self.trace.operators[operator.index()].size);
            delay = delay.saturating_add(self.operator_draws(operator, each, of).scaled(size));
        }
        self.post(delay, rank::ENDS, Notice::Recovers { incident, operator, hit });
        self.will_report(incident, operator, operator, ReportOn::Contained, record);
    }

    /// An operator works again.
    pub(super) fn recovers(&mut self, incident: IncidentId, operator: OperatorId, hit: RecordId) {
        let spread = self.spread(incident);
        let detected = spread.detected[operator.index()];
        if spread.hit[operator.index()] != hit || spread.status[operator.index()] != Status::Contained {
            return;
        }
        let span = self.operator_span(SpanKind::Recovery, operator, detected);
        let event = Event::Recovered(incident, operator);
        let record = self.record(Subject::Operator(operator), event, &[detected], &[span]);
        self.spread_mut(incident).status[operator.index()] = Status::Recovered;
        if let Some(site) = self.model.incidents[incident.index()].immunity {
            let of = self.instance_of_incident(incident);
            let lasts = self.operator_draws(operator, site, of);
            self.post(lasts, rank::BEGINS, Notice::SusceptibleAgain(incident, operator));
        }
        self.will_report(incident, operator, operator, ReportOn::Recovered, record);
    }

    /// A law has been switched: what is under way at an operator ends at the earlier of its end and a draw of the law.
    pub(super) fn hasten(&mut self, step: Step, site: SiteId, operator: OperatorId) {
        for id in (0..self.model.incidents.len()).map(IncidentId::from_index) {
            let spread = self.spread(id);
            let (status, hit) = (spread.status[operator.index()], spread.hit[operator.index()]);
            let knows = spread.detected[operator.index()] > hit;
            let (incident, of) = (id, self.instance_of_incident(id));
            let notice = match (step, status) {
                (Step::Detect, Status::Hit) if !knows => Notice::Detects { incident, operator, hit },
                (Step::Contain, Status::Hit) if knows => Notice::Contains { incident, operator, hit },
                (Step::Recover, Status::Contained) => Notice::Recovers { incident, operator, hit },
                _ => continue,
            };
            let delay = self.operator_draws(operator, site, of);
            self.post(delay, rank::ENDS, notice);
        }
    }
}
