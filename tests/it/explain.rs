//! `explain --why-not`: every reason why somebody does not know and why a rule does not fire, and the page that names
//! them.

use std::path::Path;

use super::workshop::Workshop;

/// Readers and facts of `reasons.ron`, with what is told of them.
const REASONS: [(&str, &str, &str); 23] = [
    ("far", "news", "no channel leads there"),
    (
        "beyond",
        "news",
        "no channel led there; `portal` would have, but the element `portal` (The portal) is off",
    ),
    ("low", "news", "no channel carries its marking"),
    ("uncleared", "news", "the receiver is not cleared"),
    ("below", "news", "stood above the tear line"),
    ("distrusted", "secret", "the author was not willing to share it"),
    ("cut", "late", "it was learned after the cut-off"),
    ("deaf", "news", "got lost on the way"),
    ("slow", "news", "was still on the way at the end"),
    ("asleep", "news", "nobody was on duty to read it until the end"),
    ("called", "news", "staff had been called for it and was not there by the end"),
    ("busy", "news", "was still in the queue at the end"),
    ("reading", "news", "was being read at the end"),
    ("full", "news", "the queue was full"),
    ("hasty", "news", "it waited too long and was given up"),
    ("closed", "news", "the matter was closed before it was read"),
    ("owed", "news", "the sender never complies with this duty"),
    ("early", "late", "the author did not know it"),
    ("blank", "late", "was not sent: there was nothing to tell"),
    ("down", "news", "the receiver was down until the end"),
    ("alone", "news", "Nothing that could have told it was ever addressed to this actor."),
    ("ignored", "rumour", "No other actor knew it: there was nobody to tell it."),
    ("fine", "news", "It did learn it"),
];

/// Rules with what is told of them.
const RULES: [(&str, &str); 4] = [
    ("never-told", "it did not hold that"),
    ("never-told", "first Mon 2 Mar 01:00 UTC, last Mon 2 Mar 05:00 UTC"),
    ("switched-off", "It was never in force: the element `portal` (The portal) is off."),
    ("silent", "did not happen"),
];

/// Words of a text, however its lines are broken.
fn flowed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_reason_is_told() {
    let w = Workshop::new();
    w.file("reasons.ron", include_str!("../cases/cli/reasons.ron"));
    w.run("run reasons.ron --out r", 0);
    for (actor, fact, words) in REASONS {
        let told = flowed(&w.stdout(&format!("explain r --why-not {actor},{fact}")));
        assert!(told.contains(words), "{actor}: {told}");
    }
    for (rule, words) in RULES {
        let told = flowed(&w.stdout(&format!("explain r --why-not {rule}")));
        assert!(told.contains(words), "{rule}: {told}");
    }
    let told = flowed(&w.stdout("explain r --why-not ignored,news"));
    for words in [
        "`never-told` never fired and was stopped by a condition twice",
        "`switched-off` was never in force: the element `portal` (The portal) is off",
        "`silent` was never set off",
    ] {
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn the_page_names_every_reason() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/explain.md");
    let page = flowed(&std::fs::read_to_string(page).unwrap());
    let reasons = REASONS.iter().map(|r| r.2).chain(RULES.iter().map(|r| r.1));
    for words in reasons.filter(|words| !words.contains("Mar") && !words.contains("portal")) {
        assert!(page.contains(words), "docs/explain.md says nothing of: {words}");
    }
}
