//! Instants and durations of the simulation: integer microseconds that cannot be mixed.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

/// An instant: microseconds since the start of the scenario.
///
/// [`SimTime::MAX`] stands for "never"; sums saturate there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

/// A length of time in microseconds, never negative.
///
/// [`SimDuration::MAX`] stands for "without end"; sums and products saturate there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

pub(super) const MILLI: u64 = 1_000;
pub(super) const SECOND: u64 = 1_000 * MILLI;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;
pub(super) const WEEK: u64 = 7 * DAY;

impl SimTime {
    /// The start of the scenario.
    pub const ZERO: SimTime = SimTime(0);
    /// Never: later than every instant that a run reaches.
    pub const MAX: SimTime = SimTime(u64::MAX);

    /// The instant `us` microseconds after the start.
    pub const fn from_micros(us: u64) -> SimTime {
        SimTime(us)
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Hours since the start, for figures and axes; not for comparing instants.
    pub fn as_hours_f64(self) -> f64 {
        self.0 as f64 / HOUR as f64
    }

    /// The duration since the start.
    pub const fn since_start(self) -> SimDuration {
        SimDuration(self.0)
    }

    /// `self + d`, or `None` past [`SimTime::MAX`].
    pub const fn checked_add(self, d: SimDuration) -> Option<SimTime> {
        match self.0.checked_add(d.0) {
            Some(us) => Some(SimTime(us)),
            None => None,
        }
    }

    /// `self + d`, at most [`SimTime::MAX`]; the same as `+`.
    pub const fn saturating_add(self, d: SimDuration) -> SimTime {
        SimTime(self.0.saturating_add(d.0))
    }

    /// `self - d`, at least [`SimTime::ZERO`].
    pub const fn saturating_sub(self, d: SimDuration) -> SimTime {
        SimTime(self.0.saturating_sub(d.0))
    }

    /// The duration from `earlier` to `self`, or `None` if `earlier` is the later.
    pub const fn checked_since(self, earlier: SimTime) -> Option<SimDuration> {
        match self.0.checked_sub(earlier.0) {
            Some(us) => Some(SimDuration(us)),
            None => None,
        }
    }

    /// The duration from `earlier` to `self`, zero if `earlier` is the later; the same as `-`.
    pub const fn saturating_since(self, earlier: SimTime) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: SimDuration = SimDuration(0);
    /// Without end.
    pub const MAX: SimDuration = SimDuration(u64::MAX);

    /// `us` microseconds.
    pub const fn from_micros(us: u64) -> SimDuration {
        SimDuration(us)
    }

    /// `ms` milliseconds, saturating.
    pub const fn from_millis(ms: u64) -> SimDuration {
        SimDuration(ms.saturating_mul(MILLI))
    }

    /// `s` seconds, saturating.
    pub const fn from_secs(s: u64) -> SimDuration {
        SimDuration(s.saturating_mul(SECOND))
    }

    /// `min` minutes, saturating.
    pub const fn from_mins(min: u64) -> SimDuration {
        SimDuration(min.saturating_mul(MINUTE))
    }

    /// `h` hours, saturating.
    pub const fn from_hours(h: u64) -> SimDuration {
        SimDuration(h.saturating_mul(HOUR))
    }

    /// `d` days of 24 hours, saturating.
    pub const fn from_days(d: u64) -> SimDuration {
        SimDuration(d.saturating_mul(DAY))
    }

    /// `us` microseconds, rounded **up** to the next whole one, so that a positive draw never becomes zero.
    ///
    /// What is too large, and infinity, gives [`SimDuration::MAX`]. A negative number and NaN give
    /// [`SimDuration::ZERO`]: a law of durations is checked to be non-negative before a run; where that is
    /// not known, use [`SimDuration::checked_from_micros_f64`].
    pub fn from_micros_f64(us: f64) -> SimDuration {
        // The cast truncates, saturates at both ends, and takes NaN to 0; above 2^53 it is exact.
        let whole = us as u64;
        if (whole as f64) < us { SimDuration(whole.saturating_add(1)) } else { SimDuration(whole) }
    }

    /// As [`SimDuration::from_micros_f64`], but `None` for a negative number and for NaN.
    pub fn checked_from_micros_f64(us: f64) -> Option<SimDuration> {
        (us >= 0.0).then(|| SimDuration::from_micros_f64(us))
    }

    /// `hours` hours, rounded up to the next microsecond; ends as in [`SimDuration::from_micros_f64`].
    pub fn from_hours_f64(hours: f64) -> SimDuration {
        SimDuration::from_micros_f64(hours * HOUR as f64)
    }

    /// Microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds, for figures; not for comparing durations.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// Hours, for figures; not for comparing durations.
    pub fn as_hours_f64(self) -> f64 {
        self.0 as f64 / HOUR as f64
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `self + other`, or `None` past [`SimDuration::MAX`].
    pub const fn checked_add(self, other: SimDuration) -> Option<SimDuration> {
        match self.0.checked_add(other.0) {
            Some(us) => Some(SimDuration(us)),
            None => None,
        }
    }

    /// `self + other`, at most [`SimDuration::MAX`]; the same as `+`.
    pub const fn saturating_add(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0.saturating_add(other.0))
    }

    /// `self - other`, or `None` if `other` is the longer.
    pub const fn checked_sub(self, other: SimDuration) -> Option<SimDuration> {
        match self.0.checked_sub(other.0) {
            Some(us) => Some(SimDuration(us)),
            None => None,
        }
    }

    /// `self - other`, at least [`SimDuration::ZERO`]; the same as `-`.
    pub const fn saturating_sub(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0.saturating_sub(other.0))
    }

