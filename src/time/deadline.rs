//! Deadlines: elapsed hours, periods under Regulation 1182/71, working hours.
//!
//! Source of the periods: Council Regulation (EEC, Euratom) No 1182/71 of 3 June 1971 determining the rules
//! applicable to periods, dates and time limits, Article 3 (recalled, not re-read).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use thiserror::Error;

use super::civil::Epoch;
use super::holidays::Holidays;
use super::profile::DutyProfile;
use super::sim_time::{HOUR, SimDuration, SimTime};
use super::zone::Zone;

/// How the end of a time limit is reckoned from the event that starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// So much time after the event, to the microsecond.
    Elapsed(SimDuration),
    /// A period of hours under Article 3(1) and (2)(a): the hour of the event is not counted. The period starts
    /// at the next full hour of the local clock (an event on the full hour is in the hour that then begins) and
    /// runs on through nights and holidays. Article 3(5) is not applied to periods in hours.
    RegulationHours(u32),
    /// A period of days under Article 3(1), (2)(b), (4) and (5): the day of the event is not counted. The period
    /// ends with the last day, or with the next working day if that is a public holiday, Saturday or Sunday;
    /// of two days or more it includes at least two working days.
    RegulationDays(u32),
    /// A period of working days under Article 3(1) and (3): the day of the event is not counted, nor are public
    /// holidays, Saturdays and Sundays. 0 is the end of the day of the event.
    RegulationWorkingDays(u32),
    /// A period of months under Article 3(2)(c) and (4): it ends with the day of the same date as the event, or
    /// with the last day of the month if there is none such, or with the next working day.
    RegulationMonths(u32),
    /// So much time on duty, by the profile of the one who owes it.
    Working(SimDuration),
}

/// Where and by whose days a deadline is reckoned.
#[derive(Clone, Copy, Debug)]
pub struct DeadlineContext<'a> {
    /// The start of the scenario.
    pub epoch: Epoch,
    /// The zone whose hours and days count.
    pub zone: &'a Zone,
    /// The public holidays that count.
    pub holidays: &'a Holidays,
    /// The duty of the one who owes it; only [`Deadline::Working`] needs it.
    pub profile: Option<&'a DutyProfile>,
}

/// Why a deadline has no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DeadlineError {
    /// The end lies outside the years that civil time can name.
    #[error("the deadline lies outside the years that civil time can name")]
    OutOfRange,
    /// No working day within the years looked at: the holiday rules leave none.
    #[error("the deadline is never reached, since no working day is left")]
    NoWorkingDay,
    /// A deadline in working hours for somebody without a duty profile.
    #[error("a deadline in working hours needs a duty calendar")]
    NoProfile,
    /// The duty profile ends before the working hours are over.
    #[error("the working hours are not over by the end of the duty calendar")]
    BeyondProfile,
}

/// How many days without a working day are looked through before giving up.
const MAX_FREE_DAYS: u32 = 366;

impl Deadline {
    /// The instant at which the time limit that starts with an event at `event` runs out.
    ///
    /// What is done at or before it is in time. Periods of days and months run out at the midnight that ends
    /// their last day.
    ///
    /// # Errors
    /// See [`DeadlineError`].
    pub fn due(&self, event: SimTime, context: DeadlineContext<'_>) -> Result<SimTime, DeadlineError> {
        match *self {
            Deadline::Elapsed(duration) => event.checked_add(duration).ok_or(DeadlineError::OutOfRange),
            Deadline::RegulationHours(hours) => context.end_of_hours(event, hours),
            Deadline::RegulationDays(days) => {
                let last = add_days(context.date(event)?, days)?;
                let last = context.working_day_from(last)?;
                let last = if days >= 2 { context.with_two_working_days(event, last)? } else { last };
                context.end_of(last)
            }
            Deadline::RegulationWorkingDays(days) => {
                let mut last = context.date(event)?;
                for _ in 0..days {
                    last = context.working_day_from(add_days(last, 1)?)?;
                }
                context.end_of(last)
            }
            Deadline::RegulationMonths(months) => {
                let months = i64::from(months);
                let span = 0.months().try_months(months).map_err(|_| DeadlineError::OutOfRange)?;
                // Adding months keeps the date, or takes the last day of a month that is too short.
                let last = context.date(event)?.checked_add(span).map_err(|_| DeadlineError::OutOfRange)?;
                context.end_of(context.working_day_from(last)?)
            }
            Deadline::Working(work) => {
                let profile = context.profile.ok_or(DeadlineError::NoProfile)?;
                profile.work_end(event, work).ok_or(DeadlineError::BeyondProfile)
            }
        }
    }
}

