//! Counting towards a milestone: who has learned, what was sent, which operators are where.

use crate::analysis::awareness::is_right;
use crate::analysis::reading::Reading;
use crate::analysis::select::{Asker, n_selected, needed, selects};
use crate::model::{FactId, FactOrKind, HowMany, Model, OperatorFilter, OperatorId, Sel, Status};
use crate::trace::{Event, Record, Subject, Trace};

/// What has been counted towards a milestone.
#[derive(Debug, Clone, Default)]
pub(super) struct Count {
    pub(super) n: usize,
    /// How many are needed, where that is known only with the whole run.
    pub(super) needed: Option<usize>,
    /// Those counted already, where each counts once: a bit each.
    seen: Vec<u64>,
    /// Sendings counted already: product instance and sender.
    sendings: Vec<(u32, Subject)>,
}

impl Count {
    /// Forgets the run and keeps the memory.
    pub(super) fn reset(&mut self) {
        self.n = 0;
        self.needed = None;
        self.seen.fill(0);
        self.sendings.clear();
    }

    /// Marks a position; true if it was not marked before.
    fn mark(&mut self, index: usize) -> bool {
        let (word, bit) = (index / 64, 1_u64 << (index % 64));
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let fresh = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        fresh
    }
}

/// Counts one more; true at the n-th (and later).
pub(super) fn nth(count: &mut Count, n: u32) -> bool {
    count.n += 1;
    count.n >= n as usize
}

/// Whether this instance has not been counted for this sender before.
pub(super) fn first_sending(count: &mut Count, item: u32, sender: Subject) -> bool {
    let fresh = !count.sendings.contains(&(item, sender));
    if fresh {
        count.sendings.push((item, sender));
    }
    fresh
}

/// Whether a learning is the last that `Knows` needs.
#[expect(clippy::too_many_arguments, reason = "the parts of one predicate and of one record")]
pub(super) fn knows(
    count: &mut Count,
    model: &Model,
    record: &Record,
    who: &Sel,
    about: FactOrKind,
    learned: FactId,
    value: f64,
    how_many: HowMany,
) -> bool {
    let info = &model.facts[learned.index()];
    let kind = &model.fact_kinds[info.kind.index()];
    let meant = match about {
        FactOrKind::Fact(fact) => fact == learned,
        FactOrKind::Kind(kind) => kind == info.kind,
    };
    let asker = Asker::anybody(record.time);
    let Subject::Actor(actor) = record.who else { return false };
    if !meant || !is_right(kind, info, value, None) || !selects(model, who, record.who, asker) {
        return false;
    }
    if count.mark(actor.index()) {
        count.n += 1;
    }
    count.n
        >= match how_many {
            HowMany::Nth(n) => n as usize,
            HowMany::Share(share) => needed(share, n_selected(model, who, asker)),
        }
}

/// Whether an event is the last that `Operators` needs.
pub(super) fn operators(
    count: &mut Count,
    model: &Model,
    trace: &Trace,
    filter: &OperatorFilter,
    status: Status,
    how_many: HowMany,
    event: Event,
) -> bool {
    let operator = match (status, event) {
        (Status::Hit, Event::Hit(_, o))
        | (Status::Detected, Event::Detected(_, o))
        | (Status::Contained, Event::Contained(_, o))
        | (Status::Recovered, Event::Recovered(_, o))
        | (Status::Immune, Event::Immune(_, o))
        | (Status::OffLine, Event::OffLine(_, o)) => o,
        _ => return false,
    };
    if !accepts(model, trace, filter, operator) || !count.mark(operator.index()) {
        return false;
    }
    count.n += 1;
    let needed = match how_many {
        HowMany::Nth(n) => Some(n as usize),
        HowMany::Share(share) if matches!(status, Status::Immune | Status::OffLine) => {
            Some(*count.needed.get_or_insert_with(|| {
                let all = (0..trace.operators.len()).map(OperatorId::from_index);
                needed(share, all.filter(|&o| accepts(model, trace, filter, o)).count())
            }))
        }
        HowMany::Share(_) => count.needed,
    };
    needed.is_some_and(|needed| count.n >= needed)
}

/// Whether a filter accepts an operator of the run.
fn accepts(model: &Model, trace: &Trace, filter: &OperatorFilter, operator: OperatorId) -> bool {
    trace.operators.get(operator.index()).is_some_and(|info| {
        let group = &model.groups[info.group.index()];
        filter.accepts(info.group, group, info.attributes)
    })
}

/// Number of operators that a filter accepts and that were hit at least once.
pub(super) fn n_hit(run: &Reading<'_>, filter: &OperatorFilter) -> usize {
    let mut hit = Count::default();
    for &id in run.operators() {
        if let Event::Hit(_, operator) = run.trace.record(id).event
            && accepts(run.model, run.trace, filter, operator)
            && hit.mark(operator.index())
        {
            hit.n += 1;
        }
    }
    hit.n
}
