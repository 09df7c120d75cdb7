//! The components and the population of the world.

use std::collections::VecDeque;

use bevy_ecs::prelude::*;

use super::engine::Simulation;
use super::incident::Spread;
use super::knowledge::Knowledge;
use super::mode::NetworkMode;
use super::queue::Desk;
use crate::model::{
    ActorId, ChannelId, IncidentId, Model, NetworkId, OperatorGroup, OperatorId, StreamName, operator_name,
};
use crate::time::SimTime;
use crate::trace::OperatorInfo;

/// An operator of essential services or another organisation that incidents can hit.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Operator {
    /// What it is.
    pub(super) info: OperatorInfo,
}

/// The condition of a channel.
#[derive(Component, Debug, Default)]
pub(super) struct Line {
    /// Down until then.
    pub(super) down_until: SimTime,
    /// Copies under way.
    pub(super) in_flight: u32,
    /// Deliveries that wait for capacity.
    pub(super) waiting: VecDeque<u32>,
}

/// Entities by id.
#[derive(Debug, Default)]
pub(super) struct Entities {
    pub(super) actors: Vec<Entity>,
    pub(super) networks: Vec<Entity>,
    pub(super) channels: Vec<Entity>,
    pub(super) operators: Vec<Entity>,
    pub(super) incidents: Vec<Entity>,
    /// Operators of each group: they lie together.
    pub(super) of_group: Vec<std::ops::Range<usize>>,
}

impl Entities {
    /// Spawns one entity for each thing of the model.
    pub(super) fn spawn(model: &Model, world: &mut World) -> Entities {
        let actors = model
            .actors
            .iter()
            .map(|_| world.spawn((Desk::default(), Knowledge::new(model.facts.len()))).id())
            .collect();
        let networks = model.networks.iter().map(|_| world.spawn(NetworkMode::default()).id()).collect();
        let channels = model.channels.iter().map(|_| world.spawn(Line::default()).id()).collect();
        let incidents = model.incidents.iter().map(|_| world.spawn(Spread::default()).id()).collect();
        let operators = operators(model).map(|info| world.spawn(Operator { info }).id()).collect();
        let mut first = 0;
        let mut range = |count: u32| {
            first += count as usize;
            first - count as usize..first
        };
        let of_group = model.groups.iter().map(|group| range(group.count)).collect();
        Entities { actors, networks, channels, operators, incidents, of_group }
    }
}

/// All operators of a model in order, before anything is drawn.
pub(super) fn operators(model: &Model) -> impl Iterator<Item = OperatorInfo> + '_ {
    model.groups.iter().enumerate().flat_map(|(g, group)| {
        let group_id = crate::model::GroupId::from_index(g);
        (1..=group.count).map(move |number| OperatorInfo {
            group: group_id,
            number,
            attributes: 0,
            size: 0.0,
            cost: 0.0,
        })
    })
}

/// The names of all operators of a model in order.
pub(super) fn operator_names(model: &Model) -> impl Iterator<Item = StreamName> + '_ {
    model.groups.iter().flat_map(move |group| {
        let state = &model.states[group.state.index()].name;
        (1..=group.count).map(move |number| StreamName::new(operator_name(state, &group.name, number)))
    })
}

/// Access to the components of things of the model, laid out once.
///
/// A look through a cached query costs half of a look through the world, which finds the component by its type
/// each time.
pub(super) struct Access {
    actors: Vec<Entity>,
    networks: Vec<Entity>,
    channels: Vec<Entity>,
    incidents: Vec<Entity>,
    desks: QueryState<&'static mut Desk>,
    knowing: QueryState<&'static Knowledge>,
    learning: QueryState<&'static mut Knowledge>,
    modes: QueryState<&'static NetworkMode>,
    operators: QueryState<&'static Operator>,
    lines: QueryState<&'static mut Line>,
    seen_spreads: QueryState<&'static Spread>,
    spreads: QueryState<&'static mut Spread>,
}

