//! Tasks as the records tell them: arrival, beginning of service, end, and what the time between was.

use super::reading::Reading;
use crate::model::{ActorId, Model};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, RecordId, Span, SpanKind, Subject, Trace, WorkKind};

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Done,
    FoundFull,
    GaveUp,
    /// It lost a race, or its case was closed.
    Withdrawn,
    /// Still there at the end of the run.
    Unfinished,
}

/// One task of an actor.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaskStory {
    pub(super) record: RecordId,
    pub(super) actor: ActorId,
    pub(super) work: WorkKind,
    pub(super) arrived: SimTime,
    /// Beginning of service.
    pub(super) started: Option<SimTime>,
    pub(super) ended: SimTime,
    pub(super) ending: Ending,
}

impl TaskStory {
    /// From arrival to the beginning of service, or to the end for what never began.
    pub(super) fn wait(&self) -> SimDuration {
        self.started.unwrap_or(self.ended) - self.arrived
    }

    /// Pieces of time in which a server was at it. Meetings hold a server from beginning to end.
    pub(super) fn working<'a>(&self, trace: &'a Trace) -> impl Iterator<Item = (SimTime, SimTime)> + 'a {
        let meeting = matches!(self.work, WorkKind::Attend(_) | WorkKind::Session(_));
        let whole = self.started.filter(|_| meeting).map(|from| (from, self.ended));
        let spans = trace.spans_of(self.record).iter().filter(move |s| !meeting && s.kind == SpanKind::Work);
        whole.into_iter().chain(spans.map(|s| (s.from, s.to)))
    }

    /// Pieces of time in which it waited, interruptions included.
    pub(super) fn waiting<'a>(&self, trace: &'a Trace) -> impl Iterator<Item = (SimTime, SimTime)> + 'a {
        trace.spans_of(self.record).iter().filter(|s| is_waiting(s)).map(|s| (s.from, s.to))
    }
}

fn is_waiting(span: &Span) -> bool {
    matches!(span.kind, SpanKind::Queue | SpanKind::OffDuty | SpanKind::CallOut | SpanKind::Outage)
}

/// All tasks in order of arrival; on a tie in the order of what brought them, then of their end.
pub(super) fn tasks(run: &Reading<'_>) -> Vec<TaskStory> {
    // Keys are sorted and not stories, which are four times as long.
    let key = |&id: &RecordId| {
        let cause = run.trace.causes_of(id).first().copied();
        let arrived = run.trace.record(cause.unwrap_or(id)).time;
        (arrived, cause.unwrap_or(id), id)
    };
    let mut keys: Vec<(SimTime, RecordId, RecordId)> = run.tasks().iter().map(key).collect();
    keys.sort_unstable();
    keys.into_iter().filter_map(|(arrived, _, id)| story(run.trace, id, arrived)).collect()
}

/// The task that ended with a record; none if no task of an actor did.
fn story(trace: &Trace, id: RecordId, arrived: SimTime) -> Option<TaskStory> {
    let record = trace.record(id);
    let (work, started, ending) = match record.event {
        Event::TaskDone { work, started } => (work, Some(started), Ending::Done),
        Event::TaskLost { work, reneged } => {
            (work, None, if reneged { Ending::GaveUp } else { Ending::FoundFull })
        }
        Event::Withdrawn { work, started } => (work, started, Ending::Withdrawn),
        Event::Unfinished { work, started } => (work, started, Ending::Unfinished),
        _ => return None,
    };
    let Subject::Actor(actor) = record.who else { return None };
    Some(TaskStory { record: id, actor, work, arrived, started, ended: record.time, ending })
}

/// Server time on duty of an actor over the run; none for unlimited staff.
pub(super) fn time_on_duty(model: &Model, trace: &Trace, actor: ActorId) -> Option<SimDuration> {
    let variant = trace.variants.get(actor.index()).map_or(0, |&v| usize::from(v));
    let variant = model.actors[actor.index()].variants.get(variant)?;
    let staff = variant.staff?;
    let Some(rota) = variant.rota else { return Some(trace.end.since_start() * u64::from(staff)) };
    let steps = model.rotas[rota.index()].profile.steps();
    let lengths = steps.iter().enumerate().map(|(i, &(from, capacity))| {
        let to = steps.get(i + 1).map_or(SimTime::MAX, |s| s.0).min(trace.end);
        (to - from) * u64::from(capacity.servers(staff))
    });
    Some(lengths.sum())
}
