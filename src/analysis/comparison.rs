//! What variants change: paired differences of every figure, and which of them are clear of noise.
//!
//! A replication of a variant and the same replication of the base share every draw that both make, so a difference
//! is taken pair by pair. What a milestone takes is min(latency, horizon - origin): a pair of which only one side
//! reached it counts with all the time that was there, and is never left out; a pair in which the clock never
//! started on a side has no difference, and is counted.

use crate::stats::{Paired, holm, paired};

/// A figure over the replications of a variant, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FigureColumn {
    /// Its name in files: a milestone, or a figure of `runs.parquet`.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// Of what kind.
    pub kind: FigureKind,
    /// Values; NaN where there is none. Milestones in hours, cut at the horizon.
    pub values: Vec<f64>,
    /// For a milestone: whether it was reached.
    pub reached: Vec<bool>,
}

/// What a figure counts in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FigureKind {
    /// Hours until a milestone.
    #[default]
    Milestone,
    /// Anything else, in this unit (empty: a plain number).
    Other(String),
}

/// In how many pairs a milestone was reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// In both.
    pub both: usize,
    /// Only without the changes of the variant.
    pub only_base: usize,
    /// Only with them.
    pub only_variant: usize,
    /// In neither.
    pub neither: usize,
}

/// What a variant changes in one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Position of the variant among those compared.
    pub variant: usize,
    /// Name of the figure in files.
    pub name: String,
    /// For people.
    pub title: String,
    /// Of what kind.
    pub kind: FigureKind,
    /// Mean without the changes, over the pairs that have a difference.
    pub base_mean: f64,
    /// Mean with them.
    pub variant_mean: f64,
    /// The paired difference, variant minus base.
    pub paired: Paired,
    /// For a milestone: in how many of the pairs that have a difference it was reached.
    pub reached: Option<Reached>,
    /// Pairs without a difference: the figure does not exist on a side.
    pub left_out: usize,
    /// Whether it is the same in every pair.
    pub same: bool,
    /// p-value after Holm's correction over all differences that are not the same in every pair.
    pub p_adjusted: f64,
    /// Whether it is clear of noise: `p_adjusted` is at most 1 - confidence.
    pub clear: bool,
}

/// All variants against their base.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Level of the intervals, and 1 - the level of the tests.
    pub confidence: f64,
    /// Number of pairs.
    pub pairs: usize,
    /// By variant, then in the order of the figures.
    pub differences: Vec<Difference>,
    /// Figures that could not be compared: fewer than two pairs have a difference. `(variant, title)`.
    pub not_compared: Vec<(usize, String)>,
}

impl Comparison {
    /// The differences of a variant.
    pub fn of(&self, variant: usize) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(move |difference| difference.variant == variant)
    }

    /// The difference of a figure in a variant.
    pub fn figure(&self, variant: usize, name: &str) -> Option<&Difference> {
        self.of(variant).find(|difference| difference.name == name)
    }

    /// Whether a variant changes no figure in any replication.
    pub fn is_same(&self, variant: usize) -> bool {
        self.of(variant).all(|difference| difference.same)
    }
}

/// Compares each variant with the base, figure by figure; a figure that a variant does not have is left out.
///
/// Several comparisons are corrected together (S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70), which
/// holds under any dependence and so under common random numbers. A figure that is the same in every pair is no test.
pub fn compare(base: &[FigureColumn], variants: &[Vec<FigureColumn>], confidence: f64) -> Comparison {
    let pairs = base.first().map_or(0, |column| column.values.len());
    let mut comparison = Comparison { confidence, pairs, differences: Vec::new(), not_compared: Vec::new() };
    for (variant, columns) in variants.iter().enumerate() {
        for column in base {
            let Some(other) = columns.iter().find(|other| other.name == column.name) else { continue };
            match difference(variant, column, other, confidence) {
                Some(difference) => comparison.differences.push(difference),
                None => comparison.not_compared.push((variant, column.title.clone())),
            }
        }
    }
    let tested = |difference: &&mut Difference| !difference.same;
    let p_values: Vec<f64> = comparison
        .differences
        .iter_mut()
        .filter(tested)
        .map(|difference| difference.paired.p_value)
        .collect();
    let adjusted = holm(&p_values).unwrap_or_default();
    for (difference, p) in comparison.differences.iter_mut().filter(tested).zip(adjusted) {
        difference.p_adjusted = p;
        difference.clear = p <= 1.0 - confidence;
    }
    comparison
}

