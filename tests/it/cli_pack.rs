//! `pack`: what a trainer gets, and that a schedule goes out and comes back.

use std::collections::BTreeSet;

use crate::workshop::{Workshop, csv};

const REHEARSALS: [&str; 4] =
    ["rehearsal-hour", "rehearsal-hybrid", "rehearsal-power-grid", "rehearsal-supplier"];

/// A scenario to be played in one step, over the small union.
fn scenario(rest: &str) -> String {
    format!(
        r#"Scenario(
            format: 1, name: "mine", title: "Mine", blueprint: "small-union", setting: Rehearsal,
            start: "2018-03-15T13:00:00Z", horizon: "6h",
            exercise: (
                purpose: "To try it.",
                objectives: {{"tell": (title: "Tell others")}},
                roles: {{"north": (title: "Team of Northland", plays: Actor("team@N"))}},
            ),
            {rest}
        )"#
    )
}

fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let at = rows[0].iter().position(|cell| cell == name).unwrap_or_else(|| panic!("no column {name}"));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

#[test]
fn a_pack_is_whole_marked_and_readable_by_anybody() {
    let w = Workshop::new();
    w.run("pack rehearsal-hour --ensemble 5 --out pack", 0);
    let names = w.names("pack");
    for name in [
        "index.html",
        "briefing.html",
        "msel.html",
        "msel.csv",
        "timeline-expected.html",
        "expected.csv",
        "evaluation.html",
        "evaluation.csv",
        "report.html",
        "role-chair.html",
        "role-press.html",
        "role-secretariat.html",
        "role-team-north.html",
        "role-team-west.html",
        "timeline.svg",
        "expected.png",
        "model.ron",
        "summary.json",
    ] {
        assert!(names.contains(&name.to_owned()), "{name} is not in {names:?}");
    }
    for name in names.iter().filter(|name| name.ends_with(".html")) {
        let page = w.text(&format!("pack/{name}"));
        assert!(page.contains("<html lang=\"en\">"), "{name} names no language");
        assert!(page.contains("imulation") && page.contains("xercise"), "{name} is not marked");
        assert!(!page.contains("<script") && !page.contains("src=\"http"), "{name} needs more than itself");
        assert_eq!(page.matches("<h1>").count(), 1, "{name}");
        assert_eq!(page.matches("<table>").count(), page.matches("<caption>").count(), "{name}");
        assert_eq!(page.matches("<th>").count(), 0, "{name} has a heading cell of nothing");
        if name != "report.html" {
            assert!(page.contains("EXERCISE · EXERCISE · EXERCISE"), "{name}");
            assert!(page.contains("TLP:GREEN"), "{name}");
        }
        for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let there = link.starts_with('#') || names.contains(&link.to_owned());
            assert!(there, "{name} links to {link}");
        }
    }
    for name in ["msel.csv", "expected.csv", "evaluation.csv"] {
        let rows = csv(&w.text(&format!("pack/{name}")));
        assert!(rows.len() > 10, "{name}");
        assert_eq!(rows[0][0], "exercise");
        assert!(rows[1..].iter().all(|row| row[0] == "EXERCISE - SIMULATION"), "{name}");
    }
    let summary: serde_json::Value = serde_json::from_str(&w.text("pack/summary.json")).unwrap();
    assert_eq!(summary["setting"], "rehearsal");
    assert!(w.text("pack/timeline.svg").contains("rehearsal (exercise)"));
}

#[test]
fn a_role_gets_its_own_injects_and_no_answers() {
    let w = Workshop::new();
    w.run("pack rehearsal-hour --ensemble 2 --out pack", 0);
    let page = w.text("pack/role-press.html");
    assert!(page.contains("The first journalist") && page.contains("A minister has found the guilty"));
    for hidden in
        ["The ministry asks", "A note to control", "begin a line for all", "Speak in public with one voice"]
    {
        assert!(!page.contains(hidden), "the press office reads: {hidden}");
    }
    let schedule = w.text("pack/msel.html");
    assert!(schedule.contains("A note to control") && schedule.contains("begin a line for all"));
    assert!(!w.text("pack/briefing.html").contains("The first journalist"));
}

#[test]
fn the_schedule_comes_back_as_it_went() {
    let w = Workshop::new();
    w.run("pack rehearsal-hour --ensemble 3 --out pack", 0);
    w.run("run rehearsal-hour --ensemble 0 --out plain", 0);
    w.run("run rehearsal-hour --ensemble 0 --inject pack/msel.csv --out back", 0);
    for file in ["milestones.csv", "latency.csv", "knowledge.csv", "trace.jsonl"] {
        assert_eq!(w.text(&format!("plain/{file}")), w.text(&format!("back/{file}")), "{file}");
    }
    w.run("pack rehearsal-hour --ensemble 3 --inject pack/msel.csv --out again", 0);
    assert_eq!(w.text("pack/msel.csv"), w.text("again/msel.csv"));
    assert_eq!(w.text("pack/role-chair.html"), w.text("again/role-chair.html"));
}

