//! Public holidays as data: rules that say on which dates they fall.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// One public holiday, as a rule over the years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidayRule {
    /// The same day each year; 29 February only in leap years.
    Fixed {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// So many days after (or before) Easter Sunday of the Gregorian calendar: -2 is Good Friday, 1 is Easter
    /// Monday, 39 is Ascension Day, 50 is Whit Monday.
    Easter {
        /// Days after Easter Sunday.
        offset_days: i16,
    },
    /// So many days after (or before) Orthodox Easter Sunday, which is reckoned in the Julian calendar.
    OrthodoxEaster {
        /// Days after Orthodox Easter Sunday.
        offset_days: i16,
    },
    /// The n-th weekday of a month.
    NthWeekday {
        /// 1 to 12.
        month: i8,
        /// The day of the week.
        weekday: Weekday,
        /// 1 to 5 from the start of the month, -1 to -5 from its end.
        nth: i8,
    },
    /// The first such weekday on or after a day of the year: Saturday on or after 20 June.
    WeekdayOnOrAfter {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
        /// The day of the week.
        weekday: Weekday,
    },
    /// One day of one year.
    Date {
        /// The year.
        year: i16,
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
}

impl HolidayRule {
    /// Whether the rule can ever fall on a date (30 February cannot); documents are checked with it.
    pub fn is_possible(&self) -> bool {
        match *self {
            HolidayRule::Fixed { month, day } | HolidayRule::WeekdayOnOrAfter { month, day, .. } => {
                // In a leap year, which has every day that any year has.
                Date::new(2024, month, day).is_ok()
            }
            HolidayRule::Easter { .. } | HolidayRule::OrthodoxEaster { .. } => true,
            HolidayRule::NthWeekday { month, nth, .. } => {
                (1..=12).contains(&month) && (1..=5).contains(&nth.unsigned_abs())
            }
            HolidayRule::Date { year, month, day } => Date::new(year, month, day).is_ok(),
        }
    }

    /// Whether `date` is this holiday. A rule that is not possible matches no date.
    pub fn matches(&self, date: Date) -> bool {
        match *self {
            HolidayRule::Fixed { month, day } => date.month() == month && date.day() == day,
            HolidayRule::Easter { offset_days } => is_easter(date, offset_days, easter),
            HolidayRule::OrthodoxEaster { offset_days } => is_easter(date, offset_days, orthodox_easter),
            HolidayRule::NthWeekday { month, weekday, nth } => {
                date.month() == month && date.nth_weekday_of_month(nth, weekday).is_ok_and(|d| d == date)
            }
            HolidayRule::WeekdayOnOrAfter { month, day, weekday } => {
                // Within the week that begins on the day; the days may run into the next month or year.
                date.weekday() == weekday
                    && (0..7_i64).any(|back| {
                        date.checked_sub(back.days()).is_ok_and(|d| d.month() == month && d.day() == day)
                    })
            }
            HolidayRule::Date { year, month, day } => {
                date.year() == year && date.month() == month && date.day() == day
            }
        }
    }
}

/// The public holidays that an actor keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    rules: Vec<HolidayRule>,
}

impl Holidays {
    /// Holidays by these rules.
    pub fn new(rules: Vec<HolidayRule>) -> Holidays {
        Holidays { rules }
    }

    /// No holidays.
    pub fn none() -> Holidays {
        Holidays::default()
    }

    /// The rules.
    pub fn rules(&self) -> &[HolidayRule] {
        &self.rules
    }

    /// Whether a date is a public holiday.
    pub fn contains(&self, date: Date) -> bool {
        self.rules.iter().any(|rule| rule.matches(date))
    }

    /// The same for all days from `first` to `last`: of a moving feast the dates are found once, not tried each day.
    pub(super) fn on_days(&self, first: Date, last: Date) -> impl Fn(Date) -> bool + '_ {
        let mut feasts = Vec::new();
        let mut others = Vec::new();
        for rule in &self.rules {
            match *rule {
                HolidayRule::Easter { offset_days } => {
                    feasts.extend(feasts_of(first, last, offset_days, easter))
                }
                HolidayRule::OrthodoxEaster { offset_days } => {
                    feasts.extend(feasts_of(first, last, offset_days, orthodox_easter));
                }
                _ => others.push(rule),
            }
        }
        move |date| feasts.contains(&date) || others.iter().any(|rule| rule.matches(date))
    }

    /// Whether a date is a working day in the sense of Regulation (EEC, Euratom) No 1182/71, Article 2(2):
    /// neither a public holiday nor a Sunday nor a Saturday.
    pub fn is_working_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.contains(date)
    }
}

