//! The grammar of a string: what may appear between its quotes (RFC 8259, section 7; RFC 3629, section 4).
//!
//! Knows escapes and UTF-8. A string may come in pieces: an escape or a character that a piece cuts in two is left for
//! the next piece, at most eleven bytes.
//!
//! By the grammar, an escape with hex digits is one UTF-16 code unit, whatever comes next to it. So half of a surrogate
//! pair is valid in a value that is not parsed, and [`atom`] accepts it. A string that is read is [`Content`]: it
//! represents text, so both halves must be present.

use super::byte::{is_plain, is_short_escape};
pub(crate) use super::content::{Alphabet, Content, SHORT, Stop};
use super::scan;
use super::simd;
#[cfg(feature = "c")]
use super::utf8::from_utf8;
#[cfg(feature = "c")]
use crate::error::Error;
use crate::error::ErrorKind;
use crate::target::WIDE;

/// Returns the string whose content begins here, and what follows it, if it is short and in this alphabet. Most are.
#[inline(always)]
pub(crate) fn short(text: &[u8], alphabet: Alphabet) -> Option<(&[u8], &[u8])> {
    if simd::IS_BLOCKS {
        return simd::short(text, alphabet);
    }
    if !matches!(alphabet, Alphabet::Any | Alphabet::Printable) {
        return None;
    }
    let len = scan::nearly_printable(text.get(..SHORT).unwrap_or(text));
    match text.split_at_checked(len)? {
        (content, [b'"', behind @ ..]) => Some((content, behind)),
        _ => None,
    }
}

/// Scans the rest of a string that is not [`short`].
#[inline]
pub(crate) fn long_content(text: &[u8]) -> Content {
    if simd::IS_BLOCKS { content(text) } else { any_content(text, 0) }
}

/// Scans the rest of a string.
#[inline]
pub(crate) fn content(piece: &[u8]) -> Content {
    // Most strings are printable and short.
    let len = scan::nearly_printable(piece.get(..SHORT).unwrap_or(piece));
    match piece.get(len) {
        Some(b'"') => Content { len, escaped: false, printable: true, stop: Stop::Quote },
        _ => any_content(piece, len),
    }
}

/// Continues [`content`] at a character that is not plain. Kept apart, so that the common case stays small.
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

/// Scans the rest of a string byte by byte, where `escaped` says whether there has been an escape.
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
        let atom = match (first, behind) {
            (b'\\', [letter, ..]) if is_short_escape(*letter) => (2, None),
            (b'\\', _) => character_of_escape(behind),
            _ => atom(*first, behind),
        };
        match atom {
            (0, None) => break Stop::Cut,
            (len, None) => rest = rest.get(len..).unwrap_or_default(),
            (wrong, Some(kind)) => {
                break Stop::Wrong(kind, piece.len().wrapping_sub(rest.len()).wrapping_add(wrong));
            }
        }
    };
    Content { len: piece.len().wrapping_sub(rest.len()), escaped, printable: false, stop }
}

/// The length of an element of a string; 0 if it is cut, but valid so far. Or the position of an error in it, and the
/// error.
type Atom = (usize, Option<ErrorKind>);

/// Returns the length of what begins with `first`, which is not a quote, and continues in `behind`, by the grammar
/// alone: an escape, or characters.
#[inline(never)]
pub(super) fn atom(first: u8, behind: &[u8]) -> Atom {
    match (first, behind) {
        (b'\\', _) => of_escape(unit(behind), behind),
        // Most of Chinese. 0xE0 and 0xED do not allow all of these second bytes.
        (0xE1..=0xEC | 0xEE | 0xEF, [0x80..=0xBF, 0x80..=0xBF, rest @ ..]) => {
            (scan::three_byte_characters(rest).wrapping_add(3), None)
        }
        (0x80.., _) => character(first, behind),
        (0x20.., _) => (behind.iter().take_while(|byte| is_plain(**byte)).count().wrapping_add(1), None),
        _ => (0, Some(ErrorKind::ControlCharacter)),
    }
}

