//! A made-up replay of realistic size for the tests of this room: a worm on a Friday, 28 states, five days.

use super::input::*;
use super::words::{HOUR, MINUTE};

/// States in the order of the treaties' protocol is not needed here; any fixed order will do.
pub(super) const STATES: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "UK",
];

/// A small generator of spread numbers: the same on every platform, no meaning.
fn spread(seed: u64, below: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % below.max(1)
}

/// From 12 May 2017 07:24 UTC, five days, Brussels time.
pub(super) fn frame(title: &str, subtitle: &str) -> Frame {
    let mut shades = Vec::new();
    for day in 0..6i64 {
        // Local nights from 20:00 to 06:00 UTC.
        let from = day * 24 * HOUR + 12 * HOUR + 36 * MINUTE;
        shades.push(Shade { from_us: from, to_us: from + 10 * HOUR, kind: ShadeKind::Night });
    }
    let saturday = 14 * HOUR + 36 * MINUTE;
    shades.push(Shade { from_us: saturday, to_us: saturday + 48 * HOUR, kind: ShadeKind::Weekend });
    Frame {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        foot: "Simulation, replay “as it was” · wannacry-2017 · seed 1, replication 0 · blueprint-sim 0.1.0"
            .to_owned(),
        description: "A made-up run for the tests of the charts.".to_owned(),
        epoch_us: 1_494_573_840_000_000,
        local: Some(LocalClock { name: "Brussels".to_owned(), offsets: vec![(0, 120)] }),
        shades,
        from_us: 0,
        to_us: 110 * HOUR,
    }
}

