//! Everything that is said of one run, worked out once for files, reports and charts.

use super::awareness::{Awareness, awareness};
use super::chain::{Chain, chain};
use super::communication::{Communication, communication};
use super::duties::{DutyCount, DutyObject, count, duties};
use super::ensemble::{Criticality, EnsembleSummary};
use super::knowledge::{ArrivalTree, KnowledgeRow, first_arrivals, knowledge};
use super::measures::{MeasureRow, measures};
use super::milestones::{MilestoneResult, MilestoneWatch, evaluate};
use super::on_chain::parameters_on_chain;
use super::reading::Reading;
use super::replay::Judgement;
use super::spread::{Spread, impact_cost, spread};
use super::workload::{Workload, workload};
use crate::model::{Basis, DutyId, FactId, FactOrKind, IncidentId, MilestoneId, Model, ParamId};
use crate::trace::Trace;

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
    /// Cost of all hits and the unit of the cost per hour, if the document states one.
    pub impact_cost: Option<(f64, String)>,
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
    /// Replications that reached the headline milestone.
    pub n_chains: usize,
    /// Who was on its chain in how many of them, and for how long.
    pub criticality: Vec<Criticality>,
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

/// Works everything out.
pub fn analyse(model: &Model, trace: &Trace) -> RunResults {
    let run = Reading::new(model, trace);
    let milestones = evaluate(&mut MilestoneWatch::new(model), &run);
    let chains: Vec<Option<Chain>> = milestones.iter().map(|result| chain(trace, result)).collect();
    let on_chain = chains
        .iter()
        .map(|chain| chain.as_ref().map(|c| parameters_on_chain(model, trace, c)).unwrap_or_default())
        .collect();
    let incidents = (0..model.incidents.len()).map(|i| Some(IncidentId::from_index(i)));
    let duties = duties(&run);
    let measures = measures(&run, &milestones, &duties);
    let duty_counts = (0..model.duties.len()).map(|i| count(&duties, Some(DutyId::from_index(i)))).collect();
    let tree = |fact| (fact, first_arrivals(&run, FactOrKind::Fact(fact)));
    RunResults {
        awareness: awareness(model, trace),
        impact_cost: impact_cost(&run),
        spread: std::iter::once(None).chain(incidents).map(|i| spread(&run, i)).collect(),
        communication: communication(&run),
        duties,
        duty_counts,
        workload: workload(&run),
        knowledge: knowledge(trace),
        headline: model.meta.headline_fact.map(tree),
        measures,
        acted: (0..model.params.len()).map(ParamId::from_index).filter(|&p| trace.has_acted(p)).collect(),
        on_chain,
        chains,
        milestones,
    }
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
