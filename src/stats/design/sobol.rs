//! Sobol's low-discrepancy sequence, plain or randomised.
//!
//! No crate fits: one that is kept stops at 256 dimensions and single precision, the other has not been touched for
//! years. The table of direction numbers is that of its authors; see the head of the file.

use super::word::uniform;

/// The most dimensions that the embedded table serves.
pub const MAX_DIMENSIONS: usize = 1000;

const TABLE: &str = include_str!("joe-kuo-6.txt");
/// Binary digits of a coordinate.
const DIGITS: usize = 52;
/// The sequence has 2^32 points.
const COLUMNS: usize = 32;

/// Sobol's sequence in a number of dimensions; point 0, 1, 2 .. is a pure function of the number.
///
/// I. Sobol, USSR Computational Mathematics and Mathematical Physics 7 (1967) 86-112; direction numbers by S. Joe,
/// F. Kuo, SIAM Journal on Scientific Computing 30 (2008) 2635-2654. Take a power of two of points from 0 on: other
/// numbers lose the balance that the sequence has.
#[derive(Debug, Clone)]
pub struct Sobol {
    /// For each dimension, what each binary digit of the number adds (without carry), 52 digits.
    columns: Vec<[u64; COLUMNS]>,
    /// Added without carry to every point.
    shift: Vec<u64>,
}

impl Sobol {
    /// The plain sequence, whose first point is the corner of the cube (up to half a cell of 2^-52). `None`
    /// above [`MAX_DIMENSIONS`].
    #[must_use]
    pub fn new(dimensions: usize) -> Option<Self> {
        if dimensions > MAX_DIMENSIONS {
            return None;
        }
        let table = TABLE.lines().filter(|line| !line.starts_with('#'));
        let mut columns = Vec::with_capacity(dimensions);
        columns.extend((dimensions > 0).then(van_der_corput));
        columns.extend(table.take(dimensions.saturating_sub(1)).map(directions));
        Some(Self { columns, shift: vec![0; dimensions] })
    }

    /// The sequence randomised by a linear scramble of its digits and a digital shift: every point is uniform on
    /// its own, the balance of the sequence is kept, and two randomisations are independent, so that repeated ones
    /// show the error. Uses 53 words a dimension; `None` as [`new`](Self::new) or if the words run out.
    ///
    /// J. Matousek, "On the L2-discrepancy for anchored boxes", Journal of Complexity 14 (1998) 527-556.
    #[must_use]
    pub fn scrambled(dimensions: usize, words: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let mut sequence = Self::new(dimensions)?;
        for (columns, shift) in sequence.columns.iter_mut().zip(&mut sequence.shift) {
            // Row i makes digit i (the first is the most significant) of digits 0 to i, with digit i itself kept.
            let mut rows = [0u64; DIGITS];
            for (i, row) in rows.iter_mut().enumerate() {
                let own = 1u64 << (DIGITS - 1 - i);
                let before = ((1u64 << DIGITS) - 1) & !(2 * own - 1);
                *row = (words.next()? >> (64 - DIGITS)) & before | own;
            }
            for column in columns.iter_mut() {
                *column = rows
                    .iter()
                    .fold(0, |digits, row| digits << 1 | u64::from((row & *column).count_ones()) & 1);
            }
            *shift = words.next()? >> (64 - DIGITS);
        }
        Some(sequence)
    }

    /// Number of dimensions.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.columns.len()
    }

    /// Point `number`, counted from 0, in (0, 1)^d, in the order of the Gray code, which is that of most
    /// implementations.
    #[must_use]
    pub fn point(&self, number: u32) -> Vec<f64> {
        let code = number ^ (number >> 1);
        self.columns
            .iter()
            .zip(&self.shift)
            .map(|(columns, shift)| {
                let mut digits = *shift;
                let mut left = code;
                while left != 0 {
                    digits ^= columns[left.trailing_zeros() as usize];
                    left &= left - 1;
                }
                uniform(digits << (64 - DIGITS))
            })
            .collect()
    }

    /// The first `count` points.
    #[must_use]
    pub fn points(&self, count: u32) -> Vec<Vec<f64>> {
        (0..count).map(|number| self.point(number)).collect()
    }
}

/// The first dimension: the digits of the number in reverse.
fn van_der_corput() -> [u64; COLUMNS] {
    std::array::from_fn(|k| 1 << (DIGITS - 1 - k))
}

