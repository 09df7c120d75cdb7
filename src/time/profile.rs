//! A duty calendar laid out over simulation time as a step function.
//!
//! The calendar is resolved once, before a run, so that the engine asks about duty by binary search in
//! integers, with no civil time in its hot path.
//!
//! Told once: office hours 09:00 to 17:00, a task of 2 h that starts at 16:30 on a Friday works 30 min, is off
//! duty over the weekend, and ends at 10:30 on Monday, whatever the clocks did on Sunday.
//!
//! **Invariant:** the first step begins at [`SimTime::ZERO`], steps rise strictly, neighbours differ.

use jiff::ToSpan;
use jiff::civil::Date;
use thiserror::Error;

use super::calendar::{DutyCalendar, DutyWindow, days};
use super::civil::Epoch;
use super::holidays::Holidays;
use super::sim_time::{SimDuration, SimTime};
use super::zone::{Clock, Zone};

/// The longest profile of a calendar with windows: ten years of 366 days.
pub const MAX_PROFILE: SimDuration = SimDuration::from_days(3660);

/// The most openings that a profile may have: windows of the calendar times days of the profile.
pub const MAX_OPENINGS: u64 = 1_000_000;

/// How many servers are on duty. Ordered: off, 1 server, 2 servers, ..., all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capacity {
    /// Nobody.
    Off,
    /// So many servers, at least 1.
    Staff(u32),
    /// All servers that the actor has.
    All,
}

impl Capacity {
    /// So many servers; [`Capacity::Off`] for 0.
    pub const fn staff(servers: u32) -> Capacity {
        if servers == 0 { Capacity::Off } else { Capacity::Staff(servers) }
    }

    /// Whether anybody is on duty.
    pub const fn is_open(self) -> bool {
        !matches!(self, Capacity::Off)
    }

    /// Servers on duty of an actor that has `all` of them.
    pub fn servers(self, all: u32) -> u32 {
        match self {
            Capacity::Off => 0,
            Capacity::Staff(n) => n.min(all),
            Capacity::All => all,
        }
    }
}

/// Why a profile cannot be laid out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// The horizon is further away than [`MAX_PROFILE`], and the calendar has windows.
    #[error("a duty calendar with windows can be laid out over {cap} at most, not over {asked}")]
    TooLong {
        /// The length asked for.
        asked: SimDuration,
        /// The longest possible.
        cap: SimDuration,
    },
    /// More than [`MAX_OPENINGS`].
    #[error("the duty calendar has too many windows: {windows} on each of {days} days")]
    TooManyOpenings {
        /// Windows of the calendar.
        windows: u64,
        /// Days of the profile.
        days: u64,
    },
    /// The horizon lies outside the years that civil time can name.
    #[error("the duty calendar reaches beyond the years -9999 to 9999")]
    OutOfRange,
}

/// Capacity over simulation time: constant between change points.
///
/// It holds from [`SimTime::ZERO`] to `until`, both included; after that the last step lasts on, and the
/// questions that would need to know more answer `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyProfile {
    /// Change points: the capacity from this instant on.
    steps: Vec<(SimTime, Capacity)>,
    /// Time on duty before each change point.
    open_before: Vec<SimDuration>,
    until: SimTime,
}

impl DutyProfile {
    /// Lays a calendar out over `[0, until]` for an actor in `zone` that keeps `holidays`.
    ///
    /// Takes about a microsecond for each opening. A calendar without windows has no bound on `until`.
    ///
    /// # Errors
    /// [`ProfileError`] if `until` or the number of openings is over its cap, or leaves the years of civil time.
    pub fn build(
        calendar: &DutyCalendar,
        zone: &Zone,
        holidays: &Holidays,
        epoch: Epoch,
        until: SimTime,
    ) -> Result<DutyProfile, ProfileError> {
        let span = match calendar.n_windows() {
            0 => Vec::new(),
            windows => days_of_profile(windows, zone, holidays, epoch, until)?,
        };
        let clock = Clock::of(zone, &span);
        let layout = Layout { clock, epoch, until, days: &span };
        Ok(DutyProfile::from_steps(layout.steps(calendar)?, until))
    }

    /// The same capacity for ever.
    pub fn constant(capacity: Capacity) -> DutyProfile {
        DutyProfile::from_steps(vec![(SimTime::ZERO, capacity)], SimTime::MAX)
    }

