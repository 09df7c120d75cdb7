//! What is kept of the records of a run: all of them, or no more than what they rest on.

use prefetch_index::prefetch_index;

use super::log::{CausalLog, LiveItems};
use super::{Event, Item, OperatorInfo, Record, RecordId, Span, Subject, Told};
use crate::model::ParamId;
use crate::time::SimTime;

/// What a [`Trace`] keeps of the records that it is given.
///
/// | | [`Keep::All`] | [`Keep::Causes`] |
/// | --- | --- | --- |
/// | memory | about 100 bytes a record | about 12 bytes an event |
/// | milestones, `until`, injects that wait for one | afterwards or watched | watched |
/// | figures that can be counted record by record | afterwards or watched | watched |
/// | [`Trace::time_of`] and [`Trace::first_cause`] of any record | yes | yes |
/// | chains with their segments, files, charts, the story | yes | no: run the replication again with all |
///
/// The records themselves, their numbers, times, causes, spans and content are the same at both levels; a watch
/// sees every one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// Every record with all that it says.
    #[default]
    All,
    /// The instant and the first cause of every record. [`Trace::records`] holds those of the present event.
    Causes,
}

/// The records of a run, with what they refer to.
///
/// Where all are kept, the id of a record is its position in `records`. Otherwise use [`Trace::record`].
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// Records by id; where only causes are kept, those of the present event.
    pub records: Vec<Record>,
    /// Causes of these records.
    pub causes: Vec<RecordId>,
    /// Spans of these records.
    pub spans: Vec<Span>,
    /// Operators by id.
    pub operators: Vec<OperatorInfo>,
    /// Content of product instances: `items[i]` are the facts told, with the author's learning record. Empty
    /// where only causes are kept; [`Trace::told_in`] serves both.
    pub items: Vec<Item>,
    /// Parameters read at least once, by parameter position.
    pub acted: Vec<bool>,
    /// Alternative (variant) of staff and calendar that each actor turned out to be.
    pub variants: Vec<u8>,
    /// Number of events that the engine handled.
    pub n_events: u64,
    /// End of the run.
    pub end: SimTime,
    /// What is kept.
    pub(crate) keep: Keep,
    /// Id of the first of `records`.
    pub(crate) first: RecordId,
    pub(crate) log: CausalLog,
    pub(crate) live: LiveItems,
}

impl Trace {
    /// An empty trace that keeps so much.
    pub fn keeping(keep: Keep) -> Trace {
        Trace { keep, ..Trace::default() }
    }

    /// What is kept.
    pub fn keep(&self) -> Keep {
        self.keep
    }

    /// Number of records so far, kept or not; the id of the next one.
    pub fn n_records(&self) -> RecordId {
        self.first + self.records.len() as RecordId
    }

    /// A record: any where all are kept, one of the present event otherwise.
    #[inline]
    pub fn record(&self, id: RecordId) -> &Record {
        &self.records[(id - self.first) as usize]
    }

    /// A record, if it is kept.
    pub fn recent(&self, id: RecordId) -> Option<&Record> {
        self.records.get(id.checked_sub(self.first)? as usize)
    }

    /// The instant of any record of the run.
    pub fn time_of(&self, id: RecordId) -> SimTime {
        if id >= self.first { self.record(id).time } else { self.log.time_of(id) }
    }

    /// The first cause of any record of the run.
    pub fn first_cause(&self, id: RecordId) -> Option<RecordId> {
        if id >= self.first { self.causes_of(id).first().copied() } else { self.log.cause_of(id) }
    }

    /// Causes of a record, the first first.
    pub fn causes_of(&self, id: RecordId) -> &[RecordId] {
        let (from, n) = self.record(id).causes;
        &self.causes[from as usize..from as usize + usize::from(n)]
    }

    /// Spans of a record, from its first cause to itself.
    pub fn spans_of(&self, id: RecordId) -> &[Span] {
        let (from, n) = self.record(id).spans;
        &self.spans[from as usize..from as usize + usize::from(n)]
    }

