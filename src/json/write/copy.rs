//! Copies strings that need no escape. Most strings of an envelope are short and need none.

use super::super::simd;
use super::super::swar;

/// Writes a string with its quotes at once, if `copy` copies all of it and there is room, and returns the length
/// written. This covers most strings of an envelope, which are short.
#[inline]
pub(crate) fn quote(plain: &[u8], room: &mut [u8], copy: fn(&[u8], &mut [u8]) -> usize) -> Option<usize> {
    let len = plain.len().checked_add(2)?;
    let (opening, room) = room.get_mut(..len)?.split_first_mut()?;
    let (closing, room) = room.split_last_mut()?;
    if copy(plain, room) < plain.len() {
        return None;
    }
    (*opening, *closing) = (b'"', b'"');
    Some(len)
}

/// The longest string that [`quote_short`] writes.
pub(crate) const SHORT: usize = 32;
/// Room for such a string with its quotes.
pub(crate) const SHORT_QUOTED: usize = SHORT + 2;

/// Writes a short string as [`quote`] does: all of it, or nothing that counts.
#[inline]
pub(crate) fn quote_short(plain: &[u8], room: &mut [u8; SHORT_QUOTED]) -> Option<usize> {
    let (opening, room) = room.split_first_mut()?;
    if plain.len() > SHORT || !copy_short(plain, room.first_chunk_mut()?) {
        return None;
    }
    (*opening, *room.get_mut(plain.len())?) = (b'"', b'"');
    plain.len().checked_add(2)
}

/// Copies a short string, if all of it is printable and needs no escape. What is written after it does not count.
#[inline(never)]
fn copy_short(plain: &[u8], room: &mut [u8; SHORT]) -> bool {
    simd::copy_short(plain, room).unwrap_or_else(|| swar::copy(plain, room) == plain.len())
}

/// Copies leading bytes that are printable and need no escape, as far as there is room, and returns how many. There may
/// be more such bytes, and what it writes after them does not count.
#[inline]
pub(crate) fn copy(text: &[u8], room: &mut [u8]) -> usize {
    simd::copy(text, room).unwrap_or_else(|| swar::copy(text, room))
}

/// Copies letters, digits and hyphens as [`copy`] does. The copy counts only if the result is the whole length; a long
/// text may be refused. Most header names consist of these. Not every token does, and an empty text is not a token.
#[inline]
pub(crate) fn copy_token(text: &[u8], room: &mut [u8]) -> usize {
    simd::copy_token(text, room).unwrap_or_else(|| swar::copy_token(text, room))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec;

    #[test]
    fn a_token_is_copied_whole_or_not_at_all() {
        for len in 0..40 {
            for place in 0..len {
                for byte in 0..=0xFF {
                    let mut text = vec![b"aZ0-9zA"[len % 7]; len];
                    text[place] = byte;
                    let fine = byte.is_ascii_alphanumeric() || byte == b'-';
                    for room in [0, place, len, len + 1] {
                        for (copy, most) in [(copy_token as fn(&[u8], &mut [u8]) -> usize, 32), (swar::copy_token, 64)]
                        {
                            let mut copied = vec![0xAA; room];
                            let whole = copy(&text, &mut copied) == len;
                            assert!(if fine && room >= len && len <= most {
                                whole
                            } else {
                                !whole || len > 32 && fine
                            });
                            assert!(!whole || copied[..len] == text);
                            assert!(copied.iter().skip(len).all(|byte| *byte == 0xAA), "what follows is left alone");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_copied_is_printable_and_needs_no_escape() {
        for len in 0..40 {
            for place in 0..len {
                for byte in 0..=0xFE {
                    let mut text = vec![b"a~ \x80"[len % 4]; len];
                    text[place] = byte;
                    let refused = byte < 0x20 || b"\"\\\x7F".contains(&byte);
                    let leading = if refused { place } else { len };
                    for room in [0, place, len, len + 1] {
                        let mut copied = vec![0xAA; room];
                        assert_eq!(swar::copy(&text, &mut copied), leading.min(room), "{}", text.escape_ascii());
                        assert_eq!(copied[..leading.min(room)], text[..leading.min(room)]);
                        let mut copied = vec![0xAA; room];
                        let most = copy(&text, &mut copied);
                        assert!(most <= leading && (refused || room < len || most == len), "{}", text.escape_ascii());
                        assert_eq!(copied[..most], text[..most]);
                        assert!(copied.iter().skip(len).all(|byte| *byte == 0xAA), "what follows is left alone");
                    }
                }
            }
        }
    }
}
