//! The blueprints of the Union: what the Treaties say about votes, what one clause switches on, and what may differ
//! between 2017 and 2020.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::workshop::Workshop;

/// Qualified majority on a proposal, without the rule that four states are needed to block, and with 72 %.
const QUALIFIED: &str = "DoubleMajority(states: 0.55, population: 0.65, blocking: 4)";
const PLAIN: &str = "DoubleMajority(states: 0.55, population: 0.65)";
const REINFORCED: &str = "DoubleMajority(states: 0.72, population: 0.65)";
const CONSTRUCTIVE: &str = "Unanimity(abstaining: (0.3333, 0.3333))";

/// The 28 by population, the smallest first.
const BY_SIZE: [&str; 28] = [
    "MT", "LU", "CY", "EE", "LV", "SI", "LT", "HR", "IE", "SK", "FI", "DK", "BG", "AT", "HU", "SE", "PT",
    "CZ", "EL", "BE", "NL", "RO", "PL", "ES", "IT", "UK", "FR", "DE",
];

fn smallest(n: usize) -> Vec<&'static str> {
    BY_SIZE[..n].to_vec()
}

/// A ballot in the Council: the rule, who says no, who abstains, how it ends.
struct Ballot {
    name: &'static str,
    vote: &'static str,
    no: Vec<&'static str>,
    abstain: Vec<&'static str>,
    ends: &'static str,
}

