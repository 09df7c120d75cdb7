//! README.md says what is true: its story is what the program prints, its commands run, its counts are counted.
//!
//! `UPDATE_GOLDEN=1` writes the story and the counts anew; read the difference before it is committed.

use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::Value;

use crate::workshop::Workshop;

/// The folder that the story in README.md names.
const SHOWN_FOLDER: &str = "blueprint-out/wannacry-2017-seed1";
/// Commands that build the program, which the test has done already.
const BUILDS: [&str; 2] = ["cargo run --release -- run wannacry-2017", "cargo install --path ."];

/// Two tests may write the file.
static FILE: Mutex<()> = Mutex::new(());

#[test]
fn the_story_is_what_the_program_prints() {
    let w = Workshop::new();
    let out = w.path("story");
    let mut command = w.command("run wannacry-2017 --out");
    let assert = command.arg(&out).env("NO_COLOR", "1").env("COLUMNS", "100").assert().success();
    let printed = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(printed.contains(out.to_str().unwrap()), "the story does not say where its files are: {printed}");
    let story = printed.replace(out.to_str().unwrap(), SHOWN_FOLDER);
    let block = format!("\n```text\n{}\n```\n", story.trim_matches('\n'));
    agrees("story", &block);
}

#[test]
fn the_counts_of_parameters_are_counted() {
    let w = Workshop::new();
    let ledger: Value = serde_json::from_str(&w.stdout("check --ledger --format json eu-2017")).unwrap();
    let entries = ledger.as_array().unwrap();
    let assumed = entries.iter().filter(|entry| entry["basis"] == "assumed").count();
    assert!(assumed > 0, "{ledger}");
    agrees("assumed", &format!("{assumed} of its {} parameters", entries.len()));
}

#[test]
fn every_command_runs_in_order() {
    let readme = readme();
    let commands = commands(&readme);
    for subcommand in ["list", "show", "check", "new", "run", "explain", "plot"] {
        let found =
            commands.iter().any(|c| format!("{c} ").starts_with(&format!("blueprint-sim {subcommand} ")));
        assert!(found, "README.md has no example of `{subcommand}`");
    }
    let w = Workshop::new();
    for command in &commands {
        if let Some(arguments) = command.strip_prefix("cargo run --release -- ") {
            assert!(BUILDS.contains(&command.as_str()), "{command}");
            w.run(arguments, 0);
        } else if let Some(arguments) = command.strip_prefix("blueprint-sim ") {
            let (arguments, file) = match arguments.split_once(" > ") {
                Some((arguments, file)) => (arguments, Some(file)),
                None => (arguments, None),
            };
            let printed = w.run(arguments, 0).get_output().stdout.clone();
            match file {
                Some(file) => drop(w.file(file.trim(), printed)),
                None => assert!(
                    !printed.is_empty() || arguments.starts_with("plot "),
                    "`{command}` prints nothing"
                ),
            }
        } else {
            assert!(
                BUILDS.contains(&command.as_str()),
                "README.md has a command that no test knows: {command}"
            );
        }
    }
}

#[test]
fn the_files_that_it_lists_are_those_that_a_run_writes() {
    let readme = readme();
    let section = section(&readme, "## Files of a run");
    let w = Workshop::new();
    w.run("run wannacry-2017 --ensemble 0 --horizon 1d --draws --out r", 0);
    for name in w.names("r") {
        let (stem, ending) = name.rsplit_once('.').unwrap();
        let told = match ending {
            "svg" | "png" => {
                section.contains(&format!("`{stem}`")) && section.contains(&format!("`.{ending}`"))
            }
            _ => section.contains(&format!("`{name}`")),
        };
        assert!(told, "README.md does not tell of {name}");
    }
}

#[test]
fn links_lead_to_files() {
    let readme = readme();
    let links: Vec<&str> =
        readme.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to).collect();
    assert!(links.len() > 3, "{links:?}");
    for link in links.iter().filter(|link| !link.starts_with('#') && !link.contains("://")) {
        assert!(root().join(link).exists(), "README.md links to {link}, which is not there");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    let _alone = FILE.lock();
    std::fs::read_to_string(root().join("README.md")).unwrap().replace("\r\n", "\n")
}

/// Checks what stands between `<!-- name -->` and `<!-- /name -->`, or writes it if golden files are updated.
fn agrees(name: &str, expected: &str) {
    let _alone = FILE.lock();
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let (before, rest) = readme.split_once(&open).unwrap_or_else(|| panic!("README.md has no {open}"));
    let (held, after) = rest.split_once(&close).unwrap_or_else(|| panic!("README.md has no {close}"));
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, format!("{before}{open}{expected}{close}{after}")).unwrap();
        return;
    }
    assert_eq!(
        held, expected,
        "README.md is out of date between {open} and {close}: run with UPDATE_GOLDEN=1"
    );
}

/// The text from a heading to the next of its rank.
fn section<'a>(readme: &'a str, heading: &str) -> &'a str {
    let (_, rest) = readme.split_once(&format!("{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    rest.split("\n## ").next().unwrap_or(rest)
}

/// The lines of all blocks of shell, without comments.
fn commands(readme: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for block in readme.split("```sh\n").skip(1) {
        let (block, _) = block.split_once("```").expect("a block that ends");
        let lines = block.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
        commands.extend(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned));
    }
    assert!(commands.len() > 8, "{commands:?}");
    commands
}
