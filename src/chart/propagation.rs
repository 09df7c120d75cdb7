//! The propagation chart: how one fact travelled over the cooperation graph.
//!
//! Layers lie on each other by level. National roles form a matrix, a column a state and a row a role; bodies are
//! boxes. Colour and number say when each learned the fact. The first-arrival tree runs as thin lines through gutters
//! and channels; the critical path is drawn over everything, numbered, and told again in words at the foot.

use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::input::{Place, PropagationInput};
use super::palette::{
    CRITICAL, INK, INK_SOFT, PANEL, PAPER, RULE, RULE_STRONG, Rgb, level, level_text, text_on, time_bin,
};
use super::scene::{Anchor, Bounds, Scene, Style, Taken};
use super::words::{HOUR, duration, duration_short, utc};
use super::{ChartError, raster, svg as writer};
use layout::{Content, HEADER, Layout};

mod layout;
mod route;

/// Where the grid begins: right of the names.
const GRID_LEFT: f64 = 288.0;
/// Height of the strip that tells the critical path.
const STRIP: f64 = 74.0;
/// Steps of the path told at most.
const MAX_STEPS: usize = 8;
/// Colour bins at most.
const MAX_BINS: usize = 9;

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &PropagationInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &PropagationInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &PropagationInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    let mut notes = Vec::new();
    let bins = Bins::new(input);
    bins.legend(&mut scene, input);
    let steps = critical_steps(input);
    let strip = if steps.is_empty() { 0.0 } else { STRIP };
    let area = Bounds { x0: GRID_LEFT, y0: TOP + 26.0, x1: RIGHT, y1: BOTTOM - strip };
    let layout = layout::arrange(input, &area, &mut notes);
    if layout.tiers.is_empty() {
        frame::nothing(&mut scene, area, "nobody could know this fact");
        frame::finish(&mut scene, &input.frame, &notes);
        return Ok(scene);
    }
    let on_path = |node: usize| steps.iter().any(|s| s.node == node);
    grounds(&mut scene, input, &layout, &bins);
    let routes = route::routes(input, &layout);
    for route in routes.iter().filter(|r| !input.edges[r.edge].critical) {
        scene.line(route.points.clone(), 1.2, RULE_STRONG);
    }
    column_titles(&mut scene, input, &layout);
    for node in shown_nodes(input, &layout).into_iter().filter(|n| !on_path(*n)) {
        draw_node(&mut scene, input, &layout, &bins, node, false);
    }
    for route in routes.iter().filter(|r| input.edges[r.edge].critical) {
        scene.line(route.points.clone(), 9.0, PAPER);
    }
    for route in routes.iter().filter(|r| input.edges[r.edge].critical) {
        scene.arrow(route.points.clone(), 5.0, 17.0, CRITICAL);
    }
    let mut taken = Taken::default();
    for node in shown_nodes(input, &layout).into_iter().filter(|n| on_path(*n)) {
        draw_node(&mut scene, input, &layout, &bins, node, true);
    }
    for (number, step) in steps.iter().enumerate() {
        if let Some(spot) = layout.spots[step.node] {
            let b = spot.bounds;
            let at = if spot.column.is_some() { (b.x1 + 3.0, b.y1 + 8.0) } else { (b.x0, b.y0) };
            taken.add(badge(&mut scene, at, number + 1));
        }
    }
    latencies(&mut scene, input, &layout, &routes, taken);
    tell_path(&mut scene, input, &steps);
    frame::finish(&mut scene, &input.frame, &notes);
    Ok(scene)
}

/// The colour scale of times.
struct Bins {
    /// Upper ends after the origin [µs], ascending, whole.
    ends: Vec<i64>,
    /// Whether somebody learned after the last end.
    beyond: bool,
}

impl Bins {
    fn new(input: &PropagationInput) -> Self {
        let mut ends: Vec<i64> = input.bins_us.iter().copied().filter(|b| *b > 0).collect();
        if ends.is_empty() {
            ends = [1, 3, 6, 12, 24, 48, 72].map(|h| h * HOUR).to_vec();
        }
        ends.sort_unstable();
        ends.dedup();
        ends.truncate(MAX_BINS - 1);
        let last = ends.last().copied().unwrap_or(0);
        let beyond = input.nodes.iter().any(|n| n.learned_us.is_some_and(|t| t - input.origin_us > last));
        Bins { ends, beyond }
    }

    fn len(&self) -> usize {
        self.ends.len() + usize::from(self.beyond)
    }

