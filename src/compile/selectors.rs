//! Selectors and networks: fixed sets where nothing depends on who asks or when.

use crate::document::types::{Name, Selector};
use crate::model::{self as m, ActorId, Sel, SetId};

use super::context::Cx;
use super::convert;
use super::params::Use;

/// A set takes a byte for each actor of the model.
const MAX_SET_BYTES: u64 = 500_000_000;

/// How far a network is resolved.
pub(super) enum NetworkSlot {
    Waiting,
    InProgress,
    Done { members: Sel, chair: Option<Sel> },
    Wrong,
}

impl<'d> Cx<'d> {
    /// Actors without those that are absent.
    pub(super) fn present(&self, actors: impl IntoIterator<Item = ActorId>) -> Vec<ActorId> {
        actors.into_iter().filter(|id| !self.absent[id.index()]).collect()
    }

    /// The id of a set; equal sets are one.
    pub(super) fn set_id(&mut self, mut members: Vec<ActorId>) -> SetId {
        members.sort_unstable();
        members.dedup();
        if let Some(&known) = self.set_ids.get(&members) {
            return known;
        }
        let memory = (self.sets.len() as u64 + 1).saturating_mul(self.actors.len() as u64);
        if memory > MAX_SET_BYTES && !self.sets.is_empty() {
            let message = format!(
                "there are too many sets of actors ({}) of {} actors",
                self.sets.len(),
                self.actors.len()
            );
            self.diags.push(crate::document::Diagnostic::error("too-many", message));
            self.set_ids.insert(members, SetId::from_index(0));
            return SetId::from_index(0);
        }
        let mut contains = vec![false; self.actors.len()];
        for member in &members {
            contains[member.index()] = true;
        }
        let id = SetId::from_index(self.sets.len());
        self.set_ids.insert(members.clone(), id);
        self.sets.push(m::ActorSet { members, contains });
        id
    }

    fn fixed(&mut self, actors: impl IntoIterator<Item = ActorId>) -> Sel {
        let members = self.present(actors);
        Sel::Fixed(self.set_id(members))
    }

    /// A selector with its names resolved.
    pub(super) fn sel(&mut self, selector: &'d Selector) -> Option<Sel> {
        Some(match selector {
            Selector::Actor(name) => {
                let actor = self.actor_id(name)?;
                self.fixed([actor])
            }
            Selector::Role(name) => {
                let template = self.template_id(name)?;
                Sel::Fixed(self.templates[template.index()].set)
            }
            Selector::Own(name) => Sel::Own(self.template_of_states(name)?),
            Selector::Concerned(name) => Sel::Concerned(self.template_of_states(name)?),
            Selector::Affected { role, fact } => {
                let template = self.template_of_states(role);
                let kind = self.kind_id(fact)?;
                if !self.doc.facts[kind.index()].per.contains(&crate::document::types::Per::State) {
                    let message = format!("`{fact}` is no fact per state, so it marks no state as affected");
                    self.error("not-possible", message, fact.span);
                    return None;
                }
                Sel::Affected(template?, kind)
            }
            Selector::Group { role, group } => {
                let template = self.template_id(role);
                let inside = self.group_of_states(group)?;
                let actors = self.templates[template?.index()].actors.clone();
                let in_group =
                    |id: &ActorId| self.actors[id.index()].state.is_some_and(|state| inside[state.index()]);
                let members: Vec<ActorId> = actors.into_iter().filter(in_group).collect();
                self.fixed(members)
            }
            Selector::Network(name) => self.network_members(name)?,
            Selector::Chair(name) => self.network_chair(name)?,
            Selector::Level(name) => {
                let level = m::LevelId::from_index(self.find_id("level", |index| &index.levels, name)?);
                let at_level = |i: &usize| self.actors[*i].levels.contains(&level);
                let members: Vec<ActorId> =
                    (0..self.actors.len()).filter(at_level).map(ActorId::from_index).collect();
                self.fixed(members)
            }
            Selector::Holder(name) => {
                Sel::Holder(m::RoleId::from_index(self.find("role held in turn", &self.doc.roles, name)?))
            }
            Selector::Sender => Sel::Sender,
            Selector::Linked => Sel::Linked,
            Selector::Operators => Sel::Operators,
            Selector::OperatorsIn(names) => {
                let mut inside = vec![names.is_empty(); self.states.len()];
                for name in names {
                    if self.doc.states.contains_key(name.as_str()) {
                        inside[self.state_id(name)?.index()] = true;
                    } else {
                        let group = self.group_of_states(name)?;
                        inside.iter_mut().zip(group).for_each(|(is, of_group)| *is |= of_group);
                    }
                }
                let states = (0..inside.len()).filter(|&i| inside[i]).map(m::StateId::from_index);
                Sel::OperatorsIn(states.collect())
            }
            Selector::AnyOf(parts) => {
                let parts = self.opt_all(parts, |cx, part| cx.sel(part))?;
                self.any_of(parts)
            }
            Selector::Except(all, without) => {
                let all = self.sel(all);
                let without = self.sel(without)?;
                self.except(all?, without)
            }
        })
    }

