//! A worm over the operators of many states: as a document, and as a plain loop of the same epidemic.
//!
//! An operator is hit when the pressure on it reaches its threshold, detects, is contained, recovers, and tells the
//! team of its state, which reads each report: seven events for each that is hit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;

use blueprint_sim::des::{DrawKey, Law, LogNormalFact, NameHash, Streams, uniform};
use blueprint_sim::time::SimDuration;
use blueprint_sim::trace::{Event, Trace, WorkKind};

use super::{length, mix};

const STATES: usize = 27;
const SECTORS: usize = 6;
/// Rates of 160,000 operators: the epidemic doubles every two hours at the start.
const PRESSURE_PER_HOUR: f64 = 0.272;
const WITHIN_STATE: f64 = 4.0;
const WITHIN_SECTOR: f64 = 2.0;
const FIRST_HITS: usize = 10;
const HOUR: f64 = 3_600e6;

/// How many operators each group (a sector in a state) has, for about so many operators in all.
fn per_group(operators: usize) -> usize {
    operators.div_ceil(STATES * SECTORS)
}

/// Operators in all.
pub(crate) fn n_operators(operators: usize) -> usize {
    per_group(operators) * STATES * SECTORS
}

/// Rate of one infectious operator on one susceptible one, per hour, as it stands in the document.
fn rate(operators: usize) -> String {
    format!("{:.12}", PRESSURE_PER_HOUR / n_operators(operators) as f64)
}

/// The document for about so many operators.
pub(crate) fn document(operators: usize) -> String {
    let mut text = String::new();
    write_document(&mut text, operators).expect("a string takes everything");
    text
}

fn write_document(text: &mut String, operators: usize) -> std::fmt::Result {
    let (count, rate) = (per_group(operators), rate(operators));
    writeln!(
        text,
        r#"// A worm over many operators; written by the benches.
Blueprint(
  format: 1, name: "worm", title: "A worm", horizon: "365d",
  levels: [(id: "teams", title: "Teams")],
  parameters: {{
    "detection": (dist: LogNormal(median: "6h", sigma: 0.7), basis: Assumed("bench")),
    "containment": (dist: LogNormal(median: "4h", sigma: 0.6), basis: Assumed("bench")),
    "recovery": (dist: LogNormal(median: "2d", sigma: 0.8), basis: Assumed("bench")),
    "telling": (dist: Exponential(mean: "3h"), basis: Assumed("bench")),
    "transmission": (dist: Exponential(mean: "5min"), basis: Assumed("bench")),
    "reading": (dist: Exponential(mean: "15min"), basis: Assumed("bench")),
  }},
  facts: {{"affected": (title: "{{state}} is affected", per: [Incident, State], truth: Hit)}},
  products: {{"report": (title: "A report", carries: ["affected"], read: "reading")}},
  actors: {{"team": (title: "Team of {{state}}", per: State, levels: ["teams"])}},
  channels: [(id: "desk", from: Operators, to: Any, latency: "transmission")],
  incidents: {{
    "worm": (
      title: "The worm", basis: Assumed("bench"),
      process: Worm(
        first_hits: [(state: "A0", sector: "s0", operators: {FIRST_HITS})],
        rate: "{rate} per h", within_state: {WITHIN_STATE:?}, within_sector: {WITHIN_SECTOR:?},
      ),
    ),
  }},"#
    )?;
    writeln!(text, "  states: {{")?;
    for state in 0..STATES {
        writeln!(text, "    \"A{state}\": (title: \"State {state}\", zone: \"UTC\"),")?;
    }
    writeln!(text, "  }},\n  sectors: {{")?;
    for sector in 0..SECTORS {
        writeln!(text, "    \"s{sector}\": (title: \"Sector {sector}\"),")?;
    }
    writeln!(text, "  }},\n  operators: [")?;
    for sector in 0..SECTORS {
        writeln!(
            text,
            "    (id: \"g{sector}\", sector: \"s{sector}\", per: State, count: {count}, detect: \"detection\", contain: \"containment\", recover: \"recovery\",\n      reports: [(product: \"report\", to: Own(\"team\"), probability: 1.0, delay: \"telling\")]),"
        )?;
    }
    writeln!(text, "  ],\n)")
}

/// What happens to operators, in the order of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Step {
    Hit,
    Detected,
    Contained,
    Recovered,
    Reports,
    Arrives,
    Read,
}

