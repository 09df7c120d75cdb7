//! `summary.json`: the figures of a run in one object.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::ExportError;
use super::number::{instant, round12};
use crate::analysis::awareness::AwarenessCurve;
use crate::analysis::ensemble::MilestoneSummary;
use crate::analysis::replay::{Judged, Verdict};
use crate::analysis::run::{EnsembleResults, RunResults, by_class};
use crate::model::{LevelId, Milestone, Model, Observed, Origin, ParamId, Setting};
use crate::time::SimTime;
use crate::trace::{Names, Subject, Trace};

/// The sentence that every file and page carries.
pub const NOTICE: &str = "This is a simulation, not a record of what happened and not a forecast.";

/// What a run is called and how it was made.
#[derive(Debug, Clone, Default)]
pub struct RunIdentity {
    /// Name of the scenario or blueprint.
    pub scenario: String,
    /// Master seed.
    pub seed: u64,
    /// Replication that is told.
    pub replication: u64,
    /// Version of the program.
    pub version: String,
    /// SHA-256 of `model.ron`, in hexadecimal.
    pub model_sha256: String,
    /// SHA-256 of the resolved document without seed and replication.
    pub document_sha256: String,
    /// What was changed on the command line, as typed.
    pub changes: Vec<String>,
}

/// The word for a setting in files.
pub fn setting_name(model: &Model) -> Option<&'static str> {
    model.meta.setting.map(|setting| match setting {
        Setting::Replay => "replay",
        Setting::Counterfactual => "counterfactual",
        Setting::Exercise => "exercise",
        Setting::Rehearsal => "rehearsal",
    })
}

#[derive(Serialize)]
struct Summary<'a> {
    format: u32,
    program: &'static str,
    version: &'a str,
    simulation: bool,
    notice: &'static str,
    scenario: &'a str,
    title: &'a str,
    is_scenario: bool,
    setting: Option<&'static str>,
    start: String,
    horizon_us: u64,
    end_us: u64,
    seed: u64,
    replication: u64,
    ensemble: u64,
    changes: &'a [String],
    model_sha256: &'a str,
    document_sha256: &'a str,
    n_events: u64,
    n_records: usize,
    elements_in_force: Vec<&'a str>,
    milestones: Vec<MilestoneJson<'a>>,
    awareness: Vec<AwarenessJson<'a>>,
    operators: usize,
    spread: Vec<SpreadJson<'a>>,
    statements: StatementsJson,
    duties: Vec<DutyJson<'a>>,
    workload: Vec<LoadJson<'a>>,
    messages: MessagesJson<'a>,
    parameters: ParametersJson<'a>,
    /// Over the replications: who is on the chain of the headline milestone.
    criticality: Vec<CriticalityJson>,
}

#[derive(Serialize)]
struct CriticalityJson {
    actor: String,
    share: f64,
    mean_hours: f64,
}

#[derive(Serialize)]
struct MilestoneJson<'a> {
    milestone: &'a str,
    title: &'a str,
    layer: Option<&'static str>,
    from: String,
    reached: bool,
    reached_at: Option<String>,
    latency_us: Option<u64>,
    observed: Option<ObservedJson>,
    ensemble: Option<MilestoneEnsembleJson>,
    judged: Option<JudgedJson>,
}

#[derive(Serialize)]
struct ObservedJson {
    at: Option<String>,
    from: Option<String>,
    to: Option<String>,
    never_by: Option<String>,
    set_by_scenario: bool,
    basis: &'static str,
}

#[derive(Serialize)]
struct MilestoneEnsembleJson {
    n: usize,
    n_reached: usize,
    at_q05: Option<String>,
    at_q50: Option<String>,
    at_q95: Option<String>,
    latency_us_q05: Option<u64>,
    latency_us_q50: Option<u64>,
    latency_us_q95: Option<u64>,
}

#[derive(Serialize)]
struct JudgedJson {
    in_sample: bool,
    percentile: Option<f64>,
    covered: Option<bool>,
    relative_width: Option<f64>,
    crps: Option<f64>,
    naive_crps: Option<f64>,
    share_reached: Option<f64>,
    brier: Option<f64>,
}

#[derive(Serialize)]
struct AwarenessJson<'a> {
    /// None: all counted actors together.
    level: Option<&'a str>,
    title: &'a str,
    r#final: Option<f64>,
    common_picture_final: Option<f64>,
    lag_hours: Option<f64>,
}

