//! Strings: as they stand, borrowed if nothing is escaped, or unescaped into a buffer or character by character.
//!
//! A [`Text`] knows whether its bytes are the text itself or a span of an envelope with escapes in it. Both have been
//! validated before a `Text` is made, so reading one cannot fail.

use super::sink::{Sink, SliceSink};
use super::string::{self, Stop};
use crate::error::{Error, ErrorKind};
use crate::shift::shift;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::iter::FusedIterator;
use core::ops::Range;

/// A string: a plain `&str`, or a span of an envelope that still holds escapes.
///
/// There are three ways to read it, named alike everywhere in this crate: [`as_raw`](Text::as_raw) is the span as it
/// stands, [`as_str`](Text::as_str) borrows the text when nothing is escaped, and [`decode`](Text::decode) writes the
/// text into a buffer. To compare with a `&str` takes no buffer.
///
/// ```
/// use callcontainer::Text;
///
/// let text = Text::from_escaped(r"caf\u00e9").unwrap();
/// assert_eq!(text.as_raw(), r"caf\u00e9".as_bytes());
/// assert_eq!(text.as_str(), None);
/// assert_eq!(text.decode(&mut [0; 8]).unwrap(), "café");
/// assert_eq!(text, "café");
/// ```
#[derive(Clone, Copy, Default)]
pub struct Text<'a> {
    /// Valid UTF-8; where it is escaped, also the valid content of a JSON string.
    raw: &'a [u8],
    form: Form,
}

/// What a backslash is. A word and not a `bool`, since a small processor copies words, and padding byte by byte.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(usize)]
enum Form {
    #[default]
    Plain,
    Escaped,
}

impl Form {
    const fn new(escaped: bool) -> Self {
        if escaped { Self::Escaped } else { Self::Plain }
    }
}

