//! The tables of a facilitator's pack. Every row says in a field that it belongs to an exercise.

use std::io::Write;

use super::ExportError;
use super::number::safe_text;
use crate::analysis::schedule::{Due, Planned, Times};
use crate::model::{InjectTime, MilestoneId};
use crate::time::{SimDuration, SimTime};

/// What stands in the field `exercise` of every row.
pub const EXERCISE_MARK: &str = "EXERCISE - SIMULATION";

/// A cell that a person wrote, or one that the program made and that needs no care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Free text: what a spreadsheet would take for a formula is made text.
    Text(String),
    /// An id, a number or an instant.
    Plain(String),
}

/// A table: its heading without the field `exercise`, and its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// Rows, as long as the heading.
    pub rows: Vec<Vec<Cell>>,
}

/// Writes a table; the first column is `exercise`.
///
/// # Errors
/// What the writer says.
pub fn write_sheet(sheet: &Sheet, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    csv.write_record(["exercise"].iter().chain(&sheet.columns))?;
    for row in &sheet.rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => safe_text(text),
            Cell::Plain(text) => text.clone(),
        });
        csv.write_record(std::iter::once(EXERCISE_MARK.to_owned()).chain(cells))?;
    }
    csv.flush()?;
    Ok(())
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn plain(text: impl Into<String>) -> Cell {
    Cell::Plain(text.into())
}

