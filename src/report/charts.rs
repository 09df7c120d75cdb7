//! What charts are told: from model, trace and results to the plain input of the room `chart`.

mod awareness;
pub(super) mod map;
mod propagation;
mod timeline;
mod waterfall;

use super::story::Told;
use super::words::{place, setting};
use crate::chart::input::{Frame, LocalClock, Shade, ShadeKind};
use crate::chart::{self, ChartError};
use crate::model::{ActorId, FactId, LevelId, Model, Network, Sel, StateId};
use crate::time::{ClockTime, SimDuration, SimTime, Weekdays, nights, weekends};
use crate::trace::Event;

/// Longer charts show neither nights nor weekends: they would be finer than a pixel.
const LONGEST_SHADED: SimDuration = SimDuration::from_days(100);

/// A chart of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// Who worked when, what was sent, what was reached.
    Timeline,
    /// When each actor learned one fact, and by which way.
    Propagation,
    /// Awareness against the spread of the incident.
    Awareness,
    /// Where the time went.
    Waterfall,
    /// Which states were hit, and in which somebody knew, at some instants.
    Map,
}

impl ChartKind {
    /// All charts of a run.
    pub const ALL: [ChartKind; 5] = [
        ChartKind::Timeline,
        ChartKind::Propagation,
        ChartKind::Map,
        ChartKind::Awareness,
        ChartKind::Waterfall,
    ];

    /// The name of its files.
    pub const fn name(self) -> &'static str {
        match self {
            ChartKind::Timeline => "timeline",
            ChartKind::Propagation => "propagation",
            ChartKind::Awareness => "awareness",
            ChartKind::Waterfall => "waterfall",
            ChartKind::Map => "map",
        }
    }

    /// The heading of its part of the page.
    pub const fn heading(self) -> &'static str {
        match self {
            ChartKind::Timeline => "What happened when",
            ChartKind::Propagation => "How the news travelled",
            ChartKind::Awareness => "Who knew, against the incident",
            ChartKind::Waterfall => "Where the time went",
            ChartKind::Map => "Where the incident was, and where the news",
        }
    }
}

/// What a user may change about a chart.
#[derive(Debug, Clone, Default)]
pub struct ChartOptions {
    /// Only these actors; empty: all.
    pub actors: Vec<ActorId>,
    /// Only actors of these states, and those of no state; empty: all.
    pub states: Vec<StateId>,
    /// First instant shown.
    pub from: Option<SimTime>,
    /// Last instant shown.
    pub to: Option<SimTime>,
    /// Title instead of the finding.
    pub title: Option<String>,
}

impl ChartOptions {
    /// Whether only some actors are asked for.
    fn is_selection(&self) -> bool {
        !self.actors.is_empty() || !self.states.is_empty()
    }

    /// Whether an actor is asked for by its name or by its state.
    fn names(&self, model: &Model, actor: ActorId) -> bool {
        let state = model.actors[actor.index()].state;
        self.actors.contains(&actor) || state.is_some_and(|s| self.states.contains(&s))
    }

    fn shows(&self, model: &Model, actor: ActorId) -> bool {
        let state = model.actors[actor.index()].state;
        (self.actors.is_empty() || self.actors.contains(&actor))
            && (self.states.is_empty() || state.is_none_or(|s| self.states.contains(&s)))
    }
}

/// A chart that has been drawn.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Which one.
    pub kind: ChartKind,
    /// Its title: what it shows.
    pub finding: String,
    /// As SVG.
    pub svg: String,
    /// As PNG.
    pub png: Vec<u8>,
}

/// Draws the charts of one run.
#[derive(Clone, Copy)]
pub struct Charts<'a> {
    told: Told<'a>,
    version: &'a str,
}

impl<'a> Charts<'a> {
    /// When a fact first became true.
    fn became_true(&self, id: FactId) -> Option<SimTime> {
        self.told.trace.records.iter().find_map(|record| match record.event {
            Event::True { fact, .. } if fact == id => Some(record.time),
            _ => None,
        })
    }

