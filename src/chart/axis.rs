//! Time from left to right: scale, shading of nights and weekends, UTC ticks, local days.

use super::input::{Frame, ShadeKind};
use super::palette::{INK, INK_SOFT, NIGHT, RULE, RULE_STRONG, WEEKEND, WEEKEND_NIGHT};
use super::scene::{Anchor, Bounds, Scene, Style, Taken};
use super::words::{Civil, DAY, HOUR, MINUTE, civil, utc};

/// Height that [`draw`] needs below the plot.
pub(super) const HEIGHT: f64 = 50.0;

/// A linear map from instants to x.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeScale {
    from_us: i64,
    to_us: i64,
    x0: f64,
    x1: f64,
}

impl TimeScale {
    /// The frame's range over the width of `plot`. An empty range becomes an hour, so that marks at it can be drawn.
    pub(super) fn new(frame: &Frame, plot: &Bounds) -> Self {
        let to_us =
            if frame.to_us > frame.from_us { frame.to_us } else { frame.from_us.saturating_add(HOUR) };
        TimeScale { from_us: frame.from_us, to_us, x0: plot.x0, x1: plot.x1 }
    }

    /// Where an instant stands, kept inside the plot.
    pub(super) fn x(&self, at_us: i64) -> f64 {
        let at = i128::from(at_us.clamp(self.from_us, self.to_us));
        let done = (at - i128::from(self.from_us)) as f64;
        let all = (i128::from(self.to_us) - i128::from(self.from_us)) as f64;
        if all > 0.0 { self.x0 + (self.x1 - self.x0) * (done / all) } else { self.x0 }
    }

    /// Whether an instant is shown.
    pub(super) fn shows(&self, at_us: i64) -> bool {
        (self.from_us..=self.to_us).contains(&at_us)
    }

    /// Whether a stretch of time has a part that is shown.
    pub(super) fn meets(&self, from_us: i64, to_us: i64) -> bool {
        from_us <= self.to_us && to_us >= self.from_us
    }

    fn pixels(&self, us: i64) -> f64 {
        let all = (i128::from(self.to_us) - i128::from(self.from_us)) as f64;
        (self.x1 - self.x0) * (us as f64 / all.max(1.0))
    }
}

/// Shades nights and weekends inside `plot`.
pub(super) fn shade(scene: &mut Scene, frame: &Frame, scale: &TimeScale, plot: &Bounds) {
    let shown = frame.shades.iter().filter(|s| s.to_us > s.from_us && scale.meets(s.from_us, s.to_us));
    let mut edges: Vec<i64> = shown.clone().flat_map(|s| [s.from_us, s.to_us]).collect();
    edges.sort_unstable();
    edges.dedup();
    for pair in edges.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let holds = |kind| shown.clone().any(|s| s.kind == kind && s.from_us <= from && s.to_us >= to);
        let fill = match (holds(ShadeKind::Night), holds(ShadeKind::Weekend)) {
            (true, true) => WEEKEND_NIGHT,
            (true, false) => NIGHT,
            (false, true) => WEEKEND,
            (false, false) => continue,
        };
        let (x0, x1) = (scale.x(from), scale.x(to));
        scene.rect(Bounds { x0, y0: plot.y0, x1, y1: plot.y1 }, fill);
    }
}

/// Says at the right of `y` what the shades mean, if there are any; returns the left end of the words.
pub(super) fn shade_key(scene: &mut Scene, frame: &Frame, right: f64, y: f64) -> f64 {
    let has = |kind| frame.shades.iter().any(|s| s.kind == kind && s.to_us > s.from_us);
    let style = Style::new(16.0, INK_SOFT);
    let mut x = right;
    for (kind, fill, words) in
        [(ShadeKind::Weekend, WEEKEND, "weekend, holiday"), (ShadeKind::Night, NIGHT, "night")]
    {
        if has(kind) {
            let text = scene.label((x, y), Anchor::End, style, words, 200.0);
            scene.boxed(Bounds::new(text.x0 - 26.0, y - 7.0, 20.0, 14.0), 0.0, fill, RULE, 1.0);
            x = text.x0 - 44.0;
        }
    }
    x
}

