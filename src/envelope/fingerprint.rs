//! Distinguishes texts in constant memory.

use crate::json::Text;

/// Represents a text in constant memory. Two texts are considered equal when their fingerprints are.
///
/// A stream decoder cannot keep 64 names of 128 bytes, so it must detect a duplicate name from something smaller. Two
/// different names have the same fingerprint with a probability of 2⁻⁶⁴; the only consequence is that the envelope is
/// refused.
///
/// Two multiplicative hashes of 32 bits, because a Cortex-M0 multiplies 32 bits in one cycle and 64 bits in dozens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(u32, u32);

impl Fingerprint {
    pub(crate) const NEW: Self = Self(0x811C_9DC5, 0x9E37_79B9);

    /// A fingerprint that represents nothing in particular.
    pub(crate) const ZERO: Self = Self(0, 0);

    #[inline]
    pub(crate) fn add(&mut self, run: &[u8]) {
        for byte in run {
            let byte = u32::from(*byte);
            self.0 = (self.0 ^ byte).wrapping_mul(0x0100_0193);
            self.1 = (self.1.rotate_left(5) ^ byte).wrapping_mul(0x27D4_EB2F);
        }
    }

    /// Adds the name of a header, ignoring letter case.
    #[inline]
    pub(crate) fn add_lower_case(&mut self, run: &[u8]) {
        for byte in run {
            self.add(&[byte.to_ascii_lowercase()]);
        }
    }

    /// Returns the fingerprint of a header name, as [`add_lower_case`](Fingerprint::add_lower_case) computes it.
    #[cfg(any(feature = "gateway", feature = "client"))]
    pub(crate) fn of_plain_name(name: &[u8]) -> Self {
        let mut fingerprint = Self::NEW;
        fingerprint.add_lower_case(name);
        fingerprint
    }

    /// Adds more of a header name.
    pub(crate) fn add_name(&mut self, name: Text<'_>) {
        if let Some(run) = name.as_bytes() {
            return self.add_lower_case(run);
        }
        for byte in name.bytes() {
            self.add_lower_case(&[byte]);
        }
    }
}
