//! Room `cli`.
mod failure;
mod folder;
mod term;
