//! The colour scale of times, and its words above the graph.

use crate::chart::frame::{MARGIN, RIGHT, TOP};
use crate::chart::input::PropagationInput;
use crate::chart::palette::{CRITICAL, INK, INK_SOFT, PAPER, RULE, RULE_STRONG, Rgb, text_on, time_bin};
use crate::chart::scene::{Anchor, Bounds, Scene, Style};
use crate::chart::words::{HOUR, duration_short};

/// Colour bins at most.
const MAX_BINS: usize = 9;

/// The colour scale of times.
pub(super) struct Bins {
    /// Upper ends after the origin (µs), ascending, whole.
    ends: Vec<i64>,
    /// Whether somebody learned after the last end.
    beyond: bool,
}

impl Bins {
    pub(super) fn new(input: &PropagationInput) -> Self {
        let mut ends: Vec<i64> = input.bins_us.iter().copied().filter(|b| *b > 0).collect();
        if ends.is_empty() {
            ends = [1, 3, 6, 12, 24, 48, 72].map(|h| h * HOUR).to_vec();
        }
        ends.sort_unstable();
        ends.dedup();
        ends.truncate(MAX_BINS - 1);
        let last = ends.last().copied().unwrap_or(0);
        let beyond = input
            .nodes
            .iter()
            .any(|n| n.learned_us.is_some_and(|t| t.saturating_sub(input.origin_us) > last));
        Bins { ends, beyond }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len() + usize::from(self.beyond)
    }

    /// By when reached counts are stated (µs after the origin).
    pub(super) fn last(&self) -> i64 {
        self.ends.last().copied().unwrap_or(0)
    }

    pub(super) fn colour(&self, after_us: i64) -> Rgb {
        let bin = self.ends.partition_point(|end| *end <= after_us);
        time_bin(bin.min(self.len() - 1), self.len())
    }

    /// The scale itself, above the graph, with its words inside.
    pub(super) fn legend(&self, scene: &mut Scene, input: &PropagationInput) {
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
pub(super) fn swatch(scene: &mut Scene, x: f64, y: f64, fill: Rgb, text: &str) -> f64 {
    let style = Style::new(16.0, text_on(fill)).bold();
    let width = scene.width(text, style) + 22.0;
    let b = Bounds::new(x, y - 12.0, width, 24.0);
    scene.rect(b, fill);
    scene.label(b.centre(), Anchor::Middle, style, text, width);
    b.x1 + 2.0
}

/// The look of what was not reached: white, hatched, rimmed.
pub(super) fn unreached(scene: &mut Scene, b: Bounds) {
    scene.boxed(b, 0.0, PAPER, RULE_STRONG, 1.0);
    scene.hatch(b.grown(-1.0), 6.0, 1.2, RULE);
}
