//! `batch` and `merge`: the same bytes on any threads, in parts, and after being interrupted anywhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use crate::workshop::{Workshop, csv};

/// Rows of a table, by column.
fn table(w: &Workshop, file: &str) -> (Vec<String>, Vec<Vec<Field>>) {
    let reader = SerializedFileReader::new(File::open(w.path(file)).unwrap()).unwrap();
    let names =
        reader.metadata().file_metadata().schema_descr().columns().iter().map(|c| c.name().to_owned());
    let names: Vec<String> = names.collect();
    let rows = reader.get_row_iter(None).unwrap();
    (names, rows.map(|row| row.unwrap().get_column_iter().map(|(_, f)| f.clone()).collect()).collect())
}

fn summary(w: &Workshop, folder: &str) -> Value {
    serde_json::from_str(&w.text(&format!("{folder}/summary.json"))).unwrap()
}

#[test]
fn the_tables_have_a_row_for_everything_in_order() {
    let w = Workshop::with_cases();
    let text = w.stdout("batch mini.ron -n 30 --out b");
    assert!(text.contains("30 replications, seed 1") && text.contains("The desk knows"), "{text}");
    assert!(text.contains("This is a simulation"), "{text}");
    let (names, rows) = table(&w, "b/results.parquet");
    assert_eq!(names, ["variant", "replication", "milestone", "reached", "latency_us", "censored_us"]);
    assert_eq!(rows.len(), 30 * 4);
    for (i, row) in rows.iter().enumerate() {
        let milestone = ["first-hit", "desk-knows", "over", "never"][i % 4];
        assert_eq!(row[0], Field::Str("as it is".to_owned()));
        assert_eq!(row[1], Field::Long(i as i64 / 4));
        assert_eq!(row[2], Field::Str(milestone.to_owned()));
        // A latency if it was reached; else the time for which it was watched in vain.
        match &row[3] {
            Field::Bool(true) => assert!(matches!((&row[4], &row[5]), (Field::Long(_), Field::Null))),
            _ => assert!(matches!((&row[4], &row[5]), (Field::Null, Field::Long(_)))),
        }
        if milestone == "never" {
            assert_eq!(row[5], Field::Long(4 * 86_400_000_000), "the horizon");
        }
    }
    let (names, runs) = table(&w, "b/runs.parquet");
    assert_eq!(runs.len(), 30);
    for name in [
        "events",
        "operators_hit",
        "impact_hours",
        "awareness_lag_hours.technical",
        "statements",
        "measure.wait.mean",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} of {names:?}");
    }
    let summary = summary(&w, "b");
    assert_eq!(summary["kind"], "batch");
    assert_eq!(summary["replications"], 30);
    assert_eq!(summary["simulation"], true);
    let never = &summary["variants"][0]["milestones"][3];
    assert_eq!((never["n_reached"].as_u64(), never["share"].as_f64()), (Some(0), Some(0.0)));
    // Wilson at 0 of 30.
    assert!((never["share_hi"].as_f64().unwrap() - 0.113_5).abs() < 1e-3);
    assert!(!w.path("b/batch.journal").exists());
}

#[test]
fn a_replication_of_run_is_the_row_of_the_batch() {
    let w = Workshop::with_cases();
    w.run("batch storm.ron --seed 5 -n 23 --set triage=45min --out b", 0);
    w.run("run storm.ron --seed 5 --replication 17 --set triage=45min --ensemble 0 --out r", 0);
    let (_, rows) = table(&w, "b/results.parquet");
    let of_17: Vec<&Vec<Field>> = rows.iter().filter(|row| row[1] == Field::Long(17)).collect();
    let run = csv(&w.text("r/milestones.csv"));
    assert_eq!(of_17.len(), run.len() - 1);
    for (row, line) in of_17.iter().zip(&run[1..]) {
        assert_eq!(row[2], Field::Str(line[0].clone()));
        assert_eq!(row[3], Field::Bool(line[2] == "true"));
        let latency = line[4].parse::<i64>().ok();
        assert_eq!(row[4], latency.map_or(Field::Null, Field::Long), "{line:?}");
    }
    let (names, runs) = table(&w, "b/runs.parquet");
    let value = |name: &str| runs[17][names.iter().position(|n| n == name).unwrap()].clone();
    let told = summary(&w, "r");
    assert_eq!(value("events"), Field::Long(told["n_events"].as_i64().unwrap()));
    assert_eq!(value("operators_hit"), Field::Long(told["spread"][0]["operators_hit"].as_i64().unwrap()));
    assert_eq!(value("impact_hours"), Field::Double(told["spread"][0]["impact_hours"].as_f64().unwrap()));
    // The resolved document of the batch is that of the run.
    w.run("run b/model.ron --replication 17 --ensemble 0 --out again", 0);
    assert_eq!(w.text("again/milestones.csv"), w.text("r/milestones.csv"));
}

