//! Numbers, instants and texts as they stand in files.

use crate::time::{Epoch, Timestamp};

/// An instant as RFC 3339 in UTC, from microseconds relative to the start (which may lie before it).
pub fn instant(epoch: Epoch, us: i64) -> String {
    let at = epoch.start().as_microsecond().saturating_add(us);
    let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::MAX);
    let seconds = at.strftime("%Y-%m-%dT%H:%M:%S");
    match at.as_microsecond().rem_euclid(1_000_000) {
        0 => format!("{seconds}Z"),
        us => format!("{seconds}.{us:06}Z"),
    }
}

/// Rounds to 12 significant digits, so that the last bits of a platform's arithmetic reach no file.
///
/// What is not finite stays as it is.
pub fn round12(value: f64) -> f64 {
    if !value.is_finite() || value == 0.0 {
        // Also takes the sign off a zero.
        return if value == 0.0 { 0.0 } else { value };
    }
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// A number as a cell: rounded, in the shortest form; empty where it is not finite.
pub fn csv_number(value: f64) -> String {
    if value.is_finite() { format!("{}", round12(value)) } else { String::new() }
}

/// Free text as a cell that no spreadsheet takes for a formula: a leading `=`, `+`, `-`, `@`, tab or line break
/// gets an apostrophe before it.
///
/// Source: OWASP, CSV Injection.
pub fn safe_text(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits() {
        assert_eq!(round12(0.1 + 0.2), 0.3);
        assert_eq!(round12(123_456_789.012_345_6), 123_456_789.012);
        assert_eq!(round12(-1.0 / 3.0), -0.333_333_333_333);
        assert_eq!(round12(-0.0).to_bits(), 0.0_f64.to_bits());
        assert!(round12(f64::NAN).is_nan());
        assert_eq!(csv_number(2.0), "2");
        assert_eq!(csv_number(1.0 / 3.0), "0.333333333333");
        assert_eq!(csv_number(f64::INFINITY), "");
    }

    #[test]
    fn instants_before_and_after_the_start() {
        let epoch = Epoch::new("2017-05-12T07:24:00Z".parse().unwrap());
        assert_eq!(instant(epoch, 0), "2017-05-12T07:24:00Z");
        assert_eq!(instant(epoch, -60_000_000), "2017-05-12T07:23:00Z");
        assert_eq!(instant(epoch, 1), "2017-05-12T07:24:00.000001Z");
    }

    #[test]
    fn formulas_are_made_text() {
        assert_eq!(safe_text("=1+1"), "'=1+1");
        assert_eq!(safe_text("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(safe_text("first alert"), "first alert");
        assert_eq!(safe_text(""), "");
    }
}
