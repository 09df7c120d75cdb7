//! `check --influence`: whatever is not named there is the same with the element on and off.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use blueprint_sim::analysis::milestones::MilestoneWatch;
use blueprint_sim::analysis::paths::{Changed, MayChange, may_change};
use blueprint_sim::analysis::run::analyse;
use blueprint_sim::compile::compile;
use blueprint_sim::document::merge::MemoryLoader;
use blueprint_sim::document::{Overrides, SourceMap, assemble, builtin, render};
use blueprint_sim::model::{DecisionId, ElementId, FactKindId, MilestoneId, Model, ParamId};
use blueprint_sim::sim::Simulation;
use blueprint_sim::trace::{Event, Trace};
use proptest::prelude::*;

use crate::workshop::Workshop;

fn loader() -> MemoryLoader {
    builtin::all().into_iter().fold(MemoryLoader::new(), |loader, d| loader.with_built_in(d.name, d.text))
}

fn model(name: &str, loader: &MemoryLoader, overrides: &Overrides) -> Model {
    let mut sources = SourceMap::new();
    let opened = assemble::open(name, loader, &mut sources, overrides);
    match opened.and_then(|opened| compile(&opened.document)) {
        Ok(compiled) => compiled.model,
        Err(errors) => {
            let shown: Vec<String> = errors.iter().map(|d| render::render(d, &sources, false)).collect();
            panic!("{}", shown.join("\n"));
        }
    }
}

fn switched(name: &str, on: bool) -> Overrides {
    let names = vec![name.to_owned()];
    match on {
        true => Overrides { with: names, ..Overrides::default() },
        false => Overrides { without: names, ..Overrides::default() },
    }
}

fn run(model: &Model, replication: u64) -> Trace {
    let mut simulation = Simulation::new(model, 5, replication);
    let mut watch = MilestoneWatch::new(model);
    simulation.watch(Box::new(move |trace, id| watch.see(model, trace, id)));
    simulation.run();
    simulation.into_trace()
}

/// What a run says of each milestone, measure, kind of fact and decision.
fn told(model: &Model, trace: &Trace) -> [Vec<String>; 4] {
    let results = analyse(model, trace);
    let milestones =
        results.milestones.iter().map(|m| format!("{:?} {:?}", m.reached.map(|r| r.at), m.latency)).collect();
    let mut measures = vec![String::new(); model.measures.len()];
    for row in &results.measures {
        write!(measures[row.measure.index()], "{} {:?} {};", row.statistic, row.value, row.n).unwrap();
    }
    let mut facts = vec![String::new(); model.fact_kinds.len()];
    for row in &results.knowledge {
        let kind = model.facts[row.fact.index()].kind;
        let (actor, fact, version) = (row.actor, row.fact, row.version);
        let (value, at, from) = (row.value, row.learned_at, row.from);
        write!(facts[kind.index()], "{actor:?} {fact:?} {version} {value} {at:?} {from:?};").unwrap();
    }
    let mut decisions = vec![String::new(); model.decisions.len()];
    for record in &trace.records {
        match record.event {
            Event::True { fact, value } => {
                let kind = model.facts[fact.index()].kind;
                write!(facts[kind.index()], "{:?} {fact:?} {value};", record.time).unwrap();
            }
            Event::Decided(d, outcome, votes, option) => {
                let text = &mut decisions[d.index()];
                write!(text, "{:?} {outcome:?} {votes} {option};", record.time).unwrap();
            }
            _ => {}
        }
    }
    [milestones, measures, facts, decisions]
}

/// Compares runs before and after a change; returns how much was not named, how much of what was named differed.
fn held(before: &Model, after: &Model, may: &MayChange, replications: u64, what: &str) -> (usize, usize) {
    let named: [BTreeSet<usize>; 4] = [
        may.milestones.iter().map(|m: &MilestoneId| m.index()).collect(),
        may.measures.iter().copied().collect(),
        may.facts.iter().map(|k: &FactKindId| k.index()).collect(),
        may.decisions.iter().map(|d: &DecisionId| d.index()).collect(),
    ];
    let (mut unnamed, mut differ) = (0, 0);
    for replication in 0..replications {
        let (a, b) = (told(before, &run(before, replication)), told(after, &run(after, replication)));
        for (table, named) in named.iter().enumerate() {
            for (i, (x, y)) in a[table].iter().zip(&b[table]).enumerate() {
                if named.contains(&i) {
                    differ += usize::from(x != y);
                } else {
                    unnamed += 1;
                    assert_eq!(x, y, "{what}: row {i} of table {table} is not named and differs");
                }
            }
        }
    }
    (unnamed, differ)
}

