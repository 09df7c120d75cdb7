//! What the pages of a pack show, in words.

use serde::Serialize;

use super::{ExpectedChart, foot, shown_milestones};
use crate::analysis::schedule::{Due, Planned, Times};
use crate::model::{InjectKind, InjectTime, Method, MilestoneId};
use crate::report::html::with_own_ids;
use crate::report::words::{at, between as between_clocks, plural};
use crate::time::{SimDuration, SimTime};

/// Everything that a template may ask for.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) title: String,
    pub(super) name: String,
    summary: String,
    purpose: String,
    situation: String,
    language: String,
    marking: String,
    foot: String,
    rules: Vec<String>,
    debrief: Vec<String>,
    length: String,
    from: String,
    to: String,
    has_phases: bool,
    phases: Vec<PhaseView>,
    pub(super) rows: Vec<Row>,
    pub(super) objectives: Vec<ObjectiveView>,
    pub(super) roles: Vec<RoleView>,
    pub(super) milestones: Vec<MilestoneView>,
    chart: String,
    finding: String,
    replications: String,
    n_conditional: usize,
    injects: String,
    seed: u64,
    replication: u64,
}

#[derive(Debug, Serialize)]
struct PhaseView {
    title: String,
    brief: String,
    begins: String,
    lasts: String,
    from: String,
    rows: Vec<Row>,
}

/// An inject.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) order: usize,
    pub(super) id: String,
    pub(super) played: String,
    pub(super) when: String,
    pub(super) condition: String,
    pub(super) waits_for: String,
    pub(super) chance: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) kind: &'static str,
    pub(super) method: &'static str,
    pub(super) sender: String,
    pub(super) to: Vec<String>,
    pub(super) to_ids: Vec<String>,
    pub(super) controller: String,
    pub(super) expected: String,
    pub(super) within: String,
    pub(super) due: String,
    pub(super) due_played: String,
    pub(super) objective: String,
    pub(super) objective_title: String,
    pub(super) marking: String,
    pub(super) is_control: bool,
    pub(super) is_public: bool,
}

/// An objective.
#[derive(Debug, Serialize)]
pub(super) struct ObjectiveView {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) questions: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) milestones: Vec<MilestoneView>,
}

/// A role.
#[derive(Debug, Serialize)]
pub(super) struct RoleView {
    pub(super) id: String,
    pub(super) file: String,
    title: String,
    brief: String,
    rows: Vec<Row>,
}

/// A milestone over replications.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MilestoneView {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) played: String,
    pub(super) median: String,
    pub(super) central_80: String,
    pub(super) central_90: String,
    pub(super) reached: String,
}

/// A time of play: hours and minutes since the exercise began.
pub(super) fn played(length: SimDuration) -> String {
    let minutes = length.saturating_add(SimDuration::from_secs(30)).as_micros() / 60_000_000;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// The name of a page of a role.
pub(super) fn role_file(id: &str) -> String {
    format!("role-{id}.html")
}

fn kind(kind: InjectKind) -> &'static str {
    match kind {
        InjectKind::Information => "information",
        InjectKind::Event => "event",
        InjectKind::Request => "request",
        InjectKind::Media => "media",
        InjectKind::Control => "note to control",
    }
}

fn method(method: Option<Method>) -> &'static str {
    match method {
        None => "as you like",
        Some(Method::Paper) => "on paper",
        Some(Method::Mail) => "by e-mail",
        Some(Method::Call) => "by telephone",
        Some(Method::Message) => "message in a closed exchange",
        Some(Method::Person) => "in person",
        Some(Method::Meeting) => "in a meeting",
        Some(Method::News) => "in the news",
        Some(Method::SocialMedia) => "in social media",
    }
}

