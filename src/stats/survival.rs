//! Times that may be censored: the Kaplan-Meier curve and the restricted mean.

/// The curve at one time at which something happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalStep {
    /// The time, in the unit of the sample.
    pub time: f64,
    /// How many had neither happened nor been censored just before.
    pub at_risk: usize,
    /// How many happened at this time.
    pub events: usize,
    /// Share that has not happened by then (this time included).
    pub survival: f64,
    /// Greenwood's standard error of `survival`.
    pub standard_error: f64,
}

/// The Kaplan-Meier estimate of P(T > t).
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    /// One step for each distinct time of an event, in order of time.
    pub steps: Vec<SurvivalStep>,
    /// The largest time seen, event or censored: the curve is not known beyond it unless it has reached 0.
    pub last_time: f64,
}

/// The mean of min(T, limit).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// Area under the curve up to the limit.
    pub mean: f64,
    /// Its standard error; 0 for a curve without steps before the limit.
    pub standard_error: f64,
}

/// Estimates P(T > t) from (time, happened): `false` marks a time at which observation ended without the
/// event (the horizon). At equal times events count before censorings. `None` of an empty sample or for a
/// time that is negative or not finite.
///
/// E. Kaplan, P. Meier, JASA 53 (1958) 457-481; M. Greenwood (1926) for the standard error.
#[must_use]
pub fn kaplan_meier(sample: &[(f64, bool)]) -> Option<KaplanMeier> {
    if sample.iter().any(|(time, _)| !(time.is_finite() && *time >= 0.0)) {
        return None;
    }
    let mut ordered = sample.to_vec();
    ordered.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let last_time = ordered.last()?.0;
    // As much as may be needed, once: a batch may have very many, and what grows leaves holes.
    let mut steps = Vec::with_capacity(ordered.iter().filter(|(_, happened)| *happened).count());
    let (mut at_risk, mut survival, mut greenwood) = (ordered.len(), 1.0, 0.0);
    for tied in ordered.chunk_by(|a, b| a.0 == b.0) {
        let events = tied.iter().filter(|(_, happened)| *happened).count();
        if events > 0 {
            let (n, d) = (at_risk as f64, events as f64);
            survival *= (n - d) / n;
            let standard_error = if at_risk > events {
                greenwood += d / (n * (n - d));
                survival * libm::sqrt(greenwood)
            } else {
                // All are gone: the estimate is 0, and Greenwood's formula gives 0 times infinity.
                0.0
            };
            steps.push(SurvivalStep { time: tied[0].0, at_risk, events, survival, standard_error });
        }
        at_risk -= tied.len();
    }
    Some(KaplanMeier { steps, last_time })
}

impl KaplanMeier {
    /// The estimate of P(T > time); `None` where it is not known: beyond the last censored time.
    #[must_use]
    pub fn survival(&self, time: f64) -> Option<f64> {
        let reached = self.steps.partition_point(|step| step.time <= time);
        let value = if reached == 0 { 1.0 } else { self.steps[reached - 1].survival };
        (time <= self.last_time || value == 0.0).then_some(value)
    }

