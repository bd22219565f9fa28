//! Base64 both ways, with AVX2.
#![allow(unsafe_code, reason = "instructions of AVX2")]

use super::super::super::tables::SYMBOL_SHIFT;
use super::super::super::write::Done;
use super::super::level::Avx2;
use super::{no_symbol, splat, table, upper};
use core::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_add_epi8, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mulhi_epu16, _mm256_mullo_epi16,
    _mm256_or_si256, _mm256_permutevar8x32_epi32, _mm256_set_m128i, _mm256_set1_epi32, _mm256_setr_epi32,
    _mm256_shuffle_epi8, _mm256_storeu_si256, _mm256_subs_epu8, _mm256_testz_si256,
};

/// Writes bytes in base64, twenty-four at a time, as long as there are twenty-eight.
#[inline]
pub(in super::super) fn base64(_: Avx2, bytes: &[u8], room: &mut [u8]) -> Done {
    #[target_feature(enable = "avx2")]
    fn base64(bytes: &[u8], room: &mut [u8]) -> Done {
        let (mut read, mut written) = (0_usize, 0_usize);
        loop {
            let near = bytes.get(read..).and_then(<[u8]>::first_chunk::<28>);
            let place = room.get_mut(written..).and_then(<[u8]>::first_chunk_mut::<32>);
            let (Some(near), Some(place)) = (near, place) else { return (read, written) };
            // SAFETY: this function has AVX2.
            let symbols = unsafe { symbols_of(near) };
            // SAFETY: the store writes the 32 bytes of the array, to any address.
            unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast(), symbols) };
            read = read.wrapping_add(24);
            written = written.wrapping_add(32);
        }
    }
    // SAFETY: an `Avx2` proves that the processor has AVX2.
    unsafe { base64(bytes, room) }
}

/// Decodes base64, thirty-two symbols at a time.
#[inline]
pub(in super::super) fn from_base64(_: Avx2, symbols: &[u8], room: &mut [u8]) -> Done {
    #[target_feature(enable = "avx2")]
    fn from_base64(symbols: &[u8], room: &mut [u8]) -> Done {
        let (mut read, mut written) = (0_usize, 0_usize);
        loop {
            let near = symbols.get(read..).and_then(<[u8]>::first_chunk::<32>);
            let place = room.get_mut(written..).and_then(<[u8]>::first_chunk_mut::<32>);
            let (Some(near), Some(place)) = (near, place) else { return (read, written) };
            // SAFETY: the load reads the 32 bytes of the array, from any address.
            let near = unsafe { _mm256_loadu_si256(near.as_ptr().cast()) };
            // SAFETY: this function has AVX2.
            let (others, bytes) = unsafe { (no_symbol(near), bytes_of(near)) };
            if _mm256_testz_si256(others, others) == 0 {
                return (read, written);
            }
            // SAFETY: the store writes the 32 bytes of the array, to any address.
            unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast(), bytes) };
            read = read.wrapping_add(32);
            written = written.wrapping_add(24);
        }
    }
    // SAFETY: an `Avx2` proves that the processor has AVX2.
    unsafe { from_base64(symbols, room) }
}

/// Returns the twenty-four bytes of thirty-two symbols, and eight more.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn bytes_of(symbols: __m256i) -> __m256i {
    /// For the 24 bits of a group, in the lower three bytes of four: those bytes, the highest first.
    const PACK: [u8; 16] = [2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, NONE, NONE, NONE, NONE];
    /// A place from which nothing is taken.
    const NONE: u8 = 0x80;
    // SAFETY: the caller's promise.
    unsafe {
        // The entry before is that of `/`, which has the upper half of `+`.
        let place = _mm256_add_epi8(upper(symbols), _mm256_cmpeq_epi8(symbols, splat(b'/')));
        let values = _mm256_add_epi8(symbols, _mm256_shuffle_epi8(table(SYMBOL_SHIFT), place));
        let twelve = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x0140_0140));
        let twenty_four = _mm256_madd_epi16(twelve, _mm256_set1_epi32(0x0001_1000));
        let packed = _mm256_shuffle_epi8(twenty_four, table(PACK));
        _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7))
    }
}

/// Returns the symbols of the first twenty-four bytes.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn symbols_of(bytes: &[u8; 28]) -> __m256i {
    /// For three bytes a, b, c: b, a, c, b. As two 16-bit numbers, lowest byte first, these are ab and bc.
    const SPREAD: [u8; 16] = [1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10];
    /// What is added to a value to get its symbol: entry 13 for values below 26, entry 0 for those below 52, entries 1
    /// to 10 for the ten after them, entry 11 for 62, entry 12 for 63.
    const SHIFT: [u8; 16] = [
        b'a' - 26,
        DIGIT,
        DIGIT,
        DIGIT,
        DIGIT,
        DIGIT,
        DIGIT,
        DIGIT,
        DIGIT,
        DIGIT,
        DIGIT,
        b'+'.wrapping_sub(62),
        b'/'.wrapping_sub(63),
        b'A',
        0,
        0,
    ];
    const DIGIT: u8 = b'0'.wrapping_sub(52);
    // SAFETY: the loads read bytes 0 to 15 and 12 to 27 of the array, from any address; the rest is the caller's
    // promise.
    unsafe {
        let low = _mm_loadu_si128(bytes.as_ptr().cast());
        let high = _mm_loadu_si128(bytes.as_ptr().add(12).cast());
        let spread = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), table(SPREAD));
        // The four values of six bits, each moved to its byte by a multiplication.
        let first_third = _mm256_mulhi_epu16(
            _mm256_and_si256(spread, _mm256_set1_epi32(0x0FC0_FC00)),
            _mm256_set1_epi32(0x0400_0040),
        );
        let second_fourth = _mm256_mullo_epi16(
            _mm256_and_si256(spread, _mm256_set1_epi32(0x003F_03F0)),
            _mm256_set1_epi32(0x0100_0010),
        );
        let values = _mm256_or_si256(first_third, second_fourth);
        let class = _mm256_subs_epu8(values, splat(51));
        let upper_case = _mm256_and_si256(_mm256_cmpgt_epi8(splat(26), values), splat(13));
        _mm256_add_epi8(values, _mm256_shuffle_epi8(table(SHIFT), _mm256_or_si256(class, upper_case)))
    }
}
