//! Durations and instants in words, and the little civil arithmetic that an axis needs.

use super::input::Frame;

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub(super) const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub(super) const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day.
pub(super) const DAY: i64 = 24 * HOUR;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// A civil date and time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    pub year: i64,
    /// 1 to 12.
    pub month: usize,
    pub day: i64,
    pub weekday: &'static str,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
}

impl Civil {
    /// "12 May".
    pub(super) fn date(&self) -> String {
        format!("{} {}", self.day, self.month_name())
    }

    /// "May".
    pub(super) fn month_name(&self) -> &'static str {
        MONTHS[(self.month - 1) % 12]
    }

    /// "Fri 12 May 15:08".
    pub(super) fn stamp(&self) -> String {
        format!("{} {} {:02}:{:02}", self.weekday, self.date(), self.hour, self.minute)
    }
}

/// The civil reading of microseconds since 1970-01-01T00:00:00Z.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
pub(super) fn civil(unix_us: i64) -> Civil {
    let (days, rest) = (unix_us.div_euclid(DAY), unix_us.rem_euclid(DAY) / SECOND);
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil {
        year,
        month: month as usize,
        day,
        weekday: WEEKDAYS[days.rem_euclid(7) as usize],
        hour: rest / 3600,
        minute: rest / 60 % 60,
        second: rest % 60,
    }
}

/// The UTC reading of an instant of the run.
pub(super) fn utc(frame: &Frame, at_us: i64) -> Civil {
    civil(frame.epoch_us.saturating_add(at_us))
}

/// A length of time to the eye's precision: "40 s", "36 min", "25 h 36 min", "5 d 3 h", "220 d".
pub(super) fn duration(us: i64) -> String {
    let sign = if us < 0 { "−" } else { "" };
    let us = us.unsigned_abs();
    let seconds = us.div_ceil(SECOND as u64 / 2) / 2;
    let minutes = (us / (SECOND as u64 / 2) / 60).div_ceil(2);
    let (hours, days) = (minutes / 60, minutes / 1440);
    let text = match () {
        () if us == 0 => "0 s".to_owned(),
        () if us < 1_000 => format!("{us} µs"),
        () if us < SECOND as u64 => format!("{} ms", us / 1_000),
        () if seconds < 60 => format!("{seconds} s"),
        () if minutes < 60 => format!("{} min", minutes.max(1)),
        () if hours < 120 && minutes.is_multiple_of(60) => format!("{hours} h"),
        () if hours < 120 => format!("{hours} h {:02} min", minutes % 60),
        () if days < 10 && (hours % 24) > 0 => format!("{days} d {} h", hours % 24),
        () => format!("{days} d"),
    };
    format!("{sign}{text}")
}

/// The same without the word for minutes, for narrow places: "25 h 36", "5 d 3 h".
pub(super) fn duration_short(us: i64) -> String {
    let text = duration(us);
    match text.strip_suffix(" min") {
        Some(short) if short.contains(" h ") => short.to_owned(),
        _ => text,
    }
}

/// A whole number with thin spaces between thousands.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(c);
    }
    out
}

/// "1 actor", "2 actors".
pub(super) fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (us, text) in [
            (0, "0 s"),
            (999, "999 µs"),
            (40 * SECOND, "40 s"),
            (59 * SECOND + 600_000, "1 min"),
            (36 * MINUTE, "36 min"),
            (59 * MINUTE + 59 * SECOND, "1 h"),
            (2 * HOUR + 10 * MINUTE, "2 h 10 min"),
            (25 * HOUR + 36 * MINUTE, "25 h 36 min"),
            (123 * HOUR, "5 d 3 h"),
            (220 * DAY, "220 d"),
            (-36 * MINUTE, "−36 min"),
        ] {
            assert_eq!(duration(us), text, "{us}");
        }
        assert_eq!(duration_short(25 * HOUR + 36 * MINUTE), "25 h 36");
        assert_eq!(duration_short(36 * MINUTE), "36 min");
    }

    #[test]
    fn civil_dates_are_right() {
        let friday = civil(1_494_573_840 * SECOND);
        assert_eq!((friday.stamp().as_str(), friday.year), ("Fri 12 May 07:24", 2017));
        let leap = civil(951_782_400 * SECOND);
        assert_eq!((leap.date().as_str(), leap.year, leap.weekday), ("29 Feb", 2000, "Tue"));
        let before = civil(-1);
        assert_eq!((before.stamp().as_str(), before.year), ("Wed 31 Dec 23:59", 1969));
        let first = civil(0);
        assert_eq!((first.stamp().as_str(), first.year), ("Thu 1 Jan 00:00", 1970));
        assert!(civil(i64::MAX).year > 200_000 && civil(i64::MIN).year < -200_000);
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1234567), "1\u{2009}234\u{2009}567");
        assert_eq!((plural(1, "actor"), plural(3, "actor")), ("1 actor".into(), "3 actors".into()));
    }
}