#[test]
fn threads_and_shards_make_the_same_bytes() {
    let w = Workshop::with_cases();
    w.run("batch mini.ron -n 47 --threads 1 --out one", 0);
    w.run("batch mini.ron -n 47 --threads 3 --out three", 0);
    w.assert_same("one", "three");
    for shard in 1..=3 {
        w.run(&format!("batch mini.ron -n 47 --shard {shard}/3 --out s{shard}"), 0);
    }
    w.run("merge s3 s1 s2 --out joined", 0);
    w.assert_same("one", "joined");
    w.run("batch mini.ron -n 47 --seed 2 --out other", 0);
    assert_ne!(w.files("one")["results.parquet"], w.files("other")["results.parquet"]);
}

#[test]
fn shards_that_do_not_belong_together_are_refused_by_name() {
    let w = Workshop::with_cases();
    w.run("batch mini.ron -n 40 --shard 1/2 --out a", 0);
    w.run("batch mini.ron -n 40 --shard 2/2 --seed 7 --out seed", 0);
    w.run("batch mini.ron -n 40 --shard 2/2 --set triage=1h --out set", 0);
    w.run("batch mini.ron -n 50 --shard 2/2 --out more", 0);
    w.run("batch storm.ron -n 40 --shard 2/2 --out storm", 0);
    for (other, word) in [
        ("seed", "seed: 1 and 7"),
        ("set", "what was changed in `mini`: none and "),
        ("more", "replications: 40 and 50"),
        ("storm", "document: mini and storm"),
    ] {
        let error = w.failure(&format!("merge a {other} --out x"), 1);
        assert!(error.contains("not shards of the same batch") && error.contains(word), "{error}");
    }
    let error = w.failure("merge a --out x", 1);
    assert!(
        error.contains("20 replications are in none") && error.contains("not given: shard 2/2"),
        "{error}"
    );
    // Another version of the program: its number stands in the journal.
    let journal = std::fs::read(w.path("a/batch.journal")).unwrap();
    let text = String::from_utf8_lossy(&journal).into_owned();
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    let at = text.find(&version).unwrap();
    let mut changed = journal.clone();
    changed[at + 11] = b'9';
    w.file("old/batch.journal", changed);
    let error = w.failure("merge a old --out x", 1);
    assert!(error.contains("version of the program: 0") && error.contains("and 9"), "{error}");
    assert!(w.failure("merge mini.ron --out x", 1).contains("holds no shard"));
    assert!(!w.path("x").exists());
}

