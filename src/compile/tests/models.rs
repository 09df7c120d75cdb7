//! What comes out of documents that are right.

use crate::model::*;
use crate::time::SimTime;

use super::*;

const HOUR: u64 = 3_600_000_000;

fn toy() -> Model {
    let compiled = compile_named("", "toy-worm", &Overrides::default());
    assert_eq!(compiled.warnings, []);
    compiled.model
}

fn param<'m>(model: &'m Model, name: &str) -> &'m Param {
    model.params.iter().find(|p| p.name == name).unwrap()
}

#[test]
fn templates_become_actors() {
    let model = toy();
    let names: Vec<&str> = model.actors.iter().map(|a| a.name.text.as_str()).collect();
    assert_eq!(names, ["csirt@ES", "csirt@FR", "agency", "cell#1", "cell#2"]);
    let titles: Vec<&str> = model.actors.iter().map(|a| a.title.as_str()).collect();
    assert_eq!(titles, ["CSIRT of Spain", "CSIRT of France", "Agency", "Cell 1", "Cell 2"]);
    assert_eq!(model.actors[0].short, "C ES");
    assert_eq!(model.actors[0].zone.name(), "Europe/Madrid");
    assert_eq!(model.actors[2].zone.name(), "Europe/Athens");
    let [variant] = &model.actors[0].variants[..] else { panic!() };
    assert_eq!((variant.share, variant.staff, variant.rota), (1.0, Some(6), None));
    let rota = model.actors[2].variants[0].rota.unwrap();
    // Monday 2 January 2017, 08:00 UTC is 10:00 in Athens, on duty until 17:30 there, 15:30 UTC.
    let profile = &model.rotas[rota.index()].profile;
    assert_eq!(profile.steps()[1], (SimTime::from_micros(HOUR * 15 / 2), crate::time::Capacity::Off));
    assert_eq!(profile.until(), SimTime::from_micros((3 + 60) * 24 * HOUR));
    assert_eq!(model.templates[0].by_state, [Some(ActorId::from_index(0)), Some(ActorId::from_index(1))]);
    assert_eq!(model.templates[1].by_state, [None, None]);
}

#[test]
fn facts_are_where_the_model_counts_them() {
    let model = toy();
    let names: Vec<&str> = model.facts.iter().map(|f| f.name.text.as_str()).collect();
    assert_eq!(
        names,
        [
            "affected/worm/ES",
            "affected/worm/FR",
            "cause/worm",
            "hits/worm/ES/telecom",
            "hits/worm/ES/health",
            "hits/worm/FR/telecom",
            "hits/worm/FR/health",
        ]
    );
    for (position, fact) in model.facts.iter().enumerate() {
        assert_eq!(
            model.fact(fact.kind, fact.incident, fact.state, fact.sector),
            Some(FactId::from_index(position))
        );
    }
    assert_eq!(model.facts[0].title, "operators in Spain are affected");
    assert_eq!(model.facts[2].title, "how the worm spreads");
    assert_eq!(model.facts[2].true_choice, Some(0));
    assert_eq!(model.facts[0].true_choice, None);
}

#[test]
fn quantities_are_in_microseconds() {
    let model = toy();
    let rate = crate::compile::quantities::value(&crate::document::types::Quantity::Text("0.9 per h".into()));
    assert_eq!(rate, Ok((0.9 / HOUR as f64, Unit::Rate)));
    let doubling = param(&model, "worm.doubling");
    assert_eq!(doubling.laws[0].mean(), Some(HOUR as f64), "the scenario's override");
    assert_eq!(doubling.basis, Basis::Assumed("a fast worm".into()), "its basis stays the blueprint's");
    assert_eq!(doubling.written, [(String::new(), "1h".to_owned())]);
}

