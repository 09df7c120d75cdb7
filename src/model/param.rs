//! Parameters and the places that draw from them.

use super::{ParamId, SectorId, SetId, StateId, StreamName};
use crate::des::Law;

/// A parameter: a law for each state, and where it comes from.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name; for a literal, its text.
    pub name: String,
    /// A literal has no entry of its own in the ledger.
    pub literal: bool,
    /// What its numbers are.
    pub unit: Unit,
    /// Unit of plain numbers as the document writes it.
    pub unit_text: String,
    /// Laws; a duration is in microseconds, a rate in events per microsecond.
    pub laws: Vec<Law>,
    /// Which law holds in which state; empty: the first everywhere.
    pub law_of_state: Vec<u16>,
    /// Laws of narrower places, which win over that of the state: the narrowest last.
    pub table: Vec<(Where, u16)>,
    /// Correlation of draws inside one state, 0 for none.
    pub shared_in_state: f64,
    /// Real incidents from which it was taken, by the names of their scenarios.
    pub fitted_to: Vec<String>,
    /// Group of parameters that share the draw of a state; none: the common one.
    pub shared_as: Option<super::StreamName>,
    /// Where it comes from.
    pub basis: Basis,
    /// Plausible range as written.
    pub range: Option<(String, String)>,
    /// Plausible range of the value or of the median of the distribution, in the unit of the laws.
    pub bounds: Option<(f64, f64)>,
    /// Value or distribution as written, per law: `("" or state name, text)`.
    pub written: Vec<(String, String)>,
    /// Title; may be empty.
    pub title: String,
    /// Taken once before the run, by its mean: a number of staff, a threshold, a factor. It is never drawn.
    pub fixed: bool,
}

impl Param {
    /// The law that holds at a place: that of the pair of states, of the sector of the state, of the state, of the
    /// sector, and else the general one.
    pub fn law_at(&self, at: &Where) -> &Law {
        let narrower = |state: bool| {
            let mut table = self.table.iter().rev();
            table.find(|(place, _)| place.state.is_some() == state && place.includes(at)).map(|t| t.1)
        };
        let of_state =
            || at.state.and_then(|s| self.law_of_state.get(s.index()).copied()).filter(|&l| l != 0);
        let law = narrower(true).or_else(of_state).or_else(|| narrower(false)).unwrap_or(0);
        &self.laws[usize::from(law)]
    }

    /// Whether some law is that of a pair of states.
    pub fn has_pairs(&self) -> bool {
        self.table.iter().any(|(place, _)| place.other.is_some())
    }

    /// The law that holds in a state (or without one).
    pub fn law(&self, state: Option<StateId>) -> &Law {
        match state {
            Some(s) if !self.law_of_state.is_empty() => &self.laws[usize::from(self.law_of_state[s.index()])],
            _ => &self.laws[0],
        }
    }

    /// The law that holds for a sector of a state: that of the state if it has one of its own.
    pub fn law_in(&self, state: Option<StateId>, sector: SectorId) -> &Law {
        self.law_at(&Where { state, sector: Some(sector), ..Where::default() })
    }

    /// The law that holds from one state to another.
    pub fn law_between(&self, from: StateId, to: StateId) -> &Law {
        self.law_at(&Where { state: Some(from), other: Some(to), ..Where::default() })
    }
}

/// Where a parameter is asked for, or where a law of its table holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Where {
    /// The state.
    pub state: Option<StateId>,
    /// The other state of a pair: of the receiver, or of the matter.
    pub other: Option<StateId>,
    /// The sector.
    pub sector: Option<SectorId>,
}

impl Where {
    /// Whether a law that holds here holds there.
    fn includes(&self, at: &Where) -> bool {
        (self.state.is_none() || self.state == at.state)
            && (self.other.is_none() || self.other == at.other)
            && (self.sector.is_none() || self.sector == at.sector)
    }
}

/// What the numbers of a parameter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A duration in microseconds.
    Duration,
    /// A plain number, a probability or a factor.
    Number,
    /// Events per microsecond.
    Rate,
}

