//! The bytes of whole runs, pinned: a change of results is meant, or it is a defect.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it digests` writes `tests/golden/digests.txt` anew; a change belongs
//! under **Results** in CHANGELOG.md.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::workshop::Workshop;

/// What is run: a document and further arguments.
const RUNS: [&str; 8] = [
    "wannacry-2017 --ensemble 0",
    "wannacry-2017-blueprint --ensemble 0 --replication 3",
    "mini.ron",
    "storm.ron --seed 5",
    "everything.ron --seed 2",
    "bodies.ron",
    "toy.ron",
    "a10.ron",
];

/// What a reader of the files could notice: every record, every draw, every figure but the version.
const FILES: [&str; 5] = ["trace.jsonl", "draws.csv", "milestones.csv", "latency.csv", "knowledge.csv"];

#[test]
fn whole_runs_give_the_bytes_that_they_gave() {
    let workshop = Workshop::with_cases();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    for file in ["cli/everything.ron", "engine/bodies.ron", "engine/toy.ron", "oracles/a10.ron"] {
        let from = cases.join(file);
        workshop.file(from.file_name().unwrap().to_str().unwrap(), std::fs::read(&from).unwrap());
    }
    let mut found = String::new();
    for arguments in RUNS {
        workshop.run(&format!("run {arguments} --draws --out out --force"), 0);
        for file in FILES {
            let path = workshop.path(&format!("out/{file}"));
            let digest = std::fs::read(path).map_or_else(|_| "absent".to_owned(), |bytes| short(&bytes));
            writeln!(found, "{digest}  {file}  run {arguments}").unwrap();
        }
    }
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/digests.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, found).unwrap();
        return;
    }
    let held = std::fs::read_to_string(&golden).unwrap_or_default();
    let changed: Vec<&str> = found.lines().filter(|line| !held.lines().any(|old| old == *line)).collect();
    assert!(
        changed.is_empty(),
        "results changed; if that is meant, UPDATE_GOLDEN=1 and say so in CHANGELOG.md:\n{}",
        changed.join("\n")
    );
}

fn short(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(12).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
