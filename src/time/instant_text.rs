//! Instants as text: RFC 3339, a local time with a zone, a date, or an offset from the start.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use thiserror::Error;

use super::duration_text::{DurationError, clip, parse_duration};
use super::sim_time::SimDuration;
use super::zone::{UnknownZone, Zone};

/// Why a text is not an instant. Each variant carries the offending piece (shortened).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InstantError {
    /// Nothing but white space.
    #[error("an instant is expected, such as `2017-05-12T07:24:00Z` or `T+2h`, but the text is empty")]
    Empty,
    /// None of the known forms.
    #[error(
        "`{text}` is not an instant; write `2017-05-12T07:24:00Z`, `T+2h 30min`, `2017-05-12 09:24 Europe/Madrid` \
         or `2017-05-12`"
    )]
    Unreadable {
        /// The whole text.
        text: String,
    },
    /// A date that the calendar does not have.
    #[error("there is no date `{text}`")]
    NoSuchDate {
        /// The date as written.
        text: String,
    },
    /// A time that the clock does not have.
    #[error("there is no time of day `{text}`; write 00:00 to 23:59:59")]
    NoSuchTime {
        /// The time as written.
        text: String,
    },
    /// Decimals beyond the microsecond that are not zero.
    #[error("`{text}` is finer than a microsecond")]
    TooFine {
        /// The time as written.
        text: String,
    },
    /// An offset from UTC that is not `Z` or `+hh:mm` within a day.
    #[error("`{text}` is not an offset from UTC; write `Z`, `+02:00` or `-05:30`")]
    BadOffset {
        /// The offset as written.
        text: String,
    },
    /// An offset that the zone named beside it does not have at that time.
    #[error("the offset `{offset}` does not agree with the zone `{zone}` at that time")]
    OffsetDisagrees {
        /// The offset as written.
        offset: String,
        /// The zone's name.
        zone: String,
    },
    /// A zone that is not in the bundled database.
    #[error(transparent)]
    UnknownZone(#[from] UnknownZone),
    /// `T+` before anything that it could count from.
    #[error("`{text}` counts from the start, but no start is known here")]
    NoStart {
        /// The whole text.
        text: String,
    },
    /// `T+` with something that is not a duration.
    #[error("after `T+` or `T-`: {0}")]
    Offset(#[from] DurationError),
    /// Outside the years that can be named.
    #[error("`{text}` lies outside the years that can be named")]
    OutOfRange {
        /// The whole text.
        text: String,
    },
}

/// Reads an instant, to the microsecond:
/// - RFC 3339: `2017-05-12T07:24:00Z`, `2017-05-12T09:24:00.5+02:00`, seconds optional, a space for the `T`;
/// - local with a zone: `2017-05-12 09:24 Europe/Madrid`, `2017-05-12T09:24[Europe/Madrid]`; with no zone and no
///   offset, `default_zone` counts; with both they must agree;
/// - a date alone, with or without a zone: the first instant of that day there;
/// - `T+2h 30min`, `T-1d`, `T`: from `start`.
///
/// A local time that a clock change skips is read with the offset before the change (02:30 becomes 03:30); one
/// that it repeats is the first of the two (RFC 5545, section 3.3.5), unless an offset says which.
///
/// # Errors
/// See [`InstantError`]; no text makes it panic.
pub fn parse_instant(
    text: &str,
    start: Option<Timestamp>,
    default_zone: &Zone,
) -> Result<Timestamp, InstantError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InstantError::Empty);
    }
    if let Some(offset) = text.strip_prefix(['T', 't']) {
        return from_start(text, offset.trim_start(), start);
    }
    let unreadable = || InstantError::Unreadable { text: clip(text) };
    let out_of_range = || InstantError::OutOfRange { text: clip(text) };
    let (date, rest) = split_date(text).ok_or_else(unreadable)??;
    let (time, rest) = split_time(rest).ok_or_else(unreadable)??;
    let (offset, zone) = split_place(rest.trim()).ok_or_else(unreadable)?;
    let zone = zone.map(Zone::get).transpose()?;
    let zone_or_default = zone.as_ref().unwrap_or(default_zone);
    let Some(time) = time else {
        // An offset without a time of day says nothing.
        return match offset {
            None => zone_or_default.start_of_day(date).ok_or_else(out_of_range),
            Some(_) => Err(unreadable()),
        };
    };
    let local = date.to_datetime(time);
    let Some(offset_text) = offset else {
        return zone_or_default.written(local).ok_or_else(out_of_range);
    };
    let seconds = offset_seconds(offset_text)?;
    let at = at_offset(local, seconds).ok_or_else(out_of_range)?;
    match zone {
        // `Z` beside a zone states the instant and leaves the offset there open (RFC 9557, section 2).
        Some(zone) if !is_zulu(offset_text) && zone.offset_seconds(at) != seconds => {
            Err(InstantError::OffsetDisagrees { offset: clip(offset_text), zone: zone.name().to_owned() })
        }
        _ => Ok(at),
    }
}

