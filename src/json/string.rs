//! The grammar of a string: what may stand between its quotes (RFC 8259, section 7; RFC 3629, section 4).
//!
//! It knows escapes and UTF-8. A string may come in pieces: what a piece cuts in two, an escape or a character, is left
//! for the next, at most eleven bytes.

use super::scan;
use super::simd;
use crate::error::ErrorKind;

/// How far the content of a string goes in a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Length up to the closing quote, to what is cut or wrong, or to the end of the piece.
    pub(crate) len: usize,
    /// An escape has been there.
    pub(crate) escaped: bool,
    /// Known to be nothing but printable ASCII, and no escapes.
    pub(crate) printable: bool,
    pub(crate) stop: Stop,
}

/// Why the content stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Quote,
    /// The piece ends, perhaps within an escape or a character.
    Cut,
    /// Something is wrong, at this position in the piece.
    Wrong(ErrorKind, usize),
}

/// What is longer is worth the way to a faster reader, where there is one; so nothing is that is [`short`].
pub(crate) const SHORT: usize = 128;

/// What a string that is [`short`] may be made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Printable ASCII but `"` and `\`.
    Printable,
    /// The same without the space.
    Visible,
    /// Letters, digits and hyphens.
    Token,
}

/// The string whose content begins here, and what follows it, if it is short and made of these. Most are.
#[inline(always)]
pub(crate) fn short(text: &[u8], alphabet: Alphabet) -> Option<(&[u8], &[u8])> {
    if simd::IS_BLOCKS {
        return simd::short(text, alphabet);
    }
    if alphabet != Alphabet::Printable {
        return None;
    }
    let len = scan::nearly_printable(text.get(..SHORT).unwrap_or(text));
    match text.split_at_checked(len)? {
        (content, [b'"', behind @ ..]) => Some((content, behind)),
        _ => None,
    }
}

/// Reads on inside a string that is not [`short`].
#[inline]
pub(crate) fn long_content(text: &[u8]) -> Content {
    if simd::IS_BLOCKS { content(text) } else { any_content(text, 0) }
}

/// Reads on inside a string.
#[inline]
pub(crate) fn content(piece: &[u8]) -> Content {
    // Most strings hold nothing but printable characters, and not many.
    let len = scan::nearly_printable(piece.get(..SHORT).unwrap_or(piece));
    match piece.get(len) {
        Some(b'"') => Content { len, escaped: false, printable: true, stop: Stop::Quote },
        _ => any_content(piece, len),
    }
}

/// The same from a character on that is not plain. Kept apart, so that the common case stays small.
#[inline(never)]
fn any_content(piece: &[u8], from: usize) -> Content {
    match simd::content(piece.get(from..).unwrap_or_default()) {
        None => content_by_bytes(piece, from, false),
        Some(blocks) => {
            let len = from.wrapping_add(blocks.len);
            match blocks.stop {
                Stop::Quote => Content { len, ..blocks },
                _ => content_by_bytes(piece, len, blocks.escaped),
            }
        }
    }
}

/// The same byte by byte, where an escape may have been before.
pub(super) fn content_by_bytes(piece: &[u8], from: usize, escaped: bool) -> Content {
    let mut escaped = escaped;
    let mut rest = piece.get(from..).unwrap_or_default();
    let stop = loop {
        rest = rest.get(scan::nearly_plain(rest)..).unwrap_or_default();
        let Some((first, behind)) = rest.split_first() else { break Stop::Cut };
        match first {
            b'"' => break Stop::Quote,
            b'\\' => escaped = true,
            _ => {}
        }
        match atom(*first, behind) {
            (0, None) => break Stop::Cut,
            (len, None) => rest = rest.get(len..).unwrap_or_default(),
            (wrong, Some(kind)) => {
                break Stop::Wrong(kind, piece.len().wrapping_sub(rest.len()).wrapping_add(wrong));
            }
        }
    };
    Content { len: piece.len().wrapping_sub(rest.len()), escaped, printable: false, stop }
}

/// Length of something in a string; 0 when it is cut, but right as far as it goes. Or where it is wrong, and what is
/// wrong with it.
type Atom = (usize, Option<ErrorKind>);

/// Whether a backslash and this letter are an escape.
#[inline]
pub(super) const fn is_short_escape(letter: u8) -> bool {
    // One bit for each, from the backslash on. Left to the compiler, this takes two registers of a small processor from
    // all of a walk.
    const LETTERS: u32 = {
        let mut letters = 0_u32;
        let mut rest = b"\\bfnrt".as_slice();
        while let [letter, behind @ ..] = rest {
            letters |= 1_u32.wrapping_shl(letter.wrapping_sub(b'\\') as u32);
            rest = behind;
        }
        letters
    };
    match letter {
        b'"' | b'/' => true,
        b'\\'..=b't' => LETTERS.wrapping_shr(letter.wrapping_sub(b'\\') as u32) & 1 != 0,
        _ => false,
    }
}

