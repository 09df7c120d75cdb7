//! blueprint-sim: a discrete-event simulator of cross-border cyber-crisis coordination.
//!
//! Two coupled networks: an incident spreads across borders, information about it spreads across
//! the cooperation graph. The rooms of the crate and the arrows between them are described in
//! ARCHITECTURE.md.

pub mod analysis;
pub mod chart;
pub mod cli;
pub mod compile;
pub mod des;
pub mod document;
pub mod experiment;
pub mod export;
pub mod model;
pub mod report;
pub mod sim;
pub mod stats;
pub mod time;
pub mod trace;
