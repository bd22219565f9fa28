//! Blocks in four registers of NEON.
//!
//! A block is deinterleaved as it is loaded: the first register has every fourth byte from the first on, the second
//! every fourth byte from the second on, and so on. So the results for four neighbors are at the same position of the
//! registers, and their bits are combined by shifts alone. The byte before a byte is in another register for all
//! registers but the first.
//!
//! Granules, as with AVX2, do not pay: counted in instructions under QEMU, a reply of 95 KiB takes 0.96 of them for text of
//! ASCII or Chinese alone and 0.90 for JSON in a string, but 1.41 for prose with escapes.
#![allow(unsafe_code, reason = "instructions of NEON")]

use super::super::block::{self, BLOCK};
use super::super::leading::leading;
use super::super::tables::{
    ESCAPABLE_LOWER, ESCAPABLE_UPPER, FIRST_LOWER, FIRST_UPPER, SECOND_UPPER, SYMBOL_LOWER, SYMBOL_SHIFT, SYMBOL_UPPER,
};
use super::super::write::Done;
use crate::octets::BASE64;
use core::arch::aarch64::{
    uint8x16_t, uint8x16x3_t, uint8x16x4_t, vaddq_u8, vaddv_u8, vandq_u8, vceqq_u8, vcgeq_u8, vcleq_u8, vcltq_u8,
    vcombine_u8, vcreate_u8, vdupq_n_u8, vdupq_n_u64, veorq_u8, vextq_u8, vget_high_u8, vget_lane_u64, vget_low_u8,
    vld1q_u8, vld1q_u8_x4, vld3q_u8, vld4q_u8, vmaxq_u8, vmaxvq_u8, vminvq_u8, vorrq_u8, vqsubq_u8, vqtbl1q_u8,
    vqtbl4q_u8, vqtbx1q_u8, vreinterpret_u64_u8, vreinterpretq_u8_u64, vreinterpretq_u16_u8, vshlq_n_u8, vshrn_n_u16,
    vshrq_n_u8, vsliq_n_u8, vsriq_n_u8, vst3q_u8, vst4q_u8, vsubq_u8, vtstq_u8,
};

macro_rules! neon {
    ($what:expr) => {
        // SAFETY: this is only compiled where NEON is part of the target, and nothing here is read but registers.
        unsafe { $what }
    };
}

/// Sixty-four bytes, every fourth of them in one register.
#[derive(Clone, Copy)]
pub(super) struct Block([uint8x16_t; 4]);

impl Block {
    /// Returns one bit for each byte for which the result of `of` has the highest bit set.
    #[inline(always)]
    fn each(self, of: impl Fn(uint8x16_t) -> uint8x16_t) -> u64 {
        let [a, b, c, d] = self.0.map(of);
        // Each result has the highest bits of one operand, followed by those of the other.
        let pairs = (neon!(vsriq_n_u8::<1>(b, a)), neon!(vsriq_n_u8::<1>(d, c)));
        let fours = neon!(vsriq_n_u8::<2>(pairs.1, pairs.0));
        halves(neon!(vsriq_n_u8::<4>(fours, fours)))
    }
}

/// Returns the upper half of each byte at an even position, and the lower half of each at an odd one.
#[inline(always)]
fn halves(bytes: uint8x16_t) -> u64 {
    neon!(vget_lane_u64::<0>(vreinterpret_u64_u8(vshrn_n_u16::<4>(vreinterpretq_u16_u8(bytes)))))
}

#[inline(always)]
fn splat(byte: u8) -> uint8x16_t {
    neon!(vdupq_n_u8(byte))
}

#[inline(always)]
fn equal(bytes: uint8x16_t, byte: u8) -> uint8x16_t {
    neon!(vceqq_u8(bytes, splat(byte)))
}

#[inline(always)]
fn or(one: uint8x16_t, other: uint8x16_t) -> uint8x16_t {
    neon!(vorrq_u8(one, other))
}

#[inline(always)]
fn and(one: uint8x16_t, other: uint8x16_t) -> uint8x16_t {
    neon!(vandq_u8(one, other))
}

/// Marks the bytes from `first` to `first + more`.
#[inline(always)]
fn among(bytes: uint8x16_t, first: u8, more: u8) -> uint8x16_t {
    neon!(vcleq_u8(vsubq_u8(bytes, splat(first)), splat(more)))
}

