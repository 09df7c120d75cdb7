//! Ways of the lines: straight down the gutters, sideways only in the channels between tiers.
//!
//! A line is a start, sideways moves (each in one channel) and an end. Moves of one channel that would lie on each
//! other get tracks of their own; all thin lines of one sender share a track, so a message to many reads as a bus.

use super::layout::{Content, Layout, Spot};
use crate::chart::input::{ArrivalEdge, PropagationInput};
use crate::chart::scene::Point;

/// Sideways from `from` to `to` in a channel.
#[derive(Clone, Copy, Debug)]
struct Move {
    channel: usize,
    from: f64,
    to: f64,
    /// Moves of the same bus may lie on each other.
    bus: usize,
}

/// A line before its tracks are known.
struct Way {
    edge: usize,
    start: Vec<Point>,
    moves: Vec<Move>,
    end: Vec<Point>,
}

/// A line as it is drawn.
pub(super) struct Route {
    /// Position in [`PropagationInput::edges`].
    pub edge: usize,
    pub points: Vec<Point>,
}

/// Routes all edges whose ends are shown, in the order of the input.
pub(super) fn routes(input: &PropagationInput, layout: &Layout) -> Vec<Route> {
    let spot = |node: usize| layout.spots.get(node).copied().flatten();
    let mut ways = Vec::new();
    for (i, edge) in input.edges.iter().enumerate() {
        let (Some(from), Some(to)) = (spot(edge.from), spot(edge.to)) else { continue };
        if edge.from == edge.to {
            continue;
        }
        // Buses of thin lines are named by the sender, critical lines each for themselves.
        let bus = if edge.critical { input.nodes.len() + i } else { edge.from };
        ways.push(way(layout, i, edge, &from, &to, bus));
    }
    let nodes = input.nodes.len();
    let tracks = tracks(&ways, layout.channels.len(), nodes);
    ways.iter().map(|w| Route { edge: w.edge, points: points(w, layout, &tracks, nodes) }).collect()
}

/// The side on which a line leaves or enters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
}

fn way(layout: &Layout, edge: usize, data: &ArrivalEdge, from: &Spot, to: &Spot, bus: usize) -> Way {
    let (out, into) = match from.tier.cmp(&to.tier) {
        std::cmp::Ordering::Less => (Side::Below, Side::Above),
        std::cmp::Ordering::Equal => (Side::Above, Side::Above),
        std::cmp::Ordering::Greater => (Side::Above, Side::Below),
    };
    let (x_out, mut start) = leave(layout, from, out, data.critical);
    let (x_in, mut end) = enter(layout, to, into, data.critical);
    let mut moves = Vec::new();
    // Two cells of one column in one tier: the gutter alone.
    if from.tier == to.tier && from.column.is_some() && x_out == x_in {
        return Way { edge, start, moves, end };
    }
    if let Some((start, end)) = data.critical.then(|| beside(layout, from, to)).flatten() {
        return Way { edge, start: vec![start], moves, end: vec![end] };
    }
    let channel_of = |tier: usize, side: Side| if side == Side::Above { tier } else { tier + 1 };
    let (mut channel, last) = (channel_of(from.tier, out), channel_of(to.tier, into));
    let mut x = x_out;
    while channel != last {
        // The tier to be crossed on the way to the next channel.
        let tier = if last < channel { channel - 1 } else { channel };
        let pass = if data.critical {
            gap(layout, tier, x, x_in)
        } else if to.column.is_some() {
            x_in
        } else {
            layout.grid.nearest_gutter(x_in)
        };
        moves.push(Move { channel, from: x, to: pass, bus });
        x = pass;
        channel = if last < channel { channel - 1 } else { channel + 1 };
    }
    moves.push(Move { channel, from: x, to: x_in, bus });
    if data.critical {
        straighten(from, to, &mut start, &mut moves, &mut end);
    }
    Way { edge, start, moves, end }
}

/// A box is as good a start or end anywhere along its edge: saves the bend next to it where the line meets it anyhow.
fn straighten(from: &Spot, to: &Spot, start: &mut [Point], moves: &mut [Move], end: &mut [Point]) {
    let within = |spot: &Spot, x: f64| spot.bounds.x0 + 16.0 <= x && x <= spot.bounds.x1 - 16.0;
    if let (None, Some(last), [point]) = (to.column, moves.last_mut(), end)
        && within(to, last.from)
    {
        last.to = last.from;
        point.0 = last.from;
    }
    if let (None, Some(first), [point]) = (from.column, moves.first_mut(), start)
        && within(from, first.to)
    {
        first.from = first.to;
        point.0 = first.to;
    }
}

/// The straight way between two boxes that stand side by side in a tier.
fn beside(layout: &Layout, from: &Spot, to: &Spot) -> Option<(Point, Point)> {
    if from.tier != to.tier || from.column.is_some() || to.column.is_some() {
        return None;
    }
    let (a, b) = (from.bounds, to.bounds);
    let (left, right) = if a.x0 < b.x0 { (a, b) } else { (b, a) };
    let between = |s: &Spot| s.tier == from.tier && s.bounds.x0 > left.x0 && s.bounds.x0 < right.x0;
    if right.x0 - left.x1 < 20.0 || layout.spots.iter().flatten().any(between) {
        return None;
    }
    let y = a.centre().1;
    if a.x0 < b.x0 { Some(((a.x1, y), (b.x0 - 3.0, y))) } else { Some(((a.x0, y), (b.x1 + 3.0, y))) }
}

