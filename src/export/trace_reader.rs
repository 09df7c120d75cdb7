//! Reads a trace back, so that explanations and charts need nothing but the folder of a run.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::trace_line::{Line, RunLine, Table, Tables, ToldLine};
use super::trace_writer::TRACE_FORMAT;
use crate::model::{
    ActorId, CountermeasureId, DecisionId, FactId, GroupId, IncidentId, InjectId, Model, NetworkId,
    OperatorId, Outcome, PoolId, Position, ProductId, RoleId, RuleId, SiteId, TaskId, operator_name,
};
use crate::time::SimTime;
use crate::trace::{
    Event, Item, OperatorInfo, Party, Record, Refusal, Source, Span, SpanKind, Subject, Told, Trace, WorkKind,
};

/// Why a trace cannot be read. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub enum TraceReadError {
    /// The file could not be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A line is no record.
    #[error("line {line} is not a record of a trace: {error}")]
    Json {
        /// The line.
        line: usize,
        /// What the reader says.
        error: serde_json::Error,
    },
    /// The trace is of another version.
    #[error("the trace has format {found}, this version reads {TRACE_FORMAT}")]
    Format {
        /// Its version.
        found: u32,
    },
    /// A line names something that the model does not have.
    #[error("line {line} names the {what} `{name}`, which the model does not have")]
    Unknown {
        /// The line.
        line: usize,
        /// What is named.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A line breaks a rule of traces.
    #[error("line {line}: {what}")]
    Broken {
        /// The line.
        line: usize,
        /// Which rule.
        what: String,
    },
    /// The file ends before the last record.
    #[error("the trace is cut short: {found} of {expected} records")]
    Short {
        /// Records found.
        found: u64,
        /// Records that the first line promises.
        expected: u64,
    },
}

/// More product instances or operators than this are a damaged file.
const MOST: u64 = 50_000_000;

/// A trace as it was read.
#[derive(Debug, Clone)]
pub struct ReadTrace {
    /// The records.
    pub trace: Trace,
    /// Whether they are all records of the run, not only those that led to a milestone.
    pub complete: bool,
}

/// Reads the records of a run of this model.
///
/// # Errors
/// See [`TraceReadError`]; whatever the file holds, the trace that is returned keeps the invariants of its room.
pub fn read_trace(model: &Model, input: &mut dyn BufRead) -> Result<ReadTrace, TraceReadError> {
    let mut reader = Reader {
        model,
        tables: Tables::new(model),
        operators: BTreeMap::new(),
        trace: Trace::default(),
        line: 0,
        n_records: 0,
        complete: false,
    };
    let mut text = String::new();
    loop {
        text.clear();
        if input.read_line(&mut text)? == 0 {
            break;
        }
        reader.line += 1;
        let line: Line = serde_json::from_str(text.trim_end())
            .map_err(|error| TraceReadError::Json { line: reader.line, error })?;
        reader.take(&line)?;
    }
    reader.finish()
}

struct Reader<'m> {
    model: &'m Model,
    tables: Tables,
    operators: BTreeMap<String, OperatorId>,
    trace: Trace,
    line: usize,
    n_records: u64,
    complete: bool,
}

type Read<T> = Result<T, TraceReadError>;

