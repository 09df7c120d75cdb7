//! Many replications of many variants: order, threads, shared draws, single rows.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use blueprint_sim::document::{Change, SourceMap, flatten, load, merge::MemoryLoader};
use blueprint_sim::experiment::{
    Base, Control, Item, MemoryStore, Plan, Results, Shard, Store, Variant, Variants, items, replicate,
};

/// Two teams, a desk in office hours, a worm.
const MINI: &str = include_str!("../cases/cli/mini.ron");

fn variants(changes: &[(&str, &str)]) -> Variants {
    let mut sources = SourceMap::new();
    let loader = MemoryLoader::new().with_file("mini.ron", MINI);
    let loaded = load("mini.ron", None, &loader, &mut sources).unwrap();
    let origin = loaded.origin.clone();
    let tree = flatten(loaded, &loader, &mut sources).unwrap();
    let base = Base { name: "mini".to_owned(), tree, origin, changes: Vec::new() };
    let list = changes
        .iter()
        .map(|(name, changes)| Variant {
            name: (*name).to_owned(),
            base: 0,
            changes: Change::parse_list(changes).unwrap(),
        })
        .collect();
    Variants::new(vec![base], list)
}

/// All chunks of a plan on so many threads.
fn made(variants: &Variants, plan: &Plan, threads: usize) -> MemoryStore {
    let store = MemoryStore::new();
    let all: Vec<Item> = items(plan, 0, plan.replications).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let whole = pool.install(|| replicate(variants, plan.seed, &all, &store, &Control::none())).unwrap();
    assert!(whole);
    store
}

/// Everything that results say, as text.
fn told(variants: &Variants, store: &MemoryStore, n: u64) -> String {
    let results = Results::new(variants, store, n);
    let mut text = String::new();
    for variant in 0..variants.list().len() {
        let schema = results.schema(variant).unwrap();
        for m in 0..schema.milestones.len() {
            text += &format!("{:?}", results.milestone(variant, m).unwrap());
        }
        for f in 0..schema.figures.len() {
            let bits: Vec<u64> = results.figure(variant, f).unwrap().iter().map(|x| x.to_bits()).collect();
            text += &format!("{bits:?}");
        }
        text += &format!("{:?}", results.criticality(variant).unwrap());
    }
    text
}

#[test]
fn any_number_of_threads_gives_the_same_results() {
    let variants = variants(&[("base", ""), ("fast", "triage=1min")]);
    let plan = Plan { seed: 5, replications: 25, variants: 2, points: None, shard: Shard::ALL };
    let one = told(&variants, &made(&variants, &plan, 1), 25);
    assert_eq!(one, told(&variants, &made(&variants, &plan, 3), 25));
    let other = told(&variants, &made(&variants, &Plan { seed: 6, ..plan }, 1), 25);
    assert_ne!(one, other, "another seed");
}

#[test]
fn a_row_is_the_run_of_its_replication() {
    let variants = variants(&[("base", "")]);
    let plan = Plan { seed: 9, replications: 12, variants: 1, points: None, shard: Shard::ALL };
    let store = made(&variants, &plan, 1);
    let results = Results::new(&variants, &store, 12);
    let model = variants.model(0).unwrap();
    let trace = super::laboratory::run(&model, 9, 11);
    let milestones = blueprint_sim::analysis::milestones::milestones(&model, &trace);
    for (m, result) in milestones.iter().enumerate() {
        let outcomes = results.milestone(0, m).unwrap();
        assert_eq!(outcomes.len(), 12);
        assert_eq!(outcomes.reached_us[11], result.reached.map(|r| r.at.as_micros()));
        assert_eq!(outcomes.latency_us(11), result.latency.map(|l| l.as_micros()));
        assert_eq!(outcomes.latency_us(11).is_none(), outcomes.censored_us(11).is_some());
    }
    let schema = results.schema(0).unwrap();
    let events = schema.figures.iter().position(|f| f.name == "events").unwrap();
    assert_eq!(results.figure(0, events).unwrap()[11], trace.n_events as f64);
}

/// Only what the change touches differs: the spread of the worm is drawn alike in both.
#[test]
fn variants_share_the_draws_of_what_they_have_in_common() {
    let variants = variants(&[
        ("base", ""),
        ("slow", "triage=20h"),
        ("staffed", "team.staff=9"),
        ("off", "without desk"),
    ]);
    let plan = Plan { seed: 1, replications: 20, variants: 4, points: None, shard: Shard::ALL };
    let store = made(&variants, &plan, 2);
    let results = Results::new(&variants, &store, 20);
    let schema = results.schema(0).unwrap();
    let milestone = |name: &str| schema.milestones.iter().position(|m| m == name).unwrap();
    let latencies = |variant, name| {
        let outcomes = results.milestone(variant, milestone(name)).unwrap();
        (0..20).map(|r| outcomes.restricted_us(r)).collect::<Vec<_>>()
    };
    assert_eq!(latencies(0, "over"), latencies(1, "over"));
    let (base, slow) = (latencies(0, "desk-knows"), latencies(1, "desk-knows"));
    assert_ne!(base, slow);
    assert!(base.iter().zip(&slow).all(|(base, slow)| base <= slow));
    assert!(results.milestone(3, milestone("desk-knows")).unwrap().reached_us.iter().all(Option::is_none));
}

#[test]
fn a_variant_shows_what_it_changes() {
    let variants = variants(&[("a", "team.staff=9, triage=20h, without desk"), ("b", "team.staff=2")]);
    let of = |variant| -> Vec<String> {
        let ready = variants.prepare(variant, &mut SourceMap::new()).unwrap();
        ready.diff(variants.base(variant)).iter().map(ToString::to_string).collect()
    };
    let lines = of(0);
    assert!(lines.contains(&"actors.team.staff: 2 -> 9".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|l| l.starts_with("parameters.triage.value: nothing -> \"20h\"")), "{lines:?}");
    assert!(lines.iter().any(|l| l.starts_with("without: ")), "{lines:?}");
    assert_eq!(of(1), [""; 0], "the staff is 2 already");
}

#[test]
fn what_is_done_is_kept_when_it_is_stopped() {
    let variants = variants(&[("base", "")]);
    let plan = Plan { seed: 1, replications: 100, variants: 1, points: None, shard: Shard::ALL };
    let store = MemoryStore::new();
    let all: Vec<Item> = items(&plan, 0, 100).collect();
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let see = |n: u32| {
        if done.fetch_add(u64::from(n), Ordering::Relaxed) >= 20 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let whole =
        pool.install(|| replicate(&variants, 1, &all, &store, &Control { stop: &stop, done: &see })).unwrap();
    assert!(!whole);
    let kept = all.iter().filter(|item| store.has(item.variant, item.first)).count();
    assert_eq!(kept as u64 * 10, done.load(Ordering::Relaxed));
    assert!(kept < all.len());
}

#[test]
fn a_variant_that_is_wrong_ends_the_experiment_with_its_errors() {
    let variants = variants(&[("base", ""), ("wrong", "triage=never")]);
    let plan = Plan { seed: 1, replications: 10, variants: 2, points: None, shard: Shard::ALL };
    let all: Vec<Item> = items(&plan, 0, 10).collect();
    let failure = replicate(&variants, 1, &all, &MemoryStore::new(), &Control::none()).unwrap_err();
    let blueprint_sim::experiment::Failure::Variant { variant, errors } = failure else {
        panic!("{failure:?}")
    };
    assert_eq!(variant, 1);
    assert!(!errors.is_empty());
}
