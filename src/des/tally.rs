//! Accumulators of output: over observations ([`Tally`]) and over time ([`TimeWeighted`]).

/// Count, mean, variance and extremes of observations, in one pass.
///
/// B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
/// Technometrics 4 (1962) 419-420: no cancellation for a large mean.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    n: u64,
    mean: f64,
    squares: f64,
    min: f64,
    max: f64,
}

impl Tally {
    /// A tally of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one observation.
    pub fn add(&mut self, value: f64) {
        self.min = if self.n == 0 { value } else { self.min.min(value) };
        self.max = if self.n == 0 { value } else { self.max.max(value) };
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (value - self.mean);
    }

    /// Number of observations.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Mean; `None` without an observation.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// Sample variance, divisor n - 1; `None` below two observations.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.squares / (self.n - 1) as f64)
    }

    /// Sample standard deviation; `None` below two observations.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(libm::sqrt)
    }

    /// Smallest observation.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (self.n > 0).then_some(self.min)
    }

    /// Largest observation.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.n > 0).then_some(self.max)
    }
}

/// A quantity that is constant between changes: its integral and average over time, and its extremes.
///
/// Times are microseconds and must not fall; an earlier time counts as the latest one seen. The integral
/// of a whole-numbered quantity is exact up to 2^53 unit-microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeWeighted {
    value: f64,
    since: u64,
    start: u64,
    integral: f64,
    min: f64,
    max: f64,
}

impl TimeWeighted {
    /// A quantity that is `value` from time `now` (µs) on.
    #[must_use]
    pub fn new(now: u64, value: f64) -> Self {
        Self { value, since: now, start: now, integral: 0.0, min: value, max: value }
    }

    /// Sets the quantity at time `now` (µs).
    pub fn set(&mut self, now: u64, value: f64) {
        debug_assert!(now >= self.since, "time fell from {} to {now}", self.since);
        self.integral = self.integral(now);
        self.since = self.since.max(now);
        self.value = value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Changes the quantity by `change` at time `now` (µs).
    pub fn add(&mut self, now: u64, change: f64) {
        self.set(now, self.value + change);
    }

    /// Forgets everything before `now` (µs), the end of the warm-up; the value stays.
    pub fn restart(&mut self, now: u64) {
        *self = Self::new(now, self.value);
    }

    /// The present value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Integral from the start (or restart) to `now` (value x µs).
    #[must_use]
    pub fn integral(&self, now: u64) -> f64 {
        self.integral + self.value * now.saturating_sub(self.since) as f64
    }

    /// Time average from the start (or restart) to `now`; `None` over no time at all.
    #[must_use]
    pub fn average(&self, now: u64) -> Option<f64> {
        let span = now.max(self.since) - self.start;
        (span > 0).then(|| self.integral(now) / span as f64)
    }

    /// Least value since the start (or restart); a value that lasted no time counts.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.min
    }

    /// Greatest value since the start (or restart).
    #[must_use]
    pub fn max(&self) -> f64 {
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tally_of_known_numbers() {
        let mut tally = Tally::new();
        assert_eq!((tally.mean(), tally.variance(), tally.min()), (None, None, None));
        tally.add(-3.0);
        assert_eq!((tally.mean(), tally.variance(), tally.max()), (Some(-3.0), None, Some(-3.0)));
        for value in [1.0, 5.0, 9.0] {
            tally.add(value);
        }
        // Mean 3, squared deviations 36 + 4 + 4 + 36 = 80.
        assert_eq!((tally.n(), tally.mean()), (4, Some(3.0)));
        assert_eq!(tally.variance(), Some(80.0 / 3.0));
        assert_eq!((tally.min(), tally.max()), (Some(-3.0), Some(9.0)));
    }

    #[test]
    fn tally_keeps_a_small_variance_beside_a_large_mean() {
        let mut tally = Tally::new();
        for value in [4.0, 7.0, 13.0, 16.0] {
            tally.add(1e9 + value);
        }
        assert_eq!((tally.mean(), tally.variance()), (Some(1e9 + 10.0), Some(30.0)));
    }

    #[test]
    fn time_weighted_integral_average_and_warm_up() {
        let mut queue = TimeWeighted::new(10, 0.0);
        queue.add(20, 2.0);
        queue.add(50, -1.0);
        // 0 for 10, 2 for 30, 1 for 40.
        assert_eq!((queue.integral(90), queue.average(90)), (100.0, Some(100.0 / 80.0)));
        assert_eq!((queue.min(), queue.max(), queue.value()), (0.0, 2.0, 1.0));
        queue.restart(90);
        assert_eq!((queue.integral(90), queue.average(90), queue.min()), (0.0, None, 1.0));
        queue.set(100, 4.0);
        assert_eq!(queue.average(110), Some(2.5));
    }
}
