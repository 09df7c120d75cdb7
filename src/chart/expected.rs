//! When milestones are expected: for each a bar over the central 80 %, a line over the central 90 %, the median.

use super::axis::{self, TimeScale};
use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::input::Frame;
use super::palette::{INK, INK_SOFT, PAPER, mix, series, series_text};
use super::scene::{Anchor, Bounds, Scene, Style};
use super::words::plural;
use super::{ChartError, raster, svg as writer};

/// Where the plot begins.
const LEFT: f64 = 520.0;
/// Width kept for the words right of the plot.
const WORDS: f64 = 190.0;
/// Least and greatest height of a row.
const ROW: (f64, f64) = (30.0, 60.0);

/// What the chart is told.
#[derive(Clone, Debug, Default)]
pub struct ExpectedInput {
    /// Words and axis.
    pub frame: Frame,
    /// Milestones in the order in which they are drawn.
    pub rows: Vec<ExpectedRow>,
}

/// A milestone; instants in µs since the start, none where that share does not get there.
#[derive(Clone, Debug, Default)]
pub struct ExpectedRow {
    /// Title.
    pub title: String,
    /// 5, 10, 50, 90 and 95 %.
    pub quantiles: [Option<i64>; 5],
    /// What stands right of the plot.
    pub text: String,
}

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &ExpectedInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &ExpectedInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &ExpectedInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    let top = TOP + 34.0;
    let room = BOTTOM - axis::HEIGHT - top;
    let fit = (room / ROW.0) as usize;
    let shown = &input.rows[..input.rows.len().min(fit)];
    let row = (room / shown.len().max(1) as f64).clamp(ROW.0, ROW.1);
    let plot = Bounds { x0: LEFT, x1: RIGHT - WORDS, y0: top, y1: top + row * shown.len().max(1) as f64 };
    let scale = TimeScale::new(&input.frame, &plot);
    axis::shade(&mut scene, &input.frame, &scale, &plot);
    axis::shade_key(&mut scene, &input.frame, RIGHT, TOP + 8.0);
    let style = Style::new(16.0, INK_SOFT);
    let key =
        "disc: median; bar: central 80 %; line: central 90 %; open to the right: some runs do not get there";
    scene.label((MARGIN, TOP + 8.0), Anchor::Start, style, key, RIGHT - MARGIN - 330.0);
    for (i, of) in shown.iter().enumerate() {
        draw_row(&mut scene, of, &scale, &plot, plot.y0 + row * (i as f64 + 0.5));
    }
    if shown.is_empty() {
        frame::nothing(&mut scene, plot, "the document names no milestones");
    }
    axis::draw(&mut scene, &input.frame, &scale, &plot);
    let left = input.rows.len() - shown.len();
    let notes = (left > 0).then(|| format!("{} not shown", plural(left, "milestone")));
    frame::finish(&mut scene, &input.frame, notes.as_slice());
    Ok(scene)
}

fn draw_row(scene: &mut Scene, of: &ExpectedRow, scale: &TimeScale, plot: &Bounds, middle: f64) {
    let style = Style::new(17.0, INK);
    scene.label((LEFT - 16.0, middle), Anchor::End, style, &of.title, LEFT - 16.0 - MARGIN);
    let [q05, q10, q50, q90, q95] = of.quantiles;
    let ink = series(1);
    let reach = |from: Option<i64>, to: Option<i64>| {
        let from = scale.x(from?);
        Some((from, to.map_or(plot.x1, |to| scale.x(to)).max(from + 2.0)))
    };
    if let Some((from, to)) = reach(q05, q95) {
        scene.line(vec![(from, middle), (to, middle)], 3.0, ink);
    }
    if let Some((from, to)) = reach(q10, q90) {
        let bar = Bounds { x0: from, x1: to, y0: middle - 8.0, y1: middle + 8.0 };
        scene.boxed(bar, 3.0, mix(PAPER, ink, 0.45), ink, 1.5);
    }
    if let Some(at) = q50 {
        scene.disc((scale.x(at), middle), 8.0, ink);
        scene.disc((scale.x(at), middle), 3.0, PAPER);
    }
    let style = Style::new(16.0, series_text(1));
    scene.label((plot.x1 + 14.0, middle), Anchor::Start, style, &of.text, RIGHT - plot.x1 - 14.0);
}
