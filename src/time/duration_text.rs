//! Durations as text: `90min`, `8h`, `2d 4h`, `1.5 h`, `250ms`.

use thiserror::Error;

use super::sim_time::{DAY, HOUR, MILLI, MINUTE, SECOND, SimDuration, WEEK};

/// The units that [`parse_duration`] knows, from the smallest to the largest.
pub const KNOWN_UNITS: [&str; 7] = ["us", "ms", "s", "min", "h", "d", "w"];

/// Why a text is not a duration.
///
/// Each variant carries the offending piece (shortened), so that a diagnostic can quote it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    /// Nothing but white space.
    #[error("a duration is expected, such as `90min` or `2d 4h`, but the text is empty")]
    Empty,
    /// A minus sign.
    #[error("`{text}` is negative, but a duration cannot be")]
    Negative {
        /// The whole text.
        text: String,
    },
    /// A number that is not decimal digits with at most one point.
    #[error("`{text}` is not a number; write digits with a decimal point, such as `1.5h`")]
    BadNumber {
        /// What stands where a number is expected.
        text: String,
    },
    /// A number with no unit after it.
    #[error("the number `{number}` has no unit; known units: us, ms, s, min, h, d, w")]
    MissingUnit {
        /// The number.
        number: String,
    },
    /// A unit that does not exist.
    #[error("unknown unit `{unit}`; known units: us, ms, s, min, h, d, w")]
    UnknownUnit {
        /// The unit as written.
        unit: String,
    },
    /// A unit that is not smaller than the one before it.
    #[error("`{unit}` follows a smaller or the same unit; write each unit once, the largest first")]
    UnitOrder {
        /// The unit as written.
        unit: String,
    },
    /// More than 2^64 - 1 microseconds.
    #[error("`{text}` is too long: at most about 584,000 years can be said")]
    Overflow {
        /// The whole text.
        text: String,
    },
}

/// Reads a duration: decimal numbers, each with a unit (`us`, `ms`, `s`, `min`, `h`, `d`, `w`), the largest
/// unit first, white space where wanted: `2d 4h`, `1.5h`, `0.5 d`. A plain `0` needs no unit.
///
/// A day is 24 hours and a week 7 days. The arithmetic is exact; what is finer than a microsecond is rounded
/// up to the next one, as in [`SimDuration::from_micros_f64`].
///
/// # Errors
/// See [`DurationError`]; no text makes it panic.
///
/// ```
/// use blueprint_sim::time::{SimDuration, parse_duration};
/// assert_eq!(parse_duration("2d 4h"), Ok(SimDuration::from_hours(52)));
/// ```
pub fn parse_duration(text: &str) -> Result<SimDuration, DurationError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(DurationError::Empty);
    }
    if trimmed.starts_with(['-', '\u{2212}']) {
        return Err(DurationError::Negative { text: clip(trimmed) });
    }
    let overflow = || DurationError::Overflow { text: clip(trimmed) };
    let mut rest = trimmed;
    let mut total: u64 = 0;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        let after = after.trim_start();
        let end = after.find(|c: char| !(c.is_alphabetic() || c == 'µ')).unwrap_or(after.len());
        let (unit_text, after) = after.split_at(end);
        let unit = if unit_text.is_empty() {
            if total == 0 && last_unit == u64::MAX && after.is_empty() && is_zero(number) {
                return Ok(SimDuration::ZERO);
            }
            return Err(DurationError::MissingUnit { number: clip(number) });
        } else {
            unit_of(unit_text).ok_or_else(|| DurationError::UnknownUnit { unit: clip(unit_text) })?
        };
        if unit >= last_unit {
            return Err(DurationError::UnitOrder { unit: unit_text.to_owned() });
        }
        last_unit = unit;
        let part = number_times(number, unit).ok_or_else(overflow)?;
        total = total.checked_add(part).ok_or_else(overflow)?;
        rest = after.trim_start();
    }
    Ok(SimDuration::from_micros(total))
}

/// The leading number of `text` (digits with at most one point between or after them) and what follows it.
fn split_number(text: &str) -> Result<(&str, &str), DurationError> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, after) = text.split_at(end);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || number.len() - digits > 1 || after.starts_with([',', '_']) {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Err(DurationError::BadNumber { text: clip(&text[..end]) });
    }
    Ok((number, after))
}

fn is_zero(number: &str) -> bool {
    number.bytes().all(|b| b == b'0' || b == b'.')
}

/// Microseconds in a unit; `µs` may be written with either of the two mu signs.
fn unit_of(text: &str) -> Option<u64> {
    Some(match text {
        "us" | "µs" | "\u{3bc}s" => 1,
        "ms" => MILLI,
        "s" => SECOND,
        "min" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => WEEK,
        _ => return None,
    })
}

