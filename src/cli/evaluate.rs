//! `check --evaluate`: what a law, a deadline or a clock of the language comes to, without a simulation.
//!
//! An expression is written like a value in a document, for instance `Mean(LogNormal(median: "2h", p90: "8h"))`.

use serde::Deserialize;

use super::failure::Failure;
use super::term;
use crate::compile::{law, quantity};
use crate::des::Law;
use crate::document::types::{Dist, Quantity};
use crate::document::{Diagnostic, SourceMap, Span, decode, read};
use crate::model::Unit;
use crate::time::{
    Date, Deadline, DeadlineContext, Epoch, Holidays, SimDuration, SimTime, Timestamp, Zone, parse_instant,
};

/// What can be asked.
#[derive(Debug, Deserialize)]
enum Expression {
    /// The mean of a distribution.
    Mean(Dist),
    /// Its standard deviation.
    Sd(Dist),
    /// The value below which it is with a probability.
    Quantile(f64, Dist),
    /// The probability that it is at most a value.
    AtMost(Quantity, Dist),
    /// The probability that it is above a value.
    Above(Quantity, Dist),
    /// Its parameters, whatever it was given by; durations in hours.
    Parameters(Dist),
    /// A quantile of the standard normal distribution.
    NormalQuantile(f64),
    /// An instant in UTC.
    Instant(String),
    /// The end of a time limit that an event starts, in UTC.
    Deadline {
        /// The event, with its zone.
        event: String,
        /// How long.
        after: After,
        /// Zone whose hours and days count. Default `UTC`.
        #[serde(default)]
        zone: Option<String>,
    },
    /// The instants, in UTC, at which the clocks of a zone change, from the first year to the last.
    ClockChanges(String, i16, i16),
}

/// The length of a time limit.
#[derive(Debug, Deserialize)]
enum After {
    /// Elapsed time, the running hour included.
    Elapsed(Quantity),
    /// Hours under Regulation 1182/71: the running hour is not counted.
    Hours(u32),
    /// Days under it: the end of the last day, moved to a working day (Saturdays and Sundays are none).
    Days(u32),
    /// Working days under it.
    WorkingDays(u32),
    /// Calendar months under it.
    Months(u32),
}

/// Prints what an expression comes to.
///
/// # Errors
/// Everything that is wrong with the expression.
pub(super) fn evaluate(text: &str) -> Result<(), Failure> {
    let mut sources = SourceMap::new();
    match value_of(text, &mut sources) {
        Ok(lines) => term::result(&format!("{}\n", lines.join("\n"))),
        Err(errors) => Err(Failure::documents(&errors, &sources)),
    }
}

fn value_of(text: &str, sources: &mut SourceMap) -> Result<Vec<String>, Vec<Diagnostic>> {
    let id = sources.add("--evaluate", text).map_err(|error| vec![error])?;
    let tree = read(sources, id)?;
    let expression: Expression = decode(&tree)?;
    let at = |error: Diagnostic| if error.span.is_none() { error.at(tree.span) } else { error };
    lines(&expression, tree.span).map_err(|error| vec![at(error)])
}

fn lines(expression: &Expression, span: Span) -> Result<Vec<String>, Diagnostic> {
    let one = |value: Option<f64>, unit: Unit| match value {
        Some(value) => Ok(vec![shown(value, unit)]),
        None => Err(Diagnostic::error("not-possible", "this distribution has no such number in closed form")
            .at(span)
            .hint("ask for quantiles, or run a document that draws from it")),
    };
    match expression {
        Expression::Mean(dist) => law(dist).and_then(|(law, unit)| one(law.mean(), unit)),
        Expression::Sd(dist) => law(dist).and_then(|(law, unit)| one(law.sd(), unit)),
        Expression::Quantile(p, dist) => {
            let p = probability(*p)?;
            law(dist).map(|(law, unit)| vec![shown(law.quantile(p), unit)])
        }
        Expression::AtMost(value, dist) => below(value, dist).map(|p| vec![number(p)]),
        Expression::Above(value, dist) => below(value, dist).map(|p| vec![number(1.0 - p)]),
        Expression::Parameters(dist) => law(dist).map(|(law, unit)| parameters(&law, unit)),
        Expression::NormalQuantile(p) => {
            let p = probability(*p)?;
            // The logarithm of a log-normal law with these parameters is standard normal.
            let law = Law::log_normal(0.0, 1.0)
                .map_err(|e| Diagnostic::error("bad-distribution", e.to_string()))?;
            Ok(vec![number(libm::log(law.quantile(p)))])
        }
        Expression::Instant(text) => instant(text).map(|at| vec![at.to_string()]),
        Expression::Deadline { event, after, zone } => deadline(event, after, zone.as_deref()),
        Expression::ClockChanges(zone, first, last) => clock_changes(zone, *first, *last),
    }
}

