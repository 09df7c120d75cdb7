//! Where the nodes of the propagation chart stand: tiers from top to bottom, channels for lines between them.
//!
//! A layer is a tier of boxes (or two, where there are many) and a tier that holds its rows of the matrix. All tiers
//! share one grid of columns, so a state stands at the same x everywhere and lines run straight in the gutters.

use crate::chart::input::{Place, PropagationInput};
use crate::chart::scene::Bounds;
use crate::chart::words::plural;

/// Height of the column titles over the rows of a matrix tier.
pub(super) const HEADER: f64 = 20.0;
/// Height of a box: two lines of text.
const BOX: f64 = 45.0;
/// Free space between boxes of a tier, at least.
const BOX_GAP: f64 = 26.0;
/// Least width of a box.
const BOX_WIDTH: f64 = 118.0;
/// Free space between rows of the matrix.
const ROW_GAP: f64 = 3.0;
/// Width of the gutter between columns.
const GUTTER: f64 = 6.0;
/// Least and greatest height of a matrix row.
const ROW: (f64, f64) = (22.0, 34.0);
/// Height of the free space below the last tier, where no line runs.
const FOOT: f64 = 6.0;
/// Least, wished and greatest height of a channel.
const CHANNEL: (f64, f64, f64) = (10.0, 30.0, 44.0);

/// The columns that all tiers share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub x0: f64,
    pub x1: f64,
    pub pitch: f64,
    pub columns: usize,
}

impl Grid {
    /// Middle of the gutter left of a column; the last one stands right of all columns.
    pub(super) fn gutter(&self, column: usize) -> f64 {
        self.x0 + column.min(self.columns) as f64 * self.pitch
    }

    /// The gutter nearest to x.
    pub(super) fn nearest_gutter(&self, x: f64) -> f64 {
        let steps = ((x - self.x0) / self.pitch).round().clamp(0.0, self.columns as f64);
        self.x0 + steps * self.pitch
    }
}

/// What a tier holds.
#[derive(Debug)]
pub(super) enum Content {
    /// Nodes as boxes, from left to right.
    Boxes(Vec<usize>),
    /// Rows of the matrix, positions in the input.
    Rows(Vec<usize>),
}

/// A horizontal band of the chart.
#[derive(Debug)]
pub(super) struct Tier {
    pub layer: usize,
    pub content: Content,
    pub y0: f64,
    pub y1: f64,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub tier: usize,
    pub bounds: Bounds,
    /// Its column, for a cell of the matrix.
    pub column: Option<usize>,
    /// Whether nothing of its tier lies below it.
    pub open_below: bool,
}

/// The whole arrangement.
pub(super) struct Layout {
    pub grid: Grid,
    pub tiers: Vec<Tier>,
    /// By node; `None`: not shown.
    pub spots: Vec<Option<Spot>>,
    /// Channel `k` lies above tier `k`; one more lies below the last.
    pub channels: Vec<(f64, f64)>,
    pub row_height: f64,
}

/// Arranges the nodes inside `area`; says in `notes` what had no room.
pub(super) fn arrange(input: &PropagationInput, area: &Bounds, notes: &mut Vec<String>) -> Layout {
    let columns = input.columns.len();
    let pitch = (area.width() / columns.max(1) as f64).min(96.0);
    let width = if columns == 0 { area.width() } else { pitch * columns as f64 };
    let grid = Grid { x0: area.x0, x1: area.x0 + width, pitch, columns };
    let (mut tiers, heights) = stack(input, area, notes);
    let (row_height, channel) = heights;
    let height_of = |t: &Tier| match &t.content {
        Content::Boxes(_) => BOX,
        Content::Rows(rows) => HEADER + rows.len() as f64 * row_height,
    };
    let used: f64 = tiers.iter().map(height_of).sum::<f64>() + channel * tiers.len() as f64 + FOOT;
    let mut y = area.y0 + ((area.height() - used) / 2.0).max(0.0);
    let mut channels = Vec::with_capacity(tiers.len() + 1);
    for tier in &mut tiers {
        channels.push((y, y + channel));
        tier.y0 = y + channel;
        tier.y1 = tier.y0 + height_of(tier);
        y = tier.y1;
    }
    channels.push((y, y + FOOT));
    let mut layout = Layout { grid, tiers, spots: vec![None; input.nodes.len()], channels, row_height };
    place_cells(input, &mut layout);
    place_boxes(input, &mut layout, area);
    layout
}

