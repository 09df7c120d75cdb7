//! Parameters with a plausible range, and how to move one to a place in it.
//!
//! A constant is set to the place. A distribution keeps its form: the whole of it is multiplied so that its median
//! comes to the place, since a range is that of the median. Entries for single states (`name@STATE`) are facts about
//! that state and stay as they are. Durations and rates are spread evenly in ratio, and numbers whose upper end is at
//! least ten times the lower, if both ends are above 0; others evenly in difference. What counts things (value and
//! ends whole, the upper end above 1) is rounded.

use crate::document::print::compact;
use crate::document::{Change, Node};
use crate::model::{Model, Param, ParamId, Unit};
use crate::time::SimDuration;

/// A parameter and its plausible range.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Its name.
    pub name: String,
    /// What it is, for people; the name where it has no title.
    pub title: String,
    /// Class of its basis, as in reports.
    pub basis: &'static str,
    /// Least plausible value (or median), in the unit of the model.
    pub low: f64,
    /// Greatest plausible value (or median).
    pub high: f64,
    /// Its value (or median) in the document.
    pub base: f64,
    unit: Unit,
    unit_text: String,
    count: bool,
    /// The distribution in the words of the language; none: a constant.
    law: Option<String>,
}

/// The ranges of these parameters, in the order given; those without a range, or that cannot be moved in it, are left
/// out.
///
/// `tree` is the flat record that the model was made from.
pub fn ranges(model: &Model, tree: &Node, parameters: &[ParamId]) -> Vec<Range> {
    parameters.iter().filter_map(|id| range(&model.params[id.index()], tree)).collect()
}

/// A parameter that can be moved, in its plausible range or, without one, at its value alone: whoever moves it says
/// between what.
pub fn movable(model: &Model, tree: &Node, parameter: ParamId) -> Option<Range> {
    let param = &model.params[parameter.index()];
    range(param, tree).or_else(|| {
        let value = param.laws.first()?.quantile(0.5);
        between(param, tree, (value, value))
    })
}

fn range(param: &Param, tree: &Node) -> Option<Range> {
    between(param, tree, param.bounds.filter(|(low, high)| low < high)?)
}

fn between(param: &Param, tree: &Node, (low, high): (f64, f64)) -> Option<Range> {
    let base = param.laws.first()?.quantile(0.5);
    if param.literal || !base.is_finite() {
        return None;
    }
    let entries = tree.field("parameters")?.entries()?;
    let (_, written) = entries.iter().find(|(key, _)| key.as_str() == Some(param.name.as_str()))?;
    let law = written.field("dist").map(compact);
    // A table over states, sectors or pairs has no one value to move.
    if law.is_none() && written.field("value").is_none() {
        return None;
    }
    // A distribution about 0 cannot be stretched to another median, nor any to 0.
    if law.is_some() && (base <= 0.0 || low <= 0.0) {
        return None;
    }
    let whole = |x: f64| x == libm::trunc(x);
    let counts = param.unit == Unit::Number && law.is_none() && high > 1.0;
    let title = if param.title.is_empty() { &param.name } else { &param.title };
    Some(Range {
        name: param.name.clone(),
        title: title.clone(),
        basis: param.basis.class(),
        low,
        high,
        base,
        unit: param.unit,
        unit_text: param.unit_text.clone(),
        count: counts && [low, high, base].into_iter().all(whole),
        law,
    })
}

impl Range {
    /// Puts it between other ends; none if they cannot be: a distribution is not stretched to 0 or below.
    pub fn between(self, low: f64, high: f64) -> Option<Range> {
        let possible = low < high && (self.law.is_none() || low > 0.0);
        let whole = |x: f64| x == libm::trunc(x);
        let count = self.count && whole(low) && whole(high);
        possible.then_some(Range { low, high, count, ..self })
    }

    /// A value as a document writes it, in the unit of the parameter; none if it is of another unit.
    pub fn read(&self, quantity: &crate::document::types::Param) -> Option<f64> {
        let (value, unit) = crate::compile::quantity(quantity).ok()?;
        (unit == self.unit || value == 0.0).then_some(value)
    }

    /// The value at a share of the range, 0 to 1.
    pub fn value(&self, share: f64) -> f64 {
        let share = share.clamp(0.0, 1.0);
        let by_ratio = self.low > 0.0 && (self.unit != Unit::Number || self.high >= 10.0 * self.low);
        let value = if by_ratio {
            self.low * libm::pow(self.high / self.low, share)
        } else {
            self.low + (self.high - self.low) * share
        };
        let value = value.clamp(self.low, self.high);
        if self.count { libm::round(value) } else { value }
    }

