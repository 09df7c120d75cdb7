//! waterfall
