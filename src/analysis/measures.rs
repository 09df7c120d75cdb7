//! The measures that a document declares: statistics of series of values and of numbers over time.
//!
//! A value belongs to the time at which it begins: a task to its arrival, an age to the root of its chain, a
//! delivery to its sending. Only what begins at or after the end of the warm-up counts; numbers over time count from
//! there. Values are in the order in which they begin. What is unfinished at the end counts up to it.
//!
//! Filters look at when a value begins, at whom it is of, and at the value itself; a number over time is undefined
//! outside the hours of its filter.
//!
//! Definitions: variance with divisor n - 1; quantile p of a series is its smallest value x with F(x) >= p, F the
//! empirical distribution function; of a number over time, mean, variance (divisor: the time), quantile and share
//! above are weighted by time.

mod course;
mod over_time;
mod statistic;
mod unit;
mod work;

use self::over_time::{masked, over_curve, over_time};
use self::statistic::value_of;
pub use self::unit::unit_of;
use self::unit::{Unit, is_time};
use self::work::Tasks;
use super::ages::Ages;
use super::curve::Curve;
use super::duties::DutyObject;
use super::milestones::MilestoneResult;
use super::reading::Reading;
use super::statuses::in_status;
use super::tasks::{TaskStory, tasks};
use crate::model::{ActorId, Measure, MeasureId, Model, Quantified, SetId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Subject, Trace};

/// One statistic of one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureRow {
    /// The measure.
    pub measure: MeasureId,
    /// Name of the statistic in files.
    pub statistic: String,
    /// Its value; none where it does not exist (no values, or a statistic that the quantity does not have).
    pub value: Option<f64>,
    /// Unit; empty for plain numbers.
    pub unit: String,
    /// Number of values, or of changes of a number over time, that it rests on.
    pub n: usize,
    /// How many of them were unfinished at the end and count up to it.
    pub unfinished: usize,
}

/// All declared measures of a run, in the order of the model; milestones and duties are those of the same run.
pub fn measures(
    reading: &Reading<'_>,
    milestones: &[MilestoneResult],
    duties: &[DutyObject],
) -> Vec<MeasureRow> {
    let (model, trace) = (reading.model, reading.trace);
    let tasks = tasks(reading);
    let run = Run { model, trace, reading, milestones, tasks: &tasks, duties };
    let mut rows = Vec::new();
    for (i, measure) in model.measures.iter().enumerate() {
        let quantity = run.quantity(measure);
        let unit = Unit { name: measure.unit.0, is_time: is_time(&measure.of) };
        for (name, statistic) in &measure.show {
            let (n, unfinished) = match &quantity {
                Quantity::Series { values, unfinished } => (values.len(), *unfinished),
                Quantity::OverTime(curve) => (curve.points.len(), 0),
                Quantity::Ages(ages) => (ages.pieces.len(), 0),
            };
            rows.push(MeasureRow {
                measure: MeasureId::from_index(i),
                statistic: name.clone(),
                value: value_of(&quantity, statistic, measure, trace.end),
                unit: unit.of(statistic, !matches!(quantity, Quantity::Series { .. })),
                n,
                unfinished,
            });
        }
    }
    rows
}

/// What a measure looks at.
enum Quantity {
    Series {
        values: Vec<f64>,
        unfinished: usize,
    },
    OverTime(Curve),
    /// A number that rises with time, in the unit of the measure.
    Ages(Ages),
}

/// A run with what is computed once for all measures.
struct Run<'a> {
    model: &'a Model,
    trace: &'a Trace,
    reading: &'a Reading<'a>,
    milestones: &'a [MilestoneResult],
    tasks: &'a [TaskStory],
    duties: &'a [DutyObject],
}