impl<'a> Text<'a> {
    /// Text as it is: a backslash is a backslash.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { raw: text.as_bytes(), form: Form::Plain }
    }

    /// The content of a JSON string, without the quotes around it, in which a backslash starts an escape.
    ///
    /// # Errors
    /// What a decoder finds wrong in a string, with its offset in `span`: [`ErrorKind::ControlCharacter`],
    /// [`ErrorKind::InvalidEscape`], [`ErrorKind::LoneSurrogate`]; [`ErrorKind::UnexpectedEnd`] inside an escape;
    /// [`ErrorKind::UnexpectedByte`] at a quote that is not escaped.
    pub fn from_escaped(span: &'a str) -> Result<Self, Error> {
        let raw = span.as_bytes();
        let content = string::content(raw);
        match content.stop {
            Stop::Wrong(kind, at) => Err(Error::new(kind, at)),
            Stop::Quote => Err(Error::new(ErrorKind::UnexpectedByte, content.len)),
            Stop::Cut => match raw.get(content.len..).unwrap_or_default() {
                [] => Ok(Self::from_span(raw, content.escaped)),
                // What is whole, and is left, is the first half of a pair.
                left @ [first, behind @ ..] if string::atom(*first, behind) == (left.len(), None) => {
                    Err(Error::new(ErrorKind::LoneSurrogate, content.len))
                }
                _ => Err(Error::new(ErrorKind::UnexpectedEnd, raw.len())),
            },
        }
    }

    /// A span that has been validated.
    pub(crate) const fn from_span(raw: &'a [u8], escaped: bool) -> Self {
        Self { raw, form: Form::new(escaped) }
    }

    const fn is_escaped(&self) -> bool {
        matches!(self.form, Form::Escaped)
    }

    /// The bytes as they stand: those of the text, or of the envelope where something is escaped. Always UTF-8.
    #[must_use]
    pub const fn as_raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The text itself, when nothing in it is escaped.
    #[must_use]
    pub const fn as_str(&self) -> Option<&'a str> {
        if self.is_escaped() {
            return None;
        }
        match core::str::from_utf8(self.raw) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }

    /// The bytes of the text itself, when nothing in it is escaped: what [`as_str`](Text::as_str) gives, without the
    /// pass over the bytes that makes a `&str` of them.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&'a [u8]> {
        if self.is_escaped() { None } else { Some(self.raw) }
    }

    /// Writes the text into `buffer` and returns what was written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`decoded_len`](Text::decoded_len).
    pub fn decode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Error> {
        let mut sink = SliceSink::new(buffer);
        for segment in self.segments() {
            segment.put(&mut sink);
        }
        let decoded = sink.finish()?;
        core::str::from_utf8(decoded).map_err(|error| Error::new(ErrorKind::InvalidUtf8, error.valid_up_to()))
    }

    /// Length of the text in bytes of UTF-8, as [`decode`](Text::decode) writes it.
    #[must_use]
    pub fn decoded_len(&self) -> usize {
        if !self.is_escaped() {
            return self.raw.len();
        }
        self.segments().fold(0, |len, segment| len.saturating_add(segment.len()))
    }

    /// Whether the text is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The characters of the text, one by one, without a buffer.
    #[must_use]
    pub const fn chars(&self) -> Chars<'a> {
        Chars(self.char_indices())
    }

    /// The characters of the text, each with the position in [`as_raw`](Text::as_raw) where it or its escape begins.
    #[must_use]
    pub const fn char_indices(&self) -> CharIndices<'a> {
        CharIndices { text: *self, at: 0 }
    }

    /// The part of the text that stands at these positions of [`as_raw`](Text::as_raw), which must be those that
    /// [`char_indices`](Text::char_indices) gives or the length; `None` where they are outside or cut a character.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Option<Self> {
        let part = self.part(range)?;
        // What an escape was cut from may be no string any more.
        if !part.is_escaped() {
            return Some(part);
        }
        Self::from_escaped(core::str::from_utf8(part.raw).ok()?).ok()
    }

    /// The same at positions that [`char_indices`](Text::char_indices) has given.
    pub(crate) fn part(&self, range: Range<usize>) -> Option<Self> {
        let starts_character = |at: usize| self.raw.get(at).is_none_or(|byte| !matches!(byte, 0x80..=0xBF));
        let raw = self.raw.get(range.clone())?;
        if !starts_character(range.start) || !starts_character(range.end) {
            return None;
        }
        Some(Self::from_span(raw, self.is_escaped() && raw.contains(&b'\\')))
    }

    /// Writes the text of a string in a value that nobody has read, where an escape may be half of a surrogate pair alone.
    ///
    /// # Errors
    /// The position of such an escape.
    #[cfg(feature = "serde")]
    #[inline(never)]
    pub(crate) fn put_read(&self, sink: &mut SliceSink<'_>) -> Result<(), usize> {
        let mut segments = self.segments();
        loop {
            let at = segments.position();
            let Some(segment) = segments.next() else { return Ok(()) };
            // What stands for no character comes as this one.
            if let Segment::Char(char::REPLACEMENT_CHARACTER) = segment
                && string::escape(self.raw.get(at.wrapping_add(1)..).unwrap_or_default()).1.is_none()
            {
                return Err(at);
            }
            segment.put(sink);
        }
    }

    /// The bytes of the text itself.
    pub(crate) const fn bytes(&self) -> Bytes<'a> {
        Bytes { text: *self, at: 0, next: 0, more: 0 }
    }

    /// Whether both are the same text, however they are written, and in whatever case their letters of ASCII are, if
    /// that is ignored.
    #[cold]
    #[inline(never)]
    pub(crate) fn eq_by_bytes(self, other: Text<'_>, ignore_case: bool) -> bool {
        let fold = |byte: u8| byte | if ignore_case && byte.is_ascii_uppercase() { 0x20 } else { 0 };
        self.bytes().map(fold).eq(other.bytes().map(fold))
    }

    /// The text in parts: runs as they stand, and the characters between them that are escaped.
    pub(crate) const fn segments(&self) -> Segments<'a> {
        Segments { raw: self.raw, at: 0, escaped: self.is_escaped() }
    }
}

/// A `&str`, or a borrowed string of any type.
impl<'a, T: AsRef<str> + ?Sized> From<&'a T> for Text<'a> {
    fn from(text: &'a T) -> Self {
        Self::new(text.as_ref())
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.form == other.form && self.raw == other.raw {
            return true;
        }
        (self.is_escaped() || other.is_escaped()) && self.eq_by_bytes(*other, false)
    }
}

impl Eq for Text<'_> {}

impl Hash for Text<'_> {
    /// Byte by byte, so that equal texts are hashed alike wherever their escapes stand.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().for_each(|byte| state.write_u8(byte));
        // UTF-8 has no such byte, so no text is the beginning of another.
        state.write_u8(0xFF);
    }
}