/// The directions of a dimension from its line of the table: Joe and Kuo's recurrence.
fn directions(line: &str) -> [u64; COLUMNS] {
    let mut numbers = line.split(' ').filter_map(|word| word.parse::<u64>().ok());
    let degree = numbers.next().unwrap_or(1) as usize;
    let polynomial = numbers.next().unwrap_or(0);
    let mut columns = [0; COLUMNS];
    for (k, start) in numbers.take(degree).enumerate() {
        columns[k] = start << (DIGITS - 1 - k);
    }
    for k in degree..COLUMNS {
        let mut next = columns[k - degree] ^ (columns[k - degree] >> degree);
        for j in 1..degree {
            if polynomial >> (degree - 1 - j) & 1 == 1 {
                next ^= columns[k - j];
            }
        }
        columns[k] = next;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::super::word::tests::words;
    use super::*;

    /// scipy 1.17.1, `qmc.Sobol(999, scramble=False, bits=52)`, dimensions 1, 2, 3, 10, 40, 200, 999.
    #[test]
    fn agrees_with_a_reference_implementation() {
        let expected: [(u32, [f64; 7]); 7] = [
            (1, [0.5; 7]),
            (2, [0.75, 0.25, 0.25, 0.75, 0.25, 0.25, 0.25]),
            (3, [0.25, 0.75, 0.75, 0.25, 0.75, 0.75, 0.75]),
            (5, [0.875, 0.875, 0.125, 0.125, 0.375, 0.375, 0.125]),
            (
                100,
                [0.414_062_5, 0.257_812_5, 0.773_437_5, 0.695_312_5, 0.132_812_5, 0.132_812_5, 0.320_312_5],
            ),
            (
                777,
                [
                    0.692_382_812_5,
                    0.936_523_437_5,
                    0.163_085_937_5,
                    0.323_242_187_5,
                    0.358_398_437_5,
                    0.143_554_687_5,
                    0.010_742_187_5,
                ],
            ),
            (
                1023,
                [
                    0.000_976_562_5,
                    0.752_929_687_5,
                    0.612_304_687_5,
                    0.850_585_937_5,
                    0.698_242_187_5,
                    0.186_523_437_5,
                    0.702_148_437_5,
                ],
            ),
        ];
        let sequence = Sobol::new(999).unwrap();
        assert!(sequence.point(0).iter().all(|x| *x > 0.0 && *x < 1e-15));
        for (number, coordinates) in expected {
            let point = sequence.point(number);
            for (dimension, x) in [0, 1, 2, 9, 39, 199, 998].into_iter().zip(coordinates) {
                assert!((point[dimension] - x).abs() < 1e-15, "point {number}, dimension {dimension}");
            }
        }
    }

    /// 2^m points of any one dimension, plain or randomised, meet each of 2^m strata once; in dimensions 1 and 2
    /// each elementary box as well.
    #[test]
    fn balance_survives_randomisation() {
        for sequence in [Sobol::new(1000).unwrap(), Sobol::scrambled(1000, &mut words(7)).unwrap()] {
            let points = sequence.points(256);
            for dimension in (0..20).chain([300, 999]) {
                let mut met = [0; 256];
                points.iter().for_each(|point| met[(point[dimension] * 256.0) as usize] += 1);
                assert_eq!(met, [1; 256], "dimension {dimension}");
            }
            for (wide, high) in [(2.0, 128.0), (16.0, 16.0), (64.0, 4.0)] {
                let mut met = [0; 256];
                for point in &points {
                    met[(point[0] * wide) as usize * high as usize + (point[1] * high) as usize] += 1;
                }
                assert_eq!(met, [1; 256]);
            }
        }
    }

    /// An integral in five dimensions, where independent points would be off by some 0.01.
    #[test]
    fn integrates_far_better_than_independent_points() {
        for seed in 0..4 {
            let points = Sobol::scrambled(5, &mut words(seed)).unwrap().points(4096);
            let product = |point: &Vec<f64>| point.iter().map(|x| 3.0 * x * x).product::<f64>();
            let mean = points.iter().map(product).sum::<f64>() / 4096.0;
            assert!((mean - 1.0).abs() < 0.004, "seed {seed}: {mean}");
        }
    }

    #[test]
    fn the_table_has_its_lines_and_no_more() {
        assert_eq!(Sobol::new(MAX_DIMENSIONS).unwrap().dimensions(), 1000);
        assert!(Sobol::new(MAX_DIMENSIONS + 1).is_none());
        assert_eq!(Sobol::new(0).unwrap().point(5), Vec::<f64>::new());
        assert!(Sobol::scrambled(2, &mut words(1).take(105)).is_none());
        // Two randomisations differ.
        let first = |seed| Sobol::scrambled(3, &mut words(seed)).unwrap().point(9);
        assert_ne!(first(1), first(2));
    }
}
