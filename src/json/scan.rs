//! Finds the significant bytes in a run of bytes, by blocks or by machine words.
//!
//! Knows only bytes. Each function returns how many leading bytes need no closer look.

use super::byte::is_plain;
use super::simd;
use super::swar::{self, WORD, lowest, special};
use crate::target::WIDE;
use core::slice::Iter;

/// Returns the number of leading bytes that may appear unescaped in a JSON string and are ASCII: printable ASCII except
/// `"` and `\`, and DEL.
#[inline]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    let at = nearly_plain(bytes);
    let rest = bytes.get(at..).unwrap_or_default();
    at.wrapping_add(rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len()))
}

/// Skips [`plain`] bytes and the byte that follows, and returns that byte, or `None` at the end. Among the last bytes,
/// fewer than two words of them, the byte returned may itself be plain.
#[inline]
pub(crate) fn skip_special(rest: &mut Iter<'_, u8>) -> Option<u8> {
    if let Some(plain) = simd::plain(rest.as_slice()) {
        return rest.nth(plain).copied();
    }
    // Two words per bounds check: on a small processor the check costs half as much as a word.
    while let [first, second, ..] = rest.as_slice().as_chunks().0 {
        let first = special::<false>(usize::from_le_bytes(*first));
        if first != 0 {
            return rest.nth(lowest(first)).copied();
        }
        let second = special::<false>(usize::from_le_bytes(*second));
        if second != 0 {
            return rest.nth(lowest(second).wrapping_add(WORD)).copied();
        }
        rest.nth(const { 2 * WORD - 1 });
    }
    if WIDE && let Some(word) = rest.as_slice().first_chunk() {
        let special = special::<false>(usize::from_le_bytes(*word));
        if special != 0 {
            return rest.nth(lowest(special)).copied();
        }
        rest.nth(const { WORD - 1 });
    }
    rest.next().copied()
}

/// Returns the number of leading [`plain`] bytes, except that the last bytes, fewer than a word, may be left out.
#[inline]
pub(crate) fn nearly_plain(bytes: &[u8]) -> usize {
    simd::plain(bytes).unwrap_or_else(|| swar::plain::<false>(bytes))
}

/// Returns the number of leading printable bytes, that is, [`nearly_plain`] without DEL.
#[inline]
pub(crate) fn nearly_printable(bytes: &[u8]) -> usize {
    simd::printable(bytes).unwrap_or_else(|| swar::plain::<true>(bytes))
}

/// Returns the number of leading bytes of a valid string that are neither `"` nor `\`. Some may be left out.
#[inline]
pub(crate) fn nearly_unmarked(valid: &[u8]) -> usize {
    simd::unmarked(valid).unwrap_or_else(|| {
        let plain = swar::plain::<false>(valid);
        let others = valid.get(plain..).unwrap_or_default().iter().take_while(|byte| **byte > 0x7F);
        plain.wrapping_add(others.count())
    })
}

/// Returns whether all bytes are printable ASCII except `"` and `\`.
#[inline]
pub(crate) fn is_printable(bytes: &[u8]) -> bool {
    let rest = bytes.get(nearly_printable(bytes)..).unwrap_or_default();
    rest.iter().all(|byte| is_plain(*byte) && *byte != 0x7F)
}

/// Returns the number of leading bytes that form whole three-byte characters, which include most of Chinese.
///
/// The lead bytes 0xE0 and 0xED are excluded, because the range of their second byte is narrower.
#[inline]
pub(crate) fn three_byte_characters(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some(([0xE1..=0xEC | 0xEE | 0xEF, 0x80..=0xBF, 0x80..=0xBF], behind)) = rest.split_first_chunk() {
        rest = behind;
    }
    bytes.len().wrapping_sub(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts every byte at every position among bytes that are skipped, with various bytes after it.
    fn each_place(passed: &[u8], mut check: impl FnMut(&[u8])) {
        let mut bytes = [0_u8; 40];
        for len in 0..=bytes.len() {
            for place in 0..len {
                for byte in 0..=u8::MAX {
                    for behind in [b'a', 0x00, 0xFF] {
                        for (at, slot) in bytes.iter_mut().enumerate() {
                            *slot = if at < place { passed[at % passed.len()] } else { behind };
                        }
                        bytes[place] = byte;
                        check(&bytes[..len]);
                    }
                }
            }
        }
    }

    #[test]
    fn plain_bytes_are_those_that_stand_for_themselves() {
        each_place(b" a~\x7F!", |bytes| {
            let expected = bytes.iter().position(|byte| !is_plain(*byte)).unwrap_or(bytes.len());
            assert_eq!(plain(bytes), expected, "{}", bytes.escape_ascii());
            assert_eq!(
                swar::plain::<false>(bytes),
                expected.min(bytes.len() / WORD * WORD),
                "{}",
                bytes.escape_ascii()
            );
        });
        for byte in 0..=u8::MAX {
            assert_eq!(is_plain(byte), (b' '..0x80).contains(&byte) && !b"\"\\".contains(&byte));
        }
    }

    #[test]
    fn a_special_byte_is_found_but_for_the_last_of_all() {
        each_place(b" a~\x7F!", |bytes| {
            let expected = bytes.iter().position(|byte| !is_plain(*byte)).unwrap_or(bytes.len());
            let mut rest = bytes.iter();
            let found = skip_special(&mut rest);
            let at = bytes.len() - rest.len() - usize::from(found.is_some());
            assert_eq!(found, bytes.get(at).copied(), "{}", bytes.escape_ascii());
            assert!(at == expected || (at < expected && bytes.len() - at < 2 * WORD), "{}", bytes.escape_ascii());
        });
    }

    #[test]
    fn printable_bytes_are_the_plain_ones_but_for_delete() {
        each_place(b" a~!", |bytes| {
            let passes = |byte: &u8| is_plain(*byte) && *byte != 0x7F;
            let expected = bytes.iter().position(|byte| !passes(byte)).unwrap_or(bytes.len());
            let found = nearly_printable(bytes);
            let left_out = expected - found;
            assert!(left_out == 0 || (left_out < WORD && expected == bytes.len()) || bytes.len() - found < WORD);
            assert_eq!(is_printable(bytes), expected == bytes.len());
            assert_eq!(swar::plain::<true>(bytes), expected.min(bytes.len() / WORD * WORD), "{}", bytes.escape_ascii());
        });
    }

    #[test]
    fn characters_of_three_bytes_are_whole() {
        each_place("\u{1000}中\u{FFFD}".as_bytes(), |bytes| {
            let mut expected = 0;
            while let Some(three) = bytes.get(expected..expected + 3) {
                let Ok(text) = core::str::from_utf8(three) else { break };
                if text.chars().count() > 1 || matches!(three[0], 0xE0 | 0xED) {
                    break;
                }
                expected += 3;
            }
            assert_eq!(three_byte_characters(bytes), expected, "{}", bytes.escape_ascii());
        });
    }
}
