//! docs/diagnostics.md: each code of the sources has a section there, and each example says what its section says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use blueprint_sim::document::codes::CODES;
use serde_json::Value;

use crate::workshop::Workshop;

const PAGE: &str = include_str!("../../docs/diagnostics.md");

/// Codes whose example is a message rather than a document: a file of the right kind would not fit on a page.
/// `invalid-value` is what a type of the language refuses by itself; no type does so at present.
const SHOWN_AS_TEXT: [&str; 6] =
    ["cannot-read", "extends-too-long", "invalid-value", "not-utf8", "too-deep", "too-large"];

/// The first block of code of each section, with its language.
fn sections() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let mut sections = BTreeMap::new();
    for section in PAGE.split("\n## `").skip(1) {
        let (code, rest) = section.split_once('`').unwrap();
        let (before, block) = rest.split_once("```").expect(code);
        assert!(before.trim().len() > 20, "{code} has no paragraph");
        let (language, block) = block.split_once('\n').unwrap();
        let (block, _) = block.split_once("```").expect(code);
        assert!(sections.insert(code, (language, block)).is_none(), "{code} stands twice");
    }
    sections
}

/// A folder with the document that the examples add to.
fn workshop() -> Workshop {
    let w = Workshop::new();
    let (_, rest) = PAGE.split_once("```ron\n").unwrap();
    w.file("small.ron", rest.split_once("```").unwrap().0);
    w.file("notes.txt", "no injects");
    w
}

/// Codes as they stand in the sources: the first argument of whatever makes a message.
fn codes_in_sources() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().contains("tests")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                for maker in [
                    "Diagnostic::error(",
                    "Diagnostic::warning(",
                    "self.error(",
                    "self.warning(",
                    "cx.error(",
                    "cx.warning(",
                ] {
                    for after in text.split(maker).skip(1) {
                        if let Some(quoted) = after.trim_start().strip_prefix('"') {
                            found.insert(quoted.split('"').next().unwrap().to_owned());
                        }
                    }
                }
            }
        }
    }
    found
}

#[test]
fn every_code_is_known_and_has_a_section() {
    let known: BTreeSet<&str> = CODES.iter().map(|code| code.code).collect();
    let sections: BTreeSet<&str> = sections().into_keys().collect();
    assert_eq!(known, sections, "src/document/codes.rs and docs/diagnostics.md name the same codes");
    let used = codes_in_sources();
    assert!(used.len() > 40, "{used:?}");
    let unknown: Vec<&String> = used.iter().filter(|code| !known.contains(code.as_str())).collect();
    assert!(unknown.is_empty(), "codes that docs/diagnostics.md and src/document/codes.rs lack: {unknown:?}");
}

#[test]
fn the_document_that_the_examples_add_to_is_right() {
    assert_eq!(workshop().stdout("check small.ron --format json").trim(), "[]");
}

#[test]
fn each_example_says_what_its_section_says() {
    let w = workshop();
    for (code, (language, block)) in sections() {
        let severity = CODES.iter().find(|known| known.code == code).unwrap().severity.name();
        match language {
            "ron" => {
                w.file("mine.ron", block);
                let status = i32::from(severity == "error");
                let assert = w.run("check mine.ron --format json", status);
                let all: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
                let all = all.as_array().unwrap();
                let codes: Vec<&str> = all.iter().map(|d| d["code"].as_str().unwrap()).collect();
                assert_eq!(codes, [code], "{all:?}");
                assert_eq!(all[0]["severity"], severity);
                assert!(all[0]["expected"].as_str().is_some_and(|text| !text.is_empty()), "{code}");
            }
            "csv" => {
                w.file("mine.csv", block);
                let error = w.failure("run small.ron --inject mine.csv", 1);
                assert!(error.contains(&format!("error[{code}]")), "{code}: {error}");
            }
            "ron experiment" => {
                w.file("mine.ron", block);
                let error = w.failure("check mine.ron", 1);
                assert!(error.contains(&format!("error[{code}]")), "{code}: {error}");
            }
            "sh" => {
                let error = w.failure(block.trim().strip_prefix("blueprint-sim ").unwrap(), 1);
                assert!(error.contains(&format!("error[{code}]")), "{code}: {error}");
            }
            _ => assert!(SHOWN_AS_TEXT.contains(&code), "{code} has no example that can be run"),
        }
    }
}

#[test]
fn what_does_not_fit_on_the_page() {
    let w = workshop();
    w.file("deep.ron", "[".repeat(200_000));
    assert!(w.failure("check deep.ron", 1).contains("error[too-deep]"));
    w.file("large.ron", vec![b' '; 17 << 20]);
    assert!(w.failure("check large.ron", 1).contains("error[too-large]"));
    w.file("latin.ron", b"Blueprint(name: \"caf\xe9\")");
    assert!(w.failure("check latin.ron", 1).contains("error[not-utf8]"));
    for i in 0..60 {
        w.file(&format!("chain{i}.ron"), format!("Blueprint(extends: \"chain{}.ron\", name: \"c\")", i + 1));
    }
    assert!(w.failure("check chain0.ron", 1).contains("error[extends-too-long]"));
}

#[test]
fn built_in_documents_raise_no_alarm() {
    let w = Workshop::new();
    let list: Value = serde_json::from_str(&w.stdout("list --format json")).unwrap();
    let names: Vec<&str> = list.as_array().unwrap().iter().filter_map(|d| d["name"].as_str()).collect();
    assert!(names.len() >= 3);
    for name in names {
        let all: Value = serde_json::from_str(&w.stdout(&format!("check {name} --format json"))).unwrap();
        let alarms: Vec<&Value> = all
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| {
                let code = d["code"].as_str().unwrap_or_default();
                ["never-fires", "never-found", "unreachable-actor", "no-channel", "too-secret", "unused"]
                    .contains(&code)
            })
            .collect();
        assert!(alarms.is_empty(), "{name}: {alarms:#?}");
    }
}
