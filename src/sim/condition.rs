//! Conditions over the knowledge of an actor and over public circumstances.

use super::draw::Drawer;
use super::engine::Simulation;
use super::matter::Matter;
use crate::model::{ActorId, CONFIRMED, Condition, SiteId, StateId, ValueKind};
use crate::time::SimDuration;

/// How a rule's chances are drawn: anew each time, or once for an instance.
#[derive(Debug, Clone, Copy)]
pub(super) enum Luck {
    /// A new draw at each test, counted for the matter's fact.
    EachTime,
    /// One draw for this instance, however often it is tested.
    OnceFor(u64),
}

impl Simulation<'_> {
    /// Position of the first condition that does not hold, if any.
    pub(super) fn first_failing(
        &mut self,
        conditions: &[Condition],
        actor: ActorId,
        matter: &Matter,
        luck: Luck,
    ) -> Option<usize> {
        (0..conditions.len()).find(|&i| !self.holds(&conditions[i], actor, matter, luck))
    }

    /// A length of time that a condition names.
    fn length_of(&mut self, who: Drawer, own: Option<StateId>, site: SiteId) -> SimDuration {
        SimDuration::from_micros_f64(self.number(who, own, site))
    }

    /// Whether a condition holds for an actor now. Parameters may depend on the state and sector in hand.
    pub(super) fn holds(
        &mut self,
        condition: &Condition,
        actor: ActorId,
        matter: &Matter,
        luck: Luck,
    ) -> bool {
        let before = (self.toward, self.in_sector);
        (self.toward, self.in_sector) = (matter.state, matter.sector);
        let holds = self.is_so(condition, actor, matter, luck);
        (self.toward, self.in_sector) = before;
        holds
    }

    fn is_so(&mut self, condition: &Condition, actor: ActorId, matter: &Matter, luck: Luck) -> bool {
        let model = self.model;
        let who = Drawer::Actor(actor);
        let own = model.actors[actor.index()].state;
        match condition {
            Condition::Known { kind, of, at_least, value, number, older, newer, confirmed } => {
                let is_flag = model.fact_kinds[kind.index()].value == ValueKind::Flag;
                let at_least = at_least.map_or(1.0, |site| self.number(who, own, site));
                let number = number.map(|site| self.number(who, own, site));
                let older = older.map(|site| self.length_of(who, own, site));
                let newer = newer.map(|site| self.length_of(who, own, site));
                let n = self
                    .known_of(actor, *kind, matter.incident)
                    .filter(|&(f, k)| {
                        self.in_scope(actor, f, *of, matter)
                            && !(is_flag && k.value == 0.0)
                            && (!*confirmed || k.version > CONFIRMED)
                            && value.is_none_or(|v| k.value == f64::from(v))
                            && number.is_none_or(|n| k.value >= n)
                            && older.is_none_or(|age| self.now - self.time_of(k.record) >= age)
                            && newer.is_none_or(|age| self.now - self.time_of(k.record) < age)
                    })
                    .count();
                n as f64 >= at_least
            }
            Condition::Sum { kind, at_least } => {
                let at_least = self.number(who, own, *at_least);
                let known = self.known_of(actor, *kind, matter.incident);
                known.map(|(_, k)| k.value).sum::<f64>() >= at_least
            }
            Condition::AboutOwn => matter.state.is_some() && matter.state == own,
            Condition::AboutOther => matter.state.is_some() && matter.state != own,
            Condition::Mode(m) => self.network(m.network).mode >= m.mode,
            Condition::Chance(site) => {
                let word = match luck {
                    Luck::EachTime => self.draws.word(model, who, *site, self.instance_of(matter)),
                    Luck::OnceFor(instance) => self.draws.word_at(model, who, *site, instance, 0),
                };
                self.chance_of(who, own, *site, word)
            }
            Condition::InForce(element) => model.elements[element.index()].in_force(self.now, own),
            Condition::Attribute(states) => own.is_some_and(|s| states[s.index()]),
            Condition::Is(sel) => self.select(sel, actor, matter).contains(&actor),
            Condition::Decided(decision, outcome, option) => {
                let scope = self.scope_of(*decision, actor, matter);
                let ended = self.sessions.outcome(*decision, matter.incident, scope);
                ended.is_some_and(|(how, with)| how == *outcome && option.is_none_or(|o| o == with))
            }
            Condition::Waiting(n) => self.desk(actor).waiting.len() >= *n as usize,
            Condition::AtWork(n) => self.desk(actor).serving.len() >= *n as usize,
            Condition::AtDesk(n) => {
                let desk = self.desk(actor);
                desk.serving.len() + desk.waiting.len() >= *n as usize
            }
            Condition::Before(at) => self.now < *at,
            Condition::After(at) => self.now >= *at,
            Condition::During(rotas) => rotas[actor.index()]
                .is_none_or(|r| model.rotas[r.index()].profile.capacity_at(self.now).is_open()),
            Condition::OnDuty => {
                self.refresh_duty(actor);
                self.servers(actor, crate::model::Priority::Flash).is_none_or(|n| n > 0)
            }
            Condition::Parameter(of, at_least) => {
                self.number(who, own, *of) >= self.number(who, own, *at_least)
            }
            Condition::Stock(pool, at_least) => {
                let at_least = self.number(who, own, *at_least);
                self.pools.stock(*pool) >= at_least
            }
            Condition::Class(class) => matter.class == Some(*class),
            Condition::Not(inner) => !self.holds(inner, actor, matter, luck),
            Condition::Either(all) => all.iter().any(|c| self.holds(c, actor, matter, luck)),
            Condition::Both(all) => all.iter().all(|c| self.holds(c, actor, matter, luck)),
        }
    }
}
