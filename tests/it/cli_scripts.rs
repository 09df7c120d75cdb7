//! `--inject`: exercise scripts.

use crate::workshop::Workshop;

const SCRIPT: &str = "\
title,id,to,at,text,expected,objective
A journalist calls,I-1,desk,T+2h,\"Is it true, and who did it?\",no answer yet,public communication
All teams are asked,I-2,team;desk,2017-05-12 18:00 Europe/Brussels,,,
";

#[test]
fn a_script_may_have_its_columns_in_any_order() {
    let w = Workshop::with_cases();
    w.file("script.csv", SCRIPT);
    w.run("run mini.ron --inject script.csv --out r", 0);
    let model = w.text("r/model.ron");
    assert!(model.contains("Is it true, and who did it?"), "{model}");
    assert!(model.contains("I-2"));
    let summary: serde_json::Value = serde_json::from_str(&w.text("r/summary.json")).unwrap();
    assert_eq!(summary["changes"][0], "--inject");
    w.run("run r/model.ron --out again", 0);
    w.assert_same("r", "again");
}

#[test]
fn a_script_with_semicolons_is_read_too() {
    let w = Workshop::with_cases();
    w.file("script.csv", "\u{feff}id;at;title;to\r\nI-1;T+2h;A call;desk\r\n;;;\r\n");
    w.run("run mini.ron --inject script.csv --out r", 0);
    assert!(w.text("r/model.ron").contains("A call"));
}

#[test]
fn injects_in_ron() {
    let w = Workshop::with_cases();
    w.file("more.ron", "[(id: \"I-9\", title: \"A call\", at: \"T+1h\", to: Actor(\"desk\"))]");
    w.run("run mini.ron --inject more.ron --out r", 0);
    assert!(w.text("r/model.ron").contains("I-9"));
    w.file("bad.ron", "[(id: \"I-9\", titel: \"A call\")]");
    let error = w.failure("run mini.ron --inject bad.ron", 1);
    assert!(error.contains("did you mean `title`"), "{error}");
}

#[test]
fn every_problem_is_told_with_row_and_column() {
    let w = Workshop::with_cases();
    w.file(
        "script.csv",
        "id,at,title,to\nI-1,tomorrow,A call,desk\nI-1,T+1h,Again,dsek\n,T+1h,,\nI-4,T+1h,Too,desk,many\n",
    );
    let error = w.failure("run mini.ron --inject script.csv", 1);
    for told in [
        "row 2, column `at`",
        "row 3, column `id` has the id `I-1` of row 2",
        "row 3, column `to`",
        "did you mean `desk`",
        "row 4, column `id` is empty",
        "row 4, column `title` is empty",
        "row 5 has 5 cells, the heading 4",
    ] {
        assert!(error.contains(told), "{told}: {error}");
    }
    w.file("script.csv", "id,when,title\nI-1,T+1h,x\n");
    let error = w.failure("run mini.ron --inject script.csv", 1);
    assert!(
        error.contains("unknown column `when`") && error.contains("does not name the column `at`"),
        "{error}"
    );
    w.file("script.csv", "");
    w.failure("run mini.ron --inject script.csv", 1);
    w.file("script.txt", "x");
    w.failure("run mini.ron --inject script.txt", 1);
    w.failure("run mini.ron --inject missing.csv", 1);
    assert!(!w.path("blueprint-out").exists());
}