    /// By when reached counts are stated [µs after the origin].
    fn last(&self) -> i64 {
        self.ends.last().copied().unwrap_or(0)
    }

    fn colour(&self, after_us: i64) -> Rgb {
        let bin = self.ends.partition_point(|end| *end <= after_us);
        time_bin(bin.min(self.len() - 1), self.len())
    }

    /// The scale itself, above the graph, with its words inside.
    fn legend(&self, scene: &mut Scene, input: &PropagationInput) {
        let y = TOP + 10.0;
        let words = Style::new(16.0, INK_SOFT);
        let mut x = scene.label((MARGIN, y), Anchor::Start, words, "knows it after", 200.0).x1 + 12.0;
        let all_hours = self.ends.iter().all(|e| e % HOUR == 0);
        for i in 0..self.len() {
            let from = if i == 0 { 0 } else { self.ends[i - 1] };
            let text = match self.ends.get(i) {
                None => format!("over {}", duration_short(from)),
                Some(to) if all_hours => format!("{}–{} h", from / HOUR, to / HOUR),
                Some(to) => format!("to {}", duration_short(*to)),
            };
            let fill = time_bin(i, self.len());
            x = swatch(scene, x, y, fill, &text);
        }
        if input.nodes.iter().any(|n| n.learned_us.is_none()) {
            let style = Style::new(16.0, INK);
            let width = scene.width("× not reached", style) + 18.0;
            let b = Bounds::new(x + 10.0, y - 12.0, width, 24.0);
            unreached(scene, b);
            x = b.x1;
            scene.label(b.centre(), Anchor::Middle, style.halo(PAPER), "× not reached", width);
        }
        let mut right = RIGHT;
        for (critical, text) in [(false, "first arrival"), (true, "critical path")] {
            let wide = scene.width(text, words) + 52.0;
            if right - wide < x + 20.0 || !input.edges.iter().any(|e| e.critical == critical) {
                continue;
            }
            let b = scene.label((right, y), Anchor::End, words, text, 200.0);
            let line = vec![(b.x0 - 40.0, y), (b.x0 - 8.0, y)];
            if critical {
                scene.arrow(line, 5.0, 15.0, CRITICAL);
            } else {
                scene.line(line, 1.2, RULE_STRONG);
            }
            right = b.x0 - 60.0;
        }
    }
}

/// A piece of the scale; returns its right end.
fn swatch(scene: &mut Scene, x: f64, y: f64, fill: Rgb, text: &str) -> f64 {
    let style = Style::new(16.0, text_on(fill)).bold();
    let width = scene.width(text, style) + 22.0;
    let b = Bounds::new(x, y - 12.0, width, 24.0);
    scene.rect(b, fill);
    scene.label(b.centre(), Anchor::Middle, style, text, width);
    b.x1 + 2.0
}

/// The look of what was not reached: white, hatched, rimmed.
fn unreached(scene: &mut Scene, b: Bounds) {
    scene.boxed(b, 0.0, PAPER, RULE_STRONG, 1.0);
    scene.hatch(b.grown(-1.0), 6.0, 1.2, RULE);
}

/// Nodes that are drawn: of those that share a cell the earliest.
fn shown_nodes(input: &PropagationInput, layout: &Layout) -> Vec<usize> {
    let key = |i: usize| (input.nodes[i].learned_us.unwrap_or(i64::MAX), i);
    let cell = |i: usize| match input.nodes[i].place {
        Place::Cell { row, column } => Some((row, column)),
        Place::Layer(_) => None,
    };
    let mut best: std::collections::BTreeMap<(usize, usize), usize> = std::collections::BTreeMap::new();
    for i in 0..input.nodes.len() {
        if let Some(cell) = cell(i) {
            let first = best.entry(cell).or_insert(i);
            if key(i) < key(*first) {
                *first = i;
            }
        }
    }
    let is_best = |i: usize| cell(i).is_none_or(|c| best.get(&c) == Some(&i));
    (0..input.nodes.len()).filter(|i| layout.spots[*i].is_some() && is_best(*i)).collect()
}