/// Most boxes in a tier.
fn boxes_per_tier(area: &Bounds) -> usize {
    ((area.width() / (BOX_WIDTH + BOX_GAP)) as usize).max(1)
}

/// The tiers in order, without places, and the heights of rows and channels that make them fit.
fn stack(input: &PropagationInput, area: &Bounds, notes: &mut Vec<String>) -> (Vec<Tier>, (f64, f64)) {
    let layers = input.layers.len().max(1);
    let critical = |i: usize| input.edges.iter().any(|e| e.critical && (e.from == i || e.to == i));
    let mut boxes: Vec<Vec<usize>> = vec![Vec::new(); layers];
    for (i, node) in input.nodes.iter().enumerate() {
        if let Place::Layer(layer) = node.place {
            boxes[layer.min(layers - 1)].push(i);
        }
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layers];
    if !input.columns.is_empty() {
        for (i, row) in input.rows.iter().enumerate() {
            rows[row.layer.min(layers - 1)].push(i);
        }
    }
    let per_tier = boxes_per_tier(area);
    let mut box_tiers: Vec<usize> = boxes.iter().map(|b| b.len().div_ceil(per_tier)).collect();
    let need = |box_tiers: &[usize], rows: &[Vec<usize>], row: f64, channel: f64| {
        let boxes: usize = box_tiers.iter().sum();
        let matrices = rows.iter().filter(|r| !r.is_empty()).count();
        let lines: usize = rows.iter().map(Vec::len).sum();
        boxes as f64 * BOX
            + matrices as f64 * HEADER
            + lines as f64 * row
            + (boxes + matrices) as f64 * channel
            + FOOT
    };
    let mut hidden_rows = 0;
    while need(&box_tiers, &rows, ROW.0, CHANNEL.0) > area.height() {
        if let Some(most) = box_tiers.iter_mut().filter(|n| **n > 1).max() {
            *most -= 1;
        } else if let Some(most) = rows.iter_mut().max_by_key(|r| r.len()).filter(|r| !r.is_empty()) {
            most.pop();
            hidden_rows += 1;
        } else {
            break;
        }
    }
    let (mut row, mut channel) = (ROW.1, CHANNEL.1);
    while row > ROW.0 && need(&box_tiers, &rows, row, channel) > area.height() {
        row -= 0.5;
    }
    while channel > CHANNEL.0 && need(&box_tiers, &rows, row, channel) > area.height() {
        channel -= 0.5;
    }
    while channel < CHANNEL.2 && need(&box_tiers, &rows, row, channel + 0.5) <= area.height() {
        channel += 0.5;
    }
    let mut tiers = Vec::new();
    let mut hidden = 0;
    for layer in 0..layers {
        let mut kept = std::mem::take(&mut boxes[layer]);
        let room = box_tiers[layer] * per_tier;
        if kept.len() > room {
            hidden += kept.len() - room;
            kept.sort_by_key(|&i| (!critical(i), input.nodes[i].learned_us.is_none(), i));
            kept.truncate(room);
            kept.sort_unstable();
        }
        let each = kept.len().div_ceil(box_tiers[layer].max(1)).max(1);
        for chunk in kept.chunks(each) {
            tiers.push(Tier { layer, content: Content::Boxes(chunk.to_vec()), y0: 0.0, y1: 0.0 });
        }
        if !rows[layer].is_empty() {
            let rows = std::mem::take(&mut rows[layer]);
            tiers.push(Tier { layer, content: Content::Rows(rows), y0: 0.0, y1: 0.0 });
        }
    }
    if hidden > 0 {
        notes.push(format!("{} not shown", plural(hidden, "more actor")));
    }
    if hidden_rows > 0 {
        notes.push(format!("{} not shown", plural(hidden_rows, "role")));
    }
    (tiers, (row, channel))
}

