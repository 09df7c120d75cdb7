//! The package of September 2017: each of its systems is a switch on mechanisms, and on nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use crate::guide::{arguments, blocks};
use crate::workshop::Workshop;

/// A system, the horizon over which it acts, and a measure of its own that it moves.
const ELEMENTS: [(&str, &str, &str); 9] = [
    ("blueprint", "7d", "enisa-busy,time_average"),
    ("certification", "7d", "certified-hit,max"),
    ("nis-directive", "7d", "notified-in-time,count"),
    ("enisa-mandate", "7d", "enisa-analyses,count"),
    ("external-relations", "7d", "territory-answered,count"),
    ("response-fund", "7d", "team-wait,count"),
    ("e-evidence", "400d", "data-received,mean"),
    ("deterrence", "400d", "response-teams,min"),
    ("diplomacy-toolbox", "400d", "territory-answered,min"),
];

/// The run of WannaCry with arguments, in a folder of this name.
fn run(workshop: &Workshop, folder: &str, arguments: &str) {
    let common = "--ensemble 0 --trace none --draws --force";
    workshop.run(&format!("run wannacry-2017 {common} {arguments} --out {folder}"), 0);
}

/// Words of a run by key: entity, purpose, occurrence.
fn draws(workshop: &Workshop, folder: &str) -> BTreeMap<String, String> {
    let text = workshop.text(&format!("{folder}/draws.csv"));
    let pairs = text.lines().skip(1).filter_map(|line| line.rsplit_once(','));
    pairs.map(|(key, word)| (key.to_owned(), word.to_owned())).collect()
}

/// Rows of a table by their first two columns.
fn rows(workshop: &Workshop, file: &str) -> BTreeMap<String, String> {
    let text = workshop.text(file);
    let keyed = text.lines().skip(1).map(|line| {
        let key: Vec<&str> = line.splitn(3, ',').take(2).collect();
        (key.join(","), line.to_owned())
    });
    keyed.collect()
}

#[test]
fn an_element_shares_all_draws_that_are_common_and_moves_its_own_figure() {
    let workshop = Workshop::new();
    for horizon in ["7d", "400d"] {
        run(&workshop, horizon, &format!("--horizon {horizon}"));
    }
    for (element, horizon, own) in ELEMENTS {
        run(&workshop, "on", &format!("--horizon {horizon} --with {element}"));
        let (off, on) = (draws(&workshop, horizon), draws(&workshop, "on"));
        let common = off.iter().filter_map(|(key, word)| on.get(key).map(|other| (key, word, other)));
        let mut n = 0;
        for (key, word, other) in common {
            assert_eq!(word, other, "{element}: {key}");
            n += 1;
        }
        assert!(n * 10 > off.len() * 8, "{element}: only {n} of {} draws are common", off.len());
        let measures = |folder: &str| rows(&workshop, &format!("{folder}/measures.csv"));
        let (off, on) = (measures(horizon), measures("on"));
        assert_ne!(off[own], on[own], "{element} moves {own}");
    }
}

/// What takes months changes nothing that is seen within a week.
#[test]
fn slow_systems_leave_the_first_week_alone() {
    let workshop = Workshop::new();
    run(&workshop, "off", "");
    let milestones = workshop.text("off/milestones.csv");
    for element in ["diplomacy-toolbox", "e-evidence"] {
        run(&workshop, "on", &format!("--with {element}"));
        assert_eq!(workshop.text("on/milestones.csv"), milestones, "{element}");
        let knowledge = |folder: &str| -> Vec<String> {
            let text = workshop.text(&format!("{folder}/knowledge.csv"));
            let seen = ["affected/", "victims/", "cause/", "mitigation/", "major/", "cross-border/"];
            let about = |line: &&str| seen.iter().any(|fact| line.contains(fact));
            text.lines().filter(about).map(str::to_owned).collect()
        };
        assert_eq!(knowledge("on"), knowledge("off"), "{element}: who knows what when");
    }
}

/// The fund asks for the directive: without it nobody is eligible, and nothing moves.
#[test]
fn the_fund_sends_nobody_where_the_directive_is_not_in_force() {
    let workshop = Workshop::new();
    let left = |with: &str| {
        run(&workshop, "on", &format!("--replication 1 {with}"));
        rows(&workshop, "on/measures.csv")["surge-experts,min"].clone()
    };
    let all = left("--with response-fund");
    assert!(all.contains("12"), "{all}");
    let some = left("--with response-fund --with nis-directive");
    assert_ne!(all, some);
}

