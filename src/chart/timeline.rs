//! The timeline: a lane an actor, grouped by level; above the lanes the milestones and the modes of the networks.
//!
//! Work is drawn in the colour of its level: solid while somebody works, pale while nobody is on duty, hatched while it
//! waits. Messages are thin arrows, those on the key chain thick ones. A label is drawn where it finds free room and
//! left out otherwise; what is left out is counted at the foot.

use super::axis::{self, TimeScale};
use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::input::{Lane, Message, Phase, TimelineInput};
use super::palette::{CRITICAL, INK, PAPER, RULE, RULE_STRONG, Rgb, level, level_text, mix, text_on};
use super::scene::{Anchor, Bounds, Scene, Style, Taken};
use super::words::{duration, plural};
use super::{ChartError, raster, svg as writer};
use marks::{MILESTONE_ROW, guide, key, milestones, mode_strip, pack_milestones};
use std::collections::BTreeMap;

mod marks;

/// Where the plot begins: right of the names.
const PLOT_LEFT: f64 = 262.0;
/// Lanes unless the input asks for another number.
const DEFAULT_LANES: usize = 18;
/// Messages off the key chain that are drawn; more would be a hairball.
const MAX_THIN: usize = 80;
/// Height of a network's strip with its gap.
const STRIP: f64 = 26.0;
/// Height of a level's heading.
const HEADING: f64 = 23.0;
/// Least and greatest height of a lane.
const LANE: (f64, f64) = (20.0, 52.0);

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &TimelineInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &TimelineInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

/// A lane that is drawn.
struct Row<'a> {
    lane: &'a Lane,
    level: usize,
    bounds: Bounds,
}

pub(super) fn scene(input: &TimelineInput) -> Result<Scene, ChartError> {
    let frame = &input.frame;
    let mut scene = frame::begin(frame)?;
    let mut notes = Vec::new();
    key(&mut scene, input);
    let plot = Bounds { x0: PLOT_LEFT, y0: TOP + 30.0, x1: RIGHT - 12.0, y1: BOTTOM - axis::HEIGHT };
    let scale = TimeScale::new(frame, &plot);
    let packed = pack_milestones(&scene, input, &scale, &plot, &mut notes);
    let milestone_rows = packed.iter().map(|p| p.row + 1).max().unwrap_or(0);
    let strips_top =
        plot.y0 + milestone_rows as f64 * MILESTONE_ROW + if milestone_rows > 0 { 6.0 } else { 0.0 };
    let strips = input.networks.len().min(5);
    if strips < input.networks.len() {
        notes.push(format!("{} not shown", plural(input.networks.len() - strips, "network")));
    }
    let lanes_top = strips_top + strips as f64 * STRIP + if strips > 0 { 4.0 } else { 0.0 };
    let lanes_area = Bounds { y0: lanes_top, ..plot };
    let (rows, positions) = lay_lanes(input, &lanes_area, &mut notes);

    axis::shade(&mut scene, frame, &scale, &plot);
    axis::draw(&mut scene, frame, &scale, &plot);
    let mut texts = Taken::default();
    let mut bars = Taken::default();
    for p in &packed {
        guide(&mut scene, p, &plot);
    }
    lane_grounds(&mut scene, input, &rows, &lanes_area);
    for row in &rows {
        lane_bars(&mut scene, row, &scale, &mut bars);
    }
    let thin = thin_arrows(&mut scene, input, &rows, &positions, &scale);
    if thin > 0 {
        notes.push(format!("{} not drawn", plural(thin, "message")));
    }
    for row in &rows {
        bar_titles(&mut scene, row, &scale, &mut texts);
    }
    key_arrows(&mut scene, input, &rows, &positions, &scale, &lanes_area, (&bars, &mut texts));
    for (i, strip) in input.networks.iter().take(strips).enumerate() {
        let y = strips_top + i as f64 * STRIP;
        mode_strip(&mut scene, strip, &scale, &Bounds { y0: y, y1: y + STRIP - 4.0, ..plot });
    }
    milestones(&mut scene, &packed, &plot);
    if rows.is_empty() {
        frame::nothing(&mut scene, lanes_area, "no actor had anything to do");
    }
    frame::finish(&mut scene, frame, &notes);
    Ok(scene)
}

