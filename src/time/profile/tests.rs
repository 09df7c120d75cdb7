//! Tests of duty profiles, among them oracles A20 and A21.

use jiff::Timestamp;

use super::*;
use crate::time::{ClockTime, HolidayDuty, HolidayRule, Weekdays};

fn ts(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn clock(text: &str) -> ClockTime {
    ClockTime::parse(text).unwrap()
}

fn window(days: Weekdays, from: &str, to: &str) -> DutyWindow {
    DutyWindow::new(days, clock(from), clock(to))
}

fn office() -> DutyCalendar {
    DutyCalendar::office_hours(Weekdays::MON_FRI, clock("09:00"), clock("17:00"))
}

/// A profile in Brussels from `start`, over so many days, with its epoch.
fn profile(
    calendar: &DutyCalendar,
    holidays: &[HolidayRule],
    start: &str,
    n_days: u64,
) -> (DutyProfile, Epoch) {
    let epoch = Epoch::new(ts(start));
    let zone = Zone::get("Europe/Brussels").unwrap();
    let holidays = Holidays::new(holidays.to_vec());
    let until = SimTime::ZERO + SimDuration::from_days(n_days);
    (DutyProfile::build(calendar, &zone, &holidays, epoch, until).unwrap(), epoch)
}

/// The steps as text, in UTC.
fn shown(profile: &DutyProfile, epoch: Epoch) -> Vec<String> {
    profile
        .steps()
        .iter()
        .map(|(at, capacity)| format!("{} {capacity:?}", &epoch.rfc3339(*at)[5..16]))
        .collect()
}

/// Oracle A21: office hours in Brussels over weekends with a clock change, all rows.
#[test]
fn work_over_a_weekend_with_a_clock_change() {
    let rows = [
        ("2026-03-27T15:30:00Z", 120, "2026-03-30T08:30:00Z"),
        ("2026-10-23T14:30:00Z", 120, "2026-10-26T09:30:00Z"),
        ("2026-03-28T11:00:00Z", 0, "2026-03-30T07:00:00Z"),
        ("2026-03-30T07:00:00Z", 480, "2026-03-30T15:00:00Z"),
        ("2026-03-30T07:00:00Z", 481, "2026-03-31T07:01:00Z"),
    ];
    for start in ["2026-01-01T00:00:00Z", "2026-03-27T15:30:00Z"] {
        let (profile, epoch) = profile(&office(), &[], start, 365);
        for (arrival, minutes, end) in rows {
            let arrival = epoch.sim_time(ts(arrival)).unwrap();
            let ended = profile.work_end(arrival, SimDuration::from_mins(minutes)).unwrap();
            assert_eq!(epoch.rfc3339(ended), end, "{arrival} + {minutes} min");
        }
    }
}

/// Oracle A20: the wait of a case that arrives uniformly over a week, integrated exactly over the closed gaps.
#[test]
fn office_hours_over_a_week() {
    const HOUR: u128 = 3_600_000_000;
    const WEEK: u128 = 168 * HOUR;
    // An ordinary week, Monday to Monday local, inside a longer profile.
    let (profile, epoch) = profile(&office(), &[], "2026-01-05T00:00:00Z", 28);
    let week_from = epoch.sim_time(ts("2026-01-11T23:00:00Z")).unwrap();
    let week_to = epoch.sim_time(ts("2026-01-18T23:00:00Z")).unwrap();
    // Each closed stretch in the week, as the waits at its two ends: (longest, shortest), in microseconds.
    let mut waits = Vec::new();
    let mut t = week_from;
    while t < week_to {
        let next = profile.next_change_after(t).unwrap().0.min(week_to);
        let opens = profile.next_open(t).unwrap();
        if opens > t {
            waits.push((u128::from((opens - t).as_micros()), u128::from((opens - next).as_micros())));
        }
        t = next;
    }
    let closed: u128 = waits.iter().map(|(a, b)| a - b).sum();
    let twice: u128 = waits.iter().map(|(a, b)| a * a - b * b).sum();
    let thrice: u128 = waits.iter().map(|(a, b)| a * a * a - b * b * b).sum();
    let mass_above = |w: u128| -> u128 { waits.iter().map(|(a, b)| (*a).max(w) - (*b).max(w)).sum() };

    assert_eq!(closed, 128 * HOUR);
    assert_eq!(profile.open_between(week_from, week_to), SimDuration::from_hours(40));
    // Pclosed = 0.761904761905 = 16/21
    assert_eq!(closed * 21, 16 * WEEK);
    // Ewait = 320/21 h = 15.2380952381 h
    assert_eq!(twice * 21, 2 * WEEK * 320 * HOUR);
    // Ewait|closed = 20 h
    assert_eq!(twice, 2 * closed * 20 * HOUR);
    // EW2 = 552.634920635 h^2 = 278528/504
    assert_eq!(thrice * 504, 3 * WEEK * 278_528 * HOUR * HOUR);
    assert!((278_528.0_f64 / 504.0 - 552.634920635).abs() < 1e-9);
    // p90 = 47.2 h, p95 = 55.6 h: exactly a tenth and a twentieth of the week waits longer.
    assert_eq!(mass_above(472 * HOUR / 10) * 10, WEEK);
    assert_eq!(mass_above(556 * HOUR / 10) * 20, WEEK);
}

#[test]
fn days_of_23_and_25_hours() {
    // The whole Sunday is a window: 23 h in March, 25 h in October.
    let sundays = DutyCalendar::Windows(vec![window(
        Weekdays::NONE.with(jiff::civil::Weekday::Sunday),
        "00:00",
        "24:00",
    )]);
    let (spring, epoch) = profile(&sundays, &[], "2026-03-28T12:00:00Z", 3);
    assert_eq!(shown(&spring, epoch), ["03-28T12:00 Off", "03-28T23:00 All", "03-29T22:00 Off"]);
    let (autumn, epoch) = profile(&sundays, &[], "2026-10-24T12:00:00Z", 3);
    assert_eq!(shown(&autumn, epoch), ["10-24T12:00 Off", "10-24T22:00 All", "10-25T23:00 Off"]);
    assert_eq!(autumn.open_between(SimTime::ZERO, autumn.until()), SimDuration::from_hours(25));
}

#[test]
fn shifts_that_meet_inside_a_clock_change_leave_no_hole() {
    let shifts = DutyCalendar::Windows(vec![
        window(Weekdays::ALL, "02:30", "14:30").with_staff(2),
        window(Weekdays::ALL, "14:30", "02:30").with_staff(1),
    ]);
    let (spring, epoch) = profile(&shifts, &[], "2026-03-28T22:00:00Z", 1);
    // 02:30 is skipped: the shifts meet at the change, 01:00 UTC.
    assert_eq!(
        shown(&spring, epoch),
        ["03-28T22:00 Staff(1)", "03-29T01:00 Staff(2)", "03-29T12:30 Staff(1)"]
    );
    let (autumn, epoch) = profile(&shifts, &[], "2026-10-24T22:00:00Z", 1);
    // 02:30 is repeated: they meet at the first, 00:30 UTC.
    assert_eq!(
        shown(&autumn, epoch),
        ["10-24T22:00 Staff(1)", "10-25T00:30 Staff(2)", "10-25T13:30 Staff(1)"]
    );
}

#[test]
fn a_window_inside_the_skipped_hour_does_not_open() {
    let night = DutyCalendar::Windows(vec![window(Weekdays::ALL, "02:10", "02:50")]);
    let (spring, _) = profile(&night, &[], "2026-03-28T22:00:00Z", 1);
    assert_eq!(spring.steps(), [(SimTime::ZERO, Capacity::Off)]);
}

#[test]
fn windows_over_midnight_belong_to_the_day_they_open() {
    let nights = DutyCalendar::Windows(vec![window(Weekdays::MON_FRI, "22:00", "06:00")]);
    // Start on Saturday 00:00 local: Friday's night shift is under way.
    let (profile, epoch) = profile(&nights, &[], "2026-01-09T23:00:00Z", 3);
    assert_eq!(
        shown(&profile, epoch),
        ["01-09T23:00 All", "01-10T05:00 Off", "01-12T21:00 All"],
        "open from the first instant, closed over the weekend, open on Monday evening"
    );
}

#[test]
fn holidays_close_windows_unless_they_say_otherwise() {
    let may_day = [HolidayRule::Fixed { month: 5, day: 1 }];
    // Friday 1 May 2026.
    let (closed, epoch) = profile(&office(), &may_day, "2026-04-30T15:00:00Z", 4);
    assert_eq!(shown(&closed, epoch), ["04-30T15:00 Off", "05-04T07:00 All", "05-04T15:00 Off"]);
    let on_holidays =
        |rule| DutyCalendar::Windows(vec![window(Weekdays::MON_FRI, "09:00", "17:00").with_holidays(rule)]);
    let (open, epoch) = profile(&on_holidays(HolidayDuty::Open), &may_day, "2026-04-30T15:00:00Z", 1);
    assert_eq!(shown(&open, epoch), ["04-30T15:00 Off", "05-01T07:00 All", "05-01T15:00 Off"]);
    let (only, epoch) = profile(&on_holidays(HolidayDuty::Only), &may_day, "2026-04-30T00:00:00Z", 10);
    assert_eq!(shown(&only, epoch), ["04-30T00:00 Off", "05-01T07:00 All", "05-01T15:00 Off"]);
    // The night shift of the eve runs into the holiday; the holiday's own does not open.
    let nights = DutyCalendar::Windows(vec![window(Weekdays::MON_FRI, "22:00", "06:00")]);
    let (eve, epoch) = profile(&nights, &may_day, "2026-04-30T12:00:00Z", 4);
    assert_eq!(shown(&eve, epoch), ["04-30T12:00 Off", "04-30T20:00 All", "05-01T04:00 Off"]);
}

#[test]
fn staff_of_overlapping_windows_adds_up_and_all_wins() {
    let calendar = DutyCalendar::Windows(vec![
        window(Weekdays::ALL, "06:00", "14:00").with_staff(2),
        window(Weekdays::ALL, "13:00", "21:00").with_staff(3),
        window(Weekdays::ALL, "20:00", "22:00"),
        window(Weekdays::ALL, "21:00", "22:00").with_staff(0),
    ]);
    let (profile, epoch) = profile(&calendar, &[], "2026-01-05T23:00:00Z", 1);
    assert_eq!(
        shown(&profile, epoch),
        [
            "01-05T23:00 Off",
            "01-06T05:00 Staff(2)",
            "01-06T12:00 Staff(5)",
            "01-06T13:00 Staff(3)",
            "01-06T19:00 All",
            "01-06T21:00 Off",
        ]
    );
    let crowd = DutyCalendar::Windows(vec![window(Weekdays::ALL, "00:00", "24:00").with_staff(u32::MAX); 3]);
    assert_eq!(profile_of(&crowd).capacity_at(SimTime::ZERO), Capacity::Staff(u32::MAX));
}

fn profile_of(calendar: &DutyCalendar) -> DutyProfile {
    profile(calendar, &[], "2026-01-05T23:00:00Z", 7).0
}

#[test]
fn unions_take_the_larger_and_intersections_the_smaller_capacity() {
    let day = DutyCalendar::Windows(vec![window(Weekdays::ALL, "08:00", "16:00").with_staff(4)]);
    let late = DutyCalendar::Windows(vec![window(Weekdays::ALL, "12:00", "20:00").with_staff(2)]);
    let (union, epoch) =
        profile(&DutyCalendar::Union(vec![day.clone(), late.clone()]), &[], "2026-01-05T23:00:00Z", 1);
    assert_eq!(
        shown(&union, epoch),
        ["01-05T23:00 Off", "01-06T07:00 Staff(4)", "01-06T15:00 Staff(2)", "01-06T19:00 Off"]
    );
    let both = DutyCalendar::Intersection(vec![day.clone(), late, DutyCalendar::Always]);
    let (both, epoch) = profile(&both, &[], "2026-01-05T23:00:00Z", 1);
    assert_eq!(shown(&both, epoch), ["01-05T23:00 Off", "01-06T11:00 Staff(2)", "01-06T15:00 Off"]);
    assert_eq!(profile_of(&DutyCalendar::Union(vec![day.clone(), DutyCalendar::Never])), profile_of(&day));
    assert_eq!(profile_of(&DutyCalendar::Union(vec![])), profile_of(&DutyCalendar::Never));
    assert_eq!(profile_of(&DutyCalendar::Intersection(vec![])), profile_of(&DutyCalendar::Always));
    assert_eq!(profile_of(&DutyCalendar::Windows(vec![])), profile_of(&DutyCalendar::Never));
}

#[test]
fn shifts_round_the_clock_merge_into_one_step() {
    let shifts = DutyCalendar::Windows(vec![
        window(Weekdays::ALL, "06:00", "14:00"),
        window(Weekdays::ALL, "14:00", "22:00"),
        window(Weekdays::ALL, "22:00", "06:00"),
    ]);
    let (profile, _) = profile(&shifts, &[], "2026-03-01T00:00:00Z", 400);
    assert_eq!(profile.steps(), [(SimTime::ZERO, Capacity::All)]);
}

#[test]
fn questions_at_and_around_the_change_points() {
    // Opens at T+10 h (09:00 local), closes at T+18 h.
    let (profile, _) = profile(&office(), &[], "2026-01-04T22:00:00Z", 1);
    let at = |h: u64, us: i64| SimTime::from_micros((h * 3_600_000_000).checked_add_signed(us).unwrap());
    assert_eq!(profile.capacity_at(at(10, -1)), Capacity::Off);
    assert_eq!(profile.capacity_at(at(10, 0)), Capacity::All);
    assert_eq!(profile.capacity_at(at(18, -1)), Capacity::All);
    assert_eq!(profile.capacity_at(at(18, 0)), Capacity::Off);
    assert_eq!(profile.next_change_after(SimTime::ZERO), Some((at(10, 0), Capacity::All)));
    assert_eq!(profile.next_change_after(at(10, 0)), Some((at(18, 0), Capacity::Off)));
    assert_eq!(profile.next_change_after(at(18, 0)), None);
    assert_eq!(profile.next_open(at(3, 0)), Some(at(10, 0)));
    assert_eq!(profile.next_open(at(12, 0)), Some(at(12, 0)));
    assert_eq!(profile.next_open(at(18, 0)), None);
    assert_eq!(profile.work_end(at(3, 0), SimDuration::from_hours(8)), Some(at(18, 0)));
    assert_eq!(profile.work_end(at(3, 0), SimDuration::from_hours(8) + SimDuration::from_micros(1)), None);
    assert_eq!(profile.work_end(at(18, 0), SimDuration::ZERO), None);
    assert_eq!(profile.work_end(at(17, 0), SimDuration::MAX), None);
    assert_eq!(profile.open_between(at(9, 0), at(11, 0)), SimDuration::from_hours(1));
    assert_eq!(profile.open_between(at(11, 0), at(9, 0)), SimDuration::ZERO);
    assert_eq!(profile.capacity_at(SimTime::MAX), Capacity::Off);
}

#[test]
fn at_the_horizon_a_window_is_still_open() {
    let epoch = Epoch::new(ts("2026-01-05T08:00:00Z"));
    let zone = Zone::get("Europe/Brussels").unwrap();
    let hours = |h| SimTime::ZERO + SimDuration::from_hours(h);
    let none = Holidays::none();
    let noon = DutyProfile::build(&office(), &zone, &none, epoch, hours(4)).unwrap();
    assert_eq!(noon.steps(), [(SimTime::ZERO, Capacity::All)]);
    assert_eq!(noon.work_end(SimTime::ZERO, SimDuration::from_hours(4)), Some(hours(4)));
    assert_eq!(noon.work_end(SimTime::ZERO, SimDuration::from_hours(5)), None);
    let closing = DutyProfile::build(&office(), &zone, &none, epoch, hours(8)).unwrap();
    assert_eq!(closing.steps(), [(SimTime::ZERO, Capacity::All), (hours(8), Capacity::Off)]);
    assert_eq!(closing.work_end(SimTime::ZERO, SimDuration::from_hours(8)), Some(hours(8)));
}

#[test]
fn work_end_agrees_with_a_walk_over_the_steps() {
    let calendar = DutyCalendar::Windows(vec![
        window(Weekdays::MON_FRI, "08:30", "12:00").with_staff(2),
        window(Weekdays::MON_FRI, "11:00", "17:45").with_staff(1),
        window(Weekdays::SAT_SUN, "23:00", "01:15"),
    ]);
    let (profile, _) = profile(&calendar, &[], "2026-03-20T10:07:00Z", 30);
    let walk = |start: SimTime, work: SimDuration| {
        let (mut t, mut left) = (profile.next_open(start)?, work);
        while !left.is_zero() {
            let next = profile.next_change_after(t).map_or(profile.until(), |(at, _)| at);
            if profile.capacity_at(t).is_open() {
                if next - t >= left {
                    return Some(t + left);
                }
                left = left - (next - t);
            }
            if next == profile.until() {
                return None;
            }
            t = next;
        }
        Some(t)
    };
    for start in 0..200_u64 {
        for work in [0, 1, 45, 210, 211, 1_000, 5_000, 20_000] {
            let start = SimTime::ZERO + SimDuration::from_mins(start * 211);
            let work = SimDuration::from_mins(work);
            assert_eq!(profile.work_end(start, work), walk(start, work), "{start} + {work}");
        }
    }
}

#[test]
fn a_year_of_duty_agrees_with_the_clock_on_the_wall() {
    let calendar = DutyCalendar::Windows(vec![
        window(Weekdays::MON_FRI, "09:00", "17:00").with_staff(2),
        window(Weekdays::ALL, "20:00", "23:30").with_staff(1).with_holidays(HolidayDuty::Open),
    ]);
    let rules = [HolidayRule::Easter { offset_days: 1 }, HolidayRule::Fixed { month: 12, day: 25 }];
    for name in ["Europe/Brussels", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"] {
        let zone = Zone::get(name).unwrap();
        let epoch = Epoch::new(ts("2025-06-01T00:00:00Z"));
        let until = SimTime::ZERO + SimDuration::from_days(365);
        let holidays = Holidays::new(rules.to_vec());
        let profile = DutyProfile::build(&calendar, &zone, &holidays, epoch, until).unwrap();
        for quarter in 0..365 * 96 {
            let t = SimTime::ZERO + SimDuration::from_mins(quarter * 15);
            let local = epoch.local(t, &zone);
            let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
            let weekend = local.weekday().to_monday_zero_offset() >= 5;
            let is_holiday = matches!(local.date().to_string().as_str(), "2025-12-25" | "2026-04-06");
            let day = u32::from(!weekend && !is_holiday && (540..1020).contains(&minute)) * 2;
            let evening = u32::from((1200..1410).contains(&minute));
            assert_eq!(profile.capacity_at(t), Capacity::staff(day + evening), "{name} {local}");
        }
    }
}

#[test]
fn caps_are_errors_and_calendars_without_windows_have_none() {
    let epoch = Epoch::new(ts("2017-05-12T00:00:00Z"));
    let zone = Zone::get("Europe/Brussels").unwrap();
    let none = Holidays::none();
    let century = SimTime::ZERO + SimDuration::from_days(36_525);
    assert_eq!(
        DutyProfile::build(&office(), &zone, &none, epoch, century).unwrap_err().to_string(),
        "a duty calendar with windows can be laid out over 3660 d at most, not over 36525 d"
    );
    let ten_years = SimTime::ZERO + MAX_PROFILE;
    let long = DutyProfile::build(&office(), &zone, &none, epoch, ten_years).unwrap();
    // 522 weeks from a Friday, then Friday to Wednesday.
    assert_eq!(long.open_between(SimTime::ZERO, ten_years), SimDuration::from_hours((522 * 5 + 4) * 8));
    let many = DutyCalendar::Windows(vec![window(Weekdays::ALL, "00:00", "12:00"); 1_000]);
    assert!(matches!(
        DutyProfile::build(&many, &zone, &none, epoch, ten_years),
        Err(ProfileError::TooManyOpenings { windows: 1_000, days: 3664 })
    ));
    let always = DutyProfile::build(&DutyCalendar::Always, &zone, &none, epoch, SimTime::MAX).unwrap();
    assert_eq!(
        always.work_end(SimTime::from_micros(5), SimDuration::from_hours(1)),
        Some(SimTime::from_micros(3_600_000_005))
    );
    assert_eq!(always, DutyProfile::constant(Capacity::All));
    let last_days = Epoch::new(ts("9999-12-25T00:00:00Z"));
    let month = SimTime::ZERO + SimDuration::from_days(30);
    assert_eq!(DutyProfile::build(&office(), &zone, &none, last_days, month), Err(ProfileError::OutOfRange));
    let first_days = Epoch::new(Timestamp::MIN);
    assert_eq!(DutyProfile::build(&office(), &zone, &none, first_days, month), Err(ProfileError::OutOfRange));
}

#[test]
fn capacity_in_servers() {
    assert_eq!(Capacity::staff(0), Capacity::Off);
    assert_eq!(Capacity::Staff(3).servers(2), 2);
    assert_eq!(Capacity::Staff(3).servers(9), 3);
    assert_eq!(Capacity::All.servers(9), 9);
    assert_eq!(Capacity::Off.servers(9), 0);
    assert!(Capacity::Off < Capacity::Staff(1) && Capacity::Staff(u32::MAX) < Capacity::All);
}