/// Layer bands with their names, row names with how many of the row knew.
fn grounds(scene: &mut Scene, input: &PropagationInput, layout: &Layout, bins: &Bins) {
    let by = format!("by +{}", duration_short(bins.last()));
    let knew = |i: usize| input.nodes[i].learned_us.is_some_and(|t| t - input.origin_us <= bins.last());
    let shown = shown_nodes(input, layout);
    let soft = Style::new(16.0, INK_SOFT);
    for (k, tier) in layout.tiers.iter().enumerate() {
        let first = k == 0 || layout.tiers[k - 1].layer != tier.layer;
        if first {
            let end =
                layout.tiers[k..].iter().take_while(|t| t.layer == tier.layer).last().map_or(0.0, |t| t.y1);
            let band = Bounds { x0: MARGIN, x1: RIGHT + 4.0, y0: tier.y0 - 6.0, y1: end + 5.0 };
            scene.rounded(band, 6.0, PANEL);
            scene.rounded(Bounds { x1: MARGIN + 6.0, ..band }, 3.0, level(tier.layer));
        }
        let left = MARGIN + 16.0;
        if first && let Some(title) = input.layers.get(tier.layer) {
            let style = Style::new(20.0, level_text(tier.layer)).bold();
            let y = tier.y0 + if matches!(tier.content, Content::Rows(_)) { 9.0 } else { 12.0 };
            let room = if matches!(tier.content, Content::Rows(_)) { 90.0 } else { 12.0 };
            scene.label((left, y), Anchor::Start, style, title, GRID_LEFT - left - room);
        }
        match &tier.content {
            Content::Boxes(_) if first => {
                let of = |n: &usize| matches!(input.nodes[*n].place, Place::Layer(l) if l.min(input.layers.len().max(1) - 1) == tier.layer);
                let all: Vec<usize> = (0..input.nodes.len()).filter(of).collect();
                let text = format!("{} of {} {by}", all.iter().filter(|n| knew(**n)).count(), all.len());
                scene.label((left, tier.y0 + 34.0), Anchor::Start, soft, &text, GRID_LEFT - left - 12.0);
            }
            Content::Boxes(_) => {}
            Content::Rows(rows) => {
                scene.label((GRID_LEFT - 12.0, tier.y0 + 9.0), Anchor::End, soft, &by, 90.0);
                for (at, row) in rows.iter().enumerate() {
                    let y = tier.y0 + HEADER + (at as f64 + 0.5) * layout.row_height - 1.5;
                    let in_row = |n: &&usize| matches!(input.nodes[**n].place, Place::Cell { row: r, .. } if r == *row);
                    let cells: Vec<&usize> = shown.iter().filter(in_row).collect();
                    let share = format!("{}/{}", cells.iter().filter(|n| knew(***n)).count(), cells.len());
                    let style = Style::new(16.0, INK).bold();
                    let b = scene.label((GRID_LEFT - 12.0, y), Anchor::End, style, &share, 90.0);
                    let title = input.rows.get(*row).map_or("", |r| r.title.as_str());
                    scene.label((left, y), Anchor::Start, Style::new(16.0, INK), title, b.x0 - left - 8.0);
                }
            }
        }
    }
}

/// Column titles over each matrix; where columns are too narrow, only every k-th.
fn column_titles(scene: &mut Scene, input: &PropagationInput, layout: &Layout) {
    let style = Style::new(16.0, INK_SOFT).bold();
    let widest = input.columns.iter().map(|c| scene.width(c, style)).fold(0.0, f64::max);
    let pitch = layout.grid.pitch;
    let every = if widest <= 2.0 * pitch { ((widest + 2.0) / pitch).ceil().max(1.0) as usize } else { 2 };
    for tier in layout.tiers.iter().filter(|t| matches!(t.content, Content::Rows(_))) {
        for (column, title) in input.columns.iter().enumerate().step_by(every) {
            let x = layout.grid.gutter(column) + pitch / 2.0;
            let room = pitch * every as f64 - 4.0;
            scene.label((x, tier.y0 + 9.0), Anchor::Middle, style, title, room);
        }
    }
}

