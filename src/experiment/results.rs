//! Results in order: columns over the replications of a variant.

use std::sync::Arc;

use super::Failure;
use super::chunk::{CHUNK, Passage, Schema, word_instant};
use super::replicate::subject;
use super::store::Store;
use super::variants::Variants;
use crate::analysis::ensemble::{Criticality, CriticalitySums};
use crate::time::SimDuration;
use crate::trace::Subject;

/// One milestone over the replications of a variant, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// When it was reached (µs since the start).
    pub reached_us: Vec<Option<u64>>,
    /// The instant from which its latency counts (µs since the start); none: that did not happen.
    pub origin_us: Vec<Option<u64>>,
    /// When the run ended (µs since the start).
    pub end_us: Vec<u64>,
}

impl Outcomes {
    /// Number of replications.
    pub fn len(&self) -> usize {
        self.reached_us.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.reached_us.is_empty()
    }

    /// The latency in replication r (µs); none: not reached, or its origin did not happen before it.
    pub fn latency_us(&self, r: usize) -> Option<u64> {
        self.reached_us[r]?.checked_sub(self.origin_us[r]?)
    }

    /// The time for which replication r was watched without reaching the milestone (µs); none: it was reached, or
    /// its clock never started.
    pub fn censored_us(&self, r: usize) -> Option<u64> {
        match (self.latency_us(r), self.origin_us[r]) {
            (None, Some(origin)) => Some(self.end_us[r].saturating_sub(origin)),
            _ => None,
        }
    }

    /// Latency, or the time for which it was watched in vain (µs): min(latency, end - origin). None: its clock never
    /// started.
    pub fn restricted_us(&self, r: usize) -> Option<u64> {
        self.latency_us(r).or_else(|| self.censored_us(r))
    }
}

/// The results of an experiment, read from a store in the order of replications.
pub struct Results<'a> {
    variants: &'a Variants,
    store: &'a dyn Store,
    replications: u64,
}

impl<'a> Results<'a> {
    /// The first `replications` of each variant; all must be in the store.
    pub fn new(variants: &'a Variants, store: &'a dyn Store, replications: u64) -> Results<'a> {
        Results { variants, store, replications }
    }

    /// Replications of each variant.
    pub fn replications(&self) -> u64 {
        self.replications
    }

    /// The variants.
    pub fn variants(&self) -> &'a Variants {
        self.variants
    }

    /// The columns of a variant.
    ///
    /// # Errors
    /// The variant does not compile.
    pub fn schema(&self, variant: usize) -> Result<Arc<Schema>, Failure> {
        self.variants.schema(variant)
    }

    /// A milestone (by position) over the replications of a variant.
    ///
    /// # Errors
    /// The variant does not compile, or the store cannot be read.
    pub fn milestone(&self, variant: usize, milestone: usize) -> Result<Outcomes, Failure> {
        let schema = self.schema(variant)?;
        let instants = |column: usize| -> Result<Vec<Option<u64>>, Failure> {
            Ok(self.column(variant, column)?.into_iter().map(word_instant).collect())
        };
        let end = schema.figures.iter().position(|f| f.name == "end_us");
        let end_us = match end {
            Some(end) => self.figure(variant, end)?.into_iter().map(|us| us as u64).collect(),
            None => vec![0; self.replications as usize],
        };
        Ok(Outcomes {
            reached_us: instants(schema.reached(milestone))?,
            origin_us: instants(schema.origin(milestone))?,
            end_us,
        })
    }

    /// A figure (by position in the schema) over the replications of a variant; NaN where it does not exist.
    ///
    /// # Errors
    /// The variant does not compile, or the store cannot be read.
    pub fn figure(&self, variant: usize, figure: usize) -> Result<Vec<f64>, Failure> {
        let column = self.schema(variant)?.figure(figure);
        Ok(self.column(variant, column)?.into_iter().map(f64::from_bits).collect())
    }

    /// How critical each subject is for the headline milestone, and over how many replications that reached it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn criticality(&self, variant: usize) -> Result<(usize, Vec<Criticality>), Failure> {
        let mut sums = CriticalitySums::default();
        let mut chain: Vec<(Subject, SimDuration)> = Vec::new();
        for first in self.firsts() {
            let passages = self.store.passages(variant as u32, first)?;
            for of_one in passages.chunk_by(|a, b| a.offset == b.offset) {
                if first + u64::from(of_one[0].offset) >= self.replications {
                    break;
                }
                chain.clear();
                let timed = |p: &Passage| Some((subject(p.subject)?, SimDuration::from_micros(p.time_us)));
                chain.extend(of_one.iter().filter_map(timed));
                sums.add(&chain);
            }
        }
        Ok((sums.n_chains, sums.finish()))
    }

    /// The words of a column, in the order of replications.
    fn column(&self, variant: usize, column: usize) -> Result<Vec<u64>, Failure> {
        let mut words = Vec::with_capacity(self.replications as usize);
        for first in self.firsts() {
            self.store.column(variant as u32, first, column, &mut words)?;
        }
        words.truncate(self.replications as usize);
        Ok(words)
    }

    fn firsts(&self) -> impl Iterator<Item = u64> + use<> {
        (0..self.replications.div_ceil(CHUNK)).map(|chunk| chunk * CHUNK)
    }
}
