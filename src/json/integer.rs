//! An integer literal, which may come in pieces.
//!
//! It knows digits alone. That they are a number by the grammar of JSON is made sure of elsewhere.

/// What is known of a number so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integer {
    /// Digits read so far; what 32 bits do not hold is the most that they do.
    magnitude: u32,
    started: bool,
    negative: bool,
    /// A fraction or an exponent has been there.
    other: bool,
}

impl Integer {
    pub(crate) const NEW: Self = Self { magnitude: 0, started: false, negative: false, other: false };

    /// Reads on.
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

    /// The number, or what is nearest to it in 32 bits and a sign. `None` when it is written with a fraction or an
    /// exponent, and for `-0`, which is no number of anything.
    pub(crate) fn value(&self) -> Option<i64> {
        let magnitude = i64::from(self.magnitude);
        match (self.other, self.negative, magnitude) {
            (true, _, _) | (_, true, 0) => None,
            (_, true, _) => Some(magnitude.wrapping_neg()),
            (_, false, _) => Some(magnitude),
        }
    }
}
