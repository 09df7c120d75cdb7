//! A drawing as data: shapes and texts in logical pixels, in the order of painting.

use super::font::{ASCENT, CAP_HEIGHT, DESCENT, Fonts, clean, fonts};
use super::palette::Rgb;
use super::{ChartError, MIN_TEXT};

/// A point in logical pixels, x to the right, y down.
pub(super) type Point = (f64, f64);

/// An axis-parallel rectangle in logical pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bounds {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Bounds {
    /// From a corner and a size.
    pub(super) fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Bounds { x0: x, y0: y, x1: x + width, y1: y + height }
    }

    /// The same, grown on each side.
    pub(super) fn grown(self, by: f64) -> Self {
        Bounds { x0: self.x0 - by, y0: self.y0 - by, x1: self.x1 + by, y1: self.y1 + by }
    }

    /// Whether the insides share a point; touching edges do not count.
    pub(super) fn overlaps(&self, other: &Bounds) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.y0 < other.y1 && other.y0 < self.y1
    }

    /// Whether `other` lies inside.
    pub(super) fn contains(&self, other: &Bounds) -> bool {
        self.x0 <= other.x0 && self.y0 <= other.y0 && self.x1 >= other.x1 && self.y1 >= other.y1
    }

    pub(super) fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    pub(super) fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    pub(super) fn centre(&self) -> Point {
        ((self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0)
    }
}

/// Where a text stands relative to its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Pixels per em, at least [`MIN_TEXT`].
    pub size: f64,
    pub bold: bool,
    pub ink: Rgb,
    /// A rim that keeps the text readable over lines.
    pub halo: Option<Rgb>,
}

impl Style {
    pub(super) fn new(size: f64, ink: Rgb) -> Self {
        Style { size, bold: false, ink, halo: None }
    }

    pub(super) fn bold(self) -> Self {
        Style { bold: true, ..self }
    }

    pub(super) fn halo(self, colour: Rgb) -> Self {
        Style { halo: Some(colour), ..self }
    }
}

/// One thing to paint.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A filled rectangle with rounded corners (radius 0: square; half the side: a disc).
    Rect { bounds: Bounds, radius: f64, fill: Rgb, tip: Option<String> },
    /// Diagonal strokes inside a rectangle, `step` apart.
    Hatch { bounds: Bounds, step: f64, width: f64, ink: Rgb },
    /// A filled simple polygon.
    Polygon { points: Vec<Point>, fill: Rgb },
    /// A line through points, round at the corners; `dash`: lengths of stroke and gap.
    Line { points: Vec<Point>, width: f64, ink: Rgb, dash: Option<(f64, f64)> },
    /// A text; `x` is its left end, `y` its baseline.
    Text { x: f64, y: f64, width: f64, style: Style, text: String },
}

/// A drawing under construction.
pub(super) struct Scene {
    pub fonts: &'static Fonts,
    pub items: Vec<Item>,
    /// For `<title>`.
    pub title: String,
    /// For `<desc>`.
    pub description: String,
}

impl Scene {
    /// An empty drawing.
    ///
    /// # Errors
    /// [`ChartError::Font`] if the embedded fonts cannot be read.
    pub(super) fn new(title: &str, description: &str) -> Result<Self, ChartError> {
        let fonts = fonts()?;
        Ok(Scene { fonts, items: Vec::new(), title: clean(title), description: clean(description) })
    }

    pub(super) fn rect(&mut self, bounds: Bounds, fill: Rgb) {
        self.rounded(bounds, 0.0, fill);
    }

    pub(super) fn rounded(&mut self, bounds: Bounds, radius: f64, fill: Rgb) {
        if bounds.width() > 0.0 && bounds.height() > 0.0 {
            self.items.push(Item::Rect { bounds, radius, fill, tip: None });
        }
    }

    /// Gives the rectangle drawn last a text that viewers show on hovering.
    pub(super) fn tip(&mut self, text: &str) {
        if let Some(Item::Rect { tip, .. }) = self.items.last_mut() {
            *tip = Some(clean(text));
        }
    }

    /// A rectangle with a rim of `rim_width` inside its bounds.
    pub(super) fn boxed(&mut self, bounds: Bounds, radius: f64, fill: Rgb, rim: Rgb, rim_width: f64) {
        self.rounded(bounds, radius, rim);
        self.rounded(bounds.grown(-rim_width), (radius - rim_width).max(0.0), fill);
    }

    pub(super) fn disc(&mut self, centre: Point, radius: f64, fill: Rgb) {
        self.rounded(
            Bounds::new(centre.0 - radius, centre.1 - radius, radius * 2.0, radius * 2.0),
            radius,
            fill,
        );
    }

    pub(super) fn hatch(&mut self, bounds: Bounds, step: f64, width: f64, ink: Rgb) {
        if bounds.width() > 0.0 && bounds.height() > 0.0 {
            self.items.push(Item::Hatch { bounds, step, width, ink });
        }
    }

