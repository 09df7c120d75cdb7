//! The map: where the incident was, and where the news was, at up to six instants.
//!
//! Each panel is a tile-grid map: a tile a state, near where it lies. The fill says how many of the state's bodies knew
//! the fact, the number in the corner how many of its operators had been hit. A state that was hit while nobody there
//! knew has a strong rim: there the incident was ahead.

use super::frame::{self, BOTTOM, MARGIN, RIGHT, TOP};
use super::input::{MapInput, MapTile};
use super::palette::{
    ACTIVE, ACTIVE_TEXT, CRITICAL, INK, INK_SOFT, PANEL, PAPER, RULE_STRONG, Rgb, mix, text_on,
};
use super::scene::{Anchor, Bounds, Scene, Style};
use super::words::{count, duration_short, plural, utc};
use super::{ChartError, raster, svg as writer};

/// Panels side by side.
const COLUMNS: usize = 3;
/// Most panels.
pub const MOST_PANELS: usize = 6;
/// Height of the two lines over a panel.
const HEADING: f64 = 50.0;
/// Space between panels: sideways, and between their rows.
const GAP: (f64, f64) = (14.0, 22.0);
/// Space between tiles.
const SEAM: f64 = 1.5;
/// Fill of a state in which everybody knew.
const KNOWN: Rgb = [0, 84, 135];
/// Fill of a state in which one body of many knew.
const HARDLY: Rgb = [190, 216, 236];

/// The chart as an SVG document.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read.
pub fn svg(input: &MapInput) -> Result<String, ChartError> {
    Ok(writer::write(&scene(input)?))
}

/// The chart as PNG at twice the logical size.
///
/// # Errors
/// [`ChartError`] if the embedded fonts cannot be read or the encoder fails.
pub fn png(input: &MapInput) -> Result<Vec<u8>, ChartError> {
    raster::write(&scene(input)?)
}

pub(super) fn scene(input: &MapInput) -> Result<Scene, ChartError> {
    let mut scene = frame::begin(&input.frame)?;
    let whole = Bounds { x0: MARGIN, y0: TOP + 26.0, x1: RIGHT, y1: BOTTOM - 6.0 };
    let steps = &input.steps_us[..input.steps_us.len().min(MOST_PANELS)];
    if input.tiles.is_empty() || steps.is_empty() {
        frame::nothing(&mut scene, whole, "no state has a place on the map, or nothing happened");
        frame::finish(&mut scene, &input.frame, &[]);
        return Ok(scene);
    }
    key(&mut scene, input);
    let columns = steps.len().min(COLUMNS);
    let rows = steps.len().div_ceil(COLUMNS);
    let width = (whole.width() - GAP.0 * (columns - 1) as f64) / columns as f64;
    let height = (whole.height() - GAP.1 * (rows - 1) as f64) / rows as f64;
    for (at, &step) in steps.iter().enumerate() {
        let (column, row) = (at % COLUMNS, at / COLUMNS);
        let x = whole.x0 + column as f64 * (width + GAP.0);
        let y = whole.y0 + row as f64 * (height + GAP.1);
        panel(&mut scene, input, step, Bounds::new(x, y, width, height));
    }
    frame::finish(&mut scene, &input.frame, &[]);
    Ok(scene)
}

/// The line under the subtitle.
fn key(scene: &mut Scene, input: &MapInput) {
    let y = TOP + 8.0;
    let style = Style::new(16.0, INK_SOFT);
    let most = input.tiles.iter().map(|t| t.learned_us.len()).max().unwrap_or(0);
    let mut x = MARGIN;
    let mut swatch = |scene: &mut Scene, fill: Rgb, words: &str| {
        scene.boxed(Bounds::new(x, y - 8.0, 26.0, 16.0), 2.0, fill, RULE_STRONG, 1.0);
        x = scene.label((x + 34.0, y), Anchor::Start, style, words, 320.0).x1 + 24.0;
    };
    swatch(scene, PAPER, "nobody there knew");
    if most > 1 {
        swatch(scene, fill(1, most), "one body knew");
    }
    swatch(scene, KNOWN, &if most > 1 { format!("all {most} bodies knew") } else { "knew".to_owned() });
    let pill = scene.width("12", Style::new(16.0, PAPER).bold()) + 10.0;
    scene.rounded(Bounds::new(x, y - 9.0, pill, 18.0), 4.0, ACTIVE_TEXT);
    scene.label((x + pill / 2.0, y), Anchor::Middle, Style::new(16.0, PAPER).bold(), "12", pill);
    x = scene.label((x + pill + 8.0, y), Anchor::Start, style, "operators hit so far", 300.0).x1 + 24.0;
    let rim = Bounds::new(x + 2.0, y - 8.0, 26.0, 16.0);
    scene.rounded(rim.grown(3.0), 4.0, CRITICAL);
    scene.rounded(rim, 2.0, PAPER);
    scene.label((x + 38.0, y), Anchor::Start, style, "hit before anybody there knew", 320.0);
}

