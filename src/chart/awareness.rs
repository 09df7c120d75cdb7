//! Awareness: which share of the true facts each level knew, above the spread of the incident on the same time axis.
//!
//! The two have different units, so they are two panels and not two axes of one. Curves are steps, named at their end;
//! where no fact was true the share is undefined and the curve has a gap.

use super::axis::{self, TimeScale};
use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::input::{AwarenessCurve, AwarenessInput, MarkerKind, Spread};
use super::palette::{
    ACTIVE, ACTIVE_TEXT, HIT, INK, INK_SOFT, PAPER, RULE, RULE_STRONG, Rgb, level, level_text,
};
use super::scene::{Anchor, Bounds, Point, Scene, Style, Taken};
use super::words::{count, plural};
use super::{ChartError, raster, svg as writer};

/// Where the plot begins.
const LEFT: f64 = 112.0;
/// Width kept for the names at the ends of curves.
const NAMES: f64 = 262.0;
/// Height of a row of marker labels.
const MARKER_ROW: f64 = 24.0;
/// Rows of marker labels at most.
const MARKER_ROWS: usize = 4;
/// Height of the panel of the spread, with its heading.
const SPREAD: f64 = 190.0;

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &AwarenessInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &AwarenessInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &AwarenessInput) -> Result<Scene, ChartError> {
    let frame = &input.frame;
    let mut scene = frame::begin(frame)?;
    let mut notes = Vec::new();
    key(&mut scene, input);
    let whole = Bounds { x0: LEFT, y0: TOP + 30.0, x1: RIGHT - NAMES, y1: BOTTOM - axis::HEIGHT };
    let scale = TimeScale::new(frame, &whole);
    let marks = pack_markers(&scene, input, &scale, &whole, &mut notes);
    let rows = marks.iter().map(|m| m.row + 1).max().unwrap_or(0);
    let spread = input.spread.as_ref().filter(|s| !s.points.is_empty());
    let top = whole.y0 + rows as f64 * MARKER_ROW + 12.0;
    let middle = whole.y1 - if spread.is_some() { SPREAD } else { 0.0 };
    let share_plot = Bounds { y0: top, y1: middle, ..whole };
    axis::shade(&mut scene, frame, &scale, &Bounds { y0: top, ..whole });
    axis::draw(&mut scene, frame, &scale, &Bounds { y0: top, ..whole });
    share_axis(&mut scene, &share_plot);
    undefined(&mut scene, input, &scale, &share_plot);
    if let Some(spread) = spread {
        spread_panel(&mut scene, spread, &scale, &Bounds { y0: middle + 34.0, ..whole });
    }
    for m in &marks {
        let y = whole.y0 + (m.row as f64 + 0.5) * MARKER_ROW;
        scene.dashed(vec![(m.x, y), (m.x, whole.y1)], 1.2, RULE_STRONG, (4.0, 3.0));
    }
    curves(&mut scene, input, &scale, &share_plot);
    if spread.is_some() {
        let heading = Style::new(17.0, INK).bold().halo(PAPER);
        let at = (whole.x0, middle + 18.0);
        scene.label(at, Anchor::Start, heading, "Operators hit so far, and down", whole.width());
    }
    for m in &marks {
        let y = whole.y0 + (m.row as f64 + 0.5) * MARKER_ROW;
        icon(&mut scene, m.kind, (m.x, y));
        scene.label((m.text_x, y), m.anchor, Style::new(16.0, INK).halo(PAPER), &m.text, 700.0);
    }
    if input.curves.is_empty() && spread.is_none() {
        frame::nothing(&mut scene, share_plot, "nothing was measured");
    }
    frame::finish(&mut scene, frame, &notes);
    Ok(scene)
}

