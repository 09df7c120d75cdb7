//! Duty calendars as data: when an actor or a channel is open, and with how many servers.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::holidays::Holidays;

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// No day.
    pub const NONE: Weekdays = Weekdays(0);
    /// All seven days.
    pub const ALL: Weekdays = Weekdays(0b111_1111);
    /// Monday to Friday.
    pub const MON_FRI: Weekdays = Weekdays(0b001_1111);
    /// Saturday and Sunday.
    pub const SAT_SUN: Weekdays = Weekdays(0b110_0000);

    /// This set and one day more.
    pub const fn with(self, day: Weekday) -> Weekdays {
        Weekdays(self.0 | 1 << day.to_monday_zero_offset())
    }

    /// The days from `first` to `last`, both counted, over the weekend if need be (`Fri` to `Mon`).
    pub fn span(first: Weekday, last: Weekday) -> Weekdays {
        let mut days = Weekdays::NONE.with(last);
        let mut day = first;
        while day != last {
            days = days.with(day);
            day = day.next();
        }
        days
    }

    /// Whether the set has a day.
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }

    /// Whether the set has no day.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Weekdays {
        days.into_iter().fold(Weekdays::NONE, Weekdays::with)
    }
}

/// A time of the clock to the minute, from 00:00 to 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime(u16);

const MINUTES_PER_DAY: u16 = 24 * 60;

impl ClockTime {
    /// 00:00, the start of a day.
    pub const MIDNIGHT: ClockTime = ClockTime(0);
    /// 24:00, the end of a day.
    pub const END_OF_DAY: ClockTime = ClockTime(MINUTES_PER_DAY);

    /// A time of the clock, or `None` if there is none such; 24:00 is the end of the day.
    pub const fn new(hour: u8, minute: u8) -> Option<ClockTime> {
        let minutes = hour as u16 * 60 + minute as u16;
        if minute < 60 && minutes <= MINUTES_PER_DAY { Some(ClockTime(minutes)) } else { None }
    }

    /// Reads `09:00` or `9:00`; `None` for anything else.
    pub fn parse(text: &str) -> Option<ClockTime> {
        let (hour, minute) = text.trim().split_once(':')?;
        let digits = |s: &str, n: std::ops::RangeInclusive<usize>| {
            n.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit())
        };
        if !digits(hour, 1..=2) || !digits(minute, 2..=2) {
            return None;
        }
        ClockTime::new(hour.parse().ok()?, minute.parse().ok()?)
    }

    /// Minutes since 00:00.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// This time on a day; `None` past the last date of the calendar.
    pub(super) fn on(self, date: Date) -> Option<DateTime> {
        let date = if self.0 >= MINUTES_PER_DAY { date.tomorrow().ok()? } else { date };
        let minutes = self.0 % MINUTES_PER_DAY;
        let time =
            Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()?;
        Some(date.to_datetime(time))
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// What a window does on public holidays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HolidayDuty {
    /// It does not open on a public holiday.
    #[default]
    Closed,
    /// It opens whether the day is a holiday or not.
    Open,
    /// It opens on public holidays only (of its weekdays).
    Only,
}

/// A window of duty that opens on certain days at a time of the clock.
///
/// A window belongs to the day on which it opens: its weekdays and its holiday rule are asked about that day
/// only, so a night shift that opens on the eve of a holiday runs through into the holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutyWindow {
    /// The days on which it opens.
    pub weekdays: Weekdays,
    /// When it opens.
    pub from: ClockTime,
    /// When it closes: on the next day if not later than `from`, so that equal times are a whole day.
    pub to: ClockTime,
    /// Servers on duty; `None` for all that the actor has.
    pub staff: Option<u32>,
    /// What holidays do to it.
    pub holidays: HolidayDuty,
}

impl DutyWindow {
    /// A window with all staff, closed on public holidays.
    pub fn new(weekdays: Weekdays, from: ClockTime, to: ClockTime) -> DutyWindow {
        DutyWindow { weekdays, from, to, staff: None, holidays: HolidayDuty::Closed }
    }

    /// The same window with so many servers.
    pub fn with_staff(self, staff: u32) -> DutyWindow {
        DutyWindow { staff: Some(staff), ..self }
    }

    /// The same window with another rule for holidays.
    pub fn with_holidays(self, holidays: HolidayDuty) -> DutyWindow {
        DutyWindow { holidays, ..self }
    }

    /// Whether the window opens on a day of this kind.
    pub(super) fn opens_on(&self, weekday: Weekday, is_holiday: bool) -> bool {
        self.weekdays.contains(weekday)
            && match self.holidays {
                HolidayDuty::Closed => !is_holiday,
                HolidayDuty::Open => true,
                HolidayDuty::Only => is_holiday,
            }
    }

    /// The clock times at which a window of this day opens and closes.
    pub(super) fn bounds(&self, date: Date) -> Option<(DateTime, DateTime)> {
        let closes = if self.to > self.from { date } else { date.tomorrow().ok()? };
        Some((self.from.on(date)?, self.to.on(closes)?))
    }
}

