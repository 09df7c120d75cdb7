//! The engine against loops without it: the same events at the same microseconds in the same order.
//!
//! The loops are those that the benches measure against, so what they compare does the same work.

use crate::bench_models::graph::Graph;
use crate::bench_models::outcome::{Outcome, of_trace};
use crate::bench_models::plain_relay::PlainRelay;
use crate::bench_models::{model_of, relay};
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
        assert_eq!(of_trace(&model, &run(&model, 1, replication)), expected);
        assert_eq!((expected.events, expected.known), (graph.n_events(facts), 900));
    }
}
