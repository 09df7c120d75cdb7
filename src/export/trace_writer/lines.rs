//! The pieces of a line of JSON: names, numbers, and what belongs to each event.

use super::super::number::round12;
use super::super::trace_line::{Table, Tables};
use super::{outcome_name, refusal_name};
use crate::model::{Model, OperatorId, Position};
use crate::trace::{Event, Item, Party, Record, RecordId, Source, Subject, Trace, WorkKind};

/// The names of a table as JSON, with their quotation marks.
struct Texts(Vec<String>);

impl Texts {
    fn new(table: &Table) -> Result<Texts, serde_json::Error> {
        table.names().map(serde_json::to_string).collect::<Result<_, _>>().map(Texts)
    }

    fn of(&self, index: usize) -> &str {
        self.0.get(index).map_or("\"\"", String::as_str)
    }
}

/// All names as JSON.
struct Rendered {
    actors: Texts,
    incidents: Texts,
    injects: Texts,
    rules: Texts,
    countermeasures: Texts,
    tasks: Texts,
    sites: Texts,
    facts: Texts,
    products: Texts,
    decisions: Texts,
    roles: Texts,
    networks: Texts,
    pools: Texts,
    modes: Vec<Texts>,
    channels: Texts,
    states: Texts,
    /// `"STATE/group`, to which the number of an operator is added.
    groups: Vec<String>,
}

impl Rendered {
    fn new(model: &Model, tables: &Tables) -> Result<Rendered, serde_json::Error> {
        let group = |g: &crate::model::OperatorGroup| {
            let name = format!("{}/{}", model.states[g.state.index()].name, g.name);
            serde_json::to_string(&name).map(|mut text| {
                text.pop();
                text.push('#');
                text
            })
        };
        Ok(Rendered {
            actors: Texts::new(&tables.actors)?,
            incidents: Texts::new(&tables.incidents)?,
            injects: Texts::new(&tables.injects)?,
            rules: Texts::new(&tables.rules)?,
            countermeasures: Texts::new(&tables.countermeasures)?,
            tasks: Texts::new(&tables.tasks)?,
            sites: Texts::new(&tables.sites)?,
            facts: Texts::new(&tables.facts)?,
            products: Texts::new(&tables.products)?,
            decisions: Texts::new(&tables.decisions)?,
            roles: Texts::new(&tables.roles)?,
            networks: Texts::new(&tables.networks)?,
            pools: Texts::new(&tables.pools)?,
            modes: tables.modes.iter().map(Texts::new).collect::<Result<_, _>>()?,
            channels: Texts::new(&tables.channels)?,
            states: Texts::new(&tables.states)?,
            groups: model.groups.iter().map(group).collect::<Result<_, _>>()?,
        })
    }
}

/// Lines under way.
pub(super) struct Lines<'a> {
    /// What has been put together and not written yet.
    pub(super) bytes: Vec<u8>,
    digits: itoa::Buffer,
    names: Rendered,
    trace: &'a Trace,
}

/// A field whose value is a name of a table.
macro_rules! name {
    ($lines:ident, $key:literal, $table:ident, $index:expr) => {{
        $lines.bytes.extend_from_slice(concat!(",\"", $key, "\":").as_bytes());
        $lines.bytes.extend_from_slice($lines.names.$table.of($index).as_bytes());
    }};
}

/// A field whose value is a word without anything to escape.
macro_rules! word {
    ($lines:ident, $key:literal, $word:expr) => {{
        $lines.raw(concat!(",\"", $key, "\":\""));
        $lines.raw($word);
        $lines.raw("\"");
    }};
}

