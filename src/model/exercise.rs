//! What a scenario is when people play it.

use super::{
    InjectTime, MarkingRung, MilestoneId, Model, ObjectiveId, PlayPhaseId, PlayerRoleId, Sel, SiteId,
};
use crate::time::{SimDuration, SimTime};

/// An exercise: who plays, for what, and how its two clocks run.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Why it is played.
    pub purpose: String,
    /// Where all players stand when it begins; may be empty.
    pub situation: String,
    /// Language of its texts as in HTML.
    pub language: String,
    /// Marking of its papers.
    pub marking: Option<MarkingRung>,
    /// Rules of the game.
    pub rules: Vec<String>,
    /// Phases, the first first; none: one clock.
    pub phases: Vec<PlayPhase>,
    /// Objectives.
    pub objectives: Vec<Objective>,
    /// Roles.
    pub roles: Vec<PlayerRole>,
    /// Questions when it is over.
    pub debrief: Vec<String>,
}

/// A stretch of the exercise.
#[derive(Debug, Clone)]
pub struct PlayPhase {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Its first instant on the clock of the crisis.
    pub from: SimTime,
    /// How long it is played.
    pub lasts: SimDuration,
    /// What the facilitator says; may be empty.
    pub brief: String,
}

/// What an exercise is to show.
#[derive(Debug, Clone)]
pub struct Objective {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// What observers look for.
    pub questions: Vec<String>,
    /// Milestones that belong to it.
    pub milestones: Vec<MilestoneId>,
}

/// A role that people play.
#[derive(Debug, Clone)]
pub struct PlayerRole {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// For whom it stands.
    pub plays: Option<Sel>,
    /// What its players know and may decide; may be empty.
    pub brief: String,
}

/// What sort of thing an inject is to its players.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectKind {
    /// Something is told.
    Information,
    /// Something happens.
    Event,
    /// Something is asked of them.
    Request,
    /// Something is in the media.
    Media,
    /// A note to exercise control alone.
    Control,
}

impl InjectKind {
    /// All of them.
    pub const ALL: [InjectKind; 5] = [
        InjectKind::Information,
        InjectKind::Event,
        InjectKind::Request,
        InjectKind::Media,
        InjectKind::Control,
    ];

    /// As documents write it.
    pub const fn name(self) -> &'static str {
        match self {
            InjectKind::Information => "Information",
            InjectKind::Event => "Event",
            InjectKind::Request => "Request",
            InjectKind::Media => "Media",
            InjectKind::Control => "Control",
        }
    }
}

/// How an inject comes to its players.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// On paper.
    Paper,
    /// By electronic mail.
    Mail,
    /// By telephone.
    Call,
    /// In a message of a closed exchange.
    Message,
    /// In person.
    Person,
    /// In a meeting.
    Meeting,
    /// In the news.
    News,
    /// In social media.
    SocialMedia,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 8] = [
        Method::Paper,
        Method::Mail,
        Method::Call,
        Method::Message,
        Method::Person,
        Method::Meeting,
        Method::News,
        Method::SocialMedia,
    ];

    /// As documents write it.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Paper => "Paper",
            Method::Mail => "Mail",
            Method::Call => "Call",
            Method::Message => "Message",
            Method::Person => "Person",
            Method::Meeting => "Meeting",
            Method::News => "News",
            Method::SocialMedia => "SocialMedia",
        }
    }
}

impl Exercise {
    /// The phase that an instant of the crisis falls into; none before the first.
    pub fn phase_at(&self, t: SimTime) -> Option<PlayPhaseId> {
        self.phases.iter().rposition(|phase| phase.from <= t).map(PlayPhaseId::from_index)
    }

