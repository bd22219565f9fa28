//! Blocks in two registers of AVX2.
#![allow(unsafe_code, reason = "instructions of AVX2 and what came with it")]

mod base64;
mod granule;

use super::super::block::{self, BEFORE, BLOCK, EXPANDED, GRANULE};
use super::super::resume;
use super::super::tables::{
    ESCAPABLE_LOWER, ESCAPABLE_UPPER, FIRST_LOWER, FIRST_UPPER, SECOND_UPPER, SYMBOL_LOWER, SYMBOL_UPPER,
};
use super::super::utf8;
use super::super::write::{self, Done};
use super::level::Avx2;
use crate::json::byte::short_escape;
use crate::json::content::Content;
use crate::json::state::Walker;
pub(super) use base64::{base64, from_base64};
use core::arch::x86_64::{
    __m128i, __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_loadu_si128, _mm_set_epi64x, _mm_set1_epi8,
    _mm_shuffle_epi8, _mm_storeu_si128, _mm_unpackhi_epi64, _mm_unpacklo_epi64, _mm256_adds_epu8, _mm256_alignr_epi8,
    _mm256_and_si256, _mm256_castsi256_si128, _mm256_cmpeq_epi8, _mm256_extracti128_si256, _mm256_loadu_si256,
    _mm256_max_epu8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_permute2x128_si256,
    _mm256_set1_epi8, _mm256_setr_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    _mm256_storeu_si256, _mm256_sub_epi8, _mm256_subs_epu8, _mm256_testz_si256, _mm256_xor_si256,
};

/// Walks as far as whole blocks are valid.
#[inline]
pub(super) fn walk(level: Avx2, walker: &mut Walker, piece: &[u8]) -> usize {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
    fn walk(level: Avx2, walker: &mut Walker, piece: &[u8]) -> usize {
        resume::walk::<Block>(level, walker, piece)
    }
    // SAFETY: an `Avx2` proves that the processor has all of these.
    unsafe { walk(level, walker, piece) }
}

/// Scans the rest of a string as far as whole blocks are valid.
#[inline]
pub(super) fn content(level: Avx2, piece: &[u8]) -> Option<Content> {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
    fn content(level: Avx2, piece: &[u8]) -> Option<Content> {
        super::super::content::content::<Block>(level, piece)
    }
    // SAFETY: an `Avx2` proves that the processor has all of these.
    unsafe { content(level, piece) }
}

/// See [`ordinary`](block::Block::ordinary).
#[cfg(test)]
pub(super) fn ordinary(level: Avx2, bytes: &[u8; BEFORE + GRANULE]) -> Option<bool> {
    <Block as block::Block>::ordinary(level, bytes)
}

/// Writes the content of a string as far as whole blocks go.
#[inline]
pub(super) fn escape(level: Avx2, text: &[u8], room: &mut [u8]) -> Done {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
    fn escape(level: Avx2, text: &[u8], room: &mut [u8]) -> Done {
        write::escape::<Block>(level, text, room)
    }
    // SAFETY: an `Avx2` proves that the processor has all of these.
    unsafe { escape(level, text, room) }
}

/// See [`utf8::to_str`].
#[inline]
pub(super) fn to_str(level: Avx2, bytes: &[u8]) -> Option<&str> {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
    fn to_str(level: Avx2, bytes: &[u8]) -> Option<&str> {
        utf8::to_str::<Block>(level, bytes)
    }
    // SAFETY: an `Avx2` proves that the processor has all of these.
    unsafe { to_str(level, bytes) }
}

/// Returns the number of leading bytes that are known to be base64 symbols.
#[inline]
pub(super) fn symbols(level: Avx2, piece: &[u8]) -> usize {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
    fn symbols(level: Avx2, piece: &[u8]) -> usize {
        write::symbols::<Block>(level, piece)
    }
    // SAFETY: an `Avx2` proves that the processor has all of these.
    unsafe { symbols(level, piece) }
}

/// Thirty-two bytes and the next thirty-two. A block exists only if there was an [`Avx2`], which is the proof for all
/// the instructions below.
#[derive(Clone, Copy)]
pub(super) struct Block(__m256i, __m256i);

