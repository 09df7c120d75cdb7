//! Numbers for keys: 0, 1, 2 and so on in the order in which the keys are first met.
//!
//! What belongs to a key then stands in a plain vector at its number. Open addressing with linear probing, and a
//! multiplication for a hash: a look costs a few nanoseconds, allocates nothing once it has grown, and depends on
//! nothing but the keys. (The hash map of the standard library costs several times that, for keys that nobody
//! chooses to do harm.)

/// Numbered keys of 128 bits.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbering {
    keys: Vec<[u64; 2]>,
    /// Number of the key plus 1, 0 where there is none; a power of two long.
    places: Vec<u32>,
}

const LEAST_PLACES: usize = 64;

impl Numbering {
    /// The number of a key, and whether it is met for the first time.
    #[inline]
    pub(super) fn number(&mut self, key: [u64; 2]) -> (usize, bool) {
        if self.keys.len() * 2 >= self.places.len() {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let mut at = hash(key) as usize & mask;
        loop {
            match self.places[at] {
                0 => {
                    self.keys.push(key);
                    self.places[at] = self.keys.len() as u32;
                    return (self.keys.len() - 1, true);
                }
                n if self.keys[n as usize - 1] == key => return (n as usize - 1, false),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The number of a key that was met before.
    pub(super) fn find(&self, key: [u64; 2]) -> Option<usize> {
        let mask = self.places.len().checked_sub(1)?;
        let mut at = hash(key) as usize & mask;
        loop {
            match self.places[at] {
                0 => return None,
                n if self.keys[n as usize - 1] == key => return Some(n as usize - 1),
                _ => at = (at + 1) & mask,
            }
        }
    }

    #[cold]
    fn grow(&mut self) {
        let n = (self.places.len() * 2).max(LEAST_PLACES);
        self.places.clear();
        self.places.resize(n, 0);
        for (i, &key) in self.keys.iter().enumerate() {
            let mut at = hash(key) as usize & (n - 1);
            while self.places[at] != 0 {
                at = (at + 1) & (n - 1);
            }
            self.places[at] = i as u32 + 1;
        }
    }

    /// Forgets all keys and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.places.fill(0);
    }
}

#[inline]
fn hash([a, b]: [u64; 2]) -> u64 {
    let x = (a ^ b.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b;
    let y = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    y ^ (y >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_in_the_order_of_first_meeting() {
        let mut all = Numbering::default();
        for i in 0..5000_u64 {
            assert_eq!(all.find([i % 70, i / 70]), None);
            assert_eq!(all.number([i % 70, i / 70]), (i as usize, true));
            assert_eq!(all.find([i % 70, i / 70]), Some(i as usize));
        }
        for i in (0..5000_u64).rev() {
            assert_eq!(all.number([i % 70, i / 70]), (i as usize, false));
        }
        all.clear();
        assert_eq!(all.number([9, 9]), (0, true));
    }
}
