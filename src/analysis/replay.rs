//! Judging an ensemble of replays against history.
//!
//! Instants are held against instants; only the score is of the logarithm of the latency. A latency below a minute
//! counts as a minute: history does not know it better, and a logarithm would make much of it. A replication that
//! did not reach the milestone counts as later than every instant, and in the score as the horizon.

use std::collections::BTreeMap;

use crate::model::{MilestoneId, Model, Observed, Origin};
use crate::stats;
use crate::time::{SimDuration, SimTime};

/// One observed milestone held against the ensemble.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The milestone.
    pub milestone: MilestoneId,
    /// Layer that it tests: `victim`, `national`, `internal`, `public`.
    pub layer: Option<&'static str>,
    /// Set by the scenario: shown, not counted.
    pub set_by_scenario: bool,
    /// A parameter on its chain was derived from the same incident.
    pub in_sample: bool,
    /// Replications.
    pub n: usize,
    /// Replications that reached it.
    pub n_reached: usize,
    /// The judgement.
    pub verdict: Verdict,
}

/// What the ensemble says about one observation.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It happened.
    Happened {
        /// Middle of the observed interval (µs relative to the start).
        middle_us: i64,
        /// Share of replications before the middle, ties by half, 0 to 1; what was not reached comes after.
        percentile: f64,
        /// 5 % quantile of the instant; none: not reached in more than 95 % of replications.
        q05: Option<SimTime>,
        /// Median.
        median: Option<SimTime>,
        /// 95 % quantile; none: later than the end in more than 5 % of replications.
        q95: Option<SimTime>,
        /// The middle lies between the two quantiles, both included.
        covered: bool,
        /// The middle lies between the 25 % and the 75 % quantile, both included.
        covered_half: bool,
        /// Interval score of the central 50 % of the logarithm of the latency; none: the observed latency is unknown.
        interval_score_half: Option<f64>,
        /// The same of the central 90 %.
        interval_score: Option<f64>,
        /// Width of the central 90 % as a multiple of the observed latency; none: not finite.
        relative_width: Option<f64>,
        /// CRPS of the natural logarithm of the latency; none: the observed latency is unknown.
        crps: Option<f64>,
        /// The same for the naive forecast.
        naive_crps: Option<f64>,
    },
    /// It did not happen by an instant.
    Never {
        /// By when (µs relative to the start).
        by_us: i64,
        /// Share of replications that reached it by then, with a Wilson interval of 95 %.
        share: f64,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// Brier score of the share as a forecast: its square.
        brier: f64,
    },
}

/// Sums over judged milestones that count.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JudgedSum {
    /// Milestones that happened.
    pub happened: usize,
    /// Those covered by the central 90 %.
    pub covered: usize,
    /// Those covered by the central 50 %.
    pub covered_half: usize,
    /// Mean CRPS over all that have one.
    pub mean_own_crps: Option<f64>,
    /// Mean interval score of the central 90 % over all that have one.
    pub mean_interval_score: Option<f64>,
    /// Milestones that did not happen.
    pub never: usize,
    /// Mean CRPS over those that have one and a naive one.
    pub mean_crps: Option<f64>,
    /// Mean CRPS of the naive forecast over the same.
    pub mean_naive_crps: Option<f64>,
    /// Mean Brier score over those that did not happen.
    pub mean_brier: Option<f64>,
}

/// The judgement of a replay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// One for each observed milestone, in the order of the model.
    pub rows: Vec<Judged>,
    /// Rows with a parameter derived from the same incident.
    pub in_sample: JudgedSum,
    /// The others.
    pub out_of_sample: JudgedSum,
    /// Counted rows by layer, in alphabetical order.
    pub by_layer: Vec<(&'static str, usize)>,
}

/// What one replication says about a milestone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// When it was reached.
    pub at: Option<SimTime>,
    /// Instant from which its latency counts.
    pub origin: Option<SimTime>,
}

impl From<&super::milestones::MilestoneResult> for Outcome {
    fn from(result: &super::milestones::MilestoneResult) -> Outcome {
        Outcome { at: result.reached.map(|r| r.at), origin: result.origin }
    }
}

