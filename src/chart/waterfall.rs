//! The waterfall: where the time went on the way to each milestone.
//!
//! A milestone is a bar from its origin, cut into segments in order of time; lengths are times. The scale is linear,
//! since a logarithmic one would make the parts of a bar incomparable. Where milestones differ too much for one scale,
//! short and long ones get panels with scales of their own, and the chart says so.

use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::input::{Segment, WaterfallInput, WaterfallRow};
use super::palette::{INK, INK_SOFT, OBSERVED, PANEL, PAPER, RULE, RULE_STRONG, SegmentKind, text_on};
use super::scene::{Anchor, Bounds, Scene, Style, Taken};
use super::words::{DAY, HOUR, MINUTE, SECOND, duration, duration_short, plural};
use super::{ChartError, raster, svg as writer};

/// Where the bars begin.
const LEFT: f64 = 318.0;
/// Where the longest bar ends; totals stand right of it.
const BAR_END: f64 = 1330.0;
/// Rows unless the input asks for another number.
const DEFAULT_ROWS: usize = 12;
/// Height of a panel's axis.
const AXIS: f64 = 34.0;
/// Least and greatest height of a row.
const ROW: (f64, f64) = (50.0, 88.0);
/// A panel holds rows whose lengths differ by at most this factor.
const SPAN: f64 = 7.0;
/// Panels at most.
const PANELS: usize = 3;

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &WaterfallInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &WaterfallInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &WaterfallInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    let mut notes = Vec::new();
    let mut reached: Vec<&WaterfallRow> = input.rows.iter().filter(|r| r.latency_us.is_some()).collect();
    let unreached: Vec<&WaterfallRow> = input.rows.iter().filter(|r| r.latency_us.is_none()).collect();
    let most = if input.max_rows == 0 { DEFAULT_ROWS } else { input.max_rows };
    let bottom = if unreached.is_empty() { BOTTOM } else { BOTTOM - 26.0 };
    let top = key(&mut scene, input);
    // Panels cost height too: with all of them, so many rows still fit.
    let fit = ((bottom - top - PANELS as f64 * AXIS) / ROW.0) as usize;
    let shown = most.min(fit);
    if reached.len() > shown {
        notes.push(format!("{} not shown", plural(reached.len() - shown, "milestone")));
        reached.truncate(shown);
    }
    reached.sort_by_key(|r| r.latency_us);
    let panels = panels(&reached);
    let axes = panels.len() as f64 * AXIS;
    let row = ((bottom - top - axes) / reached.len().max(1) as f64).clamp(ROW.0, ROW.1);
    let mut y = top;
    for (i, range) in panels.iter().enumerate() {
        let rows = &reached[range.clone()];
        let area = Bounds { x0: LEFT, x1: BAR_END, y0: y, y1: y + row * rows.len() as f64 };
        panel(&mut scene, rows, &area, row, (i, panels.len()));
        y = area.y1 + AXIS;
    }
    if reached.is_empty() {
        let area = Bounds { x0: MARGIN, x1: RIGHT, y0: top, y1: bottom };
        frame::nothing(&mut scene, area, "no milestone was reached");
    }
    if !unreached.is_empty() {
        let names: Vec<&str> = unreached.iter().map(|r| r.title.as_str()).collect();
        let style = Style::new(17.0, INK).bold();
        let b = scene.label((MARGIN, BOTTOM - 10.0), Anchor::Start, style, "Not reached:", 200.0);
        let room = RIGHT - b.x1 - 8.0;
        scene.label(
            (b.x1 + 8.0, BOTTOM - 10.0),
            Anchor::Start,
            Style::new(17.0, INK),
            &names.join(" · "),
            room,
        );
    }
    frame::finish(&mut scene, &input.frame, &notes);
    Ok(scene)
}

