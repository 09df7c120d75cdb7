//! Colours: the same thing has the same colour in every chart, and no distinction rests on colour alone.
//!
//! - **Levels and single accents** are taken from the palette of M. Okabe and K. Ito, *Color Universal Design* (2008),
//!   darkened for text until the contrast on white is at least 4.5 : 1 (WCAG 2.1, success criterion 1.4.3).
//! - **Times** use the viridis scale (S. van der Walt, N. Smith, 2015): lightness rises evenly, so the order survives
//!   grey print and all common colour-vision deficiencies. Early is dark, late is light, never is white and hatched:
//!   the lighter, the later.
//! - **Segment kinds** are fifteen, more than any palette keeps apart safely. Families share a hue (waiting warm,
//!   meeting purple, moving green, world grey), neighbours differ in lightness, and the words stand in or over the bar.

/// An opaque colour: red, green, blue.
pub(super) type Rgb = [u8; 3];

/// Background of every chart.
pub(super) const PAPER: Rgb = [255, 255, 255];
/// Titles, numbers, names.
pub(super) const INK: Rgb = [26, 28, 33];
/// Second-rank text: 7.2 : 1 on white, at least 4.5 : 1 on the darkest shade of the plot.
pub(super) const INK_SOFT: Rgb = [77, 82, 92];
/// Grid and axis lines.
pub(super) const RULE: Rgb = [200, 204, 211];
/// Thin structural lines that must be seen, not read.
pub(super) const RULE_STRONG: Rgb = [140, 146, 156];
/// Shading of nights.
pub(super) const NIGHT: Rgb = [231, 234, 243];
/// Shading of weekends and holidays.
pub(super) const WEEKEND: Rgb = [247, 241, 226];
/// Night inside a weekend.
pub(super) const WEEKEND_NIGHT: Rgb = [227, 222, 218];
/// Fill of panels and boxes without data.
pub(super) const PANEL: Rgb = [244, 245, 248];
/// The critical path and key messages: 5.6 : 1 on white.
pub(super) const CRITICAL: Rgb = [196, 48, 16];
/// What was observed in the world, against what was simulated.
pub(super) const OBSERVED: Rgb = [20, 92, 72];
/// Area of operators hit so far.
pub(super) const HIT: Rgb = [242, 190, 160];
/// Area of operators down now.
pub(super) const ACTIVE: Rgb = [213, 94, 0];
/// Text about operators down: 5.4 : 1 on white.
pub(super) const ACTIVE_TEXT: Rgb = [168, 66, 0];

/// Line and fill colours of levels, in the order that the blueprint declares them.
const LEVELS: [Rgb; 6] =
    [[0, 114, 178], [204, 121, 20], [170, 68, 153], [0, 146, 110], [86, 120, 150], [130, 110, 60]];
/// The same hues as text: at least 4.5 : 1 on white and on the shades.
const LEVELS_TEXT: [Rgb; 6] =
    [[0, 84, 135], [132, 70, 0], [122, 38, 108], [0, 90, 66], [54, 78, 102], [88, 72, 30]];

/// Colour of a level's bars and curves.
pub(super) fn level(index: usize) -> Rgb {
    LEVELS[index % LEVELS.len()]
}

/// Colour of a level's text.
pub(super) fn level_text(index: usize) -> Rgb {
    LEVELS_TEXT[index % LEVELS_TEXT.len()]
}

/// Line and fill colours of variants; the first is the document as it is.
const SERIES: [Rgb; 6] =
    [[92, 98, 110], [170, 68, 153], [0, 114, 178], [204, 121, 20], [0, 146, 110], [130, 110, 60]];
/// The same hues as text.
const SERIES_TEXT: [Rgb; 6] =
    [[60, 64, 73], [122, 38, 108], [0, 84, 135], [132, 70, 0], [0, 90, 66], [88, 72, 30]];

/// Colour of a variant's curve or mark: 0 is the document as it is.
pub(super) fn series(index: usize) -> Rgb {
    SERIES[index % SERIES.len()]
}

/// Colour of a variant's text.
pub(super) fn series_text(index: usize) -> Rgb {
    SERIES_TEXT[index % SERIES_TEXT.len()]
}

/// The low and the high end of a parameter's range: hues apart for all, and apart in lightness.
const ENDS: [Rgb; 2] = [[86, 170, 224], [213, 120, 40]];
/// The same hues as text.
const ENDS_TEXT: [Rgb; 2] = [[0, 84, 135], [132, 70, 0]];

