//! `run` and `explain`: what is in the files, and that the same run gives the same bytes.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::workshop::{Workshop, csv};

#[test]
fn the_binary_alone_in_an_empty_folder_with_an_empty_environment() {
    let w = Workshop::new();
    let copy = w.path("sim");
    std::fs::copy(env!("CARGO_BIN_EXE_blueprint-sim"), &copy).unwrap();
    std::fs::create_dir(w.path("here")).unwrap();
    for arguments in [&["new", "blueprint", "mine"][..], &["run", "mine.ron"], &["list"]] {
        let output =
            Command::new(&copy).args(arguments).env_clear().current_dir(w.path("here")).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(w.path("here/blueprint-out/mine-seed1/report.html").exists());
}

#[test]
fn a_resolved_model_gives_the_folder_again() {
    let w = Workshop::with_cases();
    w.run(
        "run storm.ron --seed 5 --set triage=45min --set mail@N=2min --without desk --horizon 3d --out r",
        0,
    );
    // Another folder, where none of the documents is.
    std::fs::create_dir(w.path("elsewhere")).unwrap();
    std::fs::copy(w.path("r/model.ron"), w.path("elsewhere/model.ron")).unwrap();
    w.run("run elsewhere/model.ron --out again", 0);
    w.assert_same("r", "again");
    let summary: Value = serde_json::from_str(&w.text("r/summary.json")).unwrap();
    assert_eq!(summary["seed"], 5);
    assert_eq!(summary["setting"], "counterfactual", "another element than history had");
    assert_eq!(summary["horizon_us"], 3 * 86_400_000_000_u64);
    assert_eq!(summary["changes"].as_array().unwrap().len(), 4);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let w = Workshop::with_cases();
    for (threads, out) in [("1", "one"), ("2", "two"), ("5", "five")] {
        let mut command = w.command(&format!("run storm.ron --draws --ensemble 12 --out {out}"));
        command.env("RAYON_NUM_THREADS", threads).env("TZ", "Asia/Tokyo").assert().code(0);
    }
    w.assert_same("one", "two");
    w.assert_same("one", "five");
    w.run("run storm.ron --draws --ensemble 12 --seed 2 --out other", 0);
    assert_ne!(w.text("one/draws.csv"), w.text("other/draws.csv"));
}

#[test]
fn the_story_and_the_files_agree() {
    let w = Workshop::with_cases();
    let story = w.stdout("run storm.ron --out r");
    assert!(story.contains("A storm over two states") && story.contains("Replay"), "{story}");
    assert!(story.contains("seed 1, replication 0"), "{story}");
    assert!(story.contains("in history"), "{story}");
    assert!(story.contains("of 10 replications") || story.contains("in only"), "{story}");
    assert!(story.contains("not a forecast") && story.contains("anecdote"), "{story}");
    assert!(story.lines().count() <= 45, "{}", story.lines().count());
    assert!(story.lines().all(|line| line.chars().count() <= 100), "{story}");

    let milestones = csv(&w.text("r/milestones.csv"));
    assert_eq!(
        milestones[0],
        ["milestone", "title", "reached", "reached_at", "latency_us", "observed_from", "observed_to"]
    );
    let names: Vec<&str> = milestones[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["first-hit", "desk-knows", "over", "never"]);
    assert_eq!(milestones[2][5..], ["2017-05-12T18:00:00Z", "2017-05-15T09:00:00Z"]);
    assert_eq!(milestones[4][1..], ["'+The rule that is never set off fires", "false", "", "", "", ""]);

    let summary: Value = serde_json::from_str(&w.text("r/summary.json")).unwrap();
    assert_eq!(summary["format"], 1);
    assert_eq!(summary["simulation"], true);
    assert_eq!(summary["scenario"], "storm");
    assert_eq!(summary["setting"], "replay");
    assert_eq!(summary["ensemble"], 10);
    assert_eq!(summary["model_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(summary["milestones"].as_array().unwrap().len(), 4);
    assert_eq!(summary["milestones"][1]["ensemble"]["n"], 10);
    assert_eq!(summary["milestones"][1]["judged"]["in_sample"], true, "a delay was taken from a storm");
    for row in &milestones[1..] {
        let told =
            summary["milestones"].as_array().unwrap().iter().find(|m| m["milestone"] == row[0].as_str());
        assert_eq!(told.unwrap()["reached"].to_string(), row[2]);
    }
}

#[test]
fn segments_sum_to_the_latency_without_a_gap() {
    let w = Workshop::with_cases();
    w.run("run storm.ron --out r", 0);
    let latency = csv(&w.text("r/latency.csv"));
    assert_eq!(latency[0], ["milestone", "segment", "kind", "actor", "from_us", "to_us", "duration_us"]);
    let number = |text: &str| text.parse::<u64>().unwrap();
    let mut told = 0;
    for milestone in &csv(&w.text("r/milestones.csv"))[1..] {
        let rows: Vec<_> = latency.iter().filter(|row| row[0] == milestone[0]).collect();
        assert_eq!(rows.is_empty(), milestone[4].is_empty(), "{milestone:?}");
        let sum: u64 = rows.iter().map(|row| number(&row[6])).sum();
        assert_eq!(sum.to_string(), if rows.is_empty() { "0".to_owned() } else { milestone[4].clone() });
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(row[1], (i + 1).to_string());
            assert_eq!(number(&row[5]) - number(&row[4]), number(&row[6]));
            if let Some(next) = rows.get(i + 1) {
                assert_eq!(row[5], next[4], "{row:?}");
            }
        }
        told += rows.len();
    }
    assert!(told > 3, "{latency:?}");
}

#[test]
fn the_trace_is_a_line_an_event() {
    let w = Workshop::with_cases();
    w.run("run storm.ron --out r", 0);
    let mut before = 0;
    for (i, line) in w.text("r/trace.jsonl").lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["id"], i);
        assert!(line["causes"].as_array().unwrap().iter().all(|cause| cause.as_u64().unwrap() < i as u64));
        let time = line["time_us"].as_u64().unwrap();
        assert!(time >= before);
        before = time;
        assert!(line["kind"].is_string() && line["actor"].is_string(), "{line}");
    }
    assert!(before > 0);
    let knowledge = csv(&w.text("r/knowledge.csv"));
    assert_eq!(knowledge[0], ["actor", "fact", "version", "learned_us", "from"]);
    assert!(knowledge.len() > 1);
    let measures = csv(&w.text("r/measures.csv"));
    assert_eq!(measures[0], ["measure", "statistic", "value", "unit", "n"]);
    assert_eq!(measures.len(), 3);
}

