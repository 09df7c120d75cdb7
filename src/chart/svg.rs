//! A scene as SVG: real text, a title and a description for those who cannot see it, nothing of the machine.

use super::font::FAMILIES;
use super::palette::{PAPER, Rgb};
use super::scene::{Item, Scene};
use super::{HEIGHT, WIDTH};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A hatching: step, width and ink, in tenths of a pixel where they are lengths.
type HatchKey = (i64, i64, Rgb);

/// The scene as a document.
pub(super) fn write(scene: &Scene) -> String {
    let mut out = String::with_capacity(scene.items.len() * 120 + 2048);
    let (w, h) = (WIDTH, HEIGHT);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" aria-labelledby=\"chart-title chart-desc\" font-family=\"{FAMILIES}\">\n\
         <title id=\"chart-title\">"
    );
    escape(&mut out, &scene.title);
    out.push_str("</title>\n<desc id=\"chart-desc\">");
    escape(&mut out, &scene.description);
    out.push_str("</desc>\n");
    let hatches = hatches(scene);
    write_hatches(&mut out, &hatches);
    let _ = writeln!(out, "<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>", hex(PAPER));
    for item in &scene.items {
        write_item(&mut out, item, &hatches);
    }
    out.push_str("</svg>\n");
    out
}

/// The hatchings in use, numbered in order of their values.
fn hatches(scene: &Scene) -> BTreeMap<HatchKey, usize> {
    let mut found: BTreeMap<HatchKey, usize> = BTreeMap::new();
    for item in &scene.items {
        if let Item::Hatch { step, width, ink, .. } = item {
            found.insert(hatch_key(*step, *width, *ink), 0);
        }
    }
    for (number, value) in found.values_mut().enumerate() {
        *value = number;
    }
    found
}

fn hatch_key(step: f64, width: f64, ink: Rgb) -> HatchKey {
    (tenths(step), tenths(width), ink)
}

fn write_hatches(out: &mut String, hatches: &BTreeMap<HatchKey, usize>) {
    if hatches.is_empty() {
        return;
    }
    out.push_str("<defs>\n");
    for ((step, width, ink), number) in hatches {
        let (step, width) = (*step as f64 / 10.0, *width as f64 / 10.0);
        let (s, x, w) = (num(step), num((step - width) / 2.0), num(width));
        let _ = writeln!(
            out,
            "<pattern id=\"hatch{number}\" patternUnits=\"userSpaceOnUse\" width=\"{s}\" height=\"{s}\" \
             patternTransform=\"rotate(45)\"><rect x=\"{x}\" width=\"{w}\" height=\"{s}\" fill=\"{}\"/></pattern>",
            hex(*ink)
        );
    }
    out.push_str("</defs>\n");
}

fn write_item(out: &mut String, item: &Item, hatches: &BTreeMap<HatchKey, usize>) {
    match item {
        Item::Rect { bounds: b, radius, fill, tip } => {
            let (x, y, w, h) = (num(b.x0), num(b.y0), num(b.width()), num(b.height()));
            let _ =
                write!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{}\"", hex(*fill));
            if *radius > 0.0 {
                let _ = write!(out, " rx=\"{}\"", num(*radius));
            }
            match tip {
                None => out.push_str("/>\n"),
                Some(text) => {
                    out.push_str("><title>");
                    escape(out, text);
                    out.push_str("</title></rect>\n");
                }
            }
        }
        Item::Hatch { bounds: b, step, width, ink } => {
            let number = hatches.get(&hatch_key(*step, *width, *ink)).copied().unwrap_or(0);
            let (x, y, w, h) = (num(b.x0), num(b.y0), num(b.width()), num(b.height()));
            let _ = writeln!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"url(#hatch{number})\"/>"
            );
        }
        Item::Polygon { points, fill } => {
            let _ = writeln!(out, "<polygon points=\"{}\" fill=\"{}\"/>", path(points), hex(*fill));
        }
        Item::Line { points, width, ink, dash } => {
            let _ = write!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
                path(points),
                hex(*ink),
                num(*width)
            );
            if let Some((on, off)) = dash {
                let _ = write!(out, " stroke-dasharray=\"{} {}\"", num(*on), num(*off));
            }
            out.push_str("/>\n");
        }
        Item::Text { x, y, width, style, text } => {
            let _ = write!(
                out,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" \
                 fill=\"{}\"",
                num(*x),
                num(*y),
                num(style.size),
                num(*width),
                hex(style.ink)
            );
            if style.bold {
                out.push_str(" font-weight=\"bold\"");
            }
            if let Some(halo) = style.halo {
                let _ = write!(
                    out,
                    " stroke=\"{}\" stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                    hex(halo)
                );
            }
            out.push('>');
            escape(out, text);
            out.push_str("</text>\n");
        }
    }
}

