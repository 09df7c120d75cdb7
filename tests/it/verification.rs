//! `docs/verification.md`: what theory says, and what the engine makes of it.
//!
//! Each test of the theory holds a section of the page; `UPDATE_GOLDEN=1 cargo test --locked theory` writes them anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;

const PAGE: &str = "docs/verification.md";

/// One comparison.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) expected: String,
    pub(crate) found: String,
    pub(crate) tolerance: String,
}

/// A number with six significant digits.
pub(crate) fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// A row of texts that must be equal.
pub(crate) fn equal(name: &str, expected: impl ToString, found: impl ToString) -> Row {
    let (expected, found) = (expected.to_string(), found.to_string());
    assert_eq!(expected, found, "{name}");
    Row { name: name.to_owned(), expected, found, tolerance: "equal".to_owned() }
}

/// A row of numbers that must be close, relatively or, for zero, absolutely.
pub(crate) fn close(name: &str, expected: f64, found: f64, within: f64) -> Row {
    assert!(
        (found - expected).abs() <= within * expected.abs().max(f64::from(u8::from(expected == 0.0))),
        "{name}: {found} instead of {expected}"
    );
    let exact = |value: f64| format!("{}", format!("{value:.11e}").parse::<f64>().unwrap_or(value));
    let tolerance = format!("{within:e} of it");
    Row { name: name.to_owned(), expected: exact(expected), found: exact(found), tolerance }
}

/// The begin and the end of a section in the page.
fn marks(case: &str) -> (String, String) {
    (format!("<!-- {case} -->\n"), format!("<!-- /{case} -->\n"))
}

/// The sections of a page, by case.
fn sections(page: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = page;
    while let Some(at) = rest.find("<!-- ") {
        let Some(end) = rest[at..].find(" -->\n") else { break };
        let case = rest[at + 5..at + end].to_owned();
        let (begin, close) = marks(&case);
        let body = &rest[at + begin.len()..];
        let Some(length) = body.find(&close) else { break };
        found.insert(case, body[..length].to_owned());
        rest = &body[length + close.len()..];
    }
    found
}

/// Tests run side by side, and all write one page.
static WRITING: Mutex<()> = Mutex::new(());

/// Holds the section of a case to what was found, or writes it anew.
pub(crate) fn hold(case: &str, how: &str, rows: &[Row]) {
    let mut body = format!(
        "### {case}\n\n{how}\n\n| value | expected | found | tolerance |\n| --- | --- | --- | --- |\n"
    );
    for row in rows {
        let _ = writeln!(
            body,
            "| {} | {} | {} | {} |",
            row.name.replace('|', "\\|"),
            row.expected,
            row.found,
            row.tolerance
        );
    }
    body.push('\n');
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let _guard = WRITING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let page = std::fs::read_to_string(&path).unwrap();
    let mut all = sections(&page);
    if all.get(case) == Some(&body) {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1"),
        "{PAGE} is out of date for {case}: UPDATE_GOLDEN=1 cargo test --locked theory\n{body}"
    );
    all.insert(case.to_owned(), body);
    let head = &page[..page.find("<!-- ").unwrap_or(page.len())];
    let mut text = head.to_owned();
    for (case, body) in &all {
        let (begin, end) = marks(case);
        text.push_str(&begin);
        text.push_str(body);
        text.push_str(&end);
    }
    let tail = page.rfind("<!-- /").and_then(|at| page[at..].find('\n').map(|n| at + n + 1));
    text.push_str(tail.map_or("", |at| &page[at..]));
    std::fs::write(&path, text).unwrap();
}

#[test]
fn every_acceptance_case_has_its_section() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap();
    let all = sections(&page);
    for n in 1..=36 {
        let case = format!("A{n:02}");
        assert!(all.keys().any(|key| key.starts_with(&case)), "{PAGE} lacks {case}");
    }
}