impl View {
    pub(super) fn new(input: &Planned, chart: &ExpectedChart) -> View {
        let (model, exercise) = (input.model, input.exercise);
        let meta = &model.meta;
        let rows: Vec<Row> =
            input.schedule.iter().enumerate().map(|(i, due)| row(input, i + 1, due)).collect();
        let objectives = exercise.objectives.iter().map(|objective| ObjectiveView {
            id: objective.name.clone(),
            title: objective.title.clone(),
            questions: objective.questions.clone(),
            rows: rows.iter().filter(|row| row.objective == objective.name).cloned().collect(),
            milestones: objective.milestones.iter().map(|&id| milestone(input, id)).collect(),
        });
        let roles = exercise.roles.iter().map(|role| RoleView {
            id: role.name.clone(),
            file: role_file(&role.name),
            title: role.title.clone(),
            brief: role.brief.clone(),
            rows: rows
                .iter()
                .filter(|row| row.to_ids.contains(&role.name) && !row.is_control)
                .cloned()
                .collect(),
        });
        View {
            title: if meta.title.is_empty() { meta.name.clone() } else { meta.title.clone() },
            name: meta.name.clone(),
            summary: meta.summary.clone(),
            purpose: exercise.purpose.clone(),
            situation: exercise.situation.clone(),
            language: exercise.language.clone(),
            marking: exercise.marking.map(|marking| model.marking_text(marking)).unwrap_or_default(),
            foot: foot(input),
            rules: exercise.rules.clone(),
            debrief: exercise.debrief.clone(),
            length: exercise.length(meta.horizon).to_string(),
            from: with_year(input, SimTime::ZERO),
            to: with_year(input, meta.horizon),
            has_phases: !exercise.phases.is_empty(),
            phases: phases(input, &rows),
            objectives: objectives.collect(),
            roles: roles.collect(),
            milestones: shown_milestones(input).into_iter().map(|id| milestone(input, id)).collect(),
            chart: with_own_ids(&chart.svg, "expected"),
            finding: chart.finding.clone(),
            replications: plural(input.n_replications, "run"),
            n_conditional: rows.iter().filter(|row| !row.condition.is_empty()).count(),
            injects: plural(rows.len(), "inject"),
            rows,
            seed: input.seed,
            replication: input.replication,
        }
    }
}

fn with_year(input: &Planned, t: SimTime) -> String {
    let meta = &input.model.meta;
    let year = meta.epoch.local(t, &meta.zone).strftime("%Y").to_string();
    format!("{}, {year}", crisis(input, t))
}

/// An instant of the crisis on both clocks.
fn crisis(input: &Planned, t: SimTime) -> String {
    at(input.model.meta.epoch, t, &input.model.meta.zone)
}

fn phases(input: &Planned, rows: &[Row]) -> Vec<PhaseView> {
    let (exercise, horizon) = (input.exercise, input.model.meta.horizon);
    let phase_of: Vec<Option<usize>> = input
        .schedule
        .iter()
        .map(|due| due.at.map(|at| exercise.phase_at(at).map_or(0, |phase| phase.index())))
        .collect();
    let of = |phase: Option<usize>| -> Vec<Row> {
        let those = rows.iter().zip(&phase_of).filter(|(_, found)| **found == phase);
        those.map(|(row, _)| row.clone()).collect()
    };
    let mut views: Vec<PhaseView> = exercise
        .phases
        .iter()
        .enumerate()
        .map(|(i, phase)| PhaseView {
            title: phase.title.clone(),
            brief: phase.brief.clone(),
            begins: played(input.played(phase.from)),
            lasts: phase.lasts.to_string(),
            from: crisis(input, phase.from),
            rows: of(Some(i)),
        })
        .collect();
    if views.is_empty() {
        views.push(PhaseView {
            title: "The exercise".to_owned(),
            brief: String::new(),
            begins: "0:00".to_owned(),
            lasts: exercise.length(horizon).to_string(),
            from: crisis(input, SimTime::ZERO),
            rows: of(Some(0)),
        });
    }
    let rest = of(None);
    if !rest.is_empty() {
        views.push(PhaseView {
            title: "Held ready".to_owned(),
            brief: "In most runs these are never needed: release them if what they wait for happens."
                .to_owned(),
            begins: String::new(),
            lasts: String::new(),
            from: String::new(),
            rows: rest,
        });
    }
    views
}

