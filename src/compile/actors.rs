//! Actors: templates expanded over states and counts, their staff and duty; roles held in turn.

use crate::document::Diagnostic;
use crate::document::types::{self as t, Name};
use crate::model::{self as m, ActorId, StateId, StreamName, TemplateId};
use crate::time::{Holidays, Zone};

use super::MAX_ACTORS;
use super::context::{Cx, all};
use super::convert;
use super::params::Use;

/// Servers of one actor.
const MAX_STAFF: f64 = 1e6;

/// What all actors of a template share.
struct Common {
    levels: Vec<m::LevelId>,
    clearance: Vec<m::MarkingRung>,
    pace: Option<m::SiteId>,
    variant_site: Option<m::SiteId>,
    element: Option<m::ElementId>,
}

impl<'d> Cx<'d> {
    pub(super) fn compile_actors(&mut self) {
        let doc = self.doc;
        let wanted: u64 = doc.actors.values().map(|a| self.n_actors(a)).fold(0, u64::saturating_add);
        if wanted > MAX_ACTORS {
            let message = format!("the document makes {wanted} actors; the most is {MAX_ACTORS}");
            self.diags.push(Diagnostic::error("too-many", message));
            return;
        }
        for (name, actor) in &doc.actors {
            self.template(name, actor);
        }
        // Sets know how many actors there are, so they are made when all are there.
        for i in 0..self.templates.len() {
            let members = self.present(self.templates[i].actors.clone());
            self.templates[i].set = self.set_id(members);
        }
    }

    fn n_actors(&self, actor: &t::Actor) -> u64 {
        let states = match actor.per {
            Some(t::Per::State) => self.doc.states.len() as u64,
            Some(t::Per::Sector) => self.doc.sectors.len() as u64,
            _ => 1,
        };
        states.saturating_mul(u64::from(actor.count.unwrap_or(1)))
    }

    fn template(&mut self, name: &'d Name, actor: &'d t::Actor) {
        let id = TemplateId::from_index(self.templates.len());
        self.templates.push(m::Template {
            name: name.to_string(),
            title: actor.title.clone(),
            actors: Vec::new(),
            by_state: vec![None; self.states.len()],
            by_sector: vec![None; if actor.per == Some(t::Per::Sector) { self.doc.sectors.len() } else { 0 }],
            set: m::SetId::from_index(0),
        });
        if name.contains(['@', '#', '/']) {
            self.error(
                "bad-name",
                format!("the name of an actor has no `@`, `#` or `/`: `{name}`"),
                name.span,
            );
        }
        if actor.count == Some(0) {
            self.error("out-of-range", format!("`{name}`: `count` must be at least 1"), name.span);
        }
        if actor.levels.is_empty() && actor.counted.unwrap_or(true) {
            let message = format!("`{name}` has no level, so it counts in no situational awareness");
            self.diags.push(
                Diagnostic::warning("no-level", message)
                    .at(name.span)
                    .hint("say `counted: false` if that is meant"),
            );
        }
        if !(actor.weight.is_finite() && actor.weight >= 0.0) {
            self.error("out-of-range", format!("`{name}`: `weight` must be at least 0"), name.span);
        }
        let common = self.common(name, actor);
        if actor.per == Some(t::Per::Sector) {
            let state = actor.state.as_ref().and_then(|state| self.state_id(state));
            for sector in 0..self.doc.sectors.len() {
                for number in 1..=actor.count.unwrap_or(1) {
                    self.actor(
                        id,
                        name,
                        actor,
                        (state, Some(m::SectorId::from_index(sector))),
                        number,
                        &common,
                    );
                }
            }
            return;
        }
        for state in self.states_of(name, actor) {
            for number in 1..=actor.count.unwrap_or(1) {
                self.actor(id, name, actor, (state, None), number, &common);
            }
        }
    }