/// A field whose value is a whole number.
macro_rules! whole {
    ($lines:ident, $key:literal, $number:expr) => {{
        $lines.raw(concat!(",\"", $key, "\":"));
        $lines.number($number);
    }};
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        model: &Model,
        tables: &Tables,
        trace: &'a Trace,
        room: usize,
    ) -> Result<Lines<'a>, serde_json::Error> {
        Ok(Lines {
            bytes: Vec::with_capacity(room + room / 4),
            digits: itoa::Buffer::new(),
            names: Rendered::new(model, tables)?,
            trace,
        })
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: impl itoa::Integer) {
        self.bytes.extend_from_slice(self.digits.format(number).as_bytes());
    }

    fn flag(&mut self, key: &str, yes: bool) {
        self.raw(key);
        self.raw(if yes { "true" } else { "false" });
    }

    fn real(&mut self, key: &str, value: f64) -> Result<(), serde_json::Error> {
        self.raw(key);
        serde_json::to_writer(&mut self.bytes, &value)
    }

    /// The name of an operator: `STATE/group#17`.
    fn operator(&mut self, operator: OperatorId) {
        match self.trace.operators.get(operator.index()) {
            Some(info) => {
                self.bytes.extend_from_slice(self.names.groups[info.group.index()].as_bytes());
                self.number(info.number);
            }
            None => {
                self.raw("\"operator#");
                self.number(operator.index());
            }
        }
        self.raw("\"");
    }

    /// `actor`, and what it is unless an actor.
    fn subject(&mut self, who: Subject) {
        let is = match who {
            Subject::World => {
                self.raw(",\"actor\":\"world\"");
                "world"
            }
            Subject::Actor(a) => {
                name!(self, "actor", actors, a.index());
                return;
            }
            Subject::Operator(o) => {
                self.raw(",\"actor\":");
                self.operator(o);
                "operator"
            }
            Subject::Incident(i) => {
                name!(self, "actor", incidents, i.index());
                "incident"
            }
            Subject::Channel(c) => {
                name!(self, "actor", channels, c as usize);
                "channel"
            }
            Subject::Network(n) => {
                name!(self, "actor", networks, n.index());
                "network"
            }
        };
        word!(self, "subject", is);
    }

    fn to(&mut self, party: Party) {
        match party {
            Party::Actor(a) => name!(self, "to", actors, a.index()),
            Party::Operator(o) => {
                self.raw(",\"to\":");
                self.operator(o);
                self.raw(",\"to_is\":\"operator\"");
            }
            Party::Operators(s) => {
                name!(self, "to", states, s as usize);
                self.raw(",\"to_is\":\"operators\"");
            }
            Party::Public => self.raw(",\"to\":\"public\",\"to_is\":\"public\""),
        }
    }

    fn sender(&mut self, party: Party) {
        match party {
            Party::Actor(a) => name!(self, "from", actors, a.index()),
            Party::Operator(o) => self.operator_as_source(o),
            Party::Operators(s) => {
                name!(self, "from", states, s as usize);
                self.raw(",\"from_is\":\"operators\"");
            }
            Party::Public => self.raw(",\"from\":\"public\",\"from_is\":\"public\""),
        }
    }

    fn source(&mut self, source: Source) {
        match source {
            Source::Own => self.raw(",\"from\":\"self\",\"from_is\":\"self\""),
            Source::World => self.raw(",\"from\":\"world\",\"from_is\":\"world\""),
            Source::Actor(a) => name!(self, "from", actors, a.index()),
            Source::Operator(o) => self.operator_as_source(o),
        }
    }

    fn operator_as_source(&mut self, operator: OperatorId) {
        self.raw(",\"from\":");
        self.operator(operator);
        self.raw(",\"from_is\":\"operator\"");
    }

    fn work(&mut self, work: WorkKind) {
        match work {
            WorkKind::Task(i) => {
                word!(self, "work", "task");
                name!(self, "of", tasks, i.index());
            }
            WorkKind::For(i) => {
                word!(self, "work", "for");
                name!(self, "of", sites, i.index());
            }
            WorkKind::Write(i) => {
                word!(self, "work", "write");
                name!(self, "of", products, i.index());
            }
            WorkKind::Read(i) => {
                word!(self, "work", "read");
                name!(self, "of", products, i.index());
            }
            WorkKind::Position(i) => {
                word!(self, "work", "position");
                name!(self, "of", decisions, i.index());
            }
            WorkKind::Attend(i) => {
                word!(self, "work", "attend");
                name!(self, "of", networks, i.index());
            }
            WorkKind::Session(i) => {
                word!(self, "work", "session");
                name!(self, "of", decisions, i.index());
            }
        }
    }

    /// A record without what stands at the first line only, and without its end.
    pub(super) fn record(&mut self, id: RecordId, record: &Record) -> Result<(), serde_json::Error> {
        let trace = self.trace;
        self.raw("{\"id\":");
        self.number(id);
        self.raw(",\"causes\":[");
        for (i, &cause) in trace.causes_of(id).iter().enumerate() {
            if i > 0 {
                self.raw(",");
            }
            self.number(cause);
        }
        self.raw("]");
        whole!(self, "time_us", record.time.as_micros());
        word!(self, "kind", kind(&record.event));
        self.subject(record.who);
        self.event(&record.event)?;
        let spans = trace.spans_of(id);
        if !spans.is_empty() {
            self.raw(",\"spans\":[");
            for (i, span) in spans.iter().enumerate() {
                self.raw(if i > 0 { ",{\"kind\":\"" } else { "{\"kind\":\"" });
                self.raw(span.kind.name());
                self.raw("\"");
                self.subject(span.who);
                whole!(self, "from_us", span.from.as_micros());
                whole!(self, "to_us", span.to.as_micros());
                self.raw("}");
            }
            self.raw("]");
        }
        Ok(())
    }

    /// What a product tells; nothing where it tells nothing.
    pub(super) fn told(&mut self, item: &Item) -> Result<(), serde_json::Error> {
        for (i, told) in item.told.iter().enumerate() {
            self.raw(if i > 0 { ",{\"fact\":" } else { ",\"told\":[{\"fact\":" });
            self.bytes.extend_from_slice(self.names.facts.of(told.fact.index()).as_bytes());
            whole!(self, "version", told.version);
            self.real(",\"value\":", round12(told.value))?;
            whole!(self, "learned", told.learned);
            self.raw("}");
        }
        if !item.told.is_empty() {
            self.raw("]");
        }
        Ok(())
    }

    /// What belongs to the event, in the order of the fields of a line.
    fn event(&mut self, event: &Event) -> Result<(), serde_json::Error> {
        match *event {
            Event::Start | Event::End => {}
            Event::IncidentStarted(i) => name!(self, "incident", incidents, i.index()),
            Event::Injected(i) => name!(self, "inject", injects, i.index()),
            Event::Tick(r)
            | Event::Arrival(r)
            | Event::RuleFired(r)
            | Event::Waited(r)
            | Event::Joined(r)
            | Event::Finished(r)
            | Event::Crossed(r)
            | Event::Silent(r) => name!(self, "rule", rules, r.index()),
            Event::RuleBlocked(r, condition) => {
                name!(self, "rule", rules, r.index());
                whole!(self, "condition", condition);
            }
            Event::Hit(i, o) | Event::Detected(i, o) | Event::Contained(i, o) | Event::Recovered(i, o) => {
                name!(self, "incident", incidents, i.index());
                self.raw(",\"operator\":");
                self.operator(o);
            }
            Event::Infected { operator, by } => {
                self.raw(",\"operator\":");
                self.operator(operator);
                self.raw(",\"by\":");
                self.operator(by);
            }
            Event::Immune(c, o) | Event::OffLine(c, o) | Event::OnLine(c, o) => {
                self.raw(",\"operator\":");
                self.operator(o);
                name!(self, "countermeasure", countermeasures, c.index());
            }
            Event::Assigned(r) => name!(self, "role", roles, r.index()),
            Event::Enacted(c) | Event::Ceased(c) => {
                name!(self, "countermeasure", countermeasures, c.index());
            }
            Event::TaskDone { work, started } => {
                self.work(work);
                whole!(self, "started_us", started.as_micros());
            }
            Event::TaskLost { work, reneged } => {
                self.work(work);
                self.flag(",\"reneged\":", reneged);
            }
            Event::Unfinished { work, started } | Event::Withdrawn { work, started } => {
                self.work(work);
                if let Some(started) = started {
                    whole!(self, "started_us", started.as_micros());
                }
            }
            Event::Took { pool, amount, left } | Event::GaveBack { pool, amount, left } => {
                name!(self, "pool", pools, pool.index());
                self.real(",\"amount\":", amount)?;
                self.real(",\"left\":", left)?;
            }
            Event::WentWithout(pool) => name!(self, "pool", pools, pool.index()),
            Event::Redundant(p) => name!(self, "product", products, p.index()),
            Event::StaffMoved(by) => whole!(self, "staff", by),
            Event::Learned { fact, version, value, from } => {
                name!(self, "fact", facts, fact.index());
                whole!(self, "version", version);
                self.real(",\"value\":", round12(value))?;
                self.source(from);
            }
            Event::Versioned { fact, version, value } => {
                name!(self, "fact", facts, fact.index());
                whole!(self, "version", version);
                self.real(",\"value\":", round12(value))?;
            }
            Event::True { fact, value } => {
                name!(self, "fact", facts, fact.index());
                self.real(",\"value\":", round12(value))?;
            }
            Event::Sent { product, to, item } => {
                name!(self, "product", products, product.index());
                self.to(to);
                whole!(self, "item", item);
            }
            Event::Delivered { product, from, item, copies } => {
                name!(self, "product", products, product.index());
                self.sender(from);
                whole!(self, "item", item);
                whole!(self, "copies", copies);
            }
            Event::Undelivered { product, to, copies } => {
                name!(self, "product", products, product.index());
                self.to(to);
                whole!(self, "copies", copies);
            }
            Event::Refused { product, to, why } => {
                name!(self, "product", products, product.index());
                self.to(to);
                word!(self, "why", refusal_name(why));
            }
            Event::Read { product, item } => {
                name!(self, "product", products, product.index());
                whole!(self, "item", item);
            }
            Event::Published { product, item, uncoordinated, contradictory } => {
                name!(self, "product", products, product.index());
                whole!(self, "item", item);
                self.flag(",\"uncoordinated\":", uncoordinated);
                self.flag(",\"contradictory\":", contradictory);
            }
            Event::Proposed(d) => name!(self, "decision", decisions, d.index()),
            Event::Voted(d, says) => {
                name!(self, "decision", decisions, d.index());
                match says {
                    Position::Yes => self.flag(",\"in_favour\":", true),
                    Position::No => self.flag(",\"in_favour\":", false),
                    Position::Abstain => word!(self, "position", "abstain"),
                    Position::NotYet => word!(self, "position", "not_yet"),
                    Position::Absent => word!(self, "position", "absent"),
                }
            }
            Event::RoundEnded(d, option, round) | Event::RoundBegan(d, option, round) => {
                name!(self, "decision", decisions, d.index());
                whole!(self, "option", option);
                whole!(self, "round", round);
            }
            Event::Decided(d, outcome, votes, option) => {
                name!(self, "decision", decisions, d.index());
                if option > 0 {
                    whole!(self, "option", option);
                }
                word!(self, "outcome", outcome_name(outcome));
                whole!(self, "votes", votes);
            }
            Event::ModeEntered { network, mode, before } => {
                name!(self, "network", networks, network.index());
                let modes = &self.names.modes[network.index()];
                self.bytes.extend_from_slice(b",\"mode\":");
                self.bytes.extend_from_slice(modes.of(mode.into()).as_bytes());
                self.bytes.extend_from_slice(b",\"before\":");
                self.bytes.extend_from_slice(modes.of(before.into()).as_bytes());
            }
            Event::MeetingBegan(n) | Event::MeetingEnded(n) => name!(self, "network", networks, n.index()),
        }
        Ok(())
    }
}