/// Where a line leaves a node: its x in the channel, and the points before.
fn leave(layout: &Layout, spot: &Spot, side: Side, critical: bool) -> (f64, Vec<Point>) {
    let b = spot.bounds;
    let Some(column) = spot.column else {
        let x = b.centre().0 + if critical { 14.0 } else { 0.0 };
        return (x, vec![(x, if side == Side::Above { b.y0 } else { b.y1 })]);
    };
    let x = layout.grid.gutter(if critical { column + 1 } else { column });
    let edge = if critical { b.x1 } else { b.x0 };
    (x, vec![(edge, b.centre().1), (x, b.centre().1)])
}

/// Where a line enters a node: its x in the channel, and the points after.
fn enter(layout: &Layout, spot: &Spot, side: Side, critical: bool) -> (f64, Vec<Point>) {
    let b = spot.bounds;
    let Some(column) = spot.column else {
        let x = b.centre().0 - if critical { 14.0 } else { 0.0 };
        return (x, vec![(x, if side == Side::Above { b.y0 } else { b.y1 })]);
    };
    if critical && side == Side::Below && spot.open_below {
        let x = b.centre().0;
        return (x, vec![(x, b.y1 + 4.0)]);
    }
    let x = layout.grid.gutter(column);
    (x, vec![(x, b.centre().1), (b.x0 + if critical { 4.0 } else { 0.0 }, b.centre().1)])
}

/// The free x of a tier that makes the way from `x` to `goal` shortest.
fn gap(layout: &Layout, tier: usize, x: f64, goal: f64) -> f64 {
    let candidates: Vec<f64> = match &layout.tiers[tier].content {
        Content::Rows(_) => (0..=layout.grid.columns).map(|c| layout.grid.gutter(c)).collect(),
        Content::Boxes(nodes) => {
            let bounds: Vec<_> = nodes.iter().filter_map(|n| layout.spots[*n]).map(|s| s.bounds).collect();
            let mut edges: Vec<(f64, f64)> = bounds.iter().map(|b| (b.x0, b.x1)).collect();
            edges.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut free: Vec<f64> = edges.windows(2).map(|w| (w[0].1 + w[1].0) / 2.0).collect();
            free.extend(edges.first().map(|e| e.0 - 6.0));
            free.extend(edges.last().map(|e| e.1 + 6.0));
            // In wide gaps the line need not bend at all.
            let clear = |x: f64| edges.iter().all(|e| x < e.0 - 6.0 || x > e.1 + 6.0);
            free.extend([x, goal].into_iter().filter(|x| clear(*x)));
            free
        }
    };
    let detour = |c: f64| (c - x).abs() + (c - goal).abs() + (c - goal).abs() * 0.01;
    candidates.into_iter().min_by(|a, b| detour(*a).total_cmp(&detour(*b))).unwrap_or(goal)
}

/// By channel: each bus with its stretch and track, and the numbers of thin and of critical tracks.
type Tracks = Vec<(Vec<(usize, f64, f64, usize)>, [usize; 2])>;

fn tracks(ways: &[Way], channels: usize, nodes: usize) -> Tracks {
    let mut out: Tracks = vec![(Vec::new(), [0; 2]); channels];
    for way in ways {
        for m in way.moves.iter().filter(|m| m.from != m.to) {
            let (low, high) = (m.from.min(m.to), m.from.max(m.to));
            let buses = &mut out[m.channel].0;
            match buses.iter_mut().find(|b| b.0 == m.bus) {
                Some(bus) => (bus.1, bus.2) = (bus.1.min(low), bus.2.max(high)),
                None => buses.push((m.bus, low, high, 0)),
            }
        }
    }
    for (buses, n) in &mut out {
        // Long buses first, so that short ones fill the rest of a track. Critical lines lie over the thin ones and
        // have tracks of their own.
        buses.sort_by(|a, b| (b.2 - b.1).total_cmp(&(a.2 - a.1)).then(a.0.cmp(&b.0)));
        for strong in [false, true] {
            let mut placed: Vec<(f64, f64, usize)> = Vec::new();
            for bus in buses.iter_mut().filter(|b| (b.0 >= nodes) == strong) {
                let clash =
                    |t: usize| placed.iter().any(|p| p.2 == t && bus.1 - 8.0 < p.1 && p.0 < bus.2 + 8.0);
                bus.3 = (0..).find(|t| !clash(*t)).unwrap_or(0);
                placed.push((bus.1, bus.2, bus.3));
                n[usize::from(strong)] = n[usize::from(strong)].max(bus.3 + 1);
            }
        }
    }
    out
}

fn points(way: &Way, layout: &Layout, tracks: &Tracks, nodes: usize) -> Vec<Point> {
    let mut points = way.start.clone();
    for m in way.moves.iter().filter(|m| m.from != m.to) {
        let (y0, y1) = layout.channels[m.channel];
        let (buses, n) = &tracks[m.channel];
        let track = buses.iter().find(|b| b.0 == m.bus).map_or(0, |b| b.3);
        let strong = m.bus >= nodes;
        let share = match n[usize::from(strong)] {
            // Most facts rise: below the middle there is more room for the arrowhead.
            1 if strong => 0.58,
            n => (track + 1) as f64 / (n + 1) as f64,
        };
        let y = y0 + (y1 - y0) * share;
        points.push((m.from, y));
        points.push((m.to, y));
    }
    points.extend(&way.end);
    points.dedup();
    points
}
