//! The guide says what works: on each page of `docs/guide` the files that it shows are written and checked, and its
//! commands run, in the order in which they stand there.
//!
//! A block is marked by the words after its fence: `sh` for commands, `ron NAME.ron` for a document that is right,
//! `ron NAME.ron CODE` for one that is wrong with that code, `csv NAME.csv` for a table.

use std::path::PathBuf;

use crate::workshop::Workshop;

/// A block of a page: the words after its fence, and its lines.
pub(crate) fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(words), None) => open = Some((words.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block does not end");
    found
}

/// Arguments of a command, where a text in quotes is one.
pub(crate) fn arguments(command: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for (i, part) in command.split('"').enumerate() {
        if i % 2 == 1 {
            parts.push(part.to_owned());
        } else {
            parts.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    parts
}

fn execute(w: &Workshop, command: &str) {
    let (command, file) = match command.split_once(" > ") {
        Some((command, file)) => (command, Some(file.trim())),
        None => (command, None),
    };
    let rest = command.strip_prefix("blueprint-sim ").unwrap_or_else(|| panic!("what is `{command}`?"));
    let mut run = w.command("");
    let output = run.args(arguments(rest)).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {error}");
    assert!(!output.stdout.is_empty(), "`{command}` prints nothing");
    if let Some(file) = file {
        w.file(file, &output.stdout);
    }
}

/// Executes a page and returns how many commands and documents it has.
fn follow(page: &str) -> (usize, usize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/guide").join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let w = Workshop::new();
    let (mut commands, mut documents) = (0, 0);
    for (words, text) in blocks(&text) {
        let words: Vec<&str> = words.split_whitespace().collect();
        match words[..] {
            ["sh"] => {
                for command in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                    execute(&w, command);
                    commands += 1;
                }
            }
            ["ron", name] => {
                w.file(name, &text);
                let told = w.run(&format!("check {name}"), 0).get_output().stderr.clone();
                assert_eq!(String::from_utf8(told).unwrap(), "", "{page}: {name}");
                documents += 1;
            }
            ["ron", name, code] => {
                w.file(name, &text);
                let told = w.command(&format!("check {name}")).output().unwrap();
                let said = format!(
                    "{}{}",
                    String::from_utf8_lossy(&told.stdout),
                    String::from_utf8_lossy(&told.stderr)
                );
                assert_eq!(told.status.code(), Some(1), "{page}: {name}: {said}");
                assert!(said.contains(&format!("error[{code}]")), "{page}: {name}: {said}");
                documents += 1;
            }
            ["csv", name] => {
                w.file(name, &text);
            }
            _ => panic!("{page}: a block `{words:?}` that no test knows"),
        }
    }
    (commands, documents)
}

#[test]
fn the_tutorial_can_be_followed() {
    let (commands, documents) = follow("tutorial.md");
    assert!(commands >= 10 && documents == 2, "{commands} {documents}");
}

#[test]
fn the_concepts_can_be_tried() {
    let (commands, documents) = follow("concepts.md");
    assert!(commands >= 8 && documents == 2, "{commands} {documents}");
}

#[test]
fn links_of_the_guide_lead_to_files() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/guide");
    for page in ["README.md", "tutorial.md", "concepts.md"] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to);
        for link in links.filter(|link| !link.contains("://")) {
            let file = link.split('#').next().unwrap_or(link);
            assert!(folder.join(file).exists(), "{page} links to {link}, which is not there");
        }
    }
}
