//! How much of the beginning of a steady-state model to leave out.
//!
//! A crisis starts and ends, so its runs need none of this; a model of daily load does.

use super::describe::mean;

/// Where a series has settled by MSER-5: how many values to drop from its front. Batches of five are averaged, and
/// the cut is the one that makes the squared standard error of what is left, taken as independent, least; only cuts
/// in the first half count. `None` if the least is at the end of the first half (the series has not settled, or is
/// too short), below ten values, or for a value that is not finite.
///
/// K. White, Simulation 69 (1997) 323-334; K. Hoad, S. Robinson, R. Davies, "Automating warm-up length estimation",
/// Journal of the Operational Research Society 61 (2010) 1389-1403.
#[must_use]
pub fn mser5(series: &[f64]) -> Option<usize> {
    const BATCH: usize = 5;
    if series.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let batches: Vec<f64> = series.chunks_exact(BATCH).filter_map(mean).collect();
    if batches.len() < 2 {
        return None;
    }
    let last_cut = batches.len() / 2;
    let error = |cut: usize| {
        let rest = &batches[cut..];
        let centre = rest.iter().sum::<f64>() / rest.len() as f64;
        let squares: f64 = rest.iter().map(|x| (x - centre) * (x - centre)).sum();
        squares / (rest.len() * rest.len()) as f64
    };
    // The first of equal cuts: nothing is dropped without need.
    let (cut, _) = (0..=last_cut)
        .map(|cut| (cut, error(cut)))
        .reduce(|best, next| if next.1 < best.1 { next } else { best })?;
    (cut < last_cut).then_some(cut * BATCH)
}

/// Welch's curve: the mean over replications at each index, then a centred moving average of `window` values to each
/// side, fewer near the beginning so that it stays centred. What its flat part begins at is the warm-up, by eye.
///
/// The result is `window` shorter than the shortest replication. `None` without replications or if `window` leaves
/// nothing. P. Welch, in S. Lavenberg (ed.), The Computer Performance Modeling Handbook (1983), 268-328; Law (2015),
/// section 9.5.1.
#[must_use]
pub fn welch_curve(replications: &[Vec<f64>], window: usize) -> Option<Vec<f64>> {
    let length = replications.iter().map(Vec::len).min()?;
    if window >= length {
        return None;
    }
    let means: Vec<f64> = (0..length)
        .map(|i| replications.iter().map(|series| series[i]).sum::<f64>() / replications.len() as f64)
        .collect();
    let smooth = |i: usize| {
        let side = window.min(i);
        mean(&means[i - side..=i + side])
    };
    (0..length - window).map(smooth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_cut_where_it_ends() {
        // 15 high values, then 85 that alternate: the cut is after the third batch.
        let series: Vec<f64> = (0..100).map(|i| if i < 15 { 50.0 } else { f64::from(i % 2) }).collect();
        assert_eq!(mser5(&series), Some(15));
    }

    /// Batches 10, 4, 1, 2, 1, 2, worked by hand: the sums of squares over n^2 are 60/36 ..., least at a cut of two.
    #[test]
    fn least_standard_error_by_hand() {
        let series: Vec<f64> =
            [10.0, 4.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0].iter().flat_map(|x| [*x; 5]).collect();
        // Cut 1: mean 13/7, squares 31 - 169/7 = 6.857, / 49 = 0.1399; cut 2: 1.5 / 36 = 0.0417; cut 3: mean 1.6,
        // squares 1.2, / 25 = 0.048.
        assert_eq!(mser5(&series), Some(10));
    }

    #[test]
    fn a_series_that_has_not_settled() {
        let rising: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(mser5(&rising), None);
        assert_eq!((mser5(&[1.0; 9]), mser5(&[f64::NAN; 20])), (None, None));
        assert_eq!(mser5(&[3.0; 20]), Some(0));
    }

    #[test]
    fn welch_by_hand() {
        let replications = [vec![2.0, 4.0, 6.0, 8.0, 10.0], vec![0.0, 0.0, 0.0, 0.0, 0.0, 7.0]];
        // Means 1, 2, 3, 4, 5; window 1 each side.
        assert_eq!(welch_curve(&replications, 1), Some(vec![1.0, 2.0, 3.0, 4.0]));
        assert_eq!(welch_curve(&[vec![9.0, 0.0, 3.0, 3.0]], 2), Some(vec![9.0, 4.0]));
        assert_eq!((welch_curve(&replications, 5), welch_curve(&[], 1)), (None, None));
    }
}