/// The map at one instant.
fn panel(scene: &mut Scene, input: &MapInput, step: i64, area: Bounds) {
    let at = input.origin_us.saturating_add(step);
    let after = Style::new(22.0, INK).bold();
    let place = scene.label(
        (area.x0, area.y0 + 10.0),
        Anchor::Start,
        after,
        &format!("+{}", duration_short(step)),
        area.width() / 2.0,
    );
    let clock = format!("{} UTC", utc(&input.frame, at).stamp());
    let room = area.x1 - place.x1 - 12.0;
    scene.label((area.x1, area.y0 + 10.0), Anchor::End, Style::new(16.0, INK_SOFT), &clock, room);
    let count_of = |holds: &dyn Fn(&MapTile) -> bool| input.tiles.iter().filter(|t| holds(t)).count();
    let hit = count_of(&|t| t.hit(at) > 0);
    let operators: u64 = input.tiles.iter().map(|t| t.hit(at) as u64).sum();
    let aware = count_of(&|t| t.aware(at) > 0);
    let words = format!(
        "{} hit ({}) · in {aware} somebody knew",
        plural(hit, "state"),
        if operators == 1 { "1 operator".to_owned() } else { format!("{} operators", count(operators)) }
    );
    scene.label((area.x0, area.y0 + 34.0), Anchor::Start, Style::new(16.0, INK_SOFT), &words, area.width());
    let ground = Bounds { y0: area.y0 + HEADING, ..area };
    scene.rounded(ground, 6.0, PANEL);
    let inner = ground.grown(-4.0);
    let extent = |of: fn(&MapTile) -> u32| {
        let all = || input.tiles.iter().map(of);
        let first = all().min().unwrap_or(0);
        (first, f64::from(all().max().unwrap_or(0) - first) + 1.0)
    };
    let ((left, columns), (top, rows)) = (extent(|t| t.column), extent(|t| t.row));
    let (wide, high) = ((inner.width() / columns).min(90.0), (inner.height() / rows).min(60.0));
    let x0 = inner.x0 + (inner.width() - wide * columns) / 2.0;
    let y0 = inner.y0 + (inner.height() - high * rows) / 2.0;
    for t in &input.tiles {
        let x = x0 + f64::from(t.column - left) * wide;
        let y = y0 + f64::from(t.row - top) * high;
        tile(scene, t, at, Bounds::new(x, y, wide, high).grown(-SEAM));
    }
}

fn tile(scene: &mut Scene, tile: &MapTile, at: i64, b: Bounds) {
    let (aware, hit) = (tile.aware(at), tile.hit(at));
    if tile.ahead(at) {
        scene.rounded(b.grown(1.5), 4.0, CRITICAL);
        scene.rounded(b.grown(-1.5), 2.0, PAPER);
    }
    let fill = match (aware, tile.learned_us.len()) {
        (0, 0) => PANEL,
        (0, _) => PAPER,
        (aware, all) => fill(aware, all),
    };
    if aware == 0 && !tile.ahead(at) {
        scene.boxed(b, 3.0, fill, RULE_STRONG, 1.0);
    } else if !tile.ahead(at) {
        scene.rounded(b, 3.0, fill);
    }
    let knew = match aware {
        _ if tile.learned_us.is_empty() => "no body of its own".to_owned(),
        0 => "nobody knew".to_owned(),
        n => format!("{n} of {} knew", tile.learned_us.len()),
    };
    scene.tip(&format!("{}: {} hit, {knew}", tile.title, count(hit as u64)));
    let y = (b.y0 + b.y1) / 2.0;
    let code = Style::new(16.0, text_on(fill)).bold();
    if hit == 0 {
        scene.label(((b.x0 + b.x1) / 2.0, y), Anchor::Middle, code, &tile.code, b.width() - 4.0);
        return;
    }
    let style = Style::new(16.0, PAPER).bold();
    let number = count(hit as u64);
    let wide = scene.width(&number, style) + 4.0;
    let room = b.width() - wide - 3.0;
    if room < scene.width(&tile.code, code) {
        // No room for both: a bar at the foot tells that it is hit, the table how often.
        let pill = Bounds { x0: b.x0 + 2.0, x1: b.x1 - 2.0, y0: b.y1 - 4.0, y1: b.y1 - 1.0 };
        scene.rect(pill, ACTIVE);
        scene.label(((b.x0 + b.x1) / 2.0, y - 2.0), Anchor::Middle, code, &tile.code, b.width() - 4.0);
        return;
    }
    scene.label((b.x0 + 2.0, y), Anchor::Start, code, &tile.code, room);
    let pill = Bounds { x0: b.x1 - wide - 1.0, x1: b.x1 - 1.0, y0: y - 10.0, y1: y + 10.0 };
    scene.rounded(pill, 4.0, ACTIVE_TEXT);
    scene.label((pill.centre().0, y), Anchor::Middle, style, &number, wide);
}

/// The fill of a state in which `aware` of `all` bodies knew, at least one.
fn fill(aware: usize, all: usize) -> Rgb {
    if all <= 1 {
        return KNOWN;
    }
    mix(HARDLY, KNOWN, (aware.max(1) - 1) as f64 / (all - 1) as f64)
}