impl DeadlineContext<'_> {
    fn instant(&self, t: SimTime) -> Result<Timestamp, DeadlineError> {
        self.epoch.checked_instant(t).ok_or(DeadlineError::OutOfRange)
    }

    /// The local date of an instant.
    fn date(&self, t: SimTime) -> Result<Date, DeadlineError> {
        Ok(self.zone.local(self.instant(t)?).date())
    }

    /// The midnight that ends a day.
    fn end_of(&self, day: Date) -> Result<SimTime, DeadlineError> {
        let next = add_days(day, 1)?;
        self.zone
            .start_of_day(next)
            .and_then(|midnight| self.epoch.sim_time(midnight))
            .ok_or(DeadlineError::OutOfRange)
    }

    fn end_of_hours(&self, event: SimTime, hours: u32) -> Result<SimTime, DeadlineError> {
        let at = self.instant(event)?;
        let local_us = at.as_microsecond() + i64::from(self.zone.offset_seconds(at)) * 1_000_000;
        let into_hour = local_us.rem_euclid(HOUR as i64);
        let to_next_hour = SimDuration::from_micros(HOUR - into_hour.unsigned_abs());
        event
            .checked_add(to_next_hour)
            .and_then(|starts| starts.checked_add(SimDuration::from_hours(u64::from(hours))))
            .ok_or(DeadlineError::OutOfRange)
    }

    /// The first working day at or after a day.
    fn working_day_from(&self, mut day: Date) -> Result<Date, DeadlineError> {
        for _ in 0..MAX_FREE_DAYS {
            if self.holidays.is_working_day(day) {
                return Ok(day);
            }
            day = add_days(day, 1)?;
        }
        Err(DeadlineError::NoWorkingDay)
    }

    /// Article 3(5): `last`, or the second working day after the event if that is later.
    fn with_two_working_days(&self, event: SimTime, last: Date) -> Result<Date, DeadlineError> {
        let first = self.working_day_from(add_days(self.date(event)?, 1)?)?;
        let second = self.working_day_from(add_days(first, 1)?)?;
        Ok(last.max(second))
    }
}

