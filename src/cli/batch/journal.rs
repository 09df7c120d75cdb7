//! The journal of a batch: chunks of results in a file that only grows, so that nothing done is ever lost.
//!
//! A header line, then a frame for each chunk with a checksum of its own. A process that is killed, a full disk or a
//! power cut leave at most a broken frame at the end (or, after a power cut, some frames that did not reach the
//! disk): when a batch is resumed, frames are read up to the first that is not whole, the rest is cut off, and what
//! is missing is made again. Since a chunk is a pure function of the batch and its position, the order of frames
//! does not matter and the end is the same.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::super::failure::Failure;
use super::header::Header;
use crate::experiment::{Chunk, Passage, Store, StoreError};

/// Name of the journal in the folder of a batch that is not complete, or of a shard.
pub(crate) const JOURNAL: &str = "batch.journal";
const MAGIC: u32 = 0x6368_6e6b;
/// Bytes of a frame before its words: magic, variant, first replication, replications, words, passages.
const FRAME_HEAD: usize = 4 + 4 + 8 + 4 + 4 + 4;
const CHECKSUM: usize = 8;
const PASSAGE: usize = 4 + 8 + 8;
/// What is longer than this is no header.
const LONGEST_HEADER: u64 = 1 << 30;
/// A frame of more words or passages is damaged.
const LONGEST_FRAME: u32 = 1 << 26;
/// Results are on the disk at the latest so long after they were made.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    /// Where the next frame goes.
    end: u64,
    frames: BTreeMap<(u32, u64), Frame>,
    synced: Instant,
    /// The disk is full: nothing more is taken.
    broken: bool,
}

/// Where a chunk is.
#[derive(Debug, Clone, Copy)]
struct Frame {
    at: u64,
    n: u32,
    n_words: u32,
    n_passages: u32,
}

impl Journal {
    /// Begins a journal in a folder, replacing one that is there.
    ///
    /// # Errors
    /// A failure that names the file.
    pub(crate) fn create(folder: &Path, header: &Header) -> Result<Journal, Failure> {
        let path = folder.join(JOURNAL);
        let temporary = folder.join(format!(".{JOURNAL}.blueprint-sim-tmp"));
        let text = serde_json::to_string(header)
            .map_err(|error| Failure::wrong(format!("cannot write the journal: {error}")))?;
        let begin = || -> io::Result<()> {
            let mut file = File::create(&temporary)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
            sync_folder(folder)
        };
        begin().map_err(|error| {
            let _ = fs::remove_file(&temporary);
            Failure::file("write", &path, &error)
        })?;
        Ok(Journal::open(folder)?.1)
    }

    /// Opens the journal of a folder: reads its header and every whole frame, cuts off the rest.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it is none of this version's.
    pub(crate) fn open(folder: &Path) -> Result<(Header, Journal), Failure> {
        let path = folder.join(JOURNAL);
        let wrong = |error: &io::Error| Failure::file("read", &path, error);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).open(&path).map_err(|e| wrong(&e))?;
        // Held until the process ends, however it ends; a file system without locks is taken as it is.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Failure::wrong(format!(
                "another process writes to the batch in `{}`",
                folder.display()
            ))
            .hint("wait for it, or choose another folder with `--out`"));
        }
        let (header, file, end, frames) = scan(&path, file)?;
        file.set_len(end).and_then(|()| file.sync_all()).map_err(|e| wrong(&e))?;
        let inner = Inner { file, end, frames, synced: Instant::now(), broken: false };
        Ok((header, Journal { path, inner: Mutex::new(inner) }))
    }

    /// Opens a journal that is not to be changed.
    ///
    /// # Errors
    /// As [`open`](Journal::open).
    pub(crate) fn open_to_read(folder: &Path) -> Result<(Header, Journal), Failure> {
        let path = folder.join(JOURNAL);
        let file = File::open(&path).map_err(|error| Failure::file("read", &path, &error))?;
        let (header, file, end, frames) = scan(&path, file)?;
        let inner = Inner { file, end, frames, synced: Instant::now(), broken: true };
        Ok((header, Journal { path, inner: Mutex::new(inner) }))
    }

    /// Replications that are kept.
    pub(crate) fn n_replications(&self) -> u64 {
        self.lock().frames.values().map(|frame| u64::from(frame.n)).sum()
    }

    /// Makes sure that everything is on the disk.
    ///
    /// # Errors
    /// A failure that names the file.
    pub(crate) fn sync(&self) -> Result<(), Failure> {
        self.lock().file.sync_data().map_err(|error| Failure::file("write", &self.path, &error))
    }

    /// Takes the journal away.
    ///
    /// # Errors
    /// A failure that names the file.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        fs::remove_file(&self.path).map_err(|error| Failure::file("remove", &self.path, &error))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        variant: u32,
        first: u64,
        read: impl FnOnce(&mut File, Frame) -> io::Result<T>,
    ) -> Result<T, StoreError> {
        let mut inner = self.lock();
        let frame = *inner.frames.get(&(variant, first)).ok_or(StoreError::Missing { variant, first })?;
        Ok(read(&mut inner.file, frame)?)
    }
}