    /// The facts told in a product instance (that somebody still holds, where only causes are kept).
    pub fn told_in(&self, item: u32) -> &[Told] {
        match self.keep {
            Keep::All => self.items.get(item as usize).map_or(&[], |item| &item.told),
            Keep::Causes => self.live.told_in(item),
        }
    }

    /// Asks memory for the time of a record that will be asked for soon.
    #[inline]
    pub(crate) fn fetch_time(&self, id: RecordId) {
        match self.keep {
            Keep::All => prefetch_index(&self.records, id as usize),
            Keep::Causes => self.log.fetch(id),
        }
    }

    /// Asks memory for the content of a product instance that will be looked at soon.
    #[inline]
    pub(crate) fn fetch_told(&self, item: u32) {
        match self.keep {
            Keep::All => prefetch_index(&self.items, item as usize),
            Keep::Causes => self.live.fetch(item),
        }
    }

    /// Adds the content of a product instance and returns its number.
    pub fn add_item(&mut self, told: &[Told]) -> u32 {
        match self.keep {
            Keep::All => {
                self.items.push(Item { told: told.to_vec() });
                self.items.len() as u32 - 1
            }
            Keep::Causes => self.live.add(told),
        }
    }

    /// Adds a record and returns its id.
    ///
    /// In debug builds the invariants of this room are checked.
    #[inline]
    pub fn push(
        &mut self,
        time: SimTime,
        who: Subject,
        event: Event,
        causes: &[RecordId],
        spans: &[Span],
    ) -> RecordId {
        let id = self.n_records();
        debug_assert!(self.records.last().is_none_or(|r| r.time <= time), "time falls in the trace");
        debug_assert!(causes.iter().all(|&c| c < id), "a cause comes later");
        debug_assert!(
            causes.first().is_none_or(|&c| covers(spans, self.time_of(c), time)),
            "spans {spans:?} do not cover the time from the cause {:?} to {time:?} of {event:?}",
            causes.first().map(|&c| self.time_of(c)),
        );
        if self.keep == Keep::Causes {
            self.log.push(time, causes.first().copied());
        }
        let c = (self.causes.len() as u32, causes.len() as u16);
        self.causes.extend_from_slice(causes);
        let s = self.spans.len() as u32;
        self.spans.extend(spans.iter().filter(|p| p.from < p.to));
        let n = (self.spans.len() as u32 - s) as u16;
        self.records.push(Record { time, who, event, causes: c, spans: (s, n) });
        id
    }

    /// The present event is over: where only causes are kept, its records go.
    #[inline]
    pub(crate) fn event_is_over(&mut self) {
        if self.keep == Keep::Causes {
            self.first = self.n_records();
            self.records.clear();
            self.causes.clear();
            self.spans.clear();
        }
    }

    /// Whether it is time to tell which product instances are still held ([`Trace::keep_items`]).
    #[inline]
    pub(crate) fn wants_items_swept(&self) -> bool {
        self.keep == Keep::Causes && self.live.is_full()
    }

    /// Numbers of product instances whose content may still be held.
    pub(crate) fn items_alive(&self) -> std::ops::Range<u32> {
        self.live.numbers()
    }

    /// Forgets the content of product instances that are not held, told for each of [`Self::items_alive`].
    pub(crate) fn keep_items(&mut self, is_held: &[bool]) {
        self.live.keep(is_held);
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.records.clear();
        self.causes.clear();
        self.spans.clear();
        self.operators.clear();
        self.items.clear();
        self.acted.clear();
        self.variants.clear();
        self.n_events = 0;
        self.end = SimTime::ZERO;
        self.first = 0;
        self.log.clear();
        self.live.clear();
    }

    /// The parameter acted in the run.
    pub fn has_acted(&self, param: ParamId) -> bool {
        self.acted.get(param.index()).copied().unwrap_or(false)
    }
}

/// Whether spans cover `[from, to]` without a gap.
fn covers(spans: &[Span], from: SimTime, to: SimTime) -> bool {
    let mut at = from;
    for s in spans {
        if s.from != at || s.to < s.from {
            return false;
        }
        at = s.to;
    }
    at == to
}
