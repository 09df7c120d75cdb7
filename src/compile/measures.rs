//! Declared statistics.

use crate::document::types::{self as t, Name};
use crate::model::{self as m, Quantified, Statistic};
use crate::time::SimTime;

use super::context::{Cx, all};
use super::convert;
use super::triggers::Place;

/// What a measure looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A series of values.
    Series,
    /// A number over time.
    OverTime,
}

impl<'d> Cx<'d> {
    pub(super) fn measures(&mut self) -> Option<Vec<m::Measure>> {
        let doc = self.doc;
        all(doc.measures.iter().map(|(name, measure)| self.measure(name, measure)))
    }

    fn measure(&mut self, name: &Name, measure: &'d t::Measure) -> Option<m::Measure> {
        let of = self.quantified(name, &measure.of);
        let shape = match &of {
            Some(
                Quantified::QueueLength(_)
                | Quantified::Staleness(..)
                | Quantified::Awareness(_)
                | Quantified::CommonPicture(_)
                | Quantified::OpenCases(_)
                | Quantified::Stock(_)
                | Quantified::Opened(_)
                | Quantified::Busy(_)
                | Quantified::Active(_)
                | Quantified::Hits(_)
                | Quantified::InStatus(..),
            ) => Shape::OverTime,
            _ => Shape::Series,
        };
        if measure.show.is_empty() {
            self.error("missing", format!("the measure `{name}` shows nothing: `show` is empty"), name.span);
        }
        let show = self.opt_all(&measure.show, |cx, statistic| cx.statistic(name, shape, statistic));
        let since = match &measure.since {
            Some(since) => self.fixed_duration(since).map(|d| SimTime::ZERO + d),
            None => Some(SimTime::ZERO),
        };
        let only = self.only(&measure.only);
        let unit = match measure.unit {
            t::TimeUnit::Minutes => ("min", 60_000_000),
            t::TimeUnit::Hours => ("h", 3_600_000_000),
            t::TimeUnit::Days => ("d", 86_400_000_000),
        };
        Some(m::Measure {
            name: name.to_string(),
            title: measure.title.clone().unwrap_or_else(|| name.to_string()),
            of: of?,
            show: show?,
            since: since?,
            unit,
            only: only?,
        })
    }

