//! What holds for every chart: readable, not overlapping, inside the image, escaped, the same twice, never a panic.

use super::sample;
use super::scene::{Bounds, Scene};
use super::{HEIGHT, MIN_TEXT, WIDTH, awareness, propagation, raster, svg, timeline, waterfall};

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

fn look(name: &str, scene: &Scene) {
    let folder = std::env::temp_dir().join("blueprint-sim-charts");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), raster::write(scene).unwrap()).unwrap();
    std::fs::write(folder.join(format!("{name}.svg")), svg::write(scene)).unwrap();
}

#[test]
fn timeline_looks() {
    let scene = timeline::scene(&sample::timeline()).unwrap();
    look("timeline", &scene);
    check("timeline", &scene);
}

#[test]
fn propagation_looks() {
    let scene = propagation::scene(&sample::propagation()).unwrap();
    look("propagation", &scene);
    check("propagation", &scene);
}

#[test]
fn awareness_looks() {
    let scene = awareness::scene(&sample::awareness()).unwrap();
    look("awareness", &scene);
    check("awareness", &scene);
}

#[test]
fn waterfall_looks() {
    let scene = waterfall::scene(&sample::waterfall()).unwrap();
    look("waterfall", &scene);
    check("waterfall", &scene);
}
