//! What can be wrong with the arguments of a law.

use thiserror::Error;

/// Why a law could not be made. The text names the law and the argument as the constructors do, so that
/// whoever read the numbers can put a place before it.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LawError {
    /// An argument is NaN or infinite.
    #[error("`{argument}` of {law} must be a finite number, got {value}")]
    NotFinite { law: &'static str, argument: &'static str, value: f64 },
    /// An argument is outside its range.
    #[error("`{argument}` of {law} must be {expected}, got {value}")]
    OutOfRange { law: &'static str, argument: &'static str, expected: &'static str, value: f64 },
    /// The arguments are good one by one but fit no law together.
    #[error("{law}: {reason}")]
    Contradiction { law: &'static str, reason: String },
    /// A list of values, points or parts is empty.
    #[error("{law} needs at least {least} {what}, got {got}")]
    TooFew { law: &'static str, what: &'static str, least: usize, got: usize },
}

/// Checks the arguments of one law.
#[derive(Clone, Copy)]
pub(super) struct Check(pub(super) &'static str);

impl Check {
    pub(super) fn finite(self, argument: &'static str, value: f64) -> Result<f64, LawError> {
        if value.is_finite() { Ok(value) } else { Err(LawError::NotFinite { law: self.0, argument, value }) }
    }

    /// Refuses a finite value for which `good` is false.
    pub(super) fn that(
        self,
        argument: &'static str,
        value: f64,
        expected: &'static str,
        good: bool,
    ) -> Result<f64, LawError> {
        self.finite(argument, value)?;
        if good { Ok(value) } else { Err(LawError::OutOfRange { law: self.0, argument, expected, value }) }
    }

    pub(super) fn positive(self, argument: &'static str, value: f64) -> Result<f64, LawError> {
        self.that(argument, value, "above 0", value > 0.0)
    }

    pub(super) fn not_negative(self, argument: &'static str, value: f64) -> Result<f64, LawError> {
        self.that(argument, value, "at least 0", value >= 0.0)
    }

    /// A probability strictly between 0 and 1.
    pub(super) fn inner_probability(self, argument: &'static str, value: f64) -> Result<f64, LawError> {
        self.that(argument, value, "between 0 and 1, both excluded", value > 0.0 && value < 1.0)
    }

    /// A shape that the incomplete gamma and beta functions serve well.
    pub(super) fn shape(self, argument: &'static str, value: f64) -> Result<f64, LawError> {
        self.that(argument, value, "between 0.01 and 1e6", (0.01..=1e6).contains(&value))
    }

    pub(super) fn contradiction(self, reason: impl Into<String>) -> LawError {
        LawError::Contradiction { law: self.0, reason: reason.into() }
    }
}
