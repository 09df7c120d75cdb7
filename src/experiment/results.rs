//! Results in order: columns over the replications of a variant.

use std::sync::Arc;

use super::Failure;
use super::chunk::{CHUNK, Passage, Schema, word_instant};
use super::replicate::subject;
use super::store::Store;
use super::variants::Variants;
use crate::analysis::batch::{Outcomes, VariantResults, figure_statistics, milestone_statistics};
use crate::analysis::ensemble::{Criticality, CriticalitySums};
use crate::analysis::replay::{Evidence, judge_one, summed};
use crate::model::{MilestoneId, Model, Setting};
use crate::time::SimDuration;
use crate::trace::{Names, Subject, Trace};

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

    /// Everything that is said of a variant. `told` is one of its runs, for names; `in_sample` says of each milestone
    /// whether it rests on numbers of the incident itself ([`in_sample`](super::in_sample)).
    ///
    /// # Errors
    /// The variant does not compile, or the store cannot be read.
    pub fn variant(
        &self,
        variant: usize,
        model: &Model,
        told: &Trace,
        in_sample: &[bool],
    ) -> Result<VariantResults, Failure> {
        let schema = self.schema(variant)?;
        let is_replay = model.meta.setting == Some(Setting::Replay);
        let mut rows = Vec::new();
        let mut statistics = Vec::new();
        for (m, milestone) in model.milestones.iter().enumerate() {
            let outcomes = self.milestone(variant, m)?;
            statistics.push(milestone_statistics(&outcomes));
            if is_replay && milestone.observed.is_some() {
                let known = (0..outcomes.len()).map(|r| outcomes.outcome(r)).collect();
                drop(outcomes);
                let evidence = Evidence { outcomes: known, in_sample: in_sample[m], naive: None };
                rows.extend(judge_one(model, MilestoneId::from_index(m), &evidence));
            }
        }
        let mut figures = Vec::new();
        for (f, column) in schema.figures.iter().enumerate() {
            figures.push((column.clone(), figure_statistics(&self.figure(variant, f)?)));
        }
        let (n_chains, criticality) = self.criticality(variant)?;
        let names = Names::new(model, told);
        let of = &self.variants.list()[variant];
        Ok(VariantResults {
            name: of.name.clone(),
            changes: of.changes.iter().map(ToString::to_string).collect(),
            differences: Vec::new(),
            n: self.replications,
            milestones: statistics,
            figures,
            judgement: is_replay.then(|| summed(rows)),
            n_chains,
            criticality: criticality.into_iter().map(|c| (names.subject(c.subject), c)).collect(),
        })
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
