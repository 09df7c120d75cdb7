//! The page that judges the shipped replay against history, held to what the program finds.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it judgement` writes it anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::workshop::Workshop;

const PAGE: &str = "docs/wannacry-2017.md";
const OPEN: &str = "<!-- judgement -->";
const CLOSE: &str = "<!-- /judgement -->";

#[test]
fn the_page_says_what_the_program_finds() {
    let workshop = Workshop::new();
    workshop.run("run wannacry-2017 --seed 1 --ensemble 100 --out out", 0);
    let summary: Value = serde_json::from_str(&workshop.text("out/summary.json")).unwrap();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(OPEN).unwrap();
    let (held, after) = rest.split_once(CLOSE).unwrap();
    let expected = format!("\n{}", table(&summary));
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, format!("{before}{OPEN}{expected}{CLOSE}{after}")).unwrap();
        return;
    }
    assert_eq!(held, expected, "{PAGE} is out of date: run with UPDATE_GOLDEN=1");
}

#[test]
fn at_least_eight_milestones_count_and_most_are_covered() {
    let workshop = Workshop::new();
    workshop.run("run wannacry-2017 --seed 1 --ensemble 100 --out out", 0);
    let summary: Value = serde_json::from_str(&workshop.text("out/summary.json")).unwrap();
    // The blueprint puts an hour of disruption at 1.7 thousand EUR.
    let all = &summary["spread"].as_array().unwrap().iter().find(|s| s["incident"].is_null()).unwrap();
    let (hours, cost) = (all["impact_hours"].as_f64().unwrap(), all["impact_cost"].as_f64().unwrap());
    assert!((cost / hours - 1.7).abs() < 1e-6 && hours > 0.0, "{cost} for {hours} h");
    let counted: Vec<&Value> = rows(&summary).filter(|m| counts(m)).collect();
    let covered = counted.iter().filter(|m| m["judged"]["covered"] == true).count();
    assert!(counted.len() >= 8, "{} count", counted.len());
    assert!(covered * 2 > counted.len(), "{covered} of {} are covered", counted.len());
}

/// Which rows rest on numbers of the incident itself does not depend on the replication that is told, nor on whether
/// it is a run or a batch; and what was observed after the end is held against nothing.
#[test]
fn the_sample_is_that_of_the_scenario() {
    let workshop = Workshop::new();
    let marks = |of: &str, milestones: &Value| -> Vec<(String, bool)> {
        let rows = milestones.as_array().unwrap().iter().filter(|m| m[of].is_object() || of.is_empty());
        rows.map(|m| {
            let row = if of.is_empty() { m } else { &m[of] };
            (m["milestone"].as_str().unwrap().to_owned(), row["in_sample"].as_bool().unwrap())
        })
        .collect()
    };
    let summary = |folder: &str| -> Value {
        serde_json::from_str(&workshop.text(&format!("{folder}/summary.json"))).unwrap()
    };
    let mut told = Vec::new();
    for replication in ["0", "1"] {
        let out = format!("out{replication}");
        workshop.run(
            &format!("run wannacry-2017 --ensemble 2 --replication {replication} --threads 2 --out {out}"),
            0,
        );
        told.push(marks("judged", &summary(&out)["milestones"]));
    }
    workshop.run("batch wannacry-2017 --replications 2 --out batch", 0);
    told.push(marks("", &summary("batch")["variants"][0]["replay"]["milestones"]));
    assert!(told[0].iter().any(|(_, in_sample)| *in_sample));
    assert_eq!((&told[1], &told[2]), (&told[0], &told[0]));

    let early = workshop.stdout("batch wannacry-2017 --replications 2 --horizon 12h --out early");
    let third = early.lines().find(|line| line.contains("Europol speaks a third time:")).unwrap();
    assert!(third.ends_with("observed after the end of the run, not judged"), "{third}");
}

fn rows(summary: &Value) -> impl Iterator<Item = &Value> {
    let rows = summary["milestones"].as_array().unwrap().iter();
    rows.filter(|m| !m["observed"].is_null() && !m["judged"].is_null())
}

/// A milestone counts if it was observed at a time that no inject or value of the scenario sets.
fn counts(m: &Value) -> bool {
    m["observed"]["set_by_scenario"] == false && m["judged"]["covered"].is_boolean()
}

fn table(summary: &Value) -> String {
    let mut out = String::new();
    let counted: Vec<&Value> = rows(summary).filter(|m| counts(m)).collect();
    let covered = |of: &[&Value]| of.iter().filter(|m| m["judged"]["covered"] == true).count();
    let all: Vec<&Value> = rows(summary).filter(|m| m["observed"]["set_by_scenario"] == false).collect();
    let internal = all.iter().filter(|m| m["layer"] == "internal").count();
    let in_sample: Vec<&Value> =
        counted.iter().copied().filter(|m| m["judged"]["in_sample"] == true).collect();
    let out_of: Vec<&Value> = counted.iter().copied().filter(|m| m["judged"]["in_sample"] != true).collect();
    writeln!(
        out,
        "{internal} of the {} rows that count test the cooperation graph between EU bodies itself (that something did \
         not happen); the others test victims, single states and what the public saw.\n\
         Covered by the central 90 %: {} of {} rows whose parameters were not derived from this incident, {} of {} \
         rows with one that was.\n",
        all.len(),
        covered(&out_of),
        out_of.len(),
        covered(&in_sample),
        in_sample.len(),
    )
    .unwrap();
    out.push_str("| milestone | layer | in history (UTC) | simulated: 5 %, median, 95 % | percentile | covered | counts |\n");
    out.push_str("|---|---|---|---|---|---|---|\n");
    for m in rows(summary) {
        let instant =
            |v: &Value| v.as_str().map_or("later".to_owned(), |t| format!("{} {}", &t[8..10], &t[11..16]));
        let (o, e, j) = (&m["observed"], &m["ensemble"], &m["judged"]);
        let history = match o["never_by"].as_str() {
            Some(by) => format!("not by {} {}", &by[8..10], &by[11..16]),
            None => format!("{} to {}", instant(&o["from"]), instant(&o["to"])),
        };
        let simulated = match o["never_by"].as_str() {
            Some(_) => format!("{} of {} replications", e["n_reached"], e["n"]),
            None => {
                format!("{}, {}, {}", instant(&e["at_q05"]), instant(&e["at_q50"]), instant(&e["at_q95"]))
            }
        };
        let percentile = j["percentile"].as_f64().map_or(String::new(), |p| format!("{:.0} %", p * 100.0));
        let yes = |b: bool| if b { "yes" } else { "no" };
        writeln!(
            out,
            "| {} | {} | {history} | {simulated} | {percentile} | {} | {} |",
            m["title"].as_str().unwrap(),
            m["layer"].as_str().unwrap_or(""),
            j["covered"].as_bool().filter(|_| o["set_by_scenario"] == false).map_or("", yes),
            if o["set_by_scenario"] == true {
                "no, given"
            } else {
                yes(counts(m) || o["never_by"].is_string())
            },
        )
        .unwrap();
    }
    out
}
