//! Strings: as written, borrowed if nothing is escaped, or unescaped into a buffer or character by character.
//!
//! A [`Text`] knows whether its bytes are the text itself or a span of an envelope that contains escapes. Both have
//! been validated before a `Text` is made, so reading one cannot fail.

use super::content::Form;
use super::plain::Plain;
use super::simd;
use super::sink::{SliceSink, Source};
use super::string::{self, Stop};
pub(crate) use super::unescape::{Bytes, Segment, Segments, unescape_in_place};
pub use super::unescape::{CharIndices, Chars};
use super::utf8::from_utf8;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "c")]
use crate::target::WIDE;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Range;

/// A string: a plain `&str`, or a span of an envelope that still holds escapes.
///
/// There are three ways to read it, which have the same names throughout this crate: [`as_raw`](Text::as_raw) returns
/// the span as written, [`as_str`](Text::as_str) borrows the text when nothing is escaped, and [`decode`](Text::decode)
/// writes the text into a buffer. Comparing with a `&str` needs no buffer.
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
    /// Valid UTF-8; if it is escaped, also the valid content of a JSON string.
    raw: &'a [u8],
    form: Form,
}

impl<'a> Text<'a> {
    /// Creates a text from a plain string: a backslash is a backslash.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { raw: text.as_bytes(), form: Form::Plain }
    }

    /// Creates a text from the content of a JSON string, without the quotes around it, in which a backslash starts an
    /// escape.
    ///
    /// # Errors
    /// The errors of a decoder in a string, with the offset in `span`: [`ErrorKind::ControlCharacter`],
    /// [`ErrorKind::InvalidEscape`], [`ErrorKind::LoneSurrogate`]; [`ErrorKind::UnexpectedEnd`] inside an escape;
    /// [`ErrorKind::UnexpectedByte`] at a quote that is not escaped.
    pub fn from_escaped(span: &'a str) -> Result<Self, Error> {
        Self::from_content(span.as_bytes())
    }

    /// Creates a text from bytes that need not be UTF-8: the text itself, or the content of a JSON string. For the C
    /// interface.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUtf8`]; those of [`from_escaped`](Text::from_escaped).
    #[cfg(feature = "c")]
    #[doc(hidden)]
    pub fn from_bytes(bytes: &'a [u8], escaped: bool) -> Result<Self, Error> {
        string::check_utf8(bytes)?;
        match escaped {
            false => Ok(Self::from_span(bytes, false)),
            true if WIDE => Self::from_content(bytes),
            true => Ok(Self::from_span(bytes, string::check_content(bytes)?)),
        }
    }

    fn from_content(raw: &'a [u8]) -> Result<Self, Error> {
        let content = string::content(raw);
        match content.stop {
            Stop::Wrong(kind, at) => Err(Error::new(kind, at)),
            Stop::Quote => Err(Error::new(ErrorKind::UnexpectedByte, content.len)),
            Stop::Cut => match raw.get(content.len..).unwrap_or_default() {
                [] => Ok(Self::from_span(raw, content.escaped)),
                // If what is left is whole, it is the first half of a pair.
                left @ [first, behind @ ..] if string::atom(*first, behind) == (left.len(), None) => {
                    Err(Error::new(ErrorKind::LoneSurrogate, content.len))
                }
                _ => Err(Error::new(ErrorKind::UnexpectedEnd, raw.len())),
            },
        }
    }

    /// Creates a text from a validated span.
    pub(crate) const fn from_span(raw: &'a [u8], escaped: bool) -> Self {
        Self { raw, form: Form::new(escaped) }
    }

    const fn is_escaped(&self) -> bool {
        self.form.is_escaped()
    }

    /// Returns the bytes as written: those of the text, or of the envelope if something is escaped. Always UTF-8.
    #[must_use]
    pub const fn as_raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Returns the text itself, when nothing in it is escaped.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        if self.is_escaped() { None } else { from_utf8(self.raw).ok() }
    }

    /// Returns the bytes of the text itself, when nothing in it is escaped: as [`as_str`](Text::as_str), without the
    /// pass over the bytes that makes a `&str` of them.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&'a [u8]> {
        if self.is_escaped() { None } else { Some(self.raw) }
    }

    /// Writes the text into `buffer` and returns what was written. What stands behind that in `buffer` may change.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`decoded_len`](Text::decoded_len).
    pub fn decode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Error> {
        let decoded = self.decode_bytes(buffer)?;
        from_utf8(decoded).map_err(|error| Error::new(ErrorKind::InvalidUtf8, error.valid_up_to()))
    }

    /// Writes the text into `buffer` and returns the bytes that were written, which are UTF-8: as
    /// [`decode`](Text::decode), without the pass over the bytes that makes a `&str` of them.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`decoded_len`](Text::decoded_len).
    pub fn decode_bytes<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        Plain(*self).put_all(&mut sink);
        sink.finish()
    }

    /// Returns the length of the text in bytes of UTF-8, as [`decode`](Text::decode) writes it.
    #[must_use]
    pub fn decoded_len(&self) -> usize {
        if !self.is_escaped() {
            return self.raw.len();
        }
        let (read, len) = simd::unescaped(self.raw);
        let rest = Self::from_span(self.raw.get(read..).unwrap_or_default(), true);
        rest.segments().fold(len, |len, segment| len.saturating_add(segment.len()))
    }

    /// Returns whether the text is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Returns an iterator over the characters of the text, without a buffer.
    #[must_use]
    pub const fn chars(&self) -> Chars<'a> {
        Chars(self.char_indices())
    }

    /// Returns an iterator over the characters of the text, each with the position in [`as_raw`](Text::as_raw) where it
    /// or its escape begins.
    #[must_use]
    pub const fn char_indices(&self) -> CharIndices<'a> {
        CharIndices::new(self.raw, self.form)
    }

    /// Returns the part of the text at these positions of [`as_raw`](Text::as_raw), which must be positions that
    /// [`char_indices`](Text::char_indices) returns, or the length. Returns `None` where they are out of bounds or cut
    /// a character.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Option<Self> {
        let part = self.part(range)?;
        // A part that cuts an escape may no longer be valid.
        if !part.is_escaped() {
            return Some(part);
        }
        Self::from_escaped(from_utf8(part.raw).ok()?).ok()
    }

    /// Returns a part of the text as [`slice`](Text::slice) does, at positions that
    /// [`char_indices`](Text::char_indices) has returned.
    pub(crate) fn part(&self, range: Range<usize>) -> Option<Self> {
        let starts_character = |at: usize| self.raw.get(at).is_none_or(|byte| !matches!(byte, 0x80..=0xBF));
        let raw = self.raw.get(range.clone())?;
        if !starts_character(range.start) || !starts_character(range.end) {
            return None;
        }
        Some(Self::from_span(raw, self.is_escaped() && raw.contains(&b'\\')))
    }

    /// Writes the text of a string in a value that has not been parsed, where an escape may be an unpaired half of a
    /// surrogate pair.
    ///
    /// # Errors
    /// The position of an unpaired surrogate.
    #[cfg(feature = "serde")]
    #[inline(never)]
    pub(crate) fn put_read(&self, sink: &mut SliceSink<'_>) -> Result<(), usize> {
        let mut segments = self.segments();
        loop {
            let at = segments.position();
            let Some(segment) = segments.next() else { return Ok(()) };
            // An escape without a character yields this one.
            if let Segment::Char(char::REPLACEMENT_CHARACTER) = segment
                && string::escape(self.raw.get(at.wrapping_add(1)..).unwrap_or_default()).1.is_none()
            {
                return Err(at);
            }
            segment.put(sink);
        }
    }

    /// Returns an iterator over the bytes of the text itself.
    pub(crate) const fn bytes(&self) -> Bytes<'a> {
        Bytes::new(self.raw, self.form)
    }

    /// Returns whether both are the same text, whichever characters are escaped. With `ignore_case`, the case of ASCII
    /// letters is ignored.
    #[cold]
    #[inline(never)]
    pub(crate) fn eq_by_bytes(self, other: Text<'_>, ignore_case: bool) -> bool {
        let fold = |byte: u8| byte | if ignore_case && byte.is_ascii_uppercase() { 0x20 } else { 0 };
        self.bytes().map(fold).eq(other.bytes().map(fold))
    }

    /// Returns the text in parts: runs of unescaped bytes, and the escaped characters between them.
    pub(crate) const fn segments(&self) -> Segments<'a> {
        Segments::new(self.raw, self.is_escaped())
    }
}

/// Converts a `&str`, or a borrowed string of any type.
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
    /// Hashes byte by byte, so that equal texts have equal hashes wherever their escapes are.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().for_each(|byte| state.write_u8(byte));
        // UTF-8 has no such byte, so no text is a prefix of another.
        state.write_u8(0xFF);
    }
}

impl Ord for Text<'_> {
    /// Orders as the decoded `str` does.
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
            Segment::Run(run) => f.write_str(from_utf8(run).unwrap_or_default()),
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
        defmt::write!(fmt, "{=str}", from_utf8(self.raw).unwrap_or_default());
    }
}
