//! Who belongs to a selector, as far as the model alone can say.

use crate::model::{ActorId, Model, Sel, StateId};
use crate::time::SimTime;
use crate::trace::Subject;

/// Who asks, and when: what `Own` and a role's holder depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker {
    /// State of who asks; `Own` means nobody without one.
    pub(super) state: Option<StateId>,
    /// When.
    pub(super) at: SimTime,
}

impl Asker {
    /// Nobody in particular asks.
    pub(super) fn anybody(at: SimTime) -> Asker {
        Asker { state: None, at }
    }
}

/// Whether an actor or operator belongs to a selector at the time of asking.
///
/// What depends on somebody's knowledge or on the matter in hand (`Concerned`, `Affected`, `Sender`, `Linked`) is
/// not known here: nobody belongs to it.
pub(super) fn selects(model: &Model, sel: &Sel, who: Subject, asker: Asker) -> bool {
    match (sel, who) {
        (Sel::AnyOf(parts), _) => parts.iter().any(|part| selects(model, part, who, asker)),
        (Sel::Except(all, without), _) => {
            selects(model, all, who, asker) && !selects(model, without, who, asker)
        }
        (Sel::Drawn(all, _), _) => selects(model, all, who, asker),
        (Sel::Operators | Sel::OperatorsIn(_), Subject::Operator(_)) => true,
        (Sel::Fixed(set), Subject::Actor(a)) => model.sets[set.index()].has(a),
        (Sel::Own(template), Subject::Actor(a)) => {
            asker.state.is_some() && {
                let actor = &model.actors[a.index()];
                actor.template == *template && actor.state == asker.state
            }
        }
        (Sel::Holder(role), Subject::Actor(a)) => model.holder(*role, asker.at) == Some(a),
        _ => false,
    }
}

/// Number of actors that belong to a selector at the time of asking.
pub(super) fn n_selected(model: &Model, sel: &Sel, asker: Asker) -> usize {
    match sel {
        Sel::Fixed(set) => model.sets[set.index()].members.len(),
        Sel::Holder(role) => usize::from(model.holder(*role, asker.at).is_some()),
        _ => (0..model.actors.len())
            .filter(|&i| selects(model, sel, Subject::Actor(ActorId::from_index(i)), asker))
            .count(),
    }
}

/// The smallest whole number that is at least `share` of `n`, and at least 1.
pub(super) fn needed(share: f64, n: usize) -> usize {
    let exact = share * n as f64;
    (libm::ceil(exact - super::curve::EPSILON) as usize).max(1)
}
