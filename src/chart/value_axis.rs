//! Values from left to right: scale, ticks that people read easily, numbers in words.

use super::batch_input::Unit;
use super::palette::{INK_SOFT, RULE, RULE_STRONG};
use super::scene::{Anchor, Bounds, Scene, Style, Taken};
use super::words::{HOUR, count, duration};

/// Height that [`draw`] needs below the plot, with the words of the axis.
pub(super) const HEIGHT: f64 = 52.0;
/// The same without words.
pub(super) const TICKS: f64 = 28.0;

/// A linear map from values to x.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueScale {
    from: f64,
    to: f64,
    x0: f64,
    x1: f64,
}

impl ValueScale {
    /// The values `from` to `to` over the width of `plot`; what is not finite counts as 0, an empty range as one
    /// around it.
    pub(super) fn new(from: f64, to: f64, plot: &Bounds) -> Self {
        let (from, to) = (finite(from), finite(to));
        let (from, to) = if to > from { (from, to) } else { (from - 0.5, from + 0.5) };
        ValueScale { from, to, x0: plot.x0, x1: plot.x1 }
    }

    /// A scale that shows all values, with a tenth to spare at ends that are not 0.
    pub(super) fn around(values: impl Iterator<Item = f64>, plot: &Bounds) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values.filter(|v| v.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        let spare = (high - low) * 0.06;
        let low = if low < 0.0 { low - spare } else { low };
        let high = if high > 0.0 { high + spare } else { high };
        Self::new(low, high, plot)
    }

    /// Where a value stands, kept inside the plot.
    pub(super) fn x(&self, value: f64) -> f64 {
        let share = (finite(value).clamp(self.from, self.to) - self.from) / (self.to - self.from);
        self.x0 + (self.x1 - self.x0) * share
    }

    /// Ticks at least `apart` pixels from each other, with the values between them.
    fn ticks(&self, unit: &Unit, apart: f64) -> Vec<(f64, String)> {
        let least = (self.to - self.from) * apart / (self.x1 - self.x0).max(1.0);
        let step = match unit {
            Unit::Hours => hour_step(least),
            _ => round_step(least),
        };
        let first = (self.from / step).ceil();
        (0..100)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|value| *value <= self.to + step * 1e-9)
            .map(|value| (value, tick_text(value, step, unit)))
            .collect()
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// Steps of hours that people count in.
fn hour_step(least: f64) -> f64 {
    const STEPS: [f64; 14] =
        [0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 72.0, 168.0, 336.0, 720.0, 2160.0];
    if least < STEPS[0] {
        // Minutes: 5, 2, 1, and then below by halves.
        let found =
            [10.0, 5.0, 2.0, 1.0].into_iter().map(|m| m / 60.0).take_while(|step| *step >= least).last();
        return found.unwrap_or(if least > 10.0 / 60.0 { STEPS[0] } else { round_step(least) });
    }
    STEPS.into_iter().find(|step| *step >= least).unwrap_or_else(|| round_step(least / 24.0) * 24.0)
}

/// The least of 1, 2, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    if !(least.is_finite() && least > 0.0) {
        return 1.0;
    }
    let mut unit = 1.0;
    for _ in 0..320 {
        if unit > least {
            unit /= 10.0;
        }
    }
    for _ in 0..320 {
        if unit * 10.0 <= least {
            unit *= 10.0;
        }
    }
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|k| k * unit).find(|step| *step >= least).unwrap_or(unit * 10.0)
}

fn tick_text(value: f64, step: f64, unit: &Unit) -> String {
    // The step nearest 0 may come out as -0.
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    match unit {
        Unit::Hours if value == 0.0 => "0".to_owned(),
        Unit::Hours if step >= 24.0 => format!("{} d", number(value / 24.0, step / 24.0)),
        Unit::Hours if step >= 1.0 => format!("{} h", number(value, step)),
        Unit::Hours => duration((value * HOUR as f64) as i64),
        Unit::Share => format!("{} %", number(value * 100.0, step * 100.0)),
        Unit::Other(_) => number(value, step),
    }
}