/// 24 actors in four levels, forty messages, three networks, twelve milestones.
pub(super) fn timeline() -> TimelineInput {
    let names = [
        ("Political", "Presidency"),
        ("Political", "Commission President"),
        ("Political", "government@UK"),
        ("Political", "government@ES"),
        ("Political", "Coreper"),
        ("Operational", "ENISA director"),
        ("Operational", "EC3 (Europol)"),
        ("Operational", "police@DE"),
        ("Operational", "spoc@ES"),
        ("Operational", "spoc@UK"),
        ("Operational", "ERCC"),
        ("Operational", "Commission Situation Room and ARGUS desk"),
        ("Operational", "competent authority@FR"),
        ("Technical", "CSIRTs Network secretariat"),
        ("Technical", "CERT-EU"),
        ("Technical", "csirt@ES"),
        ("Technical", "csirt@UK"),
        ("Technical", "csirt@FR"),
        ("Technical", "csirt@DE"),
        ("Technical", "csirt@RO"),
        ("Technical", "csirt@SI"),
        ("Operators", "ES/telecom#1"),
        ("Operators", "UK/health#17"),
        ("Operators", "FR/automotive#2"),
    ];
    let levels = ["Political", "Operational", "Technical", "Operators"];
    let lanes = names.iter().enumerate().map(|(i, (level, title))| {
        let i = i as u64;
        let mut spans = Vec::new();
        let mut at = (24 - i) as i64 * 40 * MINUTE + spread(i, 300) as i64 * MINUTE;
        for task in 0..4 + spread(i + 50, 7) {
            let wait = (5 + spread(i * 31 + task, 90) as i64) * MINUTE;
            let off = if spread(i * 7 + task, 3) == 0 { 8 * HOUR } else { 0 };
            let work = (30 + spread(i * 17 + task, 400) as i64) * MINUTE;
            let span = |from, length, phase, title: &str| WorkSpan {
                task,
                from_us: from,
                to_us: from + length,
                phase,
                title: title.to_owned(),
            };
            spans.push(span(at, wait, Phase::Waiting, ""));
            spans.push(span(at + wait, off, Phase::OffDuty, ""));
            spans.push(span(
                at + wait + off,
                work,
                Phase::Working,
                ["triage", "situation report", "alert"][task as usize % 3],
            ));
            at += wait + off + work + spread(i + task, 14) as i64 * HOUR - 20 * MINUTE;
        }
        Lane {
            title: (*title).to_owned(),
            short: if title.len() > 40 { "ARGUS desk".to_owned() } else { String::new() },
            level: levels.iter().position(|l| l == level).unwrap(),
            importance: if [0, 5, 6, 8, 13, 15, 16, 21, 22].contains(&i) { 100 } else { spread(i + 9, 50) },
            spans,
        }
    });
    let lanes: Vec<Lane> = lanes.collect();
    let message = |from_lane, to_lane, hours: f64, minutes: i64, title: &str, key| Message {
        from_lane,
        to_lane,
        sent_us: (hours * HOUR as f64) as i64,
        arrived_us: (hours * HOUR as f64) as i64 + minutes * MINUTE,
        title: title.to_owned(),
        key,
    };
    let mut messages = vec![
        message(21, 15, 2.0, 70, "incident notification", true),
        message(15, 13, 5.2, 45, "alert", true),
        message(13, 5, 8.5, 95, "incident report", true),
        message(5, 6, 14.0, 120, "situation report", true),
        message(6, 0, 23.8, 50, "joint assessment", true),
        message(22, 16, 3.1, 20, "incident notification", false),
    ];
    for k in 0..34u64 {
        let (from, to) = (13 + spread(k, 8) as usize, spread(k + 77, 24) as usize);
        if from != to {
            messages.push(message(from, to, 4.0 + spread(k + 5, 900) as f64 / 10.0, 25, "report", false));
        }
    }
    let strip = |title: &str, ladder: &[&str], steps: &[(i64, usize)]| ModeStrip {
        title: title.to_owned(),
        ladder: ladder.iter().map(|s| (*s).to_owned()).collect(),
        steps: steps.iter().map(|(h, m)| (h * HOUR, *m)).collect(),
    };
    let mark = |title: &str, simulated: Option<f64>, observed: Option<(f64, f64)>| MilestoneMark {
        title: title.to_owned(),
        simulated_us: simulated.map(|h| (h * HOUR as f64) as i64),
        observed_us: observed.map(|(a, b)| ((a * HOUR as f64) as i64, (b * HOUR as f64) as i64)),
    };
    TimelineInput {
        frame: frame(
            "The first European statement came 25 h after the first hit, most of it spent waiting",
            "WannaCry 2017, one replay · who worked, waited and told whom, 12 to 16 May",
        ),
        levels: levels.iter().map(|s| (*s).to_owned()).collect(),
        lanes,
        messages,
        networks: vec![
            strip("CSIRTs Network", &["default", "alert", "full"], &[(0, 0), (8, 1), (26, 2), (90, 1)]),
            strip(
                "Council response",
                &["off", "monitoring", "information sharing", "full"],
                &[(0, 0), (30, 1)],
            ),
            strip("Commission alert", &["phase I", "phase II"], &[(0, 0)]),
        ],
        milestones: vec![
            mark("first alert of a CSIRT", Some(4.2), Some((3.1, 6.1))),
            mark("major incident declared", Some(6.9), Some((7.6, 7.6))),
            mark("kill switch", Some(7.7), Some((7.1, 9.1))),
            mark("alert of FR", Some(13.0), Some((9.6, 13.6))),
            mark("first integrated report", Some(19.0), None),
            mark("first European statement", Some(25.6), Some((22.6, 28.6))),
            mark("second variant stopped", None, Some((52.6, 62.6))),
            mark("90 % of plants back", Some(70.0), Some((68.6, 68.6))),
            mark("no new victims", Some(66.0), Some((71.6, 76.6))),
            mark("account of the task force", Some(84.0), Some((72.0, 100.0))),
            mark("last site restarted", Some(97.0), Some((92.6, 98.6))),
            mark("attribution", None, None),
        ],
        max_lanes: 0,
    }
}