#[derive(Serialize)]
struct SpreadJson<'a> {
    /// None: all incidents together.
    incident: Option<&'a str>,
    operators_hit: u32,
    detected: u32,
    contained: u32,
    recovered: u32,
    peak: u32,
    peak_at: Option<String>,
    first_hit_at: Option<String>,
    impact_hours: f64,
    /// All incidents together only: the cost of those hours, and the unit of the cost per hour.
    impact_cost: Option<f64>,
    impact_cost_unit: Option<String>,
    time_to_contain_us: Option<u64>,
    time_to_recover_us: Option<u64>,
    by_state: BTreeMap<&'a str, u32>,
}

#[derive(Serialize)]
struct StatementsJson {
    published: usize,
    first_at: Option<String>,
    common_line_at: Option<String>,
    first_on_common_line_at: Option<String>,
    uncoordinated: u32,
    contradictory: u32,
}

#[derive(Serialize)]
struct DutyJson<'a> {
    duty: &'a str,
    title: &'a str,
    binding: bool,
    owed: u32,
    kept: u32,
    late: u32,
    missing: u32,
    open: u32,
    mean_lateness_hours: Option<f64>,
}

#[derive(Serialize)]
struct LoadJson<'a> {
    actor: &'a str,
    tasks_done: u32,
    unfinished: u32,
    refused: u32,
    gave_up: u32,
    busy_hours: f64,
    utilisation: Option<f64>,
    mean_wait_hours: Option<f64>,
    max_wait_us: u64,
    max_queue: u32,
}

#[derive(Serialize)]
struct MessagesJson<'a> {
    channels: Vec<ChannelJson<'a>>,
    products: Vec<ProductJson<'a>>,
}

#[derive(Serialize)]
struct ChannelJson<'a> {
    channel: &'a str,
    delivered: u32,
    copies: u32,
    mean_hours: f64,
}

#[derive(Serialize)]
struct ProductJson<'a> {
    product: &'a str,
    sent: u32,
    delivered: u32,
    undelivered: u32,
    refused: u32,
    read: u32,
}

#[derive(Serialize)]
struct ParametersJson<'a> {
    acted: BTreeMap<&'static str, usize>,
    acted_names: Vec<&'a str>,
    on_chain: BTreeMap<&'a str, Vec<&'a str>>,
    on_chain_by_basis: BTreeMap<&'a str, BTreeMap<&'static str, usize>>,
}

/// Writes the figures of a run.
///
/// # Errors
/// What the writer says.
pub fn write_summary(
    model: &Model,
    trace: &Trace,
    results: &RunResults,
    ensemble: Option<&EnsembleResults>,
    identity: &RunIdentity,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let m = &model.meta;
    let epoch = m.epoch;
    let in_force = |e: &&crate::model::Element| e.in_force(SimTime::ZERO, None);
    let summary = Summary {
        format: 1,
        program: env!("CARGO_PKG_NAME"),
        version: &identity.version,
        simulation: true,
        notice: NOTICE,
        scenario: &identity.scenario,
        title: &m.title,
        is_scenario: m.is_scenario,
        setting: setting_name(model),
        start: epoch.rfc3339(SimTime::ZERO),
        horizon_us: m.horizon.as_micros(),
        end_us: trace.end.as_micros(),
        seed: identity.seed,
        replication: identity.replication,
        ensemble: ensemble.map_or(0, |e| e.n),
        changes: &identity.changes,
        model_sha256: &identity.model_sha256,
        document_sha256: &identity.document_sha256,
        n_events: trace.n_events,
        n_records: trace.records.len(),
        elements_in_force: model.elements.iter().filter(in_force).map(|e| e.name.as_str()).collect(),
        milestones: milestones(model, results, ensemble),
        awareness: awareness(model, trace, results),
        operators: trace.operators.len(),
        spread: spread(model, results),
        statements: statements(model, results),
        duties: duties(model, results),
        workload: workload(model, results),
        messages: messages(model, results),
        parameters: parameters(model, results),
        criticality: ensemble.map(|e| criticality(model, trace, e)).unwrap_or_default(),
    };
    serde_json::to_writer_pretty(&mut *out, &summary)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn round(value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite()).map(round12)
}

fn origin(model: &Model, milestone: &Milestone) -> String {
    match milestone.from {
        Origin::Start => "start".to_owned(),
        Origin::Incident(i) => format!("incident {}", model.incidents[i.index()].name.text),
        Origin::Milestone(i) => format!("milestone {}", model.milestones[i.index()].name),
    }
}

