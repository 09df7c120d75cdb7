//! The clock and the loop: pops the earliest notice and calls the handler that owns its kind.

use std::collections::BTreeMap;

use bevy_ecs::prelude::World;
use smallvec::SmallVec;

use super::action::Runs;
use super::agenda::{Notice, rank};
use super::channel::Deliveries;
use super::countermeasure::Countermeasures;
use super::draw::{DrawRow, Drawer, Draws, Instance};
use super::effect::Effects;
use super::incident::GivenHits;
use super::knowledge::FactState;
use super::limit::Stop;
use super::plain::Plain;
use super::route::Routes;
use super::rule::Rules;
use super::statement::Leak;
use super::task::Tasks;
use super::world::{self, Access, Entities};
use crate::des::{EventList, Ticket};
use crate::model::{
    ActorId, ChannelId, IncidentId, Inject, InjectId, MilestoneId, Model, OperatorId, SiteId, StateId, Unit,
};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Event, Keep, RecordId, Span, Subject, Trace};

/// Looks at each new record and says which milestones it reached.
///
/// The engine knows no milestones; whoever drives it may watch them for `until` and for injects that
/// wait for one. A watch is shown every record of the run once, in order, at the end of the event that made it, the
/// last ones when the run ends; so it may also count whatever can be counted record by record.
pub type Watch<'m> = Box<dyn FnMut(&Trace, RecordId) -> SmallVec<[MilestoneId; 2]> + Send + 'm>;

/// Notices handled between two clearings of the world's change trackers, which grow without it.
const CLEAR_EVERY: u64 = 0x1_0000;

/// One replication of a model, steppable from outside.
///
/// A run is a function of (model, seed, replication, list of interventions with their times).
pub struct Simulation<'m> {
    pub(super) model: &'m Model,
    pub(super) world: World,
    pub(super) entities: Entities,
    pub(super) access: Access,
    pub(super) events: EventList<Notice>,
    pub(super) now: SimTime,
    pub(super) draws: Draws,
    pub(super) trace: Trace,
    pub(super) tasks: Tasks,
    pub(super) runs: Runs<'m>,
    pub(super) deliveries: Deliveries,
    pub(super) rules: Rules,
    pub(super) facts: Vec<FactState>,
    pub(super) effects: Effects,
    pub(super) countermeasures: Countermeasures,
    pub(super) given_hits: Vec<GivenHits>,
    pub(super) ties: super::tie::Ties,
    pub(super) noticed_late: BTreeMap<(IncidentId, OperatorId), SimTime>,
    pub(super) leaks: Vec<Leak>,
    pub(super) extra_injects: Vec<Inject>,
    pub(super) held_items: Vec<bool>,
    pub(super) spare_actors: Vec<Vec<ActorId>>,
    pub(super) spare_ways: Vec<Vec<(ActorId, ChannelId)>>,
    pub(super) routes: Routes,
    pub(super) plain: Plain,
    /// Whether a channel has been down in this replication.
    pub(super) lines_failed: bool,
    pub(super) sessions: super::decision::Sessions,
    pub(super) assigned: Vec<Option<crate::model::ActorId>>,
    /// The other state of a pair, while something is drawn that may depend on it.
    pub(super) toward: Option<StateId>,
    /// The sector of the matter, while something is drawn that may depend on it.
    pub(super) in_sector: Option<crate::model::SectorId>,
    pub(super) contents: super::content::Contents,
    pub(super) derivations: super::derived::Derivations,
    pub(super) cases: super::case::Cases,
    pub(super) pools: super::pool::Pools,
    watch: Option<Watch<'m>>,
    watched: RecordId,
    reached: Vec<Option<RecordId>>,
    until_reached: bool,
    ended: bool,
    /// Why the run ended before its time.
    pub(super) stopped: Option<Stop>,
    /// Events handled at the present instant.
    pub(super) at_once: u64,
    /// Rules that are setting each other off right now.
    pub(super) depth: u32,
}

