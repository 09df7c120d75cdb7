//! The waterfall: where the time went, milestone by milestone.

use super::{ChartOptions, Charts, length_us, us};
use crate::chart::input::{Segment, SegmentKind, WaterfallInput, WaterfallRow};
use crate::model::{MilestoneId, Observed, Origin};
use crate::report::story::{headline_milestone, largest, since};
use crate::report::words::{percent, spent, spent_at};
use crate::time::SimDuration;
use crate::trace::{Names, SpanKind, Subject};

impl Charts<'_> {
    /// What the waterfall is told.
    pub(super) fn waterfall(&self, options: &ChartOptions) -> WaterfallInput {
        let model = self.told.model;
        // What the title and the story speak of stands first: the chart keeps the first that fit.
        let told = headline_milestone(&self.told).into_iter().chain(model.meta.story.iter().copied());
        let mut order: Vec<MilestoneId> = Vec::new();
        for id in told.chain((0..model.milestones.len()).map(MilestoneId::from_index)) {
            if !order.contains(&id) {
                order.push(id);
            }
        }
        if options.is_selection() {
            // Of a selection of actors: the milestones that some of them were on the way to.
            order.retain(|&id| self.passes(id, options));
        }
        let (title, description) = self.waterfall_finding(match options.is_selection() {
            true => order.first().copied(),
            false => headline_milestone(&self.told),
        });
        let rows = order.into_iter().map(|id| self.row(id)).collect();
        let subtitle = "Each milestone's time from its origin, by what it was spent on".to_owned();
        WaterfallInput { frame: self.frame(options, title, subtitle, description), rows, max_rows: 0 }
    }

    /// Whether the chain of a milestone passes one of the actors that are asked for.
    fn passes(&self, id: MilestoneId, options: &ChartOptions) -> bool {
        self.told.results.chain(id).is_some_and(|chain| {
            chain.segments.iter().any(|segment| match segment.who {
                Subject::Actor(actor) => options.names(self.told.model, actor),
                _ => false,
            })
        })
    }

    fn row(&self, id: MilestoneId) -> WaterfallRow {
        let model = self.told.model;
        let names = Names::new(model, self.told.trace);
        let milestone = &model.milestones[id.index()];
        let result = self.told.results.milestone(id);
        let title = match milestone.from {
            Origin::Start => milestone.title.clone(),
            _ => format!("{} (from {})", milestone.title, since(model, id)),
        };
        let segments = self.told.results.chain(id).map_or(&[][..], |chain| &chain.segments);
        let observed_us = match (&milestone.observed, result.origin) {
            (Some(Observed::At { from_us, to_us, .. }), Some(origin)) => {
                Some((from_us.saturating_sub(us(origin)), to_us.saturating_sub(us(origin))))
            }
            _ => None,
        };
        WaterfallRow {
            title,
            latency_us: result.latency.map(length_us),
            segments: segments
                .iter()
                .map(|s| Segment {
                    kind: kind(s.kind),
                    actor: names.title(s.who),
                    duration_us: length_us(s.duration()),
                })
                .collect(),
            observed_us,
        }
    }

    fn waterfall_finding(&self, of: Option<MilestoneId>) -> (String, String) {
        let model = self.told.model;
        let names = Names::new(model, self.told.trace);
        let found = of.and_then(|id| {
            let chain = self.told.results.chain(id)?;
            let total: SimDuration = chain.segments.iter().map(|s| s.duration()).sum();
            let parts = largest(chain);
            (!total.is_zero()).then_some((id, total, parts))
        });
        let Some((id, total, parts)) = found else {
            let unreached = of.filter(|id| self.told.results.milestone(*id).reached.is_none());
            let title = match unreached {
                Some(id) => format!("{}: not by the end", model.milestones[id.index()].title),
                None => "No milestone took any time".to_owned(),
            };
            return (title, String::new());
        };
        let share = |d: SimDuration| percent(d.as_micros() as f64 / total.as_micros() as f64);
        let milestone = &model.milestones[id.index()].title;
        let by_kind = SpanKind::ALL
            .into_iter()
            .map(|kind| (kind, parts.iter().filter(|p| p.0.0 == kind).map(|p| p.1).sum::<SimDuration>()))
            .fold((SpanKind::External, SimDuration::ZERO), |best, k| if k.1 > best.1 { k } else { best });
        let title = format!("{} of the {total} to \"{milestone}\": {}", share(by_kind.1), spent(by_kind.0));
        let described: Vec<String> = parts
            .iter()
            .take(6)
            .map(|((kind, subject), d)| format!("{d} {}", spent_at(&names, *kind, *subject)))
            .collect();
        (title, format!("{milestone}: {}.", described.join("; ")))
    }
}

fn kind(kind: SpanKind) -> SegmentKind {
    SegmentKind::from_name(kind.name()).unwrap_or(SegmentKind::External)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_know_every_kind_of_span_by_its_name() {
        let mut spans: Vec<&str> = SpanKind::ALL.iter().map(|kind| kind.name()).collect();
        let mut segments: Vec<&str> = SegmentKind::ALL.iter().map(|kind| kind.name()).collect();
        spans.sort_unstable();
        segments.sort_unstable();
        assert_eq!(spans, segments);
    }
}