fn draw_node(
    scene: &mut Scene,
    input: &PropagationInput,
    layout: &Layout,
    bins: &Bins,
    node: usize,
    strong: bool,
) {
    let Some(spot) = layout.spots[node] else { return };
    let data = &input.nodes[node];
    let after = data.learned_us.map(|t| t.saturating_sub(input.origin_us));
    let b = spot.bounds;
    let rim = if spot.column.is_some() { 4.0 } else { 3.0 };
    if strong {
        scene.rounded(b.grown(rim + 2.0), 6.0, PAPER);
        scene.rounded(b.grown(rim), 5.0, CRITICAL);
    }
    let fill = match after {
        Some(after) => {
            let fill = bins.colour(after);
            scene.rounded(b, 3.0, fill);
            fill
        }
        None => {
            unreached(scene, b);
            PAPER
        }
    };
    let when = after.map_or("not reached".to_owned(), |a| format!("+{}", duration(a)));
    if let (None, Some(_)) = (after, spot.column) {
        // The tip belongs to the rectangle drawn last, which the hatching is not: a clear one would hide it.
    } else {
        scene.tip(&format!("{}: {when}", data.title));
    }
    let ink = text_on(fill);
    let halo = |style: Style| if after.is_none() { style.halo(PAPER) } else { style };
    let (x, y) = b.centre();
    if spot.column.is_some() {
        let text = after.map_or("×".to_owned(), hours);
        let style = halo(Style::new(16.0, ink).bold());
        if scene.width(&text, style) <= b.width() - 2.0 {
            scene.label((x, y), Anchor::Middle, style, &text, b.width());
        }
    } else {
        let room = b.width() - 10.0;
        let name = halo(Style { bold: strong, ..Style::new(16.0, ink) });
        let name = if scene.width(&data.title, name) <= room { name } else { Style { bold: false, ..name } };
        scene.label((x, y - 10.0), Anchor::Middle, name, &data.title, room);
        let when = if scene.width(&when, Style::new(16.0, ink)) <= room {
            when
        } else {
            after.map_or(when, |a| format!("+{}", duration_short(a)))
        };
        scene.label((x, y + 10.0), Anchor::Middle, halo(Style::new(16.0, ink)), &when, room);
    }
}

/// Whole hours since the origin, short enough for a cell.
fn hours(after_us: i64) -> String {
    match after_us.div_euclid(HOUR) {
        h if after_us < 0 => format!("−{}", -h),
        0 => "<1".to_owned(),
        h if h < 1000 => h.to_string(),
        h => format!("{}d", h / 24),
    }
}

/// A numbered mark of the critical path; returns its place.
fn badge(scene: &mut Scene, at: (f64, f64), number: usize) -> Bounds {
    let text = number.to_string();
    let style = Style::new(16.0, PAPER).bold();
    let half = (scene.width(&text, style) / 2.0 + 5.0).max(11.0);
    let b = Bounds { x0: at.0 - half, x1: at.0 + half, y0: at.1 - 11.0, y1: at.1 + 11.0 };
    scene.rounded(b.grown(2.0), 13.0, PAPER);
    scene.rounded(b, 11.0, CRITICAL);
    scene.label(at, Anchor::Middle, style, &text, 60.0);
    b
}

/// A node on the critical path and what the step to it took.
struct Step {
    node: usize,
    latency_us: Option<i64>,
}

/// The critical edges as a walk, in the order of the input; a break in it begins a new piece.
fn critical_steps(input: &PropagationInput) -> Vec<Step> {
    let n = input.nodes.len();
    let mut steps: Vec<Step> = Vec::new();
    for edge in input.edges.iter().filter(|e| e.critical && e.from < n && e.to < n) {
        if steps.last().is_none_or(|s| s.node != edge.from) {
            steps.push(Step { node: edge.from, latency_us: None });
        }
        steps.push(Step { node: edge.to, latency_us: Some(edge.latency_us) });
    }
    steps
}

/// Latencies at the lines, critical ones first, where there is room in the channels.
fn latencies(
    scene: &mut Scene,
    input: &PropagationInput,
    layout: &Layout,
    routes: &[route::Route],
    mut taken: Taken,
) {
    for tier in &layout.tiers {
        taken.add(Bounds { x0: 0.0, x1: RIGHT + 20.0, y0: tier.y0 - 1.0, y1: tier.y1 + 1.0 });
    }
    let within = Bounds { x0: GRID_LEFT, x1: RIGHT, y0: TOP + 24.0, y1: BOTTOM };
    for critical in [true, false] {
        for route in routes {
            let edge = &input.edges[route.edge];
            if edge.critical != critical || !(edge.critical || edge.label) {
                continue;
            }
            let ink = if critical { CRITICAL } else { INK_SOFT };
            let style = Style { bold: critical, ..Style::new(16.0, ink) };
            let text = format!("+{}", duration_short(edge.latency_us));
            let mut spots = Vec::new();
            for pair in route.points.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                let middle = ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0 + 6.0);
                if a.1 == b.1 && (a.0 - b.0).abs() > scene.width(&text, style) + 24.0 {
                    spots.push((middle, Anchor::Middle));
                }
                if a.0 == b.0 {
                    for (y0, y1) in &layout.channels {
                        let (low, high) = (a.1.min(b.1).max(*y0), a.1.max(b.1).min(*y1));
                        if high - low > 14.0 {
                            let y = (low + high) / 2.0 + 6.0;
                            spots.push(((a.0 + 11.0, y), Anchor::Start));
                            spots.push(((a.0 - 11.0, y), Anchor::End));
                        }
                    }
                }
            }
            let found = spots.into_iter().find(|(at, anchor)| {
                let place = scene.text_bounds(*at, *anchor, style, &text).grown(-0.5);
                within.contains(&place) && taken.is_free(&place)
            });
            if let Some((at, anchor)) = found {
                let place = scene.text_bounds(at, anchor, style, &text);
                scene.rounded(Bounds { x0: place.x0 - 4.0, x1: place.x1 + 4.0, ..place }, 4.0, PAPER);
                taken.add(scene.text(at, anchor, style, &text).grown(2.0));
            }
        }
    }
}

