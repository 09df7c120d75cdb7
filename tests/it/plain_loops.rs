//! The engine against loops without it: the same events at the same microseconds in the same order.
//!
//! The loops are those that the benches measure against, so what they compare does the same work.

use crate::bench_models::graph::Graph;
use crate::bench_models::outcome::{Outcome, of_relay};
use crate::bench_models::plain_relay::PlainRelay;
use crate::bench_models::worm::{Epidemic, PlainWorm, n_operators};
use crate::bench_models::{model_of, queue, relay, worm};
use crate::laboratory::run;

#[test]
fn a_relay_is_that_of_the_plain_loop_event_for_event() {
    let (graph, facts) = (Graph::of(300), 3);
    assert_eq!(graph.n_links(), 2378);
    let model = model_of(&relay::document(&graph, facts));
    let plain = PlainRelay::new(&graph, facts);
    for replication in [0, 7] {
        let mut expected = Outcome::default();
        plain.run(1, replication, &mut expected);
        assert_eq!(of_relay(&model, 1, replication), expected);
        assert_eq!((expected.events, expected.known), (graph.n_events(facts), 900));
    }
}

#[test]
fn a_queue_is_that_of_the_plain_loop_event_for_event() {
    let model = model_of(&queue::document(50));
    for replication in [0, 7] {
        let (mut expected, mut found) = (Outcome::default(), Outcome::default());
        queue::plain(50, 1, replication, &mut expected);
        queue::of_trace(&run(&model, 1, replication), &mut found);
        assert_eq!(found, expected);
        assert!(expected.events > 6_000 && expected.wait_us > 0, "{expected:?}");
    }
}

#[test]
fn a_worm_is_that_of_the_plain_loop() {
    const OPERATORS: usize = 1_500;
    let model = model_of(&worm::document(OPERATORS));
    let plain = PlainWorm::new(OPERATORS);
    for replication in [0, 7] {
        let (found, expected) = (Epidemic::of_trace(&run(&model, 1, replication)), plain.run(1, replication));
        assert!(found.is_like(&expected), "{found:?} instead of {expected:?}");
        let hit = expected.counts[0];
        assert!(hit > 1_000 && hit <= n_operators(OPERATORS) as u64 && expected.counts == [hit; 7]);
    }
}
