//! What a scenario is when people play it: objectives, roles, phases, and what players and observers are told.

use serde::Deserialize;

use super::{Name, Selector, Table};

/// What a scenario is when people play it; `blueprint-sim pack` makes the facilitator's pack of it.
///
/// E.g. `exercise: (purpose: "..", objectives: {"share": (title: "..")}, roles: {"team": (title: "..", plays: Actor("team@N"))})`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Why it is played, in a sentence or two.
    pub purpose: String,
    /// Where all players stand when it begins.
    #[serde(default)]
    pub situation: Option<String>,
    /// Language of its texts as in HTML. Default `en`.
    #[serde(default)]
    pub language: Option<Name>,
    /// Marking of its papers, e.g. `("tlp", "green")`; an inject may have another.
    #[serde(default)]
    pub marking: Option<(Name, Name)>,
    /// Rules of the game, beside those that every pack prints.
    #[serde(default)]
    pub rules: Vec<String>,
    /// How the clock of the crisis runs while people play, the first phase first. Default: as the clock on the wall.
    #[serde(default)]
    pub phases: Vec<PlayPhase>,
    /// What it is to show. Required where an inject names one.
    #[serde(default)]
    pub objectives: Table<Objective>,
    /// Who plays.
    #[serde(default)]
    pub roles: Table<PlayerRole>,
    /// Questions to all when it is over.
    #[serde(default)]
    pub debrief: Vec<String>,
}

/// A stretch of the exercise: the crisis from `from` to the next phase, or to the end, is played in `lasts`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayPhase {
    /// Name.
    pub id: Name,
    /// Title in schedules.
    pub title: String,
    /// Its first instant on the clock of the crisis.
    pub from: Name,
    /// How long it is played, on the clock on the wall, e.g. `"15min"`.
    pub lasts: Name,
    /// What the facilitator says when it begins.
    #[serde(default)]
    pub brief: Option<String>,
}

/// What an exercise is to show. Injects name it, observers rate it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Title, as a sentence on what the players can do.
    pub title: String,
    /// What observers look for.
    #[serde(default)]
    pub questions: Vec<String>,
    /// Milestones whose simulated times stand beside it.
    #[serde(default)]
    pub milestones: Vec<Name>,
}

/// A role that people play: a chair at the table, not a person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayerRole {
    /// Title on its page.
    pub title: String,
    /// Actors of the simulation that it stands for. Default: nobody.
    #[serde(default)]
    pub plays: Option<Selector>,
    /// What its players know and may decide.
    #[serde(default)]
    pub brief: Option<String>,
}

/// What sort of thing an inject is to its players.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum InjectKind {
    /// Something is told.
    #[default]
    Information,
    /// Something happens.
    Event,
    /// Something is asked of them.
    Request,
    /// Something is in the media.
    Media,
    /// A note to exercise control alone; no player sees it.
    Control,
}

/// How an inject comes to its players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
