//! `check --traceability`: which parts of a document carry each point of its text.

use std::path::Path;

use crate::workshop::Workshop;

const PAGE: &str = "docs/traceability.md";

/// A document in which one point is carried by parts of many kinds.
const TOY: &str = r#"
Blueprint(
    format: 1,
    name: "toy",
    horizon: "1d",
    levels: [(id: "office", title: "Offices")],
    states: {
        "N": (title: "Northland", zone: "UTC", groups: ["u"]),
        "S": (title: "Southland", zone: "UTC", groups: ["u"]),
    },
    parameters: {"mail": (value: "1min", points: ["art-1"], basis: Assumed("an example"))},
    points: {
        "art-1": (title: "Tell each other", basis: Sourced(source: "Act, \"article 1\"", seen: Read)),
        "art-2": (title: "Meet \"often\"", basis: Sourced(source: "Act, \"article 2\"", seen: Recalled)),
        "art-3": (title: "Be ready", nothing: "It asks for no conduct.", basis: Sourced(source: "Act", seen: General)),
    },
    facts: {"news": (title: "The news", points: ["art-1"])},
    actors: {"desk": (per: State, title: "Desk of {state}", levels: ["office"], staff: 1, points: ["art-1"])},
    networks: {
        "team": (
            each: Group("u"), title: "Team of {each.title}", members: [Actor("desk@{each}")], points: ["art-2"],
            modes: [(id: "calm", title: "Calm"), (id: "alert", title: "Alert", points: ["art-2"])],
        ),
    },
    products: {"note": (title: "A note", carries: ["news"], write: "10min", points: ["art-1"])},
    channels: [(id: "mail", from: Any, to: Any, latency: "mail", carries: ["note"])],
    rules: [
        (
            id: "find", actor: Actor("desk@N"), on: Start, points: ["art-1", "art-1"],
            basis: Sourced(source: "Act, \"article 1\"", seen: Recalled),
            then: [Find(fact: "news", work: "1h"), Send(product: "note", to: Actor("desk@S"))],
        ),
    ],
    milestones: {"told": (title: "Southland knows", when: Knows(who: Actor("desk@S"), fact: "news"), points: ["art-1"])},
)
"#;

#[test]
fn the_page_of_the_blueprint_is_what_the_command_prints() {
    let found = Workshop::new().stdout("check eu-2017 --traceability");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        held == found,
        "{PAGE} is out of date: UPDATE_GOLDEN=1 cargo test --test it traceability, or \
         blueprint-sim check eu-2017 --traceability > {PAGE}"
    );
}

#[test]
fn each_point_has_its_carriers_or_the_reason() {
    let w = Workshop::new();
    w.file("toy.ron", TOY);
    assert_eq!(w.stdout("check toy.ron --format json").trim(), "[]");
    let page = w.stdout("check toy.ron --traceability");
    let (_, counts) = page.split_once("|---|---:|\n").unwrap();
    let (counts, sections) = counts.split_once("\n\n").unwrap();
    assert_eq!(
        counts,
        "| all | 3 |\n| carried by something | 2 |\n| carried by nothing, with the reason | 1 |\n\
         | source: general knowledge | 1 |\n| source: read | 1 |\n| source: recalled, not re-read | 1 |"
    );
    assert_eq!(
        sections,
        "## `art-1` Tell each other\n\n\
         Source: Act, \"article 1\" (read).\n\n\
         - Actor: Desk of {state} (`desk`)\n\
         - Fact: The news (`news`)\n\
         - Product: A note (`note`)\n\
         - Rule: `find` [recalled, not re-read]\n\
         - Milestone: Southland knows (`told`)\n\
         - Parameter: `mail`\n\n\
         ## `art-2` Meet often\n\n\
         Source: Act, article 2 (recalled, not re-read).\n\n\
         - Network: Team of Northland (`team@N`) and 1 alike\n\
         - Mode: Alert (`team@N/alert`) and 1 alike\n\n\
         ## `art-3` Be ready\n\n\
         Source: Act (general knowledge).\n\n\
         Nothing carries it: It asks for no conduct.\n"
    );
}

#[test]
fn unknown_points_are_errors_and_open_ones_warnings() {
    let w = Workshop::new();
    w.file("toy.ron", TOY.replace("points: [\"art-1\", \"art-1\"]", "points: [\"art-11\"]"));
    let error = w.failure("check toy.ron", 1);
    assert!(error.contains("no point is called `art-11`") && error.contains("`art-1`?"), "{error}");
    w.file("toy.ron", TOY.replace("points: [\"art-2\"]", "points: [\"art-3\"]"));
    let all: serde_json::Value = serde_json::from_str(&w.stdout("check toy.ron --format json")).unwrap();
    let codes: Vec<&str> = all.as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["no-carrier", "carried-anyway"]);
    w.failure("check toy.ron --traceability --format json", 2);
    w.failure("check toy.ron toy.ron --traceability", 2);
}