impl Block {
    /// Returns eight registers, each with eight bytes as they appear in escapes, followed by eight backslashes. Returns
    /// `None` if an escape is longer.
    ///
    /// # Safety
    /// The processor must have AVX2.
    #[inline(always)]
    unsafe fn escaped(self) -> Option<[__m128i; 8]> {
        // SAFETY: the caller's promise.
        unsafe {
            let (low, high) = (letters(self.0), letters(self.1));
            let least = _mm256_min_epu8(low, high);
            let control = _mm256_cmpeq_epi8(_mm256_min_epu8(least, splat(0x1F)), least);
            if _mm256_movemask_epi8(control) != 0 {
                return None;
            }
            let backslashes = _mm_set1_epi8(b'\\'.cast_signed());
            let (a, b) = (_mm256_castsi256_si128(low), _mm256_extracti128_si256::<1>(low));
            let (c, d) = (_mm256_castsi256_si128(high), _mm256_extracti128_si256::<1>(high));
            Some([
                _mm_unpacklo_epi64(a, backslashes),
                _mm_unpackhi_epi64(a, backslashes),
                _mm_unpacklo_epi64(b, backslashes),
                _mm_unpackhi_epi64(b, backslashes),
                _mm_unpacklo_epi64(c, backslashes),
                _mm_unpackhi_epi64(c, backslashes),
                _mm_unpacklo_epi64(d, backslashes),
                _mm_unpackhi_epi64(d, backslashes),
            ])
        }
    }
}

/// Returns the bytes, with each control character that has an escape letter replaced by it.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn letters(half: __m256i) -> __m256i {
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
    const LETTERS: [u8; 16] = {
        let mut letters = [0; 16];
        let mut control = 0;
        while control < 16 {
            if let Some(letter) = short_escape(control) {
                letters[control as usize] = letter;
            }
            control += 1;
        }
        letters
    };
    // SAFETY: the caller's promise.
    unsafe {
        // A byte of 16 or more then has its highest bit set, and so gets no letter. Each letter is greater than its
        // control character.
        let looked_up = _mm256_shuffle_epi8(table(LETTERS), _mm256_adds_epu8(half, splat(0x70)));
        _mm256_max_epu8(half, looked_up)
    }
}

/// Where each byte comes from when a backslash is inserted before the bytes of the index among eight: from one of them,
/// or, at 8, from the backslashes after them.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
static SPREAD: [[u8; 16]; 256] = {
    let mut spread = [[0; 16]; 256];
    let mut bits = 0;
    while bits < 256 {
        let mut byte = 0;
        let mut at = 0;
        while byte < 8 {
            if bits >> byte & 1 == 1 {
                spread[bits][at] = 8;
                at += 1;
            }
            spread[bits][at] = byte;
            at += 1;
            byte += 1;
        }
        bits += 1;
    }
    spread
};

/// Returns one bit for each byte of both halves whose highest bit is set.
#[inline(always)]
fn bits(low: __m256i, high: __m256i) -> u64 {
    // SAFETY: only called on the halves of a block.
    let (low, high) = unsafe { (_mm256_movemask_epi8(low), _mm256_movemask_epi8(high)) };
    u64::from(low.cast_unsigned()) | u64::from(high.cast_unsigned()) << 32
}

/// Applies an expression to each half and returns the bits. Not a closure: a closure would not have the target features
/// of its surroundings, and then each instruction would be a call.
macro_rules! each {
    ($block:ident, $half:ident => $of:expr) => {{
        let $half = $block.0;
        // SAFETY: see `Block`; nothing is read but registers.
        let low = unsafe { $of };
        let $half = $block.1;
        // SAFETY: as above.
        let high = unsafe { $of };
        bits(low, high)
    }};
}

/// Returns the same byte in every position.
#[inline(always)]
fn splat(byte: u8) -> __m256i {
    // SAFETY: only called where the processor has AVX2.
    unsafe { _mm256_set1_epi8(byte.cast_signed()) }
}

/// Returns a table of sixteen bytes, in both halves.
#[inline(always)]
fn table(bytes: [u8; 16]) -> __m256i {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes.map(u8::cast_signed);
    // SAFETY: only called where the processor has AVX2.
    unsafe {
        _mm256_setr_epi8(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
    }
}

/// Returns the upper four bits of each byte.
#[inline(always)]
fn upper(half: __m256i) -> __m256i {
    // SAFETY: only called on the half of a block.
    unsafe { _mm256_and_si256(_mm256_srli_epi16::<4>(half), splat(0x0F)) }
}

/// Marks what is no base64 symbol.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn no_symbol(half: __m256i) -> __m256i {
    // SAFETY: the caller's promise.
    unsafe {
        let lower = _mm256_shuffle_epi8(table(SYMBOL_LOWER), half);
        let both = _mm256_and_si256(lower, _mm256_shuffle_epi8(table(SYMBOL_UPPER), upper(half)));
        _mm256_cmpeq_epi8(both, _mm256_setzero_si256())
    }
}

