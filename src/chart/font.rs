//! The embedded fonts: measuring in whole font units, so that widths are the same everywhere.

use super::ChartError;
use ab_glyph::{Font, FontRef, GlyphId};
use std::sync::OnceLock;

/// Families for SVG, best first. Where the first is missing, `textLength` keeps the width that was measured.
pub(super) const FAMILIES: &str = "'DejaVu Sans Condensed', 'Open Sans', 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

/// Height of a capital letter, in ems (DejaVu Sans: 1493 of 2048).
pub(super) const CAP_HEIGHT: f64 = 0.729;
/// How far a text may reach above its baseline, in ems: the tallest letters without stacked accents.
pub(super) const ASCENT: f64 = 0.77;
/// How far a text may reach below its baseline, in ems.
pub(super) const DESCENT: f64 = 0.24;

/// Regular and bold of the one family that all charts use.
pub(super) struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

/// The fonts, read once per process.
///
/// # Errors
/// [`ChartError::Font`] if an embedded file is damaged.
pub(super) fn fonts() -> Result<&'static Fonts, ChartError> {
    static FONTS: OnceLock<Option<Fonts>> = OnceLock::new();
    let read = || {
        let regular = FontRef::try_from_slice(dejavu::sans_condensed::regular()).ok()?;
        let bold = FontRef::try_from_slice(dejavu::sans_condensed::bold()).ok()?;
        Some(Fonts { regular, bold })
    };
    FONTS.get_or_init(read).as_ref().ok_or(ChartError::Font { name: "DejaVuSansCondensed.ttf" })
}

impl Fonts {
    /// The face of a weight.
    pub(super) fn face(&self, bold: bool) -> &FontRef<'static> {
        if bold { &self.bold } else { &self.regular }
    }

    /// Width of a text [logical px] at `size` px per em, without kerning.
    pub(super) fn width(&self, text: &str, size: f64, bold: bool) -> f64 {
        let face = self.face(bold);
        let units: f64 = text.chars().map(|c| advance_units(face, face.glyph_id(c))).sum();
        units * size / units_per_em(face)
    }

    /// The text itself where it fits into `width`, else its beginning and an ellipsis; empty if not even that fits.
    pub(super) fn fit(&self, text: &str, size: f64, bold: bool, width: f64) -> String {
        if self.width(text, size, bold) <= width {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while !kept.is_empty() {
            kept.pop();
            while kept.last().is_some_and(|c| c.is_whitespace() || ",;:·-–".contains(*c)) {
                kept.pop();
            }
            let short: String = kept.iter().chain(std::iter::once(&'…')).collect();
            if !kept.is_empty() && self.width(&short, size, bold) <= width {
                return short;
            }
        }
        String::new()
    }

    /// The text in at most `lines` lines of `width`, broken at spaces; the last is shortened where needed.
    pub(super) fn wrap(&self, text: &str, size: f64, bold: bool, width: f64, lines: usize) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut words = text.split(' ').filter(|w| !w.is_empty()).peekable();
        while words.peek().is_some() && out.len() + 1 < lines {
            let mut line = String::new();
            while let Some(word) = words.peek() {
                let longer = if line.is_empty() { (*word).to_owned() } else { format!("{line} {word}") };
                if !line.is_empty() && self.width(&longer, size, bold) > width {
                    break;
                }
                line = longer;
                words.next();
            }
            out.push(self.fit(&line, size, bold, width));
        }
        let rest: Vec<&str> = words.collect();
        if !rest.is_empty() && lines > 0 {
            out.push(self.fit(&rest.join(" "), size, bold, width));
        }
        out
    }
}

/// Font units in an em; the fallback is that of the embedded fonts.
pub(super) fn units_per_em(face: &FontRef<'static>) -> f64 {
    f64::from(face.units_per_em().unwrap_or(2048.0))
}

/// Advance of a glyph in font units, a whole number.
pub(super) fn advance_units(face: &FontRef<'static>, glyph: GlyphId) -> f64 {
    f64::from(face.h_advance_unscaled(glyph)).round()
}

/// A text as it can be drawn and written: control characters and marks that reorder a line become spaces or vanish,
/// what XML 1.0 forbids is replaced.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
        })
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
            c if c.is_control() => '\u{FFFD}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        let f = fonts().unwrap();
        // hmtx of DejaVu Sans Condensed: `A` 1260, bold 1426; digits 1172 units of 2048.
        assert_eq!(f.width("A", 2048.0, false), 1260.0);
        assert_eq!(f.width("A", 2048.0, true), 1426.0);
        assert_eq!(f.width("12", 16.0, false), 2.0 * 1172.0 * 16.0 / 2048.0);
        assert_eq!(f.width("", 16.0, false), 0.0);
    }

    #[test]
    fn shortened_text_fits_and_ends_with_an_ellipsis() {
        let f = fonts().unwrap();
        let short = f.fit("Emergency Response Coordination Centre", 16.0, false, 120.0);
        assert!(short.ends_with('…') && f.width(&short, 16.0, false) <= 120.0, "{short}");
        assert_eq!(f.fit("short", 16.0, false, 120.0), "short");
        assert_eq!(f.fit("W", 16.0, false, 3.0), "");
    }

    #[test]
    fn wrapping_keeps_all_words_where_there_is_room() {
        let f = fonts().unwrap();
        assert_eq!(f.wrap("one two three", 16.0, false, 60.0, 3), ["one two", "three"]);
        assert_eq!(f.wrap("", 16.0, false, 60.0, 3), Vec::<String>::new());
        let cut = f.wrap("one two three four five", 16.0, false, 60.0, 2);
        assert_eq!((cut.len(), cut[1].ends_with('…')), (2, true));
    }

    #[test]
    fn text_is_cleaned_for_xml() {
        assert_eq!(clean("a\u{0}b\nc\u{202E}d\u{FFFF}"), "a\u{FFFD}b cd\u{FFFD}");
    }
}
