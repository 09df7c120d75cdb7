//! Events that are due later, in buckets of time.

use std::ops::Range;

use prefetch_index::prefetch_index;

use super::Entry;

/// Entries in no order, in a chain of blocks of a [`Pool`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chain {
    /// The block that was begun last; it alone may be part full.
    block: u32,
    /// Entries in all.
    pub(super) n: u32,
}

/// Blocks of entries for all chains: what one gives back the next one takes, while it is still in the cache.
#[derive(Debug, Clone)]
pub(super) struct Pool<E> {
    entries: Vec<Entry<E>>,
    /// Of each block the one that was filled before it in its chain.
    before: Vec<u32>,
    free: Vec<u32>,
}

/// Entries of a block.
const BLOCK: usize = 8;

impl<E: Copy> Pool<E> {
    pub(super) fn new() -> Self {
        Pool { entries: Vec::new(), before: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(super) fn push(&mut self, chain: &mut Chain, entry: Entry<E>) {
        let place = chain.n as usize % BLOCK;
        if place == 0 {
            let block = self.free.pop().unwrap_or_else(|| {
                self.before.push(0);
                self.entries.resize(self.entries.len() + BLOCK, entry);
                (self.before.len() - 1) as u32
            });
            self.before[block as usize] = chain.block;
            chain.block = block;
        }
        self.entries[chain.block as usize * BLOCK + place] = entry;
        chain.n += 1;
    }

    /// Takes the block that was begun last off a chain, and gives the places of its entries.
    ///
    /// They stay readable until the block is taken anew, which the next [`push`](Self::push) may do.
    #[inline]
    pub(super) fn take_block(&mut self, chain: &mut Chain) -> Option<Range<usize>> {
        let block = self.last_block(chain)?;
        self.free.push(chain.block);
        *chain = self.rest(chain);
        Some(block)
    }

    /// Asks memory for the block of a chain that will be taken next.
    #[inline]
    pub(super) fn fetch(&self, chain: &Chain) {
        if chain.n > 0 {
            let from = chain.block as usize * BLOCK;
            (from..from + BLOCK).for_each(|place| prefetch_index(&self.entries, place));
        }
    }

    #[inline]
    fn last_block(&self, chain: &Chain) -> Option<Range<usize>> {
        let last = chain.n.checked_sub(1)?;
        let from = chain.block as usize * BLOCK;
        Some(from..from + last as usize % BLOCK + 1)
    }

    /// A chain without its last block.
    #[inline]
    fn rest(&self, chain: &Chain) -> Chain {
        let n = (chain.n - 1) / BLOCK as u32 * BLOCK as u32;
        Chain { block: self.before[chain.block as usize], n }
    }

    /// The entry at a place.
    #[inline]
    pub(super) fn at(&self, place: usize) -> Entry<E> {
        self.entries[place]
    }

    /// The entries of a block.
    #[inline]
    pub(super) fn block(&self, places: Range<usize>) -> &[Entry<E>] {
        &self.entries[places]
    }

    /// The first and the last time in a chain.
    pub(super) fn reach(&self, mut chain: Chain) -> (u64, u64) {
        let (mut first, mut last) = (u64::MAX, 0);
        while let Some(block) = self.last_block(&chain) {
            for entry in &self.entries[block] {
                first = first.min(entry.time);
                last = last.max(entry.time);
            }
            chain = self.rest(&chain);
        }
        (first, last)
    }

    /// Moves all entries of a chain into the buckets of a rung.
    pub(super) fn lay_out(&mut self, mut chain: Chain, rung: &mut Rung) {
        while let Some(block) = self.take_block(&mut chain) {
            let n = block.len();
            self.fetch(&chain);
            let mut entries = [self.entries[block.start]; BLOCK];
            entries[..n].copy_from_slice(&self.entries[block]);
            for &entry in &entries[..n] {
                self.push(rung.bucket_of(entry.time), entry);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.before.clear();
        self.free.clear();
    }
}

/// A stretch of time in buckets of equal width.
#[derive(Debug, Clone, Default)]
pub(super) struct Rung {
    /// Beginning of its first bucket and last instant of its last.
    start: u64,
    pub(super) last: u64,
    /// Width of a bucket, as a power of two.
    shift: u32,
    /// The first bucket that has not been taken.
    next: usize,
    buckets: Vec<Chain>,
}

/// Events for which a bucket is laid out.
const PER_BUCKET: usize = 8;
const LEAST_BUCKETS: usize = 8;
const MOST_BUCKETS: usize = 1 << 16;

impl Rung {
    /// Lays out empty buckets for so many events over a stretch of time; the memory of an old rung is used again.
    pub(super) fn over(self, entries: usize, start: u64, last: u64) -> Rung {
        let wanted = (entries / PER_BUCKET).next_power_of_two().clamp(LEAST_BUCKETS, MOST_BUCKETS);
        let bits = u64::BITS - (last - start).leading_zeros();
        let shift = bits.saturating_sub(wanted.ilog2());
        let n = ((last - start) >> shift) as usize + 1;
        let mut buckets = self.buckets;
        buckets.clear();
        buckets.resize(n, Chain::default());
        Rung { start, last, shift, next: 0, buckets }
    }

    /// Takes the next bucket that is not empty, and the last instant that belongs to it.
    pub(super) fn take_bucket(&mut self) -> Option<(Chain, u64)> {
        let ahead = self.buckets[self.next..].iter().position(|bucket| bucket.n > 0)?;
        let bucket = self.next + ahead;
        self.next = bucket + 1;
        Some((std::mem::take(&mut self.buckets[bucket]), self.end_of(bucket)))
    }

    /// The bucket after the one that was taken last.
    pub(super) fn upcoming(&self) -> Option<&Chain> {
        self.buckets.get(self.next)
    }

    /// The buckets that have not been taken.
    pub(super) fn later(&mut self) -> impl Iterator<Item = &mut Chain> {
        self.buckets[self.next..].iter_mut()
    }

    #[inline]
    pub(super) fn bucket_of(&mut self, time: u64) -> &mut Chain {
        &mut self.buckets[((time - self.start) >> self.shift) as usize]
    }

    /// The last instant of a bucket.
    fn end_of(&self, bucket: usize) -> u64 {
        let width = (1u64 << self.shift) - 1;
        (self.start + ((bucket as u64) << self.shift)).saturating_add(width).min(self.last)
    }
}
