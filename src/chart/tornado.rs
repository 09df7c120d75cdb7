//! Tornado: what each parameter does alone, from the low end of its range to the high one, the largest swing on top.

use super::batch_input::{TornadoEnd, TornadoInput, TornadoRow};
use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::palette::{INK, INK_SOFT, RULE_STRONG, Rgb, high_end, high_end_text, low_end, low_end_text};
use super::scene::{Anchor, Bounds, Scene, Style};
use super::value_axis::{self, ValueScale};
use super::words::plural;
use super::{ChartError, raster, svg as writer};

/// Where the plot begins, with room for words left of the longest bar.
const LEFT: f64 = 520.0;
/// Width kept for the words outside the bars.
const WORDS: f64 = 150.0;
/// Least and greatest height of a row: two bars with a text each.
const ROW: (f64, f64) = (46.0, 74.0);

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &TornadoInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &TornadoInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &TornadoInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    key(&mut scene);
    let area =
        Bounds { x0: LEFT + WORDS, y0: TOP + 40.0, x1: RIGHT - WORDS, y1: BOTTOM - value_axis::HEIGHT };
    let fit = (area.height() / ROW.0) as usize;
    let shown = &input.rows[..input.rows.len().min(fit)];
    let row = (area.height() / shown.len().max(1) as f64).clamp(ROW.0, ROW.1);
    let plot = Bounds { y1: area.y0 + row * shown.len().max(1) as f64, ..area };
    let reach = |row: &TornadoRow| {
        [&row.low, &row.high].map(|end| [end.mean, end.interval.0, end.interval.1]).into_iter().flatten()
    };
    let scale = ValueScale::around(shown.iter().flat_map(reach), &plot);
    value_axis::draw(&mut scene, &scale, &input.unit, &plot, &input.axis);
    let zero = scale.x(0.0);
    for (i, of) in shown.iter().enumerate() {
        let y0 = plot.y0 + row * i as f64;
        let (upper, lower) = (y0 + row * 0.28, y0 + row * 0.72);
        let title = Style::new(17.0, INK);
        scene.label((LEFT - 6.0, upper), Anchor::End, title, &of.title, LEFT - 6.0 - MARGIN);
        let note = Style::new(16.0, INK_SOFT);
        scene.label((LEFT - 6.0, lower), Anchor::End, note, &of.note, LEFT - 6.0 - MARGIN);
        let half = (row * 0.2).min(12.0);
        end(&mut scene, &of.low, &scale, (upper, half), low_end(), low_end_text());
        end(&mut scene, &of.high, &scale, (lower, half), high_end(), high_end_text());
    }
    scene.line(vec![(zero, plot.y0 - 6.0), (zero, plot.y1)], 2.5, RULE_STRONG);
    let style = Style::new(17.0, INK).bold();
    let width = scene.width(&input.base, style).min(500.0);
    let at = zero.clamp(LEFT + width / 2.0, RIGHT - width / 2.0);
    scene.label((at, plot.y0 - 18.0), Anchor::Middle, style, &input.base, 500.0);
    if shown.is_empty() {
        frame::nothing(&mut scene, plot, "no parameter has a range");
    }
    let hidden = input.rows.len() - shown.len();
    let notes =
        (hidden > 0).then(|| format!("{} with smaller swings not shown", plural(hidden, "parameter")));
    frame::finish(&mut scene, &input.frame, notes.as_slice());
    Ok(scene)
}

fn key(scene: &mut Scene) {
    let (style, y) = (Style::new(16.0, INK_SOFT), TOP + 8.0);
    let mut x = MARGIN;
    for (fill, words) in [(low_end(), "low end of the range"), (high_end(), "high end")] {
        scene.rect(Bounds::new(x, y - 8.0, 26.0, 16.0), fill);
        x = scene.label((x + 33.0, y), Anchor::Start, style, words, 300.0).x1 + 24.0;
    }
}

/// A bar from the base to where the figure stands, its interval, and the value of the parameter outside of both.
fn end(scene: &mut Scene, end: &TornadoEnd, scale: &ValueScale, (y, half): (f64, f64), fill: Rgb, ink: Rgb) {
    let (zero, x) = (scale.x(0.0), scale.x(end.mean));
    scene.rect(Bounds { x0: zero.min(x), x1: zero.max(x), y0: y - half, y1: y + half }, fill);
    let (low, high) = (scale.x(end.interval.0), scale.x(end.interval.1));
    if high - low > 1.0 {
        scene.line(vec![(low, y), (high, y)], 2.0, INK);
        for at in [low, high] {
            scene.line(vec![(at, y - 4.0), (at, y + 4.0)], 2.0, INK);
        }
    }
    let style = Style::new(16.0, ink);
    if end.mean < 0.0 {
        let x = x.min(low) - 10.0;
        scene.label((x, y), Anchor::End, style, &end.value, WORDS - 14.0);
    } else {
        let x = x.max(high) + 10.0;
        scene.label((x, y), Anchor::Start, style, &end.value, WORDS - 14.0);
    }
}
