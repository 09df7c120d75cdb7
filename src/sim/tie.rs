//! Ties between operators: who belongs together, how a hit passes along, and how a head office speaks for all.
//!
//! Who is tied to whom is drawn at the start of each replication: the operators that may be at one end are put into an
//! order of keyed words, and places are filled from its front.

use std::collections::BTreeMap;

use super::agenda::{Notice, rank};
use super::draw::{Drawer, instance};
use super::engine::Simulation;
use super::incident::{Status, Way};
use crate::model::{IncidentId, OperatorFilter, OperatorId, ReportOn, TieKind};
use crate::trace::RecordId;

/// Who is tied to whom, tie by tie.
#[derive(Debug, Default)]
pub(super) struct Ties {
    all: Vec<Tied>,
}

/// Who is tied to whom by one tie.
#[derive(Debug, Default)]
struct Tied {
    /// Enterprises, the head office first; or a supplier with its customers behind it.
    circles: Vec<Vec<OperatorId>>,
    /// The circle of each operator that belongs to one (of a supplier: its own).
    circle_of: BTreeMap<OperatorId, u32>,
    /// Enterprises in which the alarm has been raised about an incident.
    alarmed: Vec<(IncidentId, u32)>,
}

impl Tied {
    fn close(&mut self, circle: Vec<OperatorId>) {
        let number = self.circles.len() as u32;
        for &operator in &circle {
            self.circle_of.insert(operator, number);
        }
        self.circles.push(circle);
    }
}