#[test]
fn the_schedule_has_its_columns_and_its_order() {
    let w = Workshop::new();
    w.run("pack rehearsal-hour --ensemble 20 --out pack", 0);
    let rows = csv(&w.text("pack/msel.csv"));
    for name in [
        "id",
        "order",
        "t_exercise",
        "t_sim",
        "phase",
        "title",
        "text",
        "type",
        "method",
        "from",
        "to",
        "controller",
        "expected",
        "by",
        "objective",
        "condition",
        "status",
        "actual_t",
        "actual",
        "rating",
        "note",
        "tlp",
        "lang",
        "origin",
    ] {
        column(&rows, name);
    }
    let times = column(&rows, "t_sim");
    let mut sorted = times.clone();
    sorted.sort();
    assert_eq!(times, sorted);
    let ids = column(&rows, "id");
    let conditions = column(&rows, "condition");
    let at = ids.iter().position(|id| id == "H-07").unwrap();
    assert_eq!(conditions[at], "network-on-alert + 30min");
    assert_eq!(column(&rows, "status")[at], "held");
    assert_eq!(column(&rows, "to")[at], "secretariat");
    // H-01 stands half an hour into a phase of four hours that is played in sixteen minutes.
    assert_eq!((ids[0].as_str(), column(&rows, "t_exercise")[0].as_str()), ("H-01", "0:02:00"));
    assert!(column(&rows, "origin")[0].starts_with("seed 1 replication "));
}

#[test]
fn text_is_never_a_formula_and_comes_back_as_text() {
    let w = Workshop::new();
    w.file(
        "mine.ron",
        scenario(
            r#"injects: [(id: "I-1", title: "=1+1", text: "@all, +49 and -1", at: "T+1h", players: ["north"], objective: "tell", controller: "The deputy")],"#,
        ),
    );
    w.run("pack mine.ron --ensemble 1 --out pack", 0);
    let sheet = w.text("pack/msel.csv");
    assert!(sheet.contains("'=1+1") && sheet.contains("'@all"), "{sheet}");
    assert!(sheet.contains("The deputy"), "{sheet}");
    w.run("run mine.ron --inject pack/msel.csv --ensemble 0 --out back", 0);
    let model = w.text("back/model.ron");
    assert!(model.contains("\"=1+1\"") && model.contains("\"@all, +49 and -1\""), "{model}");
}

#[test]
fn a_schedule_that_was_changed_changes_the_pack() {
    let w = Workshop::new();
    w.file(
        "plan.csv",
        "id;t_sim;title;to;type;method;by;expected;objective;tlp\n\
         H-06;2018-03-15T15:10:00Z;A call from the radio;press;Media;call;30min;Say when there is more.;one-voice;tlp:amber\n\
         N-1;T+4h;A new one;chair;request;Mail;;;decide;\n",
    );
    w.run("pack rehearsal-hour --ensemble 2 --inject plan.csv --out pack", 0);
    let page = w.text("pack/role-press.html");
    assert!(
        page.contains("A call from the radio") && page.contains("15:10 UTC") && page.contains("TLP:AMBER")
    );
    assert!(w.text("pack/role-chair.html").contains("A new one"));
    w.file("plan.csv", "id,t_sim,title,to,type,objective\nN-1,T+4h,A new one,chairs,Wish,decided\n");
    let error = w.failure("pack rehearsal-hour --ensemble 2 --inject plan.csv --out other", 1);
    assert!(error.contains("column `to`") && error.contains("there is no `Wish`"), "{error}");
    w.file("plan.csv", "id,t_sim,title,to,objective\nN-1,T+4h,A new one,chair,decided\n");
    let error = w.failure("pack rehearsal-hour --ensemble 2 --inject plan.csv --out other", 1);
    assert!(error.contains("did you mean `decide`"), "{error}");
    assert!(!w.path("other").exists());
}

#[test]
fn the_same_pack_has_the_same_bytes() {
    let w = Workshop::new();
    w.run("pack rehearsal-hour --ensemble 4", 0);
    let first = w.files("blueprint-out/rehearsal-hour-pack-seed1");
    // The default folder may be replaced, for it holds a pack of the same scenario.
    w.run("pack rehearsal-hour --ensemble 4", 0);
    assert_eq!(first, w.files("blueprint-out/rehearsal-hour-pack-seed1"));
    let mut command = w.command("pack rehearsal-hour --ensemble 4 --out one");
    command.env("RAYON_NUM_THREADS", "1").assert().success();
    assert_eq!(first, w.files("one"));
    let error = w.failure("pack rehearsal-hour --ensemble 4 --out one", 1);
    assert!(error.contains("--force"), "{error}");
    w.file("one/mine.txt", "kept");
    w.file("one/role-gone.html", "of an earlier pack");
    w.run("pack rehearsal-hour --ensemble 4 --out one --force", 0);
    assert_eq!(w.text("one/mine.txt"), "kept");
    assert!(!w.path("one/role-gone.html").exists());
    w.run("explain one --milestone line-agreed", 0);
}

