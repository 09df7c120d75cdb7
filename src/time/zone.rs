//! Time zones by name, from the database compiled into the program and from nowhere else.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::duration_text::clip;

/// A time zone of the bundled database.
///
/// The machine's own zone files are never read, so that the same document gives the same instants anywhere.
#[derive(Clone)]
pub struct Zone {
    name: String,
    tz: TimeZone,
}

/// A zone name that the bundled database does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown time zone `{name}`{}", hint(nearest.as_deref()))]
pub struct UnknownZone {
    /// The name as written (shortened).
    pub name: String,
    /// The known name that is nearest to it, if one is near.
    pub nearest: Option<String>,
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// An instant at which the clocks of a zone are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockChange {
    /// The first instant of the new offset.
    pub at: Timestamp,
    /// Seconds east of UTC before it.
    pub offset_before: i32,
    /// Seconds east of UTC from it on.
    pub offset_after: i32,
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Zone {
        Zone { name: "UTC".to_owned(), tz: TimeZone::UTC }
    }

    /// The zone called `name` (IANA, e.g. `Europe/Madrid`; capitals do not matter).
    ///
    /// # Errors
    /// [`UnknownZone`] with the nearest known name; a name without its region (`Madrid`) is recognised there.
    pub fn get(name: &str) -> Result<Zone, UnknownZone> {
        if name.eq_ignore_ascii_case("UTC") {
            return Ok(Zone::utc());
        }
        let found = TimeZoneDatabase::bundled().get(name).ok().filter(|tz| !tz.is_unknown());
        match found.as_ref().and_then(|tz| tz.iana_name().map(str::to_owned)).zip(found) {
            Some((name, tz)) => Ok(Zone { name, tz }),
            None => Err(UnknownZone { name: clip(name), nearest: nearest_name(name) }),
        }
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The clock time in this zone at an instant.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.tz.to_datetime(at)
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_seconds(&self, at: Timestamp) -> i32 {
        self.tz.to_offset(at).seconds()
    }

    /// The instant of a clock time that bounds a period (opening, closing, midnight).
    ///
    /// A time that a clock change skips is the instant of the change; one that it repeats is the first. The
    /// result never falls as `local` rises. `None` if it is outside the years -9999 to 9999.
    pub fn boundary(&self, local: DateTime) -> Option<Timestamp> {
        let ambiguous = self.tz.to_ambiguous_timestamp(local);
        let AmbiguousOffset::Gap { after, .. } = ambiguous.offset() else {
            return ambiguous.earlier().ok();
        };
        // Read with the offset that is not yet in force the time lies before the change.
        let before_change = after.to_timestamp(local).ok()?;
        self.tz.following(before_change).next().map(|change| change.timestamp())
    }

    /// The first instant of a day in this zone.
    pub fn start_of_day(&self, date: Date) -> Option<Timestamp> {
        self.boundary(date.to_datetime(Time::midnight()))
    }

    /// The instant of a clock time that somebody wrote down: a skipped time is read with the offset before the
    /// change (so 02:30 becomes 03:30), a repeated one is the first (RFC 5545, section 3.3.5).
    pub fn written(&self, local: DateTime) -> Option<Timestamp> {
        self.tz.to_ambiguous_timestamp(local).compatible().ok()
    }

    /// The clock changes in `[from, until)`, in order. Changes of name or rule alone are left out.
    pub fn clock_changes(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = ClockChange> + '_ {
        let just_before = Timestamp::from_nanosecond(from.as_nanosecond() - 1).unwrap_or(Timestamp::MIN);
        let mut offset = self.offset_seconds(just_before);
        self.tz
            .following(just_before)
            .map(|change| (change.timestamp(), change.offset().seconds()))
            .take_while(move |(at, _)| *at < until)
            .filter_map(move |(at, offset_after)| {
                let offset_before = std::mem::replace(&mut offset, offset_after);
                (offset_before != offset_after).then_some(ClockChange { at, offset_before, offset_after })
            })
    }
}

/// A zone's clock over a number of days: away from its changes an instant is one subtraction.
pub(super) struct Clock<'z> {
    zone: &'z Zone,
    /// Between two changes, and well away from both: clock times (as if in UTC) from and until, seconds east of UTC.
    calm: Vec<(Timestamp, Timestamp, i64)>,
}

