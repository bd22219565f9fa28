//! A body that is written into an envelope piece by piece.
//!
//! Knows how the three kinds of body are encoded, and checks them as a decoder would. Knows nothing of the source of
//! the pieces or the destination of the envelope.

use crate::base64;
use crate::envelope::data::DataKind;
use crate::error::{Error, ErrorKind};
use crate::json::sink::{Place, Sink};
use crate::json::utf8::from_utf8;
use crate::json::walk::{Kind, Walker, is_space};
use crate::json::write::{self, Compact};

/// The kind of a body that is supplied later, and its length in the envelope.
///
/// ```
/// use callcontainer::Text;
/// use callcontainer::stream::Body;
///
/// let two_lines = "one\ntwo";
/// assert_eq!(Body::text(Text::new(two_lines).encoded_len()).encoded_len(), 8);
/// assert_eq!(Body::bytes(4).encoded_len(), 8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    pub(super) kind: DataKind,
    /// The number of bytes for [`DataKind::Bytes`]; otherwise the length in the envelope.
    pub(super) len: usize,
    /// The length outside of an envelope.
    pub(super) plain_len: usize,
}

impl Body {
    /// Text that takes `encoded_len` bytes in the envelope, without its quotes:
    /// [`Text::encoded_len`](crate::Text::encoded_len) or a [`Measure`](super::Measure) gives the number. If no
    /// character needs an escape, it is the length of the text.
    #[must_use]
    pub const fn text(encoded_len: usize) -> Self {
        Self::of(DataKind::Text, encoded_len)
    }

    /// Adds the length of the text itself in bytes, where some characters need an escape. It is what counts if there is
    /// no envelope, as at the platform's own doors. A [`Measure`](super::Measure) knows it too.
    #[must_use]
    pub const fn with_plain_len(mut self, len: usize) -> Self {
        if let DataKind::Text = self.kind {
            self.plain_len = len;
        }
        self
    }

    /// JSON that takes `encoded_len` bytes in the envelope, where there is no white space between tokens:
    /// [`Json::encoded_len`](crate::Json::encoded_len) or a [`Measure`](super::Measure) gives the number. A JSON string
    /// is [text](Body::text).
    #[must_use]
    pub const fn json(encoded_len: usize) -> Self {
        Self::of(DataKind::Json, encoded_len)
    }

    /// Binary data of `len` bytes.
    #[must_use]
    pub const fn bytes(len: usize) -> Self {
        Self::of(DataKind::Bytes, len)
    }

    pub(super) const fn of(kind: DataKind, len: usize) -> Self {
        Self { kind, len, plain_len: len }
    }

    /// Returns the length of the body in the envelope in bytes, without what surrounds it.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        match self.kind {
            DataKind::Bytes => base64::encoded_len(self.len),
            DataKind::Text | DataKind::Json => self.len,
        }
    }

    /// Returns the length of the body in bytes where there is no envelope.
    #[cfg(feature = "client")]
    pub(crate) const fn plain_len(&self) -> usize {
        self.plain_len
    }

    #[cfg(feature = "client")]
    pub(crate) const fn kind(&self) -> DataKind {
        self.kind
    }
}

/// Writes a body as its pieces arrive.
pub(super) struct BodyWriter {
    body: Body,
    /// There is no envelope: text and bytes are written as they are.
    is_plain: bool,
    /// How much is still to come, in the unit that [`Body`] counts.
    left: usize,
    /// Bytes consumed so far.
    taken: usize,
    walker: Walker,
    in_string: bool,
}

impl BodyWriter {
    pub(super) const fn new(body: Body) -> Self {
        Self { body, is_plain: false, left: body.len, taken: 0, walker: Walker::new(1), in_string: false }
    }

    /// Writes the body without an envelope.
    #[cfg(feature = "client")]
    pub(super) const fn without_envelope(&mut self) {
        self.is_plain = true;
        self.left = self.body.plain_len;
    }

    /// Returns the body as it was announced.
    pub(super) const fn body(&self) -> Body {
        self.body
    }

    /// Returns the greatest number of bytes that may still belong to the body.
    pub(super) const fn left(&self) -> usize {
        self.left
    }

