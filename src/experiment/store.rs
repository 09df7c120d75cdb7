//! Where results go: a store takes chunks in any order and gives columns back.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use super::chunk::{Chunk, Passage};

/// What a store says when it cannot keep or give back results.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What the file system says.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A chunk that should be there is not.
    #[error("the results of variant {variant} from replication {first} on are missing")]
    Missing {
        /// Position of the variant.
        variant: u32,
        /// First replication of the chunk.
        first: u64,
    },
}

/// Keeps chunks. Implementations share out access among threads themselves.
pub trait Store: Sync {
    /// Keeps a chunk.
    ///
    /// # Errors
    /// It could not be kept.
    fn put(&self, chunk: Chunk) -> Result<(), StoreError>;

    /// Whether the chunk that begins with this replication of a variant is there.
    fn has(&self, variant: u32, first: u64) -> bool;

    /// Appends one column of a chunk to `out`.
    ///
    /// # Errors
    /// The chunk is missing or cannot be read.
    fn column(&self, variant: u32, first: u64, column: usize, out: &mut Vec<u64>) -> Result<(), StoreError>;

    /// The passages of a chunk.
    ///
    /// # Errors
    /// The chunk is missing or cannot be read.
    fn passages(&self, variant: u32, first: u64) -> Result<Vec<Passage>, StoreError>;

    /// A whole chunk.
    ///
    /// # Errors
    /// The chunk is missing or cannot be read.
    fn chunk(&self, variant: u32, first: u64) -> Result<Chunk, StoreError>;
}

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    chunks: Mutex<BTreeMap<(u32, u64), Chunk>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    fn with<T>(&self, variant: u32, first: u64, f: impl FnOnce(&Chunk) -> T) -> Result<T, StoreError> {
        let chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        chunks.get(&(variant, first)).map(f).ok_or(StoreError::Missing { variant, first })
    }
}

impl Store for MemoryStore {
    fn put(&self, chunk: Chunk) -> Result<(), StoreError> {
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        chunks.insert((chunk.variant, chunk.first), chunk);
        Ok(())
    }

    fn has(&self, variant: u32, first: u64) -> bool {
        self.with(variant, first, |_| ()).is_ok()
    }

    fn column(&self, variant: u32, first: u64, column: usize, out: &mut Vec<u64>) -> Result<(), StoreError> {
        self.with(variant, first, |chunk| out.extend_from_slice(chunk.column(column)))
    }

    fn passages(&self, variant: u32, first: u64) -> Result<Vec<Passage>, StoreError> {
        self.with(variant, first, |chunk| chunk.passages.clone())
    }

    fn chunk(&self, variant: u32, first: u64) -> Result<Chunk, StoreError> {
        self.with(variant, first, Chunk::clone)
    }
}