/// The colours in use with their words; returns where the panels may begin.
fn key(scene: &mut Scene, input: &WaterfallInput) -> f64 {
    let style = Style::new(16.0, INK_SOFT);
    let used = |k: SegmentKind| input.rows.iter().any(|r| r.segments.iter().any(|s| s.kind == k));
    let (mut x, mut y) = (MARGIN, TOP + 8.0);
    for kind in SegmentKind::ALL.into_iter().filter(|k| used(*k)) {
        let width = 24.0 + scene.width(kind.label(), style);
        if x + width > RIGHT {
            (x, y) = (MARGIN, y + 24.0);
        }
        scene.rect(Bounds::new(x, y - 8.0, 17.0, 16.0), kind.colour());
        x = scene.label((x + 23.0, y), Anchor::Start, style, kind.label(), 300.0).x1 + 22.0;
    }
    if input.rows.iter().any(|r| r.observed_us.is_some()) {
        if x + 120.0 > RIGHT {
            (x, y) = (MARGIN, y + 24.0);
        }
        observed(scene, x, x + 32.0, y);
        scene.label((x + 40.0, y), Anchor::Start, Style::new(16.0, OBSERVED), "observed", 200.0);
    }
    y + 22.0
}

/// What a row needs of the scale: the longer of simulated and observed.
fn length(row: &WaterfallRow) -> i64 {
    let segments = row.segments.iter().fold(0_i64, |sum, s| sum.saturating_add(s.duration_us.max(0)));
    let observed = row.observed_us.map_or(0, |(a, b)| a.max(b));
    row.latency_us.unwrap_or(0).max(segments).max(observed).max(1)
}

/// Cuts the rows, ascending, into at most three runs where the step from one to the next is steepest.
fn panels(rows: &[&WaterfallRow]) -> Vec<std::ops::Range<usize>> {
    let mut cuts: Vec<usize> = Vec::new();
    let ends = |cuts: &[usize]| -> Vec<std::ops::Range<usize>> {
        let mut at: Vec<usize> = cuts.to_vec();
        at.extend([0, rows.len()]);
        at.sort_unstable();
        at.windows(2).map(|w| w[0]..w[1]).filter(|r| !r.is_empty()).collect()
    };
    let longest =
        |range: &std::ops::Range<usize>| rows[range.clone()].iter().map(|r| length(r)).max().unwrap_or(1);
    let shortest =
        |range: &std::ops::Range<usize>| rows[range.clone()].iter().map(|r| length(r)).min().unwrap_or(1);
    while cuts.len() + 1 < PANELS {
        let wide = ends(&cuts).into_iter().filter(|r| longest(r) as f64 > SPAN * shortest(r) as f64).max_by(
            |a, b| {
                let span = |r: &std::ops::Range<usize>| longest(r) as f64 / shortest(r) as f64;
                span(a).total_cmp(&span(b))
            },
        );
        let Some(range) = wide else { break };
        let steepest = (range.start + 1..range.end).max_by(|a, b| {
            let step = |i: &usize| longest(&(*i..*i + 1)) as f64 / longest(&(range.start..*i)) as f64;
            step(a).total_cmp(&step(b)).then(b.cmp(a))
        });
        match steepest {
            Some(cut) => cuts.push(cut),
            None => break,
        }
    }
    ends(&cuts)
}

/// A step between ticks that leaves at most seven of them.
fn tick_step(all_us: i64) -> i64 {
    const STEPS: [i64; 18] = [
        SECOND,
        10 * SECOND,
        MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        5 * DAY,
        10 * DAY,
        30 * DAY,
        100 * DAY,
        365 * DAY,
    ];
    STEPS.into_iter().find(|s| all_us / s <= 7).unwrap_or((all_us / 6).max(1))
}

fn panel(scene: &mut Scene, rows: &[&WaterfallRow], area: &Bounds, row: f64, (index, n): (usize, usize)) {
    let all = rows.iter().map(|r| length(r)).max().unwrap_or(1);
    let x_of = |us: i64| area.x0 + area.width() * (us as f64 / all as f64);
    let step = tick_step(all);
    let style = Style::new(16.0, INK_SOFT);
    let mut taken = Taken::default();
    for k in 0..=(all / step) {
        let x = x_of(k * step);
        scene.line(vec![(x, area.y0 + 2.0), (x, area.y1 + 4.0)], 1.0, RULE);
        let text = match k * step {
            0 => "0".to_owned(),
            at if step >= HOUR && all < 240 * HOUR => format!("{} h", at / HOUR),
            at => duration_short(at),
        };
        let place = scene.text_bounds((x, area.y1 + 20.0), Anchor::Middle, style, &text).grown(4.0);
        if taken.is_free(&place) {
            taken.add(place);
            scene.label((x, area.y1 + 14.0), Anchor::Middle, style, &text, 120.0);
        }
    }
    scene.line(vec![(area.x0, area.y1), (area.x1, area.y1)], 1.5, RULE_STRONG);
    if n > 1 {
        let words = format!("scale {} of {n}: to {}", index + 1, duration_short(all));
        scene.label((MARGIN, area.y1 + 14.0), Anchor::Start, style, &words, LEFT - MARGIN - 20.0);
    }
    for (i, data) in rows.iter().enumerate() {
        let y0 = area.y0 + row * i as f64;
        let band = Bounds { x0: MARGIN, x1: RIGHT, y0, y1: y0 + row };
        if i > 0 {
            scene.line(vec![(MARGIN, y0), (RIGHT, y0)], 1.0, PANEL);
        }
        draw_row(scene, data, &band, &x_of);
    }
}

