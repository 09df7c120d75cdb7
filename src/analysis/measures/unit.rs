//! The units of measures.

use crate::model::{Measure, Quantified, Statistic};

/// Whether the values are times.
pub(super) fn is_time(of: &Quantified) -> bool {
    matches!(
        of,
        Quantified::Wait(..)
            | Quantified::Sojourn(..)
            | Quantified::CaseTime(_)
            | Quantified::WaitForPool(_)
            | Quantified::Age(..)
            | Quantified::Instant(..)
            | Quantified::Latency(_)
            | Quantified::Staleness(..)
            | Quantified::AgeAtReceipt(..)
            | Quantified::Lateness(_)
            | Quantified::Tardiness(_)
            | Quantified::Slack(_)
    )
}

/// The unit of a statistic of a measure, by its name in files; empty for plain numbers and unknown statistics.
pub fn unit_of(measure: &Measure, statistic: &str) -> String {
    let unit = Unit { name: measure.unit.0, is_time: is_time(&measure.of) };
    let over_time = matches!(measure.of, Quantified::QueueLength(..) | Quantified::Busy(..));
    let found = measure.show.iter().find(|(name, _)| name == statistic);
    found.map_or_else(String::new, |(_, statistic)| unit.of(statistic, over_time))
}

/// The unit of a measure's values.
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) is_time: bool,
}

impl Unit {
    pub(super) fn of(&self, statistic: &Statistic, over_time: bool) -> String {
        match statistic {
            Statistic::Count | Statistic::ShareAbove(_) => String::new(),
            Statistic::Rate => "per hour".to_owned(),
            Statistic::FirstAt(_) => self.name.to_owned(),
            Statistic::Integral if over_time => "hours".to_owned(),
            Statistic::Variance if self.is_time => format!("{}^2", self.name),
            _ if self.is_time => self.name.to_owned(),
            _ => String::new(),
        }
    }
}
