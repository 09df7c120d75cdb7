//! What stands above the lanes: the key, the milestones and the modes of the networks.

use super::bar;
use crate::chart::axis::{self, TimeScale};
use crate::chart::frame::{MARGIN, RIGHT, TOP};
use crate::chart::input::{MilestoneMark, ModeStrip, Phase, TimelineInput};
use crate::chart::palette::{CRITICAL, INK, INK_SOFT, OBSERVED, PAPER, RULE_STRONG, Rgb, mix, rung, text_on};
use crate::chart::scene::{Anchor, Bounds, Scene, Style, Taken};
use crate::chart::words::{duration_short, plural};

/// Height of a row of milestones.
pub(super) const MILESTONE_ROW: f64 = 23.0;
/// Rows of milestones at most.
const MILESTONE_ROWS: usize = 6;
/// The line under the subtitle that says what the marks mean.
pub(super) fn key(scene: &mut Scene, input: &TimelineInput) {
    let y = TOP + 8.0;
    let style = Style::new(16.0, INK_SOFT);
    let grey = mix(RULE_STRONG, INK, 0.25);
    let mut x = MARGIN;
    for (phase, words) in
        [(Phase::Working, "working"), (Phase::Waiting, "waiting"), (Phase::OffDuty, "off duty")]
    {
        bar(scene, Bounds::new(x, y - 7.0, 34.0, 14.0), phase, grey);
        x = scene.label((x + 41.0, y), Anchor::Start, style, words, 100.0).x1 + 24.0;
    }
    if input.messages.iter().any(|m| m.key) {
        scene.arrow(vec![(x, y), (x + 36.0, y)], 3.0, 13.0, CRITICAL);
        x = scene.label((x + 43.0, y), Anchor::Start, style, "key message", 200.0).x1 + 24.0;
    }
    if input.messages.iter().any(|m| !m.key) {
        scene.arrow(vec![(x, y), (x + 30.0, y)], 1.2, 8.0, RULE_STRONG);
        x = scene.label((x + 37.0, y), Anchor::Start, style, "other message", 200.0).x1 + 24.0;
    }
    if !input.milestones.is_empty() {
        diamond(scene, (x + 7.0, y), INK);
        x = scene.label((x + 20.0, y), Anchor::Start, style, "milestone, simulated", 300.0).x1 + 24.0;
        observed(scene, (x, x + 30.0), y);
        scene.label((x + 44.0, y), Anchor::Start, style, "observed", 200.0);
    }
    axis::shade_key(scene, &input.frame, RIGHT, y);
}

/// A milestone and where it goes.
pub(super) struct Packed {
    simulated: Option<f64>,
    observed: Option<(f64, f64)>,
    pub(super) row: usize,
    text: String,
    anchor: Anchor,
    text_x: f64,
}

/// Gives each milestone the first row in which marks and label are free.
pub(super) fn pack_milestones(
    scene: &Scene,
    input: &TimelineInput,
    scale: &TimeScale,
    plot: &Bounds,
    notes: &mut Vec<String>,
) -> Vec<Packed> {
    let mut marks: Vec<&MilestoneMark> = Vec::new();
    let mut unseen = 0;
    for mark in &input.milestones {
        let shown = mark.simulated_us.is_some_and(|t| scale.shows(t))
            || mark.observed_us.is_some_and(|(a, b)| scale.meets(a, b));
        if shown { marks.push(mark) } else { unseen += 1 }
    }
    if unseen > 0 {
        notes.push(format!("{} not in this time", plural(unseen, "milestone")));
    }
    marks.sort_by_key(|m| m.simulated_us.or(m.observed_us.map(|o| o.0)));
    let mut rows: Vec<Taken> = Vec::new();
    let mut packed = Vec::new();
    let mut unlabelled = 0;
    for mark in marks {
        match (0..MILESTONE_ROWS).find_map(|row| {
            if rows.len() <= row {
                rows.push(Taken::default());
            }
            pack_one(scene, mark, scale, plot, row, &mut rows[row])
        }) {
            Some(place) => packed.push(place),
            None => unlabelled += 1,
        }
    }
    if unlabelled > 0 {
        notes.push(format!("{} without room", plural(unlabelled, "milestone")));
    }
    packed
}