/// A log-normal forecast of a latency in hours: what somebody would say who knows other incidents only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NaiveForecast {
    /// Mean of the natural logarithm.
    pub mu: f64,
    /// Its standard deviation.
    pub sigma: f64,
}

impl NaiveForecast {
    /// Fits the latencies (h) that other incidents showed for the same kind of milestone, by the mean and standard
    /// deviation of their logarithms; none below two different values.
    pub fn fit(hours: &[f64]) -> Option<NaiveForecast> {
        let logs: Vec<f64> = hours.iter().map(|&h| log_hours(h)).collect();
        let (mu, sigma) = (stats::mean(&logs)?, stats::sd(&logs)?);
        (sigma > 0.0).then_some(NaiveForecast { mu, sigma })
    }
}

/// What is known about one milestone besides the document.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// One outcome per replication.
    pub outcomes: Vec<Outcome>,
    /// A parameter on its chain was derived from the same incident.
    pub in_sample: bool,
    /// The naive forecast of its kind.
    pub naive: Option<NaiveForecast>,
}

/// Holds an ensemble against every observation of the model; `evidence[m]` belongs to milestone m.
///
/// The observed latency counts from the start, from the middle of the observed interval of the origin, or, where
/// the origin was not observed, from its median instant over the replications.
pub fn judge(model: &Model, evidence: &[Evidence]) -> Judgement {
    let all = evidence.iter().take(model.milestones.len()).enumerate();
    summed(all.filter_map(|(i, known)| judge_one(model, MilestoneId::from_index(i), known)).collect())
}

/// Whether a milestone was observed only after the longest time for which the model runs (or by then did not
/// happen): nothing that a run shows can be held against that.
fn is_beyond(model: &Model, milestone: MilestoneId) -> bool {
    let end_us = i64::try_from(model.meta.horizon.as_micros()).unwrap_or(i64::MAX);
    match model.milestones[milestone.index()].observed {
        Some(Observed::At { from_us, to_us, .. }) => from_us + (to_us - from_us) / 2 > end_us,
        Some(Observed::Never { by_us, .. }) => by_us > end_us,
        None => false,
    }
}

/// The milestones that were observed only after the longest time for which the model runs: they are not judged.
pub fn beyond(model: &Model) -> impl Iterator<Item = MilestoneId> {
    (0..model.milestones.len()).map(MilestoneId::from_index).filter(|&m| is_beyond(model, m))
}

/// Holds an ensemble against the observation of one milestone; none: it was not observed while the model runs.
pub fn judge_one(model: &Model, milestone_id: MilestoneId, known: &Evidence) -> Option<Judged> {
    let milestone = &model.milestones[milestone_id.index()];
    let observed = milestone.observed.as_ref().filter(|_| !is_beyond(model, milestone_id))?;
    let sample: Vec<f64> =
        known.outcomes.iter().map(|o| o.at.map_or(f64::INFINITY, |t| t.as_micros() as f64)).collect();
    let (set_by_scenario, verdict) = match observed {
        Observed::At { from_us, to_us, set_by_scenario, .. } => {
            let middle_us = from_us + (to_us - from_us) / 2;
            let origin_us = observed_origin(model, milestone.from, known);
            (*set_by_scenario, happened(model, known, &sample, middle_us, origin_us))
        }
        Observed::Never { by_us, .. } => (false, never(&sample, *by_us)),
    };
    Some(Judged {
        milestone: milestone_id,
        layer: milestone.layer,
        set_by_scenario,
        in_sample: known.in_sample,
        n: sample.len(),
        n_reached: sample.iter().filter(|t| t.is_finite()).count(),
        verdict,
    })
}

/// The judgement from the verdicts on single milestones.
pub fn summed(rows: Vec<Judged>) -> Judgement {
    let counted =
        |in_sample: bool| sum(rows.iter().filter(|r| !r.set_by_scenario && r.in_sample == in_sample));
    let mut by_layer: BTreeMap<&'static str, usize> = BTreeMap::new();
    for row in rows.iter().filter(|r| !r.set_by_scenario) {
        if let Some(layer) = row.layer {
            *by_layer.entry(layer).or_default() += 1;
        }
    }
    Judgement {
        in_sample: counted(true),
        out_of_sample: counted(false),
        by_layer: by_layer.into_iter().collect(),
        rows,
    }
}

