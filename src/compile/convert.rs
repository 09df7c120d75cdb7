//! What differs between document and model in its name only.

use crate::document::types as t;
use crate::model as m;

pub(super) fn seen(seen: t::Seen) -> m::Seen {
    match seen {
        t::Seen::Read => m::Seen::Read,
        t::Seen::Recalled => m::Seen::Recalled,
        t::Seen::General => m::Seen::General,
        t::Seen::ThirdParty => m::Seen::ThirdParty,
    }
}

pub(super) fn basis(basis: &t::Basis) -> m::Basis {
    match basis {
        t::Basis::Sourced { source, seen: how } => {
            m::Basis::Sourced { source: source.clone(), seen: seen(*how) }
        }
        t::Basis::Derived { from, how } => m::Basis::Derived { from: from.clone(), how: how.clone() },
        t::Basis::Assumed(why) => m::Basis::Assumed(why.clone()),
    }
}

pub(super) fn opt_basis(given: Option<&t::Basis>) -> m::Basis {
    given.map_or(m::Basis::Unstated, basis)
}

pub(super) fn priority(priority: t::Priority) -> m::Priority {
    match priority {
        t::Priority::Routine => m::Priority::Routine,
        t::Priority::Normal => m::Priority::Normal,
        t::Priority::Urgent => m::Priority::Urgent,
        t::Priority::Flash => m::Priority::Flash,
    }
}

pub(super) fn order(order: t::Order) -> m::Order {
    match order {
        t::Order::Arrival => m::Order::Arrival,
        t::Order::LastFirst => m::Order::LastFirst,
        t::Order::ShortestFirst => m::Order::ShortestFirst,
    }
}

pub(super) fn outcome(outcome: t::Outcome) -> m::Outcome {
    match outcome {
        t::Outcome::Adopted => m::Outcome::Adopted,
        t::Outcome::Rejected => m::Outcome::Rejected,
        t::Outcome::Lapsed => m::Outcome::Lapsed,
    }
}

pub(super) fn position(position: t::Position) -> m::Position {
    match position {
        t::Position::Yes => m::Position::Yes,
        t::Position::No => m::Position::No,
        t::Position::Abstain => m::Position::Abstain,
        t::Position::NotYet => m::Position::NotYet,
        t::Position::Absent => m::Position::Absent,
    }
}

pub(super) fn base(base: t::Base) -> m::Base {
    match base {
        t::Base::Members => m::Base::Members,
        t::Base::Present => m::Base::Present,
        t::Base::Voting => m::Base::Voting,
    }
}

pub(super) fn scope(scope: t::Scope) -> m::Scope {
    match scope {
        t::Scope::Any => m::Scope::Any,
        t::Scope::Own => m::Scope::Own,
        t::Scope::Other => m::Scope::Other,
        t::Scope::Same => m::Scope::Same,
    }
}

pub(super) fn repeat(repeat: t::Repeat) -> m::Repeat {
    match repeat {
        t::Repeat::Each => m::Repeat::Each,
        t::Repeat::Once => m::Repeat::Once,
        t::Repeat::OncePerFact => m::Repeat::OncePerFact,
        t::Repeat::OncePerCase => m::Repeat::OncePerCase,
    }
}

pub(super) fn truth(truth: t::Truth) -> m::Truth {
    match truth {
        t::Truth::Found => m::Truth::Found,
        t::Truth::Hit => m::Truth::Hit,
        t::Truth::HitCount => m::Truth::HitCount,
        t::Truth::Start => m::Truth::Start,
        t::Truth::Inject => m::Truth::Inject,
    }
}

pub(super) fn status(status: t::Status) -> m::Status {
    match status {
        t::Status::Hit => m::Status::Hit,
        t::Status::Detected => m::Status::Detected,
        t::Status::Contained => m::Status::Contained,
        t::Status::Recovered => m::Status::Recovered,
        t::Status::Immune => m::Status::Immune,
        t::Status::OffLine => m::Status::OffLine,
    }
}

pub(super) fn setting(setting: t::Setting) -> m::Setting {
    match setting {
        t::Setting::Replay => m::Setting::Replay,
        t::Setting::Counterfactual => m::Setting::Counterfactual,
        t::Setting::Exercise => m::Setting::Exercise,
        t::Setting::Rehearsal => m::Setting::Rehearsal,
    }
}
