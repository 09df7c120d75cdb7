//! What the charts of batches, comparisons and sensitivity analyses are told: figures that are worked out, and words.

use super::input::Frame;

/// What a number on an axis counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Hours: ticks at 1, 2, 3, 6, 12, 24 and so on, longer ones in days.
    #[default]
    Hours,
    /// A share of one, written in per cent.
    Share,
    /// Anything else; the name of the unit stands at the axis and may be empty.
    Other(String),
}

/// The distribution of one figure over replications.
#[derive(Clone, Debug, Default)]
pub struct EcdfInput {
    /// Words (the time axis is not used).
    pub frame: Frame,
    /// Under the axis: "hours from the first hit to the first statement".
    pub axis: String,
    /// What the axis counts.
    pub unit: Unit,
    /// One curve a variant; the first is the document as it is.
    pub curves: Vec<EcdfCurve>,
    /// What was observed in the world: least and greatest possible, equal for a known value.
    pub observed: Option<(f64, f64)>,
    /// Words at the observed value: "observed: 25 h 36 min".
    pub observed_label: String,
    /// Words about the shaded band: "shaded: 95 % confidence band".
    pub band_label: String,
}

/// A curve of shares.
#[derive(Clone, Debug, Default)]
pub struct EcdfCurve {
    /// Name of the variant.
    pub title: String,
    /// A line under the name: "half within 25 h, 96 % by the end".
    pub note: String,
    /// From which value on which share of the replications is at most there, ascending.
    pub steps: Vec<(f64, f64)>,
    /// Half the height of the confidence band; 0: none.
    pub half_height: f64,
}

/// Quantiles of shares over time.
#[derive(Clone, Debug, Default)]
pub struct FanInput {
    /// Words and axis.
    pub frame: Frame,
    /// One panel a curve, from top to bottom; at most six are drawn.
    pub panels: Vec<FanPanel>,
}

/// The fan of one curve.
#[derive(Clone, Debug, Default)]
pub struct FanPanel {
    /// What it is the share of: "Technical level".
    pub title: String,
    /// Words at the right end: "at the end 83 %, 61 to 95 %".
    pub note: String,
    /// Position of the level, for the colour; `None`: the common picture.
    pub level: Option<usize>,
    /// Ascending in time; `None`: undefined in most replications, a gap.
    pub points: Vec<(i64, Option<FanQuantiles>)>,
}

/// Quantiles over replications at an instant, each in 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FanQuantiles {
    /// 5 %.
    pub q05: f64,
    /// 25 %.
    pub q25: f64,
    /// 50 %.
    pub q50: f64,
    /// 75 %.
    pub q75: f64,
    /// 95 %.
    pub q95: f64,
}

/// Bars with intervals, the largest on top: how critical actors are, how much parameters matter.
#[derive(Clone, Debug, Default)]
pub struct BarsInput {
    /// Words (the time axis is not used).
    pub frame: Frame,
    /// Under the axis: what a bar measures.
    pub axis: String,
    /// What the axis counts.
    pub unit: Unit,
    /// In the order of drawing.
    pub bars: Vec<Bar>,
    /// What the filled bar and the outlined one say; `None`: no outlined ones.
    pub kinds: Option<(String, String)>,
    /// What the colours say, where there are several: levels, and `None` for what has none.
    pub levels: Vec<(Option<usize>, String)>,
    /// What is drawn, for the foot line when rows do not fit: "parameter".
    pub noun: String,
}

/// A bar.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// Who or what.
    pub title: String,
    /// A word behind the title, softer: the state, the kind.
    pub note: String,
    /// Length of the filled bar, not below 0.
    pub value: f64,
    /// Interval around it.
    pub interval: Option<(f64, f64)>,
    /// Length of the outlined bar behind it, e.g. a total index, with its interval.
    pub second: Option<(f64, Option<(f64, f64)>)>,
    /// Words right of the bar.
    pub text: String,
    /// Position of the level, for the colour; `None`: neutral.
    pub level: Option<usize>,
}

/// Paired differences with their intervals.
#[derive(Clone, Debug, Default)]
pub struct DifferencesInput {
    /// Words (the time axis is not used).
    pub frame: Frame,
    /// Panels with an axis each, from top to bottom.
    pub panels: Vec<DifferencePanel>,
    /// Names of the variants, for their colours; one: the name is not repeated in the rows.
    pub variants: Vec<String>,
}

/// Differences that share an axis.
#[derive(Clone, Debug, Default)]
pub struct DifferencePanel {
    /// Heading: "Milestones".
    pub title: String,
    /// What the axis counts.
    pub unit: Unit,
    /// Words at the ends of the axis: "earlier", "later".
    pub ends: (String, String),
    /// From top to bottom.
    pub rows: Vec<DifferenceRow>,
}

/// One difference.
#[derive(Clone, Debug, Default)]
pub struct DifferenceRow {
    /// The figure.
    pub title: String,
    /// Position in [`DifferencesInput::variants`].
    pub variant: usize,
    /// Mean difference, variant minus base, in the unit of the panel.
    pub mean: f64,
    /// Its interval.
    pub interval: (f64, f64),
    /// Whether it is clear of noise after correction: drawn filled.
    pub clear: bool,
    /// Words at the right: "9 h earlier (6 to 12 h)".
    pub text: String,
}

/// What each parameter does alone, from one end of its range to the other.
#[derive(Clone, Debug, Default)]
pub struct TornadoInput {
    /// Words (the time axis is not used).
    pub frame: Frame,
    /// Under the axis: "first joint statement, later than at base values".
    pub axis: String,
    /// What the axis counts.
    pub unit: Unit,
    /// Words at the base line: "base: 25 h".
    pub base: String,
    /// The largest swing first.
    pub rows: Vec<TornadoRow>,
}

/// A parameter.
#[derive(Clone, Debug, Default)]
pub struct TornadoRow {
    /// Its title.
    pub title: String,
    /// A word under the title: the basis of its value.
    pub note: String,
    /// At the low end of its range.
    pub low: TornadoEnd,
    /// At the high end.
    pub high: TornadoEnd,
}

/// What the figure does at an end of a range.
#[derive(Clone, Debug, Default)]
pub struct TornadoEnd {
    /// The value of the parameter there, with its unit.
    pub value: String,
    /// Mean difference from the base.
    pub mean: f64,
    /// Its interval.
    pub interval: (f64, f64),
}