impl<'m> Simulation<'m> {
    /// A simulation at time 0, before its first event, that keeps all records.
    pub fn new(model: &'m Model, seed: u64, replication: u64) -> Self {
        Self::keeping(Keep::All, model, seed, replication)
    }

    /// A simulation at time 0 that keeps as much of its records as is asked for.
    ///
    /// With [`Keep::Causes`] a watch is to be set before the first step, and again after each reset if it has to
    /// begin anew: what it has not seen of an event is gone with the next.
    pub fn keeping(keep: Keep, model: &'m Model, seed: u64, replication: u64) -> Self {
        let mut world = World::new();
        let entities = Entities::spawn(model, &mut world);
        let access = Access::new(&mut world, &entities);
        let names = world::operator_names(model).collect();
        let mut simulation = Simulation {
            model,
            world,
            entities,
            access,
            events: EventList::new(),
            now: SimTime::ZERO,
            draws: Draws::new(names),
            trace: Trace::keeping(keep),
            tasks: Tasks::default(),
            runs: Runs::default(),
            deliveries: Deliveries::default(),
            rules: Rules::new(model),
            facts: Vec::new(),
            effects: Effects::default(),
            countermeasures: Countermeasures::default(),
            given_hits: Vec::new(),
            ties: super::tie::Ties::default(),
            noticed_late: BTreeMap::new(),
            leaks: Vec::new(),
            extra_injects: Vec::new(),
            held_items: Vec::new(),
            spare_actors: Vec::new(),
            spare_ways: Vec::new(),
            routes: Routes::new(model),
            plain: Plain::of(model),
            lines_failed: false,
            sessions: super::decision::Sessions::default(),
            assigned: Vec::new(),
            toward: None,
            in_sector: None,
            contents: super::content::Contents::default(),
            derivations: super::derived::Derivations::default(),
            cases: super::case::Cases::default(),
            pools: super::pool::Pools::default(),
            watch: None,
            watched: 0,
            reached: Vec::new(),
            until_reached: false,
            ended: false,
            stopped: None,
            at_once: 0,
            depth: 0,
        };
        simulation.reset(seed, replication);
        simulation
    }

    /// Back to time 0 of another replication; memory is kept.
    pub fn reset(&mut self, seed: u64, replication: u64) {
        self.events.clear();
        self.now = SimTime::ZERO;
        self.draws.reset(seed, replication);
        self.trace.clear();
        self.trace.acted.resize(self.model.params.len(), false);
        self.tasks.clear();
        self.runs.clear();
        self.deliveries.clear();
        self.given_hits.clear();
        self.noticed_late.clear();
        self.leaks.clear();
        self.extra_injects.clear();
        self.watched = 0;
        self.reached = vec![None; self.model.milestones.len()];
        self.until_reached = false;
        self.ended = false;
        self.stopped = None;
        self.at_once = 0;
        self.depth = 0;
        self.clear_sessions();
        self.assigned.clear();
        self.contents.clear();
        self.derivations.clear();
        self.rules.reset();
        self.cases.reset();
        self.pools.reset(self.model);
        self.effects.reset(self.model);
        self.facts.clear();
        self.facts.resize(self.model.facts.len(), FactState::default());
        self.reset_desks();
        self.reset_networks();
        self.reset_lines();
        self.reset_operators();
        self.reset_countermeasures();
        self.world.clear_trackers();
        self.begin();
    }

    /// Keeps a log of every draw (for [`draws`](Self::draws)); call it before the first step.
    ///
    /// The draws of the initial condition are made again, so that the log has them too.
    pub fn record_draws(&mut self, keep: bool, seed: u64, replication: u64) {
        self.draws.keep_log(keep);
        self.reset(seed, replication);
    }

    /// The draws so far, sorted, if they are kept.
    pub fn draws(&self) -> Vec<DrawRow> {
        self.draws.rows()
    }

    /// Sets who watches for milestones (for `until` and injects that wait for one).
    pub fn watch(&mut self, watch: Watch<'m>) {
        self.watch = Some(watch);
        self.watched = self.trace.first;
        self.look();
    }