    /// `factor` times as long, rounded up to the next microsecond; exact where `factor` is 1.
    ///
    /// A negative factor or NaN gives [`SimDuration::ZERO`].
    pub fn scaled(self, factor: f64) -> SimDuration {
        if factor == 1.0 { self } else { SimDuration::from_micros_f64(self.0 as f64 * factor) }
    }

    /// All units, in the form that [`parse_duration`](super::parse_duration) reads back: `2d 4h 30min`.
    pub fn exact_text(self) -> String {
        const UNITS: [(u64, &str); 6] =
            [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (MILLI, "ms"), (1, "us")];
        let mut rest = self.0;
        let mut parts = Vec::new();
        for (unit, name) in UNITS {
            if rest >= unit {
                parts.push(format!("{}{name}", rest / unit));
                rest %= unit;
            }
        }
        if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
    }
}

impl Add<SimDuration> for SimTime {
    type Output = SimTime;
    /// Saturates at [`SimTime::MAX`].
    fn add(self, d: SimDuration) -> SimTime {
        self.saturating_add(d)
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, d: SimDuration) {
        *self = *self + d;
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    /// The time since `earlier`, zero if `earlier` is the later.
    fn sub(self, earlier: SimTime) -> SimDuration {
        self.saturating_since(earlier)
    }
}

impl Add for SimDuration {
    type Output = SimDuration;
    /// Saturates at [`SimDuration::MAX`].
    fn add(self, other: SimDuration) -> SimDuration {
        self.saturating_add(other)
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: SimDuration) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = SimDuration;
    /// Saturates at [`SimDuration::ZERO`].
    fn sub(self, other: SimDuration) -> SimDuration {
        self.saturating_sub(other)
    }
}

impl Mul<u64> for SimDuration {
    type Output = SimDuration;
    /// Saturates at [`SimDuration::MAX`].
    fn mul(self, times: u64) -> SimDuration {
        SimDuration(self.0.saturating_mul(times))
    }
}

impl Sum for SimDuration {
    fn sum<I: Iterator<Item = SimDuration>>(parts: I) -> SimDuration {
        parts.fold(SimDuration::ZERO, SimDuration::saturating_add)
    }
}

impl fmt::Display for SimTime {
    /// Exact: `T+2d 4h 30min`, as [`parse_instant`](super::parse_instant) reads it; `never` for the maximum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == SimTime::MAX {
            return f.pad("never");
        }
        f.pad(&format!("T+{}", self.since_start().exact_text()))
    }
}

impl fmt::Display for SimDuration {
    /// For people: the two leading units, rounded to the nearest of the second: `2 d 4 h`, `3 h 05 min`,
    /// `45 s`, `12 ms`; a second unit of zero is left out; `without end` for the maximum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == SimDuration::MAX {
            return f.pad("without end");
        }
        f.pad(&two_units(self.0))
    }
}

