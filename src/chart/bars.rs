//! Bars with intervals: how critical actors and channels are, how much parameters matter.

use super::batch_input::{Bar, BarsInput};
use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::palette::{INK, INK_SOFT, PAPER, RULE, RULE_STRONG, level, mix, series};
use super::scene::{Anchor, Bounds, Scene, Style};
use super::value_axis::{self, ValueScale};
use super::words::plural;
use super::{ChartError, raster, svg as writer};

/// Where the bars begin.
const LEFT: f64 = 470.0;
/// Width kept for the words right of the bars.
const WORDS: f64 = 330.0;
/// Rows at most.
const ROWS: usize = 18;
/// Least and greatest height of a row.
const ROW: (f64, f64) = (32.0, 60.0);

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &BarsInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &BarsInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &BarsInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    let top = key(&mut scene, input);
    let area = Bounds { x0: LEFT, y0: top, x1: RIGHT - WORDS, y1: BOTTOM - value_axis::HEIGHT };
    let fit = ((area.height() / ROW.0) as usize).min(ROWS);
    let shown = &input.bars[..input.bars.len().min(fit)];
    let row = (area.height() / shown.len().max(1) as f64).clamp(ROW.0, ROW.1);
    let plot = Bounds { y1: area.y0 + row * shown.len().max(1) as f64, ..area };
    let reach = |bar: &Bar| {
        let second = bar.second.map_or([0.0; 2], |(value, interval)| [value, interval.map_or(0.0, |i| i.1)]);
        [bar.value, bar.interval.map_or(0.0, |i| i.1), second[0], second[1]]
    };
    let scale = ValueScale::around(shown.iter().flat_map(reach), &plot);
    value_axis::draw(&mut scene, &scale, &input.unit, &plot, &input.axis);
    for (i, bar) in shown.iter().enumerate() {
        let middle = plot.y0 + row * (i as f64 + 0.5);
        draw_bar(&mut scene, bar, &scale, middle, row);
    }
    if shown.is_empty() {
        frame::nothing(&mut scene, plot, "nothing to show");
    }
    let hidden = input.bars.len() - shown.len();
    let notes = (hidden > 0).then(|| format!("{} not shown", plural(hidden, &input.noun)));
    frame::finish(&mut scene, &input.frame, notes.as_slice());
    Ok(scene)
}

/// What colours, or filled and outlined bars, say; returns where the rows may begin.
fn key(scene: &mut Scene, input: &BarsInput) -> f64 {
    let (style, y) = (Style::new(16.0, INK_SOFT), TOP + 8.0);
    let Some((filled, outlined)) = &input.kinds else {
        let mut x = MARGIN;
        for (of, title) in &input.levels {
            scene.rect(Bounds::new(x, y - 8.0, 26.0, 16.0), of.map_or(series(0), level));
            x = scene.label((x + 33.0, y), Anchor::Start, style, title, RIGHT - x - 33.0).x1 + 28.0;
        }
        return if input.levels.is_empty() { y } else { y + 26.0 };
    };
    scene.rect(Bounds::new(LEFT, y - 8.0, 26.0, 16.0), series(0));
    let x = scene.label((LEFT + 33.0, y), Anchor::Start, style, filled, 460.0).x1 + 24.0;
    scene.boxed(Bounds::new(x, y - 8.0, 26.0, 16.0), 0.0, mix(series(0), PAPER, 0.8), series(0), 1.5);
    scene.label((x + 33.0, y), Anchor::Start, style, outlined, RIGHT - x - 33.0);
    y + 26.0
}

fn draw_bar(scene: &mut Scene, bar: &Bar, scale: &ValueScale, middle: f64, row: f64) {
    let ink = bar.level.map_or(series(0), level);
    let zero = scale.x(0.0);
    let half = (row * 0.34).min(15.0);
    let mut end = scale.x(bar.value);
    if let Some((value, interval)) = bar.second {
        let outer = Bounds { x0: zero, x1: scale.x(value), y0: middle - half, y1: middle + half };
        scene.boxed(outer, 0.0, mix(ink, PAPER, 0.8), ink, 1.5);
        end = end.max(outer.x1);
        if let Some((low, high)) = interval {
            whisker(scene, scale, (low, high), middle + half * 0.5, RULE_STRONG);
            end = end.max(scale.x(high));
        }
    }
    let inner = if bar.second.is_some() { half * 0.55 } else { half };
    let at = if bar.second.is_some() { middle - half + inner } else { middle };
    scene.rect(Bounds { x0: zero, x1: scale.x(bar.value), y0: at - inner, y1: at + inner }, ink);
    if let Some((low, high)) = bar.interval {
        whisker(scene, scale, (low, high), at, INK);
        end = end.max(scale.x(high));
    }
    let note = Style::new(16.0, INK_SOFT);
    let right = LEFT - 14.0;
    let width = if bar.note.is_empty() { 0.0 } else { scene.width(&bar.note, note).min(190.0) + 10.0 };
    if width > 0.0 {
        scene.label((right, middle), Anchor::End, note, &bar.note, width - 10.0);
    }
    let title = Style::new(17.0, INK);
    scene.label((right - width, middle), Anchor::End, title, &bar.title, right - width - MARGIN);
    scene.label((end + 12.0, middle), Anchor::Start, Style::new(16.0, INK), &bar.text, RIGHT - end - 12.0);
}

/// An interval as a line with caps, light rimmed so that it shows on any fill.
fn whisker(scene: &mut Scene, scale: &ValueScale, (low, high): (f64, f64), y: f64, ink: [u8; 3]) {
    let (x0, x1) = (scale.x(low), scale.x(high));
    if x1 - x0 < 1.0 {
        return;
    }
    scene.line(vec![(x0, y), (x1, y)], 4.0, RULE);
    scene.line(vec![(x0, y), (x1, y)], 2.0, ink);
    for x in [x0, x1] {
        scene.line(vec![(x, y - 5.0), (x, y + 5.0)], 2.0, ink);
    }
}
