//! `--precision`: replications until the mean of each named measure is known well enough.

use super::super::failure::Failure;
use crate::experiment::{self, Results, Schema};
use crate::export::{PrecisionOf, PrecisionTold};
use crate::model::Model;
use crate::stats::{Precision, looks, mean, precise_enough, t_interval};

const CONFIDENCE: f64 = 0.95;
const HOUR_US: f64 = 3.6e9;

/// A stopping rule.
#[derive(Debug, Clone)]
pub(crate) struct Goal {
    precision: Precision,
    /// As typed.
    text: String,
    /// Names of milestones (their latency in hours, censored at the end) or figures.
    measures: Vec<String>,
    /// Whether the paired differences to the first variant count, and not the variants by themselves.
    paired: bool,
}

/// What a look has shown.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) reached: bool,
    told: PrecisionTold,
}

impl Looked {
    /// One line for the terminal.
    pub(crate) fn line(&self, n: u64) -> String {
        let reached = self.told.measures.iter().filter(|m| m.reached).count();
        let of = self.told.measures.len();
        format!("after {n} replications: {reached} of {of} measures as precise as {}", self.told.asked)
    }

    pub(crate) fn told(&self) -> &PrecisionTold {
        &self.told
    }
}

/// Reads `5%` (of the mean) or `0.5` (in the unit of the measure; milestones in hours).
///
/// # Errors
/// What it should have looked like.
pub(crate) fn parse(text: &str) -> Result<Precision, String> {
    let wrong = || format!("`{text}` is no precision: write `5%` of the mean, or a half-width such as `0.5`");
    let (number, relative) = match text.strip_suffix('%') {
        Some(number) => (number, true),
        None => (text, false),
    };
    let value: f64 = number.trim().parse().map_err(|_| wrong())?;
    match value {
        v if !v.is_finite() || v <= 0.0 => Err(wrong()),
        v if relative && v >= 100.0 => Err(wrong()),
        v if relative => Ok(Precision::Relative(v / 100.0)),
        v => Ok(Precision::Absolute(v)),
    }
}

impl Goal {
    /// A rule for measures, by default the headline milestone.
    ///
    /// # Errors
    /// A measure that the model does not have.
    pub(crate) fn new(text: &str, measures: &[String], model: &Model) -> Result<Goal, Failure> {
        let precision = parse(text).map_err(Failure::usage)?;
        let schema = Schema::of(model);
        let mut measures = measures.to_vec();
        if measures.is_empty() {
            let headline = model.meta.headline_milestone.map_or(0, |m| m.index());
            let Some(first) = schema.milestones.get(headline) else {
                return Err(Failure::usage(
                    "the document has no milestone whose precision could be asked for",
                )
                .hint("name a figure with `--measure`, e.g. `--measure events`"));
            };
            measures.push(first.clone());
        }
        for measure in &measures {
            if !schema.milestones.contains(measure) && !schema.figures.iter().any(|f| f.name == *measure) {
                let known = schema.milestones.iter().chain(schema.figures.iter().map(|f| &f.name));
                return Err(Failure::usage(format!("no milestone or figure is called `{measure}`"))
                    .did_you_mean(measure, known.map(String::as_str)));
            }
        }
        Ok(Goal { precision, text: text.to_owned(), measures, paired: false })
    }

    /// The same for the paired differences to the first variant.
    pub(crate) fn of_differences(self) -> Goal {
        Goal { paired: true, ..self }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn measures(&self) -> &[String] {
        &self.measures
    }

    /// Numbers of replications at which to look.
    pub(crate) fn looks(&self, cap: u64) -> Vec<u64> {
        looks(cap)
    }

    /// Looks at the results.
    ///
    /// # Errors
    /// The results cannot be read.
    pub(crate) fn look(&self, results: &Results) -> Result<Looked, experiment::Failure> {
        let mut measures = Vec::new();
        for (v, variant) in results.variants().list().iter().enumerate().skip(usize::from(self.paired)) {
            for measure in &self.measures {
                let mut sample = sample(results, v, measure)?;
                if self.paired {
                    let base = self::sample(results, 0, measure)?;
                    sample.iter_mut().zip(base).for_each(|(with, without)| *with -= without);
                }
                sample.retain(|value| !value.is_nan());
                let reached = precise_enough(&sample, self.precision, CONFIDENCE).unwrap_or(false);
                measures.push(PrecisionOf {
                    variant: variant.name.clone(),
                    measure: measure.clone(),
                    mean: mean(&sample).map(crate::export::round12),
                    half_width: t_interval(&sample, CONFIDENCE)
                        .map(|i| crate::export::round12(i.half_width())),
                    reached,
                });
            }
        }
        let reached = measures.iter().all(|m| m.reached);
        Ok(Looked { reached, told: PrecisionTold { asked: self.text.clone(), reached, measures } })
    }
}

/// The sample of a measure: restricted latencies in hours, or the values of a figure; NaN where it does not exist.
fn sample(results: &Results, variant: usize, measure: &str) -> Result<Vec<f64>, experiment::Failure> {
    let schema = results.schema(variant)?;
    if let Some(m) = schema.milestones.iter().position(|name| name == measure) {
        let outcomes = results.milestone(variant, m)?;
        let restricted = (0..outcomes.len()).map(|r| outcomes.restricted_us(r));
        return Ok(restricted.map(|us| us.map_or(f64::NAN, |us| us as f64 / HOUR_US)).collect());
    }
    let Some(f) = schema.figures.iter().position(|column| column.name == measure) else {
        return Ok(Vec::new());
    };
    results.figure(variant, f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precisions_are_shares_or_half_widths() {
        assert_eq!(parse("5%"), Ok(Precision::Relative(0.05)));
        assert_eq!(parse("0.5"), Ok(Precision::Absolute(0.5)));
        for wrong in ["", "%", "0", "-1", "100%", "NaN", "5 h"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