    /// When an instant of the crisis is played, from the beginning of the exercise. What lies before the first phase
    /// is played at once, what lies after `horizon` at the end.
    pub fn played_at(&self, t: SimTime, horizon: SimTime) -> SimDuration {
        if self.phases.is_empty() {
            return t.since_start();
        }
        let mut played = SimDuration::ZERO;
        for (i, phase) in self.phases.iter().enumerate() {
            let end = self.phases.get(i + 1).map_or(horizon.max(phase.from), |next| next.from);
            if t >= end && (t > phase.from || i + 1 < self.phases.len()) {
                played += phase.lasts;
                continue;
            }
            let length = u128::from((end - phase.from).as_micros().max(1));
            let gone = u128::from(t.saturating_since(phase.from).as_micros());
            let share = u128::from(phase.lasts.as_micros()) * gone / length;
            return played + SimDuration::from_micros(u64::try_from(share).unwrap_or(u64::MAX));
        }
        played
    }

    /// How long it is played.
    pub fn length(&self, horizon: SimTime) -> SimDuration {
        self.played_at(horizon, horizon)
    }

    /// An objective by its id.
    pub fn objective(&self, id: ObjectiveId) -> &Objective {
        &self.objectives[id.index()]
    }

    /// A role by its id.
    pub fn role(&self, id: PlayerRoleId) -> &PlayerRole {
        &self.roles[id.index()]
    }
}

impl Model {
    /// A marking as it is printed, e.g. `TLP:AMBER`: scheme and rung in capitals.
    pub fn marking_text(&self, marking: MarkingRung) -> String {
        let scheme = &self.schemes[marking.scheme.index()];
        format!("{}:{}", scheme.name, scheme.rungs[usize::from(marking.rung)]).to_uppercase()
    }

    /// What a site is called in a document: its parameter, or the literal.
    pub fn site_text(&self, site: SiteId) -> &str {
        &self.params[self.sites[site.index()].param.index()].name
    }

    /// What an inject waits for, as the table of an exercise has it: `milestone` or `milestone + 30min`; empty where
    /// it has an instant.
    pub fn condition_text(&self, time: InjectTime) -> String {
        match time {
            InjectTime::At(_) => String::new(),
            InjectTime::When(of, after) => {
                let name = &self.milestones[of.index()].name;
                after.map_or_else(|| name.clone(), |site| format!("{name} + {}", self.site_text(site)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(h: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_hours(h)
    }

    fn exercise(phases: &[(u64, u64)]) -> Exercise {
        let phase = |&(from, minutes): &(u64, u64)| PlayPhase {
            name: String::new(),
            title: String::new(),
            from: hour(from),
            lasts: SimDuration::from_mins(minutes),
            brief: String::new(),
        };
        Exercise {
            purpose: String::new(),
            situation: String::new(),
            language: "en".to_owned(),
            marking: None,
            rules: Vec::new(),
            phases: phases.iter().map(phase).collect(),
            objectives: Vec::new(),
            roles: Vec::new(),
            debrief: Vec::new(),
        }
    }

    #[test]
    fn each_phase_has_a_pace_of_its_own() {
        // Ten hours in twenty minutes, then thirty hours in ten.
        let e = exercise(&[(2, 20), (12, 10)]);
        let at = |h| e.played_at(hour(h), hour(42));
        assert_eq!(at(0), SimDuration::ZERO);
        assert_eq!(at(7), SimDuration::from_mins(10));
        assert_eq!(at(12), SimDuration::from_mins(20));
        assert_eq!(at(27), SimDuration::from_mins(25));
        assert_eq!(at(42), SimDuration::from_mins(30));
        assert_eq!(at(99), SimDuration::from_mins(30));
        assert_eq!(e.length(hour(42)), SimDuration::from_mins(30));
        assert_eq!(e.phase_at(hour(1)), None);
        assert_eq!(e.phase_at(hour(12)), Some(PlayPhaseId::from_index(1)));
    }

    #[test]
    fn without_phases_there_is_one_clock() {
        assert_eq!(exercise(&[]).played_at(hour(3), hour(9)), SimDuration::from_hours(3));
    }
}
