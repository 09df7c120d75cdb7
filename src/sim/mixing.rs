//! Who puts how much pressure on whom in an epidemic: cohorts, mixing and factors.
//!
//! The rate of an ordered pair is beta times the relative rates of `within_state` and `within_sector`, times every
//! mixing rule that fits. Where there are no mixing rules, factors on infectivity or opening hours, the sum over
//! infectious cohorts is made of four numbers; otherwise it is made cohort by cohort, from integers, each time.

use smallvec::SmallVec;

use super::worm::WormState;
use crate::model::{GroupId, Mixing, Model, OperatorId, RotaId, SectorId, StateId};

/// Most iterations for the largest eigenvalue; convergence is far faster for mixing matrices.
const POWER_ITERATIONS: usize = 200;

/// Operators of one state, sector and set of attributes that matter (and group of operators, where that matters).
#[derive(Debug, Clone)]
pub(super) struct Cohort {
    pub(super) state: StateId,
    pub(super) sector: SectorId,
    pub(super) bits: u32,
    /// A group of its operators; the only one where groups matter.
    pub(super) group: GroupId,
    /// Opening hours, where they matter.
    pub(super) hours: Option<RotaId>,
    /// Factor of countermeasures on its own infectivity.
    pub(super) infectivity: f64,
    /// Mixing rules that its operators are at the near (from) and at the far end (to) of.
    pub(super) from_rules: u64,
    pub(super) to_rules: u64,
    /// Operators now infectious, and which they are, in no order that means anything.
    pub(super) infectious: u32,
    pub(super) carriers: Vec<OperatorId>,
    /// Thresholds, the smallest last.
    pub(super) thresholds: Vec<(f64, OperatorId)>,
}

/// What is asked of a cohort whenever the pressure changes: a line of memory for each.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Pace {
    state: u32,
    sector: u32,
    both: u32,
    /// Thresholds that are left.
    pub(super) left: u32,
    /// The smallest of them.
    pub(super) next: f64,
    /// Factor of countermeasures on all pressure, and on that from outside.
    pub(super) factor: f64,
    pub(super) outside: f64,
    /// Factor of closed hours.
    pub(super) open: f64,
    /// Pressure now (1/µs; of a process with a curve, the factor on its hazard).
    pub(super) rate: f64,
    /// Integral of the pressure.
    pub(super) integral: f64,
}

impl Pace {
    /// Of a cohort that nothing has happened to.
    pub(super) fn new(cohort: &Cohort, n_sectors: usize, factor: f64, outside: f64) -> Pace {
        let (state, sector) = (cohort.state.index(), cohort.sector.index());
        Pace {
            state: state as u32,
            sector: sector as u32,
            both: (state * n_sectors + sector) as u32,
            left: 0,
            next: f64::INFINITY,
            factor,
            outside,
            open: 1.0,
            rate: 0.0,
            integral: 0.0,
        }
    }

    /// Sets the rate from the pressure before the factor of countermeasures and that of closed hours.
    #[inline]
    fn set_rate(&mut self, ended: bool, pressure: f64) {
        self.rate = if ended { 0.0 } else { self.factor * self.open * pressure };
    }

    /// The thresholds of its cohort have changed.
    pub(super) fn note(&mut self, thresholds: &[(f64, OperatorId)]) {
        self.left = thresholds.len() as u32;
        self.next = thresholds.last().map_or(f64::INFINITY, |&(threshold, _)| threshold);
    }
}

/// The mixing of an epidemic.
#[derive(Debug, Default)]
pub(super) struct Mix {
    pub(super) within_state: f64,
    pub(super) within_sector: f64,
    pub(super) rules: Vec<Mixing>,
    /// The sum is made cohort by cohort.
    pub(super) by_cohort: bool,
    pub(super) n_states: usize,
    pub(super) n_sectors: usize,
}

impl Mix {
    /// Rules that operators of a cohort are at the near and at the far end of.
    pub(super) fn rules_of(&self, model: &Model, group: GroupId, bits: u32) -> (u64, u64) {
        let of = &model.groups[group.index()];
        let (mut from, mut to) = (0, 0);
        for (i, rule) in self.rules.iter().enumerate() {
            from |= u64::from(rule.from.accepts(group, of, bits)) << i;
            to |= u64::from(rule.to.accepts(group, of, bits)) << i;
        }
        (from, to)
    }

    /// Relative rate from an operator of one cohort to one of another.
    pub(super) fn relative(&self, from: &Cohort, to: &Cohort) -> f64 {
        let mut rate = if from.state == to.state { self.within_state } else { 1.0 }
            * if from.sector == to.sector { self.within_sector } else { 1.0 };
        let mut both = from.from_rules & to.to_rules;
        while both != 0 {
            let rule = &self.rules[both.trailing_zeros() as usize];
            let pair = from.state.index() * self.n_states + to.state.index();
            rate *= rule.by_pair.get(pair).copied().unwrap_or(rule.by);
            both &= both - 1;
        }
        rate
    }

