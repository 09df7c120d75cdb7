//! The figures of one run as one row of numbers: what a batch keeps of each replication beside its milestones.
//!
//! A model has a fixed list of [`columns`]; a [`FigureReader`] gives their values in the same order. Times are in
//! microseconds since the start. What does not exist in a run (the first statement where none was made) has no value.

use super::awareness::AwarenessReader;
use super::communication::communication;
use super::duties::{DutyObject, Standing, duties};
use super::measures::measures;
use super::milestones::{MilestoneResult, MilestoneWatch, evaluate};
use super::reading::{Lists, Reading};
use super::spread::{cost_unit, impact_cost, spread};
use crate::model::{IncidentId, Model};
use crate::time::SimTime;
use crate::trace::Trace;

/// What a figure counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureColumn {
    /// Its name in files, e.g. `operators_hit` or `awareness_lag_hours.technical`.
    pub name: String,
    /// Unit; empty for plain numbers, and for declared measures, whose document states theirs.
    pub unit: String,
    /// Whether every value is a whole number.
    pub integer: bool,
}

/// Figures of all incidents together, of each by itself where there are several.
const SPREAD: [(&str, &str, bool); 10] = [
    ("operators_hit", "operators", true),
    ("operators_detected", "operators", true),
    ("operators_contained", "operators", true),
    ("operators_recovered", "operators", true),
    ("operators_peak", "operators", true),
    ("first_hit_us", "us", true),
    ("contained_us", "us", true),
    ("recovered_us", "us", true),
    ("impact_hours", "hours", false),
    ("impact_cost", "", false),
];
const COMMUNICATION: [(&str, &str); 6] = [
    ("statements", "statements"),
    ("statements_uncoordinated", "statements"),
    ("statements_contradictory", "statements"),
    ("first_statement_us", "us"),
    ("common_line_us", "us"),
    ("first_on_common_line_us", "us"),
];
const STANDINGS: [&str; 5] = ["owed", "kept", "late", "missing", "open"];

/// The columns of a model, in a fixed order.
pub fn columns(model: &Model) -> Vec<FigureColumn> {
    let mut all = Vec::new();
    let mut add = |name: String, unit: &str, integer: bool| {
        all.push(FigureColumn { name, unit: unit.to_owned(), integer });
    };
    add("events".to_owned(), "events", true);
    add("end_us".to_owned(), "us", true);
    for (of, _) in spreads(model) {
        for (name, unit, integer) in SPREAD {
            // Only all incidents together have a cost.
            if name != "impact_cost" || (of.is_none() && !model.incidents.is_empty()) {
                let cost = (name == "impact_cost").then(|| cost_unit(model));
                add(with_part(name, of), cost.as_deref().unwrap_or(unit), integer);
            }
        }
    }
    for level in model.levels.iter().map(|l| Some(l.name.as_str())).chain([None]) {
        add(with_part("awareness_lag_hours", level), "hours", false);
        add(with_part("awareness_final", level), "share", false);
        add(with_part("common_picture_final", level), "share", false);
    }
    for (name, unit) in COMMUNICATION {
        add(name.to_owned(), unit, true);
    }
    let each = model.duties.iter().map(|d| Some(d.name.as_str()));
    let duties =
        if model.duties.is_empty() { Vec::new() } else { std::iter::once(None).chain(each).collect() };
    for duty in duties {
        for standing in STANDINGS {
            add(with_part(&format!("duties_{standing}"), duty), "duties", true);
        }
    }
    for measure in &model.measures {
        for (statistic, _) in &measure.show {
            add(format!("measure.{}.{statistic}", measure.name), "", false);
        }
    }
    all
}

fn with_part(name: &str, part: Option<&str>) -> String {
    part.map_or_else(|| name.to_owned(), |part| format!("{name}.{part}"))
}

/// All incidents together, and each by itself where there are several.
fn spreads(model: &Model) -> Vec<(Option<&str>, Option<IncidentId>)> {
    let n = if model.incidents.len() > 1 { model.incidents.len() } else { 0 };
    let each = (0..n).map(|i| (Some(model.incidents[i].name.text.as_str()), Some(IncidentId::from_index(i))));
    std::iter::once((None, None)).chain(each).collect()
}

