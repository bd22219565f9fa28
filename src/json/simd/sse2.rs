//! Blocks in four registers of SSE2, which every x86-64 has.
#![allow(unsafe_code, reason = "instructions of SSE2")]

use super::super::block::{self, BLOCK};
use super::super::leading::leading;
use core::arch::x86_64::{
    __m128i, _mm_add_epi8, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_loadu_si128, _mm_max_epu8, _mm_min_epu8,
    _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8, _mm_slli_si128, _mm_srli_si128, _mm_sub_epi8,
    _mm_xor_si128,
};

macro_rules! sse2 {
    ($what:expr) => {
        // SAFETY: SSE2 is part of x86-64, and nothing here is read but registers.
        unsafe { $what }
    };
}

/// Sixty-four bytes, sixteen in each register.
#[derive(Clone, Copy)]
pub(super) struct Block([__m128i; 4]);

impl Block {
    #[inline(always)]
    fn each(self, of: impl Fn(__m128i) -> __m128i) -> u64 {
        let bits = |quarter| u64::from(sse2!(_mm_movemask_epi8(of(quarter))).cast_unsigned());
        let [a, b, c, d] = self.0;
        bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48
    }
}

#[inline(always)]
fn splat(byte: u8) -> __m128i {
    sse2!(_mm_set1_epi8(byte.cast_signed()))
}

#[inline(always)]
fn equal(bytes: __m128i, byte: u8) -> __m128i {
    sse2!(_mm_cmpeq_epi8(bytes, splat(byte)))
}

#[inline(always)]
fn or(one: __m128i, other: __m128i) -> __m128i {
    sse2!(_mm_or_si128(one, other))
}

#[inline(always)]
fn and(one: __m128i, other: __m128i) -> __m128i {
    sse2!(_mm_and_si128(one, other))
}

/// Marks the bytes that are not less than `least`.
#[inline(always)]
fn at_least(bytes: __m128i, least: u8) -> __m128i {
    sse2!(_mm_cmpeq_epi8(_mm_max_epu8(bytes, splat(least)), bytes))
}

/// Marks the bytes that are not more than `most`.
#[inline(always)]
fn at_most(bytes: __m128i, most: u8) -> __m128i {
    sse2!(_mm_cmpeq_epi8(_mm_min_epu8(bytes, splat(most)), bytes))
}

/// Marks the bytes from `first` to `first + more`.
#[inline(always)]
fn among(bytes: __m128i, first: u8, more: u8) -> __m128i {
    at_most(sse2!(_mm_sub_epi8(bytes, splat(first))), more)
}

/// Loads sixteen bytes.
#[inline(always)]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: the load reads the 16 bytes of the array, from any address.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// Returns the index of the first byte that is special, or 16 or more.
#[inline(always)]
fn first(bytes: &[u8; 16], special: impl Fn(__m128i) -> __m128i) -> usize {
    sse2!(_mm_movemask_epi8(special(load(bytes)))).trailing_zeros() as usize
}

/// See [`scan::plain`](crate::json::scan::plain).
#[inline(always)]
pub(in crate::json::simd) fn plain(bytes: &[u8]) -> Option<usize> {
    leading(bytes, |bytes| first(bytes, |bytes| or(special(bytes), bytes)))
}

/// See [`scan::nearly_unmarked`](crate::json::scan::nearly_unmarked).
#[inline(always)]
pub(in crate::json::simd) fn unmarked(bytes: &[u8]) -> Option<usize> {
    leading(bytes, unmarked_in)
}

/// Returns how many leading bytes are neither `"` nor `\`; 16 or more if all are.
#[inline(always)]
pub(in crate::json::simd) fn unmarked_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| or(equal(bytes, b'"'), equal(bytes, b'\\')))
}

/// Marks control characters, `"` and `\`.
#[inline(always)]
fn special(bytes: __m128i) -> __m128i {
    or(low_or_quote(bytes), equal(bytes, b'\\'))
}

/// See [`scan::nearly_printable`](crate::json::scan::nearly_printable).
#[inline(always)]
pub(in crate::json::simd) fn printable(bytes: &[u8]) -> Option<usize> {
    leading(bytes, printable_in)
}

/// Returns how many leading bytes are printable and neither `"` nor `\`; 16 or more if all are.
#[inline(always)]
pub(in crate::json::simd) fn printable_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| unprintable_before(bytes, b' '))
}