fn draw_row(scene: &mut Scene, data: &WaterfallRow, band: &Bounds, x_of: &dyn Fn(i64) -> f64) {
    let label_line = 20.0;
    let bar_height = (band.height() - label_line - 12.0).min(40.0);
    let top = band.y0 + (band.height() - bar_height - label_line - 8.0) / 2.0 + 7.0;
    let bar = Bounds { x0: x_of(0), x1: x_of(length(data)), y0: top, y1: top + bar_height };
    let name = Style::new(17.0, INK).bold();
    let lines = scene.fonts.wrap(&data.title, name.size, true, LEFT - MARGIN - 16.0, 2);
    let middle = (bar.y0 + bar.y1) / 2.0;
    for (i, line) in lines.iter().enumerate() {
        let y = middle + (i as f64 - (lines.len() - 1) as f64 / 2.0) * 21.0;
        scene.label((MARGIN, y), Anchor::Start, name, line, LEFT - MARGIN - 16.0);
    }
    let parts = draw_segments(scene, data, &bar, x_of);
    name_segments(scene, &parts, &bar, band);
    let total = Style::new(20.0, INK).bold();
    let words = duration(data.latency_us.unwrap_or(0));
    let room = RIGHT - BAR_END - 14.0;
    let seen = data.observed_us.map(|(a, b)| (a.min(b), a.max(b)));
    let y = if seen.is_some() { middle - 7.0 } else { middle };
    scene.label((RIGHT, y), Anchor::End, total, &words, room);
    if let Some((from, to)) = seen {
        observed(scene, x_of(from), x_of(to), bar.y0 - 5.0);
        let words = if from == to {
            format!("observed {}", duration_short(from))
        } else {
            format!("obs. {} – {}", duration_short(from), duration_short(to))
        };
        scene.label((RIGHT, middle + 14.0), Anchor::End, Style::new(16.0, OBSERVED), &words, room);
    }
}

/// An interval with ends; a diamond where both ends are one.
fn observed(scene: &mut Scene, x0: f64, x1: f64, y: f64) {
    if x1 - x0 < 8.0 {
        let x = (x0 + x1) / 2.0;
        for (r, fill) in [(9.0, PAPER), (7.0, OBSERVED), (3.5, PAPER)] {
            scene.polygon(vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill);
        }
        return;
    }
    scene.line(vec![(x0, y), (x1, y)], 6.0, PAPER);
    scene.line(vec![(x0, y), (x1, y)], 3.0, OBSERVED);
    for x in [x0, x1] {
        scene.rect(Bounds::new(x - 1.5, y - 6.0, 3.0, 12.0), OBSERVED);
    }
}

/// A segment as drawn.
struct Part<'a> {
    segment: &'a Segment,
    bounds: Bounds,
    /// Whether its kind stands in the bar.
    named: bool,
}

fn draw_segments<'a>(
    scene: &mut Scene,
    data: &'a WaterfallRow,
    bar: &Bounds,
    x_of: &dyn Fn(i64) -> f64,
) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut at: i64 = 0;
    for segment in data.segments.iter().filter(|s| s.duration_us > 0) {
        let end = at.saturating_add(segment.duration_us);
        let bounds = Bounds { x0: x_of(at), x1: x_of(end), ..*bar };
        at = end;
        let fill = segment.kind.colour();
        // A thin seam of paper keeps neighbours apart where there is room for it.
        let seam = if bounds.width() > 4.0 { 1.0 } else { 0.0 };
        scene.rect(Bounds { x1: bounds.x1 - seam, ..bounds }, fill);
        let words = format!("{}, {}: {}", segment.kind.label(), segment.actor, duration(segment.duration_us));
        scene.tip(&words);
        let style = Style::new(16.0, text_on(fill)).bold();
        let named = scene.width(segment.kind.label(), style) + 10.0 <= bounds.width();
        if named {
            scene.label(bounds.centre(), Anchor::Middle, style, segment.kind.label(), bounds.width());
        }
        parts.push(Part { segment, bounds, named });
    }
    if parts.is_empty() {
        scene.rect(Bounds { x1: bar.x0 + 3.0, ..*bar }, INK);
    }
    parts
}

