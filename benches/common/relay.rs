//! The information relay as a document of the product.
//!
//! A desk reads each letter that arrives: it waits for a server and takes a log-normal time. If the letter told the
//! desk something new, it goes on over every link of the desk, each with its own log-normal latency. What comes
//! again is read too and goes no further. Fact f is told to its first desk by somebody outside at f half-hours.

use std::fmt::Write as _;

use super::graph::{GAP_HOURS, Graph, LATENCY_SIGMA, SERVICE_MEDIAN_HOURS, SERVICE_SIGMA};

/// Long enough for everything to be read.
const HORIZON: &str = "7300d";

/// The document of a graph and a number of facts.
pub(crate) fn document(graph: &Graph, facts: usize) -> String {
    let mut text = String::new();
    write_document(&mut text, graph, facts).expect("a string takes everything");
    text
}

fn write_document(text: &mut String, graph: &Graph, facts: usize) -> std::fmt::Result {
    writeln!(text, "// Desks that pass on what is new to them; written by the benches.")?;
    writeln!(
        text,
        "Blueprint(\n  format: 1, name: \"relay\", title: \"Information relay\", horizon: \"{HORIZON}\","
    )?;
    writeln!(text, "  levels: [(id: \"desks\", title: \"Desks\"), (id: \"outside\", title: \"Outside\")],")?;
    writeln!(text, "  facts: {{\"news\": (title: \"the news of {{sector}}\", per: [Sector])}},")?;
    writeln!(
        text,
        "  products: {{\"letter\": (title: \"A letter\", carries: [\"news\"], read: \"service\")}},"
    )?;
    writeln!(text, "  rules: [")?;
    writeln!(
        text,
        "    (id: \"tell\", actor: Level(\"outside\"), on: Learn(\"news\"), then: [Send(product: \"letter\", to: Linked)]),"
    )?;
    writeln!(
        text,
        "    (id: \"relay\", actor: Level(\"desks\"), on: Learn(\"news\"), then: [Forward(to: Linked)]),"
    )?;
    writeln!(text, "  ],")?;
    write_desks(text, graph, facts)?;
    write_links(text, graph, facts)?;
    writeln!(text, "  sectors: {{")?;
    for f in 0..facts {
        writeln!(text, "    \"s{f}\": (title: \"topic {f}\"),")?;
    }
    writeln!(text, "  }},\n  injects: [")?;
    for f in 0..facts {
        let minutes = (60.0 * GAP_HOURS) as usize * f;
        writeln!(
            text,
            "    (id: \"i{f}\", title: \"News {f}\", at: \"T+{minutes}min\", to: Actor(\"t{f}\"), effects: [Fact(\"news/s{f}\")]),"
        )?;
    }
    writeln!(text, "  ],\n)")
}

fn write_desks(text: &mut String, graph: &Graph, facts: usize) -> std::fmt::Result {
    writeln!(text, "  actors: {{")?;
    for (desk, servers) in graph.servers.iter().enumerate() {
        writeln!(text, "    \"d{desk}\": (title: \"Desk {desk}\", levels: [\"desks\"], staff: {servers}),")?;
    }
    for f in 0..facts {
        writeln!(text, "    \"t{f}\": (title: \"Source {f}\", levels: [\"outside\"], counted: false),")?;
    }
    writeln!(text, "  }},")
}

fn write_links(text: &mut String, graph: &Graph, facts: usize) -> std::fmt::Result {
    let links = || graph.links.iter().enumerate().flat_map(|(from, all)| all.iter().map(move |l| (from, l)));
    writeln!(text, "  parameters: {{")?;
    writeln!(
        text,
        "    \"service\": (dist: LogNormal(median: \"{SERVICE_MEDIAN_HOURS}h\", sigma: {SERVICE_SIGMA}), basis: Assumed(\"bench\")),"
    )?;
    for (from, link) in links() {
        writeln!(
            text,
            "    \"l{from}-{}\": (dist: LogNormal(median: \"{}us\", sigma: {LATENCY_SIGMA:?}), basis: Assumed(\"bench\")),",
            link.to, link.median_us
        )?;
    }
    writeln!(text, "  }},\n  channels: [")?;
    for (from, link) in links() {
        let to = link.to;
        writeln!(
            text,
            "    (id: \"c{from}-{to}\", from: Of(Actor(\"d{from}\")), to: Of(Actor(\"d{to}\")), latency: \"l{from}-{to}\"),"
        )?;
    }
    for f in 0..facts {
        let to = graph.origin(f);
        writeln!(text, "    (id: \"o{f}\", from: Of(Actor(\"t{f}\")), to: Of(Actor(\"d{to}\"))),")?;
    }
    writeln!(text, "  ],")
}
