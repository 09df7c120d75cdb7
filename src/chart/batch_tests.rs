//! The charts of batches hold what all charts promise, on samples of realistic size and on hostile ones.

use super::batch_input::*;
use super::input::Frame;
use super::scene::Scene;
use super::tests::check_all;
use super::words::HOUR;
use super::{bars, differences, ecdf, fan, raster, sample, svg, tornado};

fn frame(title: &str, subtitle: &str) -> Frame {
    let foot = "Simulation · replay · wannacry-2017 · seed 1 · 200 replications · blueprint-sim 0.1.0";
    Frame { foot: foot.to_owned(), ..sample::frame(title, subtitle) }
}

/// Made-up times of 200 replications: a few early, a long tail, the last not reached.
fn curve(title: &str, shift: f64) -> EcdfCurve {
    let steps =
        (0..192).map(|i| (shift + f64::from(i * i) / 900.0 + f64::from(i) / 20.0, f64::from(i + 1) / 200.0));
    let note = "half by 25 h 20 min, 96 % by the end".to_owned();
    EcdfCurve { title: title.to_owned(), note, steps: steps.collect(), half_height: 0.096 }
}

fn ecdf_input() -> EcdfInput {
    EcdfInput {
        frame: frame(
            "The observed 25 h 36 min lies inside the central 90 % of the replications",
            "From the first hit to the first joint statement; earlier than observed in 52 % of the replications",
        ),
        axis: "hours from the first hit".to_owned(),
        unit: Unit::Hours,
        curves: vec![curve("as it was", 12.0)],
        observed: Some((25.6, 25.6)),
        observed_label: "observed: 25 h 36 min".to_owned(),
        band_label: "shaded: 95 % band for the whole curve".to_owned(),
    }
}

fn fan_input() -> FanInput {
    let panel = |title: &str, level: Option<usize>, speed: f64| {
        let quantiles = |i: i64| {
            let at = |lag: f64| ((i as f64 - lag).max(0.0) * speed / 100.0).min(0.97);
            FanQuantiles { q05: at(30.0), q25: at(16.0), q50: at(10.0), q75: at(6.0), q95: at(1.0) }
        };
        FanPanel {
            title: title.to_owned(),
            note: "end: 80 % (61 to 95)".to_owned(),
            level,
            points: (0..111).map(|i| (i * HOUR, (i > 2).then(|| quantiles(i)))).collect(),
        }
    };
    FanInput {
        frame: frame(
            "The technical level knew twelve hours before the political one",
            "Share of true facts known",
        ),
        panels: vec![
            panel("Common picture", None, 0.8),
            panel("Political level", Some(0), 0.9),
            panel("Operational level", Some(1), 1.3),
            panel("Technical level", Some(2), 2.2),
        ],
    }
}

fn bars_input() -> BarsInput {
    let names = [
        "csirt@ES",
        "ENISA secretariat",
        "national authority@UK",
        "channel: csirt to network",
        "EC3 (Europol)",
    ];
    let bar = |i: usize| Bar {
        title: names[i % names.len()].to_owned(),
        note: ["technical", "operational"][i % 2].to_owned(),
        value: 0.95 / (1.0 + i as f64 * 0.4),
        interval: Some((0.9 / (1.0 + i as f64 * 0.4), 0.99 / (1.0 + i as f64 * 0.4))),
        text: "95 % · 3 h 10 min when passed".to_owned(),
        level: Some(i % 3),
        ..Bar::default()
    };
    BarsInput {
        frame: frame(
            "csirt@ES is on the way to the first statement in 95 % of the replications",
            "Headline milestone",
        ),
        axis: "share of the replications whose chain passes through it".to_owned(),
        unit: Unit::Share,
        bars: (0..9).map(bar).collect(),
        kinds: None,
        levels: vec![(Some(0), "Political".to_owned()), (None, "channels, incidents and others".to_owned())],
        noun: "actor".to_owned(),
    }
}

/// Sensitivity: total indices outlined behind those of first order.
fn indices_input() -> BarsInput {
    let mut input = bars_input();
    input.kinds = Some(("alone (first order)".to_owned(), "with all its interactions (total)".to_owned()));
    for bar in &mut input.bars {
        bar.second = Some((bar.value + 0.1, Some((bar.value + 0.05, bar.value + 0.16))));
        bar.level = None;
        bar.text = "45 % alone, 57 % in all".to_owned();
    }
    input
}