fn difference(
    variant: usize,
    base: &FigureColumn,
    with: &FigureColumn,
    confidence: f64,
) -> Option<Difference> {
    // Where the clock of a milestone never started on a side, the pair is left out of all that is said.
    let there = |&i: &usize| base.values[i].is_finite() && with.values[i].is_finite();
    let pairs: Vec<usize> = (0..base.values.len().min(with.values.len())).filter(there).collect();
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&i| (with.values[i], base.values[i])).unzip();
    let result = paired(&a, &b, confidence)?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let reached = (!base.reached.is_empty()).then(|| {
        let mut count = Reached::default();
        for &i in &pairs {
            let place = match (base.reached[i], with.reached[i]) {
                (true, true) => &mut count.both,
                (true, false) => &mut count.only_base,
                (false, true) => &mut count.only_variant,
                (false, false) => &mut count.neither,
            };
            *place += 1;
        }
        count
    });
    Some(Difference {
        variant,
        name: base.name.clone(),
        title: base.title.clone(),
        kind: base.kind.clone(),
        base_mean: mean(&b),
        variant_mean: mean(&a),
        left_out: base.values.len() - a.len(),
        same: result.share_below == 0.0 && result.share_above == 0.0,
        paired: result,
        reached,
        p_adjusted: 1.0,
        clear: false,
    })
}

/// How a difference fares at other values of the parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OverRanges {
    /// Points at which it was looked at.
    pub points: usize,
    /// Points at which it has the sign that it has at base values.
    pub kept: usize,
    /// Of these, points at which its own interval leaves out 0.
    pub kept_clear: usize,
    /// Points at which it has the other sign.
    pub reversed: usize,
    /// Of these, points at which its own interval leaves out 0.
    pub reversed_clear: usize,
    /// Points at which it is the same in every pair.
    pub none: usize,
    /// Points at which it could not be taken.
    pub failed: usize,
}