fn from_start(text: &str, offset: &str, start: Option<Timestamp>) -> Result<Timestamp, InstantError> {
    let (back, duration) = match (offset.strip_prefix('+'), offset.strip_prefix(['-', '\u{2212}'])) {
        (Some(duration), _) => (false, parse_duration(duration)?),
        (_, Some(duration)) => (true, parse_duration(duration)?),
        _ if offset.is_empty() => (false, SimDuration::ZERO),
        _ => return Err(InstantError::Unreadable { text: clip(text) }),
    };
    let start = start.ok_or_else(|| InstantError::NoStart { text: clip(text) })?;
    let (us, duration) = (start.as_microsecond(), duration.as_micros());
    let sum = if back { us.checked_sub_unsigned(duration) } else { us.checked_add_unsigned(duration) };
    sum.and_then(|us| Timestamp::from_microsecond(us).ok())
        .ok_or_else(|| InstantError::OutOfRange { text: clip(text) })
}

type Part<'t, T> = Option<Result<(T, &'t str), InstantError>>;

/// A leading `YYYY-MM-DD` and what follows; `None` if the text does not look so.
fn split_date(text: &str) -> Part<'_, Date> {
    let (date, rest) = text.split_at_checked(10)?;
    let (year, month, day) = (number(date, 0, 4)?, number(date, 5, 2)?, number(date, 8, 2)?);
    if &date[4..5] != "-" || &date[7..8] != "-" || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let found = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Some(found.map(|date| (date, rest)).map_err(|_| InstantError::NoSuchDate { text: clip(date) }))
}

/// `T` or white space, `HH:MM`, perhaps `:SS` and decimals; then what follows. No time if something else stands
/// there; `None` if it begins like a time and does not go on so.
fn split_time(text: &str) -> Part<'_, Option<Time>> {
    let after_t = text.strip_prefix(['T', 't']);
    let rest = after_t.unwrap_or_else(|| text.trim_start());
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return if after_t.is_some() { None } else { Some(Ok((None, text))) };
    }
    if after_t.is_none() && rest.len() == text.len() {
        return None;
    }
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
    let (clock, after) = rest.split_at(end);
    let (whole, decimals) = clock.split_once('.').map_or((clock, None), |(w, d)| (w, Some(d)));
    let looks_right = whole.as_bytes().get(2) == Some(&b':')
        && match whole.len() {
            5 => decimals.is_none(),
            8 => {
                whole.as_bytes()[5] == b':'
                    && decimals.is_none_or(|d| !d.is_empty() && !d.contains(['.', ':']))
            }
            _ => false,
        };
    if !looks_right {
        return None;
    }
    let (hour, minute) = (number(whole, 0, 2)?, number(whole, 3, 2)?);
    let second = if whole.len() == 8 { number(whole, 6, 2)? } else { 0 };
    let (micros, finer) = decimals.unwrap_or("").split_at(decimals.map_or(0, |d| d.len().min(6)));
    if finer.bytes().any(|b| b != b'0') {
        return Some(Err(InstantError::TooFine { text: clip(clock) }));
    }
    let micros: u32 = format!("{micros:0<6}").parse().ok()?;
    let small = |n: u32| i8::try_from(n).unwrap_or(i8::MAX);
    let time = Time::new(small(hour), small(minute), small(second), i32::try_from(micros * 1_000).ok()?);
    Some(time.map(|t| (Some(t), after)).map_err(|_| InstantError::NoSuchTime { text: clip(clock) }))
}