    /// The p-quantile of T, the least time with P(T > t) <= 1 - p; `None` if the curve does not get there.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<f64> {
        // What equals 1 - p up to the rounding of the product counts as reached.
        self.steps.iter().find(|step| step.survival <= 1.0 - p + 1e-12).map(|step| step.time)
    }

    /// The mean of min(T, limit), the area under the curve from 0. `None` where the curve is not known up to
    /// the limit, or the limit is not above 0.
    ///
    /// Standard error: sum of A_i^2 d_i / (n_i (n_i - d_i)) with A_i the area from step i to the limit
    /// (J. Klein, M. Moeschberger, Survival Analysis, 2nd ed. (2003), eq. 4.5.2).
    #[must_use]
    pub fn restricted_mean(&self, limit: f64) -> Option<RestrictedMean> {
        if !(limit > 0.0 && limit.is_finite()) {
            return None;
        }
        self.survival(limit)?;
        let before = self.steps.partition_point(|step| step.time < limit);
        let (mut area, mut variance, mut until) = (0.0, 0.0, limit);
        for step in self.steps[..before].iter().rev() {
            area += step.survival * (until - step.time);
            until = step.time;
            if step.at_risk > step.events {
                let (n, d) = (step.at_risk as f64, step.events as f64);
                variance += area * area * d / (n * (n - d));
            }
        }
        Some(RestrictedMean { mean: area + until, standard_error: libm::sqrt(variance) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::describe::tests::close;
    use super::*;

    /// Remission under 6-MP, E. Freireich et al., Blood 21 (1963) 699-716; the estimates are those printed
    /// in textbooks (Klein and Moeschberger (2003), table 4.1).
    fn remission() -> KaplanMeier {
        let events = [6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0].map(|t| (t, true));
        let censored =
            [6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0].map(|t| (t, false));
        kaplan_meier(&[&censored[..], &events[..]].concat()).unwrap()
    }

    #[test]
    fn textbook_curve() {
        let expected = [
            (6.0, 21, 3, 0.857, 0.076),
            (7.0, 17, 1, 0.807, 0.087),
            (10.0, 15, 1, 0.753, 0.096),
            (13.0, 12, 1, 0.690, 0.107),
            (16.0, 11, 1, 0.627, 0.114),
            (22.0, 7, 1, 0.538, 0.128),
            (23.0, 6, 1, 0.448, 0.135),
        ];
        let curve = remission();
        assert_eq!(curve.steps.len(), expected.len());
        for (step, (time, at_risk, events, survival, error)) in curve.steps.iter().zip(expected) {
            assert_eq!((step.time, step.at_risk, step.events), (time, at_risk, events));
            assert!((step.survival - survival).abs() < 5e-4 && (step.standard_error - error).abs() < 5.1e-4);
        }
        close(curve.survival(7.5), 6.0 / 7.0 * 16.0 / 17.0);
        assert_eq!((curve.survival(5.9), curve.survival(35.1)), (Some(1.0), None));
        assert_eq!((curve.quantile(0.5), curve.quantile(0.9)), (Some(23.0), None));
    }

    #[test]
    fn restricted_mean_by_hand() {
        // Up to 10: 6 whole, 1 at 6/7, 3 at 6/7 x 16/17.
        let (first, second) = (6.0 / 7.0, 6.0 / 7.0 * 16.0 / 17.0);
        let result = remission().restricted_mean(10.0).unwrap();
        close(Some(result.mean), 6.0 + first + 3.0 * second);
        let (a1, a2) = (first + 3.0 * second, 3.0 * second);
        let variance = a1 * a1 * 3.0 / (21.0 * 18.0) + a2 * a2 / (17.0 * 16.0);
        close(Some(result.standard_error), libm::sqrt(variance));
        assert_eq!(remission().restricted_mean(36.0), None);
        assert_eq!(remission().restricted_mean(2.0), Some(RestrictedMean { mean: 2.0, standard_error: 0.0 }));
    }

    #[test]
    fn without_censoring_it_is_the_empirical_distribution() {
        let times = [4.0, 1.0, 2.0, 2.0, 9.0];
        let curve = kaplan_meier(&times.map(|t| (t, true))).unwrap();
        close(curve.survival(2.0), 0.4);
        assert_eq!((curve.survival(9.0), curve.survival(100.0)), (Some(0.0), Some(0.0)));
        close(curve.restricted_mean(1000.0).map(|r| r.mean), 18.0 / 5.0);
        close(curve.restricted_mean(4.0).map(|r| r.mean), 13.0 / 5.0);
        assert_eq!((curve.quantile(0.6), curve.quantile(1.0)), (Some(2.0), Some(9.0)));
        // Without censoring the standard error is that of the mean with divisor n.
        let spread: f64 = times.iter().map(|t| (t - 3.6) * (t - 3.6)).sum::<f64>() / 5.0;
        close(curve.restricted_mean(9.0).map(|r| r.standard_error), libm::sqrt(spread / 5.0));
    }

    #[test]
    fn nothing_happened_or_nothing_is_known() {
        let curve = kaplan_meier(&[(5.0, false), (5.0, false)]).unwrap();
        assert_eq!((curve.steps.len(), curve.survival(5.0), curve.quantile(0.1)), (0, Some(1.0), None));
        assert_eq!(curve.restricted_mean(5.0), Some(RestrictedMean { mean: 5.0, standard_error: 0.0 }));
        assert_eq!((kaplan_meier(&[]), kaplan_meier(&[(f64::INFINITY, false)])), (None, None));
    }
}