fn milestones<'a>(
    model: &'a Model,
    results: &RunResults,
    ensemble: Option<&EnsembleResults>,
) -> Vec<MilestoneJson<'a>> {
    let epoch = model.meta.epoch;
    let all = model.milestones.iter().zip(&results.milestones).enumerate();
    all.map(|(i, (milestone, result))| MilestoneJson {
        milestone: &milestone.name,
        title: &milestone.title,
        layer: milestone.layer,
        from: origin(model, milestone),
        reached: result.reached.is_some(),
        reached_at: result.reached.map(|r| epoch.rfc3339(r.at)),
        latency_us: result.latency.map(|l| l.as_micros()),
        observed: milestone.observed.as_ref().map(|o| observed(model, o)),
        ensemble: ensemble
            .and_then(|e| e.summary.milestones.iter().find(|s| s.milestone.index() == i))
            .map(|s| over_ensemble(model, s)),
        judged: ensemble
            .and_then(|e| e.judgement.as_ref()?.rows.iter().find(|row| row.milestone.index() == i))
            .map(judged),
    })
    .collect()
}

fn observed(model: &Model, observed: &Observed) -> ObservedJson {
    let epoch = model.meta.epoch;
    match observed {
        Observed::At { at_us, from_us, to_us, basis, set_by_scenario } => ObservedJson {
            at: Some(instant(epoch, *at_us)),
            from: Some(instant(epoch, *from_us)),
            to: Some(instant(epoch, *to_us)),
            never_by: None,
            set_by_scenario: *set_by_scenario,
            basis: basis.class(),
        },
        Observed::Never { by_us, basis } => ObservedJson {
            at: None,
            from: None,
            to: None,
            never_by: Some(instant(epoch, *by_us)),
            set_by_scenario: false,
            basis: basis.class(),
        },
    }
}

fn over_ensemble(model: &Model, s: &MilestoneSummary) -> MilestoneEnsembleJson {
    let at = |t: Option<SimTime>| t.map(|t| model.meta.epoch.rfc3339(t));
    let us = |d: Option<crate::time::SimDuration>| d.map(|d| d.as_micros());
    MilestoneEnsembleJson {
        n: s.n,
        n_reached: s.n_reached,
        at_q05: at(s.at.q05),
        at_q50: at(s.at.q50),
        at_q95: at(s.at.q95),
        latency_us_q05: us(s.latency.q05),
        latency_us_q50: us(s.latency.q50),
        latency_us_q95: us(s.latency.q95),
    }
}

fn judged(row: &Judged) -> JudgedJson {
    let mut json = JudgedJson {
        in_sample: row.in_sample,
        percentile: None,
        covered: None,
        relative_width: None,
        crps: None,
        naive_crps: None,
        share_reached: None,
        brier: None,
    };
    match &row.verdict {
        Verdict::Happened { percentile, covered, relative_width, crps, naive_crps, .. } => {
            json.percentile = round(Some(*percentile));
            json.covered = Some(*covered);
            json.relative_width = round(*relative_width);
            json.crps = round(*crps);
            json.naive_crps = round(*naive_crps);
        }
        Verdict::Never { share, brier, .. } => {
            json.share_reached = round(Some(*share));
            json.brier = round(Some(*brier));
        }
    }
    json
}

fn awareness<'a>(model: &'a Model, trace: &Trace, results: &RunResults) -> Vec<AwarenessJson<'a>> {
    let row = |level: Option<LevelId>, curve: &AwarenessCurve| {
        let level = level.map(|l| &model.levels[l.index()]);
        AwarenessJson {
            level: level.map(|l| l.name.as_str()),
            title: level.map_or("All actors", |l| &l.title),
            r#final: round(curve.share.at(trace.end)),
            common_picture_final: round(curve.common_picture.at(trace.end)),
            lag_hours: round(curve.lag_hours),
        }
    };
    let levels = results.awareness.levels.iter().map(|(level, curve)| row(Some(*level), curve));
    levels.chain(std::iter::once(row(None, &results.awareness.all))).collect()
}

fn spread<'a>(model: &'a Model, results: &RunResults) -> Vec<SpreadJson<'a>> {
    let epoch = model.meta.epoch;
    let row = |s: &crate::analysis::spread::Spread| SpreadJson {
        incident: s.incident.map(|i| model.incidents[i.index()].name.text.as_str()),
        operators_hit: s.total.hit,
        detected: s.total.detected,
        contained: s.total.contained,
        recovered: s.total.recovered,
        peak: s.peak.map_or(0, |p| p.1),
        peak_at: s.peak.map(|p| epoch.rfc3339(p.0)),
        first_hit_at: s.total.first_hit.map(|t| epoch.rfc3339(t)),
        impact_hours: round12(s.total.impact.as_hours_f64()),
        impact_cost: results.impact_cost.as_ref().filter(|_| s.incident.is_none()).map(|c| round12(c.0)),
        impact_cost_unit: results.impact_cost.as_ref().filter(|_| s.incident.is_none()).map(|c| c.1.clone()),
        time_to_contain_us: s.time_to_contain.map(|d| d.as_micros()),
        time_to_recover_us: s.time_to_recover.map(|d| d.as_micros()),
        by_state: s
            .by_state
            .iter()
            .map(|(s, toll)| (model.states[s.index()].name.as_str(), toll.hit))
            .collect(),
    };
    results.spread.iter().map(row).collect()
}

