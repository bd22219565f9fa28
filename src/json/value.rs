//! One JSON value, validated but not parsed.

use super::cursor::Cursor;
use super::read::Reader;
use super::sink::Sink;
use super::text::Text;
use super::utf8::from_utf8;
#[cfg(any(feature = "gateway", feature = "client"))]
use super::walk::{Kind, is_space};
use super::write;
use crate::error::Error;
use core::fmt;

/// One valid JSON value, as text.
///
/// It nests at most [`DEPTH_LIMIT`](crate::DEPTH_LIMIT) - 1 levels, so that it fits into an envelope. Two values are
/// equal when their texts are the same except for white space between tokens.
///
/// The value is not parsed, so only the grammar counts: inside an object or array, an escape such as `\ud83d` need not
/// be half of a pair, and is kept as written. The error is reported to whoever reads that string. A value that is
/// itself a string is text, and must be valid as such.
///
/// ```
/// use callcontainer::{ErrorKind, Json};
///
/// let json = Json::new(r#"{"id": 7}"#).unwrap();
/// assert_eq!(json.as_str(), r#"{"id": 7}"#);
/// assert_eq!(json.encoded_len(), 8); // in an envelope the space is left out
/// assert_eq!(Json::new("[1,]").unwrap_err().kind(), ErrorKind::UnexpectedByte);
/// ```
#[derive(Clone, Copy)]
pub struct Json<'a> {
    text: &'a [u8],
    /// Bytes of white space between the tokens.
    spaces: usize,
}

impl<'a> Json<'a> {
    /// Validates a whole text as one JSON value, optionally surrounded by white space.
    ///
    /// # Errors
    /// Any violation of RFC 8259, or [`ErrorKind::TooDeep`](crate::ErrorKind::TooDeep); offsets are those of `text`.
    pub fn new(text: &'a str) -> Result<Self, Error> {
        Self::from_bytes(text.as_bytes())
    }

    /// Validates bytes, which need not be UTF-8, as [`new`](Json::new) does.
    ///
    /// # Errors
    /// As for [`new`](Json::new), and [`ErrorKind::InvalidUtf8`](crate::ErrorKind::InvalidUtf8).
    pub fn from_bytes(text: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(text);
        cursor.peek();
        let start = cursor.offset();
        let spaces = if cursor.rest().first() == Some(&b'"') {
            // The string will be read as text.
            cursor.expect(b'"');
            cursor.string();
            0
        } else {
            cursor.whole(1).spaces
        };
        let end = cursor.offset();
        cursor.end();
        cursor.result()?;
        let around = start.saturating_add(text.len().saturating_sub(end));
        Ok(Self { text, spaces: spaces.saturating_add(around) })
    }

    /// Creates a value from a validated text with this many bytes of white space between its tokens.
    pub(crate) const fn from_span(text: &'a [u8], spaces: usize) -> Self {
        Self { text, spaces }
    }

    /// Returns the text as written.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        // Never the default: the text has been validated.
        from_utf8(self.text).unwrap_or_default()
    }

    /// Returns the bytes of the text as written: as [`as_str`](Json::as_str), without the pass over the bytes that
    /// makes a `&str` of them.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.text
    }

    /// Returns the length in bytes that the value takes in an envelope, where there is no white space between tokens.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.text.len().saturating_sub(self.spaces)
    }

    /// Returns its type.
    #[cfg(any(feature = "gateway", feature = "client"))]
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.text.iter().find(|byte| !is_space(**byte)).and_then(|byte| Kind::of(*byte))
    }

    /// Returns the text, if the value is a string.
    #[inline]
    pub(crate) fn as_text(&self) -> Option<Text<'a>> {
        // Most values are recognized at once as not being strings.
        if self.is_collection() { None } else { Reader::new(self.text).string() }
    }

    /// Returns whether it is known to be an object or an array.
    #[inline]
    pub(crate) const fn is_collection(&self) -> bool {
        matches!(self.text.first(), Some(b'{' | b'['))
    }

    #[inline]
    pub(crate) fn put(&self, sink: &mut impl Sink) {
        if self.spaces == 0 {
            sink.put(self.text);
        } else {
            write::compact(sink, self.text);
        }
    }
}

impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.encoded_len() == other.encoded_len() && tokens(self.text).eq(tokens(other.text))
    }
}

impl Eq for Json<'_> {}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Json<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        defmt::write!(fmt, "{=str}", self.as_str());
    }
}

/// Returns the bytes of a validated value without the white space between its tokens.
fn tokens(valid: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut in_string = false;
    let mut in_escape = false;
    valid.iter().copied().filter(move |byte| {
        if in_escape {
            in_escape = false;
        } else if *byte == b'"' {
            in_string = !in_string;
        } else {
            in_escape = in_string && *byte == b'\\';
        }
        in_string || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
    })
}
