//! Sobol indices: the share of the output's variance that a factor causes, alone or with others.

use super::super::design::Sobol;
use super::super::interval::{Interval, t_interval};
use super::super::{mean, variance};

/// An estimate of an index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// The estimate over all points. Not cut to [0, 1]: an index near 0 comes out negative now and then.
    pub value: f64,
    /// t interval from the spread over the independent randomisations of the design; `None` if there is one only.
    pub interval: Option<Interval>,
}

/// The indices of an output.
#[derive(Debug, Clone, PartialEq)]
pub struct SobolIndices {
    /// Mean of the output over the ranges.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
    /// First order: the share that would vanish on average if the factor were known.
    pub first: Vec<Index>,
    /// Total: the share that would be left on average if all but the factor were known.
    pub total: Vec<Index>,
    /// Second order: the share due to a pair together beyond each alone; pairs (i, j) with i < j, in order. Empty if
    /// the plan does not ask for it.
    pub second: Vec<((usize, usize), Index)>,
}

/// The points at which indices are estimated: randomised Sobol sequences, in blocks that are independent.
#[derive(Debug, Clone)]
pub struct SobolPlan {
    dimensions: usize,
    second_order: bool,
    /// Rows of two points and what lies between them.
    rows: usize,
    /// Number of independent randomisations.
    blocks: usize,
    points: Vec<Vec<f64>>,
}

impl SobolPlan {
    /// `blocks` independent randomisations of `rows` rows (take a power of two). Each row is a pair of points a, b,
    /// then for each factor a with that coordinate of b, and for second order b with that coordinate of a. Costs
    /// `blocks * rows * (dimensions + 2)` runs, or `* (2 * dimensions + 2)`.
    ///
    /// `None` without factors, rows or blocks, beyond the dimensions that the sequence has, or if the words run out.
    /// A. Saltelli, Computer Physics Communications 145 (2002) 280-297; A. Saltelli et al., same journal 181 (2010)
    /// 259-270.
    #[must_use]
    pub fn new(
        dimensions: usize,
        rows: u32,
        blocks: usize,
        second_order: bool,
        words: &mut impl Iterator<Item = u64>,
    ) -> Option<Self> {
        if dimensions == 0 || rows == 0 || blocks == 0 {
            return None;
        }
        let mut points = Vec::new();
        for _ in 0..blocks {
            let sequence = Sobol::scrambled(2 * dimensions, words)?;
            for row in 0..rows {
                let both = sequence.point(row);
                let (a, b) = both.split_at(dimensions);
                let swapped = |into: &[f64], from: &[f64], factor: usize| {
                    let mut point = into.to_vec();
                    point[factor] = from[factor];
                    point
                };
                points.push(a.to_vec());
                points.push(b.to_vec());
                points.extend((0..dimensions).map(|factor| swapped(a, b, factor)));
                if second_order {
                    points.extend((0..dimensions).map(|factor| swapped(b, a, factor)));
                }
            }
        }
        Some(Self { dimensions, second_order, rows: rows as usize, blocks, points })
    }

    /// The points to run, in order.
    #[must_use]
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// The indices from the values at the points, in their order. `None` for another number of values, for one that
    /// is not finite, or if the output does not vary.
    #[must_use]
    pub fn indices(&self, values: &[f64], confidence: f64) -> Option<SobolIndices> {
        if values.len() != self.points.len() || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let whole = self.estimate(values)?;
        let block_length = self.rows * self.row_length();
        let blocks: Vec<Estimate> =
            values.chunks(block_length).filter_map(|block| self.estimate(block)).collect();
        let with_interval = |value: f64, pick: &dyn Fn(&Estimate) -> f64| {
            let each: Vec<f64> = blocks.iter().map(pick).collect();
            let half = (blocks.len() == self.blocks).then(|| t_interval(&each, confidence)).flatten();
            let interval = half.map(|spread| {
                let half = spread.half_width();
                Interval { lo: value - half, hi: value + half }
            });
            Index { value, interval }
        };
        let all = |pick: fn(&Estimate) -> &Vec<f64>| {
            (0..pick(&whole).len())
                .map(|i| with_interval(pick(&whole)[i], &|e| pick(e)[i]))
                .collect::<Vec<_>>()
        };
        let pairs = (0..self.dimensions).flat_map(|i| (i + 1..self.dimensions).map(move |j| (i, j)));
        Some(SobolIndices {
            mean: whole.mean,
            variance: whole.variance,
            first: all(|e| &e.first),
            total: all(|e| &e.total),
            second: pairs.zip(all(|e| &e.second)).collect(),
        })
    }

