//! What is ordinary in a granule, with AVX2.
#![allow(unsafe_code, reason = "instructions of AVX2")]

use super::super::super::block::{BEFORE, GRANULE};
use super::{splat, table, upper, wrong_among};
use core::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_blendv_epi8, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
    _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_testz_si256,
};

/// See `Block::ordinary`. Three passes, each without a branch within: over all granules, over those that are not ASCII, and
/// over those with a quote or a backslash. What comes before a byte is loaded from there, which takes less than to shift it
/// in.
///
/// The compiler unrolls each pass, keeps its tables in registers, and leaves few of the values in memory. Thirty-two bytes
/// take five instructions besides loads in the first pass, sixteen in the second, and ten in the third.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
pub(super) unsafe fn is_ordinary(bytes: &[u8; BEFORE + GRANULE]) -> Option<bool> {
    /// A quote and a backslash at their lower halves. At all others is what no such byte is equal to.
    const MARKS: [u8; 16] = [0xFF, 0, b'"', 0, 0, 0, 0, 0, 0, 0, 0, 0, b'\\', 0, 0, 0];
    const STEP: usize = 32;
    /// As the tables of what may follow a backslash, for what is not rare: all but `\\` and `u`.
    const ORDINARY_UPPER: [u8; 16] = [0, 0, 1, 0, 0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    const ORDINARY_LOWER: [u8; 16] = [0, 0, 1 | 4 | 8, 0, 8, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 1];
    /// Marks quotes and backslashes.
    ///
    /// # Safety
    /// The processor must have AVX2.
    #[inline(always)]
    unsafe fn matched(here: __m256i) -> __m256i {
        // SAFETY: the caller's promise.
        unsafe { _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table(MARKS), here), here) }
    }

    /// Returns the thirty-two bytes of this step, or what comes so many bytes before each.
    ///
    /// # Safety
    /// The processor must have AVX2, `step` be below `GRANULE / STEP`, and `back` at most `BEFORE`.
    #[inline(always)]
    unsafe fn load(bytes: &[u8; BEFORE + GRANULE], step: usize, back: usize) -> __m256i {
        let at = BEFORE.wrapping_sub(back).wrapping_add(step.wrapping_mul(STEP));
        // SAFETY: the load reads 32 of the bytes of the array, from any address: it begins at most
        // `BEFORE + GRANULE - STEP` bytes after the first. The rest is the caller's promise.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().add(at).cast()) }
    }
    // SAFETY: the caller's promise.
    unsafe {
        // An escape or a character that begins before goes on here.
        let mut marks = matched(load(bytes, 0, 1));
        let (mut least, mut any) = (splat(b' '), load(bytes, 0, BEFORE));
        for step in 0..GRANULE / STEP {
            let here = load(bytes, step, 0);
            marks = _mm256_or_si256(marks, matched(here));
            least = _mm256_min_epu8(least, here);
            any = _mm256_or_si256(any, here);
        }
        let mut rare = _mm256_cmpgt_epi8(splat(b' '), least);
        if _mm256_movemask_epi8(any) != 0 {
            for step in 0..GRANULE / STEP {
                let back = [load(bytes, step, 1), load(bytes, step, 2), load(bytes, step, 3)];
                rare = _mm256_or_si256(rare, wrong_among(load(bytes, step, 0), back));
            }
        }
        if _mm256_testz_si256(rare, rare) == 0 {
            return None;
        }
        if _mm256_testz_si256(marks, marks) != 0 {
            return Some(false);
        }
        for step in 0..GRANULE / STEP {
            let here = load(bytes, step, 0);
            let escaped = _mm256_cmpeq_epi8(load(bytes, step, 1), splat(b'\\'));
            let quote = _mm256_cmpeq_epi8(here, splat(b'"'));
            let lower = _mm256_shuffle_epi8(table(ORDINARY_LOWER), here);
            let both = _mm256_and_si256(lower, _mm256_shuffle_epi8(table(ORDINARY_UPPER), upper(here)));
            let others = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
            rare = _mm256_or_si256(rare, _mm256_blendv_epi8(quote, others, escaped));
        }
        // No quote is bare, so the mark is a backslash.
        (_mm256_testz_si256(rare, rare) != 0).then_some(true)
    }
}
