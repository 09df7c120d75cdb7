//! Estimators, intervals, tests and scores: slices in, numbers out.
//!
//! Nothing here makes a random number, reads a trace or prints: what is random takes its words from the caller. Replications are the unit: every sample is
//! taken as independent and identically distributed, so values from within one run must not be pooled into
//! one. Where a result does not exist (too few values, a level outside (0, 1)) the answer is `None`, never
//! a number that looks like one.
//!
//! Values are ordered by the total order of doubles; an infinite value stands for what was not reached and
//! sorts last, so order statistics and shares remain right, while means of such samples are infinite.

pub mod design;
pub mod sensitivity;

mod compare;
mod describe;
mod ecdf;
mod interval;
mod randomisation;
mod score;
mod stopping;
mod survival;
mod warm_up;

pub use compare::{Paired, holm, paired};
pub use describe::{mean, percentile, quantile_type1, quantile_type7, sd, variance};
pub use ecdf::{dkw_band, dkw_half_height, ecdf};
pub use interval::{
    Interval, clopper_pearson, quantile_interval, quantile_ranks, sd_interval, t_interval, wilson,
    zero_events_bound,
};
pub use randomisation::sign_flip_p_value;
pub use score::{brier, crps_ensemble, crps_normal, interval_score};
pub use stopping::{Precision, looks, precise_enough};
pub use survival::{KaplanMeier, RestrictedMean, SurvivalStep, kaplan_meier};
pub use warm_up::{mser5, welch_curve};