fn probability(p: f64) -> Result<f64, Diagnostic> {
    match p > 0.0 && p < 1.0 {
        true => Ok(p),
        false => Err(Diagnostic::error(
            "out-of-range",
            format!("a probability between 0 and 1 is wanted, not {p}"),
        )
        .expected("a number above 0 and below 1")),
    }
}

/// The probability that a distribution is at most a value.
fn below(value: &Quantity, dist: &Dist) -> Result<f64, Diagnostic> {
    let ((law, unit), (value, of)) = (law(dist)?, quantity(value)?);
    if unit != of && value != 0.0 {
        return Err(Diagnostic::error("wrong-unit", "the value and the distribution are of different kinds"));
    }
    Ok(law.cdf(value))
}

/// Parameters by name. Those that are times are in hours; a logarithm of times as well.
fn parameters(law: &Law, unit: Unit) -> Vec<String> {
    let hour = 3.6e9_f64;
    let all = law.parameters();
    let line = |&(name, value): &(&str, f64)| {
        let value = match (unit, name) {
            (Unit::Duration, "mu") => value - libm::log(hour),
            (Unit::Duration, "value" | "lo" | "hi" | "mean" | "min" | "mode" | "max" | "scale" | "shift") => {
                value / hour
            }
            _ => value,
        };
        format!("{name} {}", number(value))
    };
    all.iter().map(line).collect()
}

fn instant(text: &str) -> Result<Timestamp, Diagnostic> {
    parse_instant(text, None, &Zone::utc())
        .map_err(|error| Diagnostic::error("bad-instant", error.to_string()))
}

fn zone_named(name: &str) -> Result<Zone, Diagnostic> {
    Zone::get(name).map_err(|unknown| {
        let error = Diagnostic::error("unknown-name", format!("no time zone is called `{}`", unknown.name));
        match unknown.nearest {
            Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
            None => error,
        }
    })
}

fn deadline(event: &str, after: &After, zone: Option<&str>) -> Result<Vec<String>, Diagnostic> {
    let zone = zone.map_or_else(|| Ok(Zone::utc()), zone_named)?;
    let event =
        parse_instant(event, None, &zone).map_err(|e| Diagnostic::error("bad-instant", e.to_string()))?;
    let deadline = match after {
        After::Elapsed(length) => match quantity(length)? {
            (us, Unit::Duration) => Deadline::Elapsed(SimDuration::from_micros_f64(us)),
            _ => return Err(Diagnostic::error("wrong-unit", "elapsed time is a duration such as `72h`")),
        },
        After::Hours(n) => Deadline::RegulationHours(*n),
        After::Days(n) => Deadline::RegulationDays(*n),
        After::WorkingDays(n) => Deadline::RegulationWorkingDays(*n),
        After::Months(n) => Deadline::RegulationMonths(*n),
    };
    let epoch = Epoch::new(event);
    let holidays = Holidays::none();
    let context = DeadlineContext { epoch, zone: &zone, holidays: &holidays, profile: None };
    let due =
        deadline.due(SimTime::ZERO, context).map_err(|e| Diagnostic::error("out-of-range", e.to_string()))?;
    let at = epoch.checked_instant(due).ok_or_else(|| {
        Diagnostic::error("out-of-range", "the deadline lies outside the years that civil time can name")
    })?;
    Ok(vec![at.to_string()])
}

fn clock_changes(zone: &str, first: i16, last: i16) -> Result<Vec<String>, Diagnostic> {
    let zone = zone_named(zone)?;
    let wrong = || {
        Diagnostic::error(
            "out-of-range",
            format!("years from 1900 to 2200 are wanted, not {first} to {last}"),
        )
    };
    if first > last || first < 1900 || last > 2200 {
        return Err(wrong());
    }
    let begin = |year: i16| {
        Date::new(year, 1, 1).ok().and_then(|date| Zone::utc().start_of_day(date)).ok_or_else(wrong)
    };
    Ok(zone.clock_changes(begin(first)?, begin(last + 1)?).map(|change| change.at.to_string()).collect())
}