/// 28 states by six roles, 25 bodies, three levels and the operators.
pub(super) fn propagation() -> PropagationInput {
    let rows = [
        ("Government", 0),
        ("Permanent representation", 0),
        ("Single point of contact", 1),
        ("Competent authority", 1),
        ("Police", 1),
        ("CSIRT", 2),
    ];
    let bodies: [(&str, usize, Option<i64>); 25] = [
        ("Presidency", 0, Some(1536)),
        ("Coreper", 0, Some(2500)),
        ("Political and Security Committee", 0, None),
        ("Council", 0, None),
        ("European Council", 0, None),
        ("Commission President", 0, Some(1700)),
        ("High Representative", 0, Some(3300)),
        ("Round table", 0, Some(2600)),
        ("ENISA", 1, Some(840)),
        ("EC3 (Europol)", 1, Some(960)),
        ("Joint action taskforce", 1, Some(1100)),
        ("Hybrid Fusion Cell", 1, Some(1900)),
        ("INTCEN", 1, Some(2100)),
        ("EU Situation Room", 1, Some(1010)),
        ("ERCC", 1, Some(1300)),
        ("DG CNECT", 1, Some(1150)),
        ("DG HOME", 1, Some(1400)),
        ("Crisis Coordination Committee", 1, Some(2900)),
        ("Spokesperson", 1, Some(1500)),
        ("Eurojust", 1, None),
        ("CSIRTs Network", 2, Some(357)),
        ("CERT-EU", 2, Some(400)),
        ("ENISA operations", 2, Some(520)),
        ("NATO response team", 2, Some(1900)),
        ("ES/telecom#1", 3, Some(121)),
    ];
    let mut nodes: Vec<KnowledgeNode> = bodies
        .iter()
        .map(|(title, layer, at)| KnowledgeNode {
            title: (*title).to_owned(),
            short: String::new(),
            place: Place::Layer(*layer),
            learned_us: at.map(|m| m * MINUTE),
        })
        .collect();
    let first_cell = nodes.len();
    for (row, (role, _)) in rows.iter().enumerate() {
        for (column, state) in STATES.iter().enumerate() {
            let k = (row * 28 + column) as u64;
            let base = [1400, 1700, 900, 1000, 1200, 380][row];
            let late = base + spread(k, 900) as i64 * [5, 4, 3, 4, 3, 1][row] / 2;
            let learned = if spread(k + 400, 10) < [5, 4, 2, 3, 2, 1][row] { None } else { Some(late) };
            let learned = if row == 5 && *state == "ES" { Some(251) } else { learned };
            nodes.push(KnowledgeNode {
                title: format!("{role} {state}"),
                short: String::new(),
                place: Place::Cell { row, column },
                learned_us: learned.map(|m| m * MINUTE),
            });
        }
    }
    let cell =
        |row: usize, state: &str| first_cell + row * 28 + STATES.iter().position(|s| *s == state).unwrap();
    let time = |i: usize| nodes[i].learned_us;
    let edge = |from: usize, to: usize, critical: bool, label: bool| ArrivalEdge {
        from,
        to,
        latency_us: time(to).unwrap_or(0) - time(from).unwrap_or(0),
        critical,
        label,
    };
    let (operator, network, enisa, ec3, presidency) = (24, 20, 8, 9, 0);
    let mut edges = vec![
        edge(operator, cell(5, "ES"), true, true),
        edge(cell(5, "ES"), network, true, true),
        edge(network, enisa, true, true),
        edge(enisa, ec3, true, true),
        edge(ec3, presidency, true, true),
    ];
    for (i, node) in nodes.iter().enumerate() {
        if node.learned_us.is_none() || edges.iter().any(|e| e.to == i) || i == operator {
            continue;
        }
        let parent = match node.place {
            Place::Cell { row: 5, .. } => network,
            Place::Cell { row: 2..=4, column } => {
                let csirt = cell(5, STATES[column]);
                if time(csirt).is_some_and(|t| Some(t) < node.learned_us) { csirt } else { ec3 }
            }
            Place::Cell { row: 1, .. } => presidency,
            Place::Cell { column, .. } => {
                let spoc = cell(2, STATES[column]);
                if time(spoc).is_some_and(|t| Some(t) < node.learned_us) { spoc } else { presidency }
            }
            Place::Layer(2) => network,
            Place::Layer(1) => enisa,
            Place::Layer(_) => presidency,
        };
        edges.push(edge(parent, i, false, [10, 12, 14, 21].contains(&i)));
    }
    PropagationInput {
        frame: frame(
            "23 of 28 CSIRTs knew within 24 h, the political level a day later",
            "Fact: a worm is spreading across borders · hours from the first hit to when each actor knew it",
        ),
        origin_us: 0,
        bins_us: Vec::new(),
        layers: ["Political", "Operational", "Technical", "Operators"].map(str::to_owned).to_vec(),
        columns: STATES.map(str::to_owned).to_vec(),
        rows: rows.iter().map(|(t, layer)| MatrixRow { title: (*t).to_owned(), layer: *layer }).collect(),
        nodes,
        edges,
        goal: "the Presidency knows".to_owned(),
    }
}

