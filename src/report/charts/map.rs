//! The map: where the incident and where the news of the chosen fact was, at some instants.

use std::collections::BTreeMap;

use super::{ChartOptions, Charts, us};
use crate::chart::input::{MapInput, MapTile};
use crate::chart::map::MOST_PANELS;
use crate::model::StateId;
use crate::report::story::Told;
use crate::report::words::{fact, plural};
use crate::time::{SimDuration, SimTime};
use crate::trace::Event;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Steps that people say easily (µs), ascending.
const STEPS: [i64; 18] = [
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    60 * DAY,
    120 * DAY,
    365 * DAY,
    730 * DAY,
    1095 * DAY,
];

impl Charts<'_> {
    /// What the map is told: states with a place on the grid, and what happened to their operators and bodies.
    pub(super) fn map(&self, options: &ChartOptions) -> MapInput {
        let model = self.told.model;
        let tiles = tiles(&self.told, options);
        let changes = || {
            tiles.iter().flat_map(|t| t.hits_us.iter().copied().chain(t.learned_us.iter().flatten().copied()))
        };
        let origin = tiles
            .iter()
            .filter_map(|t| t.hits_us.first().copied())
            .min()
            .or_else(|| changes().min())
            .unwrap_or(0);
        let from = options.from.map_or(0, us).max(origin) - origin;
        let last = changes().max().unwrap_or(origin).min(options.to.map_or(i64::MAX, us)) - origin;
        let seen = |step: i64| {
            let at = origin.saturating_add(step);
            tiles.iter().fold((0, 0), |(hit, aware), t| (hit + t.hit(at), aware + t.aware(at)))
        };
        let steps = steps(from, last, us(self.told.trace.end) - origin, seen);
        let headline = self.told.results.headline.as_ref().map(|(id, _)| *id);
        let about = headline.map(|id| fact(model, id));
        let truth = headline.and_then(|id| self.became_true(id)).map(us);
        let (title, description) = finding(&tiles, origin, &steps, about.as_deref(), truth);
        let subtitle = match &about {
            Some(about) => format!("Operators hit, and who knew: {about}"),
            None => "Operators hit".to_owned(),
        };
        MapInput {
            frame: self.frame(options, title, subtitle, description),
            origin_us: origin,
            steps_us: steps,
            tiles,
        }
    }
}

/// The states with a place on the grid, their hits, and when their bodies learned the chosen fact.
pub(in crate::report) fn tiles(told: &Told, options: &ChartOptions) -> Vec<MapTile> {
    let (model, trace) = (told.model, told.trace);
    let mut first_hit: BTreeMap<usize, SimTime> = BTreeMap::new();
    for record in &trace.records {
        if let Event::Hit(_, operator) = record.event {
            first_hit.entry(operator.index()).or_insert(record.time);
        }
    }
    let mut hits: BTreeMap<StateId, Vec<i64>> = BTreeMap::new();
    for (operator, at) in first_hit {
        let group = trace.operators[operator].group;
        hits.entry(model.groups[group.index()].state).or_default().push(us(at));
    }
    let mut learned: BTreeMap<StateId, Vec<Option<i64>>> = BTreeMap::new();
    if let Some((_, tree)) = &told.results.headline {
        let arrivals: BTreeMap<usize, SimTime> =
            tree.arrivals.iter().map(|a| (a.actor.index(), a.at)).collect();
        for (i, actor) in model.actors.iter().enumerate().filter(|(_, a)| a.counted) {
            if let Some(state) = actor.state {
                learned.entry(state).or_default().push(arrivals.get(&i).map(|&at| us(at)));
            }
        }
    }
    let mut tiles = Vec::new();
    for (i, state) in model.states.iter().enumerate() {
        let id = StateId::from_index(i);
        let shown = options.states.is_empty() || options.states.contains(&id);
        let Some((column, row)) = state.tile.filter(|_| shown) else { continue };
        let mut hits_us = hits.remove(&id).unwrap_or_default();
        hits_us.sort_unstable();
        let learned_us = learned.remove(&id).unwrap_or_default();
        tiles.push(MapTile {
            code: state.name.clone(),
            title: state.title.clone(),
            column,
            row,
            hits_us,
            learned_us,
        });
    }
    tiles
}

/// At most six round steps that each show something new, up to the first after which nothing changes.
fn steps(from: i64, last: i64, end: i64, seen: impl Fn(i64) -> (usize, usize)) -> Vec<i64> {
    let all: Vec<i64> = STEPS.into_iter().filter(|&s| s >= from && s <= end).collect();
    let needed = all.partition_point(|&s| s < last) + 1;
    let mut new: Vec<i64> = Vec::new();
    for &step in &all[..needed.min(all.len())] {
        // What a later step shows unchanged is told by the later one.
        if new.last().is_some_and(|&before| seen(before) == seen(step)) {
            new.pop();
        }
        new.push(step);
    }
    if new.len() <= MOST_PANELS {
        return if new.is_empty() && end > 0 { vec![end] } else { new };
    }
    // Evenly over the list, the last one always: the steps themselves grow, so the early ones lie closer in time.
    (0..MOST_PANELS).map(|k| new[(k + 1) * new.len() / MOST_PANELS - 1]).collect()
}

