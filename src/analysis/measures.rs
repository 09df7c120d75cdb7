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

use std::collections::BTreeMap;

use super::ages::{Ages, age_at_receipt, staleness};
use super::awareness::{AwarenessCurve, awareness};
use super::case::{Visits, case_times};
use super::chain::{root, slacks};
use super::curve::Curve;
use super::duties::{DutyObject, Standing, duties};
use super::knowledge::first_arrivals;
use super::milestones::MilestoneResult;
use super::spread::spread;
use super::statuses::in_status;
use super::tasks::{Ending, TaskStory, tasks};
use super::trigger::{Firing, Owner, firings, firings_of_each, is_local};
use crate::model::{
    ActorId, CaseFilter, DutyId, FactOrKind, IncidentId, Join, LevelId, Measure, MeasureId, Model,
    OperatorId, Quantified, SetId, Statistic, TaskFilter, Trigger,
};
use crate::stats;
use crate::time::{DutyProfile, SimDuration, SimTime};
use crate::trace::{Event, RecordId, Subject, Trace, WorkKind};

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

/// All declared measures of a run, in the order of the model; `milestones` are those of the same run.
pub fn measures(model: &Model, trace: &Trace, milestones: &[MilestoneResult]) -> Vec<MeasureRow> {
    measures_with(model, trace, milestones, &duties(model, trace))
}

