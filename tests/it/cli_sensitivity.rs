//! `sensitivity`: which parameter matters, as a user is told, and the files.

use serde_json::Value;

use crate::workshop::{Workshop, csv};

fn studied(w: &Workshop, arguments: &str) -> (String, Vec<Vec<String>>) {
    let told = w.stdout(&format!("sensitivity mini.ron --replications 8 {arguments} --out r --force"));
    let rows = csv(&w.text("r/sensitivity.csv"));
    (told.split_whitespace().collect::<Vec<_>>().join(" "), rows)
}

fn value(rows: &[Vec<String>], figure: &str, parameter: &str, statistic: &str) -> f64 {
    let found = rows.iter().find(|r| r[0] == figure && r[2] == parameter && r[7] == statistic);
    found.unwrap_or_else(|| panic!("no {statistic} of {parameter} for {figure}"))[8].parse().unwrap()
}

/// The desk reads at most some minutes, the triage of the report goes from 10 min to 2 h: it moves the desk's knowledge,
/// and one official more does not.
#[test]
fn a_tornado_ranks_the_parameters() {
    let w = Workshop::with_cases();
    let (told, rows) = studied(&w, "--method tornado --figure desk-knows --figure measure.wait.mean");
    assert!(told.contains("“First look at a report” moves “The desk knows” most: "), "{told}");
    assert!(told.contains(" earlier at 10 min, ") && told.contains(" later at 2 h"), "{told}");
    assert!(
        told.contains("2 parameters moved over their plausible ranges, of which 2 are not read in a source"),
        "{told}"
    );
    let (low, high) = (
        value(&rows, "desk-knows", "triage", "swing_low"),
        value(&rows, "desk-knows", "triage", "swing_high"),
    );
    assert!(low < 0.0 && high > 0.0, "{low} {high}");
    assert!(value(&rows, "measure.wait.mean", "triage", "swing_high") > 0.0);
    assert!(w.text("r/tornado.svg").contains("First look at a report"));
    let page = w.text("r/report.html");
    assert!(page.contains("This is a simulation") && page.contains("The desk knows"));
    let summary: Value = serde_json::from_str(&w.text("r/summary.json")).unwrap();
    assert_eq!((&summary["method"], &summary["points"]), (&"tornado".into(), &5.into()));
    assert_eq!(summary["figures"][0]["parameters"][0]["parameter"], "triage");
}

#[test]
fn elementary_effects_are_the_default() {
    let w = Workshop::with_cases();
    let (told, rows) = studied(&w, "--trajectories 4 --figure desk-knows");
    assert!(told.contains("“First look at a report” moves “The desk knows” most, by "), "{told}");
    let (size, mean) =
        (value(&rows, "desk-knows", "triage", "mu_star"), value(&rows, "desk-knows", "triage", "mu"));
    assert!(size > 0.0 && mean <= size + 1e-12);
    assert!(size > value(&rows, "desk-knows", "desk.extra", "mu_star"));
    assert!(w.path("r/sensitivity.svg").exists() && !w.path("r/tornado.svg").exists());
}

#[test]
fn shares_of_variance_after_a_screen() {
    let w = Workshop::with_cases();
    let (told, rows) = studied(&w, "--method sobol --rows 8 --keep 1 --trajectories 2 --figure desk-knows");
    assert!(told.contains("1 more parameter left out after a screen"), "{told}");
    let (first, total) = (
        value(&rows, "desk-knows", "triage", "first_order"),
        value(&rows, "desk-knows", "triage", "total_order"),
    );
    // One parameter alone explains all there is, and its steps are the only ones.
    assert!((total - 1.0).abs() < 0.35 && (first - 1.0).abs() < 0.5, "{first} {total}");
    let summary: Value = serde_json::from_str(&w.text("r/summary.json")).unwrap();
    assert_eq!((&summary["screened_out"], &summary["points"]), (&1.into(), &(8 * 8 * 3 + 1).into()));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let w = Workshop::with_cases();
    for (threads, out) in [("1", "one"), ("3", "three")] {
        w.run(
            &format!(
                "sensitivity mini.ron --trajectories 2 --replications 3 --threads {threads} --out {out}"
            ),
            0,
        );
    }
    w.assert_same("one", "three");
}

#[test]
fn what_cannot_be_studied_is_told() {
    let w = Workshop::with_cases();
    let said = w.failure("sensitivity mini.ron --figure desk-knos", 2);
    assert!(said.contains("did you mean `desk-knows`?"), "{said}");
    w.file(
        "bare.ron",
        "Blueprint(format: 1, name: \"bare\", start: \"2017-05-12T13:00:00Z\", horizon: \"1d\")",
    );
    let said = w.failure("sensitivity bare.ron", 1);
    assert!(said.contains("no parameter that acted has a range"), "{said}");
}

/// A disk that is full in the middle costs nothing, in the screen as little as after it.
#[test]
fn an_analysis_that_was_stopped_is_gone_on_with() {
    let w = Workshop::with_cases();
    let program = env!("CARGO_BIN_EXE_blueprint-sim");
    for (name, options) in [
        ("tornado", "--method tornado --replications 90"),
        ("sobol", "--method sobol --rows 4 --keep 1 --trajectories 2 --replications 8"),
        ("screen", "--method sobol --rows 2 --keep 1 --trajectories 2 --replications 90"),
    ] {
        let all = format!("sensitivity mini.ron --figure desk-knows {options}");
        w.run(&format!("{all} --out {name}-whole"), 0);
        let script = format!("trap '' XFSZ; ulimit -f 60; exec {program} {all} --threads 1 --out {name}");
        let full = std::process::Command::new("sh").arg("-c").arg(script).current_dir(w.path("")).output();
        let full = full.unwrap();
        assert_eq!(full.status.code(), Some(1), "{name}: {}", String::from_utf8_lossy(&full.stderr));
        assert!(w.path(&format!("{name}/batch.journal")).exists(), "{name}");
        let done = w.run(&format!("{all} --out {name} --resume"), 0);
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains("resumed: ") && !said.contains("resumed: 0 "), "{name}: {said}");
        w.assert_same(&format!("{name}-whole"), name);
        let done = w.run(&format!("{all} --out {name} --resume"), 0);
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains("nothing to resume"), "{name}: {said}");
    }
}