/// Begins a batch that goes on by itself.
fn begun(w: &Workshop, arguments: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_blueprint-sim"))
        .args(arguments.split_whitespace())
        .current_dir(w.path(""))
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn two_processes_do_not_write_to_one_batch() {
    let w = Workshop::with_cases();
    let batch = "batch mini.ron -n 1000000 --threads 1 --out two";
    let mut first = begun(&w, batch);
    while !w.path("two/batch.journal").exists() {
        assert!(first.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(1));
    }
    // The journal is in its place an instant before it is held.
    std::thread::sleep(Duration::from_millis(200));
    let error = w.failure(&format!("{batch} --resume"), 1);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(error.contains("another process writes to the batch in `two`"), "{error}");
}

/// Kills a batch after some milliseconds; whether it was still running.
fn killed_after(w: &Workshop, arguments: &str, milliseconds: u64) -> bool {
    let mut child = begun(w, arguments);
    std::thread::sleep(Duration::from_millis(milliseconds));
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

/// tests/kill-and-resume.sh does the same fifty times at random instants.
#[test]
fn a_batch_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let w = Workshop::with_cases();
    w.run("batch mini.ron -n 3000 --threads 2 --out whole", 0);
    let batch = "batch mini.ron -n 3000 --threads 2 --out killed --resume";
    let mut kills = 0;
    for milliseconds in [1, 5, 20, 40, 60, 80] {
        kills += u32::from(killed_after(&w, batch, milliseconds));
    }
    assert!(kills > 0, "nothing was interrupted");
    w.run(batch, 0);
    w.assert_same("whole", "killed");
    // Once more: there is nothing to do.
    let output = w.run(batch, 0);
    assert!(String::from_utf8_lossy(&output.get_output().stderr).contains("the batch is complete"));
}

#[test]
fn a_resumed_batch_must_be_the_same_one() {
    let w = Workshop::with_cases();
    w.run("batch mini.ron -n 40 --shard 1/2 --out b", 0);
    for (options, word) in [
        ("-n 40 --shard 1/2 --seed 3", "seed: 1 and 3"),
        ("-n 50 --shard 1/2", "replications: 40 and 50"),
        ("-n 40 --shard 2/2", "shard: 1/2 and 2/2"),
        ("-n 40", "shard: 1/2 and 1/1"),
        ("-n 40 --shard 1/2 --without desk", "what was changed in `mini`: none and "),
    ] {
        let error = w.failure(&format!("batch mini.ron {options} --resume --out b"), 1);
        assert!(error.contains("is another one") && error.contains(word), "{options}: {error}");
    }
    // Without a word it is not thrown away.
    let error = w.failure("batch mini.ron -n 40 --out b", 1);
    assert!(error.contains("not complete") && error.contains("--resume"), "{error}");
    w.run("batch mini.ron -n 40 --out b --force", 0);
    assert!(!w.path("b/batch.journal").exists());
}

/// A file of limited size is what a full disk looks like to the program.
#[test]
#[cfg(unix)]
fn a_full_disk_costs_nothing_that_was_done() {
    let w = Workshop::with_cases();
    w.run("batch mini.ron -n 400 --out whole", 0);
    let program = env!("CARGO_BIN_EXE_blueprint-sim");
    // In blocks of 512 or 1024 bytes: too little for the journal, whichever it is.
    let limited = |options: &str| {
        let script = format!(
            "trap '' XFSZ; ulimit -f 60; exec {program} batch mini.ron -n 400 --threads 1 --out full {options}"
        );
        let output = Command::new("sh").arg("-c").arg(script).current_dir(w.path("")).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, error) = limited("");
    assert_eq!(status, Some(1), "{error}");
    assert!(error.contains("cannot write") && error.contains("--resume"), "{error}");
    assert!(w.path("full/batch.journal").exists());
    assert_eq!(limited("--resume").0, Some(1), "still full");
    let output = w.run("batch mini.ron -n 400 --threads 1 --out full --resume", 0);
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("resumed: ") && !said.contains("resumed: 0 "), "{said}");
    w.assert_same("whole", "full");
}

#[test]
fn a_place_that_cannot_be_written_is_said_before_any_work() {
    let w = Workshop::with_cases();
    w.file("taken", "a file");
    let error = w.failure("batch mini.ron -n 10 --out taken", 1);
    assert!(error.contains("is a file, not a folder"), "{error}");
    // Nobody may write here, whoever runs the tests.
    let error = w.failure("batch mini.ron -n 10 --out /proc/nowhere", 1);
    assert!(error.contains("cannot make the folder"), "{error}");
    w.file("full/notes.txt", "mine");
    let error = w.failure("batch mini.ron -n 10 --out full", 1);
    assert!(error.contains("is not empty"), "{error}");
    w.run("batch mini.ron -n 10 --out full --force", 0);
    assert_eq!(w.text("full/notes.txt"), "mine");
}