    /// A template that has actors of states.
    pub(super) fn template_of_states(&mut self, name: &Name) -> Option<m::TemplateId> {
        let id = self.template_id(name)?;
        let has_states = self.templates[id.index()].actors.iter().any(|a| {
            let actor = &self.actors[a.index()];
            actor.state.is_some() || actor.sector.is_some()
        });
        if !has_states {
            let message =
                format!("`{name}` has no actor that belongs to a state, so nobody has one of its own");
            self.diags.push(
                crate::document::Diagnostic::error("empty-set", message)
                    .at(name.span)
                    .hint(format!("write `Actor(\"{name}\")`, or make it `per: State`")),
            );
            return None;
        }
        Some(id)
    }

    pub(super) fn any_of(&mut self, parts: Vec<Sel>) -> Sel {
        let fixed: Option<Vec<SetId>> =
            parts.iter().map(|part| if let Sel::Fixed(set) = part { Some(*set) } else { None }).collect();
        match fixed {
            Some(sets) => {
                let members: Vec<ActorId> =
                    sets.iter().flat_map(|set| self.sets[set.index()].members.clone()).collect();
                self.fixed(members)
            }
            None => Sel::AnyOf(parts),
        }
    }

    fn except(&mut self, all: Sel, without: Sel) -> Sel {
        match (&all, &without) {
            (Sel::Fixed(a), Sel::Fixed(b)) => {
                let not = &self.sets[b.index()];
                let members: Vec<ActorId> =
                    self.sets[a.index()].members.iter().copied().filter(|id| !not.has(*id)).collect();
                self.fixed(members)
            }
            _ => Sel::Except(Box::new(all), Box::new(without)),
        }
    }

    fn network_members(&mut self, name: &Name) -> Option<Sel> {
        let position = self.find("network", &self.doc.networks, name)?;
        self.resolve_network(position, name)?;
        match &self.networks[position] {
            NetworkSlot::Done { members, .. } => Some(members.clone()),
            _ => None,
        }
    }

    fn network_chair(&mut self, name: &Name) -> Option<Sel> {
        let position = self.find("network", &self.doc.networks, name)?;
        self.resolve_network(position, name)?;
        match &self.networks[position] {
            NetworkSlot::Done { chair: Some(chair), .. } => Some(chair.clone()),
            NetworkSlot::Done { chair: None, .. } => {
                self.error("missing", format!("the network `{name}` has no `chair`"), name.span);
                None
            }
            _ => None,
        }
    }