/// The critical path in words at the foot: who knew when, and what each step took.
fn tell_path(scene: &mut Scene, input: &PropagationInput, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    let y = BOTTOM - STRIP / 2.0 + 4.0;
    let left = MARGIN + 16.0;
    let heading = Style::new(18.0, CRITICAL).bold();
    let room = GRID_LEFT - left - 12.0;
    if input.goal.is_empty() {
        scene.label((left, y), Anchor::Start, heading, "Critical path", room);
    } else {
        scene.label((left, y - 12.0), Anchor::Start, heading, "Critical path to", room);
        scene.label((left, y + 12.0), Anchor::Start, Style::new(18.0, INK), &input.goal, room);
    }
    // First steps, a gap that says how many are left out, last steps.
    let mut told: Vec<Option<usize>> = (0..steps.len()).map(Some).collect();
    let hidden = steps.len().saturating_sub(MAX_STEPS - 1);
    if steps.len() > MAX_STEPS {
        told = (0..4).map(Some).chain([None]).chain((steps.len() - 3..steps.len()).map(Some)).collect();
    }
    let arrow = 74.0;
    let width = ((RIGHT - GRID_LEFT + arrow) / told.len() as f64 - arrow).min(230.0);
    for (k, step) in told.iter().enumerate() {
        let x = GRID_LEFT + k as f64 * (width + arrow);
        let b = Bounds::new(x, y - 24.0, width, 48.0);
        let Some(number) = *step else {
            let text = format!("… {hidden} steps …");
            scene.label(b.centre(), Anchor::Middle, Style::new(16.0, INK_SOFT), &text, width);
            continue;
        };
        let step = &steps[number];
        if let (Some(latency), true) = (step.latency_us, k > 0) {
            scene.arrow(vec![(x - arrow + 4.0, y + 8.0), (x - 3.0, y + 8.0)], 4.0, 14.0, CRITICAL);
            let style = Style::new(16.0, CRITICAL).bold();
            let text = format!("+{}", duration_short(latency));
            scene.label((x - arrow / 2.0, y - 9.0), Anchor::Middle, style, &text, arrow - 6.0);
        }
        let node = &input.nodes[step.node];
        scene.boxed(b, 5.0, PAPER, CRITICAL, 2.0);
        let mark = badge(scene, (b.x0 + 18.0, b.y0 + 15.0), number + 1);
        let name = Style::new(16.0, INK).bold();
        let room = b.x1 - mark.x1 - 10.0;
        let name = if scene.width(&node.title, name) <= room { name } else { Style { bold: false, ..name } };
        scene.label((mark.x1 + 6.0, b.y0 + 15.0), Anchor::Start, name, &node.title, room);
        let text = node.learned_us.map_or("not reached".to_owned(), |t| {
            let after = duration_short(t.saturating_sub(input.origin_us));
            let clock = utc(&input.frame, t);
            let long = format!("+{after} · {}", clock.stamp());
            let short = format!("+{after} · {:02}:{:02}", clock.hour, clock.minute);
            let fits = |text: &str| scene.width(text, Style::new(16.0, INK)) <= width - 14.0;
            if fits(&long) {
                long
            } else if fits(&short) {
                short
            } else {
                format!("+{after}")
            }
        });
        scene.label((b.x0 + 8.0, b.y1 - 13.0), Anchor::Start, Style::new(16.0, INK), &text, width - 14.0);
    }
}