/// Writes actor and duration under the biggest segments, as near as the others allow.
fn name_segments(scene: &mut Scene, parts: &[Part], bar: &Bounds, band: &Bounds) {
    let style = Style::new(16.0, INK);
    let y = bar.y1 + 11.0;
    let within = Bounds { x0: LEFT - 4.0, x1: BAR_END + 30.0, y0: band.y0, y1: band.y1 + 4.0 };
    let mut order: Vec<&Part> = parts.iter().collect();
    order.sort_by_key(|p| std::cmp::Reverse(p.segment.duration_us));
    let mut taken = Taken::default();
    for part in order.into_iter().take(8) {
        let (kind, actor) = (part.segment.kind.label(), part.segment.actor.as_str());
        let time = duration_short(part.segment.duration_us);
        let words = |with_actor: bool| {
            let pieces = [if part.named { "" } else { kind }, if with_actor { actor } else { "" }, &time];
            pieces.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
        };
        // A label that does not stand under the name of its kind carries the kind's colour.
        let swatch = if part.named { 0.0 } else { 17.0 };
        let (x, _) = part.bounds.centre();
        let found = [words(true), words(false)].into_iter().find_map(|text| {
            let width = scene.width(&text, style) + swatch;
            // Centred, or moved so far that it still touches its segment.
            let reach = (width / 2.0 + part.bounds.width() / 2.0 - 8.0).max(0.0);
            let shifts = [0.0, 0.3, -0.3, 0.6, -0.6, 1.0, -1.0].map(|s| x + s * reach);
            let ends = [LEFT + width / 2.0, BAR_END + 26.0 - width / 2.0];
            let near = ends.into_iter().filter(|c| (c - x).abs() <= reach + 1.0);
            shifts.into_iter().chain(near).find_map(|centre| {
                let place = Bounds::new(centre - width / 2.0, y - 9.0, width, 18.0);
                let wide = Bounds { x0: place.x0 - 8.0, x1: place.x1 + 8.0, ..place };
                (within.contains(&place) && taken.is_free(&wide)).then(|| (text.clone(), place))
            })
        });
        if let Some((text, place)) = found {
            taken.add(Bounds { x0: place.x0 - 2.0, x1: place.x1 + 2.0, ..place });
            if swatch > 0.0 {
                scene.rect(Bounds::new(place.x0, y - 6.0, 12.0, 12.0), part.segment.kind.colour());
            }
            scene.label((place.x0 + swatch, y), Anchor::Start, style.halo(PAPER), &text, 900.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(hours: &[i64]) -> Vec<WaterfallRow> {
        let row = |h: &i64| WaterfallRow { latency_us: Some(h * HOUR), ..WaterfallRow::default() };
        hours.iter().map(row).collect()
    }

    /// First and last of each panel.
    fn cut(hours: &[i64]) -> Vec<(usize, usize)> {
        let rows = rows(hours);
        panels(&rows.iter().collect::<Vec<_>>()).into_iter().map(|r| (r.start, r.end - 1)).collect()
    }

    #[test]
    fn similar_rows_share_a_scale() {
        assert_eq!(cut(&[2, 3, 5, 14]), [(0, 3)]);
        assert_eq!(cut(&[]), []);
        assert_eq!(cut(&[0]), [(0, 0)]);
    }

    #[test]
    fn short_and_long_rows_are_parted_where_the_step_is_steepest() {
        assert_eq!(cut(&[2, 4, 7, 25, 80, 95]), [(0, 2), (3, 5)]);
        assert_eq!(cut(&[1, 2, 30, 40, 2000, 5000]), [(0, 1), (2, 3), (4, 5)]);
    }

    #[test]
    fn axes_have_few_ticks() {
        for hours in [1, 7, 25, 98, 5000, 100_000] {
            assert!(hours * HOUR / tick_step(hours * HOUR) <= 7, "{hours}");
        }
        assert_eq!(tick_step(i64::MAX), i64::MAX / 6);
    }
}
