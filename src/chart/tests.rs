//! What holds for every chart: readable, not overlapping, inside the image, escaped, the same twice, never a panic.

use super::input::*;
use super::sample;
use super::scene::{Bounds, Item, Scene};
use super::words::HOUR;
use super::{HEIGHT, MIN_TEXT, WIDTH, awareness, map, propagation, raster, svg, timeline, waterfall};

/// Nothing is written smaller than promised, over another text, or out of the image.
fn check(name: &str, scene: &Scene) {
    let texts = scene.texts();
    let image = Bounds::new(0.0, 0.0, f64::from(WIDTH), f64::from(HEIGHT));
    for (i, (place, style, text)) in texts.iter().enumerate() {
        assert!(style.size >= MIN_TEXT, "{name}: `{text}` has {} px", style.size);
        assert!(image.contains(place), "{name}: `{text}` leaves the image: {place:?}");
        for (other, _, with) in &texts[i + 1..] {
            // Ascent and descent are reserved in full; two lines may share a pixel of that without touching.
            assert!(!place.grown(-1.0).overlaps(&other.grown(-1.0)), "{name}: `{text}` overlaps `{with}`");
        }
    }
}

/// No shape is painted over a text that was written before it.
fn check_covered(name: &str, scene: &Scene) {
    let mut written: Vec<(Bounds, &str)> = Vec::new();
    for item in &scene.items {
        let covers: Vec<Bounds> = match item {
            Item::Text { x, y, width, style, text } => {
                let (top, bottom) = (y - style.size * 0.7, y + style.size * 0.05);
                written.push((Bounds { x0: x + 1.0, x1: x + width - 1.0, y0: top, y1: bottom }, text));
                continue;
            }
            Item::Rect { bounds, .. } | Item::Hatch { bounds, .. } => vec![*bounds],
            Item::Polygon { points, .. } => vec![hull(points)],
            // Upright and level lines only: the hull of a slanted one says nothing.
            Item::Line { points, .. } => {
                let straight = |w: &&[(f64, f64)]| w[0].0 == w[1].0 || w[0].1 == w[1].1;
                points.windows(2).filter(straight).map(|w| hull(w).grown(0.5)).collect()
            }
        };
        for cover in covers {
            let hit = written.iter().find(|(place, _)| cover.overlaps(place));
            assert!(hit.is_none(), "{name}: {hit:?} is covered by {item:?}");
        }
    }
}

fn hull(points: &[(f64, f64)]) -> Bounds {
    let mut b = Bounds { x0: f64::MAX, y0: f64::MAX, x1: f64::MIN, y1: f64::MIN };
    for p in points {
        (b.x0, b.y0, b.x1, b.y1) = (b.x0.min(p.0), b.y0.min(p.1), b.x1.max(p.0), b.y1.max(p.1));
    }
    b
}

/// The document is well-formed: one root, tags closed in order, attributes quoted, no bare `&` or `<`.
fn check_xml(name: &str, document: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = document;
    let mut roots = 0;
    while let Some(start) = rest.find('<') {
        check_text(name, &rest[..start], open.is_empty());
        let end = rest[start..].find('>').unwrap_or_else(|| panic!("{name}: tag without end")) + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(closing) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closing), "{name}: closes what is not open");
            continue;
        }
        let body = tag.strip_suffix('/').unwrap_or(tag);
        let (element, attributes) = body.split_once(' ').unwrap_or((body, ""));
        assert!(!element.is_empty() && element.chars().all(|c| c.is_ascii_alphabetic()), "{name}: <{tag}>");
        assert_eq!(attributes.matches('"').count() % 2, 0, "{name}: quotes in <{tag}>");
        assert!(!attributes.contains('<') && !attributes.contains('&'), "{name}: <{tag}>");
        roots += usize::from(open.is_empty());
        if !tag.ends_with('/') {
            open.push(element);
        }
    }
    check_text(name, rest, true);
    assert_eq!((open.len(), roots), (0, 1), "{name}: {open:?}");
}

fn check_text(name: &str, text: &str, outside: bool) {
    assert!(!outside || text.trim().is_empty(), "{name}: text outside the root: {text}");
    for piece in text.split('&').skip(1) {
        let entity = piece.split(';').next().unwrap_or("");
        assert!(["lt", "gt", "amp", "quot", "#39"].contains(&entity), "{name}: &{entity}");
    }
    let legal = |c: char| c == '\n' || (c >= ' ' && c != '\u{FFFE}' && c != '\u{FFFF}');
    assert!(text.chars().all(legal), "{name}: characters that XML forbids in {text:?}");
}