/// Three levels, the common picture, an epidemic with a kill switch.
pub(super) fn awareness() -> AwarenessInput {
    let curve = |title: &str, level: Option<usize>, delay: i64, top: f64, seed: u64| {
        let mut points = vec![(0, None), (2 * HOUR, Some(0.0))];
        for step in 1..40i64 {
            let done = f64::from(u32::try_from(step).unwrap()) / 39.0;
            let share = top * (1.0 - (1.0 - done) * (1.0 - done));
            let dip = if step % 13 == 0 { 0.15 } else { 0.0 };
            points.push((
                delay * HOUR + step * 2 * HOUR + spread(seed + step as u64, 60) as i64 * MINUTE,
                Some(f64::max(share - dip, 0.0)),
            ));
        }
        points.push((108 * HOUR, None));
        AwarenessCurve { title: title.to_owned(), level, points }
    };
    let mut points = Vec::new();
    let mut hit = 1.0;
    for quarter in 0..440i64 {
        let at = quarter * 15 * MINUTE;
        hit += if at < 8 * HOUR { hit * 0.16 * (1.0 - hit / 700.0) } else { 0.12 };
        let recovered = (f64::max(at as f64 / HOUR as f64 - 12.0, 0.0) / 80.0).min(1.0) * hit;
        points.push((at, hit as u64, (hit - recovered).max(0.0) as u64));
    }
    let marker = |hours: f64, title: &str, kind| Marker {
        at_us: (hours * HOUR as f64) as i64,
        title: title.to_owned(),
        kind,
    };
    AwarenessInput {
        frame: frame(
            "The political level had half the picture only when the spread was over",
            "Share of the true facts known, weighted, per level · operators hit and down",
        ),
        curves: vec![
            curve("Political", Some(0), 24, 0.71, 1),
            curve("Operational", Some(1), 9, 0.84, 2),
            curve("Technical", Some(2), 3, 0.86, 3),
            curve("Common picture", None, 26, 0.47, 4),
        ],
        spread: Some(Spread { total: 1240, points }),
        markers: vec![
            marker(7.7, "kill switch", MarkerKind::Countermeasure),
            marker(8.2, "CSIRTs Network: alert", MarkerKind::Mode),
            marker(25.6, "first European statement", MarkerKind::Statement),
            marker(26.0, "CSIRTs Network: full", MarkerKind::Mode),
            marker(31.5, "monitoring page opened", MarkerKind::Decision),
            marker(52.0, "second kill switch", MarkerKind::Countermeasure),
        ],
    }
}

