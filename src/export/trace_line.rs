//! A line of `trace.jsonl`, and the names that stand for ids in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Model;

/// A line as it is written and read. What does not apply is left out.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Line<'a> {
    pub(super) id: u32,
    /// The first completed the conditions.
    pub(super) causes: Vec<u32>,
    pub(super) time_us: u64,
    pub(super) kind: Cow<'a, str>,
    /// Who the record is about.
    pub(super) actor: Cow<'a, str>,
    /// What `actor` is, unless an actor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) incident: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operator: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inject: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) countermeasure: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) work: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reneged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fact: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_is: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_is: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) copies: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uncoordinated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contradictory: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_favour: Option<bool>,
    /// What a member said, if it was neither for nor against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<Cow<'a, str>>,
    /// Option of a decision, from 0; the first is left out of outcomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) option: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) round: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) votes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) network: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pool: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) left: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) staff: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) spans: Vec<SpanLine<'a>>,
    /// Content of the product instance, at the first line that names it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) told: Vec<ToldLine<'a>>,
    /// What belongs to the run as a whole, at the first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<RunLine<'a>>,
}

/// A span.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SpanLine<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) actor: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<Cow<'a, str>>,
    pub(super) from_us: u64,
    pub(super) to_us: u64,
}

/// A fact as told in a product.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ToldLine<'a> {
    pub(super) fact: Cow<'a, str>,
    pub(super) version: u32,
    pub(super) value: f64,
    /// The record by which the author learned it.
    pub(super) learned: u32,
}

/// What belongs to the run as a whole.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RunLine<'a> {
    pub(super) format: u32,
    /// Always true: what follows did not happen.
    pub(super) simulation: bool,
    pub(super) scenario: Cow<'a, str>,
    /// Whether all records of the run are here.
    pub(super) complete: bool,
    pub(super) end_us: u64,
    pub(super) n_events: u64,
    pub(super) n_records: u64,
    pub(super) n_items: u64,
    /// Runs of neighbouring operators of one group.
    pub(super) operators: Vec<OperatorsLine<'a>>,
    /// Names of the parameters that were read.
    pub(super) acted: Vec<u32>,
    pub(super) n_parameters: u64,
    pub(super) variants: Vec<u8>,
    /// Content of product instances that no line names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) other_items: Vec<(u32, Vec<ToldLine<'a>>)>,
}

/// Operators of one group with neighbouring numbers.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OperatorsLine<'a> {
    /// `STATE/group`.
    pub(super) group: Cow<'a, str>,
    pub(super) first: u32,
    /// Attribute bits, one number an operator.
    pub(super) attributes: Vec<u32>,
    /// Sizes and costs of an hour, where the group states any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) sizes: Vec<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) costs: Vec<f64>,
}

/// Names of a table, each made unique, and back.
#[derive(Default)]
pub(super) struct Table {
    names: Vec<String>,
    ids: BTreeMap<String, usize>,
}

impl Table {
    /// A name that stands twice is told apart by its position: `name~7`.
    fn new<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Table {
        let mut table = Table::default();
        for (i, name) in names.enumerate() {
            let name = if table.ids.contains_key(name) { format!("{name}~{i}") } else { name.to_owned() };
            table.ids.insert(name.clone(), i);
            table.names.push(name);
        }
        table
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// All names, in the order of the table.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.names.iter()
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.ids.get(name).copied()
    }
}

/// The names of all tables that records speak of.
pub(super) struct Tables {
    pub(super) actors: Table,
    pub(super) incidents: Table,
    pub(super) injects: Table,
    pub(super) rules: Table,
    pub(super) countermeasures: Table,
    pub(super) tasks: Table,
    pub(super) sites: Table,
    pub(super) facts: Table,
    pub(super) products: Table,
    pub(super) decisions: Table,
    pub(super) roles: Table,
    pub(super) networks: Table,
    pub(super) pools: Table,
    /// Modes of each network.
    pub(super) modes: Vec<Table>,
    pub(super) channels: Table,
    pub(super) states: Table,
    pub(super) groups: Table,
}

impl Tables {
    pub(super) fn new(model: &Model) -> Tables {
        let groups: Vec<String> = model
            .groups
            .iter()
            .map(|g| format!("{}/{}", model.states[g.state.index()].name, g.name))
            .collect();
        Tables {
            actors: Table::new(model.actors.iter().map(|x| x.name.text.as_str())),
            incidents: Table::new(model.incidents.iter().map(|x| x.name.text.as_str())),
            injects: Table::new(model.injects.iter().map(|x| x.name.text.as_str())),
            rules: Table::new(model.rules.iter().map(|x| x.name.text.as_str())),
            countermeasures: Table::new(model.countermeasures.iter().map(|x| x.name.text.as_str())),
            tasks: Table::new(model.tasks.iter().map(|x| x.name.text.as_str())),
            sites: Table::new(model.sites.iter().map(|x| x.purpose.text.as_str())),
            facts: Table::new(model.facts.iter().map(|x| x.name.text.as_str())),
            products: Table::new(model.products.iter().map(|x| x.name.text.as_str())),
            decisions: Table::new(model.decisions.iter().map(|x| x.name.text.as_str())),
            pools: Table::new(model.pools.iter().map(|x| x.name.as_str())),
            roles: Table::new(model.roles.iter().map(|x| x.name.as_str())),
            networks: Table::new(model.networks.iter().map(|x| x.name.text.as_str())),
            modes: model
                .networks
                .iter()
                .map(|n| Table::new(n.modes.iter().map(|m| m.name.as_str())))
                .collect(),
            channels: Table::new(model.channels.iter().map(|x| x.name.text.as_str())),
            states: Table::new(model.states.iter().map(|x| x.name.as_str())),
            groups: Table::new(groups.iter().map(String::as_str)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_stand_twice_are_told_apart() {
        let table = Table::new(["a", "b", "a"].into_iter());
        assert_eq!((table.name(0), table.name(1), table.name(2)), ("a", "b", "a~2"));
        assert_eq!((table.index("a"), table.index("a~2"), table.index("c")), (Some(0), Some(2), None));
    }
}
