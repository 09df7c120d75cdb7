//! What a batch is: seed, version, documents, variants. The first line of its journal, and what shards must agree on.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::failure::Failure;
use crate::document::merge::Origin;
use crate::document::print::pretty;
use crate::document::{Change, SourceMap, read};
use crate::experiment::{Base, CHUNK, Plan, Shard, Variant, Variants};

/// Format of the journal.
const FORMAT: u32 = 1;

/// The identity of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) program: String,
    pub(crate) format: u32,
    pub(crate) version: String,
    /// Name of the scenario, blueprint or experiment.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) seed: u64,
    /// Replications of each variant; with a precision, the most.
    pub(crate) replications: u64,
    pub(crate) chunk: u64,
    pub(crate) shard: u64,
    pub(crate) shards: u64,
    /// What `--precision` asks for, as typed.
    pub(crate) precision: Option<String>,
    /// Measures whose precision counts; of an experiment, its figures.
    pub(crate) measures: Vec<String>,
    /// What is made of the results; none: nothing more than tables and estimates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<Purpose>,
    pub(crate) bases: Vec<HeaderBase>,
    pub(crate) variants: Vec<HeaderVariant>,
}

/// What the results of a batch are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// The first variant is compared with the next ones, once more at each point over the ranges of the parameters.
    Comparison {
        /// Variants that are compared with the first; after them come the points.
        variants: usize,
        /// Replications at each point.
        at_points: u64,
        /// What the points move.
        ranges: Vec<HeaderRange>,
    },
    /// The first variant is the document as it is, the others are points of a design.
    Sensitivity {
        /// By which method, and how large its design is.
        method: String,
        /// Figures of interest.
        figures: Vec<String>,
        /// Of shares of variance: the identity of the screen before, and the parameters that it kept.
        screen: Option<(String, Vec<String>)>,
    },
}

/// A parameter that is moved over its range, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderRange {
    pub(crate) parameter: String,
    pub(crate) low: String,
    pub(crate) high: String,
    pub(crate) basis: String,
}

/// A document that variants change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderBase {
    pub(crate) name: String,
    /// What was changed on the command line, as typed.
    pub(crate) changes: Vec<String>,
    /// The resolved document.
    pub(crate) text: String,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderVariant {
    pub(crate) name: String,
    pub(crate) base: usize,
    pub(crate) changes: Vec<String>,
}

