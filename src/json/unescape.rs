//! Reads a validated string without a buffer: byte by byte, character by character, or run by run. Also unescapes it in
//! place.

use super::content::Form;
use super::scan;
use super::simd;
use super::sink::Sink;
use super::string;
use crate::shift::shift;
use crate::target::{self, WIDE};
use core::iter::FusedIterator;

/// See [`Text::bytes`](crate::Text::bytes).
#[derive(Clone, Debug)]
pub(crate) struct Bytes<'a> {
    raw: &'a [u8],
    form: Form,
    at: usize,
    /// Position after what is there.
    next: usize,
    /// The rest of the escaped character there, the first byte lowest.
    more: u32,
}

impl<'a> Bytes<'a> {
    pub(super) const fn new(raw: &'a [u8], form: Form) -> Self {
        Self { raw, form, at: 0, next: 0, more: 0 }
    }

    /// Returns the position of the last byte in the span, or of the escape that it comes from.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }
}

impl Iterator for Bytes<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        target::door!(Self::next_byte, self)
    }
}

impl Bytes<'_> {
    #[inline(always)]
    fn next_byte(&mut self) -> Option<u8> {
        let mut bytes = self.more;
        if bytes == 0 {
            self.at = self.next;
            let (first, behind) = self.raw.get(self.at..)?.split_first()?;
            let mut len = 1;
            bytes = u32::from(*first);
            if *first == b'\\' && self.form.is_escaped() {
                let character;
                (len, character) = string::escape(behind);
                bytes = utf8(character.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.next = self.at.wrapping_add(len);
        }
        self.more = bytes >> 8;
        Some(bytes as u8)
    }
}

/// Returns a character in UTF-8, its first byte lowest (RFC 3629, section 3).
const fn utf8(character: char) -> u32 {
    let mut first = character as u32;
    if first < 0x80 {
        return first;
    }
    let mut following = 0;
    // Each byte that follows leaves one bit less for the first byte.
    let mut room = 0x40;
    while first >= room {
        following = (following << 8) | 0x80 | (first & 0x3F);
        first >>= 6;
        room >>= 1;
    }
    (following << 8) | (0xFE_u32.wrapping_mul(room) & 0xFF) | first
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    /// Unescaped bytes.
    Run(&'a [u8]),
    /// An escaped character.
    Char(char),
}

impl Segment<'_> {
    pub(crate) const fn len(&self) -> usize {
        match self {
            Self::Run(run) => run.len(),
            Self::Char(character) => character.len_utf8(),
        }
    }

    pub(crate) fn put(&self, sink: &mut impl Sink) {
        self.with(|bytes| sink.put(bytes));
    }

    /// Calls `action` with the bytes that the segment represents.
    pub(crate) fn with<T>(&self, mut action: impl FnMut(&[u8]) -> T) -> T {
        action(self.bytes(&mut [0; 4]))
    }

    /// Returns the bytes that the segment represents, encoded into `buffer` if it is a character.
    #[inline]
    fn bytes<'b>(&'b self, buffer: &'b mut [u8; 4]) -> &'b [u8] {
        match self {
            Self::Run(run) => run,
            Self::Char(character) => character.encode_utf8(buffer).as_bytes(),
        }
    }
}

/// See [`Text::segments`](crate::Text::segments).
#[derive(Clone, Debug)]
pub(crate) struct Segments<'a> {
    raw: &'a [u8],
    at: usize,
    escaped: bool,
}

impl<'a> Segments<'a> {
    pub(super) const fn new(raw: &'a [u8], escaped: bool) -> Self {
        Self { raw, at: 0, escaped }
    }

    /// Returns where the next segment begins in the span.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let rest = self.raw.get(self.at..)?;
        let (first, _) = rest.split_first()?;
        if !self.escaped {
            self.at = self.raw.len();
            return Some(Segment::Run(rest));
        }
        if *first == b'\\' {
            let (character, after) = unescape(rest);
            self.at = self.raw.len().saturating_sub(after.len());
            return Some(Segment::Char(character));
        }
        let len = before_escape(rest);
        self.at = self.at.wrapping_add(len);
        Some(Segment::Run(rest.get(..len).unwrap_or_default()))
    }
}