    /// The clock.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// What has happened so far.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The records, taken out of the simulation.
    pub fn into_trace(self) -> Trace {
        self.trace
    }

    /// Handles the next notice and returns its time; none once the run has ended.
    pub fn step(&mut self) -> Option<SimTime> {
        if self.ended {
            return None;
        }
        let horizon = self.model.meta.horizon;
        self.watch_limits();
        match self.events.peek_time() {
            Some(t) if t <= horizon.as_micros() && !self.until_reached && self.stopped.is_none() => {}
            _ => {
                self.end();
                return None;
            }
        }
        self.forget_what_is_over();
        let (t, notice) = self.events.pop()?;
        let at = SimTime::from_micros(t);
        self.at_once = if at == self.now { self.at_once + 1 } else { 0 };
        self.now = at;
        self.trace.n_events += 1;
        self.fetch_next();
        self.handle(notice);
        self.look();
        if self.trace.n_events.is_multiple_of(CLEAR_EVERY) {
            self.world.clear_trackers();
        }
        Some(self.now)
    }

    /// Handles everything up to and including `t`; the clock stands at `t` then (or at the end).
    pub fn run_until(&mut self, t: SimTime) {
        while self.events.peek_time().is_some_and(|next| next <= t.as_micros()) {
            if self.step().is_none() {
                return;
            }
        }
        self.now = self.now.max(t.min(self.model.meta.horizon));
    }

    /// Runs to the end.
    pub fn run(&mut self) {
        while self.step().is_some() {}
    }

    /// Applies an inject now, as an intervention from outside. Its own time is ignored.
    pub fn apply(&mut self, inject: &Inject) {
        if !self.ended {
            self.extra_injects.push(inject.clone());
            let id = InjectId::from_index(self.model.injects.len() + self.extra_injects.len() - 1);
            self.deliver_inject(id, &[]);
            self.look();
        }
    }

    fn begin(&mut self) {
        let start = self.record(Subject::World, Event::Start, &[], &[]);
        debug_assert_eq!(start, 0);
        self.start_countermeasures();
        self.start_elements();
        self.start_incidents();
        self.start_injects();
        self.start_rules();
    }

    /// Shows new records to the watch, and acts on what it has seen.
    fn look(&mut self) {
        let Some(mut watch) = self.watch.take() else { return };
        while self.watched < self.trace.n_records() {
            let id = self.watched;
            self.watched += 1;
            for milestone in watch(&self.trace, id) {
                if self.reached[milestone.index()].is_none() {
                    self.reached[milestone.index()] = Some(id);
                    self.until_reached |= self.model.meta.until == Some(milestone);
                    self.injects_waiting_for(milestone, id);
                }
            }
        }
        self.watch = Some(watch);
    }

    fn end(&mut self) {
        self.ended = true;
        if !self.until_reached && self.stopped.is_none() {
            self.now = self.model.meta.horizon;
        }
        self.tell_unfinished();
        self.record(Subject::World, Event::End, &[], &[]);
        self.trace.end = self.now;
        self.show_the_end();
        self.world.clear_trackers();
    }

    /// Shows the watch what it has not seen; nothing follows from it any more.
    fn show_the_end(&mut self) {
        if let Some(watch) = &mut self.watch {
            for id in self.watched..self.trace.n_records() {
                watch(&self.trace, id);
            }
            self.watched = self.trace.n_records();
        }
    }

    /// Where only causes are kept, lets go of the records of the event before and of content that nobody holds.
    fn forget_what_is_over(&mut self) {
        if self.watch.is_none() || self.watched == self.trace.n_records() {
            self.trace.event_is_over();
        }
        if self.trace.wants_items_swept() {
            self.sweep_items();
        }
    }