/// Chooses and places the lanes; also where each lane of the input went.
fn lay_lanes<'a>(
    input: &'a TimelineInput,
    area: &Bounds,
    notes: &mut Vec<String>,
) -> (Vec<Row<'a>>, Vec<Option<usize>>) {
    let top_level = input.levels.len().saturating_sub(1);
    let mut chosen: Vec<usize> = (0..input.lanes.len()).collect();
    chosen.sort_by_key(|&i| (std::cmp::Reverse(input.lanes[i].importance), i));
    let wanted = if input.max_lanes == 0 { DEFAULT_LANES } else { input.max_lanes };
    let headings_of = |lanes: &[usize]| {
        let mut levels: Vec<usize> = lanes.iter().map(|&i| input.lanes[i].level.min(top_level)).collect();
        levels.sort_unstable();
        levels.dedup();
        if input.levels.is_empty() { 0 } else { levels.len() }
    };
    chosen.truncate(wanted);
    while !chosen.is_empty()
        && headings_of(&chosen) as f64 * HEADING + chosen.len() as f64 * LANE.0 > area.height()
    {
        chosen.pop();
    }
    if chosen.len() < input.lanes.len() {
        notes.insert(0, format!("{} not shown", plural(input.lanes.len() - chosen.len(), "more actor")));
    }
    let headings = headings_of(&chosen);
    chosen.sort_by_key(|&i| (input.lanes[i].level.min(top_level), i));
    let free = area.height() - headings as f64 * HEADING;
    let height = (free / chosen.len().max(1) as f64).clamp(LANE.0, LANE.1);
    let mut positions = vec![None; input.lanes.len()];
    let mut rows: Vec<Row> = Vec::with_capacity(chosen.len());
    let mut y = area.y0;
    for i in chosen {
        let lane = &input.lanes[i];
        let level = lane.level.min(top_level);
        if headings > 0 && rows.last().is_none_or(|r| r.level != level) {
            y += HEADING;
        }
        positions[i] = Some(rows.len());
        rows.push(Row { lane, level, bounds: Bounds { y0: y, y1: y + height, ..*area } });
        y += height;
    }
    (rows, positions)
}

/// Names, headings and the lines between lanes.
fn lane_grounds(scene: &mut Scene, input: &TimelineInput, rows: &[Row], area: &Bounds) {
    for (i, row) in rows.iter().enumerate() {
        let b = row.bounds;
        let first = i == 0 || rows[i - 1].level != row.level;
        if let (true, Some(title)) = (first, input.levels.get(row.level)) {
            let style = Style::new(17.0, level_text(row.level)).bold();
            scene.line(vec![(MARGIN, b.y0), (area.x1, b.y0)], 1.5, level(row.level));
            scene.label(
                (MARGIN, b.y0 - HEADING / 2.0 + 2.0),
                Anchor::Start,
                style,
                title,
                area.x0 - MARGIN - 12.0,
            );
        } else {
            scene.line(vec![(MARGIN + 12.0, b.y0), (area.x1, b.y0)], 1.0, RULE);
        }
        scene.rect(Bounds { x0: MARGIN, x1: MARGIN + 5.0, ..b }, level(row.level));
        let (x, y) = (MARGIN + 13.0, b.centre().1);
        let (style, room) = (Style::new(16.0, INK), area.x0 - x - 10.0);
        let title = scene.either(&row.lane.title, &row.lane.short, style, room);
        scene.label((x, y), Anchor::Start, style, title, room);
    }
}

