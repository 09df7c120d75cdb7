//! Random toy blueprints as texts: a chain of desks with calendars, queues, lossy links, votes, modes and outages.
//!
//! A toy is a function of a list of bytes: each choice reads the next one, and a list that has run out reads zeros, so
//! that shorter and smaller lists are plainer toys.

use std::fmt::Write as _;

/// Reads choices from bytes.
pub(crate) struct Genes<'a>(std::slice::Iter<'a, u8>);

impl<'a> Genes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Genes<'a> {
        Genes(bytes.iter())
    }

    /// One of several.
    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(*self.0.next().unwrap_or(&0)) % choices.len()]
    }

    fn yes(&mut self) -> bool {
        self.of(&[false, true])
    }
}

/// Laws of a length, all with a finite mean of about an hour.
const LENGTHS: [&str; 6] = [
    r#"Fixed("1h")"#,
    r#"Exponential(mean: "1h")"#,
    r#"Uniform("10min", "2h")"#,
    r#"LogNormal(median: "40min", p90: "3h")"#,
    r#"Mixture([(3, Fixed("20min")), (1, Exponential(mean: "3h"))])"#,
    r#"Weibull(shape: 0.7, median: "30min")"#,
];

const CALENDARS: [&str; 5] =
    ["", r#", calendar: "office""#, r#", calendar: "night""#, r#", calendar: "shifts""#, ""];

/// The toy of a list of bytes.
pub(crate) fn toy(bytes: &[u8]) -> String {
    let mut genes = Genes::new(bytes);
    let g = &mut genes;
    let n = g.of(&[2_usize, 3, 4, 5]);
    let mut text = String::from(
        "Blueprint(\n    format: 1, name: \"toy\", title: \"Toy\", start: \"2017-01-02T00:00:00Z\",\n",
    );
    let _ = writeln!(text, "    horizon: \"{}\",", g.of(&["5d", "9d", "14d"]));
    text.push_str("    levels: [(id: \"desk\", title: \"Desk\")],\n    states: {\"AA\": (title: \"Aa\", zone: \"UTC\"), \"BB\": (title: \"Bb\", zone: \"Europe/Athens\")},\n");
    text.push_str("    calendars: {\n        \"office\": Windows(windows: [(days: Weekdays, from: \"09:00\", to: \"17:00\")]),\n        \"night\": Windows(windows: [(days: EveryDay, from: \"22:00\", to: \"06:00\")]),\n        \"shifts\": Windows(windows: [(days: EveryDay, from: \"06:00\", to: \"14:00\", staff: 2), (days: EveryDay, from: \"14:00\", to: \"22:00\", staff: 1)]),\n    },\n");
    text.push_str("    markings: {\"tlp\": (title: \"TLP\", ladder: [\"white\", \"amber\", \"red\"])},\n");
    parameters(&mut text, g, n);
    actors(&mut text, g, n);
    flow(&mut text, g, n);
    rules(&mut text, g, n);
    bodies(&mut text, g, n);
    injects(&mut text, g);
    let last = n - 1;
    let _ = writeln!(
        text,
        "    milestones: {{\n        \"first\": (title: \"First\", when: Delivered(product: \"report\")),\n        \"tenth\": (title: \"Tenth\", when: Delivered(product: \"report\", nth: 10)),\n        \"known\": (title: \"Known\", when: Knows(who: Actor(\"d{last}\"), fact: \"news\")),\n        \"done\": (title: \"Done\", when: Done(task: \"t0\", nth: 5)),\n    }},"
    );
    text.push_str("    measures: {\"time\": (of: Sojourn(), show: [Count, Mean])},\n)\n");
    text
}

fn parameters(text: &mut String, g: &mut Genes, n: usize) {
    text.push_str("    parameters: {\n");
    let _ = writeln!(
        text,
        "        \"gap\": (dist: Exponential(mean: \"{}\"), basis: Assumed(\"toy\")),",
        g.of(&["3h", "90min", "6h"])
    );
    let _ =
        writeln!(text, "        \"loss\": (value: {}, basis: Assumed(\"toy\")),", g.of(&["0", "0.2", "0.6"]));
    let _ = writeln!(text, "        \"way\": (dist: {}, basis: Assumed(\"toy\")),", g.of(&LENGTHS));
    let _ = writeln!(text, "        \"reading\": (dist: {}, basis: Assumed(\"toy\")),", g.of(&LENGTHS));
    let _ = writeln!(text, "        \"yes\": (value: {}, basis: Assumed(\"toy\")),", g.of(&["1", "0.5"]));
    for i in 0..n {
        let _ = writeln!(text, "        \"work.{i}\": (dist: {}, basis: Assumed(\"toy\")),", g.of(&LENGTHS));
    }
    text.push_str("    },\n");
}

fn actors(text: &mut String, g: &mut Genes, n: usize) {
    text.push_str("    actors: {\n");
    for i in 0..n {
        let staff = g.of(&[", staff: 1", ", staff: 2", ", staff: 3", ""]);
        let calendar = g.of(&CALENDARS);
        let calendar = if staff.is_empty() && calendar.contains("shifts") { "" } else { calendar };
        let discipline = g.of(&["", ", discipline: PreemptiveResume", ", discipline: PreemptiveRestart"]);
        let order = g.of(&["", ", order: LastFirst", ", order: ShortestFirst"]);
        let limit = g.of(&["", ", queue_limit: 4", ", queue_limit: 0"]);
        let state = g.of(&["", r#", state: "AA""#, r#", state: "BB""#]);
        let clearance = g.of(&["", "", r#", clearance: {"tlp": "white"}"#]);
        let _ = writeln!(
            text,
            "        \"d{i}\": (title: \"Desk {i}\", levels: [\"desk\"]{staff}{calendar}{discipline}{order}{limit}{state}{clearance}),"
        );
    }
    text.push_str("        \"member\": (title: \"Member\", levels: [\"desk\"], count: 3),\n    },\n");
}

fn flow(text: &mut String, g: &mut Genes, n: usize) {
    text.push_str("    facts: {\"news\": (title: \"News\"");
    text.push_str(g.of(&["", ", shared: \"yes\""]));
    text.push_str("), \"count\": (title: \"Count\", value: Number())},\n    tasks: {\n");
    for i in 0..n {
        let patience = g.of(&["", ", patience: \"reading\"", ", time_to_live: \"5h\""]);
        let priority = g.of(&["", ", priority: Urgent", ", priority: Routine"]);
        let interrupts = g.of(&["", "", ", interrupts: true"]);
        let _ = writeln!(
            text,
            "        \"t{i}\": (title: \"Task {i}\", work: \"work.{i}\"{patience}{priority}{interrupts}),"
        );
    }
    text.push_str("    },\n    products: {\n        \"report\": (title: \"Report\", carries: [\"news\", \"count\"], needs_content: false");
    text.push_str(g.of(&["", ", read: \"reading\""]));
    text.push_str(g.of(&["", ", write: \"20min\""]));
    text.push_str(g.of(&[
        "",
        ", marking: (\"tlp\", \"amber\")",
        ", marking: (\"tlp\", \"red\"), tear_line: (marking: (\"tlp\", \"white\"), carries: [\"news\"])",
    ]));
    text.push_str("),\n    },\n    channels: [\n");
    for name in ["mail", "phone"] {
        let retry = g.of(&[
            "",
            ", retry: (after: \"1h\", at_most: 3)",
            ", retry: (after: \"30min\", growth: 2, cap: \"4h\", at_most: 6)",
            ", retry: (after: \"45min\", at_most: 4, late: Valid)",
            ", retry: (after: \"45min\", at_most: 4, late: Void, acknowledgement: (latency: \"10min\", loss: \"loss\"))",
        ]);
        let capacity = g.of(&["", "", ", capacity: 1"]);
        let hours = g.of(&["", "", ", hours: \"office\"", ", hours: \"office\", hours_of: Both"]);
        let rung = g.of(&["", "", ", carries_up_to: [(\"tlp\", \"amber\")]"]);
        let _ = writeln!(
            text,
            "        (id: \"{name}\", from: Any, to: Any, latency: \"way\", loss: \"loss\"{retry}{capacity}{hours}{rung}),"
        );
    }
    text.push_str("    ],\n");
}

fn rules(text: &mut String, g: &mut Genes, n: usize) {
    text.push_str("    rules: [\n");
    let by = g.of(&["", r#", by: ["mail", "phone"]"#]);
    let extra = g.of(&[
        "",
        r#" Race(of: [[Work("t0")], [Wait("2h")]]),"#,
        r#" Together([[Work("t0")], [Wait("30min"), Work("20min")]]),"#,
        r#" Choose([(2, [Work("t0")]), (1, [Wait("1h")])]),"#,
        r#" Loop(body: [Work("t0")], again: 0.4),"#,
        r#" Hand(to: Role("member"), only: 2, then: [Work("15min")]),"#,
    ]);
    let repeat = g.of(&["", ", repeat: OncePerCase"]);
    let _ = writeln!(
        text,
        "        (id: \"source\", actor: Actor(\"d0\"), on: Arrivals(\"gap\"), then: [Work(\"t0\"), Find(fact: \"news\"),{extra} Send(product: \"report\", to: Actor(\"d1\"){by})]),"
    );
    for i in 1..n {
        let next = if i + 1 < n {
            format!(", Send(product: \"report\", to: Actor(\"d{}\"))", i + 1)
        } else {
            String::new()
        };
        let ends = if i + 1 == n { g.of(&["", ", Finish"]) } else { "" };
        let _ = writeln!(
            text,
            "        (id: \"step-{i}\", actor: Actor(\"d{i}\"), on: Receive(\"report\"){repeat}, then: [Work(\"t{i}\"), Find(fact: \"count\", counted: \"report\"){next}{ends}]),"
        );
    }
    if g.yes() {
        text.push_str("        (id: \"many\", actor: Actor(\"d1\"), on: RisesTo(fact: \"count\", level: 3), then: [Work(\"10min\")]),\n");
    }
    if g.yes() {
        text.push_str("        (id: \"again\", actor: Actor(\"d0\"), on: TurnedAway(\"t0\"), then: [Wait(\"3h\"), Work(\"t0\")]),\n");
    }
    text.push_str("        (id: \"up\", actor: Actor(\"d0\"), on: Within(times: 2, window: \"5h\", of: Done(\"t0\")), then: [SetMode(network: \"net\", mode: \"alert\")]),\n");
    text.push_str("        (id: \"down\", actor: Actor(\"d0\"), on: Every(interval: \"7h\"), then: [SetMode(network: \"net\", mode: \"calm\")]),\n");
    text.push_str("        (id: \"asks\", actor: Actor(\"d0\"), on: Every(interval: \"26h\"), then: [Propose(\"line\")]),\n");
    if g.yes() {
        text.push_str("        (id: \"meets\", actor: Actor(\"d0\"), on: Enter(network: \"net\", mode: \"alert\"), then: [Meet(network: \"net\", length: \"1h\", notice: \"30min\")]),\n");
    }
    text.push_str("    ],\n");
}

fn bodies(text: &mut String, g: &mut Genes, n: usize) {
    let dwell = g.of(&["", ", dwell: \"10h\""]);
    let members = (0..n).map(|i| format!("Actor(\"d{i}\")")).collect::<Vec<_>>().join(", ");
    let _ = writeln!(
        text,
        "    networks: {{\"net\": (title: \"Net\", members: [{members}], modes: [(id: \"calm\", title: \"Calm\"), (id: \"alert\", title: \"Alert\"{dwell})])}},"
    );
    let vote = g.of(&["AtLeast(2)", "Chair", "Consensus", "Majority()"]);
    let procedure =
        g.of(&["", ", procedure: Silence(lasts: \"5h\")", ", closes_after: \"8h\", turnout: 0.5"]);
    let _ = writeln!(
        text,
        "    decisions: {{\"line\": (title: \"Line\", chair: Actor(\"d0\"), members: Role(\"member\"), vote: {vote}, position: \"reading\", in_favour: \"yes\", lapses_after: \"20h\"{procedure})}},"
    );
}

fn injects(text: &mut String, g: &mut Genes) {
    let effect = g.of(&[
        "",
        r#"Absent(staff: 1, lasts: "1d")"#,
        r#"ActorOutage(lasts: "10h")"#,
        r#"ChannelOutage(channel: "mail", lasts: "10h")"#,
        r#"Message("report")"#,
    ]);
    if !effect.is_empty() {
        let _ = writeln!(
            text,
            "    injects: [(id: \"trouble\", title: \"Trouble\", at: \"T+30h\", to: Actor(\"d1\"), effects: [{effect}])],"
        );
    }
}
