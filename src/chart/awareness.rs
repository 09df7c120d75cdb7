//! awareness