#[test]
fn the_default_folder_is_that_of_run_and_may_be_typed_twice() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --ensemble 0", 0);
    w.run("batch mini.ron -n 10", 0);
    w.run("batch mini.ron -n 10", 0);
    let names = w.names("blueprint-out/mini-seed1");
    let tables =
        ["batch.json", "model.ron", "report.html", "results.parquet", "runs.parquet", "summary.json"];
    assert!(tables.iter().all(|table| names.iter().any(|name| name == table)), "{names:?}");
    for name in names.iter().filter(|name| !tables.contains(&name.as_str())) {
        let chart = name.strip_suffix(".svg").or(name.strip_suffix(".png")).unwrap();
        assert!(["criticality", "ecdf", "fan"].contains(&chart), "{name}");
    }
    w.run("run mini.ron --ensemble 0", 0);
    assert!(!w.path("blueprint-out/mini-seed1/results.parquet").exists());
}

#[test]
fn precision_stops_early_and_says_how_precise_it_got() {
    let w = Workshop::with_cases();
    w.run("batch mini.ron --precision 5% --measure operators_hit --out p", 0);
    let loose = summary(&w, "p");
    let n = loose["replications"].as_u64().unwrap();
    assert!([50, 100, 200, 400, 800, 1600].contains(&n), "{n}");
    assert_eq!(loose["precision"]["reached"], true);
    let told = &loose["precision"]["measures"][0];
    assert!(told["half_width"].as_f64().unwrap() <= 0.05 * told["mean"].as_f64().unwrap());
    // The same rows as a batch of that size.
    w.run(&format!("batch mini.ron -n {n} --out n"), 0);
    assert_eq!(w.files("p")["results.parquet"], w.files("n")["results.parquet"]);
    // The cap comes first.
    w.run("batch mini.ron --precision 0.000001 --measure desk-knows -n 60 --out cap", 0);
    let capped = summary(&w, "cap");
    assert_eq!(
        (capped["replications"].as_u64(), &capped["precision"]["reached"]),
        (Some(60), &Value::Bool(false))
    );
    assert!(w.failure("batch mini.ron --precision 5% --shard 1/2", 2).contains("--precision"));
    assert!(w.failure("batch mini.ron --precision 5% --measure desk-know", 2).contains("`desk-knows`"));
    assert!(w.failure("batch mini.ron --precision much", 2).contains("is no precision"));
    assert!(w.failure("batch mini.ron --measure events", 2).contains("--precision"));
}

#[test]
fn a_replay_is_scored() {
    let w = Workshop::with_cases();
    let text = w.stdout("batch storm.ron -n 40 --out b");
    assert!(text.contains("Against what was observed"), "{text}");
    let summary = summary(&w, "b");
    let rows = summary["variants"][0]["replay"]["milestones"].as_array().unwrap();
    assert!(!rows.is_empty());
    let happened: Vec<&Value> = rows.iter().filter(|row| row["observed"].is_string()).collect();
    for row in &happened {
        let percentile = row["percentile"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&percentile));
        // What the central half covers, the central 90 % covers too.
        assert!(row["covered_90"] == true || row["covered_50"] == false);
        if row["covered_50"] == true {
            assert!((0.25..=0.75).contains(&percentile), "{row}");
        }
    }
    assert!(happened.iter().any(|row| row["crps"].is_number() && row["interval_score_90"].is_number()));
}

