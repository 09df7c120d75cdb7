//! `list`, `show`, `check`, `new`: documents without a run.

use crate::workshop::{Workshop, csv};

#[test]
fn help_and_version_are_results_and_nothing_else_is_usage() {
    let w = Workshop::new();
    assert!(w.stdout("--version").starts_with("blueprint-sim "));
    for command in ["list", "show", "check", "new", "run", "explain", "plot"] {
        let help = w.stdout(&format!("{command} --help"));
        assert!(help.contains("Example"), "{command}: {help}");
    }
    for wrong in ["", "rnu", "run", "run x --seed -1", "run x --seed abc", "run x --replication second"] {
        w.failure(wrong, 2);
    }
    for wrong in ["run x --set novalue", "run x --horizon -3d", "plot globe x", "explain x", "list cats"] {
        w.failure(wrong, 2);
    }
    assert!(w.names(".").is_empty());
}

#[test]
fn list_is_an_array_of_objects() {
    let w = Workshop::new();
    for kind in ["", "blueprint", "scenario", "experiment", "elements"] {
        let json: serde_json::Value =
            serde_json::from_str(&w.stdout(&format!("list {kind} --format json"))).unwrap();
        for entry in json.as_array().unwrap() {
            for field in ["kind", "name", "title"] {
                assert!(entry[field].is_string(), "{entry}");
            }
        }
        // An element has a second line: from when it is in force, and its source.
        let lines = w.stdout(&format!("list {kind}")).lines().count();
        let each = if kind == "elements" { 2 } else { 1 };
        assert_eq!(lines, each * json.as_array().unwrap().len());
    }
    let json: serde_json::Value = serde_json::from_str(&w.stdout("list elements --format json")).unwrap();
    for element in json.as_array().unwrap() {
        assert!(element["source"].as_str().is_some_and(|s| s.len() > 10), "{element}");
        assert!(element["confidence"].is_string(), "{element}");
    }
}

#[test]
fn unknown_documents_are_told_with_status_1() {
    let w = Workshop::new();
    for command in ["show", "check", "run"] {
        let error = w.failure(&format!("{command} no-such-thing"), 1);
        assert!(error.contains("`no-such-thing`"), "{error}");
    }
}

#[test]
fn all_errors_come_together_with_places() {
    let w = Workshop::with_cases();
    let text = w.text("mini.ron").replace("latency: \"mail\"", "latency: \"mial\"");
    w.file("bad.ron", text.replace("fact: \"affected\", work", "fact: \"afected\", work"));
    let error = w.failure("check bad.ron", 1);
    assert!(error.contains("`mail`") && error.contains("`affected`"), "{error}");
    assert!(error.contains("bad.ron:") && error.contains("did you mean"), "{error}");
    let assert = w.run("check mini.ron bad.ron --format json", 1);
    let json: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let all = json.as_array().unwrap();
    let diagnostics: Vec<_> = all.iter().filter(|d| d["severity"] == "error").collect();
    assert!(diagnostics.len() >= 2, "{json}");
    assert!(diagnostics.iter().all(|d| d["document"] == "bad.ron" && d["file"] == "bad.ron"), "{json}");
    assert!(diagnostics.iter().all(|d| d["code"].is_string()), "{json}");
    // The small document has a rule that never fires, for `explain` to explain.
    assert!(all.iter().any(|d| d["document"] == "mini.ron" && d["code"] == "never-fires"), "{json}");
    assert!(diagnostics.iter().all(|d| d["expected"].is_string() && d["message"].is_string()), "{json}");
    assert!(diagnostics.iter().all(|d| d["end"]["line"] == d["line"]), "{json}");
    assert!(diagnostics.iter().any(|d| d["hint"] == "did you mean `mail`?"), "{json}");
    assert!(diagnostics.iter().all(|d| d["line"].is_u64() && d["column"].is_u64()), "{json}");
    assert_eq!(w.stdout("check wannacry-2017 --format json").trim(), "[]");
}

#[test]
fn the_ledger_names_every_parameter_with_its_basis() {
    let w = Workshop::with_cases();
    let rows = csv(&w.stdout("check mini.ron --ledger --format csv"));
    let known = ["parameter", "title", "value", "range_from", "range_to", "unit", "basis", "source"];
    assert_eq!(rows[0][..8], known);
    assert_eq!(rows[0][8..], ["confidence", "sourced", "fitted_to"]);
    let names: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["contain", "desk.extra", "doubling", "mail", "notice", "triage"]);
    let bases: Vec<&str> = rows[1..].iter().map(|row| row[6].as_str()).collect();
    assert_eq!(bases, ["read", "general", "assumed", "recalled", "derived", "assumed"]);
    assert_eq!(rows[6][7], "'=a guess, which no spreadsheet may run");
    let tags: Vec<&str> = rows[1..].iter().map(|row| row[8].as_str()).collect();
    assert_eq!(tags, ["Read", "General", "", "Recalled", "", ""]);
    let sourced: Vec<&str> = rows[1..].iter().map(|row| row[9].as_str()).collect();
    assert_eq!(sourced, ["true", "false", "false", "false", "true", "false"]);
    let json: serde_json::Value =
        serde_json::from_str(&w.stdout("check mini.ron --ledger --format json")).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 6);
    assert_eq!(json[1]["unit"], "people");
    let table = w.stdout("check mini.ron --ledger");
    assert!(table.contains("10min to 2h") && table.contains("recalled, not re-read"), "{table}");
    assert!(table.contains("2 of 6 parameters have a source that was seen"), "{table}");
    let counts = table.lines().find(|line| line.starts_with("assumed   ")).unwrap();
    assert!(counts.split_whitespace().nth(1) == Some("2"), "{counts}");
    w.failure("check mini.ron --format csv", 2);
    w.failure("check mini.ron storm.ron --ledger", 2);
}

#[test]
fn templates_pass_check_and_run() {
    let w = Workshop::new();
    assert_eq!(w.stdout("new blueprint mine"), "mine.ron\n");
    assert_eq!(w.stdout("new scenario flood --blueprint mine.ron"), "flood.ron\n");
    w.run("check mine.ron flood.ron", 0);
    assert!(w.stdout("run mine.ron").contains("The crisis desk knows"));
    assert!(w.stdout("run flood.ron").contains("in 9 of 10 replications"));
    assert!(w.stdout("pack flood.ron --ensemble 2").contains("1 role, 2 injects, 1 objective;"));
    let error = w.failure("new blueprint mine", 1);
    assert!(error.contains("exists already"), "{error}");
    let error = w.failure("new scenario ebb --blueprint flood.ron", 1);
    assert!(error.contains("a scenario builds on a blueprint"), "{error}");
    w.run("new experiment trial-of-all", 0);
    w.run("check trial-of-all.ron", 0);
    for name in ["../x", "a/b", "1", ""] {
        let mut command = w.command("new blueprint");
        command.arg(name).assert().code(2);
    }
}

#[test]
fn no_colour_where_there_is_no_terminal() {
    let w = Workshop::new();
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "xterm-256color")] {
        let assert = w.command("check no-such-thing").env(name, value).assert().code(1);
        assert!(!assert.get_output().stderr.contains(&0x1b));
    }
}

#[test]
fn colour_can_be_forced_and_no_color_wins_over_a_terminal() {
    let w = Workshop::new();
    let assert = w.command("check no-such-thing").env("CLICOLOR_FORCE", "1").assert().code(1);
    assert!(assert.get_output().stderr.contains(&0x1b));
}
