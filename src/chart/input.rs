//! What a chart is told: plain strings, numbers and integer microseconds, nothing of the model.
//!
//! Instants are microseconds since the scenario's start, as everywhere; only [`Frame::epoch_us`] ties them to
//! civil time. Whoever fills these structs decides wording and order; a chart only draws. Every text may hold any
//! Unicode: it is cleaned and escaped when drawn, and shortened with an ellipsis where it does not fit.

pub use super::palette::SegmentKind;

/// What all charts have in common: the words around the drawing and the time axis.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The finding, as a sentence: "The first European statement came 25 h after the first hit".
    pub title: String,
    /// What is shown, in a line: fact, milestone, place.
    pub subtitle: String,
    /// Foot line: simulation, replay or counterfactual, scenario, seed, replication, version.
    pub foot: String,
    /// A few sentences for `<desc>`: what a reader who cannot see the image needs to know.
    pub description: String,
    /// Start of the scenario (µs since 1970-01-01T00:00:00Z).
    pub epoch_us: i64,
    /// The local clock whose days are written under the axis; `None`: UTC only.
    pub local: Option<LocalClock>,
    /// Nights and weekends to shade, in any order, overlaps allowed.
    pub shades: Vec<Shade>,
    /// First instant shown (µs since the start).
    pub from_us: i64,
    /// Last instant shown (µs since the start); not above `from_us`: an empty chart is drawn.
    pub to_us: i64,
}

/// A civil clock as steps of its offset from UTC.
#[derive(Clone, Debug, Default)]
pub struct LocalClock {
    /// What the clock is called: "Brussels".
    pub name: String,
    /// From which instant (µs since the start) which offset [minutes east of UTC] holds, ascending; the first also
    /// holds before its instant.
    pub offsets: Vec<(i64, i32)>,
}

/// A stretch of time to shade.
#[derive(Clone, Copy, Debug)]
pub struct Shade {
    /// First instant (µs since the start).
    pub from_us: i64,
    /// End, exclusive (µs since the start).
    pub to_us: i64,
    /// Night or weekend.
    pub kind: ShadeKind,
}

/// Why a stretch is shaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShadeKind {
    /// Local night.
    Night,
    /// Local weekend or public holiday.
    Weekend,
}

/// The timeline: who worked when, what was sent, which mode held, what was reached.
#[derive(Clone, Debug, Default)]
pub struct TimelineInput {
    /// Words and axis.
    pub frame: Frame,
    /// Titles of the levels, in order of drawing (top first). Colours go by this position, here and in the other
    /// charts: give all of them the same order.
    pub levels: Vec<String>,
    /// One lane an actor; drawn by level, inside a level in this order.
    pub lanes: Vec<Lane>,
    /// Messages between lanes; those to or from a lane that is not shown are left out.
    pub messages: Vec<Message>,
    /// One strip a network.
    pub networks: Vec<ModeStrip>,
    /// Milestones, in any order.
    pub milestones: Vec<MilestoneMark>,
    /// Most lanes to draw; 0 means 18. The lanes of highest `importance` stay, the rest is counted in the foot line.
    pub max_lanes: usize,
}

/// An actor in the timeline.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// Name to print.
    pub title: String,
    /// A shorter name, printed where the title has no room; empty: none.
    pub short: String,
    /// Position in [`TimelineInput::levels`]; one beyond them goes under the last.
    pub level: usize,
    /// Lanes of higher importance are kept first; ties by order.
    pub importance: u64,
    /// What the actor's tasks went through. Spans of parallel tasks may overlap: they are drawn in sub-rows.
    pub spans: Vec<WorkSpan>,
}

/// A part of a task's life at an actor.
#[derive(Clone, Debug, Default)]
pub struct WorkSpan {
    /// Which task of the lane: spans of one task share a row. Any number, the same for the parts of one task.
    pub task: u64,
    /// First instant (µs since the start).
    pub from_us: i64,
    /// End, exclusive (µs since the start).
    pub to_us: i64,
    /// What happened in it.
    pub phase: Phase,
    /// What the work was, drawn in the bar where it fits; may be empty.
    pub title: String,
}

/// What happens to a task during a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// In the queue or waiting for called-out staff: hatched.
    Waiting,
    /// Nobody on duty: pale.
    OffDuty,
    /// Being worked on: solid.
    #[default]
    Working,
}