/// Returns the length of an escape in a string that represents text. `behind` is what follows its backslash.
#[inline(never)]
fn character_of_escape(behind: &[u8]) -> Atom {
    match pair(behind) {
        (_, 0xD800..=0xDFFF) => (0, Some(ErrorKind::LoneSurrogate)),
        escape => of_escape(escape, behind),
    }
}

/// The length of an escape including the backslash, and the number that it encodes. If that is [`NOTHING`], the first
/// part is the position of the error: the end of the bytes, if they cut the escape.
type Escape = (usize, u32);

/// Encodes no number, or not one alone.
const NOTHING: u32 = u32::MAX;

/// Returns the length of the escape, where `bytes` is what follows its backslash.
#[inline]
fn of_escape(escape: Escape, bytes: &[u8]) -> Atom {
    match escape {
        (wrong, NOTHING) if wrong <= bytes.len() => (wrong, Some(ErrorKind::InvalidEscape)),
        (_, NOTHING) => (0, None),
        (len, _) => (len, None),
    }
}

/// Returns the escape whose backslash precedes these bytes, and the UTF-16 code unit that it encodes.
#[inline(never)]
fn unit(bytes: &[u8]) -> Escape {
    match bytes.first() {
        Some(b'u') => hex(bytes),
        Some(letter) => of_letter(*letter).map_or((1, NOTHING), |byte| (2, u32::from(byte))),
        None => (1, NOTHING),
    }
}

/// Returns the byte that this letter behind a backslash encodes, if it is one of those that need no digits.
#[inline(always)]
pub(super) const fn of_letter(letter: u8) -> Option<u8> {
    Some(match letter {
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'"' | b'\\' | b'/' => letter,
        _ => return None,
    })
}