impl Reader<'_> {
    fn broken(&self, what: impl Into<String>) -> TraceReadError {
        TraceReadError::Broken { line: self.line, what: what.into() }
    }

    fn take(&mut self, line: &Line) -> Read<()> {
        let id = self.trace.records.len();
        if let Some(run) = &line.run {
            self.run(run)?;
        } else if id == 0 {
            return Err(self.broken("the first line does not tell of the run"));
        }
        if line.id as usize != id {
            return Err(self.broken(format!("record {} stands where {id} is expected", line.id)));
        }
        let time = SimTime::from_micros(line.time_us);
        if self.trace.records.last().is_some_and(|r| r.time > time) {
            return Err(self.broken("time falls"));
        }
        if line.causes.iter().any(|&c| c as usize >= id) {
            return Err(self.broken("a cause comes later than its effect"));
        }
        let who = self.subject(&line.actor, line.subject.as_deref())?;
        let event = self.event(line)?;
        let causes = (self.trace.causes.len() as u32, self.short(line.causes.len())?);
        let spans = (self.trace.spans.len() as u32, self.short(line.spans.len())?);
        self.spans(line, time)?;
        self.trace.causes.extend_from_slice(&line.causes);
        if !line.told.is_empty() {
            let told = self.told(&line.told)?;
            match line.item.and_then(|item| self.trace.items.get_mut(item as usize)) {
                Some(item) => item.told = told,
                None => return Err(self.broken("content without a product instance")),
            }
        }
        self.trace.records.push(Record { time, who, event, causes, spans });
        Ok(())
    }

    fn short(&self, n: usize) -> Read<u16> {
        u16::try_from(n).map_err(|_| self.broken("too many causes or spans"))
    }

    fn finish(self) -> Read<ReadTrace> {
        let found = self.trace.records.len() as u64;
        if found == 0 || found != self.n_records {
            return Err(TraceReadError::Short { found, expected: self.n_records });
        }
        let late = |told: &Told| u64::from(told.learned) >= found;
        if self.trace.items.iter().any(|item| item.told.iter().any(late)) {
            return Err(self.broken("content refers to a record that does not exist"));
        }
        Ok(ReadTrace { trace: self.trace, complete: self.complete })
    }

    fn run(&mut self, run: &RunLine) -> Read<()> {
        if run.format != TRACE_FORMAT {
            return Err(TraceReadError::Format { found: run.format });
        }
        if !self.trace.records.is_empty() || run.n_items > MOST || run.n_parameters > MOST {
            return Err(self.broken("the numbers of the run make no sense"));
        }
        self.n_records = run.n_records;
        self.complete = run.complete;
        self.trace.end = SimTime::from_micros(run.end_us);
        self.trace.n_events = run.n_events;
        self.trace.variants.clone_from(&run.variants);
        self.trace.acted = vec![false; run.n_parameters as usize];
        for &acted in &run.acted {
            match self.trace.acted.get_mut(acted as usize) {
                Some(flag) => *flag = true,
                None => return Err(self.broken("a parameter that acted does not exist")),
            }
        }
        for operators in &run.operators {
            let group = self.find("group of operators", &self.tables.groups, &operators.group)?;
            let of = &self.model.groups[group];
            let state = &self.model.states[of.state.index()].name;
            for (i, &attributes) in operators.attributes.iter().enumerate() {
                let number = operators.first.saturating_add(i as u32);
                let id = OperatorId::from_index(self.trace.operators.len());
                self.operators.insert(operator_name(state, &of.name, number), id);
                let group = GroupId::from_index(group);
                let size = operators.sizes.get(i).copied().unwrap_or(0.0);
                let cost = operators.costs.get(i).copied().unwrap_or(0.0);
                self.trace.operators.push(OperatorInfo { group, number, attributes, size, cost });
            }
        }
        self.trace.items = vec![Item::default(); run.n_items as usize];
        for (item, told) in &run.other_items {
            let told = self.told(told)?;
            match self.trace.items.get_mut(*item as usize) {
                Some(item) => item.told = told,
                None => return Err(self.broken("a product instance does not exist")),
            }
        }
        Ok(())
    }

    fn told(&self, told: &[ToldLine]) -> Read<Vec<Told>> {
        told.iter()
            .map(|t| {
                let fact = FactId::from_index(self.find("fact", &self.tables.facts, &t.fact)?);
                Ok(Told { fact, version: t.version, value: t.value, learned: t.learned })
            })
            .collect()
    }

    /// Takes the spans up; they lead without a gap from the first cause to the record.
    fn spans(&mut self, line: &Line, time: SimTime) -> Read<()> {
        let Some(&cause) = line.causes.first() else {
            if line.spans.is_empty() {
                return Ok(());
            }
            return Err(self.broken("spans without a cause"));
        };
        let mut at = self.trace.records[cause as usize].time;
        for span in &line.spans {
            let Some(kind) = SpanKind::ALL.into_iter().find(|kind| kind.name() == span.kind) else {
                return Err(self.unknown("kind of span", &span.kind));
            };
            let who = self.subject(&span.actor, span.subject.as_deref())?;
            let (from, to) = (SimTime::from_micros(span.from_us), SimTime::from_micros(span.to_us));
            if from != at || to < from {
                return Err(self.broken("the spans leave a gap"));
            }
            at = to;
            self.trace.spans.push(Span { kind, who, from, to });
        }
        if at == time { Ok(()) } else { Err(self.broken("the spans do not end at the record")) }
    }

    fn unknown(&self, what: &'static str, name: &str) -> TraceReadError {
        TraceReadError::Unknown { line: self.line, what, name: name.to_owned() }
    }

    fn find(&self, what: &'static str, table: &Table, name: &str) -> Read<usize> {
        table.index(name).ok_or_else(|| self.unknown(what, name))
    }

    /// A name that the kind of record must have.
    fn named(&self, what: &'static str, table: &Table, name: Option<&str>) -> Read<usize> {
        match name {
            Some(name) => self.find(what, table, name),
            None => Err(self.broken(format!("the record names no {what}"))),
        }
    }

    fn given<T>(&self, what: &str, value: Option<T>) -> Read<T> {
        value.ok_or_else(|| self.broken(format!("the record has no `{what}`")))
    }

    fn operator(&self, name: &str) -> Read<OperatorId> {
        self.operators.get(name).copied().ok_or_else(|| self.unknown("operator", name))
    }

    fn operator_of(&self, name: Option<&str>) -> Read<OperatorId> {
        self.operator(self.given("operator", name)?)
    }

    fn actor(&self, name: &str) -> Read<ActorId> {
        Ok(ActorId::from_index(self.find("actor", &self.tables.actors, name)?))
    }

    fn subject(&self, name: &str, is: Option<&str>) -> Read<Subject> {
        let t = &self.tables;
        Ok(match is {
            None => Subject::Actor(self.actor(name)?),
            Some("world") => Subject::World,
            Some("operator") => Subject::Operator(self.operator(name)?),
            Some("incident") => {
                Subject::Incident(IncidentId::from_index(self.find("incident", &t.incidents, name)?))
            }
            Some("channel") => Subject::Channel(self.find("channel", &t.channels, name)? as u32),
            Some("network") => {
                Subject::Network(NetworkId::from_index(self.find("network", &t.networks, name)?))
            }
            Some(other) => return Err(self.unknown("subject", other)),
        })
    }

    fn party(&self, name: Option<&str>, is: Option<&str>) -> Read<Party> {
        let name = self.given("to` or `from", name)?;
        Ok(match is {
            None => Party::Actor(self.actor(name)?),
            Some("operator") => Party::Operator(self.operator(name)?),
            Some("operators") => Party::Operators(self.find("state", &self.tables.states, name)? as u32),
            Some("public") => Party::Public,
            Some(other) => return Err(self.unknown("receiver", other)),
        })
    }

    fn source(&self, name: Option<&str>, is: Option<&str>) -> Read<Source> {
        let name = self.given("from", name)?;
        Ok(match is {
            None => Source::Actor(self.actor(name)?),
            Some("self") => Source::Own,
            Some("world") => Source::World,
            Some("operator") => Source::Operator(self.operator(name)?),
            Some(other) => return Err(self.unknown("source", other)),
        })
    }

    fn event(&self, line: &Line) -> Read<Event> {
        let t = &self.tables;
        let rule = || -> Read<RuleId> {
            Ok(RuleId::from_index(self.named("rule", &t.rules, line.rule.as_deref())?))
        };
        let incident = || -> Read<IncidentId> {
            Ok(IncidentId::from_index(self.named("incident", &t.incidents, line.incident.as_deref())?))
        };
        let operator = || self.operator_of(line.operator.as_deref());
        let decision = || -> Read<DecisionId> {
            Ok(DecisionId::from_index(self.named("decision", &t.decisions, line.decision.as_deref())?))
        };
        let network = || -> Read<NetworkId> {
            Ok(NetworkId::from_index(self.named("network", &t.networks, line.network.as_deref())?))
        };
        let pool = || -> Read<PoolId> {
            Ok(PoolId::from_index(self.named("pool", &t.pools, line.pool.as_deref())?))
        };
        let countermeasure = || -> Read<CountermeasureId> {
            let name = line.countermeasure.as_deref();
            Ok(CountermeasureId::from_index(self.named("countermeasure", &t.countermeasures, name)?))
        };
        Ok(match &*line.kind {
            "start" => Event::Start,
            "end" => Event::End,
            "incident_started" => Event::IncidentStarted(incident()?),
            "injected" => Event::Injected(InjectId::from_index(self.named(
                "inject",
                &t.injects,
                line.inject.as_deref(),
            )?)),
            "tick" => Event::Tick(rule()?),
            "arrival" => Event::Arrival(rule()?),
            "rule_fired" => Event::RuleFired(rule()?),
            "waited" => Event::Waited(rule()?),
            "joined" => Event::Joined(rule()?),
            "finished" => Event::Finished(rule()?),
            "crossed" => Event::Crossed(rule()?),
            "silent" => Event::Silent(rule()?),
            "took" => Event::Took {
                pool: pool()?,
                amount: self.given("amount", line.amount)?,
                left: self.given("left", line.left)?,
            },
            "gave_back" => Event::GaveBack {
                pool: pool()?,
                amount: self.given("amount", line.amount)?,
                left: self.given("left", line.left)?,
            },
            "went_without" => Event::WentWithout(pool()?),
            "redundant" => Event::Redundant(ProductId::from_index(self.named(
                "product",
                &t.products,
                line.product.as_deref(),
            )?)),
            "staff_moved" => Event::StaffMoved(self.given("staff", line.staff)?),
            "withdrawn" => Event::Withdrawn {
                work: self.work(line)?,
                started: line.started_us.map(SimTime::from_micros),
            },
            "rule_blocked" => Event::RuleBlocked(rule()?, self.given("condition", line.condition)?),
            "hit" => Event::Hit(incident()?, operator()?),
            "detected" => Event::Detected(incident()?, operator()?),
            "contained" => Event::Contained(incident()?, operator()?),
            "recovered" => Event::Recovered(incident()?, operator()?),
            "infected" => {
                Event::Infected { operator: operator()?, by: self.operator_of(line.by.as_deref())? }
            }
            "immune" => Event::Immune(countermeasure()?, operator()?),
            "assigned" => {
                Event::Assigned(RoleId::from_index(self.named("role", &t.roles, line.role.as_deref())?))
            }
            "off_line" => Event::OffLine(countermeasure()?, operator()?),
            "on_line" => Event::OnLine(countermeasure()?, operator()?),
            "enacted" => Event::Enacted(countermeasure()?),
            "ceased" => Event::Ceased(countermeasure()?),
            "task_done" => Event::TaskDone {
                work: self.work(line)?,
                started: SimTime::from_micros(self.given("started_us", line.started_us)?),
            },
            "task_lost" => {
                Event::TaskLost { work: self.work(line)?, reneged: self.given("reneged", line.reneged)? }
            }
            "unfinished" => Event::Unfinished {
                work: self.work(line)?,
                started: line.started_us.map(SimTime::from_micros),
            },
            "learned" | "versioned" | "true" => self.fact(line)?,
            "sent" | "delivered" | "undelivered" | "refused" | "read" | "published" => self.product(line)?,
            "proposed" => Event::Proposed(decision()?),
            "voted" => {
                let says = match (line.in_favour, line.position.as_deref()) {
                    (Some(true), None) => Position::Yes,
                    (Some(false), None) => Position::No,
                    (None, Some("abstain")) => Position::Abstain,
                    (None, Some("not_yet")) => Position::NotYet,
                    (None, Some("absent")) => Position::Absent,
                    (_, other) => return Err(self.unknown("position", other.unwrap_or(""))),
                };
                Event::Voted(decision()?, says)
            }
            "round_ended" | "round_began" => {
                let d = decision()?;
                let (option, round) = (self.given("option", line.option)?, self.given("round", line.round)?);
                match &*line.kind {
                    "round_ended" => Event::RoundEnded(d, option, round),
                    _ => Event::RoundBegan(d, option, round),
                }
            }
            "decided" => {
                let outcome = match line.outcome.as_deref() {
                    Some("adopted") => Outcome::Adopted,
                    Some("rejected") => Outcome::Rejected,
                    Some("lapsed") => Outcome::Lapsed,
                    other => return Err(self.unknown("outcome", other.unwrap_or(""))),
                };
                Event::Decided(
                    decision()?,
                    outcome,
                    self.given("votes", line.votes)?,
                    line.option.unwrap_or(0),
                )
            }
            "mode_entered" => {
                let network = network()?;
                let modes = &t.modes[network.index()];
                let mode = self.named("mode", modes, line.mode.as_deref())? as u8;
                let before = self.named("mode", modes, line.before.as_deref())? as u8;
                Event::ModeEntered { network, mode, before }
            }
            "meeting_began" => Event::MeetingBegan(network()?),
            "meeting_ended" => Event::MeetingEnded(network()?),
            other => return Err(self.unknown("kind of record", other)),
        })
    }

    fn fact(&self, line: &Line) -> Read<Event> {
        let fact = FactId::from_index(self.named("fact", &self.tables.facts, line.fact.as_deref())?);
        let value = self.given("value", line.value)?;
        Ok(match &*line.kind {
            "learned" => Event::Learned {
                fact,
                version: self.given("version", line.version)?,
                value,
                from: self.source(line.from.as_deref(), line.from_is.as_deref())?,
            },
            "versioned" => Event::Versioned { fact, version: self.given("version", line.version)?, value },
            _ => Event::True { fact, value },
        })
    }

    fn product(&self, line: &Line) -> Read<Event> {
        let product =
            ProductId::from_index(self.named("product", &self.tables.products, line.product.as_deref())?);
        let to = || self.party(line.to.as_deref(), line.to_is.as_deref());
        let item = || {
            let item = self.given("item", line.item)?;
            match self.trace.items.get(item as usize) {
                Some(_) => Ok(item),
                None => Err(self.broken("the product instance does not exist")),
            }
        };
        let copies = || self.given("copies", line.copies);
        Ok(match &*line.kind {
            "sent" => Event::Sent { product, to: to()?, item: item()? },
            "delivered" => Event::Delivered {
                product,
                from: self.party(line.from.as_deref(), line.from_is.as_deref())?,
                item: item()?,
                copies: copies()?,
            },
            "undelivered" => Event::Undelivered { product, to: to()?, copies: copies()? },
            "refused" => {
                let why = match line.why.as_deref() {
                    Some("no_channel") => Refusal::NoChannel,
                    Some("marking") => Refusal::Marking,
                    Some("clearance") => Refusal::Clearance,
                    Some("no_content") => Refusal::NoContent,
                    Some("unwilling") => Refusal::Unwilling,
                    other => return Err(self.unknown("refusal", other.unwrap_or(""))),
                };
                Event::Refused { product, to: to()?, why }
            }
            "read" => Event::Read { product, item: item()? },
            _ => Event::Published {
                product,
                item: item()?,
                uncoordinated: self.given("uncoordinated", line.uncoordinated)?,
                contradictory: self.given("contradictory", line.contradictory)?,
            },
        })
    }

    fn work(&self, line: &Line) -> Read<WorkKind> {
        let t = &self.tables;
        let of = |what, table| self.named(what, table, line.of.as_deref());
        Ok(match line.work.as_deref() {
            Some("task") => WorkKind::Task(TaskId::from_index(of("task", &t.tasks)?)),
            Some("for") => WorkKind::For(SiteId::from_index(of("place of work", &t.sites)?)),
            Some("write") => WorkKind::Write(ProductId::from_index(of("product", &t.products)?)),
            Some("read") => WorkKind::Read(ProductId::from_index(of("product", &t.products)?)),
            Some("position") => WorkKind::Position(DecisionId::from_index(of("decision", &t.decisions)?)),
            Some("attend") => WorkKind::Attend(NetworkId::from_index(of("network", &t.networks)?)),
            Some("session") => WorkKind::Session(DecisionId::from_index(of("decision", &t.decisions)?)),
            other => return Err(self.unknown("kind of work", other.unwrap_or(""))),
        })
    }
}
