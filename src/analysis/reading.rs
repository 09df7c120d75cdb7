//! A run with its records sorted by what they tell, so that nobody who asks for one kind of thing passes over all
//! others.
//!
//! Sorting is one pass over the records. Whoever reads many runs hands the memory on from one to the next.

use crate::model::{FactKindId, Model, ProductId};
use crate::trace::{Event, RecordId, Trace};

/// A run that is read; all its records are kept ([`Keep::All`](crate::trace::Keep)).
#[derive(Debug)]
pub struct Reading<'a> {
    pub(super) model: &'a Model,
    pub(super) trace: &'a Trace,
    lists: Lists,
}

/// Records of a run by what they tell, each list in order of time.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    knowledge: Vec<RecordId>,
    learned: Vec<Vec<RecordId>>,
    sent: Vec<Vec<RecordId>>,
    arrived: Vec<Vec<RecordId>>,
    read: Vec<Vec<RecordId>>,
    published: Vec<RecordId>,
    operators: Vec<RecordId>,
    tasks: Vec<RecordId>,
    fired: Vec<RecordId>,
    others: Vec<RecordId>,
}

impl<'a> Reading<'a> {
    /// Sorts the records of a run.
    pub fn new(model: &'a Model, trace: &'a Trace) -> Reading<'a> {
        Reading::again(model, trace, Lists::default())
    }

    /// Sorts the records of a run into the memory of an earlier reading.
    pub(super) fn again(model: &'a Model, trace: &'a Trace, mut lists: Lists) -> Reading<'a> {
        lists.clear();
        for (i, record) in trace.records.iter().enumerate() {
            lists.add(model, i as RecordId, &record.event);
        }
        Reading { model, trace, lists }
    }

    /// The memory, for another reading.
    pub(super) fn into_lists(self) -> Lists {
        self.lists
    }

    /// Where somebody learns a fact, where a version comes into being, and where something becomes true.
    pub(super) fn knowledge(&self) -> &[RecordId] {
        &self.lists.knowledge
    }

    /// Where somebody learns a fact of a kind.
    pub(super) fn learned(&self, kind: FactKindId) -> &[RecordId] {
        of_key(&self.lists.learned, kind.index())
    }

    /// Where a product is sent.
    pub(super) fn sent(&self, product: ProductId) -> &[RecordId] {
        of_key(&self.lists.sent, product.index())
    }

    /// Where a product reaches somebody or nobody: delivered, not delivered, published.
    pub(super) fn arrived(&self, product: ProductId) -> &[RecordId] {
        of_key(&self.lists.arrived, product.index())
    }

    /// Where a product is read.
    pub(super) fn read(&self, product: ProductId) -> &[RecordId] {
        of_key(&self.lists.read, product.index())
    }

    /// Where a statement is published, whichever.
    pub(super) fn published(&self) -> &[RecordId] {
        &self.lists.published
    }

    /// What happens to operators: from the hit to recovery, immunity, going off line and coming back.
    pub(super) fn operators(&self) -> &[RecordId] {
        &self.lists.operators
    }

    /// Ends of tasks, those that are unfinished at the end of the run among them.
    pub(super) fn tasks(&self) -> &[RecordId] {
        &self.lists.tasks
    }

    /// Where a rule fires.
    pub(super) fn fired(&self) -> &[RecordId] {
        &self.lists.fired
    }

    /// Everything that is in no other list; rules that were blocked are in none at all.
    pub(super) fn others(&self) -> &[RecordId] {
        &self.lists.others
    }
}

impl Lists {
    /// Forgets the run and keeps the memory.
    fn clear(&mut self) {
        for lists in [&mut self.learned, &mut self.sent, &mut self.arrived, &mut self.read] {
            lists.iter_mut().for_each(Vec::clear);
        }
        for list in [
            &mut self.knowledge,
            &mut self.published,
            &mut self.operators,
            &mut self.tasks,
            &mut self.fired,
            &mut self.others,
        ] {
            list.clear();
        }
    }

