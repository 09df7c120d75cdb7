//! Files that nobody should write: each gets a message with a place, none a panic, none takes long.

use std::time::{Duration, Instant};

use crate::workshop::Workshop;

/// Runs `check` on a document of this text and gives back what it said.
fn refused(name: &str, text: impl AsRef<[u8]>) -> String {
    let w = Workshop::with_cases();
    w.file(name, text);
    let began = Instant::now();
    let error = w.failure(&format!("check {name}"), 1);
    assert!(began.elapsed() < Duration::from_secs(20), "{name} took too long");
    assert!(error.contains(name), "the file is named: {error}");
    assert!(!w.failure(&format!("run {name}"), 1).is_empty());
    assert!(!w.path("blueprint-out").exists());
    error
}

/// The small document with something replaced.
fn changed(from: &str, to: &str) -> String {
    let text = Workshop::with_cases().text("mini.ron");
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn files_that_are_no_documents() {
    refused("empty.ron", "");
    refused("blank.ron", "  \n\n");
    refused("comment.ron", "// nothing but a comment");
    refused("binary.ron", [0_u8, 159, 146, 150, 255, 0, 7].repeat(100));
    refused("words.ron", "to be or not to be");
    refused("number.ron", "42");
    refused("list.ron", "[1, 2, 3]");
    refused("open.ron", "Blueprint(name: \"x\", levels: [");
    refused("other.ron", "Recipe(name: \"soup\")");
}

#[test]
fn files_that_are_too_large_or_too_deep() {
    let error = refused("large.ron", vec![b' '; 21_000_000]);
    assert!(error.contains("too large"), "{error}");
    refused("brackets.ron", "[".repeat(200_000));
    refused("records.ron", format!("Blueprint(name: {}", "(a: ".repeat(50_000)));
    refused("text.ron", format!("Blueprint(name: \"{}", "x".repeat(1_000_000)));
}

#[test]
fn documents_with_one_thing_wrong() {
    let error = refused("name.ron", changed("actors: {", "actor: {"));
    assert!(error.contains("did you mean `actors`"), "{error}");
    let error = refused("type.ron", changed("staff: 2", "staff: [2]"));
    assert!(error.contains("type.ron:"), "{error}");
    let error = refused("negative.ron", changed("value: \"6h\"", "value: \"-6h\""));
    assert!(error.contains("-6h"), "{error}");
    let error = refused("zone.ron", changed("Europe/Lisbon", "Europe/Lisbn"));
    assert!(error.contains("Europe/Lisbon"), "{error}");
    let error = refused("format.ron", changed("format: 1", "format: 2"));
    assert!(error.contains("format 2"), "{error}");
    let error = refused("twice.ron", changed("sectors: {", "sectors: {\"health\": (title: \"Again\"), "));
    assert!(error.contains("health"), "{error}");
    refused("horizon.ron", changed("horizon: \"4d\"", "horizon: \"4000y\""));
    refused("nan.ron", changed("value: 1,", "value: NaN,"));
}

#[test]
fn documents_that_extend_themselves_or_nothing() {
    let w = Workshop::new();
    w.file("a.ron", "Blueprint(extends: \"b.ron\", name: \"a\")");
    w.file("b.ron", "Blueprint(extends: \"a.ron\", name: \"b\")");
    w.file("self.ron", "Blueprint(extends: \"./x/../self.ron\", name: \"s\")");
    std::fs::create_dir(w.path("x")).unwrap();
    for name in ["a.ron", "self.ron"] {
        let error = w.failure(&format!("check {name}"), 1);
        assert!(error.contains("extends itself"), "{error}");
    }
    w.file("lost.ron", "Blueprint(extends: \"no-such\", name: \"l\")");
    let error = w.failure("check lost.ron", 1);
    assert!(error.contains("no-such") && error.contains("lost.ron:1"), "{error}");
}

#[test]
fn folders_where_files_are_meant() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    let error = w.failure("run r", 1);
    assert!(error.contains("is a folder") && error.contains("r/model.ron"), "{error}");
    w.failure("run mini.ron --inject r", 1);
    w.failure("explain mini.ron --milestone over", 1);
    w.failure("explain nowhere --milestone over", 1);
    w.failure("plot timeline .", 1);
}