/// Tries to put a milestone into a row, its label right or left of its marks.
pub(super) fn pack_one(
    scene: &Scene,
    mark: &MilestoneMark,
    scale: &TimeScale,
    plot: &Bounds,
    row: usize,
    taken: &mut Taken,
) -> Option<Packed> {
    let simulated = mark.simulated_us.filter(|t| scale.shows(*t)).map(|t| scale.x(t));
    let observed = mark
        .observed_us
        .filter(|(a, b)| scale.meets(*a, *b))
        .map(|(a, b)| (scale.x(a.min(b)), scale.x(a.max(b))));
    let ends = [simulated, simulated, observed.map(|o| o.0), observed.map(|o| o.1)];
    let (mut low, mut high) = (f64::MAX, f64::MIN);
    for x in ends.into_iter().flatten() {
        (low, high) = (low.min(x - 9.0), high.max(x + 9.0));
    }
    let when = match mark.simulated_us {
        Some(t) => format!("+{}", duration_short(t)),
        None => "not reached".to_owned(),
    };
    let style = Style::new(16.0, INK);
    let text = scene.fit(&mark.title, style, 300.0) + " · " + &when;
    let width = scene.width(&text, style);
    for (anchor, text_x) in [(Anchor::Start, high + 4.0), (Anchor::End, low - 4.0)] {
        let (x0, x1) = match anchor {
            Anchor::Start => (low, text_x + width + 10.0),
            _ => (text_x - width - 10.0, high),
        };
        let room = Bounds { x0, x1, y0: 0.0, y1: 1.0 };
        if x0 >= plot.x0 - 12.0 && x1 <= plot.x1 + 20.0 && taken.is_free(&room) {
            taken.add(room);
            return Some(Packed { simulated, observed, row, text, anchor, text_x });
        }
    }
    None
}

/// A faint line from a milestone down to the axis.
pub(super) fn guide(scene: &mut Scene, p: &Packed, plot: &Bounds) {
    if let Some(x) = p.simulated {
        let y = plot.y0 + (p.row as f64 + 0.5) * MILESTONE_ROW;
        scene.dashed(vec![(x, y), (x, plot.y1)], 1.0, RULE_STRONG, (3.0, 4.0));
    }
}

pub(super) fn milestones(scene: &mut Scene, packed: &[Packed], plot: &Bounds) {
    for p in packed {
        let y = plot.y0 + (p.row as f64 + 0.5) * MILESTONE_ROW;
        if let Some(ends) = p.observed {
            observed(scene, ends, y);
        }
        if let Some(x) = p.simulated {
            diamond(scene, (x, y), INK);
        }
        let style = Style::new(16.0, INK).halo(PAPER);
        scene.label((p.text_x, y), p.anchor, style, &p.text, 600.0);
    }
}

pub(super) fn diamond(scene: &mut Scene, (x, y): (f64, f64), ink: Rgb) {
    for (r, fill) in [(9.0, PAPER), (7.0, ink)] {
        scene.polygon(vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill);
    }
}

/// A hollow bar from the earliest to the latest possible instant; a hollow diamond where both are one.
pub(super) fn observed(scene: &mut Scene, (x0, x1): (f64, f64), y: f64) {
    if x1 - x0 < 10.0 {
        let x = (x0 + x1) / 2.0;
        for (r, fill) in [(8.0, OBSERVED), (5.0, PAPER)] {
            scene.polygon(vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill);
        }
    } else {
        scene.boxed(Bounds { x0, x1, y0: y - 6.0, y1: y + 6.0 }, 2.0, PAPER, OBSERVED, 2.0);
    }
}

pub(super) fn mode_strip(scene: &mut Scene, strip: &ModeStrip, scale: &TimeScale, bounds: &Bounds) {
    let middle = bounds.centre().1;
    let name = Style::new(16.0, INK_SOFT);
    scene.label((MARGIN, middle), Anchor::Start, name, &strip.title, bounds.x0 - MARGIN - 12.0);
    for (i, &(from, mode)) in strip.steps.iter().enumerate() {
        let to = strip.steps.get(i + 1).map_or(i64::MAX, |next| next.0);
        if !scale.meets(from, to) || from >= to {
            continue;
        }
        let fill = rung(mode, strip.ladder.len());
        let part = Bounds { x0: scale.x(from), x1: scale.x(to), ..*bounds };
        if part.width() < 1.0 {
            continue;
        }
        scene.rect(part, fill);
        let title = strip.ladder.get(mode).map_or("", String::as_str);
        scene.tip(&format!("{}: {title}", strip.title));
        if i > 0 {
            scene.rect(Bounds { x1: part.x0 + 2.0, ..part }, INK);
        }
        let style = Style { bold: mode > 0, ..Style::new(16.0, text_on(fill)) };
        if scene.width(title, style) + 14.0 <= part.width() {
            scene.label((part.x0 + 9.0, middle), Anchor::Start, style, title, part.width());
        }
    }
}