#[test]
fn parameters_vary_by_state() {
    let model = toy();
    let triage = param(&model, "csirt.triage");
    let (es, fr) = (StateId::from_index(0), StateId::from_index(1));
    let minutes = |law: &crate::des::Law| law.quantile(0.5) / 60e6;
    assert!((minutes(triage.law(None)) - 25.0).abs() < 1e-6);
    assert!((minutes(triage.law(Some(es))) - 22.5).abs() < 1e-6, "0.9 x 25 min");
    assert_eq!(triage.law(Some(fr)).support(), (1.8e9, 1.8e9), "the override, not scaled");
    let texts: Vec<&str> = triage.written.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        ["LogNormal(median: 25min, p95: 2h)", "0.9 x LogNormal(median: 25min, p95: 2h)", "30min"]
    );
}

#[test]
fn places_that_draw_are_named_by_ids() {
    let model = toy();
    let purposes: Vec<&str> = model.sites.iter().map(|s| s.purpose.text.as_str()).collect();
    for expected in [
        "rule:alert-peers/wait/alert.write",
        "product:alert/write/alert.write",
        "product:incident-report/read/csirt.triage",
        "channel:list/latency/list.latency",
        "channel:list/loss",
        "group:shops/detect/detection",
        "group:shops/report/incident-report/probability/report.share",
        "rule:find-cause/work",
        "rule:find-cause/work#2",
        "task:triage/work/csirt.triage",
        "decision:raise/position/csirt.triage",
        "incident:worm/doubling/worm.doubling",
        "calendar:office/call-out/call-out",
    ] {
        assert_eq!(purposes.iter().filter(|p| **p == expected).count(), 1, "{expected}: {purposes:?}");
    }
    let mut unique = purposes.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), purposes.len());
}

#[test]
fn an_unrelated_addition_moves_no_place() {
    let before = toy();
    let text = TOY_SCENARIO.replace(
        "overrides: (",
        r#"overrides: (
            rules: [(id: "a-new-one", actor: Actor("agency"), on: Start, then: [Wait("10min"), Work("triage")])],"#,
    );
    let after = right(&text).model;
    let purposes = |model: &Model| -> Vec<String> {
        let mut all: Vec<String> = model.sites.iter().map(|s| s.purpose.text.clone()).collect();
        all.sort_unstable();
        all
    };
    let (old, mut new) = (purposes(&before), purposes(&after));
    new.retain(|p| !p.starts_with("rule:a-new-one/"));
    assert_eq!(old, new);
}