/// A product on its way from one lane to another.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Position in [`TimelineInput::lanes`].
    pub from_lane: usize,
    /// Position in [`TimelineInput::lanes`].
    pub to_lane: usize,
    /// When it left (µs since the start).
    pub sent_us: i64,
    /// When it arrived (µs since the start).
    pub arrived_us: i64,
    /// What it was; drawn for key messages where it fits.
    pub title: String,
    /// On the chain of the milestone that the chart tells about: drawn strong, labelled first.
    pub key: bool,
}

/// The modes of a network over time.
#[derive(Clone, Debug, Default)]
pub struct ModeStrip {
    /// Name of the network.
    pub title: String,
    /// Names of the rungs, calm first.
    pub ladder: Vec<String>,
    /// From which instant (µs since the start) which rung held, ascending.
    pub steps: Vec<(i64, usize)>,
}

/// A milestone, simulated and observed.
#[derive(Clone, Debug, Default)]
pub struct MilestoneMark {
    /// What was reached, short.
    pub title: String,
    /// When the simulation reached it (µs since the start), if it did.
    pub simulated_us: Option<i64>,
    /// When it was observed (µs since the start): first and last possible instant, equal for a known instant.
    pub observed_us: Option<(i64, i64)>,
}

/// The propagation chart: when each actor learned one fact, and by which way it came.
#[derive(Clone, Debug, Default)]
pub struct PropagationInput {
    /// Words and axis (the axis is not drawn here; `to_us` is the horizon).
    pub frame: Frame,
    /// The instant that times are counted from (µs since the start), e.g. the first hit.
    pub origin_us: i64,
    /// Upper ends of the colour bins (µs after the origin), ascending; empty: 1, 3, 6, 12, 24, 48, 72 h. At most 9
    /// bins are coloured; later instants share the last.
    pub bins_us: Vec<i64>,
    /// Layers from top to bottom (e.g. political, operational, technical, operators).
    pub layers: Vec<String>,
    /// Column titles of the matrix, short (state codes), in the fixed order.
    pub columns: Vec<String>,
    /// Rows of the matrix (national roles), in order from top to bottom inside their layer.
    pub rows: Vec<MatrixRow>,
    /// Who can know the fact.
    pub nodes: Vec<KnowledgeNode>,
    /// The first-arrival tree; more than one edge into a node is allowed.
    pub edges: Vec<ArrivalEdge>,
    /// What the strongest path leads to: "first public statement". Empty: no path strip heading.
    pub goal: String,
}

/// A row of the matrix.
#[derive(Clone, Debug, Default)]
pub struct MatrixRow {
    /// The role.
    pub title: String,
    /// Position in [`PropagationInput::layers`].
    pub layer: usize,
}

/// An actor (or group of actors) that may come to know the fact.
#[derive(Clone, Debug, Default)]
pub struct KnowledgeNode {
    /// Name to print: in the box, or in the path strip for a cell of the matrix.
    pub title: String,
    /// A shorter name, printed where the title has no room; empty: none.
    pub short: String,
    /// Where it stands.
    pub place: Place,
    /// When it learned the fact (µs since the start); `None`: not by the end of the run.
    pub learned_us: Option<i64>,
}

/// Where a node of the propagation chart stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A labelled box in a layer.
    Layer(usize),
    /// A cell of the matrix. Several nodes may share a cell (two teams of a state): the earliest is shown.
    Cell {
        /// Position in [`PropagationInput::rows`].
        row: usize,
        /// Position in [`PropagationInput::columns`].
        column: usize,
    },
}

impl Default for Place {
    fn default() -> Self {
        Place::Layer(0)
    }
}

/// From whom a node had the fact first.
#[derive(Clone, Debug, Default)]
pub struct ArrivalEdge {
    /// Position in [`PropagationInput::nodes`].
    pub from: usize,
    /// Position in [`PropagationInput::nodes`].
    pub to: usize,
    /// From the sender's knowing to the receiver's (µs).
    pub latency_us: i64,
    /// On the critical path: drawn strongest, numbered, and told in the strip below in the order of `edges`.
    pub critical: bool,
    /// Important enough for its latency to be printed at the line where there is room.
    pub label: bool,
}

