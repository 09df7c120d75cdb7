//! The critical path: its steps, their numbers in the graph, and the strip at the foot that tells it in words.

use super::GRID_LEFT;
use crate::chart::frame::{BOTTOM, MARGIN, RIGHT};
use crate::chart::input::PropagationInput;
use crate::chart::palette::{CRITICAL, INK, INK_SOFT, PAPER};
use crate::chart::scene::{Anchor, Bounds, Scene, Style};
use crate::chart::words::{duration_short, utc};

/// Height of the strip that tells the critical path.
pub(super) const STRIP: f64 = 74.0;
/// Steps of the path told at most.
const MAX_STEPS: usize = 8;
/// A numbered mark of the critical path; returns its place.
pub(super) fn badge(scene: &mut Scene, at: (f64, f64), number: usize) -> Bounds {
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
pub(super) struct Step {
    pub(super) node: usize,
    pub(super) latency_us: Option<i64>,
}

/// The critical edges as a walk, in the order of the input; a break in it begins a new piece.
pub(super) fn critical_steps(input: &PropagationInput) -> Vec<Step> {
    let n = input.nodes.len();
    let mut steps: Vec<Step> = Vec::new();
    for edge in input.edges.iter().filter(|e| e.critical && e.from != e.to && e.from < n && e.to < n) {
        if steps.last().is_none_or(|s| s.node != edge.from) {
            steps.push(Step { node: edge.from, latency_us: None });
        }
        steps.push(Step { node: edge.to, latency_us: Some(edge.latency_us) });
    }
    steps
}

/// The critical path in words at the foot: who knew when, and what each step took.
pub(super) fn tell_path(scene: &mut Scene, input: &PropagationInput, steps: &[Step]) {
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
    let arrow = 88.0;
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
            scene.arrow(vec![(x - arrow + 4.0, y + 8.0), (x - 4.0, y + 8.0)], 4.0, 14.0, CRITICAL);
            let style = Style::new(16.0, CRITICAL).bold();
            let text = format!("+{}", duration_short(latency));
            // The badge of the next box reaches into the gap.
            scene.label((x - arrow / 2.0 - 6.0, y - 9.0), Anchor::Middle, style, &text, arrow - 18.0);
        }
        let node = &input.nodes[step.node];
        scene.boxed(b, 5.0, PAPER, CRITICAL, 2.0);
        let mark = badge(scene, (b.x0 + 2.0, b.y0 + 14.0), number + 1);
        let name = Style::new(16.0, INK).bold();
        let room = b.x1 - mark.x1 - 10.0;
        let name = if scene.width(&node.title, name) <= room { name } else { Style { bold: false, ..name } };
        let title = scene.either(&node.title, &node.short, name, room);
        scene.label((mark.x1 + 5.0, b.y0 + 14.0), Anchor::Start, name, title, room);
        let text = node.learned_us.map_or("not reached".to_owned(), |t| {
            let after = duration_short(t.saturating_sub(input.origin_us));
            let clock = utc(&input.frame, t);
            let long = format!("+{after} · {}", clock.stamp());
            let short = format!("+{after} · {:02}:{:02}", clock.hour, clock.minute);
            let fits = |text: &str| scene.width(text, Style::new(16.0, INK)) <= width - 18.0;
            if fits(&long) {
                long
            } else if fits(&short) {
                short
            } else {
                format!("+{after}")
            }
        });
        scene.label((b.x0 + 14.0, b.y1 - 13.0), Anchor::Start, Style::new(16.0, INK), &text, width - 18.0);
    }
}