/// Marks control characters, backslashes, and bytes that are not ASCII: the highest bit is set.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn special(half: __m256i) -> __m256i {
    // SAFETY: the caller's promise.
    unsafe {
        let control = _mm256_cmpeq_epi8(_mm256_min_epu8(half, splat(0x1F)), half);
        let backslash = _mm256_cmpeq_epi8(half, splat(b'\\'));
        _mm256_or_si256(_mm256_or_si256(control, backslash), half)
    }
}

impl block::Block for Block {
    type Level = Avx2;

    #[inline(always)]
    fn load(_: Avx2, bytes: &[u8; BLOCK]) -> Self {
        let at = bytes.as_ptr();
        // SAFETY: the two loads read the 64 bytes of the array, from any address.
        unsafe { Self(_mm256_loadu_si256(at.cast()), _mm256_loadu_si256(at.add(32).cast())) }
    }

    #[inline(always)]
    fn copy(self, _: &[u8; BLOCK], place: &mut [u8; BLOCK]) {
        // Without this, the compiler would load the bytes again.
        let at = place.as_mut_ptr();
        // SAFETY: the two stores write the 64 bytes of the array, to any address.
        unsafe {
            _mm256_storeu_si256(at.cast(), self.0);
            _mm256_storeu_si256(at.add(32).cast(), self.1);
        }
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> u64 {
        each!(self, half => _mm256_cmpeq_epi8(half, splat(byte)))
    }

    #[inline(always)]
    fn either(self, one: u8, other: u8) -> u64 {
        each!(self, half => {
            _mm256_or_si256(_mm256_cmpeq_epi8(half, splat(one)), _mm256_cmpeq_epi8(half, splat(other)))
        })
    }

    #[inline(always)]
    fn equal_with_bit_5(self, byte: u8) -> u64 {
        each!(self, half => _mm256_cmpeq_epi8(_mm256_or_si256(half, splat(0x20)), splat(byte)))
    }

    #[inline(always)]
    fn white(self) -> u64 {
        // White space is identified by its lower four bits; 0xFF at a place matches no byte with those bits.
        const WHITE: [u8; 16] =
            [b' ', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, b'\t', b'\n', 0xFF, 0xFF, b'\r', 0xFF, 0];
        each!(self, half => _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table(WHITE), half), half))
    }

    #[inline(always)]
    fn digits(self) -> u64 {
        each!(self, half => {
            let value = _mm256_sub_epi8(half, splat(b'0'));
            _mm256_cmpeq_epi8(_mm256_min_epu8(value, splat(9)), value)
        })
    }

    #[inline(always)]
    fn hex(self) -> u64 {
        let letters = each!(self, half => {
            let value = _mm256_sub_epi8(_mm256_or_si256(half, splat(0x20)), splat(b'a'));
            _mm256_cmpeq_epi8(_mm256_min_epu8(value, splat(5)), value)
        });
        self.digits() | letters
    }

    #[inline(always)]
    fn symbols(self) -> u64 {
        !each!(self, half => no_symbol(half))
    }

    #[inline(always)]
    fn are_symbols(_: Avx2, bytes: &[u8; GRANULE]) -> bool {
        let mut others = splat(0);
        let mut rest = bytes.as_slice();
        while let Some((step, behind)) = rest.split_first_chunk::<32>() {
            // SAFETY: the load reads the 32 bytes of the array, from any address; for the rest, see `Block`.
            others = unsafe { _mm256_or_si256(others, no_symbol(_mm256_loadu_si256(step.as_ptr().cast()))) };
            rest = behind;
        }
        // SAFETY: see `Block`.
        unsafe { _mm256_testz_si256(others, others) != 0 }
    }

    #[inline(always)]
    fn control(self) -> u64 {
        each!(self, half => _mm256_cmpeq_epi8(_mm256_min_epu8(half, splat(0x1F)), half))
    }

    #[inline(always)]
    fn must_escape(self) -> u64 {
        each!(self, half => {
            // Flipping bit 1 swaps the space and the quote, and keeps all smaller bytes below them.
            let flipped = _mm256_xor_si256(half, splat(b' ' ^ b'"'));
            let low_or_quote = _mm256_cmpeq_epi8(_mm256_min_epu8(flipped, splat(b' ')), flipped);
            _mm256_or_si256(low_or_quote, _mm256_cmpeq_epi8(half, splat(b'\\')))
        })
    }

    #[inline(always)]
    fn expand(self, must_escape: u64, place: &mut [u8; EXPANDED]) -> Option<usize> {
        // SAFETY: see `Block`.
        let eights = unsafe { self.escaped() }?;
        for (number, eight) in eights.into_iter().enumerate() {
            let before = (number as u32).wrapping_mul(8);
            let bits = (must_escape >> before) as u8;
            let spread = SPREAD.get(usize::from(bits)).unwrap_or(&[0; 16]);
            let escapes = (must_escape & 1_u64.wrapping_shl(before).wrapping_sub(1)).count_ones();
            let at = before.wrapping_add(escapes) as usize;
            // Eight bytes become at most sixteen. Masked so that the compiler sees that the start is at most 127.
            let place = place.get_mut(at & 127..).and_then(<[u8]>::first_chunk_mut::<16>)?;
            // SAFETY: the load reads the 16 bytes of one array, and the store writes those of the other, at any
            // address; for the rest, see `Block`.
            unsafe {
                let spread = _mm_loadu_si128(spread.as_ptr().cast());
                _mm_storeu_si128(place.as_mut_ptr().cast(), _mm_shuffle_epi8(eight, spread));
            }
        }
        Some(BLOCK.wrapping_add(must_escape.count_ones() as usize))
    }

    #[inline(always)]
    fn high(self) -> u64 {
        bits(self.0, self.1)
    }

    #[inline(always)]
    fn escapable(self) -> u64 {
        let not = each!(self, half => {
            let lower = _mm256_shuffle_epi8(table(ESCAPABLE_LOWER), half);
            let both = _mm256_and_si256(lower, _mm256_shuffle_epi8(table(ESCAPABLE_UPPER), upper(half)));
            _mm256_cmpeq_epi8(both, _mm256_setzero_si256())
        });
        !not
    }

    #[inline(always)]
    fn is_special(self) -> bool {
        // SAFETY: see `Block`.
        unsafe {
            let low = special(self.0);
            let high = special(self.1);
            _mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0
        }
    }

    #[inline(always)]
    fn is_invalid_utf8(self, before: Self) -> bool {
        // SAFETY: see `Block`.
        unsafe {
            let wrong = _mm256_or_si256(wrong_utf8(before.1, self.0), wrong_utf8(self.0, self.1));
            _mm256_testz_si256(wrong, wrong) == 0
        }
    }

    const GRANULES: bool = true;

    #[inline(always)]
    fn ordinary(_: Avx2, bytes: &[u8; BEFORE + GRANULE]) -> Option<bool> {
        // SAFETY: see `Block`.
        unsafe { granule::is_ordinary(bytes) }
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        // A carry-less multiplication by all ones gives, at each bit, the XOR of all bits up to it.
        // SAFETY: see `Block`.
        unsafe {
            let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product).cast_unsigned()
        }
    }
}

