//! Measures of work: tasks, cases and pools.

use super::over_time::{over_time, running};
use super::{Quantity, Run, in_unit, series};
use crate::analysis::case::{Visits, case_times};
use crate::analysis::tasks::{Ending, TaskStory};
use crate::model::{CaseFilter, ClassId, Measure, PoolId, SetId, TaskFilter};
use crate::time::SimTime;
use crate::trace::{Event, Subject, WorkKind};

/// Which tasks of whom a measure means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tasks {
    pub(super) of: Option<SetId>,
    pub(super) filter: Option<TaskFilter>,
    pub(super) cases: CaseFilter,
}

impl Run<'_> {
    /// From arrival to the beginning of service.
    pub(super) fn wait(&self, measure: &Measure, tasks: Tasks) -> Quantity {
        let is_unfinished = |t: &TaskStory| t.started.is_none();
        self.task_series(measure, tasks, is_unfinished, |t| in_unit(measure, t.wait()))
    }

    /// From arrival to the end.
    pub(super) fn sojourn(&self, measure: &Measure, tasks: Tasks) -> Quantity {
        let is_unfinished = |t: &TaskStory| t.ending == Ending::Unfinished;
        self.task_series(measure, tasks, is_unfinished, |t| in_unit(measure, t.ended - t.arrived))
    }

    /// One value for each task that was not lost.
    fn task_series(
        &self,
        measure: &Measure,
        tasks: Tasks,
        is_unfinished: impl Fn(&TaskStory) -> bool,
        value: impl Fn(&TaskStory) -> f64,
    ) -> Quantity {
        let (mut values, mut unfinished) = (Vec::new(), 0);
        let mut visits = Visits::new(self.model, self.trace, tasks.cases);
        for task in self.tasks {
            // Every visit counts as one, whether it is looked at or not.
            let counts = visits.counts(task);
            let lost = matches!(task.ending, Ending::FoundFull | Ending::GaveUp | Ending::Withdrawn);
            if lost
                || !self.is_in(tasks.of, task.actor)
                || !self.is_meant(tasks.filter, task.work)
                || !self.counts(measure, task.arrived, Some(Subject::Actor(task.actor)))
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

    /// One for each task that found the queue full or gave up, zero for each other.
    pub(super) fn lost(&self, measure: &Measure, set: SetId) -> Quantity {
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

    /// Tasks of a set that wait, over time.
    pub(super) fn queue_length(&self, measure: &Measure, set: SetId) -> Quantity {
        let mut changes = Vec::new();
        for task in self.tasks_of(measure, set) {
            changes.extend(task.waiting(self.trace).flat_map(begin_and_end));
        }
        over_time(measure.since, running(changes))
    }

    /// Servers of a set that are at work, over time.
    pub(super) fn busy(&self, measure: &Measure, set: SetId) -> Quantity {
        let mut changes = Vec::new();
        for task in self.tasks_of(measure, set) {
            changes.extend(task.working(self.trace).flat_map(begin_and_end));
        }
        over_time(measure.since, running(changes))
    }

    /// Tasks of those in a set whom the filter lets through, whatever the time.
    fn tasks_of(&self, measure: &Measure, set: SetId) -> impl Iterator<Item = &TaskStory> {
        self.tasks
            .iter()
            .filter(move |t| self.is_in(Some(set), t.actor) && self.counts_actor(measure, t.actor))
    }

    /// From the opening of each case to its end.
    pub(super) fn case_time(&self, measure: &Measure, class: Option<ClassId>) -> Quantity {
        let (mut values, mut unfinished) = (Vec::new(), 0);
        let times = case_times(self.model, self.trace, class).into_iter();
        for (opened, ended) in times.filter(|t| self.counts(measure, t.0, None)) {
            unfinished += usize::from(ended.is_none());
            values.push(in_unit(measure, ended.unwrap_or(self.trace.end) - opened));
        }
        Quantity::Series { values, unfinished }
    }

    /// Cases that are open, over time.
    pub(super) fn open_cases(&self, measure: &Measure, class: Option<ClassId>) -> Quantity {
        let mut changes: Vec<(SimTime, i32)> = Vec::new();
        for (opened, ended) in case_times(self.model, self.trace, class) {
            changes.push((opened, 1));
            changes.extend(ended.map(|at| (at, -1)));
        }
        over_time(measure.since, running(changes))
    }

    /// Cases of a class opened so far, over time.
    pub(super) fn opened(&self, measure: &Measure, class: ClassId) -> Quantity {
        let times = case_times(self.model, self.trace, Some(class)).into_iter();
        over_time(measure.since, running(times.map(|(opened, _)| (opened, 1)).collect()))
    }

    /// What is in a pool, over time.
    pub(super) fn stock(&self, measure: &Measure, pool: PoolId) -> Quantity {
        let first = self.model.pools[pool.index()].stock;
        let levels = self.reading.others().iter().filter_map(|&id| match self.event(id) {
            Event::Took { pool: p, left, .. } | Event::GaveBack { pool: p, left, .. } if p == pool => {
                Some((self.time(id), left))
            }
            _ => None,
        });
        over_time(measure.since, std::iter::once((SimTime::ZERO, first)).chain(levels))
    }

    /// From each request to a pool to its fulfilment.
    pub(super) fn wait_for_pool(&self, measure: &Measure, pool: PoolId) -> Quantity {
        series(self.reading.others().iter().filter_map(|&id| match self.event(id) {
            Event::Took { pool: p, .. } if p == pool && self.began(id) >= measure.since => {
                Some(in_unit(measure, self.time(id) - self.began(id)))
            }
            _ => None,
        }))
    }
}

/// A piece of time as one more and one less.
fn begin_and_end((from, to): (SimTime, SimTime)) -> [(SimTime, i32); 2] {
    [(from, 1), (to, -1)]
}