/// So that a new name is there after a power cut, where the system can do it.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        Ok(opened) => opened.sync_all().or(Ok(())),
        Err(_) => Ok(()),
    }
}

type Scanned = (Header, File, u64, BTreeMap<(u32, u64), Frame>);

fn scan(path: &Path, file: File) -> Result<Scanned, Failure> {
    let wrong = |error: &io::Error| Failure::file("read", path, error);
    let no_journal = || {
        Failure::wrong(format!("`{}` is not the journal of a batch", path.display()))
            .hint("begin the batch anew with `--force`")
    };
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    (&mut reader).take(LONGEST_HEADER).read_until(b'\n', &mut line).map_err(|e| wrong(&e))?;
    let header: Header = serde_json::from_slice(&line).map_err(|_| no_journal())?;
    if header.program != env!("CARGO_PKG_NAME") || header.format != 1 {
        return Err(no_journal());
    }
    let mut end = line.len() as u64;
    let mut frames = BTreeMap::new();
    while let Some((key, frame, length)) = next_frame(&mut reader, end).map_err(|e| wrong(&e))? {
        frames.insert(key, frame);
        end += length;
    }
    Ok((header, reader.into_inner(), end, frames))
}

/// Variant and first replication of a frame, where it is, and its length.
type NextFrame = ((u32, u64), Frame, u64);

/// The next frame; none: the end, or a frame that is not whole.
fn next_frame(reader: &mut impl Read, at: u64) -> io::Result<Option<NextFrame>> {
    let mut head = [0_u8; FRAME_HEAD];
    if !fill(reader, &mut head)? {
        return Ok(None);
    }
    let u32_at = |i: usize| u32::from_le_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]);
    let (variant, n, n_words, n_passages) = (u32_at(4), u32_at(16), u32_at(20), u32_at(24));
    let first = u64::from(u32_at(8)) | u64::from(u32_at(12)) << 32;
    if u32_at(0) != MAGIC || n_words > LONGEST_FRAME || n_passages > LONGEST_FRAME {
        return Ok(None);
    }
    let length = n_words as usize * 8 + n_passages as usize * PASSAGE;
    let mut rest = Vec::new();
    reader.take((length + CHECKSUM) as u64).read_to_end(&mut rest)?;
    if rest.len() < length + CHECKSUM || checksum(&head, &rest[..length]) != rest[length..] {
        return Ok(None);
    }
    let frame = Frame { at, n, n_words, n_passages };
    Ok(Some(((variant, first), frame, (FRAME_HEAD + length + CHECKSUM) as u64)))
}

fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn checksum(head: &[u8], body: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::new().chain_update(head).chain_update(body).finalize();
    let mut short = [0; CHECKSUM];
    short.copy_from_slice(&digest[..CHECKSUM]);
    short
}

fn bytes_of(chunk: &Chunk) -> Vec<u8> {
    let mut bytes =
        Vec::with_capacity(FRAME_HEAD + chunk.words.len() * 8 + chunk.passages.len() * PASSAGE + CHECKSUM);
    bytes.extend(MAGIC.to_le_bytes());
    bytes.extend(chunk.variant.to_le_bytes());
    bytes.extend(chunk.first.to_le_bytes());
    bytes.extend(chunk.n.to_le_bytes());
    bytes.extend((chunk.words.len() as u32).to_le_bytes());
    bytes.extend((chunk.passages.len() as u32).to_le_bytes());
    bytes.extend(chunk.words.iter().flat_map(|word| word.to_le_bytes()));
    for passage in &chunk.passages {
        bytes.extend(passage.offset.to_le_bytes());
        bytes.extend(passage.subject.to_le_bytes());
        bytes.extend(passage.time_us.to_le_bytes());
    }
    let sum = checksum(&bytes[..FRAME_HEAD], &bytes[FRAME_HEAD..]);
    bytes.extend(sum);
    bytes
}

impl Store for Journal {
    fn put(&self, chunk: Chunk) -> Result<(), StoreError> {
        let bytes = bytes_of(&chunk);
        let mut inner = self.lock();
        if inner.broken {
            return Err(io::Error::from(io::ErrorKind::StorageFull).into());
        }
        let at = inner.end;
        inner.file.seek(SeekFrom::Start(at))?;
        if let Err(error) = inner.file.write_all(&bytes) {
            // A part of a frame may be there; it is cut off when the batch is resumed.
            inner.broken = true;
            return Err(error.into());
        }
        inner.end += bytes.len() as u64;
        let frame = Frame {
            at,
            n: chunk.n,
            n_words: chunk.words.len() as u32,
            n_passages: chunk.passages.len() as u32,
        };
        inner.frames.insert((chunk.variant, chunk.first), frame);
        if inner.synced.elapsed() >= SYNC_EVERY {
            inner.file.sync_data()?;
            inner.synced = Instant::now();
        }
        Ok(())
    }

