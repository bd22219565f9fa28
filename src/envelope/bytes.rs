//! Bytes: plain, or in base64 as in an envelope.

use crate::base64;
use crate::error::{Error, ErrorKind};
use crate::json::sink::{Sink, SliceSink};
use crate::json::text::{Segment, Text};
use crate::json::write;
use core::fmt;

/// Bytes, plain or as the base64 of an envelope.
///
/// ```
/// use callcontainer::Bytes;
///
/// let bytes = Bytes::from_base64("efvPNA==").unwrap();
/// assert_eq!(bytes.decoded_len(), 4);
/// assert_eq!(bytes.decode(&mut [0; 4]).unwrap(), [0x79, 0xfb, 0xcf, 0x34]);
/// assert_eq!(bytes, Bytes::new(&[0x79, 0xfb, 0xcf, 0x34]));
/// ```
#[derive(Clone, Copy)]
pub struct Bytes<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Plain(&'a [u8]),
    Base64(Text<'a>),
}

impl<'a> Bytes<'a> {
    /// Creates plain bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(Form::Plain(bytes))
    }

    /// Creates bytes from base64: the standard alphabet, with padding (RFC 4648, section 4).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidBase64`] at the first invalid byte; bits that do not belong to a byte must be zero.
    pub fn from_base64(text: &'a str) -> Result<Self, Error> {
        let mut decoder = base64::Decoder::NEW;
        let wrong = |at| Error::new(ErrorKind::InvalidBase64, at);
        decoder.check(text.as_bytes()).map_err(wrong)?;
        if decoder.is_complete() { Ok(Self(Form::Base64(Text::new(text)))) } else { Err(wrong(text.len())) }
    }

    /// As [`from_base64`](Bytes::from_base64), from a text that may have escapes: for the C interface. The offset of an
    /// error is that of the segment it is in.
    ///
    /// # Errors
    /// As for [`from_base64`](Bytes::from_base64).
    #[cfg(feature = "c")]
    #[doc(hidden)]
    pub fn from_base64_text(text: Text<'a>) -> Result<Self, Error> {
        let mut decoder = base64::Decoder::NEW;
        let mut utf8 = [0; 4];
        let mut segments = text.segments();
        loop {
            let start = segments.position();
            let Some(segment) = segments.next() else { break };
            let run = match &segment {
                Segment::Run(run) => run,
                Segment::Char(character) => character.encode_utf8(&mut utf8).as_bytes(),
            };
            let checked = decoder.check(run);
            checked.map_err(|at| Error::new(ErrorKind::InvalidBase64, start.saturating_add(at)))?;
        }
        if decoder.is_complete() {
            Ok(Self(Form::Base64(text)))
        } else {
            Err(Error::new(ErrorKind::InvalidBase64, text.as_raw().len()))
        }
    }

    /// Writes base64 into `buffer`, for the C interface.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`].
    #[cfg(feature = "c")]
    #[doc(hidden)]
    pub fn encode_base64<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put_base64(&mut sink);
        sink.finish()
    }

    pub(crate) const fn from_span(base64: Text<'a>) -> Self {
        Self(Form::Base64(base64))
    }

    /// Returns the base64 as written in the envelope, if it came from one.
    #[must_use]
    pub const fn as_base64(&self) -> Option<Text<'a>> {
        match self.0 {
            Form::Plain(_) => None,
            Form::Base64(text) => Some(text),
        }
    }

    /// Returns the bytes themselves, if they are not in base64.
    #[must_use]
    pub const fn as_slice(&self) -> Option<&'a [u8]> {
        match self.0 {
            Form::Plain(bytes) => Some(bytes),
            Form::Base64(_) => None,
        }
    }

    /// Writes the bytes into `buffer` and returns what was written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`decoded_len`](Bytes::decoded_len).
    pub fn decode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.for_each_chunk(|bytes| sink.put(bytes));
        sink.finish()
    }

    /// Returns the exact number of bytes, without decoding them.
    #[must_use]
    pub fn decoded_len(&self) -> usize {
        match self.0 {
            Form::Plain(bytes) => bytes.len(),
            Form::Base64(text) => {
                // Every group of four symbols is three bytes, minus one for each padding character. Padding comes last,
                // but may be escaped.
                let symbols = text.decoded_len();
                let padding = match text.as_bytes() {
                    Some(raw) => raw.iter().rev().take_while(|byte| **byte == b'=').count(),
                    None => text.bytes().filter(|symbol| *symbol == b'=').count(),
                };
                (symbols / 4).saturating_mul(3).saturating_sub(padding)
            }
        }
    }

    /// Returns whether there are no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self.0 {
            Form::Plain(bytes) => bytes.is_empty(),
            Form::Base64(text) => text.is_empty(),
        }
    }

    /// Passes the bytes to `chunk`, a few at a time.
    pub(crate) fn for_each_chunk(&self, mut chunk: impl FnMut(&[u8])) {
        match self.0 {
            Form::Plain(bytes) => chunk(bytes),
            Form::Base64(text) => {
                let mut decoder = base64::Decoder::NEW;
                for segment in text.segments() {
                    let mut utf8 = [0; 4];
                    let run = match &segment {
                        Segment::Run(run) => run,
                        Segment::Char(character) => character.encode_utf8(&mut utf8).as_bytes(),
                    };
                    // Cannot fail: the text has been validated.
                    let _ = decoder.decode(run, &mut chunk);
                }
            }
        }
    }

    pub(crate) fn put_base64(&self, sink: &mut impl Sink) {
        match self.0 {
            Form::Plain(bytes) => sink.put_long(base64::Encoded(bytes)),
            Form::Base64(text) => write::content(sink, text),
        }
    }
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::new(bytes)
    }
}

impl PartialEq for Bytes<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Form::Plain(one), Form::Plain(two)) => one == two,
            // Base64 is decoded strictly, so equal bytes have equal texts.
            (Form::Base64(one), Form::Base64(two)) => one == two,
            (Form::Plain(bytes), Form::Base64(_)) => other.equals(bytes),
            (Form::Base64(_), Form::Plain(bytes)) => self.equals(bytes),
        }
    }
}

impl Bytes<'_> {
    fn equals(&self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        let mut same = true;
        self.for_each_chunk(|chunk| match rest.strip_prefix(chunk) {
            Some(after) => rest = after,
            None => same = false,
        });
        same && rest.is_empty()
    }
}

impl Eq for Bytes<'_> {}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Plain(bytes) => write!(f, "Bytes({bytes:02x?})"),
            Form::Base64(text) => write!(f, "Bytes({text:?})"),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Bytes<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        match self.0 {
            Form::Plain(bytes) => defmt::write!(fmt, "{=[u8]:02x}", bytes),
            Form::Base64(text) => defmt::write!(fmt, "{}", text),
        }
    }
}