    /// The states for which a template makes an actor.
    fn states_of(&mut self, name: &Name, actor: &t::Actor) -> Vec<Option<StateId>> {
        match actor.per {
            None => {
                if let Some(group) = &actor.group {
                    self.error("contradiction", format!("`{name}`: `group` needs `per: State`"), group.span);
                }
                vec![actor.state.as_ref().and_then(|state| self.state_id(state))]
            }
            Some(t::Per::State) => {
                if let Some(state) = &actor.state {
                    self.error(
                        "contradiction",
                        format!("`{name}`: `state` does not go with `per: State`"),
                        state.span,
                    );
                }
                let inside = match &actor.group {
                    Some(group) => match self.group_of_states(group) {
                        Some(inside) => inside,
                        None => return Vec::new(),
                    },
                    None => vec![true; self.states.len()],
                };
                let ids = (0..self.states.len()).filter(|i| inside[*i]);
                ids.map(|i| Some(StateId::from_index(i))).collect()
            }
            Some(_) => {
                let message = format!("`{name}`: an actor can be `per: State` or `per: Sector` only");
                self.error("not-possible", message, name.span);
                vec![None]
            }
        }
    }

    fn common(&mut self, name: &Name, actor: &t::Actor) -> Common {
        let doc = self.doc;
        let mut levels: Vec<m::LevelId> = Vec::new();
        for level in &actor.levels {
            if let Some(i) = self.find_id("level", |index| &index.levels, level) {
                levels.push(m::LevelId::from_index(i));
            }
        }
        levels.sort_unstable();
        levels.dedup();
        let clearance = actor.clearance.iter().filter_map(|(scheme, rung)| self.rung(scheme, rung)).collect();
        let pace = self.opt_site(&format!("actor:{name}/pace"), actor.pace.as_ref(), Use::Factor).flatten();
        let variant_site = actor.variants.first().and_then(|variant| {
            let param = self.param(&variant.share, Use::Factor)?;
            Some(self.add_site(format!("actor:{name}/variant"), param))
        });
        if let Some(set) = &actor.holidays {
            self.find("set of holidays", &doc.holidays, set);
        }
        let element = self.opt_element(actor.element.as_ref()).flatten();
        Common { levels, clearance, pace, variant_site, element }
    }

    fn actor(
        &mut self,
        template: TemplateId,
        name: &Name,
        actor: &'d t::Actor,
        (state, sector): (Option<StateId>, Option<m::SectorId>),
        number: u32,
        common: &Common,
    ) {
        let doc = self.doc;
        let id = ActorId::from_index(self.actors.len());
        let mut full = name.to_string();
        let mut title = actor.title.clone();
        let mut short = actor.short.clone().unwrap_or_else(|| name.to_string());
        if let (Some(s), Some(t::Per::State)) = (state, actor.per) {
            let state = &self.states[s.index()];
            full = format!("{full}@{}", state.name);
            title = if title.contains("{state}") {
                title.replace("{state}", &state.title)
            } else {
                format!("{title} of {}", state.title)
            };
            short = format!("{short} {}", state.name);
        }
        if let Some((of, s)) = sector.and_then(|s| doc.sectors.get_index(s.index())) {
            full = format!("{full}@{of}");
            title = if title.contains("{sector}") {
                title.replace("{sector}", &s.title)
            } else {
                format!("{title} for {}", s.title)
            };
            short = format!("{short} {of}");
        }
        if actor.count.is_some() {
            full = format!("{full}#{number}");
            title = format!("{title} {number}");
            short = format!("{short} {number}");
        }
        let zone = match (&actor.zone, state) {
            (Some(zone), _) => self.zone(zone).unwrap_or_else(Zone::utc),
            (None, Some(state)) => self.states[state.index()].zone.clone(),
            (None, None) => self.zone.clone(),
        };
        let of_state =
            state.and_then(|s| doc.states.get_index(s.index())).and_then(|(_, s)| s.holidays.as_ref());
        let holidays = actor.holidays.as_ref().or(of_state);
        let variants = self.variants(name, actor, state, &zone, holidays);
        let absent = common.element.is_some_and(|element| self.never_in_force(element, state));
        self.actor_ids.insert(full.clone(), id);
        self.absent.push(absent);
        self.actor_element.push(common.element);
        self.actor_holidays.push(holidays.cloned());
        let kept = holidays.and_then(|set| self.holidays(set)).unwrap_or_else(Holidays::none);
        let made = &mut self.templates[template.index()];
        made.actors.push(id);
        if let Some(state) = state
            && !absent
        {
            made.by_state[state.index()].get_or_insert(id);
        }
        if let Some(sector) = sector.filter(|_| !absent) {
            made.by_sector[sector.index()].get_or_insert(id);
        }
        self.actors.push(m::Actor {
            name: StreamName::new(full),
            title,
            short,
            template,
            state,
            sector,
            levels: common.levels.clone(),
            zone,
            holidays: kept,
            variants,
            variant_site: if actor.variants.len() > 1 { common.variant_site } else { None },
            preemptive: actor.discipline != t::Discipline::NonPreemptive,
            restarts: actor.discipline == t::Discipline::PreemptiveRestart,
            order: convert::order(actor.order),
            queue_limit: actor.queue_limit,
            clearance: common.clearance.clone(),
            counted: actor.counted.unwrap_or_else(|| self.is_inside(state)) && !absent,
            weight: actor.weight,
            pace: common.pace,
            basis: convert::opt_basis(actor.basis.as_ref()),
        });
    }