fn path(points: &[(f64, f64)]) -> String {
    let mut out = String::with_capacity(points.len() * 12);
    for (i, (x, y)) in points.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        let _ = write!(out, "{},{}", num(*x), num(*y));
    }
    out
}

/// A length in tenths, rounded half away from zero.
fn tenths(v: f64) -> i64 {
    (v * 10.0).round() as i64
}

/// A length to a tenth of a pixel.
fn num(v: f64) -> String {
    let t = tenths(v);
    let sign = if t < 0 { "-" } else { "" };
    let t = t.unsigned_abs();
    if t.is_multiple_of(10) { format!("{sign}{}", t / 10) } else { format!("{sign}{}.{}", t / 10, t % 10) }
}

fn hex(c: Rgb) -> String {
    format!("#{:02x}{:02x}{:02x}", c[0], c[1], c[2])
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_rounded_to_tenths() {
        for (value, text) in
            [(1.0, "1"), (1.25, "1.3"), (-0.04, "0"), (-1.26, "-1.3"), (0.05, "0.1"), (1599.999, "1600")]
        {
            assert_eq!(num(value), text);
        }
    }

    #[test]
    fn a_scene_is_written_shape_by_shape() {
        use crate::chart::scene::{Anchor, Bounds, Style};
        let mut scene = Scene::new("A & B", "what is seen").unwrap();
        scene.rounded(Bounds::new(1.0, 2.25, 30.0, 4.0), 2.0, [0, 114, 178]);
        scene.tip("<tip>");
        scene.hatch(Bounds::new(0.0, 0.0, 9.0, 9.0), 5.0, 1.6, [1, 2, 3]);
        scene.dashed(vec![(0.0, 0.0), (3.5, 4.04)], 1.2, [0, 0, 0], (3.0, 4.0));
        scene.polygon(vec![(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], [255, 0, 16]);
        scene.text((100.0, 50.0), Anchor::End, Style::new(16.0, [9, 9, 9]).bold(), "12");
        let expected = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1600\" height=\"900\" \
            viewBox=\"0 0 1600 900\" role=\"img\" aria-labelledby=\"chart-title chart-desc\" \
            font-family=\"'DejaVu Sans Condensed', 'Open Sans', 'Segoe UI', 'Helvetica Neue', Arial, \
            'Liberation Sans', sans-serif\">\n\
            <title id=\"chart-title\">A &amp; B</title>\n<desc id=\"chart-desc\">what is seen</desc>\n\
            <defs>\n<pattern id=\"hatch0\" patternUnits=\"userSpaceOnUse\" width=\"5\" height=\"5\" \
            patternTransform=\"rotate(45)\"><rect x=\"1.7\" width=\"1.6\" height=\"5\" fill=\"#010203\"/>\
            </pattern>\n</defs>\n<rect width=\"1600\" height=\"900\" fill=\"#ffffff\"/>\n\
            <rect x=\"1\" y=\"2.3\" width=\"30\" height=\"4\" fill=\"#0072b2\" rx=\"2\"><title>&lt;tip&gt;\
            </title></rect>\n\
            <rect x=\"0\" y=\"0\" width=\"9\" height=\"9\" fill=\"url(#hatch0)\"/>\n\
            <polyline points=\"0,0 3.5,4\" fill=\"none\" stroke=\"#000000\" stroke-width=\"1.2\" \
            stroke-linejoin=\"round\" stroke-dasharray=\"3 4\"/>\n\
            <polygon points=\"0,0 1,0 1,1\" fill=\"#ff0010\"/>\n\
            <text x=\"80\" y=\"50\" font-size=\"16\" textLength=\"20\" lengthAdjust=\"spacingAndGlyphs\" \
            fill=\"#090909\" font-weight=\"bold\">12</text>\n</svg>\n";
        assert_eq!(write(&scene), expected);
    }

    #[test]
    fn markup_in_text_is_escaped() {
        let mut out = String::new();
        escape(&mut out, "a<b>&\"'");
        assert_eq!(out, "a&lt;b&gt;&amp;&quot;&#39;");
    }
}