    fn from_steps(steps: Vec<(SimTime, Capacity)>, until: SimTime) -> DutyProfile {
        let mut open_before = Vec::with_capacity(steps.len());
        let mut open = SimDuration::ZERO;
        for (i, (begins, _)) in steps.iter().enumerate() {
            if i > 0 && steps[i - 1].1.is_open() {
                open += *begins - steps[i - 1].0;
            }
            open_before.push(open);
        }
        DutyProfile { steps, open_before, until }
    }

    /// The change points, each with the capacity from there on.
    pub fn steps(&self) -> &[(SimTime, Capacity)] {
        &self.steps
    }

    /// The last instant that the profile knows about.
    pub fn until(&self) -> SimTime {
        self.until
    }

    /// The capacity at `t`. At a change point it is the new one. O(log n).
    pub fn capacity_at(&self, t: SimTime) -> Capacity {
        self.steps[self.index_at(t)].1
    }

    /// The first change after `t`, not at it; `None` if there is none up to `until`. O(log n).
    pub fn next_change_after(&self, t: SimTime) -> Option<(SimTime, Capacity)> {
        self.steps.get(self.index_at(t) + 1).copied()
    }

    /// The first instant on duty at or after `t`; `None` if there is none up to `until`. O(log n).
    pub fn next_open(&self, t: SimTime) -> Option<SimTime> {
        if t > self.until {
            return None;
        }
        // Open and closed do not simply alternate (the staff changes), but where it is closed the next step opens.
        let i = self.index_at(t);
        if self.steps[i].1.is_open() { Some(t) } else { self.steps.get(i + 1).map(|(opens, _)| *opens) }
    }

    /// Time on duty in `[from, to)`; what lies after `until` does not count. O(log n).
    pub fn open_between(&self, from: SimTime, to: SimTime) -> SimDuration {
        self.open_until(to) - self.open_until(from)
    }

    /// When work that takes `work` of one server ends, if it is there at `start` and advances while anybody is
    /// on duty.
    ///
    /// Work that runs out exactly at closing time ends then; work of no time ends at the first open instant at
    /// or after `start`. `None` if it does not end up to `until`. O(log n).
    pub fn work_end(&self, start: SimTime, work: SimDuration) -> Option<SimTime> {
        let begins = self.next_open(start)?;
        if work.is_zero() {
            return Some(begins);
        }
        let goal = self.open_until(begins).checked_add(work)?;
        // The last step that begins with less than `goal` done: it must be open, or the last of all.
        let i = self.open_before.partition_point(|open| *open < goal) - 1;
        let (step_begins, capacity) = self.steps[i];
        let end = step_begins.checked_add(goal - self.open_before[i])?;
        (capacity.is_open() && end <= self.until).then_some(end)
    }

    /// Time on duty in `[0, t)`.
    fn open_until(&self, t: SimTime) -> SimDuration {
        let t = t.min(self.until);
        let i = self.index_at(t);
        let (begins, capacity) = self.steps[i];
        if capacity.is_open() { self.open_before[i] + (t - begins) } else { self.open_before[i] }
    }

    /// The step in force at `t`. The first begins at zero, so there is always one.
    fn index_at(&self, t: SimTime) -> usize {
        self.steps.partition_point(|(begins, _)| *begins <= t) - 1
    }
}

/// A day on which windows may open: the date, its day of the week, whether it is a public holiday.
type Day = (Date, jiff::civil::Weekday, bool);

/// The days whose windows may reach into `[0, until]`, under the caps.
fn days_of_profile(
    windows: usize,
    zone: &Zone,
    holidays: &Holidays,
    epoch: Epoch,
    until: SimTime,
) -> Result<Vec<Day>, ProfileError> {
    if until.since_start() > MAX_PROFILE {
        return Err(ProfileError::TooLong { asked: until.since_start(), cap: MAX_PROFILE });
    }
    let last_instant = epoch.checked_instant(until).ok_or(ProfileError::OutOfRange)?;
    let outside = |_| ProfileError::OutOfRange;
    // A window closes on the second day after its own at the latest (24:00 to 24:00), and a zone may leave a
    // day out: three days before are enough.
    let first = zone.local(epoch.start()).date().checked_sub(3.days()).map_err(outside)?;
    let last = zone.local(last_instant).date();
    let span: Vec<Day> = days(first, last, holidays).collect();
    let n_days = span.len() as u64;
    if (windows as u64).saturating_mul(n_days) > MAX_OPENINGS {
        return Err(ProfileError::TooManyOpenings { windows: windows as u64, days: n_days });
    }
    Ok(span)
}