impl Access {
    pub(super) fn new(world: &mut World, entities: &Entities) -> Access {
        Access {
            actors: entities.actors.clone(),
            networks: entities.networks.clone(),
            channels: entities.channels.clone(),
            incidents: entities.incidents.clone(),
            desks: world.query(),
            knowing: world.query(),
            learning: world.query(),
            modes: world.query(),
            operators: world.query(),
            lines: world.query(),
            seen_spreads: world.query(),
            spreads: world.query(),
        }
    }

    #[inline]
    pub(super) fn desk<'w>(&mut self, world: &'w mut World, actor: ActorId) -> Mut<'w, Desk> {
        there(self.desks.get_mut(world, self.actors[actor.index()]))
    }

    #[inline]
    pub(super) fn line<'w>(&mut self, world: &'w mut World, channel: ChannelId) -> Mut<'w, Line> {
        there(self.lines.get_mut(world, self.channels[channel.index()]))
    }
}

/// A component that the entity is known to have: every entity of [`Entities`] lives as long as the world.
#[inline]
fn there<T, E>(found: Result<T, E>) -> T {
    match found {
        Ok(found) => found,
        Err(_) => unreachable!("an entity of the engine has lost its component"),
    }
}

/// Access to components; every entity of [`Entities`] lives as long as the world.
impl Simulation<'_> {
    pub(super) fn desk(&mut self, actor: ActorId) -> Mut<'_, Desk> {
        self.access.desk(&mut self.world, actor)
    }

    pub(super) fn desk_as_it_is(&self, actor: ActorId) -> &Desk {
        reading(&self.world, self.entities.actors[actor.index()])
    }

    pub(super) fn knowledge(&self, actor: ActorId) -> &Knowledge {
        let Access { knowing, actors, .. } = &self.access;
        there(knowing.get_manual(&self.world, actors[actor.index()]))
    }

    pub(super) fn knowledge_mut(&mut self, actor: ActorId) -> Mut<'_, Knowledge> {
        let Access { learning, actors, .. } = &mut self.access;
        there(learning.get_mut(&mut self.world, actors[actor.index()]))
    }

    pub(super) fn network(&self, network: NetworkId) -> &NetworkMode {
        let Access { modes, networks, .. } = &self.access;
        there(modes.get_manual(&self.world, networks[network.index()]))
    }

    pub(super) fn network_mut(&mut self, network: NetworkId) -> Mut<'_, NetworkMode> {
        component(&mut self.world, self.entities.networks[network.index()])
    }

    pub(super) fn line(&mut self, channel: ChannelId) -> Mut<'_, Line> {
        self.access.line(&mut self.world, channel)
    }

    /// Operators of all groups for which something holds, in order.
    pub(super) fn operators_of(&self, holds: impl Fn(&OperatorGroup) -> bool) -> Vec<OperatorId> {
        let groups = self.model.groups.iter().zip(&self.entities.of_group);
        let meant = groups.filter(|(group, _)| holds(group)).flat_map(|(_, operators)| operators.clone());
        meant.map(OperatorId::from_index).collect()
    }

    pub(super) fn operator(&self, operator: OperatorId) -> &Operator {
        let entity = self.entities.operators[operator.index()];
        there(self.access.operators.get_manual(&self.world, entity))
    }

    pub(super) fn spread(&self, incident: IncidentId) -> &Spread {
        let Access { seen_spreads, incidents, .. } = &self.access;
        there(seen_spreads.get_manual(&self.world, incidents[incident.index()]))
    }

    pub(super) fn spread_mut(&mut self, incident: IncidentId) -> Mut<'_, Spread> {
        let Access { spreads, incidents, .. } = &mut self.access;
        there(spreads.get_mut(&mut self.world, incidents[incident.index()]))
    }
}

/// A component that the entity is known to have.
pub(super) fn component<C: Component<Mutability = bevy_ecs::component::Mutable>>(
    world: &mut World,
    entity: Entity,
) -> Mut<'_, C> {
    match world.get_mut::<C>(entity) {
        Some(c) => c,
        None => unreachable!("an entity of the engine has lost its component"),
    }
}

/// The same, to read.
fn reading<C: Component>(world: &World, entity: Entity) -> &C {
    match world.get::<C>(entity) {
        Some(c) => c,
        None => unreachable!("an entity of the engine has lost its component"),
    }
}
