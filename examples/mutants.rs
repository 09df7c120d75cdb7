//! Deliberate bugs, one for each mechanism: is each of them caught by a test?
//!
//! `cargo run --example mutants -- --into FOLDER` copies the project there, builds all bugs of `tests/mutants.ron` into
//! the copy, each behind a switch, runs for each the tests that should catch it, and prints a table in Markdown. A bug
//! that no test catches, or tests that fail without any bug, end it with status 1. `--first N` begins with bug N, from 0.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde::Deserialize;

/// A deliberate bug.
#[derive(Deserialize)]
struct Mutant {
    name: String,
    file: PathBuf,
    from: String,
    to: String,
    tests: Vec<String>,
}

/// What the copy needs of the project.
const PARTS: [&str; 12] = [
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "src",
    "tests",
    "scenarios",
    "benches",
    "examples",
    "docs",
    "README.md",
    "CHANGELOG.md",
    "ARCHITECTURE.md",
];

/// The switch, at the end of the library.
const SWITCH: &str = r#"
/// Whether a deliberate bug is switched on.
pub(crate) fn mutant(number: usize) -> bool {
    static ON: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
    *ON.get_or_init(|| std::env::var("MUTANT").ok()?.parse().ok()) == Some(number)
}
"#;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--into");
    let Some(into) = arguments.nth(1).map(PathBuf::from) else {
        eprintln!("say where to: --into FOLDER");
        return ExitCode::FAILURE;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in PARTS {
        copy(&root.join(part), &into.join(part));
    }
    let text = fs::read_to_string(root.join("tests/mutants.ron")).expect("the list of bugs");
    let mutants: Vec<Mutant> = ron::from_str(&text).expect("a list of bugs");
    for (number, mutant) in mutants.iter().enumerate() {
        let file = into.join(&mutant.file);
        let source = fs::read_to_string(&file).expect("a source");
        assert_eq!(source.matches(&mutant.from).count(), 1, "{}: {}", mutant.name, mutant.from);
        let to = mutant.to.replace("MUTANT", &format!("crate::mutant({number})"));
        fs::write(&file, source.replacen(&mutant.from, &to, 1)).expect("to write a source");
    }
    let library = into.join("src/lib.rs");
    let source = fs::read_to_string(&library).expect("the library");
    fs::write(&library, source + SWITCH).expect("to write the library");
    let first = std::env::args().skip_while(|argument| argument != "--first").nth(1);
    let first = first.and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut all_caught = true;
    println!("| bug | caught by |\n| --- | --- |");
    for (number, mutant) in mutants.iter().enumerate().skip(first) {
        let sound = failures(&into, mutant, None);
        assert!(sound.is_empty(), "without the bug these fail too: {sound:?}");
        let caught = failures(&into, mutant, Some(number));
        all_caught &= !caught.is_empty();
        let by = match caught.as_slice() {
            [] => "**nothing**".to_owned(),
            [one] => format!("`{one}`"),
            [one, rest @ ..] => format!("`{one}` and {} more", rest.len()),
        };
        println!("| {} | {by} |", mutant.name);
    }
    if all_caught { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The tests among those of a bug that fail.
fn failures(folder: &Path, mutant: &Mutant, on: Option<usize>) -> Vec<String> {
    let mut failed = Vec::new();
    for filter in &mutant.tests {
        let mut command = Command::new("cargo");
        command.current_dir(folder).args(["test", "--locked", "--test", "it", "--", filter]);
        match on {
            Some(number) => command.env("MUTANT", number.to_string()),
            None => command.env_remove("MUTANT"),
        };
        let output = command.output().expect("to run cargo");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("test result"), "{}", String::from_utf8_lossy(&output.stderr));
        let ends = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
        failed.extend(ends.map(str::to_owned));
    }
    failed
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("to make a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.is_file() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("to make a folder");
        fs::copy(from, to).expect("to copy");
    }
}
