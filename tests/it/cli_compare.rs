//! `compare`: what a user is told of a change, and the files.

use serde_json::Value;

use crate::workshop::{Workshop, csv};

/// A worm whose hits, reports and reading a small desk must cope with.
fn compared(w: &Workshop, arguments: &[&str], more: &str, out: &str) -> String {
    let mut command = w.command(&format!("compare mini.ron --replications 30 --out {out} {more}"));
    for variant in arguments {
        command.arg("--variant").arg(variant);
    }
    let done = command.assert().code(0);
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn row<'a>(rows: &'a [Vec<String>], variant: &str, figure: &str) -> &'a [String] {
    let found = rows.iter().find(|row| row[0] == variant && row[1] == figure);
    found.unwrap_or_else(|| panic!("no row for {variant}, {figure}"))
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

#[test]
fn the_finding_comes_first_and_in_words() {
    let w = Workshop::with_cases();
    let told = compared(&w, &["triage=5h", "without desk"], "", "r");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("With “First look at a report” at 5h, “The desk knows” is reached "), "{told}");
    assert!(words.contains(" later on average (95 % interval "), "{told}");
    assert!(words.contains("30 paired replications); clear of noise."), "{told}");
    assert!(words.contains("With the crisis desk is told off, “The desk knows” is reached "), "{told}");
    assert!(words.contains("It is reached by the end in 0 % of the replications"), "{told}");
    let page = w.text("r/report.html");
    for text in
        ["This is a simulation", "clear of noise", "Paired differences: triage=5h", "<dt>Seed</dt><dd>1</dd>"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("<script") && !page.contains("src=\"http"), "one file, no network");
    for chart in ["differences", "ecdf"] {
        assert!(w.text(&format!("r/{chart}.svg")).contains("Simulation"), "the foot line of {chart}");
        assert!(w.path(&format!("r/{chart}.png")).exists());
    }
}

/// A milestone that one side does not reach counts with the time up to the horizon: four days from the start, less the
/// origin, against the latency of the other side.
#[test]
fn differences_of_milestones_are_cut_at_the_horizon() {
    let w = Workshop::with_cases();
    compared(&w, &["without desk"], "", "r");
    let rows = csv(&w.text("r/differences.csv"));
    let desk = row(&rows, "without desk", "desk-knows");
    let (base, with) = (number(&desk[4]), number(&desk[5]));
    // The first hit is at the start, so nobody has more than 96 h.
    assert!((with - 96.0).abs() < 1e-9, "never reached: {with}");
    assert!((number(&desk[6]) - (with - base)).abs() < 1e-6);
    let counts: Vec<f64> = desk[17..21].iter().map(|text| number(text)).collect();
    assert_eq!((counts[0], counts[2], counts.iter().sum::<f64>()), (0.0, 0.0, 30.0));
    assert!(counts[1] >= 25.0, "nearly always reached with the desk: {counts:?}");
    assert_eq!(desk[14], "true");
    // What comes before the desk is the same in every replication, by shared draws.
    let hit = row(&rows, "without desk", "operators_hit");
    assert_eq!((hit[6].as_str(), hit[14].as_str()), ("0", "false"));
}

#[test]
fn a_variant_that_changes_nothing_says_so() {
    let w = Workshop::with_cases();
    let told = compared(&w, &["contain=6h", "with desk"], "", "r");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("With contain at 6h, nothing changes: the document already says so."), "{told}");
    assert!(words.contains("With the crisis desk is told on, nothing"), "{told}");
    let summary: Value = serde_json::from_str(&w.text("r/summary.json")).unwrap();
    for variant in summary["comparison"]["variants"].as_array().unwrap() {
        assert_eq!(
            (&variant["same_results"], variant["clear_of_noise"].as_array().unwrap().len()),
            (&true.into(), 0)
        );
    }
}

