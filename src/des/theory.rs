//! The kernel alone against queueing theory.
