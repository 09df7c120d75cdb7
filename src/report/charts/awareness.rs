//! The awareness chart: who knew, against the spread of the incident.

use super::{ChartOptions, Charts, from_top, is_national, us};
use crate::analysis::curve::Curve;
use crate::chart::input::{AwarenessCurve, AwarenessInput, Marker, MarkerKind, Spread};
use crate::model::Outcome;
use crate::report::words::percent;
use crate::time::SimTime;
use crate::trace::Event;

/// Instants that are marked at most, of each sort.
const MOST_MARKERS: usize = 4;
/// The share of awareness that the title tells about.
const MOST_KNOWN: f64 = 0.9;

impl Charts<'_> {
    /// What the awareness chart is told.
    pub(super) fn awareness(&self, options: &ChartOptions) -> AwarenessInput {
        let (model, results) = (self.told.model, self.told.results);
        let mut curves: Vec<AwarenessCurve> = results
            .awareness
            .levels
            .iter()
            .map(|(level, curve)| AwarenessCurve {
                title: model.levels[level.index()].title.clone(),
                level: Some(from_top(model, *level)),
                points: points(&curve.share),
            })
            .collect();
        curves.push(AwarenessCurve {
            title: "Everybody".to_owned(),
            level: None,
            points: points(&results.awareness.all.common_picture),
        });
        let spread = results.spread.first().filter(|s| s.total.hit > 0).map(|s| Spread {
            total: self.told.trace.operators.len() as u64,
            points: s.curve.iter().map(|p| (us(p.at), u64::from(p.hit), u64::from(p.active))).collect(),
        });
        let (title, description) = self.awareness_finding();
        let subtitle =
            "Share of what was true that each level knew; \"Everybody\" is the common picture; and operators hit".to_owned();
        AwarenessInput {
            frame: self.frame(options, title, subtitle, description),
            curves,
            spread,
            markers: self.markers(),
        }
    }

    fn awareness_finding(&self) -> (String, String) {
        let model = self.told.model;
        let end = self.told.trace.end;
        let mut first_true: Option<SimTime> = None;
        let mut parts = Vec::new();
        let mut described = Vec::new();
        for (level, curve) in &self.told.results.awareness.levels {
            let Some(share) = curve.share.at(end) else { continue };
            let title = &model.levels[level.index()].title;
            let begins = curve.share.points.iter().find(|p| p.1.is_some()).map_or(SimTime::ZERO, |p| p.0);
            first_true = Some(first_true.map_or(begins, |t| t.min(begins)));
            described.push(format!("{title}: {} known at the end.", percent(share)));
            parts.push((title, curve.share.first_at(MOST_KNOWN, begins), begins, share));
        }
        let known = percent(MOST_KNOWN);
        let reached: Vec<String> = parts
            .iter()
            .filter_map(|(title, at, begins, _)| at.map(|at| format!("{title} after {}", at - *begins)))
            .collect();
        let title = if parts.is_empty() {
            "Nothing became true that anybody could have known".to_owned()
        } else if reached.is_empty() {
            format!("No level knew {known} of what was true at any time")
        } else {
            format!("{known} known: {}", reached.join("; "))
        };
        (title, described.join(" "))
    }

    fn markers(&self) -> Vec<Marker> {
        let (model, trace) = (self.told.model, self.told.trace);
        let mut markers: Vec<Marker> = Vec::new();
        for record in &trace.records {
            let (kind, title) = match record.event {
                Event::Decided(d, Outcome::Adopted, ..) => {
                    (MarkerKind::Decision, model.decisions[d.index()].title.clone())
                }
                // Ladders of single states would leave no room for those of all.
                Event::ModeEntered { network, .. }
                    if is_national(model, &model.networks[network.index()]) =>
                {
                    continue;
                }
                Event::ModeEntered { network, mode, .. } => {
                    let network = &model.networks[network.index()];
                    let mode = network.modes.get(usize::from(mode)).map_or("", |mode| &mode.title);
                    let short = if network.short.is_empty() { &network.title } else { &network.short };
                    (MarkerKind::Mode, format!("{short}: {mode}"))
                }
                Event::Published { product, .. } => {
                    (MarkerKind::Statement, model.products[product.index()].title.clone())
                }
                Event::Enacted(c) => {
                    (MarkerKind::Countermeasure, model.countermeasures[c.index()].title.clone())
                }
                _ => continue,
            };
            let n = markers.iter().filter(|m| m.kind == kind).count();
            // The first of its name tells; repeats would only crowd the chart.
            if n < MOST_MARKERS && !markers.iter().any(|m| m.title == title) {
                markers.push(Marker { at_us: us(record.time), title, kind });
            }
        }
        markers
    }
}

fn points(curve: &Curve) -> Vec<(i64, Option<f64>)> {
    curve.points.iter().map(|&(t, v)| (us(t), v)).collect()
}