/// Marks the bytes that are below 0x20 or above 0x7F.
#[inline(always)]
fn control_or_high(bytes: uint8x16_t) -> uint8x16_t {
    neon!(vcgeq_u8(vsubq_u8(bytes, splat(0x20)), splat(0x60)))
}

/// Loads sixteen bytes.
#[inline(always)]
fn load(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the load reads the 16 bytes of the array, from any address.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

/// Looks up each of these indices, which are below 16, in the table.
#[inline(always)]
fn look_up(table: [u8; 16], places: uint8x16_t) -> uint8x16_t {
    neon!(vqtbl1q_u8(load(&table), places))
}

#[inline(always)]
fn upper(bytes: uint8x16_t) -> uint8x16_t {
    neon!(vshrq_n_u8::<4>(bytes))
}

#[inline(always)]
fn lower(bytes: uint8x16_t) -> uint8x16_t {
    and(bytes, splat(0x0F))
}

/// Marks the bytes whose halves have a bit in common in these tables.
#[inline(always)]
fn in_class(bytes: uint8x16_t, by_upper: [u8; 16], by_lower: [u8; 16]) -> uint8x16_t {
    neon!(vtstq_u8(look_up(by_upper, upper(bytes)), look_up(by_lower, lower(bytes))))
}

#[inline(always)]
fn is_any(bytes: uint8x16_t) -> bool {
    neon!(vmaxvq_u8(bytes)) != 0
}

/// Returns the index of the first byte that is special, or 16. `special` sets all bits of a byte or none.
#[inline(always)]
fn first(bytes: &[u8; 16], special: impl Fn(uint8x16_t) -> uint8x16_t) -> usize {
    (halves(special(load(bytes))).trailing_zeros() / 4) as usize
}

/// See [`scan::plain`](crate::json::scan::plain).
#[inline(always)]
pub(in crate::json::simd) fn plain(bytes: &[u8]) -> Option<usize> {
    leading(bytes, |bytes| first(bytes, |bytes| or(control_or_high(bytes), quote_or_backslash(bytes))))
}

#[inline(always)]
fn quote_or_backslash(bytes: uint8x16_t) -> uint8x16_t {
    or(equal(bytes, b'"'), equal(bytes, b'\\'))
}

/// See [`scan::nearly_unmarked`](crate::json::scan::nearly_unmarked).
#[inline(always)]
pub(in crate::json::simd) fn unmarked(bytes: &[u8]) -> Option<usize> {
    leading(bytes, unmarked_in)
}

/// Returns how many leading bytes are neither `"` nor `\`; 16 if all are.
#[inline(always)]
pub(in crate::json::simd) fn unmarked_in(bytes: &[u8; 16]) -> usize {
    first(bytes, quote_or_backslash)
}

/// See [`scan::nearly_printable`](crate::json::scan::nearly_printable).
#[inline(always)]
pub(in crate::json::simd) fn printable(bytes: &[u8]) -> Option<usize> {
    leading(bytes, printable_in)
}

/// Returns how many leading bytes are printable and neither `"` nor `\`; 16 if all are.
#[inline(always)]
pub(in crate::json::simd) fn printable_in(bytes: &[u8; 16]) -> usize {
    first(bytes, unprintable_or_high)
}

/// Returns one bit for each byte that is not printable, or is `"` or `\`.
#[inline(always)]
pub(in crate::json::simd) fn unprintable_bits(bytes: &[u8; 16]) -> u16 {
    // Each byte keeps the bit of its position among eight, so that the sum is the mask.
    let places = neon!(vreinterpretq_u8_u64(vdupq_n_u64(0x8040_2010_0804_0201)));
    let bits = and(unprintable_or_high(load(bytes)), places);
    u16::from_le_bytes([neon!(vaddv_u8(vget_low_u8(bits))), neon!(vaddv_u8(vget_high_u8(bits)))])
}

/// Marks what is not printable, `"` and `\`.
#[inline(always)]
fn unprintable_or_high(bytes: uint8x16_t) -> uint8x16_t {
    or(or(control_or_high(bytes), equal(bytes, 0x7F)), quote_or_backslash(bytes))
}

/// Returns the same as [`printable_in`], without the space.
#[inline(always)]
pub(in crate::json::simd) fn visible_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| or(equal(among(bytes, b'!', b'~' - b'!'), 0), quote_or_backslash(bytes)))
}

