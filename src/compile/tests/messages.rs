//! Each kind of message: what a document says wrongly, and the line, code and words of the answer.

use crate::document::Severity;

use super::*;

/// Compiles the toy scenario with the fields added, and wants exactly one message of the code at the text.
fn said(severity: Severity, code: &str, at: &str, words: &str, hint: &str, text: &str) -> Option<String> {
    let (sources, opened) = open(text, "doc", &Overrides::default());
    let all = match opened.and_then(|opened| compile(&opened.document)) {
        Ok(compiled) => compiled.warnings,
        Err(errors) => errors,
    };
    let shown: Vec<String> =
        all.iter().map(|d| crate::document::render::render(d, &sources, false)).collect();
    let found = all.iter().find(|d| {
        d.code == code
            && d.severity == severity
            && d.message.contains(words)
            && (hint.is_empty() || d.hints.iter().any(|h| h.contains(hint)))
            && d.span.map_or("", |span| sources.snippet(span)).trim_matches('"') == at
    });
    let Some(found) = found else {
        return Some(format!("wanted {code} at `{at}`: {words} ({hint})\n{}", shown.join("\n")));
    };
    if let Some(span) = found.span
        && sources.name(span.source) == "doc.ron"
    {
        let line = text.lines().nth(sources.start(span).line - 1).unwrap();
        assert!(line.contains(at), "the line of the place: {line}");
    }
    None
}

/// A scenario of the toy with more in it.
fn scenario(fields: &str) -> String {
    TOY_SCENARIO.replace("overrides: (", &format!("\n{fields}\noverrides: ("))
}

/// A rule of the agency with these fields after `id`.
fn rule(fields: &str) -> String {
    scenario(&format!("rules: [(id: \"r\",\n{fields}\n)],"))
}