/// The instant from which the observed latency counts (µs).
fn observed_origin(model: &Model, origin: Origin, known: &Evidence) -> Option<f64> {
    let observed = match origin {
        Origin::Start => return Some(0.0),
        Origin::Incident(_) => None,
        Origin::Milestone(other) => match &model.milestones[other.index()].observed {
            Some(Observed::At { from_us, to_us, .. }) => Some((from_us + (to_us - from_us) / 2) as f64),
            _ => None,
        },
    };
    observed.or_else(|| {
        let origins = known.outcomes.iter().map(|o| o.origin.map_or(f64::INFINITY, |t| t.as_micros() as f64));
        stats::quantile_type1(&origins.collect::<Vec<f64>>(), 0.5).filter(|t| t.is_finite())
    })
}

/// The verdict on a thing that happened.
fn happened(
    model: &Model,
    known: &Evidence,
    sample: &[f64],
    middle_us: i64,
    origin_us: Option<f64>,
) -> Verdict {
    let middle = middle_us as f64;
    let quantile = |p| stats::quantile_type1(sample, p).unwrap_or(f64::INFINITY);
    let (low, high) = (quantile(0.05), quantile(0.95));
    let logs = log_latencies(model, known);
    let score = |tail: f64, y: f64| {
        let (lo, hi) = (stats::quantile_type1(&logs, tail)?, stats::quantile_type1(&logs, 1.0 - tail)?);
        stats::interval_score(stats::Interval { lo, hi }, 1.0 - 2.0 * tail, y)
    };
    let instant = |us: f64| us.is_finite().then(|| SimTime::from_micros(us as u64));
    let latency_us = origin_us.map(|origin| middle - origin).filter(|&us| us > 0.0);
    let observed_log = latency_us.map(|us| log_hours(us / HOUR_US));
    Verdict::Happened {
        middle_us,
        percentile: stats::percentile(sample, middle).unwrap_or(0.0),
        q05: instant(low),
        median: instant(quantile(0.5)),
        q95: instant(high),
        covered: !sample.is_empty() && low <= middle && middle <= high,
        covered_half: !sample.is_empty() && quantile(0.25) <= middle && middle <= quantile(0.75),
        interval_score_half: observed_log.and_then(|y| score(0.25, y)),
        interval_score: observed_log.and_then(|y| score(0.05, y)),
        relative_width: latency_us.map(|us| (high - low) / us).filter(|w| w.is_finite()),
        crps: observed_log.and_then(|y| stats::crps_ensemble(&logs, y)),
        naive_crps: observed_log.zip(known.naive).and_then(|(y, f)| stats::crps_normal(f.mu, f.sigma, y)),
    }
}

/// Logarithms of the latencies (h); the horizon stands for what was not reached.
fn log_latencies(model: &Model, known: &Evidence) -> Vec<f64> {
    let log = |o: &Outcome| {
        let latency = o.at.unwrap_or(model.meta.horizon) - o.origin.unwrap_or(SimTime::ZERO);
        log_hours(latency.as_hours_f64())
    };
    known.outcomes.iter().map(log).collect()
}

/// The verdict on a thing that did not happen by an instant.
fn never(sample: &[f64], by_us: i64) -> Verdict {
    let reached = sample.iter().filter(|&&us| us <= by_us as f64).count();
    let share = if sample.is_empty() { 0.0 } else { reached as f64 / sample.len() as f64 };
    let interval = stats::wilson(reached as u64, sample.len() as u64, 0.95);
    let (low, high) = interval.map_or((0.0, 1.0), |i| (i.lo, i.hi));
    Verdict::Never { by_us, share, low, high, brier: stats::brier(share, false).unwrap_or(0.0) }
}

