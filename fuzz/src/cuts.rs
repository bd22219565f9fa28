//! Where a stream is cut: the sizes of reads and writes, from a number.

/// How many bytes are taken each time.
#[derive(Clone, Debug)]
pub struct Cuts(u32);

impl Cuts {
    /// All that there is, every time.
    pub const WHOLE: Self = Self(0);
    /// One byte, every time.
    pub const BYTES: Self = Self(1);

    pub const fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// At least one of at most `available` bytes, which must be one.
    pub fn take(&mut self, available: usize) -> usize {
        match self.0 {
            0 => available,
            1 => 1,
            _ => {
                // xorshift32, which never comes to 0, and not to 1 before long.
                self.0 ^= self.0 << 13;
                self.0 ^= self.0 >> 17;
                self.0 ^= self.0 << 5;
                let size = if self.0 >> 29 == 0 { self.0 >> 8 } else { self.0 >> 8 & 0x1F };
                1 + size as usize % available
            }
        }
    }
}
