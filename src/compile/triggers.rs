//! Triggers: trees of happenings become leaves and the way they join.

use crate::document::Span;
use crate::document::types::{self as t, Name};
use crate::model::{self as m, Join, Leaf, SetId};
use crate::time::{SimTime, Weekdays, Zone};

use super::context::Cx;
use super::convert;
use super::params::Use;

/// Happenings of one trigger.
const MAX_LEAVES: usize = 1_000;
/// Instants of local clock times in a whole model.
const MAX_TICKS: u64 = 5_000_000;

/// Where a trigger stands: what it is called, whose it is, and where that is told.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Beginning of the purposes of its draws, e.g. `rule:alert-peers`.
    pub(super) purpose: &'a str,
    /// Whose trigger it is; none where something is measured, which has no clocks of its own.
    pub(super) actors: Option<SetId>,
    /// Where to point.
    pub(super) span: Span,
}

impl<'d> Cx<'d> {
    pub(super) fn trigger(&mut self, place: Place, trigger: &'d t::Trigger) -> Option<m::Trigger> {
        let mut leaves = Vec::new();
        let join = self.join(place, trigger, &mut leaves)?;
        if leaves.len() > MAX_LEAVES {
            self.error("too-many", format!("a trigger has more than {MAX_LEAVES} parts"), place.span);
            return None;
        }
        Some(m::Trigger { leaves, join })
    }

    fn join(&mut self, place: Place, trigger: &'d t::Trigger, leaves: &mut Vec<Leaf>) -> Option<Join> {
        Some(match trigger {
            t::Trigger::All(parts) => Join::All(self.joins(place, parts, leaves)?),
            t::Trigger::Any(parts) => Join::Any(self.joins(place, parts, leaves)?),
            t::Trigger::KOf(k, parts) => {
                if *k == 0 || *k as usize > parts.len() {
                    let message =
                        format!("`KOf({k}, ..)` of {} things: the number must be 1 to {0}", parts.len());
                    self.error("out-of-range", message, place.span);
                }
                Join::KOf(*k, self.joins(place, parts, leaves)?)
            }
            t::Trigger::Nth(k, of) => {
                if *k == 0 {
                    self.error("out-of-range", "`Nth` counts from 1", place.span);
                }
                Join::Nth(*k, Box::new(self.join(place, of, leaves)?))
            }
            t::Trigger::Within { times, window, of } => {
                if *times == 0 {
                    self.error("out-of-range", "`times` of `Within` must be at least 1", place.span);
                }
                let window = self.duration(window);
                let of = Box::new(self.join(place, of, leaves)?);
                Join::Within { times: *times, window: window?, of }
            }
            leaf => {
                let leaf = self.leaf(place, leaf)?;
                leaves.push(leaf);
                Join::Leaf(u16::try_from(leaves.len() - 1).unwrap_or(u16::MAX))
            }
        })
    }

    fn joins(&mut self, place: Place, parts: &'d [t::Trigger], leaves: &mut Vec<Leaf>) -> Option<Vec<Join>> {
        if parts.is_empty() {
            self.error("missing", "a trigger joins nothing: its list is empty", place.span);
            return None;
        }
        self.opt_all(parts, |cx, part| cx.join(place, part, leaves))
    }