/// All that a chart promises; the images are left in the folder for temporary files, to be looked at.
pub(super) fn check_all(name: &str, scene: &Scene) {
    let document = svg::write(scene);
    let folder = std::env::temp_dir().join("blueprint-sim-charts");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.svg")), &document).unwrap();
    let png = raster::write(scene).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), &png).unwrap();
    check(name, scene);
    check_covered(name, scene);
    check_xml(name, &document);
    for size in document.split("font-size=\"").skip(1) {
        let size: f64 = size.split('"').next().unwrap().parse().unwrap();
        assert!(size >= MIN_TEXT, "{name}: {size}");
    }
    assert!(document.contains("role=\"img\" aria-labelledby=\"chart-title chart-desc\""), "{name}");
    // Width and height stand at bytes 16 to 24 of a PNG.
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (3200, 1800), "{name}");
}

/// The four charts of one kind of data.
fn scenes(
    timeline: &TimelineInput,
    propagation: &PropagationInput,
    awareness: &AwarenessInput,
    waterfall: &WaterfallInput,
) -> [(&'static str, Scene); 4] {
    [
        ("timeline", timeline::scene(timeline).unwrap()),
        ("propagation", propagation::scene(propagation).unwrap()),
        ("awareness", awareness::scene(awareness).unwrap()),
        ("waterfall", waterfall::scene(waterfall).unwrap()),
    ]
}

fn samples() -> [(&'static str, Scene); 4] {
    scenes(&sample::timeline(), &sample::propagation(), &sample::awareness(), &sample::waterfall())
}

#[test]
fn a_map_is_readable_with_many_states_with_one_and_with_none() {
    let full = sample::map();
    check_all("map", &map::scene(&full).unwrap());
    let one = MapInput { tiles: full.tiles[..1].to_vec(), steps_us: vec![HOUR], ..full.clone() };
    check_all("map-one", &map::scene(&one).unwrap());
    let crowded: Vec<MapTile> =
        full.tiles.iter().map(|t| MapTile { column: t.column * 5, row: t.row * 3, ..t.clone() }).collect();
    map::scene(&MapInput { tiles: crowded, ..full.clone() }).unwrap();
    check_all("map-none", &map::scene(&MapInput { tiles: Vec::new(), ..full }).unwrap());
}

#[test]
fn a_replay_of_realistic_size_is_readable() {
    for (name, scene) in samples() {
        check_all(name, &scene);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for ((name, a), (_, b)) in samples().into_iter().zip(samples()) {
        assert!(svg::write(&a) == svg::write(&b), "{name}");
        assert!(raster::write(&a).unwrap() == raster::write(&b).unwrap(), "{name}");
    }
}

#[test]
fn public_functions_write_what_the_scenes_hold() {
    let input = sample::waterfall();
    assert_eq!(waterfall::svg(&input).unwrap(), svg::write(&waterfall::scene(&input).unwrap()));
    assert!(waterfall::png(&input).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(timeline::svg(&sample::timeline()).unwrap().contains(">csirt@ES</text>"));
    assert!(propagation::svg(&sample::propagation()).unwrap().contains(">Permanent representa…</text>"));
    assert!(awareness::svg(&sample::awareness()).unwrap().contains(">Common picture 32 %</text>"));
    assert!(timeline::png(&sample::timeline()).is_ok());
    assert!(propagation::png(&sample::propagation()).is_ok());
    assert!(awareness::png(&sample::awareness()).is_ok());
}

#[test]
fn nothing_at_all_is_drawn_as_such() {
    let all = scenes(
        &TimelineInput::default(),
        &PropagationInput::default(),
        &AwarenessInput::default(),
        &WaterfallInput::default(),
    );
    let words = [
        "no actor had anything to do",
        "nobody could know this fact",
        "nothing was measured",
        "no milestone",
    ];
    for ((name, scene), words) in all.iter().zip(words) {
        check_all(&format!("empty-{name}"), scene);
        assert!(scene.texts().iter().any(|t| t.2.contains(words)), "{name}");
    }
}

#[test]
fn one_of_each_without_a_horizon_is_drawn() {
    let mut timeline = sample::timeline();
    timeline.frame.to_us = 0;
    timeline.lanes.truncate(1);
    timeline.levels.clear();
    let mut propagation = sample::propagation();
    propagation.nodes.truncate(1);
    propagation.rows.clear();
    propagation.columns.clear();
    let mut awareness = sample::awareness();
    awareness.frame.to_us = -5;
    awareness.curves.truncate(1);
    awareness.spread = Some(Spread { total: 0, points: vec![(0, 0, 0)] });
    let mut waterfall = sample::waterfall();
    waterfall.rows.truncate(1);
    waterfall.rows[0].latency_us = Some(0);
    waterfall.rows[0].segments.clear();
    waterfall.rows[0].observed_us = None;
    for (name, scene) in scenes(&timeline, &propagation, &awareness, &waterfall) {
        check_all(&format!("single-{name}"), &scene);
    }
}

#[test]
fn senseless_numbers_do_no_harm() {
    let ends = [i64::MIN, -1, 0, 1, i64::MAX];
    let mut timeline = sample::timeline();
    (timeline.frame.from_us, timeline.frame.to_us, timeline.frame.epoch_us) = (i64::MIN, i64::MAX, i64::MAX);
    timeline.lanes[15].level = usize::MAX;
    for (i, at) in ends.into_iter().enumerate() {
        timeline.lanes[15].spans.push(WorkSpan {
            task: 99,
            from_us: at,
            to_us: ends[4 - i],
            ..WorkSpan::default()
        });
        timeline.messages.push(Message { from_lane: 999, sent_us: at, key: true, ..Message::default() });
        timeline.networks[0].steps.push((at, usize::MAX));
        timeline.frame.shades.push(Shade { from_us: at, to_us: i64::MAX, kind: ShadeKind::Night });
        timeline.milestones[0].observed_us = Some((i64::MAX, i64::MIN));
    }
    let mut propagation = sample::propagation();
    propagation.origin_us = i64::MIN;
    propagation.bins_us = vec![-1, 0, i64::MAX];
    propagation.nodes[0].learned_us = Some(i64::MAX);
    propagation.nodes[3].place = Place::Layer(usize::MAX);
    propagation.nodes[30].place = Place::Cell { row: 77, column: 99 };
    propagation.edges.push(ArrivalEdge { from: 7777, to: 0, critical: true, ..ArrivalEdge::default() });
    propagation.edges.push(ArrivalEdge { from: 2, to: 2, critical: true, latency_us: i64::MIN, label: true });
    let mut awareness = sample::awareness();
    awareness.frame.to_us = i64::MAX;
    awareness.curves[0].points =
        vec![(i64::MAX, Some(f64::NAN)), (i64::MIN, Some(f64::INFINITY)), (3, Some(-1.0))];
    awareness.curves[1].level = Some(usize::MAX);
    awareness.spread =
        Some(Spread { total: u64::MAX, points: vec![(5, u64::MAX, u64::MAX), (i64::MIN, 1, 2)] });
    let mut waterfall = sample::waterfall();
    waterfall.rows[0].latency_us = Some(i64::MAX);
    waterfall.rows[1].latency_us = Some(i64::MIN);
    waterfall.rows[2].segments[0].duration_us = i64::MAX;
    waterfall.rows[3].segments[0].duration_us = i64::MIN;
    for (name, scene) in scenes(&timeline, &propagation, &awareness, &waterfall) {
        check_all(&format!("senseless-{name}"), &scene);
    }
}

#[test]
fn hostile_and_endless_texts_are_escaped_and_shortened() {
    let evil = "</text><script>alert('1')</script> & \"q\" \u{0} \u{202E}abc ".repeat(8);
    let mut timeline = sample::timeline();
    let mut propagation = sample::propagation();
    let mut awareness = sample::awareness();
    let mut waterfall = sample::waterfall();
    for frame in [&mut timeline.frame, &mut propagation.frame, &mut awareness.frame, &mut waterfall.frame] {
        frame.title = evil.clone();
        frame.subtitle = evil.clone();
        frame.foot = evil.clone();
        frame.description = evil.clone();
        frame.local = Some(LocalClock { name: evil.clone(), offsets: vec![(0, 120), (50 * HOUR, -60)] });
    }
    timeline.levels.iter_mut().for_each(|l| *l = evil.clone());
    timeline.lanes.iter_mut().for_each(|l| l.title = evil.clone());
    timeline.messages.iter_mut().for_each(|m| m.title = evil.clone());
    timeline.milestones.iter_mut().for_each(|m| m.title = evil.clone());
    timeline.networks.iter_mut().for_each(|n| n.title = evil.clone());
    timeline.networks.iter_mut().for_each(|n| n.ladder = vec![evil.clone()]);
    propagation.goal = evil.clone();
    propagation.layers.iter_mut().for_each(|l| *l = evil.clone());
    propagation.columns.iter_mut().for_each(|c| *c = evil.clone());
    propagation.rows.iter_mut().for_each(|r| r.title = evil.clone());
    propagation.nodes.iter_mut().for_each(|n| n.title = evil.clone());
    awareness.curves.iter_mut().for_each(|c| c.title = evil.clone());
    awareness.markers.iter_mut().for_each(|m| m.title = evil.clone());
    waterfall.rows.iter_mut().for_each(|r| r.title = evil.clone());
    waterfall.rows.iter_mut().flat_map(|r| &mut r.segments).for_each(|s| s.actor = evil.clone());
    for (name, scene) in scenes(&timeline, &propagation, &awareness, &waterfall) {
        check_all(&format!("hostile-{name}"), &scene);
        let document = svg::write(&scene);
        assert!(!document.contains("<script") && document.contains("&lt;script&gt;"), "{name}");
    }
}

#[test]
fn crowds_are_cut_and_counted() {
    let mut timeline = sample::timeline();
    for k in 0..60 {
        let mut lane = timeline.lanes[k % 24].clone();
        lane.title = format!("actor {k}");
        timeline.lanes.push(lane);
    }
    timeline.max_lanes = 500;
    let milestone = timeline.milestones[5].clone();
    timeline.milestones.extend(std::iter::repeat_n(milestone, 40));
    let network = timeline.networks[0].clone();
    timeline.networks.extend(std::iter::repeat_n(network, 9));
    timeline.messages.iter_mut().for_each(|m| m.key = true);
    let mut propagation = sample::propagation();
    for k in 0..90 {
        let place = if k % 3 == 0 { Place::Layer(k % 4) } else { Place::Cell { row: k % 6, column: k % 28 } };
        let node = KnowledgeNode { title: format!("body {k}"), place, ..KnowledgeNode::default() };
        propagation.nodes.push(node);
    }
    propagation.rows.extend((0..12).map(|k| MatrixRow { title: format!("role {k}"), layer: k % 4 }));
    propagation.columns.extend((0..60).map(|k| format!("X{k}")));
    let mut awareness = sample::awareness();
    let curve = awareness.curves[2].clone();
    awareness.curves.extend(std::iter::repeat_n(curve, 9));
    awareness.markers.extend(awareness.markers.clone());
    awareness.markers.extend(awareness.markers.clone());
    awareness.markers.extend(awareness.markers.clone());
    let mut waterfall = sample::waterfall();
    waterfall.max_rows = 100;
    waterfall.rows.extend(waterfall.rows.clone());
    waterfall.rows.extend(waterfall.rows.clone());
    for (name, scene) in scenes(&timeline, &propagation, &awareness, &waterfall) {
        check_all(&format!("crowded-{name}"), &scene);
        let texts = scene.texts();
        let foot =
            texts.iter().map(|t| t.2).filter(|t| t.contains("not shown") || t.contains("without room"));
        assert_eq!(foot.count(), 1, "{name}");
    }
}

#[test]
fn short_and_long_ranges_have_readable_axes() {
    for hours in [1, 5, 26, 300, 2000, 30_000] {
        let mut timeline = sample::timeline();
        timeline.frame.to_us = hours * HOUR;
        let mut awareness = sample::awareness();
        awareness.frame.to_us = hours * HOUR;
        awareness.frame.from_us = HOUR / 3;
        check_all(&format!("{hours}h-timeline"), &timeline::scene(&timeline).unwrap());
        check_all(&format!("{hours}h-awareness"), &awareness::scene(&awareness).unwrap());
    }
}

#[test]
fn the_default_timeline_has_18_lanes_and_counts_the_rest() {
    let scene = timeline::scene(&sample::timeline()).unwrap();
    let texts = scene.texts();
    assert!(texts.iter().any(|t| t.2.contains("6 more actors not shown")));
    let lanes = sample::timeline().lanes;
    let names = |l: &Lane, text: &str| {
        text == l.title || text == l.short || l.title.starts_with(text.trim_end_matches('…'))
    };
    let drawn = lanes.iter().filter(|l| texts.iter().any(|t| names(l, t.2)));
    assert_eq!(drawn.count(), 18);
}

#[test]
fn the_propagation_chart_counts_who_was_reached() {
    let scene = propagation::scene(&sample::propagation()).unwrap();
    let says = |words: &str| scene.texts().iter().any(|t| t.2 == words);
    for words in
        ["26/28", "by +72 h", "5 of 8 by +72 h", "+25 h 36 min", "+2 h 10", "× not reached", "24–48 h"]
    {
        assert!(says(words), "{words}");
    }
}
