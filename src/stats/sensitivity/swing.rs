//! Swings: one factor at a time to the ends of its range, everything else as it is.

use super::super::compare::{Paired, paired};

/// What one factor does alone: the output at each end of its range against the output at the base, replication by
/// replication under common random numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swing {
    /// Which factor, counted from 0.
    pub factor: usize,
    /// At the low end minus at the base.
    pub low: Paired,
    /// At the high end minus at the base.
    pub high: Paired,
}

impl Swing {
    /// The larger of the two mean differences, without sign.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.low.mean.abs().max(self.high.mean.abs())
    }
}

/// The swing of each factor from the outputs of the same replications at the base and at (low, high) of each factor,
/// the largest first; factors of the same size keep their order. `None` as [`paired`].
#[must_use]
pub fn swings(base: &[f64], ends: &[(Vec<f64>, Vec<f64>)], confidence: f64) -> Option<Vec<Swing>> {
    let mut swings: Vec<Swing> = ends
        .iter()
        .enumerate()
        .map(|(factor, (low, high))| {
            Some(Swing { factor, low: paired(low, base, confidence)?, high: paired(high, base, confidence)? })
        })
        .collect::<Option<_>>()?;
    swings.sort_by(|a, b| b.size().total_cmp(&a.size()));
    Some(swings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_swing_comes_first() {
        let base = [1.0, 2.0, 4.0];
        let moved = |by: f64| base.map(|x| x + by).to_vec();
        let ends = [(moved(-1.0), moved(0.5)), (moved(0.0), moved(0.0)), (moved(2.0), moved(-3.0))];
        let swings = swings(&base, &ends, 0.95).unwrap();
        let order: Vec<(usize, f64)> = swings.iter().map(|swing| (swing.factor, swing.size())).collect();
        assert_eq!(order, [(2, 3.0), (0, 1.0), (1, 0.0)]);
        assert_eq!((swings[0].low.mean, swings[0].high.mean), (2.0, -3.0));
    }

    #[test]
    fn samples_that_do_not_match() {
        assert_eq!(swings(&[1.0, 2.0], &[(vec![1.0], vec![1.0, 2.0])], 0.95), None);
    }
}
