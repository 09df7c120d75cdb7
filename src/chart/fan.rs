//! Awareness over replications: the middle of the ensemble, the central half and the central nine tenths over time.

use super::axis::{self, TimeScale};
use super::batch_input::{FanInput, FanPanel, FanQuantiles};
use super::frame::{self, BOTTOM, RIGHT, TOP};
use super::palette::{INK, INK_SOFT, PAPER, RULE, Rgb, level, level_text, mix};
use super::scene::{Anchor, Bounds, Point, Scene, Style};
use super::words::plural;
use super::{ChartError, raster, svg as writer};

const LEFT: f64 = 112.0;
/// Width kept for the notes at the right.
const NOTES: f64 = 300.0;
/// Panels at most.
const PANELS: usize = 6;
/// Height of a panel's heading.
const HEADING: f64 = 32.0;

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &FanInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &FanInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &FanInput) -> Result<Scene, ChartError> {
    let frame = &input.frame;
    let mut scene = frame::begin(frame)?;
    let whole = Bounds { x0: LEFT, y0: TOP + 30.0, x1: RIGHT - NOTES, y1: BOTTOM - axis::HEIGHT };
    let scale = TimeScale::new(frame, &whole);
    let left = axis::shade_key(&mut scene, frame, RIGHT, TOP + 8.0);
    key(&mut scene, left);
    axis::shade(&mut scene, frame, &scale, &whole);
    axis::draw(&mut scene, frame, &scale, &whole);
    let shown = &input.panels[..input.panels.len().min(PANELS)];
    let height = whole.height() / shown.len().max(1) as f64;
    for (i, panel) in shown.iter().enumerate() {
        let y0 = whole.y0 + height * i as f64;
        let plot = Bounds { y0: y0 + HEADING, y1: y0 + height - 10.0, ..whole };
        draw_panel(&mut scene, panel, &scale, &plot);
    }
    if shown.is_empty() {
        frame::nothing(&mut scene, whole, "no level is counted");
    }
    let hidden = input.panels.len() - shown.len();
    let notes = (hidden > 0).then(|| format!("{} not shown", plural(hidden, "curve")));
    frame::finish(&mut scene, frame, notes.as_slice());
    Ok(scene)
}

/// What the shades of a fan mean.
fn key(scene: &mut Scene, right: f64) {
    let (style, y) = (Style::new(16.0, INK_SOFT), TOP + 8.0);
    let mut x = LEFT;
    for (share, words) in [(0.78, "9 of 10 replications"), (0.55, "half of them")] {
        scene.rect(Bounds::new(x, y - 8.0, 26.0, 16.0), mix(INK, PAPER, share));
        x = scene.label((x + 33.0, y), Anchor::Start, style, words, right - x).x1 + 24.0;
    }
    scene.line(vec![(x, y), (x + 26.0, y)], 4.0, INK);
    scene.label((x + 33.0, y), Anchor::Start, style, "the middle one", right - x);
}

fn draw_panel(scene: &mut Scene, panel: &FanPanel, scale: &TimeScale, plot: &Bounds) {
    let (ink, text_ink) = panel.level.map_or((INK, INK), |l| (level(l), level_text(l)));
    let y_of = |share: f64| plot.y1 - plot.height() * share.clamp(0.0, 1.0);
    let small = Style::new(16.0, INK_SOFT);
    let ticks: &[u32] = if plot.height() >= 60.0 { &[0, 50, 100] } else { &[0, 100] };
    for percent in ticks {
        let y = y_of(f64::from(*percent) / 100.0);
        scene.line(vec![(plot.x0, y), (plot.x1, y)], 1.0, RULE);
        scene.label((plot.x0 - 10.0, y), Anchor::End, small, &format!("{percent} %"), 80.0);
    }
    for piece in pieces(panel) {
        let area = |low: fn(&FanQuantiles) -> f64, high: fn(&FanQuantiles) -> f64| {
            let upper = steps(piece, scale, &|q| y_of(high(q)));
            let lower = steps(piece, scale, &|q| y_of(low(q)));
            upper.into_iter().chain(lower.into_iter().rev()).collect::<Vec<Point>>()
        };
        let fill = |share: f64| -> Rgb { mix(ink, PAPER, share) };
        scene.polygon(area(|q| q.q05, |q| q.q95), fill(0.78));
        scene.polygon(area(|q| q.q25, |q| q.q75), fill(0.55));
        scene.line(steps(piece, scale, &|q| y_of(q.q50)), 4.0, ink);
    }
    let heading = Style::new(18.0, text_ink).bold().halo(PAPER);
    scene.label((plot.x0, plot.y0 - 15.0), Anchor::Start, heading, &panel.title, plot.width());
    let end = panel.points.iter().rev().find_map(|point| point.1);
    let y = end.map_or(plot.y1, |q| y_of(q.q50)).clamp(plot.y0 + 8.0, plot.y1 - 8.0);
    let x = plot.x1 + 14.0;
    scene.label((x, y), Anchor::Start, Style::new(17.0, text_ink).bold(), &panel.note, RIGHT - x);
}

/// One defined stretch of a fan and the instant at which it ends.
type Piece<'a> = (&'a [(i64, Option<FanQuantiles>)], i64);

/// The stretches without a gap.
fn pieces(panel: &FanPanel) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut from = 0;
    for stretch in panel.points.chunk_by(|a, b| a.1.is_some() == b.1.is_some()) {
        let next = from + stretch.len();
        if stretch[0].1.is_some() {
            out.push((stretch, panel.points.get(next).map_or(i64::MAX, |point| point.0)));
        }
        from = next;
    }
    out
}

/// A step curve over a stretch.
fn steps((points, end): Piece<'_>, scale: &TimeScale, y: &dyn Fn(&FanQuantiles) -> f64) -> Vec<Point> {
    let mut out = Vec::new();
    for (i, (at, quantiles)) in points.iter().enumerate() {
        let next = points.get(i + 1).map_or(end, |point| point.0);
        if let Some(quantiles) = quantiles
            && scale.meets(*at, next)
        {
            out.push((scale.x(*at), y(quantiles)));
            out.push((scale.x(next), y(quantiles)));
        }
    }
    out.dedup();
    out
}