    fn quantified(&mut self, name: &Name, of: &'d t::Quantified) -> Option<Quantified> {
        const WHERE: &str = "a measure";
        Some(match of {
            t::Quantified::Wait { actor, task, class, visit } => {
                let actors = self.opt_fixed_set(actor.as_ref(), WHERE);
                let task = self.task_filter(task.as_ref());
                Quantified::Wait(actors?, task?, self.case_filter(name, class.as_ref(), *visit)?)
            }
            t::Quantified::Sojourn { actor, task, class, visit } => {
                let actors = self.opt_fixed_set(actor.as_ref(), WHERE);
                let task = self.task_filter(task.as_ref());
                Quantified::Sojourn(actors?, task?, self.case_filter(name, class.as_ref(), *visit)?)
            }
            t::Quantified::CaseTime { class } => Quantified::CaseTime(self.opt_class(class.as_ref())?),
            t::Quantified::OpenCases { class } => Quantified::OpenCases(self.opt_class(class.as_ref())?),
            t::Quantified::Stock { pool } => Quantified::Stock(self.pool_id(pool)?),
            t::Quantified::WaitForPool { pool } => Quantified::WaitForPool(self.pool_id(pool)?),
            t::Quantified::Opened { class } => Quantified::Opened(self.class_id(class)?),
            t::Quantified::QueueLength { actor } => Quantified::QueueLength(self.fixed_set(actor, WHERE)?),
            t::Quantified::Busy { actor } => Quantified::Busy(self.fixed_set(actor, WHERE)?),
            t::Quantified::Lost { actor } => Quantified::Lost(self.fixed_set(actor, WHERE)?),
            t::Quantified::Age { of, actor } => {
                let trigger = self.measured(name, of);
                let actors = self.opt_fixed_set(actor.as_ref(), WHERE);
                Quantified::Age(trigger?, actors?)
            }
            t::Quantified::Instant { of, actor } => {
                let trigger = self.measured(name, of);
                let actors = self.opt_fixed_set(actor.as_ref(), WHERE);
                Quantified::Instant(trigger?, actors?)
            }
            t::Quantified::Copies { product } => Quantified::Copies(self.product_id(product)?),
            t::Quantified::Undelivered { product } => Quantified::Undelivered(self.product_id(product)?),
            t::Quantified::Redundant { product } => Quantified::Redundant(self.product_id(product)?),
            t::Quantified::Votes { decision } => Quantified::Votes(self.decision_id(decision)?),
            t::Quantified::Latency(milestone) => Quantified::Latency(self.milestone_id(milestone)?),
            t::Quantified::Hops { fact, actor } => {
                let kind = self.kind_id(fact);
                let actors = self.opt_fixed_set(actor.as_ref(), WHERE);
                Quantified::Hops(kind?, actors?)
            }
            t::Quantified::Staleness { fact, actor } => {
                let fact = self.fact_or_kind(fact);
                let actors = self.opt_fixed_set(actor.as_ref(), WHERE);
                Quantified::Staleness(fact?, actors?)
            }
            t::Quantified::AgeAtReceipt { fact, actor } => {
                let fact = self.fact_or_kind(fact);
                let actors = self.opt_fixed_set(actor.as_ref(), WHERE);
                Quantified::AgeAtReceipt(fact?, actors?)
            }
            t::Quantified::Lateness { duty } => Quantified::Lateness(self.duty_id(duty)?),
            t::Quantified::Tardiness { duty } => Quantified::Tardiness(self.duty_id(duty)?),
            t::Quantified::Kept { duty } => Quantified::Kept(self.duty_id(duty)?),
            t::Quantified::Slack { rule } => {
                let rule = self.find_id("rule", |index| &index.rules, rule)?;
                Quantified::Slack(m::RuleId::from_index(rule))
            }
            t::Quantified::Generation { incident } => Quantified::Generation(self.incident_id(incident)?),
            t::Quantified::Awareness { level } => Quantified::Awareness(self.level_id(level)?),
            t::Quantified::CommonPicture { level } => Quantified::CommonPicture(self.level_id(level)?),
            t::Quantified::Uncoordinated => Quantified::Uncoordinated,
            t::Quantified::Contradictory => Quantified::Contradictory,
            t::Quantified::Active { incident } => Quantified::Active(self.incident_id(incident)?),
            t::Quantified::InStatus { of, status, incident, sizes } => {
                let of = self.filter(of);
                let incident = match incident {
                    Some(name) => self.incident_id(name).map(Some),
                    None => Some(None),
                };
                Quantified::InStatus(of?, convert::status(*status), incident?, *sizes)
            }
            t::Quantified::Hits { incident } => Quantified::Hits(self.incident_id(incident)?),
        })
    }

    fn level_id(&mut self, level: &Name) -> Option<m::LevelId> {
        self.find_id("level", |index| &index.levels, level).map(m::LevelId::from_index)
    }

    fn duty_id(&mut self, duty: &Name) -> Option<m::DutyId> {
        let doc = self.doc;
        match doc.duties.iter().position(|known| known.id == *duty) {
            Some(position) => Some(m::DutyId::from_index(position)),
            None => {
                self.unknown("duty", duty, doc.duties.iter().map(|known| known.id.as_str()));
                None
            }
        }
    }

    fn only(&mut self, only: &'d t::Filter) -> Option<m::Filter> {
        let actor = self.opt_fixed_set(only.actor.as_ref(), "a measure");
        let mut states = vec![false; if only.states.is_empty() { 0 } else { self.doc.states.len() }];
        for state in &only.states {
            if let Some(id) = self.state_id(state) {
                states[id.index()] = true;
            }
        }
        let during = match &only.during {
            Some(calendar) => {
                let zone = self.zone.clone();
                self.rota(calendar, &zone, None)?
            }
            None => None,
        };
        let before = match &only.before {
            Some(before) => self.fixed_duration(before).map(|d| SimTime::ZERO + d)?,
            None => SimTime::MAX,
        };
        Some(m::Filter {
            actor: actor?,
            states,
            during,
            before,
            at_least: only.at_least.unwrap_or(f64::NEG_INFINITY),
            at_most: only.at_most.unwrap_or(f64::INFINITY),
        })
    }

    fn measured(&mut self, name: &Name, trigger: &'d t::Trigger) -> Option<m::Trigger> {
        self.trigger(Place { purpose: &format!("measure:{name}"), actors: None, span: name.span }, trigger)
    }

    fn case_filter(
        &mut self,
        name: &Name,
        class: Option<&Name>,
        visit: Option<u32>,
    ) -> Option<m::CaseFilter> {
        if visit == Some(0) {
            self.error("out-of-range", format!("`visit` of `{name}` counts from 1"), name.span);
        }
        Some(m::CaseFilter { class: self.opt_class(class)?, visit })
    }