/// The same, where the duties of the run have been looked at already.
pub(super) fn measures_with(
    model: &Model,
    trace: &Trace,
    milestones: &[MilestoneResult],
    duties: &[DutyObject],
) -> Vec<MeasureRow> {
    let tasks = tasks(trace);
    let run = Run { model, trace, milestones, tasks: &tasks, duties };
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

/// Whether the values are times.
fn is_time(of: &Quantified) -> bool {
    matches!(
        of,
        Quantified::Wait(..)
            | Quantified::Sojourn(..)
            | Quantified::CaseTime(_)
            | Quantified::WaitForPool(_)
            | Quantified::Age(..)
            | Quantified::Instant(..)
            | Quantified::Latency(_)
            | Quantified::Staleness(..)
            | Quantified::AgeAtReceipt(..)
            | Quantified::Lateness(_)
            | Quantified::Tardiness(_)
            | Quantified::Slack(_)
    )
}

/// The unit of a statistic of a measure, by its name in files; empty for plain numbers and unknown statistics.
pub fn unit_of(measure: &Measure, statistic: &str) -> String {
    let unit = Unit { name: measure.unit.0, is_time: is_time(&measure.of) };
    let over_time = matches!(measure.of, Quantified::QueueLength(..) | Quantified::Busy(..));
    let found = measure.show.iter().find(|(name, _)| name == statistic);
    found.map_or_else(String::new, |(_, statistic)| unit.of(statistic, over_time))
}

/// The unit of a measure's values.
struct Unit {
    name: &'static str,
    is_time: bool,
}

impl Unit {
    fn of(&self, statistic: &Statistic, over_time: bool) -> String {
        match statistic {
            Statistic::Count | Statistic::ShareAbove(_) => String::new(),
            Statistic::Rate => "per hour".to_owned(),
            Statistic::FirstAt(_) => self.name.to_owned(),
            Statistic::Integral if over_time => "hours".to_owned(),
            Statistic::Variance if self.is_time => format!("{}^2", self.name),
            _ if self.is_time => self.name.to_owned(),
            _ => String::new(),
        }
    }
}

/// A run with what is computed once for all measures.
struct Run<'a> {
    model: &'a Model,
    trace: &'a Trace,
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

    fn unfiltered(&self, measure: &Measure) -> Quantity {
        let since = measure.since;
        let in_unit = |d: SimDuration| d.as_micros() as f64 / measure.unit.1 as f64;
        match &measure.of {
            Quantified::Wait(set, filter, cases) => {
                let unfinished = |t: &TaskStory| t.started.is_none();
                self.task_series(measure, *set, *filter, *cases, unfinished, |t| in_unit(t.wait()))
            }
            Quantified::Sojourn(set, filter, cases) => {
                let unfinished = |t: &TaskStory| t.ending == Ending::Unfinished;
                self.task_series(measure, *set, *filter, *cases, unfinished, |t| in_unit(t.ended - t.arrived))
            }
            Quantified::CaseTime(class) => {
                let times = case_times(self.model, self.trace, *class);
                let (mut values, mut unfinished) = (Vec::new(), 0);
                for (opened, ended) in times.into_iter().filter(|t| self.counts(measure, t.0, None)) {
                    unfinished += usize::from(ended.is_none());
                    values.push(in_unit(ended.unwrap_or(self.trace.end) - opened));
                }
                Quantity::Series { values, unfinished }
            }
            Quantified::OpenCases(class) => {
                let mut changes: Vec<(SimTime, i32)> = Vec::new();
                for (opened, ended) in case_times(self.model, self.trace, *class) {
                    changes.push((opened, 1));
                    changes.extend(ended.map(|at| (at, -1)));
                }
                over_time(since, running(changes))
            }
            Quantified::Stock(pool) => {
                let first = self.model.pools[pool.index()].stock;
                let levels = self.trace.records.iter().filter_map(|r| match r.event {
                    Event::Took { pool: p, left, .. } | Event::GaveBack { pool: p, left, .. }
                        if p == *pool =>
                    {
                        Some((r.time, left))
                    }
                    _ => None,
                });
                over_time(since, std::iter::once((SimTime::ZERO, first)).chain(levels))
            }
            Quantified::WaitForPool(pool) => self.records(|i, event| match event {
                Event::Took { pool: p, .. } if p == *pool && self.began(i) >= since => {
                    Some(in_unit(self.time(i) - self.began(i)))
                }
                _ => None,
            }),
            Quantified::Opened(class) => {
                let times = case_times(self.model, self.trace, Some(*class));
                over_time(since, running(times.into_iter().map(|(opened, _)| (opened, 1)).collect()))
            }
            Quantified::Lost(set) => self.lost(measure, *set),
            Quantified::QueueLength(set) => {
                self.overlap(measure, *set, |t, trace| t.waiting(trace).collect())
            }
            Quantified::Busy(set) => self.overlap(measure, *set, |t, trace| t.working(trace).collect()),
            Quantified::Age(trigger, set) => {
                let ages = self.happenings(trigger, *set).into_iter().filter_map(|f| {
                    let began = self.trace.records[root(self.trace, f.record?) as usize].time;
                    let who = self.trace.records[f.record? as usize].who;
                    self.counts(measure, began, Some(who)).then(|| in_unit(f.at - began))
                });
                series(ages)
            }
            Quantified::Instant(trigger, set) => {
                let all = self.happenings(trigger, *set).into_iter();
                let who = |f: &Firing| f.record.map(|r| self.trace.records[r as usize].who);
                let counted = all.filter(|f| self.counts(measure, f.at, who(f)));
                series(counted.map(|f| in_unit(f.at.since_start())))
            }
            Quantified::Copies(product) => self.records(|i, event| match event {
                Event::Delivered { product: p, copies, .. }
                | Event::Undelivered { product: p, copies, .. } => (p == *product
                    && self.counts(measure, self.began(i), self.who(i)))
                .then_some(f64::from(copies)),
                _ => None,
            }),
            Quantified::Undelivered(product) => self.records(|i, event| match event {
                Event::Delivered { product: p, .. } => {
                    (p == *product && self.counts(measure, self.began(i), self.who(i))).then_some(0.0)
                }
                Event::Undelivered { product: p, .. } => {
                    (p == *product && self.counts(measure, self.began(i), self.who(i))).then_some(1.0)
                }
                _ => None,
            }),
            Quantified::Redundant(product) => self.records(|i, event| {
                (event == Event::Redundant(*product) && self.began(i) >= since).then_some(1.0)
            }),
            Quantified::Votes(decision) => self.records(|i, event| match event {
                Event::Decided(d, _, votes, _)
                    if d == *decision && self.counts(measure, self.time(i), self.who(i)) =>
                {
                    Some(f64::from(votes))
                }
                _ => None,
            }),
            Quantified::Latency(milestone) => {
                let result = self.milestones.get(milestone.index()).copied().unwrap_or_default();
                let counts = result.origin.is_some_and(|origin| self.counts(measure, origin, None));
                series(result.latency.filter(|_| counts).map(in_unit).into_iter())
            }
            Quantified::Hops(kind, set) => {
                let tree = first_arrivals(self.model, self.trace, FactOrKind::Kind(*kind));
                let arrivals = tree.arrivals.iter().filter(|a| {
                    self.is_in(*set, a.actor) && self.counts(measure, a.at, Some(Subject::Actor(a.actor)))
                });
                series(arrivals.map(|a| f64::from(a.hops)))
            }
            Quantified::Staleness(about, set) => {
                let among = |a: ActorId| self.is_in(*set, a) && self.counts_actor(measure, a);
                let until = self.trace.end.min(measure.only.before);
                let hours = measure.only.during.map(|rota| &self.model.rotas[rota.index()].profile);
                Quantity::Ages(staleness(self.model, self.trace, *about, among, (since, until), hours))
            }
            Quantified::AgeAtReceipt(about, set) => {
                let told = age_at_receipt(self.model, self.trace, *about).into_iter();
                let counted = told.filter(|t| {
                    self.is_in(*set, t.actor) && self.counts(measure, t.at, Some(Subject::Actor(t.actor)))
                });
                series(counted.map(|t| in_unit(t.age)))
            }
            Quantified::Lateness(duty) => {
                self.owed(measure, *duty, |o| o.arrived.map(|at| late_by(at, o.deadline, measure)))
            }
            Quantified::Tardiness(duty) => {
                self.owed(measure, *duty, |o| o.arrived.map(|at| late_by(at, o.deadline, measure).max(0.0)))
            }
            Quantified::Kept(duty) => self.owed(measure, *duty, |o| match o.standing {
                Standing::Kept => Some(1.0),
                Standing::Late(_) | Standing::Missing => Some(0.0),
                Standing::Open => None,
            }),
            Quantified::Slack(rule) => {
                let mut waits = Vec::new();
                for (i, record) in self.trace.records.iter().enumerate() {
                    if record.event != Event::RuleFired(*rule) {
                        continue;
                    }
                    for (cause, slack) in slacks(self.trace, i as RecordId).into_iter().skip(1) {
                        if self.counts(measure, self.time(cause), Some(record.who)) {
                            waits.push(in_unit(slack));
                        }
                    }
                }
                series(waits.into_iter())
            }
            Quantified::Generation(incident) => self.generations(measure, *incident),
            Quantified::Awareness(level) => over_curve(since, self.awareness_of(*level).share),
            Quantified::CommonPicture(level) => over_curve(since, self.awareness_of(*level).common_picture),
            Quantified::Uncoordinated => self.records(|i, event| match event {
                Event::Published { uncoordinated, .. } if self.counts(measure, self.time(i), self.who(i)) => {
                    Some(f64::from(u8::from(uncoordinated)))
                }
                _ => None,
            }),
            Quantified::Contradictory => self.records(|i, event| match event {
                Event::Published { contradictory, .. } if self.counts(measure, self.time(i), self.who(i)) => {
                    Some(f64::from(u8::from(contradictory)))
                }
                _ => None,
            }),
            Quantified::Active(incident) => {
                let spread = spread(self.model, self.trace, Some(*incident));
                over_time(since, spread.curve.iter().map(|p| (p.at, f64::from(p.active))))
            }
            Quantified::InStatus(of, status, incident, sizes) => over_time(
                since,
                in_status(self.model, self.trace, of, *status, *incident, *sizes).into_iter(),
            ),
            Quantified::Hits(incident) => {
                let spread = spread(self.model, self.trace, Some(*incident));
                over_time(since, spread.curve.iter().map(|p| (p.at, f64::from(p.hit))))
            }
        }
    }

    /// Whether the filter lets an actor through, whatever the time.
    fn counts_actor(&self, measure: &Measure, actor: ActorId) -> bool {
        let only = &measure.only;
        let state = self.model.actors[actor.index()].state;
        only.actor.is_none_or(|set| self.model.sets[set.index()].has(actor))
            && (only.states.is_empty() || state.is_some_and(|s| only.states[s.index()]))
    }

    /// One value for each time that a duty was owed; it begins with its clock.
    fn owed(&self, measure: &Measure, duty: DutyId, value: impl Fn(&DutyObject) -> Option<f64>) -> Quantity {
        let counted =
            self.duties.iter().filter(|o| o.duty == duty && self.counts(measure, o.clock, Some(o.holder)));
        series(counted.filter_map(value))
    }

    /// Hits back to the first of a chain, for each hit of an incident; a hit from outside begins a chain.
    fn generations(&self, measure: &Measure, incident: IncidentId) -> Quantity {
        let mut generation: BTreeMap<OperatorId, u32> = BTreeMap::new();
        let mut hits: Vec<(OperatorId, SimTime)> = Vec::new();
        for record in &self.trace.records {
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

    fn awareness_of(&self, level: LevelId) -> AwarenessCurve {
        let levels = awareness(self.model, self.trace).levels.into_iter();
        levels.filter(|l| l.0 == level).map(|l| l.1).next().unwrap_or_default()
    }

    fn who(&self, record: RecordId) -> Option<Subject> {
        Some(self.trace.records[record as usize].who)
    }

    fn time(&self, record: RecordId) -> SimTime {
        self.trace.records[record as usize].time
    }

    /// When a record began: the time of its first cause.
    fn began(&self, record: RecordId) -> SimTime {
        self.time(self.trace.causes_of(record).first().copied().unwrap_or(record))
    }

    fn is_in(&self, set: Option<SetId>, actor: ActorId) -> bool {
        set.is_none_or(|set| self.model.sets[set.index()].has(actor))
    }

    fn records(&self, value: impl Fn(RecordId, Event) -> Option<f64>) -> Quantity {
        let records = self.trace.records.iter().enumerate();
        series(records.filter_map(|(i, r)| value(i as RecordId, r.event)))
    }

    /// One value for each task that was not lost.
    fn task_series(
        &self,
        measure: &Measure,
        set: Option<SetId>,
        filter: Option<TaskFilter>,
        cases: CaseFilter,
        is_unfinished: impl Fn(&TaskStory) -> bool,
        value: impl Fn(&TaskStory) -> f64,
    ) -> Quantity {
        let (mut values, mut unfinished) = (Vec::new(), 0);
        let mut visits = Visits::new(self.model, self.trace, cases);
        for task in self.tasks {
            let counts = visits.counts(task);
            let lost = matches!(task.ending, Ending::FoundFull | Ending::GaveUp | Ending::Withdrawn);
            if lost
                || !self.counts(measure, task.arrived, Some(Subject::Actor(task.actor)))
                || !self.is_in(set, task.actor)
                || !self.is_meant(filter, task.work)
                || !counts
            {
                continue;
            }
            unfinished += usize::from(is_unfinished(task));
            values.push(value(task));
        }
        Quantity::Series { values, unfinished }
    }

    /// Whether a filter means this kind of work.
    fn is_meant(&self, filter: Option<TaskFilter>, work: WorkKind) -> bool {
        match (filter, work) {
            (None, _) => true,
            (Some(TaskFilter::Task(wanted)), WorkKind::Task(task)) => wanted == task,
            (Some(TaskFilter::Product(wanted)), WorkKind::Read(p) | WorkKind::Write(p)) => wanted == p,
            (Some(TaskFilter::Param(wanted)), WorkKind::For(site)) => {
                self.model.sites[site.index()].param == wanted
            }
            _ => false,
        }
    }

    fn lost(&self, measure: &Measure, set: SetId) -> Quantity {
        let counted = self.tasks.iter().filter(|t| {
            self.is_in(Some(set), t.actor) && self.counts(measure, t.arrived, Some(Subject::Actor(t.actor)))
        });
        let (mut values, mut unfinished) = (Vec::new(), 0);
        for task in counted {
            unfinished += usize::from(task.ending == Ending::Unfinished);
            values.push(f64::from(u8::from(matches!(task.ending, Ending::FoundFull | Ending::GaveUp))));
        }
        Quantity::Series { values, unfinished }
    }

    /// How many pieces of time of the tasks of a set overlap, over time.
    fn overlap(
        &self,
        measure: &Measure,
        set: SetId,
        pieces: impl Fn(&TaskStory, &Trace) -> Vec<(SimTime, SimTime)>,
    ) -> Quantity {
        let mut changes: Vec<(SimTime, i32)> = Vec::new();
        for task in self
            .tasks
            .iter()
            .filter(|t| self.is_in(Some(set), t.actor) && self.counts_actor(measure, t.actor))
        {
            changes.extend(pieces(task, self.trace).into_iter().flat_map(|(from, to)| [(from, 1), (to, -1)]));
        }
        over_time(measure.since, running(changes))
    }

    /// When a trigger was met at the actors of a set (at any without one).
    fn happenings(&self, trigger: &Trigger, set: Option<SetId>) -> Vec<Firing> {
        let one_by_one = matches!(trigger.join, Join::Leaf(_)) || !trigger.leaves.iter().any(is_local);
        if one_by_one {
            // What happens to everybody at once counts once, whoever is asked about.
            let mut all = firings(self.model, self.trace, trigger, Owner::default());
            all.retain(|f| match f.record.map(|r| self.trace.records[r as usize].who) {
                Some(Subject::Actor(a)) => self.is_in(set, a),
                _ => true,
            });
            return all;
        }
        let all = (0..self.model.actors.len()).map(ActorId::from_index);
        let actors: Vec<ActorId> = all.filter(|&a| self.is_in(set, a)).collect();
        let mut all = firings_of_each(self.model, self.trace, trigger, &actors).concat();
        all.sort_by_key(|f| (f.at, f.record, f.leaf));
        all
    }
}

fn series(values: impl Iterator<Item = f64>) -> Quantity {
    Quantity::Series { values: values.collect(), unfinished: 0 }
}

/// The sum of changes so far, in order of time.
fn running(mut changes: Vec<(SimTime, i32)>) -> impl Iterator<Item = (SimTime, f64)> {
    changes.sort_unstable();
    let mut now = 0;
    changes.into_iter().map(move |(at, change)| {
        now += change;
        (at, f64::from(now))
    })
}

/// A number over time that is 0 at first, from the end of the warm-up on.
fn over_time(since: SimTime, changes: impl Iterator<Item = (SimTime, f64)>) -> Quantity {
    let mut curve = Curve::default();
    curve.set(since, Some(0.0));
    for (at, value) in changes {
        curve.set(at.max(since), Some(value));
    }
    Quantity::OverTime(curve)
}

/// The part of a curve from the end of the warm-up on.
fn over_curve(since: SimTime, curve: Curve) -> Quantity {
    let mut late = Curve::default();
    late.set(since, curve.at(since));
    for &(at, value) in curve.points.iter().filter(|p| p.0 > since) {
        late.set(at, value);
    }
    Quantity::OverTime(late)
}

/// A curve that is undefined outside the hours of a calendar.
fn masked(curve: &Curve, hours: &DutyProfile, end: SimTime) -> Curve {
    let mut changes: Vec<SimTime> = curve.points.iter().map(|p| p.0).collect();
    let mut at = SimTime::ZERO;
    while let Some((next, _)) = hours.next_change_after(at).filter(|n| n.0 <= end) {
        changes.push(next);
        at = next;
    }
    changes.sort_unstable();
    changes.dedup();
    let mut out = Curve::default();
    for at in changes {
        out.set(at, if hours.capacity_at(at).is_open() { curve.at(at) } else { None });
    }
    out
}

/// By how much something was late, in the unit of a measure; negative if it was early.
fn late_by(at: SimTime, deadline: SimTime, measure: &Measure) -> f64 {
    (at.as_micros() as f64 - deadline.as_micros() as f64) / measure.unit.1 as f64
}

/// A statistic of a quantity; none where it does not exist.
fn value_of(quantity: &Quantity, statistic: &Statistic, measure: &Measure, end: SimTime) -> Option<f64> {
    match quantity {
        Quantity::Series { values, .. } => of_series(values, statistic, measure.since, end),
        Quantity::OverTime(curve) => of_curve(curve, statistic, measure, end.min(measure.only.before)),
        Quantity::Ages(ages) => ages.statistic(statistic, measure.unit.1 as f64),
    }
}

fn of_series(values: &[f64], statistic: &Statistic, since: SimTime, end: SimTime) -> Option<f64> {
    let n = values.len();
    match statistic.clone() {
        Statistic::Count => Some(n as f64),
        Statistic::Sum => Some(values.iter().sum()),
        Statistic::Mean => stats::mean(values),
        Statistic::Variance => stats::variance(values),
        Statistic::Sd => stats::sd(values),
        Statistic::Max => values.iter().copied().reduce(f64::max),
        Statistic::Min => values.iter().copied().reduce(f64::min),
        Statistic::Quantile(p) => stats::quantile_type1(values, p),
        Statistic::ShareAbove(level) => {
            (n > 0).then(|| values.iter().filter(|&&v| v > level).count() as f64 / n as f64)
        }
        Statistic::Nth(k) => (k as usize).checked_sub(1).and_then(|i| values.get(i).copied()),
        Statistic::Rate => {
            let hours = (end - since).as_hours_f64();
            (hours > 0.0).then(|| n as f64 / hours)
        }
        Statistic::Integral
        | Statistic::TimeAverage
        | Statistic::At(_)
        | Statistic::AtEach(_)
        | Statistic::FirstAt(_) => None,
    }
}

fn of_curve(curve: &Curve, statistic: &Statistic, measure: &Measure, end: SimTime) -> Option<f64> {
    let since = measure.since;
    let pieces = || curve.pieces(since, end);
    let weighted = |share: &dyn Fn(f64) -> f64| -> Option<f64> {
        let total: f64 = pieces().map(|(d, _)| d.as_micros() as f64).sum();
        (total > 0.0).then(|| pieces().map(|(d, v)| share(v) * d.as_micros() as f64).sum::<f64>() / total)
    };
    let variance = || {
        let mean = curve.average(since, end)?;
        weighted(&|v| (v - mean) * (v - mean))
    };
    let values = || curve.points.iter().filter(|p| p.0 < end || p.0 == since).filter_map(|p| p.1);
    match statistic.clone() {
        Statistic::Mean | Statistic::TimeAverage => curve.average(since, end),
        Statistic::Integral => Some(curve.integral_hours(since, end)),
        Statistic::Variance => variance(),
        Statistic::Sd => variance().map(libm::sqrt),
        Statistic::Max => values().reduce(f64::max),
        Statistic::Min => values().reduce(f64::min),
        Statistic::ShareAbove(level) => weighted(&|v| f64::from(u8::from(v > level))),
        Statistic::Quantile(p) => {
            let mut sorted: Vec<(f64, SimDuration)> = pieces().map(|(d, v)| (v, d)).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let total: SimDuration = sorted.iter().map(|s| s.1).sum();
            let mut passed = SimDuration::ZERO;
            sorted.into_iter().find_map(|(v, d)| {
                passed += d;
                (passed.as_micros() as f64 >= p * total.as_micros() as f64).then_some(v)
            })
        }
        Statistic::At(t) => curve.at(t).filter(|_| t <= end),
        Statistic::AtEach(instants) => {
            let counted = instants.iter().filter(|&&t| since <= t && t <= end);
            stats::mean(&counted.filter_map(|&t| curve.at(t)).collect::<Vec<f64>>())
        }
        Statistic::FirstAt(level) => {
            let at = curve.first_at(level, since).filter(|&t| t <= end)?;
            Some(at.as_micros() as f64 / measure.unit.1 as f64)
        }
        Statistic::Count | Statistic::Sum | Statistic::Nth(_) | Statistic::Rate => None,
    }
}

#[cfg(test)]
mod tests;