/// Fill of the low end of a range.
pub(super) fn low_end() -> Rgb {
    ENDS[0]
}

/// Text about the low end of a range.
pub(super) fn low_end_text() -> Rgb {
    ENDS_TEXT[0]
}

/// Fill of the high end of a range.
pub(super) fn high_end() -> Rgb {
    ENDS[1]
}

/// Text about the high end of a range.
pub(super) fn high_end_text() -> Rgb {
    ENDS_TEXT[1]
}

/// Viridis at nine even steps from 0 to 1.
const VIRIDIS: [Rgb; 9] = [
    [68, 1, 84],
    [71, 45, 123],
    [59, 82, 139],
    [44, 114, 142],
    [33, 145, 140],
    [40, 174, 128],
    [94, 201, 98],
    [173, 220, 48],
    [253, 231, 37],
];

/// Colour of bin `index` of `n` on the time scale, early dark, late light.
pub(super) fn time_bin(index: usize, n: usize) -> Rgb {
    if n <= 1 {
        return VIRIDIS[0];
    }
    let last = VIRIDIS.len() - 1;
    let (index, n) = (index.min(n - 1), n - 1);
    let (whole, part) = (index * last / n, index * last % n);
    if part == 0 { VIRIDIS[whole] } else { mix(VIRIDIS[whole], VIRIDIS[whole + 1], part as f64 / n as f64) }
}

/// Colour of rung `index` of a ladder of `n`: calm is pale, the top rung is the critical hue.
pub(super) fn rung(index: usize, n: usize) -> Rgb {
    const CALM: Rgb = [226, 231, 238];
    const FULL: Rgb = [178, 58, 34];
    if n <= 1 || index == 0 {
        return CALM;
    }
    let share = index.min(n - 1) as f64 / (n - 1) as f64;
    mix([250, 214, 150], FULL, (share - 1.0 / (n - 1) as f64) / (1.0 - 1.0 / (n - 1) as f64).max(0.5))
}

/// The colour `share` of the way from `a` to `b`.
pub(super) fn mix(a: Rgb, b: Rgb, share: f64) -> Rgb {
    let share = share.clamp(0.0, 1.0);
    let part = |i: usize| (f64::from(a[i]) + (f64::from(b[i]) - f64::from(a[i])) * share).round() as u8;
    [part(0), part(1), part(2)]
}

/// Black or white, whichever reads better on `fill`; one of them always has at least 4.5 : 1.
pub(super) fn text_on(fill: Rgb) -> Rgb {
    if luminance(fill) > 0.179 { [0, 0, 0] } else { [255, 255, 255] }
}

/// Relative luminance (WCAG 2.1), with the square of a channel for its power 2.4 law: near enough to choose by, and
/// free of platform maths.
fn luminance(c: Rgb) -> f64 {
    let channel = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { v * v * (0.65 + 0.35 * v) }
    };
    0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2])
}

/// What the time of a segment was spent on; the names are those of `latency.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SegmentKind {
    /// Before anything in the chain began: the world, an inject, a clock.
    External,
    /// From the origin to the hit that was detected.
    Spread,
    /// From the hit to its detection.
    Detection,
    /// Waiting for a server on duty.
    Queue,
    /// Waiting while nobody is on duty.
    OffDuty,
    /// Staff called, not yet there.
    CallOut,
    /// Being worked on.
    Work,
    /// On the way.
    Transmission,
    /// From the first sending to the sending of the copy that arrived.
    Retry,
    /// Waiting for a meeting or report.
    Schedule,
    /// A rule's own delay, a dwell time.
    Delay,
    /// From proposal to quorum.
    Convening,
    /// From quorum to outcome.
    Deliberation,
    /// Channel or actor down.
    Outage,
    /// From detection to contained or recovered.
    Recovery,
}

impl SegmentKind {
    /// Every kind, in the order of a legend: the world, waiting, doing, meeting.
    pub const ALL: [SegmentKind; 15] = [
        SegmentKind::External,
        SegmentKind::Spread,
        SegmentKind::Detection,
        SegmentKind::Queue,
        SegmentKind::OffDuty,
        SegmentKind::CallOut,
        SegmentKind::Schedule,
        SegmentKind::Delay,
        SegmentKind::Work,
        SegmentKind::Transmission,
        SegmentKind::Retry,
        SegmentKind::Convening,
        SegmentKind::Deliberation,
        SegmentKind::Outage,
        SegmentKind::Recovery,
    ];

