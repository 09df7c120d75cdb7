//! Time: simulation instants and durations, civil time, holidays, duty calendars and deadlines.
//!
//! The engine counts integer microseconds since the start of a scenario ([`SimTime`]); an [`Epoch`] and a
//! [`Zone`] map them to civil time, clock changes included. Duty calendars are data ([`DutyCalendar`]) that
//! are laid out once, before a run, as a step function over simulation time ([`DutyProfile`]).
//!
//! **Invariant:** nothing here reads the wall clock, the environment or a file; zones come from the database
//! that is compiled in, so that every platform gives the same instants.
//!
//! Two rules resolve local clock times that a clock change skips or repeats:
//! - *boundaries* (opening and closing of windows, midnights, nights): a skipped time is the instant of the
//!   change, a repeated time is its first occurrence. So the order of clock times is kept, and shifts that
//!   meet on the clock meet in time;
//! - *written instants* ([`parse_instant`]): a skipped time is read with the offset before the change (02:30
//!   becomes 03:30), a repeated time is its first occurrence, as RFC 5545 section 3.3.5 has it.

mod calendar;
mod civil;
mod deadline;
mod duration_text;
mod holidays;
mod instant_text;
mod profile;
mod shading;
mod sim_time;
mod zone;

pub use calendar::{ClockTime, DutyCalendar, DutyWindow, HolidayDuty, Weekdays};
pub use civil::Epoch;
pub use deadline::{Deadline, DeadlineContext, DeadlineError};
pub use duration_text::{DurationError, KNOWN_UNITS, parse_duration};
pub use holidays::{HolidayRule, Holidays, easter, orthodox_easter};
pub use instant_text::{InstantError, parse_instant};
pub use profile::{Capacity, DutyProfile, MAX_OPENINGS, MAX_PROFILE, ProfileError};
pub use shading::{nights, weekends};
pub use sim_time::{SimDuration, SimTime};
pub use zone::{ClockChange, UnknownZone, Zone};

pub use jiff::Timestamp;
pub use jiff::civil::{Date, DateTime, Weekday};