/// The kind of a line.
const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Start => "start",
        Event::End => "end",
        Event::IncidentStarted(_) => "incident_started",
        Event::Injected(_) => "injected",
        Event::Tick(_) => "tick",
        Event::Arrival(_) => "arrival",
        Event::RuleFired(_) => "rule_fired",
        Event::Waited(_) => "waited",
        Event::Joined(_) => "joined",
        Event::Finished(_) => "finished",
        Event::Crossed(_) => "crossed",
        Event::Silent(_) => "silent",
        Event::RuleBlocked(..) => "rule_blocked",
        Event::Hit(..) => "hit",
        Event::Detected(..) => "detected",
        Event::Contained(..) => "contained",
        Event::Recovered(..) => "recovered",
        Event::Infected { .. } => "infected",
        Event::Immune(..) => "immune",
        Event::Assigned(_) => "assigned",
        Event::OffLine(..) => "off_line",
        Event::OnLine(..) => "on_line",
        Event::Enacted(_) => "enacted",
        Event::Ceased(_) => "ceased",
        Event::TaskDone { .. } => "task_done",
        Event::TaskLost { .. } => "task_lost",
        Event::Unfinished { .. } => "unfinished",
        Event::Took { .. } => "took",
        Event::GaveBack { .. } => "gave_back",
        Event::WentWithout(_) => "went_without",
        Event::Redundant(_) => "redundant",
        Event::StaffMoved(_) => "staff_moved",
        Event::Withdrawn { .. } => "withdrawn",
        Event::Learned { .. } => "learned",
        Event::Versioned { .. } => "versioned",
        Event::True { .. } => "true",
        Event::Sent { .. } => "sent",
        Event::Delivered { .. } => "delivered",
        Event::Undelivered { .. } => "undelivered",
        Event::Refused { .. } => "refused",
        Event::Read { .. } => "read",
        Event::Published { .. } => "published",
        Event::Proposed(_) => "proposed",
        Event::Voted(..) => "voted",
        Event::RoundEnded(..) => "round_ended",
        Event::RoundBegan(..) => "round_began",
        Event::Decided(..) => "decided",
        Event::ModeEntered { .. } => "mode_entered",
        Event::MeetingBegan(_) => "meeting_began",
        Event::MeetingEnded(_) => "meeting_ended",
    }
}