/// The line under the subtitle: what is drawn, and what the marks mean.
fn key(scene: &mut Scene, input: &AwarenessInput) {
    let y = TOP + 8.0;
    let style = Style::new(16.0, INK_SOFT);
    let mut x = MARGIN;
    for (kind, words) in [
        (MarkerKind::Decision, "decision"),
        (MarkerKind::Mode, "mode"),
        (MarkerKind::Statement, "statement"),
        (MarkerKind::Countermeasure, "countermeasure"),
    ] {
        if input.markers.iter().any(|m| m.kind == kind) {
            icon(scene, kind, (x + 8.0, y));
            x = scene.label((x + 22.0, y), Anchor::Start, style, words, 200.0).x1 + 26.0;
        }
    }
    let left = axis::shade_key(scene, &input.frame, RIGHT, y);
    if input.curves.iter().any(|c| c.points.iter().any(|p| p.1.is_none())) {
        let text = scene.label((left, y), Anchor::End, style, "no true fact, nothing to know", 300.0);
        let b = Bounds::new(text.x0 - 30.0, y - 7.0, 24.0, 14.0);
        scene.boxed(b, 0.0, PAPER, RULE_STRONG, 1.0);
        scene.hatch(b.grown(-1.0), 8.0, 1.0, RULE_STRONG);
    }
}

/// A shape of its own for each kind, so that colour is not needed.
fn icon(scene: &mut Scene, kind: MarkerKind, (x, y): Point) {
    scene.disc((x, y), 10.0, PAPER);
    match kind {
        MarkerKind::Decision => scene.rect(Bounds::new(x - 6.5, y - 6.5, 13.0, 13.0), INK),
        MarkerKind::Mode => scene.polygon(vec![(x, y - 8.0), (x + 8.0, y + 6.0), (x - 8.0, y + 6.0)], INK),
        MarkerKind::Statement => scene.disc((x, y), 7.0, INK),
        MarkerKind::Countermeasure => {
            scene.line(vec![(x - 6.0, y - 6.0), (x + 6.0, y + 6.0)], 4.0, INK);
            scene.line(vec![(x - 6.0, y + 6.0), (x + 6.0, y - 6.0)], 4.0, INK);
        }
    }
}

/// A marker and where its label goes.
struct Mark {
    x: f64,
    row: usize,
    kind: MarkerKind,
    text: String,
    anchor: Anchor,
    text_x: f64,
}

fn pack_markers(
    scene: &Scene,
    input: &AwarenessInput,
    scale: &TimeScale,
    plot: &Bounds,
    notes: &mut Vec<String>,
) -> Vec<Mark> {
    let mut markers: Vec<_> = input.markers.iter().filter(|m| scale.shows(m.at_us)).collect();
    markers.sort_by_key(|m| m.at_us);
    let mut rows: Vec<Taken> = (0..MARKER_ROWS).map(|_| Taken::default()).collect();
    let mut out = Vec::new();
    let style = Style::new(16.0, INK);
    let mut hidden = 0;
    for marker in markers {
        let x = scale.x(marker.at_us);
        let text = scene.fit(&marker.title, style, 360.0);
        let width = scene.width(&text, style);
        let sides = [(Anchor::Start, x - 10.0, x + 26.0 + width), (Anchor::End, x - 26.0 - width, x + 10.0)];
        let found = (0..MARKER_ROWS).find_map(|row| {
            sides.into_iter().find_map(|(anchor, x0, x1)| {
                let place = Bounds { x0, x1, y0: 0.0, y1: 1.0 };
                let inside = x0 >= plot.x0 - 12.0 && x1 <= RIGHT;
                (inside && rows[row].is_free(&place)).then_some((row, anchor, place))
            })
        });
        match found {
            Some((row, anchor, place)) => {
                rows[row].add(place);
                let text_x = if anchor == Anchor::Start { x + 14.0 } else { x - 14.0 };
                out.push(Mark { x, row, kind: marker.kind, text, anchor, text_x });
            }
            None => hidden += 1,
        }
    }
    if hidden > 0 {
        notes.push(format!("{} without room", plural(hidden, "mark")));
    }
    out
}

fn share_axis(scene: &mut Scene, plot: &Bounds) {
    let style = Style::new(16.0, INK_SOFT);
    for percent in [0, 25, 50, 75, 100] {
        let y = plot.y1 - plot.height() * f64::from(percent) / 100.0;
        scene.line(vec![(plot.x0, y), (plot.x1, y)], if percent == 0 { 1.5 } else { 1.0 }, RULE);
        scene.label((plot.x0 - 10.0, y), Anchor::End, style, &format!("{percent} %"), 80.0);
    }
}

