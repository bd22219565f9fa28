//! Finds what matters in a run of bytes, a machine word at a time.
//!
//! It knows bytes alone. Each function says how many leading bytes need no look of their own.

use super::simd;

/// Bytes in a machine word: 4 on a Cortex-M, 8 on most hosts.
const WORD: usize = size_of::<usize>();
/// A word with `byte` in each of its bytes.
const fn splat(byte: u8) -> usize {
    usize::from_ne_bytes([byte; WORD])
}
const HIGH: usize = splat(0x80);

/// The number of leading bytes that stand for themselves in a JSON string: printable ASCII but `"` and `\`, and DEL.
#[inline]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    simd::plain(bytes).unwrap_or_else(|| plain_in_words(bytes))
}

/// As [`plain`], in words.
///
/// For bytes below 0x80, subtracting sets the high bit exactly when the byte is below the subtrahend; a borrow can
/// spoil only bytes above one that matters, and bytes of 0x80 and more matter themselves. So the lowest high bit set
/// is always right.
#[inline]
fn plain_in_words(bytes: &[u8]) -> usize {
    let mut at = 0_usize;
    let mut words = bytes.chunks_exact(WORD);
    for word in &mut words {
        let Ok(word) = word.try_into() else { break };
        let word = usize::from_le_bytes(word);
        let control = word.wrapping_sub(splat(0x20));
        let quote = (word ^ splat(b'"')).wrapping_sub(splat(1));
        let backslash = (word ^ splat(b'\\')).wrapping_sub(splat(1));
        let special = (word | control | quote | backslash) & HIGH;
        if special != 0 {
            return at.wrapping_add((special.trailing_zeros() >> 3) as usize);
        }
        at = at.wrapping_add(WORD);
    }
    let rest = words.remainder();
    at.wrapping_add(rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len()))
}

/// Whether a byte stands for itself in a JSON string.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7F) && byte != b'"' && byte != b'\\'
}

/// The number of leading bytes that make up whole characters of three bytes, most of Chinese among them.
///
/// The leads 0xE0 and 0xED are left out: their second byte has a narrower range.
#[inline]
pub(crate) fn three_byte_characters(bytes: &[u8]) -> usize {
    let mut at = 0_usize;
    for character in bytes.chunks_exact(3) {
        let &[0xE1..=0xEC | 0xEE | 0xEF, 0x80..=0xBF, 0x80..=0xBF] = character else { break };
        at = at.wrapping_add(3);
    }
    at
}

/// The number of leading bytes that are at least `least`, which is ASCII, and not DEL.
#[inline]
pub(crate) fn printable(bytes: &[u8], least: u8) -> usize {
    if let Some(len) = simd::printable(bytes, least) {
        return len;
    }
    let mut at = 0_usize;
    let mut words = bytes.chunks_exact(WORD);
    for word in &mut words {
        let Ok(word) = word.try_into() else { break };
        let word = usize::from_le_bytes(word);
        // Seven bits and seven bits make no carry, so every byte is told alone.
        let low = word & !HIGH;
        let least = low.wrapping_add(splat(0x80_u8.wrapping_sub(least)));
        let delete = (low ^ splat(0x7F)).wrapping_add(splat(0x7F));
        let refused = (!(least & delete) & !word) & HIGH;
        if refused != 0 {
            return at.wrapping_add((refused.trailing_zeros() >> 3) as usize);
        }
        at = at.wrapping_add(WORD);
    }
    let rest = words.remainder();
    let refused = |byte: &u8| *byte < least || *byte == 0x7F;
    at.wrapping_add(rest.iter().position(refused).unwrap_or(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place of some bytes that are passed over, and whatever comes behind it.
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
            assert_eq!(plain_in_words(bytes), expected, "{}", bytes.escape_ascii());
        });
        for byte in 0..=u8::MAX {
            assert_eq!(is_plain(byte), (b' '..0x80).contains(&byte) && !b"\"\\".contains(&byte));
        }
    }

    #[test]
    fn printable_bytes_are_at_least_the_least() {
        for least in [b' ', b'!', b'0', 0x7E] {
            each_place(b"~\x80\xFF", |bytes| {
                let expected = bytes.iter().position(|byte| *byte < least || *byte == 0x7F).unwrap_or(bytes.len());
                assert_eq!(printable(bytes, least), expected, "{least}: {}", bytes.escape_ascii());
            });
        }
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
