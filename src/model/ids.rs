//! Typed indices into the tables of a model.
//!
//! An id holds its position plus one, so that an id that may be missing takes four bytes as well: what is under way
//! carries several of them, and is as good as all of the memory of a run.

use std::num::NonZeroU32;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id of a position in its table.
            #[inline]
            pub const fn from_index(index: usize) -> Self {
                Self(NonZeroU32::MIN.saturating_add(index as u32))
            }
            /// The position in its table.
            #[inline]
            pub const fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.index()).finish()
            }
        }
    )+};
}

ids! {
    /// A level.
    LevelId,
    /// A state.
    StateId,
    /// A sector.
    SectorId,
    /// A marking scheme.
    SchemeId,
    /// A parameter.
    ParamId,
    /// A place that draws from a parameter.
    SiteId,
    /// An element.
    ElementId,
    /// A duty rota.
    RotaId,
    /// A template of actors.
    TemplateId,
    /// An actor.
    ActorId,
    /// A role held in turn.
    RoleId,
    /// A fixed set of actors.
    SetId,
    /// A network.
    NetworkId,
    /// A kind of fact.
    FactKindId,
    /// An instance of a fact.
    FactId,
    /// A product or statement.
    ProductId,
    /// A channel.
    ChannelId,
    /// A task.
    TaskId,
    /// A rule.
    RuleId,
    /// A pool.
    PoolId,
    /// A class of cases.
    ClassId,
    /// A decision.
    DecisionId,
    /// A countermeasure.
    CountermeasureId,
    /// A duty to report.
    DutyId,
    /// A group of operators in one state.
    GroupId,
    /// An operator.
    OperatorId,
    /// A kind of tie between operators.
    TieId,
    /// An incident.
    IncidentId,
    /// An inject.
    InjectId,
    /// A milestone.
    MilestoneId,
    /// A measure.
    MeasureId,
}
