//! Examines the bytes of a machine word at once.
//!
//! Knows only bytes. Each byte of a word is a lane, and the high bit of a lane holds its result.

use super::byte::is_escaped;

/// Bytes in a machine word: 4 on a Cortex-M, 8 on most hosts.
pub(super) const WORD: usize = size_of::<usize>();
/// Returns a word with `byte` in each of its bytes.
const fn splat(byte: u8) -> usize {
    usize::from_ne_bytes([byte; WORD])
}
const HIGH: usize = splat(0x80);

/// Returns the number of leading bytes that may appear unescaped in a JSON string and are ASCII, in whole words.
/// `REFUSED` says whether DEL is excluded.
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

/// Returns whether there is a space among the bytes. A borrow corrupts only bytes above a space.
#[inline]
pub(crate) fn has_space(bytes: &[u8]) -> bool {
    any(bytes, |word| {
        let spaces = word ^ splat(b' ');
        spaces.wrapping_sub(splat(1)) & !spaces
    })
}

/// Returns whether the bytes, which are ASCII, are all letters and hyphens.
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

/// Returns whether `high` sets the high bit of any byte. The bytes come in words; the last word may overlap the one
/// before, or be padded with letters.
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

/// Returns the high bits of the bytes of a word that are not plain. The bits above the lowest one may be wrong.
///
/// For bytes below 0x80, subtracting sets the high bit exactly when the byte is below the subtrahend. A borrow can
/// corrupt only bytes above one that counts. Bytes of 0x80 and more count themselves, and one of the subtractions keeps
/// their high bit, whatever the byte is. So the lowest high bit that is set is always right. Flipping bit 1 turns the
/// quote into a space and keeps all bytes below a space below it, so one subtraction detects both. Adding one sets the
/// high bit of DEL, and the carry out of 0xFF does not corrupt a byte that counts either.
#[inline]
pub(super) const fn special<const REFUSED: bool>(word: usize) -> usize {
    let low = (word ^ splat(b'"' ^ b' ')).wrapping_sub(splat(b' ' + 1));
    let backslash = (word ^ splat(b'\\')).wrapping_sub(splat(1));
    let delete = if REFUSED { word.wrapping_add(splat(1)) } else { 0 };
    (low | backslash | delete) & HIGH
}

/// Returns the index of the lowest byte of a word that has a bit set.
#[inline]
pub(super) const fn lowest(word: usize) -> usize {
    (word.trailing_zeros() >> 3) as usize
}

/// Copies letters, digits and hyphens, if there is room: all of the text, or nothing that counts.
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

/// Returns whether all bytes of a word are letters, digits or hyphens.
///
/// Setting the case bit keeps these distinct from everything except control characters, and no other byte below 0x80
/// carries into the next.
#[inline]
const fn is_token(word: usize) -> bool {
    let lower = word | splat(0x20);
    let letters = lower.wrapping_add(splat(0x80 - b'a')) & !lower.wrapping_add(splat(0x7F - b'z'));
    let digits = lower.wrapping_add(splat(0x80 - b'0')) & !lower.wrapping_add(splat(0x7F - b'9'));
    let hyphens = !(lower ^ splat(b'-')).wrapping_add(splat(0x7F));
    let no_control = word.wrapping_add(splat(0x60));
    (letters | digits | hyphens) & no_control & !word & HIGH == HIGH
}

/// Copies leading bytes that are printable and need no escape in a JSON string, as far as there is room, and returns
/// how many.
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

/// Returns the high bit of each byte that must be escaped or is DEL. The lowest bit is right; those above it may be
/// wrong.
///
/// A byte below 0x80 gets its bit from subtracting the bound that it is below, and only such a byte borrows from the
/// next; or from adding one, which no byte of UTF-8 carries over. Flipping bit 1 swaps 0x20 and 0x22, the space and the
/// quote, and keeps all smaller bytes below them.
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
