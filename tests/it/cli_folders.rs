//! Where results go: the folder of a run, when it is replaced, and that no half file is left.

use crate::workshop::Workshop;

const ALL: [&str; 16] = [
    "awareness.png",
    "awareness.svg",
    "knowledge.csv",
    "latency.csv",
    "measures.csv",
    "milestones.csv",
    "model.ron",
    "propagation.png",
    "propagation.svg",
    "report.html",
    "summary.json",
    "timeline.png",
    "timeline.svg",
    "trace.jsonl",
    "waterfall.png",
    "waterfall.svg",
];

#[test]
fn the_default_folder_is_replaced_by_a_run_of_the_same_scenario() {
    let w = Workshop::with_cases();
    let out = "blueprint-out/mini-seed1";
    let first = w.stdout("run mini.ron");
    assert_eq!(w.names(out), ALL);
    let files = w.files(out);
    assert_eq!(w.stdout("run mini.ron"), first);
    assert!(w.files(out) == files, "typed twice");
    w.run("run mini.ron --draws", 0);
    assert!(w.path(out).join("draws.csv").exists());
    w.file(&format!("{out}/my-notes.txt"), "mine");
    w.run("run mini.ron --trace none", 0);
    let names = w.names(out);
    assert!(!names.contains(&"draws.csv".to_owned()), "files of the run before are gone");
    assert!(!names.contains(&"trace.jsonl".to_owned()));
    assert!(names.contains(&"my-notes.txt".to_owned()), "no other file is deleted");
    w.run("run mini.ron --seed 7", 0);
    assert!(w.path("blueprint-out/mini-seed7/summary.json").exists());
}

#[test]
fn the_default_folder_of_somebody_else_is_left_alone() {
    let w = Workshop::with_cases();
    w.file("blueprint-out/mini-seed1/thesis.txt", "mine");
    let error = w.failure("run mini.ron", 1);
    assert!(error.contains("mini-seed1") && error.contains("--out"), "{error}");
    w.file("blueprint-out/mini-seed1/summary.json", "{\"program\":\"blueprint-sim\",\"scenario\":\"other\"}");
    w.failure("run mini.ron", 1);
    w.file("blueprint-out/mini-seed1/summary.json", "not json");
    w.failure("run mini.ron", 1);
    assert_eq!(w.names("blueprint-out/mini-seed1"), ["summary.json", "thesis.txt"]);
    w.run("run mini.ron --force", 0);
    assert_eq!(w.text("blueprint-out/mini-seed1/thesis.txt"), "mine");
}

#[test]
fn a_given_folder_is_used_if_empty_or_missing_and_otherwise_needs_force() {
    let w = Workshop::with_cases();
    std::fs::create_dir(w.path("empty")).unwrap();
    w.run("run mini.ron --out empty", 0);
    w.run("run mini.ron --out new/and/deep", 0);
    assert_eq!(w.names("empty"), ALL);
    w.assert_same("empty", "new/and/deep");
    let error = w.failure("run mini.ron --out empty", 1);
    assert!(error.contains("not empty") && error.contains("--force"), "{error}");
    w.file("empty/keep.me", "yes");
    w.run("run mini.ron --seed 2 --out empty --force", 0);
    assert_eq!(w.text("empty/keep.me"), "yes");
    assert!(w.text("empty/summary.json").contains("\"seed\": 2"));
    assert!(!w.path("blueprint-out").exists());
}

#[test]
fn places_that_cannot_be_written_are_told_and_leave_nothing() {
    let w = Workshop::with_cases();
    w.file("a-file", "x");
    let error = w.failure("run mini.ron --out a-file", 1);
    assert!(error.contains("`a-file` is a file"), "{error}");
    let error = w.failure("run mini.ron --out a-file/below", 1);
    assert!(error.contains("a-file/below"), "{error}");
    w.file("blueprint-out", "a file too");
    w.failure("run mini.ron", 1);
    assert_eq!(w.names("."), ["a-file", "blueprint-out", "mini.ron", "storm.ron"]);
}

#[test]
fn a_wrong_document_leaves_no_folder() {
    let w = Workshop::with_cases();
    w.file("bad.ron", "Blueprint(name: \"bad\", levels: [(id: 1)])");
    w.failure("run bad.ron --out x", 1);
    w.failure("run mini.ron --out x --set trige=2h", 1);
    w.failure("run mini.ron --out x --replication typical", 2);
    assert!(!w.path("x").exists() && !w.path("blueprint-out").exists());
}

#[test]
fn what_an_interrupted_run_left_counts_as_nothing() {
    let w = Workshop::with_cases();
    w.file("blueprint-out/mini-seed1/.model.ron.blueprint-sim-tmp", "half");
    w.run("run mini.ron", 0);
    assert_eq!(w.names("blueprint-out/mini-seed1"), ALL);
}

#[test]
fn a_chart_goes_to_a_file_or_to_stdout() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    for chart in ["timeline", "propagation", "awareness", "waterfall"] {
        let svg = w.stdout(&format!("plot {chart} r"));
        assert_eq!(svg, w.text(&format!("r/{chart}.svg")), "{chart}");
        w.run(&format!("plot {chart} r -o c.png"), 0);
        assert!(w.files(".")["c.png"] == w.files("r")[&format!("{chart}.png")], "{chart}");
    }
    let svg = w.stdout("plot timeline r --title Mine --actors team --states N --from T+1h --to T+1d");
    assert!(svg.contains(">Mine<"), "{svg}");
    assert!(!svg.contains("Southland"));
    for wrong in
        ["-o c.pdf", "-o c", "--from T+2h --to T+1h", "--from yesterday", "--from 1999-01-01T00:00:00Z"]
    {
        w.failure(&format!("plot timeline r {wrong}"), 2);
    }
    for wrong in ["--actors taem", "--states X", "-o no/such/folder/c.svg"] {
        w.failure(&format!("plot timeline r {wrong}"), 1);
    }
    std::fs::create_dir(w.path("d.svg")).unwrap();
    let error = w.failure("plot timeline r -o d.svg", 1);
    assert!(error.contains("d.svg"), "{error}");
    assert_eq!(w.names("."), ["c.png", "mini.ron", "storm.ron"].map(str::to_owned).to_vec());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_the_run_before() {
    let w = Workshop::with_cases();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_blueprint-sim"))
        .args(["check", "mini.ron", "--ledger"])
        .current_dir(w.path(""))
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("standard output"), "{error}");
    w.run("run mini.ron --out r", 0);
    let before = w.files("r");
    // A file that is in the way under a temporary name cannot be written.
    std::fs::create_dir(w.path("r/.report.html.blueprint-sim-tmp")).unwrap();
    let error = w.failure("run mini.ron --seed 2 --out r --force", 1);
    assert!(error.contains("report.html"), "{error}");
    assert!(w.files("r") == before, "the run before is still whole");
}