#[test]
fn damaged_runs_are_told() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    let whole = w.text("r/trace.jsonl");
    let lines: Vec<&str> = whole.lines().collect();
    let without_last = lines[..lines.len() - 1].join("\n");
    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    for (what, text) in [
        ("cut", without_last.as_str()),
        ("swapped", &swapped.join("\n")),
        ("no json", "hello"),
        ("empty", ""),
        ("other", "{\"id\":0}"),
        ("future", &whole.replacen("\"format\":1", "\"format\":9", 1)),
        ("unknown", &whole.replacen("\"kind\":\"hit\"", "\"kind\":\"hot\"", 1)),
    ] {
        w.file("r/trace.jsonl", text);
        let error = w.failure("explain r --milestone over", 1);
        assert!(error.contains("trace.jsonl"), "{what}: {error}");
    }
    w.file("r/trace.jsonl", &whole);
    w.file("r/model.ron", "Model(");
    w.failure("explain r --milestone over", 1);
}

#[test]
fn names_that_do_not_exist_get_suggestions() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    for (arguments, meant) in [
        ("run mini.ron --set trige=2h", "triage"),
        ("run mini.ron --with dsek", "desk"),
        ("explain r --milestone desk-know", "desk-knows"),
        ("explain r --why-not tel", "tell"),
        ("explain r --why-not tem@N,affected/storm/N", "team@N"),
        ("explain r --why-not team@N,afected/storm/N", "affected/storm/N"),
        ("plot timeline r --actors taem", "team"),
    ] {
        let error = w.failure(arguments, 1);
        assert!(error.contains(&format!("did you mean `{meant}`")), "{arguments}: {error}");
    }
}