    /// The kind of that name in `latency.csv`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The name in `latency.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Spread => "spread",
            Self::Detection => "detection",
            Self::Queue => "queue",
            Self::OffDuty => "off_duty",
            Self::CallOut => "call_out",
            Self::Work => "work",
            Self::Transmission => "transmission",
            Self::Retry => "retry",
            Self::Schedule => "schedule",
            Self::Delay => "delay",
            Self::Convening => "convening",
            Self::Deliberation => "deliberation",
            Self::Outage => "outage",
            Self::Recovery => "recovery",
        }
    }

    /// The words on a chart.
    pub fn label(self) -> &'static str {
        match self {
            Self::External => "outside world",
            Self::Spread => "spread",
            Self::Detection => "detection",
            Self::Queue => "queue",
            Self::OffDuty => "off duty",
            Self::CallOut => "call-out",
            Self::Work => "work",
            Self::Transmission => "transmission",
            Self::Retry => "retries",
            Self::Schedule => "waiting for schedule",
            Self::Delay => "set delay",
            Self::Convening => "convening",
            Self::Deliberation => "deliberation",
            Self::Outage => "outage",
            Self::Recovery => "recovery",
        }
    }

    /// The colour in every chart.
    pub(super) fn colour(self) -> Rgb {
        match self {
            Self::External => [188, 193, 201],
            Self::Spread => [140, 147, 158],
            Self::Detection => [86, 180, 233],
            Self::Queue => [230, 159, 0],
            Self::OffDuty => [38, 50, 97],
            Self::CallOut => [245, 205, 120],
            Self::Work => [0, 114, 178],
            Self::Transmission => [128, 205, 180],
            Self::Retry => [213, 94, 0],
            Self::Schedule => [240, 228, 66],
            Self::Delay => [196, 176, 128],
            Self::Convening => [214, 150, 190],
            Self::Deliberation => [136, 34, 85],
            Self::Outage => [66, 66, 70],
            Self::Recovery => [0, 140, 105],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast by WCAG 2.1, exactly.
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let lum = |c: Rgb| {
            let ch = |v: u8| {
                let v = f64::from(v) / 255.0;
                if v <= 0.04045 { v / 12.92 } else { libm::pow((v + 0.055) / 1.055, 2.4) }
            };
            0.2126 * ch(c[0]) + 0.7152 * ch(c[1]) + 0.0722 * ch(c[2])
        };
        let (a, b) = (lum(a) + 0.05, lum(b) + 0.05);
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn text_has_contrast_on_every_ground() {
        for ground in [PAPER, NIGHT, WEEKEND, WEEKEND_NIGHT, PANEL] {
            let inks = [INK, INK_SOFT, OBSERVED].into_iter().chain((0..6).map(level_text));
            for ink in inks.chain((0..6).map(series_text)).chain(ENDS_TEXT) {
                assert!(contrast(ink, ground) >= 4.5, "{ink:?} on {ground:?}: {}", contrast(ink, ground));
            }
        }
        for ink in [CRITICAL, ACTIVE_TEXT] {
            assert!(contrast(ink, PAPER) >= 4.5, "{ink:?}");
        }
    }

    #[test]
    fn chosen_text_has_contrast_on_every_fill() {
        let fills = SegmentKind::ALL.into_iter().map(SegmentKind::colour);
        let fills = fills.chain((1..=9).flat_map(|n| (0..n).map(move |i| time_bin(i, n))));
        let fills = fills.chain((1..=6).flat_map(|n| (0..n).map(move |i| rung(i, n))));
        for fill in fills.chain((0..6).map(level)) {
            assert!(contrast(text_on(fill), fill) >= 4.5, "{fill:?}: {}", contrast(text_on(fill), fill));
        }
    }

    #[test]
    fn kinds_have_distinct_colours_and_names_that_read_back() {
        for (i, a) in SegmentKind::ALL.into_iter().enumerate() {
            assert_eq!(SegmentKind::from_name(a.name()), Some(a));
            for b in SegmentKind::ALL.into_iter().skip(i + 1) {
                assert_ne!(a.colour(), b.colour(), "{a:?} {b:?}");
            }
        }
        assert_eq!(SegmentKind::from_name("holiday"), None);
    }

    #[test]
    fn the_time_scale_rises_in_lightness() {
        for n in 2..=9 {
            for i in 1..n {
                assert!(luminance(time_bin(i, n)) > luminance(time_bin(i - 1, n)), "{i} of {n}");
            }
        }
    }
}