#[test]
fn the_rehearsals_are_ready_to_be_played() {
    let w = Workshop::new();
    for name in REHEARSALS {
        let told = w.run(&format!("pack {name} --ensemble 2 --out {name}"), 0);
        assert_eq!(String::from_utf8_lossy(&told.get_output().stderr), "", "{name}");
        let rows = csv(&w.text(&format!("{name}/msel.csv")));
        let n = rows.len() - 1;
        assert!((10..=40).contains(&n), "{name} has {n} injects");
        let get = |name: &str| column(&rows, name);
        let (to, expected, by, text) = (get("to"), get("expected"), get("by"), get("text"));
        let (kinds, methods, from, ids) = (get("type"), get("method"), get("from"), get("id"));
        for i in (0..n).filter(|&i| kinds[i] != "Control") {
            for (what, cell) in [
                ("to", &to[i]),
                ("expected", &expected[i]),
                ("by", &by[i]),
                ("text", &text[i]),
                ("method", &methods[i]),
                ("from", &from[i]),
            ] {
                assert!(!cell.is_empty(), "{name}: {} has no {what}", ids[i]);
            }
        }
        assert!(kinds.contains(&"Control".to_owned()), "{name} has no note to control");
        assert!(get("condition").iter().any(|cell| !cell.is_empty()), "{name} has nothing on a condition");
        let evaluation = csv(&w.text(&format!("{name}/evaluation.csv")));
        let objectives: BTreeSet<String> = get("objective").into_iter().collect();
        let rated: BTreeSet<String> = column(&evaluation, "objective").into_iter().collect();
        assert_eq!(objectives, rated, "{name}");
        let what = column(&evaluation, "what");
        for kind in ["rating", "question", "action", "milestone"] {
            assert!(what.contains(&kind.to_owned()), "{name} evaluates no {kind}");
        }
    }
}

#[test]
fn objectives_and_roles_are_names() {
    let w = Workshop::new();
    let check = |rest: &str| {
        w.file("mine.ron", scenario(rest));
        let output = w.command("check mine.ron").output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let inject = |rest: &str| format!("injects: [(id: \"I-1\", title: \"A call\", at: \"T+1h\", {rest})],");
    let right =
        check(&inject(r#"players: ["north"], objective: "tell", expected: "x", expected_within: "30min""#));
    assert!(!right.contains("warning") && !right.contains("error"), "{right}");
    // Whoever plays somebody of `to` gets it.
    let by_actor = check(&inject(r#"to: Actor("team@N"), objective: "tell""#));
    assert!(!by_actor.contains("warning"), "{by_actor}");
    let wrong = check(&inject(r#"players: ["nort"], objective: "tel", expected_within: "soon""#));
    for told in ["did you mean `north`", "did you mean `tell`", "expected_within", "goes with `expected`"] {
        assert!(wrong.contains(told), "{told}: {wrong}");
    }
    let idle = check(&inject(r#"to: Actor("council-chair")"#));
    for told in
        ["no inject tests the objective `tell`", "no inject is for the role `north`", "is for no role"]
    {
        assert!(idle.contains(told), "{told}: {idle}");
    }
}

#[test]
fn phases_follow_each_other() {
    let w = Workshop::new();
    w.file(
        "wrong.ron",
        r#"Scenario(format: 1, extends: "rehearsal-hour", name: "wrong", exercise: (phases: [
            (id: "a", title: "A", from: "T+2h", lasts: "10min"),
            (id: "b", title: "B", from: "T+1h", lasts: "0s"),
        ]))"#,
    );
    let error = w.failure("pack wrong.ron --out p", 1);
    assert!(error.contains("must be longer than zero"), "{error}");
    w.file("wrong.ron", w.text("wrong.ron").replace("\"0s\"", "\"5min\""));
    let error = w.failure("pack wrong.ron --out p", 1);
    assert!(error.contains("does not begin after the one before it"), "{error}");
}

#[test]
fn a_scenario_without_an_exercise_has_a_schedule_too() {
    let w = Workshop::with_cases();
    w.file("script.csv", "id,at,title,to\nI-1,T+2h,A call,desk\n");
    let told = w.run("pack mini.ron --ensemble 2 --inject script.csv --out pack", 0);
    let note = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
    assert!(note.contains("no `exercise`"), "{note}");
    assert_eq!(column(&csv(&w.text("pack/msel.csv")), "id"), ["I-1"]);
}