    /// The change that brings the parameter to a value.
    pub fn change(&self, value: f64) -> Change {
        let text = match (&self.law, self.unit) {
            (Some(law), _) => format!("Scaled(by: {}, law: {law})", decimal(value / self.base)),
            (None, Unit::Duration) => format!("{}us", libm::round(value.max(0.0)) as u64),
            (None, Unit::Rate) => format!("{} per h", decimal(value * HOUR_US)),
            (None, Unit::Number) => decimal(value),
        };
        Change::Set { name: self.name.clone(), value: text }
    }

    /// A value for people.
    pub fn text(&self, value: f64) -> String {
        match self.unit {
            Unit::Duration => SimDuration::from_micros(libm::round(value.max(0.0)) as u64).to_string(),
            Unit::Rate => format!("{} per h", short(value * HOUR_US)),
            Unit::Number if self.unit_text == "share" => format!("{} %", short(value * 100.0)),
            Unit::Number if self.unit_text.is_empty() => short(value),
            Unit::Number => format!("{} {}", short(value), self.unit_text),
        }
    }
}

const HOUR_US: f64 = 3.6e9;

/// A number that reads back as written, to 12 significant digits, never with an exponent.
fn decimal(value: f64) -> String {
    let text = format!("{value:.11e}");
    let rounded: f64 = text.parse().unwrap_or(value);
    format!("{rounded}")
}

/// Three significant digits, for people.
fn short(value: f64) -> String {
    let text = format!("{value:.2e}");
    let rounded: f64 = text.parse().unwrap_or(value);
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(unit: Unit, low: f64, high: f64, law: Option<&str>) -> Range {
        Range {
            name: "p".to_owned(),
            title: "p".to_owned(),
            basis: "assumed",
            low,
            high,
            base: low,
            unit,
            unit_text: String::new(),
            count: false,
            law: law.map(str::to_owned),
        }
    }

    fn set(value: &str) -> Change {
        Change::Set { name: "p".to_owned(), value: value.to_owned() }
    }

    #[test]
    fn durations_go_by_ratio_and_numbers_by_difference() {
        let duration = of(Unit::Duration, HOUR_US, 4.0 * HOUR_US, None);
        assert!((duration.value(0.5) / HOUR_US - 2.0).abs() < 1e-12);
        assert_eq!((duration.value(0.0), duration.value(1.0)), (HOUR_US, 4.0 * HOUR_US));
        assert_eq!(of(Unit::Number, 2.0, 6.0, None).value(0.25), 3.0);
        assert!((of(Unit::Number, 1.0, 100.0, None).value(0.5) - 10.0).abs() < 1e-12);
        assert_eq!(of(Unit::Number, 0.0, 100.0, None).value(0.5), 50.0);
        let counted = Range { count: true, ..of(Unit::Number, 2.0, 5.0, None) };
        assert_eq!([0.0, 0.4, 0.6, 1.0].map(|share| counted.value(share)), [2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn changes_are_written_as_people_would_type_them() {
        assert_eq!(of(Unit::Duration, HOUR_US, 2.0 * HOUR_US, None).change(HOUR_US), set("3600000000us"));
        assert_eq!(of(Unit::Rate, 1.0, 2.0, None).change(0.5 / HOUR_US), set("0.5 per h"));
        assert_eq!(of(Unit::Number, 0.1, 0.3, None).change(0.1 + 0.2), set("0.3"));
        let law = of(Unit::Duration, 2.0, 8.0, Some("Exponential(mean: \"2h\")"));
        assert_eq!(law.change(3.0), set("Scaled(by: 1.5, law: Exponential(mean: \"2h\"))"));
    }

    #[test]
    fn values_for_people() {
        assert_eq!(of(Unit::Duration, 1.0, 2.0, None).text(1.5 * HOUR_US), "1 h 30 min");
        assert_eq!(of(Unit::Rate, 1.0, 2.0, None).text(0.05 / HOUR_US), "0.05 per h");
        let share = Range { unit_text: "share".to_owned(), ..of(Unit::Number, 0.0, 1.0, None) };
        assert_eq!(share.text(0.125), "12.5 %");
    }
}