    fn has(&self, variant: u32, first: u64) -> bool {
        self.lock().frames.contains_key(&(variant, first))
    }

    fn column(&self, variant: u32, first: u64, column: usize, out: &mut Vec<u64>) -> Result<(), StoreError> {
        self.read(variant, first, |file, frame| {
            let from = column * frame.n as usize;
            if from + frame.n as usize > frame.n_words as usize {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the journal has too few columns"));
            }
            file.seek(SeekFrom::Start(frame.at + (FRAME_HEAD + from * 8) as u64))?;
            let mut bytes = vec![0; frame.n as usize * 8];
            file.read_exact(&mut bytes)?;
            out.extend(bytes.chunks_exact(8).map(word));
            Ok(())
        })
    }

    fn passages(&self, variant: u32, first: u64) -> Result<Vec<Passage>, StoreError> {
        self.read(variant, first, |file, frame| {
            file.seek(SeekFrom::Start(frame.at + (FRAME_HEAD + frame.n_words as usize * 8) as u64))?;
            let mut bytes = vec![0; frame.n_passages as usize * PASSAGE];
            file.read_exact(&mut bytes)?;
            let passage = |b: &[u8]| Passage {
                offset: u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
                subject: word(&b[4..12]),
                time_us: word(&b[12..20]),
            };
            Ok(bytes.chunks_exact(PASSAGE).map(passage).collect())
        })
    }

    fn chunk(&self, variant: u32, first: u64) -> Result<Chunk, StoreError> {
        let passages = self.passages(variant, first)?;
        self.read(variant, first, |file, frame| {
            file.seek(SeekFrom::Start(frame.at + FRAME_HEAD as u64))?;
            let mut bytes = vec![0; frame.n_words as usize * 8];
            file.read_exact(&mut bytes)?;
            let words = bytes.chunks_exact(8).map(word).collect();
            Ok(Chunk { variant, first, n: frame.n, words, passages })
        })
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            program: "blueprint-sim".to_owned(),
            format: 1,
            version: "0".to_owned(),
            name: "n".to_owned(),
            title: "t".to_owned(),
            seed: 1,
            replications: 40,
            chunk: 10,
            shard: 1,
            shards: 1,
            precision: None,
            measures: Vec::new(),
            purpose: None,
            bases: Vec::new(),
            variants: Vec::new(),
        }
    }

    fn chunk(first: u64) -> Chunk {
        let words = (0..20).map(|i| i * 0x0101_0101_0101_0101 + first).collect();
        let passages = vec![Passage { offset: 3, subject: 1 << 32 | 7, time_us: first + 5 }];
        Chunk { variant: 2, first, n: 10, words, passages }
    }

    #[test]
    fn what_was_put_comes_back_also_after_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::create(dir.path(), &header()).unwrap();
        journal.put(chunk(0)).unwrap();
        journal.put(chunk(10)).unwrap();
        drop(journal);
        let (read, journal) = Journal::open(dir.path()).unwrap();
        assert_eq!(read, header());
        assert_eq!(journal.chunk(2, 10).unwrap(), chunk(10));
        let mut column = Vec::new();
        journal.column(2, 0, 1, &mut column).unwrap();
        assert_eq!(column, chunk(0).column(1));
        assert!(!journal.has(2, 20));
        assert_eq!(journal.n_replications(), 20);
    }

    /// Cut off at every byte, or with any byte changed: what was whole before stays, and the batch can go on.
    #[test]
    fn a_broken_end_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::create(dir.path(), &header()).unwrap();
        journal.put(chunk(0)).unwrap();
        let one = fs::metadata(dir.path().join(JOURNAL)).unwrap().len() as usize;
        journal.put(chunk(10)).unwrap();
        drop(journal);
        let path = dir.path().join(JOURNAL);
        let whole = fs::read(&path).unwrap();
        for end in one..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            let (_, journal) = Journal::open(dir.path()).unwrap();
            assert!(journal.has(2, 0) && !journal.has(2, 10), "cut at {end}");
            journal.put(chunk(10)).unwrap();
            drop(journal);
            assert_eq!(fs::read(&path).unwrap(), whole, "cut at {end}");
        }
        for at in one..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            let (_, journal) = Journal::open(dir.path()).unwrap();
            assert!(journal.has(2, 0) && !journal.has(2, 10), "changed at {at}");
        }
    }

    #[test]
    fn what_is_no_journal_is_said() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Journal::open(dir.path()).is_err());
        fs::write(dir.path().join(JOURNAL), "something").unwrap();
        let text = Journal::open(dir.path()).unwrap_err().to_string();
        assert!(text.contains("is not the journal of a batch"), "{text}");
    }
}