#[test]
fn shared_draws_narrow_the_interval() {
    let w = Workshop::with_cases();
    compared(&w, &["triage=Scaled(by: 1.5, law: LogNormal(median: \"30min\", p90: \"2h\"))"], "", "r");
    let rows = csv(&w.text("r/differences.csv"));
    let lag = rows.iter().find(|row| row[1] == "awareness_lag_hours.technical").unwrap();
    assert!(number(&lag[21]) > 2.0, "variance gain {}", lag[21]);
    assert!(number(&lag[6]) > 0.0, "longer reading, later knowledge");
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let w = Workshop::with_cases();
    let variants = ["triage=5h", "desk.extra=2, contain=3h"];
    compared(&w, &variants, "--threads 1 --over-ranges 3", "one");
    compared(&w, &variants, "--threads 3 --over-ranges 3", "three");
    w.assert_same("one", "three");
}

#[test]
fn over_ranges_counts_the_points_at_which_the_sign_is_kept() {
    let w = Workshop::with_cases();
    let told = compared(&w, &["without desk"], "--over-ranges 4", "r");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    // `triage` and `desk.extra` have ranges and are not read; `contain` is read.
    assert!(
        words.contains(
            "keeps its sign at 4 of 4 points over the plausible ranges of 2 parameters that are not read"
        ),
        "{told}"
    );
    let summary: Value = serde_json::from_str(&w.text("r/summary.json")).unwrap();
    let over = &summary["comparison"]["variants"][0]["over_ranges"];
    assert_eq!((&over["points"], &over["kept"], &over["reversed"]), (&4.into(), &4.into(), &0.into()));
    let names: Vec<&str> =
        summary["ranges"].as_array().unwrap().iter().map(|r| r["parameter"].as_str().unwrap()).collect();
    assert_eq!(names, ["triage", "desk.extra"]);
}

#[test]
fn json_for_programs() {
    let w = Workshop::with_cases();
    let told = compared(&w, &["triage=5h"], "--format json", "r");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told, serde_json::from_str::<Value>(&w.text("r/summary.json")).unwrap());
    let headline = &told["comparison"]["variants"][0]["headline"];
    assert_eq!((&headline["figure"], &headline["clear"]), (&"desk-knows".into(), &true.into()));
    assert!(headline["difference"].as_f64().unwrap() > 1.0);
    assert_eq!(
        (&told["simulation"], &told["seed"], &told["replications"]),
        (&true.into(), &1.into(), &30.into())
    );
}

#[test]
fn what_cannot_be_compared_is_told() {
    let w = Workshop::with_cases();
    let refused = |variant: &str, code: i32, words: &str| {
        let mut command = w.command("compare mini.ron --replications 5");
        let done = command.arg("--variant").arg(variant).assert().code(code);
        let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        assert!(said.contains(words), "{variant}: {said}");
        assert!(!w.path("blueprint-out").exists(), "nothing is left behind");
    };
    refused("triag=5h", 1, "did you mean `triage`?");
    refused("desk", 2, "write `with E`, `without E` or `name=value`");
    refused("triage=5people", 1, "unknown unit `people`");
    w.run("compare mini.ron", 2);
}

fn there(w: &Workshop, folder: &str, files: &[&str]) {
    for file in files {
        assert!(w.path(&format!("{folder}/{file}")).exists(), "{folder}/{file}");
    }
}