/// Returns one bit for each byte that is not printable, or is `"` or `\`.
#[inline(always)]
pub(in crate::json::simd) fn unprintable_bits(bytes: &[u8; 16]) -> u16 {
    bits(unprintable_before(load(bytes), b' ')) as u16
}

/// Returns the same as [`printable_in`], without the space.
#[inline(always)]
pub(in crate::json::simd) fn visible_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| unprintable_before(bytes, b' ' + 1))
}

/// Returns how many leading bytes are letters, digits or hyphens; 16 or more if all are.
#[inline(always)]
pub(in crate::json::simd) fn token_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| Sixteen(bytes).no_token().0)
}

/// Marks what comes before `least`, the first printable byte, and DEL, what is not ASCII, `"` and `\`.
#[inline(always)]
fn unprintable_before(bytes: __m128i, least: u8) -> __m128i {
    // As signed bytes, after adding one: control characters, DEL and what is not ASCII come before what is printable.
    let one_on = sse2!(_mm_add_epi8(bytes, splat(1)));
    let unprintable = sse2!(_mm_cmpgt_epi8(splat(least.wrapping_add(1)), one_on));
    or(unprintable, or(equal(bytes, b'"'), equal(bytes, b'\\')))
}

/// Returns the index of the first byte that must be escaped in a string or is DEL, or 16 or more.
#[inline(always)]
pub(in crate::json::simd) fn unprintable(bytes: &[u8; 16]) -> usize {
    unprintable_in(load(bytes)).trailing_zeros() as usize
}

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(in crate::json::simd) struct Sixteen(__m128i);

impl Sixteen {
    #[inline(always)]
    pub(in crate::json::simd) fn load(bytes: &[u8; 16]) -> Self {
        Self(load(bytes))
    }

    /// Joins two groups of eight bytes, the first byte lowest.
    #[inline(always)]
    pub(in crate::json::simd) fn join(lower: u64, upper: u64) -> Self {
        Self(sse2!(_mm_set_epi64x(upper.cast_signed(), lower.cast_signed())))
    }

    /// Marks the bytes that must be escaped in a string or are DEL.
    #[inline(always)]
    pub(in crate::json::simd) fn unprintable(self) -> Self {
        Self(unprintable_bytes(self.0))
    }

    /// Marks the bytes that are not letters, digits or hyphens.
    #[inline(always)]
    pub(in crate::json::simd) fn no_token(self) -> Self {
        let letters = among(or(self.0, splat(0x20)), b'a', 25);
        let token = or(or(letters, among(self.0, b'0', 9)), equal(self.0, b'-'));
        Self(equal(token, 0))
    }

    #[inline(always)]
    pub(in crate::json::simd) fn or(self, other: Self) -> Self {
        Self(or(self.0, other.0))
    }

    #[inline(always)]
    pub(in crate::json::simd) fn is_zero(self) -> bool {
        bits(self.0) == 0
    }
}

/// Returns one bit for each byte that must be escaped in a string or is DEL.
#[inline(always)]
fn unprintable_in(bytes: __m128i) -> u32 {
    bits(unprintable_bytes(bytes))
}

#[inline(always)]
fn bits(bytes: __m128i) -> u32 {
    sse2!(_mm_movemask_epi8(bytes)).cast_unsigned()
}

/// Marks the bytes that must be escaped in a string or are DEL.
#[inline(always)]
fn unprintable_bytes(bytes: __m128i) -> __m128i {
    or(or(low_or_quote(bytes), equal(bytes, b'\\')), equal(bytes, 0x7F))
}

/// Marks control characters and `"`.
#[inline(always)]
fn low_or_quote(bytes: __m128i) -> __m128i {
    // Flipping bit 1 swaps the space and the quote, and keeps all smaller bytes below them.
    at_most(sse2!(_mm_xor_si128(bytes, splat(b' ' ^ b'"'))), b' ')
}

impl block::Block for Block {
    type Level = ();