impl Run<'_> {
    /// What a measure looks at, as far as its filter lets it through.
    fn quantity(&self, measure: &Measure) -> Quantity {
        let only = &measure.only;
        match self.unfiltered(measure) {
            Quantity::Series { mut values, unfinished } => {
                values.retain(|v| (only.at_least..=only.at_most).contains(v));
                Quantity::Series { values, unfinished }
            }
            Quantity::OverTime(curve) => Quantity::OverTime(match only.during {
                Some(rota) => masked(&curve, &self.model.rotas[rota.index()].profile, self.trace.end),
                None => curve,
            }),
            ages => ages,
        }
    }

    fn unfiltered(&self, measure: &Measure) -> Quantity {
        let since = measure.since;
        let tasks = |of, filter, cases| Tasks { of, filter, cases };
        match &measure.of {
            Quantified::Wait(set, filter, cases) => self.wait(measure, tasks(*set, *filter, *cases)),
            Quantified::Sojourn(set, filter, cases) => self.sojourn(measure, tasks(*set, *filter, *cases)),
            Quantified::CaseTime(class) => self.case_time(measure, *class),
            Quantified::OpenCases(class) => self.open_cases(measure, *class),
            Quantified::Opened(class) => self.opened(measure, *class),
            Quantified::Stock(pool) => self.stock(measure, *pool),
            Quantified::WaitForPool(pool) => self.wait_for_pool(measure, *pool),
            Quantified::Lost(set) => self.lost(measure, *set),
            Quantified::QueueLength(set) => self.queue_length(measure, *set),
            Quantified::Busy(set) => self.busy(measure, *set),
            Quantified::Age(trigger, set) => self.age(measure, trigger, *set),
            Quantified::Instant(trigger, set) => self.instant(measure, trigger, *set),
            Quantified::Copies(product) => self.copies(measure, *product),
            Quantified::Undelivered(product) => self.undelivered(measure, *product),
            Quantified::Redundant(product) => self.redundant(measure, *product),
            Quantified::Votes(decision) => self.votes(measure, *decision),
            Quantified::Latency(milestone) => self.latency(measure, *milestone),
            Quantified::Hops(kind, set) => self.hops(measure, *kind, *set),
            Quantified::Staleness(about, set) => self.staleness(measure, *about, *set),
            Quantified::AgeAtReceipt(about, set) => self.age_at_receipt(measure, *about, *set),
            Quantified::Lateness(duty) => self.lateness(measure, *duty),
            Quantified::Tardiness(duty) => self.tardiness(measure, *duty),
            Quantified::Kept(duty) => self.kept(measure, *duty),
            Quantified::Slack(rule) => self.slack(measure, *rule),
            Quantified::Generation(incident) => self.generations(measure, *incident),
            Quantified::Awareness(level) => over_curve(since, self.awareness_of(*level).share),
            Quantified::CommonPicture(level) => over_curve(since, self.awareness_of(*level).common_picture),
            Quantified::Uncoordinated => self.uncoordinated(measure),
            Quantified::Contradictory => self.contradictory(measure),
            Quantified::Active(incident) => self.over_spread(measure, *incident, |p| p.active),
            Quantified::Hits(incident) => self.over_spread(measure, *incident, |p| p.hit),
            Quantified::InStatus(of, status, incident, sizes) => {
                over_time(since, in_status(self.reading, of, *status, *incident, *sizes).into_iter())
            }
        }
    }

    /// Whether what begins at an instant, of somebody, counts.
    fn counts(&self, measure: &Measure, at: SimTime, who: Option<Subject>) -> bool {
        let only = &measure.only;
        if at < measure.since || at >= only.before {
            return false;
        }
        if let Some(rota) = only.during
            && !self.model.rotas[rota.index()].profile.capacity_at(at).is_open()
        {
            return false;
        }
        let actor = match who {
            Some(Subject::Actor(a)) => Some(a),
            _ => None,
        };
        let state = match who {
            Some(Subject::Actor(a)) => self.model.actors[a.index()].state,
            Some(Subject::Operator(o)) => {
                self.trace.operators.get(o.index()).map(|o| self.model.groups[o.group.index()].state)
            }
            _ => None,
        };
        let meant = only.actor.is_none_or(|set| actor.is_some_and(|a| self.model.sets[set.index()].has(a)));
        meant && (only.states.is_empty() || state.is_some_and(|s| only.states[s.index()]))
    }

    /// Whether the filter lets an actor through, whatever the time.
    fn counts_actor(&self, measure: &Measure, actor: ActorId) -> bool {
        let only = &measure.only;
        let state = self.model.actors[actor.index()].state;
        only.actor.is_none_or(|set| self.model.sets[set.index()].has(actor))
            && (only.states.is_empty() || state.is_some_and(|s| only.states[s.index()]))
    }

    fn is_in(&self, set: Option<SetId>, actor: ActorId) -> bool {
        set.is_none_or(|set| self.model.sets[set.index()].has(actor))
    }

    fn event(&self, id: RecordId) -> Event {
        self.trace.record(id).event
    }

    fn who(&self, id: RecordId) -> Subject {
        self.trace.record(id).who
    }

    fn time(&self, id: RecordId) -> SimTime {
        self.trace.record(id).time
    }

    /// When a record began: the time of its first cause.
    fn began(&self, id: RecordId) -> SimTime {
        self.time(self.trace.causes_of(id).first().copied().unwrap_or(id))
    }
}

/// A duration in the unit of a measure.
fn in_unit(measure: &Measure, duration: SimDuration) -> f64 {
    duration.as_micros() as f64 / measure.unit.1 as f64
}

fn series(values: impl Iterator<Item = f64>) -> Quantity {
    Quantity::Series { values: values.collect(), unfinished: 0 }
}

#[cfg(test)]
mod tests;
