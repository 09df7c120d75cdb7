//! Which parameters a milestone's chain rests on: those whose draws made its segments as long as they are.

use std::collections::BTreeSet;

use super::chain::{Chain, chain};
use super::milestones::MilestoneResult;
use crate::model::{
    Action, Leaf, Milestone, Model, ParamId, Process, RuleId, SiteId, Step, Until, WormSpeed,
};
use crate::trace::{Event, OperatorInfo, RecordId, SpanKind, Subject, Trace, WorkKind};

/// The parameters behind the steps and segments of a chain, in the order of the model.
///
/// A parameter counts that could have been drawn there and was read in the run: of two laws that an effect may
/// choose between, both are named.
pub fn parameters_on_chain(model: &Model, trace: &Trace, chain: &Chain) -> Vec<ParamId> {
    let mut found = Found { model, trace, sites: BTreeSet::new() };
    for &id in &chain.steps {
        found.step(id);
    }
    for segment in &chain.segments {
        found.segment(segment.kind, segment.who);
    }
    let params: BTreeSet<ParamId> = found.sites.iter().map(|s| model.sites[s.index()].param).collect();
    params.into_iter().filter(|&p| trace.acted.is_empty() || trace.has_acted(p)).collect()
}

struct Found<'a> {
    model: &'a Model,
    trace: &'a Trace,
    sites: BTreeSet<SiteId>,
}