    /// Staff and calendar, or the alternatives of them with shares that sum to 1.
    fn variants(
        &mut self,
        name: &Name,
        actor: &t::Actor,
        state: Option<StateId>,
        zone: &Zone,
        holidays: Option<&Name>,
    ) -> Vec<m::ActorVariant> {
        if actor.variants.is_empty() {
            let staff = self.staff(actor.staff.as_ref(), state);
            let rota = actor.calendar.as_ref().and_then(|c| self.rota(c, zone, holidays)).flatten();
            let staff_param = self.staff_param(actor.staff.as_ref());
            return vec![m::ActorVariant { share: 1.0, staff, staff_param, rota }];
        }
        let mut made = Vec::new();
        for variant in &actor.variants {
            let share = self.number(&variant.share, Use::Factor, state).unwrap_or(0.0);
            let staff = self.staff(variant.staff.as_ref().or(actor.staff.as_ref()), state);
            let calendar = variant.calendar.as_ref().or(actor.calendar.as_ref());
            let rota = calendar.and_then(|c| self.rota(c, zone, holidays)).flatten();
            let staff_param = self.staff_param(variant.staff.as_ref().or(actor.staff.as_ref()));
            made.push(m::ActorVariant { share, staff, staff_param, rota });
        }
        let total: f64 = made.iter().map(|variant| variant.share).sum();
        if total > 0.0 {
            made.iter_mut().for_each(|variant| variant.share /= total);
        } else {
            self.error("out-of-range", format!("the shares of the variants of `{name}` sum to 0"), name.span);
        }
        made
    }

    /// The parameter of a number of staff, if it has a name.
    fn staff_param(&self, staff: Option<&t::Param>) -> Option<m::ParamId> {
        match &**staff? {
            t::Quantity::Text(name) => self.param_ids.get(name.as_str()).copied(),
            t::Quantity::Number(_) => None,
        }
    }

    fn staff(&mut self, staff: Option<&t::Param>, state: Option<StateId>) -> Option<u32> {
        let staff = staff?;
        let number = self.number(staff, Use::Factor, state)?;
        if number > MAX_STAFF {
            self.error("too-many", format!("an actor has at most {MAX_STAFF} servers"), staff.span);
        }
        let servers = libm::round(number) as u32;
        if servers == 0 {
            let message = "this actor has no staff: work that it gets waits for ever";
            self.diags.push(
                Diagnostic::warning("no-staff", message)
                    .at(staff.span)
                    .hint("leave `staff` out if nothing that it does takes its time"),
            );
        }
        Some(servers)
    }

    /// Whether a state, or nobody's, belongs to the group that the document is inside.
    fn is_inside(&self, state: Option<StateId>) -> bool {
        let (Some(group), Some(state)) = (&self.doc.header.inside, state) else { return true };
        self.doc.states.get_index(state.index()).is_none_or(|(_, s)| s.groups.contains(group))
    }

