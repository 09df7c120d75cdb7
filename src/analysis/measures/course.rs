//! Measures of what happened: messages, knowledge, triggers, decisions, duties and operators.

use std::collections::BTreeMap;

use super::over_time::over_time;
use super::{Quantity, Run, in_unit, series};
use crate::analysis::ages::{age_at_receipt, staleness};
use crate::analysis::awareness::{AwarenessCurve, awareness};
use crate::analysis::chain::{root, slacks};
use crate::analysis::duties::{DutyObject, Standing};
use crate::analysis::knowledge::first_arrivals;
use crate::analysis::spread::{SpreadPoint, spread};
use crate::analysis::trigger::{Firing, Owner, firings, firings_of_each, is_local};
use crate::model::{
    ActorId, DecisionId, DutyId, FactKindId, FactOrKind, IncidentId, Join, LevelId, Measure, MilestoneId,
    OperatorId, ProductId, RuleId, SetId, Trigger,
};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Subject};

impl Run<'_> {
    /// One value for each record that has one.
    fn values_at(&self, records: &[RecordId], value: impl Fn(RecordId, Event) -> Option<f64>) -> Quantity {
        series(records.iter().filter_map(|&id| value(id, self.event(id))))
    }

    /// Whether what a record tells, of the one that it is about, counts by the time of its cause.
    fn counts_from_cause(&self, measure: &Measure, id: RecordId) -> bool {
        self.counts(measure, self.began(id), Some(self.who(id)))
    }

    /// Whether what a record tells counts by its own time.
    fn counts_from_itself(&self, measure: &Measure, id: RecordId) -> bool {
        self.counts(measure, self.time(id), Some(self.who(id)))
    }

    /// Copies sent of a product, for each sending to one receiver.
    pub(super) fn copies(&self, measure: &Measure, product: ProductId) -> Quantity {
        self.values_at(self.reading.arrived(product), |id, event| match event {
            Event::Delivered { copies, .. } | Event::Undelivered { copies, .. } => {
                self.counts_from_cause(measure, id).then_some(f64::from(copies))
            }
            _ => None,
        })
    }

    /// One for each sending of a product of which no copy got through, zero for each other.
    pub(super) fn undelivered(&self, measure: &Measure, product: ProductId) -> Quantity {
        self.values_at(self.reading.arrived(product), |id, event| {
            let lost = match event {
                Event::Delivered { .. } => 0.0,
                Event::Undelivered { .. } => 1.0,
                _ => return None,
            };
            self.counts_from_cause(measure, id).then_some(lost)
        })
    }

    /// One for each copy that changed nothing.
    pub(super) fn redundant(&self, measure: &Measure, product: ProductId) -> Quantity {
        self.values_at(self.reading.others(), |id, event| {
            (event == Event::Redundant(product) && self.began(id) >= measure.since).then_some(1.0)
        })
    }

    /// For each statement whether it went out before the common line had reached its author.
    pub(super) fn uncoordinated(&self, measure: &Measure) -> Quantity {
        self.values_at(self.reading.published(), |id, event| match event {
            Event::Published { uncoordinated, .. } if self.counts_from_itself(measure, id) => {
                Some(f64::from(u8::from(uncoordinated)))
            }
            _ => None,
        })
    }

    /// For each statement whether a value in it differed from the truth.
    pub(super) fn contradictory(&self, measure: &Measure) -> Quantity {
        self.values_at(self.reading.published(), |id, event| match event {
            Event::Published { contradictory, .. } if self.counts_from_itself(measure, id) => {
                Some(f64::from(u8::from(contradictory)))
            }
            _ => None,
        })
    }

    /// Votes at each end of a decision.
    pub(super) fn votes(&self, measure: &Measure, decision: DecisionId) -> Quantity {
        self.values_at(self.reading.others(), |id, event| match event {
            Event::Decided(d, _, votes, _) if d == decision && self.counts_from_itself(measure, id) => {
                Some(f64::from(votes))
            }
            _ => None,
        })
    }

    /// From the origin of a milestone to the milestone.
    pub(super) fn latency(&self, measure: &Measure, milestone: MilestoneId) -> Quantity {
        let result = self.milestones.get(milestone.index()).copied().unwrap_or_default();
        let counts = result.origin.is_some_and(|origin| self.counts(measure, origin, None));
        series(result.latency.filter(|_| counts).map(|d| in_unit(measure, d)).into_iter())
    }

    /// Hops until each actor of a set knew a fact of a kind.
    pub(super) fn hops(&self, measure: &Measure, kind: FactKindId, set: Option<SetId>) -> Quantity {
        let tree = first_arrivals(self.reading, FactOrKind::Kind(kind));
        let arrivals = tree.arrivals.iter().filter(|a| {
            self.is_in(set, a.actor) && self.counts(measure, a.at, Some(Subject::Actor(a.actor)))
        });
        series(arrivals.map(|a| f64::from(a.hops)))
    }

    /// The age of what actors of a set hold.
    pub(super) fn staleness(&self, measure: &Measure, about: FactOrKind, set: Option<SetId>) -> Quantity {
        let among = |a: ActorId| self.is_in(set, a) && self.counts_actor(measure, a);
        let until = self.trace.end.min(measure.only.before);
        let hours = measure.only.during.map(|rota| &self.model.rotas[rota.index()].profile);
        Quantity::Ages(staleness(self.reading, about, among, (measure.since, until), hours))
    }

    /// The age of what actors of a set are told.
    pub(super) fn age_at_receipt(
        &self,
        measure: &Measure,
        about: FactOrKind,
        set: Option<SetId>,
    ) -> Quantity {
        let told = age_at_receipt(self.reading, about).into_iter().filter(|t| {
            self.is_in(set, t.actor) && self.counts(measure, t.at, Some(Subject::Actor(t.actor)))
        });
        series(told.map(|t| in_unit(measure, t.age)))
    }

    /// Awareness of a level.
    pub(super) fn awareness_of(&self, level: LevelId) -> AwarenessCurve {
        let levels = awareness(self.model, self.trace).levels.into_iter();
        levels.filter(|l| l.0 == level).map(|l| l.1).next().unwrap_or_default()
    }

    /// From the root of its chain to each time that a trigger was met.
    pub(super) fn age(&self, measure: &Measure, trigger: &Trigger, set: Option<SetId>) -> Quantity {
        series(self.happenings(trigger, set).into_iter().filter_map(|f| {
            let began = self.time(root(self.trace, f.record?));
            let counts = self.counts(measure, began, Some(self.who(f.record?)));
            counts.then(|| in_unit(measure, f.at - began))
        }))
    }

    /// The instants at which a trigger was met.
    pub(super) fn instant(&self, measure: &Measure, trigger: &Trigger, set: Option<SetId>) -> Quantity {
        let who = |f: &Firing| f.record.map(|r| self.who(r));
        let all = self.happenings(trigger, set).into_iter();
        let counted = all.filter(|f| self.counts(measure, f.at, who(f)));
        series(counted.map(|f| in_unit(measure, f.at.since_start())))
    }

    /// When a trigger was met at the actors of a set (at any without one).
    fn happenings(&self, trigger: &Trigger, set: Option<SetId>) -> Vec<Firing> {
        let one_by_one = matches!(trigger.join, Join::Leaf(_)) || !trigger.leaves.iter().any(is_local);
        if one_by_one {
            // What happens to everybody at once counts once, whoever is asked about.
            let mut all = firings(self.reading, trigger, Owner::default());
            all.retain(|f| match f.record.map(|r| self.who(r)) {
                Some(Subject::Actor(a)) => self.is_in(set, a),
                _ => true,
            });
            return all;
        }
        let all = (0..self.model.actors.len()).map(ActorId::from_index);
        let actors: Vec<ActorId> = all.filter(|&a| self.is_in(set, a)).collect();
        let mut all = firings_of_each(self.reading, trigger, &actors).concat();
        all.sort_by_key(|f| (f.at, f.record, f.leaf));
        all
    }

    /// How long each other cause of a rule had been there when the last one came.
    pub(super) fn slack(&self, measure: &Measure, rule: RuleId) -> Quantity {
        let mut waits = Vec::new();
        for &id in self.reading.fired() {
            if self.event(id) != Event::RuleFired(rule) {
                continue;
            }
            for (cause, slack) in slacks(self.trace, id).into_iter().skip(1) {
                if self.counts(measure, self.time(cause), Some(self.who(id))) {
                    waits.push(in_unit(measure, slack));
                }
            }
        }
        series(waits.into_iter())
    }

    /// By how much each report was late, negative if it was early.
    pub(super) fn lateness(&self, measure: &Measure, duty: DutyId) -> Quantity {
        self.owed(measure, duty, |o| o.arrived.map(|at| late_by(at, o.deadline, measure)))
    }

    /// By how much each report was late, 0 if it was early.
    pub(super) fn tardiness(&self, measure: &Measure, duty: DutyId) -> Quantity {
        self.owed(measure, duty, |o| o.arrived.map(|at| late_by(at, o.deadline, measure).max(0.0)))
    }

    /// One for each duty that was kept, zero for each that was not.
    pub(super) fn kept(&self, measure: &Measure, duty: DutyId) -> Quantity {
        self.owed(measure, duty, |o| match o.standing {
            Standing::Kept => Some(1.0),
            Standing::Late(_) | Standing::Missing => Some(0.0),
            Standing::Open => None,
        })
    }

    /// One value for each time that a duty was owed; it begins with its clock.
    fn owed(&self, measure: &Measure, duty: DutyId, value: impl Fn(&DutyObject) -> Option<f64>) -> Quantity {
        let counted =
            self.duties.iter().filter(|o| o.duty == duty && self.counts(measure, o.clock, Some(o.holder)));
        series(counted.filter_map(value))
    }

    /// A number of operators over the spread of an incident.
    pub(super) fn over_spread(
        &self,
        measure: &Measure,
        incident: IncidentId,
        number: impl Fn(&SpreadPoint) -> u32,
    ) -> Quantity {
        let curve = spread(self.reading, Some(incident)).curve;
        over_time(measure.since, curve.iter().map(|p| (p.at, f64::from(number(p)))))
    }

    /// Hits back to the first of a chain, for each hit of an incident; a hit from outside begins a chain.
    pub(super) fn generations(&self, measure: &Measure, incident: IncidentId) -> Quantity {
        let mut generation: BTreeMap<OperatorId, u32> = BTreeMap::new();
        let mut hits: Vec<(OperatorId, SimTime)> = Vec::new();
        for record in self.reading.operators().iter().map(|&id| self.trace.record(id)) {
            match record.event {
                Event::Hit(i, operator) if i == incident => {
                    generation.insert(operator, 0);
                    hits.push((operator, record.time));
                }
                Event::Infected { operator, by } if hits.last().is_some_and(|h| h.0 == operator) => {
                    let of = generation.get(&by).map_or(0, |g| g + 1);
                    generation.insert(operator, of);
                }
                _ => {}
            }
        }
        let counted = hits.iter().filter(|h| self.counts(measure, h.1, Some(Subject::Operator(h.0))));
        series(counted.map(|h| f64::from(generation[&h.0])))
    }
}

/// By how much something was late, in the unit of a measure; negative if it was early.
fn late_by(at: SimTime, deadline: SimTime, measure: &Measure) -> f64 {
    (at.as_micros() as f64 - deadline.as_micros() as f64) / measure.unit.1 as f64
}
