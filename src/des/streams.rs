//! Keyed random draws: a draw is a pure function of what it is for.
//!
//! Three steps, each done as rarely as it can be:
//! 1. [`NameHash::of`]: a name becomes 128 bits, once when a model is built.
//! 2. [`Streams::key`]: seed, replication, entity and purpose become a 128-bit [`DrawKey`] by ChaCha8, once
//!    per pair and replication.
//! 3. [`DrawKey::word`]: instance and occurrence become a 64-bit word by one block of Philox4x64-10.
//!
//! No state is kept between draws, so two variants of a model share every draw that both make (common
//! random numbers), whatever else they do (L'Ecuyer et al., "An object-oriented random-number package with
//! many long streams and substreams", Operations Research 50 (2002) 1073-1075, for the aim).

use sha2::{Digest, Sha256};

use super::chacha::first_words;
use super::philox::philox4x64;
use super::special::{normal_cdf, normal_quantile};

/// The stable hash of a name: the first 16 bytes of the SHA-256 of its UTF-8 bytes, as two little-endian
/// words. Equal names hash equally on every platform and in every version; two different names collide
/// with probability 2^-128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameHash(u64, u64);

impl NameHash {
    /// Hashes a name. Costs a SHA-256 block or more: compute it once, not per draw.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let digest = Sha256::digest(name.as_bytes());
        let word = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&digest[at..at + 8]);
            u64::from_le_bytes(bytes)
        };
        Self(word(0), word(8))
    }

    /// The two words of the hash.
    #[must_use]
    pub fn words(self) -> [u64; 2] {
        [self.0, self.1]
    }
}

/// All random draws of one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    /// 256 bits that stand for (seed, replication).
    root: [u64; 4],
}

impl Streams {
    /// The draws of replication `replication` under the master seed `seed`.
    ///
    /// The root is the first 256 bits of ChaCha8 under the key `seed, replication, 0, 0` (little-endian).
    #[must_use]
    pub fn new(seed: u64, replication: u64) -> Self {
        Self { root: first_words([seed, replication, 0, 0]) }
    }

    /// The key of what `entity` draws for `purpose`: the first 128 bits of ChaCha8 under the key
    /// `root XOR (entity, purpose)`. A permutation of (entity, purpose) within a replication, so no two
    /// pairs share a ChaCha key.
    #[must_use]
    pub fn key(&self, entity: NameHash, purpose: NameHash) -> DrawKey {
        let [a, b, c, d] = self.root;
        let words = first_words([a ^ entity.0, b ^ entity.1, c ^ purpose.0, d ^ purpose.1]);
        DrawKey { key: [words[0], words[1]] }
    }
}

/// The draws of one entity for one purpose in one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawKey {
    key: [u64; 2],
}

impl DrawKey {
    /// The word of a draw: `instance` is the thing drawn for (a fact, a case; 0 if there is none),
    /// `occurrence` counts the draws for it. First word of the Philox block of counter
    /// (occurrence, instance, 0, 0).
    #[inline]
    #[must_use]
    pub fn word(&self, instance: u64, occurrence: u64) -> u64 {
        philox4x64([occurrence, instance, 0, 0], self.key)[0]
    }

    /// An endless sequence of words of its own for this draw, for what needs more than one word (a
    /// shuffle, a rejection). Shares no word with [`word`](Self::word) or with another sub-stream: blocks
    /// of counter (occurrence, instance, 0.., 1).
    #[must_use]
    pub fn sub_stream(&self, instance: u64, occurrence: u64) -> SubStream {
        SubStream { key: self.key, instance, occurrence, block: 0, words: [0; 4], used: 4 }
    }
}

/// The words of [`DrawKey::sub_stream`]; it never ends.
#[derive(Debug, Clone)]
pub struct SubStream {
    key: [u64; 2],
    instance: u64,
    occurrence: u64,
    block: u64,
    words: [u64; 4],
    used: usize,
}

impl Iterator for SubStream {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.used == self.words.len() {
            self.words = philox4x64([self.occurrence, self.instance, self.block, 1], self.key);
            self.block = self.block.wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        Some(self.words[self.used - 1])
    }
}

/// A uniform number in the open interval (0, 1): the midpoint of one of 2^52 equal cells, `(2 k + 1) / 2^53`
/// with k the 52 high bits of the word.
///
/// Every value is a double exactly, the least is 2^-53 and the greatest 1 - 2^-53, and 1 - u is a value as
/// well. (With midpoints of 2^53 cells the last one would round to 1.)
#[inline]
#[must_use]
pub fn uniform(word: u64) -> f64 {
    const CELL: f64 = 1.0 / (1u64 << 52) as f64;
    ((word >> 12) as f64 + 0.5) * CELL
}