/// Length of what begins with this byte, which is no quote, and goes on behind it: an escape, or characters.
#[inline(never)]
pub(super) fn atom(first: u8, behind: &[u8]) -> Atom {
    match (first, behind) {
        (b'\\', _) => match escape(behind) {
            (len, Some(_)) => (len, None),
            (0, None) => (0, Some(ErrorKind::LoneSurrogate)),
            (wrong, None) if wrong <= behind.len() => (wrong, Some(ErrorKind::InvalidEscape)),
            _ => (0, None),
        },
        // Most of Chinese. Behind 0xE0 and 0xED, not all of these may stand.
        (0xE1..=0xEC | 0xEE | 0xEF, [0x80..=0xBF, 0x80..=0xBF, rest @ ..]) => {
            (scan::three_byte_characters(rest).wrapping_add(3), None)
        }
        (0x80.., _) => character(first, behind),
        (0x20.., _) => (behind.iter().take_while(|byte| scan::is_plain(**byte)).count().wrapping_add(1), None),
        _ => (0, Some(ErrorKind::ControlCharacter)),
    }
}

/// The escape whose backslash stands before these bytes: its length with the backslash, and the character that it stands
/// for. If it stands for none, where it is wrong: at the backslash, if it is half of a pair alone, and at the end of the
/// bytes, if these cut it.
#[inline(never)]
pub(super) fn escape(bytes: &[u8]) -> (usize, Option<char>) {
    let letter = match bytes.first() {
        Some(b'u') => return unicode(bytes),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        _ => return (1, None),
    };
    (2, Some(letter))
}

/// The same of one in hex digits, or two that are a surrogate pair.
fn unicode(bytes: &[u8]) -> (usize, Option<char>) {
    let (mut end, mut code) = hex(bytes, 1);
    if let 0xD800..=0xDBFF = code {
        match bytes.get(end..).unwrap_or_default() {
            [] | [b'\\'] => return (bytes.len().wrapping_add(1), None),
            [b'\\', b'u', ..] => {
                let high = code;
                (end, code) = hex(bytes, 7);
                match code {
                    // RFC 8259, section 7.
                    0xDC00..=0xDFFF => code = (((high & 0x3FF) << 10) | (code & 0x3FF)).wrapping_add(0x1_0000),
                    NO_DIGITS => {}
                    _ => code = high,
                }
            }
            _ => {}
        }
    }
    (if let 0xD800..=0xDFFF = code { 0 } else { end.wrapping_add(1) }, char::from_u32(code))
}

/// What four hex digits do not stand for.
const NO_DIGITS: u32 = u32::MAX;

/// Where four hex digits end, and the number that they stand for; or where there is none.
#[inline(never)]
fn hex(bytes: &[u8], from: usize) -> (usize, u32) {
    let mut code = 0_u32;
    let mut at = from;
    while at < from.wrapping_add(4) {
        let Some(digit) = bytes.get(at).and_then(|digit| char::from(*digit).to_digit(16)) else {
            return (at, NO_DIGITS);
        };
        code = (code << 4) | digit;
        at = at.wrapping_add(1);
    }
    (at, code)
}

/// Length of the character of several bytes that begins with this one.
#[inline(never)]
fn character(first: u8, behind: &[u8]) -> Atom {
    // How many bytes follow the first, and what the first of them may be.
    let (following, low, high) = match first {
        0xC2..=0xDF => (1, 0x80, 0xBF),
        0xE0 => (2, 0xA0, 0xBF),
        0xED => (2, 0x80, 0x9F),
        0xE1..=0xEF => (2, 0x80, 0xBF),
        0xF0 => (3, 0x90, 0xBF),
        0xF4 => (3, 0x80, 0x8F),
        0xF1..=0xF3 => (3, 0x80, 0xBF),
        _ => return (0, Some(ErrorKind::InvalidUtf8)),
    };
    let mut range = low..=high;
    let mut len = 1_usize;
    for byte in behind.iter().take(following) {
        if !range.contains(byte) {
            return (0, Some(ErrorKind::InvalidUtf8));
        }
        range = 0x80..=0xBF;
        len = len.wrapping_add(1);
    }
    (if len > following { len } else { 0 }, None)
}

/// Where a valid string ends whose content begins here, and whether it holds an escape.
pub(crate) fn end(content: &[u8]) -> Option<(usize, bool)> {
    let mut escaped = false;
    let mut rest = content.iter();
    loop {
        match rest.next()? {
            b'"' => return Some((content.len().wrapping_sub(rest.len()).wrapping_sub(1), escaped)),
            b'\\' => {
                escaped = true;
                rest.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{escape, is_short_escape};

    #[test]
    fn short_escapes_are_those_of_two_bytes() {
        for letter in 0..=u8::MAX {
            let is_escape = matches!(escape(&[letter]), (2, Some(_)));
            assert_eq!(is_short_escape(letter), is_escape, "{}", letter.escape_ascii());
        }
    }
}