    /// Resolves a network, after those that its members name.
    fn resolve_network(&mut self, position: usize, named: &Name) -> Option<()> {
        match self.networks[position] {
            NetworkSlot::Done { .. } => return Some(()),
            NetworkSlot::Wrong => return None,
            NetworkSlot::InProgress => {
                self.error("cycle", format!("the network `{named}` is a member of itself"), named.span);
                return None;
            }
            NetworkSlot::Waiting => {}
        }
        self.networks[position] = NetworkSlot::InProgress;
        let network = &self.doc.networks[position];
        let element = self.opt_element(network.element.as_ref());
        let members = self.opt_all(&network.members, |cx, part| cx.sel(part)).map(|parts| self.any_of(parts));
        let chair = match &network.chair {
            Some(chair) => self.sel(chair).map(Some),
            None => Some(None),
        };
        self.networks[position] = match (element, members, chair) {
            (Some(element), Some(mut members), Some(mut chair)) => {
                if element.is_some_and(|element| self.never_in_force(element, None)) {
                    members = self.fixed([]);
                    chair = chair.map(|_| members.clone());
                }
                NetworkSlot::Done { members, chair }
            }
            _ => NetworkSlot::Wrong,
        };
        Some(())
    }

    pub(super) fn compile_networks(&mut self) -> Option<Vec<m::Network>> {
        let doc = self.doc;
        self.networks = doc.networks.iter().map(|_| NetworkSlot::Waiting).collect();
        for (position, name) in doc.networks.keys().enumerate() {
            self.resolve_network(position, name);
        }
        let mut made = Vec::new();
        for (position, (name, network)) in doc.networks.iter().enumerate() {
            self.ladder(name, "mode", network.modes.iter().map(|mode| &mode.id));
            let NetworkSlot::Done { members, chair } = &self.networks[position] else { continue };
            let (members, chair) = (members.clone(), chair.clone());
            let of = self.possible(&members).map(|possible| self.set_id(possible));
            let mut modes = Vec::new();
            for mode in &network.modes {
                let place = format!("network:{name}/{}/dwell", mode.id);
                let dwell = self.opt_site(&place, mode.dwell.as_ref(), Use::Duration).flatten();
                let mut effects = self.effects(&mode.effects, of);
                effects.extend(self.calendar_effects(&mode.effects, of));
                modes.push(m::Mode { name: mode.id.to_string(), title: mode.title.clone(), dwell, effects });
            }
            made.push(m::Network {
                name: m::StreamName::new(name.as_str()),
                title: network.title.clone(),
                short: network.short.clone().unwrap_or_else(|| name.to_string()),
                members,
                chair,
                modes,
                basis: convert::opt_basis(network.basis.as_ref()),
            });
        }
        (made.len() == doc.networks.len()).then_some(made)
    }

    /// A mode of a network.
    pub(super) fn mode(&mut self, network: &Name, mode: &Name) -> Option<m::ModeRef> {
        let position = self.find("network", &self.doc.networks, network)?;
        let modes = &self.doc.networks[position].modes;
        match modes.iter().position(|known| known.id == *mode) {
            Some(at) => {
                Some(m::ModeRef { network: m::NetworkId::from_index(position), mode: u8::try_from(at).ok()? })
            }
            None => {
                self.unknown(
                    &format!("mode of `{network}`"),
                    mode,
                    modes.iter().map(|known| known.id.as_str()),
                );
                None
            }
        }
    }

    /// Everybody whom a selector may ever mean, whoever asks; `None` where that cannot be told.
    pub(super) fn possible(&self, sel: &Sel) -> Option<Vec<ActorId>> {
        Some(match sel {
            Sel::Fixed(set) => self.sets[set.index()].members.clone(),
            Sel::Own(t) | Sel::Concerned(t) | Sel::Affected(t, _) => {
                self.sets[self.templates[t.index()].set.index()].members.clone()
            }
            Sel::Holder(role) => {
                let role = &self.roles[role.index()];
                let mut holders: Vec<ActorId> = match &role.held {
                    m::Held::Dated => role.holders.iter().map(|h| h.1).collect(),
                    m::Held::FirstOnDuty(list) => list.clone(),
                    m::Held::InStateOf(_, t) => self.templates[t.index()].actors.clone(),
                };
                if let Some(set) = role.assignable {
                    holders.extend_from_slice(&self.sets[set.index()].members);
                }
                self.present(holders)
            }
            Sel::Sender | Sel::Linked => return None,
            Sel::Operators | Sel::OperatorsIn(_) => Vec::new(),
            Sel::AnyOf(parts) => {
                let mut everybody = Vec::new();
                for part in parts {
                    everybody.extend(self.possible(part)?);
                }
                everybody
            }
            Sel::Except(all, _) | Sel::Drawn(all, _) => self.possible(all)?,
        })
    }