/// A uniform number that is correlated over those that share a word: `u = Phi(z)` with
/// `z = sqrt(rho) z_shared + sqrt(1 - rho) z_own`, both z standard normal by inversion of their word.
///
/// `rho` in [0, 1] is the correlation of the z of two owners with the same shared word; it is clamped to
/// that range and NaN counts as 0 (documents are checked before). Fed to [`Law::quantile`](super::Law::quantile)
/// it gives any law with this Gaussian copula. The result is in the open interval (0, 1).
#[must_use]
pub fn correlate(shared_word: u64, own_word: u64, rho: f64) -> f64 {
    let rho = if rho > 0.0 { rho.min(1.0) } else { 0.0 };
    let shared = libm::sqrt(rho) * normal_quantile(uniform(shared_word));
    let own = libm::sqrt(1.0 - rho) * normal_quantile(uniform(own_word));
    normal_cdf(shared + own).clamp(uniform(0), uniform(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> DrawKey {
        Streams::new(1, 0).key(NameHash::of("desk@AA"), NameHash::of("triage.duration"))
    }

    #[test]
    fn a_name_hash_is_the_start_of_its_sha256() {
        // SHA-256 of "abc" is ba7816bf 8f01cfea 414140de 5dae2223 ... (FIPS 180-4, example).
        assert_eq!(NameHash::of("abc").words(), [0xeacf_018f_bf16_78ba, 0x2322_ae5d_de40_4141]);
    }

    /// Value stability: a change here changes every result and needs a release note.
    #[test]
    fn words_are_pinned() {
        let words: Vec<u64> = (0..10).map(|i| key().word(0, i)).collect();
        assert_eq!(words, PINNED_WORDS);
        let sub: Vec<u64> = key().sub_stream(0, 0).take(10).collect();
        assert_eq!(sub, PINNED_SUB_STREAM);
    }

    const PINNED_WORDS: [u64; 10] = [
        11736257938188700401,
        9448815332883925627,
        177221678783014657,
        15967896260400888558,
        4945213510526323590,
        2085439299567466477,
        15924511997988889597,
        5729829976334247449,
        4568171554858744740,
        3445641786416314696,
    ];
    const PINNED_SUB_STREAM: [u64; 10] = [
        17237822417582046307,
        9907779423788461671,
        14935558149076769684,
        6419286272768989684,
        9038699184007191555,
        9002378572377113688,
        13255015418437312447,
        18311321502860922202,
        2391158532837905388,
        2681983908553187370,
    ];

    #[test]
    fn every_coordinate_of_a_draw_matters() {
        let (entity, purpose) = (NameHash::of("a"), NameHash::of("b"));
        let base = Streams::new(1, 0);
        let mut words = vec![
            base.key(entity, purpose).word(0, 0),
            Streams::new(2, 0).key(entity, purpose).word(0, 0),
            Streams::new(1, 1).key(entity, purpose).word(0, 0),
            Streams::new(0, 1).key(entity, purpose).word(0, 0),
            base.key(purpose, entity).word(0, 0),
            base.key(entity, entity).word(0, 0),
            base.key(entity, purpose).word(1, 0),
            base.key(entity, purpose).word(0, 1),
            base.key(entity, purpose).sub_stream(0, 0).next().unwrap(),
        ];
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 9);
    }

    #[test]
    fn uniform_stays_inside_the_open_interval_and_is_symmetric() {
        assert_eq!(uniform(0), libm::exp2(-53.0));
        assert_eq!(uniform(u64::MAX), 1.0 - libm::exp2(-53.0));
        assert_eq!(uniform(1 << 63), 0.5 + libm::exp2(-53.0));
        for i in 0..1000 {
            let word = key().word(1, i);
            assert_eq!(uniform(word) + uniform(!word), 1.0);
        }
    }

    /// Mean of 10^5 uniforms, its variance, and a chi-square test over 64 cells; each limit is passed by
    /// chance with probability below 1e-4 (4 standard errors; upper 1e-4 point of chi-square 63 is 112).
    #[test]
    fn words_look_uniform_over_occurrences_and_instances() {
        let n = 100_000;
        for by_instance in [false, true] {
            let (mut sum, mut squares, mut cells) = (0.0, 0.0, [0u32; 64]);
            for i in 0..n {
                let word = if by_instance { key().word(i, 0) } else { key().word(0, i) };
                let u = uniform(word);
                sum += u;
                squares += (u - 0.5) * (u - 0.5);
                cells[(word >> 58) as usize] += 1;
            }
            let n = n as f64;
            assert!((sum / n - 0.5).abs() < 4.0 * libm::sqrt(1.0 / 12.0 / n));
            assert!((squares / n - 1.0 / 12.0).abs() < 4.0 * libm::sqrt(1.0 / 180.0 / n));
            let expected = n / 64.0;
            let chi: f64 = cells
                .iter()
                .map(|&c| {
                    let d = f64::from(c) - expected;
                    d * d / expected
                })
                .sum();
            assert!(chi < 112.0, "chi-square {chi}");
        }
    }

    /// Two owners with a common word: correlation rho of their z, and uniform margins.
    #[test]
    fn correlate_gives_the_stated_correlation() {
        let (n, rho) = (40_000u64, 0.6);
        let (mut product, mut mean) = (0.0, 0.0);
        for i in 0..n {
            let shared = key().word(0, i);
            let a = correlate(shared, key().word(1, i), rho);
            let b = correlate(shared, key().word(2, i), rho);
            product += normal_quantile(a) * normal_quantile(b);
            mean += a;
        }
        // Standard error of the mean product: sqrt((1 + rho^2) / n).
        let n = n as f64;
        assert!((product / n - rho).abs() < 4.0 * libm::sqrt((1.0 + rho * rho) / n));
        assert!((mean / n - 0.5).abs() < 4.0 * libm::sqrt(1.0 / 12.0 / n));
    }

    #[test]
    fn correlate_at_the_ends_takes_one_word_only() {
        let (shared, own) = (key().word(0, 0), key().word(0, 1));
        assert!((correlate(shared, own, 0.0) - uniform(own)).abs() < 1e-15);
        assert!((correlate(shared, own, 1.0) - uniform(shared)).abs() < 1e-15);
        assert_eq!(correlate(shared, own, f64::NAN), correlate(shared, own, 0.0));
        assert!(correlate(u64::MAX, u64::MAX, 0.5) < 1.0 && correlate(0, 0, 0.5) > 0.0);
    }
}