impl Found<'_> {
    fn step(&mut self, id: RecordId) {
        let m = self.model;
        match self.trace.records[id as usize].event {
            Event::TaskDone { work, .. } => self.work(work),
            Event::Read { product, .. } => self.work(WorkKind::Read(product)),
            Event::Sent { product, .. } | Event::Published { product, .. } => {
                self.work(WorkKind::Write(product))
            }
            Event::Voted(decision, _) => self.work(WorkKind::Position(decision)),
            Event::Tick(rule) | Event::Arrival(rule) | Event::Silent(rule) => self.clocks(rule),
            Event::Waited(rule) => self.waits(&m.rules[rule.index()].then),
            Event::Hit(incident, _) => {
                let incident = &m.incidents[incident.index()];
                self.process(&incident.process);
                self.sites.extend(incident.routes.iter().map(|r| r.after));
            }
            Event::Enacted(c) => self.sites.extend(m.countermeasures[c.index()].delay),
            Event::Immune(c, _) | Event::OffLine(c, _) => {
                if let Some(uptake) = &m.countermeasures[c.index()].uptake {
                    self.sites.extend([uptake.routine]);
                    self.sites.extend(uptake.publicised.into_iter().chain(uptake.warned));
                }
            }
            _ => {}
        }
    }

    fn segment(&mut self, kind: SpanKind, who: Subject) {
        let m = self.model;
        match (kind, who) {
            (SpanKind::Detection | SpanKind::Recovery | SpanKind::Delay, Subject::Operator(o)) => {
                let Some(info) = self.trace.operators.get(o.index()) else { return };
                let group = &m.groups[info.group.index()];
                match kind {
                    SpanKind::Detection => self.operators_law(info, Step::Detect),
                    SpanKind::Recovery => {
                        self.operators_law(info, Step::Contain);
                        self.operators_law(info, Step::Recover);
                        self.sites.extend(group.recover_each);
                    }
                    _ => self.sites.extend(group.reports.iter().map(|r| r.delay)),
                }
            }
            (SpanKind::Transmission, Subject::Channel(c)) => {
                let Some(channel) = m.channels.get(c as usize) else { return };
                self.sites.extend(channel.latency);
                self.sites.extend(channel.worse.iter().filter_map(|w| w.latency));
            }
            (SpanKind::Retry, Subject::Channel(c)) => {
                let Some(channel) = m.channels.get(c as usize) else { return };
                self.sites.extend(channel.loss);
                self.sites.extend(channel.worse.iter().filter_map(|w| w.loss));
                self.sites.extend(channel.retry.as_ref().map(|r| r.after));
            }
            (SpanKind::CallOut, Subject::Actor(a)) => {
                let rotas = m.actors[a.index()].variants.iter().filter_map(|v| v.rota);
                let calls = rotas.filter_map(|r| m.rotas[r.index()].on_call.as_ref());
                self.sites.extend(calls.map(|call| call.delay));
            }
            (SpanKind::Work, Subject::Actor(a)) => self.sites.extend(m.actors[a.index()].pace),
            _ => {}
        }
    }

    /// The law of an operator for a step, and those that incidents and countermeasures may put in its place.
    fn operators_law(&mut self, info: &OperatorInfo, step: Step) {
        let m = self.model;
        self.sites.extend([m.groups[info.group.index()].law_of(step, info.attributes)]);
        self.sites.extend(m.incidents.iter().filter_map(|incident| incident.laws[step as usize]));
        let switches = m.countermeasures.iter().flat_map(|c| &c.switches);
        self.sites.extend(switches.filter(|(s, _)| *s == step).map(|(_, site)| *site));
    }

    fn work(&mut self, work: WorkKind) {
        let m = self.model;
        match work {
            WorkKind::Task(t) => self.sites.extend([m.tasks[t.index()].work]),
            WorkKind::For(site) => self.sites.extend([site]),
            WorkKind::Write(p) => self.sites.extend(m.products[p.index()].write),
            WorkKind::Read(p) => self.sites.extend(m.products[p.index()].read),
            WorkKind::Position(d) => self.sites.extend([m.decisions[d.index()].position]),
            WorkKind::Attend(_) | WorkKind::Session(_) => {}
        }
    }

    fn clocks(&mut self, rule: RuleId) {
        for leaf in &self.model.rules[rule.index()].trigger.leaves {
            match leaf {
                Leaf::Every { interval: site, .. } | Leaf::Arrivals(site) | Leaf::Silence(_, site) => {
                    self.sites.extend([*site]);
                }
                Leaf::Stream(stream) => self.sites.extend([stream.gap].into_iter().chain(stream.first)),
                _ => {}
            }
        }
    }

    fn waits(&mut self, actions: &[Action]) {
        for action in actions {
            match action {
                Action::Wait(site) => self.sites.extend([*site]),
                Action::WaitUntil(Until::Working(site) | Until::WorkingBy(_, site)) => {
                    self.sites.extend([*site]);
                }
                Action::Race(_, branches) => branches.iter().for_each(|b| self.waits(b)),
                Action::If(_, then, otherwise) => {
                    self.waits(then);
                    self.waits(otherwise);
                }
                Action::Loop(l) => self.waits(&l.body),
                Action::Hand(_, then) => self.waits(then),
                Action::Take(take) => take.otherwise.iter().for_each(|then| self.waits(then)),
                Action::Together(branches) => branches.iter().for_each(|b| self.waits(b)),
                Action::Choose(_, branches) => branches.iter().for_each(|(_, b)| self.waits(b)),
                _ => {}
            }
        }
    }

    fn process(&mut self, process: &Process) {
        match process {
            Process::Worm(worm) => {
                if let WormSpeed::Doubling(site) | WormSpeed::Rate(site) = worm.speed {
                    self.sites.extend([site]);
                }
                self.sites.extend(worm.outside);
                self.sites.extend(worm.outside_doubling);
                self.sites
                    .extend([worm.outside_halving, worm.outside_after, worm.curve].into_iter().flatten());
            }
            Process::Outage { share } => self.sites.extend([*share]),
            Process::Background { every } => self.sites.extend([*every]),
            Process::Campaign(campaign) => {
                self.sites.extend(campaign.every);
                self.sites.extend(campaign.succeeds);
            }
            Process::Nothing => {}
        }
    }
}

/// For each milestone that was observed, whether a parameter on its chain was taken from, or fitted to, the incident
/// that the model replays.
pub fn rest_on_the_incident(model: &Model, trace: &Trace, reached: &[MilestoneResult]) -> Vec<bool> {
    let rests = |(milestone, result): (&Milestone, &MilestoneResult)| {
        let chain = milestone.observed.as_ref().and_then(|_| chain(trace, result));
        let on_chain = chain.map(|c| parameters_on_chain(model, trace, &c)).unwrap_or_default();
        on_chain.iter().any(|&p| from_same_incident(model, p))
    };
    model.milestones.iter().zip(reached).map(rests).collect()
}

/// Whether a parameter was taken from, or fitted to, the incident that the model replays, as its document says.
pub fn from_same_incident(model: &Model, param: ParamId) -> bool {
    model.params[param.index()].fitted_to.contains(&model.meta.history)
}