/// The text of a duration in its two leading units.
fn two_units(us: u64) -> String {
    // leading unit, its name, second unit, its name, digits of the second
    const PAIRS: [(u64, &str, u64, &str, usize); 5] = [
        (DAY, "d", HOUR, "h", 1),
        (HOUR, "h", MINUTE, "min", 2),
        (MINUTE, "min", SECOND, "s", 2),
        (SECOND, "s", MILLI, "ms", 1),
        (MILLI, "ms", 1, "µs", 1),
    ];
    for (i, (unit, name, second, second_name, digits)) in PAIRS.into_iter().enumerate() {
        if us < unit {
            continue;
        }
        let seconds = (u128::from(us) + u128::from(second) / 2) / u128::from(second);
        let per_unit = u128::from(unit / second);
        let (whole, rest) = (seconds / per_unit, seconds % per_unit);
        // 23 h 59 min 40 s rounds to a whole day: say so in days.
        if i > 0 {
            let (larger, larger_name, ..) = PAIRS[i - 1];
            if whole * u128::from(unit) >= u128::from(larger) {
                return format!("1 {larger_name}");
            }
        }
        return match rest {
            0 => format!("{whole} {name}"),
            _ => format!("{whole} {name} {rest:0digits$} {second_name}"),
        };
    }
    if us == 0 { "0 s".to_owned() } else { format!("{us} µs") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_saturate_and_differences_do_not_go_below_zero() {
        let t = SimTime::from_micros(10);
        assert_eq!(t + SimDuration::from_micros(5), SimTime::from_micros(15));
        assert_eq!(SimTime::MAX + SimDuration::from_micros(1), SimTime::MAX);
        assert_eq!(SimTime::MAX.checked_add(SimDuration::from_micros(1)), None);
        assert_eq!(t - SimTime::from_micros(3), SimDuration::from_micros(7));
        assert_eq!(SimTime::from_micros(3) - t, SimDuration::ZERO);
        assert_eq!(SimTime::from_micros(3).checked_since(t), None);
        assert_eq!(SimDuration::MAX * 2, SimDuration::MAX);
        assert_eq!(SimDuration::from_days(u64::MAX), SimDuration::MAX);
        let parts = [SimDuration::from_hours(1), SimDuration::from_mins(30)];
        assert_eq!(parts.into_iter().sum::<SimDuration>(), SimDuration::from_mins(90));
    }

    #[test]
    fn fractions_round_up_to_the_next_microsecond() {
        let us = |x: f64| SimDuration::from_micros_f64(x).as_micros();
        assert_eq!(us(0.0), 0);
        assert_eq!(us(-0.0), 0);
        assert_eq!(us(1e-300), 1);
        assert_eq!(us(1.0), 1);
        assert_eq!(us(1.000_000_1), 2);
        assert_eq!(us(9_007_199_254_740_993.0), 9_007_199_254_740_992);
        assert_eq!(us(1e30), u64::MAX);
        assert_eq!(us(f64::INFINITY), u64::MAX);
        assert_eq!(us(-3.5), 0);
        assert_eq!(us(f64::NAN), 0);
        assert_eq!(SimDuration::checked_from_micros_f64(-3.5), None);
        assert_eq!(SimDuration::checked_from_micros_f64(f64::NAN), None);
        assert_eq!(SimDuration::checked_from_micros_f64(2.5), Some(SimDuration::from_micros(3)));
        assert_eq!(SimDuration::from_hours_f64(1.5), SimDuration::from_mins(90));
        assert_eq!(SimDuration::from_hours(10).scaled(0.25), SimDuration::from_mins(150));
        assert_eq!(SimDuration::MAX.scaled(1.0), SimDuration::MAX);
    }

    #[test]
    fn durations_show_two_leading_units() {
        let cases = [
            (0, "0 s"),
            (7, "7 µs"),
            (12 * MILLI, "12 ms"),
            (12 * MILLI + 5, "12 ms 5 µs"),
            (45 * SECOND, "45 s"),
            (45 * SECOND + 250 * MILLI, "45 s 250 ms"),
            (59 * SECOND + 999 * MILLI + 600, "1 min"),
            (4 * MINUTE + 5 * SECOND, "4 min 05 s"),
            (3 * HOUR + 5 * MINUTE, "3 h 05 min"),
            (3 * HOUR + 5 * MINUTE + 29 * SECOND, "3 h 05 min"),
            (3 * HOUR + 5 * MINUTE + 30 * SECOND, "3 h 06 min"),
            (23 * HOUR + 59 * MINUTE + 40 * SECOND, "1 d"),
            (2 * DAY + 4 * HOUR, "2 d 4 h"),
            (2 * DAY + 4 * HOUR + 59 * MINUTE, "2 d 5 h"),
            (2 * DAY + 23 * HOUR + 40 * MINUTE, "3 d"),
            (u64::MAX - 1, "213503982 d 8 h"),
            (u64::MAX, "without end"),
        ];
        for (us, text) in cases {
            assert_eq!(SimDuration(us).to_string(), text);
        }
        assert_eq!(format!("[{:>8}]", SimDuration::from_secs(45)), "[    45 s]");
    }

    #[test]
    fn instants_show_all_units() {
        assert_eq!(SimTime::ZERO.to_string(), "T+0s");
        assert_eq!(SimTime(2 * DAY + 30 * MINUTE + 1).to_string(), "T+2d 30min 1us");
        assert_eq!(SimTime::MAX.to_string(), "never");
    }
}
