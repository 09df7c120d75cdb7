//! What a scenario is when people play it, and which of its roles get an inject.

use crate::document::types::{self as t, Name};
use crate::document::{Diagnostic, Span};
use crate::model::{self as m, ObjectiveId, PlayerRoleId, Sel};
use crate::time::{SimDuration, parse_duration};

use super::context::{Cx, all};

/// What an inject is to those who play: its objective, its roles, and whom it is addressed to.
pub(super) struct Played {
    pub(super) tests: Option<ObjectiveId>,
    pub(super) players: Vec<PlayerRoleId>,
    pub(super) to: Option<Sel>,
}

impl<'d> Cx<'d> {
    /// The exercise; the outer `None` is an error.
    pub(super) fn exercise(&mut self) -> Option<Option<m::Exercise>> {
        let Some(exercise) = &self.doc.exercise else { return Some(None) };
        let marking = self.opt_rung(exercise.marking.as_ref());
        let language = self.language(exercise.language.as_ref());
        let phases = self.phases(&exercise.phases);
        let objectives = all(exercise.objectives.iter().map(|(name, objective)| {
            self.plain_name("objective", name);
            let milestones = all(objective.milestones.iter().map(|name| self.milestone_id(name)));
            Some(m::Objective {
                name: name.to_string(),
                title: objective.title.clone(),
                questions: objective.questions.clone(),
                milestones: milestones?,
            })
        }));
        let roles = all(exercise.roles.iter().map(|(name, role)| {
            self.plain_name("role", name);
            let plays = match &role.plays {
                Some(plays) => Some(self.sel_of_nobody(plays, "a role of an exercise")?),
                None => None,
            };
            Some(m::PlayerRole {
                name: name.to_string(),
                title: role.title.clone(),
                plays,
                brief: role.brief.clone().unwrap_or_default(),
            })
        }));
        let roles = roles?;
        self.player_roles = roles.iter().map(|role| role.plays.clone()).collect();
        Some(Some(m::Exercise {
            purpose: exercise.purpose.clone(),
            situation: exercise.situation.clone().unwrap_or_default(),
            language: language?,
            marking: marking?,
            rules: exercise.rules.clone(),
            phases: phases?,
            objectives: objectives?,
            roles,
            debrief: exercise.debrief.clone(),
        }))
    }

    /// Names become names of files and cells of tables.
    fn plain_name(&mut self, what: &str, name: &Name) {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(plain) {
            let message = format!("`{name}` cannot be the name of a {what} of an exercise");
            let hint = "use letters, digits, `-` and `_`: it becomes part of a file's name";
            self.diags.push(Diagnostic::error("bad-name", message).at(name.span).hint(hint));
        }
    }

