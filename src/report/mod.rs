//! Results as text for people: the story of a run, explanations, the page `report.html`, and what charts are told.
//!
//! Everything here turns results into words; no figure is computed that is not a sum or a share of them.

mod batch;
mod batch_page;
mod charts;
mod comparison;
mod conditions;
mod explain;
mod fan;
mod html;
mod pack;
mod sensitivity;
mod story;
mod traceability;
mod why_not;
mod words;

pub use batch::{BatchChart, Distribution, Made, criticality_chart, distribution_chart, section};
pub use batch_page::{BatchPage, PageFigure, PageSection, PageTable, batch_page};
pub use charts::{ChartKind, ChartOptions, Charts, Drawn};
pub use comparison::{
    Compared, VariantWords, comparison_page, differences_chart, findings, lead, told_on_terminal,
};
pub use explain::{explain, milestone_named};
pub use fan::fan_chart;
pub use html::page;
pub use pack::{ExpectedChart, PackPage, expected_chart, pack_pages};
pub use sensitivity::{
    Influences, Method, influence_chart, influence_findings, influence_on_terminal, influence_page,
};
pub use story::{Told, last_words, story};
pub use traceability::traceability;
pub use why_not::{why_not_fact, why_not_rule};
pub use words::span;