/// Returns nonzero bytes where these thirty-two bytes, which follow `before`, are not UTF-8.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn wrong_utf8(before: __m256i, half: __m256i) -> __m256i {
    // SAFETY: the caller's promise.
    unsafe {
        // The last sixteen bytes before, and the first sixteen here: what is shifted in.
        let shifted = _mm256_permute2x128_si256::<0x21>(before, half);
        let one_back = _mm256_alignr_epi8::<15>(half, shifted);
        let two_back = _mm256_alignr_epi8::<14>(half, shifted);
        let three_back = _mm256_alignr_epi8::<13>(half, shifted);
        wrong_among(half, [one_back, two_back, three_back])
    }
}

/// Returns nonzero bytes where these thirty-two bytes are not UTF-8, given those that stand one, two and three bytes
/// before each.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn wrong_among(half: __m256i, [one_back, two_back, three_back]: [__m256i; BEFORE]) -> __m256i {
    // SAFETY: the caller's promise.
    unsafe {
        let lower = _mm256_and_si256(one_back, splat(0x0F));
        let first = _mm256_and_si256(
            _mm256_shuffle_epi8(table(FIRST_UPPER), upper(one_back)),
            _mm256_shuffle_epi8(table(FIRST_LOWER), lower),
        );
        let pairs = _mm256_and_si256(first, _mm256_shuffle_epi8(table(SECOND_UPPER), upper(half)));
        // The second byte after a lead of three or four bytes, and the third after a lead of four, must be a
        // continuation byte. Exactly there, two continuation bytes follow each other.
        let third = _mm256_subs_epu8(two_back, splat(0xE0 - 0x80));
        let fourth = _mm256_subs_epu8(three_back, splat(0xF0 - 0x80));
        let must = _mm256_and_si256(_mm256_max_epu8(third, fourth), splat(0x80));
        _mm256_xor_si256(pairs, must)
    }
}
