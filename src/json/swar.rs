//! Looks at a machine word of bytes at once.
//!
//! It knows bytes alone. A byte of a word is one of its lanes; what is found is told by the high bit of the lane.

use super::byte::is_escaped;

/// Bytes in a machine word: 4 on a Cortex-M, 8 on most hosts.
pub(super) const WORD: usize = size_of::<usize>();
/// A word with `byte` in each of its bytes.
const fn splat(byte: u8) -> usize {
    usize::from_ne_bytes([byte; WORD])
}
const HIGH: usize = splat(0x80);

/// The number of leading bytes that stand for themselves in a JSON string, in whole words, where DEL is `REFUSED` or not.
#[inline]
pub(super) fn plain<const REFUSED: bool>(bytes: &[u8]) -> usize {
    let mut at = 0_usize;
    for word in bytes.as_chunks::<WORD>().0 {
        let special = special::<REFUSED>(usize::from_le_bytes(*word));
        if special != 0 {
            return at.wrapping_add(lowest(special));
        }
        at = at.wrapping_add(WORD);
    }
    at
}

/// Whether there is a space among these. A borrow spoils no byte but those above a space.
#[inline]
pub(crate) fn has_space(bytes: &[u8]) -> bool {
    any(bytes, |word| {
        let spaces = word ^ splat(b' ');
        spaces.wrapping_sub(splat(1)) & !spaces
    })
}

/// Whether these, which are ASCII, are letters and hyphens alone.
#[inline]
pub(crate) fn is_letters_and_hyphens(bytes: &[u8]) -> bool {
    !any(bytes, |word| {
        // No byte carries into the next.
        let lower = word | splat(0x20);
        let letter = lower.wrapping_add(splat(0x80 - b'a')) & !lower.wrapping_add(splat(0x7F - b'z'));
        let other = (word ^ splat(b'-')).wrapping_add(splat(0x7F));
        other & !letter
    })
}

/// Whether this makes one of the bytes high. They come in words, of which the last may share bytes with the one before, or
/// hold letters besides.
#[inline]
fn any(bytes: &[u8], high: impl Fn(usize) -> usize) -> bool {
    let is_any = |word| high(word) & HIGH != 0;
    match bytes.last_chunk() {
        Some(last) => {
            bytes.as_chunks().0.iter().any(|word| is_any(usize::from_ne_bytes(*word)))
                || is_any(usize::from_ne_bytes(*last))
        }
        None => is_any(bytes.iter().fold(splat(b'a'), |word, byte| word << 8 | usize::from(*byte))),
    }
}

/// The high bits of the bytes of a word that do not stand for themselves; those above the lowest of them may be wrong.
///
/// For bytes below 0x80, subtracting sets the high bit exactly when the byte is below the subtrahend; a borrow can
/// spoil only bytes above one that matters. Those of 0x80 and more matter themselves, and one of the subtractions
/// leaves their high bit, whichever the byte is. So the lowest high bit set is always right. Changing bit 1 makes the
/// quote a space and leaves what is below a space there, so one subtraction tells both. Adding one sets the high bit of DEL, and what it carries from 0xFF spoils no byte that matters either.
#[inline]
pub(super) const fn special<const REFUSED: bool>(word: usize) -> usize {
    let low = (word ^ splat(b'"' ^ b' ')).wrapping_sub(splat(b' ' + 1));
    let backslash = (word ^ splat(b'\\')).wrapping_sub(splat(1));
    let delete = if REFUSED { word.wrapping_add(splat(1)) } else { 0 };
    (low | backslash | delete) & HIGH
}

/// The place of the lowest byte of a word that has a bit set.
#[inline]
pub(super) const fn lowest(word: usize) -> usize {
    (word.trailing_zeros() >> 3) as usize
}

/// Copies bytes that are letters, digits and hyphens, if there is room: all, or none.
#[inline(never)]
pub(super) fn copy_token(text: &[u8], room: &mut [u8]) -> usize {
    let Some(room) = room.get_mut(..text.len()) else { return 0 };
    let (words, rest) = text.as_chunks::<WORD>();
    let (places, places_left) = room.as_chunks_mut::<WORD>();
    for (word, place) in words.iter().zip(places) {
        *place = *word;
        if !is_token(usize::from_le_bytes(*word)) {
            return 0;
        }
    }
    let mut last = splat(b'a');
    for (byte, place) in rest.iter().zip(places_left) {
        *place = *byte;
        last = last << 8 | usize::from(*byte);
    }
    if is_token(last) { text.len() } else { 0 }
}

/// Whether all bytes of a word are letters, digits or hyphens.
///
/// In lower case they keep what sets them apart from all but control characters, and no other byte below 0x80 carries
/// anything over.
#[inline]
const fn is_token(word: usize) -> bool {
    let lower = word | splat(0x20);
    let letters = lower.wrapping_add(splat(0x80 - b'a')) & !lower.wrapping_add(splat(0x7F - b'z'));
    let digits = lower.wrapping_add(splat(0x80 - b'0')) & !lower.wrapping_add(splat(0x7F - b'9'));
    let hyphens = !(lower ^ splat(b'-')).wrapping_add(splat(0x7F));
    let no_control = word.wrapping_add(splat(0x60));
    (letters | digits | hyphens) & no_control & !word & HIGH == HIGH
}

/// Copies leading bytes that are printable and need no escape in a JSON string, as far as there is room, and says how many.
#[inline(never)]
pub(super) fn copy(text: &[u8], room: &mut [u8]) -> usize {
    let mut at = 0_usize;
    for (word, place) in text.chunks_exact(WORD).zip(room.chunks_exact_mut(WORD)) {
        let Ok(word) = <[u8; WORD]>::try_from(word) else { break };
        place.copy_from_slice(&word);
        let special = must_escape(usize::from_le_bytes(word));
        if special != 0 {
            return at.wrapping_add(lowest(special));
        }
        at = at.wrapping_add(WORD);
    }
    let rest = text.get(at..).unwrap_or_default();
    let place = room.get_mut(at..).unwrap_or_default();
    for (byte, place) in rest.iter().zip(place) {
        if is_escaped(*byte) || *byte == 0x7F {
            break;
        }
        *place = *byte;
        at = at.wrapping_add(1);
    }
    at
}

/// The high bit of each byte that must be escaped, or is DEL. The lowest one is right, those above it need not be.
///
/// What is below 0x80 gets it by subtracting what it is less than, and only such a byte borrows from the next; or by
/// adding one, which no byte of UTF-8 carries over. To flip bit 1 swaps 0x20 and 0x22, the space and the quote, and
/// leaves what is less below them.
#[inline]
const fn must_escape(word: usize) -> usize {
    let low_or_quote = (word ^ splat(b' ' ^ b'"')).wrapping_sub(splat(b' ' + 1));
    let backslash = (word ^ splat(b'\\')).wrapping_sub(splat(1));
    let delete = word.wrapping_add(splat(1));
    (low_or_quote | backslash | delete) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_spaces_and_letters() {
        for len in 0..20 {
            for place in 0..len {
                for byte in 0..0x80 {
                    for around in *b"a-Z~!" {
                        let mut bytes = [around; 20];
                        bytes[place] = byte;
                        let bytes = &bytes[..len];
                        assert_eq!(has_space(bytes), byte == b' ');
                        let expected = bytes.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
                        assert_eq!(is_letters_and_hyphens(bytes), expected, "{}", bytes.escape_ascii());
                    }
                }
            }
        }
        assert!(!has_space(b"") && is_letters_and_hyphens(b""));
    }
}