    /// Asks memory for what the next notice is about, so that it comes while this one is handled.
    #[inline]
    fn fetch_next(&mut self) {
        match self.events.peek() {
            Some(&Notice::ServiceEnds { task, actor }) => {
                self.tasks.fetch(task);
                if let Some(&first) = self.access.desk(&mut self.world, actor).waiting.front() {
                    self.tasks.fetch_progress(first);
                }
            }
            Some(&Notice::CopyArrives(delivery)) => self.deliveries.fetch(delivery),
            Some(
                &Notice::Detects { incident, operator, hit }
                | &Notice::Contains { incident, operator, hit }
                | &Notice::Recovers { incident, operator, hit },
            ) => {
                self.trace.fetch_time(hit);
                self.fetch_operator(incident, operator);
            }
            Some(&Notice::Reports { incident, operator, about, .. }) => {
                self.trace.fetch_time(about);
                self.fetch_operator(incident, operator);
            }
            _ => {}
        }
    }

    fn handle(&mut self, notice: Notice) {
        match notice {
            Notice::ServiceEnds { task, .. } => self.service_ends(task),
            Notice::PatienceEnds(task) => self.patience_ends(task),
            Notice::RequestEnds { pool, number } => self.request_ends(pool, number),
            Notice::StaffMoves(position) => self.staff_moves(position),
            Notice::TaskExpires(task) => self.task_expires(task),
            Notice::SilenceEnds { rule, leaf, actor } => self.silence_ends(rule, leaf, actor),
            Notice::DutyChanges(actor) => self.duty_changes(actor),
            Notice::CallAnswered(actor) => self.call_answered(actor),
            Notice::ActorBack { actor, absent } => self.actor_back(actor, absent),
            Notice::CopySent(d) => self.attempt(d),
            Notice::TimedCopy { delivery, copy } => self.timed_copy_arrives(delivery, copy),
            Notice::TimedOut(d) => self.timed_out(d),
            Notice::Acknowledged(d) => self.acknowledged(d),
            Notice::CopyArrives(d) => self.copy_arrives(d),
            Notice::GivenUp(d) => self.given_up(d),
            Notice::CutOff { run, number } => self.freezes(run, number),
            Notice::WaitEnds(run) => self.wait_ends(run),
            Notice::RuleInstant { rule, leaf } => self.rule_instant(rule, leaf),
            Notice::Wakes(rule) => self.wake_by_date(rule),
            Notice::Tick { rule, leaf, actor, epoch } => self.tick(rule, leaf, actor, epoch),
            Notice::Arrival { rule, leaf, actor } => self.arrival(rule, leaf, actor),
            Notice::IncidentStarts(incident) => self.incident_starts(incident, 0),
            Notice::GivenHits(position) => self.given_hits_fall(position),
            Notice::Crossing(incident) => self.crossing(incident),
            Notice::OutsideBegins(incident) => self.outside_begins(incident),
            Notice::OutsideStep(incident) => self.outside_step(incident),
            Notice::OutsideDeclines(incident) => self.outside_declines(incident),
            Notice::HoursStep(incident) => self.hours_step(incident),
            Notice::Attack(incident) => self.attack(incident),
            Notice::Disclosed { incident, disclosure, actor } => self.disclosed(incident, disclosure, actor),
            Notice::Passes { incident, operator, by, route } => self.passes(incident, operator, by, route),
            Notice::HeadTold { incident, operator, tie } => self.head_told(incident, operator, tie),
            Notice::Background(incident) => self.background(incident),
            Notice::Detects { incident, operator, hit } => self.detects(incident, operator, hit),
            Notice::Contains { incident, operator, hit } => self.contains(incident, operator, hit),
            Notice::Recovers { incident, operator, hit } => self.recovers(incident, operator, hit),
            Notice::SusceptibleAgain(incident, operator) => self.susceptible_again(incident, operator),
            Notice::Reports { incident, operator, report, about } => {
                self.reports(incident, operator, operator, report, about);
            }
            Notice::ReportsFor { incident, operator, head, report } => {
                let about = self.spread(incident).detected[operator.index()];
                self.reports(incident, head, operator, report, about);
            }
            Notice::OnLine { countermeasure, operator } => self.on_line(countermeasure, operator),
            Notice::TakesUp { countermeasure, operator, epoch } => {
                self.takes_up(countermeasure, operator, epoch);
            }
            Notice::Begins(countermeasure) => self.begins(countermeasure),
            Notice::Ceases(countermeasure) => self.ceases(countermeasure),
            Notice::SessionCalled(session) => self.session_called(session),
            Notice::PositionFormed { session, member } => self.position_formed(session, member),
            Notice::ConsultingEnds(session, epoch) => self.consulting_ends(session, epoch),
            Notice::Objects { session, member, epoch } => self.objects(session, member, epoch),
            Notice::Reconsiders { session, member, epoch } => self.reconsiders(session, member, epoch),
            Notice::VoteCloses { session, epoch } => self.vote_closes(session, epoch),
            Notice::RoundBegins { session, epoch } => self.round_begins(session, epoch),
            Notice::Lapses(session) => self.lapses(session),
            Notice::MeetingEnds(session) => self.meeting_ends(session),
            Notice::DwellEnds { network, mode, epoch } => self.dwell_ends(network, mode, epoch),
            Notice::InjectDue(inject, cause) => self.deliver_inject(inject, cause.as_slice()),
            Notice::ElementChanges(position) => self.element_changes(position),
            Notice::LeakArrives(leak) => self.leak_arrives(leak),
        }
    }