/// Splits `Z`, `+02:00`, `Europe/Madrid`, `[Europe/Madrid]` or an offset and a zone. `None` if brackets are open.
fn split_place(text: &str) -> Option<(Option<&str>, Option<&str>)> {
    let (offset, zone) = if is_zulu(text) || text.starts_with(['+', '-', '\u{2212}']) {
        let end = text.find(|c: char| c == '[' || c.is_whitespace()).unwrap_or(text.len());
        let (offset, zone) = text.split_at(end);
        (Some(offset), zone.trim())
    } else if text.starts_with(['Z', 'z']) && text[1..].starts_with(['[', ' ']) {
        (Some(&text[..1]), text[1..].trim())
    } else {
        (None, text)
    };
    if zone.is_empty() {
        return Some((offset, None));
    }
    match zone.strip_prefix('[') {
        Some(inside) => inside.strip_suffix(']').map(|name| (offset, Some(name.trim()))),
        None => Some((offset, Some(zone))),
    }
}

fn is_zulu(text: &str) -> bool {
    text.eq_ignore_ascii_case("z")
}

/// `Z` or `+hh:mm` in seconds east of UTC.
fn offset_seconds(text: &str) -> Result<i32, InstantError> {
    if is_zulu(text) {
        return Ok(0);
    }
    let read = || {
        let sign = match text.chars().next()? {
            '+' => 1,
            '-' | '\u{2212}' => -1,
            _ => return None,
        };
        let clock = text.trim_start_matches(['+', '-', '\u{2212}']);
        let one_sign = text.chars().count() == 6 && clock.len() == 5;
        let (hour, minute) = (number(clock, 0, 2)?, number(clock, 3, 2)?);
        let in_range = one_sign && clock.as_bytes()[2] == b':' && hour < 24 && minute < 60;
        let seconds = i32::try_from(hour * 3600 + minute * 60).ok()?;
        in_range.then_some(sign * seconds)
    };
    read().ok_or_else(|| InstantError::BadOffset { text: clip(text) })
}

/// The instant of a clock time at a fixed offset.
fn at_offset(local: DateTime, seconds: i32) -> Option<Timestamp> {
    jiff::tz::Offset::from_seconds(seconds).ok()?.to_timestamp(local).ok()
}