/// When an actor or a channel is on duty.
///
/// Where windows of one calendar overlap, their staff **adds up** (each window is a shift of its own people),
/// and a window with all staff wins. `Union` and `Intersection` take the larger and the smaller capacity,
/// with off < 1 server < 2 servers < ... < all; an empty union is never, an empty intersection always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DutyCalendar {
    /// Round the clock, with all staff.
    Always,
    /// At no time.
    Never,
    /// In windows that repeat by week.
    Windows(Vec<DutyWindow>),
    /// Whenever one of these is on duty.
    Union(Vec<DutyCalendar>),
    /// Whenever all of these are on duty.
    Intersection(Vec<DutyCalendar>),
}

impl DutyCalendar {
    /// The usual office: certain days, from and to, all staff, closed on public holidays.
    pub fn office_hours(weekdays: Weekdays, from: ClockTime, to: ClockTime) -> DutyCalendar {
        DutyCalendar::Windows(vec![DutyWindow::new(weekdays, from, to)])
    }

    /// The number of windows, in all parts together.
    pub fn n_windows(&self) -> usize {
        match self {
            DutyCalendar::Always | DutyCalendar::Never => 0,
            DutyCalendar::Windows(windows) => windows.len(),
            DutyCalendar::Union(parts) | DutyCalendar::Intersection(parts) => {
                parts.iter().map(DutyCalendar::n_windows).sum()
            }
        }
    }
}

/// The days of a stretch of time, each with its weekday and whether it is a public holiday.
pub(super) fn days(
    first: Date,
    last: Date,
    holidays: &Holidays,
) -> impl Iterator<Item = (Date, Weekday, bool)> + '_ {
    let is_holiday = holidays.on_days(first, last);
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(move |day| *day <= last)
        .map(move |day| (day, day.weekday(), is_holiday(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_weekdays() {
        assert_eq!(Weekdays::span(Weekday::Monday, Weekday::Friday), Weekdays::MON_FRI);
        assert_eq!(Weekdays::span(Weekday::Saturday, Weekday::Sunday), Weekdays::SAT_SUN);
        let long = Weekdays::span(Weekday::Friday, Weekday::Monday);
        let expected = [Weekday::Friday, Weekday::Saturday, Weekday::Sunday, Weekday::Monday];
        assert_eq!(long, expected.into_iter().collect());
        assert!(long.contains(Weekday::Sunday) && !long.contains(Weekday::Tuesday));
        assert_eq!(Weekdays::span(Weekday::Monday, Weekday::Sunday), Weekdays::ALL);
        assert!(Weekdays::NONE.is_empty() && !Weekdays::NONE.contains(Weekday::Monday));
    }

    #[test]
    fn clock_times() {
        assert_eq!(ClockTime::parse("09:00"), ClockTime::new(9, 0));
        assert_eq!(ClockTime::parse("9:05"), ClockTime::new(9, 5));
        assert_eq!(ClockTime::parse("24:00"), Some(ClockTime::END_OF_DAY));
        for bad in ["", "9", "24:01", "25:00", "09:60", "009:00", "-9:00", "+9:00", "09:0", "09:000", "é:00"]
        {
            assert_eq!(ClockTime::parse(bad), None, "{bad}");
        }
        assert_eq!(ClockTime::new(7, 5).unwrap().to_string(), "07:05");
        assert_eq!(ClockTime::new(255, 255), None);
    }

    #[test]
    fn windows_close_on_the_next_day_where_the_clock_says_so() {
        let date: Date = "2026-03-27".parse().unwrap();
        let bounds = |from: &str, to: &str| {
            let clock = |text| ClockTime::parse(text).unwrap();
            let window = DutyWindow::new(Weekdays::ALL, clock(from), clock(to));
            let (opens, closes) = window.bounds(date).unwrap();
            (opens.to_string(), closes.to_string())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(bounds("09:00", "17:00"), pair("2026-03-27T09:00:00", "2026-03-27T17:00:00"));
        assert_eq!(bounds("22:00", "06:00"), pair("2026-03-27T22:00:00", "2026-03-28T06:00:00"));
        assert_eq!(bounds("00:00", "24:00"), pair("2026-03-27T00:00:00", "2026-03-28T00:00:00"));
        assert_eq!(bounds("00:00", "00:00"), pair("2026-03-27T00:00:00", "2026-03-28T00:00:00"));
        assert_eq!(bounds("08:00", "08:00"), pair("2026-03-27T08:00:00", "2026-03-28T08:00:00"));
    }

    #[test]
    fn holiday_rules_of_a_window() {
        let window = DutyWindow::new(Weekdays::MON_FRI, ClockTime::MIDNIGHT, ClockTime::END_OF_DAY);
        let opens = |rule, day, holiday| window.with_holidays(rule).opens_on(day, holiday);
        assert!(opens(HolidayDuty::Closed, Weekday::Monday, false));
        assert!(!opens(HolidayDuty::Closed, Weekday::Monday, true));
        assert!(opens(HolidayDuty::Open, Weekday::Monday, true));
        assert!(opens(HolidayDuty::Only, Weekday::Monday, true));
        assert!(!opens(HolidayDuty::Only, Weekday::Monday, false));
        assert!(!opens(HolidayDuty::Open, Weekday::Sunday, false));
    }
}