fn place_cells(input: &PropagationInput, layout: &mut Layout) {
    let half = GUTTER.min(layout.grid.pitch / 4.0) / 2.0;
    for (tier_index, tier) in layout.tiers.iter().enumerate() {
        let Content::Rows(rows) = &tier.content else { continue };
        for (i, node) in input.nodes.iter().enumerate() {
            let Place::Cell { row, column } = node.place else { continue };
            let Some(at) = rows.iter().position(|r| *r == row).filter(|_| column < layout.grid.columns)
            else {
                continue;
            };
            let y0 = tier.y0 + HEADER + at as f64 * layout.row_height;
            let bounds = Bounds {
                x0: layout.grid.gutter(column) + half,
                x1: layout.grid.gutter(column + 1) - half,
                y0,
                y1: y0 + layout.row_height - ROW_GAP,
            };
            let open_below = at + 1 == rows.len();
            layout.spots[i] = Some(Spot { tier: tier_index, bounds, column: Some(column), open_below });
        }
    }
}

/// Spreads boxes over the width; where there are few, each stands at the x of the cell that it is linked with.
fn place_boxes(input: &PropagationInput, layout: &mut Layout, area: &Bounds) {
    for tier_index in 0..layout.tiers.len() {
        let tier = &layout.tiers[tier_index];
        let Content::Boxes(nodes) = &tier.content else { continue };
        let share = area.width() / nodes.len().max(1) as f64;
        let width = (share - BOX_GAP).min(176.0);
        let mut centres: Vec<(f64, usize)> = nodes
            .iter()
            .enumerate()
            .map(|(k, &node)| {
                let even = area.x0 + share * (k as f64 + 0.5);
                let wished = if nodes.len() <= 4 { linked_x(input, layout, node) } else { None };
                (wished.unwrap_or(even), node)
            })
            .collect();
        centres.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let step = width + BOX_GAP;
        let (low, high) = (area.x0 + width / 2.0, area.x1 - width / 2.0);
        for k in 0..centres.len() {
            let left = if k == 0 { low } else { centres[k - 1].0 + step };
            centres[k].0 = centres[k].0.max(left);
        }
        for k in (0..centres.len()).rev() {
            let right = if k + 1 == centres.len() { high } else { centres[k + 1].0 - step };
            centres[k].0 = centres[k].0.min(right);
        }
        let (y0, y1) = (tier.y0, tier.y1);
        for (x, node) in centres {
            let bounds = Bounds { x0: x - width / 2.0, x1: x + width / 2.0, y0, y1 };
            layout.spots[node] = Some(Spot { tier: tier_index, bounds, column: None, open_below: true });
        }
    }
}

/// The x of the cell that a box is linked with, the critical link first.
fn linked_x(input: &PropagationInput, layout: &Layout, node: usize) -> Option<f64> {
    let mut cells: Vec<(bool, f64)> = Vec::new();
    for edge in &input.edges {
        let other = match edge {
            e if e.from == node => e.to,
            e if e.to == node => e.from,
            _ => continue,
        };
        if let Some(Some(spot)) = layout.spots.get(other).filter(|s| s.is_some_and(|s| s.column.is_some())) {
            cells.push((edge.critical, spot.bounds.centre().0));
        }
    }
    // A body linked with many cells belongs to none of them.
    if cells.len() > 3 {
        return None;
    }
    cells.iter().find(|c| c.0).or(cells.first()).map(|c| c.1)
}