/// Returns the number of bytes before the first escape.
#[inline]
fn before_escape(valid: &[u8]) -> usize {
    let near = if WIDE { scan::nearly_unmarked(valid) } else { 0 };
    let rest = valid.get(near..).unwrap_or_default();
    near.wrapping_add(rest.iter().position(|byte| *byte == b'\\').unwrap_or(rest.len()))
}

/// Unescapes a validated span in place, which never makes it longer, and returns its new length.
pub(crate) fn unescape_in_place(span: &mut [u8]) -> usize {
    let (mut read, mut len) = simd::unescape_in_place(span);
    loop {
        let rest = span.get(read..).unwrap_or_default();
        let Some(first) = rest.first() else { return len };
        if *first == b'\\' {
            let (character, after) = unescape(rest);
            read = span.len().saturating_sub(after.len());
            let mut utf8 = [0; 4];
            let utf8 = character.encode_utf8(&mut utf8).as_bytes();
            if let Some(place) = span.get_mut(len..).and_then(|rest| rest.get_mut(..utf8.len())) {
                place.copy_from_slice(utf8);
            }
            len = len.wrapping_add(utf8.len());
        } else {
            let run = rest.iter().position(|byte| *byte == b'\\').unwrap_or(rest.len());
            let end = read.wrapping_add(run);
            shift(span, read..end, len);
            read = end;
            len = len.wrapping_add(run);
        }
    }
}

/// Returns the character whose escape begins here, and what follows it.
fn unescape(escape: &[u8]) -> (char, &[u8]) {
    let (len, character) = string::escape(escape.get(1..).unwrap_or_default());
    // In a validated text there is always a character.
    (character.unwrap_or(char::REPLACEMENT_CHARACTER), escape.get(len..).unwrap_or_default())
}

/// An iterator over the characters of a [`Text`](crate::Text) with their positions; see
/// [`Text::char_indices`](crate::Text::char_indices).
#[derive(Clone, Debug)]
pub struct CharIndices<'a> {
    raw: &'a [u8],
    form: Form,
    at: usize,
}

impl<'a> CharIndices<'a> {
    pub(super) const fn new(raw: &'a [u8], form: Form) -> Self {
        Self { raw, form, at: 0 }
    }
}

impl Iterator for CharIndices<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        let rest = self.raw.get(self.at..)?;
        let (first, _) = rest.split_first()?;
        let at = self.at;
        let (character, len) = match first {
            b'\\' if self.form.is_escaped() => {
                let (character, after) = unescape(rest);
                (character, rest.len().saturating_sub(after.len()))
            }
            0..=0x7F => (char::from(*first), 1),
            _ => {
                let (len, bits) = match first {
                    0xF0.. => (4, 0x07),
                    0xE0.. => (3, 0x0F),
                    _ => (2, 0x1F),
                };
                // Decoded without the tables of `core`, which would validate the bytes again.
                let following = rest.get(1..len)?;
                let join = |code: u32, byte: &u8| (code << 6) | u32::from(byte & 0x3F);
                (char::from_u32(following.iter().fold(u32::from(first & bits), join))?, len)
            }
        };
        self.at = at.wrapping_add(len);
        Some((at, character))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.raw.len().saturating_sub(self.at);
        // A character takes at most two escapes, or four bytes.
        (left.div_ceil(if self.form.is_escaped() { 12 } else { 4 }), Some(left))
    }
}

impl FusedIterator for CharIndices<'_> {}

/// An iterator over the characters of a [`Text`](crate::Text); see [`Text::chars`](crate::Text::chars).
#[derive(Clone, Debug)]
pub struct Chars<'a>(pub(super) CharIndices<'a>);

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.0.next().map(|(_, character)| character)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl FusedIterator for Chars<'_> {}

#[cfg(test)]
mod tests {
    use super::utf8;

    #[test]
    fn every_character_has_its_utf8() {
        for character in '\0'..=char::MAX {
            let mut expected = [0; 4];
            character.encode_utf8(&mut expected);
            assert_eq!(utf8(character).to_le_bytes(), expected, "{character:?}");
        }
    }
}
