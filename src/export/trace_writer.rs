//! Writes a trace as lines of JSON, one record a line.

use std::borrow::Cow;
use std::io::Write;

use super::ExportError;
use super::number::round12;
use super::trace_line::{Line, OperatorsLine, RunLine, SpanLine, Tables, ToldLine};
use crate::model::{Model, Outcome, Position};
use crate::trace::{Event, Item, Names, Party, Record, RecordId, Refusal, Source, Subject, Trace, WorkKind};

/// Version of the lines.
pub const TRACE_FORMAT: u32 = 1;

/// Writes all records of a run.
///
/// Each line has `id`, `causes`, `time_us`, `kind` and `actor`, and what belongs to its kind. The first line also
/// holds what belongs to the run as a whole; the content of a product stands at the first line that names it.
///
/// `complete` says whether these are all records of the run.
///
/// # Errors
/// What the writer says.
pub fn write_trace(
    model: &Model,
    trace: &Trace,
    complete: bool,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let writer = Writer { tables: Tables::new(model), names: Names::new(model, trace), trace, complete };
    let mut told = vec![false; trace.items.len()];
    for item in trace.records.iter().filter_map(|record| item_of(&record.event)) {
        if let Some(told) = told.get_mut(item as usize) {
            *told = true;
        }
    }
    let mut shown = vec![false; trace.items.len()];
    for (id, record) in trace.records.iter().enumerate() {
        let mut line = writer.line(id as RecordId, record);
        if let Some(item) = item_of(&record.event)
            && let Some(shown) = shown.get_mut(item as usize)
            && !std::mem::replace(shown, true)
        {
            line.told = writer.told(&trace.items[item as usize]);
        }
        if id == 0 {
            line.run = Some(writer.run(&told));
        }
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The product instance that an event names.
fn item_of(event: &Event) -> Option<u32> {
    match *event {
        Event::Sent { item, .. }
        | Event::Delivered { item, .. }
        | Event::Read { item, .. }
        | Event::Published { item, .. } => Some(item),
        _ => None,
    }
}

struct Writer<'a> {
    tables: Tables,
    names: Names<'a>,
    trace: &'a Trace,
    complete: bool,
}

impl Writer<'_> {
    fn run(&self, told: &[bool]) -> RunLine<'_> {
        let trace = self.trace;
        let unnamed = |&(i, item): &(usize, &Item)| !told[i] && !item.told.is_empty();
        RunLine {
            format: TRACE_FORMAT,
            simulation: true,
            scenario: Cow::Borrowed(&self.names.model().meta.name),
            complete: self.complete,
            end_us: trace.end.as_micros(),
            n_events: trace.n_events,
            n_records: trace.records.len() as u64,
            n_items: trace.items.len() as u64,
            operators: self.operators(),
            acted: trace
                .acted
                .iter()
                .enumerate()
                .filter(|(_, acted)| **acted)
                .map(|(i, _)| i as u32)
                .collect(),
            n_parameters: trace.acted.len() as u64,
            variants: trace.variants.clone(),
            other_items: trace
                .items
                .iter()
                .enumerate()
                .filter(unnamed)
                .map(|(i, item)| (i as u32, self.told(item)))
                .collect(),
        }
    }

    fn operators(&self) -> Vec<OperatorsLine<'_>> {
        let mut runs: Vec<(usize, OperatorsLine)> = Vec::new();
        for info in &self.trace.operators {
            match runs.last_mut() {
                Some((group, run))
                    if *group == info.group.index()
                        && u64::from(run.first) + run.attributes.len() as u64 == u64::from(info.number) =>
                {
                    run.attributes.push(info.attributes);
                }
                _ => runs.push((
                    info.group.index(),
                    OperatorsLine {
                        group: Cow::Borrowed(self.tables.groups.name(info.group.index())),
                        first: info.number,
                        attributes: vec![info.attributes],
                        sizes: Vec::new(),
                        costs: Vec::new(),
                    },
                )),
            }
            if let Some((_, run)) = runs.last_mut() {
                run.sizes.push(info.size);
                run.costs.push(round12(info.cost));
            }
        }
        // Most groups state neither.
        for (_, run) in &mut runs {
            if run.sizes.iter().all(|&size| size == 0.0) {
                run.sizes.clear();
            }
            if run.costs.iter().all(|&cost| cost == 0.0) {
                run.costs.clear();
            }
        }
        runs.into_iter().map(|(_, run)| run).collect()
    }

    fn told(&self, item: &Item) -> Vec<ToldLine<'_>> {
        item.told
            .iter()
            .map(|t| ToldLine {
                fact: Cow::Borrowed(self.tables.facts.name(t.fact.index())),
                version: t.version,
                value: round12(t.value),
                learned: t.learned,
            })
            .collect()
    }

    /// The name of a subject, and what it is unless an actor.
    fn subject(&self, who: Subject) -> (Cow<'_, str>, Option<Cow<'_, str>>) {
        let t = &self.tables;
        let (name, is): (Cow<str>, _) = match who {
            Subject::World => ("world".into(), Some("world")),
            Subject::Actor(a) => (t.actors.name(a.index()).into(), None),
            Subject::Operator(o) => (self.names.operator(o).into(), Some("operator")),
            Subject::Incident(i) => (t.incidents.name(i.index()).into(), Some("incident")),
            Subject::Channel(c) => (t.channels.name(c as usize).into(), Some("channel")),
            Subject::Network(n) => (t.networks.name(n.index()).into(), Some("network")),
        };
        (name, is.map(Cow::Borrowed))
    }

    fn party(&self, party: Party) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
        let (name, is): (Cow<str>, _) = match party {
            Party::Actor(a) => (self.tables.actors.name(a.index()).into(), None),
            Party::Operator(o) => (self.names.operator(o).into(), Some("operator")),
            Party::Operators(s) => (self.tables.states.name(s as usize).into(), Some("operators")),
            Party::Public => ("public".into(), Some("public")),
        };
        (Some(name), is.map(Cow::Borrowed))
    }

    fn source(&self, source: Source) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
        let (name, is): (Cow<str>, _) = match source {
            Source::Own => ("self".into(), Some("self")),
            Source::World => ("world".into(), Some("world")),
            Source::Actor(a) => (self.tables.actors.name(a.index()).into(), None),
            Source::Operator(o) => (self.names.operator(o).into(), Some("operator")),
        };
        (Some(name), is.map(Cow::Borrowed))
    }

    fn work(&self, work: WorkKind) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
        let t = &self.tables;
        let (kind, of) = match work {
            WorkKind::Task(i) => ("task", t.tasks.name(i.index())),
            WorkKind::For(i) => ("for", t.sites.name(i.index())),
            WorkKind::Write(i) => ("write", t.products.name(i.index())),
            WorkKind::Read(i) => ("read", t.products.name(i.index())),
            WorkKind::Position(i) => ("position", t.decisions.name(i.index())),
            WorkKind::Attend(i) => ("attend", t.networks.name(i.index())),
            WorkKind::Session(i) => ("session", t.decisions.name(i.index())),
        };
        (Some(kind.into()), Some(of.into()))
    }

    fn line(&self, id: RecordId, record: &Record) -> Line<'_> {
        let (actor, subject) = self.subject(record.who);
        let spans = self.trace.spans_of(id).iter().map(|span| {
            let (actor, subject) = self.subject(span.who);
            SpanLine {
                kind: span.kind.name().into(),
                actor,
                subject,
                from_us: span.from.as_micros(),
                to_us: span.to.as_micros(),
            }
        });
        let mut line = Line {
            id,
            causes: self.trace.causes_of(id).to_vec(),
            time_us: record.time.as_micros(),
            actor,
            subject,
            spans: spans.collect(),
            ..Line::default()
        };
        line.kind = self.event(&record.event, &mut line).into();
        line
    }

    /// Fills in what belongs to the event and returns its kind.
    fn event<'l>(&'l self, event: &Event, line: &mut Line<'l>) -> &'static str {
        let t = &self.tables;
        match *event {
            Event::Start => "start",
            Event::End => "end",
            Event::IncidentStarted(i) => {
                line.incident = Some(t.incidents.name(i.index()).into());
                "incident_started"
            }
            Event::Injected(i) => {
                line.inject = Some(t.injects.name(i.index()).into());
                "injected"
            }
            Event::Tick(r) => self.rule(r.index(), line, "tick"),
            Event::Arrival(r) => self.rule(r.index(), line, "arrival"),
            Event::RuleFired(r) => self.rule(r.index(), line, "rule_fired"),
            Event::Waited(r) => self.rule(r.index(), line, "waited"),
            Event::Joined(r) => self.rule(r.index(), line, "joined"),
            Event::Finished(r) => self.rule(r.index(), line, "finished"),
            Event::Crossed(r) => self.rule(r.index(), line, "crossed"),
            Event::Silent(r) => self.rule(r.index(), line, "silent"),
            Event::RuleBlocked(r, condition) => {
                line.condition = Some(condition);
                self.rule(r.index(), line, "rule_blocked")
            }
            Event::Hit(i, o) => self.status(i.index(), o, line, "hit"),
            Event::Detected(i, o) => self.status(i.index(), o, line, "detected"),
            Event::Contained(i, o) => self.status(i.index(), o, line, "contained"),
            Event::Recovered(i, o) => self.status(i.index(), o, line, "recovered"),
            Event::Infected { operator, by } => {
                line.operator = Some(self.names.operator(operator).into());
                line.by = Some(self.names.operator(by).into());
                "infected"
            }
            Event::Immune(c, o) => {
                line.countermeasure = Some(t.countermeasures.name(c.index()).into());
                line.operator = Some(self.names.operator(o).into());
                "immune"
            }
            Event::Assigned(r) => {
                line.role = Some(t.roles.name(r.index()).into());
                "assigned"
            }
            Event::OffLine(c, o) | Event::OnLine(c, o) => {
                line.countermeasure = Some(t.countermeasures.name(c.index()).into());
                line.operator = Some(self.names.operator(o).into());
                if matches!(event, Event::OffLine(..)) { "off_line" } else { "on_line" }
            }
            Event::Enacted(c) => {
                line.countermeasure = Some(t.countermeasures.name(c.index()).into());
                "enacted"
            }
            Event::Ceased(c) => {
                line.countermeasure = Some(t.countermeasures.name(c.index()).into());
                "ceased"
            }
            Event::TaskDone { work, started } => {
                (line.work, line.of) = self.work(work);
                line.started_us = Some(started.as_micros());
                "task_done"
            }
            Event::TaskLost { work, reneged } => {
                (line.work, line.of) = self.work(work);
                line.reneged = Some(reneged);
                "task_lost"
            }
            Event::Unfinished { work, started } => {
                (line.work, line.of) = self.work(work);
                line.started_us = started.map(|t| t.as_micros());
                "unfinished"
            }
            Event::Took { pool, amount, left } => {
                line.pool = Some(t.pools.name(pool.index()).into());
                (line.amount, line.left) = (Some(amount), Some(left));
                "took"
            }
            Event::GaveBack { pool, amount, left } => {
                line.pool = Some(t.pools.name(pool.index()).into());
                (line.amount, line.left) = (Some(amount), Some(left));
                "gave_back"
            }
            Event::WentWithout(pool) => {
                line.pool = Some(t.pools.name(pool.index()).into());
                "went_without"
            }
            Event::Redundant(p) => {
                line.product = Some(t.products.name(p.index()).into());
                "redundant"
            }
            Event::StaffMoved(by) => {
                line.staff = Some(by);
                "staff_moved"
            }
            Event::Withdrawn { work, started } => {
                (line.work, line.of) = self.work(work);
                line.started_us = started.map(|t| t.as_micros());
                "withdrawn"
            }
            Event::Learned { .. } | Event::Versioned { .. } | Event::True { .. } => self.fact(event, line),
            Event::Sent { .. }
            | Event::Delivered { .. }
            | Event::Undelivered { .. }
            | Event::Refused { .. }
            | Event::Read { .. }
            | Event::Published { .. } => self.product(event, line),
            Event::Proposed(d) => {
                line.decision = Some(t.decisions.name(d.index()).into());
                "proposed"
            }
            Event::Voted(d, says) => {
                line.decision = Some(t.decisions.name(d.index()).into());
                match says {
                    Position::Yes => line.in_favour = Some(true),
                    Position::No => line.in_favour = Some(false),
                    Position::Abstain => line.position = Some("abstain".into()),
                    Position::NotYet => line.position = Some("not_yet".into()),
                    Position::Absent => line.position = Some("absent".into()),
                }
                "voted"
            }
            Event::RoundEnded(d, option, round) | Event::RoundBegan(d, option, round) => {
                line.decision = Some(t.decisions.name(d.index()).into());
                (line.option, line.round) = (Some(option), Some(round));
                if matches!(event, Event::RoundEnded(..)) { "round_ended" } else { "round_began" }
            }
            Event::Decided(d, outcome, votes, option) => {
                line.option = (option > 0).then_some(option);
                line.decision = Some(t.decisions.name(d.index()).into());
                line.outcome = Some(outcome_name(outcome).into());
                line.votes = Some(votes);
                "decided"
            }
            Event::ModeEntered { network, mode, before } => {
                line.network = Some(t.networks.name(network.index()).into());
                line.mode = Some(t.modes[network.index()].name(mode.into()).into());
                line.before = Some(t.modes[network.index()].name(before.into()).into());
                "mode_entered"
            }
            Event::MeetingBegan(n) => {
                line.network = Some(t.networks.name(n.index()).into());
                "meeting_began"
            }
            Event::MeetingEnded(n) => {
                line.network = Some(t.networks.name(n.index()).into());
                "meeting_ended"
            }
        }
    }

    fn rule<'l>(&'l self, rule: usize, line: &mut Line<'l>, kind: &'static str) -> &'static str {
        line.rule = Some(self.tables.rules.name(rule).into());
        kind
    }

    fn status<'l>(
        &'l self,
        incident: usize,
        operator: crate::model::OperatorId,
        line: &mut Line<'l>,
        kind: &'static str,
    ) -> &'static str {
        line.incident = Some(self.tables.incidents.name(incident).into());
        line.operator = Some(self.names.operator(operator).into());
        kind
    }

    fn fact<'l>(&'l self, event: &Event, line: &mut Line<'l>) -> &'static str {
        let (fact, version, value, kind) = match *event {
            Event::Learned { fact, version, value, from } => {
                (line.from, line.from_is) = self.source(from);
                (fact, Some(version), value, "learned")
            }
            Event::Versioned { fact, version, value } => (fact, Some(version), value, "versioned"),
            Event::True { fact, value } => (fact, None, value, "true"),
            _ => return "",
        };
        line.fact = Some(self.tables.facts.name(fact.index()).into());
        line.version = version;
        line.value = Some(round12(value));
        kind
    }

    fn product<'l>(&'l self, event: &Event, line: &mut Line<'l>) -> &'static str {
        let (product, kind) = match *event {
            Event::Sent { product, to, item } => {
                (line.to, line.to_is) = self.party(to);
                line.item = Some(item);
                (product, "sent")
            }
            Event::Delivered { product, from, item, copies } => {
                (line.from, line.from_is) = self.party(from);
                line.item = Some(item);
                line.copies = Some(copies);
                (product, "delivered")
            }
            Event::Undelivered { product, to, copies } => {
                (line.to, line.to_is) = self.party(to);
                line.copies = Some(copies);
                (product, "undelivered")
            }
            Event::Refused { product, to, why } => {
                (line.to, line.to_is) = self.party(to);
                line.why = Some(refusal_name(why).into());
                (product, "refused")
            }
            Event::Read { product, item } => {
                line.item = Some(item);
                (product, "read")
            }
            Event::Published { product, item, uncoordinated, contradictory } => {
                line.item = Some(item);
                line.uncoordinated = Some(uncoordinated);
                line.contradictory = Some(contradictory);
                (product, "published")
            }
            _ => return "",
        };
        line.product = Some(self.tables.products.name(product.index()).into());
        kind
    }
}

/// The name of an outcome in files.
pub(super) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Adopted => "adopted",
        Outcome::Rejected => "rejected",
        Outcome::Lapsed => "lapsed",
    }
}

/// The name of a refusal in files.
pub(super) const fn refusal_name(why: Refusal) -> &'static str {
    match why {
        Refusal::NoChannel => "no_channel",
        Refusal::Marking => "marking",
        Refusal::Clearance => "clearance",
        Refusal::NoContent => "no_content",
        Refusal::Unwilling => "unwilling",
    }
}