const STEPS: [Step; 7] =
    [Step::Hit, Step::Detected, Step::Contained, Step::Recovered, Step::Reports, Step::Arrives, Step::Read];

/// What an epidemic came to: for each step how often it happened, and the sum of its times in hours.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Epidemic {
    /// How often.
    pub(crate) counts: [u64; 7],
    /// Sum of times (h).
    pub(crate) hours: [f64; 7],
}

impl Epidemic {
    fn add(&mut self, step: Step, at_us: u64) {
        self.counts[step as usize] += 1;
        self.hours[step as usize] += at_us as f64 / HOUR;
    }

    /// Events in all.
    pub(crate) fn events(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether two epidemics have the same steps at the same times, up to rounding of single microseconds.
    pub(crate) fn is_like(&self, other: &Epidemic) -> bool {
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-8 * a.abs();
        self.counts == other.counts && self.hours.iter().zip(&other.hours).all(near)
    }

    /// What the product's trace of the document tells.
    pub(crate) fn of_trace(trace: &Trace) -> Epidemic {
        let mut epidemic = Epidemic::default();
        for record in &trace.records {
            let step = match record.event {
                Event::Hit(..) => Step::Hit,
                Event::Detected(..) => Step::Detected,
                Event::Contained(..) => Step::Contained,
                Event::Recovered(..) => Step::Recovered,
                Event::Sent { .. } => Step::Reports,
                Event::Delivered { .. } => Step::Arrives,
                Event::TaskDone { work: WorkKind::Read(_), .. } => Step::Read,
                _ => continue,
            };
            epidemic.add(step, record.time.since_start().as_micros());
        }
        epidemic
    }
}

struct Cohort {
    rate: f64,
    integral: f64,
    /// Thresholds with their operators, the smallest last.
    thresholds: Vec<(f64, u32)>,
}

/// The epidemic without the product: structs in vectors and a binary heap.
pub(crate) struct PlainWorm {
    per_group: usize,
    /// Hash of each operator's name, in order of sector group, state, number.
    names: Vec<NameHash>,
    teams: Vec<NameHash>,
    beta: f64,
    laws: Laws,
    purposes: Purposes,
}

struct Laws {
    detection: Law,
    containment: Law,
    recovery: Law,
    telling: Law,
    transmission: Law,
    reading: Law,
}

struct Purposes {
    threshold: NameHash,
    transmission: NameHash,
    reading: NameHash,
    /// By sector: detection, containment, recovery, telling.
    of_group: Vec<[NameHash; 4]>,
    worm: u64,
    report: u64,
}

impl PlainWorm {
    /// The epidemic over about so many operators.
    pub(crate) fn new(operators: usize) -> Self {
        let log_normal = |hours: f64, sigma| {
            Law::log_normal_from(LogNormalFact::Median(hours * HOUR), LogNormalFact::Sigma(sigma))
                .expect("a positive median and sigma")
        };
        let exponential = |hours: f64| Law::exponential(hours * HOUR).expect("a positive mean");
        let per_group = per_group(operators);
        let groups = (0..SECTORS).flat_map(|k| (0..STATES).map(move |s| (k, s)));
        let names =
            groups.flat_map(|(k, s)| (1..=per_group).map(move |n| NameHash::of(&format!("A{s}/g{k}#{n}"))));
        let of_group = |k: usize| {
            let own = |what: &str| NameHash::of(&format!("group:g{k}/{what}"));
            [
                own("detect/detection"),
                own("contain/containment"),
                own("recover/recovery"),
                own("report/report/delay/telling"),
            ]
        };
        PlainWorm {
            per_group,
            names: names.collect(),
            teams: (0..STATES).map(|s| NameHash::of(&format!("team@A{s}"))).collect(),
            beta: rate(operators).parse::<f64>().expect("a number") / HOUR,
            laws: Laws {
                detection: log_normal(6.0, 0.7),
                containment: log_normal(4.0, 0.6),
                recovery: log_normal(48.0, 0.8),
                telling: exponential(3.0),
                transmission: exponential(5.0 / 60.0),
                reading: exponential(0.25),
            },
            purposes: Purposes {
                threshold: NameHash::of("incident:worm/rate"),
                transmission: NameHash::of("channel:desk/latency/transmission"),
                reading: NameHash::of("product:report/read/reading"),
                of_group: (0..SECTORS).map(of_group).collect(),
                worm: NameHash::of("worm").words()[0],
                report: NameHash::of("report").words()[0],
            },
        }
    }