#[test]
fn errors_point_at_what_is_wrong() {
    #[rustfmt::skip]
    let cases: &[(&str, &str, &str, &str, String)] = &[
        // names
        ("unknown-name", "alrt", "no product is called `alrt`", "did you mean `alert`?",
            rule(r#"actor: Role("csirt"), on: Start, then: [Send(product: "alrt", to: Network("peers"))]"#)),
        ("unknown-name", "csirts", "no actor or template is called `csirts`", "did you mean `csirt`?",
            rule(r#"actor: Role("csirts"), on: Start, then: [Work("triage")]"#)),
        ("unknown-name", "csirt@FI", "no actor is called `csirt@FI`", "did you mean `csirt@FR`?",
            rule(r#"actor: Actor("csirt@FI"), on: Start, then: [Work("triage")]"#)),
        ("unknown-name", "csirt", "`csirt` is a template of 2 actors", "write `Actor(\"csirt@ES\")`",
            rule(r#"actor: Actor("csirt"), on: Start, then: [Work("triage")]"#)),
        ("unknown-name", "alarm", "no mode of `peers` is called `alarm`", "",
            rule(r#"actor: Actor("agency"), on: Enter(network: "peers", mode: "alarm"), then: [Work("triage")]"#)),
        ("unknown-name", "effected", "no fact is called `effected`", "did you mean `affected`?",
            rule(r#"actor: Actor("agency"), on: Learn("effected"), then: [Work("triage")]"#)),
        ("unknown-name", "traige", "no task or parameter is called `traige`", "did you mean `triage`?",
            rule(r#"actor: Actor("agency"), on: Start, then: [Work("traige")]"#)),
        ("unknown-name", "virus", "no value of `cause` is called `virus`", "",
            rule(r#"actor: Actor("agency"), on: Start, when: [Known(fact: "cause", value: "virus")], then: [Work("triage")]"#)),
        ("unknown-name", "packege", "no element is called `packege`", "did you mean `package`?",
            scenario(r#"with: ["packege"],"#)),
        ("unknown-name", "Europe/Madird", "no time zone is called `Europe/Madird`", "did you mean `Europe/Madrid`?",
            scenario(r#"zone: "Europe/Madird","#)),
        ("unknown-name", "on-alrt", "no milestone is called `on-alrt`", "did you mean `on-alert`?",
            scenario(r#"until: "on-alrt","#)),
        ("unknown-name", "allaware", "no milestone is called `allaware`", "did you mean `all-aware`?",
            TOY_SCENARIO.replace("observed: {", "observed: {\n\"allaware\": Never(by: \"T+1d\", basis: Assumed(\"x\")),")),
        ("unknown-name", "affected/worm/FI", "no fact is called `affected/worm/FI`", "did you mean `affected/worm/FR`?",
            TOY_SCENARIO.replace("Leak(\"affected/worm/ES\")", "Leak(\"affected/worm/FI\")")),
        ("unknown-name", "tlpx", "no marking scheme is called `tlpx`", "did you mean `tlp`?",
            scenario("products: {\"alert\": (marking: (\"tlpx\", \"red\"))},")),
        ("unknown-name", "rod", "no rung of `tlp` is called `rod`", "did you mean `red`?",
            scenario("products: {\"alert\": (marking: (\"tlp\", \"rod\"))},")),
        ("unknown-name", "csirt.triage@FI", "no state is called `FI`", "",
            scenario("parameters: {\"csirt.triage@FI\": (value: \"1h\", basis: Assumed(\"x\"))},")),
        ("unknown-name", "csirt.traige@ES", "no parameter is called `csirt.traige`", "did you mean `csirt.triage`?",
            scenario("parameters: {\"csirt.traige@ES\": (value: \"1h\", basis: Assumed(\"x\"))},")),
        ("unknown-name", "eux", "no group of states is called `eux`", "did you mean `eu`?",
            rule(r#"actor: Group(role: "csirt", group: "eux"), on: Start, then: [Work("triage")]"#)),
        ("wrong-kind", "press", "`press` is a statement to the public, not a product", "",
            rule(r#"actor: Actor("agency"), on: Start, then: [Send(product: "press", to: Role("csirt"))]"#)),
        ("wrong-kind", "alert", "`alert` is a product, not a statement", "",
            rule(r#"actor: Actor("agency"), on: Start, then: [Publish("alert")]"#)),
        ("duplicate-name", "press", "`press` is the name of a product and of a statement", "",
            scenario("products: {\"press\": (title: \"P\")},")),
        // numbers
        ("wrong-unit", "csirt.staff", "`csirt.staff` is a plain number, but a duration such as `90min` is wanted here", "",
            rule(r#"actor: Actor("agency"), on: Start, then: [Wait("csirt.staff")]"#)),
        ("wrong-unit", "7", "`7` is a plain number, but a duration", "",
            rule(r#"actor: Actor("agency"), on: Start, then: [Wait(7)]"#)),
        ("wrong-unit", "call-out", "`call-out` is a duration, but a probability is wanted here", "",
            rule(r#"actor: Actor("agency"), on: Start, when: [Chance("call-out")], then: [Work("triage")]"#)),
        ("out-of-range", "1.5", "`1.5` must be between 0 and 1 here, but can be 1.5", "",
            rule(r#"actor: Actor("agency"), on: Start, when: [Chance(1.5)], then: [Work("triage")]"#)),
        ("bad-quantity", "-5min", "is negative", "",
            rule(r#"actor: Actor("agency"), on: Start, then: [Wait("-5min")]"#)),
        ("bad-quantity", "5 fortnights", "unknown unit `fortnights`", "",
            rule(r#"actor: Actor("agency"), on: Start, then: [Wait("5 fortnights")]"#)),
        ("mixed-units", "Uniform(1, \"2h\")", "a duration and a plain number are mixed", "",
            scenario("parameters: {\"p\": (dist: Uniform(1, \"2h\"), basis: Assumed(\"x\"))},")),
        ("bad-distribution", "LogNormal(median: \"1h\")", "given by two of", "",
            scenario("parameters: {\"p\": (dist: LogNormal(median: \"1h\"), basis: Assumed(\"x\"))},")),
        ("bad-distribution", "Uniform(\"2h\", \"1h\")", "`hi` of uniform must be above `lo`", "",
            scenario("parameters: {\"p\": (dist: Uniform(\"2h\", \"1h\"), basis: Assumed(\"x\"))},")),
        ("contradiction", "p", "`p` has a `value` and a `dist`", "",
            scenario("parameters: {\"p\": (value: 1, dist: Poisson(3), basis: Assumed(\"x\"))},")),
        ("missing", "p", "`p` has neither `value` nor `dist`", "",
            scenario("parameters: {\"p\": (basis: Assumed(\"x\"))},")),
        ("out-of-range", "3", "the range of `p` must rise", "",
            scenario("parameters: {\"p\": (value: 1, range: (3, 2), basis: Assumed(\"x\"))},")),
        ("wrong-unit", "1h", "the range of `p` is a duration, but `p` is a plain number", "",
            scenario("parameters: {\"p\": (value: 1, range: (\"1h\", \"2h\"), basis: Assumed(\"x\"))},")),
        ("out-of-range", "p", "`shared_in_state` of `p` is a correlation between 0 and 1", "",
            scenario("parameters: {\"p\": (value: 1, shared_in_state: 2.0, basis: Assumed(\"x\"))},")),
        // time
        ("out-of-range", "0s", "the horizon must be longer than zero", "",
            TOY_SCENARIO.replace("horizon: \"3d\"", "horizon: \"0s\"")),
        ("out-of-range", "8000d", "longer than the longest one", "",
            TOY_SCENARIO.replace("horizon: \"3d\"", "horizon: \"8000d\"")),
        ("bad-quantity", "-3d", "horizon: `-3d` is negative", "",
            TOY_SCENARIO.replace("horizon: \"3d\"", "horizon: \"-3d\"")),
        ("bad-instant", "tomorrow", "`tomorrow` is not an instant", "",
            TOY_SCENARIO.replace("at: \"T+6h\"", "at: \"tomorrow\"")),
        ("out-of-range", "T-1h", "the incident `worm` lies before the start", "",
            TOY_SCENARIO.replace("start: \"T+1h\"", "start: \"T-1h\"")),
        ("too-frequent", "10us", "an arrival would come every", "",
            rule(r#"actor: Actor("agency"), on: Arrivals("10us"), then: [Work("triage")]"#)),
        ("too-frequent", "0s", "a tick would come every", "",
            rule(r#"actor: Actor("agency"), on: Every(interval: "0s"), then: [Work("triage")]"#)),
        ("bad-instant", "25:00", "`25:00` is not a time of day", "",
            rule(r#"actor: Actor("agency"), on: Every(interval: "1d", phase: At(["25:00"])), then: [Work("triage")]"#)),
        // sets
        ("empty-set", "agency", "`agency` has no actor that belongs to a state", "write `Actor(\"agency\")`",
            rule(r#"actor: Role("csirt"), on: Start, then: [Send(product: "alert", to: Own("agency"))]"#)),
        ("not-possible", "csirt", "`Own` depends on who asks, and nobody asks in the `actor` of a rule", "",
            rule(r#"actor: Own("csirt"), on: Start, then: [Work("triage")]"#)),
        ("cycle", "peers", "the network `peers` is a member of itself", "",
            scenario("networks: {\"peers\": (members: [Network(\"peers\")])},")),
        ("cycle", "b", "calendar `b` is made of itself", "",
            scenario("calendars: {\"a\": Union([\"b\"]), \"b\": Union([\"a\"])}, actors: {\"x\": (title: \"X\", levels: [\"technical\"], calendar: \"b\")},")),
        ("cycle", "all-aware", "the milestone `all-aware` is counted from itself", "",
            scenario("milestones: {\"first-aware\": (from: Milestone(\"all-aware\"))},")),
        ("missing", "peers2", "the network `peers2` has no `chair`", "",
            scenario("networks: {\"peers2\": (title: \"P\", members: [Role(\"csirt\")])}, rules: [(id: \"r\", actor: Chair(\"peers2\"), on: Start, then: [Work(\"triage\")])],")),
        // contradictions
        ("contradiction", "package", "element `package` is switched on and off", "",
            scenario("with: [\"package\"], without: [\"package\"],")),
        ("contradiction", "worm", "`worm` has a `doubling` and a `rate`", "",
            TOY_SCENARIO.replace("doubling: \"worm.doubling\"", "doubling: \"worm.doubling\", rate: \"1 per h\"")),
        ("out-of-range", "telecom", "9 operators of `telecom` in `ES` are hit first, but there are only 5", "",
            TOY_SCENARIO.replace("operators: 3", "operators: 9")),
        ("contradiction", "hits", "`hits` counts hits, so its `value` must be `Number()`", "",
            scenario("facts: {\"hits\": (value: Flag)},")),
        ("not-possible", "cause", "`cause` is no fact per state", "",
            rule(r#"actor: Role("csirt"), on: Learn((fact: "cause", of: Own)), then: [Work("triage")]"#)),
        ("not-possible", "x", "`x` is a series of values, which has no statistic `integral`", "",
            scenario("measures: {\"x\": (of: Wait(), show: [Integral])},")),
        ("not-possible", "x", "`Arrivals` cannot be used here", "",
            scenario("measures: {\"x\": (of: Instant(of: Arrivals(\"1h\")), show: [Count])},")),
        ("contradiction", "I-04", "give either `at`, an instant, or `when`", "",
            TOY_SCENARIO.replace("at: \"T+6h\", title: \"A", "title: \"A")),
        ("missing", "d", "the duty `d` needs a `clock`", "",
            scenario("duties: [(id: \"d\", title: \"D\", who: Role(\"csirt\"), product: \"alert\", to: Actor(\"agency\"), within: \"1d\", binding: true, basis: Assumed(\"x\"))],")),
        ("too-many", "", "the most is 100000", "",
            scenario("actors: {\"x\": (title: \"X\", levels: [\"technical\"], count: 4000000000)},")),
        ("too-many", "", "the most is 1000000", "",
            scenario("operators: [(id: \"shops\", count: 2000000)],")),
        ("too-many", "", "operators have 33 attributes; the most is 32", "",
            scenario(&format!("operators: [(id: \"shops\", attributes: {{{}}})],", (0..32).map(|i| format!("\"a{i}\": 0.5, ")).collect::<String>()))),
        // documents
        ("unsupported-format", "2", "this document is in format 2, and this version of the program reads format 1", "",
            scenario("format: 2, nonsense: 3,")),
        ("unknown-field", "milstones", "there is no field `milstones` here", "did you mean `milestones`?",
            scenario("milstones: {},")),
        ("missing", "", "the document has no `name`", "add `name:",
            TOY_SCENARIO.replace("name: \"toy-worm\",", "")),
        ("kind-mismatch", "toy-worm", "`toy-worm` is not a blueprint", "",
            TOY_SCENARIO.replace("blueprint: \"toy\"", "blueprint: \"toy-worm\"")),
        ("unknown-document", "toyy", "there is no document `toyy`", "did you mean `toy`?",
            TOY_SCENARIO.replace("blueprint: \"toy\"", "blueprint: \"toyy\"")),
        ("kind-mismatch", "Blueprnt", "a document `Blueprnt(..)` cannot be run", "did you mean `Blueprint`?",
            "Blueprnt(name: \"x\")".to_owned()),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(code, at, words, hint, text)| said(Severity::Error, code, at, words, hint, text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn warnings_let_a_document_run() {
    #[rustfmt::skip]
    let cases: &[(&str, &str, &str, String)] = &[
        ("outside-range", "p", "`p` is 5 h, outside its plausible range 1h to 2h",
            scenario("parameters: {\"p\": (value: \"5h\", range: (\"1h\", \"2h\"), basis: Assumed(\"x\"))},")),
        ("no-channel", "r", "no channel carries `alert` from the actors of the rule `r`",
            rule(r#"actor: Role("csirt"), on: Start, then: [Send(product: "alert", to: Actor("agency"))]"#)),
        ("no-channel", "find-cause", "no channel carries `alert` from the actors of the rule `find-cause`",
            scenario("products: {\"alert\": (marking: (\"tlp\", \"red\"))}, rules: [(id: \"find-cause\", then: [Send(product: \"alert\", to: Network(\"peers\"))])],")),
        ("never-reached", "m", "nobody sends the product `late`",
            scenario("products: {\"late\": (title: \"L\")}, milestones: {\"m\": (title: \"M\", when: Delivered(product: \"late\"))},")),
        ("never-reached", "m", "it wants 9 of 2 actors",
            scenario("milestones: {\"m\": (title: \"M\", when: Knows(who: Role(\"csirt\"), fact: \"cause\", how_many: Nth(9)))},")),
        ("no-truth", "worm", "the incident `worm` does not state the truth of `cause`",
            TOY_SCENARIO.replace("truths: {\"cause\": \"worm\"},", "")),
        ("before-start", "T-1h", "`T-1h` lies before the start and is left out",
            rule(r#"actor: Role("csirt"), on: ArrivalsAt(["T-1h", "T+1h"]), then: [Work("triage")]"#)),
        ("nothing-in-hand", "r", "is not set off by receiving one",
            rule(r#"actor: Role("csirt"), on: Start, then: [Forward(to: Network("peers"))]"#)),
        ("never-adopted", "raise", "`raise` needs 3 members in favour and has 2",
            scenario("decisions: {\"raise\": (vote: AtLeast(3))},")),
        ("mean-only", "call-out", "only the mean of `call-out` is used here, 55 min",
            rule(r#"actor: Role("csirt"), on: Within(times: 2, window: "call-out", of: Receive("alert")), then: [Work("triage")]"#)),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(code, at, words, text)| said(Severity::Warning, code, at, words, "", text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn errors_of_all_entries_come_together() {
    let text = scenario(
        r#"parameters: {"p": (value: "x9"), "q": (dist: Unifrom(1, 2), basis: Assumed("x"))},
        rules: [(id: "r", actor: Role("csirt"), on: Sart, then: [])],"#,
    );
    let (_, opened) = open(&text, "doc", &Overrides::default());
    let codes: Vec<&str> = opened.unwrap_err().iter().map(|d| d.code).collect();
    assert_eq!(codes, ["missing-field", "unknown-variant", "unknown-variant"]);
    let text = scenario(
        r#"until: "nobody", rules: [
            (id: "r", actor: Role("nobody"), on: Receive("nothing"), when: [Chance(2)], then: [Wait("x")]),
            (id: "r", actor: Role("csirt"), on: Start, then: [Work("0s")]),
        ],"#,
    );
    let (_, opened) = open(&text, "doc", &Overrides::default());
    let codes: Vec<&str> = opened.unwrap_err().iter().map(|d| d.code).collect();
    assert_eq!(codes, ["duplicate-id"], "told while merging");
    let text = text.replace("(id: \"r\", actor: Role(\"csirt\")", "(id: \"s\", actor: Role(\"csirt\")");
    let (_, opened) = open(&text, "doc", &Overrides::default());
    let errors = compile(&opened.unwrap().document).unwrap_err();
    let messages: Vec<&str> = errors.iter().map(|d| &*d.message).collect();
    assert_eq!(
        messages,
        [
            "no milestone is called `nobody`",
            "no actor or template is called `nobody`",
            "no product or statement is called `nothing`",
            "`2` must be between 0 and 1 here, but can be 2",
            "no parameter is called `x`",
        ]
    );
}

#[test]
fn a_wrong_option_is_shown_as_typed() {
    let overrides = Overrides { set: vec![("csirt.traige".into(), "1h".into())], ..Overrides::default() };
    let (sources, opened) = open("", "toy-worm", &overrides);
    let errors = opened.unwrap_err();
    assert_eq!(&*errors[0].message, "no parameter is called `csirt.traige`");
    assert_eq!(errors[0].hints, ["did you mean `csirt.triage`?"]);
    assert_eq!(sources.snippet(errors[0].span.unwrap()), "csirt.traige");
    assert_eq!(sources.name(errors[0].span.unwrap().source), "--set");
    let overrides = Overrides { with: vec!["packege".into()], ..Overrides::default() };
    let (sources, opened) = open("", "toy-worm", &overrides);
    let errors = compile(&opened.unwrap().document).unwrap_err();
    assert_eq!(errors[0].hints, ["did you mean `package`?"]);
    assert_eq!(sources.name(errors[0].span.unwrap().source), "--with");
}
