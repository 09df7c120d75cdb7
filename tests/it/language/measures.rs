//! Measures of age, lateness and slack, under filters.

use super::case;
use crate::laboratory::{Results, run};

#[test]
fn every_measure_by_hand() {
    let model = case("measures");
    let trace = run(&model, 1, 0);
    let results = Results::of(&model, &trace);
    let expected = [
        // An age of 1 h at each receipt at 1, 11, 21, 31, 41 h; it rises to 11 h, at the end (48 h) to 8 h. Four
        // pieces of 10 h with a mean of 6 h and one of 7 h with 4.5 h.
        ("stale", "time_average", (4.0 * 60.0 + 7.0 * 4.5) / 47.0),
        ("stale", "max", 11.0),
        ("stale", "min", 1.0),
        ("stale", "at(T+5h)", 5.0),
        // Above 6 h for 5 h of each of the four, and for 2 h of the last.
        ("stale", "share_above(6)", 22.0 / 47.0),
        // At 6, 12, 30 and 36 h: 6, 2, 10 and 6 h old.
        ("stale", "at_each(06:00 12:00)", 6.0),
        ("stale-late", "time_average", (60.0 + 7.0 * 4.5) / 17.0),
        ("stale-late", "max", 11.0),
        // 8 to 11 h: 8 to 11 h old; 11 to 16 h: 1 to 6 h old; 32 to 40 h: 2 to 10 h old.
        ("stale-office", "time_average", (3.0 * 9.5 + 5.0 * 3.5 + 8.0 * 6.0) / 16.0),
        ("age", "count", 5.0),
        ("age", "mean", 1.0),
        // Sent at 3 h and 9 h, arrived at 4 h and 10 h, due at 6 h.
        ("late", "count", 2.0),
        ("late", "mean", 1.0),
        ("late", "max", 4.0),
        ("late", "min", -2.0),
        ("really-late", "count", 1.0),
        ("really-late", "mean", 4.0),
        ("tardy", "mean", 2.0),
        ("kept", "mean", 0.5),
        ("kept-aa", "mean", 1.0),
        // 3 h and 2 h.
        ("slack", "count", 2.0),
        ("slack", "mean", 2.5),
        ("slack", "max", 3.0),
        // Of six jobs two wait an hour.
        ("wait", "count", 6.0),
        ("wait", "mean", 2.0 / 6.0),
        // Not the one at 7 h.
        ("wait-office", "count", 5.0),
        ("wait-bb", "count", 1.0),
        ("wait-warm", "count", 2.0),
        ("wait-warm", "mean", 0.5),
        // At work from 7 to 8 and from 9 to 11 h.
        ("busy", "integral", 3.0),
        ("busy", "at_each(09:30)", 0.5),
        ("busy-office", "time_average", 2.0 / 16.0),
        // One of six desks at first, then two.
        ("aware", "at(T+30min)", 1.0 / 6.0),
        ("aware", "at(T+2h)", 2.0 / 6.0),
        ("picture", "max", 0.0),
    ];
    for (measure, statistic, value) in expected {
        let found = results.value(measure, statistic);
        assert!((found - value).abs() < 1e-9, "{measure} {statistic}: {found} instead of {value}");
    }
}