    #[inline(always)]
    fn load((): (), bytes: &[u8; BLOCK]) -> Self {
        let at = bytes.as_ptr();
        // SAFETY: the four loads read the 64 bytes of the array, from any address.
        unsafe {
            Self([
                _mm_loadu_si128(at.cast()),
                _mm_loadu_si128(at.add(16).cast()),
                _mm_loadu_si128(at.add(32).cast()),
                _mm_loadu_si128(at.add(48).cast()),
            ])
        }
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> u64 {
        self.each(|bytes| equal(bytes, byte))
    }

    #[inline(always)]
    fn either(self, one: u8, other: u8) -> u64 {
        self.each(|bytes| or(equal(bytes, one), equal(bytes, other)))
    }

    #[inline(always)]
    fn equal_with_bit_5(self, byte: u8) -> u64 {
        self.each(|bytes| equal(or(bytes, splat(0x20)), byte))
    }

    #[inline(always)]
    fn white(self) -> u64 {
        self.each(|bytes| {
            let lines = or(equal(bytes, b'\n'), equal(bytes, b'\r'));
            or(or(equal(bytes, b' '), equal(bytes, b'\t')), lines)
        })
    }

    #[inline(always)]
    fn digits(self) -> u64 {
        self.each(|bytes| among(bytes, b'0', 9))
    }

    #[inline(always)]
    fn hex(self) -> u64 {
        self.each(|bytes| or(among(bytes, b'0', 9), among(or(bytes, splat(0x20)), b'a', 5)))
    }

    #[inline(always)]
    fn symbols(self) -> u64 {
        // The slash comes just before the digits.
        self.each(|bytes| {
            let letter = among(or(bytes, splat(0x20)), b'a', 25);
            or(or(letter, among(bytes, b'/', 10)), equal(bytes, b'+'))
        })
    }

    #[inline(always)]
    fn control(self) -> u64 {
        self.each(|bytes| at_most(bytes, 0x1F))
    }

    #[inline(always)]
    fn must_escape(self) -> u64 {
        self.each(special)
    }

    #[inline(always)]
    fn high(self) -> u64 {
        self.each(|bytes| bytes)
    }

    #[inline(always)]
    fn escapable(self) -> u64 {
        let each = |of: &[u8]| of.iter().fold(0, |bits, byte| bits | self.equal(*byte));
        each(b"\"\\/bfnrtu")
    }

    #[inline(always)]
    fn is_special(self) -> bool {
        self.each(|bytes| or(or(at_most(bytes, 0x1F), equal(bytes, b'\\')), bytes)) != 0
    }

    #[inline(always)]
    fn is_invalid_utf8(self, before: Self) -> bool {
        let [a, b, c, d] = self.0;
        let [.., last] = before.0;
        let wrong = or(or(wrong_utf8(last, a), wrong_utf8(a, b)), or(wrong_utf8(b, c), wrong_utf8(c, d)));
        sse2!(_mm_movemask_epi8(wrong)) != 0
    }
}

/// Sets the highest bit where these sixteen bytes, which follow `before`, are not UTF-8.
///
/// This follows the Unicode standard's table of well-formed byte sequences (3-7): a byte from 0x80 to 0xBF is a
/// continuation byte, and each lead is followed by exactly as many as it requires; some leads are never valid, and some
/// narrow the range of the next byte.
#[inline(always)]
fn wrong_utf8(before: __m128i, bytes: __m128i) -> __m128i {
    let one_back = sse2!(_mm_or_si128(_mm_slli_si128::<1>(bytes), _mm_srli_si128::<15>(before)));
    let two_back = sse2!(_mm_or_si128(_mm_slli_si128::<2>(bytes), _mm_srli_si128::<14>(before)));
    let three_back = sse2!(_mm_or_si128(_mm_slli_si128::<3>(bytes), _mm_srli_si128::<13>(before)));
    let must = or(or(at_least(one_back, 0xC0), at_least(two_back, 0xE0)), at_least(three_back, 0xF0));
    let continues = among(bytes, 0x80, 0x3F);
    let never = or(among(bytes, 0xC0, 1), at_least(bytes, 0xF5));
    let low = or(and(equal(one_back, 0xE0), at_most(bytes, 0x9F)), and(equal(one_back, 0xF0), at_most(bytes, 0x8F)));
    let high = or(and(equal(one_back, 0xED), at_least(bytes, 0xA0)), and(equal(one_back, 0xF4), at_least(bytes, 0x90)));
    or(or(sse2!(_mm_xor_si128(must, continues)), never), or(low, high))
}