/// Hatches the times at which no curve is defined.
fn undefined(scene: &mut Scene, input: &AwarenessInput, scale: &TimeScale, plot: &Bounds) {
    let mut edges: Vec<i64> = input.curves.iter().flat_map(|c| c.points.iter().map(|p| p.0)).collect();
    if edges.is_empty() {
        return;
    }
    edges.extend([i64::MIN, i64::MAX]);
    edges.sort_unstable();
    edges.dedup();
    let defined = |at: i64| input.curves.iter().any(|c| value_at(c, at).is_some());
    let mut i = 0;
    while i + 1 < edges.len() {
        let from = edges[i];
        if defined(from) {
            i += 1;
            continue;
        }
        while i + 1 < edges.len() && !defined(edges[i]) {
            i += 1;
        }
        let b = Bounds { x0: scale.x(from), x1: scale.x(edges[i]), ..*plot };
        if b.width() < 1.0 {
            continue;
        }
        scene.hatch(b, 8.0, 1.0, RULE_STRONG);
    }
}

/// The share that holds at an instant, cleaned: in 0..=1, and nothing for what is no number.
fn value_at(curve: &AwarenessCurve, at: i64) -> Option<f64> {
    let i = curve.points.partition_point(|p| p.0 <= at);
    let share = curve.points.get(i.checked_sub(1)?)?.1?;
    share.is_finite().then(|| share.clamp(0.0, 1.0))
}

fn curves(scene: &mut Scene, input: &AwarenessInput, scale: &TimeScale, plot: &Bounds) {
    let mut ends: Vec<End> = Vec::new();
    // The common picture last: it lies on top.
    let mut order: Vec<&AwarenessCurve> = input.curves.iter().collect();
    order.sort_by_key(|c| c.level.is_none());
    for curve in order {
        let (ink, text_ink, width) = match curve.level {
            Some(l) => (level(l), level_text(l), 3.5),
            None => (INK, INK, 5.5),
        };
        let y_of = |share: f64| plot.y1 - plot.height() * share;
        let mut piece: Vec<Point> = Vec::new();
        let mut last: Option<(Point, f64)> = None;
        for (i, &(at, _)) in curve.points.iter().enumerate() {
            let next = curve.points.get(i + 1).map_or(i64::MAX, |p| p.0);
            if !scale.meets(at, next) || next <= at {
                continue;
            }
            let Some(share) = value_at(curve, at) else {
                scene.line(std::mem::take(&mut piece), width, ink);
                continue;
            };
            let (x0, x1, y) = (scale.x(at), scale.x(next), y_of(share));
            piece.push((x0, y));
            piece.push((x1, y));
            last = Some(((x1, y), share));
        }
        scene.line(thin_out(piece), width, ink);
        if let Some((at, share)) = last {
            let text = format!("{} {} %", curve.title, (share * 100.0).round());
            ends.push(End { at, text, ink: text_ink, size: if curve.level.is_none() { 20.0 } else { 18.0 } });
        }
    }
    name_ends(scene, ends, plot);
}

/// Drops points that lie on the straight between their neighbours.
fn thin_out(points: Vec<Point>) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for p in points {
        if let [.., a, b] = out[..]
            && ((a.1 == b.1 && b.1 == p.1) || (a.0 == b.0 && b.0 == p.0))
        {
            out.pop();
        }
        if out.last() != Some(&p) {
            out.push(p);
        }
    }
    out
}

/// The end of a curve and its name.
struct End {
    at: Point,
    text: String,
    ink: Rgb,
    size: f64,
}

/// Writes names right of the plot, each as near to its curve's height as the others allow.
fn name_ends(scene: &mut Scene, mut ends: Vec<End>, plot: &Bounds) {
    const PITCH: f64 = 25.0;
    ends.sort_by(|a, b| a.at.1.total_cmp(&b.at.1));
    let mut ys: Vec<f64> = Vec::with_capacity(ends.len());
    for end in &ends {
        let free = ys.last().map_or(plot.y0, |y| y + PITCH);
        ys.push(end.at.1.max(free));
    }
    let mut limit = plot.y1;
    for y in ys.iter_mut().rev() {
        *y = y.min(limit);
        limit = *y - PITCH;
    }
    for (end, y) in ends.iter().zip(ys) {
        let x = plot.x1 + 32.0;
        scene.line(vec![(end.at.0 + 2.0, end.at.1), (plot.x1 + 10.0, end.at.1), (x - 6.0, y)], 1.5, end.ink);
        let style = Style::new(end.size, end.ink).bold();
        let room = RIGHT - x;
        // The number at the end must survive: shorten the name before it.
        let split = end.text.char_indices().rev().filter(|(_, c)| *c == ' ').nth(1).map_or(0, |(i, _)| i);
        let (name, number) = end.text.split_at(split);
        let name = scene.fit(name, style, room - scene.width(number, style));
        scene.label((x, y), Anchor::Start, style, &format!("{name}{number}"), room);
    }
}