/// A number with as many decimals as `step` needs, grouped, with a true minus.
pub(super) fn number(value: f64, step: f64) -> String {
    let mut decimals = 0;
    let mut scaled = step.abs();
    while decimals < 9 && (scaled - scaled.round()).abs() > 1e-6 * scaled.max(1e-12) {
        scaled *= 10.0;
        decimals += 1;
    }
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    if decimals == 0 && size < 9e15 {
        return format!("{sign}{}", count(size.round() as u64));
    }
    format!("{sign}{size:.decimals$}")
}

/// Draws grid lines through `plot`, ticks under it, and `words` under these unless they are empty.
pub(super) fn draw(scene: &mut Scene, scale: &ValueScale, unit: &Unit, plot: &Bounds, words: &str) {
    let style = Style::new(16.0, INK_SOFT);
    scene.line(vec![(plot.x0, plot.y1), (plot.x1, plot.y1)], 1.5, RULE_STRONG);
    let y = plot.y1 + 15.0;
    let mut taken = Taken::default();
    for (value, text) in scale.ticks(unit, 78.0) {
        let x = scale.x(value);
        scene.line(vec![(x, plot.y0), (x, plot.y1 + 5.0)], 1.0, RULE);
        let place = scene.text_bounds((x, y), Anchor::Middle, style, &text).grown(4.0);
        if taken.is_free(&place) {
            taken.add(place);
            scene.label((x, y), Anchor::Middle, style, &text, 200.0);
        }
    }
    if !words.is_empty() {
        let middle = (plot.x0 + plot.x1) / 2.0;
        scene.label((middle, plot.y1 + 39.0), Anchor::Middle, style, words, plot.width());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from: f64, to: f64, unit: &Unit) -> Vec<String> {
        let plot = Bounds::new(0.0, 0.0, 800.0, 100.0);
        ValueScale::new(from, to, &plot).ticks(unit, 80.0).into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn ticks_are_what_people_count_in() {
        assert_eq!(
            texts(0.0, 50.0, &Unit::Hours),
            ["0", "6 h", "12 h", "18 h", "24 h", "30 h", "36 h", "42 h", "48 h"]
        );
        assert_eq!(
            texts(-30.0, 10.0, &Unit::Hours),
            ["−30 h", "−24 h", "−18 h", "−12 h", "−6 h", "0", "6 h"]
        );
        assert_eq!(texts(0.0, 500.0, &Unit::Hours), ["0", "3 d", "6 d", "9 d", "12 d", "15 d", "18 d"]);
        assert_eq!(
            texts(0.0, 1.0, &Unit::Hours),
            ["0", "10 min", "20 min", "30 min", "40 min", "50 min", "1 h"]
        );
        assert_eq!(texts(0.0, 1.0, &Unit::Share)[..3], ["0 %", "10 %", "20 %"]);
        assert_eq!(texts(0.0, 0.03, &Unit::Other(String::new()))[..3], ["0.000", "0.005", "0.010"]);
        assert_eq!(texts(0.0, 90_000.0, &Unit::Other(String::new()))[..2], ["0", "10\u{2009}000"]);
    }

    #[test]
    fn hostile_ranges_still_give_a_scale() {
        let plot = Bounds::new(10.0, 0.0, 800.0, 100.0);
        for (from, to) in [(f64::NAN, f64::INFINITY), (5.0, 5.0), (9.0, 1.0), (-1e300, 1e300), (0.0, 1e-300)]
        {
            let scale = ValueScale::new(from, to, &plot);
            for unit in [Unit::Hours, Unit::Share, Unit::Other("x".to_owned())] {
                assert!(scale.ticks(&unit, 80.0).len() <= 100);
            }
            assert!((10.0..=810.0).contains(&scale.x(f64::NAN)));
        }
    }
}