/// `number * unit` in microseconds, rounded up; `None` if it does not fit.
fn number_times(number: &str, unit: u64) -> Option<u64> {
    /// Digits after the point that are computed with; of the rest only matters whether they are all zero.
    const PLACES: usize = 18;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => 0,
        digits => digits.parse::<u64>().ok()?,
    };
    let (kept, dropped) = fraction.split_at(fraction.len().min(PLACES));
    let scale = 10_u128.pow(u32::try_from(kept.len()).ok()?);
    let kept = if kept.is_empty() { 0 } else { kept.parse::<u128>().ok()? };
    // At most 10^18 * 6.1e11 (a week), far below 2^128.
    let exact = kept * u128::from(unit);
    let sticky = u128::from(!is_zero(dropped) && exact.is_multiple_of(scale));
    let part = exact.div_ceil(scale) + sticky;
    whole.checked_mul(unit)?.checked_add(u64::try_from(part).ok()?)
}

/// At most 40 characters of what the user wrote, for an error message.
pub(super) fn clip(text: &str) -> String {
    const LIMIT: usize = 40;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn us(text: &str) -> u64 {
        parse_duration(text).unwrap().as_micros()
    }

    #[test]
    fn reads_numbers_with_units() {
        assert_eq!(us("90min"), 90 * MINUTE);
        assert_eq!(us("8h"), 8 * HOUR);
        assert_eq!(us("2d 4h"), 2 * DAY + 4 * HOUR);
        assert_eq!(us("2d4h"), 2 * DAY + 4 * HOUR);
        assert_eq!(us("1.5h"), 90 * MINUTE);
        assert_eq!(us("30s"), 30 * SECOND);
        assert_eq!(us("250ms"), 250 * MILLI);
        assert_eq!(us("1w"), WEEK);
        assert_eq!(us("10us"), 10);
        assert_eq!(us("10µs"), 10);
        assert_eq!(us("0.5 d"), 12 * HOUR);
        assert_eq!(us("  3 h 05 min "), 3 * HOUR + 5 * MINUTE);
        assert_eq!(us("0"), 0);
        assert_eq!(us("0.0min"), 0);
        assert_eq!(us(".5h"), 30 * MINUTE);
        assert_eq!(us("5.h"), 5 * HOUR);
        assert_eq!(us("18446744073709551615us"), u64::MAX);
        assert_eq!(us("00000000000000000000000001s"), SECOND);
    }

    #[test]
    fn decimals_are_exact_and_round_up() {
        assert_eq!(us("0.1h"), 360 * SECOND);
        assert_eq!(us("1.000001s"), 1_000_001);
        assert_eq!(us("1.0000011s"), 1_000_002);
        assert_eq!(us("0.3us"), 1);
        assert_eq!(us("1.0000000000000000000000000s"), SECOND);
        assert_eq!(us("1.0000000000000000000000001s"), SECOND + 1);
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let error = |text: &str| parse_duration(text).unwrap_err().to_string();
        assert_eq!(error("-5min"), "`-5min` is negative, but a duration cannot be");
        assert_eq!(error("5 fortnights"), "unknown unit `fortnights`; known units: us, ms, s, min, h, d, w");
        assert_eq!(error("5m"), "unknown unit `m`; known units: us, ms, s, min, h, d, w");
        assert_eq!(error("5"), "the number `5` has no unit; known units: us, ms, s, min, h, d, w");
        assert_eq!(parse_duration(" "), Err(DurationError::Empty));
        assert_eq!(parse_duration("1,5h"), Err(DurationError::BadNumber { text: "1,5h".into() }));
        assert_eq!(parse_duration("1.2.3h"), Err(DurationError::BadNumber { text: "1.2.3h".into() }));
        assert_eq!(parse_duration("h"), Err(DurationError::BadNumber { text: "h".into() }));
        assert_eq!(parse_duration("4h 2d"), Err(DurationError::UnitOrder { unit: "d".into() }));
        assert_eq!(parse_duration("4h 2h"), Err(DurationError::UnitOrder { unit: "h".into() }));
        for text in ["18446744073709551616us", "30500569w", "99999999999999999999999999d", "30500568w 10d"] {
            assert!(matches!(parse_duration(text), Err(DurationError::Overflow { .. })), "{text}");
        }
        let long = format!("-{}", "9".repeat(1000));
        assert!(error(&long).len() < 120);
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), near in "[-0-9. µusmhdinw,T+]{0,24}") {
            let _ = parse_duration(&text);
            let _ = parse_duration(&near);
        }

        #[test]
        fn exact_text_is_read_back(us in any::<u64>()) {
            let d = SimDuration::from_micros(us);
            prop_assert_eq!(parse_duration(&d.exact_text()), Ok(d));
        }

        #[test]
        fn the_text_for_people_is_read_back_to_half_a_second_unit(us in 0..u64::MAX) {
            let d = SimDuration::from_micros(us);
            let read = parse_duration(&d.to_string()).unwrap().as_micros();
            let unit = if us >= DAY { HOUR } else if us >= HOUR { MINUTE } else if us >= MINUTE { SECOND }
                else if us >= SECOND { MILLI } else { 1 };
            prop_assert!(read.abs_diff(us) <= unit / 2);
        }
    }
}