fn ballot(name: &'static str, vote: &'static str, no: &[&'static str], ends: &'static str) -> Ballot {
    Ballot { name, vote, no: no.to_vec(), abstain: Vec::new(), ends }
}

fn ministers(states: &[&str]) -> String {
    let actors: Vec<String> = states.iter().map(|state| format!("Actor(\"gov@{state}\")")).collect();
    format!("AnyOf([{}])", actors.join(", "))
}

/// How each decision of a run ended, with the option that was adopted.
fn outcomes(workshop: &Workshop, folder: &str) -> BTreeMap<String, (String, Option<u64>)> {
    let decided = records(workshop, folder).into_iter().filter(|r| r["kind"] == "decided");
    let told = |r: Value| {
        let text = |key: &str| r[key].as_str().unwrap().to_owned();
        (text("decision"), (text("outcome"), r["option"].as_u64()))
    };
    decided.map(told).collect()
}

fn records(workshop: &Workshop, folder: &str) -> Vec<Value> {
    workshop
        .text(&format!("{folder}/trace.jsonl"))
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn votes_end_as_the_treaties_say() {
    let mut two_large_and_eight = vec!["DE", "FR"];
    two_large_and_eight.extend(smallest(8));
    let mut ballots = vec![
        // 41.9 % of the population, but only three states: they cannot block.
        ballot("three-large-oppose", QUALIFIED, &["DE", "FR", "UK"], "adopted"),
        // By the plain test the other 25 have only 58.1 % of the population.
        ballot("three-large-oppose-plain", PLAIN, &["DE", "FR", "UK"], "rejected"),
        ballot("four-oppose", QUALIFIED, &["DE", "FR", "UK", "MT"], "rejected"),
        // 55 % of 28 are 16 states.
        ballot("sixteen-in-favour", QUALIFIED, &smallest(12), "adopted"),
        ballot("fifteen-in-favour", QUALIFIED, &smallest(13), "rejected"),
        // 72 % of 28 are 21 states.
        ballot("twenty-one-in-favour", REINFORCED, &smallest(7), "adopted"),
        ballot("twenty-in-favour", REINFORCED, &smallest(8), "rejected"),
        ballot("simple-fifteen", "Majority()", &smallest(13), "adopted"),
        ballot("simple-fourteen", "Majority()", &smallest(14), "rejected"),
        ballot("one-against-all", "Unanimity()", &["CY"], "rejected"),
        ballot("no-objection", "Consensus", &[], "adopted"),
        ballot("one-objection", "Consensus", &["CY"], "rejected"),
    ];
    let abstain = |name, vote, states: &[&'static str], ends| Ballot {
        name,
        vote,
        no: Vec::new(),
        abstain: states.to_vec(),
        ends,
    };
    ballots.push(abstain("abstention-does-not-block", "Unanimity()", &["DE", "CY"], "adopted"));
    // A third of the states and a third of the population: ten states and 170.3 million.
    ballots.push(abstain("ten-abstain-without-a-third", CONSTRUCTIVE, &two_large_and_eight, "adopted"));
    let mut enough = vec!["DE", "FR", "IT"];
    enough.extend(smallest(7));
    ballots.push(abstain("ten-abstain-with-a-third", CONSTRUCTIVE, &enough, "rejected"));
    ballots.push(abstain(
        "nine-abstain",
        CONSTRUCTIVE,
        &["DE", "FR", "UK", "IT", "MT", "LU", "CY", "EE", "LV"],
        "adopted",
    ));
    ballots.push(abstain("ten-small-abstain", CONSTRUCTIVE, &smallest(10), "adopted"));

    let (mut decisions, mut proposals) = (String::new(), String::new());
    for b in &ballots {
        let mut positions = String::new();
        for (say, who) in [("No", &b.no), ("Abstain", &b.abstain)] {
            if !who.is_empty() {
                write!(positions, "(say: {say}, who: {}),", ministers(who)).unwrap();
            }
        }
        write!(
            decisions,
            "{:?}: (title: \"A ballot\", chair: Holder(\"presidency-minister\"), members: Role(\"gov\"), vote: {}, \
             position: \"1min\", positions: [{positions}]),",
            b.name, b.vote
        )
        .unwrap();
        write!(proposals, "Propose({:?}),", b.name).unwrap();
    }
    let w = Workshop::new();
    w.file(
        "votes.ron",
        format!(
            "Blueprint(format: 1, name: \"votes\", title: \"Ballots\", extends: \"eu-2017\", horizon: \"3d\", \
             decisions: {{{decisions}}}, rules: [(id: \"ask\", actor: Actor(\"council-secretariat\"), on: Start, \
             then: [{proposals}])])"
        ),
    );
    w.run("run votes.ron --ensemble 0 --out out", 0);
    let ended = outcomes(&w, "out");
    for b in &ballots {
        let told = ended.get(b.name).map(|(outcome, _)| outcome.as_str());
        assert_eq!(told, Some(b.ends), "{} by {}", b.name, b.vote);
    }
}

/// Part of the test above for the blueprint's own decision: military means need everybody, civil ones do not.
#[test]
fn one_state_against_military_means_leaves_civil_ones() {
    let w = Workshop::new();
    let document = |name: &str, no: &[&str]| {
        let about = |option: &str| {
            format!(
                "(say: No, who: {}, about: [\"{option}\"]), (say: Yes, about: [\"{option}\"]),",
                ministers(no)
            )
        };
        w.file(
            &format!("{name}.ron"),
            format!(
                "Blueprint(format: 1, name: \"{name}\", title: \"Solidarity\", extends: \"eu-2017\", horizon: \"21d\", \
                 decisions: {{\"solidarity-measures\": (positions: [{}{}])}}, \
                 rules: [(id: \"ask\", actor: Actor(\"council-secretariat\"), on: Start, \
                 then: [Propose(\"solidarity-measures\")])])",
                about("with-military-means"),
                about("civil-means"),
            ),
        );
        w.run(&format!("run {name}.ron --ensemble 0 --out {name}"), 0);
        outcomes(&w, name).remove("solidarity-measures").unwrap()
    };
    assert_eq!(document("one", &["IE"]), ("adopted".to_owned(), Some(1)));
    assert_eq!(document("three", &["DE", "FR", "UK"]), ("adopted".to_owned(), Some(1)));
    assert_eq!(document("four", &["DE", "FR", "UK", "MT"]).0, "rejected");
}

/// A state whose means are exhausted, told by exercise control.
const CLAUSE: &str = r#"Scenario(
    format: 1, name: "clause", title: "A state invokes the solidarity clause", blueprint: "eu-2017",
    start: "2017-05-13T06:00:00Z", horizon: "21d",
    incidents: {"blackout": (
        title: "Blackout", process: Outage(share: 0.2), targets: (states: ["ES"], sectors: ["energy", "health"]),
        truths: {"cause": "remote-service"}, basis: Assumed("for the test"),
    )},
    injects: [(
        id: "exhausted", title: "Spain's own means are exhausted", at: "T+6h", to: Actor("gov@ES"),
        effects: [Fact("overwhelmed/blackout/ES")],
    )],
)"#;

#[test]
fn the_solidarity_clause_turns_political_crisis_response_full() {
    let w = Workshop::new();
    w.file("clause.ron", CLAUSE);
    w.run("run clause.ron --ensemble 0 --set clause.favour=1 --out invoked", 0);
    w.run("run clause.ron --ensemble 0 --set clause.favour=0 --out not-invoked", 0);
    let raised = |folder: &str| {
        let records = records(&w, folder);
        records.into_iter().find(|r| r["kind"] == "mode_entered" && r["network"] == "ipcr")
    };
    assert_eq!(outcomes(&w, "invoked")["solidarity-clause"].0, "adopted");
    let first = raised("invoked").expect("the clause raises the political crisis response");
    assert_eq!((first["before"].as_str(), first["mode"].as_str()), (Some("off"), Some("full")));
    // At once: when the contact point has read it, on a weekend too, and nobody votes on it.
    let read = records(&w, "invoked")
        .into_iter()
        .find(|r| r["kind"] == "read" && r["product"] == "solidarity-invocation");
    assert_eq!(read.expect("it reaches the contact point")["time_us"], first["time_us"]);
    assert!(!outcomes(&w, "invoked").contains_key("ipcr-full"));
    // Then the Council decides by the rules of Article 222.
    assert!(outcomes(&w, "invoked").contains_key("solidarity-measures"));

    assert_eq!(outcomes(&w, "not-invoked")["solidarity-clause"].0, "rejected");
    assert!(raised("not-invoked").is_none(), "nothing else turns it on here");
}

#[test]
fn from_2017_to_2020_no_number_changes() {
    let w = Workshop::new();
    let ledger = |name: &str| -> BTreeMap<String, Value> {
        let told: Value =
            serde_json::from_str(&w.stdout(&format!("check --ledger --format json {name}"))).unwrap();
        told.as_array()
            .unwrap()
            .iter()
            .map(|e| (e["parameter"].as_str().unwrap().to_owned(), e.clone()))
            .collect()
    };
    let (before, after) = (ledger("eu-2017"), ledger("eu-2020"));
    assert!(before.len() > 200, "{}", before.len());
    for (name, entry) in &before {
        assert_eq!(Some(entry), after.get(name), "{name}");
    }
    let new: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    assert!(new.is_empty(), "new numbers: {new:?}");
    // Durations and probabilities may also stand where they are used; the document of 2020 has none.
    let written = w.stdout("show eu-2020");
    let body: String =
        written.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let literal = numbers_written_out(&body);
    assert!(literal.is_empty(), "numbers in eu-2020: {literal:?}");
}

/// What looks like a duration or a share in a document: `"90min"`, `0.5`, outside the header and text.
fn numbers_written_out(body: &str) -> Vec<String> {
    let units = ["us", "ms", "s", "min", "h", "d", "w"];
    let is_duration = |text: &str| {
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit() || c == '.')
            && units.contains(&&text[number.len()..])
    };
    let mut found = Vec::new();
    for line in body.lines().filter(|l| !l.trim_start().starts_with("horizon:")) {
        found.extend(line.split('"').skip(1).step_by(2).filter(|t| is_duration(t)).map(str::to_owned));
        let bare = line.split('"').step_by(2);
        let words = bare.flat_map(|part| part.split(|c: char| !c.is_ascii_digit() && c != '.'));
        found.extend(
            words.filter(|word| word.contains('.') && word.parse::<f64>().is_ok()).map(str::to_owned),
        );
    }
    found
}