/// In which of how many sub-rows each task of a lane lies: the first in which it overlaps no other, at most three.
fn sub_rows(lane: &Lane) -> (Vec<(u64, usize)>, usize) {
    let mut extent: BTreeMap<u64, (i64, i64)> = BTreeMap::new();
    for span in lane.spans.iter().filter(|s| s.to_us > s.from_us) {
        let e = extent.entry(span.task).or_insert((span.from_us, span.to_us));
        *e = (e.0.min(span.from_us), e.1.max(span.to_us));
    }
    let mut tasks: Vec<(i64, i64, u64)> = extent.into_iter().map(|(task, (a, b))| (a, b, task)).collect();
    tasks.sort_unstable();
    let mut ends: Vec<i64> = Vec::new();
    let mut out = Vec::with_capacity(tasks.len());
    for (from, to, task) in tasks {
        let row = match ends.iter().position(|end| *end <= from) {
            Some(row) => row,
            None if ends.len() < 3 => {
                ends.push(i64::MIN);
                ends.len() - 1
            }
            None => 2,
        };
        ends[row] = ends[row].max(to);
        out.push((task, row));
    }
    out.sort_unstable();
    (out, ends.len().max(1))
}

/// The bar of a span, at least wide enough to be seen.
fn bar_bounds(row: &Row, scale: &TimeScale, from: i64, to: i64, sub: usize, subs: usize) -> Bounds {
    let (top, height) = (row.bounds.y0 + 3.0, row.bounds.height() - 5.0);
    let each = height / subs as f64;
    let (x0, x1) = (scale.x(from), scale.x(to));
    let y0 = top + each * sub as f64;
    Bounds { x0, x1: x1.max(x0 + 1.5), y0, y1: y0 + each - if subs > 1 { 1.0 } else { 0.0 } }
}

fn bar(scene: &mut Scene, b: Bounds, phase: Phase, colour: Rgb) {
    match phase {
        Phase::Working => scene.rect(b, colour),
        Phase::OffDuty => {
            scene.rect(b, mix(colour, PAPER, 0.55));
            scene.rect(b.grown(-1.0), mix(colour, PAPER, 0.82));
        }
        Phase::Waiting => {
            scene.rect(b, mix(colour, PAPER, 0.72));
            scene.hatch(b, 5.0, 1.6, colour);
        }
    }
}

fn lane_bars(scene: &mut Scene, row: &Row, scale: &TimeScale, bars: &mut Taken) {
    let (subs, n) = sub_rows(row.lane);
    // By sub-row and phase: how far the last bar reaches. What would lie in it entirely is not drawn again, so that a
    // lane of a thousand short tasks does not become a thousand shapes on the same pixels.
    let mut reach = [[f64::MIN; 3]; 3];
    for span in row.lane.spans.iter().filter(|s| s.to_us > s.from_us && scale.meets(s.from_us, s.to_us)) {
        let sub = subs.binary_search_by_key(&span.task, |s| s.0).map_or(0, |i| subs[i].1);
        let b = bar_bounds(row, scale, span.from_us, span.to_us, sub, n);
        let last = &mut reach[sub.min(2)][span.phase as usize];
        if b.width() < 2.0 && b.x1 <= *last && b.x0 >= *last - 2.0 {
            continue;
        }
        *last = b.x1;
        bar(scene, b, span.phase, level(row.level));
        bars.add(b);
    }
}

/// Titles inside the bars that are wide and high enough.
fn bar_titles(scene: &mut Scene, row: &Row, scale: &TimeScale, texts: &mut Taken) {
    let (subs, n) = sub_rows(row.lane);
    let fill = level(row.level);
    let style = Style::new(16.0, text_on(fill));
    for span in row.lane.spans.iter().filter(|s| s.phase == Phase::Working && s.to_us > s.from_us) {
        let sub = subs.binary_search_by_key(&span.task, |s| s.0).map_or(0, |i| subs[i].1);
        let b = bar_bounds(row, scale, span.from_us, span.to_us, sub, n);
        if b.height() < 16.0 || span.title.is_empty() || !scale.meets(span.from_us, span.to_us) {
            continue;
        }
        if scene.width(&span.title, style) + 8.0 <= b.width() {
            let at = (b.x0 + 4.0, b.centre().1);
            let place = scene.text_bounds((at.0, at.1 + 6.0), Anchor::Start, style, &span.title);
            if texts.is_free(&place) {
                texts.add(scene.label(at, Anchor::Start, style, &span.title, b.width()));
            }
        }
    }
}

