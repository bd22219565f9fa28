//! What an instruction set must give.

/// Bytes in a block, one for each bit of a word.
pub(super) const BLOCK: usize = 64;

/// Room in which a block can be expanded.
pub(super) const EXPANDED: usize = 2 * BLOCK + BLOCK / 4;

/// Sixty-four bytes in registers. Bit 0 of an answer stands for the first byte, bit 63 for the last.
pub(super) trait Block: Copy {
    /// Proof that the processor has the instructions.
    type Level: Copy;

    /// Takes these bytes.
    fn load(level: Self::Level, bytes: &[u8; BLOCK]) -> Self;

    /// Copies the bytes that it has been loaded from.
    #[inline(always)]
    fn copy(self, bytes: &[u8; BLOCK], place: &mut [u8; BLOCK]) {
        *place = *bytes;
    }

    /// Bytes that are this one.
    fn equal(self, byte: u8) -> u64;

    /// Bytes that are the one or the other.
    fn either(self, one: u8, other: u8) -> u64;

    /// Bytes that are this one once bit 5, which tells the case of a letter and a brace from a bracket, is set.
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

    /// Writes the bytes with these escaped, which must be, and says how long that is; what it writes behind that does not
    /// count. `None` where the instruction set has no way to do so at once, or one of them has no escape of two bytes.
    #[inline(always)]
    fn expand(self, _must_escape: u64, _place: &mut [u8; EXPANDED]) -> Option<usize> {
        None
    }

    /// Bytes that may follow a backslash.
    fn escapable(self) -> u64;

    /// Symbols of base64 (RFC 4648, section 4).
    fn symbols(self) -> u64;

    /// Whether there is a byte that does not stand for itself in a string: a control character, a backslash, or one of
    /// 0x80 or more. Quotes are not among them.
    fn is_special(self) -> bool;

    /// Whether something here is not UTF-8, or what the block before leaves open is not continued here. What is left
    /// open at the end of this block is no error yet.
    fn is_invalid_utf8(self, before: Self) -> bool;

    /// Each bit is that of the word added up, without carry, with all lower ones.
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

/// Follows each of these bits, from the next place on, through a run of `through`, across blocks. In the sum, a bit has
/// come to the first place behind its run; the bits of the runs that none came through are still there.
#[inline(always)]
pub(super) fn follow(from: u64, through: u64, carry: &mut u64) -> u64 {
    let (sum, over) = ((from << 1) | *carry).overflowing_add(through);
    // Not both: a run does not reach the end of a block whose last place is a start.
    *carry = (from >> 63) | u64::from(over);
    sum
}

/// Moves bits one place up, across blocks.
#[inline(always)]
pub(super) fn next(bits: u64, carry: &mut u64) -> u64 {
    let moved = (bits << 1) | *carry;
    *carry = bits >> 63;
    moved
}
