//! Room `des`.
