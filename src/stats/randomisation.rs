//! Fisher's randomisation test of paired differences: no law assumed, a cross-check of the t test for small samples.

use super::design::below;

/// Up to this many pairs all assignments of signs are tried.
const EXACT: usize = 16;

/// Two-sided p-value of no difference: how often the sum of the differences is at least as far from 0 as it is, if
/// the sign of each were tossed. Exact up to 16 pairs; above, from `resamples` tosses (with the sample itself counted
/// as one more). It assumes that the differences are symmetric about 0 if there is none.
///
/// `None` without pairs, for values that are not finite, without resamples where they are needed, or if the words run
/// out. R. Fisher, The Design of Experiments (1935), section 21; B. Phipson, G. Smyth, Statistical Applications in
/// Genetics and Molecular Biology 9 (2010) 39, for the one more.
#[must_use]
pub fn sign_flip_p_value(
    differences: &[f64],
    resamples: usize,
    words: &mut impl Iterator<Item = u64>,
) -> Option<f64> {
    if differences.is_empty() || differences.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let sizes: f64 = differences.iter().map(|d| d.abs()).sum();
    let signed = |negative: &dyn Fn(usize) -> bool| {
        let sum: f64 = differences.iter().enumerate().map(|(i, d)| if negative(i) { -d } else { *d }).sum();
        sum.abs()
    };
    // What is equal up to rounding counts as equal.
    let far = signed(&|_| false) - 1e-12 * sizes;
    if differences.len() <= EXACT {
        let count = 1u64 << differences.len();
        let as_far = (0..count).filter(|signs| signed(&|i| signs >> i & 1 == 1) >= far).count();
        return Some(as_far as f64 / count as f64);
    }
    if resamples == 0 {
        return None;
    }
    let mut as_far = 1;
    let mut signs = vec![false; differences.len()];
    for _ in 0..resamples {
        for sign in &mut signs {
            *sign = below(words.next()?, 2) == 1;
        }
        as_far += usize::from(signed(&|i| signs[i]) >= far);
    }
    Some(as_far as f64 / (resamples + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::super::design::tests::words;
    use super::*;

    /// Darwin's plants, the example of Fisher's book: cross- against self-fertilised heights in eighths of an inch; of
    /// 2^15 = 32,768 assignments 1,726 reach a sum of 314 on either side, p = 0.05267.
    #[test]
    fn darwins_plants() {
        let differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48].map(f64::from);
        let p = sign_flip_p_value(&differences, 0, &mut words(1)).unwrap();
        assert_eq!(p, 1726.0 / 32768.0);
    }

    #[test]
    fn tosses_come_near_the_t_test_for_many_pairs() {
        let differences: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 61) - 26.0).collect();
        let p = sign_flip_p_value(&differences, 20_000, &mut words(5)).unwrap();
        let zeros = vec![0.0; 60];
        let t = super::super::paired(&differences, &zeros, 0.95).unwrap().p_value;
        assert!((p - t).abs() < 0.01, "{p} {t}");
    }

    #[test]
    fn ends_and_bad_input() {
        let p = |differences: &[f64]| sign_flip_p_value(differences, 0, &mut words(1));
        assert_eq!((p(&[0.0, 0.0]), p(&[2.0]), p(&[2.0, 1.0])), (Some(1.0), Some(1.0), Some(0.5)));
        assert_eq!((p(&[]), p(&[f64::NAN]), p(&[1.0; 17])), (None, None, None));
    }
}