fn add_days(day: Date, days: u32) -> Result<Date, DeadlineError> {
    let span = 0.days().try_days(i64::from(days)).map_err(|_| DeadlineError::OutOfRange)?;
    day.checked_add(span).map_err(|_| DeadlineError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{ClockTime, DutyCalendar, HolidayRule, Weekdays};

    /// The deadline in UTC of an event in Brussels, both as text.
    fn due(deadline: Deadline, event: &str) -> String {
        due_with(deadline, event, &[]).unwrap()
    }

    fn due_with(deadline: Deadline, event: &str, rules: &[HolidayRule]) -> Result<String, DeadlineError> {
        let epoch = Epoch::new("2026-01-01T00:00:00Z".parse().unwrap());
        let zone = Zone::get("Europe/Brussels").unwrap();
        let holidays = Holidays::new(rules.to_vec());
        let office = DutyCalendar::office_hours(
            Weekdays::MON_FRI,
            ClockTime::new(9, 0).unwrap(),
            ClockTime::new(17, 0).unwrap(),
        );
        let until = SimTime::ZERO + SimDuration::from_days(365);
        let profile = DutyProfile::build(&office, &zone, &holidays, epoch, until).unwrap();
        let context = DeadlineContext { epoch, zone: &zone, holidays: &holidays, profile: Some(&profile) };
        let event = crate::time::parse_instant(event, None, &zone).unwrap();
        deadline.due(epoch.sim_time(event).unwrap(), context).map(|t| epoch.rfc3339(t))
    }

    /// Oracle A22, all rows.
    #[test]
    fn deadlines_in_hours() {
        let event = "2026-01-30 14:37";
        let elapsed = |h| Deadline::Elapsed(SimDuration::from_hours(h));
        assert_eq!(due(elapsed(0), event), "2026-01-30T13:37:00Z");
        assert_eq!(due(elapsed(24), event), "2026-01-31T13:37:00Z");
        assert_eq!(due(elapsed(72), event), "2026-02-02T13:37:00Z");
        assert_eq!(due(Deadline::RegulationHours(24), event), "2026-01-31T14:00:00Z");
        assert_eq!(due(elapsed(72), "2026-03-28 20:00"), "2026-03-31T19:00:00Z");
    }

    #[test]
    fn the_hour_of_the_event_is_not_counted() {
        let hours = Deadline::RegulationHours(1);
        assert_eq!(due(hours, "2026-01-30 14:59:59.999999"), "2026-01-30T15:00:00Z");
        assert_eq!(due(hours, "2026-01-30 15:00"), "2026-01-30T16:00:00Z");
        // 24 counted hours over the spring change are 24 hours, not the same time of the next day.
        assert_eq!(due(Deadline::RegulationHours(24), "2026-03-28 14:10"), "2026-03-29T14:00:00Z");
    }

    #[test]
    fn periods_of_days_end_at_midnight_of_a_working_day() {
        // Tuesday 13 January; the midnights are 23:00 UTC.
        assert_eq!(due(Deadline::RegulationDays(3), "2026-01-13 10:00"), "2026-01-16T23:00:00Z");
        // 4 days end on Saturday: moved to Monday.
        assert_eq!(due(Deadline::RegulationDays(4), "2026-01-13 10:00"), "2026-01-19T23:00:00Z");
        // One day from Friday: Saturday, moved to Monday.
        assert_eq!(due(Deadline::RegulationDays(1), "2026-01-16 10:00"), "2026-01-19T23:00:00Z");
        // Three days from Friday end on Monday, the only working day: a second one is added.
        assert_eq!(due(Deadline::RegulationDays(3), "2026-01-16 10:00"), "2026-01-20T23:00:00Z");
        // Summer time: midnight is 22:00 UTC.
        assert_eq!(due(Deadline::RegulationDays(3), "2026-03-27 10:00"), "2026-03-31T22:00:00Z");
    }

    #[test]
    fn holidays_move_the_end_of_a_period() {
        let easter = [HolidayRule::Easter { offset_days: -2 }, HolidayRule::Easter { offset_days: 1 }];
        // Easter of 2026 is 5 April. Two days from Wednesday end on Good Friday: moved to Tuesday.
        let days = Deadline::RegulationDays(2);
        assert_eq!(due_with(days, "2026-04-01 10:00", &easter).unwrap(), "2026-04-07T22:00:00Z");
        let working = Deadline::RegulationWorkingDays(2);
        assert_eq!(due_with(working, "2026-04-02 10:00", &easter).unwrap(), "2026-04-08T22:00:00Z");
        let hours = Deadline::Working(SimDuration::from_hours(9));
        assert_eq!(due_with(hours, "2026-04-02 10:00", &easter).unwrap(), "2026-04-07T09:00:00Z");
        let every_day: Vec<HolidayRule> =
            (1..=12).flat_map(|month| (1..=31).map(move |day| HolidayRule::Fixed { month, day })).collect();
        assert_eq!(due_with(days, "2026-04-01 10:00", &every_day), Err(DeadlineError::NoWorkingDay));
    }

    #[test]
    fn periods_of_months_keep_the_date() {
        assert_eq!(due(Deadline::RegulationMonths(1), "2026-01-13 10:00"), "2026-02-13T23:00:00Z");
        // No 31 in February: the last day, Saturday 28, moved to Monday.
        assert_eq!(due(Deadline::RegulationMonths(1), "2026-01-31 10:00"), "2026-03-02T23:00:00Z");
        assert_eq!(due(Deadline::RegulationMonths(3), "2026-01-30 10:00"), "2026-04-30T22:00:00Z");
        assert_eq!(due(Deadline::RegulationMonths(25), "2026-01-30 10:00"), "2028-02-29T23:00:00Z");
    }

    #[test]
    fn what_cannot_be_reckoned_is_an_error() {
        let far = [
            Deadline::Elapsed(SimDuration::MAX),
            Deadline::RegulationDays(u32::MAX),
            Deadline::RegulationMonths(u32::MAX),
            Deadline::RegulationWorkingDays(u32::MAX),
        ];
        for deadline in far {
            assert_eq!(due_with(deadline, "2026-01-13 10:00", &[]), Err(DeadlineError::OutOfRange));
        }
        let late = Deadline::Working(SimDuration::from_hours(5000));
        assert_eq!(due_with(late, "2026-01-13 10:00", &[]), Err(DeadlineError::BeyondProfile));
    }
}