/// Whether `date` lies `offset` days after the Easter of the year to which it then belongs.
fn is_easter(date: Date, offset: i16, easter_of: fn(i16) -> Option<Date>) -> bool {
    date.checked_sub(i64::from(offset).days())
        .is_ok_and(|day| easter_of(day.year()).is_some_and(|easter| easter == day))
}

/// The days from `first` to `last` that lie `offset` days after an Easter.
fn feasts_of(first: Date, last: Date, offset: i16, easter_of: fn(i16) -> Option<Date>) -> Vec<Date> {
    let offset = i64::from(offset).days();
    // The years of the Easters that can be meant.
    let (from, to) = (first.checked_sub(offset), last.checked_sub(offset));
    let years = from.map_or(i16::MIN, |d| d.year())..=to.map_or(i16::MAX, |d| d.year());
    let all = years.filter_map(easter_of).filter_map(|easter| easter.checked_add(offset).ok());
    all.filter(|day| (first..=last).contains(day)).collect()
}

/// Easter Sunday of a year in the Gregorian calendar; `None` before the calendar's first year, 1583.
///
/// Source: the anonymous algorithm of "Nature", 20 April 1876, in the form of J. Meeus, Astronomical
/// Algorithms (1991), chapter 8; the letters are those of the book.
pub fn easter(year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    let y = i32::from(year);
    let a = y % 19;
    let (b, c) = (y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    date_of(year, n / 31, n % 31 + 1)
}

/// Orthodox Easter Sunday of a year, as a date of the Gregorian calendar; `None` before 1583.
///
/// Source: J. Meeus, Astronomical Algorithms (1991), chapter 8, Julian Easter, moved by the days between the
/// calendars (year/100 - year/400 - 2 for the months concerned).
pub fn orthodox_easter(year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    let y = i32::from(year);
    let (a, b, c) = (y % 4, y % 7, y % 19);
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    let n = d + e + 114;
    let julian = date_of(year, n / 31, n % 31 + 1)?;
    let days_between = y / 100 - y / 400 - 2;
    julian.checked_add(i64::from(days_between).days()).ok()
}

fn date_of(year: i16, month: i32, day: i32) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn easter_of_known_years() {
        // Published tables of both Easters.
        let known = [
            (2000, "2000-04-23", "2000-04-30"),
            (2008, "2008-03-23", "2008-04-27"),
            (2014, "2014-04-20", "2014-04-20"),
            (2016, "2016-03-27", "2016-05-01"),
            (2017, "2017-04-16", "2017-04-16"),
            (2018, "2018-04-01", "2018-04-08"),
            (2021, "2021-04-04", "2021-05-02"),
            (2024, "2024-03-31", "2024-05-05"),
            (2025, "2025-04-20", "2025-04-20"),
            (2026, "2026-04-05", "2026-04-12"),
            (2038, "2038-04-25", "2038-04-25"),
        ];
        for (year, western, eastern) in known {
            assert_eq!(easter(year), Some(day(western)), "{year}");
            assert_eq!(orthodox_easter(year), Some(day(eastern)), "{year}");
        }
        assert_eq!(easter(1818), Some(day("1818-03-22")));
        assert_eq!(easter(1943), Some(day("1943-04-25")));
        assert_eq!(easter(1500), None);
    }

    #[test]
    fn every_easter_is_a_sunday_in_its_range() {
        for year in 1583..=4099 {
            let western = easter(year).unwrap();
            assert_eq!(western.weekday(), Weekday::Sunday);
            assert!((3, 22) <= (western.month(), western.day()));
            assert!((4, 25) >= (western.month(), western.day()));
            let eastern = orthodox_easter(year).unwrap();
            assert_eq!(eastern.weekday(), Weekday::Sunday);
            assert!(eastern >= western);
        }
    }

    #[test]
    fn rules_match_their_dates_and_no_others() {
        let matches = |rule: HolidayRule, year: i16| -> Vec<String> {
            let mut date = jiff::civil::date(year, 1, 1);
            let mut found = Vec::new();
            while date.year() == year {
                if rule.matches(date) {
                    found.push(date.to_string());
                }
                date = date.tomorrow().unwrap();
            }
            found
        };
        use HolidayRule::*;
        assert_eq!(matches(Fixed { month: 5, day: 1 }, 2017), ["2017-05-01"]);
        assert_eq!(matches(Fixed { month: 2, day: 29 }, 2017), [""; 0]);
        assert_eq!(matches(Easter { offset_days: -2 }, 2017), ["2017-04-14"]);
        assert_eq!(matches(Easter { offset_days: 39 }, 2017), ["2017-05-25"]);
        assert_eq!(matches(OrthodoxEaster { offset_days: 1 }, 2016), ["2016-05-02"]);
        // An offset that leads into the next year: 300 days after 16 April 2017.
        assert_eq!(matches(Easter { offset_days: 300 }, 2018), ["2018-02-10"]);
        let monday = Weekday::Monday;
        assert_eq!(matches(NthWeekday { month: 5, weekday: monday, nth: 1 }, 2017), ["2017-05-01"]);
        assert_eq!(matches(NthWeekday { month: 8, weekday: monday, nth: -1 }, 2017), ["2017-08-28"]);
        assert_eq!(matches(NthWeekday { month: 8, weekday: monday, nth: 5 }, 2017), [""; 0]);
        let saturday = Weekday::Saturday;
        assert_eq!(matches(WeekdayOnOrAfter { month: 6, day: 20, weekday: saturday }, 2017), ["2017-06-24"]);
        assert_eq!(matches(WeekdayOnOrAfter { month: 10, day: 31, weekday: saturday }, 2017), ["2017-11-04"]);
        assert_eq!(matches(WeekdayOnOrAfter { month: 10, day: 31, weekday: saturday }, 2020), ["2020-10-31"]);
        assert_eq!(matches(Date { year: 2017, month: 7, day: 3 }, 2017), ["2017-07-03"]);
        assert_eq!(matches(Date { year: 2017, month: 7, day: 3 }, 2018), [""; 0]);
    }

    #[test]
    fn many_days_at_once_are_the_same_as_one_by_one() {
        use HolidayRule::*;
        let rules = [
            vec![Easter { offset_days: -2 }, OrthodoxEaster { offset_days: 1 }, Fixed { month: 12, day: 25 }],
            vec![
                Easter { offset_days: 300 },
                Easter { offset_days: -400 },
                OrthodoxEaster { offset_days: 32_000 },
            ],
        ];
        for holidays in rules.map(Holidays::new) {
            let (first, last) = (day("2016-11-20"), day("2019-05-03"));
            let is_holiday = holidays.on_days(first, last);
            let mut date = first;
            while date <= last {
                assert_eq!(is_holiday(date), holidays.contains(date), "{date}");
                date = date.tomorrow().unwrap();
            }
        }
    }

    #[test]
    fn impossible_rules_are_recognised_and_match_nothing() {
        use HolidayRule::*;
        let impossible = [
            Fixed { month: 2, day: 30 },
            Fixed { month: 13, day: 1 },
            NthWeekday { month: 1, weekday: Weekday::Monday, nth: 0 },
            NthWeekday { month: 1, weekday: Weekday::Monday, nth: i8::MIN },
            Date { year: 2017, month: 2, day: 29 },
        ];
        for rule in impossible {
            assert!(!rule.is_possible(), "{rule:?}");
            assert!(!rule.matches(day("2017-01-02")), "{rule:?}");
        }
        assert!(Fixed { month: 2, day: 29 }.is_possible());
    }

    #[test]
    fn working_days() {
        let holidays = Holidays::new(vec![HolidayRule::Fixed { month: 5, day: 1 }]);
        assert!(holidays.contains(day("2017-05-01")));
        assert!(!holidays.is_working_day(day("2017-05-01")));
        assert!(holidays.is_working_day(day("2017-05-02")));
        assert!(!holidays.is_working_day(day("2017-05-06")));
        assert!(!Holidays::none().is_working_day(day("2017-05-07")));
    }
}
