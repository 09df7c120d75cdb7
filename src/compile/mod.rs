//! Room `compile`.