/// What is the same for all parts of a calendar.
struct Layout<'a> {
    clock: Clock<'a>,
    epoch: Epoch,
    until: SimTime,
    days: &'a [Day],
}

type Steps = Vec<(SimTime, Capacity)>;

impl Layout<'_> {
    fn steps(&self, calendar: &DutyCalendar) -> Result<Steps, ProfileError> {
        let constant = |capacity| vec![(SimTime::ZERO, capacity)];
        let combine = |parts: &[DutyCalendar], none, choose: fn(Capacity, Capacity) -> Capacity| {
            let mut whole = constant(none);
            for part in parts {
                whole = combined(&whole, &self.steps(part)?, choose);
            }
            Ok(whole)
        };
        match calendar {
            DutyCalendar::Always => Ok(constant(Capacity::All)),
            DutyCalendar::Never => Ok(constant(Capacity::Off)),
            DutyCalendar::Windows(windows) => self.steps_of_windows(windows),
            DutyCalendar::Union(parts) => combine(parts, Capacity::Off, Capacity::max),
            DutyCalendar::Intersection(parts) => combine(parts, Capacity::All, Capacity::min),
        }
    }

    /// Sweeps over the openings and closings, counting windows with all staff and the staff of the others.
    fn steps_of_windows(&self, windows: &[DutyWindow]) -> Result<Steps, ProfileError> {
        // (instant, change of the number of windows with all staff, change of the staff of the others)
        let mut changes: Vec<(SimTime, i64, i64)> = Vec::new();
        for &(date, weekday, is_holiday) in self.days {
            for window in windows.iter().filter(|w| w.opens_on(weekday, is_holiday)) {
                let (opens, closes) = self.bounds(window, date).ok_or(ProfileError::OutOfRange)?;
                if opens < closes {
                    let (all, staff) = window.staff.map_or((1, 0), |n| (0, i64::from(n)));
                    changes.push((opens, all, staff));
                    changes.push((closes, -all, -staff));
                }
            }
        }
        changes.sort_unstable();
        let mut steps: Steps = vec![(SimTime::ZERO, Capacity::Off)];
        let (mut n_all, mut staff) = (0_i64, 0_i64);
        for (i, &(at, all_change, staff_change)) in changes.iter().enumerate() {
            n_all += all_change;
            staff += staff_change;
            let is_last_of_instant = changes.get(i + 1).is_none_or(|(next, ..)| *next > at);
            if is_last_of_instant && at <= self.until {
                let staff = u32::try_from(staff).unwrap_or(u32::MAX);
                push_step(&mut steps, at, if n_all > 0 { Capacity::All } else { Capacity::staff(staff) });
            }
        }
        Ok(steps)
    }

    /// When the window of a day opens and closes. What opened before the start is clipped to it; closings after
    /// `until` are kept just past it, so that at `until` the window is still open.
    fn bounds(&self, window: &DutyWindow, date: Date) -> Option<(SimTime, SimTime)> {
        let just_past = self.until + SimDuration::from_micros(1);
        let (opens, closes) = window.bounds(date)?;
        let sim = |local| Some(self.epoch.clipped(self.clock.boundary(local)?, just_past));
        Some((sim(opens)?, sim(closes)?))
    }
}

/// Two step functions under a rule, for each instant.
fn combined(a: &Steps, b: &Steps, choose: fn(Capacity, Capacity) -> Capacity) -> Steps {
    let mut whole = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    let mut at = SimTime::ZERO;
    loop {
        push_step(&mut whole, at, choose(a[i].1, b[j].1));
        let next = |steps: &Steps, k: usize| steps.get(k + 1).map_or(SimTime::MAX, |(begins, _)| *begins);
        let (next_a, next_b) = (next(a, i), next(b, j));
        at = next_a.min(next_b);
        if at == SimTime::MAX {
            return whole;
        }
        i += usize::from(next_a == at);
        j += usize::from(next_b == at);
    }
}

/// Adds a step, unless nothing changes; a second step at the same instant replaces the first.
fn push_step(steps: &mut Steps, at: SimTime, capacity: Capacity) {
    if steps.last().is_some_and(|(begins, _)| *begins == at) {
        steps.pop();
    }
    if steps.last().is_none_or(|(_, before)| *before != capacity) {
        steps.push((at, capacity));
    }
}

#[cfg(test)]
mod tests;
