//! An integer literal, possibly read in pieces.
//!
//! Knows only digits. The JSON grammar is checked elsewhere.

/// The state of a number read so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integer {
    /// The value of the digits read so far, saturated at `u32::MAX`.
    magnitude: u32,
    started: bool,
    negative: bool,
    /// Whether there was a fraction or an exponent.
    other: bool,
}

impl Integer {
    pub(crate) const NEW: Self = Self { magnitude: 0, started: false, negative: false, other: false };

    /// Reads further bytes of the number.
    pub(crate) fn add(&mut self, run: &[u8]) {
        for byte in run {
            match byte {
                b'0'..=b'9' => {
                    self.magnitude = self.magnitude.saturating_mul(10).saturating_add(u32::from(byte & 0x0F));
                }
                b'-' if !self.started => self.negative = true,
                _ => self.other = true,
            }
            self.started = true;
        }
    }

    /// Returns the number, or the nearest one that fits in 32 bits and a sign. Returns `None` if it has a fraction or
    /// an exponent, and for `-0`, which is not accepted as an integer.
    pub(crate) fn value(&self) -> Option<i64> {
        let magnitude = i64::from(self.magnitude);
        match (self.other, self.negative, magnitude) {
            (true, _, _) | (_, true, 0) => None,
            (_, true, _) => Some(magnitude.wrapping_neg()),
            (_, false, _) => Some(magnitude),
        }
    }
}
