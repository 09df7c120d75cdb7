//! Actions of exercise control.

use crate::document::Diagnostic;
use crate::document::types as t;
use crate::model::{self as m, StreamName};

use super::context::{Cx, all};
use super::convert;
use super::exercise;
use super::params::Use;

impl<'d> Cx<'d> {
    pub(super) fn injects(&mut self) -> Option<Vec<m::Inject>> {
        let doc = self.doc;
        let injects = all(doc.injects.iter().map(|inject| self.inject(inject)))?;
        self.check_exercise(&injects);
        Some(injects)
    }

    fn inject(&mut self, inject: &'d t::Inject) -> Option<m::Inject> {
        let id = &inject.id;
        let place = format!("inject:{id}");
        let at = self.inject_time(&place, inject);
        let played = self.played(inject);
        let marking = self.opt_rung(inject.marking.as_ref());
        let within = match &inject.expected_within {
            Some(within) => self.length(&format!("inject `{id}`: `expected_within`"), within).map(Some),
            None => Some(None),
        };
        if inject.expected.is_none()
            && let Some(within) = &inject.expected_within
        {
            let message = format!("inject `{id}`: `expected_within` goes with `expected`");
            self.error("contradiction", message, within.span);
        }
        let addressed = inject.to.is_some() || played.as_ref().is_none_or(|played| played.to.is_some());
        let effects =
            self.opt_all(&inject.effects, |cx, effect| cx.inject_effect(&place, id, effect, addressed));
        let played = played?;
        Some(m::Inject {
            name: StreamName::new(id.as_str()),
            title: inject.title.clone(),
            text: inject.text.clone().unwrap_or_default(),
            at: at?,
            to: played.to,
            expected: inject.expected.clone().unwrap_or_default(),
            within: within?,
            objective: inject.objective.as_ref().map(|name| name.to_string()).unwrap_or_default(),
            tests: played.tests,
            players: played.players,
            sender: inject.from.clone().unwrap_or_default(),
            kind: exercise::kind(inject.kind),
            method: inject.method.map(exercise::method),
            controller: inject.controller.clone().unwrap_or_default(),
            marking: marking?,
            effects: effects?,
            basis: convert::opt_basis(inject.basis.as_ref()),
        })
    }

    fn inject_time(&mut self, place: &str, inject: &t::Inject) -> Option<m::InjectTime> {
        let id = &inject.id;
        match (&inject.at, &inject.when) {
            (Some(at), None) => {
                if let Some(after) = &inject.after {
                    self.error(
                        "contradiction",
                        format!("inject `{id}`: `after` goes with `when`"),
                        after.span,
                    );
                }
                let instant = self.instant(&format!("the inject `{id}`"), at)?;
                if instant > self.horizon {
                    let message = format!(
                        "the inject `{id}` never happens: it comes after the end of the simulation, {}",
                        self.epoch.rfc3339(self.horizon)
                    );
                    self.diags.push(
                        Diagnostic::warning("after-horizon", message)
                            .at(at.span)
                            .hint("raise `horizon`, or give `--horizon`"),
                    );
                }
                Some(m::InjectTime::At(instant))
            }
            (None, Some(milestone)) => {
                let milestone = self.milestone_id(milestone);
                let after = self.opt_site(&format!("{place}/after"), inject.after.as_ref(), Use::Duration);
                Some(m::InjectTime::When(milestone?, after?))
            }
            _ => {
                let message = format!("inject `{id}`: give either `at`, an instant, or `when`, a milestone");
                self.error("contradiction", message, id.span);
                None
            }
        }
    }

    fn inject_effect(
        &mut self,
        place: &str,
        id: &t::Name,
        effect: &'d t::InjectEffect,
        addressed: bool,
    ) -> Option<m::InjectEffect> {
        let needs_somebody = matches!(
            effect,
            t::InjectEffect::FalseReport { .. }
                | t::InjectEffect::Message(_)
                | t::InjectEffect::ActorOutage { .. }
                | t::InjectEffect::Absent { .. }
        );
        if needs_somebody && !addressed {
            self.error("missing", format!("inject `{id}` needs `to`: to whom it happens"), id.span);
            return None;
        }
        Some(match effect {
            t::InjectEffect::Fact(name) => m::InjectEffect::Fact(self.fact_id(name)?),
            t::InjectEffect::Number { fact, is } => {
                let id = self.fact_id(fact);
                let number = self.number(is, Use::Number, None);
                let id = id?;
                self.is_number(self.facts[id.index()].kind, fact)?;
                m::InjectEffect::Number(id, number?)
            }
            t::InjectEffect::FalseReport { fact, value, number } => {
                let id = self.fact_id(fact)?;
                let kind = self.facts[id.index()].kind;
                let told = match (value, number) {
                    (Some(value), None) => f64::from(self.choice(kind, fact, value)?),
                    (None, Some(number)) => {
                        self.is_number(kind, fact)?;
                        self.number(number, Use::Number, None)?
                    }
                    (Some(value), Some(_)) => {
                        self.error(
                            "contradiction",
                            format!("`{fact}` is told as a value and as a number"),
                            value.span,
                        );
                        return None;
                    }
                    (None, None) => 1.0,
                };
                m::InjectEffect::FalseReport(id, told)
            }
            t::InjectEffect::Message(name) => m::InjectEffect::Message(self.product_id(name)?),
            t::InjectEffect::Leak(name) => m::InjectEffect::Leak(self.fact_id(name)?),
            t::InjectEffect::ChannelOutage { channel, lasts } => {
                let channel = self.channel_id(channel);
                let lasts = self.site(&format!("{place}/channel-outage"), lasts, Use::Duration);
                m::InjectEffect::ChannelOutage(channel?, lasts?)
            }
            t::InjectEffect::ActorOutage { lasts } => m::InjectEffect::ActorOutage(self.site(
                &format!("{place}/actor-outage"),
                lasts,
                Use::Duration,
            )?),
            t::InjectEffect::Absent { staff: 0, .. } => {
                self.error("out-of-range", format!("inject `{id}`: at least one is absent"), id.span);
                return None;
            }
            t::InjectEffect::Absent { staff, lasts } => {
                m::InjectEffect::Absent(*staff, self.site(&format!("{place}/absent"), lasts, Use::Duration)?)
            }
            t::InjectEffect::Enact(name) => m::InjectEffect::Enact(self.countermeasure_id(name)?),
            t::InjectEffect::SetMode { network, mode } => m::InjectEffect::SetMode(self.mode(network, mode)?),
            t::InjectEffect::Begin(incident) => {
                let id = self.incident_id(incident)?;
                if !self.doc.incidents[id.index()].waits {
                    let message = format!("`{incident}` starts by itself: an inject begins what `waits`");
                    self.error("contradiction", message, incident.span);
                }
                m::InjectEffect::Begin(id)
            }
            t::InjectEffect::Hit { incident, hits } => {
                let incident = self.incident_id(incident);
                let hits = self.first_hits(place, hits);
                m::InjectEffect::Hit(incident?, hits?)
            }
        })
    }
}
