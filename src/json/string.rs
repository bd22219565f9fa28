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

/// What is longer is worth the way to a faster reader, where there is one.
const SHORT: usize = 128;

/// The string whose content begins here, and what follows it, if it is printable, without an escape, and so short that
/// one look tells.
#[inline(always)]
pub(crate) fn short(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (content, rest) = text.split_at_checked(simd::short(text)?)?;
    Some((content, rest.split_first()?.1))
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
pub(super) fn any_content(piece: &[u8], from: usize) -> Content {
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
        let Some(first) = rest.first() else { break Stop::Cut };
        let atom = match first {
            b'"' => break Stop::Quote,
            b'\\' => {
                escaped = true;
                match rest.get(1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
                    _ => escape(rest),
                }
            }
            0x80.. => match scan::three_byte_characters(rest) {
                0 => character(rest),
                run => Ok(run),
            },
            0x20.. => Ok(scan::nearly_plain(rest).max(1)),
            _ => Err((ErrorKind::ControlCharacter, 0)),
        };
        match atom {
            Ok(0) => break Stop::Cut,
            Ok(atom) => rest = rest.get(atom..).unwrap_or_default(),
            Err((kind, wrong)) => break Stop::Wrong(kind, piece.len().wrapping_sub(rest.len()).wrapping_add(wrong)),
        }
    };
    Content { len: piece.len().wrapping_sub(rest.len()), escaped, printable: false, stop }
}

/// Length of something in a string; 0 when it is cut, but right as far as it goes. Or what is wrong with it, and where.
type Atom = Result<usize, (ErrorKind, usize)>;

/// Length of the escape that begins here, which is none of a single letter.
#[inline(never)]
fn escape(bytes: &[u8]) -> Atom {
    match bytes.get(1) {
        None => Ok(0),
        Some(b'u') => match hex(bytes, 2)? {
            Some(0xD800..=0xDBFF) => low_surrogate(bytes),
            Some(0xDC00..=0xDFFF) => Err((ErrorKind::LoneSurrogate, 0)),
            Some(_) => Ok(6),
            None => Ok(0),
        },
        Some(_) => Err((ErrorKind::InvalidEscape, 1)),
    }
}

/// Length of the pair of escapes whose first half stands here.
#[cold]
fn low_surrogate(bytes: &[u8]) -> Atom {
    match (bytes.get(6), bytes.get(7)) {
        (None, _) | (Some(b'\\'), None) => Ok(0),
        (Some(b'\\'), Some(b'u')) => match hex(bytes, 8)? {
            Some(0xDC00..=0xDFFF) => Ok(12),
            Some(_) => Err((ErrorKind::LoneSurrogate, 0)),
            None => Ok(0),
        },
        _ => Err((ErrorKind::LoneSurrogate, 0)),
    }
}

/// The number that four hex digits stand for, or `None` when they are cut.
fn hex(bytes: &[u8], from: usize) -> Result<Option<u32>, (ErrorKind, usize)> {
    let mut code = 0_u32;
    for at in from..from.wrapping_add(4) {
        let Some(digit) = bytes.get(at) else { return Ok(None) };
        let Some(digit) = char::from(*digit).to_digit(16) else { return Err((ErrorKind::InvalidEscape, at)) };
        code = (code << 4) | digit;
    }
    Ok(Some(code))
}

/// Length of the character of several bytes that begins here.
#[inline(never)]
fn character(bytes: &[u8]) -> Atom {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    // How many bytes follow the first, and what the first of them may be.
    let (following, low, high) = match first {
        0xC2..=0xDF => (1, 0x80, 0xBF),
        0xE0 => (2, 0xA0, 0xBF),
        0xED => (2, 0x80, 0x9F),
        0xE1..=0xEF => (2, 0x80, 0xBF),
        0xF0 => (3, 0x90, 0xBF),
        0xF4 => (3, 0x80, 0x8F),
        0xF1..=0xF3 => (3, 0x80, 0xBF),
        _ => return Err((ErrorKind::InvalidUtf8, 0)),
    };
    let mut range = low..=high;
    let mut len = 1_usize;
    for byte in rest.iter().take(following) {
        if !range.contains(byte) {
            return Err((ErrorKind::InvalidUtf8, 0));
        }
        range = 0x80..=0xBF;
        len = len.wrapping_add(1);
    }
    Ok(if len > following { len } else { 0 })
}

/// Where a valid string ends whose content begins here, and whether it holds an escape.
pub(crate) fn end(content: &[u8]) -> Option<(usize, bool)> {
    let mut at = 0_usize;
    let mut escaped = false;
    loop {
        at = at.wrapping_add(content.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?);
        if content.get(at)? == &b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        at = at.wrapping_add(2);
    }
}
