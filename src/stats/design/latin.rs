//! Latin hypercube: each coordinate meets each of n equal strata once.

use super::word::{scattered, uniform};

/// `points` points in (0, 1)^`dimensions`: each coordinate falls once into each of `points` equal strata, at a
/// uniform place in it, and the strata of the coordinates are matched by independent random permutations.
///
/// Uses `2 * points - 1` words a dimension, dimension by dimension, so more dimensions leave the first ones as
/// they are. `None` of no points, or if the words run out. M. McKay, R. Beckman, W. Conover, "A comparison of three
/// methods for selecting values of input variables in the analysis of output from a computer code",
/// Technometrics 21 (1979) 239-245.
#[must_use]
pub fn latin_hypercube(
    points: usize,
    dimensions: usize,
    words: &mut impl Iterator<Item = u64>,
) -> Option<Vec<Vec<f64>>> {
    if points == 0 {
        return None;
    }
    let mut design = vec![vec![0.0; dimensions]; points];
    for dimension in 0..dimensions {
        let strata = scattered(points, words)?;
        for (point, stratum) in design.iter_mut().zip(&strata) {
            point[dimension] = (*stratum as f64 + uniform(words.next()?)) / points as f64;
        }
    }
    Some(design)
}

#[cfg(test)]
mod tests {
    use super::super::word::tests::words;
    use super::*;

    #[test]
    fn each_stratum_once_in_each_dimension() {
        let design = latin_hypercube(50, 7, &mut words(1)).unwrap();
        for dimension in 0..7 {
            let mut strata: Vec<usize> =
                design.iter().map(|point| (point[dimension] * 50.0) as usize).collect();
            strata.sort_unstable();
            assert_eq!(strata, (0..50).collect::<Vec<_>>());
        }
        assert!(design.iter().flatten().all(|x| *x > 0.0 && *x < 1.0));
    }

    #[test]
    fn more_dimensions_leave_the_first_ones_alone() {
        let (few, many) = (latin_hypercube(9, 2, &mut words(5)), latin_hypercube(9, 4, &mut words(5)));
        let cut: Vec<Vec<f64>> = many.unwrap().iter().map(|point| point[..2].to_vec()).collect();
        assert_eq!(few.unwrap(), cut);
    }

    /// The variance of the mean of an additive function falls far below that of independent points, which is
    /// what the design is for (M. Stein, Technometrics 29 (1987) 143-151).
    #[test]
    fn additive_functions_are_integrated_better() {
        let error = |design: &[Vec<f64>]| {
            let sum: f64 = design.iter().flatten().sum();
            (sum / design.len() as f64 - 1.5).abs()
        };
        let mut stream = words(3);
        let (mut latin, mut independent) = (0.0, 0.0);
        for _ in 0..200 {
            latin += error(&latin_hypercube(20, 3, &mut stream).unwrap());
            let plain: Vec<Vec<f64>> =
                (0..20).map(|_| (0..3).map(|_| uniform(stream.next().unwrap())).collect()).collect();
            independent += error(&plain);
        }
        assert!(latin * 10.0 < independent, "{latin} {independent}");
    }

    #[test]
    fn nothing_asked_and_too_few_words() {
        assert_eq!(latin_hypercube(0, 3, &mut words(1)), None);
        assert_eq!(latin_hypercube(3, 1, &mut words(1).take(4)), None);
        assert!(latin_hypercube(3, 1, &mut words(1).take(5)).is_some());
        assert_eq!(latin_hypercube(2, 0, &mut words(1)), Some(vec![vec![], vec![]]));
    }
}