    /// Writes a record at the present instant.
    pub(super) fn record(
        &mut self,
        who: Subject,
        event: Event,
        causes: &[RecordId],
        spans: &[Span],
    ) -> RecordId {
        self.trace.push(self.now, who, event, causes, spans)
    }

    /// The time of a record.
    pub(super) fn time_of(&self, record: RecordId) -> SimTime {
        self.trace.time_of(record)
    }

    /// Schedules a notice after a delay; what lies beyond the end of time never happens.
    pub(super) fn schedule(&mut self, after: SimDuration, rank: u8, notice: Notice) -> Option<Ticket> {
        let at = self.now.checked_add(after)?;
        Some(self.events.schedule(at.as_micros(), rank, notice))
    }

    /// The same for what nobody will cancel.
    pub(super) fn post(&mut self, after: SimDuration, rank: u8, notice: Notice) {
        if let Some(at) = self.now.checked_add(after) {
            self.events.post(at.as_micros(), rank, notice);
        }
    }

    /// Schedules a notice at an instant (now, if it is past).
    pub(super) fn schedule_at(&mut self, at: SimTime, rank: u8, notice: Notice) -> Ticket {
        self.events.schedule(at.max(self.now).as_micros(), rank, notice)
    }

    /// Schedules what begins at an instant.
    pub(super) fn schedule_begin(&mut self, at: SimTime, notice: Notice) -> Ticket {
        self.schedule_at(at, rank::BEGINS, notice)
    }

    /// Where a parameter is asked for: the state, the sector of who draws, and the other state of a pair.
    fn place_of(&self, who: Drawer, state: Option<StateId>) -> crate::model::Where {
        let sector = match who {
            Drawer::Operator(o) => {
                let group = self.trace.operators.get(o.index()).map(|info| info.group);
                group.map(|group| self.model.groups[group.index()].sector)
            }
            Drawer::Actor(a) => self.model.actors[a.index()].sector,
            Drawer::Incident(_) => None,
        };
        crate::model::Where { state, other: self.toward, sector: sector.or(self.in_sector) }
    }

    /// Draws the value of a parameter at a site.
    pub(super) fn draw(
        &mut self,
        who: Drawer,
        state: Option<StateId>,
        site: SiteId,
        instance: impl Into<Instance>,
    ) -> f64 {
        let instance = instance.into();
        let word = self.draws.word(self.model, who, site, instance);
        let plain = &self.plain.sites[site.index()];
        if let Some(law) = &plain.law
            && self.effects.spare(plain.param)
        {
            self.trace.acted[plain.param.index()] = true;
            return law.quantile(crate::des::uniform(word));
        }
        let incident = self.shared_about(who, site, instance.word());
        self.value_about(who, state, site, word, incident)
    }