    pub(super) fn compile_roles(&mut self) {
        let doc = self.doc;
        for (name, role) in &doc.roles {
            let ways = [!role.holders.is_empty(), !role.first_on_duty.is_empty(), role.in_state_of.is_some()];
            match ways.iter().filter(|w| **w).count() {
                0 if role.assignable.is_none() => self.error(
                    "missing",
                    format!("nobody holds the role `{name}`: `holders` is empty"),
                    name.span,
                ),
                0 | 1 => {}
                _ => self.error(
                    "contradiction",
                    format!("`{name}` is held in one way: by `holders`, `first_on_duty` or `in_state_of`"),
                    name.span,
                ),
            }
            let mut dated: Vec<(i64, ActorId)> = Vec::new();
            for (date, holder) in &role.holders {
                let at = self.offset_us(date);
                let actor = self.actor_id(holder);
                if let (Some(at), Some(actor)) = (at, actor) {
                    dated.push((at, actor));
                }
            }
            dated.sort_by_key(|(at, _)| *at);
            let clipped = |us: i64| crate::time::SimTime::from_micros(u64::try_from(us).unwrap_or(0));
            let mut holders: Vec<(crate::time::SimTime, ActorId)> = Vec::new();
            for (at, actor) in dated {
                // Of those before the start only the last still holds the role.
                if holders.last().is_some_and(|(before, _)| *before == clipped(at)) {
                    holders.pop();
                }
                holders.push((clipped(at), actor));
            }
            let held = self.held(name, role);
            self.roles.push(m::HeldRole {
                name: name.to_string(),
                title: role.title.clone(),
                holders,
                held,
                assignable: None,
            });
        }
        // Whom a rule may assign a role may be told by other roles.
        for (i, (_, role)) in doc.roles.iter().enumerate() {
            self.roles[i].assignable = self.opt_fixed_set(role.assignable.as_ref(), "`assignable`").flatten();
        }
    }

    fn held(&mut self, name: &Name, role: &t::HeldRole) -> m::Held {
        let list: Vec<ActorId> = role.first_on_duty.iter().filter_map(|actor| self.actor_id(actor)).collect();
        if !list.is_empty() {
            return m::Held::FirstOnDuty(list);
        }
        let Some(of) = &role.in_state_of else { return m::Held::Dated };
        let template = self.template_of_states(&of.template);
        let other = self.find("role held in turn", &self.doc.roles, &of.role);
        let mut at = other;
        // A role that is named by itself, however far round, has no holder.
        for _ in 0..=self.doc.roles.len() {
            let next = at.and_then(|i| self.doc.roles[i].in_state_of.as_ref());
            let Some(next) = next else { break };
            at = self.doc.roles.get_index_of(next.role.as_str());
        }
        if at.is_some_and(|i| self.doc.roles[i].in_state_of.is_some()) {
            self.error("cycle", format!("the role `{name}` is named by itself"), name.span);
            return m::Held::Dated;
        }
        match (other, template) {
            (Some(role), Some(template)) => m::Held::InStateOf(m::RoleId::from_index(role), template),
            _ => m::Held::Dated,
        }
    }

    /// One actor by its name.
    pub(super) fn actor_id(&mut self, name: &Name) -> Option<ActorId> {
        if let Some(&id) = self.actor_ids.get(name.as_str()) {
            return Some(id);
        }
        if let Some(template) = self.templates.iter().find(|template| template.name == **name) {
            let example = template.actors.first().map(|id| self.actors[id.index()].name.text.clone());
            let message =
                format!("`{name}` is a template of {} actors, not one actor", template.actors.len());
            let mut diagnostic = Diagnostic::error("unknown-name", message).at(name.span);
            diagnostic = match example {
                Some(example) => diagnostic
                    .hint(format!("write `Actor(\"{example}\")`, or `Role(\"{name}\")` for all of them")),
                None => diagnostic,
            };
            self.diags.push(diagnostic);
            return None;
        }
        let known: Vec<String> = match self.may_suggest() {
            true => self.actor_ids.keys().cloned().collect(),
            false => Vec::new(),
        };
        self.unknown("actor", name, known.iter().map(String::as_str));
        None
    }

    pub(super) fn template_id(&mut self, name: &Name) -> Option<TemplateId> {
        let found = self.find("actor or template", &self.doc.actors, name).map(TemplateId::from_index);
        // There are fewer templates than names if their number was over the cap.
        found.filter(|id| id.index() < self.templates.len())
    }

    /// Sites of the sequence of names, all or nothing.
    pub(super) fn opt_all<T, U>(
        &mut self,
        items: &'d [T],
        mut make: impl FnMut(&mut Self, &'d T) -> Option<U>,
    ) -> Option<Vec<U>> {
        all(items.iter().map(|item| make(self, item)))
    }
}
