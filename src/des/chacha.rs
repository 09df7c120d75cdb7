//! The first block of ChaCha8 under a key: what turns names into keys of draws.
//!
//! Source: D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008). One block is all that is asked for here, which a
//! generator that fills a buffer of several blocks makes four times as dear; a test holds it to `rand_chacha`.

/// "expand 32-byte k", little-endian.
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const DOUBLE_ROUNDS: usize = 4;

type Row = [u32; 4];

/// The first 256 bits of ChaCha8 under a 256-bit key, nonce and counter zero; words are little-endian.
#[inline]
pub(super) fn first_words(key: [u64; 4]) -> [u64; 4] {
    let halves = |x: u64, y: u64| [x as u32, (x >> 32) as u32, y as u32, (y >> 32) as u32];
    let (key_a, key_b) = (halves(key[0], key[1]), halves(key[2], key[3]));
    let (mut a, mut b, mut c, mut d) = (CONSTANTS, key_a, key_b, [0; 4]);
    for _ in 0..DOUBLE_ROUNDS {
        quarters(&mut a, &mut b, &mut c, &mut d);
        (b, c, d) = (turned(b, 1), turned(c, 2), turned(d, 3));
        quarters(&mut a, &mut b, &mut c, &mut d);
        (b, c, d) = (turned(b, 3), turned(c, 2), turned(d, 1));
    }
    let (a, b) = (sum(a, CONSTANTS), sum(b, key_a));
    let word = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
    [word(a[0], a[1]), word(a[2], a[3]), word(b[0], b[1]), word(b[2], b[3])]
}

/// Four quarter-rounds, one a column.
#[inline(always)]
fn quarters(a: &mut Row, b: &mut Row, c: &mut Row, d: &mut Row) {
    *a = sum(*a, *b);
    *d = mixed(*d, *a, 16);
    *c = sum(*c, *d);
    *b = mixed(*b, *c, 12);
    *a = sum(*a, *b);
    *d = mixed(*d, *a, 8);
    *c = sum(*c, *d);
    *b = mixed(*b, *c, 7);
}

#[inline(always)]
fn sum(x: Row, y: Row) -> Row {
    std::array::from_fn(|i| x[i].wrapping_add(y[i]))
}

#[inline(always)]
fn mixed(x: Row, y: Row, by: u32) -> Row {
    std::array::from_fn(|i| (x[i] ^ y[i]).rotate_left(by))
}

#[inline(always)]
fn turned(x: Row, by: usize) -> Row {
    std::array::from_fn(|i| x[(i + by) % 4])
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn agrees_with_rand_chacha() {
        let mut word = 1_u64;
        for _ in 0..1000 {
            let key: [u64; 4] = std::array::from_fn(|_| {
                word = word.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                word
            });
            let mut seed = [0; 32];
            for (place, word) in seed.chunks_exact_mut(8).zip(key) {
                place.copy_from_slice(&word.to_le_bytes());
            }
            let mut generator = ChaCha8Rng::from_seed(seed);
            let expected: [u64; 4] = std::array::from_fn(|_| generator.next_u64());
            assert_eq!(first_words(key), expected);
        }
    }
}
