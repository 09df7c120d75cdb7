//! Designs over levels: every combination, or one factor at a time.

/// Every combination of levels, the last factor moving fastest; level 0 of every factor comes first.
///
/// `levels[i]` is the number of levels of factor i. `None` if a factor has none, or if there are more than `limit`
/// combinations: ask [`combinations`] how many there would be.
#[must_use]
pub fn full_factorial(levels: &[usize], limit: usize) -> Option<Vec<Vec<usize>>> {
    let count = combinations(levels)?;
    if count == 0 || count > limit {
        return None;
    }
    let mut point = vec![0; levels.len()];
    let mut design = Vec::with_capacity(count);
    for _ in 0..count {
        design.push(point.clone());
        for (place, levels) in point.iter_mut().zip(levels).rev() {
            *place += 1;
            if *place < *levels {
                break;
            }
            *place = 0;
        }
    }
    Some(design)
}

/// The number of combinations of levels; `None` if it exceeds what a machine can count.
#[must_use]
pub fn combinations(levels: &[usize]) -> Option<usize> {
    if levels.contains(&0) {
        return Some(0);
    }
    levels.iter().try_fold(1usize, |product, levels| product.checked_mul(*levels))
}

/// The point of all first levels, then each other level of each factor with all others at their first.
///
/// `None` if a factor has no level.
#[must_use]
pub fn one_at_a_time(levels: &[usize]) -> Option<Vec<Vec<usize>>> {
    if levels.contains(&0) {
        return None;
    }
    let base = vec![0; levels.len()];
    let mut design = vec![base.clone()];
    for (factor, levels) in levels.iter().enumerate() {
        for level in 1..*levels {
            let mut point = base.clone();
            point[factor] = level;
            design.push(point);
        }
    }
    Some(design)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_in_order() {
        let design = full_factorial(&[2, 1, 3], 6).unwrap();
        let expected = [[0, 0, 0], [0, 0, 1], [0, 0, 2], [1, 0, 0], [1, 0, 1], [1, 0, 2]];
        assert_eq!(design, expected.map(|point| point.to_vec()));
        assert_eq!(full_factorial(&[], 1), Some(vec![vec![]]));
    }

    #[test]
    fn too_many_or_none() {
        assert_eq!(full_factorial(&[2, 3], 5), None);
        assert_eq!((full_factorial(&[2, 0], 5), one_at_a_time(&[0])), (None, None));
        assert_eq!(combinations(&[1 << 40, 1 << 40]), None);
        assert_eq!(combinations(&[1 << 40, 0, 1 << 40]), Some(0));
    }

    #[test]
    fn one_factor_moves_at_a_time() {
        let design = one_at_a_time(&[3, 2]).unwrap();
        assert_eq!(design, [[0, 0], [1, 0], [2, 0], [0, 1]].map(|point| point.to_vec()));
        assert_eq!(one_at_a_time(&[]), Some(vec![vec![]]));
    }
}