    fn row_length(&self) -> usize {
        if self.second_order { 2 * self.dimensions + 2 } else { self.dimensions + 2 }
    }

    /// First order by Saltelli et al. (2010), table 2 (b), on both sides where the plan has both; total by M. Jansen,
    /// Computer Physics Communications 117 (1999) 35-43; second order by Saltelli (2002), theorem 2. Values are taken
    /// from their mean, which changes no expectation and saves digits.
    fn estimate(&self, values: &[f64]) -> Option<Estimate> {
        let rows: Vec<&[f64]> = values.chunks(self.row_length()).collect();
        let plain: Vec<f64> = rows.iter().flat_map(|row| [row[0], row[1]]).collect();
        let (centre, spread) = (mean(&plain)?, variance(&plain)?);
        if spread <= 0.0 {
            return None;
        }
        let (k, n) = (self.dimensions, rows.len() as f64);
        let share = |term: &dyn Fn(&Row) -> f64| {
            rows.iter().map(|values| term(&Row { values, centre, k })).sum::<f64>() / n / spread
        };
        let first: Vec<f64> = (0..k)
            .map(|i| {
                let forth = share(&|row| row.b() * (row.ab(i) - row.a()));
                if !self.second_order {
                    return forth;
                }
                0.5 * (forth + share(&|row| row.a() * (row.ba(i) - row.b())))
            })
            .collect();
        let total = (0..k)
            .map(|i| {
                let forth = share(&|row| 0.5 * (row.a() - row.ab(i)) * (row.a() - row.ab(i)));
                if !self.second_order {
                    return forth;
                }
                0.5 * (forth + share(&|row| 0.5 * (row.b() - row.ba(i)) * (row.b() - row.ba(i))))
            })
            .collect();
        let mut second = Vec::new();
        if self.second_order {
            for i in 0..k {
                for j in i + 1..k {
                    let closed = share(&|row| row.ba(i) * row.ab(j) - row.a() * row.b());
                    second.push(closed - first[i] - first[j]);
                }
            }
        }
        Some(Estimate { mean: centre, variance: spread, first, total, second })
    }
}

/// Estimates without intervals.
struct Estimate {
    mean: f64,
    variance: f64,
    first: Vec<f64>,
    total: Vec<f64>,
    second: Vec<f64>,
}

/// The values of a row, taken from their mean.
struct Row<'a> {
    values: &'a [f64],
    centre: f64,
    k: usize,
}

impl Row<'_> {
    fn a(&self) -> f64 {
        self.values[0] - self.centre
    }

    fn b(&self) -> f64 {
        self.values[1] - self.centre
    }

    /// At a with coordinate i of b.
    fn ab(&self, i: usize) -> f64 {
        self.values[2 + i] - self.centre
    }

    /// At b with coordinate i of a.
    fn ba(&self, i: usize) -> f64 {
        self.values[2 + self.k + i] - self.centre
    }
}

/// The Sobol indices of a function on the unit cube at 95 % confidence, with second order: [`SobolPlan`] in eight
/// blocks of `rows` rows. `None` as for its parts.
#[must_use]
pub fn sobol_indices(
    function: impl Fn(&[f64]) -> f64,
    dimensions: usize,
    rows: u32,
    words: &mut impl Iterator<Item = u64>,
) -> Option<SobolIndices> {
    let plan = SobolPlan::new(dimensions, rows, 8, true, words)?;
    let values: Vec<f64> = plan.points().iter().map(|point| function(point)).collect();
    plan.indices(&values, 0.95)
}