impl Ord for Text<'_> {
    /// As that of the decoded `str`.
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        *self == Text::new(other)
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == Text::new(other)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.segments().try_for_each(|segment| match segment {
            Segment::Run(run) => f.write_str(core::str::from_utf8(run).unwrap_or_default()),
            Segment::Char(character) => f.write_char(character),
        })
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        f.write_char('"')?;
        self.chars().flat_map(char::escape_debug).try_for_each(|character| f.write_char(character))?;
        f.write_char('"')
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Text<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        defmt::write!(fmt, "{=str}", core::str::from_utf8(self.raw).unwrap_or_default());
    }
}

/// See [`Text::bytes`].
#[derive(Clone, Debug)]
pub(crate) struct Bytes<'a> {
    text: Text<'a>,
    at: usize,
    /// Behind what stands there.
    next: usize,
    /// What is still to come of the character that is escaped there, the first byte lowest.
    more: u32,
}

impl Bytes<'_> {
    /// Where the last byte stands in the span, or where the escape begins that it comes from.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }
}

impl Iterator for Bytes<'_> {
    type Item = u8;

    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn next(&mut self) -> Option<u8> {
        let mut bytes = self.more;
        if bytes == 0 {
            self.at = self.next;
            let (first, behind) = self.text.raw.get(self.at..)?.split_first()?;
            let mut len = 1;
            bytes = u32::from(*first);
            if *first == b'\\' && self.text.is_escaped() {
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

/// A character in UTF-8, its first byte lowest (RFC 3629, section 3).
const fn utf8(character: char) -> u32 {
    let mut first = character as u32;
    if first < 0x80 {
        return first;
    }
    let mut following = 0;
    // There is room for a bit less in the first byte with each byte that follows.
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
    /// Bytes that stand for themselves.
    Run(&'a [u8]),
    /// A character that is escaped.
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

    /// Does something with the bytes that it stands for.
    pub(crate) fn with<T>(&self, mut action: impl FnMut(&[u8]) -> T) -> T {
        action(self.bytes(&mut [0; 4]))
    }

    /// The bytes that it stands for, in a buffer where there are none.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn bytes<'b>(&'b self, buffer: &'b mut [u8; 4]) -> &'b [u8] {
        match self {
            Self::Run(run) => run,
            Self::Char(character) => character.encode_utf8(buffer).as_bytes(),
        }
    }
}

/// See [`Text::segments`].
#[derive(Clone, Debug)]
pub(crate) struct Segments<'a> {
    raw: &'a [u8],
    at: usize,
    escaped: bool,
}

impl Segments<'_> {
    /// Where the next segment begins in the span.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
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
        let len = rest.iter().position(|byte| *byte == b'\\').unwrap_or(rest.len());
        self.at = self.at.wrapping_add(len);
        Some(Segment::Run(rest.get(..len).unwrap_or_default()))
    }
}

/// Unescapes a validated span where it stands, which makes it no longer, and says how long it is then.
pub(crate) fn unescape_in_place(span: &mut [u8]) -> usize {
    let (mut read, mut len) = (0_usize, 0_usize);
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

/// The character whose escape begins here, and what follows it.
fn unescape(escape: &[u8]) -> (char, &[u8]) {
    let (len, character) = string::escape(escape.get(1..).unwrap_or_default());
    // Of a validated text there always is one.
    (character.unwrap_or(char::REPLACEMENT_CHARACTER), escape.get(len..).unwrap_or_default())
}

/// The characters of a [`Text`] with their positions; see [`Text::char_indices`].
#[derive(Clone, Debug)]
pub struct CharIndices<'a> {
    text: Text<'a>,
    at: usize,
}

impl Iterator for CharIndices<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        let rest = self.text.raw.get(self.at..)?;
        let (first, _) = rest.split_first()?;
        let at = self.at;
        let (character, len) = match first {
            b'\\' if self.text.is_escaped() => {
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
                // Read without the tables of `core`, which checks what has been validated once more.
                let following = rest.get(1..len)?;
                let join = |code: u32, byte: &u8| (code << 6) | u32::from(byte & 0x3F);
                (char::from_u32(following.iter().fold(u32::from(first & bits), join))?, len)
            }
        };
        self.at = at.wrapping_add(len);
        Some((at, character))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.text.raw.len().saturating_sub(self.at);
        // A character takes at most two escapes, or four bytes.
        (left.div_ceil(if self.text.is_escaped() { 12 } else { 4 }), Some(left))
    }
}

impl FusedIterator for CharIndices<'_> {}

/// The characters of a [`Text`]; see [`Text::chars`].
#[derive(Clone, Debug)]
pub struct Chars<'a>(CharIndices<'a>);

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