/// A desk round the clock is a parameter, and off.
#[test]
fn a_desk_of_enisa_round_the_clock_is_off_unless_it_is_set() {
    let workshop = Workshop::new();
    let first = |set: &str| {
        run(&workshop, "on", &format!("--with enisa-mandate {set}"));
        rows(&workshop, "on/measures.csv")["enisa-queue,time_average"].clone()
    };
    assert_ne!(first(""), first("--set enisa.desk-staff=2"));
}

#[test]
fn every_element_is_explained_with_its_source() {
    let workshop = Workshop::new();
    let assert = workshop.run("list elements", 0);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    for (element, ..) in ELEMENTS {
        let mut lines = text.lines().skip_while(|line| !line.contains(element));
        assert!(lines.next().is_some(), "{element} is listed");
        let about = lines.next().unwrap_or_default();
        assert!(about.starts_with("  ") && about.ends_with(']') && about.len() > 100, "{element}: {about}");
    }
}

/// Pages that `docs/make-pages.py` fills from experiments.
const PAGES: [&str; 2] = ["findings-package-2017.md", "what-if.md"];

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

/// The blocks of a page that name an experiment: its text, and what they say of it.
fn named(page: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let specs = page.split("<!-- ").skip(1).filter_map(|rest| rest.split_once(" -->")).map(|(spec, _)| spec);
    let specs = specs.filter_map(|spec| spec.split_once(" of: "));
    let read = specs.map(|(_, rest)| {
        let fields: BTreeMap<String, String> = format!("of: {rest}")
            .split("; ")
            .filter_map(|field| field.split_once(": "))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let file = format!("scenarios/experiments/{}.ron", fields["of"]);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        (std::fs::read_to_string(path).unwrap_or_else(|_| panic!("there is no {file}")), fields)
    });
    read.collect()
}

#[test]
fn tables_of_the_pages_name_what_their_experiments_have() {
    for name in PAGES {
        let blocks = named(&page(name));
        assert!(blocks.len() > 5, "{name}: {} tables", blocks.len());
        for (experiment, fields) in blocks {
            let quoted = |what: &str| experiment.contains(&format!("\"{what}\""));
            let list = |one: &str, more: &str| -> Vec<String> {
                let all = fields.get(one).or_else(|| fields.get(more));
                all.map(|all| all.split(" | ").map(str::to_owned).collect()).unwrap_or_default()
            };
            for figure in list("figure", "figures") {
                let figure = figure.split(" = ").next().unwrap();
                assert!(quoted(figure), "{name}: {} has no figure `{figure}`", fields["of"]);
            }
            for variant in list("variant", "variants") {
                let there = experiment.contains(&format!("(name: \"{variant}\""));
                assert!(there, "{name}: {} has no variant `{variant}`", fields["of"]);
            }
            if let Some(scenario) = fields.get("scenario") {
                assert!(quoted(scenario), "{name}: {} has no scenario `{scenario}`", fields["of"]);
            }
        }
    }
}

/// Experiments are looked up, and comparisons of one scenario are made at once and cut short: whether a command runs
/// does not depend on how long.
#[test]
fn commands_of_the_pages_run() {
    for name in PAGES {
        let w = Workshop::new();
        let mut compared: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let run = |given: &[String]| {
            let output = w.command("").args(given).output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {given:?}: {error}");
        };
        for (_, text) in blocks(&page(name)).into_iter().filter(|(words, _)| words == "sh") {
            for command in text.lines().filter_map(|line| line.strip_prefix("blueprint-sim ")) {
                let mut given = arguments(command);
                match given[0].as_str() {
                    "batch" => run(&["show".to_owned(), given[1].clone()]),
                    "compare" => {
                        for option in ["--over-ranges", "--replications"] {
                            if let Some(at) = given.iter().position(|word| word == option) {
                                given.drain(at..at + 2);
                            }
                        }
                        compared.entry(given[1].clone()).or_default().extend(given.drain(2..));
                    }
                    _ => run(&given),
                }
            }
        }
        assert!(!compared.is_empty(), "{name} compares nothing");
        for (scenario, options) in compared {
            let short = ["--replications", "2", "--horizon", "2h", "--out", "compared", "--force"];
            let first = ["compare".to_owned(), scenario];
            run(&[&first[..], &options[..], &short.map(str::to_owned)[..]].concat());
        }
    }
}
