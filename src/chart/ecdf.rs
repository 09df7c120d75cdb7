//! The distribution of a figure: which share of the replications is at most where, with its band and what was observed.

use super::batch_input::{EcdfCurve, EcdfInput};
use super::frame::{self, BOTTOM, RIGHT, TOP};
use super::palette::{INK, INK_SOFT, OBSERVED, PAPER, RULE, mix, series, series_text};
use super::scene::{Anchor, Bounds, Point, Scene, Style};
use super::value_axis::{self, ValueScale};
use super::{ChartError, PNG_SCALE, raster, svg as writer};

const LEFT: f64 = 112.0;
/// Width kept for the names of the curves.
const NAMES: f64 = 330.0;
/// A curve of more steps is drawn with one step a pixel of the PNG: nobody could tell more apart, and a hundred
/// thousand replications would make a page of many megabytes.
const MOST_STEPS: usize = 2_000;
/// A pixel of the PNG.
const PIXEL: f64 = 1.0 / PNG_SCALE as f64;

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &EcdfInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &EcdfInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &EcdfInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    let plot = Bounds { x0: LEFT, y0: TOP + 58.0, x1: RIGHT - NAMES, y1: BOTTOM - value_axis::HEIGHT };
    let scale = scale(input, &plot);
    let small = Style::new(16.0, INK_SOFT);
    for percent in [0, 25, 50, 75, 100] {
        let y = plot.y1 - plot.height() * f64::from(percent) / 100.0;
        scene.line(vec![(plot.x0, y), (plot.x1, y)], 1.0, RULE);
        scene.label((plot.x0 - 10.0, y), Anchor::End, small, &format!("{percent} %"), 80.0);
    }
    let (first, many) = (input.curves.first(), input.curves.len() > 1);
    if first.is_some_and(|curve| curve.half_height > 0.0) {
        scene.label((RIGHT, TOP + 8.0), Anchor::End, small, &input.band_label, 620.0);
    }
    let heading = "Share of the replications that were there by then";
    scene.label((plot.x0, TOP + 8.0), Anchor::Start, small, heading, 700.0);
    let bands = input.curves.iter().enumerate();
    for (i, curve) in bands.filter(|(_, curve)| curve.half_height > 0.0) {
        // Bands of several curves would hide each other: then they are outlines.
        band(&mut scene, curve, &scale, &plot, series(i), many);
    }
    value_axis::draw(&mut scene, &scale, &input.unit, &plot, &input.axis);
    let mut ends = Vec::new();
    for (i, curve) in input.curves.iter().enumerate() {
        let points = stairs(&curve.steps, &scale, &plot, 0.0);
        ends.push((points.last().map_or(plot.y1, |p| p.1), i));
        scene.line(points, 4.0, series(i));
    }
    names(&mut scene, input, ends, &plot);
    if input.curves.iter().all(|curve| curve.steps.is_empty()) {
        frame::nothing(&mut scene, plot, "not reached in any replication");
    }
    observed(&mut scene, input, &scale, &plot);
    frame::finish(&mut scene, &input.frame, &[]);
    Ok(scene)
}

fn scale(input: &EcdfInput, plot: &Bounds) -> ValueScale {
    let values = input.curves.iter().flat_map(|curve| curve.steps.iter().map(|step| step.0));
    let all: Vec<f64> = values
        .chain(input.observed.into_iter().flat_map(|(a, b)| [a, b]))
        .filter(|v| v.is_finite())
        .collect();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in all {
        (low, high) = (low.min(value), high.max(value));
    }
    if low > high {
        return ValueScale::new(0.0, 1.0, plot);
    }
    // From 0 unless that would squeeze the curves into a corner.
    let from = if low > 0.0 && low > 0.7 * high { low - (high - low) * 0.1 } else { low.min(0.0) };
    ValueScale::new(from, high + (high - from) * 0.03, plot)
}

/// The steps as points, moved up by `by` (a share) and kept in the plot.
fn stairs(steps: &[(f64, f64)], scale: &ValueScale, plot: &Bounds, by: f64) -> Vec<Point> {
    let y_of = |share: f64| plot.y1 - plot.height() * (share + by).clamp(0.0, 1.0);
    let finite = steps.iter().filter(|step| step.0.is_finite() && step.1.is_finite());
    let width = if steps.len() > MOST_STEPS { PIXEL } else { 0.0 };
    let mut points = vec![(plot.x0, y_of(0.0))];
    let mut before = 0.0;
    let mut drawn = f64::NEG_INFINITY;
    for &(value, share) in finite {
        let x = scale.x(value);
        if x - drawn < width {
            // Within the pixel of the step before, which goes up so far.
            points.pop();
            points.push((drawn, y_of(share)));
        } else {
            points.push((x, y_of(before)));
            points.push((x, y_of(share)));
            drawn = x;
        }
        before = share;
    }
    points.push((plot.x1, y_of(before)));
    points.dedup();
    points
}