impl Header {
    /// The header of a batch that is about to begin.
    pub(crate) fn new(name: &str, title: &str, plan: &Plan, variants: &Variants) -> Header {
        Header {
            program: env!("CARGO_PKG_NAME").to_owned(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.to_owned(),
            title: title.to_owned(),
            seed: plan.seed,
            replications: plan.replications,
            chunk: CHUNK,
            shard: plan.shard.index,
            shards: plan.shard.of,
            precision: None,
            measures: Vec::new(),
            purpose: None,
            bases: variants
                .bases()
                .iter()
                .map(|base| HeaderBase {
                    name: base.name.clone(),
                    changes: base.changes.clone(),
                    text: pretty(&base.tree),
                })
                .collect(),
            variants: variants
                .list()
                .iter()
                .map(|variant| HeaderVariant {
                    name: variant.name.clone(),
                    base: variant.base,
                    changes: variant.changes.iter().map(Change::to_string).collect(),
                })
                .collect(),
        }
    }

    /// The plan of the batch.
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            seed: self.seed,
            replications: self.replications,
            variants: self.variants.len(),
            points: match self.purpose {
                Some(Purpose::Comparison { variants, at_points, .. }) => Some((variants + 1, at_points)),
                _ => None,
            },
            shard: Shard { index: self.shard, of: self.shards },
        }
    }

    /// A hash of everything but which shard it is: equal for batches that may be joined.
    pub(crate) fn identity(&self) -> String {
        let whole = Header { shard: 1, shards: 1, ..self.clone() };
        let text = serde_json::to_string(&whole).unwrap_or_default();
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The variants that the header describes.
    ///
    /// # Errors
    /// The documents in it are damaged.
    pub(crate) fn variants(&self) -> Result<Variants, Failure> {
        let damaged = |what: String| Failure::wrong(format!("the journal of the batch is damaged: {what}"));
        let mut bases = Vec::new();
        for base in &self.bases {
            let mut sources = SourceMap::new();
            let tree = read::read_text(&mut sources, &base.name, &base.text)
                .map_err(|errors| Failure::documents(&errors, &sources))?;
            bases.push(Base {
                name: base.name.clone(),
                tree,
                origin: Origin::File(base.name.clone()),
                changes: base.changes.clone(),
            });
        }
        let mut list = Vec::new();
        for variant in &self.variants {
            if variant.base >= bases.len() {
                return Err(damaged(format!("variant `{}` has no document", variant.name)));
            }
            let changes = variant.changes.iter().map(|text| Change::parse(text));
            list.push(Variant {
                name: variant.name.clone(),
                base: variant.base,
                changes: changes.collect::<Result<_, _>>().map_err(damaged)?,
            });
        }
        Ok(Variants::new(bases, list))
    }

    /// What keeps two batches from being joined, in words; empty: nothing. The shard does not count.
    pub(crate) fn differences(&self, other: &Header) -> Vec<String> {
        let mut found = Vec::new();
        let mut tell = |what: &str, here: String, there: String| {
            if here != there {
                found.push(format!("{what}: {here} and {there}"));
            }
        };
        tell("version of the program", self.version.clone(), other.version.clone());
        tell("document", self.name.clone(), other.name.clone());
        tell("seed", self.seed.to_string(), other.seed.to_string());
        tell("replications", self.replications.to_string(), other.replications.to_string());
        let precision = |h: &Header| {
            let measures = h.measures.join(", ");
            h.precision.as_ref().map_or_else(|| "none".to_owned(), |p| format!("{p} {measures}"))
        };
        tell("precision", precision(self), precision(other));
        tell("purpose", purpose(self), purpose(other));
        tell("number of variants", self.variants.len().to_string(), other.variants.len().to_string());
        for (a, b) in self.variants.iter().zip(&other.variants) {
            let shown = |v: &HeaderVariant| format!("`{}` ({})", v.name, v.changes.join(", "));
            tell("variant", shown(a), shown(b));
        }
        let changes = |base: &HeaderBase| match base.changes.is_empty() {
            true => "none".to_owned(),
            false => base.changes.join(", "),
        };
        for (a, b) in self.bases.iter().zip(&other.bases) {
            if a.changes != b.changes {
                found.push(format!("what was changed in `{}`: {} and {}", a.name, changes(a), changes(b)));
            } else if a.text != b.text {
                let at = a.text.lines().zip(b.text.lines()).find(|(a, b)| a != b);
                let lines = at.map_or_else(
                    || "one is longer".to_owned(),
                    |(a, b)| format!("`{}` and `{}`", clip(a), clip(b)),
                );
                found.push(format!("what the document `{}` says: {lines}", a.name));
            }
        }
        if found.is_empty() && self.identity() != other.identity() {
            found.push("they are different batches".to_owned());
        }
        found
    }
}

fn purpose(header: &Header) -> String {
    match &header.purpose {
        None => "a batch".to_owned(),
        Some(Purpose::Comparison { at_points, ranges, .. }) if ranges.is_empty() || *at_points == 0 => {
            "a comparison".to_owned()
        }
        Some(Purpose::Comparison { ranges, .. }) => {
            format!("a comparison over the ranges of {} parameters", ranges.len())
        }
        Some(Purpose::Sensitivity { method, figures, .. }) => {
            format!("a sensitivity analysis ({method}) of {}", figures.join(", "))
        }
    }
}

fn clip(line: &str) -> String {
    line.trim().chars().take(80).collect()
}
