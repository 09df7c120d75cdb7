//! Results as text for people: the story of a run, explanations, the page `report.html`, and what charts are told.
//!
//! Everything here turns results into words; no figure is computed that is not a sum or a share of them.

mod charts;
mod conditions;
mod explain;
mod html;
mod story;
mod why_not;
mod words;

pub use charts::{ChartKind, ChartOptions, Charts, Drawn};
pub use explain::{explain, milestone_named};
pub use html::page;
pub use story::{Told, last_words, story};
pub use why_not::{why_not_fact, why_not_rule};