impl<'z> Clock<'z> {
    /// The clock over all days from the first to the last of these.
    pub(super) fn of(zone: &'z Zone, days: &[(Date, Weekday, bool)]) -> Clock<'z> {
        Clock { zone, calm: zone.calm(days).unwrap_or_default() }
    }

    /// The same as [`Zone::boundary`].
    pub(super) fn boundary(&self, local: DateTime) -> Option<Timestamp> {
        // At the end of civil time a clock time may be an instant in its zone and none in UTC.
        let calm = Offset::UTC.to_timestamp(local).ok().and_then(|as_utc| {
            let east = self.calm.iter().find(|(from, until, _)| (*from..*until).contains(&as_utc))?.2;
            as_utc.checked_sub(SignedDuration::from_secs(east)).ok()
        });
        calm.or_else(|| self.zone.boundary(local))
    }
}

impl Zone {
    /// Between which clock times of these days no change of the clock is near, with the offset there.
    fn calm(&self, days: &[(Date, Weekday, bool)]) -> Option<Vec<(Timestamp, Timestamp, i64)>> {
        // No clock is changed by more than a day, and none is much more than a day from UTC.
        let away = SignedDuration::from_hours(72);
        let midnight =
            |day: &(Date, Weekday, bool)| Offset::UTC.to_timestamp(day.0.to_datetime(Time::midnight())).ok();
        let from = midnight(days.first()?)?.checked_sub(away).ok()?;
        let until = midnight(days.last()?)?.checked_add(away + away).ok()?;
        let mut calm = Vec::new();
        let (mut begin, mut east) = (from.checked_add(away).ok()?, self.offset_seconds(from));
        for change in self.clock_changes(from, until) {
            calm.push((begin, change.at.checked_sub(away).ok()?, i64::from(east)));
            (begin, east) = (change.at.checked_add(away).ok()?, change.offset_after);
        }
        calm.push((begin, until.checked_sub(away).ok()?, i64::from(east)));
        Some(calm)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

/// The known zone name nearest to `name`, compared whole and, if `name` has no region, by its last part.
fn nearest_name(name: &str) -> Option<String> {
    // A bound on the length keeps the time of the comparison bounded for any input.
    let wanted: String = name.chars().take(64).collect::<String>().to_ascii_lowercase().replace(' ', "_");
    let farthest = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, String)> = None;
    for known in TimeZoneDatabase::bundled().available() {
        let known = known.as_str();
        let lower = known.to_ascii_lowercase();
        let mut distance = strsim::osa_distance(&wanted, &lower);
        if !wanted.contains('/')
            && let Some((_, city)) = lower.rsplit_once('/')
        {
            distance = distance.min(strsim::osa_distance(&wanted, city));
        }
        let candidate = (distance, known.to_owned());
        if distance <= farthest && best.as_ref().is_none_or(|b| candidate < *b) {
            best = Some(candidate);
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ts(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_over_days_gives_the_same_instants() {
        for name in ["Europe/Lisbon", "Europe/Helsinki", "Africa/Casablanca", "Pacific/Apia", "UTC"] {
            let zone = Zone::get(name).unwrap();
            for first in ["2011-12-20", "2017-03-01", "2020-10-20"] {
                let first: Date = first.parse().unwrap();
                let days: Vec<_> = std::iter::successors(Some(first), |day| day.tomorrow().ok())
                    .take(40)
                    .map(|day| (day, day.weekday(), false))
                    .collect();
                let clock = Clock::of(&zone, &days);
                let mut local = first.to_datetime(Time::midnight());
                for _ in 0..42 * 24 * 4 {
                    assert_eq!(clock.boundary(local), zone.boundary(local), "{name} {local}");
                    local = local.checked_add(SignedDuration::from_mins(15)).unwrap();
                }
            }
        }
    }

    #[test]
    fn zones_are_found_by_name_and_near_names_suggested() {
        assert_eq!(Zone::get("Europe/Brussels").unwrap().name(), "Europe/Brussels");
        assert_eq!(Zone::get("europe/brussels").unwrap().name(), "Europe/Brussels");
        assert_eq!(Zone::get("UTC").unwrap(), Zone::utc());
        let nearest = |name: &str| Zone::get(name).unwrap_err().nearest;
        assert_eq!(nearest("Europe/Brusels").as_deref(), Some("Europe/Brussels"));
        assert_eq!(nearest("Madrid").as_deref(), Some("Europe/Madrid"));
        assert_eq!(nearest("xyzzyxyzzyxyzzy"), None);
        assert_eq!(
            Zone::get("Europe/Brusels").unwrap_err().to_string(),
            "unknown time zone `Europe/Brusels`; did you mean `Europe/Brussels`?"
        );
        for hostile in ["", "../../etc/passwd", "/etc/localtime", "Europe/", "Etc/Unknown", "\0", "é"] {
            assert!(Zone::get(hostile).is_err(), "{hostile:?}");
        }
        assert!(Zone::get(&"Europe/".repeat(100_000)).is_err());
    }

    /// Oracle A23: 01:00 UTC on the last Sunday of March and of October, 2024 to 2030.
    #[test]
    fn clock_changes_of_the_union() {
        let expected = [
            ("2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z"),
            ("2025-03-30T01:00:00Z", "2025-10-26T01:00:00Z"),
            ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"),
            ("2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z"),
            ("2028-03-26T01:00:00Z", "2028-10-29T01:00:00Z"),
            ("2029-03-25T01:00:00Z", "2029-10-28T01:00:00Z"),
            ("2030-03-31T01:00:00Z", "2030-10-27T01:00:00Z"),
        ];
        for (name, winter) in
            [("Europe/Brussels", 3600), ("Europe/Dublin", 0), ("Europe/Athens", 7200), ("Europe/Lisbon", 0)]
        {
            let zone = Zone::get(name).unwrap();
            let changes: Vec<_> =
                zone.clock_changes(ts("2024-01-01T00:00:00Z"), ts("2031-01-01T00:00:00Z")).collect();
            assert_eq!(changes.len(), 14, "{name}");
            for (pair, (spring, autumn)) in changes.chunks(2).zip(expected) {
                let summer = winter + 3600;
                let spring = ClockChange { at: ts(spring), offset_before: winter, offset_after: summer };
                let autumn = ClockChange { at: ts(autumn), offset_before: summer, offset_after: winter };
                assert_eq!(pair, [spring, autumn], "{name}");
            }
        }
    }

    #[test]
    fn the_range_of_clock_changes_is_half_open() {
        let zone = Zone::get("Europe/Brussels").unwrap();
        let (spring, autumn) = (ts("2026-03-29T01:00:00Z"), ts("2026-10-25T01:00:00Z"));
        let at: Vec<_> = zone.clock_changes(spring, autumn).map(|c| c.at).collect();
        assert_eq!(at, [spring]);
        assert_eq!(Zone::utc().clock_changes(Timestamp::MIN, Timestamp::MAX).count(), 0);
    }

    #[test]
    fn skipped_and_repeated_times() {
        let zone = Zone::get("Europe/Brussels").unwrap();
        let skipped: DateTime = "2026-03-29T02:30".parse().unwrap();
        assert_eq!(zone.boundary(skipped), Some(ts("2026-03-29T01:00:00Z")));
        assert_eq!(zone.written(skipped), Some(ts("2026-03-29T01:30:00Z")));
        let repeated: DateTime = "2026-10-25T02:30".parse().unwrap();
        assert_eq!(zone.boundary(repeated), Some(ts("2026-10-25T00:30:00Z")));
        assert_eq!(zone.written(repeated), Some(ts("2026-10-25T00:30:00Z")));
        // A whole day that a zone left out, and a midnight that does not exist.
        let apia = Zone::get("Pacific/Apia").unwrap();
        let missing = apia.start_of_day("2011-12-30".parse().unwrap());
        assert_eq!(missing, apia.start_of_day("2011-12-31".parse().unwrap()));
        let beirut = Zone::get("Asia/Beirut").unwrap();
        assert_eq!(beirut.start_of_day("2022-03-27".parse().unwrap()), Some(ts("2022-03-26T22:00:00Z")));
    }
}