/// Same tables, shards and resumption as any batch.
#[test]
fn a_comparison_is_a_batch() {
    let w = Workshop::with_cases();
    let all = "compare mini.ron --replications 45 --over-ranges 3 --variant triage=5h --variant desk.extra=2";
    w.run(&format!("{all} --out whole"), 0);
    there(&w, "whole", &["results.parquet", "runs.parquet", "variants.csv", "model.ron", "batch.json"]);
    there(&w, "whole", &["model-02-triage_5h.ron", "differences.csv", "differences.svg", "ecdf.png"]);
    assert!(!w.path("whole/batch.journal").exists());
    for part in 1..=2 {
        w.run(&format!("{all} --shard {part}/2 --out part{part}"), 0);
    }
    // A journal that ends anywhere is gone on with.
    let journal = std::fs::OpenOptions::new().write(true).open(w.path("part1/batch.journal")).unwrap();
    journal.set_len(journal.metadata().unwrap().len() * 2 / 3).unwrap();
    w.run("merge part1 part2 --out joined", 1);
    w.run(&format!("{all} --shard 1/2 --out part1 --resume"), 0);
    w.run("merge part1 part2 --out joined", 0);
    w.assert_same("whole", "joined");
    let done = w.run(&format!("{all} --out whole --resume"), 0);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.contains("nothing to resume"), "{said}");
    let said = w.failure("compare mini.ron --replications 45 --variant triage=6h --out part1 --resume", 1);
    assert!(said.contains("is another one") && said.contains("number of variants: 12 and 2"), "{said}");
}

#[test]
fn the_precision_of_a_comparison_is_that_of_the_differences() {
    let w = Workshop::with_cases();
    let told = w.stdout(
        "compare mini.ron --variant triage=5h --precision 40% --replications 400 --out r --format json",
    );
    let told: Value = serde_json::from_str(&told).unwrap();
    let precision = &told["precision"];
    assert_eq!((&precision["asked"], &precision["reached"]), (&"40%".into(), &true.into()));
    let measures = precision["measures"].as_array().unwrap();
    assert_eq!((measures.len(), &measures[0]["variant"]), (1, &"triage=5h".into()));
    let headline = &told["comparison"]["variants"][0]["headline"];
    // min(latency, horizon - origin) on both sides: the same figure as in the table.
    let difference = headline["difference"].as_f64().unwrap();
    assert!((measures[0]["mean"].as_f64().unwrap() - difference).abs() < 1e-9, "{precision}");
    assert!(measures[0]["half_width"].as_f64().unwrap() <= 0.4 * difference.abs());
    assert!([50, 100, 200, 400].contains(&told["replications"].as_u64().unwrap()));
    w.run("compare mini.ron --variant triage=5h --precision 40% --over-ranges 3", 2);
    w.run("compare mini.ron --variant triage=5h --measure operators_hit", 2);
}

/// A chart that is drawn from the folder alone is the one that was written.
#[test]
fn charts_of_many_runs_are_drawn_again() {
    let w = Workshop::with_cases();
    w.run("batch mini.ron -n 45 --out b", 0);
    w.run("compare mini.ron -n 45 --variant triage=5h --over-ranges 2 --out c", 0);
    w.run("sensitivity mini.ron -n 8 --method tornado --figure desk-knows --out t", 0);
    w.run("sensitivity mini.ron -n 8 --trajectories 3 --out m", 0);
    for (folder, chart, file) in [
        ("b", "ecdf", "ecdf"),
        ("b", "fan", "fan"),
        ("b", "criticality", "criticality"),
        ("c", "differences", "differences"),
        ("c", "distribution", "ecdf"),
        ("t", "tornado", "tornado"),
        ("m", "tornado", "sensitivity"),
    ] {
        w.run(&format!("plot {chart} {folder} -o again.svg"), 0);
        assert!(w.text("again.svg") == w.text(&format!("{folder}/{file}.svg")), "{chart} of {folder}");
    }
    w.run("plot ecdf b --milestone desk-knows --title Desk -o other.svg", 0);
    assert!(w.text("other.svg").contains("Desk"));
    assert!(w.failure("plot differences b", 2).contains("holds a batch, which has no such chart"));
    assert!(w.failure("plot ecdf b --milestone desk-knos", 1).contains("did you mean `desk-knows`?"));
    assert!(w.failure("plot fan b --states ES", 2).contains("single run"));
    w.run("run mini.ron --out r", 0);
    assert!(w.failure("plot ecdf r", 1).contains("no complete batch"));
}
