//! Paired differences: what a variant changes, figure by figure, with intervals and a line at no difference.

use super::batch_input::{DifferencePanel, DifferenceRow, DifferencesInput};
use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::palette::{INK, INK_SOFT, PAPER, RULE_STRONG, series, series_text};
use super::scene::{Anchor, Bounds, Scene, Style};
use super::value_axis::{self, ValueScale};
use super::words::plural;
use super::{ChartError, raster, svg as writer};

/// Where the plot begins.
const LEFT: f64 = 470.0;
/// Width kept for the words right of the plot.
const WORDS: f64 = 400.0;
/// Least and greatest height of a row.
const ROW: (f64, f64) = (28.0, 52.0);
/// Height of a panel beside its rows: heading and axis.
const AROUND: f64 = 36.0 + value_axis::TICKS + 12.0;

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &DifferencesInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &DifferencesInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &DifferencesInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    let top = key(&mut scene, input);
    let panels: Vec<&DifferencePanel> = input.panels.iter().filter(|panel| !panel.rows.is_empty()).collect();
    let room = BOTTOM - top - AROUND * panels.len() as f64;
    let fit = (room / ROW.0).max(0.0) as usize;
    let shown = share_out(&panels.iter().map(|panel| panel.rows.len()).collect::<Vec<_>>(), fit);
    let rows: usize = shown.iter().sum();
    let row = (room / rows.max(1) as f64).clamp(ROW.0, ROW.1);
    let mut y = top;
    for (panel, n) in panels.iter().zip(&shown) {
        let plot = Bounds { x0: LEFT, x1: RIGHT - WORDS, y0: y + 36.0, y1: y + 36.0 + row * *n as f64 };
        draw_panel(&mut scene, input, panel, &panel.rows[..*n], &plot, row);
        y = plot.y1 + value_axis::TICKS + 12.0;
    }
    if panels.is_empty() {
        let area = Bounds { x0: MARGIN, x1: RIGHT, y0: top, y1: BOTTOM };
        frame::nothing(&mut scene, area, "no difference in any replication");
    }
    let all: usize = panels.iter().map(|panel| panel.rows.len()).sum();
    let notes = (all > rows).then(|| format!("{} not shown", plural(all - rows, "row")));
    frame::finish(&mut scene, &input.frame, notes.as_slice());
    Ok(scene)
}

/// So many rows of each panel that all fit, the longest cut first.
fn share_out(rows: &[usize], fit: usize) -> Vec<usize> {
    let mut shown = rows.to_vec();
    while shown.iter().sum::<usize>() > fit {
        let Some(longest) = (0..shown.len()).max_by_key(|i| shown[*i]).filter(|i| shown[*i] > 0) else {
            break;
        };
        shown[longest] -= 1;
    }
    shown
}

/// What the marks mean and which colour is which variant; returns where the panels may begin.
fn key(scene: &mut Scene, input: &DifferencesInput) -> f64 {
    let (style, y) = (Style::new(16.0, INK_SOFT), TOP + 8.0);
    scene.disc((RIGHT - 500.0, y), 7.0, INK);
    let x = scene.label((RIGHT - 486.0, y), Anchor::Start, style, "clear of noise", 200.0).x1 + 26.0;
    ring(scene, (x, y), INK);
    scene.label((x + 14.0, y), Anchor::Start, style, "not clear; lines: 95 % intervals", RIGHT - x - 14.0);
    if input.variants.len() < 2 {
        return y + 12.0;
    }
    let (mut x, mut y) = (MARGIN, y);
    for (i, variant) in input.variants.iter().enumerate() {
        let style = Style::new(17.0, series_text(i + 1)).bold();
        let width = scene.width(variant, style) + 20.0;
        let limit = if y > TOP + 20.0 { RIGHT } else { RIGHT - 540.0 };
        if x > MARGIN && x + width > limit {
            (x, y) = (MARGIN, y + 26.0);
        }
        scene.disc((x + 7.0, y), 7.0, series(i + 1));
        x = scene.label((x + 20.0, y), Anchor::Start, style, variant, RIGHT - 540.0).x1 + 30.0;
    }
    y + 14.0
}

fn ring(scene: &mut Scene, (x, y): (f64, f64), ink: [u8; 3]) {
    scene.disc((x, y), 8.0, ink);
    scene.disc((x, y), 5.0, PAPER);
}

fn draw_panel(
    scene: &mut Scene,
    input: &DifferencesInput,
    panel: &DifferencePanel,
    rows: &[DifferenceRow],
    plot: &Bounds,
    row: f64,
) {
    let reach = rows.iter().flat_map(|row| [row.mean, row.interval.0, row.interval.1]);
    let scale = ValueScale::around(reach, plot);
    value_axis::draw(scene, &scale, &panel.unit, plot, "");
    let zero = scale.x(0.0);
    scene.line(vec![(zero, plot.y0), (zero, plot.y1)], 2.5, RULE_STRONG);
    let y = plot.y0 - 14.0;
    scene.label((MARGIN, y), Anchor::Start, Style::new(18.0, INK).bold(), &panel.title, LEFT - MARGIN - 20.0);
    ends(scene, panel, plot, zero, y);
    let mut before = "";
    for (i, of) in rows.iter().enumerate() {
        let middle = plot.y0 + row * (i as f64 + 0.5);
        // A figure is named once for all its variants.
        if of.title != before || input.variants.len() < 2 {
            let style = Style::new(17.0, INK);
            scene.label((LEFT - 16.0, middle), Anchor::End, style, &of.title, LEFT - 16.0 - MARGIN);
        }
        before = &of.title;
        let (ink, text_ink) = (series(of.variant + 1), series_text(of.variant + 1));
        scene.line(vec![(scale.x(of.interval.0), middle), (scale.x(of.interval.1), middle)], 4.0, ink);
        let at = (scale.x(of.mean), middle);
        if of.clear {
            scene.disc(at, 8.0, ink);
        } else {
            ring(scene, at, ink);
        }
        let style = Style::new(16.0, text_ink);
        let style = if of.clear { style.bold() } else { style };
        scene.label((plot.x1 + 18.0, middle), Anchor::Start, style, &of.text, RIGHT - plot.x1 - 18.0);
    }
}

/// The words for the two directions, on their sides of zero where there is room.
fn ends(scene: &mut Scene, panel: &DifferencePanel, plot: &Bounds, zero: f64, y: f64) {
    let style = Style::new(16.0, INK_SOFT);
    let (less, more) = (format!("← {}", panel.ends.0), format!("{} →", panel.ends.1));
    if !panel.ends.0.is_empty() && zero - plot.x0 > scene.width(&less, style) + 14.0 {
        scene.label((zero - 10.0, y), Anchor::End, style, &less, zero - plot.x0 - 10.0);
    }
    if !panel.ends.1.is_empty() && plot.x1 - zero > scene.width(&more, style) + 14.0 {
        scene.label((zero + 10.0, y), Anchor::Start, style, &more, plot.x1 - zero - 10.0);
    }
}

#[cfg(test)]
mod tests {
    use super::share_out;

    #[test]
    fn the_longest_panel_gives_way() {
        assert_eq!(share_out(&[3, 9], 20), [3, 9]);
        assert_eq!(share_out(&[3, 9], 8), [3, 5]);
        assert_eq!(share_out(&[4, 4], 1), [1, 0]);
        assert_eq!(share_out(&[], 0), [0; 0]);
    }
}