    /// A task, a product or a parameter, whichever has the name.
    fn task_filter(&mut self, name: Option<&Name>) -> Option<Option<m::TaskFilter>> {
        let Some(name) = name else { return Some(None) };
        let doc = self.doc;
        if let Some(task) = doc.tasks.get_index_of(name.as_str()) {
            return Some(Some(m::TaskFilter::Task(m::TaskId::from_index(task))));
        }
        if doc.products.contains_key(name.as_str()) || doc.statements.contains_key(name.as_str()) {
            return self.product_or_statement(name).map(|product| Some(m::TaskFilter::Product(product)));
        }
        if let Some(&param) = self.param_ids.get(name.as_str()) {
            return Some(Some(m::TaskFilter::Param(param)));
        }
        let mut known: Vec<&str> = doc.tasks.keys().map(|key| key.as_str()).collect();
        known.extend(doc.products.keys().chain(doc.statements.keys()).map(|key| key.as_str()));
        known.extend(self.param_ids.keys().copied());
        self.unknown("task, product or parameter", name, known);
        None
    }

    fn statistic(
        &mut self,
        name: &Name,
        shape: Shape,
        statistic: &t::Statistic,
    ) -> Option<(String, Statistic)> {
        let (text, made, fits) = match statistic {
            t::Statistic::Count => ("count".to_owned(), Statistic::Count, Some(Shape::Series)),
            t::Statistic::Sum => ("sum".to_owned(), Statistic::Sum, Some(Shape::Series)),
            t::Statistic::Mean => ("mean".to_owned(), Statistic::Mean, Some(Shape::Series)),
            t::Statistic::Variance => ("variance".to_owned(), Statistic::Variance, Some(Shape::Series)),
            t::Statistic::Sd => ("sd".to_owned(), Statistic::Sd, Some(Shape::Series)),
            t::Statistic::Max => ("max".to_owned(), Statistic::Max, None),
            t::Statistic::Min => ("min".to_owned(), Statistic::Min, None),
            t::Statistic::Quantile(p) => {
                let p = self.share("the probability of a quantile", *p, name.span)?;
                (format!("quantile({p})"), Statistic::Quantile(p), None)
            }
            t::Statistic::ShareAbove(x) => (format!("share_above({x})"), Statistic::ShareAbove(*x), None),
            t::Statistic::Nth(n) => {
                if *n == 0 {
                    self.error("out-of-range", format!("`Nth` of `{name}` counts from 1"), name.span);
                    return None;
                }
                (format!("nth({n})"), Statistic::Nth(*n), Some(Shape::Series))
            }
            t::Statistic::Rate => ("rate_per_hour".to_owned(), Statistic::Rate, Some(Shape::Series)),
            t::Statistic::Integral => ("integral".to_owned(), Statistic::Integral, Some(Shape::OverTime)),
            t::Statistic::TimeAverage => {
                ("time_average".to_owned(), Statistic::TimeAverage, Some(Shape::OverTime))
            }
            t::Statistic::At(at) => {
                let at = self.instant("a measured instant", at)?;
                (format!("at({at})"), Statistic::At(at), Some(Shape::OverTime))
            }
            t::Statistic::AtEach { times, days, zone } => {
                let zone = match zone {
                    Some(zone) => self.zone(zone)?,
                    None => self.zone.clone(),
                };
                let mut clocks = Vec::new();
                for time in times {
                    clocks.push(self.clock(time)?);
                }
                let on = days.as_ref().map_or(crate::time::Weekdays::ALL, super::calendars::days);
                let instants = self.ticks_in(&zone, on, &clocks);
                if instants.is_empty() {
                    self.error(
                        "empty-set",
                        format!("`AtEach` of `{name}` means no instant of the run"),
                        name.span,
                    );
                }
                let texts: Vec<&str> = times.iter().map(|time| time.as_str()).collect();
                (format!("at_each({})", texts.join(" ")), Statistic::AtEach(instants), Some(Shape::OverTime))
            }
            t::Statistic::FirstAt(x) => {
                (format!("first_at({x})"), Statistic::FirstAt(*x), Some(Shape::OverTime))
            }
        };
        if fits.is_some_and(|fits| fits != shape) {
            let what = match shape {
                Shape::Series => "a series of values",
                Shape::OverTime => "a number over time",
            };
            let message = format!("`{name}` is {what}, which has no statistic `{text}`");
            self.error("not-possible", message, name.span);
            return None;
        }
        Some((text, made))
    }
}