/// Sums over rows.
fn sum<'a>(rows: impl Iterator<Item = &'a Judged>) -> JudgedSum {
    let mut result = JudgedSum::default();
    let (mut scores, mut naive, mut briers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut own, mut intervals) = (Vec::new(), Vec::new());
    for row in rows {
        match &row.verdict {
            Verdict::Happened { covered, covered_half, interval_score, crps, naive_crps, .. } => {
                result.happened += 1;
                result.covered_half += usize::from(*covered_half);
                own.extend(*crps);
                intervals.extend(*interval_score);
                result.covered += usize::from(*covered);
                if let (Some(own), Some(other)) = (crps, naive_crps) {
                    scores.push(*own);
                    naive.push(*other);
                }
            }
            Verdict::Never { brier, .. } => {
                result.never += 1;
                briers.push(*brier);
            }
        }
    }
    result.mean_own_crps = stats::mean(&own);
    result.mean_interval_score = stats::mean(&intervals);
    result.mean_crps = stats::mean(&scores);
    result.mean_naive_crps = stats::mean(&naive);
    result.mean_brier = stats::mean(&briers);
    result
}

const HOUR_US: f64 = SimDuration::from_hours(1).as_micros() as f64;

/// Natural logarithm of a latency in hours, at least that of a minute.
fn log_hours(hours: f64) -> f64 {
    libm::log(hours.max(1.0 / 60.0))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Builder, hours};
    use super::*;
    use crate::model::{Basis, InjectId, Predicate};

    const H: i64 = 3_600_000_000;

    fn at(from: i64, to: i64, set_by_scenario: bool) -> Option<Observed> {
        let (at_us, from_us, to_us) = (from * H, from * H, to * H);
        Some(Observed::At { at_us, from_us, to_us, basis: Basis::Unstated, set_by_scenario })
    }

    fn evidence(times: &[Option<f64>]) -> Evidence {
        let outcome = |t: &Option<f64>| Outcome { at: t.map(hours), origin: Some(SimTime::ZERO) };
        Evidence { outcomes: times.iter().map(outcome).collect(), ..Evidence::default() }
    }

    #[test]
    fn a_milestone_that_happened() {
        let mut b = Builder::new();
        let first = b.milestone("m", Predicate::Injected(InjectId::from_index(0)));
        b.model.milestones[first.index()].observed = at(2, 6, false);
        b.model.milestones[first.index()].layer = Some("internal");
        // 1, 2, ..., 19 h and one that never comes: 4 h is the middle of the observed interval.
        let mut times: Vec<Option<f64>> = (1..20).map(|h| Some(f64::from(h))).collect();
        times.push(None);
        let known = Evidence { naive: Some(NaiveForecast { mu: 1.0, sigma: 0.5 }), ..evidence(&times) };
        let judgement = judge(&b.model, std::slice::from_ref(&known));
        let row = &judgement.rows[0];
        assert_eq!((row.n, row.n_reached), (20, 19));
        let Verdict::Happened { middle_us, percentile, q05, median, q95, covered, relative_width, .. } =
            row.verdict
        else {
            panic!("{row:?}");
        };
        let Verdict::Happened { covered_half, interval_score, interval_score_half, .. } = row.verdict else {
            panic!("{row:?}");
        };
        // The central half is 5 to 15 h and misses 4 h; its score is its width and 2 / 0.5 times the miss.
        assert!(!covered_half);
        let expected = libm::log(3.0) + 4.0 * libm::log(5.0 / 4.0);
        assert!((interval_score_half.unwrap() - expected).abs() < 1e-12);
        // The central 90 % holds it: the score is the width, 1 to 19 h.
        assert!((interval_score.unwrap() - libm::log(19.0)).abs() < 1e-12);
        // Three are earlier, one ties.
        assert_eq!((middle_us, percentile, covered), (4 * H, 3.5 / 20.0, true));
        assert_eq!((q05, median, q95), (Some(hours(1.0)), Some(hours(10.0)), Some(hours(19.0))));
        assert_eq!(relative_width, Some(18.0 / 4.0));
        assert_eq!(judgement.out_of_sample.happened, 1);
        assert_eq!((judgement.out_of_sample.covered, judgement.in_sample), (1, JudgedSum::default()));
        assert_eq!(judgement.by_layer, [("internal", 1)]);
        let naive = stats::crps_normal(1.0, 0.5, libm::log(4.0)).unwrap();
        assert_eq!(judgement.out_of_sample.mean_naive_crps, Some(naive));

        // With two that never come the upper end is open, and an early middle is not covered.
        times[0] = None;
        let judgement = judge(&b.model, &[evidence(&times)]);
        let Verdict::Happened { q95, covered, relative_width, .. } = judgement.rows[0].verdict else {
            panic!()
        };
        assert_eq!((q95, covered, relative_width), (None, true, None));
        b.model.milestones[first.index()].observed = at(0, 1, true);
        let judgement = judge(&b.model, &[evidence(&times)]);
        assert!(matches!(judgement.rows[0].verdict, Verdict::Happened { covered: false, .. }));
        // Set by the scenario: shown, not counted.
        assert_eq!((judgement.out_of_sample, judgement.by_layer.len()), (JudgedSum::default(), 0));
    }

    #[test]
    fn what_was_observed_after_the_end_is_held_against_nothing() {
        let mut b = Builder::new();
        let late = b.milestone("late", Predicate::Injected(InjectId::from_index(0)));
        b.model.milestones[late.index()].observed = at(2, 6, false);
        b.model.meta.horizon = hours(4.0);
        assert_eq!((is_beyond(&b.model, late), judge(&b.model, &[evidence(&[None])]).rows.len()), (false, 1));
        b.model.meta.horizon = hours(3.0);
        let judgement = judge(&b.model, &[evidence(&[None])]);
        assert_eq!((is_beyond(&b.model, late), judgement), (true, Judgement::default()));
    }

    #[test]
    fn the_score_is_of_logarithms_from_the_observed_origin() {
        let mut b = Builder::new();
        let alarm = b.milestone("alarm", Predicate::Injected(InjectId::from_index(0)));
        let answer = b.milestone("answer", Predicate::Injected(InjectId::from_index(0)));
        b.model.milestones[alarm.index()].observed = at(10, 10, false);
        b.model.milestones[answer.index()].observed = at(12, 12, false);
        b.model.milestones[answer.index()].from = Origin::Milestone(alarm);
        let outcome = Outcome { at: Some(hours(8.0)), origin: Some(hours(4.0)) };
        let known = Evidence { outcomes: vec![outcome], in_sample: true, naive: None };
        let judgement = judge(&b.model, &[evidence(&[Some(10.0)]), known]);
        let Verdict::Happened { crps: Some(crps), .. } = judgement.rows[1].verdict else { panic!() };
        // 4 h after its origin, 2 h in history: one member scores its distance.
        assert!((crps - libm::log(2.0)).abs() < 1e-12);
        assert_eq!((judgement.in_sample.happened, judgement.out_of_sample.happened), (1, 1));
        // Without a naive forecast the score is not summed.
        assert_eq!(judgement.in_sample.mean_crps, None);
    }

    #[test]
    fn a_milestone_that_did_not_happen() {
        let mut b = Builder::new();
        let m = b.milestone("m", Predicate::Injected(InjectId::from_index(0)));
        b.model.milestones[m.index()].observed =
            Some(Observed::Never { by_us: 5 * H, basis: Basis::Unstated });
        let mut times = vec![Some(5.0), Some(5.5), None];
        times.resize(10, None);
        let judgement = judge(&b.model, &[evidence(&times)]);
        let Verdict::Never { by_us, share, low, high, brier } = judgement.rows[0].verdict else { panic!() };
        assert_eq!((by_us, share), (5 * H, 0.1));
        // Wilson at 1 of 10: 0.0179 to 0.4042.
        assert!((low - 0.017_876).abs() < 1e-5 && (high - 0.404_15).abs() < 1e-5, "{low} {high}");
        assert!((brier - 0.01).abs() < 1e-15);
        assert_eq!((judgement.out_of_sample.never, judgement.out_of_sample.mean_brier), (1, Some(brier)));
    }

    #[test]
    fn the_naive_forecast_fits_logarithms() {
        let fit = NaiveForecast::fit(&[1.0, std::f64::consts::E]).unwrap();
        assert!((fit.mu - 0.5).abs() < 1e-12 && (fit.sigma - std::f64::consts::FRAC_1_SQRT_2).abs() < 1e-12);
        assert_eq!(NaiveForecast::fit(&[3.0]), None);
        assert_eq!(NaiveForecast::fit(&[3.0, 3.0]), None);
        // Less than a minute counts as a minute.
        assert_eq!(NaiveForecast::fit(&[0.0, 1.0]), NaiveForecast::fit(&[1.0 / 60.0, 1.0]));
    }
}
