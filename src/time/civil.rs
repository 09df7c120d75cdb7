//! The start of a scenario, and the way between simulation time and civil time.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::calendar::ClockTime;
use super::sim_time::SimTime;
use super::zone::Zone;

/// The instant at which the simulation clock reads zero, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(Timestamp);

impl Epoch {
    /// An epoch at `start`; what is finer than a microsecond is cut off.
    pub fn new(start: Timestamp) -> Epoch {
        Epoch(floor_to_microsecond(start))
    }

    /// The instant of [`SimTime::ZERO`].
    pub fn start(self) -> Timestamp {
        self.0
    }

    /// The instant of `t`; what lies after the year 9999 gives the last instant that can be named.
    pub fn instant(self, t: SimTime) -> Timestamp {
        self.checked_instant(t).unwrap_or(Timestamp::MAX)
    }

    /// The instant of `t`, or `None` after the year 9999.
    pub fn checked_instant(self, t: SimTime) -> Option<Timestamp> {
        let us = self.0.as_microsecond().checked_add_unsigned(t.as_micros())?;
        Timestamp::from_microsecond(us).ok()
    }

    /// The simulation time of an instant, cut to the microsecond; `None` if it is before the start.
    pub fn sim_time(self, at: Timestamp) -> Option<SimTime> {
        u64::try_from(self.offset_micros(at)).ok().map(SimTime::from_micros)
    }

    /// Microseconds from the start to an instant, negative before the start.
    pub fn offset_micros(self, at: Timestamp) -> i64 {
        // Both lie within about 2^59 microseconds of 1970.
        floor_to_microsecond(at).as_microsecond() - self.0.as_microsecond()
    }

    /// RFC 3339 in UTC: `2017-05-12T07:24:00Z`, with six decimals where the microseconds are not zero.
    pub fn rfc3339(self, t: SimTime) -> String {
        rfc3339(self.instant(t))
    }

    /// The clock time in a zone at `t`.
    pub fn local(self, t: SimTime, zone: &Zone) -> DateTime {
        zone.local(self.instant(t))
    }

    /// The clock time for people, to the minute: `Fri 12 May 09:24`.
    pub fn local_text(self, t: SimTime, zone: &Zone) -> String {
        self.local(t, zone).strftime("%a %-d %b %H:%M").to_string()
    }

    /// The first instant after `t` at which a clock in the zone shows one of these times of the day.
    pub fn next_clock(self, t: SimTime, zone: &Zone, times: &[ClockTime]) -> Option<SimTime> {
        let mut date = self.local(t, zone).date().yesterday().ok()?;
        // 24:00 of yesterday may still come; a change of clocks may skip a time on one day.
        for _ in 0..4 {
            let of_day = times.iter().filter_map(|clock| clock.on(date));
            let instants = of_day.filter_map(|at| self.sim_time(zone.boundary(at)?));
            if let Some(next) = instants.filter(|at| *at > t).min() {
                return Some(next);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The simulation time of the boundary of a civil period, clipped to zero and to `until`.
    pub(super) fn clipped(self, at: Timestamp, until: SimTime) -> SimTime {
        self.sim_time(at).unwrap_or(SimTime::ZERO).min(until)
    }
}

/// RFC 3339 in UTC, with six decimals where the microseconds are not zero.
pub(super) fn rfc3339(at: Timestamp) -> String {
    let seconds = at.strftime("%Y-%m-%dT%H:%M:%S");
    match at.as_microsecond().rem_euclid(1_000_000) {
        0 => format!("{seconds}Z"),
        us => format!("{seconds}.{us:06}Z"),
    }
}

fn floor_to_microsecond(at: Timestamp) -> Timestamp {
    let us = at.as_nanosecond().div_euclid(1_000);
    i64::try_from(us).ok().and_then(|us| Timestamp::from_microsecond(us).ok()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    #[test]
    fn the_next_time_of_the_clock() {
        // 2026-03-28 is the day before Brussels goes to summer time.
        let epoch = epoch("2026-03-28T00:00:00Z");
        let zone = Zone::get("Europe/Brussels").unwrap();
        let times = [ClockTime::new(9, 0).unwrap(), ClockTime::END_OF_DAY];
        let next = |hours| epoch.next_clock(SimTime::ZERO + SimDuration::from_hours(hours), &zone, &times);
        let at = |hours| Some(SimTime::ZERO + SimDuration::from_hours(hours));
        assert_eq!((next(0), next(8), next(23)), (at(8), at(23), at(24 + 7)));
    }

    fn epoch(text: &str) -> Epoch {
        Epoch::new(text.parse().unwrap())
    }

    #[test]
    fn simulation_time_and_instants_map_to_each_other() {
        let epoch = epoch("2017-05-12T07:24:00.0000019Z");
        assert_eq!(epoch.start().to_string(), "2017-05-12T07:24:00.000001Z");
        let t = SimTime::from_micros(3_600_000_000);
        let at = epoch.instant(t);
        assert_eq!(at.to_string(), "2017-05-12T08:24:00.000001Z");
        assert_eq!(epoch.sim_time(at), Some(t));
        let earlier = "2017-05-12T07:23:59.9999995Z".parse().unwrap();
        assert_eq!(epoch.offset_micros(earlier), -2);
        assert_eq!(epoch.sim_time(earlier), None);
        assert_eq!(epoch.instant(SimTime::MAX), Timestamp::MAX);
        assert_eq!(epoch.checked_instant(SimTime::MAX), None);
    }

    #[test]
    fn texts() {
        let epoch = epoch("2017-05-12T07:24:00Z");
        assert_eq!(epoch.rfc3339(SimTime::ZERO), "2017-05-12T07:24:00Z");
        assert_eq!(epoch.rfc3339(SimTime::from_micros(1_500_000)), "2017-05-12T07:24:01.500000Z");
        assert_eq!(epoch.rfc3339(SimTime::from_micros(7)), "2017-05-12T07:24:00.000007Z");
        let madrid = Zone::get("Europe/Madrid").unwrap();
        assert_eq!(epoch.local_text(SimTime::ZERO, &madrid), "Fri 12 May 09:24");
        assert_eq!(epoch.local_text(SimTime::ZERO, &Zone::utc()), "Fri 12 May 07:24");
        let monday = SimTime::ZERO + SimDuration::from_days(24);
        assert_eq!(epoch.local_text(monday, &madrid), "Mon 5 Jun 09:24");
        assert_eq!(epoch.local(monday, &madrid).to_string(), "2017-06-05T09:24:00");
    }
}