    fn leaf(&mut self, place: Place, trigger: &'d t::Trigger) -> Option<Leaf> {
        let purpose = place.purpose;
        Some(match trigger {
            t::Trigger::Start => Leaf::Start,
            t::Trigger::At(at) => Leaf::At(self.instants(std::slice::from_ref(at))?),
            t::Trigger::ArrivalsAt(instants) => Leaf::At(self.instants(instants)?),
            t::Trigger::Inject(name) => {
                Leaf::Inject(m::InjectId::from_index(self.find_id("inject", |index| &index.injects, name)?))
            }
            t::Trigger::Receive(name) => Leaf::Receive(self.product_or_statement(name)?),
            t::Trigger::Learn(fact) => {
                let (kind, scope) = self.scoped(&fact.fact, fact.of)?;
                Leaf::Learn(kind, scope)
            }
            t::Trigger::Enter { network, mode } => Leaf::Enter(self.mode(network, mode)?),
            t::Trigger::Leave { network, mode } => Leaf::Leave(self.mode(network, mode)?),
            t::Trigger::Decided { decision, outcome, option } => {
                let id = self.decision_id(decision)?;
                let option = self.option_of(id, option.as_ref())?;
                Leaf::Decided(id, convert::outcome(*outcome), option)
            }
            t::Trigger::Every { interval, phase } => {
                let actors = self.own_clock(place, "Every")?;
                let site = self.gap_site(&format!("{purpose}/every"), interval, "a tick");
                let phase = self.phase(actors, phase, place.span);
                Leaf::Every { interval: site?, phase: phase? }
            }
            t::Trigger::Arrivals(gap) => {
                self.own_clock(place, "Arrivals")?;
                Leaf::Arrivals(self.arrivals_site(&format!("{purpose}/arrivals"), gap)?)
            }
            t::Trigger::Stream { gap, size, first, at_most } => {
                self.own_clock(place, "Stream")?;
                let gap = self.arrivals_site(&format!("{purpose}/arrivals"), gap);
                let size = self.opt_site(&format!("{purpose}/batch"), size.as_ref(), Use::Factor);
                let first = self.opt_site(&format!("{purpose}/first"), first.as_ref(), Use::Duration);
                Leaf::Stream(m::Stream { gap: gap?, size: size?, first: first?, at_most: *at_most })
            }
            t::Trigger::Opened => {
                self.own_clock(place, "Opened")?;
                Leaf::Opened
            }
            t::Trigger::Finished { class } => Leaf::Finished(self.opt_class(class.as_ref())?),
            t::Trigger::Done(task) => Leaf::Done(self.task_id(task)?),
            t::Trigger::TurnedAway(task) => Leaf::TurnedAway(self.task_id(task)?),
            t::Trigger::GaveUp(task) => Leaf::GaveUp(self.task_id(task)?),
            t::Trigger::QueueReaches(n) => {
                self.own_clock(place, "QueueReaches")?;
                if *n == 0 {
                    self.error("out-of-range", "`QueueReaches` counts from 1", place.span);
                }
                Leaf::QueueReaches(*n)
            }
            t::Trigger::QueueFallsTo(n) => {
                self.own_clock(place, "QueueFallsTo")?;
                Leaf::QueueFallsTo(*n)
            }
            t::Trigger::RisesTo { fact, of, level } => self.crossing(fact, *of, level, true)?,
            t::Trigger::FallsBelow { fact, of, level } => self.crossing(fact, *of, level, false)?,
            t::Trigger::StockFallsTo { pool, level } => {
                self.own_clock(place, "StockFallsTo")?;
                Leaf::StockFallsTo(self.pool_id(pool)?, *level)
            }
            t::Trigger::Silence { product, lasts } => {
                self.own_clock(place, "Silence")?;
                let product = self.product_id(product);
                let lasts = self.gap_site(&format!("{purpose}/silence"), lasts, "a silence");
                Leaf::Silence(product?, lasts?)
            }
            t::Trigger::Published(name) => Leaf::Published(self.statement_id(name)?),
            t::Trigger::Failed(name) => Leaf::Failed(self.product_id(name)?),
            t::Trigger::Released(name) => Leaf::Released(self.countermeasure_id(name)?),
            // Joins are taken apart by the caller.
            _ => return None,
        })
    }

    /// A level that a known number crosses.
    fn crossing(&mut self, fact: &Name, of: t::Scope, level: &t::Param, rising: bool) -> Option<Leaf> {
        let scoped = self.scoped(fact, of);
        let level = self.number(level, Use::Number, None);
        let (kind, of) = scoped?;
        self.is_number(kind, fact)?;
        Some(Leaf::Crosses(m::Crossing { kind, of, level: level?, rising }))
    }

    /// Clocks and arrivals need a rule of their own: what is measured only listens.
    fn own_clock(&mut self, place: Place, word: &str) -> Option<SetId> {
        if place.actors.is_none() {
            let message =
                format!("`{word}` cannot be used here; count the work or product of a rule instead");
            self.error("not-possible", message, place.span);
        }
        place.actors
    }