fn element_of(document: &str, element: &str, loader: &MemoryLoader, replications: u64) -> (usize, usize) {
    let on = model(document, loader, &switched(element, true));
    let off = model(document, loader, &switched(element, false));
    let id = on.elements.iter().position(|e| e.name == element).map(ElementId::from_index).unwrap();
    let may = may_change(&[&on, &off], Changed::Element(id));
    held(&on, &off, &may, replications, &format!("{document}, {element}"))
}

#[test]
fn elements_of_the_built_in_scenario_change_what_is_named_only() {
    let loader = loader();
    let plain = model("wannacry-2017", &loader, &Overrides::default());
    // There news changes the spread and the spread the news, so nearly everything is named.
    for element in &plain.elements {
        element_of("wannacry-2017", &element.name, &loader, 2);
    }
}

/// A small blueprint drawn from a seed: desks with and without limits that find, tell, work, escalate and decide.
fn toy(seed: u64) -> String {
    let mut state = seed | 1;
    let mut pick = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let n = 4 + pick(3);
    let mut out = String::from(
        "Blueprint(format: 1, name: \"toy\", horizon: \"3d\", levels: [(id: \"l\", title: \"L\")],\n\
         elements: {\"e\": (title: \"E\", basis: Assumed(\"toy\"), effects: [",
    );
    if pick(3) == 0 {
        out.push_str("Scale(parameter: \"t1\", by: 0.5)");
    }
    out.push_str("])},\nparameters: {\n");
    for p in 0..3 {
        writeln!(
            out,
            "\"t{p}\": (dist: Exponential(mean: \"{}min\"), basis: Assumed(\"toy\")),",
            10 + 20 * p
        )
        .unwrap();
    }
    out.push_str("},\ncalendars: {\"day\": Windows(windows: [(days: EveryDay, from: \"08:00\", to: \"17:00\")])},\nactors: {\n");
    for a in 0..n {
        let staff = ["staff: 1, ", "", "staff: 2, ", ""][pick(4) as usize];
        let calendar = ["", "calendar: \"day\", ", ""][pick(3) as usize];
        let element = if pick(8) == 0 && a > 0 { "element: \"e\", " } else { "" };
        writeln!(out, "\"a{a}\": (title: \"A{a}\", levels: [\"l\"], {staff}{calendar}{element}),").unwrap();
    }
    out.push_str("},\nfacts: {");
    for f in 0..4 {
        let value = ["Flag", "Choice([\"x\", \"y\"])", "Number()"][pick(3) as usize];
        write!(out, "\"f{f}\": (title: \"F{f}\", value: {value}), ").unwrap();
    }
    out.push_str("},\nproducts: {");
    for p in 0..4 {
        let write = ["", "write: \"t0\", ", "write: \"w1\", "][pick(3) as usize];
        let read = ["", "read: \"t0\", "][pick(2) as usize];
        write!(
            out,
            "\"p{p}\": (title: \"P{p}\", carries: [\"f{}\", \"f{p}\"], {write}{read}), ",
            (p + 1) % 4
        )
        .unwrap();
    }
    out.push_str(
        "},\ntasks: {\"w0\": (title: \"W0\", work: \"t1\"), \"w1\": (title: \"W1\", work: \"t2\")},\n\
         networks: {\"n\": (title: \"N\", members: [Actor(\"a0\"), Actor(\"a1\")], modes: [(id: \"calm\", title: \"Calm\"), \
         (id: \"high\", title: \"High\", effects: [Scale(parameter: \"t2\", by: 0.5)])])},\n\
         decisions: {\"d\": (title: \"D\", chair: Actor(\"a2\"), members: AnyOf([Actor(\"a2\"), Actor(\"a3\")]), \
         vote: AtLeast(2), position: \"t0\")},\nchannels: [",
    );
    if pick(2) == 0 {
        let (from, to) = (pick(n), pick(n));
        write!(
            out,
            "(id: \"fast\", from: Of(Actor(\"a{from}\")), to: Of(Actor(\"a{to}\")), element: \"e\"), "
        )
        .unwrap();
    }
    let capacity = ["", "capacity: 1, "][pick(2) as usize];
    writeln!(out, "(id: \"mail\", from: Any, to: Any, latency: \"t0\", loss: 0.1, {capacity})],\nrules: [")
        .unwrap();
    let rules = n + pick(6);
    for r in 0..rules {
        let actor = if r < n { r } else { pick(n) };
        let on = match pick(7) {
            0 | 1 => "Start".to_owned(),
            2 => format!("Receive(\"p{}\")", pick(4)),
            3 | 4 => format!("Learn(\"f{}\")", pick(4)),
            5 => "Decided(decision: \"d\")".to_owned(),
            _ => "Every(interval: \"7h\")".to_owned(),
        };
        let when = match pick(4) {
            0 => format!("when: [Known(fact: \"f{}\")], ", pick(4)),
            1 => "when: [Mode(network: \"n\", at_least: \"high\")], ".to_owned(),
            2 => "when: [Chance(0.7)], ".to_owned(),
            _ => String::new(),
        };
        let governed = match pick(9) {
            0 => "element: \"e\", ",
            1 => "unless: \"e\", ",
            _ => "",
        };
        let governed = if r == rules - 1 { "element: \"e\", " } else { governed };
        let mut then = Vec::new();
        for _ in 0..=pick(3) {
            then.push(match pick(7) {
                0 => "Work(\"w0\")".to_owned(),
                1 | 2 => format!("Find(fact: \"f{}\", work: \"w{}\")", pick(4), pick(2)),
                3 | 4 => format!("Send(product: \"p{}\", to: Actor(\"a{}\"))", pick(4), pick(n)),
                5 => "SetMode(network: \"n\", mode: \"high\")".to_owned(),
                _ => "Propose(\"d\")".to_owned(),
            });
        }
        writeln!(
            out,
            "(id: \"r{r}\", actor: Actor(\"a{actor}\"), on: {on}, {when}{governed}repeat: Once, then: [{}]),",
            then.join(", ")
        )
        .unwrap();
    }
    out.push_str("],\nmilestones: {");
    for a in 0..n {
        for f in 0..4 {
            write!(out, "\"m{a}{f}\": (title: \"M\", when: Knows(who: Actor(\"a{a}\"), fact: \"f{f}\")), ")
                .unwrap();
        }
    }
    out.push_str(
        "\"high\": (title: \"High\", when: Mode(network: \"n\", at_least: \"high\"))},\nmeasures: {",
    );
    for a in 0..n {
        write!(out, "\"q{a}\": (title: \"Q\", of: Sojourn(actor: Actor(\"a{a}\")), show: [Mean, Count]), ")
            .unwrap();
    }
    out.push_str("})\n");
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn elements_of_random_toys_change_what_is_named_only(seed in any::<u64>()) {
        let loader = MemoryLoader::new().with_file("doc.ron", toy(seed));
        element_of("doc", "e", &loader, 2);
    }
}

