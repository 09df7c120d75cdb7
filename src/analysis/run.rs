//! Everything that is said of one run, worked out once for files, reports and charts.

use super::awareness::Awareness;
use super::chain::Chain;
use super::communication::Communication;
use super::duties::{DutyCount, DutyObject};
use super::ensemble::EnsembleSummary;
use super::knowledge::{ArrivalTree, KnowledgeRow};
use super::measures::MeasureRow;
use super::milestones::MilestoneResult;
use super::replay::Judgement;
use super::spread::Spread;
use super::workload::Workload;
use crate::model::{Basis, FactId, MilestoneId, ParamId};

/// The results of one run.
#[derive(Debug, Clone, Default)]
pub struct RunResults {
    /// By milestone, in the order of the model.
    pub milestones: Vec<MilestoneResult>,
    /// The chain of each milestone that was reached and has a latency.
    pub chains: Vec<Option<Chain>>,
    /// Situational awareness.
    pub awareness: Awareness,
    /// All incidents together, then each by itself.
    pub spread: Vec<Spread>,
    /// Public communication.
    pub communication: Communication,
    /// Duties, each time one was owed.
    pub duties: Vec<DutyObject>,
    /// Counts by duty, in the order of the model.
    pub duty_counts: Vec<DutyCount>,
    /// Work and messages.
    pub workload: Workload,
    /// Who learned what when, in order of time.
    pub knowledge: Vec<KnowledgeRow>,
    /// The fact of the propagation chart, and how it travelled.
    pub headline: Option<(FactId, ArrivalTree)>,
    /// Declared measures.
    pub measures: Vec<MeasureRow>,
    /// Parameters that were read at least once.
    pub acted: Vec<ParamId>,
    /// Parameters on the chain of each milestone.
    pub on_chain: Vec<Vec<ParamId>>,
}

/// What several replications add to one run.
#[derive(Debug, Clone, Default)]
pub struct EnsembleResults {
    /// Number of replications.
    pub n: u64,
    /// Milestones over the replications.
    pub summary: EnsembleSummary,
    /// The replay held against history, where there is one.
    pub judgement: Option<Judgement>,
}

/// Classes of basis in the order in which reports show them; the first three are sourced.
pub const BASIS_CLASSES: [&str; 7] =
    ["read", "third party", "derived", "recalled", "general", "assumed", "unstated"];

/// How many of these parameters are of each class of basis, in the order of [`BASIS_CLASSES`].
pub fn by_class<'a>(bases: impl Iterator<Item = &'a Basis>) -> Vec<(&'static str, usize)> {
    let mut counts: Vec<(&'static str, usize)> = BASIS_CLASSES.map(|class| (class, 0)).to_vec();
    for basis in bases {
        if let Some(count) = counts.iter_mut().find(|(class, _)| *class == basis.class()) {
            count.1 += 1;
        }
    }
    counts
}

impl RunResults {
    /// The result of a milestone.
    pub fn milestone(&self, id: MilestoneId) -> MilestoneResult {
        self.milestones.get(id.index()).copied().unwrap_or_default()
    }

    /// The chain of a milestone.
    pub fn chain(&self, id: MilestoneId) -> Option<&Chain> {
        self.chains.get(id.index())?.as_ref()
    }
}