fn band(
    scene: &mut Scene,
    curve: &EcdfCurve,
    scale: &ValueScale,
    plot: &Bounds,
    ink: [u8; 3],
    outline: bool,
) {
    let upper = stairs(&curve.steps, scale, plot, curve.half_height);
    let lower = stairs(&curve.steps, scale, plot, -curve.half_height);
    if outline {
        let pale = mix(ink, PAPER, 0.45);
        scene.dashed(upper, 1.5, pale, (3.0, 4.0));
        scene.dashed(lower, 1.5, pale, (3.0, 4.0));
        return;
    }
    scene.polygon(upper.into_iter().chain(lower.into_iter().rev()).collect(), mix(ink, PAPER, 0.82));
}

/// Names and notes right of the plot, each as near to the end of its curve as the others allow.
fn names(scene: &mut Scene, input: &EcdfInput, mut ends: Vec<(f64, usize)>, plot: &Bounds) {
    const PITCH: f64 = 58.0;
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let fit = (plot.height() / PITCH) as usize;
    ends.truncate(fit);
    let mut free = plot.y0 + 12.0;
    let n = ends.len();
    for (place, (y, i)) in ends.into_iter().enumerate() {
        let low = plot.y1 - 34.0 - PITCH * (n - 1 - place) as f64;
        let at = y.max(free).min(low);
        free = at + PITCH;
        let curve = &input.curves[i];
        let x = plot.x1 + 34.0;
        scene.line(vec![(plot.x1 + 2.0, y), (plot.x1 + 12.0, y), (x - 8.0, at)], 1.5, series(i));
        scene.label((x, at), Anchor::Start, Style::new(18.0, series_text(i)).bold(), &curve.title, RIGHT - x);
        scene.label((x, at + 24.0), Anchor::Start, Style::new(16.0, INK), &curve.note, RIGHT - x);
    }
}

fn observed(scene: &mut Scene, input: &EcdfInput, scale: &ValueScale, plot: &Bounds) {
    let Some((from, to)) = input.observed else { return };
    let (x0, x1) = (scale.x(from.min(to)), scale.x(from.max(to)));
    for x in if x1 - x0 > 2.0 { vec![x0, x1] } else { vec![x0] } {
        scene.dashed(vec![(x, plot.y0 - 6.0), (x, plot.y1)], 3.0, OBSERVED, (9.0, 5.0));
    }
    let style = Style::new(18.0, OBSERVED).bold();
    let text = scene.fit(&input.observed_label, style, RIGHT - plot.x0);
    let half = scene.width(&text, style) / 2.0;
    let middle = ((x0 + x1) / 2.0).min(RIGHT - half).max(plot.x0 + half);
    scene.label((middle, plot.y0 - 18.0), Anchor::Middle, style, &text, RIGHT - plot.x0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However many steps: as high at the end, nowhere further off than a pixel, and few points.
    #[test]
    fn many_steps_are_drawn_a_pixel_apart() {
        let plot = Bounds { x0: 0.0, y0: 0.0, x1: 500.0, y1: 100.0 };
        let n = 100_000;
        let steps: Vec<(f64, f64)> =
            (1..=n).map(|i| (f64::from(i) / f64::from(n), f64::from(i) / f64::from(n))).collect();
        let scale = ValueScale::new(0.0, 1.0, &plot);
        let points = stairs(&steps, &scale, &plot, 0.0);
        assert!(points.len() <= 2 * 1_001 + 2, "{}", points.len());
        assert_eq!(points.last(), Some(&(500.0, 0.0)));
        for (x, y) in points {
            let there = 100.0 - x / 5.0;
            assert!((y - there).abs() <= 2.0 * PIXEL * 100.0 / 500.0 + 1e-9, "{x} {y}");
        }
    }

    #[test]
    fn few_steps_are_all_drawn() {
        let plot = Bounds { x0: 0.0, y0: 0.0, x1: 10.0, y1: 10.0 };
        let scale = ValueScale::new(0.0, 1.0, &plot);
        let steps = [(0.5, 0.25), (0.501, 0.5), (0.502, 1.0)];
        assert_eq!(stairs(&steps, &scale, &plot, 0.0).len(), 2 + 2 * steps.len());
    }
}