    /// A selector where nobody asks: of a milestone, a measure, the actors of a rule. `Own`, `Sender` and the like
    /// mean nothing there.
    pub(super) fn sel_of_nobody(&mut self, selector: &'d Selector, where_: &str) -> Option<Sel> {
        let sel = self.sel(selector)?;
        if depends_on_who_asks(&sel) {
            let (name, span) = selector_place(selector);
            let message = format!("`{name}` depends on who asks, and nobody asks in {where_}");
            match span {
                Some(span) => self.error("not-possible", message, span),
                None => self.diags.push(crate::document::Diagnostic::error("not-possible", message)),
            }
            return None;
        }
        Some(sel)
    }

    /// A fixed set, where holders of roles count with all who ever hold them.
    pub(super) fn fixed_set(&mut self, selector: &'d Selector, where_: &str) -> Option<SetId> {
        let sel = self.sel_of_nobody(selector, where_)?;
        let members = self.possible(&sel)?;
        Some(self.set_id(members))
    }

    /// An optional fixed set: the outer `None` is an error.
    pub(super) fn opt_fixed_set(
        &mut self,
        selector: Option<&'d Selector>,
        where_: &str,
    ) -> Option<Option<SetId>> {
        match selector {
            None => Some(None),
            Some(selector) => self.fixed_set(selector, where_).map(Some),
        }
    }
}

/// A role in a selector whose holder depends on what happens in a run.
pub(super) fn role_of_the_run<'a>(roles: &'a [m::HeldRole], sel: &Sel) -> Option<&'a m::HeldRole> {
    match sel {
        Sel::Holder(role) => roles.get(role.index()).filter(|r| r.is_decided_in_the_run()),
        Sel::AnyOf(parts) => parts.iter().find_map(|part| role_of_the_run(roles, part)),
        Sel::Drawn(all, _) => role_of_the_run(roles, all),
        Sel::Except(all, without) => role_of_the_run(roles, all).or_else(|| role_of_the_run(roles, without)),
        _ => None,
    }
}

fn depends_on_who_asks(sel: &Sel) -> bool {
    match sel {
        Sel::Fixed(_) | Sel::Holder(_) => false,
        Sel::AnyOf(parts) => parts.iter().any(depends_on_who_asks),
        Sel::Except(all, without) => depends_on_who_asks(all) || depends_on_who_asks(without),
        _ => true,
    }
}

/// A selector's word, and the place of a name in it if there is one.
pub(super) fn selector_place(selector: &Selector) -> (&'static str, Option<crate::document::Span>) {
    match selector {
        Selector::Actor(name) => ("Actor", Some(name.span)),
        Selector::Role(name) => ("Role", Some(name.span)),
        Selector::Own(name) => ("Own", Some(name.span)),
        Selector::Concerned(name) => ("Concerned", Some(name.span)),
        Selector::Affected { role, .. } => ("Affected", Some(role.span)),
        Selector::Group { role, .. } => ("Group", Some(role.span)),
        Selector::Network(name) => ("Network", Some(name.span)),
        Selector::Chair(name) => ("Chair", Some(name.span)),
        Selector::Level(name) => ("Level", Some(name.span)),
        Selector::Holder(name) => ("Holder", Some(name.span)),
        Selector::Sender => ("Sender", None),
        Selector::Linked => ("Linked", None),
        Selector::Operators => ("Operators", None),
        Selector::OperatorsIn(names) => ("OperatorsIn", names.first().map(|name| name.span)),
        Selector::AnyOf(parts) => ("AnyOf", parts.iter().find_map(|part| selector_place(part).1)),
        Selector::Except(all, _) => ("Except", selector_place(all).1),
    }
}
