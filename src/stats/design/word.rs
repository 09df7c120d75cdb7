//! What designs and resampling make of random words.

/// A number in (0, 1) from a word: the middle of one of 2^52 equal cells, so never 0 or 1.
pub(in crate::stats) fn uniform(word: u64) -> f64 {
    const CELLS: f64 = (1u64 << 52) as f64;
    ((word >> 12) as f64 + 0.5) / CELLS
}

/// A whole number below `count` (above 0) from a word, by multiplication; its bias is below count / 2^64.
///
/// D. Lemire, "Fast random integer generation in an interval", ACM Transactions on Modeling and Computer
/// Simulation 29 (2019) 3:1-3:12, without the rejection step.
pub(in crate::stats) fn below(word: u64, count: usize) -> usize {
    ((u128::from(word) * count as u128) >> 64) as usize
}

/// The numbers below `count` in random order; `None` if the words run out. Uses `count - 1` words.
///
/// R. Durstenfeld, Algorithm 235, Communications of the ACM 7 (1964) 420.
pub(in crate::stats) fn scattered(count: usize, words: &mut impl Iterator<Item = u64>) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, below(words.next()?, last + 1));
    }
    Some(order)
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;

    /// Words for tests: splitmix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014).
    pub(in crate::stats) fn words(seed: u64) -> impl Iterator<Item = u64> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        })
    }

    #[test]
    fn the_ends_of_the_words() {
        assert!(uniform(0) > 0.0 && uniform(u64::MAX) < 1.0);
        assert_eq!((below(0, 7), below(u64::MAX, 7), below(1 << 63, 7)), (0, 6, 3));
    }
}