/// A value with its unit; times in hours.
fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Duration => format!("{} h", number(value / 3.6e9)),
        Unit::Rate => format!("{} per h", number(value * 3.6e9)),
        Unit::Number => number(value),
    }
}

/// A number with 12 significant digits, without zeros at its end.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value > 0.0 { "never".to_owned() } else { format!("{value}") };
    }
    let text = format!("{value:.11e}");
    text.parse::<f64>().map_or(text, |rounded| format!("{rounded}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        match value_of(text, &mut SourceMap::new()) {
            Ok(lines) => lines.join(" "),
            Err(errors) => format!("{}: {}", errors[0].code, errors[0].message),
        }
    }

    /// Published values: to nine digits.
    fn near(text: &str, expected: f64) {
        let found = of(text);
        let value: f64 = found.split(' ').next().unwrap().parse().unwrap_or(f64::NAN);
        assert!((value / expected - 1.0).abs() < 1e-9, "{text}: {found} instead of {expected}");
    }

    #[test]
    fn a22_deadlines_in_hours() {
        let due = |after: &str| {
            of(&format!(
                "Deadline(event: \"2026-01-30 14:37 Europe/Brussels\", after: {after}, zone: \"Europe/Brussels\")"
            ))
        };
        assert_eq!(of("Instant(\"2026-01-30 14:37 Europe/Brussels\")"), "2026-01-30T13:37:00Z");
        assert_eq!(due("Elapsed(\"24h\")"), "2026-01-31T13:37:00Z");
        assert_eq!(due("Elapsed(\"72h\")"), "2026-02-02T13:37:00Z");
        assert_eq!(due("Hours(24)"), "2026-01-31T14:00:00Z");
        assert_eq!(
            of("Deadline(event: \"2026-03-28 20:00 Europe/Brussels\", after: Elapsed(\"72h\"))"),
            "2026-03-31T19:00:00Z"
        );
    }

    #[test]
    fn a23_clock_changes() {
        let all = of("ClockChanges(\"Europe/Brussels\", 2024, 2030)");
        let all: Vec<&str> = all.split(' ').collect();
        assert_eq!(all.len(), 14);
        assert_eq!(all[..3], ["2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2025-03-30T01:00:00Z"]);
        assert_eq!(all[13], "2030-10-27T01:00:00Z");
    }

    #[test]
    fn a24_log_normal_by_median_and_p90() {
        let law = "LogNormal(median: \"2h\", p90: \"8h\")";
        near(&format!("Mean({law})"), 3.5902377137);
        near(&format!("Sd({law})"), 5.35228673166);
        near(&format!("Quantile(0.95, {law})"), 11.8512900924);
        near(&format!("Quantile(0.99, {law})"), 24.7699282184);
        near(&format!("Above(\"24h\", {law})"), 0.0108049032056);
        near("NormalQuantile(0.9)", 1.28155156554);
        assert!(of(&format!("Parameters({law})")).contains("sigma 1.08173123766"));
    }

    #[test]
    fn a25_pert_and_a26_quantile_table() {
        let pert = "Pert(min: \"2h\", mode: \"5h\", max: \"14h\")";
        near(&format!("Mean({pert})"), 6.0);
        near(&format!("Sd({pert})"), 2.1380899353);
        near(&format!("Quantile(0.9, {pert})"), 9.00668449543);
        assert_eq!(of(&format!("Parameters({pert})")), "alpha 2 beta 4 min 2 max 14");
        let table = "Quantiles([(0, \"1h\"), (0.5, \"4h\"), (0.9, \"10h\"), (1, \"30h\")])";
        near(&format!("Mean({table})"), 6.05);
        near(&format!("Quantile(0.75, {table})"), 7.75);
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert!(of("Mena(Fixed(1))").starts_with("unknown-variant"));
        assert!(of("Quantile(1.5, Fixed(1))").starts_with("out-of-range"));
        assert!(of("Above(3, Fixed(\"1h\"))").starts_with("wrong-unit"));
        assert!(of("Instant(\"tomorrow\")").starts_with("bad-instant"));
        assert!(of("ClockChanges(\"Europe/Brusels\", 2024, 2030)").starts_with("unknown-name"));
        assert!(of("ClockChanges(\"Europe/Brussels\", 2030, 2024)").starts_with("out-of-range"));
        assert!(of("Mean(").starts_with("syntax"));
    }
}
