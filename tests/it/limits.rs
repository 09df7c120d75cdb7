//! Documents that are right and would never end: each is stopped, and told why.

use crate::workshop::Workshop;

/// Two desks and whatever they do to each other.
fn document(rules: &str) -> String {
    format!(
        r#"Blueprint(
    format: 1, name: "loop", horizon: "7d",
    levels: [(id: "office", title: "Offices")],
    actors: {{
        "anna": (title: "Anna", levels: ["office"], staff: 1),
        "bert": (title: "Bert", levels: ["office"], staff: 1),
    }},
    networks: {{
        "club": (
            title: "Club", members: [Actor("anna"), Actor("bert")],
            modes: [(id: "calm", title: "Calm"), (id: "alert", title: "Alert")],
        ),
    }},
    products: {{"mail": (title: "A mail", needs_content: false), "answer": (title: "An answer", needs_content: false)}},
    statements: {{"press": (title: "To the press")}},
    channels: [(id: "wire", from: Any, to: Any)],
    {rules}
)"#
    )
}

fn stopped(rules: &str) -> String {
    let w = Workshop::new();
    w.file("loop.ron", document(rules));
    let error = w.failure("run loop.ron --out r", 1);
    assert!(!w.path("r").exists(), "nothing is left behind");
    error
}

#[test]
fn a_mail_loop_is_named() {
    let error = stopped(
        r#"limits: (events: 20000),
        rules: [
            (id: "begin", actor: Actor("anna"), on: Start, then: [Send(product: "mail", to: Actor("bert"))]),
            (id: "ping", actor: Actor("bert"), on: Receive("mail"), then: [Work("1s"), Send(product: "answer", to: Actor("anna"))]),
            (id: "pong", actor: Actor("anna"), on: Receive("answer"), then: [Send(product: "mail", to: Actor("bert"))]),
        ],"#,
    );
    assert!(error.contains("reached the limit `events` of 20000 events"), "{error}");
    assert!(error.contains("set each other off again and again"), "{error}");
    assert!(error.contains("`ping` of `bert`") && error.contains("`pong` of `anna`"), "{error}");
    assert!(!error.contains("`begin`"), "it is not in the loop: {error}");
    assert!(error.contains("limits: (events: 40000)"), "{error}");
}

#[test]
fn a_loop_without_time_is_stopped_at_its_instant() {
    let error = stopped(
        r#"rules: [
            (id: "begin", actor: Actor("anna"), on: Start, then: [Send(product: "mail", to: Actor("bert"))]),
            (id: "ping", actor: Actor("bert"), on: Receive("mail"), then: [Send(product: "answer", to: Actor("anna"))]),
            (id: "pong", actor: Actor("anna"), on: Receive("answer"), then: [Send(product: "mail", to: Actor("bert"))]),
        ],
        limits: (at_once: 5000),"#,
    );
    assert!(error.contains("stopped at 2017-01-02T00:00:00Z"), "{error}");
    assert!(error.contains("the limit `at_once` of 5000 events at one instant"), "{error}");
    assert!(error.contains("`ping` of `bert`") && error.contains("`pong` of `anna`"), "{error}");
}

#[test]
fn rules_that_set_each_other_off_at_once_do_not_exhaust_the_stack() {
    let error = stopped(
        r#"rules: [
            (id: "up", actor: Actor("anna"), on: Any([Start, Enter(network: "club", mode: "calm")]), then: [SetMode(network: "club", mode: "alert")]),
            (id: "down", actor: Actor("bert"), on: Enter(network: "club", mode: "alert"), then: [SetMode(network: "club", mode: "calm")]),
        ],"#,
    );
    assert!(error.contains("the limit `nested` of 100 rules"), "{error}");
    assert!(error.contains("`up` of `anna`") && error.contains("`down` of `bert`"), "{error}");
    let error = stopped(
        r#"limits: (nested: 200),
        rules: [
            (id: "again", actor: Actor("anna"), on: Any([At("T+1h"), Published("press")]), then: [Publish("press")]),
        ],"#,
    );
    assert!(error.contains("`again` of `anna` sets itself off"), "{error}");
}

#[test]
fn cases_that_open_cases_are_stopped_though_all_is_one_event() {
    let error = stopped(
        r#"limits: (records: 20000),
        rules: [
            (id: "first", actor: Actor("anna"), on: Start, then: [Open(rule: "case")]),
            (id: "case", actor: Actor("anna"), on: Opened, then: [Open(rule: "case"), Open(rule: "case")]),
        ],"#,
    );
    assert!(error.contains("the limit `nested` of 100 rules"), "{error}");
    assert!(error.contains("`case` of `anna` sets itself off"), "{error}");
    // Each opens a thousand, five deep.
    let error = stopped(
        r#"limits: (records: 20000),
        rules: [
            (id: "first", actor: Actor("anna"), on: Start, then: [Open(rule: "one")]),
            (id: "one", actor: Actor("anna"), on: Opened, then: [Open(rule: "two", count: 1000)]),
            (id: "two", actor: Actor("anna"), on: Opened, then: [Open(rule: "three", count: 1000)]),
            (id: "three", actor: Actor("anna"), on: Opened, then: [Open(rule: "four", count: 1000)]),
            (id: "four", actor: Actor("anna"), on: Opened, then: [Work("1h")]),
        ],"#,
    );
    assert!(error.contains("the limit `records` of 20000 records"), "{error}");
}

#[test]
fn a_batch_beyond_all_measure_is_stopped() {
    let error = stopped(
        r#"limits: (records: 20000),
        rules: [(id: "flood", actor: Actor("anna"), on: Stream(gap: "1h", size: 4e9), then: [Work("1h")])],"#,
    );
    assert!(error.contains("the limit `records` of 20000 records"), "{error}");
}

#[test]
fn what_is_still_to_come_is_limited() {
    let error = stopped(
        r#"limits: (pending: 1000),
        rules: [(id: "waits", actor: Actor("anna"), on: Stream(gap: "1h", size: 3000, at_most: 1), then: [Wait("5h"), Work("1h")])],"#,
    );
    assert!(error.contains("the limit `pending` of 1000 events that are still to come"), "{error}");
}

#[test]
fn a_queue_that_only_grows_is_stopped() {
    let error = stopped(
        r#"limits: (waiting: 500),
        rules: [(id: "flood", actor: Actor("anna"), on: Arrivals("1s"), then: [Work("1h")])],"#,
    );
    assert!(error.contains("the limit `waiting` of 500 tasks"), "{error}");
}

#[test]
fn limits_that_are_none_are_refused() {
    let w = Workshop::new();
    w.file("loop.ron", document("limits: (events: 0),"));
    assert!(w.failure("check loop.ron", 1).contains("error[out-of-range]"));
    w.file("loop.ron", document("limits: (nested: 100000),"));
    assert!(w.failure("check loop.ron", 1).contains("between 1 and 200"));
    w.file("loop.ron", document("limits: (event: 5),"));
    assert!(w.failure("check loop.ron", 1).contains("did you mean `events`"));
}

#[test]
fn a_replication_of_an_ensemble_that_runs_away_is_told() {
    let error = stopped(
        r#"limits: (events: 2000), ensemble: 8,
        rules: [(id: "flood", actor: Actor("anna"), on: Arrivals("1s"), then: [Work("1us")])],"#,
    );
    assert!(error.contains("replication 0 was stopped"), "{error}");
}