/// The instant at which the incident was furthest ahead of the news, and in words what each panel shows. Before the
/// fact is true (at `truth`) nobody could have known it.
fn finding(
    tiles: &[MapTile],
    origin: i64,
    steps: &[i64],
    about: Option<&str>,
    truth: Option<i64>,
) -> (String, String) {
    let what = about.map_or_else(String::new, |about| format!(": “{about}”"));
    let count = |holds: &dyn Fn(&MapTile) -> bool| tiles.iter().filter(|t| holds(t)).count();
    let after = |step: i64| SimDuration::from_micros(u64::try_from(step).unwrap_or(0)).to_string();
    let mut told = Vec::new();
    let mut worst: Option<(usize, usize, i64)> = None;
    let mut hit_at_last = (0, 0);
    for &step in steps {
        let at = origin.saturating_add(step);
        let (hit, ahead) = (count(&|t| t.hit(at) > 0), count(&|t| t.ahead(at)));
        told.push(format!(
            "After {}: {} hit, in {ahead} of them nobody knew; in {} somebody knew.",
            after(step),
            plural(hit, "state"),
            count(&|t| t.aware(at) > 0)
        ));
        hit_at_last = (hit, step);
        let could_be_known = truth.is_some_and(|truth| truth <= at);
        if hit > 0 && could_be_known && worst.is_none_or(|(_, most, _)| ahead > most) {
            worst = Some((hit, ahead, step));
        }
    }
    let were = |hit: usize| if hit == 1 { "one state was".to_owned() } else { format!("{hit} states were") };
    let title = match worst {
        None if hit_at_last.0 == 0 => "No operator was hit".to_owned(),
        None => format!("After {}, {} hit", after(hit_at_last.1), were(hit_at_last.0)),
        Some((_, 0, _)) => format!("Wherever operators had been hit, somebody in that state knew{what}"),
        Some((hit, ahead, step)) if ahead == hit => {
            format!("After {}, {} hit, and nobody there knew{what}", after(step), were(hit))
        }
        Some((hit, ahead, step)) => {
            format!("After {}, nobody knew in {ahead} of the {hit} states that were hit{what}", after(step))
        }
    };
    (title, told.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_few_round_and_reach_the_last_change() {
        let changing = |step: i64| (usize::try_from(step).unwrap(), 0);
        assert_eq!(steps(0, 5 * HOUR, 7 * DAY, changing).last(), Some(&(6 * HOUR)));
        let long = steps(0, 3 * DAY, 7 * DAY, changing);
        assert_eq!((long.len(), long.last()), (6, Some(&(3 * DAY))));
        assert!(long.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(steps(0, 0, 5 * MINUTE, changing), [5 * MINUTE]);
        assert_eq!(steps(0, 10 * DAY, 8 * DAY, changing).last(), Some(&(7 * DAY)));
        assert_eq!(
            steps(0, 3 * HOUR, 7 * DAY, |step| (usize::from(step >= 3 * HOUR), 0)),
            [2 * HOUR, 3 * HOUR]
        );
    }

    #[test]
    fn the_title_tells_where_the_incident_was_ahead() {
        let tile = |hits: &[i64], learned: Option<i64>| MapTile {
            hits_us: hits.to_vec(),
            learned_us: vec![learned],
            ..MapTile::default()
        };
        let tiles = [tile(&[0], Some(2 * HOUR)), tile(&[HOUR], None), tile(&[], Some(HOUR))];
        let (title, told) = finding(&tiles, 0, &[HOUR, 3 * HOUR], Some("All burns"), Some(0));
        assert_eq!(title, "After 1 h, 2 states were hit, and nobody there knew: “All burns”");
        assert!(
            told.ends_with("After 3 h: 2 states hit, in 1 of them nobody knew; in 2 somebody knew."),
            "{told}"
        );
        // What becomes true later could not be known before.
        let (title, _) = finding(&tiles, 0, &[HOUR, 3 * HOUR], Some("All burns"), Some(2 * HOUR));
        assert_eq!(title, "After 3 h, nobody knew in 1 of the 2 states that were hit: “All burns”");
        assert_eq!(finding(&tiles, 0, &[HOUR], None, None).0, "After 1 h, 2 states were hit");
        assert_eq!(finding(&tiles[2..], 0, &[HOUR], None, None).0, "No operator was hit");
    }
}
