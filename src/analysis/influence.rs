//! Which parameter matters for which figure: results of a sensitivity analysis, whatever its method.

use super::comparison::FigureKind;

/// A parameter that was moved over its range, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovedParameter {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Class of its basis.
    pub basis: &'static str,
    /// Low end of its range, with unit.
    pub low: String,
    /// High end.
    pub high: String,
    /// Its value in the document.
    pub base: String,
}

/// An estimate with its interval, if there is one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
}

/// How much a parameter matters for a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Influence {
    /// What the figure does when the parameter alone goes to the ends of its range.
    Swing {
        /// At the low end minus at the base.
        low: Estimate,
        /// At the high end minus at the base.
        high: Estimate,
    },
    /// Elementary effects over the whole range.
    Effect {
        /// Mean of the absolute effects.
        size: Estimate,
        /// Mean of the effects.
        mean: f64,
        /// Their standard deviation: curvature or interaction.
        spread: f64,
    },
    /// Shares of the variance of the figure.
    Share {
        /// Alone.
        first: Estimate,
        /// With all its interactions.
        total: Estimate,
    },
}

impl Influence {
    /// What influences are ranked by.
    pub fn size(&self) -> f64 {
        match self {
            Influence::Swing { low, high } => low.value.abs().max(high.value.abs()),
            Influence::Effect { size, .. } => size.value,
            Influence::Share { total, .. } => total.value,
        }
    }

    /// Whether chance alone could have made it: every interval that there is holds 0.
    pub fn may_be_chance(&self) -> bool {
        let holds =
            |e: &Estimate| e.value == 0.0 || e.interval.is_some_and(|(lo, hi)| lo <= 0.0 && hi >= 0.0);
        match self {
            Influence::Swing { low, high } => holds(low) && holds(high),
            Influence::Effect { size, .. } => holds(size),
            Influence::Share { first, total } => holds(first) && holds(total),
        }
    }
}

/// How much each parameter matters for one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureInfluences {
    /// Name of the figure in files.
    pub name: String,
    /// For people.
    pub title: String,
    /// What it counts in.
    pub kind: FigureKind,
    /// Its mean at base values.
    pub base_mean: f64,
    /// `(parameter, influence)`, the largest first; empty: the figure does not vary, or does not exist somewhere.
    pub rows: Vec<(usize, Influence)>,
}

impl FigureInfluences {
    /// Sorts the rows, the largest first; equal ones stay in the order of the parameters.
    #[must_use]
    pub fn ranked(mut self) -> Self {
        self.rows.sort_by(|a, b| b.1.size().total_cmp(&a.1.size()).then(a.0.cmp(&b.0)));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, interval: (f64, f64)) -> Estimate {
        Estimate { value, interval: Some(interval) }
    }

    #[test]
    fn ranked_by_size_whatever_the_sign() {
        let swing = |low: f64, high: f64| Influence::Swing {
            low: estimate(low, (low - 1.0, low + 1.0)),
            high: estimate(high, (high - 1.0, high + 1.0)),
        };
        let found = FigureInfluences {
            name: "f".to_owned(),
            title: "f".to_owned(),
            kind: FigureKind::Milestone,
            base_mean: 1.0,
            rows: vec![(0, swing(-0.5, 0.5)), (1, swing(-9.0, 2.0)), (2, swing(0.0, 3.0))],
        };
        let order: Vec<usize> = found.ranked().rows.iter().map(|row| row.0).collect();
        assert_eq!(order, [1, 2, 0]);
        assert!(swing(-0.5, 0.5).may_be_chance() && !swing(-9.0, 0.2).may_be_chance());
    }
}
