//! What stands around every chart: the finding on top, the foot line below.

use super::input::Frame;
use super::palette::{INK, INK_SOFT};
use super::scene::{Anchor, Bounds, Scene, Style};
use super::{ChartError, HEIGHT, WIDTH};

/// Free space at the left and right edge.
pub(super) const MARGIN: f64 = 28.0;
/// Right end of everything.
pub(super) const RIGHT: f64 = WIDTH as f64 - MARGIN;
/// Where the drawing may begin, below title and subtitle.
pub(super) const TOP: f64 = 92.0;
/// Where the drawing must end, above the foot line.
pub(super) const BOTTOM: f64 = HEIGHT as f64 - 36.0;

/// A scene that holds the title, the subtitle and the foot line; `notes` are put before the foot line, for what the
/// chart left out.
///
/// # Errors
/// [`ChartError::Font`] if the embedded fonts cannot be read.
pub(super) fn begin(frame: &Frame) -> Result<Scene, ChartError> {
    let mut scene = Scene::new(&frame.title, &frame.description)?;
    let width = RIGHT - MARGIN;
    let title = [34.0, 30.0, 26.0]
        .into_iter()
        .map(|size| Style::new(size, INK).bold())
        .find(|style| scene.width(&frame.title, *style) <= width)
        .unwrap_or(Style::new(26.0, INK).bold());
    let text = scene.fit(&frame.title, title, width);
    scene.text((MARGIN, 48.0), Anchor::Start, title, &text);
    let subtitle = Style::new(20.0, INK_SOFT);
    let text = scene.fit(&frame.subtitle, subtitle, width);
    scene.text((MARGIN, 78.0), Anchor::Start, subtitle, &text);
    Ok(scene)
}

/// Writes the foot line; `notes` (what the chart left out) stand at the right, and give way to it.
pub(super) fn finish(scene: &mut Scene, frame: &Frame, notes: &[String]) {
    let style = Style::new(16.0, INK_SOFT);
    let y = f64::from(HEIGHT) - 14.0;
    let foot = scene.fit(&frame.foot, style, RIGHT - MARGIN);
    let foot = scene.text((MARGIN, y), Anchor::Start, style, &foot);
    if notes.is_empty() {
        return;
    }
    let room = RIGHT - foot.x1 - 24.0;
    let text = scene.fit(&notes.join(" · "), style, room.max(0.0));
    scene.text((RIGHT, y), Anchor::End, style, &text);
}

/// Says in the middle of `area` that there is nothing to show.
pub(super) fn nothing(scene: &mut Scene, area: Bounds, text: &str) {
    let (x, y) = area.centre();
    scene.label((x, y), Anchor::Middle, Style::new(22.0, INK_SOFT), text, area.width());
}