/// Returns how many leading bytes are letters, digits or hyphens; 16 if all are.
#[inline(always)]
pub(in crate::json::simd) fn token_in(bytes: &[u8; 16]) -> usize {
    first(bytes, |bytes| Sixteen(bytes).no_token().0)
}

/// Returns the index of the first byte that must be escaped in a string or is DEL, or 16.
#[inline(always)]
pub(in crate::json::simd) fn unprintable(bytes: &[u8; 16]) -> usize {
    first(bytes, unprintable_in)
}

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(in crate::json::simd) struct Sixteen(uint8x16_t);

impl Sixteen {
    #[inline(always)]
    pub(in crate::json::simd) fn load(bytes: &[u8; 16]) -> Self {
        Self(load(bytes))
    }

    /// Joins two groups of eight bytes, the first byte lowest.
    #[inline(always)]
    pub(in crate::json::simd) fn join(lower: u64, upper: u64) -> Self {
        Self(neon!(vcombine_u8(vcreate_u8(lower), vcreate_u8(upper))))
    }

    /// Marks the bytes that must be escaped in a string or are DEL.
    #[inline(always)]
    pub(in crate::json::simd) fn unprintable(self) -> Self {
        Self(unprintable_in(self.0))
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
        !is_any(self.0)
    }
}

#[inline(always)]
fn unprintable_in(bytes: uint8x16_t) -> uint8x16_t {
    or(or(neon!(vcltq_u8(bytes, splat(0x20))), equal(bytes, 0x7F)), quote_or_backslash(bytes))
}

/// Writes bytes in base64, forty-eight at a time.
#[inline]
pub(in crate::json::simd) fn base64(bytes: &[u8], room: &mut [u8]) -> Done {
    let (mut read, mut written) = (0_usize, 0_usize);
    // SAFETY: the load reads the 64 bytes of the array, from any address.
    let alphabet = unsafe { vld1q_u8_x4(BASE64.as_ptr()) };
    let symbol = |value| neon!(vqtbl4q_u8(alphabet, and(value, splat(0x3F))));
    loop {
        let near = bytes.get(read..).and_then(<[u8]>::first_chunk::<48>);
        let place = room.get_mut(written..).and_then(<[u8]>::first_chunk_mut::<64>);
        let (Some(near), Some(place)) = (near, place) else { return (read, written) };
        // SAFETY: the load reads the 48 bytes of the array, from any address. Each register has one byte of every
        // three.
        let threes = unsafe { vld3q_u8(near.as_ptr()) };
        let (a, b, c) = (threes.0, threes.1, threes.2);
        let symbols = uint8x16x4_t(
            symbol(neon!(vshrq_n_u8::<2>(a))),
            symbol(neon!(vsliq_n_u8::<4>(vshrq_n_u8::<4>(b), a))),
            symbol(neon!(vsliq_n_u8::<2>(vshrq_n_u8::<6>(c), b))),
            symbol(c),
        );
        // SAFETY: the store writes the 64 bytes of the array, to any address.
        unsafe { vst4q_u8(place.as_mut_ptr(), symbols) };
        read = read.wrapping_add(48);
        written = written.wrapping_add(64);
    }
}

