//! Nights and weekends as intervals of simulation time, for the shading of charts.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;

use super::calendar::{ClockTime, DutyWindow, Weekdays};
use super::civil::Epoch;
use super::sim_time::SimTime;
use super::zone::Zone;

/// The nights of a zone in `[range.start, range.end)`, in order, cut at its ends.
///
/// A night lasts from `from` to `to` on the clock, over midnight if `to` is not later. Nights that the clock
/// leaves out are left out. The iterator is lazy: a day costs about a microsecond.
pub fn nights(
    epoch: Epoch,
    zone: &Zone,
    range: Range<SimTime>,
    from: ClockTime,
    to: ClockTime,
) -> impl Iterator<Item = Range<SimTime>> + '_ {
    let night = DutyWindow::new(Weekdays::ALL, from, to);
    intervals(epoch, zone, range, move |day| {
        let (begins, ends) = night.bounds(day)?;
        Some((zone.boundary(begins)?, zone.boundary(ends)?))
    })
}

/// The weekends of a zone in `[range.start, range.end)`, in order, cut at its ends: each the whole stretch of
/// neighbouring days that are in `free_days`, midnight to midnight.
///
/// Where every day is free, each week from Monday on is one stretch.
pub fn weekends(
    epoch: Epoch,
    zone: &Zone,
    range: Range<SimTime>,
    free_days: Weekdays,
) -> impl Iterator<Item = Range<SimTime>> + '_ {
    let all = free_days == Weekdays::ALL;
    let is_free = move |day: Date| free_days.contains(day.weekday());
    intervals(epoch, zone, range, move |day| {
        let yesterday_free = is_free(day.yesterday().ok()?);
        let is_monday = day.weekday().to_monday_zero_offset() == 0;
        let begins_here = if all { is_monday } else { is_free(day) && !yesterday_free };
        if !begins_here {
            return None;
        }
        let free = (0..7_i64).take_while(|n| day.checked_add(n.days()).is_ok_and(is_free)).count();
        let after = day.checked_add(i64::try_from(free).ok()?.days()).ok()?;
        Some((zone.start_of_day(day)?, zone.start_of_day(after)?))
    })
}

/// The intervals that `of_day` gives for each day from a week before the range, cut to the range.
fn intervals<'a>(
    epoch: Epoch,
    zone: &'a Zone,
    range: Range<SimTime>,
    of_day: impl Fn(Date) -> Option<(jiff::Timestamp, jiff::Timestamp)> + 'a,
) -> impl Iterator<Item = Range<SimTime>> + 'a {
    let Range { start, end } = range;
    // A stretch that reaches into the range may have begun up to seven days before it; one day more for zones
    // that left a day out.
    let first = zone.local(epoch.instant(start)).date().saturating_sub(8.days());
    let last_instant = epoch.instant(end);
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(move |day| zone.start_of_day(*day).is_some_and(|begins| begins < last_instant))
        .filter_map(move |day| {
            let (begins, ends) = of_day(day)?;
            let cut = |at| epoch.sim_time(at).unwrap_or(SimTime::ZERO).clamp(start, end.max(start));
            let (begins, ends) = (cut(begins), cut(ends));
            (begins < ends).then_some(begins..ends)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    fn shown(epoch: Epoch, spans: impl Iterator<Item = Range<SimTime>>) -> Vec<String> {
        spans
            .map(|s| format!("{} {}", &epoch.rfc3339(s.start)[5..16], &epoch.rfc3339(s.end)[5..16]))
            .collect()
    }

    fn hours(h: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_hours(h)
    }

    fn madrid() -> (Epoch, Zone) {
        // Friday 27 March 2026, 03:00 local; the clocks change on Sunday.
        (Epoch::new("2026-03-27T02:00:00Z".parse().unwrap()), Zone::get("Europe/Madrid").unwrap())
    }

    #[test]
    fn nights_are_cut_to_the_range_and_follow_the_clock() {
        let (epoch, zone) = madrid();
        let (from, to) = (ClockTime::new(22, 0).unwrap(), ClockTime::new(6, 0).unwrap());
        let all = shown(epoch, nights(epoch, &zone, hours(0)..hours(72), from, to));
        assert_eq!(
            all,
            [
                "03-27T02:00 03-27T05:00",
                "03-27T21:00 03-28T05:00",
                "03-28T21:00 03-29T04:00",
                "03-29T20:00 03-30T02:00",
            ]
        );
        let part = shown(epoch, nights(epoch, &zone, hours(20)..hours(21), from, to));
        assert_eq!(part, ["03-27T22:00 03-27T23:00"]);
        assert_eq!(nights(epoch, &zone, hours(5)..hours(5), from, to).count(), 0);
        let (from, to) = (ClockTime::new(0, 0).unwrap(), ClockTime::new(5, 0).unwrap());
        let early = shown(epoch, nights(epoch, &zone, hours(3)..hours(30), from, to));
        assert_eq!(early, ["03-27T23:00 03-28T04:00"]);
    }

    #[test]
    fn weekends_are_whole_stretches_of_free_days() {
        let (epoch, zone) = madrid();
        let of = |range, free| shown(epoch, weekends(epoch, &zone, range, free));
        // 47 hours: the clocks lose one.
        assert_eq!(
            of(hours(0)..hours(240), Weekdays::SAT_SUN),
            ["03-27T23:00 03-29T22:00", "04-03T22:00 04-05T22:00"]
        );
        assert_eq!(of(hours(40)..hours(50), Weekdays::SAT_SUN), ["03-28T18:00 03-29T04:00"]);
        let long = Weekdays::span(jiff::civil::Weekday::Friday, jiff::civil::Weekday::Sunday);
        assert_eq!(of(hours(0)..hours(100), long), ["03-27T02:00 03-29T22:00"]);
        assert_eq!(of(hours(0)..hours(240), Weekdays::NONE), [""; 0]);
        assert_eq!(
            of(hours(0)..hours(100), Weekdays::ALL),
            ["03-27T02:00 03-29T22:00", "03-29T22:00 03-31T06:00"]
        );
    }

    #[test]
    fn the_end_of_the_calendar_ends_the_iterators() {
        let zone = Zone::get("Europe/Madrid").unwrap();
        let epoch = Epoch::new("9999-12-20T00:00:00Z".parse().unwrap());
        let range = SimTime::ZERO..SimTime::MAX;
        assert!(weekends(epoch, &zone, range.clone(), Weekdays::SAT_SUN).count() <= 2);
        let midnight = ClockTime::MIDNIGHT;
        assert!(nights(epoch, &zone, range, midnight, ClockTime::new(6, 0).unwrap()).count() <= 12);
    }
}