#[test]
fn json_goes_to_the_standard_output() {
    let w = Workshop::with_cases();
    let printed: Value =
        serde_json::from_str(&w.stdout("batch mini.ron -n 10 --out b --format json")).unwrap();
    assert_eq!(printed, summary(&w, "b"));
    let figures: BTreeMap<&str, &Value> = printed["variants"][0]["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["figure"].as_str().unwrap(), f))
        .collect();
    assert_eq!(figures["operators_hit"]["n"], 10);
}

#[test]
#[cfg(unix)]
fn ctrl_c_keeps_what_is_done() {
    let w = Workshop::with_cases();
    let child = Command::new(env!("CARGO_BIN_EXE_blueprint-sim"))
        .args("batch mini.ron -n 1000000 --threads 1 --out c".split_whitespace())
        .current_dir(w.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let journal = w.path("c/batch.journal");
    while !journal.metadata().is_ok_and(|m| m.len() > 200_000) {
        std::thread::sleep(Duration::from_millis(10));
    }
    Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{error}");
    assert!(error.contains("are kept in `c`") && error.contains("--resume"), "{error}");
    assert!(journal.exists() && !w.path("c/summary.json").exists());
}

const TWO_FACTORS: &str = r#"Experiment(
    format: 1, id: "two", title: "Two factors", scenarios: ["mini.ron"],
    factors: [
        (id: "desk", levels: [(name: "told"), (name: "not told", changes: ["without desk"])]),
        (id: "staff", set: "team.staff", values: ["1", "4"]),
    ],
    design: FullFactorial,
    replications: 20, seed: 3, figures: ["desk-knows"],
)"#;

/// Names of the variants in a table, in order, each once.
fn variants(w: &Workshop, file: &str) -> Vec<String> {
    let (_, rows) = table(w, file);
    let mut names: Vec<String> = Vec::new();
    for row in rows {
        let Field::Str(name) = &row[0] else { panic!("{row:?}") };
        if names.last() != Some(name) {
            names.push(name.clone());
        }
    }
    names
}

#[test]
fn an_experiment_runs_every_combination_with_the_same_draws() {
    let w = Workshop::with_cases();
    w.file("two.ron", TWO_FACTORS);
    assert!(w.stdout("check two.ron").contains("ok (experiment: 1 scenario, 4 variants)"));
    let text = w.stdout("batch two.ron --out b");
    assert!(text.contains("20 replications of each of 4 variants, seed 3"), "{text}");
    assert!(text.contains("actors.team.staff: 2 -> 4"), "{text}");
    let expected =
        ["desk=told, staff=1", "desk=told, staff=4", "desk=not told, staff=1", "desk=not told, staff=4"];
    assert_eq!(variants(&w, "b/runs.parquet"), expected);
    assert_eq!(csv(&w.text("b/variants.csv"))[4], [expected[3], "mini", "without desk; team.staff=4"]);
    // Each variant can be run by itself and is row R of the batch.
    w.run("run b/model-04-desk_not_told__staff_4.ron --replication 7 --ensemble 0 --out one", 0);
    let (_, rows) = table(&w, "b/results.parquet");
    let over = rows
        .iter()
        .find(|r| {
            r[0] == Field::Str(expected[3].to_owned())
                && r[1] == Field::Long(7)
                && r[2] == Field::Str("over".to_owned())
        })
        .unwrap();
    let line = csv(&w.text("one/milestones.csv")).into_iter().find(|l| l[0] == "over").unwrap();
    assert_eq!(over[4], Field::Long(line[4].parse().unwrap()));
    // Shards of an experiment.
    w.run("batch two.ron --shard 1/2 --out s1", 0);
    w.run("batch two.ron --shard 2/2 --out s2", 0);
    w.run("merge s1 s2 --out joined", 0);
    w.assert_same("b", "joined");
}

#[test]
fn designs_make_the_variants_that_they_promise() {
    let w = Workshop::with_cases();
    let made = |design: &str, factors: &str| {
        w.file(
            "e.ron",
            format!(
                "Experiment(format: 1, id: \"e\", scenarios: [\"mini.ron\"], design: {design}, replications: 2, {factors})"
            ),
        );
        w.run("batch e.ron --out e --force", 0);
        csv(&w.text("e/variants.csv"))
    };
    let two = r#"factors: [(id: "t", set: "triage", values: ["1h", "2h"]), (id: "d", levels: [(name: "on"), (name: "off", changes: ["without desk"])])]"#;
    let rows = made("OneAtATime", two);
    let names: Vec<&str> = rows[1..].iter().map(|r| r[0].as_str()).collect();
    assert_eq!(names, ["as it is", "t=1h", "t=2h", "d=off"]);
    // One point in each fifth of the range of 1 to 3 people, by whole numbers; triage keeps its law and is scaled.
    let range = r#"factors: [(id: "t", set: "triage"), (id: "s", set: "desk.extra", between: (1, 3))]"#;
    for design in ["LatinHypercube(5)", "Sobol(8)"] {
        let rows = made(design, range);
        assert_eq!(rows.len() - 1, if design.starts_with('L') { 5 } else { 8 });
        assert_eq!(rows[1][0], "point 1");
        for row in &rows[1..] {
            assert!(row[2].contains("triage=Scaled(by: ") && row[2].contains("; desk.extra="), "{row:?}");
        }
        assert_eq!(rows, made(design, range), "the same seed gives the same design");
    }
    // A parameter without a plausible range is moved between what is said.
    let rows = made("Sobol(4)", r#"factors: [(id: "d", set: "doubling", between: ("30min", "4h"))]"#);
    assert_eq!(rows.len(), 5);
    assert!(rows[1..].iter().all(|row| row[2].contains("doubling=")), "{rows:?}");
    let rows = made(
        "List",
        r#"variants: [(name: "a"), (name: "b", changes: ["start=2017-05-13T13:00:00Z, mail.latency=1h"]), (name: "c", overrides: (tasks: {}, horizon: "2d"))]"#,
    );
    assert_eq!(rows.len(), 4);
    assert!(w.text("e/model-03-c.ron").contains("horizon: \"2d\""));
}

#[test]
fn what_is_wrong_with_an_experiment_is_told_with_its_place() {
    let w = Workshop::with_cases();
    let told = |text: &str, words: &[&str]| {
        w.file("e.ron", text);
        for command in ["check e.ron", "batch e.ron --out e"] {
            let error = w.failure(command, 1);
            for word in words {
                assert!(error.contains(word), "{command}: no `{word}` in {error}");
            }
        }
    };
    let with = |rest: &str| format!("Experiment(format: 1, id: \"e\", scenarios: [\"mini.ron\"], {rest})");
    told(&with("desing: OneAtATime"), &["e.ron:1:", "did you mean `design`"]);
    told(&with("design: FullFactorial"), &["this design needs `factors`"]);
    told(&with("factors: [(id: \"f\", set: \"triage\", values: [\"1h\"])]"), &["uses no factors"]);
    told(&with("variants: [(name: \"v\", changes: [\"desk\"])]"), &["`desk` is no change", "e.ron:1:"]);
    told(
        &with("variants: [(name: \"v\", changes: [\"traige=1h\"])]"),
        &["variant `v`", "did you mean `triage`"],
    );
    told(&with("variants: [(name: \"v\"), (name: \"v\")]"), &["two variants are called `v`"]);
    told(
        &with("design: Sobol(4), factors: [(id: \"f\", set: \"male\")]"),
        &["`male` is no parameter that can be moved"],
    );
    told(
        &with("design: Sobol(4), factors: [(id: \"f\", set: \"doubling\")]"),
        &["`doubling` has no plausible range", "between: (LOW, HIGH)"],
    );
    told(&with("figures: [\"operators_hid\"]"), &["did you mean `operators_hit`"]);
    told(&with("precision: \"much\""), &["is no precision"]);
    told("Experiment(format: 1, id: \"e\", scenarios: [])", &["at least one scenario"]);
    told("Experiment(format: 2, id: \"e\", scenarios: [\"mini.ron\"])", &["format 2"]);
    told("Experiment(format: 1, id: \"e\", scenarios: [\"nini.ron\"])", &["nini.ron"]);
    w.file("e.ron", with("variants: [(name: \"same\", changes: [\"team.staff=2\"])]"));
    let output = w.run("check e.ron", 0);
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("variant `same` changes nothing"), "{said}");
    let error = w.failure("run e.ron", 1);
    assert!(error.contains("an experiment is many runs") && error.contains("blueprint-sim batch"), "{error}");
}

#[test]
fn the_template_and_the_built_in_experiments_run() {
    let w = Workshop::new();
    w.run("new experiment mine", 0);
    assert!(w.stdout("check mine.ron").contains("ok (experiment: 1 scenario, 4 variants)"));
    w.run("batch mine.ron -n 2 --horizon 6h --out mine", 0);
    let listed: Value = serde_json::from_str(&w.stdout("list experiment --format json")).unwrap();
    for entry in listed.as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        assert!(!entry["title"].as_str().unwrap().is_empty());
        w.run(&format!("check {name}"), 0);
        w.run(&format!("batch {name} -n 2 --horizon 6h --out {name}"), 0);
        assert!(w.stdout(&format!("show {name}")).contains("Experiment("));
    }
    assert!(!listed.as_array().unwrap().is_empty());
}