#[test]
fn it_names_neither_everything_nor_what_stays() {
    let (mut unnamed, mut differ) = (0, 0);
    for seed in 0..40_u64 {
        let loader = MemoryLoader::new().with_file("doc.ron", toy(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let found = element_of("doc", "e", &loader, 1);
        unnamed += found.0;
        differ += found.1;
    }
    assert!(unnamed > 100 && differ > 50, "{unnamed} not named, {differ} named that differ");
}

#[test]
fn a_parameter_changes_what_is_named_only() {
    for seed in 0..30_u64 {
        let loader = MemoryLoader::new().with_file("doc.ron", toy(seed.wrapping_mul(0x2545_F491_4F6C_DD1D)));
        let before = model("doc", &loader, &Overrides::default());
        let set = vec![("t1".to_owned(), "47min".to_owned())];
        let after = model("doc", &loader, &Overrides { set, ..Overrides::default() });
        let id = before.params.iter().position(|p| p.name == "t1").map(ParamId::from_index).unwrap();
        let may = may_change(&[&before], Changed::Parameter(id));
        held(&before, &after, &may, 1, "t1");
    }
}

#[test]
fn the_command_names_both_sides() {
    let w = Workshop::new();
    w.file("toy.ron", toy(11));
    let json: serde_json::Value =
        serde_json::from_str(&w.stdout("check toy.ron --influence e --format json")).unwrap();
    let (may, same) = (&json[0]["milestones"]["may_change"], &json[0]["milestones"]["same"]);
    let n = may.as_array().unwrap().len() + same.as_array().unwrap().len();
    assert_eq!(n, toy(11).matches("\"M\"").count() + 1);
    assert_eq!(json[0]["element"], "e");
    let text = w.stdout("check toy.ron --influence e");
    assert!(text.contains(&format!("milestones: {} of {n}", may.as_array().unwrap().len())), "{text}");
    let text = w.stdout("check toy.ron --influence t2");
    assert!(text.starts_with("Another value of the parameter `t2`"), "{text}");
    assert!(w.failure("check toy.ron --influence t9", 1).contains("did you mean `t"), "a near name is told");
    w.failure("check toy.ron toy.ron --influence e", 2);
    w.failure("check toy.ron --influence e --format csv", 2);
}