/// 28 states on a grid of eight by eight, hits and news over two days.
pub(super) fn map() -> MapInput {
    let tiles = STATES.iter().enumerate().map(|(i, code)| {
        let k = i as u64;
        let hits = if spread(k, 3) == 0 { 0 } else { spread(k + 3, 40) };
        let mut hits_us: Vec<i64> = (0..hits).map(|h| spread(k * 50 + h, 2000) as i64 * MINUTE).collect();
        hits_us.sort_unstable();
        let learned =
            (0..5).map(|r| (spread(k * 9 + r, 5) > 0).then(|| spread(k * 11 + r, 3000) as i64 * MINUTE));
        MapTile {
            code: (*code).to_owned(),
            title: format!("State {code}"),
            column: (i % 8) as u32,
            row: (i / 8 * 2 + i % 2) as u32,
            hits_us,
            learned_us: learned.collect(),
        }
    });
    MapInput {
        frame: frame(
            "After 3 h nobody knew in 4 of the 9 states that were hit",
            "Operators hit, and who knew: several states are hit",
        ),
        origin_us: 0,
        steps_us: [1, 3, 6, 12, 24, 48].map(|h| h * HOUR).to_vec(),
        tiles: tiles.collect(),
    }
}

/// Eight milestones from two hours to four days.
pub(super) fn waterfall() -> WaterfallInput {
    use SegmentKind::*;
    let row = |title: &str, parts: &[(SegmentKind, &str, i64)], observed: Option<(i64, i64)>| WaterfallRow {
        title: title.to_owned(),
        latency_us: Some(parts.iter().map(|p| p.2 * MINUTE).sum()),
        segments: parts
            .iter()
            .map(|(kind, actor, m)| Segment {
                kind: *kind,
                actor: (*actor).to_owned(),
                duration_us: m * MINUTE,
            })
            .collect(),
        observed_us: observed.map(|(a, b)| (a * MINUTE, b * MINUTE)),
    };
    let to_alert = [
        (Spread, "ES", 25),
        (Detection, "ES/telecom#1", 96),
        (Delay, "ES/telecom#1", 31),
        (Transmission, "hotline", 4),
        (Queue, "csirt@ES", 22),
        (Work, "csirt@ES", 84),
    ];
    let mut to_statement = to_alert.to_vec();
    to_statement.extend([
        (Transmission, "network portal", 8),
        (Queue, "CSIRTs Network secretariat", 75),
        (Work, "CSIRTs Network secretariat", 120),
        (Schedule, "CSIRTs Network secretariat", 185),
        (Transmission, "mail", 6),
        (OffDuty, "ENISA director", 540),
        (CallOut, "ENISA director", 45),
        (Work, "ENISA director", 95),
        (Retry, "phone", 40),
        (Convening, "EC3 (Europol)", 70),
        (Deliberation, "EC3 (Europol)", 90),
    ]);
    let mut to_account = to_statement.clone();
    to_account.extend([
        (Schedule, "ENISA director", 900),
        (OffDuty, "ENISA director", 1860),
        (Queue, "ENISA director", 130),
        (Work, "ENISA director", 260),
        (Outage, "web site", 55),
    ]);
    let recovered = [
        (Spread, "FR", 260),
        (Detection, "FR/automotive#2", 180),
        (Recovery, "FR/automotive#2", 4980),
        (Work, "csirt@FR", 240),
    ];
    WaterfallInput {
        frame: frame(
            "Nights and fixed reporting times took more than half of the way to the first European statement",
            "Where the time went, from the first hit to each milestone · one replay",
        ),
        rows: vec![
            row("First company-wide action", &to_alert[..2], Some((96, 156))),
            row("First alert of a CSIRT", &to_alert, Some((186, 366))),
            row(
                "Major incident declared",
                &[
                    (Spread, "UK", 120),
                    (Detection, "UK/health#17", 110),
                    (Queue, "health service@UK", 95),
                    (Deliberation, "health service@UK", 88),
                ],
                Some((456, 456)),
            ),
            row(
                "Alert of FR",
                &[
                    (External, "", 380),
                    (Transmission, "network portal", 9),
                    (Queue, "csirt@FR", 61),
                    (Work, "csirt@FR", 330),
                ],
                Some((576, 816)),
            ),
            row("First European statement", &to_statement, Some((1356, 1716))),
            row("Account of the task force", &to_account, Some((4320, 6000))),
            row("Last site restarted", &recovered, Some((5556, 5916))),
            WaterfallRow { title: "Attribution".to_owned(), ..WaterfallRow::default() },
        ],
        max_rows: 0,
    }
}