    /// Runs one replication.
    pub(crate) fn run(&self, seed: u64, replication: u64) -> Epidemic {
        let mut run = Run::new(self, seed, replication);
        run.first_hits();
        run.run();
        run.epidemic
    }

    fn sector(&self, operator: u32) -> usize {
        operator as usize / self.per_group / STATES
    }

    fn state(&self, operator: u32) -> usize {
        operator as usize / self.per_group % STATES
    }
}

/// One replication.
struct Run<'a> {
    worm: &'a PlainWorm,
    streams: Streams,
    cohorts: Vec<Cohort>,
    hit: Vec<bool>,
    total: u32,
    by_state: [u32; STATES],
    by_sector: [u32; SECTORS],
    by_both: Vec<u32>,
    last: u64,
    /// When the next threshold is reached, and in which cohort.
    next: (u64, usize),
    /// Time, order of scheduling, `operator << 3 | step`.
    events: BinaryHeap<Reverse<(u64, u64, u64)>>,
    sequence: u64,
    /// Of each team: key of its reading, instance, reports read.
    reading: Vec<(DrawKey, u64, u64)>,
    epidemic: Epidemic,
}

impl<'a> Run<'a> {
    fn new(worm: &'a PlainWorm, seed: u64, replication: u64) -> Self {
        let streams = Streams::new(seed, replication);
        let of = mix(mix(0, worm.purposes.worm), 2);
        let mut cohorts: Vec<Cohort> = (0..SECTORS * STATES)
            .map(|_| Cohort { rate: 0.0, integral: 0.0, thresholds: Vec::with_capacity(worm.per_group) })
            .collect();
        for (operator, &name) in worm.names.iter().enumerate() {
            let word = streams.key(name, worm.purposes.threshold).word(of, 0);
            let threshold = -libm::log(uniform(word));
            cohorts[operator / worm.per_group].thresholds.push((threshold, operator as u32));
        }
        for cohort in &mut cohorts {
            cohort.thresholds.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(y.1.cmp(&x.1)));
        }
        let reading = worm.teams.iter().map(|&team| {
            let instance = mix(mix(mix(0, worm.purposes.report), team.words()[0]), 0);
            (streams.key(team, worm.purposes.reading), instance, 0)
        });
        Run {
            reading: reading.collect(),
            hit: vec![false; worm.names.len()],
            worm,
            streams,
            cohorts,
            total: 0,
            by_state: [0; STATES],
            by_sector: [0; SECTORS],
            by_both: vec![0; STATES * SECTORS],
            last: 0,
            next: (u64::MAX, 0),
            events: BinaryHeap::new(),
            sequence: 0,
            epidemic: Epidemic::default(),
        }
    }

    /// The first hits fall in the first group, in an order of their own.
    fn first_hits(&mut self) {
        let of = mix(mix(0, self.worm.purposes.worm), 4);
        let word = |&name| self.streams.key(name, self.worm.purposes.threshold).word(of, 0);
        let mut order: Vec<(u64, u32)> =
            self.worm.names[..self.worm.per_group].iter().map(word).zip(0..).collect();
        order.sort_unstable();
        for &(_, operator) in order.iter().take(FIRST_HITS) {
            self.hits(0, operator);
        }
    }

    fn run(&mut self) {
        loop {
            let event = self.events.peek().map_or(u64::MAX, |&Reverse((at, ..))| at);
            if event.min(self.next.0) == u64::MAX {
                return;
            }
            if self.next.0 < event {
                let (now, cohort) = self.next;
                self.advance(now);
                if let Some((_, operator)) = self.cohorts[cohort].thresholds.pop() {
                    self.hits(now, operator);
                }
            } else if let Some(Reverse((now, _, what))) = self.events.pop() {
                self.happens(now, (what >> 3) as u32, STEPS[(what & 7) as usize]);
            }
        }
    }

    fn schedule(&mut self, at: u64, operator: u32, step: Step) {
        self.events.push(Reverse((at, self.sequence, u64::from(operator) << 3 | step as u64)));
        self.sequence += 1;
    }

    /// Draws what an operator draws once.
    fn draws(&self, operator: u32, purpose: NameHash, instance: u64, law: &Law) -> u64 {
        let word = self.streams.key(self.worm.names[operator as usize], purpose).word(instance, 0);
        length(law, word)
    }

    fn happens(&mut self, now: u64, operator: u32, step: Step) {
        self.epidemic.add(step, now);
        let worm = self.worm;
        let (p, laws) = (&worm.purposes, &worm.laws);
        let [_, contain, recover, tell] = p.of_group[worm.sector(operator)];
        match step {
            Step::Hit | Step::Recovered | Step::Read => {}
            Step::Detected => {
                let after = self.draws(operator, contain, p.worm, &laws.containment);
                self.schedule(now + after, operator, Step::Contained);
                let after = self.draws(operator, tell, p.worm, &laws.telling);
                self.schedule(now + after, operator, Step::Reports);
            }
            Step::Contained => {
                self.advance(now);
                self.infectious(operator, false);
                self.next_crossing();
                let after = self.draws(operator, recover, p.worm, &laws.recovery);
                self.schedule(now + after, operator, Step::Recovered);
            }
            Step::Reports => {
                let (_, instance, _) = self.reading[worm.state(operator)];
                let after = self.draws(operator, p.transmission, instance, &laws.transmission);
                self.schedule(now + after, operator, Step::Arrives);
            }
            Step::Arrives => {
                let (key, instance, read) = &mut self.reading[worm.state(operator)];
                let after = length(&laws.reading, key.word(*instance, *read));
                *read += 1;
                self.schedule(now + after, operator, Step::Read);
            }
        }
    }

    fn hits(&mut self, now: u64, operator: u32) {
        self.epidemic.add(Step::Hit, now);
        self.hit[operator as usize] = true;
        self.infectious(operator, true);
        self.next_crossing();
        let purpose = self.worm.purposes.of_group[self.worm.sector(operator)][0];
        let after = self.draws(operator, purpose, self.worm.purposes.worm, &self.worm.laws.detection);
        self.schedule(now + after, operator, Step::Detected);
    }

    fn infectious(&mut self, operator: u32, begins: bool) {
        let counts = [
            &mut self.total,
            &mut self.by_state[self.worm.state(operator)],
            &mut self.by_sector[self.worm.sector(operator)],
            &mut self.by_both[operator as usize / self.worm.per_group],
        ];
        for count in counts {
            *count = if begins { *count + 1 } else { *count - 1 };
        }
    }

    fn advance(&mut self, now: u64) {
        let dt = (now - self.last) as f64;
        for cohort in &mut self.cohorts {
            cohort.integral += cohort.rate * dt;
        }
        self.last = now;
    }

    /// Sets the pressures and finds the next threshold that is reached.
    fn next_crossing(&mut self) {
        let (a, b) = (WITHIN_STATE - 1.0, WITHIN_SECTOR - 1.0);
        let mut best = (f64::INFINITY, 0);
        for (i, cohort) in self.cohorts.iter_mut().enumerate() {
            let (sector, state) = (i / STATES, i % STATES);
            let inside = a * f64::from(self.by_state[state]) + b * f64::from(self.by_sector[sector]);
            let both = a * b * f64::from(self.by_both[i]);
            cohort.rate = self.worm.beta * (f64::from(self.total) + inside + both);
            while cohort.thresholds.last().is_some_and(|&(_, o)| self.hit[o as usize]) {
                cohort.thresholds.pop();
            }
            if let Some(&(threshold, _)) = cohort.thresholds.last()
                && cohort.rate > 0.0
            {
                let wait = ((threshold - cohort.integral) / cohort.rate).max(0.0);
                if wait < best.0 {
                    best = (wait, i);
                }
            }
        }
        let wait = SimDuration::from_micros_f64(best.0).as_micros();
        self.next = (self.last.saturating_add(wait), best.1);
    }
}