impl Simulation<'_> {
    /// Draws who is tied to whom, and marks them.
    pub(super) fn lay_out_ties(&mut self) {
        let model = self.model;
        let mut all = Vec::with_capacity(model.ties.len());
        for (t, tie) in model.ties.iter().enumerate() {
            let tied = match &tie.kind {
                TieKind::Enterprise { count, head, branches, .. } => {
                    self.lay_out_enterprises(t, *count, head, branches)
                }
                TieKind::Supply { suppliers, customers, each } => {
                    self.lay_out_supply(t, suppliers, customers, *each)
                }
            };
            for &operator in tied.circle_of.keys() {
                self.trace.operators[operator.index()].attributes |= tie.marks;
            }
            all.push(tied);
        }
        self.ties.all = all;
    }

    /// Operators of a filter in an order of their own.
    fn in_order(&mut self, tie: usize, role: u64, filter: &OperatorFilter) -> Vec<OperatorId> {
        let model = self.model;
        let of = instance(&[role]);
        let mut found = Vec::new();
        for (i, info) in self.trace.operators.iter().enumerate() {
            if filter.accepts(info.group, &model.groups[info.group.index()], info.attributes) {
                let operator = OperatorId::from_index(i);
                let drawer = Drawer::Operator(operator);
                found.push((self.draws.word_at(model, drawer, model.ties[tie].order, of, 0), operator));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, operator)| operator).collect()
    }

    fn lay_out_enterprises(
        &mut self,
        tie: usize,
        count: u32,
        head: &OperatorFilter,
        branches: &[(OperatorFilter, crate::model::SiteId)],
    ) -> Tied {
        let heads: Vec<OperatorId> = self.in_order(tie, 0, head).into_iter().take(count as usize).collect();
        let mut circles: Vec<Vec<OperatorId>> = heads.iter().map(|&head| vec![head]).collect();
        let mut taken: std::collections::BTreeSet<OperatorId> = heads.iter().copied().collect();
        for (b, (among, number)) in branches.iter().enumerate() {
            let mut free = self.in_order(tie, b as u64 + 1, among).into_iter();
            for circle in &mut circles {
                let drawer = Drawer::Operator(circle[0]);
                let state = self.group_of(circle[0]).state;
                let of = instance(&[b as u64]);
                let word = self.draws.word_at(self.model, drawer, *number, of, 0);
                let n = libm::round(self.value_of(drawer, Some(state), *number, word)).max(0.0) as usize;
                for operator in free.by_ref().filter(|o| !taken.contains(o)).take(n) {
                    circle.push(operator);
                }
                taken.extend(circle.iter().copied());
            }
        }
        let mut tied = Tied::default();
        circles.into_iter().for_each(|circle| tied.close(circle));
        tied
    }

    fn lay_out_supply(
        &mut self,
        tie: usize,
        suppliers: &OperatorFilter,
        customers: &OperatorFilter,
        each: Option<crate::model::SiteId>,
    ) -> Tied {
        let model = self.model;
        let suppliers = self.in_order(tie, 0, suppliers);
        let mut circles: Vec<Vec<OperatorId>> = suppliers.iter().map(|&supplier| vec![supplier]).collect();
        let is_supplier: std::collections::BTreeSet<OperatorId> = suppliers.iter().copied().collect();
        let free = self.in_order(tie, 1, customers);
        let mut free = free.into_iter().filter(|o| !is_supplier.contains(o));
        match each {
            Some(each) => {
                for circle in &mut circles {
                    let drawer = Drawer::Operator(circle[0]);
                    let state = self.group_of(circle[0]).state;
                    let word = self.draws.word_at(model, drawer, each, 0, 0);
                    let n = libm::round(self.value_of(drawer, Some(state), each, word)).max(0.0) as usize;
                    circle.extend(free.by_ref().take(n));
                }
            }
            None if circles.is_empty() => {}
            None => {
                for operator in free {
                    let order = model.ties[tie].order;
                    let of = instance(&[2]);
                    let word = self.draws.word_at(model, Drawer::Operator(operator), order, of, 0);
                    let n = circles.len();
                    let pick = (crate::des::uniform(word) * n as f64) as usize;
                    circles[pick.min(n - 1)].push(operator);
                }
            }
        }
        let mut tied = Tied::default();
        circles.into_iter().for_each(|circle| tied.close(circle));
        tied
    }

    /// The hash of an operator's name, as an instance in the draws of others.
    fn operator_instance(&self, operator: OperatorId) -> u64 {
        let info = self.trace.operators[operator.index()];
        let group = &self.model.groups[info.group.index()];
        let state = &self.model.states[group.state.index()].name;
        let name = crate::model::operator_name(state, &group.name, info.number);
        crate::des::NameHash::of(&name).words()[0]
    }

    /// A hit sets out for all that are tied to the operator; each has a clock of its own.
    pub(super) fn set_out_along_ties(&mut self, incident: IncidentId, by: OperatorId) {
        let model = self.model;
        for (r, route) in model.incidents[incident.index()].routes.iter().enumerate() {
            let tied = &self.ties.all[route.tie.index()];
            let Some(&circle) = tied.circle_of.get(&by) else { continue };
            let circle = &tied.circles[circle as usize];
            let others: Vec<OperatorId> = match model.ties[route.tie.index()].kind {
                TieKind::Enterprise { .. } => circle.iter().copied().filter(|&o| o != by).collect(),
                TieKind::Supply { .. } if route.upwards && circle[0] != by => vec![circle[0]],
                TieKind::Supply { .. } if !route.upwards && circle[0] == by => circle[1..].to_vec(),
                TieKind::Supply { .. } => continue,
            };
            let of = instance(&[self.instance_of_incident(incident), self.operator_instance(by)]);
            for operator in others {
                let who = Drawer::Operator(operator);
                let state = Some(self.group_of(operator).state);
                if let Some(p) = route.probability
                    && !self.chance(who, state, p, of)
                {
                    continue;
                }
                let after = self.draw_duration(who, state, route.after, of);
                let notice = Notice::Passes { incident, operator, by, route: r as u16 };
                self.post(after, rank::BEGINS, notice);
            }
        }
    }

    /// A hit passes along a tie, if the first is not contained and the way is not cut.
    pub(super) fn passes(&mut self, incident: IncidentId, operator: OperatorId, by: OperatorId, route: u16) {
        let model = self.model;
        let spread = self.spread(incident);
        let can = spread.status[operator.index()] == Status::Susceptible;
        if !can || spread.ended || spread.status[by.index()] != Status::Hit {
            return;
        }
        let tie = model.incidents[incident.index()].routes[usize::from(route)].tie;
        let open = self.route_factor(incident, tie);
        let of = instance(&[self.instance_of_incident(incident), self.operator_instance(by), 7]);
        let order = model.ties[tie.index()].order;
        let word = self.draws.word_at(model, Drawer::Operator(operator), order, of, 0);
        if crate::des::uniform(word) < open {
            self.hit(incident, operator, Way::From(by));
        }
    }

    /// Whether a head office reports for an operator; it is told then.
    pub(super) fn head_is_told(&mut self, incident: IncidentId, operator: OperatorId) -> bool {
        let model = self.model;
        for (t, tie) in model.ties.iter().enumerate() {
            let TieKind::Enterprise { head_told: Some(site), .. } = tie.kind else { continue };
            if self.ties.all[t].circle_of.contains_key(&operator) {
                let of = self.instance_of_incident(incident);
                let state = Some(self.group_of(operator).state);
                let after = self.draw_duration(Drawer::Operator(operator), state, site, of);
                let notice = Notice::HeadTold { incident, operator, tie: t as u16 };
                self.post(after, rank::BEGINS, notice);
                return true;
            }
        }
        false
    }

    /// The head office knows: it reports, and the first time it warns all its branches.
    pub(super) fn head_told(&mut self, incident: IncidentId, operator: OperatorId, tie: u16) {
        let model = self.model;
        let tied = &mut self.ties.all[usize::from(tie)];
        let Some(&circle) = tied.circle_of.get(&operator) else { return };
        let members = tied.circles[circle as usize].clone();
        let first = !tied.alarmed.contains(&(incident, circle));
        if first {
            tied.alarmed.push((incident, circle));
        }
        let detected = self.spread(incident).detected[operator.index()];
        self.will_report(incident, members[0], operator, ReportOn::Detected, detected);
        let TieKind::Enterprise { alarm: Some(alarm), .. } = model.ties[usize::from(tie)].kind else {
            return;
        };
        if first {
            for member in members {
                self.alarm(incident, member, alarm);
            }
        }
    }

    /// A branch that is hit and does not know it finds out by the alarm, if not earlier.
    fn alarm(&mut self, incident: IncidentId, operator: OperatorId, site: crate::model::SiteId) {
        let spread = self.spread(incident);
        let hit: RecordId = spread.hit[operator.index()];
        let knows = spread.detected[operator.index()] > hit;
        if spread.status[operator.index()] == Status::Hit && !knows {
            let of = self.instance_of_incident(incident);
            let state = Some(self.group_of(operator).state);
            let after = self.draw_duration(Drawer::Operator(operator), state, site, of);
            self.post(after, rank::ENDS, Notice::Detects { incident, operator, hit });
        }
    }
}
