//! The timeline: lanes of work, messages, modes, milestones.

use std::collections::{BTreeMap, BTreeSet};

use super::{ChartOptions, Charts, is_national, level_of, level_titles, short, us};
use crate::chart::input::{Lane, Message, MilestoneMark, ModeStrip, Phase, TimelineInput, WorkSpan};
use crate::model::{ActorId, NetworkId, Observed};
use crate::report::story::{headline, headline_milestone, story_milestones};
use crate::report::words;
use crate::trace::{Event, Party, RecordId, SpanKind, Subject};

/// What a lane on the key chain gains in importance, above any amount of work.
const ON_CHAIN: u64 = 1 << 50;
/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;
/// What a lane gains by belonging to no state: bodies are few and connect the states.
const NO_STATE: u64 = 1 << 40;

impl Charts<'_> {
    /// What the timeline is told.
    pub(super) fn timeline(&self, options: &ChartOptions) -> TimelineInput {
        let (model, trace) = (self.told.model, self.told.trace);
        let chain: BTreeSet<RecordId> = headline_milestone(&self.told)
            .and_then(|id| self.told.results.chain(id))
            .map(|chain| chain.steps.iter().copied().collect())
            .unwrap_or_default();
        let mut work = self.work();
        let mut importance: BTreeMap<ActorId, u64> = BTreeMap::new();
        for (&actor, spans) in &work {
            let busy: i64 =
                spans.iter().filter(|s| s.phase == Phase::Working).map(|s| s.to_us - s.from_us).sum();
            importance.insert(actor, 1 + busy.unsigned_abs() / 1_000_000);
        }
        for &id in &chain {
            if let Subject::Actor(actor) = trace.records[id as usize].who {
                *importance.entry(actor).or_default() += ON_CHAIN;
            }
        }
        let actors: Vec<ActorId> =
            importance.keys().copied().filter(|&actor| options.shows(model, actor)).collect();
        let lane_of: BTreeMap<ActorId, usize> = actors.iter().enumerate().map(|(i, &a)| (a, i)).collect();
        let lanes = actors
            .iter()
            .map(|&actor| {
                let a = &model.actors[actor.index()];
                let extra = if a.state.is_none() { NO_STATE } else { 0 };
                Lane {
                    title: a.title.clone(),
                    short: short(model, actor),
                    level: level_of(model, actor),
                    importance: importance.get(&actor).copied().unwrap_or(0) + extra,
                    spans: work.remove(&actor).unwrap_or_default(),
                }
            })
            .collect();
        let finding = headline(&self.told).into_iter().next().unwrap_or_default();
        let subtitle = format!("{}: work, messages and milestones", model.meta.title);
        let description = format!("{finding} {}", self.milestones_in_words());
        let mut frame = self.frame(options, self.timeline_title(), subtitle, description);
        if options.to.is_none() {
            frame.to_us = self.last_instant().clamp(frame.from_us, frame.to_us);
        }
        TimelineInput {
            frame,
            levels: level_titles(model),
            lanes,
            messages: self.messages(&lane_of, &chain),
            networks: self.modes(),
            milestones: self.marks(),
            max_lanes: 0,
        }
    }

    /// Where the timeline ends: a little after the last milestone, simulated or observed; what comes later would
    /// only press the rest together.
    fn last_instant(&self) -> i64 {
        let last = self.marks().iter().filter_map(|m| m.simulated_us.max(m.observed_us.map(|o| o.1))).max();
        match last {
            Some(last) => last.saturating_add(last / 6).saturating_add(HOUR),
            None => i64::MAX,
        }
    }

    fn timeline_title(&self) -> String {
        let model = self.told.model;
        match headline_milestone(&self.told) {
            Some(id) => {
                let title = &model.milestones[id.index()].title;
                let result = self.told.results.milestone(id);
                match (result.reached, result.latency) {
                    (Some(_), Some(latency)) => {
                        format!("{title}: {latency} after {}", crate::report::story::since(model, id))
                    }
                    (Some(_), None) => title.clone(),
                    (None, _) => format!("{title}: not by the end"),
                }
            }
            None => model.meta.title.clone(),
        }
    }

    fn milestones_in_words(&self) -> String {
        let epoch = self.told.model.meta.epoch;
        let told = story_milestones(self.told.model).into_iter().map(|id| {
            let title = &self.told.model.milestones[id.index()].title;
            match self.told.results.milestone(id).reached {
                Some(r) => format!("{title}: {} UTC.", words::utc(epoch, us(r.at))),
                None => format!("{title}: not by the end."),
            }
        });
        told.collect::<Vec<_>>().join(" ")
    }

    /// What the tasks of each actor went through. A span that several records tell is drawn once.
    fn work(&self) -> BTreeMap<ActorId, Vec<WorkSpan>> {
        let (model, trace) = (self.told.model, self.told.trace);
        let mut seen = BTreeSet::new();
        let mut work: BTreeMap<ActorId, Vec<WorkSpan>> = BTreeMap::new();
        for (id, record) in trace.records.iter().enumerate() {
            let title = match record.event {
                Event::TaskDone { work, .. } => words::work(model, work),
                Event::Read { product, .. }
                | Event::Sent { product, .. }
                | Event::Published { product, .. } => model.products[product.index()].title.clone(),
                Event::Voted(decision, _) => model.decisions[decision.index()].title.clone(),
                _ => String::new(),
            };
            for span in trace.spans_of(id as RecordId) {
                let Subject::Actor(actor) = span.who else { continue };
                let phase = match span.kind {
                    SpanKind::Queue | SpanKind::CallOut => Phase::Waiting,
                    SpanKind::OffDuty => Phase::OffDuty,
                    SpanKind::Work => Phase::Working,
                    _ => continue,
                };
                if seen.insert((actor, span.kind, span.from, span.to)) {
                    work.entry(actor).or_default().push(WorkSpan {
                        task: id as u64,
                        from_us: us(span.from),
                        to_us: us(span.to),
                        phase,
                        title: title.clone(),
                    });
                }
            }
        }
        work
    }

    fn messages(&self, lane_of: &BTreeMap<ActorId, usize>, chain: &BTreeSet<RecordId>) -> Vec<Message> {
        let (model, trace) = (self.told.model, self.told.trace);
        let mut messages = Vec::new();
        for (id, record) in trace.records.iter().enumerate() {
            let (Event::Delivered { product, from: Party::Actor(from), .. }, Subject::Actor(to)) =
                (record.event, record.who)
            else {
                continue;
            };
            let (Some(&from_lane), Some(&to_lane)) = (lane_of.get(&from), lane_of.get(&to)) else { continue };
            let sent = trace
                .causes_of(id as RecordId)
                .first()
                .map_or(record.time, |&c| trace.records[c as usize].time);
            messages.push(Message {
                from_lane,
                to_lane,
                sent_us: us(sent),
                arrived_us: us(record.time),
                title: model.products[product.index()].title.clone(),
                key: chain.contains(&(id as RecordId)),
            });
        }
        messages
    }

    fn modes(&self) -> Vec<ModeStrip> {
        let (model, trace) = (self.told.model, self.told.trace);
        let mut strips = Vec::new();
        for (i, network) in model.networks.iter().enumerate() {
            if network.modes.len() < 2 {
                continue;
            }
            let mut steps = vec![(0, 0)];
            for record in &trace.records {
                if let Event::ModeEntered { network, mode, .. } = record.event
                    && network == NetworkId::from_index(i)
                {
                    steps.push((us(record.time), usize::from(mode)));
                }
            }
            let title = if network.short.is_empty() { &network.title } else { &network.short };
            let ladder = network.modes.iter().map(|m| m.title.clone()).collect();
            strips.push((is_national(model, network), ModeStrip { title: title.clone(), ladder, steps }));
        }
        // What changed its mode comes first, and before what is inside one state; the sort keeps the order otherwise.
        strips.sort_by_key(|(national, strip)| (strip.steps.len() == 1, *national));
        strips.into_iter().map(|(_, strip)| strip).collect()
    }

    fn marks(&self) -> Vec<MilestoneMark> {
        let model = self.told.model;
        let marks = story_milestones(model).into_iter().map(|id| {
            let milestone = &model.milestones[id.index()];
            MilestoneMark {
                title: milestone.title.clone(),
                simulated_us: self.told.results.milestone(id).reached.map(|r| us(r.at)),
                observed_us: match milestone.observed {
                    Some(Observed::At { from_us, to_us, .. }) => Some((from_us, to_us)),
                    _ => None,
                },
            }
        });
        marks.collect()
    }
}