fn row(input: &Planned, order: usize, due: &Due) -> Row {
    let (model, exercise) = (input.model, input.exercise);
    let inject = &model.injects[due.inject.index()];
    let play = |t: SimTime| played(input.played(t));
    let until = due.at.zip(inject.within).map(|(at, within)| at.saturating_add(within));
    let roles = || inject.players.iter().map(|&id| exercise.role(id));
    let waits_for = match inject.at {
        InjectTime::At(_) => String::new(),
        InjectTime::When(of, after) => {
            let title = &model.milestones[of.index()].title;
            match after {
                Some(site) => format!("{} after \"{title}\"", model.site_text(site)),
                None => format!("as soon as \"{title}\""),
            }
        }
    };
    Row {
        order,
        id: inject.name.text.clone(),
        played: due.at.map(play).unwrap_or_default(),
        when: due.at.map(|at| crisis(input, at)).unwrap_or_default(),
        condition: model.condition_text(inject.at),
        waits_for,
        chance: due.times.map(|times| chance(input, &times)).unwrap_or_default(),
        title: inject.title.clone(),
        text: inject.text.clone(),
        kind: kind(inject.kind),
        method: method(inject.method),
        sender: inject.sender.clone(),
        to: roles().map(|role| role.title.clone()).collect(),
        to_ids: roles().map(|role| role.name.clone()).collect(),
        controller: inject.controller.clone(),
        expected: inject.expected.clone(),
        within: inject.within.map(|within| within.to_string()).unwrap_or_default(),
        due: until.map(|at| crisis(input, at)).unwrap_or_default(),
        due_played: until.map(play).unwrap_or_default(),
        objective: inject.objective.clone(),
        objective_title: inject
            .tests
            .map_or_else(|| inject.objective.clone(), |id| exercise.objective(id).title.clone()),
        marking: inject.marking.or(exercise.marking).map(|m| model.marking_text(m)).unwrap_or_default(),
        is_control: inject.kind == InjectKind::Control,
        is_public: inject.kind == InjectKind::Media,
    }
}

fn chance(input: &Planned, times: &Times) -> String {
    let play = |t: SimTime| played(input.played(t));
    let in_runs = format!("in {} of {}", times.n_reached, plural(times.n, "run"));
    match (times.q10, times.q90) {
        (Some(from), Some(to)) => {
            format!("{in_runs}; the central 80 % between {} and {}", play(from), play(to))
        }
        (Some(from), None) => format!("{in_runs}; not before {} in most", play(from)),
        _ => in_runs,
    }
}

fn milestone(input: &Planned, id: MilestoneId) -> MilestoneView {
    let model = input.model;
    let (_, times) = &input.milestones[id.index()];
    let of = &model.milestones[id.index()];
    let between = |from: Option<SimTime>, to: Option<SimTime>| match (from, to) {
        (Some(from), Some(to)) if from == to => crisis(input, from),
        (Some(from), Some(to)) => between_clocks(model.meta.epoch, from, to, &model.meta.zone),
        (Some(from), None) => format!("from {}, not always by the end", crisis(input, from)),
        (None, _) => "not by the end".to_owned(),
    };
    MilestoneView {
        id: of.name.clone(),
        title: of.title.clone(),
        played: times.q50.map(|at| played(input.played(at))).unwrap_or_default(),
        median: times.q50.map_or_else(|| "not by the end".to_owned(), |at| crisis(input, at)),
        central_80: between(times.q10, times.q90),
        central_90: between(times.q05, times.q95),
        reached: format!("{} of {}", times.n_reached, times.n),
    }
}