/// A place that draws from a parameter: its purpose keys the random stream.
#[derive(Debug, Clone)]
pub struct Site {
    /// Id of the rule, task, channel, decision or incident + the parameter.
    pub purpose: StreamName,
    /// The parameter.
    pub param: ParamId,
}

/// Where a number, rule or observation comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Basis {
    /// A source states it.
    Sourced {
        /// The document and the place.
        source: String,
        /// How it was seen.
        seen: Seen,
    },
    /// Computed from sourced facts.
    Derived {
        /// From what.
        from: String,
        /// How.
        how: String,
    },
    /// Assumed, and why.
    Assumed(String),
    /// A literal, or a thing whose document gives no basis.
    Unstated,
}

/// How a source was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Read.
    Read,
    /// Recalled.
    Recalled,
    /// General knowledge.
    General,
    /// Quoted by a third party.
    ThirdParty,
}

impl Basis {
    /// The class under which reports count it: `read`, `third party`, `derived`, `recalled`, `general`,
    /// `assumed`, `unstated`.
    pub fn class(&self) -> &'static str {
        match self {
            Basis::Sourced { seen: Seen::Read, .. } => "read",
            Basis::Sourced { seen: Seen::Recalled, .. } => "recalled",
            Basis::Sourced { seen: Seen::General, .. } => "general",
            Basis::Sourced { seen: Seen::ThirdParty, .. } => "third party",
            Basis::Derived { .. } => "derived",
            Basis::Assumed(_) => "assumed",
            Basis::Unstated => "unstated",
        }
    }

    /// How far it can be relied on, in words: what was not read again says so.
    pub fn confidence(&self) -> &'static str {
        confidence_of_class(self.class())
    }

    /// How its source was seen, as documents write it; empty where there is none.
    pub fn tag(&self) -> &'static str {
        match self {
            Basis::Sourced { seen, .. } => match seen {
                Seen::Read => "Read",
                Seen::Recalled => "Recalled",
                Seen::General => "General",
                Seen::ThirdParty => "ThirdParty",
            },
            _ => "",
        }
    }

    /// Whether a source stands behind it that was seen: what was only recalled counts with what was assumed.
    pub fn is_sourced(&self) -> bool {
        matches!(self.class(), "read" | "third party" | "derived")
    }

    /// Whether it may not be shown as a quotation, since its text was not before whoever wrote it down.
    pub fn from_memory(&self) -> bool {
        matches!(self, Basis::Sourced { seen: Seen::Recalled | Seen::General, .. })
    }

    /// The source, the derivation or the reason; of what was not read without quotation marks.
    pub fn text(&self) -> String {
        match self {
            Basis::Sourced { source, .. } if self.from_memory() => unquoted(source),
            Basis::Sourced { source, .. } => source.clone(),
            Basis::Derived { from, how } => format!("{how}, from {from}"),
            Basis::Assumed(why) => why.clone(),
            Basis::Unstated => String::new(),
        }
    }
}

/// The words of [`Basis::confidence`] for a class of [`Basis::class`].
pub fn confidence_of_class(class: &'static str) -> &'static str {
    match class {
        "recalled" => "recalled, not re-read",
        "general" => "general knowledge",
        "third party" => "quoted by a third party",
        "unstated" => "no basis stated",
        other => other,
    }
}

/// A text without quotation marks; apostrophes stay.
pub fn unquoted(text: &str) -> String {
    text.chars().filter(|c| !"\"\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}".contains(*c)).collect()
}

/// An effect on a parameter while something holds.
#[derive(Debug, Clone)]
pub struct Effect {
    /// The parameter; none for calendars.
    pub param: Option<ParamId>,
    /// For these actors; none: for everybody.
    pub of: Option<SetId>,
    /// What it does.
    pub change: Change,
}

/// What an effect does to draws.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// Multiplies them by the value of a parameter (its mean where it is a distribution).
    Scale(f64),
    /// Draws from another parameter instead.
    Replace(ParamId),
    /// Keeps another calendar: position in [`Model::calendars`](super::Model::calendars).
    Calendar(u32),
}
