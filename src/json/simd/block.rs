//! What an instruction set must provide.

/// Bytes in a block, one for each bit of a word.
pub(super) const BLOCK: usize = 64;

/// Bytes in a granule: what [`Block::ordinary`] examines at once.
pub(super) const GRANULE: usize = 4 * BLOCK;

/// Bytes that are needed before a granule, because a character or an escape may begin there.
pub(super) const BEFORE: usize = 3;

/// Room in which a block can be expanded.
pub(super) const EXPANDED: usize = 2 * BLOCK + BLOCK / 4;

/// Sixty-four bytes in registers. In a mask, bit 0 stands for the first byte, bit 63 for the last.
pub(super) trait Block: Copy {
    /// Proof that the processor has the instructions.
    type Level: Copy;

    /// Loads these bytes.
    fn load(level: Self::Level, bytes: &[u8; BLOCK]) -> Self;

    /// Copies the bytes that the block was loaded from.
    #[inline(always)]
    fn copy(self, bytes: &[u8; BLOCK], place: &mut [u8; BLOCK]) {
        *place = *bytes;
    }

    /// Bytes equal to `byte`.
    fn equal(self, byte: u8) -> u64;

    /// Bytes equal to `one` or `other`.
    fn either(self, one: u8, other: u8) -> u64;

    /// Bytes equal to `byte` once bit 5 is set. Bit 5 distinguishes the case of a letter, and a brace from a bracket.
    fn equal_with_bit_5(self, byte: u8) -> u64;

    /// White space.
    fn white(self) -> u64;

    /// Decimal digits.
    fn digits(self) -> u64;

    /// Hexadecimal digits.
    fn hex(self) -> u64;

    /// Bytes below 0x20.
    fn control(self) -> u64;

    /// Bytes of 0x80 and more.
    fn high(self) -> u64;

    /// Bytes that must be escaped in a string: control characters, `"` and `\`.
    fn must_escape(self) -> u64;

    /// Writes the bytes with an escape for each one in the mask, and returns the length. The mask must be that of
    /// [`must_escape`](Block::must_escape). What is written beyond the length does not count. Returns `None` if the
    /// instruction set cannot do this at once, or if one of the bytes has no two-byte escape.
    #[inline(always)]
    fn expand(self, _must_escape: u64, _place: &mut [u8; EXPANDED]) -> Option<usize> {
        None
    }

    /// Bytes that may follow a backslash.
    fn escapable(self) -> u64;

    /// Base64 symbols (RFC 4648, section 4).
    fn symbols(self) -> u64;

    /// Returns whether there is a byte that is not plain in a string: a control character, a backslash, or a byte of
    /// 0x80 or more. Quotes are not among them.
    fn is_special(self) -> bool;

    /// Returns whether something here is not UTF-8, or a character that the block before leaves incomplete is not
    /// continued here. A character that is incomplete at the end of this block is not an error yet.
    fn is_invalid_utf8(self, before: Self) -> bool;

    /// Whether [`ordinary`](Block::ordinary) ever succeeds.
    const GRANULES: bool = false;

    /// Examines a granule of the content of a string, which follows the first bytes. Returns `None` if something in it is
    /// rare: the closing quote, an escaped backslash, an escape with hex digits, or an error. Returns whether there is an
    /// escape otherwise. The byte before the granule is a backslash only if it escapes the first byte. An escape or a
    /// character that is incomplete at the end of the granule is not an error yet.
    #[inline(always)]
    fn ordinary(_: Self::Level, _bytes: &[u8; BEFORE + GRANULE]) -> Option<bool> {
        None
    }

    /// Whether a granule is all base64 symbols. May return `false` for any.
    #[inline(always)]
    fn are_symbols(_: Self::Level, _bytes: &[u8; GRANULE]) -> bool {
        false
    }

    /// Returns a word in which each bit is the sum without carry (XOR) of that bit of `bits` and all lower ones.
    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        let mut sum = bits;
        sum ^= sum << 1;
        sum ^= sum << 2;
        sum ^= sum << 4;
        sum ^= sum << 8;
        sum ^= sum << 16;
        sum ^ sum << 32
    }
}

/// Follows each bit of `from`, from the next position on, through a run of `through`, across blocks. In the sum, a bit
/// has moved to the first position after its run. Runs that no bit entered keep their bits.
#[inline(always)]
pub(super) fn follow(from: u64, through: u64, carry: &mut u64) -> u64 {
    let (sum, over) = ((from << 1) | *carry).overflowing_add(through);
    // Not both: a run does not reach the end of a block whose last position is a start.
    *carry = (from >> 63) | u64::from(over);
    sum
}

/// Moves bits up by one position, across blocks.
#[inline(always)]
pub(super) fn next(bits: u64, carry: &mut u64) -> u64 {
    let moved = (bits << 1) | *carry;
    *carry = bits >> 63;
    moved
}
