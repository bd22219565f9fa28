//! Cases that look random and come again. A library for that would be built for the round trip too.

use std::ops::Range;

/// How many cases of a kind are tried.
pub const CASES: usize = 1000;

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Once in so many times.
    pub fn chance(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Bytes out of these, so many.
    pub fn bytes(&mut self, lengths: Range<usize>, alphabet: &[u8]) -> Vec<u8> {
        let length = lengths.start + self.below(lengths.len());
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}
