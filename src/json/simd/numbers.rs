//! Checks numbers and literals, block by block.
//!
//! A run of digits that begins a number is followed to its end, and so is one that begins a fraction. A point may come
//! only at the end of the first, an `e` only at the end of either. All other rules concern one byte and the next.
//! Literals are compared one by one.

use super::block::{Block, next};

/// What a block passes on to the next.
#[derive(Clone, Copy, Default)]
pub(super) struct Numbers {
    /// Nonzero if any of the fields below is set.
    pending: u64,
    /// Whether a digit must come.
    digit: u64,
    /// Whether a minus sign has begun a number.
    minus: u64,
    /// Whether a zero has begun a number.
    zero: u64,
    /// Whether an `e` came last.
    exponent: u64,
    /// Whether a point came last.
    point: u64,
    /// Whether a run of digits continues: of an integer, of a fraction.
    integer: u64,
    fraction: u64,
    /// The bytes of a literal that continues.
    literal: u64,
    /// Whether a literal has ended.
    end: u64,
}

impl Numbers {
    /// Returns whether the next block must be read even if it has no scalar.
    #[inline(always)]
    pub(super) fn is_pending(&self) -> bool {
        self.pending != 0
    }

    /// Returns what is wrong with the scalars at these positions. `first` has the first byte of each.
    #[inline(always)]
    pub(super) fn read<B: Block>(&mut self, block: B, scalars: u64, first: u64, piece: &[u8], at: usize) -> u64 {
        let digits = block.digits() & scalars;
        let minus = block.equal(b'-') & scalars;
        let points = block.equal(b'.') & scalars;
        let mut wrong = 0;

        let mut literals = core::mem::take(&mut self.literal);
        let mut left = first & !(digits | minus);
        while left != 0 {
            let place = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            let bytes = match piece.get(at.wrapping_add(place as usize)..) {
                Some([b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..]) => 0b1111_u64,
                Some([b'f', b'a', b'l', b's', b'e', ..]) => 0b1_1111,
                _ => return !0,
            };
            literals |= bytes.wrapping_shl(place);
            // Shifted twice, because a wrapping shift by 64 shifts by nothing.
            self.literal = (bytes >> 1).wrapping_shr(63_u32.wrapping_sub(place));
        }
        // No scalar continues after a literal.
        wrong |= next(literals, &mut self.end) & scalars & !literals;

        let others = scalars & !(digits | minus | points | literals);
        let (mut exponents, mut plus) = (0, 0);
        if others != 0 {
            exponents = block.equal_with_bit_5(b'e') & others;
            plus = block.equal(b'+') & others;
            wrong |= others & !(exponents | plus);
        }
        let signs = minus | plus;
        let in_exponent = next(exponents, &mut self.exponent);
        wrong |= (minus & !(first | in_exponent)) | (plus & !in_exponent);
        wrong |= in_exponent & !(digits | signs);
        wrong |= next(signs | points, &mut self.digit) & !digits;

        let integers = ((first & digits) | next(first & minus, &mut self.minus)) & digits;
        let zeros = integers & block.equal(b'0');
        wrong |= next(zeros, &mut self.zero) & digits;
        let fractions = next(points, &mut self.point) & digits;
        let integer_ends = run_ends(integers, digits, &mut self.integer);
        let fraction_ends = run_ends(fractions, digits, &mut self.fraction);
        wrong |= (points & !integer_ends) | (exponents & !(integer_ends | fraction_ends));
        self.pending = scalars >> 63;
        wrong
    }
}

/// Returns the positions after the runs of digits that begin here, across blocks.
#[inline(always)]
fn run_ends(starts: u64, digits: u64, carry: &mut u64) -> u64 {
    let (sum, over) = digits.overflowing_add(starts | *carry);
    *carry = u64::from(over);
    sum & !digits
}