    /// Returns how many bytes to read at a time, so that their encoding always fits beside them in a window of `window`
    /// bytes.
    pub(super) const fn room_to_read(&self, window: usize) -> usize {
        match self.body.kind {
            _ if self.is_plain => window / 2,
            // A byte takes at most six.
            DataKind::Text => window / 7,
            DataKind::Json => window / 2,
            // Three bytes take four.
            DataKind::Bytes => (window / 8).saturating_mul(3),
        }
    }

    /// Writes a piece and returns how many of its bytes were consumed: all except an incomplete sequence at its end, at
    /// most five bytes, which must be passed again.
    ///
    /// # Errors
    /// What a decoder would refuse, with its offset in the body; [`ErrorKind::BodyLength`].
    pub(super) fn write(&mut self, piece: &[u8], sink: &mut impl Sink) -> Result<usize, Error> {
        let mut counted = Counted { sink, len: 0 };
        let done = match self.body.kind {
            DataKind::Text => {
                let valid = match from_utf8(piece) {
                    Ok(_) => piece.len(),
                    Err(error) if error.error_len().is_none() => error.valid_up_to(),
                    Err(error) => return Err(self.error(ErrorKind::InvalidUtf8, error.valid_up_to())),
                };
                let text = piece.get(..valid).unwrap_or_default();
                if self.is_plain {
                    counted.put(text);
                } else {
                    write::escape(&mut counted, text);
                }
                valid
            }
            DataKind::Json => self.json(piece, &mut counted)?,
            DataKind::Bytes if self.is_plain => {
                counted.put(piece);
                piece.len()
            }
            DataKind::Bytes => {
                // Groups of three, except for the last.
                let len = if piece.len() < self.left { (piece.len() / 3).saturating_mul(3) } else { piece.len() };
                base64::encode(counted.sink, piece.get(..len).unwrap_or_default());
                counted.len = len;
                len
            }
        };
        self.left = self.left.checked_sub(counted.len).ok_or(self.error(ErrorKind::BodyLength, done))?;
        self.taken = self.taken.saturating_add(done);
        Ok(done)
    }

    fn json(&mut self, piece: &[u8], sink: &mut impl Sink) -> Result<usize, Error> {
        let spaces = piece.iter().take_while(|byte| is_space(**byte)).count();
        let begins = self.walker.spaces() == self.taken;
        if begins && piece.get(spaces).and_then(|first| Kind::of(*first)) == Some(Kind::String) {
            return Err(self.error(ErrorKind::WrongType, spaces));
        }
        let mut done = self.walker.feed(piece).map_err(|error| error.behind(self.taken))?;
        let mut place = Place { at: 0, in_string: self.in_string };
        let value = Compact(piece.get(..done).unwrap_or_default());
        while let Some(run) = value.run(&mut place, usize::MAX) {
            sink.put(run);
        }
        self.in_string = place.in_string;
        if self.walker.is_done() {
            let after = piece.get(done..).unwrap_or_default();
            done = done.saturating_add(after.iter().take_while(|byte| is_space(**byte)).count());
            if done < piece.len() {
                return Err(self.error(ErrorKind::TrailingData, done));
            }
        }
        Ok(done)
    }

    /// Whether the body may end here.
    pub(super) const fn may_end(&self) -> bool {
        !matches!(self.body.kind, DataKind::Json) || self.walker.may_end()
    }

    /// Returns the body that was written, and `more` bytes of it that were not.
    pub(super) const fn measured(&self, more: usize) -> Body {
        let body = Body::of(self.body.kind, self.body.len.saturating_sub(self.left).saturating_add(more));
        body.with_plain_len(self.taken)
    }

    /// An error `at` bytes behind what was consumed.
    pub(super) const fn error(&self, kind: ErrorKind, at: usize) -> Error {
        Error::new(kind, at).behind(self.taken)
    }
}

/// Counts the bytes that go into a sink.
struct Counted<'s, S> {
    sink: &'s mut S,
    len: usize,
}

impl<S: Sink> Sink for Counted<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        self.sink.put(bytes);
        self.len = self.len.saturating_add(bytes.len());
    }
}