    pub(super) fn polygon(&mut self, points: Vec<Point>, fill: Rgb) {
        if points.len() > 2 {
            self.items.push(Item::Polygon { points, fill });
        }
    }

    pub(super) fn line(&mut self, points: Vec<Point>, width: f64, ink: Rgb) {
        if points.len() > 1 {
            self.items.push(Item::Line { points, width, ink, dash: None });
        }
    }

    pub(super) fn dashed(&mut self, points: Vec<Point>, width: f64, ink: Rgb, dash: (f64, f64)) {
        if points.len() > 1 {
            self.items.push(Item::Line { points, width, ink, dash: Some(dash) });
        }
    }

    /// A line whose last point carries an arrowhead of `head` length.
    pub(super) fn arrow(&mut self, mut points: Vec<Point>, width: f64, head: f64, ink: Rgb) {
        let [.., before, tip] = points[..] else { return };
        let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
        let length = (dx * dx + dy * dy).sqrt();
        if length < 0.01 {
            return;
        }
        let (ux, uy) = (dx / length, dy / length);
        let head = if points.len() > 2 { head.min(length) } else { head };
        let (bx, by) = (tip.0 - ux * head, tip.1 - uy * head);
        let half = head * 0.5;
        if let Some(last) = points.last_mut() {
            // The shaft ends inside the head, so that its square end does not show at the tip.
            let back = (head * 0.8).min(length);
            *last = (tip.0 - ux * back, tip.1 - uy * back);
        }
        self.line(points, width, ink);
        self.polygon(vec![tip, (bx - uy * half, by + ux * half), (bx + uy * half, by - ux * half)], ink);
    }

    /// Width of a text in this style.
    pub(super) fn width(&self, text: &str, style: Style) -> f64 {
        self.fonts.width(&clean(text), style.size, style.bold)
    }

    /// Where a text would stand, its baseline at `y`.
    pub(super) fn text_bounds(&self, at: Point, anchor: Anchor, style: Style, text: &str) -> Bounds {
        let width = self.width(text, style);
        let x = match anchor {
            Anchor::Start => at.0,
            Anchor::Middle => at.0 - width / 2.0,
            Anchor::End => at.0 - width,
        };
        bounds_of_text(x, at.1, width, style.size)
    }

    /// Draws a text with its baseline at `at.1`; returns where it stands.
    pub(super) fn text(&mut self, at: Point, anchor: Anchor, style: Style, text: &str) -> Bounds {
        debug_assert!(style.size >= MIN_TEXT, "text of {} px", style.size);
        let bounds = self.text_bounds(at, anchor, style, text);
        let text = clean(text);
        if !text.trim().is_empty() {
            self.items.push(Item::Text { x: bounds.x0, y: at.1, width: bounds.width(), style, text });
        }
        bounds
    }

    /// Draws a text, shortened to `width`, its capitals centred on `at.1`; returns where it stands.
    pub(super) fn label(
        &mut self,
        at: Point,
        anchor: Anchor,
        style: Style,
        text: &str,
        width: f64,
    ) -> Bounds {
        let text = self.fit(text, style, width);
        self.text((at.0, at.1 + style.size * CAP_HEIGHT / 2.0), anchor, style, &text)
    }

    /// The title where it fits into `width`, else the short name if there is one.
    pub(super) fn either<'t>(&self, title: &'t str, short: &'t str, style: Style, width: f64) -> &'t str {
        if short.is_empty() || self.width(title, style) <= width { title } else { short }
    }

    /// The text, shortened to `width` where needed.
    pub(super) fn fit(&self, text: &str, style: Style, width: f64) -> String {
        self.fonts.fit(&clean(text), style.size, style.bold, width)
    }

    /// Every text with its place, in order of painting.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<(Bounds, Style, &str)> {
        let mut out = Vec::new();
        for item in &self.items {
            if let Item::Text { x, y, width, style, text } = item {
                out.push((bounds_of_text(*x, *y, *width, style.size), *style, text.as_str()));
            }
        }
        out
    }
}

/// The box of a text from its left end, baseline, width and size.
fn bounds_of_text(x: f64, y: f64, width: f64, size: f64) -> Bounds {
    Bounds { x0: x, y0: y - size * ASCENT, x1: x + width, y1: y + size * DESCENT }
}

/// Places that are taken, for labels that look for a free one.
#[derive(Default)]
pub(super) struct Taken(Vec<Bounds>);

impl Taken {
    pub(super) fn add(&mut self, bounds: Bounds) {
        self.0.push(bounds);
    }

    pub(super) fn is_free(&self, bounds: &Bounds) -> bool {
        !self.0.iter().any(|b| b.overlaps(bounds))
    }
}