/// Steps between ticks that people read easily.
const STEPS: [i64; 16] = [
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
    91 * DAY,
    364 * DAY,
];

/// Draws grid lines through `plot`, UTC ticks under it and the local days under these; names stand at the left of it.
pub(super) fn draw(scene: &mut Scene, frame: &Frame, scale: &TimeScale, plot: &Bounds) {
    let style = Style::new(16.0, INK_SOFT);
    let names = plot.x0 - 12.0;
    let row = (plot.y1 + 15.0, plot.y1 + 38.0);
    scene.line(vec![(plot.x0, plot.y1), (plot.x1, plot.y1)], 1.5, RULE_STRONG);
    let mut taken = Taken::default();
    taken.add(scene.label((names, row.0), Anchor::End, style, "UTC", names - 20.0));
    let step = STEPS.into_iter().find(|s| scale.pixels(*s) >= 62.0).unwrap_or(364 * DAY * 10);
    let start = frame.epoch_us.saturating_add(scale.from_us);
    let mut tick = start.div_euclid(step).saturating_mul(step);
    // At most as many ticks as fit, whatever the range.
    for _ in 0..200 {
        let at = tick.saturating_sub(frame.epoch_us);
        if at > scale.to_us {
            break;
        }
        if at >= scale.from_us {
            let x = scale.x(at);
            scene.line(vec![(x, plot.y0), (x, plot.y1 + 5.0)], 1.0, RULE);
            let now = civil(tick);
            let midnight = now.hour == 0 && now.minute == 0;
            let (text, style) = tick_text(&now, step, midnight, style);
            let box_ = scene.text_bounds((x, row.0), Anchor::Middle, style, &text).grown(3.0);
            if box_.x1 <= plot.x1 + 24.0 && taken.is_free(&box_) {
                taken.add(box_);
                scene.label((x, row.0), Anchor::Middle, style, &text, 200.0);
            }
        }
        let next = tick.saturating_add(step);
        if next == tick {
            break;
        }
        tick = next;
    }
    local_days(scene, frame, scale, plot, row.1);
}

fn tick_text(now: &Civil, step: i64, midnight: bool, style: Style) -> (String, Style) {
    if step >= 28 * DAY {
        (format!("{} {}", now.month_name(), now.year), style)
    } else if midnight {
        (now.date(), Style { ink: INK, ..style }.bold())
    } else {
        (format!("{:02}:{:02}", now.hour, now.minute), style)
    }
}