/// A round number at or above `n` for the top of an axis.
fn round_up(n: u64) -> u64 {
    let mut unit: u64 = 1;
    while let Some(next) = unit.checked_mul(10).filter(|next| *next <= n) {
        unit = next;
    }
    [1, 2, 5, 10].into_iter().map(|k| unit.saturating_mul(k)).find(|v| *v >= n).unwrap_or(u64::MAX).max(1)
}

fn spread_panel(scene: &mut Scene, spread: &Spread, scale: &TimeScale, plot: &Bounds) {
    let most = spread.points.iter().map(|p| p.1.max(p.2)).max().unwrap_or(0);
    let top = round_up(most.max(1));
    let y_of = |n: u64| plot.y1 - plot.height() * (n as f64 / top as f64);
    let style = Style::new(16.0, INK_SOFT);
    for n in [0, top] {
        scene.line(vec![(plot.x0, y_of(n)), (plot.x1, y_of(n))], 1.0, RULE);
        scene.label((plot.x0 - 10.0, y_of(n)), Anchor::End, style, &count(n), 90.0);
    }
    let area = |pick: fn(&(i64, u64, u64)) -> u64| {
        let mut points: Vec<Point> = Vec::new();
        for (i, p) in spread.points.iter().enumerate() {
            let next = spread.points.get(i + 1).map_or(i64::MAX, |p| p.0);
            if scale.meets(p.0, next) && next > p.0 {
                points.push((scale.x(p.0), y_of(pick(p))));
                points.push((scale.x(next), y_of(pick(p))));
            }
        }
        let mut points = thin_out(points);
        if let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) {
            points.push((last.0, plot.y1));
            points.push((first.0, plot.y1));
        }
        points
    };
    scene.polygon(area(|p| p.1), HIT);
    scene.polygon(area(|p| p.2), ACTIVE);
    let mut ends = Vec::new();
    if let Some(last) = spread.points.iter().rev().find(|p| scale.meets(p.0, i64::MAX)) {
        let share = if spread.total > 0 { format!(" of {}", count(spread.total)) } else { String::new() };
        ends.push((y_of(last.1), format!("hit: {}{share}", count(last.1)), INK));
        let peak = spread.points.iter().map(|p| p.2).max().unwrap_or(0);
        ends.push((y_of(last.2), format!("down: {}, at most {}", count(last.2), count(peak)), ACTIVE_TEXT));
    }
    let mut free = plot.y0;
    let n = ends.len();
    for (i, (y, text, ink)) in ends.into_iter().enumerate() {
        let low = plot.y1 - 25.0 * (n - 1 - i) as f64;
        let y = y.max(free).min(low);
        free = y + 25.0;
        let style = Style::new(17.0, ink).bold();
        scene.label((plot.x1 + 12.0, y), Anchor::Start, style, &text, RIGHT - plot.x1 - 12.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (n, top) in [(0, 1), (1, 1), (3, 5), (10, 10), (11, 20), (701, 1000), (1240, 2000)] {
            assert_eq!(round_up(n), top, "{n}");
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_curve_holds_its_value_until_the_next_step() {
        let points = vec![(10, Some(0.5)), (20, None), (30, Some(7.0)), (40, Some(f64::NAN))];
        let curve = AwarenessCurve { points, ..AwarenessCurve::default() };
        let at = [9, 10, 19, 20, 30, 39, 40].map(|t| value_at(&curve, t));
        assert_eq!(at, [None, Some(0.5), Some(0.5), None, Some(1.0), Some(1.0), None]);
    }

    #[test]
    fn straight_points_are_dropped() {
        let points = vec![(0.0, 1.0), (1.0, 1.0), (1.0, 1.0), (2.0, 1.0), (2.0, 3.0), (2.0, 5.0), (3.0, 5.0)];
        assert_eq!(thin_out(points), [(0.0, 1.0), (2.0, 1.0), (2.0, 5.0), (3.0, 5.0)]);
    }
}