fn differences_input(variants: &[&str]) -> DifferencesInput {
    let row = |title: &str, variant: usize, mean: f64, half: f64, clear: bool| DifferenceRow {
        title: title.to_owned(),
        variant,
        mean,
        interval: (mean - half, mean + half),
        clear,
        text: "9 h 10 min earlier (6 to 12 h)".to_owned(),
    };
    let rows = |titles: &[&str]| {
        let all = titles.iter().enumerate().flat_map(|(i, title)| {
            (0..variants.len()).map(move |v| row(title, v, -9.0 + 4.0 * i as f64 + v as f64, 3.0, i != 2))
        });
        all.collect::<Vec<_>>()
    };
    DifferencesInput {
        frame: frame(
            "With the Blueprint on, the first joint statement comes 9 h earlier",
            "Difference to the document as it is, replication by replication; 200 pairs",
        ),
        panels: vec![
            DifferencePanel {
                title: "Milestones".to_owned(),
                unit: Unit::Hours,
                ends: ("earlier".to_owned(), "later".to_owned()),
                rows: rows(&[
                    "First joint statement",
                    "Network activated",
                    "Crisis mode at the political level",
                ]),
            },
            DifferencePanel {
                title: "Figures, relative to the base".to_owned(),
                unit: Unit::Share,
                ends: ("less".to_owned(), "more".to_owned()),
                rows: rows(&["Operators hit", "Hours of disruption"]),
            },
        ],
        variants: variants.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn tornado_input() -> TornadoInput {
    let end = |value: &str, mean: f64| TornadoEnd {
        value: value.to_owned(),
        mean,
        interval: (mean - 0.8, mean + 0.8),
    };
    let row = |i: usize| TornadoRow {
        title: [
            "Triage of a notification",
            "Delay before a state tells the network",
            "Convening the political level",
        ][i % 3]
            .to_owned(),
        note: "assumed".to_owned(),
        low: end("30 min", -12.0 / (1.0 + i as f64)),
        high: end("6 h", if i == 3 { -2.0 } else { 15.0 / (1.0 + i as f64) }),
    };
    TornadoInput {
        frame: frame(
            "Triage moves the first joint statement by up to 15 h; nothing else by more than 8",
            "Each parameter alone at both ends of its range; 50 replications at each",
        ),
        axis: "first joint statement, against base values".to_owned(),
        unit: Unit::Hours,
        base: "base: 25 h 20 min".to_owned(),
        rows: (0..10).map(row).collect(),
    }
}

fn scenes() -> Vec<(&'static str, Scene)> {
    let mut two = ecdf_input();
    two.curves.push(curve("with blueprint", 4.0));
    vec![
        ("ecdf", ecdf::scene(&ecdf_input()).unwrap()),
        ("ecdf-two", ecdf::scene(&two).unwrap()),
        ("fan", fan::scene(&fan_input()).unwrap()),
        ("criticality", bars::scene(&bars_input()).unwrap()),
        ("indices", bars::scene(&indices_input()).unwrap()),
        ("differences", differences::scene(&differences_input(&["with blueprint"])).unwrap()),
        (
            "differences-three",
            differences::scene(&differences_input(&[
                "with blueprint",
                "csirt.staff=12",
                "without enisa-mandate",
            ]))
            .unwrap(),
        ),
        ("tornado", tornado::scene(&tornado_input()).unwrap()),
    ]
}

#[test]
fn charts_of_batches_are_readable() {
    for (name, scene) in scenes() {
        check_all(&format!("batch-{name}"), &scene);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for ((name, a), (_, b)) in scenes().into_iter().zip(scenes()) {
        assert!(svg::write(&a) == svg::write(&b), "{name}");
    }
    let (a, b) = (ecdf::scene(&ecdf_input()).unwrap(), ecdf::scene(&ecdf_input()).unwrap());
    assert!(raster::write(&a).unwrap() == raster::write(&b).unwrap());
    assert_eq!(ecdf::svg(&ecdf_input()).unwrap(), svg::write(&a));
    assert_eq!(ecdf::png(&ecdf_input()).unwrap(), raster::write(&a).unwrap());
}

#[test]
fn nothing_at_all_is_drawn_as_such() {
    let all = [
        ("ecdf", ecdf::scene(&EcdfInput::default()).unwrap(), "not reached in any"),
        ("fan", fan::scene(&FanInput::default()).unwrap(), "no level"),
        ("bars", bars::scene(&BarsInput::default()).unwrap(), "nothing to show"),
        ("differences", differences::scene(&DifferencesInput::default()).unwrap(), "no difference"),
        ("tornado", tornado::scene(&TornadoInput::default()).unwrap(), "no parameter"),
    ];
    for (name, scene, words) in all {
        check_all(&format!("empty-batch-{name}"), &scene);
        assert!(scene.texts().iter().any(|text| text.2.contains(words)), "{name}");
    }
}

#[test]
fn senseless_numbers_and_endless_texts_do_no_harm() {
    let evil = "</text><script>alert('1')</script> & \"q\" \u{0} \u{202E}abc ".repeat(8);
    let frame = || Frame { title: evil.clone(), subtitle: evil.clone(), foot: evil.clone(), ..frame("", "") };
    let wild = [f64::NAN, f64::INFINITY, -1e300, 1e300, -0.0];
    let mut ecdf = ecdf_input();
    ecdf.frame = frame();
    (ecdf.axis, ecdf.observed_label, ecdf.band_label) = (evil.clone(), evil.clone(), evil.clone());
    ecdf.curves = vec![
        EcdfCurve {
            title: evil.clone(),
            note: evil.clone(),
            steps: wild.map(|v| (v, v)).to_vec(),
            half_height: 7.0
        };
        20
    ];
    ecdf.observed = Some((f64::NAN, 1e300));
    let mut fan = fan_input();
    fan.frame = frame();
    fan.panels.extend(fan.panels.clone());
    for panel in &mut fan.panels {
        (panel.title, panel.note, panel.level) = (evil.clone(), evil.clone(), Some(usize::MAX));
        let q = FanQuantiles { q05: f64::NAN, q25: 9.0, q50: -3.0, q75: 0.5, q95: f64::INFINITY };
        panel.points = vec![(i64::MAX, Some(q)), (i64::MIN, Some(q)), (3, None), (5, Some(q))];
    }
    let mut bars = indices_input();
    bars.frame = frame();
    bars.axis = evil.clone();
    bars.kinds = Some((evil.clone(), evil.clone()));
    for (i, bar) in bars.bars.iter_mut().enumerate() {
        (bar.title, bar.note, bar.text) = (evil.clone(), evil.clone(), evil.clone());
        (bar.value, bar.interval) = (wild[i % 5], Some((wild[(i + 1) % 5], wild[(i + 2) % 5])));
    }
    bars.bars.extend(bars.bars.clone());
    bars.bars.extend(bars.bars.clone());
    let mut differences = differences_input(&[&evil, &evil, &evil, "x"]);
    differences.frame = frame();
    for panel in &mut differences.panels {
        (panel.title, panel.ends) = (evil.clone(), (evil.clone(), evil.clone()));
        for (i, row) in panel.rows.iter_mut().enumerate() {
            (row.title, row.text, row.mean) = (format!("{i}{evil}"), evil.clone(), wild[i % 5]);
        }
        panel.rows.extend(panel.rows.clone());
        panel.rows.extend(panel.rows.clone());
    }
    let mut tornado = tornado_input();
    tornado.frame = frame();
    (tornado.axis, tornado.base) = (evil.clone(), evil.clone());
    for (i, row) in tornado.rows.iter_mut().enumerate() {
        (row.title, row.note, row.low.value, row.high.value) =
            (evil.clone(), evil.clone(), evil.clone(), evil.clone());
        (row.low.mean, row.high.interval) = (wild[i % 5], (wild[(i + 1) % 5], wild[(i + 2) % 5]));
    }
    tornado.rows.extend(tornado.rows.clone());
    let all = [
        ("ecdf", ecdf::scene(&ecdf).unwrap()),
        ("fan", fan::scene(&fan).unwrap()),
        ("bars", bars::scene(&bars).unwrap()),
        ("differences", differences::scene(&differences).unwrap()),
        ("tornado", tornado::scene(&tornado).unwrap()),
    ];
    for (name, scene) in all {
        check_all(&format!("wild-batch-{name}"), &scene);
        assert!(!svg::write(&scene).contains("<script"), "{name}");
    }
}