/// Decodes base64, sixty-four symbols at a time.
#[inline]
pub(in crate::json::simd) fn from_base64(symbols: &[u8], room: &mut [u8]) -> Done {
    let value = |symbol| {
        // The entry before is that of `/`, which has the upper half of `+`.
        let place = neon!(vaddq_u8(upper(symbol), equal(symbol, b'/')));
        neon!(vaddq_u8(symbol, look_up(SYMBOL_SHIFT, place)))
    };
    let (mut read, mut written) = (0_usize, 0_usize);
    loop {
        let near = symbols.get(read..).and_then(<[u8]>::first_chunk::<64>);
        let place = room.get_mut(written..).and_then(<[u8]>::first_chunk_mut::<48>);
        let (Some(near), Some(place)) = (near, place) else { return (read, written) };
        // Each register has one symbol of every group.
        let block = <Block as block::Block>::load((), near);
        let is_symbol = block.0.map(|symbols| in_class(symbols, SYMBOL_UPPER, SYMBOL_LOWER));
        let [a, b, c, d] = is_symbol;
        if neon!(vminvq_u8(and(and(a, b), and(c, d)))) != 0xFF {
            return (read, written);
        }
        let [a, b, c, d] = block.0.map(value);
        let threes = uint8x16x3_t(
            or(neon!(vshlq_n_u8::<2>(a)), neon!(vshrq_n_u8::<4>(b))),
            or(neon!(vshlq_n_u8::<4>(b)), neon!(vshrq_n_u8::<2>(c))),
            or(neon!(vshlq_n_u8::<6>(c)), d),
        );
        // SAFETY: the store writes the 48 bytes of the array, to any address.
        unsafe { vst3q_u8(place.as_mut_ptr(), threes) };
        read = read.wrapping_add(64);
        written = written.wrapping_add(48);
    }
}

impl block::Block for Block {
    type Level = ();

    #[inline(always)]
    fn load((): (), bytes: &[u8; BLOCK]) -> Self {
        // SAFETY: the load reads the 64 bytes of the array, from any address.
        let fours = unsafe { vld4q_u8(bytes.as_ptr()) };
        Self([fours.0, fours.1, fours.2, fours.3])
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
        // The other white space is below 16. Bytes of 16 and more keep the result for the space.
        const LINES_AND_TAB: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0, 0];
        self.each(|bytes| neon!(vqtbx1q_u8(equal(bytes, b' '), load(&LINES_AND_TAB), bytes)))
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
        self.each(|bytes| in_class(bytes, SYMBOL_UPPER, SYMBOL_LOWER))
    }

    #[inline(always)]
    fn control(self) -> u64 {
        self.each(|bytes| neon!(vcltq_u8(bytes, splat(0x20))))
    }

    #[inline(always)]
    fn must_escape(self) -> u64 {
        self.each(|bytes| or(neon!(vcltq_u8(bytes, splat(0x20))), quote_or_backslash(bytes)))
    }

    #[inline(always)]
    fn high(self) -> u64 {
        self.each(|bytes| bytes)
    }

    #[inline(always)]
    fn escapable(self) -> u64 {
        self.each(|bytes| in_class(bytes, ESCAPABLE_UPPER, ESCAPABLE_LOWER))
    }

    #[inline(always)]
    fn is_special(self) -> bool {
        let [a, b, c, d] = self.0.map(|bytes| or(control_or_high(bytes), equal(bytes, b'\\')));
        is_any(or(or(a, b), or(c, d)))
    }

    #[inline(always)]
    fn is_invalid_utf8(self, before: Self) -> bool {
        let [a, b, c, d] = self.0;
        let [_, w, x, y] = before.0;
        // The bytes before those of the first register are those of the last one, moved on by one position; likewise
        // further back.
        let back = |before, bytes| neon!(vextq_u8::<15>(before, bytes));
        let (w, x, y) = (back(w, b), back(x, c), back(y, d));
        let wrong =
            or(or(wrong_utf8(w, x, y, a), wrong_utf8(x, y, a, b)), or(wrong_utf8(y, a, b, c), wrong_utf8(a, b, c, d)));
        is_any(wrong)
    }
}

/// Returns nonzero bytes where these bytes are not UTF-8, given those one, two and three positions before each.
#[inline(always)]
fn wrong_utf8(three_back: uint8x16_t, two_back: uint8x16_t, one_back: uint8x16_t, bytes: uint8x16_t) -> uint8x16_t {
    let first = and(look_up(FIRST_UPPER, upper(one_back)), look_up(FIRST_LOWER, lower(one_back)));
    let pairs = and(first, look_up(SECOND_UPPER, upper(bytes)));
    // The second byte after a lead of three or four bytes, and the third after a lead of four, must be a continuation
    // byte. Exactly there, two continuation bytes follow each other.
    let third = neon!(vqsubq_u8(two_back, splat(0xE0 - 0x80)));
    let fourth = neon!(vqsubq_u8(three_back, splat(0xF0 - 0x80)));
    let must = and(neon!(vmaxq_u8(third, fourth)), splat(0x80));
    neon!(veorq_u8(pairs, must))
}