#[test]
fn explanations_need_nothing_but_the_folder() {
    let w = Workshop::with_cases();
    w.run("run storm.ron --out full", 0);
    w.run("run storm.ron --trace milestones --out part", 0);
    w.run("run storm.ron --trace none --out none", 0);
    for name in ["mini.ron", "storm.ron"] {
        std::fs::remove_file(w.path(name)).unwrap();
    }
    let told = w.stdout("explain full --milestone desk-knows");
    assert!(told.contains("The desk knows") && told.contains("Where the time went"), "{told}");
    assert_eq!(w.stdout("explain part --milestone desk-knows"), told);
    assert_eq!(w.stdout("explain none --milestone desk-knows"), told);
    assert!(w.text("part/trace.jsonl").len() < w.text("full/trace.jsonl").len());
    assert!(w.stdout("explain full --milestone never").contains("not reached"));
    let told = w.stdout("explain full --why-not never");
    assert!(told.contains("It never fired") && told.contains("did not happen"), "{told}");
    assert!(w.stdout("explain full --why-not desk,affected/storm/N").contains("Crisis desk"));
}

#[test]
fn the_typical_replication_is_a_replication_of_its_own() {
    let w = Workshop::with_cases();
    w.run("run storm.ron --replication typical --out typical", 0);
    let summary: Value = serde_json::from_str(&w.text("typical/summary.json")).unwrap();
    let replication = summary["replication"].as_u64().unwrap();
    assert!(replication < 10);
    w.run(&format!("run storm.ron --replication {replication} --out same"), 0);
    w.assert_same("typical", "same");
    w.failure("run storm.ron --replication typical --ensemble 0", 2);
}

#[test]
fn the_page_is_one_file_that_needs_nobody() {
    let w = Workshop::with_cases();
    w.run("run storm.ron --out r", 0);
    let html = w.text("r/report.html");
    assert!(html.starts_with("<!DOCTYPE html>"), "{}", &html[..40]);
    assert_eq!(html.matches("<svg").count(), 4);
    assert!(html.contains("This is a simulation, not a forecast. It replays a past incident"));
    for forbidden in ["<script", "src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|s| s.split('"').next()).collect();
    let n = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), n, "an id stands twice");
    for id in html.split("href=\"#").skip(1).filter_map(|s| s.split('"').next()) {
        assert!(ids.binary_search(&id).is_ok(), "{id}");
    }
    assert!(html.contains("recalled") && html.contains("general") && html.contains("assumed"));
    assert!(html.matches("<table>").count() >= 8);
}

#[test]
fn no_file_tells_of_the_machine() {
    let w = Workshop::with_cases();
    w.run("run storm.ron --out r", 0);
    let folder = w.path("").display().to_string();
    let folder = folder.trim_end_matches('/');
    for (name, bytes) in w.files("r") {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(folder), "{name}");
        assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "{name}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let w = Workshop::with_cases();
    w.run("run storm.ron --out r", 0);
    for arguments in
        [&["plot", "timeline", "r"][..], &["check", "wannacry-2017", "--ledger"], &["run", "--help"]]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_blueprint-sim"))
            .args(arguments)
            .current_dir(w.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut error = String::new();
        child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}: {error}");
        assert_eq!(error, "", "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_with_130_and_leaves_nothing() {
    let w = Workshop::with_cases();
    let mut child = Command::new(env!("CARGO_BIN_EXE_blueprint-sim"))
        .args(["run", "storm.ron", "--ensemble", "1000000", "--out", "r"])
        .current_dir(w.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The folder is made before the first replication.
    while !w.path("r").exists() {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(w.names("r").is_empty());
}