/// The map: where the incident and where the news was at some instants.
#[derive(Clone, Debug, Default)]
pub struct MapInput {
    /// Words and axis (the axis is not drawn here).
    pub frame: Frame,
    /// The instant that steps are counted from (µs since the start).
    pub origin_us: i64,
    /// When the panels are taken (µs after the origin), ascending; at most six are drawn.
    pub steps_us: Vec<i64>,
    /// The states with their places.
    pub tiles: Vec<MapTile>,
}

/// A state on the map.
#[derive(Clone, Debug, Default)]
pub struct MapTile {
    /// Short name, printed.
    pub code: String,
    /// Full name, shown when pointed at.
    pub title: String,
    /// Column on the grid, from the west.
    pub column: u32,
    /// Row on the grid, from the north.
    pub row: u32,
    /// When its operators were hit, each for the first time (µs since the start), ascending.
    pub hits_us: Vec<i64>,
    /// When each of its bodies learned the fact (µs since the start); `None`: not by the end of the run.
    pub learned_us: Vec<Option<i64>>,
}

impl MapTile {
    /// How many of its operators had been hit by an instant.
    pub fn hit(&self, at_us: i64) -> usize {
        self.hits_us.partition_point(|&t| t <= at_us)
    }

    /// How many of its bodies knew the fact at an instant.
    pub fn aware(&self, at_us: i64) -> usize {
        self.learned_us.iter().flatten().filter(|&&t| t <= at_us).count()
    }

    /// Whether it had been hit and none of its bodies knew; never where it has none.
    pub fn ahead(&self, at_us: i64) -> bool {
        self.hit(at_us) > 0 && self.aware(at_us) == 0 && !self.learned_us.is_empty()
    }
}

/// Awareness per level against the spread of the incident.
#[derive(Clone, Debug, Default)]
pub struct AwarenessInput {
    /// Words and axis.
    pub frame: Frame,
    /// Step curves.
    pub curves: Vec<AwarenessCurve>,
    /// The incident, drawn as areas below the curves' time axis.
    pub spread: Option<Spread>,
    /// Decisions, modes, statements, countermeasures.
    pub markers: Vec<Marker>,
}

/// A share over time.
#[derive(Clone, Debug, Default)]
pub struct AwarenessCurve {
    /// Name, written at the end of the curve.
    pub title: String,
    /// Which colour: the position of the level in [`TimelineInput::levels`] and [`PropagationInput::layers`], so that
    /// it is the same in all charts; `None`: the common picture, drawn black and thick.
    pub level: Option<usize>,
    /// From which instant (µs since the start) which share (0 to 1) held, ascending; `None`: undefined, a gap.
    pub points: Vec<(i64, Option<f64>)>,
}

/// Operators hit over time.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    /// How many operators there are.
    pub total: u64,
    /// From which instant (µs since the start) how many had been hit so far and how many were down, ascending.
    pub points: Vec<(i64, u64, u64)>,
}

/// An instant worth a line in the awareness chart.
#[derive(Clone, Debug, Default)]
pub struct Marker {
    /// When (µs since the start).
    pub at_us: i64,
    /// What, short.
    pub title: String,
    /// Of which sort.
    pub kind: MarkerKind,
}

/// The sort of a marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MarkerKind {
    /// A decision was taken.
    #[default]
    Decision,
    /// A network changed its mode.
    Mode,
    /// A public statement.
    Statement,
    /// A countermeasure took effect.
    Countermeasure,
}

/// Where the time went, per milestone.
#[derive(Clone, Debug, Default)]
pub struct WaterfallInput {
    /// Words (times here are durations, the axis of the frame is not used).
    pub frame: Frame,
    /// One bar each, in the order of the document; the chart orders them by length.
    pub rows: Vec<WaterfallRow>,
    /// Most rows to draw; 0 means 12. The rest is counted in the foot line.
    pub max_rows: usize,
}

/// A milestone's latency and its parts.
#[derive(Clone, Debug, Default)]
pub struct WaterfallRow {
    /// The milestone, and from where it is counted if not from the start.
    pub title: String,
    /// Latency (µs); `None`: not reached by the horizon.
    pub latency_us: Option<i64>,
    /// Parts in order of time; their durations sum to the latency.
    pub segments: Vec<Segment>,
    /// Observed latency (µs): least and greatest possible.
    pub observed_us: Option<(i64, i64)>,
}

/// A part of a latency.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What the time was spent on.
    pub kind: SegmentKind,
    /// At whom, or on which channel; may be empty.
    pub actor: String,
    /// How long (µs).
    pub duration_us: i64,
}