#[test]
fn selectors_fold_into_sets() {
    let model = toy();
    let members = |sel: &Sel| match sel {
        Sel::Fixed(set) => model.sets[set.index()].members.iter().map(|a| a.index()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(members(&model.networks[0].members), [0, 1]);
    assert!(matches!(model.networks[0].chair, Some(Sel::Holder(_))));
    assert!(matches!(model.decisions[0].chair, Sel::Holder(_)), "the chair of the network");
    let role = &model.roles[0];
    assert_eq!(
        role.holders,
        [(SimTime::ZERO, ActorId::from_index(0)), (SimTime::from_micros(40 * HOUR), ActorId::from_index(1))],
        "midnight of 4 January UTC, 40 h after the start"
    );
    let speaks = model.rules.iter().find(|r| r.name.text == "chair-speaks").unwrap();
    assert_eq!(speaks.holder, Some(RoleId::from_index(0)));
    assert_eq!(model.sets[speaks.actors.index()].members.len(), 2);
}

#[test]
fn an_element_that_is_off_leaves_indices_and_empties_sets() {
    let with = Overrides { with: vec!["package".into()], ..Overrides::default() };
    let (off, on) = (toy(), compile_named("", "toy-worm", &with).model);
    assert_eq!(off.actors.len(), on.actors.len());
    let cell = off.templates.iter().position(|t| t.name == "cell").unwrap();
    assert_eq!(off.sets[off.templates[cell].set.index()].members.len(), 0);
    assert_eq!(on.sets[on.templates[cell].set.index()].members.len(), 2);
    assert_eq!(on.elements[0].forced, Some(true));
    assert_eq!(off.elements[0].forced, None);
}

#[test]
fn rules_take_over_the_element_of_their_actors() {
    let text = TOY_SCENARIO.replace(
        "overrides: (",
        r#"with: ["package"], overrides: (rules: [
            (id: "cell", actor: Role("cell"), on: Start, then: [Work("triage")]),
            (id: "both", actor: AnyOf([Role("cell"), Actor("agency")]), on: Start, then: [Work("triage")]),
        ],"#,
    );
    let model = right(&text).model;
    let rule = |name: &str| model.rules.iter().find(|r| r.name.text == name).unwrap();
    assert_eq!(rule("cell").validity.element, Some(ElementId::from_index(0)));
    assert_eq!(rule("both").validity.element, None);
    assert!(matches!(&rule("both").when[..], [Condition::Either(parts)] if parts.len() == 2));
}

#[test]
fn local_clock_times_are_laid_out_in_the_zone_of_the_actor() {
    let model = toy();
    let morning = model.rules.iter().find(|r| r.name.text == "morning").unwrap();
    let Leaf::Every { phase: Phase::At(at), .. } = &morning.trigger.leaves[0] else { panic!() };
    // 08:00 in Athens is 06:00 UTC; the start is Monday 08:00 UTC, the horizon Thursday 08:00 UTC.
    let hours: Vec<u64> = at[0].iter().map(|t| t.as_micros() / HOUR).collect();
    assert_eq!(hours, [22, 46, 70]);
}

#[test]
fn operators_incidents_and_outcomes() {
    let model = toy();
    let counts: Vec<u32> = model.groups.iter().map(|g| g.count).collect();
    assert_eq!(counts, [5, 7], "0.1 per million of 46.5 and 66.9 million, rounded, at least 3");
    assert_eq!(model.attributes, ["proxied"]);
    let worm = &model.incidents[0];
    assert_eq!((worm.start, worm.immune_if), (Some(SimTime::from_micros(HOUR)), 1));
    let Process::Worm(process) = &worm.process else { panic!() };
    assert!(matches!(process.speed, WormSpeed::Doubling(_)));
    assert_eq!(process.first_hits[0].operators, 3);
    let Some(Observed::At { at_us, from_us, to_us, .. }) = model.milestones[2].observed else { panic!() };
    assert_eq!([at_us, from_us, to_us], [18 * HOUR as i64, 12 * HOUR as i64, 24 * HOUR as i64]);
    assert!(matches!(model.milestones[0].from, Origin::Milestone(m) if m.index() == 1));
    assert_eq!(model.meta.headline_fact, Some(FactId::from_index(0)));
    assert_eq!(model.meta.setting, Some(Setting::Exercise));
    assert!(model.meta.is_scenario);
    let measure = &model.measures[0];
    assert_eq!(measure.show[1], ("quantile(0.9)".to_owned(), Statistic::Quantile(0.9)));
    assert_eq!(measure.since, SimTime::from_micros(HOUR));
    assert_eq!(model.channels[0].carries, [true, false, false]);
    assert_eq!(model.channels[1].carries, [true, true, true]);
    assert!(model.products[2].public);
}

#[test]
fn a_blueprint_runs_alone() {
    let compiled = compile_named("", "toy", &Overrides::default());
    assert!(!compiled.model.meta.is_scenario);
    assert_eq!(compiled.model.meta.name, "toy");
    assert_eq!(compiled.model.facts.len(), 0, "all facts are of an incident");
    assert_eq!(compiled.model.meta.horizon, SimTime::from_micros(7 * 24 * HOUR));
}

#[test]
fn the_resolved_document_gives_the_same_model() {
    let overrides = Overrides {
        set: vec![("csirt.triage".into(), "LogNormal(median: \"1h\", p95: \"4h\")".into())],
        with: vec!["package".into()],
        ..Overrides::default()
    };
    for name in ["toy", "toy-worm"] {
        let (_, opened) = open("", name, &overrides);
        let mut opened = opened.unwrap();
        let first = compile(&opened.document).unwrap().model;
        let run = crate::document::types::RunBlock {
            seed: 7,
            replication: 3,
            version: "0.1.0".into(),
            changes: overrides.changes(),
            ensemble: 0,
            scenario: name.into(),
        };
        assemble::set_run(&mut opened.tree, &run);
        let text = crate::document::print::pretty(&opened.tree);
        assert!(text.starts_with("Model("));
        let (_, again) = open(&text, "doc", &Overrides::default());
        let again = again.unwrap();
        assert_eq!(crate::document::print::pretty(&again.tree), text);
        let block = again.document.header.run.as_ref().unwrap();
        assert_eq!((block.seed, block.replication, block.changes.len()), (7, 3, 2));
        let second = compile(&again.document).unwrap().model;
        assert_eq!(format!("{first:?}"), format!("{second:?}"));
    }
}

#[test]
fn what_is_set_outside_wins() {
    let overrides = Overrides {
        set: vec![
            ("csirt.staff".into(), "4".into()),
            ("csirt.triage@ES".into(), "2h".into()),
            ("list.latency".into(), "Uniform(\"1min\", \"3min\")".into()),
        ],
        horizon: Some("12h".into()),
        ..Overrides::default()
    };
    let model = compile_named("", "toy-worm", &overrides).model;
    assert_eq!(model.meta.horizon, SimTime::from_micros(12 * HOUR));
    assert_eq!(model.actors[0].variants[0].staff, Some(4));
    assert_eq!(
        param(&model, "csirt.triage").law(Some(StateId::from_index(0))).support(),
        (2.0 * HOUR as f64, 2.0 * HOUR as f64)
    );
    assert!((param(&model, "csirt.triage").law(None).quantile(0.5) / 60e6 - 25.0).abs() < 1e-6);
    let latency = param(&model, "list.latency");
    assert_eq!(latency.laws[0].support(), (60e6, 180e6));
    assert_eq!(latency.basis, Basis::Assumed("mailing list; overridden on the command line".into()));
}

#[test]
fn a_switched_replay_is_a_counterfactual() {
    let replay = TOY_SCENARIO.replace("setting: Exercise", "setting: Replay, without: [\"package\"]");
    assert_eq!(right(&replay).model.meta.setting, Some(Setting::Replay));
    let with = Overrides { with: vec!["package".into()], ..Overrides::default() };
    let model = compile_named(&replay, "doc", &with).model;
    assert_eq!(model.meta.setting, Some(Setting::Counterfactual));
    assert_eq!(model.elements[0].forced, Some(true), "the option wins over the document");
}

#[test]
fn injects_are_added_from_outside() {
    let mut sources = SourceMap::new();
    let text = r#"(injects: [(id: "I-05", at: "T+2h", title: "Late", to: Actor("agency"), effects: [Message("alert")])])"#;
    let node = crate::document::read::read_text(&mut sources, "more.ron", text).unwrap();
    let overrides = Overrides { injects: vec![node], ..Overrides::default() };
    let model = compile_named("", "toy-worm", &overrides).model;
    let names: Vec<&str> = model.injects.iter().map(|i| i.name.text.as_str()).collect();
    assert_eq!(names, ["I-04", "I-05"]);
}

#[test]
fn a_textbook_queue_is_a_document() {
    let model = right(
        r#"Blueprint(
            name: "mm2",
            parameters: {
                "work": (dist: Exponential(mean: "60min"), basis: Assumed("textbook")),
                "gap": (dist: Exponential(mean: "40min"), basis: Assumed("textbook")),
            },
            actors: {"desk": (title: "Desk", levels: [], counted: false, staff: 2)},
            rules: [(id: "arrivals", actor: Actor("desk"), on: Arrivals("gap"), then: [Work("work")])],
            measures: {"wait": (of: Wait(), show: [Mean], unit: Minutes)},
        )"#,
    )
    .model;
    assert_eq!(model.sites.len(), 2);
    assert_eq!(model.sites[0].purpose.text, "rule:arrivals/arrivals/gap");
    assert_eq!(model.sites[1].purpose.text, "rule:arrivals/work/work");
    assert_eq!(model.measures[0].unit, ("min", 60_000_000));
}