#[test]
fn documents_name_only_files_in_the_root() {
    let w = Workshop::with_cases();
    let extends = |name: &str| format!("Blueprint(extends: \"{name}\", name: \"mine\")");
    w.file("in/mine.ron", extends("../mini.ron"));
    w.file("in/near.ron", extends("../in/mine.ron"));
    w.file("in/absolute.ron", extends(&w.path("mini.ron").display().to_string()));
    w.file("in/lost.ron", extends("../../no-such-file.ron"));
    // Inside the working directory everything may be named.
    w.run("check in/mine.ron in/near.ron in/absolute.ron", 0);
    let error = w.failure("check in/lost.ron", 1);
    assert!(error.contains("error[outside-root]") && error.contains("lost.ron:1"), "{error}");
    // A smaller root keeps documents in, by whatever name they try.
    for name in ["mine", "near", "absolute"] {
        let error = w.failure(&format!("check in/{name}.ron --root in"), 1);
        assert!(error.contains("error[outside-root]") && error.contains("--root"), "{name}: {error}");
    }
    let error = w.failure("check mini.ron --root in", 1);
    assert!(error.contains("error[outside-root]"), "{error}");
    w.file("elsewhere/script.csv", "id,at,title,to\nI1,T+1h,A call,desk\n");
    let error = w.failure("run in/mine.ron --root in --inject elsewhere/script.csv", 1);
    assert!(error.contains("error[outside-root]"), "{error}");
    w.failure("check in/mine.ron --root nowhere", 1);
    w.failure("check in/mine.ron --root mini.ron", 1);
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_root() {
    let w = Workshop::with_cases();
    std::fs::create_dir(w.path("in")).unwrap();
    std::os::unix::fs::symlink(w.path("mini.ron"), w.path("in/link.ron")).unwrap();
    std::os::unix::fs::symlink(w.path("."), w.path("in/up")).unwrap();
    w.file("in/a.ron", "Blueprint(extends: \"link.ron\", name: \"a\")");
    w.file("in/b.ron", "Blueprint(extends: \"up/mini.ron\", name: \"b\")");
    w.run("check in/a.ron in/b.ron", 0);
    for name in ["a", "b"] {
        let error = w.failure(&format!("check in/{name}.ron --root in"), 1);
        assert!(error.contains("error[outside-root]"), "{name}: {error}");
    }
}

#[test]
fn a_document_elsewhere_may_name_its_neighbours() {
    let w = Workshop::with_cases();
    let other = Workshop::with_cases();
    other.file("mine.ron", "Blueprint(extends: \"mini.ron\", name: \"mine\")");
    other.file("deep/mine.ron", "Blueprint(extends: \"../mini.ron\", name: \"mine\")");
    w.run(&format!("check {}", other.path("mine.ron").display()), 0);
    let error = w.failure(&format!("check {}", other.path("deep/mine.ron").display()), 1);
    assert!(error.contains("error[outside-root]"), "{error}");
}

#[test]
fn options_that_contradict_each_other() {
    let w = Workshop::with_cases();
    for (options, says) in [
        ("--with desk --without desk", "error[contradiction]"),
        ("--set triage=1h --set triage=2h", "error[contradiction]"),
    ] {
        let error = w.failure(&format!("run mini.ron {options}"), 1);
        assert!(error.contains(says), "{options}: {error}");
    }
    for options in
        ["--seed -1", "--seed 99999999999999999999", "--replication -1", "--horizon -3d", "--ensemble -5"]
    {
        w.failure(&format!("run mini.ron {options}"), 2);
    }
    // In one state and in general are two names.
    w.run("run mini.ron --set triage=1h --set triage@N=2h --out r", 0);
    w.file("late.csv", "id,at,title,to\nI1,T+40d,A call,desk\n");
    let error =
        String::from_utf8(w.run("run mini.ron --inject late.csv --out s", 0).get_output().stderr.clone())
            .unwrap();
    assert!(error.contains("warning[after-horizon]"), "{error}");
    w.file("nobody.ron", changed("staff: 2", "staff: 0"));
    let error = String::from_utf8(w.run("check nobody.ron", 0).get_output().stderr.clone()).unwrap();
    assert!(error.contains("warning[no-staff]"), "{error}");
}

#[test]
fn a_document_that_was_edited_after_its_run_is_told() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out r", 0);
    w.run("explain r --milestone over", 0);
    w.file("r/model.ron", w.text("r/model.ron").replace("\"6h\"", "\"7h\""));
    for command in ["explain r --milestone over", "plot timeline r"] {
        let error = w.failure(command, 1);
        assert!(
            error.contains("was changed after it was run") && error.contains("run r/model.ron"),
            "{error}"
        );
    }
    w.run("run r/model.ron --out s", 0);
    w.run("explain s --milestone over", 0);
}

/// Runs the program with files limited to so many blocks of 512 bytes, as a disk that is full would.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_leaves_nothing_half_written() {
    let w = Workshop::with_cases();
    w.run("run mini.ron --out before", 0);
    let before: Vec<(String, String)> = w
        .names("before")
        .into_iter()
        .filter(|n| !n.ends_with(".png"))
        .map(|n| (n.clone(), w.text(&format!("before/{n}"))))
        .collect();
    let program = env!("CARGO_BIN_EXE_blueprint-sim");
    for (blocks, arguments) in [(1, "--out new"), (20, "--out new"), (20, "--out before --force --seed 2")] {
        // Without the signal a write that is too large is an error like any other.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} run mini.ron {arguments}");
        let output = std::process::Command::new("bash")
            .args(["-c", &script])
            .current_dir(w.path(""))
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains("error: cannot write `") && !error.contains("panicked"), "{error}");
        assert!(!w.path("new").exists(), "{arguments}");
        for (name, text) in &before {
            assert_eq!(*text, w.text(&format!("before/{name}")), "{name} is as it was");
        }
    }
}