#[test]
fn the_united_kingdom_leaves() {
    let w = Workshop::new();
    w.file("vote.ron", "Blueprint(format: 1, name: \"vote\", title: \"Ballot\", extends: \"eu-2020\", horizon: \"2d\", \
        decisions: {\"all\": (title: \"All\", chair: Holder(\"presidency-minister\"), members: Role(\"gov\"), \
        vote: AtLeast(27), position: \"1min\")}, rules: [(id: \"ask\", actor: Actor(\"council-secretariat\"), \
        on: Start, then: [Propose(\"all\")])])");
    w.run("run vote.ron --ensemble 0 --out out", 0);
    let votes =
        records(&w, "out").into_iter().filter(|r| r["kind"] == "voted" && r["decision"] == "all").count();
    assert_eq!(votes, 27, "27 states vote");
    assert_eq!(outcomes(&w, "out")["all"].0, "adopted");
}

#[test]
fn the_lead_of_the_analysis_goes_by_the_nature_of_the_case() {
    let w = Workshop::new();
    let police = [("home", "criminal-case/blackout/ES"), ("home", "criminal-case/blackout/FR")];
    let external = [police[0], police[1], ("eeas", "external")];
    let cases: [(&str, &[(&str, &str)]); 4] = [
        ("cnect", &[]),
        ("home", &police),
        ("eeas", &external),
        ("security-directorate", &[("security-directorate", "institutions-hit/blackout")]),
    ];
    for (lead, told) in cases {
        let mut injects = String::new();
        for (i, (who, fact)) in told.iter().enumerate() {
            write!(
                injects,
                "(id: \"told-{i}\", title: \"Told\", at: \"T+1h\", to: Actor(\"{who}\"), effects: [Fact(\"{fact}\")]),"
            )
            .unwrap();
        }
        w.file(
            "lead.ron",
            format!(
                "Scenario(format: 1, name: \"lead\", title: \"Who leads\", blueprint: \"eu-2017\", \
                 start: \"2017-05-15T06:00:00Z\", horizon: \"5d\", incidents: {{\"blackout\": (title: \"Blackout\", \
                 process: Outage(share: 0.2), targets: (states: [\"ES\"], sectors: [\"energy\"]), \
                 truths: {{\"cause\": \"remote-service\"}}, basis: Assumed(\"for the test\"))}}, injects: [{injects} \
                 (id: \"mode\", title: \"Shared\", at: \"T+2h\", \
                 effects: [SetMode(network: \"ipcr\", mode: \"information-sharing\")])])"
            ),
        );
        w.run("run lead.ron --ensemble 0 --out lead --force", 0);
        let sent = records(&w, "lead").into_iter().filter(|r| r["kind"] == "sent");
        let senders = |product: &str| -> Vec<String> {
            let of = sent.clone().filter(|r| r["product"] == product);
            let mut actors: Vec<String> = of.map(|r| r["actor"].as_str().unwrap().to_owned()).collect();
            actors.dedup();
            actors
        };
        assert_eq!(senders("isaa-request"), [lead], "who asks for contributions");
        assert_eq!(senders("isaa-report"), [lead], "who writes the analysis");
    }
}