    /// Sum over operators of their relative rates, from the numbers of all, of a state, of a sector and of both.
    pub(super) fn sum(&self, all: f64, state: f64, sector: f64, both: f64) -> f64 {
        let (a, b) = (self.within_state - 1.0, self.within_sector - 1.0);
        all + a * state + b * sector + a * b * both
    }
}

impl WormState {
    /// Pressure on a susceptible operator of a cohort (1/µs), before the factor of countermeasures.
    #[inline]
    pub(super) fn pressure(&self, cohort: usize) -> f64 {
        let pace = &self.paces[cohort];
        let outside = self.outside * self.outside_factor * pace.outside;
        if self.mix.by_cohort {
            let c = &self.cohorts[cohort];
            let from = self.cohorts.iter().zip(&self.paces).filter(|(d, _)| d.infectious > 0);
            let each = |(d, pace): (&Cohort, &Pace)| {
                f64::from(d.infectious) * d.infectivity * pace.open * self.mix.relative(d, c)
            };
            return self.beta * from.map(each).sum::<f64>() + outside;
        }
        let sum = self.mix.sum(
            f64::from(self.total),
            f64::from(self.by_state[pace.state as usize]),
            f64::from(self.by_sector[pace.sector as usize]),
            f64::from(self.by_both[pace.both as usize]),
        );
        self.beta * sum + outside
    }

    /// Sets the rates of all cohorts from who is infectious, the outside and the factors.
    pub(super) fn set_rates(&mut self, ended: bool) {
        if self.curve.is_some() || self.mix.by_cohort {
            for i in 0..self.paces.len() {
                let pressure = if self.curve.is_some() { self.paces[i].outside } else { self.pressure(i) };
                self.paces[i].set_rate(ended, pressure);
            }
            return;
        }
        // As in `pressure`, with what is the same for all of a state or a sector made once.
        let (a, b) = (self.mix.within_state - 1.0, self.mix.within_sector - 1.0);
        let all = f64::from(self.total);
        let of_state: SmallVec<[f64; 32]> = self.by_state.iter().map(|&n| all + a * f64::from(n)).collect();
        let of_sector: SmallVec<[f64; 16]> = self.by_sector.iter().map(|&n| b * f64::from(n)).collect();
        let outside = self.outside * self.outside_factor;
        for pace in &mut self.paces {
            let both = a * b * f64::from(self.by_both[pace.both as usize]);
            let sum = of_state[pace.state as usize] + of_sector[pace.sector as usize] + both;
            pace.set_rate(ended, self.beta * sum + outside * pace.outside);
        }
    }

    /// Largest eigenvalue of the next-generation operator at beta = 1, by power iteration.
    pub(super) fn growth(&self) -> f64 {
        let own: Vec<f64> =
            self.cohorts.iter().zip(&self.paces).map(|(c, p)| c.thresholds.len() as f64 * p.factor).collect();
        let mut x = own.clone();
        let mut before = Vec::new();
        let mut value = 0.0;
        for _ in 0..POWER_ITERATIONS {
            let norm: f64 = x.iter().sum();
            if norm <= 0.0 {
                return 0.0;
            }
            x.iter_mut().for_each(|v| *v /= norm);
            // To the last bit where it was: further iterations change nothing.
            if x == before {
                return value;
            }
            before.clone_from(&x);
            let sums = if self.mix.by_cohort { self.sums_by_cohort(&x) } else { self.sums(&x) };
            for ((own, v), sum) in own.iter().zip(&mut x).zip(sums) {
                *v = own * sum;
            }
            value = x.iter().sum();
        }
        value
    }

    fn sums(&self, x: &[f64]) -> Vec<f64> {
        let (n_states, n_sectors) = (self.mix.n_states, self.mix.n_sectors);
        let mut state = vec![0.0; n_states];
        let mut sector = vec![0.0; n_sectors];
        let mut both = vec![0.0; n_states * n_sectors];
        for (c, v) in self.cohorts.iter().zip(x) {
            state[c.state.index()] += v;
            sector[c.sector.index()] += v;
            both[c.state.index() * n_sectors + c.sector.index()] += v;
        }
        let sum = |c: &Cohort| {
            let at = c.state.index() * n_sectors + c.sector.index();
            self.mix.sum(1.0, state[c.state.index()], sector[c.sector.index()], both[at])
        };
        self.cohorts.iter().map(sum).collect()
    }

    fn sums_by_cohort(&self, x: &[f64]) -> Vec<f64> {
        let sum = |c: &Cohort| {
            self.cohorts.iter().zip(x).map(|(d, v)| v * d.infectivity * self.mix.relative(d, c)).sum()
        };
        self.cohorts.iter().map(sum).collect()
    }
}