/// Reads runs of one model, one after the other, and keeps its memory.
#[derive(Debug, Clone)]
pub struct FigureReader {
    watch: MilestoneWatch,
    awareness: AwarenessReader,
    /// Memory of the reading before.
    lists: Lists,
}

impl FigureReader {
    /// A reader of runs of a model.
    pub fn new(model: &Model) -> FigureReader {
        FigureReader {
            watch: MilestoneWatch::new(model),
            awareness: AwarenessReader::new(model),
            lists: Lists::default(),
        }
    }

    /// The milestones of a run; its figures, in the order of [`columns`], are put after what is in `out`, NaN where
    /// there is none.
    pub fn read(&mut self, model: &Model, trace: &Trace, out: &mut Vec<f64>) -> Vec<MilestoneResult> {
        let run = Reading::again(model, trace, std::mem::take(&mut self.lists));
        let milestones = evaluate(&mut self.watch, &run);
        figures(&run, &milestones, &mut self.awareness, out);
        self.lists = run.into_lists();
        milestones
    }
}

fn figures(
    run: &Reading<'_>,
    milestones: &[MilestoneResult],
    awareness: &mut AwarenessReader,
    out: &mut Vec<f64>,
) {
    let (model, trace) = (run.model, run.trace);
    let time = |t: Option<SimTime>| t.map_or(f64::NAN, |t| t.as_micros() as f64);
    out.push(trace.n_events as f64);
    out.push(trace.end.as_micros() as f64);
    for (_, incident) in spreads(model) {
        let s = spread(run, incident);
        out.extend([s.total.hit, s.total.detected, s.total.contained, s.total.recovered].map(f64::from));
        out.push(s.peak.map_or(0.0, |p| f64::from(p.1)));
        out.extend([time(s.total.first_hit), time(s.contained_at), time(s.recovered_at)]);
        out.push(s.total.impact.as_hours_f64());
        if incident.is_none() && !model.incidents.is_empty() {
            out.push(impact_cost(run).map_or(f64::NAN, |cost| cost.0));
        }
    }
    for end in awareness.read(run) {
        out.extend([end.lag_hours, end.share, end.common_picture].map(|v| v.unwrap_or(f64::NAN)));
    }
    let c = communication(run);
    out.extend([c.statements.len() as f64, f64::from(c.uncoordinated), f64::from(c.contradictory)]);
    out.extend([time(c.first), time(c.line_agreed), time(c.first_on_line)]);
    let duties = duties(run);
    duty_figures(model, &duties, out);
    if model.measures.is_empty() {
        return;
    }
    let measures = measures(run, milestones, &duties);
    out.extend(measures.iter().map(|row| row.value.unwrap_or(f64::NAN)));
}

fn duty_figures(model: &Model, duties: &[DutyObject], out: &mut Vec<f64>) {
    if model.duties.is_empty() {
        return;
    }
    // All together first, then each.
    let mut counts = vec![[0_u32; STANDINGS.len()]; model.duties.len() + 1];
    for object in duties {
        let column = match object.standing {
            Standing::Kept => 1,
            Standing::Late(_) => 2,
            Standing::Missing => 3,
            Standing::Open => 4,
        };
        for row in [0, object.duty.index() + 1] {
            counts[row][0] += 1;
            counts[row][column] += 1;
        }
    }
    out.extend(counts.iter().flatten().map(|&n| f64::from(n)));
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Builder;
    use super::*;

    #[test]
    fn every_column_has_a_value_and_a_name_of_its_own() {
        let mut b = Builder::new();
        b.actor("a");
        let names = columns(&b.model);
        let mut row = Vec::new();
        FigureReader::new(&b.model).read(&b.model, &b.trace, &mut row);
        assert_eq!(row.len(), names.len());
        let mut sorted: Vec<&str> = names.iter().map(|c| c.name.as_str()).collect();
        sorted.sort_unstable();
        let n = sorted.len();
        sorted.dedup();
        assert_eq!(sorted.len(), n);
        // Nothing happened: no statement, no first statement.
        let of = |name: &str| row[names.iter().position(|c| c.name == name).unwrap()];
        assert_eq!(of("statements"), 0.0);
        assert!(of("first_statement_us").is_nan());
        assert_eq!(of("operators_hit"), 0.0);
    }
}