    /// Instants in order, without those before the start.
    fn instants(&mut self, texts: &[Name]) -> Option<Vec<SimTime>> {
        let mut instants = Vec::new();
        let mut wrong = false;
        for text in texts {
            match self.offset_us(text) {
                None => wrong = true,
                Some(us) => match u64::try_from(us) {
                    Ok(us) => instants.push(SimTime::from_micros(us)),
                    Err(_) => self.warning(
                        "before-start",
                        format!("`{text}` lies before the start and is left out"),
                        text.span,
                    ),
                },
            }
        }
        instants.sort_unstable();
        (!wrong).then_some(instants)
    }

    fn phase(&mut self, actors: SetId, phase: &t::Phase, span: Span) -> Option<m::Phase> {
        Some(match phase {
            t::Phase::FromStart => m::Phase::FromStart,
            t::Phase::FromEntry { network, mode } => m::Phase::FromEntry(self.mode(network, mode)?),
            t::Phase::At(times) => {
                let mut clocks = Vec::new();
                for time in times {
                    clocks.push(self.clock(time)?);
                }
                m::Phase::At(self.local_ticks(actors, Weekdays::ALL, &clocks, span)?)
            }
            t::Phase::On { days, at } => {
                let mut clocks = Vec::new();
                for time in at {
                    clocks.push(self.clock(time)?);
                }
                let days = super::calendars::days(days);
                m::Phase::At(self.local_ticks(actors, days, &clocks, span)?)
            }
        })
    }

    /// Local clock times of each day up to the horizon, for each actor of a set in its own zone.
    fn local_ticks(
        &mut self,
        actors: SetId,
        days_of_week: Weekdays,
        clocks: &[crate::time::ClockTime],
        span: Span,
    ) -> Option<Vec<Vec<SimTime>>> {
        let members = self.sets[actors.index()].members.clone();
        let days = self.horizon.as_micros() / 86_400_000_000 + 3;
        let ticks = days.saturating_mul(clocks.len() as u64).saturating_mul(members.len() as u64);
        self.n_ticks = self.n_ticks.saturating_add(ticks);
        if self.n_ticks > MAX_TICKS {
            let message = format!("local clock times up to the horizon make more than {MAX_TICKS} ticks");
            self.error("too-many", message, span);
            return None;
        }
        let mut laid_out: Vec<(Zone, Vec<SimTime>)> = Vec::new();
        let mut all = Vec::new();
        for member in members {
            let zone = self.actors[member.index()].zone.clone();
            let ticks = match laid_out.iter().find(|(known, _)| *known == zone) {
                Some((_, ticks)) => ticks.clone(),
                None => {
                    let ticks = self.ticks_in(&zone, days_of_week, clocks);
                    laid_out.push((zone, ticks.clone()));
                    ticks
                }
            };
            all.push(ticks);
        }
        Some(all)
    }

    pub(super) fn ticks_in(
        &self,
        zone: &Zone,
        days: Weekdays,
        clocks: &[crate::time::ClockTime],
    ) -> Vec<SimTime> {
        let mut ticks = Vec::new();
        let last = self.epoch.local(self.horizon, zone).date();
        let mut day = Some(self.epoch.local(SimTime::ZERO, zone).date());
        while let Some(date) = day.filter(|date| *date <= last) {
            for clock in clocks.iter().filter(|_| days.contains(date.weekday())) {
                let minutes = i32::from(clock.minutes());
                let of_day = if minutes >= 1_440 { date.tomorrow().ok() } else { Some(date) };
                let (hour, minute) = ((minutes % 1_440 / 60) as i8, (minutes % 60) as i8);
                let at = of_day.and_then(|date| zone.boundary(date.at(hour, minute, 0, 0)));
                if let Some(at) = at.and_then(|at| self.epoch.sim_time(at))
                    && at <= self.horizon
                {
                    ticks.push(at);
                }
            }
            day = date.tomorrow().ok();
        }
        ticks.sort_unstable();
        ticks.dedup();
        ticks
    }
}