    fn language(&mut self, language: Option<&Name>) -> Option<String> {
        let Some(language) = language else { return Some("en".to_owned()) };
        let good =
            |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
        if language.split('-').all(good) && language.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Some(language.to_string());
        }
        self.error(
            "invalid-value",
            format!("`{language}` is no tag of a language, such as `en`"),
            language.span,
        );
        None
    }

    pub(super) fn opt_rung(&mut self, marking: Option<&'d (Name, Name)>) -> Option<Option<m::MarkingRung>> {
        match marking {
            Some((scheme, rung)) => self.rung(scheme, rung).map(Some),
            None => Some(None),
        }
    }

    /// A length of time that is no judgement of the model: how long something is played, or may take.
    pub(super) fn length(&mut self, what: &str, text: &Name) -> Option<SimDuration> {
        match parse_duration(text) {
            Ok(length) if length.is_zero() => {
                self.error("out-of-range", format!("{what} must be longer than zero"), text.span);
                None
            }
            Ok(length) => Some(length),
            Err(error) => {
                self.error("bad-quantity", format!("{what}: {error}"), text.span);
                None
            }
        }
    }

    fn phases(&mut self, phases: &'d [t::PlayPhase]) -> Option<Vec<m::PlayPhase>> {
        let mut before: Option<(m::PlayPhase, Span)> = None;
        let mut made = Vec::new();
        let mut right = true;
        for phase in phases {
            let from = self.instant(&format!("the phase `{}`", phase.id), &phase.from);
            let lasts = self.length(&format!("the phase `{}`", phase.id), &phase.lasts);
            let (Some(from), Some(lasts)) = (from, lasts) else {
                right = false;
                continue;
            };
            if let Some((earlier, span)) = &before
                && earlier.from >= from
            {
                let message = format!("the phase `{}` does not begin after the one before it", phase.id);
                self.diags.push(
                    Diagnostic::error("contradiction", message)
                        .at(phase.from.span)
                        .also(*span, "the phase before it"),
                );
                right = false;
            }
            let phase = m::PlayPhase {
                name: phase.id.to_string(),
                title: phase.title.clone(),
                from,
                lasts,
                brief: phase.brief.clone().unwrap_or_default(),
            };
            before = Some((phase.clone(), phases[made.len()].id.span));
            made.push(phase);
        }
        right.then_some(made)
    }

    /// What an inject is to the exercise, if there is one.
    pub(super) fn played(&mut self, inject: &'d t::Inject) -> Option<Played> {
        let to = match &inject.to {
            Some(to) => self.sel_of_nobody(to, "an inject").map(Some),
            None => Some(None),
        };
        let Some(exercise) = &self.doc.exercise else {
            for name in &inject.players {
                let message = format!("inject `{}` is for `{name}`, but there is no `exercise`", inject.id);
                let hint = "declare its roles: `exercise: (purpose: \"..\", roles: {..})`";
                self.diags.push(Diagnostic::error("missing", message).at(name.span).hint(hint));
            }
            let to = if inject.players.is_empty() { to } else { None };
            return Some(Played { tests: None, players: Vec::new(), to: to? });
        };
        let tests = match &inject.objective {
            Some(name) => {
                self.find("objective", &exercise.objectives, name).map(|i| Some(ObjectiveId::from_index(i)))
            }
            None => Some(None),
        };
        let players = all(inject.players.iter().map(|name| {
            self.find("role of the exercise", &exercise.roles, name).map(PlayerRoleId::from_index)
        }));
        let (tests, mut players, mut to) = (tests?, players?, to?);
        let plays = self.player_roles.clone();
        if players.is_empty()
            && let Some(to) = &to
        {
            let plays_one = |plays: &Option<Sel>| plays.as_ref().is_some_and(|plays| self.meet(plays, to));
            let ids = plays.iter().enumerate().filter(|(_, plays)| plays_one(plays));
            players = ids.map(|(i, _)| PlayerRoleId::from_index(i)).collect();
        } else if to.is_none() {
            let parts: Vec<Sel> = players.iter().filter_map(|id| plays.get(id.index())?.clone()).collect();
            to = (!parts.is_empty()).then(|| self.any_of(parts));
        }
        Some(Played { tests, players, to })
    }

    /// Whether two selectors have somebody in common for certain: actors of fixed sets, or holders of one role.
    fn meet(&self, a: &Sel, b: &Sel) -> bool {
        match (a, b) {
            (Sel::AnyOf(parts), other) | (other, Sel::AnyOf(parts)) => {
                parts.iter().any(|part| self.meet(part, other))
            }
            (Sel::Fixed(a), Sel::Fixed(b)) => {
                let other = &self.sets[b.index()];
                self.sets[a.index()].members.iter().any(|&actor| other.has(actor))
            }
            (Sel::Holder(a), Sel::Holder(b)) => a == b,
            _ => false,
        }
    }

    /// Objectives that nothing tests and roles that get nothing: players would sit there in vain.
    pub(super) fn check_exercise(&mut self, injects: &[m::Inject]) {
        let Some(exercise) = &self.doc.exercise else { return };
        for (i, (name, _)) in exercise.objectives.iter().enumerate() {
            if !injects.iter().any(|inject| inject.tests == Some(ObjectiveId::from_index(i))) {
                self.warning("unused", format!("no inject tests the objective `{name}`"), name.span);
            }
        }
        for (inject, of) in self.doc.injects.iter().zip(injects) {
            if of.players.is_empty() && of.kind != m::InjectKind::Control && !exercise.roles.is_empty() {
                let message = format!("the inject `{}` is for no role of the exercise", inject.id);
                let hint = "name `players`, or say `kind: Control` for a note to exercise control";
                self.diags.push(Diagnostic::warning("unused", message).at(inject.id.span).hint(hint));
            }
        }
        for (i, (name, _)) in exercise.roles.iter().enumerate() {
            if !injects.iter().any(|inject| inject.players.contains(&PlayerRoleId::from_index(i))) {
                self.warning("unused", format!("no inject is for the role `{name}`"), name.span);
            }
        }
    }
}

/// The words of an inject as the model has them.
pub(super) fn kind(kind: t::InjectKind) -> m::InjectKind {
    match kind {
        t::InjectKind::Information => m::InjectKind::Information,
        t::InjectKind::Event => m::InjectKind::Event,
        t::InjectKind::Request => m::InjectKind::Request,
        t::InjectKind::Media => m::InjectKind::Media,
        t::InjectKind::Control => m::InjectKind::Control,
    }
}

/// How it comes.
pub(super) fn method(method: t::Method) -> m::Method {
    match method {
        t::Method::Paper => m::Method::Paper,
        t::Method::Mail => m::Method::Mail,
        t::Method::Call => m::Method::Call,
        t::Method::Message => m::Method::Message,
        t::Method::Person => m::Method::Person,
        t::Method::Meeting => m::Method::Meeting,
        t::Method::News => m::Method::News,
        t::Method::SocialMedia => m::Method::SocialMedia,
    }
}
