//! The propagation chart: how one fact travelled over the cooperation graph.
//!
//! Layers lie on each other by level. National roles form a matrix, a column a state and a row a role; bodies are
//! boxes. Colour and number say when each learned the fact. The first-arrival tree runs as thin lines through gutters
//! and channels; the critical path is drawn over everything, numbered, and told again in words at the foot.

use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::input::{Place, PropagationInput};
use super::palette::{CRITICAL, INK, INK_SOFT, PANEL, PAPER, RULE_STRONG, level, level_text, text_on};
use super::scene::{Anchor, Bounds, Point, Scene, Style, Taken};
use super::words::{HOUR, duration, duration_short};
use super::{ChartError, raster, svg as writer};
use layout::{Content, HEADER, Layout};
use route::Route;
use scale::{Bins, unreached};
use story::{STRIP, badge, critical_steps, tell_path};

mod layout;
mod route;
mod scale;
mod story;

/// Where the grid begins: right of the names.
const GRID_LEFT: f64 = 288.0;
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
    column_titles(&mut scene, input, &layout);
    for (number, step) in steps.iter().enumerate() {
        // A node that the path visits twice keeps its first number.
        let first = steps.iter().position(|s| s.node == step.node) == Some(number);
        if let Some(spot) = layout.spots[step.node].filter(|_| first) {
            let b = spot.bounds;
            let at = if spot.column.is_some() { (b.x1 + 3.0, b.y1 + 8.0) } else { (b.x0 - 2.0, b.y0 - 2.0) };
            taken.add(badge(&mut scene, at, number + 1));
        }
    }
    latencies(&mut scene, input, &layout, &routes, taken);
    tell_path(&mut scene, input, &steps);
    frame::finish(&mut scene, &input.frame, &notes);
    Ok(scene)
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
    let knew = |i: usize| {
        input.nodes[i].learned_us.is_some_and(|t| t.saturating_sub(input.origin_us) <= bins.last())
    };
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
    let style = Style::new(16.0, INK_SOFT).bold().halo(PANEL);
    let widest = input.columns.iter().map(|c| scene.width(c, style)).fold(0.0, f64::max);
    let pitch = layout.grid.pitch;
    let every = if widest <= 2.0 * pitch { ((widest + 2.0) / pitch).ceil().max(1.0) as usize } else { 2 };
    for tier in layout.tiers.iter().filter(|t| matches!(t.content, Content::Rows(_))) {
        for (column, title) in input.columns.iter().enumerate().step_by(every) {
            let left = layout.grid.gutter(column);
            if every == 1 {
                scene.label((left + pitch / 2.0, tier.y0 + 9.0), Anchor::Middle, style, title, pitch - 2.0);
            } else {
                let room = (pitch * every as f64 - 4.0).min(layout.grid.x1 - left);
                scene.label((left, tier.y0 + 9.0), Anchor::Start, style, title, room);
            }
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
    scene.tip(&format!("{}: {when}", data.title));
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
        // On the path the upper left corner carries a number.
        let room = b.width() - if strong { 32.0 } else { 10.0 };
        let name = halo(Style { bold: strong, ..Style::new(16.0, ink) });
        let name = if scene.width(&data.title, name) <= room { name } else { Style { bold: false, ..name } };
        let title = scene.either(&data.title, &data.short, name, room);
        scene.label((x, y - 10.0), Anchor::Middle, name, title, room);
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

/// Latencies at the lines, critical ones first, where there is room in the channels.
fn latencies(
    scene: &mut Scene,
    input: &PropagationInput,
    layout: &Layout,
    routes: &[Route],
    mut taken: Taken,
) {
    for tier in &layout.tiers {
        taken.add(Bounds { x0: 0.0, x1: RIGHT + 20.0, y0: tier.y0 - 1.0, y1: tier.y1 + 1.0 });
    }
    let within = Bounds { x0: GRID_LEFT, x1: RIGHT, y0: TOP + 24.0, y1: BOTTOM };
    // No label may cut a critical line but its own.
    let strong: Vec<(usize, Bounds)> = routes
        .iter()
        .filter(|r| input.edges[r.edge].critical)
        .flat_map(|r| r.points.windows(2).map(|w| (r.edge, around(w[0], w[1]))))
        .collect();
    for critical in [true, false] {
        for route in routes {
            let edge = &input.edges[route.edge];
            if edge.critical != critical || !(edge.critical || edge.label) {
                continue;
            }
            let ink = if critical { CRITICAL } else { INK_SOFT };
            let style = Style { bold: critical, ..Style::new(16.0, ink) };
            let text = format!("+{}", duration_short(edge.latency_us));
            let wide = scene.width(&text, style) + 24.0;
            let found = label_spots(layout, route, critical, wide).into_iter().find(|(at, anchor)| {
                let place = scene.text_bounds(*at, *anchor, style, &text).grown(-0.5);
                let cuts = |(e, b): &(usize, Bounds)| *e != route.edge && b.overlaps(&place.grown(3.0));
                within.contains(&place) && taken.is_free(&place) && !strong.iter().any(cuts)
            });
            if let Some((at, anchor)) = found {
                let place = scene.text_bounds(at, anchor, style, &text);
                scene.rounded(Bounds { x0: place.x0 - 4.0, x1: place.x1 + 4.0, ..place }, 4.0, PAPER);
                taken.add(scene.text(at, anchor, style, &text).grown(2.0));
            }
        }
    }
}

/// The room that a critical line takes between two points.
fn around(a: Point, b: Point) -> Bounds {
    Bounds { x0: a.0.min(b.0), x1: a.0.max(b.0), y0: a.1.min(b.1), y1: a.1.max(b.1) }.grown(5.0)
}

/// Where the latency of a line may stand: on its long sideways moves (critical lines only, thin ones share these) and
/// beside its upright parts in the channels, for thin lines only beside the last, which is theirs alone.
fn label_spots(layout: &Layout, route: &Route, critical: bool, wide: f64) -> Vec<(Point, Anchor)> {
    let mut spots = Vec::new();
    let last = route.points.len().saturating_sub(2);
    for (i, pair) in route.points.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        if critical && a.1 == b.1 && (a.0 - b.0).abs() > wide {
            spots.push((((a.0 + b.0) / 2.0, a.1 + 6.0), Anchor::Middle));
        }
        if a.0 == b.0 && (critical || i == last) {
            for (y0, y1) in &layout.channels {
                let (low, high) = (a.1.min(b.1).max(*y0), a.1.max(b.1).min(*y1));
                let least = if critical { 14.0 } else { 6.0 };
                if high - low > least {
                    let y = if critical { (low + high) / 2.0 } else { (y0 + y1) / 2.0 } + 4.5;
                    let gap = if critical { 11.0 } else { 6.0 };
                    spots.push(((a.0 + gap, y), Anchor::Start));
                    spots.push(((a.0 - gap, y), Anchor::End));
                }
            }
        }
    }
    spots
}