/// Returns the escape whose backslash precedes these bytes, or two escapes that form a surrogate pair, and the
/// character that they encode (RFC 8259, section 7). An unpaired half encodes itself.
#[inline(never)]
fn pair(bytes: &[u8]) -> Escape {
    let (len, code) = unit(bytes);
    if let 0xD800..=0xDBFF = code {
        // The length includes the backslash before these bytes.
        match bytes.get(len.wrapping_sub(1)..).unwrap_or_default() {
            [] | [b'\\'] => return (bytes.len().wrapping_add(1), NOTHING),
            [b'\\', second @ ..] if second.first() == Some(&b'u') => {
                let (more, low) = hex(second);
                let both = len.wrapping_add(more);
                match low {
                    0xDC00..=0xDFFF => return (both, (((code & 0x3FF) << 10) | (low & 0x3FF)).wrapping_add(0x1_0000)),
                    NOTHING => return (both, NOTHING),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    (len, code)
}

/// Returns the escape whose backslash precedes these bytes, or a surrogate pair of them: the length with the backslash,
/// and the character. An unpaired half has no character.
#[inline]
pub(super) fn escape(bytes: &[u8]) -> (usize, Option<char>) {
    let (len, code) = pair(bytes);
    (len, char::from_u32(code))
}

/// Returns the escape with four hex digits whose backslash precedes these bytes.
#[inline(never)]
fn hex(bytes: &[u8]) -> Escape {
    let mut code = 0_u32;
    let mut len = 2_usize;
    for _ in 0..4 {
        let digit = bytes.get(len.wrapping_sub(1)).and_then(|digit| char::from(*digit).to_digit(16));
        let Some(digit) = digit else { return (len, NOTHING) };
        code = (code << 4) | digit;
        len = len.wrapping_add(1);
    }
    (len, code)
}

/// Returns the length of the multi-byte character that begins with `first`.
#[inline(never)]
fn character(first: u8, behind: &[u8]) -> Atom {
    // How many bytes follow the first, and the range of the first of them.
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

/// Checks that all of this is UTF-8.
///
/// # Errors
/// [`ErrorKind::InvalidUtf8`] at the first byte that does not belong to a whole character.
#[cfg(feature = "c")]
pub(super) fn check_utf8(text: &[u8]) -> Result<(), Error> {
    if !WIDE {
        return utf8_by_bytes(text);
    }
    from_utf8(text).map(|_| ()).map_err(|error| Error::new(ErrorKind::InvalidUtf8, error.valid_up_to()))
}

/// Does that with far less code than the standard library, and slower.
#[cfg(feature = "c")]
#[inline(never)]
fn utf8_by_bytes(text: &[u8]) -> Result<(), Error> {
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let len = if *first < 0x80 { 1 } else { character(*first, behind).0 };
        if len == 0 {
            return Err(Error::new(ErrorKind::InvalidUtf8, text.len().wrapping_sub(rest.len())));
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(())
}

/// Checks the content of a string, which must be UTF-8, and returns whether it has an escape. Far less code than
/// [`content`], and slower.
///
/// # Errors
/// Those of [`Text::from_escaped`](super::Text::from_escaped).
#[cfg(feature = "c")]
#[inline(never)]
pub(super) fn check_content(text: &[u8]) -> Result<bool, Error> {
    let mut escaped = false;
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let (len, kind) = match first {
            b'\\' => {
                escaped = true;
                character_of_escape(behind)
            }
            b'"' => (0, Some(ErrorKind::UnexpectedByte)),
            0x20.. => (1, None),
            _ => (0, Some(ErrorKind::ControlCharacter)),
        };
        let at = text.len().wrapping_sub(rest.len());
        match (len, kind) {
            (wrong, Some(kind)) => return Err(Error::new(kind, at.wrapping_add(wrong))),
            // Cut. If what is left is whole, it is the first half of a pair.
            (0, None) => {
                let (len, code) = unit(behind);
                let is_half = len == rest.len() && code != NOTHING;
                let (kind, at) =
                    if is_half { (ErrorKind::LoneSurrogate, at) } else { (ErrorKind::UnexpectedEnd, text.len()) };
                return Err(Error::new(kind, at));
            }
            (len, None) => rest = rest.get(len..).unwrap_or_default(),
        }
    }
    Ok(escaped)
}

/// Returns where a valid string ends whose content begins here, and whether it has an escape.
#[inline]
pub(crate) fn end(content: &[u8]) -> Option<(usize, bool)> {
    let mut escaped = false;
    let mut rest = content.iter();
    loop {
        if WIDE && let Some(last) = scan::nearly_unmarked(rest.as_slice()).checked_sub(1) {
            rest.nth(last);
        }
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
    use super::super::byte::is_short_escape;
    use super::escape;

    /// All strings of up to five parts, which cut escapes, pairs and characters at every place.
    #[cfg(feature = "c")]
    #[test]
    fn little_code_finds_the_errors_of_much() {
        extern crate std;
        use super::super::text::Text;
        use std::vec::Vec;

        let parts: [&[u8]; 12] = [
            b"\\",
            b"u",
            b"\\ud83d",
            b"\\ude00",
            b"00",
            b"n",
            b"\"",
            b"\x01",
            b"a",
            b"\xE4",
            b"\xB8\xAD",
            b"\xF0\x9F\x98",
        ];
        for mut number in 0..12_usize.pow(5) {
            let mut text = Vec::new();
            while number > 0 {
                text.extend_from_slice(parts[number % 12]);
                number /= 12;
            }
            let valid = core::str::from_utf8(&text);
            let (little, much) = (super::utf8_by_bytes(&text), valid.map(|_| ()).map_err(|error| error.valid_up_to()));
            assert_eq!(little.map_err(|error| error.offset()), much, "{}", text.escape_ascii());
            if let Ok(text) = valid {
                let much = Text::from_escaped(text).map(|text| text.as_bytes().is_none());
                assert_eq!(super::check_content(text.as_bytes()), much, "{text:?}");
            }
        }
    }

    #[test]
    fn short_escapes_are_those_of_two_bytes() {
        for letter in 0..=u8::MAX {
            let is_escape = matches!(escape(&[letter]), (2, Some(_)));
            assert_eq!(is_short_escape(letter), is_escape, "{}", letter.escape_ascii());
        }
    }
}
