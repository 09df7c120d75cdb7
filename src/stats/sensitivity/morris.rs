//! Elementary effects: a cheap screen over many factors.

use super::super::design::{below, scattered};
use super::super::interval::{Interval, t_interval};
use super::super::{mean, sd};

/// What the elementary effects of one factor say, in units of the output over the whole range of the factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    /// Mean: the direction, where there is one.
    pub mu: f64,
    /// Mean of the absolute values: how much the factor matters.
    pub mu_star: f64,
    /// Standard deviation, divisor r - 1: curvature or interaction with other factors; 0 for a single trajectory.
    pub sigma: f64,
    /// t interval of `mu_star` over the trajectories, which are independent; `None` for a single one.
    pub interval: Option<Interval>,
}

/// Trajectories through a grid of the unit cube, along each of which every factor moves once.
#[derive(Debug, Clone)]
pub struct Morris {
    dimensions: usize,
    /// The points in the order in which to run them: `dimensions + 1` to a trajectory.
    points: Vec<Vec<f64>>,
    /// For each step between neighbours of a trajectory: the factor that moves.
    moved: Vec<usize>,
}

impl Morris {
    /// `trajectories` random trajectories on a grid of `levels` values a factor, 0 and 1 among them; each step
    /// is `levels / (2 (levels - 1))` up or down, so that all values come up equally often. Costs
    /// `trajectories * (dimensions + 1)` runs.
    ///
    /// `None` without trajectories or factors, for levels that are not even, or if the words run out.
    /// M. Morris, "Factorial sampling plans for preliminary computational experiments", Technometrics 33 (1991)
    /// 161-174; F. Campolongo, J. Cariboni, A. Saltelli, Environmental Modelling and Software 22 (2007) 1509-1518
    /// for `mu_star`.
    #[must_use]
    pub fn new(
        dimensions: usize,
        trajectories: usize,
        levels: usize,
        words: &mut impl Iterator<Item = u64>,
    ) -> Option<Self> {
        if trajectories == 0 || dimensions == 0 || levels < 2 || !levels.is_multiple_of(2) {
            return None;
        }
        let at = |level: usize| level as f64 / (levels - 1) as f64;
        let mut plan = Self { dimensions, points: Vec::new(), moved: Vec::new() };
        for _ in 0..trajectories {
            let mut place = Vec::with_capacity(dimensions);
            for _ in 0..dimensions {
                place.push(below(words.next()?, levels));
            }
            plan.points.push(place.iter().map(|level| at(*level)).collect());
            for factor in scattered(dimensions, words)? {
                let level = &mut place[factor];
                *level = if *level < levels / 2 { *level + levels / 2 } else { *level - levels / 2 };
                plan.moved.push(factor);
                plan.points.push(place.iter().map(|level| at(*level)).collect());
            }
        }
        Some(plan)
    }

    /// The points to run, in order.
    #[must_use]
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// The effects of each factor from the values at the points, in their order. `None` for another number of
    /// values, or for one that is not finite.
    #[must_use]
    pub fn effects(&self, values: &[f64], confidence: f64) -> Option<Vec<Effects>> {
        if values.len() != self.points.len() || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut found: Vec<Vec<f64>> = vec![Vec::new(); self.dimensions];
        let paths = self.points.chunks(self.dimensions + 1).zip(values.chunks(self.dimensions + 1));
        for ((points, values), moved) in paths.zip(self.moved.chunks(self.dimensions)) {
            for (step, factor) in moved.iter().enumerate() {
                let way = points[step + 1][*factor] - points[step][*factor];
                found[*factor].push((values[step + 1] - values[step]) / way);
            }
        }
        found
            .iter()
            .map(|effects| {
                let sizes: Vec<f64> = effects.iter().map(|effect| effect.abs()).collect();
                Some(Effects {
                    mu: mean(effects)?,
                    mu_star: mean(&sizes)?,
                    sigma: sd(effects).unwrap_or(0.0),
                    interval: t_interval(&sizes, confidence),
                })
            })
            .collect()
    }
}