    /// The charts of a run made by this version of the program.
    pub fn new(told: Told<'a>, version: &'a str) -> Charts<'a> {
        Charts { told, version }
    }

    /// The charts that say something about this model: a map only where two states or more have a place on it.
    pub fn kinds(&self) -> impl Iterator<Item = ChartKind> + use<> {
        let placed = self.told.model.states.iter().filter(|s| s.tile.is_some()).count();
        ChartKind::ALL.into_iter().filter(move |kind| *kind != ChartKind::Map || placed > 1)
    }

    /// A chart as SVG.
    ///
    /// # Errors
    /// [`ChartError`] if the program was built with damaged fonts.
    pub fn svg(&self, kind: ChartKind, options: &ChartOptions) -> Result<String, ChartError> {
        match kind {
            ChartKind::Timeline => chart::timeline::svg(&self.timeline(options)),
            ChartKind::Propagation => chart::propagation::svg(&self.propagation(options)),
            ChartKind::Awareness => chart::awareness::svg(&self.awareness(options)),
            ChartKind::Waterfall => chart::waterfall::svg(&self.waterfall(options)),
            ChartKind::Map => chart::map::svg(&self.map(options)),
        }
    }

    /// A chart as PNG.
    ///
    /// # Errors
    /// [`ChartError`] if the program was built with damaged fonts, or the encoder fails.
    pub fn png(&self, kind: ChartKind, options: &ChartOptions) -> Result<Vec<u8>, ChartError> {
        match kind {
            ChartKind::Timeline => chart::timeline::png(&self.timeline(options)),
            ChartKind::Propagation => chart::propagation::png(&self.propagation(options)),
            ChartKind::Awareness => chart::awareness::png(&self.awareness(options)),
            ChartKind::Waterfall => chart::waterfall::png(&self.waterfall(options)),
            ChartKind::Map => chart::map::png(&self.map(options)),
        }
    }

    /// A chart in both forms, with its finding.
    ///
    /// # Errors
    /// As [`Charts::svg`] and [`Charts::png`].
    pub fn draw(&self, kind: ChartKind) -> Result<Drawn, ChartError> {
        let options = ChartOptions::default();
        let (svg, png, finding) = match kind {
            ChartKind::Timeline => {
                let input = self.timeline(&options);
                (chart::timeline::svg(&input)?, chart::timeline::png(&input)?, input.frame.title)
            }
            ChartKind::Propagation => {
                let input = self.propagation(&options);
                (chart::propagation::svg(&input)?, chart::propagation::png(&input)?, input.frame.title)
            }
            ChartKind::Awareness => {
                let input = self.awareness(&options);
                (chart::awareness::svg(&input)?, chart::awareness::png(&input)?, input.frame.title)
            }
            ChartKind::Waterfall => {
                let input = self.waterfall(&options);
                (chart::waterfall::svg(&input)?, chart::waterfall::png(&input)?, input.frame.title)
            }
            ChartKind::Map => {
                let input = self.map(&options);
                (chart::map::svg(&input)?, chart::map::png(&input)?, input.frame.title)
            }
        };
        Ok(Drawn { kind, finding, svg, png })
    }

    /// The words and the axis that all charts share; the title is the finding unless the user gave another.
    fn frame(&self, options: &ChartOptions, finding: String, subtitle: String, description: String) -> Frame {
        let meta = &self.told.model.meta;
        let from = options.from.unwrap_or(SimTime::ZERO);
        let to = options.to.unwrap_or(self.told.trace.end).max(from);
        Frame {
            title: options.title.clone().unwrap_or(finding),
            subtitle,
            foot: self.foot(),
            description,
            epoch_us: meta.epoch.start().as_microsecond(),
            local: (meta.zone.name() != "UTC").then(|| local_clock(self.told.model, from, to)),
            shades: shades(self.told.model, from, to),
            from_us: us(from),
            to_us: us(to),
        }
    }

    fn foot(&self) -> String {
        let told = &self.told;
        format!(
            "Simulation · {} · {} · seed {} · replication {} · blueprint-sim {}",
            setting(told.model).to_lowercase(),
            told.model.meta.name,
            told.seed,
            told.replication,
            self.version
        )
    }
}

/// Microseconds as charts count them.
pub(super) fn us(t: SimTime) -> i64 {
    i64::try_from(t.as_micros()).unwrap_or(i64::MAX)
}

fn length_us(d: SimDuration) -> i64 {
    i64::try_from(d.as_micros()).unwrap_or(i64::MAX)
}

pub(super) fn local_clock(model: &Model, from: SimTime, to: SimTime) -> LocalClock {
    let (epoch, zone) = (model.meta.epoch, &model.meta.zone);
    let (first, last) = (epoch.instant(from), epoch.instant(to));
    let mut offsets = vec![(us(from), zone.offset_seconds(first) / 60)];
    let changes = zone.clock_changes(first, last).take(100);
    offsets.extend(changes.map(|c| (epoch.offset_micros(c.at), c.offset_after / 60)));
    LocalClock { name: place(zone), offsets }
}

pub(super) fn shades(model: &Model, from: SimTime, to: SimTime) -> Vec<Shade> {
    if to - from > LONGEST_SHADED {
        return Vec::new();
    }
    let (epoch, zone) = (model.meta.epoch, &model.meta.zone);
    let shade = |kind| {
        move |range: std::ops::Range<SimTime>| Shade { from_us: us(range.start), to_us: us(range.end), kind }
    };
    let mut all = Vec::new();
    if let (Some(evening), Some(morning)) = (ClockTime::new(22, 0), ClockTime::new(6, 0)) {
        all.extend(nights(epoch, zone, from..to, evening, morning).map(shade(ShadeKind::Night)));
    }
    all.extend(weekends(epoch, zone, from..to, Weekdays::SAT_SUN).map(shade(ShadeKind::Weekend)));
    all
}

/// Position of a level from the top: the highest level of the blueprint is drawn first.
fn from_top(model: &Model, level: LevelId) -> usize {
    model.levels.len().saturating_sub(1 + level.index())
}

/// Titles of the levels, the highest first.
fn level_titles(model: &Model) -> Vec<String> {
    model.levels.iter().rev().map(|level| level.title.clone()).collect()
}

/// A name for narrow places, where the document declares one; the default, the name itself, reads worse than a title
/// that is cut.
fn short(model: &Model, actor: ActorId) -> String {
    let a = &model.actors[actor.index()];
    let declared = !a.short.starts_with(model.templates[a.template.index()].name.as_str());
    if declared { a.short.clone() } else { String::new() }
}

/// Whether all members of a network belong to one state.
fn is_national(model: &Model, network: &Network) -> bool {
    let Sel::Fixed(set) = &network.members else { return false };
    let mut states = model.sets[set.index()].members.iter().map(|a| model.actors[a.index()].state);
    let first = states.next().flatten();
    first.is_some() && states.all(|state| state == first)
}

/// Where an actor is drawn: at the first of its levels.
fn level_of(model: &Model, actor: ActorId) -> usize {
    let level = model.actors[actor.index()].levels.first();
    level.map_or(model.levels.len().saturating_sub(1), |&level| from_top(model, level))
}