/// The number in `len` ASCII digits from byte `from` of `text`.
fn number(text: &str, from: usize, len: usize) -> Option<u32> {
    let digits = text.get(from..from + len)?;
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn madrid() -> Zone {
        Zone::get("Europe/Madrid").unwrap()
    }

    fn start() -> Timestamp {
        "2017-05-12T07:24:00Z".parse().unwrap()
    }

    fn read(text: &str) -> Result<String, InstantError> {
        parse_instant(text, Some(start()), &madrid()).map(|at| at.to_string())
    }

    #[test]
    fn forms_of_an_instant() {
        let cases = [
            ("2017-05-12T07:24:00Z", "2017-05-12T07:24:00Z"),
            ("2017-05-12t07:24:00z", "2017-05-12T07:24:00Z"),
            ("2017-05-12T07:24Z", "2017-05-12T07:24:00Z"),
            ("2017-05-12 07:24:00Z", "2017-05-12T07:24:00Z"),
            ("2017-05-12 07:24 UTC", "2017-05-12T07:24:00Z"),
            ("2017-05-12T09:24:00+02:00", "2017-05-12T07:24:00Z"),
            ("2017-05-12T01:54:00-05:30", "2017-05-12T07:24:00Z"),
            ("2017-05-12T07:24:00.5Z", "2017-05-12T07:24:00.5Z"),
            ("2017-05-12T07:24:00.000001000Z", "2017-05-12T07:24:00.000001Z"),
            ("2017-05-12 09:25 Europe/Madrid", "2017-05-12T07:25:00Z"),
            ("2017-05-12T09:25[Europe/Madrid]", "2017-05-12T07:25:00Z"),
            ("2017-05-12T09:25+02:00[Europe/Madrid]", "2017-05-12T07:25:00Z"),
            ("2017-05-12T07:25Z[Europe/Madrid]", "2017-05-12T07:25:00Z"),
            ("2017-05-12T07:25Z Europe/Madrid", "2017-05-12T07:25:00Z"),
            ("2017-05-12 09:25", "2017-05-12T07:25:00Z"),
            ("2017-05-12  10:25  Europe/Athens ", "2017-05-12T07:25:00Z"),
            ("2017-05-12", "2017-05-11T22:00:00Z"),
            ("2017-05-12 Europe/Athens", "2017-05-11T21:00:00Z"),
            ("2017-05-12[UTC]", "2017-05-12T00:00:00Z"),
            ("2017-05-12 Zulu", "2017-05-12T00:00:00Z"),
            ("T+2h 30min", "2017-05-12T09:54:00Z"),
            ("T + 2h", "2017-05-12T09:24:00Z"),
            ("t-1d", "2017-05-11T07:24:00Z"),
            ("T", "2017-05-12T07:24:00Z"),
            ("T+0", "2017-05-12T07:24:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn local_times_that_a_clock_change_skips_or_repeats() {
        assert_eq!(read("2017-03-26 02:30").unwrap(), "2017-03-26T01:30:00Z");
        assert_eq!(read("2017-10-29 02:30").unwrap(), "2017-10-29T00:30:00Z");
        assert_eq!(read("2017-10-29T02:30+01:00[Europe/Madrid]").unwrap(), "2017-10-29T01:30:00Z");
        let disagrees =
            InstantError::OffsetDisagrees { offset: "+01:00".into(), zone: "Europe/Madrid".into() };
        assert_eq!(read("2017-05-12T09:25+01:00[Europe/Madrid]"), Err(disagrees));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let unreadable = |text: &str| Err(InstantError::Unreadable { text: text.into() });
        for text in [
            "noon",
            "12.05.2017",
            "2017-5-12",
            "20170512",
            "2017-05-12T",
            "2017-05-12T9:24",
            "2017-05-1209:24",
            "2017-05-12 +02:00",
            "2017-05-12T07:24.5Z",
            "2017-05-12T07:24[UTC",
            "T2h",
            "2017-05-12T07:24:00.",
            "2017-05-12T07:24:00:00",
            "é017-05-12",
            "2017-05-1é",
        ] {
            assert_eq!(read(text), unreadable(text), "{text}");
        }
        assert_eq!(read(""), Err(InstantError::Empty));
        assert_eq!(read("2017-02-29"), Err(InstantError::NoSuchDate { text: "2017-02-29".into() }));
        for clock in ["24:00", "23:60", "23:59:60", "99:99:99"] {
            let text = format!("2017-05-12T{clock}Z");
            assert_eq!(read(&text), Err(InstantError::NoSuchTime { text: clock.into() }));
        }
        let fine = "07:24:00.0000001";
        assert_eq!(read(&format!("2017-05-12T{fine}Z")), Err(InstantError::TooFine { text: fine.into() }));
        for offset in ["+2", "+24:00", "+02:60", "+0200", "++2:00", "-2:000"] {
            let text = format!("2017-05-12T07:24{offset}");
            assert_eq!(read(&text), Err(InstantError::BadOffset { text: offset.into() }));
        }
        assert_eq!(
            read("2017-05-12 09:25 Europe/Madird").unwrap_err().to_string(),
            "unknown time zone `Europe/Madird`; did you mean `Europe/Madrid`?"
        );
        assert_eq!(
            read("T+-2h").unwrap_err().to_string(),
            "after `T+` or `T-`: `-2h` is negative, but a duration cannot be"
        );
        assert!(matches!(read("T+2x"), Err(InstantError::Offset(DurationError::UnknownUnit { .. }))));
        assert!(matches!(read("T+18446744073709551615us"), Err(InstantError::OutOfRange { .. })));
        assert!(matches!(read("T-18446744073709551615us"), Err(InstantError::OutOfRange { .. })));
        assert!(matches!(read("9999-12-31T23:59:59-23:59"), Err(InstantError::OutOfRange { .. })));
        assert_eq!(
            parse_instant("T+2h", None, &madrid()),
            Err(InstantError::NoStart { text: "T+2h".into() })
        );
    }

    proptest! {
        #[test]
        fn never_panics(
            text in any::<String>(),
            near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]?[-+0-9:.ZzéT\\[\\] UEurope/]{0,24}",
            offset in "[Tt] ?[-+−]?[-0-9. µusmhdinw]{0,16}",
        ) {
            for text in [&text, &near, &offset] {
                let _ = parse_instant(text, Some(start()), &madrid());
                let _ = parse_instant(text, Some(Timestamp::MAX), &Zone::utc());
                let _ = parse_instant(text, Some(Timestamp::MIN), &Zone::utc());
            }
        }

        #[test]
        fn written_instants_are_read_back(us in 0_i64..4_000_000_000_000_000) {
            let at = Timestamp::from_microsecond(us).unwrap();
            prop_assert_eq!(parse_instant(&super::super::civil::rfc3339(at), None, &madrid()), Ok(at));
        }
    }
}