fn statements(model: &Model, results: &RunResults) -> StatementsJson {
    let c = &results.communication;
    let at = |t: Option<SimTime>| t.map(|t| model.meta.epoch.rfc3339(t));
    StatementsJson {
        published: c.statements.len(),
        first_at: at(c.first),
        common_line_at: at(c.line_agreed),
        first_on_common_line_at: at(c.first_on_line),
        uncoordinated: c.uncoordinated,
        contradictory: c.contradictory,
    }
}

fn duties<'a>(model: &'a Model, results: &RunResults) -> Vec<DutyJson<'a>> {
    let rows = model.duties.iter().zip(&results.duty_counts);
    rows.map(|(duty, count)| DutyJson {
        duty: &duty.name,
        title: &duty.title,
        binding: duty.binding,
        owed: count.owed,
        kept: count.kept,
        late: count.late,
        missing: count.missing,
        open: count.open,
        mean_lateness_hours: round(count.mean_lateness_hours),
    })
    .collect()
}

fn workload<'a>(model: &'a Model, results: &RunResults) -> Vec<LoadJson<'a>> {
    let rows = results.workload.actors.iter();
    rows.map(|load| LoadJson {
        actor: &model.actors[load.actor.index()].name.text,
        tasks_done: load.done,
        unfinished: load.unfinished,
        refused: load.refused,
        gave_up: load.gave_up,
        busy_hours: round12(load.busy.as_hours_f64()),
        utilisation: round(load.utilisation),
        mean_wait_hours: round(load.mean_wait_hours),
        max_wait_us: load.max_wait.as_micros(),
        max_queue: load.max_queue,
    })
    .collect()
}

fn messages<'a>(model: &'a Model, results: &RunResults) -> MessagesJson<'a> {
    MessagesJson {
        channels: results
            .workload
            .channels
            .iter()
            .map(|load| ChannelJson {
                channel: &model.channels[load.channel.index()].name.text,
                delivered: load.delivered,
                copies: load.copies,
                mean_hours: round12(load.mean_hours),
            })
            .collect(),
        products: results
            .workload
            .products
            .iter()
            .map(|load| ProductJson {
                product: &model.products[load.product.index()].name.text,
                sent: load.sent,
                delivered: load.delivered,
                undelivered: load.undelivered,
                refused: load.refused,
                read: load.read,
            })
            .collect(),
    }
}

/// Actors, channels and bodies; operators and the world differ from replication to replication.
fn criticality(model: &Model, trace: &Trace, ensemble: &EnsembleResults) -> Vec<CriticalityJson> {
    let names = Names::new(model, trace);
    let lasting = |s: Subject| matches!(s, Subject::Actor(_) | Subject::Channel(_) | Subject::Network(_));
    let rows = ensemble.criticality.iter().filter(|c| lasting(c.subject));
    rows.map(|c| CriticalityJson {
        actor: names.subject(c.subject),
        share: round12(c.share),
        mean_hours: round12(c.mean_hours),
    })
    .collect()
}

fn parameters<'a>(model: &'a Model, results: &RunResults) -> ParametersJson<'a> {
    let named = |id: &&ParamId| !model.params[id.index()].literal;
    let name = |id: &ParamId| model.params[id.index()].name.as_str();
    let acted = results.acted.iter().filter(named).map(|id| &model.params[id.index()].basis);
    let on_chain = model.milestones.iter().zip(&results.on_chain).filter(|(_, params)| !params.is_empty());
    let classes = |params: &[ParamId]| {
        let bases = params.iter().filter(named).map(|id| &model.params[id.index()].basis);
        by_class(bases).into_iter().filter(|(_, n)| *n > 0).collect()
    };
    ParametersJson {
        acted: by_class(acted).into_iter().collect(),
        acted_names: results.acted.iter().filter(named).map(name).collect(),
        on_chain_by_basis: on_chain.clone().map(|(m, params)| (m.name.as_str(), classes(params))).collect(),
        on_chain: on_chain
            .map(|(m, params)| (m.name.as_str(), params.iter().filter(named).map(name).collect()))
            .collect(),
    }
}
