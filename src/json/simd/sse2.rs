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

/// Sixty-four bytes, sixteen in each.
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

/// The bytes that are not less.
#[inline(always)]
fn at_least(bytes: __m128i, least: u8) -> __m128i {
    sse2!(_mm_cmpeq_epi8(_mm_max_epu8(bytes, splat(least)), bytes))
}

/// The bytes that are not more.
#[inline(always)]
fn at_most(bytes: __m128i, most: u8) -> __m128i {
    sse2!(_mm_cmpeq_epi8(_mm_min_epu8(bytes, splat(most)), bytes))
}

/// The bytes from `first` on, of which there are `more` more.
#[inline(always)]
fn among(bytes: __m128i, first: u8, more: u8) -> __m128i {
    at_most(sse2!(_mm_sub_epi8(bytes, splat(first))), more)
}

/// Sixteen bytes.
#[inline(always)]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: the load reads the 16 bytes of the array, from any address.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// The place of the first of these bytes that is special, or 16 or more.
#[inline(always)]
fn first(bytes: &[u8; 16], special: impl Fn(__m128i) -> __m128i) -> usize {
    sse2!(_mm_movemask_epi8(special(load(bytes)))).trailing_zeros() as usize
}

/// See [`scan::plain`](crate::json::scan::plain).
#[inline(always)]
pub(in crate::json::simd) fn plain(bytes: &[u8]) -> Option<usize> {
    leading(bytes, |bytes| first(bytes, |bytes| or(special(bytes), bytes)))
}

/// Control characters, `"` and `\`.
#[inline(always)]
fn special(bytes: __m128i) -> __m128i {
    or(low_or_quote(bytes), equal(bytes, b'\\'))
}

/// See [`scan::nearly_printable`](crate::json::scan::nearly_printable).
#[inline(always)]
pub(in crate::json::simd) fn printable(bytes: &[u8]) -> Option<usize> {
    leading(bytes, printable_in)
}

/// How many leading ones of these bytes are printable and neither `"` nor `\`; 16 or more if all are.
#[inline(always)]
pub(in crate::json::simd) fn printable_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| unprintable_before(bytes, b' '))
}

/// A bit for each of these bytes that is not printable, or is `"` or `\`.
#[inline(always)]
pub(in crate::json::simd) fn unprintable_bits(bytes: &[u8; 16]) -> u16 {
    bits(unprintable_before(load(bytes), b' ')) as u16
}

/// The same as [`printable_in`] without the space.
#[inline(always)]
pub(in crate::json::simd) fn visible_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| unprintable_before(bytes, b' ' + 1))
}

/// How many leading ones of these bytes are letters, digits or hyphens; 16 or more if all are.
#[inline(always)]
pub(in crate::json::simd) fn token_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| Sixteen(bytes).no_token().0)
}

/// What comes before the `least` that is printable, DEL, what is no ASCII, `"` and `\`.
#[inline(always)]
fn unprintable_before(bytes: __m128i, least: u8) -> __m128i {
    // As signed bytes, one on: controls, DEL and what is no ASCII come before what is printable.
    let one_on = sse2!(_mm_add_epi8(bytes, splat(1)));
    let unprintable = sse2!(_mm_cmpgt_epi8(splat(least.wrapping_add(1)), one_on));
    or(unprintable, or(equal(bytes, b'"'), equal(bytes, b'\\')))
}

/// The place of the first of these bytes that must be escaped in a string or is DEL, or 16 or more.
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

    /// Of two times eight bytes, the first one lowest.
    #[inline(always)]
    pub(in crate::json::simd) fn join(lower: u64, upper: u64) -> Self {
        Self(sse2!(_mm_set_epi64x(upper.cast_signed(), lower.cast_signed())))
    }

    /// Those that must be escaped in a string or are DEL.
    #[inline(always)]
    pub(in crate::json::simd) fn unprintable(self) -> Self {
        Self(unprintable_bytes(self.0))
    }

    /// Those that are no letters, digits or hyphens.
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

/// A bit for each of these bytes that must be escaped in a string or is DEL.
#[inline(always)]
fn unprintable_in(bytes: __m128i) -> u32 {
    bits(unprintable_bytes(bytes))
}

#[inline(always)]
fn bits(bytes: __m128i) -> u32 {
    sse2!(_mm_movemask_epi8(bytes)).cast_unsigned()
}

/// The bytes that must be escaped in a string or are DEL.
#[inline(always)]
fn unprintable_bytes(bytes: __m128i) -> __m128i {
    or(or(low_or_quote(bytes), equal(bytes, b'\\')), equal(bytes, 0x7F))
}

/// Control characters and `"`.
#[inline(always)]
fn low_or_quote(bytes: __m128i) -> __m128i {
    // To flip bit 1 swaps the space and the quote, and leaves what is less below them.
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
        // The slash stands before the digits.
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

/// Where these sixteen bytes, behind those, are not UTF-8: the highest bit is set.
///
/// As the Unicode standard's table of well-formed byte sequences (3-7) has it: a byte from 0x80 to 0xBF continues, and
/// one stands just behind each lead as many times as that asks for; some leads are never right, and some narrow what
/// comes next.
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