/// The elementary effects of a function on the unit cube at 95 % confidence: [`Morris`] on four levels, as is usual.
/// `None` as for its parts.
#[must_use]
pub fn elementary_effects(
    function: impl Fn(&[f64]) -> f64,
    dimensions: usize,
    trajectories: usize,
    words: &mut impl Iterator<Item = u64>,
) -> Option<Vec<Effects>> {
    let plan = Morris::new(dimensions, trajectories, 4, words)?;
    let values: Vec<f64> = plan.points().iter().map(|point| function(point)).collect();
    plan.effects(&values, 0.95)
}

#[cfg(test)]
mod tests {
    use super::super::super::design::tests::words;
    use super::*;

    /// Case A34: a linear function has its coefficients as effects, whatever the design.
    #[test]
    fn a_linear_function() {
        let linear = |x: &[f64]| 3.0 * x[0] - 2.0 * x[1] + 0.5 * x[2] + 0.0 * x[3];
        for (seed, trajectories) in [(1, 2), (2, 20), (3, 50)] {
            let effects = elementary_effects(linear, 4, trajectories, &mut words(seed)).unwrap();
            for (effect, slope) in effects.iter().zip([3.0_f64, -2.0, 0.5, 0.0]) {
                assert!((effect.mu - slope).abs() <= 1e-9 * slope.abs());
                assert!((effect.mu_star - slope.abs()).abs() <= 1e-9 * slope.abs());
                assert!(effect.sigma <= 1e-9);
                assert!(effect.interval.unwrap().half_width() <= 1e-9);
            }
        }
    }

    /// y = x1 x2 on four levels: the effect of x1 is x2, uniform on 0, 1/3, 2/3, 1: mean 1/2, variance 5/36.
    /// y = (x3 - 1/2)^2: the effects are +-1/3, so mu vanishes and mu* does not.
    #[test]
    fn interaction_and_curvature_have_their_known_values() {
        let function = |x: &[f64]| x[0] * x[1] + (x[2] - 0.5) * (x[2] - 0.5);
        let effects = elementary_effects(function, 3, 4000, &mut words(9)).unwrap();
        for effect in &effects[..2] {
            assert!((effect.mu - 0.5).abs() < 0.03 && (effect.mu_star - 0.5).abs() < 0.03);
            assert!((effect.sigma * effect.sigma - 5.0 / 36.0).abs() < 0.01);
            assert!(effect.interval.unwrap().contains(0.5));
        }
        // From 0 to 2/3: (1/36 - 1/4) / (2/3) = -1/3; from 1/3 to 1: +1/3.
        assert!(effects[2].mu.abs() < 0.03 && (effects[2].mu_star - 1.0 / 3.0).abs() < 1e-9);
        assert!((effects[2].sigma - 1.0 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn each_factor_moves_once_a_trajectory_and_stays_on_the_grid() {
        let plan = Morris::new(5, 6, 4, &mut words(4)).unwrap();
        assert_eq!(plan.points().len(), 36);
        for (points, moved) in plan.points().chunks(6).zip(plan.moved.chunks(5)) {
            let mut all = moved.to_vec();
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2, 3, 4]);
            for (pair, factor) in points.windows(2).zip(moved) {
                for (dimension, (to, from)) in pair[1].iter().zip(&pair[0]).enumerate() {
                    let way = (to - from).abs();
                    let expected = if dimension == *factor { 2.0 / 3.0 } else { 0.0 };
                    assert!((way - expected).abs() < 1e-12);
                }
            }
        }
        assert!(plan.points().iter().flatten().all(|x| (0.0..=1.0).contains(x)));
    }

    #[test]
    fn what_cannot_be_planned_or_estimated() {
        assert!(Morris::new(3, 0, 4, &mut words(1)).is_none());
        assert!(Morris::new(0, 3, 4, &mut words(1)).is_none());
        assert!(Morris::new(3, 3, 5, &mut words(1)).is_none());
        let plan = Morris::new(2, 1, 4, &mut words(1)).unwrap();
        assert_eq!(plan.effects(&[1.0, 2.0], 0.95), None);
        assert_eq!(plan.effects(&[1.0, f64::NAN, 2.0], 0.95), None);
        let single = plan.effects(&[1.0, 2.0, 3.0], 0.95).unwrap();
        assert_eq!((single[0].sigma, single[0].interval), (0.0, None));
    }
}