    /// The incident within which a draw is correlated; the first shares with what is about none.
    fn shared_about(&self, who: Drawer, site: SiteId, instance: u64) -> Option<IncidentId> {
        let param = self.model.sites[site.index()].param;
        if !matches!(who, Drawer::Operator(_)) || self.model.params[param.index()].shared_in_state == 0.0 {
            return None;
        }
        let mut later = (1..self.model.incidents.len()).map(IncidentId::from_index);
        later.find(|&i| self.instance_of_incident(i) == instance)
    }

    /// The value of a parameter at a site for a word.
    pub(super) fn value_of(&mut self, who: Drawer, state: Option<StateId>, site: SiteId, word: u64) -> f64 {
        self.value_about(who, state, site, word, None)
    }

    /// The same, where the draw of a state is shared within an incident.
    fn value_about(
        &mut self,
        who: Drawer,
        state: Option<StateId>,
        site: SiteId,
        word: u64,
        incident: Option<IncidentId>,
    ) -> f64 {
        let param = self.model.sites[site.index()].param;
        self.trace.acted[param.index()] = true;
        let actor = match who {
            Drawer::Actor(a) => Some(a),
            _ => None,
        };
        let (law_of, factor) = self.effects.on(self.model, param, actor);
        if law_of != param {
            self.trace.acted[law_of.index()] = true;
        }
        let u = self.draws.uniform(self.model, word, site, state, incident);
        let at = self.place_of(who, state);
        self.model.params[law_of.index()].law_at(&at).quantile(u) * factor
    }

    /// Draws a duration.
    pub(super) fn draw_duration(
        &mut self,
        who: Drawer,
        state: Option<StateId>,
        site: SiteId,
        instance: impl Into<Instance>,
    ) -> SimDuration {
        SimDuration::from_micros_f64(self.draw(who, state, site, instance))
    }

    /// Draws a gap between arrivals: a duration, or an exponential one where the parameter is a rate.
    pub(super) fn draw_gap(&mut self, actor: ActorId, site: SiteId) -> SimDuration {
        let model = self.model;
        let (who, state) = (Drawer::Actor(actor), model.actors[actor.index()].state);
        let param = model.sites[site.index()].param;
        if model.params[param.index()].unit != Unit::Rate {
            return self.draw_duration(who, state, site, 0);
        }
        let rate = self.number(who, state, site);
        let word = self.draws.word(model, who, site, 0);
        let u = self.draws.uniform(model, word, site, state, None);
        SimDuration::from_micros_f64(if rate > 0.0 { -libm::log1p(-u) / rate } else { f64::INFINITY })
    }

    /// Draws whether something with the probability of a parameter happens.
    pub(super) fn chance(
        &mut self,
        who: Drawer,
        state: Option<StateId>,
        site: SiteId,
        instance: impl Into<Instance>,
    ) -> bool {
        let word = self.draws.word(self.model, who, site, instance.into());
        self.chance_of(who, state, site, word)
    }

    /// Whether something with the probability of a parameter happens, for a word.
    pub(super) fn chance_of(&mut self, who: Drawer, state: Option<StateId>, site: SiteId, word: u64) -> bool {
        let p = self.number(who, state, site);
        crate::des::uniform(word) < p
    }

    /// The value of a parameter that is used as it is (its median, if it is a distribution).
    pub(super) fn number(&mut self, who: Drawer, state: Option<StateId>, site: SiteId) -> f64 {
        let param = self.model.sites[site.index()].param;
        self.trace.acted[param.index()] = true;
        let actor = match who {
            Drawer::Actor(a) => Some(a),
            _ => None,
        };
        let (law_of, factor) = self.effects.on(self.model, param, actor);
        let at = self.place_of(who, state);
        self.model.params[law_of.index()].law_at(&at).quantile(0.5) * factor
    }
}