/// Counts signs of the differences at other points against the one at base values.
pub fn over_ranges(at_base: &Difference, points: &[Option<Difference>]) -> OverRanges {
    let mut count = OverRanges { points: points.len(), ..OverRanges::default() };
    for point in points {
        let Some(point) = point else {
            count.failed += 1;
            continue;
        };
        let clear = usize::from(!point.paired.interval.contains(0.0));
        if point.paired.mean == 0.0 {
            count.none += 1;
        } else if (point.paired.mean > 0.0) == (at_base.paired.mean > 0.0) {
            count.kept += 1;
            count.kept_clear += clear;
        } else {
            count.reversed += 1;
            count.reversed_clear += clear;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milestone(name: &str, values: &[f64], horizon: f64) -> FigureColumn {
        FigureColumn {
            name: name.to_owned(),
            title: name.to_owned(),
            kind: FigureKind::Milestone,
            values: values.iter().map(|value| value.min(horizon)).collect(),
            reached: values.iter().map(|value| value.is_finite()).collect(),
        }
    }

    const NO: f64 = f64::INFINITY;

    #[test]
    fn a_pair_whose_clock_never_started_is_counted_nowhere() {
        let of = |values: Vec<f64>, reached: Vec<bool>| FigureColumn {
            values,
            reached,
            ..milestone("m", &[], 9.0)
        };
        // Without the changes its origin never happened in the third pair, in which it was reached.
        let base = of(vec![1.0, 2.0, f64::NAN], vec![true, true, true]);
        let with = of(vec![2.0, 9.0, 3.0], vec![true, false, true]);
        let found = difference(0, &base, &with, 0.95).unwrap();
        let counted = Reached { both: 1, only_base: 1, ..Reached::default() };
        assert_eq!((found.reached, found.left_out), (Some(counted), 1));
    }

    /// Horizon 24: base 10, 20, never, never; variant 4, never, 8, never. Differences -6, 4, -16, 0: mean -4.5.
    #[test]
    fn what_was_not_reached_counts_with_all_the_time_there_was() {
        let base = [milestone("m", &[10.0, 20.0, NO, NO], 24.0)];
        let variant = vec![milestone("m", &[4.0, NO, 8.0, NO], 24.0)];
        let comparison = compare(&base, &[variant], 0.95);
        let found = comparison.figure(0, "m").unwrap();
        assert_eq!((found.paired.mean, found.base_mean, found.variant_mean), (-4.5, 19.5, 15.0));
        assert_eq!(found.reached, Some(Reached { both: 1, only_base: 1, only_variant: 1, neither: 1 }));
        // Squares from the mean: 2.25 + 72.25 + 132.25 + 20.25 = 227; t(3, 0.975) = 3.182446305.
        let half = 3.182_446_305_284_263 * (227.0_f64 / 3.0 / 4.0).sqrt();
        assert!((found.paired.interval.hi - (half - 4.5)).abs() < 1e-9);
        assert!(!found.clear && !found.same);
    }

    #[test]
    fn several_differences_are_corrected_together_and_unchanged_ones_are_no_test() {
        let base: Vec<FigureColumn> =
            ["a", "b", "c"].map(|name| milestone(name, &[10.0, 11.0, 12.0, 13.0], 24.0)).to_vec();
        let mut variant = base.clone();
        variant[0].values = vec![8.0, 8.9, 10.1, 11.0];
        variant[1].values = vec![9.0, 12.0, 11.0, 13.1];
        let comparison = compare(&base, &[variant, base.clone()], 0.95);
        let [a, b, c] = ["a", "b", "c"].map(|name| comparison.figure(0, name).unwrap());
        // Two tests: the smaller p is doubled.
        assert_eq!(a.p_adjusted, 2.0 * a.paired.p_value);
        assert_eq!(b.p_adjusted, b.paired.p_value.max(a.p_adjusted));
        assert!(a.clear && !b.clear && !c.clear && c.same);
        assert!(comparison.is_same(1) && !comparison.is_same(0));
    }

    #[test]
    fn pairs_without_a_value_are_left_out_and_counted() {
        let mut base = milestone("m", &[1.0, 2.0, 3.0], 24.0);
        base.values[1] = f64::NAN;
        let variant = milestone("m", &[2.0, 2.0, 5.0], 24.0);
        let comparison = compare(&[base.clone()], &[vec![variant]], 0.95);
        let found = &comparison.differences[0];
        assert_eq!((found.left_out, found.paired.n, found.paired.mean), (1, 2, 1.5));
        base.values[0] = f64::NAN;
        let comparison = compare(&[base.clone()], &[vec![base]], 0.95);
        assert_eq!(comparison.not_compared, [(0, "m".to_owned())]);
    }

    #[test]
    fn signs_over_ranges() {
        let at = |shift: f64| {
            let base = [milestone("m", &[10.0, 11.0, 12.0], 24.0)];
            let variant = milestone("m", &[10.0 + shift, 11.1 + shift, 12.0 + shift], 24.0);
            compare(&base, &[vec![variant]], 0.95).differences.remove(0)
        };
        let mut same = at(0.0);
        same.paired.mean = 0.0;
        let count =
            over_ranges(&at(-5.0), &[Some(at(-3.0)), Some(at(2.0)), Some(at(-0.05)), None, Some(same)]);
        let expected = OverRanges {
            points: 5,
            kept: 2,
            kept_clear: 1,
            reversed: 1,
            reversed_clear: 1,
            none: 1,
            failed: 1,
        };
        assert_eq!(count, expected);
    }
}