/// Names the days of the local clock (months where days would be too narrow) between their midnights.
fn local_days(scene: &mut Scene, frame: &Frame, scale: &TimeScale, plot: &Bounds, y: f64) {
    let Some(local) = frame.local.as_ref().filter(|l| !l.offsets.is_empty()) else { return };
    let style = Style::new(16.0, INK_SOFT);
    let name = if local.name.is_empty() { "local" } else { &local.name };
    scene.label((plot.x0 - 12.0, y), Anchor::End, style, name, plot.x0 - 32.0);
    let offset = |at: i64| {
        let held = local.offsets.iter().rev().find(|(from, _)| *from <= at).or(local.offsets.first());
        i64::from(held.map_or(0, |(_, minutes)| *minutes)) * MINUTE
    };
    let reading = |at: i64| {
        let now = utc(frame, at.saturating_add(offset(at)));
        (now, now.hour * HOUR + now.minute * MINUTE + now.second * 1_000_000)
    };
    let by_month = scale.pixels(DAY) < 46.0;
    let mut from = scale.from_us;
    for _ in 0..4000 {
        if from >= scale.to_us {
            break;
        }
        // The next midnight: a day on, then back by what the clock then shows (days have 23 to 25 hours).
        let (now, since) = reading(from);
        let mut next = from.saturating_add(DAY - since);
        let (_, over) = reading(next);
        next = if over > DAY / 2 { next.saturating_add(DAY - over) } else { next.saturating_sub(over) };
        let same_month = |at: i64| by_month && reading(at).0.month == now.month;
        while same_month(next) && next < scale.to_us {
            next = next.saturating_add(DAY);
        }
        let (x0, x1) = (scale.x(from), scale.x(next));
        let words = if by_month {
            [format!("{} {}", now.month_name(), now.year), now.month_name().to_owned()]
        } else {
            [format!("{} {}", now.weekday, now.date()), now.weekday.to_owned()]
        };
        if from > scale.from_us {
            scene.line(vec![(x0, y - 9.0), (x0, y + 9.0)], 1.5, RULE_STRONG);
        }
        if let Some(text) = words.iter().find(|w| scene.width(w, style) + 8.0 <= x1 - x0) {
            scene.label(((x0 + x1) / 2.0, y), Anchor::Middle, style, text, x1 - x0);
        }
        if next <= from {
            break;
        }
        from = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::input::{LocalClock, Shade};
    use crate::chart::scene::Item;

    fn plot() -> Bounds {
        Bounds { x0: 100.0, y0: 0.0, x1: 580.0, y1: 500.0 }
    }

    /// Saturday 25 March 2017, 12:00 UTC, two days; summer time begins in Brussels after 13 h.
    fn frame() -> Frame {
        let offsets = vec![(0, 60), (13 * HOUR, 120)];
        Frame {
            epoch_us: 1_490_443_200_000_000,
            to_us: 48 * HOUR,
            local: Some(LocalClock { name: "Brussels".to_owned(), offsets }),
            ..Frame::default()
        }
    }

    #[test]
    fn local_days_begin_at_local_midnight_also_when_the_clock_changes() {
        let (frame, plot) = (frame(), plot());
        let scale = TimeScale::new(&frame, &plot);
        let mut scene = Scene::new("", "").unwrap();
        local_days(&mut scene, &frame, &scale, &plot, 538.0);
        let separators: Vec<f64> = scene
            .items
            .iter()
            .filter_map(|i| if let Item::Line { points, .. } = i { Some(points[0].0) } else { None })
            .collect();
        // 23:00 UTC on Saturday, 22:00 UTC on Sunday; ten pixels an hour.
        assert_eq!(separators, [210.0, 440.0]);
        let texts: Vec<&str> = scene.texts().iter().map(|t| t.2).collect();
        assert_eq!(texts, ["Brussels", "Sat 25 Mar", "Sun 26 Mar", "Mon 27 Mar"]);
    }

    #[test]
    fn ticks_fall_on_even_hours_of_utc() {
        let (frame, plot) = (frame(), plot());
        let mut scene = Scene::new("", "").unwrap();
        draw(&mut scene, &frame, &TimeScale::new(&frame, &plot), &plot);
        let texts = scene.texts();
        let ticks: Vec<&str> = texts.iter().map(|t| t.2).take_while(|t| *t != "Brussels").collect();
        // The first tick stands where `UTC` does, and gives way.
        assert_eq!(ticks, ["UTC", "26 Mar", "12:00", "27 Mar", "12:00"]);
    }

    #[test]
    fn overlapping_shades_mix_once() {
        let mut frame = frame();
        let shade = |from: i64, to: i64, kind| Shade { from_us: from * HOUR, to_us: to * HOUR, kind };
        frame.shades = vec![
            shade(0, 36, ShadeKind::Weekend),
            shade(6, 18, ShadeKind::Night),
            shade(30, 40, ShadeKind::Night),
            shade(9, 9, ShadeKind::Night),
        ];
        let mut scene = Scene::new("", "").unwrap();
        shade_all(&mut scene, &frame);
        let drawn: Vec<(f64, f64, _)> = scene
            .items
            .iter()
            .filter_map(|i| match i {
                Item::Rect { bounds, fill, .. } => Some((bounds.x0, bounds.x1, *fill)),
                _ => None,
            })
            .collect();
        let expected = [
            (100.0, 160.0, WEEKEND),
            (160.0, 280.0, WEEKEND_NIGHT),
            (280.0, 400.0, WEEKEND),
            (400.0, 460.0, WEEKEND_NIGHT),
            (460.0, 500.0, NIGHT),
        ];
        assert_eq!(drawn, expected);
    }

    fn shade_all(scene: &mut Scene, frame: &Frame) {
        shade(scene, frame, &TimeScale::new(frame, &plot()), &plot());
    }
}