    fn add(&mut self, model: &Model, id: RecordId, event: &Event) {
        match *event {
            Event::Learned { fact, .. } => {
                self.knowledge.push(id);
                add_to_key(&mut self.learned, model.facts[fact.index()].kind.index(), id);
            }
            Event::Versioned { .. } | Event::True { .. } => self.knowledge.push(id),
            Event::Sent { product, .. } => add_to_key(&mut self.sent, product.index(), id),
            Event::Delivered { product, .. } | Event::Undelivered { product, .. } => {
                add_to_key(&mut self.arrived, product.index(), id);
            }
            Event::Read { product, .. } => add_to_key(&mut self.read, product.index(), id),
            Event::Published { product, .. } => {
                add_to_key(&mut self.arrived, product.index(), id);
                self.published.push(id);
            }
            Event::Hit(..)
            | Event::Infected { .. }
            | Event::Detected(..)
            | Event::Contained(..)
            | Event::Recovered(..)
            | Event::Immune(..)
            | Event::OffLine(..)
            | Event::OnLine(..) => self.operators.push(id),
            Event::TaskDone { .. }
            | Event::TaskLost { .. }
            | Event::Withdrawn { .. }
            | Event::Unfinished { .. } => self.tasks.push(id),
            Event::RuleFired(_) => self.fired.push(id),
            Event::RuleBlocked(..) => {}
            _ => self.others.push(id),
        }
    }
}

/// The list of a key; empty where nothing was added to it.
fn of_key(lists: &[Vec<RecordId>], key: usize) -> &[RecordId] {
    lists.get(key).map_or(&[], Vec::as_slice)
}

fn add_to_key(lists: &mut Vec<Vec<RecordId>>, key: usize, id: RecordId) {
    if lists.len() <= key {
        lists.resize_with(key + 1, Vec::new);
    }
    lists[key].push(id);
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, actor, hours};
    use super::*;
    use crate::model::{RuleId, Truth, ValueKind};
    use crate::trace::{Party, Subject};

    #[test]
    fn every_record_stands_where_it_is_looked_for() {
        let mut b = Builder::new();
        let a = b.actor("a");
        let f = b.fact("f", ValueKind::Flag, Truth::Start);
        let kind = b.model.facts[f.index()].kind;
        let (letter, press) = (b.product("letter", &[kind]), b.product("press", &[]));
        let rule = RuleId::from_index(0);
        let delivered = Event::Delivered { product: letter, from: Party::Actor(a), item: 0, copies: 1 };
        let undelivered = Event::Undelivered { product: letter, to: Party::Actor(a), copies: 1 };
        let published =
            Event::Published { product: press, item: 0, uncoordinated: false, contradictory: false };
        b.start();
        for event in [
            Event::True { fact: f, value: 1.0 },
            Event::RuleBlocked(rule, 0),
            Event::RuleFired(rule),
            undelivered,
            delivered,
            Event::Read { product: letter, item: 0 },
        ] {
            b.at(hours(1.0), actor(0), event, &[], &[]);
        }
        b.learns(hours(1.0), actor(0), f, &[]);
        b.at(hours(2.0), actor(0), published, &[], &[]);
        b.at(hours(3.0), Subject::World, Event::End, &[], &[]);
        let run = Reading::new(&b.model, &b.trace);
        assert_eq!((run.knowledge(), run.learned(kind)), (&[1, 7][..], &[7][..]));
        assert_eq!(
            (run.arrived(letter), run.read(letter), run.sent(letter)),
            (&[4, 5][..], &[6][..], &[][..])
        );
        assert_eq!((run.arrived(press), run.published()), (&[8][..], &[8][..]));
        assert_eq!((run.fired(), run.others()), (&[3][..], &[0, 9][..]));
        assert!(run.tasks().is_empty() && run.operators().is_empty());

        // The memory is used again, and nothing of the run before is left in it.
        let empty = Trace::default();
        let run = Reading::again(&b.model, &empty, run.into_lists());
        assert!(run.learned(kind).is_empty() && run.others().is_empty() && run.published().is_empty());
    }
}
