//! Which replications are made: all of them, or every n-th chunk for a shard.

use super::chunk::CHUNK;

/// What an experiment runs beside its variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Master seed, the same for all variants.
    pub seed: u64,
    /// Replications of each variant, numbered from 0.
    pub replications: u64,
    /// Number of variants.
    pub variants: usize,
    /// Variants from this position on are points of a design, each with so many replications: no more than the others.
    pub points: Option<(usize, u64)>,
    /// The part that is made here.
    pub shard: Shard,
}

impl Plan {
    /// Replications of a variant.
    pub fn replications_of(&self, variant: usize) -> u64 {
        match self.points {
            Some((from, replications)) if variant >= from => replications,
            _ => self.replications,
        }
    }
}

/// A part of an experiment: chunk k belongs to shard `k mod n + 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u64,
    /// How many parts.
    pub of: u64,
}

impl Shard {
    /// Everything.
    pub const ALL: Shard = Shard { index: 1, of: 1 };
}

/// A chunk to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// Position of the variant.
    pub variant: u32,
    /// First replication.
    pub first: u64,
    /// How many.
    pub n: u32,
}

/// The chunks with replications `from` to `to - 1` of all variants, in the order of the results: by variant, then
/// replication.
pub fn items(plan: &Plan, from: u64, to: u64) -> impl Iterator<Item = Item> + '_ {
    let mut before = 0;
    (0..plan.variants).flat_map(move |variant| {
        let replications = plan.replications_of(variant);
        let number_of_first = before;
        before += replications.div_ceil(CHUNK);
        let chunks = from.div_ceil(CHUNK)..to.min(replications).div_ceil(CHUNK);
        chunks.filter_map(move |chunk| {
            let first = chunk * CHUNK;
            let n = (replications - first).min(CHUNK) as u32;
            let mine = (number_of_first + chunk) % plan.shard.of == plan.shard.index - 1;
            mine.then_some(Item { variant: variant as u32, first, n })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_out_every_chunk_once() {
        let plan = |shard| Plan { seed: 1, replications: 25, variants: 2, points: None, shard };
        let all: Vec<Item> = items(&plan(Shard::ALL), 0, 25).collect();
        let shapes: Vec<_> = all.iter().map(|i| (i.variant, i.first, i.n)).collect();
        assert_eq!(shapes, [(0, 0, 10), (0, 10, 10), (0, 20, 5), (1, 0, 10), (1, 10, 10), (1, 20, 5)]);
        let mut joined: Vec<Item> = (1..=3)
            .flat_map(|index| items(&plan(Shard { index, of: 3 }), 0, 25).collect::<Vec<_>>())
            .collect();
        joined.sort();
        assert_eq!(joined, all);
    }

    #[test]
    fn points_of_a_design_have_a_number_of_their_own() {
        let plan = |shard| Plan { seed: 1, replications: 25, variants: 3, points: Some((1, 12)), shard };
        let all: Vec<Item> = items(&plan(Shard::ALL), 0, 25).collect();
        let shapes: Vec<_> = all.iter().map(|i| (i.variant, i.first, i.n)).collect();
        assert_eq!(
            shapes,
            [(0, 0, 10), (0, 10, 10), (0, 20, 5), (1, 0, 10), (1, 10, 2), (2, 0, 10), (2, 10, 2)]
        );
        let parts = (1..=2).flat_map(|index| items(&plan(Shard { index, of: 2 }), 0, 25).collect::<Vec<_>>());
        let mut joined: Vec<Item> = parts.collect();
        joined.sort();
        assert_eq!(joined, all);
    }

    #[test]
    fn looks_take_up_where_the_last_one_ended() {
        let plan = Plan { seed: 1, replications: 100, variants: 2, points: None, shard: Shard::ALL };
        let mut parts: Vec<Item> = items(&plan, 0, 50).chain(items(&plan, 50, 100)).collect();
        parts.sort();
        assert_eq!(parts, items(&plan, 0, 100).collect::<Vec<_>>());
    }
}