#[cfg(test)]
mod tests {
    use super::super::super::design::tests::words;
    use super::*;
    use std::f64::consts::PI;

    /// T. Ishigami, T. Homma, ISUMA 90 (1990), on the unit cube, with a = 7 and b = 0.1.
    fn ishigami(point: &[f64]) -> f64 {
        let x: Vec<f64> = point.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
        let (s1, s2) = (libm::sin(x[0]), libm::sin(x[1]));
        s1 + 7.0 * s2 * s2 + 0.1 * x[2] * x[2] * x[2] * x[2] * s1
    }

    fn near(index: &Index, expected: f64, within: f64) {
        assert!((index.value - expected).abs() <= within, "{index:?}, expected {expected}");
    }

    /// Case A33, at 8 x 2^12 = 2^15 base points.
    #[test]
    fn ishigami_function() {
        let result = sobol_indices(ishigami, 3, 1 << 12, &mut words(1)).unwrap();
        assert!((result.mean - 3.5).abs() < 0.035 && (result.variance / 13.844_587_940_7 - 1.0).abs() < 0.01);
        for (index, expected) in result.first.iter().zip([0.313_905_191_148, 0.442_411_144_79, 0.0]) {
            near(index, expected, 0.02);
        }
        let total = [0.557_588_855_21, 0.442_411_144_79, 0.243_683_664_062];
        for (index, expected) in result.total.iter().zip(total) {
            near(index, expected, 0.02);
        }
        let pairs: Vec<(usize, usize)> = result.second.iter().map(|(pair, _)| *pair).collect();
        assert_eq!(pairs, [(0, 1), (0, 2), (1, 2)]);
        for ((_, index), expected) in result.second.iter().zip([0.0, 0.243_683_664_062, 0.0]) {
            near(index, expected, 0.02);
            assert!(index.interval.unwrap().half_width() < 0.02);
        }
    }

    /// The g-function of Saltelli and Sobol (1995): V_i = 1 / (3 (1 + a_i)^2), V = product of (1 + V_i) - 1, and the
    /// total share of i is V_i times the product over the others of (1 + V_j). Without second order, one block.
    #[test]
    fn g_function_without_second_order() {
        let a = [0.0, 1.0, 4.5, 9.0, 99.0];
        let g = |x: &[f64]| {
            x.iter()
                .zip(a)
                .map(|(x, a): (&f64, f64)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a))
                .product::<f64>()
        };
        let plan = SobolPlan::new(5, 1 << 14, 1, false, &mut words(2)).unwrap();
        assert_eq!(plan.points().len(), (1 << 14) * 7);
        let values: Vec<f64> = plan.points().iter().map(|point| g(point)).collect();
        let result = plan.indices(&values, 0.95).unwrap();
        let parts = a.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
        let whole = parts.iter().map(|part| 1.0 + part).product::<f64>();
        for (i, part) in parts.iter().enumerate() {
            near(&result.first[i], part / (whole - 1.0), 0.01);
            near(&result.total[i], part * whole / (1.0 + part) / (whole - 1.0), 0.01);
            assert_eq!(result.first[i].interval, None);
        }
        assert!(result.second.is_empty());
    }

    #[test]
    fn what_cannot_be_estimated() {
        assert!(SobolPlan::new(0, 8, 1, false, &mut words(1)).is_none());
        assert!(SobolPlan::new(501, 8, 1, false, &mut words(1)).is_none());
        let plan = SobolPlan::new(2, 8, 2, false, &mut words(1)).unwrap();
        assert!(plan.indices(&[1.0; 64], 0.95).is_none(), "a constant output");
        assert!(plan.indices(&[1.0; 63], 0.95).is_none());
        let mut values: Vec<f64> = plan.points().iter().map(|point| point[0]).collect();
        values[5] = f64::INFINITY;
        assert!(plan.indices(&values, 0.95).is_none());
    }
}