/// A time of play: hours, minutes and seconds since the exercise began.
fn played(length: SimDuration) -> String {
    let seconds = length.as_micros() / 1_000_000;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn instant_of(planned: &Planned, t: Option<SimTime>) -> Cell {
    plain(t.map(|t| planned.model.meta.epoch.rfc3339(t)).unwrap_or_default())
}

fn played_of(planned: &Planned, t: Option<SimTime>) -> Cell {
    plain(t.map(|t| played(planned.played(t))).unwrap_or_default())
}

/// `msel.csv`: the master schedule, a row for each inject in the order in which they are expected.
///
/// `blueprint-sim run --inject` reads it back. What the exercise itself brings (`status`, `actual_t`, `actual`,
/// `rating`, `note`) is left for people to fill in.
pub fn msel_sheet(planned: &Planned) -> Sheet {
    let rows = planned.schedule.iter().enumerate().map(|(i, due)| msel_row(planned, i + 1, due));
    Sheet {
        columns: vec![
            "id",
            "order",
            "t_exercise",
            "t_sim",
            "phase",
            "title",
            "text",
            "type",
            "method",
            "from",
            "to",
            "controller",
            "expected",
            "by",
            "due",
            "objective",
            "condition",
            "status",
            "actual_t",
            "actual",
            "rating",
            "note",
            "tlp",
            "lang",
            "origin",
        ],
        rows: rows.collect(),
    }
}

fn msel_row(planned: &Planned, order: usize, due: &Due) -> Vec<Cell> {
    let (model, exercise) = (planned.model, planned.exercise);
    let inject = &model.injects[due.inject.index()];
    let phase = due.at.and_then(|at| exercise.phase_at(at));
    let to: Vec<&str> = inject.players.iter().map(|&id| exercise.role(id).name.as_str()).collect();
    let marking = inject.marking.or(exercise.marking).map(|marking| {
        let scheme = &model.schemes[marking.scheme.index()];
        format!("{}:{}", scheme.name, scheme.rungs[usize::from(marking.rung)])
    });
    let waits = matches!(inject.at, InjectTime::When(..));
    let origin = due
        .record
        .map(|record| format!("seed {} replication {} event {record}", planned.seed, planned.replication));
    vec![
        text(&inject.name.text),
        plain(order.to_string()),
        played_of(planned, due.at),
        instant_of(planned, due.at),
        text(phase.map(|phase| exercise.phases[phase.index()].title.clone()).unwrap_or_default()),
        text(&inject.title),
        text(&inject.text),
        plain(inject.kind.name()),
        plain(inject.method.map(|method| method.name()).unwrap_or_default()),
        text(&inject.sender),
        plain(to.join(";")),
        text(&inject.controller),
        text(&inject.expected),
        plain(inject.within.map(SimDuration::exact_text).unwrap_or_default()),
        instant_of(planned, due.at.zip(inject.within).map(|(at, within)| at.saturating_add(within))),
        text(&inject.objective),
        text(model.condition_text(inject.at)),
        plain(if waits { "held" } else { "scheduled" }),
        plain(""),
        plain(""),
        plain(""),
        plain(""),
        text(marking.unwrap_or_default()),
        plain(&exercise.language),
        plain(origin.unwrap_or_default()),
    ]
}

/// `expected.csv`: when each milestone is expected without players, over the replications.
pub fn expected_sheet(planned: &Planned) -> Sheet {
    let row = |(id, times): &(MilestoneId, Times)| {
        let milestone = &planned.model.milestones[id.index()];
        let objectives = planned.exercise.objectives.iter().filter(|o| o.milestones.contains(id));
        let objectives: Vec<&str> = objectives.map(|objective| objective.name.as_str()).collect();
        let mut cells = vec![
            text(&milestone.name),
            text(&milestone.title),
            plain(objectives.join(";")),
            plain(times.n.to_string()),
            plain(times.n_reached.to_string()),
        ];
        let quantiles = [times.q05, times.q10, times.q50, times.q90, times.q95];
        cells.extend(quantiles.map(|at| instant_of(planned, at)));
        cells.extend([times.q10, times.q50, times.q90].map(|at| played_of(planned, at)));
        cells
    };
    Sheet {
        columns: vec![
            "milestone",
            "title",
            "objectives",
            "replications",
            "reached",
            "q05_at",
            "q10_at",
            "q50_at",
            "q90_at",
            "q95_at",
            "t_exercise_q10",
            "t_exercise_q50",
            "t_exercise_q90",
        ],
        rows: planned.milestones.iter().map(row).collect(),
    }
}

/// `evaluation.csv`: for each objective its rating, the questions of observers, the actions that are expected, and the
/// simulated time of its milestones; what is seen is left blank.
pub fn evaluation_sheet(planned: &Planned) -> Sheet {
    let (model, exercise) = (planned.model, planned.exercise);
    let mut rows = Vec::new();
    for (i, objective) in exercise.objectives.iter().enumerate() {
        let mut push = |what: &str, of: &str, asked: &str, at: [Option<SimTime>; 3]| {
            let mut row =
                vec![text(&objective.name), text(&objective.title), plain(what), text(of), text(asked)];
            row.extend(at.map(|at| instant_of(planned, at)));
            row.extend((0..4).map(|_| plain("")));
            rows.push(row);
        };
        push("rating", "", "P, S, M or U", [None; 3]);
        for question in &objective.questions {
            push("question", "", question, [None; 3]);
        }
        for due in planned.schedule {
            let inject = &model.injects[due.inject.index()];
            if inject.tests.is_some_and(|tests| tests.index() == i) && !inject.expected.is_empty() {
                let until = due.at.zip(inject.within).map(|(at, within)| at.saturating_add(within));
                push("action", &inject.name.text, &inject.expected, [None, until, None]);
            }
        }
        for id in &objective.milestones {
            let milestone = &model.milestones[id.index()];
            let times = planned.milestones[id.index()].1;
            push("milestone", &milestone.name, &milestone.title, [times.q10, times.q50, times.q90]);
        }
    }
    Sheet {
        columns: vec![
            "objective",
            "objective_title",
            "what",
            "id",
            "asked",
            "simulated_q10",
            "due_or_simulated_q50",
            "simulated_q90",
            "seen_at",
            "seen",
            "rating",
            "observer",
        ],
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_marked_and_no_text_is_a_formula() {
        let sheet = Sheet {
            columns: vec!["id", "text"],
            rows: vec![vec![Cell::Plain("I-1".into()), Cell::Text("=HYPERLINK(\"x\")".into())]],
        };
        let mut out = Vec::new();
        write_sheet(&sheet, &mut out).unwrap();
        let expected = "exercise,id,text\nEXERCISE - SIMULATION,I-1,\"'=HYPERLINK(\"\"x\"\")\"\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