/// The ends of a message's arrow, if both lanes are shown and its time is.
fn arrow_ends(
    message: &Message,
    rows: &[Row],
    positions: &[Option<usize>],
    scale: &TimeScale,
) -> Option<[(f64, f64); 2]> {
    let row_of = |lane: usize| positions.get(lane).copied().flatten().and_then(|i| rows.get(i));
    let (from, to) = (row_of(message.from_lane)?, row_of(message.to_lane)?);
    if !scale.shows(message.sent_us)
        || !scale.shows(message.arrived_us)
        || message.from_lane == message.to_lane
    {
        return None;
    }
    let (y0, y1) = (from.bounds.centre().1, to.bounds.centre().1);
    Some([(scale.x(message.sent_us), y0), (scale.x(message.arrived_us), y1)])
}

/// Draws the messages off the key chain; returns how many were too many.
fn thin_arrows(
    scene: &mut Scene,
    input: &TimelineInput,
    rows: &[Row],
    positions: &[Option<usize>],
    scale: &TimeScale,
) -> usize {
    let others = input.messages.iter().filter(|m| !m.key);
    let ends: Vec<_> = others.filter_map(|m| arrow_ends(m, rows, positions, scale)).collect();
    // Where there are too many, an even choice over the whole time.
    let shown = ends.len().min(MAX_THIN);
    for [from, to] in (0..shown).map(|i| ends[i * ends.len() / shown]) {
        scene.disc(from, 2.5, RULE_STRONG);
        scene.arrow(vec![from, to], 1.2, 8.0, RULE_STRONG);
    }
    ends.len().saturating_sub(MAX_THIN)
}

fn key_arrows(
    scene: &mut Scene,
    input: &TimelineInput,
    rows: &[Row],
    positions: &[Option<usize>],
    scale: &TimeScale,
    area: &Bounds,
    (bars, texts): (&Taken, &mut Taken),
) {
    let mut drawn = Vec::new();
    let mut lines = Taken::default();
    for message in input.messages.iter().filter(|m| m.key) {
        let Some([from, to]) = arrow_ends(message, rows, positions, scale) else { continue };
        scene.disc(from, 7.0, PAPER);
        scene.line(vec![from, to], 7.0, PAPER);
        scene.disc(from, 5.0, CRITICAL);
        scene.arrow(vec![from, to], 3.5, 15.0, CRITICAL);
        for step in 0..=8 {
            let share = f64::from(step) / 8.0;
            let (x, y) = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            lines.add(Bounds::new(x - 4.0, y - 8.0, 8.0, 16.0));
        }
        drawn.push((message, from, to));
    }
    let style = Style::new(16.0, CRITICAL).bold().halo(PAPER);
    for (message, from, to) in drawn {
        let latency = duration(message.arrived_us.saturating_sub(message.sent_us));
        let text = scene.fit(&message.title, style, 260.0);
        let text = if text.is_empty() { latency } else { text };
        let mut candidates = Vec::new();
        for (gap, dy) in [(10.0, 0.0), (24.0, 0.0), (12.0, -20.0), (12.0, 20.0), (44.0, 0.0), (30.0, 24.0)] {
            for share in [0.5, 0.35, 0.65, 0.2, 0.8, 0.0, 1.0] {
                let (x, y) = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share + 6.0 + dy);
                candidates.push(((x + gap, y), Anchor::Start));
                candidates.push(((x - gap, y), Anchor::End));
            }
        }
        let fits = |place: &Bounds, strict: bool, texts: &Taken| {
            area.contains(place)
                && texts.is_free(place)
                && lines.is_free(place)
                && (!strict || bars.is_free(place))
        };
        let found = [true, false].into_iter().find_map(|strict| {
            candidates.iter().copied().find(|(at, anchor)| {
                fits(&scene.text_bounds(*at, *anchor, style, &text).grown(1.0), strict, texts)
            })
        });
        if let Some((at, anchor)) = found {
            texts.add(scene.text(at, anchor, style, &text).grown(1.0));
        }
    }
}
