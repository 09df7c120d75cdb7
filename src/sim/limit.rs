//! Limits of a run: what stops a runaway, and which rules it was that set each other off.
//!
//! A document can be right and still never end: two rules that answer each other's mail, a rule that sets off itself
//! in no time at all. A run that reaches one of its limits ends there, and whoever drives it asks
//! [`Simulation::stopped`] why.

use super::engine::Simulation;
use crate::model::{ActorId, RuleId};
use crate::time::SimTime;
use crate::trace::{Event, RecordId, Subject};

/// Longest loop that is named, in firings of rules.
const LONGEST_LOOP: usize = 32;
/// Records back from the last one whose causes are followed.
const STARTS: RecordId = 64;
/// Steps back along causes.
const STEPS: usize = 20_000;

/// A limit of a run; its name is the field of `limits` in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Events handled.
    Events,
    /// Records written.
    Records,
    /// Events at one instant.
    AtOnce,
    /// Tasks at all desks together.
    Waiting,
    /// Events that are still to come.
    Pending,
    /// Rules that set each other off at one instant, each while the one before is still under way.
    Nested,
}

impl Limit {
    /// The field of `limits` in a document.
    pub const fn name(self) -> &'static str {
        match self {
            Limit::Events => "events",
            Limit::Records => "records",
            Limit::AtOnce => "at_once",
            Limit::Waiting => "waiting",
            Limit::Pending => "pending",
            Limit::Nested => "nested",
        }
    }

    /// What there are too many of.
    pub const fn what(self) -> &'static str {
        match self {
            Limit::Events => "events",
            Limit::Records => "records",
            Limit::AtOnce => "events at one instant",
            Limit::Waiting => "tasks that wait or are worked on",
            Limit::Pending => "events that are still to come",
            Limit::Nested => "rules that set each other off without any time between",
        }
    }
}

/// Why a run ended before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The limit that was reached.
    pub limit: Limit,
    /// Its value.
    pub most: u64,
    /// When.
    pub at: SimTime,
    /// The rules that set each other off, in order, again and again; the actor is left out where it changes from one
    /// round to the next. Empty where no such loop was found.
    pub round: Vec<(RuleId, Option<ActorId>)>,
}

impl Simulation<'_> {
    /// Why the run ended before its time, if it did: its results are then no results.
    pub fn stopped(&self) -> Option<&Stop> {
        self.stopped.as_ref()
    }

    /// Stops the run if it has reached a limit.
    pub(super) fn watch_limits(&mut self) {
        let limits = &self.model.meta.limits;
        let is_within = self.trace.n_events < limits.events
            && u64::from(self.trace.n_records()) < limits.records
            && self.at_once < limits.at_once
            && self.tasks.alive() < limits.waiting
            && (self.events.len() as u64) < limits.pending;
        if is_within {
            return;
        }
        let counts = [
            (Limit::Events, self.trace.n_events, limits.events),
            (Limit::Records, u64::from(self.trace.n_records()), limits.records),
            (Limit::AtOnce, self.at_once, limits.at_once),
            (Limit::Waiting, self.tasks.alive(), limits.waiting),
            (Limit::Pending, self.events.len() as u64, limits.pending),
        ];
        if let Some(&(limit, _, most)) = counts.iter().find(|(_, count, most)| count >= most) {
            self.stop(limit, most);
        }
    }

    /// Whether the run has reached a limit, asked inside an event by what may never come to the next one.
    pub(super) fn is_stopped(&mut self) -> bool {
        self.watch_limits();
        self.stopped.is_some()
    }

    /// Begins what may set off rules at once; false if that is nested too deep, or goes too far in another way: what
    /// each sets off twice is wide long before it is deep.
    pub(super) fn nest(&mut self) -> bool {
        if self.stopped.is_some() || self.depth > 0 && self.is_stopped() {
            return false;
        }
        let most = self.model.meta.limits.nested;
        if u64::from(self.depth) >= most {
            self.stop(Limit::Nested, most);
            return false;
        }
        self.depth += 1;
        true
    }

    fn stop(&mut self, limit: Limit, most: u64) {
        if self.stopped.is_none() {
            self.stopped = Some(Stop { limit, most, at: self.now, round: self.round() });
        }
    }

    /// The loop in which the run is, found by going back along causes from its last records.
    fn round(&self) -> Vec<(RuleId, Option<ActorId>)> {
        let last = self.trace.n_records();
        let chains: Vec<Vec<(RuleId, ActorId)>> =
            (last.saturating_sub(STARTS)..last).rev().map(|start| self.fired_before(start)).collect();
        let exact = chains.iter().find_map(|fired| {
            let n = period(fired, |a, b| a == b)?;
            Some(fired[..n].iter().rev().map(|&(rule, actor)| (rule, Some(actor))).collect())
        });
        let by_rule = || {
            chains.iter().find_map(|fired| {
                let n = period(fired, |a, b| a.0 == b.0)?;
                Some(fired[..n].iter().rev().map(|&(rule, _)| (rule, None)).collect())
            })
        };
        exact.or_else(by_rule).unwrap_or_default()
    }

    /// Rules that fired on the way to a record, the last first.
    fn fired_before(&self, start: RecordId) -> Vec<(RuleId, ActorId)> {
        let mut fired = Vec::new();
        let mut next = Some(start);
        for _ in 0..STEPS {
            let Some(id) = next else { break };
            if let Some(record) = self.trace.recent(id)
                && let (Event::RuleFired(rule), Subject::Actor(actor)) = (record.event, record.who)
            {
                fired.push((rule, actor));
                if fired.len() >= 3 * LONGEST_LOOP {
                    break;
                }
            }
            next = self.trace.first_cause(id);
        }
        fired
    }
}

/// The shortest length after which a sequence repeats itself, three times over.
fn period<T>(all: &[T], same: impl Fn(&T, &T) -> bool) -> Option<usize> {
    (1..=LONGEST_LOOP.min(all.len() / 3)).find(|&n| (0..2 * n).all(|i| same(&all[i], &all[i + n])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        let of = |text: &str| period(text.as_bytes(), |a, b| a == b);
        assert_eq!(of("aaaa"), Some(1));
        assert_eq!(of("abababab"), Some(2));
        assert_eq!(of("abcabcabcx"), Some(3));
        assert_eq!(of("abab"), None, "twice may be chance");
        assert_eq!(of("abcdefgh"), None);
        assert_eq!(of(""), None);
    }
}
